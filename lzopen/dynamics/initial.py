"""States that evolutions start in."""

from __future__ import annotations

from typing import Any

import numpy as np
import qutip

from lzopen.conventions import is_hermitian
from lzopen.errors import choice, fail, single, temperature_of_state
from lzopen.models import Model
from lzopen.waveforms.base import ROUND_OFF, Array

_FOLLOWING = ("ground", "thermal")  # the eigenstates of each member


def initial_state(
    model: Model, initial: Any, t: float, temperature: float | None = None
) -> qutip.Qobj:
    """A level, "ground", "thermal" or a Qobj, as a state at time t."""
    if isinstance(initial, qutip.Qobj):
        return _checked_state(initial, model.n_levels)
    if np.ndim(initial):
        fail("initial", "be a level, a word or a Qobj", initial, "wrap it: qutip.Qobj(array)")
    if initial == "thermal" and temperature is None:
        fail("temperature", "be given with initial='thermal'", temperature)
    if initial == "thermal":
        return model.thermal_state(t, temperature)  # type: ignore[arg-type]
    if temperature is not None:
        fail("temperature", "be left out unless initial='thermal'", temperature)
    if initial == "ground":
        return model.ground_state(t)
    choice("initial", initial, [*range(model.n_levels), "ground", "thermal"])
    return qutip.basis(model.n_levels, int(initial))


def _checked_state(state: qutip.Qobj, n_levels: int) -> qutip.Qobj:
    """A ket or density matrix of so many levels, without a tensor structure."""
    if state.isbra or state.issuper or state.shape[0] != n_levels:
        fail("initial", f"be a ket or operator of {n_levels} levels", f"of shape {state.shape}")
    matrix = density(state)
    if abs(matrix.trace() - 1) > 1e-6:
        fail("initial", "be normalised", f"of norm {state.norm():g}", "use .unit()")
    if not is_hermitian(matrix) or np.linalg.eigvalsh(matrix)[0] < -1e-9:
        fail("initial", "be a density matrix, Hermitian and not negative", matrix)
    return qutip.Qobj(state.full())


def initial_densities(
    model: Model, initial: Any, t: Any, temperature: Any = None, named: str = "temperature"
) -> Array:
    """The same as density matrices of all members of a batch, at a time or one for each.

    Of shape (n, n), or batch + (n, n) where members differ. The temperature may go by another
    name in messages.
    """
    if isinstance(initial, str):
        choice("initial", initial, [*range(model.n_levels), *_FOLLOWING])
    if (isinstance(initial, str) and initial == "thermal") != (temperature is not None):
        fail(named, "be given with initial='thermal', and left out otherwise", temperature)
    if temperature is not None:
        temperature = single(named, temperature_of_state(named, temperature))
    if not model.batch_shape or not isinstance(initial, str) or initial not in _FOLLOWING:
        return density(initial_state(model, initial, t, temperature))
    t = np.asarray(t)[..., None] if np.ndim(t) else np.full((*model.batch_shape, 1), t)
    energies, vectors = model.eigenstates(t)
    energies, vectors = energies[..., 0, :], vectors[..., 0, :, :]
    above = energies - energies[..., :1]
    if temperature:
        weights = np.exp(-above / temperature)
    elif initial == "thermal":
        weights = 1.0 * (above <= ROUND_OFF * np.abs(energies).max(axis=-1, keepdims=True))
    else:
        weights = np.eye(1, model.n_levels)[0]
    weights = weights / weights.sum(axis=-1, keepdims=True)
    return (vectors * weights[..., None, :]) @ vectors.conj().swapaxes(-1, -2)


def density(state: qutip.Qobj) -> Array:
    """A ket or density matrix as the array of a density matrix."""
    return np.asarray((state.proj() if state.isket else state).full())
