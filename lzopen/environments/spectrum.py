"""How strongly a bath at a temperature drives a system, frequency by frequency."""

from __future__ import annotations

import math
import numbers
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from qutip import BosonicEnvironment, ExponentialBosonicEnvironment

from lzopen.environments.table import by_table
from lzopen.errors import fail
from lzopen.waveforms.base import Array

_SMALL = 1e-4, 1e-6, 1e-8  # frequencies near zero, in units of the temperature
_ALIKE = 1e-6  # values of 2T J(ω)/ω there that are equal
_SETTLING = 0.5  # part of a change that the next one may be, if they have a limit


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

    def on(self, w: Array) -> Array:
        """S(ω) on an array."""
        size = np.abs(w)
        given = self._given_away_on(np.where(size > 0, size, 1.0))
        taken = np.exp(-size / self.temperature) if self.temperature else 0.0
        return np.where(w > 0, given, np.where(w < 0, given * taken, self._at_rest))

    def _given_away_on(self, w: Array) -> Array:
        """The same at ω > 0, in one call of a function that takes arrays."""
        symbol, function = "J", self.spectrum
        if isinstance(function, BosonicEnvironment):
            symbol, function = "S", function.power_spectrum
        with np.errstate(all="ignore"):
            values = _at_once(function, w)
            if values is None or not np.all(np.isfinite(values) & (values >= 0)):
                values = by_table(lambda x: self._checked(symbol, function(x), x), w)
        if symbol == "S":
            return values
        return 2 * values / (-np.expm1(-w / self.temperature) if self.temperature else 1.0)

    def _given_away(self, w: float) -> float:
        """S at ω > 0, where the bath takes energy up."""
        if isinstance(self.spectrum, BosonicEnvironment):
            with np.errstate(over="ignore"):  # where e^{ω/T} is infinite, nothing is occupied
                return self._checked("S", self.spectrum.power_spectrum(w), w)
        occupied = -math.expm1(-w / self.temperature) if self.temperature else 1.0
        return 2 * self._checked("J", self.spectrum(w), w) / occupied

    def _checked(self, symbol: str, value: Any, w: float) -> float:
        """A finite real number, not negative; an array without axes counts as one."""
        number = value.item() if isinstance(value, np.ndarray) and not value.ndim else value
        if not isinstance(number, numbers.Real):
            found = f"{symbol}(ω) = {number!r} at ω = {w:g}"
            fail("spectrum", "give real numbers", found, "let it take floats to floats")
        strength = float(number)
        if not 0 <= strength < math.inf:
            found = f"{symbol}(ω) = {strength:g} at ω = {w:g}"
            approximate = isinstance(self.spectrum, ExponentialBosonicEnvironment)
            remedy = "take more exponents, or the environment itself" if approximate else ""
            fail("spectrum", "be finite and not negative", found, remedy)
        return strength

    @cached_property
    def _at_rest(self) -> float:
        """S(0) = 2T J'(0), the limit from above."""
        if not self.temperature:
            return 0.0
        given = [(x, self._given_away(x * self.temperature)) for x in _SMALL]
        value = _limit([-math.expm1(-x) / x * strength for x, strength in given])
        if value == math.inf:
            remedy = "a sub-Ohmic bath has no such rate: take solver='heomsolve'"
            fail("spectrum", "have a finite limit S(0) = 2T J(ω)/ω", f"{value:g}", remedy)
        return value


def _at_once(function: Callable[[Any], Any], w: Array) -> Array | None:
    """Values of a function on an array, or None if they are not those at single numbers."""
    try:
        values = np.asarray(function(w))
    except (TypeError, ValueError):
        return None
    if values.shape != w.shape or values.dtype.kind != "f":
        return None
    probes = [0, w.size // 2, w.size - 1]
    single = [function(float(w.flat[at])) for at in probes]
    return values if np.allclose(values.flat[probes], single, rtol=1e-12, atol=0.0) else None


def _limit(values: list[float]) -> float:
    """The limit of 2T J(ω)/ω at ever smaller frequencies; a power law goes on as it came."""
    *_, before, last = values
    if not last or abs(last - before) <= _ALIKE * last:
        return last
    if min(values) > 0:
        first, second = np.abs(np.diff(np.log(values)))
        if second <= _SETTLING * first:
            return last
    return 0.0 if last < before else math.inf
