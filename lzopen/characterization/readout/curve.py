"""Whole curves: splines of a population along the axis that is swept."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.interpolate import CubicSpline

from lzopen import errors
from lzopen.waveforms.base import Array

FEWEST = 7  # points, of which every second one still makes a spline
_COARSE = 0.01  # of the largest response, above which the error is told
_RICHARDSON = 7.0  # 2³ − 1: slopes of cubic splines converge with the third power of the step


def curve(population: Any, axis: Any) -> tuple[Array, Array]:
    """The population, with its last axis along the swept one, and that axis."""
    x = errors.increasing("axis", np.atleast_1d(axis), least=FEWEST)
    p = np.asarray(errors.finite("population", population))
    if x.ndim != 1 or p.shape[-1:] != x.shape:
        must = f"run along the axis, of shape {x.shape}, with its last one"
        errors.fail("population", must, f"of shape {p.shape}", "read out whole curves")
    return p, x


def resolved(p: Array, x: Array, response: Callable[[CubicSpline], Array]) -> Array:
    """A response to the slope of a curve; warns if every second point gives another one."""
    found = response(CubicSpline(x, p, axis=-1))
    every_other = np.union1d(np.arange(0, x.size, 2), x.size - 1)
    coarse = response(CubicSpline(x[every_other], p[..., every_other], axis=-1))
    error = float(np.max(np.abs(found - coarse)) / _RICHARDSON)
    if error > _COARSE * np.max(np.abs(found)):
        errors.warn(
            f"The axis is too coarse for the curve: its slope is uncertain by {error:.2g}, where "
            f"it reaches {np.max(np.abs(found)):.2g}; take steps below {np.diff(x).max():.3g}.",
            error,
            stacklevel=4,
        )
    return found
