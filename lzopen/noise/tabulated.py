"""A spectrum from measurement."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from lzopen.errors import fail, finite, increasing, not_negative
from lzopen.noise import bands
from lzopen.noise.base import Noise, checked_draw, no_dephasing_rate
from lzopen.noise.path import Path
from lzopen.noise.synthesis import SynthesisPath, logarithmic
from lzopen.waveforms.base import Array

_DEPTH = 1e-6  # of the highest frequency: below it there is one band for samples
_SHARES = 64  # a band of samples holds at most this part of the power


@dataclass(frozen=True, eq=False)
class TabulatedSpectrum(Noise):
    """Gaussian noise with a measured spectrum, S(−ω) = S(ω).

    S is linear between the points and zero beyond both ends; no model is fitted. A table in Hz
    has to be turned: ω = 2πf, and S(ω) in rad²·time is half a one-sided density per Hz, times
    (2π)² if ξ is in Hz, too. A power law on a logarithmic grid wants ten points per decade
    (χ of 1/f noise is then off by 1 %, with three by 10 %).

    Samples are sums of waves with normal amplitudes and with frequencies drawn within their
    band by S: 32 bands for each decade, more where the power is, none with more than 1/64 of
    it. Their spectrum, correlation and phase variance are exact and there is no period. The
    joint distribution is Gaussian for given frequencies only, so the mean coherence lies
    slightly above that of Gaussian noise; see `OneOverF`.

    Redrawn: all amplitudes and frequencies, in every row of `sample`. Since slow noise links
    one shot to the next, put the times of several shots into one row where that matters.

    Parameters
    ----------
    omega : (n,) array_like
        Frequencies in rad per time, zero or above, strictly increasing; two or more.
    values : (n,) array_like
        S there, two-sided, in rad² per time, zero or above.

    Raises
    ------
    LzopenError
        If frequencies are negative or do not increase, values are negative, or shapes differ.

    Examples
    --------
    >>> xi = TabulatedSpectrum(omega=[0.0, 1.0, 2.0], values=[0.2, 0.2, 0.0])
    >>> print(xi.spectrum([-1.5, 0.5, 3.0]))
    [0.1 0.2 0. ]
    >>> print(xi.coherence([1.0, 20.0]).round(6))
    [0.956371 0.141457]
    """

    omega: Any
    values: Any

    def __post_init__(self) -> None:
        omega = increasing("omega", self.omega, "sort the table and drop repeated frequencies")
        if omega.ndim != 1:
            fail("omega", "be one row of frequencies", f"of shape {omega.shape}")
        if omega[0] < 0:
            remedy = "give one side; the other one is its mirror image"
            fail("omega", "not be negative", f"{omega[0]:g}", remedy)
        values = not_negative("values", np.atleast_1d(np.asarray(self.values)))
        if values.shape != omega.shape:
            fail("values", f"have the shape of `omega`, {omega.shape}", f"of shape {values.shape}")
        object.__setattr__(self, "omega", omega)
        object.__setattr__(self, "values", values)

    @property
    def _corners(self) -> tuple[float, ...]:  # type: ignore[override]
        return tuple(self.omega.tolist())

    @property
    def _band(self) -> tuple[float, float]:  # type: ignore[override]
        return float(self.omega[0]), float(self.omega[-1])

    @property
    def _slopes(self) -> Array:
        return np.diff(self.values) / np.diff(self.omega)

    @property
    def _bands(self) -> list[bands.Bands]:
        low, high = self.omega[:-1], self.omega[1:]
        constant = self.values[:-1] - self._slopes * low
        return [bands.Bands(constant, 0, low, high), bands.Bands(self._slopes, 1, low, high)]

    def spectrum(self, omega: ArrayLike) -> Array:
        frequency = np.abs(finite("omega", omega))
        return np.interp(frequency, self.omega, self.values, left=0.0, right=0.0)

    def correlation(self, t: ArrayLike) -> Array:
        return bands.correlation(self._bands, np.abs(finite("t", t)))

    def phase_variance(self, duration: ArrayLike) -> Array:
        return bands.phase_variance(self._bands, np.asarray(not_negative("duration", duration)))

    def _slow_and_rest(self, lag: Array, duration: Array) -> tuple[Array, Array]:
        return bands.slow_and_rest(self._bands, lag, duration)

    @property
    def dephasing_rate(self) -> float:
        """S(0)/2, if the table begins at ω = 0 with a value above zero; else it raises."""
        if self.omega[0] > 0 or self.values[0] == 0:
            return no_dephasing_rate(self, "the table has no power at zero frequency")
        return float(self.values[0] / 2)

    @property
    def time_scale(self) -> float:
        return float(1 / self.omega[-1])

    def draw(self, size: int, rng: np.random.Generator) -> Path:
        size, rng = checked_draw(size, rng)
        low, high = self._band
        total = self._power_below(np.array([high]))[0]
        shares = self._frequency_at(np.linspace(0, total, _SHARES + 1))
        steps = logarithmic(max(low, _DEPTH * high), high)
        edges = np.unique(np.concatenate([[low], steps, shares]))
        power = self._power_below(edges)
        uniform = rng.random((size, edges.size - 1))
        omega = self._frequency_at(power[:-1] + uniform * np.diff(power))
        return SynthesisPath(omega, np.diff(power) / np.pi, rng)

    @property
    def _power(self) -> Array:
        """∫S dω up to each point of the table."""
        mean = (self.values[1:] + self.values[:-1]) / 2
        return np.concatenate([[0.0], np.cumsum(mean * np.diff(self.omega))])

    def _power_below(self, omega: Array) -> Array:
        """∫S dω up to a frequency."""
        piece = _piece(self.omega, omega)
        beyond = omega - self.omega[piece]
        inside = (self.values[piece] + self._slopes[piece] * beyond / 2) * beyond
        return self._power[piece] + inside

    def _frequency_at(self, power: Array) -> Array:
        """The inverse of `_power_below`."""
        piece = _piece(self._power, power)
        beyond = power - self._power[piece]
        value, slope = self.values[piece], self._slopes[piece]
        root = value + np.sqrt(np.maximum(value**2 + 2 * slope * beyond, 0.0))
        step = 2 * beyond / np.where(root > 0, root, 1.0)
        return np.clip(self.omega[piece] + step, self.omega[piece], self.omega[piece + 1])


def _piece(points: Array, wanted: Array) -> Array:
    """Which interval between the points each value lies in."""
    return np.clip(np.searchsorted(points, wanted, side="right") - 1, 0, points.size - 2)
