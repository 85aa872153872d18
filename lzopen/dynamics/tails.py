"""The limit of a sweep that dephases, decays or leaks.

Far from a crossing only populations move, by the rates R of `slow_manifold`. Those that fall as a
power of t are integrated up to t → ∞ in a few steps in a power of 1/t. Those that stay have the
last word: what decays for good is empty, and levels that feed one another share in fixed parts.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.sparse.csgraph import connected_components

from lzopen.dynamics.magnus import NODES, time_ordered
from lzopen.dynamics.slow_manifold import (
    inverse_by_rows,
    liouvillian_jets,
    slow_projection,
    slow_rates,
    slow_states,
)
from lzopen.environments.base import Terms
from lzopen.models.terms import blocks
from lzopen.waveforms.base import Array

_FATE = 32.0  # lifetimes after which a level has decayed: e⁻³² = 1e−14
_PANELS = 3
_STEPS = 8  # while time grows by a factor of e
_DOUBLINGS, _ENOUGH = 5, 1e-11
_LEFT = 0.1  # of a change under doubling, of which sixth order leaves a 63rd
_CANCELS = 1e-14  # of rates: their sum is round-off
_UNSEEN = 1e-10  # a rate times the time passed; below it is round-off


def final_populations(
    generators: Terms, n_levels: int, start: Array, center: Array, power: float
) -> tuple[Array, Array]:
    """Map from a density matrix at ``start`` to the populations at t → ∞.

    Parameters
    ----------
    generators : sequence of (matrix, Waveform)
        The Liouvillian on density matrices stacked by columns.
    n_levels : int
        n.
    start, center : ndarray
        In the shape of the batch: a time well after the last crossing, and where the
        crossings lie.
    power : float
        Distances of levels grow like t^power; populations settle if it exceeds ½.

    Returns
    -------
    map : batch + (n, n²) ndarray
    error : batch ndarray
        Infinite where populations never settle.
    """
    everywhere = np.arange(n_levels) * (n_levels + 1)
    seen = np.sort(np.concatenate([b for b in blocks(generators) if np.isin(everywhere, b).any()]))
    generators = tuple((matrix[..., seen[:, None], seen], w) for matrix, w in generators)
    populations = np.searchsorted(seen, everywhere)
    rest = np.broadcast_to(
        _resting_rates(generators, populations), (*start.shape, n_levels, n_levels)
    )
    owners = np.array([_owners(rates) for rates in rest.reshape(-1, n_levels, n_levels)])
    owners = owners.reshape(*start.shape, n_levels)
    total = np.zeros((*start.shape, n_levels, n_levels**2), dtype=complex)
    error = np.empty(start.shape)
    for pattern in np.unique(owners.reshape(-1, n_levels), axis=0):
        here = (owners == pattern).all(axis=-1)
        found, off = _with_fates(generators, populations, pattern, start, center, power)
        total[..., seen] = np.where(here[..., None, None], found, total[..., seen])
        error = np.where(here, off, error)
    return total, error


def _resting_rates(generators: Terms, populations: Array) -> Array:
    """Rates between populations that stay at t → ∞."""
    total: Any = 0.0
    for matrix, waveform in generators:
        end, power = waveform.asymptote(1)  # type: ignore[misc]
        if power == 0:
            block = matrix[..., populations[:, None], populations]
            total = total + np.asarray(end)[..., None, None] * block
    return np.real(total)


def _owners(rates: Array) -> Array:
    """For each level, the first one of its group, or −1 where it decays for good.

    A group feeds its own members, directly or not, and loses nothing (or, for transposed rates,
    gains nothing).
    """
    count, member = connected_components(rates != 0, directed=True, connection="strong")
    owners = np.full(len(rates), -1)
    for group in map(np.flatnonzero, member == np.arange(count)[:, None]):
        within = rates[np.ix_(group, group)]
        sums = [np.abs(within.sum(axis)).max() for axis in (0, 1)]
        if min(sums) <= _CANCELS * np.abs(within).max():
            owners[group] = group[0]
    return owners


def _with_fates(
    generators: Terms, populations: Array, owners: Array, start: Array, center: Array, power: float
) -> tuple[Array, Array]:
    """The map where levels are grouped by the rates that stay.

    What such a group holds changes slowly, and takes the place of its first level. Everything
    else has a fate. What has not met it by the start belongs to the slow ones until it
    has, and then follows the others, like the coherences.
    """
    stable = owners == np.arange(owners.size)
    into = _sums(_resting_rates(generators, populations), populations, owners, generators)
    if not stable.any():
        return np.zeros((*start.shape, populations.size, into.shape[-1])), np.zeros(start.shape)
    back = 2 * np.eye(into.shape[-1]) - into
    generators = tuple((into @ matrix @ back, waveform) for matrix, waveform in generators)
    rest, slow = _resting_rates(generators, populations), populations[stable]
    later = np.maximum(start, center + _FATE * _longest_life(rest[..., ~stable, :][..., ~stable]))
    onto, error = slow_projection(generators, slow, later)
    waits = later > start
    if waits.any():
        until = np.where(waits, later, 2 * start - center)  # not used there
        passed, off = _until_decayed(generators, populations, start, until, center)
        onto = np.where(waits[..., None, None], onto @ passed, onto)
        error = np.where(waits, error + off, error)
    tail, off = _tail(generators, slow, later, center, power)
    apart = back[..., populations[:, None], populations]
    return apart @ _slaved(rest, stable) @ tail @ onto @ into, error + off


def _sums(rest: Array, populations: Array, owners: Array, generators: Terms) -> Array:
    """Identity, but for the sum over each group with which no rate changes it."""
    size = generators[0][0].shape[-1]
    into = np.broadcast_to(np.eye(size), (*rest.shape[:-2], size, size)).copy()
    for first in np.unique(owners[owners >= 0]):
        others = np.flatnonzero((owners == first) & (np.arange(owners.size) != first))
        among, back = rest[..., others[:, None], others], rest[..., first, others]
        weights = -(back[..., None, :] @ inverse_by_rows(among)[0])[..., 0, :]
        into[..., populations[first], populations[others]] = weights
    return into


def _longest_life(rates: Array) -> Array:
    """Of what decays by these rates; zero where nothing does."""
    slowest = np.abs(np.linalg.eigvals(rates).real).min(axis=-1, initial=np.inf)
    return 1 / np.where(slowest > 0, slowest, np.inf)


def _until_decayed(
    generators: Terms, populations: Array, start: Array, end: Array, center: Array
) -> tuple[Array, Array]:
    """Density matrices from ``start`` to ``end``, but for coherences that have died out."""
    before, off = slow_projection(generators, populations, start)
    settled, lost = _settle(generators, populations, start, end, center)
    after, _ = slow_projection(generators, populations, end)
    manifold, left = slow_states(generators, populations, end)
    return manifold @ np.linalg.inv(after @ manifold) @ settled @ before, off + lost + left


def _slaved(rest: Array, stable: Array) -> Array:
    """Populations of all levels at t → ∞ from those of the stable ones."""
    whole = np.zeros((*rest.shape[:-2], stable.size, stable.sum()))
    whole[..., stable, :] = np.eye(stable.sum())
    if not stable.all():
        fast = rest[..., ~stable, :]
        whole[..., ~stable, :] = -inverse_by_rows(fast[..., ~stable])[0] @ fast[..., stable]
    return whole


def _settle(
    generators: Terms, slow: Array, start: Array, end: Array, center: Array
) -> tuple[Array, Array]:
    """Populations from ``start`` to ``end`` by their rates, in steps that grow with time."""

    grow = (end - center) / (start - center)

    def run(steps: int) -> Array:
        edges = grow[..., None] ** np.linspace(0, 1, steps + 1) * (start - center)[..., None]
        length = np.diff(edges, axis=-1)
        nodes = edges[..., :-1, None] + length[..., None] * NODES
        t = center[..., None] + nodes.reshape(*start.shape, -1)
        rates = slow_rates(generators, slow, t)
        return time_ordered([rates[..., i::3, :, :] for i in range(3)], length)

    return _compared(run, int(np.ceil(_STEPS * np.log(grow).max())))


def _tail(
    generators: Terms, slow: Array, start: Array, center: Array, power: float
) -> tuple[Array, Array]:
    """Populations from ``start`` to ∞; R dt is smooth in u = (t − center)^(1 − 2·power).

    The error is infinite where the rates do not fall.
    """
    reach, fall = start - center, 2 * power - 1
    first = reach**-fall
    near, far = (
        factor * reach * np.abs(slow_rates(generators, slow, t[..., None])).max(axis=(-3, -2, -1))
        for factor, t in ((1, start), (100, center + 100 * reach))
    )
    coupling = np.abs(liouvillian_jets(generators, start[..., None])[0][..., slow, :]).max(
        axis=(-3, -2, -1)
    )
    noise = 1e-15 * coupling * 100 * reach
    settles = far <= 0.9 * near + _UNSEEN + noise

    def run(panels: int) -> Array:
        edges = np.linspace(1.0, 0.0, panels + 1) * first[..., None]
        length = np.diff(edges, axis=-1)
        u = (edges[..., :-1, None] + length[..., None] * NODES).reshape(*start.shape, -1)
        rates = slow_rates(generators, slow, center[..., None] + u ** (-1 / fall))
        rates = rates * (-(u ** (-1 / fall - 1)) / fall * settles[..., None])[..., None, None]
        return time_ordered([rates[..., i::3, :, :] for i in range(3)], length)

    found, error = _compared(run, _PANELS)
    return found, np.where(settles, error, np.inf)


def _compared(run: Any, steps: int) -> tuple[Array, Array]:
    """A run with steps enough, and of its change at the last doubling what sixth order leaves."""
    fine, error = run(steps), np.array(np.inf)
    for doubling in range(1, _DOUBLINGS + 1):
        coarse, fine = fine, run(2**doubling * steps)
        before, error = error, _LEFT * np.linalg.norm(fine - coarse, axis=(-2, -1))
        if np.all((error <= _ENOUGH) | (error > before / 2)):
            break
    return fine, error
