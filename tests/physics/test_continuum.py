"""A level in a continuum: closed forms, QuTiP, matrices and kicks against one another."""

from __future__ import annotations

import pickle
import tracemalloc
import warnings
from itertools import pairwise

import numpy as np
import pytest
import qutip
from numpy.testing import assert_allclose
from scipy.linalg import expm

import lzopen as lz
from lzopen import theory
from lzopen.dynamics import continuum, kicks


def lorentzian(E):
    return 0.3 / (1 + E**2)


def band_at_points(low, high, levels, escape_rate):
    """Levels at equally spaced points, the first and the last on the edges, with ρ = N/W."""
    half = 0.5 * (high - low) / (levels - 1)
    scale = (levels - 1) / levels  # a Band takes ρ = (N−1)/W for this grid
    edges = (low - half, high + half)
    return lz.Band(edges=edges, escape_rate=lambda E: scale * escape_rate(E), levels=levels)


def product(rate, band):
    """Survival of a sweep through discrete levels, exp(−2πΣV²/α)."""
    return np.exp(-2 * np.pi * np.sum(band.couplings**2) / abs(rate))


def standing(energy, band):
    return lz.Continuum(sweep=lz.Constant(energy), band=band)


def exact_standing(band, energy, times):
    """The population of a level that stands, from the eigenvectors of the matrix."""
    H = np.diag(np.append(energy, band.energies))
    H[0, 1:] = H[1:, 0] = band.couplings
    energies, vectors = np.linalg.eigh(H)
    return np.abs(np.exp(-1j * np.outer(times, energies)) @ vectors[0] ** 2) ** 2


# --- the sweep, in closed form


def test_forty_levels_of_a_lorentzian():
    exact = theory.continuum_survival(rate=1.0, escape_rate=lorentzian, edges=(-4.0, 4.0))
    assert_allclose(exact, 0.45136, rtol=0, atol=5e-6)
    at_edges = band_at_points(-4.0, 4.0, 40, lorentzian)
    assert_allclose(product(1.0, at_edges), 0.4588297802, rtol=0, atol=5e-11)
    midpoints = lz.Band(edges=(-4.0, 4.0), escape_rate=lorentzian, levels=40)
    for band in (at_edges, midpoints):
        found = lz.survival(lz.Continuum(rate=1.0, band=band))
        assert_allclose(found.population, product(1.0, band), rtol=0, atol=1e-9)
        assert found.error < 1e-7
    # the gap to the integral is that of the grid, not of there being 40 levels
    assert abs(product(1.0, midpoints) - exact) < 1e-4
    assert abs(product(1.0, at_edges) - exact) > 7e-3


def test_midpoints_converge_as_the_square_of_the_spacing():
    exact = theory.continuum_survival(rate=1.0, escape_rate=lorentzian, edges=(-4.0, 4.0))
    levels = np.array([20, 40, 80, 160])
    bands = [lz.Band(edges=(-4.0, 4.0), escape_rate=lorentzian, levels=n) for n in levels]
    errors = [abs(product(1.0, band) - exact) for band in bands]
    assert_allclose(np.polyfit(np.log(levels), np.log(errors), 1)[0], -2.0, atol=0.05)


@pytest.mark.parametrize("levels", [1, 2, 3, 7, 30, 201])
@pytest.mark.parametrize("rate", [1.3, -0.6])
def test_any_discretisation_is_exact(levels, rate):
    """A continuum is not needed for the exponential law: three levels do."""
    band = lz.Band(edges=(-1.0, 2.5), escape_rate=lambda E: 0.2 + 0.1 * np.sin(E), levels=levels)
    found = lz.survival(lz.Continuum(rate=rate, band=band))
    assert_allclose(found.population, product(rate, band), rtol=0, atol=3e-9)
    assert abs(found.population - product(rate, band)) < found.error < 1e-7


def test_a_flat_band_of_any_size_gives_the_same():
    for levels in (5, 50, 5000):
        band = lz.Band(edges=(-3.0, 3.0), escape_rate=0.4, levels=levels)
        exact = theory.continuum_survival(rate=2.0, escape_rate=0.4, edges=(-3.0, 3.0))
        assert_allclose(product(2.0, band), exact, rtol=1e-13)


def test_one_level_is_landau_zener():
    band = lz.Band(edges=(-0.5, 0.5), escape_rate=0.7, levels=1)
    P = theory.landau_zener(rate=1.4, gap=2 * band.couplings[0])
    assert_allclose(lz.survival(lz.Continuum(rate=1.4, band=band)).population, P, atol=1e-9)
    exact = theory.continuum_survival(rate=1.4, escape_rate=0.7, edges=(-0.5, 0.5))
    assert_allclose(exact, P, rtol=1e-14)


