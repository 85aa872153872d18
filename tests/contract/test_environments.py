"""What every environment promises, checked on each one in the zoo and through mesolve."""

from __future__ import annotations

import pickle
from dataclasses import replace

import numpy as np
import pytest
import qutip
from numpy.testing import assert_allclose

import lzopen as lz
from lzopen.dynamics.generators import generators, liouvillian
from lzopen.environments.bloch import bloch_field
from lzopen.models.terms import derivative, hamiltonian
from zoo import ENVIRONMENTS, LADDER, QUBIT, exported

ENGINE_FOLLOWS = (
    "adiabatic dephasing",
    "adiabatic dephasing, weighed",
    "cold relaxation",
    "warm relaxation",
)

every = pytest.mark.parametrize("entry", ENVIRONMENTS.values(), ids=ENVIRONMENTS)
JUMPING = {name: e for name, e in ENVIRONMENTS.items() if e.environment.has_jumps}
LEAKING = {name: e for name, e in ENVIRONMENTS.items() if not e.environment.has_jumps}
jumping = pytest.mark.parametrize("entry", JUMPING.values(), ids=JUMPING)
leaking = pytest.mark.parametrize("entry", LEAKING.values(), ids=LEAKING)
TIMES = np.linspace(0.0, 6.0, 13)
TIGHT = {"atol": 1e-11, "rtol": 1e-9}

# Sweeps whose Bloch vector meets every special direction: through the poles (no gap),
# along σy (imaginary gap), and with a gap that turns.
SWEEPS = {
    "real gap": QUBIT,
    "complex gap": lz.TwoLevel(sweep=lz.Linear(1.0), gap=0.5 - 0.8j),
    "imaginary gap": lz.TwoLevel(sweep=lz.Linear(-1.0), gap=0.6j),
    "through the poles": lz.TwoLevel(sweep=lz.Constant(1.0), gap=lz.SignFlip(0.7, at=0.0)),
    "no gap": lz.TwoLevel(sweep=lz.Linear(1.0), gap=0.0),
    "turning gap": lz.TwoLevel(sweep=lz.Linear(1.0), gap=lz.Rotating(0.8, omega=1.0)),
}
sweeps = pytest.mark.parametrize("model", SWEEPS.values(), ids=SWEEPS)


def solve(model, state, times=TIMES, e_ops=None):
    options = model.solver_options(times[0], times[-1]) | TIGHT
    return qutip.mesolve(model.H, state, times, model.c_ops, e_ops=e_ops, options=options)


def expectation(model, state, operator, times=TIMES):
    return np.array(solve(model, state, times, [operator]).expect[0])


def still(bias, gap, *environments):
    return lz.TwoLevel(sweep=lz.Constant(bias), gap=gap, environments=environments)


def at(operator, t):
    return operator(t).full() if isinstance(operator, qutip.QobjEvo) else operator.full()


def test_every_exported_environment_is_in_the_zoo():
    shown = {type(entry.environment) for entry in ENVIRONMENTS.values()}
    missing = exported(lz.Environment) - shown
    assert not missing, f"add {missing} to ENVIRONMENTS in tests/zoo.py"


# -- all of them


@pytest.mark.parametrize(
    "entry",
    [pytest.param(e, id=n) for n, e in JUMPING.items() if not e.moves or n in ENGINE_FOLLOWS],
)
@pytest.mark.parametrize("function", [hamiltonian, derivative])
def test_generators_at_one_time_are_those_of_an_array_of_times(entry, function):
    terms = liouvillian(entry.model.with_environment(entry.environment))
    one, (same,) = function(terms, 0.4), function(terms, np.array([0.4]))
    assert one.shape == 2 * (entry.model.n_levels**2,)
    assert_allclose(one, same, rtol=1e-14, atol=1e-14)


@jumping
def test_collapse_operators_fit_the_model_and_qutip(entry):
    model = entry.model.with_environment(entry.environment)
    assert len(model.c_ops) == len(entry.environment.c_ops(model.terms))
    for operator in model.c_ops:
        assert operator.dims == [[model.n_levels], [model.n_levels]]
        assert isinstance(operator, qutip.QobjEvo) == entry.moves
    final = solve(model, qutip.basis(model.n_levels, 0), [-2.0, 2.0]).states[-1]
    assert final.tr() == pytest.approx(1)
    assert final.eigenenergies().min() > -1e-9


