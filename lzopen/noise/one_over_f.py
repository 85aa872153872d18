"""1/f noise between two frequencies."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike

from lzopen.errors import fail, finite, not_negative, positive, single
from lzopen.noise import bands
from lzopen.noise.base import Noise, checked_draw, no_dephasing_rate
from lzopen.noise.path import Path
from lzopen.noise.synthesis import SynthesisPath, logarithmic
from lzopen.waveforms.base import ROUND_OFF, Array


@dataclass(frozen=True, eq=False)
class OneOverF(Noise):
    """Gaussian noise with S(ω) = 2πA²/|ω|^s between two frequencies and zero elsewhere.

    For s = 1, A is an energy and the variance is 2A² ln(ω_high/ω_low); free decay for
    1/ω_high ≪ τ ≪ 1/ω_low is W = e^{−χ} with ::

        χ = A²τ² [ln(1/ω_low τ) + 3/2 − γ_E]

    For other exponents A² carries the unit that makes S one of rad² per time.

    Samples are sums of waves, 32 for each decade, with normal amplitudes and with frequencies
    drawn within their band by S. Their spectrum, correlation and phase variance are exact and
    there is no period. The joint distribution is Gaussian for given frequencies only, so the
    mean coherence lies above that of Gaussian noise: by up to 2e-6 for free decay, 2e-5 for an
    echo, 3e-4 for CPMG-4 and 2e-3 for CPMG-8 (0.5 ≤ s ≤ 2).

    Redrawn: all amplitudes and frequencies, in every row of `sample`. Since slow noise links
    one shot to the next, put the times of several shots into one row where that matters.

    Parameters
    ----------
    amplitude : float
        A in rad per time (for s = 1), zero or above.
    omega_low, omega_high : float
        Infrared and ultraviolet cut-off in rad per time, positive. The infrared one is about
        the inverse of the time of the whole measurement.
    exponent : float
        s, default 1.

    Raises
    ------
    LzopenError
        If the amplitude is negative, a cut-off is not positive or the two are not in order, or
        an argument is not a single number.

    References
    ----------
    G. Ithier et al., Phys. Rev. B 72, 134519 (2005).
    E. Paladino, Y. M. Galperin, G. Falci, B. L. Altshuler, Rev. Mod. Phys. 86, 361 (2014).

    Examples
    --------
    >>> xi = OneOverF(amplitude=0.1, omega_low=1e-3, omega_high=1e3)
    >>> print(xi.coherence([1.0, 5.0]).round(4))
    [0.9247 0.2111]
    """

    references: ClassVar[tuple[str, ...]] = ("ithier2005", "paladino2014")
    amplitude: float
    omega_low: float
    omega_high: float
    exponent: float = 1.0

    def __post_init__(self) -> None:
        checks = {
            "amplitude": not_negative,
            "omega_low": positive,
            "omega_high": positive,
            "exponent": finite,
        }
        for name, check in checks.items():
            object.__setattr__(self, name, single(name, check(name, getattr(self, name))))
        if self.omega_high <= self.omega_low:
            must = f"be above `omega_low`, {self.omega_low:g}"
            fail("omega_high", must, f"{self.omega_high:g}")

    @property
    def _corners(self) -> tuple[float, ...]:  # type: ignore[override]
        return self._band

    @property
    def _band(self) -> tuple[float, float]:  # type: ignore[override]
        return self.omega_low, self.omega_high

    @property
    def _bands(self) -> list[bands.Bands]:
        weight = np.array([2 * np.pi * self.amplitude**2])
        ends = np.array([self.omega_low]), np.array([self.omega_high])
        return [bands.Bands(weight, -self.exponent, *ends)]

    def spectrum(self, omega: ArrayLike) -> Array:
        frequency = np.abs(finite("omega", omega))
        inside = (frequency >= self.omega_low) & (frequency <= self.omega_high)
        law = np.where(inside, frequency, 1.0) ** -self.exponent
        return np.where(inside, 2 * np.pi * self.amplitude**2 * law, 0.0)[()]

    def correlation(self, t: ArrayLike) -> Array:
        return bands.correlation(self._bands, np.abs(finite("t", t)))

    def phase_variance(self, duration: ArrayLike) -> Array:
        return bands.phase_variance(self._bands, np.asarray(not_negative("duration", duration)))

    def _slow_and_rest(self, lag: Array, duration: Array) -> tuple[Array, Array]:
        return bands.slow_and_rest(self._bands, lag, duration)

    @property
    def dephasing_rate(self) -> float:
        """None: the decay goes by τ² ln τ, at no rate; raises."""
        return no_dephasing_rate(self, "1/f noise has no rate")

    @property
    def time_scale(self) -> float:
        return 1 / self.omega_high

    def draw(self, size: int, rng: np.random.Generator) -> Path:
        size, rng = checked_draw(size, rng)
        edges = logarithmic(self.omega_low, self.omega_high)
        (law,) = self._bands
        variance = bands.variance(replace(law, low=edges[:-1], high=edges[1:]))
        # the power below a frequency grows like (e^{rL} − 1)/r with its logarithm L
        rise, span = 1 - self.exponent, np.log(edges[1:] / edges[:-1])
        uniform = rng.random((size, span.size))
        if abs(rise) > ROUND_OFF:
            place = np.log1p(uniform * np.expm1(rise * span)) / rise
        else:
            place = uniform * span
        return SynthesisPath(edges[:-1] * np.exp(place), variance, rng)
