"""Closed forms. They use no solver, so that tests compare independent code."""

from lzopen.theory.bath import zero_temperature_bath
from lzopen.theory.bow_tie import bow_tie, generalised_bow_tie
from lzopen.theory.continuum import (
    bound_states,
    continuum_survival,
    fano_anderson_decay,
    trapped_population,
)
from lzopen.theory.ddp import dykhne_davis_pechukas, power_law_actions
from lzopen.theory.decay_laws import one_over_f_decay, ornstein_uhlenbeck_decay, quasi_static_decay
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
from lzopen.theory.filters import decay_exponent, pulse_filter
from lzopen.theory.finite_time import finite_time_propagator
from lzopen.theory.independent import IndependentCrossings, independent_crossings
from lzopen.theory.leaky import leaky_survival
from lzopen.theory.multilevel import brundobler_elser, demkov_osherov, forbidden_transitions
from lzopen.theory.noisy import adiabatic_dephasing, optimal_rate, weak_longitudinal_noise
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
from lzopen.theory.thermodynamics import excess_power, inner_friction, kibble_zurek
from lzopen.theory.tomography import rate_tomogram, rate_transform, tomogram_arcs
from lzopen.theory.transverse import fast_transverse_noise, slow_transverse_noise

__all__ = [
    "IndependentCrossings",
    "adiabatic_dephasing",
    "adiabaticity",
    "allen_eberly",
    "bound_states",
    "bow_tie",
    "brundobler_elser",
    "continuum_survival",
    "decay_exponent",
    "demkov_kunike",
    "demkov_osherov",
    "destruction_of_tunnelling",
    "detuning_coherence",
    "dithered_gap",
    "double_passage",
    "dykhne_davis_pechukas",
    "dynamic_phase",
    "echo",
    "excess_power",
    "fano_anderson_decay",
    "fast_passage",
    "fast_passage_rate",
    "fast_passage_sum",
    "fast_transverse_noise",
    "finite_time_propagator",
    "forbidden_transitions",
    "generalised_bow_tie",
    "half_crossing",
    "independent_crossings",
    "inner_friction",
    "jump_time",
    "kibble_zurek",
    "landau_zener",
    "leaky_survival",
    "multi_passage",
    "one_over_f_decay",
    "optimal_rate",
    "ornstein_uhlenbeck_decay",
    "power_law_actions",
    "power_law_fast",
    "power_law_slow",
    "pulse_filter",
    "quadratic_spin_one",
    "quasi_static_decay",
    "quasienergy_splitting",
    "rate_tomogram",
    "rate_transform",
    "rosen_zener",
    "slow_transverse_noise",
    "spin_crossing",
    "stokes_phase",
    "strong_dephasing",
    "tanh_sweep",
    "tomogram_arcs",
    "transfer_matrix",
    "trapped_population",
    "washed_double_passage",
    "weak_longitudinal_noise",
    "zero_temperature_bath",
]
