"""What a scan is asked for, checked before any work starts."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from lzopen.errors import LzopenError, fail, finite_complex, instance, whole
from lzopen.models import Model
from lzopen.models.parameters import resolve
from lzopen.scan.batches import takes_batches
from lzopen.scan.identity import described
from lzopen.scan.tasks import Job

_CHUNKS = 200  # of a grid that is not small
_BATCH = 64, 1024  # members that are worth a batch, and that fit into memory
_SHARED = {"window", "times"}  # options of which the members of a batch may have their own


def checked_job(
    quantity: Callable[..., Any],
    model: Model,
    over: Mapping[str, ArrayLike],
    options: Mapping[str, Any],
    batched: bool | None,
    seed: int | None,
) -> Job:
    if not callable(quantity):
        fail("quantity", "be a function of a model", repr(quantity), "e.g. lz.transition_matrix")
    instance("model", model, Model, "e.g. lz.TwoLevel(sweep=lz.Linear(1.0), gap=1.0)")
    if model.batch_shape:
        shape = f"a batch of shape {model.batch_shape}"
        fail("model", "be a single model", shape, "put its axes into `over`")
    axes = _axes(model, over)
    if seed is not None:
        whole("seed", seed)
        if batched:
            fail("batched", "be left out with a seed", batched, "each point gets its own")
    if batched is None:
        batched = seed is None and takes_batches(quantity)
    job = Job(quantity, model, axes, options, batched, seed)
    _check_call(job)
    if job.batched:
        _check_shared(job)
    return job


def _axes(model: Model, over: Mapping[str, ArrayLike]) -> dict[str, Any]:
    """Values by name, each name of a parameter of its own."""
    instance("over", over, Mapping, "e.g. {'sweep.rate': [0.5, 1.0]}")
    if not over:
        fail("over", "name a parameter", over, "e.g. {'sweep.rate': [0.5, 1.0]}")
    axes, named = {}, dict[str, str]()
    for name, values in over.items():
        if not isinstance(name, str):
            fail("over", "map names of parameters to values", f"mapping {name!r}")
        axis = np.asarray(finite_complex(f"over[{name!r}]", values))
        if axis.ndim != 1 or not axis.size:
            must, remedy = "be one-dimensional and not empty", "give each parameter an axis"
            fail(f"over[{name!r}]", must, f"of shape {axis.shape}", remedy)
        full = resolve(model, name)
        if full in named:
            fail("over", "name each parameter once", f"{named[full]!r} and {name!r}", "drop one")
        axes[name], named[full] = axis, name
    return axes


def _check_call(job: Job) -> None:
    """Whether the quantity takes the model, the options and the seed."""
    try:
        signature = inspect.signature(job.quantity)
    except (TypeError, ValueError):  # some functions do not tell
        return
    seed = {} if job.seed is None else {"seed": job.seed}
    kinds = {parameter.kind for parameter in signature.parameters.values()}
    if seed and "seed" not in signature.parameters and inspect.Parameter.VAR_KEYWORD not in kinds:
        fail("seed", "be left out", job.seed, f"{job.name} takes none")
    try:
        signature.bind(job.model, **job.options, **seed)
    except TypeError as error:
        fail("options", f"fit {job.name}{signature}", sorted(job.options), str(error))


def _check_shared(job: Job) -> None:
    """Refuse times of their own for the members of a batch: which ones depends on the chunks."""
    given, quantity = dict(job.options), job.quantity
    while isinstance(quantity, partial):
        given, quantity = {**quantity.keywords, **given}, quantity.func
    for name in _SHARED & given.keys():
        if _has_rows(given[name]):
            must = "hold single numbers, the same for all points of a scan in batches"
            remedy = "vary a parameter instead, or give batched=False for all of them at each point"
            fail(name, must, " ".join(repr(given[name]).split()), remedy)


def _has_rows(value: Any) -> bool:
    try:
        return np.ndim(value) > 1
    except ValueError:  # of members that differ in shape
        return True


def check_client(client: Any, workers: int) -> None:
    try:
        from distributed import Client
    except ImportError as error:
        raise LzopenError(
            "Argument `client` must be left out, but Dask is not installed; pip install "
            "'lzopen[cluster]', or give workers=."
        ) from error
    instance("client", client, Client, "e.g. distributed.Client()")
    if client.asynchronous:
        fail("client", "be synchronous", repr(client), "make it with asynchronous=False")
    if workers != 1:
        fail("workers", "be left out with a client", workers, "the cluster has its own")


def default_chunk(job: Job) -> int:
    """Points in a chunk: a rule of the grid alone, since batches round by what they hold."""
    even = math.ceil(job.size / _CHUNKS)
    return min(max(even, _BATCH[0]), _BATCH[1]) if job.batched else even


def recorded(job: Job, size: int) -> dict[str, Any]:
    """What makes this scan the one that it is."""
    return {
        "quantity": described(job.quantity),
        "parameters": job.model.parameters,
        "model": described(job.model),
        "over": described(job.over),
        "options": described(dict(sorted(job.options.items()))),
        "batched": job.batched,
        "chunk": size,
        "seed": job.seed,
    }
