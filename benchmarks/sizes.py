"""How the cost of a map grows with its size, in time and in memory."""

from __future__ import annotations

import math
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

from harness import Curve, Limit, Result, timed
from maps import Map
from qutip_maps import TUTORIAL, one_by_one
from systems import COSINE, GAP, MODELS, NAMES, OMEGA
from tqdm import tqdm
from tutorial import tutorial_map

KINDS = {"average over a period": None, "state at t = 0": 0.0}
_SIDES = {2: (3, 7, 15, 31, 51, 101, 201, 501), 3: (3, 7, 15, 31, 51, 101)}
_SIDES[4] = _SIDES[3]
_PEER_SIDES = (2, 4, 8)


def original(side: int) -> Map:
    """The map of QuTiP 1: a tenth of the gap of the tutorial, half of its biases."""
    return tutorial_map(side, gap=GAP / 10, widest=5 * OMEGA, sample=48)


def original_map() -> list[Result]:
    """501×501 pixels in one call."""
    large = original(501)
    return [
        limit
        for exact, kind in zip(large.exact, KINDS, strict=True)
        for limit in _limits(large, kind, exact)
    ]


def curves() -> list[Result]:
    """Seconds against pixels, for lzopen and for a loop over QuTiP's propagator."""
    jobs = [
        (f"lzopen, {NAMES[levels]}, {kind}", levels, sides, partial(_ours, levels, at))
        for levels, sides in _SIDES.items()
        for kind, at in KINDS.items()
    ]
    found: list[Result] = [
        Curve(label, False, levels, [n * n for n in sides], [_seconds(make(n)) for n in sides])
        for label, levels, sides, make in tqdm(jobs, desc="sizes", leave=False)
    ]
    for levels in _SIDES:
        seconds = [_seconds(_peer(levels, side)) for side in _PEER_SIDES]
        label = f"QuTiP, propagator() per pixel, {NAMES[levels]}"
        found.append(Curve(label, True, levels, [n * n for n in _PEER_SIDES], seconds))
    return found


def _limits(large: Map, kind: str, exact: Any) -> list[Limit]:
    at, name = KINDS[kind], f"501×501 map of QuTiP 1, {kind}"
    job = large.ours(exact, at=at)
    cost = {
        side: _seconds(partial(original(side).interferogram, at=at)) / side**2
        for side in (51, 101, 501)
    }
    growth = 1 + math.log(cost[501] / cost[101]) / math.log(501**2 / 101**2)
    return [
        Limit(f"{name}: largest error", job.error(job.run()), "", 1e-9),
        Limit(f"{name}: time", cost[501] * 501**2, "s"),
        Limit(f"{name}: cost per pixel over that of 51×51", cost[501] / cost[51], "", 1.0),
        Limit(f"{name}: cost grows as pixels to the power", growth, "", 1.1),
        Limit(f"{name}: memory beyond that of a small map", _memory(kind), "MB", 200),
    ]


def _ours(levels: int, at: float | None, side: int) -> Callable[[], Any]:
    return partial(Map(MODELS[levels](COSINE.waveform), side=side).interferogram, at=at)


def _peer(levels: int, side: int) -> Callable[[], Any]:
    grid = Map(MODELS[levels](COSINE.waveform), side=side, sample=side**2)
    return partial(one_by_one, grid, TUTORIAL)


def _seconds(run: Callable[[], Any]) -> float:
    """Median after a first run that warms up."""
    run()
    return median([*timed(run), *timed(run), *timed(run)])


def _memory(kind: str) -> float:
    """Megabytes that the largest map takes in a process of its own."""
    call = [sys.executable, str(Path(__file__).with_name("memory.py")), kind]
    return float(subprocess.run(call, capture_output=True, text=True, check=True).stdout)
