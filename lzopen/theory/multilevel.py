"""Many straight levels that cross, where the answer is exact.

H(t) = t diag(slopes) + diag(offsets) + couplings, from t = −∞ to ∞. Couplings are
plain matrix elements g, so that one crossing keeps its diabatic levels with
p = exp(−2π|g|²/|difference of the slopes|). Matrices are (final, initial).
"""

from __future__ import annotations

import numpy as np

from lzopen.errors import Numeric, not_zero
from lzopen.theory.floats import strength
from lzopen.theory.levels import Array, coupling_table, cross, diagram, row

__all__ = ["brundobler_elser", "demkov_osherov", "forbidden_transitions"]


def demkov_osherov(*, rate: Numeric, offsets: Numeric, couplings: Numeric) -> Array:
    """One level swept through parallel ones: the product of single crossings.

    H(t) = αt|0⟩⟨0| + Σₖ Eₖ|k⟩⟨k| + Σₖ (gₖ|0⟩⟨k| + h.c.). Level 0 meets the others
    one after the other, each with pₖ = exp(−2π|gₖ|²/|α|), and probabilities multiply.
    Exact for t from −∞ to ∞, however close the levels are. What would need an earlier
    crossing after a later one is exactly zero.

    Levels of equal energy act through their bright state, |g|² = Σ|gₖ|². Within such
    a band populations drift like log t: these elements are NaN.

    Parameters
    ----------
    rate : float or array_like
        α, in rad per time squared, of either sign.
    offsets : array_like
        Eₖ of the levels k = 1…n, of shape (..., n), in rad per time, in any order.
    couplings : array_like
        gₖ, real or complex, of shape (..., n).

    Returns
    -------
    ndarray
        Probabilities (..., final, initial) of n + 1 levels.

    Raises
    ------
    LzopenError
        If ``rate`` is zero, a value is not finite, or the shapes do not fit.

    References
    ----------
    Yu. N. Demkov, V. I. Osherov, Sov. Phys. JETP 26, 916 (1968).

    Examples
    --------
    >>> P = demkov_osherov(rate=1.0, offsets=[-2.0, 0.0, 3.0], couplings=[0.3, 0.2, 0.4])
    >>> print(P[:, 0].round(8))
    [0.16168202 0.43191639 0.12624654 0.28015505]
    """
    rate = not_zero("rate", rate, "without a sweep there is no crossing")
    offsets = row("offsets", offsets)
    couplings = row("couplings", couplings, offsets.shape[-1])
    return np.asarray(_STAR(rate, offsets, couplings))


def _star(rate: float, energies: Array, couplings: Array) -> Array:
    bands, band = np.unique(energies, return_inverse=True)
    largest = np.zeros(bands.size)
    np.maximum.at(largest, band, np.abs(couplings))
    part = (np.abs(couplings) / np.where(largest > 0, largest, 1.0)[band]) ** 2
    total = np.maximum(np.bincount(band, part), 1.0)  # but for a band without a coupling
    swept = np.eye(bands.size + 1)
    for k in range(bands.size)[:: 1 if rate > 0 else -1]:
        cross(swept, 0, k + 1, total[k] * strength(largest[k], rate))
    share = np.zeros((bands.size + 1, band.size + 1))  # of a level in its bright state
    share[0, 0] = 1.0
    share[band + 1, np.arange(band.size) + 1] = part / total[band]
    P = share.T @ swept @ share
    bright = share.sum(axis=0)
    together = np.pad(band[:, None] == band, (1, 0)) & (np.outer(bright, bright) != 1)
    within = np.where(np.outer(bright, bright) > 0, np.nan, np.eye(band.size + 1))
    return np.where(together, within, P)


_STAR = np.vectorize(_star, signature="(),(n),(n)->(m,m)")


