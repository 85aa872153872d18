"""Phase tomography against the closed form, the engine, and repeated noisy maps."""

from __future__ import annotations

import json
import warnings

import numpy as np
import pytest
import xarray as xr
from numpy.testing import assert_allclose
from scipy.special import j0
from scipy.stats import binom

import lzopen as lz

AXES = {"amplitude": np.linspace(0.0, 8.0, 25), "bias": np.linspace(-9.0, 9.0, 121)}
NAMES = ["T2", "bias_deviation", "gap_squared_T1"]
GAP = 0.01

# most maps here have noise that is fast against T1, which a map cannot know of itself
pytestmark = pytest.mark.filterwarnings("ignore:W T1 reaches")


def rates(axes=AXES, T2=8.0, sigma=0.0, gap=GAP):
    grid = {"amplitude": axes["amplitude"][:, None], "bias": axes["bias"], "omega": 1.0}
    noise = {"coherence_rate": 1 / T2, "bias_deviation": sigma}
    return lz.theory.fast_passage_rate(gap=gap, **grid, **noise)


def steady(axes=AXES, T2=8.0, sigma=0.0, strength=0.02, equilibrium=0.0):
    """Populations of a steady state with Δ²T1 = strength."""
    W = rates(axes, T2, sigma) * strength / GAP**2
    return xr.DataArray((W + equilibrium) / (2 * W + 1), axes, list(axes))


def values(found, names=NAMES):
    return found.value.sel(parameter=names).values


def quiet(call, *args, **more):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", lz.LzopenWarning)
        return call(*args, **more)


def error_free(found, truth, rtol=1e-5):
    T2, sigma, strength = values(found)
    assert_allclose([T2, strength], [truth[0], truth[2]], rtol=rtol)
    assert_allclose(sigma**2, truth[1] ** 2, atol=rtol / truth[0] ** 2)


# -- the closed form


@pytest.mark.parametrize("strength", [1e-3, 0.1, 3.0])
@pytest.mark.parametrize(("T2", "sigma"), [(8.0, 0.0), (4.0, 0.2), (40.0, 0.25), (3.0, 0.05)])
def test_a_map_without_noise_gives_back_its_law(T2, sigma, strength):
    found = lz.phase_tomography(steady(T2=T2, sigma=sigma, strength=strength), omega=1.0)
    error_free(found, (T2, sigma, strength))


def test_neither_window_nor_pixels_nor_gaps_nor_order_matter():
    truth = (5.0, 0.1, 0.2)
    rng = np.random.default_rng(1)
    uneven = {"amplitude": rng.uniform(0, 7, 20), "bias": rng.uniform(-3.3, 8.1, 150)}
    P = steady({name: np.sort(axis) for name, axis in uneven.items()}, *truth)
    holes = P.where(rng.random(P.shape) > 0.3).isel(bias=rng.permutation(150)).T
    assert int(holes.isnull().sum()) > 700
    error_free(lz.phase_tomography(holes, omega=1.0), truth)
    narrow = steady({**AXES, "bias": np.linspace(0.2, 2.5, 60)}, *truth)
    error_free(lz.phase_tomography(narrow, omega=1.0), truth)


def test_the_decay_is_the_transform_of_theory():
    """In a wide window it needs no law: plain sums over the rate give the same."""
    axes = {"amplitude": AXES["amplitude"], "bias": np.linspace(-40.0, 40.0, 801)}
    found = lz.phase_tomography(steady(axes, 8.0, 0.1, 0.02), omega=1.0, k_range=(0.4, 12.0))
    k = found.k_bias.values
    drive = {"omega": 1.0, "gap": np.sqrt(0.02), "coherence_rate": 1 / 8, "bias_deviation": 0.1}
    theory = quiet(lz.theory.rate_transform, k_bias=k, amplitude=0.0, **drive)
    assert_allclose(found.law, theory, rtol=1e-5)
    assert_allclose(found.decay, theory, rtol=1e-4)
    W = rates(axes, 8.0, 0.1) * 0.02 / GAP**2
    rows = np.trapezoid(W * np.cos(k[:, None, None] * axes["bias"]), axes["bias"])
    waves = j0(2 * axes["amplitude"] * np.sin(0.5 * k[:, None]))
    plain = np.sum(rows * waves, axis=1) / np.sum(waves**2, axis=1)
    assert_allclose(found.decay, plain, atol=2e-3 * plain.max())


