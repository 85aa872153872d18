"""What all tests share: measured data, from this machine or not at all."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import xarray as xr

from lzopen import datasets

# Tests never go online: https meets a proxy that refuses at once, in subprocesses too.
for name in ("https_proxy", "HTTPS_PROXY"):
    os.environ[name] = "http://127.0.0.1:9"


@pytest.fixture(scope="session")
def aquila_lzs() -> xr.Dataset:
    """Landau-Zener-Stückelberg driving, or a skip."""
    try:
        return datasets.aquila_lzs()
    except datasets.DatasetUnavailable as error:
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def aquila_ramsey() -> xr.Dataset:
    """Ramsey fringes, or a skip."""
    try:
        return datasets.aquila_ramsey()
    except datasets.DatasetUnavailable as error:
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of measured data that the environment names, or a skip."""
    folder = os.environ.get("LZOPEN_DATA")
    if not folder:
        pytest.skip("Measured data are read from the folder that LZOPEN_DATA names; it is not set.")
    return Path(folder)
