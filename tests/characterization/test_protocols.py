"""Protocols against QuTiP, against each other in their limits, and against rate equations."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import qutip
from numpy.testing import assert_allclose
from scipy.integrate import simpson

import lzopen as lz
from lzopen import theory
from lzopen.characterization.protocols.still import switched_off
from lzopen.models import vary
from lzopen.models.parameters import assign, collect, units

TOL = 1e-8
OMEGA, GAP, DEPHASING, DECAY = 2.0, 0.7, 0.08, 0.05
PERIOD = 2 * np.pi / OMEGA
QUBIT = lz.TwoLevel(sweep=lz.Sinusoidal(3.0, OMEGA, bias=1.3, phase=0.4), gap=GAP)
STILL = (lz.Dephasing(DEPHASING), lz.Decay(DECAY, source=1, target=0))
MOVING = (lz.Dephasing(DEPHASING), lz.Relaxation(DECAY, temperature=0.8))
NOISY, THERMAL = QUBIT.with_environment(*STILL), QUBIT.with_environment(*MOVING)
PIXELS = {"amplitude": [0.0, 1.7, 5.2], "bias": [-2.1, 0.0, 1.3]}
C_OPS = [
    np.sqrt(DEPHASING / 2) * qutip.sigmaz(),
    np.sqrt(DECAY) * qutip.basis(2, 0) * qutip.basis(2, 1).dag(),
]
TIGHT = {"atol": 1e-12, "rtol": 1e-10, "nsteps": 100_000, "method": "vern9"}


def at_bias(bias):
    return 0.5 * (bias * qutip.sigmaz() + GAP * qutip.sigmax())


def with_drive(amplitude, bias, envelope=lambda t: 1.0, phase=0.4):
    """The Hamiltonian written out once more, without waveforms."""

    def coefficient(t):
        return envelope(t) * amplitude * np.cos(OMEGA * t + phase)

    return qutip.QobjEvo([at_bias(bias), [0.5 * qutip.sigmaz(), coefficient]])


def solved(H, state, marks, c_ops=C_OPS):
    """The state at the last of some times, by QuTiP, from each to the next."""
    for start, end in itertools.pairwise(marks):
        options = TIGHT | {"max_step": 0.2}
        state = qutip.mesolve(H, state, [start, end], c_ops, options=options).states[-1]
    return state


def pixels():
    return [(a, b) for a in PIXELS["amplitude"] for b in PIXELS["bias"]]


# -- against QuTiP


@pytest.mark.parametrize("duration", [2.3, 7.9 * PERIOD])
def test_pulse_of_a_settled_qubit(duration):
    found = lz.Pulsed(duration).population(vary(NOISY, PIXELS), level=1, tol=TOL)
    for (amplitude, bias), population in zip(pixels(), found, strict=True):
        rest = qutip.steadystate(at_bias(bias), C_OPS)
        state = solved(with_drive(amplitude, bias), rest, [0.0, duration])
        assert population == pytest.approx(state[1, 1].real, abs=1e-6)


@pytest.mark.parametrize("duration", [1.5, 9.0])
def test_pulse_with_flanks_and_a_wait(duration):
    rise, wait = 1.5, 2.2
    marks = np.unique([-rise / 2, rise / 2, duration - rise / 2, duration + rise / 2])

    def envelope(t):
        inside = 0.5 + min(t, duration - t) / rise
        return min(max(inside, 0.0), 1.0)

    protocol = lz.Pulsed(duration, rise=rise, wait=wait, initial=1)
    found = protocol.population(vary(NOISY, PIXELS), level=0, tol=TOL)
    for (amplitude, bias), population in zip(pixels(), found, strict=True):
        begin = qutip.basis(2, 1)
        state = solved(with_drive(amplitude, bias, envelope), begin.proj(), marks)
        state = solved(at_bias(bias), state, [0.0, wait])
        assert population == pytest.approx(state[0, 0].real, abs=1e-6)


def test_pulse_under_a_bath_that_follows_the_levels():
    """The bath of the whole pulse, of which the protocol solves the pieces."""
    rise, duration, wait = 1.0, 6.0, 3.0
    tone = lz.Sinusoidal(3.0, OMEGA, phase=0.4)
    envelope = lz.Trapezoid(1.0, rate=1 / rise, wait=duration - rise).shifted(duration / 2)
    whole = lz.TwoLevel(sweep=lz.Constant(1.3) + tone * envelope, gap=GAP)
    whole = whole.with_environment(*MOVING)
    before = THERMAL.with_parameters({"amplitude": 0.0})
    rest = qutip.steadystate(before.H(0.0), [qutip.QobjEvo(op)(0.0) for op in before.c_ops])
    marks = [-rise / 2, rise / 2, duration - rise / 2, duration + rise / 2]
    marks.append(marks[-1] + wait)
    state = solved(whole.H, rest, marks, whole.c_ops)
    found = lz.Pulsed(duration, rise, wait).population(THERMAL, level=1, tol=TOL)
    assert_allclose(found, state[1, 1].real, atol=1e-6)


@pytest.mark.parametrize("initial", ["ground", "thermal", "state"])
def test_pulse_from_a_given_state(initial):
    state, temperature = at_bias(1.3).groundstate()[1].proj(), None
    if initial == "thermal":
        temperature = 0.9
        state = (-at_bias(1.3) / temperature).expm().unit()
    if initial == "state":
        state = initial = qutip.Qobj([[0.3, 0.1j], [-0.1j, 0.7]])
    protocol = lz.Pulsed(3.1, initial=initial, initial_temperature=temperature)
    expected = solved(with_drive(3.0, 1.3), state, [0.0, 3.1])[1, 1].real
    assert_allclose(protocol.population(NOISY, level=1, tol=TOL), [expected], atol=1e-6)


def three_levels():
    swept, fixed = np.diag([1.0, 0.0, -1.0]), np.array([[0, 0.3, 0], [0.3, 1.1, 0.4], [0, 0.4, 0]])
    model = lz.Model(
        terms=[(swept, lz.Triangle(2.0, OMEGA, bias=0.6)), (fixed, lz.Constant(1.0))],
        environments=(
            lz.Decay(0.1, source=2, target=1),
            lz.Decay(0.07, source=0, target=1),
            lz.Decay(0.03, source=1, target=0),
        ),
    )
    return model, qutip.Qobj(0.6 * swept + fixed)


def test_three_levels():
    model, still = three_levels()
    duration, wait = 3.4 * PERIOD, 1.0
    rest = qutip.steadystate(still, model.c_ops)
    marks = [0.0, *(k * PERIOD / 2 for k in range(1, 7)), duration]
    state = solved(still, solved(model.H, rest, marks, model.c_ops), [0.0, wait], model.c_ops)
    for level in range(3):
        found = lz.Pulsed(duration, wait=wait).population(model, level=level, tol=TOL)
        assert_allclose(found, [state[level, level].real], atol=1e-6)


def returning(drive, off_before, off_after):
    """Fixed point of a cycle, by the propagators of QuTiP, at the start of the drive."""
    cycle = off_before * off_after * drive
    values, vectors = cycle.eigenstates()
    state = qutip.vector_to_operator(vectors[np.argmin(np.abs(values - 1))])
    return state / state.tr()


def averaged(still, c_ops, state, read, level):
    """Population on average over a reading, from many samples of it."""
    times = np.linspace(0, read, 201)
    states = qutip.mesolve(still, state, times, c_ops, options=TIGHT).states
    return simpson([s[level, level].real for s in states], x=times) / read


def test_cycle():
    init, drive, read = 4.0, 6.7, 2.5
    found = lz.Cycle(init, drive, read).population(vary(NOISY, PIXELS), level=1, tol=TOL)
    for (amplitude, bias), population in zip(pixels(), found, strict=True):
        still = at_bias(bias)
        options = TIGHT | {"max_step": 0.2}
        driven = qutip.propagator(with_drive(amplitude, bias), drive, C_OPS, options=options)
        off = [(qutip.liouvillian(still, C_OPS) * time).expm() for time in (init, read)]
        begin = returning(driven, *off)
        state = qutip.vector_to_operator(driven * qutip.operator_to_vector(begin))
        expected = averaged(still, C_OPS, state, read, 1)
        assert population == pytest.approx(expected, abs=1e-6)


def test_cycle_of_three_levels():
    model, still = three_levels()
    init, drive, read = 3.0, PERIOD, 2.0
    marks = [0.0, PERIOD / 2, PERIOD]
    state = qutip.maximally_mixed_dm(3)
    for _ in range(40):  # what is left of the first state is below e⁻⁹ of what is asked
        state = solved(model.H, state, marks, model.c_ops)
        after = state
        state = solved(still, state, [0.0, init + read], model.c_ops)
    expected = averaged(still, model.c_ops, after, read, 2)
    found = lz.Cycle(init, drive, read).population(model, level=2, tol=TOL)
    assert_allclose(found, [expected], atol=1e-6)


@pytest.mark.parametrize("initial", ["rest", 0])
def test_single_pulse(initial):
    rate, bias, height = 3.0, -2.0, 5.0
    pulse = lz.Trapezoid(height, rate, wait=0.7, bias=bias)
    model = lz.TwoLevel(sweep=pulse, gap=GAP).with_environment(*STILL)
    found = lz.SinglePulse(initial=initial).population(model, level=1, tol=TOL)
    flank, top = height / rate, 0.35

    def coefficient(t):
        return min(max(height + rate * (top - abs(t)), 0.0), height)

    H = qutip.QobjEvo([at_bias(bias), [0.5 * qutip.sigmaz(), coefficient]])
    start = qutip.basis(2, 0).proj()
    if initial == "rest":
        start = qutip.steadystate(at_bias(bias), C_OPS)
    state = solved(H, start, [-top - flank, -top, top, top + flank])
    assert_allclose(found, [state[1, 1].real], atol=1e-6)


# -- limits


def test_long_pulse_ends_in_the_stroboscopic_state():
    """A reading right after the drive knows its phase: it sees no average."""
    batch = vary(NOISY, PIXELS)
    for share in (0.0, 0.3):
        end = (1000 + share) * PERIOD
        found = lz.Pulsed(end).population(batch, level=1, tol=TOL)
        strobe = lz.interferogram(NOISY, **PIXELS, at=share * PERIOD).population.sel(level=1)
        assert_allclose(found, strobe.values.ravel(), atol=2e-7)
    average = lz.Steady().population(batch, level=1, tol=TOL)
    assert np.abs(found - average).max() > 0.01


def test_phases_average_to_the_steady_state_after_a_long_pulse():
    batch = vary(NOISY, PIXELS)
    found = lz.Pulsed(500.0, phase_locked=False).population(batch, level=1, tol=1e-7)
    assert_allclose(found, lz.Steady().population(batch, level=1, tol=TOL), atol=3e-7)


@pytest.mark.parametrize("rise", [0.0, 0.9])
def test_phases_that_are_not_locked_are_averaged_over(rise):
    own = np.random.default_rng(2).uniform(0, 2 * np.pi) + np.arange(40) * 2 * np.pi / 40
    each = vary(NOISY, {"phase": own, "bias": [-2.1, 1.3]})
    locked, free = (lz.Pulsed(5.7, rise, phase_locked=locked) for locked in (True, False))
    expected = locked.population(each, level=1, tol=TOL).reshape(40, 2)
    found = free.population(vary(NOISY, {"bias": [-2.1, 1.3]}), level=1, tol=1e-7)
    assert_allclose(found, expected.mean(axis=0), atol=3e-7)
    assert np.ptp(expected, axis=0).min() > 0.01


def test_phases_of_a_drive_with_jumps():
    """Means over phases converge slowly then, and say so."""
    model = lz.TwoLevel(sweep=lz.Square(3.0, OMEGA, bias=1.3), gap=GAP).with_environment(*STILL)
    each = vary(model, {"phase": (np.arange(4000) + 0.5) * 2 * np.pi / 4000})
    expected = lz.Pulsed(5.7).population(each, level=1, tol=TOL).mean()
    free = lz.Pulsed(5.7, phase_locked=False)
    assert_allclose(free.population(model, level=1, tol=1e-4), [expected], atol=1e-4)
    with pytest.warns(lz.LzopenWarning, match="average over the phase of the drive still moves"):
        found = free.population(model, level=1, tol=1e-9)
    assert_allclose(found, [expected], atol=1e-5)


@pytest.mark.parametrize("shape", [lz.Sinusoidal, lz.Square])
def test_a_burst_is_a_pulse_of_its_own(shape):
    """The drive in its envelope as one waveform, which rests before and after."""
    duration, rise = 7.0, 1.2
    drive = shape(3.0, OMEGA, phase=0.4)
    envelope = lz.Trapezoid(1.0, rate=1 / rise, wait=duration - rise).shifted(duration / 2)
    for environments in (STILL, MOVING):
        burst = lz.TwoLevel(sweep=lz.Constant(1.3) + drive * envelope, gap=GAP)
        tone = lz.TwoLevel(sweep=lz.Constant(1.3) + drive, gap=GAP)
        burst, tone = (model.with_environment(*environments) for model in (burst, tone))
        found = lz.SinglePulse().population(burst, level=1, tol=TOL)
        assert_allclose(found, lz.Pulsed(duration, rise).population(tone, 1, TOL), atol=1e-7)


@pytest.mark.parametrize(("model", "power"), [(NOISY, 2), (THERMAL, 1)], ids=["still", "moving"])
def test_short_flanks_change_little(model, power):
    """Half heights stay where they are; a bath that follows the levels is not linear in them."""
    batch, off = vary(model, PIXELS), []
    for rise in (0.04, 0.02, 0.01):
        sudden = lz.Pulsed(5.0, wait=rise / 2).population(batch, level=1, tol=1e-10)
        off.append(lz.Pulsed(5.0, rise).population(batch, level=1, tol=1e-10) - sudden)
    size = np.abs(off).max(axis=-1)
    assert size[-1] < 1e-4
    assert_allclose(np.diff(np.log2(size)), -power, atol=0.2)


def test_long_wait_forgets_the_pulse():
    for model in (NOISY, THERMAL):
        batch = vary(model, PIXELS)
        rest = lz.Pulsed(1.0).population(vary(model, {**PIXELS, "amplitude": [0.0]}), 1, TOL)
        found = lz.Pulsed(9.0, wait=2000.0).population(batch, level=1, tol=TOL)
        assert_allclose(found.reshape(3, 3), np.broadcast_to(rest, (3, 3)), atol=1e-9)
        soon = lz.Pulsed(9.0).population(batch, level=1, tol=TOL)
        assert np.abs(soon - found).max() > 0.1


def test_slow_cycle_that_is_read_at_once_is_a_pulse():
    for model in (NOISY, THERMAL):
        batch = vary(model, PIXELS)
        pulsed = lz.Pulsed(5.7).population(batch, level=1, tol=TOL)
        cycle = lz.Cycle(2000.0, 5.7, 0.0).population(batch, level=1, tol=TOL)
        assert_allclose(cycle, pulsed, atol=1e-8)
        swift = lz.Cycle(2.0, 5.7, 0.0).population(batch, level=1, tol=TOL)
        assert np.abs(swift - pulsed).max() > 0.01


def test_short_reading_sees_the_moment():
    batch = vary(NOISY, PIXELS)
    at_once = lz.Cycle(4.0, 5.7, 0.0).population(batch, level=1, tol=1e-10)
    short = lz.Cycle(4.0, 5.7, 1e-5).population(batch, level=1, tol=1e-10)
    assert_allclose(short, at_once, atol=1e-5)


def test_double_passage_in_a_window():
    """A sweep that does not rest has a window; without loss it is Stückelberg's formula."""
    model = lz.TwoLevel(sweep=lz.DoublePassage(4.0, 20.0), gap=0.9)
    protocol = lz.SinglePulse(start=-12.0, end=12.0, initial=0)
    expected = lz.interferogram(model, rate=[4.0], window=(-12.0, 12.0), initial=0).population
    assert_allclose(protocol.population(model, level=1, tol=TOL), expected.values[:, 1], atol=1e-7)


