"""Interferograms against QuTiP, closed forms and each other."""

from __future__ import annotations

import json

import array_api_strict
import numpy as np
import pytest
import qutip
from numpy.testing import assert_allclose, assert_array_equal

import lzopen as lz
from oracle import one_period, steady_vector

OMEGA = 2.0
QUBIT = lz.TwoLevel(sweep=lz.Sinusoidal(amplitude=3.0, omega=OMEGA, bias=0.5), gap=0.7)
STILL = QUBIT.with_environment(lz.Dephasing(0.05), lz.Decay(0.02, source=1, target=0))
MOVING = QUBIT.with_environment(lz.Dephasing(0.05), lz.Relaxation(0.02, temperature=0.4))
LEVELS = lz.Model(
    terms=[
        (np.diag([1.0, 0.0, -0.5]), lz.Sinusoidal(3.0, OMEGA, bias=0.3)),
        (np.array([[0, 0.3, 0.1], [0.3, 0.4, 0.2], [0.1, 0.2, -0.3]]), lz.Constant(1.0)),
    ]
).with_environment(
    lz.Decay(0.03, 1, 0), lz.Decay(0.02, 2, 1), lz.Dephasing(0.05, np.diag([1.0, 0.0, -1.0]))
)
MODELS = {"jumps that stand still": STILL, "moving eigenbasis": MOVING, "three levels": LEVELS}
models = pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
GRID = {"amplitude": np.linspace(0.0, 12.0, 4), "bias": np.array([-2.3, 0.0, 1.0, 2.0, 4.5])}


def repeated(model):
    """The same drive without known harmonics, so that another algorithm has to solve it."""
    terms = [
        (m, w if w.is_constant else lz.Repeated(w, period=2 * np.pi / OMEGA))
        for m, w in model.terms
    ]
    return lz.Model(terms=terms, environments=model.environments)


# -- what comes out


def test_dimensions_coordinates_and_units():
    fringes = lz.interferogram(
        MOVING, over={"dephasing.rate": [0.1, 0.2, 0.3]}, omega=[1.0, 2.0], temperature=[0.1]
    )
    assert fringes.population.dims == ("dephasing.rate", "omega", "temperature", "level")
    assert dict(fringes.sizes) == {"dephasing.rate": 3, "omega": 2, "temperature": 1, "level": 2}
    assert fringes.error.dims == fringes.condition.dims == fringes.population.dims[:-1]
    units = {name: fringes[name].attrs["units"] for name in fringes.population.dims[:-1]}
    energy = "rad / time"
    assert units == {"dephasing.rate": "1 / time", "omega": energy, "temperature": energy}
    assert fringes.omega.attrs["long_name"] == "sweep.omega"
    record = json.loads(fringes.attrs["lzopen"])
    assert record["quantity"] == "interferogram"
    assert record["kind"] == "average"
    assert record["parameters"]["gap"] == 0.7
    assert lz.cite(fringes).count("@") == len(record["references"])


def test_netcdf_gives_back_the_same(tmp_path):
    fringes = lz.interferogram(STILL, **GRID, observable={"x": qutip.sigmax()})
    assert lz.load(lz.save(fringes, tmp_path / "map.nc")).identical(fringes)


@models
def test_every_pixel_is_that_of_its_own_model(model):
    """A grid in one call, and its pixels one by one."""
    for at in (None, 0.4):
        fringes = lz.interferogram(model, **GRID, at=at)
        for i, j in ((0, 0), (3, 1), (2, 4)):
            one = {"amplitude": GRID["amplitude"][i], "bias": GRID["bias"][j]}
            alone = lz.interferogram(model.with_parameters(one), at=at)
            pixel = fringes.isel(amplitude=i, bias=j)
            allowed = pixel.error.item() + alone.error.item()
            assert_allclose(pixel.population, alone.population, rtol=0, atol=allowed)


@models
def test_two_algorithms_agree(model):
    """Continued fractions or moving jumps, and the map over a period of what has no harmonics."""
    fringes = {
        at: (
            lz.interferogram(model.with_parameters({"amplitude": a, "bias": b}), at=at),
            lz.interferogram(repeated(model.with_parameters({"amplitude": a, "bias": b})), at=at),
        )
        for at, a, b in ((None, 3.0, 0.5), (None, 12.0, 4.5), (0.4, 7.0, 1.0))
    }
    for one, other in fringes.values():
        allowed = one.error.item() + other.error.item()
        assert 0 < allowed < 1e-7
        assert_allclose(one.population, other.population, rtol=0, atol=allowed)


