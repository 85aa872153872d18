"""Answers about the members of one chunk, which take the same steps."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from lzopen.dynamics.arrays import on_host
from lzopen.dynamics.periodic.level_coordinates import Amplitudes, Densities, Excess
from lzopen.dynamics.periodic.level_magnus import Magnus
from lzopen.dynamics.periodic.level_motion import Motion
from lzopen.dynamics.periodic.level_parts import Coordinates, expand, parts_of
from lzopen.dynamics.periodic.level_splitting import Splitting
from lzopen.dynamics.periodic.level_steady import (
    FixedPoint,
    after_turns,
    kept_state,
    lasting,
    lead,
    norm,
    slowest_state,
    spectral,
    squares,
)
from lzopen.dynamics.periodic.level_weak import eigenstates, weak_state
from lzopen.models import Model
from lzopen.waveforms.base import Array

STEPS = 1, 3  # of a rough path and of a fine one
_FAR = 10.0  # times a large change, of which more is left
_PHYSICAL = 2.0  # times the number of levels: what the norm of a map stays below
_PASSES = 5  # of the fine path
_PROBED = 3.0  # times what two maps differ by for a probe, for what they do for any state
_LASTING = 0.1  # of the last move, at most, is still to come
_FOR_BOTH = 4.0  # times how far off one state's loss may be, which two may differ by
_POOR = 0.5  # of the tolerance, above which round-off is


class Answer(NamedTuple):
    """Density matrices (P, n, n), and the rest (P,); ``lacking`` is what more steps can better."""

    matrices: Any
    lacking: Any
    error: Any
    condition: Any
    loss: Any


def motion_of(model: Model, start: float, kind: type[Coordinates], xp: Any) -> Motion:
    """The fastest way to move a batch (P,)."""
    parts = parts_of(model, start, model.period, kind)
    return (Splitting if parts.are_split else Magnus)(parts, model.batch_shape[0], xp)


class Chunk:
    """A batch of models (P,) with the paths that it takes through a period.

    A rough path has one step where the fine one has some. The map of the rough path
    is known in full; the fine path is taken by single states only, which that map leads to.

    Parameters
    ----------
    groups : int
        Steps of the rough path.
    mean : bool
        Whether averages over a period will be asked for.
    """

    def __init__(self, model: Model, start: float, groups: int, mean: bool, xp: Any) -> None:
        self._model, self._start, self._groups, self._xp = model, start, groups, xp
        self._motion = self._moved_as(Densities if model.has_jumps else Amplitudes)
        self._rough, self._fine = (self._motion.path(groups, each, mean=mean) for each in STEPS)

    def _moved_as(self, kind: type[Coordinates]) -> Motion:
        return motion_of(self._model, self._start, kind, self._xp)

    # -- steady states

    def steady(self, average: bool, tol: float) -> Answer:
        """The state that stays, or that lives longest where levels leak."""
        motion, xp = self._motion, self._xp
        rough, _ = motion.advance(motion.identity, self._rough)
        start, trace = motion.coordinates.reference(xp)
        if self._model.is_hermitian:
            return self._staying(rough, kept_state(rough, start, trace, xp), average, tol)
        return self._longest_lived(rough, slowest_state(rough, start, trace, xp), average, tol)

    def _staying(self, rough: Any, found: FixedPoint, average: bool, tol: float) -> Answer:
        xp, motion = self._xp, self._motion
        first, condition = found.state, norm(found.resolvent, xp)
        weak = self._round_off(condition) > _POOR * tol
        if bool(xp.any(weak)):
            sharp = self._sharp()
            found = found._replace(state=xp.where(weak, sharp[1][0], found.state))
            first = xp.where(weak, sharp[0][0], first)
            condition = xp.where(weak, sharp[1][1], condition)
        state, left = (found.state, xp.inf) if average else self._settled(rough, found, weak)
        if average or bool(xp.any(left > _LASTING * tol)):
            found = found._replace(state=state)
            state, _, mean, moved = self._improved(found, weak, average, tol)
            left = _LASTING * moved
        change = self._left_of(norm(state - first, xp)) + left
        if average:
            state, (_, before) = mean, motion.advance(first, self._rough, True)
            change = change + self._left_of(norm(mean - before, xp)) + moved
        change = xp.where(norm(rough, xp) > _PHYSICAL * self._model.n_levels, 1.0, change)
        return self._answer(motion.coordinates.matrices(state, xp), change, condition, 0 * change)

    def _sharp(self) -> list[tuple[Any, Any]]:
        """On both paths states that keep their digits however weak the jumps, and conditions."""
        xp, found, every = self._xp, [], None
        unitary, excess = self._moved_as(Amplitudes), self._moved_as(Excess)
        for each in STEPS:
            u, _ = unitary.advance(unitary.identity, unitary.path(self._groups, each))
            states, factors = eigenstates(u, xp)
            basis = excess.coordinates.outer(states, xp)
            projectors = xp.real(basis[:, :, :: states.shape[-1] + 1])
            path = excess.path(self._groups, each)
            if every is None:
                every = self._excess(excess, path, self._motion.identity)
                moved = every @ projectors
            else:
                moved = self._excess(excess, path, projectors)
            found.append(weak_state(factors, basis, every, moved, xp))
        return found

    def _excess(self, motion: Motion, path: list[Any], columns: Any) -> Any:
        """What jumps add to some columns in a period."""
        start = self._xp.concat([0 * columns, columns], axis=1)
        return motion.advance(start, path)[0][:, : columns.shape[1], :]

    def _longest_lived(self, rough: Any, found: FixedPoint, average: bool, tol: float) -> Answer:
        xp, motion = self._xp, self._motion
        condition = norm(found.resolvent, xp)
        state, factor, _, left = self._improved(found, condition < 0, False, tol)
        change = self._left_of(norm(state - found.state, xp)) + _LASTING * left
        own, ahead = lead(rough, found, xp)
        last = xp.log(xp.abs(factor))
        # Where another state may live as long, what is left depends on the beginning.
        unsure = ahead <= _FOR_BOTH * (xp.abs(last - own) + motion.rounding(self._groups))
        condition = xp.where(unsure, xp.inf, condition)
        loss = -last / xp.asarray(expand(motion.period))
        if not self._model.has_jumps:  # amplitudes
            change, loss = 2 * change, 2 * loss
        matrices = motion.coordinates.matrices(state, xp)
        if average:
            matrices, more = self._averaged(matrices, on_host(loss)[:, 0, 0])
            change = change + more
        return self._answer(matrices, change, condition, loss)

    def _settled(self, rough: Any, found: FixedPoint, fixed: Any) -> tuple[Any, Any]:
        """States on the fine path after one step towards them, and what is still to come.

        That is less by as much as both maps differ, which a second column probes.
        """
        xp, motion = self._xp, self._motion
        probe = xp.broadcast_to(xp.asarray(_probe(motion.coordinates.size)), found.state.shape)
        columns, _ = motion.advance(xp.concat([found.state, probe], axis=-1), self._fine)
        image, apart = columns[:, :, :1], norm(columns[:, :, 1:] - rough @ probe, xp)
        step = xp.where(fixed, 0.0, found.resolvent @ (image - found.state))
        lasting = _PROBED * apart * norm(found.resolvent, xp)
        return found.state + step, xp.where(fixed, 0.0, lasting * norm(step, xp))

    def _improved(
        self, found: FixedPoint, fixed: Any, average: bool, tol: float
    ) -> tuple[Any, Any, Any, Any]:
        """States on the fine path, λ and time averages, and the last moves; some are fixed."""
        xp, state = self._xp, found.state
        for number in range(_PASSES):
            asked = average and number > 0
            image, mean = self._motion.advance(state, self._fine, asked)
            factor = found.row @ image
            step = xp.where(fixed, 0.0, found.resolvent @ (image - factor * state))
            state, left = state + step, norm(step, xp)
            if asked == average and not bool(xp.any(left > tol)):
                break
        return state, factor, mean, left

    def _averaged(self, matrices: Any, loss: Array) -> tuple[Any, Any]:
        """Means over a period, relative to their norm, and their error."""
        xp, motion = self._xp, self._moved_as(Densities)
        state, means = motion.coordinates.columns(matrices, xp), []
        for each in STEPS:
            path = motion.path(self._groups, each, loss, mean=True)
            means.append(motion.advance(state, path, mean=True)[1])
        found = motion.coordinates.matrices(means[1], xp)
        return found / _trace(found, xp), self._left_of(norm(means[1] - means[0], xp))

    def _answer(self, matrices: Any, change: Any, condition: Any, loss: Any) -> Answer:
        round_off = self._round_off(condition)
        lacking = self._xp.where(change > round_off, change + round_off, 0.0)
        rest = (lacking, change + round_off, condition, loss)
        return Answer(matrices, *(part[:, 0, 0] for part in rest))

    def _left_of(self, change: Any) -> Any:
        """The error of a fine path that is so far from the rough one."""
        return (self._motion.left + _FAR * change) * change

    def _round_off(self, condition: Any) -> Any:
        return self._motion.rounding(self._groups) * condition

    # -- trains

    def after(self, turns: list[int], first: Any) -> tuple[Any, Any, Any]:
        """States (P, k, n, n), what more steps would better (P,), and errors (P, k)."""
        xp, motion, n = self._xp, self._motion, self._model.n_levels
        rough, fine = (motion.advance(motion.identity, p)[0] for p in (self._rough, self._fine))
        powers = squares(fine, max(turns))
        if self._model.has_jumps:
            columns = motion.coordinates.columns(first, xp)[:, None, :, :]
            states = motion.coordinates.matrices(after_turns(powers, columns, turns, xp), xp)
            sides, most = 1, n**0.5  # times a matrix: a trace norm, which never grows
        else:
            one = xp.eye(n, dtype=fine.dtype)[None, None, :, :]
            passed = after_turns(powers, one, turns, xp)
            states = passed @ first[:, None, :, :] @ xp.conj(xp.matrix_transpose(passed))
            sides, most = 2, 1.0
        if self._model.has_jumps and self._model.is_hermitian:
            states = states * (_trace(first, xp)[:, None, :, :] / _trace(states, xp))
            powers = [motion.coordinates.traceless(power, xp) for power in powers]
        times = lasting(powers, turns, most, xp)
        change = sides * self._left_of(spectral(fine - rough, xp)[:, 0, :]) * times
        round_off = self._round_off(n) * (1 + times)
        lacking = xp.where(change > round_off, change + round_off, 0.0)
        return states, xp.max(lacking, axis=-1), change + round_off


def _probe(size: int) -> Array:
    """A column of many signs, with elements of about one."""
    return np.asarray(np.sqrt(2) * np.cos(np.arange(size)[:, None] ** 2))


def _trace(matrices: Any, xp: Any) -> Any:
    return xp.sum(xp.linalg.diagonal(matrices), axis=-1)[..., None, None]
