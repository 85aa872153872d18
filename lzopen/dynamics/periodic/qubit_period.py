"""Maps over one period from the maps of its steps, a group of members at a time.

Some members take every step a second time, as two halves. What that changes is added up without
regard to sign, so that no error hides behind another one, and the other members of the group are
given the largest of it. Among those that are looked at are the ones with the fullest steps.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import factorial
from typing import Any, NamedTuple

import array_api_compat
import numpy as np

from lzopen.dynamics.periodic.qubit_drive import About, Drive
from lzopen.dynamics.periodic.qubit_grid import Grid
from lzopen.dynamics.periodic.qubit_rotations import after
from lzopen.dynamics.periodic.qubit_rule import NODES, Rule, rule_on
from lzopen.dynamics.periodic.qubit_steps import Jumps, Map, joined, step_maps
from lzopen.models import Model
from lzopen.models.members import members
from lzopen.waveforms.base import Array

_GROUP, _BLOCK = 2**13, 1536  # steps that are laid out, and computed, side by side
_WIDER = 2  # groups where some members of each stand for the others
_LARGER = 2**4  # on a device that wants more of them at once
_FEW, _STRIDE = 32, 32  # members that are checked at least; beyond, one of so many is
_LEFT = 0.08  # of a change, where all take halves and those are kept; eighth order leaves 1/256
_OTHERS = 1.25  # times the largest error that was seen is that of those which were not checked
_PICARD = 0.1  # of the tolerance, what the iteration in a step may leave
_ELEMENTS = 2.0  # times the largest rate bounds all elements of (A, a) together


class Errors(NamedTuple):
    """What steps may have left in all: in the angle of R, in (K, k), and in (L, l)."""

    angle: Any
    excess: Any
    integral: Any


def period_maps(
    model: Model, laid: Grid, index: Array, density: float, halved: bool, tol: float, xp: Any
) -> tuple[Map, Errors]:
    """Maps of some members of a batch, which share their last axis, with their errors.

    Parameters
    ----------
    model : Model
        The batch.
    laid : Grid
        Of all of its members.
    index : (k,) ndarray of int
        Which of them.
    density : float
        Of steps, in units of that of the grid.
    halved : bool
        Whether all members take halves, which are then kept, or only some, to be compared.
    tol : float
        Error to aim for in the end.
    """
    counts = laid.counts(density).sum(axis=-1)[index]
    order = np.argsort(counts, kind="stable")
    larger = 1 if array_api_compat.is_numpy_namespace(xp) else _LARGER
    kernel = _Kernel(rule_on(xp), larger * _BLOCK, _PICARD * tol, xp)
    parts = []
    group = larger * _GROUP * (1 if halved else _WIDER)
    for some in _groups(counts[order], group):
        chosen = index[order[some]]
        parts.append(kernel.group(model, laid, chosen, density, halved))
    back = xp.asarray(np.argsort(order))
    maps, errors = zip(*parts, strict=True)
    return Map(*_restored(maps, back, xp)), Errors(*_restored(errors, back, xp))


def _restored(parts: Any, back: Any, xp: Any) -> Any:
    joint = (xp.concat(part, axis=-1) for part in zip(*parts, strict=True))
    return (xp.take(part, back, axis=-1) for part in joint)


def _groups(counts: Array, most: int) -> list[slice]:
    """Slices of ascending counts, each with about so many steps in all."""
    number = np.cumsum(counts) // most
    cuts = [0, *(1 + np.flatnonzero(np.diff(number))).tolist(), counts.size]
    return [slice(*ends) for ends in pairwise(cuts)]


class _Kernel:
    """Maps of groups of members on one array namespace."""

    def __init__(self, rule: Rule, block: int, left: float, xp: Any) -> None:
        self._rule, self._block, self._left, self._xp = rule, block, left, xp

    def group(
        self, model: Model, laid: Grid, index: Array, density: float, halved: bool
    ) -> tuple[Map, Errors]:
        """Maps over all steps of each member."""
        xp, halves = self._xp, laid.edges(index, density)
        edges = halves[:, ::2]
        drive = _drive(model, index)
        steps, damping, unsolved = self._steps(drive, edges)
        if halved:
            finer, _, unsolved = self._steps(drive, halves)
            finer = _pairs(finer, xp)
            angle, excess, integral = (_LEFT * change for change in _changes(steps, finer, xp))
            excess = excess + xp.asarray(laid.unseen[index] * damping)
            return _in_order(finer, xp), _with(Errors(angle, excess, integral), unsolved, xp)
        seen = _looked_at(laid.fullest(density)[index])
        finer = _pairs(self._steps(_drive(model, index[seen]), halves[seen])[0], xp)
        some = Map(*(xp.take(part, xp.asarray(seen), axis=-1) for part in steps))
        changes = _changes(some, finer, xp)
        weights = (np.ones(index.size), damping, edges[:, -1] - edges[:, 0])
        spread = (_spread(*pair, seen, xp) for pair in zip(changes, weights, strict=True))
        return _in_order(steps, xp), _with(Errors(*spread), unsolved, xp)

    def _steps(self, drive: Drive, edges: Array) -> tuple[Map, Array, tuple[Array, Array]]:
        """Maps of all steps, (…, steps, members), how often each member decays, and `_unsolved`."""
        xp, lengths = self._xp, np.diff(edges, axis=-1)
        chosen, place = _apart(lengths.T.reshape(-1) > 0)
        shape = _Shape(len(lengths), lengths.shape[1], chosen)
        t = (edges[:, :-1, None] + lengths[..., None] * NODES).reshape(len(edges), -1)
        vector = drive.vector(t)
        jumps = drive.jumps(vector)
        damping = _damping(jumps, lengths)
        field = [_part(*pair, shape, xp) for pair in zip(vector, drive.moves, strict=True)]
        length = xp.asarray(lengths.T.reshape(-1)[chosen])
        laid, count = (
            [_about(about, shape, xp) for about in jumps],
            _iterations(damping, self._left),
        )
        parts = []
        for start in range(0, chosen.size, self._block):
            cut = slice(start, min(start + self._block, chosen.size))
            own = [Jumps(_cut(axis, cut), *_cut(rates, cut)) for axis, *rates in laid]
            parts.append(step_maps(_cut(field, cut), length[cut], own, count, self._rule, xp))
        joint = (xp.concat(part, axis=-1) for part in zip(*parts, strict=True))
        spread = (xp.take(part, xp.asarray(place), axis=-1) for part in joint)
        steps = Map(*(xp.reshape(part, (*part.shape[:-1], *lengths.T.shape)) for part in spread))
        return steps, damping.sum(axis=-1), _unsolved(damping, lengths, count)


def _drive(model: Model, index: Array) -> Drive:
    return Drive(members(model, index) if model.batch_shape else model)


def _looked_at(fullest: Array) -> Array:
    """Some members evenly, and as many of those with the fullest steps, whose error is largest."""
    stride = max(1, 2 * min(_STRIDE, fullest.size // _FEW) - 1)
    evenly = np.arange(fullest.size - 1, -1, -stride)
    return np.union1d(evenly, np.argsort(fullest)[-evenly.size :])


def _damping(jumps: list[About], lengths: Array) -> Array:
    """Largest rate in each step times its length, (members, steps)."""
    rate: Any = sum(np.maximum(about.along, about.across) for about in jumps)
    if np.ndim(rate) and np.shape(rate)[-1] > 1:
        rate = rate.reshape(len(rate), lengths.shape[-1], -1).max(axis=-1)
    return np.asarray(lengths * rate)


def _iterations(damping: Array, most_left: float) -> int:
    """How often the integral equation of a step is iterated."""
    most = float(damping.max())
    count, left = 1, 0.5 * most**2
    while left > most_left:
        count += 1
        left *= most / (count + 1)
    return count


def _unsolved(damping: Array, lengths: Array, count: int) -> tuple[Array, Array]:
    """What so many iterations leave in (K, k) and in (L, l), all steps of a member together."""
    last = _ELEMENTS * damping ** (count + 1) / factorial(count + 1)
    return (last * damping / (count + 2)).sum(axis=-1), (last * lengths).sum(axis=-1)


def _with(errors: Errors, unsolved: tuple[Array, Array], xp: Any) -> Errors:
    excess, integral = (xp.asarray(part) for part in unsolved)
    return Errors(errors.angle, errors.excess + excess, errors.integral + integral)


class _Shape(NamedTuple):
    """Of the steps of all members, and which of them are computed, the last ones in front."""

    members: int
    steps: int
    chosen: Array


def _apart(real: Array) -> tuple[Array, Array]:
    """Which steps to compute, one without length among them, and where each is found then."""
    chosen = real.copy()
    chosen[int(np.argmin(real))] = True
    place = np.cumsum(chosen) - 1
    return np.flatnonzero(chosen), np.where(real, place, place[int(np.argmin(real))])


def _part(values: Array, moves: bool | None, shape: _Shape, xp: Any) -> Any:
    """A component of the field on the steps of all members."""
    return 0.0 if moves is None else _laid(values if moves else values[:, :1], shape, xp)


def _about(about: About, shape: _Shape, xp: Any) -> Jumps:
    axis, *rates = about
    parts = [_laid(c, shape, xp) if np.any(c) else 0.0 for c in axis]
    return Jumps(parts, *(_laid(rate, shape, xp) for rate in rates))


def _laid(values: Any, shape: _Shape, xp: Any) -> Any:
    """Numbers of members and times as (nodes, steps), or (steps,) where they stand still."""
    if np.ndim(values) == 0:
        return float(values)
    count, steps, chosen = shape
    wide = np.broadcast_to(values, (count, np.shape(values)[-1]))
    if wide.shape[-1] == 1:
        return xp.asarray(wide[chosen % count, 0])
    wide = wide.reshape(count, steps, NODES.size).transpose(2, 1, 0).reshape(NODES.size, -1)
    return xp.asarray(np.take(wide, chosen, axis=-1))


def _cut(parts: Sequence[Any], cut: slice) -> list[Any]:
    return [part if isinstance(part, float) else part[..., cut] for part in parts]


# -- steps one after another


def _pairs(steps: Map, xp: Any) -> Map:
    """Each two steps in one; their number is even."""
    first, second = (Map(*(part[..., i::2, :] for part in steps)) for i in (0, 1))
    return joined(first, second, xp)


def _in_order(steps: Map, xp: Any) -> Map:
    """All steps of each member in one."""
    while (count := steps.rotation.shape[-2]) > 1:
        even = count - count % 2
        pairs = _pairs(Map(*(part[..., :even, :] for part in steps)), xp)
        ends = zip(pairs, steps, strict=True)
        steps = Map(*(xp.concat([new, old[..., even:, :]], axis=-2) for new, old in ends))
    return Map(*(part[..., 0, :] for part in steps))


def _changes(coarse: Map, fine: Map, xp: Any) -> Errors:
    """Sizes of the differences of all steps, added up for each member."""
    w, x, y, z = (coarse.rotation[i, ...] for i in range(4))
    turned = after([w, -x, -y, -z], [fine.rotation[i, ...] for i in range(4)])
    angle = 2 * xp.sqrt(sum(part * part for part in turned[1:]))
    pairs = ((coarse.excess, fine.excess), (coarse.integral, fine.integral))
    sizes = (xp.sqrt(xp.sum((a - b) ** 2, axis=(0, 1))) for a, b in pairs)
    return Errors(*(xp.sum(size, axis=0) for size in (angle, *sizes)))


def _spread(changes: Any, weights: Array, seen: Array, xp: Any) -> Any:
    """To all members, in proportion to weights, from those that have been seen."""
    safe = xp.asarray(np.where(weights > 0, weights, 1.0))
    most = xp.max(changes / xp.take(safe, xp.asarray(seen)))
    place = np.arange(weights.size)
    place[seen] = weights.size + np.arange(seen.size)
    return xp.take(xp.concat([_OTHERS * most * safe, changes]), xp.asarray(place))
