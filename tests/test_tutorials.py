"""Every tutorial runs, passes its own tests, and has the form of QuTiP's notebooks."""

from __future__ import annotations

import re
from pathlib import Path

import matplotlib.pyplot as plt
import pytest

TUTORIALS = sorted((Path(__file__).parents[1] / "docs" / "tutorials").glob("*.md"))
CODE = re.compile(r"^```python\n(.*?)^```$", re.DOTALL | re.MULTILINE)
HEADER = re.compile(
    r"---\njupyter:\n  jupytext:\n.*format_name: markdown\n.*kernelspec:\n", re.DOTALL
)

every_tutorial = pytest.mark.parametrize("tutorial", TUTORIALS, ids=lambda path: path.stem)


@pytest.mark.slow
@every_tutorial
def test_tutorial_runs(tutorial, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    plt.switch_backend("Agg")
    text, names = tutorial.read_text(encoding="utf-8"), {}
    try:
        for cell in CODE.finditer(text):
            above = "\n" * text.count("\n", 0, cell.start(1))  # tracebacks name lines of the page
            exec(compile(above + cell[1], str(tutorial), "exec"), names)
        assert plt.get_fignums()
    finally:
        plt.close("all")
    assert re.search(r"^lzopen: \d", capsys.readouterr().out, re.MULTILINE)


@every_tutorial
def test_tutorial_has_the_form_of_a_notebook(tutorial):
    text = tutorial.read_text(encoding="utf-8")
    assert HEADER.match(text)
    prose = CODE.sub("", text)
    assert len(re.findall(r"^# ", prose, re.MULTILINE)) == 1
    assert re.findall(r"^#+ .*", prose, re.MULTILINE)[-2:] == ["## About", "## Testing"]
    *_, about, tests = CODE.findall(text)
    assert about == "qutip.about()\n"
    assert tests.startswith("assert ")
    assert text.endswith(f"## Testing\n\n```python\n{tests}```\n")


def test_there_are_tutorials():
    assert TUTORIALS
