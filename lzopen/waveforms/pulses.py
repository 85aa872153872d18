"""Pulses and steps of hyperbolic shape, for which the dynamics can be solved exactly."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike

from lzopen.errors import finite, positive
from lzopen.waveforms.base import Array, Waveform, column, keep_inside
from lzopen.waveforms.units import TIME, VALUE

_REACH = 37.0  # widths, beyond which nothing is left: e⁻³⁷ = 1e−16


@dataclass(frozen=True, eq=False)
class _Hyperbolic(Waveform):
    """A function of x = (t − t₀)/T, times an amplitude."""

    amplitude: Any = field(metadata=VALUE)
    width: Any = field(metadata=TIME)
    center: Any = field(default=0.0, metadata=TIME)

    def __post_init__(self) -> None:
        object.__setattr__(self, "width", positive("width", self.width))
        for name in ("amplitude", "center"):
            object.__setattr__(self, name, finite(name, getattr(self, name)))

    def _jets(self, t: ArrayLike, order: int) -> tuple[Array, Array]:
        """Taylor coefficients of A sech x and A tanh x in t."""
        times = np.asarray(t, dtype=float)
        amplitude, width, center = (
            column(x, times) for x in (self.amplitude, self.width, self.center)
        )
        x = (times - center) / width
        decay = np.exp(-np.abs(x))
        sech, tanh = [2 * decay / (1 + decay**2)], [np.tanh(x)]
        for n in range(order):  # from sech' = −sech tanh and tanh' = sech²; tails keep their digits
            slope = sum(sech[j] * tanh[n - j] for j in range(n + 1))
            rise = sum(sech[j] * sech[n - j] for j in range(n + 1))
            sech.append(-slope / (n + 1))
            tanh.append(rise / (n + 1))
        scale, rate = np.asarray(amplitude)[..., None], 1 / np.asarray(width)[..., None]
        unit = scale * rate ** np.arange(order + 1)
        return unit * np.stack(sech, axis=-1), unit * np.stack(tanh, axis=-1)

    def kinks(self, t0: ArrayLike, t1: ArrayLike) -> Array:
        """Where the waveform starts and ends to move, to round-off."""
        edges = np.multiply.outer(self.width, np.array([-_REACH, _REACH]))
        return keep_inside(edges + np.asarray(self.center)[..., None], t0, t1)

    def landmarks(self) -> Array:
        return np.asarray(self.center)[..., None] + np.multiply.outer(
            self.width, np.array([-_REACH, 0.0, _REACH])
        )

    def time_scale(self, t0: float, t1: float) -> float:
        return float(np.min(self.width))


@dataclass(frozen=True, eq=False)
class Sech(_Hyperbolic):
    """A pulse, w(t) = A sech((t − t₀)/T), of area πAT.

    Parameters
    ----------
    amplitude : float or ndarray
        A, the peak, as an energy; either sign.
    width : float or ndarray
        T > 0; the full width at half maximum is 2.634 T.
    center : float or ndarray
        t₀, the time of the peak.

    Raises
    ------
    LzopenError
        If the width is not positive or a field not finite.

    References
    ----------
    N. Rosen, C. Zener, Phys. Rev. 40, 502 (1932).

    Examples
    --------
    >>> Sech(amplitude=2.0, width=0.5, center=1.0)([1.0, 1.5]).round(6).tolist()
    [2.0, 1.296109]
    """

    references: ClassVar[tuple[str, ...]] = ("rosen1932",)

    def scalar(self, t: float) -> float:
        decay = math.exp(-abs(t - self.center) / self.width)
        return 2 * self.amplitude * decay / (1 + decay * decay)

    def taylor(self, t: ArrayLike, order: int) -> Array:
        return self._jets(t, order)[0]

    def asymptote(self, side: int) -> tuple[Any, float]:
        return 0.0 * self.amplitude, 0


@dataclass(frozen=True, eq=False)
class Tanh(_Hyperbolic):
    """A smooth step from −A to A, w(t) = A tanh((t − t₀)/T), with the slope A/T at t₀.

    Parameters
    ----------
    amplitude : float or ndarray
        A, half of the step, as an energy; a negative one steps down.
    width : float or ndarray
        T > 0.
    center : float or ndarray
        t₀, the time at which w changes sign.

    Raises
    ------
    LzopenError
        If the width is not positive or a field not finite.

    Examples
    --------
    >>> Tanh(amplitude=2.0, width=0.5)([-9.0, 0.0, 0.5]).round(6).tolist()
    [-2.0, 0.0, 1.523188]
    """

    def scalar(self, t: float) -> float:
        return self.amplitude * math.tanh((t - self.center) / self.width)

    def taylor(self, t: ArrayLike, order: int) -> Array:
        return self._jets(t, order)[1]

    def asymptote(self, side: int) -> tuple[Any, float]:
        return side * self.amplitude, 0
