"""Figures show what they are given; a drawn line is the number it stands for."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

import lzopen as lz

QUBIT = lz.TwoLevel(sweep=lz.Linear(1.0), gap=0.8)


def test_levels_show_gap_and_crossing():
    ax = lz.plotting.levels(QUBIT, -4.0, 4.0, points=401, time_unit="ns")
    lines = {line.get_label(): line.get_ydata() for line in ax.lines}
    below, above = ax.lines[2].get_ydata(), ax.lines[3].get_ydata()
    assert np.min(above - below) == pytest.approx(0.8)
    assert lines["diabatic 0"][200] == pytest.approx(lines["diabatic 1"][200])
    assert ax.get_xlabel() == "time (ns)"
    assert ax.get_ylabel() == "energy (rad/ns)"


def test_circles_lie_between_the_energies_that_meet():
    dark = lz.QuadraticSpinOne(rate=1.0, coupling=0.4)  # a third level runs through the gap
    circle = lz.plotting.levels(dark, -4.0, 4.1).lines[-1]
    assert circle.get_label() == "avoided crossing"
    np.testing.assert_allclose(circle.get_xydata(), [[0.0, 0.0]], atol=1e-7)


def test_many_levels_share_a_name(tmp_path):
    offsets = np.linspace(-9.0, 9.0, 29)
    comb = lz.DemkovOsherov(rate=1.0, offsets=offsets, couplings=np.full(29, 0.15))
    left, right = lz.plotting.panels(2)
    assert lz.plotting.levels(comb, -12.0, 12.0, right) is right
    names = [text.get_text() for text in right.get_legend().get_texts()]
    assert names == ["diabatic", "adiabatic", "avoided crossing"]
    assert len(right.lines) == 2 * 30 + 1
    assert right.lines[-1].get_xdata().size == 29
    lz.plotting.levels(QUBIT, -4.0, 4.0, left)
    lz.plotting.save(left, tmp_path / "levels.png")  # the layout leaves room for both


def test_the_legend_hides_no_line():
    ax = lz.plotting.levels(lz.TwoLevel(sweep=lz.DoublePassage(1.0, 6.0), gap=1.0), -12.0, 12.0)
    ax.figure.canvas.draw()
    assert ax.get_legend().get_window_extent().x0 > ax.get_window_extent().x1


def test_populations_draw_on_given_axes():
    run = lz.evolve(QUBIT, times=np.linspace(-4, 4, 9), initial="ground")
    left, right = lz.plotting.panels(2)
    assert lz.plotting.populations(run, left) is left
    lz.plotting.populations(run, right, basis="adiabatic")
    np.testing.assert_allclose(left.lines[1].get_ydata(), run.population.sel(level=1))
    np.testing.assert_allclose(right.lines[0].get_ydata(), run.adiabatic_population.sel(state=0))
    assert left.get_legend_handles_labels()[1] == ["diabatic 0", "diabatic 1"]


def test_populations_show_survival_only_where_something_leaks():
    leak = lz.Model(terms=[(np.diag([0.0, -0.2j]), lz.Constant(1.0))])
    run = lz.evolve(leak, times=np.linspace(0, 3, 7), initial=1)
    labels = lz.plotting.populations(run).get_legend_handles_labels()[1]
    assert labels == ["diabatic 0", "diabatic 1", "survival"]


@pytest.mark.parametrize("is_simulated", [True, False])
def test_fit_figure_says_what_is_simulated(is_simulated):
    t = np.linspace(0, 5, 30)
    fit = lz.fit_decay(t, signal=np.exp(-t), sigma=0.01, oscillations=0)
    ax = lz.plotting.fit(
        fit, unit="µs", heading="T1", source="simulated" if is_simulated else "data"
    )
    assert ("(simulated)" in ax.get_title()) is is_simulated
    assert ax.get_xlabel() == "time (µs)"
    assert ("simulated" in ax.get_legend_handles_labels()[1]) is is_simulated


def test_a_fringe_is_drawn_between_its_points():
    t = np.linspace(0.1, 6.0, 40)
    decay = 0.4 * np.exp(-t / 3.0) * np.cos(9.0 * t)
    ax = lz.plotting.fit(lz.fit_decay(t, signal=0.5 + decay, sigma=0.01, envelope="exponential"))
    x, y = next(line.get_data() for line in ax.lines if line.get_label() == "model")
    assert (x[0], x[-1], x.size > 400) == (0.1, 6.0, True)
    assert np.abs(y - 0.5 - 0.4 * np.exp(-x / 3.0) * np.cos(9.0 * x)).max() < 1e-4


def test_a_figure_of_several_panels_is_saved_whole(tmp_path):
    from matplotlib.figure import Figure

    panels = Figure().subplots(1, 2)
    for axes in (panels, tuple(panels), panels[1]):
        assert lz.plotting.save(axes, tmp_path / "two.png").stat().st_size > 1000


def test_interrupted_figure_leaves_nothing(tmp_path, monkeypatch):
    ax = lz.plotting.levels(QUBIT, -1.0, 1.0)

    def interrupt(path, **_):
        path.write_bytes(b"half")
        raise KeyboardInterrupt

    monkeypatch.setattr(ax.figure, "savefig", interrupt)
    with pytest.raises(KeyboardInterrupt):
        lz.plotting.save(ax, tmp_path / "figure.png")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("window", [(1.0, -1.0), (0.0, 0.0), (np.nan, 1.0)])
def test_bad_range_is_named(window):
    with pytest.raises(lz.LzopenError, match=r"`t[01]`"):
        lz.plotting.levels(QUBIT, *window)


DRIVEN = lz.TwoLevel(
    sweep=lz.Sinusoidal(3.0, 2.0), gap=0.5, environments=(lz.Dephasing(0.1), lz.Decay(0.05, 1, 0))
)


def test_an_interferogram_is_a_map_of_its_axes():
    fringes = lz.interferogram(DRIVEN, amplitude=[0.0, 1.0, 3.0], bias=[-2.0, 0.0, 1.0, 5.0])
    ax = lz.plotting.interferogram(fringes, level=0, time_unit="ns")
    (mesh,) = ax.collections
    np.testing.assert_allclose(mesh.get_array(), fringes.population.sel(level=0))
    assert ax.get_xlabel() == "bias (rad/ns)"
    assert ax.get_ylabel() == "amplitude (rad/ns)"
    bar = ax.figure.axes[-1]
    assert bar.get_ylabel() == "population of level 0, mean over a period"


def test_an_interferogram_of_one_axis_is_a_line_with_its_error():
    fringes = lz.interferogram(DRIVEN, phase=[0.0, 1.0, 2.0], at=0.2)
    ax = lz.plotting.interferogram(fringes, time_unit="ns")
    np.testing.assert_allclose(ax.lines[0].get_ydata(), fringes.population.sel(level=1))
    assert len(ax.collections) == 1
    assert ax.get_xlabel() == "phase (rad)"
    assert ax.get_ylabel() == "population of level 1, once per period"
    rates = lz.interferogram(DRIVEN, over={"dephasing.rate": [0.1, 0.2]})
    ax = lz.plotting.interferogram(rates, variable="condition", time_unit="ns")
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("dephasing.rate (1/ns)", "condition")


def test_a_line_of_an_evolution_has_the_error_of_its_level():
    run = lz.evolve(QUBIT, times=np.linspace(-4, 4, 9), tol=1e-4)
    run["error"] = run.error + run.level  # told apart
    ax = lz.plotting.interferogram(run, level=0, time_unit="ns")
    np.testing.assert_allclose(ax.lines[0].get_ydata(), run.population.sel(level=0))
    (band,) = ax.collections
    highest = (run.population + run.error).sel(level=0).max()
    assert band.get_datalim(ax.transData).y1 == pytest.approx(float(highest), abs=1e-12)
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("time (ns)", "population of level 0")


def test_a_line_without_an_error_has_no_band():
    fringes = lz.interferogram(DRIVEN, bias=[0.0, 1.0]).drop_vars("error")
    assert not lz.plotting.interferogram(fringes).collections


def test_axes_are_labelled_with_what_is_known_of_their_units():
    labels = {}
    for units in (None, "1", "rad", "GHz", "rad / time", "rad / time²", "time"):
        data = lz.interferogram(DRIVEN, bias=[0.0, 1.0])
        data.bias.attrs = {} if units is None else {"units": units}
        drawn = (lz.plotting.interferogram(data, time_unit=unit) for unit in (None, "ns"))
        labels[units] = [ax.get_xlabel().removeprefix("bias") for ax in drawn]
    assert labels == {
        None: ["", ""],
        "1": ["", ""],
        "rad": [" (rad)", " (rad)"],
        "GHz": [" (GHz)", " (GHz)"],
        "rad / time": ["", " (rad/ns)"],
        "rad / time²": ["", " (rad/ns²)"],
        "time": ["", " (ns)"],
    }


def test_interferograms_that_cannot_be_drawn():
    fringes = lz.interferogram(DRIVEN, amplitude=[1.0, 2.0], bias=[0.0, 1.0], omega=[1.0, 2.0])
    for given, message in (
        ({"fringes": fringes}, "isel"),
        ({"fringes": fringes.isel(omega=0), "level": 2}, "level"),
        ({"fringes": fringes.isel(omega=0), "variable": "nothing"}, "variable"),
        ({"fringes": fringes.isel(omega=0), "time_unit": 3}, "time_unit"),
        ({"fringes": lz.interferogram(DRIVEN, gap=[0.5, 0.3j])}, "complex along gap"),
        ({"fringes": 3}, "fringes"),
    ):
        with pytest.raises(lz.LzopenError, match=message):
            lz.plotting.interferogram(**given)


def test_a_map_of_both_signs_is_white_at_zero():
    sweeps = lz.vary(lz.TwoLevel(sweep=lz.Sinusoidal(3.0, 2.0), gap=0.5), {"amplitude": [1.0, 4.0]})
    work = lz.work_statistics(sweeps, temperature=[0.5, 2.0], window=(0.0, 2.0))
    work = work.copy(deep=True)
    work["mean_work"][0, 0] = -3 * abs(work.mean_work).max()
    work["entropy_production"][0, 0] = np.inf
    work["entropy_production"][1, 1] = -1e-9 * work.entropy_production[1, 0]  # of the solver
    drawn = {}
    for name in ("mean_work", "entropy_production"):
        ax = lz.plotting.interferogram(work, variable=name, time_unit="ns")
        (drawn[name],) = ax.collections
        assert (ax.get_xlabel(), ax.get_ylabel()) == (
            "temperature (rad/ns)",
            "sweep.amplitude (rad/ns)",
        )
    assert drawn["mean_work"].axes.figure.axes[-1].get_ylabel() == "mean work (rad/ns)"
    lowest, highest = drawn["mean_work"].get_clim()
    assert lowest == -highest == work.mean_work.min()
    white = drawn["mean_work"].to_rgba(np.array([0.0, lowest, highest]))
    assert white[0, :3].min() > 0.95 > white[1:, :3].min(axis=1).max()
    one_sided = drawn["entropy_production"]
    assert one_sided.get_cmap().name == "viridis"
    assert one_sided.get_clim()[1] == work.entropy_production[1, 0]  # nothing infinite


def test_a_line_of_power_has_its_unit():
    work = lz.work_statistics(QUBIT, temperature=[0.5, 1.0], window=(-6, 3))
    work.mean_work.attrs["units"] = "rad / time^2"
    ax = lz.plotting.interferogram(work, variable="mean_work", time_unit="ns")
    assert ax.get_ylabel() == "mean work (rad/ns²)"


SWEPT = lz.work_statistics(QUBIT, temperature=1.5, window=(-6, 3))


def drawn_lines(ax):
    return {line.get_label(): line.get_xydata().T for line in ax.lines}


def test_the_distribution_of_the_work_and_its_sum():
    _, right = lz.plotting.panels(2)
    assert lz.plotting.work_distribution(SWEPT, right, energy_unit="rad/ns") is right
    tops = [(bar.get_x() + bar.get_width() / 2, bar.get_height()) for bar in right.patches]
    np.testing.assert_allclose(tops, np.transpose([SWEPT.work, SWEPT.probability]))
    lines = drawn_lines(right)
    np.testing.assert_allclose(lines["mean work"][0], SWEPT.work @ SWEPT.probability)
    free = [-1.5 * np.log(2 * np.cosh(np.hypot(t, 0.8) / 3)) for t in (-6.0, 3.0)]
    np.testing.assert_allclose(lines["ΔF"][0], free[1] - free[0])
    summed = right.figure.axes[-1]
    assert summed is not right
    (steps,) = summed.lines
    below = [SWEPT.probability[:k].sum() for k in range(5)]
    np.testing.assert_allclose(steps.get_ydata(), [*below, 1.0], atol=1e-12)
    assert steps.get_drawstyle() == "steps-post"
    assert right.get_xlabel() == "work (rad/ns)"


def test_bars_stand_apart_and_the_axis_ends_where_nothing_is_seen():
    spin = lz.SpinCrossing(spin=1.5, rate=1.0, gap=0.8)
    cold = lz.work_statistics(spin, temperature=0.3, window=(-6, 4))
    ax = lz.plotting.work_distribution(cold)
    low, high = ax.get_xlim()
    likely = cold.probability > 1e-3
    assert cold.work.min() < low < cold.work[likely].min() < cold.work[likely].max() < high
    inside = [bar for bar in ax.patches if low < bar.get_x() and bar.get_height() > 1e-3]
    ends = [(bar.get_x(), bar.get_x() + bar.get_width()) for bar in inside]
    assert len(ends) == likely.sum() > 2
    assert all(left[1] < right[0] for left, right in pairwise(ends))
    still = lz.Model(terms=[(np.eye(2), lz.Constant(1.0))])
    (bar,) = lz.plotting.work_distribution(
        lz.work_statistics(still, temperature=1.0, window=(0, 1))
    ).patches
    assert bar.get_height() == pytest.approx(1.0)
    assert bar.get_width() > 0


def test_forward_and_backward_cross_at_the_free_energy():
    ax = lz.plotting.work_crossing(SWEPT)
    lines = drawn_lines(ax)
    (work, forth), (same, back) = lines["forward, W"], lines["backward, −W"]
    np.testing.assert_array_equal(work, same)
    apart = np.log(forth / back)
    k = int(np.flatnonzero(np.diff(np.sign(apart)))[0])
    crossed = work[k] - apart[k] * (work[k + 1] - work[k]) / (apart[k + 1] - apart[k])
    np.testing.assert_allclose(lines["ΔF"][0], crossed, rtol=1e-6)
    assert ax.get_yscale() == "log"


def test_what_round_off_leaves_of_a_forbidden_transition_is_not_drawn():
    parallel = lz.Model(
        terms=[(np.diag([0.0, 1.0, 3.0]), lz.Constant(1.0)), (np.diag([0, 0, 1]), lz.Linear(1.0))]
    )
    kept = lz.work_statistics(parallel, temperature=2.0, window=(0.0, 1.0))
    kept["probability"] = kept.probability + 1e-30
    work = drawn_lines(lz.plotting.work_crossing(kept))["forward, W"][0]
    np.testing.assert_allclose(work, [0.0, 1.0], atol=1e-12)
    frozen = lz.work_statistics(QUBIT, temperature=0.0, window=(-6, 3))
    lines = drawn_lines(lz.plotting.work_crossing(frozen))
    assert lines["forward, W"].shape == lines["backward, −W"].shape == (2, 2)  # zeros have no place
    assert lines["forward, W"][0].min() > lines["backward, −W"][0].min()


TIMES = np.linspace(-8, 8, 81)
WARM = QUBIT.with_environment(lz.Relaxation(rate=0.05, temperature=0.5))


def test_the_ledger_adds_up():
    noisy = WARM.with_environment(lz.Dephasing(0.02), lz.Dephasing(0.01, [[0, 1], [1, 0]]))
    run = lz.energetics(noisy, times=TIMES, temperature=0.5)
    ax = lz.plotting.ledger(run, time_unit="ns")
    lines = {name: values[1] for name, values in drawn_lines(ax).items()}
    parts = ("work", "heat, relaxation", "noise, dephasing", "noise, dephasing 2")
    np.testing.assert_allclose(lines["ΔU"], sum(lines[name] for name in parts), atol=1e-7)
    np.testing.assert_allclose(
        lines["noise, all"], lines["noise, dephasing"] + lines["noise, dephasing 2"]
    )
    styles = {line.get_label(): line.get_linestyle() for line in ax.lines}
    assert [styles[name] for name in parts] == ["-", "-", "--", "--"]
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("time (ns)", "energy (rad/ns)")


def test_the_ledger_names_noise_only_where_it_is():
    run = lz.energetics(WARM, times=TIMES, temperature=0.5)
    names = lz.plotting.ledger(run).get_legend_handles_labels()[1]
    assert names == ["ΔU", "work", "heat, relaxation"]
    closed = lz.energetics(QUBIT, times=TIMES, temperature=0.5)
    lines = drawn_lines(lz.plotting.ledger(closed))
    np.testing.assert_allclose(lines["ΔU"], lines["work"], atol=1e-7)
    one = lz.energetics(QUBIT.with_environment(lz.Dephasing(0.1)), times=TIMES, temperature=0.5)
    names = lz.plotting.ledger(one).get_legend_handles_labels()[1]
    assert names == ["ΔU", "work", "noise, dephasing"]


def test_the_rate_of_entropy_production_is_the_sum_of_its_parts():
    run = lz.energetics(WARM, times=TIMES, initial="ground")
    assert np.isinf(run.entropy_production_rate[0])  # pure at first
    ax = lz.plotting.entropy_production(run, time_unit="ns")
    lines = {name: values[1] for name, values in drawn_lines(ax).items()}
    assert np.isnan(lines["rate"][0])
    np.testing.assert_allclose(lines["rate"][1:], run.entropy_production_rate[1:])
    np.testing.assert_allclose(
        lines["rate"][1:], (lines["coherence"] + lines["populations"])[1:], atol=1e-9
    )
    assert not ax.patches
    assert ax.get_ylabel() == "entropy production (1/ns)"


def test_times_that_break_the_second_law_are_shaded():
    run = lz.energetics(WARM, times=TIMES[:9], temperature=0.5)
    run = run.assign_coords(time=np.arange(9.0))
    rate = [1.0, -3.0, -1.0, 1.0, -1e-9, 2.0, np.inf, -1.0, -2.0]
    run["entropy_production_rate"] = ("time", rate)
    ax = lz.plotting.entropy_production(run)
    spans = [(span.get_x(), span.get_x() + span.get_width()) for span in ax.patches]
    np.testing.assert_allclose(spans, [(0.25, 2.5), (7.0, 8.0)])
    assert ax.get_legend_handles_labels()[1][3:] == ["second law broken"]


def test_jumps_between_fixed_levels_are_caught_in_the_figure():
    decay = lz.TwoLevel(sweep=lz.Constant(0.2), gap=1.0, environments=(lz.Decay(0.1, 0, 1),))
    with pytest.warns(lz.LzopenWarning, match="second law"):
        run = lz.energetics(
            decay, times=[0.0, 10.0, 20.0], temperature=0.5, temperatures={"decay": 0.5}
        )
    (span,) = lz.plotting.entropy_production(run).patches
    assert (span.get_x(), span.get_width()) == (0.0, 20.0)


@pytest.mark.parametrize("wide", [3.4, 4.8])
def test_legends_of_energies_stand_above_the_axes_and_inside_the_figure(wide):
    from matplotlib.figure import Figure

    noisy = WARM.with_environment(
        lz.Dephasing(0.02), lz.Dephasing(0.01, [[0, 1], [1, 0]]), lz.Relaxation(0.1, 0.3)
    )
    run = lz.energetics(noisy, times=TIMES, temperature=0.5)
    kept = lz.energetics(WARM, times=TIMES, temperature=0.5)
    kept["entropy_production_rate"] = -kept.entropy_production_rate
    draw = lz.plotting
    for plot, data in (
        (draw.work_distribution, SWEPT),
        (draw.work_crossing, SWEPT),
        (draw.ledger, run),
        (draw.entropy_production, kept),
    ):
        figure = Figure(figsize=(wide, 2.8), layout="constrained")
        ax = plot(data, figure.subplots())
        figure.draw_without_rendering()  # lays out
        legend = ax.get_legend().get_window_extent()
        assert legend.y0 > ax.get_window_extent().y1 - 1
        assert figure.bbox.x0 <= legend.x0 < legend.x1 <= figure.bbox.x1
        assert legend.y1 <= figure.bbox.y1
        for axis in (part.yaxis for part in figure.axes):
            extent = axis.label.get_window_extent()
            assert figure.bbox.y0 <= extent.y0 < extent.y1 <= figure.bbox.y1


@pytest.mark.parametrize("plot", ["work_distribution", "work_crossing"])
def test_distributions_that_cannot_be_drawn(plot):
    draw = getattr(lz.plotting, plot)
    several = lz.work_statistics(QUBIT, temperature=[1.0, 2.0], window=(-6, 3))
    run = lz.energetics(QUBIT, times=TIMES, temperature=0.5)
    for data, unit, message in (
        (several, None, r"isel\(temperature=0\)"),
        (run, None, "come from lz.work_statistics"),
        (3, None, "`statistics`"),
        (SWEPT, 3, "`energy_unit`"),
    ):
        with pytest.raises(lz.LzopenError, match=message):
            draw(data, energy_unit=unit)
    batch = lz.vary(QUBIT, {"gap": [0.0, 0.8]})
    apart = lz.work_statistics(batch, temperature=1.0, window=([-6, -6], [3, 6]))
    assert np.isnan(apart.work).any()  # where members have fewer values
    for member in (0, 1):
        figure = draw(apart.isel(gap=member)).figure
        drawn = [line.get_xdata() for axes in figure.axes for line in axes.lines]
        assert np.isfinite(np.concatenate(drawn)).all()


@pytest.mark.parametrize("plot", ["ledger", "entropy_production"])
def test_ledgers_that_cannot_be_drawn(plot):
    draw = getattr(lz.plotting, plot)
    batch = lz.vary(WARM, {"gap": [0.4, 0.8]})
    several = lz.energetics(batch, times=TIMES, temperature=0.5)
    own = lz.energetics(batch, times=np.stack([TIMES, 2 * TIMES]), temperature=0.5)
    one = several.isel(gap=0)
    for data, unit, message in (
        (several, None, r"isel\({'gap': 0}\)"),
        (own, None, "one model"),
        (one.isel(time=-1), None, "along time"),
        (SWEPT, None, "come from lz.energetics"),
        (3, None, "`energetics`"),
        (one, 3, "`time_unit`"),
    ):
        with pytest.raises(lz.LzopenError, match=message):
            draw(data, time_unit=unit)
    np.testing.assert_array_equal(draw(own.isel(gap=1)).lines[1].get_xdata(), 2 * TIMES)


def test_a_rate_that_is_infinite_at_all_times_cannot_be_drawn():
    cold = QUBIT.with_environment(lz.Relaxation(rate=0.05, temperature=0.0))
    run = lz.energetics(cold, times=TIMES, initial=1)
    with pytest.raises(lz.LzopenError, match="finite rate"):
        lz.plotting.entropy_production(run)
    assert "heat, relaxation" in drawn_lines(lz.plotting.ledger(run))


def fitted_maps(*shapes, units=None):
    """A fit of simulated maps, each with a missing pixel and one that is off by 10 errors."""
    qubit = lz.TwoLevel(sweep=lz.Sinusoidal(amplitude=1.0, omega=1.0), gap=0.3)
    device = qubit.with_environment(lz.Dephasing(0.1), lz.Decay(0.05, source=1, target=0))
    maps = []
    for rows, columns in shapes:
        axes = {"amplitude": np.linspace(0, 5, rows), "bias": np.linspace(-3, 4, columns)}
        chance = lz.interferogram(device, **axes).population.sel(level=1, drop=True)
        seen = chance + np.random.default_rng(rows).normal(0, 0.01, chance.shape)
        seen[2, 3] = np.nan
        seen[1, 4] -= 0.1
        maps.append(seen.to_dataset(name="signal").assign(sigma=0.01))
    fit = lz.fit_interferogram(maps, model=device, free=["gap"], starts=[{}])
    for name in units or ():
        fit.dataset[name].attrs["units"] = units[name]
    return fit, maps


def mesh(axes):
    (only,) = axes.collections
    return only


def test_a_fitted_map_stands_beside_its_residuals(tmp_path):
    fit, (seen,) = fitted_maps((6, 9), units={"amplitude": "V"})
    measured, model, residuals = lz.plotting.map_fit(fit, heading="cold", simulated=True)
    np.testing.assert_allclose(mesh(measured).get_array().filled(np.nan), seen.signal)
    np.testing.assert_array_equal(mesh(model).get_array().filled(np.nan), fit.dataset.model)
    left = mesh(residuals).get_array().filled(np.nan)
    np.testing.assert_allclose(left, (seen.signal - fit.dataset.model) / 0.01)
    assert mesh(measured).get_clim() == mesh(model).get_clim()
    assert mesh(residuals).get_clim() == (-6.0, 6.0)  # though one lies at ten
    assert measured.get_title() == "cold, measured (simulated)"
    assert [axes.get_xlabel() for axes in (measured, model, residuals)] == ["bias (rad / time)"] * 3
    assert measured.get_ylabel() == "amplitude (V)"
    measured.set_xlim(-1, 1)
    assert residuals.get_xlim() == (-1, 1)
    assert lz.plotting.save(measured, tmp_path / "map.png").stat().st_size > 10_000


def test_several_fitted_maps_have_a_row_each():
    fit, maps = fitted_maps((6, 9), (4, 17), units={"bias": "rad/ns"})
    axes = lz.plotting.map_fit(fit)
    assert len(axes) == 6
    for number, seen in enumerate(maps):
        measured, model, residuals = axes[3 * number : 3 * number + 3]
        assert measured.get_title() == f"map {number}, measured"
        shown = mesh(measured).get_array().filled(np.nan)
        np.testing.assert_allclose(shown, seen.signal)
        left = (seen.signal.values - mesh(model).get_array().filled(np.nan)) / 0.01
        np.testing.assert_allclose(mesh(residuals).get_array().filled(np.nan), left)
        assert model.get_xlabel() == "bias (rad/ns)"


def test_small_residuals_keep_a_scale_of_three_errors():
    fit, _ = fitted_maps((6, 9))
    quiet = fit.dataset.assign(residual=0.1 * fit.dataset.residual)
    *_, residuals = lz.plotting.map_fit(replace(fit, dataset=quiet))
    assert mesh(residuals).get_clim() == (-3.0, 3.0)


def test_a_fit_without_a_grid_is_refused():
    t = np.linspace(0, 5, 30)
    line = lz.fit_decay(t, signal=np.exp(-t), sigma=0.01, oscillations=0)
    with pytest.raises(lz.LzopenError, match=r"one along delay; draw it by lz\.plotting\.fit"):
        lz.plotting.map_fit(line)
    with pytest.raises(lz.LzopenError, match="be a fit of maps, but is Dataset"):
        lz.plotting.map_fit(line.dataset)
    fit, _ = fitted_maps((6, 9), (4, 17))
    scattered = np.random.default_rng(0).normal(size=fit.dataset.sizes["pixel"])
    loose = fit.dataset.assign_coords(bias=("pixel", scattered))
    with pytest.raises(lz.LzopenError, match="53 pixels of map 0 over amplitude and bias"):
        lz.plotting.map_fit(replace(fit, dataset=loose))
    twice = fit.dataset.assign_coords(bias=("pixel", np.zeros_like(scattered)))
    with pytest.raises(lz.LzopenError, match="hold pixels that form grids"):
        lz.plotting.map_fit(replace(fit, dataset=twice))
