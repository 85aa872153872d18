"""
A level in a continuum
======================

Left: a level swept through a band of others survives with exp(−∫Γ dE/α). The band need not be
dense for that. Any number of levels gives exactly exp(−2π ΣV²/α), Y. N. Demkov, V. I. Osherov, Sov.
Phys. JETP 26, 916 (1968), so that ten levels in the middle of equal bins are enough. A grid with
ends on the edges of the band, at a density N/W, is often taken instead; it converges slowly.

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


def swept(levels, reach=4.0, part=1.0):
    """Survival, for α = 1, of a sweep through levels in the middle of bins up to ±reach."""

    def thinner(E):
        return part * escape_rate(E)

    band = lz.Band(edges=(-reach, reach), escape_rate=thinner, levels=levels)
    return lz.survival(lz.Continuum(rate=1.0, band=band)).population.item()


def on_edges(levels):
    """Bins around a grid with ends on the edges; part brings the density down to N/W."""
    return swept(levels, reach=4 + 4 / (levels - 1), part=1 - 1 / levels)


band = lz.Band(edges=(-10 - 10 / 399, 10 + 10 / 399), escape_rate=0.5, levels=400)
times = np.linspace(0, 160, 3201)
with warnings.catch_warnings():
    warnings.simplefilter("ignore", lz.LzopenWarning)  # beyond the recurrence: this is the point
    standing = lz.survival(lz.Continuum(sweep=lz.Constant(0.0), band=band), times=times)
decay = standing.population

# Check values: products of Landau–Zener factors, the integral, and another integrator
exact = lz.theory.continuum_survival(rate=1.0, escape_rate=escape_rate, edges=(-4, 4))
found = [on_edges(40), swept(40), *decay.sel(time=[5.0, 130.35], method="nearest").values]
references = [0.4588297802, 0.45136, 0.08137, 0.525]
tolerances = [1e-9, 2e-5, 6e-6, 6e-4]  # bins miss 1e-5 of the integral
for value, reference in zip(found, references, strict=True):
    print(f"{value:.10f}, reference {reference}")
if np.any(abs(np.subtract(found, references)) > tolerances):
    raise SystemExit("The numbers differ from the reference.")

figure, (left, right) = plt.subplots(1, 2, figsize=(7.2, 3.3), layout="constrained")
sizes = [3, 4, 6, 8, 12, 16, 24, 40, 70, 120, 200]
left.plot(sizes, [swept(size) for size in sizes], "C0o", ms=4, label="middle of bins")
left.plot(sizes, [on_edges(size) for size in sizes], "C1s", ms=4, label="ends on the edges")
left.axhline(exact, color="k", lw=1, label=r"$\exp(-\int\Gamma\,\mathrm{d}E/\alpha)$")
left.set(xscale="log", xlabel="number of levels", ylabel="survival of the swept level")
left.legend(fontsize="small")
right.plot(times, decay, "C0", lw=1, label="400 levels")
right.plot(times, np.exp(-0.5 * times), "k--", lw=1, label=r"$e^{-\Gamma t}$")
right.axvline(band.recurrence_time, color="C1", lw=1, ls=":", label=r"$2\pi\times$ density")
right.set(xlabel=r"time $t$, for $\Gamma = 0.5$", ylabel="population of the level at rest")
right.set(yscale="log", ylim=(1e-6, 3))
right.legend(fontsize="small", loc=(0.24, 0.36))
figure.savefig("continuum.png", dpi=200)