@pytest.mark.parametrize("name", JUMPING)
def test_dissipators_equal_those_of_the_collapse_operators(name):
    entry = JUMPING[name]
    model = entry.model.with_environment(entry.environment)
    if entry.moves and name not in ENGINE_FOLLOWS:
        with pytest.raises(lz.LzopenError, match="follows the energy eigenstates"):
            entry.environment.dissipators(entry.model.terms)
        return
    for t in (-2.3, 0.0, 0.7):
        found = sum(w(t) * matrix for matrix, w in entry.environment.dissipators(entry.model.terms))
        c_ops = [op(t) if entry.moves else op for op in model.c_ops]
        assert_allclose(found, qutip.liouvillian(None, c_ops).full(), atol=1e-14)


QUBITS = {name: e for name, e in JUMPING.items() if e.model.n_levels == 2}


def bloch_form(superoperator):
    """What a superoperator does to (1, x, y, z) of ρ = ½(1 + r·σ)."""
    basis = [
        np.eye(2),
        *(pauli.full() for pauli in (qutip.sigmax(), qutip.sigmay(), qutip.sigmaz())),
    ]
    columns = np.stack([matrix.ravel("F") for matrix in basis], axis=-1)
    return np.real(columns.conj().T @ superoperator @ columns) / 2


@pytest.mark.parametrize("name", QUBITS)
def test_axial_form_equals_the_collapse_operators(name):
    entry = QUBITS[name]
    model, t = entry.model.with_environment(entry.environment), np.array([-2.3, 0.0, 0.7])
    vector = np.array(
        [sum(part[i] * w(t) for part, w in bloch_field(model.terms)) for i in range(3)]
    )
    axial = entry.environment.axial(model.terms, vector)
    axis = np.broadcast_to(axial.axis, vector.shape)
    others = [np.broadcast_to(part, t.shape) for part in axial[1:]]
    for i, (along, across, equilibrium) in enumerate(zip(*others, strict=True)):
        n, expected = axis[:, i], np.zeros((4, 4))
        expected[1:, 1:] = -across * np.eye(3) + (across - along) * np.outer(n, n)
        expected[1:, 0] = along * equilibrium * n
        c_ops = [op(t[i]) if entry.moves else op for op in model.c_ops]
        found = bloch_form(qutip.liouvillian(None, c_ops).full())
        assert_allclose(found, expected, atol=1e-13)


RATED = {name: e for name, e in ENVIRONMENTS.items() if hasattr(e.environment, "rate")}


@pytest.mark.parametrize("entry", RATED.values(), ids=RATED)
def test_a_rate_of_zero_does_nothing(entry):
    quiet = replace(entry.environment, rate=0.0)
    for operator in quiet.c_ops(entry.model.terms):
        assert_allclose(at(operator, 0.3), 0, atol=1e-300)
    for matrix, waveform in quiet.leaks(entry.model.terms):
        assert_allclose(waveform(0.3) * matrix, 0, atol=1e-300)


@pytest.mark.parametrize(
    "name", [name for name, e in JUMPING.items() if not e.moves or name in ENGINE_FOLLOWS]
)
def test_rates_of_what_the_engine_follows_may_be_batches(name):
    entry, t = ENVIRONMENTS[name], np.array([0.4])

    def dissipator(rate):
        terms = replace(entry.environment, rate=rate).dissipators(entry.model.terms)
        return sum(w(t)[..., 0, None, None] * matrix for matrix, w in terms)

    batch, single = dissipator(np.array([0.1, 0.4])), dissipator(0.4)
    assert_allclose(batch, [single / 4, single], rtol=1e-13)


# -- leaks


@leaking
def test_survival_falls_and_nothing_but_the_norm_is_seen(entry):
    model = entry.model.with_environment(entry.environment)
    assert not model.is_hermitian
    assert not model.c_ops
    assert_allclose(model.energies([-1.0, 0.3]), entry.model.energies([-1.0, 0.3]), atol=1e-14)
    assert abs(abs(model.ground_state(0.3).overlap(entry.model.ground_state(0.3))) - 1) < 1e-14
    run = lz.evolve(model, times=np.linspace(-2.0, 2.0, 9))
    assert (np.diff(run.survival) < 0).all()
    engine = lz.evolve(model, times=run.time, solver="engine")
    assert_allclose(engine.population, run.population, atol=1e-6)


