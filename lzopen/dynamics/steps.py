"""Steps of many windows side by side, of which each has as many as it needs.

A window is cut into pieces at its kinks; where there are fewer than in others, its last pieces
have no length and no steps.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np

from lzopen.waveforms.base import Array

_AT_ONCE = 2**15  # steps that are held at once
_ALIKE = 2.0  # windows of one block differ in their steps by up to this factor
_FEW = 2**13  # steps, which are not worth to be told apart
_LEAST = 1e-3  # of all phase, that is in each cell
_GRADING = 8  # steps near a singular kink shrink like the eighth power of their number


class EvenSteps(NamedTuple):
    """Steps of the same phase.

    Attributes
    ----------
    counts : (windows, pieces) ndarray of int
    times, share : (windows, pieces, k) ndarray
        Times in each piece, and the share of its steps that lie before.
    """

    counts: Array
    times: Array
    share: Array

    @classmethod
    def of(cls, marks: Array, phase: Array, radians: float) -> EvenSteps:
        """Of at most so many radians, by the phase in equal cells (windows, pieces, cells)."""
        length, cells = np.diff(marks, axis=-1), phase.shape[-1]
        total = phase.sum(axis=-1, keepdims=True)
        counts = np.where(length > 0, np.maximum(1, np.ceil(total[..., 0] / radians)), 0)
        times = marks[..., :-1, None] + length[..., None] * (np.arange(cells + 1) / cells)
        # Cells without phase must not be skipped: a step would reach across a kink.
        spread = phase + np.where(total > 0, _LEAST * total, 1.0)
        turns = np.insert(np.cumsum(spread, axis=-1), 0, 0.0, axis=-1)
        return cls(counts.astype(int), times, turns / turns[..., -1:])

    def edges(self, rows: Array) -> Array:
        """Ends of the steps of some windows, one row for each; the last one is repeated."""
        times, share = (part[rows].reshape(-1, part.shape[-1]) for part in (self.times, self.share))
        # Pieces lie two apart, so that the end of one is not the start of the next.
        laid = (2 * np.arange(len(share))[:, None] + share).ravel()
        flat = times.ravel()
        return _edges(
            self.counts[rows],
            self.times[rows, -1, -1],
            lambda piece, fraction: np.interp(2 * piece + fraction, laid, flat),
        )


class GradedSteps(NamedTuple):
    """Steps of the same length but beside singular kinks.

    Attributes
    ----------
    counts : (windows, pieces) ndarray of int
        Without those that singular kinks add.
    marks : (windows, pieces + 1) ndarray
        Where pieces start and end.
    singular : (windows, pieces + 1) ndarray of bool
        Whether steps close in on a mark.
    """

    counts: Array
    marks: Array
    singular: Array

    @property
    def grading(self) -> Array:
        """By how many steps each is replaced."""
        ends = self.singular[:, 1:] + self.singular[:, :-1].astype(int)
        return np.where(ends, _GRADING * ends, 1)

    def edges(self, rows: Array, refinement: int = 1) -> Array:
        """Ends of the steps of some windows, each step cut into so many; the last is repeated."""
        marks, singular = self.marks[rows], self.singular[rows]
        start, length = marks[:, :-1].ravel(), np.diff(marks, axis=-1).ravel()
        first, last = singular[:, :-1].ravel(), singular[:, 1:].ravel()
        return _edges(
            (self.counts * self.grading)[rows] * refinement,
            marks[:, -1],
            lambda piece, fraction: (
                start[piece] + length[piece] * _closing_in(fraction, first[piece], last[piece])
            ),
        )


def _closing_in(fraction: Array, first: Array, last: Array) -> Array:
    """Where steps start within a piece, closing in on its singular ends."""
    width = np.where(first & last, 0.5, 1.0)
    early = first & (fraction < width)
    from_start = width * (fraction / width) ** _GRADING
    from_end = 1 - width * ((1 - fraction) / width) ** _GRADING
    return np.where(early, from_start, np.where(last, from_end, fraction))


def _edges(counts: Array, end: Array, place: Callable[[Array, Array], Array]) -> Array:
    """Rows of edges; ``place`` gives times from numbers of pieces and the fractions of them."""
    total, flat = counts.sum(axis=-1), counts.ravel()
    piece = np.repeat(np.arange(flat.size), flat)
    step = np.arange(piece.size) - np.repeat(np.cumsum(flat) - flat, flat)
    edges = np.repeat(end[:, None], int(total.max()) + 1, axis=-1)
    edges[np.arange(edges.shape[-1]) < total[:, None]] = place(piece, step / flat[piece])
    return edges


def blocks_of(counts: Array) -> Iterator[Array]:
    """Windows with about as many steps, by number, in blocks that can be held at once."""
    if counts.size * counts.max() <= _FEW:
        yield np.arange(counts.size)
        return
    order = np.argsort(-counts, kind="stable")
    while order.size:
        most = counts[order[0]]
        alike = np.searchsorted(-counts[order], -most / _ALIKE, side="right")
        block, order = np.split(order, [min(alike, max(1, _AT_ONCE // most))])
        yield np.sort(block)


def slices_of(edges: Array) -> Iterator[Array]:
    """The edges of one block, some steps at a time."""
    width = max(1, _AT_ONCE // len(edges))
    for start in range(0, edges.shape[-1] - 1, width):
        yield edges[:, start : start + width + 1]
