"""The one table that the demo prints."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass, field

_WIDTHS = (30, 10, 8, 12, 12)
_LINE = sum(_WIDTHS)


@dataclass(frozen=True)
class Row:
    """One quantity.

    Parameters
    ----------
    name : str
        What it is, with its unit.
    value, error : float
        Value, and its error: that of the window, or the standard error of a fit.
    closed : float, optional
        What a closed form says; the table adds the difference.
    """

    name: str
    value: float
    error: float
    closed: float | None = None

    def cells(self) -> tuple[str, ...]:
        """The row as text."""
        if self.closed is None:
            return self.name, f"{self.value:.4f}", f"{self.error:.4f}", "", ""
        difference = f"{self.value - self.closed:+.1e}"
        closed = f"{self.closed:.8f}"
        return self.name, f"{self.value:.8f}", f"{self.error:.0e}", closed, difference


@dataclass(frozen=True)
class Step:
    """What one step of the demo found: rows of the table, and sentences below them."""

    title: str
    error: str
    rows: Sequence[Row]
    notes: Sequence[str] = field(default=())


def table(steps: Sequence[Step]) -> str:
    """All steps as one table of 72 characters a line."""
    lines = ["", _cells(("", "value", "error", "closed form", "difference")), "─" * _LINE]
    for step in steps:
        lines += [step.title, *(_cells(row.cells()) for row in step.rows)]
        for note in (f"The error is {step.error}.", *step.notes):
            lines += textwrap.wrap(note, _LINE, initial_indent="    ", subsequent_indent="    ")
        lines.append("─" * _LINE)
    return "\n".join(lines)


def _cells(cells: tuple[str, ...]) -> str:
    first, *others = cells
    right = "".join(f"{text:>{width}}" for text, width in zip(others, _WIDTHS[1:], strict=True))
    return f"{f'  {first}':<{_WIDTHS[0]}}{right}".rstrip()
