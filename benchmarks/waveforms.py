"""Maps of triangle waves and of two tones, which lzopen does by one-period maps."""

from __future__ import annotations

from functools import partial

from harness import Job, Match, Timing, fastest, measure
from maps import Map
from qutip_maps import TIGHT, options, reused, tolerances
from systems import MODELS, NAMES, TRIANGLE, TWO_TONES, Drive

_ACCURACY = 1e-8
_FLOORS = {
    2: "about 200 quaternion steps per pixel, some 180 ns each",
    3: "about 1100 stages per pixel, each a 9×9 product of 0.22 µs",
    4: "about 700 stages per pixel, each a 16×16 product of 0.67 µs",
}


def waveform_maps() -> list[Timing]:
    """101×101 states at t = 0 of each waveform on each model."""
    pairs = [(drive, levels) for drive in (TRIANGLE, TWO_TONES) for levels in (2, 3, 4)]
    return measure([_match(drive, levels) for drive, levels in pairs], rounds=2)


def _match(drive: Drive, levels: int) -> Match:
    grid = Map(MODELS[levels](drive.waveform), drive, sample=16)
    exact = reused(grid, TIGHT) if drive is TRIANGLE else grid.exact[1]

    def make(method: str, rtol: float) -> Job:
        run = partial(reused, grid, options(method, rtol))
        return grid.peer(f"QuTiP, one Propagator, {method} {rtol:.0e}", run, exact)

    return Match(
        f"{drive.name}, {NAMES[levels]} 101×101, state at t = 0",
        fastest(tolerances(make), _ACCURACY),
        grid.ours(exact, at=0.0, tol=_ACCURACY),
        unit="pixel",
        target=100 if levels == 2 else 40,
        accuracy=_ACCURACY,
        floor=_FLOORS[levels],
    )
