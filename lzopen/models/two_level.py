"""The qubit at an avoided crossing."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from lzopen.conventions import SIGMA_X, SIGMA_Y, SIGMA_Z
from lzopen.environments.base import Terms
from lzopen.errors import fail, finite, finite_complex, instance, not_negative
from lzopen.models.base import Model
from lzopen.waveforms import Constant, Waveform
from lzopen.waveforms.units import ENERGY


@dataclass(frozen=True, kw_only=True, eq=False)
class TwoLevel(Model):
    """Two levels with a swept bias: H(t) = ½(ε(t) σz + Re Δ σx + Im Δ σy).

    Parameters
    ----------
    sweep : Waveform
        ε(t), the distance of the diabatic levels.
    gap : float, complex, ndarray or Waveform
        Δ, the smallest distance of the energies. A real gap is not negative;
        `SignFlip`, `Rotating` and `Tabulated` make it move.
    environments : tuple of Environment
        What acts on the qubit besides H(t).

    Raises
    ------
    LzopenError
        If the gap is negative or not finite, or the sweep is not a Waveform.

    Examples
    --------
    >>> import lzopen as lz
    >>> qubit = lz.TwoLevel(sweep=lz.Linear(rate=1.0), gap=0.5)
    >>> qubit.energies(0.0).tolist()
    [-0.25, 0.25]
    >>> qubit.parameters
    {'sweep.rate': 1.0, 'gap': 0.5}
    """

    sweep: Waveform = field(metadata=ENERGY)
    gap: Any = field(metadata=ENERGY)
    terms: Terms = field(init=False, repr=False)

    def __post_init__(self) -> None:
        remedy = "e.g. lz.Linear(rate=1.0), or lz.Constant(bias) for a static one"
        instance("sweep", self.sweep, Waveform, remedy)
        if self.sweep.is_complex:
            fail("sweep", "be real", repr(self.sweep), "a coupling may be complex: use `gap`")
        if not isinstance(self.gap, Waveform):
            object.__setattr__(self, "gap", _checked_gap(self.gap))
        object.__setattr__(self, "terms", self._build_terms())
        super().__post_init__()

    def _build_terms(self) -> Terms:
        gap = self.gap if isinstance(self.gap, Waveform) else Constant(self.gap)
        terms = [(SIGMA_Z / 2, self.sweep), (SIGMA_X / 2, gap.real)]
        if gap.imag is not None:
            terms.append((SIGMA_Y / 2, gap.imag))
        return tuple(terms)


def _checked_gap(gap: Any) -> Any:
    if np.iscomplexobj(gap):
        return finite_complex("gap", gap)
    remedy = "its sign is a choice of basis; for a flip within one run use lz.SignFlip"
    return not_negative("gap", finite("gap", gap), remedy)
