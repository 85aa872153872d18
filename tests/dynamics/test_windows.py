"""Where an infinite sweep is cut off: every crossing must lie inside."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose

import lzopen as lz
from lzopen import theory
from lzopen.dynamics.windows import asymptotic_window


@pytest.mark.parametrize("later", [1.0, 17.3, 50.0, 100.0, -1e4])
def test_crossings_are_found_wherever_they_lie(later):
    sweep = lz.PowerLaw(1.0, 2.0, "touching") - lz.Constant(0.01)  # zeros 0.2 apart
    here, there = (
        lz.transition_matrix(lz.TwoLevel(sweep=s, gap=1.0)) for s in (sweep, sweep.shifted(later))
    )
    assert here.probability[0, 0] < 0.9
    assert_allclose(there.probability, here.probability, atol=2e-8)
    assert_allclose(there.window - later, here.window, atol=1e-2)


def test_two_pairs_of_crossings_far_apart():
    pair = lz.PowerLaw(1.0, 2.0, "touching") - lz.Constant(0.01)
    far = lz.DoublePassage(rate=1.0, turning_point=40.0).shifted(-60.0)
    start, end = asymptotic_window(lz.TwoLevel(sweep=far.then(pair, at=-10.0), gap=1.0))
    assert start < -100.0  # the first zero of the far one
    assert end > 1.0


def test_a_close_approach_counts_without_a_crossing():
    sweep = lz.PowerLaw(1.0, 2.0, "touching").shifted(200.0) + lz.Constant(0.05)
    start, end = asymptotic_window(lz.TwoLevel(sweep=sweep, gap=1.0))
    assert start < 198.0
    assert end > 202.0


def test_members_of_a_batch_have_windows_of_their_own():
    sweep = lz.PowerLaw(1.0, 2.0, "touching") - lz.Constant(0.01)
    batch = lz.TwoLevel(sweep=sweep.shifted(np.array([0.0, 30.0, 1000.0])), gap=1.0)
    found = lz.transition_matrix(batch)
    assert_allclose(found.probability[1:], np.tile(found.probability[0], (2, 1, 1)), atol=2e-8)
    assert_allclose(found.window.mean("side"), [0.0, 30.0, 1000.0], atol=1e-2)


@pytest.mark.parametrize("unit", [1e-9, 1e9])
@pytest.mark.parametrize(
    "build",
    [
        lambda u: lz.TwoLevel(sweep=lz.Linear(1.0 / u**2), gap=1.0 / u),
        lambda u: lz.TwoLevel(sweep=lz.Linear(1.0 / u**2).shifted(3 * u), gap=1.0 / u),
        lambda u: lz.TwoLevel(sweep=lz.DoublePassage(1.0 / u**2, 10.0 / u), gap=1.0 / u),
        lambda u: lz.TwoLevel(sweep=lz.PowerLaw(u**-1.5, 0.5), gap=1.0 / u),
        lambda u: lz.TwoLevel(sweep=lz.Constant(2.0 / u), gap=lz.SignFlip(1.0 / u, 3 * u)),
        lambda u: lz.TwoLevel(
            sweep=lz.Linear(1.0 / u**2) - lz.Linear(1.0 / u**2).shifted(u),
            gap=lz.SignFlip(1.0 / u, 0.0),
        ),
    ],
    ids=["linear", "shifted", "double", "root", "flip", "cancelling"],
)
def test_the_unit_of_time_does_not_matter(build, unit):
    plain, scaled = (lz.transition_matrix(build(u)) for u in (1.0, unit))
    assert_allclose(scaled.probability, plain.probability, atol=1e-11)
    assert_allclose(scaled.window / unit, plain.window, rtol=1e-9)


def test_slopes_that_differ_by_round_off_are_parallel():
    coupling = np.array([[0, 0.1, 0.2], [0.1, 0, 0.2], [0.2, 0.2, 0]])
    apart = np.diag([0.0, 5.0, 0.0])

    def found(slopes):
        terms = [(np.diag(slopes), lz.Linear(1.0)), (coupling + apart, lz.Constant(1.0))]
        return lz.transition_matrix(lz.Model(terms=terms))

    assert_allclose(
        found([0.1 + 0.2, 0.3, 0.0]).probability, found([0.3] * 2 + [0]).probability, atol=1e-9
    )


def test_sums_that_cancel_but_for_round_off_stand_still():
    rates = lz.Linear(0.1) + lz.Linear(0.2) - lz.Linear(0.3)
    assert rates.asymptote(1) == (0.0, 0)
    value, power = (rates + lz.Linear(0.3).shifted(1.0) - lz.Linear(0.3)).asymptote(-1)
    assert power == 0
    assert value == pytest.approx(-0.3)


# -- what a strict reader found


@pytest.mark.parametrize(("strength", "slope"), [(40.0, 0.01), (60.0, 0.1), (100.0, 0.3)])
def test_couplings_that_move_the_crossings(strength, slope):
    """Two levels split by ±V meet the third one at ±V, far from where the diabatic levels cross."""
    g = np.array([[0, 0.3, 0.2], [0.3, 0, strength], [0.2, strength, 0]])
    slopes = np.array([1.0, slope, -slope])
    model = lz.Model(terms=[(np.diag(slopes), lz.Linear(1.0)), (g, lz.Constant(1.0))])
    exact = np.exp(-2 * np.pi * (0.3**2 / (1 - slope) + 0.2**2 / (1 + slope)))
    found = lz.transition_matrix(model)
    assert abs(found.probability[0, 0] - exact) <= found.error[0, 0]


@pytest.mark.parametrize("later", [50.0, 1e3, 7e5])
def test_three_crossings_stay_three_wherever_they_lie(later):
    sweep = (lz.PowerLaw(1.0, 3.0) + lz.Linear(-64.0)) * 0.1
    here, there = (
        lz.transition_matrix(lz.TwoLevel(sweep=s, gap=1.0)).probability
        for s in (sweep, sweep.shifted(later))
    )
    assert_allclose(there, here, atol=1e-8)


@pytest.mark.parametrize("center", [0.0, 50.0, -3e4])
def test_smooth_steps_are_watched_wherever_they_lie(center):
    model = lz.TwoLevel(sweep=lz.Tanh(2.0, 1.0, center=center), gap=0.6)
    exact = theory.tanh_sweep(bias=0.0, amplitude=2.0, gap=0.6, width=1.0)
    assert lz.transition_matrix(model).probability[0, 0] == pytest.approx(exact, abs=1e-9)


def test_no_limit_where_the_coupling_outgrows_the_distance():
    model = lz.TwoLevel(sweep=lz.Linear(1.0), gap=lz.PowerLaw(0.5, 2.0, "touching"))
    with pytest.warns(lz.LzopenWarning, match="no limit"):
        assert lz.transition_matrix(model).probability.isnull().all()


def test_members_that_lose_their_limit_lose_it_in_a_batch_too():
    g = np.array([[0, 0.3, 0.2], [0.3, 0, 0], [0.2, 0, 0]])
    swept = [np.diag(row) for row in np.eye(3)]

    def found(third):
        rates = (1.0, -1.0, third)
        terms = [(m, lz.Linear(rate)) for m, rate in zip(swept, rates, strict=True)]
        with pytest.warns(lz.LzopenWarning, match="no limit"):
            return lz.transition_matrix(lz.Model(terms=[*terms, (g, lz.Constant(1.0))])).probability

    batch, alone = found(np.array([-1.0, -2.0])), found(-1.0)
    assert_allclose(batch[0], alone, atol=2e-8)
    assert batch[1].notnull().all()


@pytest.mark.parametrize(
    "request_",
    [
        {"model": lz.TwoLevel(sweep=lz.Linear(1.0), gap=1.0), "window": (-1e6, 1e6)},
        {"model": lz.TwoLevel(sweep=lz.Linear(1.0) + lz.PowerLaw(-1e-12, 3.0), gap=1.0)},
        {
            "model": lz.TwoLevel(sweep=lz.Linear(1.0), gap=1e100),
            "window": (-1.0, 1.0),
            "readout": "diabatic",
        },
    ],
    ids=["long", "crossings far apart", "huge gap"],
)
def test_windows_beyond_any_memory_are_refused(request_):
    with pytest.raises(lz.LzopenError, match="`window` must ask for fewer than"):
        lz.transition_matrix(**request_)
