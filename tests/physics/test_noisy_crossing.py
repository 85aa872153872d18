"""Crossings under classical noise: closed forms against ladders of Bloch equations and the engine.

Ornstein-Uhlenbeck noise of s.d. σ, correlation time τ, on the operator A is exact in the levels
r₀, r₁, … of ṙ_k = Ω×r_k + σ A×(√k r_{k−1} + √(k+1) r_{k+1}) − (k/τ) r_k; r₀ is the mean.
"""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.integrate import quad, solve_ivp
from scipy.optimize import minimize_scalar

import lzopen as lz
from lzopen.dynamics.magnus import propagator
from lzopen.errors import LzopenError, LzopenWarning
from lzopen.theory.decay_laws import ornstein_uhlenbeck_decay, quasi_static_decay
from lzopen.theory.double_passage import detuning_coherence, dynamic_phase
from lzopen.theory.noisy import adiabatic_dephasing, optimal_rate, weak_longitudinal_noise
from lzopen.theory.single import landau_zener, stokes_phase
from lzopen.theory.transverse import fast_transverse_noise, slow_transverse_noise

ABOUT_X = np.array([[0.0, 0, 0], [0, 0, -1], [0, 1, 0]])
ABOUT_Z = np.array([[0.0, -1, 0], [1, 0, 0], [0, 0, 0]])
TRANSVERSE, LONGITUDINAL = ABOUT_X, ABOUT_Z


def ladder(operator, sigma, tau, *, gap, sweep, edges, levels):
    """Polarisation along the field at the end, after one against it at the start."""
    k = np.arange(levels)
    hops = np.diag(np.sqrt(k[1:]), 1)
    still = np.kron(np.eye(levels), gap * ABOUT_X) + sigma * np.kron(hops + hops.T, operator)
    still -= np.kron(np.diag(k / tau), np.eye(3))
    generators = ((still, lz.Constant(1.0)), (np.kron(np.eye(levels), ABOUT_Z), sweep))
    start, end = (np.array([gap, 0.0, sweep(t)]) for t in (edges[0], edges[-1]))
    turned = propagator(generators, edges)[:3, :3] @ start
    return -(end @ turned) / np.linalg.norm(start) / np.linalg.norm(end)


def steps(T):
    """Edges from −T to T for a sweep of rate 1, no step with more than 0.7 rad."""
    late = np.sqrt(np.arange(100.0, T**2, 1.4))
    right = np.concatenate([np.linspace(0, 10, 201), late[1:], [T]])
    return np.concatenate([-right[:0:-1], right])


def survival_under_transverse_noise(gap, J, tau, T=60.0, levels=5):
    """At unit rate. Beyond ±T fast noise decays what is left at its golden-rule rate."""
    z = -ladder(TRANSVERSE, J, tau, gap=gap, sweep=lz.Linear(1.0), edges=steps(T), levels=levels)
    return (1 - z * np.exp(-(J**2) * (np.pi - 2 * np.arctan(tau * T)))) / 2


def dephased(rate, gap, dephasing, tol=1e-7):
    """Survival under dephasing in the diabatic basis, t from −∞ to ∞."""
    qubit = lz.TwoLevel(sweep=lz.Linear(rate), gap=gap, environments=[lz.Dephasing(dephasing)])
    return np.asarray(lz.transition_matrix(qubit, tol=tol).probability)[..., 0, 0]


# --- noise in the gap


@pytest.mark.parametrize(("gap", "expected"), [(1.0, 0.40573), (0.0, 0.66136)])
def test_fast_noise_numbers(gap, expected):
    assert_allclose(fast_transverse_noise(rate=1, gap=gap, strength=0.6), expected, atol=5e-6)


@pytest.mark.parametrize(("gap", "exact", "miss"), [(1.0, 0.404358, 1.4e-3), (0.0, 0.661363, 4e-6)])
def test_fast_noise_is_the_limit_of_the_ladder(gap, exact, miss):
    found = survival_under_transverse_noise(gap, 0.6, 0.02, T=100.0)
    assert_allclose(found, exact, rtol=0, atol=5e-6)
    assert abs(found - fast_transverse_noise(rate=1, gap=gap, strength=0.6)) < miss


