"""Pulse sequences as filters, and the quadrature over filters that are only functions."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.special import erfcx

from lzopen.errors import LzopenWarning
from lzopen.noise import OneOverF, OrnsteinUhlenbeck, PulseSequence, QuasiStatic, White

OMEGA = np.array([1e-9, 0.1, 1.0, 7.0, 60.0])


def uhrig(number):
    return np.sin(np.pi * np.arange(1, number + 1) / (2 * number + 2)) ** 2


@pytest.mark.parametrize("pulses", [0, 1, 2, 5, 12, [0.2, 0.9], uhrig(4)])
def test_filter_is_the_transform_of_the_signs(pulses):
    sequence = PulseSequence(3.0, pulses)
    ends = np.concatenate([[0.0], sequence.fractions, [1.0]]) * 3.0
    nodes, weights = np.polynomial.legendre.leggauss(120)
    total = 0.0
    for k, (a, b) in enumerate(itertools.pairwise(ends)):
        t = (a + b) / 2 + (b - a) / 2 * nodes
        total = total + (-1) ** k * (b - a) / 2 * np.exp(1j * np.outer(OMEGA, t)) @ weights
    assert_allclose(sequence(OMEGA), np.abs(total) ** 2, rtol=1e-9, atol=1e-14)
    lags, weight = sequence.lags()
    phase = OMEGA[1:, None] * lags * 3.0
    ripples = -(2 * (1 - np.cos(phase)) / OMEGA[1:, None] ** 2) @ weight
    assert_allclose(sequence(OMEGA[1:]), ripples, rtol=1e-9, atol=1e-11)


def test_known_filters():
    w = OMEGA[1:]
    assert_allclose(PulseSequence(2.0)(w), 4 * np.sin(w) ** 2 / w**2, rtol=1e-12)
    assert_allclose(PulseSequence(2.0, 1)(w), 16 * np.sin(w / 2) ** 4 / w**2, rtol=1e-12)
    assert PulseSequence(2.0)(0.0) == 4.0
    assert PulseSequence(2.0, 1)(0.0) == 0.0
    assert PulseSequence(0.0, 1)(1.0) == 0.0
    assert PulseSequence([[1.0], [2.0]], 3)(np.ones((4, 5))).shape == (2, 1, 4, 5)


def test_uhrig_beats_the_echo_train_at_low_frequency():
    flat, train = PulseSequence(1.0, uhrig(4)), PulseSequence(1.0, 4)
    assert flat(0.5) < 1e-4 * train(0.5)
    order = np.log(flat(0.6) / flat(0.3)) / np.log(2)
    assert order == pytest.approx(8, abs=0.1)  # F ~ ω^{2N}


@pytest.mark.parametrize("pulses", [1, 2, 7, 100, uhrig(5)])
def test_pulses_refocus_a_constant(pulses):
    noise = QuasiStatic(1e3)
    assert abs(PulseSequence(1.0, pulses).imbalance) < 1e-15 or np.ndim(pulses)
    assert_allclose(noise.coherence(PulseSequence(1.0, pulses)), 1.0, atol=1e-15)
    assert_allclose(QuasiStatic(0.2).coherence(PulseSequence(2.0, [0.75])), np.exp(-0.02))


def test_many_pulses_bring_slow_noise_to_rest():
    """χ → σ²T³/(12 N² τ_c) for T ≪ τ_c, with the accuracy that is stated."""
    for number, digits in ((10, 1e-9), (100, 1e-7)):
        noise = OrnsteinUhlenbeck(1e3 * number, 1e9)
        chi = -np.log(noise.coherence(PulseSequence(100.0, number)))
        assert_allclose(chi, 1e12 / (12 * 1e9) * 1e0, rtol=1e-6 + digits)


def test_smooth_filter_in_closed_form():
    """F = e^{−ω²T²}T² under a Lorentzian: χ = (σT)²/2 e^{x²}erfc(x), x = T/τ_c."""
    for T, tau in ((1.0, 2.0), (30.0, 0.1), (1e-3, 1e3)):
        noise = OrnsteinUhlenbeck(0.3 / T, tau)
        found = noise.coherence(lambda w, T=T: T**2 * np.exp(-((w * T) ** 2)))
        assert_allclose(found, np.exp(-0.045 * erfcx(T / tau)), rtol=1e-8)


def test_filter_with_leading_axes():
    durations = np.array([[0.1, 1.0], [3.0, 20.0]])
    noise = OrnsteinUhlenbeck(0.3, 1.0)
    found = noise.coherence(PulseSequence(durations, 1).__call__)
    assert found.shape == (2, 2)
    assert_allclose(found, noise.coherence(PulseSequence(durations, 1)), atol=1e-9)


def test_filter_that_is_zero():
    for noise in (White(1.0), QuasiStatic(1.0), OneOverF(1.0, 0.1, 1.0)):
        assert noise.coherence(lambda w: 0 * w) == 1.0


def test_units_of_time_do_not_matter():
    for unit in (1e-9, 1e9):
        sequence = PulseSequence(2.0 * unit, 2)
        for noise in (White(0.3 / unit), OneOverF(0.2 / unit, 0.01 / unit, 100 / unit)):
            found = noise.coherence(lambda w: sequence(w))  # noqa: B023
            assert_allclose(found, noise.coherence(sequence), rtol=1e-8)


def test_an_integral_without_end_is_reported():
    """White noise through no filter at all: χ grows for ever."""
    with pytest.warns(LzopenWarning, match="pass a PulseSequence") as caught:
        assert White(1.0).coherence(lambda w: np.ones_like(w)) == 0
    assert caught[0].message.value > 1
