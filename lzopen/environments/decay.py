"""A plain jump between two fixed levels."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import qutip

from lzopen.environments.base import Axial, Environment, Terms, check_level, lindblad, sparse
from lzopen.errors import fail, not_negative, whole
from lzopen.waveforms import Constant
from lzopen.waveforms.base import Array, column
from lzopen.waveforms.units import RATE


@dataclass(frozen=True, eq=False)
class Decay(Environment):
    """Jumps from one diabatic level to another: L = √Γ |target⟩⟨source|.

    It never asks which of the two levels lies higher. This is what
    ``destroy(2)`` does in most scripts: past the crossing it pumps a qubit into its
    *excited* state. `Relaxation` is what a device does.

    Parameters
    ----------
    rate : float or ndarray
        Γ ≥ 0.
    source, target : int
        Diabatic levels, counted from 0.

    Raises
    ------
    LzopenError
        If the rate is negative, the levels are equal or one does not exist.

    Examples
    --------
    >>> import lzopen as lz
    >>> lz.Decay(rate=0.25, source=1, target=0).c_ops(())[0].full().real.tolist()
    [[0.0, 0.5], [0.0, 0.0]]
    """

    rate: Any = field(metadata=RATE)
    source: int
    target: int

    def __post_init__(self) -> None:
        object.__setattr__(self, "rate", not_negative("rate", self.rate))
        for name in ("source", "target"):
            level = whole(name, getattr(self, name), remedy="levels count from 0")
            object.__setattr__(self, name, level)
        if self.source == self.target:
            fail("target", f"differ from source = {self.source}", self.target)

    def check(self, n_levels: int) -> None:
        check_level("source", self.source, n_levels)
        check_level("target", self.target, n_levels)

    def _jump(self, n_levels: int) -> Array:
        matrix = np.zeros((n_levels, n_levels))
        matrix[self.target, self.source] = 1.0
        return matrix

    def c_ops(self, terms: Terms) -> list[qutip.Qobj | qutip.QobjEvo]:
        size = terms[0][0].shape[0] if terms else max(self.source, self.target) + 1
        return [sparse(np.sqrt(self.rate) * self._jump(size))]

    def axial(self, terms: Terms, vector: Array) -> Axial:
        """Towards the target along z."""
        axis = np.array([0.0, 0.0, 1.0]).reshape(3, *[1] * (vector.ndim - 1))
        rate = column(self.rate, vector)
        return Axial(axis, rate, 0.5 * rate, 1.0 if self.target == 0 else -1.0)

    def quantum_jumps(self, energies: Array, states: Array) -> tuple[Array, Array]:
        """One, whose quantum is the distance of the two diabatic levels, without their coupling."""
        jump = states.conj().swapaxes(-1, -2) @ self._jump(energies.shape[-1]) @ states
        bare = np.einsum("...jk,...k->...j", np.abs(states) ** 2, energies)
        root = np.sqrt(np.asarray(column(self.rate, energies[..., 0])))
        quantum = bare[..., self.target] - bare[..., self.source]
        return (root[..., None, None] * jump)[..., None, :, :], quantum[..., None]

    def dissipators(self, terms: Terms) -> Terms:
        jump = self._jump(len(terms[0][0]))
        return ((lindblad(jump, self.rate), Constant(1.0)),)
