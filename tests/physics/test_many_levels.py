"""Many levels that cross: closed forms against the dynamics, numbers and one another."""

from __future__ import annotations

import numpy as np
import pytest
import qutip
from numpy.testing import assert_allclose, assert_array_equal
from scipy.linalg import expm

import lzopen as lz
from lzopen import LzopenError, LzopenWarning, theory
from lzopen.dynamics.magnus import propagator
from lzopen.dynamics.propagation import generators, step_edges


def solved(model, **ask):
    """Probabilities of the dynamics, and how far they may be off."""
    found = lz.transition_matrix(model, **ask)
    return found.probability.values, found.error.values


def agree(model, exact):
    """The dynamics equal a closed form within the bound of their own error."""
    P, error = solved(model)
    known = np.isfinite(exact)
    assert known.any()
    assert (np.abs(P - exact)[known] <= error[known] + 1e-13).all()
    assert error.max() < 1e-8
    return P


def single(g, steepness):
    """Survival of one crossing."""
    return np.exp(-2 * np.pi * np.abs(g) ** 2 / np.abs(steepness))


def random_table(rng, size, scale, filled=1.0):
    table = rng.normal(size=(size, size)) + 1j * rng.normal(size=(size, size))
    return np.triu(scale * table * (rng.uniform(size=(size, size)) < filled), k=1)


def chain(offset, g=0.45):
    """Slopes 1, 0, −1, the middle level raised (E7)."""
    return {"slopes": [1.0, 0.0, -1.0], "offsets": [0.0, offset, 0.0], "couplings": [g, g]}


def as_diagram(numbers):
    return numbers | {"couplings": np.diag(numbers["couplings"], k=1)}


def grid(g, spacings):
    """Two bands of two levels, slopes ½ and −½, every pair coupled (E5)."""
    table = np.zeros((4, 4))
    table[:2, 2:] = g
    up, down = spacings
    offsets = [-up / 2, up / 2, -down / 2, down / 2]
    return {"slopes": [0.5, 0.5, -0.5, -0.5], "offsets": offsets, "couplings": table}


def triangle(phase):
    """Three levels that are all coupled, with a phase around the loop (E8)."""
    table = np.diag([0.3, 0.35], k=1).astype(complex)
    table[0, 2] = 0.25 * np.exp(-1j * phase)
    return {"slopes": [0.9, 0.0, -0.9], "offsets": [0.0, -0.2, 0.0], "couplings": table}


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


COMB = {"rate": 1.0, "couplings": [0.3, 0.2, 0.4]}


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


# --- lines through one point (E3)


def test_bow_tie_numbers():
    P = theory.bow_tie(slopes=[1.0, -1.0], couplings=[0.45, 0.45])
    assert_allclose(P[1, 1], 0.2801738, rtol=0, atol=5e-8)
    assert_allclose(P[0, 1], 0.4982813, rtol=0, atol=5e-8)
    assert_allclose(P[2, 1], 0.2215448, rtol=0, atol=5e-8)
    assert_allclose(P[0, 0], 0.0034374, rtol=0, atol=5e-8)


def test_bow_tie_of_three_levels():
    slopes, g = np.array([1.3, -0.5]), np.array([0.4, 0.3])
    p, q = np.exp(-np.pi * g**2 / np.abs(slopes))
    expected = [
        [(1 - p - q) ** 2, (1 - p) * (p + q), (1 - q) * (p + q)],
        [(1 - p) * (p + q), p**2, (1 - p) * (1 - q)],
        [(1 - q) * (p + q), (1 - p) * (1 - q), q**2],
    ]
    assert_allclose(theory.bow_tie(slopes=slopes, couplings=g), expected, rtol=1e-13)


@pytest.mark.parametrize(
    ("slopes", "couplings"),
    [
        ([0.8], [0.5]),
        ([1.0, -1.0], [0.45, 0.45]),
        ([1.3, 0.8, 0.3], [0.4, 0.3j, 0.35]),
        ([1.3, 0.8, 0.3, -0.5], [0.4, 0.3, 0.35, 0.25]),
        ([2.0, 1.0, -0.5, -1.2, -3.0], [0.4, 0.3j, 0.35, 0.3, 0.5]),
    ],
)
def test_bow_tie_of_any_number_of_lines(slopes, couplings):
    exact = theory.bow_tie(slopes=slopes, couplings=couplings)
    agree(lz.BowTie(slopes=slopes, couplings=couplings), exact)
    assert_allclose(exact.sum(axis=0), 1, rtol=1e-13)


