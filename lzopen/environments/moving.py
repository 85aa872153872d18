"""Operators that follow the energy eigenstates, as fixed matrices times scalar functions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import qutip

from lzopen.environments.base import Terms, sparse
from lzopen.waveforms.base import Array

Build = Callable[[Array, Array], Array]


class Moving:
    """A set of operators along a sweep, element by element.

    QuTiP sums matrices with one element each, which all operators share, so that even many
    operators cost it no more than n⁴ of them; a function that returns matrices is far slower.
    The last instant is remembered, since QuTiP asks for each element in turn.

    Parameters
    ----------
    terms : sequence of (matrix, Waveform)
        The Hamiltonian; of one that is not Hermitian the Hermitian part is meant.
    build : callable
        Operators (count, n, n) from energies, ascending, and eigenvectors as columns.
    """

    def __init__(self, terms: Terms, build: Build) -> None:
        self._terms, self._build = terms, build
        self._instant: float | None = None
        self._elements: list[list[list[complex]]] = []

    def qobjevos(self, count: int) -> list[qutip.QobjEvo]:
        """The operators, with bound methods for coefficients."""
        size = len(self._terms[0][0])
        places = [(row, column) for row in range(size) for column in range(size)]
        return [
            qutip.QobjEvo([[_unit(size, *at), _Element(self, k, *at).scalar] for at in places])
            for k in range(count)
        ]

    def elements(self, t: float) -> list[list[list[complex]]]:
        """All operators at one time, as plain Python numbers."""
        if t != self._instant:
            total = sum(w.scalar(t) * matrix for matrix, w in self._terms)
            energies, states = np.linalg.eigh(0.5 * (total + total.conj().T))
            self._elements = self._build(energies, states).astype(complex).tolist()
            self._instant = t
        return self._elements


@dataclass(frozen=True, eq=False)
class _Element:
    """One element of one operator as a coefficient; QuTiP gets the bound method."""

    moving: Moving
    operator: int
    row: int
    column: int

    def scalar(self, t: float) -> complex:
        return self.moving.elements(t)[self.operator][self.row][self.column]


def _unit(size: int, row: int, column: int) -> qutip.Qobj:
    matrix = np.zeros((size, size))
    matrix[row, column] = 1.0
    return sparse(matrix)
