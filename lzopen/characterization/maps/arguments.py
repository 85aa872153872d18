"""The arguments of a fit of maps, checked and sorted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np

from lzopen import errors
from lzopen.characterization.line import Line
from lzopen.characterization.maps.search import rough_starts
from lzopen.characterization.maps.task import MapTask, Shown
from lzopen.characterization.minimum import Values
from lzopen.characterization.names import each_once
from lzopen.characterization.parts import Parts
from lzopen.characterization.readout import LinearReadout, Readout
from lzopen.measurements.units import VOLTS, plain
from lzopen.noise import QuasiStatic

__all__ = [
    "axes_of",
    "check_signal",
    "check_size",
    "in_knob_units",
    "listed",
    "names_of",
    "one_each",
    "others",
    "own_names",
    "starts_of",
    "with_settings",
]

_LEAST_SPANS = 0.2, 1.0  # of the drive and of the bias, in units of its frequency
AXES = {"amplitude": "amplitude", "bias": "bias"}


def listed(argument: str, value: Any, kinds: tuple[type, ...]) -> list[Any]:
    found = [value] if isinstance(value, kinds) else list(value) if is_list(value) else []
    if not found or not all(isinstance(each, kinds) for each in found):
        remedy = "load it by lz.load_measurement"
        errors.fail(argument, "be a Dataset, or a list of them", type(value).__name__, remedy)
    return found


def is_list(value: Any) -> bool:
    return isinstance(value, Iterable) and not isinstance(value, (str, Mapping, np.ndarray))


def one_each(argument: str, value: Any, count: int) -> list[Any]:
    """One for each map."""
    if not is_list(value):
        return [value] * count
    listed = list(value)
    if len(listed) != count:
        errors.fail(argument, f"hold one for each of {count} maps", f"of length {len(listed)}")
    return listed


def axes_of(axes: Any) -> dict[str, str]:
    given = AXES if axes is None else axes
    errors.instance("axes", given, Mapping, "e.g. {'amplitude': 'power', 'bias': 'flux'}")
    # whatever the order: slow noise acts on the bias
    names = dict(sorted(given.items(), key=lambda pair: pair[0].split(".")[-1] == "bias"))
    if len(names) != 2:
        remedy = f"e.g. {AXES}"
        errors.fail("axes", "name two parameters, the drive and the bias", names, remedy)
    return names


def others(names: Mapping[str, str], lines: Any, noise: Any, readout: Any) -> dict[str, Any]:
    """What stands around the model, by the first part of its names."""
    given = dict(lines or {})
    if strange := given.keys() - names.keys():
        errors.fail("lines", f"belong to {' or '.join(names)}", sorted(strange))
    for name, line in given.items():
        errors.instance(f"lines[{name!r}]", line, Line, "e.g. lz.Line(lever_arm=2.0)")
    noise = QuasiStatic(0.0) if noise is None else noise
    errors.instance("noise", noise, QuasiStatic, "e.g. lz.QuasiStatic(sigma=0.1)")
    readout = LinearReadout() if readout is None else readout
    errors.instance("readout", readout, Readout, "e.g. lz.LinearReadout(offset=0.1, contrast=0.8)")
    if np.iscomplexobj(readout(0.5)):
        remedy = (
            "load I and Q by lz.load_measurement, which projects them, and take a LinearReadout"
        )
        errors.fail("readout", "give real signals", repr(readout), remedy)
    return {**{n: given.get(n, Line(1.0)) for n in names}, "noise": noise, "readout": readout}


def in_knob_units(data: Any, names: Mapping[str, str], lines: Mapping[str, Any]) -> Any:
    """The measured map with each axis in the unit of its line."""
    for name, dim in names.items():
        unit = plain(str(data[dim].attrs.get("units", ""))) if dim in data.coords else ""
        wanted = lines[name].unit
        if not unit or not wanted or unit == wanted:
            continue
        if not {unit, wanted} <= VOLTS.keys():
            must, remedy = f"have the unit of {dim!r}, {unit}", "say what the lever arm is per"
            page = "guide/devices#from-a-map-to-a-device"
            errors.fail(f"lines[{name!r}]", must, repr(wanted), remedy, page)
        values = data[dim].values * 10.0 ** (VOLTS[unit] - VOLTS[wanted])
        data = data.assign_coords({dim: (dim, values, {**data[dim].attrs, "units": wanted})})
    return data


def check_signal(shown: Shown) -> None:
    """There are fringes, where the readout can show them."""
    points, parts = shown.pixels.points, shown.parts
    if np.ptp(points.signal) == 0:
        errors.fail("measured", "vary", f"{points.signal[0]:g} at all pixels", "check the signal")
    if any(full.startswith("readout.") for full in shown.names.values()):
        return
    low, high = np.sort([np.mean(parts.others["readout"](p, shown.pixels.columns)) for p in (0, 1)])
    middle = float(np.median(points.signal))
    if not low - 0.1 * (high - low) <= middle <= high + 0.1 * (high - low):
        must = f"lie between {low:.4g} and {high:.4g}, which is all that the readout shows"
        remedy = "set `readout`, or free `readout.offset` and `readout.contrast`"
        errors.fail("measured", must, f"about {middle:.4g}", remedy, page="guide/fitting#read-outs")


def still_names(argument: str, parts: Parts, names: Any, axes: Iterable[str]) -> dict[str, str]:
    """Full names by those given in a list, none of which an axis moves."""
    moved = {parts.resolve(axis, "axes"): axis for axis in axes}
    full = each_once(argument, names, partial(parts.resolve, argument=argument))
    for name, own in full.items():
        if own in moved:
            axis = moved[own]
            remedy = f"use its line: `{axis}.lever_arm`, or `{axis}.zero` for where it begins"
            page = "guide/devices#from-a-map-to-a-device"
            errors.fail(argument, "leave to the data what an axis moves", repr(name), remedy, page)
    return full


def names_of(free: Any, separate: Any) -> list[str]:
    """What is fitted, whichever map has it."""
    names = [] if isinstance(free, str) else list(map(str, free))
    if not names:
        errors.fail("free", "name at least one parameter", repr(free), "e.g. free=['gap']")
    for name in separate:
        errors.choice("separate", name, names)
    return names


def with_settings(parts: Parts, known: Any, shared: Iterable[str], axes: Iterable[str]) -> Parts:
    """Parts of one map, with what is known of it alone."""
    errors.instance("settings", known, Mapping, "e.g. settings=[{'temperature': 0.3}]")
    fitted = {parts.resolve(name) for name in shared if parts.has(name)}
    full = still_names("settings", parts, known, axes)
    for name, own in full.items():
        if own in fitted:
            remedy = "take it out of `free`, or let it be `separate`, to start there"
            errors.fail("settings", "hold what all maps do not share", repr(name), remedy)
    return parts.with_values({own: known[name] for name, own in full.items()})


def own_names(
    parts: Parts, free: Sequence[str], separate: Sequence[str], axes: Iterable[str], number: int
) -> dict[str, str]:
    """Full names of what one map has, by names in the fit; what it does not share is numbered."""
    # another protocol has other numbers
    here = [name for name in free if not name.startswith("protocol.") or parts.has(name)]
    full = still_names("free", parts, here, axes)
    return {f"{n}[{number}]" if n in separate else n: f for n, f in full.items()}


def check_size(task: MapTask) -> None:
    count = sum(shown.pixels.points.x.size for shown in task.maps)
    if count <= len(task.names):
        must = f"hold more than {len(task.names)} pixels"
        errors.fail("measured", must, f"holding {count}", "measure more or fit less")


def _check_span(shown: Shown) -> None:
    """Automatic starts need sidebands to be seen."""
    omega = shown.forward.omega(shown.parts)
    drive, bias = shown.forward.energies(shown.parts)
    spans = float(np.abs(drive).max()), float(np.ptp(bias))
    for name, span, least in zip(shown.forward.names, spans, _LEAST_SPANS, strict=True):
        if span < least * omega:
            must = f"span at least {least:g} ω for automatic starts"
            remedy = "check `lines` and the units of the axis, or give `starts`"
            page = "guide/devices#from-a-map-to-a-device"
            errors.fail(f"axes[{name!r}]", must, f"spanning {span / omega:.2g} ω", remedy, page)


def starts_of(task: MapTask, starts: Any) -> list[Values]:
    if isinstance(starts, str):
        errors.choice("starts", starts, ["auto"])
        drive = task.maps[0].forward.names[0]
        if drive.split(".")[-1] != "amplitude":
            remedy = "starts=[{}] starts at the model's values"
            page = "guide/devices#from-a-map-to-a-device"
            errors.fail("starts", f"be given where {drive!r} is an axis", "'auto'", remedy, page)
        _check_span(task.maps[0])
        return rough_starts(task)
    listed = list(starts) if is_list(starts) else []
    if not listed or not all(isinstance(start, Mapping) for start in listed):
        remedy = "starts=[{}] starts at the model's values"
        errors.fail("starts", "be 'auto' or a list of mappings", repr(starts), remedy)
    quantities = task.quantities()
    for start in listed:
        for name, value in start.items():
            errors.choice("starts", name, list(quantities))
            low, high = quantities[name].bounds
            if not low <= value <= high:
                must = f"lie between {low:g} and {high:g}"
                errors.fail(f"starts[{name!r}]", must, value, "start inside")
    return [dict(start) for start in listed]
