"""Landau–Zener–Stückelberg–Majorana physics in open quantum systems, on QuTiP 5."""

from lzopen import conventions, datasets, plotting, theory, thermodynamics
from lzopen._version import __version__
from lzopen.characterization import (
    IQ,
    Capacitance,
    Confusion,
    Current,
    Derivative,
    Fit,
    Line,
    LinearReadout,
    Readout,
    fit_decay,
    fit_trace,
)
from lzopen.dynamics import (
    FilterFunction,
    evolve,
    filter_function,
    noise_average,
    survival,
    transition_matrix,
)
from lzopen.environments import (
    Decay,
    Dephasing,
    Environment,
    Leak,
    Relaxation,
    ThermalBath,
)
from lzopen.errors import LzopenError, LzopenWarning
from lzopen.interferometry import interferogram
from lzopen.measurements import load_measurement
from lzopen.models import (
    Band,
    BowTie,
    Chain,
    Continuum,
    Crossing,
    DemkovOsherov,
    Model,
    QuadraticSpinOne,
    SpinCrossing,
    TwoLevel,
    VSystem,
    vary,
)
from lzopen.noise import (
    Noise,
    OneOverF,
    OrnsteinUhlenbeck,
    PulseSequence,
    QuasiStatic,
    TabulatedSpectrum,
    Telegraph,
    White,
)
from lzopen.references import cite
from lzopen.results import load, save, versions
from lzopen.scan import scan
from lzopen.thermodynamics import (
    characteristic_function,
    energetics,
    loop_work,
    reservoir_energetics,
    steady_energetics,
    work_statistics,
    work_trajectories,
)
from lzopen.waveforms import (
    Constant,
    DoublePassage,
    Filtered,
    Linear,
    PowerLaw,
    Repeated,
    Rotating,
    Sech,
    SignFlip,
    Sinusoidal,
    Square,
    Tabulated,
    Tanh,
    Trapezoid,
    Triangle,
    Waveform,
)

__all__ = [
    "IQ",
    "Band",
    "BowTie",
    "Capacitance",
    "Chain",
    "Confusion",
    "Constant",
    "Continuum",
    "Crossing",
    "Current",
    "Decay",
    "DemkovOsherov",
    "Dephasing",
    "Derivative",
    "DoublePassage",
    "Environment",
    "FilterFunction",
    "Filtered",
    "Fit",
    "Leak",
    "Line",
    "Linear",
    "LinearReadout",
    "LzopenError",
    "LzopenWarning",
    "Model",
    "Noise",
    "OneOverF",
    "OrnsteinUhlenbeck",
    "PowerLaw",
    "PulseSequence",
    "QuadraticSpinOne",
    "QuasiStatic",
    "Readout",
    "Relaxation",
    "Repeated",
    "Rotating",
    "Sech",
    "SignFlip",
    "Sinusoidal",
    "SpinCrossing",
    "Square",
    "Tabulated",
    "TabulatedSpectrum",
    "Tanh",
    "Telegraph",
    "ThermalBath",
    "Trapezoid",
    "Triangle",
    "TwoLevel",
    "VSystem",
    "Waveform",
    "White",
    "__version__",
    "about",
    "characteristic_function",
    "cite",
    "conventions",
    "datasets",
    "energetics",
    "evolve",
    "filter_function",
    "fit_decay",
    "fit_trace",
    "interferogram",
    "load",
    "load_measurement",
    "loop_work",
    "noise_average",
    "plotting",
    "reservoir_energetics",
    "save",
    "scan",
    "steady_energetics",
    "survival",
    "theory",
    "thermodynamics",
    "transition_matrix",
    "vary",
    "work_statistics",
    "work_trajectories",
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
