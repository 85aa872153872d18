"""A model of the device fitted to a measured trace of populations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
import xarray as xr

from lzopen import errors, progress
from lzopen.characterization.conclusion import conclude
from lzopen.characterization.fit import Fit
from lzopen.characterization.minimum import Minimum, Problem, Quantity, Values
from lzopen.characterization.names import free_names, still
from lzopen.characterization.parts import Parts
from lzopen.characterization.points import Points, pool
from lzopen.characterization.readout import Confusion, Readout
from lzopen.characterization.words import held
from lzopen.dynamics.transition import finite_window
from lzopen.dynamics.windows import given_window
from lzopen.models import Model
from lzopen.models.parameters import sources
from lzopen.models.stepping import accumulated_phase
from lzopen.waveforms.base import Array

_SAME_MINIMUM = 0.1  # difference in χ² below which two descents ended in one place
_RUN_AWAY = 100.0  # times the phase at the start
_SOLVER_TOL = 1e-4  # well below the noise of any count


def fit_trace(
    x: Any,
    *,
    signal: Any,
    model: Model,
    window: Any,
    free: Sequence[str],
    shots: Any = None,
    sigma: Any = None,
    initial: int = 0,
    level: int = 1,
    readout: Readout | None = None,
    starts: Sequence[Mapping[str, float]] = ({},),
) -> Fit:
    """Fit a model's parameters to the population of one level, point by point.

    The signal is readout(P(level ← initial)) of the finite window of each point, computed by
    `transition_matrix` for all points at once.

    Parameters
    ----------
    x : (n,) array_like
        The axis of the trace, e.g. the run time; strictly increasing.
    signal : (n,) array_like
        What was measured; with ``shots`` the fraction found in ``level``.
    model : Model
        A batch with one member for each point, or a single model if only ``window`` differs
        between points. Its values are where the fit starts.
    window : (t0, t1)
        Start and end of the evolution; numbers or (n,) arrays.
    free : sequence of str
        Parameters to fit: names in ``model.parameters``, and ``readout.…`` for those of
        the readout.
    shots : (n,) array_like or int, optional
        Trials behind each point: the exact binomial deviance is minimised.
    sigma : (n,) array_like or float, optional
        Gaussian standard errors instead. With neither, the size of the noise is taken from
        the residuals.
    initial, level : int
        Diabatic level that is prepared, and the one that is read out.
    readout : Readout, optional
        From population to signal; a perfect one if left out.
    starts : sequence of mapping, optional
        Further points to start from, as values by the names in ``free``; what is left out starts
        at the model's value. The fit says how many of them end in the same minimum.

    Returns
    -------
    Fit
        Its parameters bear the names in ``free``.

    Raises
    ------
    LzopenError
        If a free name fits no parameter, one named before or one that varies from point to
        point, a start lies where the model cannot be, shapes differ, there are no more points
        than free parameters, a level does not exist, or the data are not finite.

    Examples
    --------
    Rabi oscillation of a driven gap, with the true gap 2.0 and offset 0.3:

    >>> import lzopen as lz
    >>> device = lz.TwoLevel(sweep=lz.Constant(0.3), gap=2.0)
    >>> time = np.linspace(0.1, 8.0, 60)
    >>> clean = lz.transition_matrix(device, window=(0.0, time), readout="diabatic")
    >>> guess = lz.TwoLevel(sweep=lz.Constant(0.1), gap=1.9)
    >>> fit = lz.fit_trace(time, signal=clean.probability[:, 1, 0], sigma=0.01, model=guess,
    ...                    window=(0.0, time), free=["gap", "sweep.value"])
    >>> round(fit.parameters["gap"], 4), round(fit.parameters["sweep.value"], 4)
    (2.0, 0.3)
    """
    errors.instance("model", model, Model, "e.g. lz.TwoLevel(sweep=lz.Linear(1.0), gap=1.0)")
    instrument = Confusion() if readout is None else readout
    errors.instance("readout", instrument, Readout, "e.g. lz.Confusion(p01=0.02, p10=0.05)")
    axis = errors.increasing("x", errors.finite("x", x))
    signal = errors.finite("signal", signal, "leave such points out")
    errors.shape("signal", signal, axis.shape, "give one value per point of `x`")
    if shots is not None:
        errors.positive("shots", shots, "leave points without shots out")
    points = pool(axis, signal=signal, shots=shots, sigma=sigma, axis="x")
    initial, level = (
        int(errors.choice(name, value, range(model.n_levels)))
        for name, value in (("initial", initial), ("level", level))
    )
    parts = Parts(model, {"readout": instrument})
    device = _Device(parts, window, initial, level, points)
    names = free_names(free, partial(parts.resolve, argument="free"))
    if points.x.size <= len(names):
        must = f"hold more than {len(names)} points"
        errors.fail("x", must, f"holding {points.x.size}", "measure more or fit less")
    quantities = _quantities(parts, names)
    starts = _named_starts(parts, names, starts, quantities)

    def shown(values: Values) -> Array:
        return device.signal({names[n]: v for n, v in values.items()})

    problem = Problem(
        lambda values: points.residual(shown(values)),
        quantities,
        lambda values: points.moments(shown(values)),
    )
    bar = progress.bar(starts, desc="fit from all starts")
    minima = [problem.descend(start) for start in bar]
    best = min(minima, key=lambda end: end.deviance)
    begun = {name: parts.value(full) for name, full in names.items()}
    begun |= starts[minima.index(best)]
    notes = _unmoved(best, begun, quantities)
    return _conclude(problem, points, best, minima, device, names, notes)


class _Device:
    """The model with its readout, as a function of named values."""

    def __init__(self, parts: Parts, window: Any, initial: int, level: int, points: Points) -> None:
        self.parts, self.window = parts, window
        self._initial, self._level, self._axis = initial, level, points.x
        ends = given_window(parts.model, window)
        if ends[0].shape != points.x.shape:
            must, found = f"make {points.x.size} points", f"of shape {ends[0].shape}"
            errors.fail("window", must, found, "give one window, or one model, per point")
        terms = parts.model.effective_terms
        self._most_phase = _RUN_AWAY * (1 + np.max(accumulated_phase(terms, *ends)))

    def signal(self, values: Mapping[str, float]) -> Array:
        """What the instrument shows for these values, one number a point."""
        parts = self.parts.with_values(values)
        ends = given_window(parts.model, self.window)
        if np.max(accumulated_phase(parts.model.effective_terms, *ends)) > self._most_phase:
            own = {name: v for name, v in values.items() if not name.startswith("readout.")}
            reached = ", ".join(f"{name} = {value:.3g}" for name, value in own.items())
            raise errors.LzopenError(
                f"Argument `free` must name parameters that the trace fixes near their start, but "
                f"the fit ran away to {reached}; start elsewhere, or fix one of them."
            )
        probability, _ = finite_window(parts.model, ends, "diabatic", _SOLVER_TOL)
        population = probability[..., self._level, self._initial]
        return np.asarray(parts.others["readout"](population, self._axis))


def _named_starts(
    parts: Parts, names: Mapping[str, str], starts: Any, quantities: Mapping[str, Quantity]
) -> list[Values]:
    mapping = isinstance(starts, Mapping)
    listed = list(starts) if np.iterable(starts) and not mapping else []
    if not listed or not all(isinstance(start, Mapping) for start in listed):
        remedy = "starts=[{}] starts at the model's values"
        errors.fail("starts", "be a list of mappings", repr(starts), remedy)
    return [_named_start(parts, names, start, quantities) for start in listed]


def _named_start(
    parts: Parts,
    names: Mapping[str, str],
    start: Mapping[str, Any],
    quantities: Mapping[str, Quantity],
) -> Values:
    """A start by the names in `free`, which may be short where the start's are full."""
    given = {full: name for name, full in names.items()}
    full = {parts.resolve(str(name), "starts"): value for name, value in start.items()}
    if fixed := full.keys() - given.keys():
        errors.fail("starts", "name parameters in `free`", ", ".join(sorted(fixed)))
    if len(full) < len(start):
        errors.fail("starts", "name each parameter once", dict(start), "leave one name out")
    for name, value in full.items():
        _check_within(f"starts[{name!r}]", value, *quantities[given[name]].bounds)
    return {given[name]: float(value) for name, value in full.items()}


