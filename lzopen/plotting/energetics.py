"""Work, heat and entropy along a drive."""

from __future__ import annotations

from collections.abc import Iterator
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

_LEAST = 1e-3  # of the largest rate: what is negative by less is not seen
# Sums lie below their parts as a wide line, so that both are seen where only one part counts.
_SUM: dict[str, Any] = {"color": "0.75", "lw": 3.5}


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
        axes.plot(t, noise, ls=":", label="noise, all", **MARK)
    unit = f"rad/{time_unit}" if time_unit else None
    axes.set(xlabel=label("time", time_unit), ylabel=label("energy", unit))
    legend_above(axes)
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
    legend_above(axes)
    return axes


def _courses(energetics: xr.Dataset, names: tuple[str, ...], time_unit: Any) -> list[Array]:
    """The times of one model, and what these variables are then."""
    needed = (*names, "time", "temperature", "energy_received")
    check_origin("energetics", energetics, needed, "lz.energetics")
    check_unit("time_unit", time_unit, "ns")
    dims = energetics[names[0]].dims
    if len(dims) != 1 or energetics["time"].dims != dims:
        batch = [str(dim) for dim in dims if dim not in ("time", "moment")]
        remedy = f"pick one model first: energetics.isel({dict.fromkeys(batch, 0)})"
        fail("energetics", "be of one model along time", f"of dimensions {dims}", remedy)
    return [energetics[name].values for name in ("time", *names)]


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
