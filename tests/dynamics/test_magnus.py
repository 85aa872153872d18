"""The Magnus propagator: its order is measured, its two paths agree, its slices join."""

from __future__ import annotations

from functools import reduce

import numpy as np
import pytest
import qutip
import scipy.linalg
from numpy.testing import assert_allclose

import lzopen as lz
from lzopen import theory
from lzopen.dynamics import magnus
from lzopen.dynamics.generators import generators
from lzopen.dynamics.magnus import expm, propagator
from zoo import LADDER, QUBIT, leg

RATE, GAP, WINDOW = 1.3, 0.9 - 0.4j, (-2.0, 3.0)
SWEEP = lz.TwoLevel(sweep=lz.Linear(RATE), gap=GAP)


def plain(model):
    return tuple((-1j * matrix, waveform) for matrix, waveform in model.terms)


def fast(model, edges):
    """The path of two levels: rotations."""
    return propagator(plain(model), edges)


def general(model, edges):
    """The path of matrices, which a batch axis forces."""
    return propagator(tuple((m[None], w) for m, w in plain(model)), edges)[0]


paths = pytest.mark.parametrize("path", [fast, general])


def uniform(t0, t1, n):
    return np.linspace(t0, t1, n + 1)


def orders(errors):
    return -np.diff(np.log2(errors))


# -- order


@paths
def test_order_of_a_linear_crossing_is_six(path):
    exact = theory.finite_time_propagator(rate=RATE, gap=GAP, t0=WINDOW[0], t1=WINDOW[1])
    found = [path(SWEEP, uniform(*WINDOW, n)) for n in (16, 32, 64)]
    errors = [np.abs(U - exact).max() for U in found]
    assert_allclose(orders(errors), 6, atol=0.2)


@paths
@pytest.mark.parametrize(
    "model",
    [
        lz.TwoLevel(sweep=lz.Sinusoidal(3.0, 1.1, bias=0.3), gap=0.8),
        lz.TwoLevel(sweep=lz.Linear(1.0), gap=lz.Rotating(0.9, omega=1.5, chirp=0.3)),
        lz.TwoLevel(sweep=lz.PowerLaw(0.3, 3.0), gap=1.1),
    ],
    ids=["sine", "rotating gap", "cubic"],
)
def test_order_of_a_curved_drive_is_six(model, path):
    found = [path(model, uniform(*WINDOW, n)) for n in (24, 48, 96, 192)]
    errors = [np.abs(U - found[-1]).max() for U in found[:-1]]
    assert_allclose(orders(errors), 6, atol=0.2)


@pytest.mark.parametrize("size", [3, 4])
def test_order_of_many_levels_is_six(size):
    rng = np.random.default_rng(size)
    A, B, C = (rng.normal(size=(size, size)) + 1j * rng.normal(size=(size, size)) for _ in range(3))
    terms = ((A / 3, lz.Sinusoidal(1.0, 1.3)), (B / 3, lz.Linear(0.4)), (C / 3, lz.Constant(1.0)))
    found = [propagator(terms, uniform(-1.0, 1.5, n)) for n in (16, 32, 64, 256)]
    errors = [np.abs(U - found[-1]).max() for U in found[:-1]]
    assert_allclose(orders(errors), 6, atol=0.2)


def test_order_survives_kinks_at_the_edges_of_steps():
    model = lz.TwoLevel(sweep=lz.Triangle(4.0, np.pi), gap=1.2)
    down, up = leg(-8.0, 1.2, 4.0, -4.0), leg(8.0, 1.2, -4.0, 4.0)
    found = [propagator(generators(model), uniform(0.0, 2.0, n)) for n in (8, 16, 32)]
    errors = [np.abs(U - up @ down).max() for U in found]
    assert_allclose(orders(errors), 6, atol=0.2)


# -- the two paths, batches, slices


@pytest.mark.parametrize("n", [1, 2, 3, 7, 50])
def test_both_paths_agree(n):
    edges = np.sort(np.random.default_rng(n).uniform(*WINDOW, n + 1))
    assert fast(SWEEP, edges).shape == (2, 2)
    assert_allclose(general(SWEEP, edges), fast(SWEEP, edges), atol=1e-14)


@paths
def test_traces_keep_their_phase(path):
    level = lz.Model(terms=[(np.diag([1.0, 0.5]), lz.Linear(0.7)), (np.eye(2), lz.Constant(0.4))])
    exact = np.diag(np.exp(-1j * (0.7 * 2.5 * np.array([1.0, 0.5]) + 0.4 * 5.0)))  # ∫t dt = 2.5
    assert_allclose(path(level, uniform(-2.0, 3.0, 9)), exact, atol=1e-14)


