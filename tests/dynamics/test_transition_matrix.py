"""Transition probabilities against exact ones, and their errors against the true ones."""

from __future__ import annotations

import json
import warnings

import numpy as np
import pytest
import qutip
from numpy.testing import assert_allclose

import lzopen as lz
from lzopen import theory
from lzopen.dynamics.closing import formal_states
from lzopen.dynamics.generators import generators
from lzopen.dynamics.magnus import propagator
from lzopen.dynamics.propagation import step_edges
from zoo import CASES, LIMITS, QUBIT, leg, square, swap

TOL = 1e-8  # the default
CLOSED_LIMITS = [case for case in LIMITS if not case.model.environments]


def worst(found, exact):
    """Largest true error over reported error; above one the report was wrong."""
    return np.nanmax(np.abs(found.probability.values - exact) / found.error.values)


# -- the zoo


@pytest.mark.parametrize("case", CASES, ids=str)
def test_every_case_of_the_zoo(case):
    found = lz.transition_matrix(case.model, **case.request)
    known = np.isfinite(case.exact)
    true = np.abs(found.probability.values - case.exact)[known]
    assert (true <= found.error.values[known] + case.digits).all()
    assert found.error.max() <= TOL


@pytest.mark.parametrize("case", LIMITS, ids=str)
def test_every_limit_of_the_zoo_to_nine_digits(case):
    found = lz.transition_matrix(case.model, tol=1e-9)
    known = np.isfinite(case.exact)
    true = np.abs(found.probability.values - case.exact)[known]
    assert (true <= found.error.values[known] + case.digits).all()
    assert found.error.max() <= 1e-9


@pytest.mark.parametrize("case", CLOSED_LIMITS, ids=str)
def test_probabilities_of_a_closed_model_sum_to_one(case):
    found = lz.transition_matrix(case.model)
    for dimension in ("final", "initial"):
        excess = np.abs(found.probability.sum(dimension) - 1)
        assert (excess <= found.error.sum(dimension)).all()
    assert (found.probability >= 0).all()


@pytest.mark.parametrize("case", CLOSED_LIMITS, ids=str)
def test_time_reversal_transposes(case):
    """U of H*(−t) is the transpose of U."""
    conjugate = lz.Model(terms=[(m.conj(), w.reversed()) for m, w in case.model.terms])
    there, back = lz.transition_matrix(case.model), lz.transition_matrix(conjugate)
    allowed = there.error.values + back.error.values.T
    assert (np.abs(there.probability.values - back.probability.values.T) <= allowed).all()


def test_landau_zener_to_eight_digits():
    x = np.geomspace(0.05, 10.0, 101)
    found = lz.transition_matrix(lz.TwoLevel(sweep=lz.Linear(1.0), gap=np.sqrt(x)))
    assert np.abs(found.probability[:, 0, 0] - np.exp(-np.pi * x / 2)).max() < 1e-8
    assert found.error.max() < 1e-8


def test_tighter_tolerance_gives_more_digits():
    exact = swap(theory.landau_zener(rate=1.2, gap=0.7))
    for tol in (1e-4, 1e-6, 1e-10):
        found = lz.transition_matrix(QUBIT, tol=tol)
        assert np.abs(found.probability.values - exact).max() < tol


# -- the reported error is never smaller than the true one: 500 seeded cases


@pytest.mark.parametrize("decade", range(4))
def test_error_of_240_linear_crossings(decade):
    """Gap²/rate over four decades, rate over six, both directions, any phase and offset."""
    rng = np.random.default_rng([1, decade])
    rate = 10 ** rng.uniform(-3, 3, 60) * rng.choice([-1, 1], 60)
    x = 10 ** rng.uniform(decade - 2.5, decade - 1.5, 60)
    gap = np.sqrt(x * np.abs(rate)) * np.exp(2j * np.pi * rng.uniform(size=60))
    offset = 10 * rng.normal(size=60) * np.sqrt(np.abs(rate))
    model = lz.TwoLevel(sweep=lz.Linear(rate) + lz.Constant(offset), gap=gap)
    found = lz.transition_matrix(model)
    exact = np.moveaxis(swap(theory.landau_zener(rate=rate, gap=gap)), -1, 0)
    assert worst(found, exact) <= 1
    assert found.error.max() <= TOL


