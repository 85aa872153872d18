"""Decay fits: against other code, against the truth, and on measured qubits."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from scipy import optimize, stats

from lzopen.characterization import Confusion, Fit, LinearReadout, fit_decay
from lzopen.errors import LzopenError

TRUE = {"T": 1.5, "exponent": 1.6, "omega": 9.0, "phase": 0.7, "amplitude": 0.4, "offset": 0.5}
TIMES = np.linspace(0.05, 3.0, 80)


def curve(t: np.ndarray, T: float, n: float, omega: float, phase: float, a: float, b: float):  # type: ignore[no-untyped-def]
    return b + a * np.exp(-((t / T) ** n)) * np.cos(omega * t + phase)


CLEAN = curve(TIMES, *TRUE.values())


def noisy(sigma: float = 0.02, seed: int = 1, times: np.ndarray = TIMES) -> np.ndarray:
    noise = np.random.default_rng(seed).standard_normal(times.size)
    return curve(times, *TRUE.values()) + sigma * noise


def values(fit: Fit) -> list[float]:
    return [fit.parameters[name] for name in TRUE]


def sizes(fit: Fit) -> list[float]:
    return [fit.errors[name] for name in TRUE]


# -- the right numbers


@pytest.mark.parametrize("exponent", [1.0, 1.5, 2.0, 3.0])
@pytest.mark.parametrize("oscillates", [False, True])
def test_a_clean_decay_is_found_from_nothing(exponent: float, oscillates: bool) -> None:
    envelope = np.exp(-((TIMES / 1.2) ** exponent))
    wave = np.cos(11.0 * TIMES - 2.0) if oscillates else 1.0
    fit = fit_decay(TIMES, signal=0.3 + 0.6 * envelope * wave, sigma=0.01)
    expected = {"T": 1.2, "exponent": exponent, "amplitude": 0.6, "offset": 0.3}
    if oscillates:
        expected |= {"omega": 11.0, "phase": -2.0}
    assert fit.parameters == pytest.approx(expected, rel=1e-5)
    assert fit.deviance < 1e-6


def test_gaussian_fit_agrees_with_curve_fit() -> None:
    y = noisy()
    best, covariance = optimize.curve_fit(
        curve, TIMES, y, p0=list(TRUE.values()), sigma=np.full(80, 0.025), absolute_sigma=True
    )
    fit = fit_decay(TIMES, signal=y, sigma=0.025)
    assert not fit.scaled
    np.testing.assert_allclose(values(fit), best, rtol=1e-4)
    np.testing.assert_allclose(sizes(fit), np.sqrt(np.diag(covariance)), rtol=1e-3)


def test_unknown_noise_agrees_with_curve_fit() -> None:
    y = noisy()
    best, covariance = optimize.curve_fit(curve, TIMES, y, p0=list(TRUE.values()))
    fit = fit_decay(TIMES, signal=y)
    np.testing.assert_allclose(values(fit), best, rtol=1e-4)
    np.testing.assert_allclose(sizes(fit), np.sqrt(np.diag(covariance)), rtol=1e-3)
    assert "taken from the residuals" in fit.report()


def test_counts_are_fitted_by_maximum_likelihood() -> None:
    """Against the binomial likelihood itself, minimised without gradients."""
    shots = 40
    k = np.random.default_rng(2).binomial(shots, np.clip(CLEAN, 0, 1))

    def surprise(p: np.ndarray) -> float:
        chance = curve(TIMES, *p)
        if np.any((chance <= 0) | (chance >= 1)):
            return np.inf
        return -float(stats.binom.logpmf(k, shots, chance).sum())

    options = {"maxiter": 20_000, "maxfev": 20_000, "xatol": 1e-9, "fatol": 1e-10}
    best = optimize.minimize(surprise, list(TRUE.values()), method="Nelder-Mead", options=options)
    fit = fit_decay(TIMES, signal=k / shots, shots=shots)
    np.testing.assert_allclose(values(fit), best.x, rtol=2e-4)
    saturated = -stats.binom.logpmf(k, shots, k / shots).sum()
    assert fit.deviance == pytest.approx(2 * (best.fun - saturated), abs=1e-4)


@pytest.mark.parametrize(("time", "size"), [(1e-9, 1.0), (1e-6, 1e-9), (1e3, 1e6)])
def test_units_do_not_matter(time: float, size: float) -> None:
    """Delays in seconds, signals in nanoampere."""
    plain, other = fit_decay(TIMES, signal=noisy()), fit_decay(TIMES * time, signal=noisy() * size)
    units = np.array([time, 1.0, 1 / time, 1.0, size, size])
    np.testing.assert_allclose(np.array(values(other)) / units, values(plain), rtol=1e-6)
    np.testing.assert_allclose(np.array(sizes(other)) / units, sizes(plain), rtol=1e-5)


def test_start_values_are_found_over_the_whole_band() -> None:
    """Random decays on even and random delays, from slow to nearly the Nyquist limit."""
    rng = np.random.default_rng(3)
    for i in range(12):
        n = int(rng.integers(40, 120))
        t = np.sort(rng.uniform(0, 3, n)) if i % 2 else np.linspace(0.03, 3, n)
        omega = rng.uniform(3, 0.9 * np.pi * n / 3)
        T = max(rng.uniform(0.5, 5), 12 / omega)
        p = curve(t, T, rng.choice([1.0, 1.5, 2.0]), omega, rng.uniform(-3, 3), 0.45, 0.5)
        fit = fit_decay(t, signal=rng.binomial(300, p) / 300, shots=300, envelope="stretched")
        assert fit.parameters["omega"] == pytest.approx(omega, abs=6 * fit.errors["omega"])
        assert fit.misfit < 4


def test_order_and_pooling_of_rows_do_not_matter() -> None:
    rng = np.random.default_rng(4)
    t = np.repeat(TIMES, 5)
    k = rng.binomial(30, np.clip(np.repeat(CLEAN, 5), 0, 1))
    mixed = rng.permutation(t.size)
    rows = fit_decay(t[mixed], signal=k[mixed] / 30, shots=30, envelope="gaussian")
    pooled = fit_decay(TIMES, signal=k.reshape(-1, 5).sum(1) / 150, shots=150, envelope="gaussian")
    assert rows.parameters == pytest.approx(pooled.parameters, rel=1e-6)
    assert rows.dof == pooled.dof


@pytest.mark.parametrize(
    "readout", [Confusion(0.05, 0.15), LinearReadout(2.0, -3.0), LinearReadout(1.0, 0.5, slope=0.2)]
)
def test_readout_gives_back_populations(readout: Confusion | LinearReadout) -> None:
    fit = fit_decay(TIMES, signal=readout(CLEAN, TIMES), sigma=0.01, readout=readout)
    assert fit.parameters == pytest.approx(TRUE, rel=1e-4)
    np.testing.assert_allclose(fit.dataset.model, readout(CLEAN, TIMES), rtol=1e-6)


# -- the right model


@pytest.mark.parametrize(
    ("t", "seed"), [(np.linspace(0.02, 3, 50), 1), (np.geomspace(0.01, 5, 40), 2)]
)
def test_a_plain_decay_is_not_given_an_oscillation(t: np.ndarray, seed: int) -> None:
    rng = np.random.default_rng(seed)
    for _ in range(5):
        y = 0.1 + 0.8 * np.exp(-t / rng.uniform(0.4, 1.5)) + 0.03 * rng.standard_normal(t.size)
        assert "omega" not in fit_decay(t, signal=y, sigma=0.03).parameters


def test_oscillations_can_be_asked_for() -> None:
    assert "omega" not in fit_decay(TIMES, signal=noisy(), oscillations=0).parameters
    assert "omega" in fit_decay(TIMES, signal=noisy(), oscillations=1).parameters


@pytest.mark.parametrize(
    ("exponent", "right", "wrong"),
    [(1.0, "exponential", "gaussian"), (2.0, "gaussian", "exponential")],
)
def test_auto_reports_the_exponent_and_judges_fixed_ones(
    exponent: float, right: str, wrong: str
) -> None:
    rng = np.random.default_rng(6)
    p = curve(TIMES, 1.5, exponent, 9.0, 0.7, 0.4, 0.5)
    fit = fit_decay(TIMES, signal=rng.binomial(1000, p) / 1000, shots=1000)
    delta = {
        other.name.split(",")[0]: other.delta for other in fit.comparison if "no" not in other.name
    }
    assert fit.parameters["exponent"] == pytest.approx(exponent, abs=3 * fit.errors["exponent"])
    assert 0 <= delta[right] < 9 < 100 < delta[wrong]
    assert f"The {wrong} envelope (n = {3 - exponent:g}) is rejected" in fit.report()
    assert f"The {right} envelope (n = {exponent:g}) is rejected" not in fit.report()


def test_delta_is_the_deviance_of_the_fixed_fit() -> None:
    auto = fit_decay(TIMES, signal=noisy(), sigma=0.02)
    fixed = fit_decay(TIMES, signal=noisy(), sigma=0.02, envelope="exponential", oscillations=1)
    (other,) = (a for a in auto.comparison if a.name == "exponential, oscillating")
    assert other.delta == pytest.approx(fixed.deviance - auto.deviance, rel=1e-6)
    assert other.aic == pytest.approx(other.delta / max(auto.reduced, 1) - 2, rel=1e-6)
    assert np.isnan(fixed.errors["exponent"])


def test_equal_steps_name_the_aliases() -> None:
    report = fit_decay(TIMES, signal=noisy()).report()
    turn = 2 * np.pi / (TIMES[1] - TIMES[0])
    assert f"omega only modulo {turn:.5g}" in report
    uneven = np.sort(np.random.default_rng(7).uniform(0, 3, 80))
    assert "modulo" not in fit_decay(uneven, signal=noisy(times=uneven)).report()


def test_no_visible_decay_is_said() -> None:
    y = 0.5 + 0.4 * np.cos(9 * TIMES) + 0.02 * np.random.default_rng(8).standard_normal(80)
    fit = fit_decay(TIMES, signal=y, sigma=0.02, envelope="exponential")
    assert np.isnan(fit.parameters["T"])
    assert fit.limits["T"][0] > 9
    assert "hardly any decay is seen" in fit.report()


# -- honest errors


def test_common_noise_is_reported_and_paid_for() -> None:
    """A shot's atoms share their probability: beta-binomial, variance 1 + 15/11 times binomial."""
    rng = np.random.default_rng(9)
    p = np.repeat(np.clip(CLEAN, 0, 1), 60)
    k = rng.binomial(16, rng.beta(10 * p, 10 * (1 - p)))
    rows = {"signal": k / 16, "shots": 16, "envelope": "stretched", "oscillations": 1}
    times = np.repeat(TIMES, 60)
    shared = fit_decay(times, groups=np.tile(np.arange(60), 80), **rows)
    blind = fit_decay(times, **rows)
    assert shared.misfit < 3 < blind.misfit
    assert "common to a group" in shared.report()
    assert f"Binomial errors alone give χ²/dof = {blind.reduced:.2f}" in shared.report()
    assert "The variance between groups is 2.39 times binomial" in shared.report()


