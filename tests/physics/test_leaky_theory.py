"""A crossing whose other level leaks: where the leak does not matter, and where it does."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.integrate import solve_ivp

import lzopen as lz
from lzopen import LzopenError, LzopenWarning
from lzopen.theory import landau_zener, leaky_survival

P_LZ = landau_zener(rate=1.0, gap=1.0)
LEVEL = (np.diag([1.0, 0.0]), np.diag([0.0, 1.0]))


@dataclass(frozen=True, eq=False)
class Gaussian(lz.Waveform):
    """A pulse G exp(−t²/2w²)."""

    height: float
    width: float

    def scalar(self, t: float) -> float:
        return self.height * exp(-0.5 * (t / self.width) ** 2)

    def taylor(self, t, order):
        t = np.asarray(t, dtype=float)
        jet = [np.zeros_like(t), self.height * np.exp(-0.5 * (t / self.width) ** 2)]
        for n in range(order):
            jet.append(-(t * jet[-1] + jet[-2]) / ((n + 1) * self.width**2))
        return np.stack(jet[1:], axis=-1)

    def time_scale(self, t0, t1):
        return self.width


def leaking(leak, sweep=lz.Linear(1.0), gap=1.0, level=1):  # noqa: B008
    """A qubit with −½iΓ on one diabatic level."""
    rate = leak if isinstance(leak, lz.Waveform) else lz.Constant(leak)
    terms = lz.TwoLevel(sweep=sweep, gap=gap).terms
    return lz.Model(terms=[*terms, (-0.5j * LEVEL[level], rate)])


def survival(model, T, readout="diabatic"):
    found = lz.transition_matrix(model, window=(-T, T), readout=readout, tol=1e-9)
    return found.probability.values[..., 0, 0]


# --- one infinite linear sweep: the leak does not matter


@pytest.mark.parametrize(("rate", "gap"), [(1.0, 1.0), (-1.3, 0.9), (0.5, 0.4 - 0.3j)])
def test_the_limit_is_landau_zener_for_any_leak(rate, gap):
    leaks = np.array([0.0, 0.01, 1.0, 100.0])
    expected = landau_zener(rate=rate, gap=gap)
    assert_allclose(leaky_survival(rate=rate, gap=gap, leak=leaks), expected, rtol=1e-15)


def test_numbers_of_a_finite_window():
    exact = survival(leaking(5.0), 200.0)
    assert_allclose(exact, 0.2104916, rtol=0, atol=5e-8)
    form = leaky_survival(rate=1.0, gap=1.0, leak=5.0, time=200.0)
    assert_allclose(form, 0.2104942, rtol=0, atol=5e-8)


@pytest.mark.slow
def test_numbers_of_a_long_window():
    excess = survival(leaking(1.0), 800.0) / P_LZ - 1
    assert_allclose(excess, 6.244e-4, rtol=0, atol=5e-8)
    tail = leaky_survival(rate=1.0, gap=1.0, leak=1.0, time=800.0) / P_LZ - 1
    assert_allclose(tail, 1 / 1600, rtol=1e-3)


def test_survival_grows_with_the_leak_and_the_error_is_as_documented():
    leaks = np.array([0.5, 1.0, 3.0, 10.0])
    for gap, T in ((0.5, 30.0), (1.0, 30.0), (1.0, 60.0)):
        exact = survival(leaking(leaks, gap=gap), T)
        assert (np.diff(exact) > 0).all()
        form = leaky_survival(rate=1.0, gap=gap, leak=leaks, time=T)
        assert_allclose(exact / form - 1, -(gap**2) / (2 * T**2), rtol=0.2)


def test_the_limit_is_approached_as_one_over_time_from_above():
    T = np.array([1e3, 1e4, 1e5])
    tail = leaky_survival(rate=-1.3, gap=0.9, leak=2.0, time=T) / landau_zener(rate=1.3, gap=0.9)
    assert_allclose(tail - 1, 0.81 * 2.0 / (2 * 1.69 * T), rtol=2e-3)


def test_a_sink_of_jumps_is_the_same_leak():
    qubit = lz.TwoLevel(sweep=lz.Linear(1.0), gap=1.0)
    with_sink = [(np.pad(matrix, (0, 1)), waveform) for matrix, waveform in qubit.terms]
    model = lz.Model(terms=with_sink, environments=[lz.Decay(2.0, source=1, target=2)])
    lost = lz.evolve(model, times=[-20.0, 20.0], initial=0).population[-1]
    kept = lz.evolve(leaking(2.0), times=[-20.0, 20.0], initial=0)
    assert_allclose(lost[:2], kept.population[-1], rtol=0, atol=1e-6)
    assert_allclose(1 - lost[2], kept.survival[-1], rtol=0, atol=1e-6)


# --- everywhere else it does


def test_a_leak_on_the_initial_level_empties_it():
    T = 20.0
    assert survival(leaking(0.5, level=0), T) < 1e-6 < P_LZ * np.exp(-0.5 * T)


def test_decay_back_into_the_level_refills_it():
    qubit = lz.TwoLevel(sweep=lz.Linear(1.0), gap=1.0)
    run = lz.evolve(qubit.with_environment(lz.Decay(1.0, 1, 0)), times=[-20.0, 20.0], initial=0)
    assert run.population[-1, 0] > P_LZ + 0.5


def test_a_leak_on_the_excited_eigenstate_is_felt():
    """It empties the level once that is the excited one."""

    def slope(t, c, leak):
        energy = np.hypot(t, 1.0)
        H = 0.5 * np.array([[t, 1.0], [1.0, -t]], dtype=complex)
        return -1j * (H - 0.5j * leak * (0.5 * np.eye(2) + H / energy)) @ c

    ask = {"method": "DOP853", "rtol": 1e-8, "atol": 1e-10}
    start = np.array([1.0, 0.0], dtype=complex)
    P = [
        abs(solve_ivp(slope, (-30.0, 30.0), start, args=(leak,), **ask).y[0, -1]) ** 2
        for leak in (0.0, 0.3)
    ]
    assert_allclose(P[0], P_LZ, atol=0.03)
    assert P[1] < 1e-3


@pytest.mark.parametrize(
    ("height", "expected"), [(0.1, 0.212277), (1.0, 0.247970), (5.0, 0.354177)]
)
def test_a_pulsed_leak_is_felt(height, expected):
    model = leaking(Gaussian(height, 3.0))
    assert_allclose(survival(model, 120.0, "adiabatic"), expected, rtol=0, atol=1e-6)


@pytest.mark.parametrize(("leak", "expected"), [(0.0, 0.000994), (1.0, 0.0822), (3.0, 0.2955)])
def test_a_curved_sweep_feels_the_leak(leak, expected):
    model = leaking(leak, sweep=lz.PowerLaw(0.3, 3.0))
    assert_allclose(survival(model, 10.0, "adiabatic"), expected, rtol=0, atol=5e-5)


def test_a_double_passage_feels_the_leak():
    """Interference needs the amplitude that leaks away; incoherently P² is left."""
    sweep = lz.DoublePassage(1.0, 14.0)
    closed, leaky = (survival(leaking(leak, sweep), 54.0, "adiabatic") for leak in (0.0, 1.0))
    assert_allclose(closed, 0.947, rtol=0, atol=5e-4)
    assert_allclose(leaky, P_LZ**2, rtol=0.06)


# --- warnings and bad input


@pytest.mark.parametrize(
    ("arguments", "match", "value"),
    [
        ({"leak": 0.5, "time": 10.0}, "leak is too weak", 5.0),
        ({"leak": [30.0, 40.0], "time": 2.5, "rate": -1.0}, "ends inside the crossing", 0.4),
    ],
)
def test_what_the_window_spoils_is_reported(arguments, match, value):
    with pytest.warns(LzopenWarning, match=match) as caught:
        leaky_survival(**{"rate": 1.0, "gap": 1.0} | arguments)
    assert caught[0].message.value == pytest.approx(value)
    assert caught[0].filename == __file__


@pytest.mark.parametrize(
    ("argument", "bad"),
    [
        ("rate", {"rate": 0.0}),
        ("gap", {"gap": np.nan}),
        ("leak", {"leak": -0.1}),
        ("leak", {"leak": [1.0, 2.0], "gap": [1.0, 1.0, 1.0]}),
        ("time", {"time": 0.0}),
        ("time", {"time": np.inf}),
    ],
)
def test_bad_input_is_named(argument, bad):
    with pytest.raises(LzopenError, match=f"Argument `{argument}` must"):
        leaky_survival(**{"rate": 1.0, "gap": 1.0, "leak": 1.0} | bad)
