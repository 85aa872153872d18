"""`scan`: any quantity over a grid of parameters."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from typing import Any

import xarray as xr
from numpy.typing import ArrayLike

from lzopen import progress
from lzopen.errors import LzopenError, whole
from lzopen.models import Model
from lzopen.models.grid import coordinates
from lzopen.scan.report import assembled, repeat
from lzopen.scan.request import check_client, checked_job, default_chunk, recorded
from lzopen.scan.runners import Finished, in_process, in_processes, lost, on_cluster
from lzopen.scan.store import Store
from lzopen.scan.tasks import Chunk, Job, Outcome


def scan(
    quantity: Callable[..., Any],
    model: Model,
    *,
    over: Mapping[str, ArrayLike],
    batched: bool | None = None,
    chunk: int | None = None,
    workers: int = 1,
    client: Any = None,
    folder: str | os.PathLike[str] | None = None,
    seed: int | None = None,
    **options: Any,
) -> xr.Dataset:
    """Any quantity over a grid of parameters.

    The grid is the outer product of the axes. It is cut into chunks, in a way that depends on
    nothing but the grid. A verb that takes batches gets one batched model for each chunk, any
    other function one model for each point. The numbers are the same to the last bit wherever
    the chunks are computed, and however often the scan was interrupted.

    A point that fails is NaN in the result, and does not lose the others. A chunk with such
    points is not stored, so that the next run tries it again.

    Parameters
    ----------
    quantity : callable
        A function of a model, called with the options as keywords. It returns a
        Dataset, a DataArray, a number, an array or a dict of these, everywhere with the same
        names, sizes and coordinates.
    model : Model
        A single model.
    over : mapping of str to (k,) array_like
        One-dimensional values by full or short parameter name, in the order of the axes.
    batched : bool, optional
        Whether the quantity takes a batched model. By itself `transition_matrix`, `evolve` and
        other verbs that are declared `batchable` do, without a seed. A plain array for a
        batch has its axis in front. Where a batch fails, its points are taken one by one, as
        batches of one, or as single models where these fail too.
    chunk : int, optional
        Points in a chunk; by itself so many that there are 200 chunks, and for batches
        between 64 and 1024.
    workers : int
        Processes that share the chunks, with one BLAS thread each.
    client : distributed.Client, optional
        A Dask cluster that computes the chunks instead; needs ``lzopen[cluster]``.
    folder : path-like, optional
        Where each finished chunk is stored at once, as netCDF. A scan that was
        interrupted and is started again does only what is missing. The folder knows its scan by
        the model, the axes, the options, the quantity and the versions of what computes. Functions
        in any of these are known by their code, defaults and closures, and by the globals of their
        module that they read: numbers, arrays, lists and dicts with all that they hold, other
        functions and classes. Objects are known by their class, with its methods, and by their
        state. Not looked at are attributes of modules and of functions, what functions of other
        modules read there, and the code of packages whose versions are known.
    seed : int, optional
        For a quantity that takes a ``seed``: each point gets a child of this one, its own
        however the grid is cut. The coordinate ``seed`` of the result holds them.
    **options
        Handed to the quantity.

    Returns
    -------
    xarray.Dataset
        What the quantity returns, with the axes of ``over`` in front under the names given
        there. A plain number bears the name of the function, or ``value``. The record in
        ``.attrs["lzopen"]`` lists the ``failures``.

    Raises
    ------
    LzopenError
        If an axis is not one-dimensional or names no parameter, the options do not fit the
        quantity or hold times for each member of a batch, the folder holds another scan, cannot be
        written to or keep the result, something that cannot be told from another of its class
        (a lock, an open file) is read with a folder, a quantity or an option does not pickle, or
        every point fails.

    Warns
    -----
    LzopenWarning
        If points fail, with their number as the ``value``. Warnings of the quantity itself
        are issued once for each kind at the end.

    Examples
    --------
    >>> import lzopen as lz
    >>> qubit = lz.TwoLevel(sweep=lz.Linear(rate=1.0), gap=1.0)
    >>> def left_behind(model):
    ...     return lz.transition_matrix(model).probability[0, 0]
    >>> map_ = lz.scan(left_behind, qubit, over={"rate": [1.0, 2.0], "gap": [0.5, 1.0]})
    >>> map_.probability.values.round(4)
    array([[0.6752, 0.2079],
           [0.8217, 0.4559]])
    """
    job = checked_job(quantity, model, over, options, batched, seed)
    whole("workers", workers, least=1)
    if client is not None:
        check_client(client, workers)
    size = default_chunk(job) if chunk is None else whole("chunk", chunk, least=1)
    chunks = [(start, min(start + size, job.size)) for start in range(0, job.size, size)]
    record = recorded(job, size)
    store = None if folder is None else Store(folder, record)
    outcomes = _outcomes(job, chunks, store, workers, client)
    repeat([said for outcome in outcomes.values() for said in outcome.said])
    return assembled(job, outcomes, coordinates(model, job.over, over), record)


def _outcomes(
    job: Job, chunks: Sequence[Chunk], store: Store | None, workers: int, client: Any
) -> dict[Chunk, Outcome]:
    """What came of each chunk, found in the store or computed, in order."""
    stored = {chunk: store.load(chunk) for chunk in chunks} if store else {}
    found = {chunk: outcome for chunk, outcome in stored.items() if outcome}
    missing = [chunk for chunk in chunks if chunk not in found]
    done = sum(end - start for start, end in found)
    bar = progress.bar(total=job.size, initial=done, desc="scan")
    with bar, closing(_computed(job, missing, workers, client)) as computed:
        for chunk, outcome in computed:
            found[chunk] = _kept(store, chunk, outcome, found) if store else outcome
            bar.update(chunk[1] - chunk[0])
    return {chunk: found[chunk] for chunk in chunks}


def _kept(store: Store, chunk: Chunk, outcome: Outcome, found: Mapping[Chunk, Outcome]) -> Outcome:
    """A chunk as it was stored, if nothing in it failed.

    If it cannot be stored that is a failure of its own; of the first one, where no other is
    likely to do better, it is raised.
    """
    if outcome.failures:
        return outcome
    try:
        return store.keep(chunk, outcome)
    except LzopenError as error:
        if all(other.failures for other in found.values()):
            raise
        return lost(chunk, str(error))


def _computed(job: Job, chunks: Sequence[Chunk], workers: int, client: Any) -> Finished:
    if client is not None:
        return on_cluster(job, chunks, client)
    return in_processes(job, chunks, workers) if workers > 1 else in_process(job, chunks)
