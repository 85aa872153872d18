"""A level swept through a continuum, or standing in it, in closed form.

The continuum is a band of parallel levels with the density ρ(E), coupled to the level with
V(E). Only Γ(E) = 2π|V|²ρ, the rate at which a level at E escapes, matters.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.integrate import quad

from lzopen.errors import (
    Numeric,
    fail,
    finite,
    increasing,
    not_negative,
    not_zero,
    positive,
    single,
    warn,
)
from lzopen.theory.single import fitting

__all__ = ["bound_states", "continuum_survival", "fano_anderson_decay", "trapped_population"]

_QUADRATURE = 1e-9  # error of P that is worth a warning
_PANELS = 64  # of a band, each with 21 points or more
_QUAD: dict[str, Any] = {"limit": 1000, "epsabs": 0.0, "epsrel": 1e-11, "full_output": 1}
_NEWTON = 100


def continuum_survival(
    *, rate: Numeric, escape_rate: Numeric | Callable[[float], float], edges: Any
) -> Numeric:
    """Probability to stay in a level that is swept through a band, P = exp(−∫Γ(E)dE/|α|).

    Exact for a linear sweep from t = −∞ to ∞ through parallel levels. A band of
    discrete levels has exactly P = exp(−2πΣV_k²/|α|), whatever their number and distances:
    discretisation enters only through the quadrature of ∫Γ dE. A finite sweep must cover
    the band with a margin αT well beyond its edges; read out in the level itself it is off by order
    ΣV²/(αT)².

    Parameters
    ----------
    rate : float or array_like
        α = dε/dt, of either sign.
    escape_rate : float, array_like or callable
        Γ ≥ 0, in rad per time; a function is called with single energies. A peak narrower than a
        thousandth of the band may be missed: cut the band around it, and multiply the P of all.
    edges : (float, float)
        Lowest and highest energy of the band.

    Returns
    -------
    float or ndarray
        P, between 0 and 1.

    Raises
    ------
    LzopenError
        If ``rate`` is zero, Γ negative, or the edges do not increase.

    Warns
    -----
    LzopenWarning
        If the quadrature of Γ may leave P off by more than 1e-9.

    References
    ----------
    Yu. N. Demkov and V. I. Osherov, Sov. Phys. JETP 26, 916 (1968).

    Examples
    --------
    >>> import numpy as np
    >>> def lorentzian(E):
    ...     return 0.3 / (1 + E**2)
    >>> print(f"{continuum_survival(rate=1.0, escape_rate=lorentzian, edges=(-4.0, 4.0)):.5f}")
    0.45136
    """
    rate = np.abs(not_zero("rate", rate, "a level that stands still decays: fano_anderson_decay"))
    low, high = _band(edges)
    with np.errstate(over="ignore"):  # nothing stays
        if callable(escape_rate):
            total, error = _integral(escape_rate, low, high)
            population = np.exp(-total / rate)
            off = float(np.max(np.exp(-max(total - error, 0.0) / rate) - population))
            if off > _QUADRATURE:
                warn(f"∫Γ dE may be off by {error:.1e}, P by {off:.1e}: Γ(E) is too rough.", off)
            return population
        escape_rate = not_negative("escape_rate", escape_rate)
        fitting(rate=rate, escape_rate=escape_rate)
        return np.exp(-(escape_rate / rate) * (high - low))


def _integral(function: Callable[[float], float], low: float, high: float) -> tuple[float, float]:
    """∫Γ dE and its error; infinite where the sum of positive numbers overflows."""

    def rate(energy: float) -> Numeric:
        return not_negative("escape_rate", function(energy))

    inner = np.unique(np.linspace(low, high, _PANELS + 1))[1:-1]
    total, error = quad(rate, low, high, points=inner, **_QUAD)[:2]
    return (total, error) if np.isfinite(total) else (np.inf, 0.0)


def fano_anderson_decay(
    *, time: Numeric, escape_rate: Numeric, width: float = np.inf, density: float = np.inf
) -> Numeric:
    """Probability to be still in a level that stands in a band, P = e^{−Γt}.

    Exact for a band without edges, gaps or structure. In the middle of a flat band of width
    W ≫ Γ it is off by less than a relative 2Γ/W up to Γt = 3. Before 1/W the decay is quadratic
    in t, and a narrow band traps a part (`trapped_population`). Levels of density ρ come
    back into phase at t = 2πρ, when what has left returns.

    Parameters
    ----------
    time : float or array_like
        t ≥ 0 since the level was filled.
    escape_rate : float or array_like
        Γ > 0 at the energy of the level.
    width : float
        W, if the band has edges.
    density : float
        ρ, levels per energy, if the band is discrete.

    Returns
    -------
    float or ndarray
        P, between 0 and 1.

    Raises
    ------
    LzopenError
        If a time is negative, another argument is not positive, or shapes do not fit.

    Warns
    -----
    LzopenWarning
        If 0 < t < 1/W or t ≥ 2πρ for any time, or Γ > W/10.

    References
    ----------
    U. Fano, Phys. Rev. 124, 1866 (1961).

    Examples
    --------
    >>> print(f"{fano_anderson_decay(time=5.0, escape_rate=0.5, width=20.0, density=20.0):.5f}")
    0.08208
    """
    time = not_negative("time", time)
    escape_rate = positive("escape_rate", escape_rate, "without a rate nothing decays")
    fitting(time=time, escape_rate=escape_rate)
    _warn_outside(np.asarray(time), escape_rate, _limit("width", width), _limit("density", density))
    with np.errstate(over="ignore"):  # nothing stays
        return np.exp(-np.multiply(escape_rate, time))


def bound_states(
    *, escape_rate: Numeric, edges: Any, energy: Numeric = 0.0
) -> tuple[Numeric, Numeric]:
    """Bound states of a level that couples to a flat band, below and above it.

    A flat band with sharp edges E₋, E₊ always has two, at the solutions E_b of::

        E_b − ε = (Γ/2π) ln((E_b − E₋)/(E_b − E₊)),

    which hold the part Z = 1/(1 + Γ(E₊−E₋)/(2π(E_b−E₋)(E_b−E₊))) of the level. For Γ ≪ W they are
    exponentially close to the edges, and empty.

    Parameters
    ----------
    escape_rate : float or array_like
        Γ > 0 within the band.
    edges : (float, float)
        E₋ and E₊.
    energy : float or array_like
        ε, where the level stands, inside or outside the band.

    Returns
    -------
    energies : ndarray
        E_b, of shape (..., 2): below and above the band. Rounded to the edge
        where it is closer than that.
    weights : ndarray
        Z, of the same shape.

    Raises
    ------
    LzopenError
        If Γ is not positive, the edges do not increase, or shapes do not fit.

    References
    ----------
    U. Fano, Phys. Rev. 124, 1866 (1961).

    Examples
    --------
    >>> energies, weights = bound_states(escape_rate=1.0, edges=(-1.0, 1.0))
    >>> print(energies.round(6), weights.round(4))
    [-1.003657  1.003657] [0.0225 0.0225]
    """
    escape_rate = positive("escape_rate", escape_rate, "without a rate the level stands alone")
    energy = finite("energy", energy)
    fitting(escape_rate=escape_rate, energy=energy)
    low, high = _band(edges)
    width = high - low
    coupling = np.asarray(escape_rate)[..., None] / (2 * np.pi * width)  # of energies in units of W
    coupling = np.maximum(coupling, np.finfo(float).tiny)
    inside = np.stack([np.subtract(energy, low), np.subtract(high, energy)], axis=-1) / width
    with np.errstate(over="ignore"):  # for states at the edge, of no weight
        u = _logarithm(coupling, inside)
        beyond = 1 / np.expm1(u)
        weights = 1 / (1 + coupling * 4 * np.sinh(u / 2) ** 2)
    return np.array([low, high]) + width * beyond * [-1, 1], weights


def trapped_population(*, escape_rate: Numeric, edges: Any, energy: Numeric = 0.0) -> Numeric:
    """Mean probability to stay for ever in a level that stands in a flat band, P = Z₋² + Z₊².

    The two `bound_states` never decay; once all else has, the population swings between
    (Z₊ − Z₋)² and (Z₊ + Z₋)². For a level in the middle, Z₋ = Z₊ = Z, the mean is 2Z². It holds
    after the decay and, where the levels are discrete, before their recurrence.

    Parameters
    ----------
    escape_rate : float or array_like
        Γ > 0 within the band.
    edges : (float, float)
        Lowest and highest energy of the band.
    energy : float or array_like
        Where the level stands.

    Returns
    -------
    float or ndarray
        Time average of the population.

    Raises
    ------
    LzopenError
        If Γ is not positive, the edges do not increase, or shapes do not fit.

    Examples
    --------
    >>> print(f"{trapped_population(escape_rate=1.0, edges=(-1.0, 1.0)):.5f}")
    0.00101
    """
    weights = bound_states(escape_rate=escape_rate, edges=edges, energy=energy)[1]
    return (weights**2).sum(axis=-1)


def _logarithm(coupling: Any, inside: Any) -> Any:
    """Solve coupling·u = 1/(e^u − 1) + inside for u = ln(1 + W/x), x the distance to the edge.

    The difference of both sides rises with u, ever less steeply, so that Newton's method from
    below the root never passes it. It starts where coupling·u = 1/u − 1/2 + inside, as for small u.
    """
    slope = 0.5 - inside
    root = np.hypot(slope, 2 * np.sqrt(coupling))
    u = np.where(slope > 0, 2 / (root + np.abs(slope)), (root - slope) / (2 * coupling))
    for _ in range(_NEWTON):
        beyond = 1 / np.expm1(u)
        step = (beyond + inside - coupling * u) / (coupling + beyond * (1 + beyond))
        u = u + np.maximum(step, 0.0)
        if np.all(step <= 1e-15 * u):
            break
    return u


def _band(edges: Any) -> tuple[float, float]:
    band = increasing("edges", edges, "give the lowest energy first")
    if band.shape != (2,):
        fail("edges", "be two energies (lowest, highest)", band)
    return float(band[0]), float(band[1])


def _limit(argument: str, value: float) -> float:
    is_none = np.ndim(value) == 0 and value == np.inf
    return np.inf if is_none else float(single(argument, positive(argument, value)))


def _warn_outside(time: Any, escape_rate: Numeric, width: float, density: float) -> None:
    page = "guide/continuum#the-level-that-stands"
    early, late = (time > 0) & (time < 1 / width), time >= 2 * np.pi * density
    if np.any(early):
        first = float(time[early].min())
        message = f"At t = {first:.3g} < 1/W = {1 / width:.3g} the decay is not yet exponential."
        warn(message, first, 4, page)
    if np.any(late):
        last = float(time.max())
        message = f"At t = {last:.4g} the levels have come into phase again, 2πρ = "
        warn(f"{message}{2 * np.pi * density:.4g}; what has left returns.", last, 4, page)
    strongest = float(np.max(escape_rate))
    if strongest > width / 10:
        message = f"Γ = {strongest:.3g} is not small against W = {width:.3g}: part of the level is"
        warn(f"{message} trapped, see trapped_population.", strongest, 4, page)
