"""Driven qubits by a continued fraction, against Fourier equations, QuTiP and closed forms."""

from __future__ import annotations

import array_api_compat.numpy
import array_api_strict
import mpmath
import numpy as np
import pytest
import qutip

import lzopen as lz
from floquet import at_phase, fourier_states
from lzopen.dynamics.periodic.cosine import bloch_drive, cosine_drive
from lzopen.dynamics.periodic.fraction import cosine_steady
from lzopen.dynamics.periodic.fraction_levels import levels_steady

SIGMA_Z = np.diag([1.0, -1.0])
DOWN = np.array([[0.0, 1.0], [0.0, 0.0]])  # from level 1 to level 0, where σz = +1


def qubit(amplitude, bias, gap, along, across, z0=1.0, omega=1.0, phase=0.0):
    """Two levels that fall towards z₀ at Γ₁ and lose coherence at Γ₂; any may be an array."""
    along, across = np.asarray(along), np.asarray(across)
    up, down = 0.5 * along * (1 + z0), 0.5 * along * (1 - z0)
    environments = (
        lz.Decay(rate=up, source=1, target=0),
        lz.Decay(rate=down, source=0, target=1),
        lz.Dephasing(rate=across - 0.5 * along),
    )
    drive = lz.Sinusoidal(amplitude=amplitude, omega=omega, bias=bias, phase=phase)
    return lz.TwoLevel(sweep=drive, gap=gap).with_environment(*environments)


def reference(amplitude, bias, gap, along, across, z0=1.0, count=40, digits=0):
    """The same from its Fourier equations, for ω = 1 and φ = 0."""
    H = 0.5 * np.array([[bias, np.conj(gap)], [gap, -bias]])
    jumps = [
        np.sqrt(0.5 * along * (1 + z0)) * DOWN,
        np.sqrt(0.5 * along * (1 - z0)) * DOWN.T,
        np.sqrt(0.5 * (across - 0.5 * along)) * SIGMA_Z,
    ]
    swing = 0.5 * amplitude * np.diag(SIGMA_Z)
    return fourier_states(H, swing, jumps, 1.0, count, digits)


def spin(amplitude, omega):
    """Three levels under a cosine, which lose coherence and fall."""
    still = np.diag([0.4, 0.0, -0.5]) + 0.3 * (np.eye(3, k=1) + np.eye(3, k=-1))
    swing = (np.diag([0.5, 0.0, -0.5]), lz.Sinusoidal(amplitude, omega))
    return lz.Model(
        terms=[swing, (still, lz.Constant(1.0))],
        environments=[lz.Decay(0.1, 1, 0), lz.Decay(0.2, 2, 1), lz.Dephasing(0.1, swing[0])],
    )


def steady(model, at=None, xp=array_api_compat.numpy):
    return cosine_steady(cosine_drive(model), at, xp)


def off(found, member, expected):
    """How far a state is off, in units of the error that is stated."""
    return np.abs(found.state[member] - expected).max() / found.error[member]


# -- what is recognised


def test_drive_keeps_what_is_the_same_along_an_axis() -> None:
    amplitude, bias = np.linspace(0, 3, 4)[:, None], np.linspace(-1, 1, 3)[None]
    drive = cosine_drive(qubit(amplitude, bias, 0.4 + 0.3j, 0.1, 0.2, omega=2.0, phase=0.7))
    assert drive.shape == (4, 3)
    assert drive.omega == 2.0
    assert drive.still.shape == (1, 3, 2, 2)
    assert drive.swing.shape == (4, 1, 2)
    assert drive.dissipator.shape == (4, 4)
    np.testing.assert_allclose(drive.swing[:, 0] @ [1, -1], amplitude[:, 0], rtol=1e-15)
    np.testing.assert_allclose(drive.phase[1:, 0], 0.7, rtol=1e-15)
    H = drive.still[0, 2] + np.diag(drive.swing[3, 0]) * np.cos(2.0 * 0.6 + 0.7)
    np.testing.assert_allclose(
        H, qubit(3.0, 1.0, 0.4 + 0.3j, 0.1, 0.2, omega=2.0, phase=0.7).hamiltonian(0.6), atol=1e-15
    )


def test_two_drives_of_one_phase_are_one() -> None:
    terms = [
        (np.diag([1.0, 0.0, 0.0]), lz.Sinusoidal(1.0, 2.0, phase=0.3)),
        (np.diag([0.0, 0.0, 1.0]), lz.Sinusoidal(0.5, 2.0, phase=0.3 + np.pi) + lz.Constant(0.2)),
    ]
    drive = cosine_drive(lz.Model(terms=terms))
    np.testing.assert_allclose(np.diff(drive.swing), [-1.0, -0.5], atol=1e-14)
    np.testing.assert_allclose(np.diag(drive.still), [0.0, 0.0, 0.2], atol=1e-15)


