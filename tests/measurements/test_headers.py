"""What spreadsheets write: units in headers, micro signs, decimal commas, trials unasked for."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

import lzopen as lz
from lzopen.cli import app
from lzopen.errors import LzopenError
from lzopen.measurements.units import plain, shown, split_marked, split_unit


def write(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    path = folder / "data.csv"
    path.write_bytes(text.encode(encoding))
    return path


def notes(data: object) -> list[str]:
    return data.attrs["notes"].split("\n")  # type: ignore[attr-defined]


# -- units in headers


@pytest.mark.parametrize("asked", ["stem", "header"])
@pytest.mark.parametrize(
    ("header", "stem", "value", "unit"),
    [
        ("delay [us]", "delay", 2.0, "µs"),
        ("delay[ns]", "delay", 2.0, "ns"),
        ("run time (µs)", "run time", 2.0, "µs"),
        ("delay / μs", "delay", 2.0, "µs"),
        ("power (mV)", "power", 0.002, "V"),
        ("power (dBm)", "power", 2.0, "dBm"),
        ("coil [mA]", "coil", 2.0, "mA"),
        ("site [0] (mV)", "site [0]", 0.002, "V"),
        ("detuning / MHz", "detuning", 4e-3 * np.pi, "rad/ns"),
        ("detuning / (rad/us)", "detuning", 0.002, "rad/ns"),
        ("detuning / rad/ns", "detuning", 2.0, "rad/ns"),
    ],
)
def test_a_unit_in_a_header(
    tmp_path: Path, asked: str, header: str, stem: str, value: float, unit: str
) -> None:
    path = write(tmp_path, f"{header};p\n2;0.5\n")
    data = lz.load_measurement(path, axes=stem if asked == "stem" else header, signal="p")
    assert data.signal.dims == (stem,)
    assert float(data[stem][0]) == pytest.approx(value, rel=1e-9)
    assert data[stem].attrs["units"] == unit
    assert data[stem].attrs["long_name"] == header
    assert notes(data)[0].endswith(f"(from the name {header}).")


@pytest.mark.parametrize(
    "header",
    [
        "gate (left)", "shots [1]", "counts/s", "detuning rad/us", "drive / bias", "[us]",
        "time us", "time (min)", "s[0]",
    ],
)  # fmt: skip
def test_what_is_no_unit_stays_in_the_name(header: str) -> None:
    assert split_marked(header) == (header, None)
    data = lz.load_measurement(pd.DataFrame({header: [1.0], "p": [0.5]}), axes=header, signal="p")
    assert data.signal.dims == (header,)
    assert "units" not in data[header].attrs


def test_all_arguments_take_names_without_units() -> None:
    table = pd.DataFrame(
        {"delay [us]": [1.0, 2.0], "V (mV)": [5.0, 6.0], "error (mV)": [0.1, 0.2], "g / V": [1, 2]}
    )
    data = lz.load_measurement(
        table, axes="delay", signal="V", sigma="error", where={"g": 2}, units={"delay": "ms"}
    )
    assert data.delay.values.tolist() == [2.0]
    assert data.delay.attrs["units"] == "ms"
    assert data.signal.attrs["units"] == "mV"
    assert data.sigma.values.tolist() == [0.2]
    assert "The axis delay is in ms (as given, not µs as it says itself)." in notes(data)
    none = lz.load_measurement(table, axes="delay", signal="V", units={"delay": ""})
    assert none.signal.dims == ("delay [us]",)


def test_a_name_that_could_be_two_columns_is_not_guessed() -> None:
    table = pd.DataFrame({"t [us]": [1.0], "t [ns]": [2.0], "x_us": [3.0], "p": [4.0]})
    for name in ("t", "x"):
        with pytest.raises(LzopenError, match=r"choose from 't \[us\]', 't \[ns\]', 'x_us'"):
            lz.load_measurement(table, axes=name, signal="p")
    own = table.rename(columns={"t [ns]": "t"})
    assert lz.load_measurement(own, axes="t", signal="p").t.values.tolist() == [2.0]


def test_micro_has_two_code_points_and_one_unit() -> None:
    table = pd.DataFrame({"t": [1.0], "p": [2.0]})
    found = [
        lz.load_measurement(table, axes="t", signal="p", units={"t": unit, "p": "uV"})
        for unit in ("us", "\N{MICRO SIGN}s", "\N{GREEK SMALL LETTER MU}s")
    ]
    assert {one.t.attrs["units"] for one in found} == {"\N{MICRO SIGN}s"}
    assert {one.signal.attrs["units"] for one in found} == {"\N{MICRO SIGN}V"}
    raw = found[0].assign_attrs(lzopen="{}")
    again = lz.load_measurement(raw, time_unit="ns")
    assert again.t.values.tolist() == [1000.0]
    assert "converted from µs" in notes(again)[0]


@pytest.mark.parametrize("unit", ["us", "rad/us", "um", "ueV", "uV", "uA"])
def test_what_is_shown_is_read_again(unit: str) -> None:
    assert shown(unit) == unit.replace("u", "µ")
    assert plain(shown(unit)) == unit
    assert shown("user") == "user"


# -- decimal commas


@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp1252"])
@pytest.mark.parametrize("separator", [";", "\t"])
def test_decimal_commas(tmp_path: Path, separator: str, encoding: str) -> None:
    text = "delay [µs];p;run\n0,5;,25;a,1\n1,250;1,5E-1;a,1\n-2;n/a;b\n".replace(";", separator)
    path = write(tmp_path, text, encoding)
    data = lz.load_measurement(path, axes="delay", signal="p", groups="run")
    assert data.delay.values.tolist() == [-2.0, 0.5, 1.25]
    np.testing.assert_array_equal(data.signal, [np.nan, 0.25, 0.15])
    assert data.group.values.tolist() == ["b", "a,1", "a,1"]
    assert "Numbers such as 0,5 are read with a decimal comma." in notes(data)
    older = "The file is not in UTF-8; it is read as Windows-1252."
    assert (older in notes(data)) is (encoding == "cp1252")


def test_decimal_commas_in_the_headers_of_a_wide_table(tmp_path: Path) -> None:
    path = write(tmp_path, "t;s0,5;s1,25\n1;0,1;0,2\n")
    data = lz.load_measurement(path, axes="t", headers="v")
    assert data.v.values.tolist() == [0.5, 1.25]
    assert data.signal.values.tolist() == [[0.1, 0.2]]


def test_quoted_decimal_commas(tmp_path: Path) -> None:
    path = write(tmp_path, 'x,y\n"0,5","1,5"\n')
    assert lz.load_measurement(path, axes="x", signal="y").signal.values.tolist() == [1.5]


def test_the_separator_that_a_spreadsheet_names_is_no_header(tmp_path: Path) -> None:
    path = write(tmp_path, "sep=;\nx;y\n0,5;1,5\n", "utf-8-sig")
    data = lz.load_measurement(path, axes="x", signal="y")
    assert (data.x.item(), data.signal.item()) == (0.5, 1.5)
    with pytest.raises(lz.LzopenError, match=r"has 'n' in row 1 \(line 3\)"):
        lz.load_measurement(write(tmp_path, "sep=;\nx;y\nn;1\n"), axes="x", signal="y")


def test_a_table_without_a_header_is_told(tmp_path: Path) -> None:
    path = write(tmp_path, "# x,y\n0.5,1.5\n1,2\n")
    with pytest.raises(lz.LzopenError, match="holds numbers: put one of names before it, without"):
        lz.load_measurement(path, axes="x", signal="y")


@pytest.mark.parametrize("mark", [".", ","])
def test_labels_with_commas_stay_words(tmp_path: Path, mark: str) -> None:
    path = write(tmp_path, f"t;p;pair\n1;0{mark}5;1,1\n2;0{mark}25;1,10\n")
    data = lz.load_measurement(path, axes="t", signal="p", groups="pair")
    assert data.group.values.tolist() == ["1,1", "1,10"]
    assert data.signal.values.tolist() == [0.5, 0.25]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("# c\nx;y\n\n1,234;2\n", r"'x', but data.csv has '1,234' in row 1 \(line 4\); write all"),
        ("x;y\n0.5;1\n1;0,5\n", r"'y', but data.csv has '0,5' in row 2 \(line 3\); write all"),
        ("x;y\n0,5;1\n1.234,5;2\n", r"'1\.234,5' in row 2 \(line 3\); write all decimals with"),
        (
            "# c\nx,y\n0,5,1,5\n",
            r"data.csv is not: .*line 3, saw 4; decimal commas need semicolons",
        ),
        ("x;y\n1;2\n3;4;5\n", r"a semicolon between columns, but data.csv is not: .*line 3, saw 3"),
    ],
)
def test_unclear_numbers_are_refused(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(LzopenError, match=message):
        lz.load_measurement(write(tmp_path, text), axes="x", signal="y")


# -- trials that nobody asked for


@pytest.mark.parametrize("name", ["shots", "n_shots", "Trials", "shots [1]"])
def test_unused_trials_are_mentioned(name: str) -> None:
    table = pd.DataFrame({"t": [1.0], "p": [0.5], name: [40]})
    found = lz.load_measurement(table, axes="t", signal="p")
    is_trials = name != "shots [1]"
    assert any(f"by shots={name!r}" in note for note in notes(found)) is is_trials
    for more in ({"shots": name}, {"shots": 40}, {"sigma": 0.1}, {"calibration": (0, 1)}):
        told = lz.load_measurement(table, axes="t", signal="p", **more)
        assert "is not used" not in told.attrs["notes"]
    both = lz.load_measurement(table.assign(q=0.1), axes="t", signal=("p", "q"))
    assert "is not used" not in both.attrs["notes"]


# -- the command line


def test_a_spreadsheet_on_the_command_line(tmp_path: Path) -> None:
    t = np.linspace(0.1, 6, 30)
    p = np.random.default_rng(1).binomial(400, 0.5 + 0.4 * np.exp(-t / 2)) / 400
    table = pd.DataFrame({"delay [µs]": t, "p": p, "shots": 400})
    path = tmp_path / "data.csv"
    table.to_csv(path, sep=";", decimal=",", index=False, encoding="cp1252")
    words = ["fit", "decay", str(path), "--delay", "delay", "--signal", "p"]
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 0, done.exception
    assert "The axis delay is in µs (from the name delay [µs])." in done.stdout
    assert "(or --shots 'shots')" in done.stdout
    done = CliRunner().invoke(app, [*words, "--shots", "shots", "--time-unit", "ns"])
    assert done.exit_code == 0, done.exception
    assert "converted from µs" in done.stdout
    assert "is not used" not in done.stdout


def test_a_map_on_the_command_line_has_the_units_of_its_headers(tmp_path: Path) -> None:
    qubit = lz.TwoLevel(sweep=lz.Sinusoidal(amplitude=1.0, omega=1.0), gap=0.3)
    device = qubit.with_environment(lz.Dephasing(0.1), lz.Decay(0.05, source=1, target=0))
    axes = {"amplitude": np.linspace(0, 4, 7), "bias": np.linspace(-4, 4, 17)}
    seen = lz.interferogram(device, **axes).population.sel(level=1, drop=True)
    table = seen.to_dataframe("p").reset_index()
    table["bias"] *= 2  # 0.5 per mV
    table = table.rename(columns={"amplitude": "drive (V)", "bias": "gate (mV)"})
    table.to_csv(tmp_path / "map.csv", index=False)
    words = (
        f"fit interferogram {tmp_path / 'map.csv'} --axes amplitude=drive,bias=gate --signal p "
        "--sigma 0.001 --omega 1 --gap 0.28 --dephasing 0.1 --decay 0.05 --free gap "
        "--amplitude-arm 1 --starts given"
    ).split()
    done = CliRunner().invoke(app, words)
    assert "gate is in mV, which is no energy" in str(done.exception)
    done = CliRunner().invoke(app, [*words, "--bias-arm", "0.5"])
    assert done.exit_code == 0, done.exception
    assert "The axis gate is in V, converted from mV (from the name gate (mV))." in done.stdout
    assert "Lever arms are per V of drive and per mV of gate." in done.stdout
    gap = next(line for line in done.stdout.splitlines() if line.startswith("  gap"))
    assert float(gap.split()[1]) == pytest.approx(0.3, abs=1e-3)


@pytest.mark.parametrize("header", ["gate (µV)", "coil [µA]", "field [mT]", "pump (mW)", "z (nm)"])
def test_a_knob_that_is_no_energy_needs_its_arm(header: str, tmp_path: Path) -> None:
    drive, gate = (axis.ravel() for axis in np.meshgrid(np.arange(4.0), np.arange(5.0)))
    table = pd.DataFrame({"drive": drive, header: gate, "p": 0.1 * gate})
    table.to_csv(tmp_path / "map.csv", index=False)
    column = split_unit(header)[0]
    words = f"fit interferogram {tmp_path / 'map.csv'} --axes amplitude=drive,bias={column}"
    rest = "--signal p --sigma 0.1 --omega 1 --gap 0.3 --dephasing 0.1 --decay 0.05 --free gap"
    done = CliRunner().invoke(app, f"{words} {rest} --amplitude-arm 1".split())
    assert f"`--bias-arm` must be given, but is None; {column} is in" in str(done.exception)


def test_a_comma_in_the_name_of_an_axis_is_refused() -> None:
    table = pd.DataFrame({"a,b": [1.0, 2.0], "p": [0.1, 0.2]})
    with pytest.raises(LzopenError, match=r"`axes` must have no comma .* 'a,b'; rename"):
        lz.load_measurement(table, axes=["a,b"], signal="p")


def test_counts_too_long_for_a_number_are_refused() -> None:
    table = pd.DataFrame({"t": [1.0, 2.0], "p": ["3:5", "1:" + 5000 * "9"]})
    with pytest.raises(LzopenError, match=r"`shots` must be a whole number.* inf in row 2"):
        lz.load_measurement(table, axes="t", signal="p")
