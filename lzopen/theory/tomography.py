"""Fourier transforms of the rate of a fast drive: phase tomography of a qubit.

A drive ε₀ + A cos ωt turns the phase of a qubit, in a time k, by ε₀k and by
(2A/ω) sin(ωk/2) times the cosine of a phase that depends on the start. Averaged over
starts this makes Σ_n J_n² e^{inωk} = J₀((2A/ω) sin(ωk/2)), and sums over sidebands turn
into closed forms once the bias is Fourier transformed. Arguments broadcast.
"""

from __future__ import annotations

import numpy as np
from scipy.special import j0

from lzopen.errors import Numeric
from lzopen.theory.floats import LARGEST, counted, strength
from lzopen.theory.sidebands import checked, doubt_width

__all__ = ["rate_tomogram", "rate_transform", "tomogram_arcs"]


def rate_transform(
    *,
    k_bias: Numeric,
    amplitude: Numeric,
    omega: Numeric,
    gap: Numeric,
    coherence_rate: Numeric,
    bias_deviation: Numeric = 0.0,
) -> Numeric:
    """Fourier transform of `fast_passage_rate` along the bias.

    ::

        ∫dε₀ W cos(kε₀) = ½π|Δ|² e^{−Γ2|k| − σ²k²/2} J₀((2A/ω) sin(ωk/2)),

    over all ε₀; W is even. Where the argument of J₀ vanishes, at every multiple of the
    period, the decay of coherence is left alone, exponential for 1/T2 and Gaussian for σ.

    It is exact for W and holds where W does. A transform of the population P̄ instead of
    W = Γ1(P̄ − p)/(1 − 2P̄) shows a decay that is faster by saturation.

    Parameters
    ----------
    k_bias : float or array_like
        k, conjugate to the bias: a time, of either sign.
    amplitude : float or array_like
        A, from 0 to 1e4 ω, in rad per time.
    omega : float or array_like
        ω > 0, in rad per time.
    gap : float, complex or array_like
        Δ, the smallest distance of the levels, in rad per time.
    coherence_rate : float or array_like
        Γ2 = 1/T2 > 0.
    bias_deviation : float or array_like
        σ ≥ 0, standard deviation of slow noise of the bias, in rad per time.

    Returns
    -------
    float or ndarray
        The transform, in rad² per time².

    Raises
    ------
    LzopenError
        If ``omega`` or ``coherence_rate`` is not positive, ``amplitude`` or ``bias_deviation`` is
        negative, ``amplitude`` exceeds 1e4 ω, a value is not finite, or the shapes do not
        broadcast.

    Warns
    -----
    LzopenWarning
        If |Δ|²/ω exceeds 0.3 √(Γ2² + σ²); it carries the largest ratio. If ωk exceeds
        1e12, where rounding decides; it carries that phase.

    References
    ----------
    M. S. Rudner et al., Phys. Rev. Lett. 101, 190502 (2008).

    Examples
    --------
    >>> drive = {"amplitude": 7.3, "omega": 1.0}
    >>> print(f"{rate_transform(k_bias=3.0, **drive, gap=0.05, coherence_rate=0.05):.6e}")
    2.539572e-04
    """
    k, A, omega, gap, Gamma2, bias_deviation = checked(
        k_bias=k_bias,
        amplitude=amplitude,
        omega=omega,
        gap=gap,
        coherence_rate=coherence_rate,
        bias_deviation=bias_deviation,
    )
    doubt_width(omega, gap, np.hypot(Gamma2, bias_deviation))
    return _decay(k, gap, Gamma2, bias_deviation) * j0(np.multiply(A, _reach(k, omega)))


