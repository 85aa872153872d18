"""
A crossing under noise: from coherent to Kayanuma
=================================================

A qubit is swept once through an avoided crossing while its diabatic levels lose coherence at the
rate Γ, as under white noise of the bias. Without noise it stays in its level with exp(−πΔ²/2α),
dotted. Strong noise leaves ½[1 + exp(−πΔ²/α)], which knows nothing of Γ (Y. Kayanuma, J. Phys. Soc.
Jpn. 53, 108 (1984)).

This is often said to need Γ ≫ Δ. The slowest sweep shows that it does not: its levels are mixed as
soon as Γ exceeds α/Δ, however small that is beside Δ. Until then P = ½[1 − exp(−πΔΓ/α)],
dash-dotted.
"""

import matplotlib.pyplot as plt
import numpy as np

import lzopen as lz

RATE = 1.0  # α: times are in units of 1/√α
coherent = lz.TwoLevel(sweep=lz.Linear(rate=RATE), gap=1.0)
qubit = coherent.with_environment(lz.Dephasing(rate=0.0))
gaps = 2 * np.sqrt([0.05, 0.25, 1.0])  # δ = Δ²/4α

# Check values: Bloch equations by another integrator, with the tails of its window added
checked = [0.5, 1.0, 3.0]
references = [
    [0.75173, 0.75987, 0.76579],
    [0.44012, 0.49566, 0.51948],
    [0.47627, 0.49875, 0.50000],
]
rates = np.append(checked, np.geomspace(0.003, 30, 25))
batch = lz.vary(qubit, {"gap": gaps, "dephasing.rate": rates})
P = lz.transition_matrix(batch).probability.sel(initial=0, final=0).values

for found, reference in zip(P[:, :3], references, strict=True):
    print("P =", *found.round(5), "reference", *reference)
if abs(P[:, :3] - references).max() > 1.2e-5:  # one unit of their last digit
    raise SystemExit("The numbers differ from the reference.")

figure, axes = plt.subplots(figsize=(5.0, 3.6), layout="constrained")
for number, (gap, found) in enumerate(zip(gaps, P[:, 3:], strict=True)):
    colour, name = f"C{number}", rf"$\Delta^2/4\alpha = {gap**2 / 4:g}$"
    axes.plot(rates[3:], found, "o", color=colour, ms=4, label=name)
    axes.axhline(lz.theory.landau_zener(rate=RATE, gap=gap), color=colour, lw=1, ls=":")
    axes.axhline(lz.theory.strong_dephasing(rate=RATE, gap=gap), color=colour, lw=1)
fine, slow = np.geomspace(0.003, 3, 100), gaps[-1]
mixed = 0.5 * (1 - np.exp(-np.pi * slow * fine / RATE))
axes.plot(fine, mixed, "C2-.", lw=1)
axes.set(xscale="log", ylim=(0, 1))
axes.set(xlabel=r"dephasing rate $\Gamma/\sqrt{\alpha}$", ylabel="survival of the diabatic level")
axes.legend(loc="upper left", ncols=3, fontsize="small", frameon=False)
figure.savefig("dephased_crossing.png", dpi=200)
