"""Two passages through one crossing: their interference, and how it is washed out.

The bias rises at the rate α to the turning point ε_max and returns, or falls to
−ε_max and returns for a negative rate, as in `lzopen.DoublePassage`. With the whole
phase ζ between the crossings, P = exp(−2πδ) and the Stokes phase φ_S everything
follows from two transfer matrices: asymptotic in ε_max ≫ |Δ|, √|α|. Arguments
broadcast against one another; numbers in give a number out.
"""

from __future__ import annotations

import numpy as np

from lzopen.errors import (
    Numeric,
    fail,
    finite,
    finite_complex,
    not_negative,
    positive,
    warn,
)
from lzopen.theory.floats import LARGEST, counted
from lzopen.theory.single import adiabaticity, checked, fitting, stokes_phase

__all__ = [
    "detuning_coherence",
    "double_passage",
    "dynamic_phase",
    "washed_double_passage",
]

_DEVIATIONS = 5.0  # least ε_max in units of σ_ε
_REACH = 2.0  # least ε_max in units of |Δ| and of √|α| for two separate passages
_DARK = 100.0  # σ at which a visibility e^{−σ²/2} has long been zero


def dynamic_phase(*, rate: Numeric, gap: Numeric, turning_point: Numeric) -> Numeric:
    """Phase between the two crossings, ζ = ∫E dt with E = √(ε² + |Δ|²).

    ::

        ζ = [ε_max E_max + |Δ|² arsinh(ε_max/|Δ|)] / |α|,   E_max = √(ε_max² + |Δ|²)

    Exact, since it is no more than the integral, from ε = 0 to ε_max and back; but two
    passages that interfere with this phase need ε_max ≫ |Δ|, √|α|.

    Parameters
    ----------
    rate : float or array_like
        α, in rad per time squared, of either sign.
    gap : float, complex or array_like
        Δ, the smallest distance of the levels, in rad per time.
    turning_point : float or array_like
        ε_max > 0, the largest bias, in rad per time.

    Returns
    -------
    float or ndarray
        ζ in rad, not reduced by multiples of 2π, up to 1e300.

    Raises
    ------
    LzopenError
        If ``rate`` is zero, ``turning_point`` is not positive, a value is not finite,
        or the shapes do not broadcast.

    Warns
    -----
    LzopenWarning
        If ε_max is less than twice |Δ| or √|α|; it carries the ratio.

    References
    ----------
    S. N. Shevchenko, S. Ashhab, F. Nori, Phys. Rep. 492, 1 (2010).

    Examples
    --------
    >>> print(f"{dynamic_phase(rate=1.0, gap=1.0, turning_point=30.0):.9f}")
    904.594483413
    """
    rate, gap, turning_point = checked_sweep(rate, gap, turning_point)
    doubt_separation(rate, gap, turning_point, _REACH)
    return integrated_energy(rate, gap, turning_point)


def integrated_energy(rate: Numeric, gap: Numeric, turning_point: Numeric) -> Numeric:
    """ζ, whether or not the passages are separate."""
    width, speed = np.abs(gap), np.abs(rate)
    with np.errstate(over="ignore", divide="ignore"):
        x = np.clip(np.divide(turning_point, width), 1 / LARGEST, LARGEST)  # ∞ without a gap
        mean = np.hypot(turning_point, width) + width * np.arcsinh(x) / x
        return np.minimum(turning_point / speed * mean, LARGEST)


