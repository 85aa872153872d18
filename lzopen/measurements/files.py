"""Files of measurements: CSV, netCDF and HDF5, told apart by what is in them."""

from __future__ import annotations

import hashlib
import io
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import xarray as xr

from lzopen import results
from lzopen.errors import LzopenError, fail
from lzopen.measurements.table import Table

__all__ = ["read_file"]

_HDF5 = b"\x89HDF\r\n\x1a\n"
_NETCDF3 = (b"CDF\x01", b"CDF\x02")
_SEPARATORS = {"\t": "a tab", ";": "a semicolon", ",": "a comma"}
_DECIMAL = r"[-+]?\d*{}\d+(?:[eE][-+]?\d+)?"
_THOUSANDS = r"[-+]?[1-9]\d{0,2}(?:,\d{3})+"


def read_file(path: str | os.PathLike[str]) -> tuple[Table | xr.Dataset, dict[str, Any]]:
    """What a file holds, a table or a Dataset, and its name and SHA-256 for the provenance."""
    file = Path(path)
    if file.is_dir():
        fail("source", "name a file", f"the folder {file}", "name one file in it")
    if not file.is_file():
        fail("source", "name an existing file", str(file), "check the path")
    content = file.read_bytes()
    record = {"source": file.name, "sha256": hashlib.sha256(content).hexdigest()}
    if not content.strip():
        fail("source", "hold a measurement", f"the empty file {file.name}")
    if content.startswith(_HDF5):
        return _hdf5(file), record
    if content.startswith(_NETCDF3):
        return xr.load_dataset(file, engine="scipy"), record
    return replace(_csv(content, file.name), record=record), record


def _hdf5(file: Path) -> xr.Dataset:
    try:
        return results.load(file)
    except (ValueError, KeyError) as error:
        raise LzopenError(
            f"Argument `source` must follow the netCDF layout, but {file.name} does not: {error}; "
            "read it with h5py and hand over a DataFrame or a Dataset."
        ) from error


def _csv(content: bytes, name: str) -> Table:
    """Columns of words under the names of the header line; lines that start with # are comments."""
    text, notes = _decoded(content, name)
    lines = ["" if _is_empty(line) else line for line in text.splitlines()]
    if text.startswith("sep="):  # where a spreadsheet says what stands between its columns
        lines[0] = ""
    full = [number for number, line in enumerate(lines, 1) if line]
    if len(full) < 2:
        remedy = "there must be a header line and at least one row"
        fail("source", "hold a measurement", f"{name} without rows", remedy)
    separator = next((mark for mark in _SEPARATORS if mark in lines[full[0] - 1]), ",")
    try:
        cells = pd.read_csv(
            io.StringIO("\n".join(lines)), header=None, dtype=str, sep=separator,
            keep_default_na=False, skipinitialspace=True,
        )  # fmt: skip
    except pd.errors.ParserError as error:
        reason = str(error).strip().removeprefix("Error tokenizing data. C error: ")
        if separator == ",":
            reason += "; decimal commas need semicolons or tabs between columns"
        raise LzopenError(
            f"Argument `source` must be a table with {_SEPARATORS[separator]} between columns, but "
            f"{name} is not: {reason}."
        ) from error
    head = [str(cell).strip() for cell in cells.iloc[0]]
    frame = cells.iloc[1:].reset_index(drop=True)
    frame.columns = pd.Index(_unique(head), dtype=object)
    comma = _decimal_comma(frame)
    if comma is not None:
        notes += (f"Numbers such as {comma} are read with a decimal comma.",)
    rows = full[1:] if len(full) == len(cells) else ()
    return Table(frame, name, notes=notes, decimal="," if comma else ".", lines=rows)


def _decoded(content: bytes, name: str) -> tuple[str, tuple[str, ...]]:
    """The text of a file in UTF-8, or in the encoding of older spreadsheets, and a note of that."""
    older = "The file is not in UTF-8; it is read as Windows-1252."
    for encoding, notes in (("utf-8-sig", ()), ("cp1252", (older,))):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text, notes
    fail(
        "source", "be a CSV table, netCDF or HDF5", f"the binary file {name}",
        "export it as one of these, in UTF-8", page="guide/fitting#straight-from-a-file",
    )  # fmt: skip


def _decimal_comma(frame: pd.DataFrame) -> str | None:
    """The first cell with a comma that parts no thousands, unless some cell has a decimal point."""
    cells = pd.Series(frame.to_numpy().ravel()).dropna()
    commas = cells[cells.str.contains(",", regex=False)].str.strip()
    sure = commas[commas.str.fullmatch(_DECIMAL.format(",")) & ~commas.str.fullmatch(_THOUSANDS)]
    if sure.empty or cells.str.strip().str.fullmatch(_DECIMAL.format(r"\.")).any():
        return None
    return str(sure.iloc[0])


def _is_empty(line: str) -> bool:
    """Whether a line is blank or a comment."""
    return not line.strip() or line.lstrip().startswith("#")


def _unique(names: list[str]) -> list[str]:
    """Repeated headers get primes, so that each column has a name of its own."""
    seen: dict[str, int] = {}
    unique = []
    for name in names:
        count = seen[name] = seen.get(name, 0) + 1
        unique.append(name + "'" * (count - 1))
    return unique
