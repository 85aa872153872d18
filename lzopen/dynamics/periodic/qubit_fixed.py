"""The Bloch vector that a map over one period leaves as it is."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from lzopen.dynamics.periodic.qubit_steps import Map

_EPS = float(np.finfo(float).eps)
_SUMS = 10.0  # round-offs in an element of K, each of the size of what is summed


class Fixed(NamedTuple):
    """A fixed point, and what it makes of errors of the map.

    Attributes
    ----------
    vector : (3, P) array
        NaN where there is not exactly one.
    across : (P,) array
        Size of the part that is not along the axis of the rotation.
    along_axis, across_axis : (P,) array
        How far an error along the axis, and one across it, moves the vector.
    round_off : (P,) array
        Error of the vector from round-off in K and k.
    """

    vector: Any
    across: Any
    along_axis: Any
    across_axis: Any
    round_off: Any

    def error(self, angle: Any, excess: Any, damping: Any) -> Any:
        """From errors of the angle of R and of (K, k), where ``damping`` bounds K."""
        along = angle * (self.across + damping) + excess
        return self.along_axis * along + self.across_axis * (angle + excess)


def fixed_point(period: Map, xp: Any) -> Fixed:
    """The vector r = R(r + Kr + k).

    Written as (Rᵀ − 1 − K) r = k along the axis u of R and across it. Along u the rotation drops
    out: what is left is as small as the rates, and free of the round-off of R.
    """
    basis, rotation = _across_axis(period.rotation, xp)
    affine = xp.moveaxis(period.excess, -1, 0)
    excess, driven = affine[:, :, :3], affine[:, :, 3:]
    back = xp.matrix_transpose(basis)
    equations = rotation - basis @ excess @ back
    scale = xp.sum(xp.abs(equations), axis=-1, keepdims=True)
    equations = equations / xp.where(scale > 0, scale, 1.0)
    lost = (xp.linalg.det(equations) == 0)[:, None, None]
    inverse = xp.linalg.inv(xp.where(lost, xp.eye(3), equations))
    scale = xp.where(lost, xp.nan, scale)
    found = inverse @ ((basis @ driven) / scale)
    size, flip = xp.abs(found), xp.abs(back)
    summed = xp.abs(basis) @ (xp.abs(excess) @ (flip @ size) + xp.abs(driven))
    moved = flip @ (xp.abs(inverse) / xp.matrix_transpose(scale))
    most = xp.max(moved, axis=1)
    return Fixed(
        vector=xp.moveaxis((back @ found)[:, :, 0], -1, 0),
        across=size[:, 1, 0] + size[:, 2, 0],
        along_axis=most[:, 0],
        across_axis=most[:, 1] + most[:, 2],
        round_off=_SUMS * _EPS * xp.max(moved @ summed, axis=(1, 2)),
    )


def _across_axis(quaternion: Any, xp: Any) -> tuple[Any, Any]:
    """Rows (u, e, f), a right-handed basis along the axis, and Rᵀ − 1 in it; both (P, 3, 3)."""
    w, x, y, z = (quaternion[i, :] for i in range(4))
    size = xp.sqrt(x * x + y * y + z * z)
    safe = xp.where(size > 0, size, 1.0)
    x, y, z = x / safe, y / safe, xp.where(size > 0, z / safe, 1.0)
    # A basis without branches: T. Duff et al., J. Comput. Graph. Tech. 6, 1 (2017).
    side = xp.where(z >= 0, xp.ones_like(z), -1.0)
    a = -1 / (side + z)
    b = x * y * a
    basis = [[x, y, z], [1 + side * x * x * a, side * b, -side * x], [b, side + y * y * a, -y]]
    zero, less, turned = 0 * w, -2 * size * size, 2 * w * size
    rotation = [[zero, zero, zero], [zero, less, turned], [zero, -turned, less]]
    first, second = (
        xp.stack([xp.stack(row, axis=-1) for row in matrix], axis=-2)
        for matrix in (basis, rotation)
    )
    return first, second
