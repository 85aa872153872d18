"""What all figures share: the axes to draw on, and colours told apart by everyone."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Okabe and Ito's palette, which survives colour blindness and grey printing.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")


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
