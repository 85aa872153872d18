"""The protocol contract: a batch of models in, populations out."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

from lzopen.errors import single
from lzopen.models import Model
from lzopen.waveforms.base import Array


class Protocol(ABC):
    """What is done to the device before and while it is read.

    A subclass is a frozen dataclass that supplies `population`. Its numbers are single, and have
    units, so that a fit can vary them by name.
    """

    @abstractmethod
    def population(self, batch: Model, level: int, tol: float) -> Array:
        """Population when it is read.

        Parameters
        ----------
        batch : Model
            One model, or a batch of any shape.
        level : int
            The diabatic level, counted from 0.
        tol : float
            Error to aim for.

        Returns
        -------
        (members,) ndarray
            Of all members in a row.
        """


def set_single(protocol: Protocol, **checks: Any) -> None:
    """Check the numbers of a protocol, each by a check of its own, and keep them as floats."""
    for name, check in checks.items():
        value = single(name, check(name, getattr(protocol, name)), "make one protocol for each")
        object.__setattr__(protocol, name, value)
