"""Work from a closed loop that is driven slowly."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr
from scipy import integrate

from lzopen.dynamics.windows import given_window
from lzopen.errors import fail, instance, positive, single
from lzopen.models import Model
from lzopen.models.grid import batch_axes
from lzopen.models.parameters import describe, sources
from lzopen.results import label
from lzopen.scan import batchable
from lzopen.thermodynamics.balance import Balance, Moment
from lzopen.thermodynamics.sudden import has_steps
from lzopen.waveforms.base import Array

_CLOSED = 1e-9  # of the largest energy, that ends of a loop may be apart
_SINGLE = 1e-12  # of the largest singular value: a smaller one belongs to a second steady state


@batchable
def loop_work(model: Model, *, window: Any = None, tol: float = 1e-8) -> xr.Dataset:
    """Work done on a system that is led so slowly around a loop that it stays steady.

    W = ∮ Tr ρ_s(t) (∂H/∂t) dt, where ρ_s(t) is the state to which the environment of that instant
    brings the system if H stands still. A bath of one temperature that knows the energy levels
    keeps ρ_s at the Gibbs state, and the loop yields nothing. Jumps between fixed levels do not:
    with rates that are meant for one temperature a negative W would be work from a single bath,
    against the second law. So either somebody pays for what acts between fixed levels, as for
    the noise behind diabatic dephasing, or the model is wrong.

    Parameters
    ----------
    model : Model
        With environments that bring it to one state at every instant. One model or a batch.
    window : (t0, t1), optional
        One turn of the loop; left out, one period of the drive from t = 0.
    tol : float
        Absolute error to aim for.

    Returns
    -------
    xarray.Dataset
        ``work`` with its ``error``, by quadrature.

    Raises
    ------
    LzopenError
        If H differs at the ends or changes in steps, the model is not periodic and no window is
        given, or nothing fixes the steady state.

    References
    ----------
    A. Levy and R. Kosloff, EPL 107, 20004 (2014).

    Examples
    --------
    Bias and gap go around an ellipse, with jumps between fixed levels and between those of energy:

    >>> import lzopen as lz
    >>> bias = lz.Sinusoidal(amplitude=1.0, omega=1.0, bias=0.2)
    >>> gap = lz.Sinusoidal(amplitude=0.5, omega=1.0, bias=1.0, phase=-1.5)
    >>> qubit = lz.TwoLevel(sweep=bias, gap=gap)
    >>> fixed = qubit.with_environment(lz.Decay(0.1, 0, 1), lz.Decay(0.06, 1, 0))
    >>> warm = qubit.with_environment(lz.Relaxation(0.1, temperature=0.5))
    >>> [round(lz.loop_work(m).work.item(), 4) + 0.0 for m in (fixed, warm)]
    [-0.2239, 0.0]
    """
    instance("model", model, Model, "e.g. lz.TwoLevel(sweep=lz.Sinusoidal(1.0, 2.0), gap=1.0)")
    tol = single("tol", positive("tol", tol))
    if window is None and model.period is None:
        fail("window", "be given for a drive without a period", None)
    t0, t1 = given_window(model, (0.0, model.period) if window is None else window)
    _check_loop(model, t0, t1)
    times = np.stack([t0.ravel(), t1.ravel()], axis=-1)
    balance = Balance(model, t0.shape, redfield=False)
    if has_steps(balance, times):
        must, what = "be led slowly around its loop", "driven in steps"
        fail("model", must, what, "lz.steady_energetics counts the work of steps")
    start, length, every = t0.ravel(), (t1 - t0).ravel(), np.arange(t0.size)

    def power(phase: float) -> Array:
        now = balance.at(every, (start + phase * length)[:, None])
        return np.asarray((now.slope[:, 0] * _steady(now)).sum(axis=-1) * length)

    kinks = (model.kinks(t0, t1) - t0[..., None]) / (t1 - t0)[..., None]
    marks = np.unique(kinks[~np.isnan(kinks)])
    work, error = integrate.quad_vec(power, 0.0, 1.0, epsabs=tol, epsrel=0.0, points=marks)
    batch, coords = batch_axes(model, t0.shape)
    units = {"units": "rad / time"}
    return label(
        xr.Dataset(
            {
                "work": (batch, work.reshape(t0.shape), units),
                "error": (batch, np.full(t0.shape, error), units),
            },
            coords,
        ),
        parameters=model.parameters,
        model=describe(model),
        references=["levy2014", *sources(model)],
        quantity="loop_work",
        tol=tol,
    )


def _check_loop(model: Model, t0: Array, t1: Array) -> None:
    first, last = (model.hamiltonian(t[..., None])[..., 0, :, :] for t in (t0, t1))
    apart = np.abs(last - first).max()
    if apart > _CLOSED * np.abs(first).max():
        remedy = "lead the drive back to where it began"
        fail("window", "close a loop", f"one at whose ends H differs by {apart:.1e}", remedy)


def _steady(now: Moment) -> Array:
    """Steady states of the generators of an instant, in real coordinates (members, n²)."""
    whole = now.unitary[:, 0] + sum((part[:, 0] for part in now.dissipators), np.zeros(()))
    _, sizes, right = np.linalg.svd(whole)
    if np.any(sizes[:, -2] <= _SINGLE * sizes[:, 0]):
        remedy = "attach environments that damp all coherence and connect all levels"
        fail("model", "have one steady state at every instant", "one with several", remedy)
    found = right[:, -1]
    n = int(np.sqrt(found.shape[-1]))
    return np.asarray(found / found[:, :n].sum(axis=-1, keepdims=True))
