"""Steps of many linear equations side by side, halved one by one until each stands still.

A propagator of dX/dt = G(t)X over a step depends on no other step. So all of them are tried at
once, as one Magnus step and as two; where these differ, the halves are tried in turn.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import numpy as np

from lzopen import progress
from lzopen.dynamics.magnus import NODES, time_ordered
from lzopen.errors import fail
from lzopen.waveforms.base import Array

_AT_ONCE = 2**18  # numbers in generators that are held at once
_LEFT = 1 / 32  # of the difference; sixth order leaves 1/63 of it in the two halves
_LEFT_AT_LAST = 4.0  # where a root is steep
_ROUND_OFF = 2e-15  # of a step
_SHORTEST = 1e-13  # of a window

Generator = Callable[[Array, Array], Array]


class Intervals(NamedTuple):
    """Stretches of time, each of one member of a batch."""

    member: Array
    start: Array
    end: Array

    @property
    def halves(self) -> tuple[Intervals, Intervals]:
        """The first and the second half of each."""
        middle = 0.5 * (self.start + self.end)
        return self._replace(end=middle), self._replace(start=middle)

    def those(self, which: Array) -> Intervals:
        return Intervals(*(part[which] for part in self))


def joined(parts: list[Intervals]) -> Intervals:
    """All of them in a row."""
    return Intervals(*(np.concatenate(part) for part in zip(*parts, strict=True)))


class Steps(NamedTuple):
    """Propagators (steps, d, d) over intervals, in order, and what their rows may be off."""

    over: Intervals
    maps: Array
    error: Array  # (steps, d)


def adaptive_steps(
    generator: Generator, over: Intervals, tol: Array, scale: Array, hides: Callable[..., Array]
) -> Steps:
    """Propagators that are off by less than asked for.

    Parameters
    ----------
    generator : callable
        G (k, 3, d, d) of the members (k,) at times (k, 3).
    over : Intervals
        To begin with, without kinks inside.
    tol : (members,) ndarray
        Error per time to aim for.
    scale : (members, d) ndarray
        Of the rows of a propagator, that errors are relative to.
    hides : callable
        Whether intervals may hold more than their Gauss nodes show, (k,).

    Returns
    -------
    Steps
        Two for each interval that was accepted, the earlier one first.
    """
    spans = np.zeros(len(scale))
    np.maximum.at(spans, over.member, over.end)
    first = np.full(len(scale), np.inf)
    np.minimum.at(first, over.member, over.start)
    shortest = _SHORTEST * np.maximum(spans - first, np.maximum(np.abs(spans), np.abs(first)))
    whole = _steps(generator, over)
    done: list[Steps] = []
    span = float((over.end - over.start).sum())
    bar = progress.bar(total=1.0, desc="steps", bar_format="{l_bar}{bar}| {elapsed}<{remaining}")
    while over.member.size:
        halves = over.halves
        early, late = (_steps(generator, half) for half in halves)
        with np.errstate(over="ignore", invalid="ignore"):  # too long a step of a strong rate
            rows = np.abs(late @ early - whole).max(axis=-1) / scale[over.member]
        length = over.end - over.start
        enough = np.maximum(length * tol[over.member], _ROUND_OFF)
        poor = ~(_LEFT * rows.max(axis=-1) <= enough)  # so that NaN is poor
        final = length <= shortest[over.member]
        # Beside an infinite slope halving leaves more, and goes on for as long as time has digits.
        error = np.where(poor & final, _LEFT_AT_LAST, _LEFT)[:, None] * rows + _ROUND_OFF
        poor = (poor | hides(over)) & ~final
        for half, maps in zip(halves, (early, late), strict=True):
            done.append(Steps(half.those(~poor), maps[~poor], 0.5 * error[~poor]))
        over = joined([half.those(poor) for half in halves])
        whole = np.concatenate([early[poor], late[poor]])
        bar.update(min(float(length[~poor].sum()) / span, 1.0 - bar.n))  # round-off adds up
    bar.close()
    if not all(np.isfinite(some.maps).all() for some in done):
        remedy = "slow the fastest rate, or ask for averages of smaller exponentials"
        fail("model", "move at finite rates", "growing beyond all numbers", remedy)
    every = joined([some.over for some in done])
    order = np.lexsort((every.start, every.member))
    maps, error = (np.concatenate(part)[order] for part in list(zip(*done, strict=True))[1:])
    return Steps(every.those(order), maps, error)


def carried(steps: Steps, first: Array) -> tuple[Array, Array]:
    """Vectors (members, d) at the start and at the end of each step.

    Returns
    -------
    points : (points, d) ndarray
        Member by member; each has one more than it has steps.
    place : (steps,) ndarray
        The point at the end of each step; that at its start is the one before.
    """
    count = np.bincount(steps.over.member, minlength=len(first))
    begin = np.cumsum(count) - count
    place = np.arange(len(steps.maps)) + steps.over.member + 1
    x = first.astype(np.result_type(first, steps.maps))
    points = np.empty((len(place) + len(x), x.shape[-1]), dtype=x.dtype)
    points[begin + np.arange(len(x))] = x
    for number in range(count.max()):
        going = np.flatnonzero(count > number)
        step = begin[going] + number
        x[going] = (steps.maps[step] @ x[going, :, None])[..., 0]
        points[place[step]] = x[going]
    return points, place


def summed_from_start(steps: Steps, place: Array, each: Array) -> Array:
    """Sums of numbers (steps,) from the start of each member to each of its points."""
    at = np.zeros(len(place) + int(steps.over.member[-1]) + 1)
    at[place] = each
    total = at.cumsum()
    begins = np.setdiff1d(np.arange(at.size), place, assume_unique=True)
    return total - np.repeat(total[begins], np.diff(np.append(begins, at.size)))


def one_step(generator: Callable[[Array], Array], start: Array, end: Array) -> Array:
    """One Magnus step over each interval (k,), for the generator (k, 3, d, d) at times (k, 3)."""
    length = end - start
    samples = generator(start[:, None] + length[:, None] * NODES)
    with np.errstate(over="ignore", invalid="ignore"):
        return time_ordered([samples[:, i : i + 1] for i in range(3)], length[:, None])


def _steps(generator: Generator, over: Intervals) -> Array:
    """One Magnus step over each interval, so many at once as memory allows."""
    probe = generator(over.member[:1], over.start[:1, None])
    width = max(1, _AT_ONCE // (3 * probe.shape[-1] ** 2))
    found = []
    for first in range(0, over.member.size, width):
        some = over.those(np.arange(first, min(first + width, over.member.size)))
        found.append(one_step(partial(generator, some.member), some.start, some.end))
    return np.concatenate(found)
