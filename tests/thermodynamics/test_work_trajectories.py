"""Single runs: fluctuation theorems, exact averages, and QuTiP's own trajectories."""

from __future__ import annotations

import functools

import numpy as np
import pytest
import qutip
from numpy.testing import assert_allclose

import lzopen as lz

TEMPERATURE, WINDOW = 1.5, (-3.0, 3.0)
QUBIT = lz.TwoLevel(sweep=lz.Linear(rate=1.0), gap=0.8)
U = [0.1, 0.5, 1.2]


def ohmic(w):
    return 0.15 * w


def surroundings():
    spin = lz.SpinCrossing(spin=1.0, rate=0.7, gap=0.6)
    ladder = lz.ThermalBath(qutip.jmat(1, "z"), ohmic, temperature=TEMPERATURE)
    bath = lz.ThermalBath(np.diag([0.5, -0.5]), ohmic, temperature=TEMPERATURE)
    relaxes = lz.Relaxation(0.3, TEMPERATURE)
    return {
        "relaxation": QUBIT.with_environment(relaxes),
        "bath and dephasing": QUBIT.with_environment(
            bath, lz.Dephasing(0.3), lz.Dephasing(0.2, basis="adiabatic")
        ),
        "spin one": spin.with_environment(ladder),
        "two temperatures": QUBIT.with_environment(relaxes, lz.Relaxation(0.2, 3.0)),
    }


@functools.cache
def drawn(name, count):
    """Runs that the tests of averages share."""
    return lz.work_trajectories(
        surroundings()[name],
        temperature=TEMPERATURE,
        window=WINDOW,
        seed=3,
        trajectories=count,
        u=U,
    )


every = pytest.mark.parametrize("name", list(surroundings()))
counts = pytest.mark.parametrize("count", [6000, pytest.param(20_000, marks=pytest.mark.slow)])


@every
@counts
def test_averages_are_the_exact_ones(name, count):
    model, runs = surroundings()[name], drawn(name, count)
    for counted in ("work", "heat"):
        exact = lz.characteristic_function(
            model, u=U, temperature=TEMPERATURE, window=WINDOW, counted=counted
        )
        off = (runs[f"{counted}_average"] - exact.value).values
        error = runs[f"{counted}_average_error"].values
        assert np.abs(off.real / error.real).max() < 4
        assert np.abs(off.imag / error.imag).max() < 4
        assert error.real.max() < 1.4 / np.sqrt(count)
    run = lz.energetics(model, times=WINDOW, temperature=TEMPERATURE).isel(time=-1)
    assert abs(runs.mean_work - run.work - run.noise_work) < 4 * runs.mean_work_error
    carries = runs.mean_heat_error > 0
    off = (runs.mean_heat - run.energy_received)[carries & ~np.isnan(run.temperature)]
    assert np.all(np.abs(off) < 4 * runs.mean_heat_error[carries])
    # The last measurement destroys the coherence that the ledger still counts as order.
    assert runs.entropy_production > run.entropy_production - 4 * runs.entropy_production_error


@every
@counts
def test_integral_fluctuation_theorems(name, count):
    runs = drawn(name, count)
    assert abs(runs.entropy_average - 1) < 3 * runs.entropy_average_error
    assert runs.entropy_average_error < 2.8 / np.sqrt(count)
    if name == "two temperatures":
        assert np.isnan(runs.exponential_average)
    else:
        assert abs(runs.exponential_average - 1) < 3 * runs.exponential_average_error


@pytest.mark.parametrize("seeds", [10, pytest.param(50, marks=pytest.mark.slow)])
def test_no_seed_strays(seeds):
    """Over many seeds the theorem is never off by five errors, and errors are what they say."""
    model, off = surroundings()["relaxation"], []
    for seed in range(seeds):
        runs = lz.work_trajectories(
            model, temperature=TEMPERATURE, window=WINDOW, seed=seed, trajectories=4096
        )
        off.append(((runs.entropy_average - 1) / runs.entropy_average_error).item())
    assert np.abs(off).max() < 5
    assert abs(np.mean(off)) < 3 / np.sqrt(seeds)
    assert abs(np.std(off, ddof=1) - 1) < 3 / np.sqrt(2 * seeds)


def test_detailed_fluctuation_theorem_of_histograms():
    """Forward and backward histograms of the work differ by e^{(W − ΔF)/T}."""
    model = surroundings()["relaxation"]
    bins = np.linspace(-8, 8, 33)
    asked = {"temperature": TEMPERATURE, "trajectories": 40_000, "bins": bins}
    start, end = -3.0, 2.0
    forth = lz.work_trajectories(model, window=(start, end), seed=1, **asked)
    back = lz.work_trajectories(model.reversed(), window=(-end, -start), seed=2, **asked)
    seen, mirrored = forth.work_probability.values, back.work_probability.values[::-1]
    enough = (seen * 40_000 > 50) & (mirrored * 40_000 > 50)
    assert enough.sum() >= 8
    ratio = np.log(seen[enough] / mirrored[enough])
    exact = (forth.work.values[enough] - forth.free_energy_difference.item()) / TEMPERATURE
    error = np.sqrt((1 / seen[enough] + 1 / mirrored[enough]) / 40_000)
    width = np.diff(bins)[0] / TEMPERATURE  # the weight moves within a bin
    assert np.all(np.abs(ratio - exact) < 4 * error + 0.5 * width)
    slope = np.polyfit(exact, ratio, 1, w=1 / error)[0]
    assert slope == pytest.approx(1, abs=0.05)


