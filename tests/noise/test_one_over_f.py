"""1/f noise against incomplete gamma functions, its law of decay, and its synthesis."""

from __future__ import annotations

from dataclasses import replace

import mpmath as mp
import numpy as np
import pytest
from numpy.testing import assert_allclose

from lzopen.noise import OneOverF, PulseSequence, bands
from lzopen.noise.synthesis import logarithmic, superpose


def exact_moment(power, low, high, t, drop):
    """∫ω^power [cos ωt − …]dω with incomplete gamma functions, in 100 digits."""

    def antiderivative(omega):
        q = mp.mpf(power) + 1
        x = mp.mpf(omega) * t
        turned = mp.exp(1j * mp.pi * q / 2) * mp.gammainc(q, -1j * x)
        value = mp.ci(x) if q == 0 else -(mp.mpf(t) ** -q) * mp.re(turned)
        for n in range(drop):
            e = q + 2 * n
            law = mp.log(omega) if e == 0 else mp.mpf(omega) ** e / e
            value -= (-1) ** n * mp.mpf(t) ** (2 * n) / mp.factorial(2 * n) * law
        return value

    mp.mp.dps = 100
    return float(antiderivative(mp.mpf(high)) - antiderivative(mp.mpf(low)))


@pytest.mark.parametrize("power", [0.0, 1.0, -1.0, -2.0, -2.5, -3.0, -3.5])
@pytest.mark.parametrize("drop", [0, 1, 2])
def test_cosine_moments(power, drop):
    for low, high in ((1e-3, 1e3), (1.0, 1.5), (50.0, 60.0)):
        for t in (1e-5, 1.0, 5.0, 300.0):
            found = bands.cosine_moment(
                power, np.array([low]), np.array([high]), np.array([t]), drop
            )
            exact = exact_moment(power, low, high, t, drop)
            assert_allclose(found[0], exact, rtol=2e-13, err_msg=f"{low} {high} {t}")


def test_a_moment_may_begin_at_zero():
    found = bands.cosine_moment(-2.0, np.zeros(1), np.ones(1), np.array([20.0]), 1)
    mp.mp.dps = 30
    exact = mp.quad(lambda w: (mp.cos(20 * w) - 1) / w**2, mp.linspace(0, 1, 9))
    assert_allclose(found[0], float(exact), rtol=1e-13)


def test_free_decay_follows_its_law():
    """χ = A²τ²[ln(1/ω_low τ) + 3/2 − γ_E], to 6e-9 at ω_low τ = 1e-3."""
    noise = OneOverF(0.1, omega_low=1e-3, omega_high=1e8)
    law = 0.01 * (np.log(1e3) + 1.5 - np.euler_gamma)
    assert_allclose(noise.phase_variance(1.0) / 2, law, rtol=6e-9)
    off = noise.phase_variance(1.0) / 2 / law - 1
    assert abs(off) > 1e-9  # the law is a limit


def test_echo_follows_its_law():
    """χ_echo = A²τ² ln 2, without memory of the lowest frequency."""
    for low in (1e-3, 1e-9, 1e-15):
        noise = OneOverF(0.1, omega_low=low, omega_high=1e9)
        chi = -np.log(noise.coherence(PulseSequence(3.0, 1)))
        assert_allclose(chi, 0.09 * np.log(2), rtol=1e-6)


def test_exponents_near_one_are_smooth():
    around = [OneOverF(0.1, 1e-2, 1e2, s).phase_variance(2.0) for s in (1 - 1e-9, 1.0, 1 + 1e-9)]
    assert_allclose(around, around[1], rtol=1e-8)
    samples = [OneOverF(0.1, 1e-2, 1e2, s).sample([0.3], size=3, seed=1) for s in (1, 1 + 1e-10)]
    assert_allclose(samples[1], samples[0], rtol=1e-6)


def test_synthesis_gives_the_decay():
    """V = .0699 where A²τ² = .3398 and ω_low τ = 1e-3; 4000 samples know it to .011."""
    bracket = np.log(1e3) + 1.5 - np.euler_gamma
    noise = OneOverF(np.sqrt(-np.log(0.0699) / bracket), omega_low=1e-3, omega_high=1e3)
    phase, _ = noise.draw(40_000, np.random.default_rng(21)).integrals([0.0, 1.0])
    wave = np.cos(phase[0])
    error = wave.std() / np.sqrt(40_000)
    assert error * np.sqrt(10) == pytest.approx(0.011, abs=5e-4)
    assert abs(wave.mean() - 0.0699) < 3 * error


def mean_coherence(noise, sequence):
    """What infinitely many samples give: the mean over each band's frequency, then the product."""
    edges = logarithmic(noise.omega_low, noise.omega_high)
    (law,) = noise._bands
    variance = bands.variance(replace(law, low=edges[:-1], high=edges[1:]))
    nodes, weights = np.polynomial.legendre.leggauss(24)
    span = np.log(edges[1:] / edges[:-1])[:, None]
    omega = edges[:-1, None] * np.exp(span * (nodes + 1) / 2)
    density = weights * omega ** (1 - noise.exponent)
    density /= density.sum(axis=1, keepdims=True)
    decay = np.exp(-0.5 * variance[:, None] * sequence(omega))
    return np.prod((density * decay).sum(axis=1))


@pytest.mark.parametrize("exponent", [0.5, 1.0, 2.0])
@pytest.mark.parametrize(("number", "bound"), [(0, 2e-6), (1, 2e-5), (4, 3e-4), (8, 2e-3)])
def test_synthesis_is_nearly_gaussian(exponent, number, bound):
    """The stated excess of coherence, at the worst amplitude."""
    sequence = PulseSequence(1.0, number)
    excess = []
    for amplitude in np.geomspace(0.01, 10, 13):
        noise = OneOverF(amplitude, 1e-2, 1e2, exponent)
        excess.append(mean_coherence(noise, sequence) - noise.coherence(sequence))
    assert min(excess) > -1e-12
    assert max(excess) < bound
    if number and exponent < 2:
        assert max(excess) > bound / 10


def test_superposition_of_even_and_uneven_times():
    """One product of matrices against the plain sum."""
    rng = np.random.default_rng(3)
    omega = rng.uniform(0, 9, (2, 5))
    waves = rng.normal(size=(3, 2, 5)) + 1j * rng.normal(size=(3, 2, 5))
    for times in (np.linspace(1e3, 1e3 + 7, 50), rng.uniform(0, 9, 50), np.array([1.0, 4.0])):
        direct = np.einsum("ask,skt->ats", waves, np.exp(-1j * omega[..., None] * times)).real
        assert_allclose(superpose(omega, waves, times), direct, atol=1e-10)


def test_even_steps_far_from_zero_stay_one_kind():
    noise = OneOverF(0.1, 1e-2, 1e2)
    near, far = (
        noise.draw(50, np.random.default_rng(1)).integrals(start + np.linspace(0, 1, 301))
        for start in (0.0, 1e6)
    )
    assert_allclose(near[0].std(), far[0].std(), rtol=0.2)
