"""xarray, netCDF, quantify-core and QCoDeS: layouts built by hand as their sources write them."""

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


@pytest.fixture
def fringes() -> xr.DataArray:
    values = np.random.default_rng(5).random((3, 4))
    coords = {"amplitude": [0.0, 0.5, 1.0], "bias": [3.0, 2.0, 1.0, 0.0]}
    array = xr.DataArray(values, coords, ("amplitude", "bias"), name="population")
    array.bias.attrs["units"] = "mV"
    return array


def test_data_array_knows_its_axes(fringes: xr.DataArray) -> None:
    data = lz.load_measurement(fringes)
    assert data.signal.dims == ("amplitude", "bias")
    np.testing.assert_array_equal(data.signal, fringes.values[:, ::-1])
    np.testing.assert_allclose(data.bias, [0, 1e-3, 2e-3, 3e-3])
    assert data.attrs["axes"] == "amplitude, bias"
    assert "The axis bias is in V, converted from mV (as the source states)." in notes(data)


def test_a_loaded_measurement_is_returned_as_it_is(fringes: xr.DataArray, tmp_path: Path) -> None:
    data = lz.load_measurement(fringes)
    path = lz.save(data, tmp_path / "data.nc")
    assert lz.load_measurement(path).identical(data)
    assert lz.load_measurement(data).identical(data)
    with pytest.raises(LzopenError, match="already a measurement"):
        lz.load_measurement(path, axes="bias")


def test_any_netcdf(fringes: xr.DataArray, tmp_path: Path) -> None:
    dataset = fringes.to_dataset().assign(n=fringes * 0 + 10, other=("z", [1.0, 2.0]))
    for name, options in {
        "four.nc": {"engine": "h5netcdf"},
        "three.nc": {"engine": "scipy", "format": "NETCDF3_64BIT"},
    }.items():
        dataset.to_netcdf(tmp_path / name, **options)
        data = lz.load_measurement(tmp_path / name, signal="population", shots="n")
        np.testing.assert_array_equal(data.signal, fringes.values[:, ::-1])
        assert float(data.shots.min()) == 10
    with pytest.raises(
        LzopenError, match=r"`signal` must name a variable of four\.nc, but is None"
    ):
        lz.load_measurement(tmp_path / "four.nc")
    with pytest.raises(LzopenError, match="'q'; choose from 'population', 'n', 'other'"):
        lz.load_measurement(tmp_path / "four.nc", signal="q")


def test_complex_netcdf_that_save_wrote(tmp_path: Path) -> None:
    z = np.exp(1j * np.linspace(0, 1, 7))
    path = lz.save(xr.Dataset({"z": ("t", z)}, {"t": np.arange(7.0)}), tmp_path / "z.nc")
    np.testing.assert_array_equal(lz.load_measurement(path).raw, z)


def test_a_dimension_that_is_no_axis_counts_repeats(fringes: xr.DataArray) -> None:
    data = lz.load_measurement(fringes, axes="bias")
    assert data.signal.dims == ("bias", "repeat")
    np.testing.assert_array_equal(data.signal, fringes.values.T[::-1])
    assert "The dimension amplitude is no axis here: its values are repeats." in notes(data)
    data = lz.load_measurement(fringes, axes="bias", groups="amplitude")
    np.testing.assert_array_equal(data.group[0], [0.0, 0.5, 1.0])


# -- quantify-core: flat variables x0, x1, y0, y1 along dim_0, names and units in attributes


def quantify(
    settables: dict[str, tuple[str, np.ndarray]], gettables: dict[str, tuple[str, np.ndarray]]
) -> xr.Dataset:
    attrs = {"batched": False}
    coords = {
        f"x{i}": ("dim_0", v, attrs | {"name": n, "long_name": n.title(), "units": unit})
        for i, (n, (unit, v)) in enumerate(settables.items())
    }
    variables = {
        f"y{i}": ("dim_0", v, attrs | {"name": n, "long_name": n.title(), "units": unit})
        for i, (n, (unit, v)) in enumerate(gettables.items())
    }
    about = {"tuid": "20210827-174946-357-70a986", "name": "T1", "grid_2d": len(settables) == 2}
    return xr.Dataset(variables, coords, attrs=about)


def test_quantify_file_with_trailing_calibration(tmp_path: Path) -> None:
    t = np.arange(1, 12) * 4e-6
    p = np.concatenate([np.exp(-t[:-2] / 8e-6), [0.0, 1.0]])
    z = (0.1 - 0.2j) + p * (0.5 + 1j)
    dataset = quantify({"tau": ("s", t)}, {"I": ("V", z.real), "Q": ("V", z.imag)})
    path = tmp_path / "dataset.hdf5"
    dataset.to_netcdf(path, engine="h5netcdf", invalid_netcdf=True)  # as quantify-core writes it
    data = lz.load_measurement(path, calibration="trailing", time_unit="us")
    assert data.signal.dims == ("tau",)
    np.testing.assert_allclose(data.tau, 4.0 * np.arange(1, 10))
    np.testing.assert_allclose(data.signal, p[:-2], atol=1e-12)
    assert complex(data.calibration_zero[0]) == pytest.approx(0.1 - 0.2j)
    assert data.raw.attrs["units"] == "V"
    named = lz.load_measurement(
        path, axes="x0", signal=("y0", "y1"), calibration="trailing", time_unit="us"
    )
    assert named.signal.identical(data.signal)


