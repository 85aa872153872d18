"""What every way to a periodic steady state returns, and shows meanwhile."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple, TypeVar

from lzopen import progress

T = TypeVar("T")


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


def watched(chunks: Sequence[T]) -> Iterable[T]:
    """Chunks with a progress bar, which shows if they take more than a second."""
    if len(chunks) == 1:  # where even a hidden one costs time that counts
        return chunks
    return progress.bar(chunks, desc="interferogram")
