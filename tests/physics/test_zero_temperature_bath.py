"""A crossing and oscillators at T = 0: the closed form against one mode or two, by brute force."""

from __future__ import annotations

from functools import reduce

import numpy as np
import pytest
import qutip
from numpy.testing import assert_allclose
from scipy.integrate import quad
from scipy.linalg import expm
from scipy.special import jv

import lzopen as lz
from lzopen.conventions import SIGMA_X, SIGMA_Z
from lzopen.dynamics.magnus import propagator
from lzopen.errors import LzopenError
from lzopen.theory.bath import zero_temperature_bath
from lzopen.theory.single import landau_zener

T = 30.0  # half the window; the levels' distance then exceeds every energy of the bath
# Δ, θ, γ, Ω, and the survival
ONE_MODE = [
    (0.6, 0.6, 0.8, 1.0, 0.629054),
    (0.6, -0.6, 0.8, 1.0, 0.204350),
    (0.6, np.pi / 2, 0.8, 1.0, 0.207880),
    (1.0, 0.0, 0.8, 1.0, 0.2078796),
]


class Modes:
    """H = ½(αt σz + Δσx) + ½(cos θ σz + sin θ σx) Σγ(b + b†) + ΣΩb†b in truncated Fock spaces."""

    def __init__(self, gap, angle, gammas, omegas, size=12, rate=1.0):
        self.rate, self.gammas, self.omegas = rate, gammas, omegas
        ladder = np.diag(np.sqrt(np.arange(1.0, size)), 1)
        ones = [np.eye(size)] * len(gammas)
        at = range(len(gammas))
        self.b = [reduce(np.kron, [*ones[:j], ladder, *ones[j + 1 :]]) for j in at]
        self.size = size ** len(gammas)
        self.axis = np.cos(angle) * SIGMA_Z + np.sin(angle) * SIGMA_X
        force = sum(g * (b + b.T) for g, b in zip(gammas, self.b, strict=True))
        energy = sum(w * b.T @ b for w, b in zip(omegas, self.b, strict=True))
        self.still = np.kron(gap / 2 * SIGMA_X, np.eye(self.size)) + np.kron(np.eye(2), energy)
        self.still = self.still + np.kron(self.axis / 2, force)
        self.moving = np.kron(SIGMA_Z / 2, np.eye(self.size))

    def band(self, t, upper):
        """Eigenvectors of the upper or the lower state of the qubit, far from the crossing."""
        vectors = np.linalg.eigh(self.still + self.rate * t * self.moving)[1]
        return vectors[:, self.size :] if upper else vectors[:, : self.size]

    def propagator(self, start=-T, drive=None):
        generators = [
            (-1j * self.still, lz.Constant(1.0)),
            (-1j * self.moving, lz.Linear(self.rate)),
        ]
        if drive is not None:
            generators.append((-0.5j * np.kron(self.axis, np.eye(self.size)), drive))
        return propagator(tuple(generators), np.linspace(start, T, int(25 * (T - start)) + 1))

    def coherent(self, angle, level, phases):
        """The bath at −T if it was in its vacuum when each mode had φ = Ω(t − t₀) to go."""
        state = np.eye(self.size)[0]
        sign = -1 if level == 0 else 1
        for g, w, b, phi in zip(self.gammas, self.omegas, self.b, phases, strict=True):
            beta = sign * g * np.cos(angle) / (2 * w) * (1 - np.exp(-1j * phi))
            state = expm(beta * b.T - np.conj(beta) * b) @ state
        return np.kron(np.eye(2)[level], state)

    def dressed(self, state):
        """The state at −T in the exact lower band."""
        band = self.band(-T, upper=False)
        state = band @ (band.T.conj() @ state)
        return state / np.linalg.norm(state)

    def survival(self, U, state):
        return np.linalg.norm(self.band(T, upper=True).T.conj() @ (U @ state)) ** 2


def from_the_ground_state(gap, angle, gammas, omegas, **more):
    modes = Modes(gap, angle, gammas, omegas, **more)
    return modes.survival(modes.propagator(), modes.band(-T, upper=False)[:, 0])


def closed_form(gap, angle, gammas, omegas, rate=1.0):
    squares = np.square(gammas)
    bath = {"reorganisation": np.sum(squares / omegas), "strength": np.sum(squares)}
    return zero_temperature_bath(rate=rate, gap=gap, angle=angle, **bath)


@pytest.mark.parametrize(("gap", "angle", "gamma", "omega", "expected"), ONE_MODE)
def test_one_mode(gap, angle, gamma, omega, expected):
    found = closed_form(gap, angle, [gamma], [omega])
    assert_allclose(found, expected, rtol=0, atol=5e-7)
    exact = from_the_ground_state(gap, angle, [gamma], [omega])
    assert_allclose(exact, found, rtol=0, atol=6e-5 if angle else 3e-6)


