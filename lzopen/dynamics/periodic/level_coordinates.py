"""Coordinates of states of n levels in which the engine moves them.

Pure states are their amplitudes. A density matrix is written in n² real numbers, its
populations, then √2 Re ρ_jk and √2 Im ρ_jk of all pairs j < k, so that motion without loss is
orthogonal. In both a diagonal Hamiltonian turns and shrinks each coordinate, or pair of them, for
itself.
"""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np

from lzopen.waveforms.base import Array


class Amplitudes:
    """Coordinates of pure states: amplitudes, each of which turns."""

    dtype = "complex128"

    def __init__(self, n_levels: int) -> None:
        self.n_levels = self.size = n_levels

    def generator(self, matrix: Array) -> Array:
        """Of dx/dt, (…, size, size), for a Hamiltonian (…, n, n)."""
        return -1j * matrix

    def turning(self, diagonal: Array) -> Array:
        """Rates at which complex energies (…, n) turn coordinates, (…, turns)."""
        return -diagonal.real

    def growing(self, diagonal: Array) -> Array:
        """Rates of the logarithms of coordinates (…, still + turns), those that turn last."""
        return diagonal.imag

    def factors(self, angle: Any, growth: Any, xp: Any) -> tuple[Any, ...]:
        """What `turn` multiplies with, for angles and logarithms (rows, …)."""
        around = xp.cos(angle) + 1j * xp.sin(angle)
        return (around if growth is None else xp.exp(growth) * around,)

    def turn(self, x: Any, factors: tuple[Any, ...]) -> None:
        """Turn coordinates (groups, size, columns, members) in place."""
        x *= factors[0]

    def reference(self, xp: Any) -> tuple[Any, Any]:
        """A state that none is orthogonal to, (size, 1), and the row of the trace, if any."""
        return xp.asarray(np.exp(1j * np.arange(self.size) ** 2)[:, None]), None

    def matrices(self, x: Any, xp: Any) -> Any:
        """Density matrices (…, n, n) of trace one for columns (…, size, 1)."""
        square = x @ xp.conj(xp.matrix_transpose(x))
        return square / xp.sum(xp.abs(x) ** 2, axis=-2, keepdims=True)


