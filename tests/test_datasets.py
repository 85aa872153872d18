"""Measured data: parsed exactly as their reduction says, and honestly absent otherwise."""

from __future__ import annotations

import functools
import hashlib
import http.server
import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pooch
import pytest
import xarray as xr

from lzopen import datasets, results
from lzopen.errors import LzopenError

NAME = "floquet-job.json"


def job(*tasks: dict[str, object]) -> str:
    """A job file of Aquila with hand-made tasks."""
    entries = [[i, {"bloqade.analog.task.braket.BraketTask": task}] for i, task in enumerate(tasks)]
    return json.dumps({"bloqade.analog.task.batch.RemoteBatch": {"tasks": entries}})


def task(run_time: str, shots: list[tuple[list[int], list[int]]], nodes: int) -> dict[str, object]:
    times = [k * 5e-8 for k in range(nodes)]
    table = {"global": {"times": times, "values": [1e6 * k for k in range(nodes)]}}
    two = {"global": {"times": [0.0, times[-1]], "values": [15e6, 15e6]}}
    return {
        "metadata": {"run_time": run_time},
        "task_ir": {
            "effective_hamiltonian": {
                "rydberg": {"rabi_frequency_amplitude": two, "detuning": table}
            }
        },
        "task_result_ir": {
            "shot_outputs": [{"pre_sequence": b, "post_sequence": a} for b, a in shots]
        },
    }


