"""Which numbers of an experiment a fit moves, and which it leaves as they are."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np

from lzopen import errors

__all__ = ["each_once", "free_names", "still"]

Resolve = Callable[[str], str]


def each_once(argument: str, names: Iterable[Any], resolve: Resolve) -> dict[str, str]:
    """Full names by those given in a list, none of them twice."""
    given = [str(name) for name in names]
    full: dict[str, str] = {}
    for name in given:
        found = resolve(name)
        if found in full.values():
            errors.fail(argument, "name each once", given, f"{found} is named twice")
        full[name] = found
    return full


def free_names(free: Any, resolve: Resolve) -> dict[str, str]:
    """Full names by those in `free`, of which there is at least one."""
    if isinstance(free, str) or not np.iterable(free) or not list(free):
        errors.fail("free", "be a list of parameter names", repr(free), "e.g. free=['gap']")
    return each_once("free", free, resolve)


def still(numbers: Mapping[str, Any], free: Iterable[str]) -> dict[str, float]:
    """Single finite numbers that are not free."""
    single = {n: v for n, v in numbers.items() if isinstance(v, float) and np.isfinite(v)}
    return {name: value for name, value in single.items() if name not in free}