@models
def test_against_qutip(model):
    whole, mean = one_period(model, 0.4, np.pi)
    expected, amplified = steady_vector(whole)
    for at, vector in ((0.4, expected), (None, mean @ expected)):
        rho = vector.reshape(model.n_levels, -1, order="F")
        seen = 0.3 * np.ones((model.n_levels,) * 2)
        found = lz.interferogram(model, at=at, observable=seen)
        allowed = found.error.item() + 1e-12 * amplified
        assert_allclose(found.population, rho.diagonal().real, rtol=0, atol=allowed)
        assert_allclose(found.expectation, 0.3 * rho.sum().real, atol=9 * allowed)


def test_the_tutorials_map():
    """QuTiP's notebook on LZS interferometry, by its own recipe at tight tolerances."""
    delta, omega, period = 2 * np.pi, 4 * np.pi, 0.5
    drive = lz.TwoLevel(sweep=lz.Sinusoidal(1.0, omega), gap=delta)
    noisy = drive.with_environment(lz.Decay(1e-5, source=1, target=0), lz.Dephasing(2 * 5e-3))
    amplitude, bias = 2 * np.pi * np.array([[3.0, 17.0], [-4.0, 7.2]])
    axes = {"amplitude": amplitude, "bias": bias}
    fringes = lz.interferogram(noisy, **axes, at=0.0)
    for i in range(2):
        for j in range(2):
            pixel = noisy.with_parameters({"amplitude": amplitude[i], "bias": bias[j]})
            options = {"atol": 1e-13, "rtol": 1e-12, "nsteps": 10**6, "method": "vern9"}
            U = qutip.propagator(pixel.H, period, pixel.c_ops, options=options)
            found, amplified = steady_vector(U.full())
            assert_allclose(fringes.population[i, j], found[[0, 3]].real, atol=1e-12 * amplified)


def test_a_fixed_jump_gives_an_even_map_and_a_bath_a_mirrored_one():
    """destroy(2) never asks which level lies higher: popular, and not what a device does."""
    bias = np.linspace(-6.0, 6.0, 13)
    weak = QUBIT.with_environment(lz.Dephasing(0.3))
    fixed = lz.interferogram(weak.with_environment(lz.Decay(1e-4, 1, 0)), bias=bias)
    bath = lz.interferogram(weak.with_environment(lz.Relaxation(1e-2, 0.5)), bias=bias)
    stay = fixed.population.sel(level=0).values
    assert_allclose(stay, stay[::-1], rtol=1e-12)
    down = bath.population.sel(level=0).values
    assert_allclose(down, 1 - down[::-1], atol=1e-9)
    assert np.ptp(down) > 0.4


def test_many_photon_resonances():
    """Oliver et al. (2005): at the maximum of J₅ half is excited, at its zero almost nothing."""
    omega = 1.0
    flux = lz.TwoLevel(sweep=lz.Sinusoidal(1.0, omega, bias=5.0), gap=0.0108)
    noisy = flux.with_environment(lz.Decay(1 / 1.5e5, 0, 1), lz.Dephasing(1 / 150 - 1 / 3e5))
    found = lz.interferogram(noisy, amplitude=[6.41562, 8.771484]).population.sel(level=0)
    assert_allclose(found, [0.4986425, 0.0105374], atol=2e-7)


@pytest.mark.parametrize(
    ("amplitude", "bias", "T1", "T2", "expected"),
    [
        (7.3, 3.0, 2000.0, 300.0, 0.4936787),
        (12.0, 5.0, 2e4, 30.0, 0.4462342),
        (12.0, 5.3, 2e4, 3.0, 0.3750068),
        (12.0, 5.3, 2e5, 1.0, 0.4890288),
    ],
)
def test_overlapping_resonances(amplitude, bias, T1, T2, expected):
    """Exact periodic Bloch states; the sum over resonances, popular, breaks where they overlap."""
    fast = lz.TwoLevel(sweep=lz.Sinusoidal(amplitude, 1.0, bias=bias), gap=0.05)
    noisy = fast.with_environment(lz.Decay(1 / T1, 0, 1), lz.Dephasing(1 / T2 - 0.5 / T1))
    found = lz.interferogram(noisy).population.sel(level=0).item()
    assert_allclose(found, expected, atol=6e-8)