# -- rate equations


def test_short_pulse_follows_the_rate_equation():
    """z/z₀ = e^{−2Wt}, from which phase tomography starts."""
    drive = {"omega": 1.0, "gap": 0.02}
    axes = {"amplitude": [0.8, 3.1, 6.0], "bias": [0.0, 0.5, 1.0, 2.2]}
    model = lz.TwoLevel(sweep=lz.Sinusoidal(1.0, 1.0), gap=0.02)
    model = model.with_environment(lz.Dephasing(0.3))
    time = 2 * np.pi * 40
    found = lz.Pulsed(time, initial=0).population(vary(model, axes), level=0, tol=1e-10)
    amplitude, bias = np.meshgrid(*axes.values(), indexing="ij")
    W = theory.fast_passage_rate(amplitude=amplitude, bias=bias, coherence_rate=0.3, **drive)
    rate = -0.5 * np.log(2 * found - 1).reshape(3, 4) / time
    assert_allclose(rate, W, rtol=0.03)  # it starts with 1/Γ2 of less, 1.3 % of the time


def test_short_pulse_with_a_bath_that_follows_the_levels():
    """Cold and slow relaxation empties whichever level is above, for a share of each period."""
    Gamma1, Gamma_phi, gap, time = 2e-3, 0.3, 0.02, 2 * np.pi * 60
    axes = {"amplitude": [2.4, 5.0], "bias": [0.5, 1.0, 2.2]}
    model = lz.TwoLevel(sweep=lz.Sinusoidal(1.0, 1.0), gap=gap)
    model = model.with_environment(lz.Dephasing(Gamma_phi), lz.Relaxation(Gamma1, 0.0))
    found = lz.Pulsed(time, initial=1).population(vary(model, axes), level=0, tol=1e-9)
    amplitude, bias = np.meshgrid(*axes.values(), indexing="ij")
    expected = theory.fast_passage(
        amplitude=amplitude,
        bias=bias,
        omega=1.0,
        gap=gap,
        relaxation_rate=Gamma1,
        coherence_rate=Gamma_phi + Gamma1 / 2,
        equilibrium=np.arccos(bias / amplitude) / np.pi,
        duration=time,
        initial=0.0,
    )
    assert_allclose(found.reshape(2, 3), expected, atol=3e-3)
    assert expected.min() > 0.05


