"""A scan in a folder: killed, resumed, damaged, and taken for another."""

from __future__ import annotations

import copy
import functools
import json
import os
import subprocess
import sys
import threading
import time
import types
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
import qutip
import xarray as xr
from scan_quantities import QUBIT, moody, told, traced
from scipy.interpolate import CubicSpline, UnivariateSpline

import lzopen as lz
from lzopen.scan import scan
from lzopen.scan.identity import described
from lzopen.scan.reading import unknown

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
    def interrupted(model):
        interrupted.asked.append(model.gap)
        if len(interrupted.asked) == 6:
            raise KeyboardInterrupt
        return model.gap

    interrupted.asked = []
    options = {"over": {"gap": GAPS}, "folder": tmp_path, "chunk": 2}
    with pytest.raises(KeyboardInterrupt):
        scan(interrupted, QUBIT, **options)
    assert len(chunks(tmp_path)) == 2
    assert np.array_equal(scan(interrupted, QUBIT, **options).interrupted, GAPS)
    assert interrupted.asked[6:] == pytest.approx(GAPS[4:])


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
    def fragile(model):
        fragile.asked.append(model.gap)
        if model.gap > 0.75 and not fragile.healed:
            raise OSError("disk full")
        return model.gap

    fragile.healed, fragile.asked = False, []
    options = {"over": {"gap": GAPS}, "folder": tmp_path, "chunk": 2}
    for _ in range(2):
        fragile.asked.clear()
        with pytest.warns(lz.LzopenWarning, match="3 of 10 points failed"):
            first = scan(fragile, QUBIT, **options)
    assert fragile.asked == pytest.approx(GAPS[6:])  # the chunks (0.7, 0.8) and (0.9, 1.0)
    assert np.array_equal(np.isnan(first.fragile), GAPS > 0.75)
    fragile.healed = True
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
    def quantity(model):
        quantity.asked.append(model.gap)
        return model.gap

    quantity.asked = asked = []
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


# -- what netCDF does not keep


def kept_badly(**attributes):
    return xr.DataArray(1.0, attrs=attributes)


BAD = {
    "Forward slashes": lambda: {"a/b": 1.0},
    "attr 'deep'": lambda: kept_badly(deep={"a": 1}),
    "boolean": lambda: kept_badly(flag=True),
    "complex_part": lambda: {"complex_part": 1.0, "z": 1j},
    "numbers come back as others": lambda: kept_badly(scale_factor=2.0),
}


@pytest.mark.parametrize("why", BAD)
def test_the_first_result_that_cannot_be_stored_is_told_at_once(tmp_path: Path, why: str) -> None:
    def quantity(model):
        quantity.calls += 1
        return BAD[why]()

    quantity.calls = 0
    message = (
        f"`quantity` must return what netCDF keeps in a folder, but is something else: .*{why}"
    )
    with pytest.raises(lz.LzopenError, match=message):
        scan(quantity, QUBIT, over={"gap": GAPS}, folder=tmp_path, chunk=2)
    assert quantity.calls == 2
    assert [path.name for path in tmp_path.iterdir()] == ["scan.json"]
    assert set(scan(quantity, QUBIT, over={"gap": GAPS}).data_vars) == {*quantity_names(BAD[why]())}


def quantity_names(result):
    return result if isinstance(result, dict) else ["quantity"]


def test_a_later_result_that_cannot_be_stored_is_a_failure(tmp_path: Path) -> None:
    def quantity(model):
        return xr.DataArray(model.gap, attrs={"deep": {}} if model.gap > 0.55 else {}, name="x")

    options = {"over": {"gap": GAPS[:8]}, "folder": tmp_path, "chunk": 3}
    with pytest.warns(lz.LzopenWarning, match="2 of 8 points failed.*netCDF keeps in a folder"):
        result = scan(quantity, QUBIT, **options)
    assert np.array_equal(result.x, [*GAPS[:6], np.nan, np.nan], equal_nan=True)
    assert len(chunks(tmp_path)) == 2


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
    assert "; give another folder, or delete this one to start again." in str(error.value)


def test_what_is_no_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(lz.LzopenError, match=r"`folder` must be a path, but is 3; e\.g\."):
        scan(traced, QUBIT, over={"gap": GAPS}, folder=3, trace="")
    with pytest.raises(lz.LzopenError, match="`folder` must be one that can be written to, but is"):
        scan(traced, QUBIT, over={"gap": GAPS}, folder=tmp_path / "file" / "inside", trace="")
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
    def quantity(model):
        quantity.calls += 1
        return sum(x**2 for x in range(3))

    quantity.calls = 0
    before = described(quantity)
    for _ in range(1000):
        quantity(None)
    assert described(quantity) == before


