"""One linear crossing: closed forms against independent code, numbers and one another."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest
import qutip
from numpy.testing import assert_allclose
from scipy.integrate import quad, solve_ivp

from lzopen.errors import LzopenError, LzopenWarning
from lzopen.theory import (
    adiabaticity,
    finite_time_propagator,
    half_crossing,
    jump_time,
    landau_zener,
    stokes_phase,
    strong_dephasing,
    transfer_matrix,
)

SIGMA_X = np.array([[0, 1], [1, 0]])
GAPS = [0.45, 1.0, -1.3, 0.6 - 0.8j]


def dagger(U):
    return np.conj(np.swapaxes(U, -1, -2))


def integrate(rate, gap, t0, t1, method="vern9", **tolerance):
    """The propagator from QuTiP, which knows nothing of special functions."""
    swept = qutip.coefficient(lambda t: rate * t)
    coupling = np.real(gap) * qutip.sigmax() + np.imag(gap) * qutip.sigmay()
    H = qutip.QobjEvo([coupling / 2, [qutip.sigmaz() / 2, swept]])
    options = {"method": method, "nsteps": 1_000_000, "normalize_output": False, **tolerance}
    return qutip.sesolve(H, qutip.qeye(2), [t0, t1], options=options).final_state.full()


def parabolic_cylinder(rate, gap, t0, t1):
    """The same in Weber's functions D_ν, for positive rate and gap."""
    with mpmath.workdps(40):
        d = mpmath.mpf(gap) ** 2 / (4 * mpmath.mpf(rate))
        a, b = (mpmath.sqrt(rate) * mpmath.expjpi(x) for x in (-0.25, 0.75))

        def D(n, z):
            return mpmath.pcfd(1j * d + n, z)

        gamma = mpmath.gamma(1 - 1j * d) / mpmath.sqrt(2 * mpmath.pi)
        A = gamma * (D(0, a * t1) * D(-1, b * t0) + D(0, b * t1) * D(-1, a * t0))
        B = D(0, b * t1) * D(0, a * t0) - D(0, a * t1) * D(0, b * t0)
        B *= gamma * mpmath.expjpi(0.25) / mpmath.sqrt(d)
        return np.array([[A.conjugate(), -B.conjugate()], [B, A]], dtype=complex)


def adiabatic_states(rate, gap, t):
    """Columns e, g with θ = arccos(ε/E)."""
    angle = np.arctan2(np.abs(gap), rate * np.asarray(t)) / 2
    c, s = np.cos(angle), np.sin(angle)
    u = gap / np.abs(gap) + 0j * c
    return np.moveaxis(np.array([[c, -np.conj(u) * s], [u * s, c]]), (0, 1), (-2, -1))


def impulse(rate, gap, T):
    """The passage −T → T in adiabatic states, without its dynamical phase."""
    a, width = abs(rate), abs(gap)
    half = (T * np.hypot(a * T, width) + width**2 / a * np.arcsinh(a * T / width)) / 4
    undo = np.diag(np.exp([1j * half, -1j * half]))
    U = finite_time_propagator(rate=rate, gap=gap, t0=-T, t1=T)
    final, initial = adiabatic_states(rate, gap, T), adiabatic_states(rate, gap, -T)
    return undo @ dagger(final) @ U @ initial @ undo


def survival_with_dephasing(gap, dephasing, times):
    """Bloch equations at unit rate, from state 0 at times[0]."""

    def slope(t, r):
        x, y, z = r
        return [-dephasing * x - t * y, t * x - dephasing * y - gap * z, gap * y]

    tolerance = {"method": "DOP853", "rtol": 1e-9, "atol": 1e-11}
    span = (times[0], times[-1])
    return (1 + solve_ivp(slope, span, [0, 0, 1], t_eval=times, **tolerance).y[2]) / 2


# --- the full passage


