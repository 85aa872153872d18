"""Evolution through QuTiP's solvers, from kink to kink, with an error."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import numpy as np
import qutip
import xarray as xr
from numpy.typing import ArrayLike
from qutip.solver.integrator import IntegratorException

from lzopen.conventions import is_hermitian
from lzopen.dynamics.propagation import refined_propagator
from lzopen.dynamics.windows import given_times
from lzopen.errors import (
    LzopenError,
    choice,
    fail,
    instance,
    positive,
    single,
    warn,
    whole,
)
from lzopen.models import Model
from lzopen.models.parameters import describe
from lzopen.models.stepping import SOLVERS
from lzopen.results import label
from lzopen.waveforms.base import Array

_TIGHTER = 30.0  # how much tighter each run is than the one before
_TIGHTEST = 1e-13
_FLOOR = 10.0  # local tolerances, which the errors of many steps add up to
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
        lzopen's own Magnus propagator, for all models whose collapse operators stand still.
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
        If the error stays above ``tol`` at the tightest tolerances.

    References
    ----------
    N. Lambert et al., QuTiP 5, Phys. Rep. 1153, 1 (2026).

    Examples
    --------
    >>> import numpy as np, lzopen as lz
    >>> qubit = lz.TwoLevel(sweep=lz.Linear(rate=1.0), gap=1.0)
    >>> run = lz.evolve(qubit, times=np.linspace(-30, 30, 61), initial="ground")
    >>> round(run.adiabatic_population[-1, 1].item(), 4)
    0.2079
    """
    instance("model", model, Model, "e.g. lz.TwoLevel(sweep=lz.Linear(1.0), gap=1.0)")
    t = given_times(times)
    if model.batch_shape:
        remedy = "use lz.transition_matrix for all, or evolve one after the other"
        fail("model", "be a single model", f"a batch of shape {model.batch_shape}", remedy)
    tol = single("tol", positive("tol", tol))
    state = initial_state(model, initial, float(t[0]), temperature)
    solver = _chosen_solver(model, solver, state, seed)
    chosen = _checked_options(model, solver, options or {})
    if solver == "mcsolve":
        states, error = _by_trajectories(model, t, state, seed, chosen)
    elif solver == "engine":
        states, error = _by_engine(model, t, state, tol)
    else:
        states, error = _by_qutip(model, t, state, solver, tol, chosen)
    if solver != "mcsolve" and error.max() > tol:
        _warn_of_error(float(error.max()), tol)
    return _dataset(model, t, states, error, solver=solver, tol=tol, seed=seed)


def initial_state(
    model: Model, initial: Any, t: float, temperature: float | None = None
) -> qutip.Qobj:
    """A level, "ground", "thermal" or a Qobj, as a state at time t."""
    if isinstance(initial, qutip.Qobj):
        return _checked_state(initial, model.n_levels)
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


def _checked_state(state: qutip.Qobj, n_levels: int) -> qutip.Qobj:
    """A ket or density matrix of so many levels, without a tensor structure."""
    if state.isbra or state.issuper or state.shape[0] != n_levels:
        fail("initial", f"be a ket or operator of {n_levels} levels", f"of shape {state.shape}")
    matrix = _density(state)
    if abs(matrix.trace() - 1) > 1e-6:
        fail("initial", "be normalised", f"of norm {state.norm():g}", "use .unit()")
    if not is_hermitian(matrix) or np.linalg.eigvalsh(matrix)[0] < -1e-9:
        fail("initial", "be a density matrix, Hermitian and not negative", matrix)
    return qutip.Qobj(state.full())


def _chosen_solver(model: Model, solver: str, state: qutip.Qobj, seed: int | None) -> str:
    choice("solver", solver, ("auto", *SOLVERS, "engine"))
    if solver == "auto":
        solver = "mesolve" if model.has_jumps else "sesolve"
    if solver == "sesolve" and model.has_jumps:
        remedy = "mesolve and mcsolve carry environments"
        fail("solver", "carry the model's environments", repr(solver), remedy)
    if solver == "mcsolve":
        if not model.environments:
            remedy = "name what leaks with lz.Leak" if not model.is_hermitian else ""
            fail("solver", "be 'sesolve' for a model without environments", repr(solver), remedy)
        if seed is None:
            fail("seed", "be given for mcsolve", seed, "the same seed gives the same numbers")
        whole("seed", seed)
    elif seed is not None:
        fail("seed", "be left out unless solver='mcsolve'", seed, "nothing else is random")
    return "mesolve" if solver == "sesolve" and state.isoper else solver


def _checked_options(model: Model, solver: str, options: Mapping[str, Any]) -> dict[str, Any]:
    """A copy of the user's options, all of which the solver knows."""
    instance("options", options, Mapping, "e.g. {'progress_bar': ''}")
    if solver == "engine":
        known: set[str] = set()
    else:
        kind = {"sesolve": qutip.SESolver, "mesolve": qutip.MESolver, "mcsolve": qutip.MCSolver}
        methods = kind[solver].avail_integrators()
        methods = {name: methods[name] for name in methods if name not in ("diag", "krylov")}
        method = choice("options['method']", options.get("method", "vern9"), methods)
        known = {*kind[solver].solver_options, *methods[method].integrator_options, "method"}
    if solver == "mcsolve":
        whole("options['ntraj']", options.get("ntraj", 1), least=1)
        known.add("ntraj")
    elif tolerances := {"atol", "rtol"} & options.keys():
        fail("options", "leave the tolerances to `tol`", sorted(tolerances))
    if unknown := sorted(options.keys() - known):
        remedy = f"known are {', '.join(sorted(known))}" if known else "give none"
        fail("options", f"be known to {solver}", unknown, remedy)
    return dict(options)


