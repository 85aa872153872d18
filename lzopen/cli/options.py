"""Options of the command line: groups that commands share, and words turned into values."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from dataclasses import MISSING, fields, is_dataclass
from functools import wraps
from pathlib import Path
from typing import Annotated, Any, get_type_hints

import typer

from lzopen.errors import fail

__all__ = [
    "File",
    "Fixed",
    "Output",
    "Priors",
    "columns",
    "grouped",
    "number_or_word",
    "numbers",
    "pairs",
    "priors",
]

File = Annotated[Path, typer.Argument(help="CSV, netCDF, or HDF5 as quantify-core writes it.")]
Output = Annotated[
    Path | None,
    typer.Option(help="Folder for report.txt, figures and netCDF; none if left out."),
]
Priors = Annotated[
    list[str] | None,
    typer.Option(
        "--priors", metavar="NAME=MEAN,SD", help="What is known of a parameter; repeatable."
    ),
]
Fixed = Annotated[
    str | None,
    typer.Option("--fix", metavar="NAME,NAME", help="What stays at the given value."),
]


def grouped(command: Callable[..., None]) -> Callable[..., None]:
    """The command with each argument that is a dataclass spread into options, one per field.

    Typer builds its options from a signature, and knows no groups that commands share.
    """
    asked = inspect.signature(command, eval_str=True).parameters.values()
    groups: dict[str, Any] = {p.name: p.annotation for p in asked if is_dataclass(p.annotation)}
    shown = [p.replace(kind=p.KEYWORD_ONLY) for p in asked if p.name not in groups]
    for kind in groups.values():
        hints = get_type_hints(kind, include_extras=True)
        for f in fields(kind):
            option = inspect.Parameter(
                f.name, inspect.Parameter.KEYWORD_ONLY, annotation=hints[f.name]
            )
            shown.append(option if f.default is MISSING else option.replace(default=f.default))

    @wraps(command)
    def spread(**given: Any) -> None:
        whole = {
            name: kind(**{f.name: given.pop(f.name) for f in fields(kind)})
            for name, kind in groups.items()
        }
        command(**given, **whole)

    spread.__signature__ = inspect.Signature(shown)  # type: ignore[attr-defined]
    spread.__annotations__ = {p.name: p.annotation for p in shown}
    return spread


def columns(text: str | None) -> tuple[str, ...]:
    """Names between commas.

    Examples
    --------
    >>> columns("I_V, Q_V"), columns(None)
    (('I_V', 'Q_V'), ())
    """
    parts = (part.strip() for part in (text or "").split(","))
    return tuple(part for part in parts if part)


def pairs(option: str, texts: Sequence[str] | None) -> dict[str, str]:
    """``name=value`` of each text.

    Examples
    --------
    >>> pairs("--units", ["delay=ns", "gate=mV"])
    {'delay': 'ns', 'gate': 'mV'}
    """
    found: dict[str, str] = {}
    for text in texts or ():
        name, sign, value = (part.strip() for part in text.partition("="))
        if not name or not sign:
            fail(option, "be written as NAME=VALUE", repr(text))
        if name in found:
            fail(option, "name each once", f"{name!r} twice", "drop one")
        found[name] = value
    return found


def priors(texts: Sequence[str] | None) -> dict[str, tuple[float, float]]:
    """Mean and standard deviation by name.

    Examples
    --------
    >>> priors(["offset=0.5,0.01"])
    {'offset': (0.5, 0.01)}
    """
    found = {}
    for name, text in pairs("--priors", texts).items():
        both = numbers("--priors", text, "e.g. offset=0.5,0.01")
        if len(both) != 2:
            remedy = f"e.g. {name}=0.5,0.01"
            fail("--priors", "be a mean and a standard deviation", repr(f"{name}={text}"), remedy)
        found[name] = (both[0], both[1])
    return found


def numbers(option: str, text: str, remedy: str = "") -> tuple[float, ...]:
    """Numbers between commas.

    Examples
    --------
    >>> numbers("--relaxation", "7.59,0.09")
    (7.59, 0.09)
    """
    try:
        return tuple(float(part) for part in text.split(","))
    except ValueError:
        fail(option, "be numbers with commas between them", repr(text), remedy)


def number_or_word(text: str) -> float | str:
    """A number where the text is one.

    Examples
    --------
    >>> number_or_word("0.5"), number_or_word("n_atoms")
    (0.5, 'n_atoms')
    """
    try:
        return float(text)
    except ValueError:
        return text
