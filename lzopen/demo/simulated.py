"""Stand-ins for the measured sets: the same device, shot noise, a fixed seed.

They have the layout of `lzopen.datasets`, so that the same code fits either.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr

from lzopen.characterization import Confusion
from lzopen.dynamics import transition_matrix
from lzopen.models import TwoLevel
from lzopen.results import label
from lzopen.waveforms import Constant, Tabulated

SEED = 2026
ATOMS = 16
RUN_TIMES = np.linspace(0.05, 3.0, 101)
# What the fits of the measured sets gave: scales of Ω and Δ, static detuning and readout
# errors; for Ramsey the detuning noise common to a shot and that of single atoms, in rad/µs.
LZS_DEVICE = {"gap.factor": 1.017, "sweep.scaled.factor": 0.988, "sweep.constant.value": 1.49}
LZS_READOUT = Confusion(p01=0.037, p10=0.076)
RAMSEY_OMEGA, RAMSEY_COMMON, RAMSEY_SINGLE = 10.86, 0.31, 0.33


def lzs_model(data: xr.Dataset) -> TwoLevel:
    """The qubit under the recorded waveforms, with a scale for each and a static detuning.

    H/ħ = Ω/2 σx − Δ n_r with the Rydberg state as level 1, so that the bias is Δ.
    """
    detuning = Tabulated(data["detuning_times"].values, data["detuning"].values)
    rabi = Tabulated(data["rabi_times"].values, data["rabi"].values)
    return TwoLevel(sweep=1.0 * detuning + Constant(0.0), gap=1.0 * rabi)


def lzs() -> xr.Dataset:
    """A Landau–Zener–Stückelberg trace: 101 run times, 50 shots of 16 atoms."""
    duration = RUN_TIMES + 0.12
    ramps = np.array([0.0, 0.06, np.nan, np.nan])
    rabi_times = np.array([[0.0, 0.06, end - 0.06, end] for end in duration])
    rabi = np.broadcast_to([0.0, 15.0, 15.0, 0.0], (duration.size, ramps.size))
    grid = np.arange(0.0, duration.max() + 0.1, 0.05)
    detuning_times = np.broadcast_to(grid, (duration.size, grid.size))
    data = xr.Dataset(
        {
            "duration": ("run_time", duration),
            "rabi_times": (("run_time", "rabi_node"), rabi_times),
            "rabi": (("run_time", "rabi_node"), rabi),
            "detuning_times": (("run_time", "detuning_node"), detuning_times),
            "detuning": (("run_time", "detuning_node"), 15 * np.sin(15 * detuning_times)),
        },
        {"run_time": RUN_TIMES},
    )
    model = lzs_model(data).with_parameters(LZS_DEVICE)
    P = transition_matrix(model, window=(0.0, duration), readout="diabatic")
    chance = LZS_READOUT(P["probability"].values[:, 1, 0])
    return _counted(data, np.repeat(chance[:, None], 50, axis=1), {**LZS_DEVICE})


def ramsey() -> xr.Dataset:
    """A Ramsey decay: 101 delays, 100 shots of 16 atoms, part of the noise common to a shot."""
    rng = np.random.default_rng(SEED)
    shape = (RUN_TIMES.size, 100, ATOMS)
    detuning = RAMSEY_COMMON * rng.normal(size=shape[:2])[..., None]
    detuning = detuning + RAMSEY_SINGLE * rng.normal(size=shape)
    phase = (RAMSEY_OMEGA + detuning) * RUN_TIMES[:, None, None]
    found = rng.random(shape) < 0.48 - 0.45 * np.cos(phase + 1.9)
    data = xr.Dataset(
        {"detected": (("run_time", "shot"), found.sum(axis=-1))}, {"run_time": RUN_TIMES}
    )
    data["prepared"] = xr.full_like(data["detected"], ATOMS)
    return label(data, parameters={"common": RAMSEY_COMMON, "single": RAMSEY_SINGLE}, seed=SEED)


def _counted(data: xr.Dataset, chance: Any, parameters: dict[str, float]) -> xr.Dataset:
    detected = np.random.default_rng(SEED).binomial(ATOMS, chance)
    data["detected"] = (("run_time", "shot"), detected)
    data["prepared"] = xr.full_like(data["detected"], ATOMS)
    return label(data, parameters=parameters, seed=SEED)
