"""What every model promises, checked on each one in the zoo."""

from __future__ import annotations

import json
import multiprocessing
import pickle

import numpy as np
import pytest
import qutip
from numpy.testing import assert_allclose, assert_array_equal

import lzopen as lz
from lzopen.conventions import is_hermitian
from lzopen.dynamics.propagation import refined_propagator
from lzopen.dynamics.windows import asymptotic_window
from lzopen.models.parameters import describe
from zoo import CASES, QUBIT, WAVEFORMS, exported

TIMES = np.array([-3.3, -0.7, 0.123, 1.9])
NOISY = QUBIT.with_environment(lz.Dephasing(0.1), lz.Relaxation(0.02, temperature=0.4))
TURNING = lz.TwoLevel(sweep=lz.Linear(1.1), gap=lz.Rotating(0.8, omega=1.3, chirp=0.2))

every = pytest.mark.parametrize("case", CASES, ids=str)


def dagger(matrices):
    return np.conj(np.swapaxes(matrices, -1, -2))


def test_every_exported_model_is_in_the_zoo():
    missing = exported(lz.Model) - {type(case.model) for case in CASES}
    assert not missing, f"add a Case with {missing} to tests/zoo.py"


def test_names_in_the_zoo_are_unique():
    assert len({case.name for case in CASES}) == len(CASES)


# -- arrays and QuTiP objects tell the same story


@every
def test_hamiltonian_equals_the_qobjevo(case):
    model = case.model
    found = [model.H(t).full() for t in TIMES]
    assert_allclose(model.hamiltonian(TIMES), found, rtol=1e-13, atol=1e-13)
    assert_allclose(model.hamiltonian(TIMES[1]), found[1], rtol=1e-13, atol=1e-13)
    assert model.hamiltonian(TIMES.reshape(2, 2)).shape == (2, 2, model.n_levels, model.n_levels)


@every
def test_dH_is_the_derivative(case):
    model, h = case.model, 1e-4
    quotient = (model.hamiltonian(TIMES + h) - model.hamiltonian(TIMES - h)) / (2 * h)
    scale = np.abs(model.dH(TIMES)).max()
    assert_allclose(model.dH(TIMES), quotient, atol=1e-5 * (1 + scale))


@every
def test_eigenstates_diagonalise_the_hermitian_part(case):
    model = case.model
    H = model.hamiltonian(TIMES)
    energies, states = model.eigenstates(TIMES)
    rebuilt = (states * energies[:, None, :]) @ dagger(states)
    scale = np.abs(H).max()
    assert_allclose(rebuilt, (H + dagger(H)) / 2, atol=1e-13 * (1 + scale))
    assert_allclose(model.energies(TIMES), energies, atol=1e-13 * (1 + scale))
    assert (np.diff(energies) >= 0).all()


@every
def test_ground_state(case):
    model = case.model
    for t in TIMES[:2]:
        state = model.ground_state(t)
        assert state.isket
        assert state.norm() == pytest.approx(1)
        H = (model.H(t) + model.H(t).dag()) / 2
        assert qutip.expect(H, state) == pytest.approx(model.energies(t)[0], rel=1e-9, abs=1e-9)
        assert state.full()[np.abs(state.full()).argmax()].imag == 0


@every
def test_thermal_state_keeps_detailed_balance(case):
    model, temperature = case.model, 0.7
    rho = model.thermal_state(0.4, temperature)
    energies, states = model.eigenstates(0.4)
    inside = dagger(states) @ rho.full() @ states
    weights = np.exp(-(energies - energies[0]) / temperature)
    assert_allclose(inside, np.diag(weights / weights.sum()), atol=1e-13)


@every
def test_thermal_state_at_zero_temperature_is_the_ground_state(case):
    model = case.model
    energies = model.energies(0.4)
    rho = model.thermal_state(0.4, 0.0)
    assert rho.tr() == pytest.approx(1)
    if energies[1] - energies[0] > 1e-6:
        assert (rho - model.ground_state(0.4).proj()).norm() < 1e-12


def test_thermal_state_of_degenerate_levels_at_zero_temperature():
    still = lz.TwoLevel(sweep=lz.Constant(0.0), gap=0.0)
    assert_allclose(still.thermal_state(0.0, 0.0).full(), np.eye(2) / 2)


@every
def test_projectors(case):
    projectors = case.model.projectors
    assert len(projectors) == case.model.n_levels
    assert sum(projectors) == qutip.qeye(case.model.n_levels)
    assert projectors[0] == qutip.basis(case.model.n_levels, 0).proj()


