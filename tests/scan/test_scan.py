"""`scan` in process: what it returns, what it survives, and what it refuses."""

from __future__ import annotations

import json
import math
import sys
import warnings
from functools import partial

import numpy as np
import pytest
import xarray as xr
from scan_quantities import QUBIT, landau_zener, moody, told
from tqdm import tqdm

import lzopen as lz
from lzopen import progress
from lzopen.scan import batchable, scan
from lzopen.scan.request import default_chunk
from lzopen.scan.tasks import Job
from zoo import LADDER

GAPS = np.linspace(0.1, 1.0, 10)
RATES = np.array([0.5, 1.0, 2.0])
OVER = {"rate": RATES, "gap": GAPS}
EXACT = np.exp(-np.pi * GAPS**2 / (2 * RATES[:, None]))


def record(result: xr.Dataset) -> dict:
    return json.loads(result.attrs["lzopen"])


# -- what comes out


def test_axes_stand_in_front_under_the_names_that_were_given() -> None:
    gaps = xr.DataArray(GAPS, dims="x", attrs={"units": "GHz"})
    result = scan(landau_zener, QUBIT, over={"sweep.rate": [0.5, 1, 2], "gap": gaps}, chunk=7)
    assert result.landau_zener.dims == ("sweep.rate", "gap")
    assert result.gap.attrs == {"units": "GHz"}
    assert result["sweep.rate"].values.tolist() == [0.5, 1.0, 2.0]
    assert np.array_equal(result.landau_zener, EXACT)


@pytest.mark.parametrize(
    ("quantity", "name", "dims"),
    [
        (lambda model: model.gap, "value", ()),
        (lambda model: [model.gap, 2.0], "value", ("value_0",)),
        (lambda model: {"a": np.eye(2) * model.gap}, "a", ("a_0", "a_1")),
        (lambda model: xr.DataArray([model.gap], dims="x"), "value", ("x",)),
        (lambda model: xr.DataArray([model.gap], dims="x", name="b"), "b", ("x",)),
        (lambda model: {"a": xr.DataArray([model.gap], dims="x")}, "a", ("x",)),
        (lambda model: xr.Dataset({"c": ("x", [model.gap])}), "c", ("x",)),
        (partial(np.multiply, 2.0), "multiply", None),
        (partial(landau_zener), "landau_zener", ()),
    ],
)
def test_numbers_arrays_and_mappings_become_variables(quantity, name, dims) -> None:
    if dims is None:
        with pytest.raises(lz.LzopenError, match="multiply failed at all 10 points"):
            scan(quantity, QUBIT, over={"gap": GAPS})
        return
    result = scan(quantity, QUBIT, over={"gap": GAPS})
    assert list(result.data_vars) == [name]
    assert result[name].dims == ("gap", *dims)
    for point, gap in zip(result[name].values, GAPS, strict=True):
        expected = quantity(QUBIT.with_parameters({"gap": gap}))
        expected = expected if isinstance(expected, xr.Dataset | dict) else {name: expected}
        assert np.array_equal(point, expected[name])


def test_dtypes_attributes_and_coordinates_stay() -> None:
    result = scan(moody, QUBIT, over={"gap": [0.4, 0.5, 0.6]}, seed=1)
    kinds = {name: variable.dtype.kind for name, variable in result.data_vars.items()}
    expected = {
        "single": "f",
        "amplitude": "c",
        "count": "i",
        "wide": "b",
        "name": "U",
        "threads": "U",
    }
    assert kinds == {**expected, "drawn": "f"}
    assert result.single.dtype == np.float32
    assert result.amplitude.attrs == {"units": "rad"}
    assert result.amplitude.sel(gap=0.5, side="right").item() == 0.5j
    assert result.coords["moment"].dims == ("gap",)
    assert result.name.values.tolist() == ["gap 0.4", "gap 0.5", "gap 0.6"]


def test_the_record_says_what_was_asked() -> None:
    found = record(scan(landau_zener, QUBIT, over=OVER, chunk=4))
    assert found["quantity"]["function"] == "landau_zener"
    assert found["over"] == {"rate": RATES.tolist(), "gap": GAPS.tolist()}
    assert (found["options"], found["batched"], found["chunk"]) == ({}, False, 4)
    assert found["model"]["class"] == "TwoLevel"
    assert found["parameters"] == {"sweep.rate": 1.0, "gap": 1.0}
    assert found["versions"] == lz.versions()
    assert found["failures"] == []


def test_references_are_passed_on() -> None:
    result = scan(lz.transition_matrix, QUBIT, over={"gap": [0.5, 1.0]})
    assert "blanes2009" in lz.cite(result)


