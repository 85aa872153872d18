"""One linear crossing from t = −∞ to ∞, and the half crossing, in closed form.

H(t) = ½(αt σz + Re Δ σx + Im Δ σy) with ``rate`` = α and ``gap`` = Δ. A single
passage depends on δ = |Δ|²/4|α| alone, apart from the phase of Δ and the
direction of the sweep. Arguments broadcast against one another; numbers in
give a number out.
"""

from __future__ import annotations

import numpy as np
from scipy.special import exprel, loggamma, xlogy

from lzopen.errors import Numeric, fail, finite_complex, not_zero
from lzopen.theory.floats import strength

__all__ = [
    "adiabaticity",
    "half_crossing",
    "jump_time",
    "landau_zener",
    "stokes_phase",
    "transfer_matrix",
]

# φ_S = Σ |B₂ₙ| / (2n(2n−1) δ^(2n−1)), Stirling's series on the imaginary axis
_STOKES_SERIES = (1 / 12, 1 / 360, 1 / 1260, 1 / 1680, 1 / 1188, 691 / 360360, 1 / 156)
# above it the series leaves out 4e-15; below it cancellation costs 2e-13
_STOKES_SWITCH = 10.0
_SLOW = 1e9  # δ beyond which the jump time is its limit, to a relative 1e-16


def adiabaticity(*, rate: Numeric, gap: Numeric) -> Numeric:
    """Adiabaticity parameter, δ = |Δ|²/4|α|.

    A definition, without limits of validity.

    Parameters
    ----------
    rate : float or array_like
        α = dε/dt, in rad per time squared, of either sign.
    gap : float, complex or array_like
        Δ, the smallest distance of the levels, in rad per time.

    Returns
    -------
    float or ndarray
        δ, without unit: small for a fast sweep, large for a slow one; 1e300 at most.

    Raises
    ------
    LzopenError
        If ``rate`` is zero, a value is not finite, or the shapes do not broadcast.

    Examples
    --------
    >>> print(adiabaticity(rate=1.0, gap=1.0))
    0.25
    """
    rate, gap = checked(rate, gap)
    return strength(np.abs(gap) / 2, rate)


def landau_zener(*, rate: Numeric, gap: Numeric) -> Numeric:
    """Probability to stay in the diabatic state, P = exp(−2πδ) = exp(−π|Δ|²/2|α|).

    Exact for a linear sweep from t = −∞ to ∞ at constant gap, for any gap and
    rate. A sweep of finite length 2T misses it by about Δ/αT if diabatic states
    are read out, and by order Δ/α²T³ for adiabatic ones.

    Parameters
    ----------
    rate : float or array_like
        α = dε/dt, in rad per time squared, of either sign.
    gap : float, complex or array_like
        Δ, the smallest distance of the levels, in rad per time.

    Returns
    -------
    float or ndarray
        P, between 0 and 1; the adiabatic states swap with probability P.

    Raises
    ------
    LzopenError
        If ``rate`` is zero, a value is not finite, or the shapes do not broadcast.

    References
    ----------
    L. D. Landau, Phys. Z. Sowjetunion 2, 46 (1932).
    C. Zener, Proc. R. Soc. A 137, 696 (1932).
    E. C. G. Stückelberg, Helv. Phys. Acta 5, 369 (1932).
    E. Majorana, Nuovo Cimento 9, 43 (1932).

    Examples
    --------
    >>> print(f"{landau_zener(rate=1.0, gap=1.0):.12f}")
    0.207879576351
    """
    return np.exp(-2 * np.pi * adiabaticity(rate=rate, gap=gap))


