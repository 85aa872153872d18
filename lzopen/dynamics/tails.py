"""Closing the ends of a sweep that dephases, decays or leaks.

Far from a crossing, coherences turn fast and follow the populations, which change slowly. With
ρ = (p, c) the density matrices of the slow kind form the manifold c = Y(t) p, on which
p' = R(t) p. The equation of Y,

    Y' = L_cp + L_cc Y − Y R,    R = L_pp + L_pc Y,

is solved order by order in the time derivative from the Taylor series of the Liouvillian, as in
`closing`. Its counterpart for the transposed and reversed Liouvillian tells what of any ρ ends in
the manifold. R falls as a power of t, so its time-ordered exponential up to t → ∞ takes a few
steps in a power of 1/t.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.sparse.csgraph import connected_components

from lzopen.dynamics.closing import sum_asymptotic
from lzopen.dynamics.magnus import NODES, per_step, time_ordered
from lzopen.environments.base import Terms
from lzopen.models.terms import blocks
from lzopen.waveforms.base import Array

ORDER = 14
_FATE = 32.0  # lifetimes after which a level has decayed: e⁻³² = 1e−14
_PANELS = 3
_STEPS = 8  # while time grows by a factor of e
_DOUBLINGS, _ENOUGH = 5, 1e-11
_LEFT = 0.1  # of a change under doubling, of which sixth order leaves a 63rd
_SINGULAR = 1e-15
_CANCELS = 1e-14  # of rates: their sum is round-off
_EXPLODED = 1e150
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
    onto, error = _projection(generators, slow, later)
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
        weights = -(back[..., None, :] @ _inverse(among)[0])[..., 0, :]
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
    before, off = _projection(generators, populations, start)
    settled, lost = _settle(generators, populations, start, end, center)
    after, _ = _projection(generators, populations, end)
    manifold, left = _manifold(generators, populations, end)
    return manifold @ np.linalg.inv(after @ manifold) @ settled @ before, off + lost + left


def _slaved(rest: Array, stable: Array) -> Array:
    """Populations of all levels at t → ∞ from those of the stable ones."""
    whole = np.zeros((*rest.shape[:-2], stable.size, stable.sum()))
    whole[..., stable, :] = np.eye(stable.sum())
    if not stable.all():
        fast = rest[..., ~stable, :]
        whole[..., ~stable, :] = -_inverse(fast[..., ~stable])[0] @ fast[..., stable]
    return whole


# -- the slow manifold


def _manifold(generators: Terms, slow: Array, t: Array) -> tuple[Array, Array]:
    """Columns [1; Y] of the slow manifold, and what the series leaves out."""
    columns, _, error = _slow_solution(_jets(generators, t[..., None]), slow)
    return columns[..., 0, :, :], error[..., 0]


def _projection(generators: Terms, slow: Array, t: Array) -> tuple[Array, Array]:
    """Rows [1, Q]: what of a density matrix ends in the manifold."""
    rows, _, error = _dual_solution(generators, slow, t[..., None])
    return rows[..., 0, :, :], error[..., 0]


def _rates(generators: Terms, slow: Array, t: Array) -> Array:
    """Generator of [1, Q]ρ, for times on the last axis."""
    return _dual_solution(generators, slow, t)[1]


def _dual_solution(generators: Terms, slow: Array, t: Array) -> tuple[Array, Array, Array]:
    """[1, Q], its generator and the error, from the transposed Liouvillian run backwards."""
    backwards = (-1.0) ** np.arange(ORDER + 1)
    jets = _scaled(_jets(generators, t).swapaxes(-1, -2), backwards)
    columns, rates, error = _slow_solution(jets, slow)
    return columns.swapaxes(-1, -2), rates.swapaxes(-1, -2), error


def _jets(generators: Terms, t: Array) -> Array:
    """Taylor coefficients of the Liouvillian, order first, for times on the last axis."""
    jets: Any = 0.0
    for matrix, waveform in generators:
        series = np.moveaxis(waveform.taylor(t, ORDER), -1, 0)
        jets = jets + series[..., None, None] * per_step(matrix)
    return np.asarray(jets)


def _scaled(jets: Array, factors: Array) -> Array:
    return jets * factors.reshape(-1, *[1] * (jets.ndim - 1))


def _slow_solution(jets: Array, slow: Array) -> tuple[Array, Array, Array]:
    """[1; Y], R and the error, by iteration; each derivative costs one order of the series."""
    size = jets.shape[-1]
    fast = np.setdiff1d(np.arange(size), slow)
    to_fast, within = jets[..., fast[:, None], slow], jets[..., fast[:, None], fast]
    own, to_slow = jets[..., slow[:, None], slow], jets[..., slow[:, None], fast]
    inverse, singular = _inverse(within[0])
    degree = max(i for i in range(len(jets)) if np.any(jets[i]) or i == 0)
    with np.errstate(all="ignore"):  # close to a crossing the series explodes
        y = _solve(inverse, within, -to_fast, degree)
        found = [y[0]]
        for length in range(ORDER, 0, -1):
            rates = own[: length + 1] + _product(to_slow[: length + 1], y, degree)
            pull = _scaled(y[1:], np.arange(1.0, length + 1)) + _product(y, rates)[:length]
            y = _solve(inverse, within, pull - to_fast[:length], degree)
            found.append(y[0])
        terms = np.diff(np.array(found), axis=0, prepend=np.zeros((1, *found[0].shape)))
    terms = np.where(np.isfinite(terms), terms, _EXPLODED)
    flat, error = sum_asymptotic(terms.reshape(*terms.shape[:-2], -1))
    y0 = flat.reshape(found[0].shape)
    columns = np.zeros((*y0.shape[:-2], size, slow.size), dtype=complex)
    columns[..., slow, np.arange(slow.size)] = 1.0
    columns[..., fast, :] = y0
    return columns, own[0] + to_slow[0] @ y0, np.where(singular, np.inf, error)


def _inverse(matrix: Array) -> tuple[Array, Array]:
    """The inverse and whether there is none.

    Each row has its own scale: a slow decay beside coherences that turn fast. A pseudo-inverse
    would be accurate to the largest of its elements only.
    """
    largest = np.abs(matrix).max(axis=-1, initial=0.0)
    scale = 1 / np.where(largest > 0, largest, 1.0)
    scaled = scale[..., None] * matrix
    values = np.linalg.svd(scaled, compute_uv=False)
    singular = values.min(axis=-1, initial=1.0) <= _SINGULAR * values.max(axis=-1, initial=1.0)
    regular = np.where(singular[..., None, None], np.eye(matrix.shape[-1]), scaled)
    return np.linalg.inv(regular) * scale[..., None, :], singular


def _solve(inverse: Array, within: Array, right: Array, degree: int) -> Array:
    """Power series X with within · X = right."""
    x = np.empty(right.shape, dtype=complex)
    for n in range(len(right)):
        known = sum((within[j] @ x[n - j] for j in range(1, min(n, degree) + 1)), start=0.0)
        x[n] = inverse @ (right[n] - known)
    return x


def _product(a: Array, b: Array, degree: int | None = None) -> Array:
    """Power series of a product; ``a`` ends with the given degree."""
    highest = len(a) - 1 if degree is None else degree
    return np.array(
        [sum(a[j] @ b[n - j] for j in range(min(n, highest) + 1)) for n in range(len(b))]
    )


# -- the slow motion


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
        rates = _rates(generators, slow, t)
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
        factor * reach * np.abs(_rates(generators, slow, t[..., None])).max(axis=(-3, -2, -1))
        for factor, t in ((1, start), (100, center + 100 * reach))
    )
    coupling = np.abs(_jets(generators, start[..., None])[0][..., slow, :]).max(axis=(-3, -2, -1))
    noise = 1e-15 * coupling * 100 * reach
    settles = far <= 0.9 * near + _UNSEEN + noise

    def run(panels: int) -> Array:
        edges = np.linspace(1.0, 0.0, panels + 1) * first[..., None]
        length = np.diff(edges, axis=-1)
        u = (edges[..., :-1, None] + length[..., None] * NODES).reshape(*start.shape, -1)
        rates = _rates(generators, slow, center[..., None] + u ** (-1 / fall))
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
