"""Rows of a measurement: settings and what was measured there, one entry for each."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lzopen.errors import LzopenError, fail
from lzopen.measurements.table import Table

__all__ = ["Columns", "Rows", "check_axes", "choose_columns", "read_rows"]

Array = NDArray[Any]
_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
_PAIR = re.compile(r"(\d+)\s*:\s*(\d+)")


@dataclass(frozen=True)
class Rows:
    """Arrays of equal length, one entry for each row.

    Parameters
    ----------
    axes : dict of str to ndarray
        Settings.
    values : dict of str to ndarray
        ``signal``, real or complex, and of ``counts``, ``shots``, ``sigma`` and ``group`` what
        there is.
    number : ndarray
        Number of the row in the source, for messages.
    name : str
        What messages call the source.
    notes : tuple of str
        What was done on the way here.
    """

    axes: dict[str, Array]
    values: dict[str, Array]
    number: Array
    name: str
    notes: tuple[str, ...] = ()

    def keep(self, chosen: Array) -> Rows:
        """The chosen rows, by mask or index."""
        return replace(
            self,
            axes={name: values[chosen] for name, values in self.axes.items()},
            values={name: values[chosen] for name, values in self.values.items()},
            number=self.number[chosen],
        )

    def with_values(self, *notes: str, **values: Array) -> Rows:
        """The same rows with other values and further notes."""
        return replace(self, values=self.values | values, notes=(*self.notes, *notes))

    def require(self, argument: str, must: str, good: Array, shown: Array, remedy: str) -> None:
        """Raise for the first row that is not good."""
        if not good.all():
            at = int(np.argmin(good))
            fail(argument, must, f"{shown[at]:g} in row {self.number[at]} of {self.name}", remedy)


@dataclass(frozen=True)
class Columns:
    """Which columns hold what: a width of one in a long table, one for each header in a wide one.

    ``headers`` names the axis in the column headers, whose values are ``at``.
    """

    axes: tuple[str, ...]
    roles: dict[str, list[list[str]]]
    headers: str | None = None
    at: Array = field(default_factory=lambda: np.zeros(1))


def choose_columns(
    table: Table, axes: Sequence[str], headers: str | None, roles: Mapping[str, Sequence[str]]
) -> Columns:
    """Find the columns of each role; with ``headers`` a name may be a pattern with ``*``."""
    known = tuple(table.known("axes", name) for name in axes)
    if headers is None:
        found = {r: [[table.known(_argument(r), n)] for n in names] for r, names in roles.items()}
        return Columns(known, found)
    if headers in table.columns:
        remedy = "give it with `axes`; `headers` is a new name for what the headers count"
        fail("headers", f"differ from the columns of {table.name}", repr(headers), remedy)
    if not roles.get("signal") and not roles.get("counts"):
        single = {name for names in roles.values() for name in names}
        rest = [n for n in table.columns if n not in known and n not in single]
        found = {"signal": [rest]}
        roles = {role: names for role, names in roles.items() if role != "signal"}
    else:
        found = {}
    found |= {r: [_matching(table, r, n) for n in names] for r, names in roles.items()}
    wide = [names for lists in found.values() for names in lists if len(names) > 1]
    if not wide:
        fail("headers", "belong to a table with several columns to read", repr(headers))
    return Columns(known, found, headers, _header_numbers(wide, table.decimal))


def read_rows(table: Table, columns: Columns) -> Rows:
    """All columns as numbers, a wide table turned into rows."""
    width = columns.at.size
    shape = (len(table.frame), width)

    def spread(block: Array) -> Array:
        return np.broadcast_to(block, shape).ravel()

    axes = {name: spread(table.numbers(name)[:, None]) for name in columns.axes}
    if columns.headers is not None:
        axes[columns.headers] = spread(columns.at)
    rows = Rows(axes, {}, spread(table.rows[:, None]), table.name, table.notes)
    for role, lists in columns.roles.items():
        if role == "group":
            values = {role: spread(_labels(table, lists[0]))}
        elif role == "signal" and any(_has_pairs(table, name) for name in lists[0]):
            if "shots" in columns.roles:
                fail("shots", "be left out where cells are k:n", repr(columns.roles["shots"][0][0]))
            counts, shots = (spread(one) for one in _pairs(table, lists[0]))
            values = {"counts": counts, "shots": shots}
            rows = rows.with_values("Cells k:n are counts of k among n trials.")
        else:
            blocks = [np.stack([table.numbers(n) for n in names], axis=1) for names in lists]
            values = {_part(role, at): spread(block) for at, block in enumerate(blocks)}
        rows = rows.with_values(**values)
    if columns.headers is None:
        return rows
    names = next(lists[0] for lists in columns.roles.values() if len(lists[0]) > 1)
    return rows.with_values(
        f"The axis {columns.headers} is read from {len(names)} column headers, {names[0]!r} as "
        f"{columns.at[0]:g} to {names[-1]!r} as {columns.at[-1]:g}."
    )


def check_axes(rows: Rows) -> None:
    """Raise where a setting is complex, missing or infinite."""
    for name, values in rows.axes.items():
        if np.iscomplexobj(values):
            fail("axes", "name real columns", f"{name!r}, which is complex")
        good = np.isfinite(values)
        if not good.all():
            at = int(np.argmin(good))
            shown = "empty or NaN" if np.isnan(values[at]) else "infinite"
            raise LzopenError(
                f"Argument `source` must have a finite setting in every row, but column {name!r} "
                f"of {rows.name} is {shown} in row {rows.number[at]}; correct it, or leave the "
                "row out."
            )


def _part(role: str, at: int) -> str:
    return role if at == 0 else f"{role}_{at + 1}"


def _argument(role: str) -> str:
    """Its name in the call."""
    return "groups" if role == "group" else role


def _matching(table: Table, role: str, pattern: str) -> list[str]:
    if "*" not in pattern:
        return [table.known(_argument(role), pattern)]
    found = [name for name in table.columns if fnmatch.fnmatchcase(name, pattern)]
    if not found:
        remedy = f"choose from {', '.join(map(repr, table.columns))}"
        fail(_argument(role), f"match columns of {table.name}", repr(pattern), remedy)
    return found


def _header_numbers(wide: list[list[str]], decimal: str) -> Array:
    """The number in each header; all roles must have the same ones."""
    numbers = []
    for names in wide:
        found = [_NUMBER.findall(name.replace(decimal, ".")) for name in names]
        bad = next((n for n, one in zip(names, found, strict=True) if len(one) != 1), None)
        if bad is not None:
            remedy = "choose the columns with signal='prefix*', or rename them"
            fail("headers", "belong to headers with one number each", repr(bad), remedy)
        numbers.append([float(one[0]) for one in found])
    if any(other != numbers[0] for other in numbers):
        remedy = f"{wide[0][0]!r} and {wide[1][0]!r} begin two sets that differ"
        fail("headers", "be the same for every quantity", "not the same", remedy)
    return np.array(numbers[0])


def _has_pairs(table: Table, name: str) -> bool:
    """Whether a column of words holds k:n cells; the others are checked later."""
    column = table.frame[name]
    if column.dtype.kind in "biufc":
        return False
    return any(_PAIR.fullmatch(word) for word in table.text(name))


def _pairs(table: Table, names: list[str]) -> tuple[Array, Array]:
    counts, shots = (np.zeros((len(table.frame), len(names))) for _ in range(2))
    for at, name in enumerate(names):
        for row, word in enumerate(table.text(name)):
            match = _PAIR.fullmatch(word)
            if match is None and word:
                raise LzopenError(
                    f"Argument `source` must have cells like 5:16 in column {name!r}, but "
                    f"{table.name} has {str(word)!r} in row {table.rows[row]}; correct it, or "
                    "leave it empty if nothing was measured."
                )
            if match is not None:
                counts[row, at], shots[row, at] = float(match[1]), float(match[2])
    return counts, shots


def _labels(table: Table, names: list[str]) -> Array:
    """Labels of groups: numbers where all are, else words; so is 0,1, which may be a pair."""
    table = replace(table, decimal=".")
    try:
        numbers = np.stack([table.numbers(name) for name in names], axis=1)
    except LzopenError:
        return np.stack([table.text(name) for name in names], axis=1)
    return numbers