# -- trains


@models
def test_a_train_settles_to_the_steady_state(model):
    counts = [1, 100, 3000]
    train = lz.interferogram(model, bias=GRID["bias"], periods=counts, initial=1, start=0.4)
    steady = lz.interferogram(model, bias=GRID["bias"], at=0.4)
    assert train.population.dims == ("bias", "periods", "level")
    far = np.abs(train.population - steady.population).max(dim=("bias", "level")).values
    assert far[0] > 0.05 > far[1] > 1e-6
    assert far[2] <= float(train.error.max() + steady.error.max())


@models
def test_a_train_against_evolve(model):
    train = lz.interferogram(model, periods=3, initial="ground", start=0.4)
    run = lz.evolve(
        model, times=[0.4, 0.4 + 3 * np.pi], initial="ground", solver="mesolve", tol=1e-9
    )
    assert train.population.dims == ("level",)
    allowed = train.error.item() + run.error.values[-1].max()
    assert_allclose(train.population, run.population[-1], rtol=0, atol=allowed)


def test_a_closed_train():
    train = lz.interferogram(QUBIT, periods=[0, 5], bias=[0.0, 1.0])
    assert_allclose(train.population.sum("level"), 1.0, rtol=1e-12)
    assert_array_equal(train.population.isel(periods=0).values, [[1.0, 0.0]] * 2)
    run = lz.evolve(QUBIT.with_parameters({"bias": 1.0}), times=[0.0, 5 * np.pi], tol=1e-10)
    assert_allclose(train.population.values[1, 1], run.population[-1], atol=1e-8)


# -- leaks


LEAKY = {"qubit": QUBIT, "jumps as well": STILL, "three levels": LEVELS}


@pytest.mark.parametrize("model", LEAKY.values(), ids=LEAKY)
def test_leaky_levels_lose_at_a_steady_rate(model):
    leaky = model.with_environment(lz.Leak(level=1, rate=0.2))
    bias = [-2.3, 1.0, 4.5]  # at 0 both states of the qubit live equally long
    with pytest.warns(lz.LzopenWarning, match="empty"):
        left = lz.interferogram(leaky, bias=bias, at=0.4)
    train = lz.interferogram(leaky, bias=bias, periods=[3000, 3001], start=0.4, initial=0)
    survival = train.survival.values
    assert_allclose(left.population.sum("level"), 1.0, rtol=1e-12)
    assert_allclose(left.survival, survival[:, 1] / survival[:, 0], rtol=1e-9)
    assert_allclose(left.loss, 1 - left.survival, rtol=1e-9)
    shares = train.population.values[:, 1] / survival[:, 1, None]
    assert_allclose(left.population, shares, atol=1e-7)


def test_two_states_that_live_equally_long():
    """By symmetry, at zero bias; what is left then depends on the beginning for ever."""
    with pytest.warns(lz.LzopenWarning) as caught:
        left = lz.interferogram(QUBIT.with_environment(lz.Leak(1, 0.2)), bias=[0.0, 1.0])
    assert np.isnan(left.population[0]).all()
    assert np.isfinite(left.population[1]).all()
    assert np.isinf(left.error[0])
    assert {"empty" in str(w.message) for w in caught} == {True, False}


# -- pulses


def split(drive):
    """Three levels of which the last one is alone where the decay rate is zero."""
    still = np.array([[0.0, 0.3, 0.0], [0.3, 0.0, 0.0], [0.0, 0.0, 1.0]])
    terms = [(np.diag([1.0, 0.0, -1.0]), drive), (still, lz.Constant(1.0))]
    model = lz.Model(terms=terms).with_environment(
        lz.Dephasing(0.1, np.diag([1.0, 0.0, -1.0])), lz.Decay(0.0, 2, 1)
    )
    return model, "decay.rate"


def uncoupled(drive):
    """A qubit that loses coherence, without anything that mixes its levels at a gap of zero."""
    return lz.TwoLevel(sweep=drive, gap=0.0).with_environment(lz.Dephasing(0.1)), "gap"


