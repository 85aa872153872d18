"""χ = ½∫dω/2π S(ω)F(ω) for a filter that is known only as a function."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.special import erfc

from lzopen.errors import fail, warn
from lzopen.waveforms.base import Array

_RELATIVE, _ABSOLUTE = 1e-8, 2 * np.pi * 1e-10  # accuracy of the integral, 2πχ
_SAFE = 0.1  # of the accuracy, at which an estimated error is trusted
_SCAN = np.logspace(-18, 18, 361)  # where the filter is looked for, in any unit of time
_VISIBLE = 0.1  # of the largest ωF: the filter reaches from the first to the last of these
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(16)
_STEEP = 10.0  # of the smooth step: it ends 1e-12 from 1 and 0
_CALL = 2**12  # frequencies in one call of the filter
_PIECES = 2**14  # most pieces that an octave is cut into
_OCTAVES = 200
_CLOSING = 0.9  # largest ratio of steps that are extrapolated

Filter = Callable[[Array], Any]


def filtered_exponent(
    spectrum: Filter, filter: Filter, corners: tuple[float, ...], band: tuple[float, float]
) -> Array:
    """χ, in the shape of the leading axes of the filter.

    The integral goes up octave by octave. Sudden pulses let F fall no faster than 1/ω², too
    slowly under white noise. Hence each octave is weighted with a smooth step from 1 to 0,
    too: what such an end leaves out is a power of the frequency, which is extrapolated.
    """
    low, high, shape = _reach(filter)
    inner = [corner for corner in corners if 0 < corner < band[1]]
    settled = min(4 * max([high, *inner]), band[1])
    stop = min(max(2 * band[0], 0.01 * min([low, *inner])), band[1])

    def density(omega: Array) -> Array:
        return spectrum(omega) * _checked(filter, omega)

    total, missed, pieces = np.zeros(shape), np.zeros(shape), 1
    ends: list[Array] = []
    value, error = total, np.full(shape, np.inf)
    start = band[0]
    for _ in range(_OCTAVES):
        edges = _cut(start, stop, corners)
        target = _SAFE * _allowed(total)
        (plain, smooth), doubt, pieces = _octave(density, edges, target, pieces)
        ends.append(total + smooth)
        total, missed = total + plain, missed + doubt
        if stop >= settled:
            found, uncertain = _best(total, np.abs(plain), ends if np.isinf(band[1]) else [])
            uncertain = np.zeros(shape) if stop == band[1] else uncertain
            better = uncertain + missed < error
            value = np.where(better, found, value)
            error = np.where(better, uncertain + missed, error)
            if np.all(error <= 2 * _SAFE * _allowed(value)) or stop == band[1]:
                break
        start, stop = stop, min(2 * stop, band[1])
    if np.any(error > _allowed(value)):
        _complain(float(error.max() / (2 * np.pi)))
    return (value / (2 * np.pi))[()]


def at_zero(filter: Filter) -> Array:
    """F(0), as its limit: many a formula divides by ω."""
    low, _, _ = _reach(filter)
    return _checked(filter, np.array([1e-8 * low]))[..., 0]


def _allowed(integral: Array) -> Array:
    return np.maximum(_RELATIVE * np.abs(integral), _ABSOLUTE)


def _reach(filter: Filter) -> tuple[float, float, tuple[int, ...]]:
    """Lowest and highest frequency at which the filter does something, and its leading axes."""
    weight = _SCAN * _checked(filter, _SCAN)
    visible = (weight >= _VISIBLE * weight.max(axis=-1, keepdims=True)) & (weight > 0)
    seen = _SCAN[visible.any(axis=tuple(range(visible.ndim - 1)))]
    low, high = (seen[0], seen[-1]) if seen.size else (1.0, 1.0)
    return float(low), float(high), weight.shape[:-1]


def _checked(filter: Filter, omega: Array) -> Array:
    """F at these frequencies, once it is a filter."""
    values = np.asarray(filter(omega))
    remedy = "F(ω) = |f̃(ω)|² in units of time squared"
    if values.shape[-1:] != omega.shape:
        shown = f"a function whose values for shape {omega.shape} have shape {values.shape}"
        fail("filter", "keep the shape of its frequencies", shown, remedy)
    bad = ~(np.isreal(values) & np.isfinite(values))
    if np.any(bad):
        shown = f"a function with the value {values[bad].flat[0]}"
        fail("filter", "be real and finite", shown, remedy)
    return values.real


def _cut(start: float, stop: float, corners: tuple[float, ...]) -> Array:
    return np.array([start, *sorted({c for c in corners if start < c < stop}), stop])


def _octave(density: Filter, edges: Array, allowed: Array, pieces: int) -> tuple[Array, Array, int]:
    """∫S F without and with the smooth step, what is doubtful, and the pieces to begin with."""
    pieces = max(1, pieces // 2)
    rough = _sum(density, edges, pieces)
    while True:
        pieces *= 2
        fine = _sum(density, edges, pieces)
        difference = np.abs(fine - rough).max(axis=0)
        if np.all(difference <= allowed) or pieces * edges.size > _PIECES:
            return fine, np.where(difference <= allowed, 0.0, difference), pieces // 2
        rough = fine


def _sum(density: Filter, edges: Array, pieces: int) -> Array:
    """Gauss's rule on each piece, in calls of limited size."""
    fraction = np.arange(pieces) / pieces
    width = np.repeat(np.diff(edges) / pieces, pieces)
    left = (edges[:-1, None] + np.diff(edges)[:, None] * fraction).ravel()
    omega = (left[:, None] + width[:, None] * (_NODES + 1) / 2).ravel()
    weight = (width[:, None] * _WEIGHTS / 2).ravel()
    place = (omega - edges[0]) / (edges[-1] - edges[0])
    both = np.stack([weight, weight * erfc(_STEEP * (place - 0.5)) / 2])
    calls = range(0, omega.size, _CALL)
    return sum(
        np.moveaxis(density(omega[i : i + _CALL]) @ both[:, i : i + _CALL].T, -1, 0) for i in calls
    )


def _best(total: Array, left: Array, ends: list[Array]) -> tuple[Array, Array]:
    """The integral as it stands or extrapolated by Aitken's rule, and its error."""
    if len(ends) < 4:
        return total, left
    before, last = _aitken(*ends[-4:-1]), _aitken(*ends[-3:])
    change = np.abs(last - before)
    return np.where(change < left, last, total), np.minimum(change, left)


def _aitken(a: Array, b: Array, c: Array) -> Array:
    """Limit of a sequence that closes in like a power of ½; the last term of any other one."""
    earlier, later = b - a, c - b
    closing = np.abs(later) < _CLOSING * np.abs(earlier)
    return c + np.where(closing, later**2 / np.where(closing, earlier - later, 1.0), 0.0)


def _complain(error: float) -> None:
    warn(
        f"The decay exponent is known to {error:.1e} only, since the integral over the filter "
        "converges too slowly; pass a PulseSequence, which needs none.",
        error,
        stacklevel=6,
    )
