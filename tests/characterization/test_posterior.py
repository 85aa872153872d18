"""Posterior draws, against curvature where that is exact and against bounds."""

from __future__ import annotations

import builtins
from typing import Any

import numpy as np
import pytest
import xarray as xr
from scipy import stats

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
    again = fit.posterior(draws=12_000, walkers=16, burn=300, seed=2)
    xr.testing.assert_equal(again, draws)


def test_posterior_stays_within_bounds_and_has_the_right_shape_there() -> None:
    """A normal distribution cut at zero, half a standard deviation above its middle."""
    pytest.importorskip("emcee")
    problem = Problem(lambda v: np.array([v["a"] + 0.5]), {"a": Quantity(1.0, 0.0, 50.0)})
    fit = conclude(problem, problem.minimize(), xr.Dataset({"model": ("x", [0.0])}), title="Cut.")
    draws = fit.posterior(draws=20_000, walkers=16, burn=200, seed=1)["a"].values
    exact = stats.truncnorm(0.5, np.inf, loc=-0.5)
    assert draws.min() >= 0
    assert draws.mean() == pytest.approx(exact.mean(), abs=0.08)
    assert np.quantile(draws, 0.95) == pytest.approx(exact.ppf(0.95), abs=0.15)


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