def test_one_mode_of_other_sizes():
    """Slow and fast modes, and a gap that the bath's mean force cancels."""
    for gap, angle, gamma, omega in [(0.4, 0.3, 0.5, 0.3), (0.5, -0.9, 0.7, 2.0)]:
        exact = from_the_ground_state(gap, angle, [gamma], [omega], size=10)
        assert_allclose(closed_form(gap, angle, [gamma], [omega]), exact, rtol=0, atol=3e-4)
    cancelled = 0.5 * 0.64 * np.sin(1.2)
    left = np.exp(-np.pi / 2 * 0.64 * np.sin(0.6) ** 2)
    assert_allclose(closed_form(cancelled, 0.6, [0.8], [1.0]), left, rtol=1e-14)


def test_two_modes():
    case = (0.6, 0.6, [0.5, 0.4], [1.0, 0.6])
    exact = from_the_ground_state(*case, size=4)
    assert_allclose(closed_form(*case), exact, rtol=0, atol=3e-4)


def test_a_falling_bias_starts_in_the_other_state():
    """The mean force of the bath then has the other sign, as if θ had."""
    case = (0.6, 0.6, [0.8], [1.0])
    exact = from_the_ground_state(*case, rate=-1.0)
    assert_allclose(closed_form(*case, rate=-1.0), exact, rtol=0, atol=6e-5)
    assert_allclose(closed_form(*case, rate=-1.0), 0.204350, rtol=0, atol=5e-7)


def test_limits():
    P = landau_zener(rate=1.3, gap=0.9 - 0.2j)
    free = {"rate": 1.3, "gap": 0.9 - 0.2j}
    assert zero_temperature_bath(**free, angle=0.0, reorganisation=9.0, strength=5.0) == P
    assert zero_temperature_bath(**free, angle=1.1, reorganisation=0.0, strength=0.0) == P
    across = zero_temperature_bath(**free, angle=np.pi / 2, reorganisation=9.0, strength=0.5)
    assert_allclose(across, P * np.exp(-np.pi * 0.5 / 2.6), rtol=1e-13)
    table = zero_temperature_bath(
        rate=[[1.0], [-2.0]], gap=0.5, angle=np.array([0.0, 0.4, 1.0]), reorganisation=1, strength=1
    )
    assert table.shape == (2, 3)
    mirrored = zero_temperature_bath(rate=2, gap=0.5, angle=-0.4, reorganisation=1, strength=1)
    assert_allclose(table[1, 1], mirrored, rtol=1e-14)


def test_integrals_over_a_spectral_density_of_qutip():
    bath = qutip.OhmicEnvironment(T=0, alpha=0.3, wc=2.0, s=1.5)

    def moment(power):
        return quad(lambda w: bath.spectral_density(w) * w**power / np.pi, 0, np.inf)[0]

    assert_allclose(np.real(bath.correlation_function(0.0)), moment(0), rtol=1e-7)
    # a single mode is the peak whose correlation function is γ²e^{−iΩt}
    peak = qutip.UnderDampedEnvironment(T=0, lam=0.8, gamma=1e-3, w0=1.3)
    near = {"points": [1.3], "limit": 500}
    S = quad(lambda w: peak.spectral_density(w) / np.pi, 0, 20, **near)[0]
    E0 = quad(lambda w: peak.spectral_density(w) / w / np.pi, 0, 20, **near)[0]
    assert_allclose(E0, S / 1.3, rtol=1e-3)
    assert_allclose(np.real(peak.power_spectrum(1.3)) * 1e-3 / 4, S, rtol=1e-3)  # its height


# --- other starts


@pytest.fixture(scope="module")
def longitudinal():
    modes = Modes(1.0, 0.0, [0.8], [1.0])
    return modes, modes.propagator()


def vacuum_survivals(modes, U, phases):
    states = [modes.dressed(modes.coherent(0.0, 0, [phi])) for phi in phases]
    return np.array([modes.survival(U, state) for state in states])


def test_the_undisplaced_vacuum_depends_on_its_start(longitudinal):
    P = vacuum_survivals(*longitudinal, np.arange(48) * np.pi / 24)
    assert_allclose([P.min(), P.max(), P.mean()], [0.0623, 0.3658, 0.2406], rtol=0, atol=3e-4)
    assert P.mean() > landau_zener(rate=1.0, gap=1.0) + 0.03


