"""Thermal equilibrium of energy levels, from temperature zero to infinity."""

from __future__ import annotations

from typing import Any

import numpy as np

from lzopen.waveforms.base import ROUND_OFF, Array


def gibbs(energies: Array, temperature: Any) -> Array:
    """Populations e^{−E/T}/Z of ascending levels (…, n); at T = 0 of the lowest ones alone."""
    weights = np.exp(log_gibbs(energies, temperature))
    return np.asarray(weights / weights.sum(axis=-1, keepdims=True))


def log_gibbs(energies: Array, temperature: Any) -> Array:
    """ln of these populations, −∞ of what is empty."""
    above = energies - energies[..., :1]
    scale = np.abs(energies).max(axis=-1, keepdims=True)
    above = np.where(above <= ROUND_OFF * scale, 0.0, above)
    hot = np.asarray(temperature, dtype=float)[..., None]
    with np.errstate(divide="ignore", invalid="ignore"):  # T = 0, and 0/0 there
        exponent = np.where(above > 0, -above / hot, 0.0)
    return np.asarray(exponent - np.log(np.exp(exponent).sum(axis=-1, keepdims=True)))


def free_energy_difference(first: Array, last: Array, temperature: Any) -> Array:
    """ΔF = −T ln(Z_last/Z_first) for levels (…, n); at T = ∞ that of the mean energies."""
    return _free_energy(last, temperature) - _free_energy(first, temperature)


def _free_energy(energies: Array, temperature: Any) -> Array:
    """−T ln(Z/n) without cancellation, hot or cold."""
    hot = np.asarray(temperature, dtype=float)
    mean = energies.mean(axis=-1)
    spread = energies - mean[..., None]
    is_hot = np.ptp(energies, axis=-1) < hot
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        excess = np.expm1(np.where(is_hot[..., None], -spread / hot[..., None], 0.0))
        warm = np.where(np.isinf(hot), 0.0, hot * np.log1p(excess.mean(axis=-1)))
        above = energies - energies[..., :1]
        exponent = np.where(above > 0, -above / hot[..., None], 0.0)
        below = energies[..., 0] - hot * np.log(np.exp(exponent).mean(axis=-1))
    return np.asarray(np.where(is_hot, mean - warm, below))


def equal_levels(energies: Array) -> Array:
    """Whether levels j and k of ascending energies have the same but for round-off, (…, n, n)."""
    scale = np.abs(energies).max(axis=-1, keepdims=True)
    steps = np.diff(energies, axis=-1, prepend=energies[..., :1]) > ROUND_OFF * scale
    group = np.cumsum(steps, axis=-1)
    return np.asarray(group[..., :, None] == group[..., None, :])
