"""What every noise promises: one object, and all of its answers agree with one another."""

from __future__ import annotations

import inspect
import itertools
import pickle
import warnings
from dataclasses import FrozenInstanceError, fields

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.integrate import quad
from scipy.linalg import expm

import lzopen.noise as noise_room
from lzopen.errors import LzopenError, LzopenWarning
from lzopen.noise import (
    Noise,
    OneOverF,
    OrnsteinUhlenbeck,
    PulseSequence,
    QuasiStatic,
    TabulatedSpectrum,
    Telegraph,
    White,
)
from zoo import NOISES

SIGMAS = 5.0  # standard errors that a mean may be off
PULSES = [0, 1, 4]

every = pytest.mark.parametrize("noise", [pytest.param(n, id=i) for i, n in NOISES.items()])
pulses = pytest.mark.parametrize("number", PULSES)


def parts(noise):
    return getattr(noise, "parts", (noise,))


def has_density(noise):
    """Whether spectrum and correlation are both functions."""
    return not any(isinstance(part, White | QuasiStatic) for part in parts(noise))


with_density = pytest.mark.parametrize(
    "noise", [pytest.param(n, id=i) for i, n in NOISES.items() if has_density(n)]
)


def sub_edges(noise):
    """Frequencies between which the spectrum is smooth."""
    if isinstance(noise, TabulatedSpectrum):
        return noise.omega
    return np.array([noise.omega_low, noise.omega_high])


def test_every_exported_noise_is_an_example():
    kinds = {
        kind
        for name in noise_room.__all__
        if inspect.isclass(kind := getattr(noise_room, name))
        and issubclass(kind, Noise)
        and kind is not Noise
    }
    shown = {type(part) for noise in NOISES.values() for part in parts(noise)}
    assert kinds == shown


# -- functions


@every
def test_shapes_and_symmetry(noise):
    x = np.array([[0.1, 0.7, 3.0], [1.0, 0.3, 11.0]])
    for function in (noise.spectrum, noise.correlation, noise.phase_variance, noise.coherence):
        assert function(x).shape == (2, 3)
        assert np.shape(function(0.3)) == ()
        assert_allclose(function(x)[1, 0], function(1.0), rtol=1e-14)
        assert function(np.empty(0)).shape == (0,)
        assert_array_equal(function(x.tolist()), function(x))
    for function in (noise.spectrum, noise.correlation):
        assert_array_equal(function(-x), function(x))
    assert np.all(noise.spectrum(x) >= 0)
    assert np.all(noise.phase_variance(x) >= 0)
    assert noise.phase_variance(0.0) == 0
    assert noise.coherence(0.0) == 1


@with_density
@pytest.mark.parametrize("t", [0.0, 0.4, 3.0])
def test_correlation_is_the_transform_of_the_spectrum(noise, t):
    assert_allclose(noise.correlation(t), transform(noise, t), rtol=1e-7, atol=1e-9)


def transform(noise, t):
    """∫dω/π S(ω) cos ωt from zero, by quadrature."""
    if isinstance(noise, OneOverF | TabulatedSpectrum):
        panels = itertools.pairwise(sub_edges(noise))
        how = {"weight": "cos", "wvar": t, "limit": 400, "epsabs": 1e-12}
        return sum(quad(noise.spectrum, a, b, **how)[0] for a, b in panels) / np.pi
    if t == 0:
        return quad(noise.spectrum, 0, np.inf)[0] / np.pi
    return quad(noise.spectrum, 0, np.inf, weight="cos", wvar=t)[0] / np.pi


@with_density
@pytest.mark.parametrize("tau", [0.02, 0.9, 12.0])
def test_phase_variance_is_the_double_integral_of_the_correlation(noise, tau):
    panel = tau / 40
    t = panel * (np.arange(40)[:, None] + (NODES + 1) / 2)
    value = np.sum(panel / 2 * WEIGHTS * 2 * (tau - t) * noise.correlation(t))
    assert_allclose(noise.phase_variance(tau), value, rtol=1e-11)


@with_density
def test_phase_variance_of_a_short_time(noise):
    tau = np.array([1e-5, 1e-9, 1e-40])
    assert_allclose(noise.phase_variance(tau), noise.correlation(0.0) * tau**2, rtol=2e-5)


