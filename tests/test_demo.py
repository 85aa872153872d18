"""The main job from end to end, and the command line around it."""

import os
import subprocess
import sys

import numpy as np
import pytest
import qutip
from typer.testing import CliRunner

import lzopen as lz
from lzopen import cli, datasets, family
from lzopen.demo import demo, simulated, steps
from lzopen.demo.table import Row, Step, table

FILES = {
    "crossing.nc", "crossing.png", "crossing_dephased.nc",
    "lzs_fit.nc", "lzs_fit.png", "ramsey_fit.nc", "ramsey_fit.png",
}  # fmt: skip


def test_measured_decay_gives_the_published_noise(aquila_ramsey, tmp_path):
    step = steps.decay(tmp_path, aquila_ramsey, "measured")
    rows = {row.name: row for row in step.rows}
    assert 3.05 < rows["T2* (µs)"].value < 3.2
    assert 1.75 < rows["exponent n"].value < 2.05
    notes = " ".join(step.notes)
    alone = float(notes.split("Binomial errors alone give χ²/dof = ")[1].split(",")[0])
    assert alone == pytest.approx(3.1, abs=0.05)
    assert "common to a group (one shot" in notes
    exponential = next(note for note in step.notes if note.startswith("exponential, oscillating"))
    assert float(exponential.split("Δχ²")[1].strip(" .")) > 100
    assert "measured" in step.title


def test_demo_without_data_says_so_and_goes_on(tmp_path, monkeypatch, capsys):
    """No network, no folder, an empty cache: everything is simulated and labelled."""
    monkeypatch.delenv("LZOPEN_DATA", raising=False)
    monkeypatch.setattr(datasets.pooch, "os_cache", lambda name: tmp_path / "empty")
    headings = []
    monkeypatch.setattr(
        steps.plotting, "save", lambda ax, path: headings.append((path.name, ax.get_title()))
    )
    demo(tmp_path / "out")
    printed = capsys.readouterr().out
    said = [line for line in printed.splitlines() if "simulating the same device" in line]
    assert len(said) == 1
    assert len(said[0]) < 100
    assert printed.count(", simulated, ") == 2
    assert ", measured, " not in printed
    assert all("(simulated)" in title for name, title in headings if name != "crossing.png")
    run = lz.load(tmp_path / "out" / "ramsey_fit.nc")
    assert run.attrs["source"] == "simulated"