def test_generalised_bow_tie_numbers():
    P = theory.generalised_bow_tie(slopes=[1.0, -0.6], couplings=[0.3, 0.25])
    assert_allclose(np.diag(P)[2:], [0.322719, 0.270091], rtol=0, atol=5e-7)
    assert_allclose(np.diag(P)[2:], single(np.array([0.3, 0.25]), np.array([1, 0.6])) ** 2)


@pytest.mark.parametrize(
    ("slopes", "couplings"),
    [([1.0, -0.6], [0.3, 0.25]), ([1.3, 0.8, 0.3, -0.5], [0.4, 0.3j, 0.35, 0.25])],
)
def test_generalised_bow_tie_does_not_depend_on_the_splitting(slopes, couplings):
    model = lz.BowTie(slopes=slopes, couplings=couplings, splitting=np.array([0.7, 2.0, 6.0]))
    exact = theory.generalised_bow_tie(slopes=slopes, couplings=couplings)
    P, error = solved(model)
    assert (np.abs(P - exact) <= error + 1e-13).all()
    assert_allclose(exact.sum(axis=0), 1, rtol=1e-13)


def test_only_the_steepest_lines_survive_with_their_square():
    slopes, g = np.array([1.0, 0.4, -0.7]), np.array([0.4, 0.3, 0.35])
    survival = np.diag(theory.generalised_bow_tie(slopes=slopes, couplings=g))[2:]
    square = single(g, slopes) ** 2
    assert_allclose(survival[[0, 2]], square[[0, 2]], rtol=1e-13)
    assert survival[1] > square[1] + 0.2


# --- spins (E4, row 13)


@pytest.mark.parametrize("spin", [0.5, 1.0, 1.5, 2.5])
def test_any_spin_is_a_turned_spin_half(spin):
    for rate, gap in ((1.0, 0.8), (-1.4, 0.5 - 0.6j)):
        exact = theory.spin_crossing(spin=spin, rate=rate, gap=gap)
        turn = 2 * np.arccos(np.sqrt(theory.landau_zener(rate=rate, gap=gap)))
        axis = qutip.jmat(spin, "y").full()
        assert_allclose(exact, np.abs(expm(-1j * turn * axis)) ** 2, atol=1e-13)
        agree(lz.SpinCrossing(spin=spin, rate=rate, gap=gap), exact)


def test_spin_one_numbers():
    P = theory.spin_crossing(spin=1, rate=1.0, gap=0.8)
    assert_allclose(P[0, 0], 0.1339057, rtol=0, atol=5e-8)
    assert_allclose(P[2, 0], 0.4020431, rtol=0, atol=5e-8)


def test_spin_half_is_the_qubit():
    gaps = np.array([0.0, 0.3, 5.0])
    stay = theory.landau_zener(rate=2.0, gap=gaps)
    P = theory.spin_crossing(spin=0.5, rate=2.0, gap=gaps)
    assert_allclose(P[:, 0, 0], stay, rtol=0, atol=1e-15)
    assert_allclose(P[:, 1, 0], 1 - stay, rtol=0, atol=1e-15)
    qubit = lz.TwoLevel(sweep=lz.Linear(2.0), gap=0.3 + 0.4j)
    spin = lz.SpinCrossing(spin=0.5, rate=2.0, gap=0.3 + 0.4j)
    assert_allclose(spin.hamiltonian(0.7), qubit.hamiltonian(0.7), rtol=1e-15)


def test_quadratic_spin_one_has_a_dark_state():
    """Row 13: αt Sz² + b Sx, with the gap Δ = 2b."""
    model = lz.QuadraticSpinOne(rate=1.0, coupling=0.4)
    run = lz.evolve(model, times=np.linspace(-15, 15, 7), initial=model.dark_state)
    assert_allclose(run.population, np.broadcast_to([0.5, 0, 0.5], (7, 3)), rtol=0, atol=1e-8)
    exact = theory.quadratic_spin_one(rate=1.0, coupling=0.4)
    assert exact[1, 1] == theory.landau_zener(rate=1.0, gap=0.8)
    assert_allclose(exact[[0, 2], 1], (1 - exact[1, 1]) / 2, rtol=1e-15)
    mixed = np.array([[1, 0, 1], [0, np.sqrt(2), 0], [1, 0, -1]]) / np.sqrt(2)  # B, 0, D
    terms = [((mixed.T @ matrix @ mixed).round(14), waveform) for matrix, waveform in model.terms]
    P, _ = solved(lz.Model(terms=terms))
    p = exact[1, 1]
    assert_allclose(P, [[p, 1 - p, 0], [1 - p, p, 0], [0, 0, 1]], rtol=0, atol=1e-8)


