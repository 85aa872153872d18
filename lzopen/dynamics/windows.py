"""How long a sweep must be watched."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import Any

import numpy as np

from lzopen.dynamics.straight import straight_line
from lzopen.errors import fail, finite, increasing
from lzopen.models import Model
from lzopen.models.terms import blocks, kinks
from lzopen.waveforms import Constant, Waveform
from lzopen.waveforms.base import ROUND_OFF, Array
from lzopen.waveforms.sums import Part, Sum

_CLOSING_PHASE = 32.0  # e⁻³² = 1e−14: what a formal solution misses at the end of the window
_REACH = 1.3 ** np.arange(-8, 131)
_CENTERS = 16  # of them the grids of a search are laid around
_GOLDEN = 0.5 * (np.sqrt(5) - 1)
_MARGIN = 0.01  # of a window, so that its ends lie outside the outermost kinks


def given_times(times: Any) -> Array:
    """Times as the user gave them, in a row."""
    t = increasing("times", times, "sort it; to run backwards take model.reversed()")
    if t.ndim != 1:
        fail("times", "be one-dimensional", f"of shape {t.shape}")
    return t


def given_window(model: Model, window: Any) -> tuple[Array, Array]:
    """A window as the user gave it, in the shape of the batch."""
    if not isinstance(window, (Sequence, np.ndarray)) or len(window) != 2:
        fail("window", "be a pair of times (t0, t1)", repr(window))
    t0, t1 = (np.asarray(finite("window", end)) for end in window)
    try:
        shape = np.broadcast_shapes(model.batch_shape, t0.shape, t1.shape)
    except ValueError:
        must = f"broadcast against the batch, {model.batch_shape}"
        fail("window", must, f"of shapes {t0.shape} and {t1.shape}")
    if 0 in shape:
        fail("window", "hold at least one pair of times", f"of shape {shape}")
    if np.any(t1 <= t0):
        fail("window", "end after it starts", f"({t0}, {t1})", "swap the two times")
    return np.broadcast_to(t0, shape), np.broadcast_to(t1, shape)


def asymptotic_window(model: Model) -> tuple[Array, Array]:
    """From well before the first crossing of diabatic levels to well after the last."""
    ends = [
        _passage(distance, _shift(model, j, k), model.batch_shape)
        for (j, k), distance in _growing_distances(model).items()
    ]
    bends = kinks(model.effective_terms, *_ever(model.batch_shape))
    if bends.size:
        ends.append((np.nanmin(bends, axis=-1), np.nanmax(bends, axis=-1)))
    if not ends:
        ends.append((np.zeros(model.batch_shape), np.zeros(model.batch_shape)))
    starts, stops = zip(*ends, strict=True)
    t0, t1 = np.min(starts, axis=0), np.max(stops, axis=0)
    margin = _MARGIN * (t1 - t0)
    if not margin.all():
        margin = np.where(t1 > t0, margin, _turn(model, t0))
    return t0 - margin, t1 + margin


def _shift(model: Model, j: int, k: int) -> Array:
    """By how much couplings to further levels may bring two levels together or apart."""
    total: Any = np.zeros(model.batch_shape)
    for matrix, waveform in model.effective_terms:
        to_others = np.delete(np.abs(matrix[[j, k]]), [j, k], axis=1).sum()
        grows = any(waveform.asymptote(side)[1] > 0 for side in (-1, 1))  # type: ignore[index]
        if to_others and not grows:
            t = np.zeros((*model.batch_shape, 1))
            if not waveform.is_constant:
                t = np.nan_to_num(_grid(waveform.landmarks(), t[..., 0] + 1.0))
            total = total + to_others * np.abs(waveform(t)).max(axis=-1)
    return np.asarray(total)


def _ever(batch: tuple[int, ...]) -> tuple[Array, Array]:
    """All times, for each member of a batch."""
    return np.full(batch, -np.inf), np.full(batch, np.inf)


def _turn(model: Model, t: Array) -> Array:
    """Time in which phases turn by about one, where nothing else sets a time scale."""
    energy = np.linalg.norm(model.hamiltonian(t[..., None])[..., 0, :, :], axis=(-2, -1))
    return 1 / np.where(energy > 0, energy, 1.0)


def slowest_growth(model: Model) -> float:
    """Smallest power with which a distance of levels grows in time."""
    distances = _growing_distances(model).values()
    ends = [distance.asymptote(side) for distance in distances for side in (-1, 1)]
    return min((end[1] for end in ends if end and end[1] > 0), default=1.0)


def without_limit(model: Model) -> Array:
    """Levels that never part from a coupled one, of shape batch + (n,).

    Either both are coupled and their distance vanishes, so that their populations drift like
    log t, or their coupling grows as fast as their distance.
    """
    together = {
        pair: meet
        for pair in combinations(range(model.n_levels), 2)
        if np.any(meet := np.any([_stay_together(model, *pair, side) for side in (-1, 1)], axis=0))
    }
    lost = np.zeros((*model.batch_shape, model.n_levels), dtype=bool)
    lasting = tuple(term for term in model.effective_terms if _lasts(term[1]))
    for levels in blocks(lasting) if together and lasting else ():
        for pair in combinations(levels.tolist(), 2):
            lost[..., pair] |= np.broadcast_to(together.get(pair, False), model.batch_shape)[
                ..., None
            ]
    return lost


def _lasts(waveform: Waveform) -> bool:
    """Whether a waveform does not die out on both sides."""
    ends = [waveform.asymptote(side) for side in (-1, 1)]
    return any(end is None or np.any(end[0]) for end in ends)


def _stay_together(model: Model, j: int, k: int, side: int) -> Any:
    distance = level_distance(model, j, k)
    coefficient, power = distance.asymptote(side) or (1.0, np.inf)
    growth = [w.asymptote(side) for m, w in model.effective_terms if m[j, k]]
    if any(end[1] > 0 and end[1] >= power for end in growth if end):
        return True
    if power > 0 and not np.all(coefficient):  # of some members of a batch only
        return ~distance.end_jet(side).any(axis=-1)
    return np.equal(coefficient, 0)


def level_distance(model: Model, j: int, k: int) -> Sum:
    """Distance of two diabatic levels as a waveform."""
    slopes = [((m[j, j] - m[k, k]).real, np.abs(m).max(), w) for m, w in model.effective_terms]
    parts = [slope * w for slope, size, w in slopes if abs(slope) > ROUND_OFF * size]
    return Sum((Constant(0.0), *parts))


def _growing_distances(model: Model) -> dict[tuple[int, int], Sum]:
    """Distances of diabatic levels, by pair, that grow without bound on a side."""
    _require_limits(model)
    pairs = combinations(range(model.n_levels), 2)
    distances = {(j, k): level_distance(model, j, k) for j, k in pairs}
    return {
        pair: distance
        for pair, distance in distances.items()
        if any((distance.asymptote(side) or (0, 0))[1] > 0 for side in (-1, 1))
    }


def _require_limits(model: Model) -> None:
    for _, waveform in model.effective_terms:
        if waveform.asymptote(-1) is None or waveform.asymptote(1) is None:
            must = "be given where a waveform has no limit for t → ±∞"
            remedy, page = "give window=(t0, t1)", "guide/solving#what-the-limit-means"
            fail("window", must, f"missing for {_name(waveform)}", remedy, page)


def _name(waveform: Waveform) -> str:
    held = waveform.waveform if isinstance(waveform, Part) else waveform
    return type(held).__name__


def _passage(distance: Sum, shift: Array, batch: tuple[int, ...]) -> tuple[Array, Array]:
    """First and last meeting of two levels, with the time that closing needs."""
    c_before, p_before = distance.asymptote(-1)  # type: ignore[misc]
    c_after, p_after = distance.asymptote(1)  # type: ignore[misc]
    before, after = _closing_time(c_before, p_before, batch), _closing_time(c_after, p_after, batch)
    unit = np.maximum(before, after)
    apart = [distance + Constant(sign * shift) for sign in (-1, 1)] if np.any(shift) else []
    met = np.concatenate([_meetings(d, unit) for d in (distance, *apart)], axis=-1)
    return np.nanmin(met, axis=-1) - before, np.nanmax(met, axis=-1) + after


def _closing_time(coefficient: Any, power: float, batch: tuple[int, ...]) -> Array:
    """T with ∫₀ᵀ|c|t^p dt equal to the closing phase."""
    speed = np.abs(coefficient)
    with np.errstate(divide="ignore"):
        time = (_CLOSING_PHASE * (power + 1) / speed) ** (1 / (power + 1))
    return np.broadcast_to(np.where(speed > 0, time, 0.0), batch)


def _meetings(distance: Waveform, unit: Array) -> Array:
    """Times at which two levels cross or come close, NaN where a batch member has fewer.

    A distance may dip through zero and back between two points of any grid, so its
    dips are found first, and sign changes are looked for between them.
    """
    line = straight_line(distance)
    if line is not None:
        value, slope = line
        met = -np.asarray(value) / np.where(slope != 0, slope, np.inf)
        return np.broadcast_to(met[..., None], (*unit.shape, 1))
    bends = np.nan_to_num(distance.kinks(*_ever(unit.shape)))
    t = _distinct(np.concatenate([_grid(distance.landmarks(), unit), bends], axis=-1))
    dips = _dips(distance, t)
    t = np.sort(np.concatenate([t, np.nan_to_num(dips)], axis=-1), axis=-1)
    met = np.concatenate([dips, _first_and_last_zero(distance, t)], axis=-1)
    closest = np.take_along_axis(t, np.abs(distance(t)).argmin(axis=-1)[..., None], axis=-1)
    return np.where(np.isnan(met).all(axis=-1, keepdims=True), closest, met)


def _grid(landmarks: Array, unit: Array) -> Array:
    """Times that lie ever wider apart around each landmark, in units of a time; batch first."""
    if landmarks.shape[-1] > _CENTERS:  # a long table: its points are kinks
        landmarks = landmarks[..., [0, -1]]
    if not landmarks.shape[-1]:
        landmarks = np.zeros(1)
    reach = np.multiply.outer(unit, np.concatenate([-_REACH[::-1], [0.0], _REACH]))
    wide = np.broadcast_to(landmarks, (*unit.shape, landmarks.shape[-1]))
    times = np.nan_to_num(wide)[..., None] + reach[..., None, :]
    return times.reshape(*unit.shape, -1)


def _distinct(times: Array) -> Array:
    """Times in order; what would stand there twice moves out beyond the last one."""
    t = np.sort(times, axis=-1)
    again = np.diff(t, axis=-1, prepend=-np.inf) == 0
    beyond = t[..., -1:] + np.abs(t[..., -1:]) * np.arange(1, t.shape[-1] + 1)
    return np.sort(np.where(again, beyond, t), axis=-1)


def _dips(distance: Waveform, t: Array) -> Array:
    """Where a distance dips towards zero and back, by golden section around points of a grid."""
    value = distance(t)
    sign, size = np.sign(value), np.abs(value)
    before, here, after = size[..., :-2], size[..., 1:-1], size[..., 2:]
    is_dip = (here <= before) & (here <= after) & ((here < before) | (here < after))
    is_dip &= (sign[..., 1:-1] == sign[..., :-2]) & (sign[..., 1:-1] == sign[..., 2:])
    columns = np.flatnonzero(is_dip.reshape(-1, is_dip.shape[-1]).any(axis=0))
    low, high, upwards = t[..., columns], t[..., columns + 2], sign[..., columns + 1]
    for _ in range(80):
        width = _GOLDEN * (high - low)
        left, right = high - width, low + width
        later = upwards * distance(left) > upwards * distance(right)
        low, high = np.where(later, left, low), np.where(later, high, right)
    return np.where(is_dip[..., columns], 0.5 * (low + high), np.nan)


def _first_and_last_zero(distance: Waveform, t: Array) -> Array:
    """Bisected times of the first and last sign change between points of a grid, or NaN."""
    value = distance(t)
    change = np.sign(value[..., 1:]) * np.sign(value[..., :-1]) <= 0
    last = change.shape[-1] - 1 - change[..., ::-1].argmax(axis=-1)
    index = np.stack([change.argmax(axis=-1), last], axis=-1)
    low, high = (np.take_along_axis(t, index + i, axis=-1) for i in (0, 1))
    sign = np.sign(np.take_along_axis(value, index, axis=-1))
    for _ in range(60):
        middle = 0.5 * (low + high)
        same = np.sign(distance(middle)) == sign
        low, high = np.where(same, middle, low), np.where(same, high, middle)
    return np.where(change.any(axis=-1, keepdims=True), low, np.nan)
