"""Complex operators and states, where a lost conjugate or transpose would show."""

import numpy as np
import pytest
import qutip
from numpy.testing import assert_allclose

import lzopen as lz
from lzopen.environments.base import lindblad

TURNED = lz.TwoLevel(sweep=lz.Linear(1.1), gap=0.8 * np.exp(0.9j))


def test_dissipator_of_a_complex_operator():
    rng = np.random.default_rng(8)
    operator = rng.normal(size=(3, 3)) + 1j * rng.normal(size=(3, 3))
    expected = qutip.lindblad_dissipator(np.sqrt(0.7) * qutip.Qobj(operator)).full()
    assert_allclose(lindblad(operator, 0.7), expected, atol=1e-12)


def test_engine_keeps_the_phase_of_a_coherence():
    noisy = TURNED.with_environment(lz.Dephasing(0.1))
    ket = (qutip.basis(2, 0) + 1j * qutip.basis(2, 1)).unit()
    times = np.linspace(-2.0, 2.0, 5)
    engine, solver = (
        lz.evolve(noisy, times=times, initial=ket, solver=name) for name in ("engine", "mesolve")
    )
    assert_allclose(engine.population, solver.population, atol=1e-6)
    assert_allclose(engine.adiabatic_population, solver.adiabatic_population, atol=1e-6)


def test_ground_state_of_a_complex_gap_is_the_lower_adiabatic_state():
    run = lz.evolve(TURNED, times=[-0.5, 0.5], initial="ground")
    assert_allclose(run.adiabatic_population[0], [1, 0], atol=1e-12)


def test_open_readout_of_complex_eigenstates_equals_the_closed_one():
    window = (-1.5, 2.0)
    still = TURNED.with_environment(lz.Dephasing(0.0))
    closed, opened = (lz.transition_matrix(m, window=window) for m in (TURNED, still))
    assert_allclose(opened.probability, closed.probability, atol=1e-8)


def test_laboratory_units():
    assert lz.conventions.ueV == pytest.approx(1.5192674, rel=1e-7)
    assert lz.conventions.mK == pytest.approx(0.13092034, rel=1e-7)
    assert pytest.approx(2 * np.pi) == lz.conventions.GHz
