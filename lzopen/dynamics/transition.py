"""Transition probabilities, with their error."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr

from lzopen.dynamics.limits import between_states, limit
from lzopen.dynamics.propagation import refined_propagator
from lzopen.dynamics.readout import named_eigenstates, projector_vectors
from lzopen.dynamics.windows import given_window
from lzopen.errors import choice, fail, instance, positive, single, warn
from lzopen.models import Model
from lzopen.models.grid import batch_axes
from lzopen.models.parameters import describe, sources
from lzopen.results import label
from lzopen.waveforms.base import Array


def transition_matrix(
    model: Model, *, window: Any = None, readout: str = "adiabatic", tol: float = 1e-8
) -> xr.Dataset:
    """Probabilities P(final, initial) to go from one diabatic level to another.

    Without a window the limit t → ±∞ is returned: a moderate window is integrated and
    both ends are closed with formal super-adiabatic solutions, so that the error of the
    finite window falls as e^{−αT²/2} instead of 1/T. Of models that dephase, decay or leak
    the slow motion of the populations is followed to infinity; columns then sum to the
    survival. Where a coupling stays for ever between levels that stop parting, the limit is that
    of the energy levels, each named by the diabatic level that it holds most of. Each member of
    a batch has its own window and as many steps as it needs.

    Parameters
    ----------
    model : Model
        One model or a batch.
    window : (t0, t1), optional
        A finite window, exactly as asked; numbers or arrays in the shape of the batch.
    readout : {"adiabatic", "diabatic"}
        What is prepared and read out at the ends of a finite window: the instantaneous
        eigenstates, each named by the diabatic level that it holds most of, or
        the diabatic levels themselves.
    tol : float
        Error to aim for.

    Returns
    -------
    xarray.Dataset
        ``probability`` and ``error`` (batch…, final, initial) and ``window``
        (batch…, side). ``error`` bounds the step error (by step halving; by the terms left
        out of power series where waveforms are polynomials of time between kinks), the terms
        left out of the formal solutions, and round-off. Elements without a limit are NaN.

    Raises
    ------
    LzopenError
        If no window is given for a periodic drive or for open levels that part no faster
        than √t or see a hot bath, a window does not increase or asks for more than 3e7 radians,
        or collapse operators move in time in a way that only QuTiP follows.

    Warns
    -----
    LzopenWarning
        If the error stays above ``tol``, or an element shows no limit.

    References
    ----------
    S. Blanes, F. Casas, J. A. Oteo and J. Ros, Phys. Rep. 470, 151 (2009).

    Examples
    --------
    >>> import lzopen as lz
    >>> qubit = lz.TwoLevel(sweep=lz.Linear(rate=1.0), gap=1.0)
    >>> P = lz.transition_matrix(qubit)
    >>> round(P.probability[0, 0].item(), 8)
    0.20787958
    """
    instance("model", model, Model, "e.g. lz.TwoLevel(sweep=lz.Linear(1.0), gap=1.0)")
    choice("readout", readout, ("adiabatic", "diabatic"))
    tol = single("tol", positive("tol", tol))
    if window is None:
        if readout == "diabatic":
            fail(
                "readout", "be left out without a window", repr(readout), "in the limit both agree"
            )
        probability, error, ends = limit(model, tol)
    else:
        ends = np.stack(given_window(model, window))
        probability, error = finite_window(model, ends, readout, tol)
    error = np.maximum(error, -probability)  # no error is smaller than what is seen of it
    _warn_if_poor(probability, error, tol)
    return _dataset(model, probability, error, ends, window, readout, tol)


def finite_window(model: Model, ends: Any, readout: str, tol: float) -> tuple[Array, Array]:
    """Probabilities and their errors for a window as `given_window` returns it."""
    if readout == "adiabatic":
        first, last = (named_eigenstates(model, t) for t in ends)
    else:
        first = last = np.eye(model.n_levels)
    solve = _open if model.has_jumps else between_states
    return solve(model, ends, first, last, tol)


def _open(
    model: Model, ends: tuple[Array, Array], first: Array, last: Array, tol: float
) -> tuple[Array, Array]:
    """Populations from the propagator of the density matrix, stacked by columns."""
    propagated, error = refined_propagator(model, *ends, tol)
    prepared, read = projector_vectors(first), projector_vectors(last)
    probability = np.real(read.conj().swapaxes(-1, -2) @ propagated @ prepared)
    return probability, np.broadcast_to(error, probability.shape)


def _warn_if_poor(probability: Array, error: Array, tol: float) -> None:
    worst = float(np.max(error))
    if not np.isfinite(worst):
        lost = ~np.isfinite(error)
        probability[lost] = error[lost] = np.nan
        warn(
            f"{int(lost.sum())} elements have no limit for t → ±∞, or none that is found here, and "
            "are NaN; give window=.",
            worst,
            4,
            page="guide/solving#what-the-limit-means",
        )
    elif worst > tol:
        warn(
            f"The error {worst:.1e} stays above tol = {tol:.1e}; trust the digits it leaves.",
            worst,
            4,
        )


def _dataset(
    model: Model,
    probability: Array,
    error: Array,
    ends: Array,
    window: Any,
    readout: str,
    tol: float,
) -> xr.Dataset:
    batch, coords = batch_axes(model, probability.shape[:-2])
    levels = np.arange(model.n_levels)
    data = xr.Dataset(
        {
            "probability": ((*batch, "final", "initial"), probability),
            "error": ((*batch, "final", "initial"), error),
            "window": ((*batch, "side"), np.moveaxis(ends, 0, -1), {"units": "time"}),
        },
        coords={**coords, "final": levels, "initial": levels, "side": ["start", "end"]},
    )
    return label(
        data,
        parameters=model.parameters,
        model=describe(model),
        references=["blanes2009", *sources(model)],
        quantity="transition_matrix",
        readout=readout if window is not None else "limit",
        tol=tol,
    )
