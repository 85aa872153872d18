"""Sweeps by a power of time, in the limits of a fast and of a slow sweep.

The bias is ε(t) = κ sgn(t)|t|^N, a crossing, or κ|t|^N, where levels touch and part.
With ``scale`` = κ, ``exponent`` = N and ``gap`` = Δ only λ = |κ|/|Δ|^(N+1) matters.
Arguments broadcast against one another; numbers in give a number out.
"""

from __future__ import annotations

import numpy as np
from scipy.special import gamma

from lzopen.errors import Numeric, choice, fail, finite_complex, not_zero, positive, warn
from lzopen.theory.single import fitting

__all__ = ["power_law_fast", "power_law_slow"]

_KINDS = ("crossing", "touching")
_MOST_LEAVING = 0.1  # largest first-order probability to leave the diabatic state
_LARGEST_SWEEP = 0.1  # largest λ of a slow sweep


def power_law_fast(
    *, scale: Numeric, gap: Numeric, exponent: Numeric, kind: str = "crossing"
) -> Numeric:
    """Diabatic survival of a fast power-law sweep, to first order in Δ².

    ::

        P = 1 − x                      for a crossing,
        P = 1 − x cos²(π/(2N+2))       for levels that touch,
        x = Γ(1 + 1/(N+1))² (λ/(N+1))^(−2/(N+1)),   λ = |κ|/|Δ|^(N+1).

    It is the limit λ → ∞, for any N > 0. For x ≪ 1 the relative error of 1 − P is
    between 0.4x and 0.8x for a crossing with ⅓ ≤ N ≤ 3, and up to 1.3x for levels that
    touch. N = 1 gives 1 − πΔ²/2α, the beginning of the Landau–Zener probability.

    Parameters
    ----------
    scale : float or array_like
        κ, in rad per time^(N+1), of either sign.
    gap : float, complex or array_like
        Δ, the smallest distance of the levels, in rad per time.
    exponent : float or array_like
        N > 0.
    kind : {"crossing", "touching"}
        Odd or even in time, as in `lzopen.PowerLaw`.

    Returns
    -------
    float or ndarray
        P, the probability to stay in the diabatic state, cut off at 0.

    Raises
    ------
    LzopenError
        If ``scale`` is zero, ``exponent`` is not positive, a value is not finite, the
        kind is unknown, or the shapes do not broadcast.

    Warns
    -----
    LzopenWarning
        If x > 0.1; it carries the smallest λ.

    References
    ----------
    N. V. Vitanov, K.-A. Suominen, Phys. Rev. A 59, 4580 (1999).
    D. A. Garanin, R. Schilling, Phys. Rev. B 66, 174438 (2002).

    Examples
    --------
    >>> print(f"{1 - power_law_fast(scale=1000.0, gap=1.0, exponent=0.5):.5e}")
    1.39933e-04
    """
    scale, gap, exponent = _checked(scale, gap, exponent, kind)
    power = 1 / (exponent + 1)
    factor = gamma(1 + power) * (exponent + 1) ** power
    with np.errstate(over="ignore"):
        x = np.square(np.abs(gap) / np.abs(scale) ** power * factor)
    if np.max(x) > _MOST_LEAVING:
        slowest = float(np.min(_sweep_parameter(scale, gap, exponent)))
        warn(
            f"The sweep is slow, λ = {slowest:.3g}; to first order it leaves the diabatic state "
            f"with probability {np.max(x):.2g}, which should be below {_MOST_LEAVING}.",
            slowest,
            page="guide/two_levels#sweeps-with-a-root-or-another-power-of-time",
        )
    return 1 - np.minimum(x if kind == "crossing" else x * np.cos(np.pi * power / 2) ** 2, 1.0)


