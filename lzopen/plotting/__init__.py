"""Figures; the only place that imports matplotlib, and only when something is drawn."""

from lzopen.plotting.evolution import levels, populations
from lzopen.plotting.fits import fit
from lzopen.plotting.interference import interferogram
from lzopen.plotting.output import save
from lzopen.plotting.style import panels

__all__ = ["fit", "interferogram", "levels", "panels", "populations", "save"]
