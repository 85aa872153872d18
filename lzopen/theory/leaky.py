"""A crossing whose other level leaks."""

from __future__ import annotations

import numpy as np

from lzopen.errors import Numeric, not_negative, positive, warn
from lzopen.theory.single import adiabaticity, checked, fitting

__all__ = ["leaky_survival"]

_FILTERED = 10.0  # smallest ΓT: the ripple of the unitary crossing dies like e^{−ΓT/2}
_INSIDE = 0.3  # largest |Δ/α|/T: the square of it, halved, is the error of P


def leaky_survival(
    *, rate: Numeric, gap: Numeric, leak: Numeric, time: Numeric | None = None
) -> Numeric:
    """Survival of level 0 when the other level leaks, P = exp[−(|Δ|²/|α|) arctan(2|α|T/Γ)].

    H(t) = ½(αt σz + Re Δ σx + Im Δ σy) − ½iΓ|1⟩⟨1|, from −T to T. In the limit
    T → ∞ this is the Landau–Zener probability for any Γ: the leak does not matter. In a
    finite window survival *grows* with Γ, by the factor 1 + |Δ|²Γ/2α²T from its tails,
    so that the limit needs T ≫ |Δ|²Γ/2α².

    All of this holds for one linear sweep at constant gap and constant Γ, with the leak
    on the *other* diabatic level. It fails for a leak in pulses or on the initial level,
    for curved sweeps, and for double passages. In a finite window, which starts and ends
    in diabatic level 0, the relative error is |Δ|²/2α²T², and the ripple of the unitary
    crossing, of order Δ/αT, adds to it unless ΓT ≫ 1.

    Parameters
    ----------
    rate : float or array_like
        α = dε/dt, in rad per time squared, of either sign.
    gap : float, complex or array_like
        Δ, in rad per time.
    leak : float or array_like
        Γ ≥ 0, the rate at which the population of level 1 is lost, per time.
    time : float or array_like, optional
        T > 0, half the length of the window around the crossing; default ∞.

    Returns
    -------
    float or ndarray
        P, between 0 and 1.

    Raises
    ------
    LzopenError
        If ``rate`` is zero, ``leak`` negative, ``time`` not positive, a value is not
        finite, or the shapes do not broadcast.

    Warns
    -----
    LzopenWarning
        If ``time`` is given and ΓT < 10, or |Δ/α|/T > 0.3; it carries that number.

    References
    ----------
    V. M. Akulin, W. P. Schleich, Phys. Rev. A 46, 4110 (1992).
    N. V. Vitanov, S. Stenholm, Phys. Rev. A 55, 2982 (1997).

    Examples
    --------
    >>> print(f"{leaky_survival(rate=1.0, gap=1.0, leak=5.0):.7f}")
    0.2078796
    >>> print(f"{leaky_survival(rate=1.0, gap=1.0, leak=5.0, time=200.0):.7f}")
    0.2104942
    """
    rate, gap = checked(rate, gap)
    leak = not_negative("leak", leak)
    T = np.inf if time is None else positive("time", time)
    fitting(rate=rate, gap=gap, leak=leak, time=T)
    unit = np.sqrt(np.abs(rate))
    with np.errstate(over="ignore"):
        if time is not None:
            _doubt(float(np.min(leak * T)), float(np.max(np.abs(gap) / unit / (unit * T))))
        angle = np.arctan2(2 * unit * T, leak / unit)
    return np.exp(-4 * adiabaticity(rate=rate, gap=gap) * angle)


def _doubt(filtered: float, inside: float) -> None:
    if filtered < _FILTERED:
        warn(
            f"The leak is too weak for its window, ΓT = {filtered:.3g}; below {_FILTERED:g} the "
            "ripple of the unitary crossing is left.",
            filtered,
            stacklevel=4,
            page="guide/many_levels#a-leaky-level",
        )
    if inside > _INSIDE:
        warn(
            f"The window ends inside the crossing, |Δ/α|/T = {inside:.3g}; P is off by half of "
            "its square.",
            inside,
            stacklevel=4,
            page="guide/many_levels#a-leaky-level",
        )