@leaking
def test_a_leak_pickles_with_its_bound_methods(entry):
    model = pickle.loads(pickle.dumps(entry.model.with_environment(entry.environment)))
    assert_allclose(model.H(0.4).full(), model.hamiltonian(0.4), atol=1e-14)
    twin = model.with_sink()
    copies = pickle.loads(pickle.dumps([twin.H, *twin.c_ops]))
    assert all(copy(0.4) == op(0.4) for copy, op in zip(copies, [twin.H, *twin.c_ops], strict=True))


@leaking
def test_waveforms_of_a_leak_keep_the_contract(entry):
    t = np.array([-1.3, -0.2, 0.4, 1.7])
    for _, waveform in entry.environment.leaks(entry.model.terms):
        assert_allclose(waveform(t), [waveform.scalar(x) for x in t], rtol=1e-12)
        h, series = 1e-2, waveform.taylor(t, 9)
        assert_allclose(waveform(t + h), (series * h ** np.arange(10)).sum(axis=-1), rtol=1e-13)
        for side in (-1, 1):
            if (end := waveform.asymptote(side)) is not None:
                far = waveform(side * np.array([1e6]))
                assert_allclose(far, end[0] * 1e6 ** end[1], atol=1e-5)


# -- dephasing


def test_dephasing_lets_the_coherence_fall_at_its_rate():
    bias, rate = 0.9, 0.3
    model = still(bias, 0.0, lz.Dephasing(rate))
    plus = (qutip.basis(2, 0) + qutip.basis(2, 1)).unit()
    x = expectation(model, plus, qutip.sigmax())
    assert_allclose(x, np.exp(-rate * TIMES) * np.cos(bias * TIMES), atol=1e-7)
    z = expectation(model, qutip.basis(2, 1), qutip.sigmaz())
    assert_allclose(z, -1, atol=1e-9)


def test_dephasing_by_an_operator_goes_with_the_distance_of_its_eigenvalues():
    weights, rate = np.array([1.0, 0.0, -2.0]), 0.3
    quiet = lz.Model(terms=[(np.zeros((3, 3)), lz.Constant(1.0))])
    model = quiet.with_environment(lz.Dephasing(rate, np.diag(weights)))
    rho = solve(model, qutip.ket2dm(sum(qutip.fock(3, k) for k in range(3)))).states[-1]
    distance = (weights[:, None] - weights) ** 2
    expected = np.exp(-rate * distance / 4 * TIMES[-1])
    assert_allclose(rho.full(), expected, atol=1e-7)


# -- dephasing of energy eigenstates


@sweeps
def test_adiabatic_dephasing_is_diagonal_between_energy_eigenstates(model):
    """However the Hamiltonian points, L takes no eigenstate to the other."""
    (operator,) = lz.Dephasing(0.3, basis="adiabatic").c_ops(model.terms)
    for t in [-5.0, -1.0, -1e-3, 1e-9, 0.4, 3.0]:
        states = model.eigenstates(t)[1]
        inside = states.conj().T @ operator(t).full() @ states
        assert_allclose(np.abs(inside), np.sqrt(0.15) * np.eye(2), atol=1e-14)


def test_adiabatic_dephasing_of_levels_follows_their_order():
    weights = np.array([1.0, 0.5, -2.0])
    (operator,) = lz.Dephasing(0.3, np.diag(weights), "adiabatic").c_ops(LADDER.terms)
    for t in (-4.0, 0.0, 0.3, 5.0):
        states = LADDER.eigenstates(t)[1]
        expected = (states * np.sqrt(0.15) * weights) @ states.conj().T
        assert_allclose(operator(t).full(), expected, atol=1e-14)


def test_a_qubit_dephases_alike_by_its_own_operator_and_as_n_levels():
    """σz between eigenstates: left out, given, and as three levels with a spectator."""
    model = QUBIT.with_environment(lz.Dephasing(0.4, basis="adiabatic"))
    named = QUBIT.with_environment(lz.Dephasing(0.4, np.diag([-1.0, 1.0]), basis="adiabatic"))
    terms = [(np.pad(matrix, (0, 1)), w) for matrix, w in QUBIT.terms]
    spectator = (np.diag([0, 0, 100.0]), lz.Constant(1.0))
    noise = lz.Dephasing(0.4, np.diag([-1.0, 1.0, 0.0]), basis="adiabatic")
    wide = lz.Model(terms=[*terms, spectator], environments=[noise])
    times = np.linspace(-5.0, 5.0, 5)
    runs = [lz.evolve(m, times=times, solver="mesolve") for m in (model, named, wide)]
    engine = lz.evolve(model, times=times, solver="engine")
    for run in (*runs[1:], engine):
        assert_allclose(run.population[:, :2], runs[0].population, atol=1e-6)


