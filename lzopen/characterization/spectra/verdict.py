"""What decays can tell of a spectrum, and which measurement would tell the rest."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from lzopen.characterization.fit import Alternative, Fit
from lzopen.characterization.minimum import Minimum, Problem
from lzopen.characterization.spectra.starts import spectrum_starts
from lzopen.characterization.spectra.task import Task
from lzopen.noise import QuasiStatic, White

__all__ = ["Verdict", "judge", "without_wide_ones"]

_CLEAR = 9.0  # rise of the deviance, in units of the noise, that tells two spectra apart
_VAGUE = 0.5  # error of an exponent, beyond which it is no number
_TIED = 0.99  # correlation of two parameters of which only a combination is known
_WIDE = 10.0  # ratio of the ends of an interval, beyond which no number stands for it


@dataclass(frozen=True)
class Verdict:
    """Parameters that are not known, other spectra, and sentences."""

    meaningless: tuple[str, ...]
    comparison: tuple[Alternative, ...]
    notes: tuple[str, ...]


def judge(task: Task, problem: Problem, best: Minimum) -> Verdict:
    """Which parameters the decays fix."""
    scale = best.excess
    vague = _vague(task, best, scale)
    notes: list[str] = []
    comparison: list[Alternative] = []
    if task.shapes:
        other, said = _featureless(task, best, scale)
        comparison.append(other)
        if other.delta < _CLEAR * scale:
            vague = [name for name in task.names if _has_free_shape(task, name)]
            notes.append(said)
    if vague:
        notes.append(f"{_listed(vague)} cannot be told from these decays. {_cure(task)}")
    notes += _tied(task, best, vague)
    return Verdict(tuple(vague), tuple(comparison), tuple(notes))


def _vague(task: Task, best: Minimum, scale: float) -> list[str]:
    """Exponents whose error says that they are not known."""
    return [
        name
        for name, full in task.names.items()
        if full.endswith("exponent") and name in best.free
        and np.sqrt(scale * best.covariance[best.free.index(name), best.free.index(name)]) > _VAGUE
    ]  # fmt: skip


def _has_free_shape(task: Task, name: str) -> bool:
    return any(task.part_of(shape) is task.part_of(name) for shape in task.shapes)


def _featureless(task: Task, best: Minimum, scale: float) -> tuple[Alternative, str]:
    """A constant offset with white noise, held against the spectrum."""
    longest = max(float(np.max(sequence.duration)) for sequence in task.sequences)
    noise = QuasiStatic(1 / longest) + White(1 / longest)
    free = ["quasi_static.sigma", "white.density"]
    other = task.with_noise(noise, free)
    problem = other.problem()
    end = problem.descend(spectrum_starts(other))
    delta = end.deviance - best.deviance
    price = 2 * (len(end.free) + len(end.stuck) - len(best.free) - len(best.stuck))
    found = Alternative("constant offset and white", end.deviance, delta, delta / scale + price)
    sigma, size = end.values[free[0]], np.nan
    if free[0] in end.free:
        at = end.free.index(free[0])
        size = float(np.sqrt(end.excess * end.covariance[at, at]))
    said = (
        f"An offset that is constant during a shot, sigma = {sigma:.3g} ± {size:.1g}, with white "
        f"noise describes the decays as well (Δχ² {delta:+.1f})."
    )
    return found, said


def _cure(task: Task) -> str:
    """The measurement that would tell."""
    refocused = [s for s in task.sequences if s.imbalance == 0]
    if not refocused:
        return (
            "Without a refocusing pulse all slow noise looks alike: an echo or CPMG decay would "
            "tell its exponent."
        )
    most = max(sequence.fractions.size for sequence in refocused)
    return (
        f"The refocused decays show too little of the noise: measure them to longer delays or "
        f"with more shots, and CPMG with more than {most} pulses."
    )


def _tied(task: Task, best: Minimum, vague: Sequence[str]) -> list[str]:
    """Pairs of which the data fix only one combination."""
    asked = [n for n in best.free if n in {*task.names, "T1"} and n not in vague]
    at = [best.free.index(name) for name in asked]
    covariance = best.covariance[np.ix_(at, at)]
    spread = np.sqrt(np.diag(covariance))
    correlation = covariance / np.outer(spread, spread)
    told = []
    for i, one in enumerate(asked):
        for j, other in enumerate(asked[:i]):
            if abs(correlation[i, j]) > _TIED:
                cure = " Measure T1 and give it as `relaxation`." if "T1" in (one, other) else ""
                told.append(
                    f"`{other}` and `{one}` correlate by {correlation[i, j]:+.3f}: "
                    f"the decays fix only a combination of them.{cure}"
                )
    return told


def _listed(names: Sequence[str]) -> str:
    return " and ".join(filter(None, [", ".join(f"`{n}`" for n in names[:-1]), f"`{names[-1]}`"]))


def without_wide_ones(fit: Fit) -> Fit:
    """Without the value where the interval spans more than a factor of ten: it is a bound."""
    wide = {name: ends for name, ends in fit.limits.items() if _is_wide(fit, name, *ends)}
    if not wide:
        return fit
    nothing = dict.fromkeys(wide, float("nan"))
    parameters, errors = fit.parameters | nothing, fit.errors | nothing
    record = json.loads(fit.attrs["lzopen"]) | {"parameters": parameters, "errors": errors}
    data = fit.dataset.assign(
        value=("parameter", list(parameters.values())), error=("parameter", list(errors.values()))
    ).assign_attrs(lzopen=json.dumps(record))
    notes = tuple(f"The data fix `{name}` {_known(fit, name, *wide[name])}." for name in wide)
    return replace(
        fit, parameters=parameters, errors=errors, dataset=data, notes=(*fit.notes, *notes)
    )


def _is_wide(fit: Fit, name: str, low: float, high: float) -> bool:
    number = np.isfinite(fit.parameters[name]) and fit.problem.quantities[name].log
    return bool(number and high > _WIDE * low)


def _known(fit: Fit, name: str, low: float, high: float) -> str:
    if {low, high} & set(fit.problem.quantities[name].bounds):
        return "on one side only"
    return f"to a factor of {np.sqrt(high / low):.2g} either way only (95 %)"
