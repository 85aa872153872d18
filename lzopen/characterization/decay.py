"""Decay of a signal with delay: T1, Ramsey, echo.

The model is

    signal = offset + amplitude · exp(−(t/T)ⁿ) · cos(omega t + phase)

or the same without the cosine. The exponent n tells the noise: 1 for white
noise or relaxation, 2 for quasi-static noise, in between for mixtures.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from lzopen import errors
from lzopen.characterization.fit import Alternative, Fit, Minimum, Values, conclude, minimize
from lzopen.characterization.points import Points, pool
from lzopen.characterization.readout import LinearReadout, Readout
from lzopen.characterization.starts import decay_starts

if TYPE_CHECKING:
    import lmfit

__all__ = ["fit_decay"]

Array = NDArray[Any]
_EXPONENTS = {"exponential": 1.0, "gaussian": 2.0, "stretched": None}
_RANGE = (0.3, 4.0)  # of a free exponent


@dataclass(frozen=True)
class _Shape:
    """Which curve: its envelope, and whether it oscillates."""

    envelope: str
    oscillates: bool

    @property
    def exponent(self) -> float | None:
        return _EXPONENTS[self.envelope]

    @property
    def size(self) -> int:
        return 3 + 2 * self.oscillates + (self.exponent is None)

    @property
    def name(self) -> str:
        return f"{self.envelope}, {'oscillating' if self.oscillates else 'no oscillation'}"


def fit_decay(
    delay: Any,
    *,
    signal: Any,
    shots: Any = None,
    sigma: Any = None,
    groups: Any = None,
    readout: Readout | None = None,
    envelope: str = "auto",
    oscillations: int | str = "auto",
) -> Fit:
    """Fit offset + amplitude · exp(−(t/T)ⁿ) · cos(omega t + phase) to a measured decay.

    Rows of equal delay are pooled. The noise is one of four: counted trials
    (``shots``: the exact binomial deviance is minimised), trials in ``groups``
    that share noise (the deviance at each delay is divided by how much more
    than binomial the groups scatter there), Gaussian errors ``sigma``, or
    unknown (its size is taken from the residuals). Start values come from the
    data: a linear fit of offset, cosine and sine on a grid of ω, T and n.

    Parameters
    ----------
    delay : array, shape (rows,)
        Delay t, in any unit of time.
    signal : array, shape (rows,)
        What was measured; with ``shots`` the fraction of trials that said yes.
    shots : array, shape (rows,), or int, optional
        Number of trials of each row.
    sigma : array, shape (rows,), or float, optional
        Standard error of each row.
    groups : array, shape (rows,), optional
        Label of the shot, repetition or run that each row belongs to. Rows
        with the same label and the same delay are one draw of the noise.
    readout : Readout, optional
        Maps population to signal. The fit stays on the raw signal; amplitude
        and offset are then populations.
    envelope : {"auto", "stretched", "exponential", "gaussian"}
        n free in 0.3 to 4, n = 1, or n = 2. "auto" reports the stretched
        envelope, whose exponent with its error says all, and what the fixed
        ones would cost.
    oscillations : {"auto", 0, 1}
        Number of cosines. "auto" takes one if it pays for its parameters and
        for having searched all frequencies.

    Returns
    -------
    Fit
        Parameters ``T``, ``exponent``, ``omega`` (rad per unit of time) and
        ``phase`` if oscillating, ``amplitude``, ``offset``.

    Raises
    ------
    LzopenError
        On NaN, unequal lengths, fractions outside 0 to 1, shots that are not
        counts, errors not above zero, an unknown envelope, negative delays, or
        fewer distinct ones than the model needs.

    Examples
    --------
    >>> t = np.linspace(0.1, 6.0, 60)
    >>> fringe = 0.5 - 0.4 * np.exp(-((t / 3.0) ** 2)) * np.cos(5.0 * t)
    >>> fit = fit_decay(t, signal=fringe, sigma=0.01)
    >>> round(fit.parameters["T"], 3), round(fit.parameters["exponent"], 3)
    (3.0, 2.0)
    >>> print(round(fit.parameters["omega"], 3), round(abs(fit.parameters["phase"]), 3))
    5.0 3.142
    """
    errors.choice("envelope", envelope, ["auto", *_EXPONENTS])
    errors.choice("oscillations", oscillations, ["auto", 0, 1])
    points = pool(delay, signal=signal, shots=shots, sigma=sigma, groups=groups)
    instrument = LinearReadout() if readout is None else readout
    errors.instance("readout", instrument, Readout, "e.g. lz.Confusion(p01=0.02, p10=0.05)")
    name = "stretched" if envelope == "auto" else envelope
    wanted = [_Shape(name, bool(k)) for k in (0, 1) if oscillations in ("auto", k)]
    _check_size(points, wanted[0])
    tried = {s: _best(points, s, instrument) for s in wanted if points.x.size > s.size}
    chosen = _choose(points, tried)
    if envelope == "auto":
        fixed = [_Shape(other, chosen.oscillates) for other in ("exponential", "gaussian")]
        tried |= {s: _best(points, s, instrument) for s in fixed}
    return _finish(points, chosen, tried, instrument)


def _check_size(points: Points, shape: _Shape) -> None:
    if points.x.size <= shape.size:
        errors.fail(
            "delay", f"hold more than {shape.size} distinct delays", f"holding {points.x.size}",
            f"the model ({shape.name}) has so many parameters; measure more or fix `envelope`",
        )  # fmt: skip
    if not points.known and np.ptp(points.signal) == 0:
        value = f"{points.signal[0]:g} throughout"
        errors.fail("signal", "vary where no noise is given", value, "give `sigma` or `shots`")
    errors.not_negative("delay", points.x[0], "count it from where the decay starts")


def _choose(points: Points, tried: dict[_Shape, Minimum]) -> _Shape:
    """The oscillating curve if its gain exceeds Akaike's price and that of the search over ω."""
    shapes = list(tried)
    if len(shapes) == 1:
        return shapes[0]
    flat, wave = shapes
    gain = (tried[flat].deviance - tried[wave].deviance) / _scale(points, tried[wave])
    return wave if gain > 4 + _search_price(points) else flat


