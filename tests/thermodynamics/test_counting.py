"""Characteristic functions: closed limits, moments, fluctuation theorems."""

from __future__ import annotations

import numpy as np
import pytest
import qutip
from numpy.testing import assert_allclose

import lzopen as lz

TEMPERATURE, WINDOW = 1.1, (-6.0, 2.0)
QUBIT = lz.TwoLevel(sweep=lz.Linear(rate=1.0), gap=0.8)
SPIN = lz.SpinCrossing(spin=1.0, rate=0.7, gap=0.6)


def ohmic(w):
    return 0.2 * w


def baths(temperature):
    """Models whose environments all have one temperature, or none."""
    bath = lz.ThermalBath(np.diag([0.5, -0.5]), ohmic, temperature=temperature)
    ladder = lz.ThermalBath(qutip.jmat(1, "z"), ohmic, temperature=temperature)
    relaxes = lz.Relaxation(0.2, temperature)
    return {
        "relaxation": QUBIT.with_environment(relaxes),
        "bath": QUBIT.with_environment(bath),
        "with dephasing": QUBIT.with_environment(
            relaxes, lz.Dephasing(0.3), lz.Dephasing(0.2, basis="adiabatic")
        ),
        "spin one": SPIN.with_environment(ladder),
        "bath and complex gap": lz.TwoLevel(
            sweep=lz.Linear(1.0), gap=lz.Rotating(0.8, omega=0.7)
        ).with_environment(bath),
    }


def free_energy_difference(model, window=WINDOW, temperature=TEMPERATURE):
    """From the energies at both ends, by hand."""
    sums = [np.exp(-model.energies(t) / temperature).sum() for t in window]
    return -temperature * np.log(sums[1] / sums[0])


@pytest.mark.parametrize("name", list(baths(1.0)))
def test_jarzynski_holds_however_strong_the_bath(name):
    model = baths(TEMPERATURE)[name]
    found = lz.characteristic_function(
        model, u=[0.0, 1j / TEMPERATURE], temperature=TEMPERATURE, window=WINDOW, tol=1e-10
    )
    expected = [1.0, np.exp(-free_energy_difference(model) / TEMPERATURE)]
    assert_allclose(found.value, expected, atol=1e-10)
    assert np.all(np.abs(found.value - expected) <= found.error)


def test_another_temperature_breaks_it():
    model = QUBIT.with_environment(lz.Relaxation(0.2, 2 * TEMPERATURE))
    found = lz.characteristic_function(
        model, u=[1j / TEMPERATURE], temperature=TEMPERATURE, window=WINDOW
    )
    expected = np.exp(-free_energy_difference(model) / TEMPERATURE)
    assert abs(found.value.item() - expected) > 0.1


@pytest.mark.parametrize("name", ["relaxation", "spin one", "bath"])
def test_detailed_fluctuation_theorem(name):
    """G forward at u is that of the reversed drive at i/T − u, times e^{−ΔF/T}."""
    model = baths(TEMPERATURE)[name]
    u = np.array([0.2, 0.7, 1.5, 0.3 + 0.2j])
    start, end = WINDOW
    forth = lz.characteristic_function(
        model, u=u, temperature=TEMPERATURE, window=WINDOW, tol=1e-10
    )
    back = lz.characteristic_function(
        model.reversed(),
        u=1j / TEMPERATURE - u,
        temperature=TEMPERATURE,
        window=(-end, -start),
        tol=1e-10,
    )
    ratio = np.exp(-free_energy_difference(model) / TEMPERATURE)
    assert_allclose(forth.value, ratio * back.value, atol=1e-9)


def test_closed_models_give_the_two_point_measurement():
    u = np.array([0.3, 1.0, 2.5])
    found = lz.characteristic_function(QUBIT, u=u, temperature=TEMPERATURE, window=WINDOW)
    swept = lz.work_statistics(QUBIT, temperature=TEMPERATURE, window=WINDOW)
    expected = np.exp(1j * np.outer(u, swept.work)) @ swept.probability.values
    assert_allclose(found.value, expected, atol=1e-8)


