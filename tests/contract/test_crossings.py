"""Level structure: avoided crossings of any model, and what is drawn of them."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose

import lzopen as lz
from lzopen import theory


def test_one_crossing_gives_back_its_rate_and_gap():
    model = lz.TwoLevel(sweep=lz.Linear(-1.7).shifted(2.5), gap=0.3 - 0.4j)
    found = model.crossings(-10.0, 10.0)
    assert found.sizes["crossing"] == 1
    assert found.time.item() == pytest.approx(2.5, abs=1e-6)
    assert found.gap.item() == pytest.approx(0.5, abs=1e-10)
    assert found.slope_difference.item() == pytest.approx(1.7, abs=1e-10)
    assert found.levels.values.tolist() == [[0, 1]]


@pytest.mark.parametrize("gap", [1e-6, 0.0])
def test_narrow_gaps_and_none_are_found(gap):
    found = lz.TwoLevel(sweep=lz.Linear(1.0).shifted(0.1234567), gap=gap).crossings(-50.0, 50.0)
    assert found.time.item() == pytest.approx(0.1234567, abs=1e-6)
    assert found.gap.item() == pytest.approx(gap, abs=1e-7)


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


def test_levels_that_others_have_moved():
    """Two levels coupled by V meet the third at ±V, not where the diabatic levels cross."""
    g = np.array([[0, 0.1, 0.1], [0.1, 0, 6.0], [0.1, 6.0, 0]])
    model = lz.Model(terms=[(np.diag([1.0, 0, 0]), lz.Linear(1.0)), (g, lz.Constant(1.0))])
    found = model.crossings(-20.0, 20.0)
    assert_allclose(found.time[0], -6.0, atol=0.05)
    assert_allclose(found.time[-1], 6.0, atol=0.05)


def test_every_passage_of_a_drive():
    model = lz.TwoLevel(sweep=lz.Sinusoidal(10.0, 2 * np.pi), gap=0.5)
    found = model.crossings(0.0, 5.0)
    assert_allclose(found.time, np.arange(0.25, 5.0, 0.5), atol=1e-6)
    assert_allclose(found.slope_difference, 20 * np.pi, rtol=1e-6)


def test_levels_that_never_meet_have_no_crossing():
    still = lz.Model(terms=[(np.diag([0.0, 1.0, 3.0]), lz.Constant(1.0))])
    assert still.crossings(0.0, 1.0).sizes["crossing"] == 0
    swept = lz.Model(terms=[*still.terms, (np.eye(3), lz.Linear(1e3))])
    assert swept.crossings(-1.0, 1.0).sizes["crossing"] == 0


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


@pytest.mark.parametrize("far", [1e5, 1e7])
@pytest.mark.parametrize("gap", [0.05, 0.5])
def test_a_level_far_away_hides_no_crossing(far, gap):
    table = np.diag([gap / 2, 0.0], k=1)
    model = lz.Crossing(slopes=[1.0, -1.0, 0.0], offsets=[0.0, 0.0, far], couplings=table)
    found = model.crossings(-5.1, 5.0)
    assert found.sizes["crossing"] == 1
    assert found.gap.item() == pytest.approx(gap, abs=1e-7)
