"""The line from knob to energy: gain, filters, compression, and whole waveforms."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.integrate import solve_ivp

import lzopen as lz
from lzopen.conventions import dBm_to_volt
from lzopen.models.parameters import assign, collect, resolve, units

LINES = {
    "gate": lz.Line(0.1, "mV", zero=-3.0),
    "compressed": lz.Line(-2.0, "V", zero=0.1, compression=0.04),
    "expanding": lz.Line(2.0, "V", compression=-0.01),
    "microwaves": lz.Line(
        300.0, "dBm", compression=0.1, attenuation_db=23.0, low_pass=20.0, high_pass=0.3, delay=1.5
    ),
    "flux": lz.Line(50.0, "Φ0", zero=0.5, low_pass=3.0),
}


@pytest.mark.parametrize("line", LINES.values(), ids=LINES)
def test_invert_undoes_the_line(line):
    knob = np.linspace(-2.0, 4.5, 14)
    for omega in (6.0, np.linspace(0.1, 30.0, 14)):
        energy = line(knob, omega)
        assert energy.shape == (14,)
        assert_allclose(line.invert(energy, omega), knob, rtol=1e-12, atol=1e-12)


def test_attenuation_counts_for_power():
    """6 dB more at the source and 6 dB of attenuation cancel; 20 dB are a factor of ten."""
    plain, lowered = lz.Line(7.0, "dBm"), lz.Line(7.0, "dBm", attenuation_db=6.0)
    assert_allclose(lowered(np.array([1.0, 6.0])), plain(np.array([-5.0, 0.0])), rtol=1e-14)
    assert lz.Line(7.0, "V", attenuation_db=20.0)(3.0) == pytest.approx(2.1, rel=1e-15)
    assert plain(-20.0) == pytest.approx(7.0 * dBm_to_volt(-20.0), rel=1e-15)
    assert plain.invert(0.7) == pytest.approx(10 * np.log10(0.1**2 / 2 / 50 * 1e3), rel=1e-14)


def test_gain_is_what_the_filter_equations_do_to_a_sine():
    """RC circuits driven by e^{iωt} until nothing of the start is left."""
    line = lz.Line(1.0, "V", attenuation_db=3.0, low_pass=2.5, high_pass=0.8, delay=0.35)
    omega, end = 1.9, 40.0

    def circuits(t, y):
        fed = np.exp(1j * omega * (t - 0.35))
        return [2.5 * (fed - y[0]), 0.8 * (y[0] - y[1])]

    run = solve_ivp(circuits, (0.0, end), [0j, 0j], "DOP853", rtol=1e-11, atol=1e-12)
    seen = 10**-0.15 * (run.y[0, -1] - run.y[1, -1]) / np.exp(1j * omega * end)
    assert_allclose(line.gain(omega), seen, atol=1e-9)
    assert_allclose(line(1.0, omega), abs(seen), atol=1e-9)


@pytest.mark.parametrize("corners", [{"low_pass": 3.0}, {"high_pass": 3.0}])
def test_a_corner_costs_three_decibel(corners):
    line = lz.Line(1.0, "V", **corners)
    assert line(1.0, 3.0) == pytest.approx(np.sqrt(0.5), rel=1e-15)


def test_compression_is_a_small_share_that_grows_with_the_square():
    line = lz.Line(4.0, "V", compression=0.03)
    for volts in (1e-2, 2e-2):
        assert 1 - line(volts) / (4.0 * volts) == pytest.approx(0.03 * volts**2, rel=1e-3)
    knob = np.linspace(-1e3, 1e3, 4001)
    assert (np.diff(line(knob)) > 0).all()
    assert abs(line(1e6)) == pytest.approx(4.0 / np.sqrt(0.06), rel=1e-9)  # saturated
    assert line(-0.7) == -line(0.7)


def test_sine_through_the_line_is_the_amplitude_and_phase_of_the_gain():
    line = lz.Line(1.3, "V", zero=0.2, attenuation_db=4.0, low_pass=2.0, delay=0.7)
    omega, phase = 1.7, 0.4
    arriving = line.waveform(lz.Sinusoidal(0.9, omega, bias=0.5, phase=phase))
    t = np.linspace(-4.0, 4.0, 33)
    turned = omega * t + phase + np.angle(line.gain(omega))
    swing = line(0.9 + 0.2, omega) * np.cos(turned)  # an amplitude knows no zero
    assert_allclose(arriving(t), swing + line(0.5), atol=1e-13)


def test_pulse_through_the_line():
    """Against the equation of the filter, solved from edge to edge."""
    line = lz.Line(-2.0, "V", attenuation_db=6.0, low_pass=1.5, delay=0.4)
    arriving = line.waveform(lz.Tabulated([-1.0, 0.0, 2.0], [0.0, 1.0, 0.0], kind="step"))
    held = solve_ivp(lambda t, y: 1.5 * (1 - y), (0, 2), [0.0], rtol=1e-10, atol=1e-12)
    after = solve_ivp(lambda t, y: -1.5 * y, (2, 3), held.y[:, -1], rtol=1e-10, atol=1e-12)
    expected = -2.0 * 10**-0.3 * np.array([0.0, held.y[0, -1], after.y[0, -1]])
    assert_allclose(arriving([0.3, 2.4, 3.4]), expected, atol=1e-9)


def test_line_without_filters_takes_any_waveform():
    line = lz.Line(2.0, "V", zero=0.5, attenuation_db=20.0, delay=1.0)
    arriving = line.waveform(lz.Sech(3.0, 0.7))
    t = np.linspace(-3.0, 3.0, 7)
    assert_allclose(arriving(t), 0.2 * (3.0 / np.cosh((t - 1.0) / 0.7) - 0.5), rtol=1e-13)
    assert lz.Line(1.0).waveform(pulse := lz.Sech(3.0, 0.7))(0.3) == pulse(0.3)


def test_a_fit_can_vary_every_number():
    line = LINES["microwaves"]
    found = collect(line)
    assert list(found) == [
        "lever_arm", "zero", "compression", "attenuation_db", "low_pass", "high_pass", "delay",
    ]  # fmt: skip
    for name, value in found.items():
        if name != "zero":  # dBm has none
            other = assign(line, {name: 1.1 * value})
            assert collect(other)[name] == 1.1 * value
            assert resolve(other, name) == name
            gains = [x(3.0, 5.0) * np.angle(x.gain(5.0)) for x in (line, other)]
            assert gains[0] != gains[1]
    assert list(collect(LINES["gate"])) == ["lever_arm", "zero", "compression", "delay"]
    named = {name: unit and str(unit) for name, unit in units(line).items()}
    assert named == {
        "lever_arm": None,
        "zero": None,
        "compression": None,
        "attenuation_db": "1",
        "low_pass": "rad / time",
        "high_pass": "rad / time",
        "delay": "time",
    }
    assert str(units(lz.Line(2.0))["lever_arm"]) == "rad / time"


@pytest.mark.parametrize(
    ("act", "words"),
    [
        (lambda: lz.Line(0.0), "`lever_arm` must not be zero"),
        (lambda: lz.Line([1.0, 2.0]), "`lever_arm` must be a single number"),
        (lambda: lz.Line(1.0, "dbm"), "`unit` must be one of .*'dBm'.*, but is 'dbm'"),
        (lambda: lz.Line(1.0, "dBm", zero=1.0), "`zero` must be zero .* give `attenuation_db`"),
        (lambda: lz.Line(1.0, low_pass=0.0), "`low_pass` must be positive"),
        (lambda: lz.Line(1.0, delay=None), "`delay` must be a number"),
        (lambda: lz.Line(1.0, high_pass=1.0)(2.0), "`omega` must be above zero behind a high-pass"),
        (lambda: lz.Line(1.0)(1.0, omega=-1.0), "`omega` must not be negative"),
        (lambda: lz.Line(1.0)(np.nan), "`knob` must be finite"),
        (lambda: lz.Line(1.0, compression=-0.5)(1.5), "`knob` must stay within 1 of the zero"),
        (
            lambda: lz.Line(3.0, compression=0.5, attenuation_db=20.0).invert(0.4),
            "`energy` must stay below 0.3 in size, but is 0.4; the source saturates",
        ),
        (lambda: lz.Line(1.0, "dBm").invert(0.0), "`energy` must be above zero"),
        (
            lambda: lz.Line(1.0, compression=0.1).waveform(lz.Constant(1.0)),
            "`compression` must be zero for a line that takes whole waveforms",
        ),
        (lambda: lz.Line(1.0).waveform(2.0), "`waveform` must be a Waveform"),
    ],
)
def test_impossible_lines_and_settings_are_refused(act, words):
    with pytest.raises(lz.LzopenError, match=words):
        act()
