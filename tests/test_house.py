"""The house stands: imports go one way, theory stays alone, plotting alone draws."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

import lzopen

HOUSE = Path(lzopen.__file__).parent

ROOMS_BY_LEVEL = (
    ("_version", "errors", "conventions", "progress", "references"),
    ("theory", "waveforms", "noise", "results", "datasets", "measurements"),
    ("environments",),
    ("models",),
    ("dynamics",),
    ("scan",),
    ("interferometry",),
    ("characterization", "thermodynamics"),
    ("plotting",),
    ("demo", "cli", "family"),
)
LEVEL = {room: level for level, rooms in enumerate(ROOMS_BY_LEVEL) for room in rooms}
TOP = len(ROOMS_BY_LEVEL) - 1
THEORY_MAY_IMPORT = {"lzopen", "numpy", "scipy", "mpmath"} | set(sys.stdlib_module_names)

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass(frozen=True)
class Import:
    """One imported module: where, what, and whether it is loaded with the file."""

    file: Path
    line: int
    module: str
    at_load: bool

    @property
    def package(self) -> str:
        return self.module.split(".")[0]

    @property
    def place(self) -> str:
        return f"{self.file}:{self.line}"


# -- the checker


def imports_of(file: Path, house: Path) -> Iterator[Import]:
    """Every import in a file, those inside functions and the relative ones too."""
    here = ("lzopen", *file.relative_to(house).parts[:-1])
    for node, at_load in _nodes(ast.parse(file.read_text(encoding="utf-8")), at_load=True):
        for module in _modules(node, here):
            yield Import(file.relative_to(house.parent), node.lineno, module, at_load)


def _nodes(node: ast.AST, *, at_load: bool) -> Iterator[tuple[ast.stmt, bool]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import | ast.ImportFrom):
            yield child, at_load
        guarded = isinstance(child, FUNCTIONS) or _is_for_type_checkers(child)
        yield from _nodes(child, at_load=at_load and not guarded)


def _is_for_type_checkers(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING")


def _modules(node: ast.stmt, here: tuple[str, ...]) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    assert isinstance(node, ast.ImportFrom)
    base = here[: len(here) - node.level + 1] if node.level else ()
    source = ".".join((*base, *filter(None, [node.module])))
    if source != "lzopen":
        return [source]
    # `from lzopen import x` reaches the room x, or the door where x is no room
    return [f"lzopen.{alias.name}" if alias.name in LEVEL else "lzopen" for alias in node.names]


def room_of(file: Path, house: Path) -> str:
    return file.relative_to(house).parts[0].removesuffix(".py")


def files_of(house: Path) -> list[Path]:
    return sorted(file for file in house.rglob("*.py") if file != house / "__init__.py")


def house_rules_broken(house: Path) -> list[str]:
    """One sentence for every broken rule."""
    broken = []
    for file in files_of(house):
        room = room_of(file, house)
        if room not in LEVEL:
            broken.append(f"{file.relative_to(house.parent)}: {_unknown(room)}")
            continue
        for found in imports_of(file, house):
            broken += [f"{found.place}: {rule}" for rule in _rules_broken(room, found)]
    return broken


def _rules_broken(room: str, found: Import) -> Iterator[str]:
    if found.package == "lzopen":
        yield from _direction(room, found.module)
    if room == "theory" and found.package not in THEORY_MAY_IMPORT:
        yield f"theory imports {found.package}, but may use numpy, scipy and mpmath only."
    if found.package == "matplotlib" and room != "plotting":
        yield f"{room} imports matplotlib, which only plotting may do."
    elif found.package == "matplotlib" and found.at_load:
        yield "matplotlib is imported with the file; import it inside the function that draws."


def _direction(room: str, module: str) -> Iterator[str]:
    _, _, rest = module.partition(".")
    target = rest.split(".")[0]
    if not target:
        if LEVEL[room] < TOP:
            yield f"{room} imports through the door `lzopen`; import from the room instead."
    elif target not in LEVEL:
        yield _unknown(target)
    elif LEVEL[target] > LEVEL[room]:
        yield (
            f"{room} (level {LEVEL[room]}) imports upward from {target} (level {LEVEL[target]}); "
            "move what both need into a lower room."
        )


def _unknown(room: str) -> str:
    return (
        f"`{room}` is a room that the house does not know; give it a level in ROOMS_BY_LEVEL "
        "of tests/test_house.py and a line in docs/architecture.md."
    )


# -- the house as it is


def test_the_house_keeps_its_rules() -> None:
    broken = house_rules_broken(HOUSE)
    assert not broken, "\n" + "\n".join(broken)


def test_every_room_is_in_the_architecture_page() -> None:
    page = (HOUSE.parent / "docs" / "architecture.md").read_text(encoding="utf-8")
    missing = [room for room in LEVEL if f"`{room}`" not in page]
    assert not missing, f"docs/architecture.md does not name {missing}"


# QuTiP loads matplotlib by itself, so the loaded modules say nothing; what counts is who asks.
WATCH = """
import builtins
real_import = builtins.__import__

