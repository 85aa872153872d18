"""Waveforms behind first-order filters, exactly."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from lzopen.errors import instance, positive
from lzopen.waveforms.base import Array, Waveform
from lzopen.waveforms.elementary import Constant, Rotating
from lzopen.waveforms.moved import Retimed
from lzopen.waveforms.periodic import Sinusoidal
from lzopen.waveforms.settling import Settling
from lzopen.waveforms.sums import Part, Scaled, Sum
from lzopen.waveforms.units import ENERGY, VALUE


def first_order(omega: Any, low_pass: Any = None, high_pass: Any = None) -> Any:
    """H(ω) = 1/(1 + iω/ω_l) · iω/(ω_h + iω), each factor only if its corner is given."""
    gain = np.ones(np.shape(omega), dtype=complex)
    if low_pass is not None:
        gain = gain / (1 + 1j * np.asarray(omega) / low_pass)
    if high_pass is not None:
        gain = gain * (1j * np.asarray(omega) / (high_pass + 1j * np.asarray(omega)))
    return gain[()]


@dataclass(frozen=True, eq=False)
class Filtered(Waveform):
    """A waveform w behind a first-order low-pass, a first-order high-pass, or both.

    The low-pass of corner ω_l gives dy/dt = ω_l (w − y), and the high-pass of corner ω_h takes
    from what it gets its low-pass of corner ω_h: together H(ω) = 1/(1 + iω/ω_l) · iω/(ω_h + iω).
    Nothing is integrated or sampled. Tones pass in steady state, each with its own H; straight
    pieces (Constant, Linear, DoublePassage, Trapezoid, Tabulated, and the steady state of Square,
    Triangle and Repeated) leave straight pieces with exponentials that start at their ends. What
    has no beginning, like a ramp, is followed from t = −∞. Solvers resolve the exponentials until
    they have died out: a corner far above all other rates costs steps and changes little.

    Parameters
    ----------
    waveform : Waveform
        What goes in: tones, straight pieces, their sums and multiples, also shifted or reversed.
    low_pass : float or ndarray, optional
        Corner ω_l > 0, in rad per unit of time: 1/(RC), or 2π times the −3 dB frequency.
    high_pass : float or ndarray, optional
        Corner ω_h > 0, in rad per unit of time.

    Raises
    ------
    LzopenError
        If a corner is not positive, or a part of the waveform is neither tones nor straight pieces.

    Examples
    --------
    A step rises with the time 1/ω_l, and a sine at the corner loses a factor of √2:

    >>> import lzopen as lz
    >>> step = Filtered(lz.Tabulated([-1.0, 0.0], [0.0, 1.0], kind="step"), low_pass=2.0)
    >>> step([-1.0, 0.0, 0.5]).round(6).tolist()
    [0.0, 0.0, 0.632121]
    >>> tone = Filtered(lz.Sinusoidal(amplitude=1.0, omega=2.0), low_pass=2.0)
    >>> round(float(abs(tone.harmonics()[1])) * 2, 6)
    0.707107
    """

    waveform: Waveform = field(metadata=VALUE)
    low_pass: Any = field(default=None, metadata=ENERGY)
    high_pass: Any = field(default=None, metadata=ENERGY)
    _response: Waveform = field(init=False, repr=False)

    def __post_init__(self) -> None:
        instance("waveform", self.waveform, Waveform, "e.g. lz.Trapezoid(amplitude, rate)")
        for name in ("low_pass", "high_pass"):
            if getattr(self, name) is not None:
                remedy = "it is an angular frequency, 1/(RC); None leaves the filter out"
                object.__setattr__(self, name, positive(name, getattr(self, name), remedy))
        object.__setattr__(self, "_response", self._responses())

    def _responses(self) -> Waveform:
        corners = self.low_pass, self.high_pass
        if all(corner is None for corner in corners):
            return self.waveform
        found = [
            Settling(leaf, *corners) if leaf.harmonics() is None else _tones(leaf, *corners)
            for leaf in _leaves(self.waveform)
        ]
        return found[0] if len(found) == 1 else sum(found[1:], found[0])

    @property
    def is_complex(self) -> bool:  # type: ignore[override]
        return self._response.is_complex

    @property
    def is_constant(self) -> bool:  # type: ignore[override]
        return self._response.is_constant

    @property
    def period(self) -> Any:
        return self._response.period

    def harmonics(self) -> dict[int, Any] | None:
        return self._response.harmonics()

    def scalar(self, t: float) -> Any:
        return self._response.scalar(t)

    def taylor(self, t: ArrayLike, order: int) -> Array:
        return self._response.taylor(t, order)

    def __call__(self, t: ArrayLike) -> Any:
        return self._response(t)

    def kinks(self, t0: ArrayLike, t1: ArrayLike) -> Array:
        return self._response.kinks(t0, t1)

    def landmarks(self) -> Array:
        return self._response.landmarks()

    def time_scale(self, t0: float, t1: float) -> float:
        return self._response.time_scale(t0, t1)

    def asymptote(self, side: int) -> tuple[Any, float] | None:
        return self._response.asymptote(side)


def _leaves(waveform: Waveform) -> Iterator[Waveform]:
    """Summands that no longer are sums; filters act on each by itself."""
    if isinstance(waveform, Sum):
        for part in waveform.parts:
            yield from _leaves(part)
    elif isinstance(waveform, (Scaled, Retimed, Part)):
        for leaf in _leaves(waveform.waveform):
            yield replace(waveform, waveform=leaf)
    else:
        yield waveform


def _tones(waveform: Waveform, low_pass: Any, high_pass: Any) -> Waveform:
    """Steady state behind the filters of a waveform whose harmonics are known."""
    omega = 0.0 if waveform.is_constant else 2 * np.pi / waveform.period
    own = waveform.harmonics() or {}
    passed = {n: first_order(n * omega, low_pass, high_pass) * c for n, c in own.items()}
    mean = passed.pop(0, 0.0)
    if waveform.is_complex:
        tones: list[Waveform] = [Rotating(c, n * omega) for n, c in passed.items()]
    else:
        mean = np.real(mean)
        upper = {n: c for n, c in passed.items() if n > 0}
        tones = [Sinusoidal(2 * np.abs(c), n * omega, phase=np.angle(c)) for n, c in upper.items()]
    if tones and not np.any(mean):
        return sum(tones[1:], tones[0])
    return sum(tones, Constant(mean))
