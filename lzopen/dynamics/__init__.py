"""Evolution through QuTiP, and the batched engine."""

from lzopen.dynamics.continuum import survival
from lzopen.dynamics.evolution import evolve
from lzopen.dynamics.transition import transition_matrix

__all__ = ["evolve", "survival", "transition_matrix"]
