"""Hyperbolic pulses and steps, solved exactly for t from −∞ to ∞.

The bias is ε(t) = ε₀ + B tanh(t/T) and the gap either a pulse Ω sech(t/T) or a
constant Ω, with ``bias`` = ε₀, ``amplitude`` = B, ``gap`` = Ω and ``width`` = T.
Arguments broadcast against one another; numbers in give a number out. The hyperbolic
functions are taken without their exponential growth, so that none overflows.
"""

from __future__ import annotations

import numpy as np

from lzopen.errors import Numeric, fail, finite, finite_complex, positive
from lzopen.theory.floats import counted
from lzopen.theory.single import fitting

__all__ = ["allen_eberly", "demkov_kunike", "rosen_zener", "tanh_sweep"]

_WIDEST = 1e100  # of ½πT times an energy, whose square is still a float
_SUDDEN = 1e-20  # of ½πT times the mean energy, where the width no longer counts
_NARROW = 1e-145  # of the gap over the mean energy, where it no longer counts


def demkov_kunike(*, bias: Numeric, amplitude: Numeric, gap: Numeric, width: Numeric) -> Numeric:
    """Probability to flip a diabatic state: pulse Ω sech(t/T), bias ε₀ + B tanh(t/T).

    ::

        P = [cosh πBT − cos πT√(|Ω|²−B²)] / [cosh πBT + cosh πε₀T]

    where the cosine becomes cosh πT√(B²−|Ω|²) for |B| > |Ω|. Exact from t = −∞ to ∞.
    A window that ends at t leaves out order e^{−|t|/T}, whichever states are read out.

    Parameters
    ----------
    bias : float or array_like
        ε₀, the mean of the bias, in rad per time.
    amplitude : float or array_like
        B, half of the step of the bias, in rad per time; either sign.
    gap : float, complex or array_like
        Ω, the peak of the gap, in rad per time.
    width : float or array_like
        T > 0, common to the pulse and the step.

    Returns
    -------
    float or ndarray
        P, between 0 and 1.

    Raises
    ------
    LzopenError
        If ``width`` is not positive, a value is not finite or exceeds 1e100/(½πT), or the
        shapes do not broadcast.

    Warns
    -----
    LzopenWarning
        If the angle in the cosine exceeds 2e12 rad, where rounding decides; it carries
        half of it.

    References
    ----------
    K.-A. Suominen, B. M. Garraway, Phys. Rev. A 45, 374 (1992).

    Examples
    --------
    >>> print(f"{demkov_kunike(bias=0.7, amplitude=1.1, gap=2.3, width=1.0):.12f}")
    0.727630075127
    """
    return _flip(bias, amplitude, gap, width)


def rosen_zener(*, bias: Numeric, gap: Numeric, width: Numeric) -> Numeric:
    """Probability to flip a diabatic state by the pulse Ω sech(t/T) at a constant bias ε.

    P = sin²(½πΩT) sech²(½πεT), exact from t = −∞ to ∞: the area of the pulse decides
    between nothing and everything, the bias how much that is.

    Parameters
    ----------
    bias : float or array_like
        ε, in rad per time.
    gap : float, complex or array_like
        Ω, the peak of the gap, in rad per time; the area of the pulse is πΩT.
    width : float or array_like
        T > 0.

    Returns
    -------
    float or ndarray
        P, between 0 and 1.

    Raises
    ------
    LzopenError
        If ``width`` is not positive, a value is not finite or exceeds 1e100/(½πT), or the
        shapes do not broadcast.

    Warns
    -----
    LzopenWarning
        If the angle in the cosine exceeds 2e12 rad, where rounding decides; it carries
        half of it.

    References
    ----------
    N. Rosen, C. Zener, Phys. Rev. 40, 502 (1932).

    Examples
    --------
    >>> print(f"{rosen_zener(bias=0.7, gap=1.3, width=1.0):.10f}")
    0.2853693846
    """
    return _flip(bias, 0.0, gap, width)


def allen_eberly(*, amplitude: Numeric, gap: Numeric, width: Numeric) -> Numeric:
    """Probability to flip a diabatic state: pulse Ω sech(t/T), bias B tanh(t/T).

    P = 1 − cos²(½πT√(|Ω|²−B²)) sech²(½πBT), exact from t = −∞ to ∞; the cosine becomes
    cosh for |B| > |Ω|.

    Parameters
    ----------
    amplitude : float or array_like
        B, half of the step of the bias, in rad per time; either sign.
    gap : float, complex or array_like
        Ω, the peak of the gap, in rad per time.
    width : float or array_like
        T > 0, common to the pulse and the step.

    Returns
    -------
    float or ndarray
        P, between 0 and 1.

    Raises
    ------
    LzopenError
        If ``width`` is not positive, a value is not finite or exceeds 1e100/(½πT), or the
        shapes do not broadcast.

    Warns
    -----
    LzopenWarning
        If the angle in the cosine exceeds 2e12 rad, where rounding decides; it carries
        half of it.

    References
    ----------
    K.-A. Suominen, B. M. Garraway, Phys. Rev. A 45, 374 (1992).

    Examples
    --------
    >>> print(f"{allen_eberly(amplitude=1.0, gap=2.2, width=1.0):.10f}")
    0.8418074533
    """
    return _flip(0.0, amplitude, gap, width)


