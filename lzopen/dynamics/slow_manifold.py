"""The density matrices that move slowly far from all crossings.

Coherences turn fast there and follow the populations, which change slowly. With ρ = (p, c) the
density matrices of the slow kind form the manifold c = Y(t) p, on which p' = R(t) p. The equation
of Y,

    Y' = L_cp + L_cc Y − Y R,    R = L_pp + L_pc Y,

is solved order by order in the time derivative from the Taylor series of the Liouvillian, as in
`closing`. Its counterpart for the transposed and reversed Liouvillian tells what of any ρ ends in
the manifold.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from lzopen.dynamics.asymptotic import sum_asymptotic
from lzopen.dynamics.magnus import per_step
from lzopen.environments.base import Terms
from lzopen.waveforms.base import Array

ORDER = 14
_SINGULAR = 1e-15
_EXPLODED = 1e150


class JetMotion:
    """Slow density matrices from the Taylor series of the Liouvillian at each time.

    Parameters
    ----------
    generators : sequence of (matrix, Waveform)
        The Liouvillian.
    slow : ndarray of int
        Its rows of the populations that are slow.
    """

    def __init__(self, generators: Terms, slow: Array) -> None:
        self._generators, self._slow = generators, slow

    def states(self, t: Array) -> tuple[Array, Array]:
        """Columns [1; Y] of the slow manifold, and what the series leaves out."""
        jets = liouvillian_jets(self._generators, t[..., None])
        columns, _, error = _slow_solution(jets, self._slow)
        return columns[..., 0, :, :], error[..., 0]

    def projection(self, t: Array) -> tuple[Array, Array]:
        """Rows [1, Q]: what of a density matrix ends in the manifold."""
        rows, _, error = self._dual(t[..., None])
        return rows[..., 0, :, :], error[..., 0]

    def rates(self, t: Array) -> Array:
        """Generator of [1, Q]ρ, for times on the last axis."""
        return self._dual(t)[1]

    def _dual(self, t: Array) -> tuple[Array, Array, Array]:
        """[1, Q], its generator and the error, from the transposed Liouvillian run backwards."""
        backwards = (-1.0) ** np.arange(ORDER + 1)
        jets = _scaled(liouvillian_jets(self._generators, t).swapaxes(-1, -2), backwards)
        columns, rates, error = _slow_solution(jets, self._slow)
        return columns.swapaxes(-1, -2), rates.swapaxes(-1, -2), error


def liouvillian_jets(generators: Terms, t: Array) -> Array:
    """Taylor coefficients of the Liouvillian, order first, for times on the last axis."""
    jets: Any = 0.0
    for matrix, waveform in generators:
        series = np.moveaxis(waveform.taylor(t, ORDER), -1, 0)
        jets = jets + series[..., None, None] * per_step(matrix)
    return np.asarray(jets)


def _scaled(jets: Array, factors: Array) -> Array:
    return jets * factors.reshape(-1, *[1] * (jets.ndim - 1))


def _slow_solution(jets: Array, slow: Array) -> tuple[Array, Array, Array]:
    """[1; Y], R and the error, by iteration; each derivative costs one order of the series."""
    size = jets.shape[-1]
    fast = np.setdiff1d(np.arange(size), slow)
    to_fast, within = jets[..., fast[:, None], slow], jets[..., fast[:, None], fast]
    own, to_slow = jets[..., slow[:, None], slow], jets[..., slow[:, None], fast]
    inverse, singular = inverse_by_rows(within[0])
    degree = max(i for i in range(len(jets)) if np.any(jets[i]) or i == 0)
    with np.errstate(all="ignore"):  # close to a crossing the series explodes
        y = _solve(inverse, within, -to_fast, degree)
        found = [y[0]]
        for length in range(ORDER, 0, -1):
            rates = own[: length + 1] + _product(to_slow[: length + 1], y, degree)
            pull = _scaled(y[1:], np.arange(1.0, length + 1)) + _product(y, rates)[:length]
            y = _solve(inverse, within, pull - to_fast[:length], degree)
            found.append(y[0])
        terms = np.diff(np.array(found), axis=0, prepend=np.zeros((1, *found[0].shape)))
    terms = np.where(np.isfinite(terms), terms, _EXPLODED)
    flat, error = sum_asymptotic(terms.reshape(*terms.shape[:-2], -1))
    y0 = flat.reshape(found[0].shape)
    columns = np.zeros((*y0.shape[:-2], size, slow.size), dtype=y0.dtype)
    columns[..., slow, np.arange(slow.size)] = 1.0
    columns[..., fast, :] = y0
    return columns, own[0] + to_slow[0] @ y0, np.where(singular, np.inf, error)


def inverse_by_rows(matrix: Array) -> tuple[Array, Array]:
    """The inverse and whether there is none.

    Each row has its own scale: a slow decay beside coherences that turn fast. A pseudo-inverse
    would be accurate to the largest of its elements only.
    """
    largest = np.abs(matrix).max(axis=-1, initial=0.0)
    scale = 1 / np.where(largest > 0, largest, 1.0)
    scaled = scale[..., None] * matrix
    values = np.linalg.svd(scaled, compute_uv=False)
    singular = values.min(axis=-1, initial=1.0) <= _SINGULAR * values.max(axis=-1, initial=1.0)
    regular = np.where(singular[..., None, None], np.eye(matrix.shape[-1]), scaled)
    return np.linalg.inv(regular) * scale[..., None, :], singular


def _solve(inverse: Array, within: Array, right: Array, degree: int) -> Array:
    """Power series X with within · X = right."""
    x = np.empty(right.shape, dtype=np.result_type(inverse, right))
    for n in range(len(right)):
        known = sum((within[j] @ x[n - j] for j in range(1, min(n, degree) + 1)), start=0.0)
        x[n] = inverse @ (right[n] - known)
    return x


def _product(a: Array, b: Array, degree: int | None = None) -> Array:
    """Power series of a product; ``a`` ends with the given degree."""
    highest = len(a) - 1 if degree is None else degree
    return np.array(
        [sum(a[j] @ b[n - j] for j in range(min(n, highest) + 1)) for n in range(len(b))]
    )


def kron(a: Array, b: Array) -> Array:
    """Kronecker products along batches."""
    product = a[..., :, None, :, None] * b[..., None, :, None, :]
    size = a.shape[-1] * b.shape[-1]
    return product.reshape(*product.shape[:-4], size, size)