# -- batches


def test_a_verb_gets_one_batched_model_per_chunk() -> None:
    shapes = []

    @batchable
    def verb(model):
        shapes.append(model.batch_shape)
        return lz.transition_matrix(model, window=(-5.0, 5.0))

    result = scan(verb, QUBIT, over=OVER, chunk=16)
    assert shapes == [(16,), (14,)]
    alone = scan(verb, QUBIT, over=OVER, batched=False)
    assert shapes[2:] == [()] * 30
    assert result.probability.dims == ("rate", "gap", "final", "initial")
    assert set(result.coords) == {"rate", "gap", "final", "initial", "side"}
    off = abs(result.probability - alone.probability)
    assert (off <= result.error + alone.error).all()


def test_transition_matrix_is_batched_and_right(monkeypatch) -> None:
    monkeypatch.setattr(Job, "_one_by_one", None)
    result = scan(lz.transition_matrix, QUBIT, over=OVER)
    assert record(result)["batched"]
    off = abs(result.probability[:, :, 0, 0] - EXACT)
    assert (off <= result.error[:, :, 0, 0]).all()


def test_numbers_of_levels_and_environments_are_axes_too() -> None:
    model = LADDER.with_environment(lz.Decay(0.25, source=0, target=2))
    over = {"slopes[1]": [0.0, 0.2], "couplings[0,1]": [0.3j, 0.1], "decay.rate": [0.0, 0.2]}
    result = scan(lz.transition_matrix, model, over=over, window=(-3.0, 3.0), tol=1e-6)
    for place in np.ndindex(*(len(values) for values in over.values())):
        at = {name: values[i] for (name, values), i in zip(over.items(), place, strict=True)}
        one = lz.transition_matrix(model.with_parameters(at), window=(-3.0, 3.0), tol=1e-6)
        off = abs(result.probability[place].values - one.probability.values)
        assert (off <= result.error[place].values + one.error.values).all()


def test_a_function_of_ones_own_takes_batches_when_told() -> None:
    shapes = []

    def plain(model):
        shapes.append(model.batch_shape)
        return {"P": landau_zener(model), "gap²": np.stack([model.gap**2, model.gap], axis=-1)}

    result = scan(plain, QUBIT, over=OVER, batched=True)
    assert shapes == [(30,)]
    assert np.array_equal(result.P, EXACT)
    assert result["gap²"].dims == ("rate", "gap", "gap²_0")
    assert np.array_equal(result["gap²"][1, :, 1], GAPS)


def test_what_lacks_the_batch_axis_holds_for_every_member() -> None:
    def verb(model):
        data = lz.transition_matrix(model, window=(-2.0, 2.0))
        return data.assign(constant=("final", [1.0, 2.0]))

    result = scan(verb, QUBIT, over=OVER, batched=True, chunk=8)
    assert result.constant.dims == ("rate", "gap", "final")
    assert (result.constant == [1.0, 2.0]).all()


def test_a_batch_that_fails_loses_only_its_bad_members() -> None:
    over = {"rate": [0.5, 1.0, 0.0, 2.0]}  # Linear refuses a rate of zero
    with pytest.warns(lz.LzopenWarning, match=r"1 of 4 points failed.*at rate=0: .*`rate`"):
        result = scan(lz.transition_matrix, QUBIT, over=over)
    expected = np.exp(-np.pi / (2 * np.array([0.5, 1.0, 2.0])))
    assert np.allclose(result.probability[[0, 1, 3], 0, 0], expected, rtol=0, atol=1e-8)
    assert result.sel(rate=0.0).probability.isnull().all()


def test_a_point_does_not_depend_on_what_fails_beside_it() -> None:
    @batchable
    def verb(model):
        if np.max(model.gap) > 0.95:
            raise ValueError("too large")
        return np.full(model.batch_shape, len(model.batch_shape))

    for chunk in (1, 4, 10):
        with pytest.warns(lz.LzopenWarning, match="1 of 10 points failed.*too large"):
            result = scan(verb, QUBIT, over={"gap": GAPS}, chunk=chunk)
        assert np.array_equal(result.verb, [*np.ones(9), np.nan], equal_nan=True)


