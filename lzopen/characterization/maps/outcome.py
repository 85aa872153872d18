"""What a fit of maps hands back: numbers, notes, and the maps that they make."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr

from lzopen.characterization.conclusion import CLEAR, autocorrelation, conclude, scatter_alarms
from lzopen.characterization.fit import Fit
from lzopen.characterization.maps.extensions import asked_for
from lzopen.characterization.maps.identified import combinations_of, sentences
from lzopen.characterization.maps.pixels import Pixels
from lzopen.characterization.maps.search import SAME, Found
from lzopen.characterization.maps.task import MapTask, Shown
from lzopen.characterization.minimum import Values
from lzopen.characterization.points import Points
from lzopen.characterization.words import chance, held
from lzopen.models.parameters import sources
from lzopen.waveforms.base import Array

__all__ = ["outcome"]

_CHANCE = 25.0  # by how much χ² may fall for a map that shows nothing, and 4 for each number
_NOTHING = "THE MAP SHOWS NO FRINGES: a constant describes it as well as the model does."


def outcome(task: MapTask, found: Found, starts: Any) -> Fit:
    """Errors, limits and notes at the minimum, with the maps beside those that were measured."""
    points = [shown.pixels.points for shown in task.maps]
    known = all(each.known for each in points)
    scale = found.minimum.excess if known else found.minimum.reduced
    empty = _shows_nothing(task, found, scale)
    tied = [] if empty else combinations_of(found.problem, found.minimum, scale)
    table = _maps(task, found).assign(
        combination_value=("combination", [each.value for each in tied]),
        combination_error=("combination", [each.error for each in tied]),
    )
    return conclude(
        found.problem,
        found.minimum,
        table.assign_coords(combination=[each.name for each in tied]),
        title=_title(task),
        known=known,
        alarms=[_NOTHING] * empty + _alarms(points),
        meaningless=list(task.names) if empty else [],
        # while the model lacks something, no further measurement is advised
        notes=[*_notes(task, found, known), *(asked_for(task, found.minimum) or sentences(tied))],
        settings={"starts": starts if isinstance(starts, str) else "given"},
        references=["berns2006", "shevchenko2010", "lmfit", *_sources(task, found.minimum.values)],
    )


def _shows_nothing(task: MapTask, found: Found, scale: float) -> bool:
    """Whether constants describe the maps as well, and leave nothing that goes together."""
    apart = [_off_the_mean(shown.pixels.points) for shown in task.maps]
    flat, by_chance = (np.concatenate(each) for each in zip(*apart, strict=True))
    if autocorrelation(flat - by_chance) > CLEAR * chance(found.minimum):
        return False
    return bool(flat @ flat - found.minimum.deviance < scale * (_CHANCE + 4 * len(task.names)))


def _off_the_mean(points: Points) -> tuple[Array, Array]:
    """Residuals of a constant, and their mean by chance."""
    flat = np.full(points.signal.shape, points.level)
    return points.residual(flat), points.moments(flat)[0]


def _sources(task: MapTask, values: Values) -> list[str]:
    """References of the device, the lines, the readout and the protocols."""
    fitted = [shown.with_values(values) for shown in task.maps]
    return sources(*(part for parts in fitted for part in (parts.model, *parts.others.values())))


def _notes(task: MapTask, found: Found, known: bool) -> list[str]:
    numbers = [shown.held for shown in task.maps]
    alike = {n: v for n, v in numbers[0].items() if all(each.get(n) == v for each in numbers)}
    differ = {
        f"{name} of map {at}": value
        for at, each in enumerate(numbers)
        for name, value in each.items()
        if name not in alike
    }
    notes = held(alike | differ)
    missing = sum(int((~shown.pixels.known).sum()) for shown in task.maps)
    if missing:
        notes.append(f"{missing} pixels have no signal and are left out.")
    if len(found.ends) > 1:
        best = min(end.deviance for end in found.ends)
        same = sum(end.deviance - best < SAME for end in found.ends)
        notes.append(f"{same} of {len(found.ends)} starts end in this minimum.")
    narrow = [
        shown
        for shown in task.maps
        if shown.needs_grid and not shown.forward.resolves(shown.with_values(found.minimum.values))
    ]
    if narrow:
        notes.append("Resonances are narrower than any grid resolves: do not trust their width.")
    if not known:
        notes.append("The size of the noise is taken from the residuals: χ²/dof cannot test it.")
    return notes


def _alarms(points: list[Points]) -> list[str]:
    """Where readings of one pixel disagree, map by map."""
    found = []
    for number, each in enumerate(points):
        which = f" of map {number}" if len(points) > 1 else ""
        found += scatter_alarms(each, f"readings of one pixel{which}", "check `sigma` or `shots`")
    return found


def _title(task: MapTask) -> str:
    pixels = sum(shown.pixels.points.x.size for shown in task.maps)
    maps = "an interferogram" if len(task.maps) == 1 else f"{len(task.maps)} interferograms"
    return f"Device model of {maps}, {pixels} pixels."


def _maps(task: MapTask, found: Found) -> xr.Dataset:
    """Signal, noise and model on the axes of a single map, or of all pixels in a row."""
    parts = [
        _one_map(shown, signal, found.minimum.values)
        for shown, signal in zip(task.maps, task.signals(found.minimum.values), strict=True)
    ]
    if len(parts) == 1:
        return parts[0]
    rows = [part.stack(pixel=part["model"].dims).reset_index("pixel") for part in parts]
    kept = [row.isel(pixel=row["known"].values).drop_vars("known") for row in rows]
    numbered = [
        row.assign_coords(map=("pixel", np.full(row.sizes["pixel"], i)))
        for i, row in enumerate(kept)
    ]
    return xr.concat(numbered, "pixel")


def _one_map(shown: Shown, signal: Array, values: Values) -> xr.Dataset:
    pixels: Pixels = shown.pixels
    images = {"signal": pixels.image, "sigma": pixels.on_grid(pixels.points.noise(signal))}
    images |= {"model": pixels.on_grid(signal), "known": pixels.known}
    data = xr.Dataset({n: (pixels.dims, image) for n, image in images.items()}, pixels.coordinates)
    shifts = shown.shifts(values)
    return data if shifts is None else data.assign(zero_shift=(pixels.dims[0], shifts))
