"""Builders: terms and environments in, QobjEvo and collapse operators out."""

from lzopen.models.base import Model
from lzopen.models.grid import vary
from lzopen.models.two_level import TwoLevel

__all__ = ["Model", "TwoLevel", "vary"]