@pytest.mark.parametrize(
    ("rate", "gap", "expected"), [(1, 1, 0.2078795763508), (1.3, 0.9, 0.3757891958763)]
)
def test_landau_zener_numbers(rate, gap, expected):
    assert_allclose(landau_zener(rate=rate, gap=gap), expected, rtol=0, atol=5e-14)


@pytest.mark.parametrize("function", [adiabaticity, landau_zener, stokes_phase, jump_time])
def test_only_the_sizes_of_gap_and_rate_matter(function):
    expected = function(rate=1.7, gap=1.0)
    for rate, gap in [(-1.7, 1.0), (1.7, -1.0), (1.7, 0.6 + 0.8j), (-1.7, 1j)]:
        assert_allclose(function(rate=rate, gap=gap), expected, rtol=1e-14)


@pytest.mark.parametrize("function", [landau_zener, stokes_phase, jump_time, half_crossing])
def test_arguments_broadcast(function):
    rates, gaps = np.array([[0.5], [-2.0]]), np.array([0.3, 1.0, 4.0])
    table = function(rate=rates, gap=gaps)
    assert table.shape == (2, 3)
    assert table.dtype == np.float64
    assert table[1, 2] == function(rate=-2.0, gap=4.0)
    assert np.ndim(function(rate=1, gap=1)) == 0
    assert isinstance(function(rate=1, gap=1), float)


def test_adiabatic_readout_converges_as_the_third_power_and_diabatic_as_the_first():
    ends = np.array([20.0, 60.0, 200.0, 600.0])
    T = ends[:, None] * np.linspace(1, 1.1, 41)  # the errors ring: take their envelope
    U = finite_time_propagator(rate=1.0, gap=1.0, t0=-T, t1=T)
    dressed = dagger(adiabatic_states(1.0, 1.0, T)) @ U @ adiabatic_states(1.0, 1.0, -T)
    P = landau_zener(rate=1.0, gap=1.0)
    for survival, power in [(U[..., 0, 0], -1), (dressed[..., 0, 1], -3)]:
        envelope = np.max(np.abs(np.abs(survival) ** 2 - P), axis=1)
        slope = np.polyfit(np.log(ends), np.log(envelope), 1)[0]
        assert_allclose(slope, power, atol=0.02)


def test_window_errors_at_two_hundred():
    U = finite_time_propagator(rate=1.0, gap=1.0, t0=-200.0, t1=200.0)
    dressed = dagger(adiabatic_states(1.0, 1.0, 200.0)) @ U @ adiabatic_states(1.0, 1.0, -200.0)
    P = landau_zener(rate=1.0, gap=1.0)
    assert_allclose(abs(U[0, 0]) ** 2 - P, -2.0e-3, atol=5e-5)
    assert_allclose(abs(dressed[0, 1]) ** 2 - P, -8.8e-8, atol=5e-10)


# --- the Stokes phase and the transfer matrix


@pytest.mark.parametrize(
    ("delta", "expected"),
    [
        (0.001, 0.7780676233827),
        (0.05, 0.6144223119562),
        (0.25, 0.3270619132587),
        (1.0, 0.0870384838650),
    ],
)
def test_stokes_phase_numbers(delta, expected):
    assert_allclose(stokes_phase(rate=1, gap=2 * np.sqrt(delta)), expected, rtol=0, atol=5e-13)


def test_stokes_phase_keeps_its_digits_over_twenty_decades():
    gaps = np.concatenate([np.logspace(-8, 5, 105), 2 * np.sqrt([9.99999, 10.00001])])
    with mpmath.workdps(50):

        def exact(gap):
            d = mpmath.mpf(gap) ** 2 / 4
            return mpmath.pi / 4 + d * (mpmath.log(d) - 1) + mpmath.loggamma(1 - 1j * d).imag

        expected = np.array([exact(gap) for gap in gaps], dtype=float)
    assert_allclose(stokes_phase(rate=1.0, gap=gaps), expected, rtol=1e-12)