@pytest.mark.parametrize("make", [split, uncoupled])
@pytest.mark.parametrize("shape", [lz.Sinusoidal, lz.Triangle])
@pytest.mark.parametrize("at", [None, 0.3])
def test_points_without_a_single_steady_state(make, shape, at):
    model, name = make(shape(1.0, OMEGA))
    with pytest.warns(lz.LzopenWarning, match=r"^2 of 4 points have no single .* and are NaN"):
        found = lz.interferogram(model, over={name: [0.0, 0.5]}, bias=[0.0, 1.0], at=at)
    assert np.isnan(found.population.values[0]).all()
    assert np.isinf(found.error.values[0]).all()
    assert_allclose(found.population.values[1].sum(axis=-1), 1.0)
    single = model.with_parameters({name: 0.0})
    with pytest.raises(lz.LzopenError, match="`model` must forget how it started"):
        lz.interferogram(single, at=at)
    with pytest.warns(lz.LzopenWarning, match="^1 of 1 points have no single"):
        lz.interferogram(single, bias=[0.3], at=at)


@pytest.mark.parametrize("at", [None, 0.3])
@pytest.mark.parametrize("rate", [1e-8, 1e-12, 1e-14])
def test_weak_damping_of_levels_keeps_its_digits(rate, at):
    """Jumps of equal rates in both directions mix all levels evenly, however slowly."""
    still = np.array([[0.0, 0.4, 0.1], [0.4, 0.7, 0.3], [0.1, 0.3, -0.5]])
    terms = [(np.diag([1.0, 0.2, -0.7]), lz.Sinusoidal(3.0, OMEGA)), (still, lz.Constant(1.0))]
    pairs = [(0, 1), (1, 0), (1, 2), (2, 1)]
    model = lz.Model(terms=terms, environments=[lz.Decay(rate, *pair) for pair in pairs])
    found = lz.interferogram(model, at=at)
    assert_allclose(found.population, 1 / 3, atol=found.error.item())
    assert found.error < 1e-7


def test_two_levels_that_hardly_forget():
    model = QUBIT.with_environment(lz.Dephasing(1e-16), lz.Decay(1e-16, source=1, target=0))
    found = lz.interferogram(model, bias=[0.4, 2.0])
    faster = lz.interferogram(
        model.with_parameters({"dephasing.rate": 1e-9, "decay.rate": 1e-9}), bias=[0.4, 2.0]
    )
    assert (np.abs(found.population - faster.population) < 1e-7).all()
    assert (found.error <= 1e-8).all()


@pytest.mark.parametrize("extra", [(), (lz.Dephasing(0.02),)], ids=["closed", "dephasing"])
@pytest.mark.parametrize("at", [None, 0.3])
def test_equal_lifetimes_by_the_map_of_a_period(extra, at):
    """A symmetric wave: without jumps neither state wins, with dephasing a mixture does."""
    wave = lz.TwoLevel(sweep=lz.Triangle(3.0, OMEGA), gap=0.7)
    leaky = wave.with_environment(lz.Leak(1, 0.2), *extra)
    with pytest.warns(lz.LzopenWarning) as caught:
        left = lz.interferogram(leaky, bias=[0.0, 1.0], at=at)
    assert np.isnan(left.population[0]).all() == (not extra)
    assert_allclose(left.population[1].sum(), 1.0)
    assert any("1 of 2 points" in str(w.message) for w in caught) == (not extra)


def test_leaks_in_the_moving_eigenbasis():
    leaky = lz.TwoLevel(sweep=lz.Triangle(3.0, OMEGA), gap=0.7).with_environment(
        lz.Leak(level=1, rate=0.3, basis="adiabatic")
    )
    train = lz.interferogram(leaky, periods=2)
    end = 4 * np.pi / OMEGA
    exact = lz.evolve(leaky, times=[0.0, end], initial=0, tol=1e-10).population.isel(time=-1)
    assert_allclose(train.population, exact, atol=train.error.item() + 1e-10)
    with pytest.warns(lz.LzopenWarning, match="leaky model ends empty") as said:
        lz.interferogram(leaky)
    assert said[0].filename == __file__


