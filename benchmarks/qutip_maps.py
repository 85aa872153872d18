"""The pixels of a map by QuTiP: the propagator of one period, and what becomes of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import qutip
from maps import Array, Map
from systems import PERIOD

TUTORIAL = {"method": "adams", "atol": 1e-6, "rtol": 1e-5, "nsteps": 10**6}
TIGHT = {"method": "vern9", "atol": 1e-15, "rtol": 1e-13, "nsteps": 10**6}
METHODS = ("adams", "vern7", "vern9")

Finish = Callable[[qutip.Qobj], Array]


def steady(propagator: qutip.Qobj) -> Array:
    """Populations of the state that a period leaves as it is."""
    return qutip.propagator_steadystate(propagator).diag()


def options(method: str, rtol: float) -> dict[str, Any]:
    """What a solver of QuTiP is asked for."""
    return {"method": method, "rtol": rtol, "atol": rtol / 100, "nsteps": 10**6}


def tolerances(
    make: Callable[[str, float], Any], methods: tuple[str, ...] = METHODS
) -> Iterator[Iterator[Any]]:
    """For each method a row of jobs, from loose to tight, for `harness.fastest`."""
    return ((make(method, 10.0**-digits) for digits in range(5, 13)) for method in methods)


def one_by_one(grid: Map, options: dict[str, Any], finish: Finish = steady) -> Array:
    """Pixel by pixel as the tutorial does it: everything is made anew for each."""
    H, c_ops = _hamiltonian(grid), _jumps(grid)
    found = []
    for amplitude, bias in grid.points:
        args = {"amplitude": amplitude, "bias": bias}
        found.append(finish(qutip.propagator(H, PERIOD, c_ops, args, options)))
    return np.array(found)


def reused(grid: Map, options: dict[str, Any], finish: Finish = steady) -> Array:
    """One `Propagator` that gets new arguments for each pixel: the fastest loop that we know.

    Its Liouvillian is summed beforehand; QuTiP would keep each jump as a term of its own.
    """
    still, (driven, scalar) = _hamiltonian(grid)
    parts = [qutip.liouvillian(still, _jumps(grid)), [qutip.liouvillian(driven), scalar]]
    L = qutip.QobjEvo(parts, args={"amplitude": 0.0, "bias": 0.0})
    propagator = qutip.Propagator(L, options=options)
    each = (propagator(PERIOD, amplitude=a, bias=b) for a, b in grid.points)
    return np.array([finish(period) for period in each])


def _hamiltonian(grid: Map) -> list[Any]:
    """H(t) = what stands still + w(t) times what is driven."""
    (driven, _), *rest = grid.model.effective_terms
    still = sum(matrix * waveform(0.0) for matrix, waveform in rest)
    return [qutip.Qobj(still), [qutip.Qobj(driven), grid.drive.scalar]]


def _jumps(grid: Map) -> list[qutip.Qobj]:
    return [qutip.Qobj(jump.full()) for jump in grid.model.c_ops]
