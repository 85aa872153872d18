"""Where the steps of batches begin: about one for each radian, and marks that none may cross."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np

from lzopen.dynamics.adaptive import Intervals, joined
from lzopen.errors import fail
from lzopen.models import Model
from lzopen.models.stepping import accumulated_phase, bends
from lzopen.waveforms.base import Array

_PER_RADIAN = 0.7  # steps to begin with
_FEWEST = 8
_PER_DECAY, _MOST_DECAYS = 5.0, 2000
_MOST_RADIANS = 1e6
_SAME = 1e-13  # of a window: times that differ by less are one
_TURNED = 0.95  # overlap of an eigenstate with itself over an interval that is halved
_NEAR = 1e-9  # of the largest energy: levels that stay so near have no eigenstates of their own
_TOWARDS = 1.3 ** -np.arange(1.0, 120.0)  # of a window, where a pure state begins to mix


class Members(Protocol):
    """Anything that tells the models of members."""

    def of(self, member: Array) -> Model:
        """The models of some members, in a row."""


def intervals(models: Members, times: Array, pure: Any = False, rates: Any = 0.0) -> Intervals:
    """About as many as there are radians, from mark to mark.

    Parameters
    ----------
    models : Members
    times : (members, m) ndarray
        Marks, ascending.
    pure : bool or (members,) ndarray
        Whether a state that mixes is pure at first, where entropy grows like t ln t.
    rates : float or (members,) ndarray
        At which states change by themselves.
    """
    members = np.arange(len(times))
    model, t0, t1 = models.of(members), times[:, 0], times[:, -1]
    turns = np.broadcast_to(accumulated_phase(model.effective_terms, t0, t1), t0.shape)
    turns = turns + bends(model.effective_terms, t0, t1)
    decays = np.minimum(_PER_DECAY * rates * (t1 - t0), _MOST_DECAYS)
    pure = np.broadcast_to(pure, t0.shape)
    asked = turns + rates * (t1 - t0)
    if not np.all(asked < _MOST_RADIANS):
        must = f"ask for fewer than {_MOST_RADIANS:.0e} radians and decays"
        remedy = "shorten them, or slow the fastest phase or rate"
        fail("times", must, f"asking for {np.max(asked):.1e}", remedy)
    kinks = np.broadcast_to(model.kinks(t0, t1), (len(times), model.kinks(t0, t1).shape[-1]))
    found = []
    for k in members:
        count = _FEWEST + int(_PER_RADIAN * turns[k] + decays[k])
        even = np.linspace(t0[k], t1[k], count + 1)
        own = kinks[k][~np.isnan(kinks[k])]
        edges = _distinct(np.concatenate([even, times[k]]), own)
        if pure[k]:
            towards = edges[0] + np.ptp(edges) * _TOWARDS
            edges = _distinct(np.concatenate([edges, towards]), own)
        found.append((np.full(edges.size - 1, k), edges[:-1], edges[1:]))
    return joined([Intervals(*one) for one in found])


def _distinct(marks: Array, kinks: Array) -> Array:
    """Marks and kinks in order; of those that differ by round-off a kink stays, or the last one."""
    least = _SAME * max(np.ptp(marks), np.abs(marks).max())
    edges = np.unique(np.concatenate([marks, kinks]))
    if kinks.size:
        nearest = kinks[np.abs(edges[:, None] - kinks).argmin(axis=1)]
        edges = np.unique(np.where(np.abs(edges - nearest) <= least, nearest, edges))
    return edges[np.append(np.diff(edges) > least, True)]


def hides(models: Members, over: Intervals) -> Array:
    """Whether eigenstates differ at both ends: jumps that follow them may do so in between."""
    ends = np.stack([over.start, over.end], axis=-1)
    energies, states = models.of(over.member).eigenstates(ends)
    overlap = np.abs((states[:, 0].conj() * states[:, 1]).sum(axis=-2))
    steps = np.diff(energies, axis=-1).min(axis=1)
    lone = np.pad(steps, ((0, 0), (1, 1)), constant_values=np.inf)
    near = np.minimum(lone[:, :-1], lone[:, 1:])
    apart = near > _NEAR * np.abs(energies).max(axis=(1, 2))[:, None]
    return np.asarray((apart & (overlap < _TURNED)).any(axis=-1))
