"""How strongly a bath at a temperature drives a system, frequency by frequency."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from qutip import BosonicEnvironment

from lzopen.errors import fail

_SMALL = 1e-8, 1e-12  # frequencies near zero, in units of the temperature
_ALIKE = 1e-3  # slopes there that are equal


@dataclass(frozen=True, eq=False)
class PowerSpectrum:
    """S(ω) = ∫C(t)e^{iωt}dt = 2J(ω)(n(ω) + 1) with S(−ω) = e^{−ω/T}S(ω), for plain floats.

    Parameters
    ----------
    spectrum : callable or qutip.BosonicEnvironment
        J(ω) for ω > 0.
    temperature : float
        T ≥ 0.
    """

    spectrum: Callable[[float], float] | BosonicEnvironment
    temperature: float

    def at(self, w: float) -> float:
        """S(ω); the name of the argument tells QuTiP that it is a frequency."""
        if w > 0:
            return self._given_away(w)
        if w == 0:
            return self._at_rest
        return self._given_away(-w) * math.exp(w / self.temperature) if self.temperature else 0.0

    def _given_away(self, w: float) -> float:
        """S at ω > 0, where the bath takes energy up."""
        if isinstance(self.spectrum, BosonicEnvironment):
            value = float(self.spectrum.power_spectrum(w))
        else:
            occupied = -math.expm1(-w / self.temperature) if self.temperature else 1.0
            value = 2 * float(self.spectrum(w)) / occupied
        if not 0 <= value < math.inf:
            remedy = "approximate the correlations better" if self._is_environment else ""
            fail("spectrum", "be finite and not negative", f"{value:g} at ω = {w:g}", remedy)
        return value

    @property
    def _is_environment(self) -> bool:
        return isinstance(self.spectrum, BosonicEnvironment)

    @cached_property
    def _at_rest(self) -> float:
        """S(0) = 2T J'(0), the limit from above."""
        if not self.temperature:
            return 0.0
        if isinstance(self.spectrum, BosonicEnvironment):
            value: Any = float(self.spectrum.power_spectrum(0.0))
        else:
            near, nearer = (self.spectrum(small * self.temperature) / small for small in _SMALL)
            settled = abs(nearer - near) <= _ALIKE * abs(near)
            value = 2 * nearer if settled else 0.0 if nearer < near else math.inf
        if not 0 <= value < math.inf:
            remedy = "a sub-Ohmic bath has no such rate: take solver='heomsolve'"
            fail("spectrum", "have a finite limit S(0) = 2T J(ω)/ω", f"{value:g}", remedy)
        return float(value)
