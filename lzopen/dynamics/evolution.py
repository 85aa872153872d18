"""Evolution through QuTiP's solvers, from kink to kink, with an error."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import qutip
import xarray as xr
from numpy.typing import ArrayLike
from qutip.solver.heom import HEOMSolver

from lzopen.dynamics.initial import density, initial_densities, initial_state
from lzopen.dynamics.runs import by_engine, by_hierarchy, by_qutip, by_trajectories
from lzopen.dynamics.windows import given_times
from lzopen.errors import choice, fail, increasing, instance, positive, single, warn, whole
from lzopen.models import Model
from lzopen.models.grid import batch_axes
from lzopen.models.parameters import describe, sources
from lzopen.models.stepping import SOLVERS
from lzopen.results import label
from lzopen.waveforms.base import ROUND_OFF, Array

_KINDS = {
    "sesolve": qutip.SESolver,
    "mesolve": qutip.MESolver,
    "mcsolve": qutip.MCSolver,
    "brmesolve": qutip.BRSolver,
    "heomsolve": HEOMSolver,
}
_OWN_OPTIONS = {"mcsolve": ("ntraj", 1), "heomsolve": ("max_depth", 3)}  # and their least value
_MOMENTS = 32  # at which energies are looked at


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
        One model; or a batch, which goes to the engine.
    times : (n,) or batch + (n,) array_like
        Strictly increasing; the evolution starts at the first one. Members of a batch may have
        times of their own.
    initial : int, {"ground", "thermal"} or Qobj
        Diabatic level, instantaneous ground or thermal state at the first time, or any state.
    solver : {"auto", "sesolve", "mesolve", "mcsolve", "brmesolve", "heomsolve", "engine"}
        "auto" takes sesolve without collapse operators, brmesolve with a `ThermalBath`, and
        mesolve with others; also with a bath where brmesolve fails: if H or a coupling is
        complex, levels leak, energies stay equal or baths differ in their ``width``.
        "heomsolve" keeps the memory of thermal baths that are sums of exponentials, in a
        hierarchy that is made deeper until the answer stands still. "engine" is lzopen's own
        Magnus propagator, for collapse operators that stand still and for a qubit that
        dephases in the adiabatic basis.
    temperature : float, optional
        Temperature of a thermal initial state, an energy.
    tol : float
        Absolute error to aim for.
    seed : int, optional
        Seed of the trajectories of mcsolve; needed there.
    options : mapping, optional
        Handed to QuTiP on top of ``model.solver_options``; e.g. ``{"progress_bar": "tqdm"}``,
        ``{"ntraj": 2000}`` for mcsolve, which takes 500 trajectories by itself, or
        ``{"max_depth": 8}``, beyond which the hierarchy of heomsolve is not made deeper; by
        itself it stops at 1e5 equations.

    Returns
    -------
    xarray.Dataset
        ``population`` (time, level) of the diabatic levels with its ``error``, batch axes in
        front (and ``moment`` instead of ``time`` where members have times of their own),
        ``adiabatic_population`` (time, state) of the instantaneous eigenstates, ascending, and
        ``survival`` (time), the trace, which falls below one only where probability
        leaks. For mcsolve the error is the standard error of the
        trajectories, and at least one over their number. The record has the number of
        ``trajectories``, or the ``max_depth`` of the hierarchy.

    Raises
    ------
    LzopenError
        If the times do not increase, the initial state does not fit, or the solver cannot
        carry the model.

    Warns
    -----
    LzopenWarning
        If the error stays above ``tol`` at the tightest tolerances, or at the depth at which
        the hierarchy ends.

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
    >>> run = lz.evolve(lz.vary(qubit, {"gap": [0.5, 1.0]}), times=[-30, 30], initial="ground")
    >>> run.adiabatic_population[:, -1, 1].values.round(4).tolist()
    [0.6752, 0.2079]
    """
    instance("model", model, Model, "e.g. lz.TwoLevel(sweep=lz.Linear(1.0), gap=1.0)")
    tol = single("tol", positive("tol", tol))
    if model.batch_shape:
        _refuse_qutip(solver, seed, options)
        return _of_batch(model, times, initial, temperature, tol)
    t = given_times(times)
    state = initial_state(model, initial, float(t[0]), temperature)
    solver = _chosen_solver(model, solver, t, state, seed)
    chosen = _checked_options(model, solver, options or {})
    if solver == "mcsolve":
        states, error, made = by_trajectories(model, t, state, seed, chosen)
    elif solver == "engine":
        states, error, made = by_engine(model, t, density(state), tol)
    elif solver == "heomsolve":
        states, error, made = by_hierarchy(model, t, state, tol, chosen)
    else:
        states, error, made = by_qutip(model, t, state, solver, tol, chosen)
    if solver != "mcsolve" and error.max() > tol:
        _warn_of_error(float(error.max()), tol, solver)
    return _dataset(model, t, states, error, solver=solver, tol=tol, seed=seed, **made)


def _refuse_qutip(solver: str, seed: int | None, options: Mapping[str, Any] | None) -> None:
    """Of a batch all members are on the engine."""
    choice("solver", solver, ("auto", *SOLVERS, "engine"))
    if solver not in ("auto", "engine"):
        remedy = "QuTiP takes one model at a time: lz.scan(lz.evolve, ...) loops over them"
        fail("solver", "be 'engine' for a batch", repr(solver), remedy)
    for name, value in (("seed", seed), ("options", options)):
        if value is not None and value != {}:
            fail(name, "be left out for a batch", value, "they are for QuTiP")