# -- batches, names and bad input

PROTOCOLS = {
    "steady": lz.Steady(),
    "pulsed": lz.Pulsed(4.1, rise=0.5, wait=1.0),
    "long": lz.Pulsed(40.0),
    "free": lz.Pulsed(4.1, rise=0.5, phase_locked=False),
    "cycle": lz.Cycle(3.0, 5.0, 2.0),
    "single": lz.SinglePulse(0.0, 5.0),
}


@pytest.mark.parametrize("protocol", PROTOCOLS.values(), ids=PROTOCOLS)
@pytest.mark.parametrize("model", [NOISY, THERMAL], ids=["still", "moving"])
def test_batch_equals_the_loop(protocol, model):
    """Also with numbers that differ in what no drive moves, and in its period."""
    over = {"omega": [1.7, 2.3], "dephasing.rate": [0.05, 0.1], "bias": [-0.4, 1.0]}
    batch = vary(model, over)
    found = protocol.population(batch, level=1, tol=1e-9)
    assert found.shape == (8,)
    singles = [
        model.with_parameters({"omega": w, "dephasing.rate": rate, "bias": bias})
        for w in over["omega"]
        for rate in over["dephasing.rate"]
        for bias in over["bias"]
    ]
    expected = [protocol.population(single, level=1, tol=1e-9)[0] for single in singles]
    assert_allclose(found, expected, atol=1e-8)


