"""Periodic states from all their Fourier equations at once: independent of the engine, and slow."""

from __future__ import annotations

from typing import Any

import mpmath
import numpy as np
import qutip

import lzopen as lz
from lzopen.waveforms.base import Array


def fourier_states(
    H: Any, swing: Any, jumps: Any, omega: float, count: int, digits: int = 0
) -> Array:
    """Harmonics ρ_n, n = −count…count, of H + cos(ωt) diag(swing) with collapse operators.

    Solved in floats, or with so many digits.
    """
    n = len(H)
    one = np.eye(n)
    still = -1j * (np.kron(one, H) - np.kron(np.conj(H), one))
    for jump in jumps:
        squared = np.conj(jump).T @ jump
        still = still + np.kron(np.conj(jump), jump)
        still -= 0.5 * (np.kron(one, squared) + np.kron(squared.T, one))
    half = -0.5j * np.diag(np.subtract.outer(swing, swing).reshape(-1, order="F"))
    size, order = n * n, range(-count, count + 1)
    matrix = np.zeros((size * len(order), size * len(order)), dtype=complex)
    for at, number in enumerate(order):
        rows = slice(at * size, (at + 1) * size)
        matrix[rows, rows] = still - 1j * number * omega * np.eye(size)
        for beside in {at - 1, at + 1} & set(range(len(order))):
            matrix[rows, beside * size : (beside + 1) * size] = half
    first = count * size
    matrix[first] = 0.0
    matrix[first, first : first + size : n + 1] = 1.0
    right = np.zeros(len(matrix))
    right[first] = 1.0
    if digits:
        with mpmath.workdps(digits):
            found = mpmath.lu_solve(mpmath.matrix(matrix.tolist()), mpmath.matrix(right.tolist()))
            solution = np.array([complex(value) for value in found])
    else:
        solution = np.linalg.solve(matrix, right)
    return solution.reshape(len(order), n, n).swapaxes(-1, -2)


def at_phase(harmonics: Array, phase: float) -> Array:
    """The state at one phase of the period."""
    count = len(harmonics) // 2
    turns = np.exp(1j * phase * np.arange(-count, count + 1))
    return np.asarray(np.tensordot(turns, harmonics, axes=1))


def longest_lived(model: lz.Model, period: float, at: float = 0.0) -> tuple[Array, float]:
    """The slowest state of a single model by QuTiP, of trace one, and the rate of its loss."""
    options = {"atol": 1e-13, "rtol": 1e-12, "nsteps": 10**6, "method": "vern9"}
    n = model.n_levels
    hamiltonian, adjoint = model.H, model.H.dag()
    liouvillian = -1j * qutip.spre(hamiltonian) + 1j * qutip.spost(adjoint)
    if model.c_ops:
        liouvillian = liouvillian + qutip.liouvillian(None, model.c_ops)
    times = [0.0, period] if at == 0.0 else [0.0, at, period]
    maps = [step.full() for step in qutip.propagator(liouvillian, times, options=options)]
    values, vectors = np.linalg.eig(maps[-1])
    slowest = np.argmax(np.abs(values))
    vector = vectors[:, slowest] if at == 0.0 else maps[1] @ vectors[:, slowest]
    state = vector.reshape(n, n, order="F")
    return state / np.trace(state), float(-np.log(np.abs(values[slowest])) / period)
