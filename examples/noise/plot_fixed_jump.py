"""
A jump that does not turn round
===============================

Many scripts let a qubit relax by ``destroy(2)``, a jump from one diabatic level to the other.
Before the crossing that is from the excited state to the ground state. After it the same jump leads
up: it empties the ground state, the more so the slower the sweep. A bath acts between the states of
the instant, T. Albash et al., New J. Phys. 14, 123016 (2012), and repairs what the sweep broke.

Both are at zero temperature here, Γ = 0.05 Δ. Dashed is a sudden crossing, P = exp(−πΔ²/2α), and
from then on decay: out of the ground state, (1 − P) e^(−Γt), or back into it, 1 − P e^(−Γt).
"""

import matplotlib.pyplot as plt
import numpy as np

import lzopen as lz

GAP, RATE, REACH = 1.0, 0.05, 10.0  # Δ, Γ, and the bias at the end
bath, fixed = lz.Relaxation(RATE, temperature=0.0), lz.Decay(RATE, source=1, target=0)


def swept(rate, jump):
    return lz.TwoLevel(sweep=lz.Linear(rate=rate), gap=GAP).with_environment(jump)


def left_over(rate, time):
    """Population of the ground state by either kind of jump."""
    P, decay = lz.theory.landau_zener(rate=rate, gap=GAP), np.exp(-RATE * time)
    return {"bath": 1 - P * decay, "fixed jump": (1 - P) * decay}


rates = np.append(1.0, np.geomspace(0.02, 5, 25))
ground, limit, course = {}, {}, {}
times = np.linspace(-REACH, 40.0, 401) / 0.8
for name, jump in {"bath": bath, "fixed jump": fixed}.items():
    qubit, window = swept(rates, jump), (-REACH / rates, REACH / rates)
    ground[name] = lz.transition_matrix(qubit, window=window).probability[:, 1, 0].values
    limit[name] = lz.transition_matrix(swept(1.0, jump)).probability[1, 0].item()
    run = lz.evolve(swept(0.8, jump), times=times, initial="ground", solver="engine")
    course[name] = run.adiabatic_population.sel(state=0)

# Check values: α = Δ² by an integrator of the Bloch equations, and t → ∞
for name, reference, end in (("bath", 0.872590, 1.0), ("fixed jump", 0.492413, 0.0)):
    print(f"{name}: {ground[name][0]:.6f} at the end, reference {reference:.6f}")
    print(f"{name}: {limit[name]:.6f} for t → ∞, reference {end:.6f}")
    if abs(ground[name][0] - reference) > 1e-6 or abs(limit[name] - end) > 1e-9:
        raise SystemExit("The numbers differ from the reference.")

figure, (left, right) = plt.subplots(1, 2, figsize=(7.2, 3.3), layout="constrained", sharey=True)
fine, after = np.geomspace(rates[1], rates[-1], 200), times[times > 1.5]
for color, name in (("C0", "bath"), ("C1", "fixed jump")):
    left.plot(RATE * times, course[name], color, lw=1, label=name)
    left.plot(RATE * after, left_over(0.8, after)[name], "k--", lw=1, zorder=3)
    right.plot(rates[1:], ground[name][1:], color + "o", ms=3, label=name)
    right.plot(fine, left_over(fine, REACH / fine)[name], "k--", lw=1)
left.set(xlabel=r"time $\Gamma t$", ylabel="population of the ground state", ylim=(0, 1.03))
left.set_title(r"on the way, $\alpha = 0.8\,\Delta^2$", fontsize="medium")
left.legend(fontsize="small", loc="lower left")
right.set(xscale="log", xlabel=r"sweep rate $\alpha/\Delta^2$")
right.set_title(r"at the bias $10\,\Delta$", fontsize="medium")
figure.savefig("fixed_jump.png", dpi=200)
