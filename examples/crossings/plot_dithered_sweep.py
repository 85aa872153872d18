"""
A dithered sweep and its effective gap
======================================

A fast dither A cos ωt on top of a sweep is said to change the gap of a crossing into ΔJ₀(A/ω), so
that the passage can be switched off. This is true for the crossing in the middle alone: here the
coupling is turned on and off around it (circles).

A full sweep (squares) also crosses the sidebands at αt = nω, each with the gap ΔJₙ. The squares of
all Jₙ add up to 1, so that a dither gains nothing on average while Δ is small. For a larger gap the
passages interfere, and the phase of the dither decides (right).
"""

import matplotlib.pyplot as plt
import numpy as np

import lzopen as lz


def stayed(gap, reach, **dither):
    """Survival of the diabatic level, for α = 1, between −reach and reach."""
    qubit = lz.TwoLevel(sweep=lz.Linear(rate=1.0) + lz.Sinusoidal(**dither), gap=gap)
    P = lz.transition_matrix(qubit, window=(-reach, reach), tol=1e-4).probability
    return P[..., 0, 0].values


omega = 100.0
depth = np.append([1.0, 2.404826], np.linspace(0, 4, 17))
around = lz.Tabulated(omega * np.array([-0.6, -0.4, 0.4, 0.6]), [0.0, 1.0, 1.0, 0.0])
middle = stayed(around, 0.6 * omega, amplitude=omega * depth, omega=omega)
phase = np.linspace(0, 2 * np.pi, 24, endpoint=False)
amplitude = 20.0 * np.array([0, 0.25, 0.5, 0.75, 1, 1.5, 2, 2.5, 3])[:, None]
full = stayed(1.0, 130.0, amplitude=amplitude, omega=20.0, phase=phase[::2]).mean(axis=-1)
by_phase = {gap: stayed(gap, 130.0, amplitude=10.0, omega=20.0, phase=phase) for gap in (0.2, 1.0)}

# Check values: exp(−πΔ²J₀²/2α) up to (Δ/ω)²; the mean from another integrator
mean = by_phase[0.2].mean()
print(f"middle, A = ω: {middle[0]:.5f}, reference 0.39862")
print(f"middle, at the zero of J0: {middle[1]:.6f}, reference 1")
print(f"mean over phases, gap 0.2: {mean:.4f}, reference 0.9398; with the gap of J0: 0.9462")
if abs(middle[0] - 0.39862) > 5e-5 or abs(middle[1] - 1) > 1e-6 or abs(mean - 0.93983) > 1e-4:
    raise SystemExit("The numbers differ from the reference.")

figure, (left, right) = plt.subplots(1, 2, figsize=(7.2, 3.3), layout="constrained", sharey=True)
fine = np.linspace(0, 4, 200)
central = lz.theory.dithered_gap(amplitude=omega * fine, omega=omega, gap=1.0)
line = lz.theory.landau_zener(rate=1.0, gap=central)
left.plot(fine, line, "C0", lw=1, label=r"gap $\Delta J_0$")
left.plot(depth[2:], middle[2:], "C0o", ms=4, label="middle alone")
left.plot(amplitude[:, 0] / 20, full, "C1s", ms=4, label="full sweep, mean")
left.axhline(lz.theory.landau_zener(rate=1.0, gap=1.0), color="k", ls="--", lw=1, label="no dither")
left.set(xlabel=r"dither amplitude $A/\omega$", ylabel="survival of the diabatic level")
left.set_title(r"$\Delta = \sqrt{\alpha}$", fontsize="medium")
left.legend(fontsize="small", ncols=2, loc="lower center", frameon=False)
for color, (gap, P) in zip(("C2", "C3"), by_phase.items(), strict=True):
    right.plot(phase / np.pi, P, color + "s-", ms=4, lw=0.5, label=rf"${gap:g}\,\sqrt{{\alpha}}$")
    right.axhline(lz.theory.landau_zener(rate=1.0, gap=gap), color=color, ls="--", lw=1)
right.set(xlabel=r"phase of the dither $/\pi$", ylim=(0, 1.02))
right.set_title(r"full sweep, $A = \omega/2$; dashed: no dither", fontsize="medium")
right.legend(title=r"gap $\Delta$", fontsize="small")
figure.savefig("dithered_sweep.png", dpi=200)