def _search_price(points: Points) -> float:
    """What the freedom to search all frequencies gains on pure noise."""
    return float(4 * np.log(points.x.size / 2))


def _scale(points: Points, minimum: Minimum) -> float:
    """By how much the noise exceeds its stated size; deviances are divided by it."""
    return max(minimum.reduced, 1.0) if points.known else minimum.reduced


def _curve(values: Values, t: Array) -> Array:
    # a trial step may raise t/T to a power that overflows; its exponential is zero all the same
    with np.errstate(over="ignore"):
        envelope = np.exp(-((t / values["T"]) ** values["exponent"]))
    if "omega" in values:
        envelope = envelope * np.cos(values["omega"] * t + values["phase"])
    return np.asarray(values["offset"] + values["amplitude"] * envelope)


def _best(points: Points, shape: _Shape, readout: Readout) -> Minimum:
    def residual(values: Values) -> Array:
        return points.residual(readout(_curve(values, points.x), points.x))

    population = readout.invert(points.signal, points.x)
    starts = decay_starts(
        points.x, population, points.sigma, exponent=shape.exponent, oscillates=shape.oscillates
    )
    span, size = points.x[-1], float(np.std(population)) or 1.0
    units = {"T": span, "omega": 1 / span, "amplitude": size, "offset": size}
    minimum = minimize(residual, _parameters(points, shape, starts[0]), starts, units)
    if shape.oscillates:
        phase = minimum.values["phase"]
        minimum.values["phase"] = float(np.angle(np.exp(1j * phase)))
    return minimum


def _parameters(points: Points, shape: _Shape, start: Values) -> lmfit.Parameters:
    import lmfit  # here, because importing it takes a second

    span = points.x[-1]
    step = float(np.min(np.diff(points.x)))
    bounds: dict[str, dict[str, Any]] = {name: {} for name in start}
    bounds["T"] = {"min": 1e-2 * step, "max": 1e4 * span}
    bounds["exponent"] = {"vary": shape.exponent is None}
    if shape.exponent is None:
        bounds["exponent"] |= {"min": _RANGE[0], "max": _RANGE[1]}
    if shape.oscillates:
        bounds["omega"] = {"min": 0.0}
        bounds["amplitude"] = {"min": 0.0}  # the phase carries the sign
    return lmfit.create_params(**{k: {"value": start[k], **bounds[k]} for k in start})


