"""A sensor that follows the population on a straight line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from lzopen import errors
from lzopen.characterization.readout.base import Readout


@dataclass(frozen=True)
class LinearReadout(Readout):
    """A sensor: signal = offset + contrast · p + slope · x.

    Parameters
    ----------
    offset : float
        Signal at population 0, in the instrument's unit.
    contrast : float
        Signal at population 1 minus signal at 0; of either sign, not zero.
    slope : float
        Drift of the signal per unit of the swept axis x (in a decay, the delay).

    Raises
    ------
    LzopenError
        If one is not a single finite number, or the contrast is zero.

    Examples
    --------
    >>> sensor = LinearReadout(offset=2.0, contrast=-0.5)
    >>> float(sensor(1.0))
    1.5
    >>> float(sensor.invert(1.5))
    1.0
    """

    offset: float = 0.0
    contrast: float = 1.0
    slope: float = 0.0

    def __post_init__(self) -> None:
        self._store(errors.finite, "offset", "contrast", "slope")
        errors.not_zero("contrast", self.contrast, "a signal without contrast shows nothing")

    def __call__(self, population: Any, axis: Any = 0.0) -> Any:
        """Signal for this population at this point of the axis."""
        return self.offset + self.contrast * np.asarray(population) + self.slope * np.asarray(axis)

    def invert(self, signal: Any, axis: Any = 0.0) -> Any:
        """Population for this signal at this point of the axis."""
        return (np.asarray(signal) - self.offset - self.slope * np.asarray(axis)) / self.contrast
