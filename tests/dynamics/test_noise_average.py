"""Averages over classical noise: the hierarchy, trajectories, and what is known exactly."""

from __future__ import annotations

import tracemalloc
from itertools import pairwise

import numpy as np
import pytest
import qutip
from numpy.testing import assert_allclose
from scipy import integrate

import lzopen as lz
from lzopen.conventions import SIGMA_X, SIGMA_Z
from lzopen.dynamics import hierarchy, shots
from lzopen.dynamics.ensembles import noise_average
from lzopen.errors import LzopenError, LzopenWarning
from lzopen.noise import OneOverF, OrnsteinUhlenbeck, QuasiStatic, Telegraph, White
from zoo import NOISES as ZOO

OU = OrnsteinUhlenbeck(sigma=0.4, correlation_time=2.0)
SWEEP = lz.TwoLevel(sweep=lz.Linear(1.0), gap=0.8)
PASSES = lz.TwoLevel(sweep=lz.DoublePassage(rate=1.0, turning_point=6.0), gap=0.8)
B8 = lz.TwoLevel(sweep=-1.0 * lz.DoublePassage(rate=1.0, turning_point=20.0), gap=1.0)
B8_NOISE = OrnsteinUhlenbeck(sigma=0.2, correlation_time=5.0)
V = lz.VSystem(rate=1.0, splitting=2.0, couplings=[0.3, 0.4])
V_OPERATOR = np.array([[0.5, 0.1j, 0], [-0.1j, 0, 0.2], [0, 0.2, -0.3]])

# Every kind of model, with the operator that the noise multiplies.
MODELS = {
    "sweep": (SWEEP, "sweep"),
    "gap": (SWEEP, "gap"),
    "complex gap": (lz.TwoLevel(sweep=lz.Linear(1.0), gap=0.5 + 0.5j), "gap"),
    "double passage": (PASSES, "sweep"),
    "three levels": (V, V_OPERATOR),
    "spin one": (lz.SpinCrossing(spin=1, rate=1.0, gap=0.7), np.diag([1.0, 0.0, -1.0])),
    "dephased": (SWEEP.with_environment(lz.Dephasing(0.2)), "sweep"),
    "leaky": (SWEEP.with_environment(lz.Leak(1, 0.2)), "sweep"),
    "square root": (lz.TwoLevel(sweep=lz.PowerLaw(1.0, 0.5), gap=0.8), "sweep"),
}
NOISES = {
    "white": White(0.2),
    "static": QuasiStatic(0.4),
    "OU": OU,
    "telegraph": Telegraph(0.5, 0.7),
    "three fluctuators": Telegraph([0.3, 0.2, 0.1], [0.1, 1.0, 10.0]),
    "sum": OrnsteinUhlenbeck(0.3, 1.0) + White(0.1) + Telegraph(0.2, 0.5),
}


def within(drawn, exact, errors=4.5):
    """Whether two averages agree within standard errors."""
    off = np.abs(drawn.population - exact.population) - exact.error
    assert (off < errors * drawn.error).all()
    off = np.abs(drawn.adiabatic_population - exact.adiabatic_population) - exact.adiabatic_error
    assert (off < errors * drawn.adiabatic_error).all()


# -- the hierarchy


def test_hierarchy_gives_the_published_number():
    average = noise_average(B8, B8_NOISE, window=(-40, 40), tol=1e-9)
    assert average.population[1].item() == pytest.approx(0.3334804678, abs=2e-10)
    assert average.error.max() < 1e-9


@pytest.mark.parametrize("tol", [1e-3, 1e-5, 1e-7, 1e-9])
@pytest.mark.parametrize("name", ["sweep", "three levels", "dephased", "square root"])
def test_hierarchy_keeps_its_word(name, tol):
    model, on = MODELS[name]
    exact = noise_average(model, OU, on=on, window=(-8, 9), tol=1e-11)
    found = noise_average(model, OU, on=on, window=(-8, 9), tol=tol)
    assert found.error.max() < tol
    assert (np.abs(found.population - exact.population) < found.error).all()


def by_scipy(model, operator, noise, window, levels=16):
    """The same equations for Ornstein–Uhlenbeck noise, written anew and solved by SciPy."""
    n = model.n_levels
    hamiltonian = model.H

    def flow(t, y):
        rho = y.reshape(levels, n, n)
        matrix = hamiltonian(t).full()
        new = -1j * (matrix @ rho - rho @ matrix)
        for k in range(levels):
            new[k] -= k / noise.correlation_time * rho[k]
            for other, weight in ((k + 1, np.sqrt(k + 1)), (k - 1, np.sqrt(k))):
                if 0 <= other < levels:
                    commutator = operator @ rho[other] - rho[other] @ operator
                    new[k] -= 1j * noise.sigma * weight * commutator
        return new.ravel()

    start = np.zeros((levels, n, n), dtype=complex)
    start[0, 0, 0] = 1.0
    solved = integrate.solve_ivp(
        flow, window, start.ravel(), method="DOP853", rtol=1e-10, atol=1e-12
    )
    return np.real(np.diagonal(solved.y[:, -1].reshape(levels, n, n)[0]))


