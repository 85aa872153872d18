"""The limit of an open sweep whose levels come to rest while they are coupled.

Then populations of diabatic levels have no meaning of their own: those of the eigenstates of the
Hamiltonian at rest are read. What does not decay by its Liouvillian L stays: the null space of L,
onto which the product of its right and left null vectors projects.
"""

from __future__ import annotations

from itertools import combinations, permutations
from typing import Any

import numpy as np
from scipy.sparse.csgraph import connected_components

from lzopen.dynamics.readout import by_level, projector_vectors
from lzopen.dynamics.slow_manifold import kron
from lzopen.dynamics.windows import level_distance
from lzopen.environments.base import Terms
from lzopen.models import Model
from lzopen.models.terms import hermitian_part
from lzopen.waveforms.base import Array

_STILL = 1e-12  # of the largest rate: a mode that does not move
_DECAYS = 1e-9  # of it, by which others must decay, or else they turn for ever
_READ = 1e-9  # of a mode that turns, in a population
_ROUND_OFF = 1e-16


def steady_populations(model: Model, generators: Terms, side: int) -> tuple[Array, Array]:
    """Map from a density matrix at an end of a sweep to its populations for t → side·∞.

    Parameters
    ----------
    model : Model
        Whose levels all rest at this end.
    generators : sequence of (matrix, Waveform)
        The Liouvillian on density matrices stacked by columns; transposed and reversed in
        time for the end at −∞.
    side : {-1, 1}
        The end.

    Returns
    -------
    map : batch + (n, n²) ndarray
    error : batch ndarray
        Infinite where a population turns for ever, or levels at rest cannot be told apart.
    """
    read, alike = _readout(hermitian_part(_at_rest(model.effective_terms, side)), side)
    rates, right = np.linalg.eig(_at_rest(generators, 1))
    fastest = np.abs(rates).max(axis=-1, keepdims=True)
    still = np.abs(rates) <= _STILL * fastest
    turns = (np.abs(rates.real) <= _DECAYS * fastest) & ~still
    seen = read @ right
    left = np.linalg.inv(right)
    lasting = np.abs(seen * turns[..., None, :]).max(axis=(-2, -1)) > _READ
    slowest = np.where(still, np.inf, np.abs(rates)).min(axis=-1, initial=np.inf)
    error = _ROUND_OFF * np.linalg.cond(right) * (1 + fastest[..., 0] / slowest)
    return (seen * still[..., None, :]) @ left, np.where(alike | lasting, np.inf, error)


def clusters(model: Model, side: int) -> list[Array]:
    """Levels that do not part and are coupled for ever, together; at least two each."""
    coupled = np.zeros((model.n_levels, model.n_levels), dtype=bool)
    for j, k in combinations(range(model.n_levels), 2):
        lasting = any(m[j, k] and _lasts(w, side) for m, w in model.effective_terms)
        coupled[j, k] = lasting and level_distance(model, j, k).asymptote(side)[1] <= 0  # type: ignore[index]
    if not coupled.any():
        return []
    count, member = connected_components(coupled, directed=False)
    groups = [np.flatnonzero(member == group) for group in range(count)]
    return [group for group in groups if group.size > 1]


def rotation(model: Model, generators: Terms, side: int) -> tuple[Array, Array, Array]:
    """Turn density matrices to the eigenstates of clusters, while other levels move on.

    Returns
    -------
    rotation, inverse : batch + (n², n²) ndarray
    failed : batch ndarray of bool
        Whether eigenstates cannot be told apart, or are mixed by an environment for ever.
    """
    H = hermitian_part(_at_rest(model.effective_terms, side))
    states = np.broadcast_to(np.eye(model.n_levels, dtype=complex), H.shape).copy()
    failed = np.zeros(H.shape[:-2], dtype=bool)
    for levels in clusters(model, side):
        inside = (..., levels[:, None], levels)
        energies, vectors = np.linalg.eigh(H[inside])
        states[inside], shared = by_level(vectors)
        failed = failed | shared | _alike(energies)
    back = kron(states.conj(), states) if side > 0 else kron(states, states.conj())
    there = back.conj().swapaxes(-1, -2)
    still = there @ _at_rest(generators, 1) @ back
    return there, back, failed | _mixes(still, clusters(model, side), model.n_levels)


def _mixes(still: Array, together: list[Array], size: int) -> Array:
    """Whether a Liouvillian couples populations with coherences among levels of a cluster."""
    populations = np.arange(size) * (size + 1)
    pairs = [j * size + k for levels in together for j, k in permutations(levels.tolist(), 2)]
    blocks = (
        still[..., populations[:, None], pairs],
        still[..., np.array(pairs)[:, None], populations],
    )
    largest = [np.abs(block).max(axis=(-2, -1)) for block in blocks]
    return np.asarray(np.maximum(*largest) > _STILL * np.abs(still).max(axis=(-2, -1)))


def all_rest(model: Model, side: int) -> bool:
    """Whether no term grows."""
    return all(w.asymptote(side)[1] <= 0 for _, w in model.effective_terms)  # type: ignore[index]


def _lasts(waveform: Any, side: int) -> bool:
    end, power = waveform.asymptote(side)
    return power >= 0 and bool(np.any(end))


def _at_rest(terms: Terms, side: int) -> Array:
    """What terms become for t → side·∞."""
    total: Any = 0.0
    for matrix, waveform in terms:
        end, power = waveform.asymptote(side)  # type: ignore[misc]
        total = total + (np.asarray(end)[..., None, None] * matrix if power == 0 else 0 * matrix)
    return np.asarray(total)


def _readout(H: Array, side: int) -> tuple[Array, Array]:
    """Rows that read the eigenstates, and whether they cannot be told apart."""
    energies, vectors = np.linalg.eigh(H)
    states, shared = by_level(vectors)
    rows = projector_vectors(states).swapaxes(-1, -2)
    return rows.conj() if side > 0 else rows, shared | _alike(energies)


def _alike(energies: Array) -> Array:
    distance = np.diff(energies, axis=-1).min(axis=-1, initial=np.inf)
    return np.asarray(distance <= _STILL * np.abs(energies).max(axis=-1))
