"""
Three solvable crossings of many levels
=======================================

One level swept through parallel ones (Y. N. Demkov, V. I. Osherov, Sov. Phys. JETP 26, 916 (1968)),
three lines through one point (C. E. Carroll, F. T. Hioe, J. Phys. A 19, 1151 (1986)) and a spin 1
(E. Majorana, Nuovo Cimento 9, 43 (1932)) have transition probabilities in closed form.

Above: the energies, diabatic ones dashed. Below: the probabilities from an initial level (column)
to a final one (row), from the dynamics. In the first, what needs a path against time is exactly
zero, however close the crossings are.
"""

import matplotlib.pyplot as plt
import numpy as np

import lzopen as lz

comb = {"offsets": [-0.4, 0.0, 0.7], "couplings": [0.3, 0.2, 0.4]}
lines = {"slopes": [1.0, -1.0], "couplings": [0.45, 0.45]}
spin = {"spin": 1, "rate": 1.0, "gap": 0.8}
systems = {
    "Demkov–Osherov": (
        lz.DemkovOsherov(rate=1.0, **comb),
        lz.theory.demkov_osherov(rate=1.0, **comb),
    ),
    "bow-tie": (lz.BowTie(**lines), lz.theory.bow_tie(**lines)),
    "spin 1": (lz.SpinCrossing(**spin), lz.theory.spin_crossing(**spin)),
}
# Check values: one column of each, products of Landau–Zener factors and of half-angles
references = {
    "Demkov–Osherov": (0, [0.16168202, 0.431916, 0.126247, 0.280155]),
    "bow-tie": (1, [0.4982813, 0.2801738, 0.2215448]),
    "spin 1": (0, [0.1339057, 0.4640512, 0.4020431]),
}

figure, axes = plt.subplots(2, 3, figsize=(7.2, 4.6), layout="constrained")
times = np.linspace(-3, 3, 301)
for (name, (model, exact)), (above, below) in zip(systems.items(), axes.T, strict=True):
    P = lz.transition_matrix(model).probability.values
    column, reference = references[name]
    print(f"{name}:", *P[:, column].round(7), "reference", *reference)
    if abs(P[:, column] - reference).max() > 6e-7 or abs(P - exact).max() > 1e-7:
        raise SystemExit("The numbers differ from the reference.")

    diabatic = [np.diag(model.hamiltonian(t)).real for t in times]
    above.plot(times, diabatic, "k--", lw=0.6)
    above.plot(times, model.energies(times), "C0", lw=1.2)
    above.set(title=name, xlabel=r"time $t\sqrt{\alpha}$", ylim=(-2, 2))
    picture = below.imshow(P, vmin=0, vmax=1, cmap="viridis")
    for (row, column), value in np.ndenumerate(P):
        shade = "white" if value < 0.6 else "black"
        below.text(column, row, f"{value:.3f}", ha="center", va="center", color=shade, fontsize=8)
    ticks = range(len(P))
    below.set(xticks=ticks, yticks=ticks, xlabel="initial level")
axes[0, 0].set(ylabel=r"energy $/\sqrt{\alpha}$")
axes[1, 0].set(ylabel="final level")
figure.colorbar(picture, ax=axes[1], label="probability")
figure.savefig("solvable_crossings.png", dpi=200)
