"""``lzopen fit spectrum``: a noise spectrum from decays under several pulse sequences."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from lzopen import plotting
from lzopen.characterization import infer_spectrum
from lzopen.characterization.spectra.decay import parts_of
from lzopen.cli.decays import Decays, one_decay, read_sequences
from lzopen.cli.options import Fixed, Output, Priors, columns, grouped, number_or_word, priors
from lzopen.cli.reading import Reading
from lzopen.cli.writing import check_folder, heeded, report, write
from lzopen.errors import choice, fail, positive
from lzopen.noise import Noise, OneOverF, QuasiStatic, White

__all__ = ["spectrum"]

_FREE = {"1/f": ["amplitude", "exponent"], "white": ["density"], "constant": ["sigma"]}
_HIGH = 1e3  # upper cut-off of 1/f noise, over the inverse of the first delay: above all filters


@grouped
def spectrum(
    files: Annotated[
        list[str],
        typer.Argument(
            metavar="FILE:PULSES...",
            help="Each file with its number of pi pulses, as echo.csv:1; or one with --pulses.",
        ),
    ],
    reading: Reading,
    delay: Annotated[
        str | None, typer.Option("--delay", "--axes", help="Column of the delays.")
    ] = None,
    pulses: Annotated[str | None, typer.Option(help="Column of the numbers of pulses.")] = None,
    noise: Annotated[
        str, typer.Option(help="Sum of 1/f, white and constant, e.g. '1/f+white'.")
    ] = "1/f+white",
    cutoff: Annotated[
        float | None,
        typer.Option(help="Low cut-off of 1/f noise: about 2 pi over the time of measuring."),
    ] = None,
    relaxation: Annotated[
        str | None,
        typer.Option(
            metavar="T1[,ERROR]|FILE",
            help="T1, inf if it is long, or a file with its decay; unknown if left out.",
        ),
    ] = None,
    fixed: Fixed = None,
    known: Priors = None,
    output: Output = None,
) -> None:
    """Fit a noise spectrum to decays under several pulse sequences, in one likelihood.

    Parameters are called amplitude, exponent (of 1/f), density (of white noise) and sigma (of a
    constant offset); T1 is one more.
    """
    check_folder(output)
    parts = _parts(noise)
    decays = read_sequences(files, reading, delay, pulses)
    T1, notes = _relaxation(relaxation, reading.in_time(decays.unit), delay)
    free = [name for part in parts for name in _FREE[part]]
    for name in columns(fixed):
        choice("--fix", name, free)
    model = _noise(parts, decays, cutoff)
    with heeded() as warned:
        found = infer_spectrum(
            decays.traces,
            noise=model,
            free=[name for name in free if name not in columns(fixed)],
            relaxation=T1,
            priors=priors(known),
        )
    axes = plotting.spectrum(found, unit=decays.unit)
    text = report([*decays.notes, *notes, *_band(model)], warned, found)
    write(output, text, found.dataset, "spectrum", {"spectrum": axes})


def _parts(text: str) -> list[str]:
    parts = [part.strip().lower() for part in text.split("+")]
    for part in parts:
        choice("--noise", part, _FREE)
    if len(set(parts)) < len(parts):
        fail("--noise", "name each part once", repr(text))
    return parts


def _noise(parts: list[str], decays: Decays, cutoff: float | None) -> Noise:
    """A spectrum to start from; its scales need only be right to a factor of a thousand."""
    delays = np.concatenate([np.asarray(trace["delay"]) for trace in decays.traces.values()])
    delays = delays[delays > 0]
    if not delays.size:
        fail("FILE", "hold delays above zero", "without any", "check the column of delays")
    rate = 1 / float(delays.max())
    made: dict[str, Noise] = {"white": White(rate), "constant": QuasiStatic(rate)}
    if "1/f" in parts:
        if cutoff is None:
            remedy = "about 2π over the time that the measurement took, in rad per time"
            fail("--cutoff", "be given for 1/f noise", None, remedy)
        high = _HIGH / float(delays.min())
        made["1/f"] = OneOverF(rate, omega_low=float(positive("--cutoff", cutoff)), omega_high=high)
    first, *others = (made[part] for part in parts)
    return sum(others, first)


def _band(noise: Noise) -> list[str]:
    """Between which frequencies 1/f noise is taken to lie."""
    return [
        f"1/f noise is taken to lie between omega = {part.omega_low:.3g} and {part.omega_high:.3g}."
        for part in parts_of(noise)
        if isinstance(part, OneOverF)
    ]


def _relaxation(text: str | None, reading: Reading, delay: str | None) -> tuple[Any, list[str]]:
    """T1 as numbers, or its decay in a file."""
    if text is None:
        return None, []
    numbers = [number_or_word(part) for part in text.split(",")]
    if all(isinstance(number, float) for number in numbers):
        return (numbers[0] if len(numbers) == 1 else tuple(numbers)), []
    trace, said, _ = one_decay(Path(text), reading, delay)
    return trace, [said]
