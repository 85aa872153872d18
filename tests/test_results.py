"""Results: JSON that anything can read, files that are whole or absent."""

from __future__ import annotations

import json
import platform
from pathlib import Path

import h5py
import numpy as np
import pytest
import scipy
import xarray as xr

from lzopen import results
from lzopen.errors import LzopenError


@pytest.fixture
def dataset() -> xr.Dataset:
    time = xr.Variable("time", [0.0, 0.5, 1.5], {"units": "ns", "long_name": "time"})
    return xr.Dataset(
        {
            "population": (("time", "level"), np.arange(6.0).reshape(3, 2), {"units": "1"}),
            "count": ("time", np.array([3, 1, 2], dtype=np.int32)),
            "valid": ("time", [True, False, True]),
            "gap": ((), np.nan),
        },
        {"time": time, "level": ["down", "up"]},
        {"title": "Übergang", "seed": 3, "window": [-1.0, 2.5], "lzopen": '{"seed": 3}'},
    )


def files(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir())


# -- provenance


def test_provenance_names_what_ran() -> None:
    record = json.loads(results.provenance(parameters={}, references=["zener1932"], seed=7))
    assert record["versions"]["numpy"] == np.__version__
    assert record["versions"]["scipy"] == scipy.__version__
    assert record["versions"]["xarray"] == xr.__version__
    assert record["versions"]["python"] == platform.python_version()
    assert {"lzopen", "qutip"} <= set(record["versions"])
    assert (record["references"], record["seed"]) == (["zener1932"], 7)


@pytest.mark.parametrize(
    ("value", "stored"),
    [
        (np.float64(0.5), 0.5),
        (np.int64(3), 3),
        (np.bool_(True), True),
        (None, None),
        (1 - 2j, [1.0, -2.0]),
        (np.array([[1, 2], [3, 4]]), [[1, 2], [3, 4]]),
        (np.array([1j]), [[0.0, 1.0]]),
        (xr.DataArray([1.0, 2.0]), [1.0, 2.0]),
        (float("nan"), "nan"),
        (np.array([np.inf, -np.inf]), ["inf", "-inf"]),
        ({"rate": np.float32(0.5), 1: (2, 3)}, {"rate": 0.5, "1": [2, 3]}),
        (slice(1, 2), "slice(1, 2, None)"),
    ],
)
def test_provenance_is_plain_json(value: object, stored: object) -> None:
    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} is no JSON")

    text = results.provenance(parameters={"x": value}, extra=value)
    record = json.loads(text, parse_constant=refuse)
    assert record["parameters"]["x"] == stored
    assert record["extra"] == stored


def test_label_leaves_the_original_alone(dataset: xr.Dataset) -> None:
    before = dataset.copy(deep=True)
    labelled = results.label(dataset, parameters={"gap": 1.0}, seed=1)
    assert json.loads(labelled.attrs["lzopen"])["parameters"] == {"gap": 1.0}
    assert labelled.attrs["title"] == "Übergang"
    assert dataset.identical(before)


# -- atomic writing


def test_atomic_path_replaces_an_older_file(tmp_path: Path) -> None:
    target = tmp_path / "result.txt"
    target.write_text("old")
    with results.atomic_path(target) as part:
        assert part.parent == target.parent
        assert part.suffix == target.suffix
        part.write_text("new")
        assert target.read_text() == "old"
    assert target.read_text() == "new"
    assert files(tmp_path) == ["result.txt"]


@pytest.mark.parametrize("interruption", [RuntimeError, KeyboardInterrupt, SystemExit])
def test_an_interrupted_write_leaves_only_the_older_file(
    tmp_path: Path, interruption: type[BaseException]
) -> None:
    target = tmp_path / "result.txt"
    target.write_text("old")

    def write_half() -> None:
        with results.atomic_path(target) as part:
            part.write_text("ha")
            raise interruption

    with pytest.raises(interruption):
        write_half()
    assert target.read_text() == "old"
    assert files(tmp_path) == ["result.txt"]


