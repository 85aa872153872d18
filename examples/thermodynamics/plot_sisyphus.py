"""
Sisyphus cooling and heating
============================

A slow oscillator swings the energy of a qubit, and microwaves excite it where they are resonant.
If that is low in the swing, the excited qubit is carried uphill and relaxes at the top, again and
again: it takes energy from the oscillator and cools it. On the other side of the resonance it
heats. Both are strongest if the swing is about as slow as relaxation: M. Grajcar et al., Nature
Phys. 4, 612 (2008).

In the frame of the microwaves the bias is the detuning δ and the gap is the Rabi frequency; here
the jump between fixed levels is right. A small swing A cos ωt takes the work
−πA² (dn/dδ) ωτ/(1 + ω²τ²) a period, if the excited population n lags by the time τ (lines).
"""

import warnings

import matplotlib.pyplot as plt
import numpy as np

import lzopen as lz

T2 = 1 / 40.5  # T1 = 1; the Rabi frequency (T1 T2)^(−½) saturates half of the qubit in resonance
decay, dephasing = lz.Decay(rate=1.0, source=0, target=1), lz.Dephasing(rate=40.0)
sweep = lz.Sinusoidal(amplitude=1.0, omega=1.0)
qubit = lz.TwoLevel(sweep=sweep, gap=T2**-0.5).with_environment(decay, dephasing)


def work(amplitude, bias):
    """∮ n dδ over a period for ω = 1, from the populations."""
    phases = np.arange(32) * np.pi / 16
    grid = {"amplitude": amplitude, "bias": bias}
    n = [lz.interferogram(qubit, **grid, at=t).population.sel(level=0).values for t in phases]
    return -amplitude[:, None] * np.tensordot(np.sin(phases), n, 1) * np.pi / 16


def settled(amplitude, bias, omega):
    """Work and heat of a period."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", lz.LzopenWarning)  # a rotating frame has no temperature
        run = lz.steady_energetics(qubit, amplitude=[amplitude], bias=bias, omega=[omega])
    return 2 * np.pi / omega * np.array([run.power.values.ravel(), run.noise_power.values.ravel()])


# Check values at δ = 0.6/T2: populations, the first law, and an integrator of the Bloch equations
swings = np.array([0.2, 2.0]) / T2
for A, W, reference in zip(
    swings, work(swings, [0.6 / T2])[:, 0], (0.241436, 6.651303), strict=True
):
    power, heat = settled(A, [0.6 / T2], 1.0)[:, 0]
    print(f"work {W:.6f} = {power:.6f}, heat {heat:.6f}, reference ±{reference:.6f}")
    if np.ptp([W, power, -heat, reference]) > 2e-6:
        raise SystemExit("The numbers differ from the reference.")

figure, (left, right) = plt.subplots(1, 2, figsize=(7.2, 3.3), layout="constrained")
bias, amplitude = np.linspace(-6, 6, 61), np.linspace(0, 6, 41)
W = work(amplitude / T2, bias / T2) * T2
image = left.pcolormesh(bias, amplitude, W, cmap="RdBu", vmin=-1.2, vmax=1.2, rasterized=True)
left.set(xlabel=r"detuning $\delta T_2$", ylabel="swing $A T_2$", xticks=range(-6, 7, 3))
left.set_title(r"$\omega = 1/T_1$", fontsize="medium")
figure.colorbar(image, label=r"work a period $W T_2/\hbar$", ax=left)
omega, fine = np.geomspace(0.2, 10, 7), np.geomspace(0.2, 10, 100)
tau = (1 + 0.6**2) / (2 + 0.6**2)
lag = 0.6 / (2 + 0.6**2) ** 2 * fine * tau / (1 + (fine * tau) ** 2)
for sign, color, name in ((1, "C0", "cools"), (-1, "C3", "heats")):
    right.plot(fine, sign * lag, color, lw=1)
    right.text(0.22, sign * 0.045, name, color=color, va="center")
    for A, style in zip(swings, "os", strict=True):
        found = [settled(A, [sign * 0.6 / T2], w)[0, 0] / (np.pi * A**2 * T2) for w in omega]
        label = rf"$A T_2 = {A * T2:g}$" if sign > 0 else None
        right.plot(omega, found, color + style, ms=4, label=label)
right.set(xscale="log", xlabel=r"frequency of the swing $\omega T_1$", ylabel=r"$W/\pi A^2 T_2$")
right.set_xticks([0.2, 0.5, 1, 2, 5, 10], labels=["0.2", "0.5", "1", "2", "5", "10"])
right.minorticks_off()
right.set_ylim(-0.065, 0.075)
right.set_title(r"$\delta = \pm 0.6/T_2$", fontsize="medium")
right.legend(fontsize="small", loc="upper right", ncols=2)
figure.savefig("sisyphus.png", dpi=200)
