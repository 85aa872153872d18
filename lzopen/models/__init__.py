"""Builders: terms and environments in, QobjEvo and collapse operators out."""

from lzopen.models.base import Model
from lzopen.models.continuum import Band, Continuum
from lzopen.models.crossing import Chain, Crossing
from lzopen.models.grid import vary
from lzopen.models.spin import QuadraticSpinOne, SpinCrossing
from lzopen.models.star import BowTie, DemkovOsherov, VSystem
from lzopen.models.two_level import TwoLevel

__all__ = [
    "Band",
    "BowTie",
    "Chain",
    "Continuum",
    "Crossing",
    "DemkovOsherov",
    "Model",
    "QuadraticSpinOne",
    "SpinCrossing",
    "TwoLevel",
    "VSystem",
    "vary",
]
