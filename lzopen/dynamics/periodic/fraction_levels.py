"""Periodic steady state of n levels under a cosine, by a matrix continued fraction.

The elements ρ_jk with κ_jk = d_j − d_k ≠ 0 are driven, v; the others, populations among them, are
not, u. In units of ω, harmonic n ≠ 0 of u follows from that of v, which obeys
D_n v_n + ½iκ(v_{n−1} + v_{n+1}) = 0 with D_n = in − L_vv − L_vu(in − L_uu)⁻¹L_uv. From the top down
M_n = D_n + F_{n+1} with F_n = ¼κκᵀ∘M_n⁻¹, element by element; then v_n = −M_n⁻¹ ½iκ v_{n−1}.
Harmonic 0 is what K = −L + F₁ + F₋₁ takes to zero. It is solved in one piece: without v, weak
rates would drown beside the strong ones by which resonances mix levels.

Couplings are made real first, where there is no loop with a phase: then coherence stands in
imaginary and damping in real parts, and weak damping keeps its digits.

H. Risken, The Fokker-Planck Equation, 2nd ed., Springer (1996), chapter 9.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from lzopen.dynamics.periodic.cosine import CosineDrive
from lzopen.dynamics.periodic.elimination import (
    Elimination,
    bordered,
    inverse,
    leftmost,
    norm,
    padded,
)
from lzopen.dynamics.periodic.found import Steady, watched
from lzopen.dynamics.periodic.harmonics import Members, harmonics, picked, reach
from lzopen.dynamics.periodic.level_equations import Equations, distances, equations
from lzopen.waveforms.base import Array

_CACHED, _STORED = 2**14, 2**22  # numbers in an array of a chunk; in all that an instant keeps
_ROUND_OFF = 4 * float(np.finfo(float).eps)  # ten times what is seen
_ABOVE = 1.5  # the fastest motion of what is taken out, where a harmonic cannot resonate with it
_APART = 0.1  # in units of ω, from a resonance
_PASSES = 30  # towards the state that lives longest


def levels_steady(drive: CosineDrive, at: float | None, xp: Any) -> Steady:
    """Steady states of any number of levels; members without a single one get NaN."""
    rows = equations(drive)
    unit = 1 / np.asarray(drive.omega)[..., None]
    swing, (least, most) = np.abs(rows.swing).max(axis=-1), distances(drive.still)
    counts = harmonics(swing, reach(swing, unit * least, unit * most), at is not None)
    counts = np.broadcast_to(counts, drive.shape)
    size = _CACHED // rows.driven**2
    if at is not None:
        size = min(size, _STORED // (int(counts.max()) * rows.coherent * rows.driven))
    members = Members(counts, max(1, size))
    leaks = bool(np.any(drive.still != drive.still.conj().swapaxes(-1, -2)))
    clock = np.exp(1j * (drive.omega * np.asarray(at or 0.0) + drive.phase))
    fraction = _Fraction(rows, leaks, xp)
    parts = []
    for places, needed in watched(members.chunks):
        count = int(needed.max())
        ladder = _Ladder(fraction, places, count, at is not None)
        found = ladder.longest_lived() if leaks else ladder.steady()
        turn = None if at is None else xp.asarray(picked(clock, places))[:, None, None]
        state = ladder.state(found, turn, xp.asarray(picked(rows.gauge, places, 1)))
        error = _ROUND_OFF * (count + found.condition) + found.missing
        parts.append((state, error, found.condition, -found.shift))
    state, error, condition, decay = members.restore(parts, xp)
    lost = ~(_ROUND_OFF * condition < 1.0)
    omega = xp.asarray(np.broadcast_to(drive.omega, drive.shape).reshape(-1))
    return Steady(
        state=xp.where(lost[:, None, None], xp.nan, state),
        error=xp.where(lost, xp.inf, error),
        condition=xp.where(lost, xp.inf, condition),
        loss=xp.where(lost, xp.nan, omega * decay),
    )


class _Found(NamedTuple):
    """Harmonic 0 (members, n²), λ, how far the solution is off, and its condition."""

    mean: Any
    shift: Any
    missing: Any
    condition: Any


class _Fraction:
    """What is the same for all members."""

    def __init__(self, rows: Equations, leaks: bool, xp: Any) -> None:
        self.rows, self.xp = rows, xp
        self.narrow = Elimination(rows.generator, rows.driven, xp)
        self.wide = Elimination(rows.generator, rows.coherent, xp)
        self.trace = xp.asarray((np.arange(rows.order.size) >= rows.coherent) + 0j)
        # An undriven coherence may resonate with a low harmonic, and is kept there.
        motion = np.abs(rows.generator[..., rows.driven :, rows.driven :]).sum(axis=-1).max()
        low = range(1, 1 + int(_ABOVE * motion) if rows.driven < rows.coherent else 1)
        self.resonant = {n for n in low if leaks or not self.narrow.is_apart(n, _APART)}


class _Ladder:
    """The continued fraction of the members of a chunk."""

    def __init__(
        self, fraction: _Fraction, places: tuple[Array, ...], count: int, instant: bool
    ) -> None:
        rows, xp = fraction.rows, fraction.xp
        self._common, self._rows, self._xp = fraction, rows, xp
        self._count, self._instant = count, instant
        self._steps: list[tuple[Any, Any]] = []
        self._generator = xp.asarray(picked(rows.generator, places, 2))
        self._narrow, self._wide = fraction.narrow.of(places), fraction.wide.of(places)
        swing = picked(rows.swing, places, 1)
        swing = np.broadcast_to(swing, (places[0].size, rows.driven))
        self._half = xp.asarray(0.5j * swing)[:, :, None]
        self._squares = xp.asarray(0.25 * swing[:, :, None] * swing[:, None, :] + 0j)

    def _descend(self, shift: Any) -> Any:
        """F₁; for an instant it keeps M_n⁻¹ and what the eliminated elements follow from."""
        xp, driven = self._xp, self._rows.driven
        self._steps = []
        drag = 0 * self._squares
        for n in range(self._count, 0, -1):
            if n in self._common.resonant:
                block, back = self._common.wide.step(self._wide, n, shift)
            else:
                block, back = self._common.narrow.step(self._narrow, n, shift)
            columns = inverse(block + padded(drag, block.shape[-1], xp), xp)[:, :, :driven]
            drag = self._squares * columns[:, :driven, :]
            if self._instant:
                self._steps.append((columns, back))
        return drag

    def _kept(self, shift: Any) -> Any:
        """K, the equations of harmonic 0."""
        xp, rows = self._xp, self._rows
        drag = self._descend(shift)
        mirror = xp.asarray(rows.mirror)
        below = xp.take(xp.take(xp.conj(drag), mirror, axis=1), mirror, axis=2)
        turn = 0.0 if shift is None else shift * xp.eye(rows.order.size, dtype=drag.dtype)
        return turn - self._generator + padded(drag + below, rows.order.size, xp)

    def steady(self) -> _Found:
        """The state that stays, where no trace is lost."""
        xp = self._xp
        kept = self._kept(None)
        source = xp.asarray((np.arange(self._rows.order.size) == self._rows.coherent) + 0j)
        resolvent, mean, _, _ = bordered(kept, source, self._common.trace, xp)
        size = norm(kept, xp)
        return _Found(mean, 0 * size, 0 * size, size * norm(resolvent, xp))

    def longest_lived(self) -> _Found:
        """The state whose trace falls most slowly, K(λ)ρ = 0 for the largest λ.

        The leftmost eigenvalue of K(λ) rises with λ and is zero there. Secants find it, between
        the brackets that its sign gives.
        """
        xp, trace = self._xp, self._common.trace
        rates = norm(xp.real(self._generator) + 0j, xp)
        shift = 0 * xp.real(self._half[:, 0, 0])
        step, rise, before = shift, shift + 1.0, shift
        low, high = shift - xp.inf, shift + xp.inf
        for _ in range(_PASSES):
            kept = self._kept((shift + 0j)[:, None, None])
            resolvent, mean, _, gain = bordered(kept, leftmost(kept, rates, trace, xp), trace, xp)
            value, still = -xp.real(gain), _ROUND_OFF * norm(kept, xp)
            low, high = xp.where(value < 0, shift, low), xp.where(value < 0, high, shift)
            moved = xp.abs(step) > still
            rise = xp.where(moved, (value - before) / xp.where(moved, step, 1.0), rise)
            step, before = -value / xp.where(rise > 0, rise, 1.0), value
            beyond = (shift + step < low) | (shift + step > high)
            step = xp.where(beyond, 0.5 * (low + high) - shift, step)
            if bool(xp.all(xp.abs(step) <= still)):
                break
            shift = shift + step
        size, response = norm(kept, xp), norm(resolvent, xp)
        return _Found(mean, shift, xp.abs(value) * response, size * response)

    def state(self, found: _Found, turn: Any, gauge: Any) -> Any:
        """Density matrices (members, n, n) of harmonic 0, or of all of them with e^{i(ωt + φ)}."""
        xp, rows = self._xp, self._rows
        vector = 0.5 * found.mean
        if turn is not None:
            vector = vector + self._above(found, turn)
        size = gauge.shape[-1]
        place = xp.asarray(np.argsort(rows.order).reshape(size, size).T.reshape(-1))
        half = xp.reshape(xp.take(vector, place, axis=1), (-1, size, size))
        half = gauge[:, :, None] * half * xp.conj(gauge)[:, None, :]
        state = half + xp.conj(xp.matrix_transpose(half))
        total = xp.sum(xp.real(state) * xp.eye(size), axis=(1, 2))
        return state * (1 / total + 0j)[:, None, None]

    def _above(self, found: _Found, turn: Any) -> Any:
        """Σ ρ_n e^{in(ωt + φ)} over n > 0."""
        xp, driven = self._xp, self._rows.driven
        upper = found.mean[:, :driven, None]
        above, phase = 0 * found.mean[:, :, None], 1.0
        for columns, back in reversed(self._steps):
            kept = -(columns @ (self._half * upper))
            upper, phase = kept[:, :driven, :], turn * phase
            above = above + phase * xp.concat([kept, back @ kept], axis=1)
        return above[:, :, 0]
