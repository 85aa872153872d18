"""Work of one closed crossing: known numbers, QuTiP, and what is commonly said of it."""

from __future__ import annotations

import json

import numpy as np
import pytest
import qutip
from numpy.testing import assert_allclose
from scipy.special import logsumexp

import lzopen as lz
from lzopen.thermodynamics import relative_entropy

QUBIT = lz.TwoLevel(sweep=lz.Linear(rate=1.0), gap=0.8)
T = 1 / 0.9
THERE, BACK = (-6.0, 6.0), (-6.0, 2.0)  # the second ends closer to the crossing
TIGHT = {"atol": 1e-13, "rtol": 1e-12, "nsteps": 10**6, "method": "dop853"}

SPIN = lz.SpinCrossing(spin=1.0, rate=0.7, gap=0.9)
TILTED = lz.TwoLevel(sweep=lz.Linear(rate=1.3), gap=lz.Rotating(0.8 * np.exp(0.4j), omega=1.1))
PASSES = lz.TwoLevel(sweep=lz.DoublePassage(rate=1.5, turning_point=2.5), gap=0.7j)
TRIANGLE = lz.Crossing(
    slopes=[0.9, 0.0, -0.9],
    offsets=[0.0, -0.4, 0.1],
    couplings=[[0, 0.3, 0.25j], [0, 0, 0.35], 3 * [0]],
)
CASES = {
    "there": (QUBIT, T, THERE),
    "back": (QUBIT, T, BACK),
    "complex coupling": (TILTED, 0.7, (-3.0, 2.0)),
    "two passages": (PASSES, 1.6, (-4.0, 3.5)),
    "spin 1": (SPIN, 0.8, (-3.0, 4.0)),
    "three levels": (TRIANGLE, 1.4, (-4.0, 3.0)),
}
each_case = pytest.mark.parametrize("name", CASES)


def swept(window, temperature=T, model=QUBIT, **more):
    return lz.work_statistics(model, temperature=temperature, window=window, **more)


def printed(value, digits):
    """The number agrees with one of so many printed decimals."""
    places = len(digits.rsplit(".", maxsplit=1)[-1])
    assert_allclose(float(value), float(digits), rtol=0, atol=0.5000001 * 10**-places)


class Exact:
    """The same passage with QuTiP's propagator and states that are built by hand."""

    def __init__(self, model, temperature, window):
        self.T = temperature
        self.U = qutip.propagator(model.H, [window[0], window[1]], options=TIGHT)[-1]
        self.first, self.last = (model.H(t) for t in window)
        self.before, self.aim = (self.gibbs(H, temperature) for H in (self.first, self.last))
        self.after = self.U * self.before * self.U.dag()

    @staticmethod
    def gibbs(H, temperature):
        state = (-H / temperature).expm()
        return state / state.tr()

    def free_energy(self, H):
        return -self.T * logsumexp(-H.eigenenergies() / self.T)

    @property
    def mean_work(self):
        return qutip.expect(self.last, self.after) - qutip.expect(self.first, self.before)

    @property
    def change(self):
        return self.free_energy(self.last) - self.free_energy(self.first)


@pytest.fixture(scope="module", params=CASES)
def pair(request):
    model, temperature, window = CASES[request.param]
    return swept(window, temperature, model, tol=1e-11), Exact(model, temperature, window)


# -- against QuTiP


def test_energies_and_entropies_are_those_of_states_built_by_hand(pair):
    found, exact = pair
    assert_allclose(found.mean_work, exact.mean_work, rtol=0, atol=1e-10)
    assert_allclose(found.free_energy_difference, exact.change, rtol=0, atol=1e-13)
    produced = relative_entropy(exact.after, exact.aim)
    for name in ("entropy_production", "relative_entropy"):
        assert_allclose(found[name], produced, rtol=0, atol=1e-10)
    energies, states = exact.last.eigenstates()
    dephased = sum(qutip.expect(s.proj(), exact.after) * s.proj() for s in states)
    assert_allclose(found.coherence, relative_entropy(exact.after, dephased), rtol=0, atol=1e-10)
    assert_allclose(
        found.population_divergence, relative_entropy(dephased, exact.aim), rtol=0, atol=1e-10
    )
    angle = qutip.bures_angle(exact.after, exact.aim)
    assert_allclose(found.bures_bound, 8 / np.pi**2 * angle**2, rtol=1e-7)
    assert_allclose(found.fidelity_bound, -2 * np.log(np.cos(angle)), rtol=1e-7)
    for name, state in (("ergotropy", exact.after), ("incoherent_ergotropy", dephased)):
        least = np.sort(state.eigenenergies())[::-1] @ energies
        assert_allclose(found[name], qutip.expect(exact.last, state) - least, rtol=0, atol=1e-10)


