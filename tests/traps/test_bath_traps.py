"""Traps of baths: plain QuTiP falls into them, with the numbers, and lzopen does not."""

from __future__ import annotations

import numpy as np
import pytest
import qutip
from numpy.testing import assert_allclose
from qutip.solver.heom import HEOMSolver

import lzopen as lz
from lzopen import conventions
from lzopen.environments import ThermalBath

Z, X = 0.5 * qutip.sigmaz(), 0.5 * qutip.sigmax()
STRONG = qutip.OhmicEnvironment(T=0.05, alpha=0.3, wc=5.0, s=1)


def after(tensor, state, time):
    """A state some time later."""
    return qutip.vector_to_operator((tensor * time).expm() @ qutip.operator_to_vector(state))


# -- the Redfield tensor without its secular approximation


def test_full_redfield_tensor_makes_probabilities_negative():
    bloch = np.array([np.cos(np.pi / 8), np.sin(np.pi / 8) * np.exp(5j * np.pi / 6)])
    state = qutip.Qobj(bloch).proj()
    H = Z + X
    tensor = qutip.bloch_redfield_tensor(H, [(Z, STRONG)], sec_cutoff=-1, fock_basis=True)
    assert after(tensor, state, 0.3).eigenenergies().min() < -0.01

    model = lz.TwoLevel(sweep=lz.Constant(1.0), gap=1.0).with_environment(ThermalBath(Z, STRONG))
    own = qutip.bloch_redfield_tensor(H, model.a_ops, sec_cutoff=model.sec_cutoff, fock_basis=True)
    for time in (0.1, 0.3, 1.0, 10.0):
        assert after(own, state, time).eigenenergies().min() > -1e-12


# -- its cut-off is measured by the smallest distance of energies, be that round-off


def test_redfield_tensor_of_equal_energies_depends_on_their_basis():
    turn = qutip.rand_unitary(3, seed=1)
    H, A = (
        qutip.qdiags([1.0, 0.0, 0.0], 0),
        qutip.Qobj([[0, 0.5, 0.3], [0.5, 0.2, 0], [0.3, 0, -0.1]]),
    )

    def tensor(hamiltonian, coupling):
        ask = {"sec_cutoff": 0.1, "fock_basis": True}
        return qutip.bloch_redfield_tensor(hamiltonian, [(coupling, STRONG)], **ask)

    there = qutip.sprepost(turn, turn.dag())
    turned = tensor(turn @ H @ turn.dag(), turn @ A @ turn.dag())
    assert (turned - there @ tensor(H, A) @ there.dag()).norm("max") > 0.02  # nothing has changed

    terms = [((turn @ H @ turn.dag()).full(), lz.Constant(1.0))]
    model = lz.Model(terms=terms, environments=[ThermalBath(turn @ A @ turn.dag(), STRONG)])
    with pytest.raises(lz.LzopenError, match="`solver` must be another one where energies stay"):
        lz.evolve(model, times=[0.0, 1.0], solver="brmesolve")
    plain = lz.Model(terms=[(H.full(), lz.Constant(1.0))], environments=[ThermalBath(A, STRONG)])
    own = [qutip.liouvillian(m.H(0), [op(0) for op in m.c_ops]) for m in (model, plain)]
    assert_allclose(own[0].full(), (there @ own[1] @ there.dag()).full(), atol=1e-13)


# -- a default width that is not narrow: levels that stand close are mixed


def test_the_default_cutoff_of_redfield_is_no_secular_limit():
    """Steps of a ladder that differ by 3 % add coherently at sec_cutoff = 0.1."""
    H, A = qutip.qdiags([0.0, 1.0, 2.03], 0), qutip.jmat(1, "x")
    weak = qutip.OhmicEnvironment(T=0.5, alpha=0.01, wc=5.0, s=1)
    mixed, secular = (
        qutip.bloch_redfield_tensor(H, [(A, weak)], sec_cutoff=cutoff, fock_basis=True)
        for cutoff in (0.1, 1e-8)
    )
    assert (mixed - secular).norm("max") > 0.005
    model = lz.Model(terms=[(H.full(), lz.Constant(1.0))], environments=[ThermalBath(A, weak)])
    own = qutip.liouvillian(H, [op(0) for op in model.c_ops])
    assert_allclose(own.full(), secular.full(), atol=1e-12)


# -- its complex couplings are conjugated wherever jumps add coherently


