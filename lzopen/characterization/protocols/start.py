"""What a device starts from, as density matrices stacked by columns."""

from __future__ import annotations

from typing import Any

import numpy as np
import qutip

from lzopen.characterization.protocols.stacking import stacked
from lzopen.characterization.protocols.still import generator, settled
from lzopen.dynamics.initial import initial_densities
from lzopen.errors import fail, not_negative, single
from lzopen.models import Model
from lzopen.waveforms.base import Array

_WORDS = ("rest", "ground", "thermal")
_NAME = "initial_temperature"


def checked_temperature(initial: Any, temperature: Any) -> Any:
    """Check what a device starts from, as far as this can be told without one."""
    is_word, is_level = isinstance(initial, str), isinstance(initial, (int, np.integer))
    if not (isinstance(initial, qutip.Qobj) or (initial in _WORDS if is_word else is_level)):
        fail("initial", f"be a level, a Qobj or one of {', '.join(_WORDS)}", repr(initial))
    if (is_word and initial == "thermal") != (temperature is not None):
        fail(_NAME, "be given with initial='thermal', and left out otherwise", temperature)
    return temperature if temperature is None else not_negative(_NAME, single(_NAME, temperature))


def first(still: Model, initial: Any, temperature: float | None) -> Array:
    """What the device is in before anything moves, stacked, for each of a batch or for all.

    Parameters
    ----------
    still : Model
        The device at rest; one or a batch.
    initial : int, {"rest", "ground", "thermal"} or Qobj
    temperature : float, optional
        Of a thermal state.
    """
    if isinstance(initial, str) and initial == "rest":
        return settled(generator(still), still)
    states = initial_densities(still, initial, 0.0, temperature, _NAME)
    return stacked(states)
