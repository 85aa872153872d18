"""Spins swept through resonance."""

from __future__ import annotations

from dataclasses import InitVar, dataclass, field
from typing import Any, ClassVar

import numpy as np
import qutip

from lzopen.environments.base import Terms
from lzopen.errors import finite
from lzopen.models.base import Model
from lzopen.models.crossing import either, settle, swept
from lzopen.models.two_level import TwoLevel
from lzopen.theory.spins import multiplicity
from lzopen.waveforms import Constant, Waveform
from lzopen.waveforms.units import ENERGY, NUMBER


@dataclass(frozen=True, kw_only=True, eq=False)
class SpinCrossing(Model):
    """A spin of any size in the field of a qubit, H(t) = ε(t) Sz + Re Δ Sx + Im Δ Sy.

    Levels 0 … 2S are m = S, S − 1, …, −S. Spin ½ is `TwoLevel`.

    Parameters
    ----------
    spin : float
        S, a multiple of ½.
    rate : float or array_like, optional
        α of a linear sweep; short for ``sweep=Linear(rate)``.
    sweep : Waveform, optional
        Any other ε(t), the distance of neighbouring diabatic levels.
    gap : float, complex, ndarray or Waveform
        Δ, the smallest distance of neighbouring energies.
    environments : tuple of Environment
        What acts on the spin besides H(t).

    Raises
    ------
    LzopenError
        If the spin is no positive multiple of ½, not just one of ``rate`` and ``sweep``
        is given, or the sweep or the gap would not suit a `TwoLevel`.

    References
    ----------
    E. Majorana, Nuovo Cimento 9, 43 (1932).

    Examples
    --------
    >>> import lzopen as lz
    >>> model = lz.SpinCrossing(spin=1, rate=1.0, gap=0.8)
    >>> print(lz.transition_matrix(model).probability[:, 0].values.round(7))
    [0.1339057 0.4640512 0.4020431]
    """

    references: ClassVar[tuple[str, ...]] = ("majorana1932",)
    spin: float = field(metadata=NUMBER)
    gap: Any = field(metadata=ENERGY)
    rate: InitVar[Any] = None
    sweep: Waveform = field(default=None, metadata=ENERGY)  # type: ignore[assignment]
    terms: Terms = field(init=False, repr=False)

    def __post_init__(self, rate: Any) -> None:
        spin = 0.5 * (multiplicity(self.spin) - 1)
        qubit = TwoLevel(sweep=either(rate, self.sweep), gap=self.gap)
        axes = [qutip.jmat(spin, axis).full() for axis in ("z", "x", "y")]
        terms = tuple((axis, w) for axis, (_, w) in zip(axes, qubit.terms, strict=False))
        settle(self, spin=spin, sweep=qubit.sweep, gap=qubit.gap, terms=terms)
        super().__post_init__()


@dataclass(frozen=True, kw_only=True, eq=False)
class QuadraticSpinOne(Model):
    """Spin 1 with a quadratic sweep, H(t) = ε(t) Sz² + b Sx, which has a dark state.

    Levels 0, 1, 2 are m = 1, 0, −1.

    Parameters
    ----------
    rate : float or array_like, optional
        α of a linear sweep; short for ``sweep=Linear(rate)``.
    sweep : Waveform, optional
        Any other ε(t), the energy of |1⟩ and |−1⟩ above |0⟩.
    coupling : float or array_like
        b. The bright state (|1⟩ + |−1⟩)/√2 crosses |0⟩ with the gap 2b.
    environments : tuple of Environment
        What acts on the spin besides H(t).

    Raises
    ------
    LzopenError
        If not just one of ``rate`` and ``sweep`` is given, the sweep is complex, or the
        coupling is not real and finite.

    Examples
    --------
    >>> import lzopen as lz
    >>> model = lz.QuadraticSpinOne(rate=1.0, coupling=0.4)
    >>> run = lz.evolve(model, times=[-30.0, 0.0, 30.0], initial=model.dark_state)
    >>> print(run.population[-1].values.round(8))
    [0.5 0.  0.5]
    """

    coupling: Any = field(metadata=ENERGY)
    rate: InitVar[Any] = None
    sweep: Waveform = field(default=None, metadata=ENERGY)  # type: ignore[assignment]
    terms: Terms = field(init=False, repr=False)

    def __post_init__(self, rate: Any) -> None:
        coupling, sweep = finite("coupling", self.coupling), either(rate, self.sweep)
        flip = (qutip.jmat(1, "x").full(), Constant(coupling))
        terms = (swept(sweep, np.array([1.0, 0.0, 1.0])), flip)
        settle(self, coupling=coupling, sweep=sweep, terms=terms)
        super().__post_init__()

    @property
    def dark_state(self) -> qutip.Qobj:
        """(|1⟩ − |−1⟩)/√2, which the coupling never reaches."""
        return (qutip.basis(3, 0) - qutip.basis(3, 2)).unit()
