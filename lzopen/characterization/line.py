"""The line from a knob of the instrument to an energy of the device."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from lzopen import errors
from lzopen.conventions import dBm_to_volt
from lzopen.measurements.units import plain
from lzopen.waveforms import Constant, Filtered, Waveform
from lzopen.waveforms.filtered import first_order
from lzopen.waveforms.units import ENERGY, NUMBER, TIME, Unit

__all__ = ["Line"]

KNOBS = ("", "V", "mV", "uV", "dBm", "A", "mA", "uA", "T", "mT", "nm", "um", "Φ0")
_ONE_EACH = "make one line for each"


def _per_knob(line: Line) -> Unit | None:
    """Unit of the lever arm: an energy if the knob has none, else no power of rad and time."""
    return None if line.unit else ENERGY["unit"]


def _of_knob(line: Line) -> Unit | None:
    return None if line.unit else NUMBER["unit"]


@dataclass(frozen=True)
class Line:
    """Knob k of an instrument → energy E of the model: E = lever_arm · |G(ω)| · c(k − zero).

    The compression c(v) = v/√(1 + 2κv²) = v(1 − κv² + …) is that of Rapp's amplifier: κ is the
    share of a unit signal that is missing, the output saturates at 1/√(2κ), and c rises
    everywhere. An expansion, κ < 0, ends at v = 1/√(2|κ|).

    The line behind the source lowers a drive by G(ω) = 10^(−dB/20) · e^(−iωτ) · 1/(1 + iω/ω_l) ·
    iω/(ω_h + iω). Compression belongs to the source and acts on the peak.

    Parameters
    ----------
    lever_arm : float
        Energy, in rad per unit of time, per unit of the knob (dBm: per volt); not zero.
    unit : {"", "V", "mV", "uV", "dBm", "A", "mA", "uA", "T", "mT", "nm", "um", "Φ0"}
        Of the knob; µ is as good as u. dBm is power into 50 Ω, and stands for the peak voltage of
        a sine.
    zero : float
        Knob at which the energy is zero; none in dBm.
    compression : float
        κ, per unit of the knob squared (dBm: per volt squared).
    attenuation_db : float, optional
        Attenuation in dB between the knob and the device; negative for gain.
    low_pass, high_pass : float, optional
        Corners ω_l and ω_h of first-order filters, above zero, in rad per unit of time.
    delay : float
        τ, from the instrument to the device.

    Raises
    ------
    LzopenError
        If a number is not finite, the lever arm zero, a corner not positive, the unit unknown, or
        dBm has a zero.

    References
    ----------
    C. Rapp, Proc. 2nd European Conf. on Satellite Communications, Liège, 179 (1991), for
    smoothness 1.

    Examples
    --------
    A gate of 0.1 rad/ns per mV around −3 mV, and a microwave line of 20 dB:

    >>> gate = Line(lever_arm=0.1, unit="mV", zero=-3.0)
    >>> gate([-3.0, 7.0]).tolist(), float(gate.invert(1.0))
    ([0.0, 1.0], 7.0)
    >>> drive = Line(lever_arm=200.0, unit="dBm", attenuation_db=20.0)
    >>> drive([-10.0, 10.0]).round(9).tolist()
    [2.0, 20.0]
    """

    lever_arm: float = field(metadata={"unit": _per_knob})
    unit: str = ""
    zero: float = field(default=0.0, metadata={"unit": _of_knob})
    compression: float = field(default=0.0, metadata={"unit": _of_knob})
    attenuation_db: float | None = field(default=None, metadata=NUMBER)
    low_pass: float | None = field(default=None, metadata=ENERGY)
    high_pass: float | None = field(default=None, metadata=ENERGY)
    delay: float = field(default=0.0, metadata=TIME)

    def __post_init__(self) -> None:
        object.__setattr__(self, "unit", errors.choice("unit", plain(str(self.unit)), KNOBS))
        for name in ("lever_arm", "zero", "compression", "attenuation_db", "delay"):
            self._check(name, errors.finite)
        for name in ("low_pass", "high_pass"):
            self._check(name, errors.positive)
        errors.not_zero("lever_arm", self.lever_arm, "a knob that does nothing needs no line")
        if self.unit == "dBm" and self.zero:
            remedy = "no power has no dBm; give `attenuation_db`"
            errors.fail("zero", "be zero for a knob in dBm", self.zero, remedy)

    def _check(self, name: str, check: Any) -> None:
        value = getattr(self, name)
        if value is None and name in ("attenuation_db", "low_pass", "high_pass"):
            return
        object.__setattr__(self, name, check(name, errors.single(name, value, _ONE_EACH)))

    @property
    def references(self) -> tuple[str, ...]:
        """Keys for `lzopen.cite`."""
        return ("rapp1991",) if self.compression else ()

    def __call__(self, knob: Any, omega: Any = 0.0) -> Any:
        """Energy for settings of the knob: a bias, or the amplitude of a drive at ω.

        Parameters
        ----------
        knob : array_like
            Settings, in the unit of the line.
        omega : array_like
            Angular frequency of the drive, not negative; zero for a bias.

        Returns
        -------
        ndarray
            Energies in rad per unit of time, in the common shape of both.

        Raises
        ------
        LzopenError
            If a setting lies beyond the range of the compression, or a high-pass blocks it.
        """
        return self.lever_arm * self._magnitude(omega) * self._signal(knob)

    def invert(self, energy: Any, omega: Any = 0.0) -> Any:
        """Knob for these energies, of a bias or of the amplitude of a drive at ω.

        Raises
        ------
        LzopenError
            If a source in compression, a high-pass, or dBm cannot give such an energy.
        """
        energy = np.asarray(errors.finite("energy", energy))
        per_signal = self.lever_arm * self._magnitude(omega)
        out = energy / per_signal
        room = 1 - 2 * self.compression * out**2
        if np.any(room <= 0):
            highest = np.min(np.abs(per_signal)) / np.sqrt(2 * self.compression)
            remedy = "the source saturates there; lower `compression`"
            errors.fail("energy", f"stay below {highest:g} in size", energy, remedy)
        signal = out / np.sqrt(room)
        if self.unit != "dBm":
            return signal + self.zero
        if np.any(signal <= 0):
            must = "be above zero, with the sign of the lever arm, for a knob in dBm"
            errors.fail("energy", must, energy, "leave such points out")
        return 20 * np.log10(signal / dBm_to_volt(0.0))

    def gain(self, omega: Any) -> Any:
        """G(ω): what attenuation, filters and delay do to e^{iωt}, complex."""
        omega = np.asarray(errors.finite("omega", omega))
        attenuation = 10 ** (-(self.attenuation_db or 0.0) / 20)
        turn = np.exp(-1j * omega * self.delay)
        return attenuation * turn * first_order(omega, self.low_pass, self.high_pass)

    def waveform(self, waveform: Waveform) -> Waveform:
        """What arrives at the device, as an energy, for what the source makes of it exactly.

        Parameters
        ----------
        waveform : Waveform
            The knob against time; for dBm in volts.

        Returns
        -------
        Waveform
            See `lzopen.Filtered` for those that can pass a filter.

        Raises
        ------
        LzopenError
            If there is compression, or the waveform cannot be filtered exactly.
        """
        errors.instance("waveform", waveform, Waveform, "e.g. lz.Trapezoid(amplitude, rate)")
        if self.compression:
            must = "be zero for a line that takes whole waveforms"
            remedy = "it is that of a peak: build the waveform with the amplitude line(knob, omega)"
            errors.fail("compression", must, self.compression, remedy)
        arriving = waveform - Constant(self.zero) if self.zero else waveform
        if self.low_pass is not None or self.high_pass is not None:
            arriving = Filtered(arriving, self.low_pass, self.high_pass)
        arriving = arriving.shifted(self.delay) if self.delay else arriving
        return self.lever_arm * 10 ** (-(self.attenuation_db or 0.0) / 20) * arriving

    def _signal(self, knob: Any) -> Any:
        """The knob counted from its zero, a power as the peak voltage, after compression."""
        knob = np.asarray(errors.finite("knob", knob))
        linear = dBm_to_volt(knob) if self.unit == "dBm" else knob - self.zero
        room = 1 + 2 * self.compression * linear**2
        if np.any(room <= 0):
            limit = f"stay within {1 / np.sqrt(-2 * self.compression):g} of the zero of the line"
            errors.fail("knob", limit, knob, "an expansion, `compression` < 0, ends there")
        return linear / np.sqrt(room)

    def _magnitude(self, omega: Any) -> Any:
        errors.not_negative("omega", omega)
        size = np.abs(self.gain(omega))
        if not np.all(size):
            remedy = "name the `omega` of the drive, or drop `high_pass` for a bias"
            errors.fail("omega", "be above zero behind a high-pass", omega, remedy)
        return size