def redfield_tensor(energies, coupling, spectrum):
    """The secular tensor of a diagonal H on columns, written out element by element."""
    one = np.eye(len(energies))
    S = np.array([[spectrum(c - a) for c in energies] for a in energies])
    loss = np.einsum("ak,kc,kc->ac", coupling, coupling, S)
    tensor = np.einsum("ac,bd,acbd->abcd", coupling, coupling.conj(), S[:, :, None, None] + S)
    tensor -= np.einsum("ac,bd->abcd", loss, one) + np.einsum("ac,bd->abcd", one, loss.conj())
    apart = np.subtract.outer(energies, energies)
    tensor *= 0.5 * (np.abs(apart[:, :, None, None] - apart) < 1e-6)
    return tensor.transpose(1, 0, 3, 2).reshape(one.size, one.size)


def test_redfield_tensor_conjugates_complex_couplings():
    energies = np.array([1.0, 0.0, -1.0])
    rng = np.random.default_rng(4)
    A = rng.normal(size=(3, 3)) + 1j * rng.normal(size=(3, 3))
    A = A + A.conj().T
    H, bath = qutip.qdiags(energies, 0), qutip.OhmicEnvironment(T=0.7, alpha=0.1, wc=5.0, s=1)

    def of_qutip(coupling):
        ask = {"sec_cutoff": 1e-8, "fock_basis": True}
        found = qutip.bloch_redfield_tensor(H, [(qutip.Qobj(coupling), bath)], **ask)
        return (found - qutip.liouvillian(H)).full()

    right = redfield_tensor(energies, A, bath.power_spectrum)
    assert np.abs(of_qutip(A) - right).max() > 0.05
    assert_allclose(of_qutip(A.conj()), right, atol=1e-12)
    real = redfield_tensor(energies, A.real, bath.power_spectrum)
    assert_allclose(of_qutip(A.real), real, atol=1e-12)

    model = lz.Model(terms=[(H.full(), lz.Constant(1.0))], environments=[ThermalBath(A, bath)])
    own = qutip.liouvillian(H, [op(0) for op in model.c_ops]) - qutip.liouvillian(H)
    assert_allclose(own.full(), right, atol=1e-7)
    with pytest.raises(lz.LzopenError, match="`model` must be real for brmesolve"):
        _ = model.a_ops


# -- a hierarchy restarted from the density matrix forgets its bath


def test_hierarchy_restarted_from_the_density_matrix_forgets():
    half = 0.32
    mode = qutip.ExponentialBosonicEnvironment(
        [half, half], [1j, -1j], [1j * half, -1j * half], [-1j, 1j]
    )
    drive = lz.TwoLevel(sweep=lz.Tabulated([-4.0, 0.0, 4.0], [-4.0, 1.0, 0.0]), gap=0.6)
    model = drive.with_environment(ThermalBath(X, mode))
    times = [-4.0, 0.0, 4.0]
    solver = HEOMSolver(
        model.H,
        model.baths,
        max_depth=12,
        options=model.solver_options(-4.0, 4.0, solver="heomsolve"),
    )
    whole = solver.run(qutip.fock_dm(2, 0), times).states
    forgetful = solver.run(whole[1], times[1:]).states[-1]
    assert abs((forgetful - whole[2])[0, 0]) > 0.02
    run = lz.evolve(model, times=times, solver="heomsolve", tol=1e-4)
    assert run.population[-1, 0].item() == pytest.approx(whole[2][0, 0].real, abs=1e-4)


# -- two packages, one letter: the same α is 2π times as strong


def test_strength_of_an_ohmic_bath_means_two_things():
    """C(0) of OQuPy at T = 0 is ∫2αω e^{−ω/ω_c}dω = 2αω_c², that of QuTiP αω_c²/π."""
    alpha, cutoff = 0.02, 5.0
    theirs = 2 * alpha * cutoff**2
    naive = qutip.OhmicEnvironment(T=0, alpha=alpha, wc=cutoff, s=1)
    assert naive.correlation_function(0.0).real == pytest.approx(theirs / (2 * np.pi))
    strength = conventions.ohmic_strength_from_oqupy(alpha)
    right = qutip.OhmicEnvironment(T=0, alpha=strength, wc=cutoff, s=1)
    assert right.correlation_function(0.0).real == pytest.approx(theirs)
    density = conventions.spectral_density_from_oqupy(2 * alpha * 3.0 * np.exp(-3.0 / cutoff))
    assert right.spectral_density(3.0) == pytest.approx(density)