@pytest.mark.parametrize("kind", ["swept", "there and back"])
def test_the_limit_is_that_of_the_transition_matrix(kind):
    sweep = lz.Linear(-1.2) if kind == "swept" else lz.DoublePassage(1.3, 6.0)
    model = lz.Continuum(sweep=sweep, band=lz.Band(edges=(-3, 3), escape_rate=0.3, levels=7))
    matrix, found = lz.transition_matrix(model), lz.survival(model)
    assert_allclose(found.population, matrix.probability[0, 0], rtol=0, atol=1e-9)


def test_the_band_is_filled_in_order():
    """Γ/α times what is left when the level comes by, far from the resolution √α."""
    band = lz.Band(edges=(-20.0, 20.0), escape_rate=0.05, levels=400)
    found = lz.survival(lz.Continuum(rate=1.0, band=band), times=[-80.0, 80.0], tol=1e-6)
    filled = (found.band_population / band.spacing).sel(energy=slice(-10, 10))
    smooth = filled.rolling(energy=40, center=True).mean().dropna("energy")
    expected = 0.05 * np.exp(-0.05 * (smooth.energy + 20.0))
    assert_allclose(smooth, expected, rtol=0.01)
    assert_allclose(found.band_population.sum() + found.population[-1], 1.0, atol=1e-6)


@pytest.mark.parametrize(("levels", "power"), [(1, 1), (240, 2)])
def test_diabatic_readout_of_a_band_is_off_by_the_square_of_the_time(levels, power):
    """Ripples of a single level fall as √(ΣV²)/αT; those of a band average out."""
    band = lz.Band(edges=(-1.0, 1.0), escape_rate=0.5, levels=levels)
    model, strength = lz.Continuum(rate=1.0, band=band), np.linalg.norm(band.couplings)
    ends, errors = np.array([12.0, 24.0, 48.0]), []
    for T in ends:
        t = np.append(-T, np.linspace(T, 1.15 * T, 81))
        found = lz.survival(model, times=t, tol=1e-6).population[1:]
        errors.append(np.abs(found - product(1.0, band)).max())  # the envelope
    scaled = errors / (strength / ends) ** power
    assert np.all((scaled > 0.5) & (scaled < 5.0))
    assert scaled.max() < 2 * scaled.min()


def test_a_sweep_that_stays_inside_is_not_exact():
    band = lz.Band(edges=(-4.0, 4.0), escape_rate=0.3, levels=200)
    model = lz.Continuum(rate=1.0, band=band)
    short = lz.survival(model, times=[-3.0, 3.0]).population[-1]
    assert abs(short - product(1.0, band)) > 0.05


# --- the level that stands


@pytest.mark.parametrize("grid", ["points", "midpoints"])
def test_decay_and_revival(grid):
    edges = (-10.0 - 10 / 399, 10.0 + 10 / 399) if grid == "points" else (-10.0, 10.0)
    model = standing(0.0, lz.Band(edges=edges, escape_rate=0.5, levels=400))
    recurrence = model.band.recurrence_time
    with pytest.warns(lz.LzopenWarning, match="longer than the recurrence time") as caught:
        found = lz.survival(model, times=[0.0, 5.0, recurrence + 5.0])
    assert_allclose(caught[0].message.value, recurrence + 5.0)
    assert caught[0].filename == __file__
    expected = exact_standing(model.band, 0.0, found.time.values)
    assert_allclose(found.population, expected, rtol=0, atol=1e-8)
    if grid == "points":
        assert_allclose(recurrence, 125.35, atol=5e-3)
        assert_allclose(found.population[1:], [0.08137, 0.525], atol=5e-4)
    decay = theory.fano_anderson_decay(time=5.0, escape_rate=0.5, width=20.0, density=20.0)
    assert_allclose(decay, 0.08208, atol=5e-6)
    assert_allclose(found.population[1], decay, atol=8e-4)


def test_the_decay_holds_within_the_rate_over_the_width():
    t = np.linspace(0.05, 30.0, 600)
    for rate in (0.2, 0.5, 1.0):
        model = standing(0.0, lz.Band(edges=(-10.0, 10.0), escape_rate=rate, levels=1000))
        found = lz.survival(model, times=np.append(0.0, t)).population[1:]
        decay = theory.fano_anderson_decay(time=t, escape_rate=rate, width=20.0)
        early = rate * t < 3
        off = np.abs(found / decay - 1).values[early].max()
        assert 0.5 * rate / 20 < off < 2 * rate / 20


