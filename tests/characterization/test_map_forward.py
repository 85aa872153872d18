"""The map that a device would show: its grid of the bias, slow noise, mirrors, and memory."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.interpolate import CubicSpline
from scipy.special import voigt_profile

import lzopen as lz
from lzopen.characterization.maps.forward import Forward
from lzopen.characterization.maps.mirror import parity_of_average
from lzopen.characterization.maps.slow import coherence_rate, slow_average
from lzopen.characterization.maps.twin import has_twin
from lzopen.characterization.parts import Parts
from lzopen.characterization.protocols import Steady
from lzopen.errors import LzopenError
from measured_maps import device, expected

ROWS, COLUMNS = np.linspace(0, 9, 7), np.linspace(-6, 6, 23)
TRUTH = {
    "gap": 0.4,
    "dephasing.rate": 0.08,
    "decay.rate": 0.06,
    "noise.sigma": 0.15,
    "bias.zero": 0.7,
    "readout.offset": 0.03,
    "readout.contrast": 0.9,
}


def parts_of(truth, model):
    lines = {"amplitude": lz.Line(1.0), "bias": lz.Line(1.0)}
    around = {"noise": lz.QuasiStatic(0.1), "readout": lz.LinearReadout(), "protocol": Steady()}
    return Parts(model, {**lines, **around}).with_values(truth)


def forward(**how):
    how = {"tol": 1e-6, "averages": True} | how
    return Forward(ROWS, COLUMNS, ("amplitude", "bias"), 1, **how)


@pytest.mark.parametrize("deviation", [0.02, 0.3])  # below the step, and above it
def test_a_lorentzian_becomes_a_voigt_profile(deviation):
    width, at = 0.2, np.linspace(-2, 2, 41)
    errors = []
    for step in (width / 1.5, width / 3, width / 6):
        grid = step * np.arange(-200, 201)
        values = (width / np.pi / (grid**2 + width**2))[None]
        mean = slow_average(values, grid[0], step, deviation, at)[0]
        errors.append(np.abs(mean - voigt_profile(at, deviation, width)).max())
    assert errors[0] > 5 * errors[1] > 25 * errors[2]
    assert errors[2] < 1e-4


def test_rows_may_be_read_at_places_of_their_own():
    grid = 0.05 * np.arange(-100, 101)
    values = np.stack([np.cos(grid), np.sin(grid)])
    at = np.array([[-0.3, 0.0], [0.4, 1.1]])
    mean = slow_average(values, grid[0], 0.05, 0.2, at)
    washed = np.exp(-0.5 * 0.2**2)
    assert mean == pytest.approx(washed * np.array([np.cos(at[0]), np.sin(at[1])]), abs=1e-6)


def test_the_signal_is_the_average_of_shifted_maps():
    found = forward().signal(parts_of(TRUTH, device()))
    assert found == pytest.approx(expected(TRUTH, ROWS, COLUMNS), abs=2e-5)


def test_a_bath_that_follows_the_levels_too():
    truth = {n.replace("decay", "relaxation"): v for n, v in TRUTH.items()}
    found = forward(fine=2.0).signal(parts_of(truth, device(thermal=True)))
    assert found == pytest.approx(expected(truth, ROWS, COLUMNS, thermal=True), abs=1e-4)


def test_a_coarse_map_shows_what_a_fine_one_does():
    """The grid of the average knows nothing of the pixels."""
    parts = parts_of(TRUTH, device())
    few = forward().with_settings(ROWS[::2], COLUMNS[::4])
    assert few.signal(parts) == pytest.approx(forward().signal(parts)[::2, ::4], abs=1e-5)


@pytest.mark.parametrize("thermal", [False, True])
def test_mirrored_maps_are_those_without_a_mirror(thermal):
    truth = {n.replace("decay", "relaxation") if thermal else n: v for n, v in TRUTH.items()}
    parts = parts_of(truth | {"noise.sigma": 0.0}, device(thermal))
    whole = forward(averages=False).signal(parts)
    assert forward().signal(parts) == pytest.approx(whole, abs=2e-6)


def test_what_mirrors_itself_is_known():
    qubit = lz.TwoLevel(sweep=lz.Sinusoidal(amplitude=1.0, omega=1.0), gap=0.3)
    decay, bath = lz.Decay(0.1, source=1, target=0), lz.Relaxation(0.1, temperature=0.2)
    assert parity_of_average(qubit.with_environment(decay, lz.Dephasing(0.1))) == 1
    assert parity_of_average(qubit.with_environment(bath, lz.Dephasing(0.1))) == -1
    assert parity_of_average(qubit.with_environment(bath, decay)) == 0
    tilted = lz.Dephasing(0.1, operator=np.array([[1.0, 0.4], [0.4, -1.0]]))
    assert parity_of_average(qubit.with_environment(bath, tilted)) == 0
    two = lz.Sinusoidal(amplitude=1.0, omega=1.0) + lz.Sinusoidal(amplitude=0.5, omega=2.0)
    assert parity_of_average(lz.TwoLevel(sweep=two, gap=0.3).with_environment(bath)) == 0


def test_coherence_rate_is_that_of_a_free_qubit():
    assert coherence_rate(device()) == pytest.approx(0.1 + 0.05 / 2)
    assert coherence_rate(device(thermal=True)) == pytest.approx(0.1 + 0.05 / 2)
    with pytest.raises(LzopenError, match="`model` must be a qubit that relaxes"):
        coherence_rate(lz.TwoLevel(sweep=lz.Linear(1.0), gap=0.3))


def test_numbers_outside_the_physics_cost_no_solution(monkeypatch):
    parts, one = parts_of(TRUTH, device()), forward()
    one.signal(parts)
    calls = []
    monkeypatch.setattr(Steady, "population", lambda *_: calls.append(1))
    for name, value in {
        "readout.contrast": 0.8,
        "noise.sigma": 0.1501,
        "bias.zero": 0.7001,
    }.items():
        one.signal(parts.with_values({name: value}))
    assert not calls


def test_the_grid_becomes_finer_where_resonances_do():
    one = forward()
    quiet = TRUTH | {"noise.sigma": 0.02}
    assert one.refine(parts_of(quiet, device()))
    assert not one.refine(parts_of(quiet | {"dephasing.rate": 0.075}, device()))
    before = one.step
    assert one.refine(parts_of(quiet | {"dephasing.rate": 0.02}, device()))
    assert one.step < before / 1.5
    assert one.resolves(parts_of(quiet | {"dephasing.rate": 0.02}, device()))
    hopeless = parts_of(quiet | {"dephasing.rate": 1e-6, "decay.rate": 1e-6}, device())
    one.refine(hopeless)
    assert not one.resolves(hopeless)
    assert np.ptp(one.energies(hopeless)[1]) / one.step < 8_100


@pytest.mark.parametrize("phase", [0.0, -np.pi / 2, 1.0])
@pytest.mark.parametrize(("gap", "rms"), [(0.05, 6e-3), (0.3, 1.5e-2)])
def test_rates_averaged_over_a_period_are_nearly_those_of_the_moving_basis(gap, rms, phase):
    truth = {"gap": gap, "dephasing.rate": 0.1, "relaxation.rate": gap**2, "sweep.phase": phase}
    parts = parts_of(truth | {"noise.sigma": 0.0}, device(thermal=True))
    assert has_twin(parts.model)
    assert not has_twin(device())
    true = forward().signal(parts)
    near = forward(stand_in=True).signal(parts)
    assert 0 < np.std(true - near) < rms


@pytest.mark.parametrize("slope", [0.0, 0.3])  # a background says nothing of the rows
@pytest.mark.parametrize("drifts", [False, True])
def test_slopes_from_some_rows_are_those_of_all(slope, drifts):
    rows, columns = np.linspace(0, 15, 101), np.linspace(-6, 6, 31)
    parts = parts_of(TRUTH | {"readout.slope": slope}, device())
    shift = 0.1 * np.random.default_rng(5).standard_normal(rows.size) if drifts else None
    one = forward().with_settings(rows, columns)
    one.refine(parts)
    image = one.signal(parts)
    assert one._enough_rows(image, image).size <= 51
    names = ["gap", "dephasing.rate", "amplitude.lever_arm", "bias.lever_arm", "bias.zero"]
    names += ["noise.sigma", "readout.offset", "readout.contrast", "readout.slope"]
    found = one.slopes(parts, dict.fromkeys(names, 1e-4), shift)
    exact, lost = [], []
    for name in names:
        ends = [
            one.signal(parts.with_values({name: parts.value(name) + step}), shift)
            for step in (1e-4, -1e-4)
        ]
        exact.append((ends[0] - ends[1]).ravel() / 2e-4)
        lost.append(np.linalg.norm(found[name].ravel() - exact[-1]) / np.linalg.norm(exact[-1]))
    assert max(lost) < 0.03
    errors = [
        np.sqrt(np.diag(np.linalg.inv(slopes @ slopes.T)))
        for slopes in (np.array([found[name].ravel() for name in names]), np.array(exact))
    ]
    assert errors[0] == pytest.approx(errors[1], rel=0.03)


def test_rows_that_no_curve_joins_are_all_solved():
    one = forward().with_settings(np.sort(np.random.default_rng(6).uniform(0, 15, 61)), COLUMNS)
    image = one.signal(parts_of(TRUTH, device()))
    assert one._enough_rows(image, image).size == 61
    twice = forward().with_settings(np.repeat(np.linspace(0, 15, 41), 2), COLUMNS)
    image = np.repeat(image[:41], 2, axis=0)
    assert twice._enough_rows(image, image).size == 82


def test_a_stand_in_sharpens_slopes_from_some_rows():
    truth = {"gap": 0.2, "dephasing.rate": 0.3, "relaxation.rate": 0.05, "noise.sigma": 0.0}
    parts = parts_of(truth, device(thermal=True))
    one = forward().with_settings(np.linspace(0, 15, 61), np.linspace(-6, 6, 13))
    steps = dict.fromkeys(["gap", "relaxation.rate"], 1e-4)
    exact = replace(one, every_row=True).slopes(parts, steps)
    near = one.slopes(parts, steps)
    few = one._enough_rows(one.signal(parts), one.signal(parts) - one.averaged().signal(parts))
    assert few.size <= 21
    for name, slope in exact.items():
        joined = CubicSpline(one.rows[few], slope[few])(one.rows)
        lost = [np.linalg.norm(guess - slope) for guess in (near[name], joined)]
        assert 0 < lost[0] < 0.7 * lost[1]
        assert lost[0] < 0.1 * np.linalg.norm(slope)
