"""
Pulses with an exact solution
=============================

If the gap is a pulse, Ω sech(t/T), and the bias a smooth step, ε₀ + B tanh(t/T), the populations
are known exactly: the model of Demkov and Kunike. Without the step it is that of N. Rosen and
C. Zener, Phys. Rev. 40, 502 (1932), where the area πΩT of the pulse makes the qubit turn over and
over. A step damps these turns, until a slow crossing is left that flips the qubit almost surely.

The same step with a constant gap is a Landau–Zener sweep of finite range. The formula with the
slope B/T alone gives 0.7537 where 0.7576 is true.
"""

import matplotlib.pyplot as plt
import numpy as np

import lzopen as lz


def flip(bias, step, gap):
    """Probability to flip, integrated."""
    sweep = lz.Constant(bias) + lz.Tanh(amplitude=step, width=1.0)
    P = lz.transition_matrix(lz.TwoLevel(sweep=sweep, gap=gap), tol=1e-9)
    return P.probability[..., 1, 0].values


# Check values: the closed forms, evaluated elsewhere; T = 1
found = {
    "pulse and step, ε₀ = 0.7, B = 1.1, Ω = 2.3": (flip(0.7, 1.1, lz.Sech(2.3, 1.0)), 0.7276300751),
    "pulse alone, ε₀ = 0.7, Ω = 1.3": (flip(0.7, 0.0, lz.Sech(1.3, 1.0)), 0.2853693846),
    "pulse and step, B = 1, Ω = 2.2": (flip(0.0, 1.0, lz.Sech(2.2, 1.0)), 0.8418074533),
    "step alone, B = 2, Ω = 0.6": (1 - flip(0.0, 2.0, 0.6), 0.7576324703),
}
for name, (P, reference) in found.items():
    print(f"{name}: {P:.9f}, reference {reference:.9f}")
    if abs(P - reference) > 1e-9:  # tol
        raise SystemExit("The numbers differ from the reference.")

figure, axes = plt.subplots(figsize=(5.0, 3.6), layout="constrained")
peak, fine = np.linspace(0, 5, 26), np.linspace(0, 5, 300)
for number, (bias, step) in enumerate([(0.0, 0.0), (0.7, 0.0), (0.0, 1.0), (0.0, 2.5)]):
    exact = lz.theory.demkov_kunike(bias=bias, amplitude=step, gap=fine, width=1.0)
    label = rf"$\varepsilon_0 = {bias:g},\ B = {step:g}$"
    axes.plot(fine, exact, f"C{number}", lw=1.2, label=label)
    axes.plot(peak, flip(bias, step, lz.Sech(peak, 1.0)), f"C{number}o", ms=3)
axes.set(xlim=(0, 5), ylim=(0, 1.03), xlabel=r"peak of the pulse $\Omega T$")
axes.set_ylabel("probability to flip")
figure.legend(
    loc="outside upper center",
    ncols=2,
    fontsize="small",
    title="lines exact, dots integrated; energies in $1/T$",
)
figure.savefig("pulses.png", dpi=200)
