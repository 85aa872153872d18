"""Two-state fluctuators."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import exprel

from lzopen.errors import finite, not_negative, positive, read_only, warn
from lzopen.noise import exponential
from lzopen.noise.base import Noise, checked_draw
from lzopen.noise.hierarchy import Hierarchy, combined
from lzopen.noise.path import Path
from lzopen.noise.sequences import PulseSequence
from lzopen.theory.single import fitting
from lzopen.waveforms.base import Array

_WEAK = 0.5  # amplitude/rate up to which S(0)/2 is right to 7 %


@dataclass(frozen=True, eq=False)
class Telegraph(Noise):
    """Random telegraph noise: ξ = ±a, which flips at the rate γ each way.

    C(t) = a² e^{−2γ|t|} and S(ω) = 4a²γ/(4γ² + ω²), but the noise is not Gaussian. Free decay
    is exactly ::

        W = |e^{−γτ} [cosh μτ + (γ/μ) sinh μτ]|,  μ = √(γ² − a²)

    at the rate γ − μ for a < γ, and oscillating for a > γ. After pulses W is exact, too.
    Arrays stand for independent fluctuators, ξ = Σξᵢ; many of them with log-uniform rates
    make 1/f noise. `coherence` of a callable filter knows the Gaussian approximation only,
    and says so.

    Redrawn: the first state of every fluctuator, ±a with equal chance, and all flips, in
    every row of `sample`.

    Parameters
    ----------
    amplitude : float or array_like
        a in rad per time, zero or above.
    rate : float or array_like
        γ, flips per time out of each state, positive. Numbers, or arrays of one shape.

    Raises
    ------
    LzopenError
        If an amplitude is negative, a rate is not positive, or the shapes do not fit.

    References
    ----------
    E. Paladino, L. Faoro, G. Falci, R. Fazio, Phys. Rev. Lett. 88, 228304 (2002).
    E. Paladino, Y. M. Galperin, G. Falci, B. L. Altshuler, Rev. Mod. Phys. 86, 361 (2014).

    Examples
    --------
    >>> xi = Telegraph(amplitude=0.3, rate=1.0)
    >>> print(xi.coherence([1.0, 10.0]).round(6))
    [0.974618 0.646131]
    >>> sorted(set(xi.sample([0.0, 1.0, 2.0], size=5, seed=1).ravel().tolist()))
    [-0.3, 0.3]
    """

    references: ClassVar[tuple[str, ...]] = ("paladino2002", "paladino2014")
    amplitude: Any
    rate: Any
    is_gaussian = False

    def __post_init__(self) -> None:
        amplitude = not_negative("amplitude", self.amplitude)
        rate = positive("rate", self.rate)
        fitting(amplitude=amplitude, rate=rate)
        if np.ndim(amplitude) or np.ndim(rate):
            amplitude, rate = (read_only(x) for x in np.broadcast_arrays(amplitude, rate))
        object.__setattr__(self, "amplitude", amplitude)
        object.__setattr__(self, "rate", rate)

    @property
    def _fluctuators(self) -> tuple[Array, Array]:
        return np.ravel(self.amplitude), np.ravel(self.rate)

    @property
    def _corners(self) -> tuple[float, ...]:  # type: ignore[override]
        return tuple(np.ravel(2 * np.asarray(self.rate)).tolist())

    def spectrum(self, omega: ArrayLike) -> Array:
        amplitude, rate = self._fluctuators
        frequency = np.asarray(finite("omega", omega))[..., None]
        return exponential.lorentzian(frequency, amplitude, 0.5 / rate).sum(axis=-1)

    def correlation(self, t: ArrayLike) -> Array:
        amplitude, rate = self._fluctuators
        return np.exp(-2 * rate * np.abs(finite("t", t))[..., None]) @ amplitude**2

    def phase_variance(self, duration: ArrayLike) -> Array:
        amplitude, rate = self._fluctuators
        time = np.asarray(not_negative("duration", duration))[..., None]
        return exponential.phase_variance(time, amplitude, 0.5 / rate).sum(axis=-1)

    def _pulsed(self, sequence: PulseSequence) -> Array:
        """−ln |Σ of the two entries| of a vector that each interval multiplies by a matrix."""
        amplitude, rate = self._fluctuators
        ends = np.concatenate([[0.0], sequence.fractions, [1.0]])
        duration = np.asarray(sequence.duration)[..., None]
        total, difference = np.ones_like(duration * rate), np.zeros_like(duration * rate)
        for part in np.diff(ends):
            cosh, sinh = _without_decay(amplitude, rate, duration * part)
            total, difference = (
                (cosh + rate * sinh) * total - amplitude * sinh * difference,
                # a pulse follows: the sign of the phase changes, and that of the difference
                -amplitude * sinh * total - (cosh - rate * sinh) * difference,
            )
        with np.errstate(divide="ignore"):
            each = _decay(amplitude, rate) * duration - np.log(np.abs(total))
        return each.sum(axis=-1)[()]

    def _filtered(self, filter: Callable[[Array], Any]) -> Array:
        ratio = float(np.max(np.divide(self.amplitude, self.rate)))
        warn(
            f"Telegraph noise is taken for Gaussian, with amplitude/rate = {ratio:.3g}, which "
            "has to be small; pass a PulseSequence for the exact coherence.",
            ratio,
            stacklevel=4,
        )
        return super()._filtered(filter)

    @property
    def dephasing_rate(self) -> float:
        """a²/2γ, the limit of weak coupling; the exact rate is γ − √(γ² − a²).

        Warns
        -----
        LzopenWarning
            If a/γ is above one half; it carries that number.
        """
        amplitude, rate = self._fluctuators
        strongest = float(np.max(amplitude / rate))
        if strongest > _WEAK:
            warn(
                f"amplitude/rate = {strongest:.3g}: the noise is too slow for a rate, which needs "
                f"{_WEAK} or less; use `coherence`.",
                strongest,
                page="guide/choosing#what-acts-on-the-system",
            )
        return float(np.sum(amplitude**2 / (2 * rate)))

    @property
    def time_scale(self) -> float:
        return float(0.5 / np.max(self.rate))

    def draw(self, size: int, rng: np.random.Generator) -> Path:
        return TelegraphPath(self, *checked_draw(size, rng))

    def hierarchy(self, levels: int) -> Hierarchy | None:
        """Exact, with two levels for each fluctuator, up to ten of them."""
        pairs = zip(*self._fluctuators, strict=True)
        return combined([_two_rungs(float(a), float(rate)) for a, rate in pairs])


def _two_rungs(amplitude: float, rate: float) -> Hierarchy:
    return Hierarchy(np.array([0.0, 2 * rate]), amplitude * np.array([[0.0, 1.0], [1.0, 0.0]]))


def _decay(amplitude: Array, rate: Array) -> Array:
    """The rate γ − Re μ at which an interval decays at least."""
    mu = np.sqrt(np.maximum((rate - amplitude) * (rate + amplitude), 0.0))
    return np.where(mu > 0, amplitude**2 / (rate + mu), rate)


def _without_decay(amplitude: Array, rate: Array, t: Array) -> tuple[Array, Array]:
    """e^{−t Re μ} cosh μt and e^{−t Re μ} sinh(μt)/μ, where μ may be imaginary or zero."""
    square = (rate - amplitude) * (rate + amplitude)
    mu = np.sqrt(np.abs(square))
    weak = (1 + np.exp(-2 * mu * t)) / 2, t * exprel(-2 * mu * t)
    strong = np.cos(mu * t), t * np.sinc(mu * t / np.pi)
    return np.where(square > 0, weak[0], strong[0]), np.where(square > 0, weak[1], strong[1])


class TelegraphPath(Path):
    """Exact flips: their number is Poisson's, their times are uniform."""

    _slice_size = 2**18  # flips are sorted, which pays for many at once

    def __init__(self, noise: Telegraph, size: int, rng: np.random.Generator) -> None:
        super().__init__(size, rng)
        self._amplitude, self._rate = noise._fluctuators
        shape = (size, self._rate.size)
        self._state = rng.choice([-1.0, 1.0], shape) * self._amplitude

    def _flips(self, start: float, stop: float) -> tuple[Array, Array, Array]:
        """Realisation, time and jump of all flips in between; moves the state to the end."""
        number = self._rng.poisson(self._rate * (stop - start), self._state.shape).ravel()
        owner = np.repeat(np.arange(number.size), number)
        times = self._rng.uniform(start, stop, owner.size)
        times = times[np.lexsort((times, owner))]
        rank = np.arange(owner.size) - np.repeat(np.cumsum(number) - number, number)
        before = self._state.ravel()[owner] * (1 - 2 * (rank % 2))
        self._state *= (1.0 - 2 * (number % 2)).reshape(self._state.shape)
        return owner // self._rate.size, times, -2 * before

    def _values(self, times: Array, out: Array) -> None:
        start = times[0] if self._time is None else self._time
        first = self._state.sum(axis=1)
        shot, flip, jump = self._flips(start, times[-1])
        out[...] = self._collect(np.searchsorted(times, flip), shot, jump, times.size)
        np.cumsum(out, axis=0, out=out)
        out += first

    def _integrals(self, edges: Array, mean: Array, slope: Array) -> None:
        count = edges.size - 1
        first = self._state.sum(axis=1)
        shot, flip, jump = self._flips(edges[0], edges[-1])
        step = np.clip(np.searchsorted(edges, flip, side="right") - 1, 0, max(count - 1, 0))
        later, sooner = edges[step + 1] - flip, flip - edges[step]
        at_start = np.empty_like(mean)
        at_start[0] = first
        jumps = self._collect(step, shot, jump, count)
        at_start[1:] = first + np.cumsum(jumps[:-1], axis=0)
        mean[...] = at_start * np.diff(edges)[:, None]
        mean += self._collect(step, shot, jump * later, count)
        slope[...] = self._collect(step, shot, jump * later * sooner / 2, count)

    def _collect(self, row: Array, shot: Array, values: Array, rows: int) -> Array:
        """Sums of what falls into the same row and realisation."""
        flat = np.bincount(row * self.size + shot, values, rows * self.size)
        return flat.reshape(rows, self.size)
