"""The ledger of open drives: laws, limits, and the same numbers from other codes."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
import qutip
from numpy.testing import assert_allclose
from scipy.integrate import quad, simpson, solve_ivp

import lzopen as lz
from lzopen.thermodynamics import relative_entropy

QUBIT = lz.TwoLevel(sweep=lz.Linear(rate=0.5), gap=1.0)
LAWFUL, BLOCK = 200, 20


def ohmic(w):
    return 0.03 * w * np.exp(-w / 10)


def flat(w):
    """J = 0.01 at all energies that the qubit has; nothing at rest."""
    return 0.01 * (1 - np.exp(-((w / 0.1) ** 4)))


def hermitian(rng, n, real):
    matrix = rng.normal(size=(n, n)) + (0 if real else 1j) * rng.normal(size=(n, n))
    return 0.4 * (matrix + matrix.conj().T)


def random_model(rng):
    """Two to four levels under drives of several kinds, with baths that know the energies."""
    n, real = int(rng.integers(2, 5)), bool(rng.random() < 0.5)
    rate = 10 ** rng.uniform(-1, 0.7)
    sweeps = (
        lz.Linear(rate),
        lz.DoublePassage(rate, turning_point=2.0),
        lz.Sinusoidal(rng.uniform(1, 4), omega=rng.uniform(0.5, 2)),
    )
    sweep = sweeps[rng.integers(3)]
    if n == 2:
        bare = lz.TwoLevel(sweep=sweep, gap=rng.uniform(0.1, 2) * (1 if real else np.exp(2j)))
    elif n == 3 and rng.random() < 0.5:
        bare = lz.SpinCrossing(spin=1.0, rate=rate, gap=rng.uniform(0.1, 2))
    else:
        still = (hermitian(rng, n, real), lz.Constant(1.0))
        bare = lz.Model(terms=[(np.diag(rng.uniform(-1, 1, n)), sweep), still])
    found = []
    for _ in range(rng.integers(1, 3)):
        temperature = rng.choice([0.0, 10 ** rng.uniform(-0.5, 0.7)], p=[0.1, 0.9])
        if n == 2 and rng.random() < 0.6:
            found.append(lz.Relaxation(10 ** rng.uniform(-3, -0.3), temperature))
        else:
            coupling = hermitian(rng, n, real)
            found.append(lz.ThermalBath(coupling, ohmic, temperature=temperature))
    if rng.random() < 0.5:
        diagonal = np.diag(rng.uniform(-1, 1, n))
        found.append(lz.Dephasing(10 ** rng.uniform(-3, -0.3), diagonal, basis="adiabatic"))
    return bare.with_environment(*found)


@pytest.mark.parametrize(
    "block",
    [0, 1, 2, *(pytest.param(k, marks=pytest.mark.slow) for k in range(3, LAWFUL // BLOCK))],
)
def test_both_laws_hold_for_baths_that_know_the_energies(block):
    for seed in range(BLOCK * block, BLOCK * (block + 1)):
        rng = np.random.default_rng([6, seed])
        model = random_model(rng)
        start = ({"temperature": rng.uniform(0.2, 4)}, {"initial": "ground"}, {"initial": 0})
        run = lz.energetics(
            model, times=np.linspace(-4, 4, 17), tol=1e-10, **start[rng.integers(3)]
        )
        assert np.abs(run.first_law_residual).max() < 1e-9, seed
        assert np.all(np.abs(run.first_law_residual) <= 3 * run.energy_error + 1e-13), seed
        for rate in ("entropy_production_rate", "coherence_rate", "population_rate"):
            assert run[rate].min() >= -1e-9, (seed, rate)
        assert run.environment_rate.min() >= -1e-9, seed
        produced = run.entropy_production.values
        assert np.all(np.diff(produced[np.isfinite(produced)]) >= -1e-9), seed


def bloch_ledger(gamma, temperature, v=0.5, end=40.0):
    """Work and heat of ½(σx + vtσz) coupled by ½σz to a flat bath, by the Bloch equations."""

    def moving(t, y):
        r, field = y[:3], np.array([1.0, 0.0, v * t])
        energy = np.linalg.norm(field)
        n, hot = field / energy, np.tanh(energy / 2 / temperature)
        rate = gamma / (4 * energy**2) / hot
        along = r @ n
        dr = np.cross(field, r) - 0.5 * rate * (r - along * n) - rate * (along + hot) * n
        return [*dr, 0.5 * v * r[2], -0.5 * energy * rate * (along + hot)]

    field = np.array([1.0, 0.0, -v * end])
    energy = np.linalg.norm(field)
    first = [*(-np.tanh(energy / 2 / temperature) * field / energy), 0.0, 0.0]
    found = solve_ivp(moving, (-end, end), first, method="DOP853", rtol=1e-12, atol=1e-14)
    return found.y[3:, -1]


def test_heat_of_a_driven_qubit_is_converged():
    """With too coarse a grid both laws hold to round-off, while the heat is 0.0298."""
    warm = QUBIT.with_environment(lz.ThermalBath(np.diag([0.5, -0.5]), flat, temperature=1.0))
    work, heat = bloch_ledger(0.02, 1.0)
    assert heat == pytest.approx(0.0079221, abs=1e-7)
    misses = []
    for tol in (1e-4, 1e-6, 1e-8):
        run = lz.energetics(warm, times=[-40, 40], temperature=1.0, tol=tol).isel(time=-1)
        off = max(abs(run.work.item() - work), abs(run.heat.item() - heat))
        misses.append(off)
        assert off <= run.energy_error.item()
        assert abs(run.first_law_residual.item()) <= run.energy_error.item()
    assert misses[2] < 1e-9
    assert misses[2] < misses[0]
    assert run.heat.item() == pytest.approx(0.00792206714, abs=1e-9)


@pytest.mark.parametrize(
    ("equation", "solver"), [("lindblad", "mesolve"), ("redfield", "brmesolve")]
)
@pytest.mark.parametrize("width", [None, np.inf])
def test_states_and_currents_are_those_of_qutip(equation, solver, width):
    coupling = qutip.jmat(1, "z") + 0.3 * qutip.jmat(1, "x")
    bath = lz.ThermalBath(coupling, ohmic, temperature=0.8, width=width)
    spin = lz.SpinCrossing(spin=1.0, rate=0.7, gap=0.8).with_environment(bath)
    mixed = qutip.Qobj(np.diag([0.5, 0.3, 0.2]))
    times = np.linspace(-4, 4, 401)
    options = {"atol": 1e-12, "rtol": 1e-10, "nsteps": 10**5, "progress_bar": "", "max_step": 0.1}
    if solver == "mesolve":
        result = qutip.mesolve(spin.H, mixed, times, spin.c_ops, options=options)
    else:
        result = qutip.brmesolve(spin.H, mixed, times, spin.a_ops, spin.sec_cutoff, options=options)
    states = np.array([state.full() for state in result.states])
    run = lz.energetics(spin, times=times[::50], initial=mixed, equation=equation)
    held = np.einsum("tij,tji->t", spin.hamiltonian(times), states).real
    power = np.einsum("tij,tji->t", spin.dH(times), states).real
    assert_allclose(run.internal_energy, held[::50], atol=1e-8)
    assert_allclose(run.power, power[::50], atol=1e-8)
    work = simpson(power, x=times)
    assert_allclose(run.work[-1], work, atol=3e-8)
    assert_allclose(run.heat[-1], held[-1] - held[0] - work, atol=3e-8)


def test_bloch_redfield_warns_of_negative_populations():
    bath = lz.ThermalBath(qutip.jmat(1, "z"), lambda w: 0.3 * w, temperature=0.1, width=np.inf)
    spin = lz.SpinCrossing(spin=1.0, rate=0.7, gap=0.8).with_environment(bath)
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        lz.energetics(spin, times=[-4, 4], initial=0, equation="redfield")
    texts = [str(warning.message) for warning in said]
    assert any("has the population" in text for text in texts)
    assert any("second law" in text for text in texts)
    assert all(warning.filename == __file__ for warning in said if "second" in str(warning.message))


def test_thermalising_produces_what_told_the_states_apart():
    still = lz.TwoLevel(sweep=lz.Constant(0.6), gap=0.8)
    warm = still.with_environment(lz.Relaxation(0.3, temperature=0.7))
    first = qutip.Qobj([[0.3, 0.2 - 0.1j], [0.2 + 0.1j, 0.7]])
    times = np.linspace(0, 60, 13)
    run = lz.energetics(warm, times=times, initial=first)
    thermal = still.thermal_state(0.0, 0.7)
    states = qutip.mesolve(
        warm.H,
        first,
        times,
        warm.c_ops,
        options={"atol": 1e-13, "rtol": 1e-11, "progress_bar": ""},
    ).states
    left = np.array([relative_entropy(state, thermal) for state in states])
    assert_allclose(run.entropy_production, left[0] - left, atol=1e-7)
    assert_allclose(run.work, 0, atol=1e-12)
    assert_allclose(run.heat, run.internal_energy - run.internal_energy[0], atol=1e-9)
    assert_allclose(run.second_law_residual, 0, atol=2e-5)
    # Coherence is lost for good: its part is what the state had more than its populations.
    _energies, states = np.linalg.eigh(still.hamiltonian(0.0))
    inside = states.conj().T @ first.full() @ states
    had = relative_entropy(inside, np.diag(np.diagonal(inside)))
    assert_allclose(run.coherence_production[-1], had, atol=1e-5)


def test_slow_isothermal_drives_need_only_the_free_energy():
    """What they dissipate falls in proportion to their rate."""
    lost = []
    for rate in (0.02, 0.01, 0.005):
        swept = lz.TwoLevel(sweep=lz.Linear(rate), gap=1.0)
        warm = swept.with_environment(lz.Relaxation(1.0, temperature=0.5))
        ends = (-1 / rate, 2 / rate)
        run = lz.energetics(warm, times=ends, temperature=0.5).isel(time=-1)
        change = lz.work_statistics(swept, temperature=0.5, window=ends).free_energy_difference
        lost.append((run.work - change).item())
        assert run.entropy_production.item() > 0
    assert lost[0] / lost[1] == pytest.approx(2, rel=0.02)
    assert lost[1] / lost[2] == pytest.approx(2, rel=0.01)


def test_adiabatic_dephasing_moves_no_energy():
    still = lz.TwoLevel(sweep=lz.Constant(0.6), gap=0.8)
    noisy = still.with_environment(lz.Dephasing(0.3, basis="adiabatic"))
    run = lz.energetics(noisy, times=np.linspace(0, 9, 4), initial=0)
    assert_allclose(run.energy_received, 0, atol=1e-13)
    assert_allclose(run.entropy_production, run.entropy - run.entropy[0], atol=1e-12)
    assert_allclose(run.population_rate, 0, atol=1e-12)
    assert run.coherence_rate[1:].min() > 1e-3
    populations = np.abs(still.eigenstates(0.0)[1][0]) ** 2
    coherence = populations.prod() ** 0.5 * np.exp(-0.3 * 9)
    last = [[populations[0], coherence], [coherence, populations[1]]]
    assert_allclose(run.entropy[-1], lz.thermodynamics.entropy(last), atol=1e-9)


def test_diabatic_dephasing_exchanges_work():
    noisy = QUBIT.with_environment(lz.Dephasing(0.2), lz.Relaxation(0.1, temperature=1.0))
    run = lz.energetics(noisy, times=[-10, 0, 10], temperature=1.0)
    assert np.isnan(run.temperature.sel(environment="dephasing"))
    assert_allclose(run.noise_work, run.energy_received.sel(environment="dephasing"))
    assert_allclose(run.heat, run.energy_received.sel(environment="relaxation"))
    assert run.noise_work[-1] > 0.05
    assert_allclose(run.first_law_residual, 0, atol=1e-8)
    assert run.entropy_production_rate.min() >= -1e-9  # dephasing orders nothing


def test_at_zero_temperature_entropy_production_is_infinite_where_heat_flows():
    cold = QUBIT.with_environment(lz.Relaxation(0.1, temperature=0.0))
    run = lz.energetics(cold, times=[-10, 0, 10], initial="ground")
    assert run.heat[-1] < -0.05
    assert run.entropy_production[-1] == np.inf
    assert run.entropy_production_rate[-1] == np.inf
    assert run.entropy_production[0] == 0
    assert_allclose(run.first_law_residual, 0, atol=1e-8)
    still = lz.TwoLevel(sweep=lz.Constant(0.6), gap=0.8)
    rest = lz.energetics(
        still.with_environment(lz.Relaxation(0.1, 0.0)), times=[0, 5], initial="ground"
    )
    assert_allclose(rest.entropy_production, 0, atol=1e-12)


def test_passages_too_narrow_to_be_seen_are_passed():
    """Eigenstates change places within a fraction of a step.

    For as long as Δ/α the bath relaxes along x instead of z, so that heat differs by ∝ Δ.
    """
    rate, temperature, misses = 0.05, 1.0, []

    def moving(t, y):  # populations of diabatic levels, and heat, without a gap
        return [-rate * (y[0] + np.tanh(t / 2)), -0.5 * t * rate * (y[0] + np.tanh(t / 2))]

    first = [np.tanh(4.0), 0.0]
    exact = solve_ivp(moving, (-8, 8), first, method="DOP853", rtol=1e-12, atol=1e-13)
    for gap in (1e-4, 1e-5, 1e-6):
        sharp = lz.TwoLevel(sweep=lz.Linear(1.0), gap=gap)
        warm = sharp.with_environment(lz.Relaxation(rate, temperature))
        run = lz.energetics(warm, times=[-8, 8], temperature=temperature, tol=1e-10)
        misses.append(run.heat[-1].item() - exact.y[1, -1])
    assert abs(misses[0]) < 2 * rate * 1e-4
    assert_allclose(misses[1:], [0.1 * misses[0], 0.01 * misses[0]], rtol=0.05, atol=1e-9)


@pytest.mark.parametrize(
    "sweep",
    [
        lz.Square(1.0, omega=2.0),
        lz.Tabulated([0, 1, 2, 3], [1.0, -1.0, 2.0, 0.0], kind="step"),
        lz.Linear(0.3).then(lz.Constant(2.0), at=1.5),
    ],
)
def test_sudden_steps_do_work(sweep):
    """All of the work of a drive that rests between its steps, also if one is asked about then."""
    model = lz.TwoLevel(sweep=sweep, gap=lz.SignFlip(0.5, at=2.5))
    batch = lz.vary(
        model.with_environment(lz.Relaxation(0.2, 0.5)), {"relaxation.rate": [0.0, 0.2]}
    )
    kinks = model.kinks(0.0, 6.0)
    times = np.unique([0.0, *kinks, 0.7, 6.0])
    run = lz.energetics(batch, times=times, initial=0, tol=1e-10)
    assert_allclose(run.first_law_residual, 0, atol=1e-9)
    assert np.abs(np.diff(run.work)).max() > 0.1
    closed = run.isel({"relaxation.rate": 0})
    assert_allclose(closed.work, closed.internal_energy - closed.internal_energy[0], atol=1e-9)


@pytest.mark.parametrize(
    "omega", [0.7, 2.3, *(pytest.param(w, marks=pytest.mark.slow) for w in (0.3, 1.1))]
)
def test_steps_are_found_beside_times_that_round_off_moves(omega):
    """Grids over whole periods have points that miss the steps by the last digit."""
    square = lz.TwoLevel(sweep=lz.Square(2.0, omega=omega, bias=0.3), gap=lz.SignFlip(0.8, at=0.3))
    warm = square.with_environment(lz.Relaxation(0.3, temperature=1.0))
    period = 2 * np.pi / omega
    plain = lz.energetics(warm, times=[0.0, period], temperature=1.0)
    for points in (9, 41, 61):
        times = np.linspace(0, period, points)
        run = lz.energetics(warm, times=times, temperature=1.0)
        assert_allclose(run.work[-1], plain.work[-1], atol=1e-8)
        assert_allclose(run.first_law_residual, 0, atol=1e-8)
    at = np.append(np.arange(-4, 4.05, 0.1), 4.1)  # 0.3 is not among them to the last digit
    run = lz.energetics(warm, times=at, temperature=1.0)
    assert_allclose(run.first_law_residual, 0, atol=1e-8)


def test_infinite_slopes_are_crossed_within_the_error():
    steep = lz.TwoLevel(sweep=lz.PowerLaw(1.0, 0.5), gap=0.5)
    warm = steep.with_environment(lz.Relaxation(0.05, temperature=0.5))
    run = lz.energetics(warm, times=[-5, 0, 5], temperature=0.5)
    assert np.all(np.abs(run.first_law_residual) <= run.energy_error)
    assert run.energy_error.max() < 1e-4
    assert np.isinf(run.power[1])


def test_what_is_produced_and_what_is_to_come():
    """Together they are the work beyond the free energy, and what the start was away from rest."""
    warm = QUBIT.with_environment(
        lz.Dephasing(0.1, basis="adiabatic"), lz.Relaxation(0.05, temperature=0.7)
    )
    times = np.linspace(-8, 8, 5)
    run = lz.energetics(warm, times=times, initial=0)
    sums = np.exp(-QUBIT.energies(times) / 0.7).sum(axis=-1)
    dissipated = run.work / 0.7 + np.log(sums / sums[0])
    start = relative_entropy(qutip.fock_dm(2, 0), QUBIT.thermal_state(-8.0, 0.7))
    assert_allclose(run.entropy_to_come[0], start, rtol=1e-6)
    assert_allclose(run.entropy_production + run.entropy_to_come, start + dissipated, atol=1e-7)
    held = QUBIT.sweep.then(lz.Constant(4.0), at=8.0)
    rest = lz.TwoLevel(sweep=held, gap=1.0, environments=warm.environments)
    late = lz.energetics(rest, times=[-8, 8, 400], initial=0)
    expected = run.entropy_production[-1] + run.entropy_to_come[-1]
    assert_allclose(late.entropy_production[-1], expected, atol=1e-5)
    two = warm.with_environment(lz.Relaxation(0.05, temperature=1.0))
    assert np.isnan(lz.energetics(two, times=[-1, 1], initial=0).entropy_to_come).all()


def test_errors_above_tol_are_said():
    warm = QUBIT.with_environment(lz.Relaxation(0.1, temperature=1.0))
    with pytest.warns(lz.LzopenWarning, match="tol = 1.0e-16"):
        lz.energetics(warm, times=[-5, 5], temperature=1.0, tol=1e-16)


def test_leaks_carry_off_the_energy_of_what_leaves():
    """An uncoupled level that decays, and beside it one that stays."""
    levels = lz.TwoLevel(sweep=lz.Linear(0.3), gap=0.0).with_environment(lz.Leak(0, rate=0.4))
    times = np.linspace(-2, 3, 6)
    first = qutip.Qobj(np.diag([0.7, 0.3]))
    run = lz.energetics(levels, times=times, initial=first)
    left = 0.7 * np.exp(-0.4 * (times + 2))
    assert_allclose(run.survival, left + 0.3, atol=1e-10)
    taken = [
        quad(lambda t: -0.15 * t * 0.4 * 0.7 * np.exp(-0.4 * (t + 2)), -2, end)[0] for end in times
    ]
    assert_allclose(run.energy_received[:, 0], taken, atol=1e-9)
    assert_allclose(run.first_law_residual, 0, atol=1e-9)
    parts = np.stack([left, 0.3 + 0 * left, 0.7 - left])
    entropy = -np.sum(parts * np.log(np.where(parts > 0, parts, 1.0)), axis=0)
    assert_allclose(run.entropy, entropy, atol=1e-9)
    assert np.isnan(run.entropy_production).all()  # who knows what the outside gains


def test_leaky_passage_survives_as_evolve_says():
    leaky = QUBIT.with_environment(lz.Leak(level=1, rate=0.5), lz.Relaxation(0.1, 0.5))
    times = np.linspace(-6, 6, 7)
    run = lz.energetics(leaky, times=times, initial=0)
    assert_allclose(run.survival, lz.evolve(leaky, times=times).survival, atol=1e-7)
    assert_allclose(run.first_law_residual, 0, atol=1e-8)
    assert np.isfinite(run.environment_rate.sel(environment="relaxation")[1:]).all()


def test_batches_are_their_members():
    warm = QUBIT.with_environment(lz.Relaxation(0.1, temperature=1.0))
    batch = lz.vary(warm, {"sweep.rate": [0.5, 1.5], "relaxation.temperature": [0.0, 0.4, 2.0]})
    run = lz.energetics(batch, times=[-5, 0, 5], temperature=1.0)
    assert run.heat.dims == ("sweep.rate", "relaxation.temperature", "time")
    for rate in (0.5, 1.5):
        for temperature in (0.0, 0.4, 2.0):
            values = {"sweep.rate": rate, "relaxation.temperature": temperature}
            alone = lz.energetics(warm.with_parameters(values), times=[-5, 0, 5], temperature=1.0)
            for name in ("work", "energy_received", "entropy", "entropy_production"):
                assert_allclose(run[name].sel(values), alone[name], atol=1e-9)


def test_members_do_not_know_each_other():
    """Thresholds are those of a member at an instant, not of the strongest or the leakiest."""
    leaky = QUBIT.with_environment(lz.Leak(1, np.array([0.0, 1e-6, 0.3])), lz.Relaxation(0.2, 0.5))
    run = lz.energetics(leaky, times=[-4, 0, 4], temperature=0.7)
    alone = lz.energetics(
        QUBIT.with_environment(lz.Relaxation(0.2, 0.5)), times=[-4, 0, 4], temperature=0.7
    )
    assert_allclose(run.entropy_production[0], alone.entropy_production, atol=1e-8)
    assert np.isnan(run.entropy_production[1:]).all()
    uneven = QUBIT.with_environment(lz.Relaxation(np.array([1e-8, 1e2]), 1.0))
    run = lz.energetics(uneven, times=[-8, 6.5, 8], temperature=1.0)
    weak = QUBIT.with_environment(lz.Relaxation(1e-8, 1.0))
    alone = lz.energetics(weak, times=[-8, 6.5, 8], temperature=1.0)
    assert_allclose(
        run.entropy_production_rate[0, 1:], alone.entropy_production_rate[1:], rtol=1e-6
    )


@pytest.mark.parametrize(
    ("environment", "start"),
    [
        (lz.Dephasing(1.0, basis="adiabatic"), {"initial": "ground"}),
        (lz.Relaxation(1.0, 0.0), {"initial": "ground"}),
        (lz.Relaxation(1.0, 0.02), {"temperature": 0.02}),
        (lz.Relaxation(1e-3, 1e-3), {"temperature": 1e-3}),
    ],
)
def test_round_off_is_no_infinite_rate(environment, start):
    still = lz.TwoLevel(sweep=lz.Constant(0.3), gap=1.0).with_environment(environment)
    run = lz.energetics(still, times=[0, 1, 5], **start)
    assert_allclose(run.entropy_production_rate, 0, atol=1e-12)


def test_cold_baths_are_infinite_until_nothing_flows():
    still = lz.TwoLevel(sweep=lz.Constant(0.3), gap=1.0)
    cold = still.with_environment(lz.Relaxation(1.0, 0.0))
    run = lz.energetics(cold, times=[0, 10, 20, 30, 40, 60], initial=0)
    rate = run.entropy_production_rate.values
    assert np.all(np.isinf(rate[:3]))
    assert_allclose(rate[3:], 0, atol=1e-9)


def test_all_levels_are_alike_at_infinite_temperature():
    warm = QUBIT.with_environment(lz.Relaxation(0.1, temperature=1.0))
    run = lz.energetics(warm, times=[-5, 5], temperature=np.inf)
    assert_allclose(run.entropy[0], np.log(2), atol=1e-12)
    assert run.entropy_production[-1] > 0


def test_windows_that_ask_for_too_much_are_refused():
    stiff = QUBIT.with_environment(lz.Relaxation(1e7, temperature=1.0))
    with pytest.raises(lz.LzopenError, match="radians and decays"):
        lz.energetics(stiff, times=[-5, 5], temperature=1.0)


def test_members_may_have_times_of_their_own():
    warm = QUBIT.with_environment(lz.Relaxation(0.1, temperature=1.0))
    batch = lz.vary(warm, {"gap": [0.5, 1.0]})
    times = np.array([[-5.0, 0.0, 5.0], [-3.0, 1.0, 2.0]])
    run = lz.energetics(batch, times=times, temperature=1.0)
    alone = lz.energetics(warm, times=times[1], temperature=1.0)
    assert run.work.dims == ("gap", "moment")
    assert_allclose(run.work[1], alone.work, atol=1e-10)


def test_it_survives_the_disk_and_scan(tmp_path):
    warm = QUBIT.with_environment(lz.Relaxation(0.1, temperature=1.0))
    run = lz.energetics(warm, times=[-5, 5], temperature=1.0)
    assert lz.load(lz.save(run, tmp_path / "run.nc")).identical(run)
    assert "spohn1978" in lz.cite(run)
    rates = [0.5, 1.0]
    scanned = lz.scan(
        lz.energetics, warm, over={"sweep.rate": rates}, times=[-5.0, 5.0], temperature=1.0
    )
    alone = [
        lz.energetics(warm.with_parameters({"sweep.rate": r}), times=[-5, 5], temperature=1.0)
        for r in rates
    ]
    assert_allclose(scanned.work[:, -1], [one.work[-1] for one in alone], atol=1e-9)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"times": [1.0, 0.0]}, "times"),
        ({"equation": "bloch"}, "equation"),
        ({"temperatures": {"decay": 1.0}}, "temperatures.*relaxation"),
        ({"temperatures": {"relaxation": 1.0}}, "has its own"),
        ({"initial": "ground", "temperature": 1.0}, "temperature"),
        ({"initial": "groud", "temperature": 1.0}, "initial"),
        ({"tol": 0.0}, "tol"),
        ({"model": lz.Model(terms=[([[0, 1], [0, 0]], lz.Constant(1.0))])}, "Hermitian"),
    ],
)
def test_bad_input(change, message):
    warm = QUBIT.with_environment(lz.Relaxation(0.1, temperature=1.0))
    asked = {"model": warm, "times": [-5, 5], "temperature": 1.0} | change
    with pytest.raises(lz.LzopenError, match=message):
        lz.energetics(asked.pop("model"), **asked)


def test_nothing_is_said_where_nothing_is_wrong():
    warm = QUBIT.with_environment(lz.Relaxation(0.1, temperature=1.0))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        lz.energetics(warm, times=[-5, 5], temperature=0.2)
