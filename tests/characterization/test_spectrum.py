"""Noise spectra from decays: against the truth, against other code, and on a measured qubit."""

from __future__ import annotations

import itertools
import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from scipy import stats

import lzopen as lz
from lzopen.characterization.spectra.band import band_exponents
from lzopen.characterization.spectra.decay import Exponents

LOW, HIGH = 1e-5, 1e3
T1 = 100.0
TRUTH = {"amplitude": 0.2, "exponent": 1.0, "density": 0.01}
LAST = {0: 7.0, 1: 19.0, 2: 26.0, 4: 38.0, 8: 55.0, 16: 80.0}  # delays at which little is left
GUESS = lz.OneOverF(0.5, LOW, HIGH, 0.8) + lz.White(0.1)
FREE = list(TRUTH)


def device(amplitude: float, exponent: float, density: float) -> lz.Noise:
    return lz.OneOverF(amplitude, LOW, HIGH, exponent) + lz.White(density)


def measured(
    noise: lz.Noise,
    rng: np.random.Generator | None,
    *,
    pulses: Any = tuple(LAST),
    relaxation: float = T1,
    contrast: float = 0.5,
    shots: int = 1000,
    unit: float = 1.0,
) -> dict[str, dict[str, Any]]:
    """Decays of 50 delays each, counted; or free of noise if there is no generator."""
    decays = {}
    for number in pulses:
        t = np.linspace(0.02, 1.0, 50) * LAST[number]
        coherence = noise.coherence(lz.PulseSequence(t, number)) * np.exp(-t / (2 * relaxation))
        p = 0.5 + contrast * coherence
        found: dict[str, Any] = {"sequence": number, "delay": t * unit, "oscillations": 0}
        if rng is None:
            found |= {"signal": p, "sigma": 0.01}
        else:
            found |= {"signal": rng.binomial(shots, p) / shots, "shots": shots}
        decays[f"CPMG-{number}"] = found
    return decays


def pulls(fit: lz.Fit, truth: dict[str, float]) -> list[float]:
    return [(fit.parameters[name] - value) / fit.errors[name] for name, value in truth.items()]


# -- the exponents behind the fit


@pytest.mark.parametrize("pulses", [0, 1, 4, 16, [0.1, 0.45, 0.8]])
@pytest.mark.parametrize("exponent", [-0.5, 0.3, 1.0, 1.7, 2.0, 3.0])
def test_tabulated_exponents_are_those_of_the_noise(pulses: Any, exponent: float) -> None:
    """From a polynomial in the exponent and a series in the phase; the noise integrates."""
    sequence = lz.PulseSequence(np.linspace(0.0, 9.0, 12), pulses)
    fast = Exponents([sequence])
    for low in (1e-5, 1e-2, 0.5):
        depth = 0.5 * lz.OneOverF(1.0, low, 50.0, exponent).phase_variance(9.0)
        noise = lz.OneOverF(np.sqrt(20 / depth), low, 50.0, exponent) + lz.White(0.2)
        (chi,) = fast(noise)
        np.testing.assert_allclose(chi, noise.decay_exponent(sequence), rtol=3e-4, atol=1e-12)


def test_exponents_in_bins_add_up_to_those_of_a_band() -> None:
    edges = np.geomspace(0.01, 200.0, 9)
    for pulses in (0, 1, 5, [0.2, 0.3]):
        sequence = lz.PulseSequence(np.array([0.3, 2.0, 11.0]), pulses)
        bins = band_exponents(sequence, edges)
        for i, (low, high) in enumerate(itertools.pairwise(edges)):
            flat = lz.OneOverF(1 / np.sqrt(2 * np.pi), low, high, exponent=0.0)
            expected = flat.decay_exponent(sequence)
            np.testing.assert_allclose(bins[:, i], expected, rtol=1e-6, atol=1e-13)


# -- the right numbers


