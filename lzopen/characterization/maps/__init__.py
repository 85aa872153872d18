"""Measured interferograms in, parameters of the device out."""

from lzopen.characterization.maps.fitting import fit_interferogram

__all__ = ["fit_interferogram"]
