"""
Arcs of a tomogram: T2 without a pulse
======================================

A fast drive paints a map of fringes over its amplitude and the bias. Fourier transformed along
both, all of the map folds onto arcs, since a phase grows with the amplitude at most by
|(2/ω) sin(ωk/2)| in a time k. Left: the transform of a simulated map. Its height along the arcs
falls as the coherence does.

Right: the transform of one row along the bias. It returns to its envelope once per period of the
drive, where the drive leaves no phase, and the envelope is exp(−k/T2). What is transformed is the
rate W = P/[T1 (1 − 2P)] and not the population P, which saturates. M. S. Rudner et al., Phys. Rev.
Lett. 101, 190502 (2008).
"""

import matplotlib.pyplot as plt
import numpy as np

import lzopen as lz

GAP, T1, T2, AMPLITUDE = 0.005, 1e4, 20.0, 7.3  # ω = 1
drive = lz.TwoLevel(sweep=lz.Sinusoidal(amplitude=AMPLITUDE, omega=1.0), gap=GAP)
qubit = drive.with_environment(
    lz.Dephasing(1 / T2 - 1 / (2 * T1)), lz.Decay(1 / T1, source=1, target=0)
)

# One row: the trapezoidal rule is exact to 1e-6 for a spacing far below the width 1/T2
bias = np.linspace(-26 * np.pi, 26 * np.pi, 12001)
P = lz.interferogram(qubit, bias=bias).population.sel(level=1).values
k = np.append(np.linspace(0, 20, 161), 3.0)
transform = np.trapezoid(P / (1 - 2 * P) / T1 * np.cos(k[:, None] * bias), bias)

grid = {"amplitude": np.linspace(0, 24, 97), "bias": np.linspace(-30, 30, 601)}
found = lz.phase_tomography(lz.interferogram(qubit, **grid), omega=1.0, k_range=(0, 20))
fitted = found.value.sel(parameter="T2").item()

# Check values: Δ = 0.05, k = 3. A finite gap shifts W by 0.6 Δ² of itself, 2e-5 here
check = transform[-1] * (0.05 / GAP) ** 2
print(f"transform at k = 3: {check:.6e}, reference 2.539572e-04")
print(f"T2 from the arcs: {fitted:.4f}, reference {T2}")
if abs(check / 2.539572e-4 - 1) > 3e-5 or abs(fitted / T2 - 1) > 3e-5:
    raise SystemExit("The numbers differ from the reference.")

figure, (left, right) = plt.subplots(1, 2, figsize=(7.2, 3.3), layout="constrained")
lz.plotting.tomogram(found, left, heading="dashed: ±(2/ω)|sin(ωk/2)|")
left.get_legend().remove()
left.set(xlim=(0, 20), xlabel=r"$k\omega$, conjugate to the bias")
left.set(ylabel=r"$k_A\omega$, conjugate to the amplitude")
fine, scale = np.linspace(0, 20, 1001), 0.5 * np.pi * GAP**2
theory = lz.theory.rate_transform(
    k_bias=fine, amplitude=AMPLITUDE, omega=1.0, gap=GAP, coherence_rate=1 / T2
)
right.plot(fine, theory / scale, "C0", lw=1, label="closed form")
right.plot(k, transform / scale, "C0.", ms=4, label="simulated")
right.plot(fine, np.exp(-fine / T2), "k--", lw=1, label=r"$e^{-k/T_2}$")
right.set(xlabel=r"$k\omega$, conjugate to the bias", ylabel=r"transform / $\frac{\pi}{2}\Delta^2$")
right.set(ylim=(-0.45, 1.45))
right.set_title(r"one row, $A = 7.3\,\omega$", fontsize="medium")
right.legend(loc="upper right", fontsize="small", frameon=False)
figure.savefig("tomogram_arcs.png", dpi=200)
