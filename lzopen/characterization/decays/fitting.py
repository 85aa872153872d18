"""Decay of a signal with delay: T1, Ramsey, echo, CPMG, and the visibility of fringes.

The model is

    signal = offset + e^{−(t/T)ⁿ} · amplitude · cos(omega t + phase)

with one cosine, two, or none. The exponent n tells the noise: 1 for white noise or
relaxation, 2 for quasi-static noise, in between for mixtures.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from lzopen import errors
from lzopen.characterization.conclusion import conclude, scatter_alarms
from lzopen.characterization.decays.arguments import (
    check_points,
    check_size,
    checked_cutoff,
    checked_omega,
    checked_relaxation,
    with_windows,
)
from lzopen.characterization.decays.columns import Columns, read_columns
from lzopen.characterization.decays.descent import Descent, Task, aliases, scale, search_price
from lzopen.characterization.decays.judgement import is_constant, notes
from lzopen.characterization.decays.robust import sandwich
from lzopen.characterization.decays.shapes import ENVELOPES, Shape
from lzopen.characterization.fit import Alternative, Fit
from lzopen.characterization.minimum import Minimum, Values
from lzopen.characterization.points import Points, pool
from lzopen.characterization.priors import checked_priors
from lzopen.characterization.readout import LinearReadout, Readout

__all__ = ["fit_decay"]

Array = NDArray[Any]
_FINE, _FEWEST, _MOST = 20, 500, 20_000  # points to draw: of a turn, and of a curve


def fit_decay(
    delay: Any,
    *,
    signal: Any = None,
    shots: Any = None,
    sigma: Any = None,
    groups: Any = None,
    readout: Readout | None = None,
    envelope: str = "auto",
    oscillations: int | str = "auto",
    relaxation: float | tuple[float, float] | None = None,
    cutoff: float | None = None,
    omega: float | None = None,
    window: float | str | None = None,
    priors: Mapping[str, tuple[float, float]] | None = None,
) -> Fit:
    """Fit offset + amplitude · exp(−(t/T)ⁿ) · cos(omega t + phase) to a measured decay.

    Rows of equal delay are pooled. The noise is one of four: counted trials
    (``shots``: the exact binomial deviance is minimised), trials in ``groups``
    that share noise (the deviance at each delay is divided by how much more
    than binomial the groups scatter there, and errors come from the scatter between
    groups), Gaussian errors ``sigma``, or unknown (its size is taken from the
    residuals). Start values come from the data: a linear fit of offset, cosine and
    sine on a grid of ω, T and n.

    Parameters
    ----------
    delay : array, shape (rows,), or Dataset
        Delay t, in any unit of time; or a measurement of `load_measurement` with one axis, which
        holds signal, shots and sigma too. Places without a signal are left out, and counted.
    signal : array, shape (rows,)
        What was measured; with ``shots`` the fraction of trials that said yes.
    shots : array, shape (rows,), or int, optional
        Number of trials of each row.
    sigma : array, shape (rows,), or float, optional
        Standard error of each row.
    groups : array, shape (rows,), optional
        Label of the shot, repetition or run that each row belongs to. Rows with
        the same label may share noise, at one delay or along all of them. Of a Dataset the
        name of a variable or a dimension; if left out it is its variable ``group``, or else its
        dimension ``shot``. Further repeats are not groups unless it says ``"repeat"``.
    readout : Readout, optional
        Maps population to signal. The fit stays on the raw signal; amplitude
        and offset are then populations.
    envelope : {"auto", "stretched", "exponential", "gaussian", "1/f"}
        n free in 0.3 to 4, n = 1, n = 2, or the free decay under 1/f noise,

            exp(−(t/T)² L(t)/L(T)),    L(t) = ln(1/(ω_ir t)) + 3/2 − γ.

        "auto" reports the stretched envelope, whose exponent with its error says
        all, and what the others would cost.
    oscillations : {"auto", 0, 1, 2}
        Number of cosines. "auto" takes one if it pays for its parameters and
        for having searched all frequencies. The second has its own ``amplitude_2``,
        ``omega_2`` and ``phase_2``.
    relaxation : float or (float, float), optional
        T1, with its standard error: the envelope is multiplied by exp(−t/2T1), and T is
        then T_φ, of pure dephasing.
    cutoff : float, optional
        ω_ir of 1/f noise, in rad per time: about 2π over the time that the measurement took.
    omega : float, optional
        About where the angular frequency lies, to choose among aliases.
    window : float or "bursts", optional
        Width of windows that have a phase each, for a frequency that drifts slowly while
        the delays are measured; or one window for each burst of delays. The notes say how far
        T and n move if windows are wider or narrower.
    priors : mapping of str to (float, float), optional
        Mean and standard deviation of a fitted parameter that is known from elsewhere, e.g.
        ``{"offset": (0.5, 0.01)}`` from calibration points. One on ``omega`` or ``phase`` says
        that there is an oscillation; those of a second one need ``oscillations=2``.

    Returns
    -------
    Fit
        Parameters ``T``, ``exponent``, ``omega`` (rad per unit of time) and
        ``phase`` if oscillating, ``amplitude``, ``offset``. In its Dataset ``alias`` lists other
        values of omega that fit as well, and ``curve`` is the model between the delays.

    Raises
    ------
    LzopenError
        On NaN, unequal lengths, fractions outside 0 to 1, shots that are not
        counts, errors not above zero, an unknown envelope, negative delays, fewer distinct ones
        than the model needs, or a prior of what is not fitted.

    References
    ----------
    G. Ithier et al., Phys. Rev. B 72, 134519 (2005), on the envelopes.

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
    errors.choice("envelope", envelope, ["auto", *ENVELOPES])
    errors.choice("oscillations", oscillations, ["auto", 0, 1, 2])
    errors.instance("priors", priors or {}, Mapping, "e.g. {'T': (20.0, 1.0)}")
    if oscillations == "auto" and {"omega", "phase"} & {*(priors or ())}:
        oscillations = 1
    rows = read_columns(delay, signal, shots, sigma, groups)
    points = pool(
        rows.delay, signal=rows.signal, shots=rows.shots, sigma=rows.sigma, groups=rows.groups
    )
    check_points(points)
    instrument = LinearReadout() if readout is None else readout
    errors.instance("readout", instrument, Readout, "e.g. lz.Confusion(p01=0.02, p10=0.05)")
    shape = Shape(
        envelope="stretched" if envelope == "auto" else envelope,
        oscillations=0 if oscillations == "auto" else int(oscillations),
        relaxation=checked_relaxation(relaxation),
        cutoff=checked_cutoff(cutoff, envelope, points.x[-1]),
    )
    if window is not None:
        oscillations, shape = with_windows(shape, window, oscillations, points.x)
    check_size(points, shape)
    task = Task(
        points,
        instrument,
        checked_omega(omega, oscillations),
        checked_priors(priors, shape.quantities(defaultdict(float), points.x, 1.0)),
    )
    task = _sized(task, shape)
    tried = _tried(task, shape, envelope, oscillations)
    return _finish(task, tried, window, rows)


