"""Propagators of generators that are polynomials of time, by a power series in each step.

With G(s) = Σ Gⱼ sʲ the solution of X' = G X has the coefficients

    (k + 1) Xₖ₊₁ = Σⱼ Gⱼ Xₖ₋ⱼ,

of which so many are added up that the rest is as small as asked for: nothing is left to refine.
Around the middle of a step the even and the odd ones give X at both of its ends.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np

from lzopen.conventions import is_hermitian
from lzopen.dynamics.generators import that_move
from lzopen.dynamics.magnus import ordered_product, ordered_rotations, rotation_matrix
from lzopen.environments.base import Terms
from lzopen.waveforms.base import Array

HIGHEST_DEGREE = 4
_ROUND_OFF = 2e-17
_FEWEST, _EVERY, _MOST = 16, 2, 256  # terms: at least, between two looks at the last, at most
_SMALL = 4  # rows of matrices whose elements are taken one by one
_AT_ONCE = 2**13  # numbers in the matrices of a few steps, which then stay in the cache
_REST = 4  # times the last terms is more than all that follow, at both ends of a step

Slope = Callable[[list[Any], Any], None]  # from the last terms, latest first, to the next one


def degree(terms: Terms, t: Array) -> int | None:
    """Degree of the waveforms as polynomials around some times; None where it is high.

    Parameters
    ----------
    terms : sequence of (matrix, Waveform)
    t : (windows, times) ndarray
        One time in each piece between two kinks.
    """
    highest = 0
    for _, waveform in terms:
        if np.isfinite(waveform.time_scale(float(t.min()), float(t.max()))):
            return None
        jets = waveform.taylor(t, HIGHEST_DEGREE + 2)
        used = np.flatnonzero(jets.reshape(-1, jets.shape[-1]).any(axis=0))
        highest = max(highest, int(used.max(initial=0)))
    return highest if highest <= HIGHEST_DEGREE else None


def is_unitary(terms: Terms) -> bool:
    """Whether generators are anti-Hermitian at all times."""
    return all(m.ndim == 2 and not w.is_complex and is_hermitian(1j * m) for m, w in terms)


def propagator(terms: Terms, edges: Array, degree: int, enough: float = 0.0) -> Array:
    """Propagator of dX/dt = Σ wₖ(t) Gₖ X over given steps.

    Parameters
    ----------
    terms : sequence of (matrix, Waveform)
        Gₖ, each with a waveform that is a polynomial within each step.
    edges : (windows, n + 1) ndarray
        Ends of the steps, of a few radians each; one of zero length does nothing.
    degree : int
        That of the polynomials.
    enough : float
        Error of each step, as a norm, below which the rest of its series is left out.

    Returns
    -------
    (windows, d, d) ndarray
    """
    size, unitary = terms[0][0].shape[-1], is_unitary(terms)
    last = max(_ROUND_OFF, enough / (_REST * size))
    rows, columns = np.nonzero(np.diff(edges, axis=-1))
    jets = _jets(terms, edges, degree)[rows, columns]
    shape = len(edges), edges.shape[-1] - 1
    if size == 2 and unitary and not any(np.trace(matrix) for matrix, _ in terms):
        rotations = np.zeros((4, *shape))
        rotations[0] = 1.0
        for few, generators in _few_steps(terms, rows, jets):
            rotations[:, rows[few], columns[few]] = _rotations(generators, last)
        return rotation_matrix(ordered_rotations(rotations))
    total = np.broadcast_to(np.eye(size), (len(edges), size, size))
    at, _ = that_move(terms, np.arange(size))
    if not at.size:
        return total
    terms = tuple((matrix[..., at[:, None], at], waveform) for matrix, waveform in terms)
    one = np.eye(at.size, dtype=np.result_type(jets, *(matrix for matrix, _ in terms)))
    steps = np.broadcast_to(one, (*shape, *one.shape)).copy()
    for few, generators in _few_steps(terms, rows, jets):
        steps[rows[few], columns[few]] = _matrices(generators, unitary, last)
    total = total.astype(one.dtype)
    total[:, at[:, None], at] = ordered_product(steps)
    return total


def _jets(terms: Terms, edges: Array, degree: int) -> Array:
    """Coefficients of the waveforms, (windows, n, terms, degree + 1).

    In each step time runs from −1 to 1.
    """
    half = 0.5 * np.diff(edges, axis=-1)
    middle = edges[..., :-1] + half
    jets = [np.broadcast_to(w.taylor(middle, degree), (*half.shape, degree + 1)) for _, w in terms]
    return np.stack(jets, axis=-2) * half[..., None, None] ** np.arange(1, degree + 2)


def _few_steps(terms: Terms, rows: Array, jets: Array) -> Iterator[tuple[slice, Array]]:
    """The steps, some at a time, and the Gⱼ of each, (degree + 1, d, d, steps)."""
    size = terms[0][0].shape[-1]
    width = max(16, _AT_ONCE // size**2)
    for start in range(0, len(rows), width):
        few = slice(start, start + width)
        parts = [
            jets[few, k].T[:, None, None]
            * (np.moveaxis(m[rows[few]], 0, -1) if m.ndim > 2 else m[..., None])
            for k, (m, _) in enumerate(terms)
        ]
        yield few, np.asarray(sum(parts))


def _rotations(generators: Array, last: float) -> Array:
    """Steps of a qubit as quaternions (w, x, y, z), from the first columns (a, b) of U."""
    stay, swap = generators[:, [0, 1], [0, 1]], generators[:, [0, 1], [1, 0]]
    used = [
        (j, g, way) for part, way in ((stay, 1), (swap, -1)) for j, g in enumerate(part) if g.any()
    ]
    product = np.empty_like(stay[0])

    def slope(recent: list[Array], out: Array) -> None:
        parts = ((factor, recent[j][::way]) for j, factor, way in used if j < len(recent))
        _add_up(parts, product, out)

    (a, b), (c, d) = _ends(slope, _start(generators, 1)[:, 0].copy(), len(generators), last)
    # U₊ U₋†
    first, second = a * c.conj() + b.conj() * d, b * c.conj() - a.conj() * d
    return np.stack([first.real, -second.imag, second.real, -first.imag])


def _matrices(generators: Array, unitary: bool, last: float) -> Array:
    """Steps as matrices, (steps, d, d)."""
    reach, size = len(generators), generators.shape[1]
    start = _start(generators, size)
    if size <= _SMALL:
        ends = _ends(_by_elements(generators), start, reach, last)
        after, before = (np.moveaxis(x, -1, 0) for x in ends)
    else:
        stacked = np.moveaxis(start, -1, 0).copy()
        after, before = _ends(_by_matrices(np.moveaxis(generators, -1, 1)), stacked, reach, last)
    return after @ (before.conj().swapaxes(-1, -2) if unitary else np.linalg.inv(before))


def _start(generators: Array, columns: int) -> Array:
    """The first columns of identities, (d, columns, steps)."""
    _, size, _, steps = generators.shape
    one = np.eye(size, columns, dtype=generators.dtype)[..., None]
    return np.broadcast_to(one, (size, columns, steps)).copy()


def _by_elements(generators: Array) -> Slope:
    """Σⱼ Gⱼ Xₖ₋ⱼ for few levels: element by element, all steps side by side."""
    used = [
        [(j, row[j, column], column) for j, column in np.argwhere(row.any(axis=-1)).tolist()]
        for row in generators.swapaxes(0, 1)
    ]
    product = np.empty_like(generators[0, 0])

    def slope(recent: list[Array], out: Array) -> None:
        for into, row in zip(out, used, strict=True):
            parts = ((factor, recent[j][at]) for j, factor, at in row if j < len(recent))
            _add_up(parts, product, into)

    return slope


def _add_up(parts: Iterable[tuple[Array, Array]], product: Array, out: Array) -> None:
    """Σ factor · x, without fresh memory."""
    empty = True
    for factor, x in parts:
        np.multiply(factor, x, out=out if empty else product)
        if not empty:
            out += product
        empty = False
    if empty:
        out[...] = 0.0


def _by_matrices(generators: Array) -> Slope:
    """The same for many levels: matrix by matrix."""
    wide = np.concatenate(list(generators), axis=-1)
    size = wide.shape[-2]

    def slope(recent: list[Array], out: Array) -> None:
        np.matmul(wide[..., : size * len(recent)], np.concatenate(recent, axis=-2), out=out)

    return slope


def _ends(slope: Slope, x: Array, reach: int, last: float) -> tuple[Array, Array]:
    """X(1) and X(−1) from X(0) and Σⱼ Gⱼ Xₖ₋ⱼ, which looks at so many terms.

    The series ends where so many in a row are not larger than the last that counts.
    """
    recent, sums = [x], [x.copy(), np.zeros_like(x)]
    for k in range(1, _MOST):
        x = recent.pop() if len(recent) > reach else np.empty_like(x)
        slope(recent, x)
        x *= 1 / k
        recent.insert(0, x)
        sums[k % 2] += x
        looks = k >= _FEWEST and k % _EVERY == 0
        if looks and all(np.abs(term).max() <= last for term in recent[reach - 1 :: -1]):
            break
    return sums[0] + sums[1], sums[0] - sums[1]
