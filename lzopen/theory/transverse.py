"""One linear crossing whose gap fluctuates: H = ½(αt σz + Re Δ σx + Im Δ σy) + ½η(t)σx.

η is Gaussian and stationary, with mean zero and ⟨η²⟩ = J². Arguments broadcast against
one another; numbers in give a number out.
"""

from __future__ import annotations

import numpy as np

from lzopen.errors import Numeric, not_negative, positive, warn
from lzopen.theory.floats import ratio, strength
from lzopen.theory.single import checked, fitting, landau_zener

__all__ = ["fast_transverse_noise", "slow_transverse_noise"]

_FAST = 0.1  # largest product of correlation time and any other energy


def fast_transverse_noise(
    *, rate: Numeric, gap: Numeric, strength: Numeric, correlation_time: Numeric | None = None
) -> Numeric:
    """Diabatic survival under fast noise in the gap.

    ::

        P = ½[1 + (2 exp(−π|Δ|²/2|α|) − 1) exp(−πJ²/|α|)]

    The mean gap acts within |Δ/α| of the crossing, the noise over the much longer time
    1/|α|τ_n in which the level distance lies within its bandwidth, so that a window has to
    extend far beyond that. τ_n itself drops out.

    It holds for a correlation time τ_n short against 1/√|α|, 1/|Δ| and 1/J. What it leaves
    out is linear in τ_n, and for Δ = 0 of higher order: at J = 0.6√α and √α τ_n = 0.05 the
    formula is 0.003 too high for Δ = √α, 0.017 for Δ = 2√α, and 3e-5 too low for Δ = 0. See
    `slow_transverse_noise` for the other limit.

    Parameters
    ----------
    rate : float or array_like
        α = dε/dt, in rad per time squared, of either sign.
    gap : float, complex or array_like
        Δ, the mean gap, in rad per time; may be zero.
    strength : float or array_like
        J, the standard deviation of the gap, in rad per time.
    correlation_time : float or array_like, optional
        τ_n. It only tells whether the formula holds.

    Returns
    -------
    float or ndarray
        P, between 0 and 1.

    Raises
    ------
    LzopenError
        If ``rate`` is zero, ``strength`` is negative, ``correlation_time`` is not positive,
        a value is not finite, or the shapes do not broadcast.

    Warns
    -----
    LzopenWarning
        If τ_n times the largest of √|α|, |Δ| and J exceeds 0.1; it carries the product.

    References
    ----------
    V. L. Pokrovsky, N. A. Sinitsyn, Phys. Rev. B 67, 144303 (2003).

    Examples
    --------
    >>> print(f"{fast_transverse_noise(rate=1.0, gap=1.0, strength=0.6):.6f}")
    0.405727
    """
    rate, gap = checked(rate, gap)
    J = not_negative("strength", strength)
    tau = 0.0 if correlation_time is None else positive("correlation_time", correlation_time)
    fitting(rate=rate, gap=gap, strength=J, correlation_time=tau)
    fastest = np.maximum(np.maximum(np.sqrt(np.abs(rate)), np.abs(gap)), J)
    with np.errstate(over="ignore"):
        _doubt_speed(np.max(np.multiply(tau, fastest)))
    return 0.5 * (1 + (2 * landau_zener(rate=rate, gap=gap) - 1) * _decay(rate, J))


def slow_transverse_noise(*, rate: Numeric, strength: Numeric, gap: Numeric = 0.0) -> Numeric:
    """Diabatic survival under noise in the gap that stands still during each sweep.

    The average of the Landau-Zener formula over a Gaussian gap of mean Δ, ::

        P = √(|α|/w²) exp(−π(Re Δ)²/2w² − π(Im Δ)²/2|α|),   w² = |α| + πJ²

    which is (1 + πJ²/|α|)^{−1/2} for Δ = 0. Exact for a correlation time τ_n = ∞; a finite
    one lowers P, for Δ = 0 and J = 0.6√α from 0.685 to 0.672 at √α τ_n = 1 and to the 0.661
    of `fast_transverse_noise` at τ_n → 0.

    Parameters
    ----------
    rate : float or array_like
        α = dε/dt, in rad per time squared, of either sign.
    strength : float or array_like
        J, the standard deviation of the gap, in rad per time.
    gap : float, complex or array_like
        Δ, the mean gap, in rad per time. The noise adds to its real part.

    Returns
    -------
    float or ndarray
        P, between 0 and 1.

    Raises
    ------
    LzopenError
        If ``rate`` is zero, ``strength`` is negative, a value is not finite, or the shapes
        do not broadcast.

    References
    ----------
    Y. Kayanuma, J. Phys. Soc. Jpn. 54, 2037 (1985).
    Z.-X. Luo, M. E. Raikh, arXiv:1610.04806.

    Examples
    --------
    >>> print(f"{slow_transverse_noise(rate=1.0, strength=0.6):.6f}")
    0.685032
    """
    rate, gap = checked(rate, gap)
    J = not_negative("strength", strength)
    fitting(rate=rate, gap=gap, strength=J)
    speed = np.sqrt(np.abs(rate))
    width = np.hypot(speed, np.sqrt(np.pi) * J)
    across, along = np.minimum(ratio(np.abs(np.real(gap)), width), 1e150), np.imag(gap)
    spread = np.exp(-np.pi / 2 * across**2) * speed / width
    return spread * landau_zener(rate=rate, gap=along)


def _decay(rate: Numeric, J: Numeric) -> Numeric:
    """What the noise leaves of the population difference."""
    return np.exp(-np.pi * strength(J, rate))


def _doubt_speed(product: Numeric) -> None:
    if product > _FAST:
        warn(
            f"The noise is slow, τ_n times the largest of √|α|, |Δ| and J is {product:.3g}; "
            f"the formula needs {_FAST:g} or less.",
            float(product),
            stacklevel=4,
            page="guide/noisy_crossings#noise-in-the-gap",
        )
