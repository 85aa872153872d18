"""The ledger of a drive in baths with memory, from the hierarchy of their equations of motion.

With A⊗B between system and bath, the first tier of the hierarchy, an operator ρ_k for each
exponential c_k e^(−v_k t) of the correlations C(t), tells what the bath does,

    Tr_B Bρ = Σ_k ρ_k,    Tr_B i[H_B, B]ρ = −Σ_k v_k ρ_k + Im C(0) {A, ρ},

and so the energy of the coupling, the current into the system and the one out of the bath. The
latter needs no other bath, so that it also holds for baths whose couplings do not commute.
"""

from __future__ import annotations

from functools import partial
from typing import Any, NamedTuple

import numpy as np
import qutip
from numpy.polynomial.legendre import leggauss, legvander
from scipy.special import xlogy

from lzopen.dynamics.periodic.level_coordinates import Densities
from lzopen.dynamics.runs import deepened, in_hierarchy
from lzopen.errors import fail, warn
from lzopen.models import Model
from lzopen.models.stepping import accumulated_phase, bends
from lzopen.models.terms import hermitian_part
from lzopen.thermodynamics.balance import Balance, Moment
from lzopen.waveforms.base import ROUND_OFF, Array

_NEGATIVE, _SLACK = 1e-9, 100.0  # of entropy production, and how errors grow in a logarithm
_FIRST_LOOK = 2, 30.0  # the depth, and how much tighter than tol, at which panels are chosen
_MOST_HALVINGS = 20
_RADIANS = 2.0  # in a panel, to begin with
_NODES, _WEIGHTS = leggauss(11)
_OTHERS = np.delete(np.arange(11), 5)  # the same nodes but the middle one
_COARSE = np.zeros(11)
_COARSE[_OTHERS] = np.linalg.solve(legvander(_NODES[_OTHERS], 9).T, 2.0 * np.eye(10)[0])


class _Seen(NamedTuple):
    """What a hierarchy tells at points in time."""

    states: Array  # (points, n, n)
    energy: Array  # (points,)
    held: Array  # energies of couplings, (points, environments)
    flows: Array  # (points, 1 + 2 environments): power, currents inwards, out of environments


class _Totals(NamedTuple):
    """The same at the times asked for, with the integrals of the flows."""

    seen: _Seen
    gained: Array  # (times, 1 + 2 environments)
    missed: Array  # by the quadrature of each panel

    @property
    def energies(self) -> Array:
        """Everything that is an energy, (times, …)."""
        return np.column_stack([self.seen.energy, self.seen.held, self.gained])


def hierarchy_ledger(
    model: Model, t: Array, first: Array, hot: Array, tol: float
) -> tuple[dict[str, Array], int]:
    """All quantities at all times, each of shape (times, …), and the depth of the hierarchy.

    Parameters
    ----------
    model : Model
        A single one, with at least one bath.
    t : (times,) ndarray
    first : (n, n) ndarray
        State at the first of them, which the baths know nothing about.
    hot : (environments,) ndarray
        Temperatures, NaN where there is none.
    tol : float
        Error to aim for, of the state, and of energies relative to the largest distance of levels.
    """
    _check(model)
    scale = float(np.ptp(model.energies(np.linspace(t[0], t[-1], 33)), axis=-1).max()) or 1.0
    edges = _chosen_edges(model, t, first, tol, scale)
    run = partial(_run, model, t, first, edges)
    found, error, depth = deepened(model, run, partial(_change, scale), tol / 2)
    missed = np.append(0.0, found.missed.cumsum())[_rows(edges, t)]
    error = np.column_stack([error[:, 0], scale * error[:, 1] + missed])
    worst = max(float(error[:, 0].max()), float(error[:, 1].max()) / scale)
    if worst > tol:
        text = f"The ledger may be off by {worst:.1e} > tol = {tol:.1e}; raise tol."
        warn(text, worst, 4)
    kept = _ledger(model, t, found, error, hot)
    _warn_of_second_law(kept["entropy_production"], error, hot)
    return kept, depth


def _check(model: Model) -> None:
    if model.batch_shape:
        remedy = "hand lz.scan a function of one model: lambda model: lz.energetics(model, ...)"
        must = "be a single one with equation='hierarchy'"
        fail("model", must, f"a batch of shape {model.batch_shape}", remedy)
    if not any(environment.is_bath for environment in model.environments):
        must, remedy = "be 'lindblad' without an lz.ThermalBath", "nothing here has a memory"
        fail("equation", must, "'hierarchy'", remedy)


def _warn_of_second_law(produced: Array, error: Array, hot: Array) -> None:
    known = hot[np.isfinite(hot) & (hot > 0)]
    least = -_NEGATIVE - _SLACK * error[:, 0] - error[:, 1] * (1 / known).sum()
    lowest = float(produced.min(initial=0.0, where=np.isfinite(produced) & (produced < least)))
    if lowest < 0:
        text = (
            f"Entropy production falls to {lowest:.1e}: this breaks the second law. A sum of too "
            "few exponentials is no bath at its temperature; take one with more."
        )
        warn(text, lowest, 5)