SINE = lz.Sinusoidal(1.0, 2.0)
OTHERS = {
    "no drive": lz.TwoLevel(sweep=lz.Constant(1.0), gap=0.5),
    "sweep": lz.TwoLevel(sweep=lz.Linear(1.0), gap=0.5),
    "triangle": lz.TwoLevel(sweep=lz.Triangle(1.0, 2.0), gap=0.5),
    "two tones": lz.TwoLevel(sweep=SINE + lz.Sinusoidal(0.3, 4.0), gap=0.5),
    "turning gap": lz.TwoLevel(sweep=SINE, gap=lz.Rotating(0.5, omega=2.0)),
    "driven gap": lz.Model(
        terms=[(SIGMA_Z, lz.Constant(1.0)), (np.array([[0, 1.0], [1.0, 0]]), SINE)]
    ),
    "two phases": lz.Model(
        terms=[
            (np.diag([1.0, 0.0, 0.0]), SINE),
            (np.diag([0.0, 0.0, 1.0]), lz.Sinusoidal(1.0, 2.0, phase=1.0)),
        ]
    ),
    "driven leak": lz.TwoLevel(sweep=SINE, gap=0.5).with_environment(
        lz.Leak(1, rate=lz.Sinusoidal(0.1, 2.0, bias=0.2))
    ),
    "moving jumps": lz.TwoLevel(sweep=SINE, gap=0.5).with_environment(
        lz.Relaxation(rate=0.1, temperature=0.5)
    ),
    "jumps that QuTiP alone follows": lz.TwoLevel(sweep=SINE, gap=0.5).with_environment(
        lz.ThermalBath(
            coupling=SIGMA_Z, spectrum=qutip.OhmicEnvironment(T=1.0, alpha=0.1, wc=5.0, s=1)
        )
    ),
}


@pytest.mark.parametrize("model", OTHERS.values(), ids=OTHERS.keys())
def test_what_is_of_another_form_is_left_alone(model) -> None:
    assert cosine_drive(model) is None


def test_bloch_form_needs_jumps_that_know_only_z() -> None:
    plain = qubit(2.0, 0.5, 0.3 - 0.4j, 0.02, 0.05, z0=0.6, omega=2.0)
    bloch = bloch_drive(cosine_drive(plain))
    given = [float(v.real) for v in (bloch.bias, bloch.gap, bloch.amplitude, bloch.across)]
    np.testing.assert_allclose(given, np.array([0.5, 0.5, 2.0, 0.05]) / 2.0, rtol=1e-14)
    np.testing.assert_allclose([bloch.along, bloch.pump], [0.01, 0.006], rtol=1e-14)
    assert abs(bloch.turn - np.exp(1j * np.angle(0.3 + 0.4j))) < 1e-15
    across_x = lz.Dephasing(rate=0.1, operator=np.array([[0.0, 1.0], [1.0, 0.0]]))
    assert bloch_drive(cosine_drive(plain.with_environment(across_x))) is None
    assert bloch_drive(cosine_drive(plain.with_environment(lz.Leak(1, rate=0.1)))) is None


# -- right numbers


def test_without_drive_it_is_the_state_of_the_bloch_equations() -> None:
    bias, gap, along, across, z0 = 0.7, 0.4, 0.03, 0.09, -0.8
    for at in (None, 1.3):
        found = steady(qubit(0.0, bias, gap, along, across, z0), at)
        size = across**2 + bias**2
        z = z0 * along / (along + gap**2 * across / size)
        x, y = gap * bias * z / size, -gap * across * z / size
        expected = 0.5 * np.array([[1 + z, x - 1j * y], [x + 1j * y, 1 - z]])
        np.testing.assert_allclose(found.state[0], expected, atol=1e-15)


@pytest.mark.parametrize(
    ("amplitude", "bias", "t1", "t2", "population"),
    [
        (7.3, 3.0, 2000.0, 300.0, 0.4936787),
        (12.0, 5.0, 2e4, 30.0, 0.4462342),
        (12.0, 5.3, 2e4, 3.0, 0.3750068),
        (12.0, 5.3, 2e5, 1.0, 0.4890288),
    ],
)
def test_overlapping_resonances(amplitude, bias, t1, t2, population) -> None:
    found = steady(qubit(amplitude, bias, 0.05, 1 / t1, 1 / t2))
    assert abs(found.state[0, 1, 1].real - population) < 1e-7


