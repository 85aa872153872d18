"""Envelopes, tones, aliases, windows and priors of decay fits, against independent code."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import lzopen as lz
from lzopen.characterization import Fit, fit_decay
from lzopen.errors import LzopenError

TIMES = np.linspace(0.04, 4.0, 100)


def ramsey(envelope: np.ndarray, t: np.ndarray = TIMES, omega: float = 9.0) -> np.ndarray:
    return 0.5 + 0.4 * envelope * np.cos(omega * t + 0.7)


def fitted(signal: np.ndarray, t: np.ndarray = TIMES, **more: Any) -> Fit:
    return fit_decay(t, signal=signal, **({"sigma": 0.01} | more))


@pytest.mark.parametrize(
    ("envelope", "power"), [("exponential", 1.0), ("gaussian", 2.0), ("stretched", 1.4)]
)
def test_each_envelope_finds_its_own_decay(envelope: str, power: float) -> None:
    fit = fitted(ramsey(np.exp(-((TIMES / 1.7) ** power))), envelope=envelope)
    assert fit.parameters["T"] == pytest.approx(1.7, rel=1e-6)
    assert fit.parameters["exponent"] == pytest.approx(power, rel=1e-6)
    assert fit.deviance < 1e-8


@pytest.mark.parametrize("oscillations", [0, 1])
def test_one_over_f_envelope_is_the_coherence_under_such_noise(oscillations: int) -> None:
    """The noise object integrates its spectrum; the envelope is the closed form for slow noise."""
    cutoff = 2e-4
    noise = lz.OneOverF(amplitude=0.09, omega_low=cutoff, omega_high=1e5)
    coherence = np.abs(noise.coherence(TIMES))
    T = np.interp(-1.0, np.log(coherence[::-1]), TIMES[::-1])
    signal = ramsey(coherence) if oscillations else 0.1 + 0.8 * coherence
    kinds = {"cutoff": cutoff, "oscillations": oscillations}
    fit = fitted(signal, envelope="1/f", **kinds)
    plain = fitted(signal, envelope="gaussian", **kinds)
    assert fit.parameters["T"] == pytest.approx(T, rel=2e-3)
    assert np.max(np.abs(fit.dataset.signal - fit.dataset.model)) < 2e-4
    assert fit.deviance < 0.01 * plain.deviance
    auto = fitted(signal, **kinds)
    assert {other.name.split(",")[0] for other in auto.comparison} >= {"1/f", "gaussian"}


def test_relaxation_multiplies_the_envelope() -> None:
    signal = ramsey(np.exp(-((TIMES / 2.2) ** 2) - TIMES / (2 * 1.9)))
    exact = fitted(signal, envelope="gaussian", relaxation=1.9)
    assert exact.parameters["T"] == pytest.approx(2.2, rel=1e-6)
    measured = fitted(signal, envelope="gaussian", relaxation=(2.0, 0.1))
    # the data know the decay well: they pull T1 back towards the truth
    assert 1.9 < measured.parameters["T1"] < 2.0
    assert measured.errors["T"] > 1.2 * exact.errors["T"]


def test_error_of_relaxation_is_carried_into_the_dephasing_time() -> None:
    """All exponential: 1/T2 = 1/2T1 + 1/T, so T's error follows by hand."""
    T1, error = 2.0, 0.1
    signal = ramsey(np.exp(-TIMES / 2.5 - TIMES / (2 * T1)))
    bare = fitted(signal, envelope="exponential")
    fit = fitted(signal, envelope="exponential", relaxation=(T1, error))
    T2 = 1 / (1 / 2.5 + 1 / (2 * T1))
    assert bare.parameters["T"] == pytest.approx(T2, rel=1e-6)
    rate = np.hypot(bare.errors["T"] / T2**2, error / (2 * T1**2))
    assert fit.errors["T"] == pytest.approx(2.5**2 * rate, rel=1e-3)