def test_a_vacuum_at_another_time_is_a_turned_vacuum(longitudinal):
    modes, U = longitudinal
    early = modes.propagator(start=-T - 2.0)
    band = modes.band(-T - 2.0, upper=False)
    state = band @ (band.T.conj() @ modes.coherent(0.0, 0, [0.0]))
    found = modes.survival(early, state / np.linalg.norm(state))
    assert_allclose(found, vacuum_survivals(modes, U, [2.0])[0], rtol=0, atol=2e-4)


@pytest.mark.parametrize(("angle", "rate"), [(0.0, 1.0), (0.6, 1.0), (0.6, -1.0)])
def test_the_undisplaced_vacuum_is_a_displaced_bath_with_a_drive(angle, rate):
    """F = ±cos θ (γ²/Ω) cos Ω(t − t₀), in any window and with any read-out of the qubit."""
    level = 0 if rate > 0 else 1
    modes = Modes(0.6, angle, [0.8], [1.0], rate=rate)
    vacuum = modes.coherent(angle, level, [0.0])
    beta = -np.sign(rate) * 0.8 * np.cos(angle) / 2
    displaced = np.kron(np.eye(2)[level], expm(beta * (modes.b[0].T - modes.b[0]))[:, 0])
    drive = lz.Sinusoidal(np.sign(rate) * np.cos(angle) * 0.64, 1.0, phase=T)
    populations = [
        np.linalg.norm((U @ state).reshape(2, -1), axis=1) ** 2
        for U, state in [(modes.propagator(), vacuum), (modes.propagator(drive=drive), displaced)]
    ]
    assert_allclose(*populations, rtol=0, atol=1e-6)
    assert np.abs(populations[0][level] - closed_form(0.6, angle, [0.8], [1.0], rate)) > 0.005


def test_number_states_survive_longer(longitudinal):
    """For θ = 0 each returns to itself with P, or to lower ones, but to no higher one."""
    modes, U = longitudinal
    states = np.kron(np.eye(2)[:, :1], expm(-0.4 * (modes.b[0].T - modes.b[0]))[:, :5])
    ends = (modes.band(-T, upper=False), modes.band(T, upper=True))
    start, end = (np.linalg.qr(band @ (band.T.conj() @ states))[0] for band in ends)
    returns = np.abs(end.T.conj() @ U @ start) ** 2
    P = landau_zener(rate=1.0, gap=1.0)
    assert_allclose(np.diag(returns), P, rtol=0, atol=5e-3)
    assert_allclose(np.tril(returns, -1), 0, rtol=0, atol=1e-3)
    survivals = [modes.survival(U, state) for state in start.T]
    assert_allclose(survivals, returns.sum(axis=0), rtol=0, atol=1e-3)
    assert np.all(np.array(survivals[1:]) > P + 0.15)


def test_to_second_order_in_the_gap_the_start_matters_but_not_on_average():
    """1 − P = (πΔ²/2α) Σ_k (−i)^k J_k(2a sin(kΩ²/2α)) e^{ikφ} C(−kΩ/α), a = γ²/Ω².

    φ is the phase at the crossing, and C(τ) = exp[−a(1 − e^{−iΩτ})] the overlap of the
    oscillator's minima. On average over φ only k = 0 is left, which is 1.
    """
    gap, gamma, omega = 0.1, 0.8, 1.0
    a, k = (gamma / omega) ** 2, np.arange(-30, 31)
    modes = Modes(gap, 0.0, [gamma], [omega])
    U, phases = modes.propagator(), np.arange(8) * np.pi / 4
    exact = 1 - vacuum_survivals(modes, U, phases)
    overlap = np.exp(-a * (1 - np.exp(1j * k * omega**2)))
    bessel = (-1j) ** k * jv(k, 2 * a * np.sin(k * omega**2 / 2)) * overlap
    series = np.exp(1j * np.multiply.outer(phases + omega * T, k)) @ bessel
    assert_allclose(series.imag, 0, atol=1e-14)
    assert_allclose(exact, np.pi * gap**2 / 2 * series.real, rtol=0.02)
    assert np.ptp(series.real) > 0.5


# --- bad input


@pytest.mark.parametrize(
    ("argument", "bad"),
    [
        ("rate", 0.0),
        ("gap", np.nan),
        ("angle", np.inf),
        ("angle", 1j),
        ("reorganisation", -1.0),
        ("strength", -1.0),
        ("strength", [1.0, 2.0, 3.0]),
    ],
)
def test_bad_arguments_are_named(argument, bad):
    good = {"rate": [1.0, 2.0], "gap": 1.0, "angle": 0.3, "reorganisation": 1.0, "strength": 1.0}
    with pytest.raises(LzopenError, match=f"Argument `{argument}` must"):
        zero_temperature_bath(**good | {argument: bad})
