"""Straight levels that couple to one alone, or to a split pair, and not to one another.

Axes before that of the levels (…) are those of a batch.
"""

from __future__ import annotations

from dataclasses import InitVar, dataclass, field
from typing import Any, ClassVar

import numpy as np

from lzopen.environments.base import Terms
from lzopen.errors import finite, not_zero, positive
from lzopen.models.base import Model
from lzopen.models.crossing import SLOPES, SWEEP, UNIT, at_rest, either, settle, straight
from lzopen.models.parameters import ROW
from lzopen.theory.levels import coupling_table, row
from lzopen.waveforms import Constant, Waveform
from lzopen.waveforms.base import Array
from lzopen.waveforms.units import ENERGY


@dataclass(frozen=True, kw_only=True, eq=False)
class DemkovOsherov(Model):
    """Level 0, swept through parallel levels 1 … n that do not couple to one another.

    Parameters
    ----------
    rate : float or array_like, optional
        α of a linear sweep; short for ``sweep=Linear(rate)``.
    sweep : Waveform, optional
        Any other energy of level 0.
    offsets : (…, n) array_like
        Energies of the parallel levels, in any order.
    couplings : (…, n) array_like
        Matrix elements g of level 0 with each of them.
    environments : tuple of Environment
        What acts on the levels besides H(t).

    Raises
    ------
    LzopenError
        If sizes do not fit, a value is not finite, or not just one of ``rate`` and
        ``sweep`` is given.

    References
    ----------
    Yu. N. Demkov and V. I. Osherov, Sov. Phys. JETP 26, 916 (1968).

    Examples
    --------
    >>> import lzopen as lz
    >>> comb = lz.DemkovOsherov(rate=1.0, offsets=[-2.0, 0.0, 3.0], couplings=[0.3, 0.2, 0.4])
    >>> print(lz.transition_matrix(comb).probability[:, 0].values.round(6))
    [0.161682 0.431916 0.126247 0.280155]
    """

    references: ClassVar[tuple[str, ...]] = ("demkov1968",)
    offsets: Any = field(metadata=ROW | ENERGY)
    couplings: Any = field(metadata=ROW | ENERGY)
    rate: InitVar[Any] = None
    sweep: Waveform = field(default=None, metadata=ENERGY)  # type: ignore[assignment]
    terms: Terms = field(init=False, repr=False)

    def __post_init__(self, rate: Any) -> None:
        offsets = row("offsets", self.offsets)
        couplings = row("couplings", self.couplings, offsets.shape[-1])
        settle(self, offsets=offsets, couplings=couplings, sweep=either(rate, self.sweep))
        still = at_rest(np.insert(offsets, 0, 0.0, axis=-1), _star(couplings))
        settle(self, terms=straight(self.sweep, np.eye(still.shape[-1])[0], still))
        super().__post_init__()


@dataclass(frozen=True, kw_only=True, eq=False)
class VSystem(Model):
    """Level 0, swept through two parallel levels, at −splitting/2 and splitting/2.

    Parameters
    ----------
    rate : float or array_like, optional
        α of a linear sweep; short for ``sweep=Linear(rate)``.
    sweep : Waveform, optional
        Any other energy of level 0.
    splitting : float or array_like
        Energy of level 2 less that of level 1.
    couplings : (…, 2) array_like
        Matrix elements g of level 0 with levels 1 and 2.
    environments : tuple of Environment
        What acts on the levels besides H(t).

    Raises
    ------
    LzopenError
        If there are not two couplings, a value is not finite, or not just one of
        ``rate`` and ``sweep`` is given.

    Examples
    --------
    >>> import lzopen as lz
    >>> model = lz.VSystem(rate=1.0, splitting=3.0, couplings=[0.3, 0.2])
    >>> model.parameters
    {'splitting': 3.0, 'couplings[0]': 0.3, 'couplings[1]': 0.2, 'sweep.rate': 1.0}
    """

    splitting: Any = field(metadata=ENERGY)
    couplings: Any = field(metadata=ROW | ENERGY)
    rate: InitVar[Any] = None
    sweep: Waveform = field(default=None, metadata=ENERGY)  # type: ignore[assignment]
    terms: Terms = field(init=False, repr=False)

    def __post_init__(self, rate: Any) -> None:
        couplings = row("couplings", self.couplings, 2)
        splitting = finite("splitting", self.splitting)
        settle(self, splitting=splitting, couplings=couplings, sweep=either(rate, self.sweep))
        terms = straight(self.sweep, np.array([1.0, 0.0, 0.0]), _star(couplings))
        apart = (np.diag([0.0, -0.5, 0.5]), Constant(splitting))
        settle(self, terms=(*terms, apart))
        super().__post_init__()


