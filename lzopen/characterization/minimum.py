"""The minimiser behind every fit: least squares from several starts, with curvature errors."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from lzopen.errors import LzopenError

if TYPE_CHECKING:
    import lmfit

__all__ = ["Minimum", "minimize"]

Array = NDArray[Any]
Values = dict[str, float]


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
    """

    values: Values
    free: tuple[str, ...]
    covariance: Array
    residual: Array
    stuck: tuple[str, ...] = ()

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

    Raises
    ------
    LzopenError
        If no start leads to a minimum.

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
    if all(end.aborted for end in ends):
        raise LzopenError("The fit does not settle; fix a parameter, or measure more.")
    best = min((end for end in ends if not end.aborted), key=lambda end: float(end.cost))
    values = {name: float(p.value * scale[name]) for name, p in best.params.items()}
    stuck = tuple(name for name in best.var_names if _on_bound(best.params[name]))
    free = tuple(name for name in best.var_names if name not in stuck)
    columns = [best.var_names.index(name) for name in free]
    jacobian = best.jac[:, columns] / np.array([scale[name] for name in free])
    return Minimum(values, free, _inverse_curvature(jacobian), np.asarray(best.residual), stuck)


def _descend(
    residual: Callable[[Values], Array], parameters: Any, start: Mapping[str, float], scale: Values
) -> Any:
    import lmfit  # here, because importing it takes a second

    trial = parameters.copy()
    for name, p in trial.items():
        unit = scale[name]
        p.set(value=start.get(name, p.value) / unit, min=p.min / unit, max=p.max / unit)
    # lmfit's own errors, which we do not use, warn where the data leave a parameter open
    with np.errstate(invalid="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return lmfit.minimize(
            lambda p: residual({name: q.value * scale[name] for name, q in p.items()}),
            trial,
            method="least_squares",
            x_scale="jac",
        )


def _on_bound(parameter: Any) -> bool:
    room = 1e-6 * max(abs(parameter.value), abs(parameter.init_value or 0.0))
    return bool(parameter.value - parameter.min < room or parameter.max - parameter.value < room)


def _inverse_curvature(jacobian: Array) -> Array:
    """(JᵀJ)⁻¹ with columns scaled to one length first; infinite where the data say nothing."""
    length = np.linalg.norm(jacobian, axis=0)
    if np.any(length == 0):
        return np.full((length.size, length.size), np.inf)
    scaled = jacobian / length
    return np.asarray(np.linalg.pinv(scaled.T @ scaled, rcond=1e-14) / np.outer(length, length))
