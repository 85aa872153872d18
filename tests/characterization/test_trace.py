"""A device model fitted to a trace: measured, simulated, and wrong input."""

import numpy as np
import pytest

import lzopen as lz
from lzopen.characterization.parts import Parts
from lzopen.characterization.points import pool
from lzopen.characterization.trace import _Device
from lzopen.demo import simulated
from lzopen.demo.steps import _lzs_starts, fit_lzs

PUBLISHED = {  # the fit that came with the data: value, error
    "gap.factor": (1.017, 0.004),
    "sweep.scaled.factor": (0.988, 0.001),
    "sweep.constant.value": (1.49, 0.06),
    "readout.p01": (0.037, 0.003),
    "readout.p10": (0.076, 0.003),
}


def test_measured_trace_gives_the_published_device(aquila_lzs):
    found = fit_lzs(aquila_lzs, _lzs_starts())
    for name, (value, error) in PUBLISHED.items():
        assert abs(found.parameters[name] - value) < error, name
        # ours are enlarged by √(χ²/dof), so they are not below the published ones by much
        assert 0.9 * error < found.errors[name] < 2.0 * error, name
    residual = found.dataset["signal"] - found.dataset["model"]
    assert np.sqrt((residual**2).mean()) < 0.021
    assert found.reduced == pytest.approx(1.70, abs=0.05)
    assert found.scaled
    assert "errors are multiplied by 1.30" in found.report()
    assert "6 of 6 starts end in this minimum" in found.report()


def test_simulated_trace_gives_back_the_device():
    found = fit_lzs(simulated.lzs())
    truth = {**simulated.LZS_DEVICE, "readout.p01": 0.037, "readout.p10": 0.076}
    pulls = [(found.parameters[k] - v) / found.errors[k] for k, v in truth.items()]
    assert np.max(np.abs(pulls)) < 3
    assert 0.7 < found.reduced < 1.4


def rabi(gap, bias, time):
    """P₁ under a constant Hamiltonian, by Rabi's formula."""
    square = gap**2 + bias**2
    return gap**2 / square * np.sin(0.5 * np.sqrt(square) * time) ** 2


def fit_rabi(free, contrast=0.9):
    time = np.linspace(0.05, 9.0, 80)
    noise = np.random.default_rng(5).normal(scale=0.02, size=time.size)
    return lz.fit_trace(
        time,
        signal=0.1 + 0.7 * rabi(2.0, 0.5, time) + noise,
        sigma=0.02,
        model=lz.TwoLevel(sweep=lz.Constant(0.6), gap=1.8),
        window=(0.0, time),
        free=free,
        readout=lz.LinearReadout(offset=0.0, contrast=contrast),
    )


def test_rabi_trace_with_known_noise():
    found = fit_rabi(["gap", "sweep.value", "readout.offset"], contrast=0.7)
    truth = {"gap": 2.0, "sweep.value": 0.5, "readout.offset": 0.1}
    for name, value in truth.items():
        assert abs(found.parameters[name] - value) < 3 * found.errors[name], name
        assert found.errors[name] < 0.1, name


def test_what_only_a_combination_changes_is_not_fixed():
    """One oscillation has an offset, a depth and a frequency; three numbers make the last two."""
    found = fit_rabi(["gap", "sweep.value", "readout.offset", "readout.contrast"])
    for name in ("gap", "sweep.value", "readout.contrast"):
        assert np.isnan(found.parameters[name])
        assert np.isnan(found.errors[name])
        assert found.limits[name] == found.problem.quantities[name].bounds
        assert f"The data do not fix `{name}`." in found.notes
    assert abs(found.parameters["readout.offset"] - 0.1) < 3 * found.errors["readout.offset"]
    assert found.errors["readout.offset"] < 0.01


def test_a_wrong_start_is_told_from_the_minimum():
    time = np.linspace(0.05, 30.0, 120)
    device = lz.TwoLevel(sweep=lz.Constant(0.0), gap=2.0)
    found = lz.fit_trace(
        time,
        signal=rabi(2.0, 0.0, time),
        sigma=0.01,
        model=device,
        window=(0.0, time),
        free=["gap"],
        starts=[{}, {"gap": 3.1}],
    )
    assert found.parameters["gap"] == pytest.approx(2.0, abs=1e-4)
    assert "1 of 2 starts end in this minimum" in found.report()