def test_quadratic_spin_one_between_its_outer_levels_depends_on_the_window():
    model = lz.QuadraticSpinOne(rate=1.0, coupling=0.4)
    root = np.sqrt(theory.landau_zener(rate=1.0, gap=0.8))
    even, _ = solved(model, window=(-150.0, 150.0), readout="diabatic")
    assert_allclose(even[[0, 2], 0], [(1 + root) ** 2 / 4, (1 - root) ** 2 / 4], atol=3e-3)
    uneven, _ = solved(model, window=(-15.0, 150.0), readout="diabatic")
    turned = root * np.exp(-1j * 0.4**2 * np.log(10.0))  # ∫b²/αt dt
    assert_allclose(uneven[0, 0], abs(1 + turned) ** 2 / 4, atol=0.02)
    assert abs(uneven[0, 0] - even[0, 0]) > 0.015


def test_rhombic_spin_one_has_a_dark_state():
    """Row 13: αt Sz + E(Sx² − Sy²) leaves |0⟩ alone."""
    x, y, z = (qutip.jmat(1, axis) for axis in "xyz")
    model = lz.Model(terms=[(z, lz.Linear(1.0)), (x**2 - y**2, lz.Constant(0.5))])
    P, _ = solved(model)
    p = np.exp(-np.pi * 0.25)
    assert_allclose(P, [[p, 0, 1 - p], [0, 1, 0], [1 - p, 0, p]], rtol=0, atol=1e-8)


def test_linear_spin_one_has_no_dark_state():
    """Row 13: αt Sz + Δ Sx keeps no state, not even |0⟩, which loses the most."""
    model = lz.SpinCrossing(spin=1, rate=1.0, gap=0.8)
    P, _ = solved(model)
    p = theory.landau_zener(rate=1.0, gap=0.8)
    assert_allclose(np.diag(P), [p**2, (2 * p - 1) ** 2, p**2], rtol=0, atol=1e-8)
    assert np.diag(P).max() < 0.14
    (z, _), (x, _) = model.terms
    unmoved = [v for v in np.linalg.eigh(z)[1].T if np.linalg.matrix_rank([v, x @ v]) == 1]
    assert not unmoved  # no state is an eigenstate at all times


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


@pytest.mark.parametrize(("g", "stay"), [(0.2, 0.761), (0.5, 0.958), (1.0, 0.99990)])
def test_adiabaticity_is_lost_with_growing_coupling(g, stay):
    """Nearly degenerate pairs: one level stays in its band, where p² + … → 0 was expected."""
    numbers = grid(g, (0.18, 0.18))
    P, _ = solved(lz.Crossing(**numbers))
    in_band = P[:2, :2].sum(axis=0)
    p = single(g, 1.0)
    assert_allclose(in_band[1], stay, rtol=0, atol=5e-4 if g < 1 else 5e-6)
    assert_allclose(in_band[0], p**2, rtol=0, atol=1e-7)  # the other one leaves
    with pytest.warns(LzopenWarning, match="overlap") as caught:
        guess = theory.independent_crossings(**numbers)
    assert caught[0].message.value == guess.overlap > 10
    assert guess.interference[0, 1]
    assert guess.probability[:2, 1].sum() <= p**2 + 4 * p * (1 - p) ** 2


# --- independent crossings (E7, E8)


