"""Averages over realisations of a noise, in blocks that keep only sums.

One step moves without noise up to the first of the two Gauss points, lets the noise turn
the phases there, moves on to the second, turns them again and moves to the end. The two
turns carry the integral of the noise over the step and its first moment, both exact.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from qutip.solver.parallel import parallel_map, serial_map

from lzopen import progress
from lzopen.dynamics.noisy_steps import (
    GAUSS,
    Grid,
    NoiseFrame,
    make_grid,
    phase_of,
    stage_propagators,
)
from lzopen.models import Model
from lzopen.noise.base import Noise
from lzopen.noise.path import Path
from lzopen.waveforms.base import Array

_BLOCK = 2048  # realisations that share one seed, whatever the number of workers
_PILOT = 512  # realisations that choose the steps, fewer where these are many
_FEWEST, _HELD = 64, 2**23
_SLICE = 16  # steps whose noise is held at once
_STEPS_PER_RADIAN = 0.2
_MOST_STEPS = 400_000
_MOST = 10**9  # realisations, where only an error is asked for
_ROUND = 4  # blocks before the scatter is looked at
_GROWTH = 8.0  # of their number from one look to the next


@dataclass(frozen=True, eq=False)
class Steps:
    """All that a block needs to know."""

    grid: Grid
    stages: Array  # (steps, 3, n², n²)
    groups: list[tuple[float, slice, slice]]
    readouts: Array  # (times, numbers, n²)
    start: Array  # (n²,)


@dataclass(frozen=True, eq=False)
class Sums:
    """Number of realisations with the sums of coordinates and of squared read-outs."""

    count: int
    coordinates: Array  # (times, n²)
    squares: Array  # (times, numbers)

    def __add__(self, other: Sums) -> Sums:
        return Sums(
            self.count + other.count,
            self.coordinates + other.coordinates,
            self.squares + other.squares,
        )

    def mean(self, readouts: Array) -> Array:
        """Averages of the read-outs, (times, numbers)."""
        return np.einsum("tnd,td->tn", readouts, self.coordinates) / self.count

    def error(self, readouts: Array) -> Array:
        """Their standard errors; what has not happened yet has no scatter, but may happen."""
        variance = np.maximum(self.squares / self.count - self.mean(readouts) ** 2, 0.0)
        return np.maximum(np.sqrt(variance / (self.count - 1)), 1 / self.count)


def prepare(
    model: Model,
    noise: Noise,
    operator: Array,
    times: Array,
    start: Array,
    projectors: Array,
    tol: float,
    seed: np.random.SeedSequence,
) -> tuple[Steps, float]:
    """Steps so fine that halving them moves no average of a pilot block by more than ``tol``.

    Returns
    -------
    steps : Steps
    error : float
        What the steps may bias an average by.
    """
    frame = NoiseFrame(operator)
    first, rows = frame.coordinates(start), frame.coordinates(projectors)

    def steps(refinement: int) -> Steps:
        grid = make_grid(model, times, count, refinement)
        stages = stage_propagators(model, frame, grid.edges, GAUSS)
        return Steps(grid, stages, frame.groups(), rows, first)

    count = 8 + round(_STEPS_PER_RADIAN * phase_of(model, times))
    refinement, coarse = 1, steps(1)
    while True:
        fine = steps(2 * refinement)
        error = _bias(noise, coarse, fine, seed)
        if error <= tol:
            return coarse, error
        if 2 * fine.grid.edges.size > _MOST_STEPS:
            return fine, error
        refinement, coarse = 2 * refinement, fine


def _bias(noise: Noise, coarse: Steps, fine: Steps, seed: np.random.SeedSequence) -> float:
    """What halved steps change in the averages of the same realisations, with its own error."""
    edges = fine.grid.edges
    size = max(_FEWEST, min(_PILOT, _HELD // edges.size))
    moments = noise.draw(size, _generator(seed)).integrals(edges)
    change = _values(fine, moments) - _values(coarse, _joined(edges, *moments))
    mean, scatter = np.abs(change.mean(axis=-1)), change.std(axis=-1)
    return float((mean + 2 * scatter / np.sqrt(size)).max())


def _values(steps: Steps, moments: tuple[Array, Array]) -> Array:
    """Read-outs of each realisation at all times, (times, numbers, size)."""
    states = _run(steps, iter([moments]))
    return np.array([rows @ state for rows, state in zip(steps.readouts, states, strict=True)])


def _joined(edges: Array, integral: Array, moment: Array) -> tuple[Array, Array]:
    """Moments over pairs of steps from those of the steps themselves."""
    half = 0.5 * np.diff(edges)[:, None]
    shift = half[::2] * integral[1::2] - half[1::2] * integral[::2]
    return integral[::2] + integral[1::2], moment[::2] + moment[1::2] + shift


def collect(
    steps: Steps,
    noise: Noise,
    source: np.random.SeedSequence,
    most: int | None,
    tol: float | None,
    workers: int,
) -> Sums:
    """Sums over ``most`` realisations, or until all standard errors are below ``tol``.

    What is asked for next depends on what was found, never on the workers.
    """
    total: Sums | None = None
    most = most or _MOST
    wanted: float = most if tol is None else min(most, _ROUND * _BLOCK)
    while True:
        missing = int(wanted) - (total.count if total else 0)
        sizes = [min(_BLOCK, missing - at) for at in range(0, missing, _BLOCK)]
        found = _blocks(steps, noise, source.spawn(len(sizes)), sizes, workers)
        total = sum(found[1:], start=found[0] if total is None else total + found[0])
        if tol is None or total.count == most:
            return total
        excess = float(total.error(steps.readouts).max()) / tol
        if excess <= 1:
            return total
        # One block more than the scatter asks for, but never more than a few times what is known.
        wanted = min(most, total.count * min(excess**2, _GROWTH) + _BLOCK)


def _blocks(
    steps: Steps, noise: Noise, seeds: list[np.random.SeedSequence], sizes: list[int], workers: int
) -> list[Sums]:
    """Sums of some blocks, each with a seed of its own, in order."""
    use = serial_map if workers == 1 or len(seeds) == 1 else parallel_map
    return list(
        use(
            _block,
            list(zip(seeds, sizes, strict=True)),
            task_args=(steps, noise),
            map_kw={"num_cpus": workers},
            progress_bar=progress.solver_bar(),
            progress_bar_kwargs={"desc": "noise average", "delay": 1.0, "leave": False},
        )
    )


def _block(seed_and_size: tuple[np.random.SeedSequence, int], steps: Steps, noise: Noise) -> Sums:
    """Sums over one block of realisations."""
    seed, size = seed_and_size
    path = noise.draw(size, _generator(seed))
    coordinates, squares = [], []
    for rows, state in zip(steps.readouts, _run(steps, _moments(steps, path)), strict=True):
        coordinates.append(state.sum(axis=-1))
        squares.append(np.square(rows @ state).sum(axis=-1))
    return Sums(size, np.array(coordinates), np.array(squares))


def _generator(seed: np.random.SeedSequence) -> np.random.Generator:
    """A third faster than NumPy's default; the normals take much of the time."""
    return np.random.Generator(np.random.SFC64(seed))


