"""Results: labelled Datasets that say where they came from, kept as netCDF.

A result is an `xarray.Dataset` whose ``.attrs["lzopen"]`` holds one JSON
string with the parameters, versions and seed that made it. `save` writes it as
netCDF, whole or not at all, and `load` gives back an identical Dataset.
"""

from __future__ import annotations

import json
import math
import os
import platform
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal

import numpy as np
import xarray as xr

from lzopen._version import __version__
from lzopen.errors import LzopenError, fail

__all__ = ["atomic_path", "label", "load", "provenance", "save", "versions"]

_ENGINE: Literal["h5netcdf"] = "h5netcdf"
_PART = "complex_part"  # the dimension (real, imaginary) of a stored complex variable


def provenance(
    *,
    parameters: Mapping[str, Any],
    references: Sequence[str] = (),
    seed: Any = None,
    **extra: Any,
) -> str:
    """Where a result came from, as one JSON string.

    Parameters
    ----------
    parameters : mapping
        What went in: numbers, strings, arrays (stored as lists), complex
        numbers (stored as ``[re, im]``) and mappings of these. NaN and
        infinities become strings, anything else its ``repr``.
    references : sequence of str
        Keys of the references behind the computation.
    seed : int, optional
        Seed of the random numbers, if there were any.
    **extra
        Further entries, by name.

    Returns
    -------
    str
        JSON with ``versions``, ``parameters``, ``seed``, ``references`` and
        the extra entries.

    Examples
    --------
    >>> record = json.loads(provenance(parameters={"gap": 1 + 2j}, seed=3))
    >>> record["parameters"], record["seed"]
    ({'gap': [1.0, 2.0]}, 3)
    """
    record = {
        "versions": versions(),
        "parameters": parameters,
        "seed": seed,
        "references": list(references),
        **extra,
    }
    return json.dumps(_plain(record), ensure_ascii=False, allow_nan=False)


def versions() -> dict[str, str]:
    """Versions of lzopen, of Python and of the packages that results depend on.

    Examples
    --------
    >>> list(versions())
    ['lzopen', 'python', 'qutip', 'numpy', 'scipy', 'xarray', 'lmfit']
    """
    packages = ("qutip", "numpy", "scipy", "xarray", "lmfit")
    own = {"lzopen": __version__, "python": platform.python_version()}
    return own | {name: _version(name) for name in packages}


_version = cache(version)  # reads the file system


def label(dataset: xr.Dataset, **record: Any) -> xr.Dataset:
    """The same Dataset with its provenance in ``.attrs["lzopen"]``.

    Parameters
    ----------
    dataset : xarray.Dataset
        Any result.
    **record
        The arguments of `provenance`.

    Returns
    -------
    xarray.Dataset

    Examples
    --------
    >>> done = label(xr.Dataset({"x": 1.0}), parameters={"gap": 0.5})
    >>> json.loads(done.attrs["lzopen"])["parameters"]
    {'gap': 0.5}
    """
    return dataset.assign_attrs(lzopen=provenance(**record))


@contextmanager
def atomic_path(path: str | os.PathLike[str]) -> Iterator[Path]:
    """A temporary path that becomes ``path`` only if the block succeeds.

    The temporary file lies in the same folder, so the last step is one rename;
    an interrupted run leaves no half-written file, and an older file at
    ``path`` survives it.

    Parameters
    ----------
    path : str or path-like
        Where the finished file belongs.

    Yields
    ------
    pathlib.Path
        Where to write.

    Raises
    ------
    LzopenError
        If the folder of ``path`` does not exist.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with atomic_path(Path(folder) / "note.txt") as part:
    ...         _ = part.write_text("done")
    ...     [file.name for file in Path(folder).iterdir()]
    ['note.txt']
    """
    target = Path(path)
    if not target.parent.is_dir():
        fail("path", "lie in an existing folder", str(target), f"create {target.parent} first")
    if target.is_dir():
        fail("path", "name a file", f"the folder {target}", "add a file name")
    part = target.with_name(f".{target.stem}.{uuid.uuid4().hex}{target.suffix}")
    try:
        yield part
        os.replace(part, target)
    finally:
        part.unlink(missing_ok=True)  # nothing is left to remove after the rename


