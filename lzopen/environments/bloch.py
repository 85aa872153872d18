"""The vector along which the levels of a two-level Hamiltonian point."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from lzopen.conventions import SIGMA_X, SIGMA_Y, SIGMA_Z
from lzopen.environments.base import Terms
from lzopen.errors import fail
from lzopen.waveforms import Constant
from lzopen.waveforms.base import Array, Waveform, column, join_kinks, keep_inside
from lzopen.waveforms.periods import common_period
from lzopen.waveforms.sums import Sum

PAULI = (SIGMA_X, SIGMA_Y, SIGMA_Z)
_SAMPLES, _SAMPLES_PER_BEND, _BISECTIONS = 401, 8, 60
_FROZEN = 700.0  # E/T, beyond which e^(−E/T) is none
_FRACTIONS = 20  # of a continued fraction, more than any order that is asked for

Field = tuple[tuple[tuple[float, float, float], Waveform], ...]


def bloch_field(terms: Terms) -> Field:
    """((x, y, z), waveform) with H = ½ Σ w (x σx + y σy + z σz) for the Hermitian part of H.

    w A and its adjoint share the Hermitian part Re(w) ½(A + A†) + Im(w) ½i(A − A†).
    """
    real = [(matrix, w.real) for matrix, w in terms]
    imaginary = [(1j * matrix, w.imag) for matrix, w in terms if w.imag is not None]
    return tuple((_components(matrix), w) for matrix, w in real + imaginary)


def _components(matrix: Array) -> tuple[float, float, float]:
    x, y, z = (float((matrix @ pauli).trace().real) for pauli in PAULI)
    return x, y, z


def bloch_vector(field: Field, t: float) -> tuple[float, float, float]:
    """The vector E n of H = ½E n·σ at one time, in plain Python numbers."""
    x = y = z = 0.0
    for (along_x, along_y, along_z), waveform in field:
        w = waveform.scalar(t)
        x, y, z = x + along_x * w, y + along_y * w, z + along_z * w
    return x, y, z


def unit(vector: Array) -> Array:
    """Directions of an array of vectors, components first; zero where there is none."""
    length = np.linalg.norm(vector, axis=0)
    return np.asarray(vector / np.where(length > 0, length, 1.0))


def direction(field: Field, t: float) -> tuple[float, float, float]:
    """The unit vector n; zero where the levels touch."""
    x, y, z = bloch_vector(field, t)
    energy = math.hypot(x, y, z)
    return (x / energy, y / energy, z / energy) if energy else (0.0, 0.0, 0.0)


@dataclass(frozen=True, eq=False)
class Direction(Waveform):
    """Components of the unit vector n(t) along which H = ½E n·σ points, times a rate.

    Parameters
    ----------
    field : tuple
        As `bloch_field` gives it.
    axes : tuple of int
        0, 1 and 2 for x, y and z; of several the product is taken.
    rate : Waveform
        What the components are multiplied with.
    """

    field: Field
    axes: tuple[int, ...]
    rate: Waveform

    def scalar(self, t: float) -> float:
        n = direction(self.field, t)
        return float(self.rate.scalar(t) * math.prod(n[axis] for axis in self.axes))

    def taylor(self, t: ArrayLike, order: int) -> Array:
        vector = self._vector(t, order)
        length = _length(_squared(vector))
        series = self.rate.taylor(t, order)
        for axis in self.axes:
            series = _product(series, _quotient(vector[axis], length))
        return np.asarray(series)

    @property
    def period(self) -> Any:
        moving = [w for w in (*(w for _, w in self.field), self.rate) if not w.is_constant]
        return common_period([w.period for w in moving])

    def _vector(self, t: ArrayLike, order: int) -> list[Any]:
        jets = [(parts, w.taylor(t, order)) for parts, w in self.field]
        none = np.zeros(np.broadcast_shapes(*(jet.shape for _, jet in jets)))
        # What is not there stays zero, however steep a sweep is.
        return [sum((parts[i] * jet for parts, jet in jets if parts[i]), none) for i in range(3)]

    def kinks(self, t0: ArrayLike, t1: ArrayLike) -> Array:
        waveforms = [w for _, w in self.field] + [self.rate]
        return join_kinks(*(w.kinks(t0, t1) for w in waveforms))

    def time_scale(self, t0: float, t1: float) -> float:
        """Shortest time in which the vector turns by about one radian, or its parts bend."""
        vector = np.array(self._vector(np.linspace(t0, t1, _SAMPLES + 2)[1:-1], 1))
        energy, speed = np.linalg.norm(np.moveaxis(vector, -1, 0), axis=1)
        moving = (speed > 0) & np.isfinite(speed)
        return min([self._bends(t0, t1), *np.ravel(energy[moving] / speed[moving])])

    def _bends(self, t0: float, t1: float) -> float:
        return min(w.time_scale(t0, t1) for w in (*(w for _, w in self.field), self.rate))

    def passages(self, t0: Array, t1: Array, longest: Array) -> Array:
        """Times inside (t0, t1) around which the vector turns in less than ``longest``.

        On the last axis; a batch pads its rows with NaN.
        """
        t = self._samples(t0, t1)
        nearing = self._energy_and_slope(t)[1] < 0
        turns = nearing[..., :-1] & ~nearing[..., 1:]
        columns = np.flatnonzero(turns.reshape(-1, turns.shape[-1]).any(axis=0))
        low, high = t[..., columns], t[..., columns + 1]
        for _ in range(_BISECTIONS):
            middle = 0.5 * (low + high)
            nearing = self._energy_and_slope(middle)[1] < 0
            low, high = np.where(nearing, middle, low), np.where(nearing, high, middle)
        energy, _, speed = self._energy_and_slope(high)
        fast = turns[..., columns] & (energy < longest[..., None] * speed)
        return keep_inside(np.where(fast, high, np.nan), t0, t1)

    def _samples(self, t0: Array, t1: Array) -> Array:
        """Times that are close enough together to show each approach of the levels."""
        count = _SAMPLES_PER_BEND * np.max(t1 - t0) / self._bends(float(t0.min()), float(t1.max()))
        t = np.linspace(t0, t1, _SAMPLES + int(count), axis=-1)
        bends = self.kinks(t0, t1)
        padded = np.where(np.isnan(bends), t1[..., None], bends)
        wide = np.broadcast_to(padded, (*t.shape[:-1], padded.shape[-1]))
        return np.sort(np.concatenate([t, wide], axis=-1), axis=-1)

    def energy(self, t: Array) -> Array:
        """E on an array of times."""
        return self._energy_and_slope(t)[0]

    def _energy_and_slope(self, t: Array) -> tuple[Array, Array, Array]:
        """E, ½ dE²/dt and the speed of the vector."""
        with np.errstate(invalid="ignore"):  # a sweep may be infinitely steep
            here, slope = np.moveaxis(np.array(self._vector(t, 1)), -1, 0)
            energy, speed = (np.linalg.norm(part, axis=0) for part in (here, slope))
            return energy, (here * slope).sum(axis=0), speed

    def asymptote(self, side: int) -> tuple[Any, float] | None:
        far, rate = self.far(side), self.rate.asymptote(side)
        if rate is None or far is None:
            return None
        n = far[0]
        return rate[0] * math.prod(n[axis] for axis in self.axes), rate[1]

    def far(self, side: int) -> tuple[list[Any], Any, float] | None:
        """Direction n as t → side·∞, with the leading term (c, p) of its length."""
        totals = [_total(self.field, i) for i in range(3)]
        ends = [total.asymptote(side) for total in totals]
        if any(end is None for end in ends):
            return None
        power = max((end[1] for end in ends if end and np.any(end[0])), default=0.0)
        leading = [end[0] if end and end[1] == power else 0.0 for end in ends]
        length = np.sqrt(sum(np.square(part) for part in leading))
        if not np.all(length):
            must = "be given where levels touch for t → ±∞ and an environment follows them"
            fail("window", must, "missing", "give window=(t0, t1)")
        return [part / length for part in leading], length, power


@dataclass(frozen=True, eq=False)
class Polarization(Direction):
    """One component of tanh(E/2T) n, times a rate; the thermal state holds its negative.

    Unlike n it is smooth where levels touch, unless T is zero.

    Parameters
    ----------
    temperature : float or ndarray
        T ≥ 0.
    """

    temperature: Any

    def scalar(self, t: float) -> float:
        energy = math.hypot(*bloch_vector(self.field, t))
        weight = math.tanh(energy / (2 * self.temperature)) if self.temperature > 0 else 1.0
        return float(super().scalar(t) * weight)

    def taylor(self, t: ArrayLike, order: int) -> Array:
        vector = self._vector(t, order)
        squared = _squared(vector)
        temperature = column(self.temperature, np.asarray(t))
        shape = np.broadcast_shapes(squared.shape[:-1], np.shape(temperature))
        squared = np.broadcast_to(squared, (*shape, order + 1))
        temperature = np.broadcast_to(temperature, shape)[..., None]
        hot = np.sqrt(squared[..., :1]) < 2 * temperature
        unit = 2 * np.where(hot, temperature, 1.0)
        warm = _tanh_ratio(np.where(hot, squared, 0.0) / unit / unit) / unit
        cold = _cold_ratio(
            np.where(hot, np.eye(1, order + 1)[0], squared), np.where(hot, 0.0, temperature)
        )
        ratio = np.where(hot, warm, cold)
        (axis,) = self.axes
        return np.asarray(_product(self.rate.taylor(t, order), _product(vector[axis], ratio)))

    def asymptote(self, side: int) -> tuple[Any, float] | None:
        end, far = super().asymptote(side), self.far(side)
        if end is None or far is None:
            return None
        _, length, power = far
        if power > 0:
            return end
        with np.errstate(divide="ignore"):
            return end[0] * np.tanh(np.divide(length, 2 * np.asarray(self.temperature))), end[1]


def _total(field: Field, axis: int) -> Sum:
    """One component of the vector as a waveform."""
    return Sum((Constant(0.0), *(parts[axis] * w for parts, w in field if parts[axis])))


def _squared(vector: list[Any]) -> Array:
    return np.asarray(sum(_product(part, part) for part in vector))


def _length(squared: Array) -> Array:
    """Power series of E; infinite where the levels touch, so that n is zero there."""
    touch = squared[..., :1] <= 0
    lowest = np.arange(squared.shape[-1]) == 0
    return np.asarray(_root(np.where(touch & lowest, np.inf, squared)))


def _tanh_ratio(squared: Array) -> Any:
    """Power series of tanh(u)/u from that of u² < 1, by Lambert's continued fraction."""
    one = np.eye(1, squared.shape[-1])[0]
    ratio: Any = (2 * _FRACTIONS + 1) * one + 0 * squared
    for odd in range(2 * _FRACTIONS - 1, 0, -2):
        ratio = odd * one + _quotient(squared, ratio)
    return _quotient(one + 0 * squared, ratio)


