"""Each trap twice: plain QuTiP falls into it, with the numbers, and lzopen does not.

Where a plain call no longer fails, QuTiP has improved: then the test says so, and the guard in
lzopen may go.
"""

from __future__ import annotations

import functools
import pickle
import warnings

import numpy as np
import pytest
import qutip
from numpy.testing import assert_allclose
from qutip.solver.integrator import IntegratorException

import lzopen as lz
from lzopen import theory
from zoo import CASES

X, Z = qutip.sigmax() / 2, qutip.sigmaz() / 2
UP = qutip.basis(2, 0)
LEAVE = 0.5  # Γ of a leak


def plain_sweep(rate):
    """What a script writes: H = ½(αt σz + σx)."""
    return [X, [Z, lambda t: rate * t]]


# -- a pulse that the solver steps over: qutip#1945, #1265, #2552, #2814


def test_short_pulse_is_skipped():
    start, width = 268.0, 1.0
    times = np.linspace(0.0, 300.0, 11)

    def rectangle(t):
        return np.pi / width if start <= t < start + width else 0.0

    plain = qutip.sesolve([[X, rectangle]], UP, times, e_ops=[UP.proj()])
    assert plain.expect[0][-1] > 0.999  # a π pulse should empty the level: the result is flat

    pulse = lz.Tabulated([0.0, start, start + width], [0.0, np.pi / width, 0.0], kind="step")
    model = lz.TwoLevel(sweep=lz.Constant(0.0), gap=pulse)
    assert lz.evolve(model, times=times).population[-1, 0] < 1e-6
    options = model.solver_options(times[0], times[-1], solver="sesolve")
    by_hand = qutip.sesolve(model.H, UP, times, e_ops=[UP.proj()], options=options)
    assert by_hand.expect[0][-1] < 1e-6
    P = lz.transition_matrix(model, window=(0.0, 300.0), readout="diabatic")
    assert P.probability[0, 0] < 1e-9


def test_one_short_step_for_the_whole_window_is_slow(monkeypatch):
    """qutip-qip#183: max_step belongs to the piece that needs it."""
    calls = []
    plain = lz.Tabulated.scalar

    @functools.wraps(plain)
    def counting(self, t):
        calls.append(t)
        return plain(self, t)

    monkeypatch.setattr(lz.Tabulated, "scalar", counting)
    pulse = lz.Tabulated([0.0, 200.0, 200.01], [0.0, 100.0, 0.0], kind="step")
    model = lz.TwoLevel(sweep=lz.Constant(0.3), gap=pulse)
    lz.evolve(model, times=[0.0, 400.0])
    everywhere = 400.0 / model.solver_options(0.0, 400.0)["max_step"]
    assert everywhere >= 80_000
    assert len(calls) < everywhere / 5


# -- too many steps for the default: qutip#806, #1605, #1623, #1896


@pytest.mark.filterwarnings("ignore:_zvode")
def test_plain_sweep_stops_with_excess_work():
    with pytest.raises(IntegratorException, match="Excess work"):
        qutip.sesolve(plain_sweep(1.0), UP, [-40.0, 40.0])
    with pytest.raises(IntegratorException, match="Excess work"):
        qutip.mesolve(plain_sweep(1.0), UP, [-40.0, 40.0], [0.1 * Z])

    qubit = lz.TwoLevel(sweep=lz.Linear(1.0), gap=1.0)
    options = qubit.solver_options(-40.0, 40.0)
    found = qutip.sesolve(qubit.H, UP, [-40.0, 40.0], options=options).states[-1]
    U = theory.finite_time_propagator(rate=1.0, gap=1.0, t0=-40.0, t1=40.0)
    assert_allclose(np.abs(found.full()[:, 0]) ** 2, np.abs(U[:, 0]) ** 2, atol=1e-6)
    run = lz.evolve(qubit.with_environment(lz.Dephasing(0.1)), times=[-40.0, 40.0])
    assert run.error.max() < 1e-6


# -- "Landau-Zener is always 0.1 % off": the window, not the integrator (arXiv:2306.11633)


