"""Lines through one point, and spins: closed forms against the dynamics and numbers."""

from __future__ import annotations

import numpy as np
import pytest
import qutip
from numpy.testing import assert_allclose
from scipy.linalg import expm

import lzopen as lz
from diagrams import agree, single, solved
from lzopen import theory

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
