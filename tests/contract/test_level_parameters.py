"""Numbers of single levels and couplings as parameters: named, set, varied and fitted."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import lzopen as lz
from lzopen import theory

TRIANGLE = lz.Crossing(
    slopes=[1.0, 0.2, -1.0],
    offsets=[0.0, 0.5, 0.0],
    couplings=[[0, 0.3, 0.2j], [0, 0, 0.4], [0, 0, 0]],
)
CHAIN = lz.Chain(slopes=[1.0, 0.0, -1.0], couplings=[0.3, 0.4])
BOW_TIE = lz.BowTie(slopes=[1.0, -1.0], couplings=[0.3, 0.2], splitting=0.4)
COMB = lz.DemkovOsherov(rate=1.0, offsets=[-2.0, 3.0], couplings=[0.3, 0.2])
VEE = lz.VSystem(rate=1.0, splitting=3.0, couplings=[0.3, 0.2])


def test_each_number_has_the_name_of_its_level():
    assert COMB.parameters == {
        "offsets[0]": -2.0,
        "offsets[1]": 3.0,
        "couplings[0]": 0.3,
        "couplings[1]": 0.2,
        "sweep.rate": 1.0,
    }
    assert TRIANGLE.parameters["couplings[0,2]"] == 0.2j
    assert "couplings[2,0]" not in TRIANGLE.parameters


def test_a_coupling_that_is_set_leaves_the_hamiltonian_hermitian():
    changed = TRIANGLE.with_parameters({"couplings[0,2]": 0.1 + 0.3j, "offsets[1]": 2.0})
    assert_allclose(
        changed.hamiltonian(0.0),
        [[0, 0.3, 0.1 + 0.3j], [0.3, 2.0, 0.4], [0.1 - 0.3j, 0.4, 0]],
    )
    assert TRIANGLE.parameters["offsets[1]"] == 0.5


@pytest.mark.parametrize(
    ("model", "over"),
    [
        (TRIANGLE, {"couplings[0,2]": [0.1, 0.2j, 0.3 + 0.1j], "offsets[1]": [0.0, 0.7]}),
        (TRIANGLE, {"slopes[0]": [0.6, 2.0], "sweep.rate": [0.5, 1.0]}),
        (CHAIN, {"couplings[0]": [0.0, 0.5], "offsets[2]": [-1.0, 2.0]}),
        (BOW_TIE, {"slopes[1]": [-2.0, -0.5], "splitting": [0.3, 0.8]}),
        (COMB, {"offsets[1]": [2.0, 4.0], "couplings[0]": [0.1, 0.2j]}),
        (VEE, {"couplings[1]": [0.0, 0.3, 0.6]}),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, lz.Model) else ", ".join(value),
)
def test_a_batch_equals_the_loop(model, over):
    grid = lz.vary(model, over)
    shape = tuple(map(len, over.values()))
    assert grid.batch_shape == shape
    batch = lz.transition_matrix(grid)
    assert batch.probability.dims[: len(shape)] == tuple(over)
    for index in np.ndindex(shape):
        names = zip(over, index, strict=True)
        one = model.with_parameters({name: over[name][i] for name, i in names})
        assert_allclose(grid.hamiltonian(0.7)[index], one.hamiltonian(0.7), atol=1e-15)
        alone = lz.transition_matrix(one)
        allowed = (batch.error[index] + alone.error).max().item() + 1e-13
        assert_allclose(batch.probability[index], alone.probability, atol=allowed)


def test_rows_may_be_given_as_a_batch():
    couplings = np.array([[0.1, 0.2], [0.3, 0.2], [0.5, 0.2]])
    comb = lz.DemkovOsherov(rate=1.0, offsets=[-2.0, 3.0], couplings=couplings)
    found = lz.transition_matrix(comb)
    assert_array_equal(found["couplings[0]"], couplings[:, 0])
    exact = theory.demkov_osherov(rate=1.0, offsets=[-2.0, 3.0], couplings=couplings)
    assert_allclose(found.probability[:, 0, 0], exact[:, 0, 0], atol=1e-8)


def test_members_that_are_all_alike_are_still_members():
    comb = lz.DemkovOsherov(rate=1.0, offsets=[-2.0, 3.0], couplings=[[0.1, 0.2]] * 3)
    assert comb.batch_shape == (3,)
    assert comb.parameters["couplings[0]"] == 0.1
    with pytest.raises(lz.LzopenError, match="belongs to a single model"):
        _ = comb.H


@pytest.mark.parametrize("name", ["couplings[2]", "couplings", "offsets[-1]", "couplings[0,1]"])
def test_names_of_no_level_are_refused(name):
    with pytest.raises(lz.LzopenError, match=r"must name a parameter.*couplings\[1\]"):
        VEE.with_parameters({name: 0.1})


def test_spaces_in_a_name_do_not_matter():
    assert TRIANGLE.with_parameters({"couplings[0, 1]": 0.5}).parameters["couplings[0,1]"] == 0.5


@pytest.mark.parametrize(
    ("named", "make"),
    [
        ("slopes", lambda: lz.Crossing(slopes=np.ones((0, 3)), couplings=np.zeros((3, 3)))),
        ("offsets", lambda: lz.DemkovOsherov(rate=1.0, offsets=[], couplings=[])),
        (
            "couplings",
            lambda: lz.Chain(slopes=[1, 0, -1], offsets=np.ones((2, 3)), couplings=np.ones((3, 2))),
        ),
        (
            "parameters",
            lambda: lz.Chain(slopes=np.ones((2, 3)), couplings=np.ones((3, 2))).batch_shape,
        ),
    ],
)
def test_rows_that_do_not_fit_are_named(named, make):
    with pytest.raises(lz.LzopenError, match=f"Argument `{named}` must"):
        make()


def test_a_long_list_of_names_is_cut_short():
    many = lz.DemkovOsherov(rate=1.0, offsets=np.arange(50.0), couplings=np.full(50, 0.1))
    with pytest.raises(lz.LzopenError, match=r"offsets\[19\], …\.$"):
        many.with_parameters({"gap": 1.0})


def test_a_single_coupling_can_be_fitted():
    time = np.linspace(0.1, 12.0, 60)
    ladder = lz.Chain(slopes=[0.1, 0.0, -0.1], couplings=[0.5, 0.8])
    truth = {"couplings[1]": 0.7, "offsets[0]": 0.2}
    ends = (np.zeros(time.size), time)
    device = ladder.with_parameters(truth)
    signal = lz.transition_matrix(device, window=ends, readout="diabatic").probability
    found = lz.fit_trace(
        time,
        signal=signal.sel(initial=0, final=1).values,
        sigma=0.01,
        model=ladder,
        window=(0.0, time),
        free=list(truth),
    )
    for name, value in truth.items():
        assert found.parameters[name] == pytest.approx(value, abs=1e-4)