def test_six_sequences_fix_the_exponent() -> None:
    """1000 shots at 50 delays of each: to 0.01 with the cut-off given, to 0.05 without."""
    decays = measured(device(**TRUTH), np.random.default_rng(1), relaxation=300.0)
    known = lz.infer_spectrum(decays, noise=GUESS, free=FREE, relaxation=(300.0, 9.0))
    assert known.errors["exponent"] < 0.01
    at = known.minimum.free.index("density")
    assert 0.15 < np.sqrt(known.minimum.covariance[at, at]) / TRUTH["density"] < 0.6
    assert np.max(np.abs(pulls(known, {"amplitude": 0.2, "exponent": 1.0}))) < 3
    low, high = known.interval("density", 0.95)
    assert low < TRUTH["density"] < high
    assert known.misfit < 3


@pytest.mark.slow
def test_six_sequences_fix_the_exponent_without_the_cut_off() -> None:
    decays = measured(device(**TRUTH), np.random.default_rng(1), relaxation=300.0)
    fit = lz.infer_spectrum(decays, noise=GUESS, free=[*FREE, "omega_low"], relaxation=(300.0, 9.0))
    assert 0.02 < fit.errors["exponent"] < 0.05
    assert abs(fit.parameters["exponent"] - 1.0) < 3 * fit.errors["exponent"]
    assert np.isnan(fit.parameters["omega_low"])  # a factor of 10 or more is no number
    low, high = fit.limits["omega_low"]
    assert low < LOW < high < 1e3 * LOW


def test_nothing_but_the_truth_comes_from_clean_decays() -> None:
    """Scales that start wrong by a thousand, without any noise in the data."""
    decays = measured(device(**TRUTH), None)
    for factor in (1e-3, 1e3):
        guess = lz.OneOverF(0.2 * factor, LOW, HIGH, 1.3) + lz.White(0.01 * factor)
        fit = lz.infer_spectrum(decays, noise=guess, free=FREE, relaxation=T1)
        for name, value in TRUTH.items():
            assert fit.parameters[name] == pytest.approx(value, rel=2e-3), name
        assert fit.deviance < 1e-3


def test_the_unit_of_time_does_not_matter() -> None:
    """The same decays in ns: A goes with 1/time at s = 1, S₀ of white noise too."""
    rng = np.random.default_rng(2)
    decays = measured(device(0.2, 1.0, 0.1), rng, pulses=(0, 1, 4))
    scaled = {k: {**d, "delay": d["delay"] * 1e3} for k, d in decays.items()}
    free = ["amplitude", "density"]
    plain = lz.infer_spectrum(
        decays, noise=lz.OneOverF(1.0, LOW, HIGH) + lz.White(1.0), free=free, relaxation=T1
    )
    other = lz.infer_spectrum(
        scaled,
        noise=lz.OneOverF(1.0, LOW / 1e3, HIGH / 1e3) + lz.White(1.0),
        free=free,
        relaxation=T1 * 1e3,
    )
    for name in free:
        assert other.parameters[name] * 1e3 == pytest.approx(plain.parameters[name], rel=1e-3)
        assert other.errors[name] * 1e3 == pytest.approx(plain.errors[name], rel=1e-2)


def test_a_shape_is_found_where_all_scales_are_known() -> None:
    decays = measured(device(**TRUTH), np.random.default_rng(16), pulses=(0, 1))
    fit = lz.infer_spectrum(
        decays,
        noise=lz.OneOverF(0.2, LOW, HIGH, 0.7) + lz.White(0.01),
        free=["exponent"],
        relaxation=T1,
    )
    assert fit.errors["exponent"] < 0.01
    assert np.max(np.abs(pulls(fit, {"exponent": 1.0}))) < 3


