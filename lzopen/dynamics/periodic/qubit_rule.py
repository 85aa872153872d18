"""Numbers that do not depend on a model: Gauss nodes, what is integrated with them, series.

A step is as long as it may be with twelve Gauss nodes in it. Between neighbouring nodes lies a
substep of its own, in which the field is taken for b + aτ + d(τ² − 1/12) + g(τ³ − 3τ/20),
−½ < τ < ½.
"""

from __future__ import annotations

from fractions import Fraction
from functools import cache
from itertools import pairwise
from math import comb, factorial
from typing import Any, NamedTuple

import numpy as np
from numpy.polynomial import legendre

from lzopen.waveforms.base import Array

COUNT = 12
NODES = 0.5 + 0.5 * legendre.leggauss(COUNT)[0]
_TERMS = 8
_HALF = Fraction(1, 2)


class Rule(NamedTuple):
    """Tables on one array namespace.

    ``weights`` (n,) of the integral over a step and ``integrals`` (n, n) of those from its start
    to each node; lengths of ``substeps`` (n+1,); ``moments`` (4(n+1), n) that give b of all
    substeps, then a, d and g; ``series`` (6, terms), coefficients in powers of θ² = |b|².
    """

    weights: Any
    integrals: Any
    substeps: Any
    moments: Any
    series: Any


def rule_on(xp: Any) -> Rule:
    """The tables as arrays of a namespace."""
    return Rule(*(xp.asarray(table) for table in _tables()))


@cache
def _tables() -> tuple[Array, ...]:
    weights = 0.5 * legendre.leggauss(COUNT)[1]
    return weights, _integrals(), np.diff([0.0, *NODES, 1.0]), _moments(), _series()


def _lagrange(t: Array) -> Array:
    """Values (len(t), n) of the polynomials that are one at one node and zero at the others."""
    degree = COUNT - 1
    inverse = np.linalg.inv(legendre.legvander(2 * NODES - 1, degree))
    return np.asarray(legendre.legvander(2 * t - 1, degree) @ inverse)


def _integrals() -> Array:
    """∫₀^{x_i} of the polynomial that is one at node j."""
    inner, weights = legendre.leggauss(COUNT)
    return np.array([0.5 * x * weights @ _lagrange(0.5 * x * (1 + inner)) for x in NODES])


def _moments() -> Array:
    """b, a, d and g of each substep, by projection of the field onto Legendre polynomials."""
    inner, weights = legendre.leggauss(COUNT)
    size = np.array([0.5, 3.0, 15.0, 70.0])
    projected = size[:, None] * (legendre.legvander(inner, 3) * weights[:, None]).T
    rows = []
    for left, right in pairwise([0.0, *NODES, 1.0]):
        places = left + (right - left) * 0.5 * (1 + inner)
        rows.append((right - left) * projected @ _lagrange(places))
    return np.swapaxes(rows, 0, 1).reshape(-1, COUNT)


def _series() -> Array:
    """What the field of a substep does to first order in a and d, and to second order in a.

    In the frame that turns with b, and to all orders of θ. Rows: (cos ½θ − 1)/θ², sin ½θ/θ,
    and of the half rotation vector that remains the factors of b×a, b×(b×d), (b·a)² b and
    −|a|² b; that of (b·a) a is the last one less θ² times the one before.
    """
    rows = []
    for k in range(_TERMS):
        sign, even, odd = (-1) ** k, factorial(2 * k + 2), factorial(2 * k + 1)
        bent = _power(2 * k + 4) - _power(2 * k + 2) / 12
        rows.append(
            [
                Fraction(-sign, 4 ** (k + 1) * even),
                Fraction(sign, 2 * 4**k * odd),
                Fraction(-sign, 2 * odd) * _power(2 * k + 2),
                Fraction(sign, 2 * even) * bent,
                -(_along(k + 1) - _across(k + 1)),
                _across(k),
            ]
        )
    return np.array([[float(c) for c in row] for row in rows]).T


def _along(k: int) -> Fraction:
    """Term of the factor of (b·a) a."""
    pair = _wedge(1, 2 * k + 2) - _wedge(2 * k + 2, 1)
    return Fraction((-1) ** k, 4 * factorial(2 * k + 1)) * pair


def _across(k: int) -> Fraction:
    """Term of the factor of −|a|² b, from ∫τσ(τ − σ)^(2k+1) over σ < τ."""
    m = 2 * k + 1
    parts = ((-1) ** j * comb(m, j) * _wedge(1 + m - j, 1 + j) for j in range(m + 1))
    return Fraction(-((-1) ** k), 4 * factorial(m)) * sum(parts, Fraction(0))


def _power(m: int) -> Fraction:
    """∫τᵐ over the substep."""
    return _HALF**m / (m + 1) if m % 2 == 0 else Fraction(0)


def _wedge(i: int, j: int) -> Fraction:
    """∫τⁱσʲ over σ < τ."""
    return (_power(i + j + 1) - (-_HALF) ** (j + 1) * _power(i)) / (j + 1)
