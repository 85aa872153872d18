"""Work, heat and entropy of single quantum trajectories, and what their averages must be."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike

from lzopen import progress
from lzopen.dynamics.adaptive import Steps, adaptive_steps
from lzopen.dynamics.windows import given_window
from lzopen.errors import (
    fail,
    finite,
    increasing,
    instance,
    single,
    temperature_above_zero,
    warn,
    whole,
)
from lzopen.models import Model
from lzopen.models.parameters import describe, member_names, sources
from lzopen.results import label
from lzopen.thermodynamics.balance import Balance
from lzopen.thermodynamics.course import follow
from lzopen.thermodynamics.equilibrium import free_energy_difference, gibbs
from lzopen.thermodynamics.jumping import Block
from lzopen.thermodynamics.layout import hides, intervals
from lzopen.thermodynamics.moments import Moments
from lzopen.thermodynamics.temperatures import bath_temperatures
from lzopen.thermodynamics.tilted import Tilted
from lzopen.waveforms.base import Array

_BLOCK = 4096  # trajectories that share a stream of random numbers
_TOL = 1e-8  # of a silent step
_STRAYS = 5.0  # errors, by which an average is off that rests on too few runs
_ENERGY = {"units": "rad / time"}


def work_trajectories(
    model: Model,
    *,
    temperature: float,
    window: tuple[float, float],
    seed: int,
    trajectories: int = 10_000,
    temperatures: Mapping[str, float] | None = None,
    bins: int | ArrayLike = 60,
    u: ArrayLike | None = None,
    backward: bool = False,
) -> xr.Dataset:
    """Work and heat of single runs of an open drive, by quantum jumps.

    A run starts in thermal equilibrium with a measurement of the energy E_i, jumps between the
    instantaneous energy levels, and ends with a measurement of E_f. A jump brings the quantum q
    from environment b, the distance of the levels at that instant,

        Q_b = Σ q,    W = E_f − E_i − Σ_b Q_b,    s = ln p_i − ln p_f − Σ_b Q_b/T_b,
        ⟨e^{−s}⟩ = 1,    ⟨e^{−(W − ΔF)/T}⟩ = 1,    P(W)/P_back(−W) = e^{(W − ΔF)/T},

    the last two where all environments have the temperature T of the start. p_i and p_f are the
    populations of the levels at the ends.

    Parameters
    ----------
    model : Model
        A single model, without leaks.
    temperature : float
        T > 0 of the initial state, an energy (k_B = 1).
    window : (t0, t1)
        Start and end.
    seed : int
        The same seed gives the same numbers.
    trajectories : int
        How many runs. They are made in blocks, and only sums are kept.
    temperatures : mapping of str to float, optional
        Of environments that have none themselves, as for `energetics`.
    bins : int or (k,) array_like
        Edges of the histograms of W and Q, or how many equal bins; then they reach as far as the
        first block and as far again.
    u : (k,) array_like, optional
        Real numbers at which e^{iuW} and e^{iuQ} are averaged, to be compared with
        `characteristic_function`, which is exact.
    backward : bool
        Whether to draw as many runs of the reversed drive, which starts in equilibrium at its own
        start, for the detailed theorem. For models whose Hamiltonian and couplings are real.

    Returns
    -------
    xarray.Dataset
        ``mean_work``, ``work_variance``, ``mean_heat`` (environment), ``mean_jumps`` and
        ``entropy_production`` = ⟨s⟩; ``exponential_average`` ⟨e^{−(W − ΔF)/T}⟩ (NaN where
        temperatures differ) and ``entropy_average`` ⟨e^{−s}⟩, each with its standard error under
        the name that ends in ``_error``; ``free_energy_difference``. Histograms are the
        probabilities ``work_probability`` (work) and ``heat_probability`` (heat) at the middles
        of bins, with ``work_edge`` and ``heat_edge``; runs outside the bins are in none. With
        ``backward`` also ``backward_probability`` (work), that of −W. With ``u`` also
        ``work_average`` and ``heat_average`` (u), complex, with errors of both of their parts.

    Raises
    ------
    LzopenError
        If the model is a batch, leaks, or has no environment, or the temperature is not positive.

    Warns
    -----
    LzopenWarning
        If averages that must be one are off by more than five standard errors: the runs that
        they rest on are too rare.

    Notes
    -----
    `Dephasing` brings no quantum, so that what it adds is work; a jump of `Decay` brings the
    distance of its two diabatic levels, which is not the energy that the system has received, see
    `characteristic_function`.

    The average of s exceeds the entropy production of `energetics` by the coherence that the
    last measurement destroys. Averages of exponentials rest on rare runs: where W fluctuates by
    much more than T their error is itself uncertain. Where a bath has T = 0 no jump can be
    undone, and ⟨e^{−s}⟩ stays below one.

    References
    ----------
    F. W. J. Hekking and J. P. Pekola, Phys. Rev. Lett. 111, 093602 (2013).

    Examples
    --------
    >>> import lzopen as lz
    >>> qubit = lz.TwoLevel(sweep=lz.Linear(rate=1.0), gap=0.8)
    >>> warm = qubit.with_environment(lz.Relaxation(rate=0.2, temperature=1.1))
    >>> runs = lz.work_trajectories(warm, temperature=1.1, window=(-6, 2), seed=1)
    >>> off = (runs.exponential_average - 1) / runs.exponential_average_error
    >>> bool(abs(off) < 4), bool(runs.exponential_average_error < 0.1)
    (True, True)
    """
    instance("model", model, Model, "e.g. lz.TwoLevel(sweep=lz.Linear(1.0), gap=1.0)")
    if model.batch_shape:
        remedy = "lz.scan(lz.work_trajectories, ..., bins=edges) loops over them"
        fail("model", "be a single model", f"a batch of shape {model.batch_shape}", remedy)
    if not model.environments:
        fail("model", "have environments", "closed", "lz.work_statistics is exact for it")
    hot = single("temperature", temperature_above_zero("temperature", temperature))
    if backward and not model.is_real:
        remedy = "a magnetic field would have to be reversed, too"
        fail("backward", "be left out for a complex model", backward, remedy)
    ends = given_window(model, window)
    if ends[0].ndim:
        fail("window", "be two numbers", f"of shape {ends[0].shape}")
    count = whole("trajectories", trajectories, least=2)
    whole("seed", seed)
    asked = np.atleast_1d(finite("u", [] if u is None else u))
    setting = _setting(model, np.array([ends], dtype=float), hot, temperatures)
    runs = _Runs(setting, bins, asked)
    sizes = [min(_BLOCK, count - done) for done in range(0, count, _BLOCK)]
    streams = np.random.SeedSequence(seed).spawn(2 * len(sizes))
    with progress.bar(total=(1 + backward) * count, desc="trajectories", unit="run") as bar:
        for size, stream in zip(sizes, streams, strict=False):
            runs.add(*_block(setting, size, np.random.default_rng(stream)))
            bar.update(size)
        if backward:
            times = np.array([[-ends[1], -ends[0]]], dtype=float)
            reverse = _setting(model.reversed(), times, hot, temperatures)
            for size, stream in zip(sizes, streams[len(sizes) :], strict=True):
                runs.add_backward(_block(reverse, size, np.random.default_rng(stream))[0])
                bar.update(size)
    data = runs.dataset()
    _warn_of_rare_runs(data, np.any(setting.baths == 0))
    return label(
        data,
        parameters=model.parameters,
        model=describe(model),
        references=["hekking2013", "blanes2009", *sources(model)],
        quantity="work_trajectories",
        temperature=hot,
        trajectories=count,
        window=[float(t) for t in ends],
        seed=seed,
    )


def _warn_of_rare_runs(data: xr.Dataset, is_cold: Any) -> None:
    """Averages that must be one, and are not for want of the runs that make them so."""
    names = ("exponential_average",) if is_cold else ("exponential_average", "entropy_average")
    for name in names:
        average, error = float(data[name]), float(data[f"{name}_error"])
        if abs(average - 1) > _STRAYS * error:
            text = (
                f"The {name.replace('_', ' ')} is {average:.3g} ± {error:.1g} and must be 1: it "
                "rests on runs too rare to be drawn. lz.characteristic_function is exact."
            )
            warn(text, average, 4, page="guide/thermodynamics#single-runs")


class _Setting(NamedTuple):
    """What all runs share."""

    tilted: Tilted
    steps: Steps
    energies: Array  # (2, n) at both ends
    states: Array  # (2, n, n)
    initial: Array  # populations (n,)
    final: Array
    baths: Array  # temperatures (environments,)
    temperature: float


def _setting(model: Model, times: Array, hot: float, given: Any) -> _Setting:
    tilted = Tilted(model, (1,))
    over = intervals(tilted, times)
    share, scale = _TOL / np.ptp(times, axis=-1), np.ones((1, model.n_levels))
    steps = adaptive_steps(tilted.silent, over, share, scale, partial(hides, tilted))
    now = tilted.jumps(np.zeros(1, dtype=int), times)
    energies, states = now.energies[0], now.states[0]
    initial = gibbs(energies[0], np.asarray(hot))
    rho = (states[0] * initial) @ states[0].conj().T
    balance = Balance(model, (1,), redfield=False)
    course = follow(balance, times, rho[None], _TOL)
    column = course.x[-1, : balance.coordinates.size, None]
    last = balance.coordinates.matrices(column, np)
    final = np.einsum("jk,jl,lk->k", states[1].conj(), last, states[1]).real
    return _Setting(
        tilted, steps, energies, states, initial, final, bath_temperatures(model, given), hot
    )


def _block(setting: _Setting, size: int, rng: np.random.Generator) -> tuple[Array, ...]:
    """Work (runs,), heat (runs, environments), entropy and number of jumps of some runs."""
    levels = np.arange(setting.initial.size)
    start = rng.choice(levels, size=size, p=setting.initial)
    block = Block(setting.tilted, setting.states[0].T[start].astype(complex), rng)
    block.pass_through(setting.steps)
    seen = np.abs(block.normalised() @ setting.states[1].conj()) ** 2
    chance = seen.cumsum(axis=-1)
    drawn = rng.random(size) * chance[:, -1]
    end = np.minimum((chance <= drawn[:, None]).sum(axis=-1), levels[-1])
    gained = setting.energies[1][end] - setting.energies[0][start]
    work = gained - block.heat.sum(axis=-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        flown = np.where(block.heat == 0, 0.0, block.heat / setting.baths).sum(axis=-1)
        entropy = np.log(setting.initial[start]) - np.log(setting.final[end]) - flown
    return work, block.heat, entropy, block.jumps


class _Runs:
    """Sums over runs, block after block."""

    def __init__(self, setting: _Setting, bins: Any, u: Array) -> None:
        self._setting, self._bins, self._u = setting, bins, u
        self._edges: list[Array] = []
        self._counts: list[Array] = []
        self._backward: Array | None = None
        self._moments: dict[str, Moments] = {}
        first, last = setting.energies
        change = free_energy_difference(first, last, np.asarray(setting.temperature))
        self._change = float(change)

    def add(self, work: Array, heat: Array, entropy: Array, jumps: Array) -> None:
        """One more block."""
        hot, total = self._setting.temperature, heat.sum(axis=-1)
        same = np.all(np.isnan(self._setting.baths) | (self._setting.baths == hot))
        excess = np.exp(-(work - self._change) / hot) if same else np.full(work.shape, np.nan)
        numbers = {
            "mean_work": work,
            "mean_heat": heat,
            "mean_jumps": jumps,
            "entropy_production": entropy,
            "exponential_average": excess,
            "entropy_average": np.exp(-entropy),
        }
        for name, values in (("work", work), ("heat", total)) if self._u.size else ():
            turned = np.multiply.outer(values, self._u)
            numbers |= {f"{name}_cos": np.cos(turned), f"{name}_sin": np.sin(turned)}
        for name, values in numbers.items():
            self._moments.setdefault(name, Moments()).add(values)
        self._count([work, total])

    def add_backward(self, work: Array) -> None:
        """One more block of the reversed drive."""
        counts = np.histogram(-work, self._edges[0])[0]
        self._backward = counts if self._backward is None else self._backward + counts

    def _count(self, columns: list[Array]) -> None:
        if not self._edges:
            self._edges = [_edges(self._bins, values) for values in columns]
            self._counts = [np.zeros(edges.size - 1) for edges in self._edges]
        for values, edges, counts in zip(columns, self._edges, self._counts, strict=True):
            counts += np.histogram(values, edges)[0]

    def dataset(self) -> xr.Dataset:
        """Averages, their standard errors, and histograms."""
        own = {"mean_heat": ("environment",)}
        units = {"mean_work": _ENERGY, "mean_heat": _ENERGY}
        data: dict[str, Any] = {"free_energy_difference": ((), self._change, _ENERGY)}
        for name, found in self._moments.items():
            if name.endswith(("_cos", "_sin")):
                continue
            dims, unit = own.get(name, ()), units.get(name, {})
            data[name] = (dims, found.mean, unit)
            data[f"{name}_error"] = (dims, found.standard_error, unit)
        squared = {"units": "rad^2 / time^2"}
        data["work_variance"] = ((), self._moments["mean_work"].variance, squared)
        coords: dict[str, Any] = {
            "environment": member_names(self._setting.tilted.model.environments)
        }
        runs = self._moments["mean_work"].count
        for name, edges, counts in zip(("work", "heat"), self._edges, self._counts, strict=True):
            coords[name] = (name, 0.5 * (edges[1:] + edges[:-1]), _ENERGY)
            data[f"{name}_edge"] = (f"{name}_side", edges, _ENERGY)
            data[f"{name}_probability"] = (name, counts / runs)
            if self._u.size:
                cos, sin = (self._moments[f"{name}_{part}"] for part in ("cos", "sin"))
                data[f"{name}_average"] = ("u", cos.mean + 1j * sin.mean)
                error = cos.standard_error + 1j * sin.standard_error
                data[f"{name}_average_error"] = ("u", error)
        if self._backward is not None:
            data["backward_probability"] = ("work", self._backward / runs)
        if self._u.size:
            coords["u"] = self._u
        return xr.Dataset(data, coords)


def _edges(bins: Any, values: Array) -> Array:
    """As given, or so many that values twice as far from the middle still fit."""
    if np.ndim(bins):
        return increasing("bins", bins)
    low, high = values.min(), values.max()
    reach = 0.5 * (high - low) or 0.5
    return np.linspace(low - reach, high + reach, whole("bins", bins, least=1) + 1)
