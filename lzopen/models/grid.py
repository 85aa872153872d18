"""Outer products of parameters as one batched model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike

from lzopen.errors import LzopenError, fail, instance
from lzopen.models.base import Model
from lzopen.models.parameters import full_names, units
from lzopen.waveforms.base import Array

M = TypeVar("M", bound=Model)


def vary(model: M, over: Mapping[str, ArrayLike]) -> M:
    """One batched model over the outer product of named parameters.

    Parameters
    ----------
    model : Model
        A single model.
    over : mapping of str to (k,) array_like
        One-dimensional values by full or short parameter name; each name becomes one
        batch axis, in the order given.

    Returns
    -------
    Model
        Batch of shape (k₁, k₂, …).

    Raises
    ------
    LzopenError
        If an axis is not one-dimensional, or a name fits no parameter.

    Examples
    --------
    >>> import lzopen as lz
    >>> qubit = lz.TwoLevel(sweep=lz.Linear(1.0), gap=1.0)
    >>> lz.vary(qubit, {"rate": [0.5, 1.0, 2.0], "gap": [0.1, 0.2]}).batch_shape
    (3, 2)
    """
    if model.batch_shape:
        raise LzopenError(
            f"Argument `model` must be a single model, but is a batch of shape "
            f"{model.batch_shape}; put all axes into one call of lz.vary."
        )
    instance("over", over, Mapping, "e.g. {'sweep.rate': [0.5, 1.0]}")
    axes = {}
    for place, (name, values) in enumerate(over.items()):
        axis = np.asarray(values)
        if axis.ndim != 1 or not axis.size:
            must = "be one-dimensional and not empty"
            fail(f"over[{name!r}]", must, f"of shape {axis.shape}")
        axes[name] = axis.reshape(-1, *[1] * (len(over) - 1 - place))
    return model.with_parameters(axes)


def batch_axes(model: Model, shape: tuple[int, ...]) -> tuple[tuple[str, ...], dict[str, Any]]:
    """Names of the batch axes of a result, and coordinates for xarray.

    An axis along which a single parameter varies bears that parameter's name.
    """
    names = [f"batch_{axis}" for axis in range(len(shape))]
    coords: dict[str, Any] = {}
    known = attributes(model, {name: name for name in model.parameters})
    for name, value in model.parameters.items():
        sizes = (1,) * (len(names) - np.ndim(value)) + np.shape(value)
        moving = [axis for axis, size in enumerate(sizes) if size > 1]
        if len(moving) == 1 and names[moving[0]].startswith("batch_"):
            names[moving[0]] = name
            coords[name] = (name, np.ravel(value), known[name])
    dims = tuple(names)
    for name, value in model.parameters.items():
        if np.ndim(value) and name not in dims:  # varies along with others
            coords[name] = (dims, np.broadcast_to(value, shape), known[name])
    return dims, coords


def coordinates(
    model: Model, axes: Mapping[str, Array], given: Mapping[str, Any]
) -> dict[str, xr.Variable]:
    """Axes by full or short name as coordinates for xarray.

    Attributes of what was given for an axis are kept; if it has none it gets those of the model.
    """
    own = attributes(model, full_names(model, axes))
    return {
        name: xr.Variable(name, axis, getattr(given[name], "attrs", None) or own[name])
        for name, axis in axes.items()
    }


def attributes(model: Model, full: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """For xarray, by name: the full name, and the unit where it is known and ħ = k_B = 1."""
    known = units(model)
    return {
        name: {"long_name": long} | ({"units": str(known[long])} if known[long] else {})
        for name, long in full.items()
    }
