"""The axes of an interferogram: a grid of parameters, and where it is worked on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from lzopen.dynamics.arrays import namespace, on_host
from lzopen.errors import fail, finite_complex
from lzopen.models import Model, vary
from lzopen.models.grid import batch_axes, coordinates
from lzopen.models.parameters import full_names


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
        dims, named = batch_axes(model, model.batch_shape)
        return Grid(model, dims, named, namespace())
    values = {name: finite_complex(name, on_host(axis)) for name, axis in over.items()}
    batch = vary(model, values)
    full = full_names(model, values)
    if len(set(full.values())) < len(full):
        fail("over", "name each parameter once", sorted(full))
    named = coordinates(model, values, over)
    return Grid(batch, tuple(values), named, namespace(*over.values()))
