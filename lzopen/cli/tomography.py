"""``lzopen fit tomography``: T2 and width from the Fourier transform of an interferogram."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, NamedTuple

import numpy as np
import typer
import xarray as xr

from lzopen import plotting
from lzopen.characterization.maps.arguments import in_knob_units
from lzopen.characterization.maps.pixels import Pixels, read_pixels
from lzopen.cli.knobs import Knobs
from lzopen.cli.options import File, Output, grouped, numbers
from lzopen.cli.reading import Reading, said
from lzopen.cli.writing import check_folder, heeded, report, write
from lzopen.interferometry import phase_tomography

__all__ = ["tomography"]

Number = float | None
_RESCALED = (
    "Counts of a rescaled signal are not binomial: the size of the noise is taken from the scatter "
    "of the pixels."
)


class Populations(NamedTuple):
    """A map of populations over energies, its noise, and what was done to get there."""

    map: xr.DataArray
    noise: dict[str, Any]
    notes: list[str]
    time_unit: str | None


@grouped
def tomography(
    file: File,
    knobs: Knobs,
    reading: Reading,
    omega: Annotated[float, typer.Option(help="Angular frequency of the drive, rad per time.")],
    equilibrium: Annotated[
        Number, typer.Option(help="Population without a drive, of a steady state; 0 if left out.")
    ] = None,
    duration: Annotated[
        Number, typer.Option(help="Length of a pulse; left out for a steady state.")
    ] = None,
    initial: Annotated[
        Number, typer.Option(help="Population before the pulse; 0 if left out.")
    ] = None,
    k_range: Annotated[
        str | None, typer.Option(metavar="FIRST,LAST", help="Conjugate times that are fitted.")
    ] = None,
    output: Output = None,
) -> None:
    """Find T2, the width of slow noise and the strength of the gap in a 2-D Fourier transform."""
    check_folder(output)
    seen = _populations(file, knobs, reading)
    with heeded() as warned:
        found = phase_tomography(
            seen.map,
            omega=omega,
            equilibrium=equilibrium,
            duration=duration,
            initial=initial,
            k_range=None if k_range is None else numbers("--k-range", k_range),  # type: ignore[arg-type]
            **seen.noise,
        )
    text = report(seen.notes, warned, _table(found, seen))
    tomogram, decay = plotting.panels(2)
    plotting.tomogram(found, tomogram, time_unit=seen.time_unit, heading=file.stem)
    plotting.arc_decay(found, decay, time_unit=seen.time_unit)
    write(output, text, found, "tomography", {"tomography": tomogram})


def _populations(file: Path, knobs: Knobs, reading: Reading) -> Populations:
    """Populations over energies, from a signal over knobs."""
    data, axes = knobs.load(file, reading)
    lines = knobs.lines(data, axes)
    pixels = read_pixels(in_knob_units(data, axes, lines), list(axes.values()))
    contrast = 1.0 if knobs.contrast is None else knobs.contrast
    image = (pixels.image - (knobs.offset or 0.0)) / contrast
    is_rescaled = knobs.offset is not None or knobs.contrast is not None
    noise, notes = _noise(pixels, abs(contrast), is_rescaled)
    both = zip(lines.values(), (pixels.rows, pixels.columns), strict=True)
    energies = [line(knob) for line, knob in both]
    named = xr.DataArray(image, dict(zip(("amplitude", "bias"), energies, strict=True)))
    return Populations(named, noise, [said(file, data), *notes], _time_unit(data, axes))


def _noise(pixels: Pixels, contrast: float, is_rescaled: bool) -> tuple[dict[str, Any], list[str]]:
    points = pixels.points
    if points.trials is not None:
        if is_rescaled:
            return {}, [_RESCALED]
        return {"shots": np.nan_to_num(pixels.on_grid(points.trials), nan=1.0)}, []
    if not points.known:
        return {}, []
    return {"sigma": np.nan_to_num(pixels.on_grid(points.sigma) / contrast, nan=1.0)}, []


def _time_unit(data: xr.Dataset, axes: dict[str, str]) -> str | None:
    """That of the axes where they are energies."""
    units = [str(data[name].attrs.get("units", "")) for name in axes.values()]
    return next((u.removeprefix("rad/") for u in units if u.startswith("rad/")), None)


def _table(found: xr.Dataset, seen: Populations) -> str:
    """Values with errors, or their bounds."""
    count = int(np.isfinite(seen.map).sum())
    lines = [f"Phase tomography of {count} pixels."]
    for name, unit in zip(found["parameter"].values, found["unit"].values, strict=True):
        one = {part: float(found[part].sel(parameter=name)) for part in _PARTS}
        shown = (
            f" {unit}".replace(" / ", "/").replace("time", seen.time_unit) if seen.time_unit else ""
        )
        lines.append(f"  {name:<15} {_value(**one, unit=shown)}")
    if seen.noise:
        lines.append(f"χ² per pixel = {float(found['reduced']):.3g}.")
    elif _RESCALED not in seen.notes:
        lines.append("The size of the noise is taken from the scatter of the pixels.")
    return "\n".join(lines)


_PARTS = ("value", "error", "low", "high")


def _value(value: float, error: float, low: float, high: float, unit: str) -> str:
    if not np.isfinite(error):
        bound = f"> {low:.3g}" if np.isinf(high) else f"< {high:.3g}"
        return f"{bound}{unit} (95 %)"
    if error <= 0:
        return f"{value:.5g}{unit}"
    digits = max(0, 1 - int(np.floor(np.log10(error))))
    return f"{value:.{digits}f} ± {error:.{digits}f}{unit}"
