"""From a result to the screen and, if asked for, a folder."""

from __future__ import annotations

import os
import tempfile
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import xarray as xr

from lzopen import plotting, results
from lzopen.errors import LzopenWarning, fail

__all__ = ["check_folder", "heeded", "report", "write"]


def check_folder(folder: Path | None) -> None:
    """Raise before a long fit if its results could not be written."""
    if folder is not None and folder.exists() and not folder.is_dir():
        fail("--output", "be a folder", f"the file {folder}", "choose another name")


@contextmanager
def heeded() -> Iterator[list[str]]:
    """Warnings of the block, as sentences for the report."""
    said: list[str] = []
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", LzopenWarning)
        yield said
    for one in caught:
        if issubclass(one.category, LzopenWarning):
            said.append(str(one.message))
        else:
            warnings.warn_explicit(one.message, one.category, one.filename, one.lineno)


def report(loaded: Sequence[str], warned: Sequence[str], result: Any) -> str:
    """What was loaded, what is suspicious, and the result."""
    return "\n".join([*loaded, "", *(f"WARNING: {line}" for line in warned), str(result)])


def write(
    folder: Path | None, text: str, table: xr.Dataset, name: str, figures: Mapping[str, Any]
) -> None:
    """Print the report; write it, the results and the figures of some Axes into a folder.

    All files are made beside the folder's own before the first one takes its place.
    """
    print(text)
    if folder is None:
        return
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder, prefix=".part-") as temporary:
        part = Path(temporary)
        (part / "report.txt").write_text(text + "\n", encoding="utf-8")
        results.save(table, part / f"{name}.nc")
        for figure, axes in figures.items():
            plotting.save(axes, part / f"{figure}.png")
        made = sorted(path.name for path in part.iterdir())
        for file in made:
            os.replace(part / file, folder / file)
    print(f"\n{', '.join(made)} are in {folder.resolve()}.")
