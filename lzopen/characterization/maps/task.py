"""Measured maps, and the experiment that is to explain them, as one problem to minimise."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from lzopen.characterization.maps.forward import FINE, Forward
from lzopen.characterization.maps.pixels import Pixels
from lzopen.characterization.minimum import Problem, Quantity, Values
from lzopen.characterization.names import still
from lzopen.characterization.parts import Parts
from lzopen.characterization.priors import with_priors
from lzopen.conventions import dBm_to_volt
from lzopen.waveforms.base import Array

__all__ = ["MapTask", "Shown"]

_THIN = 45  # rows and columns of a thinned map, about
_WIDEST, _NARROWEST = 50.0, 1e-4  # of a rate or an energy, in units of the drive
_SLOWEST = 5.0  # of slow noise, beyond which nothing of a sideband is left
_EXTENSIONS = (".compression", ".delay", ".slope", ".sigma")
_STEP = 3e-4  # of a number, for slopes


@dataclass(frozen=True, eq=False)
class Shown:
    """One map: what was measured, and the experiment that showed it.

    ``names`` gives the full name of a fitted number in ``parts``, by its name in the fit;
    ``drift`` is the standard deviation of the zero of the bias from row to row, and ``rows`` names
    the shift of each row.
    """

    pixels: Pixels
    parts: Parts
    forward: Forward
    names: Mapping[str, str]
    drift: float = 0.0
    number: int = 0

    @property
    def rows(self) -> dict[str, int]:
        """Names of the shifts of the rows, where they drift."""
        seen = np.flatnonzero(self.pixels.known.any(axis=1)) if self.drift else ()
        return {f"shift[{self.number},{row}]": int(row) for row in seen}

    def with_values(self, values: Mapping[str, float]) -> Parts:
        """All parts with the fitted numbers."""
        return self.parts.with_values({f: values[n] for n, f in self.names.items()})

    @property
    def held(self) -> dict[str, float]:
        """Single numbers that are neither fitted nor moved by an axis, by full name.

        Extensions of lines and readout, and slow noise, do not count where there are none.
        """
        moved = {self.parts.resolve(name) for name in self.forward.names}
        # no power has no dBm
        moved |= {f"{n}.zero" for n in self.forward.names if self.parts.others[n].unit == "dBm"}
        numbers = still(self.parts.numbers, {*moved, *self.names.values()})
        return {n: v for n, v in numbers.items() if v or not n.endswith(_EXTENSIONS)}

    def unit(self, full: str) -> float:
        """Typical size of a number that may be zero, or 0 where only itself can tell."""
        part, _, own = full.rpartition(".")
        knobs = dict(zip(self.forward.names, (self.pixels.rows, self.pixels.columns), strict=True))
        if full == "readout.slope":
            return 0.1 / (float(np.ptp(self.pixels.columns)) or 1.0)
        if part not in knobs or own not in ("zero", "compression"):
            return 0.0
        line, knob = self.parts.others[part], knobs[part]
        signal = dBm_to_volt(knob) if line.unit == "dBm" else knob
        span = float(np.ptp(signal)) or self.forward.omega(self.parts) / abs(line.lever_arm)
        return 0.1 * span if own == "zero" else 0.1 / span**2

    def shifts(self, values: Mapping[str, float]) -> Array | None:
        """By how much the zero of the bias has moved in each row."""
        if not self.drift:
            return None
        shifts = np.zeros(self.pixels.rows.size)
        for name, row in self.rows.items():
            shifts[row] = values[name]
        return shifts

    def signal(self, values: Mapping[str, float]) -> Array:
        """What the instrument would show, at the pixels that were measured."""
        shifts = self.shifts(values)
        return self.forward.signal(self.with_values(values), shifts)[self.pixels.known]

    def slopes(self, values: Mapping[str, float], steps: Mapping[str, float]) -> Array:
        """How the residuals change with these numbers, from steps of these sizes."""
        parts, shifts = self.with_values(values), self.shifts(values)
        known, base = self.pixels.known, self.forward.signal(parts, shifts)
        wanted = {full: steps[name] for name, full in self.names.items() if name in steps}
        found = self.forward.slopes(parts, wanted, shifts)
        slopes = np.zeros((*known.shape, len(steps)))
        at = {name: i for i, name in enumerate(steps)}
        for name, full in self.names.items():
            if name in at:
                slopes[..., at[name]] = found[full]
        rows = {name: row for name, row in self.rows.items() if name in at}
        if shifts is not None and rows:
            step = steps[next(iter(rows))]
            along = (self.forward.signal(parts, shifts + step) - base) / step
            for name, row in rows.items():
                slopes[row, :, at[name]] = along[row]
        return slopes[known] * self.pixels.points.slope(base[known])[:, None]

    @property
    def stepped(self) -> bool:
        """Whether its map is stepped in time, which takes a hundred times longer."""
        return self.forward.stepped(self.parts)

    @property
    def needs_grid(self) -> bool:
        """Whether the map is read from a grid of the bias that is finer than its columns."""
        slow = self.parts.others["noise"].sigma > 0 or "noise.sigma" in self.names.values()
        return slow or self.drift > 0

    def exact(self) -> Shown:
        """With slopes solved at every row, on the finest grid."""
        return replace(self, forward=replace(self.forward, every_row=True, fine=FINE))

    def steady_rows(self) -> Shown:
        """Without any drift from row to row."""
        return replace(self, drift=0.0)

    def resized(self, factor: float) -> Shown:
        """With noise of unknown size multiplied by a factor."""
        points = self.pixels.points
        if points.known:
            return self
        points = replace(points, sigma=factor * points.sigma)
        return replace(self, pixels=self.pixels._replace(points=points))

    def thinned(self) -> Shown:
        """Every so many rows and columns, for a first look."""
        pixels, known = self.pixels, self.pixels.known
        rows, columns = (slice(None, None, max(1, round(n / _THIN))) for n in known.shape)
        chosen = np.zeros_like(known)
        chosen[rows, columns] = known[rows, columns]
        few = Pixels(
            pixels.dims,
            pixels.rows[rows],
            pixels.columns[columns],
            known[rows, columns],
            pixels.points.only(chosen[known]),
            {},
        )
        return replace(self, pixels=few, forward=self.forward.with_settings(few.rows, few.columns))

    def without_noise(self) -> Shown:
        """Without slow noise, whose width the dephasing takes on."""
        names = {name: full for name, full in self.names.items() if full != "noise.sigma"}
        return replace(self, parts=self.parts.with_values({"noise.sigma": 0.0}), names=names)

    def averaged(self) -> Shown:
        """With rates averaged over a period, which is far cheaper than a moving basis."""
        return replace(self, forward=replace(self.forward.averaged(), fine=FINE))


@dataclass(frozen=True, eq=False)
class MapTask:
    """Maps that share numbers."""

    maps: Sequence[Shown]
    priors: Mapping[str, tuple[float, float]]

    @property
    def names(self) -> dict[str, Shown]:
        """Names of what is fitted, each with the first map that knows it."""
        return {name: shown for shown in reversed(self.maps) for name in shown.names}

    def quantities(self) -> dict[str, Quantity]:
        """What is fitted."""
        found = {}
        for shown in self.maps:
            for name, full in shown.names.items():
                if name not in found:
                    found[name] = _quantity(shown, full)
            shift = Quantity(0.0, unit=shown.drift, prior=(0.0, shown.drift), nuisance=True)
            found |= dict.fromkeys(shown.rows, shift)
        return with_priors(found, self.priors)

    def problem(self, most_steps: int = 200, tolerance: float = 1e-3) -> Problem:
        """Residuals of all maps."""

        def residual(values: Values) -> Array:
            pairs = zip(self.maps, self.signals(values), strict=True)
            return np.concatenate([shown.pixels.points.residual(s) for shown, s in pairs])

        def by_chance(values: Values) -> Array:
            pairs = zip(self.maps, self.signals(values), strict=True)
            return np.hstack([shown.pixels.points.moments(s) for shown, s in pairs])

        return Problem(
            residual,
            self.quantities(),
            by_chance,
            slopes=self.slopes,
            tolerance=tolerance,
            most_steps=most_steps,
            costly=True,
        )

    def slopes(self, values: Values, names: Sequence[str]) -> Array:
        """How the residuals of all maps change with these numbers."""
        quantities = self.quantities()
        steps = {}
        for name in names:
            step = _STEP * abs(quantities[name].slope(values[name]))
            over = values[name] + step > quantities[name].upper
            steps[name] = -step if over else step
        return np.vstack([shown.slopes(values, steps) for shown in self.maps])

    def signals(self, values: Values) -> list[Array]:
        """What the instrument would show, map by map."""
        return [shown.signal(values) for shown in self.maps]

    def refine(self, values: Values) -> bool:
        """Make all grids fine enough for these values; whether one had to change."""
        changed = [
            shown.forward.refine(shown.with_values(values))
            for shown in self.maps
            if shown.needs_grid
        ]
        return any(changed)

    def changed(self, change: Callable[[Shown], Shown]) -> MapTask:
        """With every map changed."""
        maps = [change(shown) for shown in self.maps]
        names = {name for shown in maps for name in shown.names}
        return MapTask(maps, {name: p for name, p in self.priors.items() if name in names})


def _quantity(shown: Shown, full: str) -> Quantity:
    quantity = shown.parts.quantity(full, shown.names)
    value = quantity.value
    if full.endswith("lever_arm"):
        low, high = sorted([value / 10, 10 * value])
        return replace(quantity, lower=low, upper=high)
    if not quantity.log:
        return replace(quantity, unit=shown.unit(full) or quantity.unit)
    omega = shown.forward.omega(shown.parts) or value
    most = _SLOWEST * omega if full == "noise.sigma" else _WIDEST * max(omega, value)
    least = _NARROWEST * min(omega, value)
    return replace(quantity, lower=least, upper=max(most, 2 * value), unit=omega)
