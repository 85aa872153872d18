"""Intervals and robust errors, against exact ones and against other code."""

from __future__ import annotations

import lmfit
import numpy as np
import pytest
import xarray as xr
from scipy import optimize, stats

from lzopen.characterization import Fit, fit_decay
from lzopen.characterization.conclusion import conclude
from lzopen.characterization.minimum import Problem, Quantity
from lzopen.errors import LzopenError


def finish(problem: Problem) -> Fit:
    best = problem.minimize()
    return conclude(
        problem, best, xr.Dataset({"model": ("x", np.zeros(best.residual.size))}), title="A test."
    )


def test_profile_of_a_line_is_its_curvature() -> None:
    x = np.linspace(0, 1, 30)
    y = 1 + 2 * x + 0.1 * np.cos(40 * x)
    quantities = {"a": Quantity(0.0), "b": Quantity(0.0)}
    fit = finish(Problem(lambda v: (y - v["a"] - v["b"] * x) / 0.1, quantities))
    for level in (0.68, 0.95):
        z = stats.norm.ppf((1 + level) / 2)
        expected = [fit.parameters["b"] + side * z * fit.errors["b"] for side in (-1, 1)]
        for method, tolerance in (("curvature", 1e-9), ("profile", 0.03)):
            ends = fit.interval("b", level, method)
            assert ends == pytest.approx(expected, abs=tolerance * z * fit.errors["b"])


@pytest.mark.parametrize("count", [1, 4, 30])
@pytest.mark.parametrize("log", [True, False])
def test_profile_of_a_poisson_rate_is_that_of_its_likelihood(count: int, log: bool) -> None:
    """Deviance 2(μ − k + k ln(k/μ)) rises by z² at ends found with a root finder."""

    def surprise(rate: float) -> float:
        return 2 * (rate - count + count * np.log(count / rate))

    def residual(v: dict[str, float]) -> np.ndarray:
        rate = max(v["rate"], 1e-9)
        return np.array([np.sign(count - rate) * np.sqrt(max(surprise(rate), 0.0))])

    fit = finish(Problem(residual, {"rate": Quantity(2.0, 0.0, log=log)}))
    for level in (0.68, 0.95):
        z = stats.norm.ppf((1 + level) / 2)
        rise = lambda rate, z=z: surprise(rate) - z**2  # noqa: E731
        exact = optimize.brentq(rise, 1e-6, count), optimize.brentq(rise, count, 20 * count + 20)
        ends = fit.interval("rate", level, "profile")
        assert ends == pytest.approx(exact, abs=0.04 * np.sqrt(count))


def test_an_end_that_the_data_leave_open_is_the_bound() -> None:
    """A rate whose best value is zero has only an upper limit, known in closed form."""
    fit = finish(Problem(lambda v: np.array([v["a"] + 0.5]), {"a": Quantity(1.0, 0.0, 9.0)}))
    low, high = fit.interval("a", 0.95)
    z = stats.norm.ppf(0.975)
    assert low == 0.0
    assert (high + 0.5) ** 2 - 0.25 == pytest.approx(z**2, rel=0.05)


def decay(points: int = 30) -> tuple[np.ndarray, np.ndarray]:
    t = np.linspace(0.1, 2.5, points)
    noise = 0.03 * np.random.default_rng(2).standard_normal(points)
    return t, 0.1 + 0.7 * np.exp(-t / 1.5) + noise


