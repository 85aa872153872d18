"""Several decays from files: one file for each pulse sequence, or one with a column of pulses."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import xarray as xr

from lzopen.characterization.decays.columns import read_columns
from lzopen.cli.options import columns
from lzopen.cli.reading import Reading, dimension, said
from lzopen.errors import fail
from lzopen.measurements.units import shown

__all__ = ["Decays", "one_decay", "read_sequences"]

_SIGNAL = ("signal", "shots", "sigma")


class Decays(NamedTuple):
    """What `infer_spectrum` takes, what was said while loading, and the unit of the delays."""

    traces: dict[str, dict[str, Any]]
    notes: list[str]
    unit: str | None


def read_sequences(
    files: Sequence[str], reading: Reading, delay: str | None, pulses: str | None
) -> Decays:
    """Decays by the names of their files or by their numbers of pulses."""
    if pulses is not None:
        if len(files) > 1:
            remedy = "or name the sequence of each file, e.g. echo.csv:1"
            fail("FILE", "be a single one with --pulses", ", ".join(files), remedy)
        return _long(Path(files[0]), reading, delay, pulses)
    traces: dict[str, dict[str, Any]] = {}
    notes: list[str] = []
    unit: str | None = None
    for text in files:
        name, _, sequence = text.rpartition(":")
        if not name or not sequence or set(sequence) & set("./\\"):
            remedy = "e.g. ramsey.csv:0 echo.csv:1 cpmg.csv:4; or name a column by --pulses"
            fail("FILE", "be followed by its number of π pulses", text, remedy)
        file = Path(name)
        trace, said_, own = one_decay(file, reading, delay)
        if notes and own != unit:
            must, remedy = f"have delays in {_stated(unit)}, as before", "state it by --units"
            fail("FILE", must, f"{file.name} in {_stated(own)}", remedy)
        unit, reading = own, reading.in_time(own)
        if file.stem in traces:
            fail("FILE", "have a name of its own", f"{file.stem} twice", "rename one")
        traces[file.stem] = {"sequence": _sequence(sequence), **trace}
        notes.append(said_)
    return Decays(traces, notes, unit)


def _stated(unit: str | None) -> str:
    return shown(unit) if unit else "no stated unit"


def one_decay(
    file: Path, reading: Reading, delay: str | None
) -> tuple[dict[str, Any], str, str | None]:
    """Delay, signal and noise of one file, what was done to it, and the unit of the delay."""
    data = reading.load(file, columns(delay))
    trace, unit = _trace(data)
    return trace, said(file, data), unit


def _long(file: Path, reading: Reading, delay: str | None, pulses: str) -> Decays:
    data = reading.load(file, (pulses, *columns(delay)))
    axis = dimension(data, pulses)
    traces: dict[str, dict[str, Any]] = {}
    unit = None
    for number in np.unique(data[axis]):
        if number % 1:
            fail("--pulses", "name a column of whole numbers", f"one with {number:g}")
        chosen = data[[name for name in _SIGNAL if name in data]]
        trace, unit = _trace(chosen.where(data[axis] == number, drop=True))
        traces[f"CPMG-{int(number)}"] = {"sequence": int(number), **trace}
    return Decays(traces, [said(file, data)], unit)


def _trace(data: xr.Dataset) -> tuple[dict[str, Any], str | None]:
    rows = read_columns(data, None, None, None, None)
    trace = {"delay": rows.delay, "signal": rows.signal, "shots": rows.shots, "sigma": rows.sigma}
    return {name: value for name, value in trace.items() if value is not None}, rows.units or None


def _sequence(text: str) -> str | int:
    """Number of π pulses, or a word that the fit knows."""
    return int(text) if text.isdigit() else text
