"""How finely a solver must look at a model: kinks, crossing times, phase."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import qutip
from scipy import integrate

from lzopen import progress
from lzopen.environments.base import Terms
from lzopen.errors import choice, fail, finite
from lzopen.models.terms import derivative, kinks, traceless
from lzopen.waveforms.base import Array

SOLVERS = ("sesolve", "mesolve", "mcsolve", "brmesolve", "heomsolve")
_SAMPLES = 401
_FEWER_SAMPLES = 65  # for each member of a batch
_FEWEST_SAMPLES = 9  # between two of many kinks
_FEW_SAMPLES = 5  # of operators that move
_STEPS_PER_RADIAN = 20
_FIRST_STEP = 0.1  # of the largest; QuTiP would find it by a look far outside the window


def check_window(t0: Any, t1: Any) -> tuple[float, float]:
    """Two finite times in order."""
    start, end = float(finite("t0", t0)), float(finite("t1", t1))
    if end <= start:
        fail("t1", f"lie after t0 = {start:g}", end, "swap them, or reverse the model")
    return start, end


def largest_step(terms: Terms, t0: float, t1: float, samples: int) -> float:
    """Half of the shortest time in which the Hamiltonian does something in (t0, t1)."""
    bends = min(waveform.time_scale(t0, t1) for _, waveform in terms)
    return 0.5 * min(t1 - t0, bends, crossing_time(terms, t0, t1, samples))


def crossing_time(terms: Terms, t0: float, t1: float, samples: int) -> float:
    """Shortest possible passage, 1/√rate, for the fastest approach of two levels.

    A gap wider than √rate makes the passage longer, but then the phase limits the
    step anyway.
    """
    moving = np.linalg.eigvalsh(derivative(terms, np.linspace(t0, t1, samples + 2)[1:-1]))
    rate = float((moving[..., -1] - moving[..., 0]).max())
    return rate**-0.5 if rate else np.inf


def turning(terms: Terms, t: Array, degree: int = 0) -> Array:
    """Frobenius norms ‖Hⱼ‖ of the traceless part of H(t + s) = Σ Hⱼ sʲ, order first."""
    flat = np.array([traceless(matrix).ravel() for matrix, _ in terms])
    products = flat.conj() @ flat.T
    jets = [np.moveaxis(w.taylor(t, degree), -1, 0) for _, w in terms]
    if not any(np.iscomplexobj(jet) for jet in jets):
        products = products.real
    squared = np.zeros(np.broadcast_shapes(*(jet.shape for jet in jets)))
    for j, k in zip(*np.nonzero(np.triu(products)), strict=True):
        once = 1 if j == k else 2
        squared += (once * products[j, k] * (jets[j].conj() * jets[k])).real
    return np.sqrt(np.maximum(squared, 0.0))


def accumulated_phase(terms: Terms, t0: Any, t1: Any, samples: int | None = None) -> Array:
    """∫‖H‖dt over the window, for the Frobenius norm of the traceless part; batched."""
    samples = samples or (_SAMPLES if np.ndim(t0) == 0 else _FEWER_SAMPLES)
    t = np.linspace(t0, t1, samples, axis=-1)
    return np.asarray(integrate.trapezoid(turning(terms, t)[0], t, axis=-1))


def bends(terms: Terms, t0: Any, t1: Any) -> Array:
    """How often the waveforms bend in each of some windows."""
    shortest = min(waveform.time_scale(np.min(t0), np.max(t1)) for _, waveform in terms)
    return np.subtract(t1, t0) / shortest


def jump_rate(jumps: list[qutip.Qobj | qutip.QobjEvo], t0: float, t1: float) -> float:
    """Σ‖L‖² of collapse operators, averaged over a window."""
    times = np.linspace(*check_window(t0, t1), _FEW_SAMPLES)
    seen = [[op(t) for t in times] if isinstance(op, qutip.QobjEvo) else [op] for op in jumps]
    return sum(float(np.mean([np.linalg.norm(op.full()) ** 2 for op in ops])) for ops in seen)


def memory_rate(baths: list[tuple[Any, Any]]) -> float:
    """How fast what a bath remembers may move: its exponents, and their coupling to the system."""
    return sum(
        abs(part.exponent) + np.sqrt(abs(part.coefficient)) * float(np.linalg.norm(coupling.full()))
        for bath, coupling in baths
        for part in bath.exponents
    )


def options(
    terms: Terms, t0: Any, t1: Any, solver: str, jump_rate: float, keep_norm: bool
) -> dict[str, Any]:
    """QuTiP options for one window; ``keep_norm`` for what leaks."""
    start, end = check_window(t0, t1)
    choice("solver", solver, SOLVERS)
    edges = np.concatenate([[start], kinks(terms, start, end), [end]])
    samples = max(_FEWEST_SAMPLES, _SAMPLES // edges.size)
    step = min(largest_step(terms, a, b, samples) for a, b in pairwise(edges))
    phase = float(accumulated_phase(terms, start, end)) + jump_rate * (end - start)
    chosen: dict[str, Any] = {
        "method": "vern9",
        "atol": 1e-10,
        "rtol": 1e-8,
        "max_step": step,
        "first_step": _FIRST_STEP * step,
        "nsteps": int(1000 + _STEPS_PER_RADIAN * phase + 2 * (end - start) / step),
        "progress_bar": progress.solver_bar(),
        "progress_kwargs": {"desc": solver, "delay": 1.0, "leave": False},
    }
    if keep_norm:
        chosen["normalize_output"] = False
    return chosen
