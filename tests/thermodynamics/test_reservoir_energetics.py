"""A level dragged through a reservoir: where its particles, energy and entropy went."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.integrate import solve_ivp
from scipy.special import expit, xlogy

import lzopen as lz

BAND = lz.Band(edges=(-6.0, 6.0), escape_rate=0.3, levels=60)
SWEPT = lz.Continuum(rate=0.5, band=BAND)
TIMES = np.linspace(-8, 8, 5)


def correlations(model, first, times):
    """Diagonals of the matrix of correlations, and its coupling energy, by a plain solver."""
    size = first.size
    still = model.terms[-1][0].real

    def moving(t, y):
        c = y.reshape(size, size)
        h = still + model.sweep(t) * np.outer(np.eye(size)[0], np.eye(size)[0])
        return (-1j * (h @ c - c @ h)).ravel()

    start = np.diag(first).astype(complex).ravel()
    found = solve_ivp(
        moving, times[[0, -1]], start, t_eval=times, method="DOP853", rtol=1e-9, atol=1e-11
    )
    whole = found.y.T.reshape(-1, size, size)
    populations = np.diagonal(whole, axis1=1, axis2=2).real
    return populations, 2 * (whole[:, 0, 1:].real @ model.band.couplings)


def divergence(n, reference):
    """Of a mode of occupation n from one in equilibrium."""
    return xlogy(n, n / reference) + xlogy(1 - n, (1 - n) / (1 - reference))


def test_all_of_it_is_that_of_the_whole_matrix():
    temperature, chemical = 0.7, 0.4
    run = lz.reservoir_energetics(
        SWEPT,
        times=TIMES,
        occupation=0.8,
        temperature=temperature,
        chemical_potential=chemical,
    )
    fermi = expit((chemical - BAND.energies) / temperature)
    populations, coupling = correlations(SWEPT, np.append(0.8, fermi), TIMES)
    n, band = populations[:, 0], populations[:, 1:]
    assert_allclose(run.occupation, n, atol=2e-7)
    assert_allclose(run.interaction_energy, coupling, atol=2e-6)
    assert_allclose(run.band_energy, (band - fermi) @ BAND.energies, atol=2e-6)
    assert_allclose(run.transferred, (band - fermi).sum(axis=1), atol=2e-6)
    # Entropy production is what tells the whole from its parts, the band in equilibrium.
    total = divergence(band, fermi).sum(axis=1)
    parts = -xlogy(n, n) - xlogy(1 - n, 1 - n) - sum(-xlogy(x, x) for x in (0.8, 0.2))
    mixing = -xlogy(band, band) - xlogy(1 - band, 1 - band)
    before = -xlogy(fermi, fermi) - xlogy(1 - fermi, 1 - fermi)
    correlated = parts + (mixing - before).sum(axis=1)
    assert_allclose(run.entropy_production, total + correlated, atol=1e-5)
    assert run.entropy_production[1:].min() > 0


def test_laws_hold_within_the_error():
    for occupation, temperature in ((1.0, None), (0.0, 0.5), (0.3, 0.0)):
        run = lz.reservoir_energetics(
            SWEPT, times=TIMES, occupation=occupation, temperature=temperature
        )
        assert np.all(np.abs(run.first_law_residual) <= run.energy_error + 1e-12)
        assert np.abs(run.first_law_residual).max() < 1e-6


def test_an_empty_band_leaves_the_level_as_survival_says():
    run = lz.reservoir_energetics(SWEPT, times=TIMES)
    exact = lz.survival(SWEPT, times=TIMES)
    assert_allclose(run.occupation, exact.population, atol=1e-7)
    energy = (exact.band_population * exact.energy).sum()
    assert_allclose(run.band_energy[-1], energy, atol=1e-6)
    assert_allclose(run.transferred[-1], exact.band_population.sum(), atol=1e-7)
    assert np.isnan(run.entropy_production).all()


def test_slow_drags_need_only_the_free_energy():
    """Weakly coupled and slow, W → −T Δ ln(1 + e^{−(ε − μ)/T}), and entropy stays."""
    temperature, lost = 1.0, []
    for rate in (0.2, 0.1):
        band = lz.Band(edges=(-8.0, 8.0), escape_rate=0.4, levels=int(16 / rate))
        swept = lz.Continuum(rate=rate, band=band)
        ends = np.array([-1.5, 1.5])
        start = expit(1.5 / temperature)
        run = lz.reservoir_energetics(
            swept, times=ends / rate, occupation=start, temperature=temperature
        )
        free = -temperature * np.log1p(np.exp(-ends / temperature))
        lost.append(run.work[-1].item() - (free[1] - free[0]))
    # Half as fast, half as lossy, but for what the coupling itself costs.
    assert abs(lost[1]) < abs(lost[0]) < 0.3
    assert run.entropy_production[-1] > 0


def test_cold_reservoirs_make_infinite_entropy():
    run = lz.reservoir_energetics(SWEPT, times=TIMES, temperature=0.0)
    assert run.entropy_production[0] == 0
    assert np.all(run.entropy_production[1:] == np.inf)


def test_nothing_moves_in_a_full_band():
    run = lz.reservoir_energetics(SWEPT, times=TIMES, temperature=0.0, chemical_potential=10.0)
    assert_allclose(run.entropy_production, 0, atol=1e-9)
    assert_allclose(run.transferred, 0, atol=1e-9)


def test_it_survives_the_disk_and_warns_of_recurrence(tmp_path):
    run = lz.reservoir_energetics(SWEPT, times=TIMES)
    assert lz.load(lz.save(run, tmp_path / "run.nc")).identical(run)
    few = lz.Continuum(rate=0.1, band=lz.Band(edges=(-3.0, 3.0), escape_rate=0.1, levels=20))
    with pytest.warns(lz.LzopenWarning, match="recurrence"):
        lz.reservoir_energetics(few, times=[-40, 40])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"times": [1, 0]}, "times"),
        ({"occupation": 1.2}, "occupation"),
        ({"temperature": -1.0}, "temperature"),
        ({"model": lz.TwoLevel(sweep=lz.Linear(1.0), gap=1.0)}, "model"),
    ],
)
def test_bad_input(change, message):
    asked = {"model": SWEPT, "times": [-1, 1]} | change
    with pytest.raises(lz.LzopenError, match=message):
        lz.reservoir_energetics(asked.pop("model"), **asked)
