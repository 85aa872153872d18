"""Windows of a batch on the engine: honest errors, whatever stands side by side."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose

import lzopen as lz
from lzopen import theory
from lzopen.dynamics import power_series, propagation, steps
from lzopen.dynamics.closing import _expanded_at
from lzopen.dynamics.generators import liouvillian
from lzopen.dynamics.propagation import generators, refined_propagator, step_edges
from lzopen.dynamics.straight import straight_line, straight_lines, straight_states
from lzopen.dynamics.tails import final_populations
from lzopen.models.members import members
from zoo import leg, square, swap

TOL = 1e-8


def hermitian(rng, size):
    matrix = rng.normal(size=(size, size)) + 1j * rng.normal(size=(size, size))
    return 0.5 * (matrix + matrix.conj().T)


def waveform(rng, count):
    """A polynomial between kinks, which lie elsewhere for each member."""
    a, b, c = rng.normal(size=(3, count)) * [[3.0], [1.0], [2.0]]
    tables = np.sort(rng.uniform(-4, 4, (count, 5)), axis=-1), rng.normal(size=(count, 5))
    kinds = [
        lambda: lz.Linear(a).shifted(b),
        lambda: lz.Constant(a),
        lambda: lz.PowerLaw(a, float(rng.integers(2, 5)), "touching"),
        lambda: lz.Triangle(a, 2 * np.abs(b) + 0.2, c),
        lambda: lz.Square(a, 2 * np.abs(b) + 0.2, c),
        lambda: lz.SignFlip(a, at=c),
        lambda: lz.Tabulated(*tables, kind=rng.choice(["linear", "step"])),
        lambda: lz.DoublePassage(np.abs(a) + 0.01, np.abs(b) + 0.1),
    ]
    return kinds[rng.integers(len(kinds))]()


def random_batch(rng, count):
    size = int(rng.integers(2, 5))
    environments = []
    if rng.random() < 0.4:
        rates = 10 ** rng.uniform(-2, 1, count)
        environments.append(lz.Dephasing(rates, hermitian(rng, size)))
    if rng.random() < 0.3:
        environments.append(lz.Decay(10 ** rng.uniform(-2, 1, count), source=0, target=1))
    if rng.random() < 0.2:
        environments.append(lz.Leak(level=0, rate=10 ** rng.uniform(-2, 1, count)))
    terms = [(hermitian(rng, size), waveform(rng, count)) for _ in range(3)]
    return lz.Model(terms=terms, environments=environments)


def random_windows(rng, count):
    start = rng.uniform(-3, 1, count)
    return start, start + 10 ** rng.uniform(-1.5, 0.8, count)


def distance(first, second):
    return np.linalg.norm(first - second, axis=(-2, -1), keepdims=True)


# -- propagators of polynomials


@pytest.mark.parametrize("seed", range(30))
def test_power_series_equal_magnus_steps(seed, monkeypatch):
    rng = np.random.default_rng([1, seed])
    model, window = random_batch(rng, 4), random_windows(rng, 4)
    found, error = refined_propagator(model, *window, TOL)
    monkeypatch.setattr(power_series, "degree", lambda *_: None)
    other, off = refined_propagator(model, *window, 1e-11)
    assert (distance(found, other) <= error + off).all()
    assert error.max() < TOL * max(1.0, np.linalg.norm(found, axis=(-2, -1)).max())


@pytest.mark.parametrize("seed", range(30))
def test_power_series_leave_out_no_more_than_they_say(seed):
    rng = np.random.default_rng([8, seed])
    model, window = random_batch(rng, 4), random_windows(rng, 4)
    exact, off = refined_propagator(model, *window, 1e-15)
    for tol in (1e-1, 1e-3, 1e-6):
        found, error = refined_propagator(model, *window, tol)
        assert (distance(found, exact) <= error + off).all()
        assert error.max() < tol * max(1.0, np.linalg.norm(found, axis=(-2, -1)).max())


@pytest.mark.parametrize("seed", range(30))
def test_power_series_do_not_depend_on_their_steps(seed, monkeypatch):
    rng = np.random.default_rng([2, seed])
    model, window = random_batch(rng, 6), random_windows(rng, 6)
    found, error = refined_propagator(model, *window, TOL)
    monkeypatch.setattr(propagation, "_RADIANS", 2.7)
    other, off = refined_propagator(model, *window, TOL)
    assert (distance(found, other) <= error + off).all()


def test_density_matrices_that_nothing_moves():
    model = lz.Model(terms=[(np.zeros((2, 2)), lz.Linear(1.0))])
    found, _ = refined_propagator(model, np.zeros(2), np.ones(2), TOL, densities=True)
    assert_allclose(found, np.broadcast_to(np.eye(4), (2, 4, 4)), atol=1e-15)


def test_power_series_of_a_linear_crossing_to_twelve_digits():
    rate = np.array([0.1, 1.0, -3.0, 40.0])
    gap = np.array([3.0, 0.5, 1.0 - 0.4j, 9.0])
    t0, t1 = np.array([-40.0, -8.0, -3.0, -2.0]), np.array([30.0, 80.0, 5.0, 2.0])
    found, error = refined_propagator(lz.TwoLevel(sweep=lz.Linear(rate), gap=gap), t0, t1, 1e-13)
    exact = leg(rate, gap, rate * t0, rate * t1)
    assert_allclose(square(found), square(exact), atol=1e-12)
    assert error.max() < 1e-11


def test_cells_without_phase_are_not_skipped():
    """A step must not reach across a kink because nothing happens before it."""
    pulse = lz.Tabulated([0.0, 5.0, 5.5, 6.0, 9.0], [0.0, 0.0, 2 * np.pi, 0.0, 0.0])
    model = lz.TwoLevel(sweep=lz.Constant(0.0), gap=pulse)  # an area of π
    found, _ = refined_propagator(model, np.array([-50.0, 1.0]), np.array([60.0, 7.0]), TOL)
    assert_allclose(square(found), np.broadcast_to(swap(0.0), (2, 2, 2)), atol=1e-12)


@pytest.mark.parametrize(
    ("sweep", "degree"),
    [
        (lz.Constant(1.0), 0),
        (lz.Linear(2.0), 1),
        (lz.Triangle(1.0, 3.0) + lz.Linear(1.0), 1),
        (lz.PowerLaw(1.0, 3.0) + lz.Square(1.0, 2.0), 3),
        (lz.PowerLaw(1.0, 7.0), None),
        (lz.PowerLaw(1.0, 0.5), None),
        (lz.Sinusoidal(1.0, 1e-6), None),
        (lz.Sech(1.0, 0.01, center=500.0), None),
    ],
)
def test_polynomials_are_told_from_what_only_looks_like_one(sweep, degree):
    """Far from a pulse all of its derivatives are round-off."""
    middle = np.array([[-7.0, 0.3, 4.0]])
    assert power_series.degree(((np.eye(2), sweep),), middle) == degree


# -- each member as if it were alone


@pytest.mark.parametrize("seed", range(20))
def test_each_window_as_if_it_were_alone(seed):
    rng = np.random.default_rng([3, seed])
    model, window = random_batch(rng, 5), random_windows(rng, 5)
    found, error = refined_propagator(model, *window, TOL)
    for k in range(5):
        one = members(model, [k]) if model.batch_shape else model
        alone, _ = refined_propagator(one, *(end[k : k + 1] for end in window), TOL)
        assert distance(found[k], alone[0]).item() <= error[k].item()


def test_fast_and_slow_drives_side_by_side():
    """Frequencies over six decades, each over five periods: nobody pays for the others."""
    omega = np.geomspace(1e-3, 1e3, 13)
    drive = lz.Sinusoidal(amplitude=2.0 * omega, omega=omega, bias=0.5 * omega, phase=0.3)
    model = lz.TwoLevel(sweep=lz.Constant(0.0), gap=drive)  # commutes with itself at all times
    end = 31.0 / omega
    found = lz.transition_matrix(model, window=(0.0, end), readout="diabatic")
    angle = 0.25 * 31.0 + np.sin(31.3) - np.sin(0.3)
    exact = swap(np.cos(angle) ** 2)
    true = np.abs(found.probability.values - exact)
    assert (true <= found.error.values + 1e-13).all()
    assert found.error.max() <= TOL


def test_steps_of_a_member_do_not_depend_on_the_others(monkeypatch):
    counted = []
    laid = steps.GradedSteps.edges

    def edges(self, rows, refinement=1):
        counted.append((refinement, self.counts.sum(axis=-1)[rows] * refinement))
        return laid(self, rows, refinement)

    monkeypatch.setattr(steps.GradedSteps, "edges", edges)
    rates = np.array([0.05, 1.0, 30.0])
    sweep = lz.Linear(rates) + lz.Sinusoidal(1.0, 3.0)
    refined_propagator(lz.TwoLevel(sweep=sweep, gap=1.0), np.full(3, -8.0), np.full(3, 8.0), TOL)
    together, counted[:] = list(counted), []
    for rate in rates:
        single = lz.TwoLevel(sweep=lz.Linear(rate) + lz.Sinusoidal(1.0, 3.0), gap=1.0)
        refined_propagator(single, np.array([-8.0]), np.array([8.0]), TOL)
    most = sum(int(count.sum()) for _, count in together)
    assert most <= 1.01 * sum(int(count.sum()) for _, count in counted)


def test_blocks_and_slices_change_nothing(monkeypatch):
    rng = np.random.default_rng(4)
    rate, gap = 10 ** rng.uniform(-1.5, 1.5, 60), rng.uniform(0.1, 2.0, 60)
    ends = 12 / np.sqrt(rate)
    # Blocks leave out different numbers of terms, unless none is to be left out.
    for sweep, tol in ((lz.Linear(rate), 1e-15), (lz.Linear(rate) + lz.Sinusoidal(0.5, 2.0), TOL)):
        model = lz.TwoLevel(sweep=sweep, gap=gap)
        whole, _ = refined_propagator(model, -ends, ends, tol)
        with monkeypatch.context() as patch:
            patch.setattr(propagation, "_WINDOWS", 7)
            patch.setattr(steps, "_FEW", 0)
            patch.setattr(steps, "_AT_ONCE", 64)
            patch.setattr(power_series, "_AT_ONCE", 100)
            parts, _ = refined_propagator(model, -ends, ends, tol)
        assert_allclose(parts, whole, rtol=0, atol=2e-14)


def test_rows_of_edges_are_filled_up_with_their_end():
    model = lz.TwoLevel(sweep=lz.Triangle(1.0, np.array([0.5, 3.0])), gap=1.0)
    edges = step_edges(model, np.zeros(2), np.array([2.0, 9.0]), np.array([5, 40]))
    assert (np.diff(edges) >= 0).all()
    assert_allclose(edges[:, [0, -1]], [[0.0, 2.0], [0.0, 9.0]])
    for row, end, omega in ((0, 2.0, 0.5), (1, 9.0, 3.0)):
        bends = np.arange(1, end * omega / np.pi) * np.pi / omega
        assert np.abs(edges[row] - bends[:, None]).min(axis=-1).max(initial=0.0) < 1e-12


# -- limits of batches


@pytest.mark.parametrize("seed", range(6))
def test_limits_of_rates_over_eight_decades(seed):
    rng = np.random.default_rng([5, seed])
    rate = 10 ** rng.uniform(-4, 4, 30) * rng.choice([-1, 1], 30)
    x = 10 ** rng.uniform(-3, 1.3, 30)
    gap = np.sqrt(x * np.abs(rate)) * np.exp(2j * np.pi * rng.random(30))
    offset = 10 * rng.normal(size=30) * np.sqrt(np.abs(rate))
    tol = 10.0 ** -rng.integers(2, 11)
    model = lz.TwoLevel(sweep=lz.Linear(rate) + lz.Constant(offset), gap=gap)
    found = lz.transition_matrix(model, tol=tol)
    exact = np.moveaxis(swap(theory.landau_zener(rate=rate, gap=gap)), -1, 0)
    assert (np.abs(found.probability.values - exact) <= found.error.values).all()
    assert found.error.max() <= tol


@pytest.mark.parametrize("seed", range(4))
def test_limits_of_combs(seed):
    rng = np.random.default_rng([6, seed])
    rate, count = 10 ** rng.uniform(-1, 1, 6), int(rng.integers(2, 4))
    unit = np.sqrt(rate)[:, None]
    offsets = np.cumsum(rng.uniform(1, 4, (6, count)), axis=-1) * unit
    couplings = rng.uniform(0.05, 1.0, (6, count)) * unit
    model = lz.DemkovOsherov(rate=rate, offsets=offsets, couplings=couplings)
    found = lz.transition_matrix(model)
    combs = zip(rate, offsets, couplings, strict=True)
    exact = [theory.demkov_osherov(rate=a, offsets=o, couplings=g) for a, o, g in combs]
    assert (np.abs(found.probability.values - exact) <= found.error.values + 1e-14).all()
    assert found.error.max() <= TOL


def test_dephased_batch_equals_its_members():
    rates = np.geomspace(0.05, 20.0, 7)
    dephased = lz.TwoLevel(sweep=lz.Linear(1.0), gap=1.0).with_environment(lz.Dephasing(0.1))
    batch = lz.transition_matrix(lz.vary(dephased, {"sweep.rate": rates}), tol=1e-9)
    for k, rate in enumerate(rates):
        alone = lz.transition_matrix(dephased.with_parameters({"sweep.rate": rate}), tol=1e-9)
        allowed = batch.error[k] + alone.error
        assert (np.abs(batch.probability[k] - alone.probability) <= allowed).all()
    assert batch.error.max() <= 1e-9


# -- straight lines at all times


@pytest.mark.parametrize(
    ("waveform", "line"),
    [
        (lz.Constant(2.0), (2.0, 0.0)),
        (lz.Linear(3.0).shifted(7.0), (-21.0, 3.0)),
        (lz.Linear(3.0).reversed() * 2.0 + lz.Constant(1.0), (1.0, -6.0)),
        (lz.PowerLaw(1.0, 7.0), None),
        (lz.PowerLaw(1.0, 0.5), None),
        (lz.DoublePassage(1.0, 2.0), None),
        (lz.Sinusoidal(1.0, 1.0), None),
        (lz.Triangle(1.0, 1.0), None),
        (lz.Linear(1.0) + lz.Sech(1.0, 1e-3, center=300.0), None),
        (lz.Linear(1.0).then(lz.Linear(2.0), at=0.0), None),
    ],
    ids=lambda x: type(x).__name__,
)
def test_straight_lines_are_told(waveform, line):
    assert straight_line(waveform) == (None if line is None else pytest.approx(line))


STARS = {
    "two levels": lz.TwoLevel(sweep=lz.Linear(1.0) + lz.Constant(0.7), gap=1.1 - 0.4j),
    "parallel": lz.DemkovOsherov(rate=1.0, offsets=[-2.0, 0.0, 3.0], couplings=[0.3, 0.2, 0.4]),
    "bow tie": lz.BowTie(slopes=[1.0, -0.7], couplings=[0.4, 0.3]),
    "chain": lz.Chain(slopes=[1, 0, -1], offsets=[0, 2, 0.5], couplings=[0.4, 0.5j]),
}


@pytest.mark.parametrize("name", STARS)
def test_powers_of_time_equal_taylor_series(name):
    """Two formal solutions, one around the crossings and one around the end."""
    t = np.array([-40.0, -25.0, -15.0, 12.0, 15.0, 22.0, 60.0])
    states, error = straight_states(*straight_lines(STARS[name].terms), t)
    other, off = _expanded_at(STARS[name], t)
    missed = np.linalg.norm(states - other, axis=-2)
    assert (missed <= error + off + 1e-14).all()
    assert error.min(axis=-1).min() < 1e-12


@pytest.mark.parametrize("seed", range(8))
def test_slow_motion_in_powers_of_time(seed):
    """Closing early, and integrating on and closing later, differ by less than they say."""
    rng = np.random.default_rng([7, seed])
    size = 2 + seed % 2
    g = np.triu(0.4 * rng.normal(size=(size, size)) + 0.3j * rng.normal(size=(size, size)), 1)
    still = np.diag(rng.normal(size=size)) + g + g.conj().T
    rate = 10 ** rng.uniform(-0.7, 0.7, 3)
    environments = [
        lz.Dephasing(10 ** rng.uniform(-3, 0.5, 3), np.diag(rng.normal(size=size))),
        lz.Decay(10 ** rng.uniform(-2, 0.3, 3), source=0, target=1),
    ]
    slopes = np.diag([1.0, -0.6, 0.1][:size])
    terms = [(slopes, lz.Linear(rate)), (still, lz.Constant(1.0))]
    model = lz.Model(terms=terms, environments=environments[: 1 + seed % 3 % 2])
    lines = zip(straight_lines(liouvillian(model)), (lz.Constant(1.0), lz.Linear(1.0)), strict=True)
    moving, center = tuple(lines), np.zeros(3)
    (start, early, off), (end, late, left) = (
        (t, *final_populations(moving, size, t, center, 1.0, straight=True))
        for t in (10 / np.sqrt(rate) + 3 / rate, 18 / np.sqrt(rate) + 5 / rate)
    )
    passed, error = refined_propagator(model, start, end, 1e-12, True)
    missed = np.abs(early - late @ passed).max(axis=(-2, -1))
    assert (missed <= off + left + 3 * error[:, 0, 0] + 1e-13).all()
    assert left.max() < 1e-9


def test_generators_of_a_qubit_stay_traceless():
    """On which the series of its first column alone relies."""
    model = lz.TwoLevel(sweep=lz.Linear(0.3), gap=0.7 + 0.1j)
    assert not any(np.trace(matrix) for matrix, _ in generators(model))
