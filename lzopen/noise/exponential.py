"""What follows from a correlation that decays exponentially, C(t) = σ²e^{−|t|/τ_c}."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from lzopen.waveforms.base import Array

_TERMS = 18  # of a Taylor series in |z| ≤ 1: the next one is below 1e-17


def phi(order: int, z: Array) -> Array:
    """φₖ(z) = Σₙ zⁿ/(n + k)! = (e^z − 1 − z − … − z^{k−1}/(k − 1)!)/z^k, for z ≤ 0."""
    near, far = np.maximum(z, -1.0), np.minimum(z, -1.0)
    series = [1 / math.factorial(n + order) for n in range(_TERMS)]
    value = np.exp(far)
    for k in range(order):
        value = (value - 1 / math.factorial(k)) / far
    return np.where(z > -1, np.polynomial.polynomial.polyval(near, series), value)


def lorentzian(omega: Array, sigma: Any, correlation_time: Any) -> Array:
    """S(ω) = 2σ²τ_c/(1 + ω²τ_c²)."""
    return 2 * sigma**2 * correlation_time / (1 + np.square(omega * correlation_time))


def phase_variance(duration: Array, sigma: Any, correlation_time: Any) -> Array:
    """2σ²τ_c²(x − 1 + e^{−x}), x = τ/τ_c."""
    return 2 * np.square(sigma * duration) * phi(2, -duration / correlation_time)


def slow_and_rest(
    lag: Array, duration: Array, sigma: Any, correlation_time: Any
) -> tuple[Array, Array]:
    """The phase variance as v·lag² + r, with v = σ² for durations below τ_c and 0 above."""
    slow = duration < correlation_time
    x = lag / correlation_time
    lacking = -2 * np.square(sigma * lag) * x * phi(3, -x)
    whole = phase_variance(lag, sigma, correlation_time)
    return np.where(slow, sigma**2, 0.0), np.where(slow, lacking, whole)