def test_independent_atoms_are_not_called_common() -> None:
    k = np.random.default_rng(10).binomial(16, np.repeat(np.clip(CLEAN, 0, 1), 30))
    fit = fit_decay(
        np.repeat(TIMES, 30), signal=k / 16, shots=16, groups=np.tile(np.arange(30), 80)
    )
    assert "times binomial" in fit.report()
    assert "common to a group" not in fit.report()


def pulls(simulate: Callable[[np.random.Generator], Fit], sets: int, seed: int) -> np.ndarray:
    """(fit − truth)/error of T and n over simulated sets."""
    rng = np.random.default_rng(seed)
    fits = [simulate(rng) for _ in range(sets)]
    return np.array(
        [[(f.parameters[k] - TRUE[k]) / f.errors[k] for k in ("T", "exponent")] for f in fits]
    )


def counted(rng: np.random.Generator) -> Fit:
    k = rng.binomial(100, CLEAN)
    return fit_decay(TIMES, signal=k / 100, shots=100, envelope="stretched", oscillations=1)


def grouped(rng: np.random.Generator) -> Fit:
    p = np.repeat(CLEAN, 30)
    k = rng.binomial(16, rng.beta(10 * p, 10 * (1 - p)))
    rows = {"signal": k / 16, "shots": 16, "groups": np.tile(np.arange(30), 80)}
    return fit_decay(np.repeat(TIMES, 30), envelope="stretched", oscillations=1, **rows)


