"""From a model to its propagator over a window, with an error."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from lzopen import progress
from lzopen.dynamics import magnus, power_series
from lzopen.dynamics.generators import dissipation_rate, dissipators, generators, real_liouvillian
from lzopen.dynamics.picking import picked
from lzopen.dynamics.steps import EvenSteps, GradedSteps, blocks_of, slices_of
from lzopen.environments.base import Terms
from lzopen.environments.bloch import Direction
from lzopen.errors import fail
from lzopen.models import Model
from lzopen.models.stepping import accumulated_phase, bends, turning
from lzopen.models.terms import kinks
from lzopen.waveforms.base import Array, join_kinks

_ROUND_OFF, _ROUND_OFF_OPEN = 1e-16, 1e-15  # per step; ten times what is seen
_ROUND_OFF_SERIES = 3e-15
_SHARE = 0.1  # of the tolerance, that power series leave out
_HALVINGS = 11
_MOST_RADIANS = 3e7  # of one window
_LEFT = 0.1  # of a change is left; sixth order leaves 1/63
_ORDER = 8  # of the power series that is looked at beside a kink
_NEARBY = 1e-6  # of a window: where a kink is asked whether it is singular
_RADIANS = 10.0  # that a power series carries in one step
_FADING = 4.0  # how much shorter steps are that lose than steps that turn
_SAMPLES = 401  # of a window, in which the phase of Magnus steps is measured
_CELLS = 8  # of a piece, in which the phase is measured
_BESIDE = 1e-9  # of a piece: how far from its ends it is looked at
_CURVED = 9.0  # how much shorter steps are where H(t) moves than where it is large
_WINDOWS = 2**10  # that are laid out at once

Kernel = Callable[[Terms, Array], Array]


def refined_propagator(
    model: Model, t0: Array, t1: Array, tol: float, densities: bool = False
) -> tuple[Array, Array]:
    """Propagators, with a bound of what any of their elements, in any basis, may be off.

    Where all waveforms are polynomials between kinks, power series leave out less than asked for.
    Elsewhere the Magnus steps of each window are halved until its propagator stands still; all
    of its elements are compared, since a single one may stand still by chance.

    Parameters
    ----------
    model : Model
        One model or a batch.
    t0, t1 : ndarray
        Windows, in a shape against which that of the batch broadcasts.
    tol : float
        Error to aim for.
    densities : bool
        Whether the propagators act on density matrices, stacked by columns, even without jumps.

    Returns
    -------
    propagator : shape + (d, d) ndarray
    error : shape + (1, 1) ndarray
    """
    shape = np.broadcast_shapes(np.shape(t0), np.shape(t1), model.batch_shape)
    start, end = (np.broadcast_to(np.asarray(t, float), shape).ravel() for t in (t0, t1))
    every = np.arange(start.size)
    row = picked(model, shape, every)
    windows = _Windows(row, start, end, densities or model.has_jumps)
    few = np.split(every, range(_WINDOWS, start.size, _WINDOWS))
    found, error = zip(*(_propagated(windows.some(part), tol) for part in few), strict=True)
    size = found[0].shape[-1]
    total = np.concatenate(found).reshape(*shape, size, size)
    return total, np.concatenate(error).reshape(*shape, 1, 1)


@dataclass(frozen=True)
class _Windows:
    """Windows in a row, with the batch of the members that pass them."""

    model: Model
    t0: Array
    t1: Array
    densities: bool

    def some(self, which: Array) -> _Windows:
        model = picked(self.model, self.t0.shape, which)
        return _Windows(model, self.t0[which], self.t1[which], self.densities)

    @cached_property
    def _moved(self) -> tuple[Terms, Any]:
        return real_liouvillian(self.model) if self.densities else (generators(self.model), None)

    @property
    def terms(self) -> Terms:
        """Generators; those of density matrices act on real coordinates."""
        return self._moved[0]

    def in_plain_coordinates(self, found: Array) -> Array:
        """Propagators of amplitudes, or of density matrices stacked by columns."""
        real = self._moved[1]
        return found if real is None else real.conj().T @ found @ real

    def propagators(self, counts: Array, edges: Callable[[Array], Array], kernel: Kernel) -> Array:
        """Of all windows, with those that need about as many steps side by side.

        ``edges`` gives the ends of the steps of windows with these numbers.
        """
        found: Any = None
        bar = progress.bar(total=counts.sum(), desc="propagator", unit="step")
        with bar:
            for block in blocks_of(counts):
                some = self if block.size == counts.size else self.some(block)
                total: Any = None
                for part in slices_of(edges(block)):
                    step = kernel(some.terms, part)
                    total = step if total is None else step @ total
                    bar.update(int(np.count_nonzero(np.diff(part))))
                if found is None:
                    found = np.empty((counts.size, *total.shape[1:]), dtype=total.dtype)
                found[block] = total
        return np.asarray(found)


def _propagated(windows: _Windows, tol: float) -> tuple[Array, Array]:
    """Propagators and errors, of shape (windows, 1, 1)."""
    marks = _marks(windows.model, windows.t0, windows.t1)
    middle = marks[..., :-1] + 0.5 * np.diff(marks, axis=-1)
    degree = power_series.degree(windows.terms, middle)
    if degree is None:
        found, error = _by_magnus(windows, tol)
    else:
        found, error = _by_series(windows, marks, degree, tol)
    return windows.in_plain_coordinates(found), error


def _refuse_long(turns: Array) -> None:
    if not np.all(turns < _MOST_RADIANS):
        fail(
            "window",
            f"ask for fewer than {_MOST_RADIANS:.0e} radians of phase, of bend and of dissipation",
            f"asking for {np.max(turns):.1e}",
            "narrow it, or slow the fastest phase or rate",
            page="guide/solving#finite-windows",
        )


# -- power series


def _by_series(windows: _Windows, marks: Array, degree: int, tol: float) -> tuple[Array, Array]:
    """Steps of equal phase."""
    length = np.diff(marks, axis=-1)
    # A crossing in the middle of a cell is slow there alone; at a kink a slope has two values.
    share = np.clip(np.arange(2 * _CELLS + 1) / (2 * _CELLS), _BESIDE, 1 - _BESIDE)
    times = marks[..., :-1, None] + length[..., None] * share
    speed = _speed(windows, times.reshape(len(marks), -1), degree).reshape(times.shape)
    ends = 0.5 * (speed[..., :-1:2] + speed[..., 2::2])
    phase = np.maximum(speed[..., 1::2], ends) * length[..., None] / _CELLS
    _refuse_long(phase.sum(axis=(-2, -1)))
    steps = EvenSteps.of(marks, phase, _RADIANS)
    counts = steps.counts.sum(axis=-1)
    enough = _SHARE * tol / np.sqrt(windows.terms[0][0].shape[-1]) / counts.max()

    def run(terms: Terms, edges: Array) -> Array:
        return power_series.propagator(terms, edges, degree, enough)

    found = windows.propagators(counts, steps.edges, run)
    return found, _round_off(found, counts, _ROUND_OFF_SERIES + enough)


def _speed(windows: _Windows, t: Array, degree: int) -> Array:
    """Radians per time of what a power series has to carry."""
    model = windows.model
    size = turning(model.effective_terms, t, degree)
    if windows.densities:  # distances of energies instead of energies
        rates = np.linalg.norm(dissipators(model)[0], axis=(-2, -1))
        size = np.sqrt(2) * size
        size[0] += _FADING * np.broadcast_to(rates, len(t))[:, None]
    moving = [(_CURVED * part) ** (1 / (j + 2)) for j, part in enumerate(size[1:])]
    return np.asarray(np.maximum.reduce([size[0], *moving]))


def _round_off(found: Array, steps: Array, per_step: float) -> Array:
    size = np.linalg.norm(found, axis=(-2, -1), keepdims=True)
    return steps[:, None, None] * per_step * np.maximum(1.0, size)


# -- Magnus steps


def _by_magnus(windows: _Windows, tol: float) -> tuple[Array, Array]:
    """Steps of about one radian, halved until nothing changes."""
    turns = _turns(windows)
    _refuse_long(turns)
    layout = _layout(windows.model, windows.t0, windows.t1, 8 + turns.astype(int))
    per_step = _ROUND_OFF_OPEN if windows.densities else _ROUND_OFF
    counts = (layout.counts * layout.grading).sum(axis=-1)

    def run(which: Array, refinement: int) -> Array:
        some = windows if which.size == counts.size else windows.some(which)
        return some.propagators(
            counts[which] * refinement,
            lambda block: layout.edges(which[block], refinement),
            magnus.propagator,
        )

    going = np.arange(counts.size)
    found, error = run(going, 1), np.empty((counts.size, 1, 1))
    for halvings in range(1, _HALVINGS + 1):
        steps = counts[going] * 2**halvings
        coarse, found[going] = found[going], run(going, 2**halvings)
        change = np.linalg.norm(found[going] - coarse, axis=(-2, -1), keepdims=True)
        round_off = _round_off(found[going], steps, per_step)
        error[going] = _LEFT * change + round_off
        poor = ~(error[going] < np.maximum(tol / 2, 2 * round_off))[:, 0, 0]
        going = going[poor & (2 * steps < _MOST_RADIANS)]
        if not going.size:
            break
    return found, error


def _turns(windows: _Windows) -> Array:
    """Radians of each window: of phase, of bend and of dissipation."""
    model, t0, t1 = windows.model, windows.t0, windows.t1
    with np.errstate(over="ignore", invalid="ignore"):
        turns = accumulated_phase(model.effective_terms, t0, t1, _SAMPLES)
        turns = turns + dissipation_rate(model, t0, t1) * (t1 - t0)
    # Members that are watched for long are often slow, and need not follow the fast ones.
    octave = np.round(np.log2(t1 - t0))
    for one in np.unique(octave):
        which = np.flatnonzero(octave == one)
        some = windows.some(which)
        turns[which] += bends(some.model.effective_terms, some.t0, some.t1)
    return np.asarray(turns)


def step_edges(model: Model, t0: Array, t1: Array, steps: Any, refinement: int = 1) -> Array:
    """Ends of about ``steps`` steps from t0 to t1, each cut into so many equal parts.

    There is one at every kink, and at every swift passage. In a batch steps of zero length fill
    up the rows of windows that have fewer.
    """
    t0, t1, steps = np.broadcast_arrays(t0, t1, steps)
    layout = _layout(model, t0, t1, steps)
    edges = layout.edges(np.arange(t0.size), refinement)
    return edges.reshape(*t0.shape, -1)


def _layout(model: Model, t0: Array, t1: Array, steps: Array) -> GradedSteps:
    swift = _swift_passages(model, t0, t1, steps)
    marks = _marks(model, t0, t1, swift)
    singular = are_singular(model.effective_terms, marks)
    if swift.size:
        singular = singular | (marks[..., None] == swift[..., None, :]).any(axis=-1)
    length = np.diff(marks, axis=-1)
    share = length / (t1 - t0)[..., None]
    counts = np.where(length > 0, np.maximum(1, np.ceil(share * steps[..., None])), 0)
    flat = (part.reshape(-1, part.shape[-1]) for part in (counts.astype(int), marks, singular))
    return GradedSteps(*flat)


def _marks(model: Model, t0: Array, t1: Array, *more: Array) -> Array:
    """Start, kinks and end of each window; those that have fewer repeat their ends."""
    inner = join_kinks(kinks(model.effective_terms, t0, t1), *more)
    end = t1[..., None]
    return np.concatenate([t0[..., None], np.where(np.isnan(inner), end, inner), end], axis=-1)


def _swift_passages(model: Model, t0: Array, t1: Array, steps: Array) -> Array:
    """When two levels pass each other, and operators that follow them turn, within one step."""
    for _, waveform in dissipators(model)[1] if model.has_jumps else ():
        if isinstance(waveform, Direction):  # all of them have the same field
            return waveform.passages(t0, t1, (t1 - t0) / steps)
    return np.empty((*t0.shape, 0))


def are_singular(terms: Terms, t: Array) -> Array:
    """Whether a derivative of H grows without bound towards each of some kinks, e.g. as 1/√t.

    Close to such a kink the terms of the power series at that distance are all about
    as large; close to any other they fall off.
    """
    near = _NEARBY * (t[..., -1:] - t[..., :1])
    found = np.zeros(t.shape, dtype=bool)
    for _, waveform in terms:
        for side in (-1, 1):
            jet = np.abs(waveform.taylor(t + side * near, _ORDER))
            # Two orders apart: every other term of an even or odd function vanishes.
            last, before = jet[..., -1] * near**2, jet[..., -3]
            found = found | ((last > 0.01 * before) & (before > 0))
    return found
