"""
A level in a continuum
======================

Left: a level swept through a band of others survives with exp(−∫Γ dE/α). The band need not be
dense for that. Any number of levels gives exactly exp(−2π ΣV²/α), Y. N. Demkov, V. I. Osherov, Sov.
Phys. JETP 26, 916 (1968), so that ten levels in the middle of equal bins are enough. The usual grid
with ends on the edges of the band, at a density N/W, converges slowly.

Right: a level that stands still needs a dense band. It decays with exp(−Γt), U. Fano, Phys. Rev.
124, 1866 (1961), until the levels are back in phase, at 2π times their density, and it revives.
"""

import warnings

import matplotlib.pyplot as plt
import numpy as np

import lzopen as lz


def escape_rate(E):
    """A Lorentzian, in the band from −4 to 4."""
    return 0.3 / (1 + E**2)


def swept(levels, on_edges=False):
    """Survival for α = 1; bins around a grid with ends on the edges are thinned out to N/W."""
    end, part = (4 + 4 / (levels - 1), 1 - 1 / levels) if on_edges else (4, 1)
    band = lz.Band(edges=(-end, end), escape_rate=lambda E: part * escape_rate(E), levels=levels)
    return lz.survival(lz.Continuum(rate=1.0, band=band)).population.item()


band = lz.Band(edges=(-10 - 10 / 399, 10 + 10 / 399), escape_rate=0.5, levels=400)
times = np.linspace(0, 160, 3201)
with warnings.catch_warnings():
    warnings.simplefilter("ignore", lz.LzopenWarning)  # beyond the recurrence: this is the point
    decay = lz.survival(lz.Continuum(sweep=lz.Constant(0.0), band=band), times=times).population

# Check values: products of Landau–Zener factors, the integral, and another integrator
exact = lz.theory.continuum_survival(rate=1.0, escape_rate=escape_rate, edges=(-4, 4))
found = [swept(40, True), swept(40), *decay.sel(time=[5.0, 130.35], method="nearest").values]
references = [0.4588297802, 0.45136, 0.08137, 0.525]
tolerances = [1e-9, 2e-5, 6e-6, 6e-4]  # bins miss 1e-5 of the integral
for value, reference in zip(found, references, strict=True):
    print(f"{value:.10f}, reference {reference}")
if np.any(abs(np.subtract(found, references)) > tolerances):
    raise SystemExit("The numbers differ from the reference.")

figure, (left, right) = plt.subplots(1, 2, figsize=(7.2, 3.3), layout="constrained")
sizes = [3, 4, 6, 8, 12, 16, 24, 40, 70, 120, 200]
for on_edges, style, name in ((False, "C0o", "middle of bins"), (True, "C1s", "ends on the edges")):
    left.plot(sizes, [swept(size, on_edges) for size in sizes], style, ms=4, label=name)
left.axhline(exact, color="k", lw=1, label=r"$\exp(-\int\Gamma\,\mathrm{d}E/\alpha)$")
left.set(xscale="log", xlabel="number of levels", ylabel="survival of the swept level")
left.legend(fontsize="small")
right.plot(times, decay, "C0", lw=1, label="400 levels")
right.plot(times, np.exp(-0.5 * times), "k--", lw=1, label=r"$e^{-\Gamma t}$")
right.axvline(band.recurrence_time, color="C1", lw=1, ls=":", label=r"$2\pi\times$ density")
right.set(xlabel=r"time $t$, $\Gamma = 0.5$", ylabel="population", yscale="log", ylim=(1e-6, 3))
right.legend(fontsize="small", loc=(0.24, 0.36))
figure.savefig("continuum.png", dpi=200)
