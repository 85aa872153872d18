"""The main job: from measured interference to device and noise parameters."""

from __future__ import annotations

import os
from pathlib import Path

from tqdm import tqdm

from lzopen.demo.steps import crossing, decay, interference
from lzopen.demo.table import table
from lzopen.errors import fail


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
    jobs = tqdm((crossing, interference, decay), desc="demo", unit="step", leave=False)
    print(table([job(folder) for job in jobs]))
    written = sorted(path.name for path in folder.iterdir() if path.suffix in (".png", ".nc"))
    print(f"\nFigures and results are in {folder.resolve()}:")
    print("  " + "\n  ".join(written))
    return folder
