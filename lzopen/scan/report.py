"""What comes of a scan: one Dataset, and a word on warnings and failures."""

from __future__ import annotations

import builtins
import re
import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import xarray as xr

from lzopen.errors import LzopenError, LzopenWarning, warn
from lzopen.results import label
from lzopen.scan.runners import lost
from lzopen.scan.tables import first_point, misfit, over_grid
from lzopen.scan.tasks import Chunk, Job, Outcome, Said

_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?|\bnan\b|\binf\b")
_NAMED, _LONG = 3, 300  # failures, and characters of each, before a message leaves out the rest


def repeat(said: Sequence[Said]) -> None:
    """Issue what the chunks warned of, once where texts differ in their numbers alone."""
    kinds: dict[tuple[str, str], list[Said]] = {}
    for warning in said:
        kinds.setdefault((warning[0], _NUMBER.sub("#", warning[1])), []).append(warning)
    for (category, _), ((_, text, value), *others) in kinds.items():
        text += f" (and {len(others)} more like this)" if others else ""
        kind = getattr(builtins, category, None)
        if kind is None:
            text = text if category == "LzopenWarning" else f"{category}: {text}"
        warnings.warn(kind(text) if kind else LzopenWarning(text, value), stacklevel=3)


def assembled(
    job: Job,
    outcomes: Mapping[Chunk, Outcome],
    axes: Mapping[str, xr.Variable],
    record: Mapping[str, Any],
) -> xr.Dataset:
    """One Dataset of all chunks, with a word on what failed."""
    failures = {p: why for outcome in outcomes.values() for p, why in outcome.failures.items()}
    good: dict[Chunk, xr.Dataset] = {}
    for chunk, outcome in outcomes.items():
        if outcome.table is not None:
            first = next(iter(good.values()), outcome.table)
            if problem := misfit(first_point(first), first_point(outcome.table)):
                failures |= lost(chunk, problem).failures
            else:
                good[chunk] = outcome.table
    _tell(job, failures)
    places = np.setdiff1d(np.arange(job.size), list(failures))
    data = over_grid(list(good.values()), places, axes)
    if job.seed is not None:
        seeds = np.array([job.seed_at(point) for point in range(job.size)], dtype=np.uint64)
        data = data.assign_coords(seed=(tuple(axes), seeds.reshape(job.shape)))
    listed = [{**job.at(point), "message": failures[point]} for point in sorted(failures)]
    references = dict.fromkeys(key for o in outcomes.values() for key in o.references)
    return label(data, **record, references=list(references), failures=listed)


def _tell(job: Job, failures: Mapping[int, str]) -> None:
    """Warn of points that failed; refuse to go on without any other."""
    if not failures:
        return
    first = sorted(failures)[:_NAMED]
    shown = "; ".join(f"at {_place(job, point)}: {failures[point][:_LONG]}" for point in first)
    shown += "; …" * (len(failures) > _NAMED)
    if len(failures) == job.size:
        raise LzopenError(
            f"Argument `quantity` must succeed somewhere, but {job.name} failed at all "
            f"{job.size} points: {shown}"
        )
    warn(
        f"{len(failures)} of {job.size} points failed and are NaN; the record lists them: {shown}",
        len(failures),
        5,
    )


def _place(job: Job, point: int) -> str:
    return ", ".join(f"{name}={value:g}" for name, value in job.at(point).items())
