"""What follows from the terms of a Hamiltonian alone: H(t), its derivative, its kinks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import qutip
from numpy.typing import ArrayLike
from scipy.sparse.csgraph import connected_components

from lzopen.environments.base import Terms, sparse
from lzopen.errors import fail
from lzopen.waveforms.base import ROUND_OFF, Array, Waveform, join_kinks, keep_inside


def hamiltonian(terms: Terms, t: ArrayLike) -> Array:
    """H(t) = Σ wₖ(t) Aₖ, of shape ``batch + t.shape + (n, n)``."""
    return np.asarray(sum(_expand(w(t)) * matrix for matrix, w in terms))


def derivative(terms: Terms, t: ArrayLike) -> Array:
    """dH/dt, of shape ``batch + t.shape + (n, n)``."""
    return np.asarray(sum(_expand(w.derivative(t)) * matrix for matrix, w in terms))


def qobjevo(terms: Terms) -> qutip.QobjEvo:
    """Terms of a single model as a QobjEvo; its coefficients are bound methods."""
    still = [matrix * w.scalar(0.0) for matrix, w in terms if w.is_constant]
    moving = [[sparse(matrix), w.coefficient] for matrix, w in terms if not w.is_constant]
    return qutip.QobjEvo([sparse(sum(still)), *moving] if still else moving)


def kinks(terms: Terms, t0: Any, t1: Any) -> Array:
    """Kinks of all waveforms inside (t0, t1), those that differ by round-off only once."""
    every = join_kinks(*(waveform.kinks(t0, t1) for _, waveform in terms))
    batch = (*np.broadcast_shapes(every.shape[:-1], np.shape(t0), np.shape(t1)), 1)
    ends = [np.broadcast_to(np.asarray(t)[..., None], batch) for t in (t0, t1)]
    every = np.concatenate([ends[0], np.broadcast_to(every, (*batch[:-1], every.shape[-1]))], -1)
    latest = np.abs(np.concatenate([every, ends[1]], axis=-1))
    margin = ROUND_OFF * latest.max(axis=-1, keepdims=True, where=np.isfinite(latest), initial=0.0)
    apart = (np.diff(every, axis=-1) > margin) & (ends[1] - every[..., 1:] > margin)
    return keep_inside(np.where(apart, every[..., 1:], np.nan), t0, t1)


def hermitian_part(matrices: Array) -> Array:
    """Energies and read-out never see a leak, which is anti-Hermitian."""
    return 0.5 * (matrices + matrices.conj().swapaxes(-1, -2))


def traceless(matrices: Array) -> Array:
    """Matrices less their mean energy, which moves no population."""
    size = matrices.shape[-1]
    trace = np.trace(matrices, axis1=-2, axis2=-1)[..., None, None]
    return matrices - trace * np.eye(size) / size


def blocks(terms: Terms) -> list[Array]:
    """Indices that some matrix couples, directly or not, together and in order."""
    coupled: Any = sum(np.abs(m).reshape(-1, *m.shape[-2:]).max(axis=0) for m, _ in terms)
    count, member = connected_components(coupled, directed=False)
    return [np.flatnonzero(member == block) for block in range(count)]


def _expand(values: Any) -> Array:
    return np.asarray(values)[..., None, None]


def checked_terms(terms: Any) -> Terms:
    """Terms with read-only square matrices of one size."""
    if not isinstance(terms, Sequence) or not terms:
        fail("terms", "be a sequence of (matrix, Waveform) pairs", repr(terms))
    checked = tuple(_checked_term(term) for term in terms)
    sizes = {matrix.shape for matrix, _ in checked}
    if len(sizes) > 1:
        fail("terms", "hold matrices of one size", f"of shapes {sorted(sizes)}")
    return checked


def _checked_term(term: Any) -> tuple[Array, Waveform]:
    if not isinstance(term, Sequence) or len(term) != 2 or not isinstance(term[1], Waveform):
        fail(
            "terms", "be pairs of a matrix and a Waveform", repr(term), "e.g. (A, lz.Constant(1.0))"
        )
    given = term[0].full() if isinstance(term[0], qutip.Qobj) else term[0]
    try:
        matrix = np.array(given, dtype=complex)
    except (TypeError, ValueError):
        fail("terms", "hold square matrices", repr(given))
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1] or not matrix.size:
        fail("terms", "hold square matrices", f"of shape {matrix.shape}")
    if not np.isfinite(matrix).all():
        fail("terms", "hold finite matrices", matrix)
    matrix.flags.writeable = False
    return matrix, term[1]
