"""The main job: from measured interference to device and noise parameters."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path

from tqdm import tqdm

from lzopen.demo.steps import crossing, decay, interference, traces
from lzopen.demo.table import Step, table
from lzopen.errors import fail

_SIMULATED = "No measured data (no network, no LZOPEN_DATA): simulating the same device instead."


def demo(output: str | os.PathLike[str] = "lzopen-demo") -> Path:
    """Sweep a qubit, fit a measured interference trace and a measured decay, print one table.

    Without network and without the measured files the traces are simulated for the same
    device, and say so.

    Parameters
    ----------
    output : path-like
        Folder for the figures (PNG) and results (netCDF); made if it does not exist.

    Returns
    -------
    pathlib.Path
        The folder.

    Raises
    ------
    LzopenError
        If ``output`` is a file.
    """
    folder = Path(output)
    if folder.exists() and not folder.is_dir():
        fail("output", "be a folder", f"the file {folder}", "name another folder")
    folder.mkdir(parents=True, exist_ok=True)
    lzs, ramsey, source = traces()
    if source == "simulated":
        print(_SIMULATED)
    jobs: tuple[Callable[[Path], Step], ...] = (
        crossing,
        partial(interference, data=lzs, source=source),
        partial(decay, data=ramsey, source=source),
    )
    bar = tqdm(jobs, desc="demo", unit="step", leave=False)
    print(table([job(folder) for job in bar]))
    written = sorted(path.name for path in folder.iterdir() if path.suffix in (".png", ".nc"))
    print(f"\nFigures and results are in {folder.resolve()}:")
    print("  " + "\n  ".join(written))
    return folder
