"""Phase tomography: coherence read out of the Fourier transform of an interferogram."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr

from lzopen.errors import increasing, not_negative, positive, shape, single, warn
from lzopen.interferometry.arcs import Fitted, decay_of, fit_law, widths
from lzopen.interferometry.pixels import Pixels, anchor, pixels, population
from lzopen.results import label
from lzopen.theory.sidebands import doubt, doubt_width

_SURE = 1.96  # standard deviations of an interval of 95 %
_COHERENT = 0.1  # largest W/Γ2 at which populations follow a rate from the start
_SATURATED = 0.1  # largest W T1 at which noise slower than T1 averages the rate itself
_LONG = 5.0  # shortest pulse, in units of the coherence time
_CLEAR = 5.0  # standard deviations that are no chance
_SUSPECTS = "look for a wrong zero, scale, equilibrium or a background"
_SHARE = 0.05  # of the contrast, that the law may miss where noise is unknown


def phase_tomography(
    fringes: xr.Dataset | xr.DataArray,
    *,
    omega: float,
    level: int = 1,
    equilibrium: Any = None,
    duration: float | None = None,
    initial: Any = None,
    shots: Any = None,
    sigma: Any = None,
    k_range: tuple[float, float] | None = None,
) -> xr.Dataset:
    """T2 and the quasi-static width of a qubit, from the decay along the arcs of its tomogram.

    A fast drive ε + A cos ωt flips a qubit at a rate W(A, ε). With z = 1 − 2P ::

        W T1 = ½(z_eq/z − 1)  in a steady state,    W = −½ ln(z/z₀)/t  after a pulse,

        ∫dε W cos(kε) = ½πΔ² e^{−k/T2 − σ²k²/2} J₀((2A/ω) sin(ωk/2)),

    with 1 − k/t in addition for a pulse, which cannot hold a longer phase than its own length.
    A second transform, along A, draws this as arcs k_A = ±(2/ω)|sin(ωk/2)|, whose height decays
    like the coherence. The transform of P itself decays faster, by saturation: from Δ²T1T2 = 0.1
    to 30 its 1/T2 comes out 1.03 to 2.5 times too large.

    Every k is one wave cos(kε) J₀(…) over all pixels. T2, σ and the strength are fitted to the
    waves of a range of k, in weighted least squares, with what waves share through window,
    pixels and weights. Law and pixels are compared in P, where the noise is known, pixel by
    pixel: what lies outside the window or is missing (NaN) plays no part, axes may be uneven,
    and a saturated pixel, or one without contrast in equilibrium, weighs as little as it knows.

    It holds for |Δ|²/ω well below the width √(1/T2² + σ²). The noise σ is slow against T2 and
    fast against 2W + 1/T1; slower noise averages P, which is the same only where W T1 ≪ 1. Both
    axes must be in rad per time with the bias measured from the crossing: a wrong scale of one
    scales the results, and a wrong zero of bias looks like width.

    Parameters
    ----------
    fringes : Dataset or DataArray
        ``population`` or ``signal`` over ``amplitude`` ≥ 0 and ``bias``, in any order: from
        `interferogram`, or measured. NaN is a missing pixel.
    omega : float
        ω of the drive, in rad per time.
    level : int
        Diabatic level that is read, if there are several.
    equilibrium : float or array, optional
        Population of that level that relaxation alone leads to, of a steady state; 0 if left out.
        A thermal step is a DataArray over bias, amplitude or both. This and the other arrays
        without names broadcast against (amplitude, bias).
    duration : float, optional
        Length t of a pulse, after which P was read; left out for a steady state. It is long
        against T2 and 1/ω, and short against T1, by t/2T1 of which the strength comes out low.
    initial : float or array, optional
        Population before the pulse; 0 if left out.
    shots : int or array, optional
        Trials of each pixel, whose population is then the fraction of them; binomial noise. A
        pixel of no trials is missing.
    sigma : float or array, optional
        Standard error of each population. Without shots and sigma errors are found from the
        scatter of the pixels about the law, taken to be alike for all; of a map simulated
        without noise they say nothing.
    k_range : (float, float), optional
        Times k that are fitted. A range that starts above 0 passes over what varies little with
        the bias, such as a background. If left out, from 0 to where the decay has fallen to 1e-3.

    Returns
    -------
    xarray.Dataset
        ``value``, ``error`` and 95 % interval ``low`` to ``high`` (parameter) of ``T2``,
        ``bias_deviation`` and ``gap_squared``; of a steady state ``gap_squared_T1``, Δ²T1, which
        is all that it knows of either. An error is NaN where only a bound is known, ``low`` or
        ``high``. ``decay`` (k_bias), the height along the arcs, is the fitted ``law`` plus
        what the data say beyond it, with ``decay_error``; neighbours share noise. It ends at
        π over the step of the bias; larger k are fitted, but not seen one by one. ``tomogram``
        (k_amplitude, k_bias) is the transform of the rate along both axes, the amplitude tapered
        by cos²(πA/2A_max); where pixels cannot tell, by the law. Rates are in units of 1/T1 for a
        steady state. ``reduced`` is χ² per pixel; errors are enlarged by its root where above 1.

    Raises
    ------
    LzopenError
        If an axis is missing, repeated or too short, a number out of its range, an argument
        without effect, or no transitions are seen.

    Warns
    -----
    LzopenWarning
        If the law does not describe the map; the gap is too large for the rates; a pulse is too
        short or too strong for them; slow noise is seen in a map that saturates; the strength is
        within 3 errors of zero; or lines are narrower than pixels. Each carries its number.

    References
    ----------
    M. S. Rudner et al., Phys. Rev. Lett. 101, 190502 (2008).

    Examples
    --------
    >>> import numpy as np, lzopen as lz
    >>> qubit = lz.TwoLevel(sweep=lz.Sinusoidal(amplitude=1.0, omega=1.0), gap=0.02)
    >>> noisy = qubit.with_environment(lz.Dephasing(0.1), lz.Decay(1e-3, source=1, target=0))
    >>> axes = {"amplitude": np.linspace(0, 8, 17), "bias": np.linspace(-9, 9, 91)}
    >>> found = lz.phase_tomography(lz.interferogram(noisy, **axes), omega=1.0)
    >>> found.value.sel(parameter=["T2", "gap_squared_T1"]).values.round(2)
    array([9.95, 0.4 ])
    """
    omega = single("omega", positive("omega", omega))
    if duration is not None:
        duration = single("duration", positive("duration", duration))
    P, gap = population(fringes, level, duration)
    start = anchor(duration, equilibrium, initial)
    seen = pixels(P, omega, duration, {"shots": shots, "sigma": sigma, **start})
    found = fit_law(seen, _range(k_range))
    scale = found.reduced if shots is None and sigma is None else max(found.reduced, 1.0)
    table = _table(found, scale, duration)
    _warn(found, seen, table, gap)
    return label(
        table.merge(_transforms(found, seen, scale)),
        parameters={"omega": omega, "duration": duration, **start},
        references=["rudner2008"],
        quantity="phase_tomography",
        kind="steady" if duration is None else "pulse",
        noise="shots" if shots is not None else "unknown" if sigma is None else "sigma",
        k_range=k_range,
        pixels=int(seen.seen.sum()),
    )


def _range(k_range: Any) -> tuple[float, float] | None:
    if k_range is None:
        return None
    both = increasing("k_range", not_negative("k_range", k_range))
    first, last = shape("k_range", both, (2,), "give its start and its end").tolist()
    return first, last


def _table(found: Fitted, scale: float, duration: float | None) -> xr.Dataset:
    """T2, width and strength with their errors and intervals."""
    law = np.array(found.law)
    sizes = np.sqrt(np.diagonal(found.covariance) * scale)
    low, high = np.maximum(law - _SURE * sizes, 0.0), law + _SURE * sizes
    strength, Gamma2, variance = law
    with np.errstate(divide="ignore", invalid="ignore"):
        values = [1 / Gamma2, np.sqrt(variance), strength]
        errors = np.array([sizes[1] / Gamma2**2, sizes[2] / np.sqrt(4 * variance), sizes[0]])
        lows = [1 / high[1], np.sqrt(low[2]), low[0]]
        highs = [1 / low[1], np.sqrt(high[2]), high[0]]
    bounded = np.array([low[1] == 0, low[2] == 0, low[0] == 0])
    strong = "gap_squared_T1" if duration is None else "gap_squared"
    unit = "rad^2 / time" if duration is None else "rad^2 / time^2"
    return xr.Dataset(
        {
            "value": ("parameter", values),
            "error": ("parameter", np.where(bounded, np.nan, errors)),
            "low": ("parameter", lows, {"long_name": "lower end of the 95 % interval"}),
            "high": ("parameter", highs, {"long_name": "upper end of the 95 % interval"}),
            "reduced": ((), found.reduced, {"long_name": "χ² per pixel"}),
        },
        {
            "parameter": ["T2", "bias_deviation", strong],
            "unit": ("parameter", ["time", "rad / time", unit]),
        },
    )


def _transforms(found: Fitted, pixels: Pixels, scale: float) -> xr.Dataset:
    """The decay along the arcs, and the transform of the rate along both axes."""
    shown = found.waves.k <= np.pi / pixels.step  # pixels show larger k as smaller ones
    k = found.waves.k[shown]
    law = decay_of(found.law, k, pixels.duration)
    beyond, error = (part[shown] for part in found.beyond(pixels.bias))
    # pixels that know less than the largest rate of all count less
    power = np.square(found.slope * found.rates.max())
    share = power / (power + found.variance * scale)
    with np.errstate(divide="ignore", invalid="ignore"):
        rate = found.rates + np.where(share > 0, share * found.missed / found.slope, 0.0)
    A, last = pixels.amplitude, pixels.amplitude[-1]
    kappa = np.arange(0.0, 2.5 / pixels.omega, np.pi / (4 * last))
    along_A = 2 * np.cos(np.outer(kappa, A)) * np.cos(0.5 * np.pi * A / last) ** 2 * widths(A)
    along_bias = found.waves.along_bias[shown] * widths(pixels.bias)
    time = {"units": "time"}
    return xr.Dataset(
        {
            "decay": ("k_bias", law + beyond),
            "decay_error": ("k_bias", error * np.sqrt(scale)),
            "law": ("k_bias", law),
            "tomogram": (("k_amplitude", "k_bias"), along_A @ rate @ along_bias.T),
        },
        {"k_bias": ("k_bias", k, time), "k_amplitude": ("k_amplitude", kappa, time)},
    )


def _warn(found: Fitted, pixels: Pixels, table: xr.Dataset, gap: float | None) -> None:
    """Say where the picture of rates, or the fit, is not to be trusted."""
    strength, Gamma2, variance = found.law
    width = float(np.hypot(Gamma2, np.sqrt(variance)))
    if pixels.duration is not None:
        gap = float(np.sqrt(strength))
        text = (
            "The levels oscillate before they follow the rate, W/Γ2 = {:.3g}; a pulse needs {:g}."
        )
        doubt(found.rates.max() / width, _COHERENT, text, 5)
        text = (
            "Coherence lasts for {:.3g} of the pulse, more than {:g}: it is too short for a rate."
        )
        doubt(1 / (width * pixels.duration), 1 / _LONG, text, 5)
    fastest = float(found.rates.max())
    spread = variance / float(np.sqrt(found.covariance[2, 2] * max(found.reduced, 1.0)))
    if pixels.duration is None and spread > 3 and fastest > _SATURATED:
        text = (
            f"W T1 reaches {fastest:.2g} under slow noise of {np.sqrt(variance):.3g}: noise that "
            f"stands still for longer than T1 biases T2 and this width; fit_interferogram knows it."
        )
        warn(text, fastest, 4, page="guide/devices#t2-at-once-phase-tomography")
    if gap is not None:
        doubt_width(pixels.omega, gap, width, stacklevel=6)
    if pixels.step > np.pi * width:
        text = f"Pixels of {pixels.step:.3g} along the bias are wider than lines of {width:.3g}"
        warn(f"{text}: their shape is seen in few pixels; take finer steps.", pixels.step, 4)
    sure = strength / float(np.sqrt(found.covariance[0, 0] * found.reduced))
    if sure < 3:
        warn(f"The strength is {sure:.2g} errors from zero: hardly any fringes.", sure, 4)
    known = pixels.shots is not None or pixels.sigma is not None
    if known and found.reduced - 1 > _CLEAR * found.chance:
        text = f"The law does not describe the map, χ² per pixel is {found.reduced:.3g}"
        warn(
            f"{text}: look for a wrong zero, scale, equilibrium or a background.", found.reduced, 4
        )
    share = found.structure(_CLEAR)
    if not known and share > _SHARE:
        text = f"The law misses {share:.2g} of the contrast, smoothly over pixels"
        warn(f"{text}: {_SUSPECTS}.", share, 4)
