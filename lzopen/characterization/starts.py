"""Where a decay fit starts, from the data alone.

For each frequency, decay time and exponent on a grid the best offset, cosine
and sine follow from linear least squares (variable projection); the valleys of
what remains are the starts.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["decay_starts"]

Array = NDArray[Any]
_EXPONENTS = (0.6, 1.0, 2.0)  # tried where the exponent is free
_MOST_FREQUENCIES = 4096  # a cap for very dense delays
_BLOCK = 256  # frequencies fitted at a time


def decay_starts(
    t: Array,
    y: Array,
    sigma: Array,
    *,
    exponent: float | None,
    oscillates: bool,
    most: int = 3,
) -> list[dict[str, float]]:
    """The best few valleys of the grid over ω, each with its best T and n.

    Parameters
    ----------
    t, y, sigma : ndarray, shape (points,)
        Increasing delays, populations there, and their standard errors.
    exponent : float, optional
        Exponent of the envelope, if it is fixed.
    oscillates : bool
        Whether there is a cosine.
    most : int
        How many starts at most.

    Returns
    -------
    list of dict
        Parameters by the names of `fit_decay`, the best start first.

    Examples
    --------
    >>> t = np.linspace(0.1, 6.0, 60)
    >>> y = 0.5 + 0.4 * np.exp(-t / 3.0) * np.cos(5.0 * t)
    >>> best = decay_starts(t, y, np.ones(60), exponent=1.0, oscillates=True)[0]
    >>> round(best["omega"])
    5
    """
    weight = (sigma.mean() / sigma) ** 2
    omega = _frequencies(t) if oscillates else np.zeros(1)
    T, n, cost, coefficients = _grid(
        t, y, weight, omega, _EXPONENTS if exponent is None else (exponent,)
    )
    at = np.argmin(cost, axis=0)
    valley = cost[at, np.arange(omega.size)]
    padded = np.pad(valley, 1, constant_values=np.inf)
    low = np.flatnonzero((valley <= padded[:-2]) & (valley <= padded[2:]))
    low = low[valley[low] <= 4 * valley.min()]  # polishing a hopeless start takes longest
    chosen = low[np.argsort(valley[low])][:most]
    return [_start(T[at[j]], n[at[j]], omega[j], coefficients[at[j], j]) for j in chosen]


def _start(T: float, n: float, omega: float, linear: Array) -> dict[str, float]:
    offset, cosine, sine = (float(c) for c in linear)
    envelope = {"T": float(T), "exponent": float(n)}
    if omega == 0:
        return envelope | {"amplitude": cosine, "offset": offset}
    wave = {"omega": float(omega), "phase": float(np.arctan2(-sine, cosine))}
    return envelope | wave | {"amplitude": float(np.hypot(cosine, sine)), "offset": offset}


def _grid(
    t: Array, y: Array, weight: Array, omega: Array, exponents: tuple[float, ...]
) -> tuple[Array, ...]:
    """Weighted linear fits of offset, cosine and sine for each (T, n) and each ω."""
    times = np.geomspace(t[-1] / t.size, 10 * t[-1], 10)
    T, n = (a.ravel() for a in np.meshgrid(times, exponents))
    with np.errstate(over="ignore"):
        decay = np.exp(-((t / T[:, None]) ** n[:, None]))  # (envelopes, points)
    blocks = [
        _linear(decay, omega[i : i + _BLOCK], t, y, weight) for i in range(0, omega.size, _BLOCK)
    ]
    cost, coefficients = (np.concatenate(part, axis=1) for part in zip(*blocks, strict=True))
    return T, n, cost, coefficients


def _frequencies(t: Array) -> Array:
    """From half a period in the window to the Nyquist limit, four to a resolved line."""
    span = t[-1] - t[0]
    count = 2 * span / float(np.median(np.diff(t)))
    return np.pi / span * np.arange(2, min(count, _MOST_FREQUENCIES) + 1) / 2


def _linear(decay: Array, omega: Array, t: Array, y: Array, weight: Array) -> tuple[Array, Array]:
    cosine, sine = np.cos(omega[:, None] * t).T, np.sin(omega[:, None] * t).T  # (points, ω)
    once, twice = decay * weight, decay**2 * weight
    ones = np.ones((decay.shape[0], omega.size))
    rows = [
        [weight.sum() * ones, once @ cosine, once @ sine],
        [once @ cosine, twice @ cosine**2, twice @ (cosine * sine)],
        [once @ sine, twice @ (cosine * sine), twice @ sine**2],
    ]
    right = np.stack([(weight @ y) * ones, (once * y) @ cosine, (once * y) @ sine], axis=-1)
    matrix = np.moveaxis(np.array(rows), (0, 1), (-2, -1))
    # a whisper of ridge keeps curves that the data cannot tell apart solvable
    solution = np.linalg.solve(matrix + 1e-9 * weight.sum() * np.eye(3), right[..., None])[..., 0]
    cost = weight @ y**2 - np.sum(solution * right, axis=-1)
    return np.maximum(cost, 0.0), solution