@paths
def test_propagators_are_unitary(path):
    U = path(SWEEP, uniform(-20.0, 20.0, 500))
    assert_allclose(U @ U.conj().T, np.eye(2), atol=1e-12)


@pytest.mark.parametrize("n", [1, 2, 3, 5, 8, 13])
def test_product_of_steps_is_ordered(n):
    edges = uniform(*WINDOW, n)
    singles = [propagator(generators(SWEEP), edges[i : i + 2]) for i in range(n)]
    product = reduce(lambda total, step: step @ total, singles)
    assert_allclose(propagator(generators(SWEEP), edges), product, atol=1e-14)


@paths
def test_slices_join(path, monkeypatch):
    whole = path(SWEEP, uniform(*WINDOW, 101))
    monkeypatch.setattr(magnus, "_SLICE", 64)
    assert_allclose(path(SWEEP, uniform(*WINDOW, 101)), whole, atol=1e-14)


@paths
def test_steps_of_no_length_do_nothing(path):
    edges = uniform(*WINDOW, 12)
    assert_allclose(path(SWEEP, np.repeat(edges, 2)), path(SWEEP, edges), atol=1e-14)


def test_batch_equals_the_loop():
    gaps, rates = np.array([0.2, 1.0, 2.0]), np.array([0.5, -1.0])
    batch = lz.vary(SWEEP, {"gap": gaps, "rate": rates})
    edges = np.broadcast_to(uniform(*WINDOW, 40), (3, 2, 41))
    found = propagator(generators(batch), edges)
    for i, j in np.ndindex(3, 2):
        single = lz.TwoLevel(sweep=lz.Linear(rates[j]), gap=gaps[i])
        assert_allclose(found[i, j], propagator(generators(single), edges[0, 0]), atol=1e-13)


# -- exponentials


@pytest.mark.parametrize("size", [2, 3, 9])
@pytest.mark.parametrize("norm", [1e-9, 0.1, 1.0, 30.0])
def test_expm_equals_scipy(size, norm):
    rng = np.random.default_rng(size)
    A = rng.normal(size=(5, size, size)) + 1j * rng.normal(size=(5, size, size))
    A = A - A.conj().swapaxes(-1, -2) if norm > 1 else A  # keep the large ones unitary
    A *= norm / np.abs(A).sum(axis=-2).max()
    expected = np.array([scipy.linalg.expm(a) for a in A])
    assert_allclose(expm(A), expected, rtol=1e-12, atol=1e-13 * max(norm, 1.0))


def test_expm_of_a_small_matrix_keeps_its_digits():
    A = np.array([[1e-9j, 2e-9], [0.0, -1e-9j]])
    assert_allclose(expm(A) - np.eye(2), A, atol=1e-16)
    assert_allclose(expm(np.zeros((2, 3, 3))), np.broadcast_to(np.eye(3), (2, 3, 3)), atol=0)


# -- density matrices and leaks


@pytest.mark.parametrize(
    "model",
    [
        QUBIT.with_environment(lz.Dephasing(0.4), lz.Decay(0.3, 1, 0)),
        LADDER.with_environment(lz.Decay(0.5, 0, 2), lz.Decay(0.2, 1, 0)),
    ],
    ids=["two levels", "three levels"],
)
def test_superoperator_equals_mesolve(model):
    size = model.n_levels
    superoperator = propagator(generators(model), uniform(-2.0, 3.0, 200))
    start = qutip.rand_dm(size, seed=4)
    options = model.solver_options(-2.0, 3.0) | {"atol": 1e-12, "rtol": 1e-11}
    final = qutip.mesolve(model.H, start, [-2.0, 3.0], model.c_ops, options=options).states[-1]
    found = (superoperator @ start.full().reshape(-1, order="F")).reshape(size, size, order="F")
    assert_allclose(found, final.full(), atol=1e-9)
    assert_allclose(np.eye(size).ravel() @ superoperator, np.eye(size).ravel(), atol=1e-12)


def test_leaks_lower_the_norm():
    leak = (-0.2j * np.eye(2), lz.Constant(1.0))
    leaky = lz.Model(terms=[*SWEEP.terms, leak])
    exact = theory.finite_time_propagator(rate=RATE, gap=GAP, t0=-2.0, t1=3.0) * np.exp(-0.2 * 5)
    assert_allclose(propagator(generators(leaky), uniform(*WINDOW, 200)), exact, atol=1e-11)