def test_adiabatic_dephasing_leaves_a_static_thermal_state_alone():
    model = still(0.8, 0.6, lz.Dephasing(0.3, basis="adiabatic"))
    states = model.eigenstates(0.0)[1]
    ground = qutip.Qobj(states[:, 0])
    assert_allclose(expectation(model, ground, ground.proj()), 1, atol=1e-9)
    plus = qutip.Qobj(states.sum(axis=1) / np.sqrt(2))
    coherence = qutip.Qobj(np.outer(states[:, 0], states[:, 1].conj()))
    found = np.abs(expectation(model, plus, coherence))
    assert_allclose(found, 0.5 * np.exp(-0.3 * TIMES), atol=1e-7)


@pytest.mark.parametrize(
    ("rate", "noise", "tunnels"),
    [
        (0.02, 0.1, 0.00116780),
        pytest.param(0.02, 1.0, 0.0064651, marks=pytest.mark.slow),
        pytest.param(0.005, 1.0, 0.0016240, marks=pytest.mark.slow),
    ],
)
def test_slow_sweep_that_dephases_between_eigenstates(rate, noise, tunnels):
    """The limit, a finite window of its own, and a theory linear in the rate."""
    model = lz.TwoLevel(sweep=lz.Linear(rate), gap=1.0)
    model = model.with_environment(lz.Dephasing(noise, basis="adiabatic"))
    found = lz.transition_matrix(model, tol=1e-9)
    digits = 0.6 * 10 ** -(8 if noise < 1 else 7)
    assert found.probability[0, 0].item() == pytest.approx(tunnels, abs=digits)
    root = np.hypot(1.0, noise)
    slow = np.pi * rate / 4 * noise * (2 + root) / (root * (1 + root) ** 2)
    assert found.probability[0, 0].item() == pytest.approx(slow, rel=0.5 * rate)
    # What a window leaves out falls like its third power.
    off = []
    for reach in (10.0, 20.0):
        window = lz.transition_matrix(model, window=(-reach / rate, reach / rate), tol=1e-9)
        off.append(abs((window.probability - found.probability)[0, 0].item()))
    assert off[1] < off[0] / 7
    assert off[1] < 2e-3 * rate * noise


@pytest.mark.parametrize(
    "model",
    [
        lz.TwoLevel(sweep=lz.Linear(1.0), gap=0.5 - 0.6j),
        lz.TwoLevel(sweep=lz.Linear(1.0), gap=lz.SignFlip(0.8, at=0.3)),
        lz.TwoLevel(sweep=lz.Tanh(2.0, 1.0), gap=0.6),
    ],
    ids=["complex gap", "sign flip", "ends at rest"],
)
def test_limit_of_adiabatic_dephasing_is_that_of_long_windows(model):
    noisy = model.with_environment(lz.Dephasing(0.3, basis="adiabatic"))
    limit = lz.transition_matrix(noisy)
    window = lz.transition_matrix(noisy, window=(-40.0, 40.0))
    assert_allclose(window.probability, limit.probability, atol=1e-7)
    assert limit.error.max() < 1e-8
    closed = lz.transition_matrix(model).probability
    assert np.abs(limit.probability - closed).max() > 0.01


def test_adiabatic_dephasing_in_a_batch():
    model = lz.TwoLevel(sweep=lz.Linear(np.array([1.0, 2.0])), gap=np.array([[1.0], [0.5]]))
    batch = lz.transition_matrix(model.with_environment(lz.Dephasing(0.3, basis="adiabatic")))
    one = lz.TwoLevel(sweep=lz.Linear(2.0), gap=0.5)
    single = lz.transition_matrix(one.with_environment(lz.Dephasing(0.3, basis="adiabatic")))
    assert_allclose(batch.probability[1, 1], single.probability, atol=1e-8)
    assert np.ptp(batch.probability.values[..., 0, 0]) > 0.3


