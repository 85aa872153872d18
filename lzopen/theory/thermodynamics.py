"""Energy that one linear crossing leaves behind, and what it is mistaken for.

H(t) = ½(αt σz + Re Δ σx + Im Δ σy) with ``rate`` = α and ``gap`` = Δ; ħ = k_B = 1. Arguments
broadcast against one another; numbers in give a number out.
"""

from __future__ import annotations

import numpy as np

from lzopen import errors
from lzopen.errors import Numeric, fail, not_negative
from lzopen.theory.single import adiabaticity, checked, fitting, landau_zener

__all__ = ["excess_power", "inner_friction", "kibble_zurek"]


def excess_power(*, rate: Numeric, gap: Numeric, excited: Numeric = 0.0) -> Numeric:
    """Mean growth of the excess energy after one crossing, α[P(1 − p_e) + (1 − P)p_e].

    From the ground state it is αP, with P = exp(−π|Δ|²/2|α|): the upper level is occupied with
    probability P and rises above the lower one at the rate α.

    This is the mean rate at times t ≫ |Δ/α|, 1/√|α|. The power itself rings around it for long, by
    up to √(P(1 − P))|Δ/t| from the ground state, while the energy stays close to its mean. It is
    neither heat nor entropy: a closed drive exchanges no heat and keeps the entropy of the state;
    what it produces depends on the temperature, see `lzopen.work_statistics`. Repeated passages,
    each with a reset to the ground state at its end, dissipate αP/2 on average, since a passage
    climbs only in the second half of its time.

    Parameters
    ----------
    rate : float or array_like
        α = dε/dt, in rad per time squared, of either sign.
    gap : float, complex or array_like
        Δ, the smallest distance of the levels, in rad per time.
    excited : float or array_like
        p_e, the probability of the upper level before the crossing.

    Returns
    -------
    float or ndarray
        Excess energy above the ground state per time, in rad per time squared. Exact in the limit
        of long times, as a mean.

    Raises
    ------
    LzopenError
        If ``rate`` is zero, ``excited`` is not a probability, a value is not finite, or the shapes
        do not broadcast.

    References
    ----------
    C. Zener, Proc. R. Soc. A 137, 696 (1932).

    Examples
    --------
    >>> print(f"{excess_power(rate=1.0, gap=0.8):.5f}")
    0.36593
    >>> print(f"{excess_power(rate=1.0, gap=0.8, excited=0.5):.5f}")
    0.50000
    """
    rate, gap = checked(rate, gap)
    before = errors.probability("excited", excited)
    fitting(rate=rate, gap=gap, excited=before)
    P = landau_zener(rate=rate, gap=gap)
    return np.abs(rate) * (P * (1 - np.asarray(before)) + (1 - P) * before)


def inner_friction(
    *,
    probability: Numeric,
    initial_energy: Numeric,
    final_energy: Numeric,
    temperature: Numeric,
) -> Numeric:
    """Work of a drive on two thermal levels beyond that of a slow one, P E_f tanh(E_i/2T).

    Exact for any closed drive of two levels that starts in thermal equilibrium, by definition of
    its transition probability P; for a linear crossing from far before to far after it,
    P = exp(−π|Δ|²/2|α|). At T = 0 all of P E_f is left, at T = ∞ nothing. If the levels are as far
    apart at the end as at the start, it is also the irreversible work.

    Parameters
    ----------
    probability : float or array_like
        P, to pass from one energy level to the other.
    initial_energy, final_energy : float or array_like
        E_i and E_f, the distance of the levels at the start and at the end, in rad per time.
    temperature : float or array_like
        T ≥ 0 at the start, an energy; it may be infinite.

    Returns
    -------
    float or ndarray
        An energy, in rad per time. Levels of equal energy are equally occupied at T = 0 too.

    Raises
    ------
    LzopenError
        If ``probability`` is none, an energy or the temperature is negative, or the shapes do not
        broadcast.

    References
    ----------
    F. Plastina et al., Phys. Rev. Lett. 113, 260601 (2014).

    Examples
    --------
    >>> start, end = np.hypot(-6.0, 0.8), np.hypot(2.0, 0.8)
    >>> ends = {"initial_energy": start, "final_energy": end}
    >>> print(f"{inner_friction(probability=0.38159794, **ends, temperature=1 / 0.9):.6f}")
    0.814939
    """
    P = errors.probability("probability", probability)
    first = not_negative("initial_energy", initial_energy)
    last = not_negative("final_energy", final_energy)
    hot = _warmth(temperature)
    fitting(probability=P, initial_energy=first, final_energy=last, temperature=hot)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        cold = np.where(np.equal(first, 0), 0.0, np.divide(first, hot))
    return (np.multiply(P, last) * np.tanh(cold / 2))[()]


def kibble_zurek(*, rate: Numeric, gap: Numeric) -> Numeric:
    """Excitation in the Kibble-Zurek approximation, 2/(y² + y√(y² + 4) + 2), y = π|Δ|²/2|α|.

    The state is taken to follow the levels, to rest where they are closest, and to follow them
    again. What comes out, exp(−2 arsinh ½y), agrees with the exact P = e^{−y} to O(y²) only: it is
    0.004 % too large at y = 0.1, 0.5 % at 0.5 and 27 % at 2. It is algebraic, 1/y² for slow sweeps,
    where P is exponentially small: never use it for those. `landau_zener` is exact.

    Parameters
    ----------
    rate : float or array_like
        α = dε/dt, in rad per time squared, of either sign.
    gap : float, complex or array_like
        Δ, the smallest distance of the levels, in rad per time.

    Returns
    -------
    float or ndarray
        Probability to end excited, never below P.

    Raises
    ------
    LzopenError
        If ``rate`` is zero, a value is not finite, or the shapes do not broadcast.

    References
    ----------
    B. Damski, Phys. Rev. Lett. 95, 035701 (2005).

    Examples
    --------
    >>> gap = np.sqrt([0.2 / np.pi, 4 / np.pi])  # y = 0.1 and 2
    >>> print(kibble_zurek(rate=1.0, gap=gap).round(6))
    [0.904875 0.171573]
    >>> print(landau_zener(rate=1.0, gap=gap).round(6))
    [0.904837 0.135335]
    """
    y = 2 * np.pi * adiabaticity(rate=rate, gap=gap)
    return np.exp(-2 * np.arcsinh(y / 2))


def _warmth(temperature: Numeric) -> Numeric:
    """T ≥ 0, also ∞."""
    try:
        hot = np.asarray(temperature, dtype=float)
    except (TypeError, ValueError):
        fail("temperature", "be a number or an array of numbers", repr(temperature))
    if not np.all(hot >= 0):
        fail("temperature", "not be negative", hot)
    return hot
