"""One-period maps of driven qubits against QuTiP, closed forms and exact products of segments."""

from __future__ import annotations

import math

import array_api_compat.numpy as xp
import array_api_strict
import mpmath
import numpy as np
import pytest
import qutip

import lzopen as lz
from lzopen.dynamics.periodic.qubit_map import qubit_map
from lzopen.dynamics.periodic.qubit_rotations import after, rotations
from lzopen.dynamics.periodic.qubit_rule import NODES, rule_on
from lzopen.environments.base import Terms
from lzopen.environments.bloch import PAULI, bloch_field, bloch_vector
from lzopen.environments.table import by_table
from oracle import one_period, steady_vector

OMEGA, START = 4 * np.pi, 0.13
PERIOD = 0.5
TILTED = 0.6 * qutip.sigmax() - 0.3 * qutip.sigmay() + 0.4 * qutip.sigmaz()


def period_map(model, start, tol, space):
    return qubit_map(model, start, model.period, tol, space)


def ohmic(w):
    """J(ω) that takes no arrays."""
    return 0.02 * w * math.exp(-w / 12.0)


TABLE = lz.Tabulated([0.0, 0.1, 0.17, 0.33, 0.5], [12.0, -9.0, 4.0, 15.0, 12.0])
MODELS = {
    "triangle, constant rates": lz.TwoLevel(
        sweep=lz.Triangle(30.0, OMEGA, bias=7.0), gap=3.0
    ).with_environment(lz.Dephasing(0.3), lz.Decay(0.2, source=1, target=0)),
    "two tones, complex gap": lz.TwoLevel(
        sweep=lz.Sinusoidal(20.0, OMEGA) + lz.Sinusoidal(9.0, 2 * OMEGA, phase=0.7), gap=2 - 1.5j
    ).with_environment(lz.Dephasing(0.1, TILTED), lz.Decay(0.4, 0, 1), lz.Decay(0.2, 1, 0)),
    "square, strong damping": lz.TwoLevel(
        sweep=lz.Square(12.0, OMEGA, bias=-3.0), gap=5.0
    ).with_environment(lz.Dephasing(60.0), lz.Decay(7.0, 1, 0)),
    "table, moving gap": lz.TwoLevel(
        sweep=lz.Repeated(TABLE, period=PERIOD), gap=lz.Sinusoidal(4.0, OMEGA, bias=2.0)
    ).with_environment(lz.Relaxation(0.5, temperature=3.0), lz.Dephasing(0.2)),
    "moving complex gap": lz.TwoLevel(
        sweep=lz.Sinusoidal(18.0, OMEGA, bias=5.0),
        gap=lz.Constant(6.0) + 1j * lz.Triangle(5.0, OMEGA, phase=0.4),
    ).with_environment(lz.Dephasing(0.7, basis="adiabatic"), lz.Relaxation(0.3, 0.0)),
    "thermal bath": lz.TwoLevel(
        sweep=lz.Sinusoidal(25.0, OMEGA, bias=-8.0), gap=4.0
    ).with_environment(lz.ThermalBath(TILTED, ohmic, temperature=2.5)),
}


@pytest.mark.parametrize("name", MODELS)
def test_against_qutip(name):
    model = MODELS[name]
    found = period_map(model, START, 1e-8, xp)
    whole, mean = one_period(model, START, PERIOD)
    vector, amplified = steady_vector(whole)
    slack = 1e-11 * (1 + amplified)  # of QuTiP at a tolerance of 1e-12
    for steady, expected, rest in (
        (found.steady(), vector, slack),
        (found.mean(), mean @ vector, slack + 5e-10),
    ):
        assert steady.error[0] < 1e-8
        assert np.abs(steady.state[0] - matrix(expected)).max() < steady.error[0] + rest
    first, counts = np.array([0.3, -0.5, 0.7]), np.array([0, 1, 6])
    states, error = found.after(first, counts)
    for k, n in enumerate(counts):
        expected = np.linalg.matrix_power(whole, n) @ density(first).ravel(order="F")
        assert np.abs(states[0, k] - matrix(expected)).max() < error[0, k] + 1e-10


def matrix(vector):
    return vector.reshape(2, 2, order="F")


def density(bloch):
    return 0.5 * (np.eye(2) + np.tensordot(bloch, PAULI, axes=1))


def bloch(state):
    return np.real([np.trace(state @ pauli) for pauli in PAULI])


