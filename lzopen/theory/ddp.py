"""Slow smooth sweeps: transition points in the complex plane (Dykhne, Davis, Pechukas)."""

from __future__ import annotations

import numpy as np
from scipy.special import beta

from lzopen.errors import (
    Numeric,
    fail,
    finite_complex,
    not_zero,
    single,
    warn,
    whole,
)
from lzopen.theory.floats import LARGEST
from lzopen.theory.single import fitting

__all__ = ["dykhne_davis_pechukas", "power_law_actions"]

_LEAST_ACTION = 1.5  # below it several transition points are off by more than a fifth


def dykhne_davis_pechukas(*, actions: Numeric) -> Numeric:
    """Probability to leave the energy eigenstate in a slow smooth sweep.

    ::

        P = |Σ_k (−1)^k e^{iD_k}|²,   D_k = ∫₀^{t_k} E dt,   E² = ε² + Δ²,

    summed over the zeros t_k of E in the upper half-plane, in an order in which ε(t_k)
    alternates between iΔ and −iΔ; add π to the action of a zero that falls out of it.
    For a bias that is a whole power of time `power_law_actions` gives all of them.

    Asymptotically exact as all Im D_k → ∞. One zero gives the Landau–Zener formula
    without any error. Several interfere, so keep all that are about as near to the real
    axis: the nearest alone misses the interference. For a cubic sweep, with three, the
    error is about 10 % at Im D = 4 to 10 (more where they cancel), 20 % at 1.5, and the
    formula is useless below.

    Parameters
    ----------
    actions : (..., n) array_like of complex
        D_k, without unit, for the n zeros on the last axis; Im D_k > 0.

    Returns
    -------
    float or ndarray
        P, of shape (...), cut off at 1.

    Raises
    ------
    LzopenError
        If ``actions`` has no axis, is not finite, or has an imaginary part that is not
        positive.

    Warns
    -----
    LzopenWarning
        If several zeros are given and the smallest Im D_k is below 1.5; it carries that
        number.

    References
    ----------
    J. P. Davis, P. Pechukas, J. Chem. Phys. 64, 3129 (1976).

    Examples
    --------
    >>> actions = power_law_actions(scale=0.01, gap=1.0, exponent=3)
    >>> print(f"{dykhne_davis_pechukas(actions=actions):.4f}")  # 0.0489 by integration
    0.0503
    """
    D = np.asarray(finite_complex("actions", actions), dtype=complex)
    if D.ndim == 0 or D.shape[-1] == 0:
        fail("actions", "hold the zeros on its last axis", f"of shape {D.shape}")
    if np.any(D.imag <= 0):
        remedy = "use the zeros in the upper half-plane"
        fail("actions", "have positive imaginary parts", D.imag.min(), remedy)
    if D.shape[-1] > 1 and D.imag.min() < _LEAST_ACTION:
        warn(
            f"The sweep is fast, the smallest Im D = {D.imag.min():.3g}; "
            f"the formula needs {_LEAST_ACTION} or more.",
            float(D.imag.min()),
        )
    signs = (-1) ** np.arange(D.shape[-1])
    return np.minimum(np.abs((signs * np.exp(1j * D)).sum(axis=-1)) ** 2, 1.0)


def power_law_actions(*, scale: Numeric, gap: Numeric, exponent: int) -> Numeric:
    """Actions of all transition points of a bias ε(t) = κt^N with a whole N.

    ::

        D_k = |Δ| t_k √π Γ(1 + 1/2N) / (2Γ(3/2 + 1/2N)),
        t_k = |Δ/κ|^{1/N} e^{iπ(2k−1)/2N},   k = 1…N.

    Exact. An odd N is a crossing, an even one lets the levels touch. For any other N ε is not
    analytic at t = 0, and a slow sweep is left to `power_law_slow`.

    Parameters
    ----------
    scale : float or array_like
        κ, in rad per time^(N+1), of either sign.
    gap : float, complex or array_like
        Δ, the smallest distance of the levels, in rad per time; not zero.
    exponent : int
        N ≥ 1.

    Returns
    -------
    (..., N) ndarray of complex
        D_k, from the right to the left in the complex plane, in size between 1e-300
        and 1e300.

    Raises
    ------
    LzopenError
        If ``scale`` or ``gap`` is zero or not finite, ``exponent`` is not a whole
        number, or the shapes do not broadcast.

    References
    ----------
    N. V. Vitanov, K.-A. Suominen, Phys. Rev. A 59, 4580 (1999).

    Examples
    --------
    >>> print(power_law_actions(scale=0.01, gap=1.0, exponent=3).round(4))
    [ 3.6609+2.1136j  0.    +4.2273j -3.6609+2.1136j]
    """
    scale = np.abs(not_zero("scale", scale, "without a sweep there is no transition"))
    gap = np.abs(finite_complex("gap", gap))
    single("exponent", exponent, "make one call for each")
    power = 1 / whole("exponent", exponent, 1, "for others see power_law_slow")
    if np.any(np.equal(gap, 0)):
        fail("gap", "not be zero", gap, "without one nothing is adiabatic")
    fitting(scale=scale, gap=gap)
    with np.errstate(over="ignore"):
        size = gap * (gap**power / scale**power) * beta(power / 2, 1.5) * power / 2
    size = np.clip(size, 1 / LARGEST, LARGEST)
    angles = np.pi * power * (np.arange(exponent) + 0.5)
    return np.asarray(size)[..., None] * np.exp(1j * angles)
