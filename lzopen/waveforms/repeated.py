"""A stretch of a waveform over and over: pulse trains and recorded periods."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from lzopen.errors import finite, instance, positive
from lzopen.waveforms.base import Array, Waveform, column, join_kinks, keep_inside
from lzopen.waveforms.units import TIME, VALUE


@dataclass(frozen=True, eq=False)
class Repeated(Waveform):
    """A waveform from ``start`` to ``start + period``, over and over.

    Parameters
    ----------
    waveform : Waveform
        What is repeated; outside this stretch it is never asked.
    period : float or ndarray
        Duration of the stretch, above zero.
    start : float or ndarray
        Where the stretch begins.

    Raises
    ------
    LzopenError
        If the first argument is no waveform, the period not positive or the start not finite.

    Examples
    --------
    A recorded period of a drive, and a train of trapezoidal pulses:

    >>> import lzopen as lz
    >>> drive = Repeated(lz.Tabulated([0.0, 1.0, 3.0], [0.0, 2.0, 0.0]), period=3.0)
    >>> drive([0.5, 3.5, -2.5]).tolist()
    [1.0, 1.0, 1.0]
    >>> pulse = lz.Trapezoid(amplitude=4.0, rate=2.0, wait=1.0, bias=-2.0)
    >>> Repeated(pulse, period=10.0, start=-5.0).crossings(0.0, 12.0).round(9).tolist()
    [1.5, 8.5, 11.5]
    """

    waveform: Waveform = field(metadata=VALUE)
    period: Any = field(metadata=TIME)
    start: Any = field(default=0.0, metadata=TIME)

    def __post_init__(self) -> None:
        instance("waveform", self.waveform, Waveform, "e.g. lz.Tabulated(times, values)")
        object.__setattr__(self, "period", positive("period", self.period))
        object.__setattr__(self, "start", finite("start", self.start))

    @property
    def is_complex(self) -> bool:  # type: ignore[override]
        return self.waveform.is_complex

    def scalar(self, t: float) -> Any:
        return self.waveform.scalar(self.start + (t - self.start) % self.period)

    def taylor(self, t: ArrayLike, order: int) -> Array:
        if np.ndim(t) == 0:  # a batched period needs a time axis to stand beside
            return self.taylor(np.reshape(t, 1), order)[..., 0, :]
        times = np.asarray(t, dtype=float)
        start, period = column(self.start, times), column(self.period, times)
        return self.waveform.taylor(start + (times - start) % period, order)

    def kinks(self, t0: ArrayLike, t1: ArrayLike) -> Array:
        first, last, start, period = np.broadcast_arrays(t0, t1, self.start, self.period)
        turns = np.floor((first - start) / period)
        count = int(np.max((last - first) / period, initial=0.0)) + 3
        seams = start[..., None] + (turns[..., None] + np.arange(count)) * period[..., None]
        inner = self.waveform.kinks(start, start + period) - start[..., None]
        every = seams[..., None, :] + inner[..., None]
        every = every.reshape(*every.shape[:-2], -1)
        return keep_inside(every if self._rests_at_seams else join_kinks(seams, every), t0, t1)

    @property
    def _rests_at_seams(self) -> bool:
        """Whether each stretch ends as the next one begins, with nothing that moves."""
        ends = np.nextafter(np.add(self.start, self.period), self.start)
        before, after = (
            self.waveform.taylor(np.asarray(t)[..., None], 2) for t in (ends, self.start)
        )
        return bool(np.array_equal(before, after) and not np.any(after[..., 1:]))

    def time_scale(self, t0: float, t1: float) -> float:
        end = np.max(np.add(self.start, self.period))
        return self.waveform.time_scale(float(np.min(self.start)), float(end))