@pytest.mark.parametrize(
    ("offset", "far"), [(-4.0, 0.4839), (-1.0, 0.5550), (0.0, 0.2215), (1.0, 0.0689), (4.0, 0.0077)]
)
def test_chain_with_its_middle_level_moved(offset, far):
    model = lz.Chain(**chain(offset))
    P, error = solved(model)
    assert_allclose(P[0, 0], 0.2801738, rtol=0, atol=5e-8)  # for every offset
    assert_allclose(P[2, 0], far, rtol=0, atol=5e-5)
    mirrored, _ = solved(lz.Chain(**chain(-offset)))
    assert_allclose(P[0, 2], mirrored[2, 0], rtol=0, atol=2 * error.max())
    with pytest.warns(LzopenWarning, match="overlap"):
        guess = theory.independent_crossings(**as_diagram(chain(offset)))
    assert abs(guess.probability - P).max() > 0.03


def test_chain_against_the_order_of_time_is_a_virtual_crossing():
    P = [solved(lz.Chain(**chain(offset)))[0][2, 0] for offset in (4.0, 8.0, 16.0)]
    virtual = 1 - single(0.45**2 / np.array([4.0, 8.0, 16.0]), 2.0)
    assert_allclose(virtual[0], 0.0080, rtol=0, atol=5e-5)
    assert_allclose(P, virtual, rtol=0.05)
    assert_allclose(P[2], virtual[2], rtol=0.01)


def test_chain_tends_to_the_product_of_its_crossings():
    p = single(0.45, 1.0)
    guess = theory.independent_crossings(**as_diagram(chain(-40.0)))
    assert guess.probability[2, 0] == pytest.approx((1 - p) ** 2)
    assert_allclose((1 - p) ** 2, 0.5181, rtol=0, atol=5e-5)
    offsets = -np.array([5.0, 10.0, 20.0, 40.0])
    miss = [abs(solved(lz.Chain(**chain(e)))[0][2, 0] - (1 - p) ** 2) for e in offsets]
    assert max(miss) < 0.04
    assert miss[-1] < 0.004


def test_independent_crossings_are_exact_for_a_comb():
    slopes, table = np.eye(5)[0], np.zeros((5, 5))
    table[0, 1:] = g = [0.3, 0.2, 0.4, 0.1]
    energies = [30.0, -30.0, 60.0, 0.0]
    for rate in (1.0, -1.0):
        guess = theory.independent_crossings(
            slopes=rate * slopes, offsets=[0, *energies], couplings=table
        )
        exact = theory.demkov_osherov(rate=rate, offsets=energies, couplings=g)
        assert_allclose(guess.probability, exact, atol=1e-15)
        assert not guess.interference.any()


@pytest.mark.slow
def test_trusted_crossings_are_right_within_five_percent():
    rng, misses = np.random.default_rng(8), []
    strong = chain(-8.0, g=1.0)  # about the worst
    guess = theory.independent_crossings(**as_diagram(strong))
    assert 0.03 < abs(guess.probability - solved(lz.Chain(**strong))[0]).max() < 0.05
    while len(misses) < 8:
        size = int(rng.integers(3, 5))
        numbers = {
            "slopes": rng.normal(size=size),
            "offsets": 12 * rng.normal(size=size),
            "couplings": random_table(rng, size, 0.3, filled=0.6).real,
        }
        try:
            guess = theory.independent_crossings(**numbers)
        except LzopenWarning:
            continue  # warnings are errors here
        P, _ = solved(lz.Crossing(**numbers), tol=1e-4)
        misses.append(np.abs(P - guess.probability).max())
    assert 1e-4 < max(misses) < 0.05


def test_overlap_is_duration_over_distance():
    with pytest.warns(LzopenWarning, match="overlap") as caught:
        guess = theory.independent_crossings(**as_diagram(chain(-2.0)))
    duration = theory.jump_time(rate=1.0, gap=0.9)
    assert guess.overlap == caught[0].message.value == pytest.approx(duration / 4.0)
    assert caught[0].filename == __file__
    with pytest.warns(LzopenWarning, match="overlap"):
        assert theory.independent_crossings(**as_diagram(chain(0.0))).overlap == np.inf


@pytest.mark.parametrize(
    ("phase", "expected"), [(0.0, 0.4975), (np.pi / 2, 0.4909), (np.pi, 0.1893)]
)
def test_the_phase_around_a_loop_counts(phase, expected):
    P, _ = solved(lz.Crossing(**triangle(phase)))
    assert_allclose(P[1, 0], expected, rtol=0, atol=6e-5)
    assert_allclose(P[[0, 2], [0, 2]], [0.428920, 0.341852], rtol=0, atol=5e-7)  # immune


