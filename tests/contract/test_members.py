"""Members of a batch are the models that they were before they came together."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import lzopen as lz
from lzopen.models.members import members

QUBIT = lz.TwoLevel(sweep=lz.Sinusoidal(1.0, 2.0), gap=0.5)
STAIRS = lz.DemkovOsherov(rate=1.0, offsets=[0.0, 1.0], couplings=[0.1, 0.2])
GRIDS = {
    "qubit": lz.vary(
        QUBIT.with_environment(lz.Dephasing(0.1), lz.Relaxation(0.2, 0.3), lz.Leak(1, 0.1)),
        {"amplitude": [1.0, 2.0, 3.0], "relaxation.rate": [0.1, 0.2], "gap": [0.4, 0.5]},
    ),
    "numbers of levels": lz.vary(
        STAIRS, {"offsets[1]": [1.0, 2.0], "couplings[0]": [0.1, 0.3, 0.5], "rate": [1.0, 3.0]}
    ),
    "tables": lz.TwoLevel(
        sweep=lz.Tabulated(np.array([[0.0, 1.0, 2.0], [0.0, 2.0, 3.0]]), np.ones((2, 3))),
        gap=np.array([[0.2], [0.4], [0.8]]),
    ),
    "terms": lz.Model(
        terms=[
            (np.diag([1.0, 0.0, -1.0]), lz.Sinusoidal(np.array([0.5, 1.0]), 1.3) + lz.Linear(1.0)),
            (np.ones((3, 3)), lz.Constant(np.array([0.2, 0.3]))),
        ]
    ),
}


@pytest.mark.parametrize("model", GRIDS.values(), ids=GRIDS)
def test_members_have_their_hamiltonian(model):
    t = np.linspace(-1.0, 4.0, 7)
    size, n = int(np.prod(model.batch_shape)), model.n_levels
    every = np.broadcast_to(model.hamiltonian(t), (*model.batch_shape, t.size, n, n))
    index = np.random.default_rng(2).permutation(size)[: size - 1]
    picked = members(model, index)
    assert picked.batch_shape == index.shape
    assert_array_equal(picked.hamiltonian(t), every.reshape(size, t.size, n, n)[index])


def test_members_have_their_environments():
    model, index = GRIDS["qubit"], [11, 0, 7]
    rates = np.broadcast_to([[0.1], [0.2]], (3, 2, 2)).ravel()
    assert_array_equal(members(model, index).parameters["relaxation.rate"], rates[index])
    assert members(model, index).parameters["dephasing.rate"] == 0.1


def test_what_all_members_share_stays_a_number():
    wide = QUBIT.with_parameters({"gap": np.array([[0.3]]), "amplitude": np.array([1.0, 2.0])})
    assert members(wide, [1, 0]).parameters["gap"] == 0.3
    assert_allclose(members(wide, [1, 0]).parameters["sweep.amplitude"], [2.0, 1.0])
