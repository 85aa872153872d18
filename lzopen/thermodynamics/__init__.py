"""Work, heat and entropy of driven crossings."""

from lzopen.thermodynamics.counting import characteristic_function
from lzopen.thermodynamics.dragged import reservoir_energetics
from lzopen.thermodynamics.energetics import energetics
from lzopen.thermodynamics.information import bures_angle, entropy, ergotropy, relative_entropy
from lzopen.thermodynamics.loop import loop_work
from lzopen.thermodynamics.steady import steady_energetics
from lzopen.thermodynamics.trajectories import work_trajectories
from lzopen.thermodynamics.work import work_statistics

__all__ = [
    "bures_angle",
    "characteristic_function",
    "energetics",
    "entropy",
    "ergotropy",
    "loop_work",
    "relative_entropy",
    "reservoir_energetics",
    "steady_energetics",
    "work_statistics",
    "work_trajectories",
]
