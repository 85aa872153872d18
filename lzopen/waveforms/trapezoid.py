"""A pulse with straight flanks: there, a wait, and back."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from lzopen.errors import finite, not_negative, positive
from lzopen.waveforms.base import Array, Waveform, column, keep_inside
from lzopen.waveforms.elementary import jet
from lzopen.waveforms.units import SLOPE, TIME, VALUE


@dataclass(frozen=True, eq=False)
class Trapezoid(Waveform):
    """A pulse from ε₀ to ε₀ + A with flanks of slope ±α and a wait in between, about t = 0.

    Where its flanks lead through a crossing this is the pulsed double passage.

    Parameters
    ----------
    amplitude : float or ndarray
        A, as an energy; either sign.
    rate : float or ndarray
        α > 0, energy per time; each flank lasts |A|/α.
    wait : float or ndarray
        Time at the top, zero or above.
    bias : float or ndarray
        ε₀, before and after.

    Raises
    ------
    LzopenError
        If the rate is not positive, the wait negative, or a field not finite.

    Examples
    --------
    >>> pulse = Trapezoid(amplitude=4.0, rate=2.0, wait=1.0, bias=-1.0)
    >>> pulse([-9.0, -1.5, 0.0, 9.0]).tolist(), pulse.kinks(-9.0, 9.0).tolist()
    ([-1.0, 1.0, 3.0, -1.0], [-2.5, -0.5, 0.5, 2.5])
    """

    amplitude: Any = field(metadata=VALUE)
    rate: Any = field(metadata=SLOPE)
    wait: Any = field(default=0.0, metadata=TIME)
    bias: Any = field(default=0.0, metadata=VALUE)

    def __post_init__(self) -> None:
        object.__setattr__(self, "rate", positive("rate", self.rate))
        object.__setattr__(self, "wait", not_negative("wait", self.wait))
        for name in ("amplitude", "bias"):
            object.__setattr__(self, name, finite(name, getattr(self, name)))

    def scalar(self, t: float) -> float:
        size, sign = abs(self.amplitude), 1.0 if self.amplitude > 0 else -1.0
        rise = size + self.rate * (0.5 * self.wait - abs(t))
        return float(self.bias + sign * min(max(rise, 0.0), size))

    def taylor(self, t: ArrayLike, order: int) -> Array:
        times = np.asarray(t, dtype=float)
        fields = (self.amplitude, self.rate, self.wait, self.bias)
        amplitude, rate, wait, bias = (column(x, times) for x in fields)
        size, sign = np.abs(amplitude), np.sign(amplitude)
        top, end = 0.5 * wait, 0.5 * wait + size / rate
        rising, falling = (times >= -end) & (times < -top), (times >= top) & (times < end)
        value = bias + sign * np.clip(size + rate * (top - np.abs(times)), 0.0, size)
        return jet(order, value, sign * rate * (1.0 * rising - 1.0 * falling))

    def kinks(self, t0: ArrayLike, t1: ArrayLike) -> Array:
        return keep_inside(self.landmarks(), t0, t1)

    def landmarks(self) -> Array:
        """Start and end of both flanks, each time once."""
        top = 0.5 * np.asarray(self.wait)
        end = top + np.abs(self.amplitude) / self.rate
        marks = np.stack(np.broadcast_arrays(-end, 0.0 - top, top, end), axis=-1)
        repeated = np.diff(marks, axis=-1, prepend=np.nan) == 0
        return keep_inside(np.where(repeated, np.nan, marks), -np.inf, np.inf)

    def asymptote(self, side: int) -> tuple[Any, float]:
        return self.bias, 0
