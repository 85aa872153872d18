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


def after_turns(maps: Any, start: Any, turns: list[int], xp: Any) -> Any:
    """Vᵏ x (P, k, d, c) for maps (P, d, d), x (P or 1, 1, d, c) and some k, by squares of V."""
    columns = xp.broadcast_to(start, (maps.shape[0], len(turns), *start.shape[2:]))
    power = maps[:, None, :, :]
    for bit in range(max(turns).bit_length()):
        taken = xp.asarray([bool(turn >> bit & 1) for turn in turns])[:, None, None]
        columns = xp.where(taken, power @ columns, columns)
        power = power @ power
    return columns


def norm(matrices: Any, xp: Any) -> Any:
    """Frobenius norms, (P, 1, 1)."""
    return xp.sqrt(xp.sum(xp.abs(matrices) ** 2, axis=(-2, -1), keepdims=True))
