"""The driven models of the benchmarks, with what QuTiP needs to know of them."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

import lzopen as lz

GAP = 2 * np.pi
OMEGA = 4 * np.pi
PERIOD = 0.5
SECOND_TONE, SECOND_PHASE = 0.4 * OMEGA, 0.7  # of the part at 2ω

_ONE, _X, _Z = np.eye(2), np.array([[0.0, 1.0], [1.0, 0.0]]), np.diag([1.0, -1.0])


@dataclass(frozen=True, eq=False)
class Drive:
    """A waveform of lzopen, and the same as a plain typed function, the fastest that QuTiP knows.

    ``prefix`` leads to the names of its amplitude and bias among the parameters of a model.
    """

    name: str
    waveform: lz.Waveform
    scalar: Callable[[float, float, float], float]
    prefix: str = ""


def cosine(t: float, amplitude: float, bias: float) -> float:
    return bias + amplitude * math.cos(OMEGA * t)


def triangle(t: float, amplitude: float, bias: float) -> float:
    return bias + amplitude * (abs(OMEGA * t % (2 * math.pi) - math.pi) * 2 / math.pi - 1)


def two_tones(t: float, amplitude: float, bias: float) -> float:
    second = SECOND_TONE * math.cos(2 * OMEGA * t + SECOND_PHASE)
    return bias + amplitude * math.cos(OMEGA * t) + second


_FIRST = lz.Sinusoidal(amplitude=1.0, omega=OMEGA)
_SECOND = lz.Sinusoidal(amplitude=SECOND_TONE, omega=2 * OMEGA, phase=SECOND_PHASE)
COSINE = Drive("cosine", _FIRST, cosine)
TRIANGLE = Drive("triangle", lz.Triangle(amplitude=1.0, omega=OMEGA), triangle)
TWO_TONES = Drive("two tones", _FIRST + _SECOND, two_tones, prefix="sinusoidal.")


def qubit(sweep: lz.Waveform) -> lz.Model:
    """Two levels that dephase, and a jump between them."""
    return lz.TwoLevel(sweep=sweep, gap=GAP).with_environment(
        lz.Dephasing(rate=0.1), lz.Decay(rate=0.05, source=1, target=0)
    )


def three_levels(sweep: lz.Waveform) -> lz.Model:
    """Three levels of different slopes, all coupled, that dephase and decay one by one."""
    couplings = GAP / 4 * np.array([[0.0, 1.0, 0.5], [1.0, 0.0, 1.0], [0.5, 1.0, 0.0]])
    return lz.Crossing(
        slopes=[0.5, 0.0, -0.5], offsets=[0.0, -GAP, 0.0], couplings=couplings, sweep=sweep
    ).with_environment(
        lz.Dephasing(rate=0.05, operator=np.diag([1.0, 0.0, -1.0])),
        lz.Decay(rate=0.02, source=0, target=1),
        lz.Decay(rate=0.03, source=1, target=2),
    )


def two_qubits(sweep: lz.Waveform) -> lz.Model:
    """A driven qubit beside one that is not, both open, with a σz σz coupling."""
    still = np.kron(_X, _ONE) + np.kron(_ONE, 3 * _Z + _X) + 0.5 * np.kron(_Z, _Z)
    driven = 0.5 * np.kron(_Z, _ONE)
    return lz.Model(
        terms=((driven, sweep), (0.5 * GAP * still, lz.Constant(1.0)))
    ).with_environment(
        lz.Dephasing(rate=0.1, operator=np.kron(_Z, _ONE)),
        lz.Dephasing(rate=0.05, operator=np.kron(_ONE, _Z)),
        *(lz.Decay(rate=0.02, source=source, target=source - 2) for source in (2, 3)),
        *(lz.Decay(rate=0.03, source=source, target=source - 1) for source in (1, 3)),
    )


MODELS = {2: qubit, 3: three_levels, 4: two_qubits}
NAMES = {2: "two levels", 3: "three levels", 4: "two qubits"}
