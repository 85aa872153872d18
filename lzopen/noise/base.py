"""The noise contract: one object gives spectrum, correlation, samples and decay."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from lzopen.errors import fail, increasing, instance, whole
from lzopen.noise.filtering import filtered_exponent
from lzopen.noise.hierarchy import Hierarchy, combined
from lzopen.noise.path import Path, SumPath
from lzopen.noise.sequences import PulseSequence
from lzopen.waveforms.base import Array

_ROUND_OFF = 1e-9  # of χ


class Noise(ABC):
    """Stationary classical noise ξ(t) of zero mean; H gets ½ξσz, or ξA for N levels.

    The spectrum is two-sided in ω, and C(t) = ⟨ξ(t)ξ(0)⟩ = ∫dω/2π S(ω) e^{iωt}. ξ and the
    standard deviations are energies, in rad per time; S is in rad² per time. A sum of noises,
    written with ``+``, is a sum of independent processes.

    A subclass is a frozen dataclass that supplies what is abstract here.
    """

    is_gaussian: bool = True
    is_truncated: bool = False
    """Whether `hierarchy` is exact only in the limit of many levels."""

    _corners: tuple[float, ...] = ()  # frequencies at which the spectrum bends
    _band: tuple[float, float] = (0.0, np.inf)  # outside of it the spectrum is zero

    @abstractmethod
    def spectrum(self, omega: ArrayLike) -> Array:
        """S(ω), two-sided and even, on frequencies of any shape.

        Parameters
        ----------
        omega : array_like
            Angular frequencies, in rad per time.

        Returns
        -------
        ndarray
            S in rad² per time, in the shape of ``omega``.
        """

    @abstractmethod
    def correlation(self, t: ArrayLike) -> Array:
        """C(t) = ⟨ξ(t)ξ(0)⟩, even in t, on times of any shape."""

    @abstractmethod
    def phase_variance(self, duration: ArrayLike) -> Array:
        """⟨(∫₀^τ ξ dt)²⟩ = ∫dω/2π S(ω) 2(1 − cos ωτ)/ω², on durations of any shape.

        Parameters
        ----------
        duration : array_like
            τ, zero or above.

        Returns
        -------
        ndarray
            In rad², in the shape of ``duration``.

        Raises
        ------
        LzopenError
            If a duration is negative or not finite.
        """

    @property
    @abstractmethod
    def dephasing_rate(self) -> float:
        """Rate S(0)/2 of the `Dephasing` that noise ½ξσz amounts to for long times.

        For noise ξA on N levels it goes with ``Dephasing(rate, operator=2 * A)``.

        Raises
        ------
        LzopenError
            If it has no such limit.
        """

    @property
    @abstractmethod
    def time_scale(self) -> float:
        """Shortest time in which ξ changes: 0 for white noise, infinite for a constant."""

    @abstractmethod
    def draw(self, size: int, rng: np.random.Generator) -> Path:
        """Start independent realisations, which go on from call to call.

        Parameters
        ----------
        size : int
            How many.
        rng : numpy.random.Generator
            Where the random numbers come from.

        Returns
        -------
        Path
        """

    def hierarchy(self, levels: int) -> Hierarchy | None:
        """Equations for the mean state, for solvers that need no samples.

        Parameters
        ----------
        levels : int
            Rungs of each part of which `is_truncated` is true; the other parts are exact.

        Returns
        -------
        Hierarchy or None
            None if the noise has no finite hierarchy, or one of more than 1024 levels.
        """
        return None

    def coherence(self, filter: Any) -> Array:
        """Coherence W = |⟨e^{iφ}⟩| after the phase φ = ∫f(t)ξ(t)dt.

        For a Gaussian noise W = e^{−χ} with χ = ½∫dω/2π S(ω)F(ω), F = |f̃(ω)|².

        Parameters
        ----------
        filter : array_like, PulseSequence or callable
            Durations of a free decay; or a sequence of pulses; or the function F(ω) itself,
            in units of time squared, even, called with 1-D arrays of positive frequencies.
            It may return leading axes, which the result then has. If it has an attribute
            ``area`` = ∫F dω/2π, white noise takes that.

        Returns
        -------
        ndarray
            W between 0 and 1. For N pulses χ is right to about 1e-16 N⁴ (relative, at worst),
            for a callable to 1e-8 relative or 1e-10 absolute, if F has no feature narrower than
            about a hundredth of its frequency.

        Raises
        ------
        LzopenError
            If a duration is negative, F returns what is no filter, or χ is negative.

        Warns
        -----
        LzopenWarning
            If the quadrature over a callable misses its accuracy; it carries the error of χ.

        References
        ----------
        Ł. Cywiński, R. M. Lutchyn, C. P. Nave, S. Das Sarma, Phys. Rev. B 77, 174509 (2008).
        """
        if callable(filter) and not isinstance(filter, PulseSequence):
            exponent = self._filtered(filter)
            if np.any(exponent < -_ROUND_OFF):
                remedy = "it is that of a probability, which may rise: use decay_exponent"
                fail("filter", "have a χ that is not negative", f"{np.min(exponent):.3g}", remedy)
            return np.exp(-exponent)
        return np.exp(-self.decay_exponent(filter))

    def decay_exponent(self, filter: Any) -> Array:
        """χ of W = e^{−χ}, also for filters of probabilities, where it may be negative.

        Parameters
        ----------
        filter : array_like, PulseSequence or callable
            As for `coherence`.

        Returns
        -------
        ndarray
            With the digits that `coherence` promises, also where W is 0 or 1 but for round-off.
            For telegraph noise after pulses, which is not Gaussian, −ln W, to 1e-16 absolute.

        Examples
        --------
        What noise adds to the probability to stay, P → P − χ, to first order in the spectrum:

        >>> import lzopen as lz
        >>> qubit = lz.TwoLevel(sweep=lz.Linear(1.0), gap=1.0)
        >>> F = lz.filter_function(qubit, window=(-20, 20))
        >>> print(f"{-lz.White(0.01).decay_exponent(F):.4f}")
        0.0043
        """
        if callable(filter) and not isinstance(filter, PulseSequence):
            return self._filtered(filter)
        return self._pulsed(filter if isinstance(filter, PulseSequence) else PulseSequence(filter))

    def _pulsed(self, sequence: PulseSequence) -> Array:
        lags, weights = sequence.lags()
        duration = np.asarray(sequence.duration)[..., None]
        variance, rest = self._slow_and_rest(duration * lags, duration)
        static = variance[..., 0] * np.square(sequence.duration * sequence.imbalance)
        return np.asarray(0.5 * (static - rest @ weights))[()]

    def _slow_and_rest(self, lag: Array, duration: Array) -> tuple[Array, Array]:
        """v and r of ⟨(∫₀^lag ξ dt)²⟩ = v·lag² + r(lag), without cancellation in r.

        v is the variance of what hardly moves within the duration: an echo removes it, exactly.
        """
        return np.zeros_like(duration), self.phase_variance(lag)

    def _filtered(self, filter: Callable[[Array], Any]) -> Array:
        return filtered_exponent(self.spectrum, filter, self._corners, self._band)

    def sample(self, times: ArrayLike, *, size: int, seed: int | np.random.SeedSequence) -> Array:
        """ξ at given times; each row is one shot, drawn afresh and independent of the others.

        For memory from shot to shot put the times of several shots into one row.

        Parameters
        ----------
        times : (n,) array_like
            Strictly increasing.
        size : int
            Number of shots.
        seed : int or numpy.random.SeedSequence
            The same seed gives the same numbers.

        Returns
        -------
        (size, n) ndarray

        Raises
        ------
        LzopenError
            If the times do not increase, or no seed is given.
        """
        if not isinstance(seed, np.random.SeedSequence):
            whole("seed", seed, remedy="or a numpy SeedSequence")
        points = increasing("times", times, least=1)
        path = self.draw(size, np.random.default_rng(seed))
        return np.ascontiguousarray(path.values(points).T)

    def __add__(self, other: Noise) -> Noise:
        if not isinstance(other, Noise):
            return NotImplemented
        return NoiseSum((*_parts(self), *_parts(other)))

    def __radd__(self, other: Any) -> Noise:
        """So that ``sum`` works, which starts from 0."""
        return self if isinstance(other, int) and other == 0 else NotImplemented


def _parts(noise: Noise) -> tuple[Noise, ...]:
    return noise.parts if isinstance(noise, NoiseSum) else (noise,)


def checked_draw(size: Any, rng: Any) -> tuple[int, np.random.Generator]:
    """The number of realisations and the generator, once they are such."""
    remedy = "e.g. numpy.random.default_rng(seed)"
    instance("rng", rng, np.random.Generator, remedy)
    return whole("size", size, least=1), rng


def no_dephasing_rate(noise: Noise, reason: str) -> Any:
    """Raise, since the noise does not amount to a rate."""
    remedy = "use `coherence` or an average over the noise"
    page = "guide/noise#averages-over-the-dynamics"
    fail("noise", "have a finite S(0) above zero here", f"{noise}: {reason}", remedy, page)


@dataclass(frozen=True, eq=False)
class NoiseSum(Noise):
    """Sum of independent noises; written with ``+``.

    Redrawn: all parts, in every row of `sample`.

    Parameters
    ----------
    parts : tuple of Noise
        What is added; no sums among them.
    """

    parts: tuple[Noise, ...]

    @property
    def is_gaussian(self) -> bool:  # type: ignore[override]
        return all(part.is_gaussian for part in self.parts)

    @property
    def is_truncated(self) -> bool:  # type: ignore[override]
        return any(part.is_truncated for part in self.parts)

    def spectrum(self, omega: ArrayLike) -> Array:
        return np.sum([part.spectrum(omega) for part in self.parts], axis=0)

    def correlation(self, t: ArrayLike) -> Array:
        return np.sum([part.correlation(t) for part in self.parts], axis=0)

    def phase_variance(self, duration: ArrayLike) -> Array:
        return np.sum([part.phase_variance(duration) for part in self.parts], axis=0)

    def _pulsed(self, sequence: PulseSequence) -> Array:
        return np.sum([part._pulsed(sequence) for part in self.parts], axis=0)

    def _filtered(self, filter: Callable[[Array], Any]) -> Array:
        return np.sum([part._filtered(filter) for part in self.parts], axis=0)

    @property
    def dephasing_rate(self) -> float:
        """Sum of the rates of the parts; raises if a part has none."""
        return sum(part.dephasing_rate for part in self.parts)

    @property
    def time_scale(self) -> float:
        return min(part.time_scale for part in self.parts)

    def draw(self, size: int, rng: np.random.Generator) -> Path:
        return SumPath([part.draw(size, rng) for part in self.parts], rng)

    def hierarchy(self, levels: int) -> Hierarchy | None:
        return combined([part.hierarchy(levels) for part in self.parts])
