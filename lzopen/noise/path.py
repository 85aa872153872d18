"""Realisations of a noise that continue where the last call ended."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from lzopen.errors import fail, finite
from lzopen.waveforms.base import ROUND_OFF, Array


class Path(ABC):
    """Independent realisations of ξ(t), made as time goes on; see `Noise.draw`.

    A subclass supplies `_values` and `_integrals`, which fill arrays for one slice of times,
    and finds in ``_time`` where the slice before ended, None at the start.

    Parameters
    ----------
    size : int
        Number of realisations.
    rng : numpy.random.Generator
        Where the random numbers come from.
    """

    _slice_size = 2**15  # numbers in one slice of a row of the result: it stays in the cache

    def __init__(self, size: int, rng: np.random.Generator) -> None:
        self.size = size
        self._rng = rng
        self._time: float | None = None

    @abstractmethod
    def _values(self, times: Array, out: Array) -> None:
        """Fill ``out`` with ξ at these times, the first of which may be the last of before."""

    @abstractmethod
    def _integrals(self, edges: Array, mean: Array, slope: Array) -> None:
        """Fill the two integrals over the steps between the edges."""

    def values(self, times: ArrayLike) -> Array:
        """ξ at times that do not decrease.

        Parameters
        ----------
        times : (n,) array_like
            The first may equal the last time of the call before, but not lie before it.

        Returns
        -------
        (n, size) ndarray

        Raises
        ------
        LzopenError
            If the times decrease, or begin before the last call ended.
        """
        points = self._in_order("times", times)
        out = np.empty((points.size, self.size))
        for start, stop in self._slices(points.size):
            self._values(points[start:stop], out[start:stop])
            self._time = float(points[stop - 1])
        return out

    def integrals(self, edges: ArrayLike) -> tuple[Array, Array]:
        """I₀ = ∫ξ dt and I₁ = ∫(t − t_middle) ξ dt over the steps between the edges.

        Exact in their joint distribution, along the path too.

        Parameters
        ----------
        edges : (n + 1,) array_like
            Times that do not decrease, from where the last call ended. A step of no length
            has integrals of zero.

        Returns
        -------
        I0, I1 : (n, size) ndarray

        Raises
        ------
        LzopenError
            If the edges decrease, or do not begin where the last call ended.
        """
        points = self._in_order("edges", edges)
        span = points[-1] - points[0] + np.abs(points).max()
        if self._time is not None and abs(points[0] - self._time) > ROUND_OFF * span:
            fail("edges", f"begin where the last call ended, {self._time:g}", f"{points[0]:g}")
        self._time = float(points[0])
        mean, slope = np.empty((2, points.size - 1, self.size))
        for start, stop in self._slices(points.size - 1):
            self._integrals(points[start : stop + 1], mean[start:stop], slope[start:stop])
            self._time = float(points[stop])
        return mean, slope

    def _slices(self, count: int) -> list[tuple[int, int]]:
        length = max(1, self._slice_size // self.size)
        return [(start, min(start + length, count)) for start in range(0, count, length)]

    def _in_order(self, argument: str, times: Any) -> Array:
        points = np.asarray(finite(argument, times))
        if points.ndim != 1 or not points.size:
            fail(argument, "be one row of times", f"of shape {points.shape}")
        back = np.flatnonzero(np.diff(points) < 0)
        if back.size:
            shown = f"{points[back[0]]:g} followed by {points[back[0] + 1]:g}"
            fail(argument, "not decrease", shown, "sort them")
        if self._time is not None and points[0] < self._time - ROUND_OFF * np.abs(points).max():
            fail(argument, f"not begin before the last call ended, {self._time:g}", points[0])
        return points

    def _since(self, times: Array) -> Array:
        """Steps that lead to the times, the first one from where the last call ended."""
        return np.diff(times, prepend=times[0] if self._time is None else self._time)


class SumPath(Path):
    """The sum of independent paths."""

    def __init__(self, parts: Sequence[Path], rng: np.random.Generator) -> None:
        super().__init__(parts[0].size, rng)
        self._parts = parts

    def _slices(self, count: int) -> list[tuple[int, int]]:
        return [(0, count)] if count else []  # the parts have slices of their own

    def _values(self, times: Array, out: Array) -> None:
        out[...] = sum(part.values(times) for part in self._parts)

    def _integrals(self, edges: Array, mean: Array, slope: Array) -> None:
        pairs = [part.integrals(edges) for part in self._parts]
        mean[...] = sum(pair[0] for pair in pairs)
        slope[...] = sum(pair[1] for pair in pairs)
