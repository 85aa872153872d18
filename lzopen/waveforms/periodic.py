"""Periodic drives, all with their maximum at phase zero, as the cosine has."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import factorial

from lzopen.errors import finite, positive
from lzopen.waveforms.base import Array, Waveform, column, keep_inside
from lzopen.waveforms.elementary import jet
from lzopen.waveforms.units import ANGLE, ENERGY, VALUE


@dataclass(frozen=True, eq=False)
class _Periodic(Waveform):
    """The four fields every drive shares.

    Parameters
    ----------
    amplitude : float or ndarray
        A, the largest excursion from the bias; either sign.
    omega : float or ndarray
        ω > 0, in rad per unit of time.
    bias : float or ndarray
        ε₀, the mean.
    phase : float or ndarray
        φ, in rad.
    """

    amplitude: Any = field(metadata=VALUE)
    omega: Any = field(metadata=ENERGY)
    bias: Any = field(default=0.0, metadata=VALUE)
    phase: Any = field(default=0.0, metadata=ANGLE)

    def __post_init__(self) -> None:
        remedy = "it is an angular frequency, 2π over the period"
        object.__setattr__(self, "omega", positive("omega", self.omega, remedy))
        for name in ("amplitude", "bias", "phase"):
            object.__setattr__(self, name, finite(name, getattr(self, name)))

    @property
    def period(self) -> Any:
        return 2 * np.pi / self.omega

    def _fields(self, t: Array) -> tuple[Any, Any, Any, Any]:
        return tuple(column(x, t) for x in (self.amplitude, self.omega, self.bias, self.phase))

    def _phase_kinks(self, t0: ArrayLike, t1: ArrayLike, first: float) -> Array:
        """Times at which ωt + φ = first + nπ."""
        start, end, omega, phase = np.broadcast_arrays(t0, t1, self.omega, self.phase)
        lowest = np.floor((omega * start + phase - first) / np.pi)
        count = int(np.max(omega * (end - start) / np.pi, initial=0.0)) + 3
        turns = lowest[..., None] + np.arange(count)
        return keep_inside((first + np.pi * turns - phase[..., None]) / omega[..., None], t0, t1)


@dataclass(frozen=True, eq=False)
class Sinusoidal(_Periodic):
    """w(t) = ε₀ + A cos(ωt + φ).

    Parameters
    ----------
    amplitude : float or ndarray
        A, as an energy.
    omega : float or ndarray
        ω > 0, in rad per unit of time.
    bias : float or ndarray
        ε₀, as an energy.
    phase : float or ndarray
        φ, in rad.

    Raises
    ------
    LzopenError
        If omega is not positive or a field not finite.

    Examples
    --------
    >>> drive = Sinusoidal(amplitude=2.0, omega=np.pi, bias=1.0)
    >>> drive([0.0, 1.0]).tolist(), drive.period
    ([3.0, -1.0], 2.0)
    """

    def scalar(self, t: float) -> float:
        return self.bias + self.amplitude * math.cos(self.omega * t + self.phase)

    def taylor(self, t: ArrayLike, order: int) -> Array:
        times = np.asarray(t, dtype=float)
        amplitude, omega, bias, phase = self._fields(times)
        angle = omega * times + phase
        power = np.arange(order + 1)
        terms = [amplitude * omega**n * np.cos(angle + n * np.pi / 2) for n in power]
        terms[0] = terms[0] + bias
        return np.stack(np.broadcast_arrays(*terms), axis=-1) / factorial(power)

    def __call__(self, t: ArrayLike) -> Any:
        times = np.asarray(t, dtype=float)
        amplitude, omega, bias, phase = self._fields(times)
        return bias + amplitude * np.cos(omega * times + phase)

    def time_scale(self, t0: float, t1: float) -> float:
        return float(1 / np.max(self.omega))

    def harmonics(self) -> dict[int, Any]:
        half = 0.5 * self.amplitude * np.exp(1j * np.asarray(self.phase))
        return {0: self.bias, 1: half, -1: np.conj(half)}


@dataclass(frozen=True, eq=False)
class Triangle(_Periodic):
    """Straight ramps between ε₀ + A (at ωt + φ = 0) and ε₀ − A (at π).

    Parameters
    ----------
    amplitude : float or ndarray
        A, as an energy; the slope is ±2Aω/π.
    omega : float or ndarray
        ω > 0, in rad per unit of time.
    bias : float or ndarray
        ε₀, as an energy.
    phase : float or ndarray
        φ, in rad.

    Raises
    ------
    LzopenError
        If omega is not positive or a field not finite.

    Examples
    --------
    >>> Triangle(amplitude=2.0, omega=np.pi)([0.0, 0.25, 1.0]).tolist()
    [2.0, 1.0, -2.0]
    """

    def scalar(self, t: float) -> float:
        angle = (self.omega * t + self.phase) % (2 * math.pi)
        return self.bias + self.amplitude * (abs(angle - math.pi) * 2 / math.pi - 1)

    def taylor(self, t: ArrayLike, order: int) -> Array:
        times = np.asarray(t, dtype=float)
        amplitude, omega, bias, phase = self._fields(times)
        angle = (omega * times + phase) % (2 * np.pi)
        value = bias + amplitude * (np.abs(angle - np.pi) * 2 / np.pi - 1)
        return jet(order, value, amplitude * omega * 2 / np.pi * np.where(angle < np.pi, -1, 1))

    def kinks(self, t0: ArrayLike, t1: ArrayLike) -> Array:
        return self._phase_kinks(t0, t1, first=0.0)


@dataclass(frozen=True, eq=False)
class Square(_Periodic):
    """ε₀ + A where cos(ωt + φ) > 0, else ε₀ − A.

    Parameters
    ----------
    amplitude : float or ndarray
        A, as an energy.
    omega : float or ndarray
        ω > 0, in rad per unit of time.
    bias : float or ndarray
        ε₀, as an energy.
    phase : float or ndarray
        φ, in rad.

    Raises
    ------
    LzopenError
        If omega is not positive or a field not finite.

    Examples
    --------
    >>> Square(amplitude=2.0, omega=np.pi)([0.0, 1.0]).tolist()
    [2.0, -2.0]
    """

    def scalar(self, t: float) -> float:
        up = math.cos(self.omega * t + self.phase) > 0
        return self.bias + self.amplitude if up else self.bias - self.amplitude

    def taylor(self, t: ArrayLike, order: int) -> Array:
        times = np.asarray(t, dtype=float)
        amplitude, omega, bias, phase = self._fields(times)
        return jet(order, bias + amplitude * np.where(np.cos(omega * times + phase) > 0, 1, -1))

    def kinks(self, t0: ArrayLike, t1: ArrayLike) -> Array:
        return self._phase_kinks(t0, t1, first=np.pi / 2)
