"""Sums of asymptotic series, which end where their terms are smallest."""

from __future__ import annotations

import numpy as np

from lzopen.waveforms.base import Array

_ENVELOPE = 4  # terms; single coefficients may vanish by symmetry
_GEOMETRIC = 5.0  # times its first term is the rest of a series whose terms fall by a fifth each


def truncation(size: Array) -> tuple[Array, Array]:
    """The last term to add up, from sizes of terms, and the largest of a few that follow."""
    last = len(size) - _ENVELOPE
    envelope = np.maximum.reduce([size[m : m + last] for m in range(1, 1 + _ENVELOPE)])
    best = envelope.argmin(axis=0)
    return best, np.take_along_axis(envelope, best[None], axis=0)[0]


def sum_asymptotic(series: Array) -> tuple[Array, Array]:
    """Sum up to the smallest envelope of a few consecutive terms, which is the error."""
    best, error = truncation(np.abs(series).max(axis=-1, initial=0.0))
    partial = np.cumsum(series, axis=0)
    return np.take_along_axis(partial, best[None, ..., None], axis=0)[0], error


def sum_powers(series: Array) -> tuple[Array, Array]:
    """The same for powers of 1/t, which may fall no faster than those of a geometric series."""
    total, error = sum_asymptotic(series)
    return total, _GEOMETRIC * error