def test_fast_noise_misses_terms_linear_in_the_correlation_time():
    """Without a mean gap they are of higher order."""
    tau = np.array([0.025, 0.05, 0.1])
    cases = [(1.0, 1, 0.05, 0.0034), (2.0, 1, 0.05, 0.0173), (0.0, 2.5, 0.5, -3e-5)]
    for gap, power, within, documented in cases:
        exact = [survival_under_transverse_noise(gap, 0.6, t) for t in tau]
        misses = fast_transverse_noise(rate=1, gap=gap, strength=0.6) - np.array(exact)
        slope = np.polyfit(np.log(tau), np.log(np.abs(misses)), 1)[0]
        assert_allclose(slope, power, atol=within)
        assert_allclose(misses[1], documented, rtol=0.1)


def test_noise_without_strength_is_no_noise():
    for gap in (0.7, 0.6 - 0.8j, 0.0):
        P = landau_zener(rate=1.3, gap=gap)
        for function in (fast_transverse_noise, slow_transverse_noise):
            assert_allclose(function(rate=1.3, gap=gap, strength=0.0), P, rtol=1e-14)


def test_strong_fast_noise_mixes():
    assert fast_transverse_noise(rate=1.0, gap=1.0, strength=9.0) == 0.5


def test_slow_noise_is_the_average_over_gaps():
    assert_allclose(slow_transverse_noise(rate=1, strength=0.6), 0.68503, rtol=0, atol=5e-6)
    nodes, weights = np.polynomial.hermite_e.hermegauss(60)
    weights /= weights.sum()
    for rate, gap in [(1.3, 0.0), (-0.7, 0.9), (1.0, 0.5 + 0.4j)]:
        average = weights @ landau_zener(rate=rate, gap=gap + 0.6 * nodes)
        assert_allclose(
            slow_transverse_noise(rate=rate, gap=gap, strength=0.6), average, rtol=1e-12
        )


@pytest.mark.parametrize("gap", [0.0, 0.5])
def test_slow_noise_is_the_average_of_the_dynamics(gap):
    nodes, weights = np.polynomial.hermite_e.hermegauss(16)
    qubits = lz.TwoLevel(sweep=lz.Linear(1.0), gap=np.abs(gap + 0.6 * nodes))
    P = np.asarray(lz.transition_matrix(qubits, tol=1e-8).probability)[:, 0, 0]
    average = (weights @ P) / weights.sum()
    assert_allclose(slow_transverse_noise(rate=1, gap=gap, strength=0.6), average, atol=2e-6)


def test_a_finite_correlation_time_lies_between_slow_and_fast():
    fast, slow = fast_transverse_noise(rate=1, gap=0, strength=0.6), 0.68503
    between = [survival_under_transverse_noise(0.0, 0.6, tau, 40, 12) for tau in (0.3, 1.0, 3.0)]
    assert_allclose(between[1], 0.67195, rtol=0, atol=5e-5)
    assert np.all(np.diff([fast, *between, slow]) > 0)


def test_slow_noise_keeps_its_exponent_at_the_ends_of_the_floats():
    for size in (1e-100, 1e100, 1e200):
        P = slow_transverse_noise(rate=size, gap=size, strength=size)
        w = 1 / size + np.pi  # in units of Δ²
        assert_allclose(P, np.sqrt(1 / size / w) * np.exp(-np.pi / 2 / w), rtol=1e-12)
    assert slow_transverse_noise(rate=1e-200, gap=1e200, strength=1e160) == 0


# --- weak noise in the bias


def test_dephased_sweeps():
    """From δ = 0.05, 0.25, 1 and ever stronger dephasing to Kayanuma's limit."""
    table = [
        [0.73106, 0.73644, 0.75173, 0.75987, 0.76580, 0.76673],
        [0.21663, 0.28475, 0.44012, 0.49566, 0.51948, 0.52159],
        [0.03149, 0.23008, 0.47626, 0.49875, 0.49999929, 0.50000172],
    ]
    gaps = 2 * np.sqrt([[0.05], [0.25], [1.0]])
    found = dephased(1.0, gaps, [0.01, 0.1, 0.5, 1.0, 3.0, 30.0])
    assert_allclose(found, table, rtol=0, atol=6e-6)


