"""Work, heat and entropy: distributions of the work, and the ledger along a drive."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from lzopen.errors import fail, instance
from lzopen.plotting.style import COLOURS, axes_or_new, label
from lzopen.waveforms.base import Array

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_LEAST = 1e-3  # of the largest rate: what is negative by less is not seen
_LETTERS = 32  # of two names side by side in a figure as wide as a column of text
_SEEN = 1e-3  # of the highest bar
_MARK: dict[str, Any] = {"color": "0.2", "lw": 1.2}
# Sums lie below their parts as a wide line, so that both are seen where only one part counts.
_SUM: dict[str, Any] = {"color": "0.75", "lw": 3.5}


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
    axes.axvline(mean, ls="--", label="mean work", **_MARK)
    axes.axvline(change, ls=":", label="ΔF", **_MARK)
    axes.set(xlabel=label("work", energy_unit), ylabel="probability")
    summed, total = axes.twinx(), np.cumsum(forward)
    low, high = low - 0.08 * span, high + 0.08 * span
    steps = [min(low, work[0]), *work, max(high, work[-1])], [0.0, *total, total[-1]]
    summed.step(*steps, where="post", color=COLOURS[1], lw=1.2, label="cumulative")
    summed.set(xlim=(low, high), ylim=(0.0, 1.03))
    summed.set_ylabel("cumulative", color=COLOURS[1])
    summed.tick_params(axis="y", colors=COLOURS[1])
    _legend_above(axes, summed)
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
    axes.axvline(statistics["free_energy_difference"].item(), ls=":", label="ΔF", **_MARK)
    axes.set(yscale="log", xlabel=label("work", energy_unit), ylabel="probability")
    _legend_above(axes)
    return axes


def ledger(energetics: xr.Dataset, ax: Axes | None = None, *, time_unit: str | None = None) -> Axes:
    """Draw the first law along a drive: ΔU, the work and what came from each environment.

    What comes from an environment with a temperature is heat; from one without it is work of its
    noise, and dashed. Where several are without, a dotted line is their sum.

    Parameters
    ----------
    energetics : xarray.Dataset
        From `lzopen.energetics`, of one model.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure if left out.
    time_unit : str, optional
        Shown on the axes; energies are then in rad per this unit.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    LzopenError
        If the Dataset comes from elsewhere, or holds a batch or a single time.

    References
    ----------
    R. Alicki, J. Phys. A 12, L103 (1979).

    Examples
    --------
    >>> import numpy as np, lzopen as lz
    >>> qubit = lz.TwoLevel(sweep=lz.Linear(rate=0.5), gap=1.0)
    >>> noisy = qubit.with_environment(lz.Relaxation(0.05, temperature=1.0), lz.Dephasing(0.01))
    >>> run = lz.energetics(noisy, times=np.linspace(-9, 9, 19), temperature=1.0)
    >>> lz.plotting.ledger(run).get_legend_handles_labels()[1]
    ['ΔU', 'work', 'heat, relaxation', 'noise, dephasing']
    """
    names = ("internal_energy", "work", "noise_work")
    t, held, work, noise = _courses(energetics, names, time_unit)
    axes = axes_or_new(ax)
    axes.axhline(0.0, color="0.5", lw=0.6)
    axes.plot(t, held - held[0], label="ΔU", **_SUM)
    axes.plot(t, work, color=COLOURS[0], label="work")
    received = energetics["energy_received"].transpose("environment", ...)
    has_none = np.isnan(energetics["temperature"].values)
    for k, (curve, is_noise) in enumerate(zip(received, has_none, strict=True)):
        name = str(curve["environment"].item()).replace("_", " ")
        axes.plot(
            t,
            curve.values,
            "--" if is_noise else "-",
            color=COLOURS[1 + k % (len(COLOURS) - 1)],
            label=name if name.startswith("leak") else f"{'noise' if is_noise else 'heat'}, {name}",
        )
    if has_none.sum() > 1:
        axes.plot(t, noise, ls=":", label="noise, all", **_MARK)
    unit = f"rad/{time_unit}" if time_unit else None
    axes.set(xlabel=label("time", time_unit), ylabel=label("energy", unit))
    _legend_above(axes)
    return axes


def entropy_production(
    energetics: xr.Dataset, ax: Axes | None = None, *, time_unit: str | None = None
) -> Axes:
    """Draw the rate of entropy production and its parts, by coherence and by populations.

    Where the rate is negative, which breaks the second law, the times are shaded. Infinite rates,
    as beside a pure state or at T = 0, are left out.

    Parameters
    ----------
    energetics : xarray.Dataset
        From `lzopen.energetics`, of one model.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure if left out.
    time_unit : str, optional
        Shown on the axes; rates are then per this unit.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    LzopenError
        If the Dataset comes from elsewhere, holds a batch or a single time, or the rate is finite
        at no time.

    References
    ----------
    H. Spohn, J. Math. Phys. 19, 1227 (1978); J. P. Santos et al., npj Quantum Inf. 5, 23 (2019).

    Examples
    --------
    >>> import numpy as np, lzopen as lz
    >>> qubit = lz.TwoLevel(sweep=lz.Linear(rate=0.5), gap=1.0)
    >>> warm = qubit.with_environment(lz.Relaxation(rate=0.05, temperature=1.0))
    >>> run = lz.energetics(warm, times=np.linspace(-9, 9, 19), temperature=1.0)
    >>> ax = lz.plotting.entropy_production(run, time_unit="ns")
    >>> ax.get_ylabel(), ax.get_legend_handles_labels()[1]
    ('entropy production (1/ns)', ['rate', 'coherence', 'populations'])
    """
    names = ("entropy_production_rate", "coherence_rate", "population_rate")
    t, rate, *parts = _courses(energetics, names, time_unit)
    if not np.isfinite(rate).any():
        remedy = (
            "as at T = 0, or with an environment that has no temperature (temperatures= gives "
            "it one); lz.plotting.ledger shows the energies"
        )
        fail("energetics", "have a finite rate at some time", "infinite or unknown", remedy)
    axes = axes_or_new(ax)
    axes.axhline(0.0, color="0.5", lw=0.6)
    styles = _SUM, {"color": COLOURS[0]}, {"color": COLOURS[2], "ls": "--"}
    called = ("rate", "coherence", "populations")
    for curve, name, style in zip((rate, *parts), called, styles, strict=True):
        axes.plot(t, np.where(np.isfinite(curve), curve, np.nan), label=name, **style)
    for k, (start, end) in enumerate(_negative(t, rate)):
        name = "_" if k else "second law broken"
        axes.axvspan(start, end, color=COLOURS[1], alpha=0.25, lw=0, label=name)
    unit = f"1/{time_unit}" if time_unit else None
    axes.set(xlabel=label("time", time_unit), ylabel=label("entropy production", unit))
    _legend_above(axes)
    return axes


def _outcomes(
    statistics: xr.Dataset, energy_unit: Any, reverse: bool = False
) -> tuple[Array, Array, Array, float]:
    """Work, probability and backward probability of one distribution, and what is none."""
    if isinstance(statistics, xr.Dataset) and "work_probability" in statistics:
        return _histograms(statistics, energy_unit, reverse)
    names = ("work", "probability", "backward")
    others = ("mean_work", "free_energy_difference", "error")
    _check_origin("statistics", statistics, (*names, *others), "lz.work_statistics")
    _check_unit("energy_unit", energy_unit, "rad/ns")
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
    _check_unit("energy_unit", energy_unit, "rad/ns")
    forward = runs["work_probability"]
    if reverse and "backward_probability" not in runs:
        remedy = "draw it as well: lz.work_trajectories(..., backward=True)"
        fail("statistics", "hold the reversed drive", "one without", remedy)
    if forward.dims != ("work",):
        fail("statistics", "be of one model", f"of dimensions {forward.dims}", "pick one first")
    backward = runs["backward_probability"] if reverse else forward
    return runs["work"].values, forward.values, backward.values, 0.0


def _courses(energetics: xr.Dataset, names: tuple[str, ...], time_unit: Any) -> list[Array]:
    """The times of one model, and what these variables are then."""
    needed = (*names, "time", "temperature", "energy_received")
    _check_origin("energetics", energetics, needed, "lz.energetics")
    _check_unit("time_unit", time_unit, "ns")
    dims = energetics[names[0]].dims
    if len(dims) != 1 or energetics["time"].dims != dims:
        batch = [str(dim) for dim in dims if dim not in ("time", "moment")]
        remedy = f"pick one model first: energetics.isel({dict.fromkeys(batch, 0)})"
        fail("energetics", "be of one model along time", f"of dimensions {dims}", remedy)
    return [energetics[name].values for name in ("time", *names)]


def _check_origin(argument: str, data: Any, names: tuple[str, ...], origin: str) -> None:
    instance(argument, data, xr.Dataset, f"from {origin}")
    if not all(name in data for name in names):
        fail(argument, f"come from {origin}", f"a Dataset of {', '.join(map(str, data))}")


def _check_unit(argument: str, unit: Any, example: str) -> None:
    if unit is not None:
        instance(argument, unit, str, f"e.g. {example!r}")


def _negative(t: Array, rate: Array) -> Iterator[tuple[float, float]]:
    """Intervals in which straight lines between the points run below zero."""
    least = -_LEAST * np.abs(rate[np.isfinite(rate)]).max()
    below = np.concatenate([[False], rate < least, [False]])
    for first, past in np.flatnonzero(np.diff(below)).reshape(-1, 2):
        yield _crossed(t, rate, first - 1, first), _crossed(t, rate, past, past - 1)


def _crossed(t: Array, rate: Array, outside: int, inside: int) -> float:
    """Where the line from a point to its neighbour below zero is zero; the last one has none."""
    if not 0 <= outside < len(t) or not np.isfinite(rate[[outside, inside]]).all():
        return float(t[inside])
    share = max(rate[outside], 0.0) / (max(rate[outside], 0.0) - rate[inside])
    return float(t[outside] + share * (t[inside] - t[outside]))


def _legend_above(axes: Axes, *others: Axes) -> None:
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
