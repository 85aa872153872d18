"""From a minimum to a `Fit`: errors, limits in place of what the data leave open, alarms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
import xarray as xr

from lzopen import results
from lzopen.characterization.chance import improbability
from lzopen.characterization.curvature import LOOSE, Curvature
from lzopen.characterization.fit import Alternative, Fit
from lzopen.characterization.minimum import Array, Minimum, Problem
from lzopen.characterization.points import Points
from lzopen.characterization.words import chance

__all__ = ["CLEAR", "Robust", "autocorrelation", "conclude", "scatter_alarms"]

CLEAR = 5.0  # standard deviations beyond which an autocorrelation is no chance
_RESTLESS = "The minimiser did not come to rest: the data leave a parameter open."
_NOTHING = 1e-3  # χ²/dof below which there are no residuals to speak of
_OPEN = 1.0  # relative error beyond which even the curvature leaves a time open
_ONE_SIDED, _TWO_SIDED = 1.645, 1.96  # quantiles of 95 %


class Robust(NamedTuple):
    """A covariance from the scatter between groups of rows, and how many groups there were."""

    covariance: Array
    groups: int


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
    factor = np.sqrt(minimum.excess) if known else noise
    covariance = factor**2 * (minimum.covariance if robust is None else robust.covariance)
    variances = dict(zip(minimum.free, np.maximum(np.diag(covariance), 0.0), strict=True))
    curved = dict(zip(minimum.free, np.diag(minimum.covariance), strict=True))
    residual = minimum.residual / noise
    asked = [name for name, quantity in problem.quantities.items() if not quantity.nuisance]
    fit = Fit(
        title=title,
        parameters={name: minimum.values[name] for name in asked},
        errors={name: float(np.sqrt(variances.get(name, np.nan))) for name in asked},
        deviance=minimum.deviance / noise**2,
        dof=minimum.dof,
        scaled=bool(factor > noise),
        autocorrelation=autocorrelation(minimum.centred),
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


def scatter_alarms(points: Points, rows: str, remedy: str) -> list[str]:
    """What says that the stated noise is too small, whatever the model: rows of one point."""
    scatter, dof = points.repeats
    sigmas = improbability(scatter, dof)
    if sigmas < 3:
        return []
    by = f"{scatter / dof:.2f} times as much ({sigmas:.1f}σ)"
    return [f"THE NOISE IS LARGER THAN STATED: {rows} scatter {by}; {remedy}."]


def _alarms(fit: Fit) -> list[str]:
    fails, found = "THE MODEL DOES NOT DESCRIBE THE DATA: ", []
    if fit.misfit >= 3:
        found.append(f"{fails}χ²/dof = {fit.reduced:.3g} is {fit.misfit:.1f}σ from chance.")
    if fit.reduced > _NOTHING and abs(fit.autocorrelation) >= CLEAR * chance(fit.minimum):
        found.append(f"{fails}neighbouring residuals go together.")
    return found


def _limited(fit: Fit, meaningless: Sequence[str], follows: Mapping[str, str]) -> Fit:
    """With intervals in place of numbers that the data do not fix, and notes on them."""
    minimum, quantities = fit.minimum, fit.problem.quantities
    curvature = Curvature(fit.problem, minimum, fit.inflation)
    asked = [name for name in (*minimum.free, *minimum.stuck) if name in fit.parameters]
    dead = {*meaningless, *(name for name in asked if _is_dead(fit, curvature, name))}
    limits, open_ended = {}, set(dead)
    for name in asked:
        if name in dead:
            known = name not in meaningless and curvature.is_hidden(name)
            limits[name] = _limit(fit, name)[0] if known else quantities[name].bounds
        elif curvature.is_hardly_fixed(name) or name in minimum.stuck:
            limits[name], is_open = _limit(fit, name)
            open_ended |= {name} if is_open else set()
        elif not fit.problem.costly and curvature.may_be_open(name):
            ends, is_open = _limit(fit, name)
            if is_open:
                limits[name] = ends
                open_ended.add(name)
    for name in asked:
        driver = follows.get(name) or curvature.driver(name, LOOSE)
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


def _is_dead(fit: Fit, curvature: Curvature, name: str) -> bool:
    """Whether a quantity has no effect, as far as one can see."""
    if curvature.has_effect(name):
        return False
    # a profile of a time, or from a bound, sees what the slope at the minimum does not
    hidden = fit.problem.quantities[name].log or name in fit.minimum.stuck
    return fit.problem.costly or not hidden


def _limit(fit: Fit, name: str) -> tuple[tuple[float, float], bool]:
    """Limits of 95 %, and whether they leave an end of a time open, or both of anything else.

    Where an end is open the other one is a bound from one side.
    """
    quantity = fit.problem.quantities[name]
    curvature = Curvature(fit.problem, fit.minimum, fit.inflation)
    if fit.problem.costly and not curvature.is_hidden(name):
        stuck = name in fit.minimum.stuck
        ends = curvature.symmetric(name, _ONE_SIDED if stuck else _TWO_SIDED)
        low, high = np.clip(ends, *quantity.bounds).tolist()
        return (low, high), quantity.log and (stuck or curvature.relative_error(name) > _OPEN)
    method = "auto" if fit.problem.costly else "profile"
    both = fit.interval(name, 0.95, method)
    walls = quantity.bounds
    open_ends = [end == wall for end, wall in zip(both, walls, strict=True)]
    if not any(open_ends):
        return both, False
    one_sided = fit.interval(name, 0.90, method)
    low, high = np.where(open_ends, walls, one_sided).tolist()
    return (low, high), quantity.log or all(open_ends)


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


def autocorrelation(residual: Array) -> float:
    """Of neighbouring residuals."""
    total = residual @ residual
    return float(residual[1:] @ residual[:-1] / total) if total > 0 else 0.0


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
