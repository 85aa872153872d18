"""A level in a continuum: a band of parallel levels, and the level that crosses it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import InitVar, dataclass, field
from functools import cached_property
from typing import Any, ClassVar

import numpy as np

from lzopen.environments.base import Terms
from lzopen.errors import (
    LzopenError,
    fail,
    increasing,
    instance,
    not_negative,
    read_only,
    single,
    whole,
)
from lzopen.models.base import Model
from lzopen.models.crossing import either, settle, straight, swept
from lzopen.models.terms import checked_terms
from lzopen.waveforms import Waveform
from lzopen.waveforms.base import Array
from lzopen.waveforms.units import ENERGY, RATE

_MOST_LEVELS = 2000  # of a dense matrix, 64 MB


@dataclass(frozen=True, kw_only=True, eq=False)
class Band:
    """A continuum of parallel levels, cut into equal bins with one level in the middle of each.

    The level of bin k couples with V_k = √(Γ(E_k) dE/2π), where dE is the width of a bin,
    so that Γ(E) = 2π|V|²ρ, with ρ = 1/dE, is the rate at which a level that stands at E
    escapes into the band. The number of levels enters a sweep only through this
    quadrature of ∫Γ dE by midpoints.

    Parameters
    ----------
    edges : (float, float)
        Lowest and highest energy of the band.
    escape_rate : float or callable
        Γ(E) ≥ 0, a rate. A function is called with the array of all energies;
        one from a module, no lambda, can be sent to other processes.
    levels : int
        Number of levels.

    Raises
    ------
    LzopenError
        If the edges do not increase, Γ is negative anywhere on the grid, or there is no level.

    Examples
    --------
    >>> import lzopen as lz
    >>> band = lz.Band(edges=(-5.0, 5.0), escape_rate=0.5, levels=4)
    >>> band.energies.tolist(), round(band.recurrence_time, 4)
    ([-3.75, -1.25, 1.25, 3.75], 2.5133)
    """

    edges: tuple[float, float]
    escape_rate: float | Callable[[Array], Any] = field(metadata=RATE)
    levels: int

    def __post_init__(self) -> None:
        edges = increasing("edges", self.edges, "give the lowest energy first")
        if edges.shape != (2,):
            fail("edges", "be two energies (lowest, highest)", edges)
        object.__setattr__(self, "edges", tuple(edges.tolist()))
        object.__setattr__(self, "levels", whole("levels", self.levels, least=1))
        if not callable(self.escape_rate):
            rate = not_negative("escape_rate", self.escape_rate)
            remedy = "give a function of the energy, or make one band for each"
            object.__setattr__(self, "escape_rate", single("escape_rate", rate, remedy))
        self.couplings  # noqa: B018 (checks Γ on the grid)

    @property
    def spacing(self) -> float:
        """Distance dE of neighbouring levels."""
        return (self.edges[1] - self.edges[0]) / self.levels

    @property
    def density(self) -> float:
        """Levels per energy, ρ = 1/dE."""
        return 1 / self.spacing

    @property
    def recurrence_time(self) -> float:
        """Time 2πρ after which the discrete levels come into phase again."""
        return 2 * np.pi / self.spacing

    @cached_property
    def energies(self) -> Array:
        """Energies E_k of the levels, ascending."""
        return read_only(self.edges[0] + self.spacing * (np.arange(self.levels) + 0.5))

    @cached_property
    def couplings(self) -> Array:
        """Matrix elements V_k of the levels with level 0."""
        return read_only(np.sqrt(self._rates() * self.spacing / (2 * np.pi)))

    def _rates(self) -> Array:
        if not callable(self.escape_rate):
            return np.full(self.levels, self.escape_rate)
        try:
            rates = np.broadcast_to(self.escape_rate(self.energies), self.levels)
        except (TypeError, ValueError) as error:
            raise LzopenError(
                "Argument `escape_rate` must turn an array of energies into one of rates, but "
                f"fails: {error}; write it with numpy functions, or wrap it in np.vectorize."
            ) from error
        return np.asarray(not_negative("escape_rate", rates))


@dataclass(frozen=True, kw_only=True, eq=False)
class Continuum(Model):
    """Level 0, swept through a band or standing in it, and the band's levels 1 … N.

    H(t) = ε(t)|0⟩⟨0| + Σ_k E_k|k⟩⟨k| + Σ_k V_k(|0⟩⟨k| + |k⟩⟨0|). `lzopen.survival` solves it
    for up to 10⁵ levels, `lzopen.evolve` with an environment or for a few hundred. The matrices
    of `terms`, and with them all that QuTiP needs, are built when they are first asked
    for, for up to 2000 levels.

    Parameters
    ----------
    rate : float, optional
        α = dε/dt of a linear sweep; short for ``sweep=Linear(rate)``.
    sweep : Waveform, optional
        ε(t), any other energy of level 0; `Constant` lets it stand.
    band : Band
        The levels that it couples to.
    environments : tuple of Environment
        What acts on the system besides H(t).

    Raises
    ------
    LzopenError
        If not just one of ``rate`` and ``sweep`` is given, the sweep is complex, or the
        terms of a band of more than 2000 levels are asked for.

    References
    ----------
    Yu. N. Demkov and V. I. Osherov, Sov. Phys. JETP 26, 916 (1968).

    Examples
    --------
    >>> import lzopen as lz
    >>> band = lz.Band(edges=(-5.0, 5.0), escape_rate=0.5, levels=201)
    >>> lz.Continuum(rate=2.0, band=band).parameters
    {'sweep.rate': 2.0, 'band.escape_rate': 0.5}
    >>> standing = lz.Continuum(sweep=lz.Constant(1.0), band=band)
    >>> standing.n_levels
    202
    """

    references: ClassVar[tuple[str, ...]] = ("demkov1968",)
    rate: InitVar[Any] = None
    sweep: Waveform = field(default=None, metadata=ENERGY)  # type: ignore[assignment]
    band: Band
    terms: Terms = field(init=False, repr=False)

    def __post_init__(self, rate: Any) -> None:
        settle(self, sweep=either(rate, self.sweep))
        swept(self.sweep, np.ones(1))  # checks it
        instance(
            "band", self.band, Band, "e.g. lz.Band(edges=(-5, 5), escape_rate=0.5, levels=201)"
        )
        if self.environments:  # they act on the matrices
            super().__post_init__()

    @property
    def n_levels(self) -> int:
        """Number of levels, the swept one included."""
        return self.band.levels + 1

    def solver_options(self, t0: float, t1: float, solver: str = "mesolve") -> dict[str, Any]:
        """Options for QuTiP, as for any `Model`, but without the matrix of a closed band.

        The edges of the band and the strength of its coupling say all that they depend on.
        """
        if self.environments:
            return super().solver_options(t0, t1, solver)
        self._refuse_batch("solver_options")
        still = np.diag([0.0, *self.band.edges])
        still[0, 1:] = still[1:, 0] = np.linalg.norm(self.band.couplings) / np.sqrt(2)
        small = Model(terms=straight(self.sweep, np.eye(3)[0], still))
        return small.solver_options(t0, t1, solver)

    def __getattr__(self, name: str) -> Any:
        """Terms are dense matrices, so they are not made before they are needed."""
        if name != "terms":
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        settle(self, terms=checked_terms(self._build_terms()))
        return self.terms

    def _build_terms(self) -> Terms:
        if self.band.levels > _MOST_LEVELS:
            remedy = "use lz.survival, which needs no matrix, or fewer levels"
            fail("levels", f"be at most {_MOST_LEVELS} for a matrix", self.band.levels, remedy)
        still = np.diag(np.append(0.0, self.band.energies))
        still[0, 1:] = still[1:, 0] = self.band.couplings
        return straight(self.sweep, np.eye(self.n_levels)[0], still)
