"""The drive that never ends."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lzopen.characterization.protocols.base import Protocol
from lzopen.dynamics.periodic.steady import steady_state
from lzopen.models import Model
from lzopen.waveforms.base import Array


@dataclass(frozen=True)
class Steady(Protocol):
    """The drive stays on until nothing changes any more, and the reading averages over it.

    The population is that of the periodic steady state, averaged over a period.

    Examples
    --------
    >>> import lzopen as lz
    >>> qubit = lz.TwoLevel(sweep=lz.Sinusoidal(amplitude=5.0, omega=2.0, bias=2.0), gap=0.1)
    >>> noisy = qubit.with_environment(lz.Dephasing(0.02), lz.Decay(0.01, source=1, target=0))
    >>> Steady().population(noisy, level=1, tol=1e-8).round(4).tolist()
    [0.4541]
    """

    def population(self, batch: Model, level: int, tol: float) -> Array:
        """Average over a period of the periodic steady state."""
        return np.real(steady_state(batch, None, tol, np, False).state[:, level, level])
