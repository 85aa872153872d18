"""Every parameter has its unit: where the unit of time changes, all numbers change with theirs."""

from __future__ import annotations

import json

import numpy as np
import pytest
import qutip
import xarray as xr
from numpy.testing import assert_allclose

import lzopen as lz
from lzopen.models.grid import attributes
from lzopen.models.parameters import describe, units
from zoo import CASES, ENVIRONMENTS, LADDER, QUBIT, WAVEFORMS

TIMES = np.array([-3.3, -0.7, 0.123, 1.9])
SHORTER = 3.0  # how often the new unit of time fits into the old one
ENERGY, SLOPE = "rad / time", "rad / time²"
ALLOWED = {ENERGY, SLOPE, "1 / time", "1 / time²", "time", "rad", "1"}
POWERS = {"rad / time^1.5", "rad / time^2.5", "rad / time³", "rad / time⁴", "1 / time³"}
DRIVEN = lz.TwoLevel(sweep=lz.Sinusoidal(3.0, 2.0), gap=0.5)
NOISY = DRIVEN.with_environment(lz.Dephasing(0.1), lz.Decay(0.05, source=1, target=0))
BATH = lz.ThermalBath(qutip.sigmaz(), abs, temperature=0.6, width=0.1)
LEAKS = {
    "pulsed": lz.Trapezoid(0.3, 0.7, wait=0.4, bias=0.1),
    "growing": lz.PowerLaw(0.2, 2.0, "touching"),
    "late": 2.0 * lz.Sech(0.3, 0.8).shifted(0.4),
    "swept": lz.DoublePassage(0.1, 9.0) + lz.Linear(0.01) + lz.Constant(1.0),
}


def models():
    for name, drive in WAVEFORMS.items():
        yield f"{name} gap", lz.TwoLevel(sweep=lz.Linear(1.0), gap=drive.waveform)
    for name, rate in LEAKS.items():
        yield f"{name} leak", QUBIT.with_environment(lz.Leak(0, rate))
    for name, entry in ENVIRONMENTS.items():
        yield name, entry.model.with_environment(entry.environment)
    for case in CASES:
        yield case.name, case.model
    yield "bath of a width", QUBIT.with_environment(BATH)


# What the matrices of one's own are multiplied with may be an energy or plain.
KNOWN = {name: model for name, model in models() if type(model) is not lz.Model}


def has_only_numbers(model):
    """Whether every quantity is a parameter: tables, functions and bands hold others."""
    record = json.dumps(describe(model), default=str)
    return not any(kind in record for kind in ("Tabulated", "ThermalBath", "Band"))


def unit(model, name):
    return attributes(model, {name: name})[name].get("units")


@pytest.mark.parametrize("model", KNOWN.values(), ids=KNOWN)
def test_every_parameter_has_a_unit(model):
    found = attributes(model, {name: name for name in model.parameters})
    assert list(found) == list(model.parameters)
    for name, own in found.items():
        assert own["long_name"] == name
        assert own["units"] in (POWERS if name.endswith("scale") else ALLOWED), name


@pytest.mark.parametrize("name", [name for name, model in KNOWN.items() if has_only_numbers(model)])
def test_another_unit_of_time_leaves_the_physics(name):
    model = KNOWN[name]
    powers = {parameter: own.time for parameter, own in units(model).items()}
    values = {n: value * SHORTER ** powers[n] for n, value in model.parameters.items()}
    other = model.with_parameters(values)
    expected = model.hamiltonian(TIMES) / SHORTER
    assert_allclose(other.hamiltonian(SHORTER * TIMES), expected, rtol=1e-12, atol=1e-13)
    for new, old in zip(other.c_ops, model.c_ops, strict=True):
        for t in TIMES:
            jump = qutip.QobjEvo(new)(SHORTER * t).full()
            assert_allclose(jump, qutip.QobjEvo(old)(t).full() / np.sqrt(SHORTER), atol=1e-12)


def test_units_by_name():
    turning = lz.TwoLevel(
        sweep=lz.Repeated(lz.Trapezoid(3.0, 1.0), period=9.0),
        gap=lz.Rotating(0.5, omega=1.0, chirp=0.2),
        environments=(lz.Leak(1, lz.Sinusoidal(0.1, 2.0, bias=0.2)), BATH),
    )
    found = {name: unit(turning, name) for name in turning.parameters}
    assert found == {
        "sweep.waveform.amplitude": ENERGY,
        "sweep.waveform.rate": SLOPE,
        "sweep.waveform.wait": "time",
        "sweep.waveform.bias": ENERGY,
        "sweep.period": "time",
        "sweep.start": "time",
        "gap.gap": ENERGY,
        "gap.omega": ENERGY,
        "gap.chirp": SLOPE,
        "leak.rate.amplitude": "1 / time",
        "leak.rate.omega": ENERGY,
        "leak.rate.bias": "1 / time",
        "leak.rate.phase": "rad",
        "thermal_bath.temperature": ENERGY,
        "thermal_bath.width": "1",
    }