@pytest.mark.parametrize("chunk", [1, 2, 3, None])
def test_points_without_a_steady_state_are_alike_in_all_chunks(chunk: int | None) -> None:
    sweep = lz.Sinusoidal(amplitude=1.0, omega=2.0)
    damped = lz.TwoLevel(sweep=sweep, gap=0.1).with_environment(
        lz.Dephasing(0.02), lz.Decay(0.01, source=1, target=0)
    )
    over = {"omega": [2.0, -1.0], "decay.rate": [0.0, 0.01], "gap": [0.0, 0.1, 0.2]}
    result, _ = told(lz.interferogram, damped, over=over, chunk=chunk)
    assert [failure["omega"] for failure in record(result)["failures"]] == [-1.0] * 6
    lost = np.isnan(result.population.sel(omega=2.0, level=0))
    assert lost.values.tolist() == [[True, False, False], [False, False, False]]
    assert np.array_equal(np.isinf(result.error.sel(omega=2.0)), lost)


OWN_TIMES = {
    "windows": (lz.transition_matrix, "window", (np.array([-3.0, -2.0]), 3.0)),
    "two arrays": (lz.transition_matrix, "window", (np.array([-3.0, -2.0]), np.array([3.0, 2.0]))),
    "an array": (lz.transition_matrix, "window", np.array([[-3.0, -2.0], [3.0, 2.0]])),
    "times": (lz.evolve, "times", [[-3.0, 3.0], [-2.0, 2.0]]),
    "of an interferogram": (lz.interferogram, "window", ([-3.0, -2.0], 3.0)),
}


@pytest.mark.parametrize("chunk", [1, 2, None])
@pytest.mark.parametrize("case", OWN_TIMES)
def test_members_of_a_batch_may_not_have_times_of_their_own(case: str, chunk: int | None) -> None:
    verb, name, value = OWN_TIMES[case]
    message = f"`{name}` must hold single numbers, the same for all points.*batched=False"
    with pytest.raises(lz.LzopenError, match=message):
        scan(verb, QUBIT, over={"gap": [1.0] * 4}, chunk=chunk, **{name: value})
    with pytest.raises(lz.LzopenError, match=message):
        scan(partial(verb, **{name: value}), QUBIT, over={"gap": [1.0] * 4}, chunk=chunk)


def test_each_point_alone_may_have_many_windows() -> None:
    options = {"window": (np.array([-3.0, -2.0]), 3.0), "batched": False}
    one, two = (
        scan(lz.transition_matrix, QUBIT, over={"gap": GAPS[:4]}, chunk=chunk, **options)
        for chunk in (1, 2)
    )
    assert one.equals(two)
    assert one.probability.sizes == {"gap": 4, "batch_0": 2, "final": 2, "initial": 2}


def test_a_function_that_takes_no_batches_is_looped_with_a_word() -> None:
    def refuses(model):
        if model.batch_shape:
            raise ValueError("one at a time")
        return landau_zener(model)

    with pytest.warns(lz.LzopenWarning, match=r"one at a time.*one by one.*batched=False"):
        result = scan(refuses, QUBIT, over=OVER, batched=True)
    assert np.array_equal(result.refuses, EXACT)


def test_evolve_is_scanned() -> None:
    options = {"times": [-5.0, 0.0, 5.0], "solver": "engine", "tol": 1e-5}
    result = scan(lz.evolve, QUBIT, over={"gap": [0.3, 0.6]}, **options)
    assert result.population.dims == ("gap", "time", "level")
    one = lz.evolve(QUBIT.with_parameters({"gap": 0.6}), **options)
    off = abs(result.population[1] - one.population)
    assert (off <= result.error[1] + one.error).all()


@pytest.mark.parametrize("wrong", [lambda model: 1.0, lambda model: xr.Dataset({"a": 1.0})])
def test_a_batch_without_its_axis_is_told(wrong) -> None:
    with pytest.warns(lz.LzopenWarning, match="one by one"):
        scan(wrong, QUBIT, over=OVER, batched=True)


# -- failures and warnings


def test_failed_points_are_nan_and_listed() -> None:
    result, (_, warning) = told(moody, QUBIT, over={"gap": GAPS}, seed=1, chunk=3)
    assert str(warning).startswith("2 of 10 points failed and are NaN; the record lists them: at")
    assert "at gap=0.9: RuntimeError: no gap of 0.9" in str(warning)
    assert warning.value == 2
    assert [f["gap"] for f in record(result)["failures"]] == pytest.approx([0.9, 1.0])
    assert [f["message"] for f in record(result)["failures"]][1] == "RuntimeError: no gap of 1"
    assert np.isnan(result.single[-2:]).all()
    assert not np.isnan(result.single[:-2]).any()
    assert np.isnan(result.amplitude[-2:]).all()
    assert np.isnan(result["count"][-1])
    assert np.isnan(result.wide[-1])
    assert result.name[-1] == ""
    assert np.isnat(result.moment[-1])


