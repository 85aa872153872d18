"""The same numbers on a graphics card, where there is one."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose

import lzopen as lz

cupy = pytest.importorskip("cupy")
if not cupy.is_available():
    pytest.skip("no graphics card", allow_module_level=True)

OMEGA = 2.0
QUBIT = lz.TwoLevel(sweep=lz.Sinusoidal(3.0, OMEGA), gap=0.7)
LEVELS = lz.Model(
    terms=[
        (np.diag([1.0, 0.0, -0.5]), lz.Triangle(3.0, OMEGA)),
        (np.array([[0, 0.3, 0.1], [0.3, 0.4, 0.2], [0.1, 0.2, -0.3]]), lz.Constant(1.0)),
    ]
)
MODELS = {
    "continued fraction": QUBIT.with_environment(lz.Dephasing(0.05), lz.Decay(0.02, 1, 0)),
    "moving eigenbasis": QUBIT.with_environment(lz.Dephasing(0.05), lz.Relaxation(0.02, 0.4)),
    "three levels": LEVELS.with_environment(lz.Decay(0.03, 1, 0), lz.Decay(0.02, 2, 1)),
}


@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
@pytest.mark.parametrize("how", [{}, {"at": 0.4}, {"periods": [1, 20]}], ids=str)
def test_axes_on_the_card_give_the_same(model, how):
    axes = {"amplitude": np.linspace(0.0, 12.0, 7), "bias": np.linspace(-5.0, 5.0, 11)}
    here = lz.interferogram(model, **axes, **how)
    there = lz.interferogram(model, **{k: cupy.asarray(v) for k, v in axes.items()}, **how)
    allowed = float(here.error.max() + there.error.max())
    assert_allclose(there.population, here.population, rtol=0, atol=allowed)
