"""Measured data in, device and noise parameters with their uncertainties out."""

from lzopen.characterization.decay import fit_decay
from lzopen.characterization.fit import Alternative, Fit
from lzopen.characterization.line import Line
from lzopen.characterization.readout import (
    IQ,
    Capacitance,
    Confusion,
    Current,
    Derivative,
    LinearReadout,
    Readout,
)
from lzopen.characterization.trace import fit_trace

__all__ = [
    "IQ",
    "Alternative",
    "Capacitance",
    "Confusion",
    "Current",
    "Derivative",
    "Fit",
    "Line",
    "LinearReadout",
    "Readout",
    "fit_decay",
    "fit_trace",
]
