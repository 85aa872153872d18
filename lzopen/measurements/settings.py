"""Axes in the package's conventions: which unit they had, and which one they get."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from lzopen.errors import fail, instance
from lzopen.measurements.rows import Rows
from lzopen.measurements.table import Table
from lzopen.measurements.units import convert, plain, shown, split_unit, time_unit_of

__all__ = ["SHOT", "Units", "convert_axes", "known_units"]

SHOT = "shot"
"""The one dimension of the result that carries a coordinate and yet is no axis but counts draws."""

_RESERVED = {"signal", "raw", "shots", "sigma", "group", "repeat", "row"}


@dataclass(frozen=True)
class Units:
    """Units of columns: as the caller gives them, else as the source states them, else by name.

    Parameters
    ----------
    given, stated : mapping
        Units by column: from the caller, and from the attributes in the source.
    """

    given: Mapping[str, str]
    stated: Mapping[str, str]

    def of(self, name: str) -> str | None:
        """Unit of a column, or None where nobody says."""
        if name in self.given:
            return self.given[name] or None
        return self.stated.get(name) or split_unit(name)[1]

    def origin(self, name: str) -> str:
        """Who says so."""
        if name in self.given:
            stated = self.stated.get(name) or split_unit(name)[1] or ""
            differs = stated and plain(stated) != plain(self.given[name])
            return f"as given, not {shown(stated)} as it says itself" if differs else "as given"
        return "as the source states" if self.stated.get(name) else f"from the name {name}"

    def stem(self, name: str) -> str:
        """Name without the unit."""
        return name if self.of(name) is None else split_unit(name)[0]


def known_units(table: Table, units: Any, columns: Sequence[str]) -> Units:
    """The units of the columns that are read."""
    if units is None:
        return Units({}, table.units)
    instance("units", units, Mapping, "e.g. {'delay': 'ns'}")
    given = {}
    for name, unit in units.items():
        column = table.aliases.get(name, name)
        if column not in columns:
            remedy = f"choose from {', '.join(map(repr, columns))}"
            fail("units", "name columns that are read", repr(name), remedy)
        instance("units", unit, str, "e.g. {'delay': 'ns'}")
        given[column] = plain(unit)
    return Units(given, table.units)


def convert_axes(
    rows: Rows, units: Units, time_unit: str | None
) -> tuple[Rows, dict[str, dict[str, str]]]:
    """Rows with axes in the package's conventions, and for each axis what to say of it."""
    chosen = time_unit_of([units.of(name) for name in rows.axes], time_unit)
    stems = [units.stem(name) for name in rows.axes]
    short = {n: s if stems.count(s) == 1 else n for n, s in zip(rows.axes, stems, strict=True)}
    axes, attrs, notes = {}, {}, list(rows.notes)
    for name, values in rows.axes.items():
        axis, unit = short[name], units.of(name)
        if axis in _RESERVED:
            fail("axes", "leave the names of the result free", repr(axis), "rename the column")
        if "," in axis:  # which parts the names in the attributes of the result
            fail("axes", "have no comma in their names", repr(axis), "rename the column")
        about = {"long_name": name}
        if unit is None and axis != SHOT:
            notes.append(f"The axis {axis} has no stated unit and is taken as it is.")
        if unit is not None:
            values, new = convert(values, unit, chosen)
            about["units"] = shown(new)
            if new == unit:
                notes.append(f"The axis {axis} is in {shown(unit)} ({units.origin(name)}).")
            else:
                about["converted_from"] = shown(unit)
                notes.append(f"{_converted(axis, unit, new)} ({units.origin(name)}).")
        axes[axis], attrs[axis] = values, about
    return replace(rows, axes=axes, notes=tuple(notes)), attrs


def _converted(axis: str, old: str, new: str) -> str:
    angular = "angular, " if new.startswith("rad") and not old.startswith("rad") else ""
    return f"The axis {axis} is {angular}in {shown(new)}, converted from {shown(old)}"
