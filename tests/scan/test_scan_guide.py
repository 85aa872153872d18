"""The scripts of the guide to clusters run as they are printed, and agree."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import lzopen as lz

GUIDE = Path(__file__).parents[2] / "docs" / "guide" / "scaling_out.md"
CODE = re.compile(r"^```python\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def test_scripts_of_the_guide_run_and_agree(tmp_path: Path) -> None:
    models, *scripts = CODE.findall(GUIDE.read_text(encoding="utf-8"))
    (tmp_path / "lzopen_models.py").write_text(models, encoding="utf-8")
    assert len(scripts) == 3
    printed = 'if __name__ == "__main__":\n    print(result.visibility.values.tolist())\n'
    one = {"SLURM_CPUS_PER_TASK": "2", "TQDM_DISABLE": "1", "OMP_NUM_THREADS": "1"}
    shown = []
    for number, script in enumerate(scripts):
        file = tmp_path / f"script{number}.py"
        file.write_text(script + printed, encoding="utf-8")
        done = subprocess.run(
            [sys.executable, file.name],
            cwd=tmp_path,
            env=os.environ | one,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        shown.append(done.stdout.splitlines()[-1])
    assert shown[0] == shown[1] == shown[2]
    assert lz.load(tmp_path / "fringes.nc").visibility.values.tolist() == json.loads(shown[0])
