"""What all figures share: the axes to draw on, and colours told apart by everyone."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any

import xarray as xr

from lzopen.errors import fail, instance

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Okabe and Ito's palette, which survives colour blindness and grey printing.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
MARK: dict[str, Any] = {"color": "0.2", "lw": 1.2}
_LETTERS = 32  # of two names side by side in a figure as wide as a column of text


def panels(count: int = 1) -> tuple[Axes, ...]:
    """Axes side by side on a new figure.

    Parameters
    ----------
    count : int
        Number of panels.

    Returns
    -------
    tuple of matplotlib.axes.Axes

    Examples
    --------
    >>> len(panels(3))
    3
    """
    from matplotlib.figure import Figure

    # A bare Figure is collected with its Axes; pyplot would keep it open for ever.
    figure = Figure(figsize=(1.3 + 3.5 * count, 3.4), layout="constrained")
    return tuple(figure.subplots(1, count, squeeze=False)[0])


def axes_or_new(ax: Axes | None) -> Axes:
    """The given Axes, or those of a new figure."""
    return panels()[0] if ax is None else ax


def label(name: str, unit: str | None) -> str:
    """Axis label with its unit, if it has one."""
    return f"{name} ({unit})" if unit else name


def title(ax: Axes, text: str, simulated: bool = False) -> None:
    """Title; simulated data say so in every figure."""
    ax.set_title(f"{text} (simulated)" if simulated else text, fontsize="medium")


def legend_above(axes: Axes, *others: Axes) -> None:
    """Above the axes, where it hides nothing."""
    found = [part.get_legend_handles_labels() for part in (axes, *others)]
    handles, names = (list(chain(*parts)) for parts in zip(*found, strict=True))
    half = (len(names) + 1) // 2
    widest = max(map(len, names[:half])) + max(map(len, names[half:]), default=0)
    axes.legend(
        handles,
        names,
        frameon=False,
        fontsize="small",
        ncols=2 if widest <= _LETTERS else 1,
        loc="lower left",
        bbox_to_anchor=(0.0, 1.0),
        borderaxespad=0.1,
        handlelength=1.6,
        columnspacing=0.8,
    )


def check_origin(argument: str, data: Any, names: tuple[str, ...], origin: str) -> None:
    """Raise unless a Dataset has all variables of the function that it is to come from."""
    instance(argument, data, xr.Dataset, f"from {origin}")
    if not all(name in data for name in names):
        fail(argument, f"come from {origin}", f"a Dataset of {', '.join(map(str, data))}")


def check_unit(argument: str, unit: Any, example: str) -> None:
    """Raise unless a unit is a text or left out."""
    if unit is not None:
        instance(argument, unit, str, f"e.g. {example!r}")
