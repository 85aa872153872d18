"""Bands, and the model of a level in one: lazy, portable, checked."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from numpy.testing import assert_allclose

import lzopen as lz


def lorentzian(E):
    return 0.3 / (1 + E**2)


def test_bands_and_models_are_lazy_and_travel():
    band = lz.Band(edges=(-2, 2), escape_rate=lorentzian, levels=10)
    model = pickle.loads(pickle.dumps(lz.Continuum(rate=1.0, band=band)))
    assert_allclose(model.band.couplings, band.couplings, rtol=0)
    assert model.n_levels == 11
    assert model.parameters == {"sweep.rate": 1.0}
    assert model.batch_shape == ()
    faster = model.with_parameters({"rate": 3.0})
    assert faster.sweep.rate == 3.0
    assert model.reversed().sweep(2.0) == -2.0
    for made in (model, faster, model.reversed()):
        assert "terms" not in vars(made)
    expected = np.diag(np.append(0.5, band.energies)).astype(complex)
    expected[0, 1:] = expected[1:, 0] = band.couplings
    assert_allclose(model.hamiltonian(0.5), expected, rtol=0)
    assert_allclose(model.H(0.5).full(), expected, rtol=0)
    assert "terms" in vars(model)


@pytest.mark.parametrize("sweep", [lz.Linear(1.3), lz.Sinusoidal(3.0, 7.0), lz.Constant(0.5)])
def test_options_for_qutip_need_no_matrix(sweep):
    """The largest step is that of the matrix, and the number of steps suffices."""
    model = lz.Continuum(sweep=sweep, band=lz.Band(edges=(-2, 2), escape_rate=0.3, levels=9))
    chosen = model.solver_options(-5.0, 5.0, "sesolve")
    assert "terms" not in vars(model)
    expected = lz.Model(terms=model.terms).solver_options(-5.0, 5.0, "sesolve")
    largest_step = expected.pop("max_step")
    assert_allclose(chosen.pop("max_step"), largest_step)
    assert 0.5 < chosen.pop("nsteps") / expected.pop("nsteps") < 2
    assert chosen == expected
    dense = lz.Continuum(sweep=sweep, band=lz.Band(edges=(-2, 2), escape_rate=0.3, levels=1500))
    assert_allclose(dense.solver_options(-5.0, 5.0)["max_step"], largest_step)
    batch = lz.vary(lz.Continuum(rate=1.0, band=model.band), {"rate": [1.0, 2.0]})
    with pytest.raises(lz.LzopenError, match="batch of shape"):
        batch.solver_options(-5.0, 5.0)


def test_evolve_takes_hundreds_of_levels():
    model = lz.Continuum(rate=1.0, band=lz.Band(edges=(-2, 2), escape_rate=0.3, levels=150))
    times = np.linspace(-6.0, 6.0, 4)
    run, found = lz.evolve(model, times=times), lz.survival(model, times=times)
    off = np.abs(run.population[:, 0] - found.population)
    assert np.all(off < run.error[:, 0] + found.error)


def test_numbers_of_a_band_are_parameters():
    model = lz.Continuum(rate=1.0, band=lz.Band(edges=(-1, 1), escape_rate=0.5, levels=3))
    stronger = model.with_parameters({"escape_rate": 2.0})
    assert_allclose(stronger.band.couplings, 2 * model.band.couplings)


def test_environments_act_on_small_models():
    model = lz.Continuum(rate=1.0, band=lz.Band(edges=(-1, 1), escape_rate=0.5, levels=3))
    noisy = model.with_environment(lz.Decay(0.1, source=1, target=0))
    run = lz.evolve(noisy, times=[-5.0, 5.0])
    assert_allclose(run.population.sum("level"), 1.0, atol=1e-6)
    with pytest.raises(lz.LzopenError, match="`model` must be closed"):
        lz.survival(noisy)


BAND = {"edges": (-1.0, 1.0), "escape_rate": 0.5, "levels": 5}


@pytest.mark.parametrize(
    ("text", "bad"),
    [
        ("`edges` must increase", {"edges": (1.0, -1.0)}),
        ("`edges` must be two energies", {"edges": (-1.0, 0.0, 1.0)}),
        ("`edges` must be finite", {"edges": (-np.inf, 1.0)}),
        ("`levels` must be a whole number", {"levels": 0}),
        ("`levels` must be a whole number", {"levels": 10.0}),
        ("`escape_rate` must not be negative", {"escape_rate": -0.5}),
        ("`escape_rate` must not be negative", {"escape_rate": lambda E: E}),
        ("`escape_rate` must be real", {"escape_rate": lambda E: E + 1j}),
        ("`escape_rate` must be a single number", {"escape_rate": [0.5, 0.6]}),
        ("`escape_rate` must turn an array", {"escape_rate": lambda E: np.ones(3)}),
        ("`escape_rate` must turn an array", {"escape_rate": lambda E: float(E)}),
    ],
)
def test_bad_bands_are_named(text, bad):
    with pytest.raises(lz.LzopenError, match=f"Argument {text}"):
        lz.Band(**BAND | bad)


@pytest.mark.parametrize(
    ("text", "bad"),
    [
        ("`rate` must be given", {}),
        ("`rate` must be given", {"rate": 1.0, "sweep": lz.Linear(1.0)}),
        ("`rate` must not be zero", {"rate": 0.0}),
        ("`sweep` must be a Waveform", {"sweep": 1.0}),
        ("`sweep` must be real", {"sweep": lz.Rotating(1.0, 1.0)}),
        ("`band` must be a Band", {"rate": 1.0, "band": 0.5}),
    ],
)
def test_bad_models_are_named(text, bad):
    with pytest.raises(lz.LzopenError, match=f"Argument {text}"):
        lz.Continuum(**{"band": lz.Band(**BAND)} | bad)


def test_a_large_band_has_no_matrix():
    model = lz.Continuum(rate=1.0, band=lz.Band(**BAND | {"levels": 100_000}))
    assert model.parameters == {"sweep.rate": 1.0, "band.escape_rate": 0.5}
    with pytest.raises(lz.LzopenError, match=r"`levels` must be at most 2000.*lz\.survival"):
        model.H  # noqa: B018
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        model.nothing  # noqa: B018
