"""
The basis of the dephasing decides
==================================

Two qubits are swept slowly through the same avoided crossing, and lose the same coherence in the
same time. One dephases between its diabatic levels, as under noise on the bias: it ends in an equal
mixture. The other dephases between its energy eigenstates: it stays in its ground state, almost.

The line of the second one is first order in the rate, J. E. Avron et al., Comm. Math. Phys. 305,
633 (2011); that of the first one has noise drive transitions all the time.
"""

import matplotlib.pyplot as plt
import numpy as np

import lzopen as lz

GAP, DEPHASING = 1.0, 0.1
rates = np.geomspace(0.02, 0.6, 12)

excited = {"diabatic": [], "adiabatic": []}
for rate in rates:
    qubit = lz.TwoLevel(sweep=lz.Linear(rate=rate), gap=GAP)
    end = 12 * GAP / rate
    for basis, found in excited.items():
        noisy = qubit.with_environment(lz.Dephasing(rate=DEPHASING, basis=basis))
        P = lz.transition_matrix(noisy, window=(-end, end), tol=1e-7).probability
        found.append(P.sel(initial=0, final=0).item())

# Check values: Δ = 1, Γ = 0.1, α = 0.02
check = lz.TwoLevel(sweep=lz.Linear(rate=0.02), gap=GAP)
adiabatic = check.with_environment(lz.Dephasing(rate=DEPHASING, basis="adiabatic"))
P = lz.transition_matrix(adiabatic, window=(-600, 600), tol=1e-8).probability[0, 0].item()
print(f"dephasing between energy eigenstates: {P:.7f}, reference 0.0011678")
diabatic = check.with_environment(lz.Dephasing(rate=DEPHASING))
Q = lz.transition_matrix(diabatic).probability[0, 0].item()
print(f"dephasing between diabatic levels:    {Q:.7f}, reference 0.4999999")
if abs(P - 0.0011678) > 2e-7 or abs(Q - 0.4999999) > 2e-7:
    raise SystemExit("The numbers differ from the reference.")

figure, axes = plt.subplots(figsize=(5.0, 3.6), layout="constrained")
fine, slow = np.geomspace(rates[0], rates[-1], 200), np.geomspace(rates[0], 0.09, 50)
theory = lz.theory
between_levels = theory.weak_longitudinal_noise(rate=fine, gap=GAP, spectrum=2 * DEPHASING)
between_states = theory.adiabatic_dephasing(rate=slow, gap=GAP, dephasing=DEPHASING)
axes.plot(rates, excited["diabatic"], "o", label="dephasing of diabatic levels")
axes.plot(fine, between_levels, "C0", lw=1)
axes.plot(rates, excited["adiabatic"], "s", label="dephasing of energy eigenstates")
axes.plot(slow, between_states, "C1", lw=1)
axes.plot(fine, theory.landau_zener(rate=fine, gap=GAP), "k--", lw=1, label="no dephasing")
axes.set(xscale="log", yscale="log", ylim=(1e-4, 1.5))
axes.set(xlabel=r"sweep rate $\alpha/\Delta^2$", ylabel="final excited population")
ticks = [0.02, 0.05, 0.1, 0.2, 0.5]
axes.set_xticks(ticks, labels=map(str, ticks))
axes.minorticks_off()
axes.legend(loc=(0.03, 0.5), fontsize="small", title=r"$\Gamma = 0.1\Delta$; lines: theory")
figure.savefig("dephasing_basis.png", dpi=200)
