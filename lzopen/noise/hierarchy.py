"""The mean over a noise as linear equations for a few density matrices, without sampling."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce

import numpy as np

from lzopen.waveforms.base import Array

LARGEST = 1024  # levels beyond which a dense hierarchy is no longer worth its price


@dataclass(frozen=True, eq=False)
class Hierarchy:
    """Markov embedding of a noise ξ in H = H₀ + ξA.

    The mean state is ρ₀ of the K coupled equations ::

        dρₖ/dt = −i[H₀, ρₖ] − decaysₖ ρₖ − i Σₗ couplingₖₗ [A, ρₗ] − ½ white [A, [A, ρₖ]]

    started with ρₖ = δₖ₀ρ.

    Parameters
    ----------
    decays : (K,) ndarray
        Decay rates of the levels, per time.
    coupling : (K, K) ndarray
        Real and symmetric, in the unit of ξ.
    white : float
        Density S₀ of a white part.
    """

    decays: Array
    coupling: Array
    white: float = 0.0


def hermite(levels: int, sigma: float, decay: float) -> Hierarchy | None:
    """Hierarchy of a Gaussian process with C(t) = σ² e^{−decay|t|}, cut after `levels` levels."""
    if levels > LARGEST:
        return None
    steps = sigma * np.sqrt(np.arange(1.0, levels))
    return Hierarchy(decay * np.arange(levels), np.diag(steps, 1) + np.diag(steps, -1))


def combined(hierarchies: Sequence[Hierarchy | None]) -> Hierarchy | None:
    """Kronecker sum: the hierarchy of independent noises together, or None where there is none."""
    known = [hierarchy for hierarchy in hierarchies if hierarchy is not None]
    levels = np.prod([float(hierarchy.decays.size) for hierarchy in known])
    return reduce(_both, known) if len(known) == len(hierarchies) and levels <= LARGEST else None


def _both(one: Hierarchy, other: Hierarchy) -> Hierarchy:
    n, m = one.decays.size, other.decays.size
    coupling = np.kron(one.coupling, np.eye(m)) + np.kron(np.eye(n), other.coupling)
    decays = np.add.outer(one.decays, other.decays).ravel()
    return Hierarchy(decays, coupling, one.white + other.white)
