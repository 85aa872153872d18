"""How often intervals of simulated decays contain the truth, and whether estimates are biased.

Windows last 1. Decay times are 0.3 to 1.5 windows, exponents 0.7 to 2.5, contrasts 0.3 to 0.95
with any offset that leaves populations between 0 and 1; 30 to 120 delays, 50 to 2000 trials.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from lzopen.characterization import Fit, fit_decay

Array = NDArray[Any]
Rng = np.random.Generator
Truth = dict[str, float]
LEVELS = (0.68, 0.95)


@dataclass(frozen=True)
class Design:
    """How a decay is drawn and measured; the fit is told the envelope and the tones."""

    envelope: str
    tones: int
    noise: str = "counts"
    relaxed: bool = False

    def __call__(self, rng: Rng) -> tuple[Fit, Truth]:
        T1, told = np.inf, {}
        if self.relaxed:
            T1 = rng.uniform(0.3, 1.5)
            told["relaxation"] = (T1 * (1 + 0.05 * rng.standard_normal()), 0.05 * T1)
        t, population, truth = draw(rng, self.envelope, self.tones, T1)
        signal, noise = measure(rng, population, self.noise)
        kinds = {"envelope": self.envelope, "oscillations": self.tones}
        return fit_decay(t, signal=signal, **kinds, **noise, **told), truth


def draw(rng: Rng, envelope: str, tones: int, T1: float) -> tuple[Array, Array, Truth]:
    """Delays, populations, and the parameters behind them."""
    t = np.linspace(0, 1, int(rng.integers(30, 121)) + 1)[1:]
    n = {"exponential": 1.0, "gaussian": 2.0}.get(envelope, rng.uniform(0.7, 2.5))
    T, contrast = rng.uniform(0.3, 1.5), rng.uniform(0.3, 0.95)
    truth = {"T": T} | ({"exponent": n} if envelope == "stretched" else {})
    fall = np.exp(-((t / T) ** n) - t / (2 * T1))
    if not tones:
        offset = rng.uniform(0, 1 - contrast)
        return t, offset + contrast * fall, truth | {"amplitude": contrast, "offset": offset}
    offset = rng.uniform(contrast / 2, 1 - contrast / 2)
    weak = rng.uniform(0.25, 0.45) if tones == 2 else 0.0
    wave, omegas = np.zeros(t.size), distinct(rng, t.size)
    for mark, share, omega in zip(("", "_2")[:tones], (1 - weak, weak), omegas, strict=False):
        phase, amplitude = rng.uniform(-np.pi, np.pi), share * contrast / 2
        truth |= {"omega" + mark: omega, "phase" + mark: phase, "amplitude" + mark: amplitude}
        wave += amplitude * np.cos(omega * t + phase)
    return t, offset + fall * wave, truth | {"offset": offset}


def distinct(rng: Rng, points: int) -> Array:
    """Two angular frequencies, at least two periods of the window apart."""
    while True:
        omegas = rng.uniform(8 * np.pi, 0.8 * np.pi * points, 2)
        if abs(omegas[0] - omegas[1]) > 4 * np.pi:
            return omegas


def measure(rng: Rng, population: Array, noise: str) -> tuple[Array, dict[str, Any]]:
    trials = int(np.exp(rng.uniform(np.log(50), np.log(2000))))
    if noise == "counts":
        return rng.binomial(trials, population) / trials, {"shots": trials}
    sigma = 0.5 / np.sqrt(trials)
    signal = population + sigma * rng.standard_normal(population.size)
    return signal, {"sigma": sigma} if noise == "known" else {}


def common_to(what: str, rng: Rng) -> tuple[dict[str, Any], Truth]:
    """Detuning noise, drawn anew for each shot of 16 atoms, or once for each run over all delays.

    Averaged over it, the fringe has a Gaussian envelope with T = √2 over its standard deviation.
    """
    t = np.linspace(0, 1, int(rng.integers(30, 61)) + 1)[1:]
    T, contrast, phase = rng.uniform(0.4, 1.2), rng.uniform(0.5, 0.95), rng.uniform(-3, 3)
    omega, count = rng.uniform(8 * np.pi, 0.6 * np.pi * t.size), int(rng.integers(30, 70))
    size = (t.size, count) if what == "shot" else (1, count)
    detuning = omega + np.sqrt(2) / T * rng.standard_normal(size)
    trials = 16 if what == "shot" else int(rng.integers(20, 100))
    k = rng.binomial(trials, 0.5 + contrast / 2 * np.cos(detuning * t[:, None] + phase))
    rows = {
        "delay": np.repeat(t, count),
        "signal": k.ravel() / trials,
        "shots": trials,
        "groups": np.tile(np.arange(count), t.size),
    }
    truth = {"T": T, "exponent": 2.0, "omega": omega, "phase": phase, "amplitude": contrast / 2}
    return rows, truth | {"offset": 0.5}


class Tally:
    """Counts of intervals that contain the truth, and pulls, by parameter."""

    def __init__(self) -> None:
        self.inside: dict[str, list[list[bool]]] = {}
        self.pulls: dict[str, list[float]] = {}

    def add(self, fit: Fit, truth: Truth) -> None:
        values = fit.minimum.values
        for name, true in in_order(truth, values).items():
            value = values[name]
            if name.startswith("phase"):
                true = value + np.angle(np.exp(1j * (true - value)))
            ends = [fit.interval(name, level) for level in LEVELS]
            self.inside.setdefault(name, []).append([low <= true <= high for low, high in ends])
            low, high = ends[0]
            half = (np.log(high / low) if name == "T" and low > 0 else high - low) / 2
            shift = np.log(value / true) if name == "T" else value - true
            self.pulls.setdefault(name, []).append(shift / half)

    def judge(self) -> None:
        """Coverage inside the 99.9 % range of a fair count; median bias below a fifth."""
        for name, found in self.inside.items():
            sets, counts = len(found), np.sum(found, axis=0)
            for level, count in zip(LEVELS, counts, strict=True):
                least, most = stats.binom.interval(0.999, sets, level)
                assert least <= count <= most, f"{name} at {level}: {count} of {sets}"
            # of a median, in units of the error
            chance = np.sqrt(np.pi / 2 / sets)
            bias = np.median(self.pulls[name])
            assert abs(bias) < 0.2 + 3 * chance, f"{name} is off by {bias:.2f}"


def in_order(truth: Truth, values: Truth) -> Truth:
    """Names of two tones are arbitrary: take the nearer one."""
    first = values.get("omega", 0.0)
    if "omega_2" not in truth or abs(first - truth["omega"]) < abs(first - truth["omega_2"]):
        return truth
    waves = ("omega", "phase", "amplitude")
    return truth | {a: truth[b] for w in waves for a, b in ((w, w + "_2"), (w + "_2", w))}


DESIGNS = {
    "stretched, oscillating": Design("stretched", 1),
    "exponential, oscillating": Design("exponential", 1),
    "gaussian, oscillating": Design("gaussian", 1),
    "stretched": Design("stretched", 0),
    "exponential": Design("exponential", 0),
    "gaussian": Design("gaussian", 0),
    "T1 and gaussian": Design("gaussian", 1, relaxed=True),
    "two tones": Design("exponential", 2),
    "known sigma": Design("stretched", 1, "known"),
    "unknown sigma": Design("stretched", 1, "unknown"),
    "unknown sigma, exponential": Design("exponential", 0, "unknown"),
    "unknown sigma, T1 and gaussian": Design("gaussian", 1, "unknown", relaxed=True),
}


def study(simulate: Callable[[Rng], tuple[Fit, Truth]], sets: int, seed: int) -> Tally:
    rng, tally = np.random.default_rng(seed), Tally()
    for _ in range(sets):
        tally.add(*simulate(rng))
    return tally


def test_intervals_of_a_few_sets_cover() -> None:
    study(DESIGNS["gaussian, oscillating"], 30, seed=101).judge()


@pytest.mark.slow
@pytest.mark.parametrize("name", DESIGNS)
def test_intervals_cover_and_estimates_are_unbiased(name: str) -> None:
    study(DESIGNS[name], 1000, seed=102).judge()


def lacking(what: str, sets: int, seed: int) -> tuple[Tally, int]:
    """Grouped fits to noise that the model lacks, and how many plain ones raise an alarm."""
    rng, tally, flagged = np.random.default_rng(seed), Tally(), 0
    for _ in range(sets):
        rows, truth = common_to(what, rng)
        kinds = {"envelope": "stretched", "oscillations": 1}
        tally.add(fit_decay(**rows, **kinds), truth)
        del rows["groups"]
        flagged += bool(fit_decay(**rows, **kinds).alarms)
    return tally, flagged


@pytest.mark.parametrize("what", ["shot", "run"])
def test_noise_common_to_groups_is_covered_in_a_few_sets(what: str) -> None:
    tally, flagged = lacking(what, 8, seed=103)
    tally.judge()
    assert flagged >= 7


@pytest.mark.slow
@pytest.mark.parametrize("what", ["shot", "run"])
def test_noise_common_to_groups_is_covered_with_groups_and_flagged_without(what: str) -> None:
    tally, flagged = lacking(what, 1000, seed=104)
    tally.judge()
    assert flagged >= 990
