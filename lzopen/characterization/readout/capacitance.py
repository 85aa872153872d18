"""Dispersive gate sensing: the capacitance that a crossing adds to a resonator."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np

from lzopen import errors
from lzopen.characterization.readout.base import Readout
from lzopen.characterization.readout.curve import curve, resolved
from lzopen.waveforms.base import Array
from lzopen.waveforms.units import ENERGY, NUMBER


@dataclass(frozen=True)
class Capacitance(Readout):
    """Quantum and tunnelling capacitance of two levels, from the population of the upper one.

    With H = ½(εσz + Δσx), E = √(ε² + Δ²), p the population of the excited *energy* level and
    χ = 1 − 2p, the diabatic population 1 is P = ½(1 + χ ε/E). A small probe on ε moves it by

        dP/dε = ½ χ Δ²/E³ + s ½ (ε/E) dχ/dε,

    and the signal is offset + contrast · dP/dε. The first part is the quantum capacitance, the
    curvature of the occupied levels; the second one, tunnelling capacitance, is charge that
    relaxes while the probe moves. In capacitance the contrast is (eα)²/ħ, with the lever arm α of
    the gate (ε in rad per time).

    It holds if the levels have no coherence, for a probe that is much smaller than Δ and T and
    whose frequency ω lies well below E. Of the relaxed charge the share s = 1/(1 + (ωT1)²) is in
    phase: 1 if relaxation is faster than the probe, 0 if it is slower; the rest is Sisyphus
    dissipation. Under a strong drive E moves: a probe that is slow against drive *and* relaxation
    sees all of dP/dε of the average diabatic population, which is `Derivative("bias", 0.0)`.

    Parameters
    ----------
    gap : float
        |Δ| > 0, in rad per unit of time.
    tunnelling : float
        Share s of the tunnelling part, from 0 to 1.
    contrast : float
        Signal per dP/dε; of either sign, not zero.
    offset : float
        Signal without the crossing.

    Raises
    ------
    LzopenError
        If the gap is not positive, the share not between 0 and 1, the contrast zero, or a number
        not finite.

    References
    ----------
    R. Mizuta, R. M. Otxoa, A. C. Betz, M. F. Gonzalez-Zalba, Phys. Rev. B 95, 045414 (2017);
    A. Chatterjee et al., Phys. Rev. B 97, 045405 (2018).

    Examples
    --------
    At the crossing the two levels give ±1/(2Δ):

    >>> gate = Capacitance(gap=2.0, tunnelling=0.0)
    >>> gate([0.0, 0.5, 1.0], axis=0.0).tolist()
    [0.25, 0.0, -0.25]
    """

    references: ClassVar[tuple[str, ...]] = ("mizuta2017", "chatterjee2018")

    gap: float = field(metadata=ENERGY)
    tunnelling: float = field(default=1.0, metadata=NUMBER)
    contrast: float = 1.0
    offset: float = 0.0

    def __post_init__(self) -> None:
        self._store(errors.positive, "gap")
        self._store(errors.probability, "tunnelling")
        self._store(errors.not_zero, "contrast")
        self._store(errors.finite, "offset")

    def __call__(self, population: Any, axis: Any = 0.0) -> Any:
        """Signal for the population of the excited energy level at these biases.

        Parameters
        ----------
        population : (..., n) array_like
            p; with a tunnelling part whole curves, along the bias. Without, of any shape.
        axis : (n,) array_like
            ε, in rad per unit of time; with a tunnelling part at least 7 and increasing.

        Returns
        -------
        ndarray
            In the shape of the population.

        Raises
        ------
        LzopenError
            If the population does not run along the axis.
        LzopenWarning
            If the axis is too coarse for dp/dε; it carries the estimated error.
        """
        if not self.tunnelling:
            quantum = self._curvature(axis) * (1 - 2 * np.asarray(population))
            return self.offset + self.contrast * quantum
        p, bias = curve(population, axis)
        moved = -bias / np.hypot(bias, self.gap)  # ½ (ε/E) dχ/dp
        total = resolved(
            p,
            bias,
            lambda spline: (
                self._curvature(bias) * (1 - 2 * p) + self.tunnelling * moved * spline(bias, 1)
            ),
        )
        return self.offset + self.contrast * total

    def _curvature(self, bias: Any) -> Array:
        """½ Δ²/E³."""
        return np.asarray(0.5 * self.gap**2 / np.hypot(bias, self.gap) ** 3)

    def invert(self, signal: Any, axis: Any = 0.0) -> Any:
        """Population of the excited level from the quantum capacitance.

        Raises
        ------
        LzopenError
            With a tunnelling part: it holds a slope, which does not tell the population.
        """
        if self.tunnelling:
            remedy = "the tunnelling part knows slopes only; fit the signal with this readout"
            errors.fail("tunnelling", "be zero to invert a signal", self.tunnelling, remedy)
        quantum = (np.asarray(signal) - self.offset) / self.contrast
        return 0.5 * (1 - quantum / self._curvature(axis))
