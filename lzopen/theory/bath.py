"""One linear crossing coupled to harmonic oscillators at zero temperature."""

from __future__ import annotations

import numpy as np

from lzopen.errors import Numeric, finite, not_negative
from lzopen.theory.floats import strength as adiabaticity
from lzopen.theory.single import checked, fitting

__all__ = ["zero_temperature_bath"]


def zero_temperature_bath(
    *,
    rate: Numeric,
    gap: Numeric,
    angle: Numeric,
    reorganisation: Numeric,
    strength: Numeric,
) -> Numeric:
    """Diabatic survival of the joint ground state of a qubit and its bath, P = exp(−πW²/2|α|).

    For any number of oscillators, at any coupling, in ::

        H = ½(αt σz + Re Δ σx + Im Δ σy) + ½(cos θ σz + sin θ σx) Σγ_j(b_j + b_j†)
            + ΣΩ_j b_j†b_j,

        W² = |Δ − ½ sgn(α) E₀ sin 2θ|² + S sin²θ,   E₀ = Σγ_j²/Ω_j,   S = Σγ_j².

    For a spectral density J(ω) of the coupling operator ½(cos θ σz + sin θ σx) in QuTiP's
    convention, J = πΣγ_j²δ(ω − Ω_j), whose correlation function at T = 0 is
    (1/π)∫J e^{−iωt} dω, they are E₀ = (1/π)∫J/ω dω and S = (1/π)∫J dω.

    Exact, for a sweep from t = −∞ to ∞ that starts in the ground state of the qubit *and the
    bath*: in the lower diabatic state, 0 for α > 0 and 1 for α < 0, with every oscillator
    displaced to the minimum that belongs to that state. Neither the other state nor other
    states of the bath are covered, not even for a longitudinal coupling, θ = 0, which drops
    out of the formula:

    - The undisplaced vacuum at the start t₀ is, exactly, the displaced bath with an additional
      drive ½(cos θ σz + sin θ σx) F(t), F = ±cos θ Σ(γ_j²/Ω_j) cos Ω_j(t − t₀), the sign that
      of α. A continuum forgets: F fades, and the formula holds if the crossing comes long
      after t₀. One mode never does: with Δ = √α, γ = 0.8√α, Ω = √α and θ = 0, P lies between
      0.062 and 0.366 as t₀ varies, instead of 0.208.
    - For θ = 0 any mixture of number states of the displaced oscillators, such as a thermal
      one, survives with at least exp(−π|Δ|²/2|α|); and so does one mode on average over t₀.

    Parameters
    ----------
    rate : float or array_like
        α = dε/dt, in rad per time squared, of either sign.
    gap : float, complex or array_like
        Δ, in rad per time.
    angle : float or array_like
        θ, in rad: 0 for a bath that couples to the bias, ½π for one that couples to the gap.
    reorganisation : float or array_like
        E₀ ≥ 0, the reorganisation energy, in rad per time.
    strength : float or array_like
        S ≥ 0, the variance of the bath's force, in rad² per time squared.

    Returns
    -------
    float or ndarray
        P. After the sweep the energy is higher than that of the ground state with at least
        this probability, since the bath may be excited too.

    Raises
    ------
    LzopenError
        If ``rate`` is zero, ``reorganisation`` or ``strength`` is negative, a value is not
        finite, or the shapes do not broadcast.

    References
    ----------
    M. Wubs, K. Saito, S. Kohler, P. Hänggi, Y. Kayanuma, Phys. Rev. Lett. 97, 200404 (2006).
    K. Saito, M. Wubs, S. Kohler, Y. Kayanuma, P. Hänggi, Phys. Rev. B 75, 214308 (2007).

    Examples
    --------
    One mode with γ = 0.8 and Ω = 1:

    >>> bath = {"reorganisation": 0.8**2 / 1.0, "strength": 0.8**2}
    >>> print(f"{zero_temperature_bath(rate=1.0, gap=0.6, angle=0.6, **bath):.6f}")
    0.629054
    """
    rate, gap = checked(rate, gap)
    theta = finite("angle", angle)
    E0 = not_negative("reorganisation", reorganisation)
    S = not_negative("strength", strength)
    fitting(rate=rate, gap=gap, angle=theta, reorganisation=E0, strength=S)
    mean = np.abs(gap - 0.5 * np.sign(rate) * E0 * np.sin(2 * theta))
    W = np.hypot(mean, np.sqrt(S) * np.sin(theta))
    return np.exp(-2 * np.pi * adiabaticity(W / 2, rate))
