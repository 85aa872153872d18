"""The verb for a level in a continuum, against QuTiP, matrices and independent integration."""

from __future__ import annotations

import tracemalloc
import warnings
from itertools import pairwise

import numpy as np
import pytest
import qutip
from numpy.testing import assert_allclose
from scipy.integrate import solve_ivp
from scipy.linalg import expm

import lzopen as lz
from lzopen import theory
from lzopen.dynamics import continuum, kicks


def lorentzian(E):
    return 0.3 / (1 + E**2)


def standing(energy, band):
    return lz.Continuum(sweep=lz.Constant(energy), band=band)


def product(rate, band):
    """Where a linear sweep from level 0 ends, level 0 first."""
    column = theory.demkov_osherov(rate=rate, offsets=band.energies, couplings=band.couplings)
    return column[:, 0]


# --- along a sweep


def by_qutip(model, times):
    options = {"method": "vern9", "atol": 1e-13, "rtol": 1e-12, "nsteps": 10**6, "max_step": 0.05}
    run = qutip.sesolve(model.H, qutip.basis(model.n_levels, 0), times, options=options)
    return np.abs([state.full()[:, 0] for state in run.states]) ** 2


SWEEPS = {
    "linear": lz.Linear(1.4),
    "backwards": lz.Linear(-0.8).shifted(0.7),
    "still": lz.Constant(0.6),
    "sinusoidal": lz.Sinusoidal(3.0, 1.3, bias=0.4),
    "there and back": lz.DoublePassage(1.5, 4.0),
    "held": lz.Linear(1.0).then(lz.Constant(1.5), at=1.5),
}


@pytest.mark.parametrize("name", SWEEPS)
def test_survival_against_qutip(name):
    band = lz.Band(edges=(-2.0, 2.5), escape_rate=lambda E: 0.6 + 0.2 * E, levels=33)
    model = lz.Continuum(sweep=SWEEPS[name], band=band)
    times = np.array([-4.0, -2.5, 0.0, 0.4, 1.9, 5.0])
    found = lz.survival(model, times=times, tol=1e-10)
    exact = by_qutip(model, times)
    assert_allclose(found.population, exact[:, 0], rtol=0, atol=2e-10)
    assert_allclose(found.band_population, exact[-1, 1:], rtol=0, atol=2e-10)
    assert found.population[0] == 1.0
    assert found.error.max() < 1e-10


def test_a_jump_of_the_level_lies_between_steps():
    band = lz.Band(edges=(-2.0, 2.0), escape_rate=0.8, levels=25)
    model = lz.Continuum(sweep=lz.Square(1.7, 2.1), band=band)
    high, low = (standing(energy, band).hamiltonian(0.0) for energy in (1.7, -1.7))
    leg = np.pi / 2.1
    exact = abs((expm(-1j * low * leg) @ expm(-1j * high * leg))[0, 0]) ** 2
    found = lz.survival(model, times=[-leg / 2, 1.5 * leg], tol=1e-10)
    assert_allclose(found.population[-1], exact, rtol=0, atol=1e-10)


def test_survival_against_the_magnus_engine():
    model = lz.Continuum(rate=1.1, band=lz.Band(edges=(-2, 2), escape_rate=0.5, levels=9))
    times = np.linspace(-5.0, 6.0, 12)
    matrix = lz.evolve(model, times=times, solver="engine", tol=1e-10)
    found = lz.survival(model, times=times, tol=1e-10)
    assert_allclose(found.population, matrix.population[:, 0], rtol=0, atol=2e-10)
    assert_allclose(found.band_population, matrix.population[-1, 1:], rtol=0, atol=2e-10)


def test_restarts_change_nothing(monkeypatch):
    model = lz.Continuum(rate=1.0, band=lz.Band(edges=(-3, 3), escape_rate=0.5, levels=50))
    whole = lz.survival(model, times=np.linspace(-8, 8, 17))
    monkeypatch.setattr(continuum, "_PIECE", 24)
    parts = lz.survival(model, times=np.linspace(-8, 8, 17))
    assert_allclose(parts.population, whole.population, rtol=0, atol=1e-13)
    assert_allclose(parts.band_population, whole.band_population, rtol=0, atol=1e-13)


