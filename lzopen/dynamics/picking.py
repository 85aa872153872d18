"""Some elements of an array over a batch, with their model."""

from __future__ import annotations

import numpy as np

from lzopen.models import Model
from lzopen.models.members import members
from lzopen.waveforms.base import Array


def picked(model: Model, shape: tuple[int, ...], which: Array) -> Model:
    """The batch, in a row, of those elements of an array of this shape that have these numbers.

    Parameters
    ----------
    model : Model
        Whose batch broadcasts against the shape; a single model stays what it is.
    shape : tuple of int
    which : (k,) ndarray of int
        Elements, all counted in one row.
    """
    if not model.batch_shape:
        return model
    number = np.arange(np.prod(model.batch_shape)).reshape(model.batch_shape)
    asked = np.broadcast_to(number, shape).ravel()[which]
    if model.batch_shape == asked.shape and np.array_equal(asked, number):
        return model
    return members(model, asked)
