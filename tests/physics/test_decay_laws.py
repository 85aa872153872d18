"""Decay laws and filter integrals: against one another, mpmath and integrals in time."""

from __future__ import annotations

from itertools import pairwise

import mpmath
import numpy as np
import pytest
from numpy.testing import assert_allclose

from lzopen.errors import LzopenError, LzopenWarning
from lzopen.theory.decay_laws import (
    one_over_f_decay,
    ornstein_uhlenbeck_decay,
    quasi_static_decay,
)
from lzopen.theory.filters import decay_exponent, pulse_filter

EULER = 0.5772156649015329


def lorentzian(sigma, tau):
    return lambda omega: 2 * sigma**2 * tau / (1 + (omega * tau) ** 2)


def exponent(times, spectrum, band):
    return decay_exponent(
        filter_weight=lambda omega: pulse_filter(omega=omega, times=times),
        spectrum=spectrum,
        band=band,
    )


# --- the filter


def test_filters_of_the_textbooks():
    omega = np.array([-3.0, 1e-3, 0.4, 2.0, 31.0])
    free = 4 * np.sin(omega) ** 2 / omega**2
    assert_allclose(pulse_filter(omega=omega, times=[-0.3, 1.7]), free, rtol=1e-12)
    echo = 16 * np.sin(omega / 2) ** 4 / omega**2
    assert_allclose(pulse_filter(omega=omega, times=[0, 1, 2]), echo, rtol=1e-8)
    two = 16 * np.sin(omega / 4) ** 4 * np.sin(omega) ** 2 / (omega * np.cos(omega / 2)) ** 2
    assert_allclose(pulse_filter(omega=omega, times=[0, 0.5, 1.5, 2]), two, rtol=1e-5)


def test_filters_are_the_transform_of_the_modulation():
    times = np.array([0.2, 0.5, 1.4, 2.0, 2.7])
    for omega in (0.0, 0.3, 4.0, -4.0):
        amplitude = sum(
            (-1) ** n * mpmath.quad(lambda t: mpmath.expj(omega * t), piece)  # noqa: B023
            for n, piece in enumerate(pairwise(times))
        )
        found = pulse_filter(omega=omega, times=times)
        assert_allclose(found, float(abs(amplitude) ** 2), rtol=1e-12)
        assert isinstance(found, float)


def test_balanced_filters_keep_their_digits_at_low_frequency():
    """|f̃|² → ω²τ⁴/16 for an echo: nothing is divided by ω."""
    omega = 10.0 ** -np.arange(2, 13)
    found = pulse_filter(omega=omega, times=[0, 1, 2])
    assert_allclose(found, omega**2, rtol=1e-4)
    assert pulse_filter(omega=np.zeros((2, 3)), times=[0, 1, 2]).shape == (2, 3)


@pytest.mark.parametrize("times", [[0.0, 2.0], [0.0, 0.7, 2.0], [0.0, 0.5, 1.5, 2.0]])
def test_the_exponent_is_half_the_variance_of_the_phase(times):
    sigma, tau = 0.7, 0.6

    def sign(t):
        return (-1.0) ** (np.searchsorted(times, t, side="right") - 1)

    t, h = np.linspace(0, 2, 2001)[:-1] + 5e-4, 1e-3
    correlation = sigma**2 * np.exp(-np.abs(np.subtract.outer(t, t)) / tau)
    variance = sign(t) @ correlation @ sign(t) * h**2
    found = exponent(times, lorentzian(sigma, tau), (0.0, 3e3))
    assert_allclose(found, variance / 2, rtol=1e-5)


def test_echo_of_ornstein_uhlenbeck_noise():
    sigma, tau, T = 0.5, 1.0, 2.0
    law = T / tau - 3 + 4 * np.exp(-T / 2 / tau) - np.exp(-T / tau)
    found = exponent([0.0, 1.0, 2.0], lorentzian(sigma, tau), (0.0, 3e3))
    assert_allclose(found, sigma**2 * tau**2 * law, rtol=1e-7)


def test_an_alternating_path_difference_is_an_echo():
    """Four crossings at equal distances, whose paths differ by + − + −."""
    spectrum = lorentzian(0.3, 4.0)
    alternating = exponent([0.0, 1.0, 2.0, 3.0, 4.0], spectrum, (0.0, 1e3))
    assert alternating < 0.1 * exponent([0.0, 4.0], spectrum, (0.0, 1e3))