@pytest.mark.parametrize(("second", "weak"), [(11.0, 0.2), (5.0, 0.05), (8.3, 0.15), (40.0, 0.02)])
def test_two_tones_far_close_and_weak(second: float, weak: float) -> None:
    """8.3 beside 7.2 is two thirds of a line's width away from it."""
    fall = np.exp(-((TIMES / 3.0) ** 2))
    waves = 0.3 * np.cos(7.2 * TIMES + 0.4) + weak * np.cos(second * TIMES - 1.0)
    noise = 2e-3 * np.random.default_rng(3).standard_normal(TIMES.size)
    fit = fitted(0.5 + fall * waves + noise, sigma=2e-3, envelope="gaussian", oscillations=2)
    expected = {"T": 3.0, "omega": 7.2, "phase": 0.4, "amplitude": 0.3, "omega_2": second}
    for name, value in (expected | {"phase_2": -1.0, "amplitude_2": weak}).items():
        assert fit.parameters[name] == pytest.approx(value, abs=5 * fit.errors[name]), name
    assert fit.misfit < 3
    (single,) = (other for other in fit.comparison if "two" not in other.name)
    assert single.delta > 100


def test_two_tones_are_found_wherever_they_are() -> None:
    rng = np.random.default_rng(4)
    for _ in range(10):
        omegas = rng.choice(np.arange(4.0, 70.0, 3.0), 2, replace=False)
        waves = sum(
            a * np.cos(w * TIMES + rng.uniform(-3, 3))
            for a, w in zip((0.25, 0.1), omegas, strict=True)
        )
        noise = 0.02 * rng.standard_normal(TIMES.size)
        signal = 0.5 + np.exp(-TIMES / 2.0) * waves + noise
        fit = fitted(signal, sigma=0.02, envelope="exponential", oscillations=2)
        assert fit.misfit < 4
        assert fit.parameters["omega"] == pytest.approx(omegas[0], abs=6 * fit.errors["omega"])


# -- aliases


@pytest.mark.parametrize("true", [130.0, 210.0, 300.0])
def test_a_hint_picks_the_alias_of_even_steps(true: float) -> None:
    """Steps of 0.04 know omega up to 78.5; the truth lies beyond."""
    signal = ramsey(np.exp(-TIMES / 2), omega=true)
    folded = fitted(signal, envelope="exponential")
    assert folded.parameters["omega"] < np.pi / 0.04
    assert np.min(np.abs(folded.dataset.alias.values - true)) < 1e-3
    told = fitted(signal, envelope="exponential", omega=true + 5.0)
    assert told.parameters["omega"] == pytest.approx(true, rel=1e-6)
    assert np.min(np.abs(told.dataset.alias.values - folded.parameters["omega"])) < 1e-3


def bursts() -> np.ndarray:
    """Twelve bursts of fifteen delays."""
    return np.add.outer(np.linspace(0.2, 6.0, 12), 0.02 * np.arange(15)).ravel()


@pytest.mark.parametrize("omega", [22.0, 61.0])
def test_bursts_know_the_fringe_and_list_its_aliases(omega: float) -> None:
    t = bursts()
    rng = np.random.default_rng(5)
    signal = ramsey(np.exp(-((t / 4.0) ** 1.5)), t, omega) + 0.05 * rng.standard_normal(t.size)
    fit = fitted(signal, t, sigma=0.05)
    known = [fit.parameters["omega"], *fit.dataset.alias.values]
    assert np.min(np.abs(np.array(known) - omega)) < 5 * fit.errors["omega"]
    told = fitted(signal, t, sigma=0.05, omega=omega)
    assert told.parameters["omega"] == pytest.approx(omega, abs=5 * told.errors["omega"])
    assert told.parameters["T"] == pytest.approx(4.0, abs=5 * told.errors["T"])


