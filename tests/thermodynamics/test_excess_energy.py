"""Energy that a crossing leaves behind: closed forms against the dynamics, and slogans."""

from __future__ import annotations

import numpy as np
import pytest
import qutip
from numpy.testing import assert_allclose

import lzopen as lz
from lzopen import theory

QUBIT = lz.TwoLevel(sweep=lz.Linear(rate=1.0), gap=0.8)
P = theory.landau_zener(rate=1.0, gap=0.8)
INSTANTS = np.array([20.0, 40.0, 60.0, 80.0])


def distance(t, model=QUBIT):
    return np.hypot(model.sweep.rate * np.asarray(t), model.gap)


def excess(t0, t1, temperature, model=QUBIT):
    """Mean energy above the ground state at the end."""
    found = lz.work_statistics(model, temperature=temperature, window=(t0, t1))
    upper = found.joint_probability.sel(final=1).sum("initial")
    return (upper * found.final_energy.diff("final").squeeze("final", drop=True)).values


def power(instants):
    """Growth of the excess energy from the ground state at −80."""
    step = 1e-4
    ends = np.add.outer(instants, [-step, step])
    return np.diff(excess(np.full(ends.shape, -80.0), ends, 0.0))[:, 0] / (2 * step)


# -- the power after one crossing


def test_the_power_rings_around_its_mean():
    seen = power(INSTANTS)
    assert_allclose(seen, [0.3795, 0.3603, 0.3689, 0.3633], rtol=0, atol=5e-5)
    mean = theory.excess_power(rate=1.0, gap=0.8)
    assert_allclose(mean, 0.36593, rtol=0, atol=5e-6)
    ringing = np.sqrt(P * (1 - P)) * 0.8 / INSTANTS
    assert np.all(abs(seen - mean) < 1.1 * ringing)
    assert np.any(abs(seen - mean) > 0.5 * ringing)


def test_the_power_is_that_of_the_drive_in_qutip():
    """Tr ρ ∂H/∂t = ½α⟨σz⟩, less the slope of the lower level."""
    options = {"atol": 1e-9, "rtol": 1e-9, "nsteps": 10**6, "method": "dop853"}
    times = [-80.0, *INSTANTS]
    start = QUBIT.ground_state(-80.0)
    run = qutip.sesolve(QUBIT.H, start, times, e_ops=[qutip.sigmaz()], options=options)
    slope = 0.5 * run.expect[0][1:] + 0.5 * INSTANTS / distance(INSTANTS)
    assert_allclose(power(INSTANTS), slope, rtol=0, atol=1e-6)


def test_the_energy_hardly_rings():
    for t0 in (-200.0, -240.0):
        assert_allclose(excess(t0, 80.0, 0.0), 29.275918, rtol=0, atol=1e-6)
    assert_allclose(P * distance(80.0), 29.275968, rtol=0, atol=5e-7)


@pytest.mark.parametrize("temperature", [0.0, 20.0, 60.0, np.inf])
@pytest.mark.parametrize(("rate", "gap"), [(1.0, 0.8), (-0.5, 0.9j), (2.5, 0.6)])
def test_the_mean_rate_from_a_thermal_start(rate, gap, temperature):
    model = lz.TwoLevel(sweep=lz.Linear(rate), gap=gap)
    t = np.linspace(30.0, 80.0, 61)
    start = -80.0
    slope = np.polyfit(t, excess(np.full_like(t, start), t, temperature, model), 1)[0]
    E = np.hypot(rate * start, abs(gap))
    upper = (
        0.5 if np.isinf(temperature) else 1 / (1 + np.exp(E / temperature)) if temperature else 0
    )
    expected = theory.excess_power(rate=rate, gap=gap, excited=upper)
    assert_allclose(slope, expected, rtol=2e-3)


def test_repeated_passages_with_a_reset_dissipate_half_of_it():
    for half in (40.0, 80.0):
        lost = lz.work_statistics(QUBIT, temperature=0.0, window=(-half, half)).irreversible_work
        mean = lost / (2 * half)
        assert_allclose(mean, theory.excess_power(rate=1.0, gap=0.8) / 2, rtol=1e-3)


def test_the_power_is_neither_heat_nor_entropy():
    """Σ of the same drive is W_irr/T, and T is free; the state keeps its entropy."""
    warm, hot = (
        lz.work_statistics(QUBIT, temperature=T, window=(-40.0, 40.0)) for T in (5.0, 500.0)
    )
    produced = [warm.entropy_production.item(), hot.entropy_production.item()]
    assert produced[0] > 1000 * produced[1]
    assert_allclose(produced[0], warm.irreversible_work / 5.0, rtol=1e-12)


# -- closed forms


