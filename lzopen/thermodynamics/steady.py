"""Power, heat and entropy production of driven systems that have settled, as maps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike

from lzopen import progress
from lzopen.dynamics.periodic.steady import in_a_row, steady_state
from lzopen.dynamics.picking import picked
from lzopen.errors import fail, instance, positive, single, warn
from lzopen.interferometry.axes import grid as over_grid
from lzopen.models import Model
from lzopen.models.parameters import describe, member_names, sources
from lzopen.results import label
from lzopen.scan import batchable
from lzopen.thermodynamics.audit import warn_of_second_law, warn_of_unknown
from lzopen.thermodynamics.balance import Balance
from lzopen.thermodynamics.course import follow
from lzopen.thermodynamics.ledger import ledger
from lzopen.thermodynamics.temperatures import bath_temperatures
from lzopen.waveforms.base import Array

_POWER, _RATE = {"units": "rad / time^2"}, {"units": "1 / time"}
_AT_ONCE = 256  # members
_LEAST_TOL = 1e-12
_POOR, _TINY = 0.01, 1e-3
_SAMPLES = 9  # of a period


@batchable
def steady_energetics(
    model: Model,
    *,
    over: Mapping[str, ArrayLike] | None = None,
    temperatures: Mapping[str, float] | None = None,
    tol: float = 1e-6,
    **axes: ArrayLike,
) -> xr.Dataset:
    """Power that a periodic drive puts into a system at rest with it, over a grid of parameters.

    In the periodic steady state ρ(t + τ) = ρ(t) all that the drive does leaves as heat,

        P̄ = (1/τ) ∫₀^τ Tr ρ ∂H/∂t dt = −Σ_b (1/τ) ∫₀^τ Tr H D_b ρ dt,    σ̄ = −Σ_b Q̇_b/T_b,

    for environments b with D_b and temperatures T_b. Both sides are integrated on their own.

    Parameters
    ----------
    model : Model
        One model whose waveforms share a period, with environments that forget how it began. A
        `ThermalBath` makes jumps between energy levels here, as in ``c_ops``.
    over : mapping of str to (k,) array_like, optional
        Axes by parameter name, as for `interferogram`: ``{"relaxation.rate": [0.01, 0.1]}``.
    temperatures : mapping of str to float, optional
        Of environments that have none themselves, as for `energetics`.
    tol : float
        Error to aim for, of the state, and of energies relative to the largest distance of levels.
    **axes : (k,) array_like
        Axes by short parameter name: ``amplitude=...``, ``bias=...``.

    Returns
    -------
    xarray.Dataset
        Averages over a period on ``axes``: ``power`` of the drive, ``energy_current``
        (axes…, environment), ``heat_current``, the sum of those with a ``temperature``, and
        ``noise_power`` of those without; ``entropy_production_rate`` with its parts
        ``coherence_rate`` and ``population_rate``, and ``lowest_rate``, its smallest value within
        the period. ``first_law_residual`` = P̄ + Σ Q̇_b, ``second_law_residual``, by which the mean
        of σ(t) misses −Σ_b Q̇_b/T_b, and ``energy_error`` of all powers.

    Raises
    ------
    LzopenError
        If a name fits no parameter, waveforms have no common period, levels leak, or nothing fixes
        the steady state.

    Warns
    -----
    LzopenWarning
        If points have no single steady state and are NaN, entropy production falls below zero, or
        power and heat differ by more than a hundredth.

    References
    ----------
    R. Alicki, J. Phys. A 12, L103 (1979).

    Examples
    --------
    >>> import numpy as np, lzopen as lz
    >>> qubit = lz.TwoLevel(sweep=lz.Sinusoidal(amplitude=1.0, omega=2.0), gap=0.2)
    >>> warm = qubit.with_environment(lz.Relaxation(rate=0.05, temperature=0.5))
    >>> map = lz.steady_energetics(warm, amplitude=[2.0, 5.0], bias=[0.0, 2.0, 3.0])
    >>> map.power.round(4).values.tolist()
    [[0.0283, 0.0414, 0.0023], [0.0773, 0.0832, 0.061]]
    """
    instance("model", model, Model, "e.g. lz.TwoLevel(sweep=lz.Sinusoidal(1.0, 2.0), gap=0.1)")
    tol = single("tol", positive("tol", tol))
    over = {} if over is None else over
    instance("over", over, Mapping, "e.g. {'relaxation.rate': [0.01, 0.1]}")
    for name in over.keys() & axes.keys():
        fail("over", "name each parameter once", f"repeating {name!r}", "drop one of the two")
    grid = over_grid(model, {**over, **axes})
    batch = grid.batch
    if batch.period is None:
        fail("model", "be periodic", "driven by other waveforms", "lz.energetics follows those")
    if not batch.is_hermitian:
        fail("model", "keep all probability", "leaky", "it ends empty; lz.energetics follows it")
    if not batch.has_jumps:
        remedy = "attach environments, e.g. lz.Relaxation(rate=0.01, temperature=0.5)"
        fail("model", "forget how it started to have a steady state", "closed", remedy)
    baths = bath_temperatures(batch, temperatures)
    found = _found(batch, baths, tol)
    warn_of_second_law(found["lowest_rate"], found.pop("fastest"), tol)
    warn_of_unknown(batch, baths)
    _warn_of_poor_power(found)
    return label(
        _dataset(found, grid, baths),
        parameters=batch.parameters,
        model=describe(model),
        references=["alicki1979", "spohn1978", "blanes2009", *sources(model)],
        quantity="steady_energetics",
        tol=tol,
    )


def _found(batch: Model, baths: Array, tol: float) -> dict[str, Array]:
    """Averages of all members in a row, each of shape (members, …)."""
    # Weak environments take little, and what they take must be told from round-off.
    tol = tol * min(1.0, max(_LEAST_TOL / tol, _weakest(batch)))
    steady = steady_state(batch, 0.0, tol, np, True)
    known = np.isfinite(steady.error)
    if not known.any():
        remedy = "attach environments that damp all coherence and connect all levels"
        fail("model", "forget how it started", "without a single steady state anywhere", remedy)
    if not known.all():
        text = f"{(~known).sum()} of {known.size} points have no single steady state and are NaN."
        warn(f"{text} Damp all coherence and connect all levels there.", float((~known).sum()), 4)
    row, baths = in_a_row(batch), baths.reshape(known.size, baths.shape[-1])
    period = np.broadcast_to(row.period, known.shape)
    numbers = np.flatnonzero(known)
    blocks = np.split(numbers, range(_AT_ONCE, numbers.size, _AT_ONCE))
    parts = []
    for block in progress.bar(blocks, desc="energetics", unit="block"):
        with progress.hidden():
            balance = Balance(picked(row, known.shape, block), block.shape, redfield=False)
            parts.append(_averages(balance, period[block], steady.state[block], baths[block], tol))
        parts[-1]["energy_error"] += steady.error[block] * parts[-1].pop("amplified")
    found = {}
    for name in parts[0]:
        values = np.concatenate([part[name] for part in parts])
        found[name] = np.full((known.size, *values.shape[1:]), np.nan)
        found[name][numbers] = values
    return found


def _weakest(batch: Model) -> float:
    """Smallest decay per period of any member."""
    row = in_a_row(batch)
    balance = Balance(row, row.batch_shape, redfield=False)
    every = np.arange(row.batch_shape[0])
    period = np.broadcast_to(row.period, every.shape)
    acting = balance.at(every, period[:, None] * np.linspace(0, 1, _SAMPLES)).dissipators
    rates = np.abs(sum(acting, np.zeros(()))).max(axis=(1, 2, 3))
    decays = rates * period
    return float(decays[decays > 0].min(initial=1.0))


def _warn_of_poor_power(found: dict[str, Array]) -> None:
    """Where the drive's own balance is lost in round-off, heat is still known."""
    with np.errstate(invalid="ignore"):
        current = np.abs(found["energy_current"]).sum(axis=-1)
        poor = np.abs(found["first_law_residual"]) > _POOR * current + found["energy_error"] * _TINY
    if poor.any():
        text = (
            f"At {poor.sum()} of {poor.size} points power and heat differ by more than "
            f"{_POOR:.0%}; energy_current is the better one. Lower tol."
        )
        warn(text, float(poor.sum()), 4)


