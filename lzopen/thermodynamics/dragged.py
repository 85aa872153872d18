"""The ledger of a level that is dragged through a reservoir, which is followed as well."""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike
from scipy.special import expit, xlog1py, xlogy

from lzopen import progress
from lzopen.dynamics.continuum import coarsest_nodes, warn_of_recurrence
from lzopen.dynamics.kicks import level_phase
from lzopen.dynamics.windows import given_times
from lzopen.errors import (
    fail,
    finite,
    instance,
    positive,
    probability,
    single,
    temperature_of_state,
    warn,
)
from lzopen.models import Continuum
from lzopen.models.parameters import describe, sources
from lzopen.results import label
from lzopen.waveforms.base import Array

_HALVINGS = 7
_ROUND_OFF = 1e-15  # of a step
_ENERGY, _POWER = {"units": "rad / time"}, {"units": "rad / time^2"}


def reservoir_energetics(
    model: Continuum,
    *,
    times: ArrayLike,
    occupation: float = 1.0,
    temperature: float | None = None,
    chemical_potential: float = 0.0,
    tol: float = 1e-7,
) -> xr.Dataset:
    """Work, heat and entropy of a level that is dragged through a reservoir of fermions.

    Level and band are solved as one closed system, so that what has left the level is known: the
    matrix of correlations C_jk = ⟨c_k†c_j⟩ starts with the level at an occupation n of its own and
    the band in equilibrium, without correlation. Then

        Δ(εn) + ΔE_int = W + Q + μ Δn,    W = ∫ (dε/dt) n dt,    Q = −ΔE_band + μ ΔN_band,
        Σ = ΔS − Q/T = D(ρ‖ρ_level ⊗ ρ_band,eq) ≥ 0,    S = −n ln n − (1 − n) ln(1 − n).

    A single particle that starts in the level is the same with an empty band.

    Parameters
    ----------
    model : Continuum
        A single closed model.
    times : (n,) array_like
        Strictly increasing; the level starts alone at the first one.
    occupation : float
        n of the level at the start, between 0 and 1.
    temperature : float, optional
        T ≥ 0 of the band, an energy (k_B = 1); left out, the band is empty.
    chemical_potential : float
        μ of the band.
    tol : float
        Error of the occupation to aim for; of energies relative to the largest.

    Returns
    -------
    xarray.Dataset
        Along ``time``: ``occupation`` with its ``error``, ``transferred`` (what the level has lost
        is in the band), ``level_energy`` εn, ``interaction_energy``, ``band_energy`` (change),
        ``power``, ``work``, ``heat`` into the level, ``chemical_work`` μΔn, ``entropy`` of the
        level, ``entropy_production`` (NaN of an empty band, which has no temperature; ∞ at T = 0
        once heat flows), ``first_law_residual`` and ``energy_error``, by step halving.

    Raises
    ------
    LzopenError
        If the model is a batch or has environments, the times do not increase, or an occupation or
        temperature is out of range.

    Warns
    -----
    LzopenWarning
        If the level stays in the band for longer than its recurrence time, or the error stays above
        ``tol``.

    References
    ----------
    M. Esposito, K. Lindenberg and C. Van den Broeck, New J. Phys. 12, 013013 (2010);
    F. Barra and M. Esposito, Phys. Rev. E 93, 062118 (2016).

    Examples
    --------
    >>> import numpy as np, lzopen as lz
    >>> band = lz.Band(edges=(-6.0, 6.0), escape_rate=0.3, levels=120)
    >>> swept = lz.Continuum(rate=0.5, band=band)
    >>> run = lz.reservoir_energetics(swept, times=[-8.0, 8.0], temperature=0.5)
    >>> bool(run.entropy_production[-1] > 0), bool(abs(run.first_law_residual[-1]) < 1e-6)
    (True, True)
    """
    instance("model", model, Continuum, "e.g. lz.Continuum(rate=1.0, band=lz.Band(...))")
    if model.environments or model.batch_shape:
        what = model.environments or f"a batch of shape {model.batch_shape}"
        fail("model", "be one closed model", what, "lz.energetics knows environments")
    t = given_times(times)
    tol = single("tol", positive("tol", tol))
    filled = single("occupation", probability("occupation", occupation))
    level = single("chemical_potential", finite("chemical_potential", chemical_potential))
    if temperature is not None:
        temperature = single("temperature", temperature_of_state("temperature", temperature))
    first = np.append(filled, _fermi(model.band.energies, level, temperature))
    nodes = coarsest_nodes(model, t)
    warn_of_recurrence(model, nodes)
    found, off = _refined(model, nodes, first, tol, np.searchsorted(nodes, t))
    if off[0].max() > tol:
        worst = float(off[0].max())
        warn(f"The occupation may be off by {worst:.1e} > tol = {tol:.1e}; raise tol.", worst)
    data = _ledger(model, t, found, level, temperature, off[1])
    data |= {"error": (off[0], {}), "energy_error": (off[1], _ENERGY)}
    return label(
        xr.Dataset(
            {name: ("time", values, unit) for name, (values, unit) in data.items()},
            coords={"time": ("time", t, {"units": "time"})},
        ),
        parameters=model.parameters,
        model=describe(model),
        references=["esposito2010", "barra2016", *sources(model)],
        quantity="reservoir_energetics",
        occupation=filled,
        temperature=temperature,
        chemical_potential=level,
        tol=tol,
    )


def _fermi(energies: Array, level: float, temperature: float | None) -> Array:
    if temperature is None:
        return np.zeros_like(energies)
    below = level - energies
    if not temperature:
        return np.heaviside(below, 0.5)
    return np.asarray(expit(below / temperature))