def test_unequal_times_change_nothing():
    model = lz.Continuum(rate=1.0, band=lz.Band(edges=(-3, 3), escape_rate=0.5, levels=50))
    t = np.sort(np.append(np.random.default_rng(3).uniform(-8, 8, 20), [-8.0, 8.0]))
    ends = lz.survival(model, times=[-8.0, 8.0], tol=1e-10)
    found = lz.survival(model, times=t, tol=1e-10)
    assert_allclose(found.population[-1], ends.population[-1], rtol=0, atol=1e-10)
    assert_allclose(found.band_population, ends.band_population, rtol=0, atol=1e-10)


def test_kicks_converge_with_the_second_order_and_keep_the_norm():
    band, sweep, start = lz.Band(edges=(-2, 2), escape_rate=0.5, levels=30), lz.Linear(1.0), -6.0
    first = 0.8 + 0j, 0.6 * np.exp(1j * band.energies) / np.sqrt(30)

    def solve(count):
        found = kicks.advance(
            sweep, band.energies, band.couplings, first, start, 12.0 / count, count
        )
        return np.append(found[0][-1], found[1])

    counts = np.array([128, 256, 512, 1024])
    found = [solve(count) for count in counts]
    for state in found:
        assert_allclose(np.linalg.norm(state), 1.0, rtol=1e-13)
    fine = (4 * solve(8192) - solve(4096)) / 3
    errors = [np.linalg.norm(state - fine) for state in found]
    assert_allclose(np.polyfit(np.log(counts), np.log(errors), 1)[0], -2.0, atol=0.05)
    better = [(4 * b - a) / 3 for a, b in pairwise(found)]
    errors = [np.linalg.norm(state - fine) for state in better]
    assert_allclose(np.polyfit(np.log(counts[1:]), np.log(errors), 1)[0], -4.0, atol=0.1)


# --- errors


def random_case(rng):
    width, center = rng.uniform(0.5, 8.0), rng.normal()
    rate = 10 ** rng.uniform(-2, 0.7)
    peak = rng.uniform(0.3, 3.0)
    band = lz.Band(
        edges=(center - width / 2, center + width / 2),
        escape_rate=lambda E: rate / (1 + ((E - center) / peak) ** 2),
        levels=int(rng.integers(1, 40)),
    )
    sweep = [
        lz.Constant(center + rng.uniform(-width, width)),
        lz.Linear(rng.choice([-1, 1]) * rng.uniform(0.2, 3.0)),
        lz.Sinusoidal(rng.uniform(0.5, 6.0), rng.uniform(0.3, 5.0), bias=rng.normal()),
        lz.DoublePassage(rng.uniform(0.5, 3.0), rng.uniform(1.0, 8.0)),
        lz.Square(rng.uniform(0.5, 4.0), rng.uniform(0.5, 3.0)),
    ][rng.integers(5)]
    start = rng.uniform(-8.0, 0.0)
    times = np.sort(np.append(start, rng.uniform(start, start + 12.0, rng.integers(1, 5))))
    return lz.Continuum(sweep=sweep, band=band), times


@pytest.mark.filterwarnings("ignore:.*recurrence time")
@pytest.mark.parametrize("seed", range(40))
def test_errors_bound_the_truth(seed):
    model, times = random_case(np.random.default_rng(seed))
    truth = lz.survival(model, times=times, tol=1e-11)
    for tol in (1e-3, 1e-6, 1e-9):
        found = lz.survival(model, times=times, tol=tol)
        assert found.error.max() <= tol
        off = np.abs(found.population - truth.population)
        assert np.all(off <= found.error + truth.error)
        off = np.abs(found.band_population - truth.band_population)
        assert np.all(off <= found.band_error + truth.band_error)


# --- kinks of infinite slope


def integrated(model, times):
    """Populations of all levels, in the time s of t = s|s|⁹, which smooths a kink at zero."""
    E, V = model.band.energies, model.band.couplings

    def slope(s, c):
        t = s * abs(s) ** 9
        turned = np.append(model.sweep.scalar(t) * c[0] + V @ c[1:], E * c[1:] + V * c[0])
        return -10j * abs(s) ** 9 * turned

    def stretch(c, start, end):
        ends = np.sign([start, end]) * np.abs([start, end]) ** 0.1
        return solve_ivp(slope, ends, c, method="DOP853", rtol=1e-12, atol=1e-14).y[:, -1]

    state = np.eye(model.n_levels, dtype=complex)[0]
    found, marks = {times[0]: state}, np.union1d(times, 0.0)
    for start, end in pairwise(marks):
        found[end] = stretch(found[start], start, end)
    return np.abs([found[t] for t in times]) ** 2


