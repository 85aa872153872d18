"""What makes two scans the same, in plain data that can be stored and compared."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lzopen.scan.reading import Reader, Unknown

_NONE = "missing"
_SHOWN = 60  # characters of a value in a message


def described(thing: Any) -> Any:
    """A value as plain data; of a function its name, and a checksum unless it is lzopen's."""
    try:
        return Reader().described(thing)
    except RecursionError:  # a list that holds itself
        return Unknown(type(thing).__qualname__)


def differences(there: Any, here: Any, path: str = "") -> Iterator[str]:
    """Where two descriptions differ."""
    if isinstance(there, dict) and isinstance(here, dict):
        for key in {**there, **here}:
            inner = f"{path}.{key}".lstrip(".")
            yield from differences(there.get(key, _NONE), here.get(key, _NONE), inner)
    elif _are_alike(there, here):
        for place, members in enumerate(zip(there, here, strict=True)):
            yield from differences(*members, f"{path}[{place}]")
    elif there != here:
        yield f"{path} is {str(there)[:_SHOWN]} there and {str(here)[:_SHOWN]} here"


def _are_alike(there: Any, here: Any) -> bool:
    """Whether both are lists of mappings, such as the environments of a model."""
    both = [there, here]
    return all(isinstance(x, list) and all(isinstance(m, dict) for m in x) for x in both) and (
        len(there) == len(here)
    )