@pytest.mark.parametrize("name", ["relaxation", pytest.param("spin one", marks=pytest.mark.slow)])
def test_the_reversed_drive_comes_along(name):
    model = surroundings()[name]
    asked = {"temperature": TEMPERATURE, "window": WINDOW, "seed": 4, "trajectories": 20_000}
    runs = lz.work_trajectories(model, **asked, backward=True, bins=np.linspace(-9, 9, 37))
    plain = lz.work_trajectories(model, **asked, bins=np.linspace(-9, 9, 37))
    assert_allclose(runs.work_probability, plain.work_probability)
    both = ((runs.work_probability > 3e-3) & (runs.backward_probability > 3e-3)).values
    ratio = np.log(runs.work_probability[both] / runs.backward_probability[both])
    exact = (runs.work - runs.free_energy_difference)[both] / TEMPERATURE
    assert both.sum() >= 8
    assert np.polyfit(exact, ratio, 1)[0] == pytest.approx(1, abs=0.1)
    lz.plotting.work_crossing(runs)
    with pytest.raises(lz.LzopenError, match="backward=True"):
        lz.plotting.work_crossing(plain)
    turning = lz.TwoLevel(sweep=lz.Linear(1.0), gap=lz.Rotating(0.8, omega=0.5))
    with pytest.raises(lz.LzopenError, match="backward"):
        lz.work_trajectories(
            turning.with_environment(lz.Relaxation(0.3, TEMPERATURE)), **asked, backward=True
        )


def test_jumps_are_those_of_qutip():
    """Numbers of jumps and heat, at the gap of the instant, from the records of mcsolve."""
    model, times = surroundings()["relaxation"], np.linspace(-3, 3, 4)
    options = model.solver_options(-3, 3, "mcsolve") | {"progress_bar": ""}
    start = model.thermal_state(-3.0, TEMPERATURE)
    result = qutip.mcsolve(model.H, start, times, model.c_ops, ntraj=300, seeds=11, options=options)
    heat, counts = np.zeros(300), np.zeros(300)
    for run, (at, which) in enumerate(zip(result.col_times, result.col_which, strict=True)):
        gaps = np.diff(model.energies(np.array(at, dtype=float)))[:, 0]
        heat[run], counts[run] = np.sum(np.where(np.array(which) == 0, -gaps, gaps)), len(at)
    runs = lz.work_trajectories(model, temperature=TEMPERATURE, window=WINDOW, seed=2)
    for mine, error, theirs in (
        (runs.mean_heat[0], runs.mean_heat_error[0], heat),
        (runs.mean_jumps, runs.mean_jumps_error, counts),
    ):
        spread = np.hypot(error, np.std(theirs) / np.sqrt(300))
        assert abs(np.mean(theirs) - mine) < 4 * spread
        assert spread < 0.1


def test_the_same_seed_gives_the_same_runs(tmp_path):
    model = surroundings()["relaxation"]
    asked = {"temperature": TEMPERATURE, "window": WINDOW, "trajectories": 5000, "u": U}
    first, again, other = (lz.work_trajectories(model, seed=seed, **asked) for seed in (5, 5, 6))
    assert first.identical(again)
    assert first.mean_work != other.mean_work
    assert lz.load(lz.save(first, tmp_path / "runs.nc")).identical(first)
    assert_allclose(first.work_probability.sum(), 1.0)


def test_runs_too_rare_to_be_drawn_are_missed_and_said():
    with pytest.warns(lz.LzopenWarning, match="too rare"):
        runs = lz.work_trajectories(
            QUBIT.with_environment(lz.Relaxation(0.3, 0.1)),
            temperature=0.1,
            window=WINDOW,
            seed=1,
            trajectories=4096,
        )
    assert runs.exponential_average < 0.9


def test_a_cold_bath_cannot_be_undone():
    cold = QUBIT.with_environment(lz.Relaxation(0.3, 0.0))
    runs = lz.work_trajectories(
        cold, temperature=TEMPERATURE, window=WINDOW, seed=1, trajectories=4096
    )
    assert runs.entropy_production == np.inf
    assert runs.entropy_average < 1 - 5 * runs.entropy_average_error


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"temperature": 0.0}, "temperature"),
        ({"window": (3, -3)}, "window"),
        ({"seed": 1.5}, "seed"),
        ({"trajectories": 1}, "trajectories"),
        ({"bins": [1.0, 0.0]}, "bins"),
        ({"model": QUBIT}, "environments"),
        ({"model": QUBIT.with_environment(lz.Leak(0, 0.1))}, "leaky"),
        ({"model": lz.vary(surroundings()["relaxation"], {"gap": [1, 2]})}, "single model"),
    ],
)
def test_bad_input(change, message):
    asked = {
        "model": surroundings()["relaxation"],
        "temperature": 1.0,
        "window": WINDOW,
        "seed": 1,
        "trajectories": 10,
    } | change
    with pytest.raises(lz.LzopenError, match=message):
        lz.work_trajectories(asked.pop("model"), **asked)
