"""
What it costs to flip a qubit
=============================

A bit is flipped as the qubit is carried through its crossing, from the bias −4 Δ to 4 Δ, beside a
bath of the temperature Δ. In too short a time it makes transitions, in too long a time it relaxes:
the error has its minimum in between, and so has the work that is lost.

The lost work, over T, is the entropy that has been produced by the end, or is still to come when
the qubit relaxes. A flip that takes far longer than T1 becomes reversible, at a cost that falls as
1/duration, P. Salamon, R. S. Berry, Phys. Rev. Lett. 51, 1127 (1983), but by then the bit is
forgotten. Lines combine the Landau–Zener formula with populations that relax on the way.
"""

import matplotlib.pyplot as plt
import numpy as np

import lzopen as lz

GAP, T, T1, REACH = 1.0, 1.0, 200.0, 4.0  # REACH is the bias at the end
duration = np.append([0.001, 30.0], np.geomspace(0.5, 4000, 30))
qubit = lz.TwoLevel(sweep=lz.Linear(rate=2 * REACH / duration), gap=GAP)
qubit = qubit.with_environment(lz.Relaxation(1 / T1, temperature=T))
times = np.multiply.outer(duration, [-0.5, 0.0, 0.5])
run = lz.energetics(qubit, times=times, temperature=T, tol=1e-5).isel(moment=-1)
cost = run.work.values / T  # the free energy is the same at both ends
P = lz.transition_matrix(qubit, window=(times[:, 0], times[:, -1]), tol=1e-6).probability
error = 1 - (P[:, 1, 0] + P[:, 0, 1]).values / 2  # for either value of the bit

# Check values: a sudden flip, an integrator of the Bloch equations, and both forms of the cost
E = np.hypot(REACH, GAP)
sudden = REACH**2 / E * np.tanh(E / (2 * T)) / T
print(f"cost of a sudden flip: {cost[0]:.5f}, reference {sudden:.5f}")
print(f"in 30/Δ: cost {cost[1]:.5f}, error {error[1]:.5f}, reference 0.04732, 0.07152")
miss = abs(run.entropy_production + run.entropy_to_come - cost).max().item()
print(f"entropy against work: {miss:.0e}, reference 0")
wrong = abs(cost[1] - 0.047317) > 5e-6 or abs(error[1] - 0.071516) > 5e-6
if abs(cost[0] - sudden) > 2e-5 or wrong or miss > 1e-5:
    raise SystemExit("The numbers differ from the reference.")

# The polarisation lags behind tanh(E/2T) of the instant
fine, part = np.geomspace(0.5, 2e4, 200), np.linspace(0, 1, 4001)
distance = np.hypot(REACH * (2 * part - 1), GAP)
middle, rise = (part[1:] + part[:-1]) / 2, np.diff(np.tanh(distance / (2 * T)))
late = fine[:, None] / T1 * middle
lag = np.exp(-late) * (np.cumsum(np.exp(late) * rise, axis=1) - np.exp(late) * rise / 2)
P_LZ = lz.theory.landau_zener(rate=2 * REACH / fine, gap=GAP)
relaxed = lag @ np.diff(distance) / (2 * T)
slow = rise @ np.diff(distance) * (middle.size / 2) * T1 / T

figure, (left, right) = plt.subplots(1, 2, figsize=(7.2, 3.3), layout="constrained", sharex=True)
left.plot(duration[2:], cost[2:], "C0o", ms=4, label="lost work $/T$")
left.plot(fine, relaxed + P_LZ * E * np.tanh(E / (2 * T)) / T, "C0", lw=1)
left.plot(duration[2:], run.entropy_production[2:], "C1s", ms=3, label="produced by the end")
left.plot(fine[fine > 1000], slow / fine[fine > 1000], "k--", lw=1, label="1/duration")
left.set(xscale="log", yscale="log", ylim=(0.01, 30), ylabel="entropy $/k_B$")
left.legend(fontsize="small", loc="upper right")
right.plot(duration[2:], error[2:], "C0o", ms=4)
right.plot(fine, 0.5 - (0.5 - P_LZ) * np.exp(-fine / T1), "C0", lw=1)
right.set(yscale="log", ylim=(0.04, 1.1), ylabel="error of the flip")
figure.supxlabel(r"duration $\times\,\Delta/\hbar$", fontsize="medium")
figure.savefig("gate_cost.png", dpi=200)