def test_bursts_of_equal_steps_alias_by_these_steps() -> None:
    t = 0.02 * np.round(bursts() / 0.02)
    signal = ramsey(np.exp(-t / 4.0), t, 250.0)
    fit = fitted(signal, t, envelope="exponential", window="bursts")
    assert np.min(np.abs(fit.dataset.alias.values - 250.0)) < 0.1
    assert "`omega=` picks one" in fit.report()


# -- windows


def drifting(seed: int) -> np.ndarray:
    """A fringe whose frequency wanders by more than a radian over the delays."""
    rng = np.random.default_rng(seed)
    t = np.linspace(0.05, 8.0, 320)
    wander = 1.5 * np.sin(2 * np.pi * t / 8.0) + 0.3 * np.sin(2 * np.pi * t / 3.0)
    fringe = 0.45 + 0.3 * np.exp(-((t / 4.0) ** 1.7)) * np.cos(35 * t + wander)
    return fringe + 0.04 * rng.standard_normal(t.size)


def test_windows_see_the_decay_under_a_wandering_phase() -> None:
    t = np.linspace(0.05, 8.0, 320)
    pulls = []
    for seed in range(3):
        fit = fit_decay(t, signal=drifting(seed), sigma=0.04, window=0.4)
        pulls.append((fit.parameters["T"] - 4.0) / fit.errors["T"])
        assert fit.misfit < 3
    assert abs(np.mean(pulls)) < 4 / np.sqrt(3)
    report = fit.report()
    assert "20 windows have a phase each" in report
    assert "Systematic error of their width: windows of 0.267 give T = " in report
    rigid = fit_decay(t, signal=drifting(0), sigma=0.04)
    assert rigid.misfit > 3


def test_bursts_may_each_have_their_own_phase() -> None:
    t, rng = bursts(), np.random.default_rng(6)
    phase = np.repeat(rng.uniform(-np.pi, np.pi, 12), 15)
    fall = np.exp(-((t / 4.0) ** 2))
    signal = 0.5 + 0.4 * fall * np.cos(61 * t + phase) + 0.03 * rng.standard_normal(t.size)
    fit = fit_decay(t, signal=signal, sigma=0.03, envelope="gaussian", window="bursts")
    assert fit.parameters["T"] == pytest.approx(4.0, abs=4 * fit.errors["T"])
    assert "12 windows have a phase each" in fit.report()
    assert not any(name.startswith("drift") for name in fit.parameters)


def test_windows_that_hold_too_little_are_refused() -> None:
    with pytest.raises(LzopenError, match="`window` must leave at least 4 delays in each"):
        fitted(ramsey(np.exp(-TIMES)), window=0.05)
    with pytest.raises(LzopenError, match="`window` must be left out unless there is one"):
        fitted(ramsey(np.exp(-TIMES)), window=0.5, oscillations=2)


# -- priors


def test_a_prior_shifts_a_linear_parameter_as_a_weighted_mean_does() -> None:
    """With T and n fixed by sharp priors the offset is linear: Gauss's closed form."""
    rng = np.random.default_rng(7)
    fall, sigma = np.exp(-TIMES / 1.5), 0.05
    y = 0.2 + 0.6 * fall + sigma * rng.standard_normal(TIMES.size)
    sharp = {"T": (1.5, 1e-7)}
    kinds = {"envelope": "exponential", "oscillations": 0, "sigma": sigma}
    fit = fitted(y, priors=sharp | {"offset": (0.25, 0.01)}, **kinds)
    design = np.stack([np.ones(TIMES.size), fall], axis=1)
    precision = design.T @ design / sigma**2 + np.diag([0.01**-2, 0.0])
    right = design.T @ y / sigma**2 + np.array([0.25 * 0.01**-2, 0.0])
    best = np.linalg.solve(precision, right)
    found = [fit.parameters["offset"], fit.parameters["amplitude"]]
    np.testing.assert_allclose(found, best, rtol=1e-5)
    factor = np.sqrt(fit.minimum.excess)
    expected = factor * np.sqrt(np.diag(np.linalg.inv(precision)))
    np.testing.assert_allclose([fit.errors["offset"], fit.errors["amplitude"]], expected, rtol=1e-4)