def double_passage(
    *, rate: Numeric, gap: Numeric, phase: Numeric, geometric_phase: Numeric = 0.0
) -> Numeric:
    """Transition probability of two passages, 4P(1−P) sin²(ζ/2 + φ_S).

    The probability to end in the other diabatic state, which after both passages is
    also the other energy eigenstate. If the gap turns from Δ to Δe^{iφ} between the
    passages, ζ becomes ζ − φ for a positive rate, ζ + φ for a negative one, in the
    convention H = ½(ε σz + Re Δ σx + Im Δ σy).

    The sine belongs to φ_S and the whole phase ζ. A cosine needs φ_S − π/2 in place of
    φ_S. Asymptotic in ε_max ≫ |Δ|, √|α|: a kink at the turning point leaves an error of
    order Δα/ε_max³, a sudden turn of the gap one of order Δ/ε_max.

    Parameters
    ----------
    rate : float or array_like
        α, the slope of the bias at both crossings, in rad per time squared.
    gap : float, complex or array_like
        Δ, the smallest distance of the levels, in rad per time.
    phase : float or array_like
        ζ = ∫E dt between the crossings, in rad; from `dynamic_phase` for a linear sweep.
    geometric_phase : float or array_like
        φ, by which the gap turns between the passages, in rad.

    Returns
    -------
    float or ndarray
        The probability, between 0 and 4P(1−P).

    Raises
    ------
    LzopenError
        If ``rate`` is zero, a value is not finite, or the shapes do not broadcast.

    Warns
    -----
    LzopenWarning
        If ζ exceeds 1e12 rad, where rounding hides the fringes; it carries ζ. A turning
        point near the crossing is reported by `dynamic_phase`.

    References
    ----------
    S. N. Shevchenko, S. Ashhab, F. Nori, Phys. Rep. 492, 1 (2010).
    S. Gasparinetti, P. Solinas, J. P. Pekola, Phys. Rev. Lett. 107, 207002 (2011).

    Examples
    --------
    >>> zeta = dynamic_phase(rate=1.0, gap=1.0, turning_point=30.0)
    >>> print(f"{double_passage(rate=1.0, gap=1.0, phase=zeta):.7f}")
    0.0356985
    """
    rate, gap = checked(rate, gap)
    phase, turn = finite("phase", phase), finite("geometric_phase", geometric_phase)
    fitting(rate=rate, gap=gap, phase=phase, geometric_phase=turn)
    counted(phase)
    angle = (phase - np.sign(rate) * turn) / 2 + stokes_phase(rate=rate, gap=gap)
    return contrast(rate, gap) * np.sin(angle) ** 2


def washed_double_passage(
    *, rate: Numeric, gap: Numeric, phase: Numeric, coherence: Numeric
) -> Numeric:
    """The same averaged over a phase that fluctuates, 2P(1−P)[1 − Re c e^{i(ζ+2φ_S)}].

    ``coherence`` is c = ⟨e^{i(ζ′−ζ)}⟩ over the actual phases ζ′: |c| is the visibility
    of the fringes, arg c their shift. Gaussian fluctuations of s.d. σ *of ζ* have
    c = e^{−σ²/2}; of s.d. σ of ζ/2, which stands in the sine, c = e^{−2σ²}. For a random
    detuning see `detuning_coherence`.

    Asymptotic like `double_passage`. Noise that acts during the crossings is left out.

    Parameters
    ----------
    rate : float or array_like
        α, the slope of the bias at both crossings, in rad per time squared.
    gap : float, complex or array_like
        Δ, the smallest distance of the levels, in rad per time.
    phase : float or array_like
        ζ without the fluctuations, in rad.
    coherence : float, complex or array_like
        c, of size 1 or less.

    Returns
    -------
    float or ndarray
        The probability to end in the other state.

    Raises
    ------
    LzopenError
        If ``rate`` is zero, ``coherence`` exceeds 1, a value is not finite, or the
        shapes do not broadcast.

    Warns
    -----
    LzopenWarning
        As for `double_passage`.

    References
    ----------
    S. N. Shevchenko, S. Ashhab, F. Nori, Phys. Rep. 492, 1 (2010).

    Examples
    --------
    >>> sigma = 2.0
    >>> P = washed_double_passage(rate=1.0, gap=0.66, phase=0.3, coherence=np.exp(-(sigma**2) / 2))
    >>> print(f"{P:.6f}")
    0.481518
    """
    rate, gap = checked(rate, gap)
    phase, coherence = finite("phase", phase), finite_complex("coherence", coherence)
    fitting(rate=rate, gap=gap, phase=phase, coherence=coherence)
    if np.any(np.abs(coherence) > 1 + 1e-12):
        fail("coherence", "not exceed 1 in size", np.max(np.abs(coherence)), "it is an average")
    counted(phase)
    turned = np.exp(1j * (phase + 2 * stokes_phase(rate=rate, gap=gap)))
    return 0.5 * contrast(rate, gap) * np.maximum(1 - np.real(coherence * turned), 0.0)


