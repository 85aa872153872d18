"""Filter functions: against the noisy dynamics, to second order, and the textbook's limits."""

from __future__ import annotations

import numpy as np
import pytest
import qutip
from numpy.testing import assert_allclose
from scipy.integrate import trapezoid

import lzopen as lz
from lzopen.dynamics.ensembles import noise_average
from lzopen.dynamics.filters import filter_function
from lzopen.dynamics.generators import generators
from lzopen.dynamics.magnus import propagator
from lzopen.dynamics.readout import named_eigenstates
from lzopen.errors import LzopenError
from lzopen.noise import OrnsteinUhlenbeck, PulseSequence, QuasiStatic, White

# α = 4, δ = 0.11, ten time units between the crossings
PASSES = lz.TwoLevel(sweep=lz.DoublePassage(rate=4.0, turning_point=20.0), gap=np.sqrt(16 * 0.11))
WINDOW = (-12.0, 12.0)


@pytest.fixture(scope="module")
def fringe():
    return filter_function(PASSES, window=WINDOW, between=0.0)


def interference(dephasing=0.0, shift=0.0):
    """The coherence between the two paths at the end, with noise but without any filter."""
    noisy = lz.TwoLevel(sweep=PASSES.sweep + lz.Constant(shift), gap=PASSES.gap)
    noisy = noisy.with_environment(lz.Dephasing(dephasing))
    middle = PASSES.eigenstates(0.0)[1]
    first, last = (named_eigenstates(PASSES, np.asarray(t)) for t in WINDOW)
    out, back = (
        propagator(generators(noisy), np.linspace(a, b, 4001))
        for a, b in ((WINDOW[0], 0.0), (0.0, WINDOW[1]))
    )
    state = np.outer(first[:, 0], first[:, 0].conj()).ravel(order="F")
    state = (out @ state).reshape(2, 2, order="F")
    low, high = (np.outer(middle[:, k], middle[:, k].conj()) for k in (0, 1))
    state = (back @ (low @ state @ high).ravel(order="F")).reshape(2, 2, order="F")
    return last[:, 0].conj() @ state @ last[:, 0]


def test_signal_is_the_interference_of_the_two_paths(fringe):
    assert abs(fringe.signal) == pytest.approx(abs(interference()), abs=1e-9)


def test_area_is_the_decay_under_weak_white_noise(fringe):
    rates = np.array([1e-3, 5e-4])
    decay = [-np.log(abs(interference(rate) / interference())) / rate for rate in rates]
    assert 2 * decay[1] - decay[0] == pytest.approx(fringe.area, abs=1e-6)


def test_weight_at_zero_is_the_decay_under_a_weak_static_offset(fringe):
    def decay(sigma):
        shifts, weights = np.polynomial.hermite_e.hermegauss(5)
        mean = sum(
            w * interference(shift=sigma * x)
            for x, w in zip(shifts, weights / weights.sum(), strict=True)
        )
        return -2 * np.log(abs(mean / interference())) / sigma**2

    assert (4 * decay(0.005) - decay(0.01)) / 3 == pytest.approx(fringe(0.0).item(), abs=1e-5)


def test_noise_acts_during_the_crossings_too(fringe):
    """White noise acts for 10.25 time units, not 10: a naive fit of T2 would be off by 2.5 %."""
    naive = PulseSequence(10.0)
    white = White(0.02)
    assert fringe.area == pytest.approx(10.25, abs=0.01)
    exact = abs(interference(dephasing=white.dephasing_rate) / interference())
    assert white.coherence(fringe) == pytest.approx(exact, rel=2e-5)
    assert abs(white.coherence(naive) - exact) > 50 * abs(white.coherence(fringe) - exact)


def test_quasi_static_noise_sees_the_slope_of_the_phase(fringe):
    """dζ/dε₀ = 2E/α at the turning point, larger than the time of flight."""
    slope = 2 * np.hypot(20.0, PASSES.gap) / 4.0
    assert np.sqrt(fringe(0.0)) == pytest.approx(slope, rel=2e-4)
    xi = QuasiStatic(0.05)
    assert xi.coherence(fringe) == pytest.approx(np.exp(-0.5 * 0.05**2 * fringe(0.0)), rel=1e-7)


def fringe_contrast(noise, tol=1e-6):
    """Contrast of four populations as the phase of the gap steps at the turning point."""
    total = 0.0
    for phase in 0.5 * np.pi * np.arange(4):
        turned = lz.Constant(PASSES.gap).then(lz.Constant(PASSES.gap * np.exp(1j * phase)), at=0.0)
        model = lz.TwoLevel(sweep=PASSES.sweep, gap=turned)
        P = noise_average(model, noise, window=WINDOW, tol=tol)
        total += P.adiabatic_population[0].item() * np.exp(1j * phase)
    return abs(total)


@pytest.mark.parametrize(("sigma", "memory", "published"), [(0.2, 2.0, 0.5290), (0.5, 0.2, 0.6094)])
def test_coloured_noise_against_the_whole_dynamics(fringe, sigma, memory, published):
    """Fringes of the exact hierarchy; the filter is closer to them than the textbook is."""
    noise = OrnsteinUhlenbeck(sigma, memory)
    weak = OrnsteinUhlenbeck(sigma / 20, memory)
    exact = fringe_contrast(noise) / fringe_contrast(QuasiStatic(0.0))
    assert exact == pytest.approx(published, abs=2e-3)
    filtered, naive = noise.coherence(fringe), noise.coherence(10.0)
    assert abs(filtered - exact) < 0.5 * abs(naive - exact)
    lost = 1 - fringe_contrast(weak, tol=1e-9) / fringe_contrast(QuasiStatic(0.0), tol=1e-9)
    assert lost == pytest.approx(1 - weak.coherence(fringe), rel=0.01)


