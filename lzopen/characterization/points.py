"""Measured points: rows of equal setting pooled into one point, with the noise it carries.

A point knows how far a model curve lies from it in units of its own noise:
`Points.residual`, whose sum of squares is χ² for Gaussian noise and the exact
binomial deviance for counted shots. Weights are never taken from an observed
fraction, which would favour points that scattered towards 0 or 1.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lzopen import errors
from lzopen.characterization.binomial import binomial_moments, binomial_residual

__all__ = ["Points", "Rows", "pool"]

_FRACTIONS = (
    "with `shots` it is a fraction: divide percents by 100, counts by the shots; for a signal on "
    "another scale give `sigma` instead"
)


Array = NDArray[Any]


class Rows(NamedTuple):
    """What was pooled: the point and the group of each row, and its share of the point."""

    point: NDArray[np.intp]
    group: Array
    share: Array
    signal: Array


@dataclass(frozen=True, eq=False)
class Points:
    """Distinct settings ``x``, the pooled signal there, and its noise.

    Parameters
    ----------
    x, signal, sigma : ndarray, shape (points,)
        Setting, pooled signal, and its standard error. If ``known`` is false,
        ``sigma`` is right up to a common factor that the fit must find.
    trials : ndarray, shape (points,), optional
        Number of counted trials; makes the noise binomial.
    dispersion : ndarray, shape (points,), optional
        Variance between groups over binomial variance.
    known : bool
        Whether the size of the noise is known.
    per_point : float
        Groups per point, where there are groups.
    rows : Rows, optional
        The rows behind the points, where they have groups.
    repeats : (float, int)
        χ² of rows of known noise about the point that they are pooled into, and its degrees of
        freedom.
    """

    x: Array
    signal: Array
    sigma: Array
    trials: Array | None = None
    dispersion: Array | None = None
    known: bool = True
    per_point: float = 0.0
    rows: Rows | None = None
    repeats: tuple[float, int] = (0.0, 0)

    def residual(self, curve: Array) -> Array:
        """Signed distance from the curve to each point, in units of its noise."""
        if self.trials is None:
            return (self.signal - curve) / self.sigma
        distance = binomial_residual(self.signal, self.trials, curve)
        return distance if self.dispersion is None else distance / np.sqrt(self.dispersion)

    def moments(self, curve: Array) -> Array:
        """Mean and mean square of the residual, and the variance of its square, (3, points).

        Of noise about a curve that is right: 0, 1 and 2 for a normal deviate.
        """
        if self.trials is None:
            return np.tile([[0.0], [1.0], [2.0]], self.x.size)
        return binomial_moments(self.trials, curve)

    @property
    def level(self) -> float:
        """The constant that describes all points best."""
        if self.trials is None:
            return float(np.average(self.signal, weights=self.sigma**-2.0))
        spread = 1.0 if self.dispersion is None else self.dispersion
        return float(np.average(self.signal, weights=self.trials / spread))

    def noise(self, curve: Array) -> Array:
        """Standard error of each point if the curve is right."""
        if self.trials is None:
            return self.sigma
        inside = np.clip(curve, 0.5 / self.trials, 1 - 0.5 / self.trials)
        variance = inside * (1 - inside) / self.trials
        return np.sqrt(variance * (1.0 if self.dispersion is None else self.dispersion))

    def slope(self, curve: Array) -> Array:
        """How the residual changes with the curve, point by point."""
        step = 1e-3 * self.noise(curve)
        return np.asarray((self.residual(curve + step) - self.residual(curve - step)) / (2 * step))

    def only(self, chosen: Array) -> Points:
        """Some of the points, by a mask; groups are forgotten."""
        kept = {
            name: getattr(self, name)[chosen]
            for name in ("x", "signal", "sigma", "trials", "dispersion")
            if getattr(self, name) is not None
        }
        return replace(self, **kept, rows=None, repeats=(0.0, 0))

    def binomial_only(self) -> Points:
        """The same points as if every trial were independent."""
        return replace(self, dispersion=None)

    def overdispersion(self) -> tuple[float, float]:
        """Mean variance between groups over binomial variance, and its error if all is binomial."""
        if self.dispersion is None:
            return 1.0, 0.0
        return float(self.dispersion.mean()), float(
            np.sqrt(2 / ((self.per_point - 1) * self.x.size))
        )


def pool(
    x: Any,
    *,
    signal: Any,
    shots: Any = None,
    sigma: Any = None,
    groups: Any = None,
    axis: str = "delay",
) -> Points:
    """Pool rows of equal ``x`` into points.

    Without groups a point of counted trials has binomial noise, and other
    points have the errors ``sigma``, or errors of unknown size. With groups,
    the rows of one group at one ``x`` are one draw, and the noise is what the
    draws at that ``x`` scatter: for p = Σₖsₖ/Σₖmₖ (s signal summed over the m
    trials of a draw) the variance is G/(G−1) Σₖ(sₖ − p mₖ)²/(Σₖmₖ)².

    Parameters
    ----------
    x, signal : array, shape (rows,)
        Setting and signal of each row.
    shots : array or int, optional
        Trials of each row; the signal is then the fraction of them that said
        yes. Rows without trials are left out.
    sigma : array or float, optional
        Standard error of each row.
    groups : array, optional
        Label of the draw that each row belongs to.
    axis : str
        What messages call ``x``.

    Returns
    -------
    Points

    Raises
    ------
    LzopenError
        On NaN, unequal lengths, fractions outside 0 to 1, shots that are not
        counts, errors not above zero, rows without a label, or a point with a
        single group.

    Examples
    --------
    >>> points = pool([0.0, 0.0, 1.0], signal=[0.2, 0.4, 0.5], shots=[10, 30, 20])
    >>> points.signal.tolist(), points.trials.tolist()
    ([0.35, 0.5], [40.0, 20.0])
    """
    if sigma is not None and (shots is not None or groups is not None):
        remedy, page = "give one kind of noise", "guide/fitting#say-what-the-noise-is"
        errors.fail("sigma", "come alone", "joined by `shots` or `groups`", remedy, page)
    signal = _numbers("signal", signal)
    rows = signal.shape
    if len(rows) != 1:
        errors.fail("signal", "be a list of numbers", f"of shape {rows}", "flatten it")
    trials = _per_row("shots", shots, rows, _counts) if shots is not None else None
    keep = np.ones(rows, dtype=bool) if trials is None else trials > 0
    if not np.any(keep):
        errors.fail("signal", "hold at least one row with trials", "without any", "measure some")
    x = errors.finite(axis, _per_row(axis, x, rows)[keep], "leave such rows out")
    signal = errors.finite("signal", signal[keep], "leave such rows out")
    if trials is not None:
        errors.probability("signal", signal, _FRACTIONS)
    if sigma is not None:
        return _gaussian(x, signal, _per_row("sigma", sigma, rows, errors.positive))
    weights = np.ones(x.size) if trials is None else trials[keep]
    labels = None if groups is None else _codes(_per_row("groups", groups, rows)[keep])
    return _counted(x, signal, weights, labels, trials is not None)


def _per_row(name: str, value: Any, rows: tuple[int, ...], check: Any = None) -> Any:
    array = _array(name, value) if name == "groups" else _numbers(name, value)
    if array.ndim == 0:
        array = np.broadcast_to(array, rows)
    array = errors.shape(name, array, rows, "give one per row of `signal`")
    return array if check is None else check(name, array)


def _array(name: str, value: Any) -> Array:
    try:
        return np.asarray(value)
    except ValueError:  # lists of unequal lengths
        errors.fail(name, "be a list of single values", repr(value), "give one per row")


def _numbers(name: str, value: Any) -> Array:
    array = _array(name, value)
    if array.dtype.kind == "c":
        remedy = "load I and Q by lz.load_measurement, which projects them, or project them"
        errors.fail(name, "be real", "complex", remedy)
    if array.dtype.kind not in "biuf":
        what = repr(array.flat[0]) if array.size else "nothing"
        errors.fail(name, "hold numbers", f"of {what}", "convert words, dates and durations")
    return array


def _counts(name: str, value: Any) -> Any:
    numbers = errors.not_negative(name, value, "give 0 for a row without trials")
    part = numbers[numbers % 1 != 0]
    if part.size:
        errors.fail(name, "be whole numbers", f"{part[0]:g}", "give how many trials there were")
    return numbers


def _codes(labels: Array) -> Array:
    """Labels of any kind as integers from 0."""
    codes = pd.factorize(labels)[0]
    if np.any(codes < 0):
        value = f"{labels[codes < 0][0]} at one"
        errors.fail("groups", "label each row", value, "leave such rows out, or label them")
    return codes


def _gaussian(x: Array, signal: Array, sigma: Array) -> Points:
    where, index = np.unique(x, return_inverse=True)
    weight = np.bincount(index, sigma**-2.0)
    mean = np.bincount(index, signal / sigma**2) / weight
    scatter = float(np.sum(((signal - mean[index]) / sigma) ** 2))
    repeats = scatter, x.size - where.size
    return Points(where, mean, weight**-0.5, repeats=repeats)


def _counted(x: Array, signal: Array, weights: Array, labels: Any, binomial: bool) -> Points:
    where, index = np.unique(x, return_inverse=True)
    total = np.bincount(index, weights)
    mean = np.bincount(index, weights * signal) / total
    # half a yes and half a no more, so that no error is ever zero
    smooth = (total * mean + 0.5) / (total + 1.0)
    size = 1.0 if binomial else float(mean.std()) or 1.0  # any size will do; the fit finds it
    plain = np.sqrt(smooth * (1 - smooth) / total) if binomial else size * total**-0.5
    trials = total if binomial else None
    if labels is None:
        repeats = _binomial_scatter(index, mean, weights, signal) if binomial else (0.0, 0)
        return Points(where, mean, plain, trials, known=binomial, repeats=repeats)
    spread, draws = _between_groups(index, labels, weights, signal, mean)
    if not binomial and not np.any(spread > 0):
        errors.fail("signal", "differ between groups", "the same in all", "leave `groups` out")
    rows = Rows(index, labels, weights / total[index], signal)
    per_point = float(draws.mean())
    if not binomial:
        sigma = np.sqrt(_steadied(spread, draws))
        return Points(where, mean, sigma, per_point=per_point, rows=rows)
    own = mean * (1 - mean) / total
    ratio = np.divide(spread, own, out=np.full(own.shape, np.nan), where=own > 0)
    dispersion = _steadied(ratio, draws)
    sigma = plain * np.sqrt(dispersion)
    return Points(where, mean, sigma, trials, dispersion, per_point=per_point, rows=rows)


def _binomial_scatter(
    index: NDArray[np.intp], mean: Array, trials: Array, signal: Array
) -> tuple[float, int]:
    """Pearson's χ² of rows about their pooled fraction, and its degrees of freedom."""
    inside = (mean > 0) & (mean < 1)
    row = inside[index]
    p = mean[index[row]]
    scatter = trials[row] * (signal[row] - p) ** 2 / (p * (1 - p))
    return float(scatter.sum()), int(row.sum() - inside.sum())


