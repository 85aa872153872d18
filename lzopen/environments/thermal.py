"""A bath in thermal equilibrium that couples to any number of levels."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
import qutip
from qutip import BosonicEnvironment, ExponentialBosonicEnvironment
from qutip.core.blochredfield import SpectraCoefficient

from lzopen.environments.base import Axial, Environment, Terms, hermitian, is_real
from lzopen.environments.bloch import PAULI, unit
from lzopen.environments.moving import Moving
from lzopen.environments.spectrum import PowerSpectrum
from lzopen.environments.table import by_table, takes_arrays
from lzopen.errors import fail, finite, not_negative, positive, single
from lzopen.waveforms.base import ROUND_OFF, Array, column
from lzopen.waveforms.units import ENERGY, NUMBER

_EQUAL = 1e-8  # of the smallest distance of energies


@dataclass(frozen=True, eq=False)
class ThermalBath(Environment):
    """A bosonic bath B that couples by A⊗B to any number of levels.

    Its correlations are those of QuTiP,

        C(t) = (1/π) ∫₀^∞ J(ω) [coth(ω/2T) cos ωt − i sin ωt] dω,
        S(ω) = ∫ C(t) e^{iωt} dt = 2 J(ω) (n(ω) + 1),    S(−ω) = e^{−ω/T} S(ω),

    so that by the golden rule the energy eigenstate k goes to j at the rate S(E_k − E_j)|A_jk|².
    Solvers take it in three ways: brmesolve by ``a_ops``, if A and H are real; mesolve and
    mcsolve by ``c_ops``, the same master equation as jumps; heomsolve by ``baths``, with the
    memory of the bath, which must be a sum of exponentials for it. All but heomsolve leave out
    the Lamb shift.

    Parameters
    ----------
    coupling : (n, n) array_like or Qobj
        A, Hermitian.
    spectrum : callable or qutip.BosonicEnvironment
        J(ω) ≥ 0 for ω > 0, called with a float; or any bosonic environment of QuTiP, with its
        temperature. Other packages write C(t) without 1/π: see
        `conventions.spectral_density_from_oqupy`.
    temperature : float or ndarray, optional
        T ≥ 0, an energy (k_B = 1); to be left out with an environment, which has its own.
    width : float, optional
        Jumps whose energies differ by less than this part of the smallest distance of two energies
        at that instant add coherently, as in a ladder of equal steps; others do not
        interfere (secular approximation). In ``c_ops`` jumps form groups, in which each energy is
        that near to the next one, so that the ends of a chain may lie further apart; brmesolve,
        whose ``sec_cutoff`` it is, compares pair by pair. ∞ drops the approximation. If left
        out only energies add that are equal but for round-off, and the generator keeps the
        Gibbs state at every instant.

    Raises
    ------
    LzopenError
        If the coupling is not Hermitian, the spectrum is neither a function nor bosonic, or
        the temperature is negative, missing, or given twice.

    Notes
    -----
    S(0), the strength of pure dephasing, is the limit of 2T J(ω)/ω, read off at ω/T = 1e-4, 1e-6
    and 1e-8. Where this has not settled but falls on, as for J ∝ ω² or ω^1.01, it counts as
    zero, and where it rises as infinite, which is an error.

    ``c_ops`` holds one operator for pure dephasing and one for each pair of levels and
    direction. Where several pairs share an energy, the operator of the first pair carries them all
    and the others vanish for as long. At T = 0 no operator leads upwards. With a ``width`` beyond
    round-off, jumps of different energies add with √S each, which stays positive but keeps the
    Gibbs state only roughly; brmesolve takes the mean of their S instead, which may not stay
    positive, so that the two then differ.

    References
    ----------
    T. Albash et al., New J. Phys. 14, 123016 (2012).

    Examples
    --------
    A cold bath brings a swept spin 1 down its ladder:

    >>> import qutip, lzopen as lz
    >>> spin = lz.SpinCrossing(spin=1.0, rate=0.5, gap=0.8)
    >>> bath = lz.ThermalBath(qutip.jmat(1, "z"), lambda w: 0.6 * w, temperature=0.0)
    >>> for model in (spin, spin.with_environment(bath)):
    ...     run = lz.evolve(model, times=[-6.0, 20.0], initial="ground", tol=1e-4)
    ...     print(f"{run.adiabatic_population[-1, 0]:.2f}")
    0.76
    0.97
    """

    references: ClassVar[tuple[str, ...]] = ("albash2012",)
    coupling: Any
    spectrum: Any
    temperature: Any = field(default=None, metadata=ENERGY)
    width: Any = field(default=None, metadata=NUMBER)
    is_bath = True
    follows_energies = True

    def __post_init__(self) -> None:
        object.__setattr__(self, "coupling", qutip.Qobj(hermitian("coupling", self.coupling)))
        if isinstance(self.spectrum, BosonicEnvironment):
            if self.temperature is not None:
                remedy = f"the environment has its own, {self.spectrum.T}"
                fail("temperature", "be left out here", self.temperature, remedy)
        elif not callable(self.spectrum):
            must = "be a function J(ω) or a qutip.BosonicEnvironment"
            fail("spectrum", must, repr(self.spectrum), "e.g. lambda w: 0.01 * w")
        elif self.temperature is None:
            fail("temperature", "be given with a function J(ω)", None)
        else:
            remedy = "rates grow with T; for noise without a temperature see lz.Dephasing"
            given = finite("temperature", self.temperature, remedy)
            object.__setattr__(self, "temperature", not_negative("temperature", given))
        if self.width is not None and single("width", self.width) != np.inf:
            remedy = "leave it out for round-off only"
            object.__setattr__(self, "width", positive("width", self.width, remedy))

    def check(self, n_levels: int) -> None:
        if self.coupling.shape[0] != n_levels:
            must = f"have shape {(n_levels, n_levels)}"
            fail("coupling", must, f"of shape {self.coupling.shape}")

    @property
    def reservoir_temperature(self) -> Any:
        own = isinstance(self.spectrum, BosonicEnvironment)
        return self.spectrum.T if own else self.temperature

    @property
    def power_spectrum(self) -> PowerSpectrum:
        """S(ω), to be asked with ``.at(w)``."""
        temperature = self.reservoir_temperature
        if temperature is None:
            remedy = "name its T, or take solver='heomsolve', which needs none"
            fail("spectrum", "have a temperature", repr(self.spectrum), remedy)
        return PowerSpectrum(self.spectrum, temperature)

    @property
    def is_real(self) -> bool:  # type: ignore[override]
        """Whether brmesolve can take the coupling."""
        return is_real(self.coupling.full())

    # -- what solvers take

    def a_ops(self) -> list[tuple[qutip.Qobj, Any]]:
        spectrum = self.power_spectrum
        spectrum.at(0.0)  # raises here, and not within QuTiP
        return [(self.coupling, SpectraCoefficient(qutip.coefficient(spectrum.at)))]

    @property
    def sec_cutoff(self) -> float:  # type: ignore[override]
        """The width as `qutip.brmesolve` takes it."""
        if self.width is None:
            return _EQUAL
        return float(self.width) if np.isfinite(self.width) else -1.0

    def baths(self) -> list[tuple[Any, qutip.Qobj]]:
        if not isinstance(self.spectrum, ExponentialBosonicEnvironment):
            remedy = (
                "take one from environment.approximate(...), e.g. "
                "qutip.DrudeLorentzEnvironment(T, lam, gamma).approximate('pade', Nk=3)"
            )
            page = "guide/environments#thermal-baths"
            fail("spectrum", "be a sum of exponentials here", repr(self.spectrum), remedy, page)
        return [(self.spectrum, self.coupling)]

    def dissipation(self, energies: Array, states: Array) -> Array:
        given, strength, inside = self._between(energies, states)
        return _secular(np.sqrt(strength) * inside, _groups(given, self._same(energies)))

    def redfield(self, energies: Array, states: Array) -> Array:
        given, strength, inside = self._between(energies, states)
        return _redfield(given, strength, inside, self._same(energies))

    def quantum_jumps(self, energies: Array, states: Array) -> tuple[Array, Array]:
        """One for each group of equal energies; its quantum is their mean."""
        given, strength, inside = self._between(energies, states)
        groups = _groups(given, self._same(energies)).reshape(given.shape)
        number = np.arange(given.shape[-1] ** 2)
        member = groups[..., None, :, :] == number[:, None, None]
        operators = np.where(member, (np.sqrt(strength) * inside)[..., None, :, :], 0.0)
        given = np.where(member, given[..., None, :, :], 0.0)
        return operators, -given.sum(axis=(-2, -1)) / np.maximum(member.sum(axis=(-2, -1)), 1)

    def _between(self, energies: Array, states: Array) -> tuple[Array, Array, Array]:
        """Energies E_k − E_j that jumps give away, S of them, and A_jk, between energy levels."""
        given = energies[..., None, :] - energies[..., :, None]
        floor = ROUND_OFF * np.abs(energies).max(axis=-1)[..., None, None]
        strength = self._strength(np.where(np.abs(given) > floor, given, 0.0))
        coupling = self.coupling.full().real if self.is_real else self.coupling.full()
        return given, strength, states.conj().swapaxes(-1, -2) @ coupling @ states

    def _same(self, energies: Array) -> Array:
        """By how much energies may differ that add coherently."""
        floor = ROUND_OFF * np.abs(energies).max(axis=-1)
        distances = np.diff(energies, axis=-1)
        apart = distances.min(axis=-1, where=distances > floor[..., None], initial=np.inf)
        part = _EQUAL if self.width is None else self.width
        return np.where(np.isfinite(apart), np.maximum(floor, part * apart), floor)

    def _strength(self, given: Array) -> Array:
        """S(ω) on an array, for each temperature of a batch."""
        if not np.ndim(self.temperature):
            return self.power_spectrum.on(given)
        wide = np.broadcast_to(given, (*np.shape(self.temperature), *given.shape[-3:]))
        strength = np.empty(wide.shape)
        for temperature in np.unique(self.temperature):
            rows = self.temperature == temperature
            strength[rows] = PowerSpectrum(self.spectrum, float(temperature)).on(wide[rows])
        return strength

    def axial(self, terms: Terms, vector: Array) -> Axial | None:
        """Towards −tanh(E/2T) along n(t), where energies that differ do not interfere."""
        if self.width is not None:
            return None
        energy, axis, coupling = np.linalg.norm(vector, axis=0), unit(vector), self.coupling.full()
        parts = np.array([0.5 * np.trace(coupling @ pauli).real for pauli in PAULI])
        flipped = np.sum(np.cross(parts, axis, axisb=0, axisc=0) ** 2, axis=0)
        kept = np.tensordot(parts, axis, axes=1) ** 2
        temperature = np.asarray(column(self.power_spectrum.temperature, vector))
        with np.errstate(divide="ignore", invalid="ignore"):  # T = 0
            weight = np.where(energy > 0, np.tanh(energy / (2 * temperature)), 0.0)
        along = flipped * self._exchanged(np.where(energy > 0, energy, 1.0), temperature)
        across = 0.5 * along + 2 * kept * column(self._at_rest, vector)
        return Axial(axis, along, across, -weight)

    def _exchanged(self, energy: Array, temperature: Array) -> Array:
        """S(E) + S(−E) for E > 0."""
        with np.errstate(divide="ignore"):  # T = 0
            reduced = energy / temperature
        if isinstance(self.spectrum, BosonicEnvironment):
            return self.power_spectrum.on(energy) * (1 + np.exp(-reduced))
        cold = PowerSpectrum(self.spectrum, 0.0)  # S = 2J
        strength = cold.on(energy) if takes_arrays(self.spectrum) else by_table(cold.at, energy)
        return np.asarray(strength / np.tanh(0.5 * reduced))

    @property
    def _at_rest(self) -> Any:
        """S(0), for each temperature of a batch."""
        temperature = np.asarray(self.power_spectrum.temperature)
        if not temperature.ndim:
            return self.power_spectrum.at(0.0)
        each, place = np.unique(temperature, return_inverse=True)
        still = np.array([PowerSpectrum(self.spectrum, t).at(0.0) for t in each.tolist()])
        return still[place.reshape(temperature.shape)]

    def c_ops(self, terms: Terms) -> list[qutip.Qobj | qutip.QobjEvo]:
        jumps = _Jumps(self.coupling.full(), self.power_spectrum, self.width)
        return Moving(terms, jumps.between).qobjevos(jumps.count)


class _Jumps:
    """Jump operators √S(ω) Σ |j⟩A_jk⟨k|, one for each group of equal energies ω = E_k − E_j."""

    def __init__(self, coupling: Array, spectrum: PowerSpectrum, width: float | None) -> None:
        self._coupling, self._spectrum = coupling, spectrum
        self._width = _EQUAL if width is None else width
        size = len(coupling)
        down = [(j, k) for k in range(size) for j in range(k)]
        up = [(k, j) for j, k in down] if spectrum.temperature else []
        self.count = 1 + len(down) + len(up)
        self._slots = np.zeros((size, size), dtype=int)
        for slot, pair in enumerate([*down, *up], start=1):
            self._slots[pair] = slot
        self._still = spectrum.at(0.0)

    def between(self, energies: Array, states: Array) -> Array:
        """The operators between diabatic levels."""
        given = energies - energies[:, None]
        distances = np.diff(energies)
        floor = ROUND_OFF * np.abs(energies).max()
        apart = distances.min(where=distances > floor, initial=np.inf)
        width = max(floor, self._width * apart) if np.isfinite(apart) else floor
        inside = states.conj().T @ self._coupling @ states
        jumps = np.sqrt(self._strength(given, floor)) * inside
        owner = self._owners(given, width)
        parts = np.where(owner == np.arange(self.count)[:, None, None], jumps, 0.0)
        return np.asarray(states @ parts @ states.conj().T)

    def _strength(self, given: Array, floor: float) -> Array:
        strength = np.full(given.shape, self._still)
        for j, k in zip(*np.nonzero(np.abs(given) > floor), strict=True):
            strength[j, k] = self._spectrum.at(float(given[j, k]))
        return strength

    def _owners(self, given: Array, width: float) -> Array:
        """For each pair the slot of the first one with the same energy."""
        order = np.argsort(given, axis=None)
        group = np.empty(order.size, dtype=int)
        group[order[0]] = 0
        group[order[1:]] = np.cumsum(np.diff(given.ravel()[order]) > width)
        first = np.full(group.max() + 1, self.count)
        np.minimum.at(first, group, self._slots.ravel())
        return np.asarray(first[group].reshape(given.shape))


def _groups(given: Array, width: Array) -> Array:
    """Numbers of the groups of equal energies that pairs (…, n, n) belong to, (…, n²)."""
    flat = given.reshape(*given.shape[:-2], -1)
    order = np.argsort(flat, axis=-1)
    steps = np.diff(np.take_along_axis(flat, order, axis=-1), axis=-1) > width[..., None]
    numbers = np.concatenate([0 * order[..., :1], np.cumsum(steps, axis=-1)], axis=-1)
    groups = np.empty_like(order)
    np.put_along_axis(groups, order, numbers, axis=-1)
    return groups


def _secular(jumps: Array, groups: Array) -> Array:
    """Σ_G (L_G·L_G† − ½{L_G†L_G, ·}), where L_G are the parts of √S|j⟩A_jk⟨k| in one group."""
    n = jumps.shape[-1]
    flat = jumps.reshape(*jumps.shape[:-2], -1)
    together = groups[..., :, None] == groups[..., None, :]
    product = np.where(together, flat[..., :, None] * flat[..., None, :].conj(), 0.0)
    product = product.reshape(*jumps.shape[:-2], n, n, n, n)  # j, k, l, m
    lost = 0.5 * np.einsum("...jkjm->...mk", product)
    whole = np.ascontiguousarray(np.einsum("...jklm->...ljmk", product))
    for level in range(n):
        whole[..., level, :, level, :] -= lost
        whole[..., :, level, :, level] -= lost.swapaxes(-1, -2)
    return whole.reshape(*jumps.shape[:-2], n * n, n * n)


def _redfield(given: Array, strength: Array, inside: Array, width: Array) -> Array:
    """Λρ A + Aρ Λ† − AΛρ − ρΛ†A with Λ = ½ Σ S(E_k − E_j)|j⟩A_jk⟨k|, of pairs of jumps k → j
    whose energies differ by no more than a width.
    """
    n = inside.shape[-1]
    near = np.abs(given[..., :, :, None, None] - given[..., None, None, :, :])
    near = near <= width[..., None, None, None, None]
    pairs = inside[..., :, :, None, None] * inside[..., None, None, :, :].conj()
    half = 0.5 * strength
    gained = np.where(near, (half[..., :, :, None, None] + half[..., None, None, :, :]) * pairs, 0)
    lost = np.einsum("...jkjm->...mk", np.where(near, half[..., :, :, None, None] * pairs, 0.0))
    whole = np.ascontiguousarray(np.einsum("...jklm->...ljmk", gained))
    for level in range(n):
        whole[..., level, :, level, :] -= lost
        whole[..., :, level, :, level] -= lost.conj()
    return whole.reshape(*inside.shape[:-2], n * n, n * n)
