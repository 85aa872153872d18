"""From a model to its propagator over a window, with an error."""

from __future__ import annotations

from typing import Any

import numpy as np

from lzopen.dynamics.magnus import propagator
from lzopen.environments.base import Terms
from lzopen.environments.bloch import Direction
from lzopen.errors import fail
from lzopen.models import Model
from lzopen.models.stepping import accumulated_phase, bends
from lzopen.models.terms import kinks
from lzopen.waveforms import Constant, Waveform
from lzopen.waveforms.base import Array, join_kinks

_ROUND_OFF, _ROUND_OFF_OPEN = 1e-16, 1e-15  # per step; ten times what is seen
_HALVINGS = 11
_MOST_STEPS = 3e7  # of all members of a batch
_LEFT = 0.1  # of a change is left; sixth order leaves 1/63
_GRADING = 8  # steps near a singular kink shrink like the eighth power of their number
_NEARBY = 1e-6  # of a window: where a kink is asked whether it is singular


def refined_propagator(
    model: Model, t0: Array, t1: Array, tol: float, terms: Terms | None = None
) -> tuple[Array, Array]:
    """Propagator, with a bound of what any of its elements, in any basis, may be off.

    The steps are halved until it stands still. All of its elements are compared, since
    a single one may stand still by chance.

    Parameters
    ----------
    model : Model
        One model or a batch; the propagator of an open one acts on density matrices.
    t0, t1 : ndarray
        Window, in the shape of the batch.
    tol : float
        Error to aim for.
    terms : sequence of (matrix, Waveform), optional
        Generators; those of the model if left out.

    Returns
    -------
    propagator : batch + (d, d) ndarray
    error : batch + (1, 1) ndarray
    """
    per_step = _ROUND_OFF if terms is None and not model.has_jumps else _ROUND_OFF_OPEN
    terms = terms or generators(model)
    steps = _fewest_steps(model, t0, t1)
    fine = propagator(terms, step_edges(model, t0, t1, steps))
    for halvings in range(1, _HALVINGS + 1):
        edges = step_edges(model, t0, t1, steps, 2**halvings)
        coarse, fine = fine, propagator(terms, edges)
        change = np.linalg.norm(fine - coarse, axis=(-2, -1), keepdims=True)
        size = np.linalg.norm(fine, axis=(-2, -1), keepdims=True)
        round_off = edges.shape[-1] * per_step * np.maximum(1.0, size)
        error = _LEFT * change + round_off
        if np.all(error < np.maximum(tol / 2, 2 * round_off)):
            break
        if 2 * edges.size > _MOST_STEPS:
            break
    return fine, error


def _fewest_steps(model: Model, t0: Array, t1: Array) -> int:
    """Steps of about one radian, of bend and of dissipation."""
    with np.errstate(over="ignore", invalid="ignore"):
        turns = accumulated_phase(model.effective_terms, t0, t1)
        turns = np.max(turns + _dissipation_rate(model, t0, t1) * (t1 - t0))
        steps = 8 + turns + bends(model.effective_terms, t0, t1)
    members = np.broadcast(t0, t1).size
    if not steps * members < _MOST_STEPS:
        fail(
            "window",
            f"ask for fewer than {_MOST_STEPS:.0e} steps of one radian",
            f"asking for {steps * members:.1e}",
            "narrow it, slow the fastest phase or rate, or take members one by one",
        )
    return int(steps)


def _dissipation_rate(model: Model, t0: Array, t1: Array) -> Array:
    """Largest rate of the collapse operators, for each member of a batch.

    What moves turns with the eigenstates and keeps its rates.
    """
    still, moving = _dissipators(model)
    ends: Any = np.stack([t0, t1], axis=-1)
    rates = [np.abs(still).max(axis=(-2, -1))]
    rates += [np.abs(w(ends)).max(axis=-1) * np.abs(m).max() for m, w in moving]
    return np.asarray(sum(rates))


def generators(model: Model) -> Terms:
    """Terms of dX/dt: −iA for amplitudes, the Liouvillian for density matrices."""
    if model.has_jumps:
        return liouvillian(model)
    return tuple((-1j * _without_offset(m, w), w) for m, w in model.effective_terms)


def _without_offset(matrix: Array, waveform: Waveform) -> Array:
    """A common energy of all levels moves no population, but would cost digits."""
    offset = 0.0 if waveform.is_complex else np.trace(matrix).real / len(matrix)
    return matrix - offset * np.eye(len(matrix))


