"""Results as a table to read and as JSON for the documentation."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Iterable
from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, version
from itertools import groupby
from pathlib import Path

from harness import Curve, Limit, Result, Timing

from lzopen.results import versions

_PEERS = ("dynamiqs", "jax", "diffrax", "qthermo")
_WIDTH = 68
_NOTES = """\
Medians of processor time in one thread, per unit of work. Peers do a seeded sample of large maps.
Of QuTiP its method and rtol are named; atol is rtol/100, in the tutorial 1e-6.
"""
_HEAD = (
    f"{'work, and the peer':<{_WIDTH}}{'peer':>10}{'lzopen':>10}  per   "
    f"{'ratio':>9}{'target':>8}  {'':<7}{'peer error':>11}{'lzopen':>9}{'allowed':>9}"
)


def table(results: Iterable[Result]) -> str:
    """Timings under their work, then the limits."""
    results = list(results)
    lines = [_NOTES, _HEAD, "-" * len(_HEAD)]
    timings = [result for result in results if isinstance(result, Timing)]
    for work, rows in groupby(timings, key=lambda timing: timing.name):
        lines += [work, *(line for row in rows for line in _row(row))]
    for limit in (result for result in results if isinstance(result, Limit)):
        value = f"{limit.name}: {limit.value:.3g} {limit.unit}".rstrip()
        if limit.at_most is not None:
            value += f", at most {limit.at_most:g}: {_verdict(limit)}"
        lines += [value, *_floor(limit)]
    return "\n".join(lines)


def write(results: Iterable[Result], path: Path) -> None:
    """All results, with the versions and the machine they belong to; whole or not at all."""
    results = list(results)
    limits = [result for result in results if isinstance(result, Limit)]
    record = {
        "versions": versions() | _peer_versions(),
        "processor": processor(),
        "machine": platform.machine(),
        "cores": os.cpu_count(),
        "threads": 1,
        "clock": "processor time",
        "cases": [asdict(result) for result in results if isinstance(result, Timing)],
        "limits": [asdict(limit) | {"reached": limit.reached} for limit in limits],
        "curves": [asdict(result) for result in results if isinstance(result, Curve)],
    }
    part = path.with_suffix(".part")
    part.write_text(json.dumps(record, indent=2, ensure_ascii=False) + "\n")
    part.replace(path)


def processor() -> str:
    """What the processor calls itself."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor()


def _peer_versions() -> dict[str, str]:
    found = {}
    for name in _PEERS:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def _row(row: Timing) -> list[str]:
    target = "" if row.target is None else f"{row.target:g}"
    allowed = "" if row.accuracy is None else f"{row.accuracy:.0e}"
    verdict = "" if row.reached is None else _verdict(row)
    line = (
        f"  {row.peer:<{_WIDTH - 2}}{_seconds(row.peer_s):>10}{_seconds(row.ours_s):>10}  "
        f"{row.unit:<6}{row.ratio:>9.4g}{target:>8}  {verdict:<7}"
        f"{row.peer_error:>11.1e}{row.ours_error:>9.1e}{allowed:>9}"
    )
    return [line, *_floor(row)]


def _verdict(result: Timing | Limit) -> str:
    return "reached" if result.reached else "MISSED"


def _floor(result: Timing | Limit) -> list[str]:
    missed = result.reached is False and result.floor
    return [f"    floor: {result.floor}"] if missed else []


def _seconds(value: float) -> str:
    for size, unit in ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs")):
        if value >= size:
            return f"{value / size:.3g} {unit}"
    return f"{value * 1e9:.3g} ns"
