"""Steady maps of three levels and of two qubits, and a train of pulses on three leaky levels."""

from __future__ import annotations

from functools import partial

import numpy as np
import qutip
from harness import Job, Match, Timing, fastest, measure
from maps import Array, Map
from qutip_maps import TIGHT, TUTORIAL, one_by_one, options, reused, tolerances
from systems import COSINE, MODELS, NAMES, PERIOD

import lzopen as lz

_TRAIN = 20  # periods
_ACCURACY = 1e-8
_FLOORS = {
    3: "one 6×6 complex inverse per harmonic, 1.0 µs each, 10 to 40 harmonics per pixel",
    4: "one 8×8 complex inverse per harmonic, 1.6 µs each, 10 to 40 harmonics per pixel",
}


def steady_maps() -> list[Timing]:
    """101×101 maps by continued fractions, against one-period propagators."""
    return measure([match for levels in (3, 4) for match in _steady(levels)])


def _steady(levels: int) -> list[Match]:
    grid = Map(MODELS[levels](COSINE.waveform))
    average, start = grid.exact

    def each(method: str, rtol: float) -> Job:
        run = partial(one_by_one, grid, options(method, rtol))
        return grid.peer(f"QuTiP, propagator() per pixel, {method} {rtol:.0e}", run, start)

    def shared(method: str, rtol: float) -> Job:
        run = partial(reused, grid, options(method, rtol))
        return grid.peer(f"QuTiP, one Propagator, {method} {rtol:.0e}", run, start)

    tutorial = grid.peer(
        "QuTiP, propagator() per pixel, as the tutorial",
        partial(one_by_one, grid, TUTORIAL),
        start,
    )
    peers = [
        (tutorial, 80),
        (fastest(tolerances(each), _ACCURACY), 150),
        (fastest(tolerances(shared), _ACCURACY), 150),
    ]
    kinds = {
        "average over a period": grid.ours(average, at=None, tol=_ACCURACY),
        "state at t = 0": grid.ours(start, at=0.0, tol=_ACCURACY),
    }
    return [
        Match(
            f"{NAMES[levels]} 101×101, {kind}",
            peer,
            ours,
            unit="pixel",
            target=target,
            accuracy=_ACCURACY,
            floor=_FLOORS[levels],
        )
        for kind, ours in kinds.items()
        for peer, target in peers
    ]


def train() -> list[Timing]:
    """Populations after twenty periods, which start in level 0 and leak from level 1."""
    leaky = MODELS[3](COSINE.waveform).with_environment(lz.Leak(level=1, rate=0.1))
    grid = Map(leaky)
    exact = reused(grid, TIGHT, _after_train)

    def power(method: str, rtol: float) -> Job:
        run = partial(reused, grid, options(method, rtol), _after_train)
        return grid.peer(f"QuTiP, one Propagator, 20th power, {method} {rtol:.0e}", run, exact)

    def direct(method: str, rtol: float) -> Job:
        run = partial(_evolved, grid, options(method, rtol))
        return grid.peer(f"QuTiP, mesolve over 20 periods, {method} {rtol:.0e}", run, exact)

    ours = grid.ours(exact, periods=_TRAIN, initial=0, tol=_ACCURACY)
    return measure(
        Match(
            "three leaky levels 101×101, after 20 periods",
            fastest(tolerances(make), _ACCURACY),
            ours,
            unit="pixel",
            target=50,
            accuracy=_ACCURACY,
            floor="one-period map of 9×9 plus five products for its 20th power",
        )
        for make in (direct, power)
    )


def _after_train(period: qutip.Qobj) -> Array:
    start = qutip.operator_to_vector(qutip.fock_dm(3, 0))
    return qutip.vector_to_operator(period**_TRAIN * start).diag()


def _evolved(grid: Map, options: dict[str, object]) -> Array:
    found = []
    for member in grid.members:
        run = qutip.mesolve(
            member.H,
            qutip.fock_dm(3, 0),
            [0.0, _TRAIN * PERIOD],
            member.c_ops,
            options=options | {"normalize_output": False},
        )
        found.append(run.final_state.diag())
    return np.array(found)
