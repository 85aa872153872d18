"""A level in a continuum: closed forms against exact solutions and one another."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from numpy.testing import assert_allclose

import lzopen as lz
from lzopen import theory


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


def test_a_peak_is_found_down_to_a_thousandth_of_the_band():
    """Narrower ones take a band that is cut around them; a single quadrature may see none."""

    def peak(E):
        return 0.5 / width * np.exp(-(((E - center) / width) ** 2))

    exact = np.exp(-0.5 * np.sqrt(np.pi))
    rng = np.random.default_rng(5)
    for center in rng.uniform(-900.0, 900.0, 5):
        width = 2.0
        whole = theory.continuum_survival(rate=1.0, escape_rate=peak, edges=(-1000.0, 1000.0))
        assert_allclose(whole, exact, rtol=1e-9)
        width = 1e-4
        cuts = [-1000.0, center - 0.01, center + 0.01, 1000.0]
        pieces = [
            theory.continuum_survival(rate=1.0, escape_rate=peak, edges=edges)
            for edges in pairwise(cuts)
        ]
        assert_allclose(np.prod(pieces), exact, rtol=1e-9)


@pytest.mark.parametrize("form", [float, lambda value: lambda E: value])
@pytest.mark.parametrize(
    ("rate", "escape_rate", "edges", "exact"),
    [
        (1.0, 1e300, (-1e10, 1e10), 0.0),
        (1e-300, 1.0, (-1.0, 1.0), 0.0),
        (1e-300, 1e-300, (0.0, 2.0), np.exp(-2.0)),
        (1e300, 1e300, (0.0, 2.0), np.exp(-2.0)),
        (1e300, 1e-300, (0.0, 2.0), 1.0),
        (1.0, 1.0, (1.0, np.nextafter(1.0, 2.0)), 1.0),
        (1.0, 0.0, (-1.0, 1.0), 1.0),
    ],
)
def test_extreme_sweeps_have_their_limits(form, rate, escape_rate, edges, exact):
    found = theory.continuum_survival(rate=rate, escape_rate=form(escape_rate), edges=edges)
    assert_allclose(found, exact, rtol=1e-14)


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


@pytest.mark.parametrize(
    ("rate", "width"), [(1e300, 2.0), (1.0, 2e-300), (1e100, 2e-200), (1e-300, 2.0), (5e-324, 2.0)]
)
def test_bound_states_of_extreme_bands(rate, width):
    """A narrow band is one level, a wide one holds nothing."""
    edges = (-width / 2, width / 2)
    energies, weights = theory.bound_states(escape_rate=rate, edges=edges)
    if rate > width:
        coupling = np.sqrt(rate) * np.sqrt(width / (2 * np.pi))
        assert_allclose(energies, [-coupling, coupling], rtol=1e-12)
        assert_allclose(weights, 0.5, rtol=1e-12)
    else:
        assert energies.tolist() == list(edges)
        assert weights.tolist() == [0.0, 0.0]
    decay = theory.fano_anderson_decay(time=[0.0, 1e300], escape_rate=1e300)
    assert decay.tolist() == [1.0, 0.0]


def test_a_level_far_outside_stays_alone():
    energies, weights = theory.bound_states(escape_rate=1.0, edges=(-1.0, 1.0), energy=1e100)
    assert energies.tolist() == [-1.0, 1e100]
    assert weights.tolist() == [0.0, 1.0]


def test_bound_states_broadcast_and_fade():
    energies, weights = theory.bound_states(
        escape_rate=np.array([[1.0], [1e-3]]), edges=(-1.0, 2.0), energy=np.array([0.0, 0.5, 9.0])
    )
    assert energies.shape == weights.shape == (2, 3, 2)
    assert weights[1, 0, 0] == 0.0
    assert energies[1, 0].tolist() == [-1.0, 2.0]
    assert_allclose(energies[1, 2, 1], 9.0 + 1e-3 / (2 * np.pi) * np.log(10 / 7), rtol=1e-7)
    assert_allclose(weights[:, 1, 0], weights[:, 1, 1], rtol=1e-12)  # from the middle


# --- warnings


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
    def rough(E):
        return float(np.sin(1e3 * E) > 0)  # one half, on average

    with pytest.warns(lz.LzopenWarning, match="∫Γ dE may be off") as caught:
        found = theory.continuum_survival(rate=1.0, escape_rate=rough, edges=(-1.0, 1.0))
    assert abs(found - np.exp(-1.0)) < caught[0].message.value < 0.2
    assert caught[0].filename == __file__
    # so fast a decay is certain
    assert theory.continuum_survival(rate=1e-4, escape_rate=rough, edges=(-1.0, 1.0)) == 0.0


# --- bad input


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
