"""
What is an echo, and what is not
================================

Three ways to do something sudden at the turning point of a double passage, and what a static
detuning makes of them. A π pulse refocuses the phase between the passages: the flip probability is
(1−2P)², with a detuning too, up to the kick of order Δ/ε_max of its step. A jump of the bias from
ε_max to −ε_max gives 4P(1−P) without a phase, but only at zero detuning: it refocuses the phase of
the control, and not that of noise.

The third, an inverted coupling, is at times called an echo and refocuses nothing: it turns bright
fringes into dark ones. Formulas of the passages: S. N. Shevchenko, S. Ashhab, F. Nori, Phys. Rep.
492, 1 (2010).
"""

import matplotlib.pyplot as plt
import numpy as np

import lzopen as lz

GAP = 2 * np.sqrt(0.11)  # P = 1/2, almost
passage = lz.DoublePassage(rate=1.0, turning_point=20.0)


def flipped(protocol, detuning, **options):
    """Probability to flip, integrated."""
    bias, gap = passage + lz.Constant(detuning), GAP
    if protocol == "π pulse":  # a frame that follows it sees the bias inverted, levels exchanged
        bias = bias.then(-bias, at=0.0)
    elif protocol == "jump":
        bias = passage.then(-passage, at=0.0) + lz.Constant(detuning)
    elif protocol == "inverted coupling":
        gap = lz.SignFlip(gap=GAP, at=0.0)
    P = lz.transition_matrix(lz.TwoLevel(sweep=bias, gap=gap), **options).probability
    return P[..., int(protocol != "π pulse"), 0].values


# Check values at a detuning of 0.1, diabatic levels in a finite window: exact propagators
for protocol, end, reference in [("π pulse", 320.0, 1 - 0.99935), ("jump", 40.0, 0.1535)]:
    found = flipped(protocol, 0.1, window=(-end, end), readout="diabatic").item()
    print(f"{protocol}: flipped {found:.5f}, reference {reference:.5f}")
    if abs(found - reference) > (5e-6 if protocol == "π pulse" else 5e-5):  # its last digit
        raise SystemExit("The numbers differ from the reference.")

detuning = np.linspace(-0.2, 0.2, 161)
bright = 4 * (P := lz.theory.landau_zener(rate=1.0, gap=GAP)) * (1 - P)
zeta = lz.theory.dynamic_phase(rate=1.0, gap=GAP, turning_point=20 + detuning)
angle = zeta / 2 + lz.theory.stokes_phase(rate=1.0, gap=GAP)
panels = [
    {"π pulse": np.full(161, (1 - 2 * P) ** 2), "jump": bright * np.cos(20 * detuning) ** 2},
    {"plain": bright * np.sin(angle) ** 2, "inverted coupling": bright * np.cos(angle) ** 2},
]
figure, rows = plt.subplots(2, sharex=True, figsize=(5.0, 4.4), layout="constrained")
for axes, panel in zip(rows, panels, strict=True):
    for color, (protocol, formula) in zip(["C0", "C3"], panel.items(), strict=True):
        axes.plot(detuning, formula, color, lw=1, label=protocol)
        axes.plot(detuning[::2], flipped(protocol, detuning[::2]), color, marker=".", ls="", ms=4)
    axes.set(xlim=(-0.2, 0.2), ylim=(-0.03, 1.03), ylabel="flip probability")
    axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2, frameon=False)
rows[1].set_xlabel(r"static detuning $/\sqrt{\alpha}$  (dots integrated, lines theory)")
figure.savefig("echoes.png", dpi=200)