@pytest.mark.parametrize("protocol", PROTOCOLS.values(), ids=PROTOCOLS)
def test_populations_add_up(protocol):
    model, _ = three_levels()
    found = [protocol.population(model, level=level, tol=1e-4) for level in range(3)]
    assert_allclose(np.sum(found, axis=0), 1, atol=1e-9)
    assert np.min(found) > 0.01


def test_leak_of_a_pulse():
    model = QUBIT.with_environment(lz.Leak(1, 0.2))
    protocol = lz.Pulsed(4 * PERIOD, initial=0)
    found = sum(protocol.population(model, level=level, tol=TOL) for level in range(2))
    expected = lz.interferogram(model, bias=[1.3], periods=4, initial=0).survival
    assert_allclose(found, expected.values, atol=1e-7)


def test_numbers_have_names_and_units():
    protocol = lz.Pulsed(4, rise=0.5, initial="thermal", initial_temperature=0.3)
    assert collect(protocol) == {
        "duration": 4.0,
        "rise": 0.5,
        "wait": 0.0,
        "initial_temperature": 0.3,
    }
    assert assign(protocol, {"duration": 5.0}).duration == 5.0
    assert list(collect(lz.Cycle(1, 2, 3))) == ["init", "drive", "read"]
    assert list(collect(lz.SinglePulse())) == []
    every = {**units(protocol), **units(lz.Cycle(1, 2, 3)), **units(lz.SinglePulse(0, 1))}
    assert {str(unit) for unit in every.values()} == {"time", "rad / time"}


