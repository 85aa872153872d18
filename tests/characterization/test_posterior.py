"""Posterior draws, against curvature where that is exact and against bounds."""

from __future__ import annotations

import builtins
from typing import Any

import numpy as np
import pytest
import xarray as xr
from scipy import integrate, optimize

from lzopen.characterization import fit_decay
from lzopen.characterization.conclusion import conclude
from lzopen.characterization.minimum import Problem, Quantity
from lzopen.errors import LzopenError


def test_posterior_of_a_good_fit_is_its_curvature() -> None:
    pytest.importorskip("emcee")
    t = np.linspace(0.1, 6.0, 60)
    y = 0.5 + 0.4 * np.exp(-t / 2.0) + 0.01 * np.random.default_rng(1).standard_normal(60)
    fit = fit_decay(t, signal=y, sigma=0.01, envelope="exponential", oscillations=0)
    draws = fit.posterior(draws=12_000, walkers=16, burn=300, seed=2)
    assert set(draws.data_vars) == {"T", "amplitude", "offset"}
    assert draws.sizes["draw"] >= 12_000
    for name, column in draws.data_vars.items():
        error = fit.errors[str(name)]
        assert float(column.mean()) == pytest.approx(fit.parameters[str(name)], abs=0.2 * error)
        assert float(column.std()) == pytest.approx(error, rel=0.12)
    joint = np.corrcoef(draws["amplitude"], draws["T"])[0, 1]
    covariance = fit.dataset.covariance
    expected = covariance.sel(parameter="T", other="amplitude") / (
        fit.errors["T"] * fit.errors["amplitude"]
    )
    assert joint == pytest.approx(float(expected), abs=0.08)
    assert 0.2 < draws.attrs["accepted"] < 0.9
    first, again = (fit.posterior(draws=160, walkers=16, burn=30, seed=2) for _ in range(2))
    xr.testing.assert_identical(first, again)


def mean_and_error(each: np.ndarray) -> tuple[float, float]:
    """Of draws (steps, walkers), by their own autocorrelation."""
    emcee = pytest.importorskip("emcee")
    time = float(emcee.autocorr.integrated_time(each[..., None], quiet=True, tol=0)[0])
    return float(each.mean()), float(np.sqrt(each.var() * time / each.size))


@pytest.mark.parametrize("draws", [20_000, pytest.param(400_000, marks=pytest.mark.slow)])
@pytest.mark.parametrize("log", [False, True], ids=["number", "time"])
def test_posterior_at_a_bound_is_the_exact_one(log: bool, draws: int) -> None:
    """A normal distribution cut above its middle, flat in the number or in its logarithm before.

    Both first moments, and what lies above the exact median and the exact quantile of 95 %.
    """
    pytest.importorskip("emcee")
    lower = 0.2
    problem = Problem(
        lambda v: np.array([v["a"] + 0.3]), {"a": Quantity(1.0, lower, 50.0, log=log)}
    )
    fit = conclude(problem, problem.minimize(), xr.Dataset({"model": ("x", [0.0])}), title="Cut.")
    found = fit.posterior(draws=draws, walkers=16, burn=300, seed=1)["a"].values.reshape(-1, 16)
    assert found.min() >= lower * (1 - 1e-12)

    def density(a: float) -> float:
        return np.exp(-0.5 * problem.deviance({"a": a})) / (a if log else 1.0)

    def integral(power: int, start: float = lower) -> float:
        return integrate.quad(lambda a: a**power * density(a), start, 10.0)[0]

    whole = integral(0)
    for power in (1, 2):
        mean, error = mean_and_error(found**power)
        assert abs(mean - integral(power) / whole) < 4 * error < 30 / np.sqrt(draws)
    for above in (0.5, 0.05):
        edge = optimize.brentq(lambda a: integral(0, a) / whole - above, lower, 9.0)  # noqa: B023
        share, error = mean_and_error((found > edge).astype(float))
        assert abs(share - above) < 4 * error < 12 / np.sqrt(draws)


def test_too_few_walkers_are_refused() -> None:
    pytest.importorskip("emcee")
    t = np.linspace(0.1, 6.0, 40)
    fit = fit_decay(t, signal=np.exp(-t / 2), sigma=0.02, envelope="exponential", oscillations=0)
    with pytest.raises(LzopenError, match=r"`walkers` must be .*twice the fitted parameters"):
        fit.posterior(walkers=5)


def test_without_emcee_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    t = np.linspace(0.1, 6.0, 40)
    fit = fit_decay(t, signal=np.exp(-t / 2), sigma=0.02, envelope="exponential", oscillations=0)
    real = builtins.__import__

    def refusing(name: str, *more: Any, **other: Any) -> Any:
        if name == "emcee":
            raise ImportError(name)
        return real(name, *more, **other)

    monkeypatch.setattr(builtins, "__import__", refusing)
    with pytest.raises(LzopenError, match=r"pip install 'lzopen\[bayes\]'"):
        fit.posterior()