# -- panels


def _chosen_edges(model: Model, t: Array, first: Array, tol: float, scale: float) -> Array:
    """Panels that are halved until the quadrature of a shallow hierarchy is good enough."""
    depth, tighter = _FIRST_LOOK
    edges, before = _first_edges(model, t), np.inf
    for _ in range(_MOST_HALVINGS):
        missed = _run(model, t, first, edges, depth, tol / tighter).missed
        wrong = missed > 0.25 * tol * scale / missed.size
        if not wrong.any() or missed.sum() > 0.5 * before:  # what is left is noise of the solver
            break
        before = missed.sum()
        edges = np.sort([*edges, *(0.5 * (edges[:-1] + edges[1:])[wrong])])
    return edges


def _first_edges(model: Model, t: Array) -> Array:
    """A few radians each, from mark to mark, and finer where the baths begin to notice."""
    exponents = [part.exponent for bath, _ in model.baths for part in bath.exponents]
    fastest = max(1 / np.ptp(t), *(abs(exponent) for exponent in exponents))
    own = max(abs(exponent.imag) for exponent in exponents)
    kinks = model.kinks(t[0], t[-1])
    doubling = 2.0 ** np.arange(np.log2(fastest * np.ptp(t)))
    marks = _distinct(np.unique([*t, *kinks, *(t[0] + doubling / fastest)]))
    start, end = marks[:-1], marks[1:]
    radians = np.sqrt(2) * accumulated_phase(model.terms, start, end) + own * (end - start)
    radians += bends(model.terms, start, end)
    counts = np.ceil(np.maximum(radians, _RADIANS) / _RADIANS).astype(int)
    pieces = [np.linspace(*ends) for ends in zip(start, end, counts + 1, strict=True)]
    return np.concatenate([*(piece[:-1] for piece in pieces), marks[-1:]])


def _distinct(marks: Array) -> Array:
    """Without those that differ by round-off from the next one."""
    least = ROUND_OFF * max(np.ptp(marks), np.abs(marks).max())
    return marks[np.append(np.diff(marks) > least, True)]


def _rows(edges: Array, t: Array) -> Array:
    """Which of the edges the times are."""
    return np.abs(edges - t[:, None]).argmin(axis=-1)


# -- one run


def _run(
    model: Model, t: Array, first: Array, edges: Array, depth: int, tolerance: float
) -> _Totals:
    """Energies at all times by a hierarchy of some depth, from the flows at nodes of panels."""
    half = 0.5 * np.diff(edges)
    nodes = (edges[:-1] + half)[:, None] + half[:, None] * _NODES
    points = np.unique([*t, *edges, *nodes.ravel()])
    read = partial(in_hierarchy, model, points, qutip.Qobj(first), depth, tolerance, {})
    seen = _seen(model, points, read(_Tier(model)))
    flows = seen.flows[np.searchsorted(points, nodes)]
    panels = half[:, None] * np.einsum("j,pjf->pf", _WEIGHTS, flows)
    coarse = half[:, None] * np.einsum("j,pjf->pf", _COARSE, flows)
    missed = np.abs(panels - coarse).max(axis=-1)
    panels[:, 0] += _jumps(model, edges, seen.states[np.searchsorted(points, edges)])
    gained = np.concatenate([np.zeros((1, panels.shape[1])), panels.cumsum(axis=0)])
    asked = np.searchsorted(points, t)
    return _Totals(_Seen(*(each[asked] for each in seen)), gained[_rows(edges, t)], missed)


def _change(scale: float, before: _Totals, found: _Totals) -> Array:
    """By how much the state (in trace norm) and energies have changed so far, (times, 2)."""
    off = found.seen.states - before.seen.states
    state = np.sqrt(off.shape[-1]) * np.linalg.norm(off, axis=(-2, -1))
    energy = np.abs(found.energies - before.energies).max(axis=-1) / scale
    return np.asarray(np.maximum.accumulate(np.column_stack([state, energy])))


def _jumps(model: Model, edges: Array, states: Array) -> Array:
    """Work of sudden steps of H at either end of panels, (panels,)."""
    aside = ROUND_OFF * max(np.ptp(edges), np.abs(edges).max())
    matrices = model.hamiltonian(edges)
    total = np.zeros(len(edges) - 1)
    for ends, off in ((slice(None, -1), aside), (slice(1, None), -aside)):
        inside = edges[ends] + off
        near = model.hamiltonian(inside) - off * model.dH(inside)
        step = hermitian_part(near - matrices[ends])
        total += np.sign(off) * _trace(states[ends], step)
    return total