def test_a_prior_counts_under_noise_of_unknown_size() -> None:
    rng = np.random.default_rng(8)
    y = 0.2 + 0.6 * np.exp(-TIMES / 1.5) + 0.05 * rng.standard_normal(TIMES.size)
    kinds = {"envelope": "exponential", "oscillations": 0, "sigma": None}
    free = fitted(y, **kinds)
    told = fitted(y, priors={"offset": (0.3, 1e-3)}, **kinds)
    assert told.parameters["offset"] == pytest.approx(0.3, abs=3e-3)
    assert abs(free.parameters["offset"] - 0.2) < 4 * free.errors["offset"]


@pytest.mark.parametrize(
    ("priors", "words"),
    [
        ({"decay": (1.0, 0.1)}, "`priors` must be one of .*'T'"),
        ({"T": 1.0}, r"`priors\['T'\]` must be a mean and a standard deviation"),
        ({"T": (1.0, 0.0)}, r"`priors\['T'\]` must be positive, but is 0"),
    ],
)
def test_bad_priors_are_refused(priors: dict[str, Any], words: str) -> None:
    with pytest.raises(LzopenError, match=words):
        fitted(ramsey(np.exp(-TIMES)), priors=priors)


@pytest.mark.parametrize(
    ("name", "without", "with_it"),
    [
        ("exponent", {"envelope": "gaussian"}, {"envelope": "stretched"}),
        ("omega", {"oscillations": 0}, {"oscillations": "auto"}),
        ("phase", {"oscillations": 0}, {"oscillations": 1}),
        ("omega_2", {"oscillations": 1}, {"oscillations": 2, "envelope": "exponential"}),
        ("T1", {"relaxation": (9.0, 0.1)}, {}),
    ],
)
def test_only_what_is_fitted_has_a_prior(
    name: str, without: dict[str, Any], with_it: dict[str, Any]
) -> None:
    y, prior = ramsey(np.exp(-TIMES)), {name: (1.0, 100.0)}
    words = f"`priors` must be one of .*, but is '{name}'; only what is fitted has a prior"
    with pytest.raises(LzopenError, match=words):
        fitted(y, priors=prior, **without)
    if with_it:
        assert name in fitted(y, priors=prior, **with_it).parameters


def test_the_mean_of_a_prior_is_possible() -> None:
    y = ramsey(np.exp(-TIMES))
    with pytest.raises(LzopenError, match="must have a mean above zero, but is -1; it is a time"):
        fitted(y, priors={"T": (-1.0, 0.1)})
    with pytest.raises(LzopenError, match=r"must have a mean between 0.3 and 4, but is 5"):
        fitted(y, priors={"exponent": (5.0, 0.1)})
    with pytest.raises(LzopenError, match=r"must have a mean between 0 and inf, but is -0.4"):
        fitted(y, priors={"amplitude": (-0.4, 0.1)}, oscillations=1)


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"relaxation": -1.0}, "`relaxation` must be positive, but is -1"),
        ({"relaxation": (2.0, -0.1)}, "`relaxation` must not be negative, but is -0.1"),
        ({"envelope": "1/f"}, "`cutoff` must be given for 1/f noise"),
        ({"envelope": "1/f", "cutoff": 3.0}, "`cutoff` must stay below 1/4"),
        ({"omega": 3.0, "oscillations": 0}, "`omega` must be left out without oscillations"),
    ],
)
def test_bad_options_are_refused(more: dict[str, Any], words: str) -> None:
    with pytest.raises(LzopenError, match=words):
        fitted(ramsey(np.exp(-TIMES)), **more)