@pytest.mark.parametrize("name", ["sweep", "gap", "three levels"])
def test_hierarchy_against_scipy(name):
    model, on = MODELS[name]
    operator = {"sweep": SIGMA_Z / 2, "gap": SIGMA_X / 2}[on] if isinstance(on, str) else on
    average = noise_average(model, OU, on=on, window=(-4, 5), tol=1e-9)
    assert_allclose(average.population, by_scipy(model, operator, OU, (-4, 5)), atol=2e-9)


def test_error_of_the_hierarchy_is_a_series_in_the_squared_step():
    """Each extrapolation gains two orders."""
    exact = noise_average(SWEEP, OU, window=(-8, 8), tol=1e-11).population[0].item()
    frame = hierarchy.NoiseFrame(SIGMA_Z / 2)
    start = frame.coordinates(np.diag([1.0, 0.0]))
    times, column = np.array([-8.0, 8.0]), []
    for refinement in (2, 4, 8, 16):
        end = hierarchy._climb(SWEEP, frame, OU.hierarchy(24), times, start, 32, refinement)
        column.append(frame.matrices(end)[-1, 0, 0].real)
    for power in (2, 4, 6):
        off = np.abs(np.subtract(column, exact))
        assert np.log2(off[-2] / off[-1]) == pytest.approx(power, abs=0.4)
        column = [b + (b - a) / (2**power - 1) for a, b in pairwise(column)]


@pytest.mark.parametrize("name", ["sweep", "three levels", "leaky"])
def test_white_noise_is_dephasing(name):
    """S₀ on A is a collapse operator √S₀ A, and Dephasing(S₀/2) of 2A."""
    model, on = MODELS[name]
    operator = SIGMA_Z if isinstance(on, str) else 2 * on
    open_model = model.with_environment(lz.Dephasing(0.15, operator))
    average = noise_average(model, White(0.3), on=on, window=(-8, 9), tol=1e-10)
    exact = lz.transition_matrix(open_model, window=(-8, 9), readout="diabatic", tol=1e-11)
    assert_allclose(average.population, exact.probability.sel(initial=0), atol=2e-10)


def test_static_noise_is_an_average_over_offsets():
    shifts, weights = np.polynomial.hermite_e.hermegauss(80)
    model = lz.TwoLevel(sweep=PASSES.sweep + lz.Constant(0.4 * shifts), gap=0.8)
    each = lz.transition_matrix(model, window=(-8, 9), readout="diabatic").probability
    exact = (weights / weights.sum()) @ each.sel(initial=0).values
    average = noise_average(PASSES, QuasiStatic(0.4), window=(-8, 9), tol=1e-8)
    assert_allclose(average.population, exact, atol=2e-8)


def test_telegraph_noise_is_a_classical_bit_beside_the_qubit():
    """QuTiP solves the qubit and the bit together; the bit flips at its rate."""
    noise = Telegraph(0.5, 0.7)
    bit = qutip.sigmaz()
    H = [
        [qutip.tensor(qutip.Qobj(matrix), qutip.qeye(2)), waveform.coefficient]
        for matrix, waveform in SWEEP.terms
    ]
    H.append(qutip.tensor(qutip.sigmaz() / 2, noise.amplitude * bit))
    flips = [
        np.sqrt(noise.rate)
        * qutip.tensor(qutip.qeye(2), qutip.basis(2, i) * qutip.basis(2, j).dag())
        for i, j in ((0, 1), (1, 0))
    ]
    start = qutip.tensor(qutip.fock_dm(2, 0), qutip.qeye(2) / 2)
    options = {"atol": 1e-12, "rtol": 1e-10, "nsteps": 100000, "method": "vern9"}
    solved = qutip.mesolve(H, start, [-8.0, 9.0], flips, options=options)
    exact = solved.states[-1].ptrace(0).diag().real
    average = noise_average(SWEEP, noise, window=(-8, 9), tol=1e-9)
    assert_allclose(average.population, exact, atol=2e-9)


