"""A slow function of one positive number on a large array, by a table."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.polynomial import chebyshev

from lzopen.waveforms.base import Array

_DEGREE = 11  # of a polynomial on each cell
_CELLS, _FINER = 16, 4
_RIGHT = 1e-12  # relative error of a table
_PLACES = chebyshev.chebpts1(_DEGREE + 1)  # of a cell, from −1 to 1
_BETWEEN = np.array([-0.9995, -0.83, 0.11, 0.62, 0.9995])  # where it is checked


def takes_arrays(function: Callable[[Any], Any]) -> bool:
    """Whether a function of one number can be called with several."""
    try:
        return np.shape(function(np.ones(2))) == (2,)
    except (TypeError, ValueError):
        return False


def by_table(function: Callable[[float], float], w: Array) -> Array:
    """Values of a positive function on an array.

    Its logarithm over log w is taken from Chebyshev polynomials on cells of one size, as many
    as it takes. Where a table would need more calls than the array, or the function vanishes
    somewhere, every number is asked for.

    Parameters
    ----------
    function : callable
        Of one float, not negative.
    w : ndarray
        Positive numbers.
    """
    x = np.log(w)
    low, wide = x.min(), max(float(np.ptp(x)), 1e-9)
    cells = _CELLS
    while cells * (_PLACES.size + _BETWEEN.size) < w.size:
        length = wide / cells
        centers = low + length * (np.arange(cells)[:, None] + 0.5)
        known, checked = (
            _each(function, np.exp(centers + 0.5 * length * places))
            for places in (_PLACES, _BETWEEN)
        )
        if not (known.all() and checked.all()):
            break
        # On Chebyshev points the polynomials are orthogonal.
        values = chebyshev.chebvander(_PLACES, _DEGREE)
        coefficients = np.log(known) @ (values / np.sum(values**2, axis=0))
        tested = coefficients @ chebyshev.chebvander(_BETWEEN, _DEGREE).T
        if np.all(np.abs(np.expm1(tested - np.log(checked))) < _RIGHT):
            place = np.clip((x - low) / length, 0.0, cells * (1 - 1e-15))
            cell = place.astype(int)
            local = chebyshev.chebval(2 * (place - cell) - 1, coefficients.T[:, cell], tensor=False)
            return np.asarray(np.exp(local))
        cells *= _FINER
    return _each(function, w)


def _each(function: Callable[[float], float], w: Array) -> Array:
    return np.reshape([function(x) for x in w.ravel().tolist()], w.shape)
