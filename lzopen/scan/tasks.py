"""What is computed: a quantity at the points of a chunk, and what came of it."""

from __future__ import annotations

import json
import math
import warnings
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import xarray as xr
from threadpoolctl import threadpool_limits

from lzopen import progress
from lzopen.errors import LzopenError, fail, warn
from lzopen.models import Model
from lzopen.models.grid import batch_axes
from lzopen.scan.batches import bare, takes_batches
from lzopen.scan.tables import first_point, misfit, of_batch, of_points, table
from lzopen.waveforms.base import Array

Chunk = tuple[int, int]  # first and last but one point, counted along the flattened grid
Said = tuple[str, str, float]  # category, text and number of a warning
Found = tuple[xr.Dataset, list[str]]  # a result, and the keys of its references


class Outcome(NamedTuple):
    """What a chunk gave: a table of the points that did not fail."""

    table: xr.Dataset | None
    failures: dict[int, str]
    said: list[Said]
    references: list[str]


@dataclass(frozen=True, eq=False)
class Job:
    """A quantity, and the grid over which it is asked."""

    quantity: Callable[..., Any]
    model: Model
    over: Mapping[str, Array]
    options: Mapping[str, Any]
    batched: bool
    seed: int | None

    @property
    def shape(self) -> tuple[int, ...]:
        return tuple(len(values) for values in self.over.values())

    @property
    def size(self) -> int:
        return math.prod(self.shape)

    @property
    def name(self) -> str:
        """What the quantity is called."""
        quantity = bare(self.quantity)
        return getattr(quantity, "__name__", type(quantity).__name__)

    @property
    def variable(self) -> str:
        """The name of a plain number in the result."""
        return self.name if self.name.isidentifier() else "value"

    def at(self, points: Any) -> dict[str, Any]:
        """Parameters at some points of the flattened grid, or at one."""
        places = np.unravel_index(points, self.shape)
        return {n: values[i] for (n, values), i in zip(self.over.items(), places, strict=True)}

    def seed_at(self, point: int) -> int:
        """A seed for each point, however the grid is split."""
        child = np.random.SeedSequence(self.seed, spawn_key=(point,))
        return int(child.generate_state(1, np.uint64)[0])

    def run(self, chunk: Chunk) -> Outcome:
        """Compute a chunk; what fails is told, not raised.

        One BLAS thread, wherever it is: products of large matrices differ in their last digits
        with the number of threads.
        """
        quiet = warnings.catch_warnings(record=True)
        with threadpool_limits(1), progress.hidden(), quiet as caught:
            warnings.simplefilter("always")
            outcome = (self._batch if self.batched else self._one_by_one)(range(*chunk))
        return outcome._replace(said=[_told(warning.message) for warning in caught])

    def _batch(self, points: range) -> Outcome:
        """All points as one batched model; if that fails, those that do not."""
        try:
            found, references = self._at_once(points)
            return Outcome(found, {}, [], references)
        except Exception as error:
            outcome = self._one_by_one(points)
            refused = isinstance(error, LzopenError) and takes_batches(self.quantity)
            if not (outcome.failures or refused):  # nothing else tells of it
                why = f"A batch failed ({_message(error)}), so its points were taken one by one."
                warn(f"{why} With batched=False they are from the start.", math.nan)
            return outcome

    def _at_once(self, points: range) -> Found:
        """All points as one batched model."""
        model = self.model.with_parameters(self.at(points))
        (axis,), coords = batch_axes(model, (len(points),))
        value = table(self.quantity(model, **self.options), self.variable, (axis,))
        found = of_batch(value, axis, list(coords), len(points))
        return self._checked(found), cited(value)

    def _one_by_one(self, points: range) -> Outcome:
        good: list[xr.Dataset] = []
        failures, references = {}, dict[str, None]()
        for point in points:
            try:
                data, cites = self._at_point(point)
                if problem := misfit((good or [data])[0], data):
                    raise LzopenError(problem)
                good.append(data)
                references |= dict.fromkeys(cites)
            except Exception as error:
                failures[point] = _message(error)
        return Outcome(of_points(good) if good else None, failures, [], list(references))

    def _at_point(self, point: int) -> Found:
        """One point; in a scan in batches as a batch of one, which is what its neighbours are.

        A verb may take another way for a single model, and then a point would depend on whether
        others of its chunk fail.
        """
        if self.batched:
            with suppress(Exception):  # where it fails, the single model is the last resort
                found, references = self._at_once(range(point, point + 1))
                return first_point(found), references
        model = self.model.with_parameters(self.at(point))
        seed = {} if self.seed is None else {"seed": self.seed_at(point)}
        value = table(self.quantity(model, **self.options, **seed), self.variable)
        return self._checked(value), cited(value)

    def _checked(self, data: xr.Dataset) -> xr.Dataset:
        taken = {*self.over} if self.seed is None else {*self.over, "seed"}
        if clash := {*data.variables, *data.dims} & taken:
            remedy = "rename it, or give the axis its full name"
            fail("quantity", "leave the names of the axes free", f"using {clash}", remedy)
        return data


def cited(data: xr.Dataset) -> list[str]:
    """Keys of the references that a result rests on."""
    return list(json.loads(data.attrs.get("lzopen", "{}")).get("references", ()))


def _told(warning: Warning | str) -> Said:
    return type(warning).__name__, str(warning), getattr(warning, "value", math.nan)


def _message(error: Exception) -> str:
    return str(error) if isinstance(error, LzopenError) else f"{type(error).__name__}: {error}"
