"""Averages over classical noise: by a deterministic hierarchy, or over trajectories."""

from __future__ import annotations

from typing import Any

import numpy as np
import qutip
import xarray as xr
from numpy.typing import ArrayLike

from lzopen import progress
from lzopen.conventions import SIGMA_X, SIGMA_Z
from lzopen.dynamics import shots
from lzopen.dynamics.hierarchy import FEWEST_LEVELS, average_by_hierarchy
from lzopen.dynamics.initial import density, initial_state
from lzopen.dynamics.offsets import at_offsets, average_over_offsets, shifted
from lzopen.dynamics.windows import given_times, given_window
from lzopen.environments.base import hermitian
from lzopen.errors import choice, fail, instance, positive, single, warn, whole
from lzopen.models import Model, TwoLevel
from lzopen.models.parameters import collect, describe, sources
from lzopen.noise.base import Noise
from lzopen.noise.quasi_static import static_and_rest
from lzopen.results import label
from lzopen.waveforms.base import Array

_OPERATORS = {"sweep": SIGMA_Z / 2, "gap": SIGMA_X / 2}
_TOL = 1e-6  # of the hierarchy
_SHARE = 0.2  # of the standard error, which steps may add


def noise_average(
    model: Model,
    noise: Noise,
    *,
    on: str | ArrayLike | qutip.Qobj = "sweep",
    window: tuple[float, float] | None = None,
    times: ArrayLike | None = None,
    initial: int | str | qutip.Qobj = 0,
    temperature: float | None = None,
    method: str = "auto",
    trajectories: int | None = None,
    tol: float | None = None,
    seed: int | None = None,
    workers: int = 1,
) -> xr.Dataset:
    """Populations of H(t) + ξ(t) A, averaged over a classical noise ξ(t).

    The hierarchy solves for the mean state itself, without sampling: white noise, telegraph
    noise and Ornstein–Uhlenbeck noise are Markov processes, so their averages obey

        dρₖ/dt = −i[H, ρₖ] − γₖ ρₖ − i Σₗ Xₖₗ [A, ρₗ],

    where ρ₀ is the mean (Kubo 1963). It is exact but for steps and the number of levels,
    both of which are refined until ``tol`` is met. Static noise is averaged over its offsets.

    Trajectories work for every noise. Each one redraws all of the noise. A step moves
    exactly without noise and gets the exact integral of the noise over the step and its first
    moment. Blocks of trajectories have seeds of their own and leave only sums, so that memory
    does not grow with their number, and the numbers do not depend on ``workers``.

    Parameters
    ----------
    model : Model
        A single model. All environments that the engine carries go along.
    noise : Noise
        ξ(t), e.g. `OrnsteinUhlenbeck`; noises add.
    on : {"sweep", "gap"} or (n, n) array_like or Qobj
        A. "sweep" is ½σz, so that ξ adds to ε, and "gap" is ½σx, so that it adds to Re Δ,
        both for `TwoLevel`; otherwise a Hermitian matrix.
    window : (float, float), optional
        Start and end; the result is that at the end.
    times : (n,) array_like, optional
        Instead of a window: strictly increasing times, all of which are reported.
    initial : int, {"ground", "thermal"} or Qobj
        As for `evolve`.
    temperature : float, optional
        Temperature of a thermal initial state, an energy.
    method : {"auto", "hierarchy", "trajectories"}
        "auto" takes the hierarchy where the noise has one, unless ``trajectories`` or ``seed``
        is given.
    trajectories : int, optional
        Their number, or with ``tol`` the largest number.
    tol : float, optional
        Absolute error to aim for, 1e-6 for the hierarchy. Trajectories stop when all standard
        errors are below it.
    seed : int, optional
        Seed of the trajectories; needed there.
    workers : int
        Processes that share the trajectories.

    Returns
    -------
    xarray.Dataset
        ``population`` (level) with ``error``, ``adiabatic_population`` (state) with
        ``adiabatic_error``, and ``survival``, their sum, each with ``time`` in front if times are
        given. For trajectories an
        error is the standard error, at least one over their number, with what the steps may add
        (``step_error``), and ``trajectories`` counts them.

    Raises
    ------
    LzopenError
        If the noise has no hierarchy and no number of trajectories is given, there is no
        seed, or the model cannot be carried.

    Warns
    -----
    LzopenWarning
        If an error stays above ``tol``.

    References
    ----------
    R. Kubo, J. Math. Phys. 4, 174 (1963).

    Examples
    --------
    >>> import lzopen as lz
    >>> passes = lz.TwoLevel(sweep=lz.DoublePassage(rate=4.0, turning_point=20.0), gap=0.94)
    >>> xi = lz.OrnsteinUhlenbeck(sigma=0.2, correlation_time=5.0)
    >>> exact = lz.noise_average(passes, xi, window=(-12, 12))
    >>> drawn = lz.noise_average(passes, xi, window=(-12, 12), trajectories=2000, seed=1)
    >>> off = abs(drawn.population[0] - exact.population[0])
    >>> bool(off < 4 * drawn.error[0])
    True
    """
    instance("model", model, Model, "e.g. lz.TwoLevel(sweep=lz.Linear(1.0), gap=1.0)")
    instance("noise", noise, Noise, "e.g. lz.OrnsteinUhlenbeck(sigma=0.2, correlation_time=5.0)")
    if model.batch_shape:
        remedy = "average one after the other"
        fail("model", "be a single model", f"a batch of shape {model.batch_shape}", remedy)
    t = asked_times(model, window, times)
    operator = noise_operator(model, on)
    matrix = density(initial_state(model, initial, float(t[0]), temperature))
    tol = None if tol is None else single("tol", positive("tol", tol))
    method = _chosen_method(noise, method, trajectories, tol, seed)
    if method == "hierarchy":
        tol = tol or _TOL
        data = _by_hierarchy(model, noise, operator, t, matrix, tol)
    else:
        assert seed is not None
        workers = whole("workers", workers, least=1)
        data = _by_trajectories(model, noise, operator, t, matrix, trajectories, tol, seed, workers)
    worst = float(max(data.error.max(), data.adiabatic_error.max()))
    if tol is not None and worst > tol:
        remedy = "allow more trajectories" if method == "trajectories" else "raise tol"
        warn(f"The averages may be off by {worst:.1e} > tol = {tol:.1e}; {remedy}.", worst)
    return label(
        data if times is not None else data.isel(time=-1),
        parameters=model.parameters | {f"noise.{k}": v for k, v in collect(noise).items()},
        model=describe(model),
        noise=describe(noise),
        on=on if isinstance(on, str) else operator,
        references=[*["kubo1963"] * (method == "hierarchy"), *sources(model, noise)],
        quantity="noise_average",
        method=method,
        seed=seed,
        tol=tol,
    )


