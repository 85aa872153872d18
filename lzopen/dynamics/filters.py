"""Which frequencies of a noise a passage responds to, with the dynamics of its crossings."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import combinations, pairwise
from typing import Any

import numpy as np
import qutip
from numpy.typing import ArrayLike
from scipy.interpolate import BSpline, make_interp_spline

from lzopen import progress
from lzopen.dynamics.ensembles import asked_times, noise_operator
from lzopen.dynamics.generators import generators
from lzopen.dynamics.magnus import NODES, WEIGHTS, propagator
from lzopen.dynamics.noisy_steps import make_grid
from lzopen.dynamics.readout import named_eigenstates
from lzopen.errors import choice, fail, finite, increasing, instance
from lzopen.models import Model
from lzopen.waveforms.base import Array

_OVERSAMPLING, _SPLINE = 8, 7  # samples in half a period of the window; order between them
_AFFORDABLE = 3000  # frequencies of an integral
_WORTH = 64  # frequencies in the lowest octave, from which a table is worth it
_SAMPLES = 401
_SUBSTEPS = 4
_DARK = 1e-12  # amplitude of a path that is not taken
_CHUNK = 2**20  # numbers that are held at once
# ∫₀¹ds ∫₀ˢds' of Lagrange polynomials of the Gauss nodes, [later, earlier]
_POWERS = np.linalg.inv(np.vander(NODES, increasing=True))  # [power, node]
_POWER_INTEGRALS = np.array([[1 / ((q + 1) * (p + q + 2)) for q in range(3)] for p in range(3)])
_ORDERED = _POWERS.T @ _POWER_INTEGRALS @ _POWERS


@dataclass(frozen=True, eq=False)
class Segment:
    """One path between two projections, at the Gauss nodes of its steps.

    With the noise operator A(t) in the interaction picture, the initial state |k⟩, the final
    one ⟨b| and the amplitude a = ⟨b|U|k⟩: ``later`` is ⟨b|U A(t)/a, ``earlier`` is A(t)|k⟩, and
    ``weak`` is the weak value of A(t), their product without the one A.
    """

    later: Array  # (steps, 3, n)
    earlier: Array  # (steps, 3, n)
    weak: Array  # (steps, 3)


@dataclass(frozen=True, eq=False)
class FilterFunction:
    """F(ω), to be called with angular frequencies or handed to a noise.

    Attributes
    ----------
    signal : complex
        What the noise acts on: a probability, or the product a_k a_l* of the
        amplitudes of two paths.
    area : float
        ∫F dω/2π, all that white noise sees.
    omega_max : float
        About the largest level distance. Beyond, only the ends of the window respond, as 1/ω².
    """

    signal: complex
    area: float
    omega_max: float
    _spacing: float  # of tables, some of it in half a period of the window
    _exact: Callable[[Array], Array]
    _tables: dict[int, BSpline] = field(default_factory=dict)

    def __call__(self, omega: ArrayLike) -> Array:
        """F at angular frequencies, of their shape, in time units squared."""
        asked = np.abs(np.asarray(finite("omega", omega), dtype=float))
        w, where = np.unique(asked, return_inverse=True)
        inside = w <= self.omega_max
        values = [self._by_octave(w[inside])]
        if not inside.all():
            values.append(self._tail / w[~inside] ** 2)
        return np.concatenate(values)[where].reshape(asked.shape)

    @cached_property
    def _tail(self) -> float:
        """c of F = c/ω², from what is missing to the area, or from the highest frequencies."""
        end = self.omega_max
        count = 30 + int(0.6 * np.pi * end / (_OVERSAMPLING * self._spacing))
        if count > _AFFORDABLE:
            w = np.linspace(0.75, 1.0, _WORTH) * end
            return float(np.mean(w**2 * self._exact(w)))
        nodes, weights = np.polynomial.legendre.leggauss(count)
        inside = 0.5 * end * float(weights @ self._exact(0.5 * end * (1 + nodes)))
        return end * (np.pi * self.area - inside)

    def _by_octave(self, w: Array) -> Array:
        """Each octave by itself, from a table where that is less work."""
        lowest = _WORTH * self._spacing
        octave = np.ceil(np.log2(np.maximum(w / lowest, 1.0))).astype(int)
        parts = [np.empty(0)]
        for k in np.unique(octave):
            points = w[octave == k]
            if k not in self._tables and points.size < _WORTH * 2.0**k:
                parts.append(self._exact(points))
                continue
            if k not in self._tables:
                start = lowest * 2.0 ** (k - 1) if k else 0.0
                count = 1 + int(np.ceil((lowest * 2.0**k - start) / self._spacing))
                grid = np.linspace(start, lowest * 2.0**k, count)
                self._tables[k] = make_interp_spline(grid, self._exact(grid), k=_SPLINE)
            parts.append(self._tables[k](points))
        return np.concatenate(parts)


def filter_function(
    model: Model,
    *,
    window: tuple[float, float],
    on: str | ArrayLike | qutip.Qobj = "sweep",
    initial: int = 0,
    final: int = 0,
    between: float | Sequence[float] | None = None,
    paths: tuple[Sequence[int], Sequence[int]] | None = None,
) -> FilterFunction:
    """Filter function of a passage, to second order in the noise, crossings and all.

    A small noise ξ(t)A on the way changes the probability, or the interference of
    two paths, by

        χ = ½ ∫dω/2π S(ω) F(ω),    F(ω) = ∬K(t, t') e^{iω(t − t')} dt dt'.

    Without ``between`` this is the *probability* P to go from one level to another, and
    P → P − χ. With it, it is the *visibility* of the fringe that two paths make, which
    differ in the energy eigenstates that they take at the times ``between``, and V → V e^{−χ},
    which ``noise.coherence(filter)`` gives; ``noise.decay_exponent(filter)`` is χ. For t > t'

        K = W_k(t, t') + W_l(t, t')* − w_k(t) w_l(t')* − w_l(t)* w_k(t'),

    where w and W are the weak values of A(t) and A(t)A(t') on each path. Far from crossings
    w is the slope of its energy, and F is that of the textbook: |∫f e^{iωt}dt|² with
    f = ±1 between the crossings and 0 outside. Within them the noise acts, too.

    Parameters
    ----------
    model : Model
        A single model without collapse operators.
    window : (float, float)
        Start and end, where levels are read as the energy eigenstates that they turn into.
    on : {"sweep", "gap"} or (n, n) array_like or Qobj
        What the noise multiplies, as for `noise_average`.
    initial, final : int
        Levels at the ends.
    between : float or sequence of float, optional
        Times between crossings.
    paths : pair of sequences of int, optional
        For each path its energy eigenstate, counted from the ground state, at each of
        these times; the two lowest if left out.

    Returns
    -------
    FilterFunction
        A callable F(ω) with ``signal`` and ``area``.

    Raises
    ------
    LzopenError
        If the model is a batch or has collapse operators, times lie outside the window, or
        a path does not fit.

    References
    ----------
    Ł. Cywiński et al., Phys. Rev. B 77, 174509 (2008); T. Green et al., New J. Phys. 15,
    095004 (2013).

    Examples
    --------
    White noise acts for a little longer than the time between the crossings, which is 10:

    >>> import lzopen as lz
    >>> passes = lz.TwoLevel(sweep=lz.DoublePassage(rate=4.0, turning_point=20.0), gap=1.3266)
    >>> F = lz.filter_function(passes, window=(-12, 12), between=0.0)
    >>> round(F.area, 2)
    10.25
    """
    instance("model", model, Model, "e.g. lz.TwoLevel(sweep=lz.Linear(1.0), gap=1.0)")
    if model.batch_shape or model.has_jumps:
        shown = "a batch" if model.batch_shape else "one with collapse operators"
        fail("model", "be a single model without collapse operators", shown, "drop them")
    ends = asked_times(model, window)
    operator = noise_operator(model, on)
    for name, level in (("initial", initial), ("final", final)):
        choice(name, level, range(model.n_levels))
    cuts = _checked_cuts(between, ends)
    taken = _checked_paths(paths, cuts.size, model.n_levels)
    marks = np.concatenate([ends[:1], cuts, ends[1:]])
    states = [model.eigenstates(t)[1] for t in cuts]
    first, last = (named_eigenstates(model, np.asarray(t)) for t in ends)
    stretches = [_stretch(model, operator, a, b) for a, b in pairwise(marks)]
    found, amplitudes = [], []
    for path in taken:
        kets = [v[:, k] for v, k in zip(states, path, strict=True)]
        stops = [first[:, initial], *kets, last[:, final]]
        segments, shares = zip(
            *(_segment(s, a, b) for s, (a, b) in zip(stretches, pairwise(stops), strict=True)),
            strict=True,
        )
        found.append(tuple(segments))
        amplitudes.append(np.prod(shares))
    signal = complex(amplitudes[0] * np.conj(amplitudes[1]))
    edges = [stretch.edges for stretch in stretches]
    scale = 1.0 if cuts.size else signal.real

    def exact(omega: Array) -> Array:
        return scale * _in_pieces(omega, edges, found)

    reach = 1 / max(np.diff(piece).max() for piece in edges)
    spacing = np.pi / (_OVERSAMPLING * (ends[1] - ends[0]))
    return FilterFunction(signal, scale * _area(edges, found), reach, spacing, exact)


@dataclass(frozen=True, eq=False)
class Stretch:
    """Steps between two projections with the noise operator in the interaction picture."""

    edges: Array
    moved: Array  # (steps, 3, n, n), A(t)
    total: Array  # (n, n), the propagator


def _stretch(model: Model, operator: Array, start: float, end: float) -> Stretch:
    t = np.linspace(start, end, _SAMPLES)
    energies = model.energies(t)
    widest = float((energies[:, -1] - energies[:, 0]).max())
    # Steps of one radian resolve F up to the largest level distance.
    edges = make_grid(model, np.array([start, end]), 8 + round(widest * (end - start))).edges
    inner = edges[:-1, None] + np.diff(edges)[:, None] * np.concatenate([[0.0], NODES, [1.0]])
    a, b = inner[:, :-1].reshape(-1, 1), inner[:, 1:].reshape(-1, 1)
    pieces = propagator(generators(model), a + (b - a) * np.linspace(0.0, 1.0, _SUBSTEPS + 1))
    now, at_nodes = np.eye(model.n_levels), []
    for i, piece in enumerate(pieces):
        now = piece @ now
        if i % (NODES.size + 1) < NODES.size:  # the last piece of a step leads to its end
            at_nodes.append(now)
    there = np.array(at_nodes)
    moved = np.linalg.solve(there, operator @ there)
    return Stretch(edges, moved.reshape(-1, 3, *operator.shape), now)


def _segment(stretch: Stretch, start: Array, end: Array) -> tuple[Segment, complex]:
    """What the noise does on the way from one state to another, and the amplitude of the way."""
    back = end.conj() @ stretch.total
    amplitude = complex(back @ start)
    if abs(amplitude) < _DARK:
        remedy = "take a path that is not dark"
        fail("paths", "have an amplitude", f"one of {abs(amplitude):.1e}", remedy)
    earlier = stretch.moved @ start
    return Segment(back / amplitude @ stretch.moved, earlier, earlier @ back / amplitude), amplitude


def _checked_cuts(between: Any, ends: Array) -> Array:
    if between is None:
        return np.empty(0)
    cuts = increasing("between", between, least=1)
    if cuts.ndim != 1 or cuts[0] <= ends[0] or cuts[-1] >= ends[1]:
        fail("between", f"lie inside the window ({ends[0]:g}, {ends[1]:g})", cuts)
    return cuts


def _checked_paths(paths: Any, cuts: int, n_levels: int) -> list[tuple[int, ...]]:
    if paths is None:
        return [(0,) * cuts, (min(1, cuts),) * cuts]
    if not cuts:
        fail("paths", "be left out without `between`", paths)
    must = f"be two different sequences of {cuts} energy eigenstates"
    if not isinstance(paths, Sequence) or len(paths) != 2:
        fail("paths", must, repr(paths))
    if any(np.shape(path) != (cuts,) for path in paths) or list(paths[0]) == list(paths[1]):
        fail("paths", must, repr(paths))
    for path in paths:
        for state in path:
            choice("paths", state, range(n_levels))
    return [tuple(path) for path in paths]


# -- integrals over the window, for both signs of ω


def _in_pieces(omega: Array, edges: list[Array], paths: list[tuple[Segment, ...]]) -> Array:
    """F at each frequency, some of them at a time."""
    numbers = sum(segment.earlier.size for segment in paths[0])
    rows = max(1, _CHUNK // numbers)
    starts = range(0, omega.size, rows)
    bar = progress.bar(starts, desc="filter function")
    return np.concatenate([np.empty(0), *(_filter(omega[i : i + rows], edges, paths) for i in bar)])


def _filter(w: Array, edges: list[Array], paths: list[tuple[Segment, ...]]) -> Array:
    """2∬K(t, t') cos ω(t − t') dt dt' over t > t', for the real part of the kernel K."""
    waves = [_waves(piece, w) for piece in edges]
    spectra = [_spectra(path, waves) for path in paths]
    one, other = (_ordered(path, waves, own) for path, own in zip(paths, spectra, strict=True))
    crossed = spectra[0].sum(axis=0) * spectra[1].sum(axis=0).conj()
    return np.asarray(np.real(2 * (one + other.conj()) - crossed.sum(axis=0)))


def _waves(edges: Array, w: Array) -> Array:
    """e^{iωt} dt at the nodes, (3, w, steps); its conjugate is that of −ω."""
    lengths = np.diff(edges)
    nodes = edges[:-1] + lengths * NODES[:, None]
    waves = np.exp(1j * w[:, None] * nodes[:, None])
    return np.asarray(waves * (lengths * WEIGHTS[:, None])[:, None])


def _spectra(path: tuple[Segment, ...], waves: list[Array]) -> Array:
    """∫w(t) e^{±iωt} dt of each segment, (segments, signs, w)."""
    signs = [(wave, wave.conj()) for wave in waves]
    return np.array(
        [
            [_per_step(wave, part.weak[..., None])[0].sum(axis=-1) for wave in both]
            for part, both in zip(path, signs, strict=True)
        ]
    )


def _ordered(path: tuple[Segment, ...], waves: list[Array], spectra: Array) -> Array:
    """∬W(t, t') cos ω(t − t') dt dt' over t > t', within segments and from one to another."""
    total = sum(_within(part, wave) for part, wave in zip(path, waves, strict=True))
    for early, late in combinations(spectra, 2):
        total = total + 0.5 * (late * early[::-1]).sum(axis=0)
    return np.asarray(total)


def _within(part: Segment, wave: Array) -> Array:
    kernel = np.einsum("ijn,ikn->ijk", part.later, part.earlier) * (
        _ORDERED / np.multiply.outer(WEIGHTS, WEIGHTS)
    )
    total: Any = 0.0
    for late, early in ((wave, wave.conj()), (wave.conj(), wave)):
        pairs = zip(_per_step(late, part.later), _per_step(early, part.earlier), strict=True)
        for left, right in pairs:
            total = total + (left * (np.cumsum(right, axis=-1) - right)).sum(axis=-1)
        for left, right in zip(_per_step(late, kernel), early, strict=True):
            total = total + (left * right).sum(axis=-1)
    return np.asarray(0.5 * total)


def _per_step(wave: Array, numbers: Array) -> list[Array]:
    """Sum over the nodes of each step, (w, steps) for each of the numbers."""
    nodes = range(NODES.size)
    return [sum(wave[j] * numbers[:, j, n] for j in nodes) for n in range(numbers.shape[-1])]


def _area(edges: list[Array], paths: list[tuple[Segment, ...]]) -> float:
    """∫K(t, t) dt."""
    total = 0.0
    for piece, one, other in zip(edges, *paths, strict=True):
        twice = sum((part.later * part.earlier).sum(axis=-1).real for part in (one, other))
        kernel = twice - 2 * (one.weak * other.weak.conj()).real
        total += float((np.diff(piece)[:, None] * WEIGHTS * kernel).sum())
    return total
