"""Curves of a decay: which envelope, how many oscillations, and what else multiplies it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lzopen.characterization.minimum import Quantity, Values

__all__ = ["ENVELOPES", "Shape", "windows"]

Array = NDArray[Any]
ENVELOPES = ("exponential", "gaussian", "stretched", "1/f")
_EXPONENTS = {"exponential": 1.0, "gaussian": 2.0, "1/f": 2.0}
_RANGE = (0.3, 4.0)  # of a free exponent
_FREE_DECAY = 1.5 - np.euler_gamma  # beside the logarithm of 1/f noise, without pulses
_FAR = 10.0  # standard errors
_GAP = 3.0  # median steps between delays that make a new burst


@dataclass(frozen=True, eq=False)
class Shape:
    """offset + envelope(t) · Σ amplitude cos(ωt + phase), or without the cosines.

    Parameters
    ----------
    envelope : str
        One of `ENVELOPES`.
    oscillations : int
        Number of cosines.
    relaxation : (float, float), optional
        T1 and its error, which is zero where T1 is exact; e^{−t/2T1} multiplies the envelope.
    cutoff : float, optional
        Lowest angular frequency of 1/f noise.
    window : ndarray of int, optional
        Window of each delay; each has a phase of its own.
    """

    envelope: str
    oscillations: int
    relaxation: tuple[float, float] | None = None
    cutoff: float | None = None
    window: Array | None = None

    @property
    def exponent(self) -> float | None:
        """The exponent of the envelope, None if it is free."""
        return _EXPONENTS.get(self.envelope)

    @property
    def name(self) -> str:
        """In words."""
        t1 = "T1 × " if self.relaxation else ""
        waves = ("no oscillation", "oscillating", "two oscillations")[self.oscillations]
        return f"{t1}{self.envelope}, {waves}"

    @property
    def size(self) -> int:
        """How many numbers the data must fix."""
        waves = max(3 * self.oscillations, 1) + len(self.drifts)
        return 2 + waves + (self.exponent is None)

    def decay(self, t: Array, T: Any, exponent: Any, T1: Any = np.inf) -> Array:
        """The envelope, 1 at t = 0; ``T`` is where it has fallen to 1/e but for T1."""
        # a trial step may raise t/T to a power that overflows; its exponential is zero all the same
        with np.errstate(over="ignore"):
            power = (t / T) ** exponent
            if self.envelope == "1/f":
                power = power * self._logarithm(t) / self._logarithm(T)
            return np.asarray(np.exp(-power - t / (2 * T1)))

    def _logarithm(self, t: Any) -> Any:
        """ln(1/ω_ir t) + 3/2 − γ, held off zero where a search strays beyond the cut-off."""
        assert self.cutoff is not None
        return np.maximum(-np.log(self.cutoff * np.maximum(t, 1e-300)) + _FREE_DECAY, 1e-3)

    def __call__(self, values: Values, t: Array) -> Array:
        """The population at these delays."""
        envelope = self.decay(t, values["T"], values["exponent"], values.get("T1", np.inf))
        if not self.oscillations:
            return np.asarray(values["offset"] + values["amplitude"] * envelope)
        wave: Any = 0.0
        for mark in ("", "_2")[: self.oscillations]:
            phase = values["phase" + mark] + self._drift(values)
            wave = wave + values["amplitude" + mark] * np.cos(values["omega" + mark] * t + phase)
        return np.asarray(values["offset"] + envelope * wave)

    def _drift(self, values: Values) -> Any:
        """By how much the phase of each window differs from that of the first."""
        if self.window is None:
            return 0.0
        others = [values[name] for name in self.drifts]
        return np.array([0.0, *others])[self.window]

    @property
    def drifts(self) -> list[str]:
        """Names of the phases of all windows but the first."""
        last = 0 if self.window is None else int(self.window.max())
        return [f"drift_{i}" for i in range(1, last + 1)]

    def quantities(self, start: Values, t: Array, size: float) -> dict[str, Quantity]:
        """All numbers of the curve, from a start and a typical size of the signal."""
        span, step = float(t[-1]), float(np.min(np.diff(t)))
        # beyond it a decay without oscillation is a straight line
        longest = span * (1e4 if self.oscillations else 1e2)
        found = {
            "T": Quantity(start["T"], 1e-2 * step, longest, unit=span, log=True),
            "exponent": Quantity(start["exponent"], *_RANGE, fixed=self.exponent is not None),
        }
        if self.relaxation:
            T1, error = self.relaxation
            prior = (T1, error) if error else None
            # no prior allows more, and a search needs an end
            least, most = max(T1 - _FAR * error, 1e-2 * T1), T1 + _FAR * error
            found["T1"] = Quantity(T1, least, most, unit=T1, log=True, fixed=not error, prior=prior)
        for mark in ("", "_2")[: self.oscillations]:
            found["omega" + mark] = Quantity(start["omega" + mark], 0.0, unit=1 / span)
            found["phase" + mark] = Quantity(start["phase" + mark])
            # the phase carries the sign
            found["amplitude" + mark] = Quantity(start["amplitude" + mark], 0.0, unit=size)
        if not self.oscillations:
            found["amplitude"] = Quantity(start["amplitude"], unit=size)
        found["offset"] = Quantity(start["offset"], unit=size)
        return found | {name: Quantity(start[name], nuisance=True) for name in self.drifts}


def windows(t: Array, width: float | str) -> Array:
    """Number of the window of each delay: of about this width, or one for each burst."""
    if width == "bursts":
        steps = np.diff(t)
        return np.append(0, np.cumsum(steps > _GAP * np.median(steps)))
    span = t[-1] - t[0]
    count = max(round(span / float(width)), 1)
    parts = np.floor((t - t[0]) / span * count * (1 - 1e-12))
    return np.unique(parts, return_inverse=True)[1]
