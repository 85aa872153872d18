"""Waveforms recorded by an instrument."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from lzopen.errors import choice, fail, finite_complex, increasing
from lzopen.waveforms.base import Array, Waveform, keep_inside
from lzopen.waveforms.elementary import jet


@dataclass(frozen=True, eq=False)
class Tabulated(Waveform):
    """Recorded points, joined by straight lines or held as steps; never by a spline.

    Before the first point and after the last one the end values are held.

    Parameters
    ----------
    times : (..., k) array_like
        Strictly increasing along the last axis; leading axes make a batch.
    values : (..., k) array_like
        Real or complex values at these times, in the shape of ``times``.
    kind : {"linear", "step"}
        Straight lines between the points, or each value held until the next.

    Raises
    ------
    LzopenError
        If times are unsorted, shapes differ, or a value is not finite.

    Examples
    --------
    >>> Tabulated([0.0, 1.0, 3.0], [0.0, 2.0, 0.0])([0.5, 2.0, 9.0]).tolist()
    [1.0, 1.0, 0.0]
    >>> Tabulated([0.0, 1.0], [-1.0, 1.0], kind="step")(0.9).item()
    -1.0
    """

    times: Any
    values: Any
    kind: str = "linear"
    _slopes: Any = field(init=False, repr=False)
    _lists: Any = field(init=False, repr=False)

    def __post_init__(self) -> None:
        times = increasing("times", self.times, "sort the table and drop repeated times")
        values = finite_complex("values", np.atleast_1d(np.asarray(self.values)))
        if values.shape != times.shape:
            fail("values", f"have the shape of `times`, {times.shape}", f"of shape {values.shape}")
        object.__setattr__(self, "times", times)
        object.__setattr__(self, "values", values)
        choice("kind", self.kind, ("linear", "step"))
        object.__setattr__(self, "_slopes", self._piece_slopes())
        # Plain lists: indexing an array costs more than the whole interpolation.
        lists = [x.tolist() for x in (times, values, self._slopes)] if times.ndim == 1 else None
        object.__setattr__(self, "_lists", lists)

    def _piece_slopes(self) -> Array:
        """Slope of the piece that starts at each point; zero after the last one."""
        slopes = np.zeros_like(self.values)
        if self.kind == "linear":
            slopes[..., :-1] = np.diff(self.values, axis=-1) / np.diff(self.times, axis=-1)
        return slopes

    @property
    def is_complex(self) -> bool:  # type: ignore[override]
        return np.iscomplexobj(self.values)

    def scalar(self, t: float) -> Any:
        if self._lists is None:
            fail("times", "be a single table for a single value", f"of shape {self.times.shape}")
        times, values, slopes = self._lists
        piece = bisect_right(times, t) - 1
        return values[0] if piece < 0 else values[piece] + slopes[piece] * (t - times[piece])

    def taylor(self, t: ArrayLike, order: int) -> Array:
        now = np.asarray(t, dtype=float)
        batch = self.times.shape[:-1]
        if batch and now.ndim <= 1:
            now = np.broadcast_to(now, (*batch, *now.shape))
        elif batch and now.shape[:-1] != batch:  # other axes of the batch stand in front
            wide = np.broadcast_shapes(now.shape[:-1], batch)
            times, values = (
                np.broadcast_to(x, (*wide, x.shape[-1])) for x in (self.times, self.values)
            )
            now = np.broadcast_to(now, (*wide, now.shape[-1]))
            return Tabulated(times, values, self.kind).taylor(now, order)
        rows = now.reshape(*batch, -1) if batch else now
        piece = self._piece(rows)
        first = np.maximum(piece, 0)
        start, value, slope = (self._at(x, first) for x in (self.times, self.values, self._slopes))
        slope = np.where(piece < 0, 0.0, slope)
        value = value + slope * (rows - start)
        return jet(order, value.reshape(now.shape), slope.reshape(now.shape))

    def _piece(self, rows: Array) -> Array:
        """Index of the piece that each time lies in; −1 before the first point."""
        if self.times.ndim == 1:
            return np.searchsorted(self.times, rows, side="right") - 1
        tables, wanted = (x.reshape(-1, x.shape[-1]) for x in (self.times, rows))
        pairs = zip(tables, wanted, strict=True)
        found = [np.searchsorted(table, times, side="right") - 1 for table, times in pairs]
        return np.reshape(found, rows.shape)

    def _at(self, table: Array, index: Array) -> Array:
        if table.ndim == 1:
            return np.asarray(table[index])
        return np.take_along_axis(table, index, axis=-1)

    def kinks(self, t0: ArrayLike, t1: ArrayLike) -> Array:
        jumps = self.times[..., 1:] if self.kind == "step" else self.times
        return keep_inside(jumps, t0, t1)

    def asymptote(self, side: int) -> tuple[Any, float]:
        return self.values[..., 0 if side < 0 else -1], 0
