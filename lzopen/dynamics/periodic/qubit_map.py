"""Maps of the Bloch vector of driven, damped qubits over one period, for a whole batch."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from lzopen.dynamics.arrays import on_host
from lzopen.dynamics.periodic.found import Steady, watched
from lzopen.dynamics.periodic.qubit_drive import Drive
from lzopen.dynamics.periodic.qubit_fixed import Fixed, fixed_point
from lzopen.dynamics.periodic.qubit_grid import grid
from lzopen.dynamics.periodic.qubit_period import Errors, period_maps
from lzopen.dynamics.periodic.qubit_rotations import rotation_matrix
from lzopen.dynamics.periodic.qubit_rule import NODES
from lzopen.dynamics.periodic.qubit_steps import Map, Matrix, joined, product, rows
from lzopen.models import Model
from lzopen.models.members import members
from lzopen.waveforms.base import Array

_CHUNK = 4096  # members
_FEW = 64  # members of which all are checked, as they always are where jumps follow the field
_USUAL, _GROWTH = 1e-8, 1 / 12  # tolerance at which steps are as dense as said, and its power
_LOOSEST = 1e-6  # tolerance beyond which steps were too coarse for their halves to tell errors
_SAMPLED, _HALVED = 1.05, 0.72  # density of steps where few members are checked, or all
_FINER, _REFINEMENTS = 1.3, 6  # growth of the density of steps where the error is too large
_PER_NODE = 4.0  # round-offs
_EPS = float(np.finfo(float).eps)


@dataclass(frozen=True, eq=False)
class QubitMap:
    """Maps over one period of a flat batch of P qubits.

    Attributes
    ----------
    map : Map
        Components in front of the axis of members.
    errors : Errors
        What steps may have left in it, (P,) each.
    period : (P,) array
    turns : (P,) array
        Radians, and operations, of which round-off leaves an error in the rotation.
    xp : namespace
        That of the arrays.
    """

    map: Map
    errors: Errors
    period: Any
    turns: Any
    xp: Any

    def steady(self) -> Steady:
        """Periodic steady states at the start of a period."""
        return self._steady(averaged=False)

    def mean(self) -> Steady:
        """Periodic steady states, averaged over a period."""
        return self._steady(averaged=True)

    @cached_property
    def _fixed(self) -> Fixed:
        return fixed_point(self.map, self.xp)

    def _steady(self, averaged: bool) -> Steady:
        xp, (angle, excess, integral) = self.xp, self.errors
        fixed, rounded = self._fixed, _EPS * (1 + self.turns)
        size = xp.sqrt(xp.sum(self.map.excess**2, axis=(0, 1)))
        round_off = fixed.round_off + fixed.error(rounded, 0 * rounded, size)
        error = fixed.error(angle, excess, size)
        vector = fixed.vector
        if averaged:
            vector = _applied(self.map.integral, vector, xp) / self.period
            round_off = round_off + rounded
            error = error + angle + excess + integral / self.period
        # Elements of a density matrix change by half of what its Bloch vector does.
        error, round_off = 0.5 * (error + round_off), 0.5 * round_off
        lost = xp.isnan(error)
        return Steady(
            state=_state(vector, xp),
            error=xp.where(lost, xp.inf, error),
            condition=xp.where(lost, xp.inf, round_off / _EPS),
            loss=xp.zeros_like(error),
        )

    def after(self, bloch: Any, periods: Array) -> tuple[Any, Any]:
        """States after whole numbers of periods.

        Parameters
        ----------
        bloch : (3,) or (3, P) array
            Bloch vectors at the start.
        periods : (N,) ndarray of int

        Returns
        -------
        state : (P, N, 2, 2) array
        error : (P, N) array
        """
        xp, counts = self.xp, np.asarray(periods)
        shape = (3, counts.size, self.turns.shape[0])
        first = xp.broadcast_to(xp.reshape(bloch, (3, 1, -1)), shape)
        last, lasting = _repeated(self.map, first, counts, xp)
        error = 0.5 * (self.once + _EPS * (1 + self.turns)) * (1 + lasting)
        return xp.moveaxis(_state(last, xp), 1, 0), xp.moveaxis(error, 1, 0)

    @property
    def once(self) -> Any:
        """How far one period of steps may have moved a Bloch vector off, (P,)."""
        return self.errors.angle + self.errors.excess


def qubit_map(
    model: Model, start: Any, length: Any, tol: float, xp: Any, steady: bool = True
) -> QubitMap:
    """Maps over the period, or any other time, that begins at ``start``.

    Parameters
    ----------
    model : Model
        Qubits with jumps: one, or a flat batch of P.
    start, length : float or (P,) ndarray
        When it begins, and how long it is.
    tol : float
        Error to aim for in steady states and their averages, or in the map.
    xp : namespace
        Array namespace to compute on.
    steady : bool
        Whether steady states will be asked for.

    Raises
    ------
    LzopenError
        If an environment is no relaxation about one axis.
    """
    count = model.batch_shape[0] if model.batch_shape else 1
    starts, lengths = (np.broadcast_to(1.0 * np.asarray(t), (count,)) for t in (start, length))
    order = np.argsort(lengths, kind="stable")
    parts = []
    for first in watched(range(0, count, _CHUNK)):
        some = order[first : first + _CHUNK]
        chunk = members(model, some) if model.batch_shape else model
        parts.append(_chunk_map(chunk, starts[some], lengths[some], tol, xp, steady))
    alone = len(parts) == 1 and bool(np.all(np.diff(order) == 1))
    return parts[0] if alone else _picked(parts, np.argsort(order), xp)


def _chunk_map(
    model: Model, start: Array, length: Array, tol: float, xp: Any, steady: bool
) -> QubitMap:
    """Refined until the error is small enough, for those members that need it."""
    drive = Drive(model)
    laid = grid(drive, start, start + length)
    nodes = NODES.size * laid.counts(1.0).sum(axis=-1)
    turns = xp.asarray(laid.turns * (1 + np.abs(start) / length) + _PER_NODE * nodes)
    halved = drive.follows or start.size <= _FEW
    density = (_HALVED if halved else _SAMPLED) * (_USUAL / min(tol, _LOOSEST)) ** _GROWTH
    coarse = np.arange(start.size)
    found = QubitMap(
        *period_maps(model, laid, coarse, density, halved, tol, xp), xp.asarray(length), turns, xp
    )
    for _ in range(_REFINEMENTS):
        coarse = coarse[_is_coarse(found, tol, steady)[coarse]]
        if not coarse.size:
            break
        density *= _FINER
        finer = period_maps(model, laid, coarse, density, halved, tol, xp)
        found = _replaced(found, *finer, coarse)
    return found


def _is_coarse(found: QubitMap, tol: float, steady: bool) -> Array:
    """Whose error is above the tolerance, and above round-off.

    The error of an average is the larger one; where there is none, that of one period counts.
    """
    once = on_host(found.once)
    if not steady:
        return np.asarray(once > tol)
    mean = found.mean()
    error, floor = on_host(mean.error), 2 * _EPS * on_host(mean.condition)
    return np.where(np.isfinite(error), error > np.maximum(tol, floor), once > tol)


def _replaced(found: QubitMap, maps: Map, errors: Errors, index: Array) -> QubitMap:
    """With finer maps of some members."""
    place = np.arange(found.turns.shape[0])
    place[index] = place.size + np.arange(index.size)
    changed = [
        _taken(zip(old, new, strict=True), place, found.xp)
        for old, new in ((found.map, maps), (found.errors, errors))
    ]
    return QubitMap(Map(*changed[0]), Errors(*changed[1]), found.period, found.turns, found.xp)


def _picked(parts: list[QubitMap], index: Array, xp: Any) -> QubitMap:
    """Members of several batches that are counted one after the other."""
    maps = _taken(zip(*(part.map for part in parts), strict=True), index, xp)
    errors = _taken(zip(*(part.errors for part in parts), strict=True), index, xp)
    period, turns = _taken(
        zip(*((part.period, part.turns) for part in parts), strict=True), index, xp
    )
    return QubitMap(Map(*maps), Errors(*errors), period, turns, xp)


def _taken(columns: Any, index: Array, xp: Any) -> list[Any]:
    """Members of arrays that are laid one after another along their last axis."""
    at = xp.asarray(index)
    return [xp.take(xp.concat(list(column), axis=-1), at, axis=-1) for column in columns]


def _repeated(period: Map, bloch: Any, counts: Array, xp: Any) -> tuple[Any, Any]:
    """Bloch vectors (3, N, P) after N numbers of periods, by powers of two of the map.

    Also, of errors made once a period, how many are left then if none dies out faster than the
    largest part of a vector does, (N, P).
    """
    left, lasting = xp.ones(bloch.shape[1:]), xp.zeros(bloch.shape[1:])
    own = xp.ones(bloch.shape[2:])
    for bit in range(int(counts.max(initial=0)).bit_length()):
        if bit:
            own = own * (1 + _kept(period, xp))
            period = joined(period, period, xp)
        wanted = xp.asarray((counts >> bit) % 2 == 1)[:, None]
        bloch = xp.where(wanted, _moved(period, bloch, xp), bloch)
        lasting = xp.where(wanted, lasting + left * own, lasting)
        left = xp.where(wanted, left * _kept(period, xp), left)
    return bloch, lasting


def _kept(period: Map, xp: Any) -> Any:
    """At least as much as any vector keeps of its length over a map, (P,)."""
    kept = period.excess[:, :3, :] + xp.eye(3)[:, :, None]
    return xp.minimum(xp.sqrt(xp.sum(kept**2, axis=(0, 1))), xp.ones(kept.shape[2:]))


def _moved(period: Map, bloch: Any, xp: Any) -> Any:
    """Vectors (3, …, P) after one period."""
    turn = rotation_matrix([period.rotation[i, :] for i in range(4)])
    excited = bloch + _applied(period.excess, bloch, xp)
    return xp.stack(_column(product(turn, [[excited[i, ...]] for i in range(3)])))


def _applied(affine: Any, bloch: Any, xp: Any) -> Any:
    """Kr + k of vectors (3, …, P)."""
    moved = _column(product(rows(affine), [[bloch[i, ...]] for i in range(3)]))
    return xp.stack([part + affine[i, 3, :] for i, part in enumerate(moved)])


def _column(matrix: Matrix) -> list[Any]:
    return [row[0] for row in matrix]


def _state(bloch: Any, xp: Any) -> Any:
    """Density matrices ½(1 + r·σ), (…, 2, 2)."""
    x, y, z = (xp.astype(bloch[i, ...], xp.complex128) for i in range(3))
    flat = [1 + z, x - 1j * y, x + 1j * y, 1 - z]
    return 0.5 * xp.reshape(xp.stack(flat, axis=-1), (*x.shape, 2, 2))