def test_ramsey_and_echo_know_the_exponent_if_they_know_the_cut_off() -> None:
    noise = lz.OneOverF(0.2, LOW, HIGH)
    decays = measured(noise, np.random.default_rng(3), pulses=(0, 1), relaxation=np.inf)
    guess = lz.OneOverF(1.0, LOW, HIGH, 1.2)
    fit = lz.infer_spectrum(decays, noise=guess, free=["amplitude", "exponent"], relaxation=np.inf)
    assert fit.errors["exponent"] < 0.012
    assert np.max(np.abs(pulls(fit, {"amplitude": 0.2, "exponent": 1.0}))) < 3
    free = ["amplitude", "exponent", "omega_low"]
    loose = lz.infer_spectrum(decays, noise=guess, free=free, relaxation=np.inf)
    assert loose.errors["exponent"] > 4 * fit.errors["exponent"]
    low, high = loose.interval("exponent", 0.95)
    assert low < 1.0 < high
    assert np.isnan(loose.parameters["omega_low"])


def test_an_ornstein_uhlenbeck_noise_is_found_too() -> None:
    noise = lz.OrnsteinUhlenbeck(sigma=0.5, correlation_time=3.0)
    decays = measured(noise, np.random.default_rng(4), pulses=(0, 1, 4), relaxation=np.inf)
    fit = lz.infer_spectrum(
        decays,
        noise=lz.OrnsteinUhlenbeck(5.0, 1.0),
        free=["sigma", "correlation_time"],
        relaxation=np.inf,
    )
    assert np.max(np.abs(pulls(fit, {"sigma": 0.5, "correlation_time": 3.0}))) < 3
    assert fit.errors["correlation_time"] < 0.3


def test_fringes_and_noise_of_unknown_size() -> None:
    """A Ramsey decay that oscillates, in volts, beside an echo that does not."""
    noise = lz.OneOverF(0.2, LOW, HIGH)
    rng = np.random.default_rng(5)
    t, late = np.linspace(0.05, 7.0, 120), np.linspace(0.2, 19.0, 60)
    wave = noise.coherence(t) * np.cos(6.0 * t + 0.4)
    still = noise.coherence(lz.PulseSequence(late, 1))
    decays = {
        "ramsey": {"sequence": "ramsey", "delay": t,
                   "signal": 2e-3 + 3e-4 * wave + 1e-5 * rng.standard_normal(t.size)},
        "echo": {"sequence": lz.PulseSequence(1.0, 1), "delay": late,
                 "signal": 1e-3 - 3e-4 * still + 1e-5 * rng.standard_normal(late.size)},
    }  # fmt: skip
    fit = lz.infer_spectrum(
        decays,
        noise=lz.OneOverF(1.0, LOW, HIGH),
        free=["amplitude", "exponent"],
        relaxation=np.inf,
    )
    assert np.max(np.abs(pulls(fit, {"amplitude": 0.2, "exponent": 1.0}))) < 3
    assert fit.minimum.values["ramsey.omega"] == pytest.approx(6.0, abs=0.02)
    assert "noise of ramsey, echo is what a smooth curve leaves over" in fit.report()


def test_a_prior_counts_as_a_measurement() -> None:
    decays = measured(device(**TRUTH), np.random.default_rng(6), pulses=(0, 1))
    free = ["exponent", "amplitude", "omega_low"]
    noise = lz.OneOverF(0.2, LOW, HIGH) + lz.White(0.01)
    fit = lz.infer_spectrum(
        decays, noise=noise, free=free, relaxation=T1, priors={"exponent": (1.0, 0.001)}
    )
    assert fit.errors["exponent"] < 0.00101
    assert fit.errors["omega_low"] < 0.8 * fit.parameters["omega_low"]
    without = lz.infer_spectrum(decays, noise=noise, free=free, relaxation=T1)
    assert np.isnan(without.parameters["omega_low"])


# -- what the data cannot tell


