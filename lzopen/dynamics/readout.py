"""Eigenstates that bear the name of a diabatic level, and how populations of states are read."""

from __future__ import annotations

import numpy as np

from lzopen.errors import LzopenError, warn
from lzopen.models import Model
from lzopen.waveforms.base import Array

_HELD = 0.75  # of its level, below which the name of an eigenstate says little


def named_eigenstates(model: Model, t: Array) -> Array:
    """Eigenvectors as columns at one time for each member of a batch, named by their levels."""
    states, shared = by_level(model.eigenstates(t[..., None])[1][..., 0, :, :])
    if shared.any():
        raise LzopenError(
            "Argument `readout` must be 'diabatic' for this window, since at one of its ends two "
            "diabatic levels share one eigenstate; give readout='diabatic', or, if the levels "
            "part, a window that ends further from their crossing."
        )
    held = np.abs(np.diagonal(states, axis1=-2, axis2=-1)) ** 2
    if held.min() < _HELD:
        at = np.unravel_index(held.argmin(), held.shape)
        warn(
            f"The eigenstate that is named {at[-1]} holds {held.min():.2g} of level {at[-1]} at "
            f"t = {np.broadcast_to(t, held.shape[:-1])[at[:-1]]:g}; give readout='diabatic', or a "
            "window that ends further from a crossing.",
            float(held.min()),
            5,
            page="guide/solving#finite-windows",
        )
    return states


def by_level(vectors: Array) -> tuple[Array, Array]:
    """Columns in the order of the levels that they hold most of, and whether two claim one."""
    owner = np.abs(vectors).argmax(axis=-1)
    shared = (np.sort(owner, axis=-1) != np.arange(owner.shape[-1])).any(axis=-1)
    return np.take_along_axis(vectors, owner[..., None, :], axis=-1), shared


def projector_vectors(states: Array) -> Array:
    """Columns vec(|ψ⟩⟨ψ|) for the columns ψ, stacked by columns."""
    outer = states.conj()[..., :, None, :] * states[..., None, :, :]
    return outer.reshape(*states.shape[:-2], -1, states.shape[-1])
