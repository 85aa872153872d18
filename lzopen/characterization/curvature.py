"""What the curvature at a minimum says of each quantity, and where it says too little."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from lzopen.characterization.minimum import Array, Minimum, Problem

__all__ = ["LOOSE", "Curvature"]

LOOSE = 0.5  # relative error beyond which the curvature says little
_TOGETHER = 0.7  # correlation beyond which a quantity is as loose as the other one
_CURVED = 0.02  # of a time, to which an interval may reach before a deviance is no parabola
_MAY_BE_OPEN = 0.15  # relative error of a time, beyond which its curvature is not trusted
_FAINT = 1e-4  # standard errors per point: less is no effect
_ROUND_OFF = 1e-4  # of its own effect, that no other one has: less is none
_FAR, _LEVEL = 1e3, 1e-2  # units; of the rise that a slope foresees


@dataclass(frozen=True, eq=False)
class Curvature:
    """Standard errors and symmetric intervals at a minimum.

    ``inflation`` multiplies the variance of each quantity.
    """

    problem: Problem
    best: Minimum
    inflation: Mapping[str, float]

    def symmetric(self, name: str, quantile: float) -> tuple[float, float]:
        """About the minimum, in the coordinate of the minimiser; from a bound to one side."""
        if name in self.best.stuck:
            return self._one_sided(name, quantile)
        quantity, value = self.problem.quantities[name], self.best.values[name]
        middle = quantity.inward(value)
        width = quantile * self.error(name) / quantity.slope(value)
        return float(quantity.outward(middle - width)), float(quantity.outward(middle + width))

    def _one_sided(self, name: str, quantile: float) -> tuple[float, float]:
        """From a bound as far as the slope there says."""
        low, high = self.problem.quantities[name].bounds
        value, width = self.best.values[name], quantile * self.error(name)
        if value - low < high - value:
            return low, min(value + width, high)
        return max(value - width, low), high

    def error(self, name: str) -> float:
        """Standard error at the minimum, however large, as if nothing stood on a bound."""
        return float(np.sqrt(self.inflation[name])) * self._deviation(name)

    @property
    def _names(self) -> tuple[str, ...]:
        return (*self.best.free, *self.best.stuck)

    @property
    def _covariance(self) -> Array:
        """Of all names, as if nothing stood on a bound."""
        best = self.best
        return best.covariance if best.unbounded is None else best.unbounded

    def _deviation(self, name: str) -> float:
        at = self._names.index(name)
        return float(np.sqrt(self._covariance[at, at]))

    def _correlations(self, name: str) -> Array:
        sizes = np.sqrt(np.diag(self._covariance))
        at = self._names.index(name)
        return np.asarray(np.abs(self._covariance[at]) / (sizes[at] * sizes))

    def relative_error(self, name: str) -> float:
        """In units of the quantity, or of itself where it is searched for in its logarithm."""
        quantity, value = self.problem.quantities[name], self.best.values[name]
        return self.error(name) / abs(quantity.slope(value))

    def has_effect(self, name: str) -> bool:
        """Whether a quantity changes the data in a way that no other one does, or has a prior."""
        best = self.best
        if self.problem.quantities[name].prior is not None:
            return True
        alone = together = self._size(name) / self._deviation(name)
        if name in best.free:
            slopes = best.jacobian[:, best.free.index(name)]
            together = self._size(name) * float(np.linalg.norm(slopes))
        faint = _FAINT * np.sqrt(best.residual.size)
        if together <= faint or alone <= max(faint, _ROUND_OFF * together):
            return False
        return not self._strayed(name)

    def is_hidden(self, name: str) -> bool:
        """Whether the slope of a time, a rate or a width says nothing of what is farther away.

        It is of no size, or too small while no other quantity does the same.
        """
        if not self.problem.quantities[name].log:
            return False
        alone = bool(np.sum(self._correlations(name) > _TOGETHER) == 1)
        vague = name in self.best.free and alone and self.relative_error(name) > LOOSE
        return vague or not self.has_effect(name)

    def _size(self, name: str) -> float:
        quantity, value = self.problem.quantities[name], self.best.values[name]
        return max(abs(value), abs(quantity.slope(value)))

    def _strayed(self, name: str) -> bool:
        """Whether a quantity went far, along a slope of mere round-off: the way back is level."""
        best, quantity = self.best, self.problem.quantities[name]
        way = quantity.value - best.values[name]
        if quantity.log or name in best.stuck or abs(way) < _FAR * quantity.unit:
            return False
        slope = np.linalg.norm(best.jacobian[:, best.free.index(name)])
        back = self.problem.deviance({**best.values, name: quantity.value}) - best.deviance
        return bool(back < _LEVEL * (slope * way) ** 2)

    def is_loose(self, name: str, quantile: float) -> bool:
        """Whether its interval reaches a bound, or that of any time a part of the time."""
        asked = [n for n in self._names if n == name or not self.problem.quantities[n].nuisance]
        return any(self._reaches(other, quantile) for other in asked)

    def _reaches(self, name: str, quantile: float) -> bool:
        quantity = self.problem.quantities[name]
        if quantity.log:
            return quantile * self.error(name) > _CURVED * self.best.values[name]
        low, high = self.symmetric(name, quantile)
        return low < quantity.lower or high > quantity.upper

    def is_hardly_fixed(self, name: str) -> bool:
        """Whether a standard error is not worth stating.

        It is a good part of a time, of the room between two bounds, or of nothing at all.
        """
        quantity = self.problem.quantities[name]
        if self.error(name) > LOOSE * (quantity.upper - quantity.lower):
            return True
        return self.driver(name, LOOSE) is not None or not self.has_effect(name)

    def may_be_open(self, name: str) -> bool:
        """Whether a time is so uncertain that its deviance may level off before a bound."""
        return self.problem.quantities[name].log and self.relative_error(name) > _MAY_BE_OPEN

    def driver(self, name: str, least: float) -> str | None:
        """The time it goes with most whose relative error exceeds the least one, or None."""
        drivers = {
            other: shared
            for other, shared in zip(self._names, self._correlations(name), strict=True)
            if shared > _TOGETHER
            and self.problem.quantities[other].log
            and self.error(other) > least * self.best.values[other]
        }
        return max(drivers, key=drivers.__getitem__, default=None)