def test_stokes_phase_limits():
    assert stokes_phase(rate=1, gap=0) == np.pi / 4
    assert_allclose(stokes_phase(rate=1, gap=2e6), 1 / 12e12, rtol=1e-12)
    assert np.all(np.diff(stokes_phase(rate=1, gap=np.linspace(0, 8, 2001))) < 0)


@pytest.mark.parametrize("delta", [0.001, 0.05, 0.25, 1.0, 5.0])
def test_stokes_phase_is_the_phase_of_the_propagator(delta):
    gap = 2 * np.sqrt(delta)
    N = impulse(1.0, gap, 2000.0)
    assert_allclose(np.angle(N[1, 1]), stokes_phase(rate=1, gap=gap), rtol=0, atol=1e-9)
    assert_allclose(np.angle(N[0, 0]), -stokes_phase(rate=1, gap=gap), rtol=0, atol=1e-9)


@pytest.mark.parametrize("gap", GAPS)
@pytest.mark.parametrize("rate", [1.0, -1.0, 2.5])
def test_transfer_matrix_is_the_propagator_in_adiabatic_states(rate, gap):
    assert_allclose(transfer_matrix(rate=rate, gap=gap), impulse(rate, gap, 2000.0), atol=2e-9)


def test_transfer_matrix_signs_and_return_pass():
    P, phi = landau_zener(rate=1, gap=1), stokes_phase(rate=1, gap=1)
    N = transfer_matrix(rate=1, gap=1)
    expected = [
        [np.sqrt(1 - P) * np.exp(-1j * phi), -np.sqrt(P)],
        [np.sqrt(P), np.sqrt(1 - P) * np.exp(1j * phi)],
    ]
    assert_allclose(N, expected, rtol=0, atol=1e-15)
    assert_allclose(transfer_matrix(rate=-1, gap=1), N.T, rtol=0, atol=1e-15)
    assert_allclose(transfer_matrix(rate=1, gap=0), [[0, -1], [1, 0]], rtol=0, atol=0)


def test_transfer_matrix_broadcasts_and_is_unitary():
    N = transfer_matrix(rate=np.array([[1.0], [-3.0]]), gap=np.array([0.0, 0.5j, 9.0]))
    assert N.shape == (2, 3, 2, 2)
    assert_allclose(N @ dagger(N), np.broadcast_to(np.eye(2), N.shape), rtol=0, atol=1e-15)
    assert_allclose(N[1, 1], transfer_matrix(rate=-3.0, gap=0.5j), rtol=0, atol=0)


# --- the finite window


def test_propagator_numbers():
    U = finite_time_propagator(rate=1.3, gap=0.9, t0=-4, t1=7)
    assert_allclose(U[0, 0], -0.202427201723325 + 0.615492412254693j, rtol=0, atol=1e-14)
    assert_allclose(abs(U[1, 0]) ** 2, 0.580192318459364, rtol=0, atol=1e-14)


@pytest.mark.parametrize(
    ("rate", "gap", "t0", "t1"),
    [
        (1.3, 0.9, -4.0, 7.0),
        (-1.0, 0.7 - 0.5j, -3.0, 5.0),
        (0.5, -1.4, 1.0, 8.0),
        (2.0, 3.0, -9.0, -0.5),
    ],
)
def test_propagator_against_integration(rate, gap, t0, t1):
    U = finite_time_propagator(rate=rate, gap=gap, t0=t0, t1=t1)
    exact = integrate(rate, gap, t0, t1, atol=1e-15, rtol=1e-13)
    assert_allclose(U, exact, rtol=0, atol=1e-12)
    # QuTiP's default method at 1e-12 is no reference for this
    adams = integrate(rate, gap, t0, t1, method="adams", atol=1e-12, rtol=1e-12)
    assert np.max(np.abs(adams - U)) > 1e-11


