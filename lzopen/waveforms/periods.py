"""Periods of waveforms that move together."""

from __future__ import annotations

import functools
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

_LARGEST, _EXACT = 64, 1e-12  # turns of the longest period, and how well others fit


def common_period(periods: list[Any]) -> Any:
    """Shortest time that is a whole number of each period, number or array; None without one.

    Periods fit if up to 64 of the longest one are a whole number of each.
    """
    if not periods or any(period is None for period in periods):
        return None
    longest, turns = functools.reduce(np.maximum, periods), 1
    for period in periods:
        fitting = _denominators(np.asarray(longest / period))
        if fitting is None:
            return None
        turns = np.lcm(turns, fitting)
    return longest * turns


def _denominators(ratios: NDArray[Any]) -> Any:
    """Denominators of ratios of small whole numbers; None unless all ratios are."""
    found = [Fraction(ratio).limit_denominator(_LARGEST) for ratio in ratios.ravel().tolist()]
    nearest = np.reshape([float(fraction) for fraction in found], ratios.shape)
    if np.any(np.abs(ratios - nearest) > _EXACT * nearest):
        return None
    return np.reshape([fraction.denominator for fraction in found], ratios.shape)[()]


def times_in(whole: Any, period: Any) -> int | None:
    """How often a period fits into a longer one; None unless the same for a whole batch."""
    if whole is None or period is None:
        return None
    times = np.unique(np.rint(np.asarray(whole / period)))
    return int(times[0]) if times.size == 1 else None
