"""Closed forms. They use no solver, so that tests compare independent code."""

from lzopen.theory.bow_tie import bow_tie, generalised_bow_tie
from lzopen.theory.continuum import (
    bound_states,
    continuum_survival,
    fano_anderson_decay,
    trapped_population,
)
from lzopen.theory.ddp import dykhne_davis_pechukas, power_law_actions
from lzopen.theory.dephasing import strong_dephasing
from lzopen.theory.double_passage import (
    detuning_coherence,
    double_passage,
    dynamic_phase,
    washed_double_passage,
)
from lzopen.theory.driven import (
    destruction_of_tunnelling,
    dithered_gap,
    multi_passage,
    quasienergy_splitting,
)
from lzopen.theory.echoes import echo
from lzopen.theory.fast_passage import fast_passage, fast_passage_sum
from lzopen.theory.finite_time import finite_time_propagator
from lzopen.theory.independent import IndependentCrossings, independent_crossings
from lzopen.theory.leaky import leaky_survival
from lzopen.theory.multilevel import brundobler_elser, demkov_osherov, forbidden_transitions
from lzopen.theory.power_law import power_law_fast, power_law_slow
from lzopen.theory.pulses import allen_eberly, demkov_kunike, rosen_zener, tanh_sweep
from lzopen.theory.sidebands import fast_passage_rate
from lzopen.theory.single import (
    adiabaticity,
    half_crossing,
    jump_time,
    landau_zener,
    stokes_phase,
    transfer_matrix,
)
from lzopen.theory.spins import quadratic_spin_one, spin_crossing
from lzopen.theory.tomography import rate_tomogram, rate_transform, tomogram_arcs

__all__ = [
    "IndependentCrossings",
    "adiabaticity",
    "allen_eberly",
    "bound_states",
    "bow_tie",
    "brundobler_elser",
    "continuum_survival",
    "demkov_kunike",
    "demkov_osherov",
    "destruction_of_tunnelling",
    "detuning_coherence",
    "dithered_gap",
    "double_passage",
    "dykhne_davis_pechukas",
    "dynamic_phase",
    "echo",
    "fano_anderson_decay",
    "fast_passage",
    "fast_passage_rate",
    "fast_passage_sum",
    "finite_time_propagator",
    "forbidden_transitions",
    "generalised_bow_tie",
    "half_crossing",
    "independent_crossings",
    "jump_time",
    "landau_zener",
    "leaky_survival",
    "multi_passage",
    "power_law_actions",
    "power_law_fast",
    "power_law_slow",
    "quadratic_spin_one",
    "quasienergy_splitting",
    "rate_tomogram",
    "rate_transform",
    "rosen_zener",
    "spin_crossing",
    "stokes_phase",
    "strong_dephasing",
    "tanh_sweep",
    "tomogram_arcs",
    "transfer_matrix",
    "trapped_population",
    "washed_double_passage",
]
