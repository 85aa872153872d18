"""Landau–Zener–Stückelberg–Majorana physics in open quantum systems, on QuTiP 5."""

from lzopen import conventions, datasets, plotting, theory
from lzopen._version import __version__
from lzopen.characterization import Confusion, Fit, LinearReadout, Readout, fit_decay, fit_trace
from lzopen.dynamics import evolve, transition_matrix
from lzopen.environments import Decay, Dephasing, Environment, Relaxation
from lzopen.errors import LzopenError, LzopenWarning
from lzopen.models import Model, TwoLevel, vary
from lzopen.references import cite
from lzopen.results import load, save, versions
from lzopen.waveforms import (
    Constant,
    DoublePassage,
    Linear,
    PowerLaw,
    Rotating,
    SignFlip,
    Sinusoidal,
    Square,
    Tabulated,
    Triangle,
    Waveform,
)

__all__ = [
    "Confusion",
    "Constant",
    "Decay",
    "Dephasing",
    "DoublePassage",
    "Environment",
    "Fit",
    "Linear",
    "LinearReadout",
    "LzopenError",
    "LzopenWarning",
    "Model",
    "PowerLaw",
    "Readout",
    "Relaxation",
    "Rotating",
    "SignFlip",
    "Sinusoidal",
    "Square",
    "Tabulated",
    "Triangle",
    "TwoLevel",
    "Waveform",
    "__version__",
    "about",
    "cite",
    "conventions",
    "datasets",
    "evolve",
    "fit_decay",
    "fit_trace",
    "load",
    "plotting",
    "save",
    "theory",
    "transition_matrix",
    "vary",
]


def about() -> None:
    """Print the versions of lzopen and of what it stands on.

    Examples
    --------
    >>> about()  # doctest: +ELLIPSIS
    lzopen ...
    """
    for name, number in versions().items():
        print(f"{name:<8} {number}")