def test_ramsey_alone_cannot_tell_the_shape() -> None:
    noise = lz.OneOverF(0.2, LOW, HIGH)
    decays = measured(noise, np.random.default_rng(7), pulses=(0,), relaxation=np.inf)
    for free in (["amplitude", "exponent"], ["amplitude", "exponent", "omega_low"]):
        fit = lz.infer_spectrum(
            decays, noise=lz.OneOverF(1.0, LOW, HIGH), free=free, relaxation=np.inf
        )
        assert all(np.isnan(fit.parameters[name]) for name in free)
        assert "cannot be told from these decays" in fit.report()
        assert "an echo or CPMG decay would tell" in fit.report()
        assert not np.isfinite(fit.dataset["spectrum"]).any()


def test_an_echo_that_decays_by_relaxation_alone_does_not_help() -> None:
    """Quasi-static noise: the exponent stays open, though there is a refocused decay."""
    noise = lz.QuasiStatic(0.5)
    decays = measured(noise, np.random.default_rng(8), pulses=(0, 1), relaxation=10.0)
    fit = lz.infer_spectrum(
        decays,
        noise=lz.OneOverF(1.0, LOW, HIGH),
        free=["amplitude", "exponent"],
        relaxation=(10.0, 0.3),
    )
    assert np.isnan(fit.parameters["exponent"])
    assert "refocused decays show too little" in fit.report()
    sigma, error = re.search(r"sigma = (\S+) ± (\S+),", fit.report()).groups()
    assert abs(float(sigma) - 0.5) < 3 * float(error) < 0.1


def test_white_noise_and_unknown_relaxation_are_one() -> None:
    """S₀ + 1/T1 is all that decays fix; a measured T1 parts them."""
    truth = {"amplitude": 0.2, "exponent": 1.0, "density": 0.03}
    rng = np.random.default_rng(9)
    decays = measured(device(**truth), rng, relaxation=50.0)
    blind = lz.infer_spectrum(decays, noise=GUESS, free=FREE)
    assert np.isnan(blind.parameters["density"])
    assert np.isnan(blind.parameters["T1"])
    assert 0.03 < blind.limits["density"][1] < 0.1
    assert blind.limits["T1"][0] < 50.0
    assert "`density` and `T1` correlate by +1.000" in blind.report()
    assert "Measure T1" in blind.report()
    assert blind.errors["exponent"] < 0.012

    together = lz.infer_spectrum(decays, noise=GUESS, free=FREE, relaxation=np.inf)
    assert np.max(np.abs(pulls(together, truth | {"density": 0.03 + 1 / 50}))) < 3

    t = np.linspace(1.0, 200.0, 60)
    relaxed = {"delay": t, "signal": rng.binomial(4000, np.exp(-t / 50)) / 4000, "shots": 4000}
    fit = lz.infer_spectrum(decays, noise=GUESS, free=FREE, relaxation=relaxed)
    assert np.max(np.abs(pulls(fit, truth | {"T1": 50.0}))) < 3
    assert "`density` and `T1` correlate" not in fit.report()
    alone = lz.fit_decay(**relaxed, envelope="exponential", oscillations=0)
    assert fit.errors["T1"] < 1.3 * alone.errors["T"]


def test_a_constant_signal_gives_a_bound_at_most() -> None:
    rng = np.random.default_rng(10)
    t = np.linspace(0.1, 5.0, 40)
    decays = {
        name: {"sequence": name, "delay": t, "signal": rng.binomial(500, 0.5, 40) / 500,
               "shots": 500, "oscillations": 0}
        for name in ("ramsey", "echo")
    }  # fmt: skip
    fit = lz.infer_spectrum(
        decays,
        noise=lz.OneOverF(0.2, LOW, HIGH),
        free=["amplitude", "exponent"],
        relaxation=np.inf,
    )
    assert np.isnan(fit.parameters["amplitude"])
    assert np.isnan(fit.parameters["exponent"])


