"""What moves a density matrix and counts its energy: one linear equation for all of it.

In the real coordinates x of the density matrix (populations and coherences) the power and all
energy currents are linear, so that (x, work, energy from each environment) obeys one equation
dX/dt = G(t)X, solved as a whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from lzopen.conventions import is_hermitian
from lzopen.dynamics.generators import between_levels
from lzopen.dynamics.magnus import per_step
from lzopen.dynamics.periodic.level_coordinates import Densities
from lzopen.dynamics.picking import picked
from lzopen.environments.base import Environment, Terms
from lzopen.errors import fail
from lzopen.models import Model
from lzopen.models.terms import hermitian_part
from lzopen.waveforms.base import Array


class Moment(NamedTuple):
    """A batch of systems at instants, in real coordinates of density matrices."""

    energies: Array  # (k, m, n)
    states: Array  # (k, m, n, n)
    hamiltonian: Array  # coordinates (k, m, n²)
    slope: Array  # of dH/dt
    unitary: Array  # (k, m, n², n²)
    dissipators: list[Array]  # for each environment


class Balance:
    """The equation of a batch of models, member by member.

    Parameters
    ----------
    model : Model
        A batch, or one model.
    shape : tuple of int
        Of the members, against which the batch broadcasts; members count in one row.
    redfield : bool
        Whether baths follow the Bloch-Redfield equation.
    """

    def __init__(self, model: Model, shape: tuple[int, ...], redfield: bool) -> None:
        if not all(is_hermitian(matrix) and not w.is_complex for matrix, w in model.terms):
            must, what = "be Hermitian here", "a matrix that is not, or a complex waveform"
            fail("terms", must, what, "name what leaks with lz.Leak")
        self.model, self._shape, self._redfield = model, shape, redfield
        self.coordinates = Densities(model.n_levels)
        self.size = self.coordinates.size + 1 + len(model.environments)

    def of(self, member: Array) -> Model:
        """The models of some members, in a row."""
        return picked(self.model, self._shape, member)

    def at(self, member: Array, t: Array) -> Moment:
        """All parts at times (k, m) of members (k,)."""
        model = self.of(member)
        own = [(self.coordinates.generator(matrix), w) for matrix, w in model.terms]
        matrix = hermitian_part(_summed(model.terms, t))
        energies, states = np.linalg.eigh(matrix if matrix.imag.any() else matrix.real)
        here = self._column(matrix)
        slope = self._slope(model.terms, t)
        acting = [self._dissipator(e, model.terms, t, energies, states) for e in model.environments]
        return Moment(energies, states, here, slope, _summed(own, t), acting)

    def generator(self, member: Array, t: Array) -> Array:
        """G(t), of shape (k, m, size, size)."""
        now, inner = self.at(member, t), self.coordinates.size
        whole = np.zeros((*t.shape, self.size, self.size))
        whole[..., :inner, :inner] = now.unitary + sum(now.dissipators, np.zeros(()))
        whole[..., inner, :inner] = now.slope
        for place, acting in enumerate(now.dissipators, start=inner + 1):
            whole[..., place, :inner] = (now.hamiltonian[..., None, :] @ acting)[..., 0, :]
        return whole

    def _slope(self, terms: Terms, t: Array) -> Array:
        """Of dH/dt at times (k, m)."""
        total: Any = 0.0
        with np.errstate(invalid="ignore"):  # a sweep may be infinitely steep for an instant
            for matrix, waveform in terms:
                column = self._column(matrix)
                speed = np.asarray(waveform.derivative(t))[..., None]
                total = total + np.where(column == 0, 0.0, speed * column)
        return np.broadcast_to(total, (*t.shape, self.coordinates.size))

    def power(self, member: Array, t: Array, states: Array) -> Array:
        """Tr ρ ∂H/∂t of density matrices (k, n, n), each at its time (k,); it may be infinite."""
        total: Any = np.zeros(t.shape)
        for matrix, waveform in self.of(member).terms:
            speed = np.asarray(waveform.derivative(t[:, None]))[..., 0]
            held = np.einsum("ij,kji->k", matrix, states).real
            total = total + np.where(held == 0, 0.0, speed) * held
        return np.asarray(total)

    def _column(self, matrices: Array) -> Array:
        return np.asarray(self.coordinates.columns(matrices, np)[..., 0])

    def _dissipator(
        self, environment: Environment, terms: Terms, t: Array, energies: Array, states: Array
    ) -> Array:
        if environment.follows_energies:
            acts = environment.redfield if self._redfield else environment.dissipation
            outside = between_levels(acts(energies, states), states)
            return self.coordinates.superoperator(outside)
        turn = self.coordinates.superoperator
        parts = [(turn(matrix), w) for matrix, w in environment.dissipators(terms)]
        parts += [(self.coordinates.generator(m), w) for m, w in environment.leaks(terms)]
        return np.broadcast_to(_summed(parts, t), (*t.shape, *2 * (self.coordinates.size,)))


def _summed(terms: Sequence[tuple[Array, Any]], t: Array) -> Array:
    """Σ w(t) × matrix for times (k, m)."""
    return np.asarray(sum(np.asarray(w(t))[..., None, None] * per_step(m) for m, w in terms))