def _sized(task: Task, shape: Shape) -> Task:
    """With noise of unknown size taken from the residuals: priors need to know it."""
    if task.points.known or not (task.priors or shape.relaxation):
        return task
    wave = replace(shape, oscillations=max(shape.oscillations, 1), relaxation=None)
    size = np.sqrt(replace(task, priors={}).best(wave).minimum.reduced)
    return replace(task, points=replace(task.points, sigma=task.points.sigma * size))


def _tried(
    task: Task, shape: Shape, envelope: str, oscillations: int | str
) -> dict[Shape, Descent]:
    """The curve to report first, then what it is compared with."""
    wanted = [shape]
    if oscillations == "auto":
        wanted.append(replace(shape, oscillations=1))
    if oscillations == 2:
        wanted.append(replace(shape, oscillations=1))
    tried = {s: task.best(s) for s in wanted if task.points.x.size > s.size}
    chosen = _choose(task.points, tried) if oscillations == "auto" else shape
    others = []
    if envelope == "auto":
        fixed = ["exponential", "gaussian", *(["1/f"] if shape.cutoff else [])]
        others = [replace(chosen, envelope=name) for name in fixed]
    if shape.relaxation:
        others.append(replace(chosen, envelope="exponential", relaxation=None))
    tried |= {s: task.best(s) for s in others}
    return {chosen: tried.pop(chosen)} | tried


