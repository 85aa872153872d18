"""
Where a drive stops tunnelling
==============================

A drive A cos ωt across a symmetric avoided crossing slows tunnelling down, and at certain
amplitudes stops it: coherent destruction of tunnelling. A fast drive splits the quasi-energies by
Δ|J₀(A/ω)|, so that tunnelling is said to stop at the zero of J₀, A = 2.4048 ω.

That holds for Δ/ω → 0 only. Left: the splitting s, from the populations after one and two periods,
P₂/P₁ = 4 cos²(πs/ω). Right: its zero; F. Grossmann et al., Phys. Rev. Lett. 67, 516 (1991).
"""

import matplotlib.pyplot as plt
import numpy as np
import qutip
from scipy.optimize import brentq

import lzopen as lz

qubit = lz.TwoLevel(sweep=lz.Sinusoidal(amplitude=1.0, omega=1.0), gap=1.0)  # ω = 1


def splitting(amplitude, gap):
    """Distance of the quasi-energies, from the populations of level 1 after 1 and 2 periods."""
    P = lz.interferogram(qubit, amplitude=amplitude, gap=gap, periods=[1, 2], initial=0, tol=1e-11)
    once, twice = P.population.sel(level=1).transpose("periods", ...).values
    return np.arccos(np.clip(np.sqrt(twice / once) / 2, 0, 1)) / np.pi


def turned(amplitude, gap):
    """⟨σy⟩ after a period that starts in level 0: it changes its sign where tunnelling stops."""
    driven = lz.TwoLevel(sweep=lz.Sinusoidal(amplitude, omega=1.0), gap=gap)
    return lz.interferogram(driven, periods=1, initial=0, observable={"y": qutip.sigmay()}).y.item()


gaps = [0.05, 0.2, 0.5, 1.0]
zeros = [brentq(turned, 1.9, 2.6, args=(gap,), xtol=1e-9) for gap in gaps]

# Check values: zeros, and the splitting at the zero of J₀ for Δ = 0.5, from the Floquet matrix
found = [*zeros, splitting([2.404825557695773], [0.5]).item()]
references = (2.4040983, 2.3931598, 2.3308415, 2.0913634, 0.0180432)
for value, reference in zip(found, references, strict=True):
    print(f"{value:.7f}, reference {reference}")
    if abs(value - reference) > 2e-7:
        raise SystemExit("The numbers differ from the reference.")

figure, (left, right) = plt.subplots(1, 2, figsize=(7.2, 3.3), layout="constrained")
amplitude, fine = np.linspace(1.0, 5.0, 61), np.linspace(1.0, 5.0, 400)
for gap, mark in ((0.05, "o"), (0.5, "s")):
    left.plot(amplitude, splitting(amplitude, [gap]) / gap, mark, ms=3, label=f"gap {gap} ω")
bessel = lz.theory.quasienergy_splitting(amplitude=fine, omega=1.0, gap=0.01) / 0.01
left.plot(fine, bessel, "k-", lw=1, label=r"$|J_0(A/\omega)|$")
left.set(xlabel=r"drive amplitude $A/\omega$", ylabel=r"splitting $/\,\Delta$", ylim=(0, 0.85))
left.legend(fontsize="small", frameon=False)
width = np.linspace(0.01, 1.15, 200)
exact = lz.theory.destruction_of_tunnelling(omega=1.0, gap=width)
right.plot(width, exact, "C1", lw=1, label="zero of the Floquet matrix")
right.plot(gaps, zeros, "C1o", ms=5, label="populations stand still")
right.axhline(2.404826, color="k", ls="--", lw=1, label=r"zero of $J_0$")
right.set(xlabel=r"gap $\Delta/\omega$", ylabel=r"amplitude of the zero, $A/\omega$")
right.legend(fontsize="small", frameon=False, loc="lower left")
figure.savefig("destruction_of_tunnelling.png", dpi=200)
