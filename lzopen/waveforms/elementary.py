"""Waveforms given by one formula: constant, linear and power-law sweeps."""

from __future__ import annotations

import cmath
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import binom

from lzopen.errors import choice, finite, finite_complex, not_zero, positive, single
from lzopen.waveforms.base import Array, Waveform, column, keep_inside
from lzopen.waveforms.units import CHIRP, ENERGY, NUMBER, SLOPE, TIME, VALUE, Driven


def jet(order: int, *coefficients: Any) -> Array:
    """Stack the given low-order Taylor coefficients and fill up with zeros."""
    filled = [*coefficients, *[np.zeros(())] * (order + 1 - len(coefficients))][: order + 1]
    return np.stack(np.broadcast_arrays(*filled), axis=-1)


@dataclass(frozen=True, eq=False)
class Constant(Waveform):
    """w(t) = value.

    Parameters
    ----------
    value : float or complex or ndarray
        The constant, as an energy.

    Examples
    --------
    >>> float(Constant(0.3)(7.0))
    0.3
    """

    value: Any = field(metadata=VALUE)
    is_constant = True

    def __post_init__(self) -> None:
        object.__setattr__(self, "value", finite_complex("value", self.value))

    @property
    def is_complex(self) -> bool:  # type: ignore[override]
        return np.iscomplexobj(self.value)

    def scalar(self, t: float) -> Any:
        return self.value

    def taylor(self, t: ArrayLike, order: int) -> Array:
        times = np.asarray(t, dtype=float)
        return jet(order, column(self.value, times) + np.zeros_like(times))

    def harmonics(self) -> dict[int, Any]:
        return {0: self.value}

    def asymptote(self, side: int) -> tuple[Any, float]:
        return self.value, 0


@dataclass(frozen=True, eq=False)
class Linear(Waveform):
    """w(t) = α t, the Landau–Zener sweep.

    Parameters
    ----------
    rate : float or ndarray
        α, energy per time; either sign, not zero.

    Raises
    ------
    LzopenError
        If the rate is zero or not finite.

    Examples
    --------
    >>> float(Linear(rate=2.0)(-1.5))
    -3.0
    """

    rate: Any = field(metadata=SLOPE)

    def __post_init__(self) -> None:
        rate = not_zero("rate", self.rate, "use Constant for a level that does not move")
        object.__setattr__(self, "rate", rate)

    def scalar(self, t: float) -> float:
        return self.rate * t

    def taylor(self, t: ArrayLike, order: int) -> Array:
        times = np.asarray(t, dtype=float)
        rate = column(self.rate, times)
        return jet(order, rate * times, rate)

    def landmarks(self) -> Array:
        return np.zeros(1)

    def asymptote(self, side: int) -> tuple[Any, float]:
        return side * self.rate, 1


@dataclass(frozen=True, eq=False)
class PowerLaw(Waveform):
    """w(t) = κ sgn(t)|t|^N (a crossing) or κ|t|^N (levels that touch).

    Parameters
    ----------
    scale : float or ndarray
        κ, energy per time^N; not zero.
    exponent : float
        N > 0. Below one the slope at t = 0 is infinite, which does *not* make
        the passage diabatic.
    kind : {"crossing", "touching"}
        Odd or even in time.

    Raises
    ------
    LzopenError
        If the scale is zero, the exponent not positive or the kind unknown.

    References
    ----------
    N. V. Vitanov and K.-A. Suominen, Phys. Rev. A 59, 4580 (1999).

    Examples
    --------
    >>> PowerLaw(scale=2.0, exponent=0.5)([-4.0, 4.0]).tolist()
    [-4.0, 4.0]
    """

    references: ClassVar[tuple[str, ...]] = ("vitanov1999nonlinear",)
    scale: Any = field(metadata={"unit": lambda power: Driven(power.exponent)})
    exponent: float = field(metadata=NUMBER)
    kind: str = "crossing"

    def __post_init__(self) -> None:
        object.__setattr__(self, "scale", not_zero("scale", self.scale))
        exponent = single("exponent", positive("exponent", self.exponent), "make one for each")
        object.__setattr__(self, "exponent", exponent)
        choice("kind", self.kind, ("crossing", "touching"))

    @property
    def _sign(self) -> int:
        return -1 if self.kind == "crossing" else 1

    def scalar(self, t: float) -> float:
        magnitude = self.scale * abs(t) ** self.exponent
        return self._sign * magnitude if t < 0 else magnitude

    def taylor(self, t: ArrayLike, order: int) -> Array:
        times = np.asarray(t, dtype=float)
        size, direction = np.abs(times)[..., None], np.where(times < 0, -1.0, 1.0)[..., None]
        power = np.arange(order + 1.0)
        with np.errstate(divide="ignore", invalid="ignore"):
            local = binom(self.exponent, power) * size ** (self.exponent - power)
        # At t = 0 an integer power has a jet; a broken one has infinite slopes.
        local = np.where(binom(self.exponent, power) == 0, 0.0, local)
        sign = np.where(direction < 0, float(self._sign), 1.0)
        scale = column(column(self.scale, times), power)
        return scale * sign * direction**power * local

    def kinks(self, t0: ArrayLike, t1: ArrayLike) -> Array:
        analytic = self.exponent % 2 == (1 if self.kind == "crossing" else 0)
        return keep_inside(np.array([] if analytic else [0.0]), t0, t1)

    def landmarks(self) -> Array:
        return np.zeros(1)

    def asymptote(self, side: int) -> tuple[Any, float]:
        return (self._sign if side < 0 else 1) * self.scale, self.exponent