def watched(name, globals=None, *args, **kwargs):
    importer = (globals or {}).get("__name__", "")
    if name.split(".")[0] == "matplotlib" and importer.split(".")[0] == "lzopen":
        print(importer)
    return real_import(name, globals, *args, **kwargs)

builtins.__import__ = watched
import lzopen
"""


def who_asks_for_matplotlib(folder: Path) -> str:
    run = subprocess.run(
        [sys.executable, "-c", WATCH],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    return run.stdout


def test_import_lzopen_does_not_ask_for_matplotlib() -> None:
    assert who_asks_for_matplotlib(HOUSE.parent) == ""


# -- the checker itself, on planted houses


def plant(house: Path, files: dict[str, str]) -> Path:
    for name, source in files.items():
        (house / name).parent.mkdir(parents=True, exist_ok=True)
        (house / name).write_text(source, encoding="utf-8")
    return house


@pytest.fixture
def house(tmp_path: Path) -> Path:
    return plant(tmp_path / "lzopen", {"__init__.py": "from lzopen.cli import main\n"})


@pytest.mark.parametrize(
    "source",
    [
        "from lzopen.models import TwoLevel",
        "from lzopen.models.base import Model",
        "from lzopen import models",
        "from lzopen import errors, models as m",
        "import lzopen.models",
        "import numpy, lzopen.models.base as base",
        "from ..models import TwoLevel",
        "from ..models.base import Model",
        "from .. import models",
        "def late():\n    from lzopen.models import TwoLevel",
        "class Late:\n    def late(self):\n        from .. import models",
        "try:\n    import lzopen.models\nexcept ImportError:\n    pass",
        "if TYPE_CHECKING:\n    from lzopen.models import TwoLevel",
    ],
)
def test_upward_import_is_caught(house: Path, source: str) -> None:
    plant(house, {"waveforms/linear.py": source})
    (message,) = house_rules_broken(house)
    line = 1 + source[: source.rindex("import")].count("\n")
    assert message.startswith(f"{Path('lzopen/waveforms/linear.py')}:{line}: waveforms (level 1)")
    assert "upward from models (level 3)" in message


def test_relative_imports_are_seen_from_a_package_and_from_a_module(house: Path) -> None:
    plant(
        house, {"waveforms/__init__.py": "from ..models import x", "scan.py": "from .cli import x"}
    )
    waveforms, scan = sorted(house_rules_broken(house), reverse=True)
    assert "upward from models" in waveforms
    assert "upward from cli" in scan


@pytest.mark.parametrize(
    "source",
    [
        "import numpy as np\nimport qutip",
        "from lzopen.waveforms import Linear\nfrom lzopen import errors, waveforms",
        "from . import base\nfrom .base import Model\nfrom ..errors import fail",
        "import lzopen.environments.base",
    ],
)
def test_downward_and_sideways_imports_pass(house: Path, source: str) -> None:
    plant(house, {"models/two_level.py": source})
    assert house_rules_broken(house) == []


@pytest.mark.parametrize("source", ["import lzopen as lz", "from lzopen import TwoLevel"])
def test_the_door_is_for_the_top_level_only(house: Path, source: str) -> None:
    plant(house, {"demo.py": source})
    assert house_rules_broken(house) == []
    plant(house, {"scan.py": source})
    (message,) = house_rules_broken(house)
    assert "scan imports through the door" in message


def test_unknown_room_is_named_with_what_to_do(house: Path) -> None:
    plant(house, {"attic/__init__.py": "", "cli.py": "from lzopen.cellar import wine"})
    attic, cellar = house_rules_broken(house)
    assert "`attic` is a room that the house does not know" in attic
    assert "`cellar` is a room that the house does not know" in cellar
    assert "ROOMS_BY_LEVEL of tests/test_house.py" in attic


def test_theory_may_not_use_a_solver(house: Path) -> None:
    plant(house, {"theory/single.py": "import math\nimport numpy\nimport qutip"})
    (message,) = house_rules_broken(house)
    assert "theory imports qutip" in message


def test_matplotlib_belongs_to_plotting_inside_functions(house: Path) -> None:
    inside = "def draw():\n    import matplotlib.pyplot as plt\n"
    typing_only = "if TYPE_CHECKING:\n    from matplotlib.axes import Axes\n"
    plant(house, {"plotting/lines.py": inside + typing_only})
    assert house_rules_broken(house) == []
    plant(house, {"plotting/lines.py": "import matplotlib.pyplot as plt", "scan.py": inside})
    with_the_file, elsewhere = house_rules_broken(house)
    assert "import it inside the function" in with_the_file
    assert "scan imports matplotlib, which only plotting may do" in elsewhere


def test_the_watch_sees_a_planted_import(tmp_path: Path) -> None:
    plant(tmp_path, {"matplotlib.py": "", "lzopen/__init__.py": "from lzopen import plotting"})
    plant(tmp_path, {"lzopen/plotting.py": "from matplotlib import *"})
    assert who_asks_for_matplotlib(tmp_path) == "lzopen.plotting\n"
