"""Where a decay fit starts, from the data alone.

For each frequency, decay time and exponent on a grid the best offset, cosines
and sines follow from linear least squares (variable projection); the valleys of
what remains are the starts.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lzopen.characterization.decays.shapes import Shape
from lzopen.characterization.minimum import Values

__all__ = ["decay_starts", "partner_start"]

Array = NDArray[Any]
_EXPONENTS = (0.6, 1.0, 2.0)  # tried where the exponent is free
_MOST_FREQUENCIES = 4096  # a cap for very dense delays
_BLOCK = 256  # frequencies fitted at a time
_ROUNDS = 3  # in which two frequencies find each other
_MOST = 3  # starts


def decay_starts(
    t: Array, y: Array, sigma: Array, shape: Shape, *, omega: float | None = None
) -> list[Values]:
    """The best few valleys of the grid over ω, each with its best T and n.

    Parameters
    ----------
    t, y, sigma : ndarray, shape (points,)
        Increasing delays, populations there, and their standard errors.
    shape : Shape
        The curve.
    omega : float, optional
        About where to look for the angular frequency: the Nyquist band around it.

    Returns
    -------
    list of dict
        Parameters by the names of `fit_decay`, the best start first.

    Examples
    --------
    >>> t = np.linspace(0.1, 6.0, 60)
    >>> y = 0.5 + 0.4 * np.exp(-t / 3.0) * np.cos(5.0 * t)
    >>> best = decay_starts(t, y, np.ones(60), Shape("exponential", 1))[0]
    >>> round(best["omega"])
    5
    """
    weight = (sigma.mean() / sigma) ** 2
    trial = _frequencies(t, omega) if shape.oscillations else np.zeros(1)
    if shape.window is not None:
        return [_windowed(t, y, weight, shape, trial)]
    T, n, decay = _envelopes(t, shape)
    if shape.oscillations == 2:
        return _pairs(t, y, weight, T, n, decay, trial)
    cost, coefficients = _grid(t, y, weight, decay, trial)
    at = np.argmin(cost, axis=0)
    valley = cost[at, np.arange(trial.size)]
    chosen = _valleys(valley, _MOST)
    if omega is not None:  # the nearest of all valleys too
        low = _valleys(valley, trial.size)
        chosen = np.unique([*chosen, low[np.argmin(np.abs(trial[low] - omega))]])
    return [_start(T[at[j]], n[at[j]], trial[[j]], coefficients[at[j], j]) for j in chosen]


def partner_start(t: Array, y: Array, sigma: Array, shape: Shape, single: Values) -> Values:
    """Two frequencies from one that is known well: what it leaves over shows a much weaker one."""
    weight = (sigma.mean() / sigma) ** 2
    decay = shape.decay(t, single["T"], single["exponent"], single.get("T1", np.inf))
    trial = _frequencies(t, None)
    cost, linear = _grid(t, y, weight, decay[None], trial, (single["omega"],))
    j = int(np.argmin(cost[0]))
    omegas = np.array([single["omega"], trial[j]])
    return _stronger_first(_start(single["T"], single["exponent"], omegas, linear[0, j]))


def _valleys(cost: Array, most: int) -> Array:
    """Local minima, the lowest first; polishing a hopeless start takes longest."""
    padded = np.pad(cost, 1, constant_values=np.inf)
    low = np.flatnonzero((cost <= padded[:-2]) & (cost <= padded[2:]))
    low = low[cost[low] <= 4 * cost.min()]
    return low[np.argsort(cost[low])][:most]


def _start(T: float, n: float, omega: Array, linear: Array) -> Values:
    found = {"T": float(T), "exponent": float(n), "offset": float(linear[0])}
    if omega[0] == 0:
        return found | {"amplitude": float(linear[1])}
    for k, mark in enumerate(("", "_2")[: omega.size]):
        cosine, sine = linear[1 + 2 * k : 3 + 2 * k]
        found["omega" + mark] = float(omega[k])
        found["phase" + mark] = float(np.arctan2(-sine, cosine))
        found["amplitude" + mark] = float(np.hypot(cosine, sine))
    return found


def _envelopes(t: Array, shape: Shape) -> tuple[Array, Array, Array]:
    """Decay times and exponents of a grid, and their envelopes (envelope, point)."""
    exponents = _EXPONENTS if shape.exponent is None else (shape.exponent,)
    times = np.geomspace(t[-1] / t.size, 10 * t[-1], 10)
    T, n = (a.ravel() for a in np.meshgrid(times, exponents))
    T1 = shape.relaxation[0] if shape.relaxation else np.inf
    return T, n, shape.decay(t, T[:, None], n[:, None], T1)


def _frequencies(t: Array, omega: float | None) -> Array:
    """From half a period in the window to the Nyquist limit, four to a resolved line."""
    span = t[-1] - t[0]
    count = 2 * span / float(np.median(np.diff(t)))
    steps = np.arange(2, min(count, _MOST_FREQUENCIES) + 1) / 2
    if omega is None:
        return np.pi / span * steps
    band = omega + np.pi / span * (steps - steps.mean())
    return band[band > 0]


def _grid(
    t: Array, y: Array, weight: Array, decay: Array, omega: Array, beside: tuple[float, ...] = ()
) -> tuple[Array, Array]:
    """Weighted linear fits of offset, cosine and sine for each envelope and each ω.

    Cosines and sines of the frequencies ``beside`` come before.
    """
    blocks = [
        _linear(decay, _waves(t, beside, omega[i : i + _BLOCK]), y, weight)
        for i in range(0, omega.size, _BLOCK)
    ]
    cost, coefficients = (np.concatenate(part, axis=1) for part in zip(*blocks, strict=True))
    return cost, coefficients


def _waves(t: Array, beside: tuple[float, ...], omega: Array) -> list[Array]:
    """Cosine and sine (points, ω) of each frequency."""
    every = [*(np.array([other]) for other in beside), omega]
    return [f(t[:, None] * each) for each in every for f in (np.cos, np.sin)]


def _linear(decay: Array, waves: list[Array], y: Array, weight: Array) -> tuple[Array, Array]:
    once, twice, size = decay * weight, decay**2 * weight, len(waves) + 1
    matrix = np.empty((decay.shape[0], waves[-1].shape[1], size, size))
    right = np.empty(matrix.shape[:-1])
    matrix[..., 0, 0], right[..., 0] = weight.sum(), weight @ y
    for i, wave in enumerate(waves, start=1):
        right[..., i] = (once * y) @ wave
        matrix[..., 0, i] = matrix[..., i, 0] = once @ wave
        for j, other in enumerate(waves[:i], start=1):
            matrix[..., j, i] = matrix[..., i, j] = twice @ (wave * other)
    # a whisper of ridge keeps curves that the data cannot tell apart solvable
    ridge = 1e-9 * weight.sum() * np.eye(size)
    solution = np.linalg.solve(matrix + ridge, right[..., None])[..., 0]
    cost = weight @ y**2 - np.sum(solution * right, axis=-1)
    return np.maximum(cost, 0.0), solution


def _pairs(
    t: Array, y: Array, weight: Array, T: Array, n: Array, decay: Array, omega: Array
) -> list[Values]:
    """Two frequencies: the best partner of each of the best single ones, and its best partner."""
    cost, _ = _grid(t, y, weight, decay, omega)
    found = []
    for at in omega[_valleys(cost.min(axis=0), _MOST)]:
        for _ in range(_ROUNDS):
            first = at
            cost, linear = _grid(t, y, weight, decay, omega, (first,))
            i, j = np.unravel_index(np.argmin(cost), cost.shape)
            at = omega[j]
        start = _start(T[i], n[i], np.array([first, at]), linear[i, j])
        found.append((cost[i, j], _stronger_first(start)))
    found.sort(key=lambda each: each[0])
    return [start for _, start in found]


def _stronger_first(start: Values) -> Values:
    if start["amplitude"] >= start["amplitude_2"]:
        return start
    waves = ("omega", "phase", "amplitude")
    return start | {a: start[b] for w in waves for a, b in ((w, w + "_2"), (w + "_2", w))}


def _windowed(t: Array, y: Array, weight: Array, shape: Shape, omega: Array) -> Values:
    """A phase for each window: the frequency from all, then a decay of their amplitudes."""
    assert shape.window is not None
    parts = [shape.window == k for k in range(shape.window.max() + 1)]
    fits = [_grid(t[p], y[p], weight[p], np.ones((1, p.sum())), omega) for p in parts]
    best = int(np.argmin(sum(cost[0] for cost, _ in fits)))
    linear = np.array([coefficients[0, best] for _, coefficients in fits])
    phase = np.arctan2(-linear[:, 2], linear[:, 1])
    T, n, decay = _envelopes(t, shape)
    wave = np.cos(omega[best] * t + phase[shape.window])
    cost, line = _grid(t, y, weight, decay * wave, np.zeros(1))
    at = int(np.argmin(cost[:, 0]))
    return {
        "T": float(T[at]),
        "exponent": float(n[at]),
        "omega": float(omega[best]),
        "phase": float(phase[0]),
        "amplitude": float(line[at, 0, 1]),
        "offset": float(line[at, 0, 0]),
    } | {name: float(phase[k] - phase[0]) for k, name in enumerate(shape.drifts, start=1)}