@dataclass(frozen=True, eq=False)
class DoublePassage(Waveform):
    """w(t) = ε_max − α|t|: through the crossing, up to the turning point, and back.

    Parameters
    ----------
    rate : float or ndarray
        α > 0, energy per time.
    turning_point : float or ndarray
        ε_max, the bias reached at t = 0; the crossings lie at t = ±ε_max/α.

    Raises
    ------
    LzopenError
        If the rate or the turning point is not positive.

    Examples
    --------
    >>> DoublePassage(rate=2.0, turning_point=10.0).crossings(-20, 20).tolist()
    [-5.0, 5.0]
    """

    rate: Any = field(metadata=SLOPE)
    turning_point: Any = field(metadata=VALUE)

    def __post_init__(self) -> None:
        object.__setattr__(self, "rate", positive("rate", self.rate))
        remedy = "below zero the sweep turns before it reaches the crossing"
        object.__setattr__(
            self, "turning_point", positive("turning_point", self.turning_point, remedy)
        )

    def scalar(self, t: float) -> float:
        return self.turning_point - self.rate * abs(t)

    def taylor(self, t: ArrayLike, order: int) -> Array:
        times = np.asarray(t, dtype=float)
        slope = column(self.rate, times) * np.where(times < 0, 1.0, -1.0)
        return jet(order, column(self.turning_point, times) + slope * times, slope)

    def kinks(self, t0: ArrayLike, t1: ArrayLike) -> Array:
        return keep_inside(np.array([0.0]), t0, t1)

    def asymptote(self, side: int) -> tuple[Any, float]:
        return -self.rate, 1


@dataclass(frozen=True, eq=False)
class Rotating(Waveform):
    """A coupling that turns in the complex plane: Δ e^{iφ(t)}, φ = ωt + χt²/2.

    A constant ω only moves the crossing, by ω/α in time; a chirp χ changes
    the sweep rate α to α − χ.

    Parameters
    ----------
    gap : float or complex or ndarray
        Δ, the coupling at t = 0.
    omega : float or ndarray
        ω, in rad per unit of time.
    chirp : float or ndarray
        χ, in rad per unit of time squared.

    Raises
    ------
    LzopenError
        If a field is not finite.

    Examples
    --------
    >>> float(round(abs(Rotating(0.5, omega=2.0)(3.0)), 12))
    0.5
    """

    gap: Any = field(metadata=VALUE)
    omega: Any = field(metadata=ENERGY)
    chirp: Any = field(default=0.0, metadata=CHIRP)
    is_complex = True

    def __post_init__(self) -> None:
        object.__setattr__(self, "gap", finite_complex("gap", self.gap))
        object.__setattr__(self, "omega", finite("omega", self.omega))
        object.__setattr__(self, "chirp", finite("chirp", self.chirp))

    @property
    def period(self) -> Any:
        turns = np.all(self.omega) and not np.any(self.chirp)
        return 2 * np.pi / np.abs(self.omega) if turns else None

    def harmonics(self) -> dict[int, Any] | None:
        direction = np.unique(np.sign(self.omega))
        known = self.period is not None and direction.size == 1
        return {int(direction[0]): self.gap} if known else None

    def scalar(self, t: float) -> complex:
        return complex(self.gap * cmath.exp(1j * t * (self.omega + 0.5 * self.chirp * t)))

    def taylor(self, t: ArrayLike, order: int) -> Array:
        times = np.asarray(t, dtype=float)
        gap, omega, chirp = (column(x, times) for x in (self.gap, self.omega, self.chirp))
        terms = [gap * np.exp(1j * times * (omega + 0.5 * chirp * times))]
        before: Any = 0.0  # from w' = i(ω + χt) w, order by order
        for power in range(order):
            terms.append(1j * ((omega + chirp * times) * terms[-1] + chirp * before) / (power + 1))
            before = terms[-2]
        return np.stack(terms, axis=-1)

    def time_scale(self, t0: float, t1: float) -> float:
        fastest = max(np.max(np.abs(self.omega + self.chirp * t)) for t in (t0, t1))
        return float(1 / fastest) if fastest else np.inf


@dataclass(frozen=True, eq=False)
class SignFlip(Waveform):
    """A coupling that changes sign at once: Δ before ``at``, −Δ from then on.

    Parameters
    ----------
    gap : float or complex or ndarray
        Δ before the flip.
    at : float
        Time of the flip.

    Raises
    ------
    LzopenError
        If a field is not finite.

    Examples
    --------
    >>> SignFlip(1.0, at=0.0)([-1.0, 1.0]).tolist()
    [1.0, -1.0]
    """

    gap: Any = field(metadata=VALUE)
    at: Any = field(metadata=TIME)

    def __post_init__(self) -> None:
        object.__setattr__(self, "gap", finite_complex("gap", self.gap))
        object.__setattr__(self, "at", finite("at", self.at))

    @property
    def is_complex(self) -> bool:  # type: ignore[override]
        return np.iscomplexobj(self.gap)

    def scalar(self, t: float) -> Any:
        return self.gap if t < self.at else -self.gap

    def taylor(self, t: ArrayLike, order: int) -> Array:
        times = np.asarray(t, dtype=float)
        sign = np.where(times < column(self.at, times), 1.0, -1.0)
        return jet(order, column(self.gap, times) * sign)

    def kinks(self, t0: ArrayLike, t1: ArrayLike) -> Array:
        return keep_inside(np.asarray(self.at)[..., None], t0, t1)

    def asymptote(self, side: int) -> tuple[Any, float]:
        return -side * self.gap, 0
