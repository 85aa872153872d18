"""Device models fitted to what was measured: a sideband map of a spin, a trace of atoms."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
from scipy.optimize import nnls

import lzopen as lz
from lzopen.characterization import Fit
from lzopen.demo.simulated import lzs_model
from lzopen.demo.steps import LZS_FREE, fit_lzs

# -- a spin in 28Si/SiGe shuttled back and forth under a drive: sidebands, A/2π = 36.1(3) MHz

MHZ = 2e-3 * np.pi  # rad/ns
CENTRE = 11897.96  # MHz, where the lines of the undriven spin meet
BLOCKS = {"low": (2.2, 3.1), "middle": (3.1, 5.3), "high": (6.5, 10.3)}  # MHz of the axis
FREE = [
    "gap", "amplitude", "dephasing.rate", "bias.zero", "omega.lever_arm",
    "readout.offset", "readout.contrast",
]  # fmt: skip


def sidebands(folder: Path, low: float, high: float) -> xr.Dataset:
    """Rows of the map between two shuttling frequencies in MHz, as its axis says them."""
    path = folder / "jaqlab-sisige-shuttling" / "floquet_lzsm_spectrum.csv"
    data = lz.load_measurement(path, axes="drive_GHz", headers="shuttling_MHz")
    frequency = data.shuttling / MHZ
    return data.isel(shuttling=((frequency > low) & (frequency < high)).values)


def modulated(data: xr.Dataset, scale: float = 1.596, **how: Any) -> Fit:
    """The spin, whose frequency is modulated by a sine at a multiple of the axis."""
    spin = lz.TwoLevel(sweep=lz.Sinusoidal(amplitude=36 * MHZ, omega=5 * MHZ), gap=0.8 * MHZ)
    rates = lz.Decay(0.0005, source=1, target=0), lz.Dephasing(0.002)
    how = {"model": spin.with_environment(*rates), "free": FREE} | how
    return lz.fit_interferogram(
        data,
        axes={"omega": "shuttling", "bias": "drive"},
        lines={"omega": lz.Line(scale), "bias": lz.Line(1.0, zero=CENTRE * MHZ)},
        readout=lz.LinearReadout(0.1, 0.8),
        starts=[{}],
        **how,
    )


def explained(fit: Fit) -> float:
    """Share of the variance."""
    rest = fit.dataset.signal - fit.dataset.model
    return float(1 - rest.var() / fit.dataset.signal.var())


def spacings(data: xr.Dataset) -> np.ndarray:
    """Distance of the sidebands over the axis, row by row, whatever the heights of the lines."""
    frequency = data.shuttling.values / MHZ
    offset = data.drive.values / MHZ - CENTRE
    scales = np.arange(1.36, 1.76, 0.004)
    found = []
    rows = data.signal.mean("repeat").transpose("shuttling", "drive").values
    for row, f in zip(rows, frequency, strict=True):
        width = 0.1 * f
        order = np.arange(-9, 10)
        rest = []
        for scale in scales:
            lines = order[np.abs(order * scale * f) < 19] * scale * f
            shapes = 1 / (1 + ((offset[:, None] - lines) / width) ** 2)
            rest.append(nnls(np.column_stack([shapes, np.ones(offset.size)]), row)[1])
        found.append(scales[np.argmin(rest)])
    return np.array(found)


def test_modulation_depth_and_axis_of_a_sideband_map(shared_data: Path) -> None:
    """Parts of the map differ by far more than their statistical errors, so their spread counts."""
    fits = [
        modulated(sidebands(shared_data, *part)) for part in [(3.1, 5.3), (3.1, 4.1), (4.1, 5.3)]
    ]
    depths = [fit.parameters["amplitude"] / MHZ for fit in fits]
    assert all(35 < depth < 37 for depth in depths)
    assert all(explained(fit) > 0.75 for fit in fits)
    scales = [fit.parameters["omega.lever_arm"] for fit in fits]
    systematic = np.ptp(scales) / 2
    assert systematic > 5 * fits[0].errors["omega.lever_arm"]
    assert abs(scales[0] - 1.596) < 2 * np.hypot(0.005, systematic)
    lines = spacings(sidebands(shared_data, 3.1, 5.3))
    assert scales[0] == pytest.approx(lines.mean(), abs=0.005)
    # the fit says itself that a sine is not all there is to it
    assert any("neighbouring residuals go together" in alarm for alarm in fits[0].alarms)
    assert any("χ²/dof cannot test it" in note for note in fits[0].notes)


def test_one_scale_does_not_hold_for_all_rows(shared_data: Path) -> None:
    """Blocks of rows have scales of their own, by the fit and by the distances of the lines."""
    scales, lines = {}, {}
    for name, start in (("low", 1.48), ("high", 1.67)):
        data = sidebands(shared_data, *BLOCKS[name])
        scales[name] = modulated(data, start).parameters["omega.lever_arm"]
        lines[name] = spacings(data).mean()
    assert scales == pytest.approx(lines, abs=0.015)
    assert scales == pytest.approx({"low": 1.475, "high": 1.675}, abs=0.015)


@pytest.mark.slow
@pytest.mark.parametrize(
    "how",
    [
        {"drift": 0.001},
        {"free": [*FREE, "noise.sigma"], "noise": lz.QuasiStatic(0.001)},
        {"free": [*FREE, "readout.slope"]},
        {"free": [*FREE, "decay.rate"]},
    ],
)
def test_what_else_is_fitted_moves_neither_depth_nor_axis(
    shared_data: Path, how: dict[str, Any]
) -> None:
    data = sidebands(shared_data, *BLOCKS["middle"])
    plain, more = modulated(data), modulated(data, **how)
    assert explained(more) > explained(plain) - 1e-3
    for name, most in (("amplitude", 0.3 * MHZ), ("omega.lever_arm", 0.003)):
        assert more.parameters[name] == pytest.approx(plain.parameters[name], abs=most)


# -- Rydberg atoms that are swept through their crossing again and again


def traced(data: xr.Dataset, free: list[str], **how: Any) -> Fit:
    detected, prepared = (data[name].sum("shot").values for name in ("detected", "prepared"))
    how = {"model": lzs_model(data), "readout": lz.Confusion(0.02, 0.05)} | how
    return lz.fit_trace(
        data.run_time.values,
        signal=detected / prepared,
        shots=prepared,
        window=(0.0, data.duration.values),
        free=free,
        **how,
    )


def test_the_programmed_pulse_alone_describes_the_atoms_roughly(aquila_lzs: xr.Dataset) -> None:
    window = (0.0, aquila_lzs.duration.values)
    found = lz.transition_matrix(lzs_model(aquila_lzs), window=window, readout="diabatic")
    detected, prepared = (aquila_lzs[name].sum("shot").values for name in ("detected", "prepared"))
    rest = detected / prepared - found.probability[:, 1, 0].values
    assert rest.std() == pytest.approx(0.076, abs=0.001)  # about their mean
    assert rest.mean() == pytest.approx(-0.021, abs=0.001)


def test_misread_states_are_an_offset_and_a_contrast(aquila_lzs: xr.Dataset) -> None:
    """Signal p01 + (1 − p01 − p10) P, written in two ways: one minimum, one covariance."""
    misread = fit_lzs(aquila_lzs)
    free = [*LZS_FREE[:3], "readout.offset", "readout.contrast"]
    linear = traced(aquila_lzs, free, readout=lz.LinearReadout(0.02, 0.93))
    assert linear.deviance == pytest.approx(misread.deviance, abs=1e-3)
    shared = {name: misread.parameters[name] for name in LZS_FREE[:3]}
    assert {name: linear.parameters[name] for name in shared} == pytest.approx(shared, rel=1e-3)
    p01, p10 = (misread.parameters[f"readout.{name}"] for name in ("p01", "p10"))
    assert linear.parameters["readout.offset"] == pytest.approx(p01, abs=1e-4)
    assert linear.parameters["readout.contrast"] == pytest.approx(1 - p01 - p10, abs=1e-4)
    covariance = misread.dataset.covariance
    both = covariance.sel(
        parameter=["readout.p01", "readout.p10"], other=["readout.p01", "readout.p10"]
    )
    assert linear.errors["readout.contrast"] == pytest.approx(float(both.sum()) ** 0.5, rel=0.02)
    pair = covariance.sel(parameter="gap.factor", other="sweep.scaled.factor")
    sizes = misread.errors["gap.factor"] * misread.errors["sweep.scaled.factor"]
    assert float(pair) / sizes == pytest.approx(-0.89, abs=0.01)


@pytest.mark.slow
def test_the_atoms_show_no_decay_but_a_reading_that_drifts(aquila_lzs: xr.Dataset) -> None:
    plain = traced(aquila_lzs, list(LZS_FREE))
    dephased = lzs_model(aquila_lzs).with_environment(lz.Dephasing(0.01))
    decaying = traced(aquila_lzs, [*LZS_FREE, "dephasing.rate"], model=dephased)
    rate, error = decaying.parameters["dephasing.rate"], decaying.errors["dephasing.rate"]
    assert rate == pytest.approx(0.018, abs=0.002)  # per µs
    assert error / np.sqrt(decaying.reduced) == pytest.approx(0.009, abs=0.001)
    assert 2 < plain.deviance - decaying.deviance < 6
    free = [*LZS_FREE[:3], "readout.offset", "readout.contrast", "readout.slope"]
    drifting = traced(aquila_lzs, free, readout=lz.LinearReadout(0.02, 0.93))
    assert 10 < plain.deviance - drifting.deviance < 25
    assert drifting.parameters["readout.slope"] > 2.5 * drifting.errors["readout.slope"]
