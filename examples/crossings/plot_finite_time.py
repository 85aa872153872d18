"""
A sweep of finite length, exactly
=================================

A diabatic state is prepared shortly before it is swept through the crossing. At any later time the
Schrödinger equation has a closed solution in parabolic cylinder functions, N. V. Vitanov,
B. M. Garraway, Phys. Rev. A 53, 4288 (1996). The Landau–Zener formula is only its limit, and here
it is missed for long: the sudden start and the readout of diabatic states both make it ring.

Two integrators that share no stepping, QuTiP and lzopen's own, are held against the closed form.
"""

import matplotlib.pyplot as plt
import numpy as np

import lzopen as lz

RATE, GAP, START = 1.3, 0.9, -4.0
qubit = lz.TwoLevel(sweep=lz.Linear(rate=RATE), gap=GAP)
t = np.linspace(START, 7.0, 221)
exact = abs(lz.theory.finite_time_propagator(rate=RATE, gap=GAP, t0=START, t1=t)[:, 1, 0]) ** 2
flipped = {
    solver: lz.evolve(qubit, times=t, initial=0, solver=solver, tol=1e-9).population[:, 1]
    for solver in ("sesolve", "engine")
}

# Check value: α = 1.3, Δ = 0.9, t from −4 to 7, by D_ν in multiple precision
for solver, found in flipped.items():
    print(f"{solver}: flipped {found[-1].item():.10f}, reference 0.5801923185")
    if abs(found[-1].item() - 0.580192318459) > 1e-11:  # what tol = 1e-9 leaves is less
        raise SystemExit("The numbers differ from the reference.")

figure, (axes, below) = plt.subplots(
    2, sharex=True, figsize=(5.0, 4.2), height_ratios=[2, 1], layout="constrained"
)
limit = 1 - lz.theory.landau_zener(rate=RATE, gap=GAP)
axes.axhline(limit, color="0.5", ls="--", lw=1)
axes.text(-3.9 * GAP, limit + 0.02, r"$1 - e^{-\pi\Delta^2/2\alpha}$")
axes.plot(GAP * t, exact, "C0", label="parabolic cylinder functions")
axes.plot(GAP * t[::4], flipped["sesolve"][::4], "C3.", ms=4, label="integrated")
axes.set(xlim=GAP * t[[0, -1]], ylim=(0, 0.9), ylabel="flipped population")
axes.legend(loc="lower right", fontsize="small")
for (solver, found), style in zip(flipped.items(), ["C3", "C2"], strict=True):
    below.semilogy(GAP * t, np.maximum(abs(found - exact), 1e-17), style, lw=1, label=solver)
below.set(ylim=(1e-17, 1e-9), ylabel="error", xlabel=r"time $t\Delta$")
below.legend(loc="upper right", fontsize="small", ncols=2)
figure.savefig("finite_time.png", dpi=200)