class _Seen(NamedTuple):
    """What is seen of level and band, each (times,)."""

    occupation: Array
    interaction: Array
    band: Array  # energy
    work: Array


def _ledger(
    model: Continuum,
    t: Array,
    found: Array,
    chemical: float,
    temperature: float | None,
    off: Array,
) -> dict[str, tuple[Array, dict[str, str]]]:
    seen = _Seen(*found)
    energy = np.asarray(model.sweep(t)) * seen.occupation
    change = seen.occupation - seen.occupation[0]
    band = seen.band - seen.band[0]
    carried = chemical * change
    heat = -band - carried
    entropy = _entropy(seen.occupation)
    gained = entropy - entropy[0]
    if temperature is None:
        produced = np.full(t.shape, np.nan)
    else:
        with np.errstate(divide="ignore", invalid="ignore"):
            nothing = (temperature == 0) & (np.abs(heat) <= off)
            produced = gained - np.where(nothing, 0.0, heat / temperature)
    inside = energy - energy[0] + seen.interaction
    return {
        "occupation": (seen.occupation, {}),
        "transferred": (0.0 - change, {}),
        "level_energy": (energy, _ENERGY),
        "interaction_energy": (seen.interaction, _ENERGY),
        "band_energy": (band, _ENERGY),
        "power": (np.asarray(model.sweep.derivative(t)) * seen.occupation, _POWER),
        "work": (seen.work, _ENERGY),
        "heat": (heat, _ENERGY),
        "chemical_work": (carried, _ENERGY),
        "entropy": (entropy, {}),
        "entropy_production": (produced, {}),
        "first_law_residual": (inside - seen.work - heat - carried, _ENERGY),
    }


def _entropy(n: Array) -> Array:
    inside = np.clip(n, 0.0, 1.0)
    return np.asarray(-xlogy(inside, inside) - xlog1py(1 - inside, -inside))


def _refined(
    model: Continuum, nodes: Array, first: Array, tol: float, asked: Array
) -> tuple[Array, Array]:
    """Rows of `_Seen` at the nodes asked for, and errors of the occupation and of energies.

    Steps are halved and extrapolated in even powers of their length until nothing moves.
    """
    span = max(np.ptp(model.band.edges), np.abs(model.sweep(nodes)).max())
    scale = np.array([1.0, span, span, span])[:, None]
    row, error = [_followed(model, nodes, first, 1)[:, asked]], np.empty(0)
    for halving in progress.bar(range(1, _HALVINGS + 1), desc="reservoir"):
        finer = [_followed(model, nodes, first, 2**halving)[:, asked]]
        for k, coarse in enumerate(row, 1):
            finer.append(finer[-1] + (finer[-1] - coarse) / (4**k - 1))
        change = np.maximum.accumulate(np.abs(finer[-1] - row[-1]) / scale, axis=1)
        error = change + _ROUND_OFF * nodes.size * 2**halving
        row = finer
        if halving > 1 and error.max() <= tol:
            break
    return row[-1], np.stack([error[0], span * error.sum(axis=0)])


def _followed(model: Continuum, nodes: Array, first: Array, cuts: int) -> Array:
    """Rows of `_Seen` at all nodes, each interval between two of them cut into equal steps."""
    columns = _Columns(model, first)
    found = [columns.seen(0.0)]
    work = 0.0
    for start, end in pairwise(nodes):
        h = (end - start) / cuts
        half = start + 0.5 * h * np.arange(2 * cuts + 1)
        rises = np.diff(np.asarray(model.sweep(half))).tolist()
        turns = np.exp(-1j * np.diff(level_phase(model.sweep, start, h, cuts))).tolist()
        columns.set_step(h)
        for before, after in zip(range(0, 2 * cuts, 2), range(1, 2 * cuts, 2), strict=True):
            work += columns.occupation * rises[before]
            columns.move(turns[before])
            columns.kick()
            work += columns.occupation * rises[after]
            columns.move(turns[after])
        found.append(columns.seen(work))
    return np.array(found).T


class _Columns:
    """Where each filled state has come to, by free motion and kicks that mix level and band.

    Between two kicks the occupation stays, so that the drive does the work n Δε.
    """

    def __init__(self, model: Continuum, first: Array) -> None:
        filled = np.flatnonzero(first)
        self._weight = first[filled]
        self._energies, self._couplings = model.band.energies, model.band.couplings
        self._strength = float(np.linalg.norm(self._couplings))
        self._bright = self._couplings / (self._strength or 1.0)
        self._level = (filled == 0).astype(complex)
        states = np.arange(1, first.size)
        self._band = (states[:, None] == filled).astype(complex)

    def set_step(self, h: float) -> None:
        """The length of the steps that follow."""
        self._turn = np.exp(-0.5j * self._energies * h)[:, None]
        self._cos, self._sin = np.cos(self._strength * h), -1j * np.sin(self._strength * h)

    def move(self, turn: complex) -> None:
        """Half of a step without coupling; the level turns by as much as given."""
        self._level = self._level * turn
        self._band *= self._turn

    def kick(self) -> None:
        """A step of the coupling alone."""
        held = self._bright @ self._band
        change = (self._cos - 1) * held + self._sin * self._level
        self._band += np.multiply.outer(self._bright, change)
        self._level = self._cos * self._level + self._sin * held

    @property
    def occupation(self) -> float:
        return float(np.abs(self._level) ** 2 @ self._weight)

    def seen(self, work: float) -> list[float]:
        """As in `_Seen`."""
        coupled = 2 * ((self._couplings @ self._band).conj() * self._level).real @ self._weight
        band = self._energies @ (np.abs(self._band) ** 2 @ self._weight)
        return [self.occupation, float(coupled), float(band), work]
