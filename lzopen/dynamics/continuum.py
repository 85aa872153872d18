"""A level in a continuum, solved without the matrix of its Hamiltonian.

The steps are halved, and extrapolated in even powers of their length, until the populations
stand still. Around a kink of infinite slope, or of any other infinite derivative, where odd and
broken powers appear, the steps shrink with the distance until nothing is left of them. A sweep
from t = −∞ to ∞ is closed at both ends with formal solutions.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import xarray as xr
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import ArrayLike

from lzopen import progress
from lzopen.dynamics.continuum_ends import closed_ends
from lzopen.dynamics.kicks import State, advance
from lzopen.dynamics.propagation import are_singular
from lzopen.dynamics.windows import given_times
from lzopen.errors import fail, instance, positive, single, warn
from lzopen.models import Continuum
from lzopen.models.parameters import describe, sources
from lzopen.models.terms import kinks
from lzopen.results import label
from lzopen.waveforms import Waveform
from lzopen.waveforms.base import Array

_RADIANS = 2.0  # of the fastest phase in the coarsest step
_CLOSER, _SHELLS = 8.0, 13  # around a singular kink, down to 10⁻¹² of the window
_HALVINGS = 8
_PIECE = 4096  # kicks between two restarts, which keep the sum over earlier ones short
_MOST_STEPS = 5_000_000
_SAMPLES = 1000
_NEARBY = 8  # neighbours asked along with a population, which may stand still by chance
_LEAST_GAIN = 0.02
_ROUND_OFF = 3e-16  # of a kick, whose cosine and sine make no exact rotation


def survival(model: Continuum, *, times: ArrayLike | None = None, tol: float = 1e-7) -> xr.Dataset:
    """Probability to be in the level that is swept through a continuum, or stands in it.

    With times, the level starts alone at the first one. Without, the limit t → ±∞ of a
    sweep that comes and leaves on straight lines is returned: both ends are closed with formal
    solutions that carry no transitions. The levels of the band settle only long after their
    recurrence time; their limit is left to `transition_matrix`, for few of them.

    The cost is that of the steps, about one for each radian of the largest distance between
    the level and the band, and grows with the number of levels N only as N log N for each run of
    equally spaced times, of which a kink of infinite slope makes some thirty.

    Parameters
    ----------
    model : Continuum
        A single closed model.
    times : (n,) array_like, optional
        Strictly increasing; fastest where they are equally spaced.
    tol : float
        Error to aim for.

    Returns
    -------
    xarray.Dataset
        ``population`` and ``error`` of level 0 at each ``time``, with ``band_population`` and
        ``band_error`` by ``energy`` at the last one; in the limit ``population`` and
        ``error``, and the ``window`` that was integrated.

    Raises
    ------
    LzopenError
        If the model is a batch or open, the times do not increase, or there is no limit.

    Warns
    -----
    LzopenWarning
        If the level stays in the band for longer than its recurrence time, after which
        what it emitted returns; or if the error stays above ``tol``.

    References
    ----------
    Yu. N. Demkov and V. I. Osherov, Sov. Phys. JETP 26, 916 (1968).
    U. Fano, Phys. Rev. 124, 1866 (1961).

    Examples
    --------
    >>> import numpy as np, lzopen as lz
    >>> band = lz.Band(edges=(-5.0, 5.0), escape_rate=0.3, levels=100_000)
    >>> swept = lz.survival(lz.Continuum(rate=2.0, band=band))
    >>> print(f"{swept.population.item():.7f} {np.exp(-0.3 * 10 / 2.0):.7f}")
    0.2231302 0.2231302
    """
    instance("model", model, Continuum, "e.g. lz.Continuum(rate=1.0, band=lz.Band(...))")
    if model.environments:
        fail("model", "be closed", model.environments, "use lz.evolve for few levels")
    if model.batch_shape:
        remedy = "solve one after the other"
        fail("model", "be a single model", f"a batch of shape {model.batch_shape}", remedy)
    tol = single("tol", positive("tol", tol))
    if times is None:
        data, error = _limit(model, tol)
    else:
        data, error = _along(model, given_times(times), tol)
    if error > tol:
        message = f"The population may be off by {error:.1e} > tol = {tol:.1e}; raise tol."
        warn(message, error)
    return label(
        data,
        parameters=model.parameters,
        model=describe(model),
        references=["demkov1968", "fano1961", *sources(model)],
        quantity="survival",
        edges=model.band.edges,
        levels=model.band.levels,
        tol=tol,
    )


def _along(model: Continuum, times: Array, tol: float) -> tuple[xr.Dataset, float]:
    """Populations at given times, from level 0 alone."""
    nodes = coarsest_nodes(model, times)
    asked = np.searchsorted(nodes, times)
    start = 1.0 + 0j, np.zeros(model.band.levels, dtype=complex)
    level, band, level_error, band_error = _refined(model, nodes, start, tol, asked)
    warn_of_recurrence(model, nodes)
    data = xr.Dataset(
        {
            "population": ("time", np.abs(level[asked]) ** 2),
            "error": ("time", level_error[asked]),
            "band_population": ("energy", np.abs(band) ** 2),
            "band_error": ("energy", band_error),
        },
        coords={
            "time": ("time", times, {"units": "time"}),
            "energy": ("energy", model.band.energies, {"units": "rad / time"}),
        },
    )
    return data, float(level_error[asked].max())


def _limit(model: Continuum, tol: float) -> tuple[xr.Dataset, float]:
    """The population for t → ±∞, between formal solutions at the ends of a window."""
    t0, t1, first, last, left_out = closed_ends(model, tol)
    nodes = coarsest_nodes(model, np.array([t0, t1]))
    ends = np.array([nodes.size - 1])
    level, band, level_error, _ = _refined(model, nodes, first, tol / 2, ends)
    amplitude = abs(np.conj(last[0]) * level[-1] + np.vdot(last[1], band))
    error = float(level_error[-1] + 2 * amplitude * left_out + left_out**2)
    data = xr.Dataset(
        {
            "population": amplitude**2,
            "error": error,
            "window": ("side", [t0, t1], {"units": "time"}),
        },
        coords={"side": ["start", "end"]},
    )
    return data, error


def warn_of_recurrence(model: Continuum, t: Array) -> None:
    """Warn if the level is still in the band when what it emitted comes back."""
    low, high = model.band.edges
    inside = t[(model.sweep(t) > low) & (model.sweep(t) < high)]
    span, recurrence = float(np.ptp(inside)) if inside.size else 0.0, model.band.recurrence_time
    if span > recurrence:
        warn(
            f"The level is in the band for {span:.4g}, longer than the recurrence time "
            f"{recurrence:.4g} of its discrete levels; raise `levels` of the band.",
            span,
            5,
            page="guide/continuum#the-level-that-stands",
        )


# -- steps


def coarsest_nodes(model: Continuum, times: Array) -> Array:
    """Ends of the coarsest steps: all marks, and equal parts between them."""
    marks, longest = _marks(model.sweep, times)
    bend = model.sweep.time_scale(marks[0], marks[-1])
    samples = np.linspace(marks[0], marks[-1], int(_SAMPLES + 4 * (marks[-1] - marks[0]) / bend))
    energy = model.sweep(np.concatenate([samples, marks]))
    fastest = np.abs(np.subtract.outer(energy, model.band.edges)).max()
    fastest += np.linalg.norm(model.band.couplings)
    longest = np.minimum(longest, min(_RADIANS / fastest, bend / 2))
    parts = np.ceil(np.diff(marks) / longest)
    if parts.sum() > _MOST_STEPS:
        remedy = f"the level is up to {fastest:.3g} away from the band; shorten the window"
        fail("times", f"need fewer than {_MOST_STEPS} steps", f"{parts.sum():.0f}", remedy)
    pieces = zip(marks[:-1], marks[1:], parts.astype(int), strict=True)
    inner = [np.linspace(a, b, n, endpoint=False) for a, b, n in pieces]
    return np.concatenate([*inner, marks[-1:]])


def _marks(sweep: Waveform, times: Array) -> tuple[Array, Array]:
    """Times at which steps must end, and the longest steps that singular kinks allow between."""
    t0, t1 = times[0], times[-1]
    bends, singular = _kinks(sweep, t0, t1)
    reach = 2 * (t1 - t0) / _CLOSER ** np.arange(_SHELLS + 1)
    shells = np.add.outer(singular, [-reach, reach]).ravel()
    marks = np.unique(np.concatenate([times, bends, shells]))
    marks = marks[(marks >= t0) & (marks <= t1)]
    away = np.abs(np.subtract.outer(marks, singular)).min(axis=1, initial=np.inf)
    return marks, np.maximum(np.minimum(away[:-1], away[1:]), reach[-1])


def _kinks(sweep: Waveform, t0: float, t1: float) -> tuple[Array, Array]:
    """Kinks in and near a window, and those where a derivative is infinite."""
    terms = ((np.eye(1), sweep),)
    start, end = 2 * t0 - t1, 2 * t1 - t0
    bends = np.concatenate([[start], kinks(terms, start, end), [end]])
    return bends[1:-1], bends[are_singular(terms, bends)]


def _pieces(nodes: Array, most: int) -> Iterator[tuple[int, int]]:
    """First and last node of runs of equal steps, at most so many in a row."""
    steps = np.diff(nodes)
    uneven = np.abs(np.diff(steps)) > 8 * np.spacing(np.abs(nodes).max())
    ends = [0, *(np.flatnonzero(uneven) + 1).tolist(), steps.size]
    for start, end in pairwise(ends):
        for first in range(start, end, most):
            yield first, min(first + most, end)


def _refined(
    model: Continuum, nodes: Array, start: State, tol: float, asked: Array
) -> tuple[Array, Array, Array, Array]:
    """Amplitudes at all nodes and of the band at the end, and errors of their populations."""
    row, changes, errors = [_solve(model, nodes, start, 0)], [np.inf], np.empty(0)
    for halving in progress.bar(range(1, _HALVINGS + 1), desc="survival"):
        before, finer = row, [_solve(model, nodes, start, halving)]
        for k, coarse in enumerate(before, 1):
            finer.append(finer[-1] + (finer[-1] - coarse) / (4**k - 1))
        row, change = finer, np.abs(finer[-1] - before[-1])
        changes.append(float(change.max()))
        # The next halving would gain more than this one; counting a quarter of it is safe.
        gain = np.clip(4 * changes[-1] / max(changes[-2], 1e-300), _LEAST_GAIN, 1.0)
        moved = np.abs(np.abs(finer[-1]) ** 2 - np.abs(before[-1]) ** 2)
        along, across = (_largest_nearby(part) for part in np.split(moved, [nodes.size]))
        along[0] = 0.0  # where it starts
        across += along[-1] / model.band.levels  # what the level lost, the band has
        round_off = _ROUND_OFF * nodes.size * 2**halving
        errors = gain * np.append(along, across) + round_off
        if halving > 1 and errors[asked].max() <= max(tol, 2 * round_off):
            break
    level, band = np.split(row[-1], [nodes.size])
    level_error, band_error = np.split(errors, [nodes.size])
    return level, band, level_error, band_error


def _largest_nearby(values: Array) -> Array:
    """The largest of each value and of some neighbours on either side."""
    padded = np.pad(values, _NEARBY)
    return np.asarray(sliding_window_view(padded, 2 * _NEARBY + 1).max(axis=-1))


def _solve(model: Continuum, nodes: Array, start: State, halvings: int) -> Array:
    """Amplitudes of level 0 at all nodes, then of the band at the last one."""
    cuts = 2**halvings
    energies, couplings = model.band.energies, model.band.couplings
    amplitude, band = start
    found = [np.array([amplitude])]
    for first, last in _pieces(nodes, max(1, _PIECE // cuts)):
        count = (last - first) * cuts
        h = (nodes[last] - nodes[first]) / count
        along, band = advance(
            model.sweep, energies, couplings, (amplitude, band), nodes[first], h, count
        )
        amplitude = complex(along[-1])
        found.append(along[cuts::cuts])
    return np.concatenate([*found, band])
