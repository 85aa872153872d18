"""The limit of a sweep that dephases, decays or leaks.

Far from a crossing only populations move, by the rates R of `slow_manifold`. Those that fall as a
power of t are integrated up to t → ∞ in a few steps in a power of 1/t. Those that stay have the
last word: what decays for good is empty, and levels that feed one another share in fixed parts.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from scipy.sparse.csgraph import connected_components

from lzopen.dynamics.generators import that_move, trace_first
from lzopen.dynamics.magnus import NODES, time_ordered
from lzopen.dynamics.periodic.level_coordinates import Densities
from lzopen.dynamics.slow_manifold import JetMotion, inverse_by_rows, liouvillian_jets
from lzopen.dynamics.slow_powers import PowerMotion
from lzopen.environments.base import Terms
from lzopen.waveforms.base import Array

_FATE = 32.0  # lifetimes after which a level has decayed: e⁻³² = 1e−14
_PANELS = 3
_STEPS = 8  # while time grows by a factor of e
_DOUBLINGS, _ENOUGH = 5, 1e-11
_LEFT = 0.1  # of a change under doubling, of which sixth order leaves a 63rd
_CANCELS = 1e-14  # of rates: their sum is round-off
_DISTANT = 1e4  # growth of the distance of levels, beyond which rates follow their power of t
_LATE = 1e3, 1e5  # times the reach, where it is asked whether rates fall
_UNSEEN = 1e-10  # a rate times the time passed; below it is round-off


def final_populations(
    generators: Terms,
    n_levels: int,
    start: Array,
    center: Array,
    power: float,
    straight: bool = False,
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
    straight : bool
        Whether the two matrices are L₀ and L₁ of L₀ + L₁t: then powers of 1/t take the place of
        Taylor series at each time, which costs far less, but needs a later start.

    Returns
    -------
    map : batch + (n, n²) ndarray
    error : batch ndarray
        Infinite where populations never settle, NaN where that is not known.
    """
    coordinates = Densities(n_levels)  # real ones, populations first
    generators = tuple((coordinates.superoperator(matrix), w) for matrix, w in generators)
    populations, turn = np.arange(n_levels), np.eye(n_levels**2)
    if not _resting_rates(generators, populations).any():  # then all of them are slow alike
        generators, turn = trace_first(generators, n_levels)
    slow, seen = that_move(generators, populations)
    generators = tuple((matrix[..., seen[:, None], seen], w) for matrix, w in generators)
    far = _Far(start, center, power, straight, np.ones(start.shape, dtype=bool))
    total = np.broadcast_to(np.eye(n_levels, n_levels**2), (*start.shape, n_levels, n_levels**2))
    total, error = total.copy(), np.zeros(start.shape)
    if slow.size:
        moved, error = _found(generators, np.arange(slow.size), far)
        total[..., slow[:, None], seen] = moved
    back = turn[:n_levels, :n_levels].T
    return back @ total @ (turn @ coordinates.transform), error


def _found(generators: Terms, populations: Array, far: _Far) -> tuple[Array, Array]:
    """The same on what populations are coupled to, by powers of 1/t or by Taylor series."""
    size = populations.size
    rest = np.broadcast_to(_resting_rates(generators, populations), (*far.start.shape, size, size))
    distinct, which = np.unique(rest.reshape(-1, size * size), axis=0, return_inverse=True)
    owners = np.array([_owners(rates.reshape(size, size)) for rates in distinct])[which.ravel()]
    owners = owners.reshape(*far.start.shape, size)
    total = np.zeros((*far.start.shape, size, generators[0][0].shape[-1]))
    error = np.full(far.start.shape, np.nan)
    for pattern in np.unique(owners.reshape(-1, size), axis=0):
        some = far._replace(meant=(owners == pattern).all(axis=-1))
        try:
            with np.errstate(all="ignore"):  # for members that are not meant, or too close
                found, off = _with_fates(generators, populations, pattern, some)
        except ArithmeticError:  # powers of 1/t do not follow from one another
            continue
        total = np.where(some.meant[..., None, None], found, total)
        error = np.where(some.meant, off, error)
    return total, error


