"""Decay of coherence in closed form, for a qubit that noise ½ξσz dephases.

Free decay V = |⟨e^{iφ}⟩| of the phase φ = ∫ξ dt, which between the crossings of a double
passage is the visibility of the fringes. Two times that experiments quote:

- T2 = 2/S₀, from V = e^{−t/T2} under white noise, S(ω) = S₀;
- T2* = √2/σ, from V = e^{−(t/T2*)²} under noise of s.d. σ that stands still in each shot.

They are the ends of `ornstein_uhlenbeck_decay`. Arguments broadcast against one another;
numbers in give a number out.
"""

from __future__ import annotations

import numpy as np
from scipy.special import factorial, sici

from lzopen.errors import Numeric, not_negative, positive
from lzopen.theory.floats import LARGEST, ratio
from lzopen.theory.single import fitting

__all__ = ["one_over_f_decay", "ornstein_uhlenbeck_decay", "quasi_static_decay"]

# (x − 1 + e^{−x})/x² = Σ(−x)ᵏ/(k+2)!; what is left out at the switch is below 1e-16
_SERIES = (-1.0) ** np.arange(10) / factorial(np.arange(2, 12))
_SERIES_SWITCH = 0.1
_SATURATED = 1e4  # ω_ir t from which the law of 1/f noise is its asymptotic series


def quasi_static_decay(*, sigma: Numeric, time: Numeric) -> Numeric:
    """Free decay under noise that stands still in each shot, V = exp(−σ²t²/2).

    It is e^{−(t/T2*)²} with T2* = √2/σ. Exact for Gaussian noise whose correlation time is
    infinite; a finite one leads to `ornstein_uhlenbeck_decay`. An echo refocuses it.

    Parameters
    ----------
    sigma : float or array_like
        σ ≥ 0, the standard deviation of the noise, in rad per time.
    time : float or array_like
        t ≥ 0, the duration.

    Returns
    -------
    float or ndarray
        V, between 0 and 1.

    Raises
    ------
    LzopenError
        If an argument is negative or not finite, or the shapes do not broadcast.

    References
    ----------
    G. Ithier et al., Phys. Rev. B 72, 134519 (2005).

    Examples
    --------
    >>> print(f"{quasi_static_decay(sigma=0.1, time=10.0):.4f}")
    0.6065
    """
    sigma, time = not_negative("sigma", sigma), not_negative("time", time)
    fitting(sigma=sigma, time=time)
    return _gaussian(sigma, time, np.sqrt(0.5))


def ornstein_uhlenbeck_decay(
    *, sigma: Numeric, correlation_time: Numeric, time: Numeric
) -> Numeric:
    """Free decay under Ornstein-Uhlenbeck noise, V = exp[−σ²τ_c²(t/τ_c − 1 + e^{−t/τ_c})].

    Its spectrum is 2σ²τ_c/(1 + ω²τ_c²). For t ≫ τ_c it acts like white noise, with
    1/T2 = S₀/2 = σ²τ_c; for t ≪ τ_c see `quasi_static_decay`.

    Exact for free decay. For the fringes of a double passage, with t the time between the
    crossings, it is asymptotic in the turning point and leaves out the noise *during* the
    crossings: white noise sees a sweep with α = 4, Δ = 1.33 and t = 10 as 0.27
    longer.

    Parameters
    ----------
    sigma : float or array_like
        σ ≥ 0, the standard deviation of the noise, in rad per time.
    correlation_time : float or array_like
        τ_c > 0.
    time : float or array_like
        t ≥ 0, the duration.

    Returns
    -------
    float or ndarray
        V, between 0 and 1.

    Raises
    ------
    LzopenError
        If ``sigma`` or ``time`` is negative, ``correlation_time`` is not positive, a value
        is not finite, or the shapes do not broadcast.

    References
    ----------
    R. Kubo, J. Phys. Soc. Jpn. 9, 935 (1954).

    Examples
    --------
    >>> print(f"{ornstein_uhlenbeck_decay(sigma=0.2, correlation_time=2.0, time=10.0):.4f}")
    0.5267
    """
    sigma, time = not_negative("sigma", sigma), not_negative("time", time)
    tau = positive("correlation_time", correlation_time)
    fitting(sigma=sigma, correlation_time=tau, time=time)
    x = ratio(time, tau)
    below, above = np.minimum(x, _SERIES_SWITCH), np.maximum(x, _SERIES_SWITCH)
    series = np.polynomial.polynomial.polyval(below, _SERIES)
    exact = (1 + np.expm1(-above) / above) / above
    return _gaussian(sigma, time, np.sqrt(np.where(x < _SERIES_SWITCH, series, exact)))


def one_over_f_decay(*, amplitude: Numeric, omega_low: Numeric, time: Numeric) -> Numeric:
    """Free decay under 1/f noise, S(ω) = 2πA²/|ω| for |ω| > ω_ir.

    With x = ω_ir t and the cosine integral Ci, ::

        V = exp{−A²t² [(1 − cos x)/x² + sin x/x − Ci(x)]}

    which for x ≪ 1 is the textbook's exp{−A²t² [ln(1/ω_ir t) + 3/2 − γ_E]}, almost a
    Gaussian, and for x ≫ 1 saturates at exp(−A²/ω_ir²). Exact for Gaussian noise with a sharp
    lower cut-off and none above; an upper one far beyond 1/t does not matter.

    Parameters
    ----------
    amplitude : float or array_like
        A ≥ 0, in rad per time.
    omega_low : float or array_like
        ω_ir > 0, in rad per time; about 2π over the duration of the experiment.
    time : float or array_like
        t ≥ 0, the duration.

    Returns
    -------
    float or ndarray
        V, between 0 and 1.

    Raises
    ------
    LzopenError
        If ``amplitude`` or ``time`` is negative, ``omega_low`` is not positive, a value is
        not finite, or the shapes do not broadcast.

    References
    ----------
    G. Ithier et al., Phys. Rev. B 72, 134519 (2005).

    Examples
    --------
    >>> print(f"{one_over_f_decay(amplitude=0.02, omega_low=1e-4, time=20.0):.5f}")
    0.31919
    """
    A, time = not_negative("amplitude", amplitude), not_negative("time", time)
    omega = positive("omega_low", omega_low)
    fitting(amplitude=A, omega_low=omega, time=time)
    with np.errstate(over="ignore"):
        x = np.clip(np.multiply(omega, time), 1 / LARGEST, LARGEST)
    below, above = np.minimum(x, _SATURATED), np.maximum(x, _SATURATED)
    exact = np.sinc(below / (2 * np.pi)) ** 2 / 2 + np.sinc(below / np.pi) - sici(below)[1]
    late = 1 + (2 * np.sin(above) - 6 * np.cos(above) / above) / above
    root = np.where(x < _SATURATED, np.sqrt(exact), np.sqrt(late) / above)
    return _gaussian(A, time, root)


def _gaussian(sigma: Numeric, time: Numeric, weight: Numeric) -> Numeric:
    """exp(−(σ t weight)²), where σt may be out of range while the exponent is not."""
    with np.errstate(over="ignore"):
        root = np.minimum(sigma * np.multiply(time, weight), np.sqrt(LARGEST))
    return np.exp(-(root**2))[()]
