"""Print how many megabytes the 501×501 map takes at its peak; in a process of its own."""

from __future__ import annotations

import resource
import sys
from pathlib import Path

from sizes import KINDS, original


def status(name: str) -> float:
    """Megabytes that this process holds (VmRSS), or has held at most (VmHWM)."""
    path = Path("/proc/self/status")
    if not path.exists():  # not Linux: the peak has to serve for both
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    lines = dict(line.split(":", 1) for line in path.read_text().splitlines())
    return int(lines[name].split()[0]) / 2**10


if __name__ == "__main__":
    at = KINDS[sys.argv[1]]
    original(5).interferogram(at=at)
    before = status("VmRSS")
    original(501).interferogram(at=at)
    print(status("VmHWM") - before)
