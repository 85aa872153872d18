"""Energy relaxation of a qubit in its moving eigenbasis."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
import qutip

from lzopen.conventions import IDENTITY
from lzopen.environments.base import Axial, Environment, Terms
from lzopen.environments.bloch import (
    PAULI,
    Direction,
    Polarization,
    bloch_field,
    bloch_vector,
    unit,
)
from lzopen.errors import fail, not_negative
from lzopen.waveforms import Constant
from lzopen.waveforms.base import Array, column
from lzopen.waveforms.units import ENERGY, RATE

Components = Callable[[float], tuple[complex, complex, complex]]
_PAULI = tuple(qutip.Qobj(matrix) for matrix in PAULI)


@dataclass(frozen=True, eq=False)
class Relaxation(Environment):
    """Jumps between the instantaneous energy eigenstates of a qubit, with detailed balance.

    L↓ = √Γ↓ |g(t)⟩⟨e(t)| and L↑ = √Γ↑ |e(t)⟩⟨g(t)|, with Γ↓ + Γ↑ = 1/T1 and
    Γ↑/Γ↓ = e^{−E(t)/T} at every instant, E being the distance of the energies. The
    operators are given to QuTiP as three Pauli matrices times scalar functions, which
    is far faster than a function that returns matrices; the engine follows them, too.

    Parameters
    ----------
    rate : float or ndarray
        1/T1 ≥ 0.
    temperature : float or ndarray
        T ≥ 0, an energy (k_B = 1).

    Raises
    ------
    LzopenError
        If the rate or temperature is negative, or the system has not two levels.

    References
    ----------
    T. Albash et al., New J. Phys. 14, 123016 (2012).

    Examples
    --------
    >>> import lzopen as lz
    >>> qubit = lz.TwoLevel(sweep=lz.Linear(1.0), gap=1.0)
    >>> cold = qubit.with_environment(lz.Relaxation(rate=0.01, temperature=0.0))
    >>> len(cold.c_ops)
    1
    """

    references: ClassVar[tuple[str, ...]] = ("albash2012",)
    rate: Any = field(metadata=RATE)
    temperature: Any = field(metadata=ENERGY)

    def __post_init__(self) -> None:
        object.__setattr__(self, "rate", not_negative("rate", self.rate))
        object.__setattr__(self, "temperature", not_negative("temperature", self.temperature))

    def check(self, n_levels: int) -> None:
        if n_levels != 2:
            must, remedy = "hold Relaxation for two levels only", "lz.ThermalBath is for any number"
            page = "guide/environments#thermal-baths"
            fail("environments", must, f"{n_levels} levels", remedy, page)

    @property
    def reservoir_temperature(self) -> Any:
        return self.temperature

    def c_ops(self, terms: Terms) -> list[qutip.Qobj | qutip.QobjEvo]:
        frame = MovingFrame(terms, self.rate, self.temperature)
        both = [self._jump(frame.down), self._jump(frame.up)]
        return both if self.temperature > 0 else both[:1]

    def dissipators(self, terms: Terms) -> Terms:
        """Of ρ = ½(Tr ρ + r·σ): r' = −½Γ (r + n(n·r)) − Γ tanh(E/2T) n Tr ρ."""
        field, rate = bloch_field(terms), np.asarray(self.rate)
        rest = np.eye(4) - 0.5 * _outer(IDENTITY, IDENTITY)
        along = [
            (_both(PAULI[i], PAULI[j]), Direction(field, (i, j), Constant(-rate / 4)))
            for i in range(3)
            for j in range(i, 3)
        ]
        pull = [
            (
                _outer(pauli, IDENTITY),
                Polarization(field, (axis,), Constant(-rate / 2), self.temperature),
            )
            for axis, pauli in enumerate(PAULI)
        ]
        return ((-0.5 * rate[..., None, None] * rest, Constant(1.0)), *along, *pull)

    def axial(self, terms: Terms, vector: Array) -> Axial:
        """Towards −tanh(E/2T) along n(t), at Γ; across it at half of that."""
        rate, temperature = column(self.rate, vector), column(self.temperature, vector)
        energy = np.linalg.norm(vector, axis=0)
        with np.errstate(divide="ignore", invalid="ignore"):  # T = 0
            weight = np.where(energy > 0, np.tanh(energy / (2 * np.asarray(temperature))), 0.0)
        return Axial(unit(vector), rate, 0.5 * rate, -weight)

    def quantum_jumps(self, energies: Array, states: Array) -> tuple[Array, Array]:
        """Down and up, by the distance of the energies."""
        distance = energies[..., 1] - energies[..., 0]
        rate, hot = (np.asarray(column(f, distance)) for f in (self.rate, self.temperature))
        with np.errstate(divide="ignore", invalid="ignore"):  # T = 0
            boltzmann = np.where(distance > 0, np.exp(-distance / hot), np.where(hot > 0, 1.0, 0.0))
        operators = np.zeros((*distance.shape, 2, 2, 2))
        operators[..., 0, 0, 1] = np.sqrt(rate / (1 + boltzmann))
        operators[..., 1, 1, 0] = np.sqrt(rate * boltzmann / (1 + boltzmann))
        return operators, np.stack([-distance, distance], axis=-1)

    @staticmethod
    def _jump(components: Components) -> qutip.QobjEvo:
        axes = enumerate(_PAULI)
        return qutip.QobjEvo([[m, _Component(components, axis).scalar] for axis, m in axes])


