"""States, work and heat of whole batches along their drives."""

from __future__ import annotations

from functools import partial
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from lzopen.dynamics.adaptive import Intervals, Steps, adaptive_steps
from lzopen.errors import fail
from lzopen.models.stepping import accumulated_phase, bends
from lzopen.thermodynamics.balance import Balance
from lzopen.waveforms.base import Array

_PER_RADIAN = 0.7  # steps to begin with
_FEWEST = 8
_MOST_RADIANS = 1e6
_TURNED = 0.95  # overlap of an eigenstate with itself over an interval that is halved
_NEAR = 1e-9  # of the largest energy: levels that stay so near have no eigenstates of their own
_TOWARDS = 1.3 ** -np.arange(1.0, 120.0)  # of a window, where a pure state begins to mix


class Course(NamedTuple):
    """What batches went through, member by member, flat over all steps of all members.

    Each member has an odd number of points, of which every second is the middle of a step.
    """

    member: Array  # (points,)
    t: Array
    x: Array  # (points, size): coordinates of the state, work, energy from each environment
    error: Array  # (points,) of the state, in Hilbert-Schmidt norm
    energy_error: Array  # (points,) of the work, and of each energy

    @property
    def first(self) -> Array:
        """First point of each member."""
        return np.flatnonzero(np.diff(self.member, prepend=-1))

    @property
    def spans(self) -> list[tuple[int, int]]:
        """First point of each member, and that of the next."""
        return list(pairwise([*self.first.tolist(), self.t.size]))

    @property
    def is_middle(self) -> Array:
        """Whether a point lies in the middle of a step."""
        return np.asarray((np.arange(self.t.size) - self.first[self.member]) % 2 == 1)


def follow(balance: Balance, times: Array, first: Array, tol: float) -> Course:
    """From states (members, n, n) at the first of times (members, m) to the last.

    The times are among the points, and none of them in the middle of a step.
    """
    members, inner = len(times), balance.coordinates.size
    over = _intervals(balance, times, _is_pure(first))
    scale = np.ones((members, balance.size))
    scale[:, inner:] = _energy_scale(balance, times)[:, None]
    share = tol / (times[:, -1] - times[:, 0])
    hides = partial(_hides, balance) if balance.size > inner + 1 else _never
    steps = adaptive_steps(balance.generator, over, share, scale, hides)
    x = np.zeros((members, balance.size))
    x[:, :inner] = balance.coordinates.columns(first, np)[..., 0]
    return _chained(balance, steps, x, scale)


def _never(over: Intervals) -> Array:
    return np.zeros(over.member.size, dtype=bool)


def _is_pure(states: Array) -> Array:
    return np.asarray(np.linalg.eigvalsh(states)[:, 0] < 1e-12)


def _energy_scale(balance: Balance, times: Array) -> Array:
    """Largest distance of energies, (members,)."""
    t = times[:, :1] + (times[:, -1:] - times[:, :1]) * np.linspace(0, 1, 33)
    energies = balance.of(np.arange(len(times))).energies(t)
    found = np.ptp(np.broadcast_to(energies, (*t.shape, energies.shape[-1])), axis=-1).max(axis=-1)
    return np.where(found > 0, found, 1.0)


def _intervals(balance: Balance, times: Array, pure: Array) -> Intervals:
    """About as many as there are radians, from mark to mark."""
    members = np.arange(len(times))
    model, t0, t1 = balance.of(members), times[:, 0], times[:, -1]
    turns = np.broadcast_to(accumulated_phase(model.effective_terms, t0, t1), t0.shape)
    turns = turns + bends(model.effective_terms, t0, t1)
    if not np.all(turns < _MOST_RADIANS):
        must = f"ask for fewer than {_MOST_RADIANS:.0e} radians"
        fail("times", must, f"asking for {turns.max():.1e}", "narrow the window")
    kinks = np.broadcast_to(model.kinks(t0, t1), (len(times), model.kinks(t0, t1).shape[-1]))
    found = []
    for k in members:
        count = _FEWEST + int(_PER_RADIAN * turns[k])
        even = np.linspace(t0[k], t1[k], count + 1)
        marks = np.concatenate([even, times[k], kinks[k][~np.isnan(kinks[k])]])
        edges = _distinct(np.unique(marks))
        if pure[k]:
            edges = _distinct(np.unique([*edges, *(edges[0] + np.ptp(edges) * _TOWARDS)]))
        found.append((np.full(edges.size - 1, k), edges[:-1], edges[1:]))
    return Intervals(*(np.concatenate(part) for part in zip(*found, strict=True)))


def _distinct(edges: Array) -> Array:
    """Without those that differ from the one before by round-off, except the last."""
    least = 1e-13 * max(np.ptp(edges), np.abs(edges).max())
    apart = np.append(np.diff(edges) > least, True)
    return edges[apart]


def _hides(balance: Balance, over: Intervals) -> Array:
    """Whether eigenstates differ at both ends: jumps that follow them may do so in between."""
    ends = np.stack([over.start, over.end], axis=-1)
    energies, states = balance.of(over.member).eigenstates(ends)
    overlap = np.abs((states[:, 0].conj() * states[:, 1]).sum(axis=-2))
    steps = np.diff(energies, axis=-1).min(axis=1)
    lone = np.pad(steps, ((0, 0), (1, 1)), constant_values=np.inf)
    near = np.minimum(lone[:, :-1], lone[:, 1:])
    apart = near > _NEAR * np.abs(energies).max(axis=(1, 2))[:, None]
    return np.asarray((apart & (overlap < _TURNED)).any(axis=-1))


def _chained(balance: Balance, steps: Steps, x: Array, scale: Array) -> Course:
    """All points, each member from its own start."""
    over, inner = steps.over, balance.coordinates.size
    members = len(x)
    counts = np.bincount(over.member, minlength=members)
    starts = np.concatenate([[0], np.cumsum(counts)])[:-1]
    place = np.arange(over.member.size) + over.member + 1  # each member has one point more
    first = starts + np.arange(members)
    t, points = np.empty(place.size + members), np.empty((place.size + members, balance.size))
    t[place], t[first] = over.end, over.start[starts]
    points[first] = x
    for number in range(counts.max()):
        going = np.flatnonzero(counts > number)
        x[going] = (steps.maps[starts[going] + number] @ x[going, :, None])[..., 0]
        points[first[going] + number + 1] = x[going]
    member = np.repeat(np.arange(members), counts + 1)
    own = np.zeros((place.size + members, 2))
    own[place, 0] = np.sqrt(balance.coordinates.n_levels) * steps.error[:, :inner].max(axis=-1)
    own[place, 1] = steps.error[:, inner:].max(axis=-1)
    total = own.cumsum(axis=0)
    total -= total[first][member]
    # A state that is off does other work from there on.
    moved = np.zeros(len(t))
    moved[place] = _moved(balance, over)
    moved = moved.cumsum()
    moved -= moved[first][member]
    energy = scale[member, inner] * (total[:, 0] + total[:, 1]) + total[:, 0] * moved
    return Course(member, t, points, total[:, 0], energy)


def _moved(balance: Balance, over: Intervals) -> Array:
    """By how much H changes over each interval, in spectral norm."""
    ends = np.stack([over.start, over.end], axis=-1)
    matrices = balance.of(over.member).hamiltonian(ends)
    matrices = np.broadcast_to(matrices, (*ends.shape, *matrices.shape[-2:]))
    return np.asarray(np.linalg.norm(matrices[:, 1] - matrices[:, 0], axis=(-2, -1)))
