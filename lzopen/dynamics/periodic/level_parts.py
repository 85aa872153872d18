"""What moves the levels of a batch of models over a period, sorted by how it is followed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from lzopen.dynamics.periodic.level_coordinates import Amplitudes, Densities
from lzopen.environments.base import Environment, Terms
from lzopen.models import Model
from lzopen.models.terms import kinks, traceless
from lzopen.waveforms.base import Array

Coordinates = Amplitudes | Densities

_TINY = 1e-300
_SAMPLES = 64  # at which speeds are looked at
_ASKED = np.array([0.1, 0.5, 0.9])  # where a piece is asked whether anything moves


@dataclass(frozen=True, eq=False)
class Parts:
    """A batch of models in coordinates.

    Attributes
    ----------
    hamiltonian : sequence of ((n, n) ndarray, Waveform)
        With real waveforms; a matrix that is not Hermitian leaks.
    still : (size, size) or (P, size, size) ndarray
        Generator of all jumps that stand still.
    moving : sequence of (generator, Waveform)
        Jumps that move with waveforms.
    following : sequence of Environment
        Jumps that follow the energy eigenstates.
    edges : (1, k) or (P, k) ndarray
        Start, kinks and end of the period; those that a member does not have are its end.
    """

    coordinates: Coordinates
    hamiltonian: Terms
    still: Array
    moving: Terms
    following: tuple[Environment, ...]
    edges: Array

    @property
    def lengths(self) -> Array:
        """Of the pieces between kinks, (1 or P, pieces)."""
        return np.diff(self.edges, axis=-1)

    @property
    def resting(self) -> Array:
        """For each piece whether nothing moves there, (pieces,)."""
        t = self.edges[:, :-1, None] + self.lengths[..., None] * _ASKED
        waveforms = [w for _, w in (*self.hamiltonian, *self.moving)]
        slopes = [np.abs(sampled(w.derivative, t)).max(axis=(0, -1)) for w in waveforms]
        return np.sum(slopes, axis=0) == 0

    def turns(self) -> tuple[Array, Array]:
        """Phases by which coupled diabatic levels part, and by which couplings act, (1 or P,).

        They count while something moves, at the mean of the eighth power of their rates, since
        errors of steps go with high powers.
        """
        count = max(2, _SAMPLES // self.lengths.shape[-1])
        t = self.edges[:, :-1, None] + self.lengths[..., None] * (np.arange(count) + 0.5) / count
        apart, couplings = (_summed(self.hamiltonian, t, part) for part in (_apart, _between))
        squares = np.abs(couplings) ** 2
        strength = squares.sum(axis=-1)
        eighth = ((apart * np.conj(apart)).real ** 2) ** 2
        parting = (squares * eighth).sum(axis=-1)
        parting = parting / np.maximum(strength, _TINY)
        moving = self.lengths * ~self.resting
        whole = np.maximum(moving.sum(axis=-1), _TINY)
        means = [
            (rates.mean(axis=-1) * moving).sum(axis=-1) / whole for rates in (parting, strength**4)
        ]
        return whole * means[0] ** (1 / 8), whole * means[1] ** (1 / 8)

    def resting_phase(self) -> float:
        """The longest phase that levels take while nothing moves."""
        middle = self.edges[:, :-1] + 0.5 * self.lengths
        matrices: Any = sum(expand(sampled(w, middle)) * matrix for matrix, w in self.hamiltonian)
        speeds = np.linalg.norm(traceless(matrices), axis=(-2, -1))
        return float((speeds * self.lengths * self.resting).sum(axis=-1).max())

    @property
    def are_split(self) -> bool:
        """Whether all that moves is diagonal, and moves all the time."""
        diagonal = all(
            w.is_constant or np.array_equal(matrix, np.diag(np.diagonal(matrix)))
            for matrix, w in self.hamiltonian
        )
        return diagonal and not self.moving and not self.following and not self.resting.any()


def _apart(matrix: Array) -> Array:
    """Differences of diagonal elements for all pairs j ≠ k, in a row."""
    diagonal = np.diagonal(matrix)
    return np.subtract.outer(diagonal, diagonal)[~np.eye(len(matrix), dtype=bool)]


def _between(matrix: Array) -> Array:
    """Elements beside the diagonal, in the same order."""
    return matrix[~np.eye(len(matrix), dtype=bool)]


def _summed(terms: Terms, t: Array, part: Any) -> Any:
    """Σ w(t) × a part of each matrix, (1 or P, …, pairs), as small as what rests allows."""
    total: Any = np.zeros(1)
    for matrix, waveform in terms:
        row = part(matrix)
        if row.any():
            row = row if row.imag.any() else row.real
            values = sampled(waveform, t[..., :1] if waveform.is_constant else t)
            total = total + values[..., None] * row
    return total


def sampled(function: Any, t: Array) -> Array:
    """Values (1 or P, …) of a waveform at times (1 or P, …)."""
    rows = t.reshape(t.shape[0], -1)
    values = np.asarray(function(rows[0] if len(rows) == 1 else rows))
    return values.reshape(-1, *t.shape[1:])


def parts_of(model: Model, start: Any, period: Any, kind: type[Coordinates]) -> Parts:
    """Sort the parts of a batch, in coordinates of this kind."""
    coordinates = kind(model.n_levels)
    terms = [(matrix, w.real) for matrix, w in model.effective_terms]
    terms += [(1j * matrix, w.imag) for matrix, w in model.effective_terms if w.imag is not None]
    edges = _edges(tuple(terms), start, period)
    if not isinstance(coordinates, Densities):
        return Parts(coordinates, tuple(terms), np.zeros(()), (), (), edges)
    following = tuple(e for e in model.environments if e.follows_energies)
    others = [e for e in model.environments if not e.follows_energies]
    jumps = [
        (coordinates.superoperator(matrix), w)
        for e in others
        for matrix, w in e.dissipators(model.terms)
    ]
    still = sum((expand(w(0.0)) * g for g, w in jumps if w.is_constant), np.zeros(()))
    moving = tuple((g, w) for g, w in jumps if not w.is_constant)
    return Parts(coordinates, tuple(terms), np.asarray(still), moving, following, edges)


def _edges(terms: Terms, start: Any, period: Any) -> Array:
    first, last = (np.atleast_1d(np.asarray(t, dtype=float)) for t in (start, start + period))
    first, last = np.broadcast_arrays(first, last)
    inner = np.atleast_2d(kinks(terms, first, last))
    ends = [np.broadcast_to(t[:, None], (len(inner), 1)) for t in (first, last)]
    edges = np.concatenate([ends[0], np.where(np.isnan(inner), ends[1], inner), ends[1]], axis=-1)
    return edges[:1] if np.all(edges == edges[:1]) else edges


def expand(values: Any) -> Array:
    return np.asarray(values)[..., None, None]
