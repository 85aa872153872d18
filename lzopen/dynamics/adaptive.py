"""Steps of many linear equations side by side, halved one by one until each stands still.

A propagator of dX/dt = G(t)X over a step depends on no other step. So all of them are tried at
once, as one Magnus step and as two; where these differ, the halves are tried in turn.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from lzopen.dynamics.magnus import NODES, time_ordered
from lzopen.waveforms.base import Array

_AT_ONCE = 2**19  # numbers in generators that are held at once
_LEFT = 1 / 32  # of the difference; sixth order leaves 1/63 of it in the two halves
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
    while over.member.size:
        halves = over.halves
        early, late = (_steps(generator, half) for half in halves)
        rows = np.abs(late @ early - whole).max(axis=-1) / scale[over.member]
        length = over.end - over.start
        error = _LEFT * rows + _ROUND_OFF
        poor = _LEFT * rows.max(axis=-1) > np.maximum(length * tol[over.member], _ROUND_OFF)
        poor = (poor | hides(over)) & (length > shortest[over.member])
        for half, maps in zip(halves, (early, late), strict=True):
            done.append(Steps(half.those(~poor), maps[~poor], 0.5 * error[~poor]))
        over = Intervals(
            *(np.concatenate(p) for p in zip(*(h.those(poor) for h in halves), strict=True))
        )
        whole = np.concatenate([early[poor], late[poor]])
    every = Intervals(*(np.concatenate(p) for p in zip(*(s.over for s in done), strict=True)))
    order = np.lexsort((every.start, every.member))
    maps, error = (np.concatenate(part)[order] for part in list(zip(*done, strict=True))[1:])
    return Steps(every.those(order), maps, error)


def _steps(generator: Generator, over: Intervals) -> Array:
    """One Magnus step over each interval."""
    found = []
    probe = generator(over.member[:1], over.start[:1, None])
    width = max(1, _AT_ONCE // (3 * probe.shape[-1] ** 2))
    for first in range(0, over.member.size, width):
        member, start, end = over.those(slice(first, first + width))  # type: ignore[arg-type]
        length = end - start
        samples = generator(member, start[:, None] + length[:, None] * NODES)
        nodes = [samples[:, i : i + 1] for i in range(3)]
        found.append(time_ordered(nodes, length[:, None]))
    return np.concatenate(found)
