"""A level and a band of equally spaced levels, by kicks that do not see the number of levels.

One step is half a step of free motion, a kick that mixes level 0 with the one
combination |B⟩ = Σ V_k|k⟩/g of band levels that it couples to, g² = ΣV_k², and half a step
of free motion. The amplitude of |B⟩ that a kick finds is what earlier kicks left
there, δ_r, carried on by the kernel κ(τ) = Σ V_k² e^{−iE_kτ}/g², and f_j, which arrives
from what the band held at first:

    b_j = f_j + Σ_{r<j} κ((j−r)h) δ_r.

The kernel, the arrivals and the band at the end are sums over equally spaced
energies, each done by one chirp transform. The error is even in h, so it can be extrapolated.
"""

from __future__ import annotations

from operator import mul

import numpy as np
from scipy import fft

from lzopen.dynamics.magnus import NODES, WEIGHTS
from lzopen.waveforms import Waveform
from lzopen.waveforms.base import Array

_BLOCK = 12  # kicks whose sums over earlier blocks are done at once

State = tuple[complex, Array]  # amplitudes of level 0 and of the band


def advance(
    sweep: Waveform,
    energies: Array,
    couplings: Array,
    start: State,
    t0: float,
    h: float,
    count: int,
) -> tuple[Array, Array]:
    """Solve some equal steps.

    Parameters
    ----------
    sweep : Waveform
        Energy ε(t) of level 0, smooth within the steps.
    energies, couplings : (n,) ndarray
        Equally spaced E_k, ascending, and real V_k.
    start : (complex, (n,) ndarray)
        Amplitudes of level 0 and of the band at t0.
    t0, h : float
        Start and length of the steps.
    count : int
        Number of steps; the cost grows with its square.

    Returns
    -------
    level : (count + 1,) ndarray
        Amplitudes of level 0 between the steps.
    band : (n,) ndarray
        Amplitudes of the band after the last one.
    """
    amplitude, band = start
    lowest, levels = energies[0], np.arange(energies.size)
    turn = (energies[-1] - lowest) / max(levels[-1], 1) * h  # of a level against its neighbour
    strength = float(np.linalg.norm(couplings))
    bright = couplings / (strength or 1.0)
    phase = level_phase(sweep, t0, h, count)
    carrier = np.exp(-1j * lowest * h * np.arange(count))
    kernel = carrier * _chirp(bright**2, turn, count)
    arriving = np.zeros(count, dtype=complex)
    if band.any():
        arriving = carrier * _chirp(bright * band * np.exp(-0.5j * energies * h), turn, count)
    level, left = _kicks(kernel, arriving, phase[1::2], strength * h, amplitude)
    emitted = bright * _chirp(left * carrier.conj(), -turn, levels.size)
    band = (band + emitted * np.exp(0.5j * energies * h)) * np.exp(-1j * energies * h * count)
    return level * np.exp(-1j * phase[::2]), band


def level_phase(sweep: Waveform, t0: float, h: float, count: int) -> Array:
    """∫ε dt from t0 to the middle and the end of every step, by Gauss's rule."""
    half = 0.5 * h
    values = sweep(t0 + half * np.add.outer(np.arange(2 * count), NODES).ravel())
    return np.append(0.0, np.cumsum(half * (values.reshape(-1, 3) @ WEIGHTS)))


def _kicks(
    kernel: Array, arriving: Array, phase: Array, angle: float, amplitude: complex
) -> tuple[Array, Array]:
    """Level amplitude, in the frame that turns with ε, and what every kick leaves in |B⟩."""
    count, cos, sin = kernel.size, float(np.cos(angle)), float(np.sin(angle))
    past = np.concatenate([np.zeros(_BLOCK), kernel[::-1]])
    rows = np.array([past[_BLOCK - k : _BLOCK - k + count] for k in range(_BLOCK)])
    lags = past[-_BLOCK:-1].tolist()
    tails = [lags[_BLOCK - 1 - k :] for k in range(_BLOCK)]  # from κ(kh) to κ(h)
    emit = -1j * sin * np.exp(-1j * phase)
    outs, backs = emit.tolist(), (-emit.conj()).tolist()
    left, along = np.zeros(count, dtype=complex), [amplitude]
    for first in range(0, count, _BLOCK):
        block = slice(first, first + _BLOCK)
        history = rows[:, count - 1 - first : count - 1] @ left[:first]
        found = (history[: count - first] + arriving[block]).tolist()
        new: list[complex] = []
        for tail, out, back, earlier in zip(tails, outs[block], backs[block], found, strict=False):
            b = sum(map(mul, tail, new), earlier)
            new.append((cos - 1.0) * b + out * amplitude)
            amplitude = cos * amplitude + back * b
            along.append(amplitude)
        left[block] = new
    return np.array(along), left


def _chirp(values: Array, step: float, count: int) -> Array:
    """Σ_k x_k e^{−i·step·k·m} for m = 0 … count−1, by Bluestein's 2km = k² + m² − (k−m)².

    `scipy.signal.czt` takes powers of the turn and loses a hundred times more to round-off.
    """
    size = values.size
    length = fft.next_fast_len(size + count - 1)
    turn = np.exp(-0.5j * step * np.arange(float(max(size, count))) ** 2)
    comb = np.zeros(length, dtype=complex)
    comb[:count] = turn[:count].conj()
    comb[length - size + 1 :] = turn[1:size].conj()[::-1]
    product = fft.fft(values * turn[:size], length) * fft.fft(comb)
    return np.asarray(turn[:count] * fft.ifft(product)[:count])