def test_the_tomogram_lies_on_its_arcs():
    axes = {"amplitude": np.linspace(0.0, 25.0, 81), "bias": np.linspace(-32.0, 32.0, 801)}
    found = lz.phase_tomography(steady(axes, T2=10.0), omega=1.0, k_range=(0.0, 12.0))
    arcs = lz.theory.tomogram_arcs(k_bias=found.k_bias.values, omega=1.0)
    T, kappa = found.tomogram.values, found.k_amplitude.values
    clear = arcs > 0.6
    assert clear.sum() > 30
    resolution = np.pi / 25.0
    assert_allclose(kappa[T.argmax(axis=0)][clear], arcs[clear], atol=resolution)
    outside = T[:, clear][kappa[:, None] > arcs[clear] + 4 * resolution]
    assert np.abs(outside).max() < 0.05 * T[:, clear].max()
    # back along the amplitude to A = 0, where J₀ is 1
    back = np.trapezoid(T, kappa, axis=0) / np.pi
    assert_allclose(back[clear], found.law[clear], rtol=0.04)


# -- why the rate, and not P


@pytest.mark.parametrize(
    ("saturation", "apparent"), [(0.1, 1.03), (1, 1.22), (3, 1.47), (10, 1.86), (30, 2.6)]
)
def test_the_population_itself_misleads(saturation, apparent):
    """The decay of a transform of P along the arcs, over 3 T2, against that of the rate."""
    T2 = 10.0
    axes = {"amplitude": np.linspace(0.0, 15.0, 61), "bias": np.linspace(-24.0, 24.0, 1201)}
    P = steady(axes, T2, 0.0, saturation / T2)
    k = np.linspace(0.5, 3 * T2, 60)
    waves = j0(2 * axes["amplitude"] * np.sin(0.5 * k[:, None]))

    def decay_rate(values):
        rows = np.trapezoid(values * np.cos(k[:, None, None] * axes["bias"]), axes["bias"])
        D = np.sum(rows * waves, axis=1) / np.sum(waves**2, axis=1)
        return -np.polyfit(k[D > 0], np.log(D[D > 0]), 1)[0]

    assert decay_rate(P.values) * T2 == pytest.approx(apparent, rel=0.03)
    assert decay_rate((1 / (1 - 2 * P) - 1).values) * T2 == pytest.approx(1, abs=0.02)
    found = lz.phase_tomography(P[::3, 401:800:4], omega=1.0)
    assert T2 / values(found)[0] == pytest.approx(1, abs=1e-4)


# -- equilibrium


def test_equilibrium_may_be_any_population():
    step = 0.5 - 0.45 * np.tanh(AXES["bias"] / 2)  # a thermal step; no contrast at zero bias
    given = xr.DataArray(step, {"bias": AXES["bias"]}, ["bias"])
    truth = (8.0, 0.1, 0.3)
    P = steady(AXES, *truth, equilibrium=step)
    assert np.abs(P.sel(bias=0.0) - 0.5).max() < 1e-12
    error_free(lz.phase_tomography(P, omega=1.0, equilibrium=given), truth)
    error_free(lz.phase_tomography(P[:, ::-1], omega=1.0, equilibrium=given), truth)
    error_free(lz.phase_tomography(P, omega=1.0, equilibrium=step), truth)
    assert lz.phase_tomography(1 - P, omega=1.0, equilibrium=1 - step).value.equals(
        lz.phase_tomography(1 - P, omega=1.0, equilibrium=1 - given).value
    )
    with pytest.warns(lz.LzopenWarning):  # an equilibrium of 0
        lz.phase_tomography(P, omega=1.0)


