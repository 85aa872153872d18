"""How many harmonics a driven state has, and in which order the members of a batch are worked off.

Under a drive of x = A/ω the coherence between two levels at distance E is at times as fast as
E/ω + x, and has harmonics up to there, if E/ω is within reach of the drive. Beyond they fall off
like a Bessel function beyond its turning point, within a few x^{1/3}. An average over a
period feels what is cut off in second order, an instant in first.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from lzopen.waveforms.base import Array

# Bessel functions J_n(x) are below 3e-9 and 1e-15 from n = x + width x^{1/3} + rest on.
_WIDTH_AND_REST = {False: (6.5, 3.0), True: (10.0, 4.5)}


def harmonics(swing: Array, reach: Array, instant: bool) -> Array:
    """Numbers of harmonics for the largest A/ω of each member, and the largest E/ω in reach."""
    width, rest = _WIDTH_AND_REST[instant]
    return np.ceil(swing + width * np.cbrt(swing) + rest + reach).astype(int)


def reach(swing: Array, least: Array, most: Array) -> Array:
    """Largest distance of levels within reach, from bounds of all (…, pairs), in units of ω.

    A coherence within reach takes others along whose motion is as fast at some time.
    """
    limit = _direct(swing)
    for _ in range(least.shape[-1] - 1):
        within = np.where(least <= limit[..., None], most, 0.0).max(axis=-1)
        limit = np.maximum(limit, np.where(within > 0, within + swing + _direct(swing), 0.0))
    return np.minimum(most.max(axis=-1), limit)


def _direct(swing: Array) -> Array:
    """Distances of levels between which the drive alone makes transitions that count."""
    return 1.3 * swing + 4.0


class Members:
    """The members of a batch in chunks, those that need the most harmonics first.

    Parameters
    ----------
    counts : ndarray
        Numbers of harmonics, in the shape of the batch.
    size : int
        Members of a chunk.

    Attributes
    ----------
    chunks : list of (places, counts)
        Of each member its index along every axis of the batch, and how many harmonics it needs.
    """

    def __init__(self, counts: Array, size: int) -> None:
        flat, shape = counts.reshape(-1), counts.shape or (1,)
        self._order = np.arange(flat.size)
        if flat.size > size:
            small = flat.max() < np.iinfo(np.int16).max  # for which NumPy sorts faster
            self._order = np.argsort(-(flat.astype(np.int16) if small else flat), kind="stable")
        rows = [self._order[at : at + size] for at in range(0, flat.size, size)]
        self.chunks = [(np.unravel_index(row, shape), flat[row]) for row in rows]

    def restore(self, parts: list[tuple[Any, ...]], xp: Any) -> list[Any]:
        """What was found for every chunk, in the order of the batch."""
        if len(parts) == 1:
            return list(parts[0])
        place = np.empty_like(self._order)
        place[self._order] = np.arange(place.size)
        index = xp.asarray(place)
        return [xp.take(xp.concat(list(p)), index, axis=0) for p in zip(*parts, strict=True)]


def picked(values: Array, places: tuple[Array, ...], kept: int = 0) -> Array:
    """Rows of members from an array with batch axes in front of those that are kept.

    One row stays where all members are the same.
    """
    batch, own = values.shape[: values.ndim - kept], values.shape[values.ndim - kept :]
    if math.prod(batch) == 1:
        return values.reshape(1, *own)
    axes = places[len(places) - len(batch) :]
    return values[tuple(at if n > 1 else 0 for at, n in zip(axes, batch, strict=True))]


def compact(values: Array, kept: int = 0, slack: float = 0.0) -> Array:
    """An array with those batch axes cut to size one along which all members are the same.

    Imaginary parts may differ by the slack, which is for round-off in distances of energies.
    """
    for axis, size in enumerate(values.shape[: values.ndim - kept]):
        if size > 1:
            first = values.take([0], axis)
            same = (values.real == first.real) & (np.abs(values.imag - first.imag) <= slack)
            values = first if same.all() else values
    return values
