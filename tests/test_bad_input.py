"""Bad input raises an LzopenError that names the argument, the value and the remedy."""

from __future__ import annotations

import numpy as np
import pytest
import qutip

import lzopen as lz
from zoo import LADDER, QUBIT

NOISY = QUBIT.with_environment(lz.Dephasing(0.1), lz.Relaxation(0.02, temperature=0.4))
BATCH = lz.vary(QUBIT, {"gap": [0.1, 0.2]})
LEAKY = lz.Model(terms=[*QUBIT.terms, (-0.1j * np.eye(2), lz.Constant(1.0))])
TIMES = [0.0, 1.0]
NAN, INF = float("nan"), float("inf")


def qubit(sweep=lz.Linear(1.0), gap=1.0, **more):  # noqa: B008
    return lz.TwoLevel(sweep=sweep, gap=gap, **more)


def evolve(model=QUBIT, times=TIMES, **more):
    return lz.evolve(model, times=times, **more)


def transition(model=QUBIT, **more):
    return lz.transition_matrix(model, **more)


# what is called, the argument, the value as shown, a word of the remedy
CASES = {
    # waveforms
    "a rate of zero": (lambda: lz.Linear(0.0), "rate", "0", "use Constant"),
    "a rate that is NaN": (lambda: lz.Linear(NAN), "rate", "nan", ""),
    "NaN on an axis of rates": (lambda: lz.Linear([1.0, NAN]), "rate", "nan at index (1,)", ""),
    "an infinite rate": (lambda: lz.Linear(-INF), "rate", "-inf", ""),
    "a complex rate": (lambda: lz.Linear(1j), "rate", "1j", ""),
    "a rate in words": (lambda: lz.Linear("fast"), "rate", "'fast'", ""),
    "ragged rates": (lambda: lz.Linear([[1.0, 2.0], [3.0]]), "rate", "[[1.0, 2.0], [3.0]]", ""),
    "a constant that is NaN": (lambda: lz.Constant(NAN), "value", "nan", ""),
    "a scale of zero": (lambda: lz.PowerLaw(0.0, 3.0), "scale", "0", ""),
    "an exponent of zero": (lambda: lz.PowerLaw(1.0, 0.0), "exponent", "0", ""),
    "an array of exponents": (lambda: lz.PowerLaw(1.0, np.array([1.0, 2.0])), "exponent", "", ""),
    "an unknown power law": (lambda: lz.PowerLaw(1.0, 1.0, "odd"), "kind", "'odd'", "'crossing'"),
    "a passage with negative rate": (lambda: lz.DoublePassage(-1.0, 5.0), "rate", "-1", ""),
    "a passage that never crosses": (
        lambda: lz.DoublePassage(1.0, -5.0),
        "turning_point",
        "-5",
        "turns before it reaches",
    ),
    "a drive without frequency": (
        lambda: lz.Sinusoidal(1.0, 0.0),
        "omega",
        "0",
        "angular frequency",
    ),
    "a negative frequency": (lambda: lz.Square(1.0, -2.0), "omega", "-2", "angular frequency"),
    "NaN on an axis of amplitudes": (
        lambda: lz.Triangle([1.0, 2.0, NAN], 1.0),
        "amplitude",
        "nan at index (2,)",
        "",
    ),
    "a phase that is infinite": (lambda: lz.Sinusoidal(1.0, 1.0, phase=INF), "phase", "inf", ""),
    "a rotating gap that is NaN": (lambda: lz.Rotating(NAN, 1.0), "gap", "nan", ""),
    "a chirp that is NaN": (lambda: lz.Rotating(1.0, 1.0, chirp=NAN), "chirp", "nan", ""),
    "a flip at no time": (lambda: lz.SignFlip(1.0, at=NAN), "at", "nan", ""),
    "a table with unsorted times": (
        lambda: lz.Tabulated([0.0, 2.0, 1.0], [0.0, 1.0, 2.0]),
        "times",
        "2 followed by 1",
        "sort the table",
    ),
    "a table with a repeated time": (
        lambda: lz.Tabulated([0.0, 1.0, 1.0], [0.0, 1.0, 2.0]),
        "times",
        "1 followed by 1",
        "drop repeated",
    ),
    "a table of wrong shape": (
        lambda: lz.Tabulated([0.0, 1.0], [0.0, 1.0, 2.0]),
        "values",
        "(3,)",
        "(2,)",
    ),
    "a table with NaN": (
        lambda: lz.Tabulated([0.0, 1.0], [0.0, NAN]),
        "values",
        "nan at index (1,)",
        "",
    ),
    "a table of one point": (lambda: lz.Tabulated([0.0], [1.0]), "times", "[0.]", "at least 2"),
    "a splined table": (
        lambda: lz.Tabulated([0.0, 1.0], [0.0, 1.0], kind="cubic"),
        "kind",
        "'cubic'",
        "'step'",
    ),
    "a factor that is no number": (lambda: lz.Linear(1.0) * "two", "factor", "'two'", ""),
    "a product with nothing": (lambda: lz.Linear(1.0) * None, "factor", "None", "be a number"),
    "a sequence with a number": (lambda: lz.Linear(1.0).then(3.0, at=0.0), "other", "3.0", ""),
    "a sequence at many times": (
        lambda: lz.Linear(1.0).then(lz.Linear(2.0), at=np.array([0.0, 1.0])),
        "at",
        "[0. 1.]",
        "one sequence for each time",
    ),
    "a shift that is NaN": (lambda: lz.Linear(1.0).shifted(NAN), "dt", "nan", ""),
    "a reversal about no time": (lambda: lz.Linear(1.0).reversed(about=INF), "about", "inf", ""),
    # models
    "a negative gap": (lambda: qubit(gap=-0.3), "gap", "-0.3", "SignFlip"),
    "a negative gap on an axis": (lambda: qubit(gap=[1.0, -0.3]), "gap", "-0.3 at index (1,)", ""),
    "a gap that is NaN": (lambda: qubit(gap=NAN), "gap", "nan", ""),
    "no gap": (lambda: qubit(gap=None), "gap", "None", ""),
    "a sweep that is a number": (lambda: qubit(sweep=1.0), "sweep", "1.0", "lz.Linear"),
    "a sweep that is a function": (lambda: qubit(sweep=np.sin), "sweep", "sin", "lz.Linear"),
    "shapes that do not fit": (
        lambda: qubit(sweep=lz.Linear([1.0, 2.0]), gap=[1.0, 2.0, 3.0]).batch_shape,
        "parameters",
        "{'sweep.rate': (2,), 'gap': (3,)}",
        "lz.vary",
    ),
    "no terms": (lambda: lz.Model(terms=[]), "terms", "[]", "(matrix, Waveform)"),
    "a term without a waveform": (
        lambda: lz.Model(terms=[(np.eye(2), 1.0)]),
        "terms",
        "1.0",
        "lz.Constant",
    ),
    "a matrix that is not square": (
        lambda: lz.Model(terms=[(np.ones((2, 3)), lz.Constant(1.0))]),
        "terms",
        "(2, 3)",
        "square",
    ),
    "matrices of two sizes": (
        lambda: lz.Model(terms=[(np.eye(2), lz.Constant(1.0)), (np.eye(3), lz.Constant(1.0))]),
        "terms",
        "[(2, 2), (3, 3)]",
        "one size",
    ),
    "a matrix with NaN": (
        lambda: lz.Model(terms=[(np.diag([1.0, NAN]), lz.Constant(1.0))]),
        "terms",
        "nan",
        "finite",
    ),
    "a matrix that is none": (
        lambda: lz.Model(terms=[("sigmaz", lz.Constant(1.0))]),
        "terms",
        "sigmaz",
        "",
    ),
    "a ragged matrix": (
        lambda: lz.Model(terms=[([[1.0, 2.0], [3.0]], lz.Constant(1.0))]),
        "terms",
        "3.0",
        "",
    ),
    "an environment that is a number": (
        lambda: qubit(environments=(0.1,)),
        "environments",
        "0.1",
        "lz.Dephasing",
    ),
    "an environment not in a list": (
        lambda: qubit(environments=lz.Dephasing(0.1)),
        "environments",
        "Dephasing",
        "",
    ),
    "a parameter nobody has": (
        lambda: QUBIT.with_parameters({"gpa": 1.0}),
        "parameter",
        "'gpa'",
        "the model has sweep.rate, gap",
    ),
    "a parameter that several have": (
        lambda: NOISY.with_parameters({"rate": 1.0}),
        "parameter",
        "'rate'",
        "it fits dephasing.rate, relaxation.rate, sweep.rate",
    ),
    "a parameter that is NaN": (
        lambda: QUBIT.with_parameters({"rate": NAN}),
        "sweep.rate",
        "nan",
        "",
    ),
    "a parameter out of range": (lambda: QUBIT.with_parameters({"gap": -1.0}), "gap", "-1", ""),
    "an axis with two dimensions": (
        lambda: lz.vary(QUBIT, {"gap": [[1.0]]}),
        "over['gap']",
        "(1, 1)",
        "one-dimensional",
    ),
    "NaN on an axis": (lambda: lz.vary(QUBIT, {"gap": [1.0, NAN]}), "gap", "nan at index (1,)", ""),
    "an axis of a batch": (
        lambda: lz.vary(BATCH, {"rate": [1.0]}),
        "model",
        "(2,)",
        "one call of lz.vary",
    ),
    "a batch for QuTiP": (lambda: BATCH.H, "H", "(2,) in gap", "lz.transition_matrix"),
    "a temperature below zero": (
        lambda: QUBIT.thermal_state(0.0, -0.1),
        "temperature",
        "-0.1",
        "",
    ),
    "options for no time": (lambda: QUBIT.solver_options(1.0, 1.0), "t1", "1.0", "swap them"),
    "options up to NaN": (lambda: QUBIT.solver_options(0.0, NAN), "t1", "nan", ""),
    "options for an unknown solver": (
        lambda: QUBIT.solver_options(0.0, 1.0, solver="ode"),
        "solver",
        "'ode'",
        "'mesolve'",
    ),
    # environments
    "a negative rate of dephasing": (lambda: lz.Dephasing(-0.3), "rate", "-0.3", ""),
    "NaN on an axis of dephasing": (lambda: lz.Dephasing([0.1, NAN]), "rate", "nan", ""),
    "an operator that is not Hermitian": (
        lambda: lz.Dephasing(0.1, [[0.0, 1.0], [0.0, 0.0]]),
        "operator",
        "1.+0.j",
        "Hermitian",
    ),
    "an operator that is not square": (
        lambda: lz.Dephasing(0.1, np.ones((2, 3))),
        "operator",
        "",
        "Hermitian",
    ),
    "no operator for three levels": (
        lambda: LADDER.with_environment(lz.Dephasing(0.1)),
        "operator",
        "(2, 2)",
        "name the operator",
    ),
    "an operator for two of three levels": (
        lambda: QUBIT.with_environment(lz.Dephasing(0.1, np.eye(3))),
        "operator",
        "(3, 3)",
        "(2, 2)",
    ),
    "a negative rate of relaxation": (lambda: lz.Relaxation(-1.0, 0.1), "rate", "-1", ""),
    "a bath below zero": (lambda: lz.Relaxation(1.0, -0.1), "temperature", "-0.1", ""),
    "relaxation of three levels": (
        lambda: LADDER.with_environment(lz.Relaxation(0.1, 0.1)),
        "environments",
        "3 levels",
        "two levels",
    ),
    "a negative rate of decay": (lambda: lz.Decay(-0.2, 1, 0), "rate", "-0.2", ""),
    "decay into itself": (lambda: lz.Decay(0.2, 1, 1), "target", "1", "differ from source"),
    "decay to no level": (
        lambda: QUBIT.with_environment(lz.Decay(0.2, 0, 2)),
        "target",
        "2",
        "count from 0",
    ),
    "decay from a negative level": (
        lambda: QUBIT.with_environment(lz.Decay(0.2, -1, 0)),
        "source",
        "-1",
        "count from 0",
    ),
    "decay from half a level": (
        lambda: QUBIT.with_environment(lz.Decay(0.2, 0.5, 0)),
        "source",
        "0.5",
        "count from 0",
    ),
    # evolve
    "times that decrease": (
        lambda: evolve(times=[3.0, 2.0]),
        "times",
        "3 followed by 2",
        "model.reversed()",
    ),
    "times that repeat": (lambda: evolve(times=[0.0, 1.0, 1.0]), "times", "1 followed by 1", ""),
    "times with NaN": (lambda: evolve(times=[0.0, NAN]), "times", "nan at index (1,)", ""),
    "a single time": (lambda: evolve(times=[0.0]), "times", "[0.]", "at least 2"),
    "a table of times": (lambda: evolve(times=[[0.0, 1.0], [2.0, 3.0]]), "times", "(2, 2)", ""),
    "no model to evolve": (lambda: evolve(3.0), "model", "3.0", ""),
    "a batch for a solver of QuTiP": (
        lambda: lz.evolve(BATCH, times=[0.0, 1.0], solver="mesolve"),
        "solver",
        "mesolve",
        "lz.scan",
    ),
    "a level that is not there": (lambda: evolve(initial=2), "initial", "2", "'ground'"),
    "a negative level": (lambda: evolve(initial=-1), "initial", "-1", "'ground'"),
    "a state in words": (lambda: evolve(initial="up"), "initial", "'up'", "'thermal'"),
    "a state as an array": (lambda: evolve(initial=np.array([1.0, 0.0])), "initial", "", ""),
    "a state of another size": (
        lambda: evolve(initial=qutip.basis(3, 0)),
        "initial",
        "(3, 1)",
        "2 levels",
    ),
    "a thermal state of no temperature": (
        lambda: evolve(initial="thermal"),
        "temperature",
        "None",
        "initial='thermal'",
    ),
    "a temperature without use": (
        lambda: evolve(initial=0, temperature=0.1),
        "temperature",
        "0.1",
        "initial='thermal'",
    ),
    "an unknown solver": (lambda: evolve(solver="rk4"), "solver", "'rk4'", "'sesolve'"),
    "environments in sesolve": (
        lambda: evolve(NOISY, solver="sesolve"),
        "solver",
        "'sesolve'",
        "mesolve",
    ),
    "trajectories without jumps": (
        lambda: evolve(QUBIT, solver="mcsolve", seed=1),
        "solver",
        "'mcsolve'",
        "'sesolve'",
    ),
    "trajectories without a seed": (
        lambda: evolve(NOISY, solver="mcsolve"),
        "seed",
        "None",
        "same seed",
    ),
    "trajectories of a leak": (
        lambda: evolve(LEAKY.with_environment(lz.Dephasing(0.1)), solver="mcsolve", seed=1),
        "terms",
        "a matrix that is not",
        "lz.Leak",
    ),
    "moving operators for the engine": (
        lambda: evolve(
            LADDER.with_environment(lz.Dephasing(0.1, np.diag([1.0, 0, -1]), basis="adiabatic")),
            solver="engine",
        ),
        "environments",
        "Dephasing",
        "lz.evolve",
    ),
    "a tolerance of zero": (lambda: evolve(tol=0.0), "tol", "0", ""),
    "a tolerance in the options": (
        lambda: evolve(options={"rtol": 1e-3}),
        "options",
        "['rtol']",
        "`tol`",
    ),
    "options for the engine": (
        lambda: evolve(solver="engine", options={"nsteps": 5}),
        "options",
        "['nsteps']",
        "give none",
    ),
    "a misspelt option": (
        lambda: evolve(options={"nstep": 5}),
        "options",
        "['nstep']",
        "nsteps",
    ),
    "an unknown method": (
        lambda: evolve(options={"method": "rk99"}),
        "options['method']",
        "'rk99'",
        "'vern9'",
    ),
    "no trajectories": (
        lambda: evolve(NOISY, solver="mcsolve", seed=1, options={"ntraj": 0}),
        "options['ntraj']",
        "0",
        "at least 1",
    ),
    "half a seed": (lambda: evolve(NOISY, solver="mcsolve", seed=1.5), "seed", "1.5", "whole"),
    "a seed for nothing": (lambda: evolve(seed=1), "seed", "1", "mcsolve"),
    "several tolerances": (lambda: evolve(tol=[1e-6, 1e-8]), "tol", "1.e-06", "single"),
    "options that are a number": (lambda: evolve(options=5), "options", "5", "progress_bar"),
    "options that stop the solver": (
        lambda: evolve(times=[0.0, 500.0], options={"nsteps": 3}),
        "options",
        "sesolve",
        "leave the steps to lzopen",
    ),
    "energies that QuTiP drops": (
        lambda: evolve(qubit(lz.Linear(1e-24), gap=1e-12)),
        "terms",
        "5.0e-13",
        "unit of time",
    ),
    "a state that is not positive": (
        lambda: evolve(initial=qutip.Qobj([[2.0, 0.0], [0.0, -1.0]])),
        "initial",
        "2.+0.j",
        "",
    ),
    "a state that is not Hermitian": (
        lambda: evolve(initial=qutip.Qobj([[1.0, 1.0], [0.0, 0.0]])),
        "initial",
        "1.+0.j",
        "",
    ),
    "several temperatures": (
        lambda: evolve(initial="thermal", temperature=[1.0, 2.0]),
        "temperature",
        "[1. 2.]",
        "",
    ),
    "an axis that is empty": (lambda: transition(qubit(lz.Linear([]))), "parameters", "(0,)", ""),
    "a window that is empty": (lambda: transition(window=([], [])), "window", "(0,)", ""),
    "ragged times": (lambda: evolve(times=[[0.0], [1.0, 2.0]]), "times", "[[0.0], [1.0, 2.0]]", ""),
    "axes that are no mapping": (lambda: lz.vary(QUBIT, None), "over", "None", "sweep.rate"),
    "values that are no mapping": (lambda: QUBIT.with_parameters([1]), "values", "[1]", "gap"),
    "a decay of two levels": (lambda: lz.Decay(0.1, [0, 1], 1), "source", "[0, 1]", ""),
    "a model without levels": (
        lambda: lz.Model(terms=[(np.zeros((0, 0)), lz.Constant(1.0))]),
        "terms",
        "(0, 0)",
        "",
    ),
    "a leak at a negative rate": (lambda: lz.Leak(1, -0.1), "rate", "-0.1", ""),
    "a leak that gains": (lambda: lz.Leak(0, lz.Sinusoidal(1.0, 1.0)), "rate", "-1", "only loses"),
    "a table of rates with a gain": (
        lambda: lz.Leak(0, lz.Tabulated([0.0, 1.0, 2.0], [0.1, -0.3, 0.1])),
        "rate",
        "-0.3",
        "only loses",
    ),
    "a leak of no level": (lambda: QUBIT.with_environment(lz.Leak(2, 0.1)), "level", "2", "from 0"),
    "an adiabatic leak of three levels": (
        lambda: LADDER.with_environment(lz.Leak(1, 0.1, basis="adiabatic")),
        "basis",
        "'adiabatic'",
        "diabatic ones",
    ),
    # transition_matrix
    "windows of two sizes": (
        lambda: transition(window=([0.0, 1.0], [2.0, 3.0, 4.0])),
        "window",
        "(3,)",
        "",
    ),
    "a tolerance for each element": (
        lambda: transition(tol=np.array([1e-6, 1e-8])),
        "tol",
        "1.e-06",
        "single",
    ),
    "no model": (lambda: transition(3.0), "model", "3.0", ""),
    "a window that ends before it starts": (
        lambda: transition(window=(1.0, -1.0)),
        "window",
        "(1.0, -1.0)",
        "swap",
    ),
    "a window with NaN": (lambda: transition(window=(0.0, NAN)), "window", "nan", ""),
    "a window that is a number": (lambda: transition(window=3.0), "window", "3.0", "(t0, t1)"),
    "a window of three times": (
        lambda: transition(window=(0.0, 1.0, 2.0)),
        "window",
        "(0.0, 1.0, 2.0)",
        "(t0, t1)",
    ),
    "a window in words": (lambda: transition(window=("a", 1.0)), "window", "'a'", ""),
    "windows that do not fit the batch": (
        lambda: transition(BATCH, window=(np.array([-5.0, -6.0, -7.0]), 5.0)),
        "window",
        "(3,)",
        "",
    ),
    "an unknown readout": (
        lambda: transition(window=(-5.0, 5.0), readout="energy"),
        "readout",
        "'energy'",
        "'diabatic'",
    ),
    "a readout of the limit": (
        lambda: transition(readout="diabatic"),
        "readout",
        "'diabatic'",
        "in the limit both agree",
    ),
    "no limit": (
        lambda: transition(qubit(sweep=lz.Sinusoidal(1.0, 1.0))),
        "window",
        "Sinusoidal",
        "give window=(t0, t1)",
    ),
    "no limit of a hot bath": (
        lambda: transition(qubit(environments=[lz.Relaxation(0.1, 1e3)])),
        "window",
        "missing",
        "give window=(t0, t1)",
    ),
    "no limit of a slow dephased sweep": (
        lambda: transition(qubit(lz.PowerLaw(1.0, 0.5), environments=[lz.Dephasing(0.1)])),
        "window",
        "0.5",
        "give window=",
    ),
    "a tolerance below zero": (lambda: transition(tol=-1e-8), "tol", "-1e-08", ""),
    # theory
    "a formula at rate zero": (
        lambda: lz.theory.landau_zener(rate=0.0, gap=1.0),
        "rate",
        "0",
        "no crossing",
    ),
    "a formula with NaN": (lambda: lz.theory.landau_zener(rate=1.0, gap=NAN), "gap", "nan", ""),
}


@pytest.mark.parametrize(("call", "argument", "value", "remedy"), CASES.values(), ids=CASES)
def test_bad_input(call, argument, value, remedy):
    with pytest.raises(lz.LzopenError) as caught:
        call()
    message = str(caught.value)
    assert f"`{argument}`" in message
    assert value in message
    assert remedy in message
    assert message.endswith(".")


def test_lzopen_errors_are_value_errors():
    with pytest.raises(ValueError, match="`gap`"):
        qubit(gap=-1.0)


@pytest.mark.parametrize(
    ("told", "make"),
    [
        (r"an array of shape \(500,\)", lambda: lz.TwoLevel(sweep=np.arange(500.0), gap=1.0)),
        ("…; ", lambda: lz.TwoLevel(sweep=list(range(500)), gap=1.0)),
        ("is '1'", lambda: qubit().with_environment(lz.Leak("1", 0.1))),
    ],
)
def test_messages_show_what_was_given_and_no_more(told, make):
    with pytest.raises(lz.LzopenError, match=told) as caught:
        make()
    assert len(str(caught.value)) < 400
