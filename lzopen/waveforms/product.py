"""Waveforms that multiply: a drive in an envelope, a modulated tone."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from lzopen.waveforms.base import Array, Waveform, join_kinks
from lzopen.waveforms.periods import common_period, times_in
from lzopen.waveforms.sums import Scaled
from lzopen.waveforms.units import NUMBER, VALUE


def multiplied(waveform: Waveform, other: Any) -> Waveform:
    """The product with another waveform, or a multiple."""
    return Product(waveform, other) if isinstance(other, Waveform) else Scaled(waveform, other)


@dataclass(frozen=True, eq=False)
class Product(Waveform):
    """A waveform times an envelope; written with ``*``, the envelope on the right.

    The envelope is a waveform of plain numbers. Which of the two it is matters for units alone.

    Examples
    --------
    >>> import numpy as np, lzopen as lz
    >>> burst = lz.Sinusoidal(amplitude=3.0, omega=np.pi) * lz.Trapezoid(1.0, rate=2.0, wait=4.0)
    >>> burst([-2.25, 0.0, 1.0]).round(6).tolist()
    [1.06066, 3.0, -3.0]
    """

    waveform: Waveform = field(metadata=VALUE)
    envelope: Waveform = field(metadata=NUMBER)

    @property
    def _parts(self) -> tuple[Waveform, Waveform]:
        return self.waveform, self.envelope

    @property
    def is_complex(self) -> bool:  # type: ignore[override]
        return self.waveform.is_complex or self.envelope.is_complex

    @property
    def is_constant(self) -> bool:  # type: ignore[override]
        return self.waveform.is_constant and self.envelope.is_constant

    @property
    def period(self) -> Any:
        """Shortest time after which both repeat; None where there is none."""
        return common_period([part.period for part in self._parts if not part.is_constant])

    def harmonics(self) -> dict[int, Any] | None:
        total: dict[int, Any] = {0: 1.0}
        for part in self._parts:
            own = part.harmonics()
            turns = 1 if part.is_constant else times_in(self.period, part.period)
            if own is None or turns is None:
                return None
            total = _convolved(total, {n * turns: c for n, c in own.items()})
        return total

    def scalar(self, t: float) -> Any:
        return self.waveform.scalar(t) * self.envelope.scalar(t)

    def taylor(self, t: ArrayLike, order: int) -> Array:
        a, b = (part.taylor(t, order) for part in self._parts)
        terms = [sum(a[..., k] * b[..., n - k] for k in range(n + 1)) for n in range(order + 1)]
        return np.stack(terms, axis=-1)

    def __call__(self, t: ArrayLike) -> Any:
        return self.waveform(t) * self.envelope(t)

    def kinks(self, t0: ArrayLike, t1: ArrayLike) -> Array:
        return join_kinks(*(part.kinks(t0, t1) for part in self._parts))

    def landmarks(self) -> Array:
        """Those of both; where one is zero before and after, only those while it is not."""
        for gate, other in (self._parts, self._parts[::-1]):
            own = gate.landmarks()
            if own.shape[-1] and all(_is_zero(gate.asymptote(side)) for side in (-1, 1)):
                inner = other.kinks(np.nanmin(own, axis=-1), np.nanmax(own, axis=-1))
                return join_kinks(own, inner)
        return join_kinks(*(part.landmarks() for part in self._parts))

    def time_scale(self, t0: float, t1: float) -> float:
        """The rates at which they bend add, like the frequencies of tones."""
        rate = sum(1 / part.time_scale(t0, t1) for part in self._parts)
        return 1 / rate if rate else np.inf

    def asymptote(self, side: int) -> tuple[Any, float] | None:
        """The product of both leading terms; zero takes all else with it."""
        first, second = (part.asymptote(side) for part in self._parts)
        if _is_zero(first) or _is_zero(second):
            return 0.0, 0
        if first is None or second is None:
            return None
        return first[0] * second[0], first[1] + second[1]


def _convolved(a: dict[int, Any], b: dict[int, Any]) -> dict[int, Any]:
    total: dict[int, Any] = {}
    for n, c in a.items():
        for m, d in b.items():
            total[n + m] = total.get(n + m, 0.0) + c * d
    return total


def _is_zero(end: tuple[Any, float] | None) -> bool:
    return end is not None and not np.any(end[0])