def test_quantify_magnitude_and_phase_on_a_grid() -> None:
    x, y = (one.ravel() for one in np.meshgrid([1.0, 2.0, 3.0], [10.0, 20.0]))
    z = (x + y) * np.exp(0.1j * y)
    dataset = quantify(
        {"bias": ("mV", x), "drive": ("GHz", y)},
        {"size": ("V", abs(z)), "phase": ("deg", np.angle(z, deg=True))},
    )
    data = lz.load_measurement(dataset)
    assert data.raw.dims == ("bias", "drive")
    np.testing.assert_allclose(data.raw, z.reshape(2, 3).T)
    np.testing.assert_allclose(data.drive, 2 * np.pi * np.array([10.0, 20.0]))


def test_quantify_with_one_gettable_and_with_variables_instead_of_coordinates() -> None:
    dataset = quantify({"t": ("s", np.arange(3.0))}, {"p": ("", np.array([0.1, 0.2, np.nan]))})
    for one in (dataset, dataset.reset_coords()):
        data = lz.load_measurement(one)
        np.testing.assert_array_equal(data.signal, [0.1, 0.2, np.nan])
        assert data.t.attrs["units"] == "s"


def test_quantify_with_gettables_of_different_units_asks() -> None:
    dataset = quantify(
        {"t": ("s", np.arange(3.0))},
        {"v": ("V", np.arange(3.0)), "clock": ("s", np.arange(3.0))},
    )
    with pytest.raises(LzopenError, match=r"`signal` must name a column.*choose from 't', 'v'"):
        lz.load_measurement(dataset)
    assert lz.load_measurement(dataset, signal="v").signal.values.tolist() == [0, 1, 2]


# -- QCoDeS: parameters as dimensions, or levels of `multi_index`


def qcodes(multi_index: bool) -> tuple[xr.Dataset, pd.Series]:
    x, y = np.meshgrid([0.0, 1.0, 2.0], [-1.0, 1.0], indexing="ij")
    frame = pd.DataFrame({"dac_ch1": x.ravel(), "dac_ch2": y.ravel()})
    frame["dmm_v1"] = np.arange(6.0) + 1
    frame = frame[:5] if multi_index else frame  # an interrupted sweep is no grid
    series = frame.set_index(["dac_ch1", "dac_ch2"])["dmm_v1"]
    if multi_index:
        coords = xr.Coordinates.from_pandas_multiindex(series.index, "multi_index")
        dataset = xr.Dataset({"dmm_v1": ("multi_index", series.to_numpy())}, coords)
    else:
        dataset = series.to_frame().to_xarray()
    for name in ("dac_ch1", "dac_ch2", "dmm_v1"):
        about = {"name": name, "paramtype": "numeric", "label": f"Gate {name}", "unit": "mV"}
        dataset[name].attrs.update(about | {"units": "mV", "long_name": about["label"]})
    return dataset.assign_attrs(ds_name="results", run_id=1, snapshot="{}"), series


@pytest.mark.parametrize("multi_index", [False, True])
def test_qcodes_dataset(multi_index: bool) -> None:
    dataset, series = qcodes(multi_index)
    data = lz.load_measurement(dataset)
    assert data.signal.dims == ("dac_ch1", "dac_ch2")
    expected = series.unstack().to_numpy()
    np.testing.assert_array_equal(data.signal, expected)
    np.testing.assert_allclose(data.dac_ch1, [0, 1e-3, 2e-3])
    assert data.signal.attrs["units"] == "mV"


def test_qcodes_file_of_a_multi_index(tmp_path: Path) -> None:
    """Its export compresses by gathering: levels are dimensions, `multi_index` holds places."""
    dataset, series = qcodes(multi_index=True)
    levels = {name: np.unique(dataset[name]) for name in ("dac_ch1", "dac_ch2")}
    places = np.ravel_multi_index(dataset.indexes["multi_index"].codes, (3, 2))
    packed = xr.Dataset(
        {"dmm_v1": ("multi_index", dataset.dmm_v1.values, dataset.dmm_v1.attrs)},
        {
            "multi_index": ("multi_index", places, {"compress": "dac_ch1 dac_ch2"}),
            **{name: (name, level, {"units": "mV"}) for name, level in levels.items()},
        },
    )
    packed.to_netcdf(tmp_path / "qcodes.nc", engine="h5netcdf")
    data = lz.load_measurement(tmp_path / "qcodes.nc")
    np.testing.assert_array_equal(data.signal, series.unstack().to_numpy())
    np.testing.assert_allclose(data.dac_ch1, [0, 1e-3, 2e-3])
    with pytest.raises(LzopenError, match=r"to_xarray_dataset\(\)"):
        lz.load_measurement(object())
