"""Levels that never part, turned so that as few of them as possible are coupled.

Of equal levels a level outside sees one combination, the bright state; the others are dark. In
this basis each transition has a limit. Between the levels themselves it has one where a single
pair of states carries it: the phase between bright and dark states drifts for ever.
"""

from __future__ import annotations

import numpy as np

from lzopen.models import Model
from lzopen.models.terms import blocks
from lzopen.waveforms.base import Array

_UNCOUPLED = 1e-14  # of a matrix: smaller elements are round-off


def in_bright_states(model: Model) -> tuple[Model, Array]:
    """The model between bright and dark states, which are the columns of a matrix."""
    terms = tuple((m, w) for m, w in model.terms if not w.is_constant or np.any(w(0.0)))
    acting = [matrix for matrix, _ in terms]
    states = np.eye(model.n_levels, dtype=complex)
    for group in _equal_levels(acting):
        outside = np.setdiff1d(np.arange(model.n_levels), group)
        there, back = np.ix_(group, outside), np.ix_(outside, group)
        couplings = [c for m in acting for c in (m[there], m[back].conj().T)]
        if not any(m[np.ix_(group, group)][~np.eye(group.size, dtype=bool)].any() for m in acting):
            states[np.ix_(group, group)] = np.linalg.svd(np.concatenate(couplings, axis=1))[0]
    turned = tuple((_cleaned(states.conj().T @ m @ states), w) for m, w in terms)
    return Model(terms=turned), states


def _equal_levels(matrices: list[Array]) -> list[Array]:
    """Groups of levels with the same energy in every term."""
    energies = np.array([np.diagonal(m) for m in matrices]).T
    _, member = np.unique(energies, axis=0, return_inverse=True)
    groups = [np.flatnonzero(member.ravel() == group) for group in range(member.max() + 1)]
    return [group for group in groups if group.size > 1]


def _cleaned(matrix: Array) -> Array:
    return np.where(np.abs(matrix) > _UNCOUPLED * np.abs(matrix).max(), matrix, 0.0)


def between_levels(
    turned: Model, states: Array, probability: Array, error: Array
) -> tuple[Array, Array]:
    """Probabilities between levels from those between states; no limit is an infinite error."""
    together = np.zeros(states.shape, dtype=bool)
    for block in blocks(turned.terms):
        together[np.ix_(block, block)] = True
    holds, weight = (states != 0).astype(float), np.abs(states) ** 2
    paths = holds @ together @ holds.T
    lost = holds @ (np.isinf(error) & together) @ holds.T > 0
    found = weight @ np.where(together, probability, 0.0) @ weight.T
    off = weight @ np.where(np.isfinite(error) & together, error, 0.0) @ weight.T
    return found, np.where(lost | (paths > 1), np.inf, off)
