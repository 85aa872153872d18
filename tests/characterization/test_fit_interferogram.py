"""The full model fitted to maps: recovered, shared, tied, warned of, and refused."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

import lzopen as lz
from lzopen.errors import LzopenError
from measured_maps import device, expected, simulate

CLEAR = {  # a map that fixes all its numbers
    "gap": 0.6,
    "dephasing.rate": 0.1,
    "decay.rate": 0.12,
    "noise.sigma": 0.15,
    "bias.zero": 1.3,
    "bias.lever_arm": 1.0,
    "amplitude.lever_arm": 1.0,
    "readout.offset": 0.03,
    "readout.contrast": 0.9,
}
AMPLITUDE, BIAS = np.linspace(0, 10, 25), np.linspace(-8, 8, 41)
PHYSICS = ["gap", "dephasing.rate", "decay.rate"]


def seen(truth=CLEAR, sigma=0.005, seed=1, **how):
    """A map with Gaussian noise, without lever arms to be found."""
    image = expected(truth, AMPLITUDE, BIAS, **how)
    noise = sigma * np.random.default_rng(seed).standard_normal(image.shape)
    return xr.Dataset(
        {"signal": (("amplitude", "bias"), image + noise)}, {"amplitude": AMPLITUDE, "bias": BIAS}
    ).assign(sigma=sigma)


def fitted(data, free=PHYSICS, truth=CLEAR, **how):
    """A fit that knows what it does not look for."""
    how = {
        "lines": {"bias": lz.Line(1.0, zero=truth["bias.zero"])},
        "readout": lz.LinearReadout(truth["readout.offset"], truth["readout.contrast"]),
        "noise": lz.QuasiStatic(truth["noise.sigma"]),
        "model": device().with_parameters({n: 1.3 * truth[n] for n in PHYSICS if n in truth}),
        "starts": [{}],
    } | how
    return lz.fit_interferogram(data, free=free, **how)


def pulls(fit, truth=CLEAR):
    return np.array([(fit.parameters[n] - truth[n]) / fit.errors[n] for n in fit.parameters])


def test_everything_is_found_from_nothing():
    trial = simulate(5, truth=CLEAR)
    fit = trial.fit()
    assert np.abs(pulls(fit)).max() < 3.5
    assert fit.misfit < 3
    assert not fit.alarms
    assert fit.dataset["residual"].dims == ("amplitude", "bias")


def test_a_drive_in_dBm_is_one_in_volts():
    data = seen().isel(amplitude=slice(1, None))
    power = 10 * np.log10((data.amplitude.values / 250) ** 2 / 100 / 1e-3)
    lines = {"amplitude": lz.Line(250.0, unit="dBm"), "bias": lz.Line(1.0, zero=CLEAR["bias.zero"])}
    fit = fitted(data.assign_coords(amplitude=power), lines=lines)
    assert fit.parameters == pytest.approx(fitted(data).parameters, rel=1e-4)
    assert not any("amplitude.zero" in note for note in fit.notes)


def test_exact_maps_give_exact_numbers():
    fit = fitted(seen(sigma=1e-12).assign(sigma=0.005), tol=1e-8)
    assert [fit.parameters[n] for n in PHYSICS] == pytest.approx(
        [CLEAR[n] for n in PHYSICS], rel=1e-3
    )


def test_errors_are_those_of_the_curvature():
    """An independent derivative: maps of interferogram at shifted values."""
    fit = fitted(seen())
    slopes = []
    for name in PHYSICS:
        step = 1e-3 * CLEAR[name]
        ends = [expected(CLEAR | {name: CLEAR[name] + s}, AMPLITUDE, BIAS) for s in (-step, step)]
        slopes.append((ends[1] - ends[0]).ravel() / (2 * step) / 0.005)
    covariance = np.linalg.inv(np.array(slopes) @ np.array(slopes).T)
    scale = fit.minimum.excess
    errors = np.sqrt(scale * np.diag(covariance))
    assert [fit.errors[n] for n in PHYSICS] == pytest.approx(list(errors), rel=0.05)


def test_missing_pixels_and_turned_axes_change_nothing_else():
    data = seen()
    turned = data.transpose("bias", "amplitude").isel(bias=slice(None, None, -1))
    assert fitted(turned).parameters == pytest.approx(fitted(data).parameters, rel=1e-5)
    holes = data.copy(deep=True)
    holes.signal[3:6, 10:20] = np.nan
    fit = fitted(holes)
    assert "30 pixels have no signal and are left out." in fit.notes
    assert np.abs(pulls(fit)).max() < 3.5
    assert int(np.isnan(fit.dataset["residual"]).sum()) == 30
    assert fit.dof == AMPLITUDE.size * BIAS.size - 30 - 3


def test_repeated_maps_are_repeated_measurements():
    one, two = seen(seed=1), seen(seed=2)
    both = xr.concat([one, two], "repeat")
    mean = one.assign(signal=(one.signal + two.signal) / 2, sigma=0.005 / np.sqrt(2))
    again, once = fitted(both), fitted(mean)
    assert again.parameters == pytest.approx(once.parameters, rel=1e-6)
    assert again.errors == pytest.approx(once.errors, rel=1e-3)


def test_noise_of_unknown_size_comes_from_the_residuals():
    data = seen()
    unknown = fitted(data.drop_vars("sigma"))
    known = fitted(data)
    assert unknown.parameters == pytest.approx(known.parameters, rel=1e-4)
    scale = np.sqrt(known.reduced / max(known.reduced, 1.0))
    for name in PHYSICS:
        assert unknown.errors[name] == pytest.approx(scale * known.errors[name], rel=1e-2)


def test_a_prior_counts_as_one_more_measurement():
    free = [*PHYSICS, "readout.contrast"]
    loose = fitted(seen(), free)
    held = fitted(seen(), free, priors={"readout.contrast": (0.9, 1e-5)})
    assert held.errors["readout.contrast"] == pytest.approx(1e-5, rel=0.1)
    assert held.errors["gap"] < loose.errors["gap"]
    alone = fitted(seen(), PHYSICS)
    assert held.errors["gap"] == pytest.approx(alone.errors["gap"], rel=0.02)


def test_maps_share_what_is_not_separate():
    other = CLEAR | {"readout.offset": 0.1}
    data = [seen(), seen(other, seed=2)]
    free = [*PHYSICS, "readout.offset"]
    fit = fitted(data, free, separate=["readout.offset"])
    assert abs(fit.parameters["readout.offset[0]"] - 0.03) < 4 * fit.errors["readout.offset[0]"]
    assert abs(fit.parameters["readout.offset[1]"] - 0.1) < 4 * fit.errors["readout.offset[1]"]
    alone = fitted(data[0], free)
    assert fit.errors["gap"] == pytest.approx(alone.errors["gap"] / np.sqrt(2), rel=0.1)
    assert set(np.unique(fit.dataset["map"])) == {0, 1}


def test_settings_tell_maps_apart():
    slower = CLEAR | {"decay.rate": 0.05}
    data = [seen(), seen(slower, seed=2)]
    known = [{"decay.rate": 0.12}, {"decay.rate": 0.05}]
    fit = fitted(data, ["gap", "dephasing.rate"], settings=known)
    assert np.abs(pulls(fit)).max() < 3.5
    assert fit.misfit < 3


def test_a_zero_that_wanders_from_line_to_line_is_profiled_out():
    rng = np.random.default_rng(3)
    shifts = 0.08 * rng.standard_normal(AMPLITUDE.size)
    rows = [
        expected(CLEAR, AMPLITUDE[i : i + 1], BIAS - shift)[0] for i, shift in enumerate(shifts)
    ]
    data = seen().assign(
        signal=(("amplitude", "bias"), np.array(rows) + 0.005 * rng.standard_normal((25, 41)))
    )
    plain, free = fitted(data), fitted(data, drift=0.08)
    assert plain.misfit > 10
    assert any("The residuals ask for drift" in note for note in plain.notes)
    assert np.abs(pulls(free)).max() < 3.5
    assert free.reduced < 1.1


@pytest.mark.parametrize("name", ["compression", "background", "heating"])
def test_the_residuals_name_what_is_missing(name):
    data = seen()
    if name == "compression":
        image = expected(CLEAR, lz.Line(1.0, compression=4e-4)(AMPLITUDE), BIAS)
    elif name == "heating":
        image = np.concatenate(
            [
                expected(
                    CLEAR | {"dephasing.rate": 0.1 * (1 + 2 * (a / 10) ** 2)}, np.array([a]), BIAS
                )
                for a in AMPLITUDE
            ]
        )
    else:
        image = expected(CLEAR, AMPLITUDE, BIAS) + 0.02 * BIAS / 8
    noise = 0.005 * np.random.default_rng(4).standard_normal(image.shape)
    data = data.assign(signal=(("amplitude", "bias"), image + noise))
    free = [*PHYSICS, "amplitude.lever_arm", "bias.lever_arm", "readout.offset"]
    told = [note for note in fitted(data, free).notes if "The residuals ask for" in note]
    assert len(told) == 1
    assert f"ask for {name}" in told[0]
    right = [note for note in fitted(seen(), free).notes if "The residuals ask for" in note]
    assert not right


def test_a_steady_map_of_a_small_gap_knows_a_combination_and_says_what_would_part_it():
    truth = CLEAR | {"gap": 0.1, "decay.rate": 0.02, "noise.sigma": 0.0}
    fit = fitted(
        seen(truth),
        truth=truth,
        noise=None,
        model=device().with_parameters({"gap": 0.12, "dephasing.rate": 0.1, "decay.rate": 0.02}),
    )
    combined = fit.dataset["combination"].values
    assert "decay.rate / gap^2" in combined
    value = float(fit.dataset["combination_value"].sel(combination="decay.rate / gap^2"))
    error = float(fit.dataset["combination_error"].sel(combination="decay.rate / gap^2"))
    assert abs(value - 0.02 / 0.01) < 3.5 * error
    assert error / value < 0.02
    assert "a second map with a pulse of about 0.3 T1" in fit.report()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"measured": np.eye(3)}, "`measured` must be a Dataset, or a list of them"),
        ({"measured": []}, "`measured` must be a Dataset, or a list of them"),
        ({"free": []}, "`free` must name at least one parameter"),
        ({"free": ["gap", "gap"]}, "`free` must name each once"),
        ({"free": ["spin"]}, r"`free` must name .* is 'spin'; the model has .*readout\.contrast"),
        ({"free": ["sigma"], "noise": None}, r"noise\.sigma = 0; give a guess by `noise=`"),
        ({"free": ["zero"]}, r"it fits amplitude\.zero, bias\.zero"),
        ({"free": ["gap", "protocol.duration"]}, "`free` must name a parameter of the model"),
        ({"settings": [{"spin": 1.0}]}, "`settings` must name a parameter of the model"),
        ({"settings": [{"gap": 1.0}]}, "`settings` must hold what all maps do not share"),
        ({"axes": {"omega": "amplitude", "bias": "bias"}, "starts": "auto"}, "`starts` must be"),
        ({"axes": {"amplitude": "power", "bias": "bias"}}, "`measured` must have 'power'"),
        ({"axes": ["amplitude", "bias"]}, "`axes` must be a Mapping, but is .*; e.g. {'amplitude'"),
        ({"axes": {"bias": "bias"}}, "`axes` must name two parameters"),
        ({"lines": {"gate": lz.Line(1.0)}}, "`lines` must belong to amplitude or bias"),
        ({"lines": {"bias": 2.0}}, r"`lines\['bias'\]` must be a Line"),
        ({"noise": 0.1}, "`noise` must be a QuasiStatic"),
        ({"readout": 0.1}, "`readout` must be a Readout"),
        ({"protocol": "steady"}, "`protocol` must be a Protocol"),
        ({"protocol": [lz.Steady()] * 2}, "`protocol` must hold one for each of 1 maps"),
        ({"priors": {"T1": (1.0, 0.1)}}, "`priors` must be one of"),
        ({"priors": {"gap": 0.5}}, r"`priors\['gap'\]` must be a mean and a standard deviation"),
        ({"separate": ["bias.zero"]}, "`separate` must be one of"),
        ({"starts": "best"}, "`starts` must be one of 'auto'"),
        ({"starts": [{"gap": -1.0}]}, r"`starts\['gap'\]` must lie between"),
        ({"starts": [{"rate": 1.0}]}, "`starts` must be one of"),
        ({"drift": -0.1}, "`drift` must not be negative"),
        ({"level": 2}, "`level` must be one of"),
    ],
)
def test_bad_input_is_named(change, words):
    arguments = {"measured": seen(), "free": PHYSICS} | change
    with pytest.raises(LzopenError, match=words):
        fitted(arguments.pop("measured"), **arguments)


def test_maps_without_a_signal_are_refused():
    with pytest.raises(LzopenError, match="`measured` must hold a signal, but is all missing"):
        fitted(seen() * np.nan)
    few = seen().isel(amplitude=[0], bias=[0, 1])
    with pytest.raises(LzopenError, match="`measured` must hold more than 3 pixels"):
        fitted(few)


def test_a_pulse_parts_the_gap_from_the_relaxation():
    """A steady map of a small gap knows Δ²T1; one pulse of 0.3 T1 in the same fit knows both."""
    truth = CLEAR | {"gap": 0.1, "decay.rate": 0.02, "noise.sigma": 0.0, "bias.zero": 0.0}
    model = device().with_parameters({n: truth[n] for n in PHYSICS})
    pulse = lz.Pulsed(duration=0.3 / 0.02)
    steady = seen(truth)
    image = np.array(
        [
            [
                pulse.population(model.with_parameters({"amplitude": a, "bias": e}), 1, 1e-8).item()
                for e in BIAS[::4]
            ]
            for a in AMPLITUDE[::4]
        ]
    )
    noise = 0.005 * np.random.default_rng(5).standard_normal(image.shape)
    pulsed = xr.Dataset(
        {"signal": (("amplitude", "bias"), 0.03 + 0.9 * image + noise)},
        {"amplitude": AMPLITUDE[::4], "bias": BIAS[::4]},
    ).assign(sigma=0.005)
    how = {"truth": truth, "noise": None, "model": model}
    alone = fitted(steady, **how)
    both = fitted([steady, pulsed], protocol=[lz.Steady(), pulse], **how)
    assert both.errors["gap"] < 0.2 * alone.minimum.covariance[0, 0] ** 0.5
    assert np.abs(pulls(both, truth)).max() < 3.5
    assert both.misfit < 3


def test_a_bath_that_follows_the_levels_is_fitted_by_its_own_maps():
    truth = {n.replace("decay", "relaxation"): v for n, v in CLEAR.items()}
    truth |= {"relaxation.temperature": 0.3, "noise.sigma": 0.0, "bias.zero": 0.0}
    free = ["gap", "dephasing.rate", "relaxation.rate", "relaxation.temperature"]
    model = device(thermal=True).with_parameters({n: 1.3 * truth[n] for n in free})
    data = seen(truth, thermal=True).isel(amplitude=slice(None, None, 3), bias=slice(None, None, 2))
    fit = fitted(data, free, truth=truth, model=model, noise=None)
    assert np.abs(pulls(fit, truth)).max() < 3.5
    assert fit.misfit < 3
    assert fit.deviance == pytest.approx(fit.problem.deviance(fit.minimum.values), rel=1e-6)
    right = fitted(
        data,
        free,
        truth=truth,
        model=model,
        noise=None,
        starts=[{name: truth[name] for name in free}],
    )
    assert fit.deviance == pytest.approx(right.deviance, abs=0.1)


@pytest.mark.parametrize("start", [0.3, 0.001])
def test_a_cold_bath_has_an_upper_limit_and_no_slope(start):
    truth = {"gap": 0.35, "relaxation.rate": 0.02, "relaxation.temperature": 0.01}
    full = truth | {"dephasing.rate": 0.1}
    cold = simulate(3, thermal=True, rows=13, columns=31, truth=full, span=6.0, top=8.0)
    begun = truth | {"relaxation.temperature": start}
    fit = cold.fit([*truth], noise=None, lines=None, starts=[begun])
    low, high = fit.limits["relaxation.temperature"]
    assert low == fit.problem.quantities["relaxation.temperature"].lower
    # the other numbers follow along their slopes; in full they move on to their best
    assert high == pytest.approx(
        fit.interval("relaxation.temperature", 0.90, "profile")[1], rel=0.03
    )
    assert np.isnan(fit.parameters["relaxation.temperature"])
    assert "The data do not fix `relaxation.temperature`." in fit.notes
    known = cold.fit(
        [*truth], noise=None, lines=None, starts=[begun], priors={"gap": (0.35, 0.002)}
    )
    ends = [known.interval("relaxation.temperature", 0.90, how) for how in ("auto", "profile")]
    assert ends[0] == pytest.approx(ends[1], rel=0.03)
    assert ends[0][1] > 1.03 * high  # a gap that is known leaves less to follow, but lies elsewhere


def test_the_duration_of_a_pulse_can_be_fitted():
    truth = CLEAR | {"noise.sigma": 0.0, "bias.zero": 0.0}
    model = device().with_parameters({n: truth[n] for n in PHYSICS})
    amplitude, bias = AMPLITUDE[::4], BIAS[::4]
    batch = lz.vary(model, {"amplitude": amplitude, "bias": bias})
    image = lz.Pulsed(duration=5.0).population(batch, 1, 1e-8).reshape(amplitude.size, bias.size)
    data = xr.Dataset(
        {"signal": (("amplitude", "bias"), 0.03 + 0.9 * image)},
        {"amplitude": amplitude, "bias": bias},
    ).assign(sigma=0.005)
    how = {"truth": truth, "noise": None, "model": model}
    fit = fitted(data, ["protocol.duration"], protocol=lz.Pulsed(duration=4.6), **how)
    assert fit.parameters["protocol.duration"] == pytest.approx(5.0, abs=1e-3)


def test_the_order_of_the_axes_does_not_matter():
    turned = fitted(seen(), axes={"bias": "bias", "amplitude": "amplitude"})
    assert turned.parameters == pytest.approx(fitted(seen()).parameters, rel=1e-6)


def test_a_prior_weighs_the_same_against_noise_that_has_to_be_found():
    data, prior = seen(), {"gap": (0.7, 0.1)}
    known, unknown = (fitted(d, priors=prior) for d in (data, data.drop_vars("sigma")))
    assert unknown.parameters["gap"] == pytest.approx(known.parameters["gap"], abs=1e-3)
    assert unknown.errors["gap"] == pytest.approx(known.errors["gap"], rel=0.1)
    shown = (unknown.dataset.signal - unknown.dataset.model) / unknown.dataset.sigma
    assert float(shown.std()) == pytest.approx(1.0, abs=0.05)


def test_a_map_of_unknown_noise_beside_one_of_known_noise_counts_by_its_own():
    data = seen()
    noisy = seen(sigma=0.1, seed=7).drop_vars("sigma")
    alone, both = fitted(data), fitted([data, noisy])
    assert both.errors["gap"] == pytest.approx(alone.errors["gap"], rel=0.1)
    assert both.parameters["gap"] == pytest.approx(alone.parameters["gap"], abs=1e-3)