def test_profiles_agree_with_lmfit() -> None:
    """A decay seen over less than two of its times: intervals far from symmetric."""
    t, y = decay()
    fit = fit_decay(t, signal=y, sigma=0.03, envelope="exponential", oscillations=0)

    def residual(p: lmfit.Parameters) -> np.ndarray:
        return (y - p["b"] - p["a"] * np.exp(-t / p["T"])) / 0.03

    minimizer = lmfit.Minimizer(
        residual, lmfit.create_params(T=1.0, a=0.5, b=0.0), scale_covar=False
    )
    best = minimizer.minimize()
    theirs = lmfit.conf_interval(minimizer, best, p_names=["T"], sigmas=[0.95])
    # lmfit compares variances by an F test; ours takes the noise as known
    z = stats.norm.ppf(0.975)

    def rise(T: float) -> float:
        params = lmfit.create_params(T={"value": T, "vary": False}, a=0.5, b=0.0)
        held = lmfit.minimize(residual, params, scale_covar=False)
        return (held.chisqr - best.chisqr) / max(best.redchi, 1.0) - z**2

    T = best.params["T"].value
    exact = optimize.brentq(rise, 0.2 * T, T), optimize.brentq(rise, T, 20 * T)
    low, high = fit.interval("T", 0.95, "profile")
    assert (low, high) == pytest.approx(exact, rel=0.02)
    assert (low, high) == pytest.approx([theirs["T"][0][1], theirs["T"][2][1]], rel=0.15)
    assert (high - T) / (T - low) > 1.3
    assert fit.interval("T", 0.95) == (low, high)


def test_what_goes_with_a_loose_time_has_a_profile_too() -> None:
    t, y = decay()
    fit = fit_decay(t, signal=y, sigma=0.03, envelope="exponential", oscillations=0)
    assert fit.interval("amplitude", 0.95) == fit.interval("amplitude", 0.95, "profile")
    low, high = fit.interval("amplitude", 0.95)
    best = fit.parameters["amplitude"]
    assert (high - best) / (best - low) > 1.3


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("T", 1.5), "`level` must lie between 0 and 1"),
        (("speed",), "`name` must be one of"),
        (("T", 0.9, "guess"), "`method` must be one of"),
    ],
)
def test_bad_questions_are_refused(arguments: tuple[object, ...], words: str) -> None:
    t, y = decay()
    fit = fit_decay(t, signal=y, sigma=0.03, envelope="exponential", oscillations=0)
    with pytest.raises(LzopenError, match=words):
        fit.interval(*arguments)  # type: ignore[arg-type]


# -- errors from the scatter between groups


