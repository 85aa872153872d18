"""The spectrum of a noise from decays under different pulse sequences.

Each sequence is a filter F(ω), through which it sees the noise: its coherence is

    W(τ) = exp(−χ − τ/2T1),    χ = ½ ∫dω/2π S(ω) F(ω, τ)

and its signal is offset + contrast · W. One decay is a single curve, which many spectra explain;
several filters together tell them apart.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import xarray as xr

from lzopen import errors
from lzopen.characterization.conclusion import conclude
from lzopen.characterization.fit import Fit
from lzopen.characterization.minimum import Array
from lzopen.characterization.names import still
from lzopen.characterization.spectra.band import with_spectrum
from lzopen.characterization.spectra.data import Trace, check_units, read_decays, read_relaxation
from lzopen.characterization.spectra.starts import spectrum_starts
from lzopen.characterization.spectra.task import Relaxation, Task
from lzopen.characterization.spectra.verdict import Verdict, judge, without_wide_ones
from lzopen.characterization.words import held
from lzopen.models.parameters import collect
from lzopen.noise import Noise

__all__ = ["infer_spectrum"]


def infer_spectrum(
    decays: Mapping[str, Mapping[str, Any]],
    *,
    noise: Noise,
    free: Sequence[str],
    relaxation: float | tuple[float, float] | Mapping[str, Any] | None = None,
    priors: Mapping[str, tuple[float, float]] | None = None,
) -> Fit:
    """Fit a noise spectrum to decays under different pulse sequences, all in one likelihood.

    The signal of each sequence is offset + contrast · e^{−χ − τ/2T1}, with a contrast and an
    offset of its own and χ = ½∫dω/2π S(ω)F(ω, τ). Where it oscillates, contrast stands for
    a cosine and a sine. The report gives no number for what the data do not fix, and names the
    measurement that would. In particular a spectrum of free shape is held against a constant
    offset with white noise: if these describe the decays as well, the shape is unknown, however
    small the errors that follow from believing in it.

    Parameters
    ----------
    decays : mapping of str to mapping
        Each decay by a name of your choice, with the keys

        - ``sequence``: "ramsey", "echo", a number of π pulses (CPMG), their places as fractions
          of the delay, or a `PulseSequence`;
        - ``delay``, ``signal``: (rows,) arrays; the delay is the whole time of free evolution. A
          Dataset of `load_measurement` in place of ``delay`` has signal and noise with it;
        - ``shots`` or ``sigma``: trials of each row (the exact binomial deviance is minimised),
          or standard errors. With neither, the size of the noise is what a smooth curve
          leaves over;
        - ``oscillations``: 0, 1 or "auto", which a free decay has by default, others 0.
    noise : Noise
        The spectrum, or a sum of several. What is not free keeps its value. Exponents, cut-offs
        and correlation times start at theirs; for scales the data give the start.
    free : sequence of str
        Parameters to fit, by their dotted names, e.g. ``["one_over_f.exponent",
        "white.density"]``, or short ones while unique.
    relaxation : float, (float, float) or mapping, optional
        T1; T1 with its standard error; or its measurement, as a Dataset or with the keys
        ``delay``, ``signal``, and ``shots`` or ``sigma``. Infinity if it is too long to matter. If
        left out it is unknown and fitted, and acts like white noise.
    priors : mapping of str to (float, float), optional
        Mean and standard deviation of parameters known from elsewhere, by names in ``free``.

    Returns
    -------
    Fit
        Its parameters bear the names in ``free``, and ``T1``. The Dataset also has, along
        ``omega``: ``spectrum`` with ``spectrum_low`` and ``spectrum_high`` (68 %) where the
        filters have weight; ``spectrum_bound`` elsewhere, up to which noise that is flat over
        half an octave would have escaped (95 %); and ``weight``, the share of the information.
        ``filters`` holds the first and last frequency of what has weight.

    Raises
    ------
    LzopenError
        If a decay lacks something or is too short, units of delays differ, a name fits no
        parameter, a parameter that must be positive starts at zero, or there are fewer points than
        parameters.

    References
    ----------
    Ł. Cywiński, R. M. Lutchyn, C. P. Nave, S. Das Sarma, Phys. Rev. B 77, 174509 (2008).
    J. Bylander et al., Nature Physics 7, 565 (2011).

    Examples
    --------
    >>> import numpy as np, lzopen as lz
    >>> truth = lz.OneOverF(0.2, omega_low=1e-4, omega_high=1e3, exponent=0.9)
    >>> t = np.linspace(0.2, 8.0, 30)
    >>> decays = {
    ...     f"CPMG-{n}": {"sequence": n, "delay": t, "sigma": 0.01, "oscillations": 0,
    ...                   "signal": 0.5 + 0.4 * truth.coherence(lz.PulseSequence(t, n))}
    ...     for n in (0, 1, 4)
    ... }
    >>> guess = lz.OneOverF(0.1, omega_low=1e-4, omega_high=1e3)
    >>> fit = lz.infer_spectrum(decays, noise=guess, free=["amplitude", "exponent"],
    ...                         relaxation=np.inf)
    >>> round(fit.parameters["amplitude"], 3), round(fit.parameters["exponent"], 3)
    (0.2, 0.9)
    """
    errors.instance("noise", noise, Noise, "e.g. lz.OneOverF(...) + lz.White(...)")
    traces = read_decays(decays)
    known = _relaxation(relaxation)
    if known.trace is not None:
        traces.append(known.trace)
    check_units(traces)
    task = Task(traces, noise, free, known, priors or {})
    problem = task.problem()
    best = problem.descend(spectrum_starts(task))
    verdict = judge(task, problem, best)
    unmoved = still(collect(task.noise), task.names.values())
    fit = conclude(
        problem,
        best,
        _table(task, task.curves(best.values)),
        title=f"Noise spectrum from {_counted(len(traces))} ({task.size} points).",
        notes=[*_noise(traces), *verdict.notes, *held(unmoved)],
        comparison=verdict.comparison,
        meaningless=verdict.meaningless,
        settings={"free": list(task.names.values()), "noise": repr(noise)},
        references=["lmfit", "cywinski2008", "bylander2011"],
    )
    return _finished(task, fit, verdict)


def _finished(task: Task, fit: Fit, verdict: Verdict) -> Fit:
    return with_spectrum(task, without_wide_ones(fit), shaped=not verdict.meaningless)


def _relaxation(given: Any) -> Relaxation:
    """What is known of T1."""
    if given is None:
        return Relaxation(unknown=True)
    if isinstance(given, Mapping | xr.Dataset):
        return Relaxation(trace=read_relaxation(given))
    if isinstance(given, str) or (np.ndim(given) and np.shape(given) != (2,)):
        remedy = "or give its measured decay: a Dataset of load_measurement, or a mapping"
        page = "guide/spectra#four-sequences"
        errors.fail("relaxation", "be T1, or T1 and its error", given, remedy, page)
    T1, error = given if np.ndim(given) else (given, 0.0)
    if np.isposinf(T1):
        return Relaxation()
    T1 = errors.single("relaxation", errors.positive("relaxation", T1, "infinity if it is long"))
    errors.not_negative("relaxation", error, "the second number is the error of T1")
    return Relaxation(value=float(T1), error=float(error))


def _noise(traces: Sequence[Trace]) -> list[str]:
    sized = [trace.name for trace in traces if trace.sized]
    if not sized:
        return []
    return [
        f"The size of the noise of {', '.join(sized)} is what a smooth curve leaves over: "
        "χ²/dof compares the spectrum with such curves."
    ]


def _counted(decays: int) -> str:
    return "one decay" if decays == 1 else f"{decays} decays"


def _table(task: Task, curves: Sequence[Array]) -> xr.Dataset:
    parts = {
        "signal": [trace.points.signal for trace in task.traces],
        "sigma": [trace.points.sigma for trace in task.traces],
        "model": list(curves),
    }
    names = np.repeat([t.name for t in task.traces], [t.points.x.size for t in task.traces])
    delay = np.concatenate([trace.points.x for trace in task.traces])
    return xr.Dataset(
        {key: ("row", np.concatenate(each)) for key, each in parts.items()},
        {"decay": ("row", names), "delay": ("row", delay)},
    )
