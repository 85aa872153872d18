"""The vector along which the levels of a two-level Hamiltonian point."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from lzopen.conventions import SIGMA_X, SIGMA_Y, SIGMA_Z
from lzopen.environments.base import Terms
from lzopen.errors import fail
from lzopen.waveforms.base import Array, Sum, Waveform, join_kinks

PAULI = (SIGMA_X, SIGMA_Y, SIGMA_Z)
_SAMPLES = 401

Field = tuple[tuple[tuple[float, float, float], Waveform], ...]


def bloch_field(terms: Terms) -> Field:
    """((x, y, z), waveform) with H = ½ Σ w (x σx + y σy + z σz) for the Hermitian part of H.

    w A and its adjoint share the Hermitian part Re(w) ½(A + A†) + Im(w) ½i(A − A†).
    """
    real = [(matrix, w.real) for matrix, w in terms]
    imaginary = [(1j * matrix, w.imag) for matrix, w in terms if w.imag is not None]
    return tuple((_components(matrix), w) for matrix, w in real + imaginary)


def _components(matrix: Array) -> tuple[float, float, float]:
    x, y, z = (float((matrix @ pauli).trace().real) for pauli in PAULI)
    return x, y, z


def bloch_vector(field: Field, t: float) -> tuple[float, float, float]:
    """The vector E n of H = ½E n·σ at one time, in plain Python numbers."""
    x = y = z = 0.0
    for (along_x, along_y, along_z), waveform in field:
        w = waveform.scalar(t)
        x, y, z = x + along_x * w, y + along_y * w, z + along_z * w
    return x, y, z


def direction(field: Field, t: float) -> tuple[float, float, float]:
    """The unit vector n; zero where the levels touch."""
    x, y, z = bloch_vector(field, t)
    energy = math.hypot(x, y, z)
    return (x / energy, y / energy, z / energy) if energy else (0.0, 0.0, 0.0)


@dataclass(frozen=True, eq=False)
class Direction(Waveform):
    """Components of the unit vector n(t) along which H = ½E n·σ points, times a rate.

    Parameters
    ----------
    field : tuple
        As `bloch_field` gives it.
    axes : tuple of int
        0, 1 and 2 for x, y and z; of several the product is taken.
    rate : Waveform
        What the components are multiplied with.
    """

    field: Field
    axes: tuple[int, ...]
    rate: Waveform

    def scalar(self, t: float) -> float:
        n = direction(self.field, t)
        return float(self.rate.scalar(t) * math.prod(n[axis] for axis in self.axes))

    def taylor(self, t: ArrayLike, order: int) -> Array:
        vector = self._vector(t, order)
        squared = sum(_product(part, part) for part in vector)
        squared[..., 0] = np.where(squared[..., 0] > 0, squared[..., 0], np.inf)  # they touch
        length = _root(squared)
        series = self.rate.taylor(t, order)
        for axis in self.axes:
            series = _product(series, _quotient(vector[axis], length))
        return np.asarray(series)

    def _vector(self, t: ArrayLike, order: int) -> list[Any]:
        jets = [(parts, w.taylor(t, order)) for parts, w in self.field]
        return [sum(parts[i] * jet for parts, jet in jets) for i in range(3)]

    def kinks(self, t0: ArrayLike, t1: ArrayLike) -> Array:
        waveforms = [w for _, w in self.field] + [self.rate]
        return join_kinks(*(w.kinks(t0, t1) for w in waveforms))

    def time_scale(self, t0: float, t1: float) -> float:
        """Shortest time in which the vector turns by about one radian, or its parts bend."""
        bends = min(w.time_scale(t0, t1) for w in (*(w for _, w in self.field), self.rate))
        vector = np.array(self._vector(np.linspace(t0, t1, _SAMPLES + 2)[1:-1], 1))
        energy, speed = np.linalg.norm(np.moveaxis(vector, -1, 0), axis=1)
        moving = speed > 0
        return min([bends, *np.ravel(energy[moving] / speed[moving])])

    def asymptote(self, side: int) -> tuple[Any, float] | None:
        totals = [Sum(tuple(parts[i] * w for parts, w in self.field)) for i in range(3)]
        ends, rate = [total.asymptote(side) for total in totals], self.rate.asymptote(side)
        if rate is None or any(end is None for end in ends):
            return None
        power = max((end[1] for end in ends if end and np.any(end[0])), default=0.0)
        leading = [end[0] if end and end[1] == power else 0.0 for end in ends]
        length = np.sqrt(sum(np.square(part) for part in leading))
        if not np.all(length):
            must = "be given where levels touch for t → ±∞ and an environment follows them"
            fail("window", must, "missing", "give window=(t0, t1)")
        return rate[0] * math.prod(leading[axis] / length for axis in self.axes), rate[1]


def _product(a: Any, b: Any) -> Any:
    """Power series of a product; orders on the last axis."""
    orders = range(a.shape[-1])
    return np.stack([(a[..., : n + 1] * b[..., n::-1]).sum(axis=-1) for n in orders], axis=-1)


def _root(squared: Any) -> Any:
    """Power series of a square root."""
    root = np.zeros_like(squared)
    root[..., 0] = np.sqrt(squared[..., 0])
    for n in range(1, squared.shape[-1]):
        known = (root[..., 1:n] * root[..., n - 1 : 0 : -1]).sum(axis=-1)
        root[..., n] = (squared[..., n] - known) / (2 * root[..., 0])
    return root


def _quotient(a: Any, b: Any) -> Any:
    """Power series of a quotient."""
    ratio = np.zeros_like(a)
    for n in range(a.shape[-1]):
        known = (b[..., 1 : n + 1] * ratio[..., n - 1 :: -1][..., :n]).sum(axis=-1) if n else 0.0
        ratio[..., n] = (a[..., n] - known) / b[..., 0]
    return ratio
