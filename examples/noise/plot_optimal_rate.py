"""
Slower is not better
====================

A slow sweep keeps a qubit in its ground state: what is left behind falls as exp(−πΔ²/2α). White
noise of the bias, of density S₀, excites it all the while that it spends near the crossing, in
proportion to 1/α. Together they leave a best rate, and a slower sweep is worse.

Points are simulated, lines are both effects in closed form, and stars the minimum that follows from
it, α = (πΔ²/2)/ln(2 + 2Δ/S₀). J. A. Krzywda, Ł. Cywiński, Phys. Rev. B 101, 035303 (2020).
"""

import matplotlib.pyplot as plt
import numpy as np

import lzopen as lz

GAP = 1.0  # energies are in units of the gap
sweep = lz.TwoLevel(sweep=lz.Linear(rate=1.0), gap=GAP)
qubit = sweep.with_environment(lz.Dephasing(rate=0.0))


def excited(rate, density):
    """Final population of the excited state, (rate, density); the dephasing rate is S₀/2."""
    batch = lz.vary(qubit, {"sweep.rate": rate, "dephasing.rate": np.divide(density, 2)})
    return lz.transition_matrix(batch).probability.sel(initial=0, final=0).values


# Check values: S₀ = 0.002 from another integrator, and the best rate of the closed form, which
# leaves out a part (α/Δ²)² of the noise and is known to be 0.3 % low
Q = excited([0.215, 1.0], [0.002])[:, 0]
print(f"excitation at α = 0.215 and 1: {Q[0]:.5f} and {Q[1]:.4f}, reference 0.00779 and 0.2088")
near = np.linspace(0.21, 0.245, 36)
best = np.roots(np.polyder(np.polyfit(near, excited(near, [0.002])[:, 0], 4)))
best = best[(best.imag == 0) & (abs(best - 0.2275) < 0.0175)].real.item()
expected = lz.theory.optimal_rate(gap=GAP, spectral_density=0.002)
print(f"best rate: {best:.4f}, reference {expected:.4f}")
wrong = abs(Q[0] - 0.00779) > 6e-6 or abs(Q[1] - 0.2088) > 6e-5
if wrong or abs(best / expected - 1.003) > 1e-3:
    raise SystemExit("The numbers differ from the reference.")

figure, axes = plt.subplots(figsize=(5.0, 3.6), layout="constrained")
densities, rates, fine = (
    (0.02, 0.002, 0.0002),
    np.geomspace(0.03, 2, 25),
    np.geomspace(0.03, 2, 300),
)
for number, density in enumerate(densities):
    formula = {"gap": GAP, "spectrum": density}
    best = lz.theory.optimal_rate(gap=GAP, spectral_density=density)
    least = lz.theory.weak_longitudinal_noise(rate=best, **formula)
    axes.plot(rates, excited(rates, [density])[:, 0], f"C{number}o", ms=4, label=f"{density:g}")
    within = fine[fine < 1]  # the closed form needs α ≤ Δ²
    axes.plot(within, lz.theory.weak_longitudinal_noise(rate=within, **formula), f"C{number}", lw=1)
    axes.plot(best, least, "k*", ms=9, zorder=3)
axes.plot(fine, lz.theory.landau_zener(rate=fine, gap=GAP), "k--", lw=1, label="no noise")
axes.set(xscale="log", yscale="log", ylim=(3e-4, 0.6))
axes.set(xlabel=r"sweep rate $\alpha/\Delta^2$", ylabel="final excited population")
axes.legend(title=r"$S_0/\Delta$", fontsize="small", loc="lower right")
figure.savefig("optimal_rate.png", dpi=200)
