"""One slow linear crossing with weak noise: in the bias, or in the energies themselves.

H = ½(αt σz + Re Δ σx + Im Δ σy), started in the ground state, with E = √(α²t² + |Δ|²).
Arguments broadcast against one another; numbers in give a number out.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.integrate import quad

from lzopen.errors import Numeric, not_negative, not_zero, positive, warn
from lzopen.theory.floats import LARGEST, ratio, strength
from lzopen.theory.single import checked, fitting, landau_zener

__all__ = ["adiabatic_dephasing", "optimal_rate", "weak_longitudinal_noise"]

_SLOW, _WEAK = 0.25, 1.0  # least δ and largest S/|Δ| under noise in the bias
_ADIABATIC = 0.1  # largest |α/Δ²| under dephasing between energy eigenstates
_RELATIVE, _ABSOLUTE = 1e-10, 1e-14  # asked of the integral over the spectrum
_TRUSTED = 1e-8  # relative error from which it is reported


def weak_longitudinal_noise(
    *, rate: Numeric, gap: Numeric, spectrum: Numeric | Callable[[float], Numeric]
) -> Numeric:
    """Probability to end excited, for a slow sweep under weak noise ½ξσz in the bias.

    The noise drives transitions both ways between the energy eigenstates, at the rate
    ¼(|Δ|/E)² S(E) at every instant. Added to the passage, P = exp(−π|Δ|²/2|α|), they give ::

        Q = ½[1 − (1 − 2P) e^{−2X}],   X = ∫¼(|Δ|/E)² S(E) dt

    and Q ≈ P + X as long as both are small. Only frequencies of |Δ| and above count; white
    noise, S(ω) = S₀, has X = π|Δ|S₀/4|α|. It is dephasing in the diabatic basis, with the
    decay rate of the coherence Γ = S₀/2, so that S₀ = 2Γ describes that as well.

    It holds for δ ≥ ¼ and S ≤ |Δ|, with noise that forgets within 1/S. The largest error
    seen with white noise is then 0.016, and 0.005 for δ ≥ 1. In the limit of weak noise
    what is missing is of relative order (α/Δ²)² in X: 3 % at δ = 1, 0.5 % at δ = 2.

    Parameters
    ----------
    rate : float or array_like
        α = dε/dt, in rad per time squared, of either sign.
    gap : float, complex or array_like
        Δ ≠ 0, the smallest distance of the levels, in rad per time.
    spectrum : float, array_like or callable
        S₀ of white noise, or S(ω) for ω > 0 as a function of one number; two-sided in ω,
        with ⟨ξ(t)ξ(0)⟩ = ∫dω/2π S(ω) e^{iωt}. In rad per time.

    Returns
    -------
    float or ndarray
        Q, which after a full passage is also the diabatic survival.

    Raises
    ------
    LzopenError
        If ``rate`` or ``gap`` is zero, the spectrum is negative or not finite, a value is
        not finite, or the shapes do not broadcast.

    Warns
    -----
    LzopenWarning
        If δ < ¼, the mean of S(E) over the passage exceeds |Δ|, or the integral over the
        spectrum is uncertain by more than 1e-8 of it; it carries δ, the ratio or the
        relative uncertainty.

    References
    ----------
    J. A. Krzywda, Ł. Cywiński, Phys. Rev. B 101, 035303 (2020).

    Examples
    --------
    >>> print(f"{weak_longitudinal_noise(rate=0.2, gap=1.0, spectrum=0.002):.6f}")
    0.008175
    >>> print(f"{weak_longitudinal_noise(rate=0.2, gap=1.0, spectrum=lambda w: 2e-3 / w):.6f}")
    0.005359
    """
    rate, gap = _gap(rate, gap)
    mean = _mean(spectrum, gap)
    fitting(rate=rate, gap=gap, spectrum=mean)
    delta = float(np.min(strength(gap / 2, rate)))
    if delta < _SLOW:
        text = f"The sweep is fast, δ = {delta:.3g}; the formula needs {_SLOW:g} or more."
        warn(text, delta, page="guide/noisy_crossings#slower-is-not-better")
    _doubt_noise(mean, gap)
    with np.errstate(over="ignore"):
        X = np.pi / 4 * np.minimum(ratio(gap, np.abs(rate)) * mean, LARGEST)
    return 0.5 - (0.5 - landau_zener(rate=rate, gap=gap)) * np.exp(-2 * X)


def optimal_rate(*, gap: Numeric, spectral_density: Numeric) -> Numeric:
    """Sweep rate that leaves the least excitation under white noise in the bias.

    A fast sweep excites by itself, a slow one gives the noise more time. The probability of
    `weak_longitudinal_noise` has its minimum at ::

        α = (π|Δ|²/2) / ln(2 + 2|Δ|/S₀)

    It holds where that function does, hence for S₀ ≪ |Δ|; with S₀ = 0.002|Δ| the dynamics
    has its minimum at a rate 0.3 % higher.

    Parameters
    ----------
    gap : float, complex or array_like
        Δ ≠ 0, the smallest distance of the levels, in rad per time.
    spectral_density : float or array_like
        S₀ of white noise, in rad per time; twice the decay rate of the diabatic coherence.

    Returns
    -------
    float or ndarray
        α > 0, in rad per time squared.

    Raises
    ------
    LzopenError
        If ``gap`` is zero, ``spectral_density`` is not positive, a value is not finite, or
        the shapes do not broadcast.

    Warns
    -----
    LzopenWarning
        If S₀/|Δ| > 1; it carries that number.

    References
    ----------
    J. A. Krzywda, Ł. Cywiński, Phys. Rev. B 101, 035303 (2020).

    Examples
    --------
    >>> rate = optimal_rate(gap=1.0, spectral_density=0.002)
    >>> print(f"{rate:.5f} {weak_longitudinal_noise(rate=rate, gap=1.0, spectrum=0.002):.5f}")
    0.22733 0.00785
    """
    _, gap = _gap(1.0, gap)
    remedy = "without noise the slowest sweep is the best"
    S = positive("spectral_density", spectral_density, remedy)
    fitting(gap=gap, spectral_density=S)
    _doubt_noise(S, gap)
    return np.pi / 2 * strength(gap, 1.0) / np.log(2 + 2 * ratio(gap, S))


def adiabatic_dephasing(*, rate: Numeric, gap: Numeric, dephasing: Numeric) -> Numeric:
    """Probability to end excited, with dephasing between the energy eigenstates.

    The environment follows the energy eigenstates and lets the coherence between them decay
    at the rate Γ. To first order in the sweep rate the transition probability is ::

        T = (π|α|/4|Δ|²) x(2 + c)/[c(1 + c)²],   x = Γ/|Δ|,   c = √(1 + x²)

    linear in α where the closed system has exp(−π|Δ|²/2|α|). The basis decides: dephasing
    between the *diabatic* states, at the same rate, acts for the time π|Δ|/α at the crossing
    and for a slow sweep leaves ½ (see `weak_longitudinal_noise`).

    It holds for |α| ≪ |Δ|², where exp(−π|Δ|²/2|α|) is left out; the largest relative error
    seen for 0.1 ≤ x ≤ 1 is 0.6 % at α = 0.02|Δ|² and 3 % at 0.1|Δ|².

    Parameters
    ----------
    rate : float or array_like
        α = dε/dt, in rad per time squared, of either sign.
    gap : float, complex or array_like
        Δ ≠ 0, the smallest distance of the levels, in rad per time.
    dephasing : float or array_like
        Γ, the decay rate of the coherence between energy eigenstates, per time.

    Returns
    -------
    float or ndarray
        T, largest near Γ = |Δ| and falling as 1/Γ beyond.

    Raises
    ------
    LzopenError
        If ``rate`` or ``gap`` is zero, ``dephasing`` is negative, a value is not finite, or
        the shapes do not broadcast.

    Warns
    -----
    LzopenWarning
        If |α/Δ²| > 0.1; it carries that number.

    References
    ----------
    J. E. Avron, M. Fraas, G. M. Graf, P. Grech, Comm. Math. Phys. 305, 633 (2011).

    Examples
    --------
    >>> print(f"{adiabatic_dephasing(rate=0.02, gap=1.0, dephasing=0.1):.8f}")
    0.00116836
    """
    rate, gap = _gap(rate, gap)
    Gamma = not_negative("dephasing", dephasing)
    fitting(rate=rate, gap=gap, dephasing=Gamma)
    with np.errstate(divide="ignore", over="ignore"):
        speed = np.minimum(np.divide(1.0, strength(gap, rate)), LARGEST)
    if np.max(speed) > _ADIABATIC:
        warn(
            f"The sweep is fast, |α/Δ²| = {np.max(speed):.3g}; the formula needs "
            f"{_ADIABATIC:g} or less.",
            float(np.max(speed)),
            page="guide/noisy_crossings#the-basis-of-the-dephasing-decides",
        )
    x = ratio(Gamma, gap)
    c = np.hypot(1, x)
    return np.pi / 4 * speed * ((x / c) * (2 + c) / (1 + c) / (1 + c))


def _gap(rate: Numeric, gap: Numeric) -> tuple[Numeric, Numeric]:
    """The rate and the size of the gap, once they are fit."""
    rate, gap = checked(rate, gap)
    remedy = "without a gap there is nothing to follow"
    return rate, not_zero("gap", np.abs(gap), remedy)


def _mean(spectrum: Numeric | Callable[[float], Numeric], gap: Numeric) -> Numeric:
    """(2/π)∫S(E) dθ over the angle of the eigenstates, E = |Δ|/cos θ from 0 to ½π."""
    if not callable(spectrum):
        return not_negative("spectrum", spectrum)
    means = np.empty(np.shape(gap))
    for index, width in np.ndenumerate(gap):
        means[index] = _angular_mean(spectrum, float(width))
    return means[()]


def _angular_mean(spectrum: Callable[[float], Numeric], width: float) -> float:
    def density(angle: float) -> float:
        return float(not_negative("spectrum", spectrum(width / np.cos(angle))))

    found, error, *_ = quad(
        density, 0, np.pi / 2, epsabs=_ABSOLUTE, epsrel=_RELATIVE, limit=500, full_output=1
    )
    if error > _TRUSTED * found + 10 * _ABSOLUTE:
        warn(
            f"The integral over the spectrum is uncertain by {error / found:.2g} of it; "
            "is S(ω) smooth above |Δ|?",
            error / found,
            stacklevel=5,
        )
    return 2 / np.pi * found


def _doubt_noise(noise: Numeric, gap: Numeric) -> None:
    with np.errstate(over="ignore"):
        most = float(np.max(np.divide(noise, gap)))
    if most > _WEAK:
        warn(
            f"The noise is strong, S/|Δ| = {most:.3g}; the formula needs {_WEAK:g} or less.",
            most,
            stacklevel=4,
        )
