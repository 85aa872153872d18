"""``lzopen fit interferogram``: a driven qubit that relaxes, fitted to its map."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import typer

from lzopen import plotting
from lzopen.characterization import LinearReadout, fit_interferogram
from lzopen.cli.knobs import Knobs
from lzopen.cli.options import File, Fixed, Output, Priors, columns, grouped, priors
from lzopen.cli.reading import Reading, said
from lzopen.cli.writing import check_folder, heeded, report, write
from lzopen.environments import Decay, Dephasing, Environment, Relaxation
from lzopen.errors import choice, fail
from lzopen.models import Model, TwoLevel
from lzopen.noise import QuasiStatic
from lzopen.waveforms import Sinusoidal

__all__ = ["interferogram"]

Number = float | None


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
    file: File,
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
    known: Priors = None,
    output: Output = None,
) -> None:
    """Fit gap, rates, widths and lever arms of a driven qubit to its steady-state interferogram.

    All energies and rates are in rad per unit of time. Parameters are called gap, dephasing.rate,
    relaxation.rate, relaxation.temperature, decay.rate, noise.sigma, amplitude.lever_arm,
    bias.lever_arm, bias.zero, readout.offset and readout.contrast.
    """
    check_folder(output)
    choice("--starts", starts, ["auto", "given"])
    model = device.model()
    data, axes = knobs.load(file, reading)
    asked = _asked([*device.given(), *knobs.given(axes)], free, fixed)
    with heeded() as warned:
        found = fit_interferogram(
            data,
            model=model,
            free=asked,
            axes=axes,
            lines=knobs.lines(data, axes),
            noise=None if device.slow is None else QuasiStatic(device.slow),
            readout=LinearReadout(offset=knobs.offset or 0.0, contrast=_or_one(knobs.contrast)),
            priors=priors(known),
            starts="auto" if starts == "auto" else [{}],
        )
    figure = plotting.map_fit(found, heading=file.stem)[0]
    text = report([said(file, data), f"Fitted: {', '.join(asked)}."], warned, found)
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


def _or_one(value: float | None) -> float:
    return 1.0 if value is None else value