def test_of_a_product_only_the_whole_is_known():
    terms = [(np.diag([1.0, -1.0]), lz.Sinusoidal(3.0, 2.0)), (qutip.sigmax(), lz.Constant(0.5))]
    plain = lz.Model(terms=terms, environments=[lz.Dephasing(0.1)])
    own = attributes(plain, {name: name for name in plain.parameters})
    assert own["constant.value"] == {"long_name": "constant.value"}
    assert {name: a["units"] for name, a in own.items() if "units" in a} == {
        "sinusoidal.omega": ENERGY,
        "sinusoidal.phase": "rad",
        "dephasing.rate": "1 / time",
    }
    driven = lz.Chain(slopes=[1.0, -1.0], couplings=[0.3], sweep=lz.Sinusoidal(3.0, 2.0))
    assert unit(LADDER, "slopes[1]") == SLOPE
    assert unit(driven, "slopes[1]") is None
    assert unit(driven, "sweep.amplitude") is None
    assert unit(driven, "couplings[0]") == unit(driven, "sweep.omega") == ENERGY


# -- coordinates


OVER = {"gap": [0.5, 1.0], "dephasing.rate": [0.1, 0.2]}
WINDOW = {"window": (0.0, 1.0), "readout": "diabatic"}


@pytest.mark.parametrize(
    "result",
    [
        lambda: lz.interferogram(NOISY, over=OVER),
        lambda: lz.interferogram(lz.vary(NOISY, OVER)),
        lambda: lz.transition_matrix(lz.vary(NOISY, OVER), **WINDOW),
        lambda: lz.evolve(lz.vary(NOISY, OVER), times=[0.0, 1.0]),
        lambda: lz.scan(lz.transition_matrix, NOISY, over=OVER, **WINDOW),
        lambda: lz.scan(lambda model: model.gap, NOISY, over=OVER),
    ],
    ids=["map", "map of a batch", "transition matrix", "evolution", "scan", "looped scan"],
)
def test_coordinates_carry_their_units(result, tmp_path):
    data = result()
    assert data.gap.attrs == {"long_name": "gap", "units": ENERGY}
    assert data["dephasing.rate"].attrs == {"long_name": "dephasing.rate", "units": "1 / time"}
    assert lz.load(lz.save(data, tmp_path / "data.nc")).identical(data)


def test_parameters_that_vary_together_carry_them_too():
    both = DRIVEN.with_parameters({"gap": [0.5, 1.0], "bias": [0.0, 2.0]})
    data = lz.transition_matrix(both, **WINDOW)
    assert data.gap.attrs["units"] == data["sweep.bias"].attrs["units"] == ENERGY


def test_times_and_energies_carry_units_too(tmp_path):
    band = lz.Band(edges=(-5.0, 5.0), escape_rate=0.3, levels=50)
    noise = lz.OrnsteinUhlenbeck(sigma=0.2, correlation_time=5.0)
    for data in (
        lz.evolve(DRIVEN, times=[0.0, 1.0]),
        lz.evolve(lz.vary(NOISY, {"gap": [0.5, 1.0]}), times=[[0.0, 1.0], [0.0, 2.0]]),
        lz.noise_average(DRIVEN, noise, times=[0.0, 1.0]),
        lz.survival(lz.Continuum(rate=2.0, band=band), times=[-1.0, 0.0, 1.0]),
        QUBIT.crossings(-3.0, 3.0),
    ):
        assert data.time.attrs["units"] == "time"
        if "energy" in data.coords:
            assert data.energy.attrs["units"] == ENERGY
        assert lz.load(lz.save(data, tmp_path / "data.nc")).identical(data)


def mapped(over):
    return lz.interferogram(NOISY, over=over)


def scanned(over):
    return lz.scan(lz.transition_matrix, NOISY, over=over, **WINDOW)


@pytest.mark.parametrize("verb", [mapped, scanned])
def test_attributes_that_are_given_stay(verb):
    gaps = xr.DataArray([0.5, 1.0], dims="x", attrs={"units": "GHz"})
    data = verb({"gap": gaps, "bias": xr.DataArray([0.0, 1.0], dims="x")})
    assert data.gap.attrs == {"units": "GHz"}
    assert data.bias.attrs == {"long_name": "sweep.bias", "units": ENERGY}


@pytest.mark.parametrize("verb", [mapped, scanned])
def test_complex_axes_stay_complex(verb):
    data = verb({"gap": [0.5, 0.3j]})
    assert data.gap.values.tolist() == [0.5, 0.3j]


def test_a_complex_axis_is_mapped_as_it_is():
    alone = (
        mapped({"bias": [0.0]}),
        lz.interferogram(NOISY.with_parameters({"gap": 0.5j, "bias": 0.4})),
    )
    both = mapped({"gap": [0.5, 0.5j], "bias": [0.0, 0.4]}).population
    assert_allclose(both[0, 0], alone[0].population[0], atol=1e-8)
    assert_allclose(both[1, 1], alone[1].population, atol=1e-8)
