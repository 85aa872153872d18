"""The interferogram of the QuTiP tutorial (lecture 14), and the larger one it came from.

H(t) = −½Δσx − ½εσz + ½A sin(ωt) σz with collapse operators √γ₁ destroy(2) and √γ₂ σz. In lzopen
the bias is −ε, the sine a cosine of phase −π/2, and γ₂ half the rate of dephasing; the sign of Δ
is a choice of basis.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import qutip
from harness import Job, Match, Timing, fastest, measure
from maps import Array, Map
from qutip_maps import TUTORIAL, options, reused, tolerances
from systems import GAP, OMEGA, PERIOD, Drive

import lzopen as lz

_GAMMA_1, _GAMMA_2 = 1e-5, 5e-3
_ACCURACY = 1e-9
_FLOOR = (
    "1.2 ms for 38 harmonics of 12 operations on 2601 complex numbers, 0.5 ms for the Dataset, "
    "0.3 ms for the record, 1 ms for names, units, checks and the model as arrays"
)


def sine(t: float, amplitude: float, bias: float) -> float:
    return bias + amplitude * math.sin(OMEGA * t)


SINE = Drive("sine", lz.Sinusoidal(amplitude=1.0, omega=OMEGA, phase=-np.pi / 2), sine)


def tutorial_map(side: int, gap: float = GAP, **shape: Any) -> Map:
    """The model of the tutorial in the terms of lzopen."""
    model = lz.TwoLevel(sweep=SINE.waveform, gap=gap).with_environment(
        lz.Decay(_GAMMA_1, source=1, target=0), lz.Dephasing(2 * _GAMMA_2)
    )
    return Map(model, SINE, side=side, **shape)


def tutorial() -> list[Timing]:
    """51×51 pixels by lzopen, by the loop of the tutorial, and by one batch of dynamiqs."""
    grid = tutorial_map(51, sample=64)
    average, start = grid.exact

    def whole(label: str, run: Callable[[], Array]) -> Job:
        def error(found: Array) -> float:
            return float(np.abs(found[grid.pixels] - start).max())

        return Job(f"{label} (all pixels)", run, error, units=grid.side**2)

    def tight(method: str, rtol: float) -> Job:
        run = partial(reused, grid, options(method, rtol))
        return grid.peer(f"QuTiP, one Propagator, {method} {rtol:.0e}", run, start)

    loop = whole("QuTiP, propagator() per pixel, as the tutorial", partial(_loop, grid))
    rough, fine = (
        whole(f"dynamiqs, one batch of mepropagator, Dopri8 {rtol:.0e}", _dynamiqs(grid, rtol))
        for rtol in (1e-5, 1e-10)
    )
    best = fastest(tolerances(tight), _ACCURACY)
    mean = grid.ours(average, at=None, tol=_ACCURACY)
    state = grid.ours(start, at=0.0, tol=_ACCURACY)
    rows = [
        ("average over a period", loop, mean, 2500),
        ("state at t = 0, as plotted there", loop, state, 1000),
        ("state at t = 0, as plotted there", rough, state, 300),
        ("state at t = 0, as plotted there", fine, state, 300),
        ("state at t = 0, as plotted there", best, state, None),
    ]
    return measure(
        Match(
            f"B1 tutorial map 51×51, {kind}",
            peer,
            ours,
            unit="pixel",
            target=target,
            accuracy=_ACCURACY,
            floor=_FLOOR,
        )
        for kind, peer, ours, target in rows
    )


def _loop(grid: Map) -> Array:
    """The tutorial's loop in its own terms; a typed function is faster than its string."""
    sx, sz, sm, sn = qutip.sigmax(), qutip.sigmaz(), qutip.destroy(2), qutip.num(2)
    c_ops = [np.sqrt(_GAMMA_1) * sm, np.sqrt(_GAMMA_2) * sz]
    excited = np.empty((grid.side, grid.side))

    def wave(t: float) -> float:
        return math.sin(OMEGA * t)

    for i, amplitude in enumerate(grid.amplitudes):
        for j, epsilon in enumerate(-grid.biases):
            H = [-GAP / 2 * sx - epsilon / 2 * sz, [amplitude / 2 * sz, wave]]
            U = qutip.propagator(H, PERIOD, c_ops, options=TUTORIAL)
            excited[i, j] = qutip.expect(sn, qutip.propagator_steadystate(U))
    return np.stack([1 - excited, excited], axis=-1)


def _dynamiqs(grid: Map, rtol: float) -> Callable[[], Array]:
    """All propagators in one compiled batch in double precision, then all fixed points."""
    import dynamiqs as dq
    import jax
    import jax.numpy as jnp

    dq.set_precision("double")
    jumps = [np.sqrt(_GAMMA_1) * dq.destroy(2), np.sqrt(_GAMMA_2) * dq.sigmaz()]
    method = dq.method.Dopri8(rtol=rtol, atol=rtol / 10, max_steps=10**6)
    drive = np.meshgrid(grid.amplitudes, grid.biases, indexing="ij")

    @jax.jit
    def propagators(amplitude: Any, bias: Any) -> Any:
        def wave(t: Any) -> Any:
            return 0.5 * (bias + amplitude * jnp.sin(OMEGA * t))

        H = -GAP / 2 * dq.sigmax() + dq.modulated(wave, dq.sigmaz())
        found = dq.mepropagator(
            H, jumps, [0, PERIOD], method=method, save_propagators=False, progress_meter=False
        )
        return found.final_propagator.to_jax()

    def run() -> Array:
        moving = np.eye(4) - np.asarray(propagators(*drive))
        moving[..., 0, :] = [1, 0, 0, 1]  # the trace
        state = np.linalg.solve(moving, np.eye(4)[:, :1])
        return state[..., [0, 3], 0].real

    return run