@pytest.mark.parametrize("rate", [1e-12, 1e-3, 4.0])
def test_square_against_product_of_exact_segments(rate):
    bias, amplitude, gap, across, along = 3.0, 17.0, 2.0, rate, 0.4 * rate
    model = lz.TwoLevel(sweep=lz.Square(amplitude, OMEGA, bias=bias), gap=gap).with_environment(
        lz.Dephasing(across), lz.Decay(along, source=1, target=0)
    )
    with mpmath.workdps(50):
        total = across + mpmath.mpf(along) / 2
        segments = []
        for level in (bias - amplitude, bias + amplitude):
            generator = mpmath.zeros(4)
            generator[0, 0] = generator[1, 1] = -total
            generator[0, 1], generator[1, 0] = -level, level
            generator[1, 2], generator[2, 1] = -gap, gap
            generator[2, 2], generator[2, 3] = -along, along
            segments.append(mpmath.expm(generator * mpmath.mpf(PERIOD) / 2))
        low, high = segments
        whole = high * low  # from the first jump, at a quarter of a period
        vector = mpmath.lu_solve(mpmath.eye(3) - whole[:3, :3], whole[:3, 3])
        exact = [float(part) for part in vector]
    steady = period_map(model, PERIOD / 4, 1e-8, xp).steady()
    assert steady.error[0] < 1e-8
    assert np.abs(steady.state[0] - density(exact)).max() < steady.error[0]


def test_undriven_qubits_in_closed_form():
    """r' = Ω×r + Dr + g stands still at r = −(Ω× + D)⁻¹g."""
    bias = np.array([-4.0, 0.3, 2.0])
    gap, temperature, rate, dephasing = 1.2, 0.8, 0.3, 0.2
    model = lz.TwoLevel(sweep=lz.Sinusoidal(0.0, OMEGA, bias=bias), gap=gap).with_environment(
        lz.Relaxation(rate, temperature), lz.Dephasing(dephasing)
    )
    found = period_map(model, START, 1e-8, xp)
    for i, level in enumerate(bias):
        field = np.array([gap, 0.0, level])
        energy = np.linalg.norm(field)
        n, z = field / energy, np.array([0.0, 0.0, 1.0])
        damping = -0.5 * rate * (np.eye(3) + np.outer(n, n))
        damping -= dephasing * (np.eye(3) - np.outer(z, z))
        pull = -rate * np.tanh(energy / (2 * temperature)) * n
        turn = np.cross(field, np.eye(3)).T
        exact = density(np.linalg.solve(turn + damping, -pull))
        for steady in (found.steady(), found.mean()):
            assert np.abs(steady.state[i] - exact).max() < steady.error[i] < 1e-9


@pytest.mark.parametrize("gap", [0.0, 1e-9])
def test_levels_that_cross_at_zero_temperature(gap):
    """Populations relax to −sgn(ε), which jumps where levels cross."""
    rate, amplitude, bias = 1.7, 30.0, np.array([-12.0, 0.0, 21.0])
    model = lz.TwoLevel(sweep=lz.Triangle(amplitude, OMEGA, bias=bias), gap=gap).with_environment(
        lz.Relaxation(rate, temperature=0.0)
    )
    found = period_map(model, 0.0, 1e-8, xp)
    above = 0.25 * PERIOD * (1 + bias / amplitude)  # from the top to the crossing
    below = PERIOD - 2 * above
    early, late, kept = np.exp(-rate * above), np.exp(-rate * below), np.exp(-rate * PERIOD)
    # To −1, then to +1, and again to −1.
    pushed = -(1 - early) * late * early + (1 - late) * early - (1 - early)
    start = pushed / (1 - kept)
    exact = 0.5 * (1 + start)
    assert np.abs(found.steady().state[:, 0, 0] - exact).max() < 1e-8
    average = (below - 2 * above) / PERIOD  # z' = −Γ(z − z_eq) has no mean
    mean = found.mean()
    assert np.abs(mean.state[:, 0, 0] - 0.5 * (1 + average)).max() < mean.error.max() < 1e-8


