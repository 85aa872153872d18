"""Averages over noise that stands still in each shot: quadrature over its Gaussian offsets."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np
from scipy.special import roots_hermitenorm

from lzopen.dynamics.propagation import refined_propagator
from lzopen.dynamics.runs import advance
from lzopen.models import Model
from lzopen.waveforms import Constant
from lzopen.waveforms.base import Array

_FEWEST, _MOST = 16, 1024  # offsets
_SHARE = 0.5  # of the tolerance, for each single offset

Solve = Callable[[Array, float], tuple[Array, Array]]  # offsets, tol → matrices, errors


def average_over_offsets(sigma: float, solve: Solve, tol: float) -> tuple[Array, Array]:
    """Mean density matrices, from those at given offsets.

    The number of offsets is doubled until the mean stands still.

    Parameters
    ----------
    sigma : float
        Standard deviation of the offsets.
    solve : callable
        From offsets and a tolerance to matrices (offsets, times, n, n) and errors
        (offsets, times).
    tol : float
        Error to aim for.

    Returns
    -------
    matrices : (times, n, n) ndarray
    error : (times,) ndarray
    """

    def mean(count: int) -> tuple[Array, Array]:
        offsets, weights = roots_hermitenorm(count)
        kept = weights > 0
        share = weights[kept] / weights.sum()
        matrices, errors = solve(sigma * offsets[kept], _SHARE * tol)
        return np.tensordot(share, matrices, axes=1), share @ errors

    count = _FEWEST
    few, _ = mean(count)
    while True:
        count *= 2
        many, off = mean(count)
        change = np.maximum.accumulate(np.linalg.norm(many - few, axis=(-2, -1)))
        if change.max() <= _SHARE * tol or count >= _MOST:
            return many, change + off
        few = many


def shifted(model: Model, operator: Array, offset: float | Array) -> Model:
    """The model with a constant multiple of an operator in its Hamiltonian, or a batch of them."""
    terms = (*model.terms, (operator, Constant(offset)))
    return Model(terms=terms, environments=model.environments)


def at_offsets(
    model: Model, operator: Array, times: Array, start: Array, offsets: Array, tol: float
) -> tuple[Array, Array]:
    """Density matrices without other noise, all offsets side by side."""
    batch = shifted(model, operator, offsets)
    factor = max(2.0, np.sqrt(model.n_levels))  # ρ holds the propagator twice; norms of matrices
    found = [np.broadcast_to(start, (offsets.size, *start.shape))]
    errors = [np.zeros(offsets.size)]
    for t0, t1 in pairwise(times):
        start_times, end_times = (np.full(offsets.size, t) for t in (t0, t1))
        share = tol / factor / (times.size - 1)
        steps, off = refined_propagator(batch, start_times, end_times, share)
        pairs = zip(found[-1], steps, strict=True)
        found.append(np.array([advance(matrix, step, model.has_jumps) for matrix, step in pairs]))
        errors.append(errors[-1] + factor * off[:, 0, 0])
    return np.stack(found, axis=1), np.stack(errors, axis=1)
