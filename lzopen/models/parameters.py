"""Dotted names for every number in a model: read them, set them, vary them.

A number in a nested dataclass is named by the fields that lead to it
(``sweep.rate``); members of a tuple (the parts of a sum, the environments) by
their class in snake case (``dephasing.rate``), numbered from 2 where a class repeats; a
number that belongs to a level or a pair of them by its place (``offsets[2]``, ``couplings[0,1]``).
A short name works while it ends only one full name.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import Field, fields, is_dataclass, replace
from itertools import combinations
from typing import Any, TypeVar

import numpy as np
import qutip

from lzopen.errors import fail, finite_complex
from lzopen.waveforms.base import Array, Waveform
from lzopen.waveforms.units import Unit, unit_of

T = TypeVar("T")
_LARGE = 256  # numbers, beyond which a record holds their checksum
DATA = ("times", "values", "operator", "edges")  # arrays that are not batches of numbers
_PLAIN = (int, float, complex, str, type(None), np.generic, np.ndarray)
_NAMED = 20  # parameters, before a message leaves out the rest

# Metadata of a field that holds a number for each level, or for each pair of levels.
ROW, TABLE = {"level_axes": 1}, {"level_axes": 2}


def collect(thing: Any) -> dict[str, Any]:
    """Map full dotted names to values."""
    return {".".join(path): value for path, value, _ in _walk(thing)}


def units(thing: Any) -> dict[str, Unit | None]:
    """Map full dotted names to units, where they are known."""
    return {".".join(path): unit for path, _, unit in _walk(thing)}


def assign(thing: T, values: Mapping[str, Any]) -> T:
    """A copy with the named numbers replaced."""
    full = full_names(thing, values)
    checked = {full[name]: finite_complex(full[name], value) for name, value in values.items()}
    return _replaced(thing, {tuple(name.split(".")): value for name, value in checked.items()})


def describe(thing: Any) -> Any:
    """A model as nested mappings with the names of its classes, for the record.

    Of a large table only the shape and a checksum are kept, of a function its name, and of any
    other object its class with those attributes that are plain.
    """
    if is_dataclass(thing):
        values = {f.name: describe(getattr(thing, f.name)) for f in fields(thing) if f.init}
        return {"class": type(thing).__name__, **values}
    if isinstance(thing, (tuple, list)):
        return [describe(member) for member in thing]
    if isinstance(thing, np.ndarray) and thing.size > _LARGE:
        digest = hashlib.sha256(np.ascontiguousarray(thing).tobytes()).hexdigest()
        return {"shape": list(thing.shape), "sha256": digest}
    if isinstance(thing, qutip.Qobj):
        return describe(thing.full())
    if isinstance(thing, _PLAIN):
        return thing
    if hasattr(thing, "__qualname__"):
        return thing.__qualname__
    held = {n: v for n, v in getattr(thing, "__dict__", {}).items() if not n.startswith("_")}
    plain = {n: describe(v) for n, v in held.items() if isinstance(v, _PLAIN)}
    return {"class": type(thing).__name__, **plain}


def sources(*things: Any) -> list[str]:
    """Keys of the references behind models, their parts and noise: ``references`` of each class."""
    found: dict[str, None] = {}
    for thing in things:
        found |= dict.fromkeys(getattr(thing, "references", ()))
        members = thing if isinstance(thing, tuple | list) else ()
        if is_dataclass(thing):
            members = [getattr(thing, f.name) for f in fields(thing) if f.init]
        found |= dict.fromkeys(sources(*members))
    return list(found)


def resolve(thing: Any, name: str, argument: str = "parameter") -> str:
    """Full dotted name for a full or short one."""
    return full_names(thing, [name], argument)[name]


def full_names(thing: Any, given: Iterable[str], argument: str = "parameter") -> dict[str, str]:
    """Full dotted names for full or short ones, which came in an argument."""
    names = list(collect(thing))
    return {name: full_name(names, name.replace(" ", ""), argument) for name in given}


def full_name(names: list[str], name: str, argument: str) -> str:
    """That of these names which is this one, or ends in it."""
    if name in names:
        return name
    ending = [full for full in names if full.endswith("." + name)]
    if len(ending) != 1:
        remedy = f"the model has {', '.join(names[:_NAMED])}{', …' * (len(names) > _NAMED)}"
        must = "be unique" if ending else "name a parameter of the model"
        fail(argument, must, repr(name), f"it fits {', '.join(ending)}" if ending else remedy)
    return ending[0]


def batch_shape(thing: Any) -> tuple[int, ...]:
    """Common shape of all batched numbers and tables in a model."""
    shapes = [np.shape(value) for _, value, _ in _walk(thing)]
    arrays = list(_shapes_of_arrays(thing))
    shapes += [shape for _, shape in arrays]
    try:
        shape = np.broadcast_shapes(*shapes)
    except ValueError:
        sizes = {name: np.shape(v) for name, v in collect(thing).items() if np.shape(v)}
        sizes |= {name: shape for name, shape in arrays if shape}
        fail("parameters", "broadcast to one batch shape", f"{sizes}", "use lz.vary for a grid")
    if 0 in shape:
        fail("parameters", "hold at least one value", f"a batch of shape {shape}")
    return shape


def _children(thing: Any) -> Iterator[tuple[Field[Any], str, Any]]:
    """Fields of a dataclass with names and values; members of a tuple bear that of their class."""
    for field in fields(thing):
        if not field.init or field.name in DATA:
            continue
        value = getattr(thing, field.name)
        if isinstance(value, tuple):
            for name, member in zip(member_names(value), value, strict=True):
                yield field, name, _bare(member)
        elif "level_axes" in field.metadata:
            for place in combinations(range(value.shape[-1]), field.metadata["level_axes"]):
                index = ",".join(map(str, place))
                own = _along_own_axes(1.0 * value[(..., *place)])
                yield field, f"{field.name}[{index}]", own
        else:
            yield field, field.name, value


def _along_own_axes(values: Any) -> Any:
    """Values without the batch axes along which they stay the same."""
    for axis in range(values.ndim):
        first = values.take([0], axis)
        if (values == first).all():
            values = first
    return values.item() if values.size == 1 else values


def _bare(member: Any) -> Any:
    """The waveform of a (matrix, waveform) term; any other member itself."""
    return member[1] if isinstance(member, tuple) else member


def member_names(members: tuple[Any, ...]) -> list[str]:
    """Names by class in snake case, numbered where a class repeats."""
    kinds = [type(_bare(member)).__name__ for member in members]
    names = [re.sub(r"(?<!^)(?=[A-Z])", "_", kind).lower() for kind in kinds]
    before = [names[:i].count(name) for i, name in enumerate(names)]
    return [f"{name}_{n + 1}" if n else name for name, n in zip(names, before, strict=True)]


def _walk(
    thing: Any, driven: Unit | None = None
) -> Iterator[tuple[tuple[str, ...], Any, Unit | None]]:
    """Paths, values and units of all numbers in what drives something of this unit."""
    for field, name, value in _children(thing):
        unit = unit_of(field, thing, driven)
        if is_dataclass(value):
            yield from (((name, *path), *leaf) for path, *leaf in _walk(value, unit))
        elif isinstance(value, (float, complex, np.ndarray)):  # integers are labels
            yield (name,), value, unit


def _shapes_of_arrays(thing: Any) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Batch shapes of tables in time, and of numbers for each level, by field."""
    if isinstance(getattr(thing, "times", None), np.ndarray):
        yield "times", thing.times.shape[:-1]
    for field in fields(thing):
        axes = field.metadata.get("level_axes")
        if axes:
            yield field.name, getattr(thing, field.name).shape[:-axes]
    for _, _, value in _children(thing):
        if is_dataclass(value):
            yield from _shapes_of_arrays(value)


