"""Rows laid out as a Dataset: a grid where the settings form one, with repeats along their own."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from lzopen.measurements.rows import Rows

__all__ = ["lay_out"]

Array = NDArray[Any]
_LEAST_FULL = 0.5  # of a grid, below which rows stay rows
_MOST_PADDING = 10  # places for each row, beyond which rows stay rows
_EVEN = 0.01  # steps; rounding of the settings in a file stays below


def lay_out(rows: Rows) -> tuple[xr.Dataset, list[str]]:
    """The rows as a Dataset, and sentences on what it took.

    The dimensions are the axes, each sorted. If a setting was measured several times, ``repeat``
    is one more, in the order of the rows; unused places hold NaN, and zero shots. If the settings
    fill less than half of the grid of their values, or the repeats are so unequal that the grid
    would have more than ten places for each row, then the one dimension is ``row``, sorted, and the
    axes are coordinates along it.
    """
    levels, codes, notes = {}, [], []
    for name, values in rows.axes.items():
        levels[name], code = np.unique(values, return_inverse=True)
        codes.append(code)
        notes += _order_notes(name, code, levels[name])
    shape = tuple(level.size for level in levels.values())
    setting = np.ravel_multi_index(codes, shape)
    order, repeat = _repeats(setting)
    distinct, most = int(np.sum(repeat == 0)), int(repeat.max()) + 1
    size = int(np.prod(shape, dtype=float))
    crowded = size * most > _MOST_PADDING * setting.size
    if distinct < _LEAST_FULL * size or crowded:
        return _as_rows(rows, order), [*notes, *_row_notes(distinct, size), *_missing_notes(rows)]
    places = (*codes, repeat)
    dims = [*levels, "repeat"]
    variables = {}
    for name, values in rows.values.items():
        full = np.full((*shape, most), _blank(name, values), dtype=_padded(values))
        full[places] = values
        variables[name] = (dims, full) if most > 1 else (dims[:-1], full[..., 0])
    if most > 1:
        repeated = int(np.sum(np.bincount(setting) > 1))
        notes.append(
            f"{repeated} of {distinct} settings are measured up to {most} times: `repeat`."
        )
    notes += _missing_notes(rows)
    if distinct < size:
        notes.append(f"{size - distinct} of {size} pixels of the grid were never measured.")
    return xr.Dataset(variables, levels), notes


def _repeats(setting: Array) -> tuple[Array, Array]:
    """Order of the rows by setting, and for each row how often its setting came before."""
    order = np.argsort(setting, kind="stable")
    ordered = setting[order]
    first = np.concatenate([[True], ordered[1:] != ordered[:-1]])
    start = np.maximum.accumulate(np.where(first, np.arange(order.size), 0))
    repeat = np.empty_like(order)
    repeat[order] = np.arange(order.size) - start
    return order, repeat


def _as_rows(rows: Rows, order: Array) -> xr.Dataset:
    ordered = rows.keep(order)
    return xr.Dataset(
        {name: ("row", values) for name, values in ordered.values.items()},
        {name: ("row", values) for name, values in ordered.axes.items()},
    )


def _blank(name: str, values: Array) -> Any:
    if values.dtype.kind == "U":
        return ""
    return 0.0 if name == "shots" else np.nan


def _padded(values: Array) -> Any:
    return values.dtype if values.dtype.kind in "Uc" else float


def _order_notes(name: str, code: Array, level: Array) -> list[str]:
    notes = []
    if not _rises(code, level.size):
        descends = _rises(level.size - 1 - code, level.size)
        how = "descends" if descends else "is not in order"
        notes.append(f"The axis {name} {how} in the source; it is sorted.")
    steps = np.diff(level)
    if steps.size > 1 and np.ptp(steps) > _EVEN * steps.mean():
        notes.append(f"The axis {name} has uneven steps, {steps.min():.6g} to {steps.max():.6g}.")
    return notes


def _rises(code: Array, size: int) -> bool:
    """Whether an axis rises from its start, and again from there where it is an inner one."""
    before, after = code[:-1], code[1:]
    onwards = (after >= before) | ((before == size - 1) & (after == 0))
    return bool(code[0] == 0 and np.all(onwards))


def _row_notes(distinct: int, size: int) -> list[str]:
    return [f"The {distinct} settings do not fill a grid ({size} pixels): rows stay rows."]


def _missing_notes(rows: Rows) -> list[str]:
    missing = int(np.isnan(rows.values["signal"]).sum())
    if not missing:
        return []
    return [f"{missing} of {rows.number.size} rows have no signal: missing pixels, kept as NaN."]
