"""Classical noise: one object gives spectrum, correlation, samples and decay."""

from lzopen.noise.base import Noise
from lzopen.noise.one_over_f import OneOverF
from lzopen.noise.ornstein_uhlenbeck import OrnsteinUhlenbeck
from lzopen.noise.quasi_static import QuasiStatic
from lzopen.noise.sequences import PulseSequence
from lzopen.noise.tabulated import TabulatedSpectrum
from lzopen.noise.telegraph import Telegraph
from lzopen.noise.white import White

__all__ = [
    "Noise",
    "OneOverF",
    "OrnsteinUhlenbeck",
    "PulseSequence",
    "QuasiStatic",
    "TabulatedSpectrum",
    "Telegraph",
    "White",
]