@pytest.mark.parametrize("seed", [0, 1])
def test_error_of_100_three_level_crossings(seed):
    rng = np.random.default_rng([2, seed])
    rate = 10 ** rng.uniform(-1, 1, 50) * rng.choice([-1, 1], 50)
    unit = np.sqrt(np.abs(rate))
    energy = unit * rng.uniform(0.3, 6.0, 50) * rng.choice([-1, 1], 50)
    g1, g2 = unit * rng.uniform(0.05, 1.0, (2, 50))
    matrices = np.zeros((4, 3, 3))
    matrices[0, 0, 0] = matrices[1, 2, 2] = 1.0
    matrices[2, [0, 1], [1, 0]] = matrices[3, [0, 2], [2, 0]] = 1.0
    waveforms = [lz.Linear(rate), lz.Constant(energy), lz.Constant(g1), lz.Constant(g2)]
    found = lz.transition_matrix(lz.Model(terms=list(zip(matrices, waveforms, strict=True))))
    members = zip(rate, energy, g1, g2, strict=True)
    exact = [theory.demkov_osherov(rate=a, offsets=[0.0, e], couplings=g) for a, e, *g in members]
    assert worst(found, np.array(exact)) <= 1
    assert found.error.max() <= TOL


def test_error_of_60_finite_windows():
    rng = np.random.default_rng(3)
    rate = 10 ** rng.uniform(-1, 1, 60) * rng.choice([-1, 1], 60)
    unit = np.sqrt(np.abs(rate))
    gap = unit * 10 ** rng.uniform(-0.8, 0.7, 60) * np.exp(2j * np.pi * rng.uniform(size=60))
    start = rng.uniform(-8, 2, 60) / unit
    window = start, start + rng.uniform(0.2, 10, 60) / unit
    model = lz.TwoLevel(sweep=lz.Linear(rate), gap=gap)
    found = lz.transition_matrix(model, window=window, readout="diabatic")
    exact = square(leg(rate, gap, rate * window[0], rate * window[1]))
    assert worst(found, exact) <= 1
    assert found.error.max() <= TOL


@pytest.mark.parametrize("seed", range(100))
def test_error_of_100_fast_drives(seed):
    """Many periods in a window must not hide between the steps."""
    rng = np.random.default_rng([4, seed])
    amplitude, omega, bias = (
        10 ** rng.uniform(-1.5, 1.5),
        10 ** rng.uniform(-0.5, 2.5),
        rng.normal(),
    )
    end = rng.choice([0.3, 1, 2, 4, 5.5, 8, 16, 32, 96]) * 2 * np.pi / omega
    drive = lz.Sinusoidal(amplitude, omega, bias=bias, phase=rng.choice([0.0, 1.0]))
    model = lz.TwoLevel(sweep=lz.Constant(0.0), gap=drive)  # commutes with itself at all times
    found = lz.transition_matrix(model, window=(0.0, end), readout="diabatic")
    swing = np.sin(omega * end + drive.phase) - np.sin(drive.phase)
    exact = swap(np.cos((bias * end + amplitude / omega * swing) / 2) ** 2)
    assert np.abs(found.probability.values - exact).max() <= found.error.max() + 1e-13
    assert found.error.max() <= TOL


# -- fast weak drives against QuTiP: a step must not span many periods


@pytest.mark.parametrize(
    ("amplitude", "omega", "gap", "bias", "periods"),
    [
        (0.12, 29.0, 0.095, 0.0095, 48),
        (5.6, 810.0, 0.097, -0.0776, 64),
        (0.27, 58.0, 0.039, 0.0546, 96),
        (6.2, 530.0, 0.05, 0.0, 32),
    ],
)
def test_error_of_a_drive_faster_than_the_steps(amplitude, omega, gap, bias, periods):
    model = lz.TwoLevel(sweep=lz.Sinusoidal(amplitude, omega, bias), gap=gap)
    window = (0.0, periods * 2 * np.pi / omega)
    found = lz.transition_matrix(model, window=window, readout="diabatic")
    exact = by_qutip(model, window)
    assert np.abs(found.probability.values - exact).max() <= found.error.max() + 1e-11


