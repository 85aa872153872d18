"""
A bath at zero temperature
==========================

A qubit is swept through a crossing while an oscillator in its ground state couples to
cos θ σz + sin θ σx. However strong the coupling, the joint ground state survives with exp(−πW²/2α),
where W depends on θ and its sign: K. Saito et al., Phys. Rev. B 75, 214308 (2007).

A purely longitudinal oscillator, θ = 0, then has no effect. This is often quoted without its
condition: the oscillator has to start displaced, at rest in the field of the qubit. From the
undisplaced vacuum it swings, and P depends on the time from the start to the crossing.
"""

import matplotlib.pyplot as plt
import numpy as np
import qutip

import lzopen as lz

GAMMA, OMEGA, LEVELS = 0.8, 1.0, 8  # coupling and frequency, α = 1; quanta that are kept


def coupling(gap, angle):
    """Between two bands: the oscillator's states, displaced by either level of the qubit."""
    b = qutip.destroy(50)
    shift = qutip.displace(50, GAMMA * np.cos(angle) / (2 * OMEGA))
    flip = shift * (gap + GAMMA * np.sin(angle) * (b + b.dag())) * shift / 2
    return np.kron([[0, 1], [0, 0]], flip.full()[:LEVELS, :LEVELS])


def bands(couplings):
    """Qubit and oscillator: two bands of parallel levels that cross."""
    energies = np.tile(OMEGA * np.arange(LEVELS), 2)
    slopes = np.repeat([0.5, -0.5], LEVELS)
    return lz.Crossing(slopes=slopes, offsets=energies, couplings=couplings)


angles = np.append([0.6, -0.6, np.pi / 2], np.linspace(-np.pi / 2, np.pi / 2, 19))
couplings = [coupling(0.6, angle) for angle in angles]
P = lz.transition_matrix(bands(couplings)).probability.sel(initial=0)[:, :LEVELS].sum("final")

# From the vacuum, which is a displaced state of the oscillator in the field of the qubit
starts = -30 - np.linspace(0, 2 * np.pi, 13)
vacuum = np.kron([1, 0], qutip.coherent(LEVELS, GAMMA / (2 * OMEGA)).full()[:, 0])
model, given = bands(coupling(1.0, 0.0)), {"initial": qutip.Qobj(vacuum), "solver": "engine"}
runs = [lz.evolve(model, times=[start, 30.0], **given, tol=1e-4) for start in starts]
swinging = [run.adiabatic_population[-1, LEVELS:].sum().item() for run in runs]

# Check values: W² = (Δ − ½E₀ sin 2θ)² + S sin²θ for Δ = 0.6, with E₀ = γ²/Ω and S = γ²
for angle, found, reference in zip(
    angles[:3], P.values, (0.629054, 0.204350, 0.207880), strict=False
):
    print(f"θ = {angle:5.2f}: P = {found:.6f}, reference {reference:.6f}")
    if abs(found - reference) > 2e-6:
        raise SystemExit("The numbers differ from the reference.")

figure, (left, right) = plt.subplots(1, 2, figsize=(7.2, 3.3), layout="constrained", sharey=True)
fine = np.linspace(-np.pi / 2, np.pi / 2, 200)
bath = {"reorganisation": GAMMA**2 / OMEGA, "strength": GAMMA**2}
exact = lz.theory.zero_temperature_bath(rate=1.0, gap=0.6, angle=fine, **bath)
left.plot(fine / np.pi, exact, "C0", lw=1, label="exact")
left.plot(angles[3:] / np.pi, P[3:], "C0o", ms=4, label="simulated")
left.axhline(lz.theory.landau_zener(rate=1.0, gap=0.6), color="k", ls="--", lw=1, label="no bath")
left.set(xlabel=r"angle of the coupling $\theta/\pi$", ylabel="survival of the diabatic level")
left.set_title(r"displaced start, $\Delta = 0.6\,\sqrt{\alpha}$", fontsize="medium")
left.legend(fontsize="small", loc="lower right")
right.plot((starts[0] - starts) * OMEGA / (2 * np.pi), swinging, "C1o-", ms=4, lw=0.5)
right.axhline(lz.theory.landau_zener(rate=1.0, gap=1.0), color="k", ls="--", lw=1)
right.set(xlabel=r"start before $t = -30/\sqrt{\alpha}$ (periods)", ylim=(0, 0.8))
right.set_title(r"vacuum, $\theta = 0$, $\Delta = \sqrt{\alpha}$", fontsize="medium")
figure.savefig("cold_bath.png", dpi=200)
