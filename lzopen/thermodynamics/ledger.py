"""What a course shows: energies, currents, entropies and their totals at all of its points."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from lzopen.models import Model
from lzopen.thermodynamics.balance import Balance, Moment
from lzopen.thermodynamics.course import Course
from lzopen.thermodynamics.entropy_rates import Rates, entropy_rates
from lzopen.thermodynamics.equilibrium import log_gibbs
from lzopen.thermodynamics.information import entropy
from lzopen.waveforms.base import Array

_OUTSIDE = 1e-12  # a population that counts where equilibrium has none
_MIXES = 1e-12  # of an environment: what it changes of the fully mixed state, if it leaves that


class _Seen(NamedTuple):
    """Systems at points, between energy levels; what has leaked is one more level."""

    now: Moment
    energies: Array  # (points, levels)
    states: Array  # (points, levels, levels)
    changes: Array  # (points, environments, levels, levels)
    held: Array  # internal energy, (points,)
    currents: Array  # (points, environments)
    power: Array


def ledger(balance: Balance, course: Course, baths: Array) -> dict[str, Array]:
    """All quantities at all points of a course, each of shape (points, …).

    ``baths`` are temperatures (members, environments), NaN where there is none. ``fastest`` is the
    rate of what environments do, against which rates of entropy are large or small.
    """
    seen, inner = _seen(balance, course), balance.coordinates.size
    received, work = course.x[:, inner + 1 :], course.x[:, inner]
    hot = baths[course.member]
    is_bath = ~np.isnan(hot)
    strength = _strength(seen.now, hot)
    rates = entropy_rates(seen.states, seen.changes, seen.currents, hot, seen.energies, strength)
    gained = seen.held - seen.held[course.first][course.member]
    disorder = entropy(seen.states)
    found = {
        "internal_energy": seen.held,
        "power": seen.power,
        "work": work,
        "energy_current": seen.currents,
        "energy_received": received,
        "heat": np.where(is_bath, received, 0.0).sum(axis=-1),
        "noise_work": np.where(is_bath, 0.0, received).sum(axis=-1),
        "entropy": disorder,
        "first_law_residual": gained - work - received.sum(axis=-1),
        "error": course.error,
        "energy_error": course.energy_error,
        "survival": course.x[:, : balance.coordinates.n_levels].sum(axis=-1),
    }
    known = is_bath | _keeps_disorder(seen.now, balance, strength, course)
    change = disorder - disorder[course.first][course.member]
    found |= _production(course, rates, known, change - _carried(received, hot, course))
    to_come = _to_come(seen, hot, disorder)
    return found | {"entropy_to_come": to_come, "fastest": strength.sum(axis=-1)}


def _seen(balance: Balance, course: Course) -> _Seen:
    now = balance.at(course.member, course.t[:, None])
    column = course.x[:, : balance.coordinates.size, None]
    moved = np.stack([column, *(part[:, 0] @ column for part in now.dissipators)], axis=1)
    held = (now.hamiltonian[:, :1, None, :] @ moved)[..., 0, 0]
    states = now.states[:, :1]
    matrices = balance.coordinates.matrices(moved, np)
    inside = states.conj().swapaxes(-1, -2) @ matrices @ states
    energies, inside = _with_what_left(balance.model, now.energies[:, 0], inside)
    power = balance.power(course.member, course.t, matrices[:, 0])
    return _Seen(now, energies, inside[:, 0], inside[:, 1:], held[:, 0], held[:, 1:], power)


def _with_what_left(model: Model, energies: Array, inside: Array) -> tuple[Array, Array]:
    """With one more level, that holds what has leaked; the first matrices are the states."""
    if model.is_hermitian:
        return energies, inside
    wide = np.pad(inside, ((0, 0), (0, 0), (0, 1), (0, 1)))
    wide[..., -1, -1] = -np.trace(inside, axis1=-2, axis2=-1)
    wide[:, 0, -1, -1] += 1.0
    apart = energies[:, -1:] + 1.0 + np.abs(energies[:, -1:])
    return np.concatenate([energies, apart], axis=-1), wide


def _strength(now: Moment, like: Array) -> Array:
    """Largest rate of each environment, (points, environments)."""
    found = [np.abs(part[:, 0]).max(axis=(-2, -1)) for part in now.dissipators]
    return np.stack(found, axis=-1) if found else np.zeros(like.shape)


def _keeps_disorder(now: Moment, balance: Balance, strength: Array, course: Course) -> Array:
    """Whether environments always leave the fully mixed state alone, (points, environments)."""
    mixed = balance.coordinates.columns(np.eye(balance.coordinates.n_levels), np)
    found = [np.abs(part[:, 0] @ mixed).max(axis=(-2, -1)) for part in now.dissipators]
    if not found:
        return np.ones(strength.shape, dtype=bool)
    kept = np.stack(found, axis=-1) <= _MIXES * strength
    return np.asarray(np.logical_and.reduceat(kept, course.first)[course.member])


def _to_come(seen: _Seen, hot: Array, disorder: Array) -> Array:
    """D(ρ‖Gibbs) at the temperature of all baths; NaN if they have none in common."""
    levels = seen.energies.shape[-1]
    if not hot.shape[-1] or levels > seen.now.energies.shape[-1]:  # closed, or some has left
        return np.full(disorder.shape, np.nan)
    own = np.fmax.reduce(hot, axis=-1)  # NaN only if all are
    with np.errstate(invalid="ignore"):
        logarithm = log_gibbs(seen.energies, np.where(np.isnan(own), 1.0, own))
        held = np.diagonal(seen.states, axis1=-2, axis2=-1).real
        crossed = np.where(held > _OUTSIDE, held * logarithm, 0.0).sum(axis=-1)
    common = np.all((hot == own[:, None]) | np.isnan(hot), axis=-1) & ~np.isnan(own)
    return np.where(common, np.maximum(-disorder - crossed, 0.0), np.nan)


def _carried(received: Array, hot: Array, course: Course) -> Array:
    """Σ Q/T of all environments that have a temperature."""
    with np.errstate(divide="ignore", invalid="ignore"):
        nothing = np.isnan(hot) | ((hot == 0) & (np.abs(received) <= course.energy_error[:, None]))
        return np.where(nothing, 0.0, received / hot).sum(axis=-1)


def _production(course: Course, rates: Rates, known: Array, produced: Array) -> dict[str, Array]:
    """Rates of entropy production and their totals; NaN where nobody knows them."""
    each = np.where(known, rates.coherence + rates.populations, np.nan)
    coherence, populations, whole = (
        np.where(known, part, np.nan).sum(axis=-1)
        for part in (rates.coherence, rates.populations, each)
    )
    produced = np.where(known.all(axis=-1), produced, np.nan)
    lost = _accumulated(course, coherence)
    with np.errstate(invalid="ignore"):
        residual = _accumulated(course, whole) - np.where(np.isinf(produced), np.nan, produced)
    return {
        "entropy_production_rate": whole,
        "coherence_rate": coherence,
        "population_rate": populations,
        "environment_rate": each,
        "entropy_production": produced,
        "coherence_production": lost,
        "population_production": produced - lost,
        "second_law_residual": residual,
    }


def _accumulated(course: Course, rate: Array) -> Array:
    """Integral of a rate from the start of each member, at even points; by Simpson's rule.

    Where a rate is infinite at the end of a step, its middle alone counts; where it is so
    there, the step is among the shortest ones, beside a pure state.
    """
    length = np.diff(course.t)
    middles = np.flatnonzero(course.is_middle)
    step = length[middles - 1] + length[middles]
    ends, middle = 0.5 * (rate[middles - 1] + rate[middles + 1]), rate[middles]
    total = np.zeros_like(rate)
    with np.errstate(invalid="ignore"):
        middle = np.where(np.isinf(middle), 0.0, middle)
        inner = np.where(np.isfinite(ends), (ends + 2 * middle) / 3, middle)
        total[middles + 1] = step * inner
        # Each member sums for itself, so that what is infinite in one stays there.
        for first, last in course.spans:
            total[first:last] = np.cumsum(total[first:last])
    return total
