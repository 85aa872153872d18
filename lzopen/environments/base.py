"""The environment contract: a model's terms in, collapse operators out."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import qutip

from lzopen.conventions import is_hermitian
from lzopen.errors import fail
from lzopen.waveforms.base import ROUND_OFF, Array, Waveform

Terms = tuple[tuple[Array, Waveform], ...]
SinkJump = list[tuple[int, Callable[[float], complex]]]


class Axial(NamedTuple):
    """Relaxation of a Bloch vector r about an axis n: (r·n)' = −along (r·n − equilibrium).

    What of r lies across the axis falls at the rate ``across``. Components of the axis come
    first; batch and times follow, or axes of length one.
    """

    axis: Any
    along: Any
    across: Any
    equilibrium: Any


class Environment(ABC):
    """What acts on a system besides its Hamiltonian; a subclass is a frozen dataclass."""

    has_jumps: bool = True
    is_bath: bool = False  # whether brmesolve and heomsolve take it by itself, not by its c_ops
    sec_cutoff: float = -1.0  # of a bath, for brmesolve
    is_real: bool = True  # of a bath, whether brmesolve can take its coupling
    follows_energies: bool = False  # whether its jumps are given by `dissipation`

    @property
    def reservoir_temperature(self) -> Any:
        """Temperature of what it exchanges heat with; None of what has none."""
        return None

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

    def dissipators(self, terms: Terms) -> Terms:
        """Terms of dρ/dt by the collapse operators, on density matrices stacked by columns.

        Superoperators of shape ``batch + (n², n²)``; what stands still has a constant waveform.

        Raises
        ------
        LzopenError
            If the operators move in time in a way that only QuTiP follows.
        """
        fail(
            "environments",
            "stand still in time here",
            f"{type(self).__name__}, which follows the energy eigenstates",
            "hand one model at a time to lz.evolve, which leaves moving operators to QuTiP",
            page="guide/choosing#what-acts-on-the-system",
        )

    def axial(self, terms: Terms, vector: Array) -> Axial | None:
        """What the collapse operators do to the Bloch vector of a qubit at an array of instants.

        Parameters
        ----------
        vector : (3,) + batch + (times,) ndarray
            E n of the Hamiltonian ½E n·σ, times on the last axis.

        Returns
        -------
        Axial or None
            None if it is no relaxation about one axis.
        """
        return None

    def dissipation(self, energies: Array, states: Array) -> Array:
        """What jumps between energy eigenstates do, at an array of instants.

        Parameters
        ----------
        energies : batch + (times, n) ndarray
            Ascending.
        states : batch + (times, n, n) ndarray
            Eigenvectors as columns.

        Returns
        -------
        (…, n², n²) ndarray
            Superoperators on density matrices between these states, stacked by columns.
        """
        raise NotImplementedError

    def redfield(self, energies: Array, states: Array) -> Array:
        """The same by the Bloch-Redfield equation; for jumps it makes no difference."""
        return self.dissipation(energies, states)

    def quantum_jumps(self, energies: Array, states: Array) -> tuple[Array, Array]:
        """Jump operators with the energy that each takes from the environment, at instants.

        Parameters
        ----------
        energies : batch + (times, n) ndarray
            Ascending.
        states : batch + (times, n, n) ndarray
            Eigenvectors as columns.

        Returns
        -------
        operators : (…, jumps, n, n) ndarray
            Between energy eigenstates; zero where there are fewer of them than elsewhere.
        quanta : (…, jumps) ndarray
            Energy that comes in with a jump.

        Raises
        ------
        LzopenError
            If its jumps have no such energy.
        """
        fail("environments", "take part in quantum jumps here", type(self).__name__)

    def a_ops(self) -> list[tuple[qutip.Qobj, Any]]:
        """Couplings and power spectra for `qutip.brmesolve`; none of what gives it c_ops."""
        return []

    def baths(self) -> list[tuple[Any, qutip.Qobj]]:
        """Baths with memory and couplings for `HEOMSolver`; none of what gives it c_ops."""
        return []


def sparse(matrix: Array) -> qutip.Qobj:
    """A Qobj stored as QuTiP stores its own operators."""
    size = np.abs(matrix)
    lost = (size > ROUND_OFF * size.max()) & (size <= qutip.settings.core["atol"])
    if lost.any():
        least = f"elements of {size[lost].min():.1e}"
        remedy = "QuTiP drops them: choose a unit of time in which energies are near 1"
        fail("terms", "stand still at energies above 1e-12", least, remedy)
    return qutip.Qobj(matrix).to("CSR")


def is_real(matrix: Array) -> bool:
    """Whether a matrix is real but for round-off."""
    return bool(np.abs(matrix.imag).max() <= ROUND_OFF * np.abs(matrix).max())


def hermitian(argument: str, given: Any) -> Array:
    """A read-only Hermitian matrix from an array or a Qobj."""
    try:
        matrix = np.array(given.full() if isinstance(given, qutip.Qobj) else given, dtype=complex)
    except (TypeError, ValueError):
        fail(argument, "be a Hermitian matrix", repr(given))
    square = matrix.ndim == 2 and matrix.shape[0] == matrix.shape[1] and matrix.size
    if not square or not np.isfinite(matrix).all() or not is_hermitian(matrix):
        fail(argument, "be a Hermitian matrix", matrix)
    matrix.flags.writeable = False
    return matrix


def lindblad(operator: Array, rate: Any) -> Array:
    """Γ(L·L† − ½{L†L, ·}) as a matrix on column-stacked density matrices."""
    identity = np.eye(operator.shape[0])
    squared = operator.conj().T @ operator
    matrix = _kron(operator.conj(), operator) - 0.5 * (
        _kron(identity, squared) + _kron(squared.T, identity)
    )
    return np.asarray(rate)[..., None, None] * matrix


def _kron(a: Array, b: Array) -> Array:
    """`numpy.kron` of two square matrices, which takes four times longer for small ones."""
    size = len(a) * len(b)
    return (a[:, None, :, None] * b[:, None, :]).reshape(size, size)


def check_level(argument: str, level: int, n_levels: int) -> None:
    """Raise unless the level exists."""
    if (
        isinstance(level, bool)
        or not isinstance(level, (int, np.integer))
        or not 0 <= level < n_levels
    ):
        fail(argument, f"be a level from 0 to {n_levels - 1}", repr(level), "levels count from 0")
