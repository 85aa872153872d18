"""The environment contract: a model's terms in, collapse operators out."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

import numpy as np
import qutip

from lzopen.errors import fail
from lzopen.waveforms.base import ROUND_OFF, Array, Waveform

Terms = tuple[tuple[Array, Waveform], ...]
SinkJump = list[tuple[int, Callable[[float], complex]]]


class Environment(ABC):
    """What acts on a system besides its Hamiltonian; a subclass is a frozen dataclass."""

    has_jumps: bool = True

    @abstractmethod
    def c_ops(self, terms: Terms) -> list[qutip.Qobj | qutip.QobjEvo]:
        """Collapse operators for a Hamiltonian with these terms."""

    @abstractmethod
    def check(self, n_levels: int) -> None:
        """Raise if the environment does not fit a system of this size."""

    def leaks(self, terms: Terms) -> Terms:
        """Terms that are not Hermitian, to be added to a Hamiltonian with these terms."""
        return ()

    def sink_jumps(self, terms: Terms) -> list[SinkJump]:
        """The same losses as jumps Σ f(t) |sink⟩⟨level|, each a list of (level, f)."""
        return []

    def dissipator(self, n_levels: int) -> Array:
        """Superoperator of the collapse operators, if they stand still in time.

        Of shape ``batch + (n², n²)``, acting on a density matrix stacked by columns.

        Raises
        ------
        LzopenError
            If the operators move in time.
        """
        fail(
            "environments",
            "stand still in time here",
            f"{type(self).__name__}, which follows the energy eigenstates",
            "use lz.evolve, which hands moving operators to QuTiP",
        )


def sparse(matrix: Array) -> qutip.Qobj:
    """A Qobj stored as QuTiP stores its own operators."""
    size = np.abs(matrix)
    lost = (size > ROUND_OFF * size.max()) & (size <= qutip.settings.core["atol"])
    if lost.any():
        least = f"elements of {size[lost].min():.1e}"
        remedy = "QuTiP drops them: choose a unit of time in which energies are near 1"
        fail("terms", "stand still at energies above 1e-12", least, remedy)
    return qutip.Qobj(matrix).to("CSR")


def lindblad(operator: Array, rate: Any) -> Array:
    """Γ(L·L† − ½{L†L, ·}) as a matrix on column-stacked density matrices."""
    identity = np.eye(operator.shape[0])
    squared = operator.conj().T @ operator
    matrix = np.kron(operator.conj(), operator) - 0.5 * (
        np.kron(identity, squared) + np.kron(squared.T, identity)
    )
    return np.asarray(rate)[..., None, None] * matrix


def check_level(argument: str, level: int, n_levels: int) -> None:
    """Raise unless the level exists."""
    if (
        isinstance(level, bool)
        or not isinstance(level, (int, np.integer))
        or not 0 <= level < n_levels
    ):
        fail(argument, f"be a level from 0 to {n_levels - 1}", repr(level), "levels count from 0")
