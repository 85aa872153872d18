"""Every example runs, agrees with its reference, and draws one figure."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = sorted((Path(__file__).parents[1] / "examples").glob("plot_*.py"))


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_example_runs(example, tmp_path):
    run = subprocess.run(
        [sys.executable, "-W", "error::lzopen.LzopenWarning", str(example)],
        cwd=tmp_path,
        env=os.environ | {"MPLBACKEND": "Agg", "TQDM_DISABLE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    assert "reference" in run.stdout
    assert len(list(tmp_path.glob("*.png"))) == 1


def test_there_are_examples():
    assert EXAMPLES
