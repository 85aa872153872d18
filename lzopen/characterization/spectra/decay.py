"""Decay exponents of measured sequences under a noise whose numbers change from step to step."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable, Sequence
from dataclasses import replace
from functools import lru_cache
from math import factorial
from typing import Any

import numpy as np
from numpy.polynomial import chebyshev
from numpy.typing import NDArray

from lzopen.models.parameters import collect
from lzopen.noise import Noise, OneOverF, OrnsteinUhlenbeck, PulseSequence, QuasiStatic, White

__all__ = ["EXPONENTS", "SCALES", "Exponents", "parts_of"]

Array = NDArray[Any]

SCALES: dict[type[Noise], tuple[str, int]] = {
    White: ("density", 1),
    OneOverF: ("amplitude", 2),
    QuasiStatic: ("sigma", 2),
    OrnsteinUhlenbeck: ("sigma", 2),
}
"""The number that only multiplies the spectrum, and the power to which it does."""

EXPONENTS = (-1.0, 4.0)  # of 1/f noise, between which a fit looks
_NODES = 24  # exponents at which χ is computed; between them its logarithm is a polynomial
_TERMS = 20  # of the series in the phase
_SLOW = 6.0  # largest phase at the lower cut-off that the series takes
_KEPT = 256  # exponents that are remembered


def parts_of(noise: Noise) -> tuple[Noise, ...]:
    """The noises that a sum is made of."""
    return tuple(getattr(noise, "parts", (noise,)))


class Exponents:
    """χ of W = e^{−χ} for several sequences, with all remembered that only a scale changes.

    Parameters
    ----------
    sequences : sequence of PulseSequence
        Each with the array of its durations.
    tabulate : bool
        Whether exponents of 1/f noise are interpolated; it pays where the exponent or the lower
        cut-off changes often and the upper one does not.
    """

    def __init__(self, sequences: Sequence[PulseSequence], tabulate: bool = True) -> None:
        self._sequences, self._tabulate = list(sequences), tabulate
        self._known: OrderedDict[Hashable, list[Array]] = OrderedDict()

    def __call__(self, noise: Noise) -> list[Array]:
        """One array of exponents for each sequence."""
        found = [np.zeros(np.shape(sequence.duration)) for sequence in self._sequences]
        for part in parts_of(noise):
            strength, unit = self._of(part)
            found = [total + strength * each for total, each in zip(found, unit, strict=True)]
        return found

    def _of(self, part: Noise) -> tuple[float, list[Array]]:
        """Strength of a part, and the exponents for strength 1."""
        if type(part) not in SCALES:
            return 1.0, self._remembered(part, part)
        name, power = SCALES[type(part)]
        strength = getattr(part, name) ** power
        rest = {key: value for key, value in collect(part).items() if key != name}
        return strength, self._remembered((type(part), *rest.values()), part)

    def _remembered(self, key: Hashable, part: Noise) -> list[Array]:
        if key not in self._known:
            self._known[key] = [self._unit(part, sequence) for sequence in self._sequences]
        self._known.move_to_end(key)
        if len(self._known) > _KEPT:
            self._known.popitem(last=False)
        return self._known[key]

    def _unit(self, part: Noise, sequence: PulseSequence) -> Array:
        if isinstance(part, OneOverF) and self._tabulate:
            places = tuple(sequence.fractions.tolist())
            table = power_law(places, sequence.duration.tobytes(), part.omega_high)
            if table.holds(part):
                return table(part.omega_low, part.exponent)
        return unit_exponent(part, sequence)


def unit_exponent(part: Noise, sequence: PulseSequence) -> Array:
    """χ at strength 1."""
    if type(part) in SCALES:
        name, _ = SCALES[type(part)]
        part = replace(part, **{name: 1.0})  # type: ignore[type-var]
    return np.asarray(part.decay_exponent(sequence))


@lru_cache(maxsize=256)
def power_law(places: tuple[float, ...], durations: bytes, omega_high: float) -> PowerLaw:
    """The table of one sequence; fits of many data sets with the same delays share it."""
    duration = np.frombuffer(durations)
    pulses = len(places)
    regular = np.allclose(places, (np.arange(pulses) + 0.5) / max(pulses, 1), atol=1e-15)
    return PowerLaw(PulseSequence(duration, pulses if regular else places), omega_high)


class PowerLaw:
    """χ of 1/f noise of amplitude 1 for any exponent and lower cut-off.

    Above the frequency of one over the longest duration, ln χ is a polynomial in the exponent.
    Below it the filter is its power series in the phase, which is integrated term by term ::

        χ = Σₙ dₙ τ²ⁿ ∫ω^{2n−2−s} dω,    dₙ = 2(−1)ⁿ/(2n)! Σ weight · lag²ⁿ

    Parameters
    ----------
    sequence : PulseSequence
        With its durations.
    omega_high : float
        Upper cut-off.
    """

    def __init__(self, sequence: PulseSequence, omega_high: float) -> None:
        self._sequence, self._high = sequence, omega_high
        self._split = 1 / max(float(np.max(sequence.duration)), 1e-300)
        lags, weights = sequence.lags()
        n = np.arange(1, _TERMS + 1)
        moments = (weights * lags ** (2 * n[:, None])).sum(axis=1)
        moments[0] = -(sequence.imbalance**2)  # exactly zero for what refocuses a constant
        scale = np.array([2 * (-1) ** k / factorial(2 * k) for k in n.tolist()])
        phase = sequence.duration * self._split
        self._series = scale * moments * phase[:, None] ** (2 * n)  # (duration, term)
        self._table: Array | None = None

    def holds(self, part: OneOverF) -> bool:
        """Whether the table is right for the exponent and the lower cut-off of this noise."""
        inside = EXPONENTS[0] <= part.exponent <= EXPONENTS[1]
        return inside and self._split < self._high and part.omega_low < _SLOW * self._split

    def __call__(self, omega_low: float, exponent: float) -> Array:
        """χ for each duration."""
        if self._table is None:
            self._table = self._tabulated()
        place = 2 * (exponent - EXPONENTS[0]) / (EXPONENTS[1] - EXPONENTS[0]) - 1
        fast = np.exp(chebyshev.chebval(place, self._table))
        return fast * (self._sequence.duration > 0) + self._slow(omega_low, exponent)

    def _slow(self, omega_low: float, exponent: float) -> Array:
        power = 2 * np.arange(1, _TERMS + 1) - 1 - exponent
        span = np.log(omega_low / self._split)
        safe = np.where(np.abs(power) < 1e-9, 1.0, power)
        moment = np.where(np.abs(power) < 1e-9, -span, -np.expm1(safe * span) / safe)
        return np.asarray(self._series @ moment) * self._split ** (-1 - exponent)

    def _tabulated(self) -> Array:
        nodes = chebyshev.chebpts1(_NODES)
        middle, half = np.mean(EXPONENTS), (EXPONENTS[1] - EXPONENTS[0]) / 2
        logarithms = []
        for s in (middle + half * nodes).tolist():
            part = OneOverF(1.0, self._split, self._high, s)
            found = unit_exponent(part, self._sequence)
            logarithms.append(np.log(np.where(found > 0, found, 1.0)))
        return np.asarray(chebyshev.chebfit(nodes, np.array(logarithms), _NODES - 1))
