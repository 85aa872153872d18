"""S(ω) with its band where the filters have weight, and a bound where they have none."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import sici

from lzopen.characterization.fit import Fit
from lzopen.characterization.spectra.task import Task
from lzopen.noise import PulseSequence

__all__ = ["band_exponents", "with_spectrum"]

Array = NDArray[Any]
_BINS = 2  # in an octave
_BELOW, _ABOVE = 1e-3, 10.0  # of the lowest and highest frequency of the filters: what is drawn
_SHARE = (0.01, 0.99)  # of the information about ln S, between which the filters have weight
_ONE_SIDED = 1.645  # standard deviations of a bound at 95 %
_VAST = 1.0  # error of ln S, from which on there is only a bound
_STEP = 1e-5  # relative, of derivatives
_NONE = 1e-9  # of a column that is left after projection, below which nothing is


class Weights(NamedTuple):
    """Bins of frequency, what each does to the residuals, and the range that has weight."""

    omega: Array
    response: Array  # change of the residuals with S in a bin, (residual, bin)
    seen: Array  # share of the information about ln S
    ends: tuple[float, float]


def with_spectrum(task: Task, fit: Fit, *, shaped: bool) -> Fit:
    """The fit with S(ω) in its Dataset; without a band if the shape is unknown."""
    weights = _weights(task, fit)
    spectrum = np.asarray(task.noise_at(fit.minimum.values).spectrum(weights.omega))
    inside = (weights.omega >= weights.ends[0]) & (weights.omega <= weights.ends[1])
    error = _spread(task, fit, weights.omega)
    inside &= (spectrum > 0) & (error < _VAST) & shaped
    spread = np.exp(np.minimum(error, _VAST))
    bound = spectrum + _ONE_SIDED * _error_of_bins(fit, weights.response)
    columns = {
        "spectrum": np.where(inside, spectrum, np.nan),
        "spectrum_low": np.where(inside, spectrum / spread, np.nan),
        "spectrum_high": np.where(inside, spectrum * spread, np.nan),
        "spectrum_bound": np.where(inside, np.nan, bound),
        "weight": weights.seen,
    }
    data = fit.dataset.assign({name: ("omega", each) for name, each in columns.items()})
    data = data.assign(filters=("end", list(weights.ends)))
    notes = _best_known(weights.omega[inside], spectrum[inside], spread[inside])
    return replace(fit, dataset=data.assign_coords(omega=weights.omega), notes=fit.notes + notes)


def _best_known(omega: Array, spectrum: Array, spread: Array) -> tuple[str, ...]:
    if not omega.size:
        return ("No part of the spectrum is known by itself: only bounds are given.",)
    at = int(np.argmin(spread))
    return (
        f"The spectrum is known between omega = {omega[0]:.3g} and {omega[-1]:.3g}, best at "
        f"{omega[at]:.3g}: S = {spectrum[at]:.4g} ± {100 * np.log(spread[at]):.2g} %.",
    )


def band_exponents(sequence: PulseSequence, edges: Array) -> Array:
    """χ of noise with S = 1 between neighbouring edges and 0 elsewhere.

    Parameters
    ----------
    sequence : PulseSequence
        With its durations.
    edges : ndarray, shape (bins + 1,)
        Frequencies, in rising order.

    Returns
    -------
    ndarray, shape (durations, bins)
        From ∫2(1 − cos ωτ)/ω² dω = 2τ Si(ωτ) − 2(1 − cos ωτ)/ω.

    Examples
    --------
    >>> chi = band_exponents(PulseSequence([1.0], 1), np.array([1e-6, 1e-3, 1e6]))
    >>> chi.round(5).tolist()  # all of white noise is half the delay
    [[0.0, 0.5]]
    """
    lags, weights = sequence.lags()
    total = np.zeros((sequence.duration.size, edges.size))
    for lag, weight in zip(lags.tolist(), weights.tolist(), strict=True):
        time = (lag * sequence.duration)[:, None]
        total -= weight * (time * sici(time * edges)[0] - 2 * np.sin(time * edges / 2) ** 2 / edges)
    return np.diff(total, axis=1) / np.pi


def _weights(task: Task, fit: Fit) -> Weights:
    edges, lowest = _edges(task)
    omega = np.sqrt(edges[:-1] * edges[1:])
    values, rows = fit.minimum.values, []
    for trace, coherence in zip(task.traces, task.coherences(values), strict=True):
        if trace.sequence is None:
            rows.append(np.zeros((trace.points.x.size, omega.size)))
            continue
        slope = coherence * trace.fringes(values)
        noise = trace.points.noise(trace.curve(values, coherence))
        rows.append((slope / noise)[:, None] * band_exponents(trace.sequence, edges))
    response = np.concatenate(rows)
    spectrum = np.asarray(task.noise_at(values).spectrum(omega))
    nuisance = [i for i, n in enumerate(fit.minimum.free) if fit.problem.quantities[n].nuisance]
    left = _beyond(response, fit.minimum.jacobian[:, nuisance])
    information = np.sum((left * spectrum) ** 2, axis=0) * (omega >= lowest)
    total = information.sum()
    seen = information / total if total > 0 else information
    return Weights(omega, response, seen, _range(omega, seen))


def _edges(task: Task) -> tuple[Array, float]:
    """Bins of ω, and the frequency below which all noise is constant during a shot."""
    longest = max(float(s.duration.max()) for s in task.sequences)
    quickest = max(
        (s.fractions.size + 1) / float(s.duration[s.duration > 0].min()) for s in task.sequences
    )
    low, high = _BELOW / longest, _ABOVE * np.pi * quickest
    count = int(np.ceil(_BINS * np.log2(high / low)))
    return np.geomspace(low, high, count + 1), 1 / longest


def _range(omega: Array, seen: Array) -> tuple[float, float]:
    if not seen.any():
        return float("nan"), float("nan")
    below = np.cumsum(seen)
    first, last = np.searchsorted(below, _SHARE)
    return float(omega[first]), float(omega[min(last, omega.size - 1)])


def _beyond(columns: Array, jacobian: Array) -> Array:
    """What is left of columns after all that others can undo."""
    length = np.linalg.norm(jacobian, axis=0)
    basis, weight, _ = np.linalg.svd(jacobian / np.where(length > 0, length, 1.0), False)
    basis = basis[:, weight > _NONE * weight.max(initial=0.0)]
    return columns - basis @ (basis.T @ columns)


def _error_of_bins(fit: Fit, response: Array) -> Array:
    """Standard error of additional noise in each bin, all that was fitted being free."""
    minimum, quantities = fit.minimum, fit.problem.quantities
    priors = [
        [float(name == other) / quantities[name].prior[1] for other in minimum.free]  # type: ignore[index]
        for name in minimum.free
        if quantities[name].prior is not None
    ]
    rows = np.reshape(priors, (-1, len(minimum.free)))
    extended = np.concatenate([response, np.zeros((rows.shape[0], response.shape[1]))])
    left = _beyond(extended, np.concatenate([minimum.jacobian, rows]))
    size, whole = np.linalg.norm(left, axis=0), np.linalg.norm(response, axis=0)
    visible = size > _NONE * whole
    inflation = np.sqrt(fit.minimum.excess)
    return np.where(visible, inflation / np.where(visible, size, 1.0), np.inf)


def _spread(task: Task, fit: Fit, omega: Array) -> Array:
    """Standard error of ln S, from those of the parameters."""
    minimum = fit.minimum
    names = [name for name in minimum.free if name in task.names]
    if not names:  # all ended on a bound
        return np.full(omega.shape, np.inf)
    at = [minimum.free.index(name) for name in names]
    covariance = fit.minimum.excess * minimum.covariance[np.ix_(at, at)]
    capped = np.array([_cap(fit, name) for name in names])
    covariance = covariance * np.outer(capped, capped)
    gradient = np.array([_gradient(task, fit, name, omega) for name in names])
    return np.sqrt(np.einsum("i...,ij,j...", gradient, covariance, gradient))


def _cap(fit: Fit, name: str) -> float:
    """Factor that keeps an error within the interval of 95 %, where one had to be drawn."""
    low, high = fit.limits.get(name, (0.0, np.inf))
    error = np.sqrt(
        fit.minimum.excess * fit.minimum.covariance[(fit.minimum.free.index(name),) * 2]
    )
    return min(1.0, (high - low) / (2 * _ONE_SIDED * error))


def _gradient(task: Task, fit: Fit, name: str, omega: Array) -> Array:
    values = fit.minimum.values
    step = _STEP * (abs(values[name]) or 1.0)
    logs = []
    for side in (-step, step):
        S = np.asarray(task.noise_at(values | {name: values[name] + side}).spectrum(omega))
        logs.append(np.log(np.where(S > 0, S, 1.0)))
    return (logs[1] - logs[0]) / (2 * step)
