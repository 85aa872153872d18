"""A qubit under a periodic drive, ε(t) = ε₀ + A cos ωt, and a sweep that is dithered.

A slow drive is a chain of single passages. A fast one, ω ≫ Δ, couples the levels at
every ε₀ = nω with a gap of its own, ΔJ_n(A/ω). Arguments broadcast.
"""

from __future__ import annotations

import numpy as np
from scipy.optimize import brentq
from scipy.special import j0, jn_zeros, jv

from lzopen.errors import Numeric, fail, finite, finite_complex, not_negative, positive, warn
from lzopen.theory.double_passage import contrast
from lzopen.theory.floats import LARGEST, counted, ratio
from lzopen.theory.single import fitting, landau_zener, stokes_phase

__all__ = [
    "destruction_of_tunnelling",
    "dithered_gap",
    "multi_passage",
    "quasienergy_splitting",
]

_REACH = 2.0  # least A − |ε₀| in units of |Δ| and of √α
_FAST = 0.3  # largest |Δ|/ω of a fast drive
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(64)  # right to 1e-13 for any gap
_SHARPNESS = 1e-9, 1e9  # of a crossing in its drive; beyond, nothing but the limit is seen
_HARMONICS = np.delete(np.arange(-24, 25), 24)  # all but zero; J₂₄(2.4) = 1e-22


def multi_passage(*, amplitude: Numeric, omega: Numeric, bias: Numeric, gap: Numeric) -> Numeric:
    """Population of the upper eigenstate under a slow drive, averaged over many periods.

    In the adiabatic-impulse model, with z₁ and z₂ = ½∫E dt over the part of a period
    with ε > 0 and with ε < 0, and P and φ_S of the slope α = Aω√(1 − ε₀²/A²) ::

        P̄ = ½β²/(β² + ι²),   β = 2√(P(1−P)) sin(z₂ + φ_S),
        ι = (1−P) sin(z₁ + z₂ + 2φ_S) + P sin(z₁ − z₂),

    for a start in the ground state and a read-out, both while ε > 0; for ε < 0 change
    the sign of ε₀. Resonances, P̄ = ½, lie at ι = 0: at z₁ + z₂ + 2φ_S = kπ for a slow
    passage, at ε₀ = kω for a fast one. The plus sign belongs to φ_S as defined in
    `stokes_phase`.

    It holds if every passage is over before the next, A − |ε₀| ≫ |Δ|, √α, without decay.

    Parameters
    ----------
    amplitude : float or array_like
        A > |ε₀|, in rad per time.
    omega : float or array_like
        ω > 0, in rad per time.
    bias : float or array_like
        ε₀, in rad per time.
    gap : float, complex or array_like
        Δ, the smallest distance of the levels, in rad per time.

    Returns
    -------
    float or ndarray
        P̄, between 0 and ½.

    Raises
    ------
    LzopenError
        If ``omega`` is not positive, ``amplitude`` does not exceed
        |ε₀|, a value is not finite, or the shapes do not broadcast.

    Warns
    -----
    LzopenWarning
        If A − |ε₀| is less than twice |Δ| or √α; it carries the smallest ratio. If z₁ or
        z₂ exceeds 1e12 rad, where rounding hides the interference; it carries that phase.

    References
    ----------
    S. Ashhab, J. R. Johansson, A. M. Zagoskin, F. Nori, Phys. Rev. A 75, 063414 (2007).
    O. V. Ivakhnenko, S. N. Shevchenko, F. Nori, Phys. Rep. 995, 1 (2023).

    Examples
    --------
    >>> print(f"{multi_passage(amplitude=200.0, omega=0.005, bias=33.0021, gap=0.7):.6f}")
    0.496778
    """
    amplitude, omega, gap = _checked(amplitude, omega, gap)
    bias = finite("bias", bias)
    fitting(amplitude=amplitude, omega=omega, gap=gap, bias=bias)
    if np.any(np.abs(bias) >= amplitude):
        fail("amplitude", "exceed |bias|", amplitude, "else the drive does not reach the crossing")
    with np.errstate(over="ignore"):
        rate = omega * np.sqrt(amplitude - bias) * np.sqrt(amplitude + bias)
    rate = np.clip(rate, 1 / LARGEST, LARGEST)
    reach = (amplitude - np.abs(bias)) / np.maximum(np.abs(gap), np.sqrt(rate))
    if np.min(reach) < _REACH:
        warn(
            f"The drive turns near the crossing, at {np.min(reach):.3g} times the larger of |Δ| "
            f"and √α; {_REACH:g} are needed.",
            float(np.min(reach)),
        )
    P, stokes = landau_zener(rate=rate, gap=gap), stokes_phase(rate=rate, gap=gap)
    z1, z2 = (_half_phase(amplitude, omega, side * bias, gap) for side in (1, -1))
    counted(np.maximum(z1, z2))
    beta = np.sqrt(contrast(rate, gap)) * np.sin(z2 + stokes)
    iota = (1 - P) * np.sin(z1 + z2 + 2 * stokes) + P * np.sin(z1 - z2)
    # without any transition P̄ = 0, on resonance too
    size = np.where(beta == 0, 1.0, np.hypot(beta, iota))
    return 0.5 * np.square(beta / size)


