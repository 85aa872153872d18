"""One linear crossing under strong dephasing in the diabatic basis."""

from __future__ import annotations

import numpy as np

from lzopen.errors import Numeric, fail, finite, positive, warn
from lzopen.theory.single import adiabaticity, checked, fitting

__all__ = ["strong_dephasing"]

_START = 0.1  # largest Δ²/(Γ² + α²t₀²) at which a start leaves no visible transient


def strong_dephasing(
    *,
    rate: Numeric,
    gap: Numeric,
    dephasing: Numeric | None = None,
    window: tuple[Numeric, Numeric] | None = None,
) -> Numeric:
    """Diabatic survival under strong dephasing, P = ½(1 + exp(−π|Δ|²/|α|)).

    Once coherence decays before it can act back, populations obey a rate equation,
    ż = −W(t) z with W = |Δ|²Γ/(Γ² + α²t²), where Γ is the decay rate of the
    coherence (white noise in ε, or a collapse operator √(Γ/2) σz). Hence ::

        P = ½[1 + exp(−(|Δ|²/|α|)(arctan(|α|t₁/Γ) − arctan(|α|t₀/Γ)))]

    in a window, and Kayanuma's result, which no longer depends on Γ, without one.
    The tails are slow: each end of the window leaves out ∫W dt ≈ |Δ|²Γ/α²|t|.

    It holds for Γ ≳ |α/Δ|; Γ ≫ |Δ| is not needed. For a start far from the crossing
    the largest error seen for 0.01 ≤ δ ≤ 3 is 0.03 after the crossing and 0.06 within
    it at Γ = |α/Δ|, and 0.003 and 0.012 at three times that. For less dephasing P
    lies between exp(−2πδ) and this. A start inside the crossing leaves a transient
    of about |Δ|²/(Γ² + α²t₀²).

    Parameters
    ----------
    rate : float or array_like
        α = dε/dt, in rad per time squared, of either sign.
    gap : float, complex or array_like
        Δ, the smallest distance of the levels, in rad per time.
    dephasing : float or array_like, optional
        Γ, per time. Without a window it only tells whether the formula holds.
    window : (float or array_like, float or array_like), optional
        Start and end, with the crossing at t = 0; default (−∞, ∞).

    Returns
    -------
    float or ndarray
        P, between ½ and 1.

    Raises
    ------
    LzopenError
        If ``rate`` is zero, ``dephasing`` is not positive or is missing although a
        window is given, the window ends before it starts, a value is not finite, or
        the shapes do not broadcast.

    Warns
    -----
    LzopenWarning
        If Γ|Δ/α| < 1, or if |Δ|²/(Γ² + α²t₀²) > 0.1; it carries that number.

    References
    ----------
    Y. Kayanuma, J. Phys. Soc. Jpn. 53, 108 (1984).

    Examples
    --------
    >>> print(f"{strong_dephasing(rate=1.0, gap=1.0):.6f}")
    0.521607
    >>> print(f"{strong_dephasing(rate=1.0, gap=1.0, dephasing=3.0, window=(-9, 9)):.6f}")
    0.541121
    """
    rate, gap = checked(rate, gap)
    Gamma = 1.0 if dephasing is None else positive("dephasing", dephasing)
    t0, t1 = (-np.inf, np.inf) if window is None else _checked_window(window, dephasing)
    fitting(rate=rate, gap=gap, dephasing=Gamma, window=t0 + t1)
    if dephasing is not None:
        _doubt(np.abs(rate), np.abs(gap), Gamma, t0)
    with np.errstate(over="ignore"):
        start, end = (np.arctan(np.abs(rate) * t / Gamma) for t in (t0, t1))
    return 0.5 * (1 + np.exp(-4 * adiabaticity(rate=rate, gap=gap) * (end - start)))


def _checked_window(window: Numeric, dephasing: Numeric | None) -> tuple[Numeric, Numeric]:
    if dephasing is None:
        fail("dephasing", "be given together with `window`", None)
    try:
        t0, t1 = window
    except (TypeError, ValueError):
        fail("window", "be a pair (t0, t1)", window)
    t0, t1 = finite("window", t0), finite("window", t1)
    fitting(start=t0, window=t1)
    if np.any(np.less(t1, t0)):
        fail("window", "end after it starts", window, "dephasing cannot run backwards")
    return t0, t1


def _doubt(rate: Numeric, gap: Numeric, Gamma: Numeric, t0: Numeric) -> None:
    with np.errstate(over="ignore"):
        strength = np.min(np.where(gap == 0, np.inf, Gamma * (gap / rate)))
        transient = np.max(np.square(gap / np.hypot(Gamma, rate * t0)))
    if strength < 1:
        warn(
            f"Dephasing is weak, Γ|Δ/α| = {strength:.3g}; the formula needs 1 or more.",
            float(strength),
            stacklevel=4,
            page="guide/theory#strong-dephasing",
        )
    if transient > _START:
        warn(
            f"The window starts inside the crossing, |Δ|²/(Γ² + α²t₀²) = {transient:.3g}; "
            "P is off by up to about this for some time, so start earlier.",
            float(transient),
            stacklevel=4,
        )
