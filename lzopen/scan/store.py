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
        self._folder = Path(folder)
        if self._folder.exists() and not self._folder.is_dir():
            fail("folder", "name a folder", f"the file {folder}", "give another one")
        self._folder.mkdir(parents=True, exist_ok=True)
        manifest = provenance(**record)
        self._scan = hashlib.sha256(manifest.encode()).hexdigest()
        self._claim(manifest)

    def _claim(self, manifest: str) -> None:
        """Write what the scan is, unless it stands there already."""
        path = self._folder / _MANIFEST
        there = _read(path)
        if there is not None and (odd := list(differences(there, json.loads(manifest)))):
            raise LzopenError(
                f"Argument `folder` must hold this scan or none, but {path} is of another one: "
                f"{'; '.join(odd[:_NAMED])}{'; …' * (len(odd) > _NAMED)}; give another folder, or "
                "delete this one to start again."
            )
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
        """Store a finished chunk, and return what a later run will find of it."""
        assert outcome.table is not None
        extra = {"scan": self._scan, "said": outcome.said, "references": outcome.references}
        part = self._folder / f".{_stem(chunk)}.{uuid.uuid4().hex}.nc"
        save(outcome.table.assign_attrs(chunk=json.dumps(extra)), part)
        path = self._folder / f"{_stem(chunk)}-{_checksum(part)}.nc"
        os.replace(part, path)
        return self._open(path) or outcome

    def _open(self, path: Path) -> Outcome | None:
        """What a file holds, if it is of this scan."""
        data = load(path)
        extra = json.loads(data.attrs["chunk"])
        if extra["scan"] != self._scan:
            return None
        data.attrs = {}
        said = [(category, text, number) for category, text, number in extra["said"]]
        return Outcome(data, {}, said, extra["references"])


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
