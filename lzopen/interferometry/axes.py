"""The axes of an interferogram: parameters of a model, with their units."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from lzopen.dynamics.arrays import namespace, on_host
from lzopen.errors import fail
from lzopen.models import Model, vary
from lzopen.models.grid import batch_axes
from lzopen.models.parameters import full_names

_ENERGY, _RATE, _TIME = "rad / time", "1 / time", "time"
_UNITS = {"phase": "rad", "wait": _TIME, "period": _TIME, "start": _TIME, "origin": _TIME}
_SWEEPS = ("linear", "trapezoid", "double_passage", "sweep")  # their rate is energy per time


class Grid(NamedTuple):
    """A batch over named axes: its dimensions, coordinates for xarray, and the array library."""

    batch: Model
    dims: tuple[str, ...]
    coordinates: dict[str, Any]
    xp: Any


def grid(model: Model, over: Mapping[str, Any]) -> Grid:
    """The outer product of named axes; of a batch without any, its own.

    The array library is that of the axes, so that values on a graphics card are worked on there.
    """
    if model.batch_shape and not over:
        dims, coordinates = batch_axes(model, model.batch_shape)
        return Grid(model, dims, coordinates, namespace())
    values = {name: on_host(axis) for name, axis in over.items()}
    batch = vary(model, values)
    full = full_names(model, values)
    if len(set(full.values())) < len(full):
        fail("over", "name each parameter once", sorted(full))
    coordinates = {
        name: (name, np.asarray(axis, dtype=float), attributes(full[name]))
        for name, axis in values.items()
    }
    return Grid(batch, tuple(values), coordinates, namespace(*over.values()))


def attributes(parameter: str) -> dict[str, str]:
    """The full name of a parameter, and its unit where ħ = k_B = 1."""
    *owners, last = parameter.split(".")
    unit = _UNITS.get(last, _ENERGY)
    if last == "rate":
        unit = "rad / time²" if owners and owners[-1].rstrip("_0123456789") in _SWEEPS else _RATE
    return {"long_name": parameter, "units": unit}
