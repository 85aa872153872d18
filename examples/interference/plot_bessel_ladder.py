"""
The Bessel ladder of a driven qubit
===================================

A flux qubit far from its crossing is driven so strongly that the drive takes it there and back in
every period. The passages interfere, and wherever the bias is n quanta of the drive, ε₀ = nω, they
excite it at a rate that goes as J_n(A/ω)²: fringes along the amplitude, up to twenty quanta in the
experiment of W. D. Oliver et al., Science 310, 1653 (2005).

The map is the steady state of the master equation, with T1 much longer than T2. Along the fifth
resonance (below) it agrees with rates of Landau–Zener transitions; it saturates at ½ and nearly
vanishes where J₅ does.
"""

import matplotlib.pyplot as plt
import numpy as np

import lzopen as lz

GAP, T1, T2 = 0.0108, 1.5e5, 150.0  # in units of ω, and of 1/ω
qubit = lz.TwoLevel(sweep=lz.Sinusoidal(amplitude=1.0, omega=1.0, bias=5.0), gap=GAP)
noisy = qubit.with_environment(
    lz.Dephasing(1 / T2 - 1 / (2 * T1)), lz.Decay(1 / T1, source=0, target=1)
)

# Check values: the first maximum and zero of J₅, by a Runge–Kutta integration of Bloch's equations
steady = lz.interferogram(noisy, amplitude=[6.41562, 8.771484]).population.sel(level=0).values
for found, reference in zip(steady, [0.4986425, 0.0105374], strict=True):
    print(f"upper level on the fifth resonance: {found:.7f}, reference {reference}")
    if abs(found - reference) > 1e-7:  # last digit of the reference
        raise SystemExit("The numbers differ from the reference.")

amplitude, bias = np.linspace(0, 20, 401), np.linspace(0.5, 20.5, 401)
ladder = lz.interferogram(noisy, amplitude=amplitude, bias=bias).population.sel(level=0)
cut = lz.interferogram(noisy, amplitude=amplitude[::4]).population.sel(level=0)
rates = lz.theory.fast_passage(
    amplitude=amplitude, omega=1.0, bias=5.0, gap=GAP, relaxation_rate=1 / T1, coherence_rate=1 / T2
)

figure, (above, below) = plt.subplots(
    2, sharex=True, figsize=(5.0, 4.8), height_ratios=[2.2, 1], layout="constrained"
)
image = above.pcolormesh(amplitude, bias, ladder.T, vmin=0, vmax=0.5, rasterized=True)
above.set(ylabel=r"bias $\varepsilon_0/\omega$", yticks=[5, 10, 15, 20])
figure.colorbar(image, ax=above, location="top", aspect=40, label="population of the upper level")
below.plot(amplitude, rates, "C0", lw=1, label="rates")
below.plot(amplitude[::4], cut, "C3.", ms=4, label="master equation")
below.set(
    xlim=(0, 20), xticks=[0, 5, 10, 15, 20], ylim=(0, 0.55), ylabel=r"at $\varepsilon_0 = 5\omega$"
)
below.set_xlabel(r"drive amplitude $A/\omega$")
below.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=2, frameon=False, fontsize="small")
figure.savefig("bessel_ladder.png", dpi=200)
