"""Theory functions at the ends of the floats: finite, in range, and in their limits."""

from __future__ import annotations

import inspect
import re
import warnings
from itertools import product

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.special import gamma

from lzopen import LzopenError, LzopenWarning, theory
from lzopen.theory.driven import _half_phase

SIZES = (1e-300, 1e-160, 1e-8, 1.0, 1e8, 1e160, 1e200)
RATES = (1e-200, -1e-3, 1.0, -1e8, 1e200)
GAPS = (0.0, *SIZES, 1e200 * (0.6 - 0.8j))
GAPS_NOT_ZERO = GAPS[1:]
BIASES = (0.0, 1e-300, -0.7, 1.0, 1e12, -1e200)
TIMES = (1e-200, 1.0, 1e8, 1e200)

CROSSING = {"rate": RATES, "gap": GAPS}
PASSES = {"rate": RATES, "gap": GAPS, "turning_point": SIZES}
PHASED = {**CROSSING, "phase": (0.0, -3.0, 1e11, 1e300)}
POWER = {"scale": (*SIZES, -1.0), "kind": ("crossing", "touching")}
PULSE = {"amplitude": BIASES, "width": SIZES}
ENDS = (1e-300, 1.0, 1e200)
FAST = {
    "amplitude": (0.0, *ENDS),
    "omega": ENDS,
    "bias": (0.0, 1.0, -1e200),
    "gap": (0.0, *ENDS),
    "coherence_rate": ENDS,
}
TRANSFORM = {"k_bias": BIASES, "omega": ENDS, "gap": ENDS, "coherence_rate": ENDS}
LINES = [[1.0, -1.0], [1e-200, 1e200, -1.0], [-1e-300, 1e-300, 1.0, 2.0]]

