"""What moves amplitudes or density matrices: terms of dX/dt, matrices with waveforms."""

from __future__ import annotations

from typing import Any

import numpy as np

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
