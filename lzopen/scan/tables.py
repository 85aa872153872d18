"""What a quantity returns, as Datasets: one for a point, one for a chunk, one for the grid."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import xarray as xr

from lzopen.errors import fail
from lzopen.waveforms.base import Array

POINT = "scan_point"  # the axis of a chunk, along the flattened grid
_NUMBERS, _PLAIN = "biu", "biufcmMUS"  # kinds of dtype: without NaN, and all that netCDF keeps
_SAME = "return the same variables, sizes and coordinates everywhere"


def table(value: Any, name: str, axes: tuple[str, ...] = ()) -> xr.Dataset:
    """A result as a Dataset; plain arrays have the given axes in front."""
    if isinstance(value, xr.Dataset):
        return value
    if not isinstance(value, Mapping):
        value = {getattr(value, "name", None) or name: value}
    return xr.Dataset({str(key): _labelled(str(key), item, axes) for key, item in value.items()})


def _labelled(name: str, value: Any, axes: tuple[str, ...]) -> Any:
    if isinstance(value, xr.DataArray):
        return value
    try:
        array = np.asarray(value)
    except ValueError:  # a ragged sequence
        array = np.asarray(None)
    if array.dtype.kind not in _PLAIN or array.ndim < len(axes):
        must = "return a Dataset, DataArray, number, array or dict of numbers"
        fail("quantity", must, f"returning a {type(value).__name__}", "in a batch, one per member")
    inner = (f"{name}_{axis}" for axis in range(array.ndim - len(axes)))
    return (*axes, *inner), array


def of_batch(data: xr.Dataset, axis: str, coords: Sequence[str], size: int) -> xr.Dataset:
    """The result for a batch as that of a chunk: its axis in front, its coordinates gone."""
    if data.sizes.get(axis) != size:
        must = f"return the batch axis {axis!r} of size {size}"
        fail("quantity", must, f"returning {dict(data.sizes)}", "see lzopen.models.grid.batch_axes")
    data = data.drop_vars([*coords, axis], errors="ignore").rename({axis: POINT})
    first = first_point(data)
    return _joined(first, {n: _in_front(data.variables[n], size) for n in _stacked(first)})


def _in_front(variable: xr.Variable, size: int) -> Array:
    if POINT in variable.dims:
        return np.asarray(variable.transpose(POINT, ...).values)
    return np.broadcast_to(variable.values, (size, *variable.shape))


def of_points(points: Sequence[xr.Dataset]) -> xr.Dataset:
    """Results at single points, all alike, as that of a chunk."""
    names = _stacked(points[0])
    values = {n: np.stack([point.variables[n].values for point in points]) for n in names}
    return _joined(points[0], values)


def first_point(chunk: xr.Dataset) -> xr.Dataset:
    """The result at the first point of a chunk."""
    return chunk.isel({POINT: 0})


def misfit(first: xr.Dataset, other: xr.Dataset) -> str:
    """In what the result at a point differs in structure from that at the first one."""
    odd = sorted(map(str, set(first.variables) ^ set(other.variables)))
    if odd:
        return f"{', '.join(odd)} not at all points; {_SAME}"
    variables: Mapping[Any, Any] = first.variables
    for name, variable in variables.items():
        mate = other.variables[name]
        if (mate.dims, mate.shape) != (variable.dims, variable.shape):
            return f"{name} of size {dict(mate.sizes)}, first {dict(variable.sizes)}; {_SAME}"
        if name in variable.dims and not variable.equals(mate):
            return f"another coordinate {name} than at first; {_SAME}"
    return ""


def over_grid(
    chunks: Sequence[xr.Dataset], places: Array, axes: Mapping[str, xr.Variable]
) -> xr.Dataset:
    """Chunks, whose points have these places in the flattened grid, as one Dataset."""
    shape = tuple(axis.size for axis in axes.values())
    first = first_point(chunks[0])
    values = {}
    for name in _stacked(first):
        found = np.concatenate([chunk.variables[name].values for chunk in chunks])
        if places.size < np.prod(shape):
            found = _with_gaps(found, places, int(np.prod(shape)))
        values[name] = found.reshape(*shape, *found.shape[1:])
    return _joined(first, values, tuple(axes)).assign_coords(axes)


def _with_gaps(found: Array, places: Array, size: int) -> Array:
    """Values at their places, and NaN, NaT or an empty string elsewhere."""
    dtype = np.result_type(found, float) if found.dtype.kind in _NUMBERS else found.dtype
    blank = {"U": "", "S": b"", "O": "", "M": "NaT", "m": "NaT"}.get(dtype.kind, np.nan)
    everywhere = np.full((size, *found.shape[1:]), blank, dtype)
    everywhere[places] = found
    return everywhere


def _stacked(point: xr.Dataset) -> list[Any]:
    """Variables that each point has for itself: all but the coordinates of dimensions."""
    return [name for name, variable in point.variables.items() if name not in variable.dims]


def _joined(
    point: xr.Dataset, values: Mapping[Any, Array], axes: tuple[str, ...] = (POINT,)
) -> xr.Dataset:
    """A Dataset like that of a point, with more axes in front."""
    variables = {
        name: (*axes, *variable.dims) if name in values else variable.dims
        for name, variable in point.variables.items()
    }
    data = xr.Dataset(
        {
            name: (
                dims,
                values.get(name, point.variables[name].values),
                point.variables[name].attrs,
            )
            for name, dims in variables.items()
        }
    )
    return data.set_coords(list(point.coords))