def test_no_decay_in_the_window_gives_an_upper_bound() -> None:
    """The contrast is seen on half of a fringe that does not decay."""
    rng = np.random.default_rng(11)
    t = np.linspace(0.02, 1.0, 60)
    p = 0.5 + 0.45 * np.cos(30 * t)
    decay = {"sequence": "ramsey", "delay": t, "signal": rng.binomial(500, p) / 500, "shots": 500}
    fit = lz.infer_spectrum(
        {"ramsey": decay}, noise=lz.White(1.0), free=["density"], relaxation=np.inf
    )
    assert np.isnan(fit.parameters["density"])
    assert 0 <= fit.limits["density"][0] < 1e-3 < fit.limits["density"][1] < 0.2
    assert "< " in fit.report()


def test_a_wrong_spectrum_says_so_first() -> None:
    decays = measured(device(**TRUTH), np.random.default_rng(12))
    fit = lz.infer_spectrum(decays, noise=lz.White(0.1), free=["density"], relaxation=T1)
    assert fit.report().startswith("THE MODEL DOES NOT DESCRIBE THE DATA")


# -- the drawn spectrum


def test_the_band_holds_the_truth_and_ends_with_the_filters() -> None:
    noise = device(**TRUTH)
    fit = lz.infer_spectrum(
        measured(noise, np.random.default_rng(13)), noise=GUESS, free=FREE, relaxation=(T1, 3.0)
    )
    data = fit.dataset
    inside = np.isfinite(data["spectrum"].values)
    omega = data["omega"].values[inside]
    first, last = data["filters"].values
    assert first == pytest.approx(omega[0])
    assert last == pytest.approx(omega[-1])
    # CPMG-16 looks at 16π/delay, and delays range from 4 to where the coherence is gone
    assert 1 / LAST[16] < first < 16 * np.pi / 30 < last < 16 * np.pi / 1.6
    low, high = data["spectrum_low"].values[inside], data["spectrum_high"].values[inside]
    width = np.log(high / low) / 2
    off = np.abs(np.log(data["spectrum"].values[inside] / noise.spectrum(omega)))
    assert np.all(off < 3.5 * width)
    assert np.all(width < 0.3)
    assert width.min() < 0.03
    outside = data["spectrum_bound"].values[~inside]
    assert np.all(outside > noise.spectrum(data["omega"].values[~inside]))
    assert np.isnan(data["spectrum_bound"].values[inside]).all()
    assert data["weight"].sum() == pytest.approx(1.0)


def test_a_bound_is_what_more_noise_would_have_shown() -> None:
    """Noise in one bin, at the bound: the best fit without it is worse by about 1.645²."""
    decays = measured(device(**TRUTH), None)
    free = ["amplitude", "density"]
    fit = lz.infer_spectrum(decays, noise=device(**TRUTH), free=free, relaxation=T1)
    omega, bound = fit.dataset["omega"].values, fit.dataset["spectrum_bound"].values
    half = np.sqrt(omega[1] / omega[0])
    finite = np.flatnonzero(np.isfinite(bound))
    at = finite[omega[finite] > 1.0][0]
    excess = bound[at] - fit.minimum.values["density"] - 2 * np.pi * 0.2**2 / omega[at]
    amplitude = np.sqrt(excess / (2 * np.pi))
    more = lz.OneOverF(float(amplitude), omega[at] / half, omega[at] * half, exponent=0.0)
    found = lz.infer_spectrum(
        measured(device(**TRUTH) + more, None), noise=device(**TRUTH), free=free, relaxation=T1
    )
    assert found.deviance == pytest.approx(1.645**2, rel=0.3)


