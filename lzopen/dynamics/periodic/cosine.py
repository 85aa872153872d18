"""Models that one cosine drives while their jumps stand still, as arrays without their names.

All arrays keep the batch axes that they have: one that is the same for all members along an
axis has size one there.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from lzopen.dynamics.periodic.harmonics import compact
from lzopen.errors import LzopenError
from lzopen.models import Model
from lzopen.waveforms.base import ROUND_OFF, Array
from lzopen.waveforms.periods import times_in


class CosineDrive(NamedTuple):
    """H(t) = H₀ + cos(ωt + φ) diag(d), with dρ/dt = −i(Hρ − ρH†) + Dρ.

    ``shape`` is that of the batch; ``omega`` and ``phase`` are numbers or arrays; ``still``
    (…, n, n) is H₀, ``swing`` (…, n) is d, and ``dissipator`` (…, n², n²) is D, on density
    matrices stacked by columns.
    """

    shape: tuple[int, ...]
    omega: Any
    phase: Any
    still: Array
    swing: Array
    dissipator: Array


class BlochDrive(NamedTuple):
    """Two levels under ½(ε₀ + A cos(ωt + φ))σz + ½|Δ|σx, whose jumps know only the z axis.

    The Bloch vector falls at Γ₂ (``across``) across z and along it towards z₀ at Γ₁
    (``along``); ``pump`` = Γ₁z₀, and the coherence ρ₀₁ of the model is that of these
    equations times ``turn``. All numbers in units of ω.
    """

    bias: Array
    gap: Array
    amplitude: Array
    along: Array
    pump: Array
    across: Array
    turn: Array


def cosine_drive(model: Model) -> CosineDrive | None:
    """The drive of a model, or None where it is not of that form."""
    period = model.period
    jumps = _still_dissipator(model)
    if period is None or jumps is None:
        return None
    harmonics = _hamiltonian_harmonics(model, period)
    if harmonics is None or not set(harmonics) <= {-1, 0, 1}:
        return None
    nothing = np.zeros((model.n_levels, model.n_levels), dtype=complex)
    still, up, down = (harmonics.get(n, nothing) for n in (0, 1, -1))
    cosine = _cosine(up, down)
    if cosine is None:
        return None
    phase, swing = cosine
    return CosineDrive(model.batch_shape, 2 * np.pi / period, phase, still, swing, jumps)


def _still_dissipator(model: Model) -> Array | None:
    """Superoperator of all jumps; None where some of them move."""
    total: Any = np.zeros((model.n_levels**2, model.n_levels**2))
    for environment in model.environments:
        try:
            terms = environment.dissipators(model.terms)
        except LzopenError:  # it follows the energy eigenstates
            return None
        if not all(w.is_constant for _, w in terms):
            return None
        total = total + sum(matrix * w.scalar(0.0) for matrix, w in terms)
    return np.asarray(total)


def _hamiltonian_harmonics(model: Model, period: Any) -> dict[int, Array] | None:
    """Matrices H_n of H(t) = Σ H_n e^{inωt}; None if there is no end of them."""
    total: dict[int, Any] = {}
    for matrix, waveform in model.effective_terms:
        own = waveform.harmonics()
        turns = 1 if waveform.is_constant else times_in(period, waveform.period)
        if own is None or turns is None:
            return None
        for n, c in own.items():
            part = np.asarray(c)[..., None, None] * matrix
            total[n * turns] = total.get(n * turns, 0.0) + part
    return total


def _cosine(up: Array, down: Array) -> tuple[Array, Array] | None:
    """φ and d of diag(d) cos(ωt + φ) from H₁ and H₋₁; None unless all levels share one phase."""
    if np.any(up * (1 - np.eye(up.shape[-1]))):
        return None
    levels = np.diagonal(up, axis1=-2, axis2=-1)
    levels = levels - levels.mean(axis=-1, keepdims=True)  # what is common moves nothing
    phase = 0.5 * np.angle((levels**2).sum(axis=-1))
    turned = levels * np.exp(-1j * phase)[..., None]
    odd = np.abs(turned.imag).max(axis=-1) + np.abs(down - up.conj()).max(axis=(-2, -1))
    if np.any(odd > ROUND_OFF * np.abs(turned.real).max(axis=-1)):
        return None
    return phase, 2 * turned.real


def bloch_drive(drive: CosineDrive) -> BlochDrive | None:
    """The same in the Bloch sphere; None unless the jumps are of that form."""
    h, jumps = drive.still, drive.dissipator
    if h.shape[-1] != 2 or np.any(h != h.conj().swapaxes(-1, -2)) or not _knows_only_z(jumps):
        return None
    unit = 1 / np.asarray(drive.omega)
    gap = 2 * np.abs(h[..., 0, 1])
    turn = np.where(gap > 0, 2 * h[..., 0, 1], 1.0) / np.where(gap > 0, gap, 1.0)
    down, up = jumps[..., 3, 0].real, jumps[..., 0, 3].real
    given = BlochDrive(
        bias=unit * (h[..., 0, 0] - h[..., 1, 1]).real,
        gap=unit * gap,
        amplitude=unit * (drive.swing[..., 0] - drive.swing[..., 1]),
        along=unit * (down + up),
        pump=unit * (up - down),
        across=unit * -jumps[..., 1, 1].real,
        turn=turn,
    )
    return BlochDrive(*map(compact, given))


def _knows_only_z(jumps: Array) -> bool:
    """Whether (ρ₀₀, ρ₁₀, ρ₀₁, ρ₁₁) only lose coherence, and exchange population."""
    allowed = np.eye(4, dtype=bool) | np.eye(4, dtype=bool)[::-1]
    allowed[1, 2] = allowed[2, 1] = False
    turning = jumps[..., 1, 1].imag
    return not (np.any(jumps[..., ~allowed]) or np.any(turning))
