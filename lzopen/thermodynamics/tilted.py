"""What moves a system and counts the energy of its quantum jumps."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from lzopen.dynamics.generators import between_levels
from lzopen.dynamics.picking import picked
from lzopen.errors import fail
from lzopen.models import Model
from lzopen.waveforms.base import Array


class Jumps(NamedTuple):
    """Quantum jumps at instants, between energy eigenstates."""

    energies: Array  # (k, m, n)
    states: Array  # (k, m, n, n)
    operators: Array  # (k, m, jumps, n, n)
    quanta: Array  # (k, m, jumps): energy that comes in from the environment
    environment: Array  # (jumps,): which one


class Tilted:
    """The master equation of a batch of models, in which each jump counts its quantum.

    Parameters
    ----------
    model : Model
        A batch, or one model, without leaks.
    shape : tuple of int
        Of the members, against which the batch broadcasts; members count in one row.
    """

    def __init__(self, model: Model, shape: tuple[int, ...]) -> None:
        if not model.is_hermitian:
            remedy = "lz.energetics follows what leaks"
            fail("model", "keep all probability", "leaky", remedy)
        self.model, self._shape = model, shape

    def of(self, member: Array) -> Model:
        """The models of some members, in a row."""
        return picked(self.model, self._shape, member)

    def jumps(self, member: Array, t: Array) -> Jumps:
        """At times (k, m) of members (k,)."""
        model = self.of(member)
        energies, states = model.eigenstates(t)
        n = energies.shape[-1]
        found = [e.quantum_jumps(energies, states) for e in model.environments]
        counts = [part.shape[-1] for _, part in found]
        empty = np.zeros((*t.shape, 0, n, n)), np.zeros((*t.shape, 0))
        operators, quanta = zip(*found, strict=True) if found else ([empty[0]], [empty[1]])
        return Jumps(
            energies,
            states,
            np.concatenate(operators, axis=-3),
            np.concatenate(quanta, axis=-1),
            np.repeat(np.arange(len(counts)), counts),
        )

    def generator(self, member: Array, t: Array, exponent: Array) -> Array:
        """On density matrices stacked by columns, (k, m, n², n²), each jump with e^{exponent·q}."""
        now = self.jumps(member, t)
        one = np.eye(now.energies.shape[-1])
        weight = np.exp(exponent[:, None, None] * now.quanta)[..., None, None]
        moved = np.einsum("...cij,...ckl->...ikjl", weight * now.operators.conj(), now.operators)
        inside = _inside(now)
        left = np.einsum("ij,...kl->...ikjl", one, inside)
        right = np.einsum("...ij,kl->...ikjl", inside.conj(), one)
        size = one.size
        return between_levels((moved + left + right).reshape(*t.shape, size, size), now.states)

    def silent(self, member: Array, t: Array) -> Array:
        """On amplitudes while nothing jumps, −iH − ½ΣL†L, (k, m, n, n)."""
        now = self.jumps(member, t)
        return now.states @ _inside(now) @ now.states.conj().swapaxes(-1, -2)


def _inside(now: Jumps) -> Array:
    """−iH − ½ΣL†L between energy eigenstates; the sum is one product of all L in a column."""
    n = now.energies.shape[-1]
    stacked = now.operators.reshape((*now.operators.shape[:-3], -1, n))
    lost = stacked.conj().swapaxes(-1, -2) @ stacked
    return np.asarray(-1j * now.energies[..., None] * np.eye(n) - 0.5 * lost)
