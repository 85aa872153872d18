"""Progress bars of one kind: they show after a second, go when done, and stand inside no other."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from tqdm import tqdm

_HIDDEN = ContextVar("_HIDDEN", default=False)


def bar(*items: Any, **how: Any) -> Any:
    """A `tqdm` bar, around items or with a total."""
    how = {"delay": 1.0, "leave": False} | how
    if _HIDDEN.get():  # else TQDM_DISABLE has its say
        how["disable"] = True
    return tqdm(*items, **how)


def solver_bar() -> str:
    """What the solvers of QuTiP are told."""
    return "" if _HIDDEN.get() else "tqdm"


@contextmanager
def hidden() -> Iterator[None]:
    """No bars inside: what is around has one."""
    token = _HIDDEN.set(True)
    try:
        yield
    finally:
        _HIDDEN.reset(token)
