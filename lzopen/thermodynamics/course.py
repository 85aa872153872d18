"""States, work and heat of whole batches along their drives."""

from __future__ import annotations

from functools import partial
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from lzopen.dynamics.adaptive import (
    Intervals,
    Steps,
    adaptive_steps,
    carried,
    summed_from_start,
)
from lzopen.thermodynamics.balance import Balance
from lzopen.thermodynamics.layout import hides, intervals
from lzopen.thermodynamics.sudden import with_sudden_work
from lzopen.waveforms.base import Array

_SAMPLES = 33  # of a window


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
    over = intervals(balance, times, _is_pure(first), _rates(balance, times))
    scale = np.ones((members, balance.size))
    scale[:, inner:] = _energy_scale(balance, times)[:, None]
    share = tol / (times[:, -1] - times[:, 0])
    watch = partial(hides, balance) if balance.size > inner + 1 else _never
    steps = adaptive_steps(balance.generator, over, share, scale, watch)
    steps = with_sudden_work(balance, steps, times)
    x = np.zeros((members, balance.size))
    x[:, :inner] = balance.coordinates.columns(first, np)[..., 0]
    return _course(balance, steps, x, scale)


def _never(over: Intervals) -> Array:
    return np.zeros(over.member.size, dtype=bool)


def _is_pure(states: Array) -> Array:
    return np.asarray(np.linalg.eigvalsh(states)[:, 0] < 1e-12)


def _rates(balance: Balance, times: Array) -> Array:
    """Largest elements of all dissipators together, (members,)."""
    t = times[:, :1] + (times[:, -1:] - times[:, :1]) * np.linspace(0, 1, _SAMPLES)
    acting = balance.at(np.arange(len(times)), t).dissipators
    return np.asarray(np.abs(sum(acting, np.zeros((len(t), 1, 1, 1)))).max(axis=(1, 2, 3)))


def _energy_scale(balance: Balance, times: Array) -> Array:
    """Largest distance of energies, (members,)."""
    t = times[:, :1] + (times[:, -1:] - times[:, :1]) * np.linspace(0, 1, _SAMPLES)
    energies = balance.of(np.arange(len(times))).energies(t)
    found = np.ptp(np.broadcast_to(energies, (*t.shape, energies.shape[-1])), axis=-1).max(axis=-1)
    return np.where(found > 0, found, 1.0)


def _course(balance: Balance, steps: Steps, first: Array, scale: Array) -> Course:
    """All points, each member from its own start."""
    points, place = carried(steps, first)
    over, inner = steps.over, balance.coordinates.size
    member = np.repeat(np.arange(len(first)), np.bincount(over.member) + 1)
    t = np.empty(len(points))
    t[place - 1], t[place] = over.start, over.end
    wrong = np.sqrt(balance.coordinates.n_levels) * steps.error[:, :inner].max(axis=-1)
    counted = steps.error[:, inner:].max(axis=-1)
    error, missed, moved = (
        summed_from_start(steps, place, each) for each in (wrong, counted, _moved(balance, over))
    )
    # A state that is off does other work from there on.
    energy_error = scale[member, inner] * (error + missed) + error * moved
    return Course(member, t, points, error, energy_error)


def _moved(balance: Balance, over: Intervals) -> Array:
    """By how much H changes over each interval, in spectral norm."""
    ends = np.stack([over.start, over.end], axis=-1)
    matrices = balance.of(over.member).hamiltonian(ends)
    matrices = np.broadcast_to(matrices, (*ends.shape, *matrices.shape[-2:]))
    return np.asarray(np.linalg.norm(matrices[:, 1] - matrices[:, 0], axis=(-2, -1)))
