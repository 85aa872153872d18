"""Telegraph noise: exact decay, weak and strong, and many fluctuators that make 1/f noise."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.linalg import expm

from lzopen.errors import LzopenWarning
from lzopen.noise import OneOverF, PulseSequence, Telegraph


@pytest.mark.parametrize("ratio", [1e-6, 0.3, 0.999999, 1.0, 1.000001, 3.0, 100.0])
@pytest.mark.parametrize("number", [0, 1, 3])
def test_coherence_is_the_mean_over_both_states(ratio, number):
    """Matrix exponentials of d⟨e^{iφ}⟩±/dt = ±ia⟨e^{iφ}⟩± + γ(⟨e^{iφ}⟩∓ − ⟨e^{iφ}⟩±)."""
    rate, duration = 0.8, 2.5
    a = ratio * rate
    ends = np.concatenate([[0.0], PulseSequence(1.0, number).fractions, [1.0]]) * duration
    state = np.array([0.5, 0.5], dtype=complex)
    for k, step in enumerate(np.diff(ends)):
        turn = 1j * a * (-1) ** k
        state = expm(step * np.array([[turn - rate, rate], [rate, -turn - rate]])) @ state
    found = Telegraph(a, rate).coherence(PulseSequence(duration, number))
    assert_allclose(found, abs(state.sum()), rtol=0, atol=1e-13)


def test_free_decay_in_closed_form():
    tau = np.array([0.1, 1.0, 20.0, 1e4])
    for a, rate in ((0.3, 1.0), (2.0, 0.5)):
        mu = np.emath.sqrt(rate**2 - a**2)
        fast, slow = np.exp(-(rate + mu) * tau), np.exp((mu - rate) * tau)
        exact = ((slow + fast) + rate / mu * (slow - fast)) / 2
        assert_allclose(Telegraph(a, rate).coherence(tau), np.abs(exact), rtol=1e-11, atol=1e-300)


def test_the_exponent_goes_on_where_the_coherence_has_gone():
    """The decay is exponential at last, at the rate γ − μ, and so it is that of many together."""
    one, tau = Telegraph(0.6, 1.0), np.array([10.0, 1e5])
    early, late = one.decay_exponent(tau)
    assert late - early == pytest.approx(0.2 * (tau[1] - tau[0]), rel=1e-9)
    many = Telegraph(np.full(200, 0.6), 1.0)
    assert many.decay_exponent(10.0) == pytest.approx(-200 * np.log(one.coherence(10.0)), rel=1e-9)
    echo = one.decay_exponent(PulseSequence(1e5, 1))
    assert echo == pytest.approx(late, rel=1e-4)


def test_strong_noise_does_not_decay_by_its_lindblad_rate():
    """The decay rate is γ at most, whatever the amplitude: more noise, but no more decay."""
    weak, strong = Telegraph(0.1, 1.0), Telegraph(10.0, 1.0)
    assert weak.dephasing_rate == pytest.approx(0.005)
    times = np.array([100.0, 200.0])
    rates = [-np.diff(np.log(noise.coherence(times)))[0] / 100 for noise in (weak, strong)]
    assert rates[0] == pytest.approx(1 - np.sqrt(0.99), rel=1e-9)
    assert rates[1] == pytest.approx(1.0, abs=0.05)
    with pytest.warns(LzopenWarning, match="amplitude/rate = 10") as caught:
        assert strong.dephasing_rate == pytest.approx(50.0)
    assert caught[0].message.value == 10.0


def test_weak_noise_is_nearly_gaussian():
    noise = Telegraph(0.01, 1.0)
    sequence = PulseSequence(50.0, 1)
    with pytest.warns(LzopenWarning, match="taken for Gaussian") as caught:
        gaussian = noise.coherence(lambda w: sequence(w))
    assert caught[0].message.value == pytest.approx(0.01)
    assert_allclose(noise.coherence(sequence), gaussian, rtol=1e-6)


def test_many_fluctuators_make_one_over_f_noise():
    """n rates 2γ, log-uniform between the cut-offs: Σa² = 2A² ln(ω_high/ω_low)."""
    low, high, n = 1e-4, 1e4, 4000
    rates = np.geomspace(low, high, n) / 2
    A = 0.05
    fluctuators = Telegraph(np.sqrt(2 * A**2 * np.log(high / low) / n), rates)
    assert fluctuators.amplitude.shape == (n,)
    pink = OneOverF(A, low, high)
    omega = np.geomspace(1e-2, 1e2, 9)
    assert_allclose(fluctuators.spectrum(omega), pink.spectrum(omega), rtol=2e-2)
    assert_allclose(fluctuators.coherence([1.0, 5.0]), pink.coherence([1.0, 5.0]), rtol=0.02)


def test_a_few_strong_fluctuators_are_not_gaussian():
    one = Telegraph(1.0, 0.01)
    gaussian = np.exp(-one.phase_variance(np.pi) / 2)
    assert abs(one.coherence(np.pi) - gaussian) > 0.5  # it revives: cos(aτ) = −1


def test_flips_are_poissonian():
    times = np.linspace(0, 10, 20_001)
    samples = Telegraph(1.0, 0.7).sample(times, size=300, seed=2)
    flips = np.count_nonzero(np.diff(samples, axis=1), axis=1)
    assert abs(flips.mean() - 7.0) < 5 * np.sqrt(7.0 / 300)
    assert flips.var() == pytest.approx(7.0, rel=0.3)
    assert set(np.unique(samples)) == {-1.0, 1.0}


def test_ten_fluctuators_have_a_hierarchy_and_eleven_have_none():
    assert Telegraph(np.full(10, 0.1), 1.0).hierarchy(1).decays.size == 1024
    assert Telegraph(np.full(11, 0.1), 1.0).hierarchy(1) is None


def test_fields_are_copied_and_locked():
    given = np.array([1.0, 2.0])
    noise = Telegraph(given, 1.0)
    given[0] = 7.0
    assert noise.amplitude[0] == 1.0
    with pytest.raises(ValueError, match="read-only"):
        noise.rate[0] = 7.0
