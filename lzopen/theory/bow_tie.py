"""Straight lines through one point, where the answer is exact."""

from __future__ import annotations

import numpy as np

from lzopen.errors import Numeric, fail, not_zero
from lzopen.theory.floats import strength
from lzopen.theory.levels import Array, row

__all__ = ["bow_tie", "generalised_bow_tie"]


def bow_tie(*, slopes: Numeric, couplings: Numeric) -> Array:
    """Lines through one point, each coupled to the horizontal one through it.

    H(t) = t Σₖ sₖ|k⟩⟨k| + Σₖ (gₖ|0⟩⟨k| + h.c.), with level 0 at rest. With
    pₖ = exp(−π|gₖ|²/|sₖ|) and one line on each side the matrix has p₁², p₂² and
    (1 − p₁ − p₂)² on its diagonal, (1 − p₁)(1 − p₂) between the lines and
    (1 − pₖ)(p₁ + p₂) between level 0 and line k.

    Exact for t from −∞ to ∞ and any number of lines, which take part as in
    `generalised_bow_tie` with couplings gₖ/√2; level 0 takes what its two halves do. The
    steepest line on either side survives with pₖ², a flatter one with more.

    Parameters
    ----------
    slopes : array_like
        sₖ of the lines k = 1…n, of shape (..., n), in rad per time squared; not zero,
        all different, of either sign.
    couplings : array_like
        gₖ, real or complex, of shape (..., n), in rad per time.

    Returns
    -------
    ndarray
        Probabilities (..., final, initial) of n + 1 levels.

    Raises
    ------
    LzopenError
        If a slope is zero or occurs twice, a value is not finite, or the shapes do
        not fit.

    References
    ----------
    C. E. Carroll, F. T. Hioe, J. Phys. A 19, 1151 (1986).
    V. N. Ostrovsky, H. Nakamura, J. Phys. A 30, 6939 (1997).

    Examples
    --------
    >>> print(bow_tie(slopes=[1.0, -1.0], couplings=[0.45, 0.45]).round(7))
    [[0.0034374 0.4982813 0.4982813]
     [0.4982813 0.2801738 0.2215448]
     [0.4982813 0.2215448 0.2801738]]
    """
    slopes, couplings = _lines(slopes, couplings)
    amplitude = _FAN(slopes, couplings / np.sqrt(2))
    P = amplitude[..., 1:, 1:] ** 2
    P[..., 0, 1:] += amplitude[..., 0, 2:] ** 2
    P[..., 1:, 0] += amplitude[..., 2:, 0] ** 2
    # of the two halves the odd combination meets no line, so that the even one keeps this
    P[..., 0, 0] = np.linalg.det(amplitude[..., :2, :2]) ** 2
    return np.asarray(P)


def generalised_bow_tie(*, slopes: Numeric, couplings: Numeric) -> Array:
    """A bow-tie whose horizontal level is split in two, at −d/2 and d/2.

    Each line couples to both horizontal levels with the same gₖ. Exact for t from −∞ to
    ∞; the probabilities do not depend on d > 0. All paths from one level to another carry
    the same phase, so that amplitudes √pₖ and ±√(1−pₖ) of single crossings,
    pₖ = exp(−2π|gₖ|²/|sₖ|), multiply along a path and add up.

    Parameters
    ----------
    slopes : array_like
        sₖ of the lines, of shape (..., n), in rad per time squared; not zero, all
        different, of either sign.
    couplings : array_like
        gₖ, real or complex, of shape (..., n), in rad per time.

    Returns
    -------
    ndarray
        Probabilities (..., final, initial) of n + 2 levels: the lower horizontal one,
        the upper one, the lines.

    Raises
    ------
    LzopenError
        If a slope is zero or occurs twice, a value is not finite, or the shapes do
        not fit.

    References
    ----------
    Yu. N. Demkov, V. N. Ostrovsky, J. Phys. B 34, 2419 (2001).

    Examples
    --------
    >>> P = generalised_bow_tie(slopes=[1.0, -0.6], couplings=[0.3, 0.25])
    >>> print(P.diagonal().round(6))
    [0.295235 0.295235 0.322719 0.270091]
    """
    return np.asarray(_FAN(*_lines(slopes, couplings)) ** 2)


def _fan(slopes: Array, couplings: Array) -> Array:
    """Amplitudes of single crossings, multiplied in the order of time."""
    amplitude = np.eye(slopes.size + 2)
    speeds = [(side * slopes[k], level, k) for k in range(slopes.size) for level, side in _SPLIT]
    for _, level, k in sorted(speeds, key=_time_order):
        exponent = 2 * np.pi * strength(couplings[k], slopes[k])
        stay, leave = np.exp(-exponent / 2), np.sign(slopes[k]) * np.sqrt(-np.expm1(-exponent))
        pair = [level, k + 2]
        amplitude[pair] = np.array([[stay, -leave], [leave, stay]]) @ amplitude[pair]
    return amplitude


def _time_order(meeting: tuple[float, int, int]) -> tuple[bool, float]:
    """That of 1/speed, for which no speed is too small."""
    return meeting[0] > 0, -meeting[0]


_SPLIT = ((0, -1.0), (1, 1.0))  # horizontal level and the side of zero on which it lies
_FAN = np.vectorize(_fan, signature="(n),(n)->(m,m)", otypes=[float])


def _lines(slopes: Numeric, couplings: Numeric) -> tuple[Array, Array]:
    slopes = row("slopes", not_zero("slopes", slopes, "the level at rest has number 0"))
    if np.any(np.diff(np.sort(slopes, axis=-1), axis=-1) == 0):
        fail("slopes", "differ from one another", slopes, "equal ones act as one, |g|² = Σ|gₖ|²")
    return slopes, row("couplings", couplings, slopes.shape[-1])
