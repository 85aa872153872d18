"""The cases by name, in the order in which they run."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from continuum import swept_continuum
from fits import map_fits
from harness import Result
from ledger import driven_heat
from levels import steady_maps, train
from noisy import noisy_passages
from sizes import curves, original_map
from solvers import builder
from sweeps import scan
from thermal import corrected_tutorial, thermal_map
from tutorial import tutorial

from waveforms import waveform_maps

CASES: Mapping[str, Callable[[], Sequence[Result]]] = {
    "tutorial": tutorial,
    "corrected": corrected_tutorial,
    "original": original_map,
    "levels": steady_maps,
    "train": train,
    "thermal": thermal_map,
    "waveforms": waveform_maps,
    "sweeps": scan,
    "sizes": curves,
    "builder": builder,
    "continuum": swept_continuum,
    "noise": noisy_passages,
    "heat": driven_heat,
    "fits": map_fits,
}
