"""Exact characteristic functions of work and heat, with and without environments."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike

from lzopen.dynamics.adaptive import adaptive_steps, carried, summed_from_start
from lzopen.dynamics.windows import given_window
from lzopen.errors import (
    choice,
    fail,
    finite_complex,
    instance,
    positive,
    single,
    temperature_above_zero,
)
from lzopen.models import Model
from lzopen.models.grid import batch_axes
from lzopen.models.parameters import describe, sources
from lzopen.results import label
from lzopen.scan import batchable
from lzopen.thermodynamics.equilibrium import gibbs
from lzopen.thermodynamics.layout import hides, intervals
from lzopen.thermodynamics.tilted import Tilted
from lzopen.waveforms.base import Array

_SAMPLES = 33  # of a window
_MOST = 1e6  # jumps in a window, with their factors


@batchable
def characteristic_function(
    model: Model,
    *,
    u: ArrayLike,
    temperature: float,
    window: Any,
    counted: str = "work",
    tol: float = 1e-8,
) -> xr.Dataset:
    """Characteristic function G(u) = ⟨e^{iuX}⟩ of the work or the heat of a drive.

    The system starts in thermal equilibrium and its energy is measured at both ends of the window.
    Every quantum jump takes a quantum q from an environment: the heat is Q = Σq and the work
    W = E_f − E_i − Q. A master equation whose jumps bear the factor e^{iuq} gives G exactly,

        G(u) = Tr e^{iuH_f} Λ_u(e^{−iuH_i} ρ),    G(i/T) = ⟨e^{−W/T}⟩ = e^{−ΔF/T},

    the second where all environments have the temperature T. Of a closed model G is the Fourier
    transform of the distribution in `work_statistics`.

    Parameters
    ----------
    model : Model
        One model or a batch, without leaks.
    u : (k,) array_like
        Times; complex numbers give averages of exponentials.
    temperature : float
        T > 0 of the initial state, an energy (k_B = 1).
    window : (t0, t1)
        Start and end; numbers, or arrays that broadcast against the batch.
    counted : {"work", "heat"}
        X = W, or X = Q without any measurement of the energy.
    tol : float
        Error to aim for, relative to the largest number on the way.

    Returns
    -------
    xarray.Dataset
        ``value`` (…, u), complex, with its ``error`` by step halving.

    Raises
    ------
    LzopenError
        If levels leak, the temperature is not positive, or the window does not increase.

    Notes
    -----
    Jumps of `Relaxation` and `ThermalBath` take the distance of the energy levels at that instant.
    `Dephasing` takes none: what it adds is work. `Decay` takes the distance of its two diabatic
    levels, without their coupling; the fluctuation theorem then holds for rates of that distance,
    but this is not the energy that the system has received.

    References
    ----------
    P. Talkner, E. Lutz and P. Hänggi, Phys. Rev. E 75, 050102 (2007);
    F. W. J. Hekking and J. P. Pekola, Phys. Rev. Lett. 111, 093602 (2013).

    Examples
    --------
    >>> import numpy as np, lzopen as lz
    >>> qubit = lz.TwoLevel(sweep=lz.Linear(rate=1.0), gap=0.8)
    >>> warm = qubit.with_environment(lz.Relaxation(rate=0.2, temperature=1.1))
    >>> G = lz.characteristic_function(warm, u=[0, 1j / 1.1], temperature=1.1, window=(-6, 2))
    >>> ratio = np.exp(-lz.work_statistics(qubit, temperature=1.1, window=(-6, 2))
    ...     .free_energy_difference / 1.1)
    >>> bool(np.abs(G.value[0] - 1) < 1e-8), bool(np.abs(G.value[1] / ratio - 1) < 1e-7)
    (True, True)
    """
    instance("model", model, Model, "e.g. lz.TwoLevel(sweep=lz.Linear(1.0), gap=1.0)")
    choice("counted", counted, ("work", "heat"))
    hot = single("temperature", temperature_above_zero("temperature", temperature))
    tol = single("tol", positive("tol", tol))
    asked = np.atleast_1d(finite_complex("u", u))
    if asked.ndim > 1 or not asked.size:
        fail("u", "be one-dimensional and not empty", f"of shape {asked.shape}")
    t0, t1 = given_window(model, window)
    shape = (*t0.shape, asked.size)
    times = np.stack([np.broadcast_to(t[..., None], shape).ravel() for t in (t0, t1)], axis=-1)
    tilted = Tilted(_with_axis(model), shape)
    exponent = 1j * np.broadcast_to(asked, shape).ravel()
    value, error = _averages(tilted, times, exponent, hot, counted == "work", tol)
    batch, coords = batch_axes(model, t0.shape)
    data = xr.Dataset(
        {
            "value": ((*batch, "u"), value.reshape(shape)),
            "error": ((*batch, "u"), error.reshape(shape)),
        },
        coords={**coords, "u": asked},
    )
    return label(
        data,
        parameters=model.parameters,
        model=describe(model),
        references=["talkner2007", "hekking2013", "blanes2009", *sources(model)],
        quantity="characteristic_function",
        counted=counted,
        temperature=hot,
        tol=tol,
    )


def _with_axis(model: Model) -> Model:
    """With one more axis behind those of the batch."""
    wide = {name: value[..., None] for name, value in model.parameters.items() if np.ndim(value)}
    return model.with_parameters(wide) if wide else model


def _rates(tilted: Tilted, times: Array, counting: Array) -> Array:
    """Largest rates of jumps, with the factors that they bear, (members,)."""
    t = times[:, :1] + np.ptp(times, axis=-1)[:, None] * np.linspace(0, 1, _SAMPLES)
    jumps = tilted.jumps(np.arange(len(times)), t)
    with np.errstate(over="ignore"):
        factors = np.abs(np.exp(counting[:, None, None] * jumps.quanta))
    squares = (np.abs(jumps.operators) ** 2).sum(axis=(-2, -1))
    found = (np.maximum(factors, 1.0) * squares).sum(axis=-1).max(axis=-1)
    if not np.all(found * np.ptp(times, axis=-1) < _MOST):
        must, worst = "not be so imaginary", f"weighing jumps with up to {factors.max():.0e}"
        fail("u", must, worst, "such averages rest on jumps that hardly ever happen")
    return np.asarray(found)


def _averages(
    tilted: Tilted, times: Array, exponent: Array, hot: float, work: bool, tol: float
) -> tuple[Array, Array]:
    """⟨e^{exponent·X}⟩ of members in a row, and its error."""
    every = np.arange(len(times))
    jumps = tilted.jumps(every, times)
    n = jumps.energies.shape[-1]
    first, last = (jumps.energies[:, side].astype(complex) for side in (0, 1))
    occupied = gibbs(first.real, np.asarray(hot)).astype(complex)
    # Jumps count q into the system: the work is what the energy has gained beyond them.
    counting = -exponent if work else exponent
    if work:
        # One factor for each member keeps the exponentials from overflowing.
        offset = (last.mean(axis=-1) - first.mean(axis=-1))[:, None]
        occupied = occupied * np.exp(-exponent[:, None] * (first - first.mean(axis=-1)[:, None]))
        read = np.exp(exponent[:, None] * (last - last.mean(axis=-1)[:, None] + offset))
    else:
        read = np.ones_like(last)
    before, after = jumps.states[:, 0], jumps.states[:, 1]
    start = (before * occupied[:, None, :]) @ before.conj().swapaxes(-1, -2)
    seen = (after * read[:, None, :]) @ after.conj().swapaxes(-1, -2)

    def generator(member: Array, t: Array) -> Array:
        return tilted.generator(member, t, counting[member])

    rates = _rates(tilted, times, counting)
    over = intervals(tilted, times, rates=rates)
    share, scale = tol / np.ptp(times, axis=-1), np.ones((len(times), n * n))
    steps = adaptive_steps(generator, over, share, scale, partial(hides, tilted))
    points, place = carried(steps, start.swapaxes(-1, -2).reshape(-1, n * n))
    ends = np.append(place[np.flatnonzero(np.diff(steps.over.member))], place[-1])
    state = points[ends].reshape(-1, n, n).swapaxes(-1, -2)
    size = np.linalg.norm(points[place - 1], axis=-1) * steps.error.max(axis=-1)
    missed = summed_from_start(steps, place, np.sqrt(n) * size)[ends]
    return (
        np.einsum("...jk,...kj->...", seen, state),
        missed * np.linalg.norm(seen, axis=(-2, -1)),
    )
