"""A scan on disk: what it is, and one file for each finished chunk."""

from __future__ import annotations

import hashlib
import json
import os
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lzopen.errors import LzopenError, fail
from lzopen.results import atomic_path, load, provenance, save
from lzopen.scan.identity import differences
from lzopen.scan.reading import unknown
from lzopen.scan.tasks import Chunk, Outcome

_MANIFEST = "scan.json"
_NAMED = 3  # differences, before a message leaves out the rest


class Store:
    """A folder that belongs to one scan.

    The name of a file ends with the checksum of its content, so that a damaged one is seen.

    Parameters
    ----------
    folder : path-like
        Made if there is none.
    record : mapping
        What the scan is, for `lzopen.results.provenance`.
    """

    def __init__(self, folder: str | os.PathLike[str], record: Mapping[str, Any]) -> None:
        if not isinstance(folder, (str, os.PathLike)):
            fail("folder", "be a path", repr(folder), "e.g. folder='scan'")
        _check_that_it_can_be_known(record)
        self._folder = Path(folder)
        if self._folder.exists() and not self._folder.is_dir():
            fail("folder", "name a folder", f"the file {folder}", "give another one")
        manifest = provenance(**record)
        self._scan = hashlib.sha256(manifest.encode()).hexdigest()
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._claim(manifest)
        except OSError as error:
            fail("folder", "be one that can be written to", f"{folder} ({error})", "give another")

    def _claim(self, manifest: str) -> None:
        """Write what the scan is, unless it stands there already."""
        path = self._folder / _MANIFEST
        there = _read(path)
        if there is not None and (odd := list(differences(there, json.loads(manifest)))):
            shown = f"{'; '.join(odd[:_NAMED])}{'; …' * (len(odd) > _NAMED)}"
            remedy = f"in {path} {shown}; give another folder, or delete this one to start again"
            page = "guide/scanning#interruptions"
            fail("folder", "hold this scan or none", "that of another one", remedy, page)
        if there is None:
            with atomic_path(path) as part:
                part.write_text(manifest, encoding="utf-8")

    def load(self, chunk: Chunk) -> Outcome | None:
        """A chunk that was finished before, or nothing; a damaged file is removed."""
        for path in self._folder.glob(f"{_stem(chunk)}-*.nc"):
            if not path.stem.endswith(_checksum(path)):
                path.unlink()
            elif outcome := self._open(path):
                return outcome
        return None

    def keep(self, chunk: Chunk, outcome: Outcome) -> Outcome:
        """Store a finished chunk, and return what a later run will find of it.

        What netCDF refuses, or gives back as something else, is an LzopenError.
        """
        assert outcome.table is not None
        extra = {"scan": self._scan, "said": outcome.said, "references": outcome.references}
        part = self._folder / f".{_stem(chunk)}.{uuid.uuid4().hex}.nc"
        try:
            save(outcome.table.assign_attrs(chunk=json.dumps(extra)), part)
            found = self._open(part)
            if found is None or found.table is None or not found.table.equals(outcome.table):
                raise LzopenError("numbers come back as others, as with an attribute scale_factor")
            os.replace(part, self._folder / f"{_stem(chunk)}-{_checksum(part)}.nc")
        except OSError:  # a full disk, say, is nothing that the quantity could mend
            raise
        except Exception as error:  # h5netcdf has its own kinds
            remedy = "keep to plain names, numbers and strings, also in attributes, or to no folder"
            why = f"something else: {error.__cause__ or error}"
            fail("quantity", "return what netCDF keeps in a folder", why, remedy)
        finally:
            part.unlink(missing_ok=True)  # nothing is left to remove after the rename
        return found

    def _open(self, path: Path) -> Outcome | None:
        """What a file holds, if it is of this scan."""
        data = load(path)
        extra = json.loads(data.attrs["chunk"])
        if extra["scan"] != self._scan:
            return None
        data.attrs = {}
        said = [(category, text, number) for category, text, number in extra["said"]]
        return Outcome(data, {}, said, extra["references"])


def _check_that_it_can_be_known(record: Mapping[str, Any]) -> None:
    """Refuse a scan that holds something of which only the class can be seen."""
    for path, what in unknown(record):
        raise LzopenError(
            f"Argument `folder` must be left out, since scans that differ in {path} could be taken "
            f"for each other: it holds a {what}, of which only the class can be seen. Make it "
            "where it is needed, or keep it as an attribute of a module, which is not looked at."
        )


def _stem(chunk: Chunk) -> str:
    return f"points-{chunk[0]:08d}-{chunk[1]:08d}"


def _checksum(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:16]


def _read(path: Path) -> Any:
    """A manifest; nothing if there is none, or none that can be read."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return None