def test_fast_crossings_have_the_filter_of_the_textbook():
    """At a high rate what is left of a crossing is an instant."""
    omega = np.array([0.0, 0.05, 0.2, 0.7])
    off = []
    for rate in (40.0, 160.0):
        passes = lz.TwoLevel(
            sweep=lz.DoublePassage(rate=rate, turning_point=5 * rate), gap=np.sqrt(0.44 * rate)
        )
        found = filter_function(passes, window=(-6, 6), between=0.0)
        off.append(np.abs(found(omega) - PulseSequence(10.0)(omega)).max())
    assert off[1] < 0.6 * off[0]
    assert off[1] < 2.0


def test_four_crossings_make_an_echo_or_not():
    """Paths that keep their energy see the noise with alternating signs: a spin echo."""
    omega, rate = np.array([0.0, 0.1, 0.3]), 60.0
    triangle = lz.Triangle(amplitude=rate * 5 / 2, omega=2 * np.pi / 10, phase=-0.5 * np.pi)
    model = lz.TwoLevel(sweep=triangle, gap=np.sqrt(0.44 * rate))
    options = {"window": (-2.4, 12.4), "between": [2.5, 7.5]}
    crossings = model.crossings(-2.4, 12.4).time.values
    assert_allclose(crossings, [0, 5, 10], atol=1e-6)
    echo = filter_function(model, paths=([0, 0], [1, 1]), **options)
    ramsey = filter_function(model, paths=([0, 1], [1, 0]), **options)
    assert_allclose(echo(omega), PulseSequence(10.0, 1)(omega), atol=1.0)
    assert_allclose(ramsey(omega), PulseSequence(10.0)(omega), atol=2.5)
    assert echo(0.0) < 0.01 * ramsey(0.0)


def test_population_filter_gives_the_change_of_a_probability():
    """One passage: what weak noise adds to P is χ, with an error of second order."""
    model = lz.TwoLevel(sweep=lz.Linear(1.0), gap=1.5)
    found = filter_function(model, window=(-10, 10))
    plain = lz.transition_matrix(model, window=(-10, 10)).probability[0, 0].item()
    assert found.signal.real == pytest.approx(plain, abs=1e-9)
    start = named_eigenstates(model, np.asarray(-10.0))[:, 0]
    state = qutip.Qobj(start)
    for noise in (White(1.0), OrnsteinUhlenbeck(1.0, 0.7)):

        def change(size, noise=noise):
            scaled = (
                White(size) if isinstance(noise, White) else OrnsteinUhlenbeck(np.sqrt(size), 0.7)
            )
            run = noise_average(model, scaled, window=(-10, 10), initial=state, tol=1e-11)
            return (run.adiabatic_population[1].item() - plain) / size

        slope = 2 * change(1e-4) - change(2e-4)
        exact = -0.5 * found.area if isinstance(noise, White) else None
        if exact is None:
            omega = np.linspace(0.0, found.omega_max, 4001)
            exact = -0.5 * trapezoid(noise.spectrum(omega) * found(omega), omega) / np.pi
        assert slope == pytest.approx(exact, rel=1e-5 if isinstance(noise, White) else 5e-4)


def test_area_is_the_integral(fringe):
    omega = np.linspace(0.0, fringe.omega_max, 3001)
    assert trapezoid(fringe(omega), omega) / np.pi == pytest.approx(fringe.area, rel=2e-4)


def test_frequencies_may_have_any_shape_sign_and_order(fringe):
    omega = np.array([[0.3, -0.3], [1.0, 0.3]])
    found = fringe(omega)
    assert found.shape == (2, 2)
    assert found[0, 0] == found[0, 1] == found[1, 1]
    assert fringe(0.3).shape == ()


@pytest.mark.parametrize("on", ["sweep", "gap"])
def test_what_responds_beyond_the_level_distances_keeps_the_area(on):
    """Only the ends of the window do, as 1/ω², so that fast noise tends to white noise."""
    found = filter_function(lz.TwoLevel(sweep=lz.Linear(1.0), gap=0.8), window=(-8, 8), on=on)
    white = White(2e-3).decay_exponent(found)
    omega = np.geomspace(found.omega_max, 1e9, 40_001)
    inside = np.linspace(0.0, found.omega_max, 4001)
    whole = trapezoid(found(inside), inside) + trapezoid(found(omega), omega)
    assert 1e-3 * whole / np.pi == pytest.approx(white, rel=1e-4)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"window": (1, 0)}, "`window`"),
        ({"window": (-12, 12), "between": 13.0}, "`between`"),
        ({"window": (-12, 12), "between": [1.0, 0.0]}, "`between`"),
        ({"window": (-12, 12), "between": 0.0, "paths": ([0, 1], [1, 0])}, "`paths`"),
        ({"window": (-12, 12), "between": 0.0, "paths": ([0], [2])}, "`paths`"),
        ({"window": (-12, 12), "paths": ([0], [1])}, "`paths`"),
        ({"window": (-12, 12), "between": 0.0, "paths": 3}, "`paths`"),
        ({"window": (-12, 12), "between": 0.0, "paths": ([0], [0])}, "`paths`"),
        ({"window": (-12, 12), "final": 2}, "`final`"),
        ({"window": (-12, 12), "on": "noise"}, "`on`"),
    ],
)
def test_bad_input(arguments, message):
    with pytest.raises(LzopenError, match=message):
        filter_function(PASSES, **arguments)


def test_models_that_it_cannot_carry_say_so():
    for model in (PASSES.with_environment(lz.Dephasing(0.1)), lz.vary(PASSES, {"gap": [1.0, 2.0]})):
        with pytest.raises(LzopenError, match="single model without"):
            filter_function(model, window=WINDOW)