def test_a_range_of_k_passes_over_a_wrong_equilibrium():
    P = steady(T2=8.0, strength=0.02, equilibrium=0.02)
    wrong = quiet(lz.phase_tomography, P, omega=1.0)
    above = quiet(lz.phase_tomography, P, omega=1.0, k_range=(1.0, 30.0))
    assert abs(values(wrong)[0] / 8 - 1) > 0.1
    assert values(above)[0] == pytest.approx(8.0, rel=0.06)


# -- the engine


QUBIT = lz.TwoLevel(sweep=lz.Sinusoidal(amplitude=1.0, omega=1.0), gap=0.05)


@pytest.mark.parametrize(("dephasing", "relaxation"), [(0.1, 1e-3), (0.2, 1e-3), (0.05, 0.05)])
def test_the_steady_state_of_the_engine(dephasing, relaxation):
    noisy = QUBIT.with_environment(lz.Dephasing(dephasing), lz.Decay(relaxation, 1, 0))
    found = lz.phase_tomography(lz.interferogram(noisy, **AXES), omega=1.0)
    T2, sigma, strength = values(found)
    assert T2 * (dephasing + relaxation / 2) == pytest.approx(1, abs=2e-3)
    assert strength * relaxation / 0.05**2 == pytest.approx(1, abs=2e-3)
    assert sigma < 0.005


def test_a_quasi_static_average_of_the_engine():
    """Slow noise averages populations, which are rates where the drive is weak."""
    noisy = QUBIT.with_parameters({"gap": 0.01}).with_environment(
        lz.Dephasing(0.05), lz.Decay(0.1, 1, 0)
    )
    shifts, weights = np.polynomial.hermite_e.hermegauss(31)
    inner = np.abs(shifts) < 6
    shifted = (AXES["bias"][:, None] + 0.15 * shifts[inner]).ravel()
    P = lz.interferogram(noisy, amplitude=AXES["amplitude"], bias=shifted).population.sel(level=1)
    P = P.values.reshape(25, 121, -1) @ weights[inner] / weights[inner].sum()
    found = lz.phase_tomography(xr.DataArray(P, AXES, list(AXES)), omega=1.0)
    assert_allclose(values(found), [10.0, 0.15, 1e-3], rtol=0.01)


def test_a_pulse_of_the_engine():
    """A pulse of 10 T2 whose shape alone would make 1/T2 too large by a tenth."""
    noisy = QUBIT.with_parameters({"gap": 0.01}).with_environment(
        lz.Dephasing(0.1), lz.Decay(1e-6, 1, 0)
    )
    axes = {"amplitude": np.linspace(0, 8, 13), "bias": np.linspace(-7, 7, 71)}
    fringes = lz.interferogram(noisy, **axes, periods=16, initial=0)
    length = 32 * np.pi
    found = lz.phase_tomography(fringes, omega=1.0, duration=length)
    T2, _, strength = values(found, ["T2", "bias_deviation", "gap_squared"])
    assert_allclose([T2, strength], [10.0, 1e-4], rtol=0.01)
    k = found.k_bias.values
    pure = 0.5 * np.pi * strength * np.exp(-k / T2)
    assert_allclose(found.law, pure * (1 - k / length), rtol=0.01, atol=1e-3 * pure[0])


def test_a_pulse_from_any_population():
    W, length = rates(T2=4.0), 2000.0
    P = 0.5 - (0.5 - 0.1) * np.exp(-2 * W * length)
    fringes = xr.DataArray(P, AXES, list(AXES))
    found = lz.phase_tomography(fringes, omega=1.0, duration=length, initial=0.1)
    assert_allclose(values(found, ["T2", "gap_squared"]), [4.0, GAP**2], rtol=2 * 4.0 / length)


