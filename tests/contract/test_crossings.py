"""Level structure: avoided crossings of any model, and what is drawn of them."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.optimize import minimize_scalar

import lzopen as lz
from lzopen import theory


def only(model, t0, t1):
    """The one crossing in a window."""
    found = model.crossings(t0, t1)
    assert found.sizes["crossing"] == 1
    return {name: found[name].values[0] for name in (*found.data_vars, "time")}


def test_one_crossing_gives_back_its_rate_and_gap():
    model = lz.TwoLevel(sweep=lz.Linear(-1.7).shifted(2.5), gap=0.3 - 0.4j)
    found = only(model, -10.0, 10.0)
    assert found["time"] == pytest.approx(2.5, abs=1e-8)
    assert found["gap"] == pytest.approx(0.5, abs=1e-14)
    assert found["slope_difference"] == pytest.approx(1.7, abs=1e-12)
    assert found["levels"].tolist() == [0, 1]
    assert (found["lower"], found["upper"]) == (0, 1)


@pytest.mark.parametrize("half_width", [50.0, 1e6])
@pytest.mark.parametrize("gap", [1.0, 1e-6, 1e-9, 0.0])
def test_narrow_gaps_and_none_are_found_in_any_window(gap, half_width):
    model = lz.TwoLevel(sweep=lz.Linear(1.0).shifted(0.1234567), gap=gap)
    found = only(model, -half_width, half_width)
    assert found["time"] == pytest.approx(0.1234567, abs=1e-7)
    assert found["gap"] == pytest.approx(gap, abs=1e-14)
    assert found["slope_difference"] == pytest.approx(1.0, abs=1e-12)


def test_a_swept_level_meets_each_parallel_one():
    offsets, couplings = np.array([-4.0, 0.5, 5.0]), np.array([0.1, 0.15, 0.2])
    model = lz.DemkovOsherov(rate=2.0, offsets=offsets, couplings=couplings)
    found = model.crossings(-10.0, 10.0)
    assert_allclose(found.time, offsets / 2.0, atol=0.02)
    assert_allclose(found.gap, 2 * couplings, rtol=0.01)
    assert_allclose(found.slope_difference, 2.0, rtol=0.01)
    assert found.levels.values.tolist() == [[0, 1], [0, 2], [0, 3]]
    assert found.lower.values.tolist() == [0, 1, 2]
    stay = theory.landau_zener(rate=found.slope_difference.values, gap=found.gap.values)
    exact = theory.demkov_osherov(rate=2.0, offsets=offsets, couplings=couplings)[0, 0]
    assert np.prod(stay) == pytest.approx(exact, rel=0.01)


def test_crossings_close_together_in_a_long_window():
    """All of them lie between two of the times that are looked at first."""
    offsets, g = np.array([0.0, 1e-3, 0.5, 4.0]), np.array([1e-9, 1e-6, 1e-9, 1e-10])
    model = lz.DemkovOsherov(rate=1.0, offsets=offsets, couplings=g)
    found = model.crossings(-1e6, 1e6 + 3)
    assert_allclose(found.time, offsets, atol=2e-9)
    assert_allclose(found.gap, 2 * g, rtol=1e-5)


def _dense(energies, t):
    """Minima of neighbouring distances, from a dense grid and SciPy."""
    found = []
    for k, distance in enumerate(np.diff(energies(t), axis=-1).T):
        before, here, after = distance[:-2], distance[1:-1], distance[2:]
        for i in 1 + np.flatnonzero((here < before) & (here <= after)):
            low, high = t[i - 1], t[i + 1]
            gap = minimize_scalar(
                lambda x, k=k: np.diff(energies(x)[k : k + 2]).item(),
                bounds=(low, high),
                method="bounded",
                options={"xatol": 1e-10},
            )
            found.append((gap.x, gap.fun))
    return np.array(sorted(found)).reshape(-1, 2)


def test_random_diagrams_against_a_dense_search():
    rng, total = np.random.default_rng(31), 0
    for _ in range(12):
        size = int(rng.integers(2, 6))
        g = 10 ** rng.uniform(-2, 0) * rng.normal(size=(2, size, size))
        model = lz.Crossing(
            slopes=rng.normal(size=size),
            offsets=3 * rng.normal(size=size),
            couplings=np.triu(g[0] + 1j * g[1], k=1),
        )
        found, expected = (
            model.crossings(-30.0, 31.0),
            _dense(model.energies, np.linspace(-30.0, 31.0, 8001)),
        )
        order = np.argsort(found.time.values)
        assert_allclose(found.time.values[order], expected[:, 0], rtol=0, atol=1e-5)
        assert_allclose(found.gap.values[order], expected[:, 1], rtol=0, atol=1e-8)
        total += len(expected)
    assert total > 40


def test_levels_that_others_have_moved():
    """Two levels coupled by V meet the third at ±V, not where the diabatic levels cross."""
    g = np.array([[0, 0.1, 0.1], [0.1, 0, 6.0], [0.1, 6.0, 0]])
    model = lz.Model(terms=[(np.diag([1.0, 0, 0]), lz.Linear(1.0)), (g, lz.Constant(1.0))])
    found = model.crossings(-20.0, 20.0)
    assert_allclose(found.time[0], -6.0, atol=0.05)
    assert_allclose(found.time[-1], 6.0, atol=0.05)


# --- several levels in one point, and levels that nothing couples


@pytest.mark.parametrize("spin", [1.0, 1.5, 10.0])
def test_every_step_of_a_spin(spin):
    found = lz.SpinCrossing(spin=spin, rate=1.3, gap=0.5).crossings(-10.0, 10.3)
    assert found.sizes["crossing"] == 2 * spin
    assert_allclose(found.time, 0.0, atol=1e-7)
    assert_allclose(found.gap, 0.5, rtol=1e-12)
    assert_allclose(found.slope_difference, 1.3, rtol=1e-6)  # not 1.84, which S = 1 gives to two
    assert found.lower.values.tolist() == list(range(int(2 * spin)))


def test_lines_through_one_point():
    found = lz.BowTie(slopes=[1.0, -1.0], couplings=[0.45, 0.45]).crossings(-10.0, 10.3)
    assert_allclose(found.time, [0.0, 0.0], atol=1e-7)
    assert_allclose(found.gap, 0.45 * np.sqrt(2), rtol=1e-12)
    assert_allclose(found.slope_difference, 1.0, rtol=1e-6)


@pytest.mark.parametrize(
    ("model", "gap", "rate"),
    [
        (lz.QuadraticSpinOne(rate=1.0, coupling=0.4), 0.8, 1.0),
        (lz.DemkovOsherov(rate=2.0, offsets=[0.0, 0.0], couplings=[0.3, 0.4j]), 1.0, 2.0),
        (
            lz.Crossing(slopes=[1.0, -1.0, 0.0], couplings=[[0, 0.3, 0], [0, 0, 0], [0, 0, 0]]),
            0.6,
            2.0,
        ),
    ],
)
def test_a_dark_state_in_the_gap_hides_nothing(model, gap, rate):
    found = only(model, -10.0, 10.3)
    assert found["time"] == pytest.approx(0.0, abs=1e-7)
    assert found["gap"] == pytest.approx(gap, abs=1e-12)
    assert found["slope_difference"] == pytest.approx(rate, abs=1e-6)
    assert (found["lower"], found["upper"]) == (0, 2)


def test_uncoupled_levels_cross_where_they_are_equal():
    model = lz.Crossing(
        slopes=[1.0, -1.0, 0.0, 0.0], offsets=[0, 0, 2, 2], couplings=np.zeros((4, 4))
    )
    found = model.crossings(-5.0, 5.1)
    assert_allclose(found.time, [-2, -2, 0, 2, 2], atol=1e-9)
    assert found.levels.values.tolist() == [[1, 2], [1, 3], [0, 1], [0, 2], [0, 3]]
    assert_allclose(found.gap, 0.0, atol=1e-12)
    assert_allclose(found.slope_difference, [1, 1, 2, 1, 1], rtol=1e-12)


@pytest.mark.parametrize("far", [1e5, 1e7])
@pytest.mark.parametrize("gap", [0.05, 0.5])
def test_a_level_far_away_hides_no_crossing(far, gap):
    table = np.diag([gap / 2, 0.0], k=1)
    model = lz.Crossing(slopes=[1.0, -1.0, 0.0], offsets=[0.0, 0.0, far], couplings=table)
    assert only(model, -5.1, 5.0)["gap"] == pytest.approx(gap, abs=1e-7)


# --- sweeps that are not straight


def test_every_passage_of_a_drive():
    model = lz.TwoLevel(sweep=lz.Sinusoidal(10.0, 2 * np.pi), gap=0.5)
    found = model.crossings(0.0, 100.0)
    assert_allclose(found.time, np.arange(0.25, 100.0, 0.5), atol=1e-7)
    assert_allclose(found.slope_difference, 20 * np.pi, rtol=1e-8)


@pytest.mark.parametrize("kind", ["crossing", "touching"])
@pytest.mark.parametrize(
    ("exponent", "slope"), [(1 / 3, np.inf), (0.5, np.inf), (1.5, 0.0), (2.0, 0.0), (3.0, 0.0)]
)
@pytest.mark.parametrize("at", [0.0, 0.7])
def test_a_power_law_is_infinitely_steep_or_rests(exponent, slope, kind, at):
    sweep = lz.PowerLaw(2.0, exponent, kind=kind).shifted(at)
    for model in (
        lz.TwoLevel(sweep=sweep, gap=0.1),
        lz.TwoLevel(sweep=sweep + lz.Constant(0.0), gap=0.1j),
    ):
        found = only(model, -3.0, 3.1)
        assert found["time"] == pytest.approx(at, abs=1e-9)
        assert found["gap"] == pytest.approx(0.1, rel=1e-12)
        assert found["slope_difference"] == pytest.approx(slope, abs=1e-6)


def test_only_what_is_infinitely_steep_counts_so():
    """A steep shift of all levels moves none against another."""
    model = lz.TwoLevel(sweep=lz.Linear(1.5), gap=0.1)
    shifted = lz.Model(terms=[*model.terms, (np.eye(2), lz.PowerLaw(1.0, 0.5))])
    assert only(shifted, -3.0, 3.1)["slope_difference"] == pytest.approx(1.5, abs=1e-9)


@pytest.mark.parametrize("gap", [0.0, 0.5])
def test_a_plateau_counts_once_in_its_middle(gap):
    sweep = lz.Tabulated([-5.0, -1.3, 2.2, 5.0], [-4.0, 0.0, 0.0, 4.0])
    found = only(lz.TwoLevel(sweep=sweep, gap=gap), -5.0, 5.0)
    assert found["time"] == pytest.approx(0.45, abs=1e-6)
    assert found["slope_difference"] == 0
    steps = lz.TwoLevel(sweep=lz.Square(2.0, 3.0, bias=2.0), gap=0.5).crossings(-3.0, 3.0)
    assert_allclose(steps.time, [-np.pi / 3, np.pi / 3], atol=1e-6)
    assert_allclose(steps.gap, 0.5, rtol=1e-12)


@pytest.mark.parametrize(
    "model",
    [
        lz.TwoLevel(sweep=lz.Constant(0.0), gap=0.5),
        lz.SpinCrossing(spin=1, sweep=lz.Constant(0.3), gap=0.5),
        lz.TwoLevel(sweep=lz.Square(2.0, 3.0), gap=0.5),  # jumps to the mirror image
        lz.TwoLevel(sweep=lz.Tabulated([-5.0, -1.3], [-4.0, 0.0]), gap=0.5),  # and rests
        lz.Model(terms=[(np.diag([0.0, 1.0, 3.0]), lz.Constant(1.0)), (np.eye(3), lz.Linear(1e3))]),
        lz.Model(terms=[(np.zeros((2, 2)), lz.Constant(1.0))]),
    ],
)
def test_levels_that_never_meet_have_no_crossing(model):
    found = model.crossings(-5.0, 5.0)
    assert found.sizes["crossing"] == 0
    assert found.levels.shape == (0, 2)


@pytest.mark.parametrize("gap", [0.0, 0.5])
def test_an_end_of_the_window_is_outside(gap):
    model = lz.TwoLevel(sweep=lz.Linear(1.0), gap=gap)
    assert model.crossings(0.0, 10.0).sizes["crossing"] == 0
    assert model.crossings(-10.0, 0.0).sizes["crossing"] == 0
    assert abs(only(model, -1e-6, 10.0)["time"]) < 1e-9
    assert abs(only(model, -10.0, 1e-6)["time"]) < 1e-9


@pytest.mark.parametrize(
    "gap",
    [
        lz.Rotating(0.5, omega=2.0),
        lz.Rotating(0.5, omega=2.0, chirp=0.3),
        lz.SignFlip(0.5, at=0.0),
        lz.SignFlip(0.5, at=1.0),
        lz.Sech(0.5, width=3.0),
    ],
)
def test_couplings_that_move(gap):
    """A phase or a sign of a coupling moves no energy."""
    for model in (
        lz.TwoLevel(sweep=lz.Linear(1.5), gap=gap),
        lz.TwoLevel(sweep=lz.Linear(1.5), gap=gap).with_environment(lz.Leak(level=1, rate=9.0)),
    ):
        found = only(model, -3.0, 3.1)
        assert abs(found["time"]) < 1e-8
        assert found["gap"] == pytest.approx(0.5, rel=1e-12)
        assert found["slope_difference"] == pytest.approx(1.5, abs=1e-7)


def test_the_basis_does_not_matter():
    turn = np.linalg.qr(np.array([[1.0, 2j], [0.5, 1.0]]))[0]
    model = lz.TwoLevel(sweep=lz.Linear(1.5), gap=0.5)
    turned = lz.Model(terms=[(turn @ A @ turn.conj().T, w) for A, w in model.terms])
    found = only(turned, -3.0, 3.1)
    assert found["gap"] == pytest.approx(0.5, rel=1e-12)
    assert found["slope_difference"] == pytest.approx(1.5, abs=1e-7)


def test_a_noisy_record_is_read_at_each_of_its_points():
    rng, t = np.random.default_rng(3), np.linspace(-5.0, 5.0, 2001)
    values = t + 0.1 * rng.normal(size=t.size)
    found = lz.TwoLevel(sweep=lz.Tabulated(t, values), gap=0.01).crossings(-5.0, 5.0)
    passed = found.where(found.gap < 0.010001, drop=True)
    pieces = np.flatnonzero(values[:-1] * values[1:] < 0)
    assert passed.sizes["crossing"] == pieces.size > 5
    assert_allclose(passed.slope_difference, abs(np.diff(values) / np.diff(t))[pieces], rtol=1e-6)


# --- what comes out


def test_crossings_are_saved_and_drawn(tmp_path):
    model = lz.TwoLevel(sweep=lz.DoublePassage(1.0, 5.0), gap=0.5)
    found = model.crossings(-10.0, 10.0)
    assert lz.load(lz.save(found, tmp_path / "crossings.nc")).identical(found)
    circles = lz.plotting.levels(model, -10.0, 10.0).lines[-1]
    assert_allclose(circles.get_xdata(), found.time)
    assert_allclose(circles.get_ydata(), 0.0, atol=1e-9)
    none = lz.plotting.levels(lz.TwoLevel(sweep=lz.Constant(1.0), gap=0.5), -1.0, 1.0)
    assert len(none.lines) == 4


def test_a_batch_has_no_single_structure():
    batch = lz.vary(lz.TwoLevel(sweep=lz.Linear(1.0), gap=1.0), {"gap": [0.1, 0.2]})
    with pytest.raises(lz.LzopenError, match="`crossings` belongs to a single model"):
        batch.crossings(-1.0, 1.0)
