"""Pixels of an interferogram: populations, their noise, and how they follow from a rate."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr

from lzopen.errors import choice, fail, finite, increasing, not_negative, positive, probability
from lzopen.waveforms.base import Array

_DIMS = ("amplitude", "bias")
_LEAST = {"amplitude": 3, "bias": 8}  # values of an axis from which anything can be told
_CHECKS = {
    "shots": positive,
    "sigma": positive,
    "equilibrium": probability,
    "initial": probability,
}


@dataclass(frozen=True, eq=False)
class Pixels:
    """A map of populations; NaN is a missing pixel.

    Without a duration it is a steady state, rates are in units of 1/T1, and ``anchor`` is the
    population in equilibrium; a pulse of that duration starts from ``anchor``.
    """

    amplitude: Array  # (a,)
    bias: Array  # (b,)
    omega: float
    population: Array  # (a, b)
    anchor: Array  # (a, b)
    duration: float | None
    shots: Array | None  # (a, b)
    sigma: Array | None  # (a, b)

    @property
    def seen(self) -> Array:
        """Pixels that were measured."""
        return np.isfinite(self.population)

    @property
    def step(self) -> float:
        """The usual step along the bias."""
        return float(np.median(np.diff(self.bias)))

    def expected(self, W: Array) -> Array:
        """Population at this rate."""
        contrast = 1 - 2 * self.anchor
        if self.duration is None:
            return 0.5 - 0.5 * contrast / (1 + 2 * W)
        return 0.5 - 0.5 * contrast * np.exp(-2 * W * self.duration)

    def slope(self, W: Array) -> Array:
        """dP/dW at this rate."""
        contrast = 1 - 2 * self.anchor
        if self.duration is None:
            return contrast / np.square(1 + 2 * W)
        return contrast * self.duration * np.exp(-2 * W * self.duration)

    def noise(self, P: Array) -> tuple[Array, Array]:
        """Weight of each pixel where P is expected, 0 where missing, and its variance.

        The weight is one over the variance, but of binomial noise half a yes and half a no
        more, lest a pixel that expects no count decides all when it gets one.
        """
        if self.shots is None:
            variance = np.ones(P.shape) if self.sigma is None else self.sigma**2
            return np.where(self.seen, 1 / variance, 0.0), variance
        smooth = (self.shots * P + 0.5) / (self.shots + 1)
        weight = self.shots / (smooth * (1 - smooth))
        return np.where(self.seen, weight, 0.0), P * (1 - P) / self.shots


def population(
    fringes: Any, level: int, duration: float | None
) -> tuple[xr.DataArray, float | None]:
    """The map itself, and the gap that its record knows."""
    remedy = "from lz.interferogram, or a DataArray with the dimensions amplitude and bias"
    if not isinstance(fringes, (xr.Dataset, xr.DataArray)):
        fail("fringes", "be a Dataset or a DataArray", repr(type(fringes)), remedy)
    record = json.loads(fringes.attrs.get("lzopen", "{}"))
    kind, gap = record.get("kind"), record.get("parameters", {}).get("gap")
    if kind in ("pulse", "train") and duration is None:
        fail("duration", f"be given for a {kind}", None, "the time for which it drives")
    if kind in ("average", "stroboscopic") and duration is not None:
        fail("duration", "be left out for a steady state", duration)
    if isinstance(fringes, xr.Dataset):
        name = next((name for name in ("population", "signal") if name in fringes), None)
        if name is None:
            fail("fringes", "hold `population`", f"holding {list(fringes.data_vars)}", remedy)
        fringes = fringes[name]
    if "level" in fringes.dims:
        choice("level", level, fringes["level"].values.tolist())
        fringes = fringes.sel(level=level, drop=True)
    if set(fringes.dims) != set(_DIMS) or not set(_DIMS) <= set(fringes.coords):
        fail("fringes", "have the axes amplitude and bias", f"of axes {fringes.dims}", remedy)
    return fringes.transpose(*_DIMS), gap if isinstance(gap, float) else None


def anchor(duration: float | None, equilibrium: Any, initial: Any) -> dict[str, Any]:
    """Where the population starts from or settles, by name; the other one has no effect."""
    name, value = ("equilibrium", equilibrium) if duration is None else ("initial", initial)
    if duration is None and initial is not None:
        fail("initial", "come with `duration`", initial, "a steady state forgets it")
    if duration is not None and equilibrium is not None:
        fail("equilibrium", "be left out for a pulse", equilibrium, "give `initial`")
    return {name: 0.0 if value is None else value}


def pixels(P: xr.DataArray, omega: float, duration: float | None, given: dict[str, Any]) -> Pixels:
    """All that is known of each pixel, along sorted axes."""
    if given["shots"] is not None and given["sigma"] is not None:
        fail("sigma", "come alone", "joined by `shots`", "give one kind of noise")
    if np.iscomplexobj(P):
        remedy = "load I and Q by lz.load_measurement, which projects them"
        fail("fringes", "be real", "complex", remedy)
    maps = {"population": P}
    for name, value in given.items():
        if value is not None:
            maps[name] = _on_map(name, value, P)
    ordered = {name: part.sortby(list(_DIMS)) for name, part in maps.items()}
    seen = ordered.pop("population").values.astype(float)
    if given["shots"] is not None:
        counted = ordered["shots"] != 0
        seen = np.where(counted.values, seen, np.nan)
        ordered["shots"] = ordered["shots"].where(counted, 1.0)
    arrays = {name: _CHECKS[name](name, part.values) for name, part in ordered.items()}
    check = finite if given["shots"] is None else probability
    known = ~np.isnan(seen)
    check("population", np.where(known, seen, 0.0), "NaN is a missing pixel")
    axes = {
        name: increasing(name, P[name].sortby(name).values, least=_LEAST[name]) for name in _DIMS
    }
    not_negative("amplitude", axes["amplitude"], "a drive of opposite sign is a shift of its phase")
    if known.sum() < 10 or np.ptp(seen[known]) == 0:
        fail("population", "vary over at least 10 pixels", seen[known][:1], "it shows no fringes")
    return Pixels(
        **axes,
        omega=omega,
        population=seen,
        anchor=arrays["equilibrium" if duration is None else "initial"],
        duration=duration,
        shots=arrays.get("shots"),
        sigma=arrays.get("sigma"),
    )


def _on_map(name: str, value: Any, P: xr.DataArray) -> xr.DataArray:
    """One value for each pixel."""
    if isinstance(value, xr.DataArray):
        if not set(value.dims) <= set(_DIMS):
            fail(name, "have the axes amplitude and bias", f"of axes {value.dims}")
        return value.reindex_like(P).broadcast_like(P).transpose(*_DIMS)
    numbers = finite(name, value)
    try:
        return P.copy(data=np.broadcast_to(numbers, P.shape))
    except ValueError:
        fail(name, f"fit the map of shape {P.shape}", f"of shape {np.shape(value)}")
