"""Exponentials of whole batches of small matrices, with their means over the step.

The Taylor series of φ₁(z) = (eᶻ − 1)/z is summed by the method of Paterson and Stockmeyer;
then φ₁(2z) = φ₁(z) + ½(eᶻ − 1)φ₁(z) as often as needed. What is carried is eᶻ − 1, so
that small exponents keep their digits.

References: N. J. Higham, Functions of Matrices (SIAM, 2008), chapters 4 and 10.
"""

from __future__ import annotations

from math import ceil, factorial, log2
from typing import Any

_NORM, _BLOCK = 0.8, 4  # 16 terms; the remainder is below 1e-16
_TERMS = [1 / factorial(k + 1) for k in range(_BLOCK**2)]


def excess_and_mean(matrices: Any, xp: Any) -> tuple[Any, Any]:
    """eᶻ − 1 and ∫₀¹ eᶻˢ ds.

    Parameters
    ----------
    matrices : (…, d, d) array
        z.

    Returns
    -------
    excess, mean : (…, d, d) arrays
    """
    norm = float(xp.max(xp.sum(xp.abs(matrices), axis=-2)))
    doublings = max(0, ceil(log2(norm / _NORM))) if norm else 0
    small = matrices * 2.0**-doublings
    mean = _series(small, xp)
    excess = small @ mean
    for _ in range(doublings):
        mean = mean + 0.5 * (excess @ mean)
        excess = 2 * excess + excess @ excess
    return excess, mean


def _series(small: Any, xp: Any) -> Any:
    """Sum of the Taylor series of φ₁."""
    powers = [xp.eye(small.shape[-1], dtype=small.dtype), small]
    while len(powers) <= _BLOCK:
        powers.append(powers[-1] @ small)
    total: Any = 0.0
    for block in range(_BLOCK - 1, -1, -1):
        terms = _TERMS[block * _BLOCK : (block + 1) * _BLOCK]
        part = sum(term * power for term, power in zip(terms, powers, strict=False))
        total = part if block == _BLOCK - 1 else part + total @ powers[_BLOCK]
    return total
