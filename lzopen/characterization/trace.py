"""A model of the device fitted to a measured trace of populations."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr
from tqdm import tqdm

from lzopen import errors
from lzopen.characterization.fit import Fit, Minimum, Values, conclude, minimize
from lzopen.characterization.points import Points, pool
from lzopen.characterization.readout import Confusion, Readout
from lzopen.dynamics.transition import finite_window
from lzopen.dynamics.windows import given_window
from lzopen.models import Model
from lzopen.models.parameters import assign, collect, resolve
from lzopen.waveforms.base import Array

if TYPE_CHECKING:
    import lmfit

_SAME_MINIMUM = 0.1  # difference in χ² below which two descents ended in one place
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
        If a free name fits no parameter or one that varies from point to point, shapes
        differ, a level does not exist, or the data are not finite.

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
    axis = errors.increasing("x", x)
    errors.shape("signal", signal, axis.shape, "give one value per point of `x`")
    if shots is not None:
        errors.positive("shots", shots, "leave points without shots out")
    points = pool(axis, signal=np.asarray(signal), shots=shots, sigma=sigma, axis="x")
    for name, value in (("initial", initial), ("level", level)):
        errors.choice(name, value, range(model.n_levels))
    device = _Device(model, window, initial, level, readout or Confusion())
    names = {name: device.resolve(name) for name in free}
    parameters = _start_values(device, names)

    def residual(values: Values) -> Array:
        return points.residual(device.signal({names[n]: v for n, v in values.items()}))

    bar = tqdm(starts, desc="fit from all starts", delay=1.0, leave=False)
    minima = [_descend(residual, parameters, start) for start in bar]
    best = min(minima, key=lambda end: end.deviance)
    return _conclude(points, best, minima, device, names)


class _Device:
    """The model with its readout, as a function of named values."""

    def __init__(
        self, model: Model, window: Any, initial: int, level: int, readout: Readout
    ) -> None:
        self.model, self.window, self.readout = model, window, readout
        self._initial, self._level = initial, level

    def resolve(self, name: str) -> str:
        """Full name of a parameter of the model or of the readout."""
        if name.startswith("readout."):
            return "readout." + resolve(self.readout, name.removeprefix("readout."))
        return resolve(self.model, name)

    def value(self, name: str) -> Any:
        """Value now of a parameter by its full name."""
        known = collect(self.model) | {f"readout.{k}": v for k, v in collect(self.readout).items()}
        return known[name]

    def signal(self, values: Mapping[str, float]) -> Array:
        """What the instrument shows for these values, one number a point."""
        own = {name: value for name, value in values.items() if not name.startswith("readout.")}
        seen = {
            name.removeprefix("readout."): value
            for name, value in values.items()
            if name.startswith("readout.")
        }
        model = self.model.with_parameters(own)
        ends = given_window(model, self.window)
        probability, _ = finite_window(model, ends, "diabatic", _SOLVER_TOL)
        population = probability[..., self._level, self._initial]
        return np.asarray(assign(self.readout, seen)(population))


def _start_values(device: _Device, names: Mapping[str, str]) -> lmfit.Parameters:
    import lmfit  # here, because importing it takes a second

    parameters = lmfit.Parameters()
    for name, full in names.items():
        value = device.value(full)
        if np.ndim(value):
            remedy = "vary a factor that all points share, e.g. that of factor * waveform"
            errors.fail("free", "name numbers that all points share", f"{name!r}, an array", remedy)
        probability = isinstance(device.readout, Confusion) and full.startswith("readout.")
        parameters.add(
            _plain(name), value=value, **({"min": 0.0, "max": 0.5} if probability else {})
        )
    return parameters


def _plain(name: str) -> str:
    """A name that lmfit accepts; it refuses dots."""
    return name.replace(".", "__")


def _dotted(name: str) -> str:
    return name.replace("__", ".")


def _descend(
    residual: Callable[[Values], Array], parameters: lmfit.Parameters, start: Mapping[str, float]
) -> Minimum:
    """One descent, in lmfit's names inside and dotted ones outside."""

    def dotted(values: Mapping[str, float]) -> Values:
        return {_dotted(name): value for name, value in values.items()}

    end = minimize(
        lambda values: residual(dotted(values)),
        parameters,
        [{_plain(name): value for name, value in start.items()}],
    )
    return replace(
        end,
        values=dotted(end.values),
        free=tuple(map(_dotted, end.free)),
        stuck=tuple(map(_dotted, end.stuck)),
    )


def _conclude(
    points: Points,
    best: Minimum,
    minima: Sequence[Minimum],
    device: _Device,
    names: Mapping[str, str],
) -> Fit:
    curve = device.signal({full: best.values[name] for name, full in names.items()})
    sigma = points.sigma if points.known else points.sigma * np.sqrt(best.reduced)
    data = {"signal": points.signal, "sigma": sigma, "model": curve}
    rms = float(np.sqrt(np.mean((points.signal - curve) ** 2)))
    notes = [f"Root mean square deviation {rms:.4f}."]
    if len(minima) > 1:
        same = sum(end.deviance - best.deviance < _SAME_MINIMUM for end in minima)
        notes.append(f"{same} of {len(minima)} starts end in this minimum.")
    return conclude(
        best,
        xr.Dataset({key: ("x", value) for key, value in data.items()}, {"x": points.x}),
        title=f"Device model over {points.x.size} points.",
        known=points.known,
        notes=notes,
        settings={"free": list(names.values()), "readout": repr(device.readout)},
        references=["lmfit", "blanes2009"],
    )
