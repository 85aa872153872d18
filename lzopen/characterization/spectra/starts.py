"""Where the fit of a spectrum starts: scales from the data alone, whatever was guessed."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lzopen.characterization.minimum import Values
from lzopen.characterization.spectra.decay import SCALES, parts_of
from lzopen.characterization.spectra.task import Task

__all__ = ["spectrum_starts"]

Array = NDArray[Any]
_CANDIDATES = 4000  # combinations of scales
_DEPTHS = (1e-3, 1e3)  # decay exponents at the last delay, between which scales are tried


def spectrum_starts(task: Task) -> Values:
    """Best scales on a grid, with the contrasts and offsets that go with them."""
    begun = {name: quantity.value for name, quantity in task.problem().quantities.items()}
    tried = _tried(task, begun)
    cost: Any = 0.0
    linear = []
    for trace, coherence in zip(task.traces, _candidates(task, begun, tried), strict=True):
        own, found = trace.linear(coherence)
        cost = cost + own
        linear.append(found)
    best = int(np.argmin(cost))
    start: Values = {name: float(values[best]) for name, values in tried.items()}
    for found in linear:
        start |= found[best]
    return start


def _tried(task: Task, begun: Values) -> dict[str, Array]:
    """All combinations of scales, from hardly any decay to an immediate one."""
    scales = [name for name in task.names if task.is_scale(name)]
    axes = [(name, begun[name], task.depth(name)) for name in scales]
    count = max(5, int(_CANDIDATES ** (1 / max(len(axes) + task.relaxation.unknown, 1))))
    depths = np.geomspace(*_DEPTHS, min(count, 61))
    grid = [
        [value * task.factor(name, depth / deepest) for depth in depths.tolist()]
        for name, value, deepest in axes
    ]
    if task.relaxation.unknown:
        scales.append("T1")
        grid.append((task.longest / depths / 2).tolist())
    combinations = np.array(list(product(*grid)), dtype=float)
    return {name: combinations[:, i] for i, name in enumerate(scales)}


def _candidates(task: Task, begun: Values, tried: Mapping[str, Array]) -> list[Array]:
    """W of each trace for all combinations of scales, (candidate, delay)."""
    count = max([1, *(values.size for values in tried.values())])
    total = [np.zeros((count, trace.points.x.size)) for trace in task.traces]
    for part in parts_of(task.noise):
        strength = np.ones(count)
        for name in tried.keys() - {"T1"}:
            if task.part_of(name) is part:
                strength = (tried[name] / begun[name]) ** SCALES[type(part)][1]
        found = iter(task.exponents(part))
        for sum_, trace in zip(total, task.traces, strict=True):
            if trace.sequence is not None:
                sum_ += strength[:, None] * next(found)
    rate = 1 / tried.get("T1", np.full(count, begun.get("T1", np.inf)))
    for sum_, trace in zip(total, task.traces, strict=True):
        share = 1.0 if trace.sequence is None else 0.5
        sum_ += share * rate[:, None] * trace.points.x
    return [np.exp(-each) for each in total]
