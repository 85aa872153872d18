"""
Stückelberg fringes
===================

The bias goes up through a crossing, turns, and comes back through it. The two ways to end in the
other level interfere, as E. C. G. Stückelberg found for colliding atoms, Helv. Phys. Acta 5, 369
(1932). The transition probability is 4P(1−P) sin²(ζ/2 + φ_S), with the dynamical phase ζ between
the crossings and the Stokes phase φ_S.

With P = ½ the fringes reach from zero to one. The formula takes the crossings as separate and is
shown from where this is a fair guess; nearer to the crossing only the integration counts.
"""

import matplotlib.pyplot as plt
import numpy as np

import lzopen as lz

gaps = {"$P = 1/2$": np.sqrt(2 * np.log(2) / np.pi), "$P = 0.21$": 1.0}
apex = np.append(np.linspace(0.1, 7.0, 231), 30.0)
qubit = lz.TwoLevel(sweep=lz.DoublePassage(rate=1.0, turning_point=1.0), gap=1.0)
grid = lz.vary(qubit, {"gap": list(gaps.values()), "turning_point": apex})
flipped = lz.transition_matrix(grid).probability.sel(initial=0, final=1).values

# Check value: δ = 1/4, ε_max = 30, a product of exact propagators
found = flipped[1, -1]
print(f"transition at ε_max = 30: {found:.7f}, reference 0.0357066")
if abs(found - 0.0357066) > 6e-8:  # half of its last digit, and tol
    raise SystemExit("The numbers differ from the reference.")

figure, rows = plt.subplots(2, sharex=True, sharey=True, figsize=(5.0, 4.0), layout="constrained")
fine = np.linspace(2.0, 7.0, 500)
for axes, found, (name, gap) in zip(rows, flipped, gaps.items(), strict=True):
    zeta = lz.theory.dynamic_phase(rate=1.0, gap=gap, turning_point=fine)
    formula = lz.theory.double_passage(rate=1.0, gap=gap, phase=zeta)
    axes.plot(fine, formula, "C0", lw=1, label="separate passages")
    axes.plot(apex[:-1], found[:-1], "C3.", ms=3, label="integrated")
    axes.text(0.08, 1.09, name, fontsize="small", va="center")
    axes.set(xlim=(0, 7), ylim=(0, 1.2), ylabel="transition")
figure.legend(*rows[0].get_legend_handles_labels(), loc="outside upper center", ncols=2)
rows[1].set_xlabel(r"turning point $\varepsilon_\mathrm{max}/\sqrt{\alpha}$")
figure.savefig("stueckelberg_fringes.png", dpi=200)
