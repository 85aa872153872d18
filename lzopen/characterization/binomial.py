"""Counted trials: how far a fraction lies from its probability, and what chance makes of that.

The signed root of the deviance is nearly a normal deviate where hundreds of
trials say yes and hundreds no. With few it is not: the deviance of a single
trial at p = ½ is 1.39, whatever it says. What χ² is held against is therefore
found from the binomial distribution itself.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln, xlog1py, xlogy

__all__ = ["binomial_moments", "binomial_residual"]

Array = NDArray[Any]
_NEAR = 1e-2  # relative distance, below which the deviance is taken from its series
_EDGE = 1e-3  # closer than this to 0 or 1 the deviance is bent, so that it has an outside
_MANY = 30.0  # variance of a count, beyond which its moments are taken from their series
_FARTHEST = 8.0, 12  # counts of which the moments are made: standard deviations, and some more


def binomial_moments(trials: Array, probability: Array) -> Array:
    """Mean and mean square of `binomial_residual`, and the variance of its square.

    Parameters
    ----------
    trials : (points,) array
        Number of trials n.
    probability : (points,) array
        Of a yes, p.

    Returns
    -------
    (3, points) array
        Beyond a count variance v = n p (1 − p) of 30 by their series in 1/v: −(1 − 2p)/(6√v),
        1 + (1 − p(1 − p))/(6v) and 2 + 2(1 − p(1 − p))/(3v), whose next terms are below 10⁻³.

    Examples
    --------
    >>> mean, square, variance = binomial_moments(np.array([1.0, 1e4]), np.array([0.5, 0.5]))
    >>> square.round(4).tolist()  # 2 ln 2 of a single trial
    [1.3863, 1.0001]
    """
    p = np.clip(probability, 0.0, 1.0)
    variance = trials * p * (1 - p)
    few = variance < _MANY
    v = np.where(few, np.inf, variance)
    bent = (1 - p * (1 - p)) / v
    found = np.stack([-(1 - 2 * p) / (6 * np.sqrt(v)), 1 + bent / 6, 2 + 2 * bent / 3])
    if np.any(few):
        found[:, few] = _summed_moments(trials[few], p[few])
    return found


def _summed_moments(n: Array, p: Array) -> Array:
    """Sums over all counts that are at all likely."""
    sigmas, more = _FARTHEST
    reach = int(np.ceil(sigmas * np.sqrt(np.max(n * p * (1 - p))))) + more
    middle = np.round(n * p)
    sums = np.zeros((3, n.size))
    for count in (middle + offset for offset in range(-reach, reach + 1)):
        inside = (count >= 0) & (count <= n)
        k = np.where(inside, count, 0.0)
        ways = gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1)
        chance = np.where(inside, np.exp(ways + xlogy(k, p) + xlog1py(n - k, -p)), 0.0)
        residual = binomial_residual(k / n, n, p)
        sums += chance * np.stack([residual, residual**2, residual**4])
    mean, square, fourth = sums
    return np.stack([mean, square, fourth - square**2])


def binomial_residual(fraction: Array, trials: Array, curve: Array) -> Array:
    """Signed root of the deviance 2n (f ln(f/p) + (1−f) ln((1−f)/(1−p)))."""
    edge = np.minimum(_EDGE, 0.1 / trials)  # well below what so many trials can tell from 0
    log_p, log_q = _log_inside(curve, edge), _log_inside(1 - curve, edge)
    best = xlogy(fraction, fraction) + xlogy(1 - fraction, 1 - fraction)
    deviance = 2 * trials * (best - fraction * log_p - (1 - fraction) * log_q)
    # where curve and fraction meet, the logarithms cancel to round-off: there by their series
    distance, room = curve - fraction, np.minimum(fraction, 1 - fraction)
    near = np.abs(distance) < _NEAR * room
    f, d = np.where(near, fraction, 0.5), np.where(near, distance, 0.0)
    close = 2 * trials * (f * _less_log(d / f) + (1 - f) * _less_log(-d / (1 - f)))
    deviance = np.where(near, close, np.maximum(deviance, 0.0))
    return np.asarray(np.sign(fraction - curve) * np.sqrt(deviance))


def _less_log(x: Array) -> Array:
    """x − ln(1 + x) of small x."""
    return x**2 * (1 / 2 - x * (1 / 3 - x * (1 / 4 - x * (1 / 5 - x * (1 / 6 - x / 7)))))


def _log_inside(p: Array, edge: Array) -> Array:
    """ln p, bent smoothly near the edges: below 0 and above 1 it falls, steeper and steeper."""
    low = np.log(edge) + p / edge - 1
    room = np.minimum((1 - p) / edge, 1.0)
    high = np.log1p(-edge) * room**2 * (2 - np.maximum(room, 0.0))
    middle = np.log(np.clip(p, edge, 1.0))
    return np.where(p < edge, low, np.where(p > 1 - edge, high, middle))