def detuning_coherence(
    *, rate: Numeric, gap: Numeric, turning_point: Numeric, bias_deviation: Numeric
) -> Numeric:
    """Fringe coherence c = ⟨e^{i(ζ′−ζ)}⟩ for a random detuning that stands still.

    A detuning of s.d. σ_ε moves ζ by σ = σ_ε dζ/dε_max = 2σ_ε E_max/|α|, as if it acted
    for the time 2E_max/|α|, and bends it. To second order in the detuning ::

        c = (1 − iq)^{−1/2} exp(−σ²/(2 − 2iq)),   q = 2σ_ε² ε_max/(|α|E_max),

    so that the visibility |c| is (1+q²)^{−1/4} exp(−σ²/(2+2q²)) in place of e^{−σ²/2}.
    What is left out, of order σ_ε³Δ²/αE_max³, is small whenever σ_ε ≪ ε_max.

    Parameters
    ----------
    rate : float or array_like
        α, in rad per time squared, of either sign.
    gap : float, complex or array_like
        Δ, the smallest distance of the levels, in rad per time.
    turning_point : float or array_like
        ε_max > 0, the mean of the largest bias, in rad per time.
    bias_deviation : float or array_like
        σ_ε, the standard deviation of a Gaussian detuning, in rad per time.

    Returns
    -------
    complex or ndarray
        c, for `washed_double_passage`.

    Raises
    ------
    LzopenError
        If ``rate`` is zero, ``turning_point`` is not positive, ``bias_deviation`` is
        negative, a value is not finite, or the shapes do not broadcast.

    Warns
    -----
    LzopenWarning
        If ε_max < 5σ_ε, so that some sweeps turn too early; it carries the ratio.

    Examples
    --------
    >>> noise = {"rate": 1.0, "gap": 0.6633, "turning_point": 20.0, "bias_deviation": 0.05}
    >>> print(f"{abs(detuning_coherence(**noise)):.7f}")
    0.1350438
    """
    rate, gap, turning_point = checked_sweep(rate, gap, turning_point)
    deviation = not_negative("bias_deviation", bias_deviation)
    fitting(rate=rate, gap=gap, turning_point=turning_point, bias_deviation=deviation)
    with np.errstate(divide="ignore", over="ignore"):
        room = float(np.min(np.divide(turning_point, deviation)))
    if room < _DEVIATIONS:
        warn(
            f"The turning point is only {room:.3g} standard deviations of the detuning away "
            f"from the crossing; {_DEVIATIONS:g} are needed.",
            room,
            page="guide/two_levels#fringes-washed-out-by-noise",
        )
    speed, energy = np.abs(rate), np.hypot(turning_point, np.abs(gap))
    with np.errstate(over="ignore"):
        time = np.minimum(2 * deviation / speed, LARGEST)
        sigma = np.minimum(time * energy, LARGEST)
        bend = np.minimum(time * (deviation * (turning_point / energy)), LARGEST)
    # c in size and phase: neither overflows where the exponent of the equation would
    stretch = np.hypot(1, bend)
    sigma = np.minimum(sigma / stretch, _DARK)
    phase = (np.arctan(bend) - bend * sigma**2) / 2
    return np.exp(-(sigma**2) / 2 + 1j * phase) / np.sqrt(stretch)


def checked_sweep(
    rate: Numeric, gap: Numeric, turning_point: Numeric
) -> tuple[Numeric, Numeric, Numeric]:
    """The rate, the gap and the turning point, once they are fit for a double passage."""
    rate, gap = checked(rate, gap)
    remedy = "below zero the sweep turns before it reaches the crossing"
    turning_point = positive("turning_point", turning_point, remedy)
    fitting(rate=rate, gap=gap, turning_point=turning_point)
    return rate, gap, turning_point


def doubt_separation(rate: Numeric, gap: Numeric, turning_point: Numeric, least: float) -> None:
    """Warn of a turning point so near the crossing that the passages are not separate."""
    with np.errstate(over="ignore"):
        reach = turning_point / np.maximum(np.abs(gap), np.sqrt(np.abs(rate)))
    if np.min(reach) < least:
        warn(
            f"The turning point is near the crossing, {np.min(reach):.3g} times the larger of "
            f"|Δ| and √|α|; {least:g} are needed.",
            float(np.min(reach)),
            stacklevel=4,
            page="guide/two_levels#the-double-passage",
        )


def contrast(rate: Numeric, gap: Numeric) -> Numeric:
    """4P(1−P), with its digits at both ends."""
    exponent = 2 * np.pi * adiabaticity(rate=rate, gap=gap)
    return -4 * np.exp(-exponent) * np.expm1(-exponent)