def test_when_everything_fails_the_reason_is_raised() -> None:
    with pytest.raises(lz.LzopenError, match=r"failed at all 2 points: at gap=1: .*KeyError: 'x'"):
        scan(lambda model: {}["x"], QUBIT, over={"gap": [1.0, 2.0]})


def test_warnings_come_once_for_each_kind() -> None:
    def warns(model):
        warnings.warn(lz.LzopenWarning(f"off by {model.gap:.1e}", model.gap), stacklevel=1)
        warnings.warn("divided by nan", RuntimeWarning, stacklevel=1)
        return 1.0

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        scan(warns, QUBIT, over={"gap": GAPS}, chunk=4)
    assert [(w.category, str(w.message)) for w in caught] == [
        (lz.LzopenWarning, "off by 1.0e-01 (and 9 more like this)"),
        (RuntimeWarning, "divided by nan (and 9 more like this)"),
    ]
    assert caught[0].message.value == 0.1
    assert {w.filename for w in caught} == {__file__}


def ragged(model, first):
    return np.zeros(first if model.gap < 0.35 else 2)


@pytest.mark.parametrize("chunk", [1, 10])
def test_points_of_another_shape_are_failures(chunk: int) -> None:
    with pytest.warns(lz.LzopenWarning, match=r"7 of 10 points failed.*ragged of size.*everywhere"):
        result = scan(ragged, QUBIT, over={"gap": GAPS}, chunk=chunk, first=3)
    assert result.ragged.shape == (10, 3)
    assert np.isnan(result.ragged[3:]).all()
    assert (result.ragged[:3] == 0).all()


def test_points_with_other_axes_are_failures() -> None:
    def turned(model):
        return xr.DataArray(np.eye(2), dims=["x", "y"] if model.gap < 0.35 else ["y", "x"])

    with pytest.warns(lz.LzopenWarning, match="7 of 10 points failed"):
        scan(turned, QUBIT, over={"gap": GAPS})


def test_points_with_other_coordinates_or_names_are_failures() -> None:
    def moving(model):
        return xr.DataArray([0.0], {"time": [model.gap]}, name="x")

    def renamed(model):
        return {f"x{model.gap:g}": 1.0}

    for quantity, word in ((moving, "another coordinate time"), (renamed, "not at all points")):
        with pytest.warns(lz.LzopenWarning, match=f"9 of 10 points failed.*{word}"):
            scan(quantity, QUBIT, over={"gap": GAPS})


@pytest.mark.parametrize("value", [None, "word", QUBIT, [[1.0], [1.0, 2.0]], np.array([None])])
def test_what_cannot_be_kept_is_refused(value) -> None:
    if value == "word":
        assert scan(lambda model: value, QUBIT, over={"gap": [1.0]}).value.item() == "word"
        return
    with pytest.raises(lz.LzopenError, match="`quantity` must return a Dataset, DataArray, number"):
        scan(lambda model: value, QUBIT, over={"gap": [1.0]})


def test_a_result_may_not_use_the_name_of_an_axis() -> None:
    with pytest.raises(lz.LzopenError, match=r"names of the axes free, but is using \{'gap'\}"):
        scan(lambda model: {"gap": 1.0}, QUBIT, over={"gap": [1.0]})
    assert scan(lambda model: {"gap": 1.0}, QUBIT, over={"rate": [1.0]}).gap.item() == 1.0


# -- seeds


def test_seeds_belong_to_points_and_not_to_chunks() -> None:
    over = {"rate": RATES, "gap": GAPS[3:8]}
    whole, cut = (scan(moody, QUBIT, over=over, seed=5, chunk=chunk) for chunk in (15, 4))
    assert whole.equals(cut)
    assert np.unique(whole.seed).size == 15
    assert np.unique(whole.drawn).size == 45
    assert record(whole)["seed"] == 5
    other = scan(moody, QUBIT, over=over, seed=6)
    assert not np.intersect1d(whole.seed, other.seed).size
    children = np.random.SeedSequence(5).spawn(15)
    expected = [child.generate_state(1, np.uint64)[0] for child in children]
    assert whole.seed.values.ravel().tolist() == expected
    one = moody(QUBIT.with_parameters({"gap": GAPS[5]}), seed=int(whole.seed[1, 2]))
    assert np.array_equal(whole.drawn[1, 2], one.drawn)


