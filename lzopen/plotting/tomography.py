"""Phase tomography: the transform of an interferogram, and the decay along its arcs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from lzopen.errors import fail, instance
from lzopen.plotting.style import COLOURS, axes_or_new, label, title
from lzopen.theory import tomogram_arcs

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_DEEPEST = 1e-3  # of the first height: what a decay shows at least


def tomogram(
    found: xr.Dataset,
    ax: Axes | None = None,
    *,
    time_unit: str | None = None,
    heading: str = "Tomogram",
    simulated: bool = False,
) -> Axes:
    """Draw the Fourier transform of an interferogram, with the arcs of theory on it.

    The transform is even in the amplitude; both halves are drawn. Colours are linear in the
    square root of its size, lest the start outshine the rest.

    Parameters
    ----------
    found : xarray.Dataset
        From `lzopen.phase_tomography`.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure if left out.
    time_unit : str, optional
        Unit of time, shown on both axes.
    heading : str
        Title.
    simulated : bool
        Whether the interferogram was simulated, which the title then says.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    LzopenError
        If it is no result of `lzopen.phase_tomography`.

    Examples
    --------
    >>> import numpy as np, lzopen as lz
    >>> qubit = lz.TwoLevel(sweep=lz.Sinusoidal(amplitude=1.0, omega=1.0), gap=0.02)
    >>> noisy = qubit.with_environment(lz.Dephasing(0.1), lz.Decay(1e-3, source=1, target=0))
    >>> axes = {"amplitude": np.linspace(0, 8, 17), "bias": np.linspace(-9, 9, 91)}
    >>> found = lz.phase_tomography(lz.interferogram(noisy, **axes), omega=1.0)
    >>> ax = lz.plotting.tomogram(found, time_unit="ns")
    >>> ax.get_xlabel()
    'time conjugate to the bias (ns)'
    """
    omega = _omega(found)
    axes = axes_or_new(ax)
    k, kappa = found["k_bias"].values, found["k_amplitude"].values
    both = np.concatenate([-kappa[:0:-1], kappa])
    heights = np.concatenate([found["tomogram"].values[:0:-1], found["tomogram"].values])
    shown = np.sqrt(np.abs(heights) / np.abs(heights).max())
    mesh = axes.pcolormesh(k, both, shown, shading="nearest", cmap="viridis", rasterized=True)
    fine = np.linspace(k[0], k[-1], 40 * k.size)
    arcs = tomogram_arcs(k_bias=fine, omega=omega)
    for side, name in ((arcs, "±(2/ω)|sin(ωk/2)|"), (-arcs, None)):
        axes.plot(fine, side, "--", color="white", lw=0.9, label=name)
    axes.set(
        xlabel=label("time conjugate to the bias", time_unit),
        ylabel=label("time conjugate to the amplitude", time_unit),
    )
    axes.figure.colorbar(mesh, ax=axes).set_label("√(height/largest)", fontsize="small")
    axes.legend(fontsize="small", loc="upper right", labelcolor="white", facecolor="0.25")
    title(axes, heading, simulated)
    return axes


def arc_decay(
    found: xr.Dataset,
    ax: Axes | None = None,
    *,
    time_unit: str | None = None,
    heading: str | None = None,
    simulated: bool = False,
) -> Axes:
    """Draw the decay along the arcs, with its errors and the law that was fitted.

    Parameters
    ----------
    found : xarray.Dataset
        From `lzopen.phase_tomography`.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure if left out.
    time_unit : str, optional
        Unit of time.
    heading : str, optional
        Title; T2 and width with their errors, or their bounds, if left out.
    simulated : bool
        Whether the interferogram was simulated, which the title then says.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    LzopenError
        If it is no result of `lzopen.phase_tomography`.

    Examples
    --------
    >>> import numpy as np, lzopen as lz
    >>> qubit = lz.TwoLevel(sweep=lz.Sinusoidal(amplitude=1.0, omega=1.0), gap=0.02)
    >>> noisy = qubit.with_environment(lz.Dephasing(0.1), lz.Decay(1e-3, source=1, target=0))
    >>> axes = {"amplitude": np.linspace(0, 8, 17), "bias": np.linspace(-9, 9, 91)}
    >>> found = lz.phase_tomography(lz.interferogram(noisy, **axes), omega=1.0)
    >>> lz.plotting.arc_decay(found, time_unit="ns").get_yscale()
    'log'
    """
    _omega(found)
    axes = axes_or_new(ax)
    k, decay, error, law = (
        found[name].values for name in ("k_bias", "decay", "decay_error", "law")
    )
    axes.errorbar(k, decay, error, fmt=".", ms=4, lw=0.8, color="0.35", label="data", zorder=1)
    axes.plot(k, law, color=COLOURS[1], lw=1.4, label="law", zorder=2)
    axes.set(
        yscale="log",
        xlabel=label("time conjugate to the bias", time_unit),
        ylabel="height along the arcs",
        ylim=(max(law.min(), _DEEPEST * law.max()) / 2, 2 * law.max()),
    )
    axes.legend(frameon=False, fontsize="small")
    units = ("", "") if time_unit is None else (f" {time_unit}", f" rad/{time_unit}")
    names = (("T2", "T2"), ("bias_deviation", "σ"))
    said = [_said(found, *name, unit) for name, unit in zip(names, units, strict=True)]
    title(axes, ",\n".join(said) if heading is None else heading, simulated)
    return axes


def _omega(found: xr.Dataset) -> float:
    """The drive's, from the record."""
    remedy = "from lz.phase_tomography"
    instance("found", found, xr.Dataset, remedy)
    record = json.loads(found.attrs.get("lzopen", "{}"))
    if record.get("quantity") != "phase_tomography":
        fail("found", "be a phase tomography", record.get("quantity"), remedy)
    return float(record["parameters"]["omega"])


def _said(found: xr.Dataset, name: str, symbol: str, unit: str) -> str:
    """Value and error, or the bound that is known instead."""
    one = {part: float(found[part].sel(parameter=name)) for part in ("value", "error")}
    if np.isfinite(one["error"]):
        digits = max(0, 1 - int(np.floor(np.log10(one["error"]))))
        return f"{symbol} = {one['value']:.{digits}f} ± {one['error']:.{digits}f}{unit}"
    low, high = (float(found[part].sel(parameter=name)) for part in ("low", "high"))
    return f"{symbol} > {low:.2g}{unit}" if np.isinf(high) else f"{symbol} < {high:.2g}{unit}"
