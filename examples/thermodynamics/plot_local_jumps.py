"""
Jumps that do not know the energies
===================================

A qubit rests beside one bath. Its jumps run either between its energy levels (global) or between
its diabatic levels, with rates in detailed balance for the bias alone (local). Both are Lindblad
equations, and both are in use.

Led slowly around a closed loop of bias and gap, the qubit must yield no work, and with global jumps
the work follows the free energy. Local jumps yield work from a single bath: A. Levy, R. Kosloff,
EPL 107, 20004 (2014).
"""

import matplotlib.pyplot as plt
import numpy as np
import qutip
from scipy.integrate import cumulative_trapezoid

import lzopen as lz

T, RATE = 0.5, 0.1  # of the bath; kB = 1


def at_rest(bias, gap):
    """The qubit with jumps between its energy levels, and between diabatic ones (1 is lower)."""
    qubit = lz.TwoLevel(sweep=lz.Sinusoidal(amplitude=0.0, omega=1.0, bias=bias), gap=gap)
    n = 1 / np.expm1(bias / T)
    down, up = lz.Decay(RATE * (n + 1), source=0, target=1), lz.Decay(RATE * n, source=1, target=0)
    knows = lz.Relaxation(RATE, temperature=T)
    return {"global": qubit.with_environment(knows), "local": qubit.with_environment(down, up)}


# Once around a rectangle: dW = ½⟨σz⟩dε + ½⟨σx⟩dΔ in the steady state
turn, corners = np.linspace(0, 4, 801), ([0.2, 1.5, 1.5, 0.2, 0.2], [0.2, 0.2, 1.5, 1.5, 0.2])
bias, gap = (np.interp(turn, range(5), side) for side in corners)
work = {}
for name, qubit in at_rest(bias, gap).items():
    run = lz.interferogram(qubit, observable={"z": qutip.sigmaz(), "x": qutip.sigmax()})
    done = cumulative_trapezoid(run.z / 2, bias) + cumulative_trapezoid(run.x / 2, gap)
    work[name] = np.append(0, done)

# Check values: steady states by linear algebra
for name, reference in {"global": 0.0, "local": -0.44449}.items():
    print(f"work around the loop, {name}: {work[name][-1]:.5f}, reference {reference:.5f}")
    if abs(work[name][-1] - reference) > 1e-5:
        raise SystemExit("The numbers differ from the reference.")

figure, axes = plt.subplots(figsize=(5.0, 3.6), layout="constrained")
free = -T * np.log(2 * np.cosh(np.hypot(bias, gap) / (2 * T)))
axes.plot(turn, work["global"] / T, "C0", label="global")
axes.plot(turn[::40], (free - free[0])[::40] / T, "ko", ms=3, label="free energy")
axes.plot(turn, work["local"] / T, "C1", label="local")
axes.axhline(0, color="k", lw=0.5)
axes.set(xlabel="side of the rectangle", ylabel="work done on the qubit $/k_BT$")
axes.set_xticks(np.arange(4) + 0.5, ["bias ↑", "gap ↑", "bias ↓", "gap ↓"])
axes.legend(fontsize="small", loc="lower left")
figure.savefig("local_jumps.png", dpi=200)