def test_paths_that_meet_again_are_reported():
    far = triangle(0.0) | {"offsets": [0.0, -200.0, 0.0]}
    with pytest.warns(LzopenWarning, match="Several paths") as caught:
        guess = theory.independent_crossings(**far)
    assert caught[0].message.value == guess.interference.sum() == 4
    assert guess.interference[2, 0]


# --- a rotating coupling (E9)


@pytest.mark.parametrize(
    ("omega", "chirp", "limit"),
    [(2.0, 0.0, 0.20787975), (0.0, 0.5, 0.0432143), (0.0, -0.5, 0.3509199), (1.3, 0.5, 0.0432143)],
)
def test_a_rotating_coupling_changes_only_where_and_how_fast(omega, chirp, limit):
    model = lz.TwoLevel(sweep=lz.Linear(1.0), gap=lz.Rotating(1.0, omega=omega, chirp=chirp))
    P, error = solved(model, window=(-9.0, 11.0), readout="diabatic")
    rate = 1.0 - chirp
    shift = omega / rate
    U = theory.finite_time_propagator(rate=rate, gap=1.0, t0=-9.0 - shift, t1=11.0 - shift)
    assert (np.abs(P - np.abs(U) ** 2) <= error + 1e-13).all()
    assert_allclose(theory.landau_zener(rate=rate, gap=1.0), limit, rtol=0, atol=1e-6)


# --- builders


def test_batches_of_builders_by_name():
    spin = lz.vary(
        lz.SpinCrossing(spin=1, rate=1.0, gap=0.8), {"rate": [1.0, 2.0], "gap": [0.3, 0.8, 1.1]}
    )
    P, error = solved(spin)
    exact = theory.spin_crossing(spin=1, rate=np.array([[1.0], [2.0]]), gap=[0.3, 0.8, 1.1])
    assert (np.abs(P - exact) <= error).all()
    comb = lz.vary(lz.DemkovOsherov(**COMB, offsets=[-3.0, 0.0, 2.0]), {"rate": [-1.0, 0.5]})
    exact = theory.demkov_osherov(
        rate=[-1.0, 0.5], offsets=[-3.0, 0.0, 2.0], couplings=[0.3, 0.2, 0.4]
    )
    P, error = solved(comb)
    assert (np.abs(P - exact) <= error + 1e-13).all()
    dark = lz.vary(lz.QuadraticSpinOne(rate=1.0, coupling=0.1), {"coupling": [0.1, 0.2]})
    assert dark.batch_shape == (2,)


def test_any_sweep_takes_the_place_of_time():
    drive = lz.Sinusoidal(3.0, 1.1)
    for model in (
        lz.Crossing(**triangle(0.3), sweep=drive),
        lz.Chain(**chain(0.5), sweep=drive),
        lz.BowTie(slopes=[1.0, -2.0], couplings=[0.2, 0.3], sweep=drive),
        lz.DemkovOsherov(sweep=drive, offsets=[0.4], couplings=[0.2]),
        lz.VSystem(sweep=drive, splitting=0.4, couplings=[0.2, 0.3]),
        lz.SpinCrossing(spin=1, sweep=drive, gap=lz.SignFlip(0.5, at=0.2)),
        lz.QuadraticSpinOne(sweep=drive, coupling=0.5),
    ):
        assert model.parameters["sweep.omega"] == 1.1
        t = np.array([0.0, 0.9])
        moved = np.subtract(*model.hamiltonian(t)[::-1]) / (drive(0.9) - drive(0.0))
        slopes = np.diag(model.terms[0][0])
        assert_allclose(np.diag(moved), slopes, atol=1e-14)


def test_couplings_are_completed_from_above_or_hermitian():
    numbers = triangle(0.7)
    upper = lz.Crossing(**numbers)
    full = lz.Crossing(**numbers | {"couplings": upper.couplings})
    assert_array_equal(full.couplings, upper.couplings)
    assert_array_equal(upper.couplings, upper.couplings.conj().T)
    with pytest.raises(ValueError, match="read-only"):
        upper.couplings[0, 1] = 1.0


LADDER = {"slopes": [1.0, -1.0], "offsets": [0.0, 0.0]}
STAR = {"offsets": [0.0, 1.0], "couplings": [0.1, 0.2]}


