"""Spectra made of power laws, each within a band: their integrals in closed form."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from lzopen.waveforms.base import Array

_SPLIT = 6.0  # phase below which the cosine is summed as its series
_TERMS = 20  # of that series: what follows is below 1e-16
_NODES, _WEIGHTS = np.polynomial.laguerre.laggauss(40)


@dataclass(frozen=True, eq=False)
class Bands:
    """S(ω) = weight · ω^power for low ≤ ω ≤ high, summed over the last axis."""

    weight: Array
    power: float
    low: Array
    high: Array


def variance(spectrum: Bands) -> Array:
    """∫dω/π S(ω) over positive frequencies, for each band."""
    low, high = spectrum.low, spectrum.high
    moment = _series(spectrum.power, low, high, np.zeros_like(low), range(1))
    return spectrum.weight * moment / np.pi


def correlation(spectrum: Sequence[Bands], t: Array) -> Array:
    """∫dω/π S(ω) cos ωt over positive frequencies."""
    return _moment(spectrum, 0, t, 0)


def phase_variance(spectrum: Sequence[Bands], duration: Array) -> Array:
    """∫dω/π S(ω) 2(1 − cos ωτ)/ω² over positive frequencies."""
    return -2 * _moment(spectrum, -2, duration, 1)


def slow_and_rest(spectrum: Sequence[Bands], lag: Array, duration: Array) -> tuple[Array, Array]:
    """The phase variance as v·lag² + r, with v the variance below the frequency 1/duration."""
    highest = max(b.high.max() for b in spectrum)
    bound = 1 / np.maximum(duration[..., None], 1 / highest)
    below = [_clipped(b, 0.0, bound) for b in spectrum]
    above = [_clipped(b, bound, np.inf) for b in spectrum]
    rest = _moment(below, -2, lag, 2) + _moment(above, -2, lag, 1)
    return _moment(below, 0, np.zeros_like(duration), 0), -2 * rest


def _clipped(band: Bands, low: Any, high: Any) -> Bands:
    return replace(band, low=np.clip(band.low, low, high), high=np.clip(band.high, low, high))


def _moment(spectrum: Sequence[Bands], shift: int, t: Array, drop: int) -> Array:
    time = np.asarray(t, dtype=float)[..., None]
    return sum(
        (b.weight * cosine_moment(b.power + shift, b.low, b.high, time, drop)).sum(axis=-1) / np.pi
        for b in spectrum
    )


def cosine_moment(power: float, low: Array, high: Array, t: Array, drop: int) -> Array:
    """∫ω^power [cos ωt − Σ_{n<drop} (−1)ⁿ(ωt)²ⁿ/(2n)!] dω from low to high.

    Below the phase 6 the cosine is its series. Above, the integral to infinity runs along
    ω + iy/t, where it decays; it is an incomplete gamma function::

        ∫_ω^∞ u^power e^{iut} du = (i e^{iωt}/t) ∫₀^∞ (ω + iy/t)^power e^{−y} dy
    """
    low, high, t = np.broadcast_arrays(low, high, t)
    with np.errstate(divide="ignore"):
        split = np.clip(_SPLIT / t, low, high)
    value = _series(power, low, split, t, range(drop, _TERMS))
    far = split < high
    value[far] += _beyond(power, split[far], t[far]) - _beyond(power, high[far], t[far])
    return value - _series(power, split, high, t, range(drop))


def _series(power: float, low: Array, high: Array, t: Array, terms: range) -> Array:
    """∫ω^power Σ (−1)ⁿ(ωt)²ⁿ/(2n)! dω from low to high; a logarithm is no special case."""
    with np.errstate(divide="ignore"):
        span = np.log1p((high - low) / low)
    total = np.zeros(t.shape)
    for n in terms:
        exponent = power + 1 + 2 * n
        largest = high if exponent > 0 else low
        share = -np.expm1(-abs(exponent) * span) / abs(exponent) if exponent else span
        factor = (-1) ** n / math.factorial(2 * n) * (largest * t) ** (2 * n)
        total += factor * largest ** (power + 1) * share
    return total


def _beyond(power: float, omega: Array, t: Array) -> Array:
    """∫u^power cos ut du from ω to infinity, in the sense of a decaying factor."""
    phase = omega * t
    sum_ = np.zeros(phase.shape, dtype=complex)
    for y, weight in zip(_NODES.tolist(), _WEIGHTS.tolist(), strict=True):
        sum_ += weight * (1 + 1j * y / phase) ** power
    return omega**power / t * (1j * np.exp(1j * phase) * sum_).real
