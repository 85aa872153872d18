"""What moves amplitudes or density matrices: terms of dX/dt, matrices with waveforms."""

from __future__ import annotations

from typing import Any

import numpy as np

from lzopen.dynamics.periodic.level_coordinates import Densities
from lzopen.environments.base import Terms
from lzopen.models import Model
from lzopen.waveforms import Constant, Waveform
from lzopen.waveforms.base import Array


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
    still, moving = dissipators(model)
    commutators = [
        (-1j * (np.kron(identity, matrix) - np.kron(matrix.conj(), identity)), waveform)
        for matrix, waveform in parts
    ]
    return (*commutators, (still, Constant(1.0)), *moving)


def real_liouvillian(model: Model) -> tuple[Terms, Array]:
    """The same in real coordinates, trace first, and the unitary matrix that leads to them."""
    coordinates = Densities(model.n_levels)
    real = tuple((coordinates.superoperator(m), waveform) for m, waveform in liouvillian(model))
    terms, turn = trace_first(real, model.n_levels)
    return terms, turn @ coordinates.transform


def trace_first(terms: Terms, n_levels: int) -> tuple[Terms, Array]:
    """Terms in which populations have become the trace and the diagonal of a Bloch vector.

    Most motion leaves the trace alone. Also returned is the orthogonal matrix that leads there.
    """
    size = terms[0][0].shape[-1]
    turn, inside = np.eye(size), (slice(n_levels), slice(n_levels))
    # In whole numbers, so that what cancels does so exactly.
    turn[inside] = np.tri(n_levels, k=-1) - np.diag(np.arange(n_levels))
    turn[0, :n_levels] = 1.0
    norm = np.linalg.norm(turn, axis=-1)[:, None]
    turned = ((turn @ matrix @ turn.T / (norm * norm.T), waveform) for matrix, waveform in terms)
    return tuple(turned), turn / norm


def that_move(terms: Terms, some: Array) -> tuple[Array, Array]:
    """Those of some coordinates that change, or change others, and all that they are coupled to."""
    acts = np.any([m.astype(bool).reshape(-1, *m.shape[-2:]).any(axis=0) for m, _ in terms], axis=0)
    acts = acts | acts.T
    first = some[acts[some].any(axis=-1)]
    seen = np.zeros(len(acts), dtype=bool)
    seen[first] = True
    for _ in acts:
        seen |= acts[seen].any(axis=0)
    return first, np.flatnonzero(seen)


def dissipators(model: Model) -> tuple[Array, Terms]:
    """Superoperator of all environments that stand still, and terms of those that move."""
    every = [term for e in model.environments for term in e.dissipators(model.terms)]
    still: Any = np.zeros((model.n_levels**2, model.n_levels**2))
    for matrix, waveform in every:
        if waveform.is_constant:
            still = still + matrix * waveform.scalar(0.0)
    return np.asarray(still), tuple(term for term in every if not term[1].is_constant)


def dissipation_rate(model: Model, t0: Array, t1: Array) -> Array:
    """Largest rate of the collapse operators in each window.

    What moves turns with the eigenstates and keeps its rates.
    """
    still, moving = dissipators(model)
    ends: Any = np.stack([t0, t1], axis=-1)
    rates = [np.abs(still).max(axis=(-2, -1))]
    rates += [np.abs(w(ends)).max(axis=-1) * np.abs(m).max() for m, w in moving]
    return np.broadcast_to(sum(rates), t0.shape)


def between_levels(inside: Array, states: Array) -> Array:
    """Superoperators between diabatic levels, from those between the states in the columns."""
    turned = states.conj()[..., :, None, :, None] * states[..., None, :, None, :]
    turned = turned.reshape(*states.shape[:-2], *inside.shape[-2:])
    return np.asarray(turned @ inside @ turned.conj().swapaxes(-1, -2))
