"""``lzopen fit interferogram``: a driven qubit that relaxes, fitted to its maps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from lzopen import plotting
from lzopen.characterization import (
    Cycle,
    LinearReadout,
    Protocol,
    Pulsed,
    Steady,
    fit_interferogram,
)
from lzopen.cli.knobs import Knobs
from lzopen.cli.options import Fixed, Output, Priors, columns, grouped, numbers, priors
from lzopen.cli.reading import Reading, said
from lzopen.cli.writing import check_folder, heeded, report, write
from lzopen.environments import Decay, Dephasing, Environment, Relaxation
from lzopen.errors import choice, fail
from lzopen.models import Model, TwoLevel
from lzopen.noise import QuasiStatic
from lzopen.waveforms import Sinusoidal

__all__ = ["interferogram"]

Number = float | None
_PROTOCOLS: dict[str, tuple[Any, int]] = {
    "steady": (Steady, 0),
    "pulsed": (Pulsed, 1),
    "cycle": (Cycle, 3),
}


@dataclass(frozen=True)
class Device:
    """A qubit under a sine, with what disturbs it; the values are where a fit starts."""

    omega: Annotated[float, typer.Option(help="Angular frequency of the drive, rad per time.")]
    gap: Annotated[float, typer.Option(help="Smallest distance of the levels.")]
    dephasing: Annotated[Number, typer.Option(help="Rate of pure dephasing, 1/T_phi.")] = None
    relaxation: Annotated[
        Number, typer.Option(help="Rate 1/T1 between energy levels; goes with --temperature.")
    ] = None
    temperature: Annotated[Number, typer.Option(help="Of the bath, as an energy.")] = None
    decay: Annotated[
        Number, typer.Option(help="Rate of jumps from level 1 to 0, instead of --relaxation.")
    ] = None
    slow: Annotated[
        Number, typer.Option(help="Standard deviation of slow noise of the bias, as an energy.")
    ] = None

    def model(self) -> Model:
        """The qubit with its environments."""
        environments: list[Environment] = [self._bath()]
        if self.dephasing is not None:
            environments.append(Dephasing(self.dephasing))
        qubit = TwoLevel(sweep=Sinusoidal(amplitude=1.0, omega=self.omega), gap=self.gap)
        return qubit.with_environment(*environments)

    def _bath(self) -> Environment:
        if (self.decay is None) == (self.relaxation is None):
            both = "neither" if self.decay is None else "both"
            fail("--relaxation", "be given, or else --decay", both, "a steady state needs one")
        if self.decay is not None:
            if self.temperature is not None:
                remedy = "a jump between fixed levels has none"
                fail("--temperature", "go with --relaxation", self.temperature, remedy)
            return Decay(self.decay, source=1, target=0)
        if self.temperature is None:
            remedy = "as an energy, k_B T; 0 for a cold bath"
            fail("--temperature", "be given with --relaxation", None, remedy)
        return Relaxation(self.relaxation, self.temperature)

    def given(self) -> list[str]:
        """Names in a fit of what was given a value; a temperature of zero stays."""
        named = {
            "gap": self.gap,
            "dephasing.rate": self.dephasing,
            "relaxation.rate": self.relaxation,
            "relaxation.temperature": self.temperature or None,
            "decay.rate": self.decay,
            "noise.sigma": self.slow,
        }
        return [name for name, value in named.items() if value is not None]


@grouped
def interferogram(
    files: Annotated[
        list[Path],
        typer.Argument(
            metavar="FILE...",
            help="CSV, netCDF, or HDF5 as quantify-core writes it; several are fitted together.",
        ),
    ],
    device: Device,
    knobs: Knobs,
    reading: Reading,
    free: Annotated[
        str | None,
        typer.Option(metavar="NAME,NAME", help="What to fit; all that has a value if left out."),
    ] = None,
    fixed: Fixed = None,
    starts: Annotated[
        str, typer.Option(help="auto, or given: start at the given values.")
    ] = "auto",
    protocol: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME:TIME,TIME",
            help="steady, pulsed:DURATION, or cycle:INIT,DRIVE,READ; repeat it for each file.",
        ),
    ] = None,
    separate: Annotated[
        str | None, typer.Option(metavar="NAME,NAME", help="What each file has for itself.")
    ] = None,
    drift: Annotated[
        float,
        typer.Option(help="Standard deviation of the zero of the bias from line to line."),
    ] = 0.0,
    known: Priors = None,
    output: Output = None,
) -> None:
    """Fit gap, rates, widths and lever arms of a driven qubit to its interferograms.

    All energies and rates are in rad per unit of time. Parameters are called gap, dephasing.rate,
    relaxation.rate, relaxation.temperature, decay.rate, noise.sigma, amplitude.lever_arm,
    bias.lever_arm, bias.zero, readout.offset and readout.contrast.
    """
    check_folder(output)
    choice("--starts", starts, ["auto", "given"])
    model = device.model()
    loaded = [knobs.load(file, reading) for file in files]
    data, (axes, *_) = zip(*loaded, strict=True)
    asked = _asked([*device.given(), *knobs.given(axes)], free, fixed)
    with heeded() as warned:
        found = fit_interferogram(
            data,
            model=model,
            free=asked,
            axes=axes,
            lines=knobs.lines(data[0], axes),
            noise=None if device.slow is None else QuasiStatic(device.slow),
            readout=LinearReadout(offset=knobs.offset or 0.0, contrast=_or_one(knobs.contrast)),
            protocol=_protocols(protocol),
            separate=columns(separate),
            priors=priors(known),
            drift=drift,
            starts="auto" if starts == "auto" else [{}],
        )
    figure = plotting.map_fit(found, heading=files[0].stem if len(files) == 1 else None)[0]
    read = [said(file, one) for file, one in zip(files, data, strict=True)]
    read += [f"Fitted: {', '.join(asked)}.", *_left_out(device, knobs), *knobs.said(data[0], axes)]
    text = report(read, warned, found)
    write(output, text, found.dataset, "interferogram", {"interferogram": figure})


def _asked(given: list[str], free: str | None, fixed: str | None) -> list[str]:
    """What to fit: what is named, or all that was given a value, without what stays."""
    if free is not None and fixed is not None:
        fail("--fix", "be left out where --free is given", repr(fixed))
    if free is not None:
        return list(columns(free))
    stay = columns(fixed)
    for name in stay:
        choice("--fix", name, given)
    return [name for name in given if name not in stay]


def _left_out(device: Device, knobs: Knobs) -> list[str]:
    """Options that would free what most devices do not know."""
    values = {"--bias-zero": knobs.bias_zero, "--offset": knobs.offset}
    values |= {"--contrast": knobs.contrast, "--slow": device.slow}
    missing = [option for option, value in values.items() if value is None]
    return [f"Held, since they have no value: {', '.join(missing)}."] if missing else []


def _protocols(texts: Sequence[str] | None) -> list[Protocol] | Protocol:
    """One for each file, or one for all."""
    made = [_protocol(text) for text in texts or ["steady"]]
    return made[0] if len(made) == 1 else made


def _protocol(text: str) -> Protocol:
    name, _, times = text.partition(":")
    kind, count = _PROTOCOLS[choice("--protocol", name, _PROTOCOLS)]
    given = numbers("--protocol", times, "e.g. pulsed:10") if times else ()
    if len(given) != count:
        fail("--protocol", f"have {count} times", repr(text), "see --help")
    made: Protocol = kind(*given)
    return made


def _or_one(value: float | None) -> float:
    return 1.0 if value is None else value
