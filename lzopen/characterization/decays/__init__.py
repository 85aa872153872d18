"""Measured decays in, their time, exponent and oscillation out."""

from lzopen.characterization.decays.fitting import fit_decay

__all__ = ["fit_decay"]