def save(dataset: Any, path: str | os.PathLike[str]) -> Path:
    """Write a Dataset as netCDF 4, whole or not at all.

    Complex variables, which netCDF does not know, are stored with one more
    dimension, ``complex_part`` = (real, imaginary); `load` joins them again.

    Parameters
    ----------
    dataset : xarray.Dataset or Fit
        What to keep; of a fit its ``dataset``.
    path : str or path-like
        Where; an older file is replaced.

    Returns
    -------
    pathlib.Path
        The file that was written.

    Raises
    ------
    LzopenError
        If the folder does not exist, the path is a folder, or something in the Dataset has no place
        in netCDF (a nested attribute, Python objects).

    Examples
    --------
    >>> import tempfile
    >>> data = xr.Dataset({"amplitude": ("x", [1.0 + 2.0j, 0.5j])}, attrs={"title": "fringe"})
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     load(save(data, Path(folder) / "fringe.nc")).identical(data)
    True
    """
    table = getattr(dataset, "dataset", dataset)
    if not isinstance(table, xr.Dataset):
        fail("dataset", "be a Dataset or a Fit", repr(type(dataset)))
    with atomic_path(path) as part:
        try:
            _split_complex(table).to_netcdf(part, engine=_ENGINE)
        except (TypeError, ValueError, NotImplementedError) as error:
            if isinstance(error, LzopenError):
                raise
            raise LzopenError(
                f"Argument `dataset` must fit into netCDF, but does not: {error}; keep numbers, "
                "strings and lists of them in variables and attributes."
            ) from error
    return Path(path)


def load(path: str | os.PathLike[str]) -> xr.Dataset:
    """Read a Dataset that `save` wrote: all of it, and the file is closed again.

    Parameters
    ----------
    path : str or path-like
        A netCDF file.

    Returns
    -------
    xarray.Dataset

    Raises
    ------
    LzopenError
        If there is no such file, or it is not netCDF 4.

    Examples
    --------
    >>> load("nowhere.nc")
    Traceback (most recent call last):
    lzopen.errors.LzopenError: Argument `path` must name an existing file, but is nowhere.nc.
    """
    if not Path(path).is_file():
        fail("path", "name an existing file", str(path))
    try:
        return _join_complex(xr.load_dataset(path, engine=_ENGINE))
    except OSError as error:
        raise LzopenError(
            f"Argument `path` must name a netCDF 4 file, but {path} is none."
        ) from error


def _plain(value: Any) -> Any:
    """The nearest thing JSON can say."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, np.ndarray) and value.dtype.kind in "iuf" and np.isfinite(value).all():
        return value.tolist()  # one by one they cost more than many a computation
    if isinstance(value, (np.ndarray, np.generic, xr.DataArray)):
        return _plain(np.asarray(value).tolist())
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_plain(item) for item in value]
    if isinstance(value, complex):
        return [_plain(value.real), _plain(value.imag)]
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    return value if value is None or isinstance(value, (bool, int, str)) else repr(value)


def _split_complex(dataset: xr.Dataset) -> xr.Dataset:
    if _PART in dataset.sizes:
        fail("dataset", f"leave the dimension {_PART!r} free", "using it", "rename it")
    return _replace(
        dataset, {n: _parts(v) for n, v in dataset.variables.items() if np.iscomplexobj(v)}
    )


def _join_complex(dataset: xr.Dataset) -> xr.Dataset:
    return _replace(dataset, {n: _join(v) for n, v in dataset.variables.items() if _PART in v.dims})


def _replace(dataset: xr.Dataset, variables: dict[Any, xr.Variable]) -> xr.Dataset:
    """Other variables under old names; coordinates stay coordinates."""
    coordinates = [name for name in variables if name in dataset.coords]
    return dataset.drop_vars(list(variables)).assign(variables).set_coords(coordinates)


def _parts(variable: xr.Variable) -> xr.Variable:
    parts = np.stack([variable.values.real, variable.values.imag], axis=-1)
    return xr.Variable((*variable.dims, _PART), parts, variable.attrs)


def _join(variable: xr.Variable) -> xr.Variable:
    parts = np.ascontiguousarray(variable.values)
    values = parts.view(np.result_type(parts, np.complex64))[..., 0]
    return xr.Variable(variable.dims[:-1], values, variable.attrs)