@pytest.mark.parametrize(
    ("argument", "call"),
    [
        ("couplings", lambda: lz.Crossing(slopes=[1, 0], couplings=[[0, 1], [2, 0]])),
        ("couplings", lambda: lz.Crossing(slopes=[1, 0], couplings=[[1, 1], [1, 0]])),
        ("couplings", lambda: lz.Crossing(slopes=[1, 0], couplings=[0.3])),
        ("couplings", lambda: lz.Crossing(slopes=[1, 0], couplings=[[0, np.nan], [0, 0]])),
        ("slopes", lambda: lz.Crossing(slopes=[0, 0], couplings=np.zeros((2, 2)))),
        ("slopes", lambda: lz.Crossing(slopes=1.0, couplings=np.zeros((1, 1)))),
        ("slopes", lambda: lz.Chain(slopes=[[1, 0], [1, 0]], couplings=[0.1])),
        ("offsets", lambda: lz.Chain(slopes=[1, 0], offsets=[0.0], couplings=[0.1])),
        ("couplings", lambda: lz.Chain(slopes=[1, 0, 2], couplings=[0.1])),
        ("sweep", lambda: lz.Chain(slopes=[1, 0], couplings=[0.1], sweep=1.0)),
        ("sweep", lambda: lz.Chain(slopes=[1, 0], couplings=[0.1], sweep=lz.Rotating(1.0, 1.0))),
        ("rate", lambda: lz.DemkovOsherov(**STAR)),
        ("rate", lambda: lz.DemkovOsherov(**STAR, rate=1.0, sweep=lz.Linear(1.0))),
        ("rate", lambda: lz.DemkovOsherov(**STAR, rate=0.0)),
        ("couplings", lambda: lz.DemkovOsherov(rate=1.0, offsets=[0.0], couplings=[1, 2])),
        ("couplings", lambda: lz.VSystem(rate=1.0, splitting=1.0, couplings=[1.0])),
        ("splitting", lambda: lz.VSystem(rate=1.0, splitting=np.inf, couplings=[1.0, 1.0])),
        ("splitting", lambda: lz.BowTie(slopes=[1.0], couplings=[1.0], splitting=0.0)),
        ("slopes", lambda: lz.BowTie(slopes=[1.0, 0.0], couplings=[1.0, 1.0])),
        ("spin", lambda: lz.SpinCrossing(spin=0.7, rate=1.0, gap=1.0)),
        ("spin", lambda: lz.SpinCrossing(spin=0, rate=1.0, gap=1.0)),
        ("gap", lambda: lz.SpinCrossing(spin=1, rate=1.0, gap=-1.0)),
        ("coupling", lambda: lz.QuadraticSpinOne(rate=1.0, coupling=1j)),
        ("sweep", lambda: lz.QuadraticSpinOne(sweep=2.0, coupling=1.0)),
        ("rate", lambda: theory.demkov_osherov(rate=0, offsets=[0.0], couplings=[1.0])),
        ("couplings", lambda: theory.demkov_osherov(rate=1, offsets=[0.0], couplings=[1.0, 2.0])),
        ("offsets", lambda: theory.demkov_osherov(rate=1, offsets=0.0, couplings=[1.0])),
        ("slopes", lambda: theory.bow_tie(slopes=[1.0, 1.0], couplings=[0.1, 0.1])),
        ("slopes", lambda: theory.generalised_bow_tie(slopes=[0.0], couplings=[0.1])),
        ("couplings", lambda: theory.brundobler_elser(slopes=[1, 0], couplings=np.eye(3))),
        ("offsets", lambda: theory.forbidden_transitions(slopes=[1, 0], offsets=[0], couplings=0)),
        (
            "couplings",
            lambda: theory.independent_crossings(
                slopes=[1, 1], offsets=[0, 1], couplings=[[0, 0.1], [0, 0]]
            ),
        ),
        ("spin", lambda: theory.spin_crossing(spin=[1, 2], rate=1.0, gap=1.0)),
        ("rate", lambda: theory.quadratic_spin_one(rate=0.0, coupling=1.0)),
        ("coupling", lambda: theory.quadratic_spin_one(rate=1.0, coupling=1j)),
    ],
)
def test_bad_input_is_named(argument, call):
    with pytest.raises(LzopenError, match=f"Argument `{argument}` must"):
        call()