def test_weak_dephasing_by_other_equations_in_another_window():
    """What is left outside the window decays at the rate Δ²Γ/(Γ² + t²)."""
    gap, Gamma, T = 1.0, 0.01, 60.0

    def slope(t, r):
        x, y, z = r
        return [-Gamma * x - t * y, t * x - Gamma * y - gap * z, gap * y]

    start, end = (
        np.array([gap * t, -gap * Gamma, t**2 + Gamma**2]) / np.hypot(t, gap) / abs(t)
        for t in (-T, T)
    )
    r = solve_ivp(slope, (-T, T), start, method="DOP853", rtol=1e-9, atol=1e-11).y[:, -1]
    left = np.exp(-(gap**2) * (np.pi - 2 * np.arctan(T / Gamma)))
    assert_allclose(dephased(1.0, gap, Gamma), (1 + left * (r @ end)) / 2, rtol=0, atol=3e-6)


def test_weak_noise_is_as_good_as_documented():
    delta = np.array([[0.25], [0.5], [1.0], [2.0]])
    gap = 2 * np.sqrt(delta)
    S = gap * np.array([0.05, 0.2, 0.35, 1.0])
    error = weak_longitudinal_noise(rate=1, gap=gap, spectrum=S) - dephased(1.0, gap, S / 2)
    assert np.abs(error).max() < 0.016
    assert np.abs(error[2:]).max() < 0.005


def test_weak_noise_numbers():
    """The dynamics; what is added to P is 4.418e-4 against π|Δ|S₀/4α = 4.443e-4."""
    slow = {"rate": 1.0, "gap": np.sqrt(8)}
    added = dephased(**slow, dephasing=1e-4, tol=1e-8) - landau_zener(**slow)
    assert_allclose(added, 4.418e-4, rtol=0, atol=5e-8)
    added = weak_longitudinal_noise(**slow, spectrum=2e-4) - landau_zener(**slow)
    assert_allclose(added, 4.443e-4, rtol=0, atol=3e-7)
    for rate, exact, miss in [(0.1, 0.015415, 6e-5), (0.215, 0.00779, 1.3e-4), (1.0, 0.2088, 4e-5)]:
        found = dephased(rate, 1.0, 0.001)
        assert_allclose(found, exact, rtol=0, atol=4e-5)
        assert_allclose(weak_longitudinal_noise(rate=rate, gap=1, spectrum=0.002), found, atol=miss)


@pytest.mark.parametrize(("delta", "missing"), [(1.0, 0.03), (2.0, 0.006), (4.0, 0.0015)])
def test_order_in_the_noise(delta, missing):
    """(Q − P)/X is 1, up to (α/Δ²)², with the slope −X of a polarisation e^{−2X}."""
    gap = 2 * np.sqrt(delta)
    X = np.pi * gap / 4 * (S := np.array([0.002, 0.004, 0.008]))
    P = landau_zener(rate=1, gap=gap)
    slope, intercept = np.polyfit(X, (dephased(1.0, gap, S / 2) - P) / X, 1)
    assert 0.5 * missing < 1 - intercept < missing
    assert_allclose(slope, -1, atol=0.08)
    formula = (weak_longitudinal_noise(rate=1, gap=gap, spectrum=S) - P) / X
    assert_allclose(formula, (1 - 2 * P) * (1 - X), atol=2 * X[-1] ** 2)


def test_first_order_is_a_sum():
    Q = weak_longitudinal_noise(rate=0.1, gap=-1.0, spectrum=1e-9)
    assert_allclose(Q, landau_zener(rate=0.1, gap=1) + np.pi * 1e-9 / 0.4, rtol=1e-6)


@pytest.mark.parametrize(("sigma", "tau"), [(0.05, 2.0), (0.1, 0.5)])
def test_coloured_noise_against_the_ladder(sigma, tau):
    def spectrum(omega):
        return 2 * sigma**2 * tau / (1 + (omega * tau) ** 2)

    edges, sweep = np.linspace(-60, 60, 2400), lz.Linear(0.2)
    z = ladder(LONGITUDINAL, sigma, tau, gap=1.0, sweep=sweep, edges=edges, levels=6)
    Q = weak_longitudinal_noise(rate=0.2, gap=1.0, spectrum=spectrum)
    assert_allclose((1 + z) / 2, Q, rtol=0.025)
    white = weak_longitudinal_noise(rate=0.2, gap=1.0, spectrum=spectrum(0.0))
    assert abs((1 + z) / 2 - white) > 5 * abs((1 + z) / 2 - Q)  # the colour matters


