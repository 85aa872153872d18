"""What acts on the Bloch vector of a batch of qubits, evaluated on the host."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from lzopen.environments.bloch import Field, bloch_field
from lzopen.errors import fail
from lzopen.models import Model
from lzopen.models.terms import kinks
from lzopen.waveforms.base import Array


class About(NamedTuple):
    """All dissipation about one axis; rates broadcast against (members, times)."""

    axis: Sequence[Any]
    along: Any
    across: Any
    pull: Any


@dataclass(frozen=True, eq=False)
class Drive:
    """A flat batch of qubits with jumps; times have the shape (members, times)."""

    model: Model

    @cached_property
    def _field(self) -> Field:
        return bloch_field(self.model.terms)

    def bend(self, start: Array, end: Array) -> float:
        """Shortest time in which a waveform of some member bends; ∞ for straight pieces."""
        return min(w.time_scale(float(start.min()), float(end.max())) for _, w in self._field)

    @cached_property
    def follows(self) -> bool:
        """Whether jumps follow the field."""
        anywhere = np.ones((3, 1, 2))
        return any(not isinstance(about.axis[0], float) for about in self.jumps(anywhere))

    def kinks(self, start: Array, end: Array) -> Array:
        """Times inside (start, end), NaN where a member has fewer."""
        found = kinks(self.model.terms, start, end)
        return np.broadcast_to(found, (start.size, found.shape[-1]))

    def vector(self, t: Array) -> Array:
        """E n of H = ½E n·σ, (3, members, times)."""
        return _summed(((parts, _values(w, t)) for parts, w in self._field), t.shape)

    @property
    def moves(self) -> list[bool | None]:
        """Whether each component of the vector moves; None for one that is zero."""
        parts = [[w.is_constant for part, w in self._field if part[i]] for i in range(3)]
        return [not all(still) if still else None for still in parts]

    def slope(self, t: Array) -> Array:
        """Its time derivative."""
        moving = ((parts, w.derivative(t)) for parts, w in self._field if not w.is_constant)
        return _summed(moving, t.shape)

    def jumps(self, vector: Array) -> list[About]:
        """Dissipation where the field is this, by axis: those that stand still, then n."""
        total: dict[Any, About] = {}
        for environment in self.model.environments:
            if not environment.has_jumps:
                continue
            found = environment.axial(self.model.terms, vector)
            if found is None:
                must = "relax about one axis here"
                fail("environments", must, f"{type(environment).__name__}, which does not")
            axis, along, across, equilibrium = found
            still = axis.size == 3
            key = tuple(axis.ravel().tolist()) if still else "moving"
            own = About(key if still else axis, along, across, along * equilibrium)
            total[key] = _added(total[key], own) if key in total else own
        return list(total.values()) or [About((0.0, 0.0, 1.0), 0.0, 0.0, 0.0)]


def _added(a: About, b: About) -> About:
    return About(a.axis, a.along + b.along, a.across + b.across, a.pull + b.pull)


def _values(waveform: Any, t: Array) -> Any:
    return waveform(t[:, :1]) if waveform.is_constant else waveform(t)


def _summed(parts: Any, shape: tuple[int, ...]) -> Array:
    total = np.zeros((3, *shape))
    for direction, values in parts:
        for component, size in zip(total, direction, strict=True):
            if size:
                component += size * values
    return total
