"""Maps over amplitude and bias: lzopen does every pixel, a peer some of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import qutip
from harness import Job
from references import harmonic_balance
from systems import COSINE, OMEGA, PERIOD, Drive

import lzopen as lz

Array = np.ndarray[Any, Any]
_ORDER = 90  # of the harmonics in a reference
_SEED = 5


@dataclass(frozen=True, eq=False)
class Map:
    """A model over a square of amplitudes up to 10ω and biases within ±10ω.

    A seeded sample of its pixels is what peers do and what errors are taken over.
    """

    model: lz.Model
    drive: Drive = COSINE
    side: int = 101
    sample: int = 24
    widest: float = 10 * OMEGA

    @cached_property
    def amplitudes(self) -> Array:
        return np.linspace(0.0, 10 * OMEGA, self.side)

    @cached_property
    def biases(self) -> Array:
        return np.linspace(-self.widest, self.widest, self.side)

    @cached_property
    def pixels(self) -> tuple[Array, ...]:
        """Indices of the sample, along the amplitude and along the bias."""
        drawn = np.random.default_rng(_SEED).choice(self.side**2, self.sample, replace=False)
        return np.unravel_index(drawn, (self.side, self.side))

    @property
    def names(self) -> tuple[str, str]:
        """Of the parameters along both axes."""
        return f"{self.drive.prefix}amplitude", f"{self.drive.prefix}bias"

    @cached_property
    def points(self) -> list[tuple[float, float]]:
        """Amplitude and bias of the sample."""
        i, j = self.pixels
        return list(zip(self.amplitudes[i].tolist(), self.biases[j].tolist(), strict=True))

    @cached_property
    def members(self) -> list[lz.Model]:
        """The model at each point of the sample."""
        named = [dict(zip(self.names, point, strict=True)) for point in self.points]
        return [self.model.with_parameters(values) for values in named]

    @cached_property
    def exact(self) -> tuple[Array, Array]:
        """Populations (pixel, level) of a drive of few harmonics: their average, and at t = 0."""
        systems = [qutip.liouvillian(member.H, member.c_ops) for member in self.members]
        average, start = zip(*(harmonic_balance(L, PERIOD, _ORDER) for L in systems), strict=True)
        return np.array(average), np.array(start)

    def interferogram(self, **how: Any) -> Any:
        """The whole map by lzopen."""
        over = dict(zip(self.names, (self.amplitudes, self.biases), strict=True))
        return lz.interferogram(self.model, over=over, **how)

    def ours(self, exact: Array, **how: Any) -> Job:
        """lzopen on all pixels."""

        def error(fringes: Any) -> float:
            return float(np.abs(fringes.population.values[self.pixels] - exact).max())

        return Job("lzopen", lambda: self.interferogram(**how), error, units=self.side**2)

    def peer(self, label: str, run: Callable[[], Array], exact: Array) -> Job:
        """A peer that gives the populations (pixel, level) of the sample."""

        def error(found: Array) -> float:
            return float(np.abs(found - exact).max())

        return Job(f"{label} ({self.sample} pixels)", run, error, units=self.sample)
