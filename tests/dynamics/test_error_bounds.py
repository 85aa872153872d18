"""Reported errors against true ones, for random models and sweeps with infinite slopes."""

from __future__ import annotations

import numpy as np
import pytest

import lzopen as lz
from lzopen.dynamics.generators import generators
from lzopen.dynamics.magnus import propagator
from lzopen.dynamics.propagation import step_edges

ROUND_OFF = 1e-12  # of the reference


def random_waveform(rng):
    a, b, phase = rng.normal(size=3)
    omega = abs(b) + 0.2
    kinds = [
        lambda: lz.Linear(a),
        lambda: lz.PowerLaw(a, 3.0),
        lambda: lz.Sinusoidal(2 * a, 3 * omega, b, phase),
        lambda: lz.Triangle(2 * a, 2 * omega, b, phase),
        lambda: lz.Square(2 * a, 2 * omega, b, phase),
        lambda: lz.Tabulated(np.sort(rng.uniform(-3, 3, 6)), 2 * rng.normal(size=6)),
        lambda: lz.Linear(a).then(lz.Sinusoidal(b, 2.0), at=phase),
    ]
    return kinds[rng.integers(len(kinds))]()


def random_model(rng, size):
    def hermitian():
        matrix = rng.normal(size=(size, size)) + 1j * rng.normal(size=(size, size))
        return matrix + matrix.conj().T

    return lz.Model(terms=[(hermitian() / 2, random_waveform(rng)) for _ in range(3)])


def random_window(rng):
    start, end = np.sort(rng.uniform(-3, 3, 2))
    return start, max(end, start + 0.3)


def singular_model(rng, exponent):
    kind = rng.choice(["crossing", "touching"])
    sweep = lz.PowerLaw(3 * rng.normal(), exponent, kind) + lz.Constant(rng.normal())
    return lz.TwoLevel(sweep=sweep, gap=2 * abs(rng.normal()))


def fine_probabilities(model, start, end):
    return np.abs(propagator(generators(model), step_edges(model, start, end, 3000))) ** 2


def graded_probabilities(model, start, end):
    """Steps that shrink towards the infinite slope at t = 0, laid out here."""
    s = np.linspace(0, 1, 4001) ** 9
    return np.abs(propagator(generators(model), np.append(start * s[::-1], end * s[1:]))) ** 2


def assert_bounded(found, exact, error):
    assert (np.abs(found - exact) <= error + ROUND_OFF).all()


@pytest.mark.parametrize("seed", range(60))
def test_error_of_a_random_window(seed):
    rng = np.random.default_rng(seed)
    model, window = random_model(rng, rng.integers(2, 5)), random_window(rng)
    exact = fine_probabilities(model, *map(np.float64, window))
    for tol in (1e-2, 1e-5, 1e-8):
        found = lz.transition_matrix(model, window=window, readout="diabatic", tol=tol)
        assert found.error.max() <= tol
        assert_bounded(found.probability, exact, found.error)


@pytest.mark.parametrize("exponent", [1 / 3, 0.5, 0.7, 1.5, 2.5])
def test_error_beside_an_infinite_slope(exponent):
    rng = np.random.default_rng(1)
    for _ in range(12):
        model = singular_model(rng, exponent)
        window = -rng.uniform(0.1, 5), rng.uniform(0.1, 5)
        exact = graded_probabilities(model, *window)
        for tol in (1e-4, 1e-9):
            found = lz.transition_matrix(model, window=window, readout="diabatic", tol=tol)
            assert found.error.max() <= tol
            assert_bounded(found.probability, exact, found.error)


@pytest.mark.parametrize("solver", ["auto", "engine"])
def test_error_of_an_evolution(solver):
    rng = np.random.default_rng(2)
    for _ in range(15):
        model, (start, end) = random_model(rng, rng.integers(2, 4)), random_window(rng)
        times = np.linspace(start, end, 5)
        exact = [fine_probabilities(model, times[0], t)[:, 0] for t in times[1:]]
        for tol in (1e-3, 1e-7):
            run = lz.evolve(model, times=times, solver=solver, tol=tol)
            assert_bounded(run.population[1:], exact, run.error[1:])


@pytest.mark.parametrize("solver", ["auto", "engine"])
def test_error_of_an_evolution_through_an_infinite_slope(solver):
    rng = np.random.default_rng(3)
    for _ in range(10):
        model = singular_model(rng, 0.5)
        start, end = -rng.uniform(0.1, 5), rng.uniform(0.1, 5)
        exact = graded_probabilities(model, start, end)[:, 0]
        run = lz.evolve(model, times=[start, end], solver=solver, tol=1e-6)
        assert_bounded(run.population[-1], exact, run.error[-1])


@pytest.mark.parametrize("solver", ["auto", "engine"])
def test_error_of_an_evolution_never_falls(solver):
    dephased = lz.TwoLevel(sweep=lz.Linear(1.0), gap=1.0, environments=[lz.Dephasing(1.0)])
    run = lz.evolve(dephased, times=np.linspace(-5, 5, 41), solver=solver)
    assert (np.diff(run.error, axis=0) >= 0).all()


def test_steps_close_in_on_an_infinite_slope_only():
    smooth = lz.TwoLevel(sweep=lz.Sinusoidal(1.0, 5.0), gap=lz.SignFlip(1.0, at=0.0))
    steps = np.diff(step_edges(smooth, np.float64(-1.0), np.float64(1.0), 40))
    assert steps.max() < 1.01 * steps.min()
    root = lz.TwoLevel(sweep=lz.PowerLaw(1.0, 0.5).shifted(0.3), gap=1.0)
    edges = step_edges(root, np.float64(-1.0), np.float64(1.0), 40)
    assert np.abs(edges - 0.3)[edges != 0.3].min() < 1e-10
    assert np.diff(edges).max() < 2 / 40


@pytest.mark.parametrize("offset", [1e4, 1e8])
def test_a_common_energy_costs_no_digits(offset):
    slopes = np.diag([1.0, 0.0, -1.0])
    fixed = np.array([[0, 0.5, 0.2], [0.5, 0, 0.3], [0.2, 0.3, 1.0]])

    def found(energy):
        terms = [(slopes, lz.Linear(1.0)), (fixed + energy * np.eye(3), lz.Constant(1.0))]
        return lz.transition_matrix(lz.Model(terms=terms), window=(-5.0, 5.0)).probability

    lost = 10 * np.spacing(1.0 + offset)  # of the elements themselves
    assert np.abs(found(offset) - found(0.0)).max() < lost


def test_dissipation_gets_its_steps():
    """With too few steps the Magnus series ends in the fully mixed state, and stands still."""
    gap, rate, time = 1.0, 3e4, 4.0
    model = lz.TwoLevel(sweep=lz.Linear(1.0), gap=gap, environments=[lz.Dephasing(rate)])
    found = lz.transition_matrix(model, window=(-time / 2, time / 2), readout="diabatic", tol=1e-6)
    exact = 0.5 * (1 + np.exp(-(gap**2) * time / rate))
    assert abs(found.probability[0, 0] - exact) < 1e-8