@every
def test_curvature_of_the_phase_variance_is_the_correlation(noise):
    if not any(isinstance(part, White) for part in parts(noise)):
        t, h = np.array([0.5, 2.0, 9.0]), 1e-3
        bend = (
            noise.phase_variance(t + h) - 2 * noise.phase_variance(t) + noise.phase_variance(t - h)
        )
        assert_allclose(bend / (2 * h**2), noise.correlation(t), atol=1e-3)


@every
def test_dephasing_rate_is_the_slope_of_the_exponent_at_long_times(noise):
    slow = any(isinstance(p, QuasiStatic | OneOverF) or no_power_at_zero(p) for p in parts(noise))
    if slow:
        with pytest.raises(LzopenError, match="must have a finite S"):
            _ = noise.dephasing_rate
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", LzopenWarning)  # strong telegraph noise
        rate = noise.dephasing_rate
    early, late = noise.phase_variance(np.array([1e5, 2e5]))
    assert_allclose((late - early) / 2e5, rate, rtol=1e-5)
    assert_allclose(rate, noise.spectrum(0.0) / 2, rtol=1e-14)


def no_power_at_zero(noise):
    return isinstance(noise, TabulatedSpectrum) and noise.spectrum(0.0) == 0


@every
def test_time_scale_resolves_the_correlation(noise):
    """A tenth of it hardly changes ξ: ⟨(ξ(t) − ξ(0))²⟩ is a small part of the variance."""
    scale = noise.time_scale
    if any(isinstance(part, White) for part in parts(noise)):
        assert scale == 0
    elif np.isinf(scale):
        assert_array_equal(noise.correlation([0.0, 1e9]), 0.09)
    else:
        lost = 1 - noise.correlation(scale / 10) / noise.correlation(0.0)
        assert 0 < lost < 0.1


# -- coherence


@every
@pulses
def test_sequence_and_its_filter_give_the_same_coherence(noise, number):
    """Closed forms against quadrature of the spectrum over |f̃(ω)|²."""
    sequence = PulseSequence(np.array([0.5, 3.0, 10.0]), number)
    gaussian = 1.0
    for part in parts(noise):
        if part.is_gaussian:
            exact = part.coherence(sequence)
            gaussian = gaussian * exact
            assert_allclose(part.coherence(lambda w: sequence(w)), exact, rtol=0, atol=1e-9)
            assert_allclose(
                -np.log(part.coherence(lambda w: 1e-3 * sequence(w))),
                -1e-3 * np.log(exact),
                rtol=2e-8,
                atol=2e-10,
            )
    if noise.is_gaussian:
        assert_allclose(noise.coherence(sequence), gaussian, rtol=1e-13)
    else:
        with pytest.warns(LzopenWarning, match="taken for Gaussian, with amplitude/rate"):
            noise.coherence(lambda w: sequence(w))


@pytest.mark.parametrize(
    "noise", [pytest.param(n, id=i) for i, n in NOISES.items() if n.is_gaussian]
)
def test_exponents_are_known_where_the_coherence_is_zero_or_one(noise):
    tau = np.array([1e-9, 1e-3, 1.0, 1e5])
    exact = noise.phase_variance(tau) / 2
    assert 0 < exact[0] < 1e-9
    assert_allclose(noise.decay_exponent(tau), exact, rtol=1e-12)
    assert_allclose(noise.decay_exponent(tau), noise.decay_exponent(PulseSequence(tau)), rtol=0)


def test_exponent_of_white_noise_in_numbers():
    assert_allclose(White(1.0).decay_exponent([1e-30, 4e9]), [5e-31, 2e9], rtol=1e-15)


@pytest.mark.parametrize("number", [1, 4])
@pytest.mark.parametrize("factor", [1e-10, 1e4])
def test_exponents_after_pulses_go_with_the_square_of_the_noise(number, factor):
    sequence = PulseSequence(np.array([0.5, 10.0]), number)
    plain = OneOverF(0.1, 1e-3, 1e3) + OrnsteinUhlenbeck(0.2, 1.7)
    scaled = OneOverF(0.1 * factor, 1e-3, 1e3) + OrnsteinUhlenbeck(0.2 * factor, 1.7)
    expected = -np.log(plain.coherence(sequence)) * factor**2
    assert_allclose(scaled.decay_exponent(sequence), expected, rtol=1e-10)


