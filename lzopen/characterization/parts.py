"""All numbers of an experiment by name: those of the model, and of what stands around it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from lzopen import errors
from lzopen.characterization.minimum import Quantity
from lzopen.characterization.readout import Confusion
from lzopen.models import Model
from lzopen.models.parameters import assign, collect, full_name

__all__ = ["Parts"]

_POSITIVE = ("gap", "lever_arm")  # whose sign is a convention, or known


class Parts:
    """A model, whose parameters bear their own names, and other parts, whose name comes first."""

    def __init__(self, model: Model, others: Mapping[str, Any]) -> None:
        self.model, self.others = model, dict(others)

    @property
    def numbers(self) -> dict[str, Any]:
        """All of them by full name, those of the model first."""
        parts = self.others.items()
        around = {f"{head}.{n}": v for head, part in parts for n, v in collect(part).items()}
        return collect(self.model) | around

    def resolve(self, name: str, argument: str = "parameter") -> str:
        """Full name of a parameter, which came in an argument."""
        name = name.replace(" ", "")
        of_model = [full for full in collect(self.model) if f".{full}".endswith(f".{name}")]
        return full_name(of_model or [*self.numbers], name, argument)

    def has(self, name: str) -> bool:
        """Whether a parameter is called that."""
        try:
            self.resolve(name)
        except errors.LzopenError:
            return False
        return True

    def value(self, full: str) -> Any:
        """Value now of a parameter by its full name."""
        return self.numbers[full]

    def _split(self, name: str) -> tuple[str, str]:
        """The part that a name begins with, and the rest; no part for one of the model."""
        head = max((h for h in self.others if name.startswith(h + ".")), key=len, default="")
        return head, name[len(head) + 1 :] if head else name

    def with_values(self, values: Mapping[str, Any]) -> Parts:
        """The same with numbers replaced, by full names."""
        own = {n: v for n, v in values.items() if not self._split(n)[0]}
        others = {}
        for head, thing in self.others.items():
            inside = {n[len(head) + 1 :]: v for n, v in values.items() if n.startswith(head + ".")}
            others[head] = assign(thing, inside) if inside else thing
        return Parts(self.model.with_parameters(own) if own else self.model, others)

    def quantity(self, full: str, free: Mapping[str, str]) -> Quantity:
        """A parameter as something to fit: its bounds, and whether it is a rate or a time."""
        value = self.value(full)
        if not isinstance(value, float) or value != value:
            remedy = "vary a factor that all points share, e.g. that of factor * waveform"
            errors.fail("free", "name single real numbers", f"{full!r}, which is {value}", remedy)
        low, high = self.bounds(full, free)
        if np.isfinite(high):
            return Quantity(value, low, high, unit=0.1)
        positive = full.split(".")[-1] in _POSITIVE or low == 0
        if full.endswith("lever_arm") and value < 0:  # a known sign
            return Quantity(value, unit=abs(value))
        if positive and value <= 0:
            head, _ = self._split(full)
            remedy = f"give a guess{f' by `{head}=`' * bool(head)}"
            errors.fail("free", "start above zero", f"{full} = {value:g}", remedy)
        return Quantity(value, unit=abs(value) or 1.0, log=positive)

    def bounds(self, full: str, free: Mapping[str, str]) -> tuple[float, float]:
        """Where a parameter may lie: above zero where its part refuses less."""
        head, rest = self._split(full)
        if isinstance(self.others.get(head), Confusion):
            return 0.0, self._most_misread(head, rest, free)
        return (-np.inf if self._may_be_negative(full) else 0.0), np.inf

    def _may_be_negative(self, full: str) -> bool:
        try:
            self.with_values({full: -0.1})
        except errors.LzopenError:
            return False
        return True

    def _most_misread(self, head: str, name: str, free: Mapping[str, str]) -> float:
        """Two free errors of a read-out share what keeps the fringes upright."""
        other = f"{head}.p10" if name == "p01" else f"{head}.p01"
        return 0.98 * (1 - (0.5 if other in free.values() else self.value(other)))
