"""How finely a solver must look at a model: kinks, crossing times, phase."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import integrate

from lzopen.environments.base import Terms
from lzopen.errors import choice, fail, finite
from lzopen.waveforms.base import Array, join_kinks

if TYPE_CHECKING:
    from lzopen.models.base import Model

SOLVERS = ("sesolve", "mesolve", "mcsolve")
_SAMPLES = 401
_FEWER_SAMPLES = 65  # for each member of a batch
_STEPS_PER_RADIAN = 20


def kinks(terms: Terms, t0: Any, t1: Any) -> Array:
    """Kinks of all waveforms inside (t0, t1), without repetitions where unbatched."""
    merged = join_kinks(*(waveform.kinks(t0, t1) for _, waveform in terms))
    return np.unique(merged[np.isfinite(merged)]) if merged.ndim == 1 else merged


def check_window(t0: Any, t1: Any) -> tuple[float, float]:
    """Two finite times in order."""
    start, end = float(finite("t0", t0)), float(finite("t1", t1))
    if end <= start:
        fail("t1", f"lie after t0 = {start:g}", end, "swap them, or reverse the model")
    return start, end


def largest_step(model: Model, t0: float, t1: float) -> float:
    """Half of the shortest time in which the Hamiltonian does something in (t0, t1)."""
    bends = min(waveform.time_scale(t0, t1) for _, waveform in model.terms)
    return 0.5 * min(t1 - t0, bends, crossing_time(model, t0, t1))


def crossing_time(model: Model, t0: float, t1: float) -> float:
    """Shortest possible passage, 1/√rate, for the fastest approach of two levels.

    A gap wider than √rate makes the passage longer, but then the phase limits the
    step anyway.
    """
    moving = np.linalg.eigvalsh(model.dH(np.linspace(t0, t1, _SAMPLES)[1:-1]))
    rate = float((moving[..., -1] - moving[..., 0]).max())
    return rate**-0.5 if rate else np.inf


def accumulated_phase(model: Model, t0: Any, t1: Any) -> Array:
    """∫‖H‖dt over the window, for the Frobenius norm of the traceless part; batched."""
    t = np.linspace(t0, t1, _SAMPLES if np.ndim(t0) == 0 else _FEWER_SAMPLES, axis=-1)
    norm = np.linalg.norm(_traceless(model.hamiltonian(t)), axis=(-2, -1))
    return np.asarray(integrate.trapezoid(norm, t, axis=-1))


def _traceless(matrices: Array) -> Array:
    size = matrices.shape[-1]
    trace = np.trace(matrices, axis1=-2, axis2=-1)[..., None, None]
    return matrices - trace * np.eye(size) / size


def options(model: Model, t0: Any, t1: Any, solver: str) -> dict[str, Any]:
    """QuTiP options for one window."""
    start, end = check_window(t0, t1)
    choice("solver", solver, SOLVERS)
    edges = np.concatenate([[start], kinks(model.terms, start, end), [end]])
    step = min(largest_step(model, a, b) for a, b in pairwise(edges))
    phase = float(accumulated_phase(model, start, end))
    chosen: dict[str, Any] = {
        "method": "vern9",
        "atol": 1e-10,
        "rtol": 1e-8,
        "max_step": step,
        "nsteps": int(1000 + _STEPS_PER_RADIAN * phase + 2 * (end - start) / step),
        "progress_bar": "tqdm",
        "progress_kwargs": {"desc": solver, "delay": 1.0, "leave": False},
    }
    if not model.is_hermitian:
        chosen["normalize_output"] = False
    return chosen