def test_what_is_left_of_a_drive_that_is_off():
    tone, square = lz.Sinusoidal(2.0, 3.0, bias=0.4), lz.Square(1.0, 3.0, bias=-0.3)
    train = lz.Repeated(lz.Trapezoid(2.0, 4.0, bias=-0.7), period=5.0, start=-2.5)
    waveforms = {
        0.4: tone,
        -0.3: square,
        0.1: tone + square,
        0.8: 2.0 * tone.shifted(0.3),
        -0.7: train,
        0.2: lz.Constant(0.2),
        0.0: lz.Filtered(tone, high_pass=1.0),
        0.55: lz.Filtered(lz.Triangle(1.0, 2.0, bias=0.55), low_pass=1.0),
    }
    for value, waveform in waveforms.items():
        rest = switched_off(waveform)
        assert rest.is_constant
        assert_allclose(rest([0.0, 7.0]), value, atol=1e-15)


CLOSED = "`model` must forget how it started, but is closed"
BAD = {
    "no time": (lambda: lz.Pulsed(0.0), "`duration` must be positive"),
    "negative": (lambda: lz.Pulsed(1.0, wait=-1.0), "`wait` must not be negative"),
    "several": (lambda: lz.Cycle(1.0, [1.0, 2.0], 1.0), "`drive` must be a single number"),
    "all flank": (lambda: lz.Pulsed(1.0, rise=1.5), "`rise` must not be longer than the pulse"),
    "a word": (lambda: lz.Pulsed(1.0, initial="excited"), "`initial` must be a level, a Qobj or"),
    "cold": (lambda: lz.Pulsed(1.0, initial="thermal"), "`initial_temperature` must be given"),
    "hot": (lambda: lz.SinglePulse(initial_temperature=1.0), "`initial_temperature` must be given"),
    "half a window": (lambda: lz.SinglePulse(start=0.0), "`end` must be given with `start`"),
    "backwards": (lambda: lz.SinglePulse(2.0, 1.0), "`end` must be after the start, 2"),
    "closed": (lambda: lz.Pulsed(1.0).population(QUBIT, 1, TOL), CLOSED),
    "closed cycle": (lambda: lz.Cycle(1, 1, 1).population(QUBIT, 1, TOL), CLOSED),
    "leaky cycle": (
        lambda: lz.Cycle(1, 1, 1).population(NOISY.with_environment(lz.Leak(0, 0.1)), 1, TOL),
        "`model` must forget how it started, but is leaky",
    ),
    "two ends": (
        lambda: lz.Pulsed(1.0).population(
            QUBIT.with_parameters({"gap": 0.0}).with_environment(lz.Dephasing(0.1)), 1, TOL
        ),
        "without a single steady state",
    ),
    "a sweep": (
        lambda: lz.Pulsed(1.0).population(
            lz.TwoLevel(sweep=lz.Linear(1.0), gap=1.0).with_environment(*STILL), 1, TOL
        ),
        "`model` must be driven periodically about a bias",
    ),
    "no such level": (
        lambda: lz.Pulsed(1.0, initial=2).population(NOISY, 1, TOL),
        "`initial` must be one of",
    ),
}


@pytest.mark.parametrize(("call", "message"), BAD.values(), ids=BAD)
def test_bad_input(call, message):
    with pytest.raises(lz.LzopenError, match=message):
        call()
