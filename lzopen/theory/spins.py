"""Spins swept through resonance."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lzopen.errors import Numeric, fail, finite
from lzopen.theory.single import landau_zener

__all__ = ["quadratic_spin_one", "spin_crossing"]


def spin_crossing(*, spin: float, rate: Numeric, gap: Numeric) -> NDArray[Any]:
    """Any spin in a linear sweep, by rotating spin ½: P = |d^S_{m'm}(β)|².

    For H(t) = αt Sz + Re Δ Sx + Im Δ Sy the spin turns as 2S spins ½ do, by the angle
    β with cos²(β/2) = P_LZ = exp(−π|Δ|²/2|α|). Exact for t from −∞ to ∞.

    Parameters
    ----------
    spin : float
        S, a multiple of ½.
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
        If ``spin`` is no positive multiple of ½, ``rate`` is zero, or a value is not
        finite.

    References
    ----------
    E. Majorana, Nuovo Cimento 9, 43 (1932).

    Examples
    --------
    >>> print(spin_crossing(spin=1, rate=1.0, gap=0.8)[:, 0].round(7))
    [0.1339057 0.4640512 0.4020431]
    """
    size = multiplicity(spin)
    survival = landau_zener(rate=rate, gap=gap)
    angle = 2 * np.arctan2(np.sqrt(1 - survival), np.sqrt(survival))
    m = (size - 1) / 2 - np.arange(size)
    raising = np.diag(np.sqrt(np.arange(1, size) * np.arange(size - 1, 0, -1)), k=1)
    axis = np.linalg.eigh((raising - raising.T) / 2j)[1]  # eigenvalues of Sy, ascending
    turn = (axis * np.exp(1j * np.multiply.outer(angle, m))[..., None, :]) @ axis.conj().T
    return np.abs(turn) ** 2


def multiplicity(spin: float) -> int:
    """2S + 1 for a positive multiple S of ½."""
    doubled = 2 * finite("spin", spin)
    if np.ndim(doubled) or doubled < 1 or doubled % 1:
        fail("spin", "be a positive multiple of 1/2", spin)
    return int(doubled) + 1


def quadratic_spin_one(*, rate: Numeric, coupling: Numeric) -> NDArray[Any]:
    """Spin 1 with a quadratic sweep, H(t) = αt Sz² + b Sx.

    The bright state (|1⟩ + |−1⟩)/√2 crosses |0⟩ with the gap Δ = 2b, so that both
    survive with p = exp(−2πb²/|α|). The dark state (|1⟩ − |−1⟩)/√2 is an eigenstate
    at all times. Transitions among |1⟩ and |−1⟩ mix both, with a phase that grows like
    the logarithm of |t₁/t₀| for a window (t₀, t₁): they have no limit and are NaN. In a
    symmetric window they tend to (1 + √p)²/4 for staying and (1 − √p)²/4 for the change.

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
    survival = landau_zener(rate=rate, gap=2 * finite("coupling", coupling))
    P = np.full((*np.shape(survival), 3, 3), np.nan)
    P[..., 1, :] = P[..., :, 1] = (0.5 * (1 - survival))[..., None]
    P[..., 1, 1] = survival
    return P