@pytest.mark.parametrize("name", ["relaxation", "with dephasing", "spin one"])
def test_moments_are_those_of_the_ledger(name):
    """First derivatives at u = 0 are the mean work and heat."""
    model, step = baths(TEMPERATURE)[name], 1e-3
    asked = {"temperature": TEMPERATURE, "window": WINDOW, "tol": 1e-11}
    means = {}
    for counted in ("work", "heat"):
        found = lz.characteristic_function(model, u=[step, 2 * step], counted=counted, **asked)
        once, twice = found.value.values.imag / step
        means[counted] = (4 * once - 0.5 * twice) / 3  # the cubic term drops out
    run = lz.energetics(model, times=WINDOW, temperature=TEMPERATURE, tol=1e-10).isel(time=-1)
    assert_allclose(means["work"], run.work + run.noise_work, atol=1e-7)
    assert_allclose(means["heat"], run.heat, atol=1e-7)


def test_heat_of_a_qubit_at_rest_is_a_classical_count():
    """Without a drive the jumps are those of a two-state process, solved by its own matrix."""
    still = lz.TwoLevel(sweep=lz.Constant(0.6), gap=0.8)
    warm = still.with_environment(lz.Relaxation(0.5, temperature=0.7))
    u, start, time = np.array([0.4, 1.3]), 2.0, 3.0
    found = lz.characteristic_function(
        warm, u=u, temperature=start, window=(0, time), counted="heat"
    )
    up = 0.5 / (1 + np.exp(1 / 0.7))  # the distance of the levels is 1
    down = 0.5 - up
    first = np.array([1.0, np.exp(-1 / start)]) / (1 + np.exp(-1 / start))
    for phase, value in zip(u, found.value.values, strict=True):
        matrix = [[-up, down * np.exp(-1j * phase)], [up * np.exp(1j * phase), -down]]
        exact = (qutip.Qobj(matrix) * time).expm().full() @ first
        assert_allclose(value, exact.sum(), atol=1e-8)


def test_strong_baths_and_large_exponents():
    strong = QUBIT.with_environment(lz.Relaxation(200.0, 0.5))
    found = lz.characteristic_function(strong, u=[2j, 0.5], temperature=0.5, window=(-2.0, 1.0))
    expected = np.exp(-2 * free_energy_difference(QUBIT, (-2.0, 1.0), 0.5))
    assert_allclose(found.value[0], expected, rtol=1e-6)
    assert np.isfinite(found.error).all()
    cold = QUBIT.with_environment(lz.Relaxation(0.3, 1.1))
    with pytest.raises(lz.LzopenError, match=r"`u`.*imaginary"):
        lz.characteristic_function(cold, u=[40j, 0.5], temperature=1.1, window=WINDOW)


def test_batches_windows_and_the_disk(tmp_path):
    batch = lz.vary(baths(TEMPERATURE)["relaxation"], {"sweep.rate": [0.5, 1.0], "gap": [0.4, 0.8]})
    asked = {"u": [0.3, 0.5 + 0.1j], "temperature": TEMPERATURE}
    found = lz.characteristic_function(batch, window=WINDOW, **asked)
    assert found.value.dims == ("sweep.rate", "gap", "u")
    alone = lz.characteristic_function(
        baths(TEMPERATURE)["relaxation"].with_parameters({"sweep.rate": 0.5}),
        window=WINDOW,
        **asked,
    )
    assert_allclose(found.value[0, 1], alone.value, atol=1e-8)
    ends = np.array([1.0, 2.0])
    grown = lz.characteristic_function(
        baths(TEMPERATURE)["relaxation"], window=(-6.0, ends), **asked
    )
    assert_allclose(
        grown.value[1],
        lz.characteristic_function(baths(TEMPERATURE)["relaxation"], window=WINDOW, **asked).value,
        atol=1e-8,
    )
    assert lz.load(lz.save(found, tmp_path / "g.nc")).identical(found)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"temperature": 0.0}, "temperature"),
        ({"u": [[0.1]]}, "one-dimensional"),
        ({"u": []}, "not empty"),
        ({"counted": "entropy"}, "counted"),
        ({"window": (2, -6)}, "window"),
        ({"model": QUBIT.with_environment(lz.Leak(0, 0.1))}, "leaky"),
    ],
)
def test_bad_input(change, message):
    asked = {"model": QUBIT, "u": [0.1], "temperature": 1.0, "window": WINDOW} | change
    with pytest.raises(lz.LzopenError, match=message):
        lz.characteristic_function(asked.pop("model"), **asked)
