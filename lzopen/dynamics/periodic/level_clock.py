"""Where steps end if jumps follow the energy eigenstates.

What counts is the phase and, more so, how far the eigenstates turn. Between two times these are
compared in the order of energies, so that a passage too narrow to be seen shows as states that
have changed places; time is halved there until no interval hides one, and beside it until
lengths at most double from one interval to the next, since jumps change on the scale of the
distance to a passage.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from lzopen.dynamics.periodic.level_parts import Parts, expand, sampled
from lzopen.models.terms import hermitian_part, traceless
from lzopen.waveforms.base import Array

_TINY = 1e-300
_SAMPLES = 128  # of a period, to begin with
_WIDE = 0.3  # an angle that is halved
_SHORTEST = 1e-9  # of a period
_MOST = 2**16  # intervals that are halved at once; more are no passages
_EQUAL = 1e-9  # of the largest energy
_PER_ANGLE = 2.0  # a radian of the eigenstates counts as so much phase


class Clock:
    """What happens in a period, interval by interval, with all members of a batch in one row.

    Attributes
    ----------
    total : (P,) ndarray
        What happens in the whole period.
    """

    def __init__(self, parts: Parts, members: int) -> None:
        self._edges = np.broadcast_to(parts.edges, (members, parts.edges.shape[-1]))
        self._hamiltonian = parts.hamiltonian
        times, own = self._sampled(parts.resting)
        self._owner = np.repeat(np.arange(members), times.shape[-1])
        self._times, self._halved = times.ravel(), np.zeros(times.size, dtype=int)
        self._moves, self._is_end = (np.tile(flags, members) for flags in own)
        self._happens = self._watched()
        self.total = np.bincount(self._owner[:-1], self._happens, members)

    def _sampled(self, resting: Array) -> tuple[Array, tuple[Array, Array]]:
        """Times (P, k), whether something moves after each, and whether a piece begins there."""
        count = max(2, _SAMPLES // resting.size)
        parts = [np.arange(1 if rests else count) / (1 if rests else count) for rests in resting]
        lengths = np.diff(self._edges, axis=-1)
        times = [
            self._edges[:, i, None] + lengths[:, i, None] * part for i, part in enumerate(parts)
        ]
        moves = np.repeat(~resting, [part.size for part in parts])
        begins = np.concatenate([part == 0 for part in parts])
        last = self._edges[:, -1:]
        return np.concatenate([*times, last], axis=-1), (
            np.append(moves, False),
            np.append(begins, True),
        )

    def _watched(self) -> Array:
        """What happens in each interval, after halving those in which much may hide."""
        energies, states = self._seen(self._owner, self._times)
        shortest = _SHORTEST * (self._edges[:, -1] - self._edges[:, 0])
        while True:
            inside = np.diff(self._owner) == 0
            angle = _angles(energies, states) * inside
            wide = (angle > _WIDE) & (np.diff(self._times) > shortest[self._owner[1:]])
            at = np.flatnonzero(inside & (wide | _beside_finer(self._halved[:-1])))
            if not 0 < at.size < _MOST:
                break
            self._halved[at] += 1
            middle = 0.5 * (self._times[at] + self._times[at + 1])
            found = self._seen(self._owner[at], middle)
            energies, states, self._times = (
                np.insert(old, at + 1, new, axis=0)
                for old, new in ((energies, found[0]), (states, found[1]), (self._times, middle))
            )
            self._owner, self._halved, self._moves = (
                np.insert(old, at + 1, old[at]) for old in (self._owner, self._halved, self._moves)
            )
            self._is_end = np.insert(self._is_end, at + 1, False)
        speed = np.linalg.norm(energies, axis=-1)
        phase = 0.5 * (speed[1:] + speed[:-1]) * np.diff(self._times) * inside
        return np.where(self._moves[:-1], phase + _PER_ANGLE * angle, 0.0)

    def edges(self, groups: int) -> Array:
        """Ends (P, k) of about so many steps of each member; the last ones may have no length."""
        unit = np.maximum(self.total[self._owner], _TINY) / groups
        done = np.append(0.0, np.cumsum(self._happens))
        finer = self._halved > 0
        passed = np.append(True, np.diff(np.floor(done / unit)) != 0)
        ends = np.flatnonzero(self._is_end | finer | np.append(False, finer[:-1]) | passed)
        owner, times = self._owner[ends], self._times[ends]
        counts = np.maximum(1, np.ceil(np.diff(done[ends]) / unit[ends[1:]])).astype(int)
        counts = np.append(counts * (np.diff(owner) == 0), 0)
        interval = np.repeat(np.arange(ends.size), counts)
        number = np.arange(interval.size) - (np.cumsum(counts) - counts)[interval]
        length = np.append(np.diff(times), 0.0)
        t = times[interval] + length[interval] * number / counts[interval]
        steps = np.bincount(owner, counts, len(self._edges)).astype(int)
        column = np.arange(t.size) - (np.cumsum(steps) - steps)[owner[interval]]
        table = np.repeat(self._edges[:, -1:], steps.max() + 1, axis=-1)
        table[owner[interval], column] = t
        return table

    def _seen(self, owner: Array, t: Array) -> tuple[Array, Array]:
        """Energies and eigenstates of these members, in order, at these times."""
        number = np.arange(owner.size) - np.searchsorted(owner, owner)
        table = np.repeat(self._edges[:, :1], int(number.max()) + 1, axis=-1)
        table[owner, number] = t
        matrices: Any = sum(expand(sampled(w, table)) * m for m, w in self._hamiltonian)
        matrices = np.broadcast_to(matrices, (*table.shape, *matrices.shape[-2:]))
        return np.linalg.eigh(traceless(hermitian_part(matrices[owner, number])))


def _beside_finer(halved: Array) -> Array:
    """Whether an interval has been halved less often, by two or more, than one beside it."""
    before = np.append(0, halved[:-1])
    after = np.append(halved[1:], 0)
    return np.asarray(np.maximum(before, after) > halved + 1)


def _angles(energies: Array, states: Array) -> Array:
    """How far each of some bases (k, n, n) is turned against the next one, (k − 1,).

    What turns among states of equal energy does not count.
    """
    mixed = np.abs(states[:-1].conj().swapaxes(-1, -2) @ states[1:])
    apart = np.abs(energies[:, :, None] - energies[:, None, :])
    apart = apart > _EQUAL * np.abs(energies).max()
    return np.asarray(np.linalg.norm(mixed * (apart[1:] & apart[:-1]), axis=(-2, -1)))
