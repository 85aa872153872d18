"""Where the energy levels of a model come close along its sweep."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr
from scipy.sparse.csgraph import connected_components

from lzopen.models.parameters import describe
from lzopen.models.stepping import check_window
from lzopen.models.terms import hamiltonian, hermitian_part
from lzopen.results import label
from lzopen.waveforms.base import Array

if TYPE_CHECKING:
    from lzopen.models.base import Model

_POINTS = 2000
_MOST_POINTS = 10**6
_BEND = 1e-4  # of the width of a block: a cell in which energies bend more is halved
_HALVINGS = 50
_ROUNDS = 55
_SEEN = 1e-14  # of the energies: smaller differences are round-off
_TURNS = 1e-6  # of a squared speed: how far the size of a turning coupling may bend
_UNCOUPLED = 1e-13  # of a matrix: smaller elements are round-off
_GOLDEN = 0.5 * (5**0.5 - 1)


def find_crossings(model: Model, t0: float, t1: float) -> xr.Dataset:
    """Closest approaches of coupled energies, exact crossings of others; see `Model.crossings`.

    - Energies are compared within blocks that no term couples, so that nothing that runs through
      a gap, such as a dark state, hides it. Levels of different blocks cross where they are equal.
    - A distance that rests at its minimum for a while has its crossing in the middle of it. One
      that never changes has none, and what is reached only at an end of the window is left out.
    - ``slope_difference`` is that of the hyperbola √(Δ² + α²(t − t₀)²) which the distance starts
      to follow if the waveforms continue along their tangents. It is ∞ where a waveform is
      infinitely steep, and 0 where the levels turn or rest.
    """
    start, end = check_window(t0, t1)
    spectrum = _Spectrum(model, _blocks(model))
    t, energies = _resolved(spectrum, _grid(model, start, end))
    pairs, times = _minima(spectrum, *_dips(spectrum, t, energies), (start, end))
    columns = _described(spectrum, pairs, times)
    same = 1e-9 * (end - start)
    order = np.lexsort([columns["upper"], columns["lower"], np.round(times / same)])
    levels = columns.pop("levels")
    data = xr.Dataset(
        {name: ("crossing", column[order]) for name, column in columns.items()}
        | {"levels": (("crossing", "pair"), levels[order])},
        coords={"time": ("crossing", times[order], {"units": "time"})},
    )
    return label(data, parameters=model.parameters, model=describe(model), quantity="crossings")


@dataclass(frozen=True)
class _Spectrum:
    """Energies of blocks that no term couples, one block after the other, each ascending."""

    model: Model
    bases: list[Array]

    def hamiltonian(self, t: Any) -> Array:
        return hermitian_part(hamiltonian(self.model.terms, t))

    def energies(self, t: Any) -> Array:
        H = self.hamiltonian(t)
        blocks = [np.linalg.eigvalsh(basis.conj().T @ H @ basis) for basis in self.bases]
        return np.concatenate(blocks, axis=-1)

    def eigenstates(self, t: Array) -> tuple[Array, Array]:
        H = self.hamiltonian(t)
        blocks = [np.linalg.eigh(basis.conj().T @ H @ basis) for basis in self.bases]
        vectors = [basis @ inner for basis, (_, inner) in zip(self.bases, blocks, strict=True)]
        return np.concatenate([e for e, _ in blocks], axis=-1), np.concatenate(vectors, axis=-1)

    @property
    def owner(self) -> Array:
        """The block of each energy."""
        return np.repeat(np.arange(len(self.bases)), [basis.shape[1] for basis in self.bases])

    @property
    def pairs(self) -> Array:
        """Neighbours within a block, and any two energies of different blocks."""
        every, owner = combinations(range(self.owner.size), 2), self.owner
        return np.array([(j, k) for j, k in every if k == j + 1 or owner[j] != owner[k]])

    def distances(self, t: Array, pairs: Array) -> tuple[Array, Array]:
        """Of one pair of energies at each time, and its round-off."""
        energies = self.energies(t)
        mine = (self.owner[pairs][..., None] == self.owner).any(axis=-2)
        j, k = np.take_along_axis(energies, pairs, axis=-1).T
        return np.abs(j - k), _SEEN * np.where(mine, np.abs(energies), 0.0).max(axis=-1)


def _blocks(model: Model) -> list[Array]:
    """Bases of subspaces that every term leaves alone."""
    parts = [hermitian_part(A) for A, _ in model.terms]
    parts += [hermitian_part(1j * A) for A, waveform in model.terms if waveform.is_complex]
    parts = [part / np.abs(part).max() for part in parts if part.any()]
    # A generic combination has its eigenstates in one subspace each.
    generic = sum((np.sqrt(2.0 + k) * part for k, part in enumerate(parts)), np.eye(model.n_levels))
    basis = np.linalg.eigh(generic)[1]
    coupled = sum(np.abs(basis.conj().T @ part @ basis) > _UNCOUPLED for part in parts)
    count, owner = connected_components(coupled if parts else np.eye(model.n_levels))
    if count == 1:
        return [np.eye(model.n_levels)]
    return [basis[:, owner == block] for block in range(count)]


def _grid(model: Model, start: float, end: float) -> Array:
    """Times that follow the bends of the waveforms, with one at each kink."""
    scale = min(w.time_scale(start, end) for _, w in model.terms)
    count = int(np.ceil(np.clip(8 * (end - start) / scale, _POINTS, _MOST_POINTS)))
    return np.union1d(np.linspace(start, end, count + 1), model.kinks(start, end))


def _resolved(spectrum: _Spectrum, t: Array) -> tuple[Array, Array]:
    """Times between which the energies of each block are nearly straight, and the energies."""
    energies = spectrum.energies(t)
    known_t, known = [t], [energies]
    cells, values = (t[:-1], t[1:]), (energies[:-1], energies[1:])
    for _ in range(_HALVINGS):
        middle = 0.5 * (cells[0] + cells[1])
        here = spectrum.energies(middle)
        known_t.append(middle)
        known.append(here)
        rough = _bent(spectrum, values[0], here, values[1])
        rough &= (cells[0] < middle) & (middle < cells[1])
        if not rough.any():
            break
        a, b, c = cells[0][rough], middle[rough], cells[1][rough]
        cells = np.append(a, b), np.append(b, c)
        a, b, c = values[0][rough], here[rough], values[1][rough]
        values = np.concatenate([a, b]), np.concatenate([b, c])
    t, first = np.unique(np.concatenate(known_t), return_index=True)
    return t, np.concatenate(known)[first]


def _bent(spectrum: _Spectrum, before: Array, here: Array, after: Array) -> Array:
    """Whether energies in the middle of cells lie far off a straight line, but for a shift."""
    rough, start = np.zeros(len(here), dtype=bool), 0
    for size in (basis.shape[1] for basis in spectrum.bases):
        low, mid, high = (e[:, start : start + size] for e in (before, here, after))
        bend = mid - 0.5 * (low + high)
        bend = np.abs(bend - bend.mean(axis=-1, keepdims=True)).max(axis=-1)
        width = np.maximum(np.ptp(low, axis=-1), np.ptp(high, axis=-1))
        rough |= bend > _BEND * width + 10 * _SEEN * np.abs(mid).max(axis=-1)
        start += size
    return rough


def _dips(spectrum: _Spectrum, t: Array, energies: Array) -> tuple[Array, Array]:
    """Pairs of energies, and brackets (low, lowest, high) in which their distance has a minimum."""
    pairs, brackets = [np.empty((0, 2), dtype=int)], [np.empty((0, 3))]
    for pair in spectrum.pairs:
        mine = np.isin(spectrum.owner, spectrum.owner[pair])
        noise = _SEEN * np.abs(energies[:, mine]).max(axis=-1)
        difference = energies[:, pair[1]] - energies[:, pair[0]]
        distance = np.abs(difference)
        steps = np.diff(distance)
        moving = np.flatnonzero(np.abs(steps) > np.maximum(noise[1:], noise[:-1]))
        if not moving.size:
            continue
        # Beyond the window the distance counts as larger.
        falls, rises = np.append(True, steps[moving] < 0), np.append(steps[moving] > 0, True)
        low = np.append(0, moving)[falls & rises]
        high = np.append(moving + 1, t.size - 1)[falls & rises]
        lowest = [a + int(np.argmin(distance[a : b + 1])) for a, b in zip(low, high, strict=True)]
        # Levels that nothing couples count where they meet.
        coupled = spectrum.owner[pair[0]] == spectrum.owner[pair[1]]
        met = (difference[low] * difference[high] < 0) | (distance[lowest] <= noise[lowest])
        bracket = np.stack([t[low], t[lowest], t[high]], axis=-1)[coupled | met]
        pairs.append(np.tile(pair, (len(bracket), 1)))
        brackets.append(bracket)
    return np.concatenate(pairs), np.concatenate(brackets)


def _minima(
    spectrum: _Spectrum, pairs: Array, brackets: Array, window: tuple[float, float]
) -> tuple[Array, Array]:
    """Pairs, and the middle of the time that each distance spends at its minimum."""
    low, lowest, high = brackets.T
    best = _golden(lambda t: spectrum.distances(t, pairs)[0], low, high)
    deeper = spectrum.distances(best, pairs)[0] < spectrum.distances(lowest, pairs)[0]
    best = np.where(deeper, best, lowest)
    depth, noise = spectrum.distances(best, pairs)
    limit = depth + noise
    first, last = (_edge(spectrum, pairs, best, end, limit) for end in (low, high))
    middle = 0.5 * (first + last)
    for time in _steep(spectrum.model, *window):  # met to the last digit, so that its slope is seen
        middle = np.where((first <= time) & (time <= last), time, middle)
    inside = (first > window[0]) & (last < window[1])
    return pairs[inside], middle[inside]


def _golden(distance: Callable[[Array], Array], a: Array, b: Array) -> Array:
    """Where each distance is smallest in its bracket, by golden sections."""
    first, second = b - _GOLDEN * (b - a), a + _GOLDEN * (b - a)
    early, late = distance(first), distance(second)
    for _ in range(_ROUNDS):
        left = early <= late
        a, b = np.where(left, a, first), np.where(left, second, b)
        fresh = np.where(left, b - _GOLDEN * (b - a), a + _GOLDEN * (b - a))
        value = distance(fresh)
        first, second = np.where(left, fresh, second), np.where(left, first, fresh)
        early, late = np.where(left, value, late), np.where(left, early, value)
    return 0.5 * (a + b)


def _edge(spectrum: _Spectrum, pairs: Array, best: Array, end: Array, limit: Array) -> Array:
    """The time closest to this end at which the distance is not above its limit."""
    inside, outside = best, end
    for _ in range(_ROUNDS):
        middle = 0.5 * (inside + outside)
        low = spectrum.distances(middle, pairs)[0] <= limit
        inside, outside = np.where(low, middle, inside), np.where(low, outside, middle)
    return np.where(spectrum.distances(end, pairs)[0] <= limit, end, inside)


def _steep(model: Model, start: float, end: float) -> Array:
    """Kinks at which a waveform is infinitely steep."""
    t = model.kinks(start, end)
    with np.errstate(invalid="ignore"):
        slopes = [w.derivative(t) + np.zeros(t.shape) for _, w in model.terms]
    return np.asarray(t[~np.isfinite(slopes).all(axis=0)])


def _described(spectrum: _Spectrum, pairs: Array, t: Array) -> dict[str, Array]:
    """The two-level crossings that the minima look like from close by."""
    energies, states = spectrum.eigenstates(t)
    rank = np.argsort(np.argsort(energies, axis=-1, kind="stable"), axis=-1)
    ranks = np.sort(np.take_along_axis(rank, pairs, axis=-1), axis=-1)
    weight = (np.abs(np.take_along_axis(states, pairs[:, None], axis=-1)) ** 2).sum(axis=-1)
    return {
        "lower": ranks[:, 0],
        "upper": ranks[:, 1],
        "gap": spectrum.distances(t, pairs)[0],
        "slope_difference": _slope_difference(spectrum, t, energies, states, pairs),
        "levels": np.sort(np.argsort(-weight, axis=-1, kind="stable")[:, :2], axis=-1),
    }


def _slope_difference(
    spectrum: _Spectrum, t: Array, energies: Array, states: Array, pairs: Array
) -> Array:
    """α from the curvature of the distance; the other levels count at second order."""
    bra, each = states.conj().swapaxes(-1, -2), np.arange(t.size)[:, None]
    motion, infinite = _motion(spectrum.model, t)
    own = (bra @ motion @ states)[each, pairs]  # (crossing, pair, level)
    pair = energies[each, pairs]
    apart = pair[..., None] - energies[:, None]
    near = np.abs(apart) <= _SEEN * np.abs(energies).max(axis=-1, initial=0.0)[:, None, None]
    apart[near] = np.inf
    np.put_along_axis(apart, pairs[:, None], np.inf, axis=-1)
    pushes = (np.abs(own) ** 2 / apart).sum(axis=-1) * np.diff(pair, axis=-1)
    squared = _split(np.take_along_axis(own, pairs[:, None], axis=-1)) ** 2
    squared = squared + 2 * (pushes[:, 1] - pushes[:, 0])
    for A, here in infinite:
        within = np.take_along_axis((bra @ A @ states)[each, pairs], pairs[:, None], axis=-1)
        squared = np.where(here & (_split(within) > _SEEN * np.abs(A).max()), np.inf, squared)
    return np.sqrt(np.maximum(0.0, squared))


def _motion(model: Model, t: Array) -> tuple[Array, list[tuple[Array, Array]]]:
    """dH/dt without infinite speeds, and the matrices that move with one, with when."""
    H, dH, ddH = np.zeros((3, t.size, model.n_levels, model.n_levels), dtype=complex)
    infinite = []
    for A, waveform in model.terms:
        with np.errstate(invalid="ignore", divide="ignore"):
            jets = waveform.taylor(t, 2)
        here = ~np.isfinite(jets[:, 1])
        if here.any():
            infinite.append((hermitian_part(A), here))
        value, speed, bend = np.where(np.isfinite(jets), jets, 0.0).T[..., None, None]
        H, dH, ddH = H + value * A, dH + speed * A, ddH + 2 * bend * A
    H, dH, ddH = hermitian_part(H), hermitian_part(dH), hermitian_part(ddH)
    # A coupling of constant size that turns in the complex plane moves no energy.
    squared = np.abs(dH) ** 2
    turns = np.abs((H.conj() * ddH).real + squared) < _TURNS * squared
    along = (H.conj() * dH).real * H / np.where(turns, np.abs(H) ** 2, 1.0)
    return np.where(turns, along, dH), infinite


def _split(matrices: Array) -> Array:
    """Distance of the two eigenvalues of Hermitian matrices."""
    a, b, d = matrices[:, 0, 0].real, matrices[:, 0, 1], matrices[:, 1, 1].real
    return np.sqrt((a - d) ** 2 + 4 * np.abs(b) ** 2)
