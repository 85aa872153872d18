"""Where the steps of a propagation lie, and how long a sweep must be watched."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import Any

import numpy as np

from lzopen.errors import LzopenError, fail, finite
from lzopen.models import Model
from lzopen.models.terms import kinks
from lzopen.waveforms import Constant, Waveform
from lzopen.waveforms.base import Array, Part, Sum

_CLOSING_PHASE = 32.0  # e⁻³² = 1e−14: what a formal solution misses at the end of the window
_REACH = 1.3 ** np.arange(-8, 71)


def step_edges(model: Model, t0: Array, t1: Array, steps: int) -> Array:
    """Ends of about ``steps`` steps from t0 to t1, with one at every kink.

    Kinks differ within a batch, so its members share the number of steps between
    kinks but not their lengths, which may be zero.
    """
    inner = kinks(model.terms, t0, t1)
    start, end = np.asarray(t0)[..., None], np.asarray(t1)[..., None]
    pieces = np.concatenate([start, np.where(np.isnan(inner), end, inner), end], axis=-1)
    share = np.diff(pieces, axis=-1) / (pieces[..., -1:] - pieces[..., :1])
    counts = np.maximum(1, np.ceil(share.reshape(-1, share.shape[-1]).max(axis=0) * steps)).astype(
        int
    )
    parts = [
        np.linspace(pieces[..., i], pieces[..., i + 1], n, endpoint=False, axis=-1)
        for i, n in enumerate(counts)
    ]
    return np.concatenate([*parts, pieces[..., -1:]], axis=-1)


def given_window(model: Model, window: Any) -> tuple[Array, Array]:
    """A window as the user gave it, in the shape of the batch."""
    if not isinstance(window, (Sequence, np.ndarray)) or len(window) != 2:
        fail("window", "be a pair of times (t0, t1)", repr(window))
    t0, t1 = (np.asarray(finite("window", end)) for end in window)
    if np.any(t1 <= t0):
        fail("window", "end after it starts", f"({t0}, {t1})", "swap the two times")
    try:
        shape = np.broadcast_shapes(model.batch_shape, t0.shape, t1.shape)
    except ValueError:
        must = f"broadcast against the batch, {model.batch_shape}"
        fail("window", must, f"of shapes {t0.shape} and {t1.shape}")
    return np.broadcast_to(t0, shape), np.broadcast_to(t1, shape)


def asymptotic_window(model: Model) -> tuple[Array, Array]:
    """From well before the first crossing of diabatic levels to well after the last."""
    ends = [_passage(distance, model.batch_shape) for distance in _distances(model)]
    bends = kinks(
        model.terms, *np.broadcast_arrays(-np.inf, np.inf, np.empty(model.batch_shape))[:2]
    )
    if bends.size:
        ends.append((np.nanmin(bends, axis=-1) - 1.0, np.nanmax(bends, axis=-1) + 1.0))
    if not ends:
        zero = np.zeros(model.batch_shape)
        ends.append((zero - 1.0, zero + 1.0))
    starts, stops = zip(*ends, strict=True)
    return np.min(starts, axis=0), np.max(stops, axis=0)


def without_limit(model: Model) -> Array:
    """Levels that a coupled level accompanies at distance zero, of shape batch + (n,).

    Their populations drift like log t.
    """
    coupled = [
        any(np.any(np.delete(matrix[k], k)) for matrix, _ in model.terms)
        for k in range(model.n_levels)
    ]
    lost = np.zeros((*model.batch_shape, model.n_levels), dtype=bool)
    for j, k in combinations(range(model.n_levels), 2):
        if coupled[j] and coupled[k]:
            ends = [_distance(model, j, k).asymptote(side) for side in (-1, 1)]
            together = np.any([np.equal(end[0], 0) & (end[1] == 0) for end in ends if end], axis=0)
            lost[..., [j, k]] |= np.broadcast_to(together, model.batch_shape)[..., None]
    return lost


def _distance(model: Model, j: int, k: int) -> Sum:
    """Distance of two diabatic levels as a waveform."""
    parts = [(m[j, j] - m[k, k]).real * w for m, w in model.terms if m[j, j] != m[k, k]]
    return Sum((Constant(0.0), *parts))


def _distances(model: Model) -> list[Waveform]:
    """Distances of diabatic levels that grow without bound on both sides."""
    _require_limits(model)
    pairs = combinations(range(model.n_levels), 2)
    distances = [_distance(model, j, k) for j, k in pairs]
    return [d for d in distances if any((d.asymptote(side) or (0, 0))[1] > 0 for side in (-1, 1))]


def _require_limits(model: Model) -> None:
    for _, waveform in model.terms:
        if waveform.asymptote(-1) is None or waveform.asymptote(1) is None:
            raise LzopenError(
                f"Argument `window` must be given, since {_name(waveform)} has no limit "
                "for t → ±∞; give window=(t0, t1)."
            )


def _name(waveform: Waveform) -> str:
    held = waveform.waveform if isinstance(waveform, Part) else waveform
    return type(held).__name__


def _passage(distance: Waveform, batch: tuple[int, ...]) -> tuple[Array, Array]:
    """First and last zero of a level distance, with the time that closing needs."""
    c_before, p_before = distance.asymptote(-1)  # type: ignore[misc]
    c_after, p_after = distance.asymptote(1)  # type: ignore[misc]
    before, after = _closing_time(c_before, p_before, batch), _closing_time(c_after, p_after, batch)
    reach = np.multiply.outer(np.maximum(before, after), _REACH)
    t = np.concatenate([-reach[..., ::-1], reach], axis=-1)
    value = distance(t)
    low = _sign_change(distance, t, value, first=True)
    high = _sign_change(distance, t, value, first=False)
    return low - before, high + after


def _closing_time(coefficient: Any, power: float, batch: tuple[int, ...]) -> Array:
    """T with ∫₀ᵀ|c|t^p dt equal to the closing phase."""
    speed = np.abs(coefficient)
    with np.errstate(divide="ignore"):
        time = (_CLOSING_PHASE * (power + 1) / speed) ** (1 / (power + 1))
    return np.broadcast_to(np.where(speed > 0, time, 0.0), batch)


def _sign_change(distance: Waveform, t: Array, value: Array, first: bool) -> Array:
    """Bisected time of the first or last sign change; of the closest approach if there is none."""
    change = np.sign(value[..., 1:]) * np.sign(value[..., :-1]) <= 0
    count = change.shape[-1]
    index = change.argmax(axis=-1) if first else count - 1 - change[..., ::-1].argmax(axis=-1)
    index = np.where(change.any(axis=-1), index, np.abs(value).argmin(axis=-1).clip(max=count - 1))
    low = np.take_along_axis(t, index[..., None], axis=-1)
    high = np.take_along_axis(t, index[..., None] + 1, axis=-1)
    sign = np.sign(np.take_along_axis(value, index[..., None], axis=-1))
    for _ in range(60):
        middle = 0.5 * (low + high)
        same = np.sign(distance(middle)) == sign
        low, high = np.where(same, middle, low), np.where(same, high, middle)
    return low[..., 0]
