"""One-period maps of several levels against QuTiP, exact segments and other ways of computing."""

from __future__ import annotations

import array_api_compat.numpy as xp
import array_api_strict
import mpmath
import numpy as np
import pytest
import qutip

import lzopen as lz
from lzopen.dynamics.periodic import level_map as level_maps
from lzopen.dynamics.periodic.level_coordinates import Amplitudes, Densities
from lzopen.dynamics.periodic.level_magnus import Magnus
from lzopen.dynamics.periodic.level_map import level_map
from lzopen.dynamics.periodic.level_parts import parts_of
from lzopen.dynamics.periodic.level_splitting import Splitting
from lzopen.dynamics.periodic.qubit_map import qubit_map
from lzopen.dynamics.periodic.steady import in_a_row
from lzopen.models.members import members
from oracle import TIGHT, one_period, steady_vector, superoperators

OMEGA, PERIOD, START = 4 * np.pi, 0.5, 0.13
TOL = 1e-8
ORACLE = 2e-10  # of QuTiP at a tolerance of 1e-12, and of its averages

COUPLINGS = np.array([[0.0, 3.0, 1.0j], [3.0, 0.0, 2.0], [-1.0j, 2.0, 0.0]])
X, Z, ONE = np.array([[0.0, 1.0], [1.0, 0.0]]), np.diag([1.0, -1.0]), np.eye(2)
TABLE = lz.Repeated(
    lz.Tabulated([0.0, 0.1, 0.17, 0.33, 0.5], [12.0, -9.0, 4.0, 15.0, 12.0]), PERIOD
)
REST = lz.Repeated(lz.Trapezoid(amplitude=6.0, rate=200.0, wait=0.2, bias=1.0), PERIOD, start=-0.25)
TONES = lz.Sinusoidal(10.0, OMEGA) + lz.Sinusoidal(6.0, 2 * OMEGA, phase=0.7)
JUMPS = (
    lz.Dephasing(0.3, np.diag([1.0, 0.0, -1.0])),
    lz.Decay(0.2, 0, 1),
    lz.Decay(0.5, 1, 2),
    lz.Decay(0.1, 2, 0),
)


def ladder(sweep, *environments):
    model = lz.Crossing(
        slopes=[1.0, 0.2, -0.7], offsets=[0.0, 2.0, -1.0], couplings=COUPLINGS, sweep=sweep
    )
    return model.with_environment(*environments)


def pair(sweep, *environments):
    """A driven qubit beside another one."""
    still = 2.0 * np.kron(X, ONE) + np.kron(ONE, 3.0 * Z + X) + 0.5 * np.kron(Z, Z)
    model = lz.Model(terms=((0.5 * np.kron(Z, ONE), sweep), (still, lz.Constant(1.0))))
    return model.with_environment(*environments)


def coupled(coupling, *environments):
    """Three levels with a coupling that moves."""
    terms = ((np.diag([4.0, 0.0, -3.0]), 0.25 * TONES), (COUPLINGS, coupling))
    return lz.Model(terms=terms).with_environment(*environments)


OPEN = {
    "triangle": ladder(lz.Triangle(12.0, OMEGA, bias=3.0), *JUMPS),
    "square": ladder(lz.Square(9.0, OMEGA), *JUMPS),
    "two tones": ladder(TONES, *JUMPS),
    "table": ladder(
        TABLE, lz.Decay(30.0, 0, 1), lz.Decay(2.0, 1, 2), lz.Dephasing(9.0, COUPLINGS / 4)
    ),
    "rests": ladder(REST, *JUMPS),
    "moving coupling": coupled(lz.Triangle(2.0, OMEGA, bias=1.0, phase=0.3), *JUMPS),
    "thermal bath": ladder(
        lz.Sinusoidal(3.0, OMEGA, bias=1.0),
        lz.ThermalBath(
            np.diag([1.0, 0.3, -1.0]) + 0.2 * COUPLINGS.real / 3, lambda w: 0.05 * w, 2.0
        ),
    ),
    "adiabatic dephasing": ladder(
        lz.Triangle(7.0, OMEGA),
        lz.Dephasing(0.4, np.diag([1.0, 0.0, -1.0]), basis="adiabatic"),
        *JUMPS[1:],
    ),
    "two qubits": pair(
        TONES,
        lz.Dephasing(0.1, np.kron(Z, ONE)),
        lz.Decay(0.2, 2, 0),
        lz.Decay(0.3, 1, 0),
        lz.Decay(0.3, 3, 2),
        lz.Dephasing(0.4, np.kron(ONE, X)),
    ),
}

