"""Counts of few trials: what chance makes of a deviance, against sums and against draws."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import stats

import lzopen as lz
from lzopen.characterization.binomial import binomial_moments, binomial_residual
from lzopen.characterization.points import pool

SHOTS, SETS = [2, 5, 20], 120


@pytest.mark.parametrize("n", [1, 2, 7, 40])
@pytest.mark.parametrize("p", [0.0, 1e-4, 0.03, 0.5, 0.9, 1.0])
def test_moments_are_sums_over_all_counts(n: int, p: float) -> None:
    k = np.arange(n + 1)
    chance = stats.binom.pmf(k, n, p)
    residual = binomial_residual(k / n, np.full(k.size, float(n)), np.full(k.size, p))
    square = chance @ residual**2
    expected = chance @ residual, square, chance @ residual**4 - square**2
    found = binomial_moments(np.array([float(n)]), np.array([p]))[:, 0]
    assert_allclose(found, expected, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("p", [0.01, 0.2, 0.5, 0.97])
def test_series_meets_the_sums(p: float) -> None:
    """Just above and below the variance where one gives way to the other."""
    n = 30.0 / (p * (1 - p)) * np.array([0.999, 1.001])
    below, above = binomial_moments(np.round(n), np.full(2, p)).T
    assert_allclose(below[1:], above[1:], rtol=1.5e-3)
    assert below[0] == pytest.approx(above[0], abs=1e-3)


def test_moments_become_normal_as_one_over_the_variance() -> None:
    n = np.array([50.0, 100.0, 200.0])
    _, square, variance = binomial_moments(n, np.full(3, 0.5)) - [[0.0], [1.0], [2.0]]
    for off in (square, variance):
        assert_allclose(np.log2(off[:-1] / off[1:]), 1.0, atol=0.05)


@pytest.fixture(scope="module", params=SHOTS)
def fits(request: pytest.FixtureRequest) -> list[lz.Fit]:
    t, rng = np.linspace(0.2, 6.0, 60), np.random.default_rng(request.param)
    p = 0.5 + 0.45 * np.exp(-t / 2)
    drawn = rng.binomial(request.param, p, (SETS, t.size)) / request.param
    return [
        lz.fit_decay(t, signal=k, shots=request.param, envelope="exponential", oscillations=0)
        for k in drawn
    ]


def test_deviance_of_few_trials_is_no_misfit(fits: list[lz.Fit]) -> None:
    """Taken for a χ², it would be off by up to two standard deviations on the average."""
    misfit = np.array([fit.misfit for fit in fits])
    assert abs(misfit.mean()) < 0.35
    assert 0.75 < misfit.std() < 1.25
    assert sum(fit.scaled for fit in fits) <= stats.binom.isf(1e-3, SETS, 0.05)
    assert sum(fit.misfit >= 3 for fit in fits) <= stats.binom.isf(1e-3, SETS, stats.norm.sf(3))


def test_report_tells_what_few_trials_make_of_it(fits: list[lz.Fit]) -> None:
    usual = fits[0].minimum.expected / fits[0].dof
    assert f"where counts this small make it {usual:.3g}" in str(fits[0])
    assert usual == pytest.approx(np.mean([fit.reduced for fit in fits]), abs=0.04)


def test_noise_beyond_few_trials_is_still_seen() -> None:
    """A level that differs from point to point, of which each fraction knows nothing."""
    t, rng = np.linspace(0.2, 6.0, 200), np.random.default_rng(5)
    p = np.clip(0.5 + 0.4 * np.exp(-t / 2) + rng.normal(0, 0.2, t.size), 0, 1)
    signal = rng.binomial(10, p) / 10
    fit = lz.fit_decay(t, signal=signal, shots=10, envelope="exponential", oscillations=0)
    assert fit.misfit > 3
    assert fit.scaled


def test_single_trials_of_a_steady_map_do_not_seem_to_go_together() -> None:
    """The signed root of the deviance of rare events is not zero on the average."""
    n, p = np.ones(40000), np.full(40000, 0.1)
    residual = binomial_residual(np.random.default_rng(1).binomial(1, p), n, p)
    mean = binomial_moments(n, p)[0]
    raw, centred = (r[1:] @ r[:-1] / (r @ r) for r in (residual, residual - mean))
    assert raw > 5 / np.sqrt(n.size) > 3 / np.sqrt(n.size) > abs(centred)


@pytest.mark.parametrize("shots", [1, 5])
@pytest.mark.parametrize("p", [0.03, 0.5])
def test_best_constant_of_counts_is_their_mean(shots: int, p: float) -> None:
    """Weights from observed fractions would draw it to 0 or 1."""
    signal = np.random.default_rng(2).binomial(shots, p, 400) / shots
    points = pool(np.arange(400.0), signal=signal, shots=shots)
    off = [np.sum(points.residual(np.full(400, points.level + d)) ** 2) for d in (-0.01, 0, 0.01)]
    assert points.level == pytest.approx(signal.mean())
    assert off[1] == min(off)


def test_single_trials_without_a_decay_fix_no_time() -> None:
    t = np.linspace(0.2, 6.0, 200)
    for seed in range(5):
        signal = np.random.default_rng(seed).binomial(1, 0.08, t.size)
        fit = lz.fit_decay(t, signal=signal, shots=1, envelope="exponential", oscillations=0)
        assert np.isnan(fit.parameters["T"])
