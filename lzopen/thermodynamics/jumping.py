"""Quantum trajectories: pure states that move silently and jump at random times.

All trajectories of a block share the silent steps between two times. Those that jump within a
step find the time at which their norm has fallen to a random number, jump, and go on from there.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from lzopen.dynamics.adaptive import Steps, one_step
from lzopen.thermodynamics.tilted import Tilted
from lzopen.waveforms.base import Array

_CHUNK = 64  # steps that are passed before those that jumped in them are followed up
_PRECISE = 1e-10  # of a step: when a jump happens
_MOST_ROUNDS = 60
_ONE = np.zeros(1, dtype=int)


class Block:
    """Trajectories of one model, side by side.

    Attributes
    ----------
    heat : (trajectories, environments) ndarray
        Energy that jumps have brought so far.
    jumps : (trajectories,) ndarray of int
        How many there were.
    """

    def __init__(self, tilted: Tilted, states: Array, rng: np.random.Generator) -> None:
        self._tilted, self._rng = tilted, rng
        self.states = states
        count = len(states)
        self.heat = np.zeros((count, len(tilted.model.environments)))
        self.jumps = np.zeros(count, dtype=int)
        self._left = 1.0 - rng.random(count)  # of the norm, at the next jump

    def pass_through(self, steps: Steps) -> None:
        """Follow all trajectories to the end of the last step."""
        for first in range(0, len(steps.maps), _CHUNK):
            last = min(first + _CHUNK, len(steps.maps))
            going, at = np.arange(len(self.states)), np.full(len(self.states), first)
            while going.size:
                going, at = self._pass_chunk(steps, going, at, last)

    def normalised(self) -> Array:
        return self.states / np.linalg.norm(self.states, axis=-1, keepdims=True)

    def _pass_chunk(self, steps: Steps, going: Array, at: Array, last: int) -> tuple[Array, Array]:
        """Trajectories that have jumped, and the step after that."""
        stopped = np.zeros(going.size, dtype=bool)
        where = at.copy()
        for step in range(int(at.min()), last):
            some = np.flatnonzero((at <= step) & ~stopped)
            moved = self.states[going[some]] @ steps.maps[step].T
            falls = _norm(moved) < self._left[going[some]]
            self.states[going[some[~falls]]] = moved[~falls]
            stopped[some[falls]], where[some[falls]] = True, step
        jumped, where = going[stopped], where[stopped]
        if jumped.size:
            self._jump_within(jumped, steps.over.start[where], steps.over.end[where])
        return jumped, where + 1

    def _jump_within(self, which: Array, start: Array, end: Array) -> None:
        """From the start of a step, over all jumps in it, to its end."""
        while which.size:
            t, arrived = self._when(which, start, end)
            self._jump(which, t, arrived)
            moved = self._moved(self.states[which], t, end)
            again = _norm(moved) < self._left[which]
            self.states[which[~again]] = moved[~again]
            which, start, end = which[again], t[again], end[again]

    def _moved(self, states: Array, start: Array, end: Array) -> Array:
        step = one_step(self._silent, start, end)
        return np.asarray((step @ states[..., None])[..., 0])

    def _silent(self, t: Array) -> Array:
        return self._tilted.silent(np.broadcast_to(_ONE, len(t)), t)

    def _when(self, which: Array, start: Array, end: Array) -> tuple[Array, Array]:
        """Times at which norms have fallen to what is left, by false position, and states then."""
        states, aim = self.states[which], self._left[which]
        low, high = np.zeros(which.size), np.ones(which.size)
        above = _norm(states) - aim
        arrived = self._moved(states, start, end)
        below, side, middle = _norm(arrived) - aim, np.zeros(which.size), high
        for _ in range(_MOST_ROUNDS):
            middle = np.where(above > below, low + (high - low) * above / (above - below), low)
            arrived = self._moved(states, start, start + middle * (end - start))
            value = _norm(arrived) - aim
            is_above = value > 0
            low, high = np.where(is_above, middle, low), np.where(is_above, high, middle)
            # The end that stays counts half (Illinois), so that it does not stay for ever.
            below = np.where(is_above, np.where(side > 0, 0.5 * below, below), value)
            above = np.where(is_above, value, np.where(side < 0, 0.5 * above, above))
            side = np.where(is_above, 1.0, -1.0)
            if np.all((np.abs(value) < _PRECISE * aim) | (high - low < _PRECISE)):
                break
        return start + middle * (end - start), arrived

    def _jump(self, which: Array, t: Array, arrived: Array) -> None:
        """Choose a jump for each, by how much of the state each would keep."""
        now = self._tilted.jumps(np.broadcast_to(_ONE, t.size), t[:, None])
        states, operators = now.states[:, 0], now.operators[:, 0]
        inside = (states.conj().swapaxes(-1, -2) @ arrived[..., None])[:, None]
        after = (operators @ inside)[..., 0]
        chance = _norm(after).cumsum(axis=-1)
        drawn = self._rng.random(which.size) * chance[:, -1]
        chosen = np.minimum((chance <= drawn[:, None]).sum(axis=-1), chance.shape[-1] - 1)
        every = np.arange(which.size)
        found = (states @ after[every, chosen][..., None])[..., 0]
        self.states[which] = found / np.linalg.norm(found, axis=-1, keepdims=True)
        self.heat[which, now.environment[chosen]] += now.quanta[every, 0, chosen]
        self.jumps[which] += 1
        self._left[which] = 1.0 - self._rng.random(which.size)


def _norm(states: Array) -> Any:
    return (np.abs(states) ** 2).sum(axis=-1)