@pytest.mark.parametrize("seed", range(4))
def test_average_agrees_with_qutip(seed) -> None:
    rng = np.random.default_rng(seed)
    amplitude, bias, gap = rng.uniform(0.5, 25.0), rng.uniform(-8, 8), rng.uniform(0.1, 2.0)
    model = qubit(amplitude, bias, gap, 0.05, 0.3, z0=rng.uniform(-1, 1), omega=1.7)
    expected = qutip.steadystate_fourier(
        qutip.Qobj(0.5 * np.array([[bias, gap], [gap, -bias]])),
        model.c_ops,
        qutip.Qobj(0.5 * amplitude * SIGMA_Z),
        1.7,
        n_it=60,
    )
    np.testing.assert_allclose(steady(model).state[0], expected.full(), atol=1e-13)


def test_instants_agree_with_qutip() -> None:
    model = qubit(6.0, 1.2, 0.5 - 0.4j, 0.2, 0.3, z0=0.3, omega=1.7, phase=2.2)
    period, at = 2 * np.pi / 1.7, 1.3
    options = {"atol": 1e-13, "rtol": 1e-12, "nsteps": 10**6}
    early, whole = qutip.propagator(model.H, [0.0, at, period], model.c_ops, options=options)[1:]
    values, vectors = np.linalg.eig(whole.full())
    start = vectors[:, np.argmin(np.abs(values - 1))]
    start = start / (start[0] + start[3])
    for t, vector in ((0.0, start), (at, early.full() @ start), (at + 3 * period, None)):
        expected = (early.full() @ start if vector is None else vector).reshape(2, 2, order="F")
        np.testing.assert_allclose(steady(model, t).state[0], expected, atol=2e-11)