def test_the_integral_over_the_spectrum():
    P = landau_zener(rate=0.3, gap=1.2)

    def X(spectrum):
        Q = weak_longitudinal_noise(rate=0.3, gap=1.2, spectrum=spectrum)
        return -np.log((1 - 2 * Q) / (1 - 2 * P)) / 2

    assert_allclose(X(lambda w: 1e-3), np.pi * 1.2e-3 / 1.2, rtol=1e-10)
    assert_allclose(X(lambda w: 1e-3 / w), 1e-3 / 0.6, rtol=1e-10)
    in_time = quad(lambda t: 0.25e-3 * 1.44 / (1.44 + 0.09 * t**2) ** 1.7, -np.inf, np.inf)[0]
    assert_allclose(X(lambda w: 1e-3 * w**-1.4), in_time, rtol=1e-8)
    cut = X(lambda w: 1e-3 * (w < 2.4))  # |t| < √3 Δ/α
    assert_allclose(cut, 1e-3 * 1.2 / 0.6 * np.pi / 3, rtol=1e-8)


def test_spectra_broadcast():
    gaps = np.array([1.0, 1.5])
    rates = np.array([[0.1], [-0.3], [0.2]])
    table = weak_longitudinal_noise(rate=rates, gap=gaps, spectrum=lambda w: 1e-3 / w)
    assert table.shape == (3, 2)
    one = weak_longitudinal_noise(rate=0.3, gap=1.5j, spectrum=lambda w: 1e-3 / w)
    assert_allclose(table[1, 1], one, rtol=1e-13)
    assert isinstance(one, float)
    S = np.array([0.0, 1e-3])
    assert weak_longitudinal_noise(rate=0.1, gap=1.0, spectrum=S).shape == (2,)


@pytest.mark.parametrize("S", [1e-6, 0.002, 0.5])
def test_optimal_rate_is_the_minimum_of_the_formula(S):
    best = optimal_rate(gap=-1.3, spectral_density=S)
    bounds = np.log([0.5 * best, 2 * best])
    found = minimize_scalar(
        lambda u: weak_longitudinal_noise(rate=np.exp(u), gap=1.3, spectrum=S),
        bounds=bounds,
        method="bounded",
        options={"xatol": 1e-8},
    )
    assert_allclose(best, np.exp(found.x), rtol=1e-6)


def test_optimal_rate_of_the_dynamics():
    rates = np.array([0.21, 0.22, 0.23, 0.24, 0.25])
    excited = dephased(rates, 1.0, 0.001)
    fit = np.polynomial.Polynomial.fit(rates, excited, 4)
    best = [x.real for x in fit.deriv().roots() if abs(x.imag) < 1e-9 and 0.21 < x.real < 0.25]
    assert_allclose(best, [0.2281], rtol=0, atol=2e-4)
    assert_allclose(optimal_rate(gap=1.0, spectral_density=0.002), best, rtol=4e-3)
    assert_allclose(fit(best[0]), 0.0077136, rtol=0, atol=1e-6)


# --- dephasing between energy eigenstates


def adiabatic_frame(rate, dephasing, reach=8.0):
    """H = ½Eσz + ½θ̇σy with dephasing along z, at unit gap; αt = sinh s."""

    def slope(s, r):
        x, y, z = r
        turn, time = 1 / np.cosh(s), np.cosh(s) / rate
        E = np.cosh(s)
        return [
            time * (-dephasing * x - E * y) - turn * z,
            time * (E * x - dephasing * y),
            turn * x,
        ]

    span = (-np.arcsinh(reach), np.arcsinh(reach))
    r = solve_ivp(slope, span, [0, 0, -1], method="DOP853", rtol=1e-9, atol=1e-13)
    return (1 + r.y[2, -1]) / 2


@pytest.mark.parametrize(
    ("rate", "x", "exact", "formula"),
    [
        (0.02, 0.1, 0.0011678, 0.00116836),
        (0.02, 1.0, 0.0064651, 0.0065065),
        (0.005, 1.0, 0.0016240, 0.0016266),
    ],
)
def test_adiabatic_dephasing_numbers(rate, x, exact, formula):
    half = 0.5 * 10.0 ** -len(f"{formula}".split(".")[1])
    found = adiabatic_dephasing(rate=rate, gap=1.0, dephasing=x)
    assert_allclose(found, formula, rtol=0, atol=1.01 * half)
    reach = 16.0 if rate > 0.01 else 8.0
    assert_allclose(adiabatic_frame(rate, x, reach), exact, rtol=0, atol=5e-8)


