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
    norm,
    slowest_state,
)
from lzopen.dynamics.periodic.level_weak import eigenstates, weak_state
from lzopen.environments.bloch import Direction
from lzopen.models import Model
from lzopen.waveforms.base import Array
from lzopen.waveforms.periods import common_period

STEPS = 1, 3  # of a rough path and of a fine one
_FAR = 10.0  # times a large change, of which more is left
_PHYSICAL = 2.0  # times the number of levels: what the norm of a map stays below
_PASSES = 5  # of the fine path
_LASTING = 0.1  # of the last move, at most, is still to come
_POOR = 0.5  # of the tolerance, above which round-off is


class Answer(NamedTuple):
    """Density matrices (P, n, n), and the rest (P,); ``lacking`` is what more steps can better."""

    matrices: Any
    lacking: Any
    error: Any
    condition: Any
    loss: Any


def period_of(model: Model) -> Any:
    """Time after which H repeats, number or (P,); None where it does not."""
    waveforms = [w for _, w in model.effective_terms]
    rates = [w.rate for w in waveforms if isinstance(w, Direction)]
    every = [*rates, *(w for w in waveforms if not isinstance(w, Direction))]
    return common_period([w.period for w in every if not w.is_constant])


def motion_of(model: Model, start: float, kind: type[Coordinates], xp: Any) -> Motion:
    """The fastest way to move a batch (P,)."""
    parts = parts_of(model, start, period_of(model), kind)
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
        return self._longest_lived(slowest_state(rough, start, trace, xp), average, tol)

    def _staying(self, rough: Any, found: FixedPoint, average: bool, tol: float) -> Answer:
        xp, motion = self._xp, self._motion
        first, condition = found.state, norm(found.resolvent, xp)
        weak = self._round_off(condition) > _POOR * tol
        if bool(xp.any(weak)):
            sharp = self._sharp(rough)
            found = found._replace(state=xp.where(weak, sharp[1][0], found.state))
            first = xp.where(weak, sharp[0][0], first)
            condition = xp.where(weak, sharp[1][1], condition)
        state, factor, mean, left = self._improved(found, weak, average, tol)
        change = self._left_of(norm(state - first, xp)) + _LASTING * left
        if average:
            state, (_, before) = mean, motion.advance(first, self._rough, True)
            change = change + self._left_of(norm(mean - before, xp)) + left
        change = xp.where(norm(rough, xp) > _PHYSICAL * self._model.n_levels, 1.0, change)
        return self._answer(motion.coordinates.matrices(state, xp), change, condition, 0 * factor)

    def _sharp(self, rough: Any) -> list[tuple[Any, Any]]:
        """On both paths states that keep their digits however weak the jumps, and conditions."""
        xp, found, lost = self._xp, [], None
        unitary, excess = self._moved_as(Amplitudes), self._moved_as(Excess)
        for each in STEPS:
            u, _ = unitary.advance(unitary.identity, unitary.path(self._groups, each))
            if lost is None:
                lost = rough - excess.coordinates.passed(u, xp)
            states, factors = eigenstates(u, xp)
            basis = excess.coordinates.outer(states, xp)
            projectors = xp.real(basis[:, :, :: states.shape[-1] + 1])
            start = xp.concat([0 * projectors, projectors], axis=1)
            moved, _ = excess.advance(start, excess.path(self._groups, each))
            moved = moved[:, : projectors.shape[1], :]
            found.append(weak_state(factors, basis, lost, moved, xp))
        return found

    def _longest_lived(self, found: FixedPoint, average: bool, tol: float) -> Answer:
        xp, motion = self._xp, self._motion
        condition = norm(found.resolvent, xp)
        state, factor, _, left = self._improved(found, condition < 0, False, tol)
        change = self._left_of(norm(state - found.state, xp)) + _LASTING * left
        loss = -xp.log(xp.abs(factor)) / xp.asarray(expand(motion.period))
        if not self._model.has_jumps:  # amplitudes
            change, loss = 2 * change, 2 * loss
        matrices = motion.coordinates.matrices(state, xp)
        if average:
            matrices, more = self._averaged(matrices, on_host(loss)[:, 0, 0])
            change = change + more
        return self._answer(matrices, change, condition, loss)

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
        trace = xp.sum(xp.linalg.diagonal(found), axis=-1)[:, None, None]
        return found / trace, self._left_of(norm(means[1] - means[0], xp))

    def _answer(self, matrices: Any, change: Any, condition: Any, loss: Any) -> Answer:
        round_off = self._round_off(condition)
        lacking = self._xp.where(change > round_off, change, 0.0)
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
        if self._model.has_jumps:
            columns = motion.coordinates.columns(first, xp)[:, None, :, :]
            states = motion.coordinates.matrices(after_turns(fine, columns, turns, xp), xp)
        else:
            one = xp.eye(n, dtype=fine.dtype)[None, None, :, :]
            passed = after_turns(fine, one, turns, xp)
            states = passed @ first[:, None, :, :] @ xp.conj(xp.matrix_transpose(passed))
        counts = xp.asarray(np.asarray(turns, dtype=float))
        change = 2 * n**0.5 * self._left_of(norm(fine - rough, xp)[:, 0, :]) * counts
        error = change + self._round_off(n) * (1 + counts)
        return states, xp.max(change, axis=-1), error