# -- noise


def coverage(maps, shots, seed):
    """How often each 68 % and 95 % interval holds the truth, and the pulls of all."""
    rng = np.random.default_rng(seed)
    axes = {"amplitude": np.linspace(0.0, 8.0, 17), "bias": np.linspace(-7.0, 7.0, 57)}
    pulls, inside = [], []
    for _ in range(maps):
        T2, sigma = 1 / rng.uniform(0.1, 0.3), rng.uniform(0.1, 0.3)
        strength = np.hypot(1 / T2, sigma) * np.exp(rng.uniform(np.log(0.3), np.log(10)))
        truth = np.array([T2, sigma, strength])
        exact = steady(axes, *truth)
        P = exact.copy(data=rng.binomial(shots, exact) / shots)
        found = quiet(lz.phase_tomography, P, omega=1.0, shots=shots)
        pulls.append((values(found) - truth) / found.error.values)
        inside.append((found.low.values <= truth) & (truth <= found.high.values))
    pulls = np.array(pulls)
    return np.sum(np.abs(pulls) < 1, axis=0), np.sum(inside, axis=0), pulls


def hold(maps, shots, seed):
    within, inside, pulls = coverage(maps, shots, seed)
    assert np.isfinite(pulls).all()
    for share, counts in ((0.6827, within), (0.95, inside)):
        low, high = binom.interval(0.999, maps, share)
        assert np.all((low <= counts) & (counts <= high)), (share, counts)
    bias = np.abs(np.median(pulls, axis=0))
    assert np.all(bias < 0.2 + 3 * 1.2533 / np.sqrt(maps)), bias


def test_errors_are_honest():
    hold(12, 1000, seed=5)


@pytest.mark.slow
@pytest.mark.parametrize("shots", [1000, 3000])
def test_errors_are_honest_many_times(shots):
    hold(200, shots, seed=shots)


def test_saturated_pixels_do_not_spoil_the_rest():
    """Beyond one half the rate of a single pixel is negative or infinite."""
    rng = np.random.default_rng(2)
    truth = (10.0, 0.1, 20.0)
    exact = steady(AXES, *truth)
    P = exact.copy(data=rng.binomial(100, exact) / 100)
    assert (P >= 0.5).mean() > 0.02
    found = lz.phase_tomography(P, omega=1.0, shots=100)
    assert np.all((found.low <= truth) & (truth <= found.high))
    assert np.isfinite(found.tomogram).all()
    assert_allclose(values(found), truth, rtol=0.1)


def test_kinds_of_noise_agree():
    rng = np.random.default_rng(3)
    exact = steady(AXES, 6.0, 0.15, 0.1)
    P = exact + rng.normal(0, 0.004, exact.shape)
    known = lz.phase_tomography(P, omega=1.0, sigma=0.004)
    unknown = lz.phase_tomography(P, omega=1.0)
    assert_allclose(values(known), values(unknown), rtol=1e-6)
    assert_allclose(known.error, unknown.error, rtol=0.05)
    assert known.reduced == pytest.approx(1, abs=0.1)
    halved = lz.phase_tomography(P, omega=1.0, sigma=xr.full_like(P, 0.008))
    assert_allclose(halved.error, 2 * known.error / max(known.reduced, 1) ** 0.5, rtol=1e-3)
    with pytest.warns(lz.LzopenWarning, match="does not describe") as seen:
        small = lz.phase_tomography(P, omega=1.0, sigma=0.002)
    assert seen[-1].message.value == pytest.approx(4, rel=0.1)
    assert_allclose(small.error, unknown.error, rtol=0.05)


