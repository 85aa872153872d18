"""Periods of waveforms that move together."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

_LARGEST, _EXACT = 64, 1e-12  # whole numbers in a ratio of two periods, and how well they fit


def common_period(periods: list[Any]) -> Any:
    """Shortest time that is a whole number of each period, number or array; None without one."""
    if not periods or any(period is None for period in periods):
        return None
    first, turns = periods[0], 1
    for period in periods[1:]:
        fitting = _denominators(np.asarray(first / period))
        if fitting is None:
            return None
        turns = np.lcm(turns, fitting)
    return first * turns


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
