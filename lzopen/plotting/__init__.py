"""Figures; the only place that imports matplotlib, and only when something is drawn."""

from lzopen.plotting.evolution import levels, populations
from lzopen.plotting.fits import fit
from lzopen.plotting.interference import interferogram
from lzopen.plotting.output import save
from lzopen.plotting.style import panels
from lzopen.plotting.thermodynamics import (
    entropy_production,
    ledger,
    work_crossing,
    work_distribution,
)

__all__ = [
    "entropy_production",
    "fit",
    "interferogram",
    "ledger",
    "levels",
    "panels",
    "populations",
    "save",
    "work_crossing",
    "work_distribution",
]
