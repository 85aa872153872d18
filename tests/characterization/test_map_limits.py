"""What maps cannot tell, what they ask for, and what a fit of them refuses."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

import lzopen as lz
from lzopen.errors import LzopenError
from measured_maps import device

SIGMA = 0.005
AMPLITUDE, BIAS = np.linspace(0.5, 8, 12), np.linspace(-5, 5, 21)
QUBIT = device()
CLOSED = lz.TwoLevel(sweep=lz.Sinusoidal(amplitude=1.0, omega=1.0), gap=0.3)
THREE = lz.Crossing(
    sweep=lz.Sinusoidal(amplitude=1.0, omega=1.0),
    slopes=[0.5, -0.5, -0.5],
    offsets=[0.0, 0.0, 1.0],
    couplings=[[0, 0.1, 0.15], [0, 0, 0], [0, 0, 0]],
).with_environment(
    lz.Dephasing(0.1, operator=np.diag([1.0, -1.0, -1.0])),
    lz.Decay(0.05, source=1, target=0),
    lz.Decay(0.05, source=2, target=0),
)
BURST = lz.Pulsed(duration=5.0, initial=0)
RATES = ["gap", "dephasing.rate", "decay.rate"]
LONG_NAMES = {"sweep.amplitude": "amplitude", "sweep.bias": "bias"}


def seen(model=QUBIT, amplitude=AMPLITUDE, bias=BIAS, protocol=None, add=0.0, seed=1):
    """A map of this model with noise, and something else on top."""
    batch = lz.vary(model, {"amplitude": amplitude, "bias": bias})
    how = lz.Steady() if protocol is None else protocol
    image = how.population(batch, 1, 1e-6).reshape(amplitude.size, bias.size) + add
    noise = SIGMA * np.random.default_rng(seed).standard_normal(image.shape)
    return xr.Dataset(
        {"signal": (("amplitude", "bias"), image + noise)}, {"amplitude": amplitude, "bias": bias}
    ).assign(sigma=SIGMA)


def fitted(data, model=QUBIT, free=("gap",), **how):
    return lz.fit_interferogram(data, model=model, free=free, **{"starts": [{}]} | how)


def asked(fit):
    return [note for note in fit.notes if "The residuals ask for" in note]


# -- what the data do not fix


@pytest.mark.parametrize("free", [["sweep.phase"], ["gap", "dephasing.rate", "sweep.phase"]])
@pytest.mark.parametrize("phase", [0.0, 0.3])
def test_a_steady_map_knows_nothing_of_the_phase_of_its_drive(free, phase):
    model = QUBIT.with_parameters({"sweep.phase": phase})
    fit = fitted(seen(), model, free)
    assert np.isnan([fit.parameters["sweep.phase"], fit.errors["sweep.phase"]]).all()
    assert fit.limits == {"sweep.phase": (-np.inf, np.inf)}
    assert "The data do not fix `sweep.phase`." in fit.notes
    assert "sweep.phase" + " " * (len(max(free, key=len)) - 11) + "  anything" in fit.report()


def test_one_bias_does_not_tell_an_offset_from_a_slope():
    fit = fitted(seen(bias=BIAS[:1]), free=["gap", "readout.offset", "readout.slope"])
    assert set(fit.limits) == {"readout.offset", "readout.slope"}
    assert abs(fit.parameters["gap"] - 0.3) < 4 * fit.errors["gap"]


@pytest.mark.parametrize("name", ["amplitude", "sweep.bias"])
@pytest.mark.parametrize("how", ["free", "settings"])
def test_what_an_axis_moves_is_left_to_it(name, how):
    change = {"free": ["gap", name]} if how == "free" else {"settings": [{name: 1.0}]}
    axis = name.split(".")[-1]
    words = f"`{how}` must leave to the data what an axis moves, but is '{name}'.*`{axis}.lever_arm"
    with pytest.raises(LzopenError, match=words):
        fitted(seen(), **change)


# -- what the residuals ask for


@pytest.mark.parametrize(
    ("make", "how"),
    [
        ({"model": CLOSED, "protocol": BURST}, {"model": CLOSED, "protocol": BURST}),
        ({"model": THREE}, {"model": THREE, "free": ["couplings[0,1]", "dephasing.rate"]}),
        ({}, {"axes": LONG_NAMES, "free": ["gap", "sweep.bias.zero"]}),
        ({"amplitude": np.zeros(1)}, {}),
        ({"amplitude": AMPLITUDE[:1]}, {}),
        ({"amplitude": np.linspace(0.5, 8, 60), "bias": np.ones(1)}, {}),
    ],
    ids=["closed", "three levels", "long names", "no drive", "one row", "one column"],
)
def test_a_tilted_background_is_seen_in_any_map_and_only_there(make, how):
    assert not asked(fitted(seen(**make), **how))
    rows, columns = make.get("amplitude", AMPLITUDE), make.get("bias", BIAS)
    axis, tilt = ("bias", columns / 5) if columns.size > 1 else ("amplitude", rows[:, None] / 8)
    (told,) = asked(fitted(seen(**make, add=0.2 * tilt), **how))
    assert f"ask for background: it is tilted along `{axis}`" in told


def test_a_slope_is_advised_where_the_readout_has_one():
    tilts = {"bias": BIAS / 5, "amplitude": AMPLITUDE[:, None] / 8}
    told = {
        (axis, type(readout).__name__): asked(fitted(seen(add=0.05 * tilt), readout=readout))
        for axis, tilt in tilts.items()
        for readout in (lz.LinearReadout(), lz.Confusion())
    }
    advised = [key for key, notes in told.items() if "free `readout.slope`" in notes[0]]
    assert advised == [("bias", "LinearReadout")]


@pytest.mark.parametrize(("model", "axes"), [(THREE, None), (QUBIT, LONG_NAMES)])
def test_a_line_that_compresses_is_named_as_the_axes_are(model, axes):
    free = ["dephasing.rate", "couplings[0,1]" if model is THREE else "gap"]
    amplitude = lz.Line(1.0, compression=2e-3)(AMPLITUDE)
    data = seen(model, amplitude).assign_coords(amplitude=AMPLITUDE)
    (told,) = asked(fitted(data, model, free, axes=axes))
    name = "amplitude" if axes is None else "sweep.amplitude"
    assert f"free `{name}.compression`" in told
    assert not asked(fitted(data, model, [*free, f"{name}.compression"], axes=axes))


HELD = {
    "bias.zero": {"lines": {"bias": lz.Line(1.0, zero=0.1)}},
    "bias.lever_arm": {"lines": {"bias": lz.Line(1.05)}},
    "amplitude.lever_arm": {"lines": {"amplitude": lz.Line(1.05)}},
    "noise.sigma": {"noise": lz.QuasiStatic(0.2)},
    "readout.offset": {"readout": lz.LinearReadout(offset=0.02)},
    "readout.contrast": {"readout": lz.LinearReadout(contrast=0.95)},
}


@pytest.mark.parametrize(("name", "how"), HELD.items(), ids=HELD)
def test_a_number_that_is_held_at_a_wrong_value_is_named(name, how):
    fit = fitted(seen(), free=RATES, **how)
    assert f"ask for `{name}`, which is held: free it" in " ".join(asked(fit))
    (held,) = (note for note in fit.notes if note.startswith("Held: "))
    assert f"{name} = " in held
    assert "gap" not in held
    free = fitted(seen(), free=[*RATES, name], **how)
    assert not asked(free)
    (held,) = (note for note in free.notes if note.startswith("Held: "))
    assert name not in held


def test_drift_is_advised_only_where_a_fit_can_take_it():
    one, other = (seen(CLOSED, bias=BIAS + shift, protocol=BURST) for shift in (-0.1, 0.1))
    shifted = one.assign_coords(bias=BIAS)
    shifted["signal"][::2] = other.signal.values[::2]
    (told,) = asked(fitted(shifted, CLOSED, protocol=BURST))
    assert "drift" in told
    assert "give `drift`" not in told


# -- units


@pytest.mark.parametrize("far", [0.0, 1e5])
def test_a_number_known_very_well_hides_no_other(far):
    data = seen()
    data = data.assign_coords(bias=data.bias + far)
    fit = fitted(data, free=[*RATES, "bias.zero"], lines={"bias": lz.Line(1.0, zero=far + 0.05)})
    assert set(fit.errors) - set(fit.limits) == {*RATES, "bias.zero"}
    assert fit.parameters["bias.zero"] - far == pytest.approx(0.0, abs=4 * fit.errors["bias.zero"])


@pytest.mark.parametrize("unit", [1e-9, 1.0, 1e9])
def test_units_of_a_knob_change_no_result(unit):
    free = [*RATES, "bias.zero", "bias.lever_arm", "readout.offset", "readout.slope"]
    data = seen(add=0.004 * BIAS)
    fit = fitted(
        data.assign_coords(bias=unit * data.bias), free=free, lines={"bias": lz.Line(1.05 / unit)}
    )
    truth = QUBIT.parameters | {"bias.zero": 0.0, "bias.lever_arm": 1 / unit}
    truth |= {"readout.offset": 0.0, "readout.slope": 0.004 / unit}
    pulls = [(fit.parameters[n] - truth[n]) / fit.errors[n] for n in free]
    assert np.abs(pulls).max() < 3.5


def test_one_column_in_small_units_finds_its_zero():
    data = seen(bias=np.array([1.05]))
    found = [
        fitted(
            data.assign_coords(bias=unit * data.bias),
            free=["gap", "bias.zero"],
            lines={"bias": lz.Line(1 / unit, zero=0.02 * unit)},
        )
        for unit in (1.0, 1e-7)
    ]
    zeros = [fit.parameters["bias.zero"] / unit for fit, unit in zip(found, (1, 1e-7), strict=True)]
    assert zeros[1] == pytest.approx(zeros[0], rel=1e-2)
    assert found[1].reduced == pytest.approx(found[0].reduced, rel=1e-3)


def in_volts(data, unit="V"):
    return data.assign_coords(bias=("bias", 1e-3 * data.bias.values, {"units": unit}))


def test_an_axis_in_volts_is_read_by_a_line_per_millivolt():
    line = {"bias": lz.Line(1.0, unit="mV", zero=0.1)}
    fit = fitted(in_volts(seen()), free=["gap", "bias.zero"], lines=line)
    same = fitted(seen(), free=["gap", "bias.zero"], lines={"bias": lz.Line(1.0, zero=0.1)})
    assert fit.parameters == pytest.approx(same.parameters, abs=1e-9)
    assert fit.dataset.bias.attrs["units"] == "mV"


@pytest.mark.parametrize(
    ("data", "how", "words"),
    [
        (in_volts(seen(), "dBm"), {"lines": {"bias": lz.Line(1.0, unit="mV")}}, "the unit of"),
        (in_volts(seen()), {"starts": "auto"}, "must span at least 1 ω for automatic starts"),
        (3 - seen(), {}, "`measured` must lie between 0 and 1"),
        (0 * seen() + 0.3, {}, "`measured` must vary, but is 0.3 at all pixels"),
    ],
)
def test_what_cannot_be_a_map_of_this_device_is_refused(data, how, words):
    with pytest.raises(LzopenError, match=words):
        fitted(data.assign(sigma=SIGMA), **how)


@pytest.mark.parametrize("known", [True, False])
def test_a_map_without_fringes_gives_no_number(known):
    noise = 0.3 + 0.02 * np.random.default_rng(7).standard_normal((AMPLITUDE.size, BIAS.size))
    data = seen().assign(signal=(("amplitude", "bias"), noise), sigma=0.02)
    free = ["gap", "dephasing.rate", "decay.rate", "readout.offset", "readout.contrast"]
    fit = fitted(data if known else data.drop_vars("sigma"), free=free)
    assert np.isnan(list(fit.parameters.values())).all()
    assert "NO FRINGES" in fit.report().splitlines()[0]
    assert not any("are tied" in note for note in fit.notes)


@pytest.mark.parametrize("shots", [1, 4])
def test_rare_events_without_fringes_give_no_number(shots):
    drawn = np.random.default_rng(3).binomial(shots, 0.1, (AMPLITUDE.size, BIAS.size)) / shots
    data = seen().drop_vars("sigma").assign(signal=(("amplitude", "bias"), drawn), shots=shots)
    fit = fitted(data, free=["gap", "dephasing.rate", "decay.rate", "readout.contrast"])
    assert np.isnan(list(fit.parameters.values())).all()
    assert "NO FRINGES" in fit.report().splitlines()[0]


@pytest.mark.parametrize("shots", [2, 20, 200])
def test_counts_of_few_trials_ask_for_nothing(shots):
    exact = fitted(seen()).dataset.model
    signal = np.random.default_rng(8).binomial(shots, exact.clip(0, 1)) / shots
    data = seen().drop_vars("sigma").assign(signal=(exact.dims, signal), shots=shots)
    assert not asked(fitted(data, free=["gap", "dephasing.rate", "decay.rate"]))


# -- noise


def test_repeats_that_disagree_raise_an_alarm():
    same = xr.concat([seen(seed=1), seen(seed=2)], "repeat").assign(sigma=SIGMA)
    assert not fitted(same).alarms
    jumpy = same.copy(deep=True)
    jumpy["signal"] += xr.DataArray([0.01, -0.01], dims="repeat")
    (alarm,) = fitted(jumpy).alarms
    # the variance of two readings that are 0.02 ± 0.007 apart
    share = float((np.diff(jumpy.signal, axis=0) ** 2).mean() / (2 * SIGMA**2))
    assert f"NOISE IS LARGER THAN STATED: readings of one pixel scatter {share:.2f} times" in alarm
    (alarm,) = fitted([same, jumpy]).alarms
    assert "readings of one pixel of map 1" in alarm


@pytest.mark.parametrize("bad", [np.inf, -np.inf])
@pytest.mark.parametrize(("name", "remedy"), [("signal", "NaN"), ("shots", "0"), ("sigma", "one")])
def test_infinite_numbers_are_no_missing_pixels(name, remedy, bad):
    data = seen().clip(0.0, 1.0)
    if name == "shots":
        data = data.drop_vars("sigma")
    if name != "signal":
        data[name] = data.signal.dims, np.full(data.signal.shape, 10.0)
    data[name][3, 4] = bad
    place = f"amplitude = {AMPLITUDE[3]:.6g} and bias = {BIAS[4]:.6g}"
    with pytest.raises(LzopenError, match=f"`{name}` must be finite, but is .*{place}.*{remedy}"):
        fitted(data)
    data["signal"][3, 4] = np.nan
    fit = fitted(data)
    assert "1 pixels have no signal and are left out." in fit.notes


# -- priors


@pytest.mark.parametrize(
    ("prior", "words"),
    [
        ({"gap": (-0.3, 0.1)}, r"`priors\['gap'\]` must have a mean above zero, but is -0.3"),
        ({"readout.p01": (-0.1, 0.1)}, r"must have a mean between 0 and 0.98, but is -0.1"),
        ({"decay.rate": (0.05, 0.1)}, "be one of 'gap', 'readout.p01', but is 'decay.rate'"),
    ],
)
def test_priors_that_say_nothing_possible_are_refused(prior, words):
    with pytest.raises(LzopenError, match=words):
        fitted(seen(), free=["gap", "readout.p01"], readout=lz.Confusion(), priors=prior)


def test_what_only_a_prior_knows_keeps_its_value():
    fit = fitted(seen(), free=["gap", "sweep.phase"], priors={"sweep.phase": (0.3, 0.1)})
    assert fit.parameters["sweep.phase"] == pytest.approx(0.3, abs=1e-6)
    assert fit.errors["sweep.phase"] == pytest.approx(0.1, rel=1e-3)


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ({"drift": [0.1, 0.2]}, "`drift` must be a single number"),
        ({"readout": lz.IQ(0.0, 1.0 + 1.0j)}, "`readout` must give real signals"),
    ],
)
def test_what_a_map_cannot_take_is_refused(how, words):
    with pytest.raises(LzopenError, match=words):
        fitted(seen(), **how)
