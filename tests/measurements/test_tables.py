"""CSV and pandas, long and wide: what was written comes back in the right place."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr

import lzopen as lz
from lzopen.errors import LzopenError


def write(folder: Path, text: str, name: str = "data.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def notes(data: xr.Dataset) -> list[str]:
    return data.attrs["notes"].split("\n")


def test_long_table_with_comments_and_provenance(tmp_path: Path) -> None:
    text = "# measured\n# here\ndelay_ns , p\n10, 0.5\n# pause\n20,0.25\n\n30,0.125\n"
    path = write(tmp_path, text)
    data = lz.load_measurement(path, axes="delay_ns", signal="p")
    assert data.signal.dims == ("delay",)
    assert data.delay.values.tolist() == [10.0, 20.0, 30.0]
    assert data.signal.values.tolist() == [0.5, 0.25, 0.125]
    assert data.delay.attrs == {"long_name": "delay_ns", "units": "ns"}
    assert data.attrs["axes"] == "delay"
    record = json.loads(data.attrs["lzopen"])
    assert record["source"] == "data.csv"
    assert record["sha256"] == hashlib.sha256(text.encode()).hexdigest()
    assert record["shape"] == {"delay": 3}
    assert record["parameters"] == {"axes": "delay_ns", "signal": "p"}


def test_byte_order_mark_of_spreadsheets(tmp_path: Path) -> None:
    (tmp_path / "data.csv").write_bytes(b"\xef\xbb\xbfx,y\r\n1,2\r\n")
    data = lz.load_measurement(tmp_path / "data.csv", axes="x", signal="y")
    assert data.signal.values.tolist() == [2.0]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_separators(tmp_path: Path, separator: str) -> None:
    path = write(tmp_path, "x,y\n1,2\n3,4\n".replace(",", separator))
    assert lz.load_measurement(path, axes="x", signal="y").signal.values.tolist() == [2.0, 4.0]


def test_two_axes_in_any_order_become_a_sorted_grid() -> None:
    rng = np.random.default_rng(1)
    x, y = np.array([0.0, 1.0, 3.0]), np.array([-2.0, -1.0, 0.0, 1.0])
    grid = rng.normal(size=(3, 4))
    table = pd.DataFrame(
        [(a, b, grid[i, j]) for i, a in enumerate(x) for j, b in enumerate(y)], columns=list("xyz")
    ).sample(frac=1, random_state=2)
    data = lz.load_measurement(table, axes=("x", "y"), signal="z")
    assert data.signal.dims == ("x", "y")
    np.testing.assert_array_equal(data.signal, grid)
    assert "The axis x is not in order in the source; it is sorted." in notes(data)
    assert "The axis x has uneven steps, 1 to 2." in notes(data)
    assert not any("axis y has uneven" in note for note in notes(data))


@pytest.mark.parametrize(
    ("x", "word"), [([3, 2, 1], "descends"), ([2, 1, 3], "is not in order"), ([1, 2, 3], None)]
)
def test_order_of_an_axis_is_noted(x: list[int], word: str | None) -> None:
    data = lz.load_measurement(pd.DataFrame({"x": x, "y": x}), axes="x", signal="y")
    assert data.signal.values.tolist() == [1.0, 2.0, 3.0]
    found = [note for note in notes(data) if "sorted" in note]
    assert found == ([] if word is None else [f"The axis x {word} in the source; it is sorted."])


@pytest.mark.parametrize(("step", "sorts"), [(1, 0), (-1, 1)])
def test_an_inner_axis_that_cycles_is_in_order(step: int, sorts: int) -> None:
    inner = np.arange(4.0)[::step]
    table = pd.DataFrame({"x": np.repeat([0.0, 1.0], 4), "y": np.tile(inner, 2), "z": np.arange(8)})
    data = lz.load_measurement(table, axes=["x", "y"], signal="z")
    assert sum("descends" in note for note in notes(data)) == sorts
    assert not any("not in order" in note for note in notes(data))


def test_repeated_settings_are_repeats_in_their_order() -> None:
    table = pd.DataFrame({"x": [1, 2, 1, 1], "k": [3, 5, 0, 9], "n": [10, 10, 0, 10]})
    data = lz.load_measurement(table, axes="x", counts="k", shots="n")
    assert data.signal.dims == ("x", "repeat")
    np.testing.assert_array_equal(data.signal, [[0.3, np.nan, 0.9], [0.5, np.nan, np.nan]])
    np.testing.assert_array_equal(data.shots, [[10, 0, 10], [10, 0, 0]])
    assert "1 of 2 settings are measured up to 3 times: `repeat`." in notes(data)
    assert "1 of 4 rows have no signal: missing pixels, kept as NaN." in notes(data)


@pytest.mark.parametrize(("settings", "gridded"), [(5, True), (4, False)])
def test_half_a_grid_is_a_grid_and_less_stays_rows(settings: int, gridded: bool) -> None:
    pairs = [(0, 0), (1, 1), (2, 2), (0, 1), (1, 0)][:settings]  # 5 or 4 of 3 x 3
    table = pd.DataFrame(pairs, columns=["x", "y"]).assign(z=np.arange(settings) + 1.0)
    data = lz.load_measurement(table.iloc[::-1], axes=("x", "y"), signal="z")
    if gridded:
        assert data.signal.dims == ("x", "y")
        assert int(data.signal.isnull().sum()) == 4
        assert "4 of 9 pixels of the grid were never measured." in notes(data)
    else:
        assert data.signal.dims == data.x.dims == data.y.dims == ("row",)
        assert data.x.values.tolist() == [0, 0, 1, 2]
        assert data.signal.values.tolist() == [1.0, 4.0, 2.0, 3.0]
    assert data.attrs["axes"] == "x, y"


def test_very_unequal_repeats_stay_rows() -> None:
    table = pd.DataFrame({"x": [*range(50), *[7] * 40], "y": 1.0})
    data = lz.load_measurement(table, axes="x", signal="y")
    assert data.signal.dims == ("row",)
    assert int((data.x == 7).sum()) == 41


def test_wide_table_with_a_repeated_header(tmp_path: Path) -> None:
    path = write(tmp_path, "x,s2.50,s-1,s2.50b\n1,10,20,30\n2,40,,60\n")
    data = lz.load_measurement(path, axes="x", headers="v", units={"v": "mV"})
    assert data.signal.dims == ("x", "v", "repeat")
    assert data.v.values.tolist() == [-0.001, 0.0025]
    assert data.v.attrs["converted_from"] == "mV"
    np.testing.assert_array_equal(data.signal.sel(v=0.0025), [[10, 30], [40, 60]])
    np.testing.assert_array_equal(data.signal.sel(v=-0.001), [[20, np.nan], [np.nan, np.nan]])


def test_wide_table_with_equal_headers(tmp_path: Path) -> None:
    path = write(tmp_path, "x,6.00,6.00\n1,10,20\n")
    data = lz.load_measurement(path, axes="x", headers="v")
    assert data.signal.values.tolist() == [[[10.0, 20.0]]]


def test_patterns_choose_columns_of_a_wide_table() -> None:
    table = pd.DataFrame(
        {"x": [1.0], "k0": [3], "k1": [4], "n0": [6], "n1": [8], "remark 7": ["a"]}
    )
    data = lz.load_measurement(table, axes="x", headers="site", counts="k*", shots="n*")
    assert data.signal.values.tolist() == [[0.5, 0.5]]
    assert data.shots.values.tolist() == [[6.0, 8.0]]
    assert "Not read: 'remark 7'." in notes(data)
    shifted = table.rename(columns={"n1": "n2"})
    with pytest.raises(LzopenError, match="same for every quantity"):
        lz.load_measurement(shifted, axes="x", headers="site", counts="k*", shots="n*")
    mixed = table.rename(columns={"k1": "k1_5V"})
    with pytest.raises(LzopenError, match="one number each, but is 'k1_5V'"):
        lz.load_measurement(mixed, axes="x", headers="v", signal="k*")
    with pytest.raises(LzopenError, match=r"`signal` must match columns .*choose from 'x', 'k0'"):
        lz.load_measurement(table, axes="x", headers="v", signal="z*")


def test_where_reads_a_part() -> None:
    table = pd.DataFrame(
        {"kind": ["a", "b", "a"], "run": [1, 1, 2], "x": [1, 2, 3], "y": [4, 5, 6]}
    )
    data = lz.load_measurement(table, axes="x", signal="y", where={"kind": "a", "run": 2})
    assert data.signal.values.tolist() == [6.0]
    assert notes(data)[0] == "Only rows whose kind is a are read."
    with pytest.raises(LzopenError, match="`where` must name a value of column 'kind', but is 'c'"):
        lz.load_measurement(table, axes="x", signal="y", where={"kind": "c"})
    with pytest.raises(LzopenError, match="`where` must leave some rows"):
        lz.load_measurement(table, axes="x", signal="y", where={"kind": "b", "run": 2})


def test_named_index_of_pandas_is_a_column() -> None:
    table = pd.Series([1.0, 2.0], index=pd.Index([5.0, 6.0], name="delay"), name="v").to_frame()
    data = lz.load_measurement(table, axes="delay", signal="v", units={"delay": "us", "v": "mV"})
    assert data.delay.values.tolist() == [5.0, 6.0]
    assert data.signal.attrs == {"kind": "value", "units": "mV"}


def test_nullable_columns_of_pandas_have_missing_pixels() -> None:
    table = pd.DataFrame({"x": [1, 2], "y": pd.array([3, None], dtype="Int64")})
    data = lz.load_measurement(table, axes="x", signal="y")
    np.testing.assert_array_equal(data.signal, [3.0, np.nan])


# -- units


@pytest.mark.parametrize(
    ("name", "value", "time_unit", "expected", "unit"),
    [
        ("delay_s", 1.6e-7, "us", 0.16, "µs"),
        ("delay_ms", 2.0, "ns", 2e6, "ns"),
        ("delay_µs", 3.0, None, 3.0, "µs"),
        ("drive_GHz", 1.0, None, 6.283185307179586, "rad/ns"),
        ("drive_kHz", 1.0, "ms", 6.283185307179586, "rad/ms"),
        ("drive_Hz", 2.0, "s", 12.566370614359172, "rad/s"),
        # h = 4.135667696 µeV/GHz and h/k_B = 47.99243073 mK/GHz (CODATA 2018)
        ("level_ueV", 4.135667696, "ns", 6.283185307179586, "rad/ns"),
        ("bath_mK", 47.99243073, "us", 6283.185307179586, "rad/µs"),
        ("detuning_rad/us", 5.0, "ns", 0.005, "rad/ns"),
        ("bath_K", 0.04799243073, "ns", 6.283185307179586, "rad/ns"),
        ("level_meV", 0.004135667696, "ns", 6.283185307179586, "rad/ns"),
        ("level_neV", 4135.667696, "ns", 6.283185307179586, "rad/ns"),
        ("gate_mV", 250.0, None, 0.25, "V"),
        ("gate_uV", 250.0, None, 2.5e-4, "V"),
        ("power_dBm", -10.0, None, -10.0, "dBm"),
    ],
)
def test_units_at_the_end_of_a_name(
    name: str, value: float, time_unit: str | None, expected: float, unit: str
) -> None:
    table = pd.DataFrame({name: [value], "y": [1.0]})
    data = lz.load_measurement(table, axes=name, signal="y", time_unit=time_unit)
    (axis,) = data.signal.dims
    assert axis == name.rpartition("_")[0]
    assert float(data[axis][0]) == pytest.approx(expected, rel=1e-9)
    assert data[axis].attrs["units"] == unit


def test_frequencies_follow_the_first_time_axis() -> None:
    table = pd.DataFrame({"f": [1.0], "t": [2.0], "y": [0.0]})
    units = {"f": "MHz", "t": "us"}
    data = lz.load_measurement(table, axes=("f", "t"), signal="y", units=units)
    assert (data.f.attrs["units"], data.t.attrs["units"]) == ("rad/µs", "µs")
    assert float(data.f[0]) == pytest.approx(2 * np.pi)
    assert "The axis f is angular, in rad/µs, converted from MHz (as given)." in notes(data)


def test_axes_that_differ_only_in_their_unit_keep_their_names() -> None:
    table = pd.DataFrame({"t_us": [1.0], "t_ns": [2.0], "y": [0.0]})
    data = lz.load_measurement(table, axes=("t_us", "t_ns"), signal="y")
    assert data.signal.dims == ("t_us", "t_ns")
    assert data.t_ns.values.tolist() == [0.002]


def test_given_units_override_the_name() -> None:
    table = pd.DataFrame({"delay_s": [1.0], "y": [0.0]})
    data = lz.load_measurement(table, axes="delay_s", signal="y", units={"delay_s": ""})
    assert data.signal.dims == ("delay_s",)
    assert notes(data) == ["The axis delay_s has no stated unit and is taken as it is."]
    data = lz.load_measurement(
        table, axes="delay_s", signal="y", units={"delay_s": "us"}, time_unit="ns"
    )
    assert data.delay.values.tolist() == [1000.0]
    with pytest.raises(LzopenError, match="`units` must name columns that are read, but is 'dely'"):
        lz.load_measurement(table, axes="delay_s", signal="y", units={"dely": "s"})
    with pytest.raises(LzopenError, match="`time_unit` must belong to axes of time"):
        lz.load_measurement(
            table, axes="delay_s", signal="y", units={"delay_s": ""}, time_unit="ns"
        )
    with pytest.raises(LzopenError, match=r"`time_unit` must be one of 's'.*but is 'min'"):
        lz.load_measurement(table, axes="delay_s", signal="y", time_unit="min")


# -- bad input


@pytest.mark.parametrize(
    ("text", "arguments", "message"),
    [
        ("x,y\n1,2\n,3\n", {}, r"column 'x' of data.csv is empty or NaN in row 2"),
        ("x,y\n1,2\ninf,3\n", {}, r"column 'x' of data.csv is infinite in row 2"),
        ("x,y\n1,2\n3,oops\n", {}, r"numbers in column 'y', but data.csv has 'oops' in row 2"),
        ("x,y\n1,2\n3,inf\n", {}, r"`signal` must be finite, but is inf in row 2"),
        ("x,y\n1,2\n", {"signal": "z"}, r"name a column of data.csv, but is 'z'; choose from 'x'"),
        ("x,y\n1,2\n", {"axes": "w"}, r"`axes` must name a column of data.csv, but is 'w'"),
        ("x,y\n1,2\n", {"axes": None}, r"`axes` must name the swept columns.*choose from 'x', 'y'"),
        ("x,y\n1,2\n", {"signal": None}, r"`signal` must name a column of data.csv, but is None"),
        ("x,y\n1,2\n", {"axes": ("x", "x")}, r"`axes` must name each column once"),
        ("x,y\n1,2\n", {"sigma": 0.0}, r"`sigma` must be positive"),
        ("x,y,e\n1,2,0.1\n2,2,0\n", {"sigma": "e"}, r"`sigma` must be positive, but is 0 in row 2"),
        ("x,y,e\n1,2,\n", {"sigma": "e"}, r"`sigma` must be positive, but is nan in row 1"),
        ("x,y\n1,0.5\n", {"sigma": 0.1, "shots": 10}, r"`sigma` must come alone"),
        ("x,y\n1,nan\n2,\n", {}, r"`source` must hold a signal, but is data.csv, in which all"),
        ("x,y\n1,2\n3,4,5\n", {}, r"a comma between columns, but data.csv is not.*saw 3"),
        ("x,y\n", {}, r"data.csv without rows"),
        ("# only\n# words\n", {}, r"data.csv without rows"),
        ("", {}, r"the empty file data.csv"),
        ("row,y\n1,2\n", {"axes": "row"}, r"`axes` must leave the names of the result free"),
        ("x,y\n1,2\n", {"headers": "y"}, r"`headers` must differ from the columns"),
    ],
)  # fmt: skip
def test_bad_tables(tmp_path: Path, text: str, arguments: dict, message: str) -> None:
    path = write(tmp_path, text)
    with pytest.raises(LzopenError, match=message):
        lz.load_measurement(path, **({"axes": "x", "signal": "y"} | arguments))


def test_files_that_are_none(tmp_path: Path) -> None:
    with pytest.raises(
        LzopenError, match=r"`source` must name an existing file, but is .*gone.csv"
    ):
        lz.load_measurement(tmp_path / "gone.csv", axes="x")
    with pytest.raises(LzopenError, match=r"`source` must name a file, but is the folder"):
        lz.load_measurement(tmp_path, axes="x")
    (tmp_path / "image.png").write_bytes(b"\x89PNG\r\n\x1a\n\x00\x00\xff")
    with pytest.raises(LzopenError, match=r"the binary file image\.png"):
        lz.load_measurement(tmp_path / "image.png", axes="x")
    (tmp_path / "torn.h5").write_bytes(b"\x89HDF\r\n\x1a\n" + bytes(50))
    with pytest.raises(LzopenError, match=r"`source` must .*torn.h5"):
        lz.load_measurement(tmp_path / "torn.h5", axes="x")
    with pytest.raises(LzopenError, match="`source` must be a path, DataFrame, Dataset"):
        lz.load_measurement([1.0, 2.0], axes="x")
