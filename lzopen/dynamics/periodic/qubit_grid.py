"""Where steps begin and end: as dense as phase, sweep, bends and rates ask for.

Between kinks, and passages in which operators that follow the field turn quickly, steps share
evenly the integral of a density. It counts steps of a stated number of radians, in which the field
neither sweeps nor bends too much and jumps are not too many.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from lzopen.dynamics.periodic.qubit_drive import About, Drive
from lzopen.waveforms.base import Array, join_kinks

_RADIANS = 15.0  # in a step
_TILT = 1.0  # times √sin: more of them where the field is not along the axis of jumps
_SWEEP = 12.0  # times the slope adds to E², where levels cross
_BEND = 0.25  # steps in the time in which a waveform bends by one radian
_DECAY = 1.5  # of the largest rate in a step
_TURN = 0.75  # steps for |slope|/E, where operators follow the field
_SAMPLES, _PER_BEND = 16, 3
_PER_PASSAGE = 6  # as _PER_BEND, where operators follow the field: two passages may be close
_GRADING = 4.0 ** -np.arange(1, 14)  # samples close to both ends of a piece, as far as passages ask
_INSIDE = 1e-9  # of a piece, the distance of samples from its ends
_NEWTON = 6
_NARROWEST = 1e-9  # passage that steps are made for, as a part of a period
_NARROW, _UNSEEN = 1e-6, 1e-10  # below the first one, the other part of the decay may go unseen


@dataclass(frozen=True, eq=False)
class Grid:
    """Pieces of a period and how many steps they ask for.

    ``pieces`` (members, pieces+1) are their ends, some at the same time; ``steps`` (members,
    pieces, samples) how many lie between the start of each and a ``fraction`` (samples,) of it.
    ``turns`` (members,) is the phase in radians that is gathered in all, and ``unseen``
    (members,) the part of the decay by which passages too narrow for any step may change it.
    """

    pieces: Array
    fractions: Array
    steps: Array
    turns: Array
    unseen: Array

    def counts(self, density: float) -> Array:
        """Whole steps in each piece if they are this much denser."""
        least = np.diff(self.pieces, axis=-1) > 0
        return np.maximum(np.ceil(density * self.steps[..., -1]), least).astype(int)

    def fullest(self, density: float) -> Array:
        """Of all members, the largest part of what a step may be that one of theirs is."""
        counts = np.maximum(self.counts(density), 1)
        return np.asarray((density * self.steps[..., -1] / counts).max(axis=-1))

    def edges(self, index: Array, density: float) -> Array:
        """Ends of both halves of the steps of some members; the last may have no length."""
        counts, pieces, steps = self.counts(density)[index], self.pieces[index], self.steps[index]
        total = counts.sum(axis=-1)
        whole = np.where(steps[..., -1:] > 0, steps[..., -1:], 1.0)
        before = np.cumsum(counts, axis=-1) - counts
        place = before[..., None] + counts[..., None] * (steps / whole)
        t = pieces[:, :-1, None] + np.diff(pieces, axis=-1)[..., None] * self.fractions
        t[..., -1] = pieces[:, 1:]
        wanted = np.minimum(0.5 * np.arange(2 * total.max() + 1), total[:, None])
        apart = (total.max() + 2.0) * np.arange(index.size)[:, None]
        known = (place.reshape(index.size, -1) + apart).ravel()
        return np.interp((wanted + apart).ravel(), known, t.ravel()).reshape(wanted.shape)


def grid(drive: Drive, start: Array, end: Array) -> Grid:
    """Lay out the steps of all members between two times."""
    bend, inner = drive.bend(start, end), drive.kinks(start, end)
    pieces = _pieces(start, inner, end)
    samples = _PER_PASSAGE if drive.follows else _PER_BEND
    fractions = np.linspace(0.0, 1.0, 1 + _intervals(pieces, bend / samples))
    t = _times(pieces, fractions)
    vector = _sampled(drive.vector, t)
    narrowest, unseen = None, np.zeros(start.size)
    if drive.follows:
        swift, widths = _passages(drive, t, vector)
        pieces = _pieces(start, join_kinks(inner, swift), end)
        even = np.linspace(0.0, 1.0, 1 + _intervals(pieces, bend / samples))
        grading = _GRADING[4 * _GRADING * (end - start).min() > widths.min()]
        fractions = np.unique(np.concatenate([even, grading, 1 - grading]))
        t = _times(pieces, fractions)
        vector = _sampled(drive.vector, t)
        narrowest = _NARROWEST * (end - start)
        unseen = np.where(widths < _NARROW * (end - start), _UNSEEN, 0.0)
    jumps = drive.jumps(vector.reshape(3, len(pieces), -1))
    steps = np.cumsum(_asked(t, vector, jumps, bend, narrowest), axis=-1)
    steps = np.concatenate([np.zeros_like(steps[..., :1]), steps], axis=-1)
    turns = (_between(_length(vector)) * np.diff(t, axis=-1)).sum(axis=(-2, -1))
    return Grid(pieces, fractions, steps, turns, unseen)


def _pieces(start: Array, inner: Array, end: Array) -> Array:
    filled = np.where(np.isnan(inner), end[:, None], inner)
    return np.concatenate([start[:, None], filled, end[:, None]], axis=-1)


def _intervals(pieces: Array, longest: float) -> int:
    return _SAMPLES + int(np.diff(pieces, axis=-1).max() / longest)


def _times(pieces: Array, fractions: Array) -> Array:
    """(members, pieces, samples), with none of them on a kink."""
    inside = _INSIDE + (1 - 2 * _INSIDE) * fractions
    return np.asarray(pieces[:, :-1, None] + np.diff(pieces, axis=-1)[..., None] * inside)


def _sampled(function: Any, t: Array) -> Array:
    return np.asarray(function(t.reshape(len(t), -1)).reshape(3, *t.shape))


def _asked(
    t: Array, vector: Array, jumps: list[About], bend: float, narrowest: Array | None
) -> Array:
    """Steps from sample to sample."""
    length = np.diff(t, axis=-1)
    still = np.where(length > 0, length, 1.0)
    slope = _length(np.diff(vector, axis=-1)) / still
    energy = _length(vector)
    phase = energy * (1 + _TILT * np.sqrt(_tilt(vector, energy, jumps)))
    rate: Any = sum(np.maximum(about.along, about.across) for about in jumps)
    rate = np.broadcast_to(rate, (len(t), t[0].size)).reshape(t.shape)
    here = (phase / _RADIANS) ** 2 + (rate / _DECAY) ** 2
    density = _between(here) + _SWEEP * slope / _RADIANS**2 + (_BEND / bend) ** 2
    if narrowest is not None:
        turning = _between(energy**2) + (narrowest[:, None, None] * slope) ** 2
        density = density + (_TURN * slope) ** 2 / np.where(turning > 0, turning, 1.0)
    return np.asarray(np.sqrt(density) * length)


def _between(values: Array) -> Array:
    return np.asarray(0.5 * (values[..., 1:] + values[..., :-1]))


def _length(vector: Array) -> Array:
    x, y, z = vector
    return np.asarray(np.sqrt(x * x + y * y + z * z))


def _tilt(vector: Array, energy: Array, jumps: list[About]) -> Any:
    """Largest sine of the angle between the field and an axis of jumps that stands still."""
    axes = [about.axis for about in jumps if isinstance(about.axis[0], float)]
    if not axes:
        return 0.0
    along = [sum(c * part for c, part in zip(axis, vector, strict=True) if c) for axis in axes]
    least = np.square(along).min(axis=0) / np.where(energy > 0, energy, 1.0) ** 2
    return np.sqrt(np.maximum(0.0, 1.0 - least))


def _passages(drive: Drive, t: Array, vector: Array) -> tuple[Array, Array]:
    """When levels pass each other faster than their phase resolves, and how fast at most.

    NaN pads the times of a member; a passage takes its smallest energy over its slope.
    """
    approach = (vector * _sampled(drive.slope, t)).sum(axis=0)
    found = ((approach[..., :-1] < 0) & (approach[..., 1:] >= 0)).reshape(len(t), -1)
    most = int(found.sum(axis=-1).max())
    if not most:
        return np.empty((len(t), 0)), np.full(len(t), np.inf)
    first = np.argsort(~found, axis=-1, kind="stable")[:, :most]
    exists, low, high = (
        np.take_along_axis(part.reshape(len(t), -1), first, axis=-1)
        for part in (found, t[..., :-1], t[..., 1:])
    )
    at = 0.5 * (low + high)
    for _ in range(_NEWTON):
        here, slope = drive.vector(at), drive.slope(at)
        squared = (slope**2).sum(axis=0)
        step = (here * slope).sum(axis=0) / np.where(squared > 0, squared, 1.0)
        at = np.clip(at - step, low, high)
    energy, speed = (_length(part(at)) for part in (drive.vector, drive.slope))
    swift = exists & (energy**2 < _RADIANS * speed)
    widths = np.where(swift, energy / np.where(speed > 0, speed, 1.0), np.inf)
    return np.sort(np.where(swift, at, np.nan), axis=-1), widths.min(axis=-1)