def test_the_basis_of_dephasing_decides():
    slow = lz.TwoLevel(sweep=lz.Linear(0.02), gap=1.0)
    found = lz.transition_matrix(slow.with_environment(lz.Dephasing(0.1)))
    assert found.probability[0, 0].item() == pytest.approx(0.49999991, abs=1.5e-8)


def test_adiabatic_dephasing_through_a_true_crossing_is_the_diabatic_one():
    """Without a gap the eigenstates are the levels, and n·σ = ±σz on both sides."""
    swept = lz.TwoLevel(sweep=lz.Linear(1.0), gap=0.0)
    plus = (qutip.basis(2, 0) + qutip.basis(2, 1)).unit()
    ask = {"times": [-3.0, -1.0, 2.0], "initial": plus, "solver": "engine"}
    runs = [
        lz.evolve(swept.with_environment(lz.Dephasing(0.2, basis=basis)), **ask)
        for basis in ("diabatic", "adiabatic")
    ]
    assert_allclose(runs[0].population, runs[1].population, atol=1e-6)


def test_eigenstates_without_a_limit_ask_for_a_window():
    quiet = lz.TwoLevel(sweep=lz.Constant(0.0), gap=lz.Sech(1.0, 1.0))
    model = quiet.with_environment(lz.Dephasing(0.1, basis="adiabatic"))
    with pytest.raises(lz.LzopenError, match="`window` must be given where levels touch"):
        lz.transition_matrix(model)
    assert lz.evolve(model, times=[-3.0, 3.0], solver="engine").error.max() < 1e-6


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"basis": "energy"}, "`basis` must be one of"),
        ({"operator": qutip.sigmax(), "basis": "adiabatic"}, "`operator` must be diagonal"),
    ],
)
def test_bad_input_of_adiabatic_dephasing(arguments, message):
    with pytest.raises(lz.LzopenError, match=message):
        lz.Dephasing(0.1, **arguments)


def test_the_engine_refuses_adiabatic_dephasing_of_many_levels():
    noise = lz.Dephasing(0.1, np.diag([1.0, 0.0, -1.0]), basis="adiabatic")
    model = LADDER.with_environment(noise)
    with pytest.raises(lz.LzopenError, match="Dephasing, which follows the energy eigenstates"):
        generators(model)


# -- relaxation


@pytest.mark.parametrize("temperature", [0.0, 0.3, 1.7])
@pytest.mark.parametrize(("bias", "gap"), [(0.8, 0.6), (-0.8, 0.6), (0.0, 0.5j), (1.0, 0.0)])
def test_relaxation_at_rest_reaches_the_thermal_state_at_its_rate(bias, gap, temperature):
    rate, energy = 0.4, np.hypot(bias, abs(gap))
    model = still(bias, gap, lz.Relaxation(rate, temperature))
    excited = qutip.Qobj(model.eigenstates(0.0)[1][:, 1])
    population = expectation(model, excited, excited.proj())
    end = 0.0 if temperature == 0 else 1 / (1 + np.exp(energy / temperature))
    assert_allclose(population, end + (1 - end) * np.exp(-rate * TIMES), atol=1e-7)


def test_relaxation_at_rest_halves_its_rate_for_the_coherence():
    model = still(1.3, 0.0, lz.Relaxation(0.4, temperature=0.5))
    plus = (qutip.basis(2, 0) + qutip.basis(2, 1)).unit()
    x = expectation(model, plus, qutip.sigmax())
    assert_allclose(x, np.exp(-0.2 * TIMES) * np.cos(1.3 * TIMES), atol=1e-7)


@pytest.mark.parametrize("temperature", [0.2, 2.0])
@pytest.mark.parametrize("bias", [-1.1, 0.0, 0.7])
def test_relaxation_stands_still_in_the_thermal_state(bias, temperature):
    model = still(bias, 0.9, lz.Relaxation(0.4, temperature))
    thermal = model.thermal_state(0.0, temperature)
    generator = qutip.liouvillian(model.H(0.0), [operator(0.0) for operator in model.c_ops])
    assert_allclose((generator @ qutip.operator_to_vector(thermal)).full(), 0, atol=1e-14)