def test_the_record_says_how_it_began():
    how = {"periods": [1, 2], "start": 0.3, "initial": "thermal", "initial_temperature": 0.7}
    found = lz.interferogram(STILL, **how, observable={"x": [[0, 1], [1, 0]]})
    record = json.loads(found.attrs["lzopen"])
    assert {name: record[name] for name in how} == how
    assert record["observable"]["x"][0][1] == [1.0, 0.0]
    pulse = lz.interferogram(STILL, window=(0.0, 2.0), initial=qutip.basis(2, 1))
    record = json.loads(pulse.attrs["lzopen"])
    assert record["window"] == [0.0, 2.0]
    assert record["initial"] == [[[0.0, 0.0]], [[1.0, 0.0]]]


NOISES = {
    "moving": [lz.Dephasing(0.05), lz.Relaxation(0.1, temperature=0.4)],
    "still": [lz.Dephasing(0.3), lz.Decay(0.02, source=1, target=0)],
    "adiabatic": [lz.Dephasing(0.2, basis="adiabatic")],
}


@pytest.mark.parametrize("noise", NOISES)
def test_noisy_pulses_against_qutip(noise):
    """A double passage with a wait, of different lengths side by side."""
    pulse = lz.Trapezoid(amplitude=6.0, rate=8.0, wait=0.0, bias=-5.0)
    model = lz.TwoLevel(sweep=pulse, gap=0.8).with_environment(*NOISES[noise])
    axes = {"amplitude": [2.0, 9.0], "wait": [0.0, 0.7, 3.0]}
    found = lz.interferogram(model, **axes, initial="ground", observable=[[0, 1], [1, 0]], tol=1e-9)
    assert found.error.max() < 1e-8
    for place in np.ndindex(2, 3):
        values = {name: axes[name][i] for name, i in zip(axes, place, strict=True)}
        single = model.with_parameters(values)
        start, end = single.terms[0][1].landmarks()[[0, -1]]
        exact = lz.evolve(
            single,
            times=[start, end],
            initial="ground",
            solver="mesolve",
            tol=1e-10,
        )
        off = np.abs(found.population.values[place] - exact.population.values[-1]).max()
        assert off < found.error.values[place] + 1e-9, place


def test_a_pulse_without_height_does_nothing():
    pulse = lz.Trapezoid(amplitude=40.0, rate=30.0, wait=0.0, bias=-20.0)
    model = lz.TwoLevel(sweep=pulse, gap=3.0)
    found = lz.interferogram(model, amplitude=[0.0, 40.0], rate=[20.0, 30.0], initial="ground")
    resting = lz.TwoLevel(sweep=lz.Constant(-20.0), gap=3.0).ground_state(0.0).full()[:, 0]
    assert_allclose(found.population[0], [np.abs(resting) ** 2] * 2, atol=1e-12)
    alone = lz.interferogram(model.with_parameters({"rate": 20.0}), initial="ground")
    assert_allclose(found.population[1, 0], alone.population, atol=1e-8)


def test_pulsed_double_passages_against_theory():
    """There, a wait, and back: two passages and the phase between them."""
    pulse = lz.Trapezoid(amplitude=120.0, rate=40.0, wait=0.0, bias=-60.0)
    qubit = lz.TwoLevel(sweep=pulse, gap=2.0)
    waits = np.linspace(0.0, 0.2, 9)
    found = lz.interferogram(qubit, wait=waits)
    assert found.population.dims == ("wait", "level")
    for k, wait in enumerate(waits):
        alone = qubit.with_parameters({"wait": wait})
        t = 3.0 + 0.5 * wait
        run = lz.evolve(alone, times=[-t, t], solver="sesolve", tol=1e-9)
        assert_allclose(found.population[k], run.population[-1], atol=1e-7)
    P = lz.theory.landau_zener(rate=40.0, gap=2.0)
    assert_allclose(np.ptp(found.population.values[:, 0]), 4 * P * (1 - P), rtol=0.1)


def test_a_window_for_any_drive():
    passes = lz.TwoLevel(sweep=lz.DoublePassage(rate=4.0, turning_point=8.0), gap=0.9)
    rates = np.array([2.0, 4.0, 8.0])
    found = lz.interferogram(passes, rate=rates, window=(-30 / rates, 30 / rates))
    for k, rate in enumerate(rates):
        times = [-30 / rate, 30 / rate]
        run = lz.evolve(passes.with_parameters({"rate": rate}), times=times, tol=1e-9)
        assert_allclose(found.population[k], run.population[-1], atol=1e-7)


# -- on other arrays