TIME = np.linspace(0.1, 3.0, 20)
GOOD = {
    "signal": np.full(20, 0.5),
    "model": lz.TwoLevel(sweep=lz.Constant(0.0), gap=1.0),
    "window": (0.0, TIME),
    "free": ["gap"],
}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"signal": np.full(19, 0.5)}, ["`signal`", "(19,)"]),
        ({"signal": np.full(20, np.nan)}, ["`signal`", "nan"]),
        ({"signal": [0.5, [0.5, 0.6]]}, ["`signal`", "[0.5, [0.5, 0.6]]"]),
        ({"free": ["gapp"]}, ["'gapp'", "sweep.value, gap"]),
        ({"free": 3}, ["`free`", "3", "e.g. free=['gap']"]),
        ({"free": [3]}, ["'3'", "sweep.value, gap"]),
        ({"free": ["gap", "gap"]}, ["`free`", "['gap', 'gap']", "gap is named twice"]),
        ({"free": ["value", "sweep.value"]}, ["`free`", "sweep.value is named twice"]),
        ({"model": "qubit"}, ["`model`", "'qubit'", "lz.TwoLevel("]),
        ({"model": lz.TwoLevel}, ["`model`", "TwoLevel", "lz.TwoLevel("]),
        ({"readout": "diabatic"}, ["`readout`", "'diabatic'", "lz.Confusion("]),
        ({"shots": 0.5}, ["`shots`", "0.5", "how many trials"]),
        ({"level": 2}, ["`level`", "2"]),
        ({"shots": np.zeros(20)}, ["`shots`", "0 at index (0,)"]),
        ({"model": GOOD["model"].with_parameters({"gap": np.ones(20)})}, ["`free`", "array"]),
        (
            {
                "model": lz.TwoLevel(sweep=lz.Constant(0.0), gap=lz.Constant(1j)),
                "free": ["gap.value"],
            },
            ["`free`", "1j", "a real factor"],
        ),
        (
            {"readout": lz.Confusion(0.6, 0.1), "free": ["readout.p01", "readout.p10"]},
            ["`readout.p01`", "between 0 and 0.49", "0.6", "start inside"],
        ),
    ],
)
def test_bad_input_is_named(change, words):
    with pytest.raises(lz.LzopenError) as caught:
        lz.fit_trace(TIME, **{**GOOD, **change})
    for word in words:
        assert word in str(caught.value)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"starts": []}, ["`starts`", "[]", "starts=[{}]"]),
        ({"starts": 2}, ["`starts`", "2", "starts=[{}]"]),
        ({"starts": {"gap": 2.0}}, ["`starts`", "{'gap': 2.0}", "starts=[{}]"]),
        ({"starts": [2.0]}, ["`starts`", "[2.0]", "starts=[{}]"]),
        ({"starts": [{1: 2.0}]}, ["'1'", "sweep.value, gap"]),
        ({"starts": [{"gap": "wide"}]}, ["`starts['gap']`", "'wide'"]),
        ({"starts": [{"gap": np.nan}]}, ["`starts['gap']`", "nan"]),
        ({"starts": [{"gap": -1.0}]}, ["`starts['gap']`", "between 0 and inf", "-1", "inside"]),
        ({"starts": [{"gap": np.ones(20)}]}, ["`starts['gap']`", "(20,)", "one start for each"]),
        (
            {"free": ["value"], "starts": [{"value": 1.0, "sweep.value": 2.0}]},
            ["`starts`", "{'value': 1.0, 'sweep.value': 2.0}", "leave one name out"],
        ),
        ({"starts": [{"gpa": 2.0}]}, ["'gpa'"]),
        ({"starts": [{"sweep.value": 2.0}]}, ["`starts`", "sweep.value"]),
        ({"free": []}, ["`free`", "[]"]),
        ({"free": "gap"}, ["`free`", "gap"]),
        ({"window": (0.0, 5.0)}, ["`window`", "20 points"]),
        ({"window": (0.0, TIME[:-1])}, ["`window`", "(19,)"]),
    ],
)
def test_starts_and_windows_that_do_not_fit_are_named(change, words):
    test_bad_input_is_named(change, words)


def test_as_many_parameters_as_points_are_refused():
    time = TIME[:2]
    arguments = {**GOOD, "signal": [0.5, 0.5], "window": (0.0, time), "free": ["gap", "value"]}
    with pytest.raises(lz.LzopenError, match=r"`x` must hold more than 2 points, .* fit less"):
        lz.fit_trace(time, **arguments)


def test_a_read_out_that_drifts_along_the_trace():
    """The slope counts per unit of x, as it does in a decay."""
    time = np.linspace(0.05, 9.0, 60)
    sensor = lz.LinearReadout(offset=0.2, contrast=0.8, slope=0.05)
    arguments = {"sigma": 0.01, "window": (0.0, time), "signal": sensor(rabi(2.0, 0.5, time), time)}
    device = lz.TwoLevel(sweep=lz.Constant(0.5), gap=1.9)
    known = lz.fit_trace(time, model=device, free=["gap"], readout=sensor, **arguments)
    assert known.parameters["gap"] == pytest.approx(2.0, abs=1e-4)
    assert known.deviance < 1e-2
    free = ["gap", "readout.slope", "readout.offset"]
    found = lz.fit_trace(
        time, model=device, free=free, readout=lz.LinearReadout(contrast=0.8), **arguments
    )
    assert [found.parameters[name] for name in free] == pytest.approx([2.0, 0.05, 0.2], abs=1e-3)


