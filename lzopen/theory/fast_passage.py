"""A qubit under a fast drive, ε(t) = ε₀ + A cos ωt, with relaxation and dephasing.

Every ε₀ = nω is a resonance with the gap Δ_n = ΔJ_n(A/ω). Populations obey a rate
equation in which the rates of all resonances add. Arguments broadcast.
"""

from __future__ import annotations

import numpy as np
from scipy.special import jv

from lzopen.errors import Numeric, fail
from lzopen.theory.floats import ratio, strength
from lzopen.theory.sidebands import checked, doubt, doubt_width, sidebands, summed_rate

__all__ = ["fast_passage", "fast_passage_sum"]

_COHERENT = 0.1  # largest W/Γ2 at which populations follow a rate equation from the start
_EXCESS = 0.01  # of the sum of resonances over the steady state


def fast_passage(
    *,
    amplitude: Numeric,
    omega: Numeric,
    bias: Numeric,
    gap: Numeric,
    relaxation_rate: Numeric,
    coherence_rate: Numeric,
    equilibrium: Numeric = 0.0,
    bias_deviation: Numeric = 0.0,
    duration: Numeric | None = None,
    initial: Numeric | None = None,
) -> Numeric:
    """Population of the upper diabatic level under a fast drive, averaged over a period.

    With W as in `fast_passage_rate`, Ṗ = W(1 − 2P) − Γ1(P − p), so that ::

        P̄ = (W + Γ1 p)/(2W + Γ1),   P(t) = P̄ + (P(0) − P̄) e^{−(2W + Γ1)t}.

    The rates add, not the populations, so that P̄ lies between p and ½ however much the
    resonances overlap. A measured P̄ gives W = Γ1(P̄ − p)/(1 − 2P̄).

    It holds for |Δ|²/ω well below the width of the nearest resonance,
    w = √(Γ2² + σ² + |Δ_n|²Γ2/Γ1): the largest error of P̄ seen is 0.15 |Δ|²/(ωw), for
    |Δ|/ω from 0.01 to 2 and σ = 0. P(t) needs W ≪ Γ2 as well, else the levels oscillate
    coherently first; the largest error seen for W < 0.1 Γ2 is 0.06.

    Relaxation leads to fixed diabatic populations. A cold bath that follows ε(t) empties the
    upper level of each moment: for slow relaxation, Γ1 ≪ ω, and A > |ε₀| it acts like
    p = arccos(|ε₀|/A)/π, the share of a period in which the levels have changed places (in
    general, the thermal population averaged over a period).

    σ belongs to noise that is slow against Γ2 but fast against 2W + Γ1. Slower noise
    averages P̄, not W, and that mean is closer to p.

    Parameters
    ----------
    amplitude : float or array_like
        A, from 0 to 1e4 ω, in rad per time.
    omega : float or array_like
        ω > 0, in rad per time.
    bias : float or array_like
        ε₀, in rad per time. For ε₀ > 0 the upper diabatic level is level 0.
    gap : float, complex or array_like
        Δ, the smallest distance of the levels, in rad per time.
    relaxation_rate : float or array_like
        Γ1 = 1/T1 > 0.
    coherence_rate : float or array_like
        Γ2 = 1/T2 = Γφ + Γ1/2.
    equilibrium : float or array_like
        p, the population to which Γ1 leads.
    bias_deviation : float or array_like
        σ ≥ 0, standard deviation of ε₀, in rad per time.
    duration : float or array_like, optional
        Length t of the drive; default the steady state.
    initial : float or array_like, optional
        P(0); default ``equilibrium``.

    Returns
    -------
    float or ndarray
        P̄ or P(t), between 0 and 1.

    Raises
    ------
    LzopenError
        If ``omega`` or a rate is not positive, ``coherence_rate`` is less than half of
        ``relaxation_rate``, ``amplitude``, ``bias_deviation`` or ``duration`` is negative,
        ``amplitude`` exceeds 1e4 ω, a population does not lie between 0 and 1, ``initial``
        is given without ``duration``, a value is not finite, or the shapes do not broadcast.

    Warns
    -----
    LzopenWarning
        If |Δ|²/ωw > 0.3; it carries the largest ratio. If a duration is given and
        W/Γ2 > 0.1; it carries that ratio.

    References
    ----------
    W. D. Oliver et al., Science 310, 1653 (2005).
    D. M. Berns et al., Phys. Rev. Lett. 97, 150502 (2006).

    Examples
    --------
    >>> qubit = {"gap": 0.05, "relaxation_rate": 5e-6, "coherence_rate": 1.0}
    >>> drive = {"amplitude": 12.0, "omega": 1.0, "bias": 5.3}
    >>> print(f"{fast_passage(**qubit, **drive):.7f}")
    0.4890282
    >>> print(f"{fast_passage(**qubit, **drive, duration=1000.0):.7f}")
    0.0996449
    """
    if duration is None and initial is not None:
        fail("initial", "come with `duration`", initial, "a steady state forgets it")
    A, omega, bias, gap, Gamma1, Gamma2, p, bias_deviation, t, start = checked(
        amplitude=amplitude,
        omega=omega,
        bias=bias,
        gap=gap,
        relaxation_rate=relaxation_rate,
        coherence_rate=coherence_rate,
        equilibrium=equilibrium,
        bias_deviation=bias_deviation,
        duration=0.0 if duration is None else duration,
        initial=equilibrium if initial is None else initial,
    )
    _doubt_resonance(A, omega, bias, gap, Gamma1, Gamma2, bias_deviation)
    W = summed_rate(A, omega, bias, gap, Gamma2, bias_deviation)
    steady = (W + Gamma1 * p) / (2 * W + Gamma1)
    if duration is None:
        return steady
    doubt(
        ratio(W, Gamma2),
        _COHERENT,
        "The levels oscillate before they follow the rate, W/Γ2 = {:.3g}; a population after "
        "some time needs {:g} or less.",
    )
    with np.errstate(over="ignore"):
        return start - (steady - start) * np.expm1(-(2 * W + Gamma1) * t)


