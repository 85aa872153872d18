"""Parallel levels, bands and the steepest levels: what is exact, and what never happens."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import lzopen as lz
from diagrams import COMB, agree, chain, grid, random_table, single, solved
from lzopen import theory
from lzopen.dynamics.generators import generators
from lzopen.dynamics.magnus import propagator
from lzopen.dynamics.propagation import step_edges

# --- one level through parallel ones (E1, rows 11 and 12)


def one_after_the_other(rate, energies, couplings):
    """The same product, path by path."""
    p = single(couplings, rate)
    order = np.argsort(energies)[:: 1 if rate > 0 else -1]
    P = np.diag([np.prod(p), *p])
    for place, k in enumerate(order):
        before, after = order[:place], order[place + 1 :]
        P[k + 1, 0] = np.prod(p[before]) * (1 - p[k])
        P[0, k + 1] = (1 - p[k]) * np.prod(p[after])
        for later, n in enumerate(after):
            P[n + 1, k + 1] = (1 - p[k]) * np.prod(p[after[:later]]) * (1 - p[n])
    return P


def test_demkov_osherov_numbers():
    P = theory.demkov_osherov(**COMB, offsets=[-5.0, 0.0, 4.0])
    assert_allclose(P[0, 0], 0.16168202, rtol=0, atol=5e-9)
    assert_allclose(P[1:, 0], [0.431916, 0.126247, 0.280155], rtol=0, atol=5e-7)
    assert (P[[1, 1, 2], [2, 3, 3]] == 0).all()


@pytest.mark.parametrize(
    "energies",
    [
        [-5.0, 0.0, 4.0],
        [-0.4, 0.0, 0.7],
        pytest.param([-0.1, 0.0, 0.15], marks=pytest.mark.slow),
    ],
)
def test_demkov_osherov_is_exact_at_any_spacing(energies):
    model = lz.DemkovOsherov(**COMB, offsets=energies)
    P = agree(model, theory.demkov_osherov(**COMB, offsets=energies))
    assert P[[1, 1, 2], [2, 3, 3]].max() < 1e-12  # against the order of time
    assert P[[2, 3, 3], [1, 1, 2]].min() > 0.05


def test_demkov_osherov_is_the_product_along_every_path():
    rng = np.random.default_rng(1)
    rate = rng.choice([-1, 1], 20) * 10 ** rng.uniform(-1, 1, 20)
    energies, couplings = rng.normal(size=(20, 6)), rng.normal(size=(20, 6)) * np.exp(0.7j)
    P = theory.demkov_osherov(rate=rate, offsets=energies, couplings=couplings)
    members = zip(rate, energies, couplings, strict=True)
    assert_allclose(P, [one_after_the_other(*member) for member in members], atol=1e-14)
    assert_allclose(P.sum(axis=-1), 1, rtol=1e-13)
    assert_allclose(P.sum(axis=-2), 1, rtol=1e-13)


def test_a_degenerate_band_acts_through_its_bright_state():
    g = np.array([0.3, -0.4j])
    P = theory.demkov_osherov(rate=1.0, offsets=[0.0, 0.0, 3.0], couplings=[*g, 0.2])
    p = np.exp(-2 * np.pi * 0.25)
    assert_allclose(P[:3, 0], [p * single(0.2, 1), 0.36 * (1 - p), 0.64 * (1 - p)], rtol=1e-14)
    assert np.isnan(P[1:3, 1:3]).all()
    assert P[3, 1] == pytest.approx(0.36 * (1 - p) * (1 - single(0.2, 1)))
    assert P[1, 3] == P[2, 3] == 0
    aside = theory.demkov_osherov(rate=1.0, offsets=[1.0, 1.0], couplings=[0.0, 0.5])
    apart = theory.demkov_osherov(rate=1.0, offsets=[-1.0, 1.0], couplings=[0.0, 0.5])
    assert_array_equal(aside, apart)  # an uncoupled level disturbs nothing


def test_a_degenerate_band_in_the_dynamics():
    """Levels of one energy have no limit, so the whole propagator of a window is compared."""
    g, window = np.array([0.3, 0.4]), (-12.0, 15.0)
    model = lz.DemkovOsherov(rate=1.0, offsets=[0.0, 0.0], couplings=g)
    ends = np.array(window[0]), np.array(window[1])
    U = propagator(generators(model), step_edges(model, *ends, 3000))
    dark = np.array([0.0, 0.8, -0.6])
    assert abs(dark @ U[:, 0]) ** 2 < 1e-20
    assert abs(dark @ U @ dark) == pytest.approx(1, abs=1e-12)
    bright = theory.finite_time_propagator(rate=1.0, gap=1.0, t0=window[0], t1=window[1])
    assert_allclose(abs(U[0, 0]), abs(bright[0, 0]), rtol=0, atol=1e-9)
    assert_allclose(abs(U[1:, 0]), np.array([0.6, 0.8]) * abs(bright[1, 0]), rtol=0, atol=1e-9)


def test_v_system_at_any_separation():
    """Row 11: P(e₂) = P₁(1 − P₂)."""
    g, splittings = [0.3, 0.2], np.array([0.3, 1.0, 5.0])
    P, error = solved(lz.VSystem(rate=1.0, splitting=splittings, couplings=g))
    p1, p2 = single(np.array(g), 1.0)
    assert (np.abs(P[:, 2, 0] - p1 * (1 - p2)) <= error[:, 2, 0]).all()
    assert (np.abs(P[:, 1, 0] - (1 - p1)) <= error[:, 1, 0]).all()
    assert (P[:, 1, 2] < 1e-12).all()  # level 2 is met later


def test_v_system_needs_parallel_levels_without_a_coupling():
    p1, p2 = single(np.array([0.5, 0.5]), 1.0)
    naive = p1 * (1 - p2)
    spread = lz.Crossing(
        slopes=[1.0, 0.3, -0.3],
        offsets=[0.0, -0.3, 0.3],
        couplings=[[0, 0.5, 0.5], [0, 0, 0], [0, 0, 0]],
    )
    steepness = np.array([0.7, 1.3])
    q1, q2 = single(0.5, steepness)
    assert abs(solved(spread)[0][2, 0] - q1 * (1 - q2)) > 0.02
    band = np.array([[-0.5, 0.6], [0.6, 0.5]])  # a coupling between e₁ and e₂
    energies, states = np.linalg.eigh(band)
    mixed = theory.demkov_osherov(rate=1.0, offsets=energies, couplings=[0.5, 0.5] @ states)
    agree(lz.DemkovOsherov(rate=1.0, offsets=energies, couplings=[0.5, 0.5] @ states), mixed)
    assert abs(mixed[2, 0] - naive) > 0.1


def test_chain_through_a_swept_level():
    """Row 12: the product is exact in order, and zero against it."""
    model = lz.Chain(slopes=[0.0, 1.0, 0.0], offsets=[-2.0, 0.0, 2.0], couplings=[0.3, 0.4])
    P, error = solved(model)
    product = (1 - single(0.3, 1)) * (1 - single(0.4, 1))
    assert abs(P[2, 0] - product) <= error[2, 0]
    assert P[0, 2] < 1e-12


# --- the steepest levels of any diagram (E2)


@pytest.mark.parametrize("seed", range(6))
def test_brundobler_elser_for_any_couplings_and_offsets(seed):
    rng = np.random.default_rng([5, seed])
    size = 3 + seed % 3
    slopes, offsets = rng.uniform(-1.5, 1.5, size), 2 * rng.normal(size=size)
    table = random_table(rng, size, 0.25)
    model = lz.Crossing(slopes=slopes, offsets=offsets, couplings=table)
    agree(model, theory.brundobler_elser(slopes=slopes, couplings=table))


def test_brundobler_elser_for_all_levels_of_an_extremal_band():
    rng = np.random.default_rng(6)
    slopes, offsets = [1.0, 1.0, 0.1, -0.4, -0.4], [-0.7, 0.6, 0.3, 1.0, -0.5]
    table = random_table(rng, 5, 0.2)
    table[0, 1] = table[3, 4] = 0
    exact = theory.brundobler_elser(slopes=slopes, couplings=table)
    assert np.isfinite(exact).sum() == 4
    agree(lz.Crossing(slopes=slopes, offsets=offsets, couplings=table), exact)
    table[0, 1] = 0.1
    assert np.isnan(theory.brundobler_elser(slopes=slopes, couplings=table)[[0, 1], [0, 1]]).all()


def test_brundobler_elser_is_wrong_for_a_level_between():
    P, _ = solved(lz.Chain(**chain(0.0)))
    assert abs(P[1, 1] - single(0.45, 1.0) ** 2) > 0.07


# --- bands, and what never happens (E5)


@pytest.mark.parametrize(("spacings", "within"), [((0.2, 0.3), 0.1559), ((1.0, 1.5), 0.0838)])
def test_two_bands_of_two(spacings, within):
    numbers = grid(0.2, spacings)
    model, forbidden = lz.Crossing(**numbers), theory.forbidden_transitions(**numbers)
    exact = theory.brundobler_elser(slopes=numbers["slopes"], couplings=numbers["couplings"])
    P = agree(model, exact)
    assert_allclose(np.diag(P), 0.60492256, rtol=0, atol=1e-8)  # p², for any spacing
    assert_array_equal(np.argwhere(forbidden), [[1, 0], [2, 3]])
    assert P[forbidden].max() < 1e-12
    assert_allclose([P[0, 1], P[3, 2]], within, rtol=0, atol=5e-5)  # in order: spacing counts


@pytest.mark.parametrize("seed", range(4))
def test_no_go_in_random_diagrams(seed):
    rng = np.random.default_rng([7, seed])
    slopes, offsets = np.array([0.8, 0.8, 0.8, 0.1, -0.5]), rng.normal(size=5)
    table = random_table(rng, 5, 0.25)
    table[:3, :3] = 0
    numbers = {"slopes": slopes, "offsets": offsets, "couplings": table}
    forbidden = theory.forbidden_transitions(**numbers)
    P, _ = solved(lz.Crossing(**numbers))
    assert forbidden.sum() == 3
    assert P[forbidden].max() < 1e-12
    assert P[forbidden.T].min() > 1e-3
    mirrored = theory.forbidden_transitions(**numbers | {"slopes": -slopes})
    assert_array_equal(mirrored, forbidden.T)


def test_a_coupling_within_the_band_lifts_the_rule():
    numbers = grid(0.2, (0.4, 0.4))
    numbers["couplings"][0, 1] = 0.1
    assert_array_equal(np.argwhere(theory.forbidden_transitions(**numbers)), [[2, 3]])