def quasienergy_splitting(
    *, amplitude: Numeric, omega: Numeric, gap: Numeric, bias: Numeric = 0.0
) -> Numeric:
    """Distance of the two quasi-energies under a fast drive, √((ε₀ − nω)² + |Δ_n|²).

    Δ_n = ΔJ_n(A/ω) is the gap of the nearest resonance, n = round(ε₀/ω); the splitting
    is counted modulo ω. At ε₀ = 0 it is |ΔJ₀(A/ω)|, and tunnelling stops where it vanishes,
    but at the zeros of J₀ only for |Δ|/ω → 0: see `destruction_of_tunnelling`.

    It holds for |Δ| ≪ ω. Up to |Δ|/ω = ½ the error stays below |Δ|²/ω, and below
    |Δ|³/4ω² at ε₀ = 0.

    Parameters
    ----------
    amplitude : float or array_like
        A > 0, in rad per time.
    omega : float or array_like
        ω > 0, in rad per time.
    gap : float, complex or array_like
        Δ, the smallest distance of the levels, in rad per time.
    bias : float or array_like
        ε₀, in rad per time.

    Returns
    -------
    float or ndarray
        The splitting, in rad per time; populations beat at this angular frequency.

    Raises
    ------
    LzopenError
        If ``amplitude`` is negative or ``omega`` not positive, a value is not finite, or the
        shapes do not broadcast.

    Warns
    -----
    LzopenWarning
        If |Δ|/ω > 0.3; it carries the largest ratio. If A/ω or ε₀/ω exceeds 1e12, where
        rounding decides; it carries that number.

    References
    ----------
    S. N. Shevchenko, S. Ashhab, F. Nori, Phys. Rep. 492, 1 (2010).

    Examples
    --------
    >>> print(f"{quasienergy_splitting(amplitude=3.0, omega=1.0, gap=0.1):.6f}")
    0.026005
    """
    amplitude, omega, gap = _checked(amplitude, omega, gap)
    bias = finite("bias", bias)
    fitting(amplitude=amplitude, omega=omega, gap=gap, bias=bias)
    _warn_if_slow(omega, gap)
    depth, order = ratio(amplitude, omega), np.round(ratio(bias, omega))
    counted(np.maximum(depth, np.abs(order)))
    detuning = np.abs(np.fmod(bias, omega))
    return np.hypot(np.minimum(detuning, omega - detuning), np.abs(gap) * _bessel(order, depth))


def destruction_of_tunnelling(*, omega: Numeric, gap: Numeric) -> Numeric:
    """Smallest drive amplitude that stops tunnelling at ε₀ = 0, exact for any Δ < 2ω.

    There the two quasi-energies meet, so that after every period the qubit is back in
    its state. In the basis that a drive without gap diagonalises, the Floquet states of
    one parity belong to the matrix ::

        M_nk = nω δ_nk + ½Δ(−1)^k J_{k−n}(A/ω),   n, k = −24…24,

    and they meet where M has the eigenvalue 0. For Δ/ω → 0 that is A = 2.4048 ω, the
    first zero of J₀; A falls with growing Δ and reaches 0 at Δ = 2ω.

    Parameters
    ----------
    omega : float or array_like
        ω > 0, in rad per time.
    gap : float, complex or array_like
        Δ, with 0 < |Δ| < 2ω, in rad per time.

    Returns
    -------
    float or ndarray
        A, in rad per time, to a relative 1e-12.

    Raises
    ------
    LzopenError
        If ``omega`` is not positive, |Δ| does not lie between 0 and 2ω, a value is not
        finite, or the shapes do not broadcast.

    References
    ----------
    F. Grossmann, T. Dittrich, P. Jung, P. Hänggi, Phys. Rev. Lett. 67, 516 (1991).

    Examples
    --------
    >>> print(destruction_of_tunnelling(omega=1.0, gap=[0.05, 0.5, 1.0]).round(7))
    [2.4040983 2.3308415 2.0913634]
    """
    omega, gap = positive("omega", omega), finite_complex("gap", gap)
    fitting(omega=omega, gap=gap)
    width = ratio(np.abs(gap), omega)
    if np.any(np.equal(gap, 0) | (width >= 2)):
        remedy = "without a gap nothing tunnels; for a wider one drive faster"
        fail("gap", "lie between 0 and 2ω", gap, remedy)
    return omega * _first_meeting(width)[()]


