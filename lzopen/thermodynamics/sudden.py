"""Work of sudden steps of a Hamiltonian, Tr ρ ΔH, between which the rest goes on."""

from __future__ import annotations

import numpy as np

from lzopen.dynamics.adaptive import Intervals, Steps
from lzopen.dynamics.propagation import are_singular
from lzopen.models import Model
from lzopen.models.terms import hermitian_part
from lzopen.thermodynamics.balance import Balance
from lzopen.waveforms.base import ROUND_OFF, Array

_STEP = 1e-9  # of the largest energy: a change of H that is one


def with_sudden_work(balance: Balance, steps: Steps, times: Array) -> Steps:
    """Steps that also count the work of sudden changes at their ends.

    H(t) at a step may be the value on either side, so that work is counted up to it and from it.
    """
    inner, maps = balance.coordinates.size, steps.maps
    for ends, side in ((steps.over.start, 1), (steps.over.end, -1)):
        which = _at_kinks(balance, steps.over, ends, times)
        change = side * _step(balance.of(steps.over.member[which]), ends[which], side)
        row = balance.coordinates.columns(hermitian_part(change), np)[..., 0]
        if side < 0:  # what the state has become until then
            row = (row[:, None, :] @ maps[which, :inner, :inner])[:, 0]
        maps[which, inner, :inner] += row
    return steps


def _at_kinks(balance: Balance, over: Intervals, ends: Array, times: Array) -> Array:
    """Intervals that have one end where H may step."""
    marks = _marks(balance, times)
    return np.flatnonzero((marks[over.member] == ends[:, None]).any(axis=-1))


def has_steps(balance: Balance, times: Array) -> bool:
    """Whether H steps anywhere between the first and the last of times (members, m)."""
    marks = _marks(balance, times)
    member, _ = np.nonzero(~np.isnan(marks))
    model, t = balance.of(member), marks[~np.isnan(marks)]
    sizes = [np.abs(_step(model, t, side)).max(initial=0.0) for side in (1, -1)]
    return bool(max(sizes) > _STEP * np.abs(model.hamiltonian(t[:, None])).max())


def _marks(balance: Balance, times: Array) -> Array:
    """Ends of the whole and kinks of each member; NaN where a slope is infinite."""
    model, t0, t1 = balance.of(np.arange(len(times))), times[:, 0], times[:, -1]
    kinks = model.kinks(t0, t1)
    kinks = np.broadcast_to(kinks, (len(times), kinks.shape[-1]))
    padded = np.where(np.isnan(kinks), t1[:, None], kinks)
    marks = np.concatenate([t0[:, None], padded, t1[:, None]], axis=-1)
    return np.where(are_singular(model.effective_terms, marks), np.nan, marks)


def _step(model: Model, t: Array, side: int) -> Array:
    """H beside each time, less H then; for times (k,) of members in a row."""
    aside = side * ROUND_OFF * np.maximum(np.abs(t), 1 / _speed(model, t))
    near, at = (t + aside)[:, None], t[:, None]
    beside = model.hamiltonian(near)[:, 0] - aside[:, None, None] * model.dH(near)[:, 0]
    return np.asarray(beside - model.hamiltonian(at)[:, 0])


def _speed(model: Model, t: Array) -> Array:
    """How fast phases turn, (k,)."""
    size = np.linalg.norm(model.hamiltonian(t[:, None])[:, 0], axis=(-2, -1))
    return np.where(size > 0, size, 1.0)