def test_the_distribution_is_that_of_the_characteristic_function(pair):
    """⟨e^{iuW}⟩ = Tr e^{iuH_f} U e^{−iuH_i} ρ U†, of a complex u too."""
    found, exact = pair
    work = (found.final_energy - found.initial_energy).values.T
    for u in (0.3, -1.7, 4.0, 0.4 - 0.2j, 1j / exact.T):
        shifted = (-1j * u * exact.first).expm() * exact.before
        trace = ((1j * u * exact.last).expm() * exact.U * shifted * exact.U.dag()).tr()
        pairs = (found.joint_probability.values.T * np.exp(1j * u * work)).sum()
        values = (found.probability * np.exp(1j * u * found.work)).sum().item()
        assert_allclose([pairs, values], trace, rtol=1e-10)


def test_moments_are_derivatives_of_operators(pair):
    found, exact = pair
    H = exact.U.dag() * exact.last * exact.U
    second = qutip.expect(H * H - 2 * H * exact.first + exact.first**2, exact.before)
    assert_allclose(found.work_variance, second.real - exact.mean_work**2, rtol=1e-9)


def test_backward_probabilities_are_those_of_the_reversed_drive(pair):
    """U under H*(−t) is the transpose of U, so that P(i|f) backward is P(f|i)."""
    found, exact = pair
    states = [H.eigenstates()[1] for H in (exact.last, exact.first)]
    final = exact.aim.transform(states[0]).diag().real
    for f, last in enumerate(states[0]):
        for i, first in enumerate(states[1]):
            there = abs(last.dag() * exact.U * first) ** 2
            assert_allclose(found.backward_probability[f, i], final[f] * there, rtol=0, atol=1e-11)


@each_case
def test_the_final_state_of_sesolve_has_the_probabilities(name):
    model, temperature, window = CASES[name]
    found = swept(window, temperature, model)
    energies, states = model.H(window[0]).eigenstates()
    weights = np.exp(-(energies - energies[0]) / temperature)
    _, finals = model.H(window[1]).eigenstates()
    for i, state in enumerate(states):
        end = qutip.sesolve(model.H, state, list(window), options=TIGHT).final_state
        seen = [abs(final.overlap(end)) ** 2 for final in finals]
        expected = np.array(seen) * weights[i] / weights.sum()
        assert_allclose(found.joint_probability[:, i], expected, rtol=0, atol=2e-10)


@each_case
def test_the_distribution_is_the_joint_one_sorted_by_hand(name):
    model, temperature, window = CASES[name]
    found = swept(window, temperature, model)
    assert_allclose(found.probability.sum(), 1, rtol=1e-11)
    assert_allclose(found.backward.sum(), 1, rtol=1e-11)
    assert np.all(np.diff(found.work) > 0)
    chances: dict[float, list[float]] = {}
    for f, last in enumerate(found.final_energy.values):
        for i, first in enumerate(found.initial_energy.values):
            both = chances.setdefault(round(last - first, 9), [0.0, 0.0])
            both[0] += found.joint_probability[f, i].item()
            both[1] += found.backward_probability[f, i].item()
    assert_allclose(found.work, sorted(chances), atol=1e-9)
    by_hand = [chances[value] for value in sorted(chances)]
    assert_allclose(np.stack([found.probability, found.backward], axis=-1), by_hand, atol=1e-14)
    assert_allclose(found.mean_work, (found.work * found.probability).sum(), atol=1e-12)


# -- known numbers


