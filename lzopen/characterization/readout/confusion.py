"""Single shots that are misread now and then."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from lzopen import errors
from lzopen.characterization.readout.base import Readout


@dataclass(frozen=True)
class Confusion(Readout):
    """Misread states: signal = p01 + (1 − p01 − p10) p.

    Parameters
    ----------
    p01 : float
        Probability that state 0 is read as 1.
    p10 : float
        Probability that state 1 is read as 0. Their sum stays below 1, or the
        fringes would be upside down.

    Raises
    ------
    LzopenError
        If one is not a single probability, or their sum reaches 1.

    Examples
    --------
    >>> readout = Confusion(p01=0.02, p10=0.08)
    >>> round(float(readout(1.0)), 12), round(float(readout.invert(0.02)), 12)
    (0.92, 0.0)
    """

    p01: float = 0.0
    p10: float = 0.0

    def __post_init__(self) -> None:
        self._store(errors.probability, "p01", "p10")
        total = self.p01 + self.p10
        if total >= 1:
            errors.fail(
                "p01 + p10", "stay below 1", f"{total:g}", "exchange the names of the states"
            )

    def __call__(self, population: Any, axis: Any = 0.0) -> Any:
        """Probability to read 1; the axis plays no part."""
        return self.p01 + (1 - self.p01 - self.p10) * np.asarray(population)

    def invert(self, signal: Any, axis: Any = 0.0) -> Any:
        """Population for this probability to read 1."""
        return (np.asarray(signal) - self.p01) / (1 - self.p01 - self.p10)
