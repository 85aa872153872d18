"""Power that a periodic drive leaves in a system, over grids of parameters."""

from __future__ import annotations

import numpy as np
import pytest
import qutip
from numpy.testing import assert_allclose

import lzopen as lz

DRIVEN = lz.TwoLevel(sweep=lz.Sinusoidal(amplitude=1.0, omega=2.0), gap=0.4)
WARM = DRIVEN.with_environment(lz.Relaxation(0.05, temperature=0.5), lz.Dephasing(0.03))


def test_averages_are_those_of_a_long_run():
    """The ledger, followed until it repeats, over its last period."""
    driven = WARM.with_parameters({"amplitude": 3.0, "sweep.bias": 1.2})
    period = np.pi
    run = lz.energetics(driven, times=period * np.array([0, 160, 161]), initial=0, tol=1e-9)
    found = lz.steady_energetics(WARM, amplitude=[3.0], bias=[1.2], tol=1e-9).squeeze()
    for name, mean in (("work", "power"), ("heat", "heat_current"), ("noise_work", "noise_power")):
        last = (run[name][2] - run[name][1]) / period
        assert_allclose(found[mean], last, atol=1e-8)
    for part in ("entropy_production", "coherence_production", "population_production"):
        rate = part.replace("_production", "_rate") if part[0] != "e" else f"{part}_rate"
        assert_allclose(found[rate], (run[part][2] - run[part][1]) / period, atol=1e-7)


def test_power_of_a_weakly_driven_qubit_is_that_of_the_bloch_equations():
    """½Δ²Γ₂ω-like absorption on resonance: quanta ω times the rate of transitions."""
    gap, omega, amplitude = 2.0, 2.0, 0.02
    rate, hot, dephasing = 0.02, 0.8, 0.05
    driven = lz.TwoLevel(sweep=lz.Sinusoidal(amplitude, omega), gap=gap).with_environment(
        lz.Relaxation(rate, hot), lz.Dephasing(dephasing, basis="adiabatic")
    )
    found = lz.steady_energetics(driven, tol=1e-9)
    width = 0.5 * rate + dephasing
    up = 0.5 * (0.5 * amplitude) ** 2 / width  # transitions per time, on resonance
    polarization = np.tanh(gap / (2 * hot)) * rate / (rate + 2 * up)
    assert_allclose(found.power, omega * up * polarization, rtol=2e-3)


def test_laws_hold_on_the_map():
    found = lz.steady_energetics(WARM, amplitude=np.linspace(0, 6, 5), bias=[-2.0, 0.0, 1.0, 2.0])
    assert found.power.dims == ("amplitude", "bias")
    assert np.all(np.abs(found.first_law_residual) <= 2 * found.energy_error + 1e-12)
    assert np.abs(found.first_law_residual).max() < 1e-5
    assert found.entropy_production_rate.min() >= -1e-9
    assert found.coherence_rate.min() >= -1e-9
    assert found.lowest_rate.min() >= -1e-9
    assert_allclose(found.second_law_residual, 0, atol=1e-5)
    assert_allclose(found.power.sel(amplitude=0), 0, atol=1e-9)
    heat = found.energy_current.sel(environment="relaxation")
    assert_allclose(found.heat_current, heat)
    assert_allclose(found.entropy_production_rate, -heat / 0.5, atol=1e-6)
    # The qubit does not know the sign of its bias.
    assert_allclose(found.power.sel(bias=-2.0), found.power.sel(bias=2.0), atol=1e-6)


@pytest.mark.parametrize("phase", [0.0, 0.4, np.pi / 2])
def test_square_drives_do_their_work_in_steps(phase):
    square = lz.TwoLevel(sweep=lz.Square(1.0, omega=2.0, phase=phase), gap=1.0)
    warm = square.with_environment(lz.Relaxation(rate=0.05, temperature=0.5))
    found = lz.steady_energetics(warm, tol=1e-9)
    assert found.power > 0.01
    assert_allclose(found.power, -found.heat_current, atol=1e-8)


def test_steps_are_found_at_any_frequency():
    square = lz.TwoLevel(sweep=lz.Square(2.0, omega=0.3, bias=0.3), gap=0.8)
    warm = square.with_environment(lz.Relaxation(0.3, 1.0))
    found = lz.steady_energetics(warm, omega=np.linspace(0.2, 3, 29), amplitude=[0.5, 2.0])
    assert_allclose(found.power, -found.heat_current, atol=1e-6)


