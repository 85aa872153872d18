"""Counts, complex signals and calibration points: against the same numbers worked out by hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr

import lzopen as lz
from lzopen.errors import LzopenError


def notes(data: xr.Dataset) -> list[str]:
    return data.attrs["notes"].split("\n")


# -- counts


def test_cells_of_counts_per_shot(tmp_path: Path) -> None:
    path = tmp_path / "shots.csv"
    path.write_text("t_us,s000,s001,s002\n1,3:16,1:15,\n2, 0:16 ,16:16,\n", encoding="utf-8")
    data = lz.load_measurement(path, axes="t_us", headers="shot")
    assert data.signal.dims == ("t", "shot")
    np.testing.assert_array_equal(data.shots, [[16, 15, 0], [16, 16, 0]])
    np.testing.assert_allclose(data.signal, [[3 / 16, 1 / 15, np.nan], [0, 1, np.nan]])
    assert data.shot.values.tolist() == [0, 1, 2]
    assert data.attrs["axes"] == "t"
    assert "2 of 6 rows have no signal: missing pixels, kept as NaN." in notes(data)


def test_cells_of_counts_in_a_long_table() -> None:
    table = pd.DataFrame({"x": [1, 2], "found": ["1:4", "3:4"]})
    data = lz.load_measurement(table, axes="x", signal="found")
    assert data.signal.values.tolist() == [0.25, 0.75]


def test_single_outcomes_are_summed() -> None:
    rng = np.random.default_rng(3)
    x = np.repeat([1.0, 2.0, 3.0], 50)
    table = pd.DataFrame({"x": x, "hit": (rng.random(150) < x / 4).astype(int)})
    shuffled = table.sample(frac=1, random_state=1)
    data = lz.load_measurement(shuffled, axes="x", signal="hit", shots=1)
    np.testing.assert_allclose(data.signal, table.groupby("x").hit.mean())
    assert data.shots.values.tolist() == [50.0] * 3


def test_single_outcomes_are_summed_within_groups(tmp_path: Path) -> None:
    table = pd.DataFrame(
        {"x": [1, 1, 1, 1, 2, 2], "run": list("aabbaa"), "hit": [1, 0, 1, 1, 0, np.nan]}
    )
    data = lz.load_measurement(table, axes="x", signal="hit", shots=1, groups="run")
    assert data.signal.dims == ("x", "repeat")
    np.testing.assert_array_equal(data.signal, [[0.5, 1.0], [0.0, np.nan]])
    np.testing.assert_array_equal(data.shots, [[2, 2], [1, 0]])
    assert data.group.values.tolist() == [["a", "b"], ["a", ""]]
    assert lz.load(lz.save(data, tmp_path / "data.nc")).identical(data)


def test_numeric_groups_and_one_number_of_shots() -> None:
    table = pd.DataFrame({"x": [1, 1, 2], "run": [7, 8, 7], "p": [0.5, 0.25, 1.0]})
    data = lz.load_measurement(table, axes="x", signal="p", shots=20, groups="run")
    np.testing.assert_array_equal(data.group, [[7, 8], [7, np.nan]])
    np.testing.assert_array_equal(data.shots, [[20, 20], [20, 0]])


@pytest.mark.parametrize(
    ("k", "n", "message"),
    [
        (-1, 10, "`counts` must be a whole number, not negative, but is -1 in row 2"),
        (2.5, 10, "`counts` must be a whole number, not negative, but is 2.5 in row 2"),
        (11, 10, "`counts` must not exceed `shots`, but is 11 in row 2"),
        (1, -10, "`shots` must be a whole number, not negative, but is -10 in row 2"),
        (1, 9.5, "`shots` must be a whole number, not negative, but is 9.5 in row 2"),
        (1, np.nan, "given wherever there is a signal, but is empty or NaN in row 2"),
        (1, 0, "`counts` must not exceed `shots`, but is 1 in row 2"),
    ],
)  # fmt: skip
def test_bad_counts(k: float, n: float, message: str) -> None:
    table = pd.DataFrame({"x": [1, 2], "k": [1, k], "n": [10, n]})
    with pytest.raises(LzopenError, match=message):
        lz.load_measurement(table, axes="x", counts="k", shots="n")


def test_zero_shots_and_missing_counts_are_missing_pixels() -> None:
    table = pd.DataFrame({"x": [1, 2, 3], "k": [1, 0, np.nan], "n": [2, 0, 5]})
    data = lz.load_measurement(table, axes="x", counts="k", shots="n")
    np.testing.assert_array_equal(data.signal, [0.5, np.nan, np.nan])
    assert data.shots.values.tolist() == [2, 0, 0]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"signal": "p", "shots": 10}, "`signal` must lie between 0 and 1, but is 1.5 in row 2"),
        ({"signal": "p", "shots": 1}, "`signal` must lie between 0 and 1"),
        ({"signal": "q", "shots": 1}, "`signal` must be 0 or 1 in every row, but is 0.5 in row 1"),
        ({"signal": "q", "shots": 0}, "`shots` must be a whole number of at least 1, but is 0"),
        ({"signal": "q", "shots": 2.5}, "`shots` must be a whole number"),
        ({"counts": "q"}, "`shots` must be given with `counts`"),
        ({"counts": "q", "signal": "p", "shots": 3}, "`signal` must be left out"),
        ({"counts": ["q", "p"], "shots": 3}, "`counts` must be the name of one column"),
        ({"signal": "pair", "shots": 3}, "`shots` must be left out where cells are k:n, but is 3"),
        ({"signal": "pair", "shots": "q"}, "`shots` must be left out where cells are k:n"),
        ({"signal": "many"}, "`counts` must not exceed `shots`, but is 7 in row 2"),
        ({"signal": "q", "groups": "run"}, "`groups` must label every row, but is empty in row 2"),
        ({"signal": "word"}, "cells like 5:16 in column 'word', .* has '5/16' in row 2"),
    ],
)  # fmt: skip
def test_bad_fractions(arguments: dict, message: str) -> None:
    words = ["5:16", "5/16"]
    table = pd.DataFrame({"x": [1, 2], "p": [0.5, 1.5], "q": [0.5, 1.0], "word": words})
    table = table.assign(pair="1:2", many=["5:6", "7:6"], run=["a", None])
    with pytest.raises(LzopenError, match=message):
        lz.load_measurement(table, axes="x", **arguments)


# -- complex signals and calibration


def test_quadratures_are_projected_on_their_direction() -> None:
    rng = np.random.default_rng(4)
    along = np.cos(np.linspace(0, 20, 200))
    turn = np.exp(1j * np.deg2rad(35))
    z = 2 - 3j + turn * (along + 0.05j * rng.normal(size=200))
    table = pd.DataFrame({"x": np.arange(200), "I": z.real, "Q": z.imag})
    data = lz.load_measurement(table, axes="x", signal=("I", "Q"))
    np.testing.assert_allclose(data.raw, z)
    np.testing.assert_allclose(data.signal, along - along.mean(), atol=0.02)
    assert data.signal.attrs["kind"] == "projection"
    # an eigenvalue of the covariance matrix
    values = np.linalg.eigvalsh(np.cov(z.real, z.imag))
    assert float(data.signal.var(ddof=1)) == pytest.approx(values[-1])


@pytest.mark.parametrize("unit", ["deg", "rad"])
def test_magnitude_and_phase(unit: str) -> None:
    z = np.array([1 + 1j, -2j, 0.5])
    phase = np.angle(z, deg=unit == "deg")
    table = pd.DataFrame({"x": range(3), "size_V": abs(z), "phase": phase})
    data = lz.load_measurement(table, axes="x", signal=("size_V", "phase"), units={"phase": unit})
    np.testing.assert_allclose(data.raw, z, atol=1e-15)
    assert data.raw.attrs["units"] == "V"
    with pytest.raises(LzopenError, match="`units` must say what the phase is measured in"):
        lz.load_measurement(table, axes="x", signal=("size_V", "phase"))


def calibrated(repeats: int = 1) -> tuple[pd.DataFrame, np.ndarray]:
    """Populations read with noise off the line, between and after calibration rows."""
    p = np.array([0.9, 0.5, 0.1])
    zero, one = 1 + 2j, -1 + 1j
    z = zero + p * (one - zero) + 0.3j * (one - zero) * np.array([1, -1, 0.5])
    spread = 0.01 * (np.arange(repeats) - (repeats - 1) / 2) * (one - zero)
    rows = np.concatenate([zero + spread, z, one + spread])
    point = ["cal0"] * repeats + ["data"] * 3 + ["cal1"] * repeats
    x = np.where(np.array(point) == "data", np.arange(rows.size, dtype=float), np.nan)
    return pd.DataFrame({"x": x, "I": rows.real, "Q": rows.imag, "point": point}), p


@pytest.mark.parametrize("repeats", [1, 5])
def test_calibration_rows(repeats: int, tmp_path: Path) -> None:
    table, p = calibrated(repeats)
    data = lz.load_measurement(table, axes="x", signal=("I", "Q"), calibration="point", sigma=0.02)
    np.testing.assert_allclose(data.signal, p)
    assert data.signal.attrs == {"kind": "population", "units": "1"}
    assert np.iscomplexobj(data.raw)
    assert data.calibration_zero.size == data.calibration_one.size == repeats
    assert complex(data.calibration_zero.mean()) == pytest.approx(1 + 2j)
    np.testing.assert_allclose(data.sigma, 0.02 / abs(-2 - 1j))
    if repeats == 5:  # populations −0.02 to 0.02, of variance 2.5e-4
        assert data.calibration_one.attrs["error"] == pytest.approx((2.5e-4 / 5) ** 0.5)
    else:
        assert "error" not in data.calibration_one.attrs
    assert lz.load(lz.save(data, tmp_path / "data.nc")).identical(data)


def test_trailing_calibration_of_a_real_signal() -> None:
    table = pd.DataFrame({"x": [1, 2, 3, 4], "v": [2.0, 3.0, 5.0, 1.0]})
    data = lz.load_measurement(table, axes="x", signal="v", calibration="trailing")
    np.testing.assert_allclose(data.signal, [0.75, 0.5])
    assert data.raw.values.tolist() == [2.0, 3.0]
    assert data.x.values.tolist() == [1.0, 2.0]


def test_given_calibration_points() -> None:
    table = pd.DataFrame({"x": [1, 2], "v": [2.0, 3.0]})
    data = lz.load_measurement(table, axes="x", signal="v", calibration=(5.0, 1.0))
    np.testing.assert_allclose(data.signal, [0.75, 0.5])
    assert data.calibration_one.values.tolist() == [1.0]


def test_counted_fractions_are_not_rescaled() -> None:
    point = ["data", "cal0", "cal1"]
    table = pd.DataFrame({"x": [1, 2, 3], "k": [5, 1, 9], "n": [10, 20, 10], "point": point})
    data = lz.load_measurement(table, axes="x", counts="k", shots="n", calibration="point")
    assert data.signal.values.tolist() == [0.5]
    assert data.calibration_zero.values.tolist() == [0.05]
    assert data.calibration_zero_shots.values.tolist() == [20.0]
    assert "raw" not in data


@pytest.mark.parametrize(
    ("change", "calibration", "message"),
    [
        ({}, None, "`calibration` must name the column that marks rows cal0 and cal1, but is None"),
        ({"point": ["data", "data", "cal1"]}, "point", "mark rows as cal0"),
        ({"point": ["data", "cal0", "cal2"]}, "point", r"one with \['cal2'\]"),
        ({"point": ["cal0", "cal0", "cal1"]}, "point", "leave rows of data"),
        ({"v": [1.0, np.nan, 2.0]}, "point", "signal in every cal0 row, but is nan in row 2"),
        ({"v": [1.0, 2.0, 2.0]}, "point", "tell the states apart, but is z0 = z1 = 2"),
        ({}, "spot", "`calibration` must name a column of the DataFrame, but is 'spot'"),
        ({"point": ["data"] * 3}, (1.0, 2.0, 3.0), "be a name or two numbers"),
    ],
)  # fmt: skip
def test_bad_calibration(change: dict, calibration: object, message: str) -> None:
    table = pd.DataFrame({"x": [1, 2, 3], "v": [1.0, 0.0, 2.0], "point": ["data", "cal0", "cal1"]})
    with pytest.raises(LzopenError, match=message):
        lz.load_measurement(table.assign(**change), axes="x", signal="v", calibration=calibration)


def test_calibration_rows_can_be_left_out() -> None:
    table = pd.DataFrame({"x": [1, 2, 3], "v": [1.0, 0.0, 2.0], "point": ["data", "cal0", "cal1"]})
    data = lz.load_measurement(table, axes="x", signal="v", where={"point": "data"})
    assert data.signal.values.tolist() == [1.0]


def test_missing_quadratures_are_missing_pixels(tmp_path: Path) -> None:
    table = pd.DataFrame({"x": [3, 2, 1], "I": [1.0, np.nan, 3.0], "Q": [0.0, 1.0, 0.5]})
    data = lz.load_measurement(table, axes="x", signal=("I", "Q"))
    assert data.signal.isnull().values.tolist() == [False, True, False]
    assert lz.load(lz.save(data, tmp_path / "data.nc")).identical(data)
