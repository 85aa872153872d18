"""Directives that show what lzopen rests on: its tests, and its timings."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from docutils.nodes import Node
from sphinx.util.docutils import SphinxDirective

ROOT = Path(__file__).parents[2]
ROOMS = {
    "physics": "Theory",
    "waveforms": "Waveforms",
    "noise": "Classical noise",
    "dynamics": "Dynamics",
    "interferometry": "Interferometry",
    "characterization": "Characterization",
    "measurements": "Measured data",
    "thermodynamics": "Thermodynamics",
    "scan": "Scanning",
    "traps": "Traps of plain QuTiP",
    "contract": "Promises of every public object",
    "": "The whole",
}


class Checks(SphinxDirective):
    """A table for each room: what its tests compare, and each check as a sentence."""

    def run(self) -> list[Node]:
        lines = []
        for folder, title in ROOMS.items():
            files = sorted((ROOT / "tests" / folder).glob("test_*.py"))
            checks = [(said, sentences) for said, sentences in map(_read, files) if sentences]
            lines += [f"### {title}", "", "| Compared | Checks |", "|---|--:|"]
            lines += [f"| {said} | {len(sentences)} |" for said, sentences in checks]
            lines += ["", "<details><summary>Every check</summary>", ""]
            lines += [f"- {sentence}" for _, sentences in checks for sentence in sentences]
            lines += ["", "</details>", ""]
        for path in (ROOT / "tests").rglob("test_*.py"):
            self.env.note_dependency(str(path))
        return self.parse_text_to_nodes("\n".join(lines), allow_section_headings=True)


def _read(path: Path) -> tuple[str, list[str]]:
    """What a test file says of itself, and the names of its tests as sentences."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    said = (ast.get_docstring(tree) or path.stem).split("\n\n")[0].replace("\n", " ")
    return _escaped(said).rstrip("."), [_sentence(name) for name in _tests(tree)]


def _tests(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            yield node.name.removeprefix("test_")


def _sentence(name: str) -> str:
    words = name.replace("_", " ")
    return words[0].upper() + words[1:]


def _escaped(text: str) -> str:
    return text.replace("|", r"\|").replace("*", r"\*")


class Timings(SphinxDirective):
    """The cases of ``benchmarks/results.json``, under the machine they were measured on."""

    def run(self) -> list[Node]:
        path = ROOT / "benchmarks" / "results.json"
        self.env.note_dependency(str(path))
        record = json.loads(path.read_text(encoding="utf-8"))
        versions = ", ".join(f"{name} {number}" for name, number in record["versions"].items())
        lines = [
            f"{record['processor']}, one thread, medians of {record['clock']}; {versions}.",
            "",
            "| Work | Peer | Peer takes | lzopen takes | Ratio | Error, peer | Error, lzopen |",
            "|---|---|--:|--:|--:|--:|--:|",
            *map(_case, record["cases"]),
            "",
            "| Limit | Measured | At most |",
            "|---|--:|--:|",
            *map(_limit, record["limits"]),
        ]
        return self.parse_text_to_nodes("\n".join(lines))


def _case(case: dict[str, Any]) -> str:
    each = [case["name"], case["peer"]]
    each += [f"{_seconds(case[key])} per {case['unit']}" for key in ("peer_s", "ours_s")]
    ratio = case["ratio"]
    each += [f"**{ratio:,.0f}**" if ratio >= 100 else f"**{ratio:.3g}**"]
    each += [f"{case[key]:.0e}" for key in ("peer_error", "ours_error")]
    return f"| {' | '.join(each)} |"


def _limit(limit: dict[str, Any]) -> str:
    most = "" if limit["at_most"] is None else f"{limit['at_most']:g} {limit['unit']}"
    return f"| {limit['name']} | {limit['value']:.3g} {limit['unit']} | {most} |"


def _seconds(value: float) -> str:
    for size, unit in ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs")):
        if value >= size:
            return f"{value / size:.3g} {unit}"
    return f"{value * 1e9:.3g} ns"


def setup(app: Any) -> dict[str, bool]:
    """Register both directives."""
    app.add_directive("checks", Checks)
    app.add_directive("timings", Timings)
    return {"parallel_read_safe": True}