def random_batch(seed: int, size: int) -> lz.Model:
    """Qubits with all numbers random, for all environments and drives in turn."""
    rng = np.random.default_rng(seed)
    energy, rate = 10 ** rng.uniform(0, 1.7), 10 ** rng.uniform(-8, 1.0)
    omega = OMEGA * 10 ** rng.uniform(-0.4, 0.4)
    amplitude, bias = energy * rng.uniform(0, 1, size), energy * rng.uniform(-1, 1, size)
    phase, rates = rng.uniform(0, 6, size), rate * 10 ** rng.uniform(-1, 0, (3, size))
    drives = [
        lz.Triangle(amplitude, omega, bias, phase),
        lz.Square(amplitude, omega, bias, phase),
        lz.Sinusoidal(amplitude, omega, bias) + lz.Sinusoidal(0.4 * amplitude, 3 * omega),
        lz.Sinusoidal(amplitude, omega * rng.uniform(0.7, 1.3, size), bias, phase),
    ]
    gap = energy * rng.uniform(0.01, 1, size) * np.exp(1j * phase)
    environments = [
        [lz.Dephasing(rates[0]), lz.Decay(rates[1], 1, 0)],
        [lz.Relaxation(rates[0], energy * rng.uniform(0, 1, size)), lz.Dephasing(rates[1])],
        [lz.Dephasing(rates[0], basis="adiabatic"), lz.Decay(rates[1], 0, 1)],
        [lz.Relaxation(rates[0], 0.0)],
        [lz.ThermalBath(TILTED, lambda w: 0.1 * rate * w / energy, 0.2 * energy)],
    ]
    model = lz.TwoLevel(sweep=drives[seed % 4], gap=gap)
    return model.with_environment(*environments[seed % 5])


def assert_bounded(found, finer):
    """Whether steady states and averages differ by no more than they say, which is little."""
    for kind in ("steady", "mean"):
        steady, exact = getattr(found, kind)(), getattr(finer, kind)()
        error = np.abs(steady.state - exact.state).max(axis=(1, 2))
        assert np.all(error < steady.error + exact.error)
        assert np.median(steady.error) < 1e-7


@pytest.mark.parametrize("seed", range(10))
def test_error_bounds_what_finer_steps_change(seed):
    model = random_batch(seed, 12)
    found, finer = (period_map(model, START, tol, xp) for tol in (1e-7, 1e-12))
    assert_bounded(found, finer)
    first, counts = np.array([0.3, -0.5, 0.7]), np.array([1, 40, 3000])
    (states, error), (exact, rest) = (kind.after(first, counts) for kind in (found, finer))
    assert np.all(np.abs(states - exact).max(axis=(-2, -1)) < error + rest)


@pytest.mark.parametrize("seed", range(8))
def test_error_bounds_where_levels_graze(seed):
    """Two passages close together, as narrow as may be, in jumps that follow the field."""
    rng = np.random.default_rng(seed)
    amplitude, rate = OMEGA * 10 ** rng.uniform(0, 1.7), 10 ** rng.uniform(-8, 0.5)
    bias = amplitude * (1 - 10 ** rng.uniform(-5, -1, 6))
    environments = [
        [lz.Relaxation(rate, 5.0), lz.Dephasing(0.1 * rate)],
        [lz.Dephasing(rate, basis="adiabatic"), lz.Decay(0.3 * rate, 0, 1)],
        [lz.ThermalBath(TILTED, lambda w: 0.1 * rate * w / amplitude, 0.3 * amplitude)],
        [lz.Relaxation(rate, 0.0)],
    ]
    model = lz.TwoLevel(
        sweep=lz.Sinusoidal(amplitude, OMEGA, bias), gap=OMEGA * 10 ** rng.uniform(-3, -0.5, 6)
    ).with_environment(*environments[seed % 4])
    found, finer = (period_map(model, START, tol, xp) for tol in (1e-7, 1e-12))
    assert_bounded(found, finer)


@pytest.mark.parametrize("tol", [1e-4, 1e-6, 1e-9])
@pytest.mark.parametrize("rate", [1e-6, 0.3, 40.0])
def test_error_bounds_what_iterations_leave(rate, tol):
    """Steps without any error of their own: the field stands still between jumps."""
    model = lz.TwoLevel(
        sweep=lz.Square(np.linspace(0.0, 60.0, 5), OMEGA, bias=3.0), gap=0.1
    ).with_environment(lz.Dephasing(rate), lz.Decay(0.4 * rate, source=1, target=0))
    found, finer = (period_map(model, START, least, xp) for least in (tol, 1e-13))
    for kind in ("steady", "mean"):
        steady, exact = getattr(found, kind)(), getattr(finer, kind)()
        error = np.abs(steady.state - exact.state).max(axis=(1, 2))
        assert np.all(error < steady.error + exact.error)
        assert steady.error.max() < tol


