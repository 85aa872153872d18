"""The model contract: terms and environments in, QuTiP objects and arrays out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Self

import numpy as np
import qutip
import xarray as xr
from numpy.typing import ArrayLike

from lzopen.conventions import is_hermitian
from lzopen.environments.base import Environment, Terms, is_real
from lzopen.errors import LzopenError, choice, fail, instance, single, temperature_of_state
from lzopen.models import parameters, stepping
from lzopen.models.sinks import WithSink
from lzopen.models.structure import find_crossings
from lzopen.models.terms import (
    checked_terms,
    derivative,
    hamiltonian,
    hermitian_part,
    kinks,
    qobjevo,
)
from lzopen.waveforms.base import ROUND_OFF, Array
from lzopen.waveforms.periods import common_period

_NEED_HERMITIAN = {
    "mcsolve": "would count every loss of norm as a quantum jump: use Leak and with_sink",
    "brmesolve": "needs energy eigenstates: let levels leak under mesolve or heomsolve",
}


@dataclass(frozen=True, kw_only=True, eq=False)
class Model:
    """A Hamiltonian H(t) = Σₖ wₖ(t) Aₖ with the environments that act on it.

    Parameters
    ----------
    terms : sequence of (matrix, Waveform)
        Square matrices of one size (arrays or Qobj), each with its waveform. A
        matrix that is not Hermitian lets probability leak; the norm is kept
        as the survival.
    environments : tuple of Environment
        What acts on the system besides H(t).

    Raises
    ------
    LzopenError
        If there are no terms, a matrix is not square and finite, sizes differ,
        or a waveform is not a Waveform.

    Examples
    --------
    A three-level crossing, two parallel levels met by a swept one:

    >>> import numpy as np, lzopen as lz
    >>> swept = np.diag([1.0, 0.0, 0.0])
    >>> fixed = np.array([[0, 0.3, 0.2], [0.3, 0, 0], [0.2, 0, 4.0]])
    >>> model = lz.Model(terms=[(swept, lz.Linear(1.0)), (fixed, lz.Constant(1.0))])
    >>> model.n_levels, model.parameters
    (3, {'linear.rate': 1.0, 'constant.value': 1.0})
    """

    terms: Terms
    environments: tuple[Environment, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "terms", checked_terms(self.terms))
        object.__setattr__(self, "environments", _checked_environments(self.environments))
        for environment in self.environments:
            environment.check(self.n_levels)

    # -- size and parameters

    @property
    def n_levels(self) -> int:
        """Number of levels."""
        return int(self.terms[0][0].shape[0])

    @cached_property
    def batch_shape(self) -> tuple[int, ...]:
        """Shape of the batch; () for a single model."""
        return parameters.batch_shape(self)

    @cached_property
    def effective_terms(self) -> Terms:
        """The terms, with those by which population leaks."""
        leaks = (environment.leaks(self.terms) for environment in self.environments)
        return (*self.terms, *(term for terms in leaks for term in terms))

    @property
    def has_jumps(self) -> bool:
        """Whether an environment needs collapse operators."""
        return any(environment.has_jumps for environment in self.environments)

    @cached_property
    def is_hermitian(self) -> bool:
        """Whether every matrix is Hermitian and every waveform real.

        A complex coupling belongs into two terms, of its real and its imaginary part.
        """
        return all(
            is_hermitian(matrix) and not waveform.is_complex
            for matrix, waveform in self.effective_terms
        )

    @cached_property
    def is_real(self) -> bool:
        """Whether every matrix, every waveform and every coupling of a bath is real."""
        return all(
            is_real(matrix) and not waveform.is_complex for matrix, waveform in self.effective_terms
        ) and all(environment.is_real for environment in self.environments)

    @cached_property
    def period(self) -> Any:
        """Time after which H(t) repeats, a number or batched; None where it does not."""
        return common_period([w.period for _, w in self.effective_terms if not w.is_constant])

    @property
    def parameters(self) -> dict[str, Any]:
        """Every number in the model by its dotted name."""
        return parameters.collect(self)

    def with_parameters(self, values: Mapping[str, Any]) -> Self:
        """A copy with named numbers replaced; arrays make it a batch.

        Parameters
        ----------
        values : mapping of str to float or ndarray
            Full or short dotted names, as in `parameters`.

        Raises
        ------
        LzopenError
            If a name fits no parameter, or several.
        """
        instance("values", values, Mapping, "e.g. {'gap': 0.5}")
        return parameters.assign(self, {str(name): value for name, value in values.items()})

    def with_environment(self, *environments: Environment) -> Self:
        """A copy with these environments added."""
        return replace(self, environments=(*self.environments, *environments))

    def reversed(self, about: float = 0.0) -> Self:
        """A copy whose Hamiltonian runs backwards in time, H(2·about − t)."""
        return parameters.map_waveforms(self, lambda waveform: waveform.reversed(about))

    # -- arrays

    def hamiltonian(self, t: ArrayLike) -> Array:
        """H(t), of shape ``batch + t.shape + (n, n)``."""
        return hamiltonian(self.effective_terms, t)

    def dH(self, t: ArrayLike) -> Array:
        """dH/dt, of shape ``batch + t.shape + (n, n)``."""
        return derivative(self.effective_terms, t)

    def energies(self, t: ArrayLike) -> Array:
        """Instantaneous eigenvalues, ascending, of shape ``batch + t.shape + (n,)``."""
        return np.linalg.eigvalsh(hermitian_part(self.hamiltonian(t)))

    def eigenstates(self, t: ArrayLike) -> tuple[Array, Array]:
        """Eigenvalues, and eigenvectors as columns, of shape ``batch + t.shape + (n, n)``."""
        energies, vectors = np.linalg.eigh(hermitian_part(self.hamiltonian(t)))
        return energies, vectors

    def kinks(self, t0: Any, t1: Any) -> Array:
        """Times inside (t0, t1) where H(t) is not smooth, sorted; NaN pads a batch."""
        return kinks(self.effective_terms, t0, t1)

    def crossings(self, t0: float, t1: float) -> xr.Dataset:
        """Avoided crossings: where two energies that are coupled come closest.

        Close to a minimum H looks like ½(αt σz + Δσx) between the two states. A crossing
        without a gap counts as well.

        Parameters
        ----------
        t0, t1 : float
            Time range.

        Returns
        -------
        xarray.Dataset
            Along ``crossing``, by ``time``: ``lower`` and ``upper``, the two energies, counted
            from 0 (a level that nothing couples to them may lie between); ``levels`` (crossing,
            pair), the two diabatic levels that make up most of them; ``gap`` = Δ; and
            ``slope_difference`` = α of the hyperbola that the distance follows, so that alone
            it would be passed with `theory.landau_zener` (rate=α, gap=Δ). It is ∞ where a
            waveform is infinitely steep, and 0 where levels turn or rest. A distance that
            rests counts once, in the middle; the ends of the window are outside.

        Raises
        ------
        LzopenError
            If t1 ≤ t0, or the model is a batch.

        Examples
        --------
        >>> import lzopen as lz
        >>> passes = lz.TwoLevel(sweep=lz.DoublePassage(rate=2.0, turning_point=10.0), gap=0.5)
        >>> found = passes.crossings(-20, 20)
        >>> [round(float(t), 6) for t in found.time]
        [-5.0, 5.0]
        >>> round(found.gap[0].item(), 6), round(found.slope_difference[0].item(), 6)
        (0.5, 2.0)
        """
        self._refuse_batch("crossings")
        return find_crossings(self, t0, t1)

    # -- QuTiP objects

    @property
    def H(self) -> qutip.QobjEvo:
        """The Hamiltonian as a QobjEvo; its coefficients are bound methods."""
        return self._built.copy()

    @cached_property
    def _built(self) -> qutip.QobjEvo:
        self._refuse_batch("H")
        return qobjevo(self.effective_terms)

    @property
    def c_ops(self) -> list[qutip.Qobj | qutip.QobjEvo]:
        """Collapse operators of all environments."""
        self._refuse_batch("c_ops")
        return [op for environment in self.environments for op in environment.c_ops(self.terms)]

    @property
    def a_ops(self) -> list[tuple[qutip.Qobj, Any]]:
        """Couplings and power spectra of thermal baths, for `qutip.brmesolve`.

        It also wants ``sec_cutoff``, and ``without_baths().c_ops`` for all other environments.

        Raises
        ------
        LzopenError
            If H or a coupling is complex: where jumps add coherently, the tensor of QuTiP is then
            that of the complex conjugate coupling.
        """
        self._refuse_batch("a_ops")
        found = [pair for environment in self.environments for pair in environment.a_ops()]
        if found and not self.is_real:
            remedy = "QuTiP conjugates complex couplings; c_ops are right: solver='mesolve'"
            fail("model", "be real for brmesolve", "complex in H or in a coupling", remedy)
        return found

    @property
    def sec_cutoff(self) -> float:
        """The width within which energies are equal, for `qutip.brmesolve`; −1 for any."""
        widths = {e.sec_cutoff for e in self.environments if e.is_bath}
        if len(widths) > 1:
            remedy = "brmesolve knows one for all baths"
            fail("width", "be the same for all baths", sorted(widths), remedy)
        return widths.pop() if widths else -1.0

    @property
    def baths(self) -> list[tuple[Any, qutip.Qobj]]:
        """Thermal baths with memory and their couplings, for `HEOMSolver`.

        All other environments belong into the Liouvillian of its system,
        ``qutip.liouvillian(model.H, model.without_baths().c_ops)``.
        """
        self._refuse_batch("baths")
        return [pair for environment in self.environments for pair in environment.baths()]

    def without_baths(self) -> Self:
        """A copy with those environments only that brmesolve and heomsolve take as c_ops."""
        left = tuple(e for e in self.environments if not e.is_bath)
        return replace(self, environments=left)

    def with_sink(self) -> WithSink:
        """The twin in which leaks end in one more level, for `qutip.mcsolve`.

        It has ``H``, ``c_ops``, ``projectors`` on the levels without the sink,
        ``embed(state)`` and ``solver_options(t0, t1)``.
        """
        self._refuse_batch("with_sink")
        return WithSink(self)

    @property
    def projectors(self) -> list[qutip.Qobj]:
        """Projectors on the diabatic levels, for ``e_ops``."""
        return [qutip.fock_dm(self.n_levels, level) for level in range(self.n_levels)]

    def ground_state(self, t: float) -> qutip.Qobj:
        """Instantaneous ground state, with its largest component real and positive."""
        self._refuse_batch("ground_state")
        vector = self.eigenstates(t)[1][:, 0]
        largest = vector[np.argmax(np.abs(vector))]
        return qutip.Qobj(vector * abs(largest) / largest)

    def thermal_state(self, t: float, temperature: float) -> qutip.Qobj:
        """Gibbs state e^{−H/T}/Z of the instantaneous Hamiltonian.

        Parameters
        ----------
        t : float
            The instant.
        temperature : float
            T ≥ 0, an energy (k_B = 1); ∞ makes all levels alike.

        Raises
        ------
        LzopenError
            If the temperature is negative.
        """
        self._refuse_batch("thermal_state")
        temperature = single("temperature", temperature_of_state("temperature", temperature))
        energies, vectors = self.eigenstates(t)
        above = energies - energies[0]
        if temperature:
            weights = np.exp(-above / temperature)
        else:
            weights = (above <= ROUND_OFF * np.abs(energies).max()).astype(float)
        return qutip.Qobj((vectors * (weights / weights.sum())) @ vectors.conj().T)

    def solver_options(self, t0: float, t1: float, solver: str = "mesolve") -> dict[str, Any]:
        """Options that keep a QuTiP solver from skipping what happens in a window.

        The largest step resolves the shortest piece between kinks, the fastest
        drive and the fastest crossing; the number of steps covers the phase that
        accumulates; a non-Hermitian Hamiltonian keeps its norm.

        Parameters
        ----------
        t0, t1 : float
            Start and end of the evolution.
        solver : {"sesolve", "mesolve", "mcsolve", "brmesolve", "heomsolve"}
            The solver that the options are for.

        Returns
        -------
        dict
            To be passed as ``options``.

        Raises
        ------
        LzopenError
            If t1 ≤ t0, or if the solver cannot carry the Hamiltonian.

        Examples
        --------
        >>> import lzopen as lz
        >>> qubit = lz.TwoLevel(sweep=lz.Linear(rate=1.0), gap=1.0)
        >>> qubit.solver_options(-20.0, 20.0)["max_step"]
        0.5
        """
        self._refuse_batch("solver_options")
        choice("solver", solver, stepping.SOLVERS)
        if solver in _NEED_HERMITIAN and not self.is_hermitian:
            remedy = f"{solver} {_NEED_HERMITIAN[solver]}"
            must = "be 'sesolve' or 'mesolve' for a non-Hermitian Hamiltonian"
            fail("solver", must, repr(solver), remedy)
        if solver == "heomsolve":
            rate = stepping.memory_rate(self.baths)
            rate += stepping.jump_rate(self.without_baths().c_ops, t0, t1)
        else:
            rate = stepping.jump_rate(self.c_ops, t0, t1)
        return stepping.options(self.effective_terms, t0, t1, solver, rate, not self.is_hermitian)

    def _refuse_batch(self, asked: str) -> None:
        if self.batch_shape:
            varied = [name for name, value in self.parameters.items() if np.ndim(value)]
            raise LzopenError(
                f"Attribute `{asked}` belongs to a single model, but this one is a batch of shape "
                f"{self.batch_shape} in {', '.join(varied) or 'its tables'}; "
                "use lz.transition_matrix, or pick one model with with_parameters."
            )


def _checked_environments(environments: Any) -> tuple[Environment, ...]:
    if not isinstance(environments, Sequence):
        fail("environments", "be a sequence", repr(environments), "put it into a list")
    for environment in environments:
        if not isinstance(environment, Environment):
            fail("environments", "be environments", repr(environment), "e.g. lz.Dephasing(0.1)")
    return tuple(environments)
