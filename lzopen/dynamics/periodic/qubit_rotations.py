"""How the frame of a qubit turns through a step: quaternions (w, x, y, z) of its rotations.

Between nodes the rotation is a Magnus expansion in the frame that turns with the mean of the
field, where terms with one or two slopes are summed up to all orders in the phase, and others
go to the seventh order in the length. Vectors are lists of three components; one that is zero
all the time is the number 0.0, with which nothing is computed.

References: S. Blanes, F. Casas, J. A. Oteo and J. Ros, Phys. Rep. 470, 151 (2009).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lzopen.dynamics.periodic.qubit_rule import Rule

Vector = list[Any]


def rotations(field: Vector, lengths: Any, rule: Rule, xp: Any) -> list[Any]:
    """From the start of each step to its nodes and its end.

    Parameters
    ----------
    field : list of three
        Components: (n, steps) at the nodes, (steps,) where they stand still, or 0.0.
    lengths : (steps,) array

    Returns
    -------
    list of four (n+1, steps) arrays
    """
    moments = [_moments(part, lengths, rule, xp) for part in field]
    b, a, d, g = (list(kind) for kind in zip(*moments, strict=True))
    parts = _substeps(b, a, d, g, rule, xp)
    turned = [[part[0, :] for part in parts]]
    for i in range(1, parts[0].shape[0]):
        turned.append(after([part[i, :] for part in parts], turned[-1]))
    return [xp.stack(component) for component in zip(*turned, strict=True)]


def _moments(part: Any, lengths: Any, rule: Rule, xp: Any) -> list[Any]:
    """b, a, d and g of one component of the field, (substeps, steps) each."""
    if _is_zero(part):
        return [0.0] * 4
    if part.ndim == 1:
        return [rule.substeps[:, None] * (part * lengths), 0.0, 0.0, 0.0]
    moments = xp.matmul(rule.moments, part * lengths)
    return list(xp.unstack(xp.reshape(moments, (4, -1, part.shape[-1]))))


def _substeps(b: Vector, a: Vector, d: Vector, g: Vector, rule: Rule, xp: Any) -> list[Any]:
    """Quaternions of the field b + aτ + d(τ² − 1/12) + g(τ³ − 3τ/20), −½ < τ < ½."""
    bb, ba, bd, bg = (_dot(b, other) for other in (b, a, d, g))
    aa, ad, ag, dd = (_dot(*pair) for pair in ((a, a), (a, d), (a, g), (d, d)))
    cosine, sine, to_slope, to_bend, to_mean, to_square = _series(rule.series, bb, xp)
    side = _cross(d, _sum((1.0, a), (-3 / 70, g)))
    # The half rotation vector that remains: b × inner, and what is not across b.
    on_a = to_slope + aa * (1 / 13440 - bb * (13 / 967680)) + ba * ba / 80640 - bd / 13440
    inner = _sum((to_bend, _cross(b, d)), (on_a, a), (ba / -40320, d), (bb / 33600, g))
    on_b = to_mean * ba * ba - (to_square - aa / 483840) * aa + ag / 33600
    on_b = on_b + (4.5 * _dot(b, side) - dd) / 30240
    on_a = (to_square - bb * to_mean - aa / 483840) * ba - ad / 10080 + bg / 16800
    on_d, on_g = aa / 10080 + bd / 30240, ba / -11200
    across = _cross(b, inner)
    half = _sum((1.0, across), (1 / 720, side), (on_b, b), (on_a, a), (on_d, d), (on_g, g))
    stretch = 1 + _dot(half, half) / 3
    tangent = _sum((stretch, half))
    norm, p = 1 / xp.sqrt(1 + _dot(tangent, tangent)), _dot(b, tangent)
    vector = _sum((norm, tangent), (norm * (sine + p * cosine), b))
    scalar = norm * (1 + bb * cosine - p * sine)
    return [scalar, *(scalar * 0.0 if _is_zero(part) else part for part in vector)]


def _series(coefficients: Any, x: Any, xp: Any) -> list[Any]:
    """Power series, one for each row of coefficients."""
    powers = [xp.ones_like(x), x]
    for _ in range(coefficients.shape[1] - 2):
        powers.append(powers[-1] * x)
    values = xp.matmul(coefficients, xp.reshape(xp.stack(powers), (len(powers), -1)))
    return [xp.reshape(values[i, :], x.shape) for i in range(coefficients.shape[0])]


def after(late: Sequence[Any], early: Sequence[Any]) -> list[Any]:
    """Quaternion of one rotation after another."""
    w, x, y, z = late
    v, a, b, c = early
    return [
        w * v - x * a - y * b - z * c,
        w * a + v * x + y * c - z * b,
        w * b + v * y + z * a - x * c,
        w * c + v * z + x * b - y * a,
    ]


def rotation_matrix(quaternion: Sequence[Any]) -> list[list[Any]]:
    """Rows of the matrix that turns Bloch vectors."""
    w, x, y, z = quaternion
    x2, y2, z2 = x + x, y + y, z + z
    xx, yy, zz, xy, xz, yz = x * x2, y * y2, z * z2, x * y2, x * z2, y * z2
    wx, wy, wz = w * x2, w * y2, w * z2
    return [
        [1 - (yy + zz), xy - wz, xz + wy],
        [xy + wz, 1 - (xx + zz), yz - wx],
        [xz - wy, yz + wx, 1 - (xx + yy)],
    ]


# -- vectors


def _is_zero(part: Any) -> bool:
    return isinstance(part, float) and part == 0.0


def _times(x: Any, y: Any) -> Any:
    if _is_zero(x) or _is_zero(y):
        return 0.0
    return y if isinstance(x, float) and x == 1.0 else x * y


def _plus(parts: Sequence[Any]) -> Any:
    left = [part for part in parts if not _is_zero(part)]
    if len(left) < 2:
        return left[0] if left else 0.0
    total = left[0] + left[1]
    for part in left[2:]:
        total += part
    return total


def _dot(a: Vector, b: Vector) -> Any:
    return _plus([_times(x, y) for x, y in zip(a, b, strict=True)])


def _sum(*terms: tuple[Any, Vector]) -> Vector:
    """Σ factor · vector."""
    return [_plus([_times(factor, vector[i]) for factor, vector in terms]) for i in range(3)]


def _cross(a: Vector, b: Vector) -> Vector:
    return [_less(_times(a[i], b[j]), _times(a[j], b[i])) for i, j in ((1, 2), (2, 0), (0, 1))]


def _less(x: Any, y: Any) -> Any:
    if _is_zero(y):
        return x
    return -y if _is_zero(x) else x - y
