"""Work, heat and entropy of driven crossings."""

from lzopen.thermodynamics.energetics import energetics
from lzopen.thermodynamics.information import bures_angle, entropy, ergotropy, relative_entropy
from lzopen.thermodynamics.loop import loop_work
from lzopen.thermodynamics.work import work_statistics

__all__ = [
    "bures_angle",
    "energetics",
    "entropy",
    "ergotropy",
    "loop_work",
    "relative_entropy",
    "work_statistics",
]
