"""Work of a closed drive by two measurements of the energy, and all that follows from it."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike
from scipy.special import xlogy

from lzopen.dynamics.propagation import refined_propagator
from lzopen.dynamics.windows import given_window
from lzopen.errors import fail, instance, positive, single, temperature_of_state, warn
from lzopen.models import Model
from lzopen.models.grid import batch_axes
from lzopen.models.parameters import describe, sources
from lzopen.results import label
from lzopen.scan import batchable
from lzopen.thermodynamics.equilibrium import (
    equal_levels,
    free_energy_difference,
    gibbs,
    log_gibbs,
)
from lzopen.thermodynamics.information import adjoint, bures_angle, entropy, ergotropy
from lzopen.thermodynamics.outcomes import merged
from lzopen.waveforms.base import Array

_ENERGY = {"units": "rad / time"}


@batchable
def work_statistics(
    model: Model, *, temperature: ArrayLike, window: Any, tol: float = 1e-10
) -> xr.Dataset:
    """Work done by a closed drive on a thermal state, from two measurements of the energy.

    The energy is measured at both ends of the window. The pair (i, f) is seen with the joint
    probability p_i P(f|i), and the work is then W = E_f − E_i. With the Gibbs state ρ_eq of the
    last Hamiltonian, the free energy F and the state ρ_τ that the drive has led to,

        ⟨e^{−(W − ΔF)/T}⟩ = 1,    Σ = (⟨W⟩ − ΔF)/T = D(ρ_τ‖ρ_eq) = C + D(Δρ_τ‖ρ_eq) ≥ 0,

    where Δ drops the coherence between different energies and C = S(Δρ_τ) − S(ρ_τ).

    Parameters
    ----------
    model : Model
        A closed model, or a batch of them.
    temperature : float or (k,) array_like
        T ≥ 0 of the initial state, an energy (k_B = 1); 0 is the ground state, ∞ makes all levels
        equal. An array becomes the dimension ``temperature``.
    window : (t0, t1)
        Start and end; numbers, or arrays that broadcast against the batch.
    tol : float
        Error of the propagator to aim for.

    Returns
    -------
    xarray.Dataset
        Batch axes come first, then ``temperature`` if it is an array.

        - ``joint_probability`` (final, initial) of energy levels, ascending, with its ``error``,
          and ``backward_probability`` (final, initial), that of going from the final to the initial
          level under the reversed drive, which is integrated on its own;
          ``initial_energy``, ``final_energy``. Levels of equal energy share alike.
        - ``work`` (outcome), ``probability`` and ``backward`` (outcome), that of −W under the
          reversed drive: the distribution, ascending, equal values merged; where a batch has fewer
          values NaN and zeros follow.
        - ``mean_work``, ``work_error``, ``work_variance``, ``free_energy_difference``,
          ``irreversible_work`` = ⟨W⟩ − ΔF, ``inner_friction``, by which ⟨W⟩ exceeds the work of a
          drive so slow that each level stays occupied as it was.
        - ``entropy_production`` Σ with its ``entropy_error``, ``relative_entropy`` D(ρ_τ‖ρ_eq)
          from the state itself, and its parts ``coherence`` and ``population_divergence``.
        - ``bures_bound`` = 8 L²/π² and ``fidelity_bound`` = −2 ln cos L, below Σ, for the Bures
          angle L between ρ_τ and ρ_eq.
        - ``ergotropy`` of ρ_τ and ``incoherent_ergotropy`` of Δρ_τ.
        - ``exponential_average`` ⟨e^{−(W − ΔF)/T}⟩ and ``crooks_residual``, the largest difference
          between P(f|i) forward and P(i|f) backward.

        At T = 0 Σ is ∞ unless the ground state is kept.

    Raises
    ------
    LzopenError
        If the model has environments or leaks, a temperature is negative, or the window does not
        increase.

    Warns
    -----
    LzopenWarning
        If the error of the probabilities stays above ``tol``.

    References
    ----------
    P. Talkner, E. Lutz and P. Hänggi, Phys. Rev. E 75, 050102 (2007); S. Deffner and E. Lutz,
    Phys. Rev. Lett. 105, 170402 (2010); F. Plastina et al., Phys. Rev. Lett. 113, 260601 (2014);
    G. Francica, J. Goold and F. Plastina, Phys. Rev. E 99, 042105 (2019).

    Examples
    --------
    >>> import lzopen as lz
    >>> qubit = lz.TwoLevel(sweep=lz.Linear(rate=1.0), gap=0.8)
    >>> swept = lz.work_statistics(qubit, temperature=1 / 0.9, window=(-6, 6))
    >>> round(swept.mean_work.item(), 6), round(swept.entropy_production.item(), 6)
    (2.206307, 1.985677)
    >>> swept.work.values.round(3).tolist(), swept.probability.values.round(4).tolist()
    ([-6.053, 0.0, 6.053], [0.0016, 0.6324, 0.3661])
    """
    instance("model", model, Model, "e.g. lz.TwoLevel(sweep=lz.Linear(1.0), gap=1.0)")
    tol = single("tol", positive("tol", tol))
    if model.has_jumps or not model.is_hermitian:
        remedy = "lz.energetics and lz.work_trajectories know environments"
        fail("model", "be closed", model.environments or "one that leaks", remedy)
    hot = np.asarray(temperature_of_state("temperature", temperature))
    if hot.ndim > 1 or not hot.size:
        fail("temperature", "be a number or a row of them", f"of shape {hot.shape}")
    ends = given_window(model, window)
    passage = _passage(model, ends, tol)
    if passage.error.max() > tol:
        worst = float(passage.error.max())
        text = f"The probabilities may be off by {worst:.1e} > tol = {tol:.1e}; raise tol."
        warn(text, worst)
    if hot.ndim:
        passage = passage.with_axis()
    batch, coords = batch_axes(model, ends[0].shape)
    dims = (*batch, "temperature") if hot.ndim else batch
    coords["temperature"] = ("temperature" if hot.ndim else (), hot, _ENERGY)
    sides = np.stack(np.broadcast_arrays(*ends), axis=-1)
    levels = np.arange(model.n_levels)
    coords |= {"final": levels, "initial": levels, "side": ["start", "end"]}
    data = {name: (tuple(d), *v) for name, (d, *v) in _ledger(passage, hot, dims).items()}
    data["window"] = ((*batch, "side"), sides, {"units": "time"})
    return label(
        xr.Dataset(data, coords),
        parameters=model.parameters,
        model=describe(model),
        references=[
            "talkner2007",
            "deffner2010",
            "plastina2014",
            "francica2019",
            "blanes2009",
            *sources(model),
        ],
        quantity="work_statistics",
        temperature=hot,
        tol=tol,
    )


class _Passage(NamedTuple):
    """What a drive does between the energy levels at its ends, for a batch."""

    first: Array  # energies (…, n), ascending
    last: Array
    amplitudes: Array  # (…, final, initial)
    backward: Array  # probabilities (…, final, initial), from final to initial
    error: Array  # of any element of the propagator, (…)

    def with_axis(self) -> _Passage:
        """One more axis of the batch, for temperatures."""
        first, last = (part[..., None, :] for part in self[:2])
        amplitudes, backward = (part[..., None, :, :] for part in self[2:4])
        return _Passage(first, last, amplitudes, backward, self.error[..., None])


def _passage(model: Model, ends: tuple[Array, Array], tol: float) -> _Passage:
    (first, before), (last, after) = (_levels_at(model, t) for t in ends)
    forth, off = refined_propagator(model, *ends, tol)
    back, off_back = refined_propagator(_time_reversed(model), -ends[1], -ends[0], tol)
    amplitudes = adjoint(after) @ forth @ before
    returned = np.abs(before.swapaxes(-1, -2) @ back @ after.conj()) ** 2
    error = np.maximum(off, off_back)[..., 0, 0]
    return _Passage(first, last, amplitudes, returned.swapaxes(-1, -2), error)


def _levels_at(model: Model, t: Array) -> tuple[Array, Array]:
    """Energies and eigenvectors of each member at its own time."""
    energies, vectors = model.eigenstates(t[..., None])
    return energies[..., 0, :], vectors[..., 0, :, :]


def _time_reversed(model: Model) -> Model:
    """H*(−t): time runs back, and so do magnetic fields."""
    return Model(terms=tuple((matrix.conj(), w.reversed()) for matrix, w in model.terms))


def _ledger(passage: _Passage, hot: Array, dims: tuple[str, ...]) -> dict[str, Any]:
    """All variables as (dims, values, attributes)."""
    found = _work(passage, hot)
    entropies = _entropies(passage, hot, found["irreversible_work"][1])
    found |= {name: ((), *values) for name, values in entropies.items()}
    levels, outcomes = passage.last.shape[-1], found["work"][1].shape[-1]
    sizes = {"final": levels, "initial": levels, "outcome": outcomes}
    shape = found["mean_work"][1].shape
    full = {}
    for name, (axes, values, *attributes) in found.items():
        wide = np.broadcast_to(values, (*shape, *(sizes[axis] for axis in axes)))
        full[name] = ((*dims, *axes), wide.copy(), *attributes)
    return full


def _work(passage: _Passage, hot: Array) -> dict[str, Any]:
    """The distribution of the work and its moments, as (dims behind the batch, values, units)."""
    first, last, _, _, error = passage
    occupied = gibbs(first, hot)
    joint = _shared(np.abs(passage.amplitudes) ** 2, passage) * occupied[..., None, :]
    backward = _shared(passage.backward, passage) * gibbs(last, hot)[..., :, None]
    work = last[..., :, None] - first[..., None, :]
    mean = (joint * work).sum(axis=(-2, -1))
    variance = (joint * (work - mean[..., None, None]) ** 2).sum(axis=(-2, -1))
    change = free_energy_difference(first, last, hot)
    followed = (occupied * (last - first)).sum(axis=-1)
    outcomes = merged(work, joint, backward, np.maximum(np.abs(first), np.abs(last)).max(axis=-1))
    pairs, average = ("final", "initial"), _exponential_average(passage, work, change, hot)
    return {
        "joint_probability": (pairs, joint),
        "error": ((), 2 * error + error**2),
        "backward_probability": (pairs, backward),
        "initial_energy": (("initial",), first, _ENERGY),
        "final_energy": (("final",), last, _ENERGY),
        "work": (("outcome",), outcomes.work, _ENERGY),
        "probability": (("outcome",), outcomes.forward),
        "backward": (("outcome",), outcomes.backward),
        "mean_work": ((), mean, _ENERGY),
        "work_error": ((), np.ptp(last, axis=-1) * error * (1 + 0.5 * error), _ENERGY),
        "work_variance": ((), variance, {"units": "rad^2 / time^2"}),
        "free_energy_difference": ((), change, _ENERGY),
        "irreversible_work": ((), mean - change, _ENERGY),
        "inner_friction": ((), mean - followed, _ENERGY),
        "exponential_average": ((), average),
        "crooks_residual": ((), _crooks_residual(passage)),
    }


def _shared(probability: Array, passage: _Passage) -> Array:
    """Probabilities (…, final, initial) of which levels of equal energy have equal shares."""
    final, initial = (equal_levels(e) / 1.0 for e in (passage.last, passage.first))
    final /= final.sum(axis=-1, keepdims=True)
    initial /= initial.sum(axis=-1, keepdims=True)
    return final @ probability @ initial


def _exponential_average(passage: _Passage, work: Array, change: Array, hot: Array) -> Array:
    """⟨e^{−(W − ΔF)/T}⟩; at T = 0 and ∞ what it tends to."""
    moved = np.abs(passage.amplitudes) ** 2
    limit = (gibbs(passage.last, hot)[..., :, None] * moved).sum(axis=(-2, -1))
    with np.errstate(all="ignore"):
        exponent = (change[..., None, None] - work) / np.asarray(hot)[..., None, None]
        logarithm = exponent + log_gibbs(passage.first, hot)[..., None, :]
        direct = (moved * np.exp(logarithm)).sum(axis=(-2, -1))
    return np.where((hot > 0) & np.isfinite(hot), direct, limit)


def _crooks_residual(passage: _Passage) -> Array:
    forth = _shared(np.abs(passage.amplitudes) ** 2, passage)
    back = _shared(passage.backward, passage)
    return np.asarray(np.abs(forth - back).max(axis=(-2, -1)))


def _entropies(passage: _Passage, hot: Array, lost: Array) -> dict[str, Any]:
    """The entropy production and its parts, and what it and the state bound."""
    last, error, occupied = passage.last, passage.error, gibbs(passage.first, hot)
    state = (passage.amplitudes * occupied[..., None, :]) @ adjoint(passage.amplitudes)
    dephased = np.where(equal_levels(last), state, 0.0)
    aim = gibbs(last, hot)
    thermal, energies = (level[..., None] * np.eye(last.shape[-1]) for level in (aim, last))
    coherence = np.maximum(entropy(dephased) + xlogy(occupied, occupied).sum(axis=-1), 0.0)
    held = np.diagonal(state, axis1=-2, axis2=-1).real
    populations = _divergence(dephased, held, log_gibbs(last, hot), error)
    with np.errstate(divide="ignore", invalid="ignore"):
        produced = np.where(np.isinf(hot), 0.0, lost / hot)
        off = np.where(np.isinf(hot), 0.0, np.ptp(last, axis=-1) * error / hot)
        angle = bures_angle(state, thermal)
        fidelity = np.maximum(-2 * np.log(np.cos(angle)), 0.0)
    cold = np.broadcast_to(hot == 0, produced.shape)
    produced = np.where(cold, np.where(np.isinf(populations), np.inf, 0.0), produced)
    return {
        "entropy_production": (produced,),
        "entropy_error": (np.where(cold, 0.0, off) + _fannes(error, last.shape[-1]),),
        "relative_entropy": (coherence + populations,),
        "coherence": (coherence,),
        "population_divergence": (populations,),
        "bures_bound": (8 / np.pi**2 * angle**2,),
        "fidelity_bound": (fidelity,),
        "ergotropy": (ergotropy(state, energies), _ENERGY),
        "incoherent_ergotropy": (ergotropy(dephased, energies), _ENERGY),
    }


def _divergence(dephased: Array, held: Array, log_aim: Array, error: Array) -> Array:
    """D(Δρ‖ρ_eq) with the logarithms of populations that may be too small for a number.

    Where nothing is held at equilibrium, what round-off leaves there does not count.
    """
    least = np.where(np.isinf(log_aim), (2 * error)[..., None], 0.0)
    with np.errstate(invalid="ignore"):
        crossed = np.where(held > least, held * log_aim, 0.0).sum(axis=-1)
    return np.maximum(-entropy(dephased) - crossed, 0.0)


def _fannes(error: Array, levels: int) -> Array:
    """What entropies may be off where a state is off by 2 × error in trace norm."""
    off = np.minimum(error, 0.5)
    return off * np.log(max(levels - 1, 1)) - xlogy(off, off) - xlogy(1 - off, 1 - off)
