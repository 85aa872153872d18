"""Independent crossings, loops and rotating couplings; the builders of many levels."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import lzopen as lz
from diagrams import COMB, as_diagram, chain, grid, random_table, single, solved, triangle
from lzopen import LzopenError, LzopenWarning, theory

# --- independent crossings (E5, E7, E8)


@pytest.mark.parametrize(("g", "stay"), [(0.2, 0.761), (0.5, 0.958), (1.0, 0.99990)])
def test_adiabaticity_is_lost_with_growing_coupling(g, stay):
    """Nearly degenerate pairs: one level stays in its band, where p² + … → 0 was expected."""
    numbers = grid(g, (0.18, 0.18))
    P, _ = solved(lz.Crossing(**numbers))
    in_band = P[:2, :2].sum(axis=0)
    p = single(g, 1.0)
    assert_allclose(in_band[1], stay, rtol=0, atol=5e-4 if g < 1 else 5e-6)
    assert_allclose(in_band[0], p**2, rtol=0, atol=1e-7)  # the other one leaves
    with pytest.warns(LzopenWarning, match="overlap") as caught:
        guess = theory.independent_crossings(**numbers)
    assert caught[0].message.value == guess.overlap > 10
    assert guess.interference[0, 1]
    assert guess.probability[:2, 1].sum() <= p**2 + 4 * p * (1 - p) ** 2


@pytest.mark.parametrize(
    ("offset", "far"), [(-4.0, 0.4839), (-1.0, 0.5550), (0.0, 0.2215), (1.0, 0.0689), (4.0, 0.0077)]
)
def test_chain_with_its_middle_level_moved(offset, far):
    model = lz.Chain(**chain(offset))
    P, error = solved(model)
    assert_allclose(P[0, 0], 0.2801738, rtol=0, atol=5e-8)  # for every offset
    assert_allclose(P[2, 0], far, rtol=0, atol=5e-5)
    mirrored, _ = solved(lz.Chain(**chain(-offset)))
    assert_allclose(P[0, 2], mirrored[2, 0], rtol=0, atol=2 * error.max())
    with pytest.warns(LzopenWarning, match="overlap"):
        guess = theory.independent_crossings(**as_diagram(chain(offset)))
    assert abs(guess.probability - P).max() > 0.03


def test_chain_against_the_order_of_time_is_a_virtual_crossing():
    P = [solved(lz.Chain(**chain(offset)))[0][2, 0] for offset in (4.0, 8.0, 16.0)]
    virtual = 1 - single(0.45**2 / np.array([4.0, 8.0, 16.0]), 2.0)
    assert_allclose(virtual[0], 0.0080, rtol=0, atol=5e-5)
    assert_allclose(P, virtual, rtol=0.05)
    assert_allclose(P[2], virtual[2], rtol=0.01)


def test_chain_tends_to_the_product_of_its_crossings():
    p = single(0.45, 1.0)
    guess = theory.independent_crossings(**as_diagram(chain(-40.0)))
    assert guess.probability[2, 0] == pytest.approx((1 - p) ** 2)
    assert_allclose((1 - p) ** 2, 0.5181, rtol=0, atol=5e-5)
    offsets = -np.array([5.0, 10.0, 20.0, 40.0])
    miss = [abs(solved(lz.Chain(**chain(e)))[0][2, 0] - (1 - p) ** 2) for e in offsets]
    assert max(miss) < 0.04
    assert miss[-1] < 0.004


def test_independent_crossings_are_exact_for_a_comb():
    slopes, table = np.eye(5)[0], np.zeros((5, 5))
    table[0, 1:] = g = [0.3, 0.2, 0.4, 0.1]
    energies = [30.0, -30.0, 60.0, 0.0]
    for rate in (1.0, -1.0):
        guess = theory.independent_crossings(
            slopes=rate * slopes, offsets=[0, *energies], couplings=table
        )
        exact = theory.demkov_osherov(rate=rate, offsets=energies, couplings=g)
        assert_allclose(guess.probability, exact, atol=1e-15)
        assert not guess.interference.any()


@pytest.mark.slow
def test_trusted_crossings_are_right_within_five_percent():
    rng, misses = np.random.default_rng(8), []
    while len(misses) < 8:
        size = int(rng.integers(3, 5))
        numbers = {
            "slopes": rng.normal(size=size),
            "offsets": 12 * rng.normal(size=size),
            "couplings": random_table(rng, size, 0.3, filled=0.6).real,
        }
        try:
            guess = theory.independent_crossings(**numbers)
        except LzopenWarning:
            continue  # warnings are errors here
        P, _ = solved(lz.Crossing(**numbers), tol=1e-4)
        misses.append(np.abs(P - guess.probability).max())
    assert 1e-4 < max(misses) < 0.05


def swept(numbers, reach, step=0.03):
    """Adiabatic probabilities from −reach to reach, by exponentials at the middle of steps."""
    model = lz.Crossing(**numbers)
    t = np.linspace(-reach, reach, int(2 * reach / step))
    energies, states = model.eigenstates(0.5 * (t[1:] + t[:-1]))
    steps = (states * np.exp(-1j * energies * (t[1] - t[0]))[:, None]) @ states.conj().swapaxes(
        -1, -2
    )
    while len(steps) > 1:
        odd = steps[-1:] if len(steps) % 2 else steps[:0]
        steps = np.concatenate([steps[1::2] @ steps[: len(steps) - len(odd) : 2], odd])
    ends = model.eigenstates(t[[0, -1]])[1]
    before, after = np.diagonal(model.hamiltonian(t[[0, -1]]).real, axis1=-2, axis2=-1).argsort()
    P = np.abs(ends[1].conj().T @ steps[0] @ ends[0]) ** 2
    return P[np.ix_(after.argsort(), before.argsort())]


@pytest.mark.slow
def test_trusted_crossings_of_any_strength_are_right_within_five_percent():
    rng, misses = np.random.default_rng(9), []
    assert_allclose(swept(triangle(0.4), 90.0), solved(lz.Crossing(**triangle(0.4)))[0], atol=3e-3)
    while len(misses) < 60:
        slopes, g = rng.uniform(-1, 1, 3), 10 ** rng.uniform(-0.8, 0.5, 3) * rng.normal(size=3)
        g[rng.integers(3)] = 0  # no loop, and no second path
        offsets = 10 ** rng.uniform(0.7, 1.5) * rng.normal(size=3)
        table = np.array([[0, g[0], g[1]], [0, 0, g[2]], [0, 0, 0]])
        numbers = {"slopes": slopes, "offsets": offsets, "couplings": table}
        distances = slopes[:, None] - slopes + np.eye(3)
        latest = np.abs((offsets - offsets[:, None]) / distances).max()
        reach = latest + 60 + 20 * np.abs(g).max()
        if np.abs(distances).min() < 0.25 or reach > 200:
            continue
        try:
            guess = theory.independent_crossings(**numbers)
        except LzopenWarning:
            continue
        misses.append(np.abs(swept(numbers, reach) - guess.probability).max())
    assert 0.01 < max(misses) < 0.05


@pytest.mark.parametrize(("g", "offset"), [(2.0, 28.0), (3.0, 42.0), (3.0, -42.0)])
def test_strong_couplings_lead_around_a_level_far_away(g, offset):
    """Crossings that end in good time, a single path, and yet a path against the order."""
    strong = chain(offset, g)
    with pytest.warns(LzopenWarning, match="third level") as caught:
        guess = theory.independent_crossings(**as_diagram(strong))
    assert guess.overlap < 0.15
    assert not guess.interference.any()
    assert caught[0].message.value == guess.virtual
    assert caught[0].filename == __file__
    assert guess.virtual == pytest.approx(1 - single(g**2 / offset, 2.0))
    P, _ = solved(lz.Chain(**strong), tol=1e-4)
    assert np.abs(P - guess.probability).max() == pytest.approx(guess.virtual, rel=0.06)


def test_a_comb_has_no_detours():
    table = np.zeros((4, 4))
    table[0, 1:] = [3.0, 2.0, 4.0]
    comb = theory.independent_crossings(
        slopes=[1.0, 0.0, 0.0, 0.0], offsets=[0.0, -500.0, 0.0, 500.0], couplings=table
    )
    assert comb.virtual == 0


def test_overlap_is_duration_over_distance():
    with pytest.warns(LzopenWarning, match="overlap") as caught:
        guess = theory.independent_crossings(**as_diagram(chain(-2.0)))
    duration = theory.jump_time(rate=1.0, gap=0.9)
    assert guess.overlap == caught[0].message.value == pytest.approx(duration / 4.0)
    assert caught[0].filename == __file__
    with pytest.warns(LzopenWarning, match="overlap"):
        assert theory.independent_crossings(**as_diagram(chain(0.0))).overlap == np.inf


@pytest.mark.parametrize(
    ("phase", "expected"), [(0.0, 0.4975), (np.pi / 2, 0.4909), (np.pi, 0.1893)]
)
def test_the_phase_around_a_loop_counts(phase, expected):
    P, _ = solved(lz.Crossing(**triangle(phase)))
    assert_allclose(P[1, 0], expected, rtol=0, atol=6e-5)
    assert_allclose(P[[0, 2], [0, 2]], [0.428920, 0.341852], rtol=0, atol=5e-7)  # immune


def test_paths_that_meet_again_are_reported():
    far = triangle(0.0) | {"offsets": [0.0, -200.0, 0.0]}
    with pytest.warns(LzopenWarning, match="Several paths") as caught:
        guess = theory.independent_crossings(**far)
    assert caught[0].message.value == guess.interference.sum() == 4
    assert guess.interference[2, 0]


# --- a rotating coupling (E9)


@pytest.mark.parametrize(
    ("omega", "chirp", "limit"),
    [(2.0, 0.0, 0.20787975), (0.0, 0.5, 0.0432143), (0.0, -0.5, 0.3509199), (1.3, 0.5, 0.0432143)],
)
def test_a_rotating_coupling_changes_only_where_and_how_fast(omega, chirp, limit):
    model = lz.TwoLevel(sweep=lz.Linear(1.0), gap=lz.Rotating(1.0, omega=omega, chirp=chirp))
    P, error = solved(model, window=(-9.0, 11.0), readout="diabatic")
    rate = 1.0 - chirp
    shift = omega / rate
    U = theory.finite_time_propagator(rate=rate, gap=1.0, t0=-9.0 - shift, t1=11.0 - shift)
    assert (np.abs(P - np.abs(U) ** 2) <= error + 1e-13).all()
    assert_allclose(theory.landau_zener(rate=rate, gap=1.0), limit, rtol=0, atol=1e-6)


# --- builders


def test_batches_of_builders_by_name():
    spin = lz.vary(
        lz.SpinCrossing(spin=1, rate=1.0, gap=0.8), {"rate": [1.0, 2.0], "gap": [0.3, 0.8, 1.1]}
    )
    P, error = solved(spin)
    exact = theory.spin_crossing(spin=1, rate=np.array([[1.0], [2.0]]), gap=[0.3, 0.8, 1.1])
    assert (np.abs(P - exact) <= error).all()
    comb = lz.vary(lz.DemkovOsherov(**COMB, offsets=[-3.0, 0.0, 2.0]), {"rate": [-1.0, 0.5]})
    exact = theory.demkov_osherov(
        rate=[-1.0, 0.5], offsets=[-3.0, 0.0, 2.0], couplings=[0.3, 0.2, 0.4]
    )
    P, error = solved(comb)
    assert (np.abs(P - exact) <= error + 1e-13).all()
    dark = lz.vary(lz.QuadraticSpinOne(rate=1.0, coupling=0.1), {"coupling": [0.1, 0.2]})
    assert dark.batch_shape == (2,)


def test_any_sweep_takes_the_place_of_time():
    drive = lz.Sinusoidal(3.0, 1.1)
    for model in (
        lz.Crossing(**triangle(0.3), sweep=drive),
        lz.Chain(**chain(0.5), sweep=drive),
        lz.BowTie(slopes=[1.0, -2.0], couplings=[0.2, 0.3], sweep=drive),
        lz.DemkovOsherov(sweep=drive, offsets=[0.4], couplings=[0.2]),
        lz.VSystem(sweep=drive, splitting=0.4, couplings=[0.2, 0.3]),
        lz.SpinCrossing(spin=1, sweep=drive, gap=lz.SignFlip(0.5, at=0.2)),
        lz.QuadraticSpinOne(sweep=drive, coupling=0.5),
    ):
        assert model.parameters["sweep.omega"] == 1.1
        t = np.array([0.0, 0.9])
        moved = np.subtract(*model.hamiltonian(t)[::-1]) / (drive(0.9) - drive(0.0))
        slopes = np.diag(model.terms[0][0])
        assert_allclose(np.diag(moved), slopes, atol=1e-14)


def test_couplings_are_completed_from_above_or_hermitian():
    numbers = triangle(0.7)
    upper = lz.Crossing(**numbers)
    full = lz.Crossing(**numbers | {"couplings": upper.couplings})
    assert_array_equal(full.couplings, upper.couplings)
    assert_array_equal(upper.couplings, upper.couplings.conj().T)
    with pytest.raises(ValueError, match="read-only"):
        upper.couplings[0, 1] = 1.0


LADDER = {"slopes": [1.0, -1.0], "offsets": [0.0, 0.0]}
STAR = {"offsets": [0.0, 1.0], "couplings": [0.1, 0.2]}


@pytest.mark.parametrize(
    ("argument", "call"),
    [
        ("couplings", lambda: lz.Crossing(slopes=[1, 0], couplings=[[0, 1], [2, 0]])),
        ("couplings", lambda: lz.Crossing(slopes=[1, 0], couplings=[[1, 1], [1, 0]])),
        ("couplings", lambda: lz.Crossing(slopes=[1, 0], couplings=[0.3])),
        ("couplings", lambda: lz.Crossing(slopes=[1, 0], couplings=[[0, np.nan], [0, 0]])),
        ("slopes", lambda: lz.Crossing(slopes=[0, 0], couplings=np.zeros((2, 2)))),
        ("slopes", lambda: lz.Crossing(slopes=1.0, couplings=np.zeros((1, 1)))),
        ("offsets", lambda: lz.Chain(slopes=[1, 0], offsets=[0.0], couplings=[0.1])),
        ("couplings", lambda: lz.Chain(slopes=[1, 0, 2], couplings=[0.1])),
        ("sweep", lambda: lz.Chain(slopes=[1, 0], couplings=[0.1], sweep=1.0)),
        ("sweep", lambda: lz.Chain(slopes=[1, 0], couplings=[0.1], sweep=lz.Rotating(1.0, 1.0))),
        ("rate", lambda: lz.DemkovOsherov(**STAR)),
        ("rate", lambda: lz.DemkovOsherov(**STAR, rate=1.0, sweep=lz.Linear(1.0))),
        ("rate", lambda: lz.DemkovOsherov(**STAR, rate=0.0)),
        ("couplings", lambda: lz.DemkovOsherov(rate=1.0, offsets=[0.0], couplings=[1, 2])),
        ("couplings", lambda: lz.VSystem(rate=1.0, splitting=1.0, couplings=[1.0])),
        ("splitting", lambda: lz.VSystem(rate=1.0, splitting=np.inf, couplings=[1.0, 1.0])),
        ("splitting", lambda: lz.BowTie(slopes=[1.0], couplings=[1.0], splitting=0.0)),
        ("slopes", lambda: lz.BowTie(slopes=[1.0, 0.0], couplings=[1.0, 1.0])),
        ("spin", lambda: lz.SpinCrossing(spin=0.7, rate=1.0, gap=1.0)),
        ("spin", lambda: lz.SpinCrossing(spin=0, rate=1.0, gap=1.0)),
        ("gap", lambda: lz.SpinCrossing(spin=1, rate=1.0, gap=-1.0)),
        ("coupling", lambda: lz.QuadraticSpinOne(rate=1.0, coupling=1j)),
        ("sweep", lambda: lz.QuadraticSpinOne(sweep=2.0, coupling=1.0)),
        ("rate", lambda: theory.demkov_osherov(rate=0, offsets=[0.0], couplings=[1.0])),
        ("couplings", lambda: theory.demkov_osherov(rate=1, offsets=[0.0], couplings=[1.0, 2.0])),
        ("offsets", lambda: theory.demkov_osherov(rate=1, offsets=0.0, couplings=[1.0])),
        ("slopes", lambda: theory.bow_tie(slopes=[1.0, 1.0], couplings=[0.1, 0.1])),
        ("slopes", lambda: theory.generalised_bow_tie(slopes=[0.0], couplings=[0.1])),
        ("couplings", lambda: theory.brundobler_elser(slopes=[1, 0], couplings=np.eye(3))),
        ("offsets", lambda: theory.forbidden_transitions(slopes=[1, 0], offsets=[0], couplings=0)),
        (
            "couplings",
            lambda: theory.independent_crossings(
                slopes=[1, 1], offsets=[0, 1], couplings=[[0, 0.1], [0, 0]]
            ),
        ),
        ("spin", lambda: theory.spin_crossing(spin=[1, 2], rate=1.0, gap=1.0)),
        ("rate", lambda: theory.quadratic_spin_one(rate=0.0, coupling=1.0)),
        ("coupling", lambda: theory.quadratic_spin_one(rate=1.0, coupling=1j)),
    ],
)
def test_bad_input_is_named(argument, call):
    with pytest.raises(LzopenError, match=f"Argument `{argument}` must"):
        call()
