"""Loss of population from one level to the outside."""

from __future__ import annotations

import cmath
import math
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
import qutip

from lzopen.conventions import IDENTITY
from lzopen.environments.base import Environment, SinkJump, Terms, check_level
from lzopen.environments.bloch import PAULI, Direction, Field, bloch_field, direction
from lzopen.errors import choice, fail, not_negative
from lzopen.waveforms import Constant, Waveform
from lzopen.waveforms.units import RATE

_SAMPLES = 257


@dataclass(frozen=True, eq=False)
class Leak(Environment):
    """Loss from one level: −½iΓ|k⟩⟨k| joins the Hamiltonian, and the norm falls.

    The trace of the density matrix is the survival. Energies, ground states and read-out
    do not see the leak.

    Parameters
    ----------
    level : int
        k, counted from 0: a diabatic level, or an energy level, ascending.
    rate : float, ndarray or Waveform
        Γ ≥ 0, the rate at which the population of the level is lost.
    basis : {"diabatic", "adiabatic"}
        Whether the leaking state is a diabatic level or, of two levels, an instantaneous
        energy eigenstate; level 1 is then the excited one.

    Raises
    ------
    LzopenError
        If the rate is negative or complex, the level does not exist, or energy
        eigenstates of more than two levels are asked for.

    Notes
    -----
    ``qutip.mcsolve`` counts the loss of norm of a non-Hermitian Hamiltonian as quantum
    jumps. `Model.with_sink` gives the equivalent model in which the population ends in
    one more level; `evolve` uses it by itself.

    References
    ----------
    V. M. Akulin, W. P. Schleich, Phys. Rev. A 46, 4110 (1992).

    Examples
    --------
    The leak of the *other* level does not change the survival of the first one after an infinite
    sweep:

    >>> import lzopen as lz
    >>> qubit = lz.TwoLevel(sweep=lz.Linear(rate=1.0), gap=1.0)
    >>> leaky = qubit.with_environment(lz.Leak(level=1, rate=0.5))
    >>> P = lz.transition_matrix(leaky).probability
    >>> print(f"{P[0, 0]:.8f} {lz.theory.landau_zener(rate=1.0, gap=1.0):.8f}")
    0.20787958 0.20787958
    """

    references: ClassVar[tuple[str, ...]] = ("akulin1992",)
    level: int
    rate: Any = field(metadata=RATE)
    basis: str = "diabatic"
    has_jumps = False

    def __post_init__(self) -> None:
        choice("basis", self.basis, ("diabatic", "adiabatic"))
        if not isinstance(self.rate, Waveform):
            object.__setattr__(self, "rate", not_negative("rate", self.rate))
        else:
            _check_waveform(self.rate)

    @property
    def _waveform(self) -> Waveform:
        return self.rate if isinstance(self.rate, Waveform) else Constant(self.rate)

    def check(self, n_levels: int) -> None:
        check_level("level", self.level, n_levels)
        if self.basis == "adiabatic" and n_levels != 2:
            remedy = "for more levels let diabatic ones leak"
            fail("basis", "be 'diabatic' unless there are two levels", repr(self.basis), remedy)

    def leaks(self, terms: Terms) -> Terms:
        if self.basis == "diabatic":
            projector = np.zeros(terms[0][0].shape)
            projector[self.level, self.level] = 1.0
            return ((-0.5j * projector, self._waveform),)
        sign, field = 2 * self.level - 1, bloch_field(terms)
        moving = [
            (-0.25j * sign * pauli, Direction(field, (axis,), self._waveform))
            for axis, pauli in enumerate(PAULI)
        ]
        return ((-0.25j * IDENTITY, self._waveform), *moving)

    def sink_jumps(self, terms: Terms) -> list[SinkJump]:
        if self.basis == "diabatic":
            return [[(self.level, _Root(self._waveform).scalar)]]
        field, rate = bloch_field(terms), self._waveform
        return [[(k, _Bra(field, rate, self.level, k).scalar) for k in (0, 1)]]

    def c_ops(self, terms: Terms) -> list[qutip.Qobj | qutip.QobjEvo]:
        return []

    def dissipators(self, terms: Terms) -> Terms:
        return ()

    def a_ops(self) -> list[tuple[qutip.Qobj, Any]]:
        remedy = "brmesolve needs energy eigenstates of a Hermitian H: use heomsolve or mesolve"
        page = "guide/choosing#solver-of-evolve"
        fail("environments", "conserve probability here", "Leak, which does not", remedy, page)


def _check_waveform(rate: Waveform) -> None:
    """Raise where a sample of a rate falls below zero, which would be a gain."""
    if rate.is_complex:
        fail("rate", "be real", repr(rate))
    if rate.period is not None:
        t = np.linspace(0.0, np.max(rate.period), _SAMPLES)
    elif rate.asymptote(-1) is None or rate.asymptote(1) is None:
        return
    else:
        marks = np.ravel(rate.landmarks())
        marks = marks[np.isfinite(marks)]
        wide = np.ptp(marks) if marks.size > 1 else 1.0
        t = np.concatenate([marks, np.linspace(-wide, wide, _SAMPLES) + np.append(marks, 0.0)[0]])
    lowest = np.min(rate(t))
    if lowest < 0:
        fail("rate", "not be negative", f"{lowest:g} at some time", "a leak only loses")


@dataclass(frozen=True, eq=False)
class _Root:
    """√Γ(t) as a coefficient; QuTiP gets the bound method."""

    rate: Waveform

    def scalar(self, t: float) -> float:
        return math.sqrt(self.rate.scalar(t))


@dataclass(frozen=True, eq=False)
class _Bra:
    """√Γ ⟨eigenstate|k⟩ for the energy eigenstates (cos ½θ, e^{iφ} sin ½θ), the upper one, and
    (−e^{−iφ} sin ½θ, cos ½θ)."""

    field: Field
    rate: Waveform
    level: int
    component: int

    def scalar(self, t: float) -> complex:
        x, y, z = direction(self.field, t)
        phase = cmath.exp(1j * math.atan2(y, x))
        cos, sin = math.sqrt(max(0.0, (1 + z) / 2)), math.sqrt(max(0.0, (1 - z) / 2))
        upper = (cos, phase.conjugate() * sin)
        lower = (-phase * sin, cos)
        return complex(math.sqrt(self.rate.scalar(t)) * (lower, upper)[self.level][self.component])