@pytest.mark.parametrize("exponent", [0.2, 0.5, 0.6, 0.7, 0.8, 0.9, 1.5, 2.5])
@pytest.mark.parametrize("kind", ["crossing", "touching"])
def test_errors_bound_the_truth_around_a_singular_kink(exponent, kind):
    """Odd and broken powers of the step would spoil its extrapolation."""
    rng = np.random.default_rng(int(10 * exponent))
    sweep = lz.PowerLaw(rng.choice([-1, 1]) * rng.uniform(0.5, 2.0), exponent, kind)
    for levels in (1, 4):
        model = lz.Continuum(
            sweep=sweep, band=lz.Band(edges=(-1, 1), escape_rate=0.5, levels=levels)
        )
        times = np.sort([-4.0, *rng.uniform(-4.0, 5.0, 6), rng.normal() * 1e-3, 5.0])
        exact = integrated(model, times)
        for tol in (1e-5, 1e-7, 1e-9):
            found = lz.survival(model, times=times, tol=tol)
            off = np.abs(found.population - exact[:, 0])
            assert np.all(off <= found.error + 3e-11)
            assert found.error.max() < tol
            off = np.abs(found.band_population - exact[-1, 1:])
            assert np.all(off <= found.band_error + 3e-11)


@pytest.mark.parametrize(
    ("sweep", "times"),
    [
        (lz.PowerLaw(1.0, 0.5), [0.0, 2.0, 5.0]),
        (lz.PowerLaw(1.0, 0.5), [1e-3, 2.0, 5.0]),
        (lz.PowerLaw(1.0, 0.5), [-1e-6, 2.0, 5.0]),
        (lz.PowerLaw(2.0, 0.5).shifted(1.3) + lz.Sinusoidal(1.0, 3.0), [-1.0, 2.0, 5.0]),
        (
            lz.PowerLaw(2.0, 0.7).shifted(1.3) + lz.PowerLaw(-1.0, 0.5, "touching").shifted(1.9),
            [-3.0, 1.301, 5.0],
        ),
        (lz.PowerLaw(1.0, 0.5).then(lz.Linear(2.0), at=0.0), [-3.0, 1.0, 5.0]),
    ],
)
def test_singular_kinks_anywhere(sweep, times):
    model = lz.Continuum(sweep=sweep, band=lz.Band(edges=(-1, 1), escape_rate=0.5, levels=3))
    found = lz.survival(model, times=times)
    run = lz.evolve(model, times=times, solver="engine", tol=1e-9)
    off = np.abs(found.population - run.population[:, 0].values)
    assert np.all(off <= found.error + run.error[:, 0].values)
    assert found.error.max() < 1e-7


def test_a_kink_of_infinite_slope_against_qutip():
    band = lz.Band(edges=(-2.0, 2.0), escape_rate=0.5, levels=20)
    model = lz.Continuum(sweep=lz.PowerLaw(1.0, 0.5), band=band)
    truth = by_qutip(model, [-3.0, 0.0, 3.0])[-1, 0]
    found = lz.survival(model, times=[-3.0, 3.0], tol=1e-8)
    assert abs(found.population[-1] - truth) < found.error[-1] < 1e-8


# --- the limit


@pytest.mark.parametrize("kind", ["swept", "there and back"])
def test_the_limit_is_that_of_the_transition_matrix(kind):
    sweep = lz.Linear(-1.2) if kind == "swept" else lz.DoublePassage(1.3, 6.0)
    model = lz.Continuum(sweep=sweep, band=lz.Band(edges=(-3, 3), escape_rate=0.3, levels=7))
    matrix, found = lz.transition_matrix(model), lz.survival(model)
    assert_allclose(found.population, matrix.probability[0, 0], rtol=0, atol=1e-9)


@pytest.mark.parametrize("rate", [1.2, -1.2])
def test_the_limit_of_the_band_is_left_to_the_transition_matrix(rate):
    """Its levels settle long after their recurrence time; at the end of the window they move."""
    model = lz.Continuum(rate=rate, band=lz.Band(edges=(-3, 3), escape_rate=0.3, levels=7))
    exact, limit = product(rate, model.band), lz.survival(model)
    assert set(limit.data_vars) == {"population", "error", "window"}
    matrix = lz.transition_matrix(model)
    assert_allclose(matrix.probability[:, 0], exact, rtol=0, atol=1e-9)
    at_end = lz.survival(model, times=limit.window.values)
    off = np.abs(at_end.band_population - exact[1:])
    assert off.max() > 3e-3 > 1e4 * at_end.band_error.max()


