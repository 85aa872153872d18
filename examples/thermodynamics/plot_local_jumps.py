"""
Jumps that do not know the energies
===================================

A qubit rests beside one bath. Its jumps run either between its energy levels (global) or between
its diabatic levels, with rates in detailed balance for the bias alone (local). Both are Lindblad
equations, and both are in use.

Left: from the thermal state nothing should happen. Local jumps lead away from it, and destroy
entropy. Right: led slowly around a closed loop of bias and gap, the qubit must yield no work, and
global jumps follow the free energy. Local jumps yield work from a single bath: A. Levy, R. Kosloff,
EPL 107, 20004 (2014).
"""

import warnings

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


def produced(qubit, **temperatures):
    """Entropy production, from the thermal state on."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", lz.LzopenWarning)  # it falls below 0: this is the point
        run = lz.energetics(qubit, times=times, temperature=T, temperatures=temperatures)
    return run.entropy_production.values


times, both = np.linspace(0, 150, 301), {"decay": T, "decay_2": T}
still = produced(at_rest(0.2, 1.0)["global"])
destroyed = {bias: produced(at_rest(bias, 1.0)["local"], **both) for bias in (0.2, 1.0)}

# Once around a rectangle: dW = ½⟨σz⟩dε + ½⟨σx⟩dΔ in the steady state
corners = np.array([(0.2, 0.2), (1.5, 0.2), (1.5, 1.5), (0.2, 1.5), (0.2, 0.2)])
turn = np.linspace(0, 4, 801)
bias, gap = (np.interp(turn, range(5), side) for side in corners.T)
work = {}
for name, qubit in at_rest(bias, gap).items():
    run = lz.interferogram(qubit, observable={"z": qutip.sigmaz(), "x": qutip.sigmax()})
    parts = [cumulative_trapezoid(run[axis] / 2, knob) for axis, knob in (("z", bias), ("x", gap))]
    work[name] = np.append(0, sum(parts)) / T

# Check values: −D(local steady state‖thermal state), and steady states by linear algebra
found = [destroyed[0.2][-1], destroyed[1.0][-1], work["local"][-1] * T, work["global"][-1] * T]
for value, reference in zip(found, (-0.38295, -0.05040, -0.44449, 0.0), strict=True):
    print(f"{value:.5f}, reference {reference:.5f}")
    if abs(value - reference) > 1e-5:
        raise SystemExit("The numbers differ from the reference.")

figure, (left, right) = plt.subplots(1, 2, figsize=(7.2, 3.3), layout="constrained")
left.plot(RATE * times, still, "C0", label=r"global, $\varepsilon = 0.2\,\Delta$")
left.plot(RATE * times, destroyed[1.0], "C1--", label=r"local, $\varepsilon = \Delta$")
left.plot(RATE * times, destroyed[0.2], "C1", label=r"local, $\varepsilon = 0.2\,\Delta$")
left.set(xlabel=r"time $\gamma t$", ylabel=r"entropy produced $/k_B$")
left.legend(fontsize="small", loc=(0.4, 0.5))
free = -np.log(2 * np.cosh(np.hypot(bias, gap) / (2 * T)))
right.plot(turn, work["global"], "C0", label="global")
right.plot(turn[::40], (free - free[0])[::40], "ko", ms=3, label="free energy")
right.plot(turn, work["local"], "C1", label="local")
right.axhline(0, color="k", lw=0.5)
right.set(xlabel="side of the rectangle", ylabel="work done on the qubit $/k_BT$")
right.set_xticks(np.arange(4) + 0.5, ["bias ↑", "gap ↑", "bias ↓", "gap ↓"])
right.legend(fontsize="small", loc="lower left")
figure.savefig("local_jumps.png", dpi=200)