# every number that a function returns lies in its range, for each combination of arguments
TABLE = {
    "adiabaticity": (CROSSING, (0, 1e300)),
    "landau_zener": (CROSSING, (0, 1)),
    "stokes_phase": (CROSSING, (0, np.pi / 4)),
    "jump_time": (CROSSING, (1e-101, np.inf)),
    "half_crossing": (CROSSING, (0, 0.5)),
    "strong_dephasing": (
        {**CROSSING, "dephasing": SIZES, "window": ((-1e200, 1e200), (-1e-300, 1e-300), (1, 1e9))},
        (0.5, 1),
    ),
    "leaky_survival": ({**CROSSING, "leak": (0.0, *SIZES), "time": (None, *TIMES)}, (0, 1)),
    "dynamic_phase": (PASSES, (0, 1e300)),
    "double_passage": ({**PHASED, "geometric_phase": (0.0, 1e200)}, (0, 1)),
    "washed_double_passage": ({**PHASED, "coherence": (0, 1, -1, np.exp(0.3j))}, (0, 1)),
    "detuning_coherence": ({**PASSES, "bias_deviation": (0.0, *SIZES)}, (0, 1)),
    "echo": ({**PASSES, "protocol": ("sign flip", "pi pulse", "jump", "jump, sign flip")}, (0, 1)),
    "multi_passage": ({"amplitude": SIZES, "omega": SIZES, "bias": (0.0,), "gap": GAPS}, (0, 0.5)),
    "quasienergy_splitting": (
        {"amplitude": SIZES, "omega": SIZES, "bias": BIASES, "gap": GAPS},
        (0, 1.5e200),
    ),
    "dithered_gap": (
        {"amplitude": SIZES, "omega": SIZES, "gap": GAPS, "order": (0, -3, 1e200)},
        (0, 1.001e200),
    ),
    "destruction_of_tunnelling": (
        {"omega": (1e160, 1e200), "gap": (1e-300, 1e-8, 1.9e160)},
        (0, 2.405e200),
    ),
    "dykhne_davis_pechukas": (
        {"actions": ([1e-300j], [1e300 + 1e300j], [0.01j, 3.2 + 0.01j], [1e-8j, 1e300j])},
        (0, 1),
    ),
    "power_law_actions": (
        {"scale": (*SIZES, -1.0), "gap": GAPS_NOT_ZERO, "exponent": (1, 2, 3, 50)},
        (0.99e-300, 1.01e300),
    ),
    "power_law_fast": ({**POWER, "gap": GAPS, "exponent": (1e-300, 0.5, 3.0, 1e200)}, (0, 1)),
    "power_law_slow": (
        {**POWER, "gap": GAPS_NOT_ZERO, "exponent": (1e-300, 0.5, 1 - 1e-15)},
        (0, 1),
    ),
    "demkov_kunike": ({**PULSE, "bias": BIASES, "gap": GAPS}, (0, 1)),
    "rosen_zener": ({"bias": BIASES, "gap": GAPS, "width": SIZES}, (0, 1)),
    "allen_eberly": ({**PULSE, "gap": GAPS}, (0, 1)),
    "tanh_sweep": ({**PULSE, "bias": BIASES, "gap": GAPS_NOT_ZERO}, (0, 1)),
    "fast_passage_rate": ({**FAST, "bias_deviation": (0.0, 1.0)}, (0, 1e300)),
    "fast_passage": ({**FAST, "relaxation_rate": ENDS, "duration": (None, 1e200)}, (0, 0.5)),
    "fast_passage_sum": ({**FAST, "relaxation_rate": ENDS}, (0, 1e4)),
    "rate_transform": ({**TRANSFORM, "amplitude": (0.0, *ENDS)}, (-1.6e300, 1.6e300)),
    "rate_tomogram": ({**TRANSFORM, "k_amplitude": BIASES}, (0, np.inf)),
    "tomogram_arcs": ({"k_bias": BIASES, "omega": ENDS}, (0, 1e200)),
    "fast_transverse_noise": (
        {**CROSSING, "strength": (0.0, *SIZES), "correlation_time": (None, *SIZES)},
        (0, 1),
    ),
    "slow_transverse_noise": ({**CROSSING, "strength": (0.0, *SIZES)}, (0, 1)),
    "weak_longitudinal_noise": (
        {"rate": RATES, "gap": GAPS_NOT_ZERO, "spectrum": (0.0, *SIZES)},
        (0, 1),
    ),
    "optimal_rate": ({"gap": GAPS_NOT_ZERO, "spectral_density": SIZES}, (0, 2.3e300)),
    "adiabatic_dephasing": (
        {"rate": RATES, "gap": GAPS_NOT_ZERO, "dephasing": (0.0, *SIZES)},
        (0, np.inf),
    ),
    "zero_temperature_bath": (
        {**CROSSING, "angle": BIASES[:4], "reorganisation": (0.0, *SIZES), "strength": SIZES},
        (0, 1),
    ),
    "excess_power": ({**CROSSING, "excited": (0.0, 1e-300, 0.3, 1.0)}, (0, 1e200)),
    "inner_friction": (
        {
            "probability": (0.0, 1e-300, 0.3, 1.0),
            "initial_energy": (0.0, *SIZES),
            "final_energy": (0.0, *SIZES),
            "temperature": (0.0, *SIZES, np.inf),
        },
        (0, 1e200),
    ),
    "kibble_zurek": (CROSSING, (0, 1)),
    "quasi_static_decay": ({"sigma": (0.0, *SIZES), "time": (0.0, *SIZES)}, (0, 1)),
    "ornstein_uhlenbeck_decay": (
        {"sigma": (0.0, *SIZES), "correlation_time": SIZES, "time": (0.0, *SIZES)},
        (0, 1),
    ),
    "one_over_f_decay": (
        {"amplitude": (0.0, *SIZES), "omega_low": SIZES, "time": (0.0, *SIZES)},
        (0, 1),
    ),
}

# (final, initial), with rows and columns that add up to one
MATRICES = {
    "demkov_osherov": {
        "rate": RATES,
        "offsets": ([0.0, 1e-300, 1e200], [-1e200, 1.0, 1e200]),
        "couplings": ([0.0, 1e200, 1e-300], [1e-160, 0.3j, 1e160], [1e-8, 1e-8, 1e-8]),
    },
    "bow_tie": {"slopes": LINES, "couplings": (0.0, *SIZES, 0.3j)},
    "generalised_bow_tie": {"slopes": LINES, "couplings": (0.0, *SIZES, 0.3j)},
    "spin_crossing": {"spin": (0.5, 1, 2.5, 60), **CROSSING},
}
UNITARY = {
    "transfer_matrix": CROSSING,
    "finite_time_propagator": {
        "rate": (1e-200, -1.0, 1e200),
        "gap": (0.0, 1e-300, 1.0, 1e200j),
        "t0": (-1e200, 1e-300),
        "t1": (0.0, 1e8),
    },
}
# tested in files of their own
ELSEWHERE = {
    "bound_states",
    "brundobler_elser",
    "continuum_survival",
    "decay_exponent",
    "fano_anderson_decay",
    "forbidden_transitions",
    "independent_crossings",
    "IndependentCrossings",
    "pulse_filter",
    "quadratic_spin_one",
    "trapped_population",
}
# what these cannot do they refuse, and say so
REFUSES = {
    "demkov_kunike": r"must stay below 1e\+100",
    "rosen_zener": r"must stay below 1e\+100",
    "allen_eberly": r"must stay below 1e\+100",
    "tanh_sweep": r"must stay below 1e\+100",
    "finite_time_propagator": "must let Kummer's function converge",
    "fast_passage_rate": "must not exceed 10000 times",
    "fast_passage": "must not exceed 10000 times|must be at least half",
    "fast_passage_sum": "must not exceed 10000 times|must be at least half",
    "rate_transform": "must not exceed 10000 times",
}