def test_the_decay_starts_as_a_parabola():
    band = lz.Band(edges=(-10.0, 10.0), escape_rate=0.5, levels=1000)
    t = np.array([0.0, 1e-3, 2e-3])
    lost = 1 - lz.survival(standing(0.0, band), times=t, tol=1e-12).population.values[1:]
    assert_allclose(lost / t[1:] ** 2, np.sum(band.couplings**2), rtol=1e-4)


def test_bound_states_of_a_narrow_band():
    energies, weights = theory.bound_states(escape_rate=1.0, edges=(-1.0, 1.0))
    assert_allclose(energies, [-1.003657, 1.003657], rtol=0, atol=5e-7)
    assert_allclose(weights, 0.0225, rtol=0, atol=5e-6)
    trapped = theory.trapped_population(escape_rate=1.0, edges=(-1.0, 1.0))
    assert_allclose(trapped, 0.00101, rtol=0, atol=5e-6)
    assert_allclose(trapped, 2 * weights[0] ** 2, rtol=1e-14)


def test_part_of_a_level_in_a_narrow_band_is_trapped():
    trapped = theory.trapped_population(escape_rate=1.0, edges=(-1.0, 1.0))
    coarse = standing(0.0, lz.Band(edges=(-1.0, 1.0), escape_rate=1.0, levels=400))
    found = lz.survival(coarse, times=np.linspace(0.0, 200.0, 4001))
    after = found.population.sel(time=slice(50, 200)).mean()
    assert_allclose(after, 0.00096, rtol=0, atol=1e-5)
    # the band edge, which the bound states nearly touch, makes the mean settle slowly
    fine = standing(0.0, lz.Band(edges=(-1.0, 1.0), escape_rate=1.0, levels=2000))
    found = lz.survival(fine, times=np.linspace(0.0, 5000.0, 5001))
    after = found.population.sel(time=slice(500, 5000)).mean()
    assert_allclose(after, trapped, rtol=0.03)
    assert np.exp(-500.0) < 1e-200  # all that e^{−Γt} would leave


@pytest.mark.parametrize(
    ("rate", "energy"), [(1.0, 0.0), (0.7, 0.4), (3.0, -0.9), (1.0, 2.5), (0.2, -1.3), (30.0, 0.0)]
)
def test_bound_states_and_continuum_make_a_whole(rate, energy):
    energies, weights = theory.bound_states(escape_rate=rate, edges=(-1.0, 1.0), energy=energy)

    def shift(above, below):  # distances to the two edges
        return rate / (2 * np.pi) * np.log(above / below)

    def density(u):  # of the level at E = tanh u, times dE/du
        below, above = 2 / (1 + np.exp(2 * u)), 2 / (1 + np.exp(-2 * u))
        off = np.tanh(u) - energy - shift(above, below)
        return rate / (2 * np.pi) / (off**2 + rate**2 / 4) * below * above

    assert energies[0] <= -1 < 1 <= energies[1]
    apart = np.abs(np.abs(energies) - 1) > 1e-6  # else round-off decides
    found = shift(np.abs(energies + 1)[apart], np.abs(energies - 1)[apart])
    assert_allclose(energies[apart] - energy, found, rtol=0, atol=1e-9)
    u = np.linspace(-18, 18, 36 * 200 + 1)  # trapezoids converge exponentially
    assert_allclose(np.sum(density(u)) / 200 + weights.sum(), 1.0, rtol=0, atol=1e-9)


def test_bound_states_of_the_matrix():
    band = lz.Band(edges=(-1.0, 1.0), escape_rate=4.0, levels=2000)
    H = np.diag(np.append(0.3, band.energies))
    H[0, 1:] = H[1:, 0] = band.couplings
    found, vectors = np.linalg.eigh(H)
    energies, weights = theory.bound_states(escape_rate=4.0, edges=(-1.0, 1.0), energy=0.3)
    assert_allclose(found[[0, -1]], energies, rtol=0, atol=1e-6)
    assert_allclose(vectors[0, [0, -1]] ** 2, weights, rtol=0, atol=1e-5)


def test_bound_states_broadcast_and_fade():
    energies, weights = theory.bound_states(
        escape_rate=np.array([[1.0], [1e-3]]), edges=(-1.0, 2.0), energy=np.array([0.0, 0.5, 9.0])
    )
    assert energies.shape == weights.shape == (2, 3, 2)
    assert weights[1, 0, 0] == 0.0
    assert energies[1, 0].tolist() == [-1.0, 2.0]
    assert_allclose(energies[1, 2, 1], 9.0 + 1e-3 / (2 * np.pi) * np.log(10 / 7), rtol=1e-7)
    assert_allclose(weights[:, 1, 0], weights[:, 1, 1], rtol=1e-12)  # from the middle


