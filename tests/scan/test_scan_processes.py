"""Processes give the same numbers, and one that dies takes nothing else along."""

from __future__ import annotations

import importlib
import json
import multiprocessing
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from scan_quantities import QUBIT, moody, told

import lzopen as lz
from lzopen.scan import scan

GAPS = np.linspace(0.1, 1.0, 10)


@pytest.mark.slow
def test_batches_are_the_same_to_the_last_bit() -> None:
    options = {"over": {"sweep.rate": [0.5, 1.0, 2.0], "gap": GAPS}, "chunk": 4, "tol": 1e-6}
    open_qubit = QUBIT.with_environment(lz.Dephasing(0.1))
    here = scan(lz.transition_matrix, open_qubit, window=(-3, 3), **options)
    there = scan(lz.transition_matrix, open_qubit, window=(-3, 3), workers=2, **options)
    assert there.identical(here)
    assert not multiprocessing.active_children()


def test_failures_warnings_and_seeds_are_the_same_and_a_dead_process_is_replaced() -> None:
    options = {"over": {"gap": GAPS}, "seed": 4}
    here, said = told(moody, QUBIT, **options)
    there, said_there = told(moody, QUBIT, workers=2, deadly=GAPS[5], **options)
    failures = json.loads(there.attrs["lzopen"])["failures"]
    assert [f["gap"] for f in failures] == pytest.approx([0.6, 0.9, 1.0])
    assert failures[0]["message"] == "its process died with exit code -9"
    alive = GAPS[5] != GAPS
    assert set(there.threads.values[:5]) == set(here.threads.values[:5]) == {"1"}
    assert there[{"gap": alive}].equals(here[{"gap": alive}])
    assert there[{"gap": ~alive}].single.isnull().all()
    assert len(said) == len(said_there) == 2
    assert str(said[0]) == str(said_there[0]) == "a gap of 0.1 is small (and 2 more like this)"


def test_what_does_not_pickle_is_told_before_any_process_starts() -> None:
    with pytest.raises(lz.LzopenError, match=r"`quantity` must pickle.*top level of a file"):
        scan(lambda model: 1.0, QUBIT, over={"gap": GAPS}, workers=2)
    with pytest.raises(lz.LzopenError, match="`quantity` must pickle, with its model and options"):
        scan(moody, QUBIT, over={"gap": GAPS}, workers=2, seed=1, deadly=lambda: 1)


@pytest.mark.slow
def test_what_a_process_cannot_import_is_told(tmp_path: Path, monkeypatch) -> None:
    (tmp_path / "passing_by.py").write_text("def f(model):\n    return 1.0\n")
    monkeypatch.syspath_prepend(tmp_path)
    f = importlib.import_module("passing_by").f
    monkeypatch.undo()
    with pytest.raises(lz.LzopenError, match=r"`workers` must be able to start.*passing_by.*top l"):
        scan(f, QUBIT, over={"gap": [1.0]}, workers=2)
    assert not multiprocessing.active_children()


@pytest.mark.slow
def test_a_script_without_a_guard_is_told(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        "import lzopen as lz\n"
        "from lzopen.scan import scan\n"
        "qubit = lz.TwoLevel(sweep=lz.Linear(1.0), gap=1.0)\n"
        "scan(lz.transition_matrix, qubit, over={'gap': [1.0]}, workers=2)\n"
    )
    run = subprocess.run([sys.executable, script], capture_output=True, text=True, check=False)
    assert run.returncode == 1
    last = run.stderr.strip().splitlines()[-1]
    assert "`workers` must be able to start" in last
    assert "if __name__ == '__main__':" in last