def stokes_phase(*, rate: Numeric, gap: Numeric) -> Numeric:
    """Stokes phase, φ_S = π/4 + δ(ln δ − 1) + arg Γ(1 − iδ).

    Exact for a linear sweep from t = −∞ to ∞ at constant gap, for any gap and rate.
    arg Γ is the continuous branch. φ_S falls from π/4 (sudden) to 0 (adiabatic,
    where φ_S → 1/12δ); from δ = 10 on Stirling's series replaces the equation,
    whose terms cancel there.

    Parameters
    ----------
    rate : float or array_like
        α = dε/dt, in rad per time squared, of either sign.
    gap : float, complex or array_like
        Δ, the smallest distance of the levels, in rad per time.

    Returns
    -------
    float or ndarray
        φ_S in rad, to a relative 1e-12.

    Raises
    ------
    LzopenError
        If ``rate`` is zero, a value is not finite, or the shapes do not broadcast.

    References
    ----------
    Y. Kayanuma, Phys. Rev. A 55, R2495 (1997).
    S. N. Shevchenko, S. Ashhab, F. Nori, Phys. Rep. 492, 1 (2010).

    Examples
    --------
    >>> print(f"{stokes_phase(rate=1.0, gap=1.0):.12f}")
    0.327061913259
    """
    return _stokes(adiabaticity(rate=rate, gap=gap))


def transfer_matrix(*, rate: Numeric, gap: Numeric) -> Numeric:
    """Adiabatic-impulse matrix N of one full passage, dynamical phase removed.

    Exact for a linear sweep from t = −∞ to ∞. For positive rate and gap, with P = exp(−2πδ)::

        N = [[√(1−P) e^{−iφ_S},  −√P             ],
             [√P,                 √(1−P) e^{iφ_S}]]

    in the adiabatic states e (upper) and g (lower), in this order,
    e = (cos θ/2, u sin θ/2), g = (−u* sin θ/2, cos θ/2), where u = Δ/|Δ| and
    θ = arccos(αt/E) runs smoothly from π to 0 for a positive rate and back for
    a negative one. In general −√P carries the factor sgn(α)u*, and √P sgn(α)u.

    The propagator is U(t₁,t₀) ≈ D(t₁) N D(t₀)* in these states, with
    D(t) = diag(e^{−iη}, e^{iη}) and η = ½∫₀ᵗ E dt, for E = √(α²t² + |Δ|²); it
    holds for |t₀|, |t₁| ≫ |Δ/α| and 1/√|α|, with an error of order Δ/α²|t|³.

    The return pass, with the opposite rate, is N transposed if the gap is real.

    Parameters
    ----------
    rate : float or array_like
        α = dε/dt, in rad per time squared, of either sign.
    gap : float, complex or array_like
        Δ, the smallest distance of the levels, in rad per time; zero counts as
        the limit from above.

    Returns
    -------
    ndarray
        Complex, shape (..., 2, 2), unitary with determinant 1.

    Raises
    ------
    LzopenError
        If ``rate`` is zero, a value is not finite, or the shapes do not broadcast.

    References
    ----------
    Y. Kayanuma, Phys. Rev. A 55, R2495 (1997).
    S. N. Shevchenko, S. Ashhab, F. Nori, Phys. Rep. 492, 1 (2010).

    Examples
    --------
    >>> print(transfer_matrix(rate=1.0, gap=1.0).round(4))
    [[ 0.8428-0.2859j -0.4559+0.j    ]
     [ 0.4559+0.j      0.8428+0.2859j]]
    """
    rate, gap = checked(rate, gap)
    delta = adiabaticity(rate=rate, gap=gap)
    some = np.where(gap == 0, 1.0, gap)
    swap = np.sign(rate) * some / np.abs(some) * np.exp(-np.pi * delta)
    stay = np.sqrt(-np.expm1(-2 * np.pi * delta)) * np.exp(1j * _stokes(delta))
    return unitary(np.conj(stay), swap)