def test_the_figure_draws_the_band_inside_and_the_bound_outside() -> None:
    decays = measured(device(**TRUTH), np.random.default_rng(14))
    fit = lz.infer_spectrum(decays, noise=GUESS, free=FREE, relaxation=T1)
    axes = lz.plotting.spectrum(fit, unit="us", simulated=True)
    names = [text.get_text() for text in axes.get_legend().get_texts()]
    assert names == ["weight of the filters", "68 %", "spectrum", "below (95 %)"]
    assert axes.get_title().endswith("(simulated)")
    curve, bound = axes.get_lines()
    assert np.array_equal(np.isfinite(curve.get_ydata()), np.isfinite(fit.dataset["spectrum"]))
    both = np.isfinite(curve.get_ydata()) & np.isfinite(bound.get_ydata())
    assert not both.any()
    plain = lz.fit_decay([0.0, 1, 2, 3, 4, 5], signal=[1.0, 0.5, 0.3, 0.1, 0.1, 0], sigma=0.1)
    with pytest.raises(lz.LzopenError, match="`result` must be a fit of a spectrum"):
        lz.plotting.spectrum(plain)


def test_a_fit_saves_and_cites_as_it_is(tmp_path: Path) -> None:
    decays = measured(device(**TRUTH), np.random.default_rng(15), pulses=(0, 1))
    fit = lz.infer_spectrum(decays, noise=GUESS, free=["amplitude"], relaxation=T1)
    assert lz.load(lz.save(fit, tmp_path / "fit.nc")).identical(fit.dataset)
    assert "cywinski2008" in lz.cite(fit)


# -- honest errors

SPREAD = {"amplitude": (0.12, 0.35), "exponent": (0.75, 1.25), "density": (0.02, 0.1)}


def drawn(rng: np.random.Generator) -> tuple[dict[str, float], lz.Fit]:
    """A device from the declared range, its decays, and a T1 known to 3 %."""
    low, high = np.array(list(SPREAD.values())).T
    truth = dict(zip(SPREAD, np.exp(rng.uniform(np.log(low), np.log(high))).tolist(), strict=True))
    T = rng.uniform(60.0, 200.0)
    decays = measured(device(**truth), rng, relaxation=T, contrast=rng.uniform(0.35, 0.5))
    known = T * (1 + 0.03 * rng.standard_normal())
    return truth, lz.infer_spectrum(decays, noise=GUESS, free=FREE, relaxation=(known, 0.03 * T))


def coverage(sets: int, seed: int) -> tuple[dict[str, list[int]], dict[str, list[float]]]:
    """How many intervals of 68 % and 95 % hold the truth, and pulls in the fit's coordinate."""
    rng = np.random.default_rng(seed)
    counts: dict[str, list[int]] = {name: [0, 0] for name in SPREAD}
    offsets: dict[str, list[float]] = {name: [] for name in SPREAD}
    for _ in range(sets):
        truth, fit = drawn(rng)
        for name, value in truth.items():
            for i, level in enumerate((0.68, 0.95)):
                low, high = fit.interval(name, level)
                counts[name][i] += low <= value <= high
            quantity, at = fit.problem.quantities[name], fit.minimum.values[name]
            if name in fit.minimum.free:
                k = fit.minimum.free.index(name)
                size = np.sqrt(fit.minimum.covariance[k, k]) / quantity.slope(at)
                offsets[name].append((quantity.inward(at) - quantity.inward(value)) / size)
    return counts, offsets


def test_a_few_intervals_hold_the_truth() -> None:
    """4 sets and three parameters, 12 intervals: fewer than 4 of 68 % are one in 1000."""
    counts, _ = coverage(4, seed=22)
    assert sum(each[0] for each in counts.values()) >= 4
    assert sum(each[1] for each in counts.values()) >= 8


@pytest.mark.slow
def test_intervals_cover_and_are_not_biased() -> None:
    sets = 200
    counts, offsets = coverage(sets, seed=21)
    for name, each in counts.items():
        for level, count in zip((0.68, 0.95), each, strict=True):
            low, high = stats.binom.interval(0.999, sets, level)
            assert low <= count <= high, (name, level, count)
        median = np.median(offsets[name])
        error = 1.2533 * np.std(offsets[name]) / np.sqrt(len(offsets[name]))
        assert abs(median) < 0.2 + 3 * error, (name, median)


