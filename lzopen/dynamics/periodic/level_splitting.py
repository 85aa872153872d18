"""Levels that a diagonal drive moves while all else rests: exact turns and constant kicks.

The turns A are diagonal in the coordinates: the energies of the diabatic levels, moving or
not, and what shrinks single coordinates, leaks and dephasing. The kicks B are the rest, couplings
and jumps. The scheme of order (10, 6, 4) has errors of h¹⁰ where B enters once, of h⁶ where
twice, and of h⁴ beyond, so that a step may turn a fast phase by radians. Turns follow the
integrals of the waveforms from kick to kick, by Gauss's rule; steps end at kinks.

References: S. Blanes, F. Casas, A. Farrés, J. Laskar, J. Makazaga and A. Murua, Applied Numerical
Mathematics 68, 58 (2013), scheme ABA1064.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.polynomial import legendre

from lzopen.dynamics.periodic.level_coordinates import Densities
from lzopen.dynamics.periodic.level_exponential import excess_and_mean
from lzopen.dynamics.periodic.level_motion import Motion
from lzopen.dynamics.periodic.level_parts import Parts, expand, sampled
from lzopen.waveforms.base import Array

_A = (0.038094497422412195, 0.14529871611691375, 0.20762769572554125, 0.43590970365152616)
_B = (0.09585888083707521, 0.20444615314299878, 0.2170703479789911)
_TURNS = np.array([*_A, 1 - 2 * sum(_A), *_A[::-1]])  # to each kick, and to the end
_KICKS = np.array([*_B, 0.5 - sum(_B)])
_ORDER = (0, 1, 2, 3, 3, 2, 1, 0)  # of the kicks in a step
_NODES = 8  # at which waveforms are sampled in a step
_BLOCK = 2**19  # angles that are held at once
# Of errors of first, second and third order in the kicks, as seen in random models.
_ERRORS = (3.5e-16, 3.5e-8, 1e-5)


def _quadrature() -> tuple[Array, Array]:
    """Gauss nodes in (0, 1), and rows that integrate what is sampled there from kick to kick."""
    x, weights = legendre.leggauss(_NODES)
    ends = np.concatenate([[-1.0], 2 * np.cumsum(_TURNS) - 1])
    degrees = np.arange(_NODES)
    fit = (degrees[:, None] + 0.5) * legendre.legvander(x, _NODES - 1).T * weights
    integrals = legendre.legval(ends, legendre.legint(np.eye(_NODES)))
    return 0.5 * (x + 1), 0.5 * np.diff(integrals, axis=-1).T @ fit


_POINTS, _INTEGRALS = _quadrature()

Stage = tuple[
    tuple[Any, ...], Any
]  # factors of a turn; the kick after it with its integral, or None


class Splitting(Motion):
    """Steps of a batch with parts that are split."""

    @property
    def held(self) -> int:
        return len(_ORDER) * self.coordinates.size

    def __init__(self, parts: Parts, members: int, xp: Any) -> None:
        super().__init__(parts, members, xp)
        levels = [(np.diagonal(matrix), w) for matrix, w in parts.hamiltonian]
        leaks = [w.is_constant and not own.real.any() for own, w in levels]
        self._levels = [pair for pair, leak in zip(levels, leaks, strict=True) if not leak]
        moved = np.array([own for own, _ in self._levels])
        self._rates = self.coordinates.turning(moved).T, self.coordinates.growing(moved).T
        couplings = sum(
            expand(w(0.0)) * (matrix - np.diag(np.diagonal(matrix)))
            for matrix, w in parts.hamiltonian
            if w.is_constant
        )
        self._constant = self.coordinates.generator(np.asarray(couplings))
        fading = [
            np.atleast_1d(w(0.0))[:, None] * self.coordinates.growing(own)
            for (own, w), leak in zip(levels, leaks, strict=True)
            if leak and own.any()
        ]
        self._jumps = np.zeros(1)
        if isinstance(self.coordinates, Densities) and parts.still.any():
            common, jumps = self.coordinates.parted(parts.still)
            fading += [] if common is None else [common]
            self._constant = self._constant + jumps
            self._jumps = np.atleast_1d(np.linalg.norm(jumps, axis=(-2, -1)))
        self._fading = sum(fading) if fading else None
        self._alone = len(self.edges) > 1 or self._constant.ndim > 2

    def fewest(self, tol: float) -> Array:
        parting, mixing = self.parts.turns()
        fading = 0.0 if self._fading is None else np.abs(self._fading).max(axis=-1)
        turns, kicks = parting + self.period * fading, mixing + self.period * self._jumps
        once, twice, more = _ERRORS
        steps = [
            (once * kicks * turns**10 / tol) ** (1 / 10),
            (twice * kicks**2 * turns**5 / tol) ** (1 / 6),
            (more * kicks**3 * (turns + kicks) ** 2 / tol) ** (1 / 4),
        ]
        return np.ceil(1 + np.max(np.broadcast_arrays(*steps), axis=0))

    def advance(self, x: Any, path: list[Stage], mean: bool = False) -> tuple[Any, Any]:
        xp, size = self.xp, self.coordinates.size
        x = xp.asarray(self._grouped(xp.permute_dims(x, (1, 2, 0))), copy=True)
        total = xp.zeros_like(x)
        for turn, kick in path:
            self.coordinates.turn(x, turn)
            if kick is not None:
                flat = kick[:, : (2 if mean else 1) * size, :] @ xp.reshape(x, (*x.shape[:2], -1))
                x, shape = xp.reshape(flat[:, :size, :], x.shape), x.shape
                if mean:
                    total += xp.reshape(flat[:, size:, :], shape)
        return self._ungrouped(x), self._ungrouped(total) / xp.asarray(expand(self.period))

    def _grouped(self, values: Any) -> Any:
        """(rows, columns, P) as (groups, rows, columns, P/groups), where groups share kicks."""
        if self._alone:
            return self.xp.permute_dims(values, (2, 0, 1))[..., None]
        return values[None, ...]

    def _ungrouped(self, x: Any) -> Any:
        return x[..., 0] if self._alone else self.xp.permute_dims(x[0, ...], (2, 0, 1))

    def path(
        self, groups: int, each: int, gain: Array | None = None, mean: bool = False
    ) -> list[Stage]:
        lengths = self.parts.lengths
        share = (lengths / lengths.sum(axis=-1, keepdims=True)).max(axis=0)
        block = max(1, _BLOCK // (len(_ORDER) * self.coordinates.size * self.members))
        path: list[Stage] = []
        counts = np.maximum(1, np.ceil(share * groups)).astype(int) * each
        for piece, count in enumerate(counts):
            h = lengths[:, piece] / count
            kicks = self._kicks(h)
            for first in range(0, count, block):
                numbers = np.arange(first, min(first + block, count))
                start = self.edges[:, piece, None] + h[:, None] * numbers
                factors = self.coordinates.factors(*self._turns(start, h, gain), self.xp)
                order = [*(kicks[number] for number in _ORDER * numbers.size), None]
                path += [
                    (tuple(self._of_group(factor[:, stage, :]) for factor in factors), kick)
                    for stage, kick in enumerate(order)
                ]
        return path

    def _of_group(self, factor: Any) -> Any:
        """A factor (rows, P or 1), to be multiplied with coordinates."""
        if factor.shape[-1] == 1:
            return factor[None, :, None, :]
        return self._grouped(factor[:, None, :])

    def _kicks(self, h: Array) -> list[Any]:
        """The four kicks in steps h (1 or P,), above their integrals over time."""
        xp = self.xp
        lengths = xp.asarray(expand(_KICKS[:, None] * h))
        excess, mean = excess_and_mean(lengths * xp.asarray(self._constant), xp)
        kicks = excess + xp.eye(excess.shape[-1], dtype=excess.dtype)
        both = xp.concat([kicks, lengths * mean], axis=-2)
        return [both[i, ...] for i in range(_KICKS.size)]

    def _turns(self, start: Array, h: Array, gain: Array | None) -> tuple[Any, Any]:
        """Angles, and logarithms if any, of the turns in some steps, (rows, turns, P or 1)."""
        xp = self.xp
        t = start[..., None] + h[:, None, None] * _POINTS
        samples = np.broadcast_arrays(*(sampled(w, t) for _, w in self._levels))
        values = xp.asarray(np.ascontiguousarray(np.moveaxis(np.asarray(samples), 1, -1)))
        integrals = self._in_sequence(xp.asarray(_INTEGRALS) @ values * xp.asarray(h))
        flat = xp.reshape(integrals, (integrals.shape[0], -1))
        angle, growth = (
            xp.reshape(xp.asarray(rates) @ flat, (-1, *integrals.shape[1:]))
            if rates.any()
            else None
            for rates in self._rates
        )
        lasting = np.tile(_TURNS[:, None] * h, (1, t.shape[1], 1, 1))
        lasting = self._in_sequence(xp.asarray(lasting))
        rows = self._rates[1].shape[0]
        spread = None if gain is None else np.tile(gain[:, None], rows)
        for every in (self._fading, spread):
            if every is not None:
                more = xp.asarray(every.T)[:, None, :] * lasting
                growth = more if growth is None else growth + more
        return angle, growth

    def _in_sequence(self, integrals: Any) -> Any:
        """(…, steps, 9, P) as (…, 8 steps + 1, P): the last turn of a step joins the next one."""
        xp = self.xp
        integrals[:, 1:, 0, :] += integrals[:, :-1, -1, :]
        shape = (integrals.shape[0], -1, integrals.shape[-1])
        body = xp.reshape(integrals[:, :, :-1, :], shape)
        return xp.concat([body, integrals[:, -1, -1:, :]], axis=1)
