"""What is built from the sources installs, and brings all that it needs."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
BUILT_FROM = ("lzopen", "pyproject.toml", "setup.cfg", "README.md", "LICENSE")
SDIST = "from setuptools.build_meta import build_sdist as b; print(b('out'))"


def run(*command: object, cwd: Path) -> str:
    done = subprocess.run(
        [str(part) for part in command], cwd=cwd, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built from the source archive, itself built from a copy of the sources."""
    sources = tmp_path_factory.mktemp("sources")
    for name in BUILT_FROM:
        place = ROOT / name
        copy = shutil.copytree if place.is_dir() else shutil.copy
        copy(place, sources / name)
    archive = run(sys.executable, "-c", SDIST, cwd=sources).split()[-1]
    how = ("wheel", "--no-deps", "--no-build-isolation", "--quiet", "--wheel-dir", "out")
    run(sys.executable, "-m", "pip", *how, f"out/{archive}", cwd=sources)
    (built,) = (sources / "out").glob("*.whl")
    return built


def test_the_wheel_holds_every_module_the_types_and_the_bibliography(wheel: Path) -> None:
    held = set(zipfile.ZipFile(wheel).namelist())
    modules = {str(path.relative_to(ROOT)) for path in (ROOT / "lzopen").rglob("*.py")}
    assert modules <= held
    assert {"lzopen/py.typed", "lzopen/references/bibliography.bib"} <= held
    assert not [name for name in held if name.startswith(("tests", "docs", "examples"))]


def test_the_installed_wheel_runs_by_itself(wheel: Path, tmp_path: Path) -> None:
    how = ("install", "--no-deps", "--quiet", "--target", "site")
    run(sys.executable, "-m", "pip", *how, wheel, cwd=tmp_path)
    code = f"import sys; sys.path.insert(0, {str(tmp_path / 'site')!r}); import lzopen as lz; "
    code += "print(lz.__file__); lz.about(); print(lz.theory.landau_zener(rate=1.0, gap=1.0))"
    where, *_, number = run(sys.executable, "-c", code, cwd=tmp_path).splitlines()
    assert Path(where).is_relative_to(tmp_path)
    assert float(number) == pytest.approx(0.20787957635)
