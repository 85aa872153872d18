"""Measured data in, device and noise parameters with their uncertainties out."""

from lzopen.characterization.decays import fit_decay
from lzopen.characterization.fit import Alternative, Fit
from lzopen.characterization.line import Line
from lzopen.characterization.maps import fit_interferogram
from lzopen.characterization.protocols import Cycle, Protocol, Pulsed, SinglePulse, Steady
from lzopen.characterization.readout import (
    IQ,
    Capacitance,
    Confusion,
    Current,
    Derivative,
    LinearReadout,
    Readout,
)
from lzopen.characterization.spectra import infer_spectrum
from lzopen.characterization.trace import fit_trace

__all__ = [
    "IQ",
    "Alternative",
    "Capacitance",
    "Confusion",
    "Current",
    "Cycle",
    "Derivative",
    "Fit",
    "Line",
    "LinearReadout",
    "Protocol",
    "Pulsed",
    "Readout",
    "SinglePulse",
    "Steady",
    "fit_decay",
    "fit_interferogram",
    "fit_trace",
    "infer_spectrum",
]