def test_every_function_is_in_a_table():
    assert {*TABLE, *MATRICES, *UNITARY, *ELSEWHERE} == set(theory.__all__)


def values(name, arguments):
    """The function at all combinations of its arguments that it does not refuse."""
    function = getattr(theory, name)
    for combination in product(*arguments.values()):
        request = dict(zip(arguments, combination, strict=True))
        if "bow_tie" in name:  # as many couplings as lines
            request["couplings"] = np.full(len(request["slopes"]), request["couplings"])
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", LzopenWarning)  # NumPy's own stay errors
            try:
                found = function(**request)
            except LzopenError as refusal:
                if not re.search(REFUSES.get(name, "nothing"), str(refusal)):
                    raise
            else:
                yield request, found


@pytest.mark.parametrize("name", TABLE)
def test_numbers_are_finite_and_in_range(name):
    arguments, (least, most) = TABLE[name]
    for request, found in values(name, arguments):
        size = np.abs(found) if np.iscomplexobj(found) or name == "dithered_gap" else found
        assert np.all((size >= least) & (size <= most)), (request, found)  # NaN is not


@pytest.mark.parametrize("name", MATRICES)
def test_probabilities_add_up(name):
    for request, P in values(name, MATRICES[name]):
        known = P[np.isfinite(P)]
        assert known.size, request
        assert np.all((known >= 0) & (known <= 1 + 1e-14)), request
        if known.size == P.size:
            assert_allclose([P.sum(axis=0), P.sum(axis=1)], 1, rtol=5e-14, err_msg=str(request))


@pytest.mark.parametrize("name", UNITARY)
def test_propagators_are_unitary(name):
    for request, U in values(name, UNITARY[name]):
        assert_allclose(U @ U.conj().T, np.eye(2), atol=1e-14, err_msg=str(request))
        assert_allclose(np.linalg.det(U), 1, rtol=1e-14)


def test_arrays_mix_both_ends():
    rates, gaps = np.array([[-1e200], [1e-200], [1.0]]), np.array([0.0, 1e-300, 1.0, 1e200])
    for name in ("landau_zener", "stokes_phase", "half_crossing", "jump_time"):
        table = getattr(theory, name)(rate=rates, gap=gaps)
        assert table.shape == (3, 4)
        assert table[2, 2] == getattr(theory, name)(rate=1.0, gap=1.0)
        assert not np.isnan(table).any()


# --- limits


@pytest.mark.parametrize("gap", [1e155, 1e160, 1e200])
def test_a_wide_gap_is_adiabatic(gap):
    one = {"rate": -1.0, "gap": gap}
    assert theory.landau_zener(**one) == 0 < theory.stokes_phase(**one) < 1e-300
    assert theory.half_crossing(**one) == theory.strong_dephasing(**one) == 0.5
    assert theory.leaky_survival(**one, leak=1.0) == 0
    assert_allclose(theory.jump_time(**one), 2 * gap, rtol=1e-15)
    assert_allclose(theory.transfer_matrix(**one), np.eye(2), atol=0)
    assert_allclose(theory.spin_crossing(spin=2, **one), np.eye(5)[::-1], atol=1e-15)
    assert theory.quadratic_spin_one(rate=1.0, coupling=gap)[0, 1] == 0.5
    comb = theory.demkov_osherov(rate=1.0, offsets=[0.0, 1.0], couplings=[gap, gap])
    assert_allclose(comb, np.roll(np.eye(3), 1, axis=0), atol=0)
    lines = theory.bow_tie(slopes=[1.0, -1.0], couplings=[gap, gap])
    assert_allclose(lines, np.eye(3)[[0, 2, 1]], atol=0)


