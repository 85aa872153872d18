"""The audit of a ledger: both laws, what is unknown, and errors."""

from __future__ import annotations

import numpy as np

from lzopen.environments import Decay
from lzopen.errors import warn
from lzopen.models import Model
from lzopen.models.parameters import member_names
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
            f"Entropy production falls to {lowest:.1e}: this breaks the second law. What acts "
            "between fixed levels does not know energies; lz.Relaxation, lz.ThermalBath (with "
            "equation='lindblad' and no width) and Dephasing(basis='adiabatic') do. lz.loop_work "
            "shows what a loop would yield."
        )
        warn(text, lowest, 4, page="guide/thermodynamics#jumps-that-do-not-know-the-energies")


def warn_of_unknown(model: Model, baths: Array) -> None:
    """Say so if jumps have no temperature, as those of most scripts."""
    named = zip(member_names(model.environments), model.environments, strict=True)
    without = np.atleast_1d(np.isnan(baths).any(axis=tuple(range(baths.ndim - 1))))
    lost = [n for (n, e), no in zip(named, without, strict=True) if no and isinstance(e, Decay)]
    if lost:
        text = (
            f"The jumps of {', '.join(lost)} have no temperature: their energy counts as work, and "
            f"entropy production is unknown. Give temperatures={{{lost[0]!r}: T}}, or take "
            "lz.Relaxation, which knows the energies."
        )
        page = "guide/thermodynamics#jumps-that-do-not-know-the-energies"
        warn(text, float(len(lost)), 4, page)


def warn_of_error(error: Array, tol: float) -> None:
    """Say so if round-off or an infinite slope keeps the error above what was asked for."""
    worst = float(error.max(initial=0.0))
    if worst > tol:
        warn(f"The state may be off by {worst:.1e} > tol = {tol:.1e}; raise tol.", worst, 4)


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
