"""Pixels of a measured map: its two axes, and the points that its signal makes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import xarray as xr

from lzopen import errors
from lzopen.characterization.points import Points, pool
from lzopen.waveforms.base import Array

__all__ = ["Pixels", "read_pixels"]


class Pixels(NamedTuple):
    """Settings along both axes, where there is a signal, and the points of those pixels."""

    dims: tuple[str, str]
    rows: Array
    columns: Array
    known: Array  # (rows, columns), of bool
    points: Points
    coordinates: dict[str, xr.Variable]

    @property
    def image(self) -> Array:
        """The signal (rows, columns), NaN where it is missing."""
        return self.on_grid(self.points.signal)

    def on_grid(self, values: Array) -> Array:
        """One value per known pixel as an image, NaN elsewhere."""
        image = np.full(self.known.shape, np.nan)
        image[self.known] = values
        return image


def read_pixels(measured: Any, dims: Sequence[str]) -> Pixels:
    """Take the signal of a Dataset over two axes, with its noise."""
    data = measured.to_dataset(name="signal") if isinstance(measured, xr.DataArray) else measured
    errors.instance("measured", data, xr.Dataset, "e.g. from lz.load_measurement")
    for name in ("signal", *dims):
        if name not in data:
            found = ", ".join(map(str, [*data.data_vars, *data.dims]))
            remedy = f"rename one of {found}, or name the axes by `axes`"
            errors.fail("measured", f"have {name!r}", "without it", remedy)
    rows, columns = (errors.finite(name, data[name].values) for name in dims)
    shape = (rows.size, columns.size)
    signal = _spread(data["signal"], data, dims)
    at = np.broadcast_to(np.arange(rows.size * columns.size).reshape(*shape, 1), signal.shape)
    shots = _spread(data["shots"], data, dims) if "shots" in data else None
    sigma = _spread(data["sigma"], data, dims) if "sigma" in data else None
    missing = np.isnan(signal)
    place = {name: data[name].values for name in dims}
    _require("signal", ~np.isinf(signal), signal, place, "write NaN where a pixel is missing")
    if shots is not None:
        counted = missing | np.isfinite(shots)
        _require("shots", counted, shots, place, "write 0 where there are no trials")
        missing |= shots == 0
    if sigma is not None:
        stated = missing | np.isfinite(sigma)
        _require("sigma", stated, sigma, place, "state one wherever there is a signal")
    good = ~missing
    if not good.any():
        errors.fail("measured", "hold a signal", "all missing", "check how it was loaded")
    points = pool(
        at[good],
        signal=signal[good],
        shots=None if shots is None else shots[good],
        sigma=None if sigma is None else sigma[good],
        axis="pixel",
    )
    known = good.any(axis=-1).reshape(shape)
    coordinates = {name: data[name].variable for name in dims}
    return Pixels((dims[0], dims[1]), rows, columns, known, points, coordinates)


def _require(
    name: str, good: Array, values: Array, place: Mapping[str, Array], remedy: str
) -> None:
    if not good.all():
        at = tuple(np.argwhere(~good)[0])
        knobs = zip(place.items(), at, strict=False)  # repetitions are no knob
        where = " and ".join(f"{knob} = {setting[i]:g}" for (knob, setting), i in knobs)
        errors.fail(name, "be finite", f"{values[at]:g} at {where}", remedy)


def _spread(values: xr.DataArray, data: xr.Dataset, dims: Sequence[str]) -> Array:
    """Values over both axes and all repetitions, (rows, columns, repetitions)."""
    like = data["signal"]
    others = [dim for dim in like.dims if dim not in dims]
    full = values.broadcast_like(like).transpose(*dims, *others)
    return full.values.reshape(*full.shape[:2], -1)
