"""Driven levels by a matrix continued fraction, against Fourier equations and QuTiP."""

from __future__ import annotations

import array_api_compat.numpy
import array_api_strict
import numpy as np
import pytest
import qutip

import lzopen as lz
from floquet import at_phase, fourier_states, longest_lived
from lzopen.dynamics.periodic.cosine import CosineDrive, cosine_drive
from lzopen.dynamics.periodic.fraction import cosine_steady
from lzopen.dynamics.periodic.level_equations import equations

OMEGA = 1.7
SIGMA_X, SIGMA_Z, ONE = np.array([[0, 1.0], [1.0, 0]]), np.diag([1.0, -1.0]), np.eye(2)


def steady(model, at=None, xp=array_api_compat.numpy):
    return cosine_steady(cosine_drive(model), at, xp)


def driven(swing, H, *environments, amplitude=1.0, bias=0.0, phase=0.0):
    """H + (bias + A cos(ωt + φ)) diag(swing)."""
    drive = lz.Sinusoidal(amplitude, OMEGA, bias=bias, phase=phase)
    terms = [(np.diag(swing), drive), (H, lz.Constant(1.0))]
    return lz.Model(terms=terms, environments=environments)


def ladder(**drive):
    """Three levels, one of them driven, with a loop of couplings that has a phase."""
    H = np.array([[0, 0.5, 0.6], [0.5, 0, 0.2j], [0.6, -0.2j, 2.4]])
    jumps = (lz.Decay(0.02, 0, 1), lz.Decay(0.05, 2, 1), lz.Decay(0.01, 1, 0))
    dephasing = lz.Dephasing(0.04, operator=np.diag([1.0, 0.0, 0.3]))
    return driven([1.0, 0.0, 0.0], H, *jumps, dephasing, **drive)


def two_qubits(both=0.0, **drive):
    """Two coupled qubits, one or both driven."""
    H = 0.4 * np.kron(SIGMA_X, ONE) + 0.3 * np.kron(ONE, SIGMA_X) + 0.55 * np.kron(ONE, SIGMA_Z)
    H = H + 0.1 * np.kron(SIGMA_Z, SIGMA_Z)
    swing = np.diag(0.5 * np.kron(SIGMA_Z, ONE) + both * np.kron(ONE, SIGMA_Z))
    jumps = [lz.Decay(0.02, j, k) for j, k in ((0, 2), (1, 3), (0, 1), (2, 3), (3, 2))]
    dephasing = lz.Dephasing(0.03, operator=np.kron(SIGMA_Z, ONE))
    return driven(swing, H, *jumps, dephasing, **drive)


MODELS = {"ladder": ladder, "two qubits": two_qubits, "both": lambda **d: two_qubits(0.3, **d)}


@pytest.mark.parametrize("build", MODELS.values(), ids=MODELS.keys())
def test_levels_agree_with_qutip(build) -> None:
    amplitude, bias = np.array([0.0, 6.0]), np.array([-3.1, 1.3])
    grid = build(amplitude=amplitude[:, None], bias=bias)
    found, early = steady(grid), steady(grid, 0.77)
    drive = cosine_drive(grid)
    for member, (i, j) in enumerate(np.ndindex(2, 2)):
        alone = build(amplitude=amplitude[i], bias=bias[j])
        swing = qutip.Qobj(np.diag(drive.swing[i, 0]).astype(complex))
        still = qutip.Qobj(drive.still[j])
        expected = qutip.steadystate_fourier(still, alone.c_ops, swing, OMEGA, n_it=50)
        assert np.abs(found.state[member] - expected.full()).max() < found.error[member] < 1e-10
        state, loss = longest_lived(alone, 2 * np.pi / OMEGA, at=0.77)
        assert abs(loss) < 1e-10
        np.testing.assert_allclose(early.state[member], state, atol=5e-11)