@every
def test_reversed(case):
    back = case.model.reversed(about=0.4)
    assert_allclose(back.hamiltonian(0.8 - TIMES), case.model.hamiltonian(TIMES), atol=1e-9)
    assert back.environments == case.model.environments
    twice = back.reversed(about=0.4)
    assert_allclose(twice.hamiltonian(TIMES), case.model.hamiltonian(TIMES), atol=1e-9)


@every
def test_coefficients_are_bound_methods_of_waveforms(case):
    """Never a string, which needs a compiler, nor a lambda, which does not pickle."""
    moving = [part[1] for part in case.model.H.to_list() if isinstance(part, list)]
    for coefficient in moving:
        function = coefficient.__reduce__()[2][-1]
        assert isinstance(function.__self__, lz.Waveform)
    assert len(moving) == sum(not waveform.is_constant for _, waveform in case.model.terms)


def test_a_complex_gap_that_stands_still_costs_no_coefficient():
    model = lz.TwoLevel(sweep=lz.Linear(1.0), gap=0.3 - 0.4j)
    assert len([part for part in model.H.to_list() if isinstance(part, list)]) == 1


@every
def test_solver_options_resolve_what_happens(case):
    options = case.model.solver_options(-5.0, 6.0)
    edges = np.concatenate([[-5.0], case.model.kinks(-5.0, 6.0), [6.0]])
    assert 0 < options["first_step"] < options["max_step"] <= np.diff(edges).min() / 2 + 1e-12
    assert options["nsteps"] >= 2 * 11.0 / options["max_step"]
    assert options.get("normalize_output", True) == case.model.is_hermitian
    if not case.model.is_hermitian:
        with pytest.raises(lz.LzopenError, match="quantum jump"):
            case.model.solver_options(-5.0, 6.0, solver="mcsolve")


def test_solver_options_of_a_fast_drive_and_a_fast_crossing():
    fast = lz.TwoLevel(sweep=lz.Sinusoidal(1.0, omega=50.0), gap=0.1)
    assert fast.solver_options(0.0, 10.0)["max_step"] <= 0.5 / 50
    steep = lz.TwoLevel(sweep=lz.Linear(1e4), gap=0.1)
    assert steep.solver_options(-1.0, 1.0)["max_step"] <= 0.5 / 100


# -- parameters


# -- QuTiP's solvers and the engine see the same Hamiltonian

WINDOW = np.array([-1.0, 0.7])


def moderate(model):
    """A window in the model's own unit of time, around where it moves."""
    start, end = asymptotic_window(model) if has_limit(model) else (-1.0, 1.0)
    center = 0.5 * (start + end)
    fastest = max(np.abs(model.energies(center)).max(), 8 / (end - start))
    return center + 2 / fastest * WINDOW


def has_limit(model):
    return all(w.asymptote(side) is not None for _, w in model.terms for side in (-1, 1))


CLOSED = [case for case in CASES if not case.model.has_jumps]


@pytest.mark.parametrize("case", CLOSED, ids=str)
def test_qutip_propagator_equals_the_engine(case):
    model, (start, end) = case.model, moderate(case.model)
    options = model.solver_options(start, end) | {"atol": 1e-12, "rtol": 1e-11}
    found = qutip.propagator(model.H, [start, end], options=options)[-1].full()
    engine, error = refined_propagator(model, np.float64(start), np.float64(end), 1e-10)
    phase = np.trace(engine.conj().T @ found)
    assert_allclose(found, engine * phase / abs(phase), atol=1e-8 + error.max())


@pytest.mark.parametrize("case", CLOSED, ids=str)
def test_hamiltonian_is_hermitian_unless_something_leaks(case):
    H = case.model.hamiltonian(moderate(case.model))
    leaks = any(environment.leaks(case.model.terms) for environment in case.model.environments)
    raw_leak = not all(is_hermitian(m) for m, _ in case.model.terms)
    same = np.allclose(H, dagger(H), rtol=1e-12, atol=0)
    assert same != (leaks or raw_leak)
    assert case.model.is_hermitian == same


def test_parameters_by_full_and_short_names():
    assert NOISY.parameters == {
        "dephasing.rate": 0.1,
        "relaxation.rate": 0.02,
        "relaxation.temperature": 0.4,
        "sweep.rate": 1.2,
        "gap": 0.7,
    }
    new = NOISY.with_parameters({"sweep.rate": 3.0, "temperature": 0.9, "gap": 0.2 + 0.1j})
    assert new.sweep.rate == 3.0
    assert new.environments[1].temperature == 0.9
    assert new.parameters["gap"] == 0.2 + 0.1j
    assert NOISY.parameters["sweep.rate"] == 1.2