@pytest.mark.parametrize("seed", range(12))
def test_errors_bound_the_truth_in_the_limit(seed):
    rng = np.random.default_rng(100 + seed)
    band = random_case(rng)[0].band
    rate = rng.choice([-1, 1]) * 10 ** rng.uniform(-0.5, 1)
    found = lz.survival(lz.Continuum(rate=rate, band=band))
    assert abs(found.population - product(rate, band)[0]) <= found.error <= 1e-7


# --- size


@pytest.mark.slow
def test_a_hundred_thousand_levels():
    band = lz.Band(edges=(-5.0, 5.0), escape_rate=lorentzian, levels=100_000)
    model = lz.Continuum(rate=2.0, band=band)
    tracemalloc.start()
    found = lz.survival(model)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1000 * band.levels  # bytes; a row of the matrix alone takes 1.6e6
    exact = theory.continuum_survival(rate=2.0, escape_rate=lorentzian, edges=(-5.0, 5.0))
    assert_allclose(found.population, exact, rtol=0, atol=5e-8)
    assert abs(found.population - exact) < found.error + 1e-11


def test_memory_grows_with_the_number_of_levels_not_its_square():
    peaks = []
    for levels in (2_000, 8_000):
        model = lz.Continuum(rate=4.0, band=lz.Band(edges=(-2, 2), escape_rate=0.5, levels=levels))
        tracemalloc.start()
        lz.survival(model, times=[-2.0, 2.0], tol=1e-3)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 6 * peaks[0]
    assert "terms" not in vars(model)


# --- warnings, records, bad input


def test_no_recurrence_warning_without_a_recurrence():
    band = lz.Band(edges=(-2.0, 2.0), escape_rate=0.5, levels=20)  # 2πρ = 31.4
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        lz.survival(lz.Continuum(rate=1.0, band=band), times=[-20.0, 20.0])  # inside for 4
        lz.survival(standing(0.0, band), times=[0.0, 31.0])
        lz.survival(standing(7.0, band), times=[0.0, 60.0])  # outside
    back = lz.Continuum(sweep=lz.DoublePassage(1.0, 30.0), band=band)
    with pytest.warns(lz.LzopenWarning, match="in the band for"):
        lz.survival(back, times=[-40.0, 40.0])


def test_an_end_that_cannot_be_closed_well_enough_warns():
    band = lz.Band(edges=(-1.0, 1.0), escape_rate=2.0, levels=5)
    with pytest.warns(lz.LzopenWarning, match="may be off"):
        found = lz.survival(lz.Continuum(rate=1.0, band=band), tol=1e-16)
    assert abs(found.population - product(1.0, band)[0]) < found.error < 1e-9


def test_a_tolerance_out_of_reach_warns():
    model = standing(0.0, lz.Band(edges=(-2.0, 2.0), escape_rate=0.5, levels=20))
    with pytest.warns(lz.LzopenWarning, match="stays|may be off") as caught:
        found = lz.survival(model, times=[0.0, 3.0], tol=1e-17)
    assert caught[0].message.value == found.error.max()
    assert found.error.max() < 1e-12


def test_results_say_where_they_come_from():
    model = standing(0.0, lz.Band(edges=(-2.0, 2.0), escape_rate=0.5, levels=20))
    found = lz.survival(model, times=[0.0, 1.0])
    assert "Fano" in lz.cite(found)
    assert '"levels": 20' in found.attrs["lzopen"]


BAND = {"edges": (-1.0, 1.0), "escape_rate": 0.5, "levels": 5}


@pytest.mark.parametrize(
    ("text", "change"),
    [
        ("`times` must increase", {"times": [1.0, 0.0]}),
        ("`times` must be one-dimensional", {"times": [[0.0, 1.0]]}),
        ("`times` must need fewer than", {"times": [-1e5, 1e5]}),
        ("`tol` must be positive", {"tol": 0.0}),
        ("`times` must be given", {"model": standing(0.0, lz.Band(**BAND))}),
        ("`model` must be a Continuum", {"model": lz.TwoLevel(sweep=lz.Linear(1.0), gap=1.0)}),
        (
            "`model` must be a single model",
            {"model": lz.vary(lz.Continuum(rate=1.0, band=lz.Band(**BAND)), {"rate": [1.0, 2.0]})},
        ),
    ],
)
def test_bad_requests_are_named(text, change):
    good = {"model": lz.Continuum(rate=1.0, band=lz.Band(**BAND)), "times": None} | change
    with pytest.raises(lz.LzopenError, match=f"Argument {text}"):
        lz.survival(good.pop("model"), **good)
