"""A fit beside its data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lzopen.characterization import Fit
from lzopen.plotting.style import COLOURS, axes_or_new, label, title

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def fit(
    result: Fit,
    ax: Axes | None = None,
    *,
    name: str = "time",
    unit: str | None = None,
    signal: str = "signal",
    heading: str | None = None,
    source: str = "data",
) -> Axes:
    """Draw the points with their errors, and the fitted model; of a decay also between them.

    Parameters
    ----------
    result : Fit
        From any fit along one axis.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure if left out.
    name, unit, signal : str, optional
        Words for the axes.
    heading : str, optional
        Title; the reduced χ² follows it.
    source : str
        What the points are, e.g. "measured"; the title says it too of "simulated" ones.

    Returns
    -------
    matplotlib.axes.Axes

    Examples
    --------
    >>> import numpy as np, lzopen as lz
    >>> t = np.linspace(0, 5, 30)
    >>> ax = lz.plotting.fit(lz.fit_decay(t, signal=np.exp(-t), sigma=0.01, oscillations=0))
    >>> ax.get_xlabel()
    'time'
    """
    axes = axes_or_new(ax)
    data = result.dataset
    x = data[data["model"].dims[0]]
    axes.errorbar(
        x,
        data["signal"],
        data["sigma"],
        fmt=".",
        ms=4,
        lw=0.8,
        color="0.35",
        label=source,
        zorder=1,
    )
    drawn = data["curve"] if "curve" in data else data["model"]
    axes.plot(drawn[drawn.dims[0]], drawn, color=COLOURS[1], lw=1.4, label="model", zorder=2)
    axes.set(xlabel=label(name, unit), ylabel=signal)
    low, high = axes.get_ylim()
    axes.set_ylim(low, high + 0.1 * (high - low))  # room for the legend
    title(axes, f"{heading or result.title}  χ²/dof = {result.reduced:.2f}", source == "simulated")
    axes.legend(frameon=False, fontsize="small", ncols=2, loc="upper right")
    return axes
