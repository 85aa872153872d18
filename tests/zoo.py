"""The zoo: exactly solvable cases, and one of every waveform, model, environment and noise.

All tests of solvers and all contract tests read from here. A new waveform is one entry
in ``WAVEFORMS``, a new environment one in ``ENVIRONMENTS``, a new noise one in ``NOISES``,
and a new model one `Case`.
Nothing in this file solves a differential equation.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from typing import Any

import numpy as np
import qutip

import lzopen as lz
from lzopen import theory

# -- waveforms


@dataclass(frozen=True)
class Drive:
    """A waveform, and the names of its numbers that cannot be arrays."""

    waveform: lz.Waveform
    single: tuple[str, ...] = ()


TABLE = ([-4.0, -1.5, 0.25, 1.0, 5.0], [0.5, -1.0, 2.0, -0.25, 1.0])

WAVEFORMS = {
    "constant": Drive(lz.Constant(0.7)),
    "complex constant": Drive(lz.Constant(0.3 - 0.4j)),
    "linear": Drive(lz.Linear(-1.3)),
    "square root": Drive(lz.PowerLaw(0.8, 0.5), single=("exponent",)),
    "cubic": Drive(lz.PowerLaw(0.2, 3.0), single=("exponent",)),
    "touching parabola": Drive(lz.PowerLaw(0.4, 2.0, "touching"), single=("exponent",)),
    "touching, broken": Drive(lz.PowerLaw(0.4, 1.5, "touching"), single=("exponent",)),
    "double passage": Drive(lz.DoublePassage(1.2, 3.1)),
    "rotating": Drive(lz.Rotating(0.6 + 0.2j, omega=1.1, chirp=0.3)),
    "sign flip": Drive(lz.SignFlip(0.9, at=0.35)),
    "complex sign flip": Drive(lz.SignFlip(0.9j, at=-0.35)),
    "sinusoidal": Drive(lz.Sinusoidal(1.5, 1.7, bias=0.4, phase=0.3)),
    "triangle": Drive(lz.Triangle(1.5, 1.7, bias=0.4, phase=0.3)),
    "square": Drive(lz.Square(1.5, 1.7, bias=0.4, phase=0.3)),
    "trapezoid": Drive(lz.Trapezoid(-2.3, 1.4, wait=0.9, bias=0.6)),
    "pulse": Drive(lz.Sech(-1.4, 1.2, center=0.7)),
    "smooth step": Drive(lz.Tanh(0.9, 1.6, center=-0.4)),
    "table of lines": Drive(lz.Tabulated(*TABLE)),
    "table of steps": Drive(lz.Tabulated(*TABLE, kind="step")),
    "complex table": Drive(lz.Tabulated(TABLE[0], 1j * np.array(TABLE[1]))),
    "dithered sweep": Drive(lz.Linear(0.7) + lz.Sinusoidal(0.5, 2.1)),
    "two tones": Drive(lz.Sinusoidal(1.0, 1.4, bias=0.2) + lz.Sinusoidal(0.6, 2.1, phase=0.8)),
    "repeated table": Drive(lz.Repeated(lz.Tabulated(*TABLE), period=3.5, start=-2.0)),
    "repeated pulse": Drive(lz.Repeated(lz.Trapezoid(1.5, 2.0, 0.4), period=2.9, start=-1.3)),
    "turning": Drive(lz.Rotating(0.6 + 0.2j, omega=-1.3)),
    "sum of a sum": Drive(lz.Linear(0.7) + (lz.Constant(0.2) - lz.Square(0.5, 2.1))),
    "scaled": Drive(-2.5 * lz.PowerLaw(0.2, 3.0), single=("waveform.exponent",)),
    "scaled by a complex number": Drive((0.5 + 1j) * lz.Sinusoidal(1.0, 1.3)),
    "burst": Drive(lz.Sinusoidal(1.5, 1.7, 0.4, 0.3) * lz.Trapezoid(1.2, 1.4, wait=5.1)),
    "square in a pulse": Drive(lz.Square(1.5, 1.7, 0.4, 0.3) * lz.Sech(1.2, 1.2, center=0.3)),
    "modulated tone": Drive(lz.Sinusoidal(1.5, 2.8) * lz.Sinusoidal(0.6, 1.4, bias=1.0)),
    "ramped turning": Drive(
        lz.Rotating(0.6 + 0.2j, omega=1.1) * (lz.Constant(0.5) + lz.Linear(0.1))
    ),
    "shifted": Drive(lz.DoublePassage(1.2, 3.1).shifted(0.6)),
    "reversed": Drive(lz.Triangle(1.5, 1.7).reversed(about=0.4)),
    "reversed sequence": Drive(
        lz.Linear(0.5).then(lz.Square(1.0, 1.3), at=0.9).reversed(), single=("waveform.at",)
    ),
    "sequence": Drive(lz.Linear(0.8).then(lz.Sinusoidal(1.0, 1.9), at=0.3), single=("at",)),
    "real part": Drive(lz.Rotating(0.6, omega=1.1).real),
    "imaginary part": Drive(lz.SignFlip(0.9 + 0.5j, at=0.35).imag),
    "square behind a low-pass": Drive(lz.Filtered(lz.Square(1.5, 1.7, 0.4, 0.3), low_pass=1.9)),
    "pulse behind a band-pass": Drive(lz.Filtered(lz.Trapezoid(-2.3, 1.4, 0.9, 0.6), 1.9, 0.8)),
    "complex table behind a high-pass": Drive(
        lz.Filtered((0.5 + 1j) * lz.Tabulated(*TABLE, kind="step"), high_pass=1.3)
    ),
    "tone behind a band-pass": Drive(lz.Filtered(lz.Sinusoidal(1.5, 1.7, 0.4), 1.9, 0.8)),
    "dithered sweep behind a high-pass": Drive(
        lz.Filtered(lz.Linear(0.7) + lz.Sinusoidal(0.5, 2.1).shifted(0.3), high_pass=0.8)
    ),
    "turning behind a low-pass": Drive(lz.Filtered(lz.Rotating(0.6 + 0.2j, -1.3), low_pass=1.9)),
}

# -- environments


@dataclass(frozen=True)
class Surroundings:
    """An environment, and a model that it acts on."""

    environment: lz.Environment
    model: lz.Model
    moves: bool = False  # whether its operators follow the energy eigenstates


QUBIT = lz.TwoLevel(sweep=lz.Linear(1.2), gap=0.7)
LADDER = lz.Crossing(slopes=[1.0, 0.0, -1.0], couplings=np.triu(np.full((3, 3), 0.3), k=1))


def ohmic(w):
    """J(ω) of a weak bath."""
    return 0.1 * w * np.exp(-w / 8.0)


ENVIRONMENTS = {
    "dephasing": Surroundings(lz.Dephasing(0.2), QUBIT),
    "dephasing along x": Surroundings(lz.Dephasing(0.2, qutip.sigmax()), QUBIT),
    "dephasing of three levels": Surroundings(lz.Dephasing(0.3, np.diag([1.0, 0, -2.0])), LADDER),
    "decay": Surroundings(lz.Decay(0.25, source=1, target=0), QUBIT),
    "decay of three levels": Surroundings(lz.Decay(0.25, source=0, target=2), LADDER),
    "leak": Surroundings(lz.Leak(level=1, rate=0.3), QUBIT),
    "leak of three levels": Surroundings(lz.Leak(level=2, rate=0.3), LADDER),
    "pulsed leak": Surroundings(lz.Leak(0, lz.Sinusoidal(0.2, 1.1, bias=0.3)), QUBIT),
    "adiabatic leak": Surroundings(lz.Leak(1, 0.3, basis="adiabatic"), QUBIT),
    "cold relaxation": Surroundings(lz.Relaxation(0.15, temperature=0.0), QUBIT, moves=True),
    "warm relaxation": Surroundings(lz.Relaxation(0.15, temperature=0.6), QUBIT, moves=True),
    "adiabatic dephasing": Surroundings(lz.Dephasing(0.2, basis="adiabatic"), QUBIT, moves=True),
    "adiabatic dephasing, weighed": Surroundings(
        lz.Dephasing(0.2, np.diag([0.3, 2.0]), basis="adiabatic"), QUBIT, moves=True
    ),
    "adiabatic dephasing of three levels": Surroundings(
        lz.Dephasing(0.3, np.diag([1.0, 0, -2.0]), basis="adiabatic"), LADDER, moves=True
    ),
    "thermal bath": Surroundings(
        lz.ThermalBath(0.5 * qutip.sigmaz(), ohmic, temperature=0.6), QUBIT, moves=True
    ),
    "cold bath of three levels": Surroundings(
        lz.ThermalBath(qutip.jmat(1, "y"), ohmic, temperature=0.0), LADDER, moves=True
    ),
}

# -- noise

NOISES: dict[str, lz.Noise] = {
    "white": lz.White(density=0.2),
    "quasi-static": lz.QuasiStatic(sigma=0.3),
    "Ornstein-Uhlenbeck": lz.OrnsteinUhlenbeck(sigma=0.5, correlation_time=1.3),
    "slow": lz.OrnsteinUhlenbeck(sigma=0.4, correlation_time=40.0),
    "1/f": lz.OneOverF(amplitude=0.1, omega_low=1e-2, omega_high=30.0),
    "1/f^1.6": lz.OneOverF(amplitude=0.2, omega_low=0.1, omega_high=100.0, exponent=1.6),
    "weak telegraph": lz.Telegraph(amplitude=0.3, rate=0.7),
    "strong telegraph": lz.Telegraph(amplitude=1.6, rate=0.3),
    "fluctuators": lz.Telegraph(amplitude=[0.2, 0.3, 0.1], rate=[0.5, 2.0, 0.8]),
    "table": lz.TabulatedSpectrum([0.0, 0.5, 2.0, 6.0], [0.4, 0.3, 0.35, 0.0]),
    "table of a line": lz.TabulatedSpectrum([2.0, 2.5, 3.0], [0.0, 1.2, 0.1]),
    "sum": lz.OrnsteinUhlenbeck(0.3, 2.0) + lz.White(0.05),
    "sum of many": lz.QuasiStatic(0.1) + lz.Telegraph(0.3, 1.0) + lz.OneOverF(0.1, 0.1, 10.0),
}

# -- exactly solvable models


@dataclass(frozen=True)
class Case:
    """A model and its exact transition probabilities, NaN where no closed form is known.

    Without a window they are those of t → ±∞; with one, of diabatic levels at its ends.
    ``digits`` is the error of the exact value itself.
    """

    name: str
    model: lz.Model
    exact: Any  # (final, initial)
    reference: str
    window: tuple[float, float] | None = None
    digits: float = 1e-13

    @property
    def request(self):
        """Arguments for transition_matrix."""
        return {} if self.window is None else {"window": self.window, "readout": "diabatic"}

    def __str__(self):
        return self.name


def swap(stay):
    """The symmetric 2×2 matrix of a survival probability."""
    return np.array([[stay, 1 - stay], [1 - stay, stay]])


def square(unitary):
    return np.abs(unitary) ** 2


def leg(rate, gap, start, end):
    """Propagator of a linear ramp of the bias from ``start`` to ``end``."""
    return theory.finite_time_propagator(rate=rate, gap=gap, t0=start / rate, t1=end / rate)


def rabi(bias, gap, time):
    """Propagator of a bias and a gap that stand still."""
    energy = np.hypot(bias, abs(gap))
    axis = np.array([[bias, np.conj(gap)], [gap, -bias]]) / energy
    return np.cos(energy * time / 2) * np.eye(2) - 1j * np.sin(energy * time / 2) * axis


def in_order(*propagators):
    """The product of propagators, the first one acting first."""
    return reduce(lambda total, step: step @ total, propagators)


def linear_cases():
    """One linear crossing in every disguise: only |Δ|²/|α| counts."""
    disguises = {
        "LZ with negative rate": (lz.Linear(-1.3), 0.9, 1.3),
        "LZ with complex gap": (lz.Linear(0.7), 0.5 - 0.6j, 0.7),
        "LZ with an offset": (lz.Linear(1.0) + lz.Constant(7.5), 1.0, 1.0),
        "LZ later": (lz.Linear(2.0).shifted(30.0), 1.5, 2.0),
        "LZ backwards": (lz.Linear(2.0).reversed(about=1.0), 1.5, 2.0),
        "LZ scaled": (-0.5 * lz.Linear(2.0), 1.1, 1.0),
        "LZ in a slow unit of time": (lz.Linear(1e-6), 1e-3, 1e-6),
        "LZ in a fast unit of time": (lz.Linear(1e6), 1e3, 1e6),
    }
    for x in (0.05, 0.2, 1.0, 3.0, 10.0):
        disguises[f"LZ at gap^2/rate = {x:g}"] = (lz.Linear(1.0), np.sqrt(x), 1.0)
    for name, (sweep, gap, rate) in disguises.items():
        exact = swap(theory.landau_zener(rate=rate, gap=gap))
        yield Case(name, lz.TwoLevel(sweep=sweep, gap=gap), exact, "A1")
    yield Case("no gap", lz.TwoLevel(sweep=lz.Linear(1.0), gap=0.0), np.eye(2), "A1")
    flipped = lz.TwoLevel(sweep=lz.Linear(1.0), gap=lz.SignFlip(0.8, at=0.0))
    yield Case("flip at the crossing", flipped, np.eye(2), "H(−t) = −H(t): the sweep undoes itself")


def power_law_cases():
    """Tables A5 and A6 of published digits, at gap 1."""
    tables = {
        ("square root", 0.5, "crossing", 1e-9): {
            0.05: 0.000983717,
            0.3: 0.037080104,
            1.0: 0.313587614,
            5.0: 0.852134883,
            50.0: 0.992439991,
        },
        ("cubic", 3.0, "crossing", 1e-9): {
            0.003: 0.003901534,
            0.03: 0.233635535,
            0.3: 0.000994228,
            10.0: 0.572345855,
        },
        ("glancing root", 0.5, "touching", 1e-9): {
            0.05: 1 - 0.000977825,
            1.0: 1 - 0.097712214,
            50.0: 1 - 0.001884054,
        },
    }
    for (name, exponent, kind, digits), values in tables.items():
        for scale, survival in values.items():
            model = lz.TwoLevel(sweep=lz.PowerLaw(scale, exponent, kind), gap=1.0)
            yield Case(f"{name} at {scale:g}", model, swap(survival), "A5, A6", digits=digits)


def resting_cases():
    """Nothing moves before and after: the limit is that between the eigenstates there."""
    bias, gap, more = 1.0, 0.7, 1.9
    for name, start, length in (("now", 0.0, 2.3), ("later", 50.0, 1.1), ("early", -7.0, 3.0)):
        pulse = lz.Tabulated([start - 1, start, start + length], [gap, more, gap], "step")
        states = np.linalg.eigh([[bias, gap], [gap, -bias]])[1][:, ::-1]  # level 0 lies higher
        exact = square(states.T @ rabi(bias, more, length) @ states)
        model = lz.TwoLevel(sweep=lz.Constant(bias), gap=pulse)
        yield Case(f"gap raised {name}", model, exact, "Rabi")


def pulse_cases():
    """Exact pulses, wherever they lie (A8)."""
    for center in (0.0, 50.0, -3e3):
        pulse = lz.Sech(1.3, 1.0, center=center)
        for bias in (0.0, 0.7):
            flip = theory.rosen_zener(bias=bias, gap=1.3, width=1.0)
            model = lz.TwoLevel(sweep=lz.Constant(bias), gap=pulse)
            yield Case(f"Rosen-Zener at {center:g}, bias {bias:g}", model, swap(1 - flip), "A8")
    sweep = lz.Constant(0.7) + lz.Tanh(1.1, 1.0)
    flip = theory.demkov_kunike(bias=0.7, amplitude=1.1, gap=2.3, width=1.0)
    model = lz.TwoLevel(sweep=sweep, gap=lz.Sech(2.3, 1.0))
    yield Case("Demkov-Kunike", model, swap(1 - flip), "A8")
    stay = theory.tanh_sweep(amplitude=2.0, gap=0.6, width=1.0)
    model = lz.TwoLevel(sweep=lz.Tanh(2.0, 1.0), gap=0.6)
    yield Case("tanh sweep", model, swap(stay), "A8")


def many_level_cases():
    for name, rate, energies in (
        ("+1", 1.0, [-3.0, 0.0, 4.0]),
        ("-1.6", -1.6, [-3.0, 0.0, 4.0]),
        ("of close levels", 1.0, [-0.5, 0.5]),
    ):
        g = [0.3, 0.2j, 0.4][: len(energies)]
        exact = theory.demkov_osherov(rate=rate, offsets=energies, couplings=g)
        model = lz.DemkovOsherov(rate=rate, offsets=energies, couplings=g)
        yield Case(f"Demkov-Osherov {name}", model, exact, "E1")
    exact = theory.demkov_osherov(rate=2.0, offsets=[-0.6, 0.6], couplings=[0.5, 0.3])
    fork = lz.VSystem(rate=2.0, splitting=1.2, couplings=[0.5, 0.3])
    yield Case("V system", fork, exact, "E1, row 11")
    band = lz.Band(edges=(-9.0, 9.0), escape_rate=0.3, levels=9)
    exact = theory.demkov_osherov(rate=1.0, offsets=band.energies, couplings=band.couplings)
    yield Case("nine levels of a band", lz.Continuum(rate=1.0, band=band), exact, "E1, F2")

    lines = {"slopes": [1.0, 0.4, -0.7], "couplings": [0.4, 0.3j, 0.35]}
    yield Case("bow-tie", lz.BowTie(**lines), theory.bow_tie(**lines), "E3")
    exact = theory.generalised_bow_tie(**lines)
    yield Case("generalised bow-tie", lz.BowTie(**lines, splitting=1.3), exact, "E3")
    exact = theory.bow_tie(slopes=[1.0, -1.0], couplings=[0.45, 0.45])[[1, 0, 2]][:, [1, 0, 2]]
    chain = lz.Chain(slopes=[1.0, 0.0, -1.0], couplings=[0.45, 0.45])
    yield Case("chain through one point", chain, exact, "E3")

    for spin, gap in ((1.0, 0.8), (1.5, 0.6 - 0.3j)):
        exact = theory.spin_crossing(spin=spin, rate=1.0, gap=gap)
        model = lz.SpinCrossing(spin=spin, rate=1.0, gap=gap)
        yield Case(f"spin {spin:g}", model, exact, "E4")

    rng = np.random.default_rng(20)
    slopes = np.array([1.0, 0.2, -0.7])
    for offsets in ([0.0, 2.0, -1.0], [0.0, 0.0, 0.0]):
        g = 0.35 * np.triu(rng.normal(size=(3, 3)) + 1j * rng.normal(size=(3, 3)), k=1)
        exact = theory.brundobler_elser(slopes=slopes, couplings=g)
        model = lz.Crossing(slopes=slopes, offsets=offsets, couplings=g)
        yield Case(f"random three levels {offsets}", model, exact, "E2")


def window_cases():
    """Finite windows, put together from ramps and pieces that stand still."""
    ramp = lz.TwoLevel(sweep=lz.Linear(1.3), gap=0.9)
    exact = square(leg(1.3, 0.9, -5.2, 9.1))
    yield Case("LZ in a window", ramp, exact, "A2", window=(-4.0, 7.0))

    passage = lz.TwoLevel(sweep=lz.DoublePassage(2.0, 6.0), gap=1.1)
    exact = square(in_order(leg(2.0, 1.1, -8.0, 6.0), leg(-2.0, 1.1, 6.0, -5.0)))
    yield Case("double passage", passage, exact, "B1, A2", window=(-7.0, 5.5))

    peak = lz.TwoLevel(sweep=lz.Tabulated([-3.0, 0.5, 2.0], [-4.0, 3.0, -2.0]), gap=0.8 + 0.3j)
    up, down = leg(2.0, 0.8 + 0.3j, -4.0, 3.0), leg(-10 / 3, 0.8 + 0.3j, 3.0, -2.0)
    held = rabi(-4.0, 0.8 + 0.3j, 1.5), rabi(-2.0, 0.8 + 0.3j, 0.5)
    exact = square(in_order(held[0], up, down, held[1]))
    yield Case("table of lines", peak, exact, "A2", window=(-4.5, 2.5))

    zigzag = lz.TwoLevel(sweep=lz.Triangle(3.0, np.pi), gap=1.2)
    legs = leg(-6.0, 1.2, 3.0, -3.0), leg(6.0, 1.2, -3.0, 3.0)
    yield Case("triangle", zigzag, square(in_order(*legs, *legs)), "A2", window=(0.0, 4.0))

    telegraph = lz.TwoLevel(sweep=lz.Square(1.5, np.pi, bias=0.2), gap=0.7)
    high, low = rabi(1.7, 0.7, 1.0), rabi(-1.3, 0.7, 1.0)
    exact = square(in_order(high, low, high, low, high))
    yield Case("square", telegraph, exact, "Rabi", window=(-0.5, 4.5))

    pulses = lz.TwoLevel(
        sweep=lz.Tabulated([-30.0, 0.0, 0.02, 40.0], [9.0, 60.0, 9.0, 3.0], "step"), gap=0.5
    )
    exact = square(in_order(rabi(9.0, 0.5, 40.0), rabi(60.0, 0.5, 0.02), rabi(9.0, 0.5, 39.98)))
    yield Case("short pulse in a long window", pulses, exact, "Rabi", window=(-40.0, 40.0))

    turning = lz.TwoLevel(sweep=lz.Linear(1.0), gap=lz.Rotating(0.8, omega=2.0, chirp=0.4))
    exact = square(leg(0.6, 0.8, -6.0 * 0.6 - 2, 9.0 * 0.6 - 2))
    yield Case("rotating gap", turning, exact, "E9, A2", window=(-6.0, 9.0))

    joined = lz.TwoLevel(sweep=lz.Linear(1.0).then(lz.Linear(3.0), at=0.0), gap=0.9)
    exact = square(in_order(leg(1.0, 0.9, -5.0, 0.0), leg(3.0, 0.9, 0.0, 12.0)))
    yield Case("two rates", joined, exact, "A2", window=(-5.0, 4.0))

    bright = np.array([[1, 0, 1], [0, np.sqrt(2), 0], [1, 0, -1]]) / np.sqrt(2)
    mean = np.exp(-0.25j * 1.3 * (5.0**2 - 4.0**2))  # phase of (|B> and |0>)
    blocks = np.diag([0, 0, mean**2]) + np.pad(mean * leg(1.3, 0.9, -5.2, 6.5), (0, 1))
    exact = square(bright @ blocks @ bright.T)
    dark = lz.QuadraticSpinOne(rate=1.3, coupling=0.45)
    yield Case("quadratic spin 1", dark, exact, "row 13, A2", window=(-4.0, 5.0))

    angle = 1.5 * np.sin(2.0 * 3.3) / 2.0
    driven = lz.TwoLevel(sweep=lz.Constant(0.0), gap=lz.Sinusoidal(1.5, 2.0))
    exact = swap(np.cos(angle / 2) ** 2)
    yield Case("sinusoidal gap at no bias", driven, exact, "H commutes", window=(0.0, 3.3))


def open_cases():
    """Environments and leaks, where Bloch's equations can be solved by hand."""
    T = 3.0
    swept = lz.TwoLevel(sweep=lz.Linear(1.0), gap=0.0)
    both = swept.with_environment(lz.Decay(0.4, source=1, target=0), lz.Dephasing(0.3))
    left = np.exp(-0.4 * T)
    exact = np.array([[1.0, 1 - left], [0.0, left]])
    yield Case("decay without a gap", both, exact, "rate equation", window=(-1.0, 2.0))

    gap, rate = 1.2, 0.5  # z̈ + Γż + Δ²z = 0
    nu = np.sqrt(gap**2 - rate**2 / 4)
    z = np.exp(-rate * T / 2) * (np.cos(nu * T) + rate / (2 * nu) * np.sin(nu * T))
    static = lz.TwoLevel(sweep=lz.Constant(0.0), gap=gap).with_environment(lz.Dephasing(rate))
    yield Case("dephased Rabi", static, swap((1 + z) / 2), "Bloch", window=(0.0, T))

    ramp = lz.TwoLevel(sweep=lz.Linear(1.3), gap=0.9)
    leaking = lz.Model(terms=[*ramp.terms, (-0.05j * np.eye(2), lz.Constant(1.0))])
    exact = np.exp(-0.1 * 11.0) * square(leg(1.3, 0.9, -5.2, 9.1))
    yield Case("both levels leak", leaking, exact, "A2", window=(-4.0, 7.0))

    survival = theory.landau_zener(rate=1.0, gap=0.8)
    crossing_qubit = lz.TwoLevel(sweep=lz.Linear(1.0), gap=0.8)
    for rate in (0.02, 0.6, 7.0):
        for level in (0, 1):
            leaky = crossing_qubit.with_environment(lz.Leak(level, rate))
            exact = survival * np.diag([level, 1.0 - level])
            yield Case(f"level {level} leaks at {rate:g}", leaky, exact, "F1")
    decaying = crossing_qubit.with_environment(lz.Decay(0.4, source=1, target=0))
    exact = np.array([[1.0, 1.0], [0.0, 0.0]])
    yield Case("everything decays in the end", decaying, exact, "no way back")

    rate = 0.6  # c̈₀ + ½Γċ₀ + ¼Δ²c₀ = 0
    mu = np.sqrt(gap**2 / 4 - rate**2 / 16)
    cos, sin = np.cos(mu * T), np.sin(mu * T)
    stay = [cos + sign * rate / (4 * mu) * sin for sign in (1, -1)]
    go = gap / (2 * mu) * sin
    exact = np.exp(-rate * T / 2) * square(np.array([[stay[0], go], [go, stay[1]]]))
    rabi_terms = lz.TwoLevel(sweep=lz.Constant(0.0), gap=gap).terms
    leak = (np.diag([0.0, -0.5j * rate]), lz.Constant(1.0))
    model = lz.Model(terms=[*rabi_terms, leak])
    yield Case("one level leaks", model, exact, "damped Rabi", window=(0.0, T))


CASES = [
    *linear_cases(),
    *power_law_cases(),
    *resting_cases(),
    *pulse_cases(),
    *many_level_cases(),
    *window_cases(),
    *open_cases(),
]
LIMITS = [case for case in CASES if case.window is None]
WINDOWS = [case for case in CASES if case.window is not None]

# -- what must be in the zoo


def exported(kind):
    """Concrete classes of this kind behind the door of the package."""
    found = [x for x in vars(lz).values() if isinstance(x, type) and issubclass(x, kind)]
    return {x for x in found if not getattr(x, "__abstractmethods__", None)}