def by_qutip(model, window):
    options = model.solver_options(*window, solver="sesolve") | {"atol": 1e-14, "rtol": 1e-12}
    options |= {"normalize_output": False}
    U = qutip.sesolve(model.H, qutip.qeye(model.n_levels), window, options=options).states[-1]
    return square(U.full())


@pytest.mark.parametrize(
    "model",
    [
        lz.TwoLevel(sweep=lz.Sinusoidal(8.0, 1.3, bias=1.0), gap=0.9),
        lz.TwoLevel(sweep=lz.Linear(1.0) + lz.Sinusoidal(2.0, 5.0), gap=1.1 - 0.2j),
        lz.TwoLevel(sweep=lz.Linear(2.0), gap=lz.Rotating(0.7, omega=3.0, chirp=0.5)),
        lz.Crossing(
            slopes=[1.0, 0.1, -0.6],
            offsets=[0.0, 1.0, 0.3],
            couplings=np.triu(np.full((3, 3), 0.3 + 0.1j), k=1),
        ),
    ],
    ids=["sine", "dither", "rotating gap", "three levels"],
)
def test_engine_equals_qutip(model):
    window = (-6.0, 5.0)
    found = lz.transition_matrix(model, window=window, readout="diabatic")
    assert_allclose(found.probability, by_qutip(model, window), atol=2e-9)


# -- batches


def test_batch_equals_the_loop():
    over = {"gap": [0.3, 1.0, 2.5], "rate": [0.5, -2.0]}
    batch = lz.transition_matrix(lz.vary(QUBIT, over))
    assert batch.probability.dims == ("gap", "sweep.rate", "final", "initial")
    assert batch["gap"].values.tolist() == over["gap"]
    for gap, rate in np.ndindex(3, 2):
        single = lz.transition_matrix(
            lz.TwoLevel(sweep=lz.Linear(over["rate"][rate]), gap=over["gap"][gap])
        )
        allowed = batch.error[gap, rate] + single.error
        assert (np.abs(batch.probability[gap, rate] - single.probability) <= allowed).all()


@pytest.mark.parametrize("readout", ["adiabatic", "diabatic"])
def test_batch_of_windows_and_kinks_equals_the_loop(readout):
    flips, ends = np.array([-1.0, 0.5, 2.0]), np.array([6.0, 7.0, 8.0])
    batch = lz.TwoLevel(sweep=lz.Linear(1.5), gap=lz.SignFlip(0.8, at=flips))
    found = lz.transition_matrix(batch, window=(-ends, ends), readout=readout)
    for i in range(3):
        single = lz.TwoLevel(sweep=lz.Linear(1.5), gap=lz.SignFlip(0.8, at=flips[i]))
        alone = lz.transition_matrix(single, window=(-ends[i], ends[i]), readout=readout)
        assert_allclose(found.probability[i], alone.probability, atol=2e-8)
        assert_allclose(found.window[i], alone.window)


def test_batch_of_rates_of_environments():
    open_qubit = QUBIT.with_environment(lz.Dephasing(0.1), lz.Decay(0.2, 1, 0))
    rates = [0.0, 0.3, 1.0]
    ask = {"window": (-5.0, 5.0), "readout": "diabatic"}
    batch = lz.transition_matrix(lz.vary(open_qubit, {"dephasing.rate": rates}), **ask)
    for i, rate in enumerate(rates):
        single = lz.transition_matrix(open_qubit.with_parameters({"dephasing.rate": rate}), **ask)
        assert_allclose(batch.probability[i], single.probability, atol=2e-8)
        assert_allclose(single.probability.sum("final"), 1, atol=1e-10)