def told_apart(one, other) -> bool:
    """Whether two values differ, and each is what it is when it is made again."""
    made = one(), one(), other()
    first, again, changed = (lz.results.provenance(parameters={"x": described(x)}) for x in made)
    assert first == again
    return first != changed


def spectral(slope):
    return qutip.BosonicEnvironment.from_spectral_density(lambda w: slope * w, T=1.0, wMax=9.0)


def exponential(rate):
    return qutip.ExponentialBosonicEnvironment([0.1], [rate], [], [], T=1.0)


def table(slope):
    w = np.linspace(0.0, 9.0, 10)
    return qutip.BosonicEnvironment.from_spectral_density(slope * w, wlist=w, T=1.0)


class Ohmic:
    """A spectrum with a state, part of it hidden and part of it kept from a call."""

    def __init__(self, slope, hidden=()):
        self.slope, self._hidden = slope, list(hidden)

    def __call__(self, w):
        return self.slope * w

    @functools.cached_property
    def slow(self):
        return object


class Slotted:
    __slots__ = ("slope",)

    def __init__(self, slope):
        self.slope = slope

    def __call__(self, w):
        return self.slope * w


@dataclass
class Made:
    slope: float
    more: list = field(init=False, default_factory=list)

    def with_more(self, x):
        self.more.append(x)
        return self


class Other(lz.Linear):
    """A waveform of one's own."""


def bath(spectrum, temperature=1.0):
    return QUBIT.with_environment(lz.ThermalBath(qutip.sigmaz(), spectrum, temperature))


def band(rate):
    return lz.Band(edges=(-1.0, 1.0), escape_rate=lambda e: rate + 0 * e, levels=3)


PAIRS = {
    "functions": lambda x: bath(lambda w: x * w),
    "code": lambda x: bath((lambda w: w**2) if x > 1 else (lambda w: w**3)),
    "defaults": lambda x: bath(lambda w, x=x: x * w),
    "a rate": band,
    "exponents": lambda x: bath(exponential(x), None),
    "spectral densities": lambda x: bath(spectral(x), None),
    "tables": lambda x: bath(table(x), None),
    "approximations": lambda x: qutip.DrudeLorentzEnvironment(1.0, 0.1, 1.0).approximate(
        "pade", Nk=int(x)
    ),
    "splines": lambda x: bath(CubicSpline([0.0, 1.0, 2.0], [0.0, x, 5.0])),
    "fitted splines": lambda x: UnivariateSpline([0.0, 1.0, 2.0, 3.0], [0.0, x, 5.0, 6.0]),
    "vectorized": lambda x: np.vectorize(lambda w: x * w, otypes=[float]),
    "partial": lambda x: functools.partial(np.multiply, x),
    "objects": lambda x: bath(Ohmic(x)),
    "hidden": lambda x: Ohmic(1.0, [{"a": (1, {x})}]),
    "slots": Slotted,
    "methods": lambda x: Ohmic(x).__call__,
    "methods in C": lambda x: {1.0: 2.0}.get if x > 1 else {1.0: 3.0}.get,
    "dataclasses": Made,
    "fields that are made": lambda x: Made(1.0).with_more(x),
    "waveforms": Other,
    "names of keys": lambda x: {1: 2} if x > 1 else {"1": 2},
    "sets": lambda x: {"a", "b", x},
    "bytes": lambda x: b"a" if x > 1 else b"b",
    "arrays of objects": lambda x: np.array([{"x": x}], dtype=object),
    "labels": lambda x: xr.DataArray([1.0], dims="x", coords={"x": [x]}),
    "units of code": lambda x: np.sin if x > 1 else np.cos,
    "paths": lambda x: Path(f"{x}"),
    "generators": lambda x: np.random.default_rng(int(x)),
}


@pytest.mark.parametrize("kind", PAIRS)
def test_what_differs_is_told_apart(kind: str) -> None:
    assert told_apart(lambda: PAIRS[kind](1.0), lambda: PAIRS[kind](2.0))
    assert not list(unknown(described(PAIRS[kind](1.0))))


@pytest.mark.parametrize("kind", PAIRS)
def test_what_a_function_reads_is_told_apart(kind: str) -> None:
    def reader(x):
        thing = PAIRS[kind](x)
        return lambda model: thing

    assert told_apart(lambda: reader(1.0), lambda: reader(2.0))


def test_a_folder_of_another_model_is_refused(tmp_path: Path) -> None:
    def quantity(model):
        return model.environments[0].spectrum(1.0)

    over = {"gap": [0.5]}
    first = scan(quantity, bath(lambda w: 0.1 * w), over=over, folder=tmp_path)
    assert scan(quantity, bath(lambda w: 0.1 * w), over=over, folder=tmp_path).identical(first)
    with pytest.raises(
        lz.LzopenError, match=r"must hold this scan.*model.environments\[0\].spectrum.code is"
    ):
        scan(quantity, bath(lambda w: 0.2 * w), over=over, folder=tmp_path)


