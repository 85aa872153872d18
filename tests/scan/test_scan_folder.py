"""A scan in a folder: killed, resumed, damaged, and taken for another."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import types
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from scan_quantities import QUBIT, moody, told, traced

import lzopen as lz
from lzopen.scan import scan
from lzopen.scan.identity import described

GAPS = np.linspace(0.1, 1.0, 10)


def calls(trace: Path) -> list[float]:
    return [float(line) for line in trace.read_text().split()] if trace.exists() else []


def chunks(folder: Path) -> list[Path]:
    return sorted(folder.glob("points-*.nc"))


# -- killed and resumed

SCRIPT = """
import sys
import numpy as np
from scan_quantities import QUBIT, traced
from lzopen.scan import scan
folder, trace, stuck = sys.argv[1:]
scan(traced, QUBIT, over={"gap": np.linspace(0.1, 1.0, 10)}, folder=folder, chunk=2, trace=trace,
     stuck=stuck)
"""


def test_a_killed_scan_does_only_what_is_missing(tmp_path: Path) -> None:
    folder, trace, stuck = tmp_path / "scan", tmp_path / "trace", tmp_path / "stuck"
    stuck.touch()
    paths = [str(path) for path in (folder, trace, stuck)]
    here = os.pathsep.join([str(Path(__file__).parent), *filter(None, sys.path)])
    env = {**os.environ, "PYTHONPATH": here}
    process = subprocess.Popen([sys.executable, "-c", SCRIPT, *paths], env=env)
    until = time.monotonic() + 60
    while len(calls(trace)) < 5 and process.poll() is None and time.monotonic() < until:
        time.sleep(0.02)
    assert process.poll() is None
    process.kill()  # SIGKILL, in the middle of the third chunk
    process.wait()
    stuck.unlink()
    assert len(chunks(folder)) == 2
    options = {"over": {"gap": GAPS}, "chunk": 2, "trace": str(trace), "stuck": str(stuck)}
    resumed = scan(traced, QUBIT, folder=folder, **options)
    assert calls(trace)[5:] == pytest.approx(GAPS[4:])
    whole = scan(traced, QUBIT, folder=tmp_path / "whole", **options)
    in_memory = scan(traced, QUBIT, **options)
    assert resumed.identical(whole)
    assert resumed.identical(in_memory)
    again = scan(traced, QUBIT, folder=folder, **options)
    assert again.identical(whole)
    assert len(calls(trace)) == 5 + 6 + 10 + 10


def test_an_interrupt_passes_and_finished_chunks_stay(tmp_path: Path) -> None:
    asked = []

    def interrupted(model):
        asked.append(model.gap)
        if len(asked) == 6:
            raise KeyboardInterrupt
        return model.gap

    options = {"over": {"gap": GAPS}, "folder": tmp_path, "chunk": 2}
    with pytest.raises(KeyboardInterrupt):
        scan(interrupted, QUBIT, **options)
    assert len(chunks(tmp_path)) == 2
    assert np.array_equal(scan(interrupted, QUBIT, **options).interrupted, GAPS)
    assert asked[6:] == pytest.approx(GAPS[4:])


def test_all_kinds_of_values_come_back_as_they_were(tmp_path: Path) -> None:
    options = {"over": {"gap": GAPS[:8]}, "chunk": 3, "seed": 2}
    fresh, stored, resumed = (
        told(moody, QUBIT, folder=folder, **options)[0] for folder in (None, tmp_path, tmp_path)
    )
    assert resumed.identical(stored)
    assert fresh.identical(stored)
    assert {n: v.dtype for n, v in resumed.variables.items()} == {
        n: v.dtype for n, v in stored.variables.items()
    }
    assert lz.load(lz.save(resumed, tmp_path / "all.nc")).identical(resumed)


def test_a_batched_scan_resumes_to_the_last_bit(tmp_path: Path) -> None:
    options = {"over": {"rate": [0.5, 1.0, 2.0], "gap": GAPS}, "chunk": 8, "window": (-4, 4)}
    whole = scan(lz.transition_matrix, QUBIT, folder=tmp_path, **options)
    for path in chunks(tmp_path)[1::2]:
        path.unlink()
    assert scan(lz.transition_matrix, QUBIT, folder=tmp_path, **options).identical(whole)


def test_warnings_of_stored_chunks_are_not_forgotten(tmp_path: Path) -> None:
    options = {"over": {"gap": GAPS[:5]}, "seed": 2, "folder": tmp_path}
    for _ in range(2):
        _, (warning,) = told(moody, QUBIT, **options)
        assert str(warning) == "a gap of 0.1 is small (and 2 more like this)"


def test_failed_chunks_are_tried_again(tmp_path: Path) -> None:
    healed, asked = [], []

    def fragile(model):
        asked.append(model.gap)
        if model.gap > 0.75 and not healed:
            raise OSError("disk full")
        return model.gap

    options = {"over": {"gap": GAPS}, "folder": tmp_path, "chunk": 2}
    for _ in range(2):
        asked.clear()
        with pytest.warns(lz.LzopenWarning, match="3 of 10 points failed"):
            first = scan(fragile, QUBIT, **options)
    assert asked == pytest.approx(GAPS[6:])  # the chunks (0.7, 0.8) and (0.9, 1.0)
    assert np.array_equal(np.isnan(first.fragile), GAPS > 0.75)
    healed.append(True)
    result = scan(fragile, QUBIT, **options)
    assert np.array_equal(result.fragile, GAPS)
    assert json.loads(result.attrs["lzopen"])["failures"] == []


# -- damage


@pytest.mark.parametrize(
    "damage",
    [
        lambda content: content[: len(content) // 2],
        lambda content: b"",
        lambda content: content.replace(np.float64(0.2).tobytes(), np.float64(0.3).tobytes()),
    ],
    ids=["half", "empty", "a number changed"],
)
def test_damaged_chunks_are_computed_again(tmp_path: Path, damage) -> None:
    asked = []

    def quantity(model):
        asked.append(model.gap)
        return model.gap

    whole = scan(quantity, QUBIT, over={"gap": GAPS}, folder=tmp_path, chunk=5)
    first = chunks(tmp_path)[0]
    content = first.read_bytes()
    assert damage(content) != content
    first.write_bytes(damage(content))
    asked.clear()
    again = scan(quantity, QUBIT, over={"gap": GAPS}, folder=tmp_path, chunk=5)
    assert again.identical(whole)
    assert asked == pytest.approx(GAPS[:5])
    assert len(chunks(tmp_path)) == 2


@pytest.mark.parametrize("content", ["", '{"quantity": ', None])
def test_a_damaged_manifest_is_written_again(tmp_path: Path, content: str | None) -> None:
    def run(**options):
        return scan(lambda model, a=1: a * model.gap, QUBIT, over={"gap": GAPS}, **options)

    whole = run(folder=tmp_path)
    manifest = tmp_path / "scan.json"
    before = manifest.read_text()
    if content is None:
        manifest.unlink()
    else:
        manifest.write_text(content)
    assert run(folder=tmp_path).identical(whole)
    assert manifest.read_text() == before
    manifest.unlink()  # chunks of another scan are not taken for one's own
    assert np.array_equal(run(folder=tmp_path, a=2).value, 2 * GAPS)


# -- another scan

OTHER = {
    "options.trace is .*there and .*here": {"trace": "elsewhere"},
    "options.stuck is missing there and x here": {"stuck": "x"},
    r"over.gap is \[0.1, .* there and \[0.5\] here": {"over": {"gap": [0.5]}},
    "over.rate is missing there": {"over": {"rate": [1.0]}},
    "chunk is 1 there and 5 here": {"chunk": 5},
    r"parameters.gap is 1.0 there and 0.5 here": {"model": QUBIT.with_parameters({"gap": 0.5})},
    "quantity.function is traced there and other here": {"quantity": lambda m, trace: 1.0},
}


@pytest.mark.parametrize("message", OTHER)
def test_a_folder_of_another_scan_is_refused(tmp_path: Path, message: str) -> None:
    given = {"quantity": traced, "model": QUBIT, "over": {"gap": GAPS}}
    given["trace"] = str(tmp_path / "trace")
    scan(**given, folder=tmp_path)
    changed = {**given, **OTHER[message]}
    changed["quantity"].__qualname__ = "other" if changed["quantity"] is not traced else "traced"
    with pytest.raises(lz.LzopenError, match=f"`folder` must hold this scan.*{message}") as error:
        scan(**changed, folder=tmp_path)
    assert str(error.value).endswith("give another folder, or delete this one to start again.")


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(lz.LzopenError, match="`folder` must name a folder, but is the file"):
        scan(traced, QUBIT, over={"gap": GAPS}, folder=tmp_path / "file", trace="")


def function(source: str, **values) -> types.FunctionType:
    """The last function of a source, in a module of its own."""
    module = types.ModuleType("somewhere")
    vars(module).update(values)
    exec(source, vars(module))
    return [f for f in vars(module).values() if isinstance(f, types.FunctionType)][-1]


SAME = [
    "def f(model):\n    return 2 * model.gap * T if model.gap in {'a', 'b'} else helper(model)",
    "# a comment\n\ndef f(model):\n    # another\n    return (2 * model.gap * T\n        "
    "if model.gap in {'b', 'a'} else helper(model))",
]
HELPER = "def helper(model):\n    return 1\n"
CHANGED = [
    (HELPER + SAME[0].replace("2", "3"), 1.0),
    (HELPER + SAME[0].replace("gap", "sweep"), 1.0),
    (HELPER + SAME[0].replace("model)", "model, x=1)", 1), 1.0),
    (HELPER + SAME[0].replace("'b'", "'c'"), 1.0),
    (HELPER.replace("1", "2") + SAME[0], 1.0),
    (HELPER + SAME[0], 1.0 + 1e-15),
    (HELPER + SAME[0], np.array([1.0, 1.0 + 1e-15])),
    (HELPER + SAME[0], QUBIT),
]


def test_a_function_is_known_by_what_it_does() -> None:
    one, two = (described(function(HELPER + source, T=1.0)) for source in SAME)
    assert one == two
    codes = {described(function(source, T=value))["code"] for source, value in CHANGED}
    assert len(codes | {one["code"]}) == len(CHANGED) + 1


def test_a_function_stays_the_same_when_it_runs() -> None:
    counter = []

    def quantity(model):
        counter.append(1)
        return sum(x**2 for x in range(3))

    before = described(quantity)
    for _ in range(1000):
        quantity(None)
    assert described(quantity) == before


def test_a_recursive_function_is_described() -> None:
    def down(n):
        return n if n < 1 else down(n - 1)

    assert described(down)["function"].endswith("down")


def test_objects_are_described_without_their_place_in_memory() -> None:
    crossing = lz.TwoLevel

    def made():
        def quantity(model, kind=lz.TwoLevel, *, lock=object()):  # noqa: B008
            return crossing, kind, lock

        return quantity

    assert described(made()) == described(made())
    assert described(crossing) == "TwoLevel"


def test_options_are_told_apart_to_the_last_digit() -> None:
    pairs = [
        ({"a": {"b": 1}}, {"a": {"b": 2}}),
        ([1.0], [1.0 + 1e-15]),
        (xr.DataArray([1.0, 2.0]), xr.DataArray([1.0, 2.5])),
        (np.arange(1000.0), np.arange(1000.0)[::-1]),
        (lz.White(0.1), lz.White(0.2)),
        (QUBIT.H(0.0), QUBIT.H(0.1)),
    ]
    for one, other in pairs:
        texts = [lz.results.provenance(parameters={"x": described(x)}) for x in (one, other)]
        assert texts[0] != texts[1]