@pytest.mark.parametrize("gap", [1e-12, 1e-100, 1e-150])
def test_a_narrow_gap_is_diabatic_and_what_leaves_keeps_its_digits(gap):
    left = np.pi * gap**2 / 2  # of a rate of one
    one = {"rate": 1.0, "gap": gap}
    assert theory.landau_zener(**one) == 1
    assert_allclose(theory.half_crossing(**one), left / 4, rtol=1e-14)
    assert_allclose(theory.spin_crossing(spin=1.5, **one)[1, 0], 3 * left, rtol=1e-14)
    assert_allclose(theory.spin_crossing(spin=1.5, **one)[1, 2], 4 * left, rtol=1e-14)
    assert_allclose(theory.quadratic_spin_one(rate=1.0, coupling=gap)[0, 1], 2 * left, rtol=1e-14)
    assert_allclose(abs(theory.transfer_matrix(**one)[0, 0]), np.sqrt(left), rtol=1e-14)
    assert_allclose(theory.double_passage(**one, phase=np.pi / 2), 4 * left, rtol=1e-14)
    comb = theory.demkov_osherov(rate=1.0, offsets=[0.0, 1.0], couplings=[gap, 0.3])
    assert_allclose(comb[1, 0], 4 * left, rtol=1e-14)
    lines = theory.bow_tie(slopes=[1.0, -1.0, 2.0], couplings=[gap, gap, gap])
    assert_allclose(lines[0, 1:], [4 * left, 4 * left, 2 * left], rtol=1e-14)
    assert_allclose(lines[1:, 0], [4 * left, 4 * left, 2 * left], rtol=1e-14)


def test_a_bow_tie_that_empties_its_level_has_no_negative_probability():
    """(1 − p₁ − p₂)² at p₁ + p₂ = 1, where differences of sums would leave round-off."""
    g = np.sqrt(np.log(2) / np.pi)
    assert 0 <= theory.bow_tie(slopes=[1.0, -1.0], couplings=[g, g])[0, 0] < 1e-30


@pytest.mark.parametrize("name", ["bow_tie", "generalised_bow_tie"])
def test_only_the_ratio_of_coupling_and_slope_counts(name):
    function = getattr(theory, name)
    slopes, couplings = np.array([1.3, 0.4, -0.6]), np.array([0.4, 0.3, 0.5j])
    plain = function(slopes=slopes, couplings=couplings)
    for scale in (1e-300, 1e300):
        scaled = function(slopes=scale * slopes, couplings=np.sqrt(scale) * couplings)
        assert_allclose(scaled, plain, rtol=1e-12)


def test_pulses_without_width_are_steps():
    """A step of the bias at a constant gap projects on its new eigenstates."""
    for unit in (1e-300, 1e-10, 1.0, 1e90):
        P = theory.tanh_sweep(bias=0.3 * unit, amplitude=unit, gap=0.8 * unit, width=1e-120)
        before, after = np.arctan2(0.8, 0.3 - 1.0), np.arctan2(0.8, 0.3 + 1.0)
        assert_allclose(P, np.sin((after - before) / 2) ** 2, rtol=1e-13)
    assert theory.rosen_zener(bias=1e90, gap=1e90, width=1e-120) < 1e-55


def test_brundobler_elser_and_parallel_levels_at_the_ends():
    survival = theory.brundobler_elser(slopes=[1e200, -1e200], couplings=[[0, 1e-300], [0, 0]])
    assert survival[0, 0] == survival[1, 1] == 1
    survival = theory.brundobler_elser(slopes=[1e-200, 0.0], couplings=[[0, 1e200], [0, 0]])
    assert survival[0, 0] == survival[1, 1] == 0
    tiny = theory.brundobler_elser(slopes=[1.0, 1.0], couplings=[[0, 1e-300], [0, 0]])
    assert np.isnan(tiny).all()  # coupled, however weakly
    mask = theory.forbidden_transitions(
        slopes=[1e200, 1e200, 0.0], offsets=[-1e-300, 1e-300, 0.0], couplings=np.zeros((3, 3))
    )
    assert mask.sum() == 1


