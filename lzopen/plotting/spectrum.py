"""A noise spectrum with what is known of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lzopen.characterization import Fit
from lzopen.errors import fail
from lzopen.plotting.style import COLOURS, axes_or_new, label, title

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_HEADROOM = 1e3  # of the spectrum, above which a bound is not drawn


def spectrum(
    result: Fit,
    ax: Axes | None = None,
    *,
    unit: str | None = None,
    heading: str | None = None,
    simulated: bool = False,
) -> Axes:
    """Draw S(ω) with its band where the filters have weight, and a bound elsewhere.

    Parameters
    ----------
    result : Fit
        From `infer_spectrum`.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure if left out.
    unit : str, optional
        Unit of time of the data, e.g. "us".
    heading : str, optional
        Title; that of the fit if left out.
    simulated : bool
        Whether the data are simulated, which the title then says.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    LzopenError
        If the fit is one of another kind.

    Examples
    --------
    >>> import numpy as np, lzopen as lz
    >>> t = np.linspace(0.1, 4.0, 20)
    >>> decay = {"sequence": "echo", "delay": t, "signal": np.exp(-t), "sigma": 0.01}
    >>> fit = lz.infer_spectrum({"echo": decay}, noise=lz.White(1.0), free=["density"],
    ...                         relaxation=np.inf)
    >>> ax = lz.plotting.spectrum(fit, unit="us")
    >>> ax.get_xlabel()
    'angular frequency (rad/us)'
    """
    data = result.dataset
    if "spectrum_bound" not in data:
        fail("result", "be a fit of a spectrum", repr(result.title), "e.g. from lz.infer_spectrum")
    axes = axes_or_new(ax)
    omega = data["omega"].values
    known, bound = data["spectrum"].values, data["spectrum_bound"].values
    inside = np.isfinite(known)
    if inside.any():
        low, high = data["spectrum_low"].values, data["spectrum_high"].values
        axes.axvspan(*_ends(omega, inside), color="0.85", zorder=0, label="weight of the filters")
        axes.fill_between(omega, low, high, color=COLOURS[0], alpha=0.3, lw=0, label="68 %")
        axes.plot(omega, known, color=COLOURS[0], label="spectrum")
        ceiling = _HEADROOM * float(np.nanmax(high))
    else:
        ceiling = _HEADROOM * float(np.nanmin(bound))
    drawn = np.where(bound < ceiling, bound, np.nan)
    axes.plot(omega, drawn, color=COLOURS[1], ls="--", marker="v", ms=3, label="below (95 %)")
    axes.set(xscale="log", yscale="log")
    axes.set_xlabel(label("angular frequency", f"rad/{unit}" if unit else None))
    axes.set_ylabel(label("S", f"rad$^2$/{unit}" if unit else None))
    seen = omega[inside | np.isfinite(drawn)]
    axes.set_xlim(seen[0] / 1.5, seen[-1] * 1.5)
    title(axes, heading or result.title, simulated)
    axes.legend(frameon=False, fontsize="small")
    return axes


def _ends(omega: np.ndarray, inside: np.ndarray) -> tuple[float, float]:
    """Edges of the bins that are inside; they are evenly spaced in the logarithm."""
    half = np.sqrt(omega[1] / omega[0])
    seen = omega[inside]
    return float(seen[0] / half), float(seen[-1] * half)
