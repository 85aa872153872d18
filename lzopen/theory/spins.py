"""Spins swept through resonance."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lzopen.errors import Numeric, fail, finite
from lzopen.theory.single import adiabaticity

__all__ = ["quadratic_spin_one", "spin_crossing"]

_LARGEST_SPIN = 1000


def spin_crossing(*, spin: float, rate: Numeric, gap: Numeric) -> NDArray[Any]:
    """Any spin in a linear sweep, by rotating spin ½: P = |d^S_{m'm}(β)|².

    For H(t) = αt Sz + Re Δ Sx + Im Δ Sy the spin turns as 2S spins ½ do, by the angle
    β with cos²(β/2) = P_LZ = exp(−π|Δ|²/2|α|). Exact for t from −∞ to ∞. The rotation is
    built up spin by spin, which keeps the digits of small probabilities and takes a time
    of order S³, half a second for S = 200.

    Parameters
    ----------
    spin : float
        S, a multiple of ½, up to 1000.
    rate : float or array_like
        α, in rad per time squared, of either sign.
    gap : float, complex or array_like
        Δ, the smallest distance of neighbouring energies, in rad per time.

    Returns
    -------
    ndarray
        Probabilities (..., final, initial) of the 2S + 1 levels m = S, S − 1, …, −S.

    Raises
    ------
    LzopenError
        If ``spin`` is no positive multiple of ½ up to 1000, ``rate`` is zero, a value is
        not finite, or the shapes do not broadcast.

    References
    ----------
    E. Majorana, Nuovo Cimento 9, 43 (1932).

    Examples
    --------
    >>> print(spin_crossing(spin=1, rate=1.0, gap=0.8)[:, 0].round(7))
    [0.1339057 0.4640512 0.4020431]
    """
    size = multiplicity(spin)
    exponent = np.asarray(2 * np.pi * adiabaticity(rate=rate, gap=gap))[..., None, None]
    cos, sin = np.exp(-exponent / 2), np.sqrt(-np.expm1(-exponent))
    turn = np.ones_like(cos)
    for count in range(1, size):
        turn = _with_one_more(turn, count, cos, sin)
    return np.minimum(turn**2, 1.0)


def _with_one_more(turn: NDArray[Any], count: int, cos: Any, sin: Any) -> NDArray[Any]:
    """The same rotation of symmetric states of one more spin ½, ordered by spins down."""
    up, down = np.sqrt(np.arange(count, 0, -1) / count), np.sqrt(np.arange(1, count + 1) / count)
    shape = turn.shape[:-2]
    kept, turned = np.zeros((2, *shape, count + 1, count))
    kept[..., :-1, :], turned[..., 1:, :] = up[:, None] * turn, down[:, None] * turn
    larger = np.zeros((*shape, count + 1, count + 1))
    larger[..., :-1] = (cos * kept + sin * turned) * up
    larger[..., 1:] += (cos * turned - sin * kept) * down
    return larger


def multiplicity(spin: float) -> int:
    """2S + 1 for a positive multiple S of ½."""
    doubled = 2 * finite("spin", spin)
    if np.ndim(doubled) or doubled < 1 or doubled % 1:
        fail("spin", "be a positive multiple of 1/2", spin)
    if doubled > 2 * _LARGEST_SPIN:
        fail("spin", f"not exceed {_LARGEST_SPIN}", spin, "a larger one fills the memory")
    return int(doubled) + 1


def quadratic_spin_one(*, rate: Numeric, coupling: Numeric) -> NDArray[Any]:
    """Spin 1 with a quadratic sweep, H(t) = αt Sz² + b Sx.

    Exact for t from −∞ to ∞. The bright state (|1⟩ + |−1⟩)/√2 crosses |0⟩ with the gap
    Δ = 2b, so that both survive with p = exp(−2πb²/|α|). The dark state (|1⟩ − |−1⟩)/√2
    is an eigenstate at all times. Transitions among |1⟩ and |−1⟩ mix both, with a phase
    that grows like the logarithm of |t₁/t₀| for a window (t₀, t₁): they have no limit and
    are NaN. In a symmetric window they tend to (1 + √p)²/4 for staying and (1 − √p)²/4
    for the change.

    Parameters
    ----------
    rate : float or array_like
        α, in rad per time squared, of either sign.
    coupling : float or array_like
        b, in rad per time.

    Returns
    -------
    ndarray
        Probabilities (..., final, initial) of the levels m = 1, 0, −1.

    Raises
    ------
    LzopenError
        If ``rate`` is zero, a value is not finite, or the shapes do not broadcast.

    Examples
    --------
    >>> print(quadratic_spin_one(rate=1.0, coupling=0.4).round(6))
    [[     nan 0.317034      nan]
     [0.317034 0.365931 0.317034]
     [     nan 0.317034      nan]]
    """
    delta = np.asarray(adiabaticity(rate=rate, gap=2 * finite("coupling", coupling)))
    P = np.full((*delta.shape, 3, 3), np.nan)
    P[..., 1, :] = P[..., :, 1] = (-0.5 * np.expm1(-2 * np.pi * delta))[..., None]
    P[..., 1, 1] = np.exp(-2 * np.pi * delta)
    return P
