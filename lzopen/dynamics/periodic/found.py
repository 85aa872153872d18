"""What every way to a periodic steady state returns."""

from __future__ import annotations

from typing import Any, NamedTuple


class Steady(NamedTuple):
    """Steady states of a flat batch, on the array namespace that they were computed on.

    ``state`` (P, n, n) are density matrices of trace one, ``error`` (P,) bounds what each of
    their elements may be off, ``condition`` (P,) says how much round-off was amplified, and
    ``loss`` (P,) is the rate at which the trace falls; zero unless levels leak.
    """

    state: Any
    error: Any
    condition: Any
    loss: Any
