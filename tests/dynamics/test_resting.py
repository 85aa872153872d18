"""Open sweeps whose levels come to rest while they are coupled."""

from __future__ import annotations

import numpy as np
import pytest
import qutip
from numpy.testing import assert_allclose

import lzopen as lz

RAMP = lz.Tabulated([-10.0, 10.0], [-10.0, 10.0])
STEP = lz.TwoLevel(sweep=lz.Tanh(5.0, 2.0), gap=0.6)
LADDER = lz.Model(
    terms=[
        (np.diag([1.0, 0.0, -1.0]), lz.Tanh(5.0, 2.0)),
        (np.array([[0, 0.3j, 0], [-0.3j, 0.5, 0.4], [0, 0.4, 0]]), lz.Constant(1.0)),
    ]
)
RESTING = {
    "decay": (STEP.with_environment(lz.Decay(0.1, 1, 0)), 400.0),
    "small step": (
        lz.TwoLevel(sweep=lz.Tanh(1.0, 2.0), gap=0.9, environments=[lz.Decay(0.1, 1, 0)]),
        400.0,
    ),
    "ramp and hold": (
        lz.TwoLevel(
            sweep=RAMP, gap=1.0, environments=[lz.Decay(0.1, 1, 0), lz.Dephasing(0.2)]
        ),
        400.0,
    ),
    "leak of the upper state": (STEP.with_environment(lz.Leak(1, 0.1, basis="adiabatic")), 400.0),
    "leak of the lower state": (STEP.with_environment(lz.Leak(0, 0.1, basis="adiabatic")), 400.0),
    "three levels": (LADDER.with_environment(lz.Decay(0.2, 1, 0), lz.Decay(0.1, 2, 1)), 500.0),
    "a coupling that ends": (
        lz.TwoLevel(
            sweep=lz.Tanh(5.0, 2.0), gap=lz.Sech(1.0, 2.0), environments=[lz.Decay(0.1, 1, 0)]
        ),
        400.0,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", RESTING)
def test_limit_is_that_of_a_long_window_between_eigenstates(name):
    model, reach = RESTING[name]
    limit = lz.transition_matrix(model)
    window = lz.transition_matrix(model, window=(-reach, reach))
    assert limit.error.max() <= 1e-8
    assert_allclose(limit.probability, window.probability, atol=1e-8)


@pytest.mark.parametrize("rate", [1e-6, 1e-3, 0.1, 10.0])
def test_what_decays_ends_in_the_steady_state_of_qutip(rate):
    model = STEP.with_environment(lz.Decay(rate, 1, 0), lz.Dephasing(0.3 * rate))
    late = 1e4
    steady = qutip.steadystate(model.H(late), model.c_ops)
    states = model.eigenstates(late)[1][:, ::-1]  # level 0 is the upper one at the end
    expected = np.einsum("jk,ji,ik->k", states.conj(), steady.full(), states).real
    found = lz.transition_matrix(model).probability
    assert_allclose(found, np.outer(expected, [1, 1]), atol=1e-8)


def test_dephasing_of_coupled_levels_mixes_them():
    found = lz.transition_matrix(STEP.with_environment(lz.Dephasing(0.1)))
    assert_allclose(found.probability, 0.5, atol=1e-8)


def test_members_without_a_rate_keep_the_closed_limit():
    rates = [0.0, 1e-6, 0.1]
    batch = lz.vary(STEP.with_environment(lz.Decay(0.1, 1, 0)), {"decay.rate": rates})
    found = lz.transition_matrix(batch).probability
    assert_allclose(found[0], lz.transition_matrix(STEP).probability, atol=1e-8)
    assert_allclose(found[1:].sum("final"), 1.0, atol=1e-8)
    assert (found[1:, 0] > 0.9999).all()


# -- two levels that rest coupled while a third is swept

BAND = lz.Crossing(
    slopes=[1.0, 0.0, 0.0],
    offsets=[0.0, 0.0, 2.0],
    couplings=[[0, 0.3, 0.2j], [0, 0, 0.4], [0, 0, 0]],
)


@pytest.mark.parametrize(
    "environment",
    [lz.Dephasing(0.1, np.diag([1.0, 0, 0])), lz.Leak(0, 0.1), lz.Leak(0, lz.Sech(1.0, 2.0))],
    ids=["dephasing", "leak", "pulsed leak"],
)
def test_coupled_levels_at_rest_are_read_in_their_eigenstates(environment):
    model = BAND.with_environment(environment)
    limit = lz.transition_matrix(model)
    assert limit.error.max() <= 1e-8
    misses = [
        np.abs(lz.transition_matrix(model, window=(-T, T)).probability - limit.probability).max()
        for T in (100.0, 200.0)
    ]
    assert misses[1] < 1e-4
    assert misses[1] < 0.6 * misses[0]


def test_slopes_that_differ_by_round_off_are_parallel():
    found = [
        lz.transition_matrix(
            lz.Crossing(
                slopes=[1.3, slope, 0.3],
                offsets=[0.0, 0.0, 2.0],
                couplings=BAND.couplings,
                environments=[lz.Leak(0, 0.1)],
            )
        ).probability
        for slope in (0.3, 0.1 + 0.2)
    ]
    assert_allclose(found[1], found[0], atol=1e-8)


def test_what_mixes_them_for_ever_is_not_guessed():
    """Their limit is not worked out, so it is not given."""
    with pytest.warns(lz.LzopenWarning, match="no limit"):
        found = lz.transition_matrix(BAND.with_environment(lz.Decay(0.1, 1, 2)))
    assert found.probability.isnull().all()


@pytest.mark.parametrize(
    "model",
    [
        STEP,
        LADDER,
        BAND,
        lz.TwoLevel(sweep=lz.PowerLaw(0.5, 0.7), gap=0.8),
        lz.TwoLevel(sweep=lz.Linear(1.0), gap=0.5 - 0.6j),
    ],
    ids=["step", "three levels", "band", "power", "complex gap"],
)
def test_an_environment_without_a_rate_changes_nothing(model):
    closed = lz.transition_matrix(model)
    for still in (lz.Dephasing(0.0, np.diag(np.arange(model.n_levels))), lz.Decay(0.0, 0, 1)):
        found = lz.transition_matrix(model.with_environment(still))
        assert_allclose(found.probability, closed.probability, atol=2e-8)
