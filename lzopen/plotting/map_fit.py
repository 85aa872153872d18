"""A fitted interferogram beside what was measured, and what is left over."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from lzopen.characterization import Fit
from lzopen.errors import fail
from lzopen.plotting.style import label, title

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_LEAST, _MOST = 3.0, 6.0  # standard errors at which the colours of residuals end
_FULL = 0.5  # of a grid, below which pixels are no map
_REMEDY = "from lz.fit_interferogram"


def map_fit(
    result: Fit, *, heading: str | None = None, simulated: bool = False
) -> tuple[Axes, ...]:
    """Draw the measured map, the model, and the residuals in standard errors, side by side.

    Several maps make one row of panels each. Measured map and model share their colours. White
    is a residual of zero; colours end at six standard errors. Missing pixels are grey.

    Parameters
    ----------
    result : Fit
        From `fit_interferogram`.
    heading : str, optional
        Before "measured" in the title.
    simulated : bool
        Whether the data are simulated, which the title then says.

    Returns
    -------
    tuple of matplotlib.axes.Axes
        Measured, model and residuals, map by map. Zooming into one of a row zooms all of them.

    Raises
    ------
    LzopenError
        If the fit is not one of maps over two axes, or the pixels of one fill no grid.

    Examples
    --------
    >>> import numpy as np, lzopen as lz
    >>> qubit = lz.TwoLevel(sweep=lz.Sinusoidal(amplitude=1.0, omega=1.0), gap=0.3)
    >>> device = qubit.with_environment(lz.Dephasing(0.1), lz.Decay(0.05, source=1, target=0))
    >>> fringes = lz.interferogram(
    ...     device, amplitude=np.linspace(0, 6, 9), bias=np.linspace(-4, 4, 17))
    >>> seen = fringes.population.sel(level=1).to_dataset(name="signal").assign(sigma=0.01)
    >>> fit = lz.fit_interferogram(seen, model=device, free=["gap"], starts=[{}])
    >>> measured, model, residuals = lz.plotting.map_fit(fit)
    >>> residuals.get_xlabel(), measured.get_ylabel()
    ('bias (rad / time)', 'amplitude (rad / time)')
    """
    from matplotlib.figure import Figure

    maps = _maps(result)
    # a bare Figure is collected with its Axes; pyplot would keep it open for ever
    figure = Figure(figsize=(11.5, 0.5 + 3.0 * len(maps)), layout="constrained")
    grid = figure.subplots(len(maps), 3, squeeze=False, sharex="row", sharey="row")
    for number, (one, row) in enumerate(zip(maps, grid, strict=True)):
        name = heading if len(maps) == 1 else f"{heading or 'map'} {number}"
        _row(one, row, f"{name}, measured" if name else "measured", simulated)
    return tuple(grid.ravel())


def _row(one: xr.Dataset, row: Sequence[Axes], name: str, simulated: bool) -> None:
    """The three panels of a map."""
    both = [one["signal"].values, one["model"].values]
    shared = {"vmin": np.nanmin(both), "vmax": np.nanmax(both), "cmap": "viridis"}
    most = float(np.nanmax(np.abs(one["residual"].values), initial=0.0))
    end = min(max(most, _LEAST), _MOST)
    left = {"vmin": -end, "vmax": end, "cmap": "RdBu_r"}
    meshes = [
        _panel(one[part], axes, colours)
        for part, axes, colours in zip(
            ("signal", "model", "residual"), row, (shared, shared, left), strict=True
        )
    ]
    unit = one["signal"].attrs.get("units")
    figure: Any = row[0].figure
    figure.colorbar(meshes[1], ax=row[1]).set_label(label("signal", _known(unit)))
    beyond = "both" if most > end else "neither"
    figure.colorbar(meshes[2], ax=row[2], extend=beyond).set_label("standard errors")
    row[0].set_ylabel(_axis(one, 0))
    title(row[0], name, simulated)
    title(row[1], "model")
    title(row[2], "residuals")


def _panel(values: xr.DataArray, axes: Axes, colours: dict[str, Any]) -> Any:
    y, x = (values[dim] for dim in values.dims)
    axes.set_facecolor("0.8")
    mesh = axes.pcolormesh(x, y, values.values, shading="nearest", rasterized=True, **colours)
    axes.set_xlabel(_axis(values, 1))
    return mesh


def _axis(values: xr.Dataset | xr.DataArray, number: int) -> str:
    """Name and unit of an axis."""
    held = values["model"] if isinstance(values, xr.Dataset) else values
    coordinate = held[held.dims[number]]
    name = str(coordinate.name).replace("_", " ")
    return label(name, _known(coordinate.attrs.get("units")))


def _known(unit: Any) -> str | None:
    return None if unit in (None, "", "1") else str(unit)


def _maps(result: Fit) -> list[xr.Dataset]:
    """One Dataset over two axes for each map."""
    data = getattr(result, "dataset", None)
    if data is None or not {"signal", "model", "residual"} <= set(data.data_vars):
        fail("result", "be a fit of maps", type(result).__name__, _REMEDY)
    maps = data[["signal", "model", "residual"]]
    if maps["model"].ndim == 2:
        return [maps]
    if not {"pixel", "map"} <= {*maps.dims, *maps.coords}:
        must = "be a fit of maps over two axes"
        fail("result", must, f"one along {maps['model'].dims[0]}", "draw it by lz.plotting.fit")
    return [_grid(maps, number) for number in np.unique(maps["map"]).tolist()]


def _grid(data: xr.Dataset, number: int) -> xr.Dataset:
    """The pixels of one map on the grid of its axes."""
    one = data.isel(pixel=(data["map"] == number).values).drop_vars("map")
    knobs = [str(name) for name in one.coords if one[name].dims == ("pixel",)]
    rows = one.set_index(pixel=knobs)
    size = np.prod([np.unique(one[name]).size for name in knobs])
    count = one.sizes["pixel"]
    if len(knobs) != 2 or not rows.indexes["pixel"].is_unique or count < _FULL * size:
        shown = f"{count} pixels of map {number} over {' and '.join(knobs)}"
        remedy = "draw them from result.dataset, e.g. by matplotlib's scatter"
        fail("result", "hold pixels that form grids", shown, remedy)
    grid: xr.Dataset = rows.unstack("pixel").transpose(*knobs)
    return grid.assign_coords({name: grid[name].assign_attrs(data[name].attrs) for name in knobs})