class _Tier:
    """Reads the state and the first tier of a hierarchy, (1 + exponents, n, n)."""

    def __init__(self, model: Model) -> None:
        exponents = sum(len(bath.exponents) for bath, _ in model.baths)
        self._labels = [tuple(row) for row in np.eye(exponents, dtype=int).tolist()]

    def __call__(self, _: float, hierarchy: Any) -> Array:
        first = [hierarchy.extract(label).full() for label in self._labels]
        return np.array([hierarchy.rho.full(), *first])


def _seen(model: Model, t: Array, tier: Array) -> _Seen:
    """From states and first tiers, (points, 1 + exponents, n, n)."""
    now, states = _moments(model, t), hermitian_part(tier[:, 0])
    matrices = hermitian_part(model.hamiltonian(t))
    x = Densities(model.n_levels).columns(states, np)[..., 0]
    others, start, columns = iter(now.dissipators), 1, []
    for environment in model.environments:
        if environment.is_bath:
            ((bath, coupling),) = environment.baths()
            own = tier[:, start : start + len(bath.exponents)]
            start += len(bath.exponents)
            columns.append(_of_bath(bath, coupling.full(), matrices, states, own))
        else:
            moved = np.einsum("pij,pj->pi", next(others)[:, 0], x)
            current = (now.hamiltonian[:, 0] * moved).sum(axis=-1)
            columns.append(np.stack([0.0 * current, current, current], axis=-1))
    each = np.stack(columns, axis=-1)  # (points, 3, environments)
    power = (now.slope[:, 0] * x).sum(axis=-1)
    flows = np.column_stack([power, each[:, 1], each[:, 2]])
    return _Seen(states, (now.hamiltonian[:, 0] * x).sum(axis=-1), each[:, 0], flows)


def _of_bath(bath: Any, coupling: Array, matrices: Array, states: Array, own: Array) -> Array:
    """Energy of the coupling, current into the system and out of the bath, (points, 3)."""
    exponents = np.array([part.exponent for part in bath.exponents])
    at_once = sum(part.coefficient for part in bath.exponents).imag
    force = own.sum(axis=1)
    turned = np.einsum("k,pkij->pij", -exponents, own)
    held = _trace(coupling, force)
    inwards = _trace(-1j * (matrices @ coupling - coupling @ matrices), force)
    outwards = _trace(coupling, turned) + 2 * at_once * _trace(coupling @ coupling, states)
    return np.stack([held, inwards, outwards], axis=-1)


def _trace(a: Array, b: Array) -> Array:
    """Re Tr ab."""
    return np.asarray(np.einsum("...ij,...ji->...", a, b).real)


def _moments(model: Model, t: Array) -> Moment:
    """Energies, and what environments without memory do."""
    balance = Balance(model.without_baths(), (1,), False)
    return balance.at(np.zeros(t.size, dtype=int), t[:, None])


# -- the ledger


def _ledger(model: Model, t: Array, found: _Totals, error: Array, hot: Array) -> dict[str, Array]:
    seen, size = found.seen, len(hot)
    work, received, given = np.split(found.gained, [1, 1 + size], axis=-1)
    left = 1.0 - np.trace(seen.states, axis1=-2, axis2=-1).real
    populations = np.maximum(np.linalg.eigvalsh(seen.states), 0.0)
    gone = 0.0 if model.is_hermitian else np.maximum(left, 0.0)
    disorder = 0.0 - xlogy(populations, populations).sum(axis=-1) - xlogy(gone, gone)
    carried = _carried(given, hot, error[:, 1], _orders(model, t))
    return {
        "internal_energy": seen.energy,
        "power": seen.flows[:, 0],
        "work": work[:, 0],
        "energy_current": seen.flows[:, 1 : 1 + size],
        "energy_received": received,
        "interaction_energy": seen.held,
        "bath_heat": given,
        "entropy": disorder,
        "entropy_production": disorder - disorder[0] - carried,
        "first_law_residual": seen.energy - seen.energy[0] - work[:, 0] - received.sum(axis=-1),
        "error": error[:, 0],
        "energy_error": error[:, 1],
        "survival": 1.0 - left,
    }


def _carried(given: Array, hot: Array, error: Array, orders: Array) -> Array:
    """Σ Q/T, NaN if something without a temperature orders the system."""
    with np.errstate(divide="ignore", invalid="ignore"):  # T = 0
        nothing = np.isnan(hot) | ((hot == 0) & (np.abs(given) <= error[:, None]))
        each = np.where(nothing, 0.0, given / hot)
        return np.where(np.isnan(hot) & orders, np.nan, each).sum(axis=-1)


def _orders(model: Model, t: Array) -> Array:
    """Whether environments change the fully mixed state, (environments,)."""
    mixed = Densities(model.n_levels).columns(np.eye(model.n_levels), np)
    others = iter(_moments(model, t).dissipators)
    found = []
    for environment in model.environments:
        acting = np.zeros(()) if environment.is_bath else next(others)
        moved = 0.0 if environment.is_bath else np.abs(acting @ mixed).max()
        found.append(environment.is_bath or moved > ROUND_OFF * np.abs(acting).max())
    return np.array(found)