def _outer(a: Array, b: Array) -> Array:
    """a Tr(bρ) on density matrices stacked by columns."""
    return np.outer(a.ravel("F"), b.ravel("F").conj())


def _both(a: Array, b: Array) -> Array:
    """a Tr(bρ) + b Tr(aρ), or a Tr(aρ)."""
    return _outer(a, b) if a is b else _outer(a, b) + _outer(b, a)


@dataclass(frozen=True)
class _Component:
    """One Pauli component of a jump operator as a coefficient; QuTiP gets the bound method."""

    components: Components
    axis: int

    def scalar(self, t: float) -> complex:
        return complex(self.components(t)[self.axis])


class MovingFrame:
    """Pauli components of the jump operators along a sweep, in plain Python numbers.

    H = ½ n·σ E defines the polar angles of n; |g⟩⟨e| = ½(a − ib)·σ with the unit vectors
    a = ∂n/∂θ and b = ẑ×n/|ẑ×n|. The last instant is remembered, since
    QuTiP asks for each component in turn.
    """

    def __init__(self, terms: Terms, rate: float, temperature: float) -> None:
        self._field = bloch_field(terms)
        self._rate, self._temperature = rate, temperature
        self._instant: float | None = None
        self._down: tuple[complex, complex, complex] = (0.0, 0.0, 0.0)
        self._up: tuple[complex, complex, complex] = (0.0, 0.0, 0.0)

    def down(self, t: float) -> tuple[complex, complex, complex]:
        """Components of √Γ↓ |g⟩⟨e|."""
        if t != self._instant:
            self._update(t)
        return self._down

    def up(self, t: float) -> tuple[complex, complex, complex]:
        """Components of √Γ↑ |e⟩⟨g|."""
        if t != self._instant:
            self._update(t)
        return self._up

    def _update(self, t: float) -> None:
        x, y, z = bloch_vector(self._field, t)
        across, energy = math.hypot(x, y), math.sqrt(x * x + y * y + z * z)
        cos_phi, sin_phi = (x / across, y / across) if across else (1.0, 0.0)
        cos, sin = (z / energy, across / energy) if energy else (1.0, 0.0)
        boltzmann = self._boltzmann(energy)
        lower = 0.5 * math.sqrt(self._rate / (1 + boltzmann))
        upper = lower * math.sqrt(boltzmann)
        a = (cos * cos_phi, cos * sin_phi, -sin)
        b = (-1j * sin_phi, 1j * cos_phi, 0.0)
        self._down = (lower * (a[0] - b[0]), lower * (a[1] - b[1]), lower * a[2])
        self._up = (upper * (a[0] + b[0]), upper * (a[1] + b[1]), upper * a[2])
        self._instant = t

    def _boltzmann(self, energy: float) -> float:
        """Γ↑/Γ↓ = e^{−E/T}."""
        if self._temperature == 0:
            return 0.0 if energy else 1.0
        return math.exp(-energy / self._temperature)