# --- the engine


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


@pytest.mark.parametrize("seed", range(12))
def test_errors_bound_the_truth_in_the_limit(seed):
    rng = np.random.default_rng(100 + seed)
    band = random_case(rng)[0].band
    rate = rng.choice([-1, 1]) * 10 ** rng.uniform(-0.5, 1)
    found = lz.survival(lz.Continuum(rate=rate, band=band))
    assert abs(found.population - product(rate, band)) <= found.error <= 1e-7


def test_a_singular_start_is_slow_but_sure():
    """Kinks with infinite slope spoil the order, and the error says so."""
    band = lz.Band(edges=(-2.0, 2.0), escape_rate=0.5, levels=20)
    model = lz.Continuum(sweep=lz.PowerLaw(1.0, 0.5), band=band)
    truth = by_qutip(model, [-3.0, 0.0, 3.0])[-1, 0]
    found = lz.survival(model, times=[-3.0, 3.0], tol=1e-5)
    assert abs(found.population[-1] - truth) < found.error[-1] < 1e-5


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


# --- warnings


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
    assert abs(found.population - product(1.0, band)) < found.error < 1e-9


def test_a_tolerance_out_of_reach_warns():
    model = standing(0.0, lz.Band(edges=(-2.0, 2.0), escape_rate=0.5, levels=20))
    with pytest.warns(lz.LzopenWarning, match="stays|may be off") as caught:
        found = lz.survival(model, times=[0.0, 3.0], tol=1e-17)
    assert caught[0].message.value == found.error.max()
    assert found.error.max() < 1e-12


@pytest.mark.parametrize(
    ("text", "arguments", "value"),
    [
        ("not yet exponential", {"time": [0.0, 0.01, 5.0], "width": 20.0}, 0.01),
        ("come into phase", {"time": [5.0, 130.0], "density": 20.0}, 130.0),
        ("trapped", {"time": 5.0, "width": 2.0}, 0.5),
    ],
)
def test_decay_outside_its_limits_warns(text, arguments, value):
    with pytest.warns(lz.LzopenWarning, match=text) as caught:
        theory.fano_anderson_decay(escape_rate=0.5, **arguments)
    assert caught[0].message.value == value
    assert caught[0].filename == __file__


def test_a_rough_escape_rate_warns():
    with pytest.warns(lz.LzopenWarning, match="∫Γ dE may be off"):
        theory.continuum_survival(
            rate=1e-6, escape_rate=lambda E: float(np.sin(1e4 * E) > 0), edges=(-1.0, 1.0)
        )


# --- the model


def test_bands_and_models_are_lazy_and_travel():
    band = lz.Band(edges=(-2, 2), escape_rate=lorentzian, levels=10)
    model = pickle.loads(pickle.dumps(lz.Continuum(rate=1.0, band=band)))
    assert_allclose(model.band.couplings, band.couplings, rtol=0)
    assert model.n_levels == 11
    assert model.parameters == {"sweep.rate": 1.0}
    assert model.batch_shape == ()
    faster = model.with_parameters({"rate": 3.0})
    assert faster.sweep.rate == 3.0
    assert model.reversed().sweep(2.0) == -2.0
    for made in (model, faster, model.reversed()):
        assert "terms" not in vars(made)
    expected = np.diag(np.append(0.5, band.energies)).astype(complex)
    expected[0, 1:] = expected[1:, 0] = band.couplings
    assert_allclose(model.hamiltonian(0.5), expected, rtol=0)
    assert_allclose(model.H(0.5).full(), expected, rtol=0)
    assert "terms" in vars(model)


def test_numbers_of_a_band_are_parameters():
    model = lz.Continuum(rate=1.0, band=lz.Band(edges=(-1, 1), escape_rate=0.5, levels=3))
    stronger = model.with_parameters({"escape_rate": 2.0})
    assert_allclose(stronger.band.couplings, 2 * model.band.couplings)


def test_environments_act_on_small_models():
    model = lz.Continuum(rate=1.0, band=lz.Band(edges=(-1, 1), escape_rate=0.5, levels=3))
    noisy = model.with_environment(lz.Decay(0.1, source=1, target=0))
    run = lz.evolve(noisy, times=[-5.0, 5.0])
    assert_allclose(run.population.sum("level"), 1.0, atol=1e-6)
    with pytest.raises(lz.LzopenError, match="`model` must be closed"):
        lz.survival(noisy)


