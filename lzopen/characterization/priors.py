"""What is known of a parameter before a fit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from lzopen import errors
from lzopen.characterization.minimum import Quantity

__all__ = ["checked_priors", "with_priors"]


def checked_priors(
    priors: Mapping[str, Any] | None, quantities: Mapping[str, Quantity]
) -> dict[str, tuple[float, float]]:
    """Means and standard deviations, by names of what is fitted."""
    errors.instance("priors", priors or {}, Mapping, "e.g. {'T1': (20.0, 1.0)}")
    fitted = [name for name, q in quantities.items() if not (q.fixed or q.nuisance or q.prior)]
    found = {}
    for name, prior in dict(priors or {}).items():
        if name not in fitted:
            must = f"be one of {', '.join(map(repr, fitted))}"
            errors.fail("priors", must, repr(name), "only what is fitted has a prior")
        argument = f"priors[{name!r}]"
        if np.shape(prior) != (2,):
            remedy = f"e.g. {{{name!r}: (0.5, 0.01)}}"
            errors.fail(argument, "be a mean and a standard deviation", prior, remedy)
        mean, deviation = errors.finite(argument, prior)
        errors.positive(argument, deviation, "fix what is exact")
        found[name] = (_possible(argument, mean, quantities[name]), float(deviation))
    return found


def _possible(argument: str, mean: float, quantity: Quantity) -> float:
    """A mean where the quantity may be; bounds that only end its search do not count."""
    if quantity.log and mean <= 0:
        errors.fail(argument, "have a mean above zero", f"{mean:g}", "it is a time or a rate")
    low, high = quantity.bounds
    if not (quantity.log or low <= mean <= high):
        must = f"have a mean between {low:g} and {high:g}"
        errors.fail(argument, must, f"{mean:g}", "it is never outside")
    return float(mean)


def with_priors(
    quantities: Mapping[str, Quantity], priors: Mapping[str, tuple[float, float]]
) -> dict[str, Quantity]:
    """The quantities, those that have a prior with it."""
    return {n: replace(q, prior=priors[n]) if n in priors else q for n, q in quantities.items()}
