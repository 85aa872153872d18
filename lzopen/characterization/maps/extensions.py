"""What the residuals of a map ask for: extensions of the model, by their score."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from lzopen.characterization.maps.slow import coherence_rate
from lzopen.characterization.maps.task import MapTask, Shown
from lzopen.characterization.minimum import Minimum
from lzopen.characterization.parts import Parts
from lzopen.errors import LzopenError
from lzopen.models import Model
from lzopen.models.parameters import collect
from lzopen.waveforms.base import Array

__all__ = ["asked_for"]

_CLEAR = 25.0  # by how much χ² must fall beyond chance, for one number
_STEP = 1e-3
_FAR_OFF = 2.0  # χ²/dof, beyond which more is wrong than an extension mends
_CHECK = (
    "free what is held, or check the axes, their units and lines, the frequency of the drive, "
    "the protocol, and whether the bath follows the levels (`Relaxation`) or not (`Decay`)"
)
_FREE_IT = "which is held: free it"
_ALIKE = 1e-6  # share of a slope across all others, below which it is one of them


def asked_for(task: MapTask, best: Minimum) -> list[str]:
    """The extension that would lower χ² most, if it would clearly; in a sentence.

    For a new number η with slope g of the residuals r, the slopes of the fitted ones being J,
    χ² falls by (g·r)²/|g|² to first order, g taken across J.
    """
    falls: dict[str, tuple[float, float]] = {}
    fitted = _basis(best.jacobian)
    start = 0
    for shown in task.maps:
        rows = slice(start, start + shown.pixels.points.x.size)
        start = rows.stop
        for told, slopes in _slopes(shown, best):
            full = np.zeros((best.residual.size, slopes.shape[1]))
            full[rows] = slopes
            falls[told] = max(falls.get(told, (0.0, 0.0)), _fall(full, fitted, best))
    told = max(falls, key=lambda each: falls[each], default="")
    clearly, fall = falls.get(told, (0.0, 0.0))
    far_off = best.excess > _FAR_OFF
    if clearly < _CLEAR and not far_off:
        return []
    if not far_off:
        return [f"The residuals ask for {told}; χ² would fall by {fall:.0f}."]
    # so far from a fit, slopes are a hint and no more
    helps = fall > 0.5 * (best.deviance - best.expected) or told.endswith(_FREE_IT)
    told = f" The residuals ask for {told}, to first order." if clearly >= _CLEAR and helps else ""
    return [f"Something is wrong, χ²/dof = {best.reduced:.3g}: {_CHECK}.{told}"]


def _basis(columns: Array) -> Array:
    """Orthonormal columns that span these."""
    length = np.linalg.norm(columns, axis=0)
    basis, sizes, _ = np.linalg.svd(columns[:, length > 0] / length[length > 0], False)
    return np.asarray(basis[:, sizes > _ALIKE])


def _fall(slopes: Array, fitted: Array, best: Minimum) -> tuple[float, float]:
    """How clearly χ² falls, and by how much, for slopes (pixels, numbers)."""
    length = np.linalg.norm(slopes, axis=0)
    slopes = slopes[:, length > 0] / length[length > 0]
    across = slopes - fitted @ (fitted.T @ slopes)
    basis = _basis(across[:, np.linalg.norm(across, axis=0) > _ALIKE])
    fall = float(np.sum((basis.T @ best.residual) ** 2))
    count = basis.shape[1]
    rest = (best.deviance - fall) / max(best.dof - count, 1)
    return (fall / max(rest, 1.0) - count) / np.sqrt(max(count, 1)), fall


def _slopes(shown: Shown, best: Minimum) -> Iterator[tuple[str, Array]]:
    """What to tell of each extension, and the slopes of the residuals with it, in any unit."""
    parts, forward = shown.with_values(best.values), shown.forward
    known, points = shown.pixels.known, shown.pixels.points
    shifts = shown.shifts(best.values)
    base = forward.signal(parts, shifts)
    weight = points.slope(base[known])[:, None]

    def changed(other: Parts, step: float) -> Array:
        return (forward.signal(other, shifts) - base) / step

    def pixels(*slopes: Array) -> Array:
        return np.stack([slope[known] for slope in slopes], axis=-1) * weight

    for name, step in _held_steps(shown, parts):
        other = parts.with_values({name: parts.value(name) + step})
        yield f"`{name}`, {_FREE_IT}", pixels(changed(other, step))
    drive = np.abs(forward.energies(parts)[0])
    if np.ptp(drive) > 0:
        for other, step in _hotter(parts):
            slope = changed(other, step) * (drive[:, None] / drive.max()) ** 2
            yield "heating: the device is hotter where the drive is stronger", pixels(slope)
        name = forward.names[0]
        told = f"compression: the line of the drive compresses: free `{name}.compression`"
        yield told, pixels(changed(*_compressed(parts, name, drive.max(), forward.omega(parts))))
    knobs = (shown.pixels.rows[:, None], shown.pixels.columns)
    for knob, told in zip(knobs, _tilts(shown), strict=True):
        if np.ptp(knob) > 0:
            centred = (knob - knob.mean()) / np.ptp(knob)
            yield told, pixels(np.broadcast_to(centred, known.shape))
    if shifts is None and min(known.shape) > 1:
        columns = shown.pixels.columns
        step = _STEP * np.ptp(columns) / columns.size
        moved = forward.with_settings(shown.pixels.rows, columns + step)
        slope = (moved.signal(parts) - base) / step
        lines = [slope * row[:, None] for row in np.eye(drive.size) if np.any(known[row > 0])]
        advice = ": give `drift`" if _averages(parts.model) else ""
        yield f"drift: the zero of the bias moves from line to line{advice}", pixels(*lines)


def _held_steps(shown: Shown, parts: Parts) -> Iterator[tuple[str, float]]:
    """Numbers of lines, noise and readout that were not fitted, with steps for slopes."""
    for name, value in shown.held.items():
        if name.rpartition(".")[0] in (*shown.forward.names, "noise", "readout"):
            yield name, _STEP * (abs(value) or shown.unit(name) or 1.0)


def _averages(model: Model) -> bool:
    """Whether a fit can move the bias of its maps."""
    try:
        coherence_rate(model)
    except LzopenError:
        return False
    return True


def _hotter(parts: Parts) -> list[tuple[Parts, float]]:
    """With the first temperature a step higher, or else the first rate of dephasing."""
    numbers = {n: v for n, v in parts.model.parameters.items() if np.isfinite(v).all()}
    hot = [name for name in numbers if name.endswith("temperature")]
    hot = hot or [name for name in numbers if name == "dephasing.rate"]
    steps = {name: _STEP * max(float(np.max(numbers[name])), _STEP) for name in hot[:1]}
    return [(parts.with_values({n: numbers[n] + step}), step) for n, step in steps.items()]


def _compressed(parts: Parts, name: str, most: float, omega: float) -> tuple[Parts, float]:
    """With a line that lacks a thousandth more of its strongest signal, and the step for that."""
    line = parts.others[name]
    step = _STEP * abs(line.lever_arm * line.gain(omega)) ** 2 / most**2
    bent = replace(line, compression=line.compression + step)
    return Parts(parts.model, {**parts.others, name: bent}), step


def _tilts(shown: Shown) -> list[str]:
    """A background along either axis; a readout that has a slope has it along the bias."""
    told = [f"background: it is tilted along `{dim}`" for dim in shown.pixels.dims]
    advice = ": free `readout.slope`" if "slope" in collect(shown.parts.others["readout"]) else ""
    return [told[0], told[1] + advice]