def test_errors_of_a_few_sets_have_the_right_size() -> None:
    """40 sets: the pulls' spread is 1 within 5 of its own standard errors (0.11)."""
    spread = pulls(counted, 40, seed=11).std(axis=0)
    assert np.all((spread > 0.45) & (spread < 1.55))


@pytest.mark.slow
@pytest.mark.parametrize("simulate", [counted, grouped])
def test_two_thirds_of_the_intervals_cover_the_truth(simulate: Callable[..., Fit]) -> None:
    inside = np.abs(pulls(simulate, 200, seed=12)) < 1
    coverage = inside.mean(axis=0)
    assert np.all(np.abs(coverage - 0.683) < 3.3 * np.sqrt(0.683 * 0.317 / 200)), coverage


def test_weights_from_observed_fractions_would_bias_the_contrast() -> None:
    """Why the deviance: fringes of contrast 0.96, 50 shots; Wald weights favour 0 and 1."""
    rng = np.random.default_rng(13)
    t = np.linspace(0.0, 3.0, 60)
    truth = (6.0, 2.0, 10.0, 0.0, 0.48, 0.5)
    fringe = lambda t, a, b: curve(t, *truth[:4], a, b)  # noqa: E731
    ours, wald = [], []
    for _ in range(15):
        p = rng.binomial(50, curve(t, *truth)) / 50
        weight = np.sqrt(np.maximum(p * (1 - p), 1e-3) / 50)
        wald.append(optimize.curve_fit(fringe, t, p, p0=truth[4:], sigma=weight)[0][0])
        fit = fit_decay(t, signal=p, shots=50, envelope="gaussian", oscillations=1)
        ours.append(fit.parameters["amplitude"])
    assert abs(np.mean(ours) - 0.48) < 0.3 * abs(np.mean(wald) - 0.48)


