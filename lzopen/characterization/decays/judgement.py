"""What to say of a decay fit, in sentences."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from lzopen.characterization.decays.descent import (
    Descent,
    Task,
    aliases,
    scale,
    search_price,
    turn_of,
)
from lzopen.characterization.decays.shapes import Shape, windows
from lzopen.characterization.fit import Alternative
from lzopen.characterization.minimum import Array, Minimum
from lzopen.characterization.points import Points

__all__ = ["is_constant", "notes"]

_WIDER = 1.5  # and narrower: windows that are tried to see how far their width matters


def notes(
    task: Task,
    shape: Shape,
    found: Descent,
    comparison: Mapping[Shape, Alternative],
    window: Any,
) -> list[str]:
    """All that the report says below its numbers."""
    return [
        *_noise(task, shape),
        *_envelopes(task.points, shape, found.minimum, comparison),
        *_limits(task.points, found.minimum),
        *_constant(task, shape, found),
        *_aliases(task, shape, found),
        *_windows(task, shape, found.minimum, window),
    ]


def _noise(task: Task, shape: Shape) -> list[str]:
    points = task.points
    if not points.known:
        return ["The size of the noise is taken from the residuals: χ²/dof cannot test the model."]
    if points.dispersion is None:
        return []
    mean, error = points.overdispersion()
    alone = replace(task, points=points.binomial_only()).best(shape).minimum
    binomial = f"Binomial errors alone give χ²/dof = {alone.reduced:.2f}"
    if mean - 1 > 3 * error:
        binomial += ", because part of the noise is common to a group (one shot, or one run)"
    return [f"{binomial}.", f"The variance between groups is {mean:.2f} times binomial."]


def _envelopes(
    points: Points, chosen: Shape, best: Minimum, others: Mapping[Shape, Alternative]
) -> list[str]:
    """What the data say of each fixed envelope, in standard deviations of the free one."""
    told = []
    by = scale(points, best) if points.known else 1.0
    for shape, other in others.items():
        same = (shape.oscillations, shape.relaxation) == (chosen.oscillations, chosen.relaxation)
        if shape.exponent is None or chosen.exponent is not None or not same:
            continue
        sigmas = np.sqrt(max(other.delta, 0.0) / by)
        verdict = "rejected" if sigmas >= 3 else "disfavoured" if sigmas >= 2 else "compatible"
        n = "" if shape.envelope == "1/f" else f" (n = {shape.exponent:g})"
        told.append(f"The {shape.envelope} envelope{n} is {verdict} ({sigmas:.1f}σ).")
    return told


def _limits(points: Points, minimum: Minimum) -> list[str]:
    if minimum.values["T"] <= 3 * points.x[-1]:
        return []
    return [f"T lies far beyond the last delay, {points.x[-1]:g}: hardly any decay is seen."]


def _constant(task: Task, shape: Shape, found: Descent) -> list[str]:
    """Whether a constant would describe the data as well."""
    if not is_constant(task.points, shape, found.minimum):
        return []
    told = "No decay is seen: a constant describes the data as well, and T means nothing."
    if shape.oscillations:
        return [told]
    half = task.points.x[-1] / 2
    held = found.problem.holding({"T": half, "exponent": 1.0}).descend(found.minimum.values)
    at = held.free.index("amplitude")
    error = np.sqrt(scale(task.points, held) * held.covariance[at, at])
    most = abs(held.values["amplitude"]) + 2 * error
    return [told, f"A decay with T = {half:.3g} would have an amplitude below {most:.2g} (95 %)."]


def is_constant(points: Points, shape: Shape, best: Minimum) -> bool:
    """Whether the curve gains less on a constant than its freedom gains on noise."""
    mean = np.full(points.x.size, points.level)
    price = 2 * (shape.size - 1) + (search_price(points) if shape.oscillations else 0.0)
    flat = float(np.sum(points.residual(mean) ** 2))
    return bool(flat - best.deviance <= price * scale(points, best))


def _aliases(task: Task, shape: Shape, found: Descent) -> list[str]:
    others: Array = aliases(task, shape, found)
    if not others.size:
        return []
    turn, omega = turn_of(task.points.x), found.minimum.values["omega"]
    if turn is not None:
        return [
            f"Equal steps know omega only modulo {turn:.5g}: "
            f"{abs(turn - omega):.5g} or {turn + omega:.5g} fit as well."
        ]
    listed = ", ".join(f"{other:.5g}" for other in others)
    return [f"omega may as well be {listed}: `omega=` picks one."]


def _windows(task: Task, shape: Shape, best: Minimum, window: Any) -> list[str]:
    """How far the result moves with the width of the windows: an error that no curvature knows."""
    if shape.window is None or window is None:
        return []
    count = shape.window.max() + 1
    if count == 1:
        return ["All delays lie in one window, which changes nothing."]
    told = [f"{count} windows have a phase each."]
    if window == "bursts":
        return told
    widths = window / _WIDER, window * _WIDER
    moved = []
    for width in widths:
        edges = windows(task.points.x, width)
        if np.bincount(edges).min() >= 4:
            values = task.best(replace(shape, window=edges)).minimum.values
            moved.append(f"{width:.3g} give T = {values['T']:.3g}, n = {values['exponent']:.2f}")
    return [*told, f"Systematic error of their width: windows of {'; of '.join(moved)}."]