def test_members_of_a_large_batch_are_those_of_small_ones():
    """Only some members of a large batch are checked; all come back in order."""
    size = 300
    model, some = random_batch(4, size), [0, 7, 150, 298]
    found = period_map(model, START, 1e-8, xp)
    values = {
        name: value[some] if np.ndim(value) else value for name, value in model.parameters.items()
    }
    few = period_map(model.with_parameters(values), START, 1e-12, xp)
    for kind in ("steady", "mean"):
        steady, alone = getattr(found, kind)(), getattr(few, kind)()
        error = np.abs(steady.state[some] - alone.state).max(axis=(1, 2))
        assert np.all(error < steady.error[some] + alone.error)
        assert steady.error.shape == (size,)
        assert steady.error.max() < 1e-8


def test_frequencies_as_an_axis():
    omega = np.array([40.0, 0.9, 7.0])
    build = lambda w: lz.TwoLevel(  # noqa: E731
        sweep=lz.Sinusoidal(9.0, w, bias=3.0), gap=2.0
    ).with_environment(lz.Dephasing(0.2), lz.Relaxation(0.1, 1.0))
    together = period_map(build(omega), START, 1e-9, xp)
    assert np.allclose(together.period, 2 * np.pi / omega, rtol=1e-14)
    for i, w in enumerate(omega.tolist()):
        alone = period_map(build(w), START, 1e-9, xp).mean()
        assert np.abs(together.mean().state[i] - alone.state[0]).max() < 1e-9


def test_rates_are_not_lost_in_a_million_million_periods():
    rate, temperature, bias = 1e-11, 0.7, 1.3
    model = lz.TwoLevel(sweep=lz.Sinusoidal(0.0, OMEGA, bias=bias), gap=0.0).with_environment(
        lz.Relaxation(rate, temperature)
    )
    counts = np.array([0, 1, 10**10, 10**12])
    states, error = period_map(model, 0.0, 1e-8, xp).after(np.array([0.0, 0.0, 0.5]), counts)
    rest = -np.tanh(bias / (2 * temperature))
    z = rest + (0.5 - rest) * np.exp(-rate * PERIOD * counts)
    assert np.abs(states[0, :, 0, 0] - 0.5 * (1 + z)).max() < 1e-10
    assert np.all(np.diff(error[0]) >= 0)


def test_without_dissipation_there_is_no_steady_state():
    model = lz.TwoLevel(sweep=lz.Triangle(np.array([3.0, 5.0]), OMEGA), gap=1.0)
    for jumps in ([], [lz.Dephasing(0.0)]):
        found = period_map(model.with_environment(*jumps), START, 1e-8, xp)
        steady = found.steady()
        assert np.isnan(steady.state).all()
        assert np.isinf(steady.error).all()
        assert np.isinf(steady.condition).all()
        states, error = found.after(np.array([0.0, 0.6, 0.8]), np.array([50]))
        assert np.allclose(np.trace(states @ states, axis1=-2, axis2=-1), 1.0, atol=1e-12)
        assert error.max() < 1e-6


@pytest.mark.parametrize("name", ["two tones, complex gap", "thermal bath"])
def test_same_numbers_on_another_array_library(name):
    found, strict = (
        period_map(MODELS[name], START, 1e-8, space) for space in (xp, array_api_strict)
    )
    for kind in ("steady", "mean"):
        for mine, other in zip(getattr(found, kind)(), getattr(strict, kind)(), strict=True):
            assert np.allclose(mine, np.asarray(other), rtol=0.0, atol=1e-14)
    first, counts = [0.0, 0.0, 1.0], np.array([2, 9])
    mine, _ = found.after(np.array(first), counts)
    other, _ = strict.after(array_api_strict.asarray(first), counts)
    assert np.allclose(mine, np.asarray(other), rtol=0.0, atol=1e-14)


def test_rotations_are_of_the_eighth_order():
    rule, lengths = rule_on(xp), 0.9 / 2.0 ** np.arange(3)
    turned = [rotation(length, round(0.9 / length), rule) for length in lengths]
    exact = rotation(0.9 / 64, 64, rule)
    errors = [np.linalg.norm(part - exact) for part in turned]
    slopes = np.log2(np.array(errors[:-1]) / errors[1:])
    assert np.all(slopes > 7.5)


