"""Levels that move in any way: steps by the Magnus expansion of sixth order.

For density matrices the whole generator is expanded, jumps included, so that these may be
strong, move, or follow the energy eigenstates. A piece in which nothing moves is one step. The
integral of a step comes along as p in the blocks ((G, 0), (p, 0)), of which the left column
is kept: the commutator of two such columns is X Y₀ − Y X₀, the index being that of the upper block.

References: S. Blanes, F. Casas, J. A. Oteo and J. Ros, Phys. Rep. 470, 151 (2009).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from lzopen.dynamics.generators import between_levels
from lzopen.dynamics.magnus import NODES
from lzopen.dynamics.periodic.level_clock import Clock
from lzopen.dynamics.periodic.level_exponential import excess_and_mean
from lzopen.dynamics.periodic.level_motion import Motion
from lzopen.dynamics.periodic.level_parts import Parts, expand, sampled
from lzopen.environments.bloch import Direction
from lzopen.models.terms import hermitian_part
from lzopen.waveforms.base import Array

_BLOCK = 2**17  # numbers in the generators that are held at once
_EPS, _TINY = float(np.finfo(float).eps), 1e-300
_LEFT_BY_CLOCK = 0.05  # sixth order leaves less, but steps beside a passage are long for it
_SLOPE, _CURVATURE = math.sqrt(15) / 3, 10 / 3  # from values at the nodes
_PER_RADIAN = 0.125  # steps of a radian for an error of one

Step = tuple[Any, Any]  # what it adds to the coordinates, and their integral


class Magnus(Motion):
    """Steps of any batch."""

    def __init__(self, parts: Parts, members: int, xp: Any) -> None:
        super().__init__(parts, members, xp)
        generators = [(self.coordinates.generator(m), w) for m, w in parts.hamiltonian]
        self._terms = (*generators, *parts.moving)
        self._damping = np.abs(parts.still).max(axis=(-2, -1)) if parts.still.ndim else 0.0
        turning = parts.following or any(isinstance(w, Direction) for _, w in self._terms)
        self._clock = Clock(parts, members) if turning else None

    def rounding(self, groups: int) -> float:
        return super().rounding(groups) + _EPS * self.parts.resting_phase()

    @property
    def left(self) -> float:
        return super().left if self._clock is None else _LEFT_BY_CLOCK

    @property
    def held(self) -> int:
        return 2 * self.coordinates.size**2

    def fewest(self, tol: float) -> Array:
        turns = sum(self.parts.turns()) if self._clock is None else self._clock.total
        turns = turns + (self.parts.lengths * ~self.parts.resting).sum(axis=-1) * self._damping
        return np.ceil(1 + _PER_RADIAN * turns * tol ** (-1 / 6))

    def advance(self, x: Any, path: list[Step], mean: bool = False) -> tuple[Any, Any]:
        total = self.xp.zeros_like(x)
        for excess, integral in path:
            if mean:
                total = total + integral @ x
            x = x + excess @ x
        return x, total / self.xp.asarray(expand(self.period))

    def path(
        self, groups: int, each: int, gain: Array | None = None, mean: bool = False
    ) -> list[Step]:
        xp, size, grid = self.xp, self.coordinates.size, self._grid(groups, each)
        block = max(1, _BLOCK // (3 * self.members * size**2))
        path: list[Step] = []
        for first in range(0, grid.shape[-1] - 1, block):
            edges = grid[:, first : first + block + 1]
            h = np.diff(edges, axis=-1)
            samples = self._generators(edges[:, :-1, None] + h[..., None] * NODES, gain)
            if mean:
                one = xp.broadcast_to(xp.eye(size, dtype=samples.dtype), samples.shape)
                samples = xp.concat([samples, one], axis=-2)
            exponent = _exponent([samples[:, :, i, ...] for i in range(3)], xp.asarray(expand(h)))
            excess, average = excess_and_mean(exponent[..., :size, :], xp)
            integral = exponent[..., size:, :] @ average if mean else excess
            path += [(excess[:, i, ...], integral[:, i, ...]) for i in range(h.shape[-1])]
        return path

    def _grid(self, groups: int, each: int) -> Array:
        """Ends of all steps, (1 or P, steps + 1); where nothing moves one is enough."""
        if self._clock is not None:
            ends = self._clock.edges(groups)
            inner = ends[:, :-1, None] + np.diff(ends)[..., None] * np.arange(each) / each
            return np.concatenate([inner.reshape(len(ends), -1), ends[:, -1:]], axis=-1)
        rests, lengths = self.parts.resting, self.parts.lengths
        share = lengths * ~rests
        share /= np.maximum(share.sum(axis=-1, keepdims=True), _TINY)
        counts = np.maximum(1, np.ceil(share.max(axis=0) * groups)).astype(int)
        pieces = [
            self.edges[:, i, None] + lengths[:, i, None] * np.arange(count) / count
            for i, count in enumerate(np.where(rests, 1, counts * each))
        ]
        return np.concatenate([*pieces, self.edges[:, -1:]], axis=-1)

    def _generators(self, t: Array, gain: Array | None) -> Any:
        """(1 or P, steps, 3, size, size) at times (1 or P, steps, 3)."""
        xp, parts = self.xp, self.parts
        total: Any = xp.asarray(_per_time(parts.still))
        for matrix, waveform in self._terms:
            values = xp.asarray(expand(sampled(waveform, t)))
            total = total + values * xp.asarray(_per_time(matrix))
        if parts.following:
            total = total + xp.asarray(self._following(t))
        if gain is not None:
            one = xp.eye(self.coordinates.size, dtype=total.dtype)
            total = total + xp.asarray(_per_time(expand(gain))) * one
        return total

    def _following(self, t: Array) -> Array:
        """Generator of the jumps between energy eigenstates, turned into the coordinates."""
        parts, coordinates = self.parts, self.coordinates
        times = t.reshape(len(t), -1)
        matrix: Any = sum(expand(sampled(w, times)) * m for m, w in parts.hamiltonian)
        matrix = hermitian_part(matrix)
        matrix = matrix if matrix.imag.any() else matrix.real
        energies, states = np.linalg.eigh(matrix)
        inside: Any = sum(e.dissipation(energies, states) for e in parts.following)
        generators = coordinates.superoperator(between_levels(inside, states))
        return generators.reshape(-1, *t.shape[1:], *generators.shape[-2:])


def _per_time(matrices: Array) -> Array:
    """Axes for steps and nodes in batched matrices."""
    return matrices[..., None, None, :, :] if matrices.ndim > 2 else matrices


def _exponent(samples: list[Any], h: Any) -> Any:
    """Of one step, from generators at three Gauss nodes."""
    first, middle, last = samples
    a1, a2 = h * middle, h * (last - first) * _SLOPE
    a3 = h * (last - 2 * middle + first) * _CURVATURE
    c1 = _bracket(a1, a2)
    c2 = _bracket(a1, 2 * a3 + c1) / -60
    return a1 + a3 / 12 + _bracket(c1 - 20 * a1 - a3, a2 + c2) / 240


def _bracket(x: Any, y: Any) -> Any:
    size = x.shape[-1]
    return x @ y[..., :size, :] - y @ x[..., :size, :]
