"""Evolution through QuTiP made safe: solvers agree, kinks count, the error is honest."""

from __future__ import annotations

import json

import numpy as np
import pytest
import qutip
from numpy.testing import assert_allclose

import lzopen as lz
from lzopen import theory
from zoo import LADDER, QUBIT, WINDOWS, square

TIMES = np.linspace(-6.0, 7.0, 27)
OPEN = QUBIT.with_environment(lz.Dephasing(0.15), lz.Decay(0.1, source=1, target=0))
WARM = QUBIT.with_environment(lz.Relaxation(0.2, temperature=0.5))


def in_window(case, **asked):
    """Final populations of each initial level, with their errors; (final, initial)."""
    times = np.linspace(*case.window, 5)
    levels = range(case.model.n_levels)
    runs = [lz.evolve(case.model, times=times, initial=k, **asked) for k in levels]
    found = np.array([run.population.values[-1] for run in runs]).T
    return found, np.array([run.error.values[-1] for run in runs]).T


# -- exact cases


@pytest.mark.parametrize("solver", ["auto", "engine"])
@pytest.mark.parametrize("case", WINDOWS, ids=str)
def test_every_finite_window_of_the_zoo(case, solver):
    found, error = in_window(case, solver=solver)
    known = np.isfinite(case.exact)
    true = np.abs(found - case.exact)[known]
    assert (true <= error[known] + 1e-12).all()
    assert true.max() < 1e-6


def test_whole_path_of_a_linear_crossing():
    run = lz.evolve(QUBIT, times=TIMES, initial=0)
    U = theory.finite_time_propagator(rate=1.2, gap=0.7, t0=TIMES[0], t1=TIMES)
    true = np.abs(run.population.values - square(U)[:, :, 0])
    assert (true <= run.error.values + 1e-12).all()
    assert true.max() < 1e-7
    assert_allclose(run.survival, 1, atol=1e-7)


@pytest.mark.parametrize("tol", [1e-4, 1e-6, 1e-8])
def test_tolerance_is_kept(tol):
    run = lz.evolve(QUBIT, times=[-6.0, 7.0], tol=tol)
    U = theory.finite_time_propagator(rate=1.2, gap=0.7, t0=-6.0, t1=7.0)
    assert np.abs(run.population.values[-1] - square(U)[:, 0]).max() < tol
    assert run.error.max() <= tol


@pytest.mark.parametrize(
    ("rate", "gap", "start", "end"),
    [
        (3.6621773, 1.1105585, -0.79300020, 0.78182612),
        (4.97379356, 1.57873801, -0.71685355, 0.6199),
    ],
)
def test_error_has_a_floor_where_two_runs_agree_by_chance(rate, gap, start, end):
    model = lz.TwoLevel(sweep=lz.Linear(rate), gap=gap)
    run = lz.evolve(model, times=[start, end])
    U = theory.finite_time_propagator(rate=rate, gap=gap, t0=start, t1=end)
    assert np.abs(run.population.values[-1] - square(U)[:, 0]).max() <= run.error.max()


@pytest.mark.parametrize("solver", ["sesolve", "engine"])
@pytest.mark.parametrize(
    ("amplitude", "omega", "gap", "bias", "periods"),
    [(2.0, 410.0, 0.064, -0.064, 96), (2.3, 340.0, 0.052, 0.104, 48)],
)
def test_error_of_a_fast_drive(amplitude, omega, gap, bias, periods, solver):
    model = lz.TwoLevel(sweep=lz.Sinusoidal(amplitude, omega, bias), gap=gap)
    times = [0.0, periods * 2 * np.pi / omega]
    run = lz.evolve(model, times=times, solver=solver)
    options = model.solver_options(*times, solver="sesolve") | {"atol": 1e-14, "rtol": 1e-12}
    exact = qutip.sesolve(model.H, qutip.basis(2, 0), times, options=options).states[-1]
    true = np.abs(run.population.values[-1] - square(exact.full())[:, 0])
    assert (true <= run.error.values[-1] + 1e-11).all()
    assert run.error.max() <= 1e-6


# -- solvers


@pytest.mark.parametrize("model", [QUBIT, LADDER], ids=["qubit", "ladder"])
def test_solvers_agree_on_a_closed_model(model):
    runs = [lz.evolve(model, times=TIMES, solver=s) for s in ("sesolve", "mesolve", "engine")]
    for run in runs[1:]:
        assert_allclose(run.population, runs[0].population, atol=1e-6)
        assert_allclose(run.adiabatic_population, runs[0].adiabatic_population, atol=1e-6)


@pytest.mark.parametrize(
    "model",
    [OPEN, LADDER.with_environment(lz.Decay(0.3, 0, 2), lz.Dephasing(0.1, qutip.jmat(1, "z")))],
    ids=["qubit", "ladder"],
)
def test_solvers_agree_on_an_open_model(model):
    runs = [lz.evolve(model, times=TIMES, solver=s) for s in ("mesolve", "engine")]
    assert_allclose(runs[1].population, runs[0].population, atol=1e-6)
    options = {"ntraj": 150, "progress_bar": ""}
    jumps = lz.evolve(model, times=TIMES, solver="mcsolve", seed=7, options=options)
    distance = np.abs(jumps.population - runs[0].population)
    assert (distance <= 4 * jumps.error + 1e-6).all()
    assert 0 < jumps.error.max() < 0.1


