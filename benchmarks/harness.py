"""Time peers and lzopen in turn: by how much one is faster, and how far off each of them is.

What is timed is the processor time of all threads together, which is that of one thread, and which
other processes of a busy machine disturb less.
"""

from __future__ import annotations

import gc
import math
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from statistics import median
from typing import Any

from tqdm import tqdm

_LEAST, _MOST = 0.05, 15.0  # seconds in a round, in which short runs repeat, and of all rounds


@dataclass(frozen=True, eq=False)
class Job:
    """One way to do a piece of work: ``run`` is timed, ``error`` judges what it returns."""

    label: str
    run: Callable[[], Any]
    error: Callable[[Any], float]
    units: float = 1  # of work in one run, by which its time is divided


@dataclass(frozen=True)
class Match:
    """The same work, by a peer and by lzopen."""

    work: str
    peer: Job
    ours: Job
    unit: str = "run"
    target: float | None = None  # least ratio
    accuracy: float | None = None  # largest error that lzopen may make
    floor: str = ""  # what stands in the way of a target that is missed


@dataclass(frozen=True)
class Timing:
    """Medians in seconds per unit of work, their ratio, and the largest error of each."""

    name: str
    peer: str
    unit: str
    peer_s: float
    ours_s: float
    ratio: float
    target: float | None
    peer_error: float
    ours_error: float
    accuracy: float | None
    reached: bool | None
    repeats: int
    floor: str


@dataclass(frozen=True)
class Limit:
    """A number, and what it must not exceed."""

    name: str
    value: float
    unit: str = ""
    at_most: float | None = None
    floor: str = ""

    @property
    def reached(self) -> bool | None:
        return None if self.at_most is None else self.value <= self.at_most


@dataclass(frozen=True)
class Curve:
    """Seconds against the number of pixels."""

    label: str
    peer: bool
    levels: int
    pixels: list[int]
    seconds: list[float]


Result = Timing | Limit | Curve


def measure(matches: Iterable[Match], rounds: int = 3) -> list[Timing]:
    """All jobs run in turn, so that a busy machine slows them alike; a first round warms up."""
    matches = list(matches)
    jobs = list(dict.fromkeys(job for match in matches for job in (match.peer, match.ours)))
    seconds: dict[Job, list[float]] = {job: [] for job in jobs}
    errors = {job: job.error(job.run()) for job in jobs}
    for job in tqdm(jobs * rounds, desc=matches[0].work, leave=False):
        if sum(seconds[job]) < _MOST:
            seconds[job] += timed(job.run)
    return [_judged(match, seconds, errors) for match in matches]


def timed(run: Callable[[], Any]) -> list[float]:
    """Seconds of one run, or of the several that fit into a moment."""
    gc.collect()  # what the job before has left
    found: list[float] = []
    while sum(found) < _LEAST:
        start = time.process_time()
        run()
        found.append(time.process_time() - start)
    return found


def fastest(candidates: Iterable[Iterable[Job]], accuracy: float) -> Job:
    """The fastest peer that is accurate enough; where none is, the most accurate one.

    Each row of candidates gets more accurate, and is tried as far as it has to be.
    """
    tried: list[tuple[bool, float, Job]] = []
    for row in candidates:
        for job in row:
            start = time.process_time()
            found = job.run()
            seconds, error = time.process_time() - start, job.error(found)
            enough = error <= accuracy
            tried.append((not enough, seconds / job.units if enough else error, job))
            if enough:
                break
    return min(tried, key=lambda entry: entry[:2])[2]


def _judged(match: Match, seconds: dict[Job, list[float]], errors: dict[Job, float]) -> Timing:
    both = match.peer, match.ours
    peer, ours = (median(seconds[job]) / job.units for job in both)
    allowed = math.inf if match.accuracy is None else match.accuracy
    reached = None
    if match.target is not None:
        reached = peer / ours >= match.target and errors[match.ours] <= allowed
    return Timing(
        name=match.work,
        peer=match.peer.label,
        unit=match.unit,
        peer_s=peer,
        ours_s=ours,
        ratio=peer / ours,
        target=match.target,
        peer_error=errors[match.peer],
        ours_error=errors[match.ours],
        accuracy=match.accuracy,
        reached=reached,
        repeats=min(len(seconds[job]) for job in both),
        floor=match.floor,
    )
