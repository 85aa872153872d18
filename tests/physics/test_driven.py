"""Periodic drives, dithered sweeps and rotating couplings against integrated periods."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.integrate import quad
from scipy.special import ellipe, jn_zeros, jv

import lzopen as lz
from lzopen.dynamics.magnus import propagator
from lzopen.errors import LzopenError, LzopenWarning
from lzopen.theory import (
    destruction_of_tunnelling,
    dithered_gap,
    landau_zener,
    multi_passage,
    quasienergy_splitting,
    stokes_phase,
)
from lzopen.theory.driven import _half_phase

FIRST_ZERO = jn_zeros(0, 1)[0]
PHASES = np.arange(8) * np.pi / 4


def integrate(sweep, gap, t0, t1, steps):
    """Propagator by the Magnus expansion with equal steps."""
    terms = lz.TwoLevel(sweep=sweep, gap=gap).terms
    return propagator([(-1j * A, w) for A, w in terms], np.linspace(t0, t1, steps + 1))


def period(amplitude, gap, bias=0.0, omega=1.0):
    """Propagator of one period, from the largest bias on."""
    drive = lz.Sinusoidal(amplitude, omega, bias=bias)
    turns = (amplitude + abs(bias) + gap) / omega
    return integrate(drive, gap, 0.0, 2 * np.pi / omega, int(400 + 8 * turns))


def splitting(amplitude, gap, bias=0.0):
    """Distance of the quasi-energies for ω = 1, at most ½."""
    turn = np.abs(np.angle(np.linalg.eigvals(period(amplitude, gap, bias))[0])) / np.pi
    return min(turn, 1 - turn)


def eigenstates(bias, gap):
    """Columns e, g, for a gap of either sign."""
    half = np.arctan2(gap, bias) / 2
    return np.array([[np.cos(half), -np.sin(half)], [np.sin(half), np.cos(half)]])


# --- slow drives


def average_over_periods(amplitude, omega, bias, gap):
    """Mean of |⟨e|Uⁿ|g⟩|² over n, from the axis about which one period turns."""
    states = eigenstates(amplitude + bias, gap)
    U = states.T @ period(amplitude, gap, bias, omega) @ states
    across, along = abs(U[1, 0]) ** 2, U[0, 0].imag ** 2
    return 0.5 * across / (across + along)


@pytest.mark.parametrize(
    ("bias", "gap", "exact", "formula"),
    [(20.1017, 0.5, 0.0389502, 0.0389447), (33.0021, 0.7, 0.4967802, 0.4967783)],
)
def test_multi_passage_numbers(bias, gap, exact, formula):
    drive = {"amplitude": 200.0, "omega": 0.005, "bias": bias, "gap": gap}
    assert_allclose(average_over_periods(**drive), exact, rtol=0, atol=6e-8)
    assert_allclose(multi_passage(**drive), formula, rtol=0, atol=6e-8)


def test_the_population_is_that_of_the_half_period_it_names():
    """Counting from the other turning point is a change of sign of the bias."""
    drive = {"amplitude": 30.0, "omega": 0.1, "gap": 1.1}
    for bias in (3.37, -3.37):
        P = multi_passage(**drive, bias=bias)
        assert_allclose(P, average_over_periods(**drive, bias=bias), rtol=0, atol=4e-3)
    one, other = (multi_passage(**drive, bias=bias) for bias in (3.37, -3.37))
    assert abs(one - other) > 0.05


def test_the_sign_in_the_resonance_belongs_to_the_stokes_phase():
    """−P sin(z₁ − z₂) goes with φ_S − π/2; with φ_S it makes the first number 0.25."""
    amplitude, omega, bias, gap = 200.0, 0.005, 20.1017, 0.5
    rate = omega * np.sqrt(amplitude**2 - bias**2)
    P, phi = landau_zener(rate=rate, gap=gap), stokes_phase(rate=rate, gap=gap)
    z1, z2 = (_half_phase(amplitude, omega, side * bias, gap) for side in (1, -1))
    beta = 2 * np.sqrt(P * (1 - P)) * np.sin(z2 + phi)
    iota = (1 - P) * np.sin(z1 + z2 + 2 * phi) - P * np.sin(z1 - z2)
    assert_allclose(0.5 * beta**2 / (beta**2 + iota**2), 0.25, rtol=0, atol=1e-3)


def test_resonances_of_a_slow_passage_are_at_multiples_of_pi():
    """At z₁ + z₂ + 2φ_S = kπ."""
    drive = {"omega": 0.02, "bias": 1.3, "gap": 1.0}
    amplitude = 20.0 + np.linspace(0, 0.04, 401)
    P = multi_passage(amplitude=amplitude, **drive)
    best = amplitude[P.argmax()]
    rate = drive["omega"] * np.sqrt(best**2 - drive["bias"] ** 2)
    z1, z2 = (_half_phase(best, drive["omega"], side * drive["bias"], 1.0) for side in (1, -1))
    turns = (z1 + z2 + 2 * stokes_phase(rate=rate, gap=1.0)) / np.pi
    assert_allclose(turns, np.round(turns), rtol=0, atol=0.02)
    assert P.max() > 0.49
    assert average_over_periods(best, **drive) > 0.45


def test_resonances_of_a_fast_passage_are_at_multiples_of_the_drive():
    omega = 0.05
    drive = {"amplitude": 40.0, "omega": omega, "gap": 0.15}
    bias = omega * (60 + np.linspace(-0.5, 0.5, 401))
    peak = bias[np.argmax(multi_passage(**drive, bias=bias))]
    assert_allclose(peak / omega, 60, rtol=0, atol=0.03)


@pytest.mark.parametrize("gap", [1e-6, 1e-3, 0.3, 4.0])
@pytest.mark.parametrize("bias", [0.0, 0.4, -0.95])
def test_half_phases_are_integrals(bias, gap):
    end = np.arccos(-bias)
    edges = np.unique(np.clip(end - gap * np.array([0.0, 1, 10, 100, 1e3, 1e7]), 0, end))
    pieces = [
        quad(lambda x: np.hypot(bias + np.cos(x), gap), a, b, epsabs=1e-14, epsrel=1e-13)[0]
        for a, b in pairwise(edges)
    ]
    assert_allclose(_half_phase(1.0, 0.5, bias, gap), sum(pieces) / 0.5, rtol=1e-12)


def test_half_phase_without_bias_is_elliptic():
    A, gap = 200.0, 0.5
    exact = np.hypot(A, gap) * ellipe(A**2 / (A**2 + gap**2)) / 0.005
    assert_allclose(_half_phase(A, 0.005, 0.0, gap), exact, rtol=1e-13)


def test_multi_passage_limits_and_shapes():
    drive = {"amplitude": 50.0, "omega": 0.1}
    assert multi_passage(**drive, bias=5.0, gap=0.0) == 0
    assert multi_passage(**drive, bias=0.0, gap=0.0) == 0
    assert multi_passage(**drive, bias=7.03, gap=12.0) < 1e-12  # P = 0: nothing is left
    table = multi_passage(**drive, bias=[[5.0], [6.0]], gap=[0.5, 1.0, 2.0])
    assert table.shape == (2, 3)
    assert isinstance(multi_passage(**drive, bias=6.0, gap=2.0), float)
    assert table[1, 2] == multi_passage(**drive, bias=6.0, gap=2.0)
    assert np.all(table <= 0.5)


def test_a_drive_that_turns_near_the_crossing_is_reported():
    with pytest.warns(LzopenWarning, match="turns near the crossing") as caught:
        multi_passage(amplitude=10.0, omega=0.01, bias=[0.0, 9.0], gap=1.0)
    assert caught[0].message.value == 1.0
    assert caught[0].filename == __file__


# --- fast drives


def test_destruction_of_tunnelling_numbers():
    ratio = np.array([1e-9, 0.05, 0.2, 0.5, 1.0])
    expected = [2.4048256, 2.4040983, 2.3931598, 2.3308415, 2.0913634]
    A = destruction_of_tunnelling(omega=3.0, gap=3.0 * ratio)
    assert_allclose(A / 3.0, expected, rtol=0, atol=6e-8)


@pytest.mark.parametrize("gap", [0.05, 0.2, 0.5, 1.0, 1.9])
def test_after_a_period_without_tunnelling_every_state_is_back(gap):
    A = destruction_of_tunnelling(omega=1.0, gap=gap)
    U = period(A, gap)
    assert_allclose(U, np.sign(U[0, 0].real) * np.eye(2), rtol=0, atol=1e-12)


def test_destruction_of_tunnelling_limits():
    gap = np.array([1e-12, 1e-5, 0.01, 0.02])
    shift = FIRST_ZERO - destruction_of_tunnelling(omega=1.0, gap=gap)
    assert_allclose(shift[:2], 0, rtol=0, atol=1e-10)
    assert_allclose(shift[3] / shift[2], 4, rtol=1e-3)  # quadratic in Δ
    near = destruction_of_tunnelling(omega=1.0, gap=2 - np.array([1e-4, 4e-4]))
    assert_allclose(near[1] / near[0], 2, rtol=1e-3)  # and a root at Δ = 2ω
    assert isinstance(destruction_of_tunnelling(omega=1, gap=0.6 + 0.8j), float)


def test_at_a_zero_of_the_bessel_function_tunnelling_goes_on():
    left = splitting(FIRST_ZERO, 0.5)
    assert_allclose(left, 0.01804, rtol=0, atol=6e-6)
    assert_allclose(left / 0.5, 0.036, rtol=0, atol=5e-4)


def test_splitting_without_bias():
    """Right to Δ³/4, so with a slope of three."""
    amplitude = np.linspace(0.1, 12, 60)
    error = []
    for gap in (0.05, 0.1, 0.2):
        formula = quasienergy_splitting(amplitude=amplitude, omega=1.0, gap=gap)
        exact = [splitting(A, gap) for A in amplitude]
        error.append(np.abs(formula - exact).max())
        assert_allclose(formula, gap * np.abs(jv(0, amplitude)), rtol=1e-13)
        assert error[-1] < gap**3 / 4
    assert_allclose(np.diff(np.log2(error)), 3, atol=0.05)


def test_splitting_with_bias():
    rng = np.random.default_rng(3)
    for amplitude, bias, gap in rng.uniform([0.1, -5, 0.02], [12, 5, 0.3], (150, 3)):
        formula = quasienergy_splitting(amplitude=amplitude, omega=1.0, gap=gap, bias=bias)
        exact = splitting(amplitude, gap, bias)
        assert_allclose(min(formula, 1 - formula), exact, rtol=0, atol=gap**2)


def test_splitting_on_a_resonance_is_its_dithered_gap():
    amplitude = np.array([2.0, 3.5])
    split = quasienergy_splitting(amplitude=2 * amplitude, omega=2.0, gap=-0.3j, bias=6.0)
    gap = dithered_gap(amplitude=2 * amplitude, omega=2.0, gap=-0.3j, order=3)
    assert_allclose(split, np.abs(gap), rtol=1e-14)


@pytest.mark.parametrize("function", [quasienergy_splitting, dithered_gap])
def test_slow_drive_is_reported(function):
    with pytest.warns(LzopenWarning, match="drive is slow") as caught:
        function(amplitude=1.0, omega=[4.0, 2.0], gap=1.0)
    assert caught[0].message.value == 0.5
    assert caught[0].filename == __file__


# --- dithered sweeps, α = 1


def around_sideband(order, amplitude, omega, phase, gap=1.0):
    """Survival of a sweep cut half-way to the next sidebands.

    Prepared and read out in eigenstates of the effective crossing, dressed with the
    fast phase of the dither: plain ones would ring.
    """
    center, T = order * omega, omega / 2
    sweep = lz.Linear(1.0) + lz.Sinusoidal(amplitude, omega, phase=phase)
    start, end = center - T, center + T
    steps = int((end - start) * (2 * omega + amplitude + abs(center)))
    U = integrate(sweep, gap, start, end, steps)

    def dressed(t):
        # in its frame the sideband turns with ωt, and its gap has the phase of the dither
        fast = amplitude / omega * np.sin(omega * t + phase) + order * (omega * t + phase)
        effective = eigenstates(t - center, gap * jv(-order, amplitude / omega))
        return np.exp(-0.5j * fast * np.array([1, -1]))[:, None] * effective

    return abs(dressed(end)[:, 0].conj() @ U @ dressed(start)[:, 1]) ** 2


@pytest.mark.parametrize("order", [0, 1, -2])
def test_a_sweep_across_one_sideband_sees_its_gap(order):
    """One phase of the dither rings by the neighbours; the mean is much closer."""
    omega, amplitude = 50.0, 50.0 * (1 + abs(order))
    gap = dithered_gap(amplitude=amplitude, omega=omega, gap=1.0, order=order)
    expected = landau_zener(rate=1.0, gap=gap)
    P = np.array([around_sideband(order, amplitude, omega, phase) for phase in PHASES])
    assert_allclose(P, expected, rtol=0, atol=0.012)
    assert_allclose(P.mean(), expected, rtol=0, atol=6e-5)


def test_windowed_numbers():
    expected = landau_zener(rate=1.0, gap=dithered_gap(amplitude=200.0, omega=200.0, gap=1.0))
    assert_allclose(expected, 0.39862, rtol=0, atol=5e-6)
    P = [around_sideband(0, 200.0, 200.0, phase) for phase in PHASES[::2]]
    assert_allclose(P, 0.39862, rtol=0, atol=2e-3)  # 0.39992 is one of them
    assert_allclose(np.mean(P), 0.39862, rtol=0, atol=2e-5)
    P = around_sideband(0, 100.0 * FIRST_ZERO, 100.0, np.pi / 2)
    assert P > 0.9998  # no crossing is left at a zero of J₀


def whole_sweep(gap, phase, amplitude=10.0, omega=20.0, end=100.0):
    """Survival across all sidebands."""
    sweep = lz.Linear(1.0) + lz.Sinusoidal(amplitude, omega, phase=phase)
    qubit = lz.TwoLevel(sweep=sweep, gap=gap)
    return lz.transition_matrix(qubit, window=(-end, end), tol=1e-7).probability[:, 0, 0].values


def test_the_effective_gap_is_not_that_of_the_whole_sweep():
    """The mean over dither phases is that of no dither, to second order in Δ²."""
    plain, central = (
        landau_zener(rate=1.0, gap=gap)
        for gap in (0.2, dithered_gap(amplitude=10.0, omega=20.0, gap=0.2))
    )
    assert_allclose([plain, central], [0.93910, 0.94617], rtol=0, atol=6e-6)
    mean = whole_sweep(0.2, PHASES).mean()
    assert_allclose(mean, 0.93983, rtol=0, atol=1e-4)
    assert abs(mean - plain) < 0.2 * (1 - plain) ** 2 < 0.15 * abs(mean - central)


def test_at_a_larger_gap_the_phase_of_the_dither_decides():
    P = whole_sweep(1.0, PHASES)
    assert_allclose([P.min(), P.max(), P.mean()], [0.024, 0.617, 0.309], rtol=0, atol=1.2e-3)
    gaps = dithered_gap(amplitude=20.0, omega=40.0, gap=1.0, order=np.arange(-6, 7))
    stay = landau_zener(rate=1.0, gap=gaps)
    incoherent = (1 + np.prod(2 * stay - 1)) / 2
    others = [incoherent, landau_zener(rate=1.0, gap=1.0), stay[6]]
    assert_allclose(others, [0.332, 0.208, 0.251], rtol=0, atol=6e-4)


# --- rotating couplings, α = 1


@pytest.mark.parametrize(
    ("omega", "chirp", "expected"),
    [(2.0, 0.0, 0.2078795), (0.0, 0.5, 0.0432143), (0.0, -0.5, 0.3509199), (1.0, -0.5, 0.3509199)],
)
def test_a_rotating_coupling_shifts_the_crossing_and_a_chirp_changes_the_rate(
    omega, chirp, expected
):
    """α → α − χ; prepared and read out in eigenstates of the frame that turns along."""
    T = 300.0
    turning = lz.Rotating(1.0, omega=omega, chirp=chirp)
    U = integrate(lz.Linear(1.0), turning, -T, T, 250_000)

    def turned(t):
        phase = np.angle(turning.scalar(t))
        states = eigenstates((1 - chirp) * t - omega, 1.0)
        return np.exp(0.5j * phase * np.array([-1, 1]))[:, None] * states

    P = abs(turned(T)[:, 0].conj() @ U @ turned(-T)[:, 1]) ** 2
    assert_allclose(P, landau_zener(rate=1.0 - chirp, gap=1.0), rtol=0, atol=3e-7)
    assert_allclose(P, expected, rtol=0, atol=1e-6)


# --- bad input


@pytest.mark.parametrize(
    ("function", "argument", "bad"),
    [
        (multi_passage, "amplitude", {"bias": 9.0}),
        (multi_passage, "amplitude", {"bias": 0.0, "amplitude": -1.0}),
        (multi_passage, "bias", {"bias": np.nan}),
        (quasienergy_splitting, "omega", {"omega": 0.0}),
        (quasienergy_splitting, "bias", {"gap": [0.1, 0.2], "bias": [1.0, 2.0, 3.0]}),
        (dithered_gap, "order", {"order": 0.5}),
        (dithered_gap, "gap", {"gap": np.inf}),
    ],
)
def test_bad_argument_is_named(function, argument, bad):
    with pytest.raises(LzopenError, match=f"Argument `{argument}` must"):
        function(**{"amplitude": 5.0, "omega": 1.0, "gap": 0.1, **bad})


@pytest.mark.parametrize("bad", [0.0, 2.0, [0.5, 3.0], np.nan])
def test_bad_gap_for_the_destruction_of_tunnelling_is_named(bad):
    with pytest.raises(LzopenError, match="Argument `gap` must"):
        destruction_of_tunnelling(omega=1.0, gap=bad)
