"""Figures; the only place that imports matplotlib, and only when something is drawn."""

from lzopen.plotting.energetics import entropy_production, ledger
from lzopen.plotting.evolution import levels, populations
from lzopen.plotting.fits import fit
from lzopen.plotting.interference import interferogram
from lzopen.plotting.map_fit import map_fit
from lzopen.plotting.output import save
from lzopen.plotting.spectrum import spectrum
from lzopen.plotting.style import panels
from lzopen.plotting.tomography import arc_decay, tomogram
from lzopen.plotting.work import work_crossing, work_distribution

__all__ = [
    "arc_decay",
    "entropy_production",
    "fit",
    "interferogram",
    "ledger",
    "levels",
    "map_fit",
    "panels",
    "populations",
    "save",
    "spectrum",
    "tomogram",
    "work_crossing",
    "work_distribution",
]