LEAKY = {
    "leak alone": ladder(lz.Triangle(8.0, OMEGA), lz.Leak(1, 1.5)),
    "leak and jumps": ladder(TONES, lz.Leak(0, 0.7), *JUMPS),
    "moving leak": ladder(TABLE, lz.Leak(2, lz.Sinusoidal(0.4, OMEGA, bias=0.5)), JUMPS[1]),
}
CLOSED = {
    "triangle": ladder(lz.Triangle(12.0, OMEGA, bias=3.0)),
    "two qubits": pair(TONES),
    "moving coupling": coupled(lz.Square(2.0, OMEGA, bias=1.0)),
}
MIXED = np.diag([0.5, 0.3, 0.2]) + 0.1 * (COUPLINGS / 3)


def started(n_levels: int) -> np.ndarray:
    """A mixed state with coherences."""
    return MIXED if n_levels == 3 else np.kron(MIXED[:2, :2] / 0.8, 0.5 * (ONE + 0.6 * X))


def off(found, exact):
    """Largest element of differences of matrices."""
    return np.abs(found - exact).max(axis=(-2, -1))


@pytest.mark.parametrize("name", OPEN)
def test_open_levels_against_qutip(name):
    model = OPEN[name]
    n, found = model.n_levels, level_map(in_a_row(model), START, TOL, xp)
    whole, mean = one_period(model, START, PERIOD)
    vector, amplified = steady_vector(whole)
    slack = ORACLE * (1 + 0.1 * amplified)
    for average, expected in ((False, vector), (True, mean @ vector)):
        steady = found.steady(average)
        assert steady.error[0] < TOL
        assert off(steady.state[0], matrix(expected, n)) < steady.error[0] + slack
        assert steady.loss[0] == 0
    first, counts = started(n), np.array([6, 0, 1])
    states, error = found.after(counts, first)
    assert error.max() < TOL
    for k, count in enumerate(counts):
        expected = np.linalg.matrix_power(whole, count) @ first.ravel(order="F")
        assert off(states[0, k], matrix(expected, n)) < error[0, k] + ORACLE


def matrix(vector, n):
    return vector.reshape(n, n, order="F")


@pytest.mark.parametrize("name", LEAKY)
def test_leaky_levels_against_qutip(name):
    model = LEAKY[name]
    n, found = model.n_levels, level_map(in_a_row(model), START, TOL, xp)
    times = np.linspace(START, START + PERIOD, 201)
    times = np.union1d(times, model.kinks(START, START + PERIOD))
    maps = superoperators(model, times)
    values, vectors = np.linalg.eig(maps[-1])
    slowest = np.argmax(np.abs(values))
    loss = -np.log(np.abs(values[slowest])) / PERIOD
    state = matrix(vectors[:, slowest], n)
    steady = found.steady()
    assert steady.error[0] < TOL
    assert off(steady.state[0], state / np.trace(state)) < steady.error[0] + 10 * ORACLE
    assert abs(steady.loss[0] - loss) < 2 * n * steady.error[0] / PERIOD + 10 * ORACLE
    first, counts = started(n), np.array([1, 9])
    states, error = found.after(counts, first)
    for k, count in enumerate(counts):
        expected = matrix(np.linalg.matrix_power(maps[-1], count) @ first.ravel(order="F"), n)
        assert off(states[0, k], expected) < error[0, k] + ORACLE
        assert error[0, k] < TOL
        assert np.trace(states[0, k]).real < 0.999  # survival


def test_average_of_levels_that_leak():
    """ρ(t)e^{κt} repeats, so that equal times average it to all digits."""
    model = ladder(TONES, lz.Leak(0, 0.7), *JUMPS)
    count = 256
    maps = superoperators(model, START + PERIOD * np.arange(count + 1) / count)
    values, vectors = np.linalg.eig(maps[-1])
    slowest = np.argmax(np.abs(values))
    grown = np.abs(values[slowest]) ** -(np.arange(count) / count)
    mean = matrix(sum(g * m for g, m in zip(grown, maps, strict=False)) @ vectors[:, slowest], 3)
    steady = level_map(in_a_row(model), START, TOL, xp).steady(average=True)
    assert off(steady.state[0], mean / np.trace(mean)) < steady.error[0] + 10 * ORACLE
    assert steady.error[0] < TOL


