"""What an object is, in plain data: that of a function is its code and what it reads.

Any other object is taken apart as `pickle` does it, into its class and its state, but by values:
neither the order of a set nor which of its parts are the same object shows.
"""

from __future__ import annotations

import copyreg
import dis
import hashlib
import json
import os
import pickle
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import fields, is_dataclass
from functools import cached_property, partial
from pathlib import Path
from types import BuiltinFunctionType, CodeType, FunctionType, MethodType, ModuleType
from typing import Any

import numpy as np
import qutip
import xarray as xr
from scipy.interpolate import UnivariateSpline

from lzopen.models.parameters import describe
from lzopen.results import versions
from lzopen.scan.batches import bare

_PLAIN = (int, float, complex, str, type(None), np.generic, np.ndarray, qutip.Qobj)
_CALLED = (FunctionType, MethodType, BuiltinFunctionType, partial)
# Of objects that keep more than what they are: compiled functions, or memory to work in.
_PARTS: dict[type, Callable[[Any], Any]] = {
    np.vectorize: lambda f: [f.pyfunc, f.excluded, f.signature, f.otypes],
    UnivariateSpline: lambda f: [f.get_knots(), f.get_coeffs(), f.ext],
}
_METHODS = (FunctionType, staticmethod, classmethod, property)


class Unknown(str):
    """The class of an object that cannot be told from others of it, such as a lock."""


