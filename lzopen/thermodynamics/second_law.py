"""The audit of the second law."""

from __future__ import annotations

import numpy as np

from lzopen.errors import warn
from lzopen.waveforms.base import Array

_NEGATIVE = 1e-9  # a rate of entropy production below minus this breaks the second law
_SLACK = 100.0  # by which errors of a state may grow in its logarithm


def warn_of_second_law(rate: Array, tol: float) -> None:
    """Say so if entropy is destroyed, and what to use instead."""
    finite = rate[np.isfinite(rate)]
    lowest, largest = finite.min(initial=0.0), np.abs(finite).max(initial=0.0)
    if lowest < -_NEGATIVE - _SLACK * tol * largest:
        text = (
            f"Entropy production falls to {lowest:.1e}: this breaks the second law. Jumps "
            "between fixed levels do not know energies; lz.Relaxation and lz.ThermalBath do, with "
            "equation='lindblad' and no width. lz.loop_work shows what a loop would yield."
        )
        warn(text, float(lowest), 4)