@sweeps
@pytest.mark.parametrize("temperature", [0.0, 0.05, 0.8])
def test_relaxation_keeps_detailed_balance_at_every_instant(model, temperature):
    """Jump operators take each energy eigenstate to the other one, at rates in balance."""
    rate = 0.3
    jumps = lz.Relaxation(rate, temperature).c_ops(model.terms)
    assert len(jumps) == (1 if temperature == 0 else 2)
    for t in [-5.0, -1.0, -1e-3, 0.0, 1e-9, 0.4, 3.0]:
        energies, states = model.eigenstates(t)
        gap = energies[1] - energies[0]
        inside = [states.conj().T @ at(jump, t) @ states for jump in jumps]
        if gap < 1e-12:
            continue  # no eigenbasis
        down = abs(inside[0][0, 1]) ** 2
        up = abs(inside[1][1, 0]) ** 2 if temperature else 0.0
        assert down + up == pytest.approx(rate, rel=1e-12)
        if temperature:
            assert up == pytest.approx(down * np.exp(-gap / temperature), rel=1e-10, abs=1e-200)
        inside[0][0, 1] = 0  # nothing else is left
        assert_allclose(inside[0], 0, atol=1e-14)
        if temperature:
            inside[1][1, 0] = 0
            assert_allclose(inside[1], 0, atol=1e-14)


def test_relaxation_without_a_gap_is_finite_at_the_crossing():
    for temperature in (0.0, 0.4):
        for jump in lz.Relaxation(0.3, temperature).c_ops(SWEEPS["no gap"].terms):
            assert (np.abs(at(jump, 0.0)) ** 2).sum() == pytest.approx(0.15)


def test_an_operator_given_as_an_array_is_no_parameter():
    model = still(1.0, 0.5, lz.Dephasing(0.3, np.diag([1.0, -1.0])))
    assert set(model.parameters) == {"sweep.value", "gap", "dephasing.rate"}
    assert model.batch_shape == ()
    assert len(model.c_ops) == 1


def test_relaxation_remembers_no_other_instant():
    """The cache of the last instant gives each time its own operator, in any order."""
    operators = lz.Relaxation(0.3, 0.4).c_ops(QUBIT.terms)
    first = [at(op, 0.7) for op in operators]
    _ = [at(op, -2.0) for op in operators]
    assert_allclose([at(op, 0.7) for op in operators], first, rtol=0)


def test_slow_cold_sweep_follows_the_ground_state():
    model = lz.TwoLevel(sweep=lz.Linear(0.5), gap=0.8).with_environment(lz.Relaxation(1.0, 0.0))
    final = solve(model, qutip.basis(2, 0), [-12.0, 12.0]).states[-1]
    ground = model.ground_state(12.0)
    assert qutip.expect(ground.proj(), final) > 0.999


# -- decay


def test_decay_empties_its_source_into_its_target():
    model = still(0.7, 0.0, lz.Decay(0.25, source=0, target=1))
    population = expectation(model, qutip.basis(2, 0), model.projectors[1])
    assert_allclose(population, 1 - np.exp(-0.25 * TIMES), atol=1e-7)
    assert_allclose(expectation(model, qutip.basis(2, 1), model.projectors[1]), 1, atol=1e-9)


def test_decay_chain_of_three_levels():
    still_levels = lz.Model(terms=[(np.diag([0.0, 1.0, 3.0]), lz.Constant(1.0))])
    model = still_levels.with_environment(lz.Decay(0.5, 2, 1), lz.Decay(0.2, 1, 0))
    middle = expectation(model, qutip.basis(3, 2), model.projectors[1])
    expected = 0.5 / 0.3 * (np.exp(-0.2 * TIMES) - np.exp(-0.5 * TIMES))
    assert_allclose(middle, expected, atol=1e-7)


def test_decay_asks_nothing_about_energy_and_pumps_after_the_crossing():
    """Past the crossing level 0 lies higher: a decay into it heats, relaxation cools."""
    sweep = lz.TwoLevel(sweep=lz.Linear(0.4), gap=1.0)
    pumped = sweep.with_environment(lz.Decay(0.2, source=1, target=0))
    cooled = sweep.with_environment(lz.Relaxation(0.2, temperature=0.0))
    start = sweep.ground_state(-10.0)
    for model, low, high in ((pumped, -0.01, 0.1), (cooled, 0.95, 1.01)):
        final = solve(model, start, [-10.0, 25.0]).states[-1]
        assert low < qutip.expect(sweep.ground_state(25.0).proj(), final) < high


