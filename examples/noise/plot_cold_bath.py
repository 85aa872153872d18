"""
A bath at zero temperature
==========================

A qubit is swept through a crossing while an oscillator in its ground state couples to
cos θ σz + sin θ σx. However strong the coupling, the joint ground state survives with exp(−πW²/2α),
where W depends on θ and its sign: K. Saito et al., Phys. Rev. B 75, 214308 (2007).

A longitudinal oscillator, θ = 0, has no effect if it starts displaced, at rest in the field of the
qubit. From the undisplaced vacuum it swings, and P depends on the time to the crossing.
"""

import matplotlib.pyplot as plt
import numpy as np
import qutip

import lzopen as lz

GAMMA, OMEGA, LEVELS = 0.8, 1.0, 8  # coupling and frequency, α = 1; quanta that are kept


def bands(gap, angles):
    """Two bands that cross: the oscillator's states, displaced by either level of the qubit."""
    b, couplings = qutip.destroy(50), []
    for angle in angles:
        shift = qutip.displace(50, GAMMA * np.cos(angle) / (2 * OMEGA))
        flip = shift * (gap + GAMMA * np.sin(angle) * (b + b.dag())) * shift / 2
        couplings.append(np.kron([[0, 1], [0, 0]], flip.full()[:LEVELS, :LEVELS]))
    slopes, energies = np.repeat([0.5, -0.5], LEVELS), np.tile(OMEGA * np.arange(LEVELS), 2)
    return lz.Crossing(slopes=slopes, offsets=energies, couplings=couplings)


angles = np.append([0.6, -0.6, np.pi / 2], np.linspace(-np.pi / 2, np.pi / 2, 19))
P = lz.transition_matrix(bands(0.6, angles)).probability.sel(initial=0)[:, :LEVELS].sum("final")

# From the vacuum, which is a displaced state of the oscillator in the field of the qubit
vacuum = qutip.Qobj(np.kron([1, 0], qutip.coherent(LEVELS, GAMMA / (2 * OMEGA)).full()[:, 0]))
times = np.stack([-30 - np.linspace(0, 2 * np.pi, 13) / OMEGA, np.full(13, 30.0)], axis=-1)
runs = lz.evolve(bands(1.0, np.zeros(13)), times=times, initial=vacuum, solver="engine", tol=1e-4)
swinging = runs.adiabatic_population[:, -1, LEVELS:].sum("state")

# Check values: W² = (Δ − ½E₀ sin 2θ)² + S sin²θ at θ = ±0.6 and π/2, with E₀ = γ²/Ω and S = γ²
for found, reference in zip(P.values[:3], (0.629054, 0.204350, 0.207880), strict=True):
    print(f"P = {found:.6f}, reference {reference:.6f}")
    if abs(found - reference) > 2e-6:
        raise SystemExit("The numbers differ from the reference.")

figure, (left, right) = plt.subplots(1, 2, figsize=(7.2, 3.3), layout="constrained", sharey=True)
fine = np.linspace(-np.pi / 2, np.pi / 2, 200)
bath = {"angle": fine, "reorganisation": GAMMA**2 / OMEGA, "strength": GAMMA**2}
exact = lz.theory.zero_temperature_bath(rate=1.0, gap=0.6, **bath)
left.plot(fine / np.pi, exact, "C0", lw=1, label="exact")
left.plot(angles[3:] / np.pi, P[3:], "C0o", ms=4, label="simulated")
left.axhline(lz.theory.landau_zener(rate=1.0, gap=0.6), color="k", ls="--", lw=1, label="no bath")
left.set(xlabel=r"angle of the coupling $\theta/\pi$", ylabel="survival of the diabatic level")
left.set_title(r"displaced start, $\Delta = 0.6\,\sqrt{\alpha}$", fontsize="medium")
left.legend(fontsize="small", loc="lower right")
right.plot(np.linspace(0, 1, 13), swinging, "C1o-", ms=4, lw=0.5)
right.axhline(lz.theory.landau_zener(rate=1.0, gap=1.0), color="k", ls="--", lw=1)
right.set(xlabel=r"start before $t = -30/\sqrt{\alpha}$ (periods)", ylim=(0, 0.8))
right.set_title(r"vacuum, $\theta = 0$, $\Delta = \sqrt{\alpha}$", fontsize="medium")
figure.savefig("cold_bath.png", dpi=200)
