"""One pulse of a model's own, and a reading at its end."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from lzopen.characterization.protocols.base import Protocol, set_single
from lzopen.characterization.protocols.stacking import unstacked
from lzopen.characterization.protocols.start import checked_temperature, first
from lzopen.characterization.protocols.still import frozen
from lzopen.dynamics.periodic.steady import ends_of_windows
from lzopen.errors import fail, finite
from lzopen.interferometry.pulses import window_of_pulses
from lzopen.models import Model
from lzopen.waveforms.base import Array
from lzopen.waveforms.units import ENERGY, TIME


@dataclass(frozen=True)
class SinglePulse(Protocol):
    """The model's own pulse, once, and a reading at its end: e.g. a double passage.

    Parameters
    ----------
    start, end : float, optional
        Window of a drive that does not rest before and after, such as `lzopen.DoublePassage`;
        for one that does, such as `lzopen.Trapezoid`, both are left out.
    initial : int, {"rest", "ground", "thermal"} or Qobj
        What the device is in at the start: what it would settle in there ("rest"), a diabatic
        level, or an eigenstate or thermal state of the Hamiltonian then.
    initial_temperature : float, optional
        Of a thermal initial state, an energy.

    Raises
    ------
    LzopenError
        If only one of the times is given, the end is not after the start, or the initial state is
        unknown. When a population is asked for: if the drive neither rests nor has a window, or
        the device settles nowhere.

    Examples
    --------
    >>> import lzopen as lz
    >>> pulse = lz.Trapezoid(amplitude=8.0, rate=[4.0, 5.0, 6.0], bias=-4.0)
    >>> qubit = lz.TwoLevel(sweep=pulse, gap=0.9)
    >>> noisy = qubit.with_environment(lz.Dephasing(0.02), lz.Relaxation(0.01, temperature=0.1))
    >>> SinglePulse().population(noisy, level=1, tol=1e-8).round(4).tolist()
    [0.0988, 0.2471, 0.3506]
    """

    start: float | None = field(default=None, metadata=TIME)
    end: float | None = field(default=None, metadata=TIME)
    initial: Any = "rest"
    initial_temperature: float | None = field(default=None, metadata=ENERGY)

    def __post_init__(self) -> None:
        if (self.start is None) != (self.end is None):
            fail("end", "be given with `start`, and left out otherwise", self.end)
        if self.start is not None and self.end is not None:
            set_single(self, start=finite, end=finite)
            if self.end <= self.start:
                fail("end", f"be after the start, {self.start:g}", self.end)
        temperature = checked_temperature(self.initial, self.initial_temperature)
        object.__setattr__(self, "initial_temperature", temperature)

    def population(self, batch: Model, level: int, tol: float) -> Array:
        """At the end of the pulse."""
        window = None if self.start is None else (self.start, self.end)
        begin, end = window_of_pulses(batch, window)
        states = first(frozen(batch, begin), self.initial, self.initial_temperature)
        found, _ = ends_of_windows(batch, begin, end, unstacked(states), tol, np)
        return np.real(found[:, level, level])
