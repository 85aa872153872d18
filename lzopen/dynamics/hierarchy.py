"""Averages over noise that is a hierarchy of Markov levels: deterministic, without sampling error.

The mean density matrix is the lowest of a few matrices that the noise couples, e.g. the
Hermite moments of Ornstein–Uhlenbeck noise. One step alternates exact motion without noise and
the exact flow of the hierarchy, half of it at each of two Gauss points. Its error is a series in
the square of the step, and is extrapolated.

References: R. Kubo, J. Math. Phys. 4, 174 (1963); L. F. Richardson and J. A. Gaunt, Phil.
Trans. R. Soc. A 226, 299 (1927).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy import linalg

from lzopen import progress
from lzopen.dynamics.noisy_steps import GAUSS, NoiseFrame, make_grid, phase_of, stage_propagators
from lzopen.models import Model
from lzopen.noise.base import Noise
from lzopen.noise.hierarchy import Hierarchy
from lzopen.waveforms.base import Array

_ROUND_OFF = 1e-15  # per step
_STEPS_PER_RADIAN = 0.125  # of the coarsest grid, which is refined by these whole numbers
_REFINEMENTS = [k * 2**n for n in range(12) for k in (2, 3)]
_COLUMNS = 4  # powers of the squared step that are extrapolated
_IRREGULAR = 1.25  # deviation from the order of the steps
_CAUTION = 4.0  # a grid without order may change less than it is off
FEWEST_LEVELS = 4
_MOST_STEPS = 200_000


def average_by_hierarchy(
    model: Model, noise: Noise, operator: Array, times: Array, start: Array, tol: float
) -> tuple[Array, Array]:
    """Mean density matrices at some times, each with a bound of its error.

    Levels are doubled, on a coarse grid, and steps are added until the answer stands still.

    Returns
    -------
    matrices : (times, n, n) ndarray
    error : (times,) ndarray
    """
    frame = NoiseFrame(operator)
    first = frame.coordinates(start)
    turns = phase_of(model, times) + _turns_of_noise(frame, noise) * (times[-1] - times[0])
    steps = 8 + round(min(_STEPS_PER_RADIAN * turns, _MOST_STEPS / 2 / _REFINEMENTS[3]))

    def run(refinement: int, levels: int) -> Array:
        hierarchy = noise.hierarchy(levels)
        assert hierarchy is not None
        return _climb(model, frame, hierarchy, times, first, steps, refinement)

    levels, cut = _enough_levels(lambda count: run(_REFINEMENTS[0], count), noise, tol)
    row: list[Array] = []
    changes: list[Array] = []  # of what is not extrapolated
    first_of_use = int(np.searchsorted(_REFINEMENTS, (1e-4 / tol) ** (1 / 6)))
    for i in range(first_of_use, len(_REFINEMENTS)):
        refinement = _REFINEMENTS[i]
        before, row = row, _extrapolated(row, run(refinement, levels), i)
        if not before:
            continue
        changes.append(_size(row[0] - before[0]))
        change = _size(row[-1] - row[-2])
        if not _is_regular(changes, i):
            change = np.maximum(change, changes[-1])
        round_off = _ROUND_OFF * steps * refinement
        error = _CAUTION * change + cut + round_off
        if error.max() <= max(tol, 2 * round_off) or 2 * steps * refinement > _MOST_STEPS:
            break
    return frame.matrices(row[-1]), error


def _turns_of_noise(frame: NoiseFrame, noise: Noise) -> float:
    """Radians per time by which the noise turns the widest pair, or dephases it."""
    hierarchy = noise.hierarchy(2)
    assert hierarchy is not None
    widest = np.abs(frame.distances).max()
    strength = float(np.linalg.norm(hierarchy.coupling[0]))
    return float(widest * strength + 0.5 * hierarchy.white * widest**2)


def _size(change: Array) -> Array:
    """Norms at all times; errors are handed on."""
    return np.asarray(np.maximum.accumulate(np.linalg.norm(change, axis=-1)))


def _is_regular(changes: list[Array], i: int) -> bool:
    """Whether results change from grid to grid as the square of the step does."""
    if len(changes) < 2:
        return False
    coarse, middle, fine = np.square(1.0 / np.array(_REFINEMENTS[i - 2 : i + 1]))
    expected = (middle - fine) / (coarse - middle)
    before, last = changes[-2][-1], changes[-1][-1]
    return bool(expected / _IRREGULAR <= last / max(before, 1e-300) <= expected * _IRREGULAR)


def _extrapolated(before: list[Array], value: Array, i: int) -> list[Array]:
    """Next row of the table of extrapolations in the square of the step (Aitken and Neville)."""
    row = [value]
    for column, known in enumerate(before[: _COLUMNS - 1]):
        ratio = (_REFINEMENTS[i] / _REFINEMENTS[i - column - 1]) ** 2
        row.append(row[-1] + (row[-1] - known) / (ratio - 1))
    return row


def _enough_levels(run: Callable[[int], Array], noise: Noise, tol: float) -> tuple[int, float]:
    """How many levels the hierarchy needs, and what the others would change."""
    if not noise.is_truncated:
        return 1, 0.0
    levels, few = FEWEST_LEVELS, run(FEWEST_LEVELS)
    while True:
        many = run(2 * levels)
        change = float(np.linalg.norm(many - few, axis=-1).max())
        if change <= tol / 10 or noise.hierarchy(4 * levels) is None:
            return levels, change
        levels, few = 2 * levels, many


def _climb(
    model: Model,
    frame: NoiseFrame,
    hierarchy: Hierarchy,
    times: Array,
    start: Array,
    steps: int,
    refinement: int,
) -> Array:
    """Coordinates of the mean at all times, on a given number of steps and levels."""
    grid = make_grid(model, times, steps, refinement)
    motion = stage_propagators(model, frame, grid.edges, GAUSS)
    lengths = np.diff(grid.edges)
    kinds, kind = np.unique(np.round(lengths / lengths.max(), 10), return_inverse=True)
    fades, turns = _flows(frame, hierarchy, 0.5 * kinds * lengths.max())
    n, pairs = frame.n_levels, frame.distances.size
    state = np.zeros((start.size, hierarchy.decays.size))
    state[:, 0] = start
    found = [start]
    across = motion[1:, 0] @ motion[:-1, 2]  # from one step into the next

    def flow(state: Array, at: int) -> None:
        state[:n] *= fades[at]
        phases = state[n:].reshape(pairs, -1, 1)
        state[n:] = np.matmul(turns[at], phases).reshape(2 * pairs, -1)

    last = lengths.size - 1
    state = np.dot(motion[0, 0], state)
    for i, at in enumerate(progress.bar(kind, desc="noise average")):
        flow(state, at)
        state = np.dot(motion[i, 1], state)
        flow(state, at)
        if i + 1 in grid.marks:
            found.append(motion[i, 2] @ state[:, 0])
        state = np.dot(across[i], state) if i < last else state
    return np.array(found)


def _flows(frame: NoiseFrame, hierarchy: Hierarchy, lengths: Array) -> tuple[Array, Array]:
    """What the hierarchy does to populations and to the coherence of each pair, for each length.

    Returns
    -------
    (lengths, levels) and (lengths, pairs, 2·levels, 2·levels) ndarray
    """
    fades = np.exp(-lengths[:, None] * hierarchy.decays)
    damped = np.diag(hierarchy.decays) + 0.5 * hierarchy.white * np.multiply.outer(
        frame.distances**2, np.eye(hierarchy.decays.size)
    )
    turned = np.multiply.outer(frame.distances, hierarchy.coupling)
    # d(x + iy)/dt = −(D + iδX)(x + iy)
    generator = np.block([[-damped, turned], [-turned, -damped]])
    return fades, linalg.expm(lengths[:, None, None, None] * generator)
