"""Interference of passages: steady states, pulse trains and pulses over grids of parameters."""

from lzopen.interferometry.interferogram import interferogram
from lzopen.interferometry.tomography import phase_tomography

__all__ = ["interferogram", "phase_tomography"]
