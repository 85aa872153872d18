"""Tables from labelled arrays: pandas, xarray, and what quantify and QCoDeS write."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from lzopen.errors import fail
from lzopen.measurements.table import Table, named
from lzopen.measurements.units import plain

__all__ = ["from_dataset", "from_frame", "is_quantify"]


def from_frame(frame: pd.DataFrame, name: str = "the DataFrame") -> Table:
    """A table from pandas; named indices become columns."""
    if any(level is not None for level in frame.index.names):
        frame = frame.reset_index()
    table = frame.set_axis([str(column) for column in frame.columns], axis="columns")
    if not table.columns.is_unique:
        fail("source", "have columns of different names", ", ".join(table.columns), "rename some")
    if table.empty:
        fail("source", "hold a measurement", f"{name} without rows")
    return Table(table.reset_index(drop=True), name, record={"source": name})


def is_quantify(dataset: xr.Dataset) -> bool:
    """Whether the variables are called x0, y0 along one dimension, as quantify-core has it."""
    return {"x0", "y0"} <= set(dataset.variables) and dataset["y0"].ndim == 1


def from_dataset(dataset: xr.Dataset, signal: Any, name: str = "the Dataset") -> Table:
    """A table from xarray: the variables along the dimensions of the signal, one row a value.

    ``signal`` says which variables; None takes what the Dataset leaves no doubt about.
    """
    if is_quantify(dataset):
        return _from_quantify(dataset, name)
    dataset = _spread_index(dataset)
    chosen = named("signal", signal) or _only_signal(dataset, name)
    for one in chosen:
        if one not in dataset.data_vars:
            found = ", ".join(repr(str(known)) for known in dataset.data_vars)
            fail("signal", f"name a variable of {name}", repr(one), f"choose from {found}")
    dims = set().union(*(dataset[one].dims for one in chosen))
    inside = [n for n in dataset.variables if set(dataset[n].dims) <= dims]
    table = dataset[[n for n in inside if n not in dataset.coords]].reset_coords()
    frame = table.to_dataframe().reset_index()
    axes = tuple(str(dim) for one in dataset[chosen[0]].dims for dim in _levels(dataset, one))
    return Table(
        frame.set_axis([str(column) for column in frame.columns], axis="columns"),
        name,
        units=_units({str(n): dataset[n] for n in inside}),
        axes=axes,
        signal=chosen,
        record={"source": name},
    )


def _from_quantify(dataset: xr.Dataset, name: str) -> Table:
    """Settables x0, x1, ... and gettables y0, y1, ... under the names in their attributes."""
    flat = dataset.reset_coords()
    found = sorted(str(n) for n in flat.data_vars if str(n)[0] in "xy" and str(n)[1:].isdigit())
    own = {n: str(flat[n].attrs.get("name", n)) for n in found}
    if len(set(own.values())) < len(own):
        own = {n: n for n in found}
    frame = pd.DataFrame({own[n]: flat[n].values for n in found})
    units = _units({own[n]: flat[n] for n in found})
    pair = "y1" in own and units.get(own["y1"]) in ("deg", "rad", units.get(own["y0"]))
    signal = [own[n] for n in found if n[0] == "y"]
    return Table(
        frame,
        name,
        units=units,
        axes=tuple(own[n] for n in found if n[0] == "x"),
        signal=(own["y0"], own["y1"]) if pair else tuple(signal) if len(signal) == 1 else (),
        aliases={n: own[n] for n in found},
        record={"source": name, "tuid": str(dataset.attrs.get("tuid", ""))},
    )


def _only_signal(dataset: xr.Dataset, name: str) -> tuple[str, ...]:
    candidates = [str(n) for n, one in dataset.data_vars.items() if one.ndim]
    if len(candidates) != 1:
        listed = ", ".join(map(repr, candidates)) or "none"
        fail("signal", f"name a variable of {name}", "None", f"choose from {listed}")
    return (candidates[0],)


def _levels(dataset: xr.Dataset, dim: Any) -> list[str]:
    """The coordinates that number a dimension: its own, or the levels of its MultiIndex."""
    if dim not in dataset.indexes:
        return []
    index = dataset.indexes[dim]
    return list(map(str, index.names)) if isinstance(index, pd.MultiIndex) else [str(dim)]


def _spread_index(dataset: xr.Dataset) -> xr.Dataset:
    """A MultiIndex that a file holds compressed by gathering (CF conventions 8.2), restored."""
    for dim in list(dataset.sizes):
        packed = dataset.variables.get(dim)
        if packed is None or "compress" not in packed.attrs:
            continue
        names = str(packed.attrs["compress"]).split()
        codes = np.unravel_index(packed.values, [dataset.sizes[name] for name in names])
        levels = [dataset[n].values[code] for n, code in zip(names, codes, strict=True)]
        attrs = {n: dataset[n].attrs for n in names}
        index = pd.MultiIndex.from_arrays(levels, names=names)
        coords = xr.Coordinates.from_pandas_multiindex(index, str(dim))
        dataset = dataset.drop_vars([dim, *names]).assign_coords(coords)
        for n in names:
            dataset[n].attrs.update(attrs[n])
    return dataset


def _units(variables: dict[str, xr.DataArray]) -> dict[str, str]:
    """Units as the attributes state them: `units`, or QCoDeS's `unit`."""
    stated = {n: str(v.attrs.get("units", v.attrs.get("unit", ""))) for n, v in variables.items()}
    return {n: plain(unit) for n, unit in stated.items() if unit.strip()}
