"""The minimiser behind every fit: quantities to find, and the lowest sum of squared residuals."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lzopen.characterization.chance import improbability

__all__ = ["Minimum", "Problem", "Quantity", "Values"]

Array = NDArray[Any]
Values = dict[str, float]
_STILL = 3e-3  # step, to the length of all coordinates, at the end of a descent to a fall of 1
_CLEAR = 1.645  # σ of a deviance, one fit in 20: beyond it the noise is larger than stated
_NO_EFFECT = 1e-15  # of the largest curvature, below which a direction changes nothing


@dataclass(frozen=True)
class Quantity:
    """A number to find.

    Parameters
    ----------
    value : float
        Where the search starts, or what it is if ``fixed``.
    lower, upper : float
        Its bounds.
    unit : float
        Its typical size: steps and tolerances of the minimiser are in this unit.
    log : bool
        Whether it is a time, a rate or a width: positive, and searched for in its logarithm.
    fixed : bool
        Whether it is known.
    prior : (float, float), optional
        Mean and standard deviation from elsewhere, which count as one more measurement.
    nuisance : bool
        Whether nobody asks for it.
    """

    value: float
    lower: float = -np.inf
    upper: float = np.inf
    unit: float = 1.0
    log: bool = False
    fixed: bool = False
    prior: tuple[float, float] | None = None
    nuisance: bool = False

    @property
    def bounds(self) -> tuple[float, float]:
        """Lower and upper bound; nothing that is searched for in its logarithm falls below zero."""
        return (max(self.lower, 0.0) if self.log else self.lower), self.upper

    def inward(self, value: Any) -> Any:
        """In the coordinate of the minimiser."""
        with np.errstate(divide="ignore"):
            return np.log(value / self.unit) if self.log else value / self.unit

    def outward(self, coordinate: Any) -> Any:
        """From the coordinate of the minimiser."""
        with np.errstate(over="ignore"):  # what is not fixed at all reaches infinity
            return self.unit * np.exp(coordinate) if self.log else self.unit * coordinate

    def slope(self, value: float) -> float:
        """Change of the value with its coordinate."""
        return value if self.log else self.unit


@dataclass(frozen=True, eq=False)
class Minimum:
    """The lowest point that a minimiser found.

    Parameters
    ----------
    values : dict
        All quantities, fixed ones too.
    free : tuple of str
        The quantities that were fitted and stayed off their bounds.
    covariance : ndarray, shape (free, free)
        Inverse curvature, for residuals of unit variance.
    residual : ndarray
        Residuals of the data there, each in units of its noise.
    jacobian : ndarray, shape (residuals, free)
        How they change with the free quantities.
    pull : ndarray
        Distances from the priors, in units of their standard deviations.
    stuck : tuple of str
        Fitted quantities that ended on a bound.
    settled : bool
        Whether the minimiser came to rest, rather than to its limit of steps.
    unbounded : ndarray, shape (free + stuck, free + stuck), optional
        Inverse curvature as if those on a bound could leave it, where there are any.
    by_chance : callable, optional
        The `Problem.by_chance` of these values.
    """

    values: Values
    free: tuple[str, ...]
    covariance: Array
    residual: Array
    jacobian: Array
    pull: Array
    stuck: tuple[str, ...] = ()
    settled: bool = True
    unbounded: Array | None = None
    by_chance: Callable[[], Array] | None = None

    @property
    def deviance(self) -> float:
        """Sum of the squared residuals, those from the priors included."""
        return float(self.residual @ self.residual + self.pull @ self.pull)

    @property
    def dof(self) -> int:
        """Points and priors minus fitted quantities."""
        return self.residual.size + self._released

    @property
    def _released(self) -> int:
        return self.pull.size - len(self.free) - len(self.stuck)

    @cached_property
    def moments(self) -> Array:
        """Mean and mean square of each residual by chance, and the variance of its square."""
        if self.by_chance is None:
            return np.tile([[0.0], [1.0], [2.0]], self.residual.size)
        return self.by_chance()

    @property
    def centred(self) -> Array:
        """Residuals less their mean by chance, which is not zero for a few trials."""
        return np.asarray(self.residual - self.moments[0])

    @property
    def expected(self) -> float:
        """The deviance on the average: the degrees of freedom, but for counts of few trials."""
        return float(np.sum(self.moments[1])) + self._released

    def improbability(self, deviance: float) -> float:
        """Of one this large by chance, in standard deviations.

        Chance is a χ² of the same mean and variance, which for normal noise it is.
        """
        if self.dof <= 0 or self.expected <= 0:
            return 0.0
        unit = float(np.sum(self.moments[2]) / np.sum(self.moments[1]) / 2)
        return improbability(deviance / unit, self.expected / unit)

    @property
    def reduced(self) -> float:
        """Deviance per degree of freedom; 1 where nothing is left over."""
        return self.deviance / self.dof if self.dof > 0 else 1.0

    @property
    def excess(self) -> float:
        """How many times more the data scatter than their stated noise: 1 where chance explains it.

        Errors that grew whenever χ²/dof exceeds 1 would be too large on the average.
        """
        clear = self.improbability(self.deviance) > _CLEAR
        return self.deviance / self.expected if clear else 1.0


@dataclass(frozen=True, eq=False)
class Problem:
    """What to minimise: residuals in units of their noise, as a function of named quantities.

    Parameters
    ----------
    residual : callable
        Maps a dict of all values to the residuals.
    quantities : dict of str to Quantity
        By any names.
    by_chance : callable, optional
        Maps a dict of all values to mean and mean square of each residual and the variance of its
        square, (3, residuals), if these values are true; 0, 1 and 2 if left out.
    slopes : callable, optional
        Maps a dict of all values and a list of names to how the residuals change with these,
        (residuals, names); finite differences if left out.
    tolerance : float
        Fall of χ² in a step, after which a descent with such slopes is at its end.
    costly : bool
        Whether descents take so long that limits come from the curvature, unless a profile is
        asked for.
    most_steps : int
        Of a descent, after which it stops where it is.

    Examples
    --------
    >>> x, y = np.arange(4.0), np.array([1.0, 3.0, 5.0, 7.0])
    >>> quantities = {"a": Quantity(1.0), "b": Quantity(1.0, fixed=True)}
    >>> best = Problem(lambda v: y - v["b"] - v["a"] * x, quantities).minimize()
    >>> round(best.values["a"], 6), best.dof
    (2.0, 3)
    """

    residual: Callable[[Values], Array]
    quantities: Mapping[str, Quantity]
    by_chance: Callable[[Values], Array] | None = None
    slopes: Callable[[Values, Sequence[str]], Array] | None = None
    tolerance: float = 1e-3
    most_steps: int = 200
    costly: bool = False

    def minimize(self, starts: Sequence[Mapping[str, float]] = ({},)) -> Minimum:
        """The lowest of the minima reached from several starts, given as values by name."""
        return min((self.descend(start) for start in starts), key=lambda end: end.deviance)

    def deviance(self, values: Mapping[str, float]) -> float:
        """Sum of the squared residuals at these values, those from the priors included."""
        residual = self.residuals(dict(values))
        return float(residual @ residual)

    def residuals(self, values: Values) -> Array:
        """All of them, those from the priors behind the others."""
        return np.append(self.residual(values), self.pulls(values))

    def pulls(self, values: Mapping[str, float]) -> Array:
        """Distances of these values from their priors, in standard deviations."""
        priors = self._priors.items()
        return np.array([(values[n] - mean) / sd for n, (mean, sd) in priors if n in values])

    def pull_slopes(self, names: Sequence[str]) -> Array:
        """How all pulls change with these quantities, (priors, names)."""
        priors = self._priors.items()
        rows = [[(n == name) / sd for name in names] for n, (_, sd) in priors]
        return np.array(rows).reshape(len(rows), len(names))

    def holding(self, values: Mapping[str, float]) -> Problem:
        """The same with these quantities held at these values."""
        held = {
            name: replace(self.quantities[name], value=value, fixed=True, prior=None)
            for name, value in values.items()
        }
        return replace(self, quantities={**self.quantities, **held})

    def descend(self, start: Mapping[str, float] | None = None, *, steady: bool = False) -> Minimum:
        """One descent, from the quantities' own values where the start names no others.

        Slopes that are ``steady`` are those of the start all the way.
        """
        start = start or {}
        begun = {
            name: q.value if q.fixed else start.get(name, q.value)
            for name, q in self.quantities.items()
        }
        searched = {name: q for name, q in self.quantities.items() if not q.fixed}
        if not searched:
            return self._at(begun)
        end = self._least_squares(begun, searched, steady)
        values = begun | {
            name: float(q.outward(p.value))
            for (name, q), p in zip(searched.items(), end.params.values(), strict=True)
        }
        coordinates = zip(searched.items(), end.params.values(), strict=True)
        stuck = tuple(name for (name, _), p in coordinates if _on_bound(p))
        free = tuple(name for name in searched if name not in stuck)
        slopes = [searched[name].slope(values[name]) for name in (*free, *stuck)]
        columns = [list(searched).index(name) for name in (*free, *stuck)]
        whole = np.asarray(end.jac)[:, columns] / np.array(slopes)
        jacobian = whole[:, : len(free)]
        size = np.asarray(end.residual).size - len(self._priors)
        return Minimum(
            values=values,
            free=free,
            covariance=_inverse_curvature(jacobian),
            residual=np.asarray(end.residual)[:size],
            jacobian=jacobian[:size],
            pull=np.asarray(end.residual)[size:],
            stuck=stuck,
            settled=end.status > 0,
            unbounded=_inverse_curvature(whole) if stuck else None,
            by_chance=self._chance(values),
        )

    def _chance(self, values: Values) -> Callable[[], Array] | None:
        return None if self.by_chance is None else partial(self.by_chance, values)

    def _at(self, values: Values) -> Minimum:
        """Where nothing is left to be found."""
        none = np.empty((0, 0))
        residual = np.asarray(self.residual(values))
        slopes, pull = np.empty((residual.size, 0)), np.empty(0)
        chance = self._chance(values)
        return Minimum(values, (), none, residual, slopes, pull, by_chance=chance)

    @property
    def _priors(self) -> dict[str, tuple[float, float]]:
        quantities = self.quantities.items()
        return {name: q.prior for name, q in quantities if q.prior is not None and not q.fixed}

    def _slopes(self, values: Values, searched: Mapping[str, Quantity]) -> Array:
        """Of the residuals, those from the priors included, in the minimiser's coordinates."""
        names = list(searched)
        assert self.slopes is not None
        units = [q.slope(values[name]) for name, q in searched.items()]
        return np.vstack([self.slopes(values, names), self.pull_slopes(names)]) * units

    def _least_squares(self, begun: Values, searched: Mapping[str, Quantity], steady: bool) -> Any:
        import lmfit  # here, because importing it takes a second

        def values(parameters: lmfit.Parameters) -> Values:
            found = zip(searched.items(), parameters.values(), strict=True)
            return begun | {name: float(q.outward(p.value)) for (name, q), p in found}

        def residual(parameters: lmfit.Parameters) -> Array:
            return self.residuals(values(parameters))

        # lmfit refuses the dots and brackets of our names
        coordinates = {
            f"p{i}": dict(
                zip(("value", "min", "max"), map(q.inward, (begun[name], *q.bounds)), strict=True)
            )
            for i, (name, q) in enumerate(searched.items())
        }
        fitter = lmfit.Minimizer(residual, lmfit.create_params(**coordinates), x_scale="jac")
        # scipy's own limit, which hands over what was reached
        fitter.kws["max_nfev"] = self.most_steps
        if self.slopes is not None:
            first = self._slopes(begun, searched) if steady else None
            fitter.kws["jac"] = lambda parameters: (
                self._slopes(values(parameters), searched) if first is None else first
            )
            fitter.kws["ftol"] = self.tolerance / max(self.residuals(begun).size, 1)
            # which inexact slopes reach, but not the fall that they promise
            fitter.kws["xtol"] = _STILL * np.sqrt(self.tolerance)
        # lmfit's own errors, which we do not use, warn where the data leave a parameter open
        with np.errstate(invalid="ignore"), warnings.catch_warnings():
            warnings.filterwarnings("ignore", module="lmfit|uncertainties")
            return fitter.least_squares()


def _on_bound(parameter: Any) -> bool:
    room = 1e-6 * max(abs(parameter.value), 1.0)  # coordinates are in typical sizes
    return bool(parameter.value - parameter.min < room or parameter.max - parameter.value < room)


def _inverse_curvature(jacobian: Array) -> Array:
    """(JᵀJ)⁻¹, from columns of length 1; directions without effect get an enormous variance."""
    length = np.linalg.norm(jacobian, axis=0)
    length[length == 0] = 1.0
    weights, axes = np.linalg.eigh((jacobian / length).T @ (jacobian / length))
    inverse = (axes / np.maximum(weights, _NO_EFFECT)) @ axes.T
    return np.asarray(inverse / np.outer(length, length))