class Reader:
    """Describes values; each function and object that they hold is read once."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, str], tuple[Any, Any]] = {}
        self._home = ""  # the module whose functions and classes are followed
        self._depth = 0

    def described(self, thing: Any) -> Any:
        """A value as plain data."""
        if isinstance(thing, np.ndarray) and thing.dtype.hasobject:
            return self.described(thing.tolist())
        if isinstance(thing, _PLAIN):
            return describe(thing)
        if isinstance(thing, (list, tuple)):
            return [self.described(member) for member in thing]
        if isinstance(thing, (set, frozenset)):
            return sorted((self.described(member) for member in thing), key=_digest)
        if isinstance(thing, (xr.Dataset, xr.DataArray)):
            return self.described(thing.to_dict(data="array"))
        if isinstance(thing, Mapping):
            return self._mapping(thing)
        if isinstance(thing, (bytes, bytearray)):
            return repr(thing)
        if isinstance(thing, ModuleType):
            return thing.__name__
        return self._of_object(thing)

    def _mapping(self, thing: Mapping[Any, Any]) -> Any:
        if all(isinstance(key, str) for key in thing):
            return {key: self.described(value) for key, value in thing.items()}
        return [[self.described(key), self.described(value)] for key, value in thing.items()]

    def _of_object(self, thing: Any) -> Any:
        if isinstance(thing, (type, FunctionType)):
            closed = getattr(thing, "__closure__", None)
            return _name(thing) if _is_versioned(thing) and not closed else self._once(thing)
        if is_dataclass(thing) and _is_versioned(type(thing)):
            values = {f.name: getattr(thing, f.name) for f in fields(thing) if f.init}
            return {"class": type(thing).__name__, **self._mapping(values)}
        if hasattr(type(thing), "__array__"):
            with suppress(TypeError):  # of arrays on a graphics card
                return self.described(np.asarray(thing))
        return self._once(thing)

    def _once(self, thing: Any) -> Any:
        key = id(thing), self._home
        if key not in self._known:
            self._known[key] = thing, f"inside itself, {self._depth} deep"
            self._depth += 1
            self._known[key] = thing, self._summary(thing)
            self._depth -= 1
        return self._known[key][1]

    def _summary(self, thing: Any) -> Any:
        """What a user knows it by, and a checksum of the rest."""
        try:
            traits = self._traits(thing)
        except Exception:  # which one depends on the object
            return Unknown(type(thing).__qualname__)
        found = dict.fromkeys(what for _, what in unknown(traits))
        holds = {"holds": list(found)} if found else {}
        if isinstance(thing, _CALLED):
            return {"function": _name(bare(thing)), "code": _digest(traits), **holds}
        if isinstance(thing, type):
            return {"class": _name(thing), "code": _digest(traits), **holds}
        held = _kept(thing, getattr(thing, "__dict__", {}))
        plain = {name: value for name, value in held.items() if isinstance(value, _PLAIN)}
        shown = {name: describe(value) for name, value in plain.items() if name[:1] != "_"}
        return {"class": type(thing).__name__, **shown, "content": _digest(traits), **holds}

    def _traits(self, thing: Any) -> Any:
        if isinstance(thing, FunctionType):
            return self._in_its_module(self._function, thing)
        if isinstance(thing, type):
            return self._in_its_module(self._class, thing)
        if isinstance(thing, MethodType):
            return self.described([thing.__func__, thing.__self__])
        if isinstance(thing, property):
            return self.described([thing.fget, thing.fset, thing.fdel])
        if isinstance(thing, cached_property):
            return self.described(thing.func)
        for kind, parts in _PARTS.items():
            if isinstance(thing, kind):
                return self.described(parts(thing))
        if hasattr(thing, "__wrapped__"):
            return self.described([type(thing), thing.__wrapped__])
        return self._state(thing)

    def _in_its_module(self, read: Any, thing: Any) -> Any:
        """What a function or class is; what stands beside it is followed, unless it is read itself.

        A function read from elsewhere is known by its own code, without that which it reads.
        """
        before = self._home
        self._home = before or thing.__module__ or ""
        try:
            return read(thing)
        finally:
            self._home = before

    def _function(self, thing: FunctionType) -> Any:
        inside = {}
        for name, cell in zip(thing.__code__.co_freevars, thing.__closure__ or (), strict=True):
            with suppress(ValueError):  # not yet filled
                inside[name] = self.described(cell.cell_contents)
        if _is_versioned(thing):
            return [_name(thing), inside]
        follows = f"{thing.__module__}.".startswith(f"{self._home}.")
        names = sorted(set(_globals(thing.__code__)) & thing.__globals__.keys()) if follows else []
        read = {name: self.described(thing.__globals__[name]) for name in names}
        defaults = self.described([thing.__defaults__, thing.__kwdefaults__])
        return [_code(thing.__code__), defaults, inside, read]

    def _class(self, thing: type) -> Any:
        members = {
            name: self.described(value)
            for name, value in sorted(vars(thing).items())
            if isinstance(value, _METHODS) or not (name.startswith("__") or name == "_abc_impl")
        }
        return [_name(thing), members, self.described(thing.__bases__)]

    def _state(self, thing: Any) -> Any:
        """Class and state, without what is only cached."""
        reducer = copyreg.dispatch_table.get(type(thing))
        reduced = reducer(thing) if reducer else thing.__reduce_ex__(4)
        if isinstance(reduced, str):
            pickle.dumps(thing)  # raises if it is not what stands under this name
            return [type(thing).__qualname__, getattr(thing, "__module__", None), reduced]
        build, args, state, items, pairs = (*reduced, None, None, None)[:5]
        state = _kept(thing, state) if isinstance(state, dict) else state
        return self.described([build, args, state, [*(items or ())], [*(pairs or ())]])


def _kept(thing: Any, state: Mapping[str, Any]) -> dict[str, Any]:
    """Attributes of an object without those that are only cached."""
    kinds = {name: getattr(type(thing), name, None) for name in state}
    return {n: v for n, v in state.items() if not isinstance(kinds[n], cached_property)}


def unknown(described: Any, path: str = "") -> Iterator[tuple[str, Unknown]]:
    """Where a description holds what cannot be told from something else."""
    if isinstance(described, Unknown):
        yield path, described
    elif isinstance(described, dict):
        for key, value in described.items():
            inner = path if key == "holds" else f"{path}.{key}".lstrip(".")
            yield from unknown(value, inner)
    elif isinstance(described, list):
        for value in described:
            yield from unknown(value, path)


def _is_versioned(thing: Any) -> bool:
    """Whether it is of a package whose code the record knows by its version."""
    package = (getattr(thing, "__module__", None) or "").partition(".")[0]
    return package in versions() or _is_pythons(package)


def _is_pythons(package: str) -> bool:
    """Whether a module is Python's own, and not a user's of the same name."""
    if package not in sys.stdlib_module_names or package not in sys.modules:
        return False
    file = getattr(sys.modules[package], "__file__", None)
    return file is None or Path(file).is_relative_to(Path(os.__file__).parent)


def _name(thing: Any) -> str:
    return getattr(thing, "__qualname__", type(thing).__qualname__)


def _digest(traits: Any) -> str:
    text = json.dumps(
        traits, default=lambda x: x.tolist() if isinstance(x, np.ndarray) else repr(x)
    )
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _globals(code: CodeType) -> Iterator[str]:
    """Names of the module that code reads, also within functions that it defines."""
    for instruction in dis.get_instructions(code):
        if instruction.opname in ("LOAD_GLOBAL", "LOAD_NAME"):
            yield instruction.argval
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _globals(constant)


def _code(code: CodeType) -> Any:
    """What code does, not where it stands."""
    constants = [_code(c) if isinstance(c, CodeType) else _constant(c) for c in code.co_consts]
    return [code.co_code.hex(), constants, code.co_names]


def _constant(value: Any) -> str:
    return repr(sorted(map(repr, value)) if isinstance(value, frozenset) else value)
