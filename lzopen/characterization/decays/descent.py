"""Descents of a decay fit: the same points under one curve or another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from lzopen.characterization.decays.shapes import Shape
from lzopen.characterization.decays.starts import decay_starts, partner_start
from lzopen.characterization.minimum import Minimum, Problem
from lzopen.characterization.points import Points
from lzopen.characterization.priors import with_priors
from lzopen.characterization.readout import Readout

__all__ = ["Descent", "Task", "aliases", "scale", "search_price", "turn_of"]

Array = NDArray[Any]
_ALIKE = 9.0  # rise of the deviance, in units of the noise, below which omega may as well be this
_NEARLY = 0.05  # of a step, by which equal steps may differ
_TURNS = 2  # by how many turns between two delays the listed aliases differ at most


class Descent(NamedTuple):
    """Where the descents from all starts ended: the lowest minimum, and all."""

    problem: Problem
    minimum: Minimum
    ends: list[Minimum]


@dataclass(frozen=True, eq=False)
class Task:
    """Points, the readout that maps a population to them, and what else is known."""

    points: Points
    readout: Readout
    omega: float | None
    priors: Mapping[str, tuple[float, float]]

    def best(self, shape: Shape) -> Descent:
        """The lowest minimum for a curve, and the others that were found."""
        points = self.points
        population = self.readout.invert(points.signal, points.x)
        starts = decay_starts(points.x, population, points.sigma, shape, omega=self.omega)
        if shape.oscillations == 2:
            single = self.best(replace(shape, oscillations=1)).minimum.values
            starts.append(partner_start(points.x, population, points.sigma, shape, single))
        size = float(np.std(population)) or 1.0
        quantities = shape.quantities(starts[0], points.x, size)
        problem = Problem(
            lambda values: points.residual(self.readout(shape(values, points.x), points.x)),
            with_priors(quantities, self.priors),
            lambda values: points.moments(self.readout(shape(values, points.x), points.x)),
        )
        ends = [_turned(problem.descend(start)) for start in starts]
        return Descent(problem, self._chosen(ends), ends)

    def _chosen(self, ends: list[Minimum]) -> Minimum:
        """The lowest end, or of those alike the one nearest to where omega should lie."""
        lowest = min(ends, key=lambda end: end.deviance)
        hint = self.omega
        if hint is None or "omega" not in lowest.values:
            return lowest
        most = lowest.deviance + _ALIKE * scale(self.points, lowest)
        alike = [end for end in ends if end.deviance <= most]
        return min(alike, key=lambda end: abs(end.values["omega"] - hint))


def _turned(end: Minimum) -> Minimum:
    """Phases between −π and π."""
    phases = {
        name: float(np.angle(np.exp(1j * value)))
        for name, value in end.values.items()
        if name.startswith(("phase", "drift"))
    }
    return replace(end, values=end.values | phases)


def aliases(task: Task, shape: Shape, found: Descent) -> Array:
    """Other angular frequencies that fit as well, in rising order.

    Delays on a lattice of steps Δt know ω only up to its sign and multiples of 2π/Δt. Of uneven
    ones the valleys are listed whose deviance is not much higher.
    """
    if not shape.oscillations:
        return np.empty(0)
    t, omega = task.points.x, found.minimum.values["omega"]
    turns = lattice_turn(t) * np.arange(-_TURNS, _TURNS + 1)
    listed = [abs(omega + turn) for turn in turns if turn]
    if turn_of(t) is None:
        highest = found.minimum.deviance + _ALIKE * scale(task.points, found.minimum)
        others = [end.values["omega"] for end in found.ends if end.deviance < highest]
        listed += [other for other in others if abs(other - omega) * (t[-1] - t[0]) > 1.0]
    return np.unique(listed)


def turn_of(t: Array) -> float | None:
    """2π/Δt of delays in steps that are equal but for rounding; None of others."""
    steps = np.diff(t)
    return 2 * np.pi / float(steps.mean()) if np.ptp(steps) < _NEARLY * steps.mean() else None


def lattice_turn(t: Array) -> float:
    """2π/Δt of delays whose steps are all multiples of Δt, the smallest; 0 of others."""
    steps = np.diff(t)
    small = steps[steps < (1 + _NEARLY) * steps.min()].mean()
    whole = np.round(steps / small)
    return 2 * np.pi / float(small) if np.all(np.abs(steps / small - whole) < _NEARLY) else 0.0


def scale(points: Points, minimum: Minimum) -> float:
    """By how much the noise exceeds its stated size; deviances are divided by it."""
    return minimum.excess if points.known else minimum.reduced


def search_price(points: Points) -> float:
    """What the freedom to search all frequencies gains on pure noise."""
    return float(4 * np.log(points.x.size / 2))