def _replaced(thing: T, values: Mapping[tuple[str, ...], Any]) -> T:
    """A copy with the numbers at the ends of these paths replaced."""
    heads: dict[str, dict[tuple[str, ...], Any]] = {}
    for (head, *rest), value in values.items():
        heads.setdefault(head, {})[tuple(rest)] = value
    changed = {}
    for field in fields(thing):  # type: ignore[arg-type]
        held: Any = getattr(thing, field.name) if field.init else None
        if field.name in heads:
            own = heads[field.name]
            changed[field.name] = own[()] if () in own else _replaced(held, own)
        elif isinstance(held, tuple) and not heads.keys().isdisjoint(member_names(held)):
            members = zip(member_names(held), held, strict=True)
            changed[field.name] = tuple(_member_with(m, heads.get(n)) for n, m in members)
        elif "level_axes" in field.metadata:
            for head in (head for head in heads if head.startswith(f"{field.name}[")):
                place = tuple(int(level) for level in head[len(field.name) + 1 : -1].split(","))
                held = changed[field.name] = _with_element(held, place, heads[head][()])
    return replace(thing, **changed)  # type: ignore[type-var]


def _member_with(member: Any, values: Mapping[tuple[str, ...], Any] | None) -> Any:
    """A member of a tuple, with numbers replaced if there are any."""
    if values is None:
        return member
    new = _replaced(_bare(member), values)
    return (member[0], new) if isinstance(member, tuple) else new


def _with_element(array: Array, place: tuple[int, ...], value: Any) -> Array:
    """An array with one number for each level, or a Hermitian table, with one of them changed."""
    batch, levels = array.shape[: -len(place)], array.shape[-len(place) :]
    new = np.empty((*np.broadcast_shapes(batch, np.shape(value)), *levels), dtype=complex)
    new[...] = array
    by_level = np.moveaxis(new, range(-len(place), 0), range(len(place)))
    by_level[place[::-1]] = np.conj(value)  # a table stays Hermitian
    by_level[place] = value
    return new if np.any(new.imag) else new.real


def map_waveforms(thing: T, change: Callable[[Waveform], Waveform]) -> T:
    """Copy a model with each of its waveforms passed through ``change``."""
    new: dict[str, Any] = {}
    for field in fields(thing):  # type: ignore[arg-type]
        if not field.init:
            continue
        held = getattr(thing, field.name)
        if isinstance(held, Waveform):
            new[field.name] = change(held)
        elif field.name == "terms":
            new["terms"] = tuple((matrix, change(waveform)) for matrix, waveform in held)
    return replace(thing, **new)  # type: ignore[type-var]
