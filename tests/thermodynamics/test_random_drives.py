"""Laws that the work of every closed drive obeys, on random models, batches and in limits."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pytest
import qutip
import xarray as xr
from numpy.testing import assert_allclose

import lzopen as lz
from lzopen.dynamics.propagation import refined_propagator
from lzopen.thermodynamics import bures_angle, entropy, ergotropy, relative_entropy

KINDS = (
    "real coupling",
    "complex coupling",
    "rotating coupling",
    "two passages",
    "spin 1",
    "crossing",
    "complex crossing",
    "three levels",
)
SEEDS = range(80)
KEPT = 1e-6  # least equilibrium population of which a logarithm is compared

# what does not depend on how equal levels are told apart
TOTALS = (
    "mean_work",
    "work_variance",
    "free_energy_difference",
    "irreversible_work",
    "inner_friction",
    "entropy_production",
    "relative_entropy",
    "ergotropy",
    "exponential_average",
)
# known to the root of round-off alone
ANGLES = ("bures_bound", "fidelity_bound")


def hermitian(rng, is_complex=True):
    matrix = rng.normal(size=(3, 3)) + 1j * is_complex * rng.normal(size=(3, 3))
    return 0.5 * (matrix + matrix.conj().T)


def random_model(kind, rng):
    rate, gap = 10 ** rng.uniform(-1, np.log10(5)), rng.uniform(0.1, 2.0)
    phase = np.exp(1j * rng.uniform(0, 2 * np.pi))
    linear = lz.Linear(rate * rng.choice([-1, 1]))
    match kind:
        case "real coupling":
            return lz.TwoLevel(sweep=linear, gap=gap)
        case "complex coupling":
            return lz.TwoLevel(sweep=linear, gap=gap * phase)
        case "rotating coupling":
            turning = lz.Rotating(gap * phase, omega=rng.normal(), chirp=0.2 * rng.normal())
            return lz.TwoLevel(sweep=linear, gap=turning)
        case "two passages":
            sweep = lz.DoublePassage(rate, turning_point=rng.uniform(0.5, 5.0))
            return lz.TwoLevel(sweep=sweep, gap=gap * phase)
        case "spin 1":
            return lz.SpinCrossing(spin=1.0, rate=rate, gap=gap)
        case "three levels":
            drives = lz.Linear(rate), lz.Constant(1.0), lz.Sinusoidal(1.0, rng.uniform(0.5, 3.0))
            return lz.Model(terms=[(hermitian(rng), drive) for drive in drives])
    couplings = 0.5 * hermitian(rng, is_complex="complex" in kind)
    np.fill_diagonal(couplings, 0)
    slopes, offsets = rate * rng.normal(size=3), rng.normal(size=3)
    return lz.Crossing(slopes=slopes, offsets=offsets, couplings=couplings)


@dataclass(frozen=True)
class Drive:
    """A random drive, and its states built from their definitions."""

    model: lz.Model
    temperature: float
    window: tuple[float, float]

    @classmethod
    def random(cls, seed):
        rng = np.random.default_rng(seed)
        model = random_model(KINDS[seed % len(KINDS)], rng)
        temperature = 10 ** rng.uniform(np.log10(0.05), np.log10(20.0))
        return cls(model, temperature, (-rng.uniform(0.5, 8.0), rng.uniform(0.5, 8.0)))

    @cached_property
    def found(self):
        return lz.work_statistics(self.model, temperature=self.temperature, window=self.window)

    @cached_property
    def hamiltonians(self):
        return [self.model.hamiltonian(t) for t in self.window]

    @cached_property
    def states(self):
        """After the drive, and in equilibrium with the last Hamiltonian."""
        before, aim = (gibbs(H, self.temperature) for H in self.hamiltonians)
        U, _ = refined_propagator(self.model, *map(np.asarray, self.window), 1e-12)
        return U @ before @ U.conj().T, aim

    @cached_property
    def change(self):
        """ΔF, from the partition functions."""
        first, last = (np.linalg.eigvalsh(H) for H in self.hamiltonians)
        Z = [np.exp(-(E - E[0]) / self.temperature).sum() for E in (first, last)]
        return last[0] - first[0] - self.temperature * np.log(Z[1] / Z[0])


def gibbs(H, temperature):
    energies, vectors = np.linalg.eigh(H)
    weights = np.exp(-(energies - energies[0]) / temperature)
    return (vectors * (weights / weights.sum())) @ vectors.conj().T


@pytest.fixture(scope="module", params=SEEDS, ids=lambda seed: f"{KINDS[seed % len(KINDS)]} {seed}")
def drive(request):
    return Drive.random(request.param)


# -- laws


def test_jarzynski(drive):
    found = drive.found
    assert_allclose(found.exponential_average, 1, rtol=0, atol=1e-10)
    assert_allclose(found.free_energy_difference, drive.change, rtol=1e-12, atol=1e-12)
    # as a sum over the distribution itself, on the side where no exponential is huge
    dissipated = found.work - found.free_energy_difference
    backward = (found.backward * np.exp(np.minimum(dissipated, 0) / drive.temperature)).sum()
    forward = (found.probability * np.exp(-np.maximum(dissipated, 0) / drive.temperature)).sum()
    assert_allclose(forward, backward, rtol=0, atol=1e-10)


def test_crooks_of_every_transition(drive):
    found = drive.found
    forward, backward = found.joint_probability, found.backward_probability
    dissipated = found.final_energy - found.initial_energy - found.free_energy_difference
    seen = ((forward > 1e-8) & (backward > 1e-8)).values
    assert seen.any()
    ratio = forward.values[seen] / backward.values[seen]
    assert_allclose(ratio, np.exp(dissipated.values[seen] / drive.temperature), rtol=1e-10)
    assert found.crooks_residual < 1e-10


def test_entropy_production_is_a_relative_entropy_with_two_parts(drive):
    found = drive.found
    allowed = 1e-10 * max(1.0, found.entropy_production.item())
    assert found.coherence >= 0 <= found.population_divergence
    parts = found.coherence + found.population_divergence
    assert_allclose(found.relative_entropy, found.entropy_production, rtol=0, atol=allowed)
    assert_allclose(parts, found.entropy_production, rtol=0, atol=allowed)


def test_states_built_by_hand_have_the_same_entropies(drive):
    found, (after, aim) = drive.found, drive.states
    H = drive.hamiltonians[1]
    allowed = 1e-10 * max(1.0, found.entropy_production.item())
    free = np.trace(after @ H).real - np.linalg.eigvalsh(H)[0]
    log_Z = -np.log(np.linalg.eigvalsh(aim)[-1])
    by_energy = free / drive.temperature + log_Z - entropy(after)
    assert_allclose(found.entropy_production, by_energy, rtol=0, atol=allowed)
    if np.linalg.eigvalsh(aim)[0] > KEPT:
        by_states = relative_entropy(after, aim)
        assert_allclose(found.entropy_production, by_states, rtol=0, atol=allowed)
    vectors = np.linalg.eigh(H)[1]
    dephased = vectors @ np.diag(np.diagonal(vectors.conj().T @ after @ vectors)) @ vectors.conj().T
    assert_allclose(found.coherence, entropy(dephased) - entropy(after), rtol=0, atol=1e-9)
    assert_allclose(found.ergotropy, ergotropy(after, H), rtol=0, atol=1e-9)
    assert_allclose(found.incoherent_ergotropy, ergotropy(dephased, H), rtol=0, atol=1e-9)
    angle = bures_angle(after, aim)
    assert_allclose(found.bures_bound, 8 / np.pi**2 * angle**2, rtol=1e-6, atol=1e-14)


def test_bounds_hold(drive):
    found = drive.found
    assert 0 <= found.bures_bound <= found.entropy_production
    assert 0 <= found.fidelity_bound <= found.entropy_production
    assert found.bures_bound <= found.fidelity_bound
    assert 0 <= found.incoherent_ergotropy <= found.ergotropy + 1e-12


@pytest.mark.parametrize("seed", range(16))
def test_the_final_state_is_that_of_qutip(seed):
    drive = Drive.random(seed)
    found, H = drive.found, drive.model.H
    before = qutip.Qobj(gibbs(drive.hamiltonians[0], drive.temperature), dims=H.dims)
    options = {"atol": 1e-12, "rtol": 1e-12, "nsteps": 10**6, "method": "dop853"}
    after = qutip.mesolve(H, before, list(drive.window), options=options).final_state
    work = qutip.expect(H(drive.window[1]), after) - qutip.expect(H(drive.window[0]), before)
    assert_allclose(found.mean_work, work, rtol=0, atol=1e-8)
    energies, states = H(drive.window[1]).eigenstates()
    populations = [qutip.expect(state.proj(), after) for state in states]
    assert_allclose(found.joint_probability.sum("initial"), populations, rtol=0, atol=1e-9)
    assert_allclose(found.final_energy, energies, rtol=0, atol=1e-12)


# -- batches


def test_a_batch_with_temperatures_is_the_loop_over_its_members():
    rates, gaps = [0.4, 1.0, 3.0], [0.3, 1.2]
    temperatures = [0.0, 0.1, 1.5, np.inf]
    qubit = lz.TwoLevel(sweep=lz.Linear(1.0), gap=1.0)
    batch = lz.vary(qubit, {"rate": rates, "gap": gaps})
    starts, ends = -np.array([[3.0], [4.0], [5.0]]), np.array([2.0, 6.0])
    whole = lz.work_statistics(batch, temperature=temperatures, window=(starts, ends))
    assert whole.mean_work.dims == ("sweep.rate", "gap", "temperature")
    assert whole.window.dims == ("sweep.rate", "gap", "side")
    for r, rate in enumerate(rates):
        for g, gap in enumerate(gaps):
            model = qubit.with_parameters({"rate": rate, "gap": gap})
            for k, T in enumerate(temperatures):
                one = lz.work_statistics(model, temperature=T, window=(starts[r, 0], ends[g]))
                alike(whole.isel({"sweep.rate": r, "gap": g, "temperature": k}), one)


def test_windows_alone_make_a_batch():
    model = random_model("complex crossing", np.random.default_rng(7))
    ends = np.array([[1.0, 2.5], [4.0, 0.5]])
    whole = lz.work_statistics(model, temperature=0.7, window=(-2.0, ends))
    assert whole.mean_work.shape == ends.shape
    for index, end in np.ndenumerate(ends):
        one = lz.work_statistics(model, temperature=0.7, window=(-2.0, end))
        alike(whole.isel(dict(zip(whole.mean_work.dims, index, strict=True))), one)


def test_members_with_fewer_outcomes_are_filled_up():
    """A window that ends as it starts has three values of the work, any other four."""
    qubit = lz.TwoLevel(sweep=lz.Linear(1.0), gap=0.8)
    found = lz.work_statistics(qubit, temperature=1.0, window=(-4.0, np.array([4.0, 2.0])))
    assert np.isnan(found.work.values).tolist() == [[False] * 3 + [True], [False] * 4]
    assert found.probability.values[0, 3] == found.backward.values[0, 3] == 0
    assert_allclose(found.probability.sum("outcome"), 1, rtol=1e-12)


def test_batches_of_three_levels_and_scans():
    crossing = lz.Crossing(
        slopes=[1.0, 0.0, -0.6],
        offsets=[0, 0.3, 0],
        couplings=[[0, 0.4, 0.2j], [0, 0, 0.3], 3 * [0]],
    )
    strengths = np.linspace(0.1, 0.9, 4)
    couplings = crossing.couplings * strengths[:, None, None]
    batch = lz.Crossing(slopes=crossing.slopes, offsets=crossing.offsets, couplings=couplings)
    whole = lz.work_statistics(batch, temperature=[0.2, 2.0], window=(-5.0, 4.0))
    for k, strength in enumerate(strengths):
        model = lz.Crossing(
            slopes=crossing.slopes,
            offsets=crossing.offsets,
            couplings=strength * crossing.couplings,
        )
        one = lz.work_statistics(model, temperature=[0.2, 2.0], window=(-5.0, 4.0))
        alike(whole.isel({whole.mean_work.dims[0]: k}), one)


def test_scans_take_it():
    qubit = lz.TwoLevel(sweep=lz.Linear(1.0), gap=1.0)
    gaps = [0.3, 0.6, 1.2]
    asked: dict[str, Any] = {"temperature": 0.8, "window": (-4.0, 3.0)}
    scanned = lz.scan(lz.work_statistics, qubit, over={"gap": gaps}, **asked)
    batch = lz.work_statistics(lz.vary(qubit, {"gap": gaps}), **asked)
    assert_allclose(scanned.entropy_production, batch.entropy_production, rtol=1e-12)


def alike(member: xr.Dataset, single: xr.Dataset) -> None:
    """One member of a batch and the same model alone, to the errors of either."""
    for name in (*TOTALS, "joint_probability", "backward_probability", "coherence"):
        assert_allclose(member[name], single[name], rtol=1e-9, atol=1e-9, err_msg=name)
    for name in ("work", "probability", "backward"):
        kept = member[name].values[..., : single.sizes["outcome"]]
        assert_allclose(kept, single[name], rtol=1e-9, atol=1e-9, err_msg=name)


# -- limits of temperature


@pytest.mark.parametrize("seed", range(0, 80, 7))
def test_at_zero_temperature_any_excitation_is_infinitely_irreversible(seed):
    drive = Drive.random(seed)
    found = lz.work_statistics(drive.model, temperature=0.0, window=drive.window)
    kept = found.joint_probability[0, 0].item()
    assert_allclose(found.joint_probability[:, 1:], 0)
    assert found.entropy_production == found.relative_entropy == np.inf
    lowest = found.final_energy[0] - found.initial_energy[0]
    assert_allclose(found.free_energy_difference, lowest, rtol=1e-14)
    assert_allclose(found.exponential_average, kept + (1 - kept), rtol=1e-10)
    excess = (found.joint_probability[:, 0] * (found.final_energy - found.final_energy[0])).sum()
    assert_allclose(found.irreversible_work, excess, rtol=0, atol=1e-12)
    assert_allclose(found.ergotropy, excess, rtol=0, atol=1e-9)  # a pure state gives all of it


def test_at_zero_temperature_a_ground_state_that_is_kept_costs_nothing():
    rest = lz.Model(terms=[(np.diag([0.0, 1.0, 1.7]), lz.Constant(1.0))])
    moved = lz.Model(terms=[(np.diag([0.0, 1.0, 1.7]), lz.Linear(1.0) + lz.Constant(5.0))])
    still = lz.Model(terms=[(GENERIC, lz.Constant(1.0))])  # the others get their round-off
    for model, window in ((rest, (0, 3)), (moved, (-2, 1)), (still, (0, 3))):
        found = lz.work_statistics(model, temperature=0.0, window=window)
        assert found.entropy_production == 0
        assert_allclose(found.relative_entropy, 0, atol=1e-12)
        assert abs(found.irreversible_work) <= found.work_error


@pytest.mark.parametrize("seed", range(0, 80, 7))
def test_at_infinite_temperature_nothing_is_irreversible(seed):
    drive = Drive.random(seed)
    found = lz.work_statistics(drive.model, temperature=np.inf, window=drive.window)
    for name in ("entropy_production", "relative_entropy", "coherence", *ANGLES):
        assert_allclose(found[name], 0, atol=1e-10, err_msg=name)
    for name in ("irreversible_work", "inner_friction", "ergotropy"):
        assert_allclose(found[name], 0, atol=1e-9, err_msg=name)
    means = [np.trace(H).real / len(H) for H in drive.hamiltonians]
    assert_allclose(found.free_energy_difference, means[1] - means[0], rtol=0, atol=1e-12)
    assert_allclose(found.exponential_average, 1, rtol=1e-10)


@pytest.mark.parametrize("seed", range(0, 80, 7))
def test_limits_of_temperature_are_reached_smoothly(seed):
    drive = Drive.random(seed)
    hot = lz.work_statistics(drive.model, temperature=[1e7, np.inf], window=drive.window)
    ends = hot.isel(temperature=0), hot.isel(temperature=1)
    for name in ("mean_work", "work_variance", "free_energy_difference"):
        assert_allclose(ends[0][name], ends[1][name], rtol=1e-4, atol=1e-4, err_msg=name)
    tiny = 1e-3 * drive.found.initial_energy.diff("initial").min().item()
    cold = lz.work_statistics(drive.model, temperature=[0.0, tiny], window=drive.window)
    for name in ("mean_work", "work_variance", "joint_probability", "ergotropy"):
        ends = (cold[name].isel(temperature=k) for k in (0, 1))
        assert_allclose(*ends, rtol=0, atol=1e-9, err_msg=name)


# -- equal and nearly equal levels

GENERIC = np.array([[0.2, 0.3, 0.4j], [0.3, -0.5, 0.6], [-0.4j, 0.6, 0.1]])
COLD_TO_HOT = [0.0, 0.05, 1.0, 20.0, np.inf]


def mixed(angle):
    """A rotation of the first two levels."""
    c, s = np.cos(angle), 1j * np.sin(angle)
    return np.array([[c, -s, 0], [-s, c, 0], [0, 0, 1]])


def meeting(distance=0.0, angle=0.0, top=1.0):
    """Two lowest levels that are equal, but for a distance, at t = 0 only."""
    R = mixed(angle)
    ends = np.diag([0.0, distance, top])
    return lz.Model(terms=[(ends, lz.Constant(1.0)), (R @ GENERIC @ R.conj().T, lz.Linear(1.0))])


def turned(distance=0.0, angle=0.0):
    """The same in another basis, in which round-off parts the equal levels."""
    basis = np.linalg.qr(GENERIC + 0.3 * np.eye(3))[0]
    plain = meeting(distance, angle)
    return lz.Model(terms=[(basis @ m @ basis.conj().T, w) for m, w in plain.terms])


def parallel(distance=0.0, angle=0.0):
    """Two parallel levels that a third one crosses."""
    couplings = mixed(angle) @ np.array([0.3, 0.5j, 0.0])
    table = [[0, *couplings[:2].conj()], [0, 0, 0], [0, 0, 0]]
    return lz.Crossing(slopes=[1.0, 0.0, 0.0], offsets=[0, 0, distance], couplings=table)


@pytest.mark.parametrize("temperature", COLD_TO_HOT)
@pytest.mark.parametrize("window", [(-3.0, 0.0), (0.0, 3.0), (-2.0, 3.0)])
@pytest.mark.parametrize("build", [meeting, turned, parallel])
def test_nothing_depends_on_the_basis_of_equal_levels(build, window, temperature):
    one, other = (
        lz.work_statistics(build(angle=angle), temperature=temperature, window=window)
        for angle in (0.0, 0.7)
    )
    names = (*TOTALS, "coherence", "population_divergence", "incoherent_ergotropy")
    for name in (*names, "joint_probability", "backward_probability", "work", "probability"):
        assert_allclose(one[name], other[name], rtol=1e-10, atol=1e-10, err_msg=name)
    for name in ANGLES:
        assert_allclose(one[name], other[name], rtol=0, atol=1e-7, err_msg=name)
    for found in (one, other):
        assert_allclose(found.exponential_average, 1, rtol=1e-10)
        assert found.crooks_residual < 1e-10


@pytest.mark.parametrize("build", [meeting, turned])
def test_equal_levels_share_alike(build):
    found = lz.work_statistics(build(), temperature=0.4, window=(-3.0, 0.0))
    assert_allclose(found.joint_probability[0], found.joint_probability[1], rtol=1e-14)
    assert found.sizes["outcome"] == 6
    found = lz.work_statistics(build(), temperature=0.4, window=(0.0, 3.0))
    assert_allclose(found.joint_probability[:, 0], found.joint_probability[:, 1], rtol=1e-12)
    ground = lz.work_statistics(build(), temperature=0.0, window=(0.0, 3.0))
    assert_allclose(ground.joint_probability.sum("final"), [0.5, 0.5, 0.0], rtol=1e-12)


def test_two_levels_that_are_always_equal_cost_nothing():
    model = lz.Model(terms=[(np.eye(2), lz.Linear(1.0))])
    for temperature in COLD_TO_HOT:
        found = lz.work_statistics(model, temperature=temperature, window=(-1.0, 2.0))
        assert found.work.values.tolist() == [3.0]
        assert_allclose(found.probability, [1.0], rtol=1e-14)
        for name in ("entropy_production", "relative_entropy", "irreversible_work"):
            assert_allclose(found[name], 0, atol=1e-12, err_msg=name)


@pytest.mark.parametrize("distance", [1e-9, 1e-10, 1e-11, 1e-12, 1e-13])
@pytest.mark.parametrize("window", [(-3.0, 0.0), (0.0, 3.0), (-2.0, 3.0)])
@pytest.mark.parametrize("build", [meeting, turned, parallel])
def test_totals_hardly_depend_on_a_tiny_distance(build, window, distance):
    """Only the parts of Σ do: coherence between levels of different energies is another thing."""
    temperatures = COLD_TO_HOT[1:]  # at T = 0 the lower of two levels starts alone
    equal, apart = (
        lz.work_statistics(build(d), temperature=temperatures, window=window)
        for d in (0.0, distance)
    )
    for name in TOTALS:
        allowed = 1e-10 + 1e3 * distance  # Σ at T = 0.05 among them
        assert_allclose(equal[name], apart[name], rtol=0, atol=allowed, err_msg=name)
    parts = apart.coherence + apart.population_divergence
    assert_allclose(parts, apart.entropy_production, rtol=0, atol=1e-10)
    assert np.all(apart.crooks_residual < 1e-10)


# -- large energies


@pytest.mark.parametrize("temperature", [0.0, 1e-3, 1.0, 1e3, 1e9, np.inf])
@pytest.mark.parametrize("levels", [2, 3])
def test_large_energies_do_not_overflow(levels, temperature):
    if levels == 2:
        model = lz.TwoLevel(sweep=lz.Linear(100.0), gap=10.0)
    else:
        model = lz.SpinCrossing(spin=1.0, rate=100.0, gap=10.0)
    found = lz.work_statistics(model, temperature=temperature, window=(-15.0, 5.0))
    assert abs(found.initial_energy).max() > 700
    names = [*TOTALS, *ANGLES, "coherence", "population_divergence"]
    for name in names:
        assert not np.isnan(found[name]), name
        infinite = temperature == 0 and ("entropy" in name or "divergence" in name)
        assert np.isinf(found[name]) == infinite, name
    assert_allclose(found.exponential_average, 1, rtol=0, atol=1e-9)
    if 0 < temperature < np.inf:
        produced = found.entropy_production
        assert abs(produced - found.relative_entropy) <= 2 * found.entropy_error
        assert_allclose(found.relative_entropy, produced, rtol=1e-9, atol=1e-9)


def test_an_offset_of_all_energies_changes_nothing_but_the_work():
    plain = meeting(0.3)
    lifted = lz.Model(terms=[*plain.terms, (1e3 * np.eye(3), lz.Linear(1.0))])
    one, other = (
        lz.work_statistics(model, temperature=0.6, window=(-3.0, 2.0)) for model in (plain, lifted)
    )
    assert_allclose(other.work, one.work + 5e3, rtol=1e-12)
    assert_allclose(other.free_energy_difference, one.free_energy_difference + 5e3, rtol=1e-12)
    for name in ("entropy_production", "coherence", "irreversible_work", "ergotropy"):
        assert_allclose(other[name], one[name], rtol=0, atol=1e-9, err_msg=name)
