"""Closing both ends of a sweep with formal super-adiabatic solutions.

Far from a crossing there are solutions that carry no transitions to any order of
slowness. In c ∝ eₖ + v, with vₖ = 0, the Schrödinger equation becomes the Riccati equation

    i v̇ = H_ok + H_oo v − v λ,    λ = H_kk + H_ko v,

solved order by order in the time derivative from the Taylor series of H at the end of
the window. Reading out in these states removes the error of a finite window, which
falls only as 1/T for diabatic states and as 1/T³ for adiabatic ones.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from lzopen.dynamics.asymptotic import sum_asymptotic
from lzopen.dynamics.picking import picked
from lzopen.dynamics.straight import straight_lines, straight_states
from lzopen.models import Model
from lzopen.models.terms import blocks
from lzopen.waveforms.base import Array, Waveform

ORDER = 14
_ROUND_OFF = 1e-15


def formal_states(model: Model, t: Array, enough: float = 0.0) -> tuple[Array, Array]:
    """Formal solutions at given times, one column for each diabatic level.

    Parameters
    ----------
    model : Model
        Hermitian, with waveforms that are smooth at ``t``.
    t : ends + batch ndarray
        Times for each member of the batch.
    enough : float
        Error below which none needs to be looked for that is better.

    Returns
    -------
    states : ends + batch + (n, n) ndarray
        Column k is the solution that becomes diabatic level k, of unit norm.
    error : ends + batch + (n,) ndarray
        Size of the first terms that a column leaves out; infinite where there is none.
    """
    lines = straight_lines(model.terms)
    found = straight_states(*lines, t) if lines else None
    if found is None:
        return _expanded_at(model, t)
    states, error = found
    poor = (error > enough).any(axis=-1)
    if poor.any():
        which = np.flatnonzero(poor)
        other, off = _expanded_at(picked(model, t.shape, which), t.ravel()[which])
        better = off < error[poor]
        states[poor] = np.where(better[..., None, :], other, states[poor])
        error[poor] = np.where(better, off, error[poor])
    return states, error


def _expanded_at(model: Model, t: Array) -> tuple[Array, Array]:
    """The same from the Taylor series of H at each time."""
    jets = _jets(model, t)
    states = np.zeros_like(jets[0])
    error = np.empty(jets.shape[1:-1])
    for levels in blocks(model.terms):
        together = jets[..., levels[:, None], levels]
        found, error[..., levels] = _states_of_block(together)
        states[..., levels[:, None], levels] = found
    return states, error


def _states_of_block(jets: Array) -> tuple[Array, Array]:
    """The same for levels that all are coupled, from the Taylor coefficients of H(t)."""
    size = jets.shape[-1]
    energies, vectors = np.linalg.eigh(jets[0])
    owner = np.abs(vectors).argmax(axis=-1)  # the eigenvector that holds most of level k
    states = np.empty_like(jets[0])
    error = np.empty(jets.shape[1:-1])
    for level in range(size):
        index = owner[..., level]
        vector = np.take_along_axis(vectors, index[..., None, None], axis=-1)[..., 0]
        energy = np.take_along_axis(energies, index[..., None], axis=-1)
        states[..., level], error[..., level] = _formal_state(jets, level, vector, energy)
    shared = (owner[..., :, None] == owner[..., None, :]).sum(axis=-1) > 1
    return states, np.where(shared | ~np.isfinite(error), np.inf, error)


def _jets(model: Model, t: Array) -> Array:
    """Taylor coefficients of H(t), order first: (ORDER + 1,) + batch + (n, n)."""
    jets: Any = 0.0
    for matrix, waveform in model.terms:
        jet = waveform.taylor(t[..., None], ORDER)[..., 0, :]
        jet = np.where(_has_died(waveform, jet[..., 0])[..., None], 0.0, jet)
        jets = jets + np.moveaxis(jet, -1, 0)[..., None, None] * matrix
    batch = np.broadcast_shapes(np.shape(jets)[1:-2], t.shape)
    return np.broadcast_to(jets, (ORDER + 1, *batch, *jets.shape[-2:]))


def _has_died(waveform: Waveform, value: Array) -> Array:
    """Whether of a pulse only round-off is left."""
    if waveform.asymptote(1) is None:
        return np.zeros(value.shape, dtype=bool)
    marks = np.nan_to_num(waveform.landmarks())
    peak = np.abs(waveform(marks)).max(axis=-1, initial=0.0)
    return np.asarray((value != 0) & (np.abs(value) < _ROUND_OFF * peak))


def _formal_state(jets: Array, level: int, vector: Array, energy: Array) -> tuple[Array, Array]:
    """One column, and the size of what its asymptotic series leaves out."""
    others = [k for k in range(jets.shape[-1]) if k != level]
    block = jets[..., others, :][..., others]
    to_others, from_others = jets[..., others, level], jets[..., level, others]
    with np.errstate(all="ignore"):  # parallel degenerate levels give inf and NaN, reported as such
        start = vector[..., others] / vector[..., level, None]
        slope = block[0] - energy[..., None] * np.eye(len(others))
        slope = slope - start[..., :, None] * from_others[0][..., None, :]
        series = _riccati_series(
            np.linalg.pinv(slope), start, jets[..., level, level], to_others, block, from_others
        )
        total, error = sum_asymptotic(series)
        full = np.insert(total, level, 1.0, axis=-1)
        full = full / np.linalg.norm(full, axis=-1, keepdims=True)
    return full, error


def _riccati_series(
    inverse: Array, start: Array, own: Array, to_others: Array, block: Array, from_others: Array
) -> Array:
    """Terms v_m(0) of the slowness expansion; row m of ``v`` holds Taylor order l at (m, l)."""
    v: Any = np.zeros((ORDER + 1, ORDER + 1, *start.shape), dtype=complex)
    lam: Any = np.zeros((ORDER + 1, ORDER + 1, *start.shape[:-1]), dtype=complex)
    degree = _degree(own, to_others, block, from_others)
    for m in range(ORDER + 1):
        for power in range(ORDER + 1 - m):
            low = range(1, min(power, degree) + 1)
            lam[m, power] = sum((_dot(from_others[j], v[m, power - j]) for j in low), start=0.0)
            if m == 0:
                lam[m, power] += own[power]
            if (m, power) == (0, 0):
                v[0, 0], lam[0, 0] = start, own[0] + _dot(from_others[0], start)
                continue
            known = (v[: m + 1, : power + 1] * lam[m::-1, power::-1][: m + 1, :, ..., None]).sum(
                (0, 1)
            )
            known -= sum((_apply(block[j], v[m, power - j]) for j in low), start=0.0)
            if m == 0:
                known -= to_others[power]
            else:
                known += 1j * (power + 1) * v[m - 1, power + 1]
            v[m, power] = _apply(inverse, known)
            lam[m, power] += _dot(from_others[0], v[m, power])
    return v[:, 0]


def _degree(*jets: Array) -> int:
    """Highest Taylor order that occurs anywhere."""
    return max(i for i in range(ORDER + 1) if any(np.any(jet[i]) for jet in jets) or i == 0)


def _dot(row: Array, vector: Array) -> Array:
    return (row * vector).sum(axis=-1)


def _apply(matrix: Array, vector: Array) -> Array:
    return (matrix @ vector[..., None])[..., 0]
