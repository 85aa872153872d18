"""The Bloch vector that a map over one period leaves as it is."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from lzopen.dynamics.periodic.qubit_steps import Map, Matrix, product, rows, transposed

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
    out: what is left is as small as the rates, and free of the round-off of R. The part across u
    is eliminated first: jumps about any axis shrink it at half the rate of the others at least.
    """
    basis, cosine, sine = _across_axis(period.rotation, xp)
    back, affine = transposed(basis), rows(period.excess)
    driven = [[row[3]] for row in affine]
    turned = product(product(basis, affine), back)
    (a, *row), (b, c, d), (e, f, g) = ([-part for part in row] for row in turned)
    inverse = _inverse(a, row, [b, e], [[c + cosine, d + sine], [f - sine, g + cosine]], xp)
    found = product(inverse, product(basis, driven))
    size, flip, plain = _sizes(found, xp), _sizes(back, xp), _sizes(affine, xp)
    summed = product(_sizes(basis, xp), _plus(product(plain, product(flip, size)), plain))
    moved = product(flip, _sizes(inverse, xp))
    rounded = [row[0] for row in product(moved, summed)]
    most = [_largest(column, xp) for column in transposed(moved)]
    return Fixed(
        vector=xp.stack([row[0] for row in product(back, found)]),
        across=size[1][0] + size[2][0],
        along_axis=most[0],
        across_axis=most[1] + most[2],
        round_off=_SUMS * _EPS * _largest(rounded, xp),
    )


def _inverse(a: Any, row: list[Any], column: list[Any], block: Matrix, xp: Any) -> Matrix:
    """Inverse of ((a, row), (column, block)), NaN where there is none."""
    (c, d), (e, f) = block
    size = c * f - d * e
    size = xp.where(size == 0, xp.nan, size)
    c, d, e, f = f / size, -d / size, -e / size, c / size
    left = [row[0] * c + row[1] * e, row[0] * d + row[1] * f]
    right = [c * column[0] + d * column[1], e * column[0] + f * column[1]]
    rest = a - (row[0] * right[0] + row[1] * right[1])
    rest = 1 / xp.where(rest == 0, xp.nan, rest)
    x, y = (-part * rest for part in right)
    z, w = left
    return [[rest, -z * rest, -w * rest], [x, c - x * z, d - x * w], [y, e - y * z, f - y * w]]


def _across_axis(quaternion: Any, xp: Any) -> tuple[Matrix, Any, Any]:
    """Rows (u, e, f), a right-handed basis along the axis, and the numbers p, q.

    In this basis Rᵀ − 1 is ((0, 0, 0), (0, p, q), (0, −q, p)).
    """
    w, x, y, z = (quaternion[i, :] for i in range(4))
    size = xp.sqrt(x * x + y * y + z * z)
    safe = xp.where(size > 0, size, 1.0)
    x, y, z = x / safe, y / safe, xp.where(size > 0, z / safe, 1.0)
    # A basis without branches: T. Duff et al., J. Comput. Graph. Tech. 6, 1 (2017).
    side = xp.where(z >= 0, xp.ones_like(z), -1.0)
    a = -1 / (side + z)
    b = x * y * a
    basis = [[x, y, z], [1 + side * x * x * a, side * b, -side * x], [b, side + y * y * a, -y]]
    return basis, -2 * size * size, 2 * w * size


def _sizes(matrix: Matrix, xp: Any) -> Matrix:
    return [[xp.abs(part) for part in row] for row in matrix]


def _plus(a: Matrix, b: Matrix) -> Matrix:
    """A column, and the last one of a matrix."""
    return [[x[0] + y[-1]] for x, y in zip(a, b, strict=True)]


def _largest(parts: list[Any], xp: Any) -> Any:
    x, y, z = parts
    return xp.maximum(xp.maximum(x, y), z)