@pytest.mark.parametrize("delta", [1e-6, 0.3, 3.0, 10.0])
@pytest.mark.parametrize(("tau0", "tau1"), [(-60, 60), (-60, 0.3), (5, 50), (-9, -2), (12, 1)])
def test_propagator_against_parabolic_cylinder_functions(delta, tau0, tau1):
    window = {"t0": tau0 / np.sqrt(1.7), "t1": tau1 / np.sqrt(1.7)}
    gap = 2 * np.sqrt(1.7 * delta)
    U = finite_time_propagator(rate=1.7, gap=gap, **window)
    assert_allclose(U, parabolic_cylinder(1.7, gap, **window), rtol=0, atol=3e-15)


def test_propagator_is_a_unitary_group():
    rng = np.random.default_rng(1)
    t = rng.uniform(-60, 60, (3, 40))
    gap = rng.normal(size=40) + 1j * rng.normal(size=40)
    rate = rng.choice([-1, 1], 40) * rng.uniform(0.2, 2, 40)

    def U(i, j):
        return finite_time_propagator(rate=rate, gap=gap, t0=t[i], t1=t[j])

    one = np.broadcast_to(np.eye(2), (40, 2, 2))
    assert_allclose(U(1, 2) @ U(0, 1), U(0, 2), rtol=0, atol=3e-15)
    assert_allclose(U(0, 1) @ dagger(U(0, 1)), one, rtol=0, atol=3e-15)
    assert_allclose(U(1, 0), dagger(U(0, 1)), rtol=0, atol=3e-15)
    assert_allclose(U(1, 1), one, rtol=0, atol=3e-15)


def test_propagator_symmetries():
    window = {"t0": -3.0, "t1": 5.0}
    U = finite_time_propagator(rate=1.3, gap=0.9, **window)
    downward = finite_time_propagator(rate=-1.3, gap=0.9, **window)
    assert_allclose(downward, SIGMA_X @ U @ SIGMA_X, rtol=0, atol=1e-15)
    gauge = np.diag([1, np.exp(0.7j)])
    turned = finite_time_propagator(rate=1.3, gap=0.9 * np.exp(0.7j), **window)
    assert_allclose(turned, gauge @ U @ dagger(gauge), rtol=0, atol=1e-15)
    mirrored = finite_time_propagator(rate=1.3, gap=0.9, t0=-5.0, t1=3.0)
    # H is symmetric, and H(−t) = σx H(t) σx
    assert_allclose(mirrored, SIGMA_X @ U.T @ SIGMA_X, rtol=0, atol=1e-15)


def test_propagator_without_a_gap_is_a_phase():
    phase = 1.3 * (7.0**2 - 4.0**2) / 4
    U = finite_time_propagator(rate=1.3, gap=0, t0=-4, t1=7)
    assert_allclose(U, np.diag(np.exp([-1j * phase, 1j * phase])), rtol=0, atol=1e-15)


def test_propagator_of_a_tiny_gap_keeps_its_relative_accuracy():
    tiny, small = (
        finite_time_propagator(rate=1.0, gap=gap, t0=-30.0, t1=40.0)[1, 0] for gap in (1e-12, 1e-8)
    )
    assert_allclose(tiny * 1e4, small, rtol=1e-12)


def test_propagator_broadcasts():
    t1 = np.array([1.0, 5.0, 30.0])
    U = finite_time_propagator(rate=np.array([[1.0], [2.0]]), gap=0.7, t0=-8.0, t1=t1)
    assert U.shape == (2, 3, 2, 2)
    single = finite_time_propagator(rate=2.0, gap=0.7, t0=-8.0, t1=5.0)
    assert_allclose(U[1, 1], single, rtol=0, atol=1e-15)
    assert finite_time_propagator(rate=1, gap=1, t0=0, t1=np.array([])).shape == (0, 2, 2)


def test_propagator_leaves_the_global_precision_alone():
    before = mpmath.mp.dps
    finite_time_propagator(rate=1, gap=1, t0=-1, t1=1)
    assert mpmath.mp.dps == before


# --- half-way and jump time


