"""Lab units in, the package's conventions out: one time unit, angular frequencies, energies."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lzopen import conventions
from lzopen.errors import choice, fail

__all__ = [
    "TIMES", "VOLTS", "convert", "plain", "shown", "split_marked", "split_unit", "time_unit_of",
]  # fmt: skip

Array = NDArray[Any]

TIMES = {"s": 0, "ms": -3, "us": -6, "ns": -9, "ps": -12}
"""Powers of ten of the second."""

_RAD_PER_NS = {
    "Hz": conventions.GHz * 1e-9,
    "kHz": conventions.GHz * 1e-6,
    "MHz": conventions.GHz * 1e-3,
    "GHz": conventions.GHz,
    "neV": conventions.ueV * 1e-3,
    "ueV": conventions.ueV,
    "meV": conventions.ueV * 1e3,
    "mK": conventions.mK,
    "K": conventions.mK * 1e3,
    "rad/s": 1e-9,
    "rad/us": 1e-3,
    "rad/ns": 1.0,
}
VOLTS = {"V": 0, "mV": -3, "uV": -6}
"""Powers of ten of the volt."""

_KNOBS = {"dBm", "nm", "um", "T", "mT", "deg", "rad"}  # known, but nothing to convert
_SUFFIXES = {*TIMES, *_RAD_PER_NS, *VOLTS, *_KNOBS}
_BRACKETED = {"A", "mA", "uA", "W", "mW", "dB", "Φ0", "a.u."}  # no endings: qubit_A
_MARKS = re.compile(r"(.*?\S)(?:\s*\[([^][]+)\]|\s*\(([^()]+)\)|\s+/\s+\(?([^()]+)\)?)")
_MICRO = re.compile(r"\bu(?=(?:s|V|eV|A|m)\b)")


def plain(unit: str) -> str:
    """The unit with either Unicode micro written as u.

    Examples
    --------
    >>> plain("µs"), plain(" μeV")
    ('us', 'ueV')
    """
    return unit.strip().replace("\N{MICRO SIGN}", "u").replace("\N{GREEK SMALL LETTER MU}", "u")


def shown(unit: str) -> str:
    """The unit as people read it, with µ for micro.

    Examples
    --------
    >>> shown("us"), shown("rad/us"), shown("mV")
    ('µs', 'rad/µs', 'mV')
    """
    return _MICRO.sub("\N{MICRO SIGN}", unit)


def split_marked(header: str) -> tuple[str, str | None]:
    """Name and unit of a header with a unit in brackets or behind a slash between spaces.

    What stands there is a unit only if it is known.

    Examples
    --------
    >>> split_marked("delay [µs]"), split_marked("power (mV)"), split_marked("detuning / MHz")
    (('delay', 'us'), ('power', 'mV'), ('detuning', 'MHz'))
    >>> split_marked("gate (left)"), split_marked("delay_us")
    (('gate (left)', None), ('delay_us', None))
    """
    match = _MARKS.fullmatch(header)
    unit = plain(next(filter(None, match.groups()[1:]))) if match else ""
    return (match[1], unit) if match and unit in _SUFFIXES | _BRACKETED else (header, None)


def split_unit(name: str) -> tuple[str, str | None]:
    """Name and unit of a column such as ``delay [ns]`` or ``delay_ns``; None if there is none.

    Examples
    --------
    >>> split_unit("run time (us)"), split_unit("run_time_us"), split_unit("spin_fraction")
    (('run time', 'us'), ('run_time', 'us'), ('spin_fraction', None))
    """
    marked, unit = split_marked(name)
    if unit is not None:
        return marked, unit
    stem, _, end = name.rpartition("_")
    return (stem, plain(end)) if stem and plain(end) in _SUFFIXES else (name, None)


def time_unit_of(units: list[str | None], wanted: str | None) -> str:
    """The time unit of a measurement: the wanted one, else that of its first time axis, else ns."""
    if wanted is not None:
        if not any(unit in TIMES or unit in _RAD_PER_NS for unit in units):
            remedy = "state the units of the axes with `units`"
            must, page = "belong to axes of time or energy", "guide/fitting#straight-from-a-file"
            fail("time_unit", must, f"{wanted!r} without any", remedy, page)
        return str(choice("time_unit", plain(str(wanted)), TIMES))
    return next((unit for unit in units if unit in TIMES), "ns")


def convert(values: Array, unit: str, time_unit: str) -> tuple[Array, str]:
    """Values in the conventions of the package, and the unit they are in then.

    Times become ``time_unit``; frequencies f, energies E and temperatures T become the angular
    frequencies 2πf, E/ħ and k_B T/ħ in rad per ``time_unit``; mV becomes V. Other units stay.

    Parameters
    ----------
    values : ndarray
        Numbers in ``unit``.
    unit : str
        As written in the lab, with u for micro.
    time_unit : str
        One of `TIMES`.

    Returns
    -------
    values : ndarray
        The same numbers in the new unit.
    unit : str
        The new unit.

    Examples
    --------
    >>> convert(np.array([2.0]), "us", "ns")
    (array([2000.]), 'ns')
    >>> values, unit = convert(np.array([1.0]), "MHz", "us")
    >>> round(float(values[0]), 6), unit
    (6.283185, 'rad/us')
    """
    if unit in TIMES:
        return _shifted(values, TIMES[unit] - TIMES[time_unit]), time_unit
    if unit in VOLTS:
        return _shifted(values, VOLTS[unit]), "V"
    if unit in _RAD_PER_NS:
        if unit == f"rad/{time_unit}":
            return values, unit
        return _shifted(values * _RAD_PER_NS[unit], 9 + TIMES[time_unit]), f"rad/{time_unit}"
    return values, unit


def _shifted(values: Array, power: int) -> Array:
    """Times a power of ten; negative ones divide, which rounds 160 ns to 0.16 µs exactly."""
    return np.asarray(values * 10.0**power if power >= 0 else values / 10.0**-power)
