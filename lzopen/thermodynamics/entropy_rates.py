"""How fast environments produce entropy, and how much of that is loss of coherence."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from lzopen.thermodynamics.equilibrium import equal_levels
from lzopen.waveforms.base import Array

_EMPTY = 1e-15  # a population below is none
_STILL = 1e-12  # of the largest rate: a change no faster is round-off


class Rates(NamedTuple):
    """Rates of entropy by environment, each of shape (…, environments)."""

    entropy: Array  # of the system
    coherence: Array  # of production, by loss of coherence between energies
    populations: Array  # of production, by all else; where there is a temperature


def entropy_rates(
    state: Array,
    changes: Array,
    currents: Array,
    temperatures: Array,
    energies: Array,
    strength: Array,
) -> Rates:
    """Of density matrices (…, n, n) between energy levels (…, n).

    Parameters
    ----------
    state : (…, n, n) ndarray
    changes : (…, environments, n, n) ndarray
        Of the state by each environment; the Hamiltonian produces no entropy.
    currents, temperatures : (…, environments) ndarray
        Of energy into the system; NaN where an environment has no temperature.
    energies : (…, n) ndarray
    strength : (…, environments) ndarray
        Largest rate of each environment, against which others are round-off.
    """
    together = equal_levels(energies)
    whole = _rate(state, changes, strength)
    within = np.where(together[..., None, :, :], changes, 0.0)
    dephased = _rate(np.where(together, state, 0.0), within, strength)
    # Of a cold bath the sign of round-off would be that of an infinite rate.
    least = _STILL * strength * np.abs(energies).max(axis=-1, keepdims=True)
    nothing = (np.abs(currents) <= least) | np.isnan(temperatures)
    with np.errstate(divide="ignore", invalid="ignore"):
        given = np.where(nothing, 0.0, -currents / temperatures)
        # Both are infinite where an empty level fills, which is no loss of coherence.
        coherence = np.where(np.isinf(dephased), 0.0, whole - dephased)
    return Rates(whole, coherence, dephased + given)


def _rate(state: Array, changes: Array, strength: Array) -> Array:
    """−Tr(change ln ρ) for each environment; infinite where an empty state fills."""
    populations, vectors = np.linalg.eigh(state)
    turned = vectors.conj().swapaxes(-1, -2)[..., None, :, :] @ changes @ vectors[..., None, :, :]
    filling = np.diagonal(turned, axis1=-2, axis2=-1).real
    empty = populations[..., None, :] < _EMPTY
    logarithm = np.log(np.maximum(populations, _EMPTY))[..., None, :]
    finite = np.where(empty, 0.0, -filling * logarithm).sum(axis=-1)
    return np.where((empty & (filling > _STILL * strength[..., None])).any(axis=-1), np.inf, finite)
