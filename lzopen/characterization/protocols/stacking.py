"""Density matrices stacked by columns, as Liouvillians and the maps of a drive take them."""

from __future__ import annotations

import numpy as np

from lzopen.waveforms.base import Array


def stacked(states: Array) -> Array:
    """Density matrices (…, n, n) stacked by columns, (…, n²)."""
    return states.swapaxes(-1, -2).reshape(*states.shape[:-2], -1)


def unstacked(vectors: Array) -> Array:
    """The same backwards."""
    n = int(np.sqrt(vectors.shape[-1]))
    return vectors.reshape(*vectors.shape[:-1], n, n).swapaxes(-1, -2)


def in_a_row(values: Array, shape: tuple[int, ...], axes: int) -> Array:
    """Values whose last ``axes`` are their own, for each member of a batch of this shape."""
    own = values.shape[values.ndim - axes :]
    return np.broadcast_to(values, (*shape, *own)).reshape(-1, *own)


def population(level: int, n_levels: int) -> Array:
    """Row that takes the population of a level out of a stacked density matrix."""
    return np.asarray(np.eye(n_levels**2)[level * (n_levels + 1)])
