"""Several maps in one fit, and the posterior of a map: simulated, with known truths."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import xarray as xr

import lzopen as lz
from lzopen.characterization import Fit

AMPLITUDE, BIAS = np.linspace(0, 10, 21), np.linspace(-8, 8, 25)
FEW = slice(None, None, 3), slice(None, None, 2)
OFFSET, CONTRAST, SIGMA = 0.03, 0.9, 0.005
UP, DOWN = "decay_2.rate", "decay.rate"
SHARED = {"gap": 0.6, "dephasing.rate": 0.1, DOWN: 0.12}
UPWARD = [0.01, 0.04, 0.09]  # rates of three temperatures
BATH = {"gap": 0.6, "dephasing.rate": 0.1, "relaxation.rate": 0.12}
TEMPERATURES = [0.2, 0.5]


def qubit(**rates: float) -> lz.TwoLevel:
    """With jumps in both directions, as a warm bath makes them where the bias is large."""
    base = lz.TwoLevel(sweep=lz.Sinusoidal(amplitude=1.0, omega=1.0), gap=0.6)
    jumps = lz.Decay(0.12, source=1, target=0), lz.Decay(0.03, source=0, target=1)
    return base.with_environment(lz.Dephasing(0.1), *jumps).with_parameters(rates)


def warm(temperature: float) -> lz.TwoLevel:
    base = lz.TwoLevel(sweep=lz.Sinusoidal(amplitude=1.0, omega=1.0), gap=0.6)
    return base.with_environment(lz.Dephasing(0.1), lz.Relaxation(0.12, temperature=temperature))


def guess(model: lz.TwoLevel, names: dict[str, float]) -> lz.TwoLevel:
    return model.with_parameters({name: 1.2 * value for name, value in names.items()})


def measured(
    population: np.ndarray,
    seed: int,
    amplitude: np.ndarray = AMPLITUDE,
    bias: np.ndarray = BIAS,
) -> xr.Dataset:
    noise = SIGMA * np.random.default_rng(seed).standard_normal(population.shape)
    image = OFFSET + CONTRAST * population + noise
    axes = {"amplitude": amplitude, "bias": bias}
    return xr.Dataset({"signal": (tuple(axes), image)}, axes).assign(sigma=SIGMA)


def steady(model: lz.TwoLevel, seed: int, few: bool = False) -> xr.Dataset:
    amplitude, bias = (AMPLITUDE[FEW[0]], BIAS[FEW[1]]) if few else (AMPLITUDE, BIAS)
    found = lz.interferogram(model, amplitude=amplitude, bias=bias)
    return measured(found.population.sel(level=1).values, seed, amplitude, bias)


def pulsed(model: lz.TwoLevel, seed: int, duration: float) -> xr.Dataset:
    """From level 0 to the end of the drive, by a solver that knows nothing of protocols."""
    amplitude, bias = AMPLITUDE[FEW[0]], BIAS[FEW[1]]
    batch = lz.vary(model, {"amplitude": amplitude, "bias": bias})
    found = lz.transition_matrix(batch, window=(0.0, duration), readout="diabatic")
    chance = found.probability.values[..., 1, 0].reshape(amplitude.size, bias.size)
    return measured(chance, seed, amplitude, bias)


def fitted(data: Any, free: list[str], **how: Any) -> Fit:
    how = {"model": guess(qubit(), SHARED), "readout": lz.LinearReadout(OFFSET, CONTRAST)} | how
    return lz.fit_interferogram(data, free=free, starts=[{}], **how)


def held(fit: Fit, truth: dict[str, float]) -> bool:
    return all(abs(fit.parameters[n] - v) < 4 * fit.errors[n] for n, v in truth.items())


def ladder() -> list[xr.Dataset]:
    """The same device at three temperatures."""
    return [steady(qubit(**{UP: up}), seed) for seed, up in enumerate(UPWARD)]


def test_known_settings_of_three_maps_share_one_device() -> None:
    known = [{UP: up} for up in UPWARD]
    alone = fitted(ladder()[0], list(SHARED), settings=known[:1])
    fit = fitted(ladder(), list(SHARED), settings=known)
    assert held(fit, SHARED)
    assert all(fit.errors[name] < alone.errors[name] for name in SHARED)
    assert fit.errors["gap"] < alone.errors["gap"] / np.sqrt(3)  # more than three equal maps
    assert fit.misfit < 3
    (kept,) = (note for note in fit.notes if note.startswith("Held: "))
    for at, up in enumerate(UPWARD):
        assert f"{UP} of map {at} = {up:.5g}" in kept


def test_unknown_temperatures_are_found_and_fix_the_readout() -> None:
    """The ends of the readout hide behind the rates of one map; three temperatures part them."""
    free = [*SHARED, UP, "readout.offset", "readout.contrast"]
    alone = fitted(ladder()[0], free)
    assert {"readout.offset", "readout.contrast", DOWN} <= alone.limits.keys()
    fit = fitted(ladder(), free, separate=[UP])
    truth = SHARED | {f"{UP}[{i}]": up for i, up in enumerate(UPWARD)}
    assert held(fit, truth | {"readout.offset": OFFSET, "readout.contrast": CONTRAST})
    assert set(fit.parameters) == {*truth, "readout.offset", "readout.contrast"}
    assert fit.errors["readout.contrast"] < 0.15
    tied = [note.split(" are tied")[0].split(" and ") for note in fit.notes if "are tied" in note]
    assert 0 < len(tied) < len({name for pair in tied for name in pair})
    assert fit.misfit < 3


def test_a_steady_and_a_pulsed_map_share_one_device() -> None:
    truth = SHARED | {UP: 0.03}
    pulse = lz.Pulsed(2 * np.pi, initial=0)
    data = [steady(qubit(), 21), pulsed(qubit(), 20, pulse.duration)]
    model = guess(qubit(), truth)
    both = fitted(data, list(truth), protocol=[lz.Steady(), pulse], model=model)
    assert held(both, truth)
    assert both.misfit < 3
    timed = [lz.Steady(), lz.Pulsed(6.0, initial=0)]
    unknown = fitted(data, [*truth, "protocol.duration"], protocol=timed, model=model)
    assert held(unknown, truth | {"protocol.duration": pulse.duration})
    for one, protocol in zip(data, [lz.Steady(), pulse], strict=True):
        alone = fitted(one, list(truth), protocol=protocol, model=model)
        assert held(alone, truth)
        assert all(both.errors[name] < alone.errors[name] for name in truth)


def test_two_temperatures_of_a_bath_that_follows_the_levels() -> None:
    data = [steady(warm(T), seed, few=True) for seed, T in enumerate(TEMPERATURES)]
    known = [{"relaxation.temperature": T} for T in TEMPERATURES]
    truth = {"gap": 0.6, "relaxation.rate": 0.12}
    fit = fitted(data, list(truth), model=guess(warm(0.3), truth), settings=known)
    assert held(fit, truth)
    assert fit.misfit < 3


@pytest.mark.slow
def test_temperatures_of_a_bath_known_and_unknown() -> None:
    data = [steady(warm(T), seed) for seed, T in enumerate(TEMPERATURES)]
    known = [{"relaxation.temperature": T} for T in TEMPERATURES]
    model = guess(warm(0.3), BATH)
    alone = fitted(data[0], list(BATH), model=model, settings=known[:1])
    both = fitted(data, list(BATH), model=model, settings=known)
    name = "relaxation.temperature"
    free = fitted(data, [*BATH, name], model=model, separate=[name])
    truth = {f"{name}[{i}]": T for i, T in enumerate(TEMPERATURES)}
    assert held(both, BATH)
    assert held(free, BATH | truth)
    assert all(both.errors[n] < alone.errors[n] for n in BATH)
    assert all(both.errors[n] <= 1.05 * free.errors[n] for n in BATH)
    assert both.misfit < 3
    assert free.misfit < 3


# -- the posterior of a map


def compare(free: list[str], draws: int, middle: float, width: float) -> None:
    """Draws against the curvature, in standard errors."""
    pytest.importorskip("emcee")
    amplitude, bias = np.linspace(0, 5, 9), np.linspace(-4, 4, 17)
    found = lz.interferogram(qubit(), amplitude=amplitude, bias=bias).population.sel(level=1)
    fit = fitted(measured(found.values, 1, amplitude, bias), free, model=qubit())
    assert not fit.alarms  # where a model is wrong, its curvature is not all that counts
    posterior = fit.posterior(draws=draws, walkers=12, burn=100, seed=3)
    assert set(posterior.data_vars) == set(free)
    for name in free:
        error, values = fit.errors[name], posterior[name]
        assert float(values.mean()) == pytest.approx(fit.parameters[name], abs=middle * error)
        assert float(values.std()) == pytest.approx(error, rel=width)


def test_posterior_of_a_map_is_its_curvature() -> None:
    compare(["readout.offset", "readout.contrast"], draws=3000, middle=0.3, width=0.2)


@pytest.mark.slow
def test_posterior_of_a_device_is_its_curvature() -> None:
    free = ["gap", "dephasing.rate", "bias.lever_arm", "readout.contrast"]
    compare(free, draws=9600, middle=0.25, width=0.15)
