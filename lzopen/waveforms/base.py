"""The waveform contract: one noun for everything that moves in time."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import optimize

from lzopen.errors import finite, not_zero

Array = NDArray[Any]
ROUND_OFF = 1e-12  # what is smaller, relative to what it is the difference of, is zero


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
        from lzopen.waveforms.moved import Retimed  # made of waveforms, like all that follow

        return Retimed(self, origin=2.0 * finite("about", about), backward=True)

    def shifted(self, dt: Any) -> Waveform:
        """The waveform later by ``dt``: w(t − dt)."""
        from lzopen.waveforms.moved import Retimed

        return Retimed(self, origin=dt)

    def then(self, other: Waveform, at: float) -> Waveform:
        """This waveform before ``at``, ``other`` from ``at`` on, both on the same clock."""
        from lzopen.waveforms.moved import Sequence

        return Sequence(self, other, at)

    def __add__(self, other: Any) -> Waveform:
        """The sum with a waveform, or with a number or a batch of numbers at all times."""
        from lzopen.waveforms.sums import added

        return added(self, other)

    __radd__ = __add__

    def __mul__(self, other: Any) -> Waveform:
        """A multiple, a batch of them for an array, or the product with an envelope."""
        from lzopen.waveforms.product import multiplied

        return multiplied(self, other)

    __rmul__ = __mul__

    def __truediv__(self, divisor: Any) -> Waveform:
        """The waveform over a number, or over each of a batch of numbers."""
        return self * (1.0 / not_zero("divisor", divisor))

    def __neg__(self) -> Waveform:
        return self * -1.0

    def __sub__(self, other: Any) -> Waveform:
        return self + other * -1.0

    def __rsub__(self, other: Any) -> Waveform:
        return -self + other

    @property
    def real(self) -> Waveform:
        """Real part, as a waveform."""
        from lzopen.waveforms.sums import Part

        return Part(self, "real") if self.is_complex else self

    @property
    def imag(self) -> Waveform | None:
        """Imaginary part, as a waveform; None for a real one."""
        from lzopen.waveforms.sums import Part

        return Part(self, "imag") if self.is_complex else None


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