@every
def test_durations_mean_free_decay(noise):
    tau = np.array([[0.0, 1.0], [2.0, 30.0]])
    assert_array_equal(noise.coherence(tau), noise.coherence(PulseSequence(tau)))
    if noise.is_gaussian:
        exponent = noise.phase_variance(tau) / 2
        assert_allclose(noise.coherence(tau), np.exp(-exponent), rtol=1e-12)


@every
@pulses
def test_hierarchy_is_the_exact_mean(noise, number):
    """Pure dephasing of one qubit, H = ½ξσz: its coherence by matrix exponentials."""
    hierarchy = noise.hierarchy(60)
    if hierarchy is None:
        assert any(isinstance(part, OneOverF | TabulatedSpectrum) for part in parts(noise))
        return
    duration = 2.5
    assert_allclose(coherence_from(hierarchy, duration, number), noise.coherence(
        PulseSequence(duration, number)), rtol=0, atol=1e-9)  # fmt: skip
    levels = {level: noise.hierarchy(level).decays.size for level in (3, 5)}
    assert (levels[3] != levels[5]) == noise.is_truncated


def coherence_from(hierarchy, duration, number):
    """[½σz, ρ] is ρ in the upper right element, so a pulse turns the sign of the coupling."""
    ends = duration * np.concatenate([[0.0], PulseSequence(1.0, number).fractions, [1.0]])
    levels = np.zeros(hierarchy.decays.size, dtype=complex)
    levels[0] = 1.0
    assert_array_equal(hierarchy.coupling, hierarchy.coupling.T)
    damping = np.diag(hierarchy.decays + hierarchy.white / 2)
    for k, step in enumerate(np.diff(ends)):
        levels = expm(-step * (damping + (-1) ** k * 1j * hierarchy.coupling)) @ levels
    return abs(levels[0])


# -- samples


def check_covariance(samples, expected):
    """Every element of the sample covariance of rows (n, size), against its standard error."""
    assert_allclose(samples.mean(axis=1) / standard_error(samples), 0, atol=SIGMAS)
    for i, j in itertools.combinations_with_replacement(range(len(samples)), 2):
        product = samples[i] * samples[j]
        error = max(standard_error(product), 1e-12)
        assert abs(product.mean() - expected[i, j]) < SIGMAS * error, (i, j)


def standard_error(values):
    return values.std(axis=-1) / np.sqrt(values.shape[-1]) + 1e-300


@every
def test_samples_have_the_correlation(noise):
    times = np.array([-1.0, -0.7, 0.1, 2.4])
    samples = noise.sample(times, size=4000, seed=11)
    assert samples.shape == (4000, 4)
    assert samples.flags.c_contiguous
    static = [part for part in parts(noise) if not isinstance(part, White)]
    expected = sum(part.correlation(times - times[:, None]) for part in static)
    density = sum(part.density for part in parts(noise) if isinstance(part, White))
    steps = np.diff(times)
    check_covariance(samples.T, expected + np.diag(density / np.append(steps, steps[-1])))


@every
def test_samples_have_the_spectrum(noise):
    """A tapered periodogram of step integrals against ∫dω/2π S F, and nearly S itself."""
    if any(isinstance(part, QuasiStatic) for part in parts(noise)):
        return  # its line is at ω = 0 alone; the correlation tells all
    edges = np.linspace(0.0, 60.0, 301)
    middle, h = (edges[1:] + edges[:-1]) / 2, edges[1]
    path = noise.draw(2000, np.random.default_rng(12))
    power = np.sin(np.pi * middle / 60.0) ** 2
    integrals, _ = path.integrals(edges)
    for omega in (0.7, 2.4):
        weight = power * np.cos(omega * middle)

        def taper(w, weight=weight):
            sinc = h * np.sinc(w * h / (2 * np.pi))
            return np.abs(sinc * (weight @ np.exp(1j * middle[:, None] * w))) ** 2

        phase = weight @ integrals
        expected = -2 * np.log(quietly(noise.coherence, lambda w: 0.01 * taper(w))) / 0.01
        square = phase**2
        assert abs(square.mean() - expected) < SIGMAS * standard_error(square)
        flat = noise.spectrum(omega + np.array([-0.05, 0.0, 0.05])).mean() * h * (weight @ weight)
        if noise.spectrum(omega) > 0:
            assert_allclose(expected, flat, rtol=0.1)


