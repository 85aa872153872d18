"""Values that a random number takes, each once."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from lzopen.waveforms.base import ROUND_OFF, Array

_EQUAL = 10 * ROUND_OFF  # of the largest energy


class Outcomes(NamedTuple):
    """Values of the work, ascending, with their probabilities; each of shape (…, outcomes)."""

    work: Array
    forward: Array
    backward: Array


def merged(work: Array, forward: Array, backward: Array, scale: Array) -> Outcomes:
    """The distribution of the work from that of pairs of levels (…, final, initial).

    Values that differ by round-off, relative to a scale (…), are one. Where members of a batch
    have fewer values than others, NaN and zeros follow.
    """
    shape = forward.shape[:-2]
    size = forward.shape[-1] * forward.shape[-2]
    values, *weights = (
        np.broadcast_to(part, forward.shape).reshape(-1, size) for part in (work, forward, backward)
    )
    order = np.argsort(values, axis=-1, kind="stable")
    values, *weights = (np.take_along_axis(part, order, axis=-1) for part in (values, *weights))
    least = _EQUAL * np.broadcast_to(scale, shape).reshape(-1, 1)
    group = np.cumsum(np.diff(values, axis=-1, prepend=values[:, :1]) > least, axis=-1)
    count = int(group.max()) + 1
    place = (group + count * np.arange(len(group))[:, None]).ravel()

    def total(part: Array) -> Array:
        sums = np.bincount(place, part.ravel(), minlength=count * len(group))
        return sums.reshape(*shape, count)

    members = total(np.ones_like(values))
    with np.errstate(invalid="ignore"):
        return Outcomes(total(values) / members, *map(total, weights))
