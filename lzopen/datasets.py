"""Measured data sets, fetched with pooch and checked by hash.

Two runs of QuEra's Aquila, a neutral-atom quantum processor, whose 16 atoms
are independent copies of one qubit:

* `aquila_lzs`: repeated passages of one avoided crossing, 0.05 to 3 µs;
* `aquila_ramsey`: Ramsey fringes and their decay, shot by shot.

A file is looked for in the folder that the environment variable
``LZOPEN_DATA`` names, then in the cache of an earlier download, then on the
network. The data belong to their authors; this package holds none of them.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pooch
import xarray as xr
from numpy.typing import NDArray

from lzopen import results
from lzopen.errors import LzopenError, fail

__all__ = ["DatasetUnavailable", "aquila_lzs", "aquila_ramsey"]

COMMIT = "02b28776d787b5d273aed23e640ad85c66b963e1"
BASE_URL = (
    f"https://raw.githubusercontent.com/QuEraComputing/bloqade-analog-examples/{COMMIT}"
    "/docs/assets/data/"
)
SHA256 = {
    "floquet-job.json": "3ae605183bd3868b9fb6044a42c41a3e2e53bbfa2b8a0975f3f34e48782ef093",
    "ramsey-job.json": "252ba3d8ec5684ac094eab816da3beebc74f0b5245c9171b439f8165e0ece178",
}
TIMEOUT = 10.0  # seconds to wait for a server that does not answer
_MICRO = 1e6


class DatasetUnavailable(LzopenError):  # noqa: N818  a state of the machine, not a mistake
    """A measured data set is neither on this machine nor to be had from the network."""


def aquila_lzs() -> xr.Dataset:
    """Landau-Zener-Stückelberg driving of a Rydberg qubit, measured on QuEra Aquila.

    H(t)/ħ = Ω(t)/2 σx − Δ(t) n_r with Ω = 15 rad/µs and Δ(t) = 15 sin(15 t)
    rad/µs: 101 run times, 50 shots each, 16 atoms a shot. The probability of
    the Rydberg state is ``detected.sum("shot") / prepared.sum("shot")``; it is
    not corrected for errors of preparation and measurement.

    Returns
    -------
    xarray.Dataset
        Coordinate ``run_time`` (µs). Variables ``detected`` and ``prepared``
        (run_time, shot): atoms found in the Rydberg state, out of how many
        prepared. ``rabi_times``, ``rabi`` (run_time, rabi_node) and
        ``detuning_times``, ``detuning`` (run_time, detuning_node): the
        programmed waveforms in µs and rad/µs, linear between nodes and padded
        by their last value beyond ``duration`` (run_time), the length of the
        whole sequence in µs.

    Raises
    ------
    DatasetUnavailable
        If there is no copy on this machine and no network.
    LzopenError
        If ``LZOPEN_DATA`` names no folder, or holds a file with the wrong hash.

    Examples
    --------
    >>> data = aquila_lzs()  # doctest: +SKIP
    >>> p = data.detected.sum("shot") / data.prepared.sum("shot")  # doctest: +SKIP
    """
    return _aquila("floquet-job.json", "Landau-Zener-Stückelberg driving on QuEra Aquila")


def aquila_ramsey() -> xr.Dataset:
    """Ramsey fringes of a Rydberg qubit, shot by shot, measured on QuEra Aquila.

    Two π/2 pulses, ``run_time`` apart, at a constant Δ = 10.5 rad/µs: 101
    delays, 100 shots each, 16 atoms a shot.

    Returns
    -------
    xarray.Dataset
        As `aquila_lzs`.

    Raises
    ------
    DatasetUnavailable, LzopenError
        As `aquila_lzs`.

    Examples
    --------
    >>> data = aquila_ramsey()  # doctest: +SKIP
    >>> data.detected.sizes["shot"]  # doctest: +SKIP
    100
    """
    return _aquila("ramsey-job.json", "Ramsey fringes on QuEra Aquila")


def _fetch(name: str) -> Path:
    """Folder of ``LZOPEN_DATA``, then cache, then network."""
    local = _in_folder(name)
    if local is not None:
        return local
    downloader = pooch.HTTPDownloader(progressbar=True, timeout=TIMEOUT)
    try:
        with _quiet_pooch():
            path = pooch.retrieve(
                BASE_URL + name,
                f"sha256:{SHA256[name]}",
                name,
                path=pooch.os_cache("lzopen"),
                downloader=downloader,
            )
    except (OSError, ValueError) as error:
        reason = type(error).__name__
        raise DatasetUnavailable(
            f"Data set {name} is not on this machine and could not be downloaded ({reason}); "
            f"connect to the network, or put {BASE_URL}{name} into a folder and let the "
            "environment variable LZOPEN_DATA name that folder."
        ) from error
    return Path(path)


def _in_folder(name: str) -> Path | None:
    folder = os.environ.get("LZOPEN_DATA")
    if not folder:
        return None
    if not Path(folder).is_dir():
        fail("LZOPEN_DATA", "name a folder", folder, "correct or unset this environment variable")
    found = sorted(Path(folder).rglob(name))
    if not found:
        return None
    if (actual := pooch.file_hash(str(found[0]))) != SHA256[name]:
        fail(
            "LZOPEN_DATA",
            f"hold {name} with sha256 {SHA256[name]}",
            f"holding {found[0]} with {actual}",
            f"replace that file by {BASE_URL}{name}",
        )
    return found[0]


@contextmanager
def _quiet_pooch() -> Iterator[None]:
    """Warnings only: the progress bar says the rest."""
    logger = pooch.get_logger()
    level = logger.level
    logger.setLevel(logging.WARNING)
    try:
        yield
    finally:
        logger.setLevel(level)


def _aquila(name: str, title: str) -> xr.Dataset:
    batch = json.loads(_fetch(name).read_text(encoding="utf-8"))
    tasks = [
        task["bloqade.analog.task.braket.BraketTask"]
        for _, task in batch["bloqade.analog.task.batch.RemoteBatch"]["tasks"]
    ]
    dataset = xr.Dataset(
        _counts(tasks) | _waveforms(tasks),
        {
            "run_time": (
                "run_time",
                [float(t["metadata"]["run_time"]) for t in tasks],
                _us("run time"),
            )
        },
    )
    attributes = {
        "title": title,
        "source": BASE_URL + name,
        "commit": COMMIT,
        "sha256": SHA256[name],
        "licence": "Apache-2.0, QuEra Computing Inc.",
        "hamiltonian": "H/ħ = Ω(t)/2 σx − Δ(t) n_r, with Ω `rabi` and Δ `detuning` in rad/µs",
        "measured": "Rydberg = prepared atom (pre-sequence 1) absent afterwards (post-sequence 0)",
    }
    return results.label(dataset.assign_attrs(attributes), parameters={"sha256": SHA256[name]})


def _counts(tasks: Sequence[dict[str, Any]]) -> dict[str, Any]:
    shots = [task["task_result_ir"]["shot_outputs"] for task in tasks]
    before = np.array([[shot["pre_sequence"] for shot in row] for row in shots]) == 1
    after = np.array([[shot["post_sequence"] for shot in row] for row in shots]) == 1
    dims = ("run_time", "shot")
    return {
        "detected": (dims, (before & ~after).sum(axis=-1), {"long_name": "atoms found in Rydberg"}),
        "prepared": (dims, before.sum(axis=-1), {"long_name": "atoms prepared"}),
    }


def _waveforms(tasks: Sequence[dict[str, Any]]) -> dict[str, Any]:
    drives = [task["task_ir"]["effective_hamiltonian"]["rydberg"] for task in tasks]
    tables: dict[str, Any] = {}
    for name, key in (("rabi", "rabi_frequency_amplitude"), ("detuning", "detuning")):
        rows = [drive[key]["global"] for drive in drives]
        times, values, ends = _padded(rows)
        dims = ("run_time", f"{name}_node")
        tables[f"{name}_times"] = (dims, times, _us("time in the sequence"))
        tables[name] = (dims, values, {"units": "rad/µs"})
        tables["duration"] = ("run_time", ends, _us("length of the sequence"))
    return tables


def _padded(rows: Sequence[dict[str, list[float]]]) -> tuple[NDArray[Any], ...]:
    """Tables of one length: beyond its end each goes on with its last value, 1 µs a node."""
    nodes = max(len(row["times"]) for row in rows)
    times = np.empty((len(rows), nodes))
    values = np.empty((len(rows), nodes))
    ends = np.empty(len(rows))
    for i, row in enumerate(rows):
        # the file has exact decimals in s and rad/s; rounding keeps them exact in µs and rad/µs
        time = np.round(np.multiply(row["times"], _MICRO), 9)
        value = np.round(np.divide(row["values"], _MICRO), 9)
        extra = nodes - time.size
        ends[i] = time[-1]
        times[i] = np.append(time, time[-1] + np.arange(1, extra + 1))
        values[i] = np.append(value, np.full(extra, value[-1]))
    return times, values, ends


def _us(long_name: str) -> dict[str, str]:
    return {"units": "µs", "long_name": long_name}