# --- laws against the integral


def test_white_noise():
    """1/T2 = S₀/2, less what lies above the band: ∫2S₀/ω² dω/2π on average."""
    for top in (2e2, 2e3):
        found = exponent([0.0, 3.0], lambda omega: 0.4, (0.0, top))
        missing = 0.4 / (np.pi * top)
        assert_allclose(found, 0.2 * 3.0 - missing, rtol=0, atol=missing / top)


def test_ornstein_uhlenbeck_noise():
    for sigma, tau, time in [(0.2, 2.0, 10.0), (0.5, 0.2, 10.0), (0.1, 50.0, 10.0)]:
        found = exponent([0.0, time], lorentzian(sigma, tau), (0.0, 1e3))
        law = ornstein_uhlenbeck_decay(sigma=sigma, correlation_time=tau, time=time)
        assert_allclose(np.exp(-found), law, rtol=3e-9)


def test_numbers():
    V = ornstein_uhlenbeck_decay(
        sigma=[0.2, 0.5, 0.1], correlation_time=[2.0, 0.2, 1e12], time=10.0
    )
    assert_allclose(V, [0.5267, 0.6126, 0.6065], rtol=0, atol=5e-5)
    assert_allclose(quasi_static_decay(sigma=0.1, time=10.0), np.exp(-0.5), rtol=1e-15)
    assert_allclose(np.exp(-0.1 * 10), 0.3679, rtol=0, atol=5e-5)


def test_ends_of_ornstein_uhlenbeck_noise():
    T2_star = np.sqrt(2) / 0.3
    slow = ornstein_uhlenbeck_decay(sigma=0.3, correlation_time=1e14, time=T2_star)
    assert_allclose([slow, quasi_static_decay(sigma=0.3, time=T2_star)], np.exp(-1), rtol=1e-13)
    T2 = 1 / (0.3**2 * 1e-8)
    fast = ornstein_uhlenbeck_decay(sigma=0.3, correlation_time=1e-8, time=T2)
    assert_allclose(fast, np.exp(-1), rtol=1e-13)


@pytest.mark.parametrize("x", [1e-12, 1e-3, 0.0999999, 0.1000001, 1.0, 40.0, 1e9])
def test_ornstein_uhlenbeck_noise_keeps_its_digits(x):
    with mpmath.workdps(50):
        weight = (mpmath.mpf(x) - 1 + mpmath.exp(-mpmath.mpf(x))) / mpmath.mpf(x) ** 2
        sigma = 1 / mpmath.sqrt(weight)
        found = ornstein_uhlenbeck_decay(sigma=float(sigma), correlation_time=1 / x, time=1.0)
    assert_allclose(-np.log(found), 1.0, rtol=1e-13)


def test_one_over_f_noise_against_the_integral():
    A, low, time = 0.02, 1e-3, 20.0
    found = exponent([0.0, time], lambda omega: 2 * np.pi * A**2 / omega, (low, 1e2))
    above = A**2 / 1e2**2  # of the band: ∫2A²/ω³ dω
    law = one_over_f_decay(amplitude=A, omega_low=low, time=time)
    assert_allclose(found + above, -np.log(law), rtol=2e-6)


@pytest.mark.parametrize(("x", "rtol"), [(1e-3, 5e-8), (1e-4, 1e-9), (1e-8, 1e-14)])
def test_one_over_f_noise_of_the_textbooks(x, rtol):
    textbook = np.log(1 / x) + 1.5 - EULER
    A = 1 / np.sqrt(textbook)
    assert_allclose(-np.log(one_over_f_decay(amplitude=A, omega_low=x, time=1.0)), 1.0, rtol=rtol)


@pytest.mark.parametrize("x", [1e-6, 0.3, 7.0, 9999.0, 10001.0, 1e7])
def test_one_over_f_noise_keeps_its_digits(x):
    with mpmath.workdps(40):
        z = mpmath.mpf(x)
        weight = (1 - mpmath.cos(z)) / z**2 + mpmath.sin(z) / z - mpmath.ci(z)
        A = float(1 / mpmath.sqrt(weight))
    found = -np.log(one_over_f_decay(amplitude=A, omega_low=x, time=1.0))
    assert_allclose(found, 1.0, rtol=1e-10)


