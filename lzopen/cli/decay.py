"""``lzopen fit decay``: T1, Ramsey, echo, CPMG, or the visibility of fringes."""

from __future__ import annotations

from typing import Annotated

import typer
import xarray as xr

from lzopen import plotting
from lzopen.characterization import fit_decay
from lzopen.cli.options import (
    File,
    Output,
    Priors,
    columns,
    grouped,
    number_or_word,
    numbers,
    pairs,
    priors,
)
from lzopen.cli.reading import Reading, said
from lzopen.cli.writing import check_folder, heeded, report, write
from lzopen.errors import fail

__all__ = ["decay"]

Text = str | None


@grouped
def decay(
    file: File,
    reading: Reading,
    delay: Annotated[Text, typer.Option("--delay", "--axes", help="Column of the delays.")] = None,
    groups: Annotated[
        Text, typer.Option(help="Column of labels of the shot or run of each row, or repeat.")
    ] = None,
    at: Annotated[
        list[str] | None,
        typer.Option(metavar="AXIS=VALUE", help="Of several decays the one nearest to this."),
    ] = None,
    envelope: Annotated[
        str, typer.Option(help="auto, stretched, exponential, gaussian or 1/f.")
    ] = "auto",
    oscillations: Annotated[str, typer.Option(help="auto, 0, 1 or 2 cosines.")] = "auto",
    relaxation: Annotated[
        Text, typer.Option(metavar="T1[,ERROR]", help="T1; T is then that of pure dephasing.")
    ] = None,
    cutoff: Annotated[
        float | None, typer.Option(help="Low cut-off of 1/f noise, in rad per time.")
    ] = None,
    omega: Annotated[
        float | None, typer.Option(help="About the angular frequency, to choose an alias.")
    ] = None,
    window: Annotated[
        Text, typer.Option(help="Width of windows that have a phase each, or bursts.")
    ] = None,
    known: Priors = None,
    output: Output = None,
) -> None:
    """Fit a decay: its time, exponent and oscillation."""
    check_folder(output)
    is_column = groups not in ("repeat", reading.headers)  # else a dimension, once loaded
    data = _one_line(reading.load(file, columns(delay), groups if is_column else None), at)
    with heeded() as warned:
        found = fit_decay(
            data,
            groups=None if is_column else groups,
            envelope=envelope,
            oscillations=int(oscillations) if oscillations.isdigit() else oscillations,
            relaxation=_relaxation(relaxation),
            cutoff=cutoff,
            omega=omega,
            window=None if window is None else number_or_word(window),
            priors=priors(known),
        )
    units = found.dataset["delay"].attrs.get("units")
    axes = plotting.fit(
        found, name=_axes(data)[0], unit=units, signal=_shown(data, reading), heading=file.stem
    )
    text = report([said(file, data)], warned, found)
    write(output, text, found.dataset, "decay", {"decay": axes})


def _axes(data: xr.Dataset) -> list[str]:
    """Axes along which there is something left to choose; the first one if there is nothing."""
    known = data.attrs["axes"].split(", ")
    return [name for name in known if data[name].size > 1] or known[:1]


def _one_line(data: xr.Dataset, at: list[str] | None) -> xr.Dataset:
    """The one decay among several that the settings of the other axes name."""
    for name, text in pairs("--at", at).items():
        if name not in data.dims:
            remedy = "choose rows of a file with --where"
            fail("--at", f"name an axis of the grid, {data.attrs['axes']}", repr(name), remedy)
        value = numbers("--at", text)[0]
        data = data.sel({name: value}, method="nearest")
        line = f"Of several decays the one at {name} = {float(data[name]):g} is fitted."
        data = data.assign_attrs(notes="\n".join([*data.attrs["notes"].splitlines(), line]))
    grid = [name for name in _axes(data) if name in data.dims]
    if len(grid) > 1:
        remedy = f"choose a line, e.g. --at {grid[-1]}={float(data[grid[-1]][0]):g}"
        fail("FILE", "be swept along one axis", f"along {' and '.join(grid)}", remedy)
    return data


def _shown(data: xr.Dataset, reading: Reading) -> str:
    kind = data["signal"].attrs["kind"]
    return str(reading.signal or kind if kind in ("value", "fraction") else kind)


def _relaxation(text: str | None) -> float | tuple[float, float] | None:
    if text is None:
        return None
    T1 = numbers("--relaxation", text, "e.g. 7.59,0.09")
    if len(T1) > 2:
        fail("--relaxation", "be T1, or T1 and its error", repr(text), "e.g. 7.59,0.09")
    return T1[0] if len(T1) == 1 else (T1[0], T1[1])
