"""Draws from the posterior of a fit, by an ensemble of walkers."""

from __future__ import annotations

import numpy as np
import xarray as xr

from lzopen import errors, progress, results
from lzopen.characterization.minimum import Array, Minimum, Problem

__all__ = ["sample"]

_SPREAD = 0.1  # of a standard error, in which the walkers start


def sample(
    problem: Problem,
    best: Minimum,
    scale: float,
    draws: int,
    walkers: int,
    burn: int,
    seed: int,
) -> xr.Dataset:
    """Draws of all free quantities; ``scale`` divides the deviance."""
    try:
        import emcee  # an extra
    except ImportError as missing:
        text = "A posterior needs emcee; pip install 'lzopen[bayes]'."
        raise errors.LzopenError(text) from missing
    quantities = {name: problem.quantities[name] for name in (*best.free, *best.stuck)}
    least = 2 * len(quantities)
    walkers = errors.whole("walkers", walkers, least, "twice the fitted parameters")
    draws, burn = errors.whole("draws", draws, 1), errors.whole("burn", burn)
    bounds = np.array([np.sort([q.inward(b) for b in q.bounds]) for q in quantities.values()])

    def log_probability(u: Array) -> float:
        if np.any(u < bounds[:, 0]) or np.any(u > bounds[:, 1]):
            return -np.inf
        found = {n: float(q.outward(c)) for (n, q), c in zip(quantities.items(), u, strict=True)}
        return -0.5 * problem.deviance({**best.values, **found}) / scale

    rng = np.random.default_rng(seed)
    middle = np.array([q.inward(best.values[name]) for name, q in quantities.items()])
    widths = [_width(problem, best, name) for name in quantities]
    begun = middle + _SPREAD * np.array(widths) * rng.standard_normal((walkers, least // 2))
    sampler = emcee.EnsembleSampler(walkers, least // 2, log_probability)
    sampler.random_state = np.random.RandomState(rng.integers(2**31)).get_state()
    steps = burn + -(-draws // walkers)
    for _ in progress.bar(
        sampler.sample(np.clip(begun, *bounds.T), iterations=steps), desc="posterior", total=steps
    ):
        pass
    chain = sampler.get_chain(discard=burn, flat=True)
    numbered = enumerate(quantities.items())
    values = {n: ("draw", q.outward(chain[:, i])) for i, (n, q) in numbered if not q.nuisance}
    facts = {
        "autocorrelation_time": float(np.max(sampler.get_autocorr_time(quiet=True, tol=0))),
        "accepted": float(np.mean(sampler.acceptance_fraction)),
        "seed": seed,
    }
    return results.label(
        xr.Dataset(values, attrs=facts), parameters=best.values, references=["foremanmackey2013"]
    )


def _width(problem: Problem, best: Minimum, name: str) -> float:
    """A standard error in the coordinate of the minimiser, where there is one."""
    if name not in best.free:
        return 1.0
    at = best.free.index(name)
    error = np.sqrt(best.covariance[at, at]) / problem.quantities[name].slope(best.values[name])
    return float(min(error, 1.0))
