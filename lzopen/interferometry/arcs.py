"""The law of a fast drive in phase space, fitted to a map of populations.

Pixels are compared with the law in populations, where their noise is known, through the slope
dP/dW that turns a small change of the rate W into one of P. The comparison is then projected on
the waves cos(kε) J₀((2A/ω) sin(ωk/2)), of which the rate is made.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy.optimize import least_squares
from scipy.special import j0, jv, voigt_profile

from lzopen.errors import fail
from lzopen.interferometry.pixels import Pixels
from lzopen.waveforms.base import Array

_ROUNDS = 8  # of weights from the last fit; three or four settle
_FALLEN = 7.0  # ln of the decay at the last k that tells anything
_ALIKE = 1e-9  # of a mean eigenvalue: waves that the pixels cannot tell from others
_STARTS = 3
_FEWEST = 4  # steps of a range of k


class Law(NamedTuple):
    """½π·strength·e^{−Γ2k − variance·k²/2} is the transform of the rate, over J₀."""

    strength: float
    Gamma2: float
    variance: float


@dataclass(frozen=True, eq=False)
class Ladder:
    """Sidebands of all rows: what turns a law into rates."""

    weights: Array  # (a, n), J_n²
    detunings: Array  # (n, b)
    duration: float | None

    @classmethod
    def of(cls, pixels: Pixels) -> Ladder:
        depth = pixels.amplitude / pixels.omega
        last = int(depth.max() + 12 * np.cbrt(depth.max()) + 12)  # J_n² < 1e-36 beyond
        n = np.arange(-last, last + 1)
        detunings = pixels.bias - n[:, None] * pixels.omega
        return cls(np.square(jv(n, depth[:, None])), detunings, pixels.duration)

    def rates(self, law: Law) -> Array:
        """W, in units of 1/T1 for a steady state."""
        return 0.5 * np.pi * law.strength * (self.weights @ self._lines(law))

    def _lines(self, law: Law) -> Array:
        width = np.sqrt(law.variance)
        lines = voigt_profile(self.detunings, width, law.Gamma2)
        if self.duration is None:
            return lines
        # a pulse holds times k only t − k times: −k e^{−Γ2k} is the derivative by Γ2
        nudge = 1e-4 * np.hypot(law.Gamma2, width)
        wider = voigt_profile(self.detunings, width, law.Gamma2 + 2 * nudge)
        middle = voigt_profile(self.detunings, width, law.Gamma2 + nudge)
        return lines + (4 * middle - 3 * lines - wider) / (2 * nudge * self.duration)


@dataclass(frozen=True, eq=False)
class Waves:
    """cos(kε) and J₀((2A/ω) sin(ωk/2)) for every k."""

    k: Array
    along_bias: Array  # (k, b)
    along_amplitude: Array  # (k, a)

    @classmethod
    def of(cls, pixels: Pixels, k: Array) -> Waves:
        reach = 2 / pixels.omega * np.sin(0.5 * pixels.omega * k)
        return cls(k, np.cos(np.outer(k, pixels.bias)), j0(np.outer(reach, pixels.amplitude)))

    def project(self, values: Array) -> Array:
        """Sum over all pixels of a map times each wave, (k,)."""
        return np.sum((self.along_bias @ values.T) * self.along_amplitude, axis=-1)

    def powers(self, weights: Array) -> Array:
        """Weighted sums over all pixels of the square of each wave, (k,)."""
        return Waves(self.k, self.along_bias**2, self.along_amplitude**2).project(weights)

    def overlaps(self, weights: Array) -> Array:
        """Weighted sums over all pixels of the product of two waves, (k, k)."""
        total = np.zeros((self.k.size, self.k.size))
        for row, heights in zip(weights, self.along_amplitude.T, strict=True):
            rows = self.along_bias * heights[:, None]
            total += (rows * row) @ rows.T
        return total


@dataclass(frozen=True, eq=False)
class Fitted:
    """The law that describes the waves best, and what the pixels say around it."""

    law: Law
    covariance: Array  # (3, 3), of the law, for the noise as it was given
    rates: Array  # (a, b), of the law
    slope: Array  # (a, b), dP/dW there
    weight: Array  # (a, b), of the population; 0 where missing
    variance: Array  # (a, b), of the population, or of unit size if unknown
    rare: Array | float  # (a, b), what few counts add to the variance of a square
    missed: Array  # (a, b), population seen minus that of the law; 0 where missing
    waves: Waves

    @property
    def chance(self) -> float:
        """Standard deviation of ``reduced`` by chance."""
        squares = self.weight**2 * (2 * self.variance**2 + self.rare)
        return float(np.sqrt(np.sum(squares)) / np.sum(self.weight * self.variance))

    @property
    def reduced(self) -> float:
        """Weighted squares of all pixels over what the noise makes of them."""
        return float(np.sum(self.weight * self.missed**2) / np.sum(self.weight * self.variance))

    def structure(self, clear: float) -> float:
        """What neighbours miss together, which noise does not, over what the map shows."""
        seen = self.weight > 0
        both = self.missed[:, 1:] * self.missed[:, :-1]
        pairs = both[seen[:, 1:] & seen[:, :-1]]
        common = pairs.mean() - clear * pairs.std() / np.sqrt(pairs.size)
        shown = self.slope[seen] * self.rates[seen]
        return float(np.sqrt(max(common, 0.0)) / shown.std())

    def beyond(self, bias: Array) -> tuple[Array, Array]:
        """What each wave says beyond the law, as a part of the transform, and its error."""
        area = np.square(self.waves.along_bias) @ widths(bias)
        weight = self.weight * self.slope
        power = self.waves.powers(weight * self.slope)
        spread = np.sqrt(self.waves.powers(weight**2 * self.variance))
        return area * self.waves.project(weight * self.missed) / power, area * spread / power


def fit_law(pixels: Pixels, k_range: tuple[float, float] | None) -> Fitted:
    """Fit the law to the waves within a range of k, by weights that follow the fit."""
    ladder = Ladder.of(pixels)
    laws = _starts(pixels, ladder)
    waves = Waves.of(pixels, _grid(pixels, laws[0], k_range))
    found = min(
        (_refine(pixels, ladder, waves, law, steps=8) for law in laws), key=lambda f: f.reduced
    )
    for _ in range(_ROUNDS):
        last, found = found, _refine(pixels, ladder, waves, found.law)
        moved = np.subtract(found.law, last.law)
        if np.all(moved**2 <= 1e-4 * np.diag(found.covariance) * found.reduced):
            break
    return found


def widths(axis: Array) -> Array:
    """What each value of an axis stands for in an integral over it."""
    steps = np.diff(axis)
    return 0.5 * (np.append(steps, 0.0) + np.append(0.0, steps))


def decay_of(law: Law, k: Array, duration: float | None) -> Array:
    """½π·strength·e^{−Γ2k − variance·k²/2}, which a pulse holds (1 − k/t) times."""
    D = 0.5 * np.pi * law.strength * np.exp(-law.Gamma2 * k - 0.5 * law.variance * k**2)
    return D if duration is None else D * np.maximum(1 - k / duration, 0.0)


def _grid(pixels: Pixels, law: Law, k_range: tuple[float, float] | None) -> Array:
    """Multiples of the finest step in k that the window can tell."""
    step = np.pi / np.abs(pixels.bias).max()
    if k_range is None:
        root = np.sqrt(law.Gamma2**2 + 2 * law.variance * _FALLEN)
        k_range = (0.0, 2 * _FALLEN / (law.Gamma2 + root))
    elif np.diff(k_range) < _FEWEST * step:
        fail("k_range", f"be at least {_FEWEST * step:.3g} long", k_range, "or widen the window")
    first, last = np.ceil(k_range[0] / step - 1e-9), np.floor(k_range[1] / step + 1e-9)
    return step * np.arange(first, max(last, first + _FEWEST) + 1)


def _starts(pixels: Pixels, ladder: Ladder) -> list[Law]:
    """Laws of a few widths, each with its best strength for a first linear estimate of the rate."""
    seen, contrast = pixels.seen, 1 - 2 * pixels.anchor
    with np.errstate(divide="ignore", invalid="ignore"):
        rest = np.clip((1 - 2 * pixels.population) / contrast, 0.05, 1.0)
    seen = seen & np.isfinite(rest)
    W = 0.5 / rest - 0.5 if pixels.duration is None else -0.5 * np.log(rest) / pixels.duration
    weight = np.where(seen, np.square(pixels.slope(np.where(seen, W, 0.0))), 0.0)
    W = np.where(seen, W, 0.0)
    span = pixels.bias[-1] - pixels.bias[0]
    ranked = []
    for width in np.geomspace(pixels.step / 4, min(2 * pixels.omega, span), 12):
        for share in (0.05, 0.5, 0.95):
            shape = Law(1.0, width * (1 - share), (width * share) ** 2)
            unit = ladder.rates(shape)
            strength = np.sum(weight * unit * W) / max(np.sum(weight * unit**2), 1e-300)
            if strength > 0:
                P = pixels.expected(strength * unit)
                miss = np.sum(np.square(np.where(seen, P - pixels.population, 0.0)))
                ranked.append((float(miss), shape._replace(strength=float(strength))))
    if not ranked:
        fail("population", "show transitions", "what no rate above zero makes", "see `equilibrium`")
    return [law for _, law in sorted(ranked)[:_STARTS]]


def _refine(
    pixels: Pixels, ladder: Ladder, waves: Waves, law: Law, steps: int | None = None
) -> Fitted:
    """One fit with the weights of this law."""
    W = ladder.rates(law)
    slope = pixels.slope(W)
    weight, variance = pixels.noise(pixels.expected(W))
    whiten = _whitened(waves.overlaps(weight * slope**2))
    measured = np.where(pixels.seen, pixels.population, 0.0)

    def missed(law: Law) -> Array:
        return np.where(pixels.seen, measured - pixels.expected(ladder.rates(law)), 0.0)

    # in units of its own size, and of the noise, whatever that is
    width = np.hypot(law.Gamma2, np.sqrt(law.variance))
    unit = np.array([law.strength, width, width**2])
    noise = np.sqrt(np.sum(weight * missed(law) ** 2) / weight.size) + 1e-150

    def residual(u: Array) -> Array:
        return whiten.T @ waves.project(weight * slope * missed(Law(*u * unit))) / noise

    low = np.array([1e-6, 1e-4, 0.0])  # a line without any width is no function
    start = np.maximum(np.asarray(law) / unit, low + 1e-6)
    found = least_squares(residual, start, bounds=(low, np.inf), max_nfev=steps)
    new = Law(*(float(x) for x in found.x * unit))
    lever = np.linalg.pinv(found.jac * noise) * unit[:, None]
    spread = whiten.T @ waves.overlaps((weight * slope) ** 2 * variance) @ whiten
    covariance = lever @ spread @ lever.T
    rare = 0.0 if pixels.shots is None else variance / pixels.shots**2
    return Fitted(
        new, covariance, ladder.rates(new), slope, weight, variance, rare, missed(new), waves
    )


def _whitened(overlaps: Array) -> Array:
    """Combinations of waves that noise makes independent, of unit size; redundant ones left out."""
    size = np.sqrt(np.diagonal(overlaps))
    values, vectors = np.linalg.eigh(overlaps / np.outer(size, size))
    kept = values > _ALIKE
    return vectors[:, kept] / size[:, None] / np.sqrt(values[kept])
