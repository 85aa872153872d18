"""The map that a device would show: from the numbers of an experiment to a signal per pixel."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from scipy.interpolate import CubicSpline

from lzopen.characterization.maps.mirror import parity_of_average
from lzopen.characterization.maps.slow import coherence_rate, slow_average
from lzopen.characterization.maps.twin import Averaged, has_twin
from lzopen.characterization.parts import Parts
from lzopen.models import vary
from lzopen.waveforms.base import Array

__all__ = ["FINE", "Forward"]

FINE = 2.5  # points of the grid of the bias to the narrowest width, for an error of 4e-5
_SLACK = 1.15  # by which a resonance may become narrower, before the grid does
_REACH = 6.0  # deviations of slow noise, by which the grid reaches beyond the map
_KEPT = 16  # maps that are remembered, so that what leaves the physics alone costs nothing
_MOST = 8_000  # points of the grid along the bias
_SMOOTH = 1e-2  # share of what rows differ by, that may be lost in drawing a map through some


@dataclass(eq=False)
class Forward:
    """Signal over two knobs, the second of which is the bias.

    Parameters
    ----------
    rows, columns : ndarray
        Settings of both knobs.
    names : (str, str)
        The parameters of the model that they move.
    level : int
        Whose population is read.
    tol : float
        Error of a population to aim for.
    stand_in : bool
        Whether rates are averaged over a period, which is far cheaper than a moving basis.
    averages : bool
        Whether the protocol averages a steady state over a period, and maps may mirror themselves.
    fine : float
        Points of the grid of the bias to the width of the narrowest resonance: 2.5 for an error of
        4e-5, 1.5 for 4e-4, root mean square, and far less if slow noise is as broad.
    step : float
        Of that grid.
    every_row : bool
        Whether slopes are solved at every row, rather than at as few as a smooth map needs.
    """

    rows: Array
    columns: Array
    names: tuple[str, str]
    level: int
    tol: float
    stand_in: bool = False
    averages: bool = False
    fine: float = FINE
    step: float = np.inf
    every_row: bool = False
    _known: OrderedDict[Any, Array] = field(default_factory=OrderedDict, repr=False)

    def with_settings(self, rows: Array, columns: Array) -> Forward:
        """The same at other settings of the knobs."""
        return replace(self, rows=rows, columns=columns, _known=OrderedDict())

    def averaged(self) -> Forward:
        """With rates averaged over a period, which is far cheaper than a moving basis."""
        return replace(self, stand_in=True, _known=OrderedDict())

    def stepped(self, parts: Parts) -> bool:
        """Whether maps are stepped in time, which takes a hundred times longer."""
        return has_twin(parts.model) and not self.stand_in

    def refine(self, parts: Parts) -> bool:
        """Make the grid of the bias fine enough for these values; whether it had to change.

        It stays below so many points for values that no map resolves, which a descent may try.
        """
        _, bias = self.energies(parts)
        reach = np.ptp(bias) + 2 * _REACH * parts.others["noise"].sigma
        wanted = max(coherence_rate(parts.model) / self.fine, reach / _MOST)
        if self.step <= _SLACK * wanted:
            return False
        self.step = wanted
        return True

    def resolves(self, parts: Parts) -> bool:
        """Whether the grid of the bias is as fine as these values ask for."""
        return self.step <= 2 * coherence_rate(parts.model) / self.fine

    def omega(self, parts: Parts) -> float:
        """Angular frequency of the drive; zero of one without a period."""
        period = parts.model.period
        return 2 * np.pi / float(period) if period else 0.0

    def energies(self, parts: Parts) -> tuple[Array, Array]:
        """Of the drive at all rows, and of the bias at all columns."""
        drive, bias = (parts.others[name] for name in self.names)
        return drive(self.rows, self.omega(parts)), bias(self.columns)

    def signal(self, parts: Parts, shift: Array | None = None) -> Array:
        """What the instrument shows, (rows, columns); each row's bias may be shifted.

        A shift is in units of the knob.
        """
        drive, bias = self.energies(parts)
        if shift is not None:
            line = parts.others[self.names[1]]
            bias = line(self.columns - shift[:, None])
        readout = parts.others["readout"]
        return np.asarray(readout(self.population(parts, drive, bias), self.columns))

    def slopes(
        self, parts: Parts, steps: Mapping[str, float], shift: Array | None = None
    ) -> dict[str, Array]:
        """How the signal changes with numbers, by their full names, from steps of these sizes.

        What takes a new solution may be solved at some rows, with smooth curves between them:
        of the slope itself, or of its distance from that of a cheap stand-in.
        """
        base = self.signal(parts, shift)
        free_of_charge = ["readout"]
        if shift is not None or parts.others["noise"].sigma > 0:
            free_of_charge += ["noise", self.names[1]]
        twin = self.averaged() if self.stepped(parts) else None
        known = 0 * base if twin is None else twin.signal(parts, shift)
        few = self._enough_rows(base, base - known)
        some = replace(self, rows=self.rows[few])
        moved = None if shift is None else shift[few]
        found = {}
        for full, step in steps.items():
            near = parts.with_values({full: parts.value(full) + step})
            if full.rpartition(".")[0] in free_of_charge or few.size == self.rows.size:
                found[full] = (self.signal(near, shift) - base) / step
            else:
                change = some.signal(near, moved) - base[few]
                guess = known if twin is None else twin.signal(near, shift) - known
                rest = CubicSpline(self.rows[few], change - guess[few])(self.rows)
                found[full] = (guess + rest) / step
        return found

    def _enough_rows(self, image: Array, rest: Array) -> Array:
        """Indices of rows, through which a cubic spline gives a part of this map at all rows."""
        everything = np.arange(self.rows.size)
        if self.every_row or np.any(np.diff(self.rows) <= 0):
            return everything
        for stride in (8, 6, 4, 3, 2):
            few = np.unique(np.append(everything[::stride], everything[-1:]))
            if few.size < 8:
                continue
            lost = CubicSpline(self.rows[few], rest[few])(self.rows) - rest
            if lost.std() < _SMOOTH * (image - image.mean(axis=0)).std():
                return few
        return everything

    def population(self, parts: Parts, drive: Array, bias: Array) -> Array:
        """Population at these energies, averaged over slow noise of the bias.

        ``bias`` has one axis for all rows, or one row for each.
        """
        sigma = parts.others["noise"].sigma
        if sigma == 0 and bias.ndim == 1:
            return self.solved(parts, drive, bias)
        if not np.isfinite(self.step):
            self.refine(parts)
        reach = _REACH * sigma + 3 * self.step
        first = 16 * int(np.floor((bias.min() - reach) / self.step / 16))
        last = 16 * int(np.ceil((bias.max() + reach) / self.step / 16))
        grid = self.step * np.arange(first, last + 1)
        return slow_average(self.solved(parts, drive, grid), grid[0], self.step, sigma, bias)

    def solved(self, parts: Parts, drive: Array, bias: Array) -> Array:
        """Population at these energies without slow noise."""
        numbers = tuple(parts.model.parameters.items())
        key = (numbers, parts.others["protocol"], drive.tobytes(), bias.tobytes())
        if key not in self._known:
            self._known[key] = self._mirrored(parts, drive, bias)
        self._known.move_to_end(key)
        if len(self._known) > _KEPT:
            self._known.popitem(last=False)
        return self._known[key]

    def _mirrored(self, parts: Parts, drive: Array, bias: Array) -> Array:
        """Solved at biases of one sign where the other one follows from it."""
        parity = parity_of_average(parts.model) if self.averages else 0
        if not parity or bias.size < 2:
            return self._solved(parts, drive, bias)
        half, place = np.unique(np.abs(bias), return_inverse=True)
        found = self._solved(parts, drive, half)[:, place]
        return np.where((bias < 0) & (parity < 0), 1 - found, found)

    def _solved(self, parts: Parts, drive: Array, bias: Array) -> Array:
        batch = vary(parts.model, dict(zip(self.names, (drive, bias), strict=True)))
        protocol = parts.others["protocol"]
        if self.stand_in:
            protocol = Averaged(protocol)
        return protocol.population(batch, self.level, self.tol).reshape(drive.size, bias.size)
