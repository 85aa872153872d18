"""Exact answers, by code that shares nothing with lzopen's engine."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import qutip
from scipy import sparse
from scipy.integrate import solve_ivp
from scipy.sparse.linalg import spsolve

Array = np.ndarray[Any, Any]
_SAMPLES = 8  # of the Liouvillian in a period: exact up to its third harmonic
_NOTHING = 1e-12
_TERMS, _START = 14, 16.0  # of a series in 1/t, and where it begins, in units of a passage


def harmonic_balance(L: qutip.QobjEvo, period: float, order: int) -> tuple[Array, Array]:
    """Populations of the periodic state: their average over a period, and at t = 0.

    ρ(t) = Σ ρₙ e^{inωt} with |n| ≤ order turns ρ' = Lρ into one sparse system, in which the trace
    takes the place of one equation.
    """
    instants = np.arange(_SAMPLES) * period / _SAMPLES
    harmonics = np.fft.fft([L(t).full() for t in instants], axis=0) / _SAMPLES
    count, size = 2 * order + 1, len(harmonics[0])
    frequency = 2j * np.pi / period * np.arange(-order, order + 1)
    matrix = -sparse.kron(sparse.diags_array(frequency), sparse.eye_array(size))
    for n in range(1 - _SAMPLES // 2, _SAMPLES // 2):
        if np.abs(harmonics[n]).max() > _NOTHING:
            matrix = matrix + sparse.kron(sparse.eye_array(count, k=-n), harmonics[n])
    levels, equation = round(size**0.5), order * size  # a population's, of ρ₀
    diagonal = np.arange(levels) * (levels + 1)
    rows, right = matrix.tolil(), np.zeros(count * size)
    rows[equation], right[equation] = 0.0, 1.0
    rows[equation, equation + diagonal] = 1.0
    found = spsolve(rows.tocsc(), right).reshape(count, size)[:, diagonal]
    return found[order].real, found.sum(axis=0).real


def bloch_period(
    generator: Callable[[float], tuple[Array, Array]], period: float
) -> tuple[Array, Array]:
    """Periodic solution of r' = M(t) r + b(t): its average over a period, and r(0).

    ``generator`` gives M (…, 3, 3) and b (…, 3) at one time. The map of one period is integrated
    together with its integral over time.
    """
    shape = (2, *generator(0.0)[1].shape, 4)

    def slope(t: float, flat: Array) -> Array:
        now = flat.reshape(shape)[0]
        M, b = generator(t)
        moving = M @ now
        moving[..., 3] += b
        return np.stack([moving, now]).ravel()

    start = np.zeros(shape)
    start[0] = np.eye(3, 4)
    run = solve_ivp(slope, (0.0, period), start.ravel(), "DOP853", rtol=1e-13, atol=1e-15)
    end, integral = run.y[:, -1].reshape(shape)
    first = np.linalg.solve(np.eye(3) - end[..., :3], end[..., 3:])
    average = (integral[..., :3] @ first)[..., 0] + integral[..., 3]
    return average / period, first[..., 0]


def dephased_crossing(rate: float, gap: float, dephasing: float) -> float:
    """Probability to stay in a diabatic level, t from −∞ to ∞, of a crossing that dephases.

    The Bloch vector comes from −∞ along z(x, y, 1) with x and y as series in 1/t. Backwards in time
    the adjoint equations are the same but for the sign of x and y, so that half of the passage
    tells all of it: z(∞) = z(0)² − x(0)² − y(0)².
    """
    x, y = np.zeros((2, _TERMS + 1))
    for m in range(_TERMS):
        before = (1 - m) * np.array([x[m - 1], y[m - 1]]) if m else np.zeros(2)
        across = np.convolve(y[: m + 1], y[: m + 1])[m], np.convolve(x[: m + 1], y[: m + 1])[m]
        x[m + 1] = (before[1] + gap * across[0] + dephasing * y[m] + gap * (m == 0)) / rate
        y[m + 1] = -(before[0] + gap * across[1] + dephasing * x[m]) / rate
    start = -_START * max(1.0, dephasing / rate**0.5, gap / rate**0.5) / rate**0.5
    k = np.arange(2, _TERMS + 1)
    z = np.exp(gap * np.sum(y[2:] * start ** (1.0 - k) / (1 - k)))
    powers = start ** -np.arange(_TERMS + 1.0)

    def slope(t: float, r: Array) -> list[float]:
        x, y, z = r
        return [
            -dephasing * x - rate * t * y,
            rate * t * x - dephasing * y - gap * z,
            gap * y,
        ]

    first = z * np.array([x @ powers, y @ powers, 1.0])
    run = solve_ivp(slope, (start, 0.0), first, "DOP853", rtol=1e-13, atol=1e-15)
    x0, y0, z0 = run.y[:, -1]
    return float(0.5 * (1 + z0**2 - x0**2 - y0**2))