def power_law_slow(
    *, scale: Numeric, gap: Numeric, exponent: Numeric, kind: str = "crossing"
) -> Numeric:
    """Diabatic survival of a slow power-law sweep with N < 1: a power law in λ.

    ::

        P = λ²Γ(N+1)² cos²(πN/2)       for a crossing,
        P = 1 − λ²Γ(N+1)² sin²(πN/2)   for levels that touch,   λ = |κ|/|Δ|^(N+1).

    Both say that the energy eigenstate is left with a probability ∝ λ². The slope of ε
    is infinite at t = 0; all that this does is to replace the exponential suppression
    of a smooth sweep by a power. P → 1 needs a fast sweep, see `power_law_fast`. For
    N = ½ both probabilities are πλ²/8.

    It is the limit λ → 0, from first-order adiabatic perturbation theory. The relative
    error of the small term is cλ², with c as found by integration:

    ========  =====  =====  ======  =====
    N         ⅓      0.5    0.7     0.9
    ========  =====  =====  ======  =====
    crossing  0.40   −0.81  −4.1    −11
    touching  2.0    1.6    0.05    −3.1
    ========  =====  =====  ======  =====

    Parameters
    ----------
    scale : float or array_like
        κ, in rad per time^(N+1), of either sign.
    gap : float, complex or array_like
        Δ, the smallest distance of the levels, in rad per time; not zero.
    exponent : float or array_like
        N, between 0 and 1.
    kind : {"crossing", "touching"}
        Odd or even in time, as in `lzopen.PowerLaw`.

    Returns
    -------
    float or ndarray
        P, the probability to stay in the diabatic state, cut off at 1 or, for levels
        that touch, at 0.

    Raises
    ------
    LzopenError
        If ``scale`` or ``gap`` is zero, ``exponent`` does not lie between 0 and 1, a
        value is not finite, the kind is unknown, or the shapes do not broadcast.

    Warns
    -----
    LzopenWarning
        If λ > 0.1; it carries the largest λ.

    References
    ----------
    N. V. Vitanov, K.-A. Suominen, Phys. Rev. A 59, 4580 (1999).
    J. Lehto, K.-A. Suominen, arXiv:1205.6604.

    Examples
    --------
    >>> print(f"{power_law_slow(scale=0.05, gap=1.0, exponent=0.5):.6e}")
    9.817477e-04
    """
    scale, gap, exponent = _checked(scale, gap, exponent, kind)
    if np.any(np.equal(gap, 0)):
        fail("gap", "not be zero", gap, "without one every sweep is fast: P = 1")
    if np.any(np.greater_equal(exponent, 1)):
        remedy = "for a whole number see dykhne_davis_pechukas"
        fail("exponent", "lie between 0 and 1", exponent, remedy)
    sweep = _sweep_parameter(scale, gap, exponent)
    if np.max(sweep) > _LARGEST_SWEEP:
        warn(
            f"The sweep is fast, λ = {np.max(sweep):.3g}; the formula needs {_LARGEST_SWEEP} "
            "or less.",
            float(np.max(sweep)),
            page="guide/two_levels#sweeps-with-a-root-or-another-power-of-time",
        )
    turn = np.cos if kind == "crossing" else np.sin
    left = np.minimum(sweep * gamma(exponent + 1) * turn(np.pi * exponent / 2), 1.0) ** 2
    return left if kind == "crossing" else 1 - left


def _checked(
    scale: Numeric, gap: Numeric, exponent: Numeric, kind: str
) -> tuple[Numeric, Numeric, Numeric]:
    scale = not_zero("scale", scale, "without a sweep nothing crosses")
    gap, exponent = finite_complex("gap", gap), positive("exponent", exponent)
    choice("kind", kind, _KINDS)
    fitting(scale=scale, gap=gap, exponent=exponent)
    return scale, gap, exponent


def _sweep_parameter(scale: Numeric, gap: Numeric, exponent: Numeric) -> Numeric:
    with np.errstate(over="ignore", divide="ignore"):
        return np.divide(np.abs(scale), np.abs(gap) ** (exponent + 1))
