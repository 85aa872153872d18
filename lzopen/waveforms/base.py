"""The waveform contract: one noun for everything that moves in time."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import optimize

from lzopen.errors import choice, finite, finite_complex, instance, single
from lzopen.waveforms.periods import common_period, times_in
from lzopen.waveforms.units import NUMBER, TIME, VALUE

Array = NDArray[Any]
ROUND_OFF = 1e-12  # what is smaller, relative to what it is the difference of, is zero
_POLYNOMIAL = 6  # highest power looked for where leading terms cancel
Number = float | complex


def column(field: Any, t: Array) -> Any:
    """Let a batched field broadcast against times, whose axis is the last one."""
    return field[..., None] if isinstance(field, np.ndarray) and field.ndim and t.ndim else field


class Waveform(ABC):
    """A real or complex function of time.

    A subclass is a frozen dataclass that supplies `scalar`, the value at one
    time without NumPy, which is what QuTiP calls, and `taylor`, the
    local power series, from which array values and derivatives follow.

    Fields may be arrays: the waveform is then a batch, and ``w(t)`` has the
    shape ``batch + t.shape``, or that of ``t`` where ``t`` already carries the
    batch axes in front of its time axis.
    """

    period: Any = None
    is_complex: bool = False
    is_constant: bool = False
    __array_ufunc__ = None  # array * waveform is a batch, not an array of waveforms

    @abstractmethod
    def scalar(self, t: float) -> Any:
        """Value at one time, in plain Python numbers."""

    def _real_scalar(self, t: float) -> float:
        return float(self.scalar(t))

    @property
    def coefficient(self) -> Callable[[float], Any]:
        """The bound method that QuTiP is given.

        Its return type tells QuTiP whether it is real; an untyped one costs a third more
        in a master equation, since it is called again for its conjugate.
        """
        typed = self.scalar.__annotations__["return"] == "float"
        return self.scalar if typed or self.is_complex else self._real_scalar

    @abstractmethod
    def taylor(self, t: ArrayLike, order: int) -> Array:
        """Coefficients cₗ of w(t+s) = Σ cₗ sˡ, l = 0…order, on a new last axis."""

    def __call__(self, t: ArrayLike) -> Any:
        """Values on an array of times."""
        return self.taylor(t, 0)[..., 0]

    def derivative(self, t: ArrayLike) -> Any:
        """Time derivative on an array of times (from the right at a kink)."""
        return self.taylor(t, 1)[..., 1]

    def kinks(self, t0: ArrayLike, t1: ArrayLike) -> Array:
        """Times inside (t0, t1) where the waveform is not smooth, or starts or ends to move.

        On the last axis; a batch pads its rows with NaN. Steps end there.
        """
        return np.empty((*np.broadcast_shapes(np.shape(t0), np.shape(t1)), 0))

    def landmarks(self) -> Array:
        """Times around which a waveform that has a limit does what it does, in order.

        On the last axis; a batch pads its rows with NaN. What repeats for ever has none.
        """
        if self.period is not None:
            return np.empty(0)
        return self.kinks(np.float64(-np.inf), np.float64(np.inf))

    def crossings(self, t0: float, t1: float) -> Array:
        """Times inside (t0, t1) where a real waveform changes sign."""
        spacing = min(self.time_scale(t0, t1) / 8, (t1 - t0) / 200)
        inner = np.unique(self.kinks(t0, t1))
        edges = np.concatenate([[t0], inner[np.isfinite(inner)], [t1]])
        count = np.maximum(2, np.ceil(np.diff(edges) / spacing).astype(int) + 1)
        pairs = zip(edges[:-1], edges[1:], count, strict=True)
        t = np.unique(np.concatenate([np.linspace(a, b, n) for a, b, n in pairs]))
        sign = np.sign(self(t))
        turns = np.flatnonzero(sign[:-1] * sign[1:] < 0)
        exact = np.finfo(float).eps * (t1 - t0)
        roots = [optimize.bisect(self.scalar, t[i], t[i + 1], xtol=exact) for i in turns]
        touched = t[1:-1][(sign[1:-1] == 0) & (sign[:-2] * sign[2:] < 0)]
        return np.sort(np.concatenate([roots, touched]))

    def time_scale(self, t0: float, t1: float) -> float:
        """Shortest time in which the waveform bends between its kinks; ∞ for straight pieces."""
        return np.inf

    def asymptote(self, side: int) -> tuple[Any, float] | None:
        """(c, p) of the leading term c|t|^p as t → side·∞, or None where there is none."""
        return None

    def harmonics(self) -> dict[int, Any] | None:
        """Coefficients cₙ of w(t) = Σ cₙ e^{inωt}, ω = 2π/period, by n; None if there is no end."""
        return None

    def reversed(self, about: float = 0.0) -> Waveform:
        """The waveform run backwards: w(2·about − t)."""
        return Retimed(self, origin=2.0 * finite("about", about), backward=True)

    def shifted(self, dt: Any) -> Waveform:
        """The waveform later by ``dt``: w(t − dt)."""
        return Retimed(self, origin=dt)

    def then(self, other: Waveform, at: float) -> Waveform:
        """This waveform before ``at``, ``other`` from ``at`` on, both on the same clock."""
        return Sequence(self, other, at)

    def __add__(self, other: Waveform) -> Waveform:
        return (
            Sum((*_parts(self), *_parts(other))) if isinstance(other, Waveform) else NotImplemented
        )

    def __mul__(self, factor: Any) -> Waveform:
        if isinstance(factor, Waveform):
            from lzopen.waveforms.product import Product  # itself a Waveform

            return Product(self, factor)
        return Scaled(self, factor)

    __rmul__ = __mul__

    def __neg__(self) -> Waveform:
        return Scaled(self, -1.0)

    def __sub__(self, other: Waveform) -> Waveform:
        return self + (-other)

    @property
    def real(self) -> Waveform:
        """Real part, as a waveform."""
        return Part(self, "real") if self.is_complex else self

    @property
    def imag(self) -> Waveform | None:
        """Imaginary part, as a waveform; None for a real one."""
        return Part(self, "imag") if self.is_complex else None


def _rounded(total: Any, size: Any) -> Any:
    """A sum, with zero where its parts of this total size cancel but for round-off."""
    return np.where(np.abs(total) > ROUND_OFF * size, total, 0.0)[()]


def _parts(waveform: Waveform) -> tuple[Waveform, ...]:
    return waveform.parts if isinstance(waveform, Sum) else (waveform,)


def join_kinks(*rows: Array) -> Array:
    """Merge kink arrays along the last axis, sorted, NaN last."""
    batch = np.broadcast_shapes(*(row.shape[:-1] for row in rows))
    wide = [np.broadcast_to(row, (*batch, row.shape[-1])) for row in rows]
    return np.sort(np.concatenate(wide, axis=-1), axis=-1)


def keep_inside(times: Array, t0: ArrayLike, t1: ArrayLike) -> Array:
    """Replace times outside (t0, t1) by NaN, sort, and drop empty columns."""
    lower, upper = np.asarray(t0)[..., None], np.asarray(t1)[..., None]
    inside = np.sort(np.where((times > lower) & (times < upper), times, np.nan), axis=-1)
    return inside[..., : int(np.isfinite(inside).sum(axis=-1).max(initial=0))]


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
