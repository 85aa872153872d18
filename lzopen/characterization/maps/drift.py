"""A zero of the bias that wanders from line to line, profiled out."""

from __future__ import annotations

import numpy as np

from lzopen.characterization.maps.forward import Forward
from lzopen.characterization.maps.pixels import Pixels
from lzopen.characterization.parts import Parts
from lzopen.waveforms.base import Array

__all__ = ["best_shifts"]

_STEP = 1e-3  # of the deviation, for the slope
_ROUNDS = 4


def best_shifts(forward: Forward, parts: Parts, pixels: Pixels, deviation: float) -> Array:
    """The shift of the bias of each row that fits it best, in units of the knob.

    Shifts come from a normal distribution of this deviation; each is found by Gauss-Newton.
    """
    image, known = pixels.image, pixels.known
    weight = np.where(known, pixels.on_grid(pixels.points.sigma**-2.0), 0.0)
    shift = np.zeros(pixels.rows.size)
    step = _STEP * deviation
    for _ in range(_ROUNDS):
        curve = forward.signal(parts, shift)
        slope = (forward.signal(parts, shift + step) - curve) / step
        rest = np.where(known, image - curve, 0.0)
        pull = np.sum(weight * slope * rest, axis=1) - shift / deviation**2
        shift = shift + pull / (np.sum(weight * slope**2, axis=1) + deviation**-2.0)
        shift = np.clip(shift, -5 * deviation, 5 * deviation)
    return shift
