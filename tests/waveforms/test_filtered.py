"""Waveforms behind filters, against the differential equation of the filter and its H(ω)."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.integrate import solve_ivp

import lzopen as lz

TABLE = ([-4.0, -1.5, 0.25, 1.0, 5.0], [0.5, -1.0, 2.0, -0.25, 1.0])
INPUTS = {
    "trapezoid": lz.Trapezoid(-2.3, 1.4, wait=0.9, bias=0.6),
    "lines": lz.Tabulated(*TABLE),
    "steps": lz.Tabulated(*TABLE, kind="step"),
    "square": lz.Square(1.5, 1.7, bias=0.4, phase=0.3),
    "triangle": lz.Triangle(1.5, 1.7, bias=0.4),
    "pulse train": lz.Repeated(lz.Trapezoid(1.5, 2.0, 0.4), period=2.9, start=-1.3),
    "tone": lz.Sinusoidal(1.5, 1.7, bias=0.4, phase=0.3),
    "several": 2.0 * lz.Square(0.3, 2.1) + lz.Sinusoidal(0.7, 1.1) - lz.Trapezoid(1.0, 2.0),
    "several, backwards": (lz.Triangle(1.0, 2.1) + lz.Tabulated(*TABLE, "step")).reversed(0.4),
    "later sequence": lz.Constant(0.3).then(lz.Linear(0.2), at=-2.0).shifted(0.7),
}
CORNERS = {
    "low-pass": (1.7, None),
    "high-pass": (None, 0.6),
    "band-pass": (1.7, 0.6),
    "equal corners": (1.1, 1.1),
    "narrow": (0.5, 2.0),
}


def driven_filter(waveform, low, high, times, start):
    """The filter equations, solved piece by piece from rest well before."""
    a, b = low or 0.0, high or 0.0
    kinks = np.unique(waveform.kinks(start, times[-1] + 0.1))
    state = np.full(2, waveform.scalar(start))
    found = np.empty(times.size)
    for begin, end in itertools.pairwise([start, *kinks, times[-1] + 0.1]):
        inner = begin + 1e-11, end - 1e-11  # where a step has not happened yet

        def signal(t, inner=inner):
            return waveform.scalar(min(max(t, inner[0]), inner[1]))

        def slope(t, y, signal=signal):
            passed = y[0] if low else signal(t)
            return [a * (signal(t) - y[0]), b * (passed - y[1])]

        here = (times >= begin) & (times < end)
        asked = np.append(times[here], end)
        run = solve_ivp(
            slope, (begin, end), state, "DOP853", asked, rtol=1e-11, atol=1e-12, max_step=0.5
        )
        passed = run.y[0] if low else np.array([signal(t) for t in asked])
        found[here] = (passed - run.y[1] if high else passed)[:-1]
        state = run.y[:, -1]
    return found


@pytest.mark.parametrize("corners", CORNERS.values(), ids=CORNERS)
@pytest.mark.parametrize("waveform", INPUTS.values(), ids=INPUTS)
def test_response_solves_the_equations_of_the_filter(waveform, corners):
    times = np.linspace(-5.0, 6.0, 40)
    expected = driven_filter(waveform, *corners, times, start=-60.0)
    assert_allclose(lz.Filtered(waveform, *corners)(times), expected, atol=3e-10)


@pytest.mark.parametrize("corners", CORNERS.values(), ids=CORNERS)
def test_square_drive_keeps_the_harmonics_that_pass(corners):
    """Fourier coefficients by Gauss's rule from kink to kink against H(nω) of an ideal square."""
    amplitude, omega, bias = 1.5, 1.7, 0.4
    filtered = lz.Filtered(lz.Square(amplitude, omega, bias), *corners)
    period, half = 2 * np.pi / omega, np.pi / (2 * omega)
    nodes, weights = np.polynomial.legendre.leggauss(60)
    for n in range(8):
        found = 0.0
        for start in (-half, half):
            t = start + half * (1 + nodes)
            found += half * weights @ (filtered(t) * np.exp(-1j * n * omega * t)) / period
        own = 2 * amplitude / (n * np.pi) * np.sin(n * np.pi / 2) if n else bias
        low, high = corners
        gain = 1 / (1 + 1j * n * omega / low) if low else 1.0
        gain *= 1j * n * omega / (high + 1j * n * omega) if high else 1.0
        assert_allclose(found, gain * own, atol=1e-13)