def test_diabatic_readout_of_a_finite_window_misses_the_formula():
    rate, T = 2.0, 20.0  # ±40 gaps
    exact = theory.landau_zener(rate=rate, gap=1.0)
    tight = {"atol": 1e-12, "rtol": 1e-10, "nsteps": 100_000}
    times = np.linspace(T - 1.0, T, 50)
    plain = qutip.sesolve(
        plain_sweep(rate), UP, [-T, *times], e_ops=[UP.proj()], options=tight
    ).expect[0][1:]
    assert np.abs(plain - exact).max() > 5e-3  # at whatever tolerance

    qubit = lz.TwoLevel(sweep=lz.Linear(rate), gap=1.0)
    limit = lz.transition_matrix(qubit)
    assert abs(limit.probability[0, 0] - exact) < 1e-8
    dressed = lz.transition_matrix(qubit, window=(-T, T))  # the default readout
    assert abs(dressed.probability[0, 0] - exact) < 5e-5


# -- leaks that are normalised away: qutip#416, #2410


def leaking():
    """A qubit that loses e^{−Γt} from both levels."""
    qubit = lz.TwoLevel(sweep=lz.Linear(1.0), gap=1.0)
    return lz.Model(terms=[*qubit.terms, (-0.5j * LEAVE * np.eye(2), lz.Constant(1.0))])


def test_survival_is_normalised_to_one():
    times = np.linspace(0.0, 3.0, 7)
    H = [-0.5j * LEAVE * qutip.qeye(2) + X, [Z, lambda t: t]]
    plain = qutip.sesolve(H, UP, times).states
    assert_allclose([state.norm() for state in plain], 1, atol=1e-6)
    plain = qutip.mesolve(H, UP, times, [0.1 * Z]).states
    assert_allclose([state.tr() for state in plain], 1, atol=1e-6)

    survival = np.exp(-LEAVE * times)
    for model in (leaking(), leaking().with_environment(lz.Dephasing(0.1))):
        assert_allclose(lz.evolve(model, times=times).survival, survival, atol=1e-8)
    states = qutip.sesolve(leaking().H, UP, times, options=leaking().solver_options(0, 3)).states
    assert_allclose([state.norm() ** 2 for state in states], survival, atol=1e-7)


def test_mcsolve_invents_jumps_on_a_leak():
    H = [-0.5j * LEAVE * qutip.qeye(2) + X, [Z, lambda t: t]]
    never = 1e-9 * qutip.sigmaz()
    options = {"keep_runs_results": True, "progress_bar": ""}
    plain = qutip.mcsolve(H, UP, [0.0, 3.0], [never], ntraj=10, seeds=1, options=options)
    assert sum(len(times) for times in plain.col_times) > 5
    assert plain.average_states[-1].tr() == pytest.approx(1)

    model = leaking().with_environment(lz.Dephasing(1e-18))
    with pytest.raises(lz.LzopenError, match="mcsolve would count every loss of norm"):
        lz.evolve(model, times=[0.0, 3.0], solver="mcsolve", seed=1)
    with pytest.raises(lz.LzopenError, match="mcsolve would count every loss of norm"):
        model.solver_options(0.0, 3.0, solver="mcsolve")


# -- a spline through steps: Pulser#153


def test_steps_are_splined():
    times = np.linspace(0.0, 10.0, 101)
    telegraph = np.where(np.random.default_rng(1).uniform(size=101) > 0.5, 1.0, -1.0)
    fine = np.linspace(0.0, 10.0, 4001)
    plain = qutip.coefficient(telegraph, tlist=times)
    assert max(abs(plain(t)) for t in fine) > 1.4

    steps = lz.Tabulated(times, telegraph, kind="step")
    assert set(np.abs(steps(fine))) == {1.0}
    H = lz.TwoLevel(sweep=steps, gap=0.0).H
    assert {abs(H(t)[0, 0]) for t in fine} == {0.5}
    lines = lz.Tabulated(times, telegraph)
    assert np.abs(lines(fine)).max() == 1.0


# -- args that nobody checks: qutip#2646


