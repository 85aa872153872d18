"""Maps of triangle waves and of two tones, which lzopen does by one-period maps."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from harness import Job, Match, Timing, fastest, measure
from maps import Array, Map
from qutip_maps import TIGHT, one_by_one, options, reused, tolerances
from systems import MODELS, NAMES, TRIANGLE, TWO_TONES, Drive

_ACCURACY = 1e-8
_FLOORS = {
    2: "70 to 80 nodes a pixel, 305 ns each: rotations 120, products 70, the rest calls and sums",
    3: "a pixel: full map 55 µs (210 stages), sines 65 µs (830 stages), finer columns 25 µs",
    4: "a pixel: 16 columns through some 250 stages of 0.67 µs, sines and finer columns beside it",
}


def waveform_maps() -> list[Timing]:
    """101×101 states at t = 0 of each waveform on each model."""
    pairs = [(drive, levels) for drive in (TRIANGLE, TWO_TONES) for levels in (2, 3, 4)]
    return measure([match for pair in pairs for match in _matches(*pair)], rounds=2)


def _matches(drive: Drive, levels: int) -> list[Match]:
    grid = Map(MODELS[levels](drive.waveform), drive, sample=16)
    exact = reused(grid, TIGHT) if drive is TRIANGLE else grid.exact[1]
    ours = grid.ours(exact, at=0.0, tol=_ACCURACY)

    def peer(name: str, loop: Callable[..., Array]) -> Job:
        def make(method: str, rtol: float) -> Job:
            run = partial(loop, grid, options(method, rtol))
            return grid.peer(f"QuTiP, {name}, {method} {rtol:.0e}", run, exact)

        return fastest(tolerances(make), _ACCURACY)

    loops = {"propagator() per pixel": one_by_one, "one Propagator": reused}
    return [
        Match(
            f"{drive.name}, {NAMES[levels]} 101×101, state at t = 0",
            peer(name, loop),
            ours,
            unit="pixel",
            target=100 if levels == 2 else 40,
            accuracy=_ACCURACY,
            floor=_FLOORS[levels],
        )
        for name, loop in loops.items()
    ]
