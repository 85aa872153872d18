"""Which numbers of a map are known only together, and what would part them."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations
from typing import NamedTuple

import numpy as np

from lzopen.characterization.curvature import LOOSE
from lzopen.characterization.minimum import Array, Minimum, Problem

__all__ = ["Combination", "combinations_of", "sentences"]

_TIED = 0.95  # correlation of two logarithms, from which their combination is reported
_STEEPEST = 6.0  # power in such a combination; beyond it one of the two is known by itself
_HALF = 0.12  # how near a power must lie to a half or whole number to be taken for it

# What would part a pair, by the ends of their names.
_REMEDIES: Mapping[frozenset[str], str] = {
    frozenset({"gap", "rate"}): "a second map with a pulse of about 0.3 T1, in the same fit",
    frozenset({"rate", "sigma"}): "a Ramsey decay, whose shape tells 1/T2 from slow noise",
    frozenset({"sigma", "temperature"}): "a map at another temperature, in the same fit",
    frozenset({"lever_arm"}): "narrower sidebands, or one lever arm from elsewhere",
    frozenset({"temperature", "rate"}): "a map at another temperature, in the same fit",
}


class Combination(NamedTuple):
    """A product of powers of two numbers, known better than either."""

    name: str
    value: float
    error: float
    pair: tuple[str, str]


def combinations_of(problem: Problem, best: Minimum, scale: float) -> list[Combination]:
    """Pairs of positive numbers whose logarithms are tied, with what is known of them together.

    With b ∝ aᵐ along the direction that the data leave open, b/aᵐ is what they know. ``scale``
    multiplies the covariance.
    """
    at = {name: i for i, name in enumerate(best.free) if problem.quantities[name].log}
    found = []
    for a, b in combinations(at, 2):
        both = [at[a], at[b]]
        values = np.array([best.values[a], best.values[b]])
        logs = scale * best.covariance[np.ix_(both, both)] / np.outer(values, values)
        correlation = logs[0, 1] / np.sqrt(logs[0, 0] * logs[1, 1])
        powers = np.sqrt(logs[0, 0] / logs[1, 1]) ** np.array([1, -1])
        if abs(correlation) > _TIED and powers.max() < _STEEPEST:
            found.append(_combined(a, b, values, logs))
    return _telling(found)


def _telling(found: list[Combination]) -> list[Combination]:
    """The best known ones, each with a number that those before it do not hold."""
    named: set[str] = set()
    kept = []
    for each in sorted(found, key=lambda each: each.error / each.value):
        if each.error < LOOSE * each.value and not named.issuperset(each.pair):
            kept.append(each)
            named.update(each.pair)
    return kept


def _combined(a: str, b: str, values: Array, logs: Array) -> Combination:
    power = logs[0, 1] / logs[0, 0]
    if abs(power) < 1:  # write it with the power above one
        a, b, values, logs = b, a, values[::-1], logs[::-1, ::-1]
        power = logs[0, 1] / logs[0, 0]
    near = np.round(2 * power) / 2
    power = near if abs(power - near) < _HALF * abs(power) else power
    direction = np.array([-power, 1.0])
    value = float(np.exp(direction @ np.log(values)))
    error = value * float(np.sqrt(max(direction @ logs @ direction, 0.0)))
    sign = "/" if power > 0 else "·"
    raised = a if abs(power) == 1 else f"{a}^{abs(power):g}"
    return Combination(f"{b} {sign} {raised}", value, error, (a, b))


def sentences(found: list[Combination]) -> list[str]:
    """One for each, with the measurement that would part the two."""
    told = []
    for each in found:
        ends = frozenset(name.split(".")[-1] for name in each.pair)
        remedy = _REMEDIES.get(ends, "a prior for one of them")
        share = 100 * each.error / each.value
        told.append(
            f"{each.pair[0]} and {each.pair[1]} are tied: {each.name} = {each.value:.5g} is known "
            f"to {share:.2g} %; to part them take {remedy}."
        )
    return told
