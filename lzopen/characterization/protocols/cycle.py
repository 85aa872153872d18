"""A measurement that repeats: wait, drive, read."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np

from lzopen.characterization.protocols.base import Protocol, set_single
from lzopen.characterization.protocols.drive import Burst
from lzopen.characterization.protocols.stacking import in_a_row, population
from lzopen.characterization.protocols.still import (
    fixed,
    generator,
    refuse_lasting,
    undriven,
    waiting,
    while_waiting,
)
from lzopen.errors import not_negative, positive
from lzopen.models import Model
from lzopen.waveforms.base import Array
from lzopen.waveforms.units import TIME


@dataclass(frozen=True)
class Cycle(Protocol):
    """The drive is off, on, and off while the device is read, over and over.

    The device is in the state that returns after each cycle, and the signal is its average over
    the reading, ::

        P = ⟨level| (1/t_read) ∫₀^{t_read} e^{Ls} V ρ ds |level⟩,   ρ = e^{L(t_init + t_read)} V ρ,

    where V is what the drive does and L the device without it. A cycle that is short against T1
    remembers the one before.

    Parameters
    ----------
    init, drive, read : float
        Durations. The device is read at once where ``read`` is zero; ``init`` may be zero too.
    phase_locked : bool
        Whether the drive has its own phase, that at t = 0, at the start of each stretch. If not,
        all phases are averaged over, at some fifteen times the work.

    Raises
    ------
    LzopenError
        If a time is negative or no number, or there is no drive. When a population is asked for:
        if the drive is not periodic about a bias, or no single state returns.

    References
    ----------
    D. M. Berns et al., Nature 455, 51 (2008), for cycles of preparation, drive and read-out.

    Examples
    --------
    >>> import lzopen as lz
    >>> qubit = lz.TwoLevel(sweep=lz.Sinusoidal(amplitude=5.0, omega=2.0, bias=2.0), gap=0.1)
    >>> noisy = qubit.with_environment(lz.Dephasing(0.02), lz.Relaxation(0.01, temperature=0.1))
    >>> for init in (10.0, 1000.0):
    ...     print(Cycle(init, drive=30.0, read=5.0).population(noisy, level=0, tol=1e-8).round(4))
    [0.45]
    [0.4057]
    """

    references: ClassVar[tuple[str, ...]] = ("berns2008",)
    init: float = field(metadata=TIME)
    drive: float = field(metadata=TIME)
    read: float = field(metadata=TIME)
    phase_locked: bool = True

    def __post_init__(self) -> None:
        set_single(self, init=not_negative, drive=positive, read=not_negative)

    def population(self, batch: Model, level: int, tol: float) -> Array:
        """Average over the reading."""
        still = undriven(batch)
        refuse_lasting(batch)
        n, shape, rates = still.n_levels, batch.batch_shape, generator(still)
        maps = Burst(self.drive, 0.0, self.phase_locked, tol).maps(batch)
        off = in_a_row(waiting(rates, self.init + self.read), shape, 2)
        begin = fixed(off @ maps - np.eye(n * n), n)
        seen = in_a_row(population(level, n) @ while_waiting(rates, self.read), shape, 1)
        return np.real(np.sum(seen * (maps @ begin[..., None])[..., 0], axis=-1))
