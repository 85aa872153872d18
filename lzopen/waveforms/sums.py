"""Sums of waveforms, their multiples, and the parts of complex ones."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from lzopen.errors import choice, finite_complex
from lzopen.waveforms.base import ROUND_OFF, Array, Waveform, column, join_kinks
from lzopen.waveforms.elementary import Constant
from lzopen.waveforms.periods import common_period, times_in
from lzopen.waveforms.units import NUMBER, VALUE

_POLYNOMIAL = 6  # highest power looked for where leading terms cancel


def added(waveform: Waveform, other: Any) -> Waveform:
    """The sum with another waveform, or with a constant."""
    other = other if isinstance(other, Waveform) else Constant(other)
    return Sum((*_parts(waveform), *_parts(other)))


@dataclass(frozen=True, eq=False)
class Sum(Waveform):
    """Sum of waveforms; written with ``+``."""

    parts: tuple[Waveform, ...] = field(metadata=VALUE)

    @property
    def is_complex(self) -> bool:  # type: ignore[override]
        return any(part.is_complex for part in self.parts)

    @property
    def is_constant(self) -> bool:  # type: ignore[override]
        return all(part.is_constant for part in self.parts)

    @property
    def period(self) -> Any:
        """Shortest time after which all moving parts repeat; None where there is none."""
        return common_period([part.period for part in self.parts if not part.is_constant])

    def harmonics(self) -> dict[int, Any] | None:
        total: dict[int, Any] = {}
        for part in self.parts:
            own = part.harmonics()
            turns = 1 if part.is_constant else times_in(self.period, part.period)
            if own is None or turns is None:
                return None
            for n, c in own.items():
                total[n * turns] = total.get(n * turns, 0.0) + c
        return total

    def scalar(self, t: float) -> Any:
        return sum([part.scalar(t) for part in self.parts])

    def taylor(self, t: ArrayLike, order: int) -> Array:
        return sum(part.taylor(t, order) for part in self.parts)  # type: ignore[return-value]

    def __call__(self, t: ArrayLike) -> Any:
        return sum(part(t) for part in self.parts)

    def kinks(self, t0: ArrayLike, t1: ArrayLike) -> Array:
        return join_kinks(*(part.kinks(t0, t1) for part in self.parts))

    def landmarks(self) -> Array:
        return join_kinks(*(part.landmarks() for part in self.parts))

    def time_scale(self, t0: float, t1: float) -> float:
        return min(part.time_scale(t0, t1) for part in self.parts)

    def asymptote(self, side: int) -> tuple[Any, float] | None:
        ends = [part.asymptote(side) for part in self.parts]
        if any(end is None for end in ends):
            return None
        power = max(end[1] for end in ends if end)
        parts = [end[0] for end in ends if end and end[1] == power]
        leading = _rounded(sum(parts), sum(np.abs(part) for part in parts))
        return (leading, power) if np.all(leading) or power <= 0 else self._polynomial_end(side)

    def _polynomial_end(self, side: int) -> tuple[Any, float] | None:
        """Leading term where those of the parts cancel; only polynomials tell it exactly."""
        jet = self.end_jet(side)
        used = np.flatnonzero(jet.reshape(-1, _POLYNOMIAL + 1).any(axis=0))
        top = int(used[-1]) if used.size else 0
        return None if top == _POLYNOMIAL else (jet[..., top] * side**top, top)

    def end_jet(self, side: int) -> Array:
        """Taylor coefficients beyond the last kink, zero where the parts cancel."""
        bends = self.kinks(np.float64(-np.inf), np.float64(np.inf))
        outermost = np.nanmax(np.abs(bends), axis=-1, initial=0.0)
        t = side * np.where(outermost > 0, 2 * outermost, float(bends.size > 0))
        jets = [part.taylor(t[..., None], _POLYNOMIAL)[..., 0, :] for part in self.parts]
        return np.asarray(_rounded(sum(jets), sum(np.abs(part) for part in jets)))


@dataclass(frozen=True, eq=False)
class Scaled(Waveform):
    """A waveform times a number; written with ``*``."""

    waveform: Waveform = field(metadata=VALUE)
    factor: Any = field(metadata=NUMBER)

    def __post_init__(self) -> None:
        object.__setattr__(self, "factor", finite_complex("factor", self.factor))

    @property
    def is_complex(self) -> bool:  # type: ignore[override]
        return self.waveform.is_complex or np.iscomplexobj(self.factor)

    @property
    def is_constant(self) -> bool:  # type: ignore[override]
        return self.waveform.is_constant

    @property
    def period(self) -> Any:
        return self.waveform.period

    def harmonics(self) -> dict[int, Any] | None:
        own = self.waveform.harmonics()
        return None if own is None else {n: self.factor * c for n, c in own.items()}

    def scalar(self, t: float) -> Any:
        return self.factor * self.waveform.scalar(t)

    def taylor(self, t: ArrayLike, order: int) -> Array:
        return column(column(self.factor, np.asarray(t)), np.zeros(1)) * self.waveform.taylor(
            t, order
        )

    def __call__(self, t: ArrayLike) -> Any:
        return column(self.factor, np.asarray(t)) * self.waveform(t)

    def kinks(self, t0: ArrayLike, t1: ArrayLike) -> Array:
        return self.waveform.kinks(t0, t1)

    def landmarks(self) -> Array:
        return self.waveform.landmarks()

    def time_scale(self, t0: float, t1: float) -> float:
        return self.waveform.time_scale(t0, t1)

    def asymptote(self, side: int) -> tuple[Any, float] | None:
        end = self.waveform.asymptote(side)
        return None if end is None else (self.factor * end[0], end[1])


@dataclass(frozen=True, eq=False)
class Part(Waveform):
    """Real or imaginary part of a complex waveform."""

    waveform: Waveform = field(metadata=VALUE)
    which: str

    def __post_init__(self) -> None:
        choice("which", self.which, ("real", "imag"))

    @property
    def is_constant(self) -> bool:  # type: ignore[override]
        return self.waveform.is_constant

    @property
    def period(self) -> Any:
        return self.waveform.period

    def harmonics(self) -> dict[int, Any] | None:
        own = self.waveform.harmonics()
        if own is None:
            return None
        sign, half = (1, 0.5) if self.which == "real" else (-1, -0.5j)
        every = {*own, *(-n for n in own)}
        return {n: half * (own.get(n, 0.0) + sign * np.conj(own.get(-n, 0.0))) for n in every}

    def scalar(self, t: float) -> float:
        return float(getattr(self.waveform.scalar(t), self.which))

    def taylor(self, t: ArrayLike, order: int) -> Array:
        return np.asarray(getattr(self.waveform.taylor(t, order), self.which))

    def kinks(self, t0: ArrayLike, t1: ArrayLike) -> Array:
        return self.waveform.kinks(t0, t1)

    def landmarks(self) -> Array:
        return self.waveform.landmarks()

    def time_scale(self, t0: float, t1: float) -> float:
        return self.waveform.time_scale(t0, t1)

    def asymptote(self, side: int) -> tuple[Any, float] | None:
        end = self.waveform.asymptote(side)
        return None if end is None else (getattr(np.asarray(end[0]), self.which)[()], end[1])


def _rounded(total: Any, size: Any) -> Any:
    """A sum, with zero where its parts of this total size cancel but for round-off."""
    return np.where(np.abs(total) > ROUND_OFF * size, total, 0.0)[()]


def _parts(waveform: Waveform) -> tuple[Waveform, ...]:
    return waveform.parts if isinstance(waveform, Sum) else (waveform,)