def tanh_sweep(*, amplitude: Numeric, gap: Numeric, width: Numeric, bias: Numeric = 0.0) -> Numeric:
    """Probability to leave the energy eigenstate: constant gap Ω, bias ε₀ + B tanh(t/T).

    ::

        P = [cosh πTB − cosh ½πT(E₊−E₋)] / [cosh ½πT(E₊+E₋) − cosh ½πT(E₊−E₋)],
        E± = √(|Ω|² + (ε₀±B)²).

    Exact from t = −∞ to ∞. For a wide and long step around ε₀ = 0 it becomes the
    Landau–Zener probability with the slope B/T of the crossing; a finite range of the
    sweep makes a difference. Sweeps that stop before the crossing, |B| < |ε₀|, count too.

    Parameters
    ----------
    amplitude : float or array_like
        B, half of the step of the bias, in rad per time; either sign.
    gap : float, complex or array_like
        Ω, in rad per time; not zero.
    width : float or array_like
        T > 0.
    bias : float or array_like
        ε₀, the mean of the bias, in rad per time.

    Returns
    -------
    float or ndarray
        P, between 0 and 1.

    Raises
    ------
    LzopenError
        If ``width`` is not positive, ``gap`` is zero, a value is not finite or exceeds
        1e100/(½πT), or the shapes do not broadcast.

    References
    ----------
    K.-A. Suominen, B. M. Garraway, Phys. Rev. A 45, 374 (1992).

    Examples
    --------
    >>> print(f"{tanh_sweep(amplitude=2.0, gap=0.6, width=1.0):.10f}")
    0.7576324703
    """
    bias, amplitude, gap, half = _checked(bias, amplitude, gap, width)
    if np.any(np.equal(gap, 0)):
        fail("gap", "not be zero", gap, "without one P is 1 if the levels cross, and 0 if not")
    mean = np.hypot(gap, bias + amplitude) / 2 + np.hypot(gap, bias - amplitude) / 2
    area = np.maximum(half * mean, _SUDDEN)
    # from here on in units of the mean energy, for which (1 − ε₀²)(1 − B²) = |Ω|²
    bias, amplitude, narrow = bias / mean, amplitude / mean, np.maximum(gap / mean, _NARROW)
    far, near = np.hypot(narrow, bias + amplitude), np.hypot(narrow, bias - amplitude)
    # the larger factor comes from a sum, and with it the smaller one
    larger = (narrow**2 + np.abs(amplitude - bias) * (amplitude + bias) + far * near) / 2
    smaller = narrow**2 / larger
    above_bias = np.where(amplitude >= bias, larger, smaller) / (1 + bias)
    above_step = np.where(amplitude >= bias, smaller, larger) / (1 + amplitude)
    P = np.exp(-2 * area * above_step)
    P = P * _sinh(area * amplitude * (1 + bias)) / _sinh(area * far)
    P = P * _sinh(area * amplitude * above_bias) / _sinh(area * near)
    return np.minimum(P, 1.0)[()]


def _flip(bias: Numeric, amplitude: Numeric, gap: Numeric, width: Numeric) -> Numeric:
    """Demkov–Kunike, of which the others are special cases."""
    bias, amplitude, gap, half = _checked(bias, amplitude, gap, width)
    offset, step, pulse = half * bias, half * amplitude, half * gap
    root = np.sqrt(np.abs(pulse - step)) * np.sqrt(pulse + step)
    counted(np.where(step > pulse, 0.0, root), stacklevel=5)
    with np.errstate(invalid="ignore"):  # the other branch may divide zero by zero
        crossing = _sinh(step + root) * _sinh(pulse * (pulse / (step + root)))
    turning = _sinh(step) ** 2 + (np.sin(root) * np.exp(-step)) ** 2
    growth = np.exp(2 * (step - np.maximum(step, offset)))
    denominator = _cosh(step + offset) * _cosh(step - offset)
    P = growth * np.where(step > pulse, crossing, turning)[()] / denominator
    return np.minimum(P, 1.0)


def _checked(
    bias: Numeric, amplitude: Numeric, gap: Numeric, width: Numeric
) -> tuple[Numeric, Numeric, Numeric, Numeric]:
    """|ε₀|, |B|, |Ω| and ½πT: nothing here depends on a sign or a phase."""
    bias, amplitude = finite("bias", bias), finite("amplitude", amplitude)
    gap, width = finite_complex("gap", gap), positive("width", width)
    fitting(bias=bias, amplitude=amplitude, gap=gap, width=width)
    with np.errstate(over="ignore"):
        half = 0.5 * np.pi * width
        sizes = {"bias": half * bias, "amplitude": half * amplitude, "gap": half * gap}
    for name, size in sizes.items():
        if np.any(np.abs(size) > _WIDEST):
            fail(name, f"stay below {_WIDEST:g}/(½πT)", size / half, "shorten `width`")
    return np.abs(bias), np.abs(amplitude), np.abs(gap), half


def _sinh(x: Numeric) -> Numeric:
    """e^{−x} sinh x for x ≥ 0."""
    return -0.5 * np.expm1(-2 * x)


def _cosh(x: Numeric) -> Numeric:
    """e^{−|x|} cosh x."""
    return 0.5 * (1 + np.exp(-2 * np.abs(x)))
