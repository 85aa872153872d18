"""Where a sweep through a band may begin and end, and in which states.

Far from the band there is a solution that carries no transitions to any order of slowness,
as in `lzopen.dynamics.closing`, but the band makes its equations diagonal: the
cost is that of a few sums over the levels.
"""

from __future__ import annotations

import numpy as np

from lzopen.dynamics.kicks import State
from lzopen.dynamics.windows import asymptotic_window
from lzopen.errors import LzopenError
from lzopen.models import Continuum, Model
from lzopen.waveforms import Constant

_ORDER = 14  # of the formal series
_SETTLE, _SETTLED = 40, 1e-14
_WIDENINGS = 10


def closed_ends(model: Continuum, tol: float) -> tuple[float, float, State, State, float]:
    """A window, the formal solutions at its ends, and what they leave out."""
    t0, t1 = _window(model)
    for widening in range(_WIDENINGS + 1):
        (first, before), (last, after) = (_formal_state(model, t) for t in (t0, t1))
        poor = np.array([before, after]) > tol / 8
        if not poor.any() or widening == _WIDENINGS:
            break
        t0, t1 = np.array([t0, t1]) + 0.1 * (t1 - t0) * poor * [-1, 1]
    return t0, t1, first, last, before + after


def _window(model: Continuum) -> tuple[float, float]:
    """From well before the level enters the band to well after it has left it."""
    ends = [model.sweep.asymptote(side) for side in (-1, 1)]
    if any(end is None or end[1] != 1 for end in ends):
        raise LzopenError(
            "Argument `times` must be given, since the sweep does not come from far away and "
            "leave again on straight lines; give the times of interest."
        )
    edges = np.diag([0.0, *model.band.edges])
    swept = np.diag([1.0, 0.0, 0.0])
    t0, t1 = asymptotic_window(Model(terms=((swept, model.sweep), (edges, Constant(1.0)))))
    return float(t0), float(t1)


def _formal_state(model: Continuum, t: float) -> tuple[State, float]:
    """The solution without transitions, by its terms in ε' and the first one in ε'', and its error.

    In c ∝ (1, v), with x = 1/(E − λ) and λ = ε + ΣVv, it is
    v = −Vx Σ_m (2m−1)!!(iλ'x²)^m + Vλ''x⁴ + …
    """
    energies, couplings = model.band.energies, model.band.couplings
    own, slope, bend = model.sweep.taylor(np.float64(t), 2).tolist()
    shifted, rate = complex(own), complex(slope)
    for _ in range(_SETTLE):
        x = 1 / (energies - shifted)
        slow = 1j * rate * x**2
        term = -couplings * x
        v, shift = np.zeros_like(term), np.zeros((), dtype=complex)
        for m in range(_ORDER):
            v += term
            shift = shift + (2 * m + 1) * ((couplings * term) @ x)  # dλ/dt = ε' + shift·dλ/dt
            term = (2 * m + 1) * slow * term
        bent = 2 * bend / (1 - shift) - 2 * rate**2 * (couplings**2 @ x**3)
        before, shifted = shifted, complex(own + couplings @ v)
        rate = slope / (1 - shift)
        if abs(shifted - before) <= _SETTLED * abs(shifted):
            break
    curved = bent * couplings * x**4
    v = v + curved
    left_out = np.linalg.norm(term) + np.linalg.norm(curved)
    norm = np.sqrt(1 + np.linalg.norm(v) ** 2)
    return (complex(1 / norm), v / norm), float(left_out)