def quietly(function, *arguments):
    """Without the warning that telegraph noise is not Gaussian: its power does not care."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", LzopenWarning)
        return function(*arguments)


EDGES = np.array([0.0, 0.3, 0.3, 1.4, 1.5, 4.0])
NODES, WEIGHTS = np.polynomial.legendre.leggauss(32)


@every
@pytest.mark.parametrize("cut", [None, 3])
def test_step_integrals_have_the_covariance_of_the_noise(noise, cut):
    """I₀ and I₁ of all steps, one call or two, and what follows them."""
    path = noise.draw(4000, np.random.default_rng(13))
    if cut is None:
        mean, slope = path.integrals(EDGES)
    else:
        halves = path.integrals(EDGES[: cut + 1]), path.integrals(EDGES[cut:])
        mean, slope = (np.concatenate(pair) for pair in zip(*halves, strict=True))
    assert mean.shape == slope.shape == (5, 4000)
    assert mean.flags.c_contiguous
    assert slope.flags.c_contiguous
    assert not mean[1].any()
    assert not slope[1].any()
    keep = [0, 2, 3, 4]
    samples = np.concatenate([mean[keep], slope[keep]])
    check_covariance(samples, expected_covariance(noise, EDGES[[0, 2, 3, 4, 5]]))


def expected_covariance(noise, edges):
    steps, middles = np.diff(edges), (edges[1:] + edges[:-1]) / 2
    count = steps.size
    total = np.zeros((2 * count, 2 * count))
    for part in parts(noise):
        if isinstance(part, White):
            total += part.density * np.diag(np.concatenate([steps, steps**3 / 12]))
            continue
        for a, b in np.ndindex(count, count):
            first, second = (steps[a], middles[a]), (steps[b], middles[b])
            total[np.ix_([a, a + count], [b, b + count])] += double_integrals(part, first, second)
    return total


def double_integrals(noise, first, second):
    """∫∫(t − m)^p (s − n)^q C(t − s) dt ds for p, q = 0, 1; in one step on two triangles."""
    (h, m), (k, n) = first, second
    x, y = np.meshgrid(h * NODES / 2, k * NODES / 2, indexing="ij")
    weights = np.multiply.outer(WEIGHTS * h / 2, WEIGHTS * k / 2)
    if m != n:
        weights = weights * noise.correlation(x + m - y - n)
        return [[np.sum(weights * x**p * y**q) for q in (0, 1)] for p in (0, 1)]
    u, v = x / h + 0.5, y / h + 0.5  # t = u and s = uv, in steps from the start, and mirrored
    t, s = h * u - h / 2, h * u * v - h / 2
    weights = weights * u * noise.correlation(t - s)
    return [[np.sum(weights * (t**p * s**q + s**p * t**q)) for q in (0, 1)] for p in (0, 1)]


@every
def test_values_and_integrals_go_on_along_one_path(noise):
    """ξ at both ends, the integral in between, and a value later on."""
    if any(isinstance(part, White) for part in parts(noise)):
        return  # it has no values at a time
    path = noise.draw(4000, np.random.default_rng(14))
    (start,) = path.values([0.0])
    mean, slope = path.integrals([0.0, 1.2])
    end, later = path.values([1.2, 2.0])
    t = 1.2 * (NODES + 1) / 2
    w = 1.2 * WEIGHTS / 2

    def value(time):
        return [w @ noise.correlation(t - time), w @ ((t - 0.6) * noise.correlation(t - time))]

    rows = np.stack([start, end, later, mean[0], slope[0]])
    points = np.array([0.0, 1.2, 2.0])
    expected = np.zeros((5, 5))
    expected[:3, :3] = noise.correlation(points - points[:, None])
    expected[:3, 3:] = [value(time) for time in points]
    one = np.array([0.0, 1.2])
    expected[3:, 3:] = expected_covariance(noise, one)
    check_covariance(rows, expected)


@every
@pulses
def test_coherence_of_samples(noise, number):
    sequence = PulseSequence(3.0, number)
    ends = 3.0 * np.concatenate([[0.0], sequence.fractions, [1.0]])
    edges = np.unique(np.concatenate([ends, ends[:-1] + 0.3 * np.diff(ends)]))
    sign = np.repeat((-1.0) ** np.arange(number + 1), 2)
    mean, _ = noise.draw(4000, np.random.default_rng(15 + number)).integrals(edges)
    wave = np.cos(sign @ mean)
    tolerance = SIGMAS * standard_error(wave) + 1e-12
    assert abs(abs(wave.mean()) - noise.coherence(sequence)) < tolerance


@every
def test_seeds(noise):
    times = [0.0, 0.5, 1.7]
    first = noise.sample(times, size=3, seed=5)
    assert_array_equal(first, noise.sample(times, size=3, seed=5))
    assert_array_equal(first, noise.sample(times, size=3, seed=np.random.SeedSequence(5)))
    child = np.random.SeedSequence(5).spawn(1)[0]
    many = [noise.sample(times, size=3, seed=s) for s in (5, 6, child)]
    if isinstance(noise, Telegraph):
        many = [noise.sample(np.arange(99.0), size=3, seed=s) for s in (5, 6, child)]
    for one, other in itertools.combinations(many, 2):
        assert not np.array_equal(one, other)


@every
def test_rows_are_independent(noise):
    samples = noise.sample([0.0, 1.0], size=4000, seed=16)[:, 0]
    product = samples[::2] * samples[1::2]
    assert abs(product.mean()) < SIGMAS * standard_error(product)


# -- objects


@every
def test_frozen_and_picklable(noise):
    copy = pickle.loads(pickle.dumps(noise))
    assert_array_equal(copy.coherence([1.0, 2.0]), noise.coherence([1.0, 2.0]))
    assert isinstance(hash(noise), int)
    with pytest.raises(FrozenInstanceError):
        setattr(noise, fields(noise)[0].name, 1.0)


@every
def test_sum_with_another(noise):
    other = OrnsteinUhlenbeck(0.2, 3.0)
    both = noise + other
    assert both.parts == (*parts(noise), other)
    assert (other + both).parts == (other, *both.parts)
    x = np.array([0.3, 2.0])
    for name in ("spectrum", "correlation", "phase_variance"):
        expected = getattr(noise, name)(x) + getattr(other, name)(x)
        assert_allclose(getattr(both, name)(x), expected, rtol=1e-14)
    assert_allclose(both.coherence(x), noise.coherence(x) * other.coherence(x), rtol=1e-14)
    assert both.time_scale == min(noise.time_scale, 3.0)
    assert both.is_gaussian == noise.is_gaussian
    assert both.is_truncated
    with pytest.raises(TypeError):
        noise + 1.0


@every
def test_a_path_refuses_to_go_back(noise):
    path = noise.draw(2, np.random.default_rng(1))
    path.integrals([0.0, 1.0])
    with pytest.raises(LzopenError, match="`edges` must begin where the last call ended, 1"):
        path.integrals([1.5, 2.0])
    with pytest.raises(LzopenError, match="`times` must not begin before the last call ended, 1"):
        path.values([0.5, 2.0])
    with pytest.raises(LzopenError, match="`edges` must not decrease, but is 3 followed by 2"):
        path.integrals([1.0, 3.0, 2.0])
    with pytest.raises(LzopenError, match="`times` must be one row of times"):
        path.values([[1.0, 2.0]])
    assert path.integrals([1.0])[0].shape == (0, 2)


NAN = float("nan")
TIMES = [0.0, 1.0]
OU = NOISES["Ornstein-Uhlenbeck"]
CASES = {
    "negative density": (lambda: White(-1.0), "density", "-1"),
    "many densities": (lambda: White([1.0, 2.0]), "density", "single number"),
    "negative sigma": (lambda: QuasiStatic(-1.0), "sigma", "-1"),
    "many sigmas": (lambda: QuasiStatic([0.1, 0.2]), "sigma", "single number"),
    "sigma that is NaN": (lambda: OrnsteinUhlenbeck(NAN, 1.0), "sigma", "nan"),
    "no memory": (lambda: OrnsteinUhlenbeck(1.0, 0.0), "correlation_time", "positive"),
    "negative amplitude": (lambda: OneOverF(-0.1, 1.0, 2.0), "amplitude", "-0.1"),
    "no infrared cut-off": (lambda: OneOverF(0.1, 0.0, 2.0), "omega_low", "positive"),
    "swapped cut-offs": (lambda: OneOverF(0.1, 2.0, 1.0), "omega_high", "above `omega_low`, 2"),
    "exponent in words": (lambda: OneOverF(0.1, 1.0, 2.0, "pink"), "exponent", "'pink'"),
    "rate of zero": (lambda: Telegraph(1.0, 0.0), "rate", "positive"),
    "one rate too few": (lambda: Telegraph([1.0, 2.0], [1.0, 2.0, 3.0]), "rate", "(3,)"),
    "one frequency": (lambda: TabulatedSpectrum([1.0], [1.0]), "omega", "at least 2"),
    "negative frequency": (lambda: TabulatedSpectrum([-1.0, 1.0], [1.0, 1.0]), "omega", "-1"),
    "table of tables": (lambda: TabulatedSpectrum([[0, 1.0]], [[1.0, 1.0]]), "omega", "one row"),
    "unsorted table": (lambda: TabulatedSpectrum([2.0, 1.0], [1.0, 1.0]), "omega", "sort"),
    "one value too few": (lambda: TabulatedSpectrum([0.0, 1.0], [1.0]), "values", "(2,)"),
    "negative value": (lambda: TabulatedSpectrum([0.0, 1.0], [1.0, -1.0]), "values", "-1"),
    "negative duration": (lambda: PulseSequence(-1.0), "duration", "-1"),
    "half a pulse": (lambda: PulseSequence(1.0, 0.5), "pulses", "0.5"),
    "pulse at the end": (lambda: PulseSequence(1.0, [0.5, 1.0]), "pulses", "between 0 and 1"),
    "pulses out of order": (lambda: PulseSequence(1.0, [0.5, 0.2]), "pulses", "strictly"),
    "filter at NaN": (lambda: PulseSequence(1.0)(NAN), "omega", "nan"),
    "spectrum at NaN": (lambda: OU.spectrum(NAN), "omega", "nan"),
    "correlation at NaN": (lambda: OU.correlation(NAN), "t", "nan"),
    "variance of the past": (lambda: OU.phase_variance(-1.0), "duration", "-1"),
    "decay of the past": (lambda: OU.coherence(-1.0), "duration", "-1"),
    "complex filter": (lambda: OU.coherence(lambda w: w * 1j), "filter", "real"),
    "filter of one value": (lambda: OU.coherence(lambda w: 1.0), "filter", "shape"),
    "no seed": (lambda: OU.sample(TIMES, size=1, seed=None), "seed", "None"),
    "seed in words": (lambda: OU.sample(TIMES, size=1, seed="7"), "seed", "'7'"),
    "no shots": (lambda: OU.sample(TIMES, size=0, seed=1), "size", "0"),
    "times that repeat": (lambda: OU.sample([0.0, 0.0], size=1, seed=1), "times", "strictly"),
    "one time of white noise": (lambda: White(1.0).sample([0.0], size=1, seed=1), "times", "two"),
    "an old generator": (lambda: OU.draw(1, np.random.RandomState(1)), "rng", "Generator"),
    "no levels": (lambda: OU.hierarchy(0), "levels", "at least 1"),
}


@pytest.mark.parametrize("case", CASES)
def test_bad_input_is_named(case):
    call, argument, shown = CASES[case]
    with pytest.raises(LzopenError) as caught:
        call()
    assert f"Argument `{argument}` must" in str(caught.value)
    assert shown in str(caught.value)
