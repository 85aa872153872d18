"""Every example runs, agrees with its reference, and draws one figure."""

from __future__ import annotations

import runpy
from pathlib import Path

import matplotlib.pyplot as plt
import pytest

EXAMPLES = sorted((Path(__file__).parents[1] / "examples").rglob("plot_*.py"))


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_example_runs(example, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    try:
        runpy.run_path(str(example), run_name="__main__")  # ends in SystemExit where numbers differ
    finally:
        plt.close("all")
    assert "reference" in capsys.readouterr().out
    assert [path.stem for path in tmp_path.glob("*.png")] == [example.stem.removeprefix("plot_")]


def test_there_are_examples():
    assert EXAMPLES
