"""Periodic steady state of two levels under a cosine, by a continued fraction.

With z_n taken out, the harmonics v_n = (x_n, y_n) of the Bloch vector obey, in units of ω,
D_n v_n + aJ(v_{n−1} + v_{n+1}) = 0 for n ≠ 0, with a = A/2ω and J = iσy. Elimination from the top
down, M_n = D_n + a² JᵀM_{n+1}⁻¹J, keeps the form ((p, q), (−q, s)), so that three complex numbers
suffice. What is left at n = 0 is a rate W at which the drive mixes the levels,
z̄ = Γ₁z₀/(Γ₁ + W), with no difference of large numbers.

H. Risken, The Fokker-Planck Equation, 2nd ed., Springer (1996), chapter 9.
"""

from __future__ import annotations

from functools import partial
from typing import Any, NamedTuple

import array_api_compat.numpy
import numpy as np

from lzopen.dynamics.periodic.cosine import BlochDrive, CosineDrive, bloch_drive
from lzopen.dynamics.periodic.found import Steady, watched
from lzopen.dynamics.periodic.fraction_levels import levels_steady
from lzopen.dynamics.periodic.harmonics import Members, compact, harmonics, picked, reach
from lzopen.waveforms.base import Array

_CHUNK = 4096  # members
_EPS = float(np.finfo(float).eps)


def cosine_steady(
    drive: CosineDrive,
    at: float | None = None,
    xp: Any = array_api_compat.numpy,
    coherences: bool = True,
) -> Steady:
    """Steady states of all members, averaged over a period or at one time.

    Where levels leak it is the state that lives longest, relative to its norm. A member without
    a single steady state gets NaN, an infinite condition and an infinite error.

    Parameters
    ----------
    drive : CosineDrive
        As `cosine_drive` gives it.
    at : float, optional
        Time; the average if left out.
    xp : namespace
        Array namespace to compute on.
    coherences : bool
        Whether more than populations is asked for. Of two levels at an instant, coherences are most
        of the work, and are NaN without.
    """
    bloch = bloch_drive(drive)
    if bloch is None:
        found = levels_steady(drive, at, xp)
    else:
        found = _qubit_steady(bloch, drive, at, xp, coherences)
    if at:
        found = found._replace(error=found.error + xp.asarray(_lateness(drive, at)))
    return found


def _lateness(drive: CosineDrive, at: float) -> Array:
    """What states miss because ωt is rounded, (members,)."""
    speed = np.abs(drive.swing).sum(axis=-1) + np.abs(drive.still).sum(axis=(-2, -1))
    speed = 2 * speed + np.abs(drive.dissipator).sum(axis=(-2, -1))
    return np.broadcast_to(_EPS * abs(at) * speed, drive.shape).reshape(-1)


class _Rows(NamedTuple):
    """Complex numbers of the members of a chunk, single ones where they are all the same."""

    bias: Any
    gap: Any
    amplitude: Any
    along: Any
    pump: Any
    across: Any
    turn: Any
    clock: Any  # e^{i(ωt + φ)}

    def lowered(self, n: int, p: Any, s: Any, q: Any) -> tuple[Any, Any]:
        """M_n = ((p, q), (−q, s)) from what stands above it: p and s in place, q, and ps + q²."""
        first = 1j * n + self.across
        p += first
        s += first + self.gap**2 / (1j * n + self.along)
        q = self.bias - q
        size = p * s
        size += q * q
        return q, size


def _qubit_steady(
    bloch: BlochDrive, drive: CosineDrive, at: float | None, xp: Any, coherences: bool
) -> Steady:
    # Without one of these the state never settles; such members are computed with others instead.
    lost = (bloch.across == 0) | ((bloch.along == 0) & (bloch.gap**2 == 0))
    along, across = (np.where(lost, 1.0, rate) for rate in (bloch.along, bloch.across))
    clock = np.exp(1j * (drive.omega * (at or 0.0) + drive.phase))
    numbers = (*bloch._replace(along=along, across=across), compact(np.asarray(clock)))
    swing, distance = np.abs(bloch.amplitude), np.hypot(bloch.bias, bloch.gap)[..., None]
    counts = harmonics(swing, reach(swing, distance, distance), at is not None)
    members = Members(np.broadcast_to(counts, drive.shape), _CHUNK)
    solve = _average if at is None else partial(_instant, coherences=coherences)
    parts = []
    for places, needed in watched(members.chunks):
        rows = _Rows(*(_row(values, places, xp) for values in numbers))
        parts.append(solve(rows, needed, xp))
    state, error, condition = members.restore(parts, xp)
    if np.any(lost):
        gone = xp.asarray(np.broadcast_to(lost, drive.shape).reshape(-1))
        state = xp.where(gone[:, None, None], xp.nan, state)
        error, condition = (xp.where(gone, xp.inf, value) for value in (error, condition))
    return Steady(state, error, condition, loss=xp.zeros_like(error))


