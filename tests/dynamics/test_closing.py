"""Formal solutions against the dynamics: what they miss, and what they say they miss."""

from __future__ import annotations

import numpy as np
import pytest

import lzopen as lz
from lzopen.dynamics.closing import formal_states
from lzopen.dynamics.generators import generators
from lzopen.dynamics.magnus import propagator
from lzopen.dynamics.propagation import step_edges

# Gap or sweep makes single terms of the series vanish; the window must end in a good one.
MODELS = {
    "linear": (lz.TwoLevel(sweep=lz.Linear(1.0), gap=1.0), 20.0),
    "cubic": (lz.TwoLevel(sweep=lz.PowerLaw(1.0, 3.0), gap=1.0), 9.0),
    "touching": (lz.TwoLevel(sweep=lz.PowerLaw(1.0, 2.0, "touching"), gap=1.0), 9.0),
    "turning gap": (lz.TwoLevel(sweep=lz.Linear(1.0), gap=lz.Rotating(0.5, 1.0)), 20.0),
    "swinging gap": (
        lz.TwoLevel(sweep=lz.Linear(1.0), gap=lz.Sinusoidal(0.5, 1.0) + lz.Constant(0.6)),
        20.0,
    ),
}


@pytest.mark.parametrize("name", MODELS)
def test_error_covers_what_leaks_into_the_other_formal_state(name):
    model, far = MODELS[name]
    t, end = np.linspace(1.0, 7.0, 60), np.full(60, far)
    states, error = formal_states(model, t)
    U = propagator(generators(model), step_edges(model, t, end, 9000))
    amplitudes = np.linalg.solve(formal_states(model, end)[0], U @ states)
    leaked = np.abs(amplitudes[:, [1, 0], [0, 1]])
    assert (leaked <= 2 * error + 1e-11).all()
    assert leaked.max() > 1e-3  # close to the crossing there is something to cover


def test_no_formal_states_on_the_crossing_itself():
    """There two levels share an eigenvector; other members of the batch are not touched."""
    model = MODELS["linear"][0]
    _, error = formal_states(model, np.array([0.0, 8.0]))
    assert np.isinf(error[0]).all()
    assert (error[1] < 1e-9).all()
