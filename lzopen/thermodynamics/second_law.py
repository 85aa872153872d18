"""The audit of both laws."""

from __future__ import annotations

import numpy as np

from lzopen.errors import warn
from lzopen.waveforms.base import Array

_SLACK = 30.0  # by which errors of a state may grow in its logarithm
_NEGATIVE = 1e-9  # of the rate of what environments do
_SURE, _ROUND_OFF = 3.0, 1e-10  # of the error, and of the largest energy


def warn_of_second_law(rate: Array, fastest: Array, tol: float) -> None:
    """Say so if entropy is destroyed, and what to use instead.

    Rates of entropy production are compared with that of what environments do then.
    """
    known = np.isfinite(rate)
    least = (_NEGATIVE + _SLACK * tol) * fastest[known]
    broken = rate[known][rate[known] < -least]
    if broken.size:
        lowest = float(broken.min())
        text = (
            f"Entropy production falls to {lowest:.1e}: this breaks the second law. Jumps "
            "between fixed levels do not know energies; lz.Relaxation and lz.ThermalBath do, with "
            "equation='lindblad' and no width. lz.loop_work shows what a loop would yield."
        )
        warn(text, lowest, 4)


def warn_of_first_law(residual: Array, error: Array, energy: Array) -> None:
    """Say so if energy is missed by more than errors allow."""
    beyond = np.abs(residual) - _SURE * error - _ROUND_OFF * np.abs(energy).max(initial=0.0)
    worst = float(np.abs(residual[beyond > 0]).max(initial=0.0))
    if worst:
        text = (
            f"The first law is off by {worst:.1e}, more than the reported error: work or heat is "
            "wrong. Please report this with the model; smaller windows may go right."
        )
        warn(text, worst, 4)