def _by_qutip(
    model: Model, t: Array, state: Any, solver: str, tol: float, options: dict[str, Any]
) -> tuple[Array, Array]:
    """Density matrices, solved with ever tighter tolerances until they stand still."""

    def run(tolerance: float) -> Array:
        tight = {"atol": tolerance * 1e-2, "rtol": tolerance, "store_states": True}
        return _from_kink_to_kink(model, t, state, solver, options | tight)

    tolerance = max(tol / _TIGHTER, _TIGHTEST)
    found = run(tolerance)
    while True:
        tolerance = max(tolerance / _TIGHTER, _TIGHTEST)
        before, found = found, run(tolerance)
        # A population may stand still by chance, and errors are handed on in time.
        change = np.maximum.accumulate(np.linalg.norm(found - before, axis=(-2, -1)))
        error = np.tile((change + _FLOOR * tolerance)[:, None], model.n_levels)
        if error.max() <= tol or tolerance <= _TIGHTEST:
            return found, error


def _from_kink_to_kink(
    model: Model, t: Array, state: Any, solver: str, options: dict[str, Any]
) -> Array:
    """Density matrices at all times, with the state handed over at every kink."""
    cuts = np.concatenate([t[:1], model.kinks(t[0], t[-1]), t[-1:]])
    found: list[Array] = [_density(state)]
    for start, end in pairwise(cuts):
        inside = t[(t > start) & (t < end)]
        grid = np.concatenate([[start], inside, [end]])
        chosen = model.solver_options(start, end, solver) | options
        try:
            if solver == "sesolve":
                result = qutip.sesolve(model.H, state, grid, options=chosen)
            else:
                result = qutip.mesolve(model.H, state, grid, model.c_ops, options=chosen)
        except IntegratorException as error:
            raise LzopenError(
                f"Argument `options` must let {solver} reach the end, but it stops: {error}; "
                "leave the steps to lzopen, choose a unit of time in which rates are near 1, "
                "or take solver='engine'."
            ) from error
        state = result.states[-1]
        keep = result.states[1:] if end in t else result.states[1:-1]
        found.extend(_density(kept) for kept in keep)
    return np.array(found)


def _by_engine(model: Model, t: Array, state: Any, tol: float) -> tuple[Array, Array]:
    """Density matrices by the Magnus propagator, all stretches side by side."""
    factor = max(2.0, np.sqrt(model.n_levels))  # ρ holds the propagator twice; norms of matrices
    stretches, off = refined_propagator(model, t[:-1], t[1:], tol / factor / (t.size - 1))
    found = [_density(state)]
    for stretch in stretches:
        found.append(_advance(found[-1], stretch, model.has_jumps))
    error = factor * np.concatenate([[0.0], off[:, 0, 0]]).cumsum()
    return np.array(found), np.tile(error[:, None], model.n_levels)


def _advance(matrix: Array, step: Array, is_superoperator: bool) -> Array:
    if is_superoperator:
        return (step @ matrix.reshape(-1, order="F")).reshape(matrix.shape, order="F")
    return step @ matrix @ step.conj().T


def _by_trajectories(
    model: Model, t: Array, state: Any, seed: int | None, options: dict[str, Any]
) -> tuple[Array, Array]:
    """Average density matrices over quantum jumps, and standard errors of the populations."""
    ntraj = options.pop("ntraj", _TRAJECTORIES)
    twin = model.with_sink()
    chosen = twin.solver_options(t[0], t[-1]) | {"store_states": True} | options
    result = qutip.mcsolve(
        twin.H,
        twin.embed(state),
        t,
        twin.c_ops,
        e_ops=twin.projectors,
        ntraj=ntraj,
        seeds=seed,
        options=chosen,
    )
    size = model.n_levels
    states = np.array([_density(average)[:size, :size] for average in result.average_states])
    runs = result.num_trajectories
    error = np.real(np.array(result.std_expect)).T / np.sqrt(runs)
    return states, np.maximum(error, 1 / runs)  # what has not happened yet has no scatter


def _warn_of_error(worst: float, tol: float) -> None:
    message = f"The populations may be off by {worst:.1e} > tol = {tol:.1e}; raise tol."
    warn(message, worst, 4)


def _density(state: qutip.Qobj) -> Array:
    return np.asarray((state.proj() if state.isket else state).full())


def _diagonal(matrices: Array) -> Array:
    return np.real(np.diagonal(matrices, axis1=-2, axis2=-1))


def _dataset(model: Model, t: Array, states: Array, error: Array, **record: Any) -> xr.Dataset:
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
        model=describe(model),
        references=["qutip5"],
        quantity="evolve",
        **record,
    )