@dataclass(frozen=True, kw_only=True, eq=False)
class BowTie(Model):
    """Lines through one point, all coupled to the horizontal one, or to a split pair.

    Level 0 is at rest and the lines are levels 1 … n. With a ``splitting`` the
    horizontal level becomes two, 0 at −splitting/2 and 1 at splitting/2, each coupled
    to all lines, which are then levels 2 … n + 1.

    Parameters
    ----------
    slopes : (…, n) array_like
        Slopes of the lines; not zero.
    couplings : (…, n) array_like
        Matrix elements g of each line with the horizontal level or levels.
    splitting : float or array_like, optional
        Positive, for the generalised bow-tie.
    sweep : Waveform
        What the slopes multiply; default t.
    environments : tuple of Environment
        What acts on the levels besides H(t).

    Raises
    ------
    LzopenError
        If sizes do not fit, a value is not finite, a slope is zero, or the splitting
        is not positive.

    References
    ----------
    C. E. Carroll and F. T. Hioe, J. Phys. A 19, 1151 (1986).
    Yu. N. Demkov and V. N. Ostrovsky, J. Phys. B 34, 2419 (2001).

    Examples
    --------
    >>> import lzopen as lz
    >>> model = lz.BowTie(slopes=[1.0, -1.0], couplings=[0.45, 0.45])
    >>> print(lz.transition_matrix(model).probability.values.diagonal().round(7))
    [0.0034374 0.2801738 0.2801738]
    """

    references: ClassVar[tuple[str, ...]] = ("carroll1986", "demkov2001")
    slopes: Any = field(metadata=SLOPES)
    couplings: Any = field(metadata=ROW | ENERGY)
    splitting: Any = field(default=None, metadata=ENERGY)
    sweep: Waveform = field(default=UNIT, metadata=SWEEP)
    terms: Terms = field(init=False, repr=False)

    def __post_init__(self) -> None:
        remedy = "the horizontal level is there anyway, as level 0"
        slopes = row("slopes", not_zero("slopes", self.slopes, remedy))
        lines = slopes.shape[-1]
        couplings = row("couplings", self.couplings, lines)
        settle(self, slopes=slopes, couplings=couplings)
        still = 1 if self.splitting is None else 2
        size = still + lines
        table = np.zeros((*couplings.shape[:-1], size, size), dtype=complex)
        table[..., :still, still:] = couplings[..., None, :]
        lying = np.concatenate([np.zeros((*slopes.shape[:-1], still)), slopes], axis=-1)
        terms = straight(self.sweep, lying, coupling_table(table, size))
        if self.splitting is not None:
            remedy = "leave it out for one horizontal level"
            settle(self, splitting=positive("splitting", self.splitting, remedy))
            apart = np.diag(np.append([-0.5, 0.5], np.zeros(lines)))
            terms = (*terms, (apart, Constant(self.splitting)))
        settle(self, terms=terms)
        super().__post_init__()


def _star(couplings: Array) -> Array:
    """Level 0 coupled to each of the others."""
    size = couplings.shape[-1] + 1
    table = np.zeros((*couplings.shape[:-1], size, size), dtype=complex)
    table[..., 0, 1:] = couplings
    return coupling_table(table, size)
