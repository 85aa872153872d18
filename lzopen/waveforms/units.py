"""Units of numbers, kept in the metadata of the fields that hold them.

A field holds a number, or a waveform, in a unit of its own; or what a waveform gives in the unit of
what it drives: an amplitude is an energy in a sweep, and a rate in a leak.
"""

from __future__ import annotations

from dataclasses import Field
from typing import Any, NamedTuple

_RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


class Unit(NamedTuple):
    """Powers of rad and of time, where ħ = k_B = 1.

    Examples
    --------
    >>> str(Unit(1, -2)), str(Unit(0, -1)), str(Unit(0, 0)), str(Unit(1, -1.5))
    ('rad / time²', '1 / time', '1', 'rad / time^1.5')
    """

    rad: int
    time: float

    def __str__(self) -> str:
        power = f"{abs(self.time):g}"
        raised = power.translate(_RAISED) if power.isdigit() else f"^{power}"
        time = "time" if power == "1" else f"time{raised}"
        if self.time > 0:
            return f"rad {time}" if self.rad else time
        above = "rad" if self.rad else "1"
        return f"{above} / {time}" if self.time else above


class Driven(NamedTuple):
    """What a waveform drives, per time to some power."""

    per_time: float


ENERGY, CHIRP, RATE = {"unit": Unit(1, -1)}, {"unit": Unit(1, -2)}, {"unit": Unit(0, -1)}
ANGLE, TIME, NUMBER = {"unit": Unit(1, 0)}, {"unit": Unit(0, 1)}, {"unit": Unit(0, 0)}
VALUE, SLOPE = {"unit": Driven(0)}, {"unit": Driven(1)}


def unit_of(field: Field[Any], owner: Any, driven: Unit | None) -> Unit | None:
    """Unit of a field; None if it is unknown, like that of what the owner drives may be."""
    unit = field.metadata.get("unit")
    unit = unit(owner) if callable(unit) else unit
    if isinstance(unit, Driven):
        return None if driven is None else Unit(driven.rad, driven.time - unit.per_time)
    return unit
