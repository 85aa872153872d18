"""Windows of pulses that rest before and after."""

from __future__ import annotations

from typing import Any

import numpy as np

from lzopen.dynamics.windows import given_window
from lzopen.errors import fail
from lzopen.models import Model
from lzopen.waveforms import Waveform
from lzopen.waveforms.base import Array, join_kinks

# Of the longest window: what lies just outside, and what is as good as none.
_JUST, _NOTHING = 1e-9, 1e-15


def window_of_pulses(batch: Model, window: Any) -> tuple[Array, Array]:
    """The window as given, or from the first time at which anything moves to the last."""
    if window is not None:
        first, last = given_window(batch, window)
        if first.shape != batch.batch_shape:
            must = f"broadcast against the grid, {batch.batch_shape}"
            fail("window", must, f"of shape {first.shape}", "make the windows an axis: lz.scan")
        return first, last
    moving = [w for _, w in batch.effective_terms if not w.is_constant]
    if not moving:
        remedy = "qutip.steadystate(model.H, model.c_ops) is its steady state, lz.evolve its motion"
        fail("model", "be driven, or window be given", "at rest", remedy)
    marks = join_kinks(*(w.landmarks() for w in moving))
    if not marks.shape[-1]:
        _ask_for_window()
    first, last = np.nanmin(marks, axis=-1), np.nanmax(marks, axis=-1)
    longest = np.max(last - first)
    if not longest or not all(_rests(w, first, last, _JUST * longest) for w in moving):
        _ask_for_window()
    # A pulse of no height has no length, and leaves the state as it is.
    last = np.maximum(last, np.maximum(first + _NOTHING * longest, np.nextafter(first, np.inf)))
    return np.broadcast_to(first, batch.batch_shape), np.broadcast_to(last, batch.batch_shape)


def _rests(waveform: Waveform, first: Array, last: Array, margin: float) -> bool:
    """Whether a waveform has its final values outside these times."""
    for side, t in ((-1, first - margin), (1, last + margin)):
        end, jet = waveform.asymptote(side), waveform.taylor(np.asarray(t)[..., None], 2)
        if end is None or end[1] or np.any(jet[..., 1:]) or np.any(jet[..., 0, 0] != end[0]):
            return False
    return True


def _ask_for_window() -> None:
    must = "be given for a drive that neither repeats nor rests before and after a pulse"
    remedy = (
        "give window=(t0, t1), repeat the drive with lz.Repeated, or choose tones that all return "
        "after at most 64 of their longest period"
    )
    fail("window", must, "missing", remedy)
