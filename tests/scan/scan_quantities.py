"""What the tests of scans share: quantities that other processes can import."""

from __future__ import annotations

import os
import signal
import time
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr
from threadpoolctl import threadpool_info

import lzopen as lz
from lzopen.scan import scan

QUBIT = lz.TwoLevel(sweep=lz.Linear(rate=1.0), gap=1.0)


def told(*args: Any, **options: Any) -> tuple[xr.Dataset, list[Any]]:
    """A scan, and what it warned of."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        result = scan(*args, **options)
    return result, [warning.message for warning in caught]


def landau_zener(model: lz.TwoLevel) -> Any:
    """The closed form, for models and for batches."""
    return np.exp(-np.pi * model.gap**2 / (2 * model.sweep.rate))


def traced(model: lz.TwoLevel, trace: str, stuck: str = "") -> Any:
    """The closed form; each call adds a line to a file, and waits from the 5th on if stuck."""
    with Path(trace).open("a") as file:
        file.write(f"{model.gap!r}\n")
    if stuck and Path(stuck).exists() and len(Path(trace).read_text().split()) > 4:
        time.sleep(60)
    return landau_zener(model)


def moody(model: lz.TwoLevel, seed: int, deadly: float = 0.0) -> xr.Dataset:
    """A Dataset of many kinds; large gaps fail, small ones warn, and one ends the process."""
    gap = model.gap
    if gap == deadly:
        os.kill(os.getpid(), signal.SIGKILL)
    if gap > 0.85:
        raise RuntimeError(f"no gap of {gap:g}")
    if gap < 0.35:
        warnings.warn(f"a gap of {gap:g} is small", lz.LzopenWarning, stacklevel=2)
    return xr.Dataset(
        {
            "single": np.float32(gap),
            "amplitude": ("side", np.array([gap, 1j * gap]), {"units": "rad"}),
            "count": int(10 * gap),
            "wide": gap > 0.5,
            "name": f"gap {gap:g}",
            "threads": str(max(library["num_threads"] for library in threadpool_info())),
            "drawn": ("time", np.random.default_rng(seed).normal(gap, size=3)),
        },
        {
            "side": ["left", "right"],
            "time": [0.0, 0.5, 1.0],
            "moment": np.datetime64("2020-01-01", "ns"),
        },
    )


def killed_once(model: lz.TwoLevel, marker: str) -> Any:
    """The closed form, but the first process that comes to a gap of 0.5 is killed."""
    if model.gap == 0.5 and not Path(marker).exists():
        Path(marker).touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return landau_zener(model)
