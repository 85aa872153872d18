"""The numbers of a level diagram, checked, and one crossing of it."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lzopen.errors import Numeric, fail, finite, finite_complex

Array = NDArray[Any]


def cross(P: Array, j: int, k: int, strength: float) -> None:
    """Let the rows of two levels pass one crossing, with |g|²/|difference of the slopes|."""
    stay, leave = np.exp(-2 * np.pi * strength), -np.expm1(-2 * np.pi * strength)
    P[[j, k]] = np.array([[stay, leave], [leave, stay]]) @ P[[j, k]]


def row(argument: str, value: Numeric, size: int | None = None) -> Array:
    """Numbers of several levels along the last axis; couplings alone may be complex."""
    check = finite_complex if argument == "couplings" else finite
    array = np.asarray(check(argument, value))
    if array.ndim == 0 or not array.size or array.shape[-1] != (size or array.shape[-1]):
        must = "hold one number for each level" if size is None else f"hold {size} numbers"
        fail(argument, must, array if array.ndim == 0 else f"of shape {array.shape}")
    return array


def coupling_table(value: Numeric, size: int) -> Array:
    """A Hermitian table without a diagonal, completed from its upper triangle."""
    table = np.asarray(finite_complex("couplings", value))
    if table.shape[-2:] != (size, size):
        fail("couplings", f"be a table of {size} × {size}", f"of shape {table.shape}")
    if np.einsum("...ii", table).any():
        fail("couplings", "have no diagonal", value, "energies of the levels are `offsets`")
    flipped = np.conj(np.swapaxes(table, -1, -2))
    if not np.tril(table).any():
        table = table + flipped
    elif not np.allclose(table, flipped, rtol=1e-12, atol=0):
        fail("couplings", "be Hermitian", value, "or give the upper triangle alone")
    table.flags.writeable = False
    return table


def diagram(slopes: Numeric, offsets: Numeric, couplings: Numeric) -> tuple[Array, Array, Array]:
    """The numbers of one level diagram, once they fit one another."""
    slopes = row("slopes", slopes)
    if slopes.ndim > 1:
        fail("slopes", "belong to one diagram", f"of shape {slopes.shape}")
    offsets = row("offsets", offsets, slopes.size)
    return slopes, offsets, coupling_table(couplings, slopes.size)
