"""Options that commands on maps share: the axes, the lines to the device, and the readout."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer
import xarray as xr

from lzopen.characterization import Line
from lzopen.characterization.line import KNOBS
from lzopen.cli.options import pairs
from lzopen.cli.reading import Reading, dimension
from lzopen.errors import fail
from lzopen.measurements.units import plain, shown

__all__ = ["Knobs"]

Number = float | None


@dataclass(frozen=True)
class Knobs:
    """Which columns were swept, and what they do to the device."""

    axes: Annotated[
        str,
        typer.Option(
            metavar="amplitude=COLUMN,bias=COLUMN", help="Columns of the drive and of the bias."
        ),
    ] = "amplitude=amplitude,bias=bias"
    amplitude_arm: Annotated[
        Number, typer.Option(help="Energy per unit of that column; 1 for an energy.")
    ] = None
    bias_arm: Annotated[
        Number, typer.Option(help="Energy per unit of that column; 1 for an energy.")
    ] = None
    bias_zero: Annotated[
        Number, typer.Option(help="Knob of the bias at the crossing; 0 if left out.")
    ] = None
    offset: Annotated[Number, typer.Option(help="Signal at population 0; 0 if left out.")] = None
    contrast: Annotated[
        Number, typer.Option(help="Signal at population 1 minus that at 0; 1 if left out.")
    ] = None

    def load(self, file: Path, reading: Reading) -> tuple[xr.Dataset, dict[str, str]]:
        """The map, and its axes by the parameter of the model that each of them moves."""
        asked = pairs("--axes", self.axes.split(","))
        if len(asked) != 2:
            remedy = "e.g. amplitude=power_dBm,bias=gate_mV"
            fail("--axes", "name the drive and the bias", repr(self.axes), remedy)
        data = reading.load(file, tuple(asked.values()))
        return data, {name: dimension(data, column) for name, column in asked.items()}

    def lines(self, data: xr.Dataset, axes: dict[str, str]) -> dict[str, Line]:
        """From the knob on each axis to an energy."""
        drive, bias = axes
        arms: dict[str, dict[str, Any]] = {
            drive: {"lever_arm": self.amplitude_arm},
            bias: {"lever_arm": self.bias_arm, "zero": self.bias_zero},
        }
        lines = {}
        for name, given in arms.items():
            attrs = data[axes[name]].attrs
            own = attrs.get("units", "")
            written = attrs.get("converted_from", own)
            if own and not own.replace(" ", "").startswith("rad/") and given["lever_arm"] is None:
                option = "--amplitude-arm" if name == drive else "--bias-arm"
                fail(option, "be given", None, f"{axes[name]} is in {written}, which is no energy")
            unit = next((u for u in map(plain, (written, own)) if u in KNOBS), "")
            known = {"lever_arm": 1.0} | {k: v for k, v in given.items() if v is not None}
            lines[name] = Line(unit=unit, **known)
        return lines

    def said(self, data: xr.Dataset, axes: dict[str, str]) -> list[str]:
        """What lever arms and zeros are counted in, where that is no energy."""
        units = {axes[name]: shown(line.unit) for name, line in self.lines(data, axes).items()}
        told = [f"per {unit} of {axis}" for axis, unit in units.items() if unit]
        return [f"Lever arms are {' and '.join(told)}."] if told else []

    def given(self, axes: dict[str, str]) -> list[str]:
        """Names in a fit of what was given a value."""
        drive, bias = axes
        named = {
            f"{drive}.lever_arm": self.amplitude_arm,
            f"{bias}.lever_arm": self.bias_arm,
            f"{bias}.zero": self.bias_zero,
            "readout.offset": self.offset,
            "readout.contrast": self.contrast,
        }
        return [name for name, value in named.items() if value is not None]
