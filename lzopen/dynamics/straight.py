"""Levels that are straight lines at all times, H(t) = H₀ + H₁t: formal solutions in powers of 1/t.

In c ∝ eₖ + v, with vₖ = 0 and t counted from any time, the terms of v = Σ vₘ t⁻ᵐ follow from

    i v̇ⱼ = Vⱼₖ + (βⱼt + eⱼ) vⱼ + Σₗ Vⱼₗvₗ − vⱼ λ,    λ = Σₗ Vₖₗvₗ,

where β and e are slopes and energies less those of level k: from the term with βⱼ where levels
part, and from the term with eⱼ where they are parallel.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from lzopen.dynamics.asymptotic import sum_powers
from lzopen.environments.base import Terms
from lzopen.waveforms.base import ROUND_OFF, Array, Waveform

ORDER = 44
_JETS = 6  # orders of a power series, in which a straight line has but two


def straight_line(waveform: Waveform) -> tuple[Any, Any] | None:
    """Value at t = 0 and slope of what is a straight line at all times; None for anything else."""
    if not waveform.is_constant and not _is_straight(waveform):
        return None
    value, slope = np.moveaxis(waveform.taylor(np.zeros(1), 1)[..., 0, :], -1, 0)
    return value, slope


def _is_straight(waveform: Waveform) -> bool:
    if any(waveform.asymptote(side) is None for side in (-1, 1)):
        return False
    if np.isfinite(waveform.time_scale(-1.0, 1.0)):
        return False
    if waveform.kinks(np.float64(-np.inf), np.float64(np.inf)).size:
        return False
    marks = waveform.landmarks()
    marks = marks if marks.shape[-1] else np.zeros(1)
    jets = waveform.taylor(np.concatenate([marks, marks + 1.0], axis=-1), _JETS)
    return not (jets[..., 2:].any() or np.diff(jets[..., 1], axis=-1).any())


def straight_lines(terms: Terms) -> tuple[Array, Array] | None:
    """H₀ and H₁, of shape batch + (n, n), of terms that all are straight lines."""
    lines = [straight_line(waveform) for _, waveform in terms]
    if any(line is None for line in lines):
        return None
    pairs = [(line, matrix) for line, (matrix, _) in zip(lines, terms, strict=True) if line]
    start, slope = (
        sum(np.asarray(line[i])[..., None, None] * matrix for line, matrix in pairs) for i in (0, 1)
    )
    return np.asarray(start), np.asarray(slope)


def straight_states(start: Array, slope: Array, t: Array) -> tuple[Array, Array] | None:
    """Formal solutions of H₀ + H₁t at given times; None where some level keeps no own energy.

    Parameters
    ----------
    start, slope : batch + (n, n) ndarray
        H₀ and H₁, Hermitian.
    t : ends + batch ndarray

    Returns
    -------
    states : ends + batch + (n, n) ndarray
        Column k is the solution that becomes level k, of unit norm.
    error : ends + batch + (n,) ndarray
        Size of the first terms that a column leaves out.
    """
    size = start.shape[-1]
    own = np.arange(1 if size == 2 else size)[:, None]  # two levels are orthogonal
    others = np.array([np.delete(np.arange(size), level) for level in own[:, 0]])  # row k
    slopes, energies = (np.diagonal(part, axis1=-2, axis2=-1).real for part in (slope, start))
    beta, energy = (part[..., others] - part[..., own] for part in (slopes, energies))
    coupled, lines = start[..., others, own], slope[..., others, own]
    parallel = np.abs(beta) <= ROUND_OFF * np.abs(slopes).max(axis=-1)[..., None, None]
    if lines.any() or np.any(parallel & ((coupled != 0) | (energy == 0))):
        return None
    # Counted from where a level meets the others, in the mean.
    beta = np.where(parallel, np.inf, beta)
    met = -(energy / beta).sum(axis=-1, keepdims=True)
    met = met / np.maximum(1, (~parallel).sum(axis=-1, keepdims=True))
    energy = energy + np.where(parallel, 0.0, beta) * met
    since = t[..., None, None] - met
    ends = since.ndim - energy.ndim
    unit = np.abs(since).max(axis=tuple(range(ends)))
    among = start[..., others[:, :, None], others[:, None, :]] * ~np.eye(size - 1, dtype=bool)
    with np.errstate(all="ignore"):  # on a crossing the series explodes
        terms = _terms(coupled, among, beta * unit, energy, unit)
        powers = np.cumprod(np.broadcast_to(unit / since, (ORDER, *since.shape)), axis=0)
        scaled = terms.reshape(ORDER, *[1] * ends, *unit.shape[:-2], len(own), -1) * powers
        total, error = sum_powers(scaled)
        error = np.where(np.isfinite(error), error, np.inf)
        states = np.zeros((*error.shape, size), dtype=complex)
        states[..., own, others], states[..., own[:, 0], own[:, 0]] = total, 1.0
        if size == 2:
            across = np.stack([-states[..., 0, 1].conj(), states[..., 0, 0]], axis=-1)
            states = np.stack([states[..., 0, :], across], axis=-2)
            error = error[..., [0, 0]]
        states = states.swapaxes(-1, -2) / np.linalg.norm(states, axis=-1)[..., None, :]
    return states, error


def _terms(coupled: Array, among: Array, distance: Array, energy: Array, unit: Array) -> Array:
    """Terms vₘ t⁻ᵐ at t = unit, m = 1…ORDER, by level and component; where levels are parallel
    their distance βt is infinite."""
    parallel = np.isinf(distance)
    apart = 1 / np.where(parallel, energy, np.inf) if parallel.any() else None
    shifted, many = energy.any(), among.any()
    stride = 1 if many or shifted else 2  # then every other term vanishes
    across, turn, back = -1 / distance, 1j / unit, coupled.conj()
    v = np.zeros((ORDER, *np.broadcast_shapes(coupled.shape, distance.shape)), dtype=complex)
    lam = np.zeros((*v.shape[:-1], 1), dtype=complex)
    v[0] = across * coupled
    for m in range(ORDER - 1):
        known: Any = 0.0
        if m and (m - 1) % stride == 0:
            known = m * turn * v[m - 1]
            known -= np.einsum("m...,m...->...", v[:m:stride], lam[m - 1 :: -1][:m:stride])
        if m % stride == 0:
            if apart is not None:
                v[m] -= apart * (_mixed(among, v[m]) + known)
            lam[m] = np.einsum("...j,...j->...", back, v[m])[..., None]
        if many:
            known += _mixed(among, v[m])
        if shifted:
            known += energy * v[m]
        if (m + 1) % stride == 0:
            v[m + 1] = across * known
    return v


def _mixed(among: Array, v: Array) -> Array:
    return (among @ v[..., None])[..., 0]
