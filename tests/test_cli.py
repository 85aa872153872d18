"""The command line: from a file to a report and a folder; bad input ends in one line."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import pytest
import xarray as xr

import lzopen as lz
from lzopen import cli

pytestmark = pytest.mark.filterwarnings("error")


class Ended(NamedTuple):
    """How a command ended, and what it printed."""

    code: int
    out: str
    err: str


Command = Callable[..., Ended]


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """``lzopen`` with these words behind it."""

    def run(*words: object) -> Ended:
        monkeypatch.setattr(sys, "argv", ["lzopen", *map(str, words)])
        with pytest.raises(SystemExit) as end:
            cli.main()
        printed = capsys.readouterr()
        return Ended(int(end.value.code or 0), printed.out, printed.err)

    return run


def parameters(folder: Path, name: str) -> dict[str, tuple[float, float]]:
    """Value and error by name, as the file says them."""
    data = lz.load(folder / f"{name}.nc")
    pairs = zip(data["value"].values.tolist(), data["error"].values.tolist(), strict=True)
    return dict(zip(data["parameter"].values.tolist(), pairs, strict=True))


def pull(found: tuple[float, float], truth: float) -> float:
    return (found[0] - truth) / found[1]


# -- decays


@pytest.fixture
def decay(tmp_path: Path) -> Path:
    path = tmp_path / "decay.csv"
    t = np.linspace(0, 6, 40)
    found = np.random.default_rng(1).binomial(400, 0.5 + 0.4 * np.exp(-t / 2))
    table = pd.DataFrame({"time_us": t, "p": found / 400, "n": 400})
    path.write_text("# a comment\n" + table.to_csv(index=False))
    return path


COLUMNS = ("--delay", "time_us", "--signal", "p", "--shots", "n")


def test_decay_is_printed_and_written(command: Command, decay: Path, tmp_path: Path) -> None:
    done = command("fit", "decay", decay, *COLUMNS, "--output", tmp_path / "new" / "fits")
    assert done.code == 0, done.err
    folder = tmp_path / "new" / "fits"
    assert {file.name for file in folder.iterdir()} == {"report.txt", "decay.nc", "decay.png"}
    report = (folder / "report.txt").read_text()
    assert done.out.startswith(report)
    assert "The axis time is in µs (from the name time_us)." in report
    assert "χ²/dof" in report
    assert abs(pull(parameters(folder, "decay")["T"], 2.0)) < 3
    assert (folder / "decay.png").stat().st_size > 5000


def test_options_of_a_decay_reach_the_fit(command: Command, tmp_path: Path) -> None:
    t = np.linspace(0.1, 6, 60)
    signal = 0.5 + 0.4 * np.exp(-(t**2) / 9 - t / 8) * np.cos(5 * t)
    pd.DataFrame({"t": t, "s": signal}).to_csv(tmp_path / "d.csv", index=False)
    noise = ("--sigma", 0.01, "--units", "t=us", "--priors", "offset=0.5,0.001")
    shape = ("--envelope", "gaussian", "--oscillations", 1, "--relaxation", "4,0.1", "--omega", 5)
    columns = ("--delay", "t", "--signal", "s", "--output", tmp_path)
    done = command("fit", "decay", tmp_path / "d.csv", *columns, *noise, *shape)
    assert done.code == 0, done.err
    found = parameters(tmp_path, "decay")
    expected = lz.fit_decay(
        t, signal=signal, sigma=0.01, envelope="gaussian", oscillations=1, relaxation=(4.0, 0.1),
        omega=5.0, priors={"offset": (0.5, 0.001)},
    )  # fmt: skip
    assert found["T"] == pytest.approx((expected.parameters["T"], expected.errors["T"]))
    assert found["T"][0] == pytest.approx(3.0, abs=0.01)
    assert found["T1"][0] == pytest.approx(4.0, abs=0.1)
    assert found["offset"][1] < 0.001


def test_one_of_several_decays_is_chosen(command: Command, tmp_path: Path) -> None:
    t = np.linspace(0, 6, 40)
    wide = pd.DataFrame({"t_ns": t, "p10.0": np.exp(-t / 2), "p20.0": np.exp(-t / 3)})
    wide.to_csv(tmp_path / "wide.csv", index=False)
    words = ("fit", "decay", tmp_path / "wide.csv", "--delay", "t_ns", "--headers", "position_nm")
    done = command(*words)
    assert done.code == 2
    assert "--at position=10" in done.err
    done = command(*words, "--at", "position=18", "--output", tmp_path)
    assert done.code == 0, done.err
    assert "the one at position = 20 is fitted" in done.out
    assert parameters(tmp_path, "decay")["T"][0] == pytest.approx(3.0, rel=1e-3)


def test_other_formats_give_the_same_decay(command: Command, decay: Path, tmp_path: Path) -> None:
    table = pd.read_csv(decay, comment="#")
    found = []
    raw = table.set_index("time_us")[["p", "n"]].to_xarray()
    raw.to_netcdf(tmp_path / "raw.nc", engine="h5netcdf")
    lz.save(
        lz.load_measurement(decay, axes="time_us", signal="p", shots="n"), tmp_path / "loaded.nc"
    )
    x = xr.Variable("dim_0", table.time_us * 1e-6, {"name": "delay", "unit": "s"})
    y = xr.Variable("dim_0", table.p, {"name": "p", "unit": ""})
    quantify = xr.Dataset({"y0": y}, {"x0": x}, {"tuid": "20210827-174946-357-70a986"})
    quantify.to_netcdf(tmp_path / "dataset.hdf5", engine="h5netcdf")
    for words in (
        ("decay.csv", *COLUMNS),
        ("raw.nc", "--signal", "p", "--shots", "n"),
        ("loaded.nc",),
        ("dataset.hdf5", "--shots", 400, "--time-unit", "us"),
    ):
        done = command("fit", "decay", tmp_path / words[0], *words[1:], "--output", tmp_path)
        assert done.code == 0, done.err
        found.append(parameters(tmp_path, "decay")["T"])
    assert found[1:] == [pytest.approx(found[0], rel=1e-4)] * 3


@pytest.mark.parametrize("calibration", ["1+1j,3-2j", "trailing", "0.5,0.6,0.7"])
def test_rows_and_calibration_points_are_chosen(
    command: Command, tmp_path: Path, calibration: str
) -> None:
    t = np.linspace(0, 6, 30)
    place = np.append(0.1 + 0.8 * np.exp(-t / 2), [0.0, 1.0])
    z = (1 + 1j) + place * (2 - 3j)
    table = pd.DataFrame({"t": np.append(t, [0, 0]), "I": z.real, "Q": z.imag, "qubit": 1})
    if calibration != "trailing":
        table = table[:-2]
    other = table.assign(qubit=2, I=0.0)
    pd.concat([other, table]).to_csv(tmp_path / "iq.csv", index=False)
    words = ("--delay", "t", "--signal", "I,Q", "--where", "qubit=1", "--calibration", calibration)
    done = command("fit", "decay", tmp_path / "iq.csv", *words, "--output", tmp_path)
    if calibration.count(",") == 2:
        assert (done.code, "calibration" in done.err) == (2, True)
        return
    assert done.code == 0, done.err
    assert "Only rows whose qubit is 1" in done.out
    found = parameters(tmp_path, "decay")
    values = {name: found[name][0] for name in ("T", "amplitude", "offset")}
    assert values == pytest.approx({"T": 2.0, "amplitude": 0.8, "offset": 0.1}, rel=1e-4)


def test_repeats_can_be_groups(command: Command, tmp_path: Path) -> None:
    t = np.linspace(0, 6, 20)
    common = np.random.default_rng(4).normal(0, 0.05, 8)  # of all delays in one repeat
    signal = np.exp(-t / 2)[:, None] + common
    table = pd.DataFrame({"t": np.repeat(t, 8), "s": signal.ravel()})
    table.to_csv(tmp_path / "runs.csv", index=False)
    words = ("--delay", "t", "--signal", "s", "--envelope", "exponential", "--groups", "repeat")
    done = command("fit", "decay", tmp_path / "runs.csv", *words, "--output", tmp_path)
    assert done.code == 0, done.err
    expected = lz.fit_decay(
        table.t, signal=table.s, groups=np.tile(np.arange(8), 20), envelope="exponential"
    )
    offset = parameters(tmp_path, "decay")["offset"]
    assert offset == pytest.approx((expected.parameters["offset"], expected.errors["offset"]))
    assert offset[1] == pytest.approx(common.std(ddof=1) / np.sqrt(8), rel=0.1)


def test_decay_of_a_measured_atom_array(command: Command, shared_data: Path) -> None:
    file = shared_data / "quera-aquila-ramsey" / "ramsey.csv"
    columns = ("--delay", "run_time_us", "--signal", "p_rydberg", "--sigma", "sigma_shot_to_shot")
    done = command("fit", "decay", file, *columns)
    assert done.code == 0, done.err
    T = next(line for line in done.out.splitlines() if line.strip().startswith("T "))
    assert float(T.split()[1]) == pytest.approx(3.13, abs=0.06)


def test_decay_of_a_measured_transmon(command: Command, shared_data: Path, tmp_path: Path) -> None:
    file = shared_data / "quantify-core-scqubit" / "T1_q0_20210827.csv"
    columns = ("--delay", "delay_s", "--signal", "I_V,Q_V", "--calibration", "point")
    how = ("--time-unit", "us", "--envelope", "exponential", "--output", tmp_path)
    done = command("fit", "decay", file, *columns, *how)
    assert done.code == 0, done.err
    assert "The signal is the population" in done.out
    assert parameters(tmp_path, "decay")["T"] == pytest.approx((7.59, 0.09), abs=0.01)


def test_decay_of_a_measured_spin(command: Command, shared_data: Path, tmp_path: Path) -> None:
    file = shared_data / "jaqlab-sisige-shuttling" / "ramsey_lowfield_reference.csv"
    columns = ("--delay", "wait_ns", "--signal", "spin_fraction", "--time-unit", "us")
    done = command("fit", "decay", file, *columns, "--window", 0.4, "--output", tmp_path)
    assert done.code == 0, done.err
    assert "Systematic error of their width" in done.out
    assert 6.4 < parameters(tmp_path, "decay")["T"][0] < 7.0


# -- interferograms

TRUTH = {
    "gap": 0.3,
    "dephasing.rate": 0.1,
    "decay.rate": 0.05,
    "amplitude.lever_arm": 2.0,
    "bias.lever_arm": 0.5,
    "bias.zero": 3.0,
}
KNOBS = ("--axes", "amplitude=drive_V,bias=gate_mV", "--counts", "yes", "--shots", 1000)
GUESS = (
    "--omega", 1, "--gap", 0.25, "--dephasing", 0.15, "--amplitude-arm", 1.9,
    "--bias-arm", 0.48, "--bias-zero", 2.8,
)  # fmt: skip


def fringes(gap: float, decay: float, amplitude: np.ndarray, bias: np.ndarray) -> xr.DataArray:
    qubit = lz.TwoLevel(sweep=lz.Sinusoidal(amplitude=1.0, omega=1.0), gap=gap)
    device = qubit.with_environment(lz.Dephasing(0.1), lz.Decay(decay, source=1, target=0))
    return lz.interferogram(device, amplitude=amplitude, bias=bias).population.sel(level=1)


@pytest.fixture(scope="module")
def interferogram(tmp_path_factory: pytest.TempPathFactory) -> Path:
    drive, gate = np.linspace(0, 4, 31), np.linspace(-9, 15, 41)
    chance = fringes(0.3, 0.05, 2.0 * drive, 0.5 * (gate - 3.0))
    yes = np.random.default_rng(3).binomial(1000, chance.values)
    seen = xr.Dataset({"yes": (("drive_V", "gate_mV"), yes)}, {"drive_V": drive, "gate_mV": gate})
    path = tmp_path_factory.mktemp("maps") / "map.csv"
    seen.to_dataframe().to_csv(path)
    return path


def test_interferogram(command: Command, interferogram: Path, tmp_path: Path) -> None:
    words = ("fit", "interferogram", interferogram, *KNOBS, *GUESS, "--decay", 0.07)
    done = command(*words, "--starts", "given", "--output", tmp_path)
    assert done.code == 0, done.err
    assert "The axis gate is in V, converted from mV" in done.out
    assert f"Fitted: {', '.join(TRUTH)}." in done.out
    assert "Held, since they have no value: --offset, --contrast, --slow." in done.out
    assert "take a second map" in done.out  # which would part gap and decay
    found = parameters(tmp_path, "interferogram")
    assert found.keys() == TRUTH.keys()
    assert max(abs(pull(found[name], truth)) for name, truth in TRUTH.items()) < 3.5
    assert abs(found["bias.zero"][0] - 2.8) > 20 * found["bias.zero"][1]  # it has moved
    assert (tmp_path / "interferogram.png").stat().st_size > 20_000
    kept = lz.load(tmp_path / "interferogram.nc")
    assert (kept["gate"].attrs["units"], kept["drive"].attrs["units"]) == ("mV", "V")
    assert "Lever arms are per V of drive and per mV of gate." in done.out


def test_what_is_fitted_can_be_named(command: Command, interferogram: Path, tmp_path: Path) -> None:
    exact = ("--omega", 1, "--gap", 0.3, "--dephasing", 0.1, "--decay", 0.05)
    knobs = ("--amplitude-arm", 2, "--bias-arm", 0.5, "--bias-zero", 3.0)
    words = ("fit", "interferogram", interferogram, *KNOBS, *exact, *knobs, "--starts", "given")
    done = command(*words, "--free", "gap", "--output", tmp_path)
    assert done.code == 0, done.err
    (alone,) = parameters(tmp_path, "interferogram").values()
    assert abs(pull(alone, 0.3)) < 3.5
    names = "dephasing.rate,decay.rate,amplitude.lever_arm,bias.lever_arm,bias.zero"
    done = command(*words, "--fix", names, "--output", tmp_path)
    assert parameters(tmp_path, "interferogram") == {"gap": pytest.approx(alone)}
    done = command(*words, "--fix", "gap", "--free", "gap")
    assert (done.code, "--free" in done.err) == (2, True)
    done = command(*words, "--fix", "temperature")
    assert (done.code, "'bias.zero'" in done.err) == (2, True)


def test_a_bath_readout_and_slow_noise_reach_the_fit(command: Command, tmp_path: Path) -> None:
    qubit = lz.TwoLevel(sweep=lz.Sinusoidal(amplitude=1.0, omega=1.0), gap=0.3)
    warm = qubit.with_environment(lz.Dephasing(0.1), lz.Relaxation(0.05, temperature=0.3))
    axes = {"amplitude": np.linspace(0, 5, 7), "bias": np.linspace(-4, 4, 17)}
    seen = 0.1 + 0.8 * lz.interferogram(warm, **axes).population.sel(level=1, drop=True)
    seen.to_dataset(name="p").to_netcdf(tmp_path / "map.nc", engine="h5netcdf")
    bath = ("--relaxation", 0.05, "--temperature", 0.3, "--dephasing", 0.1, "--slow", 1e-3)
    read = ("--signal", "p", "--sigma", 0.001, "--offset", 0.1, "--contrast", 0.8)
    fixed = ("--fix", "dephasing.rate,relaxation.rate,noise.sigma", "--starts", "given")
    known = ("--priors", "relaxation.temperature=0.3,0.001", "--output", tmp_path)
    done = command(
        "fit", "interferogram", tmp_path / "map.nc", "--omega", 1, "--gap", 0.29,
        *read, *bath, *fixed, *known,
    )  # fmt: skip
    assert done.code == 0, done.err
    found = parameters(tmp_path, "interferogram")
    truth = {"gap": 0.3, "relaxation.temperature": 0.3}
    truth |= {"readout.offset": 0.1, "readout.contrast": 0.8}
    assert {name: value for name, (value, _) in found.items()} == pytest.approx(truth, abs=2e-3)
    assert found["relaxation.temperature"][1] < 0.001


def test_a_zero_that_drifts_from_line_to_line(command: Command, tmp_path: Path) -> None:
    drive, gate = np.linspace(0, 4, 9), np.linspace(-4, 4, 33)
    rng = np.random.default_rng(4)
    rows = [fringes(0.3, 0.05, drive[i : i + 1], gate - rng.normal(0, 0.1))[0] for i in range(9)]
    signal = np.array(rows) + 0.002 * rng.standard_normal((9, 33))
    seen = xr.DataArray(signal, {"amplitude": drive, "bias": gate}, name="s")
    seen.to_dataframe().to_csv(tmp_path / "map.csv")
    exact = ("--omega", 1, "--gap", 0.3, "--dephasing", 0.1, "--decay", 0.05, "--free", "gap")
    words = (*exact, "--signal", "s", "--sigma", 0.002, "--starts", "given", "--output", tmp_path)
    gap = []
    for more in ((), ("--drift", 0.1)):
        done = command("fit", "interferogram", tmp_path / "map.csv", *words, *more)
        assert done.code == 0, done.err
        assert ("give `drift`" in done.out) is not bool(more)
        gap.append(parameters(tmp_path, "interferogram")["gap"])
    assert abs(pull(gap[1], 0.3)) < 3.5
    assert gap[1][1] < gap[0][1] / 2  # shifts no longer count as noise


def test_several_maps_of_one_device(command: Command, tmp_path: Path) -> None:
    """A steady map and one after a pulse, which part the gap from the decay."""
    qubit = lz.TwoLevel(sweep=lz.Sinusoidal(amplitude=1.0, omega=1.0), gap=0.1)
    device = qubit.with_environment(lz.Dephasing(0.1), lz.Decay(0.02, source=1, target=0))
    axes = {"amplitude": np.linspace(0, 4, 9), "bias": np.linspace(-4, 4, 21)}
    protocols = {"steady": lz.Steady(), "pulse": lz.Pulsed(15.0)}
    rng, shape, data = np.random.default_rng(8), (9, 21), []
    for number, (name, protocol) in enumerate(protocols.items()):
        chance = protocol.population(lz.vary(device, axes), 1, 1e-6).reshape(shape)
        signal = 0.1 * number + 0.8 * chance + 0.002 * rng.standard_normal(shape)
        seen = xr.Dataset({"s": (tuple(axes), signal)}, axes)
        seen.to_dataframe().to_csv(tmp_path / f"{name}.csv")
        data.append(seen.rename(s="signal").assign(sigma=0.002))
    guess = ("--omega", 1, "--gap", 0.12, "--dephasing", 0.08, "--decay", 0.03)
    words = ("--signal", "s", "--sigma", 0.002, "--offset", 0, "--contrast", 0.8)
    how = ("--protocol", "steady", "--protocol", "pulsed:15", "--separate", "readout.offset")
    how = (*how, "--starts", "given", "--output", tmp_path)
    files = (tmp_path / "steady.csv", tmp_path / "pulse.csv")
    done = command("fit", "interferogram", *files, *guess, *words, *how)
    assert done.code == 0, done.err
    assert "steady.csv: 189 values" in done.out
    assert "Device model of 2 interferograms, 378 pixels." in done.out
    expected = lz.fit_interferogram(
        data,
        model=device.with_parameters({"gap": 0.12, "dephasing.rate": 0.08, "decay.rate": 0.03}),
        free=["gap", "dephasing.rate", "decay.rate", "readout.offset", "readout.contrast"],
        readout=lz.LinearReadout(0.0, 0.8),
        protocol=list(protocols.values()),
        separate=["readout.offset"],
        starts=[{}],
    )
    found = parameters(tmp_path, "interferogram")
    assert found["readout.offset[1]"][0] == pytest.approx(0.1, abs=0.002)
    values = {name: value for name, (value, _) in found.items()}
    assert values == pytest.approx(expected.parameters, rel=1e-5)
    assert abs(pull(found["gap"], 0.1)) < 4
    assert found["gap"][1] < 0.01
    assert (tmp_path / "interferogram.png").stat().st_size > 20_000


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "neither"),
        (("--decay", 0.1, "--relaxation", 0.1), "both"),
        (("--relaxation", 0.1), "`--temperature` must be given"),
        (("--decay", 0.1, "--temperature", 0.1), "`--temperature` must go with --relaxation"),
        (("--decay", 0.1, "--axes", "amplitude=power,bias=gate_mV"), "'power'"),
        (("--decay", 0.1, "--axes", "bias=gate_mV"), "name the drive and the bias"),
        (("--decay", 0.1, "--starts", "here"), "`--starts`"),
        (("--decay", 0.1, "--protocol", "pulse:3"), "'steady', 'pulsed', 'cycle'"),
        (("--decay", 0.1, "--protocol", "cycle:3"), "`--protocol` must have 3 times"),
        (("--decay", 0.1, "--protocol", "pulsed:long"), "'long'"),
        (("--decay", 0.1, "--protocol", "steady", "--protocol", "steady"), "each of 1 maps"),
        (("--decay", 0.1, "--separate", "spin"), "`separate`"),
        (("--decay", 0.1, "--priors", "gap=0.3"), "gap=0.3"),
    ],
)
def test_a_device_that_makes_no_sense(
    command: Command, interferogram: Path, words: tuple[object, ...], said: str
) -> None:
    done = command("fit", "interferogram", interferogram, *KNOBS, *GUESS, *words)
    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1)
    assert said in done.err


# -- tomography


def test_tomography(command: Command, tmp_path: Path) -> None:
    amplitude, bias = np.linspace(0, 8, 17), np.linspace(-9, 9, 91)
    exact = fringes(0.02, 1e-3, amplitude, bias)
    noise = np.random.default_rng(5).normal(0, 0.003, exact.shape)
    # knobs and a readout that the options have to undo
    seen = xr.DataArray(2.0 + 0.5 * (exact.values + noise), dims=("V_V", "gate_V"), name="signal")
    seen = seen.assign_coords(V_V=amplitude / 4, gate_V=0.1 + bias / 20)
    seen.to_dataframe().to_csv(tmp_path / "weak.csv")
    knobs = ("--axes", "amplitude=V_V,bias=gate_V", "--amplitude-arm", 4, "--bias-arm", 20)
    readout = ("--bias-zero", 0.1, "--offset", 2, "--contrast", 0.5, "--sigma", 0.0015)
    words = ("--signal", "signal", "--omega", 1, "--k-range", "0,15", "--output", tmp_path)
    done = command("fit", "tomography", tmp_path / "weak.csv", *knobs, *readout, *words)
    assert done.code == 0, done.err
    expected = lz.phase_tomography(exact + noise, omega=1.0, sigma=0.003, k_range=(0.0, 15.0))
    found = lz.load(tmp_path / "tomography.nc")
    for part in ("value", "error", "high"):
        np.testing.assert_allclose(found[part], expected[part], rtol=1e-5, atol=1e-6)
    T2, error = (float(found[part].sel(parameter="T2")) for part in ("value", "error"))
    assert f"T2              {T2:.2f} ± {error:.2f}" in done.out
    assert abs(T2 - 10.0) < 3.5 * error
    assert "χ² per pixel = 1" in done.out or "χ² per pixel = 0.9" in done.out
    files = {"report.txt", "tomography.nc", "tomography.png", "weak.csv"}
    assert {file.name for file in tmp_path.iterdir()} == files


def test_tomography_of_counts_says_what_is_suspicious(command: Command, tmp_path: Path) -> None:
    amplitude, bias = np.linspace(0, 8, 17), np.linspace(-9, 9, 91)
    chance = fringes(0.02, 1e-3, amplitude, bias)
    yes = np.random.default_rng(6).binomial(1000, chance)
    table = chance.copy(data=yes).to_dataframe("yes").reset_index()
    table["bias"] += 0.3  # a wrong zero, which the map cannot hide
    table.to_csv(tmp_path / "map.csv", index=False)
    words = ("fit", "tomography", tmp_path / "map.csv", "--omega", 1, "--counts", "yes")
    done = command(*words, "--shots", 1000, "--units", "bias=rad/ns")
    assert done.code == 0, done.err
    assert "WARNING: The law does not describe the map" in done.out
    assert done.err == ""
    T2 = next(line for line in done.out.splitlines() if line.startswith("  T2"))
    assert T2.endswith(" ns")
    done = command(*words, "--shots", 1000, "--bias-zero", 0.3)
    assert "WARNING" not in done.out
    done = command(*words, "--shots", 1000, "--bias-zero", 0.3, "--contrast", 1)
    assert "taken from the scatter of the pixels" in done.out
    assert "χ²" not in done.out


# -- spectra

NOISE = lz.OneOverF(0.2, omega_low=1e-5, omega_high=1e3) + lz.White(0.01)


@pytest.fixture(scope="module")
def sequences(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder, rng = tmp_path_factory.mktemp("sequences"), np.random.default_rng(3)
    tables = []
    for pulses, last in {0: 7.0, 1: 19.0, 4: 38.0}.items():
        t = np.linspace(0.05, 1.0, 20) * last
        coherence = NOISE.coherence(lz.PulseSequence(t, pulses)) * np.exp(-t / 200)
        k = rng.binomial(1000, 0.5 + 0.45 * coherence)
        tables.append(pd.DataFrame({"t_us": t, "k": k, "pulses": pulses}))
        tables[-1].drop(columns="pulses").to_csv(folder / f"cpmg{pulses}.csv", index=False)
    pd.concat(tables).to_csv(folder / "all.csv", index=False)
    t = np.linspace(5.0, 300.0, 20)
    k = rng.binomial(1000, 0.02 + 0.9 * np.exp(-t / 100))
    pd.DataFrame({"t_us": t, "k": k}).to_csv(folder / "T1.csv", index=False)
    return folder


COUNTED = ("--delay", "t_us", "--counts", "k", "--shots", 1000)


def test_spectrum_of_several_files(command: Command, sequences: Path, tmp_path: Path) -> None:
    files = [f"{sequences}/cpmg{number}.csv:{number}" for number in (0, 1, 4)]
    how = ("--noise", "1/f+white", "--cutoff", 1e-5, "--relaxation", sequences / "T1.csv")
    done = command("fit", "spectrum", *files, *COUNTED, *how, "--output", tmp_path)
    assert done.code == 0, done.err
    found = parameters(tmp_path, "spectrum")
    assert set(found) == {"amplitude", "exponent", "density", "T1"}
    assert abs(pull(found["amplitude"], 0.2)) < 3.5
    assert abs(pull(found["exponent"], 1.0)) < 3.5
    assert abs(pull(found["T1"], 100.0)) < 3.5
    assert "T1.csv: 20 values" in done.out
    assert "1/f noise is taken to lie between omega = 1e-05 and" in done.out
    assert (tmp_path / "spectrum.png").stat().st_size > 10_000


def test_decays_in_other_units_of_time_are_converted(
    command: Command, sequences: Path, tmp_path: Path
) -> None:
    tables = {name: pd.read_csv(sequences / f"{name}.csv") for name in ("cpmg1", "cpmg4", "T1")}

    def written(name: str, header: str, factor: float = 1.0) -> Path:
        table = pd.DataFrame({header: factor * tables[name].t_us, "k": tables[name].k})
        table.to_csv(tmp_path / f"{name}.csv", index=False)
        return tmp_path / f"{name}.csv"

    how = ("--delay", "t", "--counts", "k", "--shots", 1000, "--noise", "white", "--relaxation")
    cpmg4, cpmg1 = written("cpmg4", "t (us)"), written("cpmg1", "t (us)")
    fit = ("fit", "spectrum", f"{cpmg4}:4", f"{cpmg1}:1", *how)
    assert command(*fit, written("T1", "t (us)"), "--output", tmp_path).code == 0
    expected = parameters(tmp_path, "spectrum")
    written("cpmg1", "t (ns)", 1e3)
    assert command(*fit, written("T1", "t (ms)", 1e-3), "--output", tmp_path).code == 0
    for name, pair in parameters(tmp_path, "spectrum").items():
        assert pair == pytest.approx(expected[name], rel=1e-6)
    written("cpmg4", "t")
    words = "`FILE` must have delays in no stated unit, as before, but is cpmg1.csv in ns"
    assert words in command(*fit, "inf").err
    written("cpmg4", "t (us)")
    written("cpmg1", "t")
    assert "state the units of the axes" in command(*fit, "inf").err


def test_spectrum_of_one_file_is_that_of_several(
    command: Command, sequences: Path, tmp_path: Path
) -> None:
    files = [f"{sequences}/cpmg{number}.csv:{number}" for number in (0, 1, 4)]
    how = (*COUNTED, "--cutoff", 1e-5, "--relaxation", "100,1", "--fix", "density")
    how = (*how, "--priors", "exponent=1,0.01", "--output")
    done = command("fit", "spectrum", *files, *how, tmp_path / "several")
    assert done.code == 0, done.err
    done = command("fit", "spectrum", sequences / "all.csv", "--pulses", "pulses", *how, tmp_path)
    assert done.code == 0, done.err
    found, expected = (parameters(p, "spectrum") for p in (tmp_path, tmp_path / "several"))
    assert list(found) == list(expected)
    for name, pair in expected.items():
        assert found[name] == pytest.approx(pair, rel=1e-3)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("cpmg1.csv",), "cpmg1.csv; e.g."),
        (("cpmg1.csv:1",), "`--cutoff` must be given"),
        (("cpmg1.csv:1", "--noise", "pink"), "'pink'"),
        (("cpmg1.csv:1", "--noise", "white+white"), "each part once"),
        (("cpmg1.csv:1", "cpmg1.csv:1"), "twice"),
        (("all.csv", "cpmg1.csv", "--pulses", "pulses"), "a single one"),
        (("all.csv", "--pulses", "t_us", "--delay", "pulses"), "whole numbers"),
        (("cpmg1.csv:1", "--noise", "white", "--relaxation", "long"), "long"),
        (("cpmg1.csv:1", "--noise", "white", "--fix", "amplitude"), "'amplitude'"),
    ],
)
def test_sequences_that_make_no_sense(
    command: Command, sequences: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...],
    said: str,
) -> None:  # fmt: skip
    monkeypatch.chdir(sequences)
    done = command("fit", "spectrum", *COUNTED, *words)
    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1)
    assert said in done.err


# -- bad input


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--delay", "tau", "--signal", "p"), "'time_us', 'p', 'n'"),
        (("--signal", "p"), "'time_us', 'p', 'n'"),
        ((*COLUMNS, "--relaxation", "long"), "`--relaxation`"),
        ((*COLUMNS, "--relaxation", "1,2,3"), "T1, or T1 and its error"),
        ((*COLUMNS, "--units", "time_us"), "NAME=VALUE"),
        ((*COLUMNS, "--priors", "offset=0.5"), "offset=0.5"),
        ((*COLUMNS, "--at", "place=1"), "'place'"),
        ((*COLUMNS, "--oscillations", "3"), "`oscillations`"),
        ((*COLUMNS, "--envelope", "round"), "'round'"),
    ],
)
def test_bad_options_are_one_line(
    command: Command, decay: Path, words: tuple[object, ...], said: str
) -> None:
    done = command("fit", "decay", decay, *words)
    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1)
    assert done.err.startswith("lzopen: ")
    assert said in done.err


def test_a_failed_fit_writes_nothing(command: Command, decay: Path, tmp_path: Path) -> None:
    folder = tmp_path / "fits"
    assert command("fit", "decay", decay, *COLUMNS, "--omega", -1, "--output", folder).code == 2
    assert not folder.exists()


def test_a_figure_that_fails_leaves_the_old_files(
    command: Command, decay: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "fits"
    folder.mkdir()
    (folder / "report.txt").write_text("old")

    def full(*_: object) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr("lzopen.cli.writing.plotting.save", full)
    done = command("fit", "decay", decay, *COLUMNS, "--output", folder)
    assert done.code == 2
    assert "No space left" in done.err
    assert [file.name for file in folder.iterdir()] == ["report.txt"]
    assert (folder / "report.txt").read_text() == "old"


def test_an_output_that_is_a_file_is_refused_before_the_fit(
    command: Command, decay: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lzopen.measurements.loading.read_file", lambda _: pytest.fail("was read"))
    done = command("fit", "decay", decay, *COLUMNS, "--output", decay)
    assert (done.code, done.out) == (2, "")
    assert "`--output` must be a folder" in done.err


def test_files_that_are_missing_empty_or_hold_words(command: Command, tmp_path: Path) -> None:
    (tmp_path / "empty.csv").write_text("")
    (tmp_path / "words.csv").write_text("time , p\n0.1,0.5\n0.2,lost\n")
    columns = ("--delay", "time", "--signal", "p")
    for name, said in {
        "nowhere.csv": "nowhere.csv",
        "empty.csv": "the empty file empty.csv",
        "words.csv": "'lost' in row 2",
    }.items():
        done = command("fit", "decay", tmp_path / name, *columns)
        assert done.code == 2
        assert said in done.err


def test_no_traceback_from_the_shell(decay: Path) -> None:
    start = [sys.executable, "-c", "from lzopen.cli import main; main()"]
    words = ["fit", "decay", str(decay), "--delay", "tau", "--signal", "p"]
    environment = {**os.environ, "PYTHONWARNINGS": "error"}
    done = subprocess.run(
        [*start, *words], capture_output=True, text=True, env=environment, check=False
    )
    assert done.returncode == 2
    assert "'tau'" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("name", ["decay", "interferogram", "tomography", "spectrum"])
def test_help_lists_how_to_read_a_file(command: Command, name: str) -> None:
    done = command("fit", name, "--help")
    assert done.code == 0
    for option in ("--signal", "--calibration", "--headers", "--time-unit", "--output"):
        assert option in done.out


@pytest.mark.parametrize("left_out", ["--omega", "--gap"])
def test_an_option_that_is_needed_is_asked_for(
    command: Command, interferogram: Path, left_out: str
) -> None:
    at = GUESS.index(left_out)
    done = command("fit", "interferogram", interferogram, *KNOBS, *GUESS[:at], *GUESS[at + 2 :])
    assert done.code == 2
    assert f"Missing option '{left_out}'" in done.err
    assert "MISSING" not in command("fit", "interferogram", "--help").out
