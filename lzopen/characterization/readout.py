"""Read-out: from the population of the target state to what the instrument shows.

One object serves simulation (call it) and fits (they call it inside the
model); `invert` goes back from a signal to the population.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any

import numpy as np

from lzopen import errors

__all__ = ["Confusion", "LinearReadout", "Readout"]

_ONE_EACH = "make one readout for each"


class Readout(ABC):
    """A map from population to signal; ``axis`` is the swept quantity, for drifts along it.

    Write one of your own as a frozen dataclass, and `fit_trace` can fit its numbers.
    """

    @abstractmethod
    def __call__(self, population: Any, axis: Any = 0.0) -> Any:
        """Signal for this population."""

    @abstractmethod
    def invert(self, signal: Any, axis: Any = 0.0) -> Any:
        """Population for this signal; noise may put it outside 0 to 1."""


@dataclass(frozen=True)
class LinearReadout(Readout):
    """A sensor: signal = offset + contrast · p + slope · x.

    Parameters
    ----------
    offset : float
        Signal at population 0, in the instrument's unit.
    contrast : float
        Signal at population 1 minus signal at 0; of either sign, not zero.
    slope : float
        Drift of the signal per unit of the swept axis x (in a decay, the delay).

    Raises
    ------
    LzopenError
        If one is not a single finite number, or the contrast is zero.

    Examples
    --------
    >>> sensor = LinearReadout(offset=2.0, contrast=-0.5)
    >>> float(sensor(1.0))
    1.5
    >>> float(sensor.invert(1.5))
    1.0
    """

    offset: float = 0.0
    contrast: float = 1.0
    slope: float = 0.0

    def __post_init__(self) -> None:
        for name in ("offset", "contrast", "slope"):
            value = errors.single(name, getattr(self, name), _ONE_EACH)
            object.__setattr__(self, name, errors.finite(name, value))
        errors.not_zero("contrast", self.contrast, "a signal without contrast shows nothing")

    def __call__(self, population: Any, axis: Any = 0.0) -> Any:
        """Signal for this population at this point of the axis."""
        return self.offset + self.contrast * np.asarray(population) + self.slope * np.asarray(axis)

    def invert(self, signal: Any, axis: Any = 0.0) -> Any:
        """Population for this signal at this point of the axis."""
        return (np.asarray(signal) - self.offset - self.slope * np.asarray(axis)) / self.contrast


@dataclass(frozen=True)
class Confusion(Readout):
    """Misread states: signal = p01 + (1 − p01 − p10) p.

    Parameters
    ----------
    p01 : float
        Probability that state 0 is read as 1.
    p10 : float
        Probability that state 1 is read as 0. Their sum stays below 1, or the
        fringes would be upside down.

    Raises
    ------
    LzopenError
        If one is not a single probability, or their sum reaches 1.

    Examples
    --------
    >>> readout = Confusion(p01=0.02, p10=0.08)
    >>> round(float(readout(1.0)), 12), round(float(readout.invert(0.02)), 12)
    (0.92, 0.0)
    """

    p01: float = 0.0
    p10: float = 0.0

    def __post_init__(self) -> None:
        for name in ("p01", "p10"):
            value = errors.single(name, getattr(self, name), _ONE_EACH)
            object.__setattr__(self, name, errors.probability(name, value))
        total = self.p01 + self.p10
        if total >= 1:
            errors.fail(
                "p01 + p10", "stay below 1", f"{total:g}", "exchange the names of the states"
            )

    def __call__(self, population: Any, axis: Any = 0.0) -> Any:
        """Probability to read 1; the axis plays no part."""
        return self.p01 + (1 - self.p01 - self.p10) * np.asarray(population)

    def invert(self, signal: Any, axis: Any = 0.0) -> Any:
        """Population for this probability to read 1."""
        return (np.asarray(signal) - self.p01) / (1 - self.p01 - self.p10)
