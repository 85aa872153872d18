"""Straight levels that cross: any diagram, and a chain.

Couplings are plain matrix elements g. One number moves everything, the sweep: a diagonal
element is its level's slope times the sweep, plus its offset.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from lzopen.environments.base import Terms
from lzopen.errors import fail, instance
from lzopen.models.base import Model
from lzopen.theory.levels import coupling_table, row
from lzopen.waveforms import Constant, Linear, Waveform
from lzopen.waveforms.base import Array

UNIT = Linear(1.0)  # time itself


@dataclass(frozen=True, kw_only=True, eq=False)
class Crossing(Model):
    """Any crossing of straight levels, H(t) = s(t) diag(slopes) + diag(offsets) + couplings.

    Parameters
    ----------
    slopes : (n,) array_like
        Slopes of the diabatic levels.
    offsets : (n,) array_like
        Their energies at t = 0; default 0 for all.
    couplings : (n, n) array_like
        Matrix elements g between levels, Hermitian with an empty diagonal; or its
        upper triangle alone, which is then completed.
    sweep : Waveform
        s(t); default t.
    environments : tuple of Environment
        What acts on the levels besides H(t).

    Raises
    ------
    LzopenError
        If sizes do not fit, a value is not finite, the slopes are all zero, or the
        couplings are not Hermitian.

    Examples
    --------
    >>> import lzopen as lz
    >>> triangle = [[0, 0.3, 0.25], [0, 0, 0.35], [0, 0, 0]]
    >>> model = lz.Crossing(slopes=[0.9, 0.0, -0.9], offsets=[0.0, -0.2, 0.0], couplings=triangle)
    >>> model.hamiltonian(2.0).real.tolist()
    [[1.8, 0.3, 0.25], [0.3, -0.2, 0.35], [0.25, 0.35, -1.8]]
    """

    slopes: Any
    couplings: Any
    offsets: Any = None
    sweep: Waveform = UNIT
    terms: Terms = field(init=False, repr=False)

    def __post_init__(self) -> None:
        slopes, offsets = _diabatic(self.slopes, self.offsets)
        table = coupling_table(self.couplings, slopes.size)
        settle(self, slopes=slopes, offsets=offsets, couplings=table)
        settle(self, terms=straight(self.sweep, slopes, np.diag(offsets) + table))
        super().__post_init__()


@dataclass(frozen=True, kw_only=True, eq=False)
class Chain(Model):
    """Straight levels of which each couples to the next one alone.

    Parameters
    ----------
    slopes : (n,) array_like
        Slopes of the diabatic levels.
    offsets : (n,) array_like
        Their energies at t = 0; default 0 for all.
    couplings : (n − 1,) array_like
        Matrix elements g between levels k and k + 1.
    sweep : Waveform
        What the slopes multiply; default t.
    environments : tuple of Environment
        What acts on the levels besides H(t).

    Raises
    ------
    LzopenError
        If sizes do not fit, a value is not finite, or the slopes are all zero.

    Examples
    --------
    >>> import lzopen as lz
    >>> chain = lz.Chain(slopes=[1.0, 0.0, -1.0], offsets=[0.0, 4.0, 0.0], couplings=[0.45, 0.45])
    >>> print(lz.transition_matrix(chain).probability[:, 0].values.round(4))
    [0.2802 0.7121 0.0077]
    """

    slopes: Any
    couplings: Any
    offsets: Any = None
    sweep: Waveform = UNIT
    terms: Terms = field(init=False, repr=False)

    def __post_init__(self) -> None:
        slopes, offsets = _diabatic(self.slopes, self.offsets)
        couplings = numbers("couplings", self.couplings, slopes.size - 1)
        settle(self, slopes=slopes, offsets=offsets, couplings=couplings)
        still = np.diag(offsets) + coupling_table(np.diag(couplings, k=1), slopes.size)
        settle(self, terms=straight(self.sweep, slopes, still))
        super().__post_init__()


def either(rate: Any, sweep: Any) -> Waveform:
    """The sweep itself, or the linear one of this rate."""
    if (rate is None) == (sweep is None):
        given = "neither" if rate is None else "both"
        fail("rate", "be given, or else `sweep`", given, "e.g. rate=1.0")
    return Linear(rate) if sweep is None else sweep


def settle(model: Model, **values: Any) -> None:
    """Set fields of a frozen model while it is being made."""
    for name, value in values.items():
        object.__setattr__(model, name, value)


def swept(sweep: Any, slopes: Array) -> tuple[Array, Waveform]:
    """The term that moves the levels."""
    instance("sweep", sweep, Waveform, "e.g. lz.Linear(rate=1.0)")
    if sweep.is_complex:
        fail("sweep", "be real", repr(sweep), "for a leak use terms of your own")
    return np.diag(slopes), sweep


def straight(sweep: Any, slopes: Array, still: Array) -> Terms:
    return swept(sweep, slopes), (still, Constant(1.0))


def numbers(argument: str, value: Any, size: int | None = None) -> Array:
    """One number for each level; a batch varies the sweep instead."""
    found = row(argument, value, size)
    if found.ndim > 1:
        fail(argument, "be a single row", f"of shape {found.shape}", "make one model for each")
    return found


def _diabatic(slopes: Any, offsets: Any) -> tuple[Array, Array]:
    slopes = numbers("slopes", slopes)
    if not slopes.any():
        fail("slopes", "not all be zero", slopes, "levels that stand still do not cross")
    energies = np.zeros(slopes.size) if offsets is None else offsets
    return slopes, numbers("offsets", energies, slopes.size)
