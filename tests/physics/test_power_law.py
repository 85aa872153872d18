"""Power-law sweeps: limits and transition points against the integrated dynamics."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose

import lzopen as lz
from lzopen.errors import LzopenError, LzopenWarning
from lzopen.theory import (
    dykhne_davis_pechukas,
    landau_zener,
    power_law_actions,
    power_law_fast,
    power_law_slow,
)

TOUCHING = {"exponent": 0.5, "kind": "touching"}
TIGHT = 5e-12  # for whole powers, which have no singular slopes


def integrated(scale, exponent, kind="crossing", tol=1e-10):
    """Diabatic survival for t → ±∞ at gap 1, where λ is the scale."""
    sweep = lz.PowerLaw(np.asarray(scale, dtype=float), float(exponent), kind)
    return lz.transition_matrix(lz.TwoLevel(sweep=sweep, gap=1.0), tol=tol).probability[:, 0, 0]


# --- the exact tables


def test_square_root_survival_numbers():
    scale = [0.05, 0.1, 0.3, 0.5, 1, 2, 3, 5, 10, 20, 50]
    expected = [
        *[0.000983717, 0.003957723, 0.037080104, 0.102771552, 0.313587614, 0.597730692],
        *[0.733939855, 0.852134883, 0.937657529, 0.974642938, 0.992439991],
    ]
    assert_allclose(integrated(scale, 0.5), expected, rtol=0, atol=6e-10)
    assert_allclose(integrated([1.5652934], 0.5), 0.5, rtol=0, atol=2e-8)


def test_infinite_slope_does_not_make_the_passage_diabatic():
    """The common claim is P = 1 for any square root; it is P → 0 for a slow one."""
    P = integrated([0.01, 0.1, 1.0], 0.5).values
    assert np.all(P < [1e-4, 0.005, 0.32])
    assert np.all(np.diff(P) > 0)


def test_glancing_square_root_numbers():
    scale = [0.05, 0.1, 0.5, 1, 5, 50]
    left = [0.000977825, 0.003863796, 0.062656387, 0.097712214, 0.034540337, 0.001884054]
    assert_allclose(1 - integrated(scale, **TOUCHING), left, rtol=0, atol=6e-10)


def test_glancing_square_root_never_empties_the_state():
    scale = np.append(np.logspace(-2, 2, 41), 1.101)
    left = 1 - integrated(scale, **TOUCHING).values
    assert left.argmax() == 41
    assert_allclose(left[41], 0.0983259, rtol=0, atol=5e-8)


def test_cubic_survival_numbers():
    scale = [0.003, 0.01, 0.03, 0.1, 0.3, 1, 10, 100]
    expected = [
        *[0.003901534, 0.048872675, 0.233635535, 0.130668358],
        *[0.000994228, 0.109503807, 0.572345855, 0.845505373],
    ]
    assert_allclose(integrated(scale, 3), expected, rtol=0, atol=6e-10)


def test_a_faster_cubic_sweep_may_be_less_diabatic():
    P = integrated([0.037, 0.03814, 0.0393, 0.330778], 3, tol=TIGHT).values
    assert_allclose(P[1], 0.243016, rtol=0, atol=5e-7)
    assert P[1] > max(P[0], P[2])  # a local maximum
    assert P[3] < 1e-11  # and an exact zero


# --- fast sweeps


@pytest.mark.parametrize(
    ("exponent", "scale", "formula", "exact", "digit"),
    [
        (1 / 2, 1000.0, 1.39933e-4, 1.39920e-4, 6e-10),
        (1 / 3, 500.0, 1.16317e-4, 1.16307e-4, 6e-10),
        (3.0, 1e4, 0.01643, 0.01633, 6e-6),
    ],
)
def test_fast_numbers(exponent, scale, formula, exact, digit):
    left = 1 - power_law_fast(scale=scale, gap=1.0, exponent=exponent)
    assert_allclose(left, formula, rtol=0, atol=digit)
    assert_allclose(1 - integrated([scale], exponent)[0], exact, rtol=0, atol=digit)


@pytest.mark.parametrize("kind", ["crossing", "touching"])
@pytest.mark.parametrize("exponent", [1 / 3, 1 / 2, 2, 3])
def test_fast_limit_is_missed_by_the_next_order(exponent, kind):
    """The relative error of 1 − P is proportional to x, with a factor as documented."""
    scale = (exponent + 1) * np.array([0.05, 0.025]) ** (-(exponent + 1) / 2)  # so that x is 0.05…
    shape = {"exponent": exponent, "kind": kind}
    left = 1 - power_law_fast(scale=scale, gap=1.0, **shape)
    error = left / (1 - integrated(scale, **shape).values) - 1
    x = 1 - power_law_fast(scale=scale, gap=1.0, exponent=exponent)
    assert_allclose(np.log2(error[0] / error[1]), 1, atol=0.1)
    least, most = (0.35, 0.8) if kind == "crossing" else (0.4, 1.5)
    assert np.all((least * x < error) & (error < most * x))


def test_fast_linear_sweep_begins_the_landau_zener_probability():
    linear = power_law_fast(scale=[400.0, 4000.0], gap=1.3, exponent=1)
    exact = landau_zener(rate=np.array([400.0, 4000.0]), gap=1.3)
    assert_allclose(1 - linear, -np.log(exact), rtol=1e-11)


def test_fast_sweep_out_of_its_depth_is_reported():
    with pytest.warns(LzopenWarning, match="sweep is slow") as caught:
        power_law_fast(scale=[1000.0, 2.0], gap=1.0, exponent=0.5)
    assert caught[0].message.value == 2.0
    assert caught[0].filename == __file__


# --- slow sweeps


def test_slow_numbers():
    small = {"scale": 0.05, "gap": 1.0, "exponent": 0.5}
    for left in (power_law_slow(**small), 1 - power_law_slow(**small, kind="touching")):
        assert_allclose(left, np.pi * 0.05**2 / 8, rtol=1e-12)
    assert_allclose(power_law_slow(**small), integrated([0.05], 0.5)[0], rtol=2.1e-3)
    third = power_law_slow(scale=0.02, gap=1.0, exponent=1 / 3)
    assert_allclose(third, 0.59806 * 0.02**2, rtol=1e-5)
    assert_allclose(third, integrated([0.02], 1 / 3)[0], rtol=2e-4)


@pytest.mark.parametrize(
    ("kind", "coefficients"),
    [("crossing", [0.40, -0.81, -4.1, -11]), ("touching", [2.0, 1.6, 0.05, -3.1])],
)
def test_slow_limit_is_missed_by_the_documented_next_order(kind, coefficients):
    for exponent, coefficient in zip([1 / 3, 0.5, 0.7, 0.9], coefficients, strict=True):
        shape = {"exponent": exponent, "kind": kind}
        P = np.array([power_law_slow(scale=0.02, gap=1.0, **shape), *integrated([0.02], **shape)])
        formula, exact = P if kind == "crossing" else 1 - P
        assert_allclose((formula / exact - 1) / 0.02**2, coefficient, rtol=0.05, atol=0.02)


def test_only_one_combination_counts():
    for function, sweep in ((power_law_slow, 0.05), (power_law_fast, 1000.0)):
        plain = function(scale=sweep, gap=1.0, exponent=0.6)
        scaled = function(scale=-sweep * 2.0**1.6, gap=1.2 - 1.6j, exponent=0.6)
        assert_allclose(scaled, plain, rtol=1e-12)


def test_slow_sweep_out_of_its_depth_is_reported():
    with pytest.warns(LzopenWarning, match="sweep is fast") as caught:
        power_law_slow(scale=[0.05, 0.3], gap=1.0, exponent=0.5)
    assert_allclose(caught[0].message.value, 0.3)
    assert caught[0].filename == __file__


# --- transition points


def test_one_transition_point_is_landau_zener():
    rate = np.array([0.05, 0.5, 5.0, 50.0])
    actions = power_law_actions(scale=rate, gap=0.8, exponent=1)
    P = dykhne_davis_pechukas(actions=actions)
    assert_allclose(P, landau_zener(rate=rate, gap=0.8), rtol=1e-13)


@pytest.mark.parametrize("exponent", [1, 2, 3, 5])
def test_actions_are_integrals_to_the_zeros_of_the_energy(exponent):
    scale, gap = 0.3, 0.9
    zeros = np.roots([scale**2, *[0.0] * (2 * exponent - 1), gap**2])
    zeros = zeros[zeros.imag > 1e-9]
    zeros = zeros[np.argsort(np.angle(zeros))]
    x, weight = np.polynomial.legendre.leggauss(60)
    way = 1 - ((1 - x) / 2) ** 2  # the root at the end becomes smooth
    t = zeros[:, None] * way
    slope = zeros[:, None] * (1 - x) / 2
    energy = gap * np.sqrt(1 + (scale * t**exponent / gap) ** 2)
    expected = (weight * energy * slope).sum(axis=-1)
    actions = power_law_actions(scale=scale, gap=gap, exponent=exponent)
    assert actions.shape == (exponent,)
    assert_allclose(actions, expected, rtol=1e-12, atol=1e-12)


def test_cubic_transition_points_against_the_dynamics():
    scale = np.array([1e-4, 3e-4, 0.01, 0.03])
    with pytest.warns(LzopenWarning, match="smallest Im D = 1.47"):
        P = dykhne_davis_pechukas(actions=power_law_actions(scale=scale, gap=1.0, exponent=3))
    assert_allclose(P[:3], [9.59e-10, 2.47e-6, 0.0503], rtol=2e-3)
    exact = integrated(scale, 3, tol=TIGHT).values
    assert_allclose(exact[:3], [8.52e-10, 2.70e-6, 0.0489], rtol=2e-3)
    assert np.all(np.abs(P / exact - 1) < [0.13, 0.09, 0.03, 0.2])


def test_a_fast_cubic_sweep_is_beyond_the_transition_points():
    actions = power_law_actions(scale=0.1, gap=1.0, exponent=3)
    with pytest.warns(LzopenWarning, match="sweep is fast") as caught:
        P = dykhne_davis_pechukas(actions=actions)
    assert_allclose(caught[0].message.value, 0.98107, rtol=1e-5)
    assert caught[0].filename == __file__
    assert_allclose([P, integrated([0.1], 3)[0]], [0.056, 0.131], rtol=0, atol=5e-4)


@pytest.mark.parametrize(("exponent", "scale"), [(3, 1e-4), (3, 3e-4), (3, 0.003), (2, 0.1)])
def test_the_nearest_transition_point_does_not_suffice(exponent, scale):
    """It misses the interference, by a factor; all points together do not."""
    kind = "crossing" if exponent % 2 else "touching"
    exact = integrated([scale], exponent, kind, tol=TIGHT).values[0]
    exact = exact if kind == "crossing" else 1 - exact
    actions = power_law_actions(scale=scale, gap=1.0, exponent=exponent)
    assert abs(dykhne_davis_pechukas(actions=actions) / exact - 1) < 0.22
    nearest = dykhne_davis_pechukas(actions=actions[:1])
    assert abs(np.log(nearest / exact)) > np.log(2)


def test_zeros_of_the_cubic_fringes_lie_near_those_of_the_dynamics():
    """The interference has the first dark fringe of the adiabatic side in the right place."""
    scale = np.linspace(6e-4, 2e-3, 57)
    formula = dykhne_davis_pechukas(actions=power_law_actions(scale=scale, gap=1.0, exponent=3))
    exact = integrated(scale, 3, tol=TIGHT).values
    dark = [scale[np.argmin(P / np.exp(-1.8 * scale ** (-1 / 3)))] for P in (formula, exact)]
    assert_allclose(dark[0], dark[1], rtol=0.1)


# --- bad input


@pytest.mark.parametrize("function", [power_law_fast, power_law_slow])
@pytest.mark.parametrize(
    ("argument", "bad"),
    [
        ("scale", {"scale": 0.0}),
        ("gap", {"gap": np.nan}),
        ("exponent", {"exponent": 0.0}),
        ("exponent", {"scale": [1.0, 2.0], "exponent": [0.5, 0.6, 0.7]}),
        ("kind", {"kind": "passing"}),
    ],
)
def test_bad_sweep_is_named(function, argument, bad):
    with pytest.raises(LzopenError, match=f"Argument `{argument}` must"):
        function(**{"scale": 1.0, "gap": 1.0, "exponent": 0.5, **bad})


@pytest.mark.parametrize(
    ("argument", "bad"), [("gap", {"gap": 0.0}), ("exponent", {"exponent": 1})]
)
def test_bad_slow_sweep_is_named(argument, bad):
    with pytest.raises(LzopenError, match=f"Argument `{argument}` must"):
        power_law_slow(**{"scale": 0.05, "gap": 1.0, "exponent": 0.5, **bad})


def test_bad_transition_points_are_named():
    for bad in (1j, [], [1j, -1j]):
        with pytest.raises(LzopenError, match="Argument `actions` must"):
            dykhne_davis_pechukas(actions=bad)
    for argument, bad in (("exponent", {"exponent": 0.5}), ("gap", {"gap": 0.0})):
        with pytest.raises(LzopenError, match=f"Argument `{argument}` must"):
            power_law_actions(**{"scale": 1.0, "gap": 1.0, "exponent": 3, **bad})
