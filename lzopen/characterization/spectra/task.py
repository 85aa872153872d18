"""Decays and the noise that is to explain them: what a fit of a spectrum minimises."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lzopen import errors
from lzopen.characterization.decays.fitting import fit_decay
from lzopen.characterization.minimum import Problem, Quantity, Values
from lzopen.characterization.names import free_names
from lzopen.characterization.points import Points
from lzopen.characterization.priors import checked_priors, with_priors
from lzopen.characterization.spectra.data import Trace
from lzopen.characterization.spectra.decay import EXPONENTS, SCALES, Exponents, parts_of
from lzopen.models.parameters import assign, collect, member_names, resolve
from lzopen.noise import Noise

__all__ = ["Relaxation", "Task"]

Array = NDArray[Any]
_WALLS = (1e-5, 1e5)  # decay exponents at the last delay, between which scales stay
_FAR = 1e9  # factor by which times and frequencies may leave those of the data
_CLOSE = 1.001  # ratio of two cut-offs that may not meet


@dataclass(frozen=True, eq=False)
class Relaxation:
    """What is known of T1: a value with its error, a decay, nothing, or that it is infinite."""

    value: float | None = None
    error: float = 0.0
    trace: Trace | None = None
    unknown: bool = False

    def quantity(self, longest: float) -> Quantity | None:
        """T1 as something to fit."""
        if self.trace is not None:
            points = self.trace.points
            found = fit_decay(
                points.x, signal=points.signal, sigma=points.sigma,
                envelope="exponential", oscillations=0,
            )  # fmt: skip
            T1 = found.minimum.values["T"]
            return Quantity(T1, T1 / _FAR, T1 * _FAR, unit=T1, log=True)
        if self.unknown:
            ends = longest / _FAR, longest * _FAR
            return Quantity(3 * longest, *ends, unit=longest, log=True)
        if self.value is None:
            return None
        prior = (self.value, self.error) if self.error else None
        return Quantity(self.value, unit=self.value, log=True, fixed=not prior, prior=prior)


class Task:
    """Traces, a noise, and the names of what is to be found."""

    def __init__(
        self,
        traces: Sequence[Trace],
        noise: Noise,
        free: Sequence[str],
        relaxation: Relaxation,
        priors: Mapping[str, tuple[float, float]],
    ) -> None:
        self.traces, self.noise, self.relaxation = list(traces), noise, relaxation
        self.names = free_names(free, partial(resolve, noise, argument="free"))
        self._priors = priors
        self.sequences = [trace.sequence for trace in traces if trace.sequence is not None]
        moving = any(name.endswith("omega_high") for name in self.names.values())
        settled = not any(name.endswith(("exponent", "omega_low")) for name in self.names.values())
        self.exponents = Exponents(self.sequences, tabulate=not (moving or settled))
        self._kinds = _by_kind(trace.points for trace in self.traces)
        self._last: tuple[Any, list[Array]] = ((), [])

    @property
    def size(self) -> int:
        """Number of points."""
        return sum(trace.points.x.size for trace in self.traces)

    @property
    def longest(self) -> float:
        """The last delay of all."""
        return max(float(trace.points.x[-1]) for trace in self.traces)

    def with_noise(self, noise: Noise, free: Sequence[str]) -> Task:
        """The same data, and another noise."""
        return Task(self.traces, noise, free, self.relaxation, {})

    def noise_at(self, values: Mapping[str, float]) -> Noise:
        """The noise with the numbers of the fit."""
        return assign(self.noise, {full: values[name] for name, full in self.names.items()})

    def part_of(self, name: str) -> Noise:
        """The part of the noise that a free parameter belongs to."""
        parts = parts_of(self.noise)
        if len(parts) == 1:
            return parts[0]
        head = self.names[name].partition(".")[0]
        return dict(zip(member_names(parts), parts, strict=True))[head]

    def is_scale(self, name: str) -> bool:
        """Whether a free parameter only multiplies a part of the spectrum."""
        scale, _ = SCALES.get(type(self.part_of(name)), ("", 0))
        return self.names[name].split(".")[-1] == scale

    @property
    def shapes(self) -> list[str]:
        """Free parameters that change the shape of the spectrum."""
        return [name for name in self.names if not self.is_scale(name)]

    def coherences(self, values: Mapping[str, float]) -> list[Array]:
        """W of each trace; remembered, as most steps of a derivative leave the noise alone."""
        key = tuple(values.get(name) for name in (*self.names, "T1"))
        if key != self._last[0]:
            self._last = key, self._coherences(values)
        return self._last[1]

    def _coherences(self, values: Mapping[str, float]) -> list[Array]:
        found = iter(self.exponents(self.noise_at(values)))
        rate = 1 / values["T1"] if "T1" in values else 0.0
        return [
            np.exp(-rate * trace.points.x)
            if trace.sequence is None
            else np.exp(-next(found) - 0.5 * rate * trace.points.x)
            for trace in self.traces
        ]

    def curves(self, values: Values) -> list[Array]:
        """The signal of each trace."""
        pairs = zip(self.traces, self.coherences(values), strict=True)
        return [trace.curve(values, coherence) for trace, coherence in pairs]

    def residual(self, values: Values) -> Array:
        """Distances of all points, in units of their noise."""
        curve = np.concatenate(self.curves(values))
        found = np.empty(curve.size)
        for where, points in self._kinds:
            found[where] = points.residual(curve[where])
        return found

    def by_chance(self, values: Values) -> Array:
        """Moments of these distances, (3, points), if the values are true."""
        curve = np.concatenate(self.curves(values))
        found = np.empty((3, curve.size))
        for where, points in self._kinds:
            found[:, where] = points.moments(curve[where])
        return found

    def problem(self) -> Problem:
        """What to minimise."""
        quantities = {name: self._quantity(name) for name in self.names}
        quantities = with_priors(quantities, checked_priors(self._priors, quantities))
        T1 = self.relaxation.quantity(self.longest)
        if T1 is not None:
            quantities["T1"] = T1
        for trace in self.traces:
            quantities |= trace.quantities()
        fitted = sum(not quantity.fixed for quantity in quantities.values())
        if self.size <= fitted:
            must = f"hold more than {fitted} points, one for each number to find"
            errors.fail("decays", must, f"holding {self.size}", "measure more or fit less")
        return Problem(self.residual, quantities, self.by_chance)

    def _quantity(self, name: str) -> Quantity:
        full = self.names[name]
        value = collect(self.noise)[full]
        if not isinstance(value, float):
            errors.fail("free", "name single numbers", f"{full!r}, which is {value}")
        key = full.split(".")[-1]
        if key == "exponent":
            return Quantity(value, *EXPONENTS)
        if not self._may_be_negative(full):
            if value <= 0:
                errors.fail("noise", "start above zero", f"{full} = {value:g}", "give a guess")
            bounds = self._walls(name) if self.is_scale(name) else self._bounds(full, key)
            return Quantity(value, *bounds, unit=value, log=True)
        return Quantity(value, unit=abs(value) or 1.0)

    def _may_be_negative(self, full: str) -> bool:
        try:
            assign(self.noise, {full: -0.1})
        except errors.LzopenError:
            return False
        return True

    def _walls(self, name: str) -> tuple[float, float]:
        """Bounds of a scale: no decay at all, and one before the first delay."""
        value, depth = collect(self.noise)[self.names[name]], self.depth(name)
        low, high = (value * self.factor(name, wall / depth) for wall in _WALLS)
        return min(low, value), max(high, value)

    def depth(self, name: str) -> float:
        """Largest decay exponent that a part gives where the fit starts."""
        found = self.exponents(self.part_of(name))
        return max(float(np.max(each, initial=0.0)) for each in found) or 1.0

    def factor(self, name: str, strength: float) -> float:
        """By what a scale changes, for a strength that does."""
        _, power = SCALES[type(self.part_of(name))]
        return float(strength ** (1 / power))

    def _bounds(self, full: str, key: str) -> tuple[float, float]:
        """Bounds of a time or frequency; two cut-offs of one part never meet."""
        values = collect(self.noise)
        low, high = values[full] / _FAR, values[full] * _FAR
        if key not in ("omega_low", "omega_high"):
            return low, high
        sibling = full[: -len(key)] + ("omega_high" if key == "omega_low" else "omega_low")
        edge = values[sibling]
        if sibling in self.names.values():
            edge = np.sqrt(edge * values[full])
        return (low, edge / _CLOSE) if key == "omega_low" else (edge * _CLOSE, high)


def _by_kind(traces: Iterable[Points]) -> list[tuple[Array, Points]]:
    """Counted points of all traces in one, and Gaussian ones in another, with their places."""
    listed = list(traces)
    counted = np.concatenate([np.full(p.x.size, p.trials is not None) for p in listed])
    kinds = []
    for kind in np.unique(counted):
        own = [points for points in listed if (points.trials is not None) == kind]
        x, signal, sigma = (
            np.concatenate([getattr(points, key) for points in own])
            for key in ("x", "signal", "sigma")
        )
        trials = np.concatenate([points.trials for points in own]) if kind else None
        kinds.append((counted == kind, Points(x, signal, sigma, trials)))
    return kinds
