"""From a file to a measurement: the options of `load_measurement`, and what it says."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any

import typer
import xarray as xr

from lzopen import results
from lzopen.cli.options import columns, number_or_word, pairs
from lzopen.errors import LzopenError, fail
from lzopen.measurements import load_measurement
from lzopen.measurements.units import TIMES, plain

__all__ = ["Reading", "dimension", "said"]

_HDF5 = b"\x89HDF"
Text = str | None
Texts = list[str] | None


@dataclass(frozen=True)
class Reading:
    """How to read a file; what is left out the file itself must say."""

    signal: Annotated[
        Text, typer.Option(help="Column of the signal; two of a complex one, as I,Q.")
    ] = None
    counts: Annotated[Text, typer.Option(help="Column of trials that said yes.")] = None
    shots: Annotated[Text, typer.Option(help="Column of trials, or their number.")] = None
    sigma: Annotated[Text, typer.Option(help="Column of standard errors, or their size.")] = None
    headers: Annotated[
        Text, typer.Option(help="Of a wide table: the axis whose values stand in the header.")
    ] = None
    where: Annotated[
        Texts, typer.Option(metavar="COLUMN=VALUE", help="Only such rows; repeatable.")
    ] = None
    calibration: Annotated[
        Text,
        typer.Option(help="Column of data, cal0 and cal1; or trailing; or the points as z0,z1."),
    ] = None
    units: Annotated[
        Texts, typer.Option(metavar="COLUMN=UNIT", help="Unit of a column; repeatable.")
    ] = None
    time_unit: Annotated[Text, typer.Option(help="Unit of time: s, ms, us, ns or ps.")] = None

    def load(self, file: Path, axes: Sequence[str], groups: str | None = None) -> xr.Dataset:
        """The measurement in a file, swept along these columns.

        A measurement that was saved after loading has its axes already.
        """
        given: dict[str, Any] = {
            "signal": columns(self.signal) or None,
            "counts": self.counts,
            "shots": self._shots(),
            "sigma": number_or_word(self.sigma) if self.sigma else None,
            "groups": groups,
            "headers": self.headers,
            "where": {k: number_or_word(v) for k, v in pairs("--where", self.where).items()},
            "calibration": self._calibration(),
            "units": pairs("--units", self.units),
            "time_unit": self.time_unit,
        }
        if not _is_measurement(file):
            given["axes"] = [name for name in axes if name != self.headers]
        return load_measurement(file, **{k: v for k, v in given.items() if v not in (None, {}, [])})

    def in_time(self, unit: str | None) -> Reading:
        """The same with this unit of time, if it is one."""
        return replace(self, time_unit=unit) if plain(unit or "") in TIMES else self

    def _shots(self) -> int | str | None:
        return int(self.shots) if self.shots and self.shots.isdigit() else self.shots

    def _calibration(self) -> str | tuple[complex, ...] | None:
        if self.calibration is None or "," not in self.calibration:
            return self.calibration
        try:
            points = tuple(complex(part.strip()) for part in self.calibration.split(","))
        except ValueError:
            return self.calibration
        is_real = all(point.imag == 0 for point in points)
        return tuple(point.real for point in points) if is_real else points


def dimension(data: xr.Dataset, column: str) -> str:
    """The axis that a column of the file became: its name may have lost a unit at its end."""
    known = data.attrs["axes"].split(", ")
    for name in known:
        if column in (name, data[name].attrs.get("long_name")):
            return str(name)
    fail("--axes", "name axes of the file", repr(column), f"choose from {', '.join(known)}")


def said(file: Path, data: xr.Dataset) -> str:
    """What was loaded and what was done to it, in lines."""
    values = int(data["signal"].notnull().sum())
    axes = data.attrs["axes"].replace(", ", " and ")
    first = f"{file.name}: {values} values ({data['signal'].attrs['kind']}) along {axes}."
    return "\n  ".join([first, *data.attrs["notes"].splitlines()])


def _is_measurement(file: Path) -> bool:
    """Whether `load_measurement` made what the file holds."""
    if not file.is_file():
        return False
    with file.open("rb") as opened:
        if opened.read(len(_HDF5)) != _HDF5:
            return False
    try:
        record = json.loads(results.load(file).attrs.get("lzopen", "{}"))
    except (LzopenError, ValueError, KeyError, TypeError):
        return False
    return isinstance(record, dict) and record.get("kind") == "measurement"
