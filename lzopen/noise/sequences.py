"""Free decay, echoes and pulse trains, as filters of a noise."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from lzopen.errors import fail, finite, increasing, not_negative, whole
from lzopen.waveforms.base import Array


@dataclass(frozen=True, eq=False)
class PulseSequence:
    """Free evolution with ideal π pulses, each of which turns the sign of the noise.

    The phase is φ = ∫f(t)ξ(t)dt, where f = ±1 changes its sign at each pulse. Called with
    frequencies it gives the filter ::

        F(ω) = |∫₀^τ f(t) e^{iωt} dt|²

    which is 4 sin²(ωτ/2)/ω² without a pulse.

    Parameters
    ----------
    duration : float or array_like
        τ, the whole time, zero or above. An array asks for many durations at once.
    pulses : int or array_like
        A number N puts pulses at (k − ½)/N of the duration: 0 is free decay (Ramsey), 1 the
        Hahn echo, N the sequence CPMG-N. An array gives the places as increasing fractions
        between 0 and 1, e.g. sin²(πk/(2N + 2)) for Uhrig's sequence.

    Raises
    ------
    LzopenError
        If a duration is negative, the number is negative or not whole, or the fractions do
        not increase or do not lie between 0 and 1.

    References
    ----------
    Ł. Cywiński, R. M. Lutchyn, C. P. Nave, S. Das Sarma, Phys. Rev. B 77, 174509 (2008).
    G. S. Uhrig, Phys. Rev. Lett. 98, 100504 (2007).

    Examples
    --------
    >>> PulseSequence(2.0, pulses=4).fractions.tolist()
    [0.125, 0.375, 0.625, 0.875]
    >>> PulseSequence(2.0)([0.0, np.pi]).round(12).tolist()
    [4.0, 0.0]
    """

    duration: Any
    pulses: Any = 0
    _marks: Any = field(init=False, repr=False)
    _unit: int = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "duration", not_negative("duration", self.duration))
        marks, unit = _train(self.pulses) if np.ndim(self.pulses) == 0 else _places(self.pulses)
        object.__setattr__(self, "_marks", marks)
        object.__setattr__(self, "_unit", unit)

    @property
    def fractions(self) -> Array:
        """Places of the pulses, as fractions of the duration."""
        return self._marks[1:-1] / self._unit

    @property
    def imbalance(self) -> float:
        """∫f dt/τ: 1 for free decay, 0 for a sequence that refocuses a constant."""
        parts = np.diff(self._marks)
        return float(parts[::2].sum() - parts[1::2].sum()) / self._unit

    def lags(self) -> tuple[Array, Array]:
        """Distances of the ends and pulses from one another, and the weights of each.

        F(ω) = −Σ weight · 2(1 − cos ω lag)/ω², and ⟨φ²⟩ = −Σ weight · ⟨(∫₀^lag ξ dt)²⟩.

        Returns
        -------
        lags, weights : (n,) ndarray
            The lags as fractions of the duration.
        """
        steps = 2.0 * (-1.0) ** np.arange(self._marks.size)
        steps[[0, -1]] /= 2
        first, second = np.triu_indices(self._marks.size, 1)
        distance = self._marks[second] - self._marks[first]
        lags, group = np.unique(distance, return_inverse=True)
        return lags / self._unit, np.bincount(group, steps[first] * steps[second])

    def __call__(self, omega: ArrayLike) -> Array:
        """F(ω) in units of time squared.

        Parameters
        ----------
        omega : array_like
            Frequencies, in rad per time.

        Returns
        -------
        ndarray
            In the shape of the durations followed by that of the frequencies.
        """
        omega = np.asarray(finite("omega", omega))
        phase = np.multiply.outer(self.duration, omega)
        ends = self._marks / self._unit
        amplitude = np.zeros_like(phase, dtype=complex)
        for k, (start, stop) in enumerate(itertools.pairwise(ends)):
            width, middle = stop - start, (start + stop - 1) / 2
            part = width * np.sinc(phase * (width / (2 * np.pi)))
            amplitude += (-1) ** k * part * np.exp(1j * middle * phase)
        square = amplitude.real**2 + amplitude.imag**2
        return (square.T * np.square(self.duration).T).T  # the durations come first


def _train(number: Any) -> tuple[Array, int]:
    """Marks at (k − ½)/N as whole numbers, so that equal distances are equal."""
    count = whole("pulses", number, remedy="or give fractions of the duration")
    inner = 2 * np.arange(count) + 1
    unit = max(2 * count, 1)
    return np.concatenate([[0], inner, [unit]]), unit


def _places(fractions: Any) -> tuple[Array, int]:
    places = increasing("pulses", fractions, least=1)
    if places.ndim != 1 or places[0] <= 0 or places[-1] >= 1:
        fail("pulses", "lie between 0 and 1", places, "they are fractions of the duration")
    return np.concatenate([[0.0], places, [1.0]]), 1