def test_demo_writes_what_it_names(aquila_lzs, aquila_ramsey, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(datasets, "aquila_lzs", lambda: aquila_lzs)
    monkeypatch.setattr(datasets, "aquila_ramsey", lambda: aquila_ramsey)
    folder = demo(tmp_path / "out")
    printed = capsys.readouterr().out
    assert {path.name for path in folder.iterdir()} == FILES
    assert all(name in printed for name in FILES)
    assert str(folder.resolve()) in printed
    fit = lz.load(folder / "lzs_fit.nc")
    assert fit.attrs["source"] == "measured"
    assert fit["run_time"].attrs["units"] == "µs"
    assert "@article{blanes2009" in lz.cite(fit)


def test_crossing_step_agrees_with_theory(tmp_path):
    stopped, dressed, closed, dephased = steps.crossing(tmp_path).rows
    assert abs(stopped.value - stopped.closed) < 1e-9
    assert abs(dressed.value - dressed.closed) < 1.1 * dressed.error
    assert abs(closed.value - closed.closed) < closed.error < 1e-8
    assert abs(dephased.value - dephased.closed) < 1e-3


def test_simulated_decay_has_the_noise_it_was_given():
    data = simulated.ramsey()
    sigma = np.hypot(simulated.RAMSEY_COMMON, simulated.RAMSEY_SINGLE)
    fit = steps.fit_ramsey(data)
    assert abs(fit.parameters["T"] - np.sqrt(2) / sigma) < 3 * fit.errors["T"]
    assert abs(fit.parameters["exponent"] - 2) < 3 * fit.errors["exponent"]


def test_output_that_is_a_file_is_refused(tmp_path):
    (tmp_path / "taken").write_text("")
    with pytest.raises(lz.LzopenError, match="`output` must be a folder"):
        demo(tmp_path / "taken")


def test_table_has_one_width():
    text = table([Step("1  title", "that of a test", [Row("x", 0.5, 1e-3, 0.25)], ["A note."])])
    assert "+2.5e-01" in text
    assert max(map(len, text.splitlines())) == 72


CSV = "# a comment\ntime,p,n\n" + "".join(
    f"{t:.3f},{0.5 + 0.4 * np.exp(-t / 2):.6f},400\n" for t in np.linspace(0, 6, 40)
)


@pytest.fixture
def csv(tmp_path):
    path = tmp_path / "decay.csv"
    path.write_text(CSV)
    return path


def test_fit_command_prints_and_writes(csv, tmp_path):
    arguments = ["fit", str(csv), "--delay", "time", "--signal", "p", "--shots", "n"]
    done = CliRunner().invoke(cli.app, [*arguments, "--output", str(tmp_path / "fits")])
    assert done.exit_code == 0, done.output
    assert "χ²/dof" in done.output
    fit = lz.load(tmp_path / "fits" / "decay_fit.nc")
    assert fit["value"].sel(parameter="T").item() == pytest.approx(2.0, abs=0.01)
    assert (tmp_path / "fits" / "decay_fit.png").stat().st_size > 5000


def test_fit_command_on_measured_data(shared_data):
    file = shared_data / "quera-aquila-ramsey" / "ramsey.csv"
    arguments = ["fit", str(file), "--delay", "run_time_us", "--signal", "p_rydberg"]
    done = CliRunner().invoke(cli.app, [*arguments, "--sigma", "sigma_shot_to_shot"])
    assert done.exit_code == 0, done.output
    T = next(line for line in done.output.splitlines() if line.strip().startswith("T "))
    assert float(T.split()[1]) == pytest.approx(3.13, abs=0.06)


def run(*arguments):
    command = [sys.executable, "-c", "from lzopen.cli import main; main()", *arguments]
    environment = {**os.environ, "PYTHONWARNINGS": "error"}
    return subprocess.run(command, capture_output=True, text=True, env=environment, check=False)


def test_missing_column_names_the_columns(csv):
    done = run("fit", str(csv), "--delay", "tau", "--signal", "p")
    assert done.returncode == 2
    assert "'tau'" in done.stderr
    assert "time, p, n" in done.stderr
    assert "Traceback" not in done.stderr


def test_missing_and_broken_files_are_named(tmp_path):
    with pytest.raises(lz.LzopenError, match=r"nowhere\.csv"):
        cli.read_csv(tmp_path / "nowhere.csv")
    (tmp_path / "empty.csv").write_text("")
    with pytest.raises(lz.LzopenError, match=r"empty\.csv"):
        cli.read_csv(tmp_path / "empty.csv")


def test_about_and_family():
    done = CliRunner().invoke(cli.app, ["about"])
    assert f"lzopen   {lz.__version__}" in done.output
    assert f"qutip    {qutip.__version__}" in done.output
    assert family.version() == ("lzopen", lz.__version__)


def test_qutip_lists_the_family(capsys):
    qutip.about()
    assert f"\nlzopen: {lz.__version__}\n" in capsys.readouterr().out


def test_words_in_a_column_are_named(tmp_path):
    (tmp_path / "words.csv").write_text("time , p\n0.1,0.5\n0.2,lost\n")
    done = run("fit", str(tmp_path / "words.csv"), "--delay", "time", "--signal", "p")
    assert done.returncode == 2
    assert "'lost' in row 2" in done.stderr


def test_an_output_that_cannot_be_made_is_one_line(csv, tmp_path):
    arguments = ["fit", str(csv), "--delay", "time", "--signal", "p"]
    done = run(*arguments, "--output", str(csv))
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
