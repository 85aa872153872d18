"""
Where a sum of resonances exceeds one
=====================================

The steady state of a strongly driven qubit is often written as a sum of Lorentzians, one for each
number of quanta: S. N. Shevchenko, S. Ashhab, F. Nori, Phys. Rep. 492, 1 (2010). Each of them
saturates at ½ by itself. If dephasing makes the resonances overlap while relaxation is slow, their
sum exceeds ½ and even one, which no population can do.

What does add up are the rates, D. M. Berns et al., Phys. Rev. Lett. 97, 150502 (2006): put into one
rate equation they agree with the master equation at any T2.
"""

import warnings

import matplotlib.pyplot as plt
import numpy as np

import lzopen as lz

GAP, T1 = 0.05, 2e5  # in units of ω, and of 1/ω
T2 = np.geomspace(0.3, 1e4, 151)
drive = lz.Sinusoidal(amplitude=12.0, omega=1.0, bias=5.3)
qubit = lz.TwoLevel(sweep=drive, gap=GAP, environments=[lz.Decay(1 / T1, source=0, target=1)])
noisy = qubit.with_environment(lz.Dephasing(1.0))


def steady(T2):
    """Population of the upper level by the master equation."""
    axis = {"dephasing.rate": 1 / np.asarray(T2) - 1 / (2 * T1)}
    return lz.interferogram(noisy, over=axis).population.sel(level=0).values


def forms(T2):
    """The same by one rate equation, and as a sum of Lorentzians."""
    known = {"amplitude": 12.0, "omega": 1.0, "bias": 5.3, "gap": GAP, "relaxation_rate": 1 / T1}
    with warnings.catch_warnings():  # lzopen warns of what is shown here
        warnings.simplefilter("ignore", lz.LzopenWarning)
        each = lz.theory.fast_passage, lz.theory.fast_passage_sum
        return [form(**known, coherence_rate=1 / np.asarray(T2)) for form in each]


# Check values at T2 = 1/ω: Bloch's equations by Runge–Kutta steps, and the sum done elsewhere
found, total = steady([1.0]).item(), forms(1.0)[1]
print(f"master equation: {found:.7f}, reference 0.4890288")
print(f"sum of Lorentzians: {total:.3f}, reference 4.436")
if abs(found - 0.4890288) > 1e-7 or abs(total - 4.436) > 5e-4:
    raise SystemExit("The numbers differ from the reference.")

figure, axes = plt.subplots(figsize=(5.0, 3.6), layout="constrained")
rate, total = forms(T2)
axes.axhspan(0.5, 20, color="0.93")
axes.text(7e3, 6, "above saturation", ha="right", color="0.3")
axes.loglog(T2, total, "C1", label="sum of Lorentzians")
axes.loglog(T2, rate, "C0", label="sum of rates")
axes.loglog(T2[::6], steady(T2[::6]), "C3.", label="master equation")
axes.set(xlim=T2[[0, -1]], ylim=(5e-3, 20))
axes.set(xlabel=r"coherence time $\omega T_2$", ylabel="population of the upper level")
axes.legend(loc="lower left", fontsize="small")
figure.savefig("overlapping_resonances.png", dpi=200)