def test_misspelt_argument_is_ignored():
    def bias(t, rate):
        return rate * t

    H = qutip.QobjEvo([X, [Z, bias]], args={"rate": 1.0})
    default, misspelt, right = (
        qutip.sesolve(H, UP, [-3.0, 3.0], args=args).states[-1]
        for args in ({}, {"rtae": 9.0}, {"rate": 9.0})
    )
    assert (misspelt - default).norm() == 0
    assert (right - default).norm() > 0.1

    qubit = lz.TwoLevel(sweep=lz.Linear(1.0), gap=1.0)
    with pytest.raises(lz.LzopenError, match=r"'rtae'; the model has sweep\.rate, gap"):
        qubit.with_parameters({"rtae": 9.0})
    with pytest.raises(lz.LzopenError, match="'rtae'"):
        lz.vary(qubit, {"rtae": [9.0]})
    with pytest.raises(TypeError, match="rtae"):
        lz.Linear(rtae=9.0)


# -- callables that do not travel: qutip#3010, #1202


def test_lambdas_do_not_pickle():
    with pytest.raises((AttributeError, pickle.PicklingError)):
        pickle.dumps(qutip.QobjEvo(plain_sweep(1.0)))

    for case in CASES:
        copy = pickle.loads(pickle.dumps(case.model.H))
        assert copy(0.3) == case.model.H(0.3)
    warm = lz.TwoLevel(sweep=lz.Linear(1.0), gap=1.0).with_environment(lz.Relaxation(0.1, 0.5))
    for sent in warm.c_ops:
        assert pickle.loads(pickle.dumps(sent))(0.3) == sent(0.3)


# -- strings that want a compiler: qutip#1963, #966, #1326, #2162


def test_no_coefficient_is_a_string():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        evaluated = qutip.CompilationOptions(use_cython=False)
        plain = qutip.coefficient("rate * t", args={"rate": 1.0}, compile_opt=evaluated)
    function = qutip.coefficient(lz.Linear(1.0).scalar)
    assert type(plain) is not type(function)

    warm = lz.TwoLevel(sweep=lz.Linear(1.0), gap=1.0).with_environment(lz.Relaxation(0.1, 0.5))
    for H in [*(case.model.H for case in CASES), *warm.c_ops]:
        moving = [part[1] for part in H.to_list() if isinstance(part, list)]
        assert all(type(coefficient) is type(function) for coefficient in moving)


# -- a time grid that runs backwards


def test_decreasing_times_are_integrated():
    plain = qutip.sesolve(plain_sweep(1.0), UP, [3.0, 0.0, -3.0])
    assert list(plain.times) == [3.0, 0.0, -3.0]
    assert abs(plain.states[-1].full()[0, 0]) < 0.9  # something was computed

    qubit = lz.TwoLevel(sweep=lz.Linear(1.0), gap=1.0)
    with pytest.raises(lz.LzopenError, match=r"`times` must increase.*3 followed by 0.*reversed"):
        lz.evolve(qubit, times=[3.0, 0.0, -3.0])
    with pytest.raises(lz.LzopenError, match="`t1` must lie after t0"):
        qubit.solver_options(3.0, -3.0)


# -- a fixed lowering operator on levels that have crossed


def test_fixed_decay_operator_pumps_into_the_excited_state():
    rate, late = 0.4, 25.0
    options = {"nsteps": 100_000, "max_step": 0.1}
    start, end = (qutip.Qobj(X + rate * t * Z).groundstate()[1] for t in (-10.0, late))
    jump = np.sqrt(0.2) * qutip.destroy(2)  # |0⟩⟨1|, "decay to the ground state"
    ground = end.proj()
    times = [-10.0, late]
    plain = qutip.mesolve(plain_sweep(rate), start, times, [jump], e_ops=[ground], options=options)
    assert plain.expect[0][-1] < 0.1  # a cold environment has heated the qubit

    qubit = lz.TwoLevel(sweep=lz.Linear(rate), gap=1.0)
    cold = qubit.with_environment(lz.Relaxation(0.2, temperature=0.0))
    assert lz.evolve(cold, times=times, initial="ground").adiabatic_population[-1, 0] > 0.95
    twin = qubit.with_environment(lz.Decay(0.2, source=1, target=0))  # where one wants just that
    run = lz.evolve(twin, times=times, initial="ground")
    assert run.adiabatic_population[-1, 0] == pytest.approx(plain.expect[0][-1], abs=1e-4)