class _Far(NamedTuple):
    """Where the crossings lie behind, and which members of a batch are meant."""

    start: Array
    center: Array
    power: float
    straight: bool
    meant: Array


def _resting_rates(generators: Terms, populations: Array) -> Array:
    """Rates between populations that stay at t → ∞."""
    total: Any = 0.0
    for matrix, waveform in generators:
        end, power = waveform.asymptote(1)  # type: ignore[misc]
        if power == 0:
            block = matrix[..., populations[:, None], populations]
            total = total + np.asarray(end)[..., None, None] * block
    return np.asarray(total)


def _owners(rates: Array) -> Array:
    """For each level, the first one of its group, or −1 where it decays for good.

    A group feeds its own members, directly or not, and loses nothing (or, for transposed rates,
    gains nothing).
    """
    if not rates.any():
        return np.arange(len(rates))
    count, member = connected_components(rates != 0, directed=True, connection="strong")
    owners = np.full(len(rates), -1)
    for group in map(np.flatnonzero, member == np.arange(count)[:, None]):
        within = rates[np.ix_(group, group)]
        sums = [np.abs(within.sum(axis)).max() for axis in (0, 1)]
        if min(sums) <= _CANCELS * np.abs(within).max():
            owners[group] = group[0]
    return owners


def _with_fates(
    generators: Terms, populations: Array, owners: Array, far: _Far
) -> tuple[Array, Array]:
    """The map where levels are grouped by the rates that stay.

    What such a group holds changes slowly, and takes the place of its first level. Everything
    else has a fate. What has not met it by the start belongs to the slow ones until it
    has, and then follows the others, like the coherences.
    """
    stable = owners == np.arange(owners.size)
    into = _sums(_resting_rates(generators, populations), populations, owners, generators)
    if not stable.any():
        nothing = np.zeros((*far.start.shape, populations.size, into.shape[-1]))
        return nothing, np.zeros(far.start.shape)
    back = 2 * np.eye(into.shape[-1]) - into
    generators = tuple((into @ matrix @ back, waveform) for matrix, waveform in generators)
    rest, slow = _resting_rates(generators, populations), populations[stable]
    met = far.center + _FATE * _longest_life(rest[..., ~stable, :][..., ~stable])
    waits = far.meant & (met > far.start)
    later = np.where(waits, met, far.start)
    motion = _motion(generators, slow, far)
    onto, error = motion.projection(later)
    if waits.any():
        until = np.where(waits, later, 2 * far.start - far.center)  # not used there
        every = _motion(generators, populations, far)
        passed, off = _until_decayed(every, far._replace(meant=waits), until)
        onto = np.where(waits[..., None, None], onto @ passed, onto)
        error = np.where(waits, error + off, error)
    if isinstance(motion, PowerMotion):
        tail, off = motion.tail(later)
    else:
        tail, off = _tail(generators, motion, far._replace(start=later))
    apart = back[..., populations[:, None], populations]
    return apart @ _slaved(rest, stable) @ tail @ onto @ into, error + off


def _motion(generators: Terms, slow: Array, far: _Far) -> PowerMotion | JetMotion:
    if not far.straight:
        return JetMotion(generators, slow)
    (constant, _), (slope, _) = generators
    return PowerMotion(constant, slope, slow, far.start, far.center)


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


def _until_decayed(motion: PowerMotion | JetMotion, far: _Far, end: Array) -> tuple[Array, Array]:
    """Density matrices from the start to ``end``, but for coherences that have died out."""
    before, off = motion.projection(far.start)
    settled, lost = _settle(motion, far, end)
    after, _ = motion.projection(end)
    manifold, left = motion.states(end)
    return manifold @ np.linalg.inv(after @ manifold) @ settled @ before, off + lost + left


