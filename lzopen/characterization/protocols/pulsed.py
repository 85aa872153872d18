"""A burst of the drive, and a reading after it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np

from lzopen.characterization.protocols.base import Protocol, set_single
from lzopen.characterization.protocols.drive import Burst
from lzopen.characterization.protocols.stacking import in_a_row, population
from lzopen.characterization.protocols.start import checked_temperature, first
from lzopen.characterization.protocols.still import generator, undriven, waiting
from lzopen.errors import fail, not_negative, positive
from lzopen.models import Model
from lzopen.waveforms.base import Array
from lzopen.waveforms.units import ENERGY, TIME


@dataclass(frozen=True)
class Pulsed(Protocol):
    """The drive is on for a while; then the device waits without it until it is read.

    A drive ε₀ + A(t) becomes ε₀ + f(t) A(t). The envelope f passes ½ at t = 0 and at
    t = ``duration``, and each of its flanks is a straight line that lasts for ``rise``. What the
    bias is when the drive is off, lasts before and after.

    In the rate regime (`theory.fast_passage_rate`) without relaxation or rise ::

        z(t) = z(0) e^{−2Wt}.

    Parameters
    ----------
    duration : float
        Time between the half heights, above zero.
    rise : float
        Duration of each flank, from zero to ``duration``.
    wait : float
        From the end of the last flank to the reading.
    initial : int, {"rest", "ground", "thermal"} or Qobj
        What the device is in before: what it settles in without the drive ("rest"), a diabatic
        level, or an eigenstate or thermal state of the Hamiltonian without the drive.
    initial_temperature : float, optional
        Of a thermal initial state, an energy.
    phase_locked : bool
        Whether the drive has its own phase at t = 0 in each repetition. If not, all phases are
        averaged over, at some fifteen times the work.

    Raises
    ------
    LzopenError
        If a time is negative or no number, the rise longer than the pulse, or the initial state
        unknown. When a population is asked for: if the drive is not periodic about a bias, or if
        the device settles nowhere.

    References
    ----------
    D. M. Berns et al., Phys. Rev. Lett. 97, 150502 (2006).

    Examples
    --------
    >>> import lzopen as lz
    >>> qubit = lz.TwoLevel(sweep=lz.Sinusoidal(amplitude=5.0, omega=2.0, bias=2.0), gap=0.1)
    >>> noisy = qubit.with_environment(lz.Dephasing(0.02), lz.Relaxation(0.01, temperature=0.1))
    >>> for duration in (10.0, 100.0, 1000.0):
    ...     print(Pulsed(duration).population(noisy, level=0, tol=1e-8).round(4))
    [0.0838]
    [0.489]
    [0.4841]
    """

    references: ClassVar[tuple[str, ...]] = ("berns2006",)
    duration: float = field(metadata=TIME)
    rise: float = field(default=0.0, metadata=TIME)
    wait: float = field(default=0.0, metadata=TIME)
    initial: Any = "rest"
    initial_temperature: float | None = field(default=None, metadata=ENERGY)
    phase_locked: bool = True

    def __post_init__(self) -> None:
        set_single(self, duration=positive, rise=not_negative, wait=not_negative)
        if self.rise > self.duration:
            must = f"not be longer than the pulse, which lasts for {self.duration:g}"
            fail("rise", must, self.rise, "the pulse is measured between half heights")
        temperature = checked_temperature(self.initial, self.initial_temperature)
        object.__setattr__(self, "initial_temperature", temperature)

    def population(self, batch: Model, level: int, tol: float) -> Array:
        """After the wait."""
        still = undriven(batch)
        begin = in_a_row(first(still, self.initial, self.initial_temperature), batch.batch_shape, 1)
        maps = Burst(self.duration, self.rise, self.phase_locked, tol).maps(batch)
        read = population(level, still.n_levels)
        if self.wait:
            read = in_a_row(read @ waiting(generator(still), self.wait), batch.batch_shape, 1)
        return np.real(np.sum(read * (maps @ begin[..., None])[..., 0], axis=-1))
