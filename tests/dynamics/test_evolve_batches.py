"""Batches on the engine: every member as if it were alone, at its own times."""

from __future__ import annotations

import numpy as np
import pytest
import qutip
from numpy.testing import assert_allclose

import lzopen as lz

QUBIT = lz.TwoLevel(sweep=lz.Linear(1.0), gap=0.8)
LADDER = lz.SpinCrossing(spin=1.0, rate=1.0, gap=0.7)
MODELS = {
    "closed": QUBIT,
    "relaxing": QUBIT.with_environment(lz.Relaxation(0.1, 0.3), lz.Dephasing(0.1)),
    "leaky": QUBIT.with_environment(lz.Leak(1, 0.2)),
    "three levels": LADDER,
    "three levels that decay": LADDER.with_environment(lz.Decay(0.1, 2, 0)),
}
models = pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
GRID = {"gap": [0.3, 1.2], "rate": [0.5, 2.0, 8.0]}
NAMES = {"gap": "gap", "rate": "sweep.rate"}


def over(model):
    if "sweep.rate" in model.parameters:
        return lz.vary(model, {NAMES[name]: values for name, values in GRID.items()})
    return lz.vary(model, GRID)


def members(batch):
    gap, rate = np.meshgrid(*GRID.values(), indexing="ij")
    names = [
        n for n in batch.parameters if n.endswith(("gap", "rate")) and np.ndim(batch.parameters[n])
    ]
    for index in np.ndindex(gap.shape):
        values = {n: (gap if n.endswith("gap") else rate)[index] for n in names}
        yield index, values


@models
@pytest.mark.parametrize("initial", [1, "ground", qutip.basis(2, 0)], ids=str)
def test_each_member_as_if_it_were_alone(model, initial):
    if isinstance(initial, qutip.Qobj):
        initial = (qutip.basis(model.n_levels, 0) + 1j * qutip.basis(model.n_levels, 1)).unit()
    times = np.array([-6.0, -1.0, 0.5, 7.0])
    run = lz.evolve(over(model), times=times, initial=initial, tol=1e-9)
    assert run.population.shape == (2, 3, 4, model.n_levels)
    assert run.population.dims[2:] == ("time", "level")
    for index, values in members(over(model)):
        single = model.with_parameters(values)
        alone = lz.evolve(single, times=times, initial=initial, solver="mesolve", tol=1e-9)
        for name in ("population", "adiabatic_population", "survival"):
            allowed = 2 * (run.error.values[index].max() + alone.error.values.max())
            assert_allclose(run[name].values[index], alone[name], rtol=0, atol=allowed)


def test_members_at_their_own_times():
    rates = np.array([0.5, 2.0, 8.0])
    batch = lz.vary(QUBIT, {"rate": rates})
    times = np.array([-8.0, 0.0, 9.0]) / rates[:, None]
    run = lz.evolve(batch, times=times, initial="ground")
    assert run.population.dims == ("sweep.rate", "moment", "level")
    assert_allclose(run.time, times)
    for k, rate in enumerate(rates):
        alone = lz.evolve(QUBIT.with_parameters({"rate": rate}), times=times[k], initial="ground")
        assert_allclose(run.population[k], alone.population, atol=2e-6)


def test_thermal_members():
    batch = lz.vary(QUBIT, {"gap": [0.5, 2.0]})
    for temperature in (0.0, 0.7):
        run = lz.evolve(batch, times=[-3.0, 3.0], initial="thermal", temperature=temperature)
        for k, gap in enumerate((0.5, 2.0)):
            single = QUBIT.with_parameters({"gap": gap})
            alone = lz.evolve(single, times=[-3.0, 3.0], initial="thermal", temperature=temperature)
            assert_allclose(run.population[k], alone.population, atol=2e-6)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"solver": "mesolve"}, "scan"),
        ({"solver": "nothing"}, "solver"),
        ({"seed": 1}, "seed"),
        ({"options": {"progress_bar": ""}}, "options"),
        ({"times": [[0.0, 1.0]]}, "shape"),
        ({"times": [1.0, 0.0]}, "increase"),
        ({"initial": 2}, "initial"),
        ({"initial": "thermal"}, "temperature"),
        ({"temperature": 1.0}, "temperature"),
    ],
)
def test_bad_input_is_named(given, message):
    batch = lz.vary(QUBIT, {"gap": [0.5, 1.0]})
    with pytest.raises(lz.LzopenError, match=message):
        lz.evolve(batch, **{"times": [-1.0, 1.0]} | given)
