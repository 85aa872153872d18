"""A signal with two quadratures and two calibration points."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from lzopen import errors
from lzopen.characterization.readout.base import Readout


@dataclass(frozen=True)
class IQ(Readout):
    """Averaged I + iQ: signal = zero + (one − zero) p.

    Populations lie on the line from one calibration point to the other. `invert` projects on it:
    what points across carries no information on p, and if the noise is alike in both quadratures,
    the projection is the best estimate. It is real, and as such a signal that can be fitted.

    Parameters
    ----------
    zero, one : complex
        Signal at population 0 and at population 1; they differ.

    Raises
    ------
    LzopenError
        If one is not a single finite number, or both are the same.

    Examples
    --------
    >>> resonator = IQ(zero=1.0 + 1.0j, one=1.0 + 3.0j)
    >>> complex(resonator(0.25)), float(resonator.invert(7.0 + 1.5j))
    ((1+1.5j), 0.25)
    """

    zero: complex
    one: complex

    def __post_init__(self) -> None:
        self._store(lambda name, x: complex(errors.finite_complex(name, x)), "zero", "one")
        if self.one == self.zero:
            remedy = "calibrate with both states prepared"
            errors.fail("one", "differ from `zero`", self.one, remedy)

    def __call__(self, population: Any, axis: Any = 0.0) -> Any:
        """Complex signal; the axis plays no part."""
        return self.zero + (self.one - self.zero) * np.asarray(population)

    def invert(self, signal: Any, axis: Any = 0.0) -> Any:
        """Population at the foot of the signal on the line between the calibration points."""
        line = self.one - self.zero
        return np.real((np.asarray(signal) - self.zero) * np.conj(line)) / abs(line) ** 2
