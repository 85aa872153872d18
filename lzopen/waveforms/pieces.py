"""Straight pieces of a waveform, and what first-order filters make of them."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from scipy.special import exprel

from lzopen.errors import fail
from lzopen.waveforms.base import Array, Waveform, column

_STRAIGHT = 6  # order up to which a piece must have no derivatives but the first
_SEAM = 1 / math.pi  # of a period: where the bookkeeping of a periodic waveform starts


class Pieces(NamedTuple):
    """y = base + slope·u + fast·f(u) + slow·g(u) from each start on, u = t − start."""

    start: Array
    base: Array
    slope: Array
    fast: Array
    slow: Array


def decays(low: Any, high: Any, u: Array, order: int) -> list[tuple[Any, Any]]:
    """Taylor coefficients of the factors of C and D in the response."""
    first = 0.0 if low is None else np.exp(-low * u)
    last = 0.0 if high is None else -np.exp(-high * u)
    shared = 0.0 if low is None or high is None else high * _shared(low, high, u)
    found = []
    for n in range(order + 1):
        found.append((first - shared, last))
        if high is not None:  # g' = −b g + e^(−a·u), here with b in front
            shared = (high * (first - shared) if low is not None else 0.0) / (n + 1)
            last = -high * last / (n + 1)
        first = 0.0 if low is None else -low * first / (n + 1)
    return found


def _shared(low: Any, high: Any, u: Array) -> Array:
    """(e^(−a·u) − e^(−b·u))/(b − a), also where a = b."""
    slow, fast = np.minimum(low, high), np.maximum(low, high)
    return np.asarray(u * np.exp(-slow * u) * exprel(-(fast - slow) * u))


def settle(waveform: Waveform, low: Any, high: Any) -> Pieces:
    """Constants of all pieces, (..., pieces); refuses a waveform with one that is not straight."""
    period = waveform.period
    reach = 1 / np.minimum(np.inf if low is None else low, np.inf if high is None else high)
    start, length, middle = _infinite(waveform, reach) if period is None else _turn(waveform)
    jets = waveform.taylor(middle, _STRAIGHT)
    if np.any(jets[..., 2:] != 0):
        must = "be made of tones and straight pieces where it is filtered"
        fail("waveform", must, repr(waveform), "sample it: lz.Tabulated(times, w(times))")
    slope = jets[..., 1]
    value = jets[..., 0] + slope * (start - middle)
    a, b = (None if x is None else column(x, np.zeros(1)) for x in (low, high))
    lag = 0.0 if a is None else slope / a
    reached, back = value + slope * length, 0.0 if b is None else slope / b
    # Jumps of C and D at the end of each piece; those at the end of the last one close a period.
    jump = reached - np.roll(value, -1, axis=-1)
    into_fast = jump - (lag - np.roll(lag, -1, axis=-1)) if a is not None else 0.0 * jump
    both = lag + back
    into_slow = jump - (both - np.roll(both, -1, axis=-1)) if b is not None else 0.0 * jump
    keep_a, keep_b, shared = _over(length, a, b)
    turn_a, turn_b = _turned(a, period), _turned(b, period)
    fast = _chain(keep_a, into_fast, turn_a)
    slow = _chain(keep_b, shared * fast + into_slow, turn_b)
    base, slope = (value - lag, slope) if b is None else (back, 0.0 * slope)
    shape = np.broadcast_shapes(*(np.shape(x) for x in (start, base, slope, fast, slow)))
    return Pieces(*(np.broadcast_to(x, shape) for x in (start, base, slope, fast, slow)))


def _infinite(waveform: Waveform, reach: Any) -> tuple[Array, Array, Array]:
    """Starts, lengths and points inside of the pieces of a waveform that does not repeat.

    The piece before the first kink has no start; it is given that of the next, and no length.
    """
    try:
        kinks = waveform.kinks(np.float64(-np.inf), np.float64(np.inf))
    except OverflowError:  # a drive that begins or ends at some time has kinks without end
        remedy = "sample it: lz.Tabulated(times, w(times))"
        fail("waveform", "have a finite number of kinks, or a period", repr(waveform), remedy)
    if not kinks.shape[-1]:
        kinks = np.zeros((*kinks.shape[:-1], 1))
    seen = np.where(np.isfinite(kinks), kinks, -np.inf).max(axis=-1, keepdims=True)
    knots = np.where(np.isfinite(kinks), kinks, np.where(np.isfinite(seen), seen, 0.0))
    aside = np.asarray(reach)[..., None]
    knots = np.broadcast_to(knots, np.broadcast_shapes(knots.shape, aside.shape))
    first, last = knots[..., :1], knots[..., -1:]
    inner = (knots[..., 1:] + knots[..., :-1]) / 2
    middle = np.concatenate([first - aside, inner, last + aside], axis=-1)
    none = np.zeros_like(first)
    length = np.concatenate([none, np.diff(knots, axis=-1), none], axis=-1)
    return np.concatenate([first, knots], axis=-1), length, middle


def _turn(waveform: Waveform) -> tuple[Array, Array, Array]:
    """The same for one period, which starts at a seam that need not be a kink."""
    period = np.asarray(waveform.period, dtype=float)
    seam = -_SEAM * period
    kinks = waveform.kinks(seam, seam + period)
    end = (seam + period)[..., None]
    inner = np.where(np.isfinite(kinks), kinks, end)
    marks = [np.broadcast_to(x, (*inner.shape[:-1], x.shape[-1])) for x in (seam[..., None], end)]
    edges = np.concatenate([marks[0], inner, marks[1]], axis=-1)
    return edges[..., :-1], np.diff(edges, axis=-1), (edges[..., 1:] + edges[..., :-1]) / 2


def _over(length: Array, a: Any, b: Any) -> tuple[Any, Any, Any]:
    """What is left of C and D at the end of each piece, and what of C has become D."""
    keep_a = np.zeros_like(length) if a is None else np.exp(-a * length)
    keep_b = np.zeros_like(length) if b is None else np.exp(-b * length)
    both = a is not None and b is not None
    return keep_a, keep_b, b * _shared(a, b, length) if both else np.zeros_like(length)


def _turned(rate: Any, period: Any) -> Any:
    """1 − e^(−rate·period) of what returns; None without a period or a filter."""
    if rate is None or period is None:
        return None
    return -np.expm1(-rate * np.asarray(period)[..., None])[..., 0]


def _chain(keep: Array, jumps: Array, turned: Any) -> Array:
    """cₖ₊₁ = keepₖ cₖ + jumpsₖ from zero on, or such that a period ends where it began."""
    keep, jumps = np.broadcast_arrays(keep, jumps)
    total = _run(keep, jumps, np.zeros_like(jumps[..., 0]))
    if turned is None:
        return total
    returned = keep[..., -1] * total[..., -1] + jumps[..., -1]
    return _run(keep, jumps, returned / turned)


def _run(keep: Array, jumps: Array, first: Array) -> Array:
    values = [first]
    for k in range(jumps.shape[-1] - 1):
        values.append(keep[..., k] * values[-1] + jumps[..., k])
    return np.stack(np.broadcast_arrays(*values), axis=-1)
