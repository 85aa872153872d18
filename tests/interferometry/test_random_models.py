"""Two hundred random models: the engine against QuTiP, none beyond the error that it reports."""

from __future__ import annotations

import numpy as np
import pytest
import qutip
from numpy.testing import assert_allclose

import lzopen as lz
from oracle import one_period, steady_vector

SEEDS, BLOCK = 200, 10
ORACLE = 3e-11  # of a propagator of QuTiP over one period


def waveform(rng, omega):
    """One of the periodic shapes, with random numbers."""
    bias, amplitude = rng.uniform(-3, 3), rng.uniform(0.5, 5)
    phase = rng.uniform(0, 2 * np.pi)
    kind = rng.integers(5)
    if kind < 3:
        shape = (lz.Sinusoidal, lz.Triangle, lz.Square)[kind]
        return shape(amplitude, omega, bias=bias, phase=phase)
    if kind == 3:
        first = lz.Sinusoidal(amplitude, omega, bias=bias)
        return first + lz.Sinusoidal(rng.uniform(0.5, 3), 2 * omega, phase=phase)
    times = np.array([0.0, 0.3, 0.55, 1.0]) * 2 * np.pi / omega
    values = rng.uniform(-4, 4, 3)
    table = lz.Tabulated(times, [*values, values[0]])
    return lz.Repeated(table, period=2 * np.pi / omega)


def hermitian(rng, n, real):
    matrix = rng.normal(size=(n, n)) + (0 if real else 1j) * rng.normal(size=(n, n))
    return 0.4 * (matrix + matrix.conj().T)


def model(rng):
    """Two to four levels, driven on the diagonal or not, in a random surrounding."""
    n, omega = int(rng.integers(2, 5)), rng.uniform(0.7, 3)
    drive = waveform(rng, omega)
    real = rng.random() < 0.6
    if n == 2:
        gap = rng.uniform(0.1, 2) * (1 if real else np.exp(2j))
        bare = lz.TwoLevel(sweep=drive, gap=gap)
    else:
        pushed = np.diag(rng.uniform(-0.5, 0.5, n))
        if rng.random() < 0.2:
            pushed = pushed + 0.3 * hermitian(rng, n, real)
        still = (hermitian(rng, n, real), lz.Constant(1.0))
        bare = lz.Model(terms=[(pushed, drive), still])
    return bare.with_environment(*environments(rng, n)), 2 * np.pi / omega


def environments(rng, n):
    """At least one that forgets where it began, at rates over four decades."""
    rate = 10 ** rng.uniform(-4, 0)
    if n == 2 and rng.random() < 0.5:
        found = [lz.Relaxation(rate, temperature=rng.choice([0.0, 0.5, 5.0]))]
        found.append(lz.Dephasing(10 ** rng.uniform(-4, 0), basis="adiabatic"))
    elif n < 4 and rng.random() < 0.2:  # QuTiP needs a minute for one with four levels
        coupling = qutip.Qobj(hermitian(rng, n, real=True))
        return [lz.ThermalBath(coupling, ohmic, temperature=rng.uniform(0.3, 3))]
    else:
        pairs = [(k + 1, k) for k in range(n - 1)] + [(0, n - 1)]
        found = [lz.Decay(rate * rng.uniform(0.2, 1), *pair) for pair in pairs]
        found.append(lz.Dephasing(10 ** rng.uniform(-4, 0), np.diag(rng.uniform(-1, 1, n))))
    return found


def ohmic(w):
    return 0.02 * w


ORDINARY = 2  # blocks; all take minutes and are slow
blocks = [
    pytest.param(block, marks=() if block < ORDINARY else pytest.mark.slow)
    for block in range(SEEDS // BLOCK)
]


@pytest.mark.parametrize("block", blocks)
def test_steady_states_against_qutip(block):
    for seed in range(block * BLOCK, (block + 1) * BLOCK):
        rng = np.random.default_rng([5, seed])
        driven, period = model(rng)
        at = rng.uniform(0, period)
        seen = hermitian(rng, driven.n_levels, real=False)
        whole, mean = one_period(driven, at, period)
        expected, amplified = steady_vector(whole)
        for when, vector in ((at, expected), (None, mean @ expected)):
            found = lz.interferogram(driven, at=when, observable=seen)
            rho = np.reshape(vector, (driven.n_levels,) * 2, order="F")
            allowed = found.error.item() + ORACLE * max(1.0, amplified)
            off = np.abs(found.population.values - rho.diagonal().real).max()
            assert off <= allowed, (seed, when, off, allowed)
            off = abs(found.expectation.item() - np.trace(seen @ rho).real)
            assert off <= np.abs(seen).sum() * allowed, (seed, when, off, allowed)
            assert found.error.item() < 1e-6, (seed, when)


@pytest.mark.filterwarnings("ignore:A leaky model ends empty")
@pytest.mark.parametrize("block", blocks[2:6])
def test_what_is_left_of_leaky_levels_against_qutip(block):
    for seed in range(block * 5, (block + 1) * 5):
        rng = np.random.default_rng([7, seed])
        driven, period = model(rng)
        leaky = driven.with_environment(lz.Leak(0, rng.uniform(0.01, 0.5)))
        at, seen = rng.uniform(0, period), hermitian(rng, driven.n_levels, real=False)
        whole, _ = one_period(leaky, at, period)
        factors, states = np.linalg.eig(whole)
        lead = np.argmax(np.abs(factors))
        rho = np.reshape(states[:, lead], (driven.n_levels,) * 2, order="F")
        rho = rho / np.trace(rho)
        found = lz.interferogram(leaky, at=at, observable=seen)
        apart = np.abs(np.delete(factors, lead) - factors[lead]).min()
        allowed = found.error.item() + ORACLE * np.linalg.cond(states) / apart
        assert np.abs(found.population.values - rho.diagonal().real).max() <= allowed, seed
        off = abs(found.expectation.item() - np.trace(seen @ rho).real)
        assert off <= np.abs(seen).sum() * allowed, seed
        assert abs(found.survival.item() - np.abs(factors[lead])) <= allowed, seed


@pytest.mark.parametrize("block", blocks[1:5])
def test_trains_against_qutip(block):
    for seed in range(block * 5, (block + 1) * 5):
        rng = np.random.default_rng([6, seed])
        driven, period = model(rng)
        if rng.random() < 0.5:
            driven = driven.with_environment(lz.Leak(0, rng.uniform(0.01, 0.5)))
        start = rng.uniform(0, period)
        whole, _ = one_period(driven, start, period)
        found = lz.interferogram(driven, periods=[0, 1, 7, 40], initial=1, start=start)
        for n, count in enumerate(found.periods.values):
            ends = np.linalg.matrix_power(whole, int(count))
            index = 1 + driven.n_levels
            expected = np.reshape(ends[:, index], (driven.n_levels,) * 2, order="F")
            allowed = found.error.values[n] + ORACLE * (1 + count)
            assert_allclose(
                found.population.values[n], expected.diagonal().real, rtol=0, atol=allowed
            )
