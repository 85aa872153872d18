"""The state that a linear map keeps, or loses most slowly.

With a row t and t·r = 1, (λ − V + r tV) δ = Vr − λr is a step of Newton's method from r to r + δ
for the eigenvalue λ = tVr. Where V keeps the trace t, λ is 1 and one step is exact: the
row of the trace fills the missing rank. Elsewhere a high power of V comes first.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from lzopen.dynamics.periodic.elimination import inverse

_SQUARINGS = 50  # enough for losses that differ by little more than round-off
_STEPS = 2
_TINY = 1e-300


class FixedPoint(NamedTuple):
    """A state r (P, d, 1) with its row t, and a resolvent (P, d, d).

    For the state of a map that is little else, the resolvent times V'r − λ'r is added.
    """

    state: Any
    row: Any
    resolvent: Any


def kept_state(maps: Any, start: Any, trace: Any, xp: Any) -> FixedPoint:
    """Of maps (P, d, d) that keep the trace, a row (1, d), from any state (d, 1)."""
    return _newton(maps, xp.broadcast_to(start, (*maps.shape[:-1], 1)), trace, xp)


def slowest_state(maps: Any, start: Any, trace: Any, xp: Any) -> FixedPoint:
    """Of maps that lose it; the trace is None for amplitudes."""
    power = maps
    for _ in range(_SQUARINGS):
        power = power / norm(power, xp)
        power = power @ power
    state = power @ start
    state = state / (norm(state, xp) if trace is None else trace @ state)
    row = xp.conj(xp.matrix_transpose(state)) if trace is None else trace
    for _ in range(_STEPS):
        state, _, resolvent = _newton(maps, state, row, xp)
    return FixedPoint(state, row, resolvent)


def _newton(maps: Any, state: Any, row: Any, xp: Any) -> FixedPoint:
    image, one = maps @ state, xp.eye(maps.shape[-1], dtype=maps.dtype)
    factor = row @ image
    resolvent = inverse(factor * one - maps + state @ (row @ maps), xp)
    return FixedPoint(state + resolvent @ (image - factor * state), row, resolvent)


def lead(maps: Any, found: FixedPoint, xp: Any) -> tuple[Any, Any]:
    """ln|λ| of the state found, and by how much it leads that of any other state, (P, 1, 1)."""
    factor = found.row @ maps @ found.state
    own, total = xp.log(xp.abs(factor)), 0.0
    power = (maps - factor * found.state @ found.row) / factor  # where λ has become 0
    for n in range(_SQUARINGS):
        size = xp.clip(norm(power, xp), _TINY, None)
        total = total + xp.log(size) / 2.0**n
        power = power / size
        power = power @ power
    return own, -total


def squares(maps: Any, most: int) -> list[Any]:
    """V, V², V⁴ … up to what ``most`` turns are made of."""
    powers = [maps]
    for _ in range(1, most.bit_length()):
        powers.append(powers[-1] @ powers[-1])
    return powers


def after_turns(powers: list[Any], start: Any, turns: list[int], xp: Any) -> Any:
    """Vᵏ x (P, k, d, c) for the squares of maps (P, d, d), x (P or 1, 1, d, c) and some k."""
    columns = xp.broadcast_to(start, (powers[0].shape[0], len(turns), *start.shape[2:]))
    for bit, power in enumerate(powers):
        columns = xp.where(_taken(turns, bit, xp), power[:, None, :, :] @ columns, columns)
    return columns


def lasting(powers: list[Any], turns: list[int], most: float, xp: Any) -> Any:
    """Bound (P, k) of the norms of V⁰ … Vᵏ⁻¹ together, where none is above ``most``.

    Norms of products stay below products of norms, so that it suffices to know the squares of V.
    """
    total = xp.zeros((powers[0].shape[0], len(turns), 1, 1))
    left, own = total + 1.0, total + 1.0  # of Vᵏ so far, and of as many powers as one square has
    for bit, power in enumerate(powers):
        taken, kept = _taken(turns, bit, xp), xp.clip(spectral(power, xp), 0.0, most)[:, None, ...]
        total = xp.where(taken, total + left * own, total)
        left = xp.where(taken, xp.clip(left * kept, 0.0, most), left)
        own = xp.clip(own * (1 + kept), 0.0, most * 2.0 ** (bit + 1))
    return total[..., 0, 0]


def _taken(turns: list[int], bit: int, xp: Any) -> Any:
    """Whether this power of two is part of each number, (k, 1, 1)."""
    return xp.asarray([bool(turn >> bit & 1) for turn in turns])[:, None, None]


def spectral(matrices: Any, xp: Any) -> Any:
    """Bound of spectral norms, (P, 1, 1), too large by the eighth root of the size at most."""
    square = xp.conj(xp.matrix_transpose(matrices)) @ matrices
    return norm(square @ square, xp) ** 0.25


def norm(matrices: Any, xp: Any) -> Any:
    """Frobenius norms, (P, 1, 1)."""
    return xp.sqrt(xp.sum(xp.abs(matrices) ** 2, axis=(-2, -1), keepdims=True))
