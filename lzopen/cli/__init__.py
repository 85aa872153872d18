"""The command line: ``lzopen demo``, ``lzopen fit``, ``lzopen about``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

import lzopen
from lzopen.cli.decay import decay
from lzopen.cli.interferogram import interferogram
from lzopen.cli.spectrum import spectrum
from lzopen.cli.tomography import tomography
from lzopen.demo import demo as run_demo
from lzopen.errors import LzopenError

__all__ = ["app", "main"]

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Landau–Zener–Stückelberg–Majorana physics in open quantum systems.",
)
fits = typer.Typer(no_args_is_help=True, help="Fit measured data: from a file to a report.")
app.add_typer(fits, name="fit")
for command in (decay, interferogram, tomography, spectrum):
    fits.command(command.__name__)(command)


@app.command()
def demo(
    output: Annotated[Path, typer.Option(help="Folder for figures and results.")] = Path(
        "lzopen-demo"
    ),
) -> None:
    """From measured interference to device and noise parameters, in one table."""
    run_demo(output)


@app.command()
def about() -> None:
    """Versions of lzopen and of what it stands on."""
    lzopen.about()


def main() -> None:
    """Run the command line; bad input ends with one plain line and exit status 2."""
    try:
        app()
    except (LzopenError, OSError) as error:
        print(f"lzopen: {error}", file=sys.stderr)
        sys.exit(2)
