"""
An infinite speed at the crossing
=================================

A bias that follows the square root of time, ε = κ sgn(t)√|t|, crosses zero with infinite speed. It
is sometimes said that the qubit then always stays in its diabatic level, P = 1. That is false. What
counts is not the slope at one instant but the sweep during |t| ≲ 1/Δ, so that only λ = κ/Δ^(3/2)
matters: half of the population stays at λ = 1.565, and hardly any in a slow sweep.

What the infinite speed does leave is a power, P → πλ²/8, in place of the exponential e^(−π/2λ) of a
linear sweep of the same λ = α/Δ² (dotted). Powers of time: N. V. Vitanov, K.-A. Suominen,
Phys. Rev. A 59, 4580 (1999).
"""

import matplotlib.pyplot as plt
import numpy as np

import lzopen as lz

checks = {0.05: 0.000983717, 1.0: 0.313587614, 1.5652934: 0.5, 50.0: 0.992439991}
scale = np.sort(np.concatenate([np.geomspace(0.02, 100, 16), list(checks)]))
qubit = lz.TwoLevel(sweep=lz.PowerLaw(scale, exponent=0.5), gap=1.0)
P = lz.transition_matrix(qubit, tol=1e-8).probability[:, 0, 0].values

# Check values: an independent integration with two cut-offs
for at, reference in checks.items():
    found = P[scale == at].item()
    print(f"λ = {at}: P = {found:.8f}, reference {reference:.8f}")
    if abs(found - reference) > 2e-8:  # tol, and the last digit of λ or P
        raise SystemExit("The numbers differ from the reference.")

figure, axes = plt.subplots(figsize=(5.0, 3.6), layout="constrained")
slow, fast, fine = np.geomspace(0.02, 0.1, 9), np.geomspace(8, 100, 9), np.geomspace(0.02, 100, 200)
low = lz.theory.power_law_slow(scale=slow, gap=1.0, exponent=0.5)
high = lz.theory.power_law_fast(scale=fast, gap=1.0, exponent=0.5)
axes.loglog(scale, P, "C0o-", ms=4, lw=1, label="stays, $P$")
axes.loglog(scale, 1 - P, "C1s-", ms=4, lw=1, label="leaves, $1 - P$; 0 if the claim held")
axes.loglog(slow, low, "k--", lw=1, label="slow and fast limits")
axes.loglog(fast, 1 - high, "k--", lw=1)
axes.loglog(fine, lz.theory.landau_zener(rate=fine, gap=1.0), "0.5", ls=":", label="linear sweep")
axes.text(0.022, 1.2e-3, r"$\pi\lambda^2/8$")
axes.set(xlim=(0.02, 100), ylim=(1e-4, 2), xlabel=r"sweep $\lambda = \kappa/\Delta^{3/2}$")
axes.set_ylabel("probability")
axes.legend(loc=(0.36, 0.02), fontsize="small")
figure.savefig("sublinear_sweep.png", dpi=200)
