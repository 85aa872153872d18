"""The device while nothing moves: what it settles in, and how it waits."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from scipy.linalg import expm

from lzopen.dynamics.generators import liouvillian
from lzopen.errors import fail
from lzopen.models import Model
from lzopen.models.parameters import map_waveforms
from lzopen.models.terms import hamiltonian
from lzopen.waveforms import Constant, Filtered, Repeated, Sinusoidal, Square, Triangle, Waveform
from lzopen.waveforms.base import Array
from lzopen.waveforms.moved import Retimed
from lzopen.waveforms.sums import Part, Scaled, Sum

_SINGULAR = 1e-13  # of the largest rate: what cannot be told from a second steady state


def switched_off(waveform: Waveform) -> Waveform:
    """What is left of a periodic drive that is off: its bias, or what its pulses rest at.

    Raises
    ------
    LzopenError
        If it is no periodic drive about a bias.
    """
    if waveform.is_constant:
        return waveform
    if isinstance(waveform, Sum):
        return Sum(tuple(switched_off(part) for part in waveform.parts))
    if isinstance(waveform, (Scaled, Retimed, Part, Filtered)):
        return replace(waveform, waveform=switched_off(waveform.waveform))
    if isinstance(waveform, (Sinusoidal, Square, Triangle)):
        return Constant(waveform.bias)
    end = waveform.waveform.asymptote(-1) if isinstance(waveform, Repeated) else None
    if end is None or end[1]:
        remedy = "e.g. lz.Sinusoidal, lz.Repeated(lz.Trapezoid(...), period), or lz.SinglePulse()"
        fail("model", "be driven periodically about a bias", f"moved by {waveform!r}", remedy)
    return Constant(end[0])


def undriven(batch: Model) -> Model:
    """The device with its periodic drive off; it has no axis along which only the drive varies."""
    still = map_waveforms(batch, switched_off)
    if not all(waveform.is_constant for _, waveform in still.effective_terms):
        fail("model", "be driven in its Hamiltonian alone", "driven in an environment")
    return still


def frozen(batch: Model, t: Array) -> Model:
    """The device as it is at one time, one for each member."""
    when = np.asarray(t)[..., None]
    return map_waveforms(batch, lambda waveform: Constant(waveform(when)[..., 0]))


def generator(still: Model) -> Array:
    """Liouvillian for density matrices stacked by columns, batch + (n², n²)."""
    rates = hamiltonian(liouvillian(still), 0.0)
    # What follows the levels of a single model has an axis of its own in front.
    return rates.reshape(rates.shape[max(0, rates.ndim - 2 - len(still.batch_shape)) :])


def settled(rates: Array, still: Model) -> Array:
    """The state that a device settles in, batch + (n²,).

    Raises
    ------
    LzopenError
        If there is none, or more than one.
    """
    refuse_lasting(still)
    size = np.abs(rates).max(axis=(-2, -1), keepdims=True)
    return fixed(rates / size, still.n_levels)


def refuse_lasting(model: Model) -> None:
    """Raise for a model that never forgets, or that leaks until nothing is left."""
    if not model.is_hermitian or not model.has_jumps:
        kind = "closed" if model.is_hermitian else "leaky"
        remedy = "attach environments, or start from a given state: lz.Pulsed(..., initial=0)"
        page = "guide/interferograms#how-it-is-computed-and-what-the-error-means"
        fail("model", "forget how it started", kind, remedy, page)


def fixed(change: Array, n_levels: int) -> Array:
    """The state (…, n²) of trace one that is not changed.

    Raises
    ------
    LzopenError
        If there is more than one.
    """
    levels = np.arange(n_levels) * (n_levels + 1)
    # Changes of all populations add up to zero, so that the first equation says nothing new.
    equations = np.array(change)
    equations[..., 0, :] = 0.0
    equations[..., 0, levels] = 1.0
    if np.any(np.linalg.cond(equations) > 1 / _SINGULAR):
        remedy = "attach environments that damp all coherence and connect all levels"
        fail("model", "forget how it started", "without a single steady state", remedy)
    return np.linalg.solve(equations, np.eye(n_levels**2)[:, :1])[..., 0]


def waiting(rates: Array, time: float) -> Array:
    """What a wait does to a state, e^{Lt}."""
    return np.asarray(expm(rates * time))


def while_waiting(rates: Array, time: float) -> Array:
    """The average of e^{Ls} from s = 0 to t.

    It is the upper right corner of the exponential of ((Lt, 1), (0, 0)): C. Van Loan, IEEE Trans.
    Autom. Control 23, 395 (1978).
    """
    size = rates.shape[-1]
    both: Any = np.zeros((*rates.shape[:-2], 2 * size, 2 * size), dtype=complex)
    both[..., :size, :size] = rates * time
    both[..., :size, size:] = np.eye(size)
    return np.asarray(expm(both)[..., :size, size:])
