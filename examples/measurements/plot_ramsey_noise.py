"""
A measured Ramsey decay, and the noise behind it
================================================

Fringes decay as e^(−σ²t²/2) under a detuning that stands still during a shot and has the standard
deviation σ from shot to shot. With sixteen atoms in each shot it also shows whose noise it is: what
is common to them, as the frequency of a laser, makes the atoms of a shot agree. Bottom: how much
more often two atoms of one shot are both excited than two of different shots. Top: what follows.

The counts are of Aquila, published by QuEra Computing (J. Wurtz et al., arXiv:2306.11727, on the
machine). Without them the script simulates such noise.
"""

import matplotlib.pyplot as plt
import numpy as np
from scipy.optimize import curve_fit

import lzopen as lz

try:
    data, source, allowed = lz.datasets.aquila_ramsey(), "measured", 0.05
    pause, found, atoms = (data[name].values for name in ("run_time", "detected", "prepared"))
except lz.datasets.DatasetUnavailable:
    source, allowed, pause = "simulated", 4, np.linspace(0.05, 3.0, 101)
    rng, atoms = np.random.default_rng(1), np.full((101, 100), 16)
    detuning = 0.298 * rng.normal(size=(101, 100, 1)) + 0.321 * rng.normal(size=(101, 100, 16))
    phase = 0.36 + (10.864 + detuning) * (pause + 0.1755)[:, None, None]
    found = (rng.random(phase.shape) < 0.468 + 0.459 * np.cos(phase)).sum(axis=-1)
t, groups = pause + 0.1755, np.tile(np.arange(100), pause.size)  # µs, between centres of the pulses
counts = {"signal": (found / atoms).ravel(), "shots": atoms.ravel(), "groups": groups}
decay = lz.fit_decay(np.repeat(t, 100), envelope="gaussian", **counts)
A, omega, phase, T = map(decay.parameters.get, ("amplitude", "omega", "phase", "T"))

# Chance that two atoms are both excited: pairs of one shot, and of different shots
same = [(n * (n - 1)).sum(axis=1) for n in (found, atoms)]
apart = [n.sum(axis=1) ** 2 - (n**2).sum(axis=1) for n in (found, atoms)]
excess = same[0] / same[1] - apart[0] / apart[1]


def agreement(t, sigma, share):
    """Covariance of two atoms of a shot: cosines averaged over common and single detunings."""
    common, single = np.exp(-np.multiply.outer([share, 1 - share], (sigma * t) ** 2))
    return A**2 / 2 * single * (1 - common) * (1 - common * np.cos(2 * (omega * t + phase)))


pairs, covariance = curve_fit(agreement, t, excess, p0=[0.4, 0.5], bounds=(0, 1))

# Check values: σ of decay and pairs, and the common share, as measured; the simulated noise is such
values = [np.sqrt(2) / T, *pairs]
errors = [np.sqrt(2) / T**2 * decay.errors["T"], *np.sqrt(np.diag(covariance))]
for value, error, reference in zip(values, errors, (0.4353, 0.4380, 0.4625), strict=True):
    print(f"{value:.4f} ± {error:.4f}, reference {reference}")
    if not abs(value - reference) < allowed * error:
        raise SystemExit("The numbers differ from the reference.")

figure, (top, bottom) = plt.subplots(2, figsize=(5.0, 4.2), sharex=True, layout="constrained")
fringe = A * lz.QuasiStatic(pairs[0]).coherence(t) * np.cos(omega * t + phase)
top.plot(t, decay.dataset.signal, ".", ms=4, color="0.35", label=source)
top.plot(t, decay.parameters["offset"] + fringe, "C1", lw=1, label="σ of pairs")
top.set(ylabel="Rydberg fraction", ylim=(0, 1.16))
top.legend(loc="upper right", fontsize="small", ncols=2, frameon=False)
bottom.plot(t, excess, ".", ms=4, color="0.35")
bottom.plot(t, agreement(t, *pairs), "C1", lw=1)
bottom.set(xlabel="time between pulse centres (µs)", ylabel="excess of pairs")
figure.savefig("ramsey_noise.png", dpi=200)
