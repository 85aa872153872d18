"""Measured decays of several pulse sequences, each with a contrast and an offset of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from lzopen import errors
from lzopen.characterization.decays.columns import Columns, read_columns
from lzopen.characterization.decays.fitting import fit_decay
from lzopen.characterization.minimum import Quantity, Values
from lzopen.characterization.points import Points, pool
from lzopen.measurements.units import plain, shown
from lzopen.noise import PulseSequence

__all__ = ["Trace", "check_units", "read_decays", "read_relaxation"]

Array = NDArray[Any]
_NAMED = {"ramsey": 0, "echo": 1}
_KEYS = ("sequence", "delay", "signal", "shots", "sigma", "oscillations")
_EXAMPLE = "e.g. {'echo': {'sequence': 'echo', 'delay': t, 'signal': p, 'shots': 1000}}"
_LEAST = 4  # delays of a decay
_RIDGE = 1e-9  # keeps curves that the data cannot tell apart solvable


@dataclass(frozen=True, eq=False)
class Trace:
    """One decay: offset + W (contrast, or contrast · cos ωt + sine · sin ωt).

    Parameters
    ----------
    name : str
        Before the names of its own numbers.
    points : Points
        What was measured.
    sequence : PulseSequence or None
        With the delays as durations; None of the decay of a population, whose W = e^{−t/T1}.
    omega : float or None
        About the angular frequency of its fringes; None if there are none.
    sized : bool
        Whether the size of its noise had to be taken from the residuals of a smooth fit.
    units : str
        Of the delays, where it is known.
    """

    name: str
    points: Points
    sequence: PulseSequence | None
    omega: float | None = None
    sized: bool = False
    units: str = ""

    def quantities(self) -> dict[str, Quantity]:
        """Contrast, offset and fringes, which nobody asks for."""
        size = float(np.std(self.points.signal)) or 1.0
        names = ("contrast", "offset") if self.omega is None else ("contrast", "sine", "offset")
        found = {f"{self.name}.{key}": Quantity(0.0, unit=size, nuisance=True) for key in names}
        if self.omega is not None:
            unit = 1 / float(self.points.x[-1])
            found[f"{self.name}.omega"] = Quantity(self.omega, 0.0, unit=unit, nuisance=True)
        return found

    def fringes(self, values: Values) -> Array | float:
        """What the coherence multiplies."""
        wave = values[f"{self.name}.contrast"]
        if self.omega is None:
            return wave
        phase = values[f"{self.name}.omega"] * self.points.x
        return wave * np.cos(phase) + values[f"{self.name}.sine"] * np.sin(phase)

    def curve(self, values: Values, coherence: Array) -> Array:
        """The signal, of a given W."""
        return np.asarray(values[f"{self.name}.offset"] + coherence * self.fringes(values))

    def linear(self, coherence: Array) -> tuple[Array, list[Values]]:
        """Best contrast and offset for each of many W (candidate, delay), and the χ² left over."""
        x, y, weight = self.points.x, self.points.signal, self.points.sigma**-2.0
        waves = [np.ones_like(x)]
        if self.omega is not None:
            waves = [np.cos(self.omega * x), np.sin(self.omega * x)]
        columns = np.stack([*(coherence * w for w in waves), np.ones_like(coherence)], axis=-1)
        weighted = columns * weight[:, None]
        matrix = np.swapaxes(weighted, -1, -2) @ columns + _RIDGE * weight.sum() * np.eye(
            len(waves) + 1
        )
        right = np.swapaxes(weighted, -1, -2) @ y
        found = np.linalg.solve(matrix, right[..., None])[..., 0]
        cost = weight @ y**2 - np.sum(found * right, axis=-1)
        names = [f"{self.name}.{key}" for key in ("contrast", "sine")[: len(waves)]]
        names.append(f"{self.name}.offset")
        return cost, [dict(zip(names, row.tolist(), strict=True)) for row in found]


def read_decays(decays: Any) -> list[Trace]:
    """One trace for each decay that was handed over by name."""
    if not isinstance(decays, Mapping) or not decays:
        errors.fail("decays", "be a mapping of names to decays", repr(decays), _EXAMPLE)
    return [_read(str(name), given) for name, given in decays.items()]


def read_relaxation(given: Any) -> Trace:
    """The decay of a population, from which T1 follows."""
    given = {"delay": given} if isinstance(given, xr.Dataset) else given
    _check_keys("relaxation", given, ("delay",), ("signal", "shots", "sigma"))
    return _trace("T1", "relaxation", given, None, 0)


def check_units(traces: Sequence[Trace]) -> None:
    """All delays are in one unit, as far as they say so."""
    units = {plain(trace.units): trace.name for trace in traces if trace.units}
    if len(units) > 1:
        found = " and ".join(f"{name!r} in {shown(unit)}" for unit, name in units.items())
        remedy = "load all with one `time_unit`"
        errors.fail("decays", "have all delays in one unit of time", found, remedy)


def _read(name: str, given: Any) -> Trace:
    argument = f"decays[{name!r}]"
    if not isinstance(given, Mapping):
        errors.fail(argument, "be a mapping", repr(given), _EXAMPLE)
    _check_keys(argument, given, _KEYS[:2], _KEYS[2:])
    pulses = _pulses(f"{argument}['sequence']", given["sequence"])
    free_decay = PulseSequence(1.0, pulses).imbalance != 0
    oscillations = given.get("oscillations", "auto" if free_decay else 0)
    errors.choice(f"{argument}['oscillations']", oscillations, ["auto", 0, 1])
    return _trace(name, argument, given, pulses, oscillations)


def _check_keys(argument: str, given: Mapping[str, Any], must: Any, may: Any) -> None:
    for key in given:
        errors.choice(argument, key, [*must, *may])
    if missing := [key for key in must if key not in given]:
        errors.fail(argument, f"hold {', '.join(must)}", f"without {missing[0]}", _EXAMPLE)


def _pulses(argument: str, sequence: Any) -> Any:
    """Number of π pulses, or their places."""
    if isinstance(sequence, PulseSequence):
        return sequence.pulses
    if isinstance(sequence, str) and sequence in _NAMED:
        return _NAMED[sequence]
    try:
        return PulseSequence(1.0, sequence).pulses
    except (errors.LzopenError, ValueError):
        remedy = "or a number of π pulses, their places as fractions, or a lz.PulseSequence"
        errors.fail(argument, "be 'ramsey' or 'echo'", repr(sequence), remedy)


def _trace(
    name: str, argument: str, given: Mapping[str, Any], pulses: Any, oscillations: Any
) -> Trace:
    try:
        signal, shots, sigma = (given.get(key) for key in ("signal", "shots", "sigma"))
        rows = read_columns(given["delay"], signal, shots, sigma, None)
        points = pool(rows.delay, signal=rows.signal, shots=rows.shots, sigma=rows.sigma)
        errors.not_negative("delay", points.x, "count it from where the sequence starts")
    except errors.LzopenError as error:
        raise errors.LzopenError(f"In `{argument}`: {error}") from error
    if points.x.size < _LEAST:
        must = f"hold at least {_LEAST} distinct delays"
        errors.fail(argument, must, f"holding {points.x.size}", "measure more")
    sequence = None if pulses is None else PulseSequence(points.x, pulses)
    trace = Trace(name, points, sequence, units=rows.units or _units(given["delay"]))
    if oscillations == 0 and points.known:
        return trace
    return _explored(trace, argument, rows, oscillations)


def _units(delay: Any) -> str:
    return str(getattr(delay, "attrs", {}).get("units", ""))


def _explored(trace: Trace, argument: str, rows: Columns, oscillations: Any) -> Trace:
    """With the frequency of its fringes, and the noise that a smooth curve leaves over."""
    least = 7 if oscillations == 1 else 5
    if trace.points.x.size <= least:
        if trace.points.known and oscillations == "auto":
            return trace
        must = f"hold more than {least} distinct delays"
        remedy = "measure more, or give `shots` or `sigma` and `oscillations` = 0"
        errors.fail(argument, must, f"holding {trace.points.x.size}", remedy)
    envelope = "exponential" if trace.sequence is None else "stretched"
    found = fit_decay(
        rows.delay,
        signal=rows.signal,
        shots=rows.shots,
        sigma=rows.sigma,
        envelope=envelope,
        oscillations=oscillations,
    )
    omega = found.minimum.values.get("omega")
    points = trace.points
    if not points.known:
        points = replace(points, sigma=np.asarray(found.dataset["sigma"]), known=True)
    return replace(trace, points=points, omega=omega, sized=not trace.points.known)
