"""Fast drives with relaxation and dephasing against exact periodic Bloch equations."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.integrate import quad, solve_ivp
from scipy.special import jn_zeros, jnp_zeros, jv

import lzopen as lz
from lzopen.errors import LzopenError, LzopenWarning
from lzopen.theory.fast_passage import fast_passage, fast_passage_sum
from lzopen.theory.sidebands import fast_passage_rate
from lzopen.theory.tomography import rate_tomogram, rate_transform, tomogram_arcs

OLIVER = {"omega": 1.0, "bias": 5.0, "gap": 0.0108, "relaxation_rate": 1 / 1.5e5}
ROWS = [
    # A, ε₀, T1, T2, exact, sum, rate for Δ = 0.05, ω = 1
    (7.3, 3.0, 2000.0, 300.0, 0.4936787, 0.4948425, 0.4936747),
    (12.0, 5.0, 2e4, 30.0, 0.4462342, 0.5456088, 0.4462968),
    (12.0, 5.3, 2e4, 3.0, 0.3750068, 0.8587524, 0.3750104),
    (12.0, 5.3, 2e5, 1.0, 0.4890288, 4.4362557, 0.4890282),
]


def qubit(amplitude, bias, T1, T2, gap=0.05):
    """Arguments of fast_passage for ω = 1."""
    rates = {"relaxation_rate": 1 / T1, "coherence_rate": 1 / T2}
    return {"amplitude": amplitude, "omega": 1.0, "bias": bias, "gap": gap, **rates}


def bloch_average(amplitude, omega, bias, gap, relaxation_rate, coherence_rate, equilibrium=(0.0,)):
    """Exact mean population of level 0, from the harmonics of (x, y, z).

    ``equilibrium`` holds the harmonics 0, 1, … of the even population it relaxes to.
    """
    last = int(amplitude / omega + 8 * np.cbrt(amplitude / omega) + 12 + 4 * gap / omega)
    size = 2 * last + 1
    one, none = np.eye(size), np.zeros((size, size))
    turning = np.diag(1j * omega * np.arange(-last, last + 1))
    detuning = bias * one + amplitude / 2 * (np.eye(size, k=1) + np.eye(size, k=-1))
    decay = -coherence_rate * one - turning
    L = np.block(
        [
            [decay, -detuning, none],
            [detuning, decay, -gap * one],
            [none, gap * one, -relaxation_rate * one - turning],
        ]
    )
    toward = np.zeros(size)
    for n, part in enumerate(equilibrium):
        if n <= last:
            toward[[last + n, last - n]] = 2 * part - (n == 0)
    drift = np.concatenate([np.zeros(2 * size), -relaxation_rate * toward])
    return (1 + np.linalg.solve(L, drift)[2 * size + last].real) / 2


def shift_over_width(amplitude, omega, bias, gap, relaxation_rate, coherence_rate):
    """|Δ|²/ωw of the documented bound."""
    nearest = gap * jv(np.round(bias / omega), amplitude / omega)
    width = np.hypot(coherence_rate, nearest * np.sqrt(coherence_rate / relaxation_rate))
    return gap**2 / (omega * width)


# --- the steady state


@pytest.mark.parametrize(("A", "bias", "T1", "T2", "exact", "summed", "rate"), ROWS)
def test_steady_state_numbers(A, bias, T1, T2, exact, summed, rate):
    case = qubit(A, bias, T1, T2)
    assert_allclose(bloch_average(**case), exact, rtol=0, atol=6e-8)
    assert_allclose(fast_passage(**case), rate, rtol=0, atol=6e-8)
    if summed - rate < 0.01:
        assert_allclose(fast_passage_sum(**case), summed, rtol=0, atol=6e-8)
    else:
        with pytest.warns(LzopenWarning, match="Resonances overlap") as caught:
            assert_allclose(fast_passage_sum(**case), summed, rtol=0, atol=6e-8)
        assert_allclose(caught[0].message.value, summed - rate, rtol=0, atol=1e-7)
        assert caught[0].filename == __file__


def test_the_sum_of_resonances_is_no_population_once_they_overlap():
    """It is popularly held to stay below ½."""
    rng = np.random.default_rng(1)
    A, bias = rng.uniform(1, 15, 300), rng.uniform(-12, 12, 300)
    case = qubit(A, bias, 2e5, 10 ** rng.uniform(-1, 1, 300))
    with pytest.warns(LzopenWarning, match="Resonances overlap"):
        summed = fast_passage_sum(**case)
    P = fast_passage(**case)
    assert summed.max() > 4
    assert np.all((P > 0) & (P < 0.5) & (summed > P))


def test_one_resonance_is_the_same_in_both_forms_and_exact():
    """Without a drive, the static Bloch equations."""
    for bias in (0.0, 0.2, -1.0):
        case = qubit(0.0, bias, 90.0, 12.0, gap=0.07)
        assert_allclose(fast_passage_sum(**case), fast_passage(**case), rtol=1e-14)
        assert_allclose(fast_passage(**case), bloch_average(**case), rtol=1e-13)


def test_a_wide_gap_that_saturates():
    """For Δ = 0.3 ω the populations are still right, although the resonances are displaced."""
    case = qubit(7.3, 3.0, 2000.0, 300.0, gap=0.3)
    with pytest.warns(LzopenWarning, match="Resonances are narrow") as caught:
        P = fast_passage(**case)
    assert_allclose(P, 0.49982, rtol=0, atol=5e-6)
    assert_allclose(bloch_average(**case), 0.49977, rtol=0, atol=5e-6)
    assert_allclose(caught[0].message.value, shift_over_width(**case), rtol=1e-13)
    assert caught[0].filename == __file__


def test_the_bloch_equations_are_those_of_the_models():
    """Decay from level 0 and dephasing, solved by QuTiP over a period after a long time."""
    case = qubit(2.3, 1.1, 6.0, 4.0, gap=0.4)
    drive = lz.TwoLevel(sweep=lz.Sinusoidal(2.3, 1.0, bias=1.1), gap=0.4)
    model = drive.with_environment(
        lz.Decay(1 / 6, source=0, target=1), lz.Dephasing(1 / 4 - 1 / 12)
    )
    times = 40 * np.pi + np.linspace(0, 2 * np.pi, 65)
    found = lz.evolve(model, times=np.concatenate([[0.0], times]), initial=1)
    mean = float(found.population.sel(level=0)[1:-1].mean())
    assert_allclose(mean, bloch_average(**case), rtol=0, atol=1e-7)


def random_cases(number, seed):
    rng = np.random.default_rng(seed)
    for _ in range(number):
        gap, A = 10 ** rng.uniform(-2, 0), rng.uniform(0.1, 12)
        T2 = 10 ** rng.uniform(-1, 3)
        T1 = T2 / 2 * 10 ** rng.uniform(0, 4)
        n = round(rng.uniform(0, A + 1))
        width = np.hypot(1 / T2, gap * jv(n, A) * np.sqrt(T1 / T2))
        yield qubit(A, n + rng.uniform(-1, 1) * min(0.5, 2 * width), T1, T2, gap)


@pytest.mark.filterwarnings("ignore:Resonances are narrow")
def test_the_error_stays_below_its_bound():
    worst = {"amplitude": 0.105079, "omega": 1.0, "bias": 1.00452, "gap": 0.01}
    worst |= {"relaxation_rate": 1 / 102555, "coherence_rate": 1 / 563.46}
    ratios = []
    for case in [*random_cases(60, seed=2), worst]:
        bound = shift_over_width(**case)
        ratios.append(abs(fast_passage(**case) - bloch_average(**case)) / bound)
    assert max(ratios) < 0.15
    assert ratios[-1] > 0.14


def exact_rate(case):
    """W that makes the rate equation exact."""
    P = bloch_average(**case)
    return case["relaxation_rate"] * P / (1 - 2 * P)


def test_the_rate_is_wrong_in_second_order():
    """By up to 0.55 |Δ|²/ωΓ2, quadratic in Δ."""
    gaps, errors = np.array([0.005, 0.01, 0.02, 0.04]), []
    for gap in gaps:
        case = qubit(0.97, 0.97, 20.0, 38.0, gap=gap)
        drive = {key: case[key] for key in case if key != "relaxation_rate"}
        errors.append(abs(fast_passage_rate(**drive) / exact_rate(case) - 1))
    assert_allclose(np.polyfit(np.log(gaps), np.log(errors), 1)[0], 2, atol=0.05)
    assert np.all(np.array(errors) < 0.55 * gaps**2 * 38)


@pytest.mark.parametrize(("A", "n"), [(0.05, 1), (1.3, 1), (6.1, 2)])
def test_resonances_move_in_second_order(A, n):
    """To ε₀ + ½ΣΔ_m²/((n−m)ω) = nω, which is by −½Δ²/ω at most."""
    gap, T2 = 0.03, 2000.0
    m = np.delete(np.arange(-30, 31), 30 + n)
    moved = -0.5 * np.sum((gap * jv(m, A)) ** 2 / (n - m))
    bias = n + moved + np.linspace(-1, 1, 9) * 2e-4
    W = [exact_rate(qubit(A, x, T2 / 2, T2, gap=gap)) for x in bias]
    fit = np.polyfit(bias - n, 1 / np.array(W), 2)
    assert_allclose(-fit[1] / (2 * fit[0]), moved, rtol=0, atol=2e-6)
    assert abs(moved) <= 0.5 * gap**2


# --- scripts of experiments: Oliver 2005, Berns 2006


def test_a_bessel_ladder():
    top, bottom = jnp_zeros(5, 1)[0], jn_zeros(5, 1)[0]
    assert_allclose([top, bottom], [6.41562, 8.771484], rtol=0, atol=5e-6)
    for A, expected in [(top, 0.4986425), (bottom, 0.0105374)]:
        case = {**OLIVER, "amplitude": A, "coherence_rate": 1 / 150}
        assert_allclose(fast_passage(**case), expected, rtol=0, atol=1.2e-7)
        assert_allclose(bloch_average(**case), expected, rtol=0, atol=1.2e-7)
    n = np.arange(1, 21)
    steps = {**OLIVER, "amplitude": np.array([jnp_zeros(k, 1)[0] for k in n])[:, None]}
    bias = n[:, None] + np.linspace(-0.5, 0.5, 201)
    P = fast_passage(**{**steps, "bias": bias}, coherence_rate=1 / 150)
    assert_allclose(bias[n - 1, P.argmax(axis=1)], n, rtol=0, atol=1e-12)
    assert P.max(axis=1).min() > 0.49
    assert P[:, [0, -1]].max() < 0.2


def test_the_nodes_fill_as_coherence_is_lost():
    T2 = np.array([150.0, 5.0, 1.0, 0.3])
    case = {**OLIVER, "amplitude": jn_zeros(5, 1)[0]}
    P = fast_passage(**case, coherence_rate=1 / T2)
    assert_allclose(P, [0.0105, 0.1929, 0.3337, 0.3344], rtol=0, atol=6e-5)
    exact = [bloch_average(**case, coherence_rate=1 / t) for t in T2]
    assert_allclose(P, exact, rtol=0, atol=3e-7)


# --- where relaxation leads


def test_thermal_populations_lift_the_steady_state():
    case = qubit(7.3, 3.4, 50.0, 6.0, gap=0.1)
    for function in (
        fast_passage,
        lambda equilibrium, **kw: bloch_average(**kw, equilibrium=[equilibrium]),
    ):
        cold = function(**case, equilibrium=0.0)
        for p in (0.2, 0.5, 1.0):
            assert_allclose(function(**case, equilibrium=p), p + (1 - 2 * p) * cold, rtol=1e-12)
    assert_allclose(cold, fast_passage(**case), rtol=0, atol=2e-5)


def test_a_cold_bath_that_follows_the_drive_fills_both_levels():
    """Level 0 is the upper one for ε > 0 only; a fixed jump misses that."""
    case = qubit(9.0, 2.6, 3000.0, 5.0)
    edge = np.arccos(-2.6 / 9.0)  # ωt of the first crossing; ε < 0 from there to 2π − edge
    n = np.arange(1, 200)
    share = 1 - edge / np.pi
    harmonics = np.concatenate([[share], -np.sin(n * edge) / (n * np.pi)])
    exact = bloch_average(**case, equilibrium=harmonics)
    assert_allclose(share, np.arccos(2.6 / 9.0) / np.pi, rtol=1e-14)
    assert_allclose(fast_passage(**case, equilibrium=share), exact, rtol=0, atol=2e-4)
    assert fast_passage(**case) < exact - 0.05


# --- after a time


def integrated_pulse(case, start, t):
    """Population of level 0 from a diabatic state; the drive starts at its maximum."""
    Gamma1, Gamma2, gap = (case[key] for key in ("relaxation_rate", "coherence_rate", "gap"))

    def slope(t, r):
        x, y, z = r
        detuning = case["bias"] + case["amplitude"] * np.cos(t)
        turned = [-detuning * y, detuning * x - gap * z, gap * y]
        return np.subtract(turned, [Gamma2 * x, Gamma2 * y, Gamma1 * (z + 1)])

    tolerance = {"method": "DOP853", "rtol": 1e-8, "atol": 1e-10}
    solution = solve_ivp(slope, (0, t[-1]), [0, 0, 2 * start - 1], t_eval=t, **tolerance)
    return (1 + solution.y[2]) / 2


@pytest.mark.parametrize("start", [0.0, 0.9])
def test_a_pulse_against_integrated_bloch_equations(start):
    """The coherence needs a time T2 to build up, which costs about W/Γ2 ∝ Δ²."""
    t, errors = np.linspace(0, 600, 121), []
    for gap in (0.05, 0.1):
        case = qubit(5.0, 3.0, 400.0, 5.0, gap=gap)
        P = fast_passage(**case, duration=t, initial=start)
        assert P[0] == start
        errors.append(np.abs(P - integrated_pulse(case, start, t)))
        assert errors[-1].max() < 1.2 * (gap * jv(3, 5.0) * 5.0) ** 2 / 2
    assert_allclose(errors[1].max() / errors[0].max(), 4, rtol=0.15)
    assert errors[1][-1] < 2e-3


def test_pulses_follow_one_another():
    case = qubit(5.0, 3.0, 400.0, 5.0)
    half = fast_passage(**case, duration=100.0)
    assert_allclose(
        fast_passage(**case, duration=70.0, initial=half),
        fast_passage(**case, duration=170.0),
        rtol=1e-13,
    )
    assert fast_passage(**case, duration=0.0, equilibrium=0.3) == 0.3
    assert_allclose(fast_passage(**case, duration=1e9), fast_passage(**case), rtol=1e-14)
    short = fast_passage(**case, duration=1e-9)
    drive = {key: case[key] for key in case if key != "relaxation_rate"}
    assert_allclose(short, 1e-9 * fast_passage_rate(**drive), rtol=1e-7)


def test_coherent_oscillations_are_reported():
    case = qubit(1.8, 1.0, 1e4, 100.0)
    with pytest.warns(LzopenWarning, match="oscillate before") as caught:
        fast_passage(**case, duration=10.0)
    assert_allclose(caught[0].message.value, (0.05 * jv(1, 1.8) * 100) ** 2 / 2, rtol=1e-2)
    assert caught[0].filename == __file__


# --- the rate


def newberger(A, bias, Gamma2):
    """Σ_n J_n²Γ2/(Γ2² + (ε₀−n)²), from π J_μ J_−μ/sin(πμ) at μ = ε₀ + iΓ2."""
    with mpmath.workdps(60):
        mu = mpmath.mpc(bias, Gamma2)
        product = mpmath.besselj(mu, A) * mpmath.besselj(-mu, A)
        return float(-(mpmath.pi / mpmath.sin(mpmath.pi * mu) * product).imag)


@pytest.mark.parametrize("A", [0.01, 0.9, 7.3, 60.0, 300.0])
@pytest.mark.parametrize("bias", [0.0, 3.0, 5.37, 61.2, 900.0])
@pytest.mark.parametrize("Gamma2", [1e-3, 0.3, 4.0])
def test_the_rate_in_closed_form(A, bias, Gamma2):
    """A product of Bessel functions of complex order; the digits hold far outside |ε₀| = A."""
    W = fast_passage_rate(amplitude=A, omega=1.0, bias=bias, gap=1e-3, coherence_rate=Gamma2)
    assert_allclose(W, 0.5e-6 * newberger(A, bias, Gamma2), rtol=1e-12)


@pytest.mark.parametrize("depth", [0.0, 1.0, 1000.0, 1e4])
def test_no_sideband_is_missed(depth):
    """ΣJ_n² = 1, seen by a width far beyond the drive."""
    W = fast_passage_rate(amplitude=depth, omega=1.0, bias=0.3, gap=2.0, coherence_rate=1e12)
    assert_allclose(W, 2e-12, rtol=2e-12)


def test_slow_noise_of_the_bias_averages_the_rate():
    drive = {"amplitude": 4.2, "omega": 1.0, "gap": 0.02, "coherence_rate": 0.1}
    bias_deviation, bias = 0.25, 3.3

    def weighted(x):
        gauss = np.exp(-(x**2) / (2 * bias_deviation**2)) / (bias_deviation * np.sqrt(2 * np.pi))
        return gauss * fast_passage_rate(**drive, bias=bias + x)

    mean = quad(weighted, -2.5, 2.5, points=[-0.3, 0.0], epsabs=0, epsrel=1e-12)[0]
    W = fast_passage_rate(**drive, bias=bias, bias_deviation=bias_deviation)
    assert_allclose(W, mean, rtol=1e-11)


def test_noise_slower_than_the_populations_averages_the_populations_instead():
    drive = {"amplitude": 4.2, "omega": 1.0, "gap": 0.02, "coherence_rate": 0.1}
    nodes, weights = np.polynomial.hermite_e.hermegauss(80)
    weights = weights / weights.sum()
    for T1, least, most in [(10.0, 0.0, 0.005), (5000.0, 0.1, 1.0)]:
        case = {**drive, "relaxation_rate": 1 / T1}
        mean = weights @ fast_passage(**case, bias=3.0 + 0.25 * nodes)
        fast = fast_passage(**case, bias=3.0, bias_deviation=0.25)
        assert least < fast / mean - 1 < most, fast / mean - 1


def test_symmetries_units_and_shapes():
    drive = {"amplitude": 4.2, "omega": 1.3, "bias": 3.3, "gap": 0.05, "coherence_rate": 0.1}
    W = fast_passage_rate(**drive, bias_deviation=0.04)
    for change in ({"bias": -3.3}, {"gap": -0.05}, {"gap": 0.03 - 0.04j}):
        assert_allclose(
            fast_passage_rate(**{**drive, **change}, bias_deviation=0.04), W, rtol=1e-14
        )
    scaled = {key: 7.0 * value for key, value in drive.items()}
    assert_allclose(fast_passage_rate(**scaled, bias_deviation=0.28), 7 * W, rtol=1e-13)
    axes = {**drive, "amplitude": [[4.2], [0.0]], "bias": [1.0, 2.0, 3.3]}
    table = fast_passage_rate(**axes, bias_deviation=0.04)
    assert table.shape == (2, 3)
    assert_allclose(table[0, 2], W, rtol=1e-15)
    assert isinstance(W, float)
    case = {**drive, "relaxation_rate": 0.01}
    assert isinstance(fast_passage(**case), float)
    assert isinstance(fast_passage(**case, duration=3.0), float)
    assert isinstance(fast_passage_sum(**case), float)
    assert fast_passage(**{**case, "gap": 0.0}, equilibrium=0.2) == 0.2
    assert fast_passage(**{**case, "bias": [1.0, 2.0]}, duration=[[1.0], [2.0]]).shape == (2, 2)


def test_narrow_resonances_are_reported():
    drive = {"amplitude": 2.0, "omega": 1.0, "gap": [0.1, 0.2], "coherence_rate": 0.1}
    for call in (
        lambda: fast_passage_rate(**drive, bias=1.0),
        lambda: rate_transform(**drive, k_bias=1.0),
    ):
        with pytest.warns(LzopenWarning, match="Resonances are narrow") as caught:
            call()
        assert_allclose(caught[0].message.value, 0.4, rtol=1e-14)
        assert caught[0].filename == __file__
    fast_passage_rate(**drive, bias=1.0, bias_deviation=0.1)  # wider, and quiet


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"coherence_rate": 0.004}, "`coherence_rate` must be at least half of `relaxation_rate`"),
        ({"coherence_rate": 0.0}, "`coherence_rate` must be positive, but is 0"),
        ({"relaxation_rate": -1.0}, "`relaxation_rate` must be positive, but is -1"),
        ({"amplitude": 2e4}, "`amplitude` must not exceed 10000 times `omega`"),
        ({"equilibrium": 1.2}, "`equilibrium` must lie between 0 and 1, but is 1.2"),
        ({"initial": 0.2}, "`initial` must come with `duration`, but is 0.2"),
        ({"bias": [1.0, 2.0], "gap": [1.0, 2.0, 3.0]}, "`gap` must broadcast"),
        ({"bias_deviation": -0.1}, "`bias_deviation` must not be negative"),
    ],
)
def test_bad_input(change, message):
    case = {**qubit(4.0, 1.0, 100.0, 50.0), **change}
    with pytest.raises(LzopenError, match=message):
        fast_passage(**case)


# --- phase tomography


def test_the_sum_behind_the_transforms():
    n, theta = np.arange(-60, 61), np.linspace(-4, 4, 33)[:, None]
    for x in (0.3, 7.3, 20.0):
        summed = (jv(n, x) ** 2 * np.exp(1j * n * theta)).sum(axis=1)
        assert_allclose(summed, jv(0, 2 * x * np.sin(theta[:, 0] / 2)), rtol=0, atol=1e-14)


def transformed(k, **drive):
    """∫dε W cos kε by the trapezoidal rule, to its cut-off at |ε| = 2000."""
    bias = np.arange(-200_000, 200_001) * 0.01
    W = fast_passage_rate(**drive, bias=bias)
    return 0.01 * np.array([W @ np.cos(x * bias) for x in k])


@pytest.mark.parametrize("bias_deviation", [0.0, 0.08])
def test_the_transform_along_the_bias(bias_deviation):
    drive = {
        "omega": 1.0,
        "gap": 0.05,
        "coherence_rate": 0.05,
        "bias_deviation": bias_deviation,
        "amplitude": 7.3,
    }
    k = np.array([0.7, 3.0, 2 * np.pi, 11.1])
    F = rate_transform(k_bias=k, **drive)
    assert_allclose(F, transformed(k, **drive), rtol=0, atol=3e-10)
    if not bias_deviation:
        assert_allclose(F[1], 2.539572e-4, rtol=0, atol=5e-11)
    assert_allclose(rate_transform(k_bias=-k, **drive), F, rtol=1e-15)


def test_only_the_decay_is_left_at_multiples_of_the_period():
    drive = {"omega": 0.5, "gap": 0.05, "coherence_rate": 0.02, "bias_deviation": 0.03}
    k = 4 * np.pi * np.arange(5)
    F = rate_transform(k_bias=k, **drive, amplitude=[[0.0], [2.0], [9.0]])
    decay = np.exp(-0.02 * k - (0.03 * k) ** 2 / 2)
    assert_allclose(F, 0.5 * np.pi * 0.0025 * np.tile(decay, (3, 1)), rtol=1e-13)


def test_populations_give_the_rate_back():
    """A transform of P̄ decays faster than one of W, which is a function of P̄."""
    case = {"amplitude": 6.0, "omega": 1.0, "gap": 0.05, "coherence_rate": 0.1}
    bias = np.linspace(-60, 60, 6001)
    P = fast_passage(**case, bias=bias, relaxation_rate=0.002, equilibrium=0.1)
    W = 0.002 * (P - 0.1) / (1 - 2 * P)
    assert_allclose(W, fast_passage_rate(**case, bias=bias), rtol=1e-11)
    k = 2 * np.pi * np.arange(1, 4)
    slopes = [
        -np.polyfit(k, np.log(np.cos(k[:, None] * bias) @ signal), 1)[0] for signal in (W, P - 0.1)
    ]
    assert_allclose(slopes[0], 0.1, rtol=1e-3)
    assert slopes[1] > 0.12


def test_the_tomogram_transforms_back():
    drive = {"omega": 1.3, "gap": 0.05, "coherence_rate": 0.05, "bias_deviation": 0.02}
    nodes = np.cos((np.arange(200) + 0.5) * np.pi / 200)
    for k in (0.4, 2.2, 7.9):
        reach = tomogram_arcs(k_bias=k, omega=1.3)
        T = rate_tomogram(k_bias=k, k_amplitude=reach * nodes, **drive)
        for A in (0.0, 3.1, 40.0):
            weighted = T * np.sqrt(1 - nodes**2) * reach * np.cos(reach * nodes * A)
            F = rate_transform(k_bias=k, amplitude=A, **drive)
            assert_allclose(weighted.mean() / 2, F, rtol=1e-10)


def test_the_tomogram_ends_on_its_arcs():
    drive = {"omega": 1.0, "gap": 0.05, "coherence_rate": 0.05}
    k = np.linspace(0.3, 6.0, 9)
    arcs = tomogram_arcs(k_bias=k, omega=1.0)
    assert_allclose(arcs, 2 * np.abs(np.sin(k / 2)), rtol=1e-14)
    assert np.all(np.isinf(rate_tomogram(k_bias=k, k_amplitude=-arcs, **drive)))
    assert np.all(rate_tomogram(k_bias=k, k_amplitude=1.001 * arcs, **drive) == 0)
    assert rate_tomogram(k_bias=0.0, k_amplitude=0.0, **drive) == np.inf
    assert tomogram_arcs(k_bias=1e-200, omega=1.0) == 1e-200


def numerical_tomogram(k, kappa, longest):
    """2-D Fourier transform of a map of W over |A| < longest, with a Hann window along A."""
    A, bias = np.arange(0, longest + 0.1, 0.5), np.arange(-800, 801) * 0.1
    W = fast_passage_rate(amplitude=A[:, None], omega=1.0, bias=bias, gap=0.05, coherence_rate=0.2)
    along_bias = 0.1 * W @ np.cos(np.outer(bias, k))
    window = np.cos(np.pi * A / (2 * longest)) ** 2
    window[0] /= 2  # counted once, the rest for both signs of A
    return 2 * 0.5 * np.cos(np.outer(kappa, A)) @ (window[:, None] * along_bias)


def test_arcs_are_the_ridges_of_a_numerical_tomogram():
    k, kappa = np.linspace(1.0, 5.2, 8), np.linspace(0, 2.5, 1001)
    arcs = tomogram_arcs(k_bias=k, omega=1.0)
    missed = []
    for longest in (30.0, 60.0):
        T = numerical_tomogram(k, kappa, longest)
        missed.append(np.abs(kappa[T.argmax(axis=0)] - arcs).max())
        ridge = T.max(axis=0) * np.sqrt(arcs)
        assert_allclose(-np.polyfit(k, np.log(ridge), 1)[0], 0.2, rtol=0.02)  # 1/T2
    assert missed[0] < 0.08
    assert_allclose(missed[0] / missed[1], 2, rtol=0.15)  # sharper the longer
    inside = np.abs(kappa[:, None] - arcs / 2) < 0.2
    exact = rate_tomogram(
        k_bias=k, k_amplitude=kappa[:, None], omega=1.0, gap=0.05, coherence_rate=0.2
    )
    assert_allclose(T[inside], exact[inside], rtol=0.02)