def dithered_gap(
    *, amplitude: Numeric, omega: Numeric, gap: Numeric, order: Numeric = 0
) -> Numeric:
    """Gap of one crossing of a dithered sweep, Δ_n = ΔJ_n(A/ω).

    A sweep ε = αt + A cos ωt crosses a sideband at every αt = nω. Around one of them,
    |αt − nω| < ω/2, it acts like a sweep without dither with the gap Δ_n, so that
    P = exp(−π|Δ_n|²/2|α|). The whole sweep crosses all sidebands, ΣJ_n² = 1: for small Δ
    its P, averaged over the phase of the dither, is that without dither.

    It holds for |Δ| ≪ ω and √|α| ≪ ω, which keep the sidebands apart; the rate is no
    argument, so that the second is left to the caller.

    Parameters
    ----------
    amplitude : float or array_like
        A > 0, in rad per time.
    omega : float or array_like
        ω > 0, in rad per time.
    gap : float, complex or array_like
        Δ without dither, in rad per time.
    order : int or array_like
        n, of either sign.

    Returns
    -------
    float, complex or ndarray
        Δ_n, with the sign of J_n, in rad per time.

    Raises
    ------
    LzopenError
        If ``amplitude`` is negative or ``omega`` not positive, ``order`` is not whole, a value is
        not finite, or the shapes do not broadcast.

    Warns
    -----
    LzopenWarning
        If |Δ|/ω > 0.3; it carries the largest ratio. If A/ω exceeds 1e12, where rounding
        decides; it carries that number.

    References
    ----------
    S. N. Shevchenko, S. Ashhab, F. Nori, Phys. Rep. 492, 1 (2010).

    Examples
    --------
    >>> print(f"{dithered_gap(amplitude=50.0, omega=50.0, gap=1.0):.6f}")
    0.765198
    """
    amplitude, omega, gap = _checked(amplitude, omega, gap)
    order = finite("order", order)
    if np.any(np.not_equal(order, np.round(order))):
        fail("order", "be a whole number", order, "sidebands are numbered")
    fitting(amplitude=amplitude, omega=omega, gap=gap, order=order)
    _warn_if_slow(omega, gap)
    depth = ratio(amplitude, omega)
    counted(depth)
    return gap * _bessel(order, depth)


def _checked(amplitude: Numeric, omega: Numeric, gap: Numeric) -> tuple[Numeric, Numeric, Numeric]:
    amplitude, omega = not_negative("amplitude", amplitude), positive("omega", omega)
    return amplitude, omega, finite_complex("gap", gap)


def _bessel(order: Numeric, x: Numeric) -> Numeric:
    """J_n(x), and 0 in place of the NaN that huge arguments of no digits give."""
    return np.nan_to_num(jv(order, x))


def _half_phase(amplitude: Numeric, omega: Numeric, bias: Numeric, gap: Numeric) -> Numeric:
    """½∫E dt over the part of a period with ε > 0."""
    amplitude, bias, width = (np.asarray(x)[..., None] for x in (amplitude, bias, np.abs(gap)))
    # E is sharp at the crossing; with ωt = u sinh s from there its root becomes cosh s
    with np.errstate(over="ignore"):
        unit = width / np.sqrt(amplitude - bias) / np.sqrt(amplitude + bias)
    unit = np.clip(unit, *_SHARPNESS)
    reach = np.arccos(-bias / amplitude)
    half = 0.5 * np.arcsinh(reach / unit)
    s = half * (1 + _NODES)
    u = unit * np.sinh(s)
    energy = np.hypot(2 * amplitude * np.sin(reach - u / 2) * np.sin(u / 2), width)
    area = (half * _WEIGHTS * energy * unit * np.cosh(s)).sum(axis=-1)
    with np.errstate(over="ignore"):
        return np.minimum(area / omega, LARGEST)


@np.vectorize
def _first_meeting(width: float) -> float:
    top = float(jn_zeros(0, 1)[0]) + 1e-3
    return brentq(_mismatch, 0.0, top, args=(width,), xtol=1e-15, rtol=1e-14)


def _mismatch(x: float, width: float) -> float:
    """Twice det M over Δ times the minor at n = k = 0, for A/ω = x and Δ/ω = width."""
    n, sign = _HARMONICS, (-1.0) ** _HARMONICS
    edge = sign * jv(n, x)
    others = np.diag(n) + 0.5 * width * sign * jv(n - n[:, None], x)
    return float(j0(x) - 0.5 * width * edge @ np.linalg.solve(others, edge))


def _warn_if_slow(omega: Numeric, gap: Numeric) -> None:
    width = float(np.max(ratio(np.abs(gap), omega)))
    if width > _FAST:
        warn(
            f"The drive is slow, |Δ|/ω = {width:.3g}; the formula needs {_FAST:g} or less.",
            width,
            stacklevel=4,
            page="guide/two_levels#the-dithered-sweep",
        )
