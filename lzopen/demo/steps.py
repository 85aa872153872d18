"""The three things the demo does; each gives rows for the table, a figure and results."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import xarray as xr

from lzopen import datasets, plotting, results, theory
from lzopen.characterization import Confusion, Fit, fit_decay, fit_trace
from lzopen.demo import simulated
from lzopen.demo.table import Row, Step
from lzopen.dynamics import evolve, transition_matrix
from lzopen.environments import Dephasing
from lzopen.models import TwoLevel
from lzopen.waveforms import Linear

WINDOW, DEPHASING = 20.0, 10.0
_STANDARD_ERROR = "one standard deviation"
READOUT_GUESS = Confusion(p01=0.02, p10=0.05)
LZS_FREE = (
    "gap.factor", "sweep.scaled.factor", "sweep.constant.value", "readout.p01", "readout.p10",
)  # fmt: skip
LZS_NAMES = ("Ω scale", "Δ scale", "static detuning (rad/µs)", "false Rydberg", "missed Rydberg")


def crossing(folder: Path) -> Step:
    """Sweep a qubit through its crossing, clean and dephased, and compare with theory."""
    qubit = TwoLevel(sweep=Linear(rate=1.0), gap=1.0)
    dephased = qubit.with_environment(Dephasing(rate=DEPHASING))
    window, times = (-WINDOW, WINDOW), np.linspace(-WINDOW, WINDOW, 401)
    limit = float(theory.landau_zener(rate=1.0, gap=1.0))
    washed = float(theory.strong_dephasing(rate=1.0, gap=1.0))
    clean, noisy = evolve(qubit, times=times), evolve(dephased, times=times)
    exact = theory.finite_time_propagator(rate=1.0, gap=1.0, t0=window[0], t1=window[1])
    dressed = transition_matrix(qubit, window=window)
    closed = transition_matrix(qubit)
    incoherent = float(
        theory.strong_dephasing(rate=1.0, gap=1.0, dephasing=DEPHASING, window=window)
    )
    rows = [
        Row("QuTiP, levels at t = ±20", _stay(clean), _stay(clean) - limit, abs(exact[0, 0]) ** 2),
        Row("engine, eigenstates at ±20", _stay(dressed), _stay(dressed) - limit, limit),
        Row("engine, t → ±∞", _stay(closed), float(closed["error"].max()), limit),
        Row(
            f"QuTiP, dephased, Γφ = {DEPHASING:g}", _stay(noisy), _stay(noisy) - washed, incoherent
        ),
    ]
    results.save(clean, folder / "crossing.nc")
    results.save(noisy, folder / "crossing_dephased.nc")
    _draw_crossing(qubit, clean, noisy, folder / "crossing.png")
    error = "that of the window, value minus limit; for t → ±∞ the bound that the engine gives"
    return Step("1  Probability to stay in level 0 of a qubit swept through Δ = α = 1", error, rows)


def interference(folder: Path, data: xr.Dataset, source: str) -> Step:
    """Fit the device model to the Landau–Zener–Stückelberg trace."""
    fit = fit_lzs(data, _lzs_starts())
    rows = [_fitted(name, fit, key) for name, key in zip(LZS_NAMES, LZS_FREE, strict=True)]
    heading = "Landau–Zener–Stückelberg"
    _finish(fit, folder, "lzs_fit", heading, "run time", source)
    title = f"2  Landau–Zener–Stückelberg trace, {source}, {data.sizes['run_time']} run times"
    return Step(title, _STANDARD_ERROR, rows, _summary(fit))


def decay(folder: Path, data: xr.Dataset, source: str) -> Step:
    """Fit T2*, exponent and oscillation of the Ramsey decay from its single shots."""
    fit = fit_ramsey(data)
    names = {"T2* (µs)": "T", "exponent n": "exponent", "oscillation (rad/µs)": "omega"}
    rows = [_fitted(name, fit, key) for name, key in names.items()]
    _finish(fit, folder, "ramsey_fit", "Ramsey decay", "delay", source)
    title = f"3  Ramsey decay, {source}, {data['detected'].size} single shots"
    return Step(title, _STANDARD_ERROR, rows, _summary(fit))


def fit_lzs(data: xr.Dataset, starts: Sequence[dict[str, float]] = ({},)) -> Fit:
    """Scales of both waveforms, static detuning and readout errors, from counts."""
    detected, prepared = (data[name].sum("shot").values for name in ("detected", "prepared"))
    return fit_trace(
        data["run_time"].values,
        signal=detected / prepared,
        shots=prepared,
        model=simulated.lzs_model(data),
        window=(0.0, data["duration"].values),
        free=LZS_FREE,
        readout=READOUT_GUESS,
        starts=starts,
    )


def fit_ramsey(data: xr.Dataset) -> Fit:
    """Decay, exponent and oscillation, each single shot being one draw of the noise."""
    detected, prepared = data["detected"].values, data["prepared"].values
    return fit_decay(
        np.repeat(data["run_time"].values, detected.shape[1]),
        signal=(detected / prepared).ravel(),
        shots=prepared.ravel(),
        groups=np.arange(detected.size) % detected.shape[1],
    )


def _stay(data: xr.Dataset) -> float:
    """Probability to stay in diabatic level 0, from a run or a transition matrix."""
    if "probability" in data:
        return float(data["probability"][0, 0])
    return float(data["population"][-1, 0])


def _fitted(name: str, fit: Fit, key: str) -> Row:
    return Row(name, fit.parameters[key], fit.errors[key])


def _summary(fit: Fit) -> list[str]:
    errors = f"; errors are multiplied by {fit.reduced**0.5:.2f}" if fit.scaled else ""
    others = [f"{a.name}: Δχ² {a.delta:+.0f}." for a in fit.comparison]
    return [f"χ²/dof = {fit.reduced:.2f}{errors}.", *fit.notes, *others]


def _lzs_starts() -> list[dict[str, float]]:
    """The nominal device, and five devices scattered around it."""
    scatter = np.random.default_rng(simulated.SEED).normal(size=(5, 3))
    spread = np.array([0.05, 0.05, 2.0])
    return [{}] + [
        dict(zip(LZS_FREE[:3], np.array([1.0, 1.0, 0.0]) + spread * row, strict=True))
        for row in scatter
    ]


def traces() -> tuple[xr.Dataset, xr.Dataset, str]:
    """Interference trace, Ramsey decay, and whether they are measured or simulated."""
    try:
        return datasets.aquila_lzs(), datasets.aquila_ramsey(), "measured"
    except datasets.DatasetUnavailable:
        return simulated.lzs(), simulated.ramsey(), "simulated"


def _finish(fit: Fit, folder: Path, name: str, heading: str, axis: str, source: str) -> None:
    measured = fit.dataset["model"].dims[0]
    table = fit.dataset.rename({measured: axis.replace(" ", "_")}).assign_attrs(source=source)
    table[axis.replace(" ", "_")].attrs.update(units="µs", long_name=axis)
    results.save(table, folder / f"{name}.nc")
    ax = plotting.fit(
        fit, name=axis, unit="µs", signal="Rydberg fraction", heading=heading,
        source=source,
    )  # fmt: skip
    plotting.save(ax, folder / f"{name}.png")


def _draw_crossing(qubit: TwoLevel, clean: xr.Dataset, noisy: xr.Dataset, path: Path) -> None:
    left, middle, right = plotting.panels(3)
    plotting.levels(qubit, -5.0, 5.0, left).set_title("levels", fontsize="medium")
    plotting.populations(clean, middle).set_title("clean", fontsize="medium")
    plotting.populations(noisy, right).set_title(f"dephased, Γφ = {DEPHASING:g}", fontsize="medium")
    plotting.save(left, path)
