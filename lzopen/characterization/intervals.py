"""Confidence intervals from the deviance itself: profiles."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.optimize import brentq

from lzopen.characterization.minimum import Minimum, Problem

__all__ = ["Profile", "profile_interval"]

_FARTHEST = 20.0  # in the logarithm, or in standard errors: beyond it a profile counts as open
_CLOSE = 1e-2  # of a standard deviation, to which an end of an interval is found


class Profile(NamedTuple):
    """How far the deviance rises as one quantity is held away from the minimum."""

    problem: Problem
    best: Minimum
    name: str
    inflation: float

    def rise(self, value: float) -> float:
        """Root of the rise in deviance over the inflation, all other quantities at their best."""
        held = self.problem.holding({self.name: value}).descend(self.best.values)
        return float(np.sqrt(max(held.deviance - self.best.deviance, 0.0) / self.inflation))


def profile_interval(profile: Profile, quantile: float) -> tuple[float, float]:
    """Where the deviance has risen by the square of a quantile, on both sides of the minimum.

    An end that is not found before a bound, or far away, is that bound.
    """
    return _end(profile, quantile, -1.0), _end(profile, quantile, 1.0)


def _end(profile: Profile, quantile: float, side: float) -> float:
    problem, best, name, _ = profile
    quantity = problem.quantities[name]
    bound = quantity.bounds[0 if side < 0 else 1]
    middle, wall = float(quantity.inward(best.values[name])), float(quantity.inward(bound))
    step = side * quantile * _step(profile)

    def excess(u: float) -> float:
        return profile.rise(float(quantity.outward(u))) - quantile

    near, far = middle, middle + step
    while True:
        beyond = (far - wall) * side >= 0
        far = wall if beyond else far
        if not np.isfinite(far) or abs(far - middle) > _FARTHEST * max(1.0, abs(step)):
            return bound
        if excess(far) > 0:
            break
        if beyond:
            return bound
        near, far = far, far + 2 * (far - near)
    end = brentq(excess, near, far, xtol=_CLOSE * max(abs(step), 1e-12), maxiter=20, disp=False)
    return float(quantity.outward(end))


def _step(profile: Profile) -> float:
    """A standard error in the coordinate of the minimiser; at most a factor e of a logarithm."""
    problem, best, name, inflation = profile
    quantity = problem.quantities[name]
    if name not in best.free:
        return 1.0 if quantity.log else max(abs(best.values[name]), quantity.unit) * 1e-2
    at = best.free.index(name)
    error = np.sqrt(inflation * best.covariance[at, at]) / quantity.slope(best.values[name])
    return float(min(error, 1.0) if quantity.log else error)
