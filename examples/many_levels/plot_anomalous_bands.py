"""
Stronger coupling, less adiabatic
=================================

A larger coupling is said to make a passage more adiabatic. Here two levels that nearly coincide
cross two others, and all of them are coupled with the same g. A strongly coupled level should then
change into the other band. One of the two does (blue). The other one stays in its own band all the
more surely, the stronger the coupling is (orange).

Left: of each pair one combination is pushed away, and the other one is left in the middle, with a
gap that closes as g grows. Independent crossings (dashed) promise the opposite, and lzopen warns
that they overlap. R. K. Malla, M. E. Raikh, arXiv:1706.09503 (2017).
"""

import warnings

import matplotlib.pyplot as plt
import numpy as np

import lzopen as lz

diagram = {"slopes": [0.5, 0.5, -0.5, -0.5], "offsets": [-0.09, 0.09, -0.09, 0.09]}
block = np.kron([[0, 1], [0, 0]], np.ones((2, 2)))  # each level of one band with each of the other
g = np.append([0.2, 0.5, 1.0], np.linspace(0.02, 1.2, 30))

bands = lz.Crossing(**diagram, couplings=g[:, None, None] * block)
P = lz.transition_matrix(bands).probability
lower, upper = P.sel(final=[0, 1], initial=[0, 1]).sum("final").values.T

# Check values: another integrator, and p² with p = exp(−2πg²/2α), α = ½
print("upper level stays:", *upper[:3].round(5), "reference 0.761 0.958 0.99990")
print(f"lower level stays: {lower[0]:.8f}, reference 0.60492256")
wrong = abs(upper[:3] - [0.761, 0.958, 0.99990]) > [6e-4, 6e-4, 6e-6]
if wrong.any() or abs(lower[0] - 0.60492256) > 1e-8:
    raise SystemExit("The numbers differ from the reference.")

with warnings.catch_warnings():
    warnings.simplefilter("ignore", lz.LzopenWarning)  # the crossings overlap: this is the point
    promised = [
        lz.theory.independent_crossings(**diagram, couplings=one * block).probability[:2, 1].sum()
        for one in g[3:]
    ]

figure, (left, right) = plt.subplots(1, 2, figsize=(7.2, 3.3), layout="constrained")
times = np.linspace(-1.5, 1.5, 301)
one = lz.Crossing(**diagram, couplings=0.2 * block)
left.plot(times, [np.diag(one.hamiltonian(t)).real for t in times], "k--", lw=0.6)
left.plot(times, one.energies(times), "C0", lw=1.2)
left.set(xlabel=r"time $t\sqrt{2\alpha}$", ylabel=r"energy $/\sqrt{2\alpha}$")
left.set_title("$g = 0.2$", fontsize="medium")
right.plot(g[3:], upper[3:], "C1o", ms=4, label="upper level")
right.plot(g[3:], promised, "C1--", lw=1, label="independent crossings")
right.plot(g[3:], lower[3:], "C0o", ms=4, label="lower level")
right.plot(g[3:], np.exp(-2 * np.pi * g[3:] ** 2) ** 2, "C0-", lw=1, label="$p^2$")
right.set(xlabel=r"coupling $g/\sqrt{2\alpha}$", ylabel="probability to stay in the own band")
right.legend(fontsize="small", loc=(0.38, 0.44), frameon=False)
figure.savefig("anomalous_bands.png", dpi=200)
