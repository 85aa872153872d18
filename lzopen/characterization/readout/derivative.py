"""A lock-in amplifier behind a modulated axis."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import xarray as xr
from scipy.interpolate import CubicSpline

from lzopen import errors
from lzopen.characterization.readout.base import Readout
from lzopen.characterization.readout.curve import curve, resolved
from lzopen.waveforms.base import Array

_NODES = 32  # of Gauss's rule, exact where the slope is a polynomial of degree 63


@dataclass(frozen=True)
class Derivative(Readout):
    """Lock-in: the first harmonic of the population while the swept axis is modulated.

    The axis is x + m cos θ, slowly enough for the population to follow. The signal is the peak of
    the response in phase over the peak of the modulation,

        R(x) = (1/πm) ∫₀^{2π} P(x + m cos θ) cos θ dθ = (2/π) ∫₋₁¹ P'(x + ms) √(1 − s²) ds,

    times the contrast of the sensor: dP/dx for m → 0, and for larger m its mean over ±m. (Of an
    instrument that shows rms volts the contrast holds m/√2 too.) P is a cubic spline along the
    axis, continued by its last pieces where x ± m leaves it, so that cubic polynomials are exact.

    Parameters
    ----------
    axis : str
        The axis that is modulated; what a labelled population is differentiated along.
    modulation : float
        m, the peak, in the unit of the axis; zero is the derivative itself.
    contrast : float
        Signal of the sensor at population 1 minus that at 0; of either sign, not zero.

    Raises
    ------
    LzopenError
        If the modulation is negative, a number not finite, or the contrast zero.

    Examples
    --------
    >>> lock_in = Derivative(axis="bias", modulation=0.5)
    >>> bias = np.linspace(-2.0, 2.0, 9)
    >>> float(lock_in(bias**3, bias)[4].round(9)), 3 * 0.5**2 / 4
    (0.1875, 0.1875)
    """

    axis: str
    modulation: float
    contrast: float = 1.0
    _rule: tuple[Array, Array] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        errors.instance("axis", self.axis, str, "name the axis that is modulated, e.g. 'bias'")
        self._store(errors.not_negative, "modulation")
        self._store(errors.not_zero, "contrast")
        angle = np.arange(1, _NODES + 1) * np.pi / (_NODES + 1)
        rule = self.modulation * np.cos(angle), 2 / (_NODES + 1) * np.sin(angle) ** 2
        object.__setattr__(self, "_rule", rule)

    def __call__(self, population: Any, axis: Any = None) -> Any:
        """Signal of whole curves.

        Parameters
        ----------
        population : (..., n) array_like, or DataArray
            Along the axis; a DataArray has a dimension of that name, wherever it stands.
        axis : (n,) array_like, optional
            Settings, at least 7 and strictly increasing; a DataArray knows its own.

        Returns
        -------
        ndarray or DataArray
            Like the population, in units of the contrast over those of the axis.

        Raises
        ------
        LzopenError
            If the population does not run along the axis, or its modulation covers over half of it.
        LzopenWarning
            If the axis is too coarse: every second point gives a response that differs; it carries
            the estimated error.
        """
        if not isinstance(population, xr.DataArray):
            if axis is None:
                errors.fail("axis", "come with a population without labels", None, "give both")
            return self._signal(population, axis)
        errors.choice("axis", self.axis, population.dims)
        core = [self.axis]
        found = xr.apply_ufunc(
            self._signal,
            population,
            population[self.axis] if axis is None else axis,
            input_core_dims=[core, core],
            output_core_dims=[core],
        )
        return found.transpose(*population.dims)

    def _signal(self, population: Any, axis: Any) -> Array:
        p, x = curve(population, axis)
        if 4 * self.modulation > x[-1] - x[0]:
            must = f"be at most a quarter of the axis, which spans {x[-1] - x[0]:g}"
            errors.fail("modulation", must, self.modulation, "sweep further")
        return self.contrast * resolved(p, x, lambda spline: self._response(spline, x))

    def _response(self, spline: CubicSpline, x: Array) -> Array:
        shift, weight = self._rule
        return np.asarray(spline(x[:, None] + shift, 1) @ weight)

    def invert(self, signal: Any, axis: Any = 0.0) -> Any:
        """A slope does not tell the population.

        Raises
        ------
        LzopenError
            Always: give the readout to a fit, which compares signals.
        """
        remedy = "a slope knows it but for a constant; fit the signal with this readout"
        errors.fail("readout", "keep the population to be inverted", repr(self), remedy)