# -- what comes back


def test_the_dataset_tells_the_whole_story() -> None:
    fit = fit_decay(TIMES, signal=noisy(), sigma=0.03)
    data = fit.dataset
    np.testing.assert_array_equal(data.delay, TIMES)
    np.testing.assert_allclose(data.residual, (data.signal - data.model) / data.sigma)
    np.testing.assert_allclose(data.model, curve(TIMES, *values(fit)), rtol=1e-12)
    assert fit.deviance == pytest.approx(float((data.residual**2).sum()))
    record = json.loads(data.attrs["lzopen"])
    assert record["parameters"]["T"] == fit.parameters["T"]
    assert record["settings"]["envelope"] == "stretched"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"signal": [0.1, [0.2, 0.3]]}, "`signal` must be a list of single values"),
        ({"envelope": "lorentzian"}, "`envelope` must be one of 'auto', .*but is 'lorentzian'"),
        ({"oscillations": 3}, "`oscillations` must be one of"),
        ({"signal": np.where(TIMES > 2.9, np.nan, CLEAN)}, "`signal` must be finite, but is nan"),
        ({"signal": CLEAN[:-1]}, "`delay` must have shape"),
        ({"shots": -5}, "`shots` must not be negative, but is -5"),
        ({"shots": 5, "signal": CLEAN + 0.5}, "`signal` must lie between 0 and 1"),
        ({"sigma": 0.0}, "`sigma` must be positive, but is 0"),
        ({"delay": TIMES - 0.5}, "`delay` must not be negative, but is -0.45; count it from"),
        ({"shots": 2.5}, "`shots` must be whole numbers, but is 2.5; give how many trials"),
        ({"groups": [np.nan] * 80}, "`groups` must label each row, but is nan at one; leave"),
        ({"readout": "x"}, "`readout` must be a Readout, but is 'x'; e.g. lz.Confusion"),
        ({"readout": Confusion}, "`readout` must be a Readout, but is <class"),
        ({"readout": lambda p: p}, "`readout` must be a Readout, but is <function"),
    ],
)
def test_bad_input_is_refused(change: dict[str, object], words: str) -> None:
    arguments = {"delay": TIMES, "signal": CLEAN} | change
    with pytest.raises(LzopenError, match=words):
        fit_decay(**arguments)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("oscillations", "envelope", "least"),
    [
        (0, "exponential", 4),
        (0, "auto", 5),
        (1, "gaussian", 6),
        pytest.param(1, "stretched", 7, marks=pytest.mark.slow),
    ],
)
def test_too_few_delays_are_refused(oscillations: int, envelope: str, least: int) -> None:
    t = np.repeat(np.linspace(0.1, 2, least), 3)  # repetition adds no delay
    kinds = {"oscillations": oscillations, "envelope": envelope}
    y = curve(t, *TRUE.values())
    assert fit_decay(t, signal=y, sigma=0.01, **kinds).dof == 1
    with pytest.raises(LzopenError, match=f"more than {least - 1} distinct delays.*measure more"):
        fit_decay(t[3:], signal=y[3:], sigma=0.01, **kinds)


