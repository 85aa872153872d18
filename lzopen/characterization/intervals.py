"""Confidence intervals from the deviance itself: profiles."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache, cached_property

import numpy as np
from scipy.optimize import brentq

from lzopen.characterization.minimum import Array, Minimum, Problem

__all__ = ["Followed", "Profile", "profile_interval"]

_FARTHEST = 20.0  # in the logarithm, or in standard errors: beyond it a profile counts as open
_STRIDE, _WIDER = 0.4, 1.3  # of a first step in the logarithm, and of each next one by more
_CLOSE = 2e-2  # standard deviations, to which the rise at an end of an interval is found
_MOST_STEPS = 60  # towards an end


@dataclass(frozen=True, eq=False)
class Profile:
    """How far the deviance rises as one quantity is held away from the minimum.

    ``driver`` names a time, if any, that the data hardly fix and with which the quantity moves.
    """

    problem: Problem
    best: Minimum
    name: str
    inflation: float
    driver: str | None = None
    seen: list[Minimum] = field(default_factory=list)

    def rise(self, value: float) -> float:
        """Root of the rise in deviance over the inflation, all other quantities at their best."""
        inward, name = self.problem.quantities[self.name].inward, self.name
        near = min(
            [self.best, *self.seen], key=lambda end: abs(inward(end.values[name]) - inward(value))
        )
        return self.hold(name, value, near)

    def hold(self, name: str, value: float, start: Minimum) -> float:
        """The same for any quantity, from a start."""
        held = self.problem.holding({name: value}).descend(start.values)
        self.seen.append(held)
        pull = self.problem.pulls({name: value})  # which a held number has no more
        return self._root(held.deviance + float(pull @ pull) - self.best.deviance)

    def _root(self, rise: float) -> float:
        return float(np.sqrt(max(rise, 0.0) / self.inflation))


class Followed(Profile):
    """The same without descents: all other quantities follow along their slopes at the minimum."""

    def rise(self, value: float) -> float:
        """As above, from one evaluation."""
        return self._root(self._rest(value) - self._rest(self.best.values[self.name]))

    def _rest(self, value: float) -> float:
        """Sum of the squared residuals that no small change of the other quantities takes away."""
        residual = self.problem.residuals({**self.best.values, self.name: value})
        along = self._others.T @ residual
        return float(residual @ residual - along @ along)

    @cached_property
    def _others(self) -> Array:
        """Directions in which the other quantities move the residuals."""
        names = [name for name in self.best.free if name != self.name]
        columns = [self.best.free.index(name) for name in names]
        slopes = np.vstack([self.best.jacobian[:, columns], self.problem.pull_slopes(names)])
        return np.asarray(np.linalg.qr(slopes)[0])


def profile_interval(profile: Profile, quantile: float) -> tuple[float, float]:
    """Where the deviance has risen by the square of a quantile, on both sides of the minimum.

    An end that is not found before a bound, or far away, is that bound.
    """
    if profile.driver is not None and profile.driver != profile.name:
        for side in (-1.0, 1.0):
            _walk(profile, profile.driver, quantile, side)
    return _end(profile, quantile, -1.0), _end(profile, quantile, 1.0)


def _walk(profile: Profile, driver: str, quantile: float, side: float) -> None:
    """Along a curved valley, in steps of its driver: descents across it start from there."""
    quantity, last, stride = profile.problem.quantities[driver], profile.best, _STRIDE
    while True:
        value = last.values[driver] * np.exp(side * stride)
        stride *= _WIDER
        if not quantity.bounds[0] < value < quantity.bounds[1]:
            return
        if profile.hold(driver, value, last) > quantile:
            return
        last = profile.seen[-1]


def _end(profile: Profile, quantile: float, side: float) -> float:
    problem, best, name = profile.problem, profile.best, profile.name
    quantity = problem.quantities[name]
    bound = quantity.bounds[0 if side < 0 else 1]
    middle, wall = float(quantity.inward(best.values[name])), float(quantity.inward(bound))
    step = side * quantile * _step(profile)

    @cache
    def excess(u: float) -> float:
        over = (profile.rise(float(quantity.outward(u))) if u != middle else 0.0) - quantile
        return over if abs(over) > _CLOSE else 0.0

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
    # a step along a curved valley says nothing of how finely its end is to be found
    end = brentq(excess, near, far, xtol=1e-12, maxiter=_MOST_STEPS, disp=False)
    return float(quantity.outward(end))


def _step(profile: Profile) -> float:
    """A standard error in the coordinate of the minimiser; at most a factor e of a logarithm."""
    problem, best, name = profile.problem, profile.best, profile.name
    quantity = problem.quantities[name]
    if name not in best.free:
        return 1.0 if quantity.log else max(abs(best.values[name]), quantity.unit) * 1e-2
    at = best.free.index(name)
    middle = quantity.inward(best.values[name])
    error = np.sqrt(profile.inflation * best.covariance[at, at]) / quantity.slope(best.values[name])
    return float(min(error, 1.0 if quantity.log else max(abs(middle), 1.0)))
