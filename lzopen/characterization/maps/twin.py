"""A cheap stand-in for a bath in the moving basis: rates averaged over a period."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from lzopen.characterization.protocols import Protocol
from lzopen.environments import Decay, Environment, Relaxation
from lzopen.models import Model
from lzopen.waveforms.base import Array

__all__ = ["Averaged", "has_twin"]

_PHASES = 32  # of the drive, over a period, at which the rates are taken


def has_twin(model: Model) -> bool:
    """Whether it is a qubit that relaxes in its moving basis under a drive with a period."""
    moving = any(isinstance(e, Relaxation) for e in model.environments)
    return moving and model.n_levels == 2 and model.period is not None


@dataclass(frozen=True)
class Averaged(Protocol):
    """A protocol with jumps between diabatic levels, at rates averaged over a period.

    Right to first order in Δ/ω; off by 1e-3, 1e-2, 2e-2 in the population at Δ/ω = 0.05, 0.3, 1
    (root mean square over a map).
    """

    protocol: Protocol

    def population(self, batch: Model, level: int, tol: float) -> Array:
        """As the protocol would, with constant rates."""
        environments: list[Environment] = []
        for environment in batch.environments:
            if isinstance(environment, Relaxation):
                environments += _constant(environment, batch)
            else:
                environments.append(environment)
        return self.protocol.population(
            replace(batch, environments=tuple(environments)), level, tol
        )


def _constant(relaxation: Relaxation, batch: Model) -> list[Environment]:
    """Jumps to either level, with the mean of −tanh(E/2T) cos θ as their rest."""
    period = np.asarray(batch.period)[..., None]
    # a quarter of a step off, so that in what is even about t = 0 no two phases are alike
    times = period * (np.arange(_PHASES) + 0.25) / _PHASES
    rest = np.mean([_rest(batch, relaxation, t) for t in np.moveaxis(times, -1, 0)], axis=0)
    rate = np.asarray(relaxation.rate)
    return [
        Decay(0.5 * rate * (1 + rest), source=1, target=0),
        Decay(0.5 * rate * (1 - rest), source=0, target=1),
    ]


def _rest(batch: Model, relaxation: Relaxation, t: Array) -> Array:
    """−tanh(E/2T) cos θ at one time for each member."""
    H = batch.hamiltonian(t[..., None])[..., 0, :, :]
    z = np.real(H[..., 0, 0] - H[..., 1, 1])
    energy = np.hypot(z, 2 * np.abs(H[..., 0, 1]))
    hot = np.asarray(relaxation.temperature)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(energy > 0, -np.tanh(energy / (2 * hot)) * z / energy, 0.0)