def _check_within(argument: str, value: Any, lowest: float, highest: float) -> None:
    number = errors.finite(argument, value)
    if np.ndim(number):
        errors.fail(argument, "hold single numbers", number, "list one start for each")
    if not lowest <= number <= highest:
        must = f"lie between {lowest:g} and {highest:g}, the bounds of the fit"
        errors.fail(argument, must, f"{number:g}", "start inside")


def _quantities(parts: Parts, names: Mapping[str, str]) -> dict[str, Quantity]:
    quantities = {}
    for name, full in names.items():
        value = parts.value(full)
        if np.ndim(value):
            remedy = "vary a factor that all points share, e.g. that of factor * waveform"
            errors.fail("free", "name numbers that all points share", f"{name!r}, an array", remedy)
        if np.iscomplexobj(value):
            remedy = "vary a real factor, e.g. that of factor * waveform"
            errors.fail("free", "name real numbers", f"{name!r}, which is {value}", remedy)
        lowest, highest = parts.bounds(full, names)
        _check_within(full, value, lowest, highest)
        unit = highest if np.isfinite(highest) else abs(value) or 1.0
        quantities[name] = Quantity(float(value), lowest, highest, unit=unit)
    return quantities


def _unmoved(
    best: Minimum, begun: Mapping[str, float], quantities: Mapping[str, Quantity]
) -> list[str]:
    """Parameters of a poor fit that stayed where they began, e.g. at a maximum of χ²."""
    covariance = best.covariance if best.unbounded is None else best.unbounded
    sizes = zip((*best.free, *best.stuck), np.sqrt(np.diag(covariance)), strict=True)
    return [
        f"`{name}` stayed where it began: the trace does not depend on it there; start elsewhere."
        for name, size in sizes
        if best.reduced > 2
        and size > quantities[name].unit
        and abs(best.values[name] - begun[name]) < 1e-3 * size
    ]


def _conclude(
    problem: Problem,
    points: Points,
    best: Minimum,
    minima: Sequence[Minimum],
    device: _Device,
    names: Mapping[str, str],
    notes: Sequence[str],
) -> Fit:
    curve = device.signal({full: best.values[name] for name, full in names.items()})
    sigma = points.sigma if points.known else points.sigma * np.sqrt(best.reduced)
    readout = device.parts.others["readout"]
    data = {"signal": points.signal, "sigma": sigma, "model": curve}
    rms = float(np.sqrt(np.mean((points.signal - curve) ** 2)))
    unmoved = held(still(device.parts.numbers, names.values()))
    notes = [*unmoved, f"Root mean square deviation {rms:.4f}.", *notes]
    if len(minima) > 1:
        same = sum(end.deviance - best.deviance < _SAME_MINIMUM for end in minima)
        notes.append(f"{same} of {len(minima)} starts end in this minimum.")
    return conclude(
        problem,
        best,
        xr.Dataset({key: ("x", value) for key, value in data.items()}, {"x": points.x}),
        title=f"Device model over {points.x.size} points.",
        known=points.known,
        notes=notes,
        settings={"free": list(names.values()), "readout": repr(readout)},
        references=["lmfit", "blanes2009", *sources(device.parts.model, readout)],
    )
