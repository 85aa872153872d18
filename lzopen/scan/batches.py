"""Which quantities take a whole batch of models."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

from lzopen.dynamics import evolve, transition_matrix

Verb = TypeVar("Verb", bound=Callable[..., Any])

_VERBS: set[Callable[..., Any]] = set()


def batchable(verb: Verb) -> Verb:
    """Declare that a verb takes a batched model, so that `scan` hands it whole chunks.

    Its result carries the batch axis as `lzopen.models.grid.batch_axes` names it, or in front
    where it is a plain array; what lacks the axis holds for every member.

    Parameters
    ----------
    verb : callable
        A function of a model; as a decorator, the one below it.

    Returns
    -------
    callable
        The verb itself.

    Examples
    --------
    >>> import lzopen as lz
    >>> @batchable
    ... def adiabaticity(model):
    ...     return model.gap**2 / (4 * model.sweep.rate)
    >>> qubit = lz.TwoLevel(sweep=lz.Linear(rate=1.0), gap=1.0)
    >>> lz.scan(adiabaticity, qubit, over={"gap": [1.0, 2.0]}).adiabaticity.values
    array([0.25, 1.  ])
    """
    _VERBS.add(verb)
    return verb


def takes_batches(quantity: Callable[..., Any]) -> bool:
    """Whether a quantity, or the function of a partial one, is declared batchable."""
    return bare(quantity) in _VERBS


def bare(quantity: Callable[..., Any]) -> Callable[..., Any]:
    """The function inside `functools.partial`."""
    while isinstance(quantity, partial):
        quantity = quantity.func
    return quantity


for _verb in (evolve, transition_matrix):
    batchable(_verb)
