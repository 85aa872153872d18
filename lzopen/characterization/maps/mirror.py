"""Maps that mirror themselves in the bias."""

from __future__ import annotations

from lzopen.environments import Decay, Dephasing, Relaxation
from lzopen.models import Model, TwoLevel
from lzopen.waveforms import Sinusoidal

__all__ = ["parity_of_average"]


def parity_of_average(model: Model) -> int:
    """How the averaged population of a driven qubit mirrors itself in the bias.

    1 if it is even; −1 if it is odd about one half; 0 if neither is known. Half a period later
    a cosine has turned its sign, and so does σz with a turn about x: what is left is where
    the jumps lead to. To fixed levels it does not turn; to the lower energy it does.
    """
    if not isinstance(model, TwoLevel) or not isinstance(model.sweep, Sinusoidal):
        return 0
    if not isinstance(model.gap, (int, float, complex)):
        return 0
    for environment in model.environments:
        if isinstance(environment, Dephasing) and environment.operator is not None:
            return 0
    kinds = {type(environment) for environment in model.environments}
    if not kinds <= {Decay, Dephasing, Relaxation} or {Decay, Relaxation} <= kinds:
        return 0
    return 1 if Decay in kinds else -1
