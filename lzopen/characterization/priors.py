"""What is known of a parameter before a fit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from lzopen import errors

__all__ = ["checked_priors"]


def checked_priors(
    priors: Mapping[str, Any] | None, known: Iterable[str]
) -> dict[str, tuple[float, float]]:
    """Means and standard deviations, by names that the fit knows."""
    names, found = list(known), {}
    for name, prior in dict(priors or {}).items():
        errors.choice("priors", name, names)
        argument = f"priors[{name!r}]"
        if np.shape(prior) != (2,):
            remedy = f"e.g. {{{name!r}: (0.5, 0.01)}}"
            errors.fail(argument, "be a mean and a standard deviation", prior, remedy)
        mean, deviation = errors.finite(argument, prior)
        errors.positive(argument, deviation, "fix what is exact")
        found[name] = (float(mean), float(deviation))
    return found
