"""Relaxation of a qubit on the engine: against QuTiP, closed forms and long windows."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest
import qutip
from numpy.testing import assert_allclose
from scipy import integrate

import lzopen as lz
from lzopen.environments.bloch import Polarization, bloch_field

RNG = np.random.default_rng(11)
WINDOW = (-6.1, 8.3)


def relaxing(sweep, gap, rate, temperature):
    return lz.TwoLevel(sweep=sweep, gap=gap, environments=[lz.Relaxation(rate, temperature)])


def complex_number():
    return complex(*RNG.normal(size=2))


MODELS = {
    **{
        f"complex gap, T = {temperature:g}": relaxing(
            lz.Linear(RNG.uniform(0.3, 2.0)), complex_number(), RNG.uniform(0.01, 1), temperature
        )
        for temperature in (0.0, 0.1, 0.5, 2.0)
    },
    "square": relaxing(lz.Square(1.7, 2.3, bias=-0.4), 0.6 + 0.3j, 0.3, 0.1),
    "cold square": relaxing(lz.Square(0.8, 1.1, bias=0.9), 0.4, 0.7, 0.0),
    "double passage": relaxing(lz.DoublePassage(1.4, 3.0), 0.7, 0.1, 0.5),
    "cold double passage": relaxing(lz.DoublePassage(0.8, 2.0), 0.5, 0.6, 0.0),
    "sine": relaxing(lz.Sinusoidal(3.0, 1.3), 0.4, 0.2, 0.3),
    "infinite slope": relaxing(lz.PowerLaw(1.0, 0.5), 0.3, 0.2, 0.2),
    "narrow": relaxing(lz.Linear(1.0), 1e-3, 0.2, 0.0),
    "crossing": relaxing(lz.Linear(1.0), 0.0, 0.2, 0.3),
}


def by_qutip(model, start, end):
    """Populations of diabatic levels by mesolve, whose error is below 1e-9."""
    options = model.solver_options(start, end) | {"atol": 1e-13, "rtol": 1e-11, "nsteps": 10**7}
    runs = [
        qutip.mesolve(model.H, qutip.basis(2, k), [start, end], model.c_ops, options=options)
        for k in (0, 1)
    ]
    return np.transpose([run.states[-1].diag() for run in runs])


@pytest.mark.parametrize("name", MODELS)
def test_window_equals_mesolve_within_its_error(name):
    found = lz.transition_matrix(MODELS[name], window=WINDOW, readout="diabatic")
    miss = np.abs(found.probability.values - by_qutip(MODELS[name], *WINDOW)).max()
    assert miss < found.error.max().item() + 2e-9
    assert found.error.max() < 1e-8


@pytest.mark.parametrize("temperature", [0.0, 1e-4, 0.2])
@pytest.mark.parametrize("gap", [0.0, 1e-9, 1e-6])
def test_levels_that_hardly_touch_are_passed_with_an_honest_error(gap, temperature):
    """Without a gap z' = −Γ(z + tanh(t/2T)), whatever the steps; a gap costs less than 4Δ."""
    rate, (start, end) = 0.2, WINDOW

    def pull(t):
        weight = np.tanh(t / (2 * temperature)) if temperature else np.sign(t)
        return rate * weight * np.exp(-rate * (end - t))

    pulled = integrate.quad(pull, start, end, points=[-1e-3, 0.0, 1e-3], limit=500)[0]
    z = np.exp(-rate * (end - start)) - pulled
    model = relaxing(lz.Linear(1.0), gap, rate, temperature)
    found = lz.transition_matrix(model, window=WINDOW, readout="diabatic")
    assert found.error.max() < 1e-8
    miss = abs(found.probability[0, 0].item() - 0.5 * (1 + z))
    assert miss < found.error.max().item() + 4 * gap


def test_evolve_on_the_engine_equals_mesolve():
    times = np.linspace(-6.0, 8.0, 8)
    for name in ("complex gap, T = 0.5", "cold double passage"):
        runs = [lz.evolve(MODELS[name], times=times, solver=s) for s in ("engine", "mesolve")]
        assert_allclose(runs[0].population, runs[1].population, atol=1e-6)


def test_batch_over_rate_and_temperature_equals_the_loop():
    rates, temperatures = np.array([0.0, 0.3]), np.array([[0.0], [0.4], [50.0]])
    batch = relaxing(lz.Linear(1.2), 0.7, rates, temperatures)
    found = lz.transition_matrix(batch, window=WINDOW).probability
    for i, j in np.ndindex(3, 2):
        single = relaxing(lz.Linear(1.2), 0.7, rates[j], temperatures[i, 0])
        expected = lz.transition_matrix(single, window=WINDOW).probability
        assert_allclose(found[i, j], expected, atol=2e-8)


def test_at_rest_the_engine_reaches_detailed_balance():
    energy, temperature, rate, time = np.hypot(0.8, 0.6), 0.7, 0.4, 3.0
    model = relaxing(lz.Constant(0.8), 0.6, rate, temperature)
    found = lz.transition_matrix(model, window=(0.0, time))  # level 0 lies higher
    end = 1 / (1 + np.exp(energy / temperature))
    left = np.exp(-rate * time)
    assert_allclose(found.probability[0], [end + (1 - end) * left, end - end * left], atol=1e-9)