# -- wrong input

DELAY = np.linspace(0.1, 5.0, 20)
GOOD = {"sequence": "echo", "delay": DELAY, "signal": np.exp(-DELAY), "sigma": 0.01}


def changed(**change: Any) -> dict[str, Any]:
    return {"decays": {"e": {**GOOD, **change}}}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"decays": {}}, "`decays` must be a mapping of names to decays, but is {}; e.g."),
        ({"decays": {"e": 3}}, r"`decays\['e'\]` must be a mapping, but is 3"),
        ({"decays": {"e": {"sequence": 1}}}, "hold sequence, delay, but is without delay"),
        (changed(sequence="hahn"), "must be 'ramsey' or 'echo', but is 'hahn'; or a number"),
        (changed(sequence=-1), "must be 'ramsey' or 'echo', but is -1; or a number of π pulses"),
        (changed(sequence=1.5), "must be 'ramsey' or 'echo', but is 1.5"),
        (changed(shot=100), "must be one of 'sequence', .*but is 'shot'"),
        (changed(signal=np.full(20, np.nan)), r"In `decays\['e'\]`: .*`signal` must be finite"),
        (changed(delay=-DELAY), r"In `decays\['e'\]`: .*`delay` must not be negative"),
        (changed(delay=[1.0], signal=[0.5]), "at least 4 distinct delays, but is holding 1"),
        (changed(oscillations=2), "must be one of 'auto', 0, 1, but is 2"),
        (changed(sigma=None, delay=DELAY[:5], signal=GOOD["signal"][:5]), "more than 5 distinct"),
        ({"noise": 0.1}, "`noise` must be a Noise, but is 0.1; e.g. lz.OneOverF"),
        ({"noise": lz.White(0.0)}, "`noise` must start above zero, but is density = 0; give a"),
        ({"free": "density"}, r"`free` must be a list of parameter names, but is 'density'"),
        ({"free": []}, "`free` must be a list of parameter names"),
        ({"free": ["densty"]}, "'densty'; the model has density"),
        ({"free": ["density", "density"]}, "density is named twice"),
        ({"relaxation": -3.0}, "`relaxation` must be positive, but is -3"),
        ({"relaxation": (3.0, -1.0)}, "`relaxation` must not be negative, but is -1; the second"),
        ({"relaxation": "T1.csv"}, "`relaxation` must be T1, or T1 and its error"),
        ({"relaxation": (3.0, 1.0, 2.0)}, "`relaxation` must be T1, or T1 and its error"),
        ({"relaxation": {"delay": DELAY}}, "In `relaxation`: .*`signal` must be given"),
        ({"priors": {"sigma": (1.0, 0.1)}}, "`priors` must be one of 'density', but is 'sigma'"),
        ({"priors": {"density": 1.0}}, "must be a mean and a standard deviation, but is 1.0"),
        ({"priors": {"density": (1.0, 0.0)}}, "must be positive, but is 0; fix what is exact"),
    ],
)
def test_bad_input_is_named(change: dict[str, Any], words: str) -> None:
    arguments = {"decays": {"e": GOOD}, "noise": lz.White(1.0), "free": ["density"]} | change
    with pytest.raises(lz.LzopenError, match=words):
        lz.infer_spectrum(**arguments)


def test_more_numbers_than_points_are_refused() -> None:
    short = {**GOOD, "delay": DELAY[:4], "signal": GOOD["signal"][:4]}
    noise = lz.OneOverF(1.0, LOW, HIGH)
    with pytest.raises(lz.LzopenError, match=r"more than 4 points.* holding 4; measure more"):
        lz.infer_spectrum(
            {"e": short}, noise=noise, free=["amplitude", "exponent"], relaxation=np.inf
        )