@pytest.mark.parametrize("method", ["adams", "bdf", "lsoda", "dop853", "vern7", "vern9", "tsit5"])
def test_every_method_takes_the_options(method):
    run = lz.evolve(OPEN, times=[-1.0, 1.0], options={"method": method}, tol=1e-5)
    assert_allclose(run.population, lz.evolve(OPEN, times=[-1.0, 1.0]).population, atol=1e-5)


def test_trajectories_follow_their_seed():
    ask = {"times": [-4.0, 4.0], "solver": "mcsolve", "options": {"ntraj": 20, "progress_bar": ""}}
    first, again, other = (lz.evolve(OPEN, **ask, seed=seed) for seed in (3, 3, 4))
    assert first.population.identical(again.population)
    assert not first.population.equals(other.population)


@pytest.mark.parametrize(
    ("model", "solver"), [(QUBIT, "sesolve"), (OPEN, "mesolve"), (WARM, "mesolve")]
)
def test_auto_takes_the_cheapest_solver(model, solver):
    run = lz.evolve(model, times=[0.0, 0.5])
    assert json.loads(run.attrs["lzopen"])["solver"] == solver


def test_design_example_works_as_written():
    """Builders hand QuTiP its own objects, and evolve finds the same."""
    qubit = lz.TwoLevel(sweep=lz.Linear(rate=1.0), gap=1.0)
    noisy = qubit.with_environment(
        lz.Dephasing(rate=0.1), lz.Relaxation(rate=0.01, temperature=0.1)
    )
    result = qutip.mesolve(
        noisy.H,
        noisy.ground_state(-20.0),
        np.linspace(-20, 20, 401),
        noisy.c_ops,
        e_ops=noisy.projectors,
        options=noisy.solver_options(-20.0, 20.0),
    )
    run = lz.evolve(noisy, times=np.linspace(-20, 20, 401), initial="ground")
    assert_allclose(np.array(result.expect).T, run.population, atol=2e-6)


# -- kinks


def test_a_pulse_that_falls_between_the_times_is_seen():
    pulse = lz.Tabulated([-1.0, 10.0, 10.01], [0.0, np.pi / 0.01, 0.0], kind="step")
    model = lz.TwoLevel(sweep=lz.Constant(0.0), gap=pulse)
    for solver in ("sesolve", "mesolve", "engine"):
        run = lz.evolve(model, times=[-40.0, 0.0, 40.0], solver=solver)
        assert_allclose(run.population[:, 0], [1, 1, 0], atol=1e-6)


def test_times_on_and_off_the_kinks_come_back_in_order():
    model = lz.TwoLevel(sweep=lz.Square(2.0, np.pi), gap=0.9)  # kinks at ½, 3/2, 5/2 …
    fine = np.linspace(0.0, 4.0, 33)
    run = lz.evolve(model, times=fine)
    assert run.time.values.tolist() == fine.tolist()
    some = lz.evolve(model, times=fine[::4])
    assert_allclose(some.population, run.population[::4], atol=1e-6)
    odd = lz.evolve(model, times=[0.0, 0.3, 1.1, 1.2, 3.9, 4.0])
    assert_allclose(odd.population[-1], run.population[-1], atol=1e-6)


def test_a_window_that_ends_in_kinks():
    model = lz.TwoLevel(sweep=lz.Square(2.0, np.pi), gap=0.9)
    run = lz.evolve(model, times=[0.5, 1.5, 2.5])
    engine = lz.evolve(model, times=[0.5, 1.5, 2.5], solver="engine")
    assert_allclose(run.population, engine.population, atol=1e-7)


# -- initial states


def test_initial_level():
    for level in (0, 1):
        run = lz.evolve(QUBIT, times=TIMES, initial=level)
        assert run.population[0, level] == 1


def test_initial_ground_state():
    run = lz.evolve(QUBIT, times=TIMES, initial="ground")
    assert_allclose(run.adiabatic_population[0], [1, 0], atol=1e-12)
    assert run.population[0, 0] > 0.99


@pytest.mark.parametrize("temperature", [0.0, 0.5, 5.0])
def test_initial_thermal_state(temperature):
    run = lz.evolve(QUBIT, times=TIMES, initial="thermal", temperature=temperature)
    energy = np.diff(QUBIT.energies(TIMES[0]))[0]
    excited = 1 / (1 + np.exp(energy / temperature)) if temperature else 0.0
    assert_allclose(run.adiabatic_population[0], [1 - excited, excited], atol=1e-12)


