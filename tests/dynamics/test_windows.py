"""Where an infinite sweep is cut off: every crossing must lie inside."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose

import lzopen as lz
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
