"""
A valley in which gap and T1 hide
=================================

A drive that is fast beside the gap flips a qubit at a rate W ∝ Δ², and relaxation brings it back.
The population of the steady state, W T1/(1 + 2W T1), knows Δ²T1 and neither factor: with any gap a
steady map is fitted equally well, by a T1 that makes up for it. A second map, of a train that ends
after 0.3 T1, grows with W itself and closes this valley.

Both maps are simulated, with 100 trials at each pixel. For each assumed gap T1 is fitted, and the
width 1/T2 of the resonances; D. M. Berns et al., Phys. Rev. Lett. 97, 150502 (2006).
"""

import matplotlib.pyplot as plt
import numpy as np

import lzopen as lz

GAP, T1, T2 = 0.05, 800.0, 10.0  # ω = 1
pixels = {"amplitude": np.linspace(1, 6, 6), "bias": np.linspace(0, 5, 16)}
protocols = [lz.Steady(), lz.Pulsed(2 * np.pi * 38, initial=0)]


def device(gap):
    """A qubit of the valley, which decays from level 1 to level 0."""
    rate = gap**2 / (GAP**2 * T1)
    qubit = lz.TwoLevel(sweep=lz.Sinusoidal(amplitude=1.0, omega=1.0), gap=gap)
    return qubit.with_environment(lz.Dephasing(1 / T2 - rate / 2), lz.Decay(rate, 1, 0))


def fitted(maps, gap, *free):
    how = {"free": [*free, "dephasing.rate", "decay.rate"], "protocol": protocols[: len(maps)]}
    return lz.fit_interferogram(maps, model=device(gap), **how, starts=[{}])


rng, maps = np.random.default_rng(3), []
for how in ({}, {"periods": 38, "initial": 0}):
    chance = lz.interferogram(device(GAP), **pixels, **how, tol=1e-3).population.sel(level=1)
    found = chance.copy(data=rng.binomial(100, chance) / 100)
    maps.append(found.to_dataset(name="signal").assign(shots=100))
gaps = GAP * np.geomspace(1 / 4, 1.3, 12)
fits = [[fitted(some, gap) for gap in gaps] for some in (maps[:1], maps)]
deviance = np.array([[fit.deviance for fit in row] for row in fits])
lost, free = np.ptp(deviance, axis=1), fitted(maps, GAP, "gap")

# Check values: no gap fits the steady map better than another; the truth from both maps
print(f"deviance lost by a wrong gap: {lost[0]:.2f}, reference 0; {lost[1]:.0f} with the train")
for name, reference in {"gap": GAP, "decay.rate": 1 / T1}.items():
    value, error = free.parameters[name], free.errors[name]
    print(f"{name:10} {value:.5f} ± {error:.5f}, reference {reference:.5f}")
    if not abs(value - reference) < 3.5 * error < 0.35 * reference or lost[0] > 0.5:
        raise SystemExit("The numbers differ from the reference.")

figure, (top, bottom) = plt.subplots(2, figsize=(5.0, 4.4), sharex=True, layout="constrained")
for row, style, name in zip(fits, ("C0o", "C1s"), ("steady map", "and train"), strict=True):
    top.plot(gaps, [1 / fit.parameters["decay.rate"] for fit in row], style, ms=4, label=name)
bottom.plot(gaps, deviance.T - deviance.min(axis=1), "o-", ms=4, lw=0.8)
top.plot(gaps, GAP**2 * T1 / gaps**2, "k--", lw=1, label=r"$\Delta^2T_1$ = const")
top.set(yscale="log", ylabel=r"fitted relaxation time $\omega T_1$")
top.legend(fontsize="small")
bottom.set(xlabel="assumed gap Δ/ω", ylabel="excess deviance", yscale="symlog", ylim=(-0.5, 5e3))
figure.savefig("saturation_valley.png", dpi=200)
