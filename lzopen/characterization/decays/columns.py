"""The rows of a decay, from arrays or from a Dataset of `load_measurement`."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import xarray as xr

from lzopen import errors

__all__ = ["Columns", "read_columns"]

_COUNTERS = ("row", "repeat", "shot")  # dimensions that are no axis


class Columns(NamedTuple):
    """One entry per row of each, None where there is none, and what was noticed."""

    delay: Any
    signal: Any
    shots: Any
    sigma: Any
    groups: Any
    notes: tuple[str, ...] = ()
    units: str = ""


def read_columns(delay: Any, signal: Any, shots: Any, sigma: Any, groups: Any) -> Columns:
    """Arrays as they are; the rows of a Dataset whose signal is not missing.

    Labels of groups are the variable ``group`` of the Dataset, or else its dimension ``shot``, or
    what ``groups`` names.
    """
    if not isinstance(delay, xr.Dataset):
        if signal is None:
            remedy = "or give a Dataset of `load_measurement` in place of `delay`"
            errors.fail("signal", "be given", "missing", remedy)
        return Columns(delay, signal, shots, sigma, groups)
    for name, value in {"signal": signal, "shots": shots, "sigma": sigma}.items():
        if value is not None:
            errors.fail(name, "be left out where a Dataset is given", "given", "it holds its own")
    if "signal" not in delay:
        held = ", ".join(map(str, delay.data_vars)) or "nothing"
        errors.fail("delay", "hold a variable `signal`", f"holding {held}", "use load_measurement")
    return _rows(delay, _axis(delay), _labels(delay, groups))


def _axis(data: xr.Dataset) -> str:
    """The one axis along which there is more than one setting."""
    own = data.attrs.get("axes")
    names = (
        own.split(", ") if own else [d for d in map(str, data.signal.dims) if d not in _COUNTERS]
    )
    names = [name for name in names if name in data.coords]
    varied = [name for name in names if np.unique(data[name]).size > 1]
    if len(varied) > 1:
        other = varied[-1]
        line = float(data[other].values.flat[0])
        choice = f"where(data.{other} == {line!r}, drop=True)"
        if data[other].dims == (other,):
            choice = f"sel({other}={line:g}, method='nearest')"
        remedy = f"choose one line, e.g. data.{choice}"
        must, page = "be swept along one axis", "guide/fitting#straight-from-a-file"
        errors.fail("delay", must, f"along {' and '.join(varied)}", remedy, page)
    if not names:
        remedy = "give it the delays as a coordinate"
        errors.fail("delay", "have an axis", f"with the dimensions {data.signal.dims}", remedy)
    return (varied or names)[0]


def _labels(data: xr.Dataset, groups: Any) -> xr.DataArray | None:
    """Who shares noise: labels as a variable, or the index along a dimension."""
    if groups is None:
        named = [name for name in ("group", "shot") if name in data.variables or name in data.dims]
        if not named:
            return None
        groups = named[0]
    known = [str(name) for name in (*data.variables, *data.dims)]
    if not isinstance(groups, str) or groups not in known:
        remedy = "e.g. 'repeat', if all first repeats belong together"
        errors.fail("groups", "name a variable or a dimension of the Dataset", groups, remedy)
    return data[groups]  # of a dimension without labels its index


def _rows(data: xr.Dataset, axis: str, labels: xr.DataArray | None) -> Columns:
    held = {"delay": data[axis], "signal": data["signal"], "groups": labels}
    held |= {name: data[name] for name in ("shots", "sigma") if name in data}
    given = {name: array for name, array in held.items() if array is not None}
    full = xr.broadcast(*(array.reset_coords(drop=True) for array in given.values()))
    flat = {name: array.values.ravel() for name, array in zip(given, full, strict=True)}
    missing = np.isnan(flat["signal"])
    if np.all(missing):
        errors.fail("delay", "hold a signal somewhere", "NaN throughout", "measure some")
    notes: tuple[str, ...] = ()
    if np.any(missing):
        notes = (f"{missing.sum()} of {missing.size} places have no signal and are left out.",)
    kept = {name: values[~missing] for name, values in flat.items()}
    columns = {name: kept.get(name) for name in ("delay", "signal", "shots", "sigma", "groups")}
    return Columns(**columns, notes=notes, units=str(data[axis].attrs.get("units", "")))
