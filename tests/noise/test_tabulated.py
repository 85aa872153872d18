"""Spectra from a table, and paths that are shared by sums."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from lzopen.noise import OneOverF, OrnsteinUhlenbeck, PulseSequence, TabulatedSpectrum, White


def test_flat_table_is_white_noise_in_a_band():
    table = TabulatedSpectrum([0.0, 5.0], [0.3, 0.3])
    band = OneOverF(np.sqrt(0.3 / (2 * np.pi)), 1e-25, 5.0, exponent=0.0)
    tau = np.array([0.1, 2.0, 300.0])
    assert_allclose(table.correlation(tau), 0.3 * np.sin(5 * tau) / (np.pi * tau), rtol=1e-11)
    assert_allclose(table.phase_variance(tau), band.phase_variance(tau), rtol=1e-11)
    assert_allclose(table.phase_variance(3e6), White(0.3).phase_variance(3e6), rtol=1e-6)
    assert table.dephasing_rate == 0.15


@pytest.mark.parametrize("number", [0, 1, 8])
def test_fine_table_follows_the_noise_that_it_lists(number):
    noise = OrnsteinUhlenbeck(0.4, 2.0)
    omega = np.concatenate([[0.0], np.geomspace(1e-3, 1e4, 3000)])
    table = TabulatedSpectrum(omega, noise.spectrum(omega))
    sequence = PulseSequence(np.array([0.5, 4.0, 20.0]), number)
    assert_allclose(table.coherence(sequence), noise.coherence(sequence), atol=1e-5)


def test_points_close_together_make_a_step():
    step = TabulatedSpectrum([0.0, 1.0, 1.0 + 1e-9, 3.0], [0.5, 0.5, 0.1, 0.1])
    low, high = TabulatedSpectrum([0, 1], [0.5, 0.5]), TabulatedSpectrum([1, 3], [0.1, 0.1])
    tau = np.array([1e-3, 1.0, 50.0])
    sum_ = low.phase_variance(tau) + high.phase_variance(tau)
    assert_allclose(step.phase_variance(tau), sum_, rtol=1e-7)


def test_frequencies_are_drawn_by_the_power():
    table = TabulatedSpectrum([1.0, 2.0, 4.0, 5.0], [0.0, 1.0, 0.0, 0.0])
    power = np.array([0.0, 0.125, 0.5, 1.0, 1.5])
    omega = np.array([1.0, 1.5, 2.0, 4 - np.sqrt(2), 4.0])
    assert_allclose(table._power_below(omega), power)
    assert_allclose(table._frequency_at(power), omega)
    path = table.draw(500, np.random.default_rng(4))
    assert path._omega.min() >= 1.0
    assert path._omega.max() <= 4.0


def test_table_without_power():
    silent = TabulatedSpectrum([0.0, 1.0], [0.0, 0.0])
    assert_array_equal(silent.sample([0.0, 1.0], size=2, seed=1), np.zeros((2, 2)))
    assert silent.coherence(9.0) == 1.0


def test_shots_in_one_row_share_slow_noise():
    """Rows are drawn afresh; times of several shots in one row keep their memory."""
    noise = OneOverF(0.2, 1e-4, 1e2)
    samples = noise.sample([0.0, 10.0], size=3000, seed=5)
    within = np.corrcoef(samples[:, 0], samples[:, 1])[0, 1]
    between = np.corrcoef(samples[:-1, 0], samples[1:, 0])[0, 1]
    expected = noise.correlation(10.0) / noise.correlation(0.0)
    assert within == pytest.approx(expected, abs=0.05)
    assert abs(between) < 0.08