def _choose(points: Points, tried: dict[Shape, Descent]) -> Shape:
    """The oscillating curve if its gain exceeds Akaike's price and that of the search over ω."""
    shapes = list(tried)
    if len(shapes) == 1:
        return shapes[0]
    flat, wave = shapes
    best = tried[wave].minimum
    gain = (tried[flat].minimum.deviance - best.deviance) / scale(points, best)
    return wave if gain > 4 + search_price(points) else flat


def _finish(task: Task, tried: dict[Shape, Descent], window: Any, rows: Columns) -> Fit:
    points, (shape, *others) = task.points, tried
    found = tried[shape]
    curve = task.readout(shape(found.minimum.values, points.x), points.x)
    sigma = points.sigma if points.known else points.sigma * np.sqrt(found.minimum.reduced)
    data = {"signal": points.signal, "sigma": sigma, "model": curve}
    table = xr.Dataset({k: ("delay", v) for k, v in data.items()}, {"delay": points.x})
    table.delay.attrs = {"units": rows.units} if rows.units else {}
    unit = f" in {rows.units}" if rows.units else ""
    comparison = {
        other: _against(points, shape, found.minimum, other, tried[other].minimum)
        for other in others
    }
    fine, between = _between(task, shape, found.minimum.values)
    return conclude(
        found.problem,
        found.minimum,
        table.assign(
            alias=("alias", aliases(task, shape, found)), curve=("fine_delay", between)
        ).assign_coords(fine_delay=("fine_delay", fine, table.delay.attrs)),
        title=f"Decay ({shape.name}) over {points.x.size} delays{unit}.",
        known=points.known,
        robust=sandwich(points, curve, found.minimum),
        comparison=list(comparison.values()),
        follows={"exponent": "T"},
        alarms=scatter_alarms(points, "rows of equal delay", "`groups=` says which share noise"),
        notes=[*rows.notes, *notes(task, shape, found, comparison, window)],
        meaningless=(
            ["T", "exponent", "omega", "phase"] if is_constant(points, shape, found.minimum) else []
        ),
        settings={"envelope": shape.envelope, "readout": repr(task.readout)},
        references=["lmfit", "ithier2005"],
    )


def _between(task: Task, shape: Shape, values: Values) -> tuple[Array, Array]:
    """Delays fine enough to draw the curve, or those measured if none are; and the curve there."""
    x = task.points.x
    turns = max(values.get("omega", 0.0), values.get("omega_2", 0.0)) * np.ptp(x) / (2 * np.pi)
    fine = np.linspace(x[0], x[-1], int(np.clip(_FINE * turns, _FEWEST, _MOST)))
    # a curve of more turns fills its band in any figure, and fewer points would feign a slower one
    t = fine if _FINE * turns <= _MOST else x
    if shape.window is not None:
        nearest = np.searchsorted((x[1:] + x[:-1]) / 2, t)
        shape = replace(shape, window=shape.window[nearest])
    return t, task.readout(shape(values, t), t)


def _against(
    points: Points, chosen: Shape, best: Minimum, shape: Shape, other: Minimum
) -> Alternative:
    by = scale(points, best)
    delta = other.deviance - best.deviance
    return Alternative(
        name=shape.name,
        deviance=other.deviance,
        delta=delta if points.known else delta / by,
        aic=delta / by + 2 * (shape.size - chosen.size),
    )
