"""The slow density matrices of levels that are straight lines, in powers of 1/t.

With L = L₀ + L₁t the manifold c = Y(t) p of `slow_manifold` has Y = Σ Yₘ t⁻ᵐ and R = Σ Rₘ t⁻ᵐ. The
terms follow from Y' = L_cp + L_cc Y − Y R, order by order: from that with L₁ where coherences
turn ever faster, and from those with L₀ elsewhere. With p' = R p also p(∞) = V(t) p(t) is such a
series, since V' = −V R.

All arrays here have the batch on their last axis, along which small matrices multiply fastest.
"""

from __future__ import annotations

import numpy as np

from lzopen.dynamics.asymptotic import sum_powers, truncation
from lzopen.dynamics.slow_manifold import inverse_by_rows, kron
from lzopen.waveforms.base import ROUND_OFF, Array

ORDER = 40
_NONE = 1e-12  # of what a rate is the sum of: it is none


class PowerMotion:
    """What `slow_manifold.JetMotion` is, for levels that are straight lines.

    Parameters
    ----------
    constant, slope : (…, d, d) ndarray
        L₀ and L₁ in real coordinates, of all members or of each.
    slow : ndarray of int
    start, center : (members,) ndarray
        Time from which the series are used, and from which time is counted in them.

    Where terms do not follow from one another, errors are NaN.

    Raises
    ------
    ArithmeticError
        If that is so for all members alike.
    """

    def __init__(self, constant: Array, slope: Array, slow: Array, start: Array, center: Array):
        shape = (*start.shape, *slope.shape[-2:])
        constant, slope = (np.moveaxis(np.broadcast_to(x, shape), 0, -1) for x in (constant, slope))
        moves = np.abs(slope) > ROUND_OFF * np.abs(slope).max(axis=(0, 1))
        turns = moves.any(axis=1)
        x = np.flatnonzero(turns.any(axis=-1))
        rest = np.setdiff1d(np.arange(len(slope)), x)
        if not turns[x].all() or moves[:, rest].any() or np.isin(slow, x).any():
            raise ArithmeticError
        self._slow, self._turning = slow, x.size
        self._fast = np.concatenate([x, np.setdiff1d(rest, slow)])
        self._center, self._unit = center, start - center
        inverse, self._failed = _inverse(slope[x[:, None], x])
        self._lines = constant + center * slope, inverse
        # The dual is that of the transposed Liouvillian run backwards.
        y, rates = self._terms(self._lines[0].swapaxes(0, 1), -inverse.swapaxes(0, 1))
        backwards = (-1.0) ** np.arange(ORDER + 1).reshape(-1, 1, 1, 1)
        self._rows, self._rates = (backwards * x.swapaxes(1, 2) for x in (y, rates))

    def projection(self, t: Array) -> tuple[Array, Array]:
        """Rows [1, Q], (members, slow, d), and what the series leaves out."""
        q, error = self._at(self._rows, t)
        rows = np.zeros((*q.shape[:-1], self._slow.size + self._fast.size))
        rows[..., np.arange(self._slow.size), self._slow] = 1.0
        rows[..., self._fast] = q
        return rows, error

    def states(self, t: Array) -> tuple[Array, Array]:
        """Columns [1; Y], (members, d, slow), and what the series leaves out."""
        y, error = self._at(self._terms(*self._lines)[0], t)
        columns = np.zeros((len(y), self._slow.size + self._fast.size, y.shape[-1]))
        columns[..., self._slow, np.arange(self._slow.size)] = 1.0
        columns[..., self._fast, :] = y
        return columns, error

    def rates(self, t: Array) -> Array:
        """Generator of [1, Q]ρ, (members, times, slow, slow), at times not before the start."""
        best, _ = truncation(np.abs(self._rows).max(axis=(1, 2), initial=0.0))
        used = np.arange(ORDER + 1)[:, None] <= best
        x = self._unit / (t.T - self._center)
        total = np.zeros((*self._rates.shape[1:3], *x.shape))
        for kept, rate in zip(used[::-1], self._rates[::-1], strict=True):
            total = total * x + (kept * rate)[:, :, None]
        return np.moveaxis(total, (0, 1), (-2, -1)).swapaxes(0, 1)

    def tail(self, t: Array) -> tuple[Array, Array]:
        """V(t), with an error that is infinite where the rates do not fall faster than 1/t."""
        v = np.zeros_like(self._rates[:ORDER])
        v[0] = np.eye(self._slow.size)[..., None]
        for m in range(1, ORDER):
            v[m] = self._unit / m * _convolution(v[:m], self._rates[2 : m + 2])
        found, error = self._at(v, t)
        constant, stay = self._lines[0], np.append(self._slow, self._fast[self._turning :])
        coupled = _largest(constant[self._fast[:, None], self._slow])
        sizes = coupled * _largest(self._rows[:2], 1)
        sizes[0] += _largest(constant[stay[:, None], stay])
        lasts = np.any(_largest(self._rates[:2], 1) > _NONE * sizes, axis=0)
        return found, np.where(lasts & ~np.isnan(error), np.inf, error)

    def _at(self, terms: Array, t: Array) -> tuple[Array, Array]:
        """The sum of a series at one time for each member, and what it leaves out."""
        ratio = self._unit / (t - self._center)
        powers = np.cumprod(np.broadcast_to(ratio, (len(terms), ratio.size)), axis=0) / ratio
        scaled = np.moveaxis(terms * powers[:, None, None], -1, 1)
        total, error = sum_powers(scaled.reshape(*scaled.shape[:2], -1))
        failed = self._failed | ~np.isfinite(error)
        return total.reshape(scaled.shape[1:]), np.where(failed, np.nan, error)

    def _terms(self, constant: Array, inverse: Array) -> tuple[Array, Array]:
        """Yₘ t⁻ᵐ and Rₘ t⁻ᵐ at the start, order first, from L₀ and what undoes L₁."""
        slow, fast = self._slow, self._fast
        own, to_slow = constant[slow[:, None], slow], constant[slow[:, None], fast]
        to_fast, within = constant[fast[:, None], slow], constant[fast[:, None], fast]
        x, p = slice(None, self._turning), slice(self._turning, None)
        across = -inverse / self._unit
        y = np.zeros((ORDER + 1, *to_fast.shape))
        rates = np.zeros((ORDER + 1, *own.shape))
        still, singular = _inverse(within[p, p])
        y[0][p] = -_times(still, to_fast[p])
        rates[0] = own + _times(to_slow, y[0])
        moved = _largest(_times(y[0], rates[0])) > _NONE * _largest(constant)
        from_slow = _times(y[0][p], to_slow)
        both = _sylvester(within[p, p] - from_slow[:, p], rates[0])
        solve, lost = _inverse(both)
        self._failed = self._failed | singular | lost | moved
        y[1][x] = _times(across, to_fast[x] + _times(within[x], y[0]))
        onwards = np.concatenate([to_slow, within[x]])
        for m in range(1, ORDER + 1):
            rest = (m - 1) / self._unit * y[m - 1] - _convolution(y[1:m], rates[1:m])
            if self._turning < fast.size:
                pull = _times(within[p, x] - from_slow[:, x], y[m][x])
                flat = (pull + rest[p]).reshape(-1, 1, pull.shape[-1])
                y[m][p] = -_times(solve, flat).reshape(pull.shape)
            pull = _times(onwards, y[m])
            rates[m] = pull[: slow.size]
            if m < ORDER:
                pull = pull[slow.size :] + rest[x]
                if rates[0].any():
                    pull -= _times(y[m][x], rates[0])
                y[m + 1][x] = _times(across, pull)
        return y, rates


def _largest(matrices: Array, first: int = 0) -> Array:
    return np.asarray(np.abs(matrices).max(axis=(first, first + 1), initial=0.0))


def _times(left: Array, right: Array) -> Array:
    return np.einsum("ijb,jkb->ikb", left, right)


def _convolution(left: Array, right: Array) -> Array:
    """Σ left[a] right[−1 − a]."""
    return np.einsum("aijb,ajkb->ikb", left, right[::-1])


def _inverse(matrix: Array) -> tuple[Array, Array]:
    """The inverse, and whether there is none."""
    inverse, singular = inverse_by_rows(np.moveaxis(matrix, -1, 0))
    return np.moveaxis(inverse, 0, -1), singular


def _sylvester(left: Array, right: Array) -> Array:
    """The matrix that turns z, row by row, into left·z − z·right."""
    rows, columns = (np.eye(len(x)) for x in (left, right))
    left, right = (np.moveaxis(x, -1, 0) for x in (left, right))
    both = kron(left, columns) - kron(rows, right.swapaxes(-1, -2))
    return np.moveaxis(both, 0, -1)
