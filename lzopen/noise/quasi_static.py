"""Noise that stands still during a shot."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from lzopen.errors import finite, not_negative, single, whole
from lzopen.noise.base import Noise, checked_draw, no_dephasing_rate
from lzopen.noise.filtering import at_zero
from lzopen.noise.hierarchy import Hierarchy, hermite
from lzopen.noise.path import Path
from lzopen.waveforms.base import Array


@dataclass(frozen=True, eq=False)
class QuasiStatic(Noise):
    """A Gaussian offset that keeps its value: C(t) = σ², S(ω) = 2πσ²δ(ω).

    Free decay is e^{−(t/T₂*)²} with T₂* = √2/σ, and an echo refocuses it entirely.

    Redrawn: the one value, in every row of `sample`.

    Parameters
    ----------
    sigma : float
        Standard deviation σ, in rad per time, zero or above.

    Raises
    ------
    LzopenError
        If sigma is negative or not a single number.

    Examples
    --------
    >>> print(QuasiStatic(sigma=0.1).coherence([0.0, 10.0]).round(6))
    [1.       0.606531]
    """

    sigma: float
    is_truncated = True

    def __post_init__(self) -> None:
        object.__setattr__(self, "sigma", single("sigma", not_negative("sigma", self.sigma)))

    def spectrum(self, omega: ArrayLike) -> Array:
        """2πσ²δ(ω): infinite at zero and zero elsewhere."""
        at = np.inf if self.sigma else 0.0
        return np.where(np.asarray(finite("omega", omega)) == 0, at, 0.0)[()]

    def correlation(self, t: ArrayLike) -> Array:
        return np.full(np.shape(finite("t", t)), self.sigma**2)[()]

    def phase_variance(self, duration: ArrayLike) -> Array:
        return np.square(self.sigma * np.asarray(not_negative("duration", duration)))

    def _slow_and_rest(self, lag: Array, duration: Array) -> tuple[Array, Array]:
        return np.full_like(duration, self.sigma**2), np.zeros_like(lag)

    def _filtered(self, filter: Callable[[Array], Any]) -> Array:
        return self.sigma**2 / 2 * at_zero(filter)

    @property
    def dephasing_rate(self) -> float:
        """None: the decay is Gaussian in time, at no rate; raises."""
        return no_dephasing_rate(self, "a constant never turns into a rate")

    @property
    def time_scale(self) -> float:
        return np.inf

    def draw(self, size: int, rng: np.random.Generator) -> Path:
        return ConstantPath(self, *checked_draw(size, rng))

    def hierarchy(self, levels: int) -> Hierarchy | None:
        return hermite(whole("levels", levels, least=1), self.sigma, 0.0)


class ConstantPath(Path):
    """One value for each realisation."""

    def __init__(self, noise: QuasiStatic, size: int, rng: np.random.Generator) -> None:
        super().__init__(size, rng)
        self._value = noise.sigma * rng.standard_normal(size)

    def _values(self, times: Array, out: Array) -> None:
        out[...] = self._value

    def _integrals(self, edges: Array, mean: Array, slope: Array) -> None:
        np.multiply(np.diff(edges)[:, None], self._value, out=mean)
        slope[...] = 0.0


def static_and_rest(noise: Noise) -> tuple[float, Noise | None]:
    """Standard deviation of all that stands still in a noise, and the other parts, if any."""
    parts = getattr(noise, "parts", (noise,))
    static = [part.sigma for part in parts if isinstance(part, QuasiStatic)]
    moving = [part for part in parts if not isinstance(part, QuasiStatic)]
    return float(np.linalg.norm(static)), sum(moving[1:], start=moving[0]) if moving else None
