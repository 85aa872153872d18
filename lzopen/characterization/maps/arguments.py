"""The arguments of a fit of maps, checked and sorted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from lzopen import errors
from lzopen.characterization.line import Line
from lzopen.characterization.maps.search import rough_starts
from lzopen.characterization.maps.task import MapTask
from lzopen.characterization.minimum import Values
from lzopen.characterization.readout import LinearReadout, Readout
from lzopen.noise import QuasiStatic

__all__ = [
    "axes_of",
    "check_size",
    "each",
    "listed",
    "others",
    "own_names",
    "starts_of",
]

AXES = {"amplitude": "amplitude", "bias": "bias"}


def listed(argument: str, value: Any, kinds: tuple[type, ...]) -> list[Any]:
    listed = [value] if isinstance(value, kinds) else list(value) if is_list(value) else []
    if not listed or not all(isinstance(each, kinds) for each in listed):
        remedy = "load it by lz.load_measurement"
        errors.fail(argument, "be a Dataset, or a list of them", type(value).__name__, remedy)
    return listed


def is_list(value: Any) -> bool:
    return isinstance(value, Iterable) and not isinstance(value, (str, Mapping, np.ndarray))


def each(argument: str, value: Any, count: int) -> list[Any]:
    """One for each map."""
    if not is_list(value):
        return [value] * count
    listed = list(value)
    if len(listed) != count:
        errors.fail(argument, f"hold one for each of {count} maps", f"of length {len(listed)}")
    return listed


def axes_of(axes: Any) -> dict[str, str]:
    given = dict(AXES if axes is None else axes)
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
    return {**{n: given.get(n, Line(1.0)) for n in names}, "noise": noise, "readout": readout}


def own_names(
    full: Mapping[str, str], separate: Sequence[str], number: int, count: int
) -> dict[str, str]:
    """Names of the fit for one map; those that it does not share bear its number."""
    if not full:
        errors.fail("free", "name at least one parameter", "empty", "e.g. free=['gap']")
    for name in separate:
        errors.choice("separate", name, list(full))
    alone = set(separate) if count > 1 else set()
    return {f"{n}[{number}]" if n in alone else n: f for n, f in full.items()}


def check_size(task: MapTask) -> None:
    count = sum(shown.pixels.points.x.size for shown in task.maps)
    if count <= len(task.names):
        must = f"hold more than {len(task.names)} pixels"
        errors.fail("measured", must, f"holding {count}", "measure more or fit less")


def starts_of(task: MapTask, starts: Any) -> list[Values]:
    if isinstance(starts, str):
        errors.choice("starts", starts, ["auto"])
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
