"""Interference of passages: steady states, pulse trains and pulses over grids of parameters."""

from lzopen.interferometry.interferogram import interferogram

__all__ = ["interferogram"]