# -- measured qubits


def shot_rows(data: xr.Dataset) -> dict[str, np.ndarray]:
    n, k = data.prepared.values, data.detected.values
    return {
        "delay": np.repeat(data.run_time.values, n.shape[1]),
        "signal": (k / n).ravel(),
        "shots": n.ravel(),
        "groups": np.tile(np.arange(n.shape[1]), n.shape[0]),
    }


def test_aquila_ramsey_decays_as_others_found(aquila_ramsey: xr.Dataset) -> None:
    """Published data; T2* 3.14(6) µs and n 1.79(7) by an independent shot-level fit."""
    fit = fit_decay(**shot_rows(aquila_ramsey))
    assert fit.dataset.sizes["delay"] == 101
    assert 3.05 < fit.parameters["T"] < 3.20
    assert 1.75 < fit.parameters["exponent"] < 2.05
    assert 0.05 < fit.errors["T"] < 0.08
    assert fit.parameters["omega"] == pytest.approx(2 * np.pi * 1.7289, abs=0.04)
    assert fit.reduced == pytest.approx(1.47, abs=0.06)
    assert fit.scaled
    (exponential,) = (a for a in fit.comparison if a.name == "exponential, oscillating")
    assert exponential.delta > 100
    report = fit.report()
    assert "Binomial errors alone give χ²/dof = 3.08" in report
    assert "common to a group" in report
    assert "The exponential envelope (n = 1) is rejected" in report


def test_aquila_ramsey_fails_under_binomial_errors_and_says_so(aquila_ramsey: xr.Dataset) -> None:
    rows = shot_rows(aquila_ramsey)
    del rows["groups"]
    fit = fit_decay(**rows)
    assert fit.reduced == pytest.approx(3.1, abs=0.05)
    assert str(fit).startswith("THE MODEL DOES NOT DESCRIBE THE DATA")


def populations(folder: Path, name: str) -> tuple[np.ndarray, np.ndarray]:
    """Delays in µs and populations from the two calibration points of a heterodyne signal."""
    lines = (folder / "quantify-core-scqubit" / f"{name}_20210827.csv").read_text().splitlines()
    rows = [line.split(",") for line in lines if not line.startswith("#")][1:]
    voltage = np.array([complex(float(i), float(q)) for _, i, q, _ in rows])
    label = np.array([row[3] for row in rows])
    (zero,), (one,) = voltage[label == "cal0"], voltage[label == "cal1"]
    delay = np.array([float(row[0]) for row in rows])[label == "data"]
    return delay * 1e6, np.real((voltage[label == "data"] - zero) / (one - zero))


@pytest.mark.parametrize(
    ("name", "oscillations", "time", "error"),
    [("T1_q0", 0, 7.59, 0.09), ("ramsey_q0", 1, 9.90, 0.32), ("echo_q0", 0, 14.94, 0.55)],
)
def test_one_superconducting_qubit(
    shared_data: Path, name: str, oscillations: int, time: float, error: float
) -> None:
    delay, signal = populations(shared_data, name)
    fit = fit_decay(delay, signal=signal, envelope="exponential")
    assert ("omega" in fit.parameters) is bool(oscillations)
    assert fit.parameters["T"] == pytest.approx(time, abs=0.1 * error)
    assert fit.errors["T"] == pytest.approx(error, rel=0.1)


@pytest.mark.parametrize("sigma", [None, 0.05])
def test_data_without_a_decay_say_so(sigma) -> None:
    t = np.linspace(0.1, 6.0, 60)
    noise = np.random.default_rng(3).normal(scale=0.05, size=t.size)
    assert "No decay is seen" in fit_decay(t, signal=0.5 + noise, sigma=sigma).report()
    assert "No decay is seen" in fit_decay(t, signal=np.ones(t.size), sigma=0.05).report()
    with pytest.raises(LzopenError, match=r"`signal` must vary .* 1 throughout"):
        fit_decay(t, signal=np.ones(t.size))
    seen = fit_decay(t, signal=0.5 + 0.4 * np.exp(-t / 2) + noise, sigma=sigma)
    assert "No decay is seen" not in seen.report()