def liouvillian(model: Model) -> Terms:
    """Terms of dρ/dt for density matrices stacked by columns."""
    identity = np.eye(model.n_levels)
    # Real waveforms only: left and right of ρ a complex one would stand conjugated.
    parts = [(matrix, w.real) for matrix, w in model.effective_terms]
    parts += [(1j * matrix, w.imag) for matrix, w in model.effective_terms if w.imag is not None]
    still, moving = _dissipators(model)
    commutators = [
        (-1j * (np.kron(identity, matrix) - np.kron(matrix.conj(), identity)), waveform)
        for matrix, waveform in parts
    ]
    return (*commutators, (still, Constant(1.0)), *moving)


def _dissipators(model: Model) -> tuple[Array, Terms]:
    """Superoperator of all environments that stand still, and terms of those that move."""
    every = [term for e in model.environments for term in e.dissipators(model.terms)]
    still: Any = np.zeros((model.n_levels**2, model.n_levels**2))
    for matrix, waveform in every:
        if waveform.is_constant:
            still = still + matrix * waveform.scalar(0.0)
    return np.asarray(still), tuple(term for term in every if not term[1].is_constant)


def step_edges(model: Model, t0: Array, t1: Array, steps: int, refinement: int = 1) -> Array:
    """Ends of about ``steps`` steps from t0 to t1, each cut into so many equal parts.

    There is one at every kink, and at every swift passage. Both differ within a batch, so its
    members share the number of steps between them but not their lengths, which may be zero.
    """
    swift = _swift_passages(model, t0, t1, steps)
    inner = join_kinks(kinks(model.effective_terms, t0, t1), swift)
    start, end = np.asarray(t0)[..., None], np.asarray(t1)[..., None]
    pieces = np.concatenate([start, np.where(np.isnan(inner), end, inner), end], axis=-1)
    lengths = np.diff(pieces, axis=-1)
    share = (lengths / (end - start)).reshape(-1, lengths.shape[-1]).max(axis=0)
    counts = np.maximum(1, np.ceil(share * steps)).astype(int) * refinement
    singular = are_singular(model.effective_terms, pieces)
    if swift.size:
        among = (pieces[..., None] == swift[..., None, :]).any(axis=-1)
        singular = list(among.reshape(-1, pieces.shape[-1]).any(axis=0) | singular)
    parts = [
        pieces[..., i, None] + lengths[..., i, None] * _fractions(n, *singular[i : i + 2])
        for i, n in enumerate(counts)
    ]
    return np.concatenate([*parts, end], axis=-1)


def _swift_passages(model: Model, t0: Array, t1: Array, steps: int) -> Array:
    """When two levels pass each other, and operators that follow them turn, within one step."""
    moving = _dissipators(model)[1] if model.has_jumps else ()
    t0, t1 = np.asarray(t0), np.asarray(t1)
    for _, waveform in moving:
        if isinstance(waveform, Direction):  # all of them have the same field
            return waveform.passages(t0, t1, (t1 - t0) / steps)
    return np.empty((*t0.shape, 0))


def _fractions(count: int, singular_start: bool, singular_end: bool) -> Array:
    """Where steps start within a piece, from 0 to below 1, closing in on its singular ends."""
    if not (singular_start or singular_end):
        return np.linspace(0.0, 1.0, count, endpoint=False)
    inwards = np.linspace(0.0, 1.0, _GRADING * count, endpoint=False) ** _GRADING
    outwards = np.append(0.0, 1.0 - inwards[:0:-1])
    if singular_start and singular_end:
        return np.concatenate([0.5 * inwards, 0.5 + 0.5 * outwards])
    return inwards if singular_start else outwards


def are_singular(terms: Terms, t: Array) -> list[bool]:
    """Whether a derivative of H grows without bound towards each of some kinks, e.g. as 1/√t.

    Close to such a kink the terms of the power series at that distance are all about
    as large; close to any other they fall off.
    """
    near = _NEARBY * (t[..., -1:] - t[..., :1])
    found = np.zeros(t.shape[-1], dtype=bool)
    for _, waveform in terms:
        for side in (-1, 1):
            jet = np.abs(waveform.taylor(t + side * near, _GRADING))
            # Two orders apart: every other term of an even or odd function vanishes.
            last, before = jet[..., -1] * near**2, jet[..., -3]
            grows = (last > 0.01 * before) & (before > 0)
            found |= grows.reshape(-1, t.shape[-1]).any(axis=0)
    return found.tolist()