@pytest.mark.parametrize("rate", [1e-5, 1e-8])
def test_weak_relaxation_keeps_its_digits(rate):
    driven = lz.TwoLevel(sweep=lz.Sinusoidal(3.0, 1.0, bias=0.2), gap=1.0)
    found = lz.steady_energetics(driven.with_environment(lz.Relaxation(rate, 0.5)))
    assert_allclose(found.power, -found.heat_current, rtol=1e-3)
    assert_allclose(found.power / rate, 0.6917531, rtol=1e-3)


def test_heat_flows_from_hot_to_cold():
    still = lz.TwoLevel(sweep=lz.Sinusoidal(0.0, 1.0, bias=0.6), gap=0.8)
    between = still.with_environment(lz.Relaxation(0.2, 2.0), lz.Relaxation(0.1, 0.5))
    found = lz.steady_energetics(between, tol=1e-9)
    hot, cold = 1 / (1 + np.exp(1 / np.array([2.0, 0.5])))  # excited populations, E = 1
    excited = (0.2 * hot + 0.1 * cold) / 0.3
    current = 0.2 * (hot - excited)
    assert_allclose(found.energy_current, [current, -current], atol=1e-9)
    assert_allclose(found.entropy_production_rate, current * (1 / 0.5 - 1 / 2.0), atol=1e-9)


def test_three_levels_and_baths():
    bath = lz.ThermalBath(qutip.jmat(1, "x"), lambda w: 0.3 * w, temperature=0.7)
    drive = (qutip.jmat(1, "z").full(), lz.Sinusoidal(1.5, omega=1.7))
    spin = lz.Model(terms=[drive, (np.diag([0.3, 0, -0.2]), lz.Constant(1.0))])
    spin = lz.Model(
        terms=[*spin.terms, (0.4 * qutip.jmat(1, "x").full(), lz.Constant(1.0))]
    ).with_environment(bath)
    found = lz.steady_energetics(spin, tol=1e-8)
    period = 2 * np.pi / 1.7
    run = lz.energetics(spin, times=period * np.array([0, 60, 61]), initial=0, tol=1e-9)
    assert_allclose(found.power, (run.work[2] - run.work[1]) / period, atol=1e-7)


def test_points_without_a_steady_state_are_nan():
    with pytest.warns(lz.LzopenWarning, match="1 of 2 points"):
        found = lz.steady_energetics(
            DRIVEN.with_environment(lz.Relaxation(0.1, 0.5)), over={"relaxation.rate": [0.0, 0.1]}
        )
    assert np.isnan(found.power[0])
    assert np.isfinite(found.power[1])


def test_jumps_between_fixed_levels_are_audited():
    fixed = DRIVEN.with_environment(lz.Decay(0.1, 0, 1), lz.Decay(0.05, 1, 0))
    with pytest.warns(lz.LzopenWarning, match="decay, decay_2 have no temperature"):
        silent = lz.steady_energetics(fixed, bias=[0.5])
    assert np.isnan(silent.entropy_production_rate).all()
    with pytest.warns(lz.LzopenWarning, match="second law"):
        audited = lz.steady_energetics(
            fixed, bias=[0.5, 1.0], temperatures={"decay": 0.5, "decay_2": 0.5}
        )
    assert audited.lowest_rate.min() < 0


@pytest.mark.parametrize(
    ("model", "change", "message"),
    [
        (WARM, {"speed": [1.0]}, "speed"),
        (lz.TwoLevel(sweep=lz.Linear(1.0), gap=1.0), {}, "periodic"),
        (DRIVEN, {}, "forget"),
        (WARM.with_environment(lz.Leak(0, 0.1)), {}, "leaky"),
        (WARM, {"over": {"relaxation.rate": [0.0], "dephasing.rate": [0.0]}}, "forget"),
        (WARM, {"over": {"bias": [0.0]}, "bias": [0.0]}, "once"),
    ],
)
def test_bad_input(model, change, message):
    with pytest.raises(lz.LzopenError, match=message):
        lz.steady_energetics(model, **change)
