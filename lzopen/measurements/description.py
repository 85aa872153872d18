"""What the parts of a loaded measurement are: units, kinds, and its calibration points."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr

from lzopen.measurements.calibration import Calibration
from lzopen.measurements.units import shown

__all__ = ["describe"]


def describe(
    dataset: xr.Dataset,
    axes: dict[str, dict[str, str]],
    unit: str | None,
    calibration: Calibration | None,
) -> xr.Dataset:
    """The Dataset with attributes on its axes and signal, and with its calibration points.

    Parameters
    ----------
    dataset : xarray.Dataset
        The laid-out rows.
    axes : dict
        Attributes of each axis.
    unit : str, optional
        Unit of the signal in the source.
    calibration : Calibration, optional
        Points that go with it.

    Returns
    -------
    xarray.Dataset
    """
    for axis, attrs in axes.items():
        dataset[axis].attrs.update(attrs)
    kind = _kind(dataset, calibration)
    dataset["signal"].attrs["kind"] = kind
    units = {"signal": "1" if kind in ("fraction", "population") else unit, "raw": unit}
    units |= {"sigma": units["signal"], "shots": "1"}
    if calibration is not None:
        dataset = dataset.assign(_points(dataset, calibration))
        own = units["raw"] if "raw" in dataset else units["signal"]
        units |= {"calibration_zero": own, "calibration_one": own}
    for name, stated in units.items():
        if name in dataset and stated:
            dataset[name].attrs["units"] = shown(stated)
    return dataset


def _kind(dataset: xr.Dataset, calibration: Calibration | None) -> str:
    if "shots" in dataset:
        return "fraction"
    if calibration is not None:
        return "population"
    return "projection" if "raw" in dataset else "value"


def _points(dataset: xr.Dataset, calibration: Calibration) -> dict[str, Any]:
    """All readings of both states, with the error of each mean where readings were repeated."""
    points: dict[str, Any] = {}
    for state in ("zero", "one"):
        readings = getattr(calibration, state)
        place = calibration.population(readings)
        size = readings.size
        attrs = {"error": float(place.std(ddof=1) / np.sqrt(size))} if size > 1 else {}
        points[f"calibration_{state}"] = (f"{state}_reading", readings, attrs)
        shots = getattr(calibration, f"{state}_shots")
        if shots is not None:
            points[f"calibration_{state}_shots"] = (f"{state}_reading", shots)
    return points