def test_what_the_data_cannot_tell_is_a_bound():
    rng = np.random.default_rng(4)
    P = steady(AXES, 5.0, 0.0, 0.2)
    found = lz.phase_tomography(P.copy(data=rng.binomial(500, P) / 500), omega=1.0, shots=500)
    sigma = found.sel(parameter="bias_deviation")
    assert np.isnan(sigma.error)
    assert sigma.low == 0
    assert 0.01 < sigma.high < 0.1
    assert found.error.sel(parameter="T2") > 0
    P = steady(AXES, 1e4, 0.3, 0.2)
    found = lz.phase_tomography(P.copy(data=rng.binomial(500, P) / 500), omega=1.0, shots=500)
    T2 = found.sel(parameter="T2")
    assert np.isnan(T2.error)
    assert T2.high == np.inf
    assert T2.low > 30


# -- what is said


def averaged(sigma):
    """A map whose bias stands still for longer than T1, at W T1 up to 0.4, with 1/T2 = 0.3."""
    qubit = lz.TwoLevel(sweep=lz.Sinusoidal(amplitude=1.0, omega=4.0), gap=0.08)
    device = qubit.with_environment(lz.Dephasing(0.298), lz.Decay(0.004, source=1, target=0))
    amplitude, bias = np.linspace(0, 30, 31), np.linspace(-30, 30, 241)
    offsets, weights = np.polynomial.hermite_e.hermegauss(41)
    maps = [
        weight * lz.interferogram(device, amplitude=amplitude, bias=bias + sigma * x).population
        for x, weight in zip(offsets, weights / weights.sum(), strict=True)
    ]
    return sum(each.assign_coords(bias=bias) for each in maps).sel(level=1)


@pytest.mark.filterwarnings("default:W T1 reaches")
def test_noise_that_stands_still_biases_a_map_that_saturates():
    with pytest.warns(lz.LzopenWarning, match="W T1 reaches .* fit_interferogram knows it") as told:
        found = lz.phase_tomography(averaged(0.4), omega=4.0, sigma=0.01)
    assert 0.1 < told[0].message.value < 2
    _, deviation, strength = values(found)
    assert deviation < 0.95 * 0.4
    assert strength < 0.97 * 0.08**2 / 0.004
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        still = lz.phase_tomography(averaged(1e-9), omega=4.0, sigma=0.01)
    assert values(still)[0] == pytest.approx(1 / 0.3, rel=0.03)


def test_a_signal_will_do_and_pixels_without_trials_are_missing():
    rng = np.random.default_rng(11)
    exact = steady(AXES, 6.0, 0.1, 0.1)
    P, shots = exact.copy(data=rng.binomial(800, exact) / 800), xr.full_like(exact, 800.0)
    empty = xr.zeros_like(exact, dtype=bool)
    empty[3, 5:9] = True
    known = lz.phase_tomography(P.where(~empty), omega=1.0, shots=800)
    found = lz.phase_tomography(
        P.to_dataset(name="signal"), omega=1.0, shots=shots.where(~empty, 0.0)
    )
    assert_allclose(values(found), values(known), rtol=1e-9)


def test_figures_show_arcs_and_decay():
    rng = np.random.default_rng(6)
    exact = steady(AXES, 6.0, 0.1, 0.3)
    P = exact.copy(data=rng.binomial(1000, exact) / 1000)
    found = lz.phase_tomography(P, omega=1.0, shots=1000)
    left, right = lz.plotting.panels(2)
    assert lz.plotting.tomogram(found, left, time_unit="ns") is left
    x, y = left.lines[0].get_data()
    assert_allclose(y, 2 * np.abs(np.sin(x / 2)), atol=1e-12)
    assert_allclose(left.lines[1].get_ydata(), -y)
    lz.plotting.arc_decay(found, right, time_unit="ns", simulated=True)
    assert_allclose(right.lines[-1].get_ydata(), found.law)
    T2, error = found.value[0].item(), found.error[0].item()
    assert right.get_title().startswith(f"T2 = {T2:.3f} ± {error:.3f} ns,\nσ = 0.")
    assert right.get_title().endswith("(simulated)")
    with pytest.raises(lz.LzopenError, match="`found` must be a phase tomography"):
        lz.plotting.tomogram(lz.interferogram(QUBIT, periods=1))


