"""The main job from end to end, and the command line around it."""

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


@pytest.fixture
def one_start(monkeypatch):
    """The trace is fitted from one start instead of six."""
    monkeypatch.setattr(steps, "_lzs_starts", lambda: [{}])


@pytest.mark.usefixtures("one_start")
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


@pytest.mark.usefixtures("one_start")
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


def test_about_and_family():
    done = CliRunner().invoke(cli.app, ["about"])
    assert f"lzopen   {lz.__version__}" in done.output
    assert f"qutip    {qutip.__version__}" in done.output
    assert family.version() == ("lzopen", lz.__version__)


def test_qutip_lists_the_family(capsys):
    qutip.about()
    assert f"\nlzopen: {lz.__version__}\n" in capsys.readouterr().out