# -- finite windows, and the limit


@pytest.mark.parametrize(("readout", "slope"), [("adiabatic", -3), ("diabatic", -1)])
def test_error_of_a_finite_window_falls_with_its_power(readout, slope):
    T = np.geomspace(12.0, 100.0, 90)
    qubit = lz.TwoLevel(sweep=lz.Linear(1.0), gap=1.0)
    found = lz.transition_matrix(qubit, window=(-T, T), readout=readout, tol=1e-10)
    miss = np.abs(found.probability[:, 0, 0].values - theory.landau_zener(rate=1.0, gap=1.0))
    crest, center = miss.reshape(6, 15).max(axis=1), T.reshape(6, 15).mean(axis=1)
    assert np.polyfit(np.log(center), np.log(crest), 1)[0] == pytest.approx(slope, abs=0.15)


@pytest.mark.parametrize("gap", [0.5, 1.0, 2.0])
def test_error_of_the_closed_ends_falls_as_a_gaussian(gap):
    """With formal states at ±T the error is about e^{−T²/2}, and the estimate covers it."""
    T = np.arange(3.0, 7.1, 0.25)
    qubit = lz.TwoLevel(sweep=lz.Linear(1.0), gap=gap)
    (first, before), (last, after) = formal_states(qubit, -T), formal_states(qubit, T)
    before, after = before.max(axis=-1), after.max(axis=-1)
    U = propagator(generators(qubit), step_edges(qubit, -T, T, 1500))
    P = square(np.linalg.solve(last, U @ first))[:, 0, 0]
    miss = np.abs(P - theory.landau_zener(rate=1.0, gap=gap))
    assert (miss <= 2 * np.sqrt(2) * (before + after)).all()
    assert -0.6 < np.polyfit(T**2, np.log(before + after), 1)[0] < -0.25
    assert miss[-1] < 1e-9
    adiabatic = lz.transition_matrix(qubit, window=(-7.0, 7.0), tol=1e-9).probability[0, 0]
    assert miss[-1] < 1e-3 * abs(adiabatic - theory.landau_zener(rate=1.0, gap=gap))


def test_adiabatic_readout_follows_the_diabatic_names():
    far = lz.transition_matrix(QUBIT, window=(-80.0, 80.0))
    assert_allclose(far.probability, lz.transition_matrix(QUBIT).probability, atol=1e-5)


def test_readout_of_an_end_on_the_crossing_is_refused():
    with pytest.raises(lz.LzopenError, match="`readout` must be 'diabatic'"):
        lz.transition_matrix(QUBIT, window=(-5.0, 0.0))
    half = lz.transition_matrix(QUBIT, window=(-300.0, 0.0), readout="diabatic")
    assert half.probability[1, 0] == pytest.approx(
        theory.half_crossing(rate=1.2, gap=0.7), abs=2e-3
    )


def test_parallel_levels_swept_by_terms_of_their_own():
    """The same Hamiltonian, with one sweep for each of two parallel levels."""
    still = np.array([[0, 0, 0.3], [0, 2.0, 0.2], [0.3, 0.2, 0]])
    joint = [(np.diag([1.0, 1.0, 0]), lz.Linear(1.0)), (still, lz.Constant(1.0))]
    apart = [
        (np.diag([1.0, 0, 0]), lz.Linear(1.0)),
        (np.diag([0, 1.0, 0]), lz.Linear(1.0)),
        (still, lz.Constant(1.0)),
    ]
    expected = lz.transition_matrix(lz.Model(terms=joint)).probability
    assert_allclose(lz.transition_matrix(lz.Model(terms=apart)).probability, expected, atol=1e-8)


def test_degenerate_parallel_levels_that_share_a_coupling_have_no_limit():
    """Their populations drift like log t: NaN and a warning, never a number (or a crash)."""
    star = lz.DemkovOsherov(rate=1.0, offsets=[0.0, 0.0], couplings=[0.4, 0.4])
    with pytest.warns(lz.LzopenWarning, match="no limit"):
        found = lz.transition_matrix(star)
    lost = np.isnan(found.probability.values)
    assert lost[1:, 1:].all()
    assert (lost == np.isnan(found.error.values)).all()
    kept = found.probability.values[0, 0]  # the survival has a limit; keeping it is optional
    assert np.isnan(kept) or kept == pytest.approx(np.exp(-4 * np.pi * 0.16), abs=1e-8)


