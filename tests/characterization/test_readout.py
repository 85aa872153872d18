"""Read-out: population to signal and back."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import qutip
import xarray as xr
from scipy.integrate import quad, solve_ivp

import lzopen as lz
from lzopen.characterization import (
    IQ,
    Capacitance,
    Confusion,
    Current,
    Derivative,
    LinearReadout,
    Readout,
)
from lzopen.errors import LzopenError, LzopenWarning
from lzopen.models.parameters import assign, collect

READOUTS = [
    LinearReadout(),
    LinearReadout(offset=2.0, contrast=-0.5),
    LinearReadout(offset=-1e-3, contrast=4e-6, slope=1e-5),
    Confusion(),
    Confusion(p01=0.03, p10=0.08),
    IQ(zero=1.0 + 2.0j, one=-0.5 + 1.0j),
    IQ(zero=0.0, one=2.0),
    Capacitance(gap=1.3, tunnelling=0.0),
    Capacitance(gap=0.4, tunnelling=0.0, contrast=-3.0, offset=0.2),
    Current(levels=[1], leads=[0.3]),
]


@pytest.mark.parametrize("readout", READOUTS, ids=repr)
def test_invert_undoes_the_readout(readout: Readout) -> None:
    population, axis = np.linspace(0, 1, 11), np.linspace(-2, 5, 11)
    back = readout.invert(readout(population, axis), axis)
    np.testing.assert_allclose(back, population, atol=1e-12)
    assert float(readout.invert(readout(0.3, 2.0), 2.0)) == pytest.approx(0.3)


def test_linear_readout_drifts_along_the_axis() -> None:
    sensor = LinearReadout(offset=1.0, contrast=2.0, slope=0.5)
    assert float(sensor(0.25, 4.0)) == pytest.approx(1.0 + 0.5 + 2.0)
    assert float(sensor(0.25)) == pytest.approx(1.5)


def test_confusion_counts_misread_states() -> None:
    """Against drawn states that are misread one by one."""
    rng = np.random.default_rng(5)
    state = rng.random(200_000) < 0.3
    misread = rng.random(state.size) < np.where(state, 0.2, 0.1)
    assert float(Confusion(p01=0.1, p10=0.2)(0.3)) == pytest.approx(
        np.mean(state ^ misread), abs=4e-3
    )


def test_readouts_are_frozen_values() -> None:
    assert Confusion(0.1, 0.2) == Confusion(p01=0.1, p10=0.2)
    with pytest.raises(dataclasses.FrozenInstanceError):
        LinearReadout().offset = 1.0  # type: ignore[misc]


@pytest.mark.parametrize(
    ("build", "words"),
    [
        (lambda: LinearReadout(contrast=0.0), "`contrast` must not be zero"),
        (lambda: LinearReadout(offset=float("nan")), "`offset` must be finite"),
        (lambda: LinearReadout(slope=float("inf")), "`slope` must be finite"),
        (lambda: Confusion(p01=-0.1), "`p01` must lie between 0 and 1, but is -0.1"),
        (lambda: Confusion(p10=1.2), "`p10` must lie between 0 and 1, but is 1.2"),
        (lambda: Confusion(p01=0.6, p10=0.4), "must stay below 1, but is 1; exchange"),
        (lambda: Confusion(p01=[0.1, 0.2]), r"`p01` must be a single number, but is \[0.1 0.2\]"),
        (lambda: LinearReadout(offset=[1, 2]), "`offset` must be a single number, .* each"),
    ],
)
def test_impossible_readouts_are_refused(build: object, words: str) -> None:
    with pytest.raises(LzopenError, match=words):
        build()  # type: ignore[operator]


# -- two quadratures


def test_quadratures_are_projected_on_the_line_of_the_calibration() -> None:
    """Least squares of both quadratures against p, one shot at a time."""
    resonator = IQ(zero=1.0 + 2.0j, one=-0.5 + 1.0j)
    rng = np.random.default_rng(8)
    signal = resonator(0.4) + rng.normal(size=50) + 1j * rng.normal(size=50)
    step = np.array([[-1.5], [-1.0]])
    for one in signal:
        best = np.linalg.lstsq(step, [one.real - 1.0, one.imag - 2.0])[0][0]
        assert float(resonator.invert(one)) == pytest.approx(best, abs=1e-12)
    across = 1j * (resonator.one - resonator.zero)
    np.testing.assert_allclose(resonator.invert(signal + 7 * across), resonator.invert(signal))


# -- lock-in


def test_lock_in_is_the_first_harmonic_of_the_modulated_population() -> None:
    """Against the integral over a period of the modulation."""
    bias = np.linspace(-8.0, 8.0, 641)
    for modulation in (0.3, 1.1, 3.0):
        found = Derivative("bias", modulation, contrast=-2.0)(0.5 * np.tanh(bias), bias)
        for i in (320, 345, 401):
            expected, _ = quad(
                lambda angle, x=bias[i], m=modulation: (
                    0.5 * np.tanh(x + m * np.cos(angle)) * np.cos(angle)
                ),
                0,
                2 * np.pi,
            )
            assert found[i] == pytest.approx(-2.0 * expected / (np.pi * modulation), abs=1e-6)


def test_lock_in_of_polynomials_is_exact_up_to_the_ends() -> None:
    x = np.array([-2.0, -1.7, -1.1, -0.4, 0.2, 0.9, 1.3, 2.2])
    p = np.stack([0.3 + 0.0 * x, 0.2 - 0.1 * x, x**2, 0.3 * x**3 - x])
    slope = [0.0 * x, -0.1 + 0.0 * x, 2 * x, 0.9 * x**2 - 1]
    np.testing.assert_allclose(Derivative("x", 0.0)(p, x), slope, atol=1e-13)
    slope[3] = slope[3] + 0.9 * 0.8**2 / 4
    np.testing.assert_allclose(Derivative("x", 0.8)(p, x), slope, atol=1e-13)


def test_lock_in_of_a_labelled_map_follows_its_axis() -> None:
    bias, amplitude = np.linspace(-3.0, 3.0, 61), [1.0, 2.0]
    p = xr.DataArray(
        np.cos(np.multiply.outer(bias, amplitude)),
        {"bias": bias, "amplitude": amplitude},
        ("bias", "amplitude"),
    )
    lock_in = Derivative("bias", 0.0)
    found = lock_in(p)
    assert found.dims == p.dims
    np.testing.assert_allclose(found.sel(amplitude=2.0), lock_in(np.cos(2 * bias), bias))
    with pytest.raises(LzopenError, match="`axis` must be one of 'bias', 'amplitude'"):
        Derivative("phase", 0.0)(p)


def test_lock_in_says_when_the_axis_is_too_coarse() -> None:
    """The error that it states covers the true one within a factor of a few."""
    line = lambda x: 1 / (1 + x**2)  # noqa: E731
    for points, coarse in ((13, True), (19, True), (201, False)):
        x = np.linspace(-6.0, 6.0, points)
        if not coarse:
            Derivative("x", 0.2)(line(x), x)
            continue
        with pytest.warns(LzopenWarning, match="too coarse .* take steps below") as caught:
            found = Derivative("x", 0.0)(line(x), x)
        true = np.abs(found + 2 * x * line(x) ** 2).max()
        assert true < 5 * caught[0].message.value < 25 * true  # type: ignore[union-attr]


# -- dispersive sensing


@pytest.mark.parametrize("temperature", [0.3, 0.6, 5.0])
def test_both_capacitances_are_the_slope_of_the_thermal_population(temperature: float) -> None:
    """dP/de of the thermal state of the model, by a difference of its own eigenstates."""
    bias, gap, step = np.linspace(-6.0, 6.0, 481), 0.8, 1e-4

    def diabatic(e: float) -> float:
        model = lz.TwoLevel(sweep=lz.Constant(e), gap=gap)
        return model.thermal_state(0.0, temperature)[1, 1].real

    excited = 1 / (1 + np.exp(np.hypot(bias, gap) / temperature))
    found = Capacitance(gap=gap)(excited, bias)
    for i in range(0, 481, 40):
        slope = (diabatic(bias[i] + step) - diabatic(bias[i] - step)) / (2 * step)
        assert found[i] == pytest.approx(slope, abs=2e-6)
    populations = np.array([diabatic(e) for e in bias])
    np.testing.assert_allclose(found, Derivative("bias", 0.0)(populations, bias), atol=1e-5)
    quantum = Capacitance(gap=gap, tunnelling=0.0)(excited, bias)
    assert np.abs(found - quantum).max() > 1e-2 * np.abs(found).max()


def test_quantum_capacitance_is_the_curvature_of_the_levels() -> None:
    gap, step = 0.8, 1e-3
    for bias in (-1.5, 0.0, 0.3):
        energy = np.hypot(bias + step * np.array([-1, 0, 1]), gap) / 2
        curvature = (energy[0] - 2 * energy[1] + energy[2]) / step**2
        found = Capacitance(gap=gap, tunnelling=0.0)([0.0, 1.0, 0.25], bias)
        np.testing.assert_allclose(found, curvature * np.array([1, -1, 0.5]), rtol=1e-5)


@pytest.mark.parametrize("speed", [0.3, 1.0, 4.0])
def test_share_of_the_tunnelling_part_at_a_finite_probe_frequency(speed: float) -> None:
    """A rate equation with a small probe, demodulated: ωT1 = speed."""
    gap, temperature, rate, small, centre = 0.8, 0.4, 1.0, 1e-3, 0.7
    thermal = lambda e: 1 / (1 + np.exp(np.hypot(e, gap) / temperature))  # noqa: E731
    probe = lambda t: centre + small * np.cos(speed * t)  # noqa: E731
    turn = 2 * np.pi / speed
    t = np.linspace(20 * turn, 21 * turn, 401)[:-1]
    run = solve_ivp(
        lambda t, p: rate * (thermal(probe(t)) - p),
        (0.0, 21 * turn), [thermal(centre)], "DOP853", t, rtol=1e-11, atol=1e-13,
    )  # fmt: skip
    bias = probe(t)
    charge = 0.5 * (1 + (1 - 2 * run.y[0]) * bias / np.hypot(bias, gap))
    in_phase = 2 * np.mean(charge * np.cos(speed * t)) / small
    axis = np.linspace(centre - 4.0, centre + 4.0, 401)
    share = 1 / (1 + speed**2)
    found = Capacitance(gap=gap, tunnelling=share)(thermal(axis), axis)
    assert found[200] == pytest.approx(in_phase, rel=1e-4)


# -- current


def dots(source: float, drain: float, back: float, bias: float, gap: float) -> lz.Model:
    """Empty, left, right; the drain also fills the empty right dot."""
    left_right = np.array([[0, 0, 0], [0, 0.5 * bias, 0.5 * gap], [0, 0.5 * gap, -0.5 * bias]])
    return lz.Model(
        terms=[(left_right, lz.Constant(1.0))],
        environments=[
            lz.Decay(source, source=0, target=1),
            lz.Decay(drain, source=2, target=0),
            lz.Decay(back, source=0, target=2),
        ],
    )


@pytest.mark.parametrize("bias", [0.0, 0.7, -2.0])
def test_current_in_the_steady_state_of_the_dots(bias: float) -> None:
    """Against QuTiP: both contacts agree; without back flow it is that of Gurvitz and Prager."""
    source, drain, gap = 0.3, 0.5, 0.4
    for back in (1e-12, 0.2):
        model = dots(source, drain, back, bias, gap)
        steady = qutip.steadystate(model.H(0.0), model.c_ops).diag().real
        current = float(Current([2, 0], [drain, -back])(steady[[2, 0]]))
        assert current == pytest.approx(float(Current([0], [source])(steady[0])), rel=1e-9)
        if back < 1e-9:
            coupling = (gap / 2) ** 2
            closed = coupling * drain
            closed /= coupling * (2 + drain / source) + drain**2 / 4 + bias**2
            assert current == pytest.approx(closed, rel=1e-9)


def test_current_through_three_states_that_hop() -> None:
    """A rate equation solved by hand: 0 → 1 → 2 → 0 with back flow 0 → 2."""
    fill, hop, out, back = 0.3, 0.9, 0.5, 0.1
    rates = np.array([[-fill - back, 0, out], [fill, -hop, 0], [back, hop, -out]])
    p = np.linalg.lstsq(np.vstack([rates, np.ones(3)]), [0, 0, 0, 1.0])[0]
    assert float(Current([2, 0], [out, -back])(p[[2, 0]])) == pytest.approx(hop * p[1], rel=1e-12)
    labelled = xr.DataArray(
        np.outer(p, [1.0, 0.5]), dims=("level", "bias"), coords={"level": range(3)}
    )
    found = Current([2, 0], [out, -back])(labelled)
    assert found.dims == ("bias",)
    np.testing.assert_allclose(found, hop * p[1] * np.array([1.0, 0.5]))


# -- fits


def test_a_fit_varies_the_numbers_of_the_new_readouts() -> None:
    """Two levels relax at a rate that is known; the readout has a factor to be found."""
    assert list(collect(Derivative("bias", 0.2))) == ["modulation", "contrast"]
    assert list(collect(Capacitance(0.5))) == ["gap", "tunnelling", "contrast", "offset"]
    assert list(collect(Current([2, 0], [0.5, -0.1]))) == ["leads[0]", "leads[1]"]
    assert assign(Current([2, 0], [0.5, -0.1]), {"leads[1]": -0.3}).leads.tolist() == [0.5, -0.3]
    device = lz.TwoLevel(sweep=lz.Constant(0.3), gap=2.0)
    time = np.linspace(0.1, 8.0, 60)
    clean = lz.transition_matrix(device, window=(0.0, time), readout="diabatic")
    p = clean.probability.values[:, 1, 0]
    request = {"model": device, "window": (0.0, time), "sigma": 1e-3}
    for readout, name in (
        (Current([1], [0.25]), "readout.leads[0]"),
        (Derivative("x", 0.1, contrast=0.25), "readout.contrast"),
    ):
        start = assign(readout, {name.removeprefix("readout."): 0.2})
        fit = lz.fit_trace(
            time, signal=readout(p, time), free=["gap", name], readout=start, **request
        )
        assert fit.parameters[name] == pytest.approx(0.25, rel=1e-5)
        assert fit.parameters["gap"] == pytest.approx(2.0, rel=1e-5)


X = np.linspace(0.0, 1.0, 9)


@pytest.mark.parametrize(
    ("act", "words"),
    [
        (lambda: IQ(1.0, 1.0), "`one` must differ from `zero`, but is"),
        (lambda: IQ(1.0, [1.0, 2.0]), "`one` must be a single number"),
        (lambda: Derivative("x", -0.1), "`modulation` must not be negative"),
        (lambda: Derivative(2.0, 0.1), "`axis` must be a str"),
        (lambda: Derivative("x", 0.1, contrast=0.0), "`contrast` must not be zero"),
        (lambda: Derivative("x", 0.3)(X, X), "`modulation` must be at most a quarter of the axis"),
        (lambda: Derivative("x", 0.1)(X[:5], X[:5]), "`axis` must hold at least 7 values"),
        (lambda: Derivative("x", 0.1)(X[:8], X), "`population` must run along the axis"),
        (lambda: Derivative("x", 0.1)(X, X[::-1]), "`axis` must increase strictly"),
        (lambda: Derivative("x", 0.1)(X), "`axis` must come with a population without labels"),
        (lambda: Derivative("x", 0.1).invert(X, X), "keep the population .* fit the signal"),
        (lambda: Capacitance(gap=0.0), "`gap` must be positive"),
        (lambda: Capacitance(gap=1.0, tunnelling=1.2), "`tunnelling` must lie between 0 and 1"),
        (lambda: Capacitance(gap=1.0)(0.3, 0.0), "`axis` must hold at least 7 values"),
        (lambda: Capacitance(gap=1.0).invert(0.3, 0.0), "`tunnelling` must be zero to invert"),
        (lambda: Current(2, [0.1]), "`levels` must be a list of levels"),
        (lambda: Current([], []), "`levels` must name each level once"),
        (lambda: Current([2, 2], [0.1, 0.2]), "`levels` must name each level once"),
        (lambda: Current([0.5], [0.1]), "`levels` must be a whole number"),
        (lambda: Current([2, 0], [0.1]), r"`leads` must have shape \(2,\)"),
        (lambda: Current([2], [0.0]), "`leads` must not be zero"),
        (lambda: Current([2, 0], [0.1, -0.1])(X), "`population` must hold one row for each"),
        (lambda: Current([2, 0], [0.1, -0.1]).invert(0.3), "`levels` must be a single one"),
    ],
)
def test_what_the_new_readouts_cannot_do_is_refused(act: object, words: str) -> None:
    with pytest.raises(LzopenError, match=words):
        act()  # type: ignore[operator]