def test_probabilities_and_works():
    there, back = swept(THERE), swept(BACK)
    passed = there.joint_probability[1, 0] / there.joint_probability[:, 0].sum()
    printed(passed, ".36764469")
    printed(there.mean_work, "2.20630742")
    printed(there.entropy_production, "1.98567667")
    printed(back.free_energy_difference, "1.80491173")
    printed(back.entropy_production, ".84854409")
    assert there.free_energy_difference == 0


@pytest.mark.parametrize("window", [THERE, BACK])
def test_jarzynski_and_crooks(window):
    found = swept(window, tol=1e-12)
    direct = (found.probability * np.exp(-found.work / T)).sum()
    assert_allclose(direct, np.exp(-found.free_energy_difference / T), rtol=1e-12)
    assert_allclose(found.exponential_average, 1, rtol=1e-12)
    ratio = found.probability / found.backward
    dissipated = found.work - found.free_energy_difference
    assert_allclose(ratio, np.exp(dissipated / T), rtol=1e-10)
    assert found.crooks_residual < 1e-13


@pytest.mark.parametrize("window", [THERE, BACK])
@pytest.mark.parametrize("temperature", [0.0, 0.3, T, 40.0, np.inf])
def test_inner_friction_in_closed_form(window, temperature):
    found = swept(window, temperature, tol=1e-12)
    cold = swept(window, 0.0, tol=1e-12)
    ends = {
        "initial_energy": np.ptp(found.initial_energy.values),
        "final_energy": np.ptp(found.final_energy.values),
    }
    P = cold.joint_probability[1, 0].item()
    closed = lz.theory.inner_friction(probability=P, **ends, temperature=temperature)
    assert_allclose(found.inner_friction, closed, rtol=1e-11, atol=1e-14)


def test_inner_friction_is_a_distance_from_the_slow_drive():
    found = swept(BACK)
    printed(found.inner_friction, ".81493881")
    slow = T * np.ptp(found.final_energy.values) / np.ptp(found.initial_energy.values)
    exact = Exact(QUBIT, T, BACK)
    followed = exact.gibbs(exact.last, slow)
    distance = relative_entropy(exact.after, followed)
    assert_allclose(found.inner_friction, slow * distance, rtol=1e-10)
    assert_allclose(swept(THERE).inner_friction, swept(THERE).irreversible_work, rtol=1e-14)


def test_coherence_and_populations_share_the_entropy():
    there, back = swept(THERE), swept(BACK)
    printed(there.coherence, ".63065")
    printed(there.population_divergence, "1.35503")
    printed(back.coherence, ".63768")
    printed(back.population_divergence, ".21087")
    for found in (there, back):
        parts = found.coherence + found.population_divergence
        assert_allclose(parts, found.entropy_production, rtol=1e-12)


def test_bounds_by_the_bures_angle():
    there, back = swept(THERE), swept(BACK)
    printed(there.bures_bound, ".33714")
    printed(back.bures_bound, ".34527")
    printed(back.fidelity_bound, ".46015")
    for found in (there, back):
        assert found.bures_bound < found.fidelity_bound < found.entropy_production


def test_ergotropy_with_and_without_coherence():
    """P = exp(−π/8) = 0.67523, from the ground state."""
    qubit = lz.TwoLevel(sweep=lz.Linear(1.0), gap=0.5)
    found = swept((-60.0, 60.0), 0.0, qubit)
    E = np.ptp(found.final_energy.values)
    P = found.joint_probability[1, 0].item()
    assert_allclose(P, lz.theory.landau_zener(rate=1.0, gap=0.5), atol=1e-5)
    assert_allclose(found.ergotropy / E, P, rtol=1e-12)
    assert_allclose(found.incoherent_ergotropy / E, 2 * P - 1, rtol=1e-12)
    assert_allclose(
        [found.ergotropy / E, found.incoherent_ergotropy / E], [0.67523, 0.35046], atol=1e-5
    )
    assert swept((-60.0, 60.0), 0.0).incoherent_ergotropy == 0  # P = 0.366 inverts nothing


# -- what is commonly said


