"""Straight levels that cross: any diagram, and a chain.

Couplings are plain matrix elements g. One number moves everything, the sweep: a diagonal
element is its level's slope times the sweep, plus its offset. Axes before that of the levels (…)
are those of a batch.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from lzopen.environments.base import Terms
from lzopen.errors import fail, instance
from lzopen.models.base import Model
from lzopen.models.parameters import ROW, TABLE
from lzopen.theory.levels import coupling_table, row
from lzopen.theory.single import fitting
from lzopen.waveforms import Constant, Linear, Waveform
from lzopen.waveforms.base import Array
from lzopen.waveforms.units import ENERGY, Unit

UNIT = Linear(1.0)  # time itself


def _with_time(unit: Unit) -> dict[str, Any]:
    """A unit that is known where the sweep is linear, and so a time.

    Of any other one only the product with the slopes is known to be an energy.
    """
    return {"unit": lambda model: unit if isinstance(model.sweep, Linear) else None}


SLOPES, SWEEP = ROW | _with_time(Unit(1, -2)), _with_time(Unit(0, 1))


@dataclass(frozen=True, kw_only=True, eq=False)
class Crossing(Model):
    """Any crossing of straight levels, H(t) = s(t) diag(slopes) + diag(offsets) + couplings.

    Parameters
    ----------
    slopes : (…, n) array_like
        Slopes of the diabatic levels, energy per time for a linear sweep.
    offsets : (…, n) array_like
        Their energies at t = 0; default 0 for all.
    couplings : (…, n, n) array_like
        Matrix elements g between levels, Hermitian with an empty diagonal; or its
        upper triangle alone, which is then completed.
    sweep : Waveform
        s(t); default t. Of any but a linear one only s(t) times the slopes has a unit, that of
        energy.
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

    slopes: Any = field(metadata=SLOPES)
    couplings: Any = field(metadata=TABLE | ENERGY)
    offsets: Any = field(default=None, metadata=ROW | ENERGY)
    sweep: Waveform = field(default=UNIT, metadata=SWEEP)
    terms: Terms = field(init=False, repr=False)

    def __post_init__(self) -> None:
        slopes, offsets = _diabatic(self.slopes, self.offsets)
        table = coupling_table(self.couplings, slopes.shape[-1])
        settle(self, slopes=slopes, offsets=offsets, couplings=table)
        settle(self, terms=straight(self.sweep, slopes, at_rest(offsets, table)))
        super().__post_init__()


@dataclass(frozen=True, kw_only=True, eq=False)
class Chain(Model):
    """Straight levels of which each couples to the next one alone.

    Parameters
    ----------
    slopes : (…, n) array_like
        Slopes of the diabatic levels, energy per time for a linear sweep.
    offsets : (…, n) array_like
        Their energies at t = 0; default 0 for all.
    couplings : (…, n − 1) array_like
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

    slopes: Any = field(metadata=SLOPES)
    couplings: Any = field(metadata=ROW | ENERGY)
    offsets: Any = field(default=None, metadata=ROW | ENERGY)
    sweep: Waveform = field(default=UNIT, metadata=SWEEP)
    terms: Terms = field(init=False, repr=False)

    def __post_init__(self) -> None:
        slopes, offsets = _diabatic(self.slopes, self.offsets)
        size = slopes.shape[-1]
        couplings = row("couplings", self.couplings, size - 1)
        settle(self, slopes=slopes, offsets=offsets, couplings=couplings)
        table = np.zeros((*couplings.shape[:-1], size, size), dtype=couplings.dtype)
        table[..., range(size - 1), range(1, size)] = couplings
        still = at_rest(offsets, coupling_table(table, size))
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
    return diagonal(slopes), sweep


def straight(sweep: Any, slopes: Array, still: Array) -> Terms:
    """Terms of levels that follow the sweep, with their offsets and couplings."""
    return (*_spread(*swept(sweep, slopes)), *_spread(still, Constant(1.0)))


def at_rest(offsets: Array, table: Array) -> Array:
    """Offsets and couplings as one matrix, or a batch of them."""
    fitting(offsets=offsets[..., 0], couplings=table[..., 0, 0])
    return diagonal(offsets) + table


def diagonal(values: Array) -> Array:
    """Diagonal matrices with these values along the last axis."""
    return values[..., None] * np.eye(values.shape[-1])


def _spread(matrices: Array, waveform: Waveform) -> Terms:
    """Hermitian matrices as terms: what a batch has in common, and each element it has not."""
    batch = tuple(range(matrices.ndim - 2))
    first = matrices[(0,) * len(batch)]
    varies = (matrices != first).any(axis=batch)
    terms = [(np.where(varies, 0.0, first), waveform)]
    for j, k in np.argwhere(np.triu(varies)):
        for values, unit in ((matrices[..., j, k].real, 1.0), (matrices[..., j, k].imag, 1j)):
            element = np.zeros_like(first, dtype=complex)
            element[k, j], element[j, k] = np.conj(unit), unit
            if values.any():
                terms.append((element, waveform * values))
    return tuple(terms)


def _diabatic(slopes: Any, offsets: Any) -> tuple[Array, Array]:
    slopes = row("slopes", slopes)
    if not slopes.any(axis=-1).all():
        fail("slopes", "not all be zero", slopes, "levels that stand still do not cross")
    size = slopes.shape[-1]
    return slopes, row("offsets", np.zeros(size) if offsets is None else offsets, size)
