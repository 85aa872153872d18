"""A measurement as a table: named columns, their units, and where they came from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lzopen.errors import LzopenError, fail, instance

__all__ = ["Table", "named", "one_name"]

Array = NDArray[Any]
_BLANK = {"", "nan", "na", "n/a", "null", "none", "<na>"}  # a missing number, as people write it


@dataclass(frozen=True)
class Table:
    """Rows of a measurement, one column for each quantity.

    Parameters
    ----------
    frame : pandas.DataFrame
        The columns; its index counts the rows of the source from 0.
    name : str
        What messages call the source.
    units : mapping
        Units that the source itself states, by column.
    axes, signal : tuple of str
        Columns that the source itself calls axes and signal; empty if it does not say.
    aliases : mapping
        Other names for columns.
    decimal : str
        Decimal mark of numbers that are still words.
    lines : sequence of int
        Line of the file for each entry of its frame; empty if there is none.
    notes : tuple of str
        What was done on the way here.
    record : mapping
        Entries for the provenance.
    """

    frame: pd.DataFrame
    name: str
    units: Mapping[str, str] = field(default_factory=dict)
    axes: tuple[str, ...] = ()
    signal: tuple[str, ...] = ()
    aliases: Mapping[str, str] = field(default_factory=dict)
    decimal: str = "."
    lines: Sequence[int] = ()
    notes: tuple[str, ...] = ()
    record: Mapping[str, Any] = field(default_factory=dict)

    @property
    def columns(self) -> list[str]:
        """Names of the columns."""
        return list(self.frame.columns)

    @property
    def rows(self) -> Array:
        """Number of each row in the source, counted from 1."""
        return self.frame.index.to_numpy() + 1

    def known(self, argument: str, name: Any) -> str:
        """The column of this name or alias; raises with a list of what there is."""
        found = self.aliases.get(name, name) if isinstance(name, str) else name
        if not isinstance(found, str) or found not in self.columns:
            remedy = f"choose from {', '.join(map(repr, self.columns))}"
            if all(map(_is_number, self.columns)):
                remedy = "its first line holds numbers: put one of names before it, without a #"
            fail(argument, f"name a column of {self.name}", repr(name), remedy)
        return found

    def numbers(self, name: str) -> Array:
        """A column as real or complex numbers; what is blank becomes NaN."""
        column = self.frame[name]
        if column.dtype.kind == "c":
            return column.to_numpy()
        if pd.api.types.is_numeric_dtype(column.dtype):
            return column.to_numpy(dtype=float, na_value=np.nan)
        words = self.text(name)
        text = np.where([word.lower() in _BLANK for word in words], "nan", words)
        text = np.char.replace(text, self.decimal, ".")
        try:
            return text.astype(float)
        except ValueError as error:
            at = next(i for i, word in enumerate(text) if not _is_number(word))
            raise LzopenError(
                f"Argument `source` must have numbers in column {name!r}, but {self.name} has "
                f"{str(words[at])!r} in {self._place(at)}; {_remedy(words[at])}."
            ) from error

    def _place(self, at: int) -> str:
        line = f" (line {self.lines[self.rows[at] - 1]})" if self.lines else ""
        return f"row {self.rows[at]}{line}"

    def text(self, name: str) -> Array:
        """A column as words without spaces around them; what is missing is an empty word."""
        column = self.frame[name]
        return column.astype(object).where(column.notna(), "").astype(str).str.strip().to_numpy(str)

    def where(self, conditions: Mapping[str, Any] | None) -> Table:
        """Only the rows in which every named column has the wanted value; the column is spent."""
        if conditions is None:
            return self
        instance("where", conditions, Mapping, "e.g. {'sequence': 'echo'}")
        keep = np.ones(len(self.frame), dtype=bool)
        notes, spent = list(self.notes), []
        for given, wanted in conditions.items():
            name = self.known("where", given)
            values = self.text(name) if isinstance(wanted, str) else self.numbers(name)
            if not np.any(values == wanted):
                found = ", ".join(map(str, dict.fromkeys(values.tolist())))
                remedy = f"the column holds {found}"
                fail("where", f"name a value of column {name!r}", repr(wanted), remedy)
            keep &= values == wanted
            spent.append(name)
            notes.append(f"Only rows whose {name} is {wanted} are read.")
        if not keep.any():
            fail("where", "leave some rows", "leaving none", "ask for less at once")
        return replace(self, frame=self.frame[keep].drop(columns=spent), notes=tuple(notes))


def named(argument: str, value: str | Sequence[str] | None) -> tuple[str, ...]:
    """One name or several, as a tuple."""
    if value is None:
        return ()
    names = (value,) if isinstance(value, str) else value
    if not isinstance(names, Sequence) or not all(isinstance(name, str) for name in names):
        fail(argument, "be a name or a list of names", repr(value))
    if len(set(names)) < len(names):
        fail(argument, "name each column once", repr(value))
    return tuple(names)


def one_name(argument: str, value: str | None) -> tuple[str, ...]:
    """A single name as a tuple; empty if there is none."""
    if value is not None and not isinstance(value, str):
        fail(argument, "be the name of one column", repr(value))
    return () if value is None else (value,)


def _remedy(word: str) -> str:
    if "," in word:
        return "write all decimals with a point, and nothing between thousands"
    return "correct it, or leave the cell empty if nothing was measured"


def _is_number(word: str) -> bool:
    try:
        float(word)
    except ValueError:
        return False
    return True
