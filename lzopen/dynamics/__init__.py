"""Evolution through QuTiP, and the batched engine."""

from lzopen.dynamics.transition import transition_matrix

__all__ = ["transition_matrix"]
