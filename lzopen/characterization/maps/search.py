"""From the first guess of a map's numbers to the minimum.

Stages: templates give starts; thinned maps without slow noise, whose width dephasing takes on,
are fitted from all of them; whole maps from the best of these. A bath in the moving basis is
approached through a stand-in with constant rates, corrected by how much the two differ.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from lzopen import progress
from lzopen.characterization.maps.starts import map_starts
from lzopen.characterization.maps.task import MapTask
from lzopen.characterization.maps.twin import has_twin
from lzopen.characterization.minimum import Minimum, Problem, Values
from lzopen.waveforms.base import Array

__all__ = ["Found", "find_minimum", "rough_starts"]

_STARTS = 6
_ROUGH_STEPS = 12
_ROUNDS = 2  # of correction
_STEPS = 5  # with derivatives of the truth, at most
_STILL = 0.05  # standard errors, below which a step has changed nothing
_DIFFERENCE = 1e-3  # for derivatives of maps that were stepped in time
_MISFIT = 4.0  # standard deviations of χ², beyond which another start is worth its time


def rough_starts(task: MapTask) -> list[Values]:
    """The best two ends of fits to thinned maps, from automatic starts."""
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
    return [_shared(start | end.values) for end, start in ends[:2]]


def _shared(values: Values) -> Values:
    """The width that dephasing took on is shared with slow noise where both are asked for."""
    rate = values.get("dephasing.rate")
    if rate is None or "noise.sigma" not in values:
        return values
    return values | {"dephasing.rate": 0.5 * rate, "noise.sigma": 0.5 * rate}


def _cheap(task: MapTask) -> MapTask:
    return task.changed(lambda s: s.averaged() if has_twin(s.parts.model) else s)


class Found(NamedTuple):
    """The lowest minimum, what was minimised there, and where the other starts ended."""

    problem: Problem
    minimum: Minimum
    ends: list[Minimum]


def find_minimum(task: MapTask, starts: Sequence[Values]) -> Found:
    """The lowest minimum from these starts; later ones are tried while the fit is poor."""
    cheap = _cheap(task)
    ends: list[Minimum] = []
    for start in progress.bar(starts, desc="fit from the best starts"):
        ends.append(_settle(cheap, start))
        if ends[-1].reduced < 1 + _MISFIT * np.sqrt(2 / max(ends[-1].dof, 1)):
            break
    best = min(ends, key=lambda end: end.deviance)
    if any(has_twin(shown.parts.model) for shown in task.maps):
        return Found(*_corrected(task, cheap, best), ends)
    return Found(cheap.problem(), best, ends)


def _settle(task: MapTask, start: Values, correction: Any = None) -> Minimum:
    """Descents, until the grids are as fine as their end asks for."""
    task.refine({**{n: q.value for n, q in task.quantities().items()}, **start})
    while True:
        end = task.problem(correction).descend(start)
        if not task.refine(end.values):
            return end
        start = end.values


def _corrected(task: MapTask, cheap: MapTask, end: Minimum) -> tuple[Problem, Minimum]:
    """The minimum of slow maps: near it by a stand-in, then by their own derivatives.

    The stand-in is fitted with its difference from the truth added; then steps are taken with
    the derivatives of the truth at that point. What is handed back for profiles is the stand-in,
    corrected at the minimum.
    """
    bar = progress.bar(total=_ROUNDS + _STEPS, desc="moving basis")
    for _ in range(_ROUNDS):
        end = _settle(cheap, end.values, _differences(task, cheap, end.values))
        bar.update()
    task.refine(end.values)
    line = Tangent(task, end.values)
    for _ in range(_STEPS):
        new = line.problem().descend(end.values)
        moved = _moved(end, new)
        end = replace(new, settled=moved < _STILL)
        bar.update()
        if end.settled:
            break
        line = line.moved(end.values)
    bar.close()
    return cheap.problem(_differences(task, cheap, end.values)), end


def _differences(task: MapTask, cheap: MapTask, values: Values) -> list[Array]:
    """By how much the maps exceed those of the stand-in."""
    task.refine(values)
    pairs = zip(task.signals(values), cheap.signals(values), strict=True)
    return [true - near for true, near in pairs]


class Tangent:
    """All maps as linear functions of the coordinates of the minimiser, about one point."""

    def __init__(self, task: MapTask, values: Values, slopes: Array | None = None) -> None:
        self._task, self._values = task, values
        self._quantities = task.quantities()
        self._signal = np.concatenate(task.signals(values))
        self._slopes = self._differentiated() if slopes is None else slopes

    def _differentiated(self) -> Array:
        columns = []
        for name, quantity in progress.bar(self._quantities.items(), desc="derivatives"):
            step = _DIFFERENCE
            beside = float(quantity.outward(quantity.inward(self._values[name]) + step))
            signal = np.concatenate(self._task.signals(self._values | {name: beside}))
            columns.append((signal - self._signal) / step)
        return np.stack(columns, axis=-1)

    def moved(self, values: Values) -> Tangent:
        """About another point, with the same slopes."""
        return Tangent(self._task, values, self._slopes)

    def problem(self) -> Problem:
        """To be minimised near this point."""
        ends = np.cumsum([shown.pixels.points.x.size for shown in self._task.maps])[:-1]

        def residual(values: Values) -> Array:
            steps = [
                quantity.inward(values[name]) - quantity.inward(self._values[name])
                for name, quantity in self._quantities.items()
            ]
            signals = np.split(self._signal + self._slopes @ np.array(steps), ends)
            pairs = zip(self._task.maps, signals, strict=True)
            return np.concatenate([shown.pixels.points.residual(s) for shown, s in pairs])

        return Problem(residual, self._quantities)


def _moved(old: Minimum, new: Minimum) -> float:
    """Largest change, in standard errors."""
    errors = np.sqrt(np.diag(new.covariance))
    changes = [abs(new.values[name] - old.values[name]) for name in new.free]
    return float(np.max(np.array(changes) / errors, initial=0.0))
