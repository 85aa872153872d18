"""Every measured CSV loads in one natural call, with the numbers that its source states."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from scipy.optimize import curve_fit

import lzopen as lz

SIGE, QUANTIFY = "jaqlab-sisige-shuttling", "quantify-core-scqubit"
LZS, RAMSEY = "quera-aquila-floquet-lzs", "quera-aquila-ramsey"
CALIBRATED = {"axes": "delay_s", "signal": ("I_V", "Q_V"), "calibration": "point"}
POLAR = {"axes": "delay_s", "signal": ("magn_V", "phase_deg")}
DECAYS = {"axes": ("shuttle_distance_nm", "time_ns"), "signal": "amplitude"}
COUNTED = {"axes": "run_time_us", "counts": "n_rydberg_detected", "shots": "n_atoms_prepared"}
BY_SHOT = {"axes": "run_time_us", "headers": "shot"}
BY_SITE = {"axes": "run_time_us", "headers": "site", "counts": "k*", "shots": "n*"}
FRINGE = {"axes": "wait_ns", "signal": "spin_fraction"}
FITS = {"axes": "position_nm", "signal": "T2star_ns", "sigma": "T2star_err_ns"}
DRESSED = {"axes": "rabi_MHz", "signal": "T_ns", "sigma": "T_err_ns", "where": {"field": "high"}}

CALLS: dict[str, tuple[dict[str, Any], dict[str, int]]] = {
    f"{SIGE}/floquet_lzsm_spectrum": (
        {"axes": "drive_GHz", "headers": "shuttling_MHz"},
        {"drive": 240, "shuttling": 39, "repeat": 2},
    ),
    f"{SIGE}/ramsey_lowfield_reference": (FRINGE, {"wait": 200}),
    f"{SIGE}/ramsey_highfield_reference": (FRINGE, {"wait": 70}),
    f"{SIGE}/ramsey_lowfield_vs_position": (
        {"axes": "wait_ns", "headers": "position_nm"},
        {"wait": 180, "position": 18},
    ),
    f"{SIGE}/ramsey_highfield_vs_position": (
        {"axes": "wait_ns", "headers": "position_nm"},
        {"wait": 70, "position": 8},
    ),
    f"{SIGE}/ramsey_lowfield_author_fits": (FITS, {"position": 19}),
    f"{SIGE}/ramsey_highfield_author_fits": (FITS, {"position": 9}),
    f"{SIGE}/shuttling_decays_lowfield": (DECAYS | {"where": {"sequence": "echo"}}, {"row": 318}),
    f"{SIGE}/shuttling_decays_highfield": (DECAYS | {"where": {"sequence": "echo"}}, {"row": 308}),
    f"{SIGE}/dressed_driven_decay_times": (DRESSED, {"rabi": 73, "repeat": 2}),
    f"{QUANTIFY}/T1_q0_20210827": (CALIBRATED, {"delay": 123}),
    f"{QUANTIFY}/ramsey_q0_20210827": (CALIBRATED, {"delay": 123}),
    f"{QUANTIFY}/echo_q0_20210827": (CALIBRATED, {"delay": 123}),
    f"{QUANTIFY}/ramsey_6.14GHz_20210901": (CALIBRATED, {"delay": 199}),
    f"{QUANTIFY}/T1_4.715GHz_20210322": (POLAR, {"delay": 41}),
    f"{QUANTIFY}/echo_4.715GHz_20210420": (POLAR, {"delay": 80}),
    f"{QUANTIFY}/ramsey_4.715GHz_20210422": (POLAR, {"delay": 50}),
    f"{LZS}/floquet_lzs": (COUNTED, {"run_time": 101}),
    f"{LZS}/floquet_lzs_by_shot": (BY_SHOT, {"run_time": 101, "shot": 50}),
    f"{LZS}/floquet_lzs_by_site": (BY_SITE, {"run_time": 101, "site": 16}),
    f"{RAMSEY}/ramsey": (COUNTED, {"run_time": 101}),
    f"{RAMSEY}/ramsey_by_shot": (BY_SHOT, {"run_time": 101, "shot": 100}),
    f"{RAMSEY}/ramsey_by_site": (BY_SITE, {"run_time": 101, "site": 16}),
}


def read(folder: Path, name: str, **further: Any) -> xr.Dataset:
    return lz.load_measurement(folder / f"{name}.csv", **CALLS[name][0], **further)


def plain(folder: Path, name: str) -> pd.DataFrame:
    return pd.read_csv(folder / f"{name}.csv", comment="#")


def test_no_file_is_forgotten(shared_data: Path) -> None:
    found = {f"{file.parent.name}/{file.stem}" for file in shared_data.rglob("*.csv")}
    assert found == set(CALLS)


@pytest.mark.parametrize("name", CALLS)
def test_every_csv_loads_and_round_trips(shared_data: Path, tmp_path: Path, name: str) -> None:
    data = read(shared_data, name)
    sizes = CALLS[name][1]
    assert dict(data.signal.sizes) == sizes
    settings = [data[axis].values for axis in data.attrs["axes"].split(", ")]
    for axis in settings if "row" not in sizes else settings[:1]:
        assert np.all(np.diff(axis) >= 0)
    path = lz.save(data, tmp_path / "data.nc")
    assert lz.load(path).identical(data)
    assert lz.load_measurement(path).identical(data)


@pytest.mark.parametrize("experiment", [f"{LZS}/floquet_lzs", f"{RAMSEY}/ramsey"])
def test_fractions_of_atoms_agree_however_they_are_counted(
    shared_data: Path, experiment: str
) -> None:
    total = read(shared_data, experiment)
    table = plain(shared_data, experiment)
    np.testing.assert_allclose(total.signal, table.p_rydberg, atol=1e-6)
    np.testing.assert_allclose(total.run_time, table.run_time_us)
    for part, dim in (("by_shot", "shot"), ("by_site", "site")):
        split = read(shared_data, f"{experiment}_{part}")
        assert split.attrs["axes"] == ("run_time" if dim == "shot" else "run_time, site")
        np.testing.assert_array_equal(split.shots.sum(dim), total.shots)
        found = (split.signal * split.shots).sum(dim) / total.shots
        np.testing.assert_allclose(found, total.signal, rtol=1e-12)


@pytest.mark.parametrize("name", [n for n in CALLS if CALLS[n][0] is CALIBRATED])
def test_calibrated_populations(shared_data: Path, name: str) -> None:
    data = read(shared_data, name, time_unit="us")
    table = plain(shared_data, name)
    kept = table[table.point == "data"]
    # the projection written with vectors of the plane instead of complex numbers
    zero, one = (
        table.loc[table.point == mark, ["I_V", "Q_V"]].to_numpy()[0] for mark in ("cal0", "cal1")
    )
    line = one - zero
    expected = (kept[["I_V", "Q_V"]].to_numpy() - zero) @ line / (line @ line)
    np.testing.assert_allclose(data.signal, expected)
    np.testing.assert_allclose(data.delay, kept.delay_s * 1e6)
    assert data.calibration_zero.size == data.calibration_one.size == 1


def test_relaxation_time_of_the_calibrated_qubit(shared_data: Path) -> None:
    data = read(shared_data, f"{QUANTIFY}/T1_q0_20210827", time_unit="us")
    assert float(data.signal.min()) > -0.1
    assert 0.9 < float(data.signal.max()) < 1.1

    def decay(t: np.ndarray, time: float, start: float, end: float) -> np.ndarray:
        return end + (start - end) * np.exp(-t / time)

    best, _ = curve_fit(decay, data.delay.values, data.signal.values, p0=(5.0, 1.0, 0.0))
    assert best[0] == pytest.approx(7.59, abs=0.09)
    assert best[1] == pytest.approx(1.0, abs=0.05)
    assert best[2] == pytest.approx(0.0, abs=0.05)


@pytest.mark.parametrize("name", [n for n in CALLS if CALLS[n][0] is POLAR])
def test_magnitude_and_phase(shared_data: Path, name: str) -> None:
    data, table = read(shared_data, name), plain(shared_data, name)
    np.testing.assert_allclose(np.abs(data.raw), table.magn_V)
    np.testing.assert_allclose(np.angle(data.raw, deg=True), table.phase_deg)
    spread = np.linalg.eigvalsh(np.cov(data.raw.real, data.raw.imag))
    assert float(data.signal.var(ddof=1)) == pytest.approx(spread[-1])
    assert spread[0] < 0.15 * spread[-1]  # the qubit moves along a line


def test_sideband_map_with_its_repeated_line(shared_data: Path) -> None:
    data = read(shared_data, f"{SIGE}/floquet_lzsm_spectrum")
    table = plain(shared_data, f"{SIGE}/floquet_lzsm_spectrum")
    line = data.signal.sel(shuttling=2 * np.pi * 6.0e-3, method="nearest")
    np.testing.assert_array_equal(line.isel(repeat=0), table["s6.00"])
    np.testing.assert_array_equal(line.isel(repeat=1), table["s6.00b"])
    assert int(data.signal.isel(repeat=1).notnull().sum()) == 240
    np.testing.assert_allclose(data.drive, 2 * np.pi * table.drive_GHz)
    np.testing.assert_array_equal(data.signal.isel(shuttling=-1, repeat=0), table["s12.00"])


def test_shuttling_decays_stay_rows_and_one_distance_is_an_axis(shared_data: Path) -> None:
    name = f"{SIGE}/shuttling_decays_lowfield"
    data = read(shared_data, name)
    table = plain(shared_data, name).query("sequence == 'echo'")
    assert float(data.signal.sum()) == pytest.approx(table.amplitude.sum())
    one = lz.load_measurement(
        shared_data / f"{name}.csv", axes="time_ns", signal="amplitude",
        where={"sequence": "echo", "shuttle_distance_nm": 216.0}, time_unit="us",
    )  # fmt: skip
    expected = table[table.shuttle_distance_nm == 216.0]
    np.testing.assert_array_equal(one.signal, expected.amplitude)
    np.testing.assert_allclose(one.time, expected.time_ns / 1000)