@pytest.mark.parametrize("name", CLOSED)
def test_closed_trains_against_qutip(name):
    model = CLOSED[name]
    n, first, counts = model.n_levels, started(model.n_levels), np.array([0, 1, 7, 200])
    states, error = level_map(in_a_row(model), START, TOL, xp).after(counts, first)
    options = model.solver_options(START, START + PERIOD) | TIGHT
    step = qutip.propagator(model.H, [START, START + PERIOD], options=options)[-1].full()
    for k, count in enumerate(counts):
        u = np.linalg.matrix_power(step, count)
        assert off(states[0, k], u @ first @ u.conj().T) < error[0, k] + ORACLE * (1 + count)
        assert error[0, k] < TOL
    assert np.all(abs(np.trace(states[0], axis1=-2, axis2=-1) - 1) < error[0])
    with pytest.raises(lz.LzopenError, match="forget how it started"):
        level_map(in_a_row(model), START, TOL, xp).steady()
    assert states.shape == (1, counts.size, n, n)


@pytest.mark.parametrize("name", ["two tones", "moving", "triangle"])
def test_qubits_as_two_levels(name):
    sweep, gap = {
        "two tones": (TONES, 3.0 - 1.0j),
        "moving": (TABLE, lz.Sinusoidal(4.0, OMEGA, bias=2.0)),
        "triangle": (lz.Triangle(np.array([30.0, 2.0]), OMEGA, bias=7.0), 3.0),
    }[name]
    jumps = (lz.Relaxation(0.5, 3.0),) if name == "moving" else (lz.Decay(0.2, 1, 0),)
    model = lz.TwoLevel(sweep=sweep, gap=gap).with_environment(lz.Dephasing(0.3), *jumps)
    levels = level_map(in_a_row(model), START, TOL, xp)
    qubit = qubit_map(in_a_row(model), START, model.period, TOL, xp)
    for mine, other in ((levels.steady(), qubit.steady()), (levels.steady(True), qubit.mean())):
        assert np.all(off(mine.state, other.state) < mine.error + other.error)
        assert max(mine.error.max(), other.error.max()) < TOL


@pytest.mark.parametrize("kind", [Densities, Amplitudes])
def test_both_ways_to_make_steps_agree(kind):
    model = in_a_row(LEAKY["leak and jumps"])
    parts = parts_of(model, START, model.period, kind)
    found = []
    for motion, groups in ((Splitting(parts, 1, xp), 60), (Magnus(parts, 1, xp), 200)):
        path = motion.path(groups, 3, gain=np.array([0.2]), mean=True)
        found.append(motion.advance(motion.identity, path, mean=True))
    for mine, other in zip(*found, strict=True):
        assert np.abs(mine - other).max() < 1e-11


@pytest.mark.parametrize("kind", [Splitting, Magnus])
def test_order_of_steps(kind):
    """Three times as many steps leave no more of a change than what is said."""
    model = in_a_row(OPEN["two tones"])
    motion = kind(parts_of(model, START, model.period, Densities), 1, xp)
    coarse, fine, exact = (
        motion.advance(motion.identity, motion.path(groups, 1))[0] for groups in (12, 36, 300)
    )
    change = np.linalg.norm(fine - coarse)
    assert 1e-7 < change < 1e-2
    assert np.linalg.norm(fine - exact) < motion.left * change


# -- errors