def _moments(steps: Steps, path: Path) -> Iterator[tuple[Array, Array]]:
    """Integral and first moment of the noise over each step, slice by slice."""
    edges = steps.grid.edges
    for at in range(0, edges.size - 1, _SLICE):
        yield path.integrals(edges[at : at + _SLICE + 1])


def _run(steps: Steps, moments: Iterator[tuple[Array, Array]]) -> Iterator[Array]:
    """Coordinates of all realisations, (n², size), at each asked time."""
    lengths = np.diff(steps.grid.edges)
    quarter = np.sqrt(0.75) / np.where(lengths > 0, lengths, np.inf)
    state: Array | None = None
    at = 0
    for integral, first in moments:
        if state is None:
            state = np.repeat(steps.start[:, None], integral.shape[-1], axis=1)
            yield state
        even, odd = 0.25 * integral, first * quarter[at : at + len(first), None]
        half_turns = np.stack([even - odd, even + odd], axis=1)
        turns = [_shears(distance * half_turns) for distance, _, _ in steps.groups]
        for i in range(len(integral)):
            stages = steps.stages[at]
            state = np.dot(stages[0], state)
            for kick in (0, 1):
                for (_, real, imaginary), (tangent, sine) in zip(steps.groups, turns, strict=True):
                    x, y = state[real], state[imaginary]
                    x += tangent[i, kick] * y
                    y -= sine[i, kick] * x
                    x += tangent[i, kick] * y
                state = np.dot(stages[kick + 1], state)
            at += 1
            if at in steps.grid.marks:
                yield state


def _shears(half_angle: Array) -> tuple[Array, Array]:
    """tan ½θ and sin θ: (x + iy) e^{−iθ} is three shears, which need no other functions."""
    tangent = np.tan(half_angle)
    return tangent, 2 * tangent / (1 + tangent * tangent)