def _slaved(rest: Array, stable: Array) -> Array:
    """Populations of all levels at t → ∞ from those of the stable ones."""
    whole = np.zeros((*rest.shape[:-2], stable.size, stable.sum()))
    whole[..., stable, :] = np.eye(stable.sum())
    if not stable.all():
        fast = rest[..., ~stable, :]
        whole[..., ~stable, :] = -inverse_by_rows(fast[..., ~stable])[0] @ fast[..., stable]
    return whole


def _settle(motion: PowerMotion | JetMotion, far: _Far, end: Array) -> tuple[Array, Array]:
    """Populations from the start to ``end`` by their rates, in steps that grow with time."""
    reach = far.start - far.center
    grow = (end - far.center) / reach

    def run(steps: int) -> Array:
        edges = grow[..., None] ** np.linspace(0, 1, steps + 1) * reach[..., None]
        length = np.diff(edges, axis=-1)
        nodes = edges[..., :-1, None] + length[..., None] * NODES
        t = far.center[..., None] + nodes.reshape(*reach.shape, -1)
        return _ordered(motion.rates(t), length)

    most = np.where(far.meant, grow, 1.0).max()
    return _compared(run, int(np.ceil(1 + _STEPS * np.log(most))), far.meant)


def _tail(generators: Terms, motion: JetMotion, far: _Far) -> tuple[Array, Array]:
    """Populations from the start to ∞; R dt is smooth in u = (t − center)^(1 − 2·power).

    Beyond a distance of levels where R would be round-off, R dt/du keeps its value. The
    error is infinite where the rates do not fall.
    """
    reach, fall = far.start - far.center, 2 * far.power - 1
    first = reach**-fall
    least = first * _DISTANT ** (-fall / far.power)

    def slope(u: Array) -> Array:
        """R dt/du."""
        u = np.maximum(u, least[..., None])
        rates = motion.rates(far.center[..., None] + u ** (-1 / fall))
        return np.asarray(rates * (-(u ** (-1 / fall - 1)) / fall)[..., None, None])

    settles = _settles(generators, motion, far)

    def run(panels: int) -> Array:
        edges = np.linspace(1.0, 0.0, panels + 1) * first[..., None]
        length = np.diff(edges, axis=-1)
        u = (edges[..., :-1, None] + length[..., None] * NODES).reshape(*reach.shape, -1)
        return _ordered(slope(u) * settles[..., None, None, None], length)

    found, error = _compared(run, _PANELS, far.meant)
    bend = np.diff(slope(np.multiply.outer(least, [1.0, 2.0])), axis=-3)[..., 0, :, :]
    error = error + least * np.linalg.norm(bend, axis=(-2, -1))
    return found, np.where(settles, error, np.inf)


def _settles(generators: Terms, motion: JetMotion, far: _Far) -> Array:
    """Whether the rates fall faster than 1/t, long after the levels have outgrown them."""
    reach = far.start - far.center
    near, later = (
        times * reach * np.abs(motion.rates(t[..., None])).max(axis=(-3, -2, -1))
        for times, t in ((times, far.center + times * reach) for times in _LATE)
    )
    jets = liouvillian_jets(generators, far.start[..., None])
    noise = 1e-15 * np.abs(jets[0]).max(axis=(-3, -2, -1)) * _LATE[1] * reach
    return np.asarray(later <= 0.9 * near + _UNSEEN + noise)


def _ordered(rates: Array, length: Array) -> Array:
    """Time-ordered exponential of rates at the nodes of steps."""
    with np.errstate(all="ignore"):  # where no populations are slow it explodes
        return time_ordered([rates[..., i::3, :, :] for i in range(3)], length)


def _compared(run: Any, steps: int, meant: Array) -> tuple[Array, Array]:
    """A run with steps enough, and of its change at the last doubling what sixth order leaves."""
    fine, error = run(steps), np.array(np.inf)
    for doubling in range(1, _DOUBLINGS + 1):
        coarse, fine = fine, run(2**doubling * steps)
        before, error = error, _LEFT * np.linalg.norm(fine - coarse, axis=(-2, -1))
        if np.all((error <= _ENOUGH) | (error > before / 2) | ~meant):
            break
    return fine, error
