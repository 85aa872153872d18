"""A Dask cluster gives the same numbers, and survives the death of a worker."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scan_quantities import QUBIT, killed_once, landau_zener, moody, told

import lzopen as lz
from lzopen.scan import scan

dask = pytest.importorskip("dask")
distributed = pytest.importorskip("distributed")

GAPS = np.linspace(0.1, 1.0, 10)


@pytest.fixture(scope="module")
def client() -> Iterator[Any]:
    # How long to ask a dead worker for what it had finished.
    with (
        dask.config.set({"distributed.comm.timeouts.connect": "2s"}),
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, dashboard_address=":0", memory_limit=None
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        yield client


def test_batches_are_the_same_to_the_last_bit(client) -> None:
    options = {"over": {"sweep.rate": [0.5, 1.0, 2.0], "gap": GAPS}, "chunk": 4, "tol": 1e-6}
    open_qubit = QUBIT.with_environment(lz.Dephasing(0.1))
    here = scan(lz.transition_matrix, open_qubit, window=(-3, 3), **options)
    there = scan(lz.transition_matrix, open_qubit, window=(-3, 3), client=client, **options)
    assert there.identical(here)


def test_failures_warnings_and_seeds_are_the_same(client) -> None:
    here, said = told(moody, QUBIT, over={"gap": GAPS}, seed=4)
    there, said_there = told(moody, QUBIT, over={"gap": GAPS}, seed=4, client=client)
    assert there.identical(here)
    assert set(there.threads.values[:8]) == {"1"}
    assert len(said) == 2
    assert list(map(str, said_there)) == list(map(str, said))


def test_functions_in_place_travel(client) -> None:
    result = scan(lambda model: 2 * model.gap, QUBIT, over={"gap": GAPS}, client=client)
    assert np.array_equal(result.value, 2 * GAPS)


def test_a_killed_worker_loses_nothing(client, tmp_path: Path) -> None:
    marker = tmp_path / "killed"
    options = {"over": {"gap": [*GAPS, 0.5]}, "chunk": 1, "marker": str(marker)}
    folder = tmp_path / "scan"
    result = scan(killed_once, QUBIT, client=client, folder=folder, **options)
    assert marker.exists()
    expected = [landau_zener(QUBIT.with_parameters({"gap": gap})) for gap in options["over"]["gap"]]
    assert result.killed_once.values.tolist() == expected
    assert result.identical(scan(killed_once, QUBIT, **options))


def test_a_cluster_has_its_own_workers(client) -> None:
    with pytest.raises(lz.LzopenError, match="`workers` must be left out with a client, but is 2"):
        scan(landau_zener, QUBIT, over={"gap": GAPS}, client=client, workers=2)
    with pytest.raises(lz.LzopenError, match=r"`client` must be a Client, but is 3; e\.g\."):
        scan(landau_zener, QUBIT, over={"gap": GAPS}, client=3)


def test_what_does_not_pickle_is_told(client) -> None:
    lock = threading.Lock()
    with pytest.raises(lz.LzopenError, match="`quantity` must pickle"):
        scan(lambda model: lock.locked(), QUBIT, over={"gap": GAPS}, client=client)


@pytest.mark.slow
def test_a_point_that_kills_every_worker_is_reported(client) -> None:
    client.cluster.scheduler.allowed_failures = 0
    result, warned = told(moody, QUBIT, over={"gap": GAPS[:7]}, client=client, seed=4, deadly=0.5)
    failures = json.loads(result.attrs["lzopen"])["failures"]
    assert 0.5 in [failure["gap"] for failure in failures]
    assert len(failures) < 4  # Dask suspects what was waiting for the same worker as well
    assert all("KilledWorker" in failure["message"] for failure in failures)
    assert f"{len(failures)} of 7 points failed" in str(warned[-1])
