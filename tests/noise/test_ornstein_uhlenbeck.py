"""Ornstein-Uhlenbeck noise against high precision, from steps of no length to endless ones."""

from __future__ import annotations

import mpmath as mp
import numpy as np
import pytest
from numpy.testing import assert_allclose

from lzopen.noise import OrnsteinUhlenbeck, PulseSequence

SIGMA, TAU = 0.7, 1.6


@pytest.mark.parametrize("x", [1e-12, 1e-6, 1e-3, 0.3, 1.0, 3.99, 4.01, 50.0, 1e6])
def test_exact_steps_have_the_covariance_of_the_process(x):
    """ξ₁, I₀ and I₁ given ξ₀, put together again from the weights that a path uses."""
    mp.mp.dps = 120
    h, sigma, tau = mp.mpf(x * TAU), mp.mpf(SIGMA), mp.mpf(TAU)
    z = h / tau
    decay = mp.exp(-z)
    variance = 2 * sigma**2 * tau**2 * (z - 1 + decay)
    y = z / 2
    slope = slope_variance(sigma, tau, h)
    with_end = sigma**2 * tau * (1 - decay)
    slope_with_end = sigma**2 * tau**2 * (y - 1 + decay * (y + 1))

    noise = OrnsteinUhlenbeck(SIGMA, TAU)
    path = noise.draw(1, np.random.default_rng(1))
    weights = path._bridge(np.array([x * TAU]))
    even, even_noise, odd, odd_noise = (mp.mpf(w.item()) for w in weights)
    around = 2 * sigma**2 * (1 + decay), 2 * sigma**2 * (1 - decay)  # of ξ₁ ± ξ₀
    pairs = {
        "I₀ with ξ₁": (even * around[0] / 2, with_end),
        "I₁ with ξ₁": (odd * around[1] / 2, slope_with_end),
        "I₀": (even**2 * around[0] + even_noise**2, variance),
        "I₁": (odd**2 * around[1] + odd_noise**2, slope),
        "I₀ given the ends": (even_noise**2, variance - 4 * with_end**2 / around[0]),
        "I₁ given the ends": (odd_noise**2, slope - 4 * slope_with_end**2 / around[1]),
    }
    for name, (found, exact) in pairs.items():
        assert abs(found / exact - 1) < 3e-14, name


def slope_variance(sigma, tau, h):
    """∫∫uv C(u − v), both from −h/2 to h/2, with the overlap of the two kernels."""
    z = h / tau
    # at the distance w the overlap ∫u(u − w)du is z³/12 − z²w/4 + w³/6, in units of τ
    moments = [mp.factorial(n) - mp.gammainc(n + 1, z) for n in range(4)]
    total = z**3 / 12 * moments[0] - z**2 / 4 * moments[1] + moments[3] / 6
    return 2 * sigma**2 * tau**4 * total


@pytest.mark.parametrize("x", [1e-9, 1e-4, 0.5, 1.0, 2.0, 1e3, 1e9])
def test_phase_variance_keeps_its_digits(x):
    mp.mp.dps = 50
    z = mp.mpf(x)
    exact = 2 * SIGMA**2 * mp.mpf(TAU) ** 2 * (z - 1 + mp.exp(-z))
    found = OrnsteinUhlenbeck(SIGMA, TAU).phase_variance(x * TAU)
    assert_allclose(found, float(exact), rtol=2e-15)


@pytest.mark.parametrize("ratio", [1e-6, 1e-2, 0.99, 1.01, 30.0])
@pytest.mark.parametrize(("number", "digits"), [(0, 1e-14), (1, 1e-14), (4, 1e-13), (16, 1e-11)])
def test_echoes_of_slow_noise_keep_their_digits(ratio, number, digits):
    """χ of the echo is 1e-6 and less of the free one; the plain sum would lose it."""
    mp.mp.dps = 60
    x = mp.mpf(ratio)
    marks = [mp.mpf(0), *[(k + mp.mpf(1) / 2) / number for k in range(number)], mp.mpf(1)]
    step = [1, *[2 * (-1) ** (k + 1) for k in range(number)], (-1) ** (number + 1)]
    exact = mp.mpf(0)
    for j in range(number + 2):
        for k in range(j):
            lag = x * (marks[j] - marks[k])
            exact -= step[j] * step[k] * (lag - 1 + mp.exp(-lag)) / x**2
    strength = float(1 / mp.sqrt(exact))  # so that χ = 1
    noise = OrnsteinUhlenbeck(strength, correlation_time=1 / ratio)
    found = -np.log(noise.coherence(PulseSequence(1.0, number)))
    assert_allclose(found, 1.0, atol=digits)


def test_echo_in_closed_form():
    x = np.array([0.1, 1.0, 7.0])
    chi = (SIGMA * TAU) ** 2 * (x - 3 + 4 * np.exp(-x / 2) - np.exp(-x))
    found = OrnsteinUhlenbeck(SIGMA, TAU).coherence(PulseSequence(x * TAU, 1))
    assert_allclose(found, np.exp(-chi), rtol=1e-13)


def test_limits_are_quasi_static_and_white():
    """Free decay: e^{−(t/T₂*)²} for slow noise, the rate S(0)/2 for fast noise."""
    slow = OrnsteinUhlenbeck(0.3, 1e9)
    assert_allclose(slow.coherence(2.0), np.exp(-((0.3 * 2.0) ** 2) / 2), rtol=1e-9)
    fast = OrnsteinUhlenbeck(30.0, 1e-4)
    assert_allclose(fast.coherence(5.0), np.exp(-5.0 * fast.dephasing_rate), rtol=1e-4)