def fast_passage_sum(
    *,
    amplitude: Numeric,
    omega: Numeric,
    bias: Numeric,
    gap: Numeric,
    relaxation_rate: Numeric,
    coherence_rate: Numeric,
) -> Numeric:
    """Population of the upper diabatic level as a sum of separate resonances.

    The textbook form, with Δ_n = ΔJ_n(A/ω), Γ1 = 1/T1, Γ2 = 1/T2 and an empty upper
    level in equilibrium ::

        P̄ = ½ Σ_n |Δ_n|²/[|Δ_n|² + (T2/T1)(ε₀ − nω)² + 1/(T1T2)].

    Each term is `fast_passage` with one resonance alone. Where resonances overlap every
    term saturates by itself, and the sum passes ½, and even 1. It is here for comparison;
    compute with `fast_passage`, whose limits on |Δ| it shares.

    Parameters
    ----------
    amplitude : float or array_like
        A, from 0 to 1e4 ω, in rad per time.
    omega : float or array_like
        ω > 0, in rad per time.
    bias : float or array_like
        ε₀, in rad per time.
    gap : float, complex or array_like
        Δ, the smallest distance of the levels, in rad per time.
    relaxation_rate : float or array_like
        Γ1 > 0.
    coherence_rate : float or array_like
        Γ2 ≥ Γ1/2.

    Returns
    -------
    float or ndarray
        P̄, which is not bounded. What the sum leaves out is below 1e-32 |Δ|²T1T2.

    Raises
    ------
    LzopenError
        As `fast_passage`.

    Warns
    -----
    LzopenWarning
        If it exceeds `fast_passage` by more than 0.01; it carries the largest excess. If
        |Δ|²/ω exceeds 0.3 of the width, as in `fast_passage`.

    References
    ----------
    S. N. Shevchenko, S. Ashhab, F. Nori, Phys. Rep. 492, 1 (2010).

    Examples
    --------
    >>> qubit = {"gap": 0.05, "relaxation_rate": 1 / 2000, "coherence_rate": 1 / 300}
    >>> print(f"{fast_passage_sum(**qubit, amplitude=7.3, omega=1.0, bias=3.0):.7f}")
    0.4948425
    """
    A, omega, bias, gap, Gamma1, Gamma2 = checked(
        amplitude=amplitude,
        omega=omega,
        bias=bias,
        gap=gap,
        relaxation_rate=relaxation_rate,
        coherence_rate=coherence_rate,
    )
    _doubt_resonance(A, omega, bias, gap, Gamma1, Gamma2)
    total = 0.0
    saturation = strength(ratio(np.abs(gap), np.sqrt(Gamma1)), Gamma2)
    for detuning, weight in sidebands(A, omega, bias):
        with np.errstate(over="ignore"):
            flank = 1 + np.square(ratio(detuning, Gamma2))
        total = total + 0.5 * weight * saturation / (weight * saturation + flank)
    W = summed_rate(A, omega, bias, gap, Gamma2)
    doubt(
        total - W / (2 * W + Gamma1),
        _EXCESS,
        "Resonances overlap, and their sum exceeds the steady state by {:.3g}, more than {:g}; "
        "use fast_passage.",
    )
    return total


def _doubt_resonance(
    A: Numeric,
    omega: Numeric,
    bias: Numeric,
    gap: Numeric,
    Gamma1: Numeric,
    Gamma2: Numeric,
    bias_deviation: Numeric = 0.0,
) -> None:
    """Doubt narrow resonances, the nearest being broadened by saturation."""
    nearest = np.nan_to_num(jv(np.round(ratio(bias, omega)), ratio(A, omega)))
    with np.errstate(over="ignore"):
        saturated = np.abs(np.multiply(gap, nearest)) * np.sqrt(ratio(Gamma2, Gamma1))
        width = np.hypot(np.hypot(Gamma2, bias_deviation), saturated)
    doubt_width(omega, gap, width, stacklevel=6)
