"""`load_measurement`: whatever an experimenter has becomes the one Dataset that all fits take."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pandas as pd
import xarray as xr

from lzopen import results
from lzopen.errors import fail
from lzopen.measurements.arrays import from_dataset, from_frame
from lzopen.measurements.calibration import (
    apply_calibration,
    given_calibration,
    join_parts,
    marks_of,
    split_calibration,
)
from lzopen.measurements.counting import check_noise, count_trials, pool_outcomes
from lzopen.measurements.description import describe
from lzopen.measurements.files import read_file
from lzopen.measurements.grid import lay_out
from lzopen.measurements.rows import Columns, check_axes, choose_columns, read_rows
from lzopen.measurements.settings import SHOT, convert_axes, known_units
from lzopen.measurements.table import Table, named, one_name
from lzopen.measurements.units import split_marked

__all__ = ["load_measurement"]

_KIND = "measurement"
_TRIALS = {"shots", "n_shots", "trials"}
Names = str | Sequence[str]


def load_measurement(
    source: Any,
    *,
    axes: Names | None = None,
    headers: str | None = None,
    signal: Names | None = None,
    counts: str | None = None,
    shots: str | int | None = None,
    sigma: str | float | None = None,
    groups: str | None = None,
    where: Mapping[str, Any] | None = None,
    calibration: Any = None,
    units: Mapping[str, str] | None = None,
    time_unit: str | None = None,
) -> xr.Dataset:
    """Read a measurement: from CSV, netCDF, HDF5, pandas or xarray to one labelled Dataset.

    Counted trials become fractions with their ``shots``. Two columns become a complex signal,
    z = I + iQ or z = |z| exp(i phase). With calibration points z0 and z1 the signal is the
    population Re[(z − z0)/(z1 − z0)]; without, a complex signal is projected on its direction of
    largest variance. Times, frequencies, energies and temperatures on the axes are converted to one
    time unit and to angular frequencies (ħ = k_B = 1). Nothing is converted or left out in silence:
    ``attrs["notes"]`` says it in plain sentences.

    Parameters
    ----------
    source : path, DataFrame, Dataset or DataArray
        A CSV file (one header line; lines that start with # are comments; commas, semicolons or
        tabs between columns; decimal commas are recognised), a netCDF file, a ``dataset.hdf5`` of
        quantify-core, or such data in memory, like what the ``to_xarray_dataset`` of QCoDeS gives.
    axes : str or sequence of str
        Columns of what was swept, outermost first. A source with labelled dimensions knows its own.
        A further dimension of a Dataset counts repeats. Here and below a column such as
        ``delay [us]``, ``power (mV)`` or ``detuning / MHz`` may be named without its unit.
    headers : str, optional
        Of a wide table: name of the axis whose values stand in the column headers, as in
        ``s12.00, s11.40, s6.00b``. Names below may then be patterns such as ``"s*"``; without
        ``signal`` and ``counts`` all remaining columns are read. A value that occurs twice is a
        repeated measurement. An axis called ``shot`` is understood as repeated shots.
    signal : str or pair of str, optional
        Column of the signal, or of I and Q, or of magnitude and phase (told by the unit of the
        second, ``deg`` or ``rad``). Cells such as ``5:16`` are counts of trials.
    counts : str, optional
        Column of how many trials said yes, instead of ``signal``.
    shots : str or int, optional
        Column of how many trials there were, or their number. With 1 each row is one outcome, 0 or
        1, and rows of equal setting (and group) are summed.
    sigma : str or float, optional
        Column of standard errors of the signal, or their value.
    groups : str, optional
        Column of labels of the shot or run that a row belongs to.
    where : mapping, optional
        Only rows in which these columns have these values.
    calibration : str or pair of numbers, optional
        Column that marks rows as ``data``, ``cal0`` or ``cal1``; or ``"trailing"`` if the last two
        rows are states 0 and 1, as quantify-core has them; or z0 and z1 themselves.
    units : mapping, optional
        Units by column, such as ``{"delay": "ns"}``; they override those of the source and those in
        names like ``delay [ns]`` or ``delay_ns``. ``""`` says that a column has none. Axes: s, ms,
        us (or µs), ns, ps; Hz to GHz, converted by 2π; neV, ueV, meV; mK, K; mV, V; rad/us and so
        on. Others stay.
    time_unit : {"s", "ms", "us", "ns", "ps"}, optional
        Unit of time of the result; if left out that of the first time axis, or ns.

    Returns
    -------
    xarray.Dataset
        Dimensions are the axes, sorted, under their names without unit; their attributes ``units``,
        ``converted_from`` and ``long_name`` say the rest. ``repeat`` is one more where settings
        were measured several times. Settings that fill less than half of a grid stay rows, along
        ``row``, and the axes are coordinates there; so do very unequal repeats.
        ``attrs["axes"]`` lists the axes but ``shot``, with ", " between them.

        ``signal`` is real; its attribute ``kind`` is "fraction" (with ``shots``), "population"
        (calibrated), "projection" (complex without calibration) or "value". Missing pixels are NaN,
        with zero ``shots``. Where there is one: ``raw`` (complex, or real if calibrated),
        ``shots``, ``sigma`` (in units of ``signal``), ``group``; ``calibration_zero`` and
        ``calibration_one``, all readings of each state in the units of ``raw`` (of ``signal``, for
        counted trials, with ``calibration_zero_shots`` and ``calibration_one_shots``), whose
        attribute ``error`` is the standard error of their mean as a population if there are two or
        more.

    Raises
    ------
    LzopenError
        If the file does not exist, is empty or is no table; on a column that is not there, words
        among numbers, an empty or infinite setting, fractions outside 0 to 1, counts that are
        negative or exceed the shots, a sigma not above zero, calibration rows without
        ``calibration``, or no signal at all. It names column and row.

    Examples
    --------
    >>> rabi = pd.DataFrame({"delay_us": [0.2, 0.1], "yes": [30, 12], "all": [40, 40]})
    >>> data = load_measurement(rabi, axes="delay_us", counts="yes", shots="all", time_unit="ns")
    >>> data.signal.to_series().to_dict()
    {100.0: 0.3, 200.0: 0.75}
    >>> print(data.attrs["notes"])
    The signal is the number of counts over the number of shots.
    The axis delay is in ns, converted from µs (from the name delay_us).
    The axis delay descends in the source; it is sorted.

    A unit in a header need not be repeated, and trials that nobody asked for are mentioned:

    >>> decay = pd.DataFrame({"delay [us]": [0.1, 0.2], "p": [0.9, 0.7], "shots": [400, 400]})
    >>> data = load_measurement(decay, axes="delay", signal="p")
    >>> print(data.attrs["notes"])  # doctest: +ELLIPSIS
    Not read: 'shots'.
    The column 'shots' is not used: if the signal is a fraction of so many trials, say so by ...
    The axis delay is in µs (from the name delay [us]).
    """
    given = {name: value for name, value in locals().items() if name != "source"}
    given = {name: value for name, value in given.items() if value is not None}
    held, record = _open(source)
    if isinstance(held, xr.Dataset) and _is_measurement(held):
        if given:
            remedy = "call load_measurement without further arguments"
            fail("source", "be raw data where columns are named", "already a measurement", remedy)
        return held
    table = _without_units(_table(held, signal or counts, record)).where(where)
    parts = _signal_parts(table, signal, counts, headers)
    roles = {"signal": parts, "counts": one_name("counts", counts)}
    roles["group"] = one_name("groups", groups)
    for role, value in (("shots", shots), ("sigma", sigma)):
        roles[role] = (value,) if isinstance(value, str) else ()
    marks = marks_of(table, calibration, headers)
    roles = {role: names for role, names in roles.items() if names}
    columns = choose_columns(table, _axes(table, axes), headers, roles)
    rows = read_rows(_noting_unread(table, columns, given), columns)
    known = known_units(table, units, [*rows.axes, *parts])
    rows = join_parts(rows, known.of(parts[1]) if len(parts) == 2 else None, parts)
    rows, found = split_calibration(count_trials(rows, shots), marks)
    found = given_calibration(calibration) or found
    check_axes(rows)
    if shots == 1:
        rows = pool_outcomes(rows)
    rows = apply_calibration(check_noise(rows, sigma), found)
    rows, about = convert_axes(rows, known, time_unit)
    dataset, notes = lay_out(rows)
    dataset = describe(dataset, about, known.of(parts[0]) if parts else None, found)
    swept = ", ".join(axis for axis in rows.axes if axis != SHOT)
    dataset.attrs = {"axes": swept, "notes": "\n".join((*rows.notes, *notes))}
    return results.label(
        dataset, parameters=given, kind=_KIND, shape=dict(dataset.sizes), axes=about, **table.record
    )


def _open(source: Any) -> tuple[Table | xr.Dataset | pd.DataFrame, dict[str, Any]]:
    if isinstance(source, (str, os.PathLike)):
        return read_file(source)
    if isinstance(source, xr.DataArray):
        source = source.to_dataset(name=source.name or "signal")
    if not isinstance(source, (pd.DataFrame, xr.Dataset)):
        remedy = "of a QCoDeS data set give .to_xarray_dataset()"
        fail("source", "be a path, DataFrame, Dataset or DataArray", repr(type(source)), remedy)
    return source, {"source": f"the {type(source).__name__}"}


def _is_measurement(dataset: xr.Dataset) -> bool:
    try:
        return json.loads(dataset.attrs.get("lzopen", "{}")).get("kind") == _KIND
    except (TypeError, ValueError):
        return False


def _table(held: Any, signal: Any, record: dict[str, Any]) -> Table:
    if isinstance(held, Table):
        return held
    name = record["source"]
    if isinstance(held, pd.DataFrame):
        return replace(from_frame(held, name), record=record)
    table = from_dataset(held, signal, name)
    return replace(table, record={**table.record, **record})


def _without_units(table: Table) -> Table:
    """The table with a column ``delay [us]`` known as ``delay`` too, if that is clear."""
    names = [split_marked(column)[0] for column in table.columns]
    short = {
        name: column
        for name, column in zip(names, table.columns, strict=True)
        if name != column and names.count(name) == 1
    }
    return replace(table, aliases={**short, **table.aliases})


def _axes(table: Table, axes: Names | None) -> tuple[str, ...]:
    names = named("axes", axes) or table.axes
    if not names:
        remedy = f"choose from {', '.join(map(repr, table.columns))}"
        fail("axes", f"name the swept columns of {table.name}", "None", remedy)
    return names


def _noting_unread(table: Table, columns: Columns, given: Mapping[str, Any]) -> Table:
    read = {*columns.axes, *(n for lists in columns.roles.values() for ns in lists for n in ns)}
    left = [name for name in table.columns if name not in read and name != given.get("calibration")]
    notes = [f"Not read: {', '.join(map(repr, left))}."] if left else []
    is_complex = len(columns.roles.get("signal", [])) > 1
    if not is_complex and not given.keys() & {"shots", "sigma", "calibration"}:
        notes += [_trials_note(name) for name in left if split_marked(name)[0].lower() in _TRIALS]
    dims = [name for name in table.axes if name not in columns.axes]
    notes += [f"The dimension {name} is no axis here: its values are repeats." for name in dims]
    return replace(table, notes=(*table.notes, *notes))


def _trials_note(name: str) -> str:
    return (
        f"The column {name!r} is not used: if the signal is a fraction of so many trials, say so "
        f"by shots={name!r} (or --shots {name!r}), and the noise is known."
    )


def _signal_parts(
    table: Table, signal: Names | None, counts: str | None, headers: str | None
) -> tuple[str, ...]:
    """Columns of the signal, one or two; none where counts or all remaining columns are meant."""
    if signal is not None and counts is not None:
        fail("signal", "be left out where `counts` is given", repr(signal))
    parts = named("signal", signal)
    if not parts and counts is None and headers is None:
        parts = table.signal
        if not parts:
            remedy = f"choose from {', '.join(map(repr, table.columns))}"
            fail("signal", f"name a column of {table.name}", "None", remedy)
    if len(parts) > 2:
        fail("signal", "name one column, or two of a complex signal", repr(parts))
    return tuple(table.aliases.get(part, part) for part in parts)