GLOBALS = {
    "a list": ([1.0, 2.0], lambda x: x.append(3.0)),
    "a dict": ({"k": 1}, lambda x: x.update(k=2)),
    "deep inside": ({"k": [(1, {"l": [1]})]}, lambda x: x["k"][0][1]["l"].append(2)),
    "an object": (Ohmic(1.0), lambda x: setattr(x, "slope", 2.0)),
    "hidden in an object": (Ohmic(1.0, [1]), lambda x: x._hidden.append(2)),
}
READERS = {
    "itself": "def f(model):\n    return T",
    "a comprehension": "def f(model):\n    return [T for _ in range(2)]",
    "a function inside": "def f(model):\n    def g(t):\n        return T\n    return g(1)",
    "a class": "class A:\n    def m(self):\n        return T\ndef f(model):\n    return A().m()",
    "a cached function": "import functools\n@functools.lru_cache\ndef g():\n    return T\n"
    "def f(model):\n    return g()",
    "an object": "class A:\n    def m(self):\n        return T\na = A()\n"
    "def f(model):\n    return a.m()",
}


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("kind", GLOBALS)
def test_what_changes_in_place_is_seen(kind: str, reader: str) -> None:
    value, change = copy.deepcopy(GLOBALS[kind])
    quantity = function(READERS[reader], T=value)
    before = described(quantity)
    assert described(quantity) == before
    change(value)
    assert described(quantity) != before


def test_a_module_that_shadows_one_of_python_is_looked_at(monkeypatch) -> None:
    quantities = []
    for number in (1, 2):
        module = types.ModuleType("profile")
        module.__file__ = "profile.py"
        monkeypatch.setitem(sys.modules, "profile", module)
        exec(f"def f(model):\n    return {number}", vars(module))
        quantities.append(described(module.f))
    assert quantities[0] != quantities[1]


def test_a_class_that_changes_is_seen(monkeypatch) -> None:
    before = described(Ohmic(1.0)), described(Ohmic(1.0).__call__), described(Ohmic)
    monkeypatch.setattr(Ohmic, "__call__", lambda self, w: self.slope * w**2)
    after = described(Ohmic(1.0)), described(Ohmic(1.0).__call__), described(Ohmic)
    assert all(one != other for one, other in zip(before, after, strict=True))


def test_what_is_only_cached_does_not_count() -> None:
    thing, spectrum, vectorized = Ohmic(1.0), spectral(1.0), PAIRS["vectorized"](1.0)
    before = [described(x) for x in (thing, spectrum, vectorized, QUBIT)]
    assert thing.slow is object
    spectrum.power_spectrum(1.0)
    vectorized([1.0])
    assert QUBIT.batch_shape == ()
    assert [described(x) for x in (thing, spectrum, vectorized, QUBIT)] == before


def test_a_set_is_the_same_in_another_order() -> None:
    assert described({"a", "b", "c", "d"}) == described({"d", "c", "b", "a"})


def test_objects_that_hold_themselves_are_described() -> None:
    parent, child = Made(1.0), Made(2.0)
    parent.child, child.parent = child, parent
    before = described(parent)
    assert before["class"] == "Made"
    child.slope = 3.0
    assert described(parent) != before
    endless = []
    endless.append(endless)
    assert list(unknown(described(endless))) == [("", "list")]


@pytest.mark.parametrize("where", ["a closure", "an option", "the model"])
def test_what_cannot_be_told_apart_takes_no_folder(tmp_path: Path, where: str) -> None:
    lock = threading.Lock()

    def spectrum(w):
        return w if lock.locked() else 2 * w

    def closed(model):
        return spectrum(1.0)

    def plain(model, lock=None):
        return 2.0

    quantity, model, options, path = {
        "a closure": (closed, QUBIT, {}, "quantity"),
        "an option": (plain, QUBIT, {"lock": lock}, "options.lock"),
        "the model": (plain, bath(spectrum), {}, "model.environments.spectrum"),
    }[where]
    with pytest.raises(lz.LzopenError, match=f"`folder` must be left out.* in {path} .*a lock, of"):
        scan(quantity, model, over={"gap": [1.0]}, folder=tmp_path, **options)
    assert not list(tmp_path.iterdir())
    assert scan(quantity, model, over={"gap": [1.0]}, **options)[quantity.__name__].item() == 2.0


def test_options_may_come_in_another_order(tmp_path: Path) -> None:
    def quantity(model, a, b):
        quantity.calls += 1
        return a - b

    quantity.calls = 0
    scan(quantity, QUBIT, over={"gap": [1.0]}, folder=tmp_path, a=1, b=2)
    scan(quantity, QUBIT, over={"gap": [1.0]}, folder=tmp_path, b=2, a=1)
    assert quantity.calls == 1


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
