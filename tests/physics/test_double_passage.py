"""Two passages: interference, washing and echoes against exact legs and the engine."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.integrate import quad

import lzopen as lz
from lzopen.errors import LzopenError, LzopenWarning
from lzopen.theory import (
    detuning_coherence,
    double_passage,
    dynamic_phase,
    echo,
    finite_time_propagator,
    landau_zener,
    stokes_phase,
    transfer_matrix,
    washed_double_passage,
)

SIGMA_X = np.array([[0, 1], [1, 0]])
FAR = 400.0  # where exact legs start and end, in eigenstates
NOISY = {"rate": 1.0, "gap": 2 * np.sqrt(0.11), "turning_point": 20.0}


def leg(rate, gap, start, end):
    """Exact propagator of a ramp of the bias from ``start`` to ``end``."""
    return finite_time_propagator(rate=rate, gap=gap, t0=start / rate, t1=end / rate)


def eigenstates(bias, gap):
    """Columns e, g."""
    half, u = np.arctan2(np.abs(gap), bias) / 2, gap / np.abs(gap)
    c, s = np.cos(half), np.sin(half)
    return np.array([[c, -np.conj(u) * s], [u * s, c]])


def excited(propagator, first, last):
    """Probability to go from g to e for (bias, gap) before and after."""
    return abs(eigenstates(*last)[:, 0].conj() @ propagator @ eigenstates(*first)[:, 1]) ** 2


def there_and_back(gap, turning_point, returning=None):
    """Probability to go from g to e far away, at unit rate; the gap may differ on return."""
    back = gap if returning is None else returning
    U = leg(-1.0, back, turning_point, -FAR) @ leg(1.0, gap, -FAR, turning_point)
    return excited(U, (-FAR, gap), (-FAR, back))


def engine(turning_point, gap, rate=1.0, tol=1e-9, **window):
    """The same from the engine, for t → ±∞."""
    passes = lz.TwoLevel(sweep=lz.DoublePassage(rate, turning_point), gap=gap)
    return lz.transition_matrix(passes, tol=tol, **window).probability[..., 1, 0].values


def predicted(gap, turning_point, **turn):
    zeta = dynamic_phase(rate=1.0, gap=gap, turning_point=turning_point)
    return double_passage(rate=1.0, gap=gap, phase=zeta, **turn)


# --- the phase


@pytest.mark.parametrize(("rate", "gap"), [(1.3, 0.7), (-1.3, 0.7), (1.3, 0.3 - 2.9j), (0.4, 0.0)])
def test_dynamic_phase_is_the_integral(rate, gap):
    zeta = dynamic_phase(rate=rate, gap=gap, turning_point=6.0)
    end = 6.0 / abs(rate)
    area = quad(lambda t: np.hypot(rate * t, abs(gap)), 0, end, epsabs=1e-13, epsrel=1e-13)[0]
    assert_allclose(zeta, 2 * area, rtol=1e-12)
    assert isinstance(zeta, float)


# --- fringes


@pytest.mark.parametrize(
    ("delta", "exact", "formula"),
    [(0.05, 0.7021492, 0.7021364), (0.25, 0.0357066, 0.0356985)],
)
def test_fringe_numbers(delta, exact, formula):
    gap = 2 * np.sqrt(delta)
    assert_allclose(there_and_back(gap, 30.0), exact, rtol=0, atol=6e-8)
    assert_allclose(engine(30.0, gap), exact, rtol=0, atol=6e-8)
    assert_allclose(predicted(gap, 30.0), formula, rtol=0, atol=6e-8)


@pytest.mark.parametrize(
    ("amplitude", "omega", "exact", "formula", "digit"),
    [(200.0, 0.005, 0.0915440, 0.0915424, 6e-8), (20.0, 0.05, 0.48787, 0.48762, 6e-6)],
)
def test_full_sine_numbers(amplitude, omega, exact, formula, digit):
    drive, half = lz.Sinusoidal(amplitude, omega), np.pi / omega
    P = lz.transition_matrix(lz.TwoLevel(sweep=drive, gap=0.5), window=(-half, half))
    assert_allclose(P.probability[1, 0].item(), exact, rtol=0, atol=digit)
    zeta = quad(lambda t: np.hypot(drive.scalar(t), 0.5), -half / 2, half / 2, epsabs=1e-8)[0]
    P = double_passage(rate=amplitude * omega, gap=0.5, phase=zeta)
    assert_allclose(P, formula, rtol=0, atol=digit)


def test_fringes_are_missed_by_the_kink_at_the_turning_point():
    """Over a fringe the error is at most Δα/ε_max³."""
    gap, ends = 1.0, np.array([10.0, 20.0, 40.0])
    apex = ends[:, None] + np.linspace(0, 2 * np.pi / ends, 25, axis=-1)
    error = np.abs(engine(apex, gap) - predicted(gap, apex)).max(axis=1)
    assert_allclose(np.diff(np.log2(error)), -3, atol=0.25)
    assert np.all(error < gap / ends**3)


def test_a_cosine_needs_another_phase():
    """cos² with φ_S is wrong; it takes φ_S − π/2."""
    gap, apex = 1.0, 30.0
    zeta = dynamic_phase(rate=1.0, gap=gap, turning_point=apex)
    phi, P = stokes_phase(rate=1.0, gap=gap), landau_zener(rate=1.0, gap=gap)
    wrong, right = (4 * P * (1 - P) * np.cos(zeta / 2 + x) ** 2 for x in (phi, phi - np.pi / 2))
    exact = there_and_back(gap, apex)
    assert_allclose(right, exact, rtol=0, atol=1e-5)
    assert abs(wrong - exact) > 0.5


def test_a_turning_point_near_the_crossing_is_out_of_reach_and_reported():
    with pytest.warns(LzopenWarning, match=r"turning point is near the crossing, 0\.3 ") as caught:
        zeta = dynamic_phase(rate=1.0, gap=1.0, turning_point=[0.3, 30.0])[0]
    assert caught[0].message.value == 0.3
    assert caught[0].filename == __file__
    formula = double_passage(rate=1.0, gap=1.0, phase=zeta)
    assert np.abs(engine(0.3, 1.0) - formula) > 0.1


def test_two_transfer_matrices_make_the_passages():
    """N and its transpose with φ_S make a sine; N twice needs φ_S − π/2, and a cosine."""
    P, phi = landau_zener(rate=1.0, gap=1.0), stokes_phase(rate=1.0, gap=1.0)
    up, down = (transfer_matrix(rate=rate, gap=1.0) for rate in (1.0, -1.0))
    zeta = np.linspace(0, 7, 15)
    between = np.exp(-0.5j * zeta), np.exp(0.5j * zeta)
    e = down[0, 0] * between[0] * up[0, 1] + down[0, 1] * between[1] * up[1, 1]
    formula = double_passage(rate=1.0, gap=1.0, phase=zeta)
    assert_allclose(np.abs(e) ** 2, formula, rtol=0, atol=1e-15)
    twice = up[0, 0] * between[0] * up[0, 1] + up[0, 1] * between[1] * up[1, 1]
    cosine = 4 * P * (1 - P) * np.cos(zeta / 2 + phi) ** 2
    assert_allclose(np.abs(twice) ** 2, cosine, rtol=0, atol=1e-15)


# --- washing


def test_gaussian_phase_washes_the_fringes():
    """e^{−σ²/2} for σ of the whole phase, e^{−2σ²} for that of its half."""
    x, weight = np.polynomial.hermite_e.hermegauss(80)
    weight = weight / weight.sum()
    passage = {"rate": 1.0, "gap": 0.66}
    for scale, exponent in ((1.0, 0.5), (2.0, 2.0)):
        mean = weight @ double_passage(**passage, phase=1.1 + scale * 0.8 * x)
        coherence = np.exp(-exponent * 0.8**2)
        assert_allclose(
            mean, washed_double_passage(**passage, phase=1.1, coherence=coherence), rtol=1e-12
        )


def test_washing_limits():
    passage = {"rate": 1.3, "gap": 0.8, "phase": np.linspace(0, 7, 9)}
    P = landau_zener(rate=1.3, gap=0.8)
    assert_allclose(washed_double_passage(**passage, coherence=1), double_passage(**passage))
    assert_allclose(washed_double_passage(**passage, coherence=0), 2 * P * (1 - P))
    shifted = washed_double_passage(**passage, coherence=np.exp(0.3j))
    passage["phase"] = passage["phase"] + 0.3
    assert_allclose(shifted, double_passage(**passage), rtol=1e-12)


def test_visibility_numbers():
    coherence = detuning_coherence(**NOISY, bias_deviation=0.05)
    assert_allclose(abs(coherence), 0.1350438, rtol=0, atol=5e-8)
    # the full bias in place of the energy at the turning point
    assert_allclose(np.exp(-((0.05 * 2 * 20.0) ** 2) / 2), 0.1353353, rtol=0, atol=5e-8)


def random_detunings(deviation, count=60):
    """Points and weights of a Gaussian detuning."""
    x, weight = np.polynomial.hermite_e.hermegauss(count)
    return deviation * x, weight / weight.sum()


@pytest.mark.parametrize("deviation", [0.05, 0.3])
def test_detuning_coherence_is_the_average_over_phases(deviation):
    offset, weight = random_detunings(deviation, 120)
    sweep = {key: NOISY[key] for key in ("rate", "gap")}
    zeta, center = dynamic_phase(**sweep, turning_point=np.array([20 + offset, 20 + 0 * offset]))
    average = weight @ np.exp(1j * (zeta - center))
    coherence = detuning_coherence(**NOISY, bias_deviation=deviation)
    left_out = deviation**3 * NOISY["gap"] ** 2 / 20.0**3
    assert_allclose(coherence, average, rtol=0, atol=left_out)


def test_average_over_detunings_of_the_dynamics():
    offset, weight = random_detunings(0.05)
    exact = weight @ engine(20.0 + offset, NOISY["gap"])
    assert_allclose(exact, 0.45716090, rtol=0, atol=6e-9)
    passage = {"rate": 1.0, "gap": NOISY["gap"], "phase": dynamic_phase(**NOISY)}
    coherence = detuning_coherence(**NOISY, bias_deviation=0.05)
    P = washed_double_passage(**passage, coherence=coherence)
    assert_allclose(P, 0.45716103, rtol=0, atol=6e-9)
    # the visibility alone, without the shift of the fringes, is a thousand times worse
    assert abs(washed_double_passage(**passage, coherence=abs(coherence)) - exact) > 3e-4


# --- echoes


def both_legs(protocol, apex, detuning, start, gap=NOISY["gap"]):
    """Exact propagator of a protocol between ramps of a detuned bias, at unit rate."""
    back = -gap if "sign flip" in protocol else gap
    first = leg(1.0, gap, start + detuning, apex + detuning)
    if "jump" in protocol:
        return leg(1.0, back, start + detuning, apex + detuning) @ first
    between = SIGMA_X if "pi pulse" in protocol else np.eye(2)
    return leg(-1.0, back, apex + detuning, start + detuning) @ between @ first


def single(apex, detuning, start):
    """Exact survival of a single leg."""
    U = leg(1.0, NOISY["gap"], start + detuning, apex + detuning)
    return abs(U[0, 0]) ** 2


def test_a_sign_flip_is_no_echo():
    """It exchanges bright and dark fringes, and keeps their contrast and their phase."""
    gap = 1.0
    flipped = there_and_back(gap, 30.0, returning=-gap)
    formula = echo(rate=1.0, gap=gap, turning_point=30.0, protocol="sign flip")
    assert_allclose([flipped, formula], [0.6534, 0.6230], rtol=0, atol=5e-5)
    apex = 30.0 + np.linspace(0, np.pi / 30, 21)  # one fringe
    model = lz.TwoLevel(sweep=lz.DoublePassage(1.0, apex), gap=lz.SignFlip(gap, at=0.0))
    fringe = lz.transition_matrix(model).probability[:, 1, 0].values
    P = landau_zener(rate=1.0, gap=gap)
    assert_allclose(np.ptp(fringe), 4 * P * (1 - P), rtol=0, atol=0.01)
    both = fringe + engine(apex, gap)
    assert_allclose(both, 4 * P * (1 - P), rtol=0, atol=2 * gap / 30)


def test_what_a_sudden_flip_adds_falls_with_the_turning_point():
    """The error is of order Δ/ε_max, from the sudden change of the eigenstates."""
    ends = np.array([20.0, 40.0, 80.0])
    apex = ends[:, None] + np.linspace(0, 2 * np.pi / ends, 25, axis=-1)
    model = lz.TwoLevel(sweep=lz.DoublePassage(1.0, apex), gap=lz.SignFlip(1.0, at=0.0))
    P = lz.transition_matrix(model).probability[..., 1, 0].values
    formula = echo(rate=1.0, gap=1.0, turning_point=apex, protocol="sign flip")
    error = np.abs(P - formula).max(axis=1)
    assert_allclose(np.diff(np.log2(error)), -1, atol=0.1)
    assert np.all(error < 1.5 / ends)


def test_a_pi_pulse_refocuses_any_detuning():
    """The return is 4P(1−P) of that leg, to round-off, for any phase and detuning."""
    returned = []
    for detuning in (0.0, 0.1, 0.3):
        U = both_legs("pi pulse", 20.0, detuning, start=-300.0)
        P = single(20.0, detuning, start=-300.0)
        assert_allclose(abs(U[0, 0]) ** 2, 4 * P * (1 - P), rtol=0, atol=1e-14)
        assert_allclose(abs(U[1, 0]) ** 2, (1 - 2 * P) ** 2, rtol=0, atol=1e-14)
        returned.append(abs(U[0, 0]) ** 2)
    assert_allclose(returned, [0.99903, 0.99935, 0.99869], rtol=0, atol=6e-6)


@pytest.mark.parametrize("detuning", [0.0, 0.1, 0.3])
def test_a_pi_pulse_is_a_bias_that_changes_sign(detuning):
    """In the frame that follows the pulse; the final levels are exchanged."""
    bias = lz.DoublePassage(1.0, 20.0) + lz.Constant(detuning)
    turned = lz.TwoLevel(sweep=bias.then(-bias, at=0.0), gap=NOISY["gap"])
    found = lz.transition_matrix(turned, window=(-40.0, 40.0), readout="diabatic").probability
    U = both_legs("pi pulse", 20.0, detuning, start=-20.0)
    assert_allclose(found[::-1], np.abs(U) ** 2, rtol=0, atol=1e-9)


def test_a_jump_refocuses_the_control_phase_but_no_detuning():
    for apex in (5.0, 19.0, 20.0, 20.3):  # any control phase
        P = single(apex, 0.0, start=-apex)
        U = both_legs("jump", apex, 0.0, start=-apex)
        assert_allclose(abs(U[1, 0]) ** 2, 4 * P * (1 - P), rtol=0, atol=1e-14)
    P = single(20.0, 0.1, start=-20.0)
    detuned = abs(both_legs("jump", 20.0, 0.1, start=-20.0)[1, 0]) ** 2
    assert_allclose([detuned, 4 * P * (1 - P)], [0.1535, 0.9995], rtol=0, atol=6e-5)


def test_a_detuned_jump_follows_its_documented_phase():
    detuned = leg(1.0, NOISY["gap"], -20.0 + 0.1, FAR) @ leg(1.0, NOISY["gap"], -FAR, 20.0 + 0.1)
    kept = 1 - excited(detuned, (-FAR, NOISY["gap"]), (FAR, NOISY["gap"]))
    sweep = {key: NOISY[key] for key in ("rate", "gap")}
    far, near = dynamic_phase(**sweep, turning_point=np.array([20.1, 19.9]))
    formula = echo(**NOISY, protocol="jump") * np.cos((far - near) / 4) ** 2
    assert_allclose(kept, formula, rtol=0, atol=1e-3)


@pytest.mark.parametrize(("protocol", "flip"), [("pi pulse, sign flip", 1), ("jump, sign flip", 0)])
def test_both_steps_together_undo_the_passages(protocol, flip):
    U = both_legs(protocol, 20.0, 0.0, start=-20.0)
    assert_allclose(abs(U[1, 0]) ** 2, flip, rtol=0, atol=1e-15)
    assert echo(**NOISY, protocol=protocol) == flip
    detuned = abs(both_legs(protocol, 20.0, 0.1, start=-20.0)[1, 0]) ** 2
    if "pi pulse" in protocol:
        assert_allclose(detuned, 1, rtol=0, atol=1e-15)
    else:  # not refocused
        assert detuned > 0.8


@pytest.mark.parametrize("protocol", ["sign flip", "pi pulse", "jump"])
def test_echo_against_exact_legs(protocol):
    """Within the order Δ/ε_max that sudden steps leave."""
    for apex in (20.0, 80.0, 320.0):
        U = both_legs(protocol, apex, 0.0, start=-apex, gap=1.0)
        flip = echo(rate=1.0, gap=1.0, turning_point=apex, protocol=protocol)
        assert_allclose(abs(U[1, 0]) ** 2, flip, rtol=0, atol=1.5 / apex)


def test_echo_broadcasts_and_warns_near_the_crossing():
    apex = np.array([[20.0], [30.0]])
    for protocol in ("sign flip", "pi pulse", "jump", "jump, sign flip"):
        table = echo(rate=1.0, gap=[0.5, 1.0, 2.0], turning_point=apex, protocol=protocol)
        assert table.shape == (2, 3)
        single_value = echo(rate=1.0, gap=2.0, turning_point=30.0, protocol=protocol)
        assert isinstance(single_value, float)
        assert table[1, 2] == single_value
    with pytest.warns(LzopenWarning, match="near the crossing") as caught:
        echo(rate=4.0, gap=1.0, turning_point=[20.0, 7.0], protocol="jump")
    assert caught[0].message.value == 3.5
    assert caught[0].filename == __file__


# --- a gap that turns


@pytest.mark.parametrize(
    ("turn", "exact", "formula"), [(0.7, 0.0099, 0.0087), (-0.7, 0.2067, 0.2008)]
)
def test_geometric_phase_numbers(turn, exact, formula):
    """A sudden turn on the way up and back: the phase is subtracted."""
    flipped = there_and_back(1.0, 30.0, returning=np.exp(1j * turn))
    P = predicted(1.0, 30.0, geometric_phase=turn)
    assert_allclose([flipped, P], [exact, formula], rtol=0, atol=6e-5)


@pytest.mark.parametrize("turn", [0.7, -0.7, 2.5])
@pytest.mark.parametrize("direction", [1, -1])
def test_geometric_phase_of_a_gap_that_turns_far_from_the_crossing(turn, direction):
    """Ramped within t = ±5, so that only kinks of order ω∆/ε_max² are left."""
    ramp = lz.Rotating(1.0, omega=turn / 10).shifted(-5.0)
    gap = lz.Constant(1.0 + 0j).then(ramp, at=-5.0).then(lz.Constant(np.exp(1j * turn)), at=5.0)
    sweep = direction * lz.DoublePassage(1.0, 30.0)
    model = lz.TwoLevel(sweep=sweep, gap=gap)
    P = lz.transition_matrix(model, window=(-FAR, FAR)).probability[1, 0].item()
    zeta = dynamic_phase(rate=direction, gap=1.0, turning_point=30.0)
    formula = double_passage(rate=direction, gap=1.0, phase=zeta, geometric_phase=turn)
    assert_allclose(P, formula, rtol=0, atol=1e-3)
    other = double_passage(rate=-direction, gap=1.0, phase=zeta, geometric_phase=turn)
    assert abs(P - other) > 0.05


# --- bad input and limits


def test_a_noise_that_turns_sweeps_early_is_reported():
    with pytest.warns(LzopenWarning, match="only 4 standard deviations") as caught:
        detuning_coherence(**NOISY, bias_deviation=[0.1, 5.0])
    assert caught[0].message.value == 4.0
    assert caught[0].filename == __file__
    assert detuning_coherence(**NOISY, bias_deviation=0.0) == 1


@pytest.mark.parametrize(
    ("function", "argument", "bad"),
    [
        (dynamic_phase, "turning_point", {"turning_point": -1.0}),
        (dynamic_phase, "rate", {"rate": 0.0, "turning_point": 1.0}),
        (double_passage, "phase", {"phase": np.nan}),
        (double_passage, "geometric_phase", {"phase": 1.0, "geometric_phase": 1j}),
        (double_passage, "phase", {"gap": [1.0, 2.0], "phase": [1.0, 2.0, 3.0]}),
        (washed_double_passage, "coherence", {"phase": 1.0, "coherence": [0.5, 1.1]}),
        (detuning_coherence, "bias_deviation", {"turning_point": 9.0, "bias_deviation": -1.0}),
        (echo, "protocol", {"turning_point": 9.0, "protocol": "spin"}),
    ],
)
def test_bad_argument_is_named(function, argument, bad):
    with pytest.raises(LzopenError, match=f"Argument `{argument}` must"):
        function(**{"rate": 1.0, "gap": 1.0, **bad})