def test_relaxation_follows_a_coupling_written_as_a_conjugate_pair():
    raising = np.array([[0.0, 0.5], [0.0, 0.0]])
    pair = [(raising, lz.Rotating(1.0, -2.0)), (raising.T, lz.Rotating(1.0, 2.0))]
    bath = lz.Relaxation(0.1, temperature=0.5)
    sweep = lz.Linear(1.0)
    written = lz.Model(terms=[(np.diag([0.5, -0.5]), sweep), *pair], environments=[bath])
    built = lz.TwoLevel(sweep=sweep, gap=lz.Rotating(1.0, 2.0), environments=[bath])
    for t in (-1.2, 0.0, 0.7):
        assert_allclose(written.H(t).full(), built.H(t).full(), atol=1e-15)
        for one, other in zip(written.c_ops, built.c_ops, strict=True):
            assert_allclose(one(t).full(), other(t).full(), atol=1e-15)


def test_operator_of_dephasing_is_a_copy():
    matrix = np.diag([1.0, 0.0, -1.0])
    noise = lz.Dephasing(0.1, matrix)
    ((before, _),) = noise.dissipators(())
    matrix[0, 0] = 5.0
    for same in (noise, replace(noise, rate=0.1)):
        assert_allclose(same.dissipators(())[0][0], before)


def test_strong_dephasing_gets_the_steps_that_it_needs():
    model = QUBIT.with_environment(lz.Dephasing(1000.0))
    run = lz.evolve(model, times=[-20.0, 20.0], tol=1e-4)
    # Overdamped: the population flows at the classical rate Γ Δ²/2 / (Γ² + ε²).
    lost = 0.5 * (1 - np.exp(-40.0 * QUBIT.gap**2 / 1000.0))
    assert run.population[-1, 1].item() == pytest.approx(lost, abs=1e-4)


# -- quantum jumps, with the energy that each of them takes

FOLLOWING = {name: e for name, e in JUMPING.items() if e.moves}
WARM = {name: e for name, e in JUMPING.items() if e.environment.reservoir_temperature}
following = pytest.mark.parametrize("entry", FOLLOWING.values(), ids=FOLLOWING)
warm = pytest.mark.parametrize("entry", WARM.values(), ids=WARM)


def jumps_between_levels(entry, t):
    """Operators between diabatic levels, quanta, energies and eigenstates at one time."""
    energies, states = entry.model.eigenstates(np.array([t]))
    operators, quanta = entry.environment.quantum_jumps(energies, states)
    outside = states[:, None] @ operators @ states[:, None].conj().swapaxes(-1, -2)
    return outside[0], quanta[0], energies[0], operators[0]


@jumping
def test_quantum_jumps_are_the_collapse_operators(entry):
    """They may be others, but what they do to states is the same."""
    for t in (-1.3, 0.2, 2.0):
        operators, *_ = jumps_between_levels(entry, t)
        mine = sum(qutip.lindblad_dissipator(qutip.Qobj(op)).full() for op in operators)
        given = entry.environment.c_ops(entry.model.terms)
        theirs = sum(qutip.lindblad_dissipator(qutip.Qobj(at(op, t))).full() for op in given)
        assert_allclose(mine, theirs, atol=1e-12)


@following
def test_quanta_are_the_energies_that_jumps_change(entry):
    """[H, L] = qL where jumps follow the energies; what has no quantum leaves none."""
    for t in (-1.3, 0.2, 2.0):
        _, quanta, energies, operators = jumps_between_levels(entry, t)
        for quantum, operator in zip(quanta, operators, strict=True):
            change = np.diag(energies) @ operator - operator @ np.diag(energies)
            assert_allclose(change, quantum * operator, atol=1e-10)


@warm
def test_jumps_up_and_down_are_in_detailed_balance(entry):
    temperature = entry.environment.reservoir_temperature
    _, quanta, _, operators = jumps_between_levels(entry, 0.2)
    rates = {}
    for quantum, operator in zip(quanta, operators, strict=True):
        rates[round(float(quantum), 9)] = rates.get(round(float(quantum), 9), 0) + np.sum(
            np.abs(operator) ** 2
        )
    assert len(rates) > 1
    for quantum, rate in rates.items():
        assert_allclose(rate, rates[-quantum] * np.exp(-quantum / temperature), rtol=1e-9)