def test_hard_driving_needs_the_harmonics_of_bias_and_amplitude() -> None:
    rng = np.random.default_rng(3)
    for amplitude in (50.0, 120.0):
        bias = float(np.round(rng.uniform(-1, 1) * amplitude))
        expected = reference(amplitude, bias, 0.4, 1e-3, 2e-3, count=int(2.3 * amplitude) + 40)
        model = qubit(amplitude, bias, 0.4, 1e-3, 2e-3)
        assert off(steady(model), 0, expected[len(expected) // 2]) < 1
        assert off(steady(model, 0.4), 0, at_phase(expected, 0.4)) < 1


def random_qubits(seed, count):
    """Hard and soft driving, on and off resonance, strong and weak damping."""
    rng = np.random.default_rng(seed)
    amplitude = 10 ** rng.uniform(-2, 2.3, count)
    gap = 10 ** rng.uniform(-2.5, 1, count) * np.exp(1j * rng.uniform(0, 6, count))
    reach = rng.choice([-1.0, 1.0], count) * rng.choice([1.0, 3.0], count) * amplitude
    bias = rng.uniform(0, 1, count) * reach
    bias = np.where(rng.uniform(size=count) < 0.4, np.round(bias), bias)
    across = 10 ** rng.uniform(-7, 1, count)
    along = np.minimum(2 * across, 10 ** rng.uniform(-8, 1, count))
    return qubit(amplitude, bias, gap, along, across, rng.uniform(-1, 1, count), phase=0.6)


@pytest.mark.parametrize("at", [None, 0.9])
def test_random_qubits_agree_with_the_equations_for_levels(at) -> None:
    drive = cosine_drive(random_qubits(5, 150))
    found, other = cosine_steady(drive, at), levels_steady(drive, at, array_api_compat.numpy)
    difference = np.abs(found.state - other.state).max(axis=(1, 2))
    assert np.all(difference < found.error + other.error)
    assert np.all(found.condition < np.inf)


@pytest.mark.parametrize("along", [1e-2, 1e-5, 1e-9, 1e-13])
def test_weak_damping_keeps_its_digits(along) -> None:
    """A fixed point of one period would be off by 1e-16 over Γ."""
    numbers = (0.3, 0.37, 0.3, along, 2.5 * along, 0.7)
    harmonics = reference(*numbers, count=9, digits=40)
    for at, expected in ((None, harmonics[9]), (0.0, at_phase(harmonics, 0.0))):
        found = steady(qubit(*numbers), at)
        assert np.abs(found.state[0] - expected).max() < 1e-11
        assert off(found, 0, expected) < 1


def test_error_knows_sharp_resonances() -> None:
    """Three quanta make a transition here that is narrower than the digits of its place."""
    numbers = (0.0203, np.sqrt(9 - 0.0069**2), 0.0069, 1.088e-10, 5.44e-11, 0.4)
    harmonics = reference(*numbers, count=7, digits=40)
    for at, state in ((None, harmonics[7]), (0.0, at_phase(harmonics, 0.0))):
        found = steady(qubit(*numbers), at)
        difference = np.abs(found.state[0] - state).max()
        assert 1e-9 < difference < found.error[0]


# -- batches


def test_members_of_a_grid_are_where_they_belong() -> None:
    amplitude, bias, along = np.array([0.0, 3.0, 90.0]), np.array([-40.0, 0.0]), [0.1, 0.3]
    grid = qubit(amplitude[:, None, None], bias[:, None], 0.8, np.array(along), 0.5)
    for at in (None, 0.2):
        found = steady(grid, at)
        assert found.state.shape == (12, 2, 2)
        for member, (i, j, k) in enumerate(np.ndindex(3, 2, 2)):
            alone = steady(qubit(amplitude[i], bias[j], 0.8, along[k], 0.5), at)
            np.testing.assert_allclose(found.state[member], alone.state[0], atol=1e-14)
            np.testing.assert_allclose(found.condition[member], alone.condition[0], rtol=1e-12)


def test_frequencies_and_phases_may_differ() -> None:
    omega, phase = np.array([0.7, 1.9]), np.array([0.3, 2.0])
    found = steady(qubit(3.0, 1.0, 0.8, 0.1, 0.2, omega=omega, phase=phase), 0.4)
    for member in range(2):
        alone = qubit(3.0, 1.0, 0.8, 0.1, 0.2, omega=omega[member], phase=phase[member])
        np.testing.assert_allclose(found.state[member], steady(alone, 0.4).state[0], atol=1e-14)


@pytest.mark.parametrize("model", [qubit(6.0, 1.3, 0.7, 0.1, 0.2, omega=1.7), spin(6.0, 1.7)])
def test_error_knows_that_late_phases_are_rounded(model) -> None:
    late = 1e11
    with mpmath.workdps(40):
        same = float(mpmath.fmod(mpmath.mpf(1.7) * mpmath.mpf(late), 2 * mpmath.pi) / 1.7)
    found, expected = steady(model, late), steady(model, same)
    missed = np.abs(found.state - expected.state).max()
    assert 100 * expected.error.max() < missed < found.error.max() < 1e-2


def test_populations_alone_are_the_same() -> None:
    drive = cosine_drive(qubit(6.0, np.linspace(-3, 3, 7), 0.7, 0.1, 0.2, phase=0.3))
    whole, alone = (cosine_steady(drive, 0.8, coherences=asked) for asked in (True, False))
    diagonal = np.eye(2, dtype=bool)
    np.testing.assert_array_equal(alone.state[:, diagonal], whole.state[:, diagonal])
    assert np.isnan(alone.state[:, ~diagonal]).all()


def test_chunks_do_not_show(monkeypatch) -> None:
    model = qubit(np.linspace(0, 9, 7)[:, None], np.linspace(-5, 5, 9)[None], 0.8, 0.1, 0.2)
    whole = steady(model)
    monkeypatch.setattr("lzopen.dynamics.periodic.fraction._CHUNK", 10)
    np.testing.assert_allclose(steady(model).state, whole.state, atol=1e-15)


@pytest.mark.parametrize("at", [None, 0.4])
def test_any_array_library_gives_the_same(at) -> None:
    along = np.array([0.0, 0.1])[:, None]
    model = qubit(np.linspace(0, 4, 5), 0.7, np.array([[0.0], [0.6j]]), along, 0.2, phase=0.3)
    expected, found = steady(model, at), steady(model, at, array_api_strict)
    for ours, theirs in zip(expected, found, strict=True):
        np.testing.assert_allclose(np.asarray(theirs), ours, rtol=1e-14)


# -- no single steady state


def test_dephasing_alone_mixes() -> None:
    found = steady(qubit(2.0, 0.7, 0.6, 0.0, 0.1))
    np.testing.assert_allclose(found.state[0], 0.5 * np.eye(2), atol=1e-15)


@pytest.mark.parametrize("at", [None, 0.4])
def test_members_without_a_single_steady_state_are_nan(at) -> None:
    found = steady(qubit(2.0, 0.7, np.array([0.0, 0.6]), 0.0, 0.1), at)
    assert np.all(np.isnan(found.state[0]))
    assert found.condition[0] == found.error[0] == np.inf
    assert np.all(np.isfinite(found.state[1]))
    assert np.all(np.isfinite([found.error[1], found.condition[1]]))


def test_condition_is_the_distance_to_having_none() -> None:
    slow = [steady(qubit(2.0, 0.7, 1e-6, rate, 0.1)).condition[0] for rate in (1e-4, 1e-6, 1e-8)]
    np.testing.assert_allclose(np.array(slow) * [1e-4, 1e-6, 1e-8], 2.7, rtol=1e-2)


def test_a_grid_is_kept_by_its_axes() -> None:
    amplitude, bias = np.linspace(0, 3, 300)[:, None], np.linspace(-2, 2, 300)
    drive = cosine_drive(qubit(amplitude, bias, 0.5, 0.1, 0.2))
    assert max(drive.still.nbytes, drive.swing.nbytes, drive.dissipator.nbytes) < 1e5
