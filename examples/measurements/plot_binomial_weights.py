"""
Weights must not come from the observed fraction
================================================

A fraction f of n shots is often given the error √(f(1 − f)/n), and dropped where f is 0 or 1.
Points that scatter towards 0 or 1 then count most, since their errors look smallest. The fit
follows E[f/σ²]/E[1/σ²] instead of the probability, and more delays do not mend it. The deviance of
the binomial distribution has no such bias.

Each point is the mean of 25 simulated decays, read out with errors of 2 %; the line is a fit to
what the weights expect, without noise. S. Baker, R. D. Cousins, Nucl. Instrum. Methods 221, 437
(1984), compare weights and likelihood.
"""

import matplotlib.pyplot as plt
import numpy as np
from scipy.stats import binom

import lzopen as lz

delay, shots = np.linspace(0.04, 4.0, 100), np.array([10, 20, 40, 80])  # in units of T
chance = 0.02 + 0.96 * np.exp(-delay)
exponential = {"envelope": "exponential", "oscillations": 0}


def expected(n):
    """Decay time that observed weights lead to with many delays."""
    k = np.arange(1, n)[:, None]
    weight = binom.pmf(k, n, chance) * n**3 / (k * (n - k))
    mean, sigma = (k / n * weight).sum(axis=0) / weight.sum(axis=0), weight.sum(axis=0) ** -0.5
    return lz.fit_decay(delay, signal=mean, sigma=sigma, **exponential).parameters["T"]


rng = np.random.default_rng(seed=20)
T = np.empty((2, shots.size, 25))
for i, j in np.ndindex(T.shape[1:]):
    f = rng.binomial(shots[i], chance) / shots[i]
    inside = (f > 0) & (f < 1)
    sigma = np.sqrt(f * (1 - f) / shots[i])[inside]
    weighted = lz.fit_decay(delay[inside], signal=f[inside], sigma=sigma, **exponential)
    T[0, i, j] = weighted.parameters["T"]
    T[1, i, j] = lz.fit_decay(delay, signal=f, shots=shots[i], **exponential).parameters["T"]
mean, error = T.mean(axis=-1), T.std(axis=-1, ddof=1) / np.sqrt(T.shape[-1])

# Check values at 20 shots: the limit of many delays by another minimiser, and the truth
limit = expected(20)
print(f"observed weights, many delays: T = {limit:.4f}, reference 0.8537")
print(f"observed weights: T = {mean[0, 1]:.3f} ± {error[0, 1]:.3f}, reference {limit:.3f}")
print(f"deviance:         T = {mean[1, 1]:.3f} ± {error[1, 1]:.3f}, reference 1.000")
pulls = (mean[:, 1] - [limit, 1.0]) / error[:, 1]
if abs(limit - 0.8537) > 1e-4 or abs(pulls).max() > 3 or mean[0, 1] + 5 * error[0, 1] > 1:
    raise SystemExit("The numbers differ from the reference.")

figure, axes = plt.subplots(figsize=(5.0, 3.6), layout="constrained")
fine = np.unique(np.geomspace(8, 100, 20).astype(int))
axes.plot(fine, [expected(n) for n in fine], "C1", lw=1)
axes.axhline(1, color="C0", lw=1)
axes.errorbar(shots, mean[1], error[1], fmt="C0o", ms=4, label="deviance")
axes.errorbar(shots, mean[0], error[0], fmt="C1s", ms=4, label=r"errors $\sqrt{f(1-f)/n}$")
axes.set(xlabel="shots per delay $n$", ylabel="fitted $T$ / true $T$", ylim=(0.7, 1.2))
axes.legend(fontsize="small", loc="lower right")
figure.savefig("binomial_weights.png", dpi=200)
