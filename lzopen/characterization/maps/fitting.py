"""The full model of a device fitted to measured interferograms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import xarray as xr

from lzopen import errors
from lzopen.characterization.fit import Fit
from lzopen.characterization.line import Line
from lzopen.characterization.maps.arguments import (
    axes_of,
    check_signal,
    check_size,
    in_knob_units,
    listed,
    names_of,
    one_each,
    others,
    own_names,
    starts_of,
    with_settings,
)
from lzopen.characterization.maps.forward import FINE, Forward
from lzopen.characterization.maps.outcome import outcome
from lzopen.characterization.maps.pixels import read_pixels
from lzopen.characterization.maps.search import find_minimum, sized
from lzopen.characterization.maps.task import MapTask, Shown
from lzopen.characterization.maps.twin import has_twin
from lzopen.characterization.parts import Parts
from lzopen.characterization.priors import checked_priors
from lzopen.characterization.protocols import Protocol, Steady
from lzopen.characterization.readout import Readout
from lzopen.models import Model
from lzopen.noise import QuasiStatic

__all__ = ["fit_interferogram"]

_FINE_STEPPED = 1.5  # of the grid of the bias on the way, as maps stepped in time cost more


def fit_interferogram(
    measured: Any,
    *,
    model: Model,
    free: Sequence[str],
    axes: Mapping[str, str] | None = None,
    lines: Mapping[str, Line] | None = None,
    noise: QuasiStatic | None = None,
    readout: Readout | None = None,
    protocol: Protocol | Sequence[Protocol] | None = None,
    settings: Sequence[Mapping[str, float]] | None = None,
    separate: Sequence[str] = (),
    priors: Mapping[str, tuple[float, float]] | None = None,
    starts: str | Sequence[Mapping[str, float]] = "auto",
    drift: float = 0.0,
    level: int = 1,
    tol: float = 1e-4,
) -> Fit:
    """Fit the full model of a device to one interferogram, or to several at once.

    The signal of a pixel is readout(⟨P(drive, bias + ξ)⟩): the population after the protocol, at
    energies that the lines make of the knobs, averaged over a Gaussian bias ξ that stands still
    during a shot. Counts are fitted by their exact binomial deviance. The average runs on a grid of
    the bias that is finer than the narrowest resonance, however coarse the map is.

    Parameters
    ----------
    measured : xarray.Dataset, or a list of them
        ``signal`` over two axes, with ``shots`` or ``sigma`` if known, e.g. from
        `load_measurement`. NaN is a missing pixel.
    model : Model
        The device; the values of its parameters are where fixed ones stay.
    free : sequence of str
        What to fit: parameters of the model by their names (``gap``, ``dephasing.rate``,
        ``relaxation.temperature``), ``bias.lever_arm``, ``bias.zero``, ``amplitude.lever_arm``
        and others of the lines, ``noise.sigma``, ``readout.…`` and ``protocol.…``.
    axes : mapping of str to str, optional
        Which axis of the data moves which parameter, first the drive and then the bias;
        ``{"amplitude": "amplitude", "bias": "bias"}`` if left out.
    lines : mapping of str to Line, optional
        From knob to energy, by the parameter that it moves; one to one if left out.
    noise : QuasiStatic, optional
        Slow noise of the bias.
    readout : Readout, optional
        From population to signal; a `LinearReadout` of contrast 1 if left out.
    protocol : Protocol or list of them, optional
        What is done at each pixel, for all maps or for each; `Steady` if left out.
    settings : list of mapping, optional
        For each map, values of parameters that differ between maps and are known, e.g. its
        temperature.
    separate : sequence of str
        Names in ``free`` that each map has for itself; they get the number of the map:
        ``readout.offset[1]``.
    priors : mapping of str to (float, float), optional
        Mean and standard deviation of fitted parameters that are known from elsewhere.
    starts : "auto" or sequence of mapping
        Where to start, as values by the names in ``free``; what is left out starts at the value
        of the model. "auto" finds starts from the first map, for a lever arm of the bias
        known to 30 % and of the amplitude to a factor of two.
    drift : float
        Standard deviation of the zero of the bias from row to row, in units of the knob;
        the shift of each row is fitted too, and is ``zero_shift`` of the Dataset.
    level : int
        Diabatic level whose population is read.
    tol : float
        Error to aim for in populations that are stepped in time.

    Returns
    -------
    Fit
        Numbers that the data know only together are named in the notes and in ``combination`` of
        the Dataset, which also holds the maps of signal, model and residuals. Of several maps
        all pixels stand in one row.

    Raises
    ------
    LzopenError
        If an axis or a signal is missing, a name fits no parameter, lists have unequal lengths,
        there are no more pixels than parameters, or the model is no qubit that relaxes while
        there is slow noise.

    Notes
    -----
    A steady map with Δ ≪ ω depends on Δ²T1 alone. Baths in the moving basis (`Relaxation`) are
    stepped in time; their fit starts from that of a stand-in with rates averaged over a period.

    References
    ----------
    D. M. Berns et al., Phys. Rev. Lett. 97, 150502 (2006); S. N. Shevchenko, S. Ashhab and F. Nori,
    Phys. Rep. 492, 1 (2010).

    Examples
    --------
    >>> import numpy as np, lzopen as lz
    >>> qubit = lz.TwoLevel(sweep=lz.Sinusoidal(amplitude=1.0, omega=1.0), gap=0.3)
    >>> device = qubit.with_environment(lz.Dephasing(0.1), lz.Decay(0.05, source=1, target=0))
    >>> fringes = lz.interferogram(
    ...     device, amplitude=np.linspace(0, 8, 21), bias=np.linspace(-6, 6, 41))
    >>> seen = fringes.population.sel(level=1).to_dataset(name="signal").assign(sigma=0.01)
    >>> fit = lz.fit_interferogram(
    ...     seen, model=device, free=["gap", "dephasing.rate", "decay.rate"],
    ...     starts=[{"gap": 0.2, "dephasing.rate": 0.2}])
    >>> {name: round(value, 3) for name, value in fit.parameters.items()}
    {'gap': 0.3, 'dephasing.rate': 0.1, 'decay.rate': 0.05}
    """
    errors.instance(
        "model", model, Model, "e.g. lz.TwoLevel(sweep=lz.Sinusoidal(1.0, 2.0), gap=0.1)"
    )
    drift = float(errors.single("drift", errors.not_negative("drift", drift), "give one for all"))
    data = listed("measured", measured, (xr.Dataset, xr.DataArray))
    names = axes_of(axes)
    drive, bias = names
    errors.choice("level", level, range(model.n_levels))
    around = others(names, lines, noise, readout)
    protocols = one_each("protocol", Steady() if protocol is None else protocol, len(data))
    settings = one_each("settings", {} if settings is None else settings, len(data))
    free = names_of(free, separate)
    alone = separate if len(data) > 1 else ()
    shared = [name for name in free if name not in alone]
    maps = []
    for number, (one, how, known) in enumerate(zip(data, protocols, settings, strict=True)):
        errors.instance("protocol", how, Protocol, "e.g. lz.Steady()")
        parts = with_settings(Parts(model, {**around, "protocol": how}), known, shared, names)
        pixels = read_pixels(in_knob_units(one, names, around), list(names.values()))
        forward = Forward(
            pixels.rows,
            pixels.columns,
            (drive, bias),
            level=level,
            tol=tol,
            averages=isinstance(how, Steady),
            fine=_FINE_STEPPED if has_twin(model) else FINE,
        )
        own = own_names(parts, free, alone, names, number)
        maps.append(Shown(pixels, parts, forward, own, drift, number))
    for name in free:
        if not any(name in (n, n.rpartition("[")[0]) for shown in maps for n in shown.names):
            maps[0].parts.resolve(name, "free")
    task = MapTask(maps, {})
    task = replace(task, priors=checked_priors(priors, task.quantities()))
    check_size(task)
    for shown in maps:
        check_signal(shown)
    task, begun = sized(task, starts_of(task, starts))
    return outcome(task, find_minimum(task, begun), starts)