class Densities:
    """Coordinates of density matrices: populations, and pairs that turn into each other.

    Attributes
    ----------
    transform : (n², n²) ndarray
        From density matrices stacked by columns; unitary.
    """

    dtype = "float64"

    def __init__(self, n_levels: int) -> None:
        pairs = list(combinations(range(n_levels), 2))
        self.n_levels, self._turns = n_levels, len(pairs)
        self.size = self._all = n_levels**2
        self._first = np.array([j for j, _ in pairs], dtype=int)
        self._second = np.array([k for _, k in pairs], dtype=int)
        self.transform = self._transform()

    def _transform(self) -> Array:
        n, first, second = self.n_levels, self._first, self._second
        rows = np.zeros((n * n, n, n), dtype=complex)  # row, k, j
        levels, real = np.arange(n), n + np.arange(self._turns)
        rows[levels, levels, levels] = 1.0
        for at, factor in ((real, 1.0), (real + self._turns, -1j)):
            rows[at, second, first] = factor / np.sqrt(2)
            rows[at, first, second] = np.conj(factor) / np.sqrt(2)
        return rows.reshape(n * n, n * n)

    def superoperator(self, matrix: Array) -> Array:
        """Jumps (…, n², n²) on matrices stacked by columns, in these coordinates."""
        return self._turned(matrix)

    def _turned(self, matrix: Array) -> Array:
        # As products of two matrices only, which are faster than many of small ones.
        half = matrix.reshape(-1, self._all) @ self.transform.conj().T
        half = half.reshape(matrix.shape).swapaxes(-1, -2).reshape(-1, self._all)
        whole = (half @ self.transform.T).real.reshape(matrix.shape)
        return np.ascontiguousarray(whole.swapaxes(-1, -2))

    def generator(self, matrix: Array) -> Array:
        one = np.eye(self.n_levels)
        left = np.einsum("ij,...kl->...ikjl", one, matrix)
        right = np.einsum("...ij,kl->...ikjl", matrix.conj(), one)
        commutator = -1j * (left - right)
        return self._turned(commutator.reshape(*matrix.shape[:-2], self._all, self._all))

    def turning(self, diagonal: Array) -> Array:
        """Of the pairs with level 0 alone, from which the others follow."""
        return (diagonal[..., 1:] - diagonal[..., :1]).real

    def growing(self, diagonal: Array) -> Array:
        pairs = diagonal[..., self._second] + diagonal[..., self._first]
        return np.concatenate([2 * diagonal.imag, pairs.imag], axis=-1)

    def parted(self, generator: Array) -> tuple[Array | None, Array]:
        """Rates (1 or P, n + turns) that shrink pairs in all directions alike, and what is left."""
        n = self.n_levels
        own = np.diagonal(generator, axis1=-2, axis2=-1)
        pairs = 0.5 * (own[..., n : n + self._turns] + own[..., n + self._turns :])
        rates = np.concatenate([0 * own[..., :n], pairs, pairs], axis=-1)
        rest = generator - rates[..., None] * np.eye(self.size)
        return np.atleast_2d(rates[..., : n + self._turns]), rest

    def factors(self, angle: Any, growth: Any, xp: Any) -> tuple[Any, ...]:
        cos, sin = self._of_all_pairs(xp.cos(angle), xp.sin(angle), xp)
        if growth is None:
            return cos, sin
        n = self.n_levels
        size = xp.exp(growth[n:, ...])
        turned = size * cos, size * sin
        return (*turned, xp.exp(growth[:n, ...])) if bool(xp.any(growth[:n, ...] != 0)) else turned

    def _of_all_pairs(self, cos: Any, sin: Any, xp: Any) -> tuple[Any, Any]:
        """Cosines and sines of ε_k − ε_j, from those for j = 0; cheaper than new ones."""
        others = slice(self.n_levels - 1, None)
        j, k = (xp.asarray(levels[others] - 1) for levels in (self._first, self._second))
        cos_j, sin_j, cos_k, sin_k = (
            xp.take(values, level, axis=0) for level in (j, k) for values in (cos, sin)
        )
        return (
            xp.concat([cos, cos_k * cos_j + sin_k * sin_j]),
            xp.concat([sin, sin_k * cos_j - cos_k * sin_j]),
        )

    def turn(self, x: Any, factors: tuple[Any, ...]) -> None:
        # In place: fresh memory for every kick would cost more than the arithmetic.
        cos, sin, *size = factors
        n = self.n_levels
        real, imaginary = x[:, n : n + self._turns, ...], x[:, n + self._turns :, ...]
        lifted = sin * real
        real *= cos
        real -= sin * imaginary
        imaginary *= cos
        imaginary += lifted
        if size:
            x[:, :n, ...] *= size[0]

    def reference(self, xp: Any) -> tuple[Any, Any]:
        trace = (np.arange(self._all) < self.n_levels) / 1.0
        return xp.asarray(trace[:, None] / self.n_levels), xp.asarray(trace[None, :])

    def matrices(self, x: Any, xp: Any) -> Any:
        """Matrices (…, n, n) of columns (…, n², 1)."""
        stacked = xp.asarray(self.transform.conj().T) @ xp.astype(x, xp.complex128)
        shape = (*x.shape[:-2], self.n_levels, self.n_levels)
        return xp.matrix_transpose(xp.reshape(stacked, shape))

    def columns(self, matrices: Any, xp: Any) -> Any:
        """Columns (…, n², 1) of Hermitian matrices (…, n, n)."""
        stacked = xp.reshape(xp.matrix_transpose(matrices), (*matrices.shape[:-2], self._all, 1))
        return xp.real(xp.asarray(self.transform) @ stacked)

    def traceless(self, maps: Any, xp: Any) -> Any:
        """Maps (P, n², n²) of what has no trace."""
        middle, trace = self.reference(xp)
        return maps - (maps @ middle) @ trace

    def outer(self, matrices: Any, xp: Any) -> Any:
        """Of A (P, n, n): columns are those of A|j⟩⟨k|A†, (P, n², n²) with j first."""
        conjugate = xp.conj(matrices)
        every = conjugate[:, :, None, :, None] * matrices[:, None, :, None, :]
        shape = (matrices.shape[0], self._all, self._all)
        return xp.asarray(self.transform) @ xp.reshape(every, shape)


class Excess(Densities):
    """Coordinates of what jumps have changed, above those of motion without jumps.

    From (0, x) they lead to (Ex, Ux), where U + E is the map with jumps. However weak these are, E
    keeps its digits.
    """

    def __init__(self, n_levels: int) -> None:
        super().__init__(n_levels)
        self.size = 2 * self._all

    def superoperator(self, matrix: Array) -> Array:
        jumps = self._turned(matrix)
        both = np.concatenate([jumps, jumps], axis=-1)
        return np.concatenate([both, 0 * both], axis=-2)

    def generator(self, matrix: Array) -> Array:
        return np.asarray(np.kron(np.eye(2), super().generator(matrix)))

    def parted(self, generator: Array) -> tuple[Array | None, Array]:
        return None, generator

    def turn(self, x: Any, factors: tuple[Any, ...]) -> None:
        super().turn(x[:, : self._all, ...], factors)
        super().turn(x[:, self._all :, ...], factors)
