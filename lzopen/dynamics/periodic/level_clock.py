"""Where steps end where jumps follow the energy eigenstates, so that about as much happens in each.

What happens is the phase and, counted more, how far the eigenstates turn. Between two times
these are compared in the order of energies, so that a passage too narrow to be seen shows as
states that have changed places; time is halved there until no step hides one.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from lzopen.dynamics.periodic.level_parts import Parts, expand, sampled
from lzopen.models.terms import hermitian_part, traceless
from lzopen.waveforms.base import Array

_SAMPLES = 128  # of a period, to begin with
_WIDE = 0.3  # an angle that is halved
_SHORTEST = 1e-9  # of a period
_MOST = 2**16  # angles that are halved at once; more are no passages
_EQUAL = 1e-9  # of the largest energy
_PER_ANGLE = 10.0  # a radian of the eigenstates counts as so much phase


class Clock:
    """What has happened at any time of a period, for each member of a batch.

    Attributes
    ----------
    ends : (P, pieces + 1) ndarray
        What has happened at the ends of the pieces.
    """

    def __init__(self, parts: Parts, members: int) -> None:
        self._edges = np.broadcast_to(parts.edges, (members, parts.edges.shape[-1]))
        self._hamiltonian = parts.hamiltonian
        # All members in one row: the period of each takes one unit, with one in between.
        self._origin = 2.0 * np.arange(members)
        self._length = self._edges[:, -1] - self._edges[:, 0]
        self._times, self._done = self._watched()
        self.ends = np.interp(self._in_row(self._edges), self._times, self._done)

    def _in_row(self, t: Array) -> Array:
        """Times (P, …) as places in the row."""
        return self._origin[:, None] + (t - self._edges[:, :1]) / self._length[:, None]

    def between(self, piece: int, parts: Array) -> Array:
        """Times (P, k) at which these parts (k,) of what happens in a piece have happened."""
        first, last = self.ends[:, piece, None], self.ends[:, piece + 1, None]
        places = np.interp(first + (last - first) * parts, self._done, self._times)
        t = self._edges[:, :1] + (places - self._origin[:, None]) * self._length[:, None]
        return np.clip(t, self._edges[:, piece, None], self._edges[:, piece + 1, None])

    def _watched(self) -> tuple[Array, Array]:
        """Places in the row, and what has happened there since its beginning."""
        count = max(2, _SAMPLES // (self._edges.shape[-1] - 1))
        lengths = np.diff(self._edges, axis=-1)
        t = self._edges[:, :-1, None] + lengths[..., None] * np.arange(count) / count
        t = np.concatenate([t.reshape(len(t), -1), self._edges[:, -1:]], axis=-1)
        owner = np.repeat(np.arange(len(t)), t.shape[-1])
        places = self._in_row(t).ravel()
        energies, states = self._seen(owner, places)
        while True:
            angle = _angles(energies, states) * (np.diff(owner) == 0)
            wide = np.flatnonzero((angle > _WIDE) & (np.diff(places) > _SHORTEST))
            if not 0 < wide.size < _MOST:
                break
            middle = 0.5 * (places[wide] + places[wide + 1])
            found = self._seen(owner[wide], middle)
            owner = np.insert(owner, wide + 1, owner[wide])
            places = np.insert(places, wide + 1, middle)
            energies = np.insert(energies, wide + 1, found[0], axis=0)
            states = np.insert(states, wide + 1, found[1], axis=0)
        speed = np.linalg.norm(energies, axis=-1)
        lasting = np.diff(places) * (np.diff(owner) == 0) * self._length[owner[1:]]
        phase = 0.5 * (speed[1:] + speed[:-1]) * lasting
        return places, np.append(0.0, np.cumsum(phase + _PER_ANGLE * angle))

    def _seen(self, owner: Array, places: Array) -> tuple[Array, Array]:
        """Energies and eigenstates at places of these members, in order."""
        first = np.searchsorted(owner, np.arange(len(self._origin)))
        number = np.arange(owner.size) - first[owner]
        table = np.repeat(self._edges[:, :1], int(number.max()) + 1, axis=-1)
        inside = (places - self._origin[owner]) * self._length[owner]
        table[owner, number] = self._edges[owner, 0] + inside
        matrices: Any = sum(expand(sampled(w, table)) * m for m, w in self._hamiltonian)
        return np.linalg.eigh(traceless(hermitian_part(matrices[owner, number])))


def _angles(energies: Array, states: Array) -> Array:
    """How far each of some bases (k, n, n) is turned against the next one, (k − 1,).

    What turns among states of equal energy does not count.
    """
    mixed = np.abs(states[:-1].conj().swapaxes(-1, -2) @ states[1:])
    apart = np.abs(energies[:, :, None] - energies[:, None, :])
    apart = apart > _EQUAL * np.abs(energies).max()
    return np.linalg.norm(mixed * (apart[1:] & apart[:-1]), axis=(-2, -1))