def random_drive(rng):
    """Two to four levels, with jumps down a ladder and other ones, some resonances exact."""
    n = int(rng.integers(2, 5))
    swing = np.array([[0.5, -0.5], [1.0, 0.0, 0.0], [0.5, 0.5, -0.5, -0.5]][n - 2])
    swing = 10 ** rng.uniform(-1, 0.8) * (swing if rng.random() < 0.7 else rng.normal(size=n))
    H = np.triu(rng.normal(size=(n, n)), 1) * 10 ** rng.uniform(-2, 0.3)
    H = (
        H
        * (rng.random((n, n)) < 0.7)
        * np.exp(2j * np.pi * rng.random((n, n)) * (rng.random() < 0.5))
    )
    levels = rng.normal(size=n) * 2 * np.ptp(swing)
    H = H + H.conj().T + np.diag(np.round(levels) if rng.random() < 0.5 else levels)
    rate = 10 ** rng.uniform(-6, 0)
    down = [np.diag([k == j for k in range(n - 1)], 1) for j in range(n - 1)]
    up = [jump.T for jump in down if rng.random() < 0.5]
    kinds = [*down, *up, np.diag(rng.normal(size=n))]
    jumps = [np.sqrt(rate * 10 ** rng.uniform(-1, 1)) * kind for kind in kinds]
    return H, swing, jumps