def test_adiabatic_dephasing_is_first_order_in_the_rate():
    rates = np.array([0.02, 0.04, 0.08])
    exact = np.array([adiabatic_frame(rate, 1.0, 12.0) for rate in rates])
    excess = adiabatic_dephasing(rate=rates, gap=1.0, dephasing=1.0) / exact - 1
    assert_allclose(np.polyfit(np.log(rates), np.log(excess), 1)[0], 1, atol=0.05)
    assert 0.006 < excess[0] < 0.0065
    for x in (0.1, 1.0):
        ratio = adiabatic_dephasing(rate=0.0999, gap=1.0, dephasing=x) / adiabatic_frame(0.0999, x)
        assert abs(ratio - 1) < 0.031


def test_the_basis_of_the_dephasing_decides():
    assert_allclose(dephased(0.02, 1.0, 0.1), 0.499999924, rtol=0, atol=2e-9)
    slow = {"rate": 0.02, "gap": 1.0}
    assert_allclose(weak_longitudinal_noise(**slow, spectrum=0.2), 0.499999925, rtol=0, atol=1e-9)
    assert adiabatic_dephasing(**slow, dephasing=0.1) < 0.0012


def test_adiabatic_dephasing_limits():
    slow = {"rate": -0.01, "gap": 1j}
    weak, strong = 1e-9, 1e9
    assert adiabatic_dephasing(**slow, dephasing=0.0) == 0
    expected = 3 * np.pi * 0.01 / 16 * weak
    assert_allclose(adiabatic_dephasing(**slow, dephasing=weak), expected, rtol=1e-12)
    expected = np.pi * 0.01 / 4 / strong
    assert_allclose(adiabatic_dephasing(**slow, dephasing=strong), expected, rtol=1e-8)


# --- fringes of a double passage

FAST = {"rate": 4.0, "gap": np.sqrt(4 * 4.0 * 0.11)}  # δ = 0.11, P = ½ nearly


def visibility(flipped):
    """Of transition probabilities of double passages that turn near 20, there."""
    off = np.linspace(-0.5, 0.5, 6) * np.pi * FAST["rate"] / 20  # a period of the fringes
    phase = dynamic_phase(**FAST, turning_point=20 + off) + 2 * stokes_phase(**FAST)
    fringes = np.array([np.cos(phase), np.sin(phase)])
    basis = np.vstack([fringes, off * fringes, np.ones(6)])  # the visibility has a slope
    cosine, sine = np.linalg.lstsq(basis.T, flipped(20 + off), rcond=None)[0][:2]
    P = landau_zener(**FAST)
    return np.hypot(cosine, sine) / (2 * P * (1 - P))


@pytest.mark.parametrize(
    ("sigma", "tau", "levels", "exact", "law"),
    [(0.2, 2.0, 8, 0.52835, 0.5267), (0.5, 0.2, 6, 0.60898, 0.6126)],
)
def test_fringes_under_coloured_noise(sigma, tau, levels, exact, law):
    """The law leaves out what the noise does during the crossings."""
    right = np.sqrt(np.linspace(0, 1, 900)) * 15
    edges = np.unique(np.concatenate([-right, right, np.linspace(-8, 8, 1601)]))

    def flipped(apexes):
        sweeps = [lz.DoublePassage(FAST["rate"], apex) for apex in apexes]
        noise = {"gap": FAST["gap"], "edges": edges, "levels": levels}
        return [(1 - ladder(LONGITUDINAL, sigma, tau, sweep=w, **noise)) / 2 for w in sweeps]

    formula = ornstein_uhlenbeck_decay(sigma=sigma, correlation_time=tau, time=10.0)
    assert_allclose(formula, law, rtol=0, atol=5e-5)
    assert_allclose(visibility(flipped), exact, rtol=0, atol=2e-5)


def test_fringes_under_noise_that_stands_still():
    nodes, weights = np.polynomial.hermite_e.hermegauss(12)

    def flipped(apexes):
        sweeps = lz.DoublePassage(FAST["rate"], apexes[:, None] + 0.1 * nodes)
        batch = lz.TwoLevel(sweep=sweeps, gap=FAST["gap"])
        P = np.asarray(lz.transition_matrix(batch, tol=1e-7).probability)[..., 1, 0]
        return P @ weights / weights.sum()

    assert_allclose(quasi_static_decay(sigma=0.1, time=10.0), 0.6065, rtol=0, atol=5e-5)
    washed = np.abs(detuning_coherence(**FAST, turning_point=20.0, bias_deviation=0.1))
    assert_allclose(visibility(flipped), washed, rtol=0, atol=1e-5)
    assert_allclose(washed, 0.6052, rtol=0, atol=5e-5)  # dζ/dε is 10.02, and ζ is bent


