"""Steady states and trains of periods of any number of levels, by the map over one period.

The map is made of steps, in chunks of members that need about as many. What it keeps
follows from linear equations with a trace row; as an eigenvector it would lose weak rates. Members
whose answer still changes with the steps are taken again with more of them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from lzopen.dynamics.arrays import on_host
from lzopen.dynamics.periodic.found import Steady, watched
from lzopen.dynamics.periodic.level_chunk import STEPS, Answer, Chunk, motion_of
from lzopen.dynamics.periodic.level_coordinates import Amplitudes, Densities
from lzopen.errors import fail
from lzopen.models import Model
from lzopen.models.members import members
from lzopen.waveforms.base import Array

_CHUNK, _NUMBERS, _HELD = 1024, 2**18, 2**23  # members of a chunk; numbers in maps and in paths
_FEW, _ALIKE = 128, 1.2  # so many together in any case, others where they need no more steps
_LOOKED_AT = 1024  # members whose steps are counted at once
_SAMPLE, _WORTH = 48, 16  # members tried beforehand, where there are so many times as many
_MOST, _SHARES = 0.85, (0.3, 3.0)  # the part of them that is to succeed at once, and bounds
_ROUNDS = 10
_LONG = 100  # periods in which errors add up, to begin with
_OF_AVERAGE = 0.2  # of the tolerance, as averages add an error of their own
_MARGIN = 1.2  # more steps than sixth order asks for

Solve = Callable[[Array, int], tuple[Any, ...]]


def level_map(model: Model, start: float, tol: float, xp: Any) -> LevelMap:
    """The map over one period of each member of a batch (P,), to be asked for answers.

    Parameters
    ----------
    model : Model
        Periodic batch.
    start : float
        When the period begins.
    tol : float
        Error to aim for.
    xp : namespace
        Of the arrays that are computed with and returned.

    Raises
    ------
    LzopenError
        If the waveforms have no common period.
    """
    if model.period is None:
        remedy = "e.g. lz.Sinusoidal for its sweep"
        page = "guide/interferograms#how-it-is-computed-and-what-the-error-means"
        fail("model", "be periodic", "without a common period", remedy, page)
    return LevelMap(model, start, tol, xp)


@dataclass(frozen=True, eq=False)
class LevelMap:
    """Maps of a batch, made chunk by chunk when an answer is asked, so as to need little memory.

    Attributes
    ----------
    model : Model
    start, tol : float
    xp : namespace
    """

    model: Model
    start: float
    tol: float
    xp: Any

    def steady(self, average: bool = False) -> Steady:
        """Steady states at ``start``, or averaged over a period.

        Where levels leak it is the state that lives longest, relative to its norm. Members
        without a single such state get NaN, an infinite condition and an infinite error.

        Raises
        ------
        LzopenError
            If the model is closed.
        """
        if not self.model.has_jumps and self.model.is_hermitian:
            remedy = "attach environments, or give periods= and a state to start from"
            page = "guide/interferograms#how-it-is-computed-and-what-the-error-means"
            fail("model", "forget how it started to have a steady state", "closed", remedy, page)

        def solve(rows: Array, groups: int) -> Answer:
            chunk = Chunk(members(self.model, rows), self.start, groups, average, self.xp)
            return chunk.steady(average, self.tol)

        found = Answer(*self._refined(solve, _OF_AVERAGE if average else 1.0))
        xp, lost = self.xp, ~(found.error < 1.0)
        return Steady(
            state=xp.where(lost[:, None, None], xp.nan, found.matrices),
            error=xp.where(lost, xp.inf, found.error),
            condition=xp.where(lost, xp.inf, found.condition),
            loss=xp.where(lost, xp.nan, found.loss),
        )

    def after(self, periods: Array, initial: Array) -> tuple[Any, Any]:
        """States after some numbers of periods.

        Parameters
        ----------
        periods : (k,) ndarray of int
            Zero or above, in any order.
        initial : (n, n) or (P, n, n) ndarray
            Density matrices at ``start``.

        Returns
        -------
        states : (P, k, n, n) array
            Density matrices; their trace is the survival.
        error : (P, k) array
            Bound of what each of their elements may be off.
        """
        turns = [int(count) for count in periods]
        every = np.broadcast_to(initial, (*self.model.batch_shape, *np.shape(initial)[-2:]))

        def solve(rows: Array, groups: int) -> tuple[Any, ...]:
            chunk = Chunk(members(self.model, rows), self.start, groups, False, self.xp)
            return chunk.after(turns, self.xp.asarray(every[rows] + 0j))

        states, _, error = self._refined(solve, 1 / min(_LONG, 1 + max(turns)))
        return states, error

    def _refined(self, solve: Solve, part: float) -> tuple[Any, ...]:
        """Answers of all members, with so many steps that the second part of each is below ``tol``.

        To begin with there are as many as a ``part`` of it asks for.
        """
        groups, held = self._fewest(part * self.tol)
        groups = np.ceil(groups * self._share(solve, groups)).astype(int)
        left, place = np.arange(groups.size), np.empty(groups.size, dtype=int)
        found: list[tuple[Any, ...]] = []
        done = 0
        for _ in range(_ROUNDS):
            poor = []
            for rows in watched(self._chunks(left, groups, held)):
                used = int(groups[rows].max())
                found.append(solve(rows, used))
                place[rows] = done + np.arange(rows.size)
                done += rows.size
                excess = on_host(found[-1][1]) / self.tol
                groups[rows] = np.ceil(used * np.clip(_MARGIN * excess ** (1 / 6), _MARGIN, 2.0))
                poor.append(rows[excess > 1])
            left = np.concatenate(poor)
            if not left.size:
                break
        xp, order = self.xp, self.xp.asarray(place)
        return tuple(xp.take(xp.concat(parts), order, axis=0) for parts in zip(*found, strict=True))

    def _share(self, solve: Solve, groups: Array) -> float:
        """How much of the steps a sample of the members, of all kinds, turns out to need."""
        rows = np.argsort(groups, kind="stable")[:: max(1, groups.size // _SAMPLE)]
        if groups.size < _WORTH * rows.size:
            return 1.0
        used = int(np.median(groups[rows]))
        needed = used * (on_host(solve(rows, used)[1]) / self.tol) ** (1 / 6)
        share = np.quantile(np.nan_to_num(needed) / groups[rows], _MOST)
        return float(np.clip(share, *_SHARES))

    def _chunks(self, rows: Array, groups: Array, held: int) -> list[Array]:
        """Members in the order of their steps, as many at once as fit into memory."""
        most = min(_CHUNK, _NUMBERS // self.model.n_levels ** (4 if self.model.has_jumps else 2))
        left, chunks = rows[np.argsort(groups[rows], kind="stable")], []
        while left.size:
            alike = max(_FEW, int(np.sum(groups[left] <= _ALIKE * groups[left[0]])))
            some = min(most, alike, left.size)
            fit = _HELD // (STEPS[1] * held * int(groups[left[some - 1]]))
            chunks.append(left[: max(1, min(some, fit))])
            left = left[chunks[-1].size :]
        return chunks

    def _fewest(self, tol: float) -> tuple[Array, int]:
        """Groups of steps to begin with, for each member, and how much one step holds."""
        (count,) = self.model.batch_shape
        kind = Densities if self.model.has_jumps else Amplitudes
        groups = []
        for rows in np.array_split(np.arange(count), np.arange(_LOOKED_AT, count, _LOOKED_AT)):
            motion = motion_of(members(self.model, rows), self.start, kind, self.xp)
            groups.append(np.ceil(motion.fewest(tol) / STEPS[1]) + 0 * rows)
        return np.concatenate(groups).astype(int), motion.held
