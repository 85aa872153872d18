"""Simulated maps with a truth, for the tests of fit_interferogram.

The signal comes from `interferogram`, one shifted map for each offset of the bias, so that it
knows nothing of the grid that a fit averages on.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import xarray as xr
from scipy.interpolate import CubicSpline

import lzopen as lz

RATES = {False: "decay.rate", True: "relaxation.rate"}


def device(thermal: bool = False) -> lz.TwoLevel:
    """A qubit under a cosine of unit frequency, with constant rates or a bath that follows it."""
    qubit = lz.TwoLevel(sweep=lz.Sinusoidal(amplitude=1.0, omega=1.0), gap=0.3)
    bath = lz.Relaxation(0.05, temperature=0.3) if thermal else lz.Decay(0.05, source=1, target=0)
    return qubit.with_environment(lz.Dephasing(0.1), bath)


@dataclass(frozen=True)
class Experiment:
    """What a fit is given, and the truth behind it."""

    measured: xr.Dataset
    truth: dict[str, float]
    lines: dict[str, lz.Line]
    thermal: bool = False

    def fit(self, free: list[str] | None = None, **how) -> lz.Fit:
        """With everything free that has a truth, and lever arms as badly known as allowed."""
        how = {"noise": lz.QuasiStatic(0.1), "lines": self.lines} | how
        free = list(self.truth) if free is None else free
        return lz.fit_interferogram(self.measured, model=device(self.thermal), free=free, **how)


def drawn(rng: np.random.Generator, thermal: bool = False) -> dict[str, float]:
    """A truth over the declared range."""

    def log(low, high):
        return float(np.exp(rng.uniform(np.log(low), np.log(high))))

    while True:
        gap, saturation, width, slow = log(0.1, 1), log(0.1, 10), log(0.05, 0.4), log(0.05, 0.4)
        rate = gap**2 / saturation
        if rate < 1.9 * width:  # 1/T2 is at least 1/2T1
            break
    truth = {
        "gap": gap,
        "dephasing.rate": width - rate / 2,
        RATES[thermal]: rate,
        "noise.sigma": slow,
        "bias.zero": float(rng.uniform(-6, 6)),
        "bias.lever_arm": 1.0,
        "amplitude.lever_arm": 1.0,
        "readout.offset": 0.03,
        "readout.contrast": 0.9,
    }
    return truth | ({"relaxation.temperature": log(0.05, 1.0)} if thermal else {})


def expected(truth, amplitude, bias, thermal=False):
    """The signal (amplitude, bias), by quadrature over the offsets of the bias."""
    model = device(thermal)
    model = model.with_parameters({n: v for n, v in truth.items() if n in model.parameters})
    sigma = truth.get("noise.sigma", 0.0)
    energies = bias - truth.get("bias.zero", 0.0)
    # a fine even grid of energies serves all offsets at once
    step = (truth["dephasing.rate"] + 0.5 * truth[RATES[thermal]]) / 4
    reach = 6.5 * sigma + step
    grid = np.arange(energies.min() - reach, energies.max() + reach + step, step)
    fringes = lz.interferogram(model, amplitude=amplitude, bias=grid, tol=1e-6)
    population = fringes.population.sel(level=1).values
    if sigma > 0:
        # the mean over a Gaussian, as a matrix from the grid to the pixels; exact where the map is
        # resolved, since sums over even steps of smooth functions are
        distance = (energies[:, None] - grid) / sigma
        weight = np.exp(-0.5 * distance**2)
        mean = population @ (weight / weight.sum(axis=1, keepdims=True)).T
    else:
        mean = np.array([np.interp(energies, grid, row) for row in population])
    return truth.get("readout.offset", 0.0) + truth.get("readout.contrast", 1.0) * mean


def wandering(rng, truth, amplitude, bias, drift):
    """The signal with a zero of the bias that wanders from row to row, without a trend."""
    shifts = drift * rng.standard_normal(amplitude.size)
    reach = bias[-1] + 5 * drift
    fine = np.linspace(-reach, reach, 1601)
    rows = CubicSpline(fine, expected(truth, amplitude, fine), axis=1)
    return np.array([rows(bias - shift)[i] for i, shift in enumerate(shifts)])


def simulate(
    seed,
    *,
    thermal=False,
    rows=41,
    columns=31,
    shots=1000,
    truth=None,
    span=12.0,
    top=15.0,
    drift=0.0,
):
    """An experiment with binomial noise and badly known lever arms."""
    rng = np.random.default_rng(seed)
    truth = drawn(rng, thermal) if truth is None else truth
    amplitude, bias = np.linspace(0, top, rows), np.linspace(-span, span, columns)
    if drift:
        chance = wandering(rng, truth, amplitude, bias, drift)
    else:
        chance = expected(truth, amplitude, bias, thermal)
    chance = np.clip(chance, 0, 1)
    found = rng.binomial(shots, chance) / shots
    dims = ("amplitude", "bias")
    data = xr.Dataset(
        {"signal": (dims, found), "shots": (dims, np.full(found.shape, shots))},
        {"amplitude": amplitude, "bias": bias},
    )
    lines = {
        "amplitude": lz.Line(float(np.exp(rng.uniform(-1, 1) * np.log(2)))),
        "bias": lz.Line(float(np.exp(rng.uniform(-1, 1) * np.log(1.3)))),
    }
    return Experiment(data, truth, lines, thermal)
