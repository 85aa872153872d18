"""The command line: ``lzopen demo``, ``lzopen fit FILE.csv``, ``lzopen about``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import pandas as pd
import typer

import lzopen
from lzopen import plotting, results
from lzopen.characterization import Fit, fit_decay
from lzopen.demo import demo as run_demo
from lzopen.errors import LzopenError, fail

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Landau–Zener–Stückelberg–Majorana physics in open quantum systems.",
)
Folder = Annotated[Path, typer.Option(help="Folder for figures and results.")]


@app.command()
def demo(output: Folder = Path("lzopen-demo")) -> None:
    """From measured interference to device and noise parameters, in one table."""
    run_demo(output)


@app.command()
def fit(
    file: Annotated[Path, typer.Argument(help="CSV with one header line; # starts a comment.")],
    delay: Annotated[str, typer.Option(help="Column of the delays.")] = "delay",
    signal: Annotated[str, typer.Option(help="Column of the signal.")] = "signal",
    shots: Annotated[str | None, typer.Option(help="Column of the trials of each row.")] = None,
    sigma: Annotated[str | None, typer.Option(help="Column of standard errors.")] = None,
    groups: Annotated[str | None, typer.Option(help="Column of shot or run labels.")] = None,
    envelope: Annotated[
        str, typer.Option(help="auto, stretched, exponential or gaussian.")
    ] = "auto",
    output: Annotated[
        Path | None, typer.Option(help="Folder for figure and results; none if left out.")
    ] = None,
) -> None:
    """Fit a decay: its time, exponent and oscillation."""
    table = read_csv(file)
    chosen = {"delay": delay, "signal": signal, "shots": shots, "sigma": sigma, "groups": groups}
    columns = {role: _column(table, name, file, role) for role, name in chosen.items() if name}
    result = fit_decay(columns.pop("delay"), envelope=envelope, **columns)
    print(result)
    if output is not None:
        print(f"\nFigure and results are in {_write(result, file, output, delay, signal)}.")


@app.command()
def about() -> None:
    """Versions of lzopen and of what it stands on."""
    lzopen.about()


def read_csv(file: Path) -> pd.DataFrame:
    """A table with one header line; lines that start with # are comments."""
    if not file.is_file():
        fail("FILE", "be a CSV file", str(file), "check the path")
    try:
        table = pd.read_csv(file, comment="#", skipinitialspace=True)
    except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeDecodeError) as error:
        raise LzopenError(f"Argument `FILE` must be a CSV table, but {file}: {error}") from error
    return table.rename(columns=lambda name: str(name).strip())


def _column(table: pd.DataFrame, name: str, file: Path, role: str) -> Any:
    if name not in table:
        found = ", ".join(map(str, table.columns))
        remedy = f"choose one of {found} with --delay, --signal, --shots, --sigma or --groups"
        fail("FILE", f"have a column {name!r}", f"{file.name} without it", remedy)
    if role == "groups":  # any labels will do
        return table[name].to_numpy()
    column = pd.to_numeric(table[name], errors="coerce")
    words = table[name][column.isna() & table[name].notna()]
    if len(words):
        fail(
            "FILE",
            f"have numbers in column {name!r}",
            f"{words.iloc[0]!r} in row {words.index[0] + 1}",
        )
    return column.to_numpy(dtype=float)


def _write(result: Fit, file: Path, folder: Path, delay: str, signal: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    results.save(result.dataset, folder / f"{file.stem}_fit.nc")
    plotting.save(
        plotting.fit(result, name=delay, signal=signal, heading=file.stem),
        folder / f"{file.stem}_fit.png",
    )
    return folder.resolve()


def main() -> None:
    """Run the command line; bad input ends with one plain line and exit status 2."""
    try:
        app()
    except (LzopenError, OSError) as error:
        print(f"lzopen: {error}", file=sys.stderr)
        sys.exit(2)
