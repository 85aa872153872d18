"""Straight pieces behind first-order filters: they settle exponentially from each kink on."""

from __future__ import annotations

import math
from bisect import bisect_right
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from lzopen.errors import fail
from lzopen.waveforms.base import Array, Waveform, column, join_kinks, keep_inside
from lzopen.waveforms.elementary import jet
from lzopen.waveforms.pieces import Pieces, decays, settle
from lzopen.waveforms.units import ENERGY, VALUE

_SETTLED = 37.0  # time constants, after which nothing is left: e⁻³⁷ = 1e−16


@dataclass(frozen=True, eq=False)
class Settling(Waveform):
    """Steady response of a low-pass, a high-pass or both to a waveform of straight pieces.

    On a piece x = v + m u of slope m the low-pass of corner a gives y = x − m/a + C e^(−a·u). Its
    low-pass of corner b, which the high-pass takes away from it, is x − m/a − m/b + C b g(u) +
    D e^(−b·u) with g = (e^(−a·u) − e^(−b·u))/(b − a). C and D follow from piece to piece, since
    both are continuous; before the first kink they are zero, and in a period they return.
    """

    waveform: Waveform = field(metadata=VALUE)
    low_pass: Any = field(default=None, metadata=ENERGY)
    high_pass: Any = field(default=None, metadata=ENERGY)
    _pieces: Pieces = field(init=False, repr=False)
    _lists: Any = field(init=False, repr=False)

    def __post_init__(self) -> None:
        pieces = settle(self.waveform, self.low_pass, self.high_pass)
        object.__setattr__(self, "_pieces", pieces)
        # Plain lists: indexing an array costs more than the whole response.
        lists = tuple(x.tolist() for x in pieces) if pieces.start.ndim == 1 else None
        object.__setattr__(self, "_lists", lists)

    @property
    def is_complex(self) -> bool:  # type: ignore[override]
        return self.waveform.is_complex

    @property
    def period(self) -> Any:
        return self.waveform.period

    @property
    def _rates(self) -> list[Any]:
        return [rate for rate in (self.low_pass, self.high_pass) if rate is not None]

    def scalar(self, t: float) -> Any:
        if self._lists is None:
            fail("waveform", "be single for a single value", "a batch", "pick one of its members")
        start, base, slope, fast, slow = self._lists
        if self.period is not None:
            t = start[0] + (t - start[0]) % self.period
        i = max(bisect_right(start, t) - 1, 0)
        own, u = t - start[i], max(t - start[i], 0.0)
        value = base[i] + slope[i] * own
        if self.low_pass is None:
            return value - slow[i] * math.exp(-self.high_pass * u)
        decay = math.exp(-self.low_pass * u)
        if self.high_pass is None:
            return value + fast[i] * decay
        a, b = sorted((self.low_pass, self.high_pass))
        shared = math.exp(-a * u) * (-math.expm1((a - b) * u) / (b - a) if b > a else u)
        decay -= self.high_pass * shared
        return value + fast[i] * decay - slow[i] * math.exp(-self.high_pass * u)

    def taylor(self, t: ArrayLike, order: int) -> Array:
        times = np.asarray(t, dtype=float)
        batch = self._pieces.start.shape[:-1]
        if batch and times.ndim == 0:  # a batch needs a time axis to stand beside
            return self.taylor(times[None], order)[..., 0, :]
        if batch:
            wide = np.broadcast_shapes(times.shape[:-1], batch)
            times = np.broadcast_to(times, (*wide, times.shape[-1]))
        if self.period is not None:
            seam = self._pieces.start[..., 0]
            seam, period = column(seam, times), column(self.period, times)
            times = seam + (times - seam) % period
        start, base, slope, fast, slow = self._at(times)
        own = times - start
        low, high = (None if rate is None else column(rate, times) for rate in self._corners)
        total = jet(order, base + slope * own, slope)
        for n, (f, g) in enumerate(decays(low, high, np.maximum(own, 0.0), order)):
            total[..., n] += fast * f + slow * g
        return total

    @property
    def _corners(self) -> tuple[Any, Any]:
        return self.low_pass, self.high_pass

    def _at(self, times: Array) -> list[Array]:
        """The numbers of the piece that each time lies in."""
        pieces = self._pieces
        if pieces.start.ndim == 1:
            i = np.maximum(np.searchsorted(pieces.start, times, side="right") - 1, 0)
            return [np.asarray(x[i]) for x in pieces]
        shape = (*times.shape[:-1], pieces.start.shape[-1])
        tables = [np.broadcast_to(x, shape).reshape(-1, shape[-1]) for x in pieces]
        rows = times.reshape(-1, times.shape[-1])
        pairs = zip(tables[0], rows, strict=True)
        found = [np.searchsorted(start, row, side="right") - 1 for start, row in pairs]
        i = np.maximum(np.reshape(found, rows.shape), 0)
        return [np.take_along_axis(x, i, axis=-1).reshape(times.shape) for x in tables]

    def kinks(self, t0: ArrayLike, t1: ArrayLike) -> Array:
        """Kinks of what goes in, and where the exponentials that start there have died out."""
        first, last = np.asarray(t0, dtype=float), np.asarray(t1, dtype=float)
        found = [keep_inside(self.waveform.kinks(t0, t1), t0, t1)]
        for rate in self._rates:
            reach = _SETTLED / np.asarray(rate)
            ends = self._settled(first - reach, last, reach[..., None])
            found.append(keep_inside(ends, t0, t1))
        return join_kinks(*found)

    def _settled(self, t0: Array, t1: Array, reach: Array) -> Array:
        """When kinks lie ``reach`` behind; NaN if another one comes first."""
        own = self.waveform.kinks(t0, t1)
        later = np.concatenate([own[..., 1:], np.full((*own.shape[:-1], 1), np.inf)], axis=-1)
        later = np.where(np.isfinite(later), later, np.inf)
        return np.where(own + reach < later, own + reach, np.nan)[..., : own.shape[-1]]

    def time_scale(self, t0: float, t1: float) -> float:
        """The shortest time constant that is still at work."""
        scales = [np.inf]
        for rate in self._rates:
            start = t0 - _SETTLED / np.asarray(rate)
            kinks = self.waveform.kinks(start, np.full(start.shape, t1))
            at_work = np.isfinite(kinks).any(axis=-1)
            scales += np.where(at_work, 1 / np.asarray(rate), np.inf).ravel().tolist()
        return float(min(scales))

    def asymptote(self, side: int) -> tuple[Any, float] | None:
        end = self.waveform.asymptote(side)
        if end is None or self.high_pass is None:
            return end
        coefficient, power = end
        return (side * coefficient / self.high_pass if power else 0.0 * coefficient), 0
