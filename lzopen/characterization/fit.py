"""What every fit hands back: parameters, errors, and a report in plain words.

A fit minimises a sum of squared residuals, each in units of its own noise. Its
errors come from the curvature at the minimum; they are enlarged by √(χ²/dof)
where the data scatter more than their noise allows, never shrunk, and the
report says so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import numpy as np
import xarray as xr
from scipy.special import gammaincc, gammaln, ndtri, ndtri_exp, stdtrit

from lzopen import errors as checks
from lzopen import results
from lzopen.characterization.intervals import Profile, profile_interval
from lzopen.characterization.minimum import Array, Minimum, Problem, Values
from lzopen.characterization.posterior import sample

_CLEAR = 5.0  # standard deviations beyond which an autocorrelation is no chance
_RESTLESS = "The minimiser did not come to rest: the data leave a parameter open."
_LOOSE = 0.5  # relative error beyond which the curvature says little, and a profile is drawn
_NOTHING = 1e-3  # χ²/dof below which there are no residuals to speak of
_OPEN = 1.0  # relative error beyond which even the curvature leaves a time open
_ONE_SIDED, _TWO_SIDED = 1.645, 1.96  # quantiles of 95 %
_TOGETHER = 0.7  # correlation beyond which a quantity is as loose as the other one

__all__ = ["Alternative", "Fit", "Robust", "conclude", "improbability"]


@dataclass(frozen=True)
class Alternative:
    """Another model fitted to the same data.

    Parameters
    ----------
    name : str
        The model in words.
    deviance : float
        Its χ² or binomial deviance.
    delta : float
        Its deviance minus that of the reported fit: positive is worse.
    aic : float
        Difference of Akaike's criterion, delta over the overdispersion plus
        twice the difference in free parameters: positive is worse.
    """

    name: str
    deviance: float
    delta: float
    aic: float


class Robust(NamedTuple):
    """A covariance from the scatter between groups of rows, and how many groups there were."""

    covariance: Array
    groups: int


@dataclass(frozen=True, eq=False)
class Fit:
    """A fitted model: parameters, errors, and how far to trust them. Print it to read them.

    Parameters
    ----------
    title : str
        Model and data in words.
    parameters, errors : dict
        Value and standard error by name; the error of a fixed parameter, or of
        one that ended on a bound, is NaN. A parameter that the data do not fix is
        NaN itself, and has ``limits``.
    limits : dict
        Interval of 95 % by name, of parameters that the data hardly fix. If it leaves one
        end open, the other is a bound that holds at 95 % by itself.
    deviance : float
        χ², or binomial deviance, at the minimum.
    dof : int
        Degrees of freedom.
    scaled : bool
        Whether the errors were multiplied by √(deviance/dof), which is done
        only where that ratio exceeds 1.
    autocorrelation : float
        Of neighbouring residuals; ±1/√points is chance.
    comparison : tuple of Alternative
        Other models of the same data.
    notes : tuple of str
        What else to know, in sentences.
    alarms : tuple of str
        What says that the model or its noise is wrong: a deviance at 3σ from chance, neighbouring
        residuals that go together, repeats that scatter more than their noise. The report
        begins with them.
    dataset : xarray.Dataset
        Data, noise, model and residuals along the measured axis; ``value``,
        ``error`` and ``covariance`` over ``parameter``; provenance in attrs.
    """

    title: str
    parameters: Values
    errors: Values
    deviance: float
    dof: int
    scaled: bool
    autocorrelation: float
    comparison: tuple[Alternative, ...]
    notes: tuple[str, ...]
    alarms: tuple[str, ...]
    dataset: xr.Dataset
    limits: Mapping[str, tuple[float, float]]
    minimum: Minimum = field(repr=False)
    problem: Problem = field(repr=False)
    inflation: Mapping[str, float] = field(repr=False)
    freedom: float = field(repr=False)

    @property
    def attrs(self) -> dict[Any, Any]:
        """Attributes of the Dataset, so that `lzopen.cite` takes a fit as it is."""
        return self.dataset.attrs

    @property
    def reduced(self) -> float:
        """Deviance per degree of freedom."""
        return self.deviance / self.dof if self.dof > 0 else 1.0

    @property
    def misfit(self) -> float:
        """How improbable a deviance this large is by chance, in standard deviations."""
        return improbability(self.deviance, self.dof)

    def interval(self, name: str, level: float = 0.68, method: str = "auto") -> tuple[float, float]:
        """Confidence interval of one parameter.

        Times, rates and widths have symmetric intervals in their logarithm.

        Parameters
        ----------
        name : str
            A fitted parameter.
        level : float
            Confidence, e.g. 0.68 or 0.95.
        method : {"auto", "curvature", "profile"}
            From the standard error; or from where the deviance has risen by the square of the
            quantile with all other parameters at their best, which is right near a bound
            and for what the data hardly fix. "auto" takes the profile just there, but
            not of maps, where it takes minutes.

        Returns
        -------
        (float, float)
            An end that the data leave open is the bound of the parameter, which may be infinite.

        Raises
        ------
        LzopenError
            If there is no such fitted parameter, or the level is not between 0 and 1.

        Examples
        --------
        >>> import lzopen as lz
        >>> t = np.linspace(0.1, 6.0, 40)
        >>> fit = lz.fit_decay(t, signal=np.exp(-t / 2.0), sigma=0.02, oscillations=0)
        >>> [round(end, 2) for end in fit.interval("T", 0.95)]
        [1.85, 2.16]
        """
        fitted = [*self.minimum.free, *self.minimum.stuck]
        checks.choice("name", name, fitted)
        checks.choice("method", method, ["auto", "curvature", "profile"])
        if not 0 < level < 1:
            checks.fail("level", "lie between 0 and 1", level, "e.g. 0.95")
        quantile = float(stdtrit(self.freedom, (1 + level) / 2))
        costly, stuck = self.problem.costly, name in self.minimum.stuck
        unsure = not costly and (stuck or (method == "auto" and self._is_loose(name, quantile)))
        if method == "profile" or unsure:
            inflation = self.inflation[name]
            driver = None if costly else self._driver(name, _LOOSE / 2 / quantile)
            profile = Profile(self.problem, self.minimum, name, inflation, driver)
            return profile_interval(profile, quantile)
        return self._symmetric(name, quantile)

    def _symmetric(self, name: str, quantile: float) -> tuple[float, float]:
        """About the minimum, in the coordinate of the minimiser; from a bound to one side."""
        if name in self.minimum.stuck:
            return self._one_sided(name, quantile)
        quantity, value = self.problem.quantities[name], self.minimum.values[name]
        middle = quantity.inward(value)
        width = quantile * self._error(name) / quantity.slope(value)
        return float(quantity.outward(middle - width)), float(quantity.outward(middle + width))

    def _one_sided(self, name: str, quantile: float) -> tuple[float, float]:
        """From a bound as far as the slope there says."""
        low, high = self.problem.quantities[name].bounds
        value, width = self.minimum.values[name], quantile * self._error(name)
        if value - low < high - value:
            return low, min(value + width, high)
        return max(value - width, low), high

    def _error(self, name: str) -> float:
        """Standard error at the minimum, however large, as if nothing stood on a bound."""
        minimum = self.minimum
        at = (*minimum.free, *minimum.stuck).index(name)
        covariance = minimum.covariance if minimum.unbounded is None else minimum.unbounded
        return float(np.sqrt(self.inflation[name] * covariance[at, at]))

    def _relative_error(self, name: str) -> float:
        quantity, value = self.problem.quantities[name], self.minimum.values[name]
        return self._error(name) / abs(quantity.slope(value))

    def _is_loose(self, name: str, quantile: float) -> bool:
        """Whether the interval reaches a bound, or a good part of the value of a time.

        What goes together with such a time is as loose.
        """
        quantity = self.problem.quantities[name]
        if quantity.log:
            return quantile * self._error(name) > _LOOSE / 2 * self.minimum.values[name]
        low, high = self._symmetric(name, quantile)
        if low < quantity.lower or high > quantity.upper:
            return True
        return self._driver(name, _LOOSE / 2 / quantile) is not None

    def _driver(self, name: str, least: float) -> str | None:
        """The time it goes with most whose relative error exceeds the least one, or None."""
        minimum, quantities = self.minimum, self.problem.quantities
        names = (*minimum.free, *minimum.stuck)
        covariance = minimum.covariance if minimum.unbounded is None else minimum.unbounded
        sizes = np.sqrt(np.diag(covariance))
        at = names.index(name)
        drivers = {}
        for other, size, shared in zip(names, sizes, covariance[at] / sizes[at], strict=True):
            error = size * np.sqrt(self.inflation[other])
            loose = quantities[other].log and error > least * minimum.values[other]
            if loose and abs(shared) > _TOGETHER * size:
                drivers[other] = abs(shared) / size
        return max(drivers, key=drivers.__getitem__, default=None)

    def posterior(
        self, *, draws: int = 4000, walkers: int = 64, burn: int = 500, seed: int = 0
    ) -> xr.Dataset:
        """Draws from the posterior: flat priors within bounds, times and rates in the logarithm.

        Parameters
        ----------
        draws : int
            Number of draws, at least.
        walkers : int
            Number of walkers of the ensemble; at least twice the number of fitted parameters.
        burn : int
            Steps that each walker takes before its draws count.
        seed : int
            Of the random numbers.

        Returns
        -------
        xarray.Dataset
            One variable (draw) for each fitted parameter. ``attrs`` hold the autocorrelation
            time in steps, and the share of accepted steps.

        Raises
        ------
        LzopenError
            If emcee is not installed.

        References
        ----------
        D. Foreman-Mackey et al., Publ. Astron. Soc. Pac. 125, 306 (2013).

        Examples
        --------
        >>> import lzopen as lz
        >>> t = np.linspace(0.1, 6.0, 40)
        >>> fit = lz.fit_decay(t, signal=np.exp(-t / 2.0), sigma=0.02, envelope="exponential")
        >>> T = fit.posterior(draws=2000, seed=1)["T"]  # doctest: +SKIP
        """
        scale = max(self.inflation.values(), default=1.0)
        return sample(self.problem, self.minimum, scale, draws, walkers, burn, seed)

    def report(self) -> str:
        """The fit in plain words; what fails at 3σ says so first."""
        lines = [*self.alarms, self.title]
        width = max(map(len, self.parameters))
        lines += [f"  {name:<{width}}  {self._shown(name)}" for name in self.parameters]
        lines += self._goodness()
        if self.comparison:
            lines.append("Other models (positive is worse):")
            lines += [
                f"  {a.name:<27} Δχ² {a.delta:+.1f}  ΔAIC {a.aic:+.1f}" for a in self.comparison
            ]
        return "\n".join([*lines, *self.notes])

    def __str__(self) -> str:
        return self.report()

    def _shown(self, name: str) -> str:
        value, error = self.parameters[name], self.errors[name]
        if name not in self.limits:
            return _plus_minus(value, error)
        limit = _between(*self.limits[name], self.problem.quantities[name].bounds)
        return limit if np.isnan(value) else f"{_plus_minus(value, error)}, {limit}"

    def _goodness(self) -> list[str]:
        factor = f"; errors are multiplied by {np.sqrt(self.reduced):.2f}" if self.scaled else ""
        return [
            f"χ²/dof = {self.reduced:.3g} ({self.dof} degrees of freedom){factor}.",
            f"Neighbouring residuals correlate by {self.autocorrelation:+.2f} "
            f"(by chance: ±{_chance(self.minimum):.2f}).",
        ]


def conclude(
    problem: Problem,
    minimum: Minimum,
    points: xr.Dataset,
    *,
    title: str,
    known: bool = True,
    robust: Robust | None = None,
    meaningless: Sequence[str] = (),
    follows: Mapping[str, str] | None = None,
    alarms: Sequence[str] = (),
    comparison: Sequence[Alternative] = (),
    notes: Sequence[str] = (),
    settings: Mapping[str, Any] | None = None,
    references: Sequence[str] = (),
) -> Fit:
    """Turn a minimum into a `Fit`: errors, limits, goodness, labelled Dataset.

    Parameters
    ----------
    problem, minimum
        What was minimised, and where it ended.
    points : xarray.Dataset
        Data, sigma and model along the measured axes; the residuals are added here
        in the order of ``points["model"]``.
    title : str
        Model and data in words.
    known : bool
        Whether the size of the noise is known. If not, it is taken from the
        residuals, so that χ²/dof is 1 and says nothing.
    robust : Robust, optional
        A covariance that replaces the inverse curvature.
    meaningless : sequence of str
        Parameters of which the data say nothing, whatever their curvature.
    follows : mapping of str to str, optional
        Parameters that mean nothing if another one is not fixed, such as the exponent of a decay
        whose time is unknown.
    alarms, comparison, notes
        As in `Fit`; alarms on deviance and residuals are found here.
    settings : mapping, optional
        What the fit was asked for, for the provenance.
    references : sequence of str
        Keys of the references behind the model.

    Returns
    -------
    Fit

    Examples
    --------
    >>> from lzopen.characterization.minimum import Quantity
    >>> y = np.array([2.05, 1.95, 2.0])
    >>> one = Problem(lambda v: (y - v["a"]) / 0.1, {"a": Quantity(1.0)})
    >>> fit = conclude(one, one.minimize(), xr.Dataset({"model": ("x", y)}), title="A constant.")
    >>> round(fit.errors["a"], 4), fit.scaled
    (0.0577, False)
    """
    noise = 1.0 if known else np.sqrt(minimum.reduced)
    scaled = known and minimum.reduced > 1
    factor = np.sqrt(minimum.reduced) if scaled else noise
    covariance = factor**2 * (minimum.covariance if robust is None else robust.covariance)
    variances = dict(zip(minimum.free, np.diag(covariance), strict=True))
    curved = dict(zip(minimum.free, np.diag(minimum.covariance), strict=True))
    residual = minimum.residual / noise
    asked = [name for name, quantity in problem.quantities.items() if not quantity.nuisance]
    fit = Fit(
        title=title,
        parameters={name: minimum.values[name] for name in asked},
        errors={name: float(np.sqrt(variances.get(name, np.nan))) for name in asked},
        deviance=minimum.deviance / noise**2,
        dof=minimum.dof,
        scaled=scaled,
        autocorrelation=_autocorrelation(residual),
        comparison=tuple(comparison),
        notes=tuple(notes),
        alarms=(),
        dataset=points,
        limits={},
        minimum=minimum,
        problem=problem,
        inflation={name: variances[name] / curved[name] for name in minimum.free}
        | dict.fromkeys(minimum.stuck, float(factor**2)),
        freedom=robust.groups - 1 if robust else np.inf if known else max(minimum.dof, 1),
    )
    fit = replace(_limited(fit, meaningless, follows or {}), alarms=(*_alarms(fit), *alarms))
    return replace(fit, dataset=_labelled(fit, residual, covariance, settings, references))


def _alarms(fit: Fit) -> list[str]:
    fails, found = "THE MODEL DOES NOT DESCRIBE THE DATA: ", []
    if fit.misfit >= 3:
        found.append(f"{fails}χ²/dof = {fit.reduced:.3g} is {fit.misfit:.1f}σ from chance.")
    if fit.reduced > _NOTHING and abs(fit.autocorrelation) >= _CLEAR * _chance(fit.minimum):
        found.append(f"{fails}neighbouring residuals go together.")
    return found


def _chance(minimum: Minimum) -> float:
    """Standard deviation of the autocorrelation of pure noise."""
    return float(1 / np.sqrt(max(minimum.residual.size, 1)))


def _limited(fit: Fit, meaningless: Sequence[str], follows: Mapping[str, str]) -> Fit:
    """With intervals in place of numbers that the data do not fix, and notes on them."""
    minimum, quantities = fit.minimum, fit.problem.quantities
    asked = [name for name in (*minimum.free, *minimum.stuck) if name in fit.parameters]
    limits, open_ended = {}, set(meaningless)
    for name in asked:
        loose = fit._driver(name, _LOOSE) is not None
        if name in meaningless:
            limits[name] = quantities[name].bounds
        elif loose or name in minimum.stuck:
            limits[name], is_open = _limit(fit, name)
            open_ended |= {name} if is_open else set()
    for name in asked:
        driver = follows.get(name) or fit._driver(name, _LOOSE)
        if driver in open_ended and name not in open_ended:
            limits[name] = limits.get(name) or _limit(fit, name)[0]
            half_open = set(limits[name]) & set(quantities[name].bounds)
            open_ended |= {name} if name in follows or half_open else set()
    notes = [
        f"Parameter `{name}` ended on its bound {minimum.values[name]:g}: the data do not fix it."
        for name in asked
        if name in minimum.stuck and name not in open_ended
    ]
    notes += [f"The data do not fix `{name}`." for name in limits if name in open_ended]
    unsettled = [] if minimum.settled else [_RESTLESS]
    nothing = {name: np.nan for name in limits if name in open_ended}
    return replace(
        fit,
        limits=limits,
        parameters=fit.parameters | nothing,
        errors=fit.errors | nothing,
        notes=(*unsettled, *fit.notes, *notes),
    )


def _limit(fit: Fit, name: str) -> tuple[tuple[float, float], bool]:
    """Limits of 95 %, and whether they leave an end of a time open, or both of anything else.

    Where an end is open the other one is a bound from one side.
    """
    quantity = fit.problem.quantities[name]
    if fit.problem.costly:
        stuck = name in fit.minimum.stuck
        ends = fit._symmetric(name, _ONE_SIDED if stuck else _TWO_SIDED)
        return ends, quantity.log and (stuck or fit._relative_error(name) > _OPEN)
    bound = fit.interval(name, 0.90, "profile")
    open_ends = [end == wall for end, wall in zip(bound, quantity.bounds, strict=True)]
    if any(open_ends):
        return bound, quantity.log or all(open_ends)
    return fit.interval(name, 0.95, "profile"), False


def _labelled(
    fit: Fit,
    residual: Array,
    covariance: Array,
    settings: Mapping[str, Any] | None,
    references: Sequence[str],
) -> xr.Dataset:
    return results.label(
        _table(fit, residual, covariance),
        parameters=fit.parameters,
        references=references,
        errors=fit.errors,
        limits={name: list(ends) for name, ends in fit.limits.items()},
        deviance=fit.deviance,
        dof=fit.dof,
        scaled=fit.scaled,
        settings=settings or {},
        notes=[*fit.alarms, fit.title, *fit.notes],
    )


def _autocorrelation(residual: Array) -> float:
    total = residual @ residual
    return float(residual[1:] @ residual[:-1] / total) if total > 0 else 0.0


def improbability(deviance: float, dof: int) -> float:
    """Of a χ² this large: standard deviations of a normal distribution with the same upper tail."""
    if dof <= 0:
        return 0.0
    a, x = dof / 2, deviance / 2
    tail = gammaincc(a, x)
    if tail > 1e-200:
        return float(-ndtri(tail))
    # first term of the continued fraction of Γ(a, x), where the tail itself would underflow
    return float(-ndtri_exp(a * np.log(x) - x - gammaln(a) - np.log(x + 1 - a)))


def _plus_minus(value: float, error: float) -> str:
    """Value ± error, both to two digits of the error."""
    if not np.isfinite(error) or error <= 0:
        return f"{value:.5g} (no error)"
    digits = 1 - int(np.floor(np.log10(error)))
    if abs(digits) > 6 or error >= 100:
        return f"{value:.6g} ± {error:.2g}"
    return f"{value:.{max(digits, 0)}f} ± {error:.{max(digits, 0)}f}"


def _between(low: float, high: float, bounds: tuple[float, float]) -> str:
    """An interval of 95 % in words, its open ends left out."""
    if low == bounds[0] and high == bounds[1]:
        return "anything (95 %)"
    if low == bounds[0]:
        return f"< {high:.3g} (95 %)"
    return f"> {low:.3g} (95 %)" if high == bounds[1] else f"{low:.3g} to {high:.3g} (95 %)"


def _table(fit: Fit, residual: Array, covariance: Array) -> xr.Dataset:
    names = list(fit.parameters)
    full = np.full((len(names), len(names)), np.nan)
    shown = [name for name in fit.minimum.free if name in names]
    at, among = ([each.index(name) for name in shown] for each in (names, fit.minimum.free))
    full[np.ix_(at, at)] = covariance[np.ix_(among, among)]
    model = fit.dataset["model"]
    spread = np.full(model.shape, np.nan)
    spread[np.isfinite(model.values)] = residual
    return fit.dataset.assign(
        residual=(model.dims, spread, {"units": "standard errors"}),
        value=("parameter", list(fit.parameters.values())),
        error=("parameter", [fit.errors[name] for name in names]),
        covariance=(("parameter", "other"), full),
    ).assign_coords(parameter=names, other=names)
