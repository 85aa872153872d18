"""Pooled rows: means, errors and residuals against sums written out by hand."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest
from scipy import stats

from lzopen.characterization.points import pool
from lzopen.errors import LzopenError


def test_trials_are_pooled_by_setting() -> None:
    points = pool([2.0, 1.0, 2.0], signal=[0.5, 0.25, 1.0], shots=[4, 8, 12])
    assert points.x.tolist() == [1.0, 2.0]
    assert points.signal.tolist() == [0.25, 14 / 16]
    assert points.trials.tolist() == [8.0, 16.0]


def test_gaussian_rows_are_weighted_by_their_errors() -> None:
    points = pool([1.0, 1.0], signal=[0.0, 1.0], sigma=[1.0, 2.0])
    assert points.signal[0] == pytest.approx(0.2)
    assert points.sigma[0] == pytest.approx((1 + 1 / 4) ** -0.5)
    assert points.residual(np.array([0.0]))[0] == pytest.approx(0.2 * np.sqrt(1.25))


def test_binomial_residuals_square_to_the_likelihood_ratio() -> None:
    n, k = np.array([20, 20, 20, 7, 20, 20, 400]), np.array([0, 5, 20, 3, 1, 19, 0])
    curve = np.array([0.1, 0.4, 0.9, 0.2, 0.002, 0.998, 4e-4])
    residual = pool(np.arange(7.0), signal=k / n, shots=n).residual(curve)
    ratio = stats.binom.logpmf(k, n, k / n) - stats.binom.logpmf(k, n, curve)
    np.testing.assert_allclose(residual**2, 2 * ratio, rtol=1e-12)
    np.testing.assert_array_equal(np.sign(residual), np.sign(k / n - curve))


def test_impossible_probabilities_cost_much_but_stay_finite_and_smooth() -> None:
    points = pool([0.0, 1.0], signal=[0.5, 0.5], shots=[10, 10])
    curve = np.linspace(-1e-3, 1e-3, 4001)
    cost = np.array([points.residual(np.array([p, 1 - p])) for p in curve])
    np.testing.assert_allclose(cost[:, 0], -cost[:, 1], rtol=1e-9)  # 0 and 1 are alike
    steps = np.diff(cost[:, 0])
    assert np.all(steps < 0)
    assert np.max(np.abs(np.diff(steps))) < 0.02 * np.max(np.abs(steps))
    assert np.all(np.isfinite(points.residual(np.array([-5.0, 7.0]))))


@pytest.mark.parametrize("trials", [1, 20, 10**6])
def test_no_count_makes_an_impossible_probability_likely(trials: int) -> None:
    """Zero of n fits p = 0 best, and n of n fits p = 1."""
    points = pool([0.0, 1.0], signal=[0.0, 1.0], shots=trials)
    p = np.linspace(-0.1, 0.1, 2001)
    cost = np.array([points.residual(np.array([x, 1 - x])) for x in p])
    np.testing.assert_allclose(cost[:, 0], -cost[:, 1], atol=1e-9)
    assert np.all(np.diff(cost[:, 0]) < 0)
    assert cost[1000, 0] == pytest.approx(0.0, abs=1e-6)
    assert cost[0, 0] > 3  # p = -0.1


def by_hand(k: np.ndarray, n: np.ndarray) -> float:
    """Variance of sum(k)/sum(n) from the scatter of its draws."""
    p, size = k.sum() / n.sum(), k.size
    return float(size / (size - 1) * sum((k - p * n) ** 2) / n.sum() ** 2)


def test_groups_give_the_ratio_estimators_error() -> None:
    rng = np.random.default_rng(3)
    n = rng.integers(5, 30, size=40)
    k = rng.binomial(n, rng.beta(2, 2, size=40))
    points = pool(np.zeros(40), signal=k / n, shots=n, groups=np.arange(40))
    p = k.sum() / n.sum()
    assert points.dispersion[0] == pytest.approx(by_hand(k, n) / (p * (1 - p) / n.sum()))
    assert points.sigma[0] == pytest.approx(np.sqrt(by_hand(k, n)), rel=2e-3)


def test_rows_of_one_group_are_one_draw() -> None:
    """Ten atoms of a shot as ten rows, or as one."""
    rng = np.random.default_rng(4)
    atoms = rng.random((50, 10)) < rng.beta(2, 2, size=(50, 1))
    label = np.array([f"shot {i}" for i in range(50)])
    rows = pool(np.zeros(500), signal=atoms.ravel(), shots=1, groups=np.repeat(label, 10))
    shots = pool(np.zeros(50), signal=atoms.mean(axis=1), shots=10, groups=label)
    assert rows.dispersion[0] == pytest.approx(shots.dispersion[0])
    assert rows.dispersion[0] > 2


def test_a_label_counts_within_one_setting() -> None:
    rng = np.random.default_rng(5)
    x, k = np.repeat([0.0, 1.0], 30), rng.binomial(16, 0.4, size=60)
    same = pool(x, signal=k / 16, shots=16, groups=np.tile(np.arange(30), 2))
    other = pool(x, signal=k / 16, shots=16, groups=np.arange(60))
    np.testing.assert_array_equal(same.dispersion, other.dispersion)


@pytest.mark.parametrize(("draws", "spread"), [(5, 0.03), (100, 0.03)])
def test_independent_trials_show_no_overdispersion(draws: int, spread: float) -> None:
    """However few the draws, mere sampling noise does not become weights."""
    rng = np.random.default_rng(6)
    x = np.repeat(np.arange(200.0), draws)
    k = rng.binomial(16, 0.4, size=x.size)
    points = pool(x, signal=k / 16, shots=16, groups=np.arange(x.size))
    mean, error = points.overdispersion()
    assert mean == pytest.approx(1.0, abs=4 * error)
    assert points.dispersion.std() < spread


def test_the_error_of_the_overdispersion_is_its_scatter() -> None:
    """Over 150 data sets without any; a scatter of 150 is known to 6 %."""
    rng = np.random.default_rng(14)
    x, shot = np.repeat(np.arange(30.0), 12), np.tile(np.arange(12), 30)
    sets = [
        pool(x, signal=rng.binomial(100, 0.4, size=x.size) / 100, shots=100, groups=shot)
        for _ in range(150)
    ]
    mean, error = np.array([points.overdispersion() for points in sets]).T
    assert mean.std() / error.mean() == pytest.approx(1.0, abs=0.25)


def test_points_that_are_all_zeros_or_all_ones_say_nothing_of_the_overdispersion() -> None:
    """Their groups agree whatever the noise, so they take the mean of the others."""
    rng = np.random.default_rng(15)
    shared = rng.beta(4, 4, size=(10, 50))
    fraction = rng.binomial(16, shared) / 16
    alone = pool(np.repeat(np.arange(10.0), 50), signal=fraction.ravel(), shots=16,
                 groups=np.tile(np.arange(50), 10))  # fmt: skip
    edges = np.concatenate([fraction, np.zeros((5, 50)), np.ones((5, 50))])
    both = pool(np.repeat(np.arange(20.0), 50), signal=edges.ravel(), shots=16,
                groups=np.tile(np.arange(50), 20))  # fmt: skip
    assert both.overdispersion()[0] == pytest.approx(alone.overdispersion()[0])
    np.testing.assert_allclose(both.dispersion[10:], alone.overdispersion()[0])


@pytest.mark.parametrize("fraction", [0.0, 1.0])
def test_a_count_of_none_or_all_still_has_an_error(fraction: float) -> None:
    """About that of half a count: between a tenth and one over n."""
    for n in (10, 1000):
        points = pool([0.0, 1.0], signal=[fraction, 0.5], shots=n)
        assert 0.1 / n < points.sigma[0] < 1 / n
        assert points.sigma[1] == pytest.approx(np.sqrt(0.25 / n))


def test_real_differences_in_overdispersion_are_kept() -> None:
    rng = np.random.default_rng(7)
    x = np.repeat(np.arange(40.0), 200)
    common = x % 2 == 0
    p = np.where(common, rng.beta(4, 4, size=x.size), 0.5)
    points = pool(x, signal=rng.binomial(16, p) / 16, shots=16, groups=np.arange(x.size))
    assert points.dispersion[::2].mean() == pytest.approx(1 + 15 / 9, rel=0.1)
    assert points.dispersion[1::2].mean() == pytest.approx(1.0, rel=0.1)


def test_groups_without_trials_scatter_by_their_means() -> None:
    rng = np.random.default_rng(8)
    y = rng.normal(size=400) * 0.3
    points = pool(np.repeat(np.arange(10.0), 40), signal=y, groups=np.tile(np.arange(40), 10))
    assert points.known
    assert points.sigma.mean() == pytest.approx(0.3 / np.sqrt(40), rel=0.1)


def test_labels_of_any_kind_name_groups() -> None:
    y = np.random.default_rng(16).normal(size=4)
    x = [0.0, 0.0, 1.0, 1.0]
    numbers = pool(x, signal=y, groups=[1, 2, 1, 2])
    mixed = pool(x, signal=y, groups=np.array(["cold", 7, "cold", 7], dtype=object))
    np.testing.assert_array_equal(mixed.sigma, numbers.sigma)


def test_noise_of_unknown_size_is_even_per_row() -> None:
    points = pool([0.0, 0.0, 1.0], signal=[1.0, 3.0, 5.0])
    assert not points.known
    assert points.sigma[1] / points.sigma[0] == pytest.approx(np.sqrt(2))


def test_rows_without_trials_are_left_out() -> None:
    points = pool([0.0, 1.0, 2.0], signal=[0.5, float("nan"), 0.25], shots=[4, 0, 4])
    assert points.x.tolist() == [0.0, 2.0]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"signal": [0.1, np.nan]}, "`signal` must be finite, but is nan at index .*; leave"),
        ({"x": [np.nan, 1.0]}, "`delay` must be finite, but is nan at index"),
        ({"x": [1.0, 2.0, 3.0]}, r"`delay` must have shape \(2,\), but is of shape \(3,\)"),
        ({"signal": [[0.1, 0.2]]}, r"`signal` must be a list of numbers, but is of shape \(1, 2\)"),
        ({"shots": [5, -1]}, "`shots` must not be negative, but is -1 at index"),
        ({"shots": [5]}, "`shots` must have shape"),
        ({"shots": [5.0, 2.5]}, "`shots` must be whole numbers, but is 2.5; give how many"),
        ({"shots": [5, np.nan]}, "`shots` must be finite, but is nan .* give 0 for a row"),
        ({"shots": [[5], [1, 2]]}, r"`shots` must be a list of single values, but is \[\[5\]"),
        ({"signal": [0.1, [0.2, 0.3]]}, "`signal` must be a list of single values"),
        ({"x": [], "signal": []}, "`signal` must hold at least one row"),
        ({"groups": [1, np.nan]}, "`groups` must label each row, but is nan at one; leave"),
        ({"groups": [None, "a"]}, "`groups` must label each row, but is None at one; leave"),
        ({"shots": [0, 0]}, "at least one row with trials"),
        ({"shots": 5, "signal": [0.1, 1.5]}, "`signal` must lie between 0 and 1, but is 1.5"),
        ({"sigma": [0.1, 0.0]}, "`sigma` must be positive, but is 0 at index"),
        ({"sigma": 0.1, "shots": 5}, "`sigma` must come alone"),
        ({"sigma": 0.1, "groups": [1, 2]}, "`sigma` must come alone"),
        ({"groups": [1]}, "`groups` must have shape"),
        ({"groups": [1, 2], "shots": 5}, "at least two groups at each delay, but is holding 1"),
        ({"groups": [1, 2], "x": [0, 0], "signal": [1, 1]}, "`signal` must differ between groups"),
    ],
)
def test_bad_rows_are_refused(change: dict[str, object], words: str) -> None:
    arguments = {"x": [0.0, 1.0], "signal": [0.1, 0.2]} | change
    with pytest.raises(LzopenError, match=words):
        pool(**arguments)  # type: ignore[arg-type]


def test_residuals_are_exact_where_curve_and_fraction_meet() -> None:
    """Against the deviance in sixty digits, from far away to one part in 1e12."""
    fraction = 0.3
    for distance in (0.1, 3.1e-3, 2.9e-3, 1e-6, 1e-12):
        with mpmath.workdps(60):
            f, n = mpmath.mpf(fraction), 400
            p = f + mpmath.mpf(distance)
            parts = f * mpmath.log(f / p) + (1 - f) * mpmath.log((1 - f) / (1 - p))
            exact = -float(mpmath.sqrt(2 * n * parts))
        points = pool([0.0], signal=[fraction], shots=n)
        found = points.residual(np.array([fraction + distance]))[0]
        assert found == pytest.approx(exact, rel=1e-4 if distance < 1e-9 else 1e-9)
