"""What the residuals of a map ask for: extensions of the model, by their score."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from lzopen.characterization.maps.task import MapTask, Shown
from lzopen.characterization.minimum import Minimum
from lzopen.waveforms.base import Array

__all__ = ["asked_for"]

_CLEAR = 25.0  # by how much χ² must fall beyond chance, for one number
_STEP = 1e-3
_NOTE = {
    "heating": "the device is hotter where the drive is stronger",
    "compression": "the line of the drive compresses: free `{0}.compression`",
    "background": "a background that is tilted along an axis: free `readout.slope`",
    "drift": "the zero of the bias moves from line to line: give `drift`",
}


def asked_for(task: MapTask, best: Minimum) -> list[str]:
    """The extension that would lower χ² most, if it would clearly; in a sentence.

    For a new number η with slope g of the residuals r, the slopes of the fitted ones being J,
    χ² falls by (g·r)²/|g|² to first order, g taken across J.
    """
    falls: dict[str, tuple[float, float]] = {}
    start = 0
    for shown in task.maps:
        rows = slice(start, start + shown.pixels.points.x.size)
        start = rows.stop
        for name, slopes in _slopes(shown, best):
            falls[name] = max(falls.get(name, (0.0, 0.0)), _fall(slopes, rows, best))
    name = max(falls, key=lambda each: falls[each])
    clearly, fall = falls[name]
    if clearly < _CLEAR:
        return []
    told = _NOTE[name].format(task.maps[0].forward.names[0])
    return [f"The residuals ask for {name}: {told}; χ² would fall by {fall:.0f}."]


def _fall(slopes: Array, rows: slice, best: Minimum) -> tuple[float, float]:
    """How clearly χ² falls, and by how much, for slopes (pixels, numbers) of one map."""
    full = np.zeros((best.residual.size, slopes.shape[1]))
    full[rows] = slopes
    basis, _ = np.linalg.qr(best.jacobian)
    full -= basis @ (basis.T @ full)
    rest = best.residual - basis @ (basis.T @ best.residual)
    numbers, *_ = np.linalg.lstsq(full, rest, rcond=1e-8)
    fall = float(rest @ rest - np.sum((rest - full @ numbers) ** 2))
    count = slopes.shape[1]
    return (fall / best.reduced - count) / np.sqrt(count), fall


def _slopes(shown: Shown, best: Minimum) -> Iterator[tuple[str, Array]]:
    """Slopes of the residuals for each extension, in any unit."""
    parts, forward = shown.with_values(best.values), shown.forward
    known, points = shown.pixels.known, shown.pixels.points
    shifts = shown.shifts(best.values)
    base = forward.signal(parts, shifts)
    scale = points.noise(base[known])[:, None]
    drive, _ = forward.energies(parts)
    strength = (drive / max(np.abs(drive).max(), 1e-300)) ** 2

    def changed(name: str, step: float) -> Array:
        values = {name: parts.value(name) + step}
        return (forward.signal(parts.with_values(values), shifts) - base) / step

    def pixels(*slopes: Array) -> Array:
        return np.stack([slope[known] for slope in slopes], axis=-1) / scale

    hot = [n for n in parts.model.parameters if n.endswith("temperature")]
    hot = hot or [n for n in parts.model.parameters if n == "dephasing.rate"]
    for name in hot[:1]:
        slope = changed(name, _STEP * max(parts.value(name), _STEP))
        yield "heating", pixels(slope * strength[:, None])
    line = f"{forward.names[0]}.compression"
    if line not in shown.names.values():
        most = max(np.abs(shown.pixels.rows).max(), 1e-300)
        yield "compression", pixels(changed(line, _STEP / most**2))
    across, along = np.meshgrid(_centred(shown.pixels.columns), _centred(shown.pixels.rows))
    yield "background", pixels(across, along)
    if shifts is None:
        step = _STEP * np.ptp(shown.pixels.columns) / shown.pixels.columns.size
        slope = (forward.signal(parts, np.full(drive.size, step)) - base) / step
        rows = np.eye(drive.size)
        lines = [slope * row[:, None] for row in rows if np.any(known[row > 0])]
        yield "drift", pixels(*lines)


def _centred(knob: Array) -> Array:
    return (knob - knob.mean()) / max(np.ptp(knob), 1e-300)