@every
def test_parameters_set_to_themselves_change_nothing(case):
    same = case.model.with_parameters(case.model.parameters)
    assert_array_equal(same.hamiltonian(TIMES), case.model.hamiltonian(TIMES))
    assert same.parameters == case.model.parameters


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("gapp", "sweep.rate, gap"),
        ("sweep", "sweep.rate, gap"),
        ("rate", "dephasing.rate, relaxation.rate, sweep.rate"),
        ("ate", "sweep.rate, gap"),
    ],
)
def test_names_that_fit_none_or_several_are_refused_with_candidates(name, told):
    with pytest.raises(lz.LzopenError, match=f"but is '{name}'.*{told}"):
        NOISY.with_parameters({name: 1.0})


def test_names_of_members_are_numbered():
    model = lz.TwoLevel(sweep=lz.Linear(1.0) + lz.Linear(2.0), gap=0.5)
    assert list(model.parameters) == ["sweep.linear.rate", "sweep.linear_2.rate", "gap"]
    assert model.with_parameters({"linear_2.rate": 5.0}).hamiltonian(1.0)[0, 0] == 3.0


def test_terms_have_parameters_too():
    model = lz.Model(terms=[(np.diag([1.0, -1.0]), lz.Linear(2.0))])
    assert model.parameters == {"linear.rate": 2.0}
    assert model.with_parameters({"rate": 3.0}).hamiltonian(1.0)[0, 0] == 3.0


def test_tables_and_labels_are_no_parameters():
    model = lz.TwoLevel(sweep=lz.Tabulated([0.0, 1.0], [0.0, 1.0]), gap=0.5)
    decaying = model.with_environment(lz.Decay(0.1, source=1, target=0))
    assert set(decaying.parameters) == {"gap", "decay.rate"}


def test_with_environment_returns_a_new_model():
    assert QUBIT.environments == ()
    assert len(NOISY.environments) == 2
    assert len(NOISY.c_ops) == 3
    assert NOISY.with_environment() is not NOISY
    with pytest.raises(AttributeError):
        QUBIT.gap = 2.0


# -- batches


def test_numbers_of_a_batch_are_copied_and_read_only():
    given = np.array([1.0, 2.0])
    batch = lz.TwoLevel(sweep=lz.Linear(1.0), gap=given)
    given[0] = 9.0
    assert batch.gap[0] == 1.0
    with pytest.raises(ValueError, match="read-only"):
        batch.gap[0] = 9.0
    matrix = np.diag([1.0, -1.0])
    model = lz.Model(terms=[(matrix, lz.Linear(1.0))])
    matrix[0, 0] = 9.0
    assert model.terms[0][0][0, 0] == 1.0
    with pytest.raises(ValueError, match="read-only"):
        model.terms[0][0][0, 0] = 9.0


def test_vary_makes_the_outer_product():
    gaps, rates = [0.1, 0.2, 0.3], [1.0, 2.0]
    batch = lz.vary(QUBIT, {"gap": gaps, "rate": rates})
    assert batch.batch_shape == (3, 2)
    for i, j in np.ndindex(3, 2):
        single = lz.TwoLevel(sweep=lz.Linear(rates[j]), gap=gaps[i])
        assert_allclose(batch.hamiltonian(TIMES)[i, j], single.hamiltonian(TIMES))
        assert_allclose(batch.dH(TIMES)[i, j], single.dH(TIMES))
        assert_allclose(batch.energies(TIMES)[i, j], single.energies(TIMES))
    assert batch.hamiltonian(0.5).shape == (3, 2, 2, 2)


def test_a_later_start_may_vary_too():
    batch = lz.TwoLevel(sweep=lz.Linear(1.0).shifted(np.array([0.0, 1.0, 2.0])), gap=0.5)
    assert batch.batch_shape == (3,)
    assert_allclose(batch.hamiltonian(1.5)[:, 0, 0], [0.75, 0.25, -0.25])


@pytest.mark.parametrize("asked", ["H", "c_ops"])
def test_a_batch_has_no_qutip_objects(asked):
    batch = lz.vary(NOISY, {"gap": [0.1, 0.2]})
    with pytest.raises(lz.LzopenError, match=rf"`{asked}`.*\(2,\) in gap"):
        getattr(batch, asked)


def test_a_batch_has_no_single_state():
    batch = lz.vary(NOISY, {"dephasing.rate": [0.1, 0.2]})
    for ask in (
        lambda: batch.ground_state(0.0),
        lambda: batch.thermal_state(0.0, 1.0),
        lambda: batch.solver_options(0.0, 1.0),
    ):
        with pytest.raises(lz.LzopenError, match=r"batch of shape \(2,\) in dephasing.rate"):
            ask()


# -- other processes


def values_elsewhere(evos, methods, times):
    """What a fresh process finds in what it was sent."""
    return [[evo(t).full() for t in times] for evo in evos], [m(0.3) for m in methods]


