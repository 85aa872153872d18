"""Time lzopen beside its peers, in one process, and print both medians with their ratio.

Every case names what is done, runs peer and lzopen in turn (so that a busy machine slows
both), and states the largest error of each against an exact answer.
"""

from __future__ import annotations

import json
import os
import platform
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

import numpy as np
import qutip
from tqdm import tqdm

import lzopen as lz
from lzopen.results import versions

RESULTS = Path(__file__).with_name("results.json")


@dataclass(frozen=True)
class Case:
    """One piece of work, done by a peer and by lzopen."""

    name: str
    peer: str
    run_peer: Callable[[], float]
    run_ours: Callable[[], float]
    repeats: int
    peer_units: int = 1  # of work in one run, to divide its time by
    our_units: int = 1


@dataclass(frozen=True)
class Timing:
    """Medians in seconds per unit of work, their ratio, and the largest error of each."""

    name: str
    peer: str
    peer_s: float
    ours_s: float
    ratio: float
    peer_error: float
    ours_error: float
    repeats: int


def builder_overhead() -> Case:
    """The mesolve call of the README against the same Hamiltonian written by hand."""
    qubit = lz.TwoLevel(sweep=lz.Linear(rate=1.0), gap=1.0)
    noisy = qubit.with_environment(lz.Dephasing(rate=0.1))
    times, options = np.linspace(-20.0, 20.0, 401), noisy.solver_options(-20.0, 20.0)
    start, read = noisy.ground_state(-20.0), noisy.projectors

    def alpha_t(t: float) -> float:
        return 1.0 * t

    by_hand = qutip.QobjEvo([0.5 * qutip.sigmax(), [0.5 * qutip.sigmaz(), alpha_t]])
    jumps = [np.sqrt(0.05) * qutip.sigmaz()]

    def solve(H: qutip.QobjEvo, c_ops: list[qutip.Qobj]) -> float:
        found = qutip.mesolve(H, start, times, c_ops, e_ops=read, options=options)
        return float(found.expect[0][-1])

    reference = solve(by_hand, jumps)
    return Case(
        "mesolve of one dephased sweep (overhead of the builder)",
        "QuTiP, H by hand",
        lambda: abs(solve(by_hand, jumps) - reference),
        lambda: abs(solve(noisy.H, noisy.c_ops) - reference),
        repeats=20,
    )


def rate_scan() -> Case:
    """P_LZ for 200 rates, each over its own window ±40Δ/α."""
    rates = np.logspace(-1, 1, 200)
    exact = lz.theory.landau_zener(rate=rates, gap=1.0)
    batch = lz.vary(lz.TwoLevel(sweep=lz.Linear(1.0), gap=1.0), {"rate": rates})

    def loop() -> float:
        found = np.empty(rates.size)
        for i, rate in enumerate(rates):
            end = 40 / rate
            H = qutip.QobjEvo(
                [0.5 * qutip.sigmax(), [0.5 * qutip.sigmaz(), lz.Linear(rate).scalar]]
            )
            options = {"nsteps": 10**6, "max_step": 0.5 / np.sqrt(rate), "method": "vern9"}
            run = qutip.sesolve(H, qutip.basis(2, 0), [-end, end], options=options)
            found[i] = abs(run.states[-1].full()[0, 0]) ** 2
        return float(np.abs(found - exact).max())

    def ours() -> float:
        P = lz.transition_matrix(batch).probability[:, 0, 0].values
        return float(np.abs(P - exact).max())

    return Case("P_LZ at 200 rates, t → ±∞", "QuTiP sesolve, window ±40Δ/α", loop, ours, repeats=3)


def swept_continuum(method: str, tolerance: float) -> Case:
    """A level swept through a band of 1001 levels, over ±15."""
    band = lz.Band(edges=(-5.0, 5.0), escape_rate=0.5, levels=1001)
    model = lz.Continuum(rate=2.0, band=band)
    H, start = model.H, qutip.basis(model.n_levels, 0)

    def solve(method: str, tolerance: float) -> float:
        options = {"method": method, "rtol": tolerance, "atol": tolerance / 100, "nsteps": 10**6}
        final = qutip.sesolve(H, start, [-15.0, 15.0], options=options).states[-1]
        return float(np.abs(final.full()[0, 0]) ** 2)

    exact = solve("vern9", 1e-12)

    def ours() -> float:
        found = lz.survival(model, times=[-15.0, 15.0])
        return abs(float(found.population[-1]) - exact)

    return Case(
        f"survival of a level swept through 1001 others, {method}",
        f"QuTiP sesolve, {method} at rtol = {tolerance:g}",
        lambda: abs(solve(method, tolerance) - exact),
        ours,
        repeats=7,
    )


