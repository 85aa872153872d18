"""What a drive that is on for a while does to any state: maps of density matrices.

They act on density matrices stacked by columns, as Liouvillians do.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lzopen.characterization.protocols.stacking import stacked
from lzopen.characterization.protocols.still import switched_off
from lzopen.conventions import SIGMA_X, SIGMA_Y, SIGMA_Z
from lzopen.dynamics.periodic.qubit_map import qubit_map
from lzopen.dynamics.periodic.steady import in_a_row, is_on_bloch_sphere
from lzopen.dynamics.propagation import refined_propagator
from lzopen.errors import fail, warn
from lzopen.models import Model
from lzopen.models.members import members
from lzopen.models.parameters import map_waveforms
from lzopen.waveforms import Constant, Linear, Waveform
from lzopen.waveforms.base import Array

_PAULI = np.stack([np.eye(2), SIGMA_X, SIGMA_Y, SIGMA_Z])
_FEW = 2  # periods that are not worth a map of one of them
_MOST_SHARES = 100  # of the tolerance, in which the errors of pieces add up
_NOTHING = 1e-12  # of a piece
_FIRST_PHASES, _MOST_PHASES = 16, 1024
_AT_ONCE = 2**23  # numbers in maps


@dataclass(frozen=True)
class Burst:
    """A drive that is on between two waits.

    Attributes
    ----------
    duration, rise : float
        Between the half heights, at t = 0 and ``duration``, and how long each flank lasts.
    phase_locked : bool
        Whether the drive starts with its own phase, else all phases are averaged over.
    tol : float
        Error to aim for.
    """

    duration: float
    rise: float
    phase_locked: bool
    tol: float

    def maps(self, batch: Model) -> Array:
        """What it does to each member, (P, n², n²)."""
        row = in_a_row(batch)
        if self.phase_locked:
            return self._at_phases(row, 1)[0]
        if row.period is None:
            fail("phase_locked", "be true for a drive without a period", False)
        total = np.empty((row.batch_shape[0], *2 * (row.n_levels**2,)), dtype=complex)
        going, count = np.arange(len(total)), _FIRST_PHASES
        is_smooth = not row.kinks(
            np.zeros(len(total)), np.broadcast_to(row.period, len(total))
        ).size
        while True:
            total[going], change = self._over_phases(members(row, going), count)
            # Twice as many phases square the error of a mean, where there are no kinks.
            poor = (change**2 if is_smooth else change) > self.tol
            going = going[poor]
            if not going.size or count >= _MOST_PHASES:
                break
            count *= 2
        if going.size:
            worst = float(change[poor].max())
            text = f"The average over the phase of the drive still moves by {worst:.1e}."
            warn(f"{text} Ask for less with tol=, or set phase_locked=True.", worst, 4)
        return total

    def _over_phases(self, row: Model, count: int) -> tuple[Array, Array]:
        """Means over so many phases, (P, n², n²), and how far off half of them are, (P,)."""
        size, held = row.batch_shape[0], count * row.n_levels**4
        means, changes = [], []
        for some in np.array_split(np.arange(size), 1 + size * held // _AT_ONCE):
            found = self._at_phases(members(row, some), count)
            means.append(found.mean(axis=0))
            changes.append(np.abs(found[::2].mean(axis=0) - means[-1]).max(axis=(-2, -1)))
        return np.concatenate(means), np.concatenate(changes)

    def _at_phases(self, row: Model, count: int) -> Array:
        """The same with each of so many phases, (count, P, n², n²)."""
        flat = self._flat_top(row, count)
        if not self.rise:
            return flat
        slope = Linear(1 / self.rise)
        up, down = Constant(0.5) + slope, Constant(0.5) - slope.shifted(self.duration)
        shift = row.period * np.arange(count)[:, None] / count if count > 1 else np.zeros((1, 1))
        late = _enveloped(_repeated(row, count), shift, up)
        fall = _enveloped(_repeated(row, count), shift, down)
        first = self._windows(late, -self.rise / 2, self.rise)
        last = self._windows(fall, self.duration - self.rise / 2, self.rise)
        return (last @ flat.reshape(last.shape) @ first).reshape(flat.shape)

    def _flat_top(self, row: Model, count: int) -> Array:
        """Between the flanks: pieces of a period, and what is left of the last one."""
        (size,), length = row.batch_shape, self.duration - self.rise
        start, many = self.rise / 2, _repeated(row, count)
        pieces, piece = np.zeros(size, dtype=int), np.zeros(size)
        if row.period is not None and (count > 1 or length >= _FEW * np.min(row.period)):
            piece = np.broadcast_to(row.period, (size,)) / count
            pieces = np.floor(length / piece * (1 + _NOTHING)).astype(int)
        phase = np.arange(count)[:, None]
        total = np.broadcast_to(np.eye(row.n_levels**2), (count, size, *2 * (row.n_levels**2,)))
        if pieces.any():
            tol = self.tol / min(pieces.max(), _MOST_SHARES)
            starts = start + phase * piece
            each = self._windows(many, starts, np.tile(piece, count), tol).reshape(total.shape)
            total = np.array(total, dtype=each.dtype)
            for turns in np.unique(pieces):
                some = pieces == turns
                total[:, some] = _after_pieces(each[:, some], turns)
        left = np.maximum(length - pieces * piece, 0.0)
        asked = left > _NOTHING * np.maximum(piece, self.duration)
        if asked.any():
            starts = start + (phase + pieces) % count * piece
            lengths = np.where(asked, left, self.duration)
            last = self._windows(many, starts, np.tile(lengths, count)).reshape(total.shape)
            total = np.where(asked[:, None, None], last @ total, total)
        return total

    def _windows(
        self, row: Model, start: float | Array, length: float | Array, tol: float | None = None
    ) -> Array:
        """Maps over one window of each member of a batch in a row."""
        tol = self.tol if tol is None else tol
        begin = np.broadcast_to(np.ravel(start), row.batch_shape)
        if not is_on_bloch_sphere(row):
            return refined_propagator(row, begin, begin + length, tol, densities=True)[0]
        found = qubit_map(row, begin, length, tol, np, steady=False)
        # Of ½1 and ½(1 + σᵢ); the map is linear.
        still, *turned = (
            found.after(vector, np.array([1]))[0][:, 0] for vector in np.eye(4, 3, k=-1)
        )
        images = np.stack([2 * still, *(2 * (end - still) for end in turned)], axis=-3)
        return np.asarray(stacked(images).swapaxes(-1, -2) @ (stacked(_PAULI).conj() / 2))


def _repeated(row: Model, count: int) -> Model:
    """The batch so many times one after the other."""
    if count == 1:
        return row
    return members(row, np.tile(np.arange(row.batch_shape[0]), count))


def _enveloped(row: Model, shift: Array, envelope: Waveform) -> Model:
    """The drive about its bias, which has begun earlier by a time, in an envelope."""
    earlier = np.broadcast_to(shift, (shift.shape[0], row.batch_shape[0] // shift.shape[0])).ravel()

    def enveloped(waveform: Waveform) -> Waveform:
        if waveform.is_constant:
            return waveform
        rest = switched_off(waveform)
        return rest + (waveform.shifted(-earlier) - rest) * envelope

    return map_waveforms(row, enveloped)


def _after_pieces(each: Array, turns: int) -> Array:
    """Maps over so many pieces in a row, from each of them on, which follow in a circle."""
    total: Array = np.broadcast_to(np.eye(each.shape[-1]), each.shape)
    power, length, done = each, 1, 0
    for bit in range(int(turns).bit_length()):
        if bit:
            power = np.roll(power, -length, axis=0) @ power
            length *= 2
        if turns >> bit & 1:
            total = np.roll(power, -done, axis=0) @ total
            done += length
    return total
