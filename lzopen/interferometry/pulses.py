"""Windows of pulses that rest before and after."""

from __future__ import annotations

from typing import Any

import numpy as np

from lzopen.dynamics.windows import given_window
from lzopen.errors import fail
from lzopen.models import Model
from lzopen.waveforms import Waveform
from lzopen.waveforms.base import Array, join_kinks

_JUST = 1e-9  # of a window, before its start and after its end


def window_of_pulses(batch: Model, window: Any) -> tuple[Array, Array]:
    """The window as given, or from the first time at which anything moves to the last."""
    if window is not None:
        return given_window(batch, window)
    moving = [w for _, w in batch.effective_terms if not w.is_constant]
    marks = join_kinks(*(w.landmarks() for w in moving)) if moving else np.empty(0)
    if not marks.shape[-1]:
        _ask_for_window()
    first, last = np.nanmin(marks, axis=-1), np.nanmax(marks, axis=-1)
    if not np.all(last > first) or not all(_rests(w, first, last) for w in moving):
        _ask_for_window()
    return np.broadcast_to(first, batch.batch_shape), np.broadcast_to(last, batch.batch_shape)


def _rests(waveform: Waveform, first: Array, last: Array) -> bool:
    """Whether a waveform has its final values outside these times."""
    margin = _JUST * (last - first)
    for side, t in ((-1, first - margin), (1, last + margin)):
        end, jet = waveform.asymptote(side), waveform.taylor(np.asarray(t)[..., None], 2)
        if end is None or end[1] or np.any(jet[..., 1:]) or np.any(jet[..., 0, 0] != end[0]):
            return False
    return True


def _ask_for_window() -> None:
    must = "be given for a drive that neither repeats nor rests before and after a pulse"
    fail("window", must, "missing", "give window=(t0, t1), or repeat the drive with lz.Repeated")
