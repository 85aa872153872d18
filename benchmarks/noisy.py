"""A double passage under Ornstein–Uhlenbeck noise: one trajectory, and the exact average."""

from __future__ import annotations

from typing import Any

import numpy as np
import qutip
from harness import Job, Match, Timing, measure

import lzopen as lz

Array = np.ndarray[Any, Any]
_WINDOW, _PATHS, _DRAWN, _PER_POINT = (-40.0, 40.0), 10, 20_480, 16
_FINE = np.linspace(*_WINDOW, 400 * _PER_POINT + 1)
_SAMPLED = "QuTiP, sesolve, 400 noise points"
_LOOSE = {"method": "vern7", "atol": 1e-6, "rtol": 1e-4}


def noisy_passages() -> list[Timing]:
    """Of single runs only the peer knows the error; lzopen tells what steps may add to the mean."""
    passes = lz.TwoLevel(sweep=-1.0 * lz.DoublePassage(rate=1.0, turning_point=20.0), gap=1.0)
    xi = lz.OrnsteinUhlenbeck(sigma=0.2, correlation_time=5.0)
    paths = xi.sample(_FINE, size=_PATHS, seed=1)
    truth = _trajectories(paths, 1, {"method": "vern9", "atol": 1e-10, "rtol": 1e-8})
    exact = lz.noise_average(passes, xi, window=_WINDOW, tol=1e-11).population.values

    def peer(options: dict[str, Any]) -> Job:
        label = f"{_SAMPLED}, {'its fastest' if options else 'default'} options"
        return Job(
            label,
            lambda: _trajectories(paths, _PER_POINT, options),
            lambda found: float(np.sqrt(np.mean(np.square(found - truth)))),
            units=_PATHS,
        )

    drawn = Job(
        "lzopen",
        lambda: lz.noise_average(passes, xi, window=_WINDOW, trajectories=_DRAWN, seed=1),
        lambda run: float(run.step_error),
        units=_DRAWN,
    )
    ten = Job(
        f"ten trajectories of {_SAMPLED}, default options",
        lambda: _trajectories(paths, _PER_POINT, {}),
        lambda found: abs(float(found.mean()) - exact[0]),
    )
    average = Job(
        "lzopen",
        lambda: lz.noise_average(passes, xi, window=_WINDOW, tol=1e-8),
        lambda run: float(np.abs(run.population.values - exact).max()),
    )
    one = "one trajectory of a noisy double passage (error: of a run, and of the mean)"
    return measure(
        [
            *(Match(one, peer(options), drawn, unit="run") for options in ({}, _LOOSE)),
            Match("exact average of the noisy double passage", ten, average),
        ],
        rounds=5,
    )


def _trajectories(paths: Array, every: int, options: dict[str, Any]) -> Array:
    """Probabilities to end in level 0, for noise that is known at every few instants."""
    found, z = [], 0.5 * qutip.sigmaz()
    for path in paths:
        noise = qutip.coefficient(path[::every], tlist=_FINE[::every])
        H = qutip.QobjEvo([0.5 * qutip.sigmax(), [z, _epsilon], [z, noise]])
        run = qutip.sesolve(H, qutip.basis(2, 0), _WINDOW, options={"nsteps": 10**6} | options)
        found.append(abs(run.states[-1].full()[0, 0]) ** 2)
    return np.array(found)


def _epsilon(t: float) -> float:
    return abs(t) - 20.0