def grouped(groups: int, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A decay with noise of its own in each run: an offset and a slope along all delays."""
    rng = np.random.default_rng(seed)
    t = np.linspace(0.1, 3.0, 25)
    runs = 0.05 * rng.standard_normal((groups, 1)) + 0.03 * rng.standard_normal((groups, 1)) * t
    y = 0.2 + 0.6 * np.exp(-t / 1.5) + runs + 0.02 * rng.standard_normal((groups, t.size))
    return np.tile(t, groups), y.ravel(), np.repeat(np.arange(groups), t.size)


def test_sandwich_is_the_cluster_robust_covariance_of_a_linear_model() -> None:
    """With T held the model is linear: (X'WX)⁻¹ Σ_g u_g u_g' (X'WX)⁻¹ G/(G−1), by hand."""
    t, y, group = grouped(40, seed=3)
    kinds = {"envelope": "exponential", "oscillations": 0, "priors": {"T": (1.5, 1e-9)}}
    fit = fit_decay(t, signal=y, groups=group, **kinds)
    design = np.stack([np.exp(-t / 1.5), np.ones(t.size)], axis=1)
    weight = 1 / fit.dataset.sigma.sel(delay=t).values ** 2 / 40
    bread = np.linalg.inv(design.T @ (weight[:, None] * design))
    pull = weight * (y - design @ (bread @ design.T @ (weight * y)))
    scores = np.array([design[group == g].T @ pull[group == g] for g in range(40)])
    expected = np.sqrt(np.diag(40 / 39 * bread @ scores.T @ scores @ bread))
    factor = np.sqrt(fit.minimum.excess)
    found = [fit.errors["amplitude"], fit.errors["offset"]]
    np.testing.assert_allclose(found, factor * expected, rtol=1e-3)


def test_sandwich_agrees_with_a_bootstrap_over_groups() -> None:
    t, y, group = grouped(40, seed=4)
    kinds = {"envelope": "exponential", "oscillations": 0}
    fit = fit_decay(t, signal=y, groups=group, **kinds)
    rng, runs = np.random.default_rng(5), y.reshape(40, 25)
    drawn = []
    for _ in range(100):
        mean = runs[rng.integers(0, 40, 40)].mean(axis=0)
        again = fit_decay(t[:25], signal=mean, sigma=fit.dataset.sigma.values, **kinds)
        drawn.append([again.minimum.values[name] for name in ("T", "amplitude", "offset")])
    spread = np.std(drawn, axis=0) * max(np.sqrt(fit.reduced), 1.0)
    found = [fit.errors[name] for name in ("T", "amplitude", "offset")]
    # 100 draws know a spread to 7 %
    np.testing.assert_allclose(found, spread, rtol=0.3)
    blind = fit_decay(t, signal=y, **kinds)
    assert fit.errors["offset"] > 1.5 * blind.errors["offset"]


# -- alarms


def test_rows_that_scatter_too_much_raise_an_alarm() -> None:
    rng, t = np.random.default_rng(6), np.repeat(np.linspace(0.1, 3.0, 40), 20)
    p = 0.1 + 0.8 * np.exp(-t / 1.5)
    fair, wild = rng.binomial(50, p), rng.binomial(50, rng.beta(20 * p, 20 * (1 - p)))
    kinds = {"shots": 50, "envelope": "exponential", "oscillations": 0}
    quiet = fit_decay(t, signal=fair / 50, **kinds)
    loud = fit_decay(t, signal=wild / 50, **kinds)
    assert quiet.alarms == ()
    assert any("rows of equal delay scatter" in alarm for alarm in loud.alarms)
    assert loud.report().startswith("THE ")
    # beta-binomial: variance 1 + (50 − 1)/(20 + 1) times binomial
    assert "scatter 3." in loud.report()
    noise = 0.05 * rng.standard_normal(t.size)
    assert fit_decay(t, signal=p + noise, sigma=0.05).alarms == ()
    assert "THE NOISE IS LARGER" in fit_decay(t, signal=p + noise, sigma=0.03).report()


def test_ends_of_a_valley_that_reaches_far_are_found_as_finely() -> None:
    rng = np.random.default_rng(7)
    t, shots = np.linspace(0, 1, 90)[1:], 500
    chance = 0.45 + 0.39 * np.exp(-((t / 1.5) ** 1.2))
    y = rng.binomial(shots, chance) / shots
    fit = fit_decay(t, signal=y, shots=shots, envelope="stretched", oscillations=0)
    low, _ = fit.interval("amplitude", 0.95)
    best = fit.minimum
    held = fit.problem.holding({"amplitude": low}).descend(best.values)
    z = stats.norm.ppf(0.975)
    assert best.values["amplitude"] > 3 * low
    rise = (held.deviance - best.deviance) / fit.inflation["amplitude"]
    assert np.sqrt(rise) == pytest.approx(z, abs=0.05)


@pytest.mark.parametrize("priors", [{"T": (30.0, 3.0)}, {"T": (30.0, 3.0), "offset": (0.5, 0.02)}])
def test_profiles_know_the_priors(priors: dict[str, tuple[float, float]]) -> None:
    """The data alone leave the time open; then what is known before is what is known after."""
    t = np.linspace(0.1, 2.0, 30)
    y = 0.5 + 0.4 * np.exp(-t / 30.0) + 0.02 * np.random.default_rng(1).standard_normal(t.size)
    how = {"envelope": "exponential", "oscillations": 0, "sigma": 0.02, "priors": priors}
    fit = fit_decay(t, signal=y, **how)
    for name, (mean, deviation) in priors.items():
        low, high = fit.interval(name, 0.68, "profile")
        assert (low, high) == pytest.approx((mean - deviation, mean + deviation), abs=deviation / 4)
