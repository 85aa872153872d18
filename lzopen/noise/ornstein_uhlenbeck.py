"""Gaussian noise with an exponential memory."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike

from lzopen.errors import finite, not_negative, positive, single, whole
from lzopen.noise import exponential
from lzopen.noise.base import Noise, checked_draw
from lzopen.noise.hierarchy import Hierarchy, hermite
from lzopen.noise.path import Path
from lzopen.waveforms.base import Array

_NEAR = 2.0  # half steps, in correlation times, below which a continued fraction takes over
_DEPTH = 14  # its depth, for an error below 1e-16


@dataclass(frozen=True, eq=False)
class OrnsteinUhlenbeck(Noise):
    """Gaussian noise with C(t) = σ² e^{−|t|/τ_c} and S(ω) = 2σ²τ_c/(1 + ω²τ_c²).

    Free decay is W = e^{−χ} with χ = σ²τ_c²(t/τ_c − 1 + e^{−t/τ_c}): Gaussian in time as long
    as t ≪ τ_c, and exponential with the rate σ²τ_c for t ≫ τ_c. Samples and their integrals
    are exact, for steps of any length.

    Redrawn: the whole path, its start from the stationary distribution, in every row of
    `sample`.

    Parameters
    ----------
    sigma : float
        Standard deviation σ, in rad per time, zero or above.
    correlation_time : float
        τ_c, positive.

    Raises
    ------
    LzopenError
        If sigma is negative, the correlation time is not positive, or one of them is not a
        single number.

    References
    ----------
    G. E. Uhlenbeck, L. S. Ornstein, Phys. Rev. 36, 823 (1930).
    R. Kubo, J. Math. Phys. 4, 174 (1963).

    Examples
    --------
    >>> xi = OrnsteinUhlenbeck(sigma=0.2, correlation_time=5.0)
    >>> print(xi.coherence([1.0, 10.0]).round(6))
    [0.981444 0.321314]
    >>> xi.sample([0.0, 1.0, 2.0], size=4, seed=1).shape
    (4, 3)
    """

    references: ClassVar[tuple[str, ...]] = ("uhlenbeck1930", "kubo1963")
    sigma: float
    correlation_time: float
    is_truncated = True

    def __post_init__(self) -> None:
        sigma = single("sigma", not_negative("sigma", self.sigma))
        time = single("correlation_time", positive("correlation_time", self.correlation_time))
        object.__setattr__(self, "sigma", sigma)
        object.__setattr__(self, "correlation_time", time)

    @property
    def _corners(self) -> tuple[float, ...]:  # type: ignore[override]
        return (1 / self.correlation_time,)

    def spectrum(self, omega: ArrayLike) -> Array:
        frequency = np.asarray(finite("omega", omega))
        return exponential.lorentzian(frequency, self.sigma, self.correlation_time)

    def correlation(self, t: ArrayLike) -> Array:
        return self.sigma**2 * np.exp(-np.abs(finite("t", t)) / self.correlation_time)

    def phase_variance(self, duration: ArrayLike) -> Array:
        time = np.asarray(not_negative("duration", duration))
        return exponential.phase_variance(time, self.sigma, self.correlation_time)

    def _slow_and_rest(self, lag: Array, duration: Array) -> tuple[Array, Array]:
        return exponential.slow_and_rest(lag, duration, self.sigma, self.correlation_time)

    @property
    def dephasing_rate(self) -> float:
        return self.sigma**2 * self.correlation_time

    @property
    def time_scale(self) -> float:
        return self.correlation_time

    def draw(self, size: int, rng: np.random.Generator) -> Path:
        return OrnsteinUhlenbeckPath(self, *checked_draw(size, rng))

    def hierarchy(self, levels: int) -> Hierarchy | None:
        return hermite(whole("levels", levels, least=1), self.sigma, 1 / self.correlation_time)


class OrnsteinUhlenbeckPath(Path):
    """Exact steps: the end given the start, then both integrals given the two ends."""

    def __init__(self, noise: OrnsteinUhlenbeck, size: int, rng: np.random.Generator) -> None:
        super().__init__(size, rng)
        self._noise = noise
        self._value = noise.sigma * rng.standard_normal(size)

    def _values(self, times: Array, out: Array) -> None:
        self._rng.standard_normal(out=out)
        self._walk(self._since(times), out)

    def _walk(self, steps: Array, noise: Array) -> None:
        """Turn rows of unit normals into the values at the ends of the steps."""
        x = steps / self._noise.correlation_time
        keep = np.exp(-x).tolist()
        kick = self._noise.sigma * np.sqrt(-np.expm1(-2 * x))
        noise *= kick[:, None]
        before = self._value
        kept = np.empty(self.size)
        for factor, row in zip(keep, noise, strict=True):
            np.multiply(before, factor, out=kept)
            row += kept
            before = row
        self._value = before.copy()

    def _integrals(self, edges: Array, mean: Array, slope: Array) -> None:
        count = edges.size - 1
        ends = np.empty((count + 1, self.size))
        ends[0] = self._value
        self._rng.standard_normal(out=ends[1:])
        self._walk(np.diff(edges), ends[1:])
        even, even_noise, odd, odd_noise = (x[:, None] for x in self._bridge(np.diff(edges)))
        work = np.empty_like(mean)
        for out, join, weight, noise in (
            (mean, np.add, even, even_noise),
            (slope, np.subtract, odd, odd_noise),
        ):
            self._rng.standard_normal(out=out)
            out *= noise
            join(ends[1:], ends[:-1], out=work)
            work *= weight
            out += work

    def _bridge(self, steps: Array) -> tuple[Array, Array, Array, Array]:
        """Weights of ξ₀ + ξ₁ in I₀ and of ξ₁ − ξ₀ in I₁, and what scatters about them.

        With y = h/2τ_c they are τ_c tanh y and τ_c²(y coth y − 1), and the variances are
        4σ²τ_c²(y − tanh y) and 4σ²τ_c⁴y(1 + y²/3 − y coth y). By symmetry in time the two
        integrals do not know of one another once the ends are given.
        """
        time, sigma = self._noise.correlation_time, self._noise.sigma
        y = steps / (2 * time)
        inner = _fraction(y)
        lift = y**2 / (3 + inner)  # y coth y − 1
        tanh = np.tanh(y)
        even_noise = 2 * sigma * time * np.sqrt(tanh * lift)
        odd_noise = 2 * sigma * time**2 * np.sqrt(y * lift * inner / 3)
        return time * tanh, even_noise, time**2 * lift, odd_noise


def _fraction(y: Array) -> Array:
    """r = y²/(5 + y²/(7 + …)) of y coth y = 1 + y²/(3 + r), which loses no digits at small y."""
    near, far = np.minimum(y, _NEAR), np.maximum(y, _NEAR)
    r = np.zeros_like(near)
    for k in range(_DEPTH, 0, -1):
        r = near**2 / (2 * k + 3 + r)
    return np.where(y < _NEAR, r, far**2 / (far / np.tanh(far) - 1) - 3)
