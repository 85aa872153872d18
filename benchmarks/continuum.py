"""A level swept through a band of 1001 levels, over ±15."""

from __future__ import annotations

import numpy as np
import qutip
from harness import Job, Match, Timing, measure

import lzopen as lz

_WORK = "survival of a level swept through 1001 others"


def swept_continuum() -> list[Timing]:
    """The arrow of 1002 levels against two methods of sesolve."""
    band = lz.Band(edges=(-5.0, 5.0), escape_rate=0.5, levels=1001)
    model = lz.Continuum(rate=2.0, band=band)
    H, start = model.H, qutip.basis(model.n_levels, 0)

    def solve(method: str, rtol: float) -> float:
        options = {"method": method, "rtol": rtol, "atol": rtol / 100, "nsteps": 10**6}
        final = qutip.sesolve(H, start, [-15.0, 15.0], options=options).states[-1]
        return float(np.abs(final.full()[0, 0]) ** 2)

    exact = solve("vern9", 1e-12)

    def error(found: float) -> float:
        return abs(found - exact)

    def peer(method: str, rtol: float) -> Job:
        return Job(f"QuTiP, sesolve, {method} {rtol:.0e}", lambda: solve(method, rtol), error)

    def survival() -> float:
        return float(lz.survival(model, times=[-15.0, 15.0]).population[-1])

    ours = Job("lzopen", survival, error)
    peers = [peer("vern9", 1e-8), peer("adams", 1e-10)]
    return measure([Match(_WORK, each, ours) for each in peers], rounds=7)