def test_step_ramp_and_constant():
    step = lz.Tabulated([-1.0, 0.0], [0.0, 1.0], kind="step")
    t = np.linspace(-2.0, 3.0, 21)
    rise = np.where(t > 0, -np.expm1(-2.0 * np.maximum(t, 0.0)), 0.0)
    assert_allclose(lz.Filtered(step, low_pass=2.0)(t), rise, atol=1e-15)
    assert_allclose(lz.Filtered(step, high_pass=2.0)(t), (t >= 0) - rise, atol=1e-15)
    ramp = lz.Linear(3.0)
    assert_allclose(lz.Filtered(ramp, low_pass=2.0)(t), 3.0 * (t - 0.5), atol=1e-14)
    assert_allclose(lz.Filtered(ramp, high_pass=2.0)(t), 1.5, atol=1e-14)
    assert_allclose(lz.Filtered(lz.Constant(0.7), low_pass=2.0)(t), 0.7)
    assert_allclose(lz.Filtered(lz.Constant(0.7), high_pass=2.0)(t), 0.0)


@pytest.mark.parametrize("waveform", INPUTS.values(), ids=INPUTS)
def test_distant_corners_do_nothing(waveform):
    t = np.random.default_rng(4).uniform(-5.0, 6.0, 200)
    t = t[np.abs(t[:, None] - np.append(waveform.kinks(-6.0, 7.0), np.inf)).min(axis=1) > 1e-3]
    most = np.abs(waveform.derivative(t)).max()
    error = np.abs(lz.Filtered(waveform, low_pass=1e6)(t) - waveform(t)).max()
    assert error < 1.001e-6 * most + 1e-13
    assert_allclose(lz.Filtered(waveform)(t), waveform(t), rtol=0)


def test_slow_high_pass_takes_the_mean_or_the_beginning():
    t = np.linspace(-5.0, 6.0, 60)
    square, pulse = INPUTS["square"], INPUTS["trapezoid"]
    assert_allclose(lz.Filtered(square, high_pass=1e-7)(t), square(t) - 0.4, atol=1e-6)
    assert_allclose(lz.Filtered(pulse, high_pass=1e-7)(t), pulse(t) - 0.6, atol=2e-6)


@pytest.mark.parametrize("pulse", ["trapezoid", "lines", "steps", "square"])
def test_nearly_equal_corners_are_no_trouble(pulse):
    t = np.linspace(-5.0, 9.0, 50)
    equal = lz.Filtered(INPUTS[pulse], 1.1, 1.1)(t)
    for shift in (1e-13, 1e-9, -1e-7):
        assert_allclose(lz.Filtered(INPUTS[pulse], 1.1 * (1 + shift), 1.1)(t), equal, atol=3e-7)


def test_steps_end_where_exponentials_have_died_out():
    """A fast filter must not make a solver take small steps all the time."""
    pulse = lz.Filtered(lz.Trapezoid(2.0, 1.0, wait=100.0), low_pass=50.0)
    assert_allclose(pulse.kinks(-60.0, 60.0), [-52, -51.26, -50, -49.26, 50, 50.74, 52, 52.74])
    assert pulse.time_scale(-51.9, -51.5) == pytest.approx(0.02)
    assert pulse.time_scale(-49.2, 49.9) == np.inf
    assert_allclose(pulse([-49.26, 0.0]), 2.0, atol=1e-15)