# -- a measured qubit


def population(folder: Path, name: str) -> dict[str, np.ndarray]:
    data = lz.load_measurement(
        folder / "quantify-core-scqubit" / f"{name}_q0_20210827.csv",
        axes="delay_s",
        signal=("I_V", "Q_V"),
        calibration="point",
        time_unit="us",
    )
    return {"delay": data["delay"].values, "signal": data["signal"].values}


def test_a_measured_qubit_has_slow_noise_of_unknown_colour(shared_data: Path) -> None:
    """Ramsey, echo and T1 within 35 s: the echo is limited by T1, so no exponent follows."""
    decays = {
        name: {"sequence": name, **population(shared_data, name)} for name in ("ramsey", "echo")
    }
    relaxation = population(shared_data, "T1")
    slow = lz.infer_spectrum(
        decays,
        noise=lz.QuasiStatic(1.0) + lz.White(0.01),
        free=["sigma", "density"],
        relaxation=relaxation,
    )
    # T_φ = √2/σ; a Gaussian decay times T1 gave 22.5(1.1) µs
    assert np.sqrt(2) / slow.parameters["sigma"] == pytest.approx(22.5, abs=1.5)
    assert slow.errors["sigma"] < 0.1 * slow.parameters["sigma"]
    assert slow.parameters["T1"] == pytest.approx(7.59, abs=0.1)
    assert np.isnan(slow.parameters["density"])
    assert slow.limits["density"][1] < 2 / 100  # T_φ of the echo is beyond 100 µs
    assert slow.misfit < 3

    noise = lz.OneOverF(0.05, 1e-7, 1e3)
    free = lz.infer_spectrum(
        decays, noise=noise, free=["amplitude", "exponent"], relaxation=relaxation
    )
    assert np.isnan(free.parameters["exponent"])
    assert "`amplitude` and `exponent` cannot be told" in free.report()
    assert "sigma = 0.06" in free.report()

    fixed = lz.infer_spectrum(decays, noise=noise, free=["amplitude"], relaxation=relaxation)
    assert fixed.parameters["amplitude"] == pytest.approx(0.012, abs=0.002)
    assert fixed.errors["amplitude"] < 0.1 * fixed.parameters["amplitude"]


def loaded(header: str, factor: float = 1.0) -> xr.Dataset:
    """The good decay as a file has it."""
    table = pd.DataFrame({header: factor * DELAY, "P": GOOD["signal"], "error": 0.01})
    return lz.load_measurement(table, axes=header, signal="P", sigma="error")


def test_measurements_are_taken_as_they_were_loaded() -> None:
    how = {"noise": lz.White(1.0), "free": ["density"]}
    plain = {key: GOOD[key] for key in ("delay", "signal", "sigma")}
    expected = lz.infer_spectrum({"e": GOOD}, relaxation=plain, **how)
    data = loaded("delay (us)")
    fit = lz.infer_spectrum({"e": {"sequence": 1, "delay": data}}, relaxation=data, **how)
    assert fit.parameters == expected.parameters
    assert fit.deviance == expected.deviance


def test_delays_of_different_units_are_refused() -> None:
    decays = {"e": {"sequence": 1, "delay": loaded("delay (us)")}}
    words = "`decays` must have all delays in one unit of time, but is 'e' in µs and 'T1' in ms"
    with pytest.raises(lz.LzopenError, match=words):
        lz.infer_spectrum(
            decays, noise=lz.White(1.0), free=["density"], relaxation=loaded("t (ms)", 1e-3)
        )


def test_what_is_held_is_told() -> None:
    noise = lz.OneOverF(0.2, omega_low=1e-4, omega_high=1e3)
    fit = lz.infer_spectrum({"e": GOOD}, noise=noise, free=["amplitude"], relaxation=np.inf)
    assert "Held: omega_low = 0.0001, omega_high = 1000, exponent = 1." in fit.notes
