"""
The Stokes phase
================

At an avoided crossing the part that stays in its eigenstate gains a phase beyond the dynamical one,
φ_S = π/4 + δ(ln δ − 1) + arg Γ(1 − iδ) with δ = Δ²/4α. It falls from π/4 for a sudden passage to
zero for a slow one, where Stirling's series leaves 1/12δ; Y. Kayanuma, Phys. Rev. A 55, R2495
(1997).

A phase shows by interference alone. Here it is read from a double passage: around a far turning
point the integrated transition probability is 4P(1−P) sin²(ζ/2 + φ_S), and the dynamical phase ζ is
known.
"""

import matplotlib.pyplot as plt
import numpy as np

import lzopen as lz

APEX = 200.0
delta = np.array([0.001, 0.01, 0.05, 0.12, 0.25, 0.4, 0.6, 0.8, 1.0, 1.3, 1.6, 2.0])
gap, apex = 2 * np.sqrt(delta), np.linspace(APEX, APEX + 0.015, 8)  # about one fringe
qubit = lz.TwoLevel(sweep=lz.DoublePassage(rate=1.0, turning_point=APEX), gap=1.0)
grid = lz.vary(qubit, {"gap": gap, "turning_point": apex})
flipped = lz.transition_matrix(grid, tol=1e-9).probability[..., 1, 0].values

zeta = lz.theory.dynamic_phase(rate=1.0, gap=gap[:, None], turning_point=apex)
P = lz.theory.landau_zener(rate=1.0, gap=gap[:, None])
contrast = 1 - flipped / (2 * P * (1 - P))  # cos ζ cos 2φ − sin ζ sin 2φ
waves = np.stack([np.cos(zeta), -np.sin(zeta)], axis=-1)
cosine, sine = np.array([np.linalg.lstsq(w, c)[0] for w, c in zip(waves, contrast, strict=True)]).T
measured = np.arctan2(sine, cosine) / 2

# Check values: arg Γ in multiple precision
for at, reference in {0.05: 0.6144223119562, 0.25: 0.3270619132587, 1.0: 0.0870384838650}.items():
    found = measured[delta == at].item()
    print(f"δ = {at}: φ_S = {found:.7f}, reference {reference:.7f}")
    if abs(found - reference) > 5e-7:  # the kink at the turning point leaves Δα/ε_max³
        raise SystemExit("The numbers differ from the reference.")

figure, axes = plt.subplots(figsize=(5.0, 3.6), layout="constrained")
fine, slow = np.geomspace(5e-4, 10, 400), np.geomspace(0.13, 10, 50)
phase = lz.theory.stokes_phase(rate=1.0, gap=2 * np.sqrt(fine))
axes.axhline(0.25, color="0.6", ls=":", lw=1, label=r"sudden, $\pi/4$")
axes.semilogx(slow, 1 / (12 * np.pi * slow), "0.4", ls="--", lw=1, label=r"slow, $1/12\delta$")
axes.semilogx(fine, phase / np.pi, "C0", label="exact")
axes.semilogx(delta, measured / np.pi, "C3o", ms=4, label="read from integrated fringes")
axes.set(xlim=fine[[0, -1]], ylim=(0, 0.27), xlabel=r"adiabaticity $\delta = \Delta^2/4\alpha$")
axes.set_ylabel(r"Stokes phase $\varphi_\mathrm{S}/\pi$")
axes.legend(loc=(0.04, 0.1), fontsize="small")
figure.savefig("stokes_phase.png", dpi=200)
