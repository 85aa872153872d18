"""From the first guess of a map's numbers to the minimum.

Stages: templates give starts; thinned maps without slow noise, whose width dephasing takes on,
are fitted from all of them; whole maps from the best of these. A bath in the moving basis is
approached through a stand-in with constant rates.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from lzopen import progress
from lzopen.characterization.maps.starts import map_starts
from lzopen.characterization.maps.task import MapTask, Shown
from lzopen.characterization.minimum import Minimum, Problem, Values

__all__ = ["SAME", "Found", "find_minimum", "rough_starts", "sized"]

_STARTS, _BEST = 10, 4  # that are tried on thinned maps, and then on whole ones
_ROUGH_STEPS, _STAND_IN_STEPS = 12, 25
SAME = 1.0  # difference in χ², below which two descents ended in one place
_CLOSE = 0.1  # fall of χ² in a step, at the end of a descent that others follow
_DEAD = 10.0  # relative error of what has no effect at the end of a rough fit
_MISFIT = 4.0  # standard deviations of χ², beyond which another start is worth its time


def rough_starts(task: MapTask) -> list[Values]:
    """The best different ends of fits to thinned maps, from automatic starts."""
    first = _cheap(task)
    lead = first.maps[0]
    short = {full: name for name, full in lead.names.items()}
    found = map_starts(lead.pixels, lead.parts, lead.forward, lead.names, _STARTS)
    rough = MapTask([lead.thinned().without_noise().steady_rows()], {})
    problem = rough.problem(most_steps=_ROUGH_STEPS)
    ends = []
    for start in progress.bar(found, desc="rough fits"):
        named = {short[full]: value for full, value in start.items()}
        ends.append((problem.descend(named), named))
    ends.sort(key=lambda each: each[0].deviance)
    best: list[tuple[Minimum, Values]] = []
    for end, start in ends:
        if not best or end.deviance > best[-1][0].deviance + SAME:
            best.append((end, start))
    return [_shared(start | _anchored(rough, end, start, _DEAD)) for end, start in best[:_BEST]]


def _shared(values: Values) -> Values:
    """The width that dephasing took on is shared with slow noise where both are asked for."""
    rate = values.get("dephasing.rate")
    if rate is None or "noise.sigma" not in values:
        return values
    return values | {"dephasing.rate": 0.5 * rate, "noise.sigma": 0.5 * rate}


def _cheap(task: MapTask) -> MapTask:
    return task.changed(lambda s: s.averaged() if s.stepped else s)


class Found(NamedTuple):
    """The lowest minimum, what was minimised there, and where the other starts ended."""

    problem: Problem
    minimum: Minimum
    ends: list[Minimum]


def find_minimum(task: MapTask, starts: Sequence[Values]) -> Found:
    """The lowest minimum from these starts; later ones are tried while the fit is poor."""
    cheap = _cheap(task)
    stepped = any(shown.stepped for shown in task.maps)
    ends: list[Minimum] = []
    # where a start takes a minute, the bar is to be seen from the first one
    delay = 0.0 if stepped else 1.0
    for start in progress.bar(starts, desc="fit from the best starts", delay=delay):
        if stepped:
            end = _settle(cheap, start, _STAND_IN_STEPS)
            start = _anchored(task, end, start)
        ends.append(_settled(task, start))
        if ends[-1].reduced < 1 + _MISFIT * np.sqrt(2 / max(ends[-1].dof, 1)):
            break
    best = min(ends, key=lambda end: end.deviance)
    exact = task.changed(Shown.exact)
    exact.refine(best.values)
    problem = exact.problem()
    return Found(problem, _exactly(problem, best.values), ends)


def _settled(task: MapTask, start: Values) -> Minimum:
    """The end of descents; one that ran to where a number has no effect is tried once more.

    Cold baths are alike, and so are widths below that of a resonance: no slope leads back.
    """
    end = _settle(task, start)
    again = _anchored(task, end, start)
    if again == end.values:
        return end
    return min(end, _settle(task, again), key=lambda each: each.deviance)


def _exactly(problem: Problem, near: Values) -> Minimum:
    """The minimum close to these values by exact slopes, not solved anew at every step.

    Only these tell apart numbers that hardly differ in what they do.
    """
    last = problem.deviance(near)
    while True:
        end = problem.descend(near, steady=True)
        if end.deviance > last - SAME:
            return end
        near, last = end.values, end.deviance


def sized(task: MapTask, starts: Sequence[Values]) -> tuple[MapTask, Sequence[Values]]:
    """Noise of unknown size taken from the residuals of each map, and where to go on from.

    Only then can it be held against priors, drift and other maps.
    """
    if all(shown.pixels.points.known for shown in task.maps):
        return task, starts
    # first without drift, which weighs the pixels by their noise
    for drifts in [False, True] if any(shown.drift for shown in task.maps) else [False]:
        maps = [shown if drifts else shown.steady_rows() for shown in task.maps]
        best = find_minimum(MapTask(maps, {}), starts).minimum
        ends = np.cumsum([shown.pixels.points.x.size for shown in task.maps])[:-1]
        sizes = [np.sqrt(np.mean(part**2)) for part in np.split(best.residual, ends)]
        task = MapTask([s.resized(z) for s, z in zip(task.maps, sizes, strict=True)], task.priors)
        starts = [best.values]
    return task, starts


def _anchored(task: MapTask, end: Minimum, start: Values, open_beyond: float = 1.0) -> Values:
    """The end of a fit; what it leaves open, by its relative error, stays where it began."""
    quantities = task.quantities()
    begun = {name: start.get(name, quantity.value) for name, quantity in quantities.items()}
    errors = dict(zip(end.free, np.sqrt(np.diag(end.covariance)), strict=True))
    fixed = {
        name: value
        for name, value in end.values.items()
        if name in errors and errors[name] < open_beyond * abs(quantities[name].slope(value))
    }
    return begun | fixed


def _settle(task: MapTask, start: Values, most_steps: int = 200) -> Minimum:
    """Descents, until the grids are as fine as their end asks for."""
    task.refine({**{n: q.value for n, q in task.quantities().items()}, **start})
    while True:
        end = task.problem(most_steps, tolerance=_CLOSE).descend(start)
        if not task.refine(end.values):
            return end
        start = end.values
