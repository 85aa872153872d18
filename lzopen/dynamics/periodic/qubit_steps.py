"""One step of a driven, damped qubit as a map of its Bloch vector, for many steps side by side.

With r = R s, where R turns as without jumps, s' = A s + a with A = RᵀDR and a = Rᵀg. It is solved
by collocation at Gauss nodes, s = 1 + X with X ← ∫(A(1 + X)), as often as the rates ask for. What
dissipation does is kept as the excess X over 1, so that rates far below round-off of 1 are not
lost.

Matrices are nested lists of arrays (nodes, steps) or (steps,): small ones stay in the cache.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from lzopen.dynamics.periodic.qubit_rotations import Vector, after, rotation_matrix, rotations
from lzopen.dynamics.periodic.qubit_rule import Rule

Matrix = list[list[Any]]


class Jumps(NamedTuple):
    """Dissipation about one axis at the nodes.

    The part of the Bloch vector along ``axis``, three numbers or arrays, falls at ``along`` and is
    driven at ``pull``; that across falls at ``across``. Each is a number, (steps,)
    or (nodes, steps).
    """

    axis: Sequence[Any]
    along: Any
    across: Any
    pull: Any


class Map(NamedTuple):
    """r → R(r + Kr + k) over a time, and the integral Lr + l of the Bloch vector over it.

    ``rotation`` (4, …) is the quaternion of R, ``excess`` (3, 4, …) holds K and k, and
    ``integral`` (3, 4, …) holds L and l.
    """

    rotation: Any
    excess: Any
    integral: Any


def step_maps(
    field: Vector, lengths: Any, jumps: list[Jumps], iterations: int, rule: Rule, xp: Any
) -> Map:
    """Maps of steps from the field, as `rotations` takes it, and the jumps in them."""
    turned = rotations(field, lengths, rule, xp)
    frame = rotation_matrix([part[:-1, :] for part in turned])
    nine = _rates(frame, jumps, lengths)
    rates, moved = _symmetric(nine), _symmetric([xp.matmul(rule.integrals, part) for part in nine])
    for _ in range(iterations - 1):
        moved = _summed(rule.integrals, _added(product(rates, moved), rates), xp)
    excess = _summed(rule.weights, _added(product(rates, moved), rates), xp)
    for i, row in enumerate(moved):
        row[i] = 1 + row[i]
    integral = _stacked(_summed(rule.weights, product(frame, moved), xp), xp) * lengths
    return Map(xp.stack([part[-1, :] for part in turned]), _stacked(excess, xp), integral)


def joined(first: Map, second: Map, xp: Any) -> Map:
    """One map after another."""
    early, late = ([part.rotation[i, ...] for i in range(4)] for part in (first, second))
    turn, before = rotation_matrix(early), rows(first.excess)
    moved = product(transposed(turn), _after_turn(rows(second.excess), turn))
    swept = _after_turn(rows(second.integral), turn)
    excess = _added(_added(product(moved, before), moved), before)
    integral = _added(_added(product(swept, before), swept), rows(first.integral))
    # Of norm one, lest in many powers of a map round-off grew to a change of length.
    both = after(late, early)
    norm = xp.sqrt(sum(part * part for part in both))
    rotation = xp.stack([part / norm for part in both])
    return Map(rotation, _stacked(excess, xp), _stacked(integral, xp))


def _after_turn(affine: Matrix, turn: Matrix) -> Matrix:
    """An affine map of what has been turned before."""
    return [[*turned, row[3]] for turned, row in zip(product(affine, turn), affine, strict=True)]


def _rates(frame: Matrix, jumps: list[Jumps], lengths: Any) -> list[Any]:
    """A and a at the nodes, times the lengths of the steps, as `_symmetric` takes them."""
    total: list[Any] = [0.0] * 9
    for axis, *sizes in jumps:
        along, across, pull = (size * lengths for size in sizes)
        x, y, z = _seen(axis, frame)
        xx, yy, zz, twist = x * x, y * y, z * z, across - along
        # No 1 − x², which would lose the small part of an axis that is nearly x.
        own = [
            -across * (yy + zz) - along * xx,
            twist * (x * y),
            twist * (x * z),
            -across * (xx + zz) - along * yy,
            twist * (y * z),
            -across * (xx + yy) - along * zz,
            *(pull * part for part in (x, y, z)),
        ]
        total = [before + part for before, part in zip(total, own, strict=True)]
    return total


def _symmetric(nine: list[Any]) -> Matrix:
    """An affine map of which the linear part is symmetric, from the numbers that are its own."""
    xx, xy, xz, yy, yz, zz, x, y, z = nine
    return [[xx, xy, xz, x], [xy, yy, yz, y], [xz, yz, zz, z]]


def _seen(axis: Sequence[Any], frame: Matrix) -> list[Any]:
    """Components of an axis in the frame that turns."""
    used = [k for k in range(3) if not (isinstance(axis[k], float) and axis[k] == 0.0)]
    return [sum(axis[k] * frame[k][i] for k in used) for i in range(3)]


# -- matrices


def product(a: Matrix, b: Matrix) -> Matrix:
    """The first three columns of a times b."""
    return [[_dot(row, column) for column in transposed(b)] for row in a]


def _dot(row: list[Any], column: list[Any]) -> Any:
    total = row[0] * column[0]
    total += row[1] * column[1]
    total += row[2] * column[2]
    return total


def transposed(a: Matrix) -> Matrix:
    """Rows for columns."""
    return [list(column) for column in zip(*a, strict=True)]


def rows(a: Any) -> Matrix:
    """An array with rows and columns in front as nested lists."""
    return [[a[i, j, ...] for j in range(a.shape[1])] for i in range(a.shape[0])]


def _stacked(a: Matrix, xp: Any) -> Any:
    return xp.stack([xp.stack(row) for row in a])


def _added(total: Matrix, other: Matrix) -> Matrix:
    """A sum, in the place of the first one."""
    for into, row in zip(total, other, strict=True):
        for j, part in enumerate(row):
            into[j] += part
    return total


def _summed(weights: Any, a: Matrix, xp: Any) -> Matrix:
    """Weighted sums over nodes."""
    return [[xp.matmul(weights, part) for part in row] for row in a]