def test_half_the_variance_is_not_the_irreversible_work():
    """W_irr = Var W/2T holds close to equilibrium only."""
    there, back = swept(THERE), swept(BACK)
    printed(there.work_variance / (2 * T**2), "3.484")
    printed(there.entropy_production, "1.986")
    printed(back.work_variance / (2 * T**2), ".4966")
    printed(back.entropy_production, ".8485")
    hot = swept(BACK, 500.0)
    assert_allclose(hot.work_variance / 1000, hot.irreversible_work, rtol=1e-2)


def test_twice_the_square_of_the_bures_angle_is_no_bound():
    back = swept(BACK)
    square = back.bures_bound * np.pi**2 / 8
    printed(2 * square, ".85192")
    assert 2 * square > back.entropy_production


def test_from_the_ground_state_all_of_the_excess_is_irreversible_work():
    found = swept((-80.0, 80.0), 0.0)
    E = np.hypot(80.0, 0.8)
    assert_allclose(found.irreversible_work, found.joint_probability[1, 0] * E, rtol=1e-12)
    assert found.entropy_production == found.relative_entropy == np.inf


# -- batches, records and refusals


def test_what_the_result_carries():
    found = swept(THERE, [0.5, T])
    assert found.joint_probability.dims == ("temperature", "final", "initial")
    assert found.temperature.values.tolist() == [0.5, T]
    assert found.window.values.tolist() == [-6.0, 6.0]
    record = json.loads(found.attrs["lzopen"])
    assert record["quantity"] == "work_statistics"
    assert "talkner2007" in lz.cite(found)
    assert found.mean_work.attrs["units"] == "rad / time"
    assert np.all(found.work_error < 1e-8)
    assert swept(THERE).mean_work.dims == ()


@each_case
def test_errors_are_kept(name):
    model, temperature, window = CASES[name]
    coarse, fine = (swept(window, temperature, model, tol=tol) for tol in (1e-4, 1e-12))
    for quantity, off in (
        ("joint_probability", "error"),
        ("mean_work", "work_error"),
        ("entropy_production", "entropy_error"),
        ("relative_entropy", "entropy_error"),
    ):
        assert np.all(abs(coarse[quantity] - fine[quantity]) <= coarse[off]), quantity
        assert np.all(fine[off] < coarse[off])


def test_a_tolerance_out_of_reach_is_reported():
    with pytest.warns(lz.LzopenWarning, match="The probabilities may be off by") as caught:
        swept((-60.0, 60.0), tol=1e-18)
    assert caught[0].filename == __file__
    assert caught[0].message.value > 1e-18


@pytest.mark.parametrize(
    ("request_", "match"),
    [
        ({"temperature": -0.1}, r"`temperature` must not be negative, but is -0\.1; it is an"),
        ({"temperature": [1.0, np.nan]}, "`temperature` must not be negative, but is nan"),
        (
            {"temperature": "cold"},
            "`temperature` must be a number or an array of numbers, but is 'cold'",
        ),
        ({"temperature": []}, r"`temperature` must be a number or a row .* of shape \(0,\)"),
        ({"temperature": [[1.0]]}, r"`temperature` must be a number or a row .* of shape \(1, 1\)"),
        ({"window": (1.0, -1.0)}, "`window` must end after it starts"),
        ({"window": 3.0}, r"`window` must be a pair of times \(t0, t1\)"),
        ({"window": (-np.inf, 1.0)}, "`window` must be finite, but is -inf"),
        ({"tol": 0.0}, "`tol` must be positive"),
        ({"tol": [1e-6, 1e-7]}, "`tol` must be a single number"),
        ({"model": QUBIT.with_environment(lz.Dephasing(0.1))}, "`model` must be closed, but is"),
        ({"model": QUBIT.with_environment(lz.Leak(1, 0.1))}, "`model` must be closed, but is"),
        ({"model": "qubit"}, "`model` must be a Model"),
    ],
)
def test_bad_input(request_, match):
    asked = {"model": QUBIT, "temperature": T, "window": THERE} | request_
    with pytest.raises(lz.LzopenError, match=match):
        lz.work_statistics(asked.pop("model"), **asked)