@pytest.mark.parametrize("seed", range(30))
def test_random_levels_agree_with_their_fourier_equations(seed) -> None:
    H, swing, jumps = random_drive(np.random.default_rng(seed))
    harmonics = fourier_states(H, swing, jumps, 1.0, count=int(3 * np.ptp(swing)) + 22)
    n = len(H)
    one, dissipator = np.eye(n), np.zeros((n * n, n * n), dtype=complex)
    for jump in jumps:
        squared = jump.T @ jump
        dissipator += np.kron(jump, jump)
        dissipator -= 0.5 * (np.kron(one, squared) + np.kron(squared.T, one))
    drive = CosineDrive((), 1.0, 0.0, H, swing, dissipator)
    for at in (None, 0.4):
        expected = harmonics[len(harmonics) // 2] if at is None else at_phase(harmonics, at)
        found = cosine_steady(drive, at)
        assert np.abs(found.state[0] - expected).max() < 2 * found.error[0]


@pytest.mark.parametrize("rate", [1e-4, 1e-11])
def test_weak_damping_keeps_its_digits(rate) -> None:
    """With real couplings; a fixed point of one period would be off by 1e-16 over the rate."""
    H = np.array([[0.3, 0.2, 0.1], [0.2, 0.0, 0.15], [0.1, 0.15, 0.8]])
    swing, jumps = np.array([0.2, 0.0, 0.0]), []
    for source, target, factor in ((0, 1, 1.0), (2, 1, 0.4), (1, 0, 0.2)):
        jump = np.zeros((3, 3))
        jump[target, source] = np.sqrt(factor * rate)
        jumps.append(jump)
    expected = fourier_states(H, swing, jumps, OMEGA, count=4, digits=40)[4]
    decays = [lz.Decay(np.sum(jump**2), *np.argwhere(jump.T)[0].tolist()) for jump in jumps]
    found = steady(driven([1.0, 0.0, 0.0], H, *decays, amplitude=0.2))
    difference = np.abs(found.state[0] - expected).max()
    assert difference < 1e-11
    assert difference < found.error[0]


def test_phases_of_couplings_without_a_loop_change_nothing_else() -> None:
    real = np.array([[0, 0.5, 0.0], [0.5, 0, 0.2], [0.0, 0.2, 2.4]])
    turn = np.exp(1j * np.array([0.3, -1.1, 2.0]))
    environments = (lz.Decay(1e-5, 0, 1), lz.Decay(2e-5, 2, 1), lz.Decay(1e-5, 1, 2))
    turned = turn[:, None] * real * turn.conj()
    plain, other = (
        steady(driven([1.0, 0.0, 0.0], H, *environments, amplitude=2.0), 0.3)
        for H in (real, turned)
    )
    rows = equations(cosine_drive(driven([1.0, 0.0, 0.0], turned, *environments)))
    coherent = rows.generator[: rows.coherent, : rows.coherent]
    assert np.all(np.abs(coherent.real) < 1e-4)  # no coupling left there
    expected = turn[:, None] * plain.state[0] * turn.conj()
    assert np.abs(other.state[0] - expected).max() < plain.error[0] < 1e-8


def test_undriven_coherence_may_resonate_without_damping_of_its_own() -> None:
    """Levels 1 and 2 are ω apart, and nothing but level 0 takes their coherence away."""
    H = np.array([[0, 0.3, 0.2], [0.3, 0, 0], [0.2, 0, OMEGA]])
    dephasing = lz.Dephasing(0.2, operator=np.diag([1.0, 0.0, 0.0]))
    pump = lz.Decay(0.1, 0, 1)
    model = driven([1.0, 0.0, 0.0], H, dephasing, pump, amplitude=2.0, bias=0.4)
    expected, _ = longest_lived(model, 2 * np.pi / OMEGA)
    found = steady(model, 0.0)
    assert found.error[0] < 1e-10
    np.testing.assert_allclose(found.state[0], expected, atol=1e-10)


def test_coherences_take_others_along_that_the_drive_alone_would_not_reach(monkeypatch) -> None:
    H = np.diag([37.6, -53.4, -22.2, 45.9]) + 0.6 * (np.eye(4) - 1)
    H[0, 3] = H[3, 0] = 11.7
    H[1, 2] = H[2, 1] = 5.3
    decays = [lz.Decay(0.6, k + 1, k) for k in range(3)]
    swing = np.array([0.5, 0.5, -0.5, -0.5])
    model = driven(swing, OMEGA * H, *decays, amplitude=43.1 * OMEGA)
    found = steady(model, 0.9)
    module = "lzopen.dynamics.periodic.fraction_levels"
    monkeypatch.setattr(f"{module}.reach", lambda swing, least, most: 2 * most.max(axis=-1))
    enough = steady(model, 0.9)
    assert np.abs(found.state - enough.state).max() < found.error[0]
    monkeypatch.setattr(f"{module}.reach", lambda swing, least, most: 1.3 * swing + 4)
    direct = steady(model, 0.9)
    assert np.abs(direct.state - enough.state).max() > 2 * found.error[0]


# -- batches


def test_members_of_a_grid_are_where_they_belong() -> None:
    """Axes of the drive, of an undriven level and of a rate; none of them may mix."""
    amplitude, level, rate = np.array([1.0, 30.0]), np.array([0.5, 2.4]), np.array([0.02, 0.2])

    def build(amplitude, level, rate):
        H = np.array([[0, 0.5, 0.6], [0.5, 0, 0.2], [0.6, 0.2, 0]])
        model = driven([1.0, 0.0, 0.0], H, lz.Decay(0.1, 2, 1), lz.Decay(rate, 1, 0))
        top = (np.diag([0.0, 0.0, 1.0]), lz.Constant(level))
        drive = (model.terms[0][0], lz.Sinusoidal(amplitude, OMEGA))
        return lz.Model(terms=[drive, model.terms[1], top], environments=model.environments)

    grid = build(amplitude[:, None, None], level[:, None], rate)
    for at in (None, 0.6):
        found = steady(grid, at)
        for member, (i, j, k) in enumerate(np.ndindex(2, 2, 2)):
            alone = steady(build(amplitude[i], level[j], rate[k]), at)
            np.testing.assert_allclose(found.state[member], alone.state[0], atol=1e-13)


@pytest.mark.parametrize("at", [None, 0.5])
@pytest.mark.parametrize("leak", [None, 0.3])
def test_any_array_library_gives_the_same(at, leak) -> None:
    model = two_qubits(amplitude=np.linspace(0.5, 4, 3), bias=0.7, phase=0.3)
    if leak is not None:
        model = model.with_environment(lz.Leak(3, leak))
    expected, found = steady(model, at), steady(model, at, array_api_strict)
    for ours, theirs in zip(expected, found, strict=True):
        np.testing.assert_allclose(np.asarray(theirs), ours, rtol=1e-13, atol=1e-15)


def test_chunks_do_not_show(monkeypatch) -> None:
    model = ladder(amplitude=np.linspace(0, 9, 5)[:, None], bias=np.linspace(-3, 3, 4))
    whole = steady(model, 0.2)
    monkeypatch.setattr("lzopen.dynamics.periodic.fraction_levels._CACHED", 100)
    np.testing.assert_allclose(steady(model, 0.2).state, whole.state, atol=1e-14)


# -- leaks


@pytest.mark.parametrize("at", [0.0, 0.9])
@pytest.mark.parametrize("rate", [1e-4, 0.3, 3.0])
def test_what_leaks_ends_in_the_state_that_lives_longest(rate, at) -> None:
    model = ladder(amplitude=4.0, bias=0.5).with_environment(lz.Leak(2, rate))
    state, loss = longest_lived(model, 2 * np.pi / OMEGA, at)
    found = steady(model, at)
    np.testing.assert_allclose(found.state[0], state, atol=1e-10)
    assert abs(found.loss[0] - loss) < 1e-11
    assert found.error[0] < 1e-9


def test_leak_without_jumps_leaves_a_pure_state() -> None:
    """Of a qubit that is not driven, one eigenstate of its Hamiltonian."""
    bias, gap, rate = 0.8, 0.5, 0.3
    qubit = lz.TwoLevel(sweep=lz.Sinusoidal(np.array([0.0, 3.0]), OMEGA, bias=bias), gap=gap)
    found = steady(qubit.with_environment(lz.Leak(1, rate)))
    H = 0.5 * np.array([[bias, gap], [gap, -bias - 1j * rate]])
    values, vectors = np.linalg.eig(H)
    vector = vectors[:, np.argmax(values.imag)]
    assert abs(found.loss[0] + 2 * values.imag.max()) < 1e-13
    np.testing.assert_allclose(found.state[0], np.outer(vector, vector.conj()), atol=1e-13)


def test_members_that_do_not_leak_lose_nothing() -> None:
    model = ladder(amplitude=4.0, bias=0.5)
    found = steady(model.with_environment(lz.Leak(2, np.array([0.0, 0.1]))))
    assert abs(found.loss[0]) < 1e-13 < found.loss[1]
    np.testing.assert_allclose(found.state[0], steady(model).state[0], atol=1e-12)


@pytest.mark.parametrize("seed", range(12))
def test_random_leaks_agree_with_qutip(seed) -> None:
    """Two states may live almost as long: the leftmost root counts, not the nearest."""
    rng = np.random.default_rng(seed)
    H, swing, jumps = random_drive(rng)
    n = len(H)
    rates = 10 ** rng.uniform(-3, 0.5, 2)
    leaks = [lz.Leak(int(rng.integers(n)), rate) for rate in rates]
    decays = [lz.Decay(np.sum(jumps[0] ** 2), 1, 0)] * (rng.random() < 0.5)
    model = driven(swing, H, *leaks, *decays)
    state, loss = longest_lived(model, 2 * np.pi / OMEGA)
    found = steady(model, 0.0)
    assert abs(found.loss[0] - loss) < 1e-10
    np.testing.assert_allclose(found.state[0], state, atol=max(1e-9, found.error[0]))


# -- no single steady state


def test_pairs_that_never_meet_have_no_single_steady_state() -> None:
    H = np.kron(np.diag([1.0, -1.0]), SIGMA_X)
    decays = (lz.Decay(0.1, 0, 1), lz.Decay(0.1, 2, 3))
    model = driven([1.0, 0.0, 0.0, 0.5], H, *decays)
    assert np.isnan(steady(model).state).all()
    bridge = lz.Decay(np.array([0.0, 0.1]), 1, 2)
    for at in (None, 0.3):
        found = steady(model.with_environment(bridge, lz.Decay(0.1, 3, 0)), at)
        assert np.all(np.isfinite(found.state))
        found = steady(driven([1.0, 0.0, 0.0, 0.5], H, *decays, bridge), at)
        assert np.all(np.isnan(found.state[0]))
        assert found.condition[0] == found.error[0] == np.inf
        assert abs(np.trace(found.state[1]) - 1) < 1e-14
