"""The read-out contract: population to signal, and back where nothing is lost."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, ClassVar

from lzopen import errors

ONE_EACH = "make one readout for each"


class Readout(ABC):
    """A map from population to signal; ``axis`` is the swept quantity, for drifts along it.

    Write one of your own as a frozen dataclass, and `fit_trace` can fit its numbers. ``references``
    are keys for `lzopen.cite`.
    """

    references: ClassVar[tuple[str, ...]] = ()

    @abstractmethod
    def __call__(self, population: Any, axis: Any = 0.0) -> Any:
        """Signal for this population."""

    @abstractmethod
    def invert(self, signal: Any, axis: Any = 0.0) -> Any:
        """Population for this signal; noise may put it outside 0 to 1."""

    def _store(self, check: Any, *names: str) -> None:
        """Check single numbers of a frozen dataclass, and keep them as floats."""
        for name in names:
            value = errors.single(name, getattr(self, name), ONE_EACH)
            object.__setattr__(self, name, check(name, value))
