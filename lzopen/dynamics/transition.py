"""Transition probabilities, with their error."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr

from lzopen.dynamics.bright import between_levels, in_bright_states
from lzopen.dynamics.closing import formal_states
from lzopen.dynamics.propagation import liouvillian, refined_propagator
from lzopen.dynamics.readout import named_eigenstates, projector_vectors
from lzopen.dynamics.resting import all_rest, clusters, rotation, steady_populations
from lzopen.dynamics.tails import final_populations
from lzopen.dynamics.windows import asymptotic_window, given_window, slowest_growth, without_limit
from lzopen.environments.base import Terms
from lzopen.environments.bloch import Polarization
from lzopen.errors import choice, fail, instance, positive, single, warn
from lzopen.models import Model
from lzopen.models.grid import batch_axes
from lzopen.models.parameters import describe
from lzopen.models.stepping import accumulated_phase
from lzopen.results import label
from lzopen.waveforms.base import Array

_WIDENINGS = 40
_NOTHING = 1.0  # an error of a population that says nothing
_MOST_PHASE = 1e5  # a window that accumulates more is not worth its steps

States = tuple[Array, Array]


def transition_matrix(
    model: Model, *, window: Any = None, readout: str = "adiabatic", tol: float = 1e-8
) -> xr.Dataset:
    """Probabilities P(final, initial) to go from one diabatic level to another.

    Without a window the limit t → ±∞ is returned: a moderate window is integrated and
    both ends are closed with formal super-adiabatic solutions, so that the error of the
    finite window falls as e^{−αT²/2} instead of 1/T. Of models that dephase, decay or leak
    the slow motion of the populations is followed to infinity; columns then sum to the
    survival. Where a coupling stays for ever between levels that stop parting, the limit is that of
    the energy levels, each named by the diabatic level that it holds most of.

    Parameters
    ----------
    model : Model
        One model or a batch.
    window : (t0, t1), optional
        A finite window, exactly as asked; numbers or arrays in the shape of the batch.
    readout : {"adiabatic", "diabatic"}
        What is prepared and read out at the ends of a finite window: the instantaneous
        eigenstates, each named by the diabatic level that it holds most of, or
        the diabatic levels themselves.
    tol : float
        Error to aim for.

    Returns
    -------
    xarray.Dataset
        ``probability`` and ``error`` (batch…, final, initial) and ``window``
        (batch…, side). ``error`` bounds the step error (by step halving), the terms left out
        of the formal solutions, and round-off. Elements without a limit are NaN.

    Raises
    ------
    LzopenError
        If no window is given for a periodic drive or for open levels that part no faster
        than √t or see a hot bath, the window does not increase or asks for more than 3e7 steps,
        or collapse operators move in time in a way that only QuTiP follows.

    Warns
    -----
    LzopenWarning
        If the error stays above ``tol``, or an element shows no limit.

    References
    ----------
    S. Blanes, F. Casas, J. A. Oteo and J. Ros, Phys. Rep. 470, 151 (2009).

    Examples
    --------
    >>> import lzopen as lz
    >>> qubit = lz.TwoLevel(sweep=lz.Linear(rate=1.0), gap=1.0)
    >>> P = lz.transition_matrix(qubit)
    >>> round(P.probability[0, 0].item(), 8)
    0.20787958
    """
    instance("model", model, Model, "e.g. lz.TwoLevel(sweep=lz.Linear(1.0), gap=1.0)")
    choice("readout", readout, ("adiabatic", "diabatic"))
    tol = single("tol", positive("tol", tol))
    if window is None:
        probability, error, ends = _infinite(model, readout, tol)
    else:
        ends = given_window(model, window)
        probability, error = finite_window(model, ends, readout, tol)
    error = np.maximum(error, -probability)  # no error is smaller than what is seen of it
    _warn_if_poor(probability, error, tol)
    return _dataset(model, probability, error, ends, window, readout, tol)


def _infinite(model: Model, readout: str, tol: float) -> tuple[Array, Array, tuple[Array, Array]]:
    if readout == "diabatic":
        fail("readout", "be left out without a window", repr(readout), "in the limit both agree")
    if model.has_jumps or not model.is_hermitian:
        return _open_limit(model, tol)
    if not without_limit(model).any():
        return _closed_limit(model, tol)
    turned, states = in_bright_states(model)
    probability, error, ends = _closed_limit(turned, tol)
    return *between_levels(turned, states, probability, error), ends


def _closed_limit(model: Model, tol: float) -> tuple[Array, Array, tuple[Array, Array]]:
    t0, t1, first, last = _closed_ends(model, tol)
    left_out = last[1][..., :, None] + first[1][..., None, :]
    probability, error = _closed(model, (t0, t1), first[0], last[0], tol)
    return probability, error + 2 * np.sqrt(model.n_levels) * left_out, (t0, t1)


def _open_limit(model: Model, tol: float) -> tuple[Array, Array, tuple[Array, Array]]:
    """The same for populations that dephase, decay or leak."""
    t0, t1 = asymptotic_window(model)
    power = slowest_growth(model)
    if power <= 0.5:
        must = "be given where levels part no faster than √t and dephase, decay or leak"
        fail("window", must, f"missing for a power of {power:g}", "give window=(t0, t1)")
    forwards = liouvillian(model)
    _refuse_hot_baths(forwards, t0, t1)
    backwards = tuple((matrix.swapaxes(-1, -2), w.reversed()) for matrix, w in forwards)
    for _ in range(_WIDENINGS):
        center = 0.5 * (t0 + t1)
        last, off_last = _open_end(model, forwards, 1, (t1, center, power))
        first, off_first = _open_end(model, backwards, -1, (-t0, -center, power))
        affordable = accumulated_phase(model.effective_terms, t0, t1) < _MOST_PHASE
        off = np.array([off_first, off_last])
        poor = affordable & _is_poor(off[..., None], tol)
        if not poor.any():
            break
        t0, t1 = _widened(t0, t1, poor)
    off = np.where(off < _NOTHING, off, np.inf)
    if np.isinf(off).any(axis=0).all():
        nothing = np.zeros((*model.batch_shape, model.n_levels, model.n_levels))
        return nothing, np.full(nothing.shape, np.inf), (t0, t1)
    propagated, error = refined_propagator(model, t0, t1, tol, terms=forwards)
    probability = np.real(last @ propagated @ first.swapaxes(-1, -2))
    total = error + off.sum(axis=0)[..., None, None]
    return probability, np.broadcast_to(total, probability.shape).copy(), (t0, t1)


def _refuse_hot_baths(generators: Terms, t0: Array, t1: Array) -> None:
    """Rates that fall like e^(−E/T) must do so as fast as those that fall as a power."""
    for waveform in (w for _, w in generators if isinstance(w, Polarization)):
        for side, end in ((-1, t0), (1, t1)):
            parts = waveform.far(side)
            energy = waveform.energy(end[..., None])[..., 0]
            if parts and parts[2] > 0 and np.any(waveform.temperature > energy):
                bound = f"warmer than E = {energy.min():.3g} beyond the passage"
                remedy = "give window=(t0, t1)"
                fail("window", f"be given where a bath is {bound}", "missing", remedy)


def _open_end(model: Model, generators: Terms, side: int, far: Any) -> tuple[Array, Array]:
    """Map from a density matrix to populations in the limit, and its error."""
    if not clusters(model, side):
        return final_populations(generators, model.n_levels, *far)
    if all_rest(model, side):
        return steady_populations(model, generators, side)
    there, back, failed = rotation(model, generators, side)
    turned = tuple((there @ matrix @ back, waveform) for matrix, waveform in generators)
    found, error = final_populations(turned, model.n_levels, *far)
    return found @ there, np.where(failed, np.inf, error)


def _closed_ends(model: Model, tol: float) -> tuple[Array, Array, States, States]:
    """Window, and formal states at both ends with their errors, widened until good enough."""
    t0, t1 = asymptotic_window(model)
    lost = without_limit(model)
    for _ in range(_WIDENINGS):
        first, last = (_formal_states(model, t, lost) for t in (t0, t1))
        affordable = accumulated_phase(model.effective_terms, t0, t1) < _MOST_PHASE
        poor = affordable & np.array([_is_poor(error, tol) for _, error in (first, last)])
        if not poor.any():
            break
        t0, t1 = _widened(t0, t1, poor)
    return t0, t1, first, last


def _widened(t0: Array, t1: Array, poor: Array) -> tuple[Array, Array]:
    stretch = 0.15 * (t1 - t0)
    return np.where(poor[0], t0 - stretch, t0), np.where(poor[1], t1 + stretch, t1)


def _formal_states(model: Model, t: Array, lost: Array) -> States:
    """Formal states with their errors, plain levels with an infinite one where there is none."""
    states, error = formal_states(model, t)
    error = np.where(lost, np.inf, error)
    return np.where(np.isfinite(error)[..., None, :], states, np.eye(model.n_levels)), error


def _is_poor(error: Array, tol: float) -> Array:
    return np.asarray(((error > tol / 50) & np.isfinite(error)).any(axis=-1))


def finite_window(
    model: Model, ends: tuple[Array, Array], readout: str, tol: float
) -> tuple[Array, Array]:
    """Probabilities and their errors for a window as `given_window` returns it."""
    if readout == "adiabatic":
        first, last = (named_eigenstates(model, t) for t in ends)
    else:
        first = last = np.eye(model.n_levels)
    return (_open if model.has_jumps else _closed)(model, ends, first, last, tol)


def _closed(
    model: Model, ends: tuple[Array, Array], first: Array, last: Array, tol: float
) -> tuple[Array, Array]:
    """|⟨last|U|first⟩|² for states given as columns; an amplitude a off by δ costs 2|a|δ."""
    propagated, error = refined_propagator(model, *ends, tol / 2)
    amplitude = np.abs(last.conj().swapaxes(-1, -2) @ propagated @ first)
    return amplitude**2, 2 * amplitude * error + error**2


def _open(
    model: Model, ends: tuple[Array, Array], first: Array, last: Array, tol: float
) -> tuple[Array, Array]:
    """Populations from the propagator of the density matrix, stacked by columns."""
    propagated, error = refined_propagator(model, *ends, tol)
    prepared, read = projector_vectors(first), projector_vectors(last)
    probability = np.real(read.conj().swapaxes(-1, -2) @ propagated @ prepared)
    return probability, np.broadcast_to(error, probability.shape)


def _warn_if_poor(probability: Array, error: Array, tol: float) -> None:
    worst = float(np.max(error))
    if not np.isfinite(worst):
        lost = ~np.isfinite(error)
        probability[lost] = error[lost] = np.nan
        warn(
            f"{int(lost.sum())} elements have no limit for t → ±∞, or none that is found here, and "
            "are NaN; give window=.",
            worst,
            4,
        )
    elif worst > tol:
        warn(
            f"The error {worst:.1e} stays above tol = {tol:.1e}; trust the digits it leaves.",
            worst,
            4,
        )


def _dataset(
    model: Model, probability: Array, error: Array, ends: Any, window: Any, readout: str, tol: float
) -> xr.Dataset:
    batch, coords = batch_axes(model, probability.shape[:-2])
    levels = np.arange(model.n_levels)
    data = xr.Dataset(
        {
            "probability": ((*batch, "final", "initial"), probability),
            "error": ((*batch, "final", "initial"), error),
            "window": ((*batch, "side"), np.stack(ends, axis=-1)),
        },
        coords={**coords, "final": levels, "initial": levels, "side": ["start", "end"]},
    )
    return label(
        data,
        parameters=model.parameters,
        model=describe(model),
        references=["blanes2009"],
        quantity="transition_matrix",
        readout=readout if window is not None else "limit",
        tol=tol,
    )
