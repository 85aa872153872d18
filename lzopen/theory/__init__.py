"""Closed forms. They use no solver, so that tests compare independent code."""

from lzopen.theory.dephasing import strong_dephasing
from lzopen.theory.finite_time import finite_time_propagator
from lzopen.theory.single import (
    adiabaticity,
    half_crossing,
    jump_time,
    landau_zener,
    stokes_phase,
    transfer_matrix,
)

__all__ = [
    "adiabaticity",
    "finite_time_propagator",
    "half_crossing",
    "jump_time",
    "landau_zener",
    "stokes_phase",
    "strong_dephasing",
    "transfer_matrix",
]
