"""Hyperbolic pulses and steps: closed forms against the dynamics and their limits."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.integrate import trapezoid

import lzopen as lz
from lzopen.errors import LzopenError
from lzopen.theory import allen_eberly, demkov_kunike, landau_zener, rosen_zener, tanh_sweep

WINDOW = (-20.0, 20.0)  # e⁻²⁰ = 2e-9 of every pulse is left outside


def flips(sweep, gap, window=WINDOW, **request):
    """Probability to leave the diabatic state, or the eigenstate named by it."""
    qubit = lz.TwoLevel(sweep=sweep, gap=gap)
    return lz.transition_matrix(qubit, window=window, tol=1e-11, **request).probability[1, 0].item()


# --- the waveforms


@pytest.mark.parametrize("x", [0.0, 0.01, -0.5, 1.3, 2.5, 20.0, -200.0])
@pytest.mark.parametrize("shape", ["sech", "tanh"])
def test_taylor_series_keep_their_digits_in_the_tails(shape, x):
    waveform = {"sech": lz.Sech, "tanh": lz.Tanh}[shape](1.0, 1.0)
    with mpmath.workdps(60 + int(abs(x))):
        exact = np.array(mpmath.taylor(getattr(mpmath, shape), x, 16), dtype=float)
    size = np.maximum(np.abs(exact[:-1]), np.abs(exact[1:]))  # single ones vanish at x = 0
    assert np.all(np.abs(waveform.taylor(x, 15) - exact[:-1]) < 1e-14 * size)


def test_pulses_do_not_overflow():
    for t in (1e3, -1e6, 1e300):
        assert lz.Sech(2.0, 0.5).scalar(t) == lz.Sech(2.0, 0.5)(t) == 0
        assert lz.Tanh(2.0, 0.5).scalar(t) == lz.Tanh(2.0, 0.5)(t) == 2 * np.sign(t)


def test_pulse_area():
    t = np.linspace(-60, 60, 2401)
    assert_allclose(trapezoid(lz.Sech(1.3, 0.7, center=4.0)(t), t), np.pi * 1.3 * 0.7, rtol=1e-13)


# --- numbers, and the dynamics


@pytest.mark.parametrize(
    ("bias", "amplitude", "gap", "expected"),
    [
        (0.7, 1.1, 2.3, 0.7276300751268),
        (0.7, 0.0, 1.3, 0.2853693846),
        (0.0, 1.0, 2.2, 0.8418074533),
        (0.0, 0.0, 1.3, None),
        (-0.4, 2.0, 0.8, None),  # the step is larger than the pulse
        (0.5, -1.2, 1.2, None),
    ],
)
def test_pulses_against_the_dynamics(bias, amplitude, gap, expected):
    P = demkov_kunike(bias=bias, amplitude=amplitude, gap=gap, width=1.0)
    sweep = lz.Constant(bias) + lz.Tanh(amplitude, 1.0)
    # the diabatic read-out leaves out e⁻²⁰ at both ends
    assert_allclose(flips(sweep, lz.Sech(gap, 1.0), readout="diabatic"), P, rtol=0, atol=8e-9)
    if expected is not None:
        assert_allclose(P, expected, rtol=0, atol=6e-11 if amplitude * bias == 0 else 5e-14)


@pytest.mark.parametrize("readout", ["adiabatic", "diabatic"])
def test_a_window_leaves_out_an_exponentially_small_part(readout):
    qubit = lz.TwoLevel(sweep=lz.Constant(0.7), gap=lz.Sech(1.3, 1.0))
    ends = np.array([5.0, 7.0, 9.0, 11.0])
    T = ends[:, None] + np.linspace(0, 2 * np.pi / 0.7, 41)  # the errors ring
    P = lz.transition_matrix(qubit, window=(-T, T), readout=readout, tol=1e-11).probability
    error = np.abs(P[..., 1, 0].values - rosen_zener(bias=0.7, gap=1.3, width=1.0)) * np.exp(T)
    assert_allclose(np.log(error.max(axis=1)), np.log(error.max()), rtol=0, atol=0.1)


@pytest.mark.parametrize(
    ("bias", "amplitude", "gap"),
    [(0.0, 2.0, 0.6), (0.5, 1.5, 0.4), (1.2, 0.7, 0.5), (-0.3, -1.0, 1.0)],
)
def test_tanh_sweep_against_the_dynamics(bias, amplitude, gap):
    P = tanh_sweep(bias=bias, amplitude=amplitude, gap=gap, width=1.0)
    changed = flips(lz.Constant(bias) + lz.Tanh(amplitude, 1.0), gap)
    crosses = abs(bias) < abs(amplitude)  # then the other eigenstate has the same name
    assert_allclose(1 - changed if crosses else changed, P, rtol=0, atol=1e-10)


def test_tanh_sweep_is_not_the_linear_one_with_its_slope():
    P = tanh_sweep(amplitude=2.0, gap=0.6, width=1.0)
    assert_allclose(P, 0.7576324703, rtol=0, atol=5e-11)
    assert_allclose(landau_zener(rate=2.0, gap=0.6), 0.75371, rtol=0, atol=1e-5)


# --- limits


def test_formulas_as_they_are_written():
    bias, B, gap, T = 0.7, 1.1, 2.3, 0.8
    angle = 0.5 * np.pi * T
    P = rosen_zener(bias=bias, gap=gap, width=T)
    assert_allclose(P, (np.sin(angle * gap) / np.cosh(angle * bias)) ** 2, rtol=1e-14)
    P = allen_eberly(amplitude=B, gap=gap, width=T)
    kept = np.cos(angle * np.sqrt(gap**2 - B**2)) / np.cosh(angle * B)
    assert_allclose(P, 1 - kept**2, rtol=1e-14)
    P = allen_eberly(amplitude=gap, gap=B, width=T)
    kept = np.cosh(angle * np.sqrt(gap**2 - B**2)) / np.cosh(angle * gap)
    assert_allclose(P, 1 - kept**2, rtol=1e-14)


def test_a_wide_long_step_is_a_linear_sweep():
    rate, gap = 1.3, 0.9
    B = np.array([20.0, 40.0, 80.0])
    P = tanh_sweep(amplitude=B, gap=gap, width=B / rate)
    error = P / landau_zener(rate=rate, gap=gap) - 1
    assert_allclose(np.diff(np.log2(error)), -2, atol=0.01)
    assert error[-1] < 1e-4


def test_only_sizes_matter():
    def both(**change):
        given = {"bias": 0.7, "amplitude": 1.1, "gap": 1.0, "width": 0.6, **change}
        return [demkov_kunike(**given), tanh_sweep(**given)]

    for change in ({"bias": -0.7}, {"amplitude": -1.1}, {"gap": 0.6 - 0.8j}):
        assert_allclose(both(**change), both(), rtol=1e-13)


@pytest.mark.parametrize("function", [demkov_kunike, tanh_sweep])
def test_digits_over_five_decades(function):
    bias, amplitude, gap = 10 ** np.random.default_rng(4).uniform(-3, 2.3, (3, 150))
    with mpmath.workdps(900):
        expected = [
            float(exact(function, *map(mpmath.mpf, x)))
            for x in zip(bias, amplitude, gap, strict=True)
        ]
    P = function(bias=bias, amplitude=amplitude, gap=gap, width=1.0)
    assert_allclose(P, expected, rtol=2e-11, atol=1e-290)
    assert_allclose(P, expected, rtol=0, atol=1e-13)


def exact(function, bias, amplitude, gap):
    """The documented formulas, in many digits."""
    cosh, pi = mpmath.cosh, mpmath.pi
    if function is demkov_kunike:
        root = mpmath.cos(pi * mpmath.sqrt(gap**2 - amplitude**2))
        return mpmath.re(cosh(pi * amplitude) - root) / (cosh(pi * amplitude) + cosh(pi * bias))
    far, near = (mpmath.sqrt(gap**2 + (bias + s * amplitude) ** 2) for s in (1, -1))
    least = cosh(pi * (far - near) / 2)
    return (cosh(pi * amplitude) - least) / (cosh(pi * (far + near) / 2) - least)


def test_extreme_arguments():
    assert demkov_kunike(bias=0, amplitude=0, gap=0, width=1) == 0
    assert demkov_kunike(bias=1e6, amplitude=3, gap=1, width=1) == 0
    assert_allclose(demkov_kunike(bias=3, amplitude=1e6, gap=1e4, width=1), 1, rtol=1e-12)
    assert_allclose(tanh_sweep(bias=3, amplitude=1e6, gap=1e-6, width=1), 1, rtol=1e-12)
    assert tanh_sweep(bias=1e6, amplitude=3, gap=1, width=1e6) == 0
    assert tanh_sweep(amplitude=0, gap=1, width=1) == 0


@pytest.mark.parametrize("function", [demkov_kunike, tanh_sweep])
def test_arguments_broadcast(function):
    bias, gap = np.array([[0.0], [0.7]]), np.array([0.5, 1.1, 2.0])
    table = function(bias=bias, amplitude=1.1, gap=gap, width=1.0)
    assert table.shape == (2, 3)
    assert table[1, 2] == function(bias=0.7, amplitude=1.1, gap=2.0, width=1.0)
    assert isinstance(function(bias=0, amplitude=1, gap=1, width=1), float)


# --- bad input


@pytest.mark.parametrize(
    ("argument", "bad"),
    [
        ("bias", {"bias": np.inf}),
        ("amplitude", {"amplitude": 1j}),
        ("gap", {"gap": "wide"}),
        ("gap", {"gap": 0.0}),
        ("width", {"width": 0.0}),
        ("width", {"bias": [1.0, 2.0], "width": [1.0, 2.0, 3.0]}),
    ],
)
def test_bad_argument_is_named(argument, bad):
    with pytest.raises(LzopenError, match=f"Argument `{argument}` must"):
        tanh_sweep(**{"bias": 0.0, "amplitude": 1.0, "gap": 1.0, "width": 1.0, **bad})


@pytest.mark.parametrize("waveform", [lz.Sech, lz.Tanh])
def test_bad_waveform_is_named(waveform):
    for argument, bad in (("width", {"width": -1.0}), ("center", {"center": np.nan})):
        with pytest.raises(LzopenError, match=f"Argument `{argument}` must"):
            waveform(**{"amplitude": 1.0, "width": 1.0, **bad})