@pytest.mark.parametrize("sets", [8, pytest.param(25, marks=pytest.mark.slow)])
@pytest.mark.parametrize(("sigma", "seed"), [(None, 11), (1.0, 12)])
def test_noise_alone_seldom_oscillates(sigma: float | None, seed: int, sets: int) -> None:
    """Some frequency among many always fits noise well; that must not count as an oscillation."""
    t = np.linspace(0.1, 6.0, 60)
    rng = np.random.default_rng(seed)
    kinds = {"envelope": "exponential", "sigma": sigma}
    fits = [fit_decay(t, signal=rng.normal(size=t.size), **kinds) for _ in range(sets)]
    assert sum("omega" in fit.parameters for fit in fits) <= 1


def test_a_weak_oscillation_is_seen() -> None:
    """The price of the search does not hide what is clear: amplitude 0.1 under noise of 0.1."""
    t = np.linspace(0.1, 6.0, 120)
    noise = 0.1 * np.random.default_rng(13).normal(size=t.size)
    fit = fit_decay(t, signal=0.1 * np.cos(7 * t) + noise, sigma=0.1, envelope="exponential")
    assert fit.parameters["omega"] == pytest.approx(7.0, abs=4 * fit.errors["omega"])


def test_counts_at_the_edge_keep_the_curve_inside() -> None:
    """A decay from 1 to 0, where most counts are none at all."""
    t = np.linspace(0.0, 8.0, 60)
    rng = np.random.default_rng(17)
    for _ in range(8):
        k = rng.binomial(20, np.exp(-t))
        fit = fit_decay(t, signal=k / 20, shots=20, envelope="exponential", oscillations=0)
        assert float(fit.dataset["model"].min()) > -0.005
        assert float(fit.dataset["model"].max()) < 1.005
        assert fit.parameters["T"] == pytest.approx(1.0, abs=4 * fit.errors["T"])


def test_many_shots_do_not_bias_the_edge() -> None:
    """A million trials at each delay, of a fringe of full contrast."""
    t = np.linspace(0, 6, 61)
    p = np.clip(curve(t, 2.0, 2.0, 5.0, 0.0, 0.5, 0.5), 0, 1)
    rng = np.random.default_rng(18)
    fits = [
        fit_decay(t, signal=rng.binomial(10**6, p) / 1e6, shots=10**6,
                  envelope="gaussian", oscillations=1)
        for _ in range(6)
    ]  # fmt: skip
    pull = [(fit.parameters["amplitude"] - 0.5) / fit.errors["amplitude"] for fit in fits]
    assert abs(np.mean(pull)) < 4 / np.sqrt(6)
    assert np.mean([fit.reduced for fit in fits]) == pytest.approx(1.0, abs=0.2)


def test_a_wrong_model_of_unknown_noise_is_told_by_its_residuals() -> None:
    t = np.linspace(0.1, 12.0, 240)
    beat = np.exp(-t / 8) * (np.cos(9.0 * t) + np.cos(9.9 * t)) / 2
    noise = np.random.default_rng(4).normal(scale=0.01, size=t.size)
    report = fit_decay(t, signal=beat + noise).report()
    assert report.startswith("THE MODEL DOES NOT DESCRIBE THE DATA: neighbouring residuals")


def test_a_decay_that_hardly_begins_has_a_bound_whatever_its_shape() -> None:
    """A free exponent finds a kink in the noise of a line in one set of 20 (11 of 200)."""
    delay, found = np.linspace(0.1, 3.0, 30), []
    for seed in range(12):
        chance = 0.5 + 0.45 * np.exp(-delay / 50.0)
        signal = np.random.default_rng(seed).binomial(500, chance) / 500
        fit = fit_decay(delay, signal=signal, shots=500)
        low, high = fit.limits.get("T", (0.0, 0.0))
        found.append(np.isnan(fit.parameters["T"]) and low < 50 < high)
    assert sum(found) >= 11


def test_a_drawn_curve_never_feigns_a_slower_one() -> None:
    """Of more turns than can be drawn, only the measured delays are kept."""
    y, turn = noisy(), 2 * np.pi / (TIMES[1] - TIMES[0])
    near = fit_decay(TIMES, signal=y, sigma=0.02, omega=TRUE["omega"])
    far = fit_decay(TIMES, signal=y, sigma=0.02, omega=TRUE["omega"] + 200 * turn)
    assert near.dataset.fine_delay.size >= 500
    assert far.parameters["omega"] == pytest.approx(TRUE["omega"] + 200 * turn, rel=1e-3)
    assert far.dataset.fine_delay.values.tolist() == TIMES.tolist()
