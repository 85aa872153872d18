"""
A passage through an avoided crossing
=====================================

The bias of a qubit is swept linearly through an avoided crossing, from its ground state. What ends
in the excited state is P = exp(−πΔ²/2α), found in 1932 by Landau, Zener, Stückelberg and Majorana.

The two ways to count populations agree only in the end. Diabatic populations ring, since each
diabatic level keeps a share of the other eigenstate that falls as Δ/2αt. The populations of the
energy eigenstates settle after a few beats. The limit t → ±∞ needs no long sweep:
`transition_matrix` closes both ends with formal solutions.
"""

import matplotlib.pyplot as plt
import numpy as np

import lzopen as lz

qubit = lz.TwoLevel(sweep=lz.Linear(rate=1.0), gap=1.0)
t = np.linspace(-40.0, 40.0, 3201)
run = lz.evolve(qubit, times=t, initial="ground", solver="engine")
limit = lz.transition_matrix(qubit, tol=1e-10).probability.sel(initial=0, final=0).item()

# Check value: α = Δ = 1, P = e^{−π/2}
print(f"limit of the integrated sweep: {limit:.10f}, reference 0.2078795764")
if abs(limit - 0.2078795764) > 2e-10:  # tol of the solver, and the last digit
    raise SystemExit("The numbers differ from the reference.")

figure, (levels, axes) = plt.subplots(
    2, sharex=True, figsize=(5.0, 4.2), height_ratios=[1, 1.8], layout="constrained"
)
levels.plot(t, t / 2, "0.6", ls="--", lw=1)
levels.plot(t, -t / 2, "0.6", ls="--", lw=1)
for energy, color in zip(qubit.energies(t).T, ["C0", "C3"], strict=True):
    levels.plot(t, energy, color)
levels.annotate(
    "", (0, 0.5), (0, -0.5), arrowprops={"arrowstyle": "<->", "shrinkA": 0, "shrinkB": 0}
)
levels.text(0.7, 0, r"$\Delta$", va="center")
levels.set(ylim=(-4.4, 4.4), yticks=[-4, 0, 4], ylabel=r"energy / $\Delta$")
axes.plot(t, run.population.sel(level=0), "0.6", lw=1, label="diabatic level 0")
axes.plot(t, run.adiabatic_population.sel(state=1), "C3", label="excited eigenstate")
axes.axhline(lz.theory.landau_zener(rate=1.0, gap=1.0), color="k", ls="--", lw=1)
axes.text(-7.7, 0.23, r"$e^{-\pi\Delta^2/2\alpha}$")
axes.set(xlim=(-8, 12), xticks=range(-8, 13, 4), ylim=(0, 1.03))
axes.set(xlabel=r"time $t\Delta$  ($\alpha = \Delta^2$)", ylabel="population")
axes.legend(loc="upper right", fontsize="small")
figure.savefig("landau_zener.png", dpi=200)
