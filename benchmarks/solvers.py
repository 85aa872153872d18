"""What lzopen costs where QuTiP does the work."""

from __future__ import annotations

import numpy as np
import qutip
from harness import Job, Match, Timing, measure

import lzopen as lz


def builder() -> list[Timing]:
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

    def error(found: float) -> float:
        return abs(found - reference)

    peer = Job("QuTiP, H by hand", lambda: solve(by_hand, jumps), error)
    ours = Job("lzopen", lambda: solve(noisy.H, noisy.c_ops), error)
    work = "mesolve of one dephased sweep (overhead of the builder)"
    return measure([Match(work, peer, ours)], rounds=20)
