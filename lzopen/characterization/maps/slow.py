"""Averages over a bias that stands still during a shot and differs from one to the next."""

from __future__ import annotations

import numpy as np
from scipy.fft import irfft, rfft, rfftfreq
from scipy.ndimage import map_coordinates, spline_filter

from lzopen import errors
from lzopen.models import Model
from lzopen.waveforms.base import Array

__all__ = ["coherence_rate", "slow_average"]

_NODES, _WEIGHTS = np.polynomial.hermite_e.hermegauss(7)


def coherence_rate(model: Model) -> float:
    """1/T2 of a qubit: no resonance is narrower along the bias."""
    up = np.array([0.0, 0.0, 1.0]).reshape(3, 1)
    parts = [e.axial(model.terms, up) for e in model.environments] if model.n_levels == 2 else []
    if not parts or any(part is None for part in parts):
        remedy = "leave `noise` and `drift` out, or attach Dephasing and Relaxation to two levels"
        page = "guide/devices#slow-noise-drift-and-a-bath-that-follows-the-levels"
        errors.fail("model", "be a qubit that relaxes and dephases", repr(model), remedy, page)
    return float(sum(np.max(part.across) for part in parts if part is not None))


def slow_average(values: Array, first: float, step: float, deviation: float, at: Array) -> Array:
    """Mean over Gaussian offsets of functions known on an even grid.

    Parameters
    ----------
    values : ndarray, shape (rows, n)
        The functions at first, first + step, …, finer than what they show, and reaching 6
        deviations beyond ``at``.
    first, step : float
        The grid.
    deviation : float
        Standard deviation of the offsets.
    at : ndarray, shape (k,) or (rows, k)
        Where the mean is wanted.

    Returns
    -------
    ndarray, shape (rows, k)
    """
    rows = np.arange(values.shape[0])[:, None]
    places = (np.broadcast_to(at, (values.shape[0], np.shape(at)[-1])) - first) / step
    rows = np.broadcast_to(rows, places.shape)
    if deviation >= step:  # the ends of the grid meet, but lie farther away than it reaches
        frequency = 2 * np.pi * rfftfreq(values.shape[1])
        damped = np.exp(-0.5 * (frequency * deviation / step) ** 2)
        values = irfft(rfft(values) * damped, values.shape[1])
    filtered = spline_filter(values, order=3, mode="mirror")

    def spline(shift: float) -> Array:
        moved = np.stack([rows, places + shift])
        return np.asarray(map_coordinates(filtered, moved, order=3, mode="mirror", prefilter=False))

    if deviation >= step or deviation == 0:
        return spline(0.0)
    # offsets below the grid: the functions are smooth on their scale
    shares = zip(_NODES, _WEIGHTS / _WEIGHTS.sum(), strict=True)
    return np.asarray(sum(weight * spline(deviation / step * node) for node, weight in shares))
