"""Where the energy levels of a model come close along its sweep."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr
from scipy.optimize import minimize_scalar

from lzopen.models.parameters import describe
from lzopen.models.stepping import check_window
from lzopen.results import label
from lzopen.waveforms.base import Array

if TYPE_CHECKING:
    from lzopen.models.base import Model

_POINTS = 2000
_SEEN = 1e-14  # of the energies: shallower minima are round-off


def find_crossings(model: Model, t0: float, t1: float) -> xr.Dataset:
    """Minima of the distances of neighbouring energies; see `Model.crossings`."""
    start, end = check_window(t0, t1)
    t = _times(model, start, end)
    energies = model.energies(t)
    found = [
        _refined(model, lower, t[i - 1], t[i + 1], t[i])
        for lower, gap in enumerate(np.diff(energies, axis=-1).T)
        for i in _minima(gap, _SEEN * np.ptp(energies))
    ]
    found.sort(key=lambda row: (row["time"], row["lower"]))
    columns = {name: [row[name] for row in found] for name in ("lower", "gap", "slope_difference")}
    data = xr.Dataset(
        {name: ("crossing", np.array(column)) for name, column in columns.items()}
        | {"levels": (("crossing", "pair"), np.reshape([r["levels"] for r in found], (-1, 2)))},
        coords={"time": ("crossing", np.array([row["time"] for row in found], dtype=float))},
    )
    return label(data, parameters=model.parameters, model=describe(model), quantity="crossings")


def _times(model: Model, start: float, end: float) -> Array:
    """A grid that resolves the bends of the waveforms, with a point at each kink."""
    scale = min(w.time_scale(start, end) for _, w in model.terms)
    count = int(np.ceil(max(_POINTS, 8 * (end - start) / scale)))
    return np.union1d(np.linspace(start, end, count + 1), model.kinks(start, end))


def _minima(gap: Array, depth: float) -> Array:
    """Indices of points that lie below both neighbours by more than round-off."""
    before, here, after = gap[:-2], gap[1:-1], gap[2:]
    deep = np.maximum(before, after) - here > depth
    return 1 + np.flatnonzero((here < before) & (here <= after) & deep)


def _refined(model: Model, lower: int, low: float, high: float, guess: float) -> dict[str, Any]:
    """One minimum, with the two-level crossing that it looks like from close by."""

    def gap(time: float) -> float:
        energies = model.energies(time)
        return float(energies[lower + 1] - energies[lower])

    result = minimize_scalar(gap, bounds=(low, high), method="bounded", options={"xatol": 1e-9})
    time = min((float(result.x), guess), key=gap)
    pair = model.eigenstates(time)[1][:, lower : lower + 2]
    slopes = np.linalg.eigvalsh(pair.conj().T @ model.dH(time) @ pair)
    weight = (np.abs(pair) ** 2).sum(axis=1)
    return {
        "time": time,
        "lower": lower,
        "gap": gap(time),
        "slope_difference": float(slopes[1] - slopes[0]),
        "levels": sorted(np.argsort(-weight, kind="stable")[:2].tolist()),
    }
