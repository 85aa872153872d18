"""Figures show what they are given; a drawn line is the number it stands for."""

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
