"""Jumps between fixed levels: allowed, audited, and shown to break the second law."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from numpy.testing import assert_allclose

import lzopen as lz
from lzopen.environments.base import lindblad
from lzopen.thermodynamics import relative_entropy

GAMMA, TEMPERATURE = 0.1, 0.5


def occupied(bias):
    return 1 / np.expm1(bias / TEMPERATURE)


def fixed_jumps(bias, gap):
    """Jumps between diabatic levels at rates that would thermalise them without the gap."""
    n = occupied(bias)
    still = lz.TwoLevel(sweep=lz.Constant(bias), gap=gap)
    return still.with_environment(lz.Decay(GAMMA * (n + 1), 0, 1), lz.Decay(GAMMA * n, 1, 0))


HEAT = {"decay": TEMPERATURE, "decay_2": TEMPERATURE}


@pytest.mark.parametrize(("bias", "total"), [(0.2, -0.38295), (1.0, -0.05040)])
def test_relaxing_from_equilibrium_destroys_entropy(bias, total):
    model = fixed_jumps(bias, 1.0)
    asked = {"times": np.linspace(0, 400, 401), "temperature": TEMPERATURE, "temperatures": HEAT}
    with pytest.warns(lz.LzopenWarning, match="second law") as caught:
        run = lz.energetics(model, **asked)
    assert run.entropy_production[-1].item() == pytest.approx(total, abs=5e-6)
    assert "Relaxation" in str(caught[0].message)
    last = lz.evolve(model, times=[0, 400], initial="thermal", temperature=TEMPERATURE)
    with pytest.warns(lz.LzopenWarning, match="no temperature"):
        settled = lz.energetics(model, times=[0, 400], initial=0)  # the same, from elsewhere
    assert np.isnan(settled.entropy_production).all()
    assert_allclose(settled.internal_energy[-1], run.internal_energy[-1], atol=1e-9)
    # Exactly the divergence of where it ends from where it began.
    coherent = 2 * (run.internal_energy[-1] - bias * (last.population[-1, 0] - 0.5)).item()
    z = last.population[-1, 0].item()
    rho = np.array([[z, coherent / 2], [coherent / 2, 1 - z]])
    x_only = relative_entropy_with(rho, model, bias)
    assert x_only == pytest.approx(-total, abs=5e-6)


def relative_entropy_with(rho, model, bias):
    """D(ρ‖Gibbs), with the missing coherence Im ρ from the steady Bloch equations."""
    n = occupied(bias)
    rate = GAMMA * (2 * n + 1)
    # x' = −(Γ/2)x − εy, y' = εx − (Γ/2)y − Δz, z' = Δy − Γz − γ
    matrix = np.array([[-rate / 2, -bias, 0], [bias, -rate / 2, -1.0], [0, 1.0, -rate]])
    x, y, z = np.linalg.solve(matrix, [0, 0, GAMMA])
    exact = 0.5 * np.array([[1 + z, x - 1j * y], [x + 1j * y, 1 - z]])
    assert_allclose(exact.real, rho.real, atol=1e-5)
    return relative_entropy(exact, model.thermal_state(0.0, TEMPERATURE))


def test_entropy_production_is_negative_for_states_near_equilibrium():
    model = fixed_jumps(0.2, 1.0)
    with pytest.warns(lz.LzopenWarning, match="second law") as caught:
        run = lz.energetics(
            model, times=np.linspace(0, 20, 201), temperature=TEMPERATURE, temperatures=HEAT
        )
    assert run.entropy_production_rate.min() < -0.0496
    assert caught[0].message.value <= run.entropy_production_rate.min() + 1e-12


@dataclass(frozen=True, eq=False)
class Occupied(lz.Waveform):
    """γ(n + up) for the occupation n at the bias of the instant."""

    bias: lz.Waveform
    extra: float

    def scalar(self, t):
        return float(GAMMA * (occupied(self.bias.scalar(t)) + self.extra))

    def taylor(self, t, order):
        assert order == 0
        return GAMMA * (occupied(self.bias(t)) + self.extra)[..., None]

    def kinks(self, t0, t1):
        return self.bias.kinks(t0, t1)


@dataclass(frozen=True, eq=False)
class FixedBath(lz.Environment):
    """Jumps between the diabatic levels, at the rates that fit the bias of the instant."""

    bias: lz.Waveform

    def check(self, n_levels):
        assert n_levels == 2

    def c_ops(self, terms):
        raise NotImplementedError

    def dissipators(self, terms):
        down, up = np.array([[0, 0], [1, 0]]), np.array([[0, 1], [0, 0]])
        return (
            (lindblad(down, 1.0), Occupied(self.bias, 1.0)),
            (lindblad(up, 1.0), Occupied(self.bias, 0.0)),
        )


def test_totals_may_hide_it():
    """A sweep whose entropy production is positive in the end, but not all the way."""
    bias = lz.Linear(0.2) + lz.Constant(0.2)
    local = lz.TwoLevel(sweep=bias, gap=1.0).with_environment(FixedBath(bias))
    with pytest.warns(lz.LzopenWarning, match="second law"):
        run = lz.energetics(
            local,
            times=np.linspace(0, 19, 101),
            temperature=TEMPERATURE,
            temperatures={"fixed_bath": TEMPERATURE},
        )
    assert run.entropy_production_rate.min() < -0.01
    assert 0.2 < run.entropy_production[-1] < 0.42


def rectangle():
    """Bias and gap around (.2, .2) → (1.5, .2) → (1.5, 1.5) → (.2, 1.5)."""
    corners = [0.0, 1.0, 2.0, 3.0, 4.0]
    bias = lz.Tabulated(corners, [0.2, 1.5, 1.5, 0.2, 0.2])
    gap = lz.Tabulated(corners, [0.2, 0.2, 1.5, 1.5, 0.2])
    return lz.TwoLevel(sweep=bias, gap=gap), bias


def test_a_slow_loop_yields_work_from_one_bath():
    qubit, bias = rectangle()
    found = lz.loop_work(qubit.with_environment(FixedBath(bias)), window=(0, 4))
    assert found.work.item() == pytest.approx(-0.44449, abs=5e-6)
    assert found.work.item() / TEMPERATURE == pytest.approx(-0.89, abs=5e-3)
    assert found.error < 1e-7
    lawful = lz.loop_work(qubit.with_environment(lz.Relaxation(0.1, TEMPERATURE)), window=(0, 4))
    assert abs(lawful.work.item()) < 1e-10


def test_the_loop_is_the_limit_of_slow_driving():
    bias = lz.Sinusoidal(1.0, omega=0.002, bias=0.2)
    gap = lz.Sinusoidal(0.5, omega=0.002, bias=1.0, phase=-1.5)
    qubit = lz.TwoLevel(sweep=bias, gap=gap)
    fixed = qubit.with_environment(lz.Decay(0.3, 0, 1), lz.Decay(0.2, 1, 0))
    with pytest.warns(lz.LzopenWarning, match="no temperature"):
        slow = lz.steady_energetics(fixed, tol=1e-8)
    period = 2 * np.pi / 0.002
    assert slow.power.item() * period == pytest.approx(lz.loop_work(fixed).work.item(), rel=0.03)


def test_a_loop_must_close_and_have_one_steady_state():
    qubit, _ = rectangle()
    warm = qubit.with_environment(lz.Relaxation(0.1, TEMPERATURE))
    with pytest.raises(lz.LzopenError, match="close a loop"):
        lz.loop_work(warm, window=(0, 2.5))
    with pytest.raises(lz.LzopenError, match="steady state"):
        lz.loop_work(qubit.with_environment(lz.Dephasing(0.1, basis="adiabatic")), window=(0, 4))
    with pytest.raises(lz.LzopenError, match="window"):
        lz.loop_work(lz.TwoLevel(sweep=lz.Linear(1.0), gap=1.0))


def test_a_loop_in_steps_is_not_slow():
    square = lz.TwoLevel(sweep=lz.Square(1.0, omega=1.0, bias=0.2), gap=1.0)
    with pytest.raises(lz.LzopenError, match="steps"):
        lz.loop_work(square.with_environment(lz.Relaxation(0.1, TEMPERATURE)))


def test_a_member_that_breaks_the_law_is_seen_among_others():
    fixed = fixed_jumps(0.2, 1.0).with_environment(
        lz.Relaxation(1e-3, temperature=np.array([0.5, 1e-9]))
    )
    with pytest.warns(lz.LzopenWarning, match="second law"):
        lz.energetics(fixed, times=[0, 1, 10], temperature=TEMPERATURE, temperatures=HEAT)
    slow = fixed_jumps(0.2, 1.0).with_parameters({"decay.rate": 3.03e-9, "decay_2.rate": 2.03e-9})
    with pytest.warns(lz.LzopenWarning, match="second law"):
        lz.energetics(slow, times=[0, 1e4], temperature=TEMPERATURE, temperatures=HEAT)


def test_bare_quanta_obey_jarzynski():
    """Heat counted in quanta of the bias keeps the fluctuation theorem; Tr HDρ does not."""
    local = fixed_jumps(0.6, 1.0)
    u = 1j / TEMPERATURE
    found = lz.characteristic_function(local, u=[u], temperature=TEMPERATURE, window=(0, 5))
    assert_allclose(found.value, 1.0, atol=1e-7)
