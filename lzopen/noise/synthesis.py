"""Noise as a sum of waves whose frequencies are drawn afresh for each realisation."""

from __future__ import annotations

import itertools

import numpy as np

from lzopen.noise.path import Path
from lzopen.waveforms.base import ROUND_OFF, Array

PER_DECADE = 32  # bands, of one wave each, in a decade of frequency
_BLOCK = 32  # realisations that are worked on at once
_SLICE = 1024  # steps that are worked on at once
_J1 = (1 / 3, -1 / 30, 1 / 840, -1 / 45360)  # series of j₁(y)/y
_SMALL = 0.1  # y below which it is used, with an error of 1e-15
_PHASE = 1e-6  # by which evenly spaced times may miss their grid, in rad


def logarithmic(low: float, high: float) -> Array:
    """Edges of the bands between two frequencies."""
    decades = np.log10(high / low)
    return np.geomspace(low, high, int(np.ceil(PER_DECADE * decades - ROUND_OFF)) + 1)


class SynthesisPath(Path):
    """ξ(t) = Σₖ σₖ(aₖ cos ωₖt + bₖ sin ωₖt) with standard normal a and b.

    Parameters
    ----------
    omega : (size, K) ndarray
        Frequencies.
    variance : (K,) ndarray
        σₖ², the power of each band.
    rng : numpy.random.Generator
        Where the amplitudes come from.
    """

    def __init__(self, omega: Array, variance: Array, rng: np.random.Generator) -> None:
        super().__init__(omega.shape[0], rng)
        self._omega = omega
        normal = rng.standard_normal((*omega.shape, 2)) * np.sqrt(variance)[:, None]
        self._amplitude = normal[..., 0] + 1j * normal[..., 1]

    def _slices(self, count: int) -> list[tuple[int, int]]:
        return [(start, min(start + _SLICE, count)) for start in range(0, count, _SLICE)]

    def _values(self, times: Array, out: Array) -> None:
        for rows in self._blocks():
            out[:, rows] = superpose(self._omega[rows], self._amplitude[None, rows], times)[0]

    def _integrals(self, edges: Array, mean: Array, slope: Array) -> None:
        middles = (edges[1:] + edges[:-1]) / 2
        for (length, at), rows in itertools.product(step_lengths(edges), self._blocks()):
            even, odd = bessel(self._omega[rows] * (length / 2))
            both = np.stack([length * even, -0.5j * length**2 * odd]) * self._amplitude[rows]
            mean[at, rows], slope[at, rows] = superpose(self._omega[rows], both, middles[at])

    def _blocks(self) -> list[slice]:
        return [slice(start, start + _BLOCK) for start in range(0, self.size, _BLOCK)]


def bessel(y: Array) -> tuple[Array, Array]:
    """Spherical Bessel functions j₀ and j₁ of y ≥ 0, faster than SciPy's."""
    j0 = np.sinc(y / np.pi)
    series = y * np.polynomial.polynomial.polyval(y**2, _J1)
    return j0, np.where(y < _SMALL, series, (j0 - np.cos(y)) / np.maximum(y, _SMALL))


def step_lengths(edges: Array) -> list[tuple[float, Array]]:
    """Lengths that differ by more than round-off, and where each of them occurs."""
    steps = np.diff(edges)
    order = np.argsort(steps, kind="stable")
    blur = 4 * np.spacing(np.abs(edges).max())
    new = np.flatnonzero(np.diff(steps[order]) > blur) + 1
    return [(float(steps[at].mean()), np.sort(at)) for at in np.split(order, new)]


def superpose(omega: Array, amplitudes: Array, times: Array) -> Array:
    """Re Σₖ amplitudeₖ e^{−iωₖt} for amplitudes (n, size, K), as (n, times, size).

    Evenly spaced times t = t_start + t_offset make it one product of matrices for each
    realisation, with the square root of as many waves.
    """
    starts, offsets = _factors(times, float(omega.max()))
    left = amplitudes[:, :, None] * waves(omega, starts)  # (n, size, starts, K)
    right = waves(omega, offsets).conj()
    left = np.moveaxis(left, 0, 1).reshape(omega.shape[0], -1, omega.shape[1])
    product = left.view(float) @ right.view(float).swapaxes(-1, -2)
    grid = product.reshape(omega.shape[0], amplitudes.shape[0], -1)[..., : times.size]
    return np.transpose(grid, (1, 2, 0))


def waves(omega: Array, times: Array) -> Array:
    """e^{−iωt} as (size, times, K), by repeated rotation where the times are evenly spaced."""
    if times.size < 3 or not _even(times, float(omega.max())):
        return np.exp(-1j * omega[:, None] * times[:, None])
    turn = np.exp(-1j * omega * (times[1] - times[0]))
    rows = np.repeat(turn[:, None], times.size, axis=1)
    rows[:, 0] = np.exp(-1j * omega * times[0])
    return np.multiply.accumulate(rows, axis=1, out=rows)


def _factors(times: Array, highest: float) -> tuple[Array, Array]:
    if times.size < 3 or not _even(times, highest):
        return times, np.zeros(1)
    width = int(np.ceil(np.sqrt(times.size)))
    step = (times[-1] - times[0]) / (times.size - 1)
    return times[0] + step * width * np.arange(-(-times.size // width)), step * np.arange(width)


def _even(times: Array, highest: float) -> bool:
    grid = np.linspace(times[0], times[-1], times.size)
    return bool(np.abs(times - grid).max() * highest < _PHASE)
