"""The linear crossing in a finite window, exactly.

With τ = √α t each diabatic amplitude obeys Weber's equation. Its even and odd
solutions give the propagator from t = 0, which is entire in t, α and Δ: one
expression serves both signs of the rate, a gap that vanishes, and all times, and
no pair of exponentially different functions ever has to cancel.
"""

from __future__ import annotations

import mpmath
import numpy as np

from lzopen.errors import Numeric, fail, finite
from lzopen.theory.single import checked, fitting, unitary

__all__ = ["finite_time_propagator"]

_DIGITS = 50  # αt² is then exact, and with it the phase at any t
_NORM_ERROR = 1e-18  # allowed to a column before it is rounded to float64
_HOPELESS = 1e4, 5e4  # δ and |Δt| beyond which M takes minutes not to converge
_HUGE = 1e40  # δ beyond which it does so at any time; below 1/_HUGE² δ is 0 to 50 digits


def finite_time_propagator(*, rate: Numeric, gap: Numeric, t0: Numeric, t1: Numeric) -> Numeric:
    """Propagator U(t₁, t₀) of one linear crossing, in the diabatic basis.

    U(t₁,t₀) = V(t₁)V(t₀)†, where V(t) = [[a, −b*], [b, a*]] starts at t = 0 and ::

        a = e^{−iαt²/4} M(iδ/2, ½, iαt²/2)
        b = −½iΔt e^{−iαt²/4} M(1 + iδ/2, 3/2, iαt²/2)

    with Kummer's function M and δ = |Δ|²/4α, which here takes the sign of α.
    Exact for any window. These are the even and odd parabolic cylinder functions. M is
    evaluated with mpmath at 50 digits and its norm is checked: about 2 ms for each
    distinct (rate, gap, t) up to δ = 100, about a second at worst for δ = 1000.

    Parameters
    ----------
    rate : float or array_like
        α = dε/dt, in rad per time squared, of either sign.
    gap : float, complex or array_like
        Δ, in rad per time; Re Δ multiplies ½σx, Im Δ ½σy.
    t0, t1 : float or array_like
        Start and end, with the crossing at t = 0. Any order: U(t₀,t₁) = U(t₁,t₀)†.

    Returns
    -------
    ndarray
        Complex, shape (..., 2, 2), unitary with determinant 1. The entries are
        right to about 1e-15.

    Raises
    ------
    LzopenError
        If ``rate`` is zero, a value is not finite, the shapes do not broadcast, or
        M does not converge, which begins around δ = 3000 for |αt| near and above Δ.

    References
    ----------
    N. V. Vitanov, B. M. Garraway, Phys. Rev. A 53, 4288 (1996).

    Examples
    --------
    >>> U = finite_time_propagator(rate=1.3, gap=0.9, t0=-4.0, t1=7.0)
    >>> print(f"{U[0, 0]:.12f}, flipped {abs(U[1, 0])**2:.12f}")
    -0.202427201723+0.615492412255j, flipped 0.580192318459
    """
    rate, gap = checked(rate, gap)
    t0, t1 = finite("t0", t0), finite("t1", t1)
    fitting(rate=rate, gap=gap, t0=t0, t1=t1)
    back = np.conj(np.swapaxes(_from_crossing(rate, gap, t0), -1, -2))
    return _from_crossing(rate, gap, t1) @ back


def _from_crossing(rate: Numeric, gap: Numeric, t: Numeric) -> Numeric:
    context = mpmath.MPContext()  # our own: the global precision is not ours to touch
    context.dps = _DIGITS
    points = np.broadcast(rate, gap, t)
    columns = [_column(context, *(complex(x) for x in point)) for point in points]
    a, b = np.array(columns, dtype=complex).reshape(-1, 2).T
    return unitary(a.reshape(points.shape), b.reshape(points.shape))


def _column(
    context: mpmath.MPContext, rate: complex, gap: complex, t: complex
) -> tuple[complex, complex]:
    try:
        a, b = _amplitudes(context, rate.real, gap, t.real)
    except (ValueError, context.NoConvergence):
        a = b = context.mpc(context.nan)
    if not abs(abs(a) ** 2 + abs(b) ** 2 - 1) < _NORM_ERROR:  # NaN does not pass either
        state = f"{gap:g} with rate {rate.real:g} at t = {t.real:g}"
        fail("gap", "let Kummer's function converge", state, "solve the equation instead")
    return complex(a), complex(b)


def _amplitudes(
    context: mpmath.MPContext, rate: float, gap: complex, t: float
) -> tuple[mpmath.mpc, mpmath.mpc]:
    alpha, Delta = context.mpf(rate), context.mpc(gap)
    delta, turns = abs(Delta) ** 2 / (4 * alpha), abs(Delta * t)
    if abs(delta) > _HUGE or (abs(delta) > _HOPELESS[0] and turns > _HOPELESS[1]):
        raise context.NoConvergence
    order = context.mpc(0, delta / 2 if abs(delta) > 1 / _HUGE**2 else 0)
    z = context.mpc(0, alpha * context.mpf(t) ** 2 / 2)
    phase = context.exp(-z / 2)
    a = phase * context.hyp1f1(order, context.mpf(1) / 2, z)
    b = phase * context.hyp1f1(1 + order, context.mpf(3) / 2, z)
    return a, context.mpc(0, -0.5) * Delta * t * b
