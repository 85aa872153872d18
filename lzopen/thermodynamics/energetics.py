"""The ledger of an open drive: energy, work, heat and entropy along it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from typing import Any

import numpy as np
import qutip
import xarray as xr
from numpy.typing import ArrayLike

from lzopen import progress
from lzopen.dynamics.initial import initial_densities
from lzopen.dynamics.picking import picked
from lzopen.errors import choice, fail, increasing, instance, positive, single
from lzopen.models import Model
from lzopen.models.grid import batch_axes
from lzopen.models.parameters import describe, member_names, sources
from lzopen.results import label
from lzopen.scan import batchable
from lzopen.thermodynamics.audit import (
    warn_of_error,
    warn_of_first_law,
    warn_of_second_law,
    warn_of_unknown,
)
from lzopen.thermodynamics.balance import Balance
from lzopen.thermodynamics.course import Course, follow
from lzopen.thermodynamics.hierarchy import hierarchy_ledger
from lzopen.thermodynamics.ledger import ledger
from lzopen.thermodynamics.temperatures import bath_temperatures
from lzopen.waveforms.base import Array

_ENERGY, _POWER, _RATE = ({"units": unit} for unit in ("rad / time", "rad / time^2", "1 / time"))
_UNITS = {
    "internal_energy": _ENERGY,
    "power": _POWER,
    "work": _ENERGY,
    "energy_current": _POWER,
    "energy_received": _ENERGY,
    "heat": _ENERGY,
    "noise_work": _ENERGY,
    "interaction_energy": _ENERGY,
    "bath_heat": _ENERGY,
    "first_law_residual": _ENERGY,
    "energy_error": _ENERGY,
    "entropy_production_rate": _RATE,
    "coherence_rate": _RATE,
    "population_rate": _RATE,
    "environment_rate": _RATE,
}
_AT_ONCE = 256  # members


@batchable
def energetics(
    model: Model,
    *,
    times: ArrayLike,
    initial: int | str | qutip.Qobj = "thermal",
    temperature: float | None = None,
    equation: str = "lindblad",
    temperatures: Mapping[str, float] | None = None,
    tol: float = 1e-8,
) -> xr.Dataset:
    """Work, heat and entropy production along a drive, each with its error.

    The state, the work and the energy from each environment b obey one linear equation and are
    solved together,

        dW/dt = Tr ρ ∂H/∂t,    dQ_b/dt = Tr H D_b ρ,    σ = dS/dt − Σ_b (dQ_b/dt)/T_b,

    where D_b is what the environment does to ρ. Heat is positive into the system, work when done
    on it. Each step is halved until nothing changes, so that the grid is converged, and the first
    law is a check: it does not hold by construction.

    Parameters
    ----------
    model : Model
        One model or a batch.
    times : (n,) or batch + (n,) array_like
        Strictly increasing; the evolution starts at the first one.
    initial : int, {"ground", "thermal"} or Qobj
        Diabatic level, instantaneous ground or thermal state at the first time, or any state.
    temperature : float, optional
        Of a thermal initial state, an energy (k_B = 1).
    equation : {"lindblad", "redfield", "hierarchy"}
        What a `ThermalBath` does: jumps between the instantaneous energy eigenstates, as in
        ``c_ops``; the Bloch-Redfield equation, as `qutip.brmesolve` has it; or the hierarchy of
        `evolve`, which keeps the memory of the bath and the energy of its coupling. It takes
        one model at a time, with baths that are sums of exponentials.
    temperatures : mapping of str to float, optional
        Of environments that have none themselves, by name as in ``model.parameters``:
        ``{"decay": 0.5}``. Their energy then counts as heat.
    tol : float
        Error to aim for, of the state, and of energies relative to the largest distance of levels.

    Returns
    -------
    xarray.Dataset
        Along ``time``, batch axes in front (and ``moment`` where members have times of their own):

        - ``internal_energy`` Tr ρH, ``power`` and ``work`` of the drive, ``energy_current`` and
          ``energy_received`` by ``environment``; ``heat``, the sum of what came from environments
          with a ``temperature``, and ``noise_work``, the sum from those without.
        - ``entropy``, ``entropy_production_rate`` σ with its parts ``coherence_rate``, by the loss
          of coherence between energies, and ``population_rate``, and ``environment_rate``,
          its share by ``environment``; the totals since the start ``entropy_production``,
          ``coherence_production`` and ``population_production``. At T = 0 they are ∞ where heat
          flows. They are NaN where an environment has no temperature and
          yet orders the system, like `Decay` and `Leak`: nobody knows what that costs.
        - ``entropy_to_come``, which relaxing would produce if the drive stopped here: the relative
          entropy D(ρ‖e^{−H/T}/Z) at the temperature of all baths. What a drive has
          produced so far says little as long as this is large.
        - ``first_law_residual`` = ΔU − W − Σ_b Q_b, and ``second_law_residual``, by which the
          integral of σ misses ΔS − Σ_b Q_b/T_b.
        - ``error`` of the state (in trace norm) and ``energy_error``, by step halving.
        - ``survival``, if levels leak. What has left carries off the energy in
          ``energy_received`` of the leak, and ``entropy`` includes −s ln s of the part s that left.

        The hierarchy starts from a product of system and baths, and tells apart where energy is:

        - ``energy_current`` and ``energy_received`` are what arrives in the system,
          ``interaction_energy`` is the energy ⟨A⊗B⟩ of the coupling to each bath, and
          ``bath_heat`` what the bath itself has lost, −ΔU_B. Of one bath this is
          ``energy_received`` and the coupling energy's share, the change of
          ``interaction_energy``; several whose couplings do not commute also exchange
          energy through these. Of other environments ``bath_heat`` is ``energy_received``.
        - ``entropy_production`` = ΔS − Σ_b ``bath_heat``/T_b is never negative, but may fall for
          a while. So it has no rate and no parts, and ``heat``, ``noise_work`` and
          ``second_law_residual`` and ``entropy_to_come`` are left out too.
        - ``error`` and ``energy_error`` come from the depth of the hierarchy, the tolerance of
          the solver and the quadrature of work and currents.

    Raises
    ------
    LzopenError
        If the times do not increase, the initial state does not fit, a matrix of the model is not
        Hermitian, or a temperature is negative or for an environment that has its own; or if the
        hierarchy is asked for a batch, without a bath, or with one that is no sum of exponentials.

    Warns
    -----
    LzopenWarning
        If entropy production falls below zero, as with jumps between fixed levels, or is unknown
        since `Decay` has no temperature; if an error stays above ``tol``; or the state
        has a negative population, as the Bloch-Redfield equation may give; or the hierarchy
        misses ``tol``.

    See Also
    --------
    loop_work : What a slow closed loop yields, which must be nothing for one temperature.
    steady_energetics : The same per period of a drive, over a grid of parameters.

    References
    ----------
    R. Alicki, J. Phys. A 12, L103 (1979); H. Spohn, J. Math. Phys. 19, 1227 (1978);
    T. Albash et al., New J. Phys. 14, 123016 (2012); with memory: M. Esposito, K. Lindenberg
    and C. Van den Broeck, New J. Phys. 12, 013013 (2010); A. Kato and Y. Tanimura, J. Chem.
    Phys. 145, 224105 (2016).

    Examples
    --------
    >>> import numpy as np, lzopen as lz
    >>> qubit = lz.TwoLevel(sweep=lz.Linear(rate=0.5), gap=1.0)
    >>> warm = qubit.with_environment(lz.Relaxation(rate=0.01, temperature=1.0))
    >>> run = lz.energetics(warm, times=np.linspace(-40, 40, 9), temperature=1.0)
    >>> last = run.isel(time=-1)
    >>> f"{last.work:.4f} {last.heat:.4f} {last.entropy_production:.4f}"
    '0.9838 -0.1582 0.2277'
    >>> bool(abs(run.first_law_residual).max() < 1e-9)
    True

    A bath that is coupled strongly holds energy in its coupling:

    >>> import qutip
    >>> drude = qutip.DrudeLorentzEnvironment(T=1.0, lam=0.2, gamma=2.0)
    >>> bath = lz.ThermalBath(0.5 * qutip.sigmaz(), drude.approximate("pade", Nk=2))
    >>> ask = {"times": [-5.0, 0.0, 5.0], "initial": "ground", "tol": 1e-4}
    >>> run = lz.energetics(qubit.with_environment(bath), **ask, equation="hierarchy")
    >>> last = run.isel(time=-1, environment=0)
    >>> f"{last.energy_received:.3f} {last.interaction_energy:.3f} {last.bath_heat:.3f}"
    '0.079 -0.094 -0.015'
    """
    instance("model", model, Model, "e.g. lz.TwoLevel(sweep=lz.Linear(1.0), gap=1.0)")
    tol = single("tol", positive("tol", tol))
    choice("equation", equation, ("lindblad", "redfield", "hierarchy"))
    t = _checked_times(model, times)
    first = initial_densities(model, initial, t[..., 0], temperature)
    baths = bath_temperatures(model, temperatures)
    if equation == "hierarchy":
        kept, depth = hierarchy_ledger(model, t, first, baths, tol)
        warn_of_unknown(model, baths)
        papers = ["esposito2010", "kato2016", "qutip5"]
        record = {"equation": equation, "tol": tol, "max_depth": depth}
        return _dataset(model, t, baths, kept, papers, **record)
    found, rates, fastest = _found(model, t, first, baths, equation, tol)
    warn_of_second_law(rates, fastest, tol)
    warn_of_unknown(model, baths)
    warn_of_error(found["error"], tol)
    warn_of_first_law(found["first_law_residual"], found["energy_error"], found["internal_energy"])
    papers = ["alicki1979", "spohn1978", "albash2012", "blanes2009"]
    return _dataset(model, t, baths, found, papers, equation=equation, tol=tol)


def _checked_times(model: Model, times: ArrayLike) -> Array:
    t = increasing("times", times, "sort it; to run backwards take model.reversed()")
    if t.ndim > 1 and t.shape[:-1] != model.batch_shape:
        must = f"be one-dimensional, or have the shape of the batch, {model.batch_shape}, in front"
        fail("times", must, f"of shape {t.shape}")
    return t


def _found(
    model: Model, t: Array, first: Array, baths: Array, equation: str, tol: float
) -> tuple[dict[str, Array], Array, Array]:
    """All quantities at the times of all members, each of shape (members · times, …).

    Also the rates of entropy production, and of what environments do, at all points between.
    """
    shape, n = model.batch_shape, model.n_levels
    times = np.broadcast_to(t, (*shape, t.shape[-1])).reshape(-1, t.shape[-1])
    states = np.broadcast_to(first, (*shape, n, n)).reshape(-1, n, n)
    baths = baths.reshape(len(times), -1)
    blocks = np.split(np.arange(len(times)), range(_AT_ONCE, len(times), _AT_ONCE))
    parts, rates, fastest = [], [], []
    for block in progress.bar(blocks, desc="energetics") if len(blocks) > 1 else blocks:
        balance = Balance(picked(model, shape, block), (block.size,), equation == "redfield")
        with progress.hidden() if len(blocks) > 1 else nullcontext():
            course = follow(balance, times[block], states[block], tol)
        rows = [
            _rows_at(course, span, own)
            for span, own in zip(course.spans, times[block], strict=True)
        ]
        every = ledger(balance, course, baths[block])
        rates.append(every["entropy_production_rate"])
        fastest.append(every.pop("fastest"))
        parts.append({name: values[np.concatenate(rows)] for name, values in every.items()})
    found = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    return found, np.concatenate(rates), np.concatenate(fastest)


def _rows_at(course: Course, span: tuple[int, int], times: Array) -> Array:
    """Points of a member that are these times."""
    first, last = span
    ends = np.arange(first, last, 2)
    return ends[np.abs(course.t[ends, None] - times).argmin(axis=0)]


def _dataset(
    model: Model,
    t: Array,
    baths: Array,
    found: dict[str, Array],
    references: Sequence[str],
    **record: Any,
) -> xr.Dataset:
    batch, coords = batch_axes(model, model.batch_shape)
    when = "time" if t.ndim == 1 else "moment"
    names = member_names(model.environments)
    coords |= {
        "time": ("time" if t.ndim == 1 else (*batch, when), t, {"units": "time"}),
        "environment": names,
        "temperature": ((*batch, "environment"), baths, _ENERGY),
    }
    if model.is_hermitian:
        del found["survival"]
    data = {}
    for name, values in found.items():
        own = ("environment",) if values.ndim > 1 else ()
        shaped = values.reshape(*model.batch_shape, t.shape[-1], *values.shape[1:])
        data[name] = ((*batch, when, *own), shaped, _UNITS.get(name, {}))
    return label(
        xr.Dataset(data, coords),
        parameters=model.parameters,
        model=describe(model),
        references=[*references, *sources(model)],
        quantity="energetics",
        **record,
    )
