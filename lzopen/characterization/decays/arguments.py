"""Checks of what `fit_decay` is asked for."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lzopen import errors
from lzopen.characterization.decays.shapes import Shape, windows
from lzopen.characterization.points import Points

__all__ = [
    "check_points",
    "check_size",
    "checked_cutoff",
    "checked_omega",
    "checked_relaxation",
    "with_windows",
]

Array = NDArray[Any]


def check_points(points: Points) -> None:
    if not points.known and np.ptp(points.signal) == 0:
        value = f"{points.signal[0]:g} throughout"
        errors.fail("signal", "vary where no noise is given", value, "give `sigma` or `shots`")
    errors.not_negative("delay", points.x[0], "count it from where the decay starts")


def check_size(points: Points, shape: Shape) -> None:
    if points.x.size <= shape.size:
        errors.fail(
            "delay", f"hold more than {shape.size} distinct delays", f"holding {points.x.size}",
            f"the model ({shape.name}) has so many parameters; measure more or fix `envelope`",
        )  # fmt: skip


def checked_relaxation(given: Any) -> tuple[float, float] | None:
    """T1 and its error."""
    if given is None:
        return None
    T1, error = given if np.ndim(given) else (given, 0.0)
    T1 = errors.single("relaxation", errors.positive("relaxation", T1))
    return T1, errors.not_negative("relaxation", error, "the second number is the error of T1")


def checked_cutoff(cutoff: Any, envelope: str, last: float) -> float | None:
    if cutoff is None:
        if envelope == "1/f":
            remedy = "about 2π over the time that the measurement took, in rad per time"
            errors.fail("cutoff", "be given for 1/f noise", "missing", remedy)
        return None
    cutoff = float(errors.single("cutoff", errors.positive("cutoff", cutoff)))
    if cutoff * last > 1:
        errors.fail(
            "cutoff", f"stay below 1/{last:g}, one over the last delay", f"{cutoff:g}",
            "noise that is slower than that is all that 1/f means here",
        )  # fmt: skip
    return cutoff


def checked_omega(omega: Any, oscillations: int | str) -> float | None:
    if omega is None:
        return None
    if oscillations == 0:
        errors.fail("omega", "be left out without oscillations", omega)
    return float(errors.single("omega", errors.positive("omega", omega)))


def with_windows(
    shape: Shape, window: Any, oscillations: int | str, t: Array
) -> tuple[int | str, Shape]:
    """With a phase for each window; only what oscillates has one."""
    if oscillations in (0, 2):
        errors.fail("window", "be left out unless there is one oscillation", window)
    if window != "bursts":
        errors.single("window", errors.positive("window", window), "a width in time, or 'bursts'")
    parts = windows(t, window)
    counts = np.bincount(parts)
    if counts.min() < 4:
        few = f"leaving {counts.min()} in one of {counts.size}"
        errors.fail("window", "leave at least 4 delays in each window", few, "make it wider")
    return 1, replace(shape, oscillations=1, window=parts)
