"""Maps with relaxation towards the lower energy level, whichever that is."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from baths import Bath
from harness import Job, Match, Timing, fastest, measure
from maps import Array
from qutip_maps import METHODS, options, tolerances

_FLOOR = "a few hundred nodes a pixel, 305 ns each, with eigenstates, rates and tanh at every one"


def corrected_tutorial() -> list[Timing]:
    """The twin of the tutorial map, at the tolerance of the tutorial."""
    bath = Bath(dephasing=1e-2, rate=1e-2, temperature=2.0, side=51, sample=8)
    peers = [make("vern7", 1e-5) for make, _ in _ways(bath).values()]
    return _measured(bath, "B1 with relaxation, 51×51", peers, 1000, 1e-9)


def thermal_map() -> list[Timing]:
    """A warm bath, at equal accuracy."""
    bath = Bath(dephasing=0.1, rate=0.2, temperature=12.0, side=101, sample=6)
    peers = [fastest(tolerances(make, methods), 1e-7) for make, methods in _ways(bath).values()]
    return _measured(bath, "thermal bath 101×101", peers, 500, 1e-7)


def _ways(bath: Bath) -> dict[str, tuple[Callable[[str, float], Job], tuple[str, ...]]]:
    """How to make each peer, and the methods that it may use: adams fails under BRSolver."""
    loops = {
        "QuTiP, BRSolver": (bath.bloch_redfield, ("vern7",)),
        "QuTiP, the collapse operators of lzopen": (bath.jumps, METHODS),
        "QuTiP, a Liouvillian worked out on paper": (bath.by_hand, METHODS),
    }
    return {
        label: (partial(_job, bath, label, loop), methods)
        for label, (loop, methods) in loops.items()
    }


def _job(
    bath: Bath, label: str, loop: Callable[[dict[str, Any]], Array], method: str, rtol: float
) -> Job:
    run = partial(loop, options(method, rtol))
    return bath.map.peer(f"{label}, {method} {rtol:.0e}", run, bath.exact[1])


def _measured(
    bath: Bath, name: str, peers: list[Job], target: float, accuracy: float
) -> list[Timing]:
    """QuTiP's own way has a target; the other two know something that QuTiP does not."""
    average, start = bath.exact
    mean = bath.map.ours(average, at=None, tol=accuracy)
    state = bath.map.ours(start, at=0.0, tol=accuracy)
    rows = [("average over a period", peers[0], mean)]
    rows += [("state at t = 0", peer, state) for peer in peers]
    matches = [
        Match(
            f"{name}, {kind}",
            peer,
            ours,
            unit="pixel",
            target=target if peer is peers[0] else None,
            accuracy=accuracy,
            floor=_FLOOR,
        )
        for kind, peer, ours in rows
    ]
    return measure(matches, rounds=2)