def _between_groups(
    index: NDArray[np.intp], group: Array, weights: Array, signal: Array, mean: Array
) -> tuple[Array, Array]:
    """Variance of each pooled mean from the scatter of its groups, and how many there are."""
    draws, draw = np.unique(index * (group.max() + 1) + group, return_inverse=True)
    point = draws // (group.max() + 1)
    size = np.bincount(point).astype(float)
    if np.any(size < 2):
        errors.fail(
            "groups", "hold at least two groups at each delay", f"holding {int(size.min())} at one",
            "leave `groups` out",
        )  # fmt: skip
    deviation = np.bincount(draw, weights * (signal - mean[index]))
    total = np.bincount(index, weights)
    return size / (size - 1) * np.bincount(point, deviation**2) / total**2, size


def _steadied(variance: Array, size: Array) -> Array:
    """Variances drawn towards their mean, by as much as their scatter is mere sampling noise.

    A variance from G draws is itself uncertain by √(2/(G−1)); weights taken
    from few draws would spoil the fit. NaN (nothing to compare) becomes the mean.
    """
    seen = variance[np.isfinite(variance)]
    mean = float(seen.mean()) if np.any(seen > 0) else 1.0
    sampling = float(np.mean(2 * mean**2 / (size - 1)))
    scatter = float(seen.var()) if seen.size else 0.0
    share = max(0.0, 1 - sampling / scatter) if scatter > 0 else 0.0
    return mean + share * np.nan_to_num(variance - mean)
