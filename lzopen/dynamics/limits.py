"""Transition probabilities for t → ±∞: a window, with both ends closed."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from lzopen.dynamics.bright import between_levels, in_bright_states
from lzopen.dynamics.closing import formal_states
from lzopen.dynamics.generators import liouvillian
from lzopen.dynamics.picking import picked
from lzopen.dynamics.propagation import refined_propagator
from lzopen.dynamics.resting import all_rest, clusters, rotation, steady_populations
from lzopen.dynamics.straight import straight_lines
from lzopen.dynamics.tails import final_populations
from lzopen.dynamics.windows import asymptotic_window, slowest_growth, without_limit
from lzopen.environments.base import Terms
from lzopen.environments.bloch import Polarization
from lzopen.errors import fail
from lzopen.models import Model
from lzopen.models.stepping import accumulated_phase
from lzopen.waveforms import Constant, Linear
from lzopen.waveforms.base import Array

_SHARE = 0.1  # of the tolerance, that is left to each end
_WIDENINGS, _FEWER_WIDENINGS = 40, 12
_STRETCH = 0.15  # of a window, by which each of its ends moves
_NOTHING = 1.0  # an error of a population that says nothing
_MOST_PHASE = 1e5  # a window that accumulates more is not worth its steps

Limit = tuple[Array, Array, Array]  # probabilities, their errors, and the ends of the windows
Close = Callable[[Array, Array], tuple[Array, Array]]  # members, ends → what closes, its error


def limit(model: Model, tol: float) -> Limit:
    """Probabilities batch + (final, initial), their errors, and the ends (2,) + batch.

    An infinite error stands for an element without a limit.
    """
    if model.has_jumps or not model.is_hermitian:
        return _in_a_row(_open_limit, model, tol)
    if not without_limit(model).any():
        return _in_a_row(partial(_closed_limit, lost=False), model, tol)
    turned, states = in_bright_states(model)
    probability, error, ends = _in_a_row(_closed_limit, turned, tol)
    return *between_levels(turned, states, probability, error), ends


def _in_a_row(solve: Callable[[Model, Array, float], Limit], model: Model, tol: float) -> Limit:
    """The limit with the members of a batch in a row."""
    shape, n = model.batch_shape, model.n_levels
    ends = np.stack(asymptotic_window(model)).reshape(2, -1)
    row = picked(model, shape, np.arange(ends.shape[1]))
    probability, error, ends = solve(row, ends, tol)
    probability, error = (x.reshape(*shape, n, n) for x in (probability, error))
    return probability, error, ends.reshape(2, *shape)


def _far_enough(
    model: Model, ends: Array, close: Close, tol: float, most: int
) -> tuple[Array, Array, Array]:
    """Ends that have moved outwards until little is left out, with what closes them."""
    found, error = close(np.arange(ends.shape[1]), ends)
    for _ in range(most):
        poor = ((error > tol) & np.isfinite(error)).any(axis=-1)
        if poor.any():
            poor &= accumulated_phase(model.effective_terms, *ends) < _MOST_PHASE
        if not poor.any():
            break
        stretch = _STRETCH * (ends[1] - ends[0])
        ends = ends + np.where(poor, np.stack([-stretch, stretch]), 0.0)
        which = np.flatnonzero(poor.any(axis=0))
        found[:, which], error[:, which] = close(which, ends[:, which])
    return ends, found, error


def _closed_limit(model: Model, ends: Array, tol: float, lost: bool = True) -> Limit:
    """Both ends closed with formal states; plain levels where there are none."""
    spread = 2 * np.sqrt(model.n_levels)  # of what a state misses to probabilities
    enough = _SHARE * tol / spread

    def close(which: Array, far: Array) -> tuple[Array, Array]:
        some = picked(model, ends.shape[1:], which)
        states, error = formal_states(some, far, enough)
        return states, np.where(without_limit(some), np.inf, error) if lost else error

    moved, states, error = _far_enough(model, ends, close, enough, _WIDENINGS)
    states = np.where(np.isfinite(error)[..., None, :], states, np.eye(model.n_levels))
    probability, off = between_states(model, moved, states[0], states[1], tol)
    left_out = error[1][..., :, None] + error[0][..., None, :]
    return probability, off + spread * left_out, moved


def between_states(
    model: Model, ends: Any, first: Array, last: Array, tol: float
) -> tuple[Array, Array]:
    """|⟨last|U|first⟩|² for states given as columns; an amplitude a off by δ costs 2|a|δ."""
    propagated, error = refined_propagator(model, ends[0], ends[1], tol / 2)
    amplitude = np.abs(last.conj().swapaxes(-1, -2) @ propagated @ first)
    return amplitude**2, 2 * amplitude * error + error**2


def _open_limit(model: Model, ends: Array, tol: float) -> Limit:
    """Both ends closed with the populations that only move slowly there."""
    power, enough = slowest_growth(model), _SHARE * tol
    if power <= 0.5:
        must = "be given where levels part no faster than √t and dephase, decay or leak"
        page = "guide/environments#the-limit-of-an-open-sweep"
        fail("window", must, f"missing for a power of {power:g}", "give window=(t0, t1)", page)
    generators = liouvillian(model)
    _refuse_hot_baths(generators, *ends)
    lines = None if clusters(model, 1) else straight_lines(generators)
    if lines is None:
        ends, maps, off = _far_enough(model, ends, _closing(model, power), enough, _WIDENINGS)
    else:  # powers of 1/t cost little, and suffice unless much happens far from the crossings
        close = _closing_by_powers(lines, model.n_levels, power)
        moved, maps, off = _far_enough(model, ends, close, enough, _FEWER_WIDENINGS)
        unsure = np.isnan(off) | ((off > enough) & (off < np.inf))
        which = np.flatnonzero(unsure.any(axis=(0, -1)))
        if which.size:
            some = picked(model, ends.shape[1:], which)
            moved[:, which], maps[:, which], off[:, which] = _far_enough(
                some, ends[:, which], _closing(some, power), enough, _WIDENINGS
            )
        ends = moved
    off = np.where(off < _NOTHING, off, np.inf)  # NaN, too
    if np.isinf(off).any(axis=0).all():
        nothing = np.zeros((ends.shape[1], model.n_levels, model.n_levels))
        return nothing, np.full(nothing.shape, np.inf), ends
    propagated, error = refined_propagator(model, ends[0], ends[1], tol, densities=True)
    probability = np.real(maps[1] @ propagated @ maps[0].swapaxes(-1, -2))
    total = error + off.sum(axis=0)[..., None]
    return probability, np.broadcast_to(total, probability.shape).copy(), ends


def _refuse_hot_baths(generators: Terms, t0: Array, t1: Array) -> None:
    """Rates that fall like e^(−E/T) must do so as fast as those that fall as a power."""
    for waveform in (w for _, w in generators if isinstance(w, Polarization)):
        for side, end in ((-1, t0), (1, t1)):
            parts = waveform.far(side)
            energy = waveform.energy(end[..., None])[..., 0]
            if parts and parts[2] > 0 and np.any(waveform.temperature > energy):
                bound = f"warmer than E = {energy.min():.3g} beyond the passage"
                remedy = "give window=(t0, t1)"
                page = "guide/environments#the-limit-of-an-open-sweep"
                fail("window", f"be given where a bath is {bound}", "missing", remedy, page)


def _closing_by_powers(lines: tuple[Array, Array], n_levels: int, power: float) -> Close:
    """Maps between density matrices and populations in the limit, and their errors.

    For levels that part as straight lines; both ends at once.
    """

    def close(which: Array, ends: Array) -> tuple[Array, Array]:
        still, slope = (
            np.broadcast_to(line[which] if line.ndim > 2 else line, (which.size, *line.shape[-2:]))
            for line in lines
        )
        center = ends.mean(axis=0)
        # The early end is that of the transposed Liouvillian, run backwards.
        found, error = final_populations(
            (
                (np.concatenate([still.swapaxes(-1, -2), still]), Constant(1.0)),
                (np.concatenate([-slope.swapaxes(-1, -2), slope]), Linear(1.0)),
            ),
            n_levels,
            np.concatenate([-ends[0], ends[1]]),
            np.concatenate([-center, center]),
            power,
            straight=True,
        )
        return found.reshape(2, -1, *found.shape[1:]), error.reshape(2, -1, 1)

    return close


def _closing(model: Model, power: float) -> Close:
    """The same for any model."""

    def close(which: Array, ends: Array) -> tuple[Array, Array]:
        some = picked(model, model.batch_shape, which)
        n, center = some.n_levels, ends.mean(axis=0)
        maps = np.empty((2, ends.shape[1], n, n**2), dtype=complex)
        off = np.empty((2, ends.shape[1], 1))
        generators = liouvillian(some)
        for at, side in ((1, 1), (0, -1)):
            far = side * ends[at], side * center, power
            maps[at], off[at, :, 0] = _open_end(some, generators, side, far)
            # The other end is that of the transposed Liouvillian, run backwards.
            generators = tuple((matrix.swapaxes(-1, -2), w.reversed()) for matrix, w in generators)
        return maps, off

    return close


def _open_end(model: Model, generators: Terms, side: int, far: Any) -> tuple[Array, Array]:
    """Map from a density matrix to populations in the limit, and its error."""
    if not clusters(model, side):
        return final_populations(generators, model.n_levels, *far)
    if all_rest(model, side):
        return steady_populations(model, generators, side)
    there, back, failed = rotation(model, generators, side)
    turned = tuple((there @ matrix @ back, waveform) for matrix, waveform in generators)
    found, error = final_populations(turned, model.n_levels, *far)
    return found @ there, np.where(failed, np.inf, error)
