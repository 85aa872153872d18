"""
A measured interference trace, and the device behind it
=======================================================

Sixteen Rydberg atoms, each a copy of one qubit, are driven through their avoided crossing every
0.2 µs: the bias is the detuning, the gap the Rabi frequency. The passages interfere. The fit has a
scale for each programmed waveform, a static detuning, and both errors of the read-out.

The counts are of Aquila, published by QuEra Computing (J. Wurtz et al., arXiv:2306.11727, on the
machine). Without them the script simulates such a device. Neighbouring residuals of the measured
trace go together: it is the model that lacks something, or the device that drifted.
"""

import matplotlib.pyplot as plt
import numpy as np

import lzopen as lz

TRUTH = {"gap.factor": 1.0168, "sweep.scaled.factor": 0.9882, "sweep.constant.value": 1.501}
READOUT = {"readout.p01": 0.0379, "readout.p10": 0.0768}

try:
    data, source = lz.datasets.aquila_lzs(), "measured"
    run_time, end = data.run_time.values, data.duration.values
    detuning = lz.Tabulated(data.detuning_times.values, data.detuning.values)
    rabi = lz.Tabulated(data.rabi_times.values, data.rabi.values)
    atoms, found = (data[name].sum("shot").values for name in ("prepared", "detected"))
except lz.datasets.DatasetUnavailable:
    source, run_time, atoms = "simulated", np.linspace(0.05, 3.0, 101), np.full(101, 800)
    end, detuning, rabi = run_time, lz.Sinusoidal(15.0, omega=15.0), lz.Constant(15.0)
device = lz.TwoLevel(sweep=1.0 * detuning + lz.Constant(0.0), gap=1.0 * rabi)


def excited(qubit):
    """Population of the Rydberg state, which is level 1, at the end of each run."""
    P = lz.transition_matrix(qubit, window=(0.0, end), readout="diabatic").probability
    return P.sel(initial=0, final=1).values


if source == "simulated":
    chance = lz.Confusion(*READOUT.values())(excited(device.with_parameters(TRUTH)))
    found = np.random.default_rng(1).binomial(atoms, chance)
how = {"free": [*TRUTH, *READOUT], "readout": lz.Confusion(p01=0.02, p10=0.05)}
counts = {"signal": found / atoms, "shots": atoms}
fit = lz.fit_trace(run_time, **counts, model=device, window=(0.0, end), **how)

# Check values: those of the measured trace, which are the truth of the simulated one
chi, allowed = (1.683, 0.05) if source == "measured" else (1.0, 4)
values = {**fit.parameters, "χ²/dof": fit.reduced}
errors = {**fit.errors, "χ²/dof": np.sqrt(2 / fit.dof)}
for name, reference in {**TRUTH, **READOUT, "χ²/dof": chi}.items():
    print(f"{name:20} {values[name]:.4f} ± {errors[name]:.4f}, reference {reference}")
    if not abs(values[name] - reference) < allowed * errors[name]:
        raise SystemExit("The numbers differ from the reference.")

figure, (top, bottom) = plt.subplots(2, sharex=True, height_ratios=[3, 1], layout="constrained")
top.plot(run_time, excited(device), "C0--", lw=0.8, label="as programmed, no errors")
lz.plotting.fit(fit, top, name="", signal="Rydberg fraction", heading="Qubit:", source=source)
bottom.plot(run_time, fit.dataset.residual, ".", ms=4, color="0.35")
bottom.axhline(0, color="C1", lw=1)
bottom.set(xlabel="run time (µs)", ylabel="residual / error", ylim=(-5, 5))
figure.savefig("measured_device.png", dpi=200)
