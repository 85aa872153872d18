"""Runs of a model by one solver or another: density matrices in time, with an error."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import pairwise
from math import comb
from typing import Any, TypeVar

import numpy as np
import qutip
from qutip.solver.heom import HEOMSolver
from qutip.solver.integrator import IntegratorException

from lzopen.dynamics.initial import density
from lzopen.dynamics.picking import picked
from lzopen.dynamics.propagation import refined_propagator
from lzopen.errors import LzopenError
from lzopen.models import Model
from lzopen.waveforms.base import Array

_TIGHTER = 30.0  # how much tighter each run is than the one before
_TIGHTEST = 1e-13
_FLOOR = 10.0  # local tolerances, which the errors of many steps add up to
_TRAJECTORIES = 500
_FIRST_DEPTH, _LAST_DEPTH = 2, 30
_AT_ONCE = 2**22  # numbers in propagators that are held at once
_MOST_EQUATIONS = 1e5  # of a hierarchy that nobody has asked for

Options = dict[str, Any]
Run = tuple[Array, Array, dict[str, Any]]  # density matrices, errors, and what to record of it
Solve = Callable[[Any, Array, Options], tuple[Any, list[Array]]]
"""A state, times → the last state, and density matrices at all times."""
Read = Callable[[float, Any], Array]  # a time, a hierarchy → what to keep of it
Found = TypeVar("Found")


def by_qutip(model: Model, t: Array, state: Any, solver: str, tol: float, options: Options) -> Run:
    """Density matrices, solved with ever tighter tolerances until they stand still."""

    def run(tolerance: float) -> Array:
        solve = _master_equation(model, solver)
        return _from_kink_to_kink(model, t, state, solver, solve, options | _tight(tolerance))

    tolerance = max(tol / _TIGHTER, _TIGHTEST)
    found = run(tolerance)
    while True:
        tolerance = max(tolerance / _TIGHTER, _TIGHTEST)
        before, found = found, run(tolerance)
        error = _change(before, found) + _FLOOR * tolerance
        if error.max() <= tol or tolerance <= _TIGHTEST:
            return found, _for_levels(model, error), {}


def by_hierarchy(model: Model, t: Array, state: Any, tol: float, options: Options) -> Run:
    """Density matrices by ever deeper hierarchies, until they stand still."""
    deepest = options.pop("max_depth", None)

    def run(depth: int, tolerance: float) -> Array:
        return in_hierarchy(model, t, state, depth, tolerance, options)

    found, error, depth = deepened(model, run, _change, tol, deepest)
    return found, _for_levels(model, error), {"max_depth": depth}


def deepened(
    model: Model,
    run: Callable[[int, float], Found],
    change: Callable[[Found, Found], Array],
    tol: float,
    deepest: int | None = None,
) -> tuple[Found, Array, int]:
    """Anything that a hierarchy tells, made deeper until it stands still.

    Parameters
    ----------
    model : Model
        By the size of whose hierarchy the depth ends, unless ``deepest`` is given.
    run : callable
        Of a depth and a relative tolerance.
    change : callable
        By how much the second of two answers differs from the first, an array.
    tol : float
        Change to aim for.
    deepest : int, optional

    Returns
    -------
    tuple
        The answer, its error as an array like that of ``change``, and the depth.
    """
    deepest = deepest or _affordable_depth(model)
    tolerance = max(tol / _TIGHTER, _TIGHTEST)
    found = run(_FIRST_DEPTH, tolerance)
    for depth in range(_FIRST_DEPTH + 1, deepest + 1):
        before, found = found, run(depth, tolerance)
        deeper = change(before, found)
        if deeper.max() <= tol / 2:
            break
    tolerance = max(tolerance / _TIGHTER, _TIGHTEST)
    before, found = found, run(depth, tolerance)
    return found, deeper + change(before, found) + _FLOOR * tolerance, depth


def _affordable_depth(model: Model) -> int:
    exponents = sum(len(bath.exponents) for bath, _ in model.baths)
    depth = _FIRST_DEPTH + 1
    while depth < _LAST_DEPTH:
        if comb(depth + 1 + exponents, exponents) * model.n_levels**2 > _MOST_EQUATIONS:
            break
        depth += 1
    return depth


def _tight(tolerance: float) -> Options:
    return {"atol": tolerance * 1e-2, "rtol": tolerance, "store_states": True}


def _change(before: Array, found: Array) -> Array:
    """By how much density matrices have changed.

    A population may stand still by chance, and errors are handed on in time.
    """
    return np.asarray(np.maximum.accumulate(np.linalg.norm(found - before, axis=(-2, -1))))


def _for_levels(model: Model, error: Array) -> Array:
    return np.repeat(error[..., None], model.n_levels, axis=-1)


def _master_equation(model: Model, solver: str) -> Solve:
    """One of the solvers of QuTiP that know no memory, for the whole of a model."""

    def solve(state: Any, grid: Array, options: Options) -> tuple[Any, list[Array]]:
        if solver == "sesolve":
            result = qutip.sesolve(model.H, state, grid, options=options)
        elif solver == "mesolve":
            result = qutip.mesolve(model.H, state, grid, model.c_ops, options=options)
        else:
            others = model.without_baths().c_ops
            result = qutip.brmesolve(
                model.H, state, grid, model.a_ops, model.sec_cutoff, c_ops=others, options=options
            )
        return result.states[-1], [density(found) for found in result.states]

    return solve


def _reduced(_: float, hierarchy: Any) -> Array:
    return np.asarray(hierarchy.rho.full())


def in_hierarchy(
    model: Model,
    t: Array,
    state: Any,
    depth: int,
    tolerance: float,
    options: Options,
    read: Read = _reduced,
) -> Array:
    """What is read at times of a hierarchy of some depth: density matrices, if not told else."""
    system = qutip.liouvillian(model.H, model.without_baths().c_ops)
    solver = HEOMSolver(system, model.baths, max_depth=depth)

    def solve(state: Any, grid: Array, options: Options) -> tuple[Any, list[Array]]:
        # States are read on the way, since all that is stored holds the whole hierarchy. Its
        # last state goes on with what the baths remember.
        solver.options = options | {
            "store_states": False,
            "store_ados": True,
            "store_final_state": True,
        }
        result = solver.run(state, grid, e_ops={"read": read})
        return result.final_ado_state, list(result.e_data["read"])

    start, chosen = qutip.Qobj(density(state)), options | _tight(tolerance)
    return _from_kink_to_kink(model, t, start, "heomsolve", solve, chosen)


def _from_kink_to_kink(
    model: Model, t: Array, state: Any, solver: str, solve: Solve, options: Options
) -> Array:
    """What a solver finds at all times, with the state handed over at every kink."""
    cuts = np.concatenate([t[:1], model.kinks(t[0], t[-1]), t[-1:]])
    found: list[Array] = []
    for start, end in pairwise(cuts):
        inside = t[(t > start) & (t < end)]
        grid = np.concatenate([[start], inside, [end]])
        chosen = model.solver_options(start, end, solver) | options
        with _reaching_the_end(solver):
            state, seen = solve(state, grid, chosen)
        # What a piece starts with, the one before has found.
        found.extend(seen[bool(found) : None if end in t else -1])
    return np.array(found)


@contextmanager
def _reaching_the_end(solver: str) -> Iterator[None]:
    try:
        yield
    except IntegratorException as error:
        raise LzopenError(
            f"Argument `options` must let {solver} reach the end, but it stops: {error}; "
            "leave the steps to lzopen, choose a unit of time in which rates are near 1, "
            "or take another solver."
        ) from error


def by_engine(model: Model, t: Array, state: Array, tol: float) -> Run:
    """Density matrices by lzopen's own propagator, all stretches of many members side by side."""
    batch, count, n = model.batch_shape, t.shape[-1], model.n_levels
    times = np.broadcast_to(t, (*batch, count)).reshape(-1, count)
    starts = np.broadcast_to(state, (*batch, n, n)).reshape(-1, n, n)
    width = max(1, _AT_ONCE // (count * n ** (4 if model.has_jumps else 2)))
    blocks = np.split(np.arange(len(times)), range(width, len(times), width))
    runs = [
        _stretch_by_stretch(picked(model, batch, some), times[some], starts[some], tol)
        for some in blocks
    ]
    states, error = (np.concatenate(part) for part in zip(*runs, strict=True))
    error = _for_levels(model, error.reshape(*batch, count))
    return states.reshape(*batch, count, n, n), error, {}


def _stretch_by_stretch(model: Model, t: Array, state: Array, tol: float) -> tuple[Array, Array]:
    """States (members, times, n, n) and errors of members in a row, each at its own times."""
    factor = max(2.0, np.sqrt(model.n_levels))  # ρ holds the propagator twice; norms of matrices
    edges = t.T
    stretches, off = refined_propagator(model, edges[:-1], edges[1:], tol / factor / len(edges[1:]))
    found = [state]
    for stretch in stretches:
        found.append(advance(found[-1], stretch, model.has_jumps))
    error = factor * np.concatenate([np.zeros((1, len(t))), off[..., 0, 0]]).cumsum(axis=0)
    return np.stack(found, axis=1), error.T


def advance(matrix: Array, step: Array, is_superoperator: bool) -> Array:
    """Density matrices after a step; both may be batches."""
    if is_superoperator:
        n = matrix.shape[-1]
        stacked = matrix.swapaxes(-1, -2).reshape(*matrix.shape[:-2], n * n, 1)
        moved = step @ stacked
        return moved.reshape(*moved.shape[:-2], n, n).swapaxes(-1, -2)
    return step @ matrix @ step.conj().swapaxes(-1, -2)


def by_trajectories(model: Model, t: Array, state: Any, seed: int | None, options: Options) -> Run:
    """Average density matrices over quantum jumps, and standard errors of the populations."""
    ntraj = options.pop("ntraj", _TRAJECTORIES)
    jumping: Any = model
    if not model.is_hermitian:
        jumping = model.with_sink()
        state = jumping.embed(state)
    chosen = jumping.solver_options(t[0], t[-1]) | {"store_states": True} | options
    result = qutip.mcsolve(
        jumping.H,
        state,
        t,
        jumping.c_ops,
        e_ops=jumping.projectors,
        ntraj=ntraj,
        seeds=seed,
        options=chosen,
    )
    size = model.n_levels
    states = np.array([density(average)[:size, :size] for average in result.average_states])
    runs = result.num_trajectories
    error = np.real(np.array(result.std_expect)).T / np.sqrt(runs)
    error = np.maximum(error, 1 / runs)  # what has not happened yet has no scatter
    return states, error, {"trajectories": runs}
