"""Complex signals and calibration points: what becomes the real signal that fits take."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lzopen.errors import fail
from lzopen.measurements.rows import Rows
from lzopen.measurements.table import Table

__all__ = ["Calibration", "apply_calibration", "join_parts", "split_calibration"]

Array = NDArray[Any]
TRAILING = "trailing"
_MARKS = ("cal0", "cal1")


@dataclass(frozen=True)
class Calibration:
    """Signals of the prepared states 0 and 1, one for each time that they were measured.

    ``zero_shots`` and ``one_shots`` are the trials of each, where they were counted.
    """

    zero: Array
    one: Array
    zero_shots: Array | None = None
    one_shots: Array | None = None

    @property
    def points(self) -> tuple[Any, Any]:
        """Mean signal of each state."""
        return self.zero.mean(), self.one.mean()

    def population(self, signal: Array) -> Array:
        """Re[(z − z0)/(z1 − z0)]: the place of z on the line from z0 to z1."""
        zero, one = self.points
        return np.asarray(np.real((signal - zero) / (one - zero)))


def marks_of(table: Table, calibration: Any, headers: str | None) -> Array | None:
    """For each row 0 or 1 where it is a calibration row of that state, else −1; None if none is."""
    if calibration is None or not isinstance(calibration, str):
        _check_unread(table, calibration)
        return None
    if headers is not None:
        remedy = "give the two points themselves"
        fail("calibration", "not be rows of a wide table", repr(calibration), remedy)
    marks = np.full(len(table.frame), -1)
    if calibration == TRAILING:
        if marks.size < 3:
            fail("source", "hold data before the two calibration rows", f"{marks.size} rows long")
        marks[-2:] = 0, 1
        return marks
    words = table.text(table.known("calibration", calibration))
    strange = sorted(set(words.tolist()) - {"data", *_MARKS})
    if strange:
        remedy = "mark calibration rows cal0 and cal1, and the others data"
        fail("calibration", "name a column of data, cal0 and cal1", f"one with {strange}", remedy)
    for state, mark in enumerate(_MARKS):
        marks[words == mark] = state
        if not np.any(words == mark):
            remedy = "leave `calibration` out if there are no calibration points"
            fail("calibration", f"mark rows as {mark}", "a column without them", remedy)
    if np.all(marks >= 0):
        fail("calibration", "leave rows of data", "a column that marks all rows as calibration")
    return marks


def split_calibration(rows: Rows, marks: Array | None) -> tuple[Rows, Calibration | None]:
    """The rows of data, and the calibration that the others are."""
    if marks is None:
        return rows, None
    parts = [rows.keep(marks == state) for state in (0, 1)]
    for part, mark in zip(parts, _MARKS, strict=True):
        good = ~np.isnan(part.values["signal"])
        remedy = "correct it, or leave the row out"
        part.require(
            "calibration", f"have a signal in every {mark} row", good, good * np.nan, remedy
        )
    zero, one = (part.values["signal"] for part in parts)
    trials = [part.values.get("shots") for part in parts]
    kept = rows.keep(marks < 0)
    note = f"Calibration points: {zero.size} of state 0 and {one.size} of state 1."
    return kept.with_values(note), Calibration(zero, one, *trials)


def given_calibration(calibration: Any) -> Calibration | None:
    """Two numbers (z0, z1) that were measured elsewhere."""
    if calibration is None or isinstance(calibration, str):
        return None
    points = np.asarray(calibration)
    if points.shape != (2,) or points.dtype.kind not in "iufc" or not np.all(np.isfinite(points)):
        remedy = "name a column of data, cal0 and cal1, or 'trailing', or give (z0, z1)"
        fail("calibration", "be a name or two numbers", repr(calibration), remedy)
    return Calibration(points[:1], points[1:])


def join_parts(rows: Rows, second_unit: str | None, names: tuple[str, ...]) -> Rows:
    """One complex signal from two columns: I + iQ, or magnitude and phase, told by a unit."""
    if "signal_2" not in rows.values:
        return rows
    values = dict(rows.values)
    first, second = values["signal"], values.pop("signal_2")
    if second_unit in ("deg", "rad"):
        angle = np.deg2rad(second) if second_unit == "deg" else second
        signal = first * np.exp(1j * angle)
        note = f"The raw signal is {names[0]} · exp(i {names[1]}), the phase in {second_unit}."
    elif "phase" in names[1].lower():
        remedy = f"write units={{{names[1]!r}: 'deg'}} or 'rad'"
        fail("units", "say what the phase is measured in", "silent", remedy)
    else:
        signal = first + 1j * second
        note = f"The raw signal is {names[0]} + i {names[1]}."
    return replace(rows, values=values | {"signal": signal}, notes=(*rows.notes, note))


def apply_calibration(rows: Rows, calibration: Calibration | None) -> Rows:
    """A real signal; what it was made of is kept as ``raw``.

    Calibrated, it is the population Re[(z − z0)/(z1 − z0)]. A complex signal without calibration is
    projected on its direction of largest variance. A counted fraction stays what it is.
    """
    signal = rows.values["signal"]
    if calibration is not None and calibration.zero.mean() == calibration.one.mean():
        shown = f"z0 = z1 = {calibration.zero.mean():g}"
        fail("calibration", "tell the states apart", shown, "check the calibration rows")
    if calibration is not None and "shots" in rows.values:
        note = "Counted fractions are not rescaled: the calibration points are for the readout."
        return rows.with_values(note)
    if calibration is not None:
        zero, one = calibration.points
        note = (
            f"The signal is the population Re[(z − z0)/(z1 − z0)] with z0 = {zero:.6g} and "
            f"z1 = {one:.6g}."
        )
        values = {"signal": calibration.population(signal), "raw": signal}
        if "sigma" in rows.values:
            values["sigma"] = rows.values["sigma"] / abs(one - zero)
        return rows.with_values(note, **values)
    if not np.iscomplexobj(signal):
        return rows
    centre, angle = _principal(signal)
    note = (
        f"The signal is Re[(z − c) exp(−iφ)], the projection of the raw signal on its direction of "
        f"largest variance: c = {centre:.6g}, φ = {np.rad2deg(angle):.4g}°; its sign is arbitrary."
    )
    return rows.with_values(
        note, signal=np.real((signal - centre) * np.exp(-1j * angle)), raw=signal
    )


def _principal(signal: Array) -> tuple[complex, float]:
    """Centre and direction, between −90° and 90°, of a cloud in the complex plane."""
    seen = signal[~np.isnan(signal)]
    centre = complex(seen.mean()) if seen.size else 0j
    return centre, float(np.angle(np.sum((seen - centre) ** 2))) / 2


def _check_unread(table: Table, calibration: Any) -> None:
    """Calibration rows that nobody asked for would pass as data."""
    for name in table.columns:
        if table.frame[name].dtype.kind not in "biufc" and np.isin(table.text(name), _MARKS).any():
            remedy = f"write calibration={name!r}, or where={{{name!r}: 'data'}} to leave them out"
            fail(
                "calibration",
                "name the column that marks rows cal0 and cal1",
                repr(calibration),
                remedy,
            )
