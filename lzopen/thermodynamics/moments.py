"""Averages of a stream of numbers, block by block."""

from __future__ import annotations

from typing import Any

import numpy as np

from lzopen.waveforms.base import Array


class Moments:
    """Mean and variance along the first axis of all blocks so far."""

    def __init__(self) -> None:
        self.count = 0
        self.mean: Any = 0.0
        self._squares: Any = 0.0

    def add(self, values: Array) -> None:
        """One more block (runs, …), merged without cancellation."""
        runs, mean = len(values), values.mean(axis=0)
        total = self.count + runs
        with np.errstate(invalid="ignore"):  # what is infinite once has no variance
            apart = mean - self.mean
            own = ((values - mean) ** 2).sum(axis=0)
            self._squares = self._squares + own + apart**2 * self.count * runs / total
            infinite = np.isinf(mean) | np.isinf(self.mean)
            self.mean = np.where(infinite, np.inf, self.mean + apart * runs / total)[()]
        self.count = total

    @property
    def variance(self) -> Any:
        """Of a single number, estimated from all."""
        return self._squares / (self.count - 1)

    @property
    def standard_error(self) -> Any:
        """Of the mean."""
        return np.sqrt(self.variance / self.count)
