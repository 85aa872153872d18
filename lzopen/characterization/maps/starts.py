"""Where the fit of a map starts, from the map alone.

A population is even or odd in the bias, which finds the zero of the bias. Its sidebands stand
ω apart, which finds the lever arm of the bias. The lever arm of the amplitude and the rates come
from comparing the map with a few templates.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
from scipy.ndimage import gaussian_filter1d, map_coordinates

from lzopen.characterization.maps.forward import Forward
from lzopen.characterization.maps.pixels import Pixels
from lzopen.characterization.minimum import Values
from lzopen.characterization.parts import Parts
from lzopen.waveforms.base import Array

__all__ = ["map_starts"]

_PEAKS = 3  # zeros of the bias, and lever arms for each, that are tried
_ARMS = 1.35  # factor by which the lever arm of the bias may be off, either way
_SCALES = 2.2  # the same of the amplitude
_FEWEST = 0.25  # of the columns, that must lie on both sides of a zero


@dataclass(frozen=True, eq=False)
class _Template:
    """A map of the device on a grid of energies, for some values of its rates."""

    values: Values
    image: Array
    drive_step: float
    bias_step: float

    def at(self, drive: Array, bias: Array) -> Array:
        """Interpolated (drive, bias)."""
        middle = self.image.shape[1] // 2
        rows = np.broadcast_to((np.abs(drive) / self.drive_step)[:, None], (drive.size, bias.size))
        columns = np.broadcast_to(bias / self.bias_step + middle, (drive.size, bias.size))
        return np.asarray(map_coordinates(self.image, [rows, columns], order=1, mode="nearest"))


def map_starts(
    pixels: Pixels, parts: Parts, forward: Forward, free: Mapping[str, str], most: int
) -> list[Values]:
    """The best few starts, by the names of the parameters.

    Parameters
    ----------
    pixels : Pixels
        The measured map.
    parts : Parts
        All parameters; lever arms known to a third (bias) and to a factor of two.
    forward : Forward
        What computes a map.
    free : mapping
        Full names of what is fitted, by the names given.
    most : int
        How many starts at most.

    Returns
    -------
    list of dict
        Full names to values.
    """
    image = _filled(pixels.image)
    drive_name, bias_name = forward.names
    omega = 2 * np.pi / float(parts.model.period or np.inf)
    names = set(free.values())
    parity = _parity(parts, forward, omega)
    line = parts.others[bias_name]
    centres = (
        _centres(image, pixels.columns, parity)
        if f"{bias_name}.zero" in names and parity
        else [line.zero]
    )
    frames = []
    for centre in centres:
        arms = [line.lever_arm]
        if f"{bias_name}.lever_arm" in names:
            arms = _arms(image, pixels.columns - centre, parity, line.lever_arm, omega)
        frames += [(centre, arm) for arm in arms]
    scales = np.ones(1)
    if f"{drive_name}.lever_arm" in names:
        scales = np.geomspace(1 / _SCALES, _SCALES, 15)
    found = []
    weight = pixels.known.astype(float)
    templates = _templates(pixels, parts, forward, omega, names, frames, scales[-1])
    energies = parts.others[drive_name](pixels.rows, omega)
    for template, (centre, arm), scale in product(templates, frames, scales):
        model = template.at(scale * energies, arm * (pixels.columns - centre))
        cost, offset, contrast = _compared(image, model, weight, parts.others["readout"], names)
        values = dict(template.values)
        values |= {f"{bias_name}.zero": centre, f"{bias_name}.lever_arm": arm}
        values[f"{drive_name}.lever_arm"] = scale * parts.others[drive_name].lever_arm
        values |= {"readout.offset": offset, "readout.contrast": contrast}
        found.append((cost, {n: v for n, v in values.items() if n in names}))
    found.sort(key=lambda each: each[0])
    return _distinct([values for _, values in found], most)


def _filled(image: Array) -> Array:
    """Missing pixels take the mean of their column, or of all."""
    column = np.nanmean(np.where(np.isnan(image).all(axis=0), np.nanmean(image), image), axis=0)
    return np.where(np.isnan(image), column, image)


def _parity(parts: Parts, forward: Forward, omega: float) -> int:
    """Whether a population is even (1) or odd about a half (−1) in the bias, or neither (0)."""
    bias = omega * np.array([-2.3, -1.0, -0.35, 0.35, 1.0, 2.3])
    found = forward.solved(parts, omega * np.array([0.7, 2.4]), bias)
    if np.allclose(found, found[:, ::-1], atol=1e-5):
        return 1
    return -1 if np.allclose(found, 1 - found[:, ::-1], atol=1e-5) else 0


def _centres(image: Array, columns: Array, parity: int) -> list[float]:
    """Where the map mirrors itself: the highest peaks of slope(c + x)·slope(c − x) over all x."""
    even = np.linspace(columns.min(), columns.max(), 2 * columns.size)
    order = np.argsort(columns)
    rows = [np.interp(even, columns[order], row[order]) for row in image]
    slope = gaussian_filter1d(np.array(rows), 2.0, axis=1, order=1)
    size = 2 * even.size
    spectrum = np.fft.rfft(slope, size, axis=1)
    mirrored = -parity * np.fft.irfft(spectrum**2, size, axis=1).sum(axis=0)[: 2 * even.size - 1]
    places = even[0] + 0.5 * (even[1] - even[0]) * np.arange(mirrored.size)
    span = np.ptp(columns)
    inside = np.minimum(places - columns.min(), columns.max() - places) > _FEWEST / 2 * span
    mirrored = np.where(inside, mirrored, -np.inf)
    return [float(place) for place in places[_peaks(mirrored)[:_PEAKS]]]


def _arms(image: Array, x: Array, parity: int, known: float, omega: float) -> list[float]:
    """Lever arms with which sidebands stand ω apart, summed over both sides and all rows.

    Several, since columns that are few to a sideband confuse one arm with another.
    """
    reach = np.abs(x).max()
    window = np.cos(0.5 * np.pi * x / reach) ** 2
    sign = np.sign(x) if parity < 0 else 1.0
    profile = (image - gaussian_filter1d(image, _columns_per(x, known, omega), axis=1)).sum(axis=0)
    arms = known * np.geomspace(1 / _ARMS, _ARMS, 161)
    waves = np.cos(2 * np.pi * np.outer(arms, x) / omega)
    strength = np.abs(waves @ (profile * window * sign))
    return [float(arm) for arm in arms[_peaks(strength)[:_PEAKS]]]


def _peaks(strength: Array) -> Array:
    """Where a curve is highest about itself, the highest place first."""
    padded = np.pad(strength, 1, constant_values=-np.inf)
    found = np.flatnonzero((strength > padded[:-2]) & (strength >= padded[2:]))
    return found[np.argsort(strength[found])[::-1]]


def _columns_per(x: Array, arm: float, omega: float) -> float:
    """Columns from one sideband to the next."""
    return float(omega / abs(arm) / np.median(np.abs(np.diff(x))))


def _templates(
    pixels: Pixels,
    parts: Parts,
    forward: Forward,
    omega: float,
    names: set[str],
    frames: list[tuple[float, float]],
    scale: float,
) -> list[_Template]:
    """Maps for a few strengths, widths and temperatures, as far as these are free."""
    drive_name = forward.names[0]
    most_bias = max(np.abs(arm * (pixels.columns - c)).max() for c, arm in frames)
    most_drive = scale * np.abs(parts.others[drive_name](pixels.rows, omega)).max()
    bias_step, drive_step = 0.12 * omega, 0.25 * omega
    half = int(most_bias / bias_step) + 2
    bias = bias_step * np.arange(-half, half + 1)
    drive = drive_step * np.arange(int(most_drive / drive_step) + 2)
    made = []
    for values in _trials(parts, omega, names):
        image = forward.solved(parts.with_values(values), drive, bias)
        made.append(_Template(values, image, drive_step, bias_step))
    return made


def _trials(parts: Parts, omega: float, names: set[str]) -> list[Values]:
    """Values of the rates: saturation Δ²T1, width, and temperature."""
    model = parts.model
    gap = next((n for n in model.parameters if n == "gap" and n in names), None)
    dephasing = [n for n in model.parameters if n == "dephasing.rate" and n in names]
    relaxing = [n for n in model.parameters if n in ("decay.rate", "relaxation.rate")]
    hot = [n for n in model.parameters if n.endswith("temperature") and n in names]
    width = [0.15, 0.45] if dephasing else [0.0]
    saturation = [0.15, 1.0, 6.0] if gap or set(relaxing) & names else [0.0]
    temperature = [0.15, 0.7] if hot else [0.0]
    trials = []
    for w, s, t in product(width, saturation, temperature):
        values: dict[str, Any] = {name: w * omega for name in dephasing}
        rate = 0.05 * omega
        for name in relaxing:
            if name in names:
                values[name] = rate if gap else abs(model.parameters["gap"]) ** 2 / (s * omega)
            rate = values.get(name, model.parameters[name])
        if gap:
            values[gap] = np.sqrt(s * omega * rate)
        values |= {name: t * omega for name in hot}
        if "noise.sigma" in names:
            values["noise.sigma"] = 0.1 * omega
        trials.append(values)
    return trials


def _compared(
    image: Array, model: Array, weight: Array, readout: Any, names: set[str]
) -> tuple[float, float, float]:
    """Rest of the map when a template is scaled to it, with the offset and contrast of that."""
    if not {"readout.offset", "readout.contrast"} & names:
        return float(np.sum(weight * (image - readout(model)) ** 2)), 0.0, 1.0
    total = weight.sum()
    mean_image, mean_model = (np.sum(weight * each) / total for each in (image, model))
    a, b = image - mean_image, model - mean_model
    contrast = np.sum(weight * a * b) / max(np.sum(weight * b * b), 1e-12)
    rest = float(np.sum(weight * (a - contrast * b) ** 2))
    return rest, float(mean_image - contrast * mean_model), float(contrast)


def _distinct(starts: list[Values], most: int) -> list[Values]:
    """The first few that differ by more than a fifth in something."""
    kept: list[Values] = []
    for start in starts:
        if all(_differ(start, other) for other in kept):
            kept.append(start)
        if len(kept) == most:
            break
    return kept


def _differ(one: Values, other: Values) -> bool:
    return any(
        abs(one[name] - other[name]) > 0.2 * max(abs(one[name]), abs(other[name]))
        for name in one
        if not name.startswith("readout")
    )