def noise_operator(model: Model, on: Any) -> Array:
    """The matrix that the noise multiplies."""
    if isinstance(on, str):
        choice("on", on, _OPERATORS)
        if not isinstance(model, TwoLevel):
            remedy = f"give the {model.n_levels}×{model.n_levels} matrix that the noise multiplies"
            fail("on", "be a matrix unless the model is a TwoLevel", repr(on), remedy)
        return _OPERATORS[on]
    matrix = hermitian("on", on)
    if len(matrix) != model.n_levels:
        fail("on", f"have {model.n_levels} levels", f"of shape {matrix.shape}")
    if not matrix.any():
        fail("on", "not vanish", matrix, "the noise would do nothing")
    return matrix


def asked_times(model: Model, window: Any, times: Any = None) -> Array:
    """The two ends of a window, or the times that are given instead."""
    if (window is None) == (times is None):
        fail("window", "be given, or `times`, and not both", window, "e.g. window=(-20, 20)")
    if times is not None:
        return given_times(times)
    ends = np.array(given_window(model, window))
    if ends.ndim > 1:
        fail("window", "hold two single times", ends)
    return ends


def _chosen_method(
    noise: Noise, method: str, trajectories: int | None, tol: float | None, seed: int | None
) -> str:
    choice("method", method, ("auto", "hierarchy", "trajectories"))
    rest = static_and_rest(noise)[1]
    has_hierarchy = rest is None or rest.hierarchy(2 * FEWEST_LEVELS) is not None
    if method == "auto":
        drawn = trajectories is not None or seed is not None or not has_hierarchy
        method = "trajectories" if drawn else "hierarchy"
    if method == "hierarchy":
        if not has_hierarchy:
            remedy = "white, OU, telegraph and static noise have a hierarchy, and their sums"
            page = "guide/choosing#method-of-noise-average"
            fail("method", "be 'trajectories' for this noise", repr(method), remedy, page)
        for name, given in (("trajectories", trajectories), ("seed", seed)):
            if given is not None:
                fail(name, "be left out with the hierarchy, which draws nothing", given)
        return method
    if trajectories is None and tol is None:
        remedy = "or give tol=, the standard error to stop at"
        fail("trajectories", "be given where realisations are drawn", trajectories, remedy)
    if trajectories is not None:
        whole("trajectories", trajectories, least=2)
    if seed is None:
        remedy = "the same seed gives the same numbers"
        page = "guide/noise#averages-over-the-dynamics"
        fail("seed", "be given for trajectories", seed, remedy, page)
    whole("seed", seed)
    return method