@pytest.mark.parametrize("kind", ["ket", "density matrix"])
def test_initial_qobj(kind):
    ket = (qutip.basis(2, 0) + 1j * qutip.basis(2, 1)).unit()
    run = lz.evolve(QUBIT, times=TIMES, initial=ket if kind == "ket" else ket.proj())
    U = theory.finite_time_propagator(rate=1.2, gap=0.7, t0=TIMES[0], t1=TIMES)
    exact = square((U @ ket.full())[..., 0])
    assert_allclose(run.population, exact, atol=1e-7)


# -- leaks


@pytest.mark.parametrize("solver", ["sesolve", "mesolve", "engine"])
def test_survival_of_a_leaking_model(solver):
    leak = (-0.25j * np.eye(2), lz.Constant(1.0))
    leaky = lz.Model(terms=[*QUBIT.terms, leak])
    run = lz.evolve(leaky, times=TIMES, solver=solver)
    assert_allclose(run.survival, np.exp(-0.5 * (TIMES - TIMES[0])), rtol=1e-6)
    closed = lz.evolve(QUBIT, times=TIMES)
    assert_allclose(run.population / run.survival, closed.population, atol=1e-6)


def test_survival_of_a_leaking_model_with_an_environment():
    leak = (-0.25j * np.eye(2), lz.Constant(1.0))
    leaky = lz.Model(terms=[*QUBIT.terms, leak], environments=[lz.Dephasing(0.2)])
    run = lz.evolve(leaky, times=TIMES)
    assert_allclose(run.survival, np.exp(-0.5 * (TIMES - TIMES[0])), rtol=1e-6)


# -- slow, steep, and singular sweeps


@pytest.mark.parametrize("solver", ["sesolve", "engine"])
def test_an_unreachable_tolerance_warns_with_the_error(solver):
    long = lz.TwoLevel(sweep=lz.Sinusoidal(40.0, 0.3), gap=2.0)
    with pytest.warns(lz.LzopenWarning, match=r"off by .* > tol") as caught:
        run = lz.evolve(long, times=[0.0, 40.0], tol=1e-14, solver=solver)
    assert caught[0].message.value == run.error.max()


def test_an_infinite_slope_at_the_crossing():
    model = lz.TwoLevel(sweep=lz.PowerLaw(1.0, 0.5), gap=1.0)
    run = lz.evolve(model, times=[-20.0, 20.0])
    found = lz.transition_matrix(model, window=(-20.0, 20.0), readout="diabatic")
    assert_allclose(run.population[-1], found.probability[:, 0], atol=1e-6)


def test_relaxation_along_a_sweep_ends_thermal():
    slow = lz.TwoLevel(sweep=lz.DoublePassage(0.1, 2.0), gap=0.8)
    warm = slow.with_environment(lz.Relaxation(2.0, temperature=1.0))
    run = lz.evolve(warm, times=[-36.0, 0.0, 18.0], initial="thermal", temperature=1.0)
    thermal = [warm.thermal_state(t, 1.0).full().diagonal().real for t in (0.0, 18.0)]
    assert_allclose(run.population[1:], thermal, atol=0.02)


# -- the Dataset


def test_dataset_round_trips_with_its_provenance(tmp_path):
    run = lz.evolve(OPEN, times=TIMES, initial="ground", tol=1e-5)
    record = json.loads(run.attrs["lzopen"])
    assert record["parameters"] == OPEN.parameters
    assert (record["quantity"], record["solver"], record["tol"]) == ("evolve", "mesolve", 1e-5)
    assert record["seed"] is None
    assert lz.load(lz.save(run, tmp_path / "run.nc")).identical(run)
    assert run.population.dims == ("time", "level")
    assert run.adiabatic_population.dims == ("time", "state")


def test_trajectories_without_a_jump_are_no_proof_that_none_happens():
    """One jump in a thousand: a hundred quiet trajectories still have an error of a percent."""
    rare = lz.TwoLevel(sweep=lz.Constant(5.0), gap=0.0).with_environment(lz.Decay(1e-3, 0, 1))
    options = {"ntraj": 100, "progress_bar": ""}
    run = lz.evolve(rare, times=[0.0, 1.0], solver="mcsolve", seed=0, options=options)
    assert abs(run.population[-1, 0] - np.exp(-1e-3)) <= run.error[-1, 0]
    assert run.error.min() >= 0.01


def test_a_state_of_another_norm_is_refused():
    with pytest.raises(lz.LzopenError, match=r"`initial` must be normalised.*unit"):
        lz.evolve(QUBIT, times=TIMES, initial=2 * qutip.basis(2, 0))


def test_trajectories_of_a_dephased_sweep_agree_with_the_master_equation():
    dephased = QUBIT.with_environment(lz.Dephasing(0.3), lz.Decay(0.1, source=0, target=1))
    times = np.linspace(-5.0, 5.0, 6)
    exact = lz.evolve(dephased, times=times)
    options = {"ntraj": 400, "progress_bar": ""}
    found = lz.evolve(dephased, times=times, solver="mcsolve", seed=7, options=options)
    assert (np.abs(found.population - exact.population) <= 4 * found.error).all()
    assert (found.error[1:].max() < 0.03).item()
    assert np.allclose(found.survival, 1.0)