@pytest.mark.parametrize(
    ("truth", "free", "found"),
    [
        ((0.7, 0.1), ["readout.p01"], 0.7),  # the other one is known, and leaves room up to 0.9
        ((0.95, 0.0), ["readout.p01", "readout.p10"], 0.49),
    ],
)
def test_errors_of_the_read_out_never_turn_the_fringes_over(truth, free, found):
    """Without a gap all stay in level 0, and the signal is p01 throughout."""
    device = lz.TwoLevel(sweep=lz.Constant(0.5), gap=0.0)
    fit = lz.fit_trace(
        TIME,
        signal=np.full(TIME.size, truth[0]),
        sigma=0.01,
        model=device,
        window=(0.0, TIME),
        free=free,
        readout=lz.Confusion(0.05, truth[1]),
    )
    assert fit.parameters["readout.p01"] == pytest.approx(found, abs=1e-4)
    said = "Parameter `readout.p01` ended on its bound 0.49" in fit.report()
    assert said is (found != truth[0])


def test_a_start_may_use_full_or_short_names():
    time = np.linspace(0.05, 9.0, 60)
    device = lz.TwoLevel(sweep=lz.Constant(0.3), gap=1.0)
    for name in ("value", "sweep.value"):
        found = lz.fit_trace(
            time,
            signal=rabi(2.0, 1.0, time),
            sigma=0.01,
            model=device,
            window=(0.0, time),
            free=["value", "gap"],
            starts=[{name: 0.9, "gap": 2.1}],
        )
        assert found.parameters["gap"] == pytest.approx(2.0, abs=1e-4)


def test_a_start_where_the_trace_is_flat_ends_with_a_message():
    setting = {"signal": rabi(2.0, 0.5, TIME), "sigma": 0.01, "window": (0.0, TIME)}
    setting |= {"model": lz.TwoLevel(sweep=lz.Constant(0.5), gap=0.0), "free": ["gap"]}
    assert "`gap` stayed where it began" in lz.fit_trace(TIME, **setting).report()
    better = lz.fit_trace(TIME, **setting, starts=[{}, {"gap": 1.8}])
    assert better.parameters["gap"] == pytest.approx(2.0, abs=1e-4)
    assert "stayed" not in better.report()


def test_a_fit_that_runs_away_is_stopped():
    device = lz.TwoLevel(sweep=lz.Constant(0.5), gap=1.0)
    points = pool(TIME, signal=GOOD["signal"])
    run = _Device(Parts(device, {"readout": lz.Confusion()}), (0.0, TIME), 0, 1, points)
    with pytest.raises(lz.LzopenError, match=r"ran away to gap = 2.86e\+05; start elsewhere"):
        run.signal({"gap": 286375.0})


def test_a_fit_saves_and_cites_as_it_is(tmp_path):
    found = lz.fit_trace(TIME, **{**GOOD, "signal": rabi(1.1, 0.0, TIME)})
    assert lz.load(lz.save(found, tmp_path / "fit.nc")).identical(found.dataset)
    assert "lmfit" in lz.cite(found)


def test_level_and_initial_are_not_exchanged():
    """Decay from 1 to 0 makes P(1 ← 0) and P(0 ← 1) differ."""
    device = lz.TwoLevel(sweep=lz.Constant(0.4), gap=1.5)
    device = device.with_environment(lz.Decay(0.4, source=1, target=0))
    P = lz.transition_matrix(device, window=(0.0, TIME), readout="diabatic").probability
    for level, initial in ((1, 0), (0, 1)):
        found = lz.fit_trace(
            TIME,
            signal=P[:, level, initial].values,
            sigma=0.01,
            model=device.with_parameters({"gap": 1.4}),
            window=(0.0, TIME),
            free=["gap", "decay.rate"],
            level=level,
            initial=initial,
        )
        assert found.parameters["gap"] == pytest.approx(1.5, abs=1e-3)
        assert found.deviance < 1e-2


@pytest.mark.parametrize("start", [0.0, 1e-6, 0.01])
def test_a_misreading_below_zero_ends_on_its_bound(start):
    time = np.linspace(0.05, 9.0, 80)
    noise = np.random.default_rng(2).normal(scale=0.01, size=time.size)
    found = lz.fit_trace(
        time,
        signal=-0.02 + 0.97 * rabi(2.0, 0.5, time) + noise,
        sigma=0.01,
        model=lz.TwoLevel(sweep=lz.Constant(0.5), gap=1.9),
        window=(0.0, time),
        free=["gap", "readout.p01", "readout.p10"],
        readout=lz.Confusion(start, 0.03),
    )
    assert found.minimum.stuck == ("readout.p01",)
    assert any("`readout.p01` ended on its bound" in note for note in found.notes)