def test_dataset_record_and_file(tmp_path):
    found = lz.phase_tomography(steady(), omega=1.0)
    assert list(found.parameter.values) == NAMES
    assert found.tomogram.dims == ("k_amplitude", "k_bias")
    assert found.decay.dims == found.decay_error.dims == ("k_bias",)
    assert found.k_bias.attrs["units"] == "time"
    record = json.loads(found.attrs["lzopen"])
    assert record["quantity"] == "phase_tomography"
    assert record["parameters"]["omega"] == 1.0
    assert "rudner2008" in lz.cite(found)
    assert lz.load(lz.save(found, tmp_path / "found.nc")).identical(found)


def test_a_large_gap_is_doubted():
    noisy = QUBIT.with_parameters({"gap": 0.5}).with_environment(
        lz.Dephasing(0.1), lz.Decay(0.01, 1, 0)
    )
    fringes = lz.interferogram(noisy, **AXES)
    with pytest.warns(lz.LzopenWarning) as seen:
        lz.phase_tomography(fringes, omega=1.0)
    assert any("Resonances are narrow" in str(w.message) for w in seen)
    with pytest.warns(lz.LzopenWarning, match="misses") as seen:  # measured: no gap is known
        lz.phase_tomography(fringes.population.sel(level=1), omega=1.0)
    assert seen[0].message.value > 0.05


def test_short_and_strong_pulses_are_doubted():
    P = 0.5 - 0.5 * np.exp(-2 * rates(T2=20.0, gap=0.08) * 60.0)
    with pytest.warns(lz.LzopenWarning) as seen:
        lz.phase_tomography(xr.DataArray(P, AXES, list(AXES)), omega=1.0, duration=60.0)
    said = " ".join(str(w.message) for w in seen)
    assert "oscillate before" in said
    assert "too short" in said


def test_wide_pixels_and_faint_fringes_are_doubted():
    axes = {"amplitude": AXES["amplitude"], "bias": np.linspace(-9, 9, 41)}
    with pytest.warns(lz.LzopenWarning, match="wider than lines"):
        lz.phase_tomography(steady(axes, T2=50.0), omega=1.0)
    rng = np.random.default_rng(5)
    faint = steady(strength=1e-3)
    noisy = faint + rng.normal(0, 0.2, faint.shape)
    with pytest.warns(lz.LzopenWarning, match="hardly any fringes"):
        lz.phase_tomography(noisy, omega=1.0, sigma=0.2)