def _cold_ratio(squared: Array, temperature: Array) -> Any:
    """Power series of tanh(E/2T)/E from that of E² ≥ 4T²."""
    length = _length(squared)
    frozen = length[..., :1] >= _FROZEN * temperature
    exponent = np.where(frozen, 0.0, length) / np.where(frozen, 1.0, temperature)
    small = np.where(frozen, 0.0, _exponential(-exponent))
    one = np.eye(1, squared.shape[-1])[0]
    return _quotient(_quotient(one - small, one + small), length)


def _exponential(power: Any) -> Any:
    """Power series of an exponential."""
    series = np.zeros_like(power)
    series[..., 0] = np.exp(power[..., 0])
    for n in range(1, power.shape[-1]):
        orders = np.arange(1, n + 1)
        series[..., n] = (orders * power[..., 1 : n + 1] * series[..., n - 1 :: -1]).sum(-1) / n
    return series


def _product(a: Any, b: Any) -> Any:
    """Power series of a product; orders on the last axis."""
    orders = range(a.shape[-1])
    return np.stack([(a[..., : n + 1] * b[..., n::-1]).sum(axis=-1) for n in orders], axis=-1)


def _root(squared: Any) -> Any:
    """Power series of a square root."""
    root = np.zeros_like(squared)
    root[..., 0] = np.sqrt(squared[..., 0])
    for n in range(1, squared.shape[-1]):
        known = (root[..., 1:n] * root[..., n - 1 : 0 : -1]).sum(axis=-1)
        root[..., n] = (squared[..., n] - known) / (2 * root[..., 0])
    return root


def _quotient(a: Any, b: Any) -> Any:
    """Power series of a quotient."""
    ratio = np.zeros_like(a)
    for n in range(a.shape[-1]):
        known = (b[..., 1 : n + 1] * ratio[..., n - 1 :: -1][..., :n]).sum(axis=-1) if n else 0.0
        ratio[..., n] = (a[..., n] - known) / b[..., 0]
    return ratio
