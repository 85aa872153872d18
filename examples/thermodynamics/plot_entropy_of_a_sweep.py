"""
What a sweep costs, split in two
================================

A qubit at the temperature T = 1.4 Δ is swept through its crossing, from −7.5 Δ to 7.5 Δ. The work
beyond the free energy, over T, is the entropy that is produced once the qubit relaxes. A part of it
is the coherence that the sweep leaves, which dephasing alone would destroy; the rest is wrong
populations: G. Francica, J. Goold, F. Plastina, Phys. Rev. E 99, 042105 (2019).

Dots are from the moments of the work, both parts from the final state. Near equilibrium the cost
would be half of the variance of the work over T² (dotted). Here it is not.
"""

import matplotlib.pyplot as plt
import numpy as np

import lzopen as lz

GAP, BETA, REACH = 0.8, 0.9, 6.0  # β = 1/T

rates = np.append(1.0, np.geomspace(0.03, 100, 120))
qubit = lz.TwoLevel(sweep=lz.Linear(rate=rates), gap=GAP)
swept = lz.work_statistics(qubit, temperature=1 / BETA, window=(-REACH / rates, REACH / rates))
total = swept.entropy_production.values
coherence, populations = swept.coherence.values, swept.population_divergence.values

# Check values for α = 1: an integrator of the density matrix
for name, found, reference in (
    ("entropy production", total[0], 1.98567667),
    ("coherence", coherence[0], 0.63064979),
    ("populations", populations[0], 1.35502689),
):
    print(f"{name}: {found:.8f}, reference {reference}")
    if abs(found - reference) > 6e-9:
        raise SystemExit("The numbers differ from the reference.")

figure, axes = plt.subplots(figsize=(5.0, 3.6), layout="constrained")
rate, total, coherence = rates[1:], total[1:], coherence[1:]
axis = rate / GAP**2
axes.fill_between(axis, 0, coherence, color="C0", alpha=0.5, lw=0, label="coherence")
axes.fill_between(axis, coherence, coherence + populations[1:], color="C1", alpha=0.5, lw=0)
axes.fill_between([], [], color="C1", alpha=0.5, lw=0, label="populations")
axes.plot(axis[::4], total[::4], "ko", ms=3, label=r"$(\langle W\rangle - \Delta F)/T$")
energy = np.hypot(REACH, GAP)
formula = lz.theory.landau_zener(rate=rate, gap=GAP) * BETA * energy * np.tanh(BETA * energy / 2)
axes.plot(axis, formula, "k-", lw=1, label=r"$P_{\mathrm{LZ}}\,(E/T)\,\tanh(E/2T)$")
variance = swept.work_variance.values[1:] * BETA**2 / 2
axes.plot(axis, variance, "k:", lw=1.2, label=r"$\mathrm{Var}\,W/2T^2$")
axes.set(xscale="log", ylim=(0, 8))
axes.set(xlabel=r"sweep rate $\alpha/\Delta^2$", ylabel=r"entropy production $/k_B$")
axes.legend(fontsize="small", loc="upper left")
figure.savefig("entropy_of_a_sweep.png", dpi=200)
