"""Current through a double dot between leads."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
import xarray as xr

from lzopen import errors
from lzopen.characterization.readout.base import Readout
from lzopen.models.parameters import ROW
from lzopen.waveforms.units import RATE


@dataclass(frozen=True, eq=False)
class Current(Readout):
    """Electrons per unit of time through the contact to one lead: I/e = Σₖ Γₖ Pₖ.

    Each level k that the lead couples to gives Γₖ electrons per unit of time while it is occupied.
    A level that electrons leave into this lead counts with +Γ; one that takes an electron from it,
    as the empty dot does from a warm lead, with −Γ. In the steady state the currents through both
    contacts agree. It holds for leads whose jumps are those of the model (`lzopen.Decay`): weak,
    without memory. Times e it is in ampere: 1/ns are 160.2 pA.

    Parameters
    ----------
    levels : sequence of int
        Levels of the model that the lead couples to, each once.
    leads : sequence of float
        Rate of each, in 1 / time: out of it positive, into the device negative.

    Raises
    ------
    LzopenError
        If a level is no whole number or named twice, there is not one rate for each, or one is
        zero or not finite.

    References
    ----------
    S. A. Gurvitz, Ya. S. Prager, Phys. Rev. B 53, 15932 (1996).

    Examples
    --------
    Dots empty (0), left (1) or right (2); the right one empties at 0.5, and the drain fills the
    empty one back at 0.1:

    >>> drain = Current(levels=[2, 0], leads=[0.5, -0.1])
    >>> float(drain([0.4, 0.3]).round(12))
    0.17
    """

    references: ClassVar[tuple[str, ...]] = ("gurvitz1996",)

    levels: tuple[int, ...]
    leads: Any = field(metadata={**ROW, **RATE})

    def __post_init__(self) -> None:
        remedy = "give a list, e.g. levels=[2, 0]"
        if not np.iterable(self.levels):
            errors.fail("levels", "be a list of levels", repr(self.levels), remedy)
        levels = tuple(errors.whole("levels", level, remedy=remedy) for level in self.levels)
        if len(set(levels)) < max(1, len(levels)):
            errors.fail("levels", "name each level once", levels, "add up its rates")
        rates = errors.not_zero("leads", np.atleast_1d(self.leads), "leave such a level out")
        errors.finite("leads", rates)
        errors.shape("leads", rates, (len(levels),), "give one rate for each of `levels`")
        object.__setattr__(self, "levels", levels)
        object.__setattr__(self, "leads", rates)

    def __call__(self, population: Any, axis: Any = 0.0) -> Any:
        """Current for these populations; the axis plays no part.

        Parameters
        ----------
        population : (levels, ...) array_like, or DataArray
            One row for each of ``levels``, in their order; of a single level without that axis. A
            DataArray has the dimension "level", with all levels.
        """
        if isinstance(population, xr.DataArray):
            rates = xr.DataArray(self.leads, dims="level", coords={"level": list(self.levels)})
            return (rates * population.sel(level=list(self.levels))).sum("level")
        p = np.asarray(population)
        if len(self.levels) == 1:
            return self.leads[0] * p
        if p.shape[:1] != (len(self.levels),):
            must = f"hold one row for each of the levels {self.levels}"
            errors.fail("population", must, f"of shape {p.shape}", "stack them on the first axis")
        return np.tensordot(self.leads, p, axes=1)

    def invert(self, signal: Any, axis: Any = 0.0) -> Any:
        """Population of the level, if there is only one.

        Raises
        ------
        LzopenError
            For several levels, which a current does not tell apart.
        """
        if len(self.levels) > 1:
            remedy = "a current does not tell them apart; fit the signal with this readout"
            errors.fail("levels", "be a single one to invert a signal", self.levels, remedy)
        return np.asarray(signal) / self.leads[0]
