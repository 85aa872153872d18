"""Quantities over parameters: maps of two, such as interferograms, or lines over one."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from lzopen.errors import choice, fail, instance
from lzopen.plotting.style import COLOURS, axes_or_new, label
from lzopen.waveforms.base import Array

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_EVEN = 1e-6  # by which steps, or ratios, of even values differ
_UNSEEN = 1e-6  # of the largest value: what has the other sign by less shows in no colour
_KINDS = {
    "average": "mean over a period",
    "stroboscopic": "once per period",
    "train": "after the train",
    "pulse": "after the pulse",
}


def interferogram(
    fringes: xr.Dataset,
    ax: Axes | None = None,
    *,
    variable: str = "population",
    level: int = 1,
    time_unit: str | None = None,
) -> Axes:
    """Draw an interferogram, or any quantity: a map over two parameters, or a line over one.

    The last axis runs to the right, the first one upwards. In a map of what has both signs, such as
    power absorbed, white is zero. A line of populations has its error, if it is known, as a band.

    Parameters
    ----------
    fringes : xarray.Dataset
        From `lzopen.interferogram` or any other quantity over parameters, or a part of it with
        one or two dimensions left: ``fringes.isel(omega=0)``.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure if left out.
    variable : str
        What to draw, e.g. ``"condition"``, ``"survival"``, ``"mean_work"`` or an observable.
    level : int
        Which diabatic level, of a population.
    time_unit : str, optional
        Unit of time, shown on all axes: energies are in rad per this unit.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    LzopenError
        If there is no such variable or level, more than two dimensions are left, or what is to be
        drawn is complex.

    Examples
    --------
    >>> import numpy as np, lzopen as lz
    >>> qubit = lz.TwoLevel(sweep=lz.Sinusoidal(amplitude=1.0, omega=2.0), gap=0.1)
    >>> noisy = qubit.with_environment(lz.Dephasing(0.02), lz.Decay(0.01, source=1, target=0))
    >>> fringes = lz.interferogram(noisy, amplitude=np.linspace(0, 20, 5), bias=[0.0, 2.0, 3.0])
    >>> ax = lz.plotting.interferogram(fringes, time_unit="ns")
    >>> ax.get_xlabel(), ax.get_ylabel()
    ('bias (rad/ns)', 'amplitude (rad/ns)')

    Any other quantity over parameters, here the mean work of sweeps:

    >>> sweeps = lz.vary(qubit.with_parameters({"sweep.bias": 1.0}), {"gap": [0.1, 0.4]})
    >>> work = lz.work_statistics(sweeps, temperature=[0.5, 1.0, 2.0], window=(0, 1.3))
    >>> ax = lz.plotting.interferogram(work, variable="mean_work", time_unit="ns")
    >>> ax.get_ylabel(), ax.figure.axes[-1].get_ylabel()
    ('gap (rad/ns)', 'mean work (rad/ns)')
    """
    instance("fringes", fringes, xr.Dataset, "from lz.interferogram")
    choice("variable", variable, [str(name) for name in fringes.data_vars])
    if time_unit is not None:
        instance("time_unit", time_unit, str, "e.g. 'ns'")
    shown, name = _values(fringes, variable, level, time_unit)
    for dim in shown.dims:
        if np.iscomplexobj(shown[dim]):
            remedy = f"e.g. fringes.assign_coords({{{dim!r}: abs(fringes[{dim!r}])}})"
            fail("fringes", "have real axes", f"complex along {dim}", remedy)
    axes = axes_or_new(ax)
    if shown.ndim == 2:
        _map(shown, name, axes, time_unit)
    elif shown.ndim == 1:
        error = fringes.get("error") if variable == "population" else None
        _line(shown, error, level, axes, time_unit)
        axes.set_ylabel(name)
    else:
        remedy = "pick members of the others first, e.g. fringes.isel(omega=0)"
        fail("fringes", "have one or two dimensions left", f"of dimensions {shown.dims}", remedy)
    return axes


def _values(
    fringes: xr.Dataset, variable: str, level: int, time_unit: str | None
) -> tuple[xr.DataArray, str]:
    """What is drawn, without its levels, and how it is called."""
    values, name = fringes[variable], variable.replace("_", " ")
    for kind in ("level", "state"):
        if kind in values.dims:
            choice("level", level, fringes[kind].values.tolist())
            values, name = values.sel({kind: level}), f"{name} of {kind} {level}"
    if np.iscomplexobj(values):
        fail("variable", "be real", variable, "draw the real or the imaginary part")
    record = json.loads(fringes.attrs.get("lzopen", "{}"))
    kind = _KINDS.get(record.get("kind", ""), "")
    is_state = variable == "population" or variable == "adiabatic_population"
    return values, f"{name}, {kind}" if is_state and kind else _with_unit(name, values, time_unit)


def _map(shown: xr.DataArray, name: str, axes: Axes, time_unit: str | None) -> None:
    y, x = (shown[dim] for dim in shown.dims)
    colours = _colours(shown.values)
    edges, scales = zip(*(_edges(part.values) for part in (x, y)), strict=True)
    mesh = axes.pcolormesh(*edges, shown.values, rasterized=True, **colours)
    axes.set(
        xscale=scales[0], yscale=scales[1], xlabel=_axis(x, time_unit), ylabel=_axis(y, time_unit)
    )
    axes.figure.colorbar(mesh, ax=axes).set_label(name, fontsize="small")


def _edges(values: Array) -> tuple[Array, str]:
    """Ends of the cells around values, and the scale on which these are evenly spaced."""
    if values.dtype.kind not in "iuf":  # names
        return np.arange(values.size + 1) - 0.5, "linear"
    if values.size > 2 and values.min() > 0:
        ratios = values[1:] / values[:-1]
        if np.ptp(ratios) < _EVEN * ratios[0] and np.ptp(np.diff(values)) > _EVEN * values.max():
            root = np.sqrt(ratios[0])
            return np.append(values / root, values[-1] * root), "log"
    if values.size == 1:
        return values + np.array([-0.5, 0.5]), "linear"
    middle = 0.5 * (values[1:] + values[:-1])
    return np.concatenate([[2 * values[0] - middle[0]], middle, [2 * values[-1] - middle[-1]]]), (
        "linear"
    )


def _colours(values: Array) -> dict[str, Any]:
    """A sequential colour map, or one with zero in its middle if there are values on both sides."""
    from matplotlib.colors import CenteredNorm

    known = values[np.isfinite(values)]
    below, above = -known.min(initial=0.0), known.max(initial=0.0)
    if min(below, above) <= _UNSEEN * max(below, above):
        return {"cmap": "viridis"}
    return {"cmap": "RdBu_r", "norm": CenteredNorm(halfrange=max(below, above))}


def _line(
    shown: xr.DataArray,
    error: xr.DataArray | None,
    level: int,
    axes: Axes,
    time_unit: str | None,
) -> None:
    (x,) = (shown[dim] for dim in shown.dims)
    axes.plot(x, shown.values, color=COLOURS[0])
    if error is not None:
        error = error.sel(level=level) if "level" in error.dims else error
        axes.fill_between(x, shown - error, shown + error, color=COLOURS[0], alpha=0.25, lw=0)
    axes.set_xlabel(_axis(x, time_unit))


def _axis(coordinate: xr.DataArray, time_unit: str | None) -> str:
    """Name of an axis, with its unit if it has one, once that of time is known."""
    return _with_unit(str(coordinate.name).replace("_", " "), coordinate, time_unit)


def _with_unit(name: str, values: xr.DataArray, time_unit: str | None) -> str:
    unit = str(values.attrs.get("units", "1")).replace("^2", "²")
    if unit == "1" or ("time" in unit and not time_unit):
        return name
    return label(name, unit.replace(" / ", "/").replace("time", time_unit or ""))
