"""What every fit hands back: parameters, errors, and a report in plain words.

A fit minimises a sum of squared residuals, each in units of its own noise. Its
errors come from the curvature at the minimum; they are enlarged by √(χ²/dof)
where the data scatter more than their noise allows, never shrunk, and the
report says so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr
from scipy.special import gammaincc, gammaln, ndtri, ndtri_exp

from lzopen import results
from lzopen.characterization.minimum import Array, Minimum, Values, minimize

_CLEAR = 5.0  # standard deviations beyond which an autocorrelation is no chance

__all__ = ["Alternative", "Fit", "Minimum", "Values", "conclude", "minimize"]


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
        one that ended on a bound, is NaN.
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
    dataset: xr.Dataset

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
        return _misfit(self.deviance, self.dof)

    def report(self) -> str:
        """The fit in plain words; a model that fails at 3σ says so first."""
        fails = "THE MODEL DOES NOT DESCRIBE THE DATA: "
        lines = [self.title]
        if abs(self.autocorrelation) >= _CLEAR * self._chance:
            lines.insert(0, f"{fails}neighbouring residuals go together.")
        if self.misfit >= 3:
            lines.insert(
                0, f"{fails}χ²/dof = {self.reduced:.3g} is {self.misfit:.1f}σ from chance."
            )
        width = max(map(len, self.parameters))
        lines += [
            f"  {name:<{width}}  {_plus_minus(value, self.errors[name])}"
            for name, value in self.parameters.items()
        ]
        lines += self._goodness()
        if self.comparison:
            lines.append("Other models (positive is worse):")
            lines += [
                f"  {a.name:<27} Δχ² {a.delta:+.1f}  ΔAIC {a.aic:+.1f}" for a in self.comparison
            ]
        return "\n".join([*lines, *self.notes])

    def __str__(self) -> str:
        return self.report()

    def _goodness(self) -> list[str]:
        factor = f"; errors are multiplied by {np.sqrt(self.reduced):.2f}" if self.scaled else ""
        return [
            f"χ²/dof = {self.reduced:.3g} ({self.dof} degrees of freedom){factor}.",
            f"Neighbouring residuals correlate by {self.autocorrelation:+.2f} "
            f"(by chance: ±{self._chance:.2f}).",
        ]

    @property
    def _chance(self) -> float:
        """Standard deviation of the autocorrelation of pure noise."""
        return float(1 / np.sqrt(max(self.dataset["residual"].size, 1)))


def conclude(
    minimum: Minimum,
    points: xr.Dataset,
    *,
    title: str,
    known: bool = True,
    comparison: Sequence[Alternative] = (),
    notes: Sequence[str] = (),
    settings: Mapping[str, Any] | None = None,
    references: Sequence[str] = (),
) -> Fit:
    """Turn a minimum into a `Fit`: errors, goodness, labelled Dataset.

    Parameters
    ----------
    minimum : Minimum
        From `minimize`.
    points : xarray.Dataset
        Data, sigma and model along the measured axis (one dimension or more);
        the residuals are added here in the order of ``points["model"]``.
    title : str
        Model and data in words.
    known : bool
        Whether the size of the noise is known. If not, it is taken from the
        residuals, so that χ²/dof is 1 and says nothing.
    comparison, notes
        As in `Fit`.
    settings : mapping, optional
        What the fit was asked for, for the provenance.
    references : sequence of str
        Keys of the references behind the model.

    Returns
    -------
    Fit

    Examples
    --------
    >>> one = Minimum({"a": 2.0}, ("a",), np.array([[0.01]]), np.array([0.5, -1.0, 0.2]))
    >>> data = xr.Dataset({"model": ("x", [2.0, 2.0, 2.0])})
    >>> fit = conclude(one, data, title="A constant.")
    >>> fit.errors["a"], fit.scaled
    (0.1, False)
    """
    noise = 1.0 if known else np.sqrt(minimum.reduced)
    scaled = known and minimum.reduced > 1
    factor = np.sqrt(minimum.reduced) if scaled else noise
    residual = minimum.residual / noise
    covariance = factor**2 * minimum.covariance
    sizes = dict(zip(minimum.free, np.sqrt(np.diag(covariance)), strict=True))
    errors = {name: float(sizes.get(name, np.nan)) for name in minimum.values}
    deviance = float(residual @ residual)
    limits = [
        f"Parameter `{name}` ended on its bound {minimum.values[name]:g}: the data do not fix it."
        for name in minimum.stuck
    ]
    notes = [*notes, *limits]
    if not minimum.settled:
        notes = ["The minimiser did not come to rest: the data leave a parameter open.", *notes]
    return Fit(
        title=title,
        parameters=dict(minimum.values),
        errors=errors,
        deviance=deviance,
        dof=minimum.dof,
        scaled=scaled,
        autocorrelation=_autocorrelation(residual),
        comparison=tuple(comparison),
        notes=tuple(notes),
        dataset=results.label(
            _table(points, minimum, residual, errors, covariance),
            parameters=minimum.values,
            references=references,
            errors=errors,
            deviance=deviance,
            dof=minimum.dof,
            scaled=scaled,
            settings=settings or {},
            notes=[title, *notes],
        ),
    )


def _autocorrelation(residual: Array) -> float:
    total = residual @ residual
    return float(residual[1:] @ residual[:-1] / total) if total > 0 else 0.0


def _misfit(deviance: float, dof: int) -> float:
    """Standard deviations of a normal distribution with the same upper tail as χ²."""
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


def _table(
    points: xr.Dataset, minimum: Minimum, residual: Array, errors: Values, covariance: Array
) -> xr.Dataset:
    names = list(minimum.values)
    full = np.full((len(names), len(names)), np.nan)
    at = [names.index(name) for name in minimum.free]
    full[np.ix_(at, at)] = covariance
    model = points["model"]
    return points.assign(
        residual=(model.dims, residual.reshape(model.shape), {"units": "standard errors"}),
        value=("parameter", list(minimum.values.values())),
        error=("parameter", [errors[name] for name in names]),
        covariance=(("parameter", "other"), full),
    ).assign_coords(parameter=names, other=names)
