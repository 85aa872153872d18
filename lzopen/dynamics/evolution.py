"""Evolution through QuTiP's solvers, from kink to kink, with an error."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import numpy as np
import qutip
import xarray as xr
from numpy.typing import ArrayLike

from lzopen.dynamics.magnus import propagator
from lzopen.dynamics.transition import generators
from lzopen.dynamics.windows import step_edges
from lzopen.errors import choice, fail, increasing, instance, positive, warn
from lzopen.models import Model
from lzopen.models.stepping import SOLVERS, accumulated_phase, bends
from lzopen.results import label
from lzopen.waveforms.base import Array

_TIGHTER = 30.0  # how much tighter each run is than the one before
_TIGHTEST = 1e-13
_FLOOR = 0.1  # of a tolerance: two runs may agree by chance
_TRAJECTORIES = 500


def evolve(
    model: Model,
    *,
    times: ArrayLike,
    initial: int | str | qutip.Qobj = 0,
    solver: str = "auto",
    temperature: float | None = None,
    tol: float = 1e-6,
    seed: int | None = None,
    options: Mapping[str, Any] | None = None,
) -> xr.Dataset:
    """Populations along a sweep, by QuTiP made safe.

    The evolution runs from kink to kink with a step that resolves each piece, at least
    twice, each time with tighter tolerances, until the answer stands still. The last answer is
    returned, and its distance from the one before as the error.

    Parameters
    ----------
    model : Model
        A single model.
    times : (n,) array_like
        Strictly increasing; the evolution starts at the first one.
    initial : int, {"ground", "thermal"} or Qobj
        Diabatic level, instantaneous ground or thermal state at the first time, or any state.
    solver : {"auto", "sesolve", "mesolve", "mcsolve", "engine"}
        "auto" takes sesolve without and mesolve with collapse operators. "engine" is
        lzopen's own Magnus propagator, for closed models and fixed collapse operators.
    temperature : float, optional
        Temperature of a thermal initial state, an energy.
    tol : float
        Absolute error to aim for.
    seed : int, optional
        Seed of the trajectories of mcsolve; needed there.
    options : mapping, optional
        Handed to QuTiP on top of ``model.solver_options``; e.g. ``{"progress_bar": "tqdm"}``,
        or ``{"ntraj": 2000}`` for mcsolve.

    Returns
    -------
    xarray.Dataset
        ``population`` (time, level) of the diabatic levels with its ``error``,
        ``adiabatic_population`` (time, state) of the instantaneous eigenstates, ascending, and
        ``survival`` (time), the trace, which falls below one only where probability
        leaks. For mcsolve the error is the standard error of the
        trajectories, and at least one over their number.

    Raises
    ------
    LzopenError
        If the times do not increase, the initial state does not fit, or the solver cannot
        carry the model.

    Warns
    -----
    LzopenWarning
        If the answer still moves by more than ``tol`` at the tightest tolerances.

    Examples
    --------
    >>> import numpy as np, lzopen as lz
    >>> qubit = lz.TwoLevel(sweep=lz.Linear(rate=1.0), gap=1.0)
    >>> run = lz.evolve(qubit, times=np.linspace(-30, 30, 61), initial="ground")
    >>> round(run.adiabatic_population[-1, 1].item(), 4)
    0.2079
    """
    instance("model", model, Model, "e.g. lz.TwoLevel(sweep=lz.Linear(1.0), gap=1.0)")
    t = increasing("times", times, "sort it; to run backwards evolve model.reversed()")
    if t.ndim != 1:
        fail("times", "be one-dimensional", f"of shape {t.shape}")
    model.solver_options(t[0], t[-1])  # refuses a batch before any work
    solver = _chosen_solver(model, solver)
    tol = positive("tol", tol)
    state = initial_state(model, initial, float(t[0]), temperature)
    if solver == "mcsolve":
        states, error = _trajectories(model, t, state, seed, dict(options or {}))
    else:
        run = _by_engine if solver == "engine" else _by_qutip
        states, error = _tightened(run, model, t, state, solver, tol, dict(options or {}))
    return _dataset(model, t, states, error, solver, tol, seed)


def initial_state(
    model: Model, initial: Any, t: float, temperature: float | None = None
) -> qutip.Qobj:
    """A level, "ground", "thermal" or a Qobj, as a state at time t."""
    if isinstance(initial, qutip.Qobj):
        if initial.shape[0] != model.n_levels:
            fail("initial", f"have {model.n_levels} levels", f"of shape {initial.shape}")
        if abs(_density(initial).trace() - 1) > 1e-6:
            fail("initial", "be normalised", f"of norm {initial.norm():g}", "use .unit()")
        return initial
    if np.ndim(initial):
        fail("initial", "be a level, a word or a Qobj", initial, "wrap it: qutip.Qobj(array)")
    if initial == "thermal" and temperature is None:
        fail("temperature", "be given with initial='thermal'", temperature)
    if initial == "thermal":
        return model.thermal_state(t, temperature)  # type: ignore[arg-type]
    if temperature is not None:
        fail("temperature", "be left out unless initial='thermal'", temperature)
    if initial == "ground":
        return model.ground_state(t)
    choice("initial", initial, [*range(model.n_levels), "ground", "thermal"])
    return qutip.basis(model.n_levels, int(initial))


def _chosen_solver(model: Model, solver: str) -> str:
    choice("solver", solver, ("auto", *SOLVERS, "engine"))
    if solver == "auto":
        return "mesolve" if model.environments else "sesolve"
    if solver == "sesolve" and model.environments:
        remedy = "mesolve and mcsolve carry environments"
        fail("solver", "carry the model's environments", repr(solver), remedy)
    if solver == "mcsolve" and not model.environments:
        fail("solver", "be 'sesolve' for a model without environments", repr(solver))
    return solver


def _tightened(
    run: Any, model: Model, t: Array, state: Any, solver: str, tol: float, options: dict[str, Any]
) -> tuple[Array, Array]:
    if unknown := {"atol", "rtol"} & options.keys():
        fail("options", "leave the tolerances to `tol`", sorted(unknown))
    if solver == "sesolve" and state.isoper:
        solver = "mesolve"
    tolerance = max(tol / _TIGHTER, _TIGHTEST)
    found = run(model, t, state, solver, tolerance, options)
    while True:
        tolerance = max(tolerance / _TIGHTER, _TIGHTEST)
        before, found = found, run(model, t, state, solver, tolerance, options)
        error = np.abs(_diagonal(found) - _diagonal(before)) + _FLOOR * tolerance
        if error.max() <= tol or tolerance <= _TIGHTEST:
            break
    if error.max() > tol:
        worst = float(error.max())
        warn(f"The populations still move by {worst:.1e} > tol = {tol:.1e}; raise tol.", worst, 4)
    return found, error


def _by_qutip(
    model: Model, t: Array, state: Any, solver: str, tolerance: float, options: dict[str, Any]
) -> Array:
    """Density matrices at all times, with the state handed over at every kink."""
    cuts = np.concatenate([t[:1], model.kinks(t[0], t[-1]), t[-1:]])
    found: list[Array] = [_density(state)]
    for start, end in pairwise(cuts):
        inside = t[(t > start) & (t < end)]
        grid = np.concatenate([[start], inside, [end]])
        result = _solve(model, grid, state, solver, tolerance, options)
        state = result.states[-1]
        keep = result.states[1:] if end in t else result.states[1:-1]
        found.extend(_density(kept) for kept in keep)
    return np.array(found)


def _solve(
    model: Model, grid: Array, state: Any, solver: str, tolerance: float, options: dict[str, Any]
) -> qutip.solver.Result:
    chosen = model.solver_options(grid[0], grid[-1], solver) | options
    chosen |= {"atol": tolerance * 1e-2, "rtol": tolerance, "store_states": True}
    if solver == "sesolve":
        return qutip.sesolve(model.H, state, grid, options=chosen)
    return qutip.mesolve(model.H, state, grid, model.c_ops, options=chosen)


def _by_engine(
    model: Model, t: Array, state: Any, solver: str, tolerance: float, options: dict[str, Any]
) -> Array:
    """Density matrices by the Magnus propagator, all stretches side by side."""
    if options:
        fail("options", "be left out for the engine", options)
    start, end = t[:-1], t[1:]
    # Sixth order: the number of steps grows with the inverse sixth root of the tolerance.
    turns = float(accumulated_phase(model.terms, start, end).max()) + bends(model.terms, start, end)
    steps = int(np.ceil((2 + turns) * max(1.0, (1e-6 / tolerance) ** (1 / 6))))
    stretches = propagator(generators(model), step_edges(model, start, end, steps))
    found = [_density(state)]
    for stretch in stretches:
        found.append(_advance(found[-1], stretch, bool(model.environments)))
    return np.array(found)


def _advance(matrix: Array, step: Array, is_superoperator: bool) -> Array:
    if is_superoperator:
        return (step @ matrix.reshape(-1, order="F")).reshape(matrix.shape, order="F")
    return step @ matrix @ step.conj().T


def _trajectories(
    model: Model, t: Array, state: Any, seed: int | None, options: dict[str, Any]
) -> tuple[Array, Array]:
    """Average density matrices over quantum jumps, and standard errors of the populations."""
    if seed is None:
        fail("seed", "be given for mcsolve", seed, "the same seed gives the same numbers")
    ntraj = options.pop("ntraj", _TRAJECTORIES)
    chosen = model.solver_options(t[0], t[-1], "mcsolve") | {"store_states": True} | options
    result = qutip.mcsolve(
        model.H,
        state,
        t,
        model.c_ops,
        e_ops=model.projectors,
        ntraj=ntraj,
        seeds=seed,
        options=chosen,
    )
    states = np.array([_density(average) for average in result.average_states])
    runs = result.num_trajectories
    error = np.real(np.array(result.std_expect)).T / np.sqrt(runs)
    return states, np.maximum(error, 1 / runs)  # what has not happened yet has no scatter


def _density(state: qutip.Qobj) -> Array:
    return np.asarray((state.proj() if state.isket else state).full())


def _diagonal(matrices: Array) -> Array:
    return np.real(np.diagonal(matrices, axis1=-2, axis2=-1))


def _dataset(
    model: Model, t: Array, states: Array, error: Array, solver: str, tol: float, seed: int | None
) -> xr.Dataset:
    vectors = model.eigenstates(t)[1]
    adiabatic = np.einsum("tik,tij,tjk->tk", vectors.conj(), states, vectors).real
    levels = np.arange(model.n_levels)
    data = xr.Dataset(
        {
            "population": (("time", "level"), _diagonal(states)),
            "error": (("time", "level"), error),
            "adiabatic_population": (("time", "state"), adiabatic),
            "survival": ("time", _diagonal(states).sum(axis=-1)),
        },
        coords={"time": t, "level": levels, "state": levels},
    )
    return label(
        data,
        parameters=model.parameters,
        references=["qutip5"],
        quantity="evolve",
        solver=solver,
        tol=tol,
        seed=seed,
    )