def _row(values: Array, places: tuple[Array, ...], xp: Any) -> Any:
    if values.size == 1:
        return complex(values.item())
    return xp.asarray(picked(values, places) + 0j)


def _real(value: Any, xp: Any) -> Any:
    return value.real if isinstance(value, complex) else xp.real(value)


def _average(rows: _Rows, needed: Array, xp: Any) -> tuple[Any, Any, Any]:
    """States averaged over a period, with errors and conditions."""
    blank = xp.zeros(needed.size, dtype=xp.complex128)
    squared = 0.25 * rows.amplitude**2 + blank
    p, s, q = blank + 0.0, blank + 0.0, blank  # times f = a²/(ps + q²)
    for n in range(int(needed.max()), 0, -1):
        q, f = rows.lowered(n, p, s, q)
        f = squared / f
        p *= f
        s *= f
        q *= f
    x, y, z, rates = _zeroth(rows, p, s, q, xp)
    return _state(x, y, z, rows, xp), *_quality(rows, rates, needed, xp)


def _instant(rows: _Rows, needed: Array, xp: Any, coherences: bool) -> tuple[Any, Any, Any]:
    """States at the given phase of the period, with errors and conditions.

    Each line (a, b) makes a component of the harmonics from n on, summed with their phases, from
    (x_n, y_n); a step down goes by v_n = −M_n⁻¹aJv_{n−1}.
    """
    blank = xp.zeros(needed.size, dtype=xp.complex128)
    raising = -0.5 * rows.amplitude * (rows.clock + blank)  # with phase and sign of the step
    lowering = xp.conj(raising)
    p, s, q = blank + 0.0, blank + 0.0, blank
    lines = [[blank + 0.0, blank + 0.0] for _ in range(3 if coherences else 1)]  # z, x, y
    for n in range(int(needed.max()), 0, -1):
        q, g = rows.lowered(n, p, s, q)
        g = raising / g
        p *= g
        s *= g
        q *= g
        lines[0][1] += rows.gap / (1j * n + rows.along)  # z_n from y_n
        if coherences:
            lines[1][0] += 1.0
            lines[2][1] += 1.0
        lines = [_stepped(a, b, p, s, q) for a, b in lines]
        p *= lowering
        s *= lowering
        q *= lowering
    x, y, z, rates = _zeroth(rows, p, s, q, xp)
    above = [2 * xp.real(a * x + b * y) for a, b in lines]
    z = z + above[0]
    x, y = (x + above[1], y + above[2]) if coherences else (xp.nan * x, xp.nan * y)
    return _state(x, y, z, rows, xp), *_quality(rows, rates, needed, xp)


def _stepped(a: Any, b: Any, p: Any, s: Any, q: Any) -> list[Any]:
    """(aq − bp, as + bq); the arrays given are used up."""
    second = b * q
    second += a * s
    a *= q
    b *= p
    a -= b
    return [a, second]


def _zeroth(rows: _Rows, p: Any, s: Any, q: Any, xp: Any) -> tuple[Any, Any, Any, Any]:
    """x̄, ȳ, z̄ and Γ₁ + W; what the negative harmonics add is conjugate to fp, fs and fq."""
    across, along, pump = (_real(v, xp) for v in (rows.across, rows.along, rows.pump))
    bias, gap = _real(rows.bias, xp), _real(rows.gap, xp)
    p, s, q = across + 2 * xp.real(p), across + 2 * xp.real(s), bias - 2 * xp.real(q)
    size = p * s + q * q
    rates = along + gap**2 * p / size
    z = pump / rates
    return gap * z * q / size, -gap * z * p / size, z, rates


def _quality(rows: _Rows, rates: Any, needed: Array, xp: Any) -> tuple[Any, Any]:
    """Errors, by what the last digits of all detunings change, and conditions."""
    bias, gap = _real(rows.bias, xp), _real(rows.gap, xp)
    size = abs(_real(rows.amplitude, xp)) + (bias**2 + gap**2) ** 0.5
    error = _EPS * (1.0 + xp.asarray(needed, dtype=xp.float64) + size / _real(rows.across, xp))
    return error, size / rates


def _state(x: Any, y: Any, z: Any, rows: _Rows, xp: Any) -> Any:
    """Density matrices ½(1 + r·σ), (members, 2, 2)."""
    coherence = 0.5 * (x - 1j * y) * rows.turn
    up, down = 0.5 * (1 + z) + 0j, 0.5 * (1 - z) + 0j
    flat = xp.stack([up, coherence, xp.conj(coherence), down], axis=-1)
    return xp.reshape(flat, (-1, 2, 2))