def jump_time(*, rate: Numeric, gap: Numeric) -> Numeric:
    """Duration of the transition, t_j = P_flip(∞)/Ṗ_flip(0), between diabatic states.

    The exact half-way slope is Ṗ_flip(0) = ½|Δ|√(1−P) cos χ, where
    χ = π/4 + arg Γ(½ − iδ/2) − arg Γ(1 − iδ/2); Legendre's duplication formula
    turns cos χ into sin(2φ_S(δ/2) − φ_S(δ)), which keeps every digit at large δ.
    Limits: 2√π/√|α| for a fast sweep (δ → 0), 2|Δ/α| for a slow one (δ ≫ 1). Exact,
    by its definition, for a linear sweep that starts at t = −∞ in a diabatic state.

    Parameters
    ----------
    rate : float or array_like
        α = dε/dt, in rad per time squared, of either sign.
    gap : float, complex or array_like
        Δ, the smallest distance of the levels, in rad per time.

    Returns
    -------
    float or ndarray
        t_j, a time, infinite above 1.8e308. The adiabatic states have a jump time of
        their own.

    Raises
    ------
    LzopenError
        If ``rate`` is zero, a value is not finite, or the shapes do not broadcast.

    References
    ----------
    N. V. Vitanov, Phys. Rev. A 59, 988 (1999).

    Examples
    --------
    >>> print(f"{jump_time(rate=1.0, gap=1.0):.9f}")
    3.078105385
    """
    rate, gap = checked(rate, gap)
    delta = adiabaticity(rate=rate, gap=gap)
    slope = np.sin(2 * _stokes(delta / 2) - _stokes(delta))
    exact = np.sqrt(2 * np.pi * exprel(-2 * np.pi * delta)) / np.sqrt(np.abs(rate)) / slope
    with np.errstate(over="ignore"):
        slow = 2 * np.abs(np.divide(gap, rate))
    return np.where(delta < _SLOW, exact, slow)[()]


def half_crossing(*, rate: Numeric, gap: Numeric) -> Numeric:
    """Probability to have left the diabatic state at t = 0, P_flip = ½(1 − e^{−πδ}).

    Exact for a linear sweep that starts at t = −∞ in a diabatic state and stops
    at the crossing; by symmetry the same for a sweep from there to ∞.

    Parameters
    ----------
    rate : float or array_like
        α = dε/dt, in rad per time squared, of either sign.
    gap : float, complex or array_like
        Δ, the smallest distance of the levels, in rad per time.

    Returns
    -------
    float or ndarray
        P_flip, between 0 and ½.

    Raises
    ------
    LzopenError
        If ``rate`` is zero, a value is not finite, or the shapes do not broadcast.

    References
    ----------
    N. V. Vitanov, B. M. Garraway, Phys. Rev. A 53, 4288 (1996).

    Examples
    --------
    >>> print(f"{half_crossing(rate=1.0, gap=1.0):.9f}")
    0.272030936
    """
    return -0.5 * np.expm1(-np.pi * adiabaticity(rate=rate, gap=gap))


def checked(rate: Numeric, gap: Numeric) -> tuple[Numeric, Numeric]:
    """The rate and the gap, once they are finite and fit each other."""
    rate = not_zero("rate", rate, "without a sweep there is no crossing")
    gap = finite_complex("gap", gap)
    fitting(rate=rate, gap=gap)
    return rate, gap


def fitting(**arguments: Numeric) -> None:
    """Blame the first argument that does not broadcast against those before it."""
    shape: tuple[int, ...] = ()
    for name, value in arguments.items():
        try:
            shape = np.broadcast_shapes(shape, np.shape(value))
        except ValueError:
            must = f"broadcast against shape {shape} of the arguments before it"
            fail(name, must, f"of shape {np.shape(value)}")


def unitary(a: Numeric, b: Numeric) -> Numeric:
    """Stack [[a, −b*], [b, a*]] into an array of shape (..., 2, 2)."""
    a, b = np.broadcast_arrays(a, b)
    rows = np.stack([a, -np.conj(b), b, np.conj(a)], axis=-1)
    return rows.reshape(*a.shape, 2, 2)


def _stokes(delta: Numeric) -> Numeric:
    below, above = np.minimum(delta, _STOKES_SWITCH), np.maximum(delta, _STOKES_SWITCH)
    exact = np.pi / 4 + xlogy(below, below) - below + loggamma(1 - 1j * below).imag
    series = np.polynomial.polynomial.polyval(above**-2, _STOKES_SERIES) / above
    return np.where(delta < _STOKES_SWITCH, exact, series)[()]
