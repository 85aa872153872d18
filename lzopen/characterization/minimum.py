"""The minimiser behind every fit: least squares from several starts, with curvature errors."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import lmfit

__all__ = ["Minimum", "minimize"]

Array = NDArray[Any]
Values = dict[str, float]
_MOST_STEPS = 200


@dataclass(frozen=True, eq=False)
class Minimum:
    """The lowest point that a minimiser found.

    Parameters
    ----------
    values : dict
        All parameters, fixed ones too.
    free : tuple of str
        The parameters that were fitted and stayed off their bounds.
    covariance : ndarray, shape (free, free)
        Inverse curvature, for residuals of unit variance.
    residual : ndarray
        Residuals there, each in units of its noise.
    stuck : tuple of str
        Fitted parameters that ended on a bound.
    settled : bool
        Whether the minimiser came to rest, rather than to its limit of steps.
    """

    values: Values
    free: tuple[str, ...]
    covariance: Array
    residual: Array
    stuck: tuple[str, ...] = ()
    settled: bool = True

    @property
    def deviance(self) -> float:
        """Sum of the squared residuals."""
        return float(self.residual @ self.residual)

    @property
    def dof(self) -> int:
        """Points minus fitted parameters."""
        return int(self.residual.size - len(self.free) - len(self.stuck))

    @property
    def reduced(self) -> float:
        """Deviance per degree of freedom; 1 where nothing is left over."""
        return self.deviance / self.dof if self.dof > 0 else 1.0


def minimize(
    residual: Callable[[Values], Array],
    parameters: lmfit.Parameters,
    starts: Sequence[Mapping[str, float]] = ({},),
    units: Mapping[str, float] | None = None,
) -> Minimum:
    """The lowest of the least-squares minima reached from several starts.

    Parameters
    ----------
    residual : callable
        Maps a dict of all parameter values to residuals in units of their noise.
    parameters : lmfit.Parameters
        Values, bounds, and which of them vary.
    starts : sequence of dict
        Values to start from instead, by name.
    units : dict, optional
        Typical size of a parameter, by name, where it is far from 1: steps and
        tolerances of the minimiser are in these units.

    Returns
    -------
    Minimum

    Examples
    --------
    >>> import lmfit
    >>> x, y = np.arange(4.0), np.array([1.0, 3.0, 5.0, 7.0])
    >>> line = lmfit.create_params(a=0.0, b=dict(value=1.0, vary=False))
    >>> best = minimize(lambda p: y - p["b"] - p["a"] * x, line)
    >>> round(best.values["a"], 6), best.dof
    (2.0, 3)
    """
    scale = {name: (units or {}).get(name, 1.0) for name in parameters}
    ends = [_descend(residual, parameters, start, scale) for start in starts]
    best = min(ends, key=lambda end: float(end.cost))
    values = {name: float(p.value * scale[name]) for name, p in best.params.items()}
    stuck = tuple(name for name in best.var_names if _on_bound(best.params[name]))
    free = tuple(name for name in best.var_names if name not in stuck)
    columns = [best.var_names.index(name) for name in free]
    jacobian = best.jac[:, columns] / np.array([scale[name] for name in free])
    covariance = _inverse_curvature(jacobian)
    return Minimum(values, free, covariance, np.asarray(best.residual), stuck, best.status > 0)


def _descend(
    residual: Callable[[Values], Array], parameters: Any, start: Mapping[str, float], scale: Values
) -> Any:
    import lmfit  # here, because importing it takes a second

    trial = parameters.copy()
    for name, p in trial.items():
        unit = scale[name]
        p.set(value=start.get(name, p.value) / unit, min=p.min / unit, max=p.max / unit)
    fitter = lmfit.Minimizer(
        lambda p: residual({name: q.value * scale[name] for name, q in p.items()}),
        trial,
        x_scale="jac",
    )
    fitter.kws["max_nfev"] = _MOST_STEPS  # scipy's limit, which hands over what was reached
    # lmfit's own errors, which we do not use, warn where the data leave a parameter open
    with np.errstate(invalid="ignore"), warnings.catch_warnings():
        warnings.filterwarnings("ignore", module="lmfit|uncertainties")
        return fitter.least_squares()


def _on_bound(parameter: Any) -> bool:
    room = 1e-6 * max(abs(parameter.value), abs(parameter.init_value or 0.0))
    return bool(parameter.value - parameter.min < room or parameter.max - parameter.value < room)


def _inverse_curvature(jacobian: Array) -> Array:
    """(JᵀJ)⁻¹, from columns of length 1; directions without effect get an enormous variance."""
    length = np.linalg.norm(jacobian, axis=0)
    length[length == 0] = 1.0
    weights, axes = np.linalg.eigh((jacobian / length).T @ (jacobian / length))
    inverse = (axes / np.maximum(weights, 1e-15)) @ axes.T
    return np.asarray(inverse / np.outer(length, length))
