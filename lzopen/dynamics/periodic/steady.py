"""Periodic steady states, finite trains and pulses: which way is taken for which model."""

from __future__ import annotations

from typing import Any

import numpy as np

from lzopen.conventions import SIGMA_X, SIGMA_Y, SIGMA_Z
from lzopen.dynamics.arrays import on_host
from lzopen.dynamics.periodic.cosine import cosine_drive
from lzopen.dynamics.periodic.found import Steady
from lzopen.dynamics.periodic.fraction import cosine_steady
from lzopen.dynamics.periodic.level_map import level_map
from lzopen.dynamics.periodic.qubit_map import qubit_map
from lzopen.dynamics.runs import by_engine
from lzopen.errors import fail
from lzopen.models import Model
from lzopen.models.members import members
from lzopen.waveforms.base import Array


def steady_state(batch: Model, at: float | None, tol: float, xp: Any, coherences: bool) -> Steady:
    """Steady states of all members in a row, averaged over a period or at one time.

    Parameters
    ----------
    batch : Model
        Periodic; one model or a batch.
    at : float, optional
        Time; the average if left out.
    tol : float
        Error to aim for where there are steps.
    xp : namespace
        Array namespace to compute on; the result is on the host.
    coherences : bool
        Whether more than populations is asked for; without, coherences may be NaN.

    Raises
    ------
    LzopenError
        If the model is a single one and has no single steady state; members of a batch get NaN.
    """
    if batch.is_hermitian and not batch.has_jumps:
        remedy = "attach environments, or give periods= and a state to start from"
        page = "guide/interferograms#how-it-is-computed-and-what-the-error-means"
        fail("model", "forget how it started to have a steady state", "closed", remedy, page)
    drive = cosine_drive(batch)
    if drive is None:
        found = _by_map(in_a_row(batch), at, tol, xp)
    else:
        found = Steady(*(on_host(part) for part in cosine_steady(drive, at, xp, coherences)))
        poor = np.flatnonzero(~(found.error <= tol))
        if poor.size:
            found = _better(found, _by_map(members(in_a_row(batch), poor), at, tol, xp), poor)
    if not batch.batch_shape and not np.isfinite(found.error).any():
        remedy = "attach environments that damp all coherence and connect all levels"
        page = "guide/interferograms#how-it-is-computed-and-what-the-error-means"
        fail("model", "forget how it started", "without a single steady state", remedy, page)
    known = np.isfinite(found.error)
    return found._replace(error=np.where(known, np.minimum(found.error, 1.0), np.inf))


def _by_map(row: Model, at: float | None, tol: float, xp: Any) -> Steady:
    """By what a period does."""
    start = 0.0 if at is None else at
    if is_on_bloch_sphere(row):
        period = qubit_map(row, start, row.period, tol, xp)
        found = period.mean() if at is None else period.steady()
    else:
        found = level_map(row, start, tol, xp).steady(average=at is None)
    return Steady(*(on_host(part) for part in found))


def _better(found: Steady, other: Steady, members: Array) -> Steady:
    """With the other solution for those of these members of which it knows more."""
    wins = other.error < found.error[members]
    places = members[wins]
    for mine, theirs in zip(found, other, strict=True):
        mine[places] = theirs[wins]
    return found


def train(
    batch: Model, start: float, counts: Array, first: Array, tol: float, xp: Any
) -> tuple[Array, Array]:
    """States of all members in a row after some numbers of periods, and their errors.

    ``first`` holds density matrices at the start, of shape (n, n) or (members, n, n).
    """
    row = in_a_row(batch)
    if is_on_bloch_sphere(batch):
        period = qubit_map(row, start, row.period, tol, xp)
        states, error = period.after(_bloch(first, xp), counts)
    else:
        states, error = level_map(row, start, tol, xp).after(counts, first)
    return on_host(states), on_host(error)


def ends_of_windows(
    batch: Model, t0: Array, t1: Array, first: Array, tol: float, xp: Any
) -> tuple[Array, Array]:
    """States of all members in a row at t1, each with a window of its own, and their errors.

    ``first`` holds density matrices at t0, of shape (n, n) or batch + (n, n).
    """
    n = batch.n_levels
    if not is_on_bloch_sphere(batch):
        states, error, _ = by_engine(batch, np.stack([t0, t1], axis=-1), first, tol)
        return states[..., -1, :, :].reshape(-1, n, n), error[..., -1, 0].ravel()
    start, length = t0.ravel(), (t1 - t0).ravel()
    window = qubit_map(in_a_row(batch), start, length, tol, xp, steady=False)
    states, error = window.after(_bloch(first.reshape(-1, n, n), xp), np.array([1]))
    return on_host(states)[:, 0], on_host(error)[:, 0]


def _bloch(states: Array, xp: Any) -> Any:
    """Bloch vectors (3,) or (3, members) of density matrices of qubits; (3,) of a single one."""
    pauli = np.stack([SIGMA_X, SIGMA_Y, SIGMA_Z])
    vectors = np.einsum("ijk,...kj->i...", pauli, states).real
    return xp.asarray(vectors[:, 0] if vectors.shape[1:] == (1,) else vectors)


def is_on_bloch_sphere(model: Model) -> bool:
    """Whether it is a qubit that jumps about axes of its Bloch sphere."""
    if model.n_levels > 2 or not model.is_hermitian or not model.has_jumps:
        return False
    vector = np.ones((3, *[1] * len(model.batch_shape), 1))
    return all(e.axial(model.terms, vector) is not None for e in model.environments)


def in_a_row(model: Model) -> Model:
    """All members as a batch of one axis."""
    if not model.batch_shape:
        name, value = next(iter(model.parameters.items()))
        return model.with_parameters({name: [value]})
    return members(model, np.arange(np.prod(model.batch_shape, dtype=int)))