SMALL = job(
    # before, after: prepared and gone counts; never prepared does not; back from nowhere does not
    task("0.0500", [([1, 1, 0], [0, 1, 0]), ([1, 1, 1], [0, 0, 0])], nodes=2),
    task("0.0795", [([0, 0, 1], [1, 0, 1]), ([1, 0, 0], [1, 1, 1])], nodes=4),
)


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A machine without data, on which the small job is the right one; its empty cache."""
    monkeypatch.delenv("LZOPEN_DATA", raising=False)
    digest = hashlib.sha256(SMALL.encode()).hexdigest()
    monkeypatch.setattr(datasets, "SHA256", dict.fromkeys(datasets.SHA256, digest))
    cache = tmp_path / "cache"
    monkeypatch.setattr(pooch, "os_cache", lambda _: cache)
    return cache


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A web server on this machine in place of GitHub; the folder that it serves."""
    folder = tmp_path / "served"
    folder.mkdir()

    class Handler(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            """Say nothing."""

    handler = functools.partial(Handler, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as service:
        monkeypatch.setattr(datasets, "BASE_URL", f"http://127.0.0.1:{service.server_port}/")
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        thread = threading.Thread(target=service.serve_forever, args=[0.05])
        thread.start()
        yield folder
        service.shutdown()
        thread.join()


def leftovers(cache: Path) -> list[str]:
    return sorted(file.name for file in cache.rglob("*")) if cache.exists() else []


# -- the parser, on a job small enough to check by eye


def test_parser_counts_prepared_atoms_only(
    small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "deep" / "er").mkdir(parents=True)
    (tmp_path / "deep" / "er" / NAME).write_text(SMALL)
    monkeypatch.setenv("LZOPEN_DATA", str(tmp_path))
    data = datasets.aquila_lzs()
    assert data.run_time.values.tolist() == [0.05, 0.0795]
    assert data.prepared.values.tolist() == [[2, 3], [1, 1]]
    assert data.detected.values.tolist() == [[1, 3], [0, 0]]
    assert data.duration.values.tolist() == [0.05, 0.15]
    assert data.detuning_times.values.tolist() == [[0, 0.05, 1.05, 2.05], [0, 0.05, 0.1, 0.15]]
    assert data.detuning.values.tolist() == [[0, 1, 1, 1], [0, 1, 2, 3]]
    assert data.rabi.values.tolist() == [[15, 15], [15, 15]]
    assert leftovers(small) == []


# -- where the file comes from


def test_a_wrong_file_is_named_with_its_hash(
    small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = tmp_path / NAME
    wrong.write_text("{}")
    monkeypatch.setenv("LZOPEN_DATA", str(tmp_path))
    with pytest.raises(LzopenError) as caught:
        datasets.aquila_lzs()
    message = str(caught.value)
    assert not isinstance(caught.value, datasets.DatasetUnavailable)
    for part in (str(wrong), hashlib.sha256(b"{}").hexdigest(), datasets.SHA256[NAME], "replace"):
        assert part in message


def test_the_variable_must_name_a_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("LZOPEN_DATA", str(tmp_path / "nowhere"))
    with pytest.raises(LzopenError, match=r"`LZOPEN_DATA` must name a folder, but is .*nowhere"):
        datasets.aquila_ramsey()


def test_without_network_it_fails_fast_and_clean(small: Path) -> None:
    start = time.monotonic()
    with pytest.raises(datasets.DatasetUnavailable) as caught:
        datasets.aquila_lzs()
    assert time.monotonic() - start < 5
    message = str(caught.value)
    assert "\n" not in message
    assert "LZOPEN_DATA" in message
    assert "network" in message
    assert leftovers(small) == []


def test_a_download_is_kept_without_ado(
    small: Path, server: Path, caplog: pytest.LogCaptureFixture
) -> None:
    logger = pooch.get_logger()
    level = logger.level
    logger.addHandler(caplog.handler)
    (server / NAME).write_text(SMALL)
    first = datasets.aquila_lzs()
    logger.removeHandler(caplog.handler)
    assert leftovers(small) == [NAME]
    assert not caplog.records
    assert logger.level == level
    (server / NAME).unlink()
    assert datasets.aquila_lzs().identical(first)


@pytest.mark.parametrize("content", [None, "{}", SMALL[:100]], ids=["404", "wrong", "cut short"])
def test_a_bad_download_leaves_nothing(small: Path, server: Path, content: str | None) -> None:
    if content is not None:
        (server / NAME).write_text(content)
    with pytest.raises(datasets.DatasetUnavailable):
        datasets.aquila_lzs()
    assert leftovers(small) == []


def test_a_spoilt_cache_is_fetched_anew(small: Path, server: Path) -> None:
    small.mkdir()
    (small / NAME).write_text("spoilt")
    (server / NAME).write_text(SMALL)
    assert datasets.aquila_lzs().sizes["shot"] == 2


# -- the measured sets, against their reduction


def table(path: Path) -> np.ndarray:
    comments = sum(line.startswith("#") for line in path.read_text().splitlines())
    return np.genfromtxt(path, delimiter=",", names=True, skip_header=comments)


CASES = [("aquila_lzs", "floquet_lzs", 50), ("aquila_ramsey", "ramsey", 100)]
FOLDER = {"aquila_lzs": "quera-aquila-floquet-lzs", "aquila_ramsey": "quera-aquila-ramsey"}


@pytest.fixture
def measured(request: pytest.FixtureRequest) -> xr.Dataset:
    return request.getfixturevalue(request.param)


@pytest.fixture
def reduced(request: pytest.FixtureRequest, shared_data: Path) -> Path:
    """Start of the names of the reduced files."""
    return shared_data / request.param


pair = pytest.mark.parametrize(
    ("measured", "reduced", "shots"),
    [(name, f"{FOLDER[name]}/{stem}", shots) for name, stem, shots in CASES],
    indirect=["measured", "reduced"],
    ids=[name for name, _, _ in CASES],
)


@pair
def test_counts_agree_with_the_reduction(measured: xr.Dataset, reduced: Path, shots: int) -> None:
    rows = table(reduced.with_suffix(".csv"))
    n, k = measured.prepared.sum("shot").values, measured.detected.sum("shot").values
    assert measured.sizes["shot"] == shots
    np.testing.assert_array_equal(measured.run_time, rows["run_time_us"])
    np.testing.assert_array_equal(measured.duration, rows["sequence_us"])
    np.testing.assert_array_equal(n, rows["n_atoms_prepared"])
    np.testing.assert_array_equal(k, rows["n_rydberg_detected"])
    np.testing.assert_array_equal(np.round(k / n, 6), rows["p_rydberg"])


@pair
def test_every_shot_agrees_with_the_reduction(
    measured: xr.Dataset, reduced: Path, shots: int
) -> None:
    lines = reduced.with_name(f"{reduced.name}_by_shot.csv").read_text().splitlines()
    rows = [line.split(",") for line in lines if not line.startswith("#")][1:]
    packed = np.array([[cell.split(":") for cell in row[1:]] for row in rows], dtype=int)
    assert packed.shape[1] == shots
    np.testing.assert_array_equal(measured.detected, packed[..., 0])
    np.testing.assert_array_equal(measured.prepared, packed[..., 1])


@pair
def test_waveforms_agree_and_are_padded(measured: xr.Dataset, reduced: Path, shots: int) -> None:
    runs = json.loads(reduced.with_name(f"{reduced.name}_waveforms.json").read_text())["runs"]
    assert len(runs) == measured.sizes["run_time"]
    for i, run in enumerate(runs):
        row = measured.isel(run_time=i)
        assert float(row.run_time) == run["run_time_us"]
        for name, key in (("rabi", "rabi"), ("detuning", "det")):
            times, values = row[f"{name}_times"].values, row[name].values
            nodes = len(run[f"{key}_t_us"])
            assert times[:nodes].tolist() == run[f"{key}_t_us"]
            assert values[:nodes].tolist() == run[f"{key}_rad_per_us"]
            assert np.all(np.diff(times) > 0)
            assert np.all(values[nodes:] == values[nodes - 1])
            assert float(row.duration) == times[nodes - 1]


@pair
def test_measured_sets_say_what_they_are(measured: xr.Dataset, reduced: Path, shots: int) -> None:
    assert {"title", "source", "commit", "licence", "hamiltonian"} <= set(measured.attrs)
    assert measured.run_time.attrs["units"] == "µs"
    assert measured.detuning.attrs["units"] == "rad/µs"
    assert datasets.COMMIT in measured.attrs["source"]


def test_a_measured_set_survives_netcdf(aquila_lzs: xr.Dataset, tmp_path: Path) -> None:
    xr.testing.assert_identical(
        results.load(results.save(aquila_lzs, tmp_path / "x.nc")), aquila_lzs
    )