def test_a_batch_loses_only_its_members_without_a_limit():
    matrices = np.zeros((3, 3, 3))
    matrices[0, 0, 0] = matrices[1, 2, 2] = 1.0
    matrices[2, 0, 1:] = matrices[2, 1:, 0] = 0.4
    splitting = lz.Constant(np.array([2.0, 0.0]))
    waveforms = [lz.Linear(1.0), splitting, lz.Constant(1.0)]
    model = lz.Model(terms=list(zip(matrices, waveforms, strict=True)))
    with pytest.warns(lz.LzopenWarning, match="no limit"):
        found = lz.transition_matrix(model)
    exact = theory.demkov_osherov(rate=1.0, offsets=[0.0, 2.0], couplings=[0.4, 0.4])
    assert_allclose(found.probability[0], exact, atol=1e-8)
    assert np.isnan(found.probability[1, 1:, 1:]).all()


def test_warning_where_the_error_stays_above_the_tolerance():
    slow = lz.TwoLevel(sweep=lz.Sinusoidal(200.0, 0.01), gap=1.0)
    with pytest.warns(lz.LzopenWarning, match="stays above tol") as caught:
        lz.transition_matrix(slow, window=(0.0, 600.0), tol=1e-13)
    assert caught[0].message.value > 1e-13


def test_models_without_a_limit_ask_for_a_window():
    for model in (
        lz.TwoLevel(sweep=lz.Sinusoidal(1.0, 1.0), gap=1.0),
        lz.TwoLevel(sweep=lz.Linear(1.0), gap=lz.Rotating(1.0, omega=1.0)),
    ):
        with pytest.raises(lz.LzopenError, match=r"`window` must be given"):
            lz.transition_matrix(model)


# -- the Dataset


def test_dataset_says_where_it_came_from(tmp_path):
    found = lz.transition_matrix(QUBIT, window=(-6.0, 7.0), readout="diabatic")
    record = json.loads(found.attrs["lzopen"])
    assert record["parameters"] == {"sweep.rate": 1.2, "gap": 0.7}
    assert record["quantity"] == "transition_matrix"
    assert record["readout"] == "diabatic"
    assert record["versions"]["qutip"] == qutip.__version__
    assert found.window.values.tolist() == [-6.0, 7.0]
    assert lz.load(lz.save(found, tmp_path / "P.nc")).identical(found)


def test_no_warning_in_ordinary_use():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        lz.transition_matrix(QUBIT)


def test_complex_terms_stand_conjugated_on_the_right_of_a_density_matrix():
    """A one-sided complex coupling, a leak and dephasing at once, against mesolve."""
    ladder, raising = np.diag([1.0, 0.0, -1.0]), np.diag([1.0, 0.5], k=1)
    terms = [
        (ladder, lz.Linear(1.0)),
        (raising, lz.Rotating(0.7, omega=2.0, chirp=0.3)),
        (np.diag([0, 0, -0.1j]), lz.Constant(1.0)),
    ]
    model = lz.Model(terms=terms, environments=[lz.Dephasing(0.2, ladder)])
    found = lz.transition_matrix(model, window=(-3.0, 3.0), readout="diabatic")
    for level in range(3):
        run = lz.evolve(model, times=[-3.0, 3.0], initial=level, tol=1e-8)
        assert_allclose(found.probability[:, level], run.population[-1], atol=1e-7)


