"""Steps of a noisy model: exact motion without noise, and a frame in which noise only turns phases.

In the eigenbasis of the operator A that the noise ξ(t) multiplies, noise alone keeps
the populations and turns the coherence of each pair by (a_j − a_k)∫ξ dt. A density matrix is
written there in real numbers: N populations, then √2 Re and √2 Im of each pair.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations, pairwise

import numpy as np

from lzopen.dynamics.generators import generators
from lzopen.dynamics.magnus import propagator
from lzopen.dynamics.propagation import step_edges
from lzopen.models import Model
from lzopen.models.stepping import accumulated_phase, bends
from lzopen.waveforms.base import ROUND_OFF, Array

GAUSS = np.array([0.0, 0.5 - np.sqrt(3) / 6, 0.5 + np.sqrt(3) / 6, 1.0])  # of a step
_RADIANS = 0.5  # of phase in one Magnus step
_SLICE = 2**16  # Magnus steps that are held at once


class NoiseFrame:
    """Real coordinates of density matrices in the eigenbasis of a noise operator.

    Attributes
    ----------
    distances : (pairs,) ndarray
        a_j − a_k for each pair, in order of size.
    transform : (n², n²) ndarray
        From density matrices stacked by columns; unitary.
    """

    def __init__(self, operator: Array) -> None:
        values, vectors = np.linalg.eigh(operator)
        levels = range(values.size)
        pairs = sorted(combinations(levels, 2), key=lambda pair: values[pair[1]] - values[pair[0]])
        self.distances = np.array([values[j] - values[k] for j, k in pairs])
        self.n_levels = values.size
        basis = [np.outer(vectors[:, j], vectors[:, j].conj()) for j in levels]
        for j, k in pairs:
            flip = np.outer(vectors[:, k], vectors[:, j].conj()) / np.sqrt(2)
            basis += [flip + flip.conj().T, -1j * (flip - flip.conj().T)]
        self.transform = np.array(basis).reshape(values.size**2, -1)

    def groups(self) -> list[tuple[float, slice, slice]]:
        """(distance, rows of the real parts, rows of the imaginary parts), equal distances once."""
        apart = np.abs(np.diff(self.distances)) > ROUND_OFF * np.abs(self.distances).max()
        cuts = [0, *(np.flatnonzero(apart) + 1), self.distances.size]
        n = self.n_levels
        return [
            (self.distances[a], slice(n + 2 * a, n + 2 * b, 2), slice(n + 2 * a + 1, n + 2 * b, 2))
            for a, b in pairwise(cuts)
            if self.distances[a]
        ]

    def coordinates(self, matrices: Array) -> Array:
        """Coordinates of density matrices, of shape (…, n²); of a projector, the row that reads
        its population off the coordinates of a state."""
        stacked = matrices.swapaxes(-1, -2).reshape(*matrices.shape[:-2], -1)
        return np.real(stacked @ self.transform.T)

    def matrices(self, coordinates: Array) -> Array:
        """Density matrices for coordinates of shape (…, n²)."""
        stacked = coordinates @ self.transform.conj()
        square = stacked.reshape(*stacked.shape[:-1], self.n_levels, self.n_levels)
        return np.asarray(square.swapaxes(-1, -2))

    def superoperators(self, propagators: Array) -> Array:
        """Real matrices on coordinates, of propagators of kets or of density matrices."""
        n = self.n_levels
        if propagators.shape[-1] == n:
            outer = np.einsum("...ij,...kl->...ikjl", propagators.conj(), propagators)
            propagators = outer.reshape(*propagators.shape[:-2], n * n, n * n)
        moved = self.transform @ propagators @ self.transform.conj().T
        return np.ascontiguousarray(moved.real)


@dataclass(frozen=True, eq=False)
class Grid:
    """Steps that end at all asked times and at all kinks.

    Attributes
    ----------
    edges : (steps + 1,) ndarray
    marks : tuple of int
        Where the asked times stand among the edges.
    """

    edges: Array
    marks: tuple[int, ...]


def make_grid(model: Model, times: Array, steps: int, refinement: int = 1) -> Grid:
    """About ``steps`` steps from the first time to the last, each cut into equal parts."""
    edges, marks = times[:1], [0]
    for start, end in pairwise(times):
        share = max(1, round(steps * (end - start) / (times[-1] - times[0])))
        piece = step_edges(model, np.asarray(start), np.asarray(end), share, refinement)
        edges = np.concatenate([edges, piece[1:]])
        marks.append(edges.size - 1)
    return Grid(edges, tuple(marks))


def phase_of(model: Model, times: Array) -> float:
    """Radians that the model turns through, and how often its waveforms bend."""
    t0, t1 = np.asarray(times[0]), np.asarray(times[-1])
    turns = float(accumulated_phase(model.effective_terms, t0, t1))
    return turns + float(bends(model.effective_terms, t0, t1))


def stage_propagators(model: Model, frame: NoiseFrame, edges: Array, fractions: Array) -> Array:
    """Motion without noise within each step, from one fraction of it to the next.

    Parameters
    ----------
    model : Model
    frame : NoiseFrame
    edges : (steps + 1,) ndarray
    fractions : (stages + 1,) ndarray
        From 0 to 1; a stage may lead backwards.

    Returns
    -------
    (steps, stages, n², n²) ndarray
    """
    t = edges[:-1, None] + np.diff(edges)[:, None] * fractions
    starts, ends = t[:, :-1].ravel(), t[:, 1:].ravel()
    longest = phase_of(model, edges) * np.abs(ends - starts).max() / (edges[-1] - edges[0])
    count = 1 + int(longest / _RADIANS)
    rows = max(1, _SLICE // count)
    terms = generators(model)
    pieces = []
    for at in range(0, starts.size, rows):
        a, b = starts[at : at + rows, None], ends[at : at + rows, None]
        inner = a + (b - a) * np.linspace(0.0, 1.0, count + 1)
        pieces.append(frame.superoperators(propagator(terms, inner)))
    stages = np.concatenate(pieces)
    return stages.reshape(edges.size - 1, fractions.size - 1, *stages.shape[1:])