@pytest.mark.parametrize("gap", [0.2, 1.0, 2.5])
def test_half_crossing_and_jump_time_from_the_propagator(gap):
    T = 3000.0
    U = finite_time_propagator(rate=1.0, gap=gap, t0=-T, t1=0.0)
    stayed, left = U @ adiabatic_states(1.0, gap, -T)[:, 1]  # the diabatic state 0, dressed
    assert_allclose(abs(left) ** 2, half_crossing(rate=1, gap=gap), rtol=0, atol=1e-9)
    slope = gap * np.imag(np.conj(left) * stayed)  # d|left|²/dt, from the equation at t = 0
    flipped = 1 - landau_zener(rate=1, gap=gap)
    assert_allclose(flipped / slope, jump_time(rate=1, gap=gap), rtol=1e-8)


def test_half_crossing_numbers_and_limits():
    assert_allclose(half_crossing(rate=1, gap=1), 0.272030936, rtol=0, atol=5e-10)
    assert_allclose(half_crossing(rate=1, gap=1e-9), np.pi * 1e-18 / 8, rtol=1e-14)
    assert half_crossing(rate=1, gap=50) == 0.5


def test_jump_time_numbers_and_limits():
    assert_allclose(jump_time(rate=1, gap=1), 3.078105385, rtol=0, atol=5e-10)
    assert_allclose(jump_time(rate=4, gap=0), np.sqrt(np.pi), rtol=1e-15)
    assert_allclose(jump_time(rate=4, gap=1e-9), np.sqrt(np.pi), rtol=1e-8)
    assert_allclose(jump_time(rate=4, gap=4e5), 2e5, rtol=1e-9)


@pytest.mark.parametrize("delta", [0.01, 0.25, 3.0, 300.0])
def test_jump_time_against_its_gamma_functions(delta):
    gammas = mpmath.loggamma(0.5 - 0.5j * delta), mpmath.loggamma(1 - 0.5j * delta)
    chi = mpmath.pi / 4 + gammas[0].imag - gammas[1].imag
    flipped = 1 - mpmath.exp(-2 * mpmath.pi * delta)
    expected = mpmath.sqrt(flipped / delta) / mpmath.cos(chi)
    assert_allclose(jump_time(rate=1, gap=2 * np.sqrt(delta)), float(expected), rtol=1e-9)


# --- strong dephasing


@pytest.mark.parametrize(
    ("delta", "expected"), [(0.05, 0.766744), (0.25, 0.521607), (1.0, 0.50000174)]
)
def test_strong_dephasing_numbers(delta, expected):
    survival = strong_dephasing(rate=1, gap=2 * np.sqrt(delta))
    assert_allclose(survival, expected, rtol=0, atol=5e-7)


def test_strong_dephasing_in_a_window_is_the_integral_of_its_rate():
    rate, gap, Gamma = -1.3, 0.8j, 2.1
    total = quad(lambda t: 0.64 * Gamma / (Gamma**2 + (1.3 * t) ** 2), -7.0, 3.0, epsabs=1e-13)[0]
    survival = strong_dephasing(rate=rate, gap=gap, dephasing=Gamma, window=(-7.0, 3.0))
    assert_allclose(survival, (1 + np.exp(-total)) / 2, rtol=1e-13)


def test_strong_dephasing_approaches_the_infinite_window_slowly():
    T = np.array([1e3, 1e4])
    missing = strong_dephasing(rate=1, gap=1, dephasing=2.0, window=(-T, T))
    missing = missing - strong_dephasing(rate=1, gap=1)
    tails = 2 * 2.0 / T  # ∫W dt beyond both ends
    assert_allclose(missing, 0.5 * np.exp(-np.pi) * tails, rtol=5e-3)


