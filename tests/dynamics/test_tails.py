"""Limits of open and leaky sweeps: against long windows, the rate equation and one another."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import qutip
from numpy.testing import assert_allclose

import lzopen as lz
from lzopen import theory
from lzopen.dynamics.generators import liouvillian
from lzopen.dynamics.propagation import refined_propagator
from lzopen.dynamics.tails import final_populations
from zoo import QUBIT

PLAIN = lz.TwoLevel(sweep=lz.Linear(1.0), gap=1.0)
THREE = np.array([[0, 0.3, 0.2j], [0.3, 0, 0.25], [-0.2j, 0.25, 0]])
LADDER = lz.Model(
    terms=[
        (np.diag([1.0, 0.2, -0.9]), lz.Linear(1.0)),
        (THREE + np.diag([0.5, 0, -0.4]), lz.Constant(1.0)),
    ]
)
OPEN = {
    "dephasing": PLAIN.with_environment(lz.Dephasing(0.1)),
    "strong dephasing": PLAIN.with_environment(lz.Dephasing(3.0)),
    "slow leak": PLAIN.with_environment(lz.Leak(1, 0.05)),
    "fast leak": PLAIN.with_environment(lz.Leak(0, 4.0)),
    "leak and dephasing": PLAIN.with_environment(lz.Leak(0, 0.3), lz.Dephasing(0.2)),
    "adiabatic leak": PLAIN.with_environment(lz.Leak(1, 0.4, basis="adiabatic")),
    "decay and dephasing": PLAIN.with_environment(lz.Decay(0.5, 1, 0), lz.Dephasing(0.2)),
    "later": lz.TwoLevel(
        sweep=lz.Linear(2.0).shifted(40.0), gap=1.0, environments=[lz.Dephasing(0.3)]
    ),
    "cubic": lz.TwoLevel(sweep=lz.PowerLaw(0.3, 3.0), gap=1.0, environments=[lz.Leak(1, 1.0)]),
    "both decay": PLAIN.with_environment(lz.Decay(0.4, 0, 1), lz.Decay(0.2, 1, 0)),
    "dephasing across": PLAIN.with_environment(lz.Dephasing(0.1, [[0.3, 1.0], [1.0, 0]])),
    "three levels": LADDER.with_environment(lz.Dephasing(0.2, np.diag([1.0, 0.0, -1.0]))),
    "three levels, one leaks": LADDER.with_environment(lz.Leak(1, 0.7)),
    "three levels, two groups": LADDER.with_environment(
        lz.Decay(0.3, 1, 0),
        lz.Decay(0.1, 1, 2),
        lz.Decay(0.2, 0, 1),
        lz.Dephasing(0.2, np.diag([0.0, 1.0, 0.5])),
    ),
    "three levels, one decays": LADDER.with_environment(lz.Decay(0.7, source=1, target=2)),
}


@pytest.mark.parametrize("name", OPEN)
def test_map_to_the_limit_does_not_depend_on_where_it_starts(name):
    """Integrating further and closing later must give the same, within the errors."""
    model = OPEN[name]
    terms, center = liouvillian(model), np.float64(40.0 if name == "later" else 0.0)
    power = 3.0 if name == "cubic" else 1.0
    reach = {"cubic": (5.0, 8.0), "fast leak": (11.0, 17.0)}.get(name, (9.0, 16.0))
    if model.n_levels == 3:
        reach = (18.0, 28.0)
    (early, off_early), (late, off_late) = (
        final_populations(terms, model.n_levels, center + t, center, power) for t in reach
    )
    passed, error = refined_propagator(model, center + reach[0], center + reach[1], 1e-10, True)
    assert off_early < 1e-7
    assert np.abs(early - late @ passed).max() <= off_early + off_late + error.max() + 1e-12


DEPHASED = ("dephasing", "strong dephasing", "three levels")


@pytest.mark.parametrize("name", OPEN)
def test_every_open_limit_reports_a_small_error(name):
    assert lz.transition_matrix(OPEN[name]).error.max() <= 1e-8


@pytest.mark.parametrize("name", DEPHASED)
def test_long_windows_approach_the_limit_as_their_tails_say(name):
    """A window ±T misses about 1/T; the misses at T and 2T are in that ratio."""
    model = OPEN[name]
    limit = lz.transition_matrix(model)
    misses = [
        lz.transition_matrix(model, window=(-T, T)).probability - limit.probability
        for T in (40.0, 80.0)
    ]
    sizes = [np.abs(miss).max().item() for miss in misses]
    assert 1.6 < sizes[0] / sizes[1] < 2.6
    assert sizes[1] < 0.02


@pytest.mark.parametrize(("rate", "printed"), [(0.1, 0.28475), (0.5, 0.44012), (1.0, 0.49566)])
def test_published_digits_of_dephased_sweeps(rate, printed):
    found = lz.transition_matrix(PLAIN.with_environment(lz.Dephasing(rate))).probability[0, 0]
    assert found == pytest.approx(printed, abs=6e-6)


def test_strong_dephasing_approaches_its_formula():
    gap = 2.0
    strong = [
        lz.transition_matrix(
            lz.TwoLevel(sweep=lz.Linear(1.0), gap=gap, environments=[lz.Dephasing(rate)])
        ).probability[0, 0]
        - theory.strong_dephasing(rate=1.0, gap=gap)
        for rate in (1.0, 2.0, 4.0)
    ]
    assert np.all(np.abs(strong[1:]) < 0.5 * np.abs(strong[:-1]))


def test_no_dephasing_is_the_closed_limit():
    still = lz.transition_matrix(QUBIT.with_environment(lz.Dephasing(0.0)))
    closed = lz.transition_matrix(QUBIT)
    assert_allclose(still.probability, closed.probability, atol=1e-8)


@pytest.mark.parametrize(
    "model", [OPEN["leak and dephasing"], OPEN["three levels, one leaks"]], ids=["two", "three"]
)
def test_columns_sum_to_the_survival(model):
    P = lz.transition_matrix(model).probability
    total = P.sum("final")
    assert ((total < 1) | (P == 0).all("final")).all()
    assert (P > -1e-9).all()
    whole = lz.transition_matrix(model.with_environment(lz.Leak(0, 50.0))).probability
    assert (whole.sum("final") <= total + 1e-8).all()
    assert whole.sum() < 0.95 * total.sum()


def test_decay_keeps_the_population():
    P = lz.transition_matrix(OPEN["three levels, one decays"]).probability
    assert_allclose(P.sum("final"), 1.0, atol=1e-8)
    assert_allclose(P.sel(final=1), 0.0, atol=1e-12)


def test_batch_of_leaks_equals_the_loop():
    leaky = PLAIN.with_environment(lz.Leak(1, 0.1), lz.Dephasing(0.1))
    rates = [0.0, 0.01, 0.5, 5.0]
    batch = lz.transition_matrix(lz.vary(leaky, {"leak.rate": rates}))
    for index, rate in enumerate(rates):
        single = lz.transition_matrix(leaky.with_parameters({"leak.rate": rate}))
        assert_allclose(batch.probability[index], single.probability, atol=2e-8)


def test_populations_that_never_settle_have_no_limit():
    """Two levels that stay together and couple through a third drift like log t."""
    pair = lz.VSystem(rate=1.0, splitting=0.0, couplings=[0.3, 0.2])
    with pytest.warns(lz.LzopenWarning, match="no limit"):
        P = lz.transition_matrix(pair.with_environment(lz.Leak(0, 3.0)))
    assert P.probability.isnull().all()


@pytest.mark.parametrize("environment", [[], [lz.Dephasing(0.2, np.diag([1.0, -1.0]))]])
def test_what_is_not_coupled_changes_nothing(environment):
    """Two copies of a qubit: levels of one stay close to those of the other for ever."""
    both, one = (
        lz.Model(
            terms=[(np.kron(copies, matrix), waveform) for matrix, waveform in QUBIT.terms],
            environments=[lz.Dephasing(e.rate, np.kron(copies, e.operator)) for e in environment],
        )
        for copies in (np.eye(2), np.eye(1))
    )
    expected = lz.transition_matrix(one).probability
    assert_allclose(lz.transition_matrix(both).probability, np.kron(np.eye(2), expected), atol=1e-8)


def test_nothing_is_left_where_all_levels_leak():
    both = PLAIN.with_environment(lz.Leak(0, 0.3), lz.Leak(1, 0.2))
    found = lz.transition_matrix(both)
    assert (found.probability == 0).all()
    assert found.error.max() <= 1e-8


def test_pulsed_leak_has_a_limit():
    pulse = lz.Tabulated([-3.0, 0.0, 3.0], [0.0, 2.0, 0.0])
    leaky = PLAIN.with_environment(lz.Leak(1, pulse))
    limit, window = (
        lz.transition_matrix(leaky, **request) for request in ({}, {"window": (-60.0, 60.0)})
    )
    assert_allclose(limit.probability, window.probability, atol=1e-4)
    assert limit.probability[0, 0] > 1.05 * theory.landau_zener(rate=1.0, gap=1.0)


# -- the twin with a sink


@pytest.mark.parametrize("basis", ["diabatic", "adiabatic"])
@pytest.mark.parametrize("level", [0, 1])
def test_twin_with_a_sink_has_the_same_populations(basis, level):
    leaky = PLAIN.with_environment(
        lz.Leak(level, lz.Sinusoidal(0.2, 1.3, bias=0.4), basis=basis), lz.Dephasing(0.1)
    )
    times = np.linspace(-4.0, 5.0, 10)
    run = lz.evolve(leaky, times=times, tol=1e-8)
    twin = leaky.with_sink()
    options = twin.solver_options(times[0], times[-1])
    state = twin.embed(qutip.basis(2, 0))
    result = qutip.mesolve(twin.H, state, times, twin.c_ops, e_ops=twin.projectors, options=options)
    assert_allclose(np.array(result.expect).T, run.population, atol=1e-6)
    assert 0.02 < run.survival[-1] < 0.8


@pytest.mark.parametrize(
    ("basis", "ntraj"),
    [
        ("diabatic", 300),
        ("adiabatic", 60),
        pytest.param("adiabatic", 300, marks=pytest.mark.slow),
    ],
)
def test_trajectories_of_a_leak_keep_its_survival(basis, ntraj):
    leaky = PLAIN.with_environment(lz.Leak(1, 0.3, basis=basis))
    times = np.linspace(-5.0, 5.0, 6)
    exact = lz.evolve(leaky, times=times)
    options = {"ntraj": ntraj, "progress_bar": ""}
    found = lz.evolve(leaky, times=times, solver="mcsolve", seed=4, options=options)
    assert (np.abs(found.population - exact.population) <= 4 * found.error).all()
    assert abs(found.survival[-1] - exact.survival[-1]) < 4 * found.error[-1].max()
    assert_allclose(found.adiabatic_population.sum("state"), found.survival)


# -- losses that stay for ever


RATES = [1e-2, 1e-4, 1e-6, 1e-9, 1e-12]


def slow_but(canaries, cases):
    """All cases; those that are no canaries are slow."""
    marks = ((case, () if case in canaries else pytest.mark.slow) for case in cases)
    return [pytest.param(*case, marks=mark) for case, mark in marks]


@pytest.mark.parametrize("rate", slow_but([(1e-4,), (1e-12,)], itertools.product(RATES)))
def test_slow_leaks_have_their_limit_too(rate):
    survival = theory.landau_zener(rate=1.0, gap=1.0)
    leaked = lz.transition_matrix(PLAIN.with_environment(lz.Leak(1, rate)))
    assert_allclose(leaked.probability, np.diag([survival, 0.0]), atol=1e-8)


@pytest.mark.parametrize(
    ("rate", "power"),
    slow_but([(1e-2, 1.0), (1e-6, 2.0), (1e-12, 3.0)], itertools.product(RATES, [1.0, 2.0, 3.0])),
)
def test_slow_decays_have_their_limit_too(rate, power):
    qubit = lz.TwoLevel(sweep=lz.PowerLaw(1.0, power), gap=1.0)
    found = lz.transition_matrix(qubit.with_environment(lz.Decay(rate, 1, 0)))
    assert_allclose(found.probability, [[1.0, 1.0], [0.0, 0.0]], atol=1e-12)


@pytest.mark.slow
def test_dephasing_across_of_a_slow_sweep_mixes_altogether():
    """Nothing is left of the rates here but round-off, which must pass for none."""
    slow = lz.Crossing(
        slopes=[-0.311, -0.514],
        offsets=[-1.69, 1.427],
        couplings=[[0, 0.4], [0, 0]],
        sweep=lz.PowerLaw(0.553, 0.7),
        environments=[lz.Dephasing(0.0262, [[0.14, 1.56], [1.56, 1.86]])],
    )
    assert_allclose(lz.transition_matrix(slow, tol=1e-7).probability, 0.5, atol=1e-7)


def test_levels_that_decay_into_each_other_share_by_their_rates():
    """The last word has the null vector of the rates, whatever the crossings did before."""
    circle = LADDER.with_environment(
        lz.Decay(0.3, 0, 1), lz.Decay(0.2, 1, 2), lz.Decay(0.6, 2, 0), lz.Decay(0.1, 1, 0)
    )
    rates = np.array([[-0.3, 0.1, 0.6], [0.3, -0.3, 0.0], [0.0, 0.2, -0.6]])
    shares = np.linalg.solve(np.vstack([rates[:2], np.ones(3)]), [0.0, 0.0, 1.0])
    found = lz.transition_matrix(circle).probability
    assert_allclose(found, np.outer(shares, np.ones(3)), atol=1e-9)


def test_a_level_that_decays_two_ways_ends_by_its_branching_ratio():
    """Level 2 feeds level 0 and a pair that shares; without couplings nothing else happens."""
    model = lz.Model(
        terms=[(np.diag([1.0, 0.0, -1.0, 2.0]), lz.Linear(1.0))],
        environments=[
            lz.Decay(0.1, 2, 0), lz.Decay(0.3, 2, 1), lz.Decay(0.5, 1, 3), lz.Decay(0.2, 3, 1)
        ],
    )  # fmt: skip
    found = lz.transition_matrix(model).probability[:, 2]
    assert_allclose(found, [0.25, 0.75 * 2 / 7, 0.0, 0.75 * 5 / 7], atol=1e-9)


# -- curved sweeps, against long windows alone


def _limit_and_windows(power, environment, *reach):
    """The limit, and windows of these lengths."""
    qubit = lz.TwoLevel(sweep=lz.PowerLaw(1.0, power), gap=0.8, environments=[environment])
    limit = lz.transition_matrix(qubit)
    assert limit.error.max() <= 5e-9
    windows = (lz.transition_matrix(qubit, window=(-T, T), tol=1e-9) for T in reach)
    return [found.probability.values for found in (limit, *windows)]


@pytest.mark.parametrize(
    ("environment", "reach"),
    [
        (lz.Dephasing(0.3), 20.0),
        pytest.param(lz.Dephasing(0.3), 30.0, marks=pytest.mark.slow),
        pytest.param(lz.Leak(1, 0.5), 30.0, marks=pytest.mark.slow),
    ],
    ids=repr,
)
def test_curved_sweep_settles_as_a_power_of_time(environment, reach):
    """The rates fall like ε⁻², so a window ±T misses T^(1−2N), here T⁻²."""
    limit, near, far = _limit_and_windows(1.5, environment, reach, 2 * reach)
    assert 1e-6 < np.abs(far - limit).max() < 1e-5
    assert_allclose((4 * far - near) / 3, limit, atol=1e-7)


@pytest.mark.parametrize(
    ("power", "reach", "environment"),
    [
        pytest.param(1.5, 60.0, lz.Leak(1, 0.5, basis="adiabatic"), marks=pytest.mark.slow),
        (3.0, 16.0, lz.Dephasing(0.3)),
        (3.0, 16.0, lz.Leak(0, 2.0)),
        (3.0, 16.0, lz.Leak(1, 2.0, basis="adiabatic")),
        (3.0, 16.0, lz.Decay(2.0, 1, 0)),
        (1.0, 60.0, lz.Leak(1, 0.8, basis="adiabatic")),
    ],
    ids=repr,
)
def test_curved_sweep_has_settled_in_a_long_window(power, reach, environment):
    limit, far = _limit_and_windows(power, environment, reach)
    assert_allclose(far, limit, atol=2e-8)


@pytest.mark.parametrize("rate", [30.0, 300.0])
def test_fast_losses_have_their_limit_too(rate):
    survival = theory.landau_zener(rate=1.0, gap=1.0)
    leaked = lz.transition_matrix(PLAIN.with_environment(lz.Leak(1, rate)))
    assert_allclose(leaked.probability, np.diag([survival, 0.0]), atol=1e-8)
    mixed = lz.transition_matrix(PLAIN.with_environment(lz.Dephasing(rate))).probability
    strong = theory.strong_dephasing(rate=1.0, gap=1.0)
    assert abs(mixed[0, 0] - strong) < 0.02 / rate**2


@pytest.mark.slow
def test_sweep_little_faster_than_a_root_stays_within_its_error():
    """The tail is long; the reference is DOP853 from −400 to 400 with a relative error of 1e-10."""
    sweep = lz.PowerLaw(0.5, 0.6)
    leaky = lz.TwoLevel(
        sweep=sweep, gap=0.8, environments=[lz.Leak(1, 0.3, basis="adiabatic")]
    )  # fmt: skip
    with pytest.warns(lz.LzopenWarning, match="stays above tol"):
        found = lz.transition_matrix(leaky)
    assert abs(found.probability[1, 0] - 0.80490987) < found.error.max() < 1e-5


def test_batch_that_mixes_patterns_of_decay_equals_the_loop():
    leaky = PLAIN.with_environment(lz.Leak(1, 0.3), lz.Decay(0.4, 0, 1))
    over = {"leak.rate": [0.0, 0.3], "decay.rate": [0.0, 1e-9]}
    batch = lz.transition_matrix(lz.vary(leaky, over))
    for i, j in np.ndindex(2, 2):
        rates = {name: values[k] for (name, values), k in zip(over.items(), (i, j), strict=True)}
        single = lz.transition_matrix(leaky.with_parameters(rates))
        assert_allclose(batch.probability[i, j], single.probability, atol=2e-8)


# -- eigenstates whose direction has a limit, though a part of the Hamiltonian dies out


@pytest.mark.parametrize(
    ("gap", "printed"), [(lz.Sech(1.0, 1.0), 0.34993), (lz.Tanh(1.0, 1.0), 0.98886)], ids=repr
)
def test_eigenstates_of_a_moving_gap_have_their_limit(gap, printed):
    model = lz.TwoLevel(sweep=lz.Linear(1.0), gap=gap)
    model = model.with_environment(lz.Dephasing(0.3, basis="adiabatic"))
    limit, window = lz.transition_matrix(model), lz.transition_matrix(model, window=(-50.0, 50.0))
    assert limit.probability[0, 0].item() == pytest.approx(printed, abs=1e-5)
    assert_allclose(limit.probability, window.probability, atol=2e-8)


def test_a_gap_that_outgrows_a_resting_bias_has_no_limit():
    """One warning that counts the elements, none of NumPy's."""
    model = lz.TwoLevel(sweep=lz.Constant(0.0), gap=lz.Linear(1.0))
    with pytest.warns(lz.LzopenWarning, match="4 elements have no limit") as caught:
        P = lz.transition_matrix(model.with_environment(lz.Dephasing(3.0, basis="adiabatic")))
    assert len(caught) == 1
    assert P.probability.isnull().all()
