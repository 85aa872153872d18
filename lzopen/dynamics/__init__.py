"""Evolution through QuTiP, the batched engine, and averages over noise."""

from lzopen.dynamics.continuum import survival
from lzopen.dynamics.ensembles import noise_average
from lzopen.dynamics.evolution import evolve
from lzopen.dynamics.filters import FilterFunction, filter_function
from lzopen.dynamics.transition import transition_matrix

__all__ = [
    "FilterFunction",
    "evolve",
    "filter_function",
    "noise_average",
    "survival",
    "transition_matrix",
]