def test_batched_tables_beside_other_axes_equal_the_loop():
    times = np.arange(4.0) + 0.1 * np.arange(4)[:, None]
    values, gaps = np.random.default_rng(0).normal(size=(4, 4)), [0.5, 1.0, 1.5]
    ask = {"window": (0.0, 3.0), "readout": "diabatic"}
    batch = lz.TwoLevel(sweep=lz.Tabulated(times, values), gap=np.reshape(gaps, (3, 1)))
    found = lz.transition_matrix(batch, **ask).probability.values
    for i, gap in enumerate(gaps):
        for j in range(4):
            one = lz.TwoLevel(sweep=lz.Tabulated(times[j], values[j]), gap=gap)
            assert_allclose(found[i, j], lz.transition_matrix(one, **ask).probability, atol=1e-7)


def test_a_half_mixed_eigenstate_is_said():
    """At the end of this window the dither brings the levels together; the names mean little."""
    dithered = lz.TwoLevel(sweep=lz.Linear(1.0) + lz.Sinusoidal(15.0, 20.0), gap=0.6)
    with pytest.warns(lz.LzopenWarning, match="holds 0.5.* of level") as caught:
        lz.transition_matrix(dithered, window=(-9.0, 9.0))
    assert 0.5 < caught[0].message.value < 0.75
    lz.transition_matrix(dithered, window=(-9.0, 9.0), readout="diabatic")


@pytest.mark.parametrize(
    ("model", "exact"),
    [
        (
            lz.VSystem(rate=1.0, splitting=0.0, couplings=[0.3, 0.4j]),
            theory.demkov_osherov(rate=1.0, offsets=[0.0, 0.0], couplings=[0.3, 0.4j]),
        ),
        (
            lz.DemkovOsherov(
                rate=1.0, offsets=[0, 2, 0, 2, 5], couplings=[0.3, 0.2, 0.1, 0.4, 0.2]
            ),
            theory.demkov_osherov(
                rate=1.0, offsets=[0, 2, 0, 2, 5], couplings=[0.3, 0.2, 0.1, 0.4, 0.2]
            ),
        ),
        (
            lz.QuadraticSpinOne(rate=1.0, coupling=0.3),
            theory.quadratic_spin_one(rate=1.0, coupling=0.3),
        ),
    ],
    ids=["V", "two pairs", "spin one"],
)
def test_only_transitions_that_drift_have_no_limit(model, exact):
    """Bright and dark states have limits, and so has what leads into a pair or out of it."""
    with pytest.warns(lz.LzopenWarning, match=f"^{np.isnan(exact).sum()} elements"):
        found = lz.transition_matrix(model, tol=1e-9)
    assert_allclose(found.probability, exact, atol=1e-9, equal_nan=True)
    assert 0 < np.nanmax(found.error) <= 1e-9


def test_equal_levels_that_two_others_couple_drift_altogether():
    """Both combinations are bright then, so nothing is known of them."""
    model = lz.Crossing(
        slopes=[1, 0, 0, -1],
        couplings=[[0, 0.3, 0.2, 0], [0, 0, 0, 0.2], [0, 0, 0, 0.1], [0] * 4],
    )
    with pytest.warns(lz.LzopenWarning, match="12 elements"):
        found = lz.transition_matrix(model).probability
    assert found[[0, 3]].isel(initial=[0, 3]).notnull().all()


@pytest.mark.parametrize("length", [20, 200, pytest.param(1000, marks=pytest.mark.slow)])
def test_windows_may_lie_askew_around_a_crossing(length):
    """Wherever the crossing lies among the cells in which phase is measured, none is skipped."""
    qubit = lz.TwoLevel(sweep=lz.Linear(1.0), gap=0.8)
    ends = length * np.linspace(0.02, 1.0, 50)
    window = (np.full(50, -float(length)), ends)
    found = lz.transition_matrix(qubit, window=window, readout="diabatic")
    assert np.all(np.abs(found.probability.sum("final") - 1) <= found.error.max("final"))


def test_a_window_that_lies_askew_around_a_fast_crossing_of_three_levels():
    spin = lz.SpinCrossing(spin=1.0, rate=100.0, gap=0.8)
    assert_allclose(
        lz.transition_matrix(spin, window=(-20, 15)).probability.sum("final"), 1, atol=1e-9
    )