def rate_tomogram(
    *,
    k_bias: Numeric,
    k_amplitude: Numeric,
    omega: Numeric,
    gap: Numeric,
    coherence_rate: Numeric,
    bias_deviation: Numeric = 0.0,
) -> Numeric:
    """Fourier transform of `fast_passage_rate` along the bias and the amplitude.

    With a = (2/ω)|sin(ωk/2)| and κ conjugate to the amplitude ::

        ∫dA ∫dε₀ W cos(kε₀) cos(κA) = π|Δ|² e^{−Γ2|k| − σ²k²/2}/√(a² − κ²)

    between the arcs κ = ±a, infinite on them, and 0 outside. Both integrals run from −∞
    to ∞; W is even. It holds where W does.

    Parameters
    ----------
    k_bias : float or array_like
        k, conjugate to the bias: a time, of either sign.
    k_amplitude : float or array_like
        κ, conjugate to the amplitude: a time, of either sign.
    omega : float or array_like
        ω > 0, in rad per time.
    gap : float, complex or array_like
        Δ, the smallest distance of the levels, in rad per time.
    coherence_rate : float or array_like
        Γ2 = 1/T2 > 0.
    bias_deviation : float or array_like
        σ ≥ 0, standard deviation of slow noise of the bias, in rad per time.

    Returns
    -------
    float or ndarray
        The transform, in rad³ per time³; not negative.

    Raises
    ------
    LzopenError
        If ``omega`` or ``coherence_rate`` is not positive, ``bias_deviation`` is negative, a
        value is not finite, or the shapes do not broadcast.

    Warns
    -----
    LzopenWarning
        As `rate_transform`.

    References
    ----------
    M. S. Rudner et al., Phys. Rev. Lett. 101, 190502 (2008).

    Examples
    --------
    >>> times = {"k_bias": 3.0, "k_amplitude": [0.0, 1.9, 2.1]}
    >>> print(rate_tomogram(**times, omega=1.0, gap=0.05, coherence_rate=0.05).round(6))
    [0.003388 0.011114 0.      ]
    """
    k, kappa, omega, gap, Gamma2, bias_deviation = checked(
        k_bias=k_bias,
        k_amplitude=k_amplitude,
        omega=omega,
        gap=gap,
        coherence_rate=coherence_rate,
        bias_deviation=bias_deviation,
    )
    doubt_width(omega, gap, np.hypot(Gamma2, bias_deviation))
    reach, kappa = _reach(k, omega), np.abs(kappa)
    inside, rim = kappa < reach, np.where(kappa > reach, 0.0, np.inf)
    near, far = (np.where(inside, side, 1.0) for side in (reach - kappa, reach + kappa))
    with np.errstate(over="ignore"):
        height = 2 * _decay(k, gap, Gamma2, bias_deviation) / (np.sqrt(near) * np.sqrt(far))
    return np.where(inside, height, rim)[()]


def tomogram_arcs(*, k_bias: Numeric, omega: Numeric) -> Numeric:
    """The upper arc of the tomogram, κ = (2/ω)|sin(ωk/2)|; the lower one is its mirror image.

    It is the largest rate at which phase grows with the amplitude, over a time k. Exact
    for a sinusoidal drive.

    Parameters
    ----------
    k_bias : float or array_like
        k, conjugate to the bias: a time, of either sign.
    omega : float or array_like
        ω > 0, in rad per time.

    Returns
    -------
    float or ndarray
        κ, conjugate to the amplitude: a time.

    Raises
    ------
    LzopenError
        If ``omega`` is not positive, a value is not finite, or the shapes do not broadcast.

    Warns
    -----
    LzopenWarning
        If ωk exceeds 1e12, where rounding decides; it carries that phase.

    References
    ----------
    M. S. Rudner et al., Phys. Rev. Lett. 101, 190502 (2008).

    Examples
    --------
    >>> print(tomogram_arcs(k_bias=[1.0, 3.0, 6.0], omega=1.0).round(4))
    [0.9589 1.995  0.2822]
    """
    return _reach(*checked(k_bias=k_bias, omega=omega))


def _reach(k: Numeric, omega: Numeric) -> Numeric:
    """(2/ω)|sin(ωk/2)|"""
    with np.errstate(over="ignore"):
        phase = np.clip(np.multiply(k, omega), -LARGEST, LARGEST)
    counted(phase, stacklevel=5)
    return np.abs(k * np.sinc(phase / (2 * np.pi)))


def _decay(k: Numeric, gap: Numeric, Gamma2: Numeric, bias_deviation: Numeric) -> Numeric:
    """½π|Δ|² e^{−Γ2|k| − σ²k²/2}"""
    with np.errstate(over="ignore"):
        exponent = np.abs(k) * Gamma2 + np.square(np.multiply(k, bias_deviation)) / 2
    return 0.5 * np.pi * strength(gap, 1.0) * np.exp(-exponent)
