"""Sidebands of a fast drive, ε(t) = ε₀ + A cos ωt, and the rate at which they flip a qubit.

Every ε₀ = nω is a resonance with the gap Δ_n = ΔJ_n(A/ω). Arguments broadcast.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from scipy.special import jv, voigt_profile

from lzopen.errors import (
    Numeric,
    fail,
    finite,
    finite_complex,
    not_negative,
    positive,
    probability,
    warn,
)
from lzopen.theory.floats import ratio, strength
from lzopen.theory.single import fitting

__all__ = ["fast_passage_rate"]

_DEEPEST = 1e4  # A/ω; as many sidebands are summed one by one
_NARROW = 0.3  # largest |Δ|²/ω in units of the width of a resonance
_CHECKS = {
    "amplitude": not_negative,
    "omega": positive,
    "bias": finite,
    "gap": finite_complex,
    "relaxation_rate": positive,
    "coherence_rate": positive,
    "bias_deviation": not_negative,
    "equilibrium": probability,
    "duration": not_negative,
    "initial": probability,
    "k_bias": finite,
    "k_amplitude": finite,
}


def fast_passage_rate(
    *,
    amplitude: Numeric,
    omega: Numeric,
    bias: Numeric,
    gap: Numeric,
    coherence_rate: Numeric,
    bias_deviation: Numeric = 0.0,
) -> Numeric:
    """Rate at which a fast drive exchanges the diabatic populations.

    To second order in Δ, with Δ_n = ΔJ_n(A/ω) ::

        W = ½ Σ_n |Δ_n|² Γ2/(Γ2² + (ε₀ − nω)²),

    and with Gaussian noise of ε₀ of standard deviation σ, slow against Γ2, the same with
    every Lorentzian turned into a Voigt profile. What the sum leaves out is below
    1e-32 |Δ|²/Γ2.

    It holds for |Δ|²/ω well below the width. The next order moves the resonances off nω
    by up to ½|Δ|²/ω: the largest relative error seen is 0.55 |Δ|²/(ωΓ2), on their flanks.

    Parameters
    ----------
    amplitude : float or array_like
        A, from 0 to 1e4 ω, in rad per time. The time to compute grows like A/ω.
    omega : float or array_like
        ω > 0, in rad per time.
    bias : float or array_like
        ε₀, in rad per time.
    gap : float, complex or array_like
        Δ, the smallest distance of the levels, in rad per time.
    coherence_rate : float or array_like
        Γ2 = 1/T2 > 0, which is Γφ + 1/2T1.
    bias_deviation : float or array_like
        σ ≥ 0, in rad per time.

    Returns
    -------
    float or ndarray
        W ≥ 0, per time and in each direction, to a relative 2e-12.

    Raises
    ------
    LzopenError
        If ``omega`` or ``coherence_rate`` is not positive, ``amplitude`` or ``bias_deviation`` is
        negative, ``amplitude`` exceeds 1e4 ω, a value is not finite, or the shapes do not
        broadcast.

    Warns
    -----
    LzopenWarning
        If |Δ|²/ω exceeds 0.3 √(Γ2² + σ²); it carries the largest ratio.

    References
    ----------
    D. M. Berns et al., Phys. Rev. Lett. 97, 150502 (2006).

    Examples
    --------
    >>> drive = {"amplitude": 12.0, "omega": 1.0, "bias": 5.3, "gap": 0.05}
    >>> print(f"{fast_passage_rate(**drive, coherence_rate=1 / 3):.6e}")
    7.500835e-05
    """
    A, omega, bias, gap, Gamma2, bias_deviation = checked(
        amplitude=amplitude,
        omega=omega,
        bias=bias,
        gap=gap,
        coherence_rate=coherence_rate,
        bias_deviation=bias_deviation,
    )
    doubt_width(omega, gap, np.hypot(Gamma2, bias_deviation))
    return summed_rate(A, omega, bias, gap, Gamma2, bias_deviation)


def checked(**arguments: Numeric) -> tuple[Numeric, ...]:
    """The arguments, in the order given, once they make sense and fit one another."""
    values = {name: _CHECKS[name](name, value) for name, value in arguments.items()}
    fitting(**values)
    if np.any(ratio(values.get("amplitude", 0.0), values["omega"]) > _DEEPEST):
        must = f"not exceed {_DEEPEST:g} times `omega`"
        fail("amplitude", must, values["amplitude"], "so many sidebands are a continuum")
    if "relaxation_rate" in values and np.any(
        np.less(values["coherence_rate"], np.multiply(values["relaxation_rate"], 0.5))
    ):
        must = "be at least half of `relaxation_rate`"
        fail("coherence_rate", must, values["coherence_rate"], "1/T2 = 1/Tφ + 1/2T1")
    return tuple(values.values())


def sidebands(A: Numeric, omega: Numeric, bias: Numeric) -> Iterator[tuple[Numeric, Numeric]]:
    """ε₀ − nω and J_n(A/ω)² for every n that counts."""
    depth = ratio(A, omega)
    deepest = float(np.max(depth, initial=0.0))
    last = int(deepest + 12 * np.cbrt(deepest) + 12)  # J_n² < 1e-36 beyond
    for n in range(last + 1):
        weight = np.square(jv(n, depth))
        for side in {n, -n}:
            yield np.subtract(bias, np.multiply(side, omega)), weight


def summed_rate(
    A: Numeric,
    omega: Numeric,
    bias: Numeric,
    gap: Numeric,
    Gamma2: Numeric,
    bias_deviation: Numeric = 0.0,
) -> Numeric:
    """W, from checked arguments."""
    width = np.hypot(Gamma2, bias_deviation)
    total = 0.0
    for detuning, weight in sidebands(A, omega, bias):
        profile = voigt_profile(ratio(detuning, width), bias_deviation / width, Gamma2 / width)
        total = total + weight * profile
    return 0.5 * np.pi * strength(gap, width) * total


def doubt_width(omega: Numeric, gap: Numeric, width: Numeric, stacklevel: int = 5) -> None:
    """Doubt resonances that the next order in Δ moves by more than a part of their width."""
    doubt(
        ratio(strength(gap, width), omega),
        _NARROW,
        "Resonances are narrow: |Δ|²/ω is {:.3g} of their width, and they lie off nω by up to "
        "half of this; the formula needs {:g} or less.",
        stacklevel,
    )


def doubt(number: Numeric, limit: float, message: str, stacklevel: int = 4) -> None:
    """Warn if any number exceeds its limit; the message shows both."""
    largest = float(np.max(number, initial=0.0))
    if largest > limit:
        warn(message.format(largest, limit), largest, stacklevel)