def _by_hierarchy(
    model: Model, noise: Noise, operator: Array, t: Array, start: Array, tol: float
) -> xr.Dataset:
    states, off = _exact_mean(model, noise, operator, t, start, tol)
    error = np.tile(off[:, None], model.n_levels)
    values = np.einsum("tnij,tji->tn", _projectors(model, t), states).real
    return _dataset(t, values, np.tile(error, 2))


def _exact_mean(
    model: Model, noise: Noise, operator: Array, t: Array, start: Array, tol: float
) -> tuple[Array, Array]:
    """Mean density matrices and errors; what stands still is averaged over its offsets."""
    sigma, rest = static_and_rest(noise)
    if not sigma:
        return average_by_hierarchy(model, rest or noise, operator, t, start, tol)

    def solve(offsets: Array, share: float) -> tuple[Array, Array]:
        if rest is None:
            return at_offsets(model, operator, t, start, offsets, share)
        runs = [
            average_by_hierarchy(shifted(model, operator, x), rest, operator, t, start, share)
            for x in progress.bar(offsets, desc="offsets")
        ]
        matrices, errors = zip(*runs, strict=True)
        return np.array(matrices), np.array(errors)

    return average_over_offsets(sigma, solve, tol)


def _projectors(model: Model, t: Array) -> Array:
    """Diabatic levels and energy eigenstates, (time, 2n, n, n)."""
    vectors = model.eigenstates(t)[1].swapaxes(-1, -2)
    adiabatic = vectors[..., :, None] * vectors.conj()[..., None, :]
    diabatic = np.eye(model.n_levels)[:, :, None] * np.eye(model.n_levels)[:, None, :]
    return np.concatenate([np.broadcast_to(diabatic, adiabatic.shape), adiabatic], axis=1)


def _by_trajectories(
    model: Model,
    noise: Noise,
    operator: Array,
    t: Array,
    start: Array,
    most: int | None,
    tol: float | None,
    seed: int,
    workers: int,
) -> xr.Dataset:
    aim = tol or 0.5 / np.sqrt(most or np.inf)
    source = np.random.SeedSequence(seed)
    projectors = _projectors(model, t)
    steps, step_error = shots.prepare(
        model, noise, operator, t, start, projectors, _SHARE * aim, source.spawn(1)[0]
    )
    rest = None if tol is None else tol - step_error
    sums = shots.collect(steps, noise, source, most, rest, workers)
    error = sums.error(steps.readouts) + step_error
    data = _dataset(t, sums.mean(steps.readouts), error)
    return data.assign(trajectories=sums.count, step_error=step_error)


def _dataset(t: Array, values: Array, error: Array) -> xr.Dataset:
    """Labelled populations, diabatic ones first."""
    n = values.shape[-1] // 2
    levels = np.arange(n)
    return xr.Dataset(
        {
            "population": (("time", "level"), values[:, :n]),
            "error": (("time", "level"), error[:, :n]),
            "adiabatic_population": (("time", "state"), values[:, n:]),
            "adiabatic_error": (("time", "state"), error[:, n:]),
            "survival": ("time", values[:, :n].sum(axis=-1)),
        },
        coords={"time": ("time", t, {"units": "time"}), "level": levels, "state": levels},
    )