@models
def test_axes_of_another_array_library_give_the_same(model):
    strict = {name: array_api_strict.asarray(values) for name, values in GRID.items()}
    for how in ({}, {"at": 0.4}, {"periods": [1, 4]}):
        found = lz.interferogram(model, **strict, **how)
        expected = lz.interferogram(model, **GRID, **how)
        for name in expected.data_vars:
            assert_allclose(found[name], expected[name], rtol=1e-6, atol=1e-13)


# -- bad input

CLOSED = "no steady state"


@pytest.mark.parametrize(
    ("model", "given", "message"),
    [
        (QUBIT, {}, "closed|steady state"),
        (STILL, {"amplitudes": [1.0]}, "amplitudes"),
        (STILL, {"amplitude": [[1.0]]}, "one-dimensional"),
        (STILL, {"amplitude": []}, "empty"),
        (STILL, {"over": {"sweep.amplitude": [1.0]}, "amplitude": [1.0]}, "once"),
        (STILL, {"over": 3}, "Mapping|mapping"),
        (STILL, {"at": np.nan}, "at"),
        (STILL, {"at": [0.0, 1.0]}, "single"),
        (STILL, {"tol": 0.0}, "tol"),
        (STILL, {"initial": 0}, "left out"),
        (STILL, {"start": 0.0}, "left out"),
        (STILL, {"initial_temperature": 1.0}, "left out"),
        (STILL, {"periods": 3, "at": 0.0}, "left out"),
        (STILL, {"periods": -1}, "periods"),
        (STILL, {"periods": 2.5}, "periods"),
        (STILL, {"periods": 3, "initial": 2}, "initial"),
        (STILL, {"periods": 3, "initial": "thermal"}, "temperature"),
        (STILL, {"observable": np.eye(3)}, "shape"),
        (STILL, {"observable": [[0, 1], [0, 0]]}, "Hermitian"),
        (lz.TwoLevel(sweep=lz.Linear(1.0), gap=1.0), {}, "window"),
        (lz.TwoLevel(sweep=lz.Sech(1.0, 1.0), gap=1.0), {}, "window"),
        (lz.TwoLevel(sweep=lz.Trapezoid(1.0, 1.0), gap=1.0), {"periods": 2}, "left out"),
        (lz.TwoLevel(sweep=lz.Trapezoid(1.0, 1.0), gap=1.0), {"window": (1.0, 0.0)}, "window"),
        (lz.vary(STILL, {"gap": [1.0, 2.0]}), {"bias": [0.0]}, "single model"),
        (STILL, {"over": {"bias": [1.0]}, "bias": [2.0]}, "once"),
        (STILL, {"periods": []}, "at least one"),
        (STILL, {"periods": 1, "window": (0.0, 1.0)}, "a window"),
        (STILL, {"window": ([0.0, 1.0], [3.0, 4.0])}, "broadcast against the grid"),
        (STILL, {"periods": 1, "initial_temperature": 1.0}, "`initial_temperature`"),
        (
            STILL,
            {"periods": 1, "initial": "thermal", "initial_temperature": [1.0, 2.0]},
            "`initial_temperature` must be a single",
        ),
        (STILL, {"observable": {"error": np.eye(2)}}, "'error'"),
        (STILL, {"bias": [1.0], "observable": {"bias": np.eye(2)}}, "'bias'"),
        (STILL, {"observable": {"level": np.eye(2)}}, "'level'"),
        (lz.TwoLevel(sweep=lz.Constant(1.0), gap=1.0), {}, "steadystate"),
        ("qubit", {}, "model"),
        (
            STILL,
            {"amplitude": np.ones(2), "bias": array_api_strict.ones(2)},
            "one library, but is array_api_strict and numpy",
        ),
    ],
)
def test_bad_input_is_named(model, given, message):
    with pytest.raises(lz.LzopenError, match=message):
        lz.interferogram(model, **given)


def test_incommensurate_tones_have_no_period():
    tones = lz.Sinusoidal(1.0, 1.0) + lz.Sinusoidal(1.0, np.sqrt(2))
    model = lz.TwoLevel(sweep=tones, gap=0.5).with_environment(lz.Relaxation(0.1, 0.1))
    with pytest.raises(lz.LzopenError, match="at most 64 of their longest period"):
        lz.interferogram(model)