def test_transition_through_a_filtered_pulse():
    """Against a plain solution of Schrödinger's equation, and without a filter."""
    pulse = lz.Trapezoid(6.0, 2.0, wait=1.5, bias=-3.0)

    def final(sweep, gap=0.9):
        def slope(t, c):
            half = 0.5 * sweep.scalar(t)
            return -1j * np.array([half * c[0] + gap / 2 * c[1], gap / 2 * c[0] - half * c[1]])

        run = solve_ivp(slope, (-6, 9), [1, 0j], "DOP853", rtol=1e-10, atol=1e-11, max_step=0.05)
        return abs(run.y[1, -1]) ** 2

    def found(sweep):
        model = lz.TwoLevel(sweep=sweep, gap=0.9)
        result = lz.transition_matrix(model, window=(-6.0, 9.0), readout="diabatic", tol=1e-8)
        return float(result.probability[1, 0])

    slow = lz.Filtered(pulse, low_pass=1.5)
    assert found(slow) == pytest.approx(final(slow), abs=1e-7)
    assert abs(found(slow) - found(pulse)) > 0.01
    moved = [found(lz.Filtered(pulse, low_pass=corner)) - found(pulse) for corner in (60.0, 600.0)]
    assert abs(moved[0]) > 1e-3
    assert moved[0] / moved[1] == pytest.approx(10, rel=0.05)


def test_steady_state_under_a_filtered_square_drive():
    """The engine's average over a period against QuTiP, long after the start."""
    qubit = lz.TwoLevel(sweep=lz.Filtered(lz.Square(3.0, 2.0, 1.0), low_pass=3.0), gap=0.5)
    qubit = qubit.with_environment(lz.Dephasing(0.5), lz.Relaxation(0.5, temperature=0.3))
    times = np.append(0.0, np.linspace(10 * np.pi, 11 * np.pi, 401))
    after = lz.evolve(qubit, times=times, initial=0).population[1:]
    expected = after.integrate("time") / np.pi
    assert_allclose(lz.interferogram(qubit).population, expected, atol=3e-5)


def test_a_ramp_passes_a_filter_late_but_whole():
    """A ramp arrives 1/corner later, and the transition cares for its slope alone."""
    sweep = lz.Filtered(lz.Linear(1.3), low_pass=0.4)
    found = lz.transition_matrix(lz.TwoLevel(sweep=sweep, gap=0.9)).probability[0, 0]
    assert float(found) == pytest.approx(lz.theory.landau_zener(rate=1.3, gap=0.9), abs=1e-8)


@pytest.mark.parametrize(
    ("build", "words"),
    [
        (lambda: lz.Filtered(lz.Sech(1.0, 1.0), 2.0), "must be made of tones and straight pieces"),
        (lambda: lz.Filtered(lz.PowerLaw(0.2, 3.0), 2.0), "sample it: lz.Tabulated"),
        (lambda: lz.Filtered(lz.Rotating(1.0, 1.0, chirp=0.1), 2.0), "tones and straight"),
        (
            lambda: lz.Filtered(lz.Linear(1.0).then(lz.Sinusoidal(1.0, 1.0), at=0.0), 2.0),
            "tones and straight pieces",
        ),
        (
            lambda: lz.Filtered(lz.Linear(1.0).then(lz.Square(1.0, 1.0), at=0.0), 2.0),
            "must have a finite number of kinks, or a period",
        ),
        (lambda: lz.Filtered(lz.Linear(1.0), low_pass=0.0), "`low_pass` must be positive"),
        (lambda: lz.Filtered(lz.Linear(1.0), high_pass=-1.0), "`high_pass` must be positive"),
        (lambda: lz.Filtered(3.0, low_pass=1.0), "`waveform` must be a Waveform"),
    ],
)
def test_what_cannot_be_filtered_exactly_is_refused(build, words):
    with pytest.raises(lz.LzopenError, match=words):
        build()
