"""Which frequencies of a noise a passage responds to, with the dynamics of its crossings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise
from typing import Any

import numpy as np
import qutip
from numpy.typing import ArrayLike

from lzopen.dynamics.ensembles import asked_times, noise_operator
from lzopen.dynamics.magnus import NODES, WEIGHTS, propagator
from lzopen.dynamics.noisy_steps import make_grid
from lzopen.dynamics.propagation import generators
from lzopen.dynamics.readout import named_eigenstates
from lzopen.errors import choice, fail, finite, increasing, instance
from lzopen.models import Model
from lzopen.waveforms.base import Array

_BANDS = 1.0  # of the largest level distance, up to which F is resolved
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
    """F(ω), to be called with angular frequencies or handed to ``noise.coherence``.

    Attributes
    ----------
    signal : complex
        What the noise acts on: a probability, or the product a_k a_l* of the
        amplitudes of two paths.
    area : float
        ∫F dω/2π, all that white noise sees.
    omega_max : float
        Where F is cut off.
    """

    signal: complex
    area: float
    omega_max: float
    _edges: tuple[Array, ...]
    _paths: tuple[tuple[Segment, ...], tuple[Segment, ...]]
    _scale: float

    def __call__(self, omega: ArrayLike) -> Array:
        """F at angular frequencies, of their shape, in time units squared."""
        asked = np.abs(np.asarray(finite("omega", omega), dtype=float))
        w, where = np.unique(asked, return_inverse=True)
        inside = w[w <= self.omega_max]
        numbers = sum(segment.earlier.size for segment in self._paths[0])
        rows = max(1, _CHUNK // numbers)
        parts = [self._at(inside[i : i + rows]) for i in range(0, inside.size, rows)]
        values = np.concatenate([*parts, np.zeros(w.size - inside.size)])
        return self._scale * values[where].reshape(asked.shape)

    def _at(self, w: Array) -> Array:
        """2∬K(t, t') cos ω(t − t') dt dt' over t > t', for the real part of the kernel K."""
        waves = [_waves(edges, w) for edges in self._edges]
        spectra = [_spectra(path, waves) for path in self._paths]
        one, other = (
            _ordered(path, waves, own) for path, own in zip(self._paths, spectra, strict=True)
        )
        crossed = spectra[0].sum(axis=0) * spectra[1].sum(axis=0).conj()
        return np.real(2 * (one + other.conj()) - crossed.sum(axis=0))


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
    differ in the energy eigenstates that they take at the times ``between``, and
    V → V e^{−χ}, which ``noise.coherence(filter)`` gives. For t > t'

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
        A callable F(ω) with ``signal``, ``area`` and ``omega_max``.

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
    ends = asked_times(window, None)
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
    edges = tuple(stretch.edges for stretch in stretches)
    longest = max(np.diff(piece).max() for piece in edges)
    scale = 1.0 if cuts.size else signal.real
    area = scale * _area(edges, found)
    return FilterFunction(signal, area, 1 / longest, edges, (found[0], found[1]), scale)


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
    edges = make_grid(
        model, np.array([start, end]), 8 + round(_BANDS * widest * (end - start))
    ).edges
    inner = edges[:-1, None] + np.diff(edges)[:, None] * np.concatenate([[0.0], NODES, [1.0]])
    a, b = inner[:, :-1].reshape(-1, 1), inner[:, 1:].reshape(-1, 1)
    pieces = propagator(generators(model), a + (b - a) * np.linspace(0.0, 1.0, _SUBSTEPS + 1))
    now, at_nodes = np.eye(model.n_levels), []
    for i, piece in enumerate(pieces):
        now = piece @ now
        if i % 4 < 3:
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
    if len(paths) != 2 or any(np.shape(path) != (cuts,) for path in paths):
        fail("paths", f"be two sequences of {cuts} energy eigenstates", paths)
    for path in paths:
        for state in path:
            choice("paths", state, range(n_levels))
    return [tuple(path) for path in paths]


# -- integrals over the window, for both signs of ω


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


def _area(edges: tuple[Array, ...], paths: list[tuple[Segment, ...]]) -> float:
    """∫K(t, t) dt."""
    total = 0.0
    for piece, one, other in zip(edges, *paths, strict=True):
        twice = sum((part.later * part.earlier).sum(axis=-1).real for part in (one, other))
        kernel = twice - 2 * (one.weak * other.weak.conj()).real
        total += float((np.diff(piece)[:, None] * WEIGHTS * kernel).sum())
    return total
