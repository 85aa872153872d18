"""Level diagrams and populations along a sweep."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from lzopen.errors import choice, fail, positive
from lzopen.models import Model
from lzopen.models.stepping import check_window
from lzopen.plotting.style import COLOURS, axes_or_new, label

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def levels(
    model: Model,
    t0: float,
    t1: float,
    ax: Axes | None = None,
    *,
    points: int = 600,
    time_unit: str | None = None,
) -> Axes:
    """Draw the instantaneous energies, with the diabatic levels dashed.

    Circles mark the avoided crossings that `Model.crossings` finds, in the middle between
    their energies. More than six levels share a colour and a name.

    Parameters
    ----------
    model : Model
        A single model.
    t0, t1 : float
        Time range.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure if left out.
    points : int
        Number of times.
    time_unit : str, optional
        Shown on the axes; energies are then in rad per this unit.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    LzopenError
        If t1 ≤ t0, or ``points`` is not positive.

    Examples
    --------
    >>> import lzopen as lz
    >>> ax = lz.plotting.levels(lz.TwoLevel(sweep=lz.Linear(1.0), gap=1.0), -5, 5)
    >>> len(ax.lines)
    5
    """
    start, end = check_window(t0, t1)
    if model.batch_shape:
        fail("model", "be a single model", f"a batch of shape {model.batch_shape}")
    t = np.linspace(start, end, int(positive("points", points)))
    axes = axes_or_new(ax)
    diabatic = np.diagonal(model.hamiltonian(t), axis1=-2, axis2=-1).real
    many = model.n_levels > len(COLOURS)
    for k, energy in enumerate(diabatic.T):
        name = "diabatic" if many else f"diabatic {k}"
        axes.plot(
            t,
            energy,
            "--",
            color=COLOURS[0 if many else k],
            lw=1,
            label=None if many and k else name,
        )
    for k, energy in enumerate(model.energies(t).T):
        axes.plot(t, energy, color="0.2", lw=1.5, label="adiabatic" if k == 0 else None)
    _mark_crossings(axes, model, start, end)
    axes.set(
        xlabel=label("time", time_unit),
        ylabel=label("energy", f"rad/{time_unit}" if time_unit else None),
    )
    # Beside the lines, which leave no room where they cross.
    axes.legend(frameon=False, fontsize="small", loc="upper left", bbox_to_anchor=(1.0, 1.0))
    return axes


def _mark_crossings(axes: Axes, model: Model, start: float, end: float) -> None:
    found = model.crossings(start, end)
    if found.sizes["crossing"]:
        energies = model.energies(found.time.values)
        pair = np.stack([found.lower.values, found.upper.values], axis=-1)
        middle = np.take_along_axis(energies, pair, axis=-1).mean(axis=-1)
        name = "avoided crossing"
        axes.plot(found.time.values, middle, "o", color="0.2", mfc="none", ms=9, label=name)


def populations(
    evolution: xr.Dataset,
    ax: Axes | None = None,
    *,
    basis: str = "diabatic",
    time_unit: str | None = None,
) -> Axes:
    """Draw populations against time, with their error as a band.

    Parameters
    ----------
    evolution : xarray.Dataset
        From `lzopen.evolve`, or from `lzopen.noise_average` with ``times``.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure if left out.
    basis : {"diabatic", "adiabatic"}
        Which populations.
    time_unit : str, optional
        Shown on the axis.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    LzopenError
        If the basis is unknown.

    Examples
    --------
    >>> import numpy as np, lzopen as lz
    >>> qubit = lz.TwoLevel(sweep=lz.Linear(1.0), gap=1.0)
    >>> ax = lz.plotting.populations(lz.evolve(qubit, times=np.linspace(-5, 5, 11)))
    >>> ax.get_ylabel()
    'population'
    """
    choice("basis", basis, ("diabatic", "adiabatic"))
    if "survival" not in evolution or "time" not in evolution.dims:
        shown = f"a Dataset of {', '.join(map(str, evolution))}"
        must = "come from lz.evolve, or from lz.noise_average with times="
        fail("evolution", must, shown)
    axes = axes_or_new(ax)
    is_diabatic = basis == "diabatic"
    name, off = (
        ("population", "error") if is_diabatic else ("adiabatic_population", "adiabatic_error")
    )
    values = evolution[name].transpose(..., "time").values
    t = evolution["time"].values
    for k, (colour, curve) in enumerate(zip(_colours(len(values)), values, strict=True)):
        axes.plot(t, curve, color=colour, label=f"{basis} {k}")
        if off in evolution:
            error = evolution[off].values[:, k]
            axes.fill_between(t, curve - error, curve + error, color=colour, alpha=0.25, lw=0)
    if evolution["survival"].values.min() < 1 - 1e-3:
        axes.plot(t, evolution["survival"], color="0.2", ls=":", label="survival")
    axes.set(xlabel=label("time", time_unit), ylabel="population", ylim=(-0.03, 1.03))
    axes.legend(frameon=False, fontsize="small")
    return axes


def _colours(count: int) -> list[str]:
    return [COLOURS[k % len(COLOURS)] for k in range(count)]
