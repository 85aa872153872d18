"""The cost of a map against its size, as a picture."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from harness import Curve, Result
from matplotlib.figure import Figure

_WIDEST = 501**2
_COLORS = {2: "C0", 3: "C1", 4: "C2"}


def cost(results: Iterable[Result], path: Path) -> None:
    """Seconds against pixels, double logarithmic; peers are dashed."""
    figure = Figure(figsize=(7.0, 4.8), layout="constrained")
    axes = figure.add_subplot()
    for curve in (result for result in results if isinstance(result, Curve)):
        color = _COLORS[curve.levels]
        style = "s" if curve.peer else "o-" if "average" in curve.label else "o--"
        axes.plot(curve.pixels, curve.seconds, style, color=color, ms=4, label=curve.label)
        if curve.peer:  # which knows no other law
            each = curve.seconds[-1] / curve.pixels[-1]
            axes.plot([1, _WIDEST], [each, each * _WIDEST], ":", color=color, lw=1)
    axes.set(xscale="log", yscale="log", xlabel="pixels", ylabel="time (s), one thread")
    axes.grid(alpha=0.3)
    axes.legend(fontsize="small", frameon=False, title="dotted: extrapolated")
    figure.savefig(path, dpi=150)