def test_atomic_path_asks_for_the_folder(tmp_path: Path) -> None:
    missing = tmp_path / "nowhere"
    with (
        pytest.raises(LzopenError, match=r"`path` must lie in an existing folder.*create"),
        results.atomic_path(missing / "x.nc"),
    ):
        pass


def test_save_interrupted_halfway_leaves_nothing(
    dataset: xr.Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def half(_: xr.Dataset, path: Path, **__: object) -> None:
        Path(path).write_bytes(b"\x89HDF")
        raise KeyboardInterrupt

    monkeypatch.setattr(xr.Dataset, "to_netcdf", half)
    with pytest.raises(KeyboardInterrupt):
        results.save(dataset, tmp_path / "x.nc")
    assert files(tmp_path) == []


# -- round trip


def test_round_trip_is_identical(dataset: xr.Dataset, tmp_path: Path) -> None:
    path = results.save(dataset, tmp_path / "x.nc")
    again = results.load(path)
    assert path == tmp_path / "x.nc"
    xr.testing.assert_identical(again, dataset)
    assert {n: v.dtype for n, v in again.data_vars.items()} == {
        n: v.dtype for n, v in dataset.data_vars.items()
    }


@pytest.mark.parametrize("dtype", [np.complex64, np.complex128])
def test_complex_numbers_come_back_whole(tmp_path: Path, dtype: type) -> None:
    values = np.array([[1 + 2j, complex(0, np.inf)], [-0.5j, complex(np.nan, 1)]], dtype=dtype)
    attrs = {"units": "1"}
    gaps = {"gap": ("gap", np.array([1j, 2.0], dtype)), "by": ("gap", np.array([0.5j, 1], dtype))}
    dataset = xr.Dataset(
        {"rho": (("i", "j"), values, attrs), "z": ((), dtype(3 - 1j)), "p": ("gap", [0.1, 0.2])},
        coords=gaps,
    )
    again = results.load(results.save(dataset, tmp_path / "x.nc"))
    xr.testing.assert_identical(again, dataset)
    assert again["rho"].dtype == dtype
    assert again["rho"].values.tobytes() == values.tobytes()


def test_a_complex_file_is_plain_netcdf(tmp_path: Path) -> None:
    path = results.save(xr.Dataset({"z": ("x", [1 + 2j])}), tmp_path / "x.nc")
    with h5py.File(path) as file:
        assert file["z"].dtype == np.float64
        assert file["z"][...].tolist() == [[1.0, 2.0]]


def test_load_leaves_the_file_free(dataset: xr.Dataset, tmp_path: Path) -> None:
    path = results.save(dataset, tmp_path / "x.nc")
    again = results.load(path)
    results.save(again.assign(gap=2.0), path)
    assert float(results.load(path)["gap"]) == 2.0


@pytest.mark.parametrize(
    "refused",
    [
        xr.Dataset({"x": 1.0}, attrs={"nested": {"a": 1}}),
        xr.Dataset({"x": ("i", np.array([object()], dtype=object))}),
        xr.Dataset({"x": ("complex_part", [1.0, 2.0])}),
    ],
    ids=["nested attribute", "Python object", "reserved dimension"],
)
def test_what_netcdf_cannot_hold_is_refused(refused: xr.Dataset, tmp_path: Path) -> None:
    with pytest.raises(LzopenError, match="Argument `dataset` must"):
        results.save(refused, tmp_path / "x.nc")
    assert files(tmp_path) == []


def test_load_says_what_is_wrong(tmp_path: Path) -> None:
    with pytest.raises(LzopenError, match="must name an existing file"):
        results.load(tmp_path / "x.nc")
    (tmp_path / "x.nc").write_text("no HDF5 at all")
    with pytest.raises(LzopenError, match="must name a netCDF 4 file"):
        results.load(tmp_path / "x.nc")


def test_save_wants_a_file(tmp_path: Path) -> None:
    with pytest.raises(LzopenError, match=r"must name a file, but is the folder .*add a file name"):
        results.save(xr.Dataset({"x": 1.0}), tmp_path)


def test_versions_are_handed_out_as_a_copy() -> None:
    results.versions()["lzopen"] = "0"
    assert results.versions()["lzopen"] != "0"
