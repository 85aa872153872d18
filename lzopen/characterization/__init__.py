"""Measured data in, device and noise parameters with their uncertainties out."""

from lzopen.characterization.decay import fit_decay
from lzopen.characterization.fit import Alternative, Fit
from lzopen.characterization.readout import Confusion, LinearReadout, Readout
from lzopen.characterization.trace import fit_trace

__all__ = [
    "Alternative",
    "Confusion",
    "Fit",
    "LinearReadout",
    "Readout",
    "fit_decay",
    "fit_trace",
]