@pytest.mark.parametrize("temperature", [0.0, 1e-300, 1e-3, 0.3, 0.45, 2.0, 1e9])
def test_polarization_is_its_own_taylor_series(temperature):
    """Against many digits, across the seam of the two series at E = 2T and through E = 0."""
    for gap, t in ((0.0, 0.0), (1e-6, 0.0), (0.5, -0.3), (0.5, 0.55), (0.5, 2.0)):
        if gap == 0 and temperature < 1e-3:
            continue  # sign(t)
        model = lz.TwoLevel(sweep=lz.Linear(1.0), gap=gap)
        wave = Polarization(bloch_field(model.terms), (2,), lz.Constant(1.0), temperature)
        with mpmath.workdps(80):

            def exact(x, gap=gap):
                x = x + mpmath.mpf(10) ** -70
                energy = mpmath.sqrt(x * x + mpmath.mpf(gap) ** 2)
                weight = mpmath.tanh(energy / (2 * temperature)) if temperature else 1
                return x / energy * weight

            expected = np.array([float(c) for c in mpmath.taylor(exact, mpmath.mpf(t), 8)])
        found = wave.taylor(np.array([t]), 8)[0]
        scale = np.abs(expected).max()
        assert_allclose(found, expected, rtol=1e-11, atol=1e-14 * scale)
        assert wave.scalar(t) == pytest.approx(expected[0], rel=1e-12, abs=1e-60)


# -- with noise


def test_white_noise_beside_relaxation_is_dephasing():
    """A qubit has T₁ and noise; white noise of S₀ is Γφ = S₀/2."""
    warm = relaxing(lz.Linear(1.0), 0.8, 0.15, 0.4)
    times = np.linspace(-5.0, 6.0, 4)
    averaged = lz.noise_average(warm, lz.White(density=0.2), times=times)
    dephased = warm.with_environment(lz.Dephasing(0.1))
    exact = lz.evolve(dephased, times=times, solver="engine")
    assert_allclose(averaged.population, exact.population, atol=1e-6)


def test_noise_leaves_t1_alone_and_shortens_t2():
    """1/T₂ = 1/2T₁ + Γφ, for noise along the vector at rest; slow noise is a Gaussian beside it."""
    rate, energy, temperature = 0.3, 1.4, 0.5
    times, noise = np.linspace(0.0, 4.0, 5), lz.White(density=0.2)
    along_z = relaxing(lz.Constant(energy), 0.0, rate, temperature)
    run = lz.noise_average(along_z, noise, times=times)
    pull = np.tanh(energy / (2 * temperature))
    z = (1 + pull) * np.exp(-rate * times) - pull
    assert_allclose(run.population[:, 0], 0.5 * (1 + z), atol=1e-6)
    along_x = relaxing(lz.Constant(0.0), energy, rate, temperature)
    for drawn, lost in ((noise, 0.1 * times), (lz.QuasiStatic(0.4), 0.5 * (0.4 * times) ** 2)):
        run = lz.noise_average(along_x, drawn, on="gap", times=times)
        z = np.cos(energy * times) * np.exp(-rate * times / 2 - lost)
        assert_allclose(run.population[:, 0], 0.5 * (1 + z), atol=1e-6)


# -- the limit


@pytest.mark.parametrize(
    ("rate", "ground", "temperature"), [(1.0, 1, 0.0), (-1.0, 0, 0.6)], ids=["cold", "warm"]
)
def test_limit_of_a_growing_distance_is_the_ground_state(rate, ground, temperature):
    """As E → ∞ any bath is cold."""
    model = relaxing(lz.Linear(rate), 0.8, 0.4, temperature)
    limit, window = lz.transition_matrix(model), lz.transition_matrix(model, window=(-30.0, 60.0))
    assert_allclose(limit.probability[ground], 1.0, atol=1e-9)
    assert_allclose(limit.probability, window.probability, atol=1e-8)
    assert limit.error.max() < 1e-8


@pytest.mark.parametrize("temperature", [0.0, 1.3])
def test_limit_at_rest_is_the_thermal_state(temperature):
    model = relaxing(lz.Tanh(2.0, 1.0), 0.6, 0.2, temperature)
    energy = np.hypot(2.0, 0.6)
    excited = 1 / (1 + np.exp(energy / temperature)) if temperature else 0.0
    assert_allclose(lz.transition_matrix(model).probability[0], excited, atol=1e-9)


def test_limit_beside_a_leak_is_that_of_a_long_window():
    """The fates race: what relaxes is safe from the leak of the excited state."""
    warm = relaxing(lz.Linear(1.0), 1 - 0.3j, 0.2, 1.0)
    leaky = warm.with_environment(lz.Leak(1, 0.3, basis="adiabatic"))
    limit, window = lz.transition_matrix(leaky), lz.transition_matrix(leaky, window=(-50.0, 50.0))
    assert_allclose(limit.probability, window.probability, atol=1e-8)
    assert 0.2 < limit.probability[1, 1] < 0.5


def test_limit_of_a_hot_bath_asks_for_a_window():
    with pytest.raises(lz.LzopenError, match="`window` must be given where a bath is warmer than"):
        lz.transition_matrix(relaxing(lz.Linear(1.0), 0.8, 0.2, 100.0))