def test_fast_telegraph_and_fast_ou_noise_are_white():
    exact = noise_average(SWEEP, White(0.2), window=(-8, 9), tol=1e-9).population
    off = []
    for speed in (200.0, 400.0):
        telegraph = Telegraph(np.sqrt(0.2 * speed), speed)
        ou = OrnsteinUhlenbeck(np.sqrt(0.1 * speed), 1 / speed)
        both = [
            noise_average(SWEEP, x, window=(-8, 9), tol=1e-6).population for x in (telegraph, ou)
        ]
        off.append([abs(x - exact).max().item() for x in both])
    assert_allclose(np.divide(*off), 2.0, rtol=0.15)
    assert max(off[1]) < 2e-3


@pytest.mark.parametrize(
    ("gap", "noise", "end", "tol", "exact"),
    [
        (0.107, White(409.5), 10.38, 1e-3, 0.9994205),
        (0.76, White(644.7), 1.0326, 1e-3, 0.9981559),
        (1.956, Telegraph(32.1, 2.567), 5.295, 0.1, 0.9058),
        (1.956, Telegraph(32.1, 2.567), 5.295, 0.01, 0.9058),
    ],
)
def test_strong_noise_keeps_its_error(gap, noise, end, tol, exact):
    """Far from the order of the steps at first; exact values by exponentials of fine steps."""
    model = lz.TwoLevel(sweep=lz.Linear(1.0), gap=gap)
    run = noise_average(model, noise, window=(-end, end), tol=tol)
    assert abs(run.population[0].item() - exact) < run.error[0].item() + 5e-5
    assert run.error.max() < tol


@pytest.mark.parametrize("seed", range(12))
def test_error_of_random_noise_holds(seed):
    rng = np.random.default_rng(seed)
    size, end = 10 ** rng.uniform(-1.5, 1.0), rng.uniform(1.0, 8.0)
    noise = [
        White(size),
        Telegraph(size, 10 ** rng.uniform(-1, 1)),
        OrnsteinUhlenbeck(size, 10 ** rng.uniform(-2, 1)),
    ][seed % 3]
    model = lz.TwoLevel(sweep=lz.DoublePassage(1.0, end / 2), gap=rng.uniform(0.1, 2.0))
    ask = {"on": ("sweep", "gap")[seed % 2], "window": (-end, end)}
    exact = noise_average(model, noise, tol=1e-9, **ask)
    for tol in (1e-2, 1e-4, 1e-6):
        run = noise_average(model, noise, tol=tol, **ask)
        assert (np.abs(run.population - exact.population) <= run.error + exact.error).all()


def test_a_tolerance_out_of_reach_is_reported():
    with pytest.warns(LzopenWarning, match="may be off"):
        noise_average(SWEEP, White(0.2), window=(-1, 1), tol=1e-16)


def test_static_noise_beside_other_noise_and_in_a_long_window():
    both = noise_average(SWEEP, QuasiStatic(0.3) + White(0.1), window=(-6, 6), tol=1e-6)
    drawn = noise_average(
        SWEEP, QuasiStatic(0.3) + White(0.1), window=(-6, 6), trajectories=6000, seed=7
    )
    within(drawn, both)
    static = noise_average(SWEEP, QuasiStatic(1.0), window=(-30, 30), initial="ground", tol=1e-5)
    limit = lz.theory.landau_zener(rate=1.0, gap=0.8)  # an offset only delays the crossing
    assert static.adiabatic_population[1].item() == pytest.approx(limit, abs=1e-4)


def test_sums_of_many_parts_have_an_average():
    parts = OrnsteinUhlenbeck(0.3, 1.0), OrnsteinUhlenbeck(0.2, 2.0), OrnsteinUhlenbeck(0.1, 3.0)
    exact = noise_average(SWEEP, sum(parts), window=(-5, 5), tol=1e-4)
    within(
        noise_average(SWEEP, sum(parts), window=(-5, 5), trajectories=4000, seed=8),
        exact,
    )


def test_all_times_are_reported_and_agree_with_windows():
    times = [-8.0, -1.0, 0.3, 9.0]
    run = noise_average(PASSES, OU, times=times, initial="ground", tol=1e-8)
    assert_allclose(run.time, times)
    assert_allclose(run.population.sum("level"), 1, atol=1e-10)
    for t in times[1:]:
        alone = noise_average(PASSES, OU, window=(-8, t), initial="ground", tol=1e-8)
        assert_allclose(run.sel(time=t).population, alone.population, atol=2e-8)
        assert_allclose(run.sel(time=t).adiabatic_population, alone.adiabatic_population, atol=2e-8)
    drawn = noise_average(PASSES, OU, times=times, initial="ground", trajectories=4000, seed=2)
    within(drawn, run)


