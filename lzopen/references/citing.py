"""The bibliography by key, and what a result rests on."""

from __future__ import annotations

import json
import re
from importlib.resources import files
from typing import Any

from lzopen.errors import LzopenError

_ENTRY = re.compile(r"^@\w+\{(\w+),\n.*?^\}", re.MULTILINE | re.DOTALL)


def _entries() -> dict[str, str]:
    text = files(__package__).joinpath("bibliography.bib").read_text(encoding="utf-8")
    return {entry[1]: entry[0] for entry in _ENTRY.finditer(text)}


BIBLIOGRAPHY = _entries()
"""BibTeX entries by key."""


def cite(result: Any) -> str:
    """BibTeX of everything that a result rests on.

    Parameters
    ----------
    result : xarray.Dataset
        Or any object with ``attrs["lzopen"]``: a JSON object whose "references" is a
        list of keys of ``BIBLIOGRAPHY``.

    Returns
    -------
    str
        One entry for each key, in the order of the list and without repetition,
        separated by blank lines.

    Raises
    ------
    LzopenError
        If the result carries no references, or one that this version does not know.

    Examples
    --------
    >>> import xarray
    >>> result = xarray.Dataset(attrs={"lzopen": '{"references": ["zener1932"]}'})
    >>> print(cite(result))
    @article{zener1932,
      author = {Zener, Clarence},
      title = {Non-adiabatic crossing of energy levels},
      journal = {Proc. R. Soc. A},
      volume = {137},
      pages = {696},
      year = {1932},
      doi = {10.1098/rspa.1932.0165}
    }
    """
    keys = _keys(result)
    unknown = [key for key in keys if key not in BIBLIOGRAPHY]
    if unknown:
        raise LzopenError(
            f"Argument `result` names references that this version of lzopen does not have: "
            f"{', '.join(map(str, unknown))}; read it with the version that wrote it."
        )
    return "\n\n".join(BIBLIOGRAPHY[key] for key in dict.fromkeys(keys))


def _keys(result: Any) -> list[str]:
    try:
        keys = json.loads(result.attrs["lzopen"])["references"]
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise LzopenError(
            "Argument `result` must carry its provenance as JSON in attrs['lzopen'], with a list "
            f"under 'references', but is a {type(result).__name__} without; pass what an lzopen "
            "function returned, and use xarray.set_options(keep_attrs=True) when computing with it."
        ) from error
    if not isinstance(keys, list) or not all(isinstance(key, str) for key in keys):
        raise LzopenError(
            f"Argument `result` must list its references by name, but attrs['lzopen'] has {keys!r}."
        )
    return keys
