"""Entropies, distances of states and ergotropy, against QuTiP and against their definitions."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
import qutip
from numpy.testing import assert_allclose

from lzopen import LzopenError, LzopenWarning
from lzopen.thermodynamics import bures_angle, entropy, ergotropy, relative_entropy

MIXED = np.eye(2) / 2
UP = np.diag([1.0, 0.0])


def states(seed, n, rank=None):
    """Two random density matrices, a Hamiltonian, and the generator that made them."""
    rng = np.random.default_rng(seed)
    made = []
    for columns in (rank or n, n):
        root = rng.normal(size=(n, columns)) + 1j * rng.normal(size=(n, columns))
        weight = root @ root.conj().T
        made.append(weight / np.trace(weight).real)
    H = rng.normal(size=(n, n)) + 1j * rng.normal(size=(n, n))
    return *made, H + H.conj().T, rng


@pytest.mark.parametrize("rank", [None, 1])
@pytest.mark.parametrize("n", [2, 3, 5])
def test_qutip_agrees(n, rank):
    rho, sigma, _, _ = states(10 * n, n, rank)
    one, other = qutip.Qobj(rho), qutip.Qobj(sigma)
    assert_allclose(entropy(rho), qutip.entropy_vn(one), rtol=1e-12, atol=1e-13)
    assert_allclose(relative_entropy(rho, sigma), qutip.entropy_relative(one, other), rtol=1e-11)
    assert_allclose(np.cos(bures_angle(rho, sigma)), qutip.fidelity(one, other), rtol=1e-7)
    assert_allclose(bures_angle(rho, sigma), qutip.bures_angle(one, other), rtol=1e-7)
    distance = np.sqrt(2 - 2 * np.cos(bures_angle(rho, sigma)))
    assert_allclose(distance, qutip.bures_dist(one, other), rtol=1e-7)


@pytest.mark.parametrize("n", [2, 3, 4])
def test_qobjs_kets_and_batches_are_read_alike(n):
    rho, sigma, H, rng = states(n, n)
    ket = qutip.Qobj(rng.normal(size=n) + 1j * rng.normal(size=n)).unit()
    batch = np.stack([rho, sigma, ket.proj().full()])
    assert_allclose(entropy(batch), [entropy(qutip.Qobj(m)) for m in batch], atol=1e-14)
    for verb, other in ((relative_entropy, sigma), (bures_angle, sigma), (ergotropy, H)):
        whole = verb(batch, other)
        assert whole.shape == (3,)
        assert_allclose(whole[2], verb(ket, qutip.Qobj(other)), atol=1e-7)
        assert_allclose(whole, [verb(m, other) for m in batch], atol=1e-14)
        assert verb(batch[:, None], other[None, None]).shape == (3, 1)


def test_entropy_of_known_states():
    assert_allclose(entropy(np.eye(4) / 4), np.log(4), rtol=1e-15)
    assert entropy(UP) == 0
    assert_allclose(entropy(0.5 * UP), 0.5 * np.log(2), rtol=1e-15)  # of what survives, as it is


# -- supports


def test_outside_the_support_the_relative_entropy_is_infinite():
    assert relative_entropy(MIXED, UP) == np.inf
    assert relative_entropy(np.diag([0.0, 1.0]), UP) == np.inf
    plus = np.full((2, 2), 0.5)
    assert relative_entropy(plus, UP) == np.inf
    assert list(relative_entropy(np.stack([UP, MIXED, plus]), UP)) == [0, np.inf, np.inf]


@pytest.mark.parametrize("seed", range(5))
def test_where_supports_fit_it_is_finite_and_forgets_the_empty_level(seed):
    rho, sigma, _, rng = states(seed, 2)
    turn = np.linalg.qr(rng.normal(size=(3, 3)) + 1j * rng.normal(size=(3, 3)))[0]
    wide = [np.pad(m, ((0, 1), (0, 1))) for m in (rho, sigma)]
    turned = [turn @ m @ turn.conj().T for m in wide]
    assert_allclose(relative_entropy(*turned), relative_entropy(rho, sigma), rtol=1e-11)
    assert_allclose(relative_entropy(*turned), relative_entropy(*wide), rtol=1e-11)


def test_what_round_off_leaves_outside_does_not_count():
    for outside, expected in ((1e-13, 0.0), (1e-11, np.inf)):
        found = relative_entropy(np.diag([1 - outside, outside]), UP)
        assert_allclose(found, expected, atol=1e-12)
    small = 1e-9  # rare, and yet inside
    exact = (1 - small) * np.log1p(-small) + small * np.log(small) - small * np.log(1e-6)
    exact -= (1 - small) * np.log1p(-1e-6)
    found = relative_entropy(np.diag([1 - small, small]), np.diag([1 - 1e-6, 1e-6]))
    assert_allclose(found, exact, rtol=0, atol=1e-15)


# -- ergotropy


@pytest.mark.parametrize(("seed", "n"), [(1, 2), (2, 3), (3, 4)])
def test_ergotropy_is_the_best_of_all_permutations_and_no_rotation_beats_it(seed, n):
    rho, _, H, rng = states(seed, n)
    populations, energies = np.linalg.eigvalsh(rho), np.linalg.eigvalsh(H)
    held = np.trace(rho @ H).real
    best = held - min(energies @ list(order) for order in permutations(populations))
    assert_allclose(ergotropy(rho, H), best, rtol=1e-12)
    for _ in range(200):
        U = np.linalg.qr(rng.normal(size=(n, n)) + 1j * rng.normal(size=(n, n)))[0]
        assert held - np.trace(U @ rho @ U.conj().T @ H).real < best


def test_ergotropy_of_thermal_and_inverted_states():
    H = qutip.sigmax() + 0.3 * qutip.sigmaz()
    thermal = (-H / 0.7).expm()
    thermal /= thermal.tr()
    assert_allclose(ergotropy(thermal, H), 0, atol=1e-15)
    inverted = (H / 0.7).expm()
    inverted /= inverted.tr()
    assert_allclose(ergotropy(inverted, H), 2 * qutip.expect(H, inverted), rtol=1e-14)


def test_coherence_is_worth_work():
    """A superposition can be emptied; the same populations only as far as they are inverted."""
    P, E = 0.67523, 2.0
    H = np.diag([0.0, E])
    coherent = np.outer(*2 * [np.sqrt([1 - P, P])])
    assert_allclose(ergotropy(coherent, H), 0.67523 * E, rtol=1e-14)
    assert_allclose(ergotropy(np.diag([1 - P, P]), H), 0.35046 * E, rtol=1e-14)
    assert ergotropy(np.diag([0.6, 0.4]), H) == 0


# -- bad input


@pytest.mark.parametrize("verb", [relative_entropy, bures_angle, ergotropy])
def test_what_does_not_fit_is_named(verb):
    name = "hamiltonian" if verb is ergotropy else "reference"
    with pytest.raises(LzopenError, match=rf"`{name}` must be of 2 levels, as the state is, but"):
        verb(MIXED, np.eye(3))
    with pytest.raises(LzopenError, match=rf"`{name}` must be Hermitian, but is"):
        verb(MIXED, [[0.0, 1.0], [0.5, 0.0]])
    with pytest.raises(LzopenError, match=rf"`{name}` must broadcast against shape \(3,\)"):
        verb(np.stack(3 * [MIXED]), np.stack(4 * [MIXED]))


@pytest.mark.parametrize(
    ("state", "must"),
    [
        ([0.5, 0.5], r"be square matrices, but is of shape \(2,\)"),
        (np.ones((2, 3)), r"be square matrices, but is of shape \(2, 3\)"),
        (np.ones((0, 0)), r"be square matrices, but is of shape \(0, 0\)"),
        (qutip.basis(2, 0).dag(), r"be square matrices, but is of shape \(1, 2\)"),
        ([[np.nan, 0], [0, 1]], r"be finite, but is nan(\+0j)? at index \(0, 0\)"),
        ([[0.5, 0.1j], [0.1j, 0.5]], "be Hermitian"),
        ([[1.0], [0.0, 0.0]], "be a number or an array of numbers"),
        ("mixed", "be a number or an array of numbers, but is 'mixed'"),
        (None, "be a number or an array of numbers, but is None"),
    ],
)
def test_what_is_no_state_is_refused(state, must):
    with pytest.raises(LzopenError, match=f"Argument `state` must {must}"):
        entropy(state)


@pytest.mark.parametrize(
    "verb", [entropy, lambda s: relative_entropy(s, MIXED), lambda s: ergotropy(s, UP)]
)
def test_negative_populations_are_reported_where_they_were_passed_in(verb):
    turn = np.array([[0.6, 0.8], [-0.8, 0.6]])
    state = turn @ np.diag([1.001, -0.001]) @ turn.T
    with pytest.warns(LzopenWarning, match=r"has the population -1\.0e-03") as caught:
        verb(state)
    assert caught[0].message.value == pytest.approx(-0.001, rel=1e-9)
    assert caught[0].filename == __file__
    verb(turn @ np.diag([1.0, -1e-11]) @ turn.T)  # round-off: no warning, which would be an error
