"""Some members of a batch, as a batch of their own."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar

import numpy as np
from numpy.typing import ArrayLike

from lzopen.models.base import Model
from lzopen.models.parameters import DATA
from lzopen.waveforms.base import Array

M = TypeVar("M", bound=Model)
_TABLES = ("times", "values")  # batch axes in front, time on the last one


def members(model: M, index: ArrayLike) -> M:
    """The batch of those members that have these indices when all are counted in one row.

    Parameters
    ----------
    model : Model
        A batch.
    index : (k,) array_like of int
        Which members, in order.

    Returns
    -------
    Model
        Batch of shape (k,); what is the same for all members stays a number.

    Examples
    --------
    >>> import lzopen as lz
    >>> grid = lz.vary(lz.TwoLevel(sweep=lz.Linear(1.0), gap=1.0), {"gap": [1, 2], "rate": [3, 4]})
    >>> members(grid, [3, 0]).parameters["gap"].tolist()
    [2.0, 1.0]
    """
    found: M = _pick(model, model.batch_shape, np.asarray(index))
    return found


def _pick(thing: Any, batch: tuple[int, ...], index: Array) -> Any:
    """A dataclass with the members of every array in it."""
    new = {}
    for field in fields(thing):
        held = getattr(thing, field.name)
        if not field.init or (field.name in DATA and field.name not in _TABLES):
            continue
        own = 1 if field.name in _TABLES else field.metadata.get("level_axes", 0)
        changed = _member(held, batch, index, own)
        if changed is not held:
            new[field.name] = changed
    return replace(thing, **new) if new else thing


def _member(held: Any, batch: tuple[int, ...], index: Array, own: int) -> Any:
    if is_dataclass(held):
        return _pick(held, batch, index)
    if isinstance(held, tuple):
        picked = [_in_tuple(member, batch, index) for member in held]
        same = all(a is b for a, b in zip(picked, held, strict=True))
        return held if same else tuple(picked)
    if not isinstance(held, np.ndarray) or held.ndim == own:
        return held
    kept = held.shape[held.ndim - own :]
    if held.size == np.prod(kept, dtype=int) and np.prod(batch) > 1:
        alone = held.reshape(kept)
        return alone if own else alone.item()
    flat = np.broadcast_to(held, (*batch, *kept)).reshape(-1, *kept)
    return flat[index]


def _in_tuple(member: Any, batch: tuple[int, ...], index: Array) -> Any:
    """An environment or a waveform; of a (matrix, waveform) term only the latter moves."""
    if isinstance(member, tuple):
        waveform = _pick(member[1], batch, index)
        return member if waveform is member[1] else (member[0], waveform)
    return _pick(member, batch, index)
