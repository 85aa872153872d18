"""Pure dephasing between diabatic levels or between energy eigenstates."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import qutip

from lzopen.conventions import SIGMA_Z
from lzopen.environments.base import Axial, Environment, Terms, hermitian, lindblad, sparse
from lzopen.environments.bloch import PAULI, Direction, bloch_field, unit
from lzopen.environments.moving import Moving
from lzopen.errors import choice, fail, not_negative
from lzopen.waveforms import Constant
from lzopen.waveforms.base import Array, column
from lzopen.waveforms.units import RATE


@dataclass(frozen=True, eq=False)
class Dephasing(Environment):
    """Decay of coherence between levels: L = √(Γφ/2) A, with A = σz for a qubit.

    Without a Hamiltonian the coherence of a qubit falls as e^{−Γφ t}; white
    noise of two-sided spectrum S₀ on the bias gives Γφ = S₀/2.

    Parameters
    ----------
    rate : float or ndarray
        Γφ = 1/Tφ ≥ 0.
    operator : (n, n) array_like or Qobj, optional
        A, Hermitian; σz if left out, which needs two levels. Levels j and k then
        lose coherence at Γφ (a_j − a_k)²/4, for the eigenvalues a of A.
    basis : {"diabatic", "adiabatic"}
        Whether A stands still between diabatic levels, or follows the instantaneous energy
        eigenstates: A = Σ a_j |j(t)⟩⟨j(t)|, given as a diagonal matrix in the order of
        ascending energy. Which of the two it is decides what a slow sweep does: without end,
        diabatic dephasing mixes the levels and adiabatic dephasing hardly ever does.

    Raises
    ------
    LzopenError
        If the rate is negative, or the operator is missing for more than two levels, not
        Hermitian, of the wrong size or, in the adiabatic basis, not diagonal.

    References
    ----------
    J. E. Avron, M. Fraas, G. M. Graf and P. Grech, Comm. Math. Phys. 305, 633 (2011).

    Examples
    --------
    >>> import lzopen as lz
    >>> slow = lz.TwoLevel(sweep=lz.Linear(0.02), gap=1.0)
    >>> for basis in ("diabatic", "adiabatic"):
    ...     model = slow.with_environment(lz.Dephasing(rate=0.1, basis=basis))
    ...     print(f"{lz.transition_matrix(model).probability[0, 0]:.6f}")
    0.500000
    0.001168
    """

    rate: Any = field(metadata=RATE)
    operator: Any = None
    basis: str = "diabatic"

    def __post_init__(self) -> None:
        object.__setattr__(self, "rate", not_negative("rate", self.rate))
        choice("basis", self.basis, ("diabatic", "adiabatic"))
        given = SIGMA_Z if self.operator is None else self.operator
        matrix = hermitian("operator", given)
        if self._moves and np.any(matrix != np.diag(np.diagonal(matrix))):
            remedy = "it belongs to energy eigenstates, ascending; or take basis='diabatic'"
            fail("operator", "be diagonal in the adiabatic basis", matrix, remedy)
        object.__setattr__(self, "_matrix", matrix)
        if self.operator is not None:
            object.__setattr__(self, "operator", matrix)

    @property
    def references(self) -> tuple[str, ...]:
        """Keys for `lzopen.cite`."""
        return ("avron2011",) if self.basis == "adiabatic" else ()

    @property
    def _moves(self) -> bool:
        return self.basis == "adiabatic"

    @property
    def follows_energies(self) -> bool:  # type: ignore[override]
        """Whether the operator does."""
        return self._moves

    def check(self, n_levels: int) -> None:
        size = self._matrix.shape[0]  # type: ignore[attr-defined]
        if size != n_levels:
            remedy = "name the operator that the noise couples to"
            fail(
                "operator", f"have shape {(n_levels, n_levels)}", f"of shape {(size, size)}", remedy
            )

    def c_ops(self, terms: Terms) -> list[qutip.Qobj | qutip.QobjEvo]:
        if not self._moves:
            return [sparse(np.sqrt(self.rate / 2) * self._matrix)]  # type: ignore[attr-defined]
        if len(terms[0][0]) > 2:
            return Moving(terms, self._between_eigenstates).qobjevos(1)
        field, strength = bloch_field(terms), Constant(np.sqrt(self._rate_of_qubit / 2))
        parts = [
            [sparse(pauli), Direction(field, (axis,), strength).scalar]
            for axis, pauli in enumerate(PAULI)
        ]
        return [qutip.QobjEvo(parts)]

    def dissipators(self, terms: Terms) -> Terms:
        if not self._moves:
            matrix = lindblad(self._matrix, np.asarray(self.rate) / 2)  # type: ignore[attr-defined]
            return ((matrix, Constant(1.0)),)
        if len(terms[0][0]) > 2:
            return super().dissipators(terms)
        # With n·σ for A, AρA − ρ = Σ nᵢnⱼ (σᵢρσⱼ − δᵢⱼρ).
        field, rate = bloch_field(terms), Constant(np.asarray(self._rate_of_qubit) / 2)
        return tuple(
            (_sandwich(PAULI[i], PAULI[j]), Direction(field, (i, j), rate))
            for i in range(3)
            for j in range(i, 3)
        )

    def axial(self, terms: Terms, vector: Array) -> Axial:
        """Only what lies across n(t), or across the axis of A = a₀ + a·σ, falls off."""
        matrix = self._matrix  # type: ignore[attr-defined]
        if self._moves:
            axis, rate = unit(vector), column(self._rate_of_qubit, vector)
        else:
            parts = np.array([0.5 * np.trace(matrix @ pauli).real for pauli in PAULI])
            rate = column(self.rate, vector) * np.sum(parts**2)
            axis = unit(parts).reshape(3, *[1] * (vector.ndim - 1))
        return Axial(axis, 0.0, rate, 0.0)

    def quantum_jumps(self, energies: Array, states: Array) -> tuple[Array, Array]:
        """One, without an energy of its own; what it changes counts as work."""
        matrix = self._matrix  # type: ignore[attr-defined]
        inside = matrix if self._moves else states.conj().swapaxes(-1, -2) @ matrix @ states
        root = np.sqrt(np.asarray(column(self.rate, energies[..., 0])) / 2)
        operators = (root[..., None, None] * inside)[..., None, :, :]
        return np.broadcast_to(operators, (*energies.shape[:-1], 1, *matrix.shape)), (
            np.zeros((*energies.shape[:-1], 1))
        )

    def dissipation(self, energies: Array, states: Array) -> Array:
        a = np.diagonal(self._matrix).real  # type: ignore[attr-defined]
        pairs = np.diag(np.subtract.outer(a, a).ravel() ** 2)
        rate = np.asarray(column(self.rate, energies[..., 0]))
        return -0.25 * rate[..., None, None] * pairs

    @property
    def _rate_of_qubit(self) -> Any:
        """Γφ (a₀ − a₁)²/4."""
        low, high = np.diagonal(self._matrix).real  # type: ignore[attr-defined]
        return self.rate * (high - low) ** 2 / 4

    def _between_eigenstates(self, energies: Array, states: Array) -> Array:
        weights = np.sqrt(self.rate / 2) * np.diagonal(self._matrix)  # type: ignore[attr-defined]
        return ((states * weights) @ states.conj().T)[None]


def _sandwich(a: Array, b: Array) -> Array:
    """aρb + bρa, or aρa − ρ, on density matrices stacked by columns."""
    if a is b:
        return np.kron(a.T, a) - np.eye(len(a) ** 2)
    return np.kron(a.T, b) + np.kron(b.T, a)
