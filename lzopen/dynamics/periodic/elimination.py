"""Linear algebra of the matrix continued fraction: some elements taken out, inverses, borders."""

from __future__ import annotations

from typing import Any

import numpy as np

from lzopen.dynamics.periodic.harmonics import compact, picked
from lzopen.waveforms.base import Array

_ROUND_OFF = 8 * float(np.finfo(float).eps)
_SQUARINGS = 30  # powers of 2 of an inverse


class Elimination:
    """What is left for the first elements of (in + λ − L)ρ_n when the others are taken out.

    Where that does not depend on the member it is computed once for each harmonic.

    Parameters
    ----------
    generator : batch + (d, d) ndarray
        L.
    kept : int
        How many elements are kept.
    """

    def __init__(self, generator: Array, kept: int, xp: Any) -> None:
        first, rest = slice(None, kept), slice(kept, None)
        sides = ((first, first), (first, rest), (rest, first), (rest, rest))
        slack = _ROUND_OFF * float(np.abs(generator).max())
        self._blocks = [compact(generator[..., a, b], 2, slack) for a, b in sides]
        self._xp = xp
        self._known: dict[int, tuple[Any, Any]] = {}
        self._is_common = all(b.size == np.prod(b.shape[-2:]) for b in self._blocks[1:])

    def is_apart(self, n: int, distance: float) -> bool:
        """Whether what is taken out is known to stay this far from resonance with harmonic n."""
        rest = self._blocks[3]
        block = 1j * n * np.eye(rest.shape[-1]) - rest.reshape(-1, *rest.shape[-2:])[0]
        return self._is_common and np.linalg.svd(block, compute_uv=False)[-1] > distance

    def of(self, places: tuple[Array, ...]) -> list[Any]:
        """The blocks of some members."""
        return [self._xp.asarray(picked(block, places, 2)) for block in self._blocks]

    def step(self, blocks: list[Any], n: int, shift: Any) -> tuple[Any, Any]:
        """The matrix of what is kept, and the rest from it; λ is None or (members, 1, 1)."""
        turn = 1j * n if shift is None else 1j * n + shift
        if not self._is_common or shift is not None:
            added, back = self._eliminate(blocks, turn)
        else:
            if n not in self._known:
                self._known[n] = self._eliminate(blocks, turn)
            added, back = self._known[n]
        return turn * self._one(blocks[0]) - added - blocks[0], back

    def _eliminate(self, blocks: list[Any], turn: Any) -> tuple[Any, Any]:
        _, out, into, rest = blocks
        back = inverse(turn * self._one(rest) - rest, self._xp) @ into
        return out @ back, back

    def _one(self, block: Any) -> Any:
        return self._xp.eye(block.shape[-1], dtype=block.dtype)


def inverse(matrices: Any, xp: Any) -> Any:
    """Inverses; NaN for a matrix that has none, whatever the array library does there."""
    try:
        return xp.linalg.inv(matrices)
    except np.linalg.LinAlgError:
        singular = (xp.linalg.det(matrices) == 0)[..., None, None]
        one = xp.eye(matrices.shape[-1], dtype=matrices.dtype)
        return xp.where(singular, xp.nan, xp.linalg.inv(xp.where(singular, one, matrices)))


def padded(matrices: Any, size: int, xp: Any) -> Any:
    """Matrices with zeros to the right and below."""
    count, own = matrices.shape[0], matrices.shape[-1]
    if own == size:
        return matrices
    right = xp.zeros((count, own, size - own), dtype=matrices.dtype)
    below = xp.zeros((count, size - own, size), dtype=matrices.dtype)
    return xp.concat([xp.concat([matrices, right], axis=2), below], axis=1)


def bordered(matrices: Any, source: Any, trace: Any, xp: Any) -> tuple[Any, Any, Any, Any]:
    """Inverse of ((K, b), (1ᵀ, 0)) in its four parts G, x, w and μ.

    Kx + μb = 0 with 1ᵀx = 1, for K (members, d, d), b (members, d) and 1 (d,).
    """
    count, size = matrices.shape[0], matrices.shape[-1]
    column = xp.broadcast_to(source, (count, size))[:, :, None]
    row = xp.broadcast_to(trace, (count, 1, size))
    corner = xp.zeros((count, 1, 1), dtype=matrices.dtype)
    whole = xp.concat(
        [xp.concat([matrices, column], axis=2), xp.concat([row, corner], axis=2)], axis=1
    )
    found = inverse(whole, xp)
    return found[:, :-1, :-1], found[:, :-1, -1], found[:, -1, :-1], found[:, -1, -1]


def norm(matrices: Any, xp: Any) -> Any:
    """Frobenius norms, (members,)."""
    return xp.sqrt(xp.sum(xp.real(matrices) ** 2 + xp.imag(matrices) ** 2, axis=(1, 2)))


def leftmost(matrices: Any, above: Any, trace: Any, xp: Any) -> Any:
    """Eigenvectors (members, d), of trace one, to the eigenvalues closest to those −above.

    With those far enough to the left this is the leftmost; close neighbours may be mixed in.
    """
    one = xp.eye(matrices.shape[-1], dtype=matrices.dtype)
    power = inverse(matrices + (above + 0j)[:, None, None] * one, xp)
    for _ in range(_SQUARINGS):
        power = power / (norm(power, xp) + 0j)[:, None, None]
        power = power @ power
    found = power @ trace
    return found / (found @ trace)[:, None]