def test_survival_of_a_leak_without_noise_of_weight():
    model, on = MODELS["leaky"]
    average = noise_average(model, White(0.0), on=on, window=(-8, 9), tol=1e-9)
    exact = lz.evolve(model, times=[-8.0, 9.0], solver="engine", tol=1e-10)
    assert_allclose(average.population, exact.population[-1], atol=2e-9)


# -- trajectories


@pytest.mark.parametrize("noise", NOISES)
def test_trajectories_agree_with_the_hierarchy(noise):
    exact = noise_average(PASSES, NOISES[noise], window=(-8, 9), tol=1e-7)
    drawn = noise_average(PASSES, NOISES[noise], window=(-8, 9), trajectories=6000, seed=3)
    within(drawn, exact)
    assert 0.001 < drawn.error.max() < 0.02


@pytest.mark.parametrize("name", MODELS)
def test_trajectories_agree_with_the_hierarchy_in_every_model(name):
    model, on = MODELS[name]
    exact = noise_average(model, OU, on=on, window=(-8, 9), tol=1e-7)
    drawn = noise_average(model, OU, on=on, window=(-8, 9), trajectories=6000, seed=4)
    within(drawn, exact)


def test_mixed_states_need_no_more():
    options = {"window": (-8, 9), "initial": "thermal", "temperature": 2.0}
    exact = noise_average(PASSES, OU, tol=1e-7, **options)
    within(noise_average(PASSES, OU, trajectories=6000, seed=5, **options), exact)


@pytest.mark.parametrize("name", ZOO)
def test_trajectories_of_every_noise_have_its_coherence(name):
    """Noise along the field of a qubit at rest turns one phase, after a whole turn of the field."""
    time, noise = 0.9, ZOO[name]
    still = lz.TwoLevel(sweep=lz.Constant(0.0), gap=2 * np.pi / time)
    drawn = noise_average(still, noise, on="gap", window=(0, time), trajectories=6000, seed=9)
    exact = 0.5 * (1 + noise.coherence(time))
    assert exact < 1 - 3 * drawn.error[0]
    assert drawn.population[0] == pytest.approx(exact, abs=4.5 * drawn.error[0].item())


def single_run(model, edges, values):
    """One realisation, constant in each step, by QuTiP's step coefficient and small steps."""
    noise = qutip.coefficient(values, tlist=edges, order=0)
    H = model.H + qutip.QobjEvo([[qutip.sigmaz() / 2, noise]])
    options = {"atol": 1e-11, "rtol": 1e-9, "method": "vern9", "nsteps": 10**6}
    options["max_step"] = float(np.diff(edges).min())
    return qutip.sesolve(H, qutip.basis(2, 0), [edges[0], edges[-1]], options=options)


def test_one_trajectory_against_qutip_and_its_order():
    """Steps know a noise by two moments; for a fixed path the error is of second order."""
    edges = np.linspace(-6.0, 7.0, 1025)
    h = edges[1] - edges[0]
    t = edges[:-1] + h / 2
    values = 0.5 * np.sin(1.3 * t) + 0.4 * np.cos(4.1 * t)
    exact = abs(single_run(SWEEP, edges, np.append(values, 0.0)).states[-1].full()[0, 0]) ** 2
    moments = (h * values[:, None], np.zeros((values.size, 1)))
    frame = shots.NoiseFrame(SIGMA_Z / 2)
    off = []
    while len(edges) > 30:
        grid = shots.Grid(edges, (0, edges.size - 1))
        steps = shots.Steps(
            grid,
            shots.stage_propagators(SWEEP, frame, edges, shots.GAUSS),
            frame.groups(),
            frame.coordinates(np.diag([1.0, 0.0]))[None, None].repeat(2, axis=0),
            frame.coordinates(np.diag([1.0, 0.0])),
        )
        off.append(abs(shots._values(steps, moments)[-1, 0, 0] - exact))
        moments = shots._joined(edges, *moments)
        edges = edges[::2]
    assert off[0] < 1e-6  # the answer of QuTiP is off by half of it
    orders = np.log2(np.divide(off[3:5], off[2:4]))
    assert_allclose(orders, 2, atol=0.1)


def test_same_seed_same_numbers_whatever_the_workers():
    options = {"window": (-8, 9), "trajectories": 5000}
    one, two, other = (
        noise_average(PASSES, OneOverF(0.1, 1e-3, 10.0), seed=seed, workers=workers, **options)
        for seed, workers in ((1, 1), (1, 2), (2, 1))
    )
    assert (one.population.values == two.population.values).all()
    assert (one.error.values == two.error.values).all()
    assert (one.population.values != other.population.values).all()