def random_batch(seed: int, size: int) -> lz.Model:
    """Three or four levels with all numbers random, for all drives and environments in turn."""
    rng = np.random.default_rng(seed)
    n, energy, rate = 3 + seed % 2, 10 ** rng.uniform(0, 1.5), 10 ** rng.uniform(-8, 1.0)
    omega, phase = OMEGA * 10 ** rng.uniform(-0.4, 0.4), rng.uniform(0, 6, size)
    amplitude, bias = energy * rng.uniform(0, 1, size), energy * rng.uniform(-1, 1, size)
    sweep = [
        lz.Triangle(amplitude, omega, bias, phase),
        lz.Square(amplitude, omega, bias, phase),
        lz.Sinusoidal(amplitude, omega, bias) + lz.Sinusoidal(0.4 * amplitude, 3 * omega),
        lz.Sinusoidal(amplitude, omega * rng.uniform(0.7, 1.3, size), bias, phase),
    ][seed // 2 % 4]
    couplings = rng.normal(size=(n, n)) + 1j * rng.normal(size=(n, n))
    couplings = 0.3 * energy * rng.uniform(0.02, 1) * (couplings + couplings.conj().T)
    couplings[np.diag_indices(n)] = 0
    slopes, offsets = rng.normal(size=n), energy * rng.normal(size=n)
    model = lz.Crossing(slopes=slopes, offsets=offsets, couplings=couplings, sweep=sweep)
    rates = rate * 10 ** rng.uniform(-1, 0, (n, size))
    cycle = [lz.Decay(rates[i], i, (i + 1) % n) for i in range(n)]
    levels = np.diag(rng.normal(size=n))
    environments = [
        [lz.Dephasing(rates[0], levels), *cycle],
        [lz.Dephasing(rates[0], levels, basis="adiabatic"), *cycle],
        [*cycle, lz.Leak(1, rates[1])],
        [lz.Leak(0, rates[0]), lz.Leak(1, rates[1])],
        [lz.ThermalBath(couplings / energy, lambda w: 0.1 * rate * w / energy, 0.2 * energy)],
    ]
    return model.with_environment(*environments[seed % 5])


@pytest.mark.parametrize("seed", range(10))
def test_errors_bound_what_finer_steps_change(seed):
    model = in_a_row(random_batch(seed, 3))
    found, finer = (level_map(model, START, tol, xp) for tol in (1e-5, 1e-7))
    for average in (False, True):
        steady, exact = found.steady(average), finer.steady(average)
        known = np.isfinite(steady.error)
        assert np.all(off(steady.state, exact.state)[known] <= (steady.error + exact.error)[known])
        assert np.median(steady.error) < 1e-5
    counts, first = np.array([1, 30, 1000]), np.diag(np.eye(model.n_levels)[0])
    (states, error), (exact, rest) = (maps.after(counts, first) for maps in (found, finer))
    assert np.all(off(states, exact) < error + rest)


@pytest.mark.parametrize("name", ["two tones", "two qubits"])
def test_errors_of_long_trains_die_out(name):
    """After a thousand periods nothing is left of what came before, errors included."""
    model = in_a_row(OPEN[name])
    found, n = level_map(model, START, 1e-7, xp), model.n_levels
    counts = np.array([20, 1000, 10**6])
    states, error = found.after(counts, np.diag(np.eye(n)[0]))
    steady = level_map(model, START, 1e-11, xp).steady()
    assert np.all(off(states[0, 1:], steady.state[0]) < error[0, 1:] + steady.error[0])
    assert error[0, 2] < 1.01 * error[0, 1] < 1e-7
    assert np.abs(np.trace(states[0], axis1=-2, axis2=-1) - 1).max() < 1e-14


@pytest.mark.parametrize("rate", [1.0, 1e-9])
def test_square_against_product_of_exact_segments(rate):
    """However weak the jumps, populations keep their digits."""
    low, high = -4.0, 7.0
    sweep = lz.Square(0.5 * (high - low), OMEGA, bias=0.5 * (high + low))
    jumps = [(0.7 * rate, 0, 1), (0.3 * rate, 1, 2), (0.2 * rate, 2, 0)]
    model = ladder(sweep, *(lz.Decay(*jump) for jump in jumps))
    found = level_map(in_a_row(model), PERIOD / 4, TOL, xp).steady()
    with mpmath.workdps(40):
        segments = [exact_segment(level, jumps) for level in (low, high)]
        equations = mpmath.eye(9) - segments[1] * segments[0]
        for column in range(9):
            equations[0, column] = 1 if column % 4 == 0 else 0
        vector = mpmath.lu_solve(equations, mpmath.matrix([1, *[0] * 8]))
        exact = matrix(np.array([complex(value) for value in vector]), 3)
    assert found.error[0] < TOL
    assert off(found.state[0], exact) < found.error[0]


def exact_segment(level, jumps):
    """Map of density matrices stacked by columns over half a period."""
    whole = [[mpmath.mpc(value) for value in row] for row in COUPLINGS.tolist()]
    for k, (slope, offset) in enumerate(((1.0, 0.0), (0.2, 2.0), (-0.7, -1.0))):
        whole[k][k] += mpmath.mpf(slope) * level + offset
    generator = mpmath.zeros(9)
    for i, j, k in np.ndindex(3, 3, 3):
        generator[3 * i + j, 3 * i + k] -= 1j * whole[j][k]
        generator[3 * j + i, 3 * k + i] += 1j * mpmath.conj(whole[j][k])
    for rate, source, target in jumps:
        generator[4 * target, 4 * source] += rate
        for k in range(3):
            for at in (3 * k + source, 3 * source + k):
                generator[at, at] -= mpmath.mpf(rate) / 2
    return mpmath.expm(generator * mpmath.mpf(PERIOD) / 2)


def test_long_rests():
    """A pulse after a rest of ten thousand times its length, in closed form while it rests."""
    pulse = lz.Trapezoid(amplitude=8.0, rate=60.0, wait=0.1, bias=1.0)
    period = 2000.0
    model = ladder(lz.Repeated(pulse, period, start=-1.0), *JUMPS)
    found = level_map(in_a_row(model), -1.0, TOL, xp).steady()
    still = ladder(lz.Constant(1.0), *JUMPS)
    resting = qutip.steadystate(still.H(0.0), still.c_ops).full()
    assert found.error[0] < TOL
    assert off(found.state[0], resting) < found.error[0] + 1e-12
    mean = level_map(in_a_row(model), -1.0, TOL, xp).steady(average=True)
    assert mean.error[0] < TOL
    assert 1e-6 < off(mean.state[0], resting) < 1.0 / period * 10


# -- batches


@pytest.mark.parametrize("chunk", [1, 7])
def test_chunks_change_nothing(chunk, monkeypatch):
    model = in_a_row(random_batch(0, 12))
    whole = level_map(model, START, TOL, xp).steady()
    monkeypatch.setattr(level_maps, "_CHUNK", chunk)
    parts = level_map(model, START, TOL, xp).steady()
    assert np.all(off(whole.state, parts.state) < whole.error + parts.error)
    assert max(whole.error.max(), parts.error.max()) < TOL


def test_members_of_a_large_batch_are_those_of_small_ones():
    model, some = in_a_row(random_batch(8, 900)), [0, 7, 450, 899]
    for average in (False, True):
        together = level_map(model, START, 1e-6, xp).steady(average)
        alone = level_map(members(model, np.array(some)), START, 1e-10, xp).steady(average)
        difference = off(together.state[some], alone.state)
        assert np.all(difference < together.error[some] + alone.error)
        assert together.error.max() < 1e-6


def test_every_member_starts_from_its_own_state():
    model = in_a_row(random_batch(0, 5))
    rng = np.random.default_rng(3)
    first = np.array([np.diag(row) for row in rng.dirichlet(np.ones(3), 5)])
    counts = np.array([3])
    together, _ = level_map(model, START, TOL, xp).after(counts, first)
    for i, own in enumerate(first):
        alone, error = level_map(members(model, [i]), START, TOL, xp).after(counts, own)
        assert off(together[i, 0], alone[0, 0]) < 2 * error[0, 0] + TOL


@pytest.mark.parametrize("average", [False, True])
def test_without_a_single_steady_state(average):
    """Level 2 stands apart, so that any share of it may last."""
    couplings = np.zeros((3, 3))
    couplings[0, 1] = couplings[1, 0] = 2.0
    sweep = lz.Triangle(np.array([5.0, 9.0]), OMEGA)
    model = lz.Crossing(
        slopes=[1.0, 0.0, -1.0], offsets=[0.0, 0.0, 1.0], couplings=couplings, sweep=sweep
    )
    found = level_map(model.with_environment(lz.Decay(0.3, 1, 0)), START, TOL, xp).steady(average)
    assert np.isnan(found.state).all()
    assert np.isinf(found.error).all()
    assert np.isinf(found.condition).all()


def test_drive_without_a_period():
    model = in_a_row(ladder(lz.Linear(1.0), *JUMPS))
    with pytest.raises(lz.LzopenError, match="be periodic"):
        level_map(model, START, TOL, xp)


@pytest.mark.parametrize("model", [OPEN["two tones"], OPEN["moving coupling"], CLOSED["triangle"]])
def test_same_numbers_on_another_array_library(model):
    found, strict = (
        level_map(in_a_row(model), START, 1e-7, space) for space in (xp, array_api_strict)
    )
    mine, other = (maps.after(np.array([2, 9]), MIXED)[0] for maps in (found, strict))
    assert np.allclose(mine, np.asarray(other), rtol=0.0, atol=1e-12)
    if model.has_jumps:
        for one, same in zip(found.steady(True), strict.steady(True), strict=True):
            assert np.allclose(one, np.asarray(same), rtol=0.0, atol=1e-11)
