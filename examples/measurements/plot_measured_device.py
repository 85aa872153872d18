"""
A measured interference trace, and the device behind it
=======================================================

Sixteen Rydberg atoms, each a copy of one qubit, are driven through their avoided crossing every
0.2 µs: the bias is the detuning, the gap the Rabi frequency. The passages interfere, and what is
found in the Rydberg state tells what the device did. The fit has a scale for each of the two
programmed waveforms, a static detuning, and both errors of the read-out.

The counts are of Aquila, published by QuEra Computing (J. Wurtz et al., arXiv:2306.11727, on the
machine). Without them the script simulates the same device. Neighbouring residuals of the measured
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
except lz.datasets.DatasetUnavailable:
    source, run_time, clock = "simulated", np.linspace(0.05, 3.0, 101), np.arange(0, 3.2, 0.05)
    end = run_time + 0.12
    detuning = lz.Tabulated(clock, 15 * np.sin(15 * clock))
    ramps = np.stack([0 * end, 0 * end + 0.06, end - 0.06, end], axis=-1)
    rabi = lz.Tabulated(ramps, np.broadcast_to([0.0, 15.0, 15.0, 0.0], ramps.shape))
device = lz.TwoLevel(sweep=1.0 * detuning + lz.Constant(0.0), gap=1.0 * rabi)


def excited(qubit):
    """Population of the Rydberg state, which is level 1, at the end of each run."""
    P = lz.transition_matrix(qubit, window=(0.0, end), readout="diabatic").probability
    return P.sel(initial=0, final=1).values


if source == "measured":
    atoms, found = (data[name].sum("shot").values for name in ("prepared", "detected"))
else:
    atoms, chance = np.full(end.size, 800), excited(device.with_parameters(TRUTH))
    found = np.random.default_rng(1).binomial(atoms, lz.Confusion(*READOUT.values())(chance))
fit = lz.fit_trace(
    run_time, signal=found / atoms, shots=atoms, model=device, window=(0.0, end),
    free=[*TRUTH, *READOUT], readout=lz.Confusion(p01=0.02, p10=0.05),
)  # fmt: skip

# Check values: those of the measured trace, which are the truth of the simulated one
measured = source == "measured"
rows = [(*row, fit.errors[row[0]]) for row in {**TRUTH, **READOUT}.items()]
rows.append(("χ²/dof", 1.683 if measured else 1.0, np.sqrt(2 / fit.dof)))
for name, reference, error in rows:
    value = fit.parameters.get(name, fit.reduced)
    print(f"{name:20} {value:.4f} ± {error:.4f}, reference {reference}")
    if not abs(value - reference) < (0.05 if measured else 4) * error:
        raise SystemExit("The numbers differ from the reference.")

figure, (top, bottom) = plt.subplots(
    2, figsize=(5.0, 4.0), sharex=True, height_ratios=[3, 1], layout="constrained"
)
top.errorbar(run_time, found / atoms, fit.dataset.sigma, fmt=".", ms=4, lw=0.8, color="0.35")
top.plot(run_time, fit.dataset.model, "C1", lw=1.4, label="fit")
top.plot(run_time, excited(device), "C0--", lw=0.8, label="as programmed, no errors")
top.set_title(f"Driven Rydberg qubit, {source}: χ²/dof = {fit.reduced:.2f}", fontsize="medium")
top.set(ylabel="Rydberg fraction", ylim=(0, 1.16))
top.legend(loc="upper right", fontsize="small", ncols=2, frameon=False)
bottom.plot(run_time, fit.dataset.residual, ".", ms=4, color="0.35")
bottom.axhline(0, color="C1", lw=1)
bottom.set(xlabel="run time (µs)", ylabel="residual / error", ylim=(-5, 5))
figure.savefig("measured_device.png", dpi=200)