def _finish(points: Points, chosen: _Shape, tried: dict[_Shape, Minimum], readout: Readout) -> Fit:
    minimum = tried[chosen]
    others = {shape: _against(points, chosen, minimum, shape, end) for shape, end in tried.items()}
    del others[chosen]
    sigma = points.sigma if points.known else points.sigma * np.sqrt(minimum.reduced)
    model = readout(_curve(minimum.values, points.x), points.x)
    data = {"signal": points.signal, "sigma": sigma, "model": model}
    return conclude(
        minimum,
        xr.Dataset({k: ("delay", v) for k, v in data.items()}, {"delay": points.x}),
        title=f"Decay ({chosen.name}) over {points.x.size} delays.",
        known=points.known,
        comparison=list(others.values()),
        notes=[
            *_noise_notes(points, chosen, readout),
            *_envelope_notes(points, chosen, minimum, others),
            *_limit_notes(points, minimum),
            *_constant_notes(points, chosen, minimum),
        ],
        settings={"envelope": chosen.envelope, "readout": repr(readout)},
        references=["lmfit"],
    )


def _against(
    points: Points, chosen: _Shape, best: Minimum, shape: _Shape, other: Minimum
) -> Alternative:
    scale = _scale(points, best)
    delta = other.deviance - best.deviance
    return Alternative(
        name=shape.name,
        deviance=other.deviance,
        delta=delta if points.known else delta / scale,
        aic=delta / scale + 2 * (shape.size - chosen.size),
    )


def _noise_notes(points: Points, shape: _Shape, readout: Readout) -> list[str]:
    if not points.known:
        return ["The size of the noise is taken from the residuals: χ²/dof cannot test the model."]
    if points.dispersion is None:
        return []
    mean, error = points.overdispersion()
    alone = _best(points.binomial_only(), shape, readout)
    binomial = f"Binomial errors alone give χ²/dof = {alone.reduced:.2f}"
    if mean - 1 > 3 * error:
        binomial += ", because part of the noise is common to a group (one shot, or one run)"
    return [f"{binomial}.", f"The variance between groups is {mean:.2f} times binomial."]


def _envelope_notes(
    points: Points, chosen: _Shape, best: Minimum, others: dict[_Shape, Alternative]
) -> list[str]:
    """What the data say of each fixed envelope, in standard deviations of the free one."""
    notes = []
    scale = _scale(points, best) if points.known else 1.0
    for shape, other in others.items():
        if shape.exponent is None or chosen.exponent is not None:
            continue
        sigmas = np.sqrt(max(other.delta, 0.0) / scale)
        verdict = "rejected" if sigmas >= 3 else "disfavoured" if sigmas >= 2 else "compatible"
        notes.append(
            f"The {shape.envelope} envelope (n = {shape.exponent:g}) is {verdict} ({sigmas:.1f}σ)."
        )
    return notes


def _constant_notes(points: Points, chosen: _Shape, best: Minimum) -> list[str]:
    """Whether a constant would describe the data as well."""
    weight = points.sigma**-2.0
    mean = np.full(points.x.size, (weight @ points.signal) / weight.sum())
    price = 2 * (chosen.size - 1) + (_search_price(points) if chosen.oscillates else 0.0)
    flat = float(np.sum(points.residual(mean) ** 2))
    if flat - best.deviance > price * _scale(points, best):
        return []
    return ["No decay is seen: a constant describes the data as well, and T means nothing."]


def _limit_notes(points: Points, minimum: Minimum) -> list[str]:
    notes = []
    if minimum.values["T"] > 3 * points.x[-1]:
        notes.append(
            f"T lies far beyond the last delay, {points.x[-1]:g}: hardly any decay is seen."
        )
    steps = np.diff(points.x)
    if "omega" in minimum.values and np.ptp(steps) < 1e-6 * steps.mean():
        turn, omega = 2 * np.pi / steps.mean(), minimum.values["omega"]
        notes.append(
            f"Equal steps know omega only modulo {turn:.5g}: "
            f"{turn - omega:.5g} or {turn + omega:.5g} fit as well."
        )
    return notes
