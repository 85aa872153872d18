"""What both ways of moving levels through a period offer."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

from lzopen.dynamics.periodic.level_parts import Parts
from lzopen.waveforms.base import Array

_ROUND_OFF = 5e-15  # five times what is seen, for one group


class Motion(ABC):
    """Steps of a batch over one period.

    Parameters
    ----------
    parts : Parts
    members : int
        How many models, P.
    xp : namespace
        Of the arrays that are moved.
    """

    def __init__(self, parts: Parts, members: int, xp: Any) -> None:
        self.parts, self.members, self.xp = parts, members, xp
        self.edges = parts.edges
        self.coordinates: Any = parts.coordinates

    @property
    def period(self) -> Array:
        """(1 or P,)."""
        return self.edges[:, -1] - self.edges[:, 0]

    @property
    def identity(self) -> Any:
        """The coordinates of all states, (P, size, size)."""
        size = self.coordinates.size
        one = self.xp.eye(size, dtype=getattr(self.xp, self.coordinates.dtype))
        return self.xp.broadcast_to(one, (self.members, size, size))

    def rounding(self, groups: int) -> float:
        """Round-off of the map, which grows with the root of the number of steps."""
        return _ROUND_OFF * groups**0.5

    @property
    def left(self) -> float:
        """The part of what three times as many steps change that is left, at most.

        Fourth order leaves 1/80, and more of a change in which several orders cancel.
        """
        return 0.032

    @property
    @abstractmethod
    def held(self) -> int:
        """Numbers that a path keeps for each step of each member."""

    @abstractmethod
    def fewest(self, tol: float) -> Array:
        """Steps for about this error, (1 or P,)."""

    @abstractmethod
    def path(
        self, groups: int, each: int, gain: Array | None = None, mean: bool = False
    ) -> list[Any]:
        """What happens in one period, to be handed to `advance` once or more often.

        Parameters
        ----------
        groups, each : int
            Groups of so many steps; each piece between kinks takes its share of the groups.
        gain : (P,) ndarray, optional
            Rate at which all coordinates grow besides.
        mean : bool
            Whether a time average may be asked for.
        """

    @abstractmethod
    def advance(self, x: Any, path: list[Any], mean: bool = False) -> tuple[Any, Any]:
        """Coordinates (P, size, columns) after one period, and their time average if asked for."""
