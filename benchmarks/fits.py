"""Device parameters from an interferogram: lzopen beside a loop over QuTiP in a least-squares fit.

The loop can afford few pixels and no slow noise, so both fit such a map first. Maps of 101×101
pixels with slow noise and automatic starts are timed alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from statistics import median
from typing import Any

import numpy as np
import qutip
import xarray as xr
from harness import Job, Limit, Match, Result, measure, timed
from scipy.optimize import least_squares
from scipy.special import xlogy
from systems import COSINE, OMEGA, PERIOD
from tqdm import tqdm

import lzopen as lz

_SHOTS = 1000
_OPTIONS = {"method": "vern7", "rtol": 1e-6, "atol": 1e-8, "nsteps": 10**6}
_PHASES = np.linspace(0.0, PERIOD, 17)
_RATES = {False: "decay.rate", True: "relaxation.rate"}
_FEW = {
    False: "46 maps of 63 pixels at 0.7 ms, nearly all of it calls; the loop pays by the pixel",
    True: "77 maps of 63 pixels at 4.5 ms, half of it calls; the loop pays by the pixel",
}
_LONG = "one map of the moving basis is 10 000 pixels and more of 60 to 100 µs each"


def map_fits() -> list[Result]:
    """Both kinds of relaxation, first beside the loop and then at full size."""
    results: list[Result] = []
    for thermal, how in {False: "constant rates", True: "moving basis"}.items():
        results += measure([_beside_the_loop(thermal, how)], rounds=2)
        seconds = [timed(_whole(seed, thermal))[0] for seed in tqdm(range(3 if thermal else 5))]
        work = f"fit of 101×101 pixels, {how}, automatic starts, median"
        floor = _LONG if thermal else ""
        results.append(Limit(work, median(seconds), "s", 120 if thermal else 15, floor))
    return results


def _device(thermal: bool) -> lz.Model:
    qubit = lz.TwoLevel(sweep=COSINE.waveform, gap=0.4 * OMEGA)
    bath = lz.Decay(0.05 * OMEGA, source=1, target=0)
    if thermal:
        bath = lz.Relaxation(0.05 * OMEGA, temperature=0.3 * OMEGA)
    return qubit.with_environment(lz.Dephasing(0.1 * OMEGA), bath)


def _measured(seed: int, device: lz.Model, size: tuple[int, int], slow: float = 0.0) -> xr.Dataset:
    """Counted shots over amplitudes and biases, after an average over slow noise of the bias."""
    amplitude = np.linspace(0.0, 15 * OMEGA, size[0])
    bias = np.linspace(-12 * OMEGA, 12 * OMEGA, size[1])
    offsets, weights = np.polynomial.hermite_e.hermegauss(15)
    mean = sum(
        weight / weights.sum() * _population(device, amplitude, bias + slow * offset)
        for offset, weight in zip(offsets, weights, strict=True)
    )
    found = np.random.default_rng(seed).binomial(_SHOTS, np.clip(mean, 0, 1)) / _SHOTS
    dims = ("amplitude", "bias")
    data = {"signal": (dims, found), "shots": (dims, np.full(found.shape, _SHOTS))}
    return xr.Dataset(data, {"amplitude": amplitude, "bias": bias})


def _population(device: lz.Model, amplitude: Any, bias: Any) -> Any:
    fringes = lz.interferogram(device, amplitude=amplitude, bias=bias)
    return fringes.population.sel(level=1).values


def _beside_the_loop(thermal: bool, how: str) -> Match:
    """Gap and rates of 7×9 pixels; the error is the largest of their differences, in errors."""
    device = _device(thermal)
    free = ["gap", "dephasing.rate", _RATES[thermal]]
    measured = _measured(0, device, (7, 9))
    start = {name: 1.3 * device.parameters[name] for name in free}
    fit = partial(lz.fit_interferogram, measured, model=device, free=free, starts=[start])
    errors, best = fit().errors, _by_qutip(device, measured, start)()

    def error(found: Mapping[str, float]) -> float:
        return max(abs(found[name] - best[name]) / errors[name] for name in free)

    ours = Job("lzopen", lambda: fit().parameters, error)
    peer = Job("QuTiP, a propagator per pixel", _by_qutip(device, measured, start), error)
    work = f"fit of three numbers to 7×9 pixels, {how}"
    return Match(work, peer, ours, unit="fit", target=100, accuracy=0.1, floor=_FEW[thermal])


def _by_qutip(
    device: lz.Model, measured: xr.Dataset, start: Mapping[str, float]
) -> Callable[[], dict[str, float]]:
    """Least squares over the logarithms, of the residuals whose squares are the deviance."""
    signal = measured.signal.values

    def residual(logarithms: Any) -> Any:
        trial = device.with_parameters(dict(zip(start, np.exp(logarithms), strict=True)))
        model = np.array([[_average(trial, a, e) for e in measured.bias.values]
                          for a in measured.amplitude.values])  # fmt: skip
        terms = xlogy(signal, signal / model) + xlogy(1 - signal, (1 - signal) / (1 - model))
        return (np.sign(signal - model) * np.sqrt(2 * _SHOTS * np.maximum(terms, 0))).ravel()

    def run() -> dict[str, float]:
        found = least_squares(residual, np.log(list(start.values())), x_scale="jac", ftol=1e-6)
        return dict(zip(start, np.exp(found.x).tolist(), strict=True))

    return run


def _average(model: lz.Model, amplitude: float, bias: float) -> float:
    """Population of the diabatic level 1 over a period of the steady state."""
    at = model.with_parameters({"amplitude": float(amplitude), "bias": float(bias)})
    along = qutip.propagator(at.H, _PHASES, at.c_ops, options=_OPTIONS)
    steady = qutip.propagator_steadystate(along[-1])
    later = [qutip.vector_to_operator(u * qutip.operator_to_vector(steady)) for u in along[:-1]]
    return float(np.mean([state[1, 1].real for state in later]))


def _whole(seed: int, thermal: bool) -> Callable[[], Any]:
    """All numbers of a map from lever arms that are off by 20 % and 60 %."""
    device, slow = _device(thermal), 0.1 * OMEGA
    measured = _measured(seed, device, (101, 101), slow)
    free = ["gap", "dephasing.rate", _RATES[thermal], "noise.sigma", "bias.zero"]
    free += ["bias.lever_arm", "amplitude.lever_arm", "readout.offset", "readout.contrast"]
    free += ["relaxation.temperature"] if thermal else []
    lines = {"amplitude": lz.Line(1.6), "bias": lz.Line(0.8)}
    return partial(
        lz.fit_interferogram,
        measured,
        model=device,
        free=free,
        lines=lines,
        noise=lz.QuasiStatic(slow),
    )
