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


EXAMPLE = """
A right < and a left

What it shows.
\"\"\"
import matplotlib.pyplot as plt
print("value 1, reference 1")
plt.figure().savefig("{name}.png")
"""


def test_figures_come_with_a_page_that_marks_what_failed(tmp_path, monkeypatch, capsys):
    drawing = runpy.run_path(str(EXAMPLES[0].parents[1] / "draw_all.py"))["main"]
    source = tmp_path / "examples"
    source.mkdir()
    for name, end in {"good": "", "bad": "raise SystemExit('The numbers differ.')"}.items():
        text = f'"""{EXAMPLE.format(name=name)}{end}'
        (source / f"plot_{name}.py").write_text(text, encoding="utf-8")
    monkeypatch.setitem(drawing.__globals__, "HERE", source)
    monkeypatch.setattr("sys.argv", ["draw_all.py", str(tmp_path / "figures")])
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit, match=r"plot_bad\.py: SystemExit: The numbers differ"):
        drawing()
    page = (tmp_path / "figures" / "index.html").read_text(encoding="utf-8")
    assert page.count("A right &lt; and a left</h2>") == 2
    assert page.count('class="failed"') == 1
    for name in ("good", "bad"):
        assert f'src="{name}.png"' in page
        assert (tmp_path / "figures" / f"{name}.png").exists()