P = steady()
BAD = {
    "no map": (lambda: lz.phase_tomography(P.values, omega=1.0), "`fringes`"),
    "complex": (lambda: lz.phase_tomography(P + 0.1j, omega=1.0), "`fringes` must be real"),
    "no amplitude": (lambda: lz.phase_tomography(P[0], omega=1.0), "`fringes`"),
    "no drive": (lambda: lz.phase_tomography(P, omega=0.0), "`omega`"),
    "all missing": (lambda: lz.phase_tomography(P * np.nan, omega=1.0), "`population`"),
    "constant": (lambda: lz.phase_tomography(P * 0 + 0.3, omega=1.0), "`population`"),
    "below equilibrium": (lambda: lz.phase_tomography(-P, omega=1.0), "`population`"),
    "infinite": (lambda: lz.phase_tomography(P / 0, omega=1.0), "`population`"),
    "too large": (lambda: lz.phase_tomography(9 * P + 1, omega=1.0, shots=9), "`population`"),
    "few rows": (lambda: lz.phase_tomography(P[:2], omega=1.0), "`amplitude`"),
    "few biases": (lambda: lz.phase_tomography(P[:, :7], omega=1.0), "`bias`"),
    "negative drive": (
        lambda: lz.phase_tomography(P.assign_coords(amplitude=-P.amplitude), omega=1.0),
        "`amplitude`",
    ),
    "repeated bias": (
        lambda: lz.phase_tomography(xr.concat([P, P], "bias"), omega=1.0),
        "`bias`",
    ),
    "no shots": (lambda: lz.phase_tomography(P, omega=1.0, shots=0), "`population`"),
    "two kinds of noise": (
        lambda: lz.phase_tomography(P, omega=1.0, shots=9, sigma=0.1),
        "`sigma`",
    ),
    "errors of another map": (
        lambda: lz.phase_tomography(P, omega=1.0, sigma=np.ones(7)),
        "`sigma`",
    ),
    "equilibrium": (lambda: lz.phase_tomography(P, omega=1.0, equilibrium=1.2), "`equilibrium`"),
    "start of no pulse": (lambda: lz.phase_tomography(P, omega=1.0, initial=0.1), "`initial`"),
    "equilibrium of a pulse": (
        lambda: lz.phase_tomography(P, omega=1.0, duration=9.0, equilibrium=0.1),
        "`equilibrium`",
    ),
    "no length": (lambda: lz.phase_tomography(P, omega=1.0, duration=0.0), "`duration`"),
    "no range": (lambda: lz.phase_tomography(P, omega=1.0, k_range=(3.0, 1.0)), "`k_range`"),
    "a long range": (lambda: lz.phase_tomography(P, omega=1.0, k_range=(0, 1, 2)), "`k_range`"),
    "a short range": (lambda: lz.phase_tomography(P, omega=1.0, k_range=(3, 3.1)), "`k_range`"),
    "no contrast": (lambda: lz.phase_tomography(P, omega=1.0, equilibrium=0.5), "`population`"),
    "errors that are missing": (
        lambda: lz.phase_tomography(P, omega=1.0, sigma=P * np.nan),
        "`sigma` must be positive",
    ),
    "shots that are missing": (
        lambda: lz.phase_tomography(P, omega=1.0, shots=np.full(P.shape, np.nan)),
        "`shots` must be finite",
    ),
    "no population": (
        lambda: lz.phase_tomography(P.to_dataset(name="current"), omega=1.0),
        "`fringes` must hold",
    ),
    "another level": (
        lambda: lz.phase_tomography(P.expand_dims(level=[0, 1]), omega=1.0, level=2),
        "`level`",
    ),
}


@pytest.mark.parametrize(("call", "argument"), BAD.values(), ids=BAD)
def test_bad_input_is_named(call, argument):
    with np.errstate(divide="ignore"), pytest.raises(lz.LzopenError, match=argument):
        call()


def test_the_decay_ends_where_pixels_do():
    coarse = {"amplitude": AXES["amplitude"], "bias": np.linspace(-9.0, 9.0, 61)}  # to k = 10.5
    found = lz.phase_tomography(steady(coarse, T2=8.0), omega=1.0)
    assert 10 < found.k_bias.max() < np.pi / 0.3 + 1e-9
    error_free(found, (8.0, 0.0, 0.02))


def test_the_record_tells_pulses_from_steady_states():
    noisy = QUBIT.with_environment(lz.Dephasing(0.1), lz.Decay(1e-3, 1, 0))
    axes = {"amplitude": [0.0, 1.0, 2.0], "bias": np.linspace(-3, 3, 9)}
    pulses = lz.interferogram(noisy, **axes, periods=2)
    with pytest.raises(lz.LzopenError, match="`duration` must be given for a train"):
        lz.phase_tomography(pulses, omega=1.0)
    with pytest.raises(lz.LzopenError, match="`duration` must be left out"):
        lz.phase_tomography(lz.interferogram(noisy, **axes), omega=1.0, duration=3.0)
