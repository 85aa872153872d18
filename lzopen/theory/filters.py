"""How noise decays interference, as an integral over its spectrum.

The phase φ = ∫f(t)ξ(t) dt of Gaussian noise ξ leaves the coherence, or the visibility of
fringes, V = ⟨e^{iφ}⟩ = e^{−χ}. For noise ½ξσz, f is dE/dε: 1 for a free qubit, ±1 far from
the crossings of a sweep, where the difference of two paths counts, and it flips with every
π pulse. Spectra are two-sided in ω, ⟨ξ(t)ξ(0)⟩ = ∫dω/2π S(ω) e^{iωt}.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lzopen.errors import Numeric, fail, finite, increasing, not_negative, single, warn

__all__ = ["decay_exponent", "pulse_filter"]

_ORDERS = (15, 10)  # of the Gauss rules that are compared
_RELATIVE = 1e-13  # of the whole, to which they must agree on each piece
_TRUSTED = 1e-8  # relative error from which it is reported
_PIECES = 50_000  # in hand at once, beyond which nothing is halved any more
_DECADES = 12  # of frequency below the upper end of a band that starts at zero

Array = NDArray[np.float64]


def decay_exponent(
    *,
    filter_weight: Callable[[Array], Numeric],
    spectrum: Callable[[Array], Numeric],
    band: tuple[float, float],
) -> float:
    """Exponent of the decay under Gaussian noise, χ = ½∫dω/2π S(ω)|f̃(ω)|².

    f̃(ω) = ∫f(t)e^{iωt} dt. Both functions are even, so that χ = ∫S|f̃|² dω/2π over the
    positive frequencies of the band. What lies outside it is left out: above ω, a modulation
    with N flips and a spectrum that falls, less than about (1 + 2N)S(ω)/πω.

    Exact for Gaussian noise, up to the quadrature.

    Parameters
    ----------
    filter_weight : callable
        |f̃(ω)|² of an array of ω > 0, in time squared; for example from `pulse_filter`.
    spectrum : callable
        S(ω) of an array of ω > 0, in rad per time.
    band : (float, float)
        Lowest and highest angular frequency, 0 ≤ low < high, in rad per time. Up to some 1e5
        oscillations of the filter are resolved.

    Returns
    -------
    float
        χ; the coherence is e^{−χ}.

    Raises
    ------
    LzopenError
        If the band does not increase or starts below zero, or one of the functions is
        negative or not finite in it.

    Warns
    -----
    LzopenWarning
        If the quadrature is uncertain by more than 1e-8 of χ; it carries that number.

    References
    ----------
    G. Ithier et al., Phys. Rev. B 72, 134519 (2005).
    Ł. Cywiński, R. M. Lutchyn, C. P. Nave, S. Das Sarma, Phys. Rev. B 77, 174509 (2008).

    Examples
    --------
    Hahn's echo under noise with a correlation time of 1, σ = 0.5:

    >>> chi = decay_exponent(
    ...     filter_weight=lambda w: pulse_filter(omega=w, times=[0.0, 1.0, 2.0]),
    ...     spectrum=lambda w: 0.5 / (1 + w**2),
    ...     band=(0.0, 1e3),
    ... )
    >>> print(f"{chi:.6f}")
    0.084046
    """
    low, high = _band(band)

    def density(omega: Array) -> Array:
        return _values("spectrum", spectrum, omega) * _values("filter_weight", filter_weight, omega)

    floor = max(low, high * 10.0**-_DECADES)
    edges = np.geomspace(floor, high, 2 + int(np.log10(high / floor)))
    edges[0] = low
    total, error = _integral(density, edges)
    if error > _TRUSTED * total:
        warn(
            f"The exponent is uncertain by {error / total:.2g} of it; narrow the band to where "
            "the spectrum is smooth.",
            error / total,
        )
    return total / (2 * np.pi)


def pulse_filter(*, omega: Numeric, times: ArrayLike) -> Numeric:
    """Weight |f̃(ω)|² of a modulation f(t) = ±1 that flips at given times.

    f = 1 from the first time to the second, −1 to the third and so on, and zero outside.
    Two times make free decay, or the fringes of a double passage, 4 sin²(ωτ/2)/ω²; three at
    equal distances Hahn's echo, 16 sin⁴(ωτ/4)/ω²; several passages or a train of π pulses at
    t_k, as in the sequence of Carr, Purcell, Meiboom and Gill, ``[0, *t_k, τ]``. Exact for pulses
    without length.

    Parameters
    ----------
    omega : float or array_like
        ω, in rad per time.
    times : array_like
        Start, flips and end, increasing.

    Returns
    -------
    float or ndarray
        |f̃(ω)|², in time squared, of the shape of ``omega``.

    Raises
    ------
    LzopenError
        If ``times`` does not increase or is no one-dimensional array, or a value is not
        finite.

    References
    ----------
    Ł. Cywiński, R. M. Lutchyn, C. P. Nave, S. Das Sarma, Phys. Rev. B 77, 174509 (2008).

    Examples
    --------
    >>> print(pulse_filter(omega=0.0, times=[0.0, 2.0]))
    4.0
    """
    omega, times = finite("omega", omega), increasing("times", times)
    if times.ndim > 1:
        fail("times", "be one-dimensional", times)
    lengths, middles = np.diff(times), (times[1:] + times[:-1]) / 2 - times[0]
    signs = (-1.0) ** np.arange(len(lengths))
    # ∫e^{iωt} over each piece: nothing is divided by ω, so that small ones lose no digits
    angle = np.multiply.outer(omega, middles)
    pieces = lengths * np.sinc(np.multiply.outer(omega, lengths) / (2 * np.pi))
    amplitude = (np.exp(1j * angle) * pieces) @ signs
    return (np.real(amplitude) ** 2 + np.imag(amplitude) ** 2)[()]


def _band(band: tuple[float, float]) -> tuple[float, float]:
    try:
        low, high = band
    except (TypeError, ValueError):
        fail("band", "be a pair (low, high)", band)
    low, high = (single("band", not_negative("band", omega)) for omega in (low, high))
    if not low < high:
        fail("band", "increase", (low, high))
    return low, high


def _values(name: str, function: Callable[[Array], Numeric], omega: Array) -> Array:
    found = np.asarray(not_negative(name, function(omega), "it was asked at ω > 0"))
    if found.shape not in ((), omega.shape):
        fail(name, f"return one value for each of {len(omega)} frequencies", found)
    return found


def _integral(function: Callable[[Array], Array], edges: Array) -> tuple[float, float]:
    """Integral and its uncertainty: pieces are halved until two Gauss rules agree on each."""
    total, error = 0.0, 0.0
    left, right = edges[:-1], edges[1:]
    while left.size:
        fine, coarse = (_gauss(function, left, right, order) for order in _ORDERS)
        off = np.abs(fine - coarse)
        good = off <= _RELATIVE * (total + fine.sum())
        if left.size > _PIECES:
            good[:] = True
        total, error = total + fine[good].sum(), error + off[good].sum()
        left, right = left[~good], right[~good]
        middle = (left + right) / 2
        left, right = np.concatenate([left, middle]), np.concatenate([middle, right])
    return float(total), float(error)


def _gauss(function: Callable[[Array], Array], left: Array, right: Array, order: int) -> Array:
    nodes, weights = np.polynomial.legendre.leggauss(order)
    half = (right - left)[:, None] / 2
    omega = left[:, None] + half * (1 + nodes)
    return (half * np.reshape(function(omega.ravel()) * np.ones(omega.size), omega.shape)) @ weights
