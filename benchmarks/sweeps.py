"""A scan of 200 sweep rates, against loops over QuTiP's solvers in the window ±40Δ/v."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import qutip
from harness import Job, Match, Timing, fastest, measure
from qutip_maps import METHODS, options, tolerances
from references import dephased_crossing

import lzopen as lz

Array = np.ndarray[Any, Any]
_RATES = np.logspace(-1, 1, 200)
_SAMPLE = slice(4, None, 10)  # of the rates, by peers
_GAP, _DEPHASING = 1.0, 0.1
_EDGE = 40 * _GAP
_FLOOR = "a rate: series and steps 17 µs, formal columns 7 µs, record and Dataset 8 µs"


def scan() -> list[Timing]:
    """Probability to stay in a diabatic level: t → ±∞, in the raw window, and with dephasing."""
    qubit = lz.TwoLevel(sweep=lz.Linear(1.0), gap=_GAP)
    closed = lz.vary(qubit, {"rate": _RATES})
    noisy = lz.vary(qubit.with_environment(lz.Dephasing(_DEPHASING)), {"sweep.rate": _RATES})
    limit = lz.theory.landau_zener(rate=_RATES, gap=_GAP)
    noisy_limit = np.array([dephased_crossing(rate, _GAP, _DEPHASING) for rate in _RATES[_SAMPLE]])
    window = (-_EDGE / _RATES, _EDGE / _RATES)
    inside = _in_window(_RATES[_SAMPLE])
    pure = [qutip.basis(2, 0), []]
    mixed = [qutip.fock_dm(2, 0), [np.sqrt(_DEPHASING / 2) * qutip.sigmaz()]]
    sample = limit[_SAMPLE]
    raw = fastest(tolerances(partial(_loop, "sesolve", pure, inside)), 1e-8)
    in_window = _ours(closed, inside, window=window, readout="diabatic", tol=1e-8)
    return measure(
        [
            *_limits("B3 200 rates, t → ±∞", partial(_loop, "sesolve", pure), closed, sample, 1000),
            Match(
                "B3 200 rates, raw window ±40Δ/v",
                raw,
                in_window,
                unit="rate",
                target=70,
                accuracy=1e-8,
                floor=_FLOOR,
            ),
            *_limits(
                "B3 200 rates with dephasing, t → ±∞",
                partial(_loop, "mesolve", mixed),
                noisy,
                noisy_limit,
                200,
            ),
        ]
    )


def _limits(
    work: str, loop: Callable[..., Job], batch: lz.Model, exact: Array, target: float
) -> list[Match]:
    """Against QuTiP's defaults, and its fastest method: the window limits what either can reach."""
    ours = _ours(batch, exact, tol=1e-9)
    peers = [loop(exact), fastest([[loop(exact, method, 1e-6)] for method in METHODS], np.inf)]
    return [
        Match(work, peer, ours, unit="rate", target=target, accuracy=1e-9, floor=_FLOOR)
        for peer in peers
    ]


def _in_window(rates: Array) -> Array:
    """Exact probabilities from t = −40Δ/v to 40Δ/v."""
    U = lz.theory.finite_time_propagator(rate=rates, gap=_GAP, t0=-_EDGE / rates, t1=_EDGE / rates)
    return np.abs(U[:, 0, 0]) ** 2


def _loop(solver: str, system: list[Any], exact: Array, method: str = "", rtol: float = 0.0) -> Job:
    start, c_ops = system
    solve: Callable[..., Any] = getattr(qutip, solver)
    how = options(method, rtol) if method else {"nsteps": 10**6}

    def run() -> Array:
        found = []
        for rate in _RATES[_SAMPLE].tolist():

            def bias(t: float, rate: float = rate) -> float:
                return rate * t

            H = qutip.QobjEvo([_GAP / 2 * qutip.sigmax(), [qutip.sigmaz() / 2, bias]])
            window = [-_EDGE / rate, _EDGE / rate]
            given = [c_ops] if c_ops else []
            final = solve(H, start, window, *given, options=how).states[-1]
            found.append(qutip.expect(qutip.fock_dm(2, 0), final))
        return np.array(found)

    means = f"{method} {rtol:.0e}" if method else "its defaults"
    label = f"QuTiP, {solver} per rate, window ±40Δ/v, {means} (20 rates)"
    return Job(label, run, lambda found: float(np.abs(found - exact).max()), units=len(exact))


def _ours(batch: lz.Model, exact: Array, **how: Any) -> Job:
    def error(found: Any) -> float:
        return float(np.abs(found.probability.values[_SAMPLE, 0, 0] - exact).max())

    return Job("lzopen", lambda: lz.transition_matrix(batch, **how), error, units=_RATES.size)
