"""
Slow noise washes Stückelberg fringes out
=========================================

Between two passages the bias collects a phase ζ, and a slow detuning of standard deviation σ_ε
changes it from run to run by σ = 2E_max σ_ε/α: as if it acted for the time 2E_max/α. The visibility
of the fringes falls as e^(−σ²/2), where σ belongs to the whole phase ζ, not to the ζ/2 in the sine.
The farther the sweep goes, the less noise it stands.

The map averages integrated double passages with P = ½ over the detuning. The lines are visibilities
of the formula; S. N. Shevchenko, S. Ashhab, F. Nori, Phys. Rep. 492, 1 (2010), for the fringes.
"""

import matplotlib.pyplot as plt
import numpy as np

import lzopen as lz

GAP = 2 * np.sqrt(0.11)
nodes, weights = np.polynomial.hermite_e.hermegauss(60)
weights /= weights.sum()


def flipped(apex):
    """Probability to flip in two passages, integrated."""
    sweep = lz.DoublePassage(rate=1.0, turning_point=apex)
    return lz.transition_matrix(lz.TwoLevel(sweep=sweep, gap=GAP)).probability[..., 1, 0].values


# Check values at σ_ε = 0.05: the average at ε_max = 20 by exact propagators, and the visibility
# e^(−σ²/2(1+q²))/(1+q²)^¼, q = 2σ_ε²/α, read from one fringe around it
near = np.linspace(-0.08, 0.08, 9)
average = flipped(np.add.outer(20 + near, 0.05 * nodes)) @ weights
P = lz.theory.landau_zener(rate=1.0, gap=GAP)
zeta = lz.theory.dynamic_phase(rate=1.0, gap=GAP, turning_point=20 + near)
waves = np.array([np.cos(zeta), np.sin(zeta)]) * near ** np.arange(3)[:, None, None]
fit = np.linalg.lstsq(waves.reshape(6, -1).T, 1 - average / (2 * P * (1 - P)))[0]
visibility = np.hypot(*fit[:2])
print(f"average transition: {average[4]:.8f}, reference 0.45716090")
print(f"visibility: {visibility:.6f}, reference 0.135044")
if abs(average[4] - 0.45716090) > 2e-8 or abs(visibility - 0.1350438) > 5e-7:
    raise SystemExit("The numbers differ from the reference.")

reach, deviation = np.arange(1.5, 12.0, 0.005), np.linspace(0.0, 0.25, 101)
fringes, apex = flipped(reach), np.arange(3.0, 10.0, 0.01)
washed = [np.interp(np.add.outer(apex, s * nodes), reach, fringes) @ weights for s in deviation]
coherence = lz.theory.detuning_coherence(
    rate=1.0, gap=GAP, turning_point=apex, bias_deviation=deviation[:, None]
)

figure, axes = plt.subplots(figsize=(5.0, 3.6), layout="constrained")
image = axes.pcolormesh(apex, deviation, washed, vmin=0, vmax=1, rasterized=True)
lines = axes.contour(apex, deviation, abs(coherence), [0.1, 0.5, 0.9], colors="w", linewidths=1)
places = [(7, 0.153), (7, 0.084), (7, 0.033)]
axes.clabel(lines, fmt=lambda level: f"$V = {level:g}$", fontsize="small", manual=places)
axes.set_xlabel(r"turning point $\varepsilon_\mathrm{max}/\sqrt{\alpha}$")
axes.set_ylabel(r"detuning noise $\sigma_\varepsilon/\sqrt{\alpha}$")
figure.colorbar(image, label="mean transition probability")
figure.savefig("washed_fringes.png", dpi=200)
