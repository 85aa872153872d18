"""Periodic steady states and trains by QuTiP: propagators between kinks, then linear algebra."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import qutip

TIGHT = {"progress_bar": "", "method": "vern9", "atol": 1e-13, "rtol": 1e-12, "nsteps": 10**6}
GAUSS, WEIGHTS = np.polynomial.legendre.leggauss(20)


def one_period(model, start, period):
    """(duration, superoperator) of pieces that make up a period, with Gauss nodes of an average.

    Returns the map over the whole period and the one that averages over it.
    """
    cuts = np.unique([start, *np.ravel(model.kinks(start, start + period)), start + period])
    scale = min(w.time_scale(start, start + period) for _, w in model.effective_terms)
    moving = any(isinstance(op, qutip.QobjEvo) and not op.isconstant for op in model.c_ops)
    whole = np.eye(model.n_levels**2, dtype=complex)
    mean = np.zeros_like(whole)
    for a, b in pairwise(cuts):
        for left, right in panels(model, a, b, scale, moving):
            nodes = left + (right - left) * 0.5 * (1 + GAUSS)
            maps = superoperators(model, [left, *nodes, right])
            for weight, inside in zip(WEIGHTS, maps[1:-1], strict=True):
                mean += 0.5 * weight * (right - left) / period * inside @ whole
            whole = maps[-1] @ whole
    return whole, mean


def panels(model, a, b, scale, moving):
    """Intervals in which neither drives nor phases nor eigenstates turn far."""
    t = np.linspace(a, b, 65)[1:-1]
    energies = model.energies(t)
    rate = max(0.5 / scale, np.ptp(energies, axis=-1).max() / 4)
    if moving:
        apart = np.diff(energies, axis=-1).min(axis=-1)
        rate = max(rate, 0.4 * (np.linalg.norm(model.dH(t), axis=(-2, -1)) / apart).max())
    if (b - a) * rate <= 1:
        return [(a, b)]
    middle = 0.5 * (a + b)
    return [*panels(model, a, middle, scale, moving), *panels(model, middle, b, scale, moving)]


def superoperators(model, times):
    """Of density matrices stacked by columns, from the first time to each."""
    options = model.solver_options(times[0], times[-1]) | TIGHT
    generator = qutip.liouvillian(model.H, model.c_ops)
    found = qutip.propagator(generator, list(times), options=options)
    return [superoperator.full() for superoperator in found]


def steady_vector(whole):
    """Fixed point of trace one, and how much its equations amplify errors."""
    size = int(np.sqrt(len(whole)))
    trace = np.eye(size).ravel()
    equations = whole - np.eye(len(whole)) + np.outer(trace, trace)
    return np.linalg.solve(equations, trace), np.linalg.cond(equations)