def test_stops_at_the_target_error():
    loose = noise_average(PASSES, OU, window=(-8, 9), method="trajectories", tol=8e-3, seed=1)
    tight = noise_average(PASSES, OU, window=(-8, 9), method="trajectories", tol=3e-3, seed=1)
    assert loose.error.max() < 8e-3
    assert tight.error.max() < 3e-3
    ratio = tight.trajectories.item() / loose.trajectories.item()
    assert 1 < ratio < 12
    assert tight.trajectories < 1.5 * (tight.error.max() / 3e-3) ** 2 * tight.trajectories


def test_warns_when_the_target_is_out_of_reach():
    with pytest.warns(LzopenWarning, match="more trajectories"):
        noise_average(PASSES, OU, window=(-8, 9), trajectories=100, tol=1e-3, seed=1)


def test_memory_does_not_grow_with_the_number_of_trajectories():
    peaks = []
    for trajectories in (4096, 16384):
        tracemalloc.start()
        noise_average(SWEEP, OU, window=(-8, 9), trajectories=trajectories, seed=1)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.2 * peaks[0]


def test_errors_scatter_as_they_say():
    exact = noise_average(PASSES, OU, window=(-8, 9)).population[0].item()
    runs = [noise_average(PASSES, OU, window=(-8, 9), trajectories=400, seed=k) for k in range(40)]
    off = [(run.population[0].item() - exact) / run.error[0].item() for run in runs]
    assert 0.7 < np.std(off) < 1.3
    assert abs(np.mean(off)) < 4 / np.sqrt(40)


def test_strong_coloured_noise_has_almost_the_limit_of_strong_dephasing():
    """What the window leaves out falls with its square; the colour costs 3e-4."""
    qubit, noise = lz.TwoLevel(sweep=lz.Linear(1.0), gap=1.0), OrnsteinUhlenbeck(10.0, 0.1)
    run = noise_average(qubit, noise, window=(-120, 120), initial="ground", tol=1e-6)
    found = run.adiabatic_population[1].item()
    assert found == pytest.approx(0.52126, abs=1.5e-5)
    assert lz.theory.strong_dephasing(rate=1.0, gap=1.0) - found > 3e-4


# -- bad input


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({}, "`window`"),
        ({"window": (0, 1), "times": [0, 1]}, "`window`"),
        ({"window": (1, 0)}, "end after"),
        ({"window": 3.0}, "pair"),
        ({"window": (0, 1), "on": "bias"}, "`on`"),
        ({"window": (0, 1), "on": np.eye(3)}, "`on`"),
        ({"window": (0, 1), "on": np.zeros((2, 2))}, "`on`"),
        ({"window": (0, 1), "on": [[0, 1], [0, 0]]}, "`on`"),
        ({"window": (0, 1), "method": "mc"}, "`method`"),
        ({"window": (0, 1), "method": "trajectories"}, "`trajectories`"),
        ({"window": (0, 1), "trajectories": 10}, "`seed`"),
        ({"window": (0, 1), "trajectories": 1, "seed": 1}, "`trajectories`"),
        ({"window": (0, 1), "trajectories": 10, "seed": 1.5}, "`seed`"),
        ({"window": (0, 1), "trajectories": 10, "seed": 1, "workers": 0}, "`workers`"),
        ({"window": (0, 1), "method": "hierarchy", "seed": 1}, "`seed`"),
        ({"window": (0, 1), "tol": -1.0}, "`tol`"),
    ],
)
def test_bad_input(arguments, message):
    with pytest.raises(LzopenError, match=message):
        noise_average(SWEEP, OU, **arguments)


def test_noise_without_a_hierarchy_says_so():
    noise = OneOverF(0.1, 1e-3, 10.0)
    with pytest.raises(LzopenError, match="trajectories"):
        noise_average(SWEEP, noise, window=(0, 1))
    with pytest.raises(LzopenError, match="`method`"):
        noise_average(SWEEP, noise, window=(0, 1), method="hierarchy")


def test_models_that_it_cannot_carry_say_so():
    with pytest.raises(LzopenError, match="batch"):
        noise_average(lz.vary(SWEEP, {"gap": [0.1, 0.2]}), OU, window=(0, 1))
    with pytest.raises(LzopenError, match="matrix"):
        noise_average(V, OU, window=(0, 1))
    bath = lz.ThermalBath(SIGMA_Z, lambda w: 0.1 * w, temperature=0.5)
    with pytest.raises(LzopenError, match="ThermalBath"):
        noise_average(SWEEP.with_environment(bath), OU, window=(0, 1))
