"""
A measured Ramsey decay, and the noise behind it
================================================

Fringes decay as e^(−σ²t²/2) under a detuning that stands still during a shot and has the standard
deviation σ from shot to shot. With sixteen atoms in each shot it also shows whose noise it is: what
is common to them, as the frequency of a laser, makes the atoms of a shot agree, and what each has
for itself, as its velocity, does not. Bottom: how much more often two atoms of one shot are both
found excited than two of different shots. Top: the decay that the σ of these pairs leads to.

The counts are of Aquila, published by QuEra Computing (J. Wurtz et al., arXiv:2306.11727, on the
machine). Without them the script simulates such noise. Against the pause between both pulses the
exponent is 1.8 and not 2: atoms dephase while a pulse lasts, and t runs between the centres.
"""

import matplotlib.pyplot as plt
import numpy as np
from scipy.optimize import curve_fit

import lzopen as lz

PULSE, KNOWN = 0.1755, [3.1331, 1.7876, 0.4353, 0.4380, 0.4625]
try:
    data, source = lz.datasets.aquila_ramsey(), "measured"
    pause, found, atoms = (data[name].values for name in ("run_time", "detected", "prepared"))
except lz.datasets.DatasetUnavailable:
    source, pause, rng = "simulated", np.linspace(0.05, 3.0, 101), np.random.default_rng(1)
    detuning = 0.298 * rng.normal(size=(101, 100, 1)) + 0.321 * rng.normal(size=(101, 100, 16))
    phase = 0.36 + (10.864 + detuning) * (pause + PULSE)[:, None, None]
    found = (rng.random(phase.shape) < 0.468 + 0.459 * np.cos(phase)).sum(axis=-1)
    atoms = np.full(found.shape, 16)

counts = {"signal": (found / atoms).ravel(), "shots": atoms.ravel()}
counts["groups"] = np.tile(np.arange(100), pause.size)
between = lz.fit_decay(np.repeat(pause, 100), **counts)
t = pause + PULSE
decay = lz.fit_decay(np.repeat(t, 100), envelope="gaussian", **counts)
A, omega, phase, offset = map(decay.parameters.get, ("amplitude", "omega", "phase", "offset"))

# Chance that two atoms are both excited: pairs of one shot, and of different shots
same = [(n * (n - 1)).sum(axis=1) for n in (found, atoms)]
apart = [n.sum(axis=1) ** 2 - (n**2).sum(axis=1) for n in (found, atoms)]
excess = same[0] / same[1] - apart[0] / apart[1]


def agreement(t, sigma, share):
    """Covariance of two atoms of a shot: cosines averaged over common and single detunings."""
    parts = [lz.QuasiStatic(sigma * np.sqrt(part)) for part in (share, 1 - share)]
    common, single = (part.coherence(t) ** 2 for part in parts)
    return A**2 / 2 * single * (1 - common) * (1 - common * np.cos(2 * (omega * t + phase)))


pairs, covariance = curve_fit(agreement, t, excess, p0=[0.4, 0.5], bounds=(0, 1))
noise = lz.QuasiStatic(pairs[0])

# Check values: those of the measured decay, whose noise the simulated one has
gaussian = np.sqrt(2) / decay.parameters["T"]
rows = [(name, between.parameters[name], between.errors[name]) for name in ("T", "exponent")]
rows.append(("σ of the decay", gaussian, gaussian * decay.errors["T"] / decay.parameters["T"]))
rows += zip(["σ of the pairs", "common share"], pairs, np.sqrt(np.diag(covariance)), strict=True)
for (name, value, error), reference in zip(rows, KNOWN, strict=True):
    print(f"{name:15} {value:.4f} ± {error:.4f}, reference {reference}")
    if not abs(value - reference) < (0.05 if source == "measured" else 4) * error:
        raise SystemExit("The numbers differ from the reference.")

figure, (top, bottom) = plt.subplots(
    2, figsize=(5.0, 4.2), sharex=True, height_ratios=[3, 2], layout="constrained"
)
fine = np.linspace(t[0], t[-1], 600)
envelope = A * noise.coherence(fine)
top.plot(t, decay.dataset.signal, ".", ms=4, color="0.35", label=source)
top.plot(fine, offset + envelope * np.cos(omega * fine + phase), "C1", lw=1, label="σ of pairs")
top.plot(fine, offset + np.multiply.outer([1, -1], envelope).T, "C1--", lw=0.8)
top.set_title(f"Ramsey decay, {source}: σ = {pairs[0]:.2f} rad/µs", fontsize="medium")
top.set(ylabel="Rydberg fraction", ylim=(0, 1.16))
top.legend(loc="upper right", fontsize="small", ncols=2, frameon=False)
bottom.plot(t, excess, ".", ms=4, color="0.35")
bottom.plot(fine, agreement(fine, *pairs), "C1", lw=1, label=f"{pairs[1]:.0%} of σ² common")
bottom.set(xlabel="time between pulse centres (µs)", ylabel="excess of pairs")
bottom.legend(loc="upper left", fontsize="small", frameon=False)
figure.savefig("ramsey_noise.png", dpi=200)