def test_everything_pickles_into_a_fresh_process():
    evos = [NOISY.H, TURNING.H, *NOISY.c_ops[1:], CASES[-1].model.H]
    methods = [drive.waveform.scalar for drive in WAVEFORMS.values()]
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        there = pool.apply(values_elsewhere, (evos, methods, TIMES[:2]))
    here = values_elsewhere(evos, methods, TIMES[:2])
    for received, sent in zip(there[0], here[0], strict=True):
        assert_array_equal(received, sent)
    assert there[1] == here[1]


@every
def test_models_pickle(case):
    copy = pickle.loads(pickle.dumps(case.model))
    assert_array_equal(copy.hamiltonian(TIMES), case.model.hamiltonian(TIMES))
    assert copy.parameters == case.model.parameters


def test_a_complex_sweep_is_refused():
    with pytest.raises(lz.LzopenError, match=r"`sweep` must be real.*`gap`"):
        lz.TwoLevel(sweep=lz.Rotating(1.0, 1.0), gap=1.0)


def test_parameters_that_vary_together_all_label_the_result():
    pair = lz.TwoLevel(sweep=lz.Linear([1.0, 2.0]), gap=[0.3, 0.4])
    found = lz.transition_matrix(pair)
    assert found.probability.dims[0] == "sweep.rate"
    assert found["gap"].dims == ("sweep.rate",)
    assert found["gap"].values.tolist() == [0.3, 0.4]


# -- round-off


@pytest.mark.parametrize("omega", [0.37, 1.7, 3.3])
@pytest.mark.parametrize("periods", [1, 3, 7, 10])
def test_no_kink_lies_a_round_off_before_the_end(omega, periods):
    model, end = lz.TwoLevel(sweep=lz.Triangle(3.0, omega), gap=0.5), periods * 2 * np.pi / omega
    assert_allclose(model.kinks(0.0, end), np.arange(1, 2 * periods) * np.pi / omega)
    assert model.solver_options(0.0, end)["nsteps"] < 1e5


def test_kinks_that_differ_by_round_off_count_once():
    twice = lz.Square(3.0, 1.3) + lz.Square(1.0, 1.3, phase=6 * np.pi)
    model = lz.TwoLevel(sweep=twice, gap=0.5)
    assert_allclose(model.kinks(0.0, 100.0), lz.Square(3.0, 1.3).kinks(0.0, 100.0))
    batch = lz.vary(model, {"gap": [0.5, 1.0]})
    assert batch.kinks(np.zeros(2), np.full(2, 100.0)).shape == (2, 41)


@pytest.mark.parametrize("unit", [1e-24, 1.0, 300.0])
def test_hermitian_in_any_unit_of_energy(unit):
    rng = np.random.default_rng(0)
    basis = np.linalg.qr(rng.normal(size=(4, 4)) + 1j * rng.normal(size=(4, 4)))[0]
    rotated = unit * basis @ np.diag([1.0, -0.5, 0.2, 0.7]) @ basis.conj().T
    assert lz.Model(terms=[(rotated, lz.Constant(1.0))]).is_hermitian
    leak = rotated - 1e-3j * unit * np.eye(4)
    assert not lz.Model(terms=[(leak, lz.Constant(1.0))]).is_hermitian


@pytest.mark.parametrize("unit", [1e-12, 1e12])
def test_cold_thermal_state_in_any_unit_of_energy(unit):
    model = lz.TwoLevel(sweep=lz.Constant(0.3 * unit), gap=unit)
    assert_allclose(model.thermal_state(0.0, 0.0).full(), model.ground_state(0.0).proj().full())


def test_a_result_records_the_whole_model():
    ladder = lz.Crossing(
        slopes=[1.0, 0.0, -1.0], offsets=[0.0, 2.0, 0.0], couplings=0.2 * np.eye(3, k=1)
    )
    dephased = ladder.with_environment(lz.Dephasing(0.1, np.diag([1.0, 0.0, -1.0])))
    record = json.loads(lz.evolve(dephased, times=[0.0, 1.0]).attrs["lzopen"])["model"]
    assert record["class"] == "Crossing"
    assert record["offsets"] == [0.0, 2.0, 0.0]
    assert record["environments"][0]["class"] == "Dephasing"
    assert record["environments"][0]["operator"][2] == [[0.0, 0.0], [0.0, 0.0], [-1.0, 0.0]]
    table = lz.Tabulated(np.arange(1000.0), np.sin(np.arange(1000.0)))
    other = lz.Tabulated(np.arange(1000.0), np.cos(np.arange(1000.0)))
    sums = [describe(lz.TwoLevel(sweep=w, gap=1.0))["sweep"]["values"] for w in (table, other)]
    assert sums[0]["shape"] == [1000]
    assert sums[0]["sha256"] != sums[1]["sha256"]
