"""Interferograms: what a driven system settles to, or ends in, over a grid of parameters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import qutip
import xarray as xr
from numpy.typing import ArrayLike

from lzopen.dynamics.initial import initial_densities
from lzopen.dynamics.periodic.steady import ends_of_windows, steady_state, train
from lzopen.environments.base import hermitian
from lzopen.errors import fail, finite, instance, positive, shape, single, warn, whole
from lzopen.interferometry.axes import Grid
from lzopen.interferometry.axes import grid as over_grid
from lzopen.interferometry.pulses import window_of_pulses
from lzopen.models import Model
from lzopen.models.parameters import describe, sources
from lzopen.results import label
from lzopen.scan import batchable
from lzopen.waveforms.base import Array

_LEAKY = "A leaky model ends empty; its populations are those of what is left, at a steady loss."


@batchable
def interferogram(
    model: Model,
    *,
    over: Mapping[str, ArrayLike] | None = None,
    at: float | None = None,
    periods: int | Sequence[int] | None = None,
    window: Any = None,
    initial: int | str | qutip.Qobj | None = None,
    initial_temperature: float | None = None,
    start: float | None = None,
    observable: Any = None,
    tol: float = 1e-8,
    **axes: ArrayLike,
) -> xr.Dataset:
    """Populations of a driven system over a grid of any of its parameters, in one call.

    Three questions, by what the drive does:

    - a periodic drive with an environment that forgets: the periodic steady state, as its average
      over one period,

          P̄ = (1/τ) ∫₀^τ P(t) dt,    ρ(t + τ) = ρ(t),

      or, with ``at``, once per period at that time (stroboscopic);
    - with ``periods``: the state after so many periods of the drive from a given state;
    - a pulse, or any drive with a ``window``: the state at its end, from a given state.

    One cosine on the diagonal of H, with jumps that stand still, is solved by continued
    fractions in the harmonics of the drive. All else goes by the map over one period, for
    waveforms of every shape and environments that follow the energy eigenstates.

    Parameters
    ----------
    model : Model
        One model. All of its waveforms that move share a period (`Sinusoidal`, `Triangle`,
        `Square`, `Repeated`, sums with a common period) or rest before and after a pulse
        (`Trapezoid`), unless a ``window`` is given.
    over : mapping of str to (k,) array_like, optional
        Axes by parameter name, for names with a dot: ``{"dephasing.rate": [0.01, 0.1]}``. If the
        values are CuPy arrays, the work is done on their device.
    at : float, optional
        Time at which the steady state is read; left out, its average over a period is returned.
    periods : int or sequence of int, optional
        Length of a finite train. A sequence becomes one more dimension of the result.
    window : (t0, t1), optional
        Start and end of a drive that is not periodic, numbers or arrays that broadcast against the
        grid. Of pulses that rest before and after it may be left out.
    initial : int, {"ground", "thermal"} or Qobj, optional
        State that a train or a pulse starts in, as in `evolve`; diabatic level 0 if left out.
    initial_temperature : float, optional
        Of a thermal initial state, an energy.
    start : float, optional
        Time at which a train starts; zero if left out.
    observable : (n, n) array_like, Qobj or mapping of str to these, optional
        Operators whose expectation is returned as well, as ``expectation`` or under their names.
    tol : float
        Error to aim for.
    **axes : (k,) array_like
        Axes by short parameter name: ``amplitude=...``, ``bias=...``, ``omega=...``, ``gap=...``.

    Returns
    -------
    xarray.Dataset
        ``population`` (axes…, level) with its ``error`` (axes…). Steady states have a
        ``condition`` (axes…), by which round-off was amplified at most. If levels leak, they
        have ``survival`` and ``loss`` (axes…) per period, and a train and a pulse the
        ``survival`` at their end. Axes are coordinates with units. The record names all
        parameters, and `lzopen.save` keeps it all.

    Raises
    ------
    LzopenError
        If a name fits no parameter; if waveforms have no common period and no window is given; if
        nothing fixes the steady state, as in a closed model; or if an argument has no effect.

    Warns
    -----
    LzopenWarning
        If the error stays above ``tol``, some points have no single steady state and are NaN, or
        the only steady state is empty since levels leak: then the populations are those of what
        is left, which decays at a steady rate.

    References
    ----------
    S. N. Shevchenko, S. Ashhab and F. Nori, Phys. Rep. 492, 1 (2010); H. Risken, The Fokker-Planck
    Equation (Springer, 1989), on matrix continued fractions.

    Examples
    --------
    >>> import numpy as np, lzopen as lz
    >>> qubit = lz.TwoLevel(sweep=lz.Sinusoidal(amplitude=1.0, omega=2.0), gap=0.1)
    >>> noisy = qubit.with_environment(lz.Dephasing(0.02), lz.Decay(0.01, source=1, target=0))
    >>> fringes = lz.interferogram(noisy, amplitude=np.linspace(0, 20, 5), bias=[0.0, 2.0, 3.0])
    >>> dict(fringes.population.sizes)
    {'amplitude': 5, 'bias': 3, 'level': 2}
    >>> fringes.population.sel(amplitude=5.0, level=1).values.round(4).tolist()
    [0.045, 0.4541, 0.0058]
    """
    instance("model", model, Model, "e.g. lz.TwoLevel(sweep=lz.Sinusoidal(1.0, 2.0), gap=0.1)")
    tol = single("tol", positive("tol", tol))
    over = {} if over is None else over
    instance("over", over, Mapping, "e.g. {'dephasing.rate': [0.01, 0.1]}")
    for name in over.keys() & axes.keys():
        fail("over", "name each parameter once", f"repeating {name!r}", "drop one of the two")
    grid = over_grid(model, {**over, **axes})
    operators = _operators(observable, model.n_levels)
    batch, xp = grid.batch, grid.xp
    if window is not None or batch.period is None:
        what = "a drive that is not periodic" if window is None else "a window"
        _refuse({"at": at, "periods": periods, "start": start}, what)
        found = _pulsed(batch, window, (initial, initial_temperature), tol, xp)
    elif periods is not None:
        _refuse({"at": at}, "a finite train, which ends after whole periods")
        start = 0.0 if start is None else single("start", finite("start", start))
        found = _trains(batch, periods, start, (initial, initial_temperature), tol, xp)
    else:
        at = None if at is None else single("at", finite("at", at))
        begun = {"initial": initial, "initial_temperature": initial_temperature, "start": start}
        _refuse(begun, "a steady state; give periods= for a train")
        found = _steady(batch, at, tol, xp, observable is not None)
    data = _dataset(found, grid, operators)
    _warn_of_error(found.error, tol)
    asked = {
        "at": at,
        "periods": periods,
        "window": window,
        "initial": initial.full() if isinstance(initial, qutip.Qobj) else initial,
        "initial_temperature": initial_temperature,
        "start": start,
        "observable": operators or None,
    }
    return label(
        data,
        parameters=batch.parameters,
        model=describe(model),
        references=[*found.references, *sources(model)],
        quantity="interferogram",
        kind=found.kind,
        tol=tol,
        **{name: value for name, value in asked.items() if value is not None},
    )


@dataclass(frozen=True)
class _Found:
    """Density matrices of all members in a row, and what is known of each."""

    kind: str
    states: Array  # members + own + (n, n)
    error: Array  # members + own
    numbers: dict[str, Array]  # each as the error
    references: Sequence[str]
    own: dict[str, Any] = field(default_factory=dict)  # coordinates behind those of the grid


def _steady(batch: Model, at: float | None, tol: float, xp: Any, coherences: bool) -> _Found:
    """The periodic steady state; of leaky levels what is left, with how fast that falls."""
    found = steady_state(batch, at, tol, xp, coherences)
    kind = "average" if at is None else "stroboscopic"
    numbers = {"condition": found.condition}
    if not batch.is_hermitian:
        period = np.broadcast_to(batch.period, batch.batch_shape).ravel()
        warn(_LEAKY, float(np.nanmax(found.loss)), 4, page="guide/interferograms#leaks")
        numbers |= {
            "survival": np.exp(-found.loss * period),
            "loss": -np.expm1(-found.loss * period),
        }
    return _Found(kind, found.state, found.error, numbers, ["shevchenko2010", "risken1989"])


def _trains(
    batch: Model, periods: Any, start: float, begun: tuple[Any, Any], tol: float, xp: Any
) -> _Found:
    """The state after each of these numbers of periods."""
    counts = np.array([whole("periods", n) for n in np.atleast_1d(periods).tolist()])
    if not counts.size:
        fail("periods", "hold at least one number", periods)
    first = _first(batch, start, begun)
    first = first.reshape(-1, *first.shape[-2:])
    states, error = train(batch, start, counts, first, tol, xp)
    numbers = {} if batch.is_hermitian else {"survival": _populations(states).sum(axis=-1)}
    own = {"periods": ("periods", counts, {"long_name": "number of periods"})}
    if not np.ndim(periods):
        states, error, own = states[:, 0], error[:, 0], {}
        numbers = {name: values[:, 0] for name, values in numbers.items()}
    return _Found("train", states, error, numbers, ["shevchenko2010"], own)


def _pulsed(batch: Model, window: Any, begun: tuple[Any, Any], tol: float, xp: Any) -> _Found:
    """The state at the end of each window."""
    t0, t1 = window_of_pulses(batch, window)
    states, error = ends_of_windows(batch, t0, t1, _first(batch, t0, begun), tol, xp)
    numbers = {} if batch.is_hermitian else {"survival": _populations(states).sum(axis=-1)}
    return _Found("pulse", states, error, numbers, ["blanes2009"])


def _first(batch: Model, t: Any, begun: tuple[Any, Any]) -> Array:
    """Density matrices to start from, by what was asked for and its temperature."""
    initial, temperature = begun
    initial = 0 if initial is None else initial
    return initial_densities(batch, initial, t, temperature, "initial_temperature")


def _dataset(found: _Found, grid: Grid, operators: dict[str, Array]) -> xr.Dataset:
    """On the grid, with what the operators show."""
    dims = (*grid.dims, *found.own)
    sizes = (*grid.batch.batch_shape, *(len(c[1]) for c in found.own.values()))
    states = found.states.reshape(*sizes, *found.states.shape[-2:])
    numbers = {"error": found.error, **found.numbers}
    seen = {name: np.einsum("jk,...kj", op, states).real for name, op in operators.items()}
    data = {"population": ((*dims, "level"), _populations(states))}
    data |= {name: (dims, values.reshape(sizes)) for name, values in numbers.items()}
    coords = {**grid.coordinates, **found.own, "level": np.arange(states.shape[-1])}
    for name in seen.keys() & (data.keys() | coords.keys()):
        fail("observable", "have names of its own", f"called {name!r}", "rename it")
    return xr.Dataset(data | {name: (dims, values) for name, values in seen.items()}, coords)


def _populations(states: Array) -> Array:
    return np.real(np.diagonal(states, axis1=-2, axis2=-1))


def _operators(observable: Any, n_levels: int) -> dict[str, Array]:
    """Hermitian matrices by the name that they get in the result."""
    if observable is None:
        return {}
    named = observable if isinstance(observable, Mapping) else {"expectation": observable}
    size = (n_levels, n_levels)
    return {
        str(name): shape("observable", hermitian("observable", operator), size)
        for name, operator in named.items()
    }


def _refuse(given: Mapping[str, Any], what: str) -> None:
    """Raise for the first argument that would have no effect."""
    for name, value in given.items():
        if value is not None:
            fail(name, f"be left out for {what}", value)


def _warn_of_error(error: Array, tol: float) -> None:
    known = np.isfinite(error)
    if not known.all():
        text = f"{(~known).sum()} of {error.size} points have no single steady state and are NaN."
        text += " Damp all coherence and connect all levels there."
        page = "guide/interferograms#how-it-is-computed-and-what-the-error-means"
        warn(text, float((~known).sum()), 4, page)
    worst = float(error[known].max(initial=0.0))
    if worst > tol:
        text = f"The error {worst:.1e} stays above tol = {tol:.1e}; trust the digits it leaves."
        warn(text, worst, 4)