def noisy_passages() -> list[Case]:
    """A double passage under Ornstein–Uhlenbeck noise: one trajectory, and the exact average."""
    passes = lz.TwoLevel(sweep=-1.0 * lz.DoublePassage(rate=1.0, turning_point=20.0), gap=1.0)
    xi = lz.OrnsteinUhlenbeck(sigma=0.2, correlation_time=5.0)
    window, paths, per_point = (-40.0, 40.0), 10, 16
    fine = np.linspace(*window, 400 * per_point + 1)
    samples = xi.sample(fine, size=paths, seed=1)
    exact = lz.noise_average(passes, xi, window=window, tol=1e-11).population.values

    def epsilon(t: float) -> float:
        return abs(t) - 20.0

    def solve(every: int, options: dict[str, float | str]) -> np.ndarray:
        found = []
        for row in samples:
            noise = qutip.coefficient(row[::every], tlist=fine[::every])
            z = 0.5 * qutip.sigmaz()
            H = qutip.QobjEvo([0.5 * qutip.sigmax(), [z, epsilon], [z, noise]])
            run = qutip.sesolve(H, qutip.basis(2, 0), window, options={"nsteps": 10**6} | options)
            found.append(abs(run.states[-1].full()[0, 0]) ** 2)
        return np.array(found)

    truth = solve(1, {"method": "vern9", "atol": 1e-10, "rtol": 1e-8})

    def peer(options: dict[str, float | str]) -> float:
        return float(np.sqrt(np.mean(np.square(solve(per_point, options) - truth))))

    def drawn() -> float:
        run = lz.noise_average(passes, xi, window=window, trajectories=20_480, seed=1)
        return float(run.step_error)

    def average() -> float:
        run = lz.noise_average(passes, xi, window=window, tol=1e-8)
        return float(np.abs(run.population.values - exact).max())

    # The peer knows single runs only, lzopen what steps may add to the mean.
    name = "one trajectory of a noisy double passage (error: of a run, and of the mean)"
    sampled = "QuTiP sesolve, 400 noise points"
    loose: dict[str, float | str] = {"method": "vern7", "atol": 1e-6, "rtol": 1e-4}
    units = {"peer_units": paths, "our_units": 20_480}
    return [
        Case(name, f"{sampled}, default options", lambda: peer({}), drawn, 5, **units),
        Case(name, f"{sampled}, its fastest options", lambda: peer(loose), drawn, 5, **units),
        Case(
            "exact average of the noisy double passage",
            f"ten trajectories of {sampled}, default options",
            lambda: abs(float(solve(per_point, {}).mean()) - exact[0]),
            average,
            repeats=9,
        ),
    ]


def measure(case: Case) -> Timing:
    """Both run in turn; the first round only warms up."""
    seconds: dict[str, list[float]] = {"peer": [], "ours": []}
    errors = {}
    for _ in range(case.repeats + 1):
        for who, job in (("peer", case.run_peer), ("ours", case.run_ours)):
            start = time.perf_counter()
            errors[who] = job()
            seconds[who].append(time.perf_counter() - start)
    peer = median(seconds["peer"][1:]) / case.peer_units
    ours = median(seconds["ours"][1:]) / case.our_units
    return Timing(
        case.name, case.peer, peer, ours, peer / ours, errors["peer"], errors["ours"], case.repeats
    )


def main() -> None:
    """Run all cases, print them, and write results.json beside this file."""
    continua = [swept_continuum("vern9", 1e-8), swept_continuum("adams", 1e-10)]
    cases = [builder_overhead(), rate_scan(), *continua, *noisy_passages()]
    timings = [measure(case) for case in tqdm(cases, desc="benchmarks", leave=False)]
    for timing in timings:
        print(f"{timing.name}\n  peer: {timing.peer}, median of {timing.repeats}")
        print(f"  peer {timing.peer_s * 1e3:10.3f} ms   largest error {timing.peer_error:.1e}")
        print(f"  ours {timing.ours_s * 1e3:10.3f} ms   largest error {timing.ours_error:.1e}")
        print(f"  ratio {timing.ratio:.3g}")
    machine = {"machine": platform.machine(), "cores": os.cpu_count()}
    record = {"versions": versions(), **machine, "cases": [asdict(t) for t in timings]}
    part = RESULTS.with_suffix(".part")
    part.write_text(json.dumps(record, indent=2, ensure_ascii=False) + "\n")
    part.replace(RESULTS)


if __name__ == "__main__":
    main()
