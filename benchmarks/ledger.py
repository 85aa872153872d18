"""Work and heat of a qubit that is swept beside a bath, and of one that is alone, and qthermo.

H = ½(σx + vtσz) with v = 0.5 and vt from −20 to 20, thermal at T = 1 at first, coupled by ½σz to a
bath whose jumps follow the energy levels at the golden rule of J = γ = 0.02. qthermo splits energy
into work and heat step by step, so that its first law holds however coarse the steps are.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from harness import Job, Match, Timing, fastest, measure
from scipy.integrate import solve_ivp

import lzopen as lz

_V, _END, _GAMMA, _HOT = 0.5, 40.0, 0.02, 1.0
_TEMPERATURES = np.append(_HOT, np.linspace(0.5, 3.0, 31))
_ACCURACY_OPEN, _ACCURACY_CLOSED = 5e-6, 1e-5
_STEPS = 800, 3200  # all take about as long
_WORK, _CLOSED = "heat of a swept qubit beside a bath", "irreversible work of a swept qubit"


def driven_heat() -> list[Timing]:
    """The heat at equal accuracy, one point and many of them at once; then the closed drive."""
    model = lz.TwoLevel(sweep=lz.Linear(_V), gap=1.0)
    warm = model.with_environment(_bath(_HOT))
    heat, dissipated = _exact(_GAMMA)[1], _exact(0.0)[0]

    def job(label: str, run: Callable[[], float], exact: float, units: int = 1) -> Job:
        return Job(label, run, lambda found: abs(found - exact), units)

    alone = job("lzopen, one point", partial(_heat, warm), heat)
    batch = lz.vary(warm, {"thermal_bath.temperature": _TEMPERATURES})
    several = job(f"lzopen, {_TEMPERATURES.size} temperatures", partial(_heat, batch), heat, 32)
    closed = job("lzopen", partial(_dissipated, model), dissipated)
    peers = (job(f"qthermo, evolve, {n} steps", partial(_qthermo, n), heat) for n in _STEPS)
    open_peer = fastest([peers], _ACCURACY_OPEN)
    peers = (job(f"qthermo, {n} steps", partial(_jarzynski, n), dissipated) for n in (400, 4000))
    matches = [
        Match(_WORK, open_peer, alone, "point", target=50, accuracy=_ACCURACY_OPEN),
        Match(_WORK, open_peer, several, "point", target=50, accuracy=_ACCURACY_OPEN),
    ]
    shut = Match(_CLOSED, fastest([peers], _ACCURACY_CLOSED), closed, accuracy=_ACCURACY_CLOSED)
    return [*measure(matches), *measure([shut], rounds=7)]


def _flat(w: Any) -> Any:
    """J = ½γ at every distance of the levels, and nothing at rest, as qthermo has it."""
    return 0.5 * _GAMMA * (1 - np.exp(-((w / 0.1) ** 4)))


def _bath(temperature: float) -> lz.ThermalBath:
    return lz.ThermalBath(np.diag([0.5, -0.5]), _flat, temperature=temperature)


def _heat(model: lz.Model) -> float:
    run = lz.energetics(model, times=[-_END, _END], temperature=_HOT, tol=1e-4)
    return float(run.heat.values.reshape(-1, 2)[0, -1])


def _dissipated(model: lz.Model) -> float:
    swept = lz.work_statistics(model, temperature=_HOT, window=(-_END, _END))
    return float(swept.irreversible_work)


def _qthermo(steps: int) -> float:
    import qthermo as qt

    def hamiltonian(t: float) -> Any:  # the clock of evolve starts at zero
        return 0.5 * (qt.sigma_x + _V * (t - _END) * qt.sigma_z)

    bath = qt.instantaneous_bath(hamiltonian, qt.sigma_z / 2, _HOT, gamma=_GAMMA)
    first = qt.thermal_state(hamiltonian(0.0), _HOT)
    return float(qt.evolve(first, hamiltonian, bath, duration=2 * _END, steps=steps)["heat"])


def _jarzynski(steps: int) -> float:
    import qthermo as qt

    def hamiltonian(t: float) -> Any:
        return 0.5 * (qt.sigma_x + _V * (t - _END) * qt.sigma_z)

    return float(qt.jarzynski_tpm(hamiltonian, 2 * _END, _HOT, 2, steps=steps)["dissipated_work"])


def _exact(gamma: float) -> tuple[float, float]:
    """Work and heat by the Bloch equations."""

    def moving(t: float, y: Any) -> list[float]:
        r, field = y[:3], np.array([1.0, 0.0, _V * t])
        energy = np.linalg.norm(field)
        n, hot = field / energy, np.tanh(energy / 2 / _HOT)
        rate = gamma / (4 * energy**2) / hot
        along = r @ n
        change = np.cross(field, r) - 0.5 * rate * (r - along * n) - rate * (along + hot) * n
        return [*change, 0.5 * _V * r[2], -0.5 * energy * rate * (along + hot)]

    field = np.array([1.0, 0.0, -_V * _END])
    energy = np.linalg.norm(field)
    first = [*(-np.tanh(energy / 2 / _HOT) * field / energy), 0.0, 0.0]
    found = solve_ivp(moving, (-_END, _END), first, method="DOP853", rtol=1e-12, atol=1e-14)
    return float(found.y[3, -1]), float(found.y[4, -1])
