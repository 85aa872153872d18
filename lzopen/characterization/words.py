"""Numbers of a fit in words."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from lzopen.characterization.minimum import Minimum

__all__ = ["between", "chance", "held", "plus_minus"]


def chance(minimum: Minimum) -> float:
    """Standard deviation of the autocorrelation of pure noise."""
    return float(1 / np.sqrt(max(minimum.residual.size, 1)))


def held(numbers: Mapping[str, float]) -> list[str]:
    """A sentence on what a fit leaves as it is, if there is anything."""
    shown = ", ".join(f"{name} = {value:.5g}" for name, value in numbers.items())
    return [f"Held: {shown}."] if shown else []


def plus_minus(value: float, error: float) -> str:
    """Value ± error, both to two digits of the error."""
    if not np.isfinite(error) or error <= 0:
        return f"{value:.5g} (no error)"
    digits = 1 - int(np.floor(np.log10(error)))
    if digits > 6 or digits < -6:
        return f"{value:.6g} ± {error:.2g}"
    if digits < 0:
        return f"{round(value, digits):.0f} ± {round(error, digits):.0f}"
    return f"{value:.{max(digits, 0)}f} ± {error:.{max(digits, 0)}f}"


def between(low: float, high: float, bounds: tuple[float, float]) -> str:
    """An interval of 95 % in words, its open ends left out."""
    if low == bounds[0] and high == bounds[1]:
        return "anything (95 %)"
    if low == bounds[0]:
        return f"< {high:.3g} (95 %)"
    return f"> {low:.3g} (95 %)" if high == bounds[1] else f"{low:.3g} to {high:.3g} (95 %)"