def test_a_hot_start_gains_at_half_the_rate():
    gaps = np.linspace(0.0, 3.0, 7)
    assert_allclose(theory.excess_power(rate=-2.0, gap=gaps, excited=0.5), 1.0, rtol=1e-15)
    kept = theory.excess_power(rate=2.0, gap=gaps, excited=1.0)
    assert_allclose(kept, 2.0 - theory.excess_power(rate=2.0, gap=gaps), rtol=1e-14)


def test_inner_friction_in_its_limits():
    ends = {"initial_energy": 3.0, "final_energy": 2.0}
    friction = theory.inner_friction
    assert friction(probability=0.3, **ends, temperature=0.0) == 0.3 * 2.0
    assert friction(probability=0.3, **ends, temperature=np.inf) == 0
    assert_allclose(
        friction(probability=0.3, **ends, temperature=1e9), 0.3 * 2 * 1.5e-9, rtol=1e-12
    )
    assert friction(probability=0.3, initial_energy=0, final_energy=2.0, temperature=0.0) == 0
    mixed = friction(probability=[[0.1], [0.2]], **ends, temperature=[0.0, 1.5, np.inf])
    assert_allclose(mixed, [[0.2, 0.2 * np.tanh(1), 0], [0.4, 0.4 * np.tanh(1), 0]], rtol=1e-15)


@pytest.mark.parametrize(
    ("y", "approximate", "exact", "digits"),
    [(0.1, 0.904875, 0.904837, 6), (0.5, 0.6096, 0.6065, 4), (2.0, 0.172, 0.135, 3)],
)
def test_kibble_zurek_numbers(y, approximate, exact, digits):
    crossing = {"rate": 1.0, "gap": np.sqrt(2 * y / np.pi)}
    assert round(theory.kibble_zurek(**crossing), digits) == approximate
    assert round(theory.landau_zener(**crossing), digits) == exact


def test_kibble_zurek_agrees_to_second_order_and_is_algebraic():
    y = np.array([1e-2, 1e-3])
    crossing = {"rate": -np.pi / (2 * y), "gap": 1.0j}
    off = theory.kibble_zurek(**crossing) - theory.landau_zener(**crossing)
    assert_allclose(off, y**3 / 24, rtol=2e-2)
    for y in (0.3, 4.0, 30.0):
        formula = 2 / (y**2 + y * np.sqrt(y**2 + 4) + 2)
        assert_allclose(theory.kibble_zurek(rate=np.pi / (2 * y), gap=1.0), formula, rtol=1e-14)
    slow = {"rate": 1.0, "gap": 10.0}
    y = np.pi * 50
    assert_allclose(theory.kibble_zurek(**slow), 1 / y**2, rtol=1e-3)
    assert theory.landau_zener(**slow) < 1e-60


@pytest.mark.parametrize(
    ("name", "request_", "match"),
    [
        ("excess_power", {"rate": 0.0, "gap": 1.0}, "`rate` must not be zero, but is 0"),
        ("excess_power", {"rate": 1.0, "gap": np.nan}, "`gap` must be finite, but is nan"),
        (
            "excess_power",
            {"rate": 1.0, "gap": 1.0, "excited": 1.2},
            r"`excited` must lie between 0 and 1, but is 1\.2",
        ),
        (
            "excess_power",
            {"rate": [1.0, 2.0], "gap": 1.0, "excited": [0.1, 0.2, 0.3]},
            r"`excited` must broadcast against shape \(2,\)",
        ),
        ("inner_friction", {"probability": -0.1}, "`probability` must lie between 0 and 1"),
        ("inner_friction", {"initial_energy": -1.0}, "`initial_energy` must not be negative"),
        ("inner_friction", {"final_energy": -1.0}, "`final_energy` must not be negative"),
        ("inner_friction", {"temperature": -1.0}, "`temperature` must not be negative, but is -1"),
        (
            "inner_friction",
            {"temperature": np.nan},
            "`temperature` must not be negative, but is nan",
        ),
        ("inner_friction", {"temperature": "hot"}, "`temperature` must be a number or an array"),
        (
            "inner_friction",
            {"final_energy": [1.0, 2.0], "temperature": [1.0, 2.0, 3.0]},
            r"`temperature` must broadcast against shape \(2,\)",
        ),
        ("kibble_zurek", {"rate": 0.0, "gap": 1.0}, "`rate` must not be zero, but is 0"),
    ],
)
def test_bad_input(name, request_, match):
    if name == "inner_friction":
        ends = {"initial_energy": 1.0, "final_energy": 1.0}
        request_ = {"probability": 0.1, **ends, "temperature": 1.0} | request_
    with pytest.raises(lz.LzopenError, match=match):
        getattr(theory, name)(**request_)