def test_white_noise_acts_during_the_crossings_too():
    def flipped(apexes):
        sweep = lz.DoublePassage(FAST["rate"], apexes)
        noisy = lz.TwoLevel(sweep=sweep, gap=FAST["gap"], environments=[lz.Dephasing(0.1)])
        return np.asarray(lz.transition_matrix(noisy, tol=1e-7).probability)[:, 1, 0]

    longer = -np.log(visibility(flipped)) / 0.1 - 10
    assert_allclose(longer, 0.275, rtol=0, atol=0.003)


# --- warnings and bad input


@pytest.mark.parametrize(
    ("call", "match", "value"),
    [
        (
            lambda: fast_transverse_noise(
                rate=1.0, gap=[0.5, 3.0], strength=0.6, correlation_time=0.1
            ),
            "noise is slow",
            0.3,
        ),
        (
            lambda: weak_longitudinal_noise(rate=[1.0, 2.0], gap=1.0, spectrum=0.1),
            "sweep is fast",
            0.125,
        ),
        (lambda: weak_longitudinal_noise(rate=1.0, gap=2.0, spectrum=3.0), "noise is strong", 1.5),
        (
            lambda: weak_longitudinal_noise(rate=1.0, gap=2.0, spectrum=lambda w: 3.0),
            "noise is strong",
            1.5,
        ),
        (lambda: optimal_rate(gap=1.0, spectral_density=2.0), "noise is strong", 2.0),
        (lambda: adiabatic_dephasing(rate=0.5, gap=1.0, dephasing=1.0), "sweep is fast", 0.5),
    ],
)
def test_what_is_out_of_range_is_reported(call, match, value):
    with pytest.warns(LzopenWarning, match=match) as caught:
        call()
    assert caught[0].message.value == pytest.approx(value, rel=1e-9)
    assert caught[0].filename == __file__


def test_a_spectrum_beyond_quadrature_is_reported():
    with pytest.warns(LzopenWarning, match="spectrum is uncertain") as caught:
        weak_longitudinal_noise(rate=0.2, gap=1.0, spectrum=lambda w: 1e-4 * (1 + np.sin(1e6 * w)))
    assert caught[0].message.value > 1e-8
    assert caught[0].filename == __file__


GOOD = {
    fast_transverse_noise: {"rate": 1.0, "gap": 1.0, "strength": 0.6, "correlation_time": 0.01},
    slow_transverse_noise: {"rate": 1.0, "gap": 1.0, "strength": 0.6},
    weak_longitudinal_noise: {"rate": 1.0, "gap": 2.0, "spectrum": 1e-3},
    optimal_rate: {"gap": 1.0, "spectral_density": 1e-3},
    adiabatic_dephasing: {"rate": 0.01, "gap": 1.0, "dephasing": 0.1},
}


@pytest.mark.parametrize("function", GOOD)
def test_bad_arguments_are_named(function):
    good = GOOD[function]
    bad = {name: [np.nan, np.inf, "one", None] for name in good}
    bad.get("rate", []).append(0.0)
    for name in {"strength", "spectrum", "dephasing", "spectral_density"} & set(good):
        bad[name].append(-1.0)
    if function not in (fast_transverse_noise, slow_transverse_noise):
        bad["gap"].append(0.0)
    bad.get("correlation_time", [None]).remove(None)
    last = list(good)[-1]
    first = next(iter(good))
    for name, values in bad.items():
        for value in values:
            with pytest.raises(LzopenError, match=f"Argument `{name}` must"):
                function(**good | {name: value})
    with pytest.raises(LzopenError, match="must broadcast"):
        function(**good | {first: [1.0, 2.0], last: [0.1, 0.2, 0.3]})


@pytest.mark.parametrize("bad", [lambda w: -1.0, lambda w: np.inf, lambda w: "white"])
def test_bad_spectra_are_named(bad):
    with pytest.raises(LzopenError, match="Argument `spectrum` must"):
        weak_longitudinal_noise(rate=0.1, gap=1.0, spectrum=bad)
