"""How improbable a deviance is."""

from __future__ import annotations

import numpy as np
from scipy.special import gammaincc, gammaln, ndtri, ndtri_exp

__all__ = ["improbability"]


def improbability(deviance: float, dof: float) -> float:
    """Of a χ² this large: standard deviations of a normal distribution with the same upper tail."""
    if dof <= 0:
        return 0.0
    a, x = dof / 2, deviance / 2
    tail = gammaincc(a, x)
    if tail > 1e-200:
        return float(-ndtri(tail))
    # first term of the continued fraction of Γ(a, x), where the tail itself would underflow
    return float(-ndtri_exp(a * np.log(x) - x - gammaln(a) - np.log(x + 1 - a)))