def test_laws_start_at_one_and_end_at_zero():
    time = np.array([0.0, 1e-200, 1e200])
    for V in (
        quasi_static_decay(sigma=2.0, time=time),
        ornstein_uhlenbeck_decay(sigma=2.0, correlation_time=0.1, time=time),
    ):
        assert_allclose(V, [1, 1, 0], atol=0)
    V = one_over_f_decay(amplitude=2.0, omega_low=1.0, time=time)
    assert_allclose(V, [1, 1, np.exp(-4.0)], rtol=1e-14)
    ends = [1e-200, 1.0, 1e200]
    for sigma in ends:
        for other in ends:
            V = [
                ornstein_uhlenbeck_decay(sigma=sigma, correlation_time=other, time=time),
                one_over_f_decay(amplitude=sigma, omega_low=other, time=time),
            ]
            assert np.all((np.array(V) >= 0) & (np.array(V) <= 1))
    # a huge σt with a huge t/τ_c: 1/T2 = σ²τ_c counts
    V = ornstein_uhlenbeck_decay(sigma=1.0, correlation_time=1e-100, time=1e100)
    assert_allclose(V, np.exp(-1), rtol=1e-12)


def test_laws_broadcast():
    V = ornstein_uhlenbeck_decay(sigma=[[0.1], [0.2]], correlation_time=2.0, time=np.arange(3.0))
    assert V.shape == (2, 3)
    assert isinstance(one_over_f_decay(amplitude=0.1, omega_low=1e-3, time=1.0), float)


# --- warnings and bad input


def test_a_spectrum_beyond_quadrature_is_reported():
    rng = np.random.default_rng(1)
    with pytest.warns(LzopenWarning, match="exponent is uncertain") as caught:
        decay_exponent(
            filter_weight=lambda omega: 1.0,
            spectrum=lambda omega: 1 + rng.random(omega.size),
            band=(1.0, 2.0),
        )
    assert caught[0].message.value > 1e-8
    assert caught[0].filename == __file__


@pytest.mark.parametrize(
    ("argument", "bad"),
    [
        ("band", {"band": 3.0}),
        ("band", {"band": (1.0, 1.0)}),
        ("band", {"band": (-1.0, 1.0)}),
        ("band", {"band": (0.0, np.inf)}),
        ("band", {"band": (0.0, [1.0, 2.0])}),
        ("spectrum", {"spectrum": lambda omega: -1.0}),
        ("spectrum", {"spectrum": lambda omega: np.nan}),
        ("spectrum", {"spectrum": lambda omega: [1.0, 2.0]}),
        ("filter_weight", {"filter_weight": lambda omega: 1j}),
    ],
)
def test_bad_integrals_are_named(argument, bad):
    good = {"filter_weight": lambda omega: 1.0, "spectrum": lambda omega: 1.0, "band": (0.0, 1.0)}
    with pytest.raises(LzopenError, match=f"Argument `{argument}` must"):
        decay_exponent(**good | bad)


@pytest.mark.parametrize(
    ("argument", "bad"),
    [
        ("omega", {"omega": np.nan}),
        ("times", {"times": [0.0]}),
        ("times", {"times": [0.0, 2.0, 1.0]}),
        ("times", {"times": [[0.0, 1.0], [0.0, 2.0]]}),
    ],
)
def test_bad_filters_are_named(argument, bad):
    with pytest.raises(LzopenError, match=f"Argument `{argument}` must"):
        pulse_filter(**{"omega": 1.0, "times": [0.0, 1.0]} | bad)


LAWS = {
    quasi_static_decay: {"sigma": 0.1},
    ornstein_uhlenbeck_decay: {"sigma": 0.1, "correlation_time": 2.0},
    one_over_f_decay: {"amplitude": 0.1, "omega_low": 1e-3},
}


@pytest.mark.parametrize("law", LAWS)
def test_bad_arguments_of_laws_are_named(law):
    good = LAWS[law] | {"time": 1.0}
    for name in good:
        for value in (-1.0, np.nan, "one"):
            with pytest.raises(LzopenError, match=f"Argument `{name}` must"):
                law(**good | {name: value})
    with pytest.raises(LzopenError, match="Argument `time` must broadcast"):
        law(**{name: [value, value] for name, value in LAWS[law].items()}, time=[1.0, 2.0, 3.0])