def _of_batch(
    model: Model, times: ArrayLike, initial: Any, temperature: float | None, tol: float
) -> xr.Dataset:
    """All members, at common times or each at its own."""
    t = increasing("times", times, "sort it; to run backwards take model.reversed()")
    if t.ndim > 1 and t.shape[:-1] != model.batch_shape:
        must = f"be one-dimensional, or have the shape of the batch, {model.batch_shape}, in front"
        fail("times", must, f"of shape {t.shape}")
    state = initial_densities(model, initial, t[..., 0], temperature)
    states, error, _ = by_engine(model, t, state, tol)
    if error.max() > tol:
        _warn_of_error(float(error.max()), tol, "engine")
    return _dataset(model, t, states, error, solver="engine", tol=tol, seed=None)


def _chosen_solver(model: Model, solver: str, t: Array, state: qutip.Qobj, seed: int | None) -> str:
    choice("solver", solver, ("auto", *SOLVERS, "engine"))
    has_bath = any(environment.is_bath for environment in model.environments)
    if solver == "auto" and has_bath:
        solver = "brmesolve" if _suits_redfield(model, t) else "mesolve"
    elif solver == "auto":
        solver = "mesolve" if model.has_jumps else "sesolve"
    elif solver == "brmesolve" and _has_equal_energies(model, t):
        remedy = "the same master equation stands in c_ops: solver='mesolve'"
        fail("solver", "be another one where energies stay equal", "'brmesolve'", remedy)
    if solver == "sesolve" and model.has_jumps:
        remedy = "mesolve and mcsolve carry environments"
        fail("solver", "carry the model's environments", repr(solver), remedy)
    if solver in ("brmesolve", "heomsolve") and not has_bath:
        remedy = "it is for an lz.ThermalBath; mesolve carries other environments"
        fail("solver", "fit a model without thermal bath", repr(solver), remedy)
    if solver == "mcsolve":
        if not model.environments:
            remedy = "name what leaks with lz.Leak" if not model.is_hermitian else ""
            fail("solver", "be 'sesolve' for a model without environments", repr(solver), remedy)
        if seed is None:
            remedy = "the same seed gives the same numbers"
            page = "guide/choosing#solver-of-evolve"
            fail("seed", "be given for mcsolve", seed, remedy, page)
        whole("seed", seed)
    elif seed is not None:
        fail("seed", "be left out unless solver='mcsolve'", seed, "nothing else is random")
    return "mesolve" if solver == "sesolve" and state.isoper else solver


def _suits_redfield(model: Model, t: Array) -> bool:
    one_width = len({e.sec_cutoff for e in model.environments if e.is_bath}) == 1
    return model.is_hermitian and model.is_real and one_width and not _has_equal_energies(model, t)


def _has_equal_energies(model: Model, t: Array) -> bool:
    """brmesolve measures its width by the smallest distance of energies, be it round-off."""
    energies = model.energies(np.linspace(t[0], t[-1], _MOMENTS))
    distance = np.diff(energies).min(axis=-1, initial=np.inf)
    return bool((distance <= ROUND_OFF * np.abs(energies).max(axis=-1)).sum() > 1)


def _checked_options(model: Model, solver: str, options: Mapping[str, Any]) -> dict[str, Any]:
    """A copy of the user's options, all of which the solver knows."""
    instance("options", options, Mapping, "e.g. {'progress_bar': ''}")
    known: set[str] = set()
    if solver != "engine":
        methods = _KINDS[solver].avail_integrators()
        methods = {name: methods[name] for name in methods if name not in ("diag", "krylov")}
        method = choice("options['method']", options.get("method", "vern9"), methods)
        known = {*_KINDS[solver].solver_options, *methods[method].integrator_options, "method"}
    if solver in _OWN_OPTIONS:
        name, least = _OWN_OPTIONS[solver]
        whole(f"options['{name}']", options.get(name, least), least=least)
        known.add(name)
    if solver != "mcsolve" and (tolerances := {"atol", "rtol"} & options.keys()):
        fail("options", "leave the tolerances to `tol`", sorted(tolerances))
    if unknown := sorted(options.keys() - known):
        remedy = f"known are {', '.join(sorted(known))}" if known else "give none"
        fail("options", f"be known to {solver}", unknown, remedy)
    return dict(options)


def _warn_of_error(worst: float, tol: float, solver: str) -> None:
    remedy = "raise tol or options['max_depth']" if solver == "heomsolve" else "raise tol"
    text = f"The populations may be off by {worst:.1e} > tol = {tol:.1e}; {remedy}."
    warn(text, worst, 4, page="guide/solving#evolve")


def _diagonal(matrices: Array) -> Array:
    return np.real(np.diagonal(matrices, axis1=-2, axis2=-1))


def _dataset(model: Model, t: Array, states: Array, error: Array, **record: Any) -> xr.Dataset:
    vectors = model.eigenstates(t)[1]
    adiabatic = np.einsum("...ik,...ij,...jk->...k", vectors.conj(), states, vectors).real
    batch, coords = batch_axes(model, model.batch_shape)
    levels, when = np.arange(model.n_levels), "time" if t.ndim == 1 else "moment"
    coords |= {"time": ("time" if t.ndim == 1 else (*batch, when), t, {"units": "time"})}
    dims = (*batch, when)
    data = xr.Dataset(
        {
            "population": ((*dims, "level"), _diagonal(states)),
            "error": ((*dims, "level"), error),
            "adiabatic_population": ((*dims, "state"), adiabatic),
            "survival": (dims, _diagonal(states).sum(axis=-1)),
        },
        coords={**coords, "level": levels, "state": levels},
    )
    return label(
        data,
        parameters=model.parameters,
        model=describe(model),
        references=["blanes2009" if record["solver"] == "engine" else "qutip5", *sources(model)],
        quantity="evolve",
        **record,
    )