def test_trajectories_are_seeded_by_the_scan() -> None:
    noise = {"noise": lz.White(0.1), "window": (-3.0, 3.0), "trajectories": 50}
    result = scan(lz.noise_average, QUBIT, over={"gap": [0.5, 1.0]}, seed=3, **noise)
    seed = int(result.seed[1])
    one = lz.noise_average(QUBIT.with_parameters({"gap": 1.0}), seed=seed, **noise)
    assert np.array_equal(result.population[1], one.population)


# -- chunks


@pytest.mark.parametrize("chunk", [1, 3, 7, 29, 30, 1000])
def test_a_looped_scan_does_not_depend_on_its_chunks(chunk: int) -> None:
    assert np.array_equal(scan(landau_zener, QUBIT, over=OVER, chunk=chunk).landau_zener, EXACT)


@pytest.mark.parametrize(
    ("points", "batched", "size"),
    [(10, False, 1), (200, False, 1), (10**4, False, 50), (10, True, 64), (10**5, True, 500)],
)
def test_the_default_chunk_depends_on_the_grid(points: int, batched: bool, size: int) -> None:
    job = Job(landau_zener, QUBIT, {"gap": np.ones(points)}, {}, batched, None)
    assert default_chunk(job) == size


# -- what is refused

BATCH = lz.vary(QUBIT, {"gap": [0.1, 0.2]})


def no_seed(model, *, tol=1.0):
    return math.inf


REFUSED = {
    "no function": ({"quantity": 3}, "`quantity` must be a function of a model, but is 3; e.g."),
    "no model": ({"model": 3}, "`model` must be a Model, but is 3"),
    "a batch": (
        {"model": BATCH},
        r"`model` must be a single model, but is a batch of shape \(2,\); put its axes",
    ),
    "over a list": ({"over": ["gap"]}, "`over` must be a Mapping"),
    "over nothing": ({"over": {}}, "`over` must name a parameter, but is {}; e.g."),
    "over a number": ({"over": {3: [1.0]}}, "`over` must map names of .* but is mapping 3"),
    "an empty axis": ({"over": {"gap": []}}, r"`over\['gap'\]` must be one-.*of shape \(0,\); g"),
    "a number": ({"over": {"gap": 1.0}}, r"`over\['gap'\]` must be one-.*of shape \(\)"),
    "a table": ({"over": {"gap": [[1.0]]}}, r"`over\['gap'\]` must be one-.*of shape \(1, 1\)"),
    "NaN": ({"over": {"gap": [1.0, np.nan]}}, r"`over\['gap'\]` must be finite, but is nan at"),
    "words": ({"over": {"gap": ["a"]}}, r"`over\['gap'\]` must be a number"),
    "an unknown name": (
        {"over": {"gpa": [1.0]}},
        "`parameter` must name a parameter of .* but is 'gpa'; ",
    ),
    "a name twice": (
        {"over": {"rate": [1.0], "sweep.rate": [1.0]}},
        "`over` must name each parameter once, but is 'rate' and 'sweep.rate'; drop one",
    ),
    "an unknown option": ({"top": 1}, r"`options` must fit no_seed\(.*\), but is \['top'\]; got"),
    "a seed for nothing": ({"seed": 1}, "`seed` must be left out, but is 1; no_seed takes none"),
    "a seed in words": ({"seed": "one"}, "`seed` must be a whole number of at least 0"),
    "batches with seeds": ({"seed": 1, "batched": True}, "`batched` must be left out with a seed"),
    "no workers": ({"workers": 0}, "`workers` must be a whole number of at least 1, but is 0"),
    "half a chunk": ({"chunk": 0.5}, "`chunk` must be a whole number of at least 1, but is 0.5"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_bad_input_is_refused(case: str) -> None:
    given, message = REFUSED[case]
    with pytest.raises(lz.LzopenError, match=f"Argument {message}"):
        scan(**{"quantity": no_seed, "model": QUBIT, "over": OVER, **given})


def test_without_dask_a_client_is_refused(monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(lz.LzopenError, match=r"`client` must be left out.*lzopen\[cluster\]"):
        scan(landau_zener, QUBIT, over=OVER, client=object())


def bars_inside(model) -> float:
    """Whether a bar would show, and what QuTiP is told of its own."""
    return float(not progress.bar(range(2)).disable) + 2 * float(bool(progress.solver_bar()))


def test_the_bar_of_a_scan_is_the_only_one(monkeypatch) -> None:
    monkeypatch.setattr(progress, "tqdm", partial(tqdm, disable=False))
    assert bars_inside(QUBIT) == 3
    assert not scan(bars_inside, QUBIT, over={"gap": [0.1, 0.2]}).bars_inside.any()
