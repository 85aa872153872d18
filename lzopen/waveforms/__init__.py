"""Everything that moves in time: bias, gap, rate; real or complex."""

from lzopen.waveforms.base import Waveform
from lzopen.waveforms.elementary import (
    Constant,
    DoublePassage,
    Linear,
    PowerLaw,
    Rotating,
    SignFlip,
)
from lzopen.waveforms.filtered import Filtered
from lzopen.waveforms.periodic import Sinusoidal, Square, Triangle
from lzopen.waveforms.pulses import Sech, Tanh
from lzopen.waveforms.repeated import Repeated
from lzopen.waveforms.tabulated import Tabulated
from lzopen.waveforms.trapezoid import Trapezoid

__all__ = [
    "Constant",
    "DoublePassage",
    "Filtered",
    "Linear",
    "PowerLaw",
    "Repeated",
    "Rotating",
    "Sech",
    "SignFlip",
    "Sinusoidal",
    "Square",
    "Tabulated",
    "Tanh",
    "Trapezoid",
    "Triangle",
    "Waveform",
]
