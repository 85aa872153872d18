"""Noise without memory."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from lzopen.errors import fail, finite, not_negative, single
from lzopen.noise.base import Noise, checked_draw
from lzopen.noise.hierarchy import Hierarchy
from lzopen.noise.path import Path
from lzopen.waveforms.base import Array


@dataclass(frozen=True, eq=False)
class White(Noise):
    """White noise, S(ω) = S₀ at all frequencies: C(t) = S₀δ(t).

    Coherence decays as e^{−S₀t/2}, so the noise in ε is the same as `Dephasing` with the rate
    S₀/2.

    `sample` returns averages: the value at tᵢ is the mean over [tᵢ, tᵢ₊₁], of variance
    S₀/(tᵢ₊₁ − tᵢ), and the last one has the variance of the one before. That is right for a
    coefficient which holds each value until the next; it needs two times or more.

    Redrawn: everything; there is no memory, neither from time to time nor from shot to shot.

    Parameters
    ----------
    density : float
        S₀ in rad² per time, zero or above.

    Raises
    ------
    LzopenError
        If the density is negative or not a single number.

    Examples
    --------
    >>> White(density=0.2).dephasing_rate
    0.1
    >>> print(White(density=0.2).coherence(10.0).round(6))
    0.367879
    """

    density: float

    def __post_init__(self) -> None:
        density = single("density", not_negative("density", self.density))
        object.__setattr__(self, "density", density)

    def spectrum(self, omega: ArrayLike) -> Array:
        return np.full(np.shape(finite("omega", omega)), self.density)[()]

    def correlation(self, t: ArrayLike) -> Array:
        """S₀δ(t): infinite at zero and zero elsewhere."""
        at_zero = np.inf if self.density else 0.0
        return np.where(np.asarray(finite("t", t)) == 0, at_zero, 0.0)[()]

    def phase_variance(self, duration: ArrayLike) -> Array:
        return self.density * np.asarray(not_negative("duration", duration))

    def _filtered(self, filter: Callable[[Array], Any]) -> Array:
        area = getattr(filter, "area", None)
        return super()._filtered(filter) if area is None else np.asarray(area * self.density / 2)

    @property
    def dephasing_rate(self) -> float:
        return self.density / 2

    @property
    def time_scale(self) -> float:
        return 0.0

    def draw(self, size: int, rng: np.random.Generator) -> Path:
        return WhitePath(self, *checked_draw(size, rng))

    def hierarchy(self, levels: int) -> Hierarchy:
        return Hierarchy(np.zeros(1), np.zeros((1, 1)), white=self.density)


class WhitePath(Path):
    """White noise, averaged over steps."""

    def __init__(self, noise: White, size: int, rng: np.random.Generator) -> None:
        super().__init__(size, rng)
        self._density = noise.density

    def _slices(self, count: int) -> list[tuple[int, int]]:
        return [(0, count)] if count else []  # a value needs the time that follows

    def _values(self, times: Array, out: Array) -> None:
        steps = np.diff(times)
        if not steps.size or np.any(steps == 0):
            shown = f"{times.size} times" if times.size < 2 else "repeated times"
            fail("times", "be two or more and increase strictly", shown, "white noise is averaged")
        self._rng.standard_normal(out=out)
        out *= np.sqrt(self._density / np.append(steps, steps[-1]))[:, None]

    def _integrals(self, edges: Array, mean: Array, slope: Array) -> None:
        steps = np.diff(edges)[:, None]
        for out, variance in ((mean, steps), (slope, steps**3 / 12)):
            self._rng.standard_normal(out=out)
            out *= np.sqrt(self._density * variance)
