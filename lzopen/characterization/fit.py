"""What every fit hands back: parameters, errors, and a report in plain words.

A fit minimises a sum of squared residuals, each in units of its own noise. Its
errors come from the curvature at the minimum; they are enlarged by √(χ²/dof)
where the data scatter more than their noise allows, never shrunk, and the
report says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import xarray as xr
from scipy.special import stdtrit

from lzopen import errors as checks
from lzopen.characterization.curvature import LOOSE, Curvature
from lzopen.characterization.intervals import Followed, Profile, profile_interval
from lzopen.characterization.minimum import Minimum, Problem, Values
from lzopen.characterization.posterior import sample
from lzopen.characterization.words import between, chance, plus_minus

__all__ = ["Alternative", "Fit"]

_TOO_GOOD = 3.0  # standard deviations below chance, at which a deviance is doubtful
_FEW = 0.02  # by which χ²/dof differs from 1 on the average, before a report tells so


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
        only where chance would exceed that ratio in fewer than one of 20 fits.
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
        """How improbable a deviance this large is by chance, in standard deviations.

        Chance is a χ² of ``dof``, or for counted trials what their binomial noise makes of the
        deviance at the fitted curve: a single trial at p = ½ has one of 1.39 whatever it says.
        """
        return self.minimum.improbability(self.deviance)

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
            and where the deviance is no parabola. "auto" takes the profile near a bound, and
            where an interval of any time reaches farther than 2 % of it; but not of maps,
            where it takes minutes; there, what has no slope has a profile in which the other
            parameters follow along theirs.

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
        [1.86, 2.19]
        """
        fitted = [*self.minimum.free, *self.minimum.stuck]
        checks.choice("name", name, fitted)
        checks.choice("method", method, ["auto", "curvature", "profile"])
        if not 0 < level < 1:
            checks.fail("level", "lie between 0 and 1", level, "e.g. 0.95")
        quantile = float(stdtrit(self.freedom, (1 + level) / 2))
        curvature = Curvature(self.problem, self.minimum, self.inflation)
        costly, stuck = self.problem.costly, name in self.minimum.stuck
        if costly and method == "auto" and curvature.is_hidden(name):
            inflation = self.inflation[name]
            return profile_interval(Followed(self.problem, self.minimum, name, inflation), quantile)
        unsure = not costly and (stuck or (method == "auto" and curvature.is_loose(name, quantile)))
        if method == "profile" or unsure:
            driver = None if costly else curvature.driver(name, LOOSE / 2 / quantile)
            inflation = self.inflation[name]
            profile = Profile(self.problem, self.minimum, name, inflation, driver)
            return profile_interval(profile, quantile)
        return curvature.symmetric(name, quantile)

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
            return plus_minus(value, error)
        limit = between(*self.limits[name], self.problem.quantities[name].bounds)
        return limit if np.isnan(value) else f"{plus_minus(value, error)}, {limit}"

    def _goodness(self) -> list[str]:
        by = np.sqrt(self.minimum.excess)
        factor = f"; errors are multiplied by {by:.2f}" if self.scaled else ""
        usual = self.minimum.expected / self.dof if self.dof > 0 else 1.0
        too_good = self.misfit < -_TOO_GOOD
        doubt = ["The data scatter less than their noise allows: check its size."] * too_good
        few = f", where counts this small make it {usual:.3g}" if abs(usual - 1) >= _FEW else ""
        return [
            f"χ²/dof = {self.reduced:.3g} ({self.dof} degrees of freedom){few}{factor}.",
            f"Neighbouring residuals correlate by {self.autocorrelation:+.2f} "
            f"(by chance: ±{chance(self.minimum):.2f}).",
            *doubt,
        ]
