"""What makes two scans the same, in plain data that can be stored and compared."""

from __future__ import annotations

import hashlib
import inspect
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import is_dataclass
from functools import partial
from types import CodeType, FunctionType, MethodType
from typing import Any

import numpy as np
import qutip

from lzopen.models.parameters import describe
from lzopen.results import provenance
from lzopen.scan.batches import bare

_FIXED = (int, float, complex, str, tuple, np.generic, np.ndarray, partial, MethodType)
_NONE = "missing"
_SHOWN = 60  # characters of a value in a message


def described(thing: Any) -> Any:
    """A value as plain data; of a function its name, and a checksum unless it is lzopen's."""
    if isinstance(thing, Mapping):
        return {str(key): described(value) for key, value in thing.items()}
    if isinstance(thing, (list, tuple)):
        return [described(member) for member in thing]
    if isinstance(thing, (partial, FunctionType, MethodType)):
        return _function(thing)
    if isinstance(thing, type):
        return thing.__qualname__
    if hasattr(thing, "__array__") and not isinstance(thing, qutip.Qobj):
        return describe(np.asarray(thing))
    return describe(thing)


def differences(there: Any, here: Any, path: str = "") -> Iterator[str]:
    """Where two descriptions differ."""
    if isinstance(there, dict) and isinstance(here, dict):
        for key in {**there, **here}:
            inner = f"{path}.{key}".lstrip(".")
            yield from differences(there.get(key, _NONE), here.get(key, _NONE), inner)
    elif there != here:
        yield f"{path} is {str(there)[:_SHOWN]} there and {str(here)[:_SHOWN]} here"


def _function(function: Callable[..., Any]) -> Any:
    name = getattr(bare(function), "__qualname__", type(bare(function)).__qualname__)
    if _belongs(function, "lzopen"):
        return name
    traits = json.loads(provenance(parameters={"code": _traits(function, set())}))["parameters"]
    digest = hashlib.sha256(json.dumps(traits).encode()).hexdigest()
    return {"function": name, "code": digest[:16]}


def _traits(thing: Any, seen: set[Any]) -> Any:
    """What a function does: its code, what it reads, and the functions beside it that it calls."""
    if isinstance(thing, partial):
        return [_traits(thing.func, seen), described(thing.args), described(thing.keywords)]
    if isinstance(thing, MethodType):
        return [_traits(thing.__func__, seen), described(thing.__self__)]
    if not isinstance(thing, FunctionType):
        return described(thing)
    if thing in seen or _belongs(thing, "lzopen"):
        return thing.__qualname__
    seen.add(thing)
    around = inspect.getclosurevars(thing)
    values = {**around.globals, **around.nonlocals}
    read = [(name, _read(values[name], thing, seen)) for name in sorted(values)]
    defaults = described([thing.__defaults__, thing.__kwdefaults__])
    return [_code(thing.__code__), defaults, read]


def _read(value: Any, reader: FunctionType, seen: set[Any]) -> Any:
    """A value that a function reads; caches and counters of any kind are left out."""
    if isinstance(value, FunctionType) and _belongs(value, reader.__module__):
        return _traits(value, seen)
    if isinstance(value, _FIXED) or is_dataclass(value):
        return described(value)
    return type(value).__qualname__


def _belongs(function: Any, module: str) -> bool:
    return f"{getattr(function, '__module__', '')}.".startswith(f"{module}.")


def _code(code: CodeType) -> Any:
    """What code does, not where it stands."""
    constants = [_code(c) if isinstance(c, CodeType) else _constant(c) for c in code.co_consts]
    return [code.co_code.hex(), constants, code.co_names]


def _constant(value: Any) -> str:
    return repr(sorted(map(repr, value)) if isinstance(value, frozenset) else value)