def test_results_say_where_they_come_from():
    model = standing(0.0, lz.Band(edges=(-2.0, 2.0), escape_rate=0.5, levels=20))
    found = lz.survival(model, times=[0.0, 1.0])
    assert "Fano" in lz.cite(found)
    assert '"levels": 20' in found.attrs["lzopen"]


# --- bad input

BAND = {"edges": (-1.0, 1.0), "escape_rate": 0.5, "levels": 5}


@pytest.mark.parametrize(
    ("text", "bad"),
    [
        ("`edges` must increase", {"edges": (1.0, -1.0)}),
        ("`edges` must be two energies", {"edges": (-1.0, 0.0, 1.0)}),
        ("`edges` must be finite", {"edges": (-np.inf, 1.0)}),
        ("`levels` must be a whole number", {"levels": 0}),
        ("`levels` must be a whole number", {"levels": 10.0}),
        ("`escape_rate` must not be negative", {"escape_rate": -0.5}),
        ("`escape_rate` must not be negative", {"escape_rate": lambda E: E}),
        ("`escape_rate` must be real", {"escape_rate": lambda E: E + 1j}),
        ("`escape_rate` must be a single number", {"escape_rate": [0.5, 0.6]}),
        ("`escape_rate` must turn an array", {"escape_rate": lambda E: np.ones(3)}),
        ("`escape_rate` must turn an array", {"escape_rate": lambda E: float(E)}),
    ],
)
def test_bad_bands_are_named(text, bad):
    with pytest.raises(lz.LzopenError, match=f"Argument {text}"):
        lz.Band(**BAND | bad)


@pytest.mark.parametrize(
    ("text", "bad"),
    [
        ("`rate` must be given", {}),
        ("`rate` must be given", {"rate": 1.0, "sweep": lz.Linear(1.0)}),
        ("`rate` must not be zero", {"rate": 0.0}),
        ("`sweep` must be a Waveform", {"sweep": 1.0}),
        ("`sweep` must be real", {"sweep": lz.Rotating(1.0, 1.0)}),
        ("`band` must be a Band", {"rate": 1.0, "band": 0.5}),
    ],
)
def test_bad_models_are_named(text, bad):
    with pytest.raises(lz.LzopenError, match=f"Argument {text}"):
        lz.Continuum(**{"band": lz.Band(**BAND)} | bad)


def test_a_large_band_has_no_matrix():
    model = lz.Continuum(rate=1.0, band=lz.Band(**BAND | {"levels": 100_000}))
    assert model.parameters == {"sweep.rate": 1.0, "band.escape_rate": 0.5}
    with pytest.raises(lz.LzopenError, match=r"`levels` must be at most 2000.*lz\.survival"):
        model.H  # noqa: B018
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        model.nothing  # noqa: B018


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


@pytest.mark.parametrize(
    ("function", "text", "arguments"),
    [
        (theory.continuum_survival, "`rate` must not be zero", {"rate": 0.0}),
        (theory.continuum_survival, "`edges` must be two", {"edges": (0.0, 1.0, 2.0)}),
        (theory.continuum_survival, "`escape_rate` must not be", {"escape_rate": -1.0}),
        (theory.continuum_survival, "`escape_rate` must not be", {"escape_rate": lambda E: E}),
        (
            theory.continuum_survival,
            "`escape_rate` must broadcast",
            {"rate": [1.0, 2.0], "escape_rate": [1.0, 2.0, 3.0]},
        ),
        (theory.fano_anderson_decay, "`time` must not be negative", {"time": -1.0}),
        (theory.fano_anderson_decay, "`escape_rate` must be positive", {"escape_rate": 0.0}),
        (theory.fano_anderson_decay, "`width` must be positive", {"width": 0.0}),
        (theory.fano_anderson_decay, "`density` must be positive", {"density": np.nan}),
        (theory.bound_states, "`escape_rate` must be positive", {"escape_rate": 0.0}),
        (theory.bound_states, "`energy` must be finite", {"energy": np.inf}),
        (theory.trapped_population, "`edges` must increase", {"edges": (1.0, 1.0)}),
    ],
)
def test_bad_theory_arguments_are_named(function, text, arguments):
    good = {
        theory.continuum_survival: {"rate": 1.0, "escape_rate": 0.5, "edges": (-1.0, 1.0)},
        theory.fano_anderson_decay: {"time": 1.0, "escape_rate": 0.5},
    }.get(function, {"escape_rate": 0.5, "edges": (-1.0, 1.0)})
    with pytest.raises(lz.LzopenError, match=f"Argument {text}"):
        function(**good | arguments)
