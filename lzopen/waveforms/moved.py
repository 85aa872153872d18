"""Waveforms moved in time, run backwards, and put one after another."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from lzopen.errors import finite, instance, single
from lzopen.waveforms.base import Array, Waveform, column, join_kinks, keep_inside
from lzopen.waveforms.units import TIME, VALUE


@dataclass(frozen=True, eq=False)
class Retimed(Waveform):
    """w(±(t − origin)): a waveform shifted or reversed in time."""

    waveform: Waveform = field(metadata=VALUE)
    origin: Any = field(metadata=TIME)
    backward: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "origin", finite("dt", self.origin))

    @property
    def direction(self) -> int:
        """+1 forwards, −1 backwards."""
        return -1 if self.backward else 1

    @property
    def is_complex(self) -> bool:  # type: ignore[override]
        return self.waveform.is_complex

    @property
    def is_constant(self) -> bool:  # type: ignore[override]
        return self.waveform.is_constant

    @property
    def period(self) -> Any:
        return self.waveform.period

    def harmonics(self) -> dict[int, Any] | None:
        own = self.waveform.harmonics()
        if own is None or self.is_constant:
            return own
        turn = -2j * np.pi * self.direction * np.asarray(self.origin) / self.period
        return {n * self.direction: c * np.exp(n * turn) for n, c in own.items()}

    def _clock(self, t: ArrayLike) -> Array:
        times = np.asarray(t, dtype=float)
        return self.direction * (times - column(self.origin, times))

    def scalar(self, t: float) -> Any:
        return self.waveform.scalar(self.direction * (t - self.origin))

    def taylor(self, t: ArrayLike, order: int) -> Array:
        if np.ndim(t) == 0:  # a batched origin needs a time axis to stand beside
            return self.taylor(np.reshape(t, 1), order)[..., 0, :]
        jets = self.waveform.taylor(self._clock(t), order)
        return jets * self.direction ** np.arange(order + 1.0)

    def _inner_window(self, t0: ArrayLike, t1: ArrayLike) -> tuple[Array, Array]:
        a = self.direction * (np.asarray(t0) - self.origin)
        b = self.direction * (np.asarray(t1) - self.origin)
        return np.minimum(a, b), np.maximum(a, b)

    def kinks(self, t0: ArrayLike, t1: ArrayLike) -> Array:
        inner = self.waveform.kinks(*self._inner_window(t0, t1))
        return np.sort(self.direction * inner + np.asarray(self.origin)[..., None], axis=-1)

    def landmarks(self) -> Array:
        marks = self.direction * self.waveform.landmarks()
        return np.sort(np.asarray(self.origin)[..., None] + marks, axis=-1)

    def time_scale(self, t0: float, t1: float) -> float:
        a, b = self._inner_window(t0, t1)
        return self.waveform.time_scale(float(a.min()), float(b.max()))

    def asymptote(self, side: int) -> tuple[Any, float] | None:
        return self.waveform.asymptote(side * self.direction)


@dataclass(frozen=True, eq=False)
class Sequence(Waveform):
    """One waveform before ``at``, another from then on, on the same clock."""

    first: Waveform = field(metadata=VALUE)
    second: Waveform = field(metadata=VALUE)
    at: float = field(metadata=TIME)

    def __post_init__(self) -> None:
        instance("other", self.second, Waveform, "e.g. lz.Constant(0.0)")
        at = single("at", finite("at", self.at), "make one sequence for each time")
        object.__setattr__(self, "at", at)

    @property
    def is_complex(self) -> bool:  # type: ignore[override]
        return self.first.is_complex or self.second.is_complex

    def scalar(self, t: float) -> Any:
        return self.first.scalar(t) if t < self.at else self.second.scalar(t)

    def taylor(self, t: ArrayLike, order: int) -> Array:
        early = (np.asarray(t) < self.at)[..., None]
        return np.where(early, self.first.taylor(t, order), self.second.taylor(t, order))

    def kinks(self, t0: ArrayLike, t1: ArrayLike) -> Array:
        before = self.first.kinks(t0, np.minimum(t1, self.at))
        after = self.second.kinks(np.maximum(t0, self.at), t1)
        return join_kinks(before, keep_inside(np.array([self.at]), t0, t1), after)

    def landmarks(self) -> Array:
        return join_kinks(self.first.landmarks(), np.array([self.at]), self.second.landmarks())

    def time_scale(self, t0: float, t1: float) -> float:
        early = self.first.time_scale(t0, min(t1, self.at)) if t0 < self.at else np.inf
        late = self.second.time_scale(max(t0, self.at), t1) if t1 > self.at else np.inf
        return min(early, late)

    def asymptote(self, side: int) -> tuple[Any, float] | None:
        return (self.first if side < 0 else self.second).asymptote(side)