def _averages(
    balance: Balance, period: Array, states: Array, baths: Array, tol: float
) -> dict[str, Array]:
    """Of members in a row, over one period from these states."""
    times = np.stack([0.0 * period, period], axis=-1)
    course = follow(balance, times, states, tol)
    every = ledger(balance, course, baths)
    spans = course.spans
    last = np.array([end - 1 for _, end in spans])
    means = {
        "power": every["work"],
        "energy_current": every["energy_received"],
        "heat_current": every["heat"],
        "noise_power": every["noise_work"],
        "entropy_production_rate": every["entropy_production"],
        "coherence_rate": every["coherence_production"],
        "population_rate": every["population_production"],
        "second_law_residual": every["second_law_residual"],
        "energy_error": every["energy_error"],
    }
    found = {n: v[last] / period.reshape(-1, *[1] * (v.ndim - 1)) for n, v in means.items()}
    found["first_law_residual"] = found["power"] + found["energy_current"].sum(axis=-1)
    rate = every["entropy_production_rate"]
    lowest = [first + int(rate[first:end].argmin()) for first, end in spans]
    found["lowest_rate"], found["fastest"] = rate[lowest], every["fastest"][lowest]
    size = np.abs(every["internal_energy"])
    found["amplified"] = np.array([size[first:end].max() for first, end in spans]) / period
    return found


def _dataset(found: dict[str, Array], grid: Any, baths: Array) -> xr.Dataset:
    shape, data = grid.batch.batch_shape, {}
    names = member_names(grid.batch.environments)
    for name, values in found.items():
        own = ("environment",) if values.ndim > 1 else ()
        units = _RATE if name.endswith("_rate") or name == "second_law_residual" else _POWER
        data[name] = ((*grid.dims, *own), values.reshape((*shape, *values.shape[1:])), units)
    hot = ((*grid.dims, "environment"), baths, {"units": "rad / time"})
    return xr.Dataset(data, {**grid.coordinates, "environment": names, "temperature": hot})