def brundobler_elser(*, slopes: Numeric, couplings: Numeric) -> Array:
    """Survival of the steepest levels, exactly: Pₖₖ = exp(−2π Σⱼ|gⱼₖ|²/|sⱼ − sₖ|).

    For any Hermitian couplings and any offsets, but only for the levels of largest
    and of smallest slope; for a level between them the same product is wrong. Parallel
    levels of extremal slope count each, if their offsets differ and no coupling joins
    them; with a coupling their survival is NaN.

    Parameters
    ----------
    slopes : array_like
        sₖ, of shape (..., n), in rad per time squared.
    couplings : array_like
        gⱼₖ, of shape (..., n, n), in rad per time: Hermitian, or its upper triangle.

    Returns
    -------
    ndarray
        Probabilities (..., final, initial), NaN wherever the formula says nothing.

    Raises
    ------
    LzopenError
        If a value is not finite, or the couplings are no table of the right size.

    References
    ----------
    S. Brundobler, V. Elser, J. Phys. A 26, 1211 (1993).
    A. V. Shytov, Phys. Rev. A 70, 052708 (2004).

    Examples
    --------
    >>> table = [[0, 0.3, 0.25], [0, 0, 0.35], [0, 0, 0]]
    >>> print(brundobler_elser(slopes=[0.9, 0.0, -0.9], couplings=table).round(6))
    [[0.42892       nan      nan]
     [     nan      nan      nan]
     [     nan      nan 0.341852]]
    """
    slopes = row("slopes", slopes)
    table = coupling_table(couplings, slopes.shape[-1])
    apart = np.abs(slopes[..., :, None] - slopes[..., None, :])
    terms = strength(table, np.where(apart > 0, apart, np.where(table != 0, np.nan, 1.0)))
    survival = np.exp(-2 * np.pi * terms.sum(axis=-1))
    ends = slopes.max(axis=-1, keepdims=True), slopes.min(axis=-1, keepdims=True)
    known = (slopes == ends[0]) | (slopes == ends[1])
    survival = np.where(known, survival, np.nan)
    diagonal = np.eye(slopes.shape[-1], dtype=bool)
    return np.where(diagonal, survival[..., None, :], np.nan)


def forbidden_transitions(*, slopes: Numeric, offsets: Numeric, couplings: Numeric) -> Array:
    """Transitions between parallel levels of extremal slope that never happen.

    Such a transition needs a level that is met by the final one before the initial
    one, against the order of time. Among levels of the largest slope that is every
    transition to a larger offset, among those of the smallest one to a smaller offset.
    This is exact however strong the couplings to other levels are. Between other
    levels "forbidden" paths are only weak, and the mask is False there.

    Parameters
    ----------
    slopes, offsets : array_like
        Of shape (n,): H has t·slopes + offsets on its diagonal.
    couplings : array_like
        Of shape (n, n): Hermitian, or its upper triangle. A coupling within a band
        lifts the rule for that band.

    Returns
    -------
    ndarray of bool
        (final, initial), True where the probability is exactly zero.

    Raises
    ------
    LzopenError
        If a value is not finite, or the shapes do not fit.

    References
    ----------
    N. A. Sinitsyn, J. Phys. A 37, 10691 (2004).
    M. V. Volkov, V. N. Ostrovsky, J. Phys. B 38, 907 (2005).

    Examples
    --------
    >>> table = [[0, 0, 0.2], [0, 0, 0.2], [0, 0, 0]]
    >>> print(forbidden_transitions(slopes=[1, 1, 0], offsets=[-1, 1, 0], couplings=table))
    [[False False False]
     [ True False False]
     [False False False]]
    """
    slopes, offsets, table = diagram(slopes, offsets, couplings)
    mask = np.zeros(table.shape, dtype=bool)
    for side, extreme in ((1, slopes.max()), (-1, slopes.min())):
        band = np.flatnonzero(slopes == extreme)
        if not table[np.ix_(band, band)].any():
            rise = offsets[band][:, None] - offsets[band]
            mask[np.ix_(band, band)] |= side * rise > 0
    return mask
