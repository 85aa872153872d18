"""
A valley in which gap and T1 hide
=================================

A drive that is fast beside the gap flips a qubit at a rate W ∝ Δ², and relaxation brings it back.
The population of the steady state, W T1/(1 + 2W T1), knows Δ²T1 and neither factor: whoever fits
gap and T1 to one steady map (left) stands in a valley. A second map, of a train that ends after
0.3 T1, grows with W itself and closes the valley (right).

Both maps are simulated, with 100 trials at each pixel. Colours are the deviance above its minimum,
2.3 at one standard deviation of two numbers, with the width 1/T2 of the resonances held fixed; the
fits leave it free. D. M. Berns et al., Phys. Rev. Lett. 97, 150502 (2006).
"""

import matplotlib.pyplot as plt
import numpy as np
import xarray as xr
from scipy.special import xlogy

import lzopen as lz

GAP, T1, T2 = 0.05, 800.0, 10.0  # ω = 1
TRIALS, PERIODS = 100, 38
pixels = {"amplitude": np.linspace(1, 6, 6), "bias": np.linspace(0, 5, 16)}


def device(gap, T1, amplitude=1.0, bias=0.0):
    """The qubit, which decays from level 1 to level 0."""
    qubit = lz.TwoLevel(sweep=lz.Sinusoidal(amplitude, 1.0, bias=bias), gap=gap)
    dephasing = lz.Dephasing(1 / T2 - 1 / (2 * T1))
    return qubit.with_environment(dephasing, lz.Decay(1 / T1, source=1, target=0))


def chance(gap, T1, **train):
    """Population of level 1 at each pixel."""
    qubits = device(gap, T1, pixels["amplitude"][:, None], pixels["bias"])
    return lz.interferogram(qubits, **train, tol=1e-3).population.sel(level=1).values


# A grid that follows the valley and is finest at the truth
steps = np.linspace(-1, 1, 19) ** 3
gap, product = GAP * np.exp(1.2 * steps[:, None]), GAP**2 * T1 * np.exp(2.5 * steps)
rng, maps, deviance = np.random.default_rng(3), [], []
for how in ({}, {"periods": PERIODS, "initial": 0}):
    k = rng.binomial(TRIALS, chance(GAP, T1, **how)) / TRIALS
    maps.append(xr.Dataset({"signal": (tuple(pixels), k), "shots": TRIALS}, pixels))
    P = chance(gap[..., None, None], (product / gap**2)[..., None, None], **how)
    surprise = xlogy(k, k / P) + xlogy(1 - k, (1 - k) / (1 - P))
    deviance.append(2 * TRIALS * surprise.sum(axis=(2, 3)))

how = {"model": device(GAP, T1), "free": ["gap", "dephasing.rate", "decay.rate"], "starts": [{}]}
alone = lz.fit_interferogram(maps[0], **how)
train = lz.Pulsed(2 * np.pi * PERIODS, initial=0)
both = lz.fit_interferogram(maps, protocol=[lz.Steady(), train], **how)

# Check values: the truth, and a gap that the steady map leaves open by a factor of ten
tied = alone.dataset.sel(combination="decay.rate / gap^2")
rows = [("1/Δ²T1, steady", tied.combination_value, tied.combination_error, 1 / (GAP**2 * T1))]
for name, reference in {"gap": GAP, "decay.rate": 1 / T1}.items():
    rows.append((f"{name}, both", both.parameters[name], both.errors[name], reference))
low, high = alone.limits["gap"]
print(f"gap, steady      {low:.2g} to {high:.2g}")
for name, value, error, reference in rows:
    print(f"{name:16} {value:.5f} ± {error:.5f}, reference {reference:.5f}")
    if high < 10 * low or not abs(value - reference) < 3.5 * error < 0.35 * reference:
        raise SystemExit("The numbers differ from the reference.")

figure, axes = plt.subplots(1, 2, figsize=(7.2, 3.3), sharey=True, layout="constrained")
names, levels = ["steady map", "steady map and train"], [0, 2.3, 6.2, 11.8, 30, 100]
colours = plt.get_cmap("Blues_r")(np.linspace(0.1, 1, len(levels)))
for axis, name, found in zip(axes, names, (deviance[0], sum(deviance)), strict=True):
    grid = np.broadcast_to(gap, found.shape), product / gap**2
    image = axis.contourf(*grid, found - found.min(), levels, colors=colours, extend="max")
    axis.set_facecolor(colours[-1])
    axis.plot(gap, GAP**2 * T1 / gap**2, "C1--", lw=1, label=r"$\Delta^2T_1$ = const")
    axis.plot(GAP, T1, "C3*", ms=5, label="truth")
    axis.set(xscale="log", yscale="log", ylim=(60, 1e4), xlabel=r"gap $\Delta/\omega$")
    axis.set_xticks([0.02, 0.05, 0.1], labels=["0.02", "0.05", "0.1"], minor=False)
    axis.set_title(name, fontsize="medium")
    axis.minorticks_off()
axes[0].set_ylabel(r"relaxation time $\omega T_1$")
axes[1].legend(fontsize="small")
figure.colorbar(image, label="deviance above its minimum", format="%g")
figure.savefig("saturation_valley.png", dpi=200)
