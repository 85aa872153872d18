"""Distributions of the work, and what the reversed drive makes of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from lzopen.errors import fail
from lzopen.plotting.style import (
    COLOURS,
    MARK,
    axes_or_new,
    check_origin,
    check_unit,
    label,
    legend_above,
)
from lzopen.waveforms.base import Array

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_SEEN = 1e-3  # of the highest bar


def work_distribution(
    statistics: xr.Dataset, ax: Axes | None = None, *, energy_unit: str | None = None
) -> Axes:
    """Draw the distribution of the work, and its running sum on an axis of its own.

    Vertical lines mark ⟨W⟩ and ΔF ≤ ⟨W⟩; what lies between them is lost. The axis ends where
    probabilities are too small to be seen.

    Parameters
    ----------
    statistics : xarray.Dataset
        From `lzopen.work_statistics`, of one model at one temperature, or from
        `lzopen.work_trajectories`.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure if left out.
    energy_unit : str, optional
        Unit of the work, shown on the axis: ``"rad/ns"``.

    Returns
    -------
    matplotlib.axes.Axes
        With the probabilities; the sum is on the last Axes of the figure.

    Raises
    ------
    LzopenError
        If the Dataset comes from elsewhere, or holds a batch or several temperatures.

    References
    ----------
    P. Talkner, E. Lutz and P. Hänggi, Phys. Rev. E 75, 050102 (2007).

    Examples
    --------
    >>> import lzopen as lz
    >>> qubit = lz.TwoLevel(sweep=lz.Linear(rate=1.0), gap=0.8)
    >>> swept = lz.work_statistics(qubit, temperature=1.0, window=(-6, 3))
    >>> ax = lz.plotting.work_distribution(swept, energy_unit="rad/ns")
    >>> ax.get_xlabel(), len(ax.patches)
    ('work (rad/ns)', 4)
    """
    work, forward, _, _ = _outcomes(statistics, energy_unit)
    axes = axes_or_new(ax)
    mean, change = (statistics[k].item() for k in ("mean_work", "free_energy_difference"))
    likely = work[forward > _SEEN * forward.max()]
    low, high = min(*likely, mean, change), max(*likely, mean, change)
    span = high - low or 1.0
    # Neither hairs nor slabs, and apart from each other unless they are too many for that.
    width = np.clip(0.7 * np.diff(likely).min(initial=span), span / 150, span / 20)
    axes.bar(work, forward, width, color=COLOURS[0], label="probability")
    axes.axvline(mean, ls="--", label="mean work", **MARK)
    axes.axvline(change, ls=":", label="ΔF", **MARK)
    axes.set(xlabel=label("work", energy_unit), ylabel="probability")
    summed, total = axes.twinx(), np.cumsum(forward)
    low, high = low - 0.08 * span, high + 0.08 * span
    steps = [min(low, work[0]), *work, max(high, work[-1])], [0.0, *total, total[-1]]
    summed.step(*steps, where="post", color=COLOURS[1], lw=1.2, label="cumulative")
    summed.set(xlim=(low, high), ylim=(0.0, 1.03))
    summed.set_ylabel("cumulative", color=COLOURS[1])
    summed.tick_params(axis="y", colors=COLOURS[1])
    legend_above(axes, summed)
    return axes


def work_crossing(
    statistics: xr.Dataset, ax: Axes | None = None, *, energy_unit: str | None = None
) -> Axes:
    """Draw the probabilities of W and, under the reversed drive, of −W; they cross at ΔF.

    For every W their ratio is e^{(W − ΔF)/T}, so that on the logarithmic axis lines between
    neighbouring points meet at the dotted line, too. Values of the work of which both
    probabilities are below the error of the solver are left out.

    Parameters
    ----------
    statistics : xarray.Dataset
        From `lzopen.work_statistics`, of one model at one temperature, or from
        `lzopen.work_trajectories` with ``backward=True``.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure if left out.
    energy_unit : str, optional
        Unit of the work, shown on the axis: ``"rad/ns"``.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    LzopenError
        If the Dataset comes from elsewhere, or holds a batch or several temperatures.

    References
    ----------
    G. E. Crooks, Phys. Rev. E 60, 2721 (1999); P. Talkner and P. Hänggi, J. Phys. A 40, F569
    (2007).

    Examples
    --------
    >>> import lzopen as lz
    >>> qubit = lz.TwoLevel(sweep=lz.Linear(rate=1.0), gap=0.8)
    >>> ax = lz.plotting.work_crossing(lz.work_statistics(qubit, temperature=1.0, window=(-6, 3)))
    >>> ax.get_legend_handles_labels()[1]
    ['forward, W', 'backward, −W', 'ΔF']
    """
    work, *probabilities, least = _outcomes(statistics, energy_unit, reverse=True)
    known = np.maximum(*probabilities) > least
    axes = axes_or_new(ax)
    styles = zip(("forward, W", "backward, −W"), ("o-", "s--"), COLOURS, strict=False)
    for values, (name, style, colour) in zip(probabilities, styles, strict=True):
        seen = known & (values > 0)
        axes.plot(
            work[seen], values[seen], style, color=colour, ms=4.5, mfc="w", lw=0.8, label=name
        )
    axes.axvline(statistics["free_energy_difference"].item(), ls=":", label="ΔF", **MARK)
    axes.set(yscale="log", xlabel=label("work", energy_unit), ylabel="probability")
    legend_above(axes)
    return axes


def _outcomes(
    statistics: xr.Dataset, energy_unit: Any, reverse: bool = False
) -> tuple[Array, Array, Array, float]:
    """Work, probability and backward probability of one distribution, and what is none."""
    if isinstance(statistics, xr.Dataset) and "work_probability" in statistics:
        return _histograms(statistics, energy_unit, reverse)
    names = ("work", "probability", "backward")
    others = ("mean_work", "free_energy_difference", "error")
    check_origin("statistics", statistics, (*names, *others), "lz.work_statistics")
    check_unit("energy_unit", energy_unit, "rad/ns")
    dims = statistics["work"].dims
    if dims != ("outcome",):
        remedy = "pick one first, e.g. statistics.isel(temperature=0)"
        fail("statistics", "be of one model at one temperature", f"of dimensions {dims}", remedy)
    values = [statistics[name].values for name in names]
    is_there = ~np.isnan(values[0])  # of a batch, the others of which have more values
    work, forward, backward = (part[is_there] for part in values)
    return work, forward, backward, statistics["error"].item()


def _histograms(
    runs: xr.Dataset, energy_unit: Any, reverse: bool
) -> tuple[Array, Array, Array, float]:
    """The same of runs that were drawn."""
    check_unit("energy_unit", energy_unit, "rad/ns")
    forward = runs["work_probability"]
    if reverse and "backward_probability" not in runs:
        remedy = "draw it as well: lz.work_trajectories(..., backward=True)"
        fail("statistics", "hold the reversed drive", "one without", remedy)
    if forward.dims != ("work",):
        fail("statistics", "be of one model", f"of dimensions {forward.dims}", "pick one first")
    backward = runs["backward_probability"] if reverse else forward
    return runs["work"].values, forward.values, backward.values, 0.0
