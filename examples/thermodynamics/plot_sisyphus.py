"""
Sisyphus cooling and heating
============================

A slow oscillator swings the energy of a qubit, and microwaves excite it where they are resonant.
If that is low in the swing, the excited qubit is carried uphill and relaxes at the top, again and
again: it cools the oscillator. On the other side of the resonance it heats. Both are strongest if
the swing is about as slow as relaxation: M. Grajcar et al., Nature Phys. 4, 612 (2008).

In the frame of the microwaves the bias is the detuning δ and the gap is the Rabi frequency; here
the jump between fixed levels is right. A small swing A cos ωt takes the work
−πA² (dn/dδ) ωτ/(1 + ω²τ²) a period, if the excited population n lags by the time τ (lines).
"""

import warnings

import matplotlib.pyplot as plt
import numpy as np

import lzopen as lz

T2 = 1 / 40.5  # T1 = 1; the Rabi frequency (T1 T2)^(−½) saturates half of the qubit in resonance
qubit = lz.TwoLevel(sweep=lz.Sinusoidal(amplitude=1.0, omega=1.0), gap=T2**-0.5)
qubit = qubit.with_environment(lz.Decay(rate=1.0, source=0, target=1), lz.Dephasing(rate=40.0))


def period(**grid):
    """Work and heat of a period."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", lz.LzopenWarning)  # a rotating frame has no temperature
        run = lz.steady_energetics(qubit, **grid)
    return run.power * 2 * np.pi / run.omega, run.noise_power * 2 * np.pi / run.omega


def small_swing(x, omega):
    """Work over πA²T2, from n = ½/(2 + x²) at x = δT2."""
    tau = (1 + x**2) / (2 + x**2)
    return x / (2 + x**2) ** 2 * omega * tau / (1 + (omega * tau) ** 2)


swings, omega = np.array([0.2, 2.0]) / T2, np.append(1.0, np.geomspace(0.2, 10, 7))
work, heat = period(amplitude=swings, bias=[0.6 / T2], omega=omega)

# Check values for ω = 1/T1: the first law, and an integrator of the Bloch equations
for W, Q, reference in zip(work[:, 0, 0], heat[:, 0, 0], (0.241436, 6.651303), strict=True):
    print(f"work {W:.6f}, heat {Q:.6f}, reference ±{reference:.6f}")
    if np.ptp([W, -Q, reference]) > 2e-6:
        raise SystemExit("The numbers differ from the reference.")

figure, (left, right) = plt.subplots(1, 2, figsize=(7.2, 3.3), layout="constrained")
x, fine = np.linspace(-6, 6, 33), np.geomspace(0.2, 10, 100)
relative = work[:, 0, 1:] / (np.pi * swings[:, None] ** 2 * T2)
for A, along, style in zip(swings, relative, ("C0o", "C1s"), strict=True):
    across = period(amplitude=[A], bias=x / T2, omega=[1.0])[0].squeeze() / (np.pi * A**2 * T2)
    left.plot(x, across, style, ms=4)
    right.plot(omega[1:], along, style, ms=4, label=rf"$A T_2 = {A * T2:g}$")
left.plot(x, small_swing(x, 1.0), "k", lw=1)
left.set(xlabel=r"detuning $\delta T_2$, at $\omega T_1 = 1$", ylabel=r"work $W/\pi A^2 T_2$")
right.plot(fine, small_swing(0.6, fine), "k", lw=1, label="small swing")
right.set(xscale="log", xlabel=r"frequency of the swing $\omega T_1$, at $\delta T_2 = 0.6$")
right.legend(fontsize="small")
figure.savefig("sisyphus.png", dpi=200)