@pytest.mark.parametrize("delta", [0.05, 0.25, 1.0, 3.0])
@pytest.mark.parametrize(("strength", "after", "within"), [(1, 0.03, 0.06), (3, 0.003, 0.012)])
def test_strong_dephasing_is_as_good_as_documented(delta, strength, after, within):
    gap = 2 * np.sqrt(delta)
    Gamma = 1.0000001 * strength / gap  # a hair above the threshold of the warning
    t = np.linspace(-40, 40, 161)
    rate_equation = strong_dephasing(rate=1, gap=gap, dephasing=Gamma, window=(-40, t))
    error = np.abs(survival_with_dephasing(gap, Gamma, t) - rate_equation)
    assert error.max() < within
    assert error[-1] < after


def test_weak_dephasing_lies_between_and_is_reported():
    t = np.linspace(-60, 60, 3)
    exact = survival_with_dephasing(1.0, 0.5, t)[-1]
    assert landau_zener(rate=1, gap=1) + 0.1 < exact < strong_dephasing(rate=1, gap=1) - 0.05
    with pytest.warns(LzopenWarning, match="Dephasing is weak") as caught:
        strong_dephasing(rate=-2.0, gap=[2.0, 1.0], dephasing=0.5)
    assert caught[0].message.value == 0.25
    assert caught[0].filename == __file__


def test_start_inside_the_crossing_is_reported():
    with pytest.warns(LzopenWarning, match="starts inside the crossing") as caught:
        strong_dephasing(rate=1.0, gap=1.0, dephasing=2.0, window=(0.0, 5.0))
    assert caught[0].message.value == 0.25
    assert caught[0].filename == __file__


# --- bad input


SINGLE = [adiabaticity, landau_zener, stokes_phase, transfer_matrix, jump_time, half_crossing]


@pytest.mark.parametrize("function", [*SINGLE, strong_dephasing])
@pytest.mark.parametrize(
    ("argument", "bad"),
    [
        ("rate", {"rate": 0.0, "gap": 1.0}),
        ("rate", {"rate": [1.0, 0.0], "gap": 1.0}),
        ("rate", {"rate": 1j, "gap": 1.0}),
        ("gap", {"rate": 1.0, "gap": np.nan}),
        ("gap", {"rate": 1.0, "gap": "wide"}),
        ("gap", {"rate": [1.0, 2.0], "gap": [1.0, 2.0, 3.0]}),
    ],
)
def test_bad_rate_or_gap_is_named(function, argument, bad):
    with pytest.raises(LzopenError, match=f"Argument `{argument}` must"):
        function(**bad)


@pytest.mark.parametrize(
    ("argument", "bad"),
    [
        ("rate", {"rate": 0.0}),
        ("t0", {"t0": -np.inf}),
        ("t1", {"t1": np.nan}),
        ("t1", {"t0": [1.0, 2.0], "t1": [1.0, 2.0, 3.0]}),
        ("gap", {"rate": 1e-300}),  # beyond the reach of the special functions
    ],
)
def test_bad_window_of_the_propagator_is_named(argument, bad):
    good = {"rate": 1.0, "gap": 1.0, "t0": -1.0, "t1": 1.0}
    with pytest.raises(LzopenError, match=f"Argument `{argument}` must"):
        finite_time_propagator(**good | bad)


@pytest.mark.parametrize(
    ("argument", "bad"),
    [
        ("dephasing", {"dephasing": 0.0}),
        ("dephasing", {"window": (-1.0, 1.0)}),
        ("dephasing", {"dephasing": [2.0, 3.0], "rate": [1.0, 1.0, 1.0]}),
        ("window", {"dephasing": 2.0, "window": 5.0}),
        ("window", {"dephasing": 2.0, "window": (-1.0, np.inf)}),
        ("window", {"dephasing": 2.0, "window": (3.0, [4.0, 2.0])}),
        ("window", {"dephasing": 2.0, "window": ([1.0, 2.0], [3.0, 4.0, 5.0])}),
    ],
)
def test_bad_dephasing_or_window_is_named(argument, bad):
    with pytest.raises(LzopenError, match=f"Argument `{argument}` must"):
        strong_dephasing(**{"rate": 1.0, "gap": 1.0} | bad)
