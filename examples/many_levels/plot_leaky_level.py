"""
A leak that is not felt, and when it is
=======================================

A qubit is swept through a crossing, and the level that it crosses decays at the rate Γ. The
probability to stay on its own level does not depend on Γ at all: V. M. Akulin, W. P. Schleich,
Phys. Rev. A 46, 4110 (1992).

This needs a sweep that is linear and endless, and a leak that is constant. In a finite window
survival grows with the leak, as it does with a leak that is on for a time only. After a double
passage and a cubic sweep the paths to the level interfere, and the leak spoils this.
"""

import matplotlib.pyplot as plt
import numpy as np

import lzopen as lz

GAP, RATE = 1.0, 1.0  # α = 1, δ = ¼


def survival(sweep, leak, **window):
    """Probability to be in level 0, while level 1 leaks."""
    qubit = lz.TwoLevel(sweep=sweep, gap=GAP)
    leaky = qubit.with_environment(lz.Leak(level=1, rate=leak))
    return lz.transition_matrix(leaky, **window).probability.sel(initial=0, final=0).values


linear = lz.Linear(rate=RATE)
t = np.linspace(-20, 20, 401)
pulse = lz.Tabulated(t, np.exp(-(t**2) / 18))  # straight pieces are good to 2e-5 here
leaks = np.append(5.0, np.geomspace(0.02, 20, 22))
endless = survival(linear, leaks)
print("constant leak, endless sweep:", endless[0].round(8), "reference 0.20787958")
window = survival(linear, 5.0, window=(-200, 200), readout="diabatic")
print(f"from -200 to 200:             {window:.6f}, reference 0.210494")
pulsed = survival(linear, 5.0 * pulse)
print(f"pulsed leak:                  {pulsed:.4f}, reference 0.3542")
wrong = abs(endless - 0.20787958).max() > 1e-7 or abs(window - 0.210494) > 1e-5
if wrong or abs(pulsed - 0.3542) > 6e-5:
    raise SystemExit("The numbers differ from the reference.")

figure, axes = plt.subplots(figsize=(5.0, 3.6), layout="constrained")
leaks = leaks[1:]
finite = survival(linear, leaks, window=(-20, 20), readout="diabatic")
double = survival(lz.DoublePassage(rate=RATE, turning_point=14.0), leaks, window=(-54, 54))
cubic = survival(lz.PowerLaw(0.3, exponent=3), leaks, window=(-20, 20))
pulses = survival(linear, pulse * leaks, window=(-40, 40))
axes.plot(leaks, double, "C3^-", ms=4, lw=0.5, label="double passage")
axes.plot(leaks, pulses, "C2D-", ms=4, lw=0.5, label="pulsed leak")
axes.plot(leaks, finite, "C1s", ms=4, label="linear, from $-20$ to 20")
theory = lz.theory.leaky_survival(rate=RATE, gap=GAP, leak=leaks[leaks > 1], time=20.0)
axes.plot(leaks[leaks > 1], theory, "C1", lw=1)
axes.plot(leaks, endless[1:], "C0o", ms=4, label="linear, endless")
axes.axhline(lz.theory.landau_zener(rate=RATE, gap=GAP), color="C0", lw=1)
axes.plot(leaks, cubic, "C4v-", ms=4, lw=0.5, label="cubic sweep")
axes.set(xscale="log", ylim=(0, 1))
axes.set(xlabel=r"rate of the leak $\Gamma/\sqrt{\alpha}$", ylabel="survival of the other level")
axes.legend(fontsize="small")
figure.savefig("leaky_level.png", dpi=200)