def test_a_tiny_gap_under_a_slow_drive_is_integrated_as_well_as_none():
    one, none = (_half_phase(1.0, 1.0, 0.3, gap) for gap in (1e-100, 0.0))
    exact = np.sqrt(1 - 0.3**2) + 0.3 * np.arccos(-0.3)  # ½∫|ε| dt
    assert_allclose([one, none], exact, rtol=1e-13)


def test_the_principal_value_of_the_gamma_function_is_no_stokes_phase():
    wrong = np.pi / 4 + 5 * (np.log(5) - 1) + np.angle(gamma(1 - 5j))
    assert_allclose(wrong, 6.29987, rtol=0, atol=5e-6)
    assert_allclose(theory.stokes_phase(rate=1.0, gap=2 * np.sqrt(5)), 0.01669, rtol=0, atol=5e-6)


# --- what is out of range is reported


@pytest.mark.parametrize(
    ("name", "request_", "match", "value"),
    [
        ("double_passage", {"rate": 1, "gap": 1, "phase": [0, 1e13]}, "phase of 1e", 1e13),
        (
            "washed_double_passage",
            {"rate": 1, "gap": 1, "phase": -1e14, "coherence": 0.5},
            "phase of 1e",
            1e14,
        ),
        (
            "echo",
            {"rate": 1, "gap": 1, "turning_point": 1e7, "protocol": "sign flip"},
            "phase of 1e",
            1e14,
        ),
        ("rosen_zener", {"bias": 0, "gap": 2e13 / np.pi, "width": 1}, "phase of 1e", 1e13),
        (
            "allen_eberly",
            {"amplitude": 0, "gap": 2e13 / np.pi, "width": 1},
            "phase of 1e",
            1e13,
        ),
        (
            "demkov_kunike",
            {"bias": 0, "amplitude": 0, "gap": 2e13 / np.pi, "width": 1},
            "phase of 1e",
            1e13,
        ),
        (
            "multi_passage",
            {"amplitude": 1e10, "omega": 1e-3, "bias": 0, "gap": 1},
            "phase of",
            1e13,
        ),
        ("quasienergy_splitting", {"amplitude": 1e13, "omega": 1, "gap": 0.1}, "phase of", 1e13),
        ("dithered_gap", {"amplitude": 1e13, "omega": 1, "gap": 0.1}, "phase of", 1e13),
        ("power_law_fast", {"scale": 1, "gap": 1e160, "exponent": 1}, "sweep is slow", 0.0),
        ("power_law_slow", {"scale": 1, "gap": 1e-300, "exponent": 0.5}, "sweep is fast", np.inf),
        ("dykhne_davis_pechukas", {"actions": [1e-300j, 1j]}, "sweep is fast", 1e-300),
    ],
)
def test_what_is_out_of_range_is_reported(name, request_, match, value):
    with pytest.warns(LzopenWarning, match=match) as caught:
        getattr(theory, name)(**request_)
    assert caught[0].message.value == pytest.approx(value, rel=1e-9)
    assert caught[0].filename == __file__


def test_probabilities_out_of_their_depth_are_cut_off():
    with pytest.warns(LzopenWarning):
        assert theory.power_law_slow(scale=9.0, gap=1.0, exponent=0.3) == 1
    with pytest.warns(LzopenWarning):
        assert theory.power_law_slow(scale=9.0, gap=1.0, exponent=0.3, kind="touching") == 0
    with pytest.warns(LzopenWarning):
        assert theory.power_law_fast(scale=0.1, gap=1.0, exponent=1) == 0
    with pytest.warns(LzopenWarning):
        assert theory.dykhne_davis_pechukas(actions=[0.01j, np.pi + 0.01j]) == 1


def test_a_spin_that_fills_the_memory_is_named():
    with pytest.raises(LzopenError, match="Argument `spin` must not exceed 1000"):
        theory.spin_crossing(spin=1e9, rate=1.0, gap=1.0)


# --- docstrings


@pytest.mark.parametrize("name", [*TABLE, *MATRICES, *UNITARY])
def test_every_docstring_says_where_it_holds(name):
    text = inspect.getdoc(getattr(theory, name))
    for section in ("Parameters", "Returns", "Raises", "Examples"):
        assert f"{section}\n{'-' * len(section)}" in text, section
    assert re.search("exact|definition", text, re.IGNORECASE) or "Warns\n-----" in text
