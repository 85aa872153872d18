"""
A device from one interferogram
===============================

A microwave drives a qubit while its frequency is modulated, which makes fringes over the depth of
the modulation and the detuning. In the frame of the microwave the detuning is the bias, the Rabi
frequency the gap, and the qubit decays to level 0 on either side of the resonance; M. P. Silveri et
al., Rep. Prog. Phys. 80, 056002 (2017).

The map is simulated, with 1000 trials at each pixel, over voltages. The fit is told lever arms that
are off by a third and a fifth, and nothing of the zero: it starts from the mirror symmetry of the
map, the distance ω of its sidebands, and a few templates. All eight numbers are fitted at once.
"""

import matplotlib.pyplot as plt
import numpy as np
import xarray as xr

import lzopen as lz

TRUTH = {"gap": 20.0, "dephasing.rate": 4.0, "decay.rate": 2.5}  # rad/µs, 1/µs
KNOBS = {"amplitude.lever_arm": 300.0, "bias.lever_arm": 150.0, "bias.zero": 0.3}  # rad/µs/V, V
READOUT = {"readout.offset": 0.05, "readout.contrast": 0.85}

qubit = lz.TwoLevel(sweep=lz.Sinusoidal(amplitude=1.0, omega=40.0), gap=10.0)
start = qubit.with_environment(lz.Dephasing(8.0), lz.Decay(5.0, source=1, target=0))

modulation, flux = np.linspace(0.0, 1.0, 31), np.linspace(-2.0, 2.0, 81)
device = start.with_parameters(TRUTH)
fringes = lz.interferogram(device, amplitude=300 * modulation, bias=150 * (flux - 0.3))
chance = 0.05 + 0.85 * fringes.population.sel(level=1)
found = np.random.default_rng(1).binomial(1000, chance)
volts = {"amplitude": modulation, "bias": flux}
measured = xr.Dataset({"signal": (tuple(volts), found / 1000), "shots": 1000}, volts)

fit = lz.fit_interferogram(
    measured,
    model=start,
    lines={"amplitude": lz.Line(200.0, unit="V"), "bias": lz.Line(120.0, unit="V")},
    free=[*TRUTH, *KNOBS, *READOUT],
)

# Check values: the truth
values = {**fit.parameters, "χ²/dof": fit.reduced}
errors = {**fit.errors, "χ²/dof": np.sqrt(2 / fit.dof)}
for name, reference in {**TRUTH, **KNOBS, **READOUT, "χ²/dof": 1.0}.items():
    print(f"{name:20} {values[name]:8.4f} ± {errors[name]:.4f}, reference {reference}")
    if not abs(values[name] - reference) < 3.5 * errors[name]:
        raise SystemExit("The numbers differ from the reference.")

figure, axes = plt.subplots(1, 3, figsize=(7.2, 2.8), sharey=True, layout="constrained")
shared = {"vmin": 0, "vmax": fit.dataset.signal.max()}
styles = [shared, shared, {"vmin": -4, "vmax": 4, "cmap": "RdBu_r"}]
for axis, name, style in zip(axes, ("signal", "model", "residual"), styles, strict=True):
    image = axis.pcolormesh(flux, modulation, fit.dataset[name], rasterized=True, **style)
    axis.set_title(name, fontsize="medium")
    axis.set_xlabel("flux bias (V)")
    if name != "signal":
        figure.colorbar(image, ax=axis, label="signal" if name == "model" else "residual / error")
axes[0].set_ylabel("modulation (V)")
figure.savefig("fitted_interferogram.png", dpi=200)