def rotation(length, count, rule):
    t = length * (np.arange(count) + NODES[:, None])
    field = [3.0 + np.sin(2.0 * t), 2.0 * np.cos(1.5 * t), 8.0 * t - 4.0 + t**3]
    ends = np.array([part[-1] for part in rotations(field, np.full(count, length), rule, xp)])
    total = list(ends[:, 0])
    for step in range(1, count):
        total = after(ends[:, step], total)
    return np.array(total)


# -- a thermal bath about one axis


@pytest.mark.parametrize("temperature", [0.0, 0.4, 6.0])
@pytest.mark.parametrize("coupling", [qutip.sigmaz(), TILTED + 0.3])
def test_thermal_bath_about_the_axis_of_the_field(coupling, temperature):
    bath = lz.ThermalBath(coupling, ohmic, temperature)
    model = lz.TwoLevel(sweep=lz.Linear(1.0), gap=0.7 - 0.4j).with_environment(bath)
    assert_axial(bath, model, 0.8)


def test_bath_of_qutip_about_the_axis_of_the_field():
    bath = lz.ThermalBath(TILTED, qutip.DrudeLorentzEnvironment(T=1.3, lam=0.2, gamma=2.0))
    model = lz.TwoLevel(sweep=lz.Linear(1.0), gap=0.7).with_environment(bath)
    assert_axial(bath, model, -0.5)


def assert_axial(bath: lz.ThermalBath, model: lz.Model, t: float) -> None:
    generator = sum(qutip.lindblad_dissipator(jump(t)) for jump in model.c_ops).full()
    axis, along, across, equilibrium = axial(bath, model.terms, t)
    for vector in np.eye(3):
        moved = bloch(matrix(generator @ density(vector).ravel(order="F")))
        inside = axis @ vector
        expected = -across * (vector - inside * axis) - along * (inside - equilibrium) * axis
        assert np.allclose(moved, expected, rtol=0.0, atol=1e-12)


def axial(bath: lz.ThermalBath, terms: Terms, t: float) -> tuple[np.ndarray, float, float, float]:
    vector = np.array(bloch_vector(bloch_field(terms), t))[:, None]
    axis, *rates = bath.axial(terms, vector)
    along, across, equilibrium = (float(np.ravel(rate)[0]) for rate in rates)
    return axis[:, 0], along, across, equilibrium


def test_temperatures_as_an_axis():
    temperature, vector = np.array([0.0, 0.5, 2.0]), np.ones((3, 3, 4))
    together = lz.ThermalBath(TILTED, ohmic, temperature).axial((), vector)
    for i, t in enumerate(temperature.tolist()):
        alone = lz.ThermalBath(TILTED, ohmic, t).axial((), vector[:, i])
        for mine, own in zip(together, alone, strict=True):
            wide = np.broadcast_to(mine, (*mine.shape[:-2], 3, 4))
            assert np.allclose(wide[..., i, :], own, rtol=1e-14)


def test_bath_that_lets_jumps_interfere_has_no_axis():
    bath = lz.ThermalBath(qutip.sigmaz(), ohmic, 1.0, width=0.5)
    assert bath.axial((), np.ones((3, 1, 2))) is None
    model = lz.TwoLevel(sweep=lz.Sinusoidal(1.0, OMEGA), gap=1.0).with_environment(bath)
    with pytest.raises(lz.LzopenError, match="relax about one axis"):
        period_map(model, 0.0, 1e-8, xp)


@pytest.mark.parametrize(
    ("function", "fewer"),
    [
        (ohmic, True),
        (lambda w: math.sqrt(w) / ((w * w - 400.0) ** 2 + w * w), True),
        (lambda w: min(w, 31.0), False),
        (lambda w: w if w < 100 else 0.0, False),
    ],
)
def test_table_of_a_slow_function(function, fewer):
    """Right to 1e-12, with fewer calls where the function is smooth."""
    w = np.exp(np.random.default_rng(5).uniform(np.log(2.0), np.log(200.0), (50, 1000)))
    calls = []
    values = by_table(lambda x: calls.append(x) or function(x), w)
    exact = np.array([[function(x) for x in row] for row in w.tolist()])
    assert np.allclose(values, exact, rtol=1e-11, atol=0.0)
    assert (len(calls) < w.size / 2) == fewer
